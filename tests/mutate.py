"""Single random mutations of chosen modules, to see whether chosen tests notice: run by hand, not collected by pytest.

    python tests/mutate.py --module thermal/physics/machines/pump.py --tests tests/verification/test_pump_law.py \
        --count 40 --seed 1

Each mutation changes one number, operator, comparison, sign, index or truth value in a copy of the repository, never in
the tree itself, and runs the tests there, in the interpreter alone: kernels are not compiled. One
that no test notices is a survivor and is printed; it either changes no number or shows a hole. Docstrings, imports,
annotations, messages and numbers below 1e-5, which are tolerances, are left alone.
"""

import argparse
import ast
import copy
import importlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["NUMBA_DISABLE_JIT"] = "1"
sys.dont_write_bytecode = True
for library in (
    "numba",
    "xarray",
    "scipy.interpolate",
    "scipy.optimize",
    "scipy.special",
    "pydantic",
    "hypothesis",
    "ht",
):
    importlib.import_module(library)

ROOT = Path(__file__).parents[1]
COPIED = ("thermal", "tests", "models", "validation", "benchmarks", "pyproject.toml")
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}  # fmt: skip
EXTREMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "sin": "cos", "exp": "expm1"}


class Mutation:
    """One change of one node, and the words for it."""

    def __init__(self, line: int, text: str, change: Any) -> None:
        self.line, self.text, self.change = line, text, change


def _changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Words and functions that change a node in place."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        other = OPERATORS[type(node.op)]
        yield f"{type(node.op).__name__} -> {other.__name__}", lambda n: setattr(n, "op", other())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign dropped", lambda n: setattr(n, "op", ast.UAdd())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", lambda n: setattr(n, "operand", ast.UnaryOp(ast.Not(), n.operand))
    if isinstance(node, ast.Compare):
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            words = f"{type(node.ops[0]).__name__} -> {other.__name__}"
            yield words, lambda n, other=other: setattr(n, "ops", [other(), *n.ops[1:]])
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"{type(node.op).__name__} -> {other.__name__}", lambda n: setattr(n, "op", other())
    if isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes) and node.value is not None:
        yield from _numbers(node.value)
    if isinstance(node, ast.Call):
        place = "id" if isinstance(node.func, ast.Name) else "attr"
        other = EXTREMES.get(getattr(node.func, place, ""))
        if other:
            yield f"{getattr(node.func, place)} -> {other}", lambda n: setattr(n.func, place, other)


def _numbers(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield f"{value} -> {not value}", lambda n: setattr(n, "value", not value)
    elif isinstance(value, int):
        yield f"{value} -> {value + 1}", lambda n: setattr(n, "value", value + 1)
    elif isinstance(value, float) and not 0.0 < abs(value) < 1e-5:
        new = value * 1.1 if value else 0.1
        yield f"{value:g} -> {new:g}", lambda n: setattr(n, "value", new)


def _fixed(tree: ast.Module) -> set[int]:
    """Nodes that are left alone: docstrings, imports, annotations, defaults of declarations' texts, raised messages."""
    kept: set[int] = set()
    for node in ast.walk(tree):
        roots: list[ast.AST] = []
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.JoinedStr | ast.Assert):
            roots.append(node)
        if isinstance(node, ast.AnnAssign):
            roots.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            roots += [a.annotation for a in [*node.args.args, *node.args.kwonlyargs] if a.annotation]
            roots += [node.returns] if node.returns else []
        for root in roots:
            kept.update(id(n) for n in ast.walk(root))
    return kept


def mutations(source: str) -> list[Mutation]:
    """All single mutations of a module."""
    tree = ast.parse(source)
    kept = _fixed(tree)
    found = []
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in kept:
            continue
        for number, (text, _) in enumerate(_changes(node)):
            found.append(Mutation(getattr(node, "lineno", 0), text, (index, number)))
    return found


def mutate(source: str, mutation: Mutation) -> str:
    """The module with one mutation; comments are lost, which changes nothing."""
    tree = copy.deepcopy(ast.parse(source))
    index, number = mutation.change
    node = list(ast.walk(tree))[index]
    list(_changes(node))[number][1](node)
    return ast.unparse(ast.fix_missing_locations(tree))


def notices(folder: Path, tests: list[str], only: str, timeout: float) -> bool:
    """Whether the tests fail in the copy: in a child that has the libraries loaded already, but nothing of the copy."""
    child = multiprocessing.get_context("fork").Process(target=_run, args=(folder, tests, only))
    child.start()
    child.join(timeout)
    if child.is_alive():  # a loop without end is noticed
        child.kill()
        child.join()
        return True
    return child.exitcode != 0


def _run(folder: Path, tests: list[str], only: str) -> None:
    """Run the tests of the copy and leave with their verdict."""
    os.chdir(folder)
    sys.path[:] = [str(folder), *(p for p in sys.path if Path(p or ".").resolve() not in (ROOT, ROOT / "tests"))]
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    quiet = ["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    pytest.main([*quiet, *(["-k", only] if only else []), *tests], [_Leave()])


class _Leave:
    """Plugin that leaves at once with the verdict, past all exits that would wait."""

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        os._exit(int(exitstatus))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", nargs="+", required=True, help="files of the package to mutate")
    parser.add_argument("--tests", nargs="+", required=True, help="test files that should notice")
    parser.add_argument("--count", type=int, default=30, help="mutations drawn in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-k", dest="only", default="", help="only tests that match, as pytest takes it")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds after which a run counts as noticed")
    given = parser.parse_args()
    drawn = [(m, x) for m in given.module for x in mutations((ROOT / m).read_text(encoding="utf-8"))]
    chosen = random.Random(given.seed).sample(drawn, min(given.count, len(drawn)))
    survivors = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            origin = ROOT / part
            (shutil.copytree if origin.is_dir() else shutil.copy)(origin, folder / part)
        if notices(folder, given.tests, given.only, given.timeout):
            print("the tests fail without any mutation")
            return 2
        for module, mutation in chosen:
            path = folder / module
            before = path.read_text(encoding="utf-8")
            path.write_text(mutate(before, mutation), encoding="utf-8")
            caught = notices(folder, given.tests, given.only, given.timeout)
            path.write_text(before, encoding="utf-8")
            survivors += not caught
            line = before.splitlines()[mutation.line - 1].strip()
            print(
                f"{'caught  ' if caught else 'SURVIVES'} {module}:{mutation.line} {mutation.text}: {line}", flush=True
            )
    print(f"{len(chosen) - survivors} of {len(chosen)} caught ({(len(chosen) - survivors) / len(chosen):.0%}), seed "
          f"{given.seed}, {len(drawn)} possible")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
