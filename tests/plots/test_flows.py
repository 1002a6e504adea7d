"""The flow diagram: bands as wide as their energy, and what it refuses."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError

mpl.use("Agg")
import matplotlib.pyplot as plt


def book():
    power = xr.DataArray(
        [[90.0, 110.0], [5.0, 15.0], [0.0, 0.0]], {"end_use": ["it", "cdu_pumps", "chillers"], "time": [0.0, 60.0]}
    )
    return th.ledger(xr.Dataset({"power": power, "site_power": power.sum("end_use")}))


def test_bands_are_as_wide_as_their_energy():
    ax = th.plots.energy_flow(book(), within_it={"accelerators": 0.6, "hosts": 0.4})
    widths = []
    for band in ax.collections:
        at = band.get_paths()[0].vertices
        left = at[np.isclose(at[:, 0], at[:, 0].min()), 1]
        widths.append(float(left.max() - left.min()))
    it, pumps = 200 / 220, 20 / 220  # nothing is drawn of chillers, which took none
    assert sorted(widths) == pytest.approx(sorted([it, 0.6 * it, 0.4 * it, pumps]), abs=1e-12)
    words = " ".join(text.get_text() for text in ax.texts)
    assert "cdu pumps 9.09%" in words
    assert "chillers" not in words
    plt.close(ax.figure)


def test_shares_and_cases_are_held():
    with pytest.raises(InputError, match="add up to 1"):
        th.plots.energy_flow(book(), within_it={"a": 0.6})
    with pytest.raises(InputError, match="one case"):
        th.plots.energy_flow(xr.concat([book(), book()], "climate"))
