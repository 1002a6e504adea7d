"""Controllers that see late, act at times and not too fast; valves that are slow or stick; other goals; dew point."""

import math

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError
from thermal.network import dew_point, freeze, release, set_point
from thermal.physics.network.control import SLOTS, position, sensed
from thermal.physics.network.tables import ACTUATOR, CONTROLLER
from thermal.units import kW, lpm

ROW = th.load("loops/gb200_row")
WATER = th.Supply(T=24, flow=1241 * lpm)


def late(lag, delay, values, step):
    """What a sensor shows of a series."""
    c = np.zeros(1, CONTROLLER).view(np.recarray)
    c.lag, c.delay = lag, delay
    past = np.zeros((2, SLOTS))
    return np.array([sensed(c[0], past, float(x), step) for x in values])


@pytest.mark.parametrize(("lag", "step"), [(10.0, 1.0), (3.0, 0.25), (0.5, 2.0)])
def test_a_lag_is_an_exact_exponential(lag, step):
    shown = late(lag, 0.0, [0.0, *np.ones(20)], step)
    np.testing.assert_allclose(shown, 1.0 - np.exp(-step / lag * np.arange(21)), rtol=1e-13)


@pytest.mark.parametrize("step", [0.01, 0.1, 1.0, 4.9, 7.0])
def test_a_dead_time_shifts_a_ramp_by_itself(step):
    """Whatever the step: finer than what is kept, coarser, and longer than the dead time of 5 s."""
    t = step * np.arange(1, 400)
    np.testing.assert_allclose(late(0.0, 5.0, t, step), np.maximum(t - 5.0, step), atol=1e-9)


def test_stiction_by_hand():
    a = np.zeros(1, ACTUATOR).view(np.recarray)
    a.stiction = 0.1
    asked = [0.05, 0.12, 0.20, 0.23, 0.14, 0.12]
    assert [position(a[0], u, 1.0) for u in asked] == [0.0, 0.12, 0.12, 0.23, 0.23, 0.12]


def test_a_stroke_is_a_speed_and_goes_all_the_way():
    """20 s for all the way: 0.05 a second; under way it does not stick again."""
    a = np.zeros(1, ACTUATOR).view(np.recarray)
    a.stroke, a.stiction = 20.0, 0.08
    np.testing.assert_allclose([position(a[0], 0.12, 1.0) for _ in range(4)], [0.05, 0.10, 0.12, 0.12], rtol=1e-12)
    assert position(a[0], 0.05, 1.0) == 0.12


def run(cdu=None, events=(), until=400, heat=None, part=None, **control):
    """A row under a step of heat, each second saved."""
    own = ROW.cdu if cdu is None else cdu
    own = own.replace(valve=own.valve.replace(**control)) if control else own
    row = ROW.replace(cdu=own).network()
    steps = np.full((until, 8), 60e3)
    steps[60:] = 120e3
    trace = xr.DataArray(steps, {"time": np.arange(float(until))}, ("time", "rack")) if heat is None else heat
    return th.transient(row, heat=trace, facility=WATER, events=list(events), until=until, step=1, save=1)


def opening(result):
    return result.valve_opening.sel(branch="cdu/primary").values


DYNAMICS = {
    "plain": {},
    "rate": {"rate": 0.002},
    "sample": {"sample": 7.0},
    "lag": {"sensor_lag": 12.0},
    "dead time": {"dead_time": 9.0},
    "all": {"rate": 0.003, "sample": 5.0, "sensor_lag": 4.0, "dead_time": 6.0},
}


@pytest.mark.parametrize("kind", DYNAMICS)
def test_the_valve_does_what_its_settings_say(kind):
    """The settings worked out in plain Python on the supply temperatures that the march passed through."""
    said = DYNAMICS[kind]
    result = run(**said)
    c = ROW.cdu.valve
    T = result.T_supply.values[:, 0]
    t = np.arange(len(T), dtype=float)
    tau, theta = said.get("sensor_lag", 0.0), said.get("dead_time", 0.0)
    shown = [T[0]]
    for x in T[1:]:
        shown.append(shown[-1] + (x - shown[-1]) * (1.0 - math.exp(-1.0 / tau)) if tau else x)
    seen = np.interp(t - theta, t, shown)
    u, before, since = opening(result)[0], 0.0, 0.0
    found = [u]
    for k in range(1, len(T)):  # acts on what the step before left
        since += 1.0
        if (k + 1) % said.get("sample", 1.0) == 0.0:
            e = (seen[k - 1] - ROW.cdu.T_supply) / ROW.cdu.valve_span
            e = math.copysign(max(abs(e) - c.dead_band, 0.0), e)
            new = min(max(u + c.gain * (e - before + e * since / c.reset), c.low), c.high)
            most = said.get("rate", math.inf) * since
            u, before, since = min(max(new, u - most), u + most), e, 0.0
        elif k == 0:
            since = 0.0
        found.append(u)
    np.testing.assert_allclose(opening(result), found, atol=1e-9)
    if "rate" in said:
        assert np.abs(np.diff(found)).max() <= said["rate"] * said.get("sample", 1.0) * (1.0 + 1e-12)


@pytest.mark.parametrize(("sample", "step"), [(5.0, 2.0), (5.0, 3.0), (3.0, 2.0), (4.0, 4.0), (2.0, 5.0)])
def test_a_sample_time_that_steps_do_not_divide_is_held_on_average(sample, step):
    """It acts in the first step that ends at or after each of its times, whatever the steps: none is lost."""
    cdu = ROW.cdu.replace(valve=ROW.cdu.valve.replace(sample=sample, dead_band=0.0, reset=1e6, gain=0.5))
    row = ROW.replace(cdu=cdu).network()
    events = [set_point("cdu/valve", to=32.0 - 0.01 * k, at=step * k) for k in range(1, 60)]
    run = th.transient(row, heat=100 * kW, facility=WATER, events=events, until=60 * step, step=step, save=step)
    acted = np.flatnonzero(np.diff(opening(run)) != 0.0) + 1
    due = np.ceil(sample * np.arange(1, 400) / step - 1e-9) - 1
    due = np.unique(due[(due >= 1) & (due < 60)])
    np.testing.assert_array_equal(acted, due)


def test_settings_change_nothing_where_they_are_none():
    one, other = run(), run(rate=1e9, sample=1.0)
    np.testing.assert_array_equal(opening(one), opening(other))


def test_a_frozen_controller_is_released_without_a_jump():
    """Frozen at full error it goes on by its integral alone: 1/reset of gain times error a second, no kick."""
    result = run(events=[freeze("cdu/valve", at=30), release("cdu/valve", at=900)], until=910)
    u, T = opening(result), result.T_supply.values[:, 0]
    assert np.ptp(u[30:900]) == 0.0
    error = (T[899] - ROW.cdu.T_supply) / ROW.cdu.valve_span - ROW.cdu.valve.dead_band
    assert error > 0.05
    assert u[900] - u[899] == pytest.approx(ROW.cdu.valve.gain * error / ROW.cdu.valve.reset, rel=0.02)


def test_a_slow_valve_and_a_sticking_one():
    slow = run(cdu=ROW.cdu.replace(valve_stroke=900.0))
    assert np.abs(np.diff(opening(slow))).max() == pytest.approx(1.0 / 900.0, rel=1e-9)
    stuck = opening(run(cdu=ROW.cdu.replace(valve_stiction=0.03), until=1200))
    moves = np.abs(np.diff(stuck))
    assert moves[moves > 0.0].min() > 0.03
    assert (moves > 0.0).sum() < 100


def test_pumps_that_hold_the_flow():
    cdu = ROW.cdu.replace(speed_goal="flow", flow_set=1000 * lpm)
    point = th.steady(ROW.replace(cdu=cdu).network(), heat=100 * kW, facility=WATER)
    assert float(point.flow.sel(branch="cdu/loss")) == pytest.approx(1000 * lpm, rel=1e-6)
    step = set_point("cdu/speed", to=800 * lpm, at=60)
    result = run(cdu=cdu, events=[step], until=3000)
    assert float(result.flow.sel(branch="cdu/loss")[-1]) == pytest.approx(800 * lpm, rel=1e-4)


def test_pumps_that_hold_the_return_temperature():
    cdu = ROW.cdu.replace(speed_goal="return temperature", T_return=44.0)
    point = th.steady(ROW.replace(cdu=cdu).network(), heat=100 * kW, facility=WATER)
    assert point.T_return.item() == pytest.approx(44.0, abs=1e-4)
    assert point.T_supply.item() == pytest.approx(32.0, abs=1e-4)


@pytest.mark.parametrize("kind", ["loop", "network"])
def test_supply_stays_above_the_dew_point(kind):
    row = ROW.replace(cdu=ROW.cdu.replace(T_dew_point=31.5, dew_margin=2.5))
    point = th.steady(row if kind == "loop" else row.network(), heat=100 * kW, facility=WATER)
    assert point.T_supply.item() == pytest.approx(34.0, abs=1e-4)
    assert not point.supply_unheld.any()
    dry = ROW.replace(cdu=ROW.cdu.replace(T_dew_point=20.0))
    point = th.steady(dry if kind == "loop" else dry.network(), heat=100 * kW, facility=WATER)
    assert point.T_supply.item() == pytest.approx(32.0, abs=1e-4)


def test_the_room_turns_humid():
    result = run(events=[dew_point("cdu", to=33.0, at=100)], until=900)
    goal = result.T_supply_set.values[:, 0]
    assert set(goal[:100]) == {32.0}
    assert set(goal[100:]) == {35.0}
    assert abs(float(result.T_supply[-1, 0]) - 35.0) < 0.25  # within the dead band of 0.2 K


@pytest.mark.parametrize(
    "cdu",
    [
        ROW.cdu.replace(valve=ROW.cdu.valve.replace(rate=0.01)),
        ROW.cdu.replace(speed=ROW.cdu.speed.replace(dead_time=2.0)),
        ROW.cdu.replace(valve_stroke=60.0),
        ROW.cdu.replace(speed_goal="flow", flow_set=0.02),
    ],
    ids=["rate", "dead time", "stroke", "flow"],
)
def test_a_loop_refuses_what_its_kernel_does_not_know(cdu):
    with pytest.raises(InputError, match=r"row\.network\(\)"):
        th.steady(ROW.replace(cdu=cdu), heat=100 * kW, facility=WATER)
    th.steady(ROW.replace(cdu=cdu).network(), heat=100 * kW, facility=WATER)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(InputError, match="needs flow_set"):
        ROW.cdu.replace(speed_goal="flow")
    with pytest.raises(InputError, match="speed_goal"):
        ROW.cdu.replace(speed_goal="torque")
    with pytest.raises(InputError, match="rate"):
        ROW.cdu.valve.replace(rate=0.0)
    with pytest.raises(InputError, match="controller"):
        run(events=[dew_point("rack1", to=20.0, at=1)])


def test_saved_and_restored_with_what_was_seen():
    cdu = ROW.cdu.replace(valve=ROW.cdu.valve.replace(**DYNAMICS["all"]), valve_stroke=200.0, valve_stiction=0.01)

    def stepper():
        return th.verbs.stepper(
            ROW.replace(cdu=cdu).network(), heat=120 * kW, facility=WATER, until=300, step=1, save=1
        )

    one = stepper()
    one.advance(100, T=20.0)
    kept = one.save()
    one.advance(300)
    other = stepper()
    other.advance(100, T=20.0)
    other.advance(180)
    other.restore(kept)
    other.advance(300)
    np.testing.assert_array_equal(one.result().T_supply, other.result().T_supply)
