"""The year of a plant: balances, arrangements, staging, monotonicity, and what bad input is told."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError
from thermal.physics.media.moist_air import saturated_humidity_ratio
from thermal.physics.plant.hour import Economiser, Mode
from thermal.units import MW, kPa, kW

PLANT = th.load("plants/generic_20mw")
YEAR = th.weather(th.load("climates/chicago"))
HOURS = YEAR.isel(time=slice(0, 8760, 31))  # 283 hours of all seasons and times of day


def outdoors(T_wet_bulb, spread=5.0, hours=1):
    """Hours of one wet bulb, the dry bulb `spread` above."""
    T = np.full(hours, float(T_wet_bulb))
    w = np.minimum(0.005, [saturated_humidity_ratio(t, 1e5) for t in T])  # no air holds more
    values = {"T_wet_bulb": T, "T_dry_bulb": T + spread, "humidity_ratio": w, "pressure": 1e5 + 0 * T}
    return xr.Dataset({k: ("time", v) for k, v in values.items()})


def small(**changes):
    """A 1 MW plant: EIR chiller, economiser, Merkel tower."""
    water = th.load("coolants/water")
    parts = {
        "design_load": 1 * MW, "T_supply": 10.0, "coolant": water, "pump": th.DutyPump(flow=0.06, head=150 * kPa),
        "chiller": th.load("chillers/carrier_19xr_1407kw"), "economiser": th.Economiser(UA=600e3, flow=0.075),
        "rejection": th.load("towers/merkel"), "condenser_pump": th.DutyPump(flow=0.0757, head=180 * kPa),
        "T_condenser_low": 6.0,
    }  # fmt: skip
    return th.Plant(**{**parts, **changes})


def dry(**changes):
    """A 1 MW loop straight through the dry cooler."""
    return th.Plant(
        **{"design_load": 0.7 * MW, "T_supply": 40.0, "coolant": th.load("coolants/pg25"),
           "pump": th.DutyPump(flow=0.024, head=200 * kPa), "rejection": th.load("dry_coolers/two_speed_700kw"),
           **changes}
    )  # fmt: skip


@pytest.mark.parametrize(
    "plant", [PLANT, small(), dry(), small(economiser=None)], ids=["20mw", "1mw", "dry", "chiller"]
)
@pytest.mark.parametrize("share", [0.15, 0.6, 1.0])
def test_energy_and_water_close(plant, share):
    """Load, pump heat and compressor heat leave through the rejection plant, hour by hour."""
    year = th.annual(plant, it_power=share * plant.design_load, weather=HOURS)
    power = year.power.to_pandas().T
    eta = plant.pump.motor_efficiency
    into = (
        + share * plant.design_load
        + eta * (power.facility_pumps + power.condenser_pumps)
        + power.chillers
        - year.heat_unmet.to_numpy()
    )  # fmt: skip
    assert np.abs(into / year.heat_rejected.to_numpy() - 1.0).max() < 1e-9
    assert bool(year.converged.all())
    used = year.water_evaporated + year.water_drift + year.water_blow_down
    assert float(abs(year.water_make_up - used).max()) < 1e-12
    assert float(year.site_power.sum()) == pytest.approx(float(year.power.sum()), rel=1e-12)


@pytest.mark.parametrize("economiser", Economiser)
def test_each_arrangement_is_its_own(economiser):
    """Chillers alone, integrated, alternate, direct and parallel differ as they should on mild days at one load."""
    plant = {
        Economiser.NONE: small(economiser=None),
        Economiser.INTEGRATED: small(),
        Economiser.ALTERNATE: small(economiser=th.Economiser(UA=600e3, flow=0.075, arrangement="alternate")),
        Economiser.DIRECT: dry(),
        Economiser.PARALLEL: small(economiser=th.Economiser(UA=600e3, flow=0.075, arrangement="parallel")),
    }[economiser]
    assert plant.model.facility.economiser == economiser
    modes = [int(th.annual(plant, it_power=0.7 * MW, weather=outdoors(T))["mode"][0]) for T in (-5.0, 4.0, 6.0, 20.0)]
    expected = {
        Economiser.NONE: [Mode.CHILLED, Mode.CHILLED, Mode.CHILLED, Mode.CHILLED],
        Economiser.INTEGRATED: [Mode.FREE, Mode.PARTIAL, Mode.PARTIAL, Mode.CHILLED],
        Economiser.ALTERNATE: [Mode.FREE, Mode.CHILLED, Mode.CHILLED, Mode.CHILLED],
        Economiser.DIRECT: [Mode.FREE, Mode.FREE, Mode.FREE, Mode.FREE],
        Economiser.PARALLEL: [Mode.FREE, Mode.PARTIAL, Mode.CHILLED, Mode.CHILLED],
    }
    assert modes == expected[economiser]


def test_no_load_stands_still():
    year = th.annual(PLANT, it_power=np.where(np.arange(HOURS.sizes["time"]) % 2, 20 * MW, 0.0), weather=HOURS)
    still = year.isel(time=slice(0, None, 2))
    assert float(still.power.sum()) == 0.0
    assert set(still["mode"].to_numpy()) == {Mode.OFF}
    assert float(still.T_facility_supply.max()) == PLANT.T_supply


@pytest.mark.parametrize("plant", [PLANT, small()], ids=["20mw", "1mw"])
def test_colder_weather_never_costs_more(plant):
    """At a fixed condenser set point and load, a lower wet bulb needs no more power."""
    fixed = plant.replace(T_condenser_low=20.0, T_condenser_high=20.0)
    costs = [
        float(th.annual(fixed, it_power=plant.design_load, weather=outdoors(T)).site_power[0]) for T in range(-10, 27)
    ]
    assert np.all(np.diff(costs) >= -1e-6 * costs[0])


def test_warmer_supply_never_costs_more():
    costs = [
        float(th.annual(PLANT, it_power=20 * MW, weather=HOURS, T_supply=T).site_power.sum()) for T in (18, 22, 26, 30)
    ]
    assert np.all(np.diff(costs) < 0.0)


def test_dimensions_and_single_runs_agree():
    """Supply temperature as a dimension gives what single runs give, to the last digit."""
    T = xr.DataArray([20.0, 24.0, 28.0], dims="case", coords={"case": [0, 1, 2]})
    together = th.annual(PLANT, it_power=20 * MW, weather=HOURS, T_supply=T)
    for k in range(3):
        alone = th.annual(PLANT, it_power=20 * MW, weather=HOURS, T_supply=float(T[k]))
        np.testing.assert_array_equal(together.power.sel(case=k), alone.power)


def test_climates_and_set_points_are_dimensions():
    """One call over (climate, T_supply, time) gives what single calls give, and the year is summed along time alone."""
    places = ["chicago", "golden"]
    weathers = [th.weather(th.load(f"climates/{place}")).isel(time=slice(0, 8760, 73)) for place in places]
    weather = xr.concat(weathers, xr.IndexVariable("climate", places))
    T = xr.DataArray([18.0, 26.0, 34.0], dims="T_supply", coords={"T_supply": [18.0, 26.0, 34.0]})
    study = th.annual(PLANT, it_power=20 * MW, weather=weather, T_supply=T)
    assert study.site_power.sizes == {"climate": 2, "T_supply": 3, "time": 120}
    year = th.accounting.annual_sums(study)
    for place, alone in zip(places, weathers, strict=True):
        for set_point in T.values:
            one = th.annual(PLANT, it_power=20 * MW, weather=alone, T_supply=set_point)
            np.testing.assert_array_equal(study.power.sel(climate=place, T_supply=set_point), one.power)
            whole = th.accounting.annual_sums(one).energy
            np.testing.assert_allclose(year.energy.sel(climate=place, T_supply=set_point), whole, rtol=1e-13)
    assert th.pue(th.ledger(study)).dims == ("climate", "T_supply")


def test_labels_that_differ_are_refused():
    late = xr.DataArray(np.full(283, 20e6), dims="time", coords={"time": HOURS.time.values + np.timedelta64(1, "h")})
    with pytest.raises(InputError, match="other labels along 'time'"):
        th.annual(PLANT, it_power=late, weather=HOURS)


def test_chillers_stage_with_a_dead_band():
    plant = PLANT.replace(economiser=None)
    capacity = plant.chiller.capacity
    up = np.linspace(0.5, 5.5, 200) * capacity
    load = np.concatenate([up, up[::-1]])
    running = th.annual(plant, it_power=load, weather=outdoors(15.0, hours=400)).chillers_running.to_numpy()
    assert np.all(np.diff(running[:200]) >= 0)
    assert np.all(np.diff(running[200:]) <= 0)
    assert np.all(running[200:][::-1] >= running[:200])
    assert (running[200:][::-1] > running[:200]).any(), "the way down must lag the way up"


def test_chiller_too_small_reports_unmet_heat():
    plant = small(economiser=None)
    year = th.annual(plant, it_power=3 * MW, weather=outdoors(20.0))
    unmet = float(year.heat_unmet[0])
    assert unmet > 1 * MW
    delivered = float(year.heat[0]) - unmet
    assert delivered <= 1.04 * 1.5 * plant.chiller.capacity
    assert float(year.T_facility_supply[0]) > plant.T_supply
    assert float(th.accounting.annual_sums(year.assign_attrs(interval=3600.0)).energy_unmet) == pytest.approx(
        unmet * 3600
    )


def test_curves_outside_their_box_are_counted():
    plant = PLANT.replace(chiller=th.load("chillers/mcquay_pfh_4020kw"))
    year = th.annual(plant, it_power=20 * MW, weather=HOURS)
    chilled = year.power.sel(end_use="chillers") > 0
    assert bool((year.outside_chiller == chilled).all()), "24 °C lies above the curves' box in every chiller hour"


def test_air_cooled_chiller_needs_no_tower():
    plant = th.Plant(
        design_load=80 * kW, T_supply=8.0, coolant=th.load("coolants/water"),
        pump=th.DutyPump(flow=0.004, head=100 * kPa), chiller=th.load("chillers/york_ycal_101kw_air"),
    )  # fmt: skip
    year = th.annual(plant, it_power=60 * kW, weather=outdoors(20.0, spread=10.0))
    assert float(year.water_make_up[0]) == 0.0
    expected = plant.chiller.operate(heat=year.heat, T_supply=8.0, T_condenser=30.0).chiller_power
    assert float(year.power.sel(end_use="chillers")[0]) == pytest.approx(float(expected[0]), rel=1e-12)


def test_basin_stays_above_freezing():
    plant = small(economiser=None, T_condenser_low=2.0).replace(T_condenser_low=1.0, approach=0.0)
    tower = plant.rejection.replace(T_basin_low=4.0, fan="floating")
    year = th.annual(plant.replace(rejection=tower), it_power=0.2 * MW, weather=outdoors(-25.0))
    assert float(year.T_tower_supply[0]) >= 1.0 - 1e-9
    assert float(year.T_tower_supply[0]) <= 4.0


def test_variable_flow_saves_pump_power():
    variable = small(pump=th.DutyPump(flow=0.06, head=150 * kPa, control="proportional"))
    runs = [th.annual(variable, it_power=x * MW, weather=outdoors(10.0)) for x in (0.5, 1.0)]
    half, full = (float(run.power.sel(end_use="facility_pumps")[0]) for run in runs)
    assert half == pytest.approx(full / 8, rel=1e-12)


def test_secondary_pump_adds_to_the_primary():
    plain = small()
    both = small(secondary_pump=th.DutyPump(flow=0.06, head=100 * kPa, control="proportional"))
    powers = [float(th.annual(p, it_power=1 * MW, weather=outdoors(10.0)).power.sel(end_use="facility_pumps")[0])
              for p in (plain, both)]  # fmt: skip
    assert powers[1] == pytest.approx(powers[0] + both.secondary_pump.power, rel=1e-12)


def with_value(name, hour, value):
    year = HOURS.copy(deep=True)
    year[name][hour] = value
    return year


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"weather": with_value("T_wet_bulb", 5, 60.0)}, "T_wet_bulb = 60 degC .* lies above T_dry_bulb"),
        ({"weather": with_value("pressure", 5, -5.0)}, "pressure = -5 Pa"),
        ({"weather": with_value("T_dry_bulb", 5, np.nan)}, "T_dry_bulb is not a number in hour 5"),
        ({"weather": HOURS.drop_vars("humidity_ratio")}, "lacks humidity_ratio"),
        ({"it_power": np.full(3, 1e6)}, "it_power has 3 values, the weather has 283 hours"),
        ({"it_power": -1e6}, "negative"),
        ({"it_power": np.nan}, "it_power = nan is not a finite number"),
        ({"T_supply": 150.0}, "outside the range of coolant"),
    ],
)
def test_bad_input(change, says):
    with pytest.raises(InputError, match=says):
        th.annual(PLANT, **{"it_power": 20 * MW, "weather": HOURS, **change})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stage_down": 1.0, "stage_up": 0.9}, "stage_down must not exceed stage_up"),
        ({"rejection": None}, "rejection is needed"),
        ({"condenser_pump": None}, "condenser_pump is needed"),
        ({"economiser": None, "chiller": None}, "a tower needs an economiser or a chiller"),
        ({"chiller": th.load("chillers/york_ycal_101kw_air")}, "rejects its heat itself"),
        ({"T_suply": 20.0}, "did you mean 'T_supply'"),
    ],
)
def test_plants_that_cannot_be(change, says):
    with pytest.raises(InputError, match=says):
        PLANT.replace(**change)


def test_chiller_from_the_table(data):
    data("plant/chillers.csv")
    chiller = th.Chiller.from_table("ElectricEIRChiller Carrier 19XR 1407kW/6.04COP/VSD")
    assert chiller.model_dump() == th.load("chillers/carrier_19xr_1407kw").model_dump()
    with pytest.raises(InputError, match="did you mean"):
        th.Chiller.from_table("Carrier 19XR 1407kW")


def test_economiser_switches_with_a_dead_band():
    """Between the two differences the economiser keeps doing what it did."""
    plant = small(economiser=th.Economiser(UA=600e3, flow=0.075, difference_on=3.0, difference_off=1.0))
    wet_bulbs = np.concatenate([np.linspace(2.0, 12.0, 50), np.linspace(12.0, 2.0, 50)])
    weather = outdoors(0.0, hours=100)
    weather = weather.assign(T_wet_bulb=("time", wet_bulbs), T_dry_bulb=("time", wet_bulbs + 5.0))
    used = th.annual(plant, it_power=0.7 * MW, weather=weather).heat_economised.to_numpy() > 0.0
    up, down = used[:50], used[50:][::-1]
    assert (up & ~down).any(), "it stays on longer than it takes to come on"
    assert not (down & ~up).any()


def test_peak_and_off_peak_make_the_whole():
    year = th.annual(PLANT, it_power=20 * MW, weather=YEAR.isel(time=slice(0, 240)))
    peak = year.time.dt.hour.isin(range(8, 20))
    parts = [th.accounting.annual_sums(year, where=hours).energy for hours in (peak, ~peak)]
    np.testing.assert_allclose(parts[0] + parts[1], th.accounting.annual_sums(year).energy, rtol=1e-12)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # plain Python says what compiled code keeps
def test_nan_inside_never_counts_as_converged():
    """A plant whose own record holds a NaN gives hours that are not converged."""
    from thermal.physics.plant.year import Column, run_hours
    from thermal.plant.result import END_USES, named

    model = small().model.copy()
    model.rejection.merkel.UA = np.nan
    table = np.empty((len(Column), 1))
    one = [np.array([x]) for x in (0.9e6, 10.0, 25.0, 18.0, 0.01, 1e5)]
    run_hours(model, *one, np.array([True]), table)
    assert np.isnan(table[Column.FANS, 0])
    assert not named(small(), END_USES, np.array([0.9e6]), table)["converged"][0]


def test_facility_water_too_warm_for_the_cdus_is_refused():
    """31 °C was accepted under a CDU that holds 32 °C; the warmest that does is also found by the loop's own march."""
    site = th.load("sites/generic_20mw")
    year = th.annual(site, weather=HOURS.isel(time=slice(0, 1)))
    coils = float(year.heat_room[0]) / 12.0 / (996.0 * 4179.0)  # m³/s for 12 K
    water = th.Supply(T=28.0, flow=site.plant.pump.flow - coils)
    study = {"heat": site.it_power / 168, "facility": water.replace(flow=water.flow / len(site.loops))}
    warmest = [T for T in np.arange(28.0, 29.0, 0.05) if _supply(site.loops[0], T, **study) < 32.005][-1]
    with pytest.raises(
        InputError, match=r"loop.cdu.T_supply = 32 .* cannot be held .* T_supply = 31 .* at most"
    ) as caught:
        th.annual(site.replace(plant=site.plant.replace(T_supply=31.0)), weather=HOURS)
    stated = float(str(caught.value).split("at most ")[1].split(" degC")[0])
    assert stated == pytest.approx(warmest, abs=0.06)
    with pytest.raises(InputError, match=r"raise loop\.cdu\.T_supply"):
        th.annual(site, weather=HOURS, T_supply=stated + 0.05)
    held = th.annual(site, weather=HOURS, T_supply=stated - 0.05)
    assert float(held.power.sel(end_use="cdu_pumps").min()) > 0


def _supply(loop, T, *, heat, facility):
    return float(th.steady(loop, heat=heat, facility=facility.replace(T=float(T))).T_supply)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("T_dry_bulb", 300.0, "T_dry_bulb = 300 degC in hour 5 .* K or degF"),
        ("T_wet_bulb", -61.0, "T_wet_bulb = -61 degC in hour 5"),
        ("humidity_ratio", 8.0, "humidity_ratio = 8 kg/kg in hour 5 .* g/kg"),
        ("pressure", 1013.0, "pressure = 1013 Pa in hour 5 .* hPa"),
    ],
)
def test_weather_in_other_units_is_refused(name, value, says):
    with pytest.raises(InputError, match=says):
        th.annual(PLANT, it_power=20 * MW, weather=with_value(name, 5, value))


def test_power_in_other_units_and_lists_are_the_same_year_and_text_is_refused():
    hours = HOURS.isel(time=slice(0, 3))
    plain = th.annual(PLANT, it_power=10 * MW, weather=hours)
    kilowatts = xr.DataArray([10e3] * 3, dims="time", attrs={"units": "kW"})
    for same in (kilowatts, [10e6] * 3, 10_000_000):
        xr.testing.assert_allclose(th.annual(PLANT, it_power=same, weather=hours), plain, rtol=1e-12)
    site = th.load("sites/generic_20mw")
    listed = th.annual(site, it_power=[10e6] * 3, weather=hours)
    xr.testing.assert_allclose(listed, th.annual(site, it_power=10 * MW, weather=hours), rtol=1e-12)
    for wrong in ("10 MW", kilowatts.assign_attrs(units="kg/s")):
        with pytest.raises(InputError, match="it_power"):
            th.annual(PLANT, it_power=wrong, weather=hours)


@pytest.mark.parametrize("economiser", [None, th.Economiser(UA=600e3, flow=0.03)], ids=["alone", "economiser"])
def test_leaving_water_curves_see_the_water_that_flows(economiser):
    """A machine of leaving-water curves gets the pump's flow; with an economiser at most its own."""
    chiller = th.load("chillers/carrier_19xr_1407kw_reformulated").replace(condenser_flow=0.05)
    plant = small(chiller=chiller, economiser=economiser, T_condenser_low=18.0)
    year = th.annual(plant, it_power=0.8 * MW, weather=outdoors(20.0, hours=2))
    flow = 0.05 if economiser else plant.condenser_pump.flow
    T = year.T_tower_supply.to_numpy()
    rate = flow * plant.condenser_pump.density * plant.condenser_water.properties(T).heat_capacity
    heat = year.heat.to_numpy() - year.heat_economised.to_numpy()
    point = chiller.operate(heat=heat, T_supply=plant.T_supply, T_condenser=T, condenser_rate=rate)
    assert year.power.sel(end_use="chillers").to_numpy() == pytest.approx(point.chiller_power.to_numpy(), rel=1e-9)


def test_units_of_a_set_point_are_obeyed():
    plain, kelvin = (
        th.annual(PLANT, it_power=10 * MW, weather=HOURS, T_supply=T)
        for T in (24.0, xr.DataArray(297.15, attrs={"units": "K"}))
    )
    np.testing.assert_allclose(kelvin.site_power, plain.site_power)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weather": None}, "weather is of type NoneType"),
        ({"weather": th.load("climates/chicago")}, "weather is of type Climate"),
        ({"weather": YEAR.isel(time=0)}, "no hour along 'time'"),
        ({"weather": YEAR.isel(time=slice(0, 0))}, "no hour along 'time'"),
        ({"Tsupply": 20.0}, "annual takes no 'Tsupply'; did you mean 'T_supply'"),
        ({"T_supply": "warm"}, "T_supply = 'warm'"),
    ],
)
@pytest.mark.parametrize("part", [PLANT, th.load("sites/generic_20mw")], ids=["plant", "site"])
def test_wrong_conditions_of_a_year(part, given, message):
    with pytest.raises(InputError, match=message):
        th.annual(part, **{"it_power": 10 * MW, "weather": HOURS, **given})


@pytest.mark.parametrize("wrong", [{"heat": np.nan}, {"heat": -1e6}, {"T_supply": "cold"}, {"condenser_rate": -1.0}])
def test_wrong_operating_points_of_a_chiller(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        PLANT.chiller.operate(**{"heat": 1e6, "T_supply": 20.0, "T_condenser": 30.0, **wrong})
