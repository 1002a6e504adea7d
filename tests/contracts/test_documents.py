"""Everything shown is run: README blocks, notebooks, and the tables generated from the declarations."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STUDIES = sorted((ROOT / "studies").glob("*.py"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LIMIT = 60.0  # seconds each
LARGEST = 300_000  # bytes of one notebook


def _blocks(language: str) -> list:
    """Fenced blocks of that language in the README, CONTRIBUTING and under docs/."""
    found = []
    for path in PAGES:
        blocks = re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        found += [pytest.param(block, id=f"{path.stem}-{k}") for k, block in enumerate(blocks)]
    return found


def _environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}


def test_readme_opens_with_the_two_commands():
    first = _blocks("sh")[0].values[0].split("\n")
    assert [line.split("#")[0].strip() for line in first if line][:2] == ["make demo", "make test"]


@pytest.mark.parametrize("block", _blocks("python"))
def test_python_block_runs(block, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block],
        cwd=tmp_path,
        env=_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_study_runs(path, tmp_path):
    """One file that asks a question of owners and prints its answer, every case of it solved."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env={**_environment(tmp_path), "TQDM_DISABLE": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    assert path.read_text(encoding="utf-8").partition("\n")[0].endswith("?")
    assert len(done.stdout.splitlines()) > 4
    assert "nan" not in done.stdout.lower()
    assert list(tmp_path.iterdir()) == []


def _words(block: str) -> list[list[str]]:
    lines = block.replace("\\\n", " ").splitlines()
    commands = [part for line in lines for part in line.split("#")[0].split("&&")]
    return [c.split() for c in commands if c.strip()]


@pytest.mark.parametrize("block", _blocks("sh"))
def test_shell_block_names_real_commands(block, tmp_path):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for command, *arguments in _words(block):
        name = Path(command).name
        if name == "make":
            assert {a for a in arguments if "=" not in a} <= targets
        elif name == "thermal":
            _exists(arguments, tmp_path)
        elif name == "python" and arguments[:1] == ["-m"]:
            module = arguments[1]
            _exists(arguments[2:], tmp_path) if module == "thermal" else _is_ours(ROOT / module / "__main__.py")
        elif name == "python":
            _is_ours(ROOT / arguments[0])
        else:
            assert name in {"git", "cd", "pip", "export"}, f"what is {command}?"


def _is_ours(path: Path) -> None:
    assert path.is_file()


def _exists(arguments: list[str], tmp_path: Path) -> None:
    """`thermal` knows the command, of a group as well, and its help every option given."""
    command = arguments[: 2 if arguments[0] in {"cache", "fmu"} else 1]
    done = subprocess.run(
        [sys.executable, "-m", "thermal", *command, "--help"],
        env={**_environment(tmp_path), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not [a for a in arguments[1:] if a.startswith("--") and a not in done.stdout]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_stored_clean(path):
    import nbformat

    assert path.stat().st_size < LARGEST
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            for body in re.findall(r"^def [^\n]*\n((?:[ \t]+[^\n]*\n?|\n)*)", cell.source, re.MULTILINE):
                assert len(body.strip().splitlines()) <= 5, "longer functions live in thermal/"


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path, tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    start = time.perf_counter()
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=LIMIT, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    assert time.perf_counter() - start < LIMIT


def test_generated_tables_are_current():
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_tables.py"), "--check"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text(encoding="utf-8"))
    assert not [link for link in links if not (path.parent / link).exists()]


def test_contributing_names_what_is_there():
    """Files that stand for others (`x.py`) aside, every path in it exists."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:thermal|models|tests|validation|docs)/[\w/.]*)`", text))
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "howto").glob("*.md")), ids=lambda p: p.stem)
def test_every_how_to_is_found_from_the_documentation(page):
    assert f"(howto/{page.name})" in (ROOT / "docs" / "README.md").read_text(encoding="utf-8")


def test_structure_names_every_room_and_no_other():
    text = (ROOT / "docs" / "structure.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:thermal|models|tests|validation|benchmarks|notebooks)/[\w/.]*)`", text))
    assert not [name for name in named if not (ROOT / name).exists()]
    rooms = {p.parent.relative_to(ROOT).as_posix() + "/" for p in (ROOT / "thermal").rglob("__init__.py")}
    alone = {p.relative_to(ROOT).as_posix() for p in (ROOT / "thermal").glob("*.py") if not p.stem.startswith("__")}
    assert (rooms | alone) - {"thermal/"} <= named
