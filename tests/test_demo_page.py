"""The page of the demo says what spoils its figures."""

import collections

import numpy as np
import xarray as xr

import thermal as th
from thermal import demo


def test_the_page_says_what_spoils_its_figures(monkeypatch):
    """Half of the heat is left, one row of four is not converged, three of four are outside the curves."""
    right = [True, True, True, False]
    rows = {"power": (("end_use", "time"), [[2e6] * 4, [1e5] * 4]), "site_power": ("time", [2.1e6] * 4),
            "heat": ("time", [2e6] * 4), "heat_unmet": ("time", [1e6] * 4),
            "converged": ("time", right), "outside_chiller": ("time", right)}  # fmt: skip
    result = xr.Dataset(rows, {"end_use": ["it", "chillers"], "time": np.arange(4) * 3600.0})
    peak = xr.DataArray(np.ones((1, 2)), dims=("time", "rack"))
    day = xr.Dataset({"T_case_peak": peak, "time_peak": peak, "pump_power": peak})
    told = collections.defaultdict(lambda: 1.0, cooling_energy_kWh={}, j_per_token=None, wue_L_per_kWh=None)
    monkeypatch.setattr(demo, "figures", lambda report: told)
    page = demo.text(demo.Report("a page", (), day, None, th.ledger(result), None, 0.0))
    for line in ("50.00% of the heat no machine took", "25.00% of the time has no converged solution",
                 "75.00% of the time a machine or a law works outside its range"):  # fmt: skip
        assert f"  CAUTION: {line}\n" in page
    clean = result.drop_vars(["converged", "outside_chiller", "heat_unmet"])
    assert "CAUTION" not in demo.text(demo.Report("a page", (), day, None, th.ledger(clean), None, 0.0))
