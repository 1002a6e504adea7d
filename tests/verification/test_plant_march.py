"""The plant's step alone: what its chillers' clocks allow, that each step balances, and that no NaN is lost."""

import numpy as np
import pytest

import thermal as th
from thermal.physics.kernel import zero_record
from thermal.physics.plant.march import PLANT_NOW, Extra, Moment, step_plant, stored_heat
from thermal.physics.plant.staging import MACHINE, Phase, machines_in, stage_chillers, tick_chillers, trip_chillers
from thermal.physics.plant.year import Column
from thermal.physics.rejection.rejection import Air
from thermal.plant.in_time import inertia_of

PLANT = th.load("plants/generic_20mw")
DYNAMICS = th.load("plant_dynamics/typical")
NET = inertia_of(PLANT.completed(dynamics=DYNAMICS))
AIR = Air(30.0, 22.0, 0.012, 1e5)
LOAD = 10e6


def clocks(*phases, time=1e9):
    machines = np.zeros(len(phases), MACHINE).view(np.recarray)
    machines.phase, machines.time = phases, time
    return machines


def now(**values):
    state = zero_record(PLANT_NOW)
    start = {"T_supply": 24.0, "T_return": 30.0, "T_machine": 24.0, "T_condenser": 26.0, "load": LOAD}
    for name, value in (start | values).items():
        setattr(state, name, value)
    return state


def moment(**values):
    return Moment(**({"load": LOAD, "draw": 1.2e6, "T_set": 24.0, "pumping": True, "condensing": True,
                      "available": 6} | values))  # fmt: skip


def stepped(state, machines, asked, air=AIR, step=10.0, plant=PLANT):
    row = np.zeros(len(Column) + len(Extra))
    step_plant(plant.model, NET, state, machines, asked, air, step, row)
    return row


@pytest.mark.parametrize("phase", list(Phase), ids=lambda phase: phase.name)
def test_each_phase_goes_its_own_way(phase):
    """Off stays off, a start is completed after its delay, a chiller that runs trips, a failed one is repaired."""
    machines = clocks(phase, time=175.0)
    tick_chillers(machines, 0 if phase == Phase.FAILED else 1, 185.0, 10.0)
    assert machines.phase[0] == (Phase.ON if phase == Phase.STARTING else phase)
    assert machines.time[0] == (0.0 if phase == Phase.STARTING else 185.0)
    trip_chillers(machines)
    assert machines.phase[0] == (Phase.FAILED if phase == Phase.FAILED else Phase.OFF)
    tick_chillers(machines, 1, 185.0, 10.0)
    assert machines.phase[0] == Phase.OFF
    for other in Phase:
        assert machines_in(machines, other) == (1 if other == Phase.OFF else 0)


def test_a_failure_takes_a_running_chiller_first():
    machines = clocks(Phase.OFF, Phase.STARTING, Phase.ON, Phase.ON, time=0.0)
    for left, expected in ((3, (0, 1, 3, 2)), (2, (0, 1, 3, 3)), (1, (0, 3, 3, 3)), (0, (3, 3, 3, 3))):
        tick_chillers(machines, left, 185.0, 1.0)
        assert tuple(machines.phase) == expected
    tick_chillers(machines, 4, 185.0, 1.0)
    assert (machines.phase == Phase.OFF).all()


def staged_for(machines, load, seconds, short=False, enough=True, net=NET):
    state, started = now(), []
    for _ in range(seconds):
        tick_chillers(machines, len(machines), net.start_delay, 1.0)
        stage_chillers(PLANT.model.facility, net, state, machines, load, short, enough, 1.0)
        started.append((machines_in(machines, Phase.ON), machines_in(machines, Phase.STARTING)))
    return started


def test_the_first_chiller_starts_at_once_and_the_next_after_the_call_has_stood():
    """4 MW each: 10 MW need three by 0.95 of their capacity."""
    seen = staged_for(clocks(*6 * [Phase.OFF]), 10e6, 1200)
    assert seen[0] == (0, 1)
    assert seen.index((1, 0)) == pytest.approx(DYNAMICS.start_delay, abs=1)
    second = next(k for k, pair in enumerate(seen) if sum(pair) == 2)
    third = next(k for k, pair in enumerate(seen) if sum(pair) == 3)
    assert second == pytest.approx(DYNAMICS.hold_up, abs=1)
    assert third - second == pytest.approx(DYNAMICS.hold_up, abs=1)
    assert max(sum(pair) for pair in seen) == 3


def test_lead_and_lag_go_by_time_and_short_runs_are_kept():
    machines = clocks(Phase.ON, Phase.ON, Phase.OFF, Phase.OFF)
    machines.time[:] = 400.0, 5000.0, 700.0, 9000.0
    staged_for(machines, 12e6, int(DYNAMICS.hold_up) + 1)
    assert machines.phase.tolist() == [Phase.ON, Phase.ON, Phase.OFF, Phase.STARTING]  # the longest standstill
    machines = clocks(Phase.ON, Phase.ON, Phase.OFF, Phase.OFF)
    machines.time[:] = 400.0, 5000.0, 700.0, 9000.0
    staged_for(machines, 1e6, int(DYNAMICS.hold_down) + 1)
    assert machines.phase.tolist() == [Phase.ON, Phase.OFF, Phase.OFF, Phase.OFF]  # the longest run
    patient = inertia_of(PLANT.replace(dynamics=DYNAMICS.replace(on_least=1800.0)))
    seen = staged_for(clocks(Phase.ON, Phase.ON, time=0.0), 1e6, 1802, net=patient)
    assert seen[1790] == (2, 0)  # long after the call of `hold_down`
    assert seen[-1] == (1, 0)
    rested = clocks(Phase.ON, Phase.OFF, time=0.0)
    seen = staged_for(rested, 6e6, int(DYNAMICS.off_least) + 2)
    assert sum(seen[int(DYNAMICS.off_least) - 2]) == 1  # anti-recycle outlasts the call
    assert sum(seen[-1]) == 2


def test_chillers_stop_one_by_one_where_the_water_needs_none():
    """Water colder than its set point by far: one stops after `hold_down`, the last after as long again."""
    state, machines = now(T_supply=10.0, T_return=10.0, T_machine=10.0), clocks(Phase.ON, Phase.ON)
    seen = []
    for _ in range(int(2.0 * DYNAMICS.hold_down / 10.0) + 1):
        stepped(state, machines, moment(load=1e5))
        seen.append(machines_in(machines, Phase.ON))
    first = int(DYNAMICS.hold_down / 10.0)
    assert seen[: first - 2] == (first - 2) * [2]
    assert seen[first + 1] == 1
    assert seen[-1] == 0


def test_nothing_stops_while_those_that_stay_are_not_enough():
    machines = clocks(Phase.ON, Phase.ON)
    seen = staged_for(machines, 1e6, 2 * int(DYNAMICS.hold_down), enough=False)
    assert seen[-1] == (2, 0)
    short = staged_for(clocks(Phase.ON, Phase.OFF), 1e6, int(DYNAMICS.hold_up) + 1, short=True)
    assert short[-1] == (1, 1)


@pytest.mark.parametrize("since", [100.0, 5000.0])
def test_free_cooling_comes_back_after_its_pause(since):
    cool = Air(10.0, 6.0, 0.005, 1e5)
    state = now(free=False, free_for=since, T_condenser=17.0)
    row = stepped(state, clocks(*3 * [Phase.ON], *3 * [Phase.OFF]), moment(), cool)
    assert bool(state.free) == (since > DYNAMICS.mode_least)
    assert (row[Column.ECONOMISED] > 0.0) == (since > DYNAMICS.mode_least)


def test_an_alternate_economiser_does_what_it_can_until_a_chiller_runs():
    """In place of the chillers, too small for all of the heat: not free cooling, but better than nothing."""
    economiser = PLANT.economiser.replace(arrangement="alternate", UA=0.2 * PLANT.economiser.UA)
    alternate = PLANT.replace(economiser=economiser)
    for running, economises in ((0, True), (2, False)):
        machines = clocks(*running * [Phase.ON], *(6 - running) * [Phase.OFF])
        row = stepped(now(free_for=1e9), machines, moment(), plant=alternate)
        assert (row[Column.ECONOMISED] > 0.0) == economises
        assert (row[Column.CHILLERS] > 0.0) != economises
        assert row[Extra.STARTING] == 1 or running


@pytest.mark.parametrize("running", range(4))
@pytest.mark.parametrize("change", [{}, {"draw": 4e6}, {"draw": 0.0}, {"pumping": False}, {"condensing": False}])
def test_each_step_balances(running, change):
    """From states that are far from rest: stored heat changes by what entered and left, to round-off."""
    machines = clocks(*running * [Phase.ON], *(6 - running) * [Phase.OFF])
    for state in (now(), now(T_return=45.0, T_condenser=15.0), now(T_supply=50.0, T_machine=10.0, free=True)):
        asked = moment(**change)
        before = stored_heat(NET, state)
        row = stepped(state, machines.copy(), asked)
        pumps = PLANT.pump.motor_efficiency * row[Column.FACILITY_PUMPS]
        pumps += PLANT.condenser_pump.motor_efficiency * row[Column.CONDENSER_PUMPS]
        gained = asked.load + pumps + row[Column.CHILLERS] - row[Column.REJECTED]
        assert (stored_heat(NET, state) - before) / 10.0 == pytest.approx(
            gained, abs=1e-9 * stored_heat(NET, state) / 10
        )
        assert abs(row[Column.ENERGY_RESIDUAL]) <= 1e-9 * LOAD
        assert row[Column.UNMET] >= 0.0
        if not (asked.pumping and asked.condensing):
            assert row[Column.CHILLERS] == row[Column.ECONOMISED] == 0.0


def test_the_facility_pump_follows_the_load_with_its_time_constant():
    state, machines = now(load=10e6), clocks(*3 * [Phase.ON], *3 * [Phase.OFF])
    for _ in range(6):
        stepped(state, machines, moment(load=14e6))
    assert state.load == pytest.approx(14e6 - 4e6 * np.exp(-60.0 / DYNAMICS.flow_time), rel=1e-12)


@pytest.mark.parametrize("name", ["load", "draw", "T_set"])
def test_a_nan_of_the_moment_is_seen(name):
    row = stepped(now(), clocks(*3 * [Phase.ON], *3 * [Phase.OFF]), moment(**{name: np.nan}))
    assert not np.isfinite(row).all()


@pytest.mark.parametrize("name", ["T", "T_wet_bulb", "w", "pressure"])
def test_a_nan_of_the_air_is_seen(name):
    row = stepped(now(), clocks(*3 * [Phase.ON], *3 * [Phase.OFF]), moment(), AIR._replace(**{name: np.nan}))
    assert not np.isfinite(row).all()


@pytest.mark.parametrize("name", ["T_supply", "T_return", "T_machine", "T_condenser", "load"])
def test_a_nan_of_the_state_is_seen(name):
    row = stepped(now(**{name: np.nan}), clocks(*3 * [Phase.ON], *3 * [Phase.OFF]), moment())
    assert not np.isfinite(row).all()
