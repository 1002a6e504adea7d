"""The command line: lists, one model with its sources, one line and exit code 1 for what is wrong."""

import json
import math
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import thermal as th
from thermal import cli
from thermal.library import models, read

RUN = CliRunner()
FIGURES = {
    "solve_s", "peak_T_case_degC", "supply_T_degC", "return_T_degC", "pue", "wue_L_per_kWh", "j_per_token",
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
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_1(arguments, words):
    done = _thermal(*arguments)
    assert done.returncode == 1
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
    assert {line.split()[0] for line in answer.output.splitlines()} == {"missing"}
    assert [line.split()[1] for line in answer.output.splitlines()] == th.datasets.names()


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
