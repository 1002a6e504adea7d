"""Heat loads: every form spreads to the same racks, and what is wrong is said with its place."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from machines import row

import thermal as th
from thermal.errors import DataError, InputError
from thermal.network.heat import rack_heat

LOOPS = (row(3), row(3))
TIMES = np.arange(4) * 60.0


def _trace(values=None, **others):
    values = np.full((4, 2, 3), 1e5) if values is None else values
    return xr.DataArray(values, {"time": TIMES} | others, ("time", "loop", "rack"))


def test_a_number_is_the_heat_of_each_rack():
    load = rack_heat(5e4, LOOPS)
    np.testing.assert_array_equal(load.heat, np.full((1, 6), 5e4))
    assert load.time is None
    assert load.interval == np.inf


def test_a_sequence_is_that_of_each_rack_of_one_loop():
    np.testing.assert_array_equal(rack_heat([1, 2, 3], LOOPS[:1]).heat, [[1.0, 2.0, 3.0]])
    with pytest.raises(InputError, match=r"shape \(2,\) fits no rack count \[3\]"):
        rack_heat([1, 2], LOOPS[:1])
    with pytest.raises(InputError, match="name its dimensions in a DataArray"):
        rack_heat([1, 2, 3], LOOPS)


@given(st.lists(st.floats(0.0, 1e6, allow_subnormal=False), min_size=8, max_size=8))
def test_the_heat_of_a_loop_is_shared_without_loss(values):
    """By design heat, so that unequal racks get unequal shares."""
    small = th.load("racks/gb200_nvl72").replace(design_heat=4e4)
    loops = (LOOPS[0].replace(racks=(*LOOPS[0].racks[:2], small)), row(3))
    heat = xr.DataArray(np.reshape(values, (4, 2)), {"time": TIMES}, ("time", "loop"))
    load = rack_heat(heat, loops)
    np.testing.assert_allclose(load.heat.reshape(4, 2, 3).sum(axis=2), heat.values, rtol=1e-14)
    np.testing.assert_allclose(load.heat[:, 2] * 3, load.heat[:, 0], rtol=1e-13)
    assert load.interval == 60.0


def test_dimensions_come_in_any_order_and_dates_or_seconds():
    values = np.arange(24.0).reshape(4, 2, 3)
    straight = rack_heat(_trace(values), LOOPS).heat
    turned = rack_heat(_trace(values).transpose("rack", "time", "loop"), LOOPS).heat
    dated = rack_heat(_trace(values).assign_coords(time=pd.date_range("2026-01-01", periods=4, freq="60s")), LOOPS)
    boxed = rack_heat(xr.Dataset({"heat": _trace(values)}), LOOPS).heat
    for other in (turned, dated.heat, boxed):
        np.testing.assert_array_equal(straight, other)
    assert dated.interval == 60.0


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
def test_a_bad_value_is_found_where_it_is(bad):
    values = np.full((4, 2, 3), 1e5)
    values[2, 1, 0] = values[3, 1, 2] = bad
    with pytest.raises(DataError) as caught:
        rack_heat(_trace(values), LOOPS)
    text = str(caught.value)
    assert f"heat loop 1 rack 0 at time 120.0 (row 2) = {bad:g} W" in text
    assert "(2 such values)" in text
    with pytest.raises(DataError, match="must be a number from 0 W on"):
        rack_heat(bad, LOOPS)


def test_the_place_is_right_whatever_the_order_of_dimensions():
    values = np.full((4, 2, 3), 1e5)
    values[1, 0, 2] = np.nan
    with pytest.raises(DataError, match=r"loop 0 rack 2 at time 60.0 \(row 1\)"):
        rack_heat(_trace(values).transpose("rack", "loop", "time"), LOOPS)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([0.0, 60.0, 180.0, 240.0], r"gap or uneven step after time 60.0 \(row 1\): 120 s where others are 60 s"),
        ([0.0, 60.0, 60.0, 120.0], r"after time 60.0 \(row 1\): 0 s"),
        ([0.0, 60.0, 30.0, 90.0], r"after time 60.0 \(row 1\): -30 s"),
        ([0.0, 0.0, 0.0, 0.0], "gap or uneven step"),
    ],
)
def test_gaps_are_found_and_left(times, words):
    with pytest.raises(DataError, match=words) as caught:
        rack_heat(_trace().assign_coords(time=times), LOOPS)
    assert "readers never do" in str(caught.value)


def test_a_time_that_is_none_is_found():
    with pytest.raises(DataError, match="heat: the time of row 2 is not a number"):
        rack_heat(_trace().assign_coords(time=[0.0, 60.0, np.nan, 180.0]), LOOPS)
    dates = pd.to_datetime(["2026-01-01", None, "2026-01-03", "2026-01-04"])
    with pytest.raises(DataError, match="heat: the time of row 1 is not a number"):
        rack_heat(_trace().assign_coords(time=dates), LOOPS)


@pytest.mark.parametrize(
    ("heat", "error", "words"),
    [
        (xr.DataArray(np.full((4, 2, 3), "1e5"), {"time": TIMES}, ("time", "loop", "rack")), DataError, "text"),
        (_trace().astype(object), DataError, "not numbers"),
        ("100 kW", InputError, "is not a number"),
        (None, InputError, "heat is missing"),
        ([[1, 2], [3]], InputError, "is not a number"),
        (xr.DataArray([1.0, 2.0], dims="cdu"), InputError, r"dimensions \['cdu'\]; known are time, loop and rack"),
        (_trace().isel(loop=[0]), InputError, "heat has 1 loops, the study has 2"),
        (_trace().isel(rack=[0, 1]), InputError, "heat has 2 racks per loop"),
        (_trace().drop_vars("time"), DataError, "no times"),
        (_trace().isel(time=[0]), DataError, "only one"),
        (_trace().isel(time=[]), DataError, "only one"),
        (xr.Dataset({"power": 1.0}), InputError, r"no variable 'heat' but \['power'\]"),
    ],
)
def test_what_does_not_fit_is_refused(heat, error, words):
    with pytest.raises(error, match=words):
        rack_heat(heat, LOOPS)


def test_the_readers_trace_is_not_changed():
    trace = _trace()
    copy = trace.copy(deep=True)
    rack_heat(trace, LOOPS).heat[:] = 0.0
    xr.testing.assert_identical(trace, copy)


def test_units_of_heat_and_time_are_heeded():
    trace = xr.DataArray([50.0, 60.0], {"time": ("time", [0.0, 1.0], {"units": "min"})}, attrs={"units": "kW"})
    load = rack_heat(trace, [row(1)])
    assert load.interval == 60.0
    np.testing.assert_allclose(load.heat[:, 0], [5e4, 6e4], rtol=1e-15)
    with pytest.raises(InputError, match="heat"):
        rack_heat(trace.assign_attrs(units="furlong"), [row(1)])
    assert rack_heat(xr.DataArray([1.0, 2.0], {"time": ("time", [0.0, 5.0], {"units": "1"})}), [row(1)]).interval == 5.0
