"""Bias, RMSE and verdict by hand; a NaN never passes."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from thermal.errors import DataError, InputError
from thermal.study.comparison import compare, worst
from thermal.traces import at_ends, at_starts

LIMIT = {"q": {"rmse": 1.0}}


def test_statistics_by_hand():
    table = compare(
        {"q": [1.0, 2.0, 6.0]}, {"q": [1.0, 1.0, 4.0]}, {"q": {"rmse": 1.3, "bias": 0.9}}, tuned=["fouling"]
    )
    row = table.sel(quantity="q")
    assert float(row.bias) == 1.0
    assert float(row.rmse) == pytest.approx(np.sqrt(5 / 3))
    assert float(row.max_abs) == 2.0
    assert not bool(row.verdict)  # rmse 1.291 is within, bias 1.0 is not
    assert table.attrs["tuned"] == "fouling"


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.floats(-10, 10))
def test_an_offset_is_all_bias(values, offset):
    row = compare({"q": np.array(values) + offset}, {"q": values}, LIMIT).isel(quantity=0)
    assert float(row.bias) == pytest.approx(offset, abs=1e-9)
    assert float(row.rmse) == pytest.approx(abs(offset), abs=1e-9)
    assert bool(row.verdict) == (float(row.rmse) <= 1.0)


def test_nan_in_the_model_fails_and_in_the_measurement_is_left_out():
    assert not bool(compare({"q": [1.0, np.nan]}, {"q": [1.0, 1.0]}, LIMIT).verdict[0])
    table = compare({"q": [1.0, 9.0]}, {"q": [1.0, np.nan]}, LIMIT)
    assert (int(table.n[0]), bool(table.verdict[0])) == (1, True)


def test_arrays_are_matched_by_coordinate_and_unit():
    model = xr.DataArray([[1.0, 2.0], [3.0, 4.0]], {"time": [0, 1], "loop": [0, 1]}, attrs={"units": "K"})
    assert float(compare({"q": model}, {"q": model.T}, LIMIT).rmse[0]) == 0.0
    with pytest.raises(InputError, match="other coordinates"):
        compare({"q": model}, {"q": model.assign_coords(time=[0, 2])}, LIMIT)
    with pytest.raises(InputError, match="model is in K, the measurement in degC"):
        compare({"q": model}, {"q": model.assign_attrs(units="degC")}, LIMIT)


@pytest.mark.parametrize(
    ("model", "measured", "limits", "error", "match"),
    [
        ({}, {"q": [1.0]}, LIMIT, InputError, "model has no 'q'"),
        ({"q": [1.0]}, {}, LIMIT, InputError, "measurement has no 'q'"),
        ({"q": [1.0]}, {"q": [1.0]}, {"q": {}}, InputError, "at least one of"),
        ({"q": [1.0]}, {"q": [1.0]}, {"q": {"rms": 1.0}}, InputError, "at least one of"),
        ({"q": [1.0]}, {"q": [1.0]}, {"q": {"rmse": np.nan}}, InputError, "at least one of"),
        ({"q": [1.0, 2.0]}, {"q": [1.0]}, LIMIT, InputError, "shape"),
        ({"q": [1.0]}, {"q": [np.nan]}, LIMIT, DataError, "no value"),
        ({"q": ["a"]}, {"q": [1.0]}, LIMIT, InputError, "the model holds <U1, not numbers"),
    ],
)
def test_bad_input_is_named(model, measured, limits, error, match):
    with pytest.raises(error, match=match):
        compare(model, measured, limits)


# Five hourly readings [kW] and a model of them, the statistics of Guideline 14 worked out with a pencil:
# ΣE = 2 − 1 + 3 + 0 + 1 = 5, ΣE² = 15, mean of the measurement 104, n − p = 4.
MEASURED = [100.0, 102.0, 104.0, 106.0, 108.0]
MODEL = [102.0, 101.0, 107.0, 106.0, 109.0]


def test_guideline_14_by_hand():
    row = compare({"power": MODEL}, {"power": MEASURED}, {"power": "hourly"}).isel(quantity=0)
    assert float(row.nmbe) == pytest.approx(5 / (4 * 104))
    assert float(row.cv_rmse) == pytest.approx(np.sqrt(15 / 4) / 104)
    assert float(row.r2) == pytest.approx(1 - 15 / 40)  # Σ(measured − 104)² = 16 + 4 + 0 + 4 + 16
    assert (float(row.limit_cv_rmse), float(row.limit_nmbe), bool(row.verdict)) == (0.30, 0.10, True)
    two = compare({"power": MODEL}, {"power": MEASURED}, {"power": "monthly"}, parameters=2).isel(quantity=0)
    assert float(two.cv_rmse) == pytest.approx(np.sqrt(15 / 3) / 104)
    assert (float(two.limit_cv_rmse), float(two.limit_nmbe)) == (0.15, 0.05)


def test_each_statistic_can_break_a_limit():
    found = compare({"power": MODEL}, {"power": MEASURED}, uncertainty={"power": 1.0}).isel(quantity=0)
    for name in ("bias", "rmse", "max_abs", "nmbe", "cv_rmse"):
        for factor, verdict in ((1.001, True), (0.999, False)):
            limits = {"power": {name: factor * float(found[name])}}
            assert bool(compare({"power": MODEL}, {"power": MEASURED}, limits).verdict[0]) is verdict, name
    for name in ("r2", "coverage", "inside"):
        for factor, verdict in ((0.999, True), (1.001, False)):
            limits = {"power": {name: factor * float(found[name])}}
            table = compare({"power": MODEL}, {"power": MEASURED}, limits, uncertainty={"power": 1.0})
            assert bool(table.verdict[0]) is verdict, name


def test_relative_errors_of_celsius_are_refused():
    """20 °C is 293 K: the same data have another CV(RMSE), so neither means anything."""
    with pytest.raises(InputError, match=r"T_return is in °C, .* cv_rmse"):
        compare({"T_return": [30.0, 31.0]}, {"T_return": [30.0, 30.0]}, {"T_return": {"cv_rmse": 0.3}})
    named = xr.DataArray([30.0, 30.0, 31.0], dims="k", attrs={"units": "degC"})
    with pytest.raises(InputError, match="nmbe"):
        compare({"mine": named + 1}, {"mine": named}, {"mine": "hourly"})
    table = compare({"mine": named + 1}, {"mine": named})
    assert np.isnan(table.cv_rmse[0])
    assert float(table.rmse[0]) == 1.0


def test_validation_uncertainty_as_in_vv20():
    """u_val² = u_D² + u_S² = 0.3² + 0.4²; errors 0.9 and 1.1 lie inside and outside of 2·0.5."""
    table = compare(
        {"q": [10.9, 11.1]}, {"q": [10.0, 10.0]}, uncertainty={"q": 0.3}, model_uncertainty={"q": [0.4, 0.4]}
    ).isel(quantity=0)
    assert float(table.validation_uncertainty) == pytest.approx(0.5)
    assert float(table.inside) == 0.5
    assert (float(table.model_error_low), float(table.model_error_high)) == pytest.approx((0.0, 2.0))
    assert np.isnan(compare({"q": [1.0]}, {"q": [1.0]}).inside[0])


def _hours(count=72):
    time = np.datetime64("2026-01-30T00:00", "ns") + np.arange(count) * np.timedelta64(1, "h")
    return xr.DataArray(100.0 + np.arange(count), {"time": time}, ["time"])


def test_windows_and_regimes():
    measured = xr.Dataset({"p": _hours(), "T_wet_bulb": _hours() / 10.0})
    model = {"p": measured.p + xr.where(measured.time < np.datetime64("2026-02-01"), 1.0, -2.0)}
    months = compare(model, measured, {"p": {"rmse": 1.5}}, by="month").isel(quantity=0)
    assert months.group.values.tolist() == ["2026-01", "2026-02"]
    assert months.n.values.tolist() == [48, 24]
    assert months.bias.values.tolist() == [1.0, -2.0]
    assert months.verdict.values.tolist() == [True, False]
    assert compare(model, measured, by="hour").sizes["group"] == 24
    cold = compare(model, measured, {"p": {"bias": 9.0}}, by=("T_wet_bulb", [11.0, 12.0]))
    assert cold.group.values.tolist() == ["T_wet_bulb < 11", "11 <= T_wet_bulb < 12", "T_wet_bulb >= 12"]
    assert cold.n.values[0].tolist() == [10, 10, 52]
    mine = compare({"q": [1.0, 2.0, 3.0]}, {"q": [1.0, 1.0, 1.0]}, by=["night", "day", "day"])
    assert mine.bias.values[0].tolist() == [0.0, 1.5]


def test_coverage_counts_gaps_of_each_group():
    p = _hours()
    gappy = p.where((np.arange(72) < 24) | (np.arange(72) % 2 == 0))
    assert float(compare({"p": p}, {"p": gappy}).coverage[0]) == pytest.approx(48 / 72)
    days = compare({"p": p}, {"p": gappy}, by="day")
    assert days.coverage.values[0].tolist() == [1.0, 0.5, 0.5]
    common = compare({"p": p.isel(time=slice(36, None))}, {"p": p}, {"p": {"coverage": 0.6}}, join="inner")
    assert float(common.coverage[0]) == 0.5
    assert not bool(common.verdict[0])


def test_a_result_is_compared_with_the_trace_that_drove_it():
    """A march under a ramp: its means carry the ends of their intervals, the trace the starts."""
    trace = xr.DataArray([10.0, 20.0, 30.0], {"time": [0.0, 60.0, 120.0]}, ["time"])
    result = xr.DataArray([10.0, 20.0, 30.0], {"time": [60.0, 120.0, 180.0]}, ["time"])
    with pytest.raises(InputError, match="other coordinates"):
        compare({"q": result}, {"q": trace}, LIMIT)
    assert float(compare({"q": result}, {"q": trace}, LIMIT, join="inner").bias[0]) == -10.0  # silently off by a step
    assert float(compare({"q": at_starts(result)}, {"q": trace}, LIMIT).rmse[0]) == 0.0
    assert float(compare({"q": result}, {"q": at_ends(trace)}, LIMIT).rmse[0]) == 0.0
    told = result.assign_coords(time=result.time.assign_attrs(stamp="end"))
    asked = trace.assign_coords(time=trace.time.assign_attrs(stamp="start"))
    assert float(compare({"q": told}, {"q": asked}, LIMIT).rmse[0]) == 0.0
    assert at_starts(told).attrs["treated"] == "times moved by 60 s to the starts of their intervals"
    assert at_starts(at_ends(asked)).time.values.tolist() == [0.0, 60.0, 120.0]
    xr.testing.assert_identical(at_starts(at_starts(told)), at_starts(told))


def test_times_that_cannot_be_moved_are_named():
    with pytest.raises(InputError, match=r"one time alone.* step="):
        at_starts(xr.DataArray([1.0], {"time": [0.0]}, ["time"]))
    with pytest.raises(DataError, match=r"comes 50 s after"):
        at_starts(xr.DataArray(np.ones(4), {"time": [0.0, 60.0, 120.0, 170.0]}, ["time"]))
    gap = xr.DataArray(np.ones(4), {"time": [60.0, 120.0, 300.0, 360.0]}, ["time"])
    assert at_starts(gap).time.values.tolist() == [0.0, 60.0, 240.0, 300.0]
    with pytest.raises(InputError, match="bare array has none"):
        at_ends([1.0])
    with pytest.raises(DataError, match="does not rise at row 2"):
        at_starts(xr.DataArray(np.ones(3), {"time": [0.0, 60.0, 60.0]}, ["time"]))
    with pytest.raises(InputError, match="step = 0 s must be above 0"):
        at_ends(gap, step=0.0)
    assert at_ends(gap.isel(time=[0]), step=30.0).time.values.tolist() == [90.0]
    dates = _hours(3)
    assert at_ends(dates).time.values[0] == np.datetime64("2026-01-30T01:00")


def test_rounding_of_seconds_is_no_other_time():
    times = np.arange(1, 1001) * 0.1
    q = xr.DataArray(np.ones(1000), {"time": times - 0.1}, ["time"])
    other = q.assign_coords(time=np.arange(1000) * 0.1)
    assert not np.array_equal(q.time, other.time)
    assert int(compare({"q": q}, {"q": other}, LIMIT).n[0]) == 1000


def test_the_worst_points_are_named():
    p = _hours()
    model = p.copy(data=p.values + np.where(np.arange(72) == 50, 9.0, 1.0))
    found = worst({"p": model}, {"p": p}, "p", count=3)
    assert found.difference.values.tolist() == [9.0, 1.0, 1.0]
    assert found.time.values[0] == p.time.values[50]
    broken = worst({"p": model.where(np.arange(72) != 7)}, {"p": p}, "p", count=1)
    assert broken.time.values[0] == p.time.values[7]


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"limits": {"q": "daily"}}, "Guideline 14 has hourly, monthly"),
        ({"parameters": -1}, "count from 0"),
        ({"join": "outer"}, "'exact' or 'inner'"),
        ({"limits": {"q": {"rmse": "a"}}}, "from 0 upwards"),
        ({"parameters": True}, "count from 0"),
        ({"by": "month"}, "time of dates"),
        ({"by": "regime"}, "neither hour, day, month nor"),
        ({"by": ["a"]}, "1 labels, the measurement 2"),
        ({"by": ("q", [2.0, 1.0])}, "rising edges"),
        ({"uncertainty": {"q": -1.0}}, "from 0 upwards"),
        ({"uncertainty": {"q": [1.0]}}, r"shape \(1,\)"),
        ({"limits": {"q": {"inside": 0.9}}}, "needs its uncertainty"),
    ],
)
def test_wrong_questions_are_explained(more, match):
    with pytest.raises(InputError, match=match):
        compare({"q": [1.0, 2.0]}, {"q": [1.0, 1.0]}, **more)
