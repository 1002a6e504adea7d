"""The house style that a machine can check: size, docstrings, spelling, leftovers, layers."""

import ast
import importlib
import inspect
import io
import os
import re
import statistics
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import thermal

ROOT = Path(__file__).parents[2]
OURS = ["thermal", "tests", "benchmarks", "validation", "docs"]
PACKAGE = sorted((ROOT / "thermal").rglob("*.py"))
PYTHON = sorted(p for place in OURS for p in (ROOT / place).rglob("*.py"))
TEXT = sorted(
    p
    for p in [*ROOT.glob("[!.]*.*"), ROOT / "Makefile", *(ROOT / ".ci").glob("*")]
    + [p for place in [*OURS, "models", "notebooks"] for p in (ROOT / place).rglob("*")]
    if p.is_file() and p.suffix not in {".pyc", ".lock", ".png", ".nc"}
)
LONGEST, MEDIAN = 400, 160  # lines; the median aims at 120 and may not drift beyond a third more
AMERICAN = re.compile(
    r"\b(analyz(e|ed|es|ing)|aluminum|behaviors?|cataloge?d?\b(?<!catalogue)|centers?|centered|colors?|colored|economizers?"
    r"|favor(s|ed|ite)?|fibers?|grays?|labeled|labeling|liters?|model(ed|ing)|neighbors?|sulfur|traveling|vapors?)\b",
    re.IGNORECASE,
)
LEFTOVERS = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X\\b", "HA" + "CK", "<" * 7, ">" * 7]))
MACHINE_PATH = re.compile(r"(?<![\w.:/~>])/(home|root|tmp|work|Users|mnt|opt|workspace)/\w")


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _prose(path: Path) -> str:
    """Comments, docstrings and the names this file defines; code in backquotes and titles of sources are left out."""
    source = path.read_text(encoding="utf-8")
    words = [t.string for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type == tokenize.COMMENT]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            words.append(ast.get_docstring(node) or "")
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            words.append(node.name.replace("_", " "))
        if isinstance(node, ast.arg):
            words.append(node.arg.replace("_", " "))
    title = (
        r"(\b[A-Z][\w-]*,?\s+((of|and|for|in|the|on|with)\s+)*){3,}"  # Electrical Efficiency Modeling for Data Centers
    )
    return re.sub(rf"`[^`]*`|https?://\S+|{title}", "", "\n".join(words))


def test_modules_are_short():
    lengths = {_relative(p): len(p.read_text(encoding="utf-8").splitlines()) for p in PYTHON}
    assert not {name: n for name, n in lengths.items() if n > LONGEST}
    package = [n for name, n in lengths.items() if name.startswith("thermal/") and not name.endswith("__init__.py")]
    assert statistics.median(package) <= MEDIAN


@pytest.mark.parametrize("path", PACKAGE, ids=_relative)
def test_module_says_what_it_owns(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert len(docstring.split()) > 3


@pytest.mark.parametrize("name", sorted(set(thermal.__all__) - {"__version__"}))
def test_public_name_is_documented(name):
    """Every exported function names its arguments and shows an example, every exported class shows one."""
    item = getattr(thermal, name)
    if inspect.ismodule(item):
        assert item.__doc__
        return
    text = inspect.getdoc(item)
    assert text
    assert ">>>" in text, f"{name} has no example"
    if inspect.isfunction(item):
        shared = _function_docstrings(inspect.getmodule(item))  # `wue` takes the arguments that `pue` describes
        missing = [p for p in inspect.signature(item).parameters if not re.search(rf"^{p} : ", shared, re.MULTILINE)]
        described = "Parameters\n----------" in text or len(inspect.signature(item).parameters) <= 1
        assert not missing or described, f"{name}: no docstring of its module describes {missing}"
        assert inspect.signature(item).return_annotation is not inspect.Signature.empty


def _function_docstrings(module) -> str:
    functions = [f for f in vars(module).values() if inspect.isfunction(f) and f.__module__ == module.__name__]
    return "\n".join(inspect.getdoc(f) or "" for f in functions)


@pytest.mark.parametrize("path", PACKAGE, ids=_relative)
def test_all_is_true(path):
    """What a module lists in `__all__` exists, and what it lists has a docstring."""
    module_name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    if module_name.endswith("__main__"):
        return
    module = importlib.import_module(module_name)
    for name in getattr(module, "__all__", []):
        item = getattr(module, name)
        if inspect.isfunction(item) or inspect.isclass(item):
            assert inspect.getdoc(item), f"{module_name}.{name}"


@pytest.mark.parametrize("path", PYTHON, ids=_relative)
def test_british_spelling_in_code(path):
    if path == Path(__file__):
        return
    found = sorted({m.group() for m in AMERICAN.finditer(_prose(path))})
    assert not found


@pytest.mark.parametrize("path", [p for p in TEXT if p.suffix == ".md"], ids=_relative)
def test_british_spelling_in_words(path):
    prose = re.sub(r"```.*?```|`[^`]*`|https?://\S+", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not sorted({m.group() for m in AMERICAN.finditer(prose)})


@pytest.mark.parametrize("path", TEXT, ids=_relative)
def test_no_leftovers(path):
    text = path.read_text(encoding="utf-8")
    assert not LEFTOVERS.search(text)
    if path != Path(__file__):
        assert not MACHINE_PATH.search(text), "a path of one machine"


@pytest.mark.parametrize("path", PACKAGE, ids=_relative)
def test_files_are_data(path):
    """No eval, no exec, and pickle only inside the kernel cache, which seals what it writes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            assert getattr(node.func, "id", "") not in {"eval", "exec"}, f"line {node.lineno}"
        if isinstance(node, ast.Import | ast.ImportFrom) and path.name != "kernel.py":
            names = {a.name for a in node.names} | {getattr(node, "module", None)}
            assert not names & {"pickle", "shelve", "marshal", "yaml"}, f"line {node.lineno}"


@pytest.mark.parametrize(
    "path", [p for p in PACKAGE if p.stem not in {"cli", "__main__", "demo", "progress"}], ids=_relative
)
def test_library_code_does_not_print(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"), f"line {node.lineno}"


@pytest.mark.parametrize("place", ["validation", "benchmarks", "notebooks"])
def test_studies_use_public_names_only(place):
    """`from thermal.x import _private` in a study would make it a second kind of library code."""
    for path in sorted((ROOT / place).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("thermal"):
                assert not [a.name for a in node.names if a.name.startswith("_")], f"{path.name}:{node.lineno}"


def test_layers():
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
