"""Arrangements of a plant: who shares the load, in which order, for how long, and what frost costs."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.errors import InputError
from thermal.physics.machines.exchanger import counterflow_effectiveness, parallel_share
from thermal.physics.media.moist_air import saturated_humidity_ratio
from thermal.physics.plant.hour import Mode
from thermal.units import MW, hour, kPa, kW

WATER = th.load("coolants/water")
PLANT = th.load("plants/generic_20mw")
HOURS = th.weather(th.load("climates/chicago")).isel(time=slice(0, 8760, 31))


def outdoors(T_wet_bulb, spread=5.0):
    """Hours of given wet bulbs, the dry bulbs `spread` above."""
    T = np.atleast_1d(np.asarray(T_wet_bulb, float))
    w = np.minimum(0.002, [saturated_humidity_ratio(t, 1e5) for t in T])  # no air holds more
    values = {"T_wet_bulb": T, "T_dry_bulb": T + spread, "humidity_ratio": w, "pressure": 1e5 + 0 * T}
    return xr.Dataset({k: ("time", v) for k, v in values.items()})


def economiser(arrangement="integrated", **changes):
    return th.Economiser(**{"UA": 600e3, "flow": 0.075, "arrangement": arrangement, **changes})


def small(**changes):
    """A 1 MW plant: EIR chiller, economiser, Merkel tower."""
    parts = {
        "design_load": 1 * MW, "T_supply": 10.0, "coolant": WATER, "pump": th.DutyPump(flow=0.06, head=150 * kPa),
        "chiller": th.load("chillers/carrier_19xr_1407kw"), "economiser": economiser(),
        "rejection": th.load("towers/merkel"), "condenser_pump": th.DutyPump(flow=0.0757, head=180 * kPa),
        "T_condenser_low": 6.0,
    }  # fmt: skip
    return th.Plant(**{**parts, **changes})


def unequal(**changes):
    """A 2 MW plant: one small chiller that leads, two larger ones that follow."""
    carrier, york = th.load("chillers/carrier_19xr_1407kw"), th.load("chillers/york_yk_1997kw")
    parts = {
        "design_load": 4 * MW, "chiller": carrier, "chillers": 1, "lag_chiller": york, "lag_chillers": 2, "economiser":
        None, "pump": th.DutyPump(flow=0.24, head=150 * kPa), "condenser_pump": th.DutyPump(flow=0.32, head=180 * kPa),
        "rejection": th.load("towers/merkel").replace(water_flow=0.32, air_flow=180.0, fan_power=50 * kW, UA=450e3,
        UA_free=45e3),
    }  # fmt: skip
    return small(**{**parts, **changes})


VARIABLE = th.DutyPump(flow=0.06, head=150 * kPa, control="proportional")
SECONDARY = th.DutyPump(flow=0.055, head=100 * kPa, motor_efficiency=0.8, control="proportional")
PLANTS = {
    "series": small(),
    "parallel": small(economiser=economiser("parallel")),
    "alternate": small(economiser=economiser("alternate")),
    "held": small(chiller_hold=6 * hour, economiser=economiser(hold=12 * hour)),
    "unequal": unequal(),
    "with chillers": unequal(flow_with_chillers=True),
    "primary": small(pump=th.DutyPump(flow=0.06, head=150 * kPa)),
    "variable primary": small(pump=VARIABLE),
    "primary-secondary": small(secondary_pump=SECONDARY),
    "heated basin": small(rejection=th.load("towers/merkel").replace(heater=500.0)),
}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
@pytest.mark.parametrize("share", [0.2, 0.7, 1.0])
def test_energy_closes(plant, share):
    """Load, pump heat and compressor heat leave through the rejection plant, each by its own efficiency."""
    year = th.annual(plant, it_power=share * plant.design_load, weather=HOURS)
    power = year.power.to_pandas().T
    if plant.secondary_pump:
        pumps = 0.9 * plant.pump.power + 0.8 * (power.facility_pumps - plant.pump.power)
    else:
        pumps = 0.9 * power.facility_pumps
    into = (
        + share * plant.design_load
        + pumps
        + 0.9 * power.condenser_pumps
        + power.chillers
        - year.heat_unmet.to_numpy()
    )  # fmt: skip
    assert np.abs(into / year.heat_rejected.to_numpy() - 1.0).max() < 1e-9
    assert bool(year.converged.all())
    book = th.ledger(year.assign_coords(time=HOURS.time.values[0] + np.arange(283) * np.timedelta64(1, "h")))
    assert float(abs(book.ledger_residual)) <= 1e-9 * float(book.energy_site)


def test_every_hour_of_any_plant_closes():
    """Towers of every law and fan behind every arrangement, loads of 0 to 130 %: no hour without a solution.

    Among them are hours in which a chiller just above its economiser's reach has to cycle.
    """
    random = np.random.default_rng(3)
    weather = th.weather(th.load("climates/golden")).isel(time=slice(0, 8760, 37))
    hours, cycling = weather.sizes["time"], 0
    least = 0.25 * th.load("chillers/carrier_19xr_1407kw").capacity / 10.0  # W, below what one chiller draws steadily
    for law in ("merkel", "yorkcalc", "cooltools"):
        for fan in ("variable", "floating", "two_speed", "one_speed"):
            for arrangement in ("integrated", "alternate", "parallel", None):
                size = random.uniform(0.4, 3.0)
                tower = th.Tower(
                    law=law, fan=fan, water_flow=0.32 * size, air_flow=180.0 * size, fan_power=50 * kW,
                    fan_power_low=8 * kW, UA=450e3 * size, UA_free=45e3 * size, cells=int(random.integers(1, 5)),
                    air_low=random.uniform(0.1, 0.6),
                )  # fmt: skip
                own = arrangement and economiser(arrangement, UA=10 ** random.uniform(4.5, 6.5), flow=0.2)
                plant = unequal(rejection=tower, economiser=own, approach=random.uniform(2.0, 10.0),
                                T_condenser_low=random.uniform(5.0, 18.0))  # fmt: skip
                load = random.uniform(0.0, 1.3, hours) * 4 * MW * (random.random(hours) > 0.1)
                year = th.annual(plant, it_power=load, weather=weather)
                assert bool(year.converged.all()), f"{law}, {fan}, {arrangement}"
                drawn = year.power.sel(end_use="chillers")
                cycling += int(((drawn > 0.0) & (drawn < least)).sum())
                assert float(year.heat_unmet.min()) >= 0.0
                works = year["mode"].values > Mode.OFF
                assert np.all((year.T_tower_supply.values - weather.T_wet_bulb.values)[works] > -1e-9)
    assert cycling > 0


@given(
    UA=st.floats(1e4, 1e7), hot=st.floats(1e4, 1e6), cold=st.floats(1e4, 1e6), low=st.floats(0.01, 30),
    high=st.floats(0.01, 30),
)  # fmt: skip
def test_share_in_parallel_reaches_the_set_point(UA, hot, cold, low, high):
    """The share leaves at the set point, or it is the whole; an exchanger warmer than the set point takes nothing."""
    T_cold, T_set = 5.0, 5.0 + low
    T_in = T_set + high
    y = parallel_share(UA, hot, cold, T_in, T_set, T_cold)
    assert 0.0 < y <= 1.0
    C_min, C_max = min(y * hot, cold), max(y * hot, cold)
    passed = counterflow_effectiveness(UA / C_min, C_min / C_max) * C_min * (T_in - T_cold)
    assert passed >= y * hot * high * (1.0 - 1e-9)
    if y < 1.0:
        assert passed == pytest.approx(y * hot * high, rel=1e-9)
    assert y * hot * high <= cold * (T_in - T_cold) * (1.0 + 1e-9)
    assert parallel_share(UA, hot, cold, T_in, T_cold - 1.0, T_cold) == 0.0


def test_parallel_never_takes_more_than_series():
    """In series the economiser has the whole flow and cools any return; in parallel it must reach the set point."""
    weather, pump = outdoors(np.linspace(-5.0, 15.0, 81)), th.DutyPump(flow=0.02, head=150 * kPa)
    series, parallel = (
        th.annual(small(economiser=economiser(a, UA=150e3), pump=pump), it_power=0.7 * MW, weather=weather)
        for a in ("integrated", "parallel")
    )
    assert bool((parallel.heat_economised <= series.heat_economised * (1.0 + 1e-9)).all())
    partial = parallel["mode"] == Mode.PARTIAL
    assert int(partial.sum()) > 2
    assert bool((parallel.heat_economised < series.heat_economised)[partial].all())
    assert bool((parallel.T_tower_supply < 10.0)[partial].all()), "only water colder than the set point is of use"
    np.testing.assert_allclose(parallel.T_facility_supply, 10.0, atol=1e-9)


def test_equal_chillers_that_follow_are_the_same_plant():
    """Three lead and three lag chillers of one kind are six equal ones."""
    alike = PLANT.replace(chillers=2, lag_chiller=PLANT.chiller, lag_chillers=4)
    loads = np.linspace(0.05, 1.05, 283) * 20 * MW
    for flow in (False, True):
        one, two = (
            th.annual(p.replace(flow_with_chillers=flow), it_power=loads, weather=HOURS) for p in (PLANT, alike)
        )
        np.testing.assert_allclose(two.power, one.power, rtol=1e-11)
        np.testing.assert_array_equal(two.chillers_running, one.chillers_running)


def test_the_small_chiller_leads():
    plant = unequal()
    lead, lag = plant.chiller, plant.lag_chiller
    loads = np.array([0.5, 0.9, 2.0, 4.5]) * lead.capacity
    year = th.annual(plant, it_power=loads, weather=outdoors(np.full(4, 15.0)))
    assert year.chillers_running.values.tolist() == [1, 1, 2, 3]
    alone = lead.operate(float(year.heat[0]), 10.0, float(year.T_tower_supply[0]))
    assert float(year.power.sel(end_use="chillers")[0]) == pytest.approx(float(alone.chiller_power), rel=1e-12)
    rate = plant.condenser_pump.density * 4186.0
    share = year.heat[2] / (lead.capacity + lag.capacity)
    parts = [
        float(c.operate(float(share) * c.capacity, 10.0, float(year.T_tower_supply[2]), c.condenser_flow * rate)
              .chiller_power) for c in (lead, lag)
    ]  # fmt: skip
    assert float(year.power.sel(end_use="chillers")[2]) == pytest.approx(sum(parts), rel=1e-4)


def test_condenser_water_is_shared_as_rated_or_evenly():
    """4 + 2 chillers: by 60 and 40 kg/s of rated flow; evenly where one of the two says nothing of its own."""
    lead = th.load("chillers/carrier_19xr_1407kw").replace(condenser_flow=0.06)
    for flow, parts in ((0.04, (0.06, 0.04)), (0.0, (1.0, 1.0))):
        plant = PLANT.replace(
            economiser=None, chiller=lead, chillers=4, lag_chiller=lead.replace(condenser_flow=flow), lag_chillers=2
        )
        whole = plant.condenser_pump.mass_flow / (4 * parts[0] + 2 * parts[1])
        assert plant._condenser_flows(1000.0) == pytest.approx((whole * parts[0], whole * parts[1]), rel=1e-12)


def test_hours_outside_are_counted_by_machine():
    """Supply above the box of the lag chiller alone."""
    warm = th.load("chillers/lift_r1234ze_4mw")
    plant = PLANT.replace(chiller=warm, chillers=3, lag_chiller=th.load("chillers/mcquay_pfh_4020kw"), lag_chillers=3)
    year = th.annual(plant.replace(economiser=None), it_power=20 * MW, weather=HOURS)
    assert bool((year.chillers_running > 3).all())
    assert bool(year.outside_lag_chiller.all())
    sums = th.accounting.annual_sums(year)  # of every 31st hour: a row stands for 31
    assert float(sums.hours_outside_lag_chiller) == 31 * 283.0
    assert float(sums.hours_outside_chiller) == 31 * float(year.outside_chiller.sum()) < 31 * 283.0


def test_a_started_chiller_keeps_running():
    load = np.array([0.5, 1.9, 0.5, 0.5, 0.5, 0.5, 0.0, 0.5]) * th.load("chillers/carrier_19xr_1407kw").capacity
    for hold, running in ((0.0, [1, 2, 1, 1, 1, 1, 0, 1]), (3 * hour, [1, 2, 2, 2, 1, 1, 0, 1])):
        plant = small(economiser=None, chillers=2, design_load=3 * MW, chiller_hold=hold, flow_with_chillers=True)
        year = th.annual(plant, it_power=load, weather=outdoors(np.full(8, 12.0)))
        assert year.chillers_running.values.tolist() == running
    finer = outdoors(np.full(8, 12.0)).assign_attrs(interval=1800.0)
    assert th.annual(plant, it_power=load, weather=finer).chillers_running.values.tolist() == [1, 2, 2, 2, 2, 2, 0, 1]


def test_economiser_holds_its_mode():
    """Wet bulbs that cross the threshold every hour, cold in odd ones: used in each of these, or held by hand.

    On in hour 1; after six hours, in 7, cold still; off in 8, wished on in 9 to 13, on in 15, off in 22. Hours of hold
    are rounded up to rows: 5.5 hours are six.
    """
    wet_bulbs = np.where(np.arange(24) % 2, 5.0, 20.0)
    by_hand = {0.0: [*range(1, 24, 2)], 6.0: [1, 3, 5, 7, 15, 17, 19, 21], 5.0: [1, 3, 5, 11, 13, 15, 21, 23]}
    for hold, used in {**by_hand, 5.5: by_hand[6.0]}.items():
        year = th.annual(small(economiser=economiser(hold=hold * hour)), it_power=0.7 * MW, weather=outdoors(wet_bulbs))
        assert [k for k in range(1, 24, 2) if year.heat_economised.values[k] > 0.0] == used
        assert bool(year.converged.all())


def test_lead_and_lag_share_the_hours():
    year = th.annual(PLANT.replace(economiser=None), it_power=np.linspace(1, 20, 283) * MW, weather=HOURS)
    total = 31 * float(year.chillers_running.sum())  # of every 31st hour: a row stands for 31
    fixed = th.accounting.running_hours(year, 6, lead="fixed")
    turning = th.accounting.running_hours(year, 6, lead="rotating", period=1.0)
    assert float(fixed.hours_running.sum()) == float(turning.hours_running.sum()) == total
    assert np.all(np.diff(fixed.hours_running) <= 0.0)
    assert float(turning.hours_running.max() - turning.hours_running.min()) < 0.1 * total / 6
    assert float(turning.starts.sum()) > float(fixed.starts.sum())
    for wrong in ({"machines": 3}, {"machines": 6, "period": 0.0}, {"machines": 6, "lead": "last"}, {"machines": True}):
        with pytest.raises(InputError):
            th.accounting.running_hours(year, **wrong)


def test_frost_costs_heat_where_water_stands():
    """Basins of a plant at rest are heated below their set point, and no others."""
    tower = th.load("towers/merkel").replace(heater=500.0, T_heater=4.0)
    plant = small(economiser=None, rejection=tower)
    weather = outdoors([-20.0, -20.0, 10.0], spread=5.0)
    year = th.annual(plant, it_power=np.array([0.0, 0.7, 0.0]) * MW, weather=weather)
    assert year.power.sel(end_use="freeze_protection").values.tolist() == [500.0 * 19.0, 0.0, 0.0]
    assert float(year.site_power[0]) == 9500.0
    cells = plant.replace(rejection=tower.replace(cells=4, all_cells=False, cell_flow_high=1.0, water_flow=4 * 0.0757))
    part = th.annual(cells, it_power=0.7 * MW, weather=outdoors(-20.0)).power.sel(end_use="freeze_protection")
    assert float(part[0]) == pytest.approx(0.75 * 9500.0), "three of four cells stand still"
    assert "freeze_protection" not in th.annual(small(), it_power=MW, weather=outdoors(5.0)).end_use


def test_a_bypass_keeps_the_liquid_of_a_cooler_warm():
    cooler = th.load("dry_coolers/two_speed_700kw").replace(fan="floating")
    loop = th.Plant(design_load=0.7 * MW, T_supply=20.0, coolant=th.load("coolants/pg25"),
                    pump=th.DutyPump(flow=0.024, head=200 * kPa), rejection=cooler)  # fmt: skip
    free, kept = (
        th.annual(loop.replace(rejection=c), it_power=0.3 * MW, weather=outdoors(-20.0))
        for c in (cooler, cooler.replace(T_low=15.0))
    )
    assert float(free.T_tower_supply[0]) < 15.0 == pytest.approx(float(kept.T_tower_supply[0]))
    assert bool(kept.converged.all())


def test_three_ways_to_pump():
    """Constant flow, flow in proportion to the load, and a proportional secondary loop behind a constant primary."""

    def pumps(plant, share):
        year = th.annual(plant, it_power=share * MW, weather=outdoors(10.0))
        return float(year.power.sel(end_use="facility_pumps")[0])

    names = ("primary", "variable primary", "primary-secondary")
    powers = {name: [pumps(PLANTS[name], share) for share in (0.5, 1.0)] for name in names}
    assert powers["primary"][0] == powers["primary"][1] == pytest.approx(PLANTS["primary"].pump.power)
    assert powers["variable primary"][0] == pytest.approx(VARIABLE.power / 8)
    both = PLANTS["primary-secondary"].pump.power
    assert powers["primary-secondary"] == pytest.approx([both + SECONDARY.power / 8, both + SECONDARY.power])


def test_condenser_pumps_follow_the_load():
    """246 774 W at the design load, 0.2³ of that at a fifth, no less than the lowest flow; the heat goes along."""
    pump = PLANT.condenser_pump.replace(control="proportional", exponent=3.0)
    assert pump.power == pytest.approx(246774.2, abs=0.1)
    for low, part, share in ((0.1, 1.0, 1.0), (0.1, 0.2, 0.2), (0.5, 0.2, 0.5), (0.1, 1.25, 1.0)):
        load = part * PLANT.design_load
        condenser_pump = pump.replace(flow_low=low)
        plant = PLANT.replace(condenser_pump=condenser_pump, economiser=None, flow_with_chillers=False)
        year = th.annual(plant, it_power=load, weather=outdoors(15.0))
        drawn = float(year.power.sel(end_use="condenser_pumps")[0])
        assert drawn == pytest.approx(pump.power * share**3, rel=1e-12)
        flow = pump.mass_flow * share
        rise = float(year.T_tower_return[0] - year.T_tower_supply[0])
        assert float(year.heat_rejected[0]) / (flow * rise) == pytest.approx(4185.0, rel=3e-3), "J/kg K of water"
        heat = load + plant.pump.motor_efficiency * float(year.power.sel(end_use="facility_pumps")[0])
        heat += pump.motor_efficiency * drawn
        carried = heat + float(year.power.sel(end_use="chillers")[0]) - float(year.heat_unmet[0])
        assert float(year.heat_rejected[0]) == pytest.approx(carried, rel=1e-9)


def test_pumps_of_the_running_chillers_follow_the_load():
    """One of two running, 30 % of the design load on it: its own pump at 0.6 of its flow, half of 0.6³ of all power."""
    plant = small(economiser=None, chillers=2, flow_with_chillers=True, chiller=th.load("chillers/york_yk_1997kw"),
                  condenser_pump=th.DutyPump(flow=0.0757, head=180 * kPa, control="proportional"))  # fmt: skip
    year = th.annual(plant, it_power=0.3 * MW, weather=outdoors(15.0))
    assert int(year.chillers_running[0]) == 1
    drawn = float(year.power.sel(end_use="condenser_pumps")[0])
    assert drawn == pytest.approx(plant.condenser_pump.power * 0.5 * 0.6**3, rel=1e-12)


def test_less_condenser_water_leaves_the_condenser_warmer():
    """Curves in leaving water: half the flow means twice the rise, and more power at the same tower water."""
    reformulated = th.load("chillers/carrier_19xr_1407kw_reformulated")
    full = small(economiser=None, chiller=reformulated, T_condenser_low=20.0, T_condenser_high=20.0)
    half = full.replace(condenser_pump=full.condenser_pump.replace(control="proportional"))
    years = [th.annual(p, it_power=0.5 * MW, weather=outdoors(12.0)) for p in (full, half)]
    rate = half.condenser_pump.mass_flow * 0.5 * 4182.0
    alone = reformulated.operate(float(years[1].heat[0]), 10.0, 20.0, rate)
    drawn = [float(year.power.sel(end_use="chillers")[0]) for year in years]
    assert drawn[1] == pytest.approx(float(alone.chiller_power), rel=1e-3)
    assert drawn[1] > 1.02 * drawn[0]


def test_less_condenser_water_takes_less_through_the_economiser():
    """The economiser's water shrinks with the pump's: ε·C_min·(T_return − T_condenser) at half its flow."""
    own = economiser(UA=100e3, flow=0.06)
    plant = small(economiser=own, condenser_pump=th.DutyPump(flow=0.0757, head=180 * kPa, control="proportional"))
    year = th.annual(plant, it_power=0.5 * MW, weather=outdoors(2.0))
    assert int(year["mode"][0]) == Mode.PARTIAL
    hot, cold = 0.06 * 998.2 * 4195.5, 0.06 * 0.5 * 998.2 * 4200.0
    passed = counterflow_effectiveness(100e3 / min(hot, cold), min(hot, cold) / max(hot, cold)) * min(hot, cold)
    difference = float(year.T_facility_return[0] - year.T_tower_supply[0])
    assert float(year.heat_economised[0]) == pytest.approx(passed * difference, rel=2e-3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"secondary_pump": SECONDARY.replace(control="constant")}, "the secondary one 'proportional'"),
        ({"secondary_pump": SECONDARY, "pump": VARIABLE}, "a primary pump is 'constant'"),
        ({"chiller": None, "flow_with_chillers": True}, "flow_with_chillers needs water-cooled chillers"),
        ({"chiller": None, "economiser": economiser("parallel")}, "economiser.arrangement says how"),
        (
            {"chiller": th.load("chillers/york_ycal_101kw_air"), "rejection": None, "economiser": None},
            "condenser_pump has no condenser water",
        ),
        ({"secondary_pump": th.DutyPump(flow=0.07, head=1e5)}, "flow of pump must not be below"),
        ({"lag_chiller": th.load("chillers/york_ycal_101kw_air")}, "both reject their heat to water"),
        ({"chiller": None, "lag_chiller": th.load("chillers/york_yk_1997kw")}, "needs a chiller that leads"),
        ({"chiller_hold": -1.0}, r"chiller_hold = -1 s is outside"),
        ({"design_load": "1e6"}, "a number is needed"),
        ({"T_supply": True}, "a number is needed"),
    ],
)
def test_arrangements_that_cannot_be(change, says):
    with pytest.raises(InputError, match=says):
        small(**change)


@pytest.mark.parametrize("wrong", [{"it_power": True}, {"it_power": "1e6"}, {"T_supply": "12"}, {"T_supply": True}])
def test_texts_and_truth_values_are_no_numbers(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        th.annual(small(), **{"it_power": 1e6, "weather": HOURS, **wrong})
    array = xr.DataArray(np.full(283, True), dims="time")
    with pytest.raises(InputError, match="not a truth value"):
        th.annual(small(), **{"it_power": 1e6, "weather": HOURS, **dict.fromkeys(wrong, array)})


def test_peak_hours_want_a_mask():
    year = th.annual(small(), it_power=1e6, weather=HOURS)
    for wrong in (np.arange(283), np.ones(5, bool)):
        with pytest.raises(InputError, match="a bool per hour"):
            th.accounting.annual_sums(year, where=wrong)


def test_quarters_of_an_hour_make_the_same_day():
    """Weather on straight lines at 900 s: four times the steps, the energy of the day to a per mille, water too."""
    from thermal.outdoors.climate import interpolate

    hours = th.weather(th.load("climates/chicago")).isel(time=slice(4000, 4241))
    fine = interpolate(hours, 900.0)
    both = hours.isel(time=slice(0, 240)), fine.isel(time=slice(0, 960))
    years = [th.accounting.annual_sums(th.annual(small(), it_power=0.8 * MW, weather=w)) for w in both]
    assert fine.attrs["interval"] == 900.0
    for name in ("energy", "water"):
        assert float(years[1][name].sum()) == pytest.approx(float(years[0][name].sum()), rel=5e-3)
    assert float(years[1].energy.sel(end_use="it")) == pytest.approx(0.8 * MW * 240 * hour)
