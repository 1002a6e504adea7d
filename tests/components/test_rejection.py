"""Towers and coolers as one buys them: ratings that exist, set points out of reach, thin air, frost and pads."""

import numpy as np
import pytest
from scipy.optimize import brentq

import thermal as th
from thermal.components.cooling.precooling import pad_water, precooled
from thermal.errors import InputError
from thermal.physics.media.moist_air import humidity_ratio, humidity_ratio_of_wet_bulb, saturated_enthalpy, wet_bulb
from thermal.physics.rejection.cooltools import COOLTOOLS
from thermal.physics.rejection.yorkcalc import yorkcalc_leaving
from thermal.units import MW, kPa, kW

WATER, GLYCOL = th.load("coolants/water"), th.load("coolants/pg25")
P = 101325.0
DRY = th.load("dry_coolers/two_speed_700kw")
WET = th.FluidCooler(UA=90e3, UA_low=54e3, air_flow=40, air_flow_low=20, fan_power=15 * kW, fan_power_low=2.4 * kW,
                     water_flow=0.0241)  # fmt: skip
MERKEL = th.Tower(law="merkel", water_flow=0.07571, air_flow=20, fan_power=12e3, UA=110e3, UA_free=11e3)


def air(T, T_wet_bulb, pressure=P):
    w = humidity_ratio_of_wet_bulb(T, T_wet_bulb, pressure)
    return {"T_dry_bulb": T, "T_wet_bulb": T_wet_bulb, "humidity_ratio": w, "pressure": pressure}


@pytest.mark.parametrize("fan", ["variable", "floating", "two_speed", "one_speed"])
def test_a_set_point_out_of_reach_is_full_fan(fan):
    """81.75 kg/s of water at 12.89 °C in air of 8.73/5.73 °C, to leave at 6.33 °C: full fan gives 11.72 °C.

    The heat by an own solution of Merkel's exchange: ε-NTU in counterflow, enthalpy of saturated air from T_wb to T_e.
    """
    tower = MERKEL.replace(fan=fan, UA_wet_bulb=0.0082, wet_bulb_span=(-10.0, 15.0))
    point = tower.operate(coolant=WATER, T_in=12.89, flow=81.75, T_set=6.33, **air(8.73, 5.73))
    T_wb, w = 5.73, humidity_ratio_of_wet_bulb(8.73, 5.73, P)
    m = 20.0 * P / (287.042 * 281.88 * (1.0 + w / 0.621945))
    UA = 110e3 * (0.1082 + 1.667 - 0.7713) * (1.0 + 0.0082 * 15.0)  # water ratio above 1, wet bulb 15 K off: both held
    C_w = 81.75 * WATER.properties(12.89).heat_capacity

    def heat(T_e):
        c_e = (saturated_enthalpy(T_e, P) - saturated_enthalpy(T_wb, P)) / (T_e - T_wb)
        C_a = m * c_e
        C_min, C_max = min(C_a, C_w), max(C_a, C_w)
        NTU, C = UA * c_e / (1006.0 + 1860.0 * w) / C_min, C_min / C_max
        effectiveness = (1.0 - np.exp(-NTU * (1.0 - C))) / (1.0 - C * np.exp(-NTU * (1.0 - C)))
        return effectiveness * C_min * (12.89 - T_wb), C_a * (T_e - T_wb)

    T_e = brentq(lambda T: heat(T)[0] - heat(T)[1], T_wb + 1e-6, 12.89)
    assert float(point.T_out) == pytest.approx(12.89 - heat(T_e)[0] / C_w, abs=1e-6)
    assert float(point.T_out) == pytest.approx(11.72, abs=5e-3)
    assert float(point.air_ratio) == 1.0
    assert float(point.fan_power) == 12e3
    assert bool(point.above_set_point)


def test_the_state_of_the_fans_reaches_the_year():
    """A tower of a quarter of the size: the hottest hours are full fan, and the condenser water above its set point."""
    tower = th.load("towers/merkel").replace(water_flow=0.02, air_flow=10.0, UA=27e3, UA_free=2.7e3)
    plant = th.Plant(
        design_load=1 * MW, T_supply=9.0, coolant=WATER, pump=th.DutyPump(flow=0.06, head=150 * kPa),
        chiller=th.load("chillers/carrier_19xr_1407kw"), rejection=tower,
        condenser_pump=th.DutyPump(flow=0.0757, head=180 * kPa), approach=4.0,
    )  # fmt: skip
    weather = th.weather(th.load("climates/chicago")).isel(time=slice(0, 8760, 31))
    year = th.annual(plant, it_power=0.6 * MW, weather=weather)
    T_set = np.clip(weather.T_wet_bulb.to_numpy() + 4.0, plant.T_condenser_low, plant.T_condenser_high)
    full = year.rejection_state.to_numpy() == 3
    assert 20 < full.sum() < 280
    assert (full == (year.T_tower_supply.to_numpy() > T_set + 1e-6)).all()
    assert bool(year.converged.all())


def test_ratings_of_cooltools_work_or_say_why():
    """130 ratings: those with a water ratio of 0.75 to 1.25 leave at their approach, the others name what there is.

    Which those are, from the published polynomial alone.
    """
    c = np.array(COOLTOOLS)

    def polynomial(R, W, T=25.6):
        A = 1.0  # full fan
        terms = [1, A, A, A, W, A * W, A * W, W * W, A * W * W, W**3, T, A * T, A * T, W * T, A * W * T, W * W * T,
                 T * T, A * T * T, W * T * T, T**3, R, A * R, A * R, W * R, A * W * R, W * W * R, T * R, A * T * R,
                 W * T * R, T * T * R, R * R, A * R * R, W * R * R, T * R * R, R**3]  # fmt: skip
        return float(c @ np.array(terms))

    works = 0
    for approach in np.linspace(2.0, 8.0, 13):
        for R in np.linspace(3.0, 11.1, 10):
            exists = polynomial(R, 0.75) < approach < polynomial(R, 1.25)
            rating = {"approach": approach, "range": R, "water_flow": 0.075, "air_flow": 42.0, "fan_power": 12e3}
            if not exists:
                with pytest.raises(InputError, match=r"approach goes from .* K"):
                    th.Tower(law="cooltools", **rating)
                continue
            tower = th.Tower(law="cooltools", **rating)
            T_in = 25.6 + approach + R
            point = tower.operate(coolant=WATER, T_in=T_in, flow=75.0 * 0.9982, air_ratio=1.0, **air(30.0, 25.6))
            assert float(point.T_out) == pytest.approx(25.6 + approach, abs=1e-9)
            works += 1
    assert 40 < works < 90


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fan_curve": (1.0, -1.0, 0.0, 0.0)}, "fan_curve"),
        ({"fan_curve": (-0.1, 0.0, 0.0, 1.0)}, "fan_curve"),
        ({"UA_air": (1.0, -0.5, 0.0, 0.0)}, "UA_air"),
        ({"UA_water": (-1.0, 1.0, 0.0)}, "UA_water"),
        ({"UA_wet_bulb": -0.05}, "UA_wet_bulb"),
        ({"air_free": 0.3}, "air_free"),
        ({"fan_power_low": 20e3}, "fan_power_low"),
        ({"law": "yorkcalc", "approach": 0.5, "range": 20.0}, "approach goes from"),
    ],
)
def test_curves_that_cannot_be(change, says):
    with pytest.raises(InputError, match=says):
        MERKEL.replace(**change)


def test_frost_brings_no_jump():
    """At a small load water and fan follow the wet bulb through frost, without a jump between steps of 0.25 K."""
    T_wb = np.arange(-30.0, 5.0, 0.25)
    for law in ("yorkcalc", "cooltools"):
        tower = th.Tower(law=law, water_flow=0.075, air_flow=42.0, fan_power=12e3, T_basin_low=0.0)
        w = np.array([humidity_ratio_of_wet_bulb(T + 0.5, T, P) for T in T_wb])
        conditions = {"coolant": WATER, "flow": 75.0, "T_dry_bulb": T_wb + 0.5, "T_wet_bulb": T_wb, "humidity_ratio": w}
        for T_set in (4.0, 10.0, 16.0):
            point = tower.operate(T_in=T_set + 0.3, T_set=T_set, pressure=P, **conditions)
            assert np.abs(np.diff(point.T_out)).max() < 0.1
            assert (np.diff(point.fan_power) > -1e-9).all()
            steps = np.diff(point.fan_power)[~point.above_set_point.to_numpy()[1:] & (T_wb[1:] < T_set - 5.0)]
            assert steps.max() < 0.02 * 12e3


def test_no_load_has_no_approach():
    """YorkCalc: the water comes to the wet bulb as the load goes to nothing, at 1.11 K of range as the polynomial."""
    for T_wb in (-8.0, 10.0, 24.0):
        assert yorkcalc_leaving(T_wb + 1e-3, T_wb, 1.0, 1.0) - T_wb < 1e-3
        rise = [yorkcalc_leaving(T_wb + above, T_wb, 1.0, 1.0) for above in np.linspace(1e-3, 30.0, 300)]
        assert (np.diff(rise) > 0.0).all()
        assert np.diff(rise).max() < 0.11


@pytest.mark.parametrize("law", ["yorkcalc", "cooltools"])
def test_the_flag_looks_at_the_calibrated_water(law):
    """At 1.2 times the correlation's water per design flow, 1.1 times the design flow is 1.32: outside its 1.25."""
    tower = th.Tower(law=law, water_flow=0.075, air_flow=42.0, fan_power=12e3, calibrated=1.2)
    flow = np.array([1.0, 1.1]) * 75.0 * 0.9982
    point = tower.operate(coolant=WATER, T_in=33.0, flow=flow, air_ratio=1.0, **air(28.0, 22.0))
    assert point.outside_rejection.to_numpy().tolist() == [False, True]


@pytest.mark.parametrize("pressure", [P, 81.5e3])
def test_thin_air_takes_from_the_UA_of_a_dry_cooler(pressure):
    """Heat by the exact series for crossflow (ht), UA by the mass flow of air: 0.6 = 0.5^n between the speeds.

    Without the density in UA the same cooler would give 5 % or more too much at 1800 m.
    """
    ht = pytest.importorskip("ht")
    T, w = 35.0, humidity_ratio(35.0, 0.3, pressure)
    state = {"T_dry_bulb": T, "T_wet_bulb": wet_bulb(T, w, pressure), "humidity_ratio": w, "pressure": pressure}
    conditions = {"coolant": WATER, "T_in": 50.0, "flow": 24.0, "air_ratio": 1.0, **state}
    density = pressure / (287.042 * 308.15 * (1.0 + w / 0.621945))
    UA = 125e3 * (density / 1.13) ** (np.log(0.6) / np.log(0.5))
    C_a, C_w = 110.0 * density * (1006.0 + 1860.0 * w), 24.0 * WATER.properties(50.0).heat_capacity
    C_min, C_max = min(C_a, C_w), max(C_a, C_w)
    effectiveness = ht.effectiveness_from_NTU(UA / C_min, C_min / C_max, subtype="crossflow")
    heat = float(DRY.operate(**conditions).heat_rejected)
    assert heat == pytest.approx(effectiveness * C_min * 15.0, rel=0.02)  # the law of crossflow has its own test
    without = float(DRY.replace(density_exponent=0.0).operate(**conditions).heat_rejected)
    if pressure == P:
        assert without == pytest.approx(heat, rel=2e-3)
    else:
        assert without > 1.047 * heat


def test_air_that_cannot_be_is_refused_and_other_air_takes_up_what_balances_give():
    """CoolProp's moist air: what leaves saturated, warmer by the heat, holds so much more water, to 1 %.

    The same tower in air of 0.04 kg/kg at 20 °C, which is fog at 2.7 times saturation, evaporated nothing.
    """
    HAPropsSI = pytest.importorskip("CoolProp.HumidAirProp").HAPropsSI
    point = {"coolant": WATER, "T_in": 35.0, "flow": 75.0, "air_ratio": 1.0}
    with pytest.raises(InputError, match=r"humidity_ratio = 0.04 kg/kg is above saturation.* at T_dry_bulb = 20"):
        MERKEL.operate(**point, T_dry_bulb=20.0, T_wet_bulb=20.0, humidity_ratio=0.04, pressure=P)
    T, T_wb = 20.0, 15.0
    run = MERKEL.operate(**point, **air(T, T_wb))
    w = HAPropsSI("W", "T", T + 273.15, "B", T_wb + 273.15, "P", P)
    m = 20.0 / HAPropsSI("V", "T", T + 273.15, "W", w, "P", P)  # dry air of 20 m³/s
    start = HAPropsSI("H", "T", T_wb + 273.15, "R", 1.0, "P", P)
    w_out = HAPropsSI("W", "H", start + float(run.heat_rejected) / m, "R", 1.0, "P", P)
    assert float(run.water_evaporated) == pytest.approx(m * (w_out - w), rel=0.01)
    assert 0.4 < float(run.water_evaporated) < 1.2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"T_wet_bulb": 25.0}, r"T_wet_bulb = 25 degC lies above T_dry_bulb = 20"),
        ({"pressure": 101.3}, r"pressure = 101.3 Pa is outside .* kPa"),
        ({"flow": -1.0}, r"flow = -1 kg/s must be"),
        ({"T_in": np.nan}, r"T_in = nan is not a finite number"),
        ({"T_in": "warm"}, r"T_in = 'warm' must be numbers in degC"),
        ({"flow": [1.0, 2.0], "T_in": [30.0, 31.0, 32.0]}, r"T_in \(3,\), flow \(2,\)"),
    ],
)
def test_conditions_pass_the_door(wrong, says):
    point = {"coolant": WATER, "T_in": 35.0, "flow": 75.0, "air_ratio": 1.0, **air(20.0, 15.0)}
    with pytest.raises(InputError, match=says):
        MERKEL.operate(**(point | wrong))


def test_frost_is_said():
    """Water freezes at 0 °C, a quarter of propylene glycol at -9.8 °C, the spray over a coil at 0 °C whatever in it."""
    frost = {"T_in": 8.0, "flow": 4.0, "air_ratio": 1.0}
    mild, cold = air(-5.0, -5.5), air(-20.0, -20.3)
    for cooler, coolant, outdoors, freezes in (
        (DRY, WATER, mild, True), (DRY, GLYCOL, mild, False), (DRY, GLYCOL, cold, True), (WET, WATER, mild, True),
        (WET, GLYCOL, mild, True), (WET, GLYCOL, air(6.0, 5.0), False), (DRY, WATER, air(6.0, 5.0), False),
    ):  # fmt: skip
        assert bool(cooler.operate(coolant=coolant, **frost, **outdoors).freezes) == freezes
    thin = air(20.0, 10.0, 60e3)  # water boils at 86 °C there
    hot = DRY.operate(coolant=WATER, T_in=np.array([85.0, 87.0]), flow=20.0, air_ratio=1.0, **thin)
    assert hot.boils.to_numpy().tolist() == [False, True]


def loop(coolant, rejection):
    return th.Plant(design_load=0.7 * MW, T_supply=26.0, coolant=coolant, pump=th.DutyPump(flow=0.024, head=2e5),
                    rejection=rejection)  # fmt: skip


def test_frost_reaches_the_year():
    """Fans that keep to their lowest speed cool water below 0 °C in the winter of Golden; a bypass at 5 °C does not."""
    floating = DRY.replace(fan="floating")
    weather = th.weather(th.load("climates/golden")).isel(time=slice(0, 720))
    years = {
        "water": th.annual(loop(WATER, floating), it_power=0.1 * MW, weather=weather),
        "glycol": th.annual(loop(GLYCOL, floating), it_power=0.1 * MW, weather=weather),
        "bypass": th.annual(loop(WATER, floating.replace(T_low=5.0)), it_power=0.1 * MW, weather=weather),
    }
    for name, coolant in (("water", WATER), ("glycol", GLYCOL), ("bypass", WATER)):
        year = years[name]
        assert (year.freezes.to_numpy() == (year.T_facility_supply.to_numpy() <= coolant.T_freeze)).all()
    hours = {name: int(th.accounting.annual_sums(year).hours_freezes) for name, year in years.items()}
    assert hours["water"] > hours["glycol"] > 0
    assert hours["bypass"] == 0
    assert not bool(years["water"].boils.any())


def test_pads_drain_by_their_cycles():
    """Evaporation by hand for one hour; at 4 cycles a third of it is bled."""
    before = th.weather(th.load("climates/golden")).isel(time=slice(4500, 4600))
    after = precooled(before, effectiveness=0.8, T_on=18.0)
    year = th.annual(loop(WATER, DRY), it_power=0.6 * MW, weather=after)
    used = pad_water(year, before, after, DRY)
    k = int(np.argmax(used.water_evaporated.to_numpy()))
    T, w, p = (float(after[name][k]) for name in ("T_dry_bulb", "humidity_ratio", "pressure"))
    mass = float(year.air_ratio[k]) * 110.0 * p / (287.042 * (T + 273.15) * (1.0 + w / 0.621945))
    by_hand = mass * (w - float(before.humidity_ratio[k]))
    assert float(used.water_evaporated[k]) == pytest.approx(by_hand, rel=1e-9)
    np.testing.assert_allclose(used.water_blow_down, used.water_evaporated / 3.0, rtol=1e-12)
    np.testing.assert_allclose(used.water_make_up, used.water_evaporated * 4.0 / 3.0, rtol=1e-12)
    more = pad_water(year, before, after, DRY, cycles=2.0)
    np.testing.assert_allclose(more.water_blow_down, more.water_evaporated, rtol=1e-12)
    with pytest.raises(InputError, match="cycles"):
        pad_water(year, before, after, DRY, cycles=1.0)


def test_a_floating_fan_is_full_where_the_set_point_is_out_of_reach():
    """Air so cold and water so fast that the law, asked for the set point, takes the lowest speed for enough."""
    cooler = th.FluidCooler(
        fan="floating", UA=146227.6, UA_low=55458.1, air_flow=33.506, air_flow_low=9.9585, fan_power=12e3,
        fan_power_low=1004.4, fan_curve=(0.0, 0.1, 0.2, 0.7), T_low=-50.0, water_flow=0.10272,
    )  # fmt: skip
    run = cooler.operate(
        coolant=WATER, T_in=11.628, T_set=1.6829, T_dry_bulb=-24.6732, T_wet_bulb=-24.7517, humidity_ratio=5e-4,
        pressure=79782.8, flow=123.5,
    )  # fmt: skip
    assert bool(run.above_set_point)
    assert float(run.air_ratio) == 1.0
    assert float(run.fan_power) == pytest.approx(12e3, rel=1e-12)
    assert float(run.T_out) < 8.0  # 7.3 at full speed, 10.3 at the lowest


@pytest.mark.parametrize("name", ["towers/yorkcalc", "towers/merkel", "dry_coolers/ec_5mw"])
def test_a_trickle_is_a_flow(name):
    """Of 1 L/s and of air at 5 %: small, and still no mistake; less than none is one."""
    machine, air = (
        th.load(name),
        {"T_dry_bulb": 20.0, "T_wet_bulb": 15.0, "humidity_ratio": 0.0086, "pressure": 101325.0},
    )
    asked = {"T_in": 30.0, "coolant": th.load("coolants/water"), **air}
    point = machine.operate(flow=1e-3, air_ratio=0.05, **asked)
    assert 15.0 <= float(point.T_out) < 30.0
    for wrong in ({"flow": -1e-3, "air_ratio": 0.5}, {"flow": 0.1, "air_ratio": -0.01}):
        with pytest.raises(InputError, match="flow" if wrong["flow"] < 0.0 else "air_ratio"):
            machine.operate(**wrong, **asked)
