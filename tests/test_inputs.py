"""The door: every kind of number, the unit it names, and what is turned away with its name."""

import decimal
import math
from enum import StrEnum

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from thermal.errors import InputError
from thermal.inputs import array, labelled, member, no_others, number, part, timestamps, whole


class Way(StrEnum):
    """A choice for these tests."""

    LEFT = "left"
    RIGHT = "right"


def of(value, units, **coords):
    return xr.DataArray(value, coords or None, dims=list(coords) or None, attrs={"units": units})


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (3, "W", 3.0),
        (np.float32(0.5), "-", 0.5),
        (np.int64(4), "m3/s", 4.0),
        (of(77.0, "degF"), "degC", 25.0),
        (of(9.0, "delta_degF"), "K", 5.0),
        (of(60.0, "L/min"), "m3/s", 1e-3),
        (of(60.0, "lpm"), "m3/s", 1e-3),
        (of(1.0, "gpm"), "m3/s", 3.785411784e-3 / 60),
        (of(10.0, "psig"), "Pa", 10 * 6894.757293168361 + 101325.0),
        (of(45.0, "%"), "-", 0.45),
        (of(5.0, "1"), "-", 5.0),
        (np.array(7.0), "W", 7.0),
    ],
)
def test_a_number_comes_in_its_own_unit(value, unit, expected):
    found = number("x", value, unit)
    assert isinstance(found, float)
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_quantity_of_pint_is_obeyed():
    import pint

    units = pint.UnitRegistry()
    assert number("flow", units.Quantity(60.0, "L/min"), "m3/s") == pytest.approx(1e-3)
    found = array("T", units.Quantity(np.array([77.0, 86.0]), "degF"), "degC")
    np.testing.assert_allclose(found, [25.0, 30.0])
    with pytest.raises(InputError, match="flow: unit 'kilogram / second' cannot be converted"):
        number("flow", units.Quantity(1.0, "kg/s"), "m3/s")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (True, "not a truth value"),
        (np.True_, "not a truth value"),
        ([1.0, True], "not a truth value"),
        ("3", "not a text"),
        (b"3", "not a text"),
        ([1, "2"], "not a text"),
        (None, "x is missing"),
        (math.nan, "x = nan is not a finite number"),
        ([1.0, math.inf], r"x\[1\] = inf is not a finite number"),
        (1j, "not complex"),
        (decimal.Decimal(1), "not a Decimal"),
        (np.datetime64("2026-01-01"), "not a date"),
        (np.timedelta64(1, "s"), "not a time span"),
        ({"a": 1}, "not a dict"),
        ([[1], [1, 2]], "rows of one length"),
        (-1.0, r"x = -1 W must be from 0 to 10 W"),
        (11, r"x = 11 W must be from 0 to 10 W"),
        (of(1.0, "kg"), "unit 'kg' cannot be converted to 'W'"),
        (of(True, "kW"), "not a truth value"),
        (of("3", "kW"), "not a text"),
        (pd.Series([1.0, 2.0]), "one number in W is needed"),
    ],
)
def test_what_is_no_number_is_named(value, says):
    with pytest.raises(InputError, match=says) as caught:
        number("x", value, "W", low=0.0, high=10.0, hint="try another")
    text = str(caught.value)
    assert text.startswith("x")
    assert "\n" not in text
    assert len(text) < 300


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_inside_its_limits_or_refused(value):
    if 0.0 < value <= 5.0:
        assert number("x", value, "-", above=0.0, high=5.0) == value
    else:
        with pytest.raises(InputError, match=r"^x = "):
            number("x", value, "-", above=0.0, high=5.0)


@pytest.mark.parametrize(("unit", "value"), [("degC", -300.0), ("W", 1e15), ("m3/s", 1e6), ("Pa", 1e12), ("K", 1e5)])
def test_what_no_unit_can_be_is_refused_where_no_limit_is_given(unit, value):
    with pytest.raises(InputError, match="beyond anything real; check its unit"):
        number("x", value, unit)


def test_arrays_keep_their_labels_and_say_where_they_are_wrong():
    time = pd.date_range("2026-07-01", periods=3, freq="h")
    heat = of([1.0, 2.0, 3.0], "kW", time=time)
    found = array("heat", heat, "W")
    np.testing.assert_array_equal(found, [1e3, 2e3, 3e3])
    assert found.attrs["units"] == "W"
    assert found.time.equals(heat.time)
    with pytest.raises(InputError, match=r"heat at time = 2026-07-01 01:00:00 = -1 W"):
        array("heat", of([1.0, -1.0, 3.0], "W", time=time), "W", low=0.0)
    with pytest.raises(InputError, match=r"heat at time 1 = nan"):
        array("heat", xr.DataArray([1.0, math.nan], dims="time"), "W")
    gaps = array("heat", xr.DataArray([1.0, math.nan], dims="time"), "W", missing=True)
    np.testing.assert_array_equal(gaps, [1.0, math.nan])


def test_masked_values_are_missing_not_what_lies_under_the_mask():
    masked = np.ma.masked_array([1.0, 2.0], [False, True])
    with pytest.raises(InputError, match=r"x\[1\] = nan"):
        array("x", masked, "W")
    np.testing.assert_array_equal(array("x", masked, "W", missing=True), [1.0, math.nan])


def test_series_bring_units_times_and_gaps():
    series = pd.Series([68.0, 86.0], pd.date_range("2026-07-01", periods=2, freq="h", tz="Europe/Berlin"))
    series.attrs["units"] = "degF"
    found = array("T", series, "degC")
    np.testing.assert_allclose(found, [20.0, 30.0])
    assert str(found.time.values[0])[:16] == "2026-06-30T22:00"
    assert found.time.attrs["time_zone"] == "UTC"
    counts = pd.Series([1, None], dtype="Int64")
    np.testing.assert_array_equal(array("n", counts, "-", missing=True), [1.0, math.nan])
    with pytest.raises(InputError, match="not a truth value"):
        array("n", pd.Series([True, False]), "-")
    assert labelled("x") == "x"


def test_whole_numbers():
    assert [whole("n", v) for v in (3, 3.0, np.int32(3), xr.DataArray(3), np.array(3.0))] == [3] * 5
    for wrong in (True, np.True_, 2.5, "3", None, [3], math.nan, math.inf, 1j):
        with pytest.raises(InputError, match=r"^n = .* must be a whole number"):
            whole("n", wrong)
    with pytest.raises(InputError, match="n = 0 must be a whole number from 1 to 4"):
        whole("n", 0, low=1, high=4)


def test_members_parts_and_names():
    assert member("way", "left", Way) is member("way", Way.LEFT, Way) is Way.LEFT
    with pytest.raises(InputError, match="way = 'lft' must be one of left, right; did you mean 'left'"):
        member("way", "lft", Way)
    for wrong in (None, 3, [], {}):
        with pytest.raises(InputError, match=r"way = .* must be one of left, right"):
            member("way", wrong, Way)
    assert part("n", 3, int) == 3
    with pytest.raises(InputError, match="n is missing, a int or a str is needed; such as 3"):
        part("n", None, (int, str), "such as 3")
    with pytest.raises(InputError, match="f takes no 'het'; did you mean 'heat'"):
        no_others("f", ["het"], ["heat", "flow"])


DAYLIGHT = ["2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"]  # an hour apart, over the change of the clock
BERLIN = pd.DatetimeIndex(["2026-03-29 01:30", "2026-03-29 03:30"], tz="Europe/Berlin")


@pytest.mark.parametrize(
    "times",
    [
        DAYLIGHT,
        np.array(DAYLIGHT),
        [pd.Timestamp(t) for t in DAYLIGHT],
        pd.Series(pd.to_datetime(DAYLIGHT, utc=True)),
        BERLIN,
        xr.DataArray([1.0, 2.0], {"time": BERLIN}, ("time",)).time,
    ],
)
def test_offsets_that_change_with_daylight_saving_are_one_clock(times):
    found = timestamps(times)
    assert [str(t)[:16] for t in found] == ["2026-03-29T00:30", "2026-03-29T01:30"]


def test_dates_that_are_none_are_named():
    with pytest.raises(InputError, match="clock: some dates have a time zone and some have none"):
        timestamps(["2026-01-01", "2026-01-01T00:00Z"], "clock")
    with pytest.raises(InputError, match="clock: 'noon' is no date"):
        timestamps(["2026-01-01", "noon"], "clock")
    np.testing.assert_array_equal(timestamps([0.0, 5.0]), [0.0, 5.0])
