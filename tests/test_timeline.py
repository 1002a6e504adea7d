"""Time axes: lengths of rows, zones, usual steps and the rows that break them."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from thermal.dates import dated, has_zone
from thermal.errors import DataError, InputError
from thermal.timeline import elapsed_seconds, intervals, seconds, usual_step

HOUR = 3600.0


@given(st.floats(0.01, 1e4), st.integers(5, 200), st.data())
def test_a_removed_row_is_found(step, rows, draw):
    hole = draw.draw(st.integers(1, rows - 2))
    found, broken = usual_step(np.delete(np.arange(rows) * step, hole))
    assert abs(found - step) <= 1e-6 * step
    assert broken.tolist() == [hole]


def test_dates_and_seconds_are_one():
    dates = np.datetime64("2026-01-01", "ns") + np.arange(3) * np.timedelta64(1500, "ms")
    np.testing.assert_array_equal(elapsed_seconds(dates), [0.0, 1.5, 3.0])
    np.testing.assert_array_equal(elapsed_seconds(np.array([5.0, 6.5, 8.0])), [0.0, 1.5, 3.0])


def test_repeats_are_broken():
    assert usual_step(np.array([0.0, 0.0, 1.0, 2.0]))[1].tolist() == [1]


def series(time, interval=None, units=None):
    attrs = {} if units is None else {"units": units}
    found = xr.DataArray(np.zeros(len(time)), {"time": ("time", time, attrs)}, ("time",))
    return found if interval is None else found.assign_attrs(interval=interval)


def dates(*hours):
    return pd.DatetimeIndex([pd.Timestamp("2001-01-01") + pd.Timedelta(hours=h) for h in hours])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (series(dates(0, 1, 2)), [HOUR] * 3),
        (series(dates(0, 3, 6), HOUR), [3 * HOUR] * 3),  # every third hour of an hourly file
        (series(dates(0, 0.25, 0.5), HOUR), [900.0] * 3),  # 15 minutes, whatever is stated
        (series([0.0, 24.0, 48.0], units="hour"), [24 * HOUR] * 3),
        (series(dates(0, 1, 5), HOUR), [HOUR] * 3),  # chosen hours with a gap between
        (series(dates(0, 4000), HOUR), [HOUR] * 2),
        (series(dates(7), HOUR), [HOUR]),
        (xr.DataArray(np.zeros(2), dims="time", attrs={"interval": 900.0}), [900.0] * 2),
    ],
)
def test_each_row_has_its_length(given, expected):
    np.testing.assert_allclose(intervals(given), expected)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (series(dates(7)), "rows have no duration"),
        (xr.DataArray(np.zeros(2), dims="time"), "rows have no duration"),
        (series(dates(0, 2, 1)), r"does not rise at row 2 \(2001-01-01T01:00"),
        (series([0.0, 1.0, 1.0]), "does not rise at row 2"),
        (series([0.0, 1.0, np.nan]), "does not rise at row 2"),
        (series(dates(0, 1, 5)), r"3600 s apart, but 14400 s from 2001-01-01T01:00.* interval is missing"),
        (series(dates(0, 1, 1.25, 1.5), HOUR), r"900 s apart, but 3600 s from .* interval is 3600 s"),
        (series(dates(0, 1), -1.0), r"attribute interval = -1 s must be above 0"),
        (series(dates(0, 1), "an hour"), r"attribute interval = 'an hour' must be numbers"),
        (series([0.0, 1.0, 2.0], units="kg"), "unit 'kg' cannot be converted"),
    ],
)
def test_times_that_are_none_are_refused(given, says):
    with pytest.raises((InputError, DataError), match=says):
        intervals(given)


def test_zones_are_read_and_marked():
    local = pd.date_range("2026-10-25", periods=5, freq="h", tz="Europe/Berlin")  # the clock goes back an hour
    time = xr.DataArray(np.zeros(5), {"time": local}, ("time",)).time
    np.testing.assert_array_equal(seconds(time), HOUR * np.arange(5))
    plain = dated(time)
    assert plain.values[0] == np.datetime64("2026-10-24T22:00")
    assert has_zone(time)
    assert has_zone(plain)  # marked, so that nobody takes it for local time
    assert dated(plain).identical(plain)
    naive = series(dates(0, 1)).time
    assert dated(naive) is naive
    assert not has_zone(xr.DataArray([0.0, 1.0]))
    assert has_zone(np.array(["2026-01-01T00:00+02:00"]))
    assert not has_zone(np.array(["noon"]))
