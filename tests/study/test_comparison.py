"""Bias, RMSE and verdict by hand; a NaN never passes."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from thermal.errors import DataError, InputError
from thermal.study.comparison import compare

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
    ],
)
def test_bad_input_is_named(model, measured, limits, error, match):
    with pytest.raises(error, match=match):
        compare(model, measured, limits)
