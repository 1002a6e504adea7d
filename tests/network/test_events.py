"""Events: sorted into the kernel's arrays, and refused where they do not fit the loops."""

import math

import numpy as np
import pytest
from machines import row

import thermal as th
from thermal.errors import InputError
from thermal.network.events import schedule

LOOP = row(1)
OTHER = th.load("loops/frontier_group")
PUMP, OTHERS = LOOP.cdu.pumps[0], OTHER.cdu.pumps[0]


def test_events_are_sorted_in_time():
    times, loops, change = schedule(
        [th.restart(PUMP, at=300), th.stop(OTHERS, at=100.5), th.stop(PUMP, at=200)], [LOOP, OTHER], 300.0
    )
    np.testing.assert_array_equal(times, [100.5, 200.0, 300.0])
    np.testing.assert_array_equal(loops, [1, 0, 0])
    np.testing.assert_array_equal(change, [-1, -1, 1])
    assert (times.dtype, loops.dtype, change.dtype) == (np.float64, np.int64, np.int64)


def test_no_events_are_empty_arrays_of_the_same_types():
    arrays = schedule([], [LOOP], 60.0)
    assert [(len(a), a.dtype) for a in arrays] == [(0, np.float64), (0, np.int64), (0, np.int64)]


def test_equal_pumps_need_a_loop():
    with pytest.raises(InputError, match="2 loops have that pump; say which with loop"):
        schedule([th.stop(PUMP, at=60)], [LOOP, LOOP], 60.0)
    assert schedule([th.stop(PUMP, at=60, loop=1)], [LOOP, LOOP], 60.0)[1].tolist() == [1]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (th.stop(PUMP, at=-1), "event at = -1 s must be a time from 0 s to the end"),
        (th.stop(PUMP, at=101), "event at = 101 s must be a time from 0 s to the end of the run, 100 s"),
        (th.stop(PUMP, at=math.nan), "event at = nan s"),
        (th.stop(PUMP, at=math.inf), "event at = inf s"),
        (th.stop(OTHERS, at=60), "event at 60 s: no loop has that pump"),
        (th.stop(PUMP, at=60, loop=1), r"loop 1 does not have that pump; loops \[0\] do"),
    ],
)
def test_what_does_not_fit_is_refused(event, words):
    with pytest.raises(InputError, match=words):
        schedule([event], [LOOP], 100.0)


def test_more_stops_than_pumps_are_refused():
    stops = [th.stop(PUMP, at=float(at)) for at in range(len(LOOP.cdu.pumps) + 1)]
    with pytest.raises(InputError, match=rf"event at {len(LOOP.cdu.pumps)} s: a pump of loop 0 should stop, but none"):
        schedule(stops, [LOOP], 60.0)


def test_a_restart_of_a_running_pump_is_refused():
    with pytest.raises(InputError, match="event at 30 s: a pump of loop 0 should restart, but all run"):
        schedule([th.stop(PUMP, at=10), th.restart(PUMP, at=20), th.restart(PUMP, at=30)], [LOOP], 60.0)


def test_stopped_pumps_have_no_speed_and_all_come_back():
    pumps = len(LOOP.cdu.pumps)
    events = [th.stop(PUMP, at=60)] * pumps + [th.restart(PUMP, at=120)] * pumps
    supply = th.Supply(T=25, flow=0.01)
    run = th.transient(LOOP, heat=5e4, facility=supply, events=events, until=240.0, save=30.0, step=1)
    assert (run.flow.values[2:4] == 0.0).all()
    assert (run.pump_speed.values[2:4] == 0.0).all()
    assert (run.flow.values[4:] > 0.0).all()
    assert (run.pump_speed.values[4:] > 0.0).all()


def test_an_event_at_the_end_does_nothing():
    study = {"heat": 5e4, "facility": th.Supply(T=25, flow=0.01), "until": 120.0, "save": 60.0}
    quiet = th.transient(LOOP, **study)
    assert th.transient(LOOP, **study, events=[th.stop(PUMP, at=120.0)]).identical(quiet)


@pytest.mark.parametrize("make", [th.stop, th.restart])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"at": "noon"}, r"event at = 'noon' must be a number of seconds from the start, such as 12 \* hour"),
        ({"at": None}, "event at = None must be"),
        ({"at": True}, "event at = True must be"),
        ({"at": 60, "loop": "first"}, "event loop = 'first' must be a whole number"),
        ({"at": 60, "pump": 1}, "an event needs a machine such as .*, not 1"),
    ],
)
def test_wrong_types_are_named(make, values, words):
    with pytest.raises(InputError, match=words):
        make(**({"pump": PUMP} | values))
