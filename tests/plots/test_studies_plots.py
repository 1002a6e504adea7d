"""Figures of studies: bars, bands and fronts show the numbers they are given."""

import numpy as np
import pytest
import xarray as xr

from thermal.errors import InputError
from thermal.plots import studies
from thermal.study.sample import sample
from thermal.study.sensitivity import sensitivity


def test_bars_are_the_indices_the_largest_first():
    found = sensitivity(lambda a, b: {"y": a + 3.0 * b, "z": a}, 64, a=(0.0, 1.0), b=(0.0, 1.0))
    ax = studies.indices(found, "y")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["b", "a"]
    widths = [bar.get_width() for bar in ax.patches]
    one = found.sel(result="y").isel(input=[1, 0])
    np.testing.assert_allclose(widths, [*one.first_order.values, *one.total_order.values])
    with pytest.raises(InputError, match="say which result: y, z"):
        studies.indices(found)
    with pytest.raises(InputError, match="no Sobol indices"):
        studies.indices(xr.Dataset({"mu_star": 1.0}))


def test_a_band_is_between_its_quantiles():
    x = np.linspace(0.0, 7200.0, 5)
    runs = sample(lambda a: xr.Dataset({"T_out": ("time", 20 + a * x / 3600.0)}, {"time": x}), 64, a=(0.0, 1.0))
    ax = studies.band(runs, "T_out")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time [h]", "T_out [°C]")
    np.testing.assert_allclose(ax.lines[0].get_ydata(), runs.T_out.median("case"))
    np.testing.assert_allclose(ax.lines[0].get_xdata(), x / 3600)
    outer = ax.collections[0].get_paths()[0].vertices
    assert outer[:, 1].max() == pytest.approx(float(runs.T_out.quantile(0.95, "case").max()))
    with pytest.raises(InputError, match="one other dimension"):
        studies.band(runs.isel(time=0), "T_out")
    with pytest.raises(InputError, match="symmetric"):
        studies.band(runs, "T_out", quantiles=(0.1, 0.5, 0.95))


def test_a_front_is_drawn_in_order():
    found = xr.Dataset({"cost": ("case", [3.0, 1.0, 2.0]), "margin": ("case", [9.0, 1.0, 4.0])})
    ax = studies.front(found, "cost", "margin")
    assert ax.lines[0].get_xdata().tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(InputError, match="no 'pue'"):
        studies.front(found, "cost", "pue")
