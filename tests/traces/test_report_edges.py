"""Each rule of suspicion at its threshold: just short of it nothing is said, just past it the rows are named."""

import numpy as np
import pytest
import xarray as xr

from thermal.traces import report


def _found(values, units="W", name="heat", times=None, **settings):
    times = np.arange(len(values)) * 60.0 if times is None else times
    data = xr.Dataset({name: ("time", np.asarray(values, float), {"units": units})}, {"time": times})
    table = report(data, **settings)
    return {row.what: (row.channel, row.count, row.line, row.value) for row in table.itertuples()}


def _saw(n=40):
    """A channel that moves by 1 from row to row about 100."""
    return 100.0 + (np.arange(n) % 2)


@pytest.mark.parametrize(("last", "what"), [(60.05, None), (60.1, "uneven step"), (89.0, "uneven step"), (91.0, "gap")])
def test_steps_of_the_clock(last, what):
    """A step that differs by a thousandth is uneven, one of half again as much is a gap."""
    times = np.append(np.arange(10) * 60.0, 540.0 + last)
    found = _found(_saw(11), times=times)
    assert set(found) == ({what} if what else set())
    if what:
        assert found[what][:3] == ("time", 1, 11)
        assert found[what][3] == pytest.approx(last)


def test_rows_out_of_order_and_twice():
    found = _found(_saw(6), times=np.array([0.0, 60.0, 60.0, 180.0, 120.0, 240.0]))
    assert found["duplicate"][:3] == ("time", 1, 3)
    assert found["out of order"] == ("time", 1, 5, -60.0)


@pytest.mark.parametrize(("rows", "held"), [(9, False), (10, True), (11, True)])
def test_a_stuck_sensor_repeats_itself_ten_times(rows, held):
    values = 100.0 + np.arange(40) % 7
    values[12 : 12 + rows] = 117.0
    found = _found(values)
    assert ("stuck" in found) == held
    if held:
        assert found["stuck"] == ("heat", rows, 13, 117.0)


def test_rest_and_switches_are_not_stuck():
    values = _saw(40) + np.arange(40)
    values[5:25] = 0.0
    assert "stuck" not in _found(values)
    switch = np.repeat([0.0, 5.0], 20)
    assert not _found(switch)
    third = switch.copy()
    third[-1] = 6.0  # three levels: no switch any more
    assert _found(third)["stuck"][:2] == ("heat", 19)


@pytest.mark.parametrize(("rows", "said"), [(9, False), (10, True)])
def test_a_constant_channel_is_named_from_ten_rows_on(rows, said):
    assert ("constant" in _found(np.full(rows, 7.0))) == said
    assert "constant" not in _found(np.zeros(rows))


@pytest.mark.parametrize(("height", "said"), [(11.0, False), (14.0, True)])
def test_a_spike_leaves_its_median_by_twelve_steps(height, said):
    """In a channel that moves by 1, a row at `height` over the middle of the others; the step itself may be 1 more."""
    values = _saw(41)
    values[20] = 100.0 + height
    found = _found(values)
    assert ("spike" in found) == said
    if said:
        assert found["spike"] == ("heat", 1, 21, 100.0 + height)


@pytest.mark.parametrize(("rows", "said"), [(8, False), (9, True)])
def test_spikes_need_nine_rows(rows, said):
    values = _saw(rows)
    values[4] = 300.0
    assert ("spike" in _found(values)) == said


def test_a_step_is_no_spike():
    assert "spike" not in _found(np.concatenate([_saw(20), 200.0 + _saw(20)]))


RANGES = [
    ("degC", "T_x", -60.0, 150.0), ("W", "heat", 0.0, 5e9), ("Pa", "pressure", -1e6, 5e6),
    ("m3/s", "flow", -20.0, 20.0), ("kg/s", "mass_flow", -2e4, 2e4), ("1", "pump_speed", 0.0, 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("units", "name", "low", "high"), RANGES)
def test_the_range_of_a_quantity_is_inclusive(units, name, low, high):
    width = high - low
    assert "outside range" not in _found([low, 0.5 * (low + high), high], units, name)
    for odd in (low - 1e-3 * width, high + 1e-3 * width):
        found = _found([low, odd, high], units, name)
        assert found["outside range"][:3] == (name, 1, 2)


def test_only_shares_are_held_to_one():
    assert "outside range" not in _found([0.0, 5.0, -3.0], "1", "pue")


@pytest.mark.parametrize("factor", [1e3, 60.0, 6e4, 6894.757, 1e5])
@pytest.mark.parametrize("up", [True, False])
def test_a_change_of_unit_is_a_jump_by_its_factor(factor, up):
    level = 5.0 + 0.001 * (np.arange(60) % 5)  # quiet, so that only the 2 % count
    level[40:] *= factor if up else 1.0 / factor
    assert _found(level, "")["change of unit"][:3] == ("heat", 20, 41)
    off = 5.0 + 0.001 * (np.arange(60) % 5)
    off[40:] *= 1.03 * (factor if up else 1.0 / factor)
    assert "change of unit" not in _found(off, "")
    few = 5.0 + 0.001 * (np.arange(60) % 5)
    few[51:] *= factor if up else 1.0 / factor  # nine rows
    assert "change of unit" not in _found(few, "")


@pytest.mark.parametrize("bad", [{"stuck": 1}, {"spike": 1.0}])
def test_settings_at_their_edges(bad):
    from thermal.errors import InputError

    with pytest.raises(InputError, match=next(iter(bad))):
        _found(_saw(12), **bad)
    assert not _found(np.cumsum(1.0 + np.arange(12) % 3), stuck=2, spike=1e3)
