"""Loops and plant through time: rest is the hour of the year, lag and staging are seen, and accidents run their course.

The plant: 1.1 MW at 24 °C, up to three chillers of 0.6 MW by lift, YorkCalc tower, constant flow of 0.0317 m³/s.
"""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from machines import row

import thermal as th
from thermal.errors import ConvergenceError, InputError
from thermal.names import NAMES
from thermal.network import case, transient
from thermal.units import MW, hour, kPa, kW, minute

ROW = row()
YEAR = th.weather(th.load("climates/chicago"))
COLD, MILD, WARM = (YEAR.isel(time=k) for k in (2400, 24 * 190, 24 * 190 + 15))  # wet bulb −7.9, 14.7 and 18.2 °C
TYPICAL = th.load("plant_dynamics/typical")
EXCHANGER = th.Economiser(UA=150e3, flow=0.05)
PINNED = (
    "T_facility_supply", "T_facility_return", "T_tower_supply", "T_tower_return", "heat_economised", "heat_rejected",
    "heat_unmet", "water_make_up", "mode", "chillers_running", "air_ratio",
)  # fmt: skip


def plant(**changes):
    whole = th.load("towers/yorkcalc_24mw")
    share = {name: getattr(whole, name) / 20 for name in ("water_flow", "air_flow", "fan_power")}
    parts = {
        "design_load": 1.1 * MW, "T_supply": 24.0, "coolant": th.load("coolants/water"),
        "pump": th.DutyPump(flow=0.0317, head=250 * kPa),
        "chiller": th.load("chillers/lift_r1234ze_4mw").replace(capacity=600 * kW, condenser_flow=0.0), "chillers": 3,
        "rejection": whole.replace(cells=2, **share), "condenser_pump": th.DutyPump(flow=0.051, head=180 * kPa),
    }  # fmt: skip
    return th.Plant(**(parts | changes))


PLANT = plant()
PLANTS = {
    "chillers": PLANT,
    "proportional flow": plant(pump=PLANT.pump.replace(control="proportional")),
    "condenser flow with chillers": plant(flow_with_chillers=True, rejection=th.load("towers/merkel")),
    "condenser flow after the load": plant(
        condenser_pump=PLANT.condenser_pump.replace(control="proportional", flow_low=0.5), economiser=EXCHANGER,
        flow_with_chillers=True, rejection=th.load("towers/merkel"),
    ),
    "integrated economiser": plant(economiser=EXCHANGER),
    "alternate economiser": plant(economiser=EXCHANGER.replace(arrangement="alternate", UA=60e3)),
    "parallel economiser": plant(economiser=EXCHANGER.replace(arrangement="parallel")),
    "lag chillers, primary and secondary pumps": plant(
        chillers=2, lag_chiller=th.load("chillers/lift_r134a_4mw").replace(capacity=300 * kW, condenser_flow=0.0),
        lag_chillers=2, secondary_pump=th.DutyPump(flow=0.0317, head=120 * kPa, control="proportional"),
        rejection=PLANT.rejection.replace(heater=500.0),
    ),
    "exchanger alone": plant(economiser=EXCHANGER, chiller=None, chillers=1),
    "air-cooled chillers": plant(
        chiller=th.load("chillers/york_ycal_101kw_air"), chillers=12, rejection=None, condenser_pump=None, T_supply=10.0
    ),
    "dry cooler": th.Plant(
        design_load=1.1 * MW, T_supply=26.0, coolant=th.load("coolants/pg25"),
        pump=th.DutyPump(flow=0.0317, head=200 * kPa), rejection=th.load("dry_coolers/two_speed_700kw"),
    ),
}  # fmt: skip
EACH = pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())


def steps(*levels, length=hour, every=minute):
    """Heat of a rack [W]: each level for `length` seconds."""
    times = np.arange(0.0, len(levels) * length, every)
    return xr.DataArray(np.array(levels)[(times // length).astype(int)], {"time": times}, ("time",))


def differences(result, year):
    """Relative differences between a point of a coupled result and an hour of the year, by name."""
    names = [use for use in result.end_use.values if use not in ("it", "cdu_pumps")]
    pairs = {name: (result[name], year[name]) for name in PINNED}
    pairs |= {use: (result.power.sel(end_use=use), year.power.sel(end_use=use)) for use in names}
    return {name: abs(float(a) - float(b)) / max(abs(float(b)), 1e-3) for name, (a, b) in pairs.items()}


def hour_of(plant, point, weather):
    load = float(point.heat_to_facility.sum())
    return th.annual(plant, it_power=load, heat=load, weather=weather.expand_dims("time")).isel(time=0)


@EACH
@pytest.mark.parametrize("weather", [COLD, WARM], ids=["cold", "warm"])
def test_steady_is_the_hour_of_the_year(plant, weather):
    point = th.steady(ROW, heat=110 * kW, facility=plant, weather=weather)
    found = differences(point, hour_of(plant, point, weather))
    assert max(found.values()) <= 1e-9, found
    assert abs(float(point.energy_residual)) <= 1e-9 * 880 * kW


def test_the_basin_is_kept_from_freezing_as_in_the_year():
    """A tower whose fans never stop, in deep frost: a bypass holds the basin at its lowest temperature."""
    frost = COLD.drop_vars(["T_dew_point", "relative_humidity"]).assign(
        T_dry_bulb=-24.0, T_wet_bulb=-25.0, humidity_ratio=4e-4
    )
    tower = PLANT.rejection.replace(fan="floating", T_basin_low=6.0, air_low=0.5)
    cold = plant(rejection=tower, economiser=EXCHANGER, T_condenser_low=8.0, approach=0.0)
    point = th.steady(ROW, heat=5 * kW, facility=cold, weather=frost)
    assert float(point.T_tower_supply) == pytest.approx(6.0, abs=1e-9)
    found = differences(point, hour_of(cold, point, frost))
    assert max(found.values()) <= 1e-9, found


@EACH
@pytest.mark.compiled
@pytest.mark.parametrize("levels", [(60 * kW, 115 * kW), (115 * kW, 55 * kW)], ids=["up", "down"])
def test_after_a_step_the_plant_comes_to_rest_at_the_hour_of_the_year(plant, levels):
    """Whatever happened on the way: chillers that started and stopped, modes that changed, water that was warm."""
    heat = steps(*levels[:1], *7 * levels[1:])
    run = th.transient(ROW, heat=heat, facility=plant, weather=WARM, step=5, save=minute)
    found = differences(run.isel(time=-1), hour_of(plant, run.isel(time=-1), WARM))
    assert max(found.values()) <= 1e-6, found
    assert float(abs(run.energy_residual).max()) <= 1e-9 * 920 * kW
    assert bool(run.converged.all())


@pytest.mark.compiled
def test_a_day_whose_load_steps_at_nine_starts_a_second_chiller():
    """One chiller of 0.6 MW meets 0.78 MW: the call must stand for `hold_up`, the start takes `start_delay`, and
    meanwhile the shortage warms the water by no more than itself over the water's heat capacity."""
    times = np.arange(0.0, 24 * hour, minute)
    busy = (times >= 9 * hour) & (times < 17 * hour)
    heat = xr.DataArray(np.where(busy, 110 * kW, 55 * kW), {"time": times}, ("time",))
    weather = YEAR.isel(time=slice(24 * 190, 24 * 191 + 1))
    day = th.transient(ROW, heat=heat, facility=PLANT, weather=weather, step=1.0, save=minute)
    assert (day.attrs["step"], day.attrs["plant_step"]) == (1.0, 10.0)
    before, after = day.sel(time=slice(0, 9 * hour)), day.sel(time=slice(9 * hour + 1, 17 * hour))
    assert set(before.chillers_running.values) == {1.0}
    first = float(after.time[int(np.argmax(after.chillers_running.values > 1))]) - 9 * hour
    least = TYPICAL.hold_up + TYPICAL.start_delay
    assert least <= first <= least + 2 * minute  # the call comes with the warm return, and a minute is saved
    starting = after.time[after.chillers_starting.values > 0] - 9 * hour
    assert TYPICAL.hold_up <= float(starting[0]) <= TYPICAL.hold_up + 2 * minute
    np.testing.assert_allclose(before.T_facility_supply, 24.0, atol=1e-2)
    excess = float(after.T_facility_supply.max()) - 24.0
    water = (TYPICAL.supply_time + TYPICAL.return_time + TYPICAL.machine_time) * PLANT.pump.mass_flow * 4182.0
    most = float(after.heat_unmet.sum()) * minute / water
    assert 0.5 * most < excess < most
    assert 2.0 < excess < 8.0
    np.testing.assert_allclose(after.T_facility_supply[60:], 24.0, atol=1e-3)
    assert set(day.sel(time=slice(19 * hour, None)).chillers_running.values) == {1.0}
    assert float(abs(day.energy_residual).max()) <= 1e-9 * 920 * kW
    pue = float(th.pue(th.ledger(day)))
    assert pue == pytest.approx(float(day.site_power.sum() / day.power.sel(end_use="it").sum()), rel=1e-12)
    assert 1.05 < pue < 1.2


@pytest.mark.compiled
def test_an_outsider_finds_the_balance_of_a_cycle():
    """From rest to the same rest: what the CDUs, pumps and compressors gave is what left, from the dataset alone."""
    heat = steps(60 * kW, 115 * kW, *6 * [60 * kW])
    run = th.transient(ROW, heat=heat, facility=PLANT, weather=MILD, step=5, save=minute)
    np.testing.assert_allclose(run.T_facility_return[-1], run.T_facility_return[0], atol=1e-6)
    power, eta = run.power.to_pandas(), PLANT.pump.motor_efficiency
    given = run.heat_to_facility + eta * (power.facility_pumps + power.condenser_pumps).to_numpy()
    given = given + power.chillers.to_numpy()
    assert float(given.sum()) == pytest.approx(float(run.heat_rejected.sum()), rel=1e-9)
    assert float(run.heat_unmet.sum()) > 0.0


@pytest.mark.compiled
def test_the_facility_pump_trips_for_five_minutes():
    """No flow: chillers trip, facility water stands at its temperature, the racks heat up; then all comes back."""
    events = [th.stop(PLANT.pump, at=30 * minute), th.restart(PLANT.pump, at=35 * minute)]
    run = th.transient(
        ROW, heat=80 * kW, facility=PLANT, weather=MILD, events=events, until=4 * hour, step=1, save=minute
    )
    down = run.isel(time=slice(30, 35))
    assert (down.power.sel(end_use=["facility_pumps", "chillers"]) == 0.0).all()
    assert (down.power.sel(end_use="condenser_pumps") > 0.0).all()
    assert (down.flow_facility == 0.0).all()
    assert (down.heat_to_facility == 0.0).all()
    assert (down.chillers_running == 0).all()
    assert np.ptp(down.T_facility_supply.values) == 0.0
    assert (np.diff(down.T_case.max("rack")) > 5.0).all()
    started = int(np.argmax(run.chillers_running.values[35:] > 0)) + 35
    assert started * minute >= 35 * minute + TYPICAL.start_delay - minute
    assert float(run.T_facility_supply.max()) > 34.0
    found = differences(run.isel(time=-1), hour_of(PLANT, run.isel(time=-1), MILD))
    assert max(found.values()) <= 1e-6, found
    assert float(abs(run.energy_residual).max()) <= 1e-9 * 640 * kW


@pytest.mark.compiled
def test_without_condenser_water_the_facility_water_warms_by_its_heat():
    """All chillers trip; every node warms at (load + pump heat) over the heat capacity of the water."""
    event = th.stop(PLANT.condenser_pump, at=30 * minute)
    run = th.transient(
        ROW, heat=80 * kW, facility=PLANT, weather=MILD, events=[event], until=36 * minute, step=1, save=10
    )
    off = run.sel(time=slice(33 * minute, 36 * minute))
    assert (off.power.sel(end_use=["condenser_pumps", "chillers", "tower_fans"]) == 0.0).all()
    assert (off.heat_rejected == 0.0).all()
    given = float((off.heat_to_facility + 0.9 * PLANT.pump.power)[1:].mean())
    np.testing.assert_allclose(off.heat_unmet[1:].mean(), given, rtol=1e-12)
    capacity = 140.0 * PLANT.pump.mass_flow * PLANT.coolant.properties(24.0).heat_capacity
    rate = float(off.T_facility_supply[-1] - off.T_facility_supply[0]) / float(off.time[-1] - off.time[0])
    assert rate == pytest.approx(given / capacity, rel=0.02)  # the load is not quite constant


@pytest.mark.compiled
def test_a_standby_chiller_takes_over_and_all_three_failing_is_a_thermal_runaway():
    one = th.transient(
        ROW, heat=80 * kW, facility=PLANT, weather=MILD, events=[th.stop(PLANT.chiller, at=10 * minute)],
        until=20 * minute, save=10,
    )  # fmt: skip
    running = one.chillers_running.values
    assert running[0] == 2
    assert running[60] == 1
    back = float(one.time[60 + int(np.argmax(running[60:] == 2))])
    assert back == pytest.approx(10 * minute + TYPICAL.start_delay, abs=30.0)
    failures = 3 * [th.stop(PLANT.chiller, at=10 * minute)]
    gone = th.transient(
        ROW, heat=80 * kW, facility=PLANT, weather=MILD, events=failures, until=20 * minute, save=minute
    )
    assert (np.diff(gone.T_facility_supply[11:]) > 1.0).all()
    repaired = [*failures, th.restart(PLANT.chiller, at=12 * minute)]
    again = th.transient(ROW, heat=80 * kW, facility=PLANT, weather=MILD, events=repaired, until=hour, save=minute)
    assert again.chillers_running.values[-1] == 1


@pytest.mark.compiled
def test_chillers_too_small_leave_heat_and_the_water_warms():
    run = th.transient(
        ROW, heat=steps(60 * kW, 110 * kW), facility=PLANT.replace(chillers=1), weather=MILD, save=minute
    )
    late = run.isel(time=slice(70, None))
    assert (late.heat_unmet > 150 * kW).all()
    assert (np.diff(late.T_facility_supply) > 0.1).all()
    assert (late.chillers_running == 1).all()
    book = th.ledger(run)
    expected = float(run.heat_unmet.sum() / run.heat.sum())
    assert book.unmet_share.dims == ()
    assert float(book.unmet_share) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ConvergenceError, match=r"the plant leaves .* kW with 1 chillers of 1 running"):
        th.steady(ROW, heat=110 * kW, facility=PLANT.replace(chillers=1), weather=MILD)


@pytest.mark.compiled
def test_refined_plant_steps_converge_at_first_order():
    heat = steps(90 * kW, 108 * kW, 108 * kW, 108 * kW, 108 * kW, 108 * kW, length=10 * minute, every=2 * minute)
    ends = []
    for longest in (8.0, 4.0, 2.0, 1.0):
        timed = plant(dynamics=TYPICAL.replace(step=longest), chillers=2)
        run = th.transient(ROW, heat=heat, facility=timed, weather=MILD, step=0.5, save=2 * minute)
        assert run.attrs["plant_step"] == longest
        ends.append(np.concatenate([run.T_facility_supply, run.T_facility_return, run.T_tower_supply]))
    apart = [np.abs(b - a).max() for a, b in itertools.pairwise(ends)]
    orders = np.log2(np.array(apart[:-1]) / apart[1:])
    assert (orders > 0.9).all(), orders
    assert (orders < 1.2).all(), orders
    assert apart[-1] < 0.02  # K


@pytest.mark.compiled
def test_pieces_and_saving_change_nothing(monkeypatch):
    study = {"heat": steps(60 * kW, 115 * kW), "facility": PLANT, "weather": WARM}
    study["events"] = [th.stop(ROW.cdu.pumps[0], at=1000), th.stop(PLANT.chiller, at=4000.0)]
    whole = th.transient(ROW, **study, save=minute)
    monkeypatch.setattr(transient, "PIECES", 7)
    pieces = th.transient(ROW, **study, save=minute)
    for name in whole.data_vars:
        np.testing.assert_allclose(whole[name], pieces[name], rtol=1e-12, atol=1e-9, err_msg=name)
    seldom = th.transient(ROW, **study, save=10 * minute)
    assert seldom.attrs["plant_step"] == whole.attrs["plant_step"]
    np.testing.assert_allclose(seldom.T_facility_supply, whole.T_facility_supply[9::10], rtol=1e-12)
    np.testing.assert_allclose(seldom.heat_rejected.mean(), whole.heat_rejected.mean(), rtol=1e-12)
    np.testing.assert_allclose(seldom.T_case_peak, whole.T_case_peak, rtol=1e-12)
    np.testing.assert_array_equal(seldom.time_peak, whole.time_peak)


@pytest.mark.compiled
def test_more_loops_share_a_plant_and_a_proportional_pump_may_give_too_little():
    """The year's pump follows the load; CDUs with a small approach draw more, and return water goes round to them."""
    tight = plant(pump=PLANT.pump.replace(control="proportional"), T_supply=28.0)
    point = th.steady([row(4), row(4)], heat=30 * kW, facility=tight, weather=MILD)
    year = hour_of(tight, point, MILD)
    found = differences(point, year)
    assert found.pop("T_facility_supply") > 0.01
    assert max(found.values()) <= 1e-9, found
    assert float(point.flow_bypass) < 0.0
    draw, flow = float(point.flow_facility), float(point.flow_facility + point.flow_bypass)
    rise = float(point.heat_to_facility.sum()) / (997.05 * 4181.3 * flow)
    assert float(point.T_facility_supply) == pytest.approx(28.0 + rise * (1.0 - flow / draw), abs=2e-2)
    last = th.transient(
        [row(4), row(4)], heat=30 * kW, facility=tight, weather=MILD, until=hour, save=minute
    ).isel(time=-1)  # fmt: skip
    np.testing.assert_allclose(last.T_facility_supply, point.T_facility_supply, rtol=0, atol=1e-6)


def test_a_result_says_what_made_it():
    run = th.transient(ROW, heat=60 * kW, facility=PLANT, weather=MILD, until=minute)
    for name, variable in run.variables.items():
        assert variable.attrs["long_name"] == NAMES[name].long_name
    assert run.attrs["facility"] == "Plant"
    assert "plant_dynamics/typical" in run.attrs["models"]
    assert "towers/yorkcalc_24mw" in run.attrs["models"]
    assert run.attrs["weather_rule"].startswith("linear between the times given")
    assert run.attrs["weather"] == YEAR.attrs["source"]
    np.testing.assert_allclose(run.power.sum("end_use"), run.site_power, rtol=1e-12)
    timed = th.steady(ROW, heat=60 * kW, facility=plant(dynamics=TYPICAL.replace(start_delay=60)), weather=MILD)
    assert "changed: start_delay" in timed.attrs["models"]


@pytest.mark.compiled
def test_weather_goes_on_straight_lines_and_dates_are_compared():
    days = pd.date_range("2001-07-10T03:00", periods=37, freq="10min")
    heat = xr.DataArray(np.full(37, 60 * kW), {"time": days}, ("time",))
    run = th.transient(ROW, heat=heat, facility=PLANT, weather=YEAR, step=5, save=10 * minute)
    expected = YEAR.T_wet_bulb.interp(time=pd.date_range("2001-07-10T03:10", periods=36, freq="10min"))
    np.testing.assert_allclose(run.T_wet_bulb[:36], expected, atol=0.03)


DAY = YEAR.isel(time=slice(0, 3))
STUDY = {"heat": 60 * kW, "facility": PLANT, "weather": MILD, "until": 10 * minute}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weather": None}, r"weather = \.\.\. is needed by this facility: a Dataset with T_dry_bulb"),
        ({"weather": 20.0}, r"weather = 20.0 must be a Dataset with T_dry_bulb, T_wet_bulb"),
        ({"weather": YEAR.T_wet_bulb}, "weather = DataArray must be a Dataset"),
        ({"weather": "chicago"}, "weather = 'chicago' must be a Dataset"),
        ({"weather": MILD[["T_wet_bulb"]]}, "weather lacks T_dry_bulb, humidity_ratio, pressure"),
        ({"weather": MILD.assign(pressure=math.nan)}, "weather: pressure is not a number"),
        ({"weather": MILD.assign(T_dry_bulb=288.0)}, r"T_dry_bulb = 288 degC is outside -60\.\.60 degC; is it in K"),
        ({"weather": MILD.assign(pressure=1013.0)}, "pressure = 1013 Pa is outside"),
        ({"weather": MILD.assign(T_wet_bulb=16.0)}, "T_wet_bulb = 16 degC lies above T_dry_bulb = 15"),
        ({"weather": DAY, "until": 6 * hour}, r"weather covers 0\.\.10800 s of the study's 0\.\.21600 s"),
        ({"weather": xr.concat([DAY, DAY], "climate")}, "needs a coordinate 'time' and no other dimension"),
        ({"facility": th.Plant}, "facility = .*Plant.* must be a th.Supply or a plant"),
        ({"facility": th.load("sites/generic_20mw")}, "facility = Site must be a th.Supply or a plant"),
        ({"events": ["noon"]}, "events must be a sequence of th.stop"),
        ({"step": "1 s"}, "step = '1 s' must be numbers in s, not a text"),
        ({"events": [th.stop(PLANT.pump, at=math.nan)]}, "event at = nan s must be a time from 0 s"),
        ({"events": [th.stop(PLANT.pump, at=1e6)]}, r"event at = 1e\+06 s must be a time from 0 s to .* 600 s"),
        ({"events": [th.stop(PLANT.pump, at=1, loop=0)]}, "the pump of the plant belongs to no loop"),
        ({"events": 2 * [th.stop(PLANT.pump, at=1)]}, "a pump of the plant should stop, but none runs"),
        ({"events": [th.restart(PLANT.chiller, at=1)]}, "a chiller of the plant should restart, but all run"),
        ({"events": [th.stop(th.load("cdus/frontier").pumps[0], at=1)]}, "no loop has that pump"),
    ],
)  # fmt: skip
def test_bad_conditions_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        th.transient(ROW, **(STUDY | change))


def test_equal_pumps_are_told_apart_by_identity():
    same = plant(condenser_pump=PLANT.pump.replace(), flow_with_chillers=True)
    study = STUDY | {"facility": same}
    run = th.transient(ROW, **study, events=[th.stop(same.condenser_pump, at=0)])
    assert float(run.power.sel(end_use="condenser_pumps").max()) == 0.0
    assert float(run.power.sel(end_use="facility_pumps").min()) > 0.0
    with pytest.raises(InputError, match=r"pump and condenser_pump of the plant are equal; pass plant\.pump"):
        th.transient(ROW, **study, events=[th.stop(PLANT.pump.replace(), at=0)])


def test_memory_is_estimated_before_it_is_taken(monkeypatch):
    monkeypatch.setattr(case, "MAX_BYTES", 5e3)
    hasty = PLANT.replace(dynamics=th.load("plant_dynamics/typical").replace(step=0.01))
    with pytest.raises(InputError, match=r"heat at intervals of .* s would take .* GB"):
        th.transient(ROW, **(STUDY | {"facility": hasty}))


def test_steady_wants_one_weather():
    with pytest.raises(InputError, match=r"weather of steady must be constant in time: weather\.isel"):
        th.steady(ROW, heat=60 * kW, facility=PLANT, weather=YEAR)
