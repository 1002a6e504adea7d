"""The command line: lists, one model with its sources, one line and exit code 1 for what is wrong."""

import contextlib
import json
import math
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import thermal as th
from thermal import cli
from thermal.cli.draft import BLANK, draft
from thermal.cli.faults import faults
from thermal.library import KINDS, library_root, models, part_class, read

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


def test_failures_are_told_to_machines_where_they_are_asked_for_and_refused_where_there_are_none(tmp_path):
    """A CDU lost leaves seconds, a pump of two leaves the row cool: None."""
    done = _thermal("demo", "--json", "--failures", cwd=tmp_path)
    left = json.loads(done.stdout)["seconds_to_limit"]
    assert 3.0 < left["cdu is lost"] < 15.0
    assert left["cdu/pump_1 stops"] is None
    refused = _thermal("demo", "--frontier", "--failures", cwd=tmp_path)
    assert refused.returncode == 1
    assert "--failures" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_an_output_that_is_no_directory_is_refused_before_the_solve(tmp_path):
    (tmp_path / "taken").write_text("")
    done = _thermal("demo", "--out", "taken", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("thermal: out = taken cannot be written to")


def test_help_shows_an_example_and_the_exit_codes():
    for command in ("new", "check", "steady", "transient", "annual"):
        answer = RUN.invoke(cli.app, [command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
        assert f"Example: thermal {command} " in answer.output
    assert "Exit codes" in RUN.invoke(cli.app, ["--help"], env={"COLUMNS": "200"}).output


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_draft_of_each_kind_names_every_field_and_check_names_every_blank(kind, tmp_path):
    answer = RUN.invoke(cli.app, ["new", kind, "mine", "--root", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    (path,) = tmp_path.rglob("*.toml")
    text = path.read_text(encoding="utf-8")
    cls = part_class(kind)
    for name, field in cls.model_fields.items():
        assert re.search(rf"^(# )?\(?{name}\b", text, re.MULTILINE), name
        assert field.description in text
    required = {
        name
        for name, field in cls.model_fields.items()
        if field.is_required() and re.search(rf"^{name} = ", text, re.MULTILINE)
    }
    count, found = faults(tmp_path)
    assert count == 1
    said = {
        line.split(": ", 1)[1].split()[0] for line in found if line.endswith("is not filled in") and "title" not in line
    }
    assert said == required
    assert any("'datasheet': its title is not filled in" in line for line in found)
    assert RUN.invoke(cli.app, ["new", kind, "mine", "--root", str(tmp_path)]).exit_code == 1  # never written over


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_defaults_in_a_draft_are_right_as_they_stand(kind, tmp_path):
    """With the marks taken off, no default is refused."""
    text = re.sub(r"^# (\w+ = \{.*\})  # the default$", r"\1", draft(kind, "mine"), flags=re.MULTILINE)
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert all("not filled in" in line for line in faults(tmp_path)[1]), faults(tmp_path)[1]


def test_a_filled_draft_is_a_part(tmp_path):
    """A newcomer's pipe: what is written in the draft is what the part holds."""
    assert RUN.invoke(cli.app, ["new", "exchanger", "mine", "--root", str(tmp_path)]).exit_code == 0
    path = tmp_path / "exchangers" / "mine.toml"
    text = path.read_text(encoding="utf-8")
    for name, value in {"conductance": "300", "flow_hot": "1200", "flow_cold": "1300"}.items():
        text = re.sub(rf'^({name} = {{ value = )"{BLANK}"', rf"\g<1>{value}", text, flags=re.MULTILINE)
    path.write_text(
        text.replace(f'title = "{BLANK}"', 'title = "A sheet"').replace('"W/K"', '"kW/K"'), encoding="utf-8"
    )
    answer = RUN.invoke(cli.app, ["check", str(tmp_path)])
    assert (answer.exit_code, answer.output) == (0, f"1 model files of {tmp_path} are in order\n")
    part = th.load("exchangers/mine", root=tmp_path)
    assert part.conductance == 300e3
    assert part.flow_hot == pytest.approx(0.02)  # 1200 L/min
    assert part.wall_share == 0.15


WRONG = """
kind = "exchanger"
name = "Wrong in many ways"
colour = "red"
[values]
conductance = { value = "300", unit = "kW/K", source = "sheet" }
flow_hot = { value = 1200, unit = "kW", source = "sheet" }
flow_cold = { value = -3, unit = "L/min", source = "hearsay" }
wall_share = { value = 0.2, unit = "-", source = "guess" }
exponent = { value = 0.7, unit = "-", source = "guess", low = 0.5, high = 1.5 }
expnent = { value = 0.7, unit = "-", source = "sheet" }
[sources.sheet]
kind = "rumour"
title = "A sheet"
[sources.guess]
kind = "estimate"
title = "A guess"
"""


def test_check_names_every_fault_at_once(tmp_path):
    (tmp_path / "wrong.toml").write_text(WRONG)
    (tmp_path / "no_toml.toml").write_text("= =")
    done = _thermal("check", str(tmp_path))
    assert done.returncode == 1
    for words in (
        "no_toml.toml: not valid TOML",
        "wrong.toml: unknown key 'colour'",
        "wrong.toml: conductance = '300' must be a number",
        "wrong.toml: flow_hot: unit 'kW' cannot be converted to 'm3/s'",
        "wrong.toml: flow_cold cites source 'hearsay'",
        "wrong.toml: Exchanger.flow_cold = -5e-05 m3/s is outside (0, inf]",
        "wrong.toml: wall_share is an estimate and must carry low",
        "wrong.toml: Exchanger has no field 'expnent'",
        "wrong.toml: source 'sheet' needs a kind",
    ):
        assert words in done.stdout, (words, done.stdout)
    assert len(done.stdout.splitlines()) == 9
    assert done.stderr == f"thermal: 9 faults in 2 model files of {tmp_path}\n"


def test_check_looks_at_the_ends_of_ranges_and_at_parts_inside(tmp_path):
    good = re.sub(r"^(colour|conductance|flow_|wall_share|expnent).*\n", "", WRONG, flags=re.MULTILINE)
    good = good.replace('"rumour"', '"datasheet"').replace(
        "[values]",
        "[values]\n"
        + "\n".join(
            f'{name} = {{ value = 1, unit = "{unit}", source = "sheet" }}'
            for name, unit in (("conductance", "kW/K"), ("flow_hot", "L/s"), ("flow_cold", "L/s"))
        ),
    )
    (tmp_path / "ends.toml").write_text(good)
    loop = 'kind = "loop"\nname = "A"\n[parts]\n{}\n[sources.s]\nkind = "code"\ntitle = "t"\n'
    inner = 'cdu = {{ model = "{}", source = "s" }}\nracks = {{ model = "racks/gb200_nvl72", source = "s", count = 8 }}'
    rest = '\ncoolant = { model = "coolants/pg25", source = "s" }'
    (tmp_path / "good.toml").write_text(loop.format(inner.format("cdus/vertiv_xdu1350") + rest))
    (tmp_path / "lost.toml").write_text(loop.format(inner.format("cdus/vertiv_xdu1530") + rest))
    (tmp_path / "swapped.toml").write_text(loop.format(inner.format("coolants/water") + rest))
    _, found = faults(tmp_path)
    (ends,) = [line for line in found if line.startswith("ends")]
    assert "an end of the range of exponent is refused" in ends
    assert "1.5 is outside [0, 1]" in ends
    assert not [line for line in found if line.startswith("good")]
    (lost,) = [line for line in found if line.startswith("lost")]
    assert "did you mean 'cdus/vertiv_xdu1350'" in lost
    (swapped,) = [line for line in found if line.startswith("swapped")]
    assert "Loop.cdu" in swapped


def test_the_shipped_models_are_in_order():
    count, found = faults(library_root())
    assert count == len(models())
    assert not found


def test_saved_models_are_in_order(tmp_path):
    th.save(th.load("cdus/frontier").replace(T_supply=31.0), "cdus/mine", root=tmp_path)
    assert faults(tmp_path)[1] == []


def test_what_the_shell_cannot_answer_is_one_line(tmp_path):
    for arguments, words in (
        (["steady", "racks/gb200_nvl72", "--heat", "1kW"], "not Rack"),
        (["steady", "loops/gb200_row", "--heat", "1kW"], "needs facility"),
        (["steady", "loops/gb200_row", "--heat", "1kW", "--facility", "26", "--out", "x.csv"], "must end with .nc"),
        (["transient", "sites/frontier", "--heat", "1kW", "--weather", "18", "--trip", "1min"], "--trip stops a pump"),
        (["transient", "loops/gb200_row", "--heat", "1kW", "--facility", "26", "--until", "5"], "has no unit"),
        (["fmu", "build", "loops/gb200_row", "--facility", "26", "--out", "x.zip"], "must end with .fmu"),
        (["new", "rak", "mine"], "no kind 'rak'"),
        (["new", "rack", "../mine"], "../mine"),
        (["check", "nowhere"], "nowhere does not exist"),
    ):
        with pytest.raises(th.errors.InputError, match=re.escape(words)):
            RUN.invoke(cli.app, arguments, catch_exceptions=False)


def test_the_cache_of_solvers_is_named_and_cleared(monkeypatch, tmp_path):
    monkeypatch.setenv("THERMAL_CACHE_DIR", str(tmp_path))
    root = tmp_path / "kernels"
    assert RUN.invoke(cli.app, ["cache", "path"]).output == f"{root}\n"
    (root / "old").mkdir(parents=True)
    (root / "old" / "a").write_bytes(bytes(2_000_000))
    (tmp_path / "mine").write_text("stays")
    answer = RUN.invoke(cli.app, ["cache", "clear"])
    assert answer.output == f"removed 1 files, 2.0 MB from {root}\n"
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(("cores", "filled", "started"), [(2, False, 1), (1, False, 0), (2, True, 0)])
def test_the_year_is_compiled_beside_only_where_nothing_is_and_a_core_is_free(
    monkeypatch, tmp_path, cores, filled, started
):
    """Whatever becomes of the other process, the answer goes on, and it is gone afterwards."""
    from thermal.cli import kernels

    begun = []

    class Idle(subprocess.Popen):
        def __init__(self, command, **options):
            assert command[0] == sys.executable
            super().__init__([sys.executable, "-c", "import time; time.sleep(60)"], **options)
            begun.append(self)

    folder = tmp_path / "kernels"
    folder.mkdir()
    if filled:
        (folder / "entry.bin").write_text("x")
    monkeypatch.setattr(kernels, "cores", lambda: cores)
    monkeypatch.setattr(kernels, "cache_directory", lambda: folder)
    monkeypatch.setattr(kernels.subprocess, "Popen", Idle)
    with contextlib.suppress(ZeroDivisionError), kernels.year_beside():
        assert all(each.poll() is None for each in begun)
        1 // 0
    assert len(begun) == started
    assert all(each.poll() is not None for each in begun)
