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
                 "75.00% of the time a machine or a law works outside its range (outside_chiller 0.75)"):  # fmt: skip
        assert f"  CAUTION: {line}\n" in page
    clean = result.drop_vars(["converged", "outside_chiller", "heat_unmet"])
    assert "CAUTION" not in demo.text(demo.Report("a page", (), day, None, th.ledger(clean), None, 0.0))


def test_failures_stand_by_how_long_they_leave():
    columns = {"equals": [2, 1, 8], "time_to_limit": [np.nan, 50.5, 5.6], "margin": [20.0, -0.2, -1.7],
               "saved_by": ["cdu/speed 0.94 → 1.00", "nothing", "nothing"]}  # fmt: skip
    names = ["cdu/pump_1 stops", "cdu has no facility water", "rack1 closes"]
    table = xr.Dataset({name: ("fault", values) for name, values in columns.items()}, {"fault": names})
    first, *lines = [" ".join(line.split()) for line in demo._failures(table)]
    assert "N-1" in first
    assert lines == [
        "rack1 closes (any of 8) 5.6 s",
        "cdu has no facility water 50.5 s",
        "cdu/pump_1 stops (any of 2) never 20.0 K left: cdu/speed 0.94 → 1.00",
    ]
