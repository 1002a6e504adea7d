"""Tables for other programs hold m³/s, K/W and Pa, whatever numbers a sweep was made over."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError
from thermal.units import lpm

RUNS = xr.Dataset({"R_case": ("flow", [0.03, 0.02]), "pressure_drop": ("flow", [1e3, 4e3])}, {"flow": [0.6, 1.8]})


@pytest.mark.parametrize("write", [th.formats.write_energyplus, th.formats.write_modelica])
def test_a_sweep_over_litres_per_minute_is_written_in_si(tmp_path, write):
    swept = RUNS.assign(flow_result=("flow", np.array([0.6, 1.8]) * lpm))
    text = write(swept, tmp_path / "plate.mo").read_text()
    assert text == write(RUNS.assign_coords(flow=RUNS.flow * lpm), tmp_path / "other.mo").read_text().replace(
        "other", "plate"
    )
    assert "3e-05" in text
    assert "1.8" not in text


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (RUNS, "flow = 1.8 m3/s is none of a cold plate"),
        (RUNS.assign_coords(flow=[2e-5, 1e-5]), "flows must ascend"),
        (RUNS.assign_coords(flow=[1e-5, 2e-5]).assign(R_case=("flow", [np.nan, 0.02])), "must be numbers"),
        (RUNS.drop_vars("R_case"), "no R_case"),
        (5, "of type int"),
    ],
)
def test_wrong_tables_are_refused(tmp_path, runs, message):
    with pytest.raises(InputError, match=message):
        th.formats.write_energyplus(runs, tmp_path / "plate.idf")
