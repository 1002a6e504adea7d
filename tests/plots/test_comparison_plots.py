"""Figures of a comparison: they show the numbers they are given, in the unit they say."""

import numpy as np
import pytest
import xarray as xr

from thermal.errors import InputError
from thermal.plots import comparison

TIME = np.datetime64("2026-01-01T00:00", "ns") + np.arange(4) * np.timedelta64(1, "h")
MEASURED = xr.Dataset(
    {"T_return": ("time", [30.0, 31.0, np.nan, 33.0]), "site_power": ("time", [1e6, 2e6, np.nan, 1e6])}, {"time": TIME}
)
MODEL = xr.Dataset(
    {"T_return": ("time", [30.5, 31.0, 32.0, 32.0]), "site_power": ("time", [1e6, 1e6, 9e6, 1e6])}, {"time": TIME}
)


def test_parity_and_series_draw_both_sides():
    line = comparison.parity(MODEL, MEASURED, "T_return", uncertainty=0.3).lines[0]
    np.testing.assert_array_equal(line.get_xdata(), MEASURED.T_return)
    np.testing.assert_array_equal(line.get_ydata(), MODEL.T_return)
    ax = comparison.series(MODEL, MEASURED, "T_return", low=MODEL.T_return - 1, high=MODEL.T_return + 1)
    assert ax.get_ylabel() == "T_return [°C]"
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["measured", "model", "band"]


def test_residuals_are_in_kelvin_against_their_driver():
    ax = comparison.residual(MODEL, MEASURED, "T_return", "site_power")
    assert ax.get_ylabel() == "model − measured, T_return [K]"
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), (MODEL - MEASURED).T_return)
    assert sum(bar.get_height() for bar in comparison.histogram(MODEL, MEASURED, "T_return").patches) == 3


def test_energy_counts_no_gap_on_either_side():
    ax = comparison.cumulative(MODEL, MEASURED, "site_power")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["measured: 4 MWh", "model: 3 MWh"]


def test_wrong_names_and_shapes_are_named():
    with pytest.raises(InputError, match="the model has no 'pue'"):
        comparison.parity(MODEL, MEASURED, "pue")
    with pytest.raises(InputError, match="match them first"):
        comparison.series(MODEL.isel(time=[0]), MEASURED, "T_return")
    with pytest.raises(InputError, match="no 'wind'"):
        comparison.residual(MODEL, MEASURED, "T_return", "wind")
    with pytest.raises(InputError, match="along time alone"):
        comparison.cumulative({"p": [1.0]}, {"p": [1.0]}, "p")
