"""The command line: lists, one model with its sources, one line and exit code 1 for what is wrong."""

import collections
import json
import math
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import thermal as th
from thermal import cli, demo
from thermal.library import models, read

RUN = CliRunner()
FIGURES = {
    "solve_s", "peak_T_case_degC", "supply_T_degC", "return_T_degC", "pue",
    "facility_supply_T_degC", "facility_return_T_degC", "T_case_limit_degC", "least_margin_K",
    "wue_L_per_kWh", "j_per_token",
    "cooling_energy_kWh", "energy_residual_relative", "mass_residual_relative",
}  # fmt: skip


def _thermal(*arguments, **settings):
    return subprocess.run(
        [sys.executable, "-m", "thermal", *arguments], capture_output=True, text=True, timeout=300, **settings
    )


def test_models_lists_every_model_with_its_title():
    answer = RUN.invoke(cli.app, ["models"])
    assert answer.exit_code == 0
    lines = answer.output.splitlines()
    assert [line.split()[0] for line in lines] == models()
    assert all(read(line.split()[0]).title in line for line in lines)


@pytest.mark.parametrize("name", ["racks/gb200_nvl72", "coolants/pg25", "sites/frontier"])
def test_one_model_is_printed_with_its_sources(name):
    answer = RUN.invoke(cli.app, ["models", name])
    assert answer.exit_code == 0
    assert read(name).title in answer.output
    for key, source in read(name).sources.items():
        assert f"[{key}] {source['kind']}: {source['title']}" in answer.output


def test_a_users_own_models_are_listed(tmp_path):
    (tmp_path / "coolants").mkdir()
    (tmp_path / "coolants" / "mine.toml").write_bytes(read("coolants/water").path.read_bytes())
    answer = RUN.invoke(cli.app, ["models", "--root", str(tmp_path)])
    assert answer.output.split()[0] == "coolants/mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["models", "racks/gb200_nvl27"], "did you mean 'racks/gb200_nvl72'"),
        (["models", "nothing/like/it"], "no model 'nothing/like/it'"),
        (["models", "--root", "nowhere"], "model directory nowhere does not exist"),
        (["modles"], "modles"),
        (["demo", "--jason"], "--jason"),
        (["models", "a", "b"], "unexpected extra argument"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_1_or_2(arguments, words):
    done = _thermal(*arguments)
    assert done.returncode == (2 if arguments in (["modles"], ["demo", "--jason"], ["models", "a", "b"]) else 1)
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("thermal: ")
    assert words in line


def test_without_arguments_it_says_what_it_can():
    done = _thermal()
    for command in ("demo", "models", "data", "validate"):
        assert command in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_data_says_what_is_at_hand(monkeypatch, tmp_path):
    monkeypatch.setenv("THERMAL_DATA", str(tmp_path))
    answer = RUN.invoke(cli.app, ["data"])
    assert answer.exit_code == 0
    lines = [line for line in answer.output.splitlines() if "THERMAL_DATA" not in line]
    assert {line.split()[0] for line in lines} == {"missing"}
    assert [line.split()[1] for line in lines] == th.datasets.names()


def test_data_asks_nobody_and_tells_altered_from_missing(monkeypatch, tmp_path):
    """Without THERMAL_DATA nothing is fetched to make a list."""
    import pooch

    def retrieve(*arguments, **more):
        raise AssertionError("the list fetched a file")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    monkeypatch.delenv("THERMAL_DATA", raising=False)
    monkeypatch.setenv("THERMAL_CACHE_DIR", str(tmp_path))
    answer = RUN.invoke(cli.app, ["data"])
    assert answer.exit_code == 0
    assert "on the net" in answer.output
    name = th.datasets.names()[0]
    monkeypatch.setenv("THERMAL_DATA", str(tmp_path))
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("cut")
    assert th.datasets.state(name) == "altered"


def test_the_version_is_printed():
    answer = RUN.invoke(cli.app, ["--version"])
    assert (answer.exit_code, answer.output) == (0, f"thermal {th.__version__}\n")


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(28, "No space left on device", "demo.nc"), 1, "demo.nc: No space left on device"),
        (th.errors.InputError("two\nlines"), 1, "two lines"),
    ],
)
def test_what_breaks_a_command_is_one_line(monkeypatch, capsys, raised, code, words):
    def broken(*arguments, **more):
        raise raised

    monkeypatch.setattr(th.datasets, "names", broken)
    monkeypatch.setattr(sys, "argv", ["thermal", "data"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"thermal: {words}")
    assert said.err.count("\n") == 1


def test_the_demo_prints_one_object_of_figures(tmp_path):
    """The machine-readable face, run in another directory: nothing but the object on standard output, no files."""
    done = _thermal("demo", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert set(figures) == FIGURES
    assert 1.0 < figures["pue"] < 2.0
    assert figures["supply_T_degC"] < figures["return_T_degC"] < figures["peak_T_case_degC"] < 105.0
    assert 0.0 <= figures["energy_residual_relative"] <= 1e-9
    assert 0.0 <= figures["mass_residual_relative"] <= 1e-9
    assert figures["wue_L_per_kWh"] >= 0.0
    assert figures["j_per_token"] > 0.0
    assert figures["solve_s"] > 0.0
    cooling = figures["cooling_energy_kWh"]
    assert all(math.isfinite(energy) and energy >= 0.0 for energy in cooling.values())
    assert sum(cooling.values()) > 0.0
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_is_no_directory_is_refused_before_the_solve(tmp_path):
    (tmp_path / "taken").write_text("")
    done = _thermal("demo", "--out", "taken", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("thermal: out = taken cannot be written to")


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
