"""Single random mutations of chosen modules, to see whether chosen tests notice: run by hand, not collected by pytest.

    python tests/mutate.py --module thermal/physics/machines/pump.py --tests tests/verification/test_pump_law.py \
        --count 40 --seed 1
    python tests/mutate.py --reached reached.jsonl                             # once: which tests run which statements
    python tests/mutate.py --draw 320 --seed 8 --reached reached.jsonl         # then: modules drawn by their lines

Each mutation changes one number, operator, comparison, sign, index or truth value in a copy of the repository, never in
the tree itself, and runs the tests there, in the interpreter alone: kernels are not compiled. One
that no test notices is a survivor and is printed; it either changes no number or shows a hole. Docstrings, imports,
annotations, messages and numbers below 1e-5, which are tolerances, are left alone.
"""

import argparse
import ast
import compileall
import copy
import importlib
import itertools
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from reached import Reached, Recorder, mark, places

COMPILED = "--compiled" in sys.argv
if not COMPILED:
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
ROOMS = ("accounting", "outdoors", "traces", "study", "components", "plant", "plate", "physics")
HOLDING = ["tests", "thermal", *(f"--ignore=tests/contracts/test_{name}.py" for name in (
    "wheel", "documents", "numba_modes", "kernel_cache", "start_up", "benchmark_harness", "style", "imports",
    "validation_harness"))]  # fmt: skip
QUIET = ("-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
COPIED = (
    "thermal", "tests", "models", "validation", "benchmarks", "pyproject.toml", "docs", "README.md", "CONTRIBUTING.md",
)  # fmt: skip
DECLARED = "tests/contracts/test_documents.py::test_generated_tables_are_current"  # what is declared is printed there
CONSTANTS = "tests/verification/test_constants.py"  # asks for constants and defaults, and runs no statement of theirs
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}  # fmt: skip
EXTREMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "sin": "cos", "exp": "expm1"}


TRIED = itertools.count()


class Mutation:
    """One change of one node, and the words for it."""

    def __init__(self, line: int, text: str, change: Any, statement: int = 0, default: bool = False) -> None:
        self.line, self.text, self.change, self.statement, self.default = line, text, change, statement, default


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
    kept, ran = _fixed(tree), places(tree)
    given = [node.args for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    roots = [root for args in given for root in [*args.defaults, *args.kw_defaults] if root]
    defaults = {id(node) for root in roots for node in ast.walk(root)}
    found = []
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in kept:
            continue
        for number, (text, _) in enumerate(_changes(node)):
            found.append(
                Mutation(getattr(node, "lineno", 0), text, (index, number), ran[id(node)], id(node) in defaults)
            )
    return found


def mutate(source: str, mutation: Mutation) -> str:
    """The module with one mutation; comments are lost, which changes nothing."""
    tree = copy.deepcopy(ast.parse(source))
    index, number = mutation.change
    node = list(ast.walk(tree))[index]
    list(_changes(node))[number][1](node)
    return ast.unparse(ast.fix_missing_locations(tree))


def notices(folder: Path, tests: list[str], only: str, timeout: float, by_name: bool = False) -> str:
    """The test that fails in the copy, or nothing: in a child with the libraries loaded, nothing of the copy."""
    word = folder / "noticed.txt"
    word.unlink(missing_ok=True)
    plugins: list[object] = [_Leave(word)]
    if by_name:
        plugins.append(_Chosen(tests))
        tests = list(dict.fromkeys(test.split("::")[0] for test in tests))
    child = multiprocessing.get_context("fork").Process(target=_run, args=(folder, tests, only, plugins, timeout))
    child.start()
    child.join(6.0 * timeout)  # a busy machine gives a share of its time
    if child.is_alive():  # waits without end
        child.kill()
        child.join()
        return "no end"
    if not child.exitcode:
        return ""
    if child.exitcode == -signal.SIGXCPU:  # a loop without end is noticed
        return "no end"
    return word.read_text(encoding="utf-8") if word.exists() else "while the tests are read"


def _run(folder: Path, tests: list[str], only: str, plugins: list[object], timeout: float) -> None:
    """Run the tests of the copy and leave with their verdict."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + timeout), int(used + timeout) + 10))
    os.chdir(folder)
    sys.dont_write_bytecode = False
    sys.path[:] = [str(folder), *(p for p in sys.path if Path(p or ".").resolve() not in (ROOT, ROOT / "tests"))]
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    pytest.main([*QUIET, "-x", *(["-k", only] if only else []), *tests], plugins)


class _Quick:
    """Plugin for which a failing example is enough: the smallest takes minutes."""

    def pytest_configure(self) -> None:
        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile(
            "no shrinking", deadline=None, derandomize=True, database=None, phases=phases
        )
        hypothesis.settings.load_profile("no shrinking")


class _Leave(_Quick):
    """Plugin that leaves at once with the verdict, past all exits that would wait."""

    def __init__(self, word: Path) -> None:
        self.word = word

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.word.write_text(report.nodeid, encoding="utf-8")

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        os._exit(int(exitstatus))


class _Chosen:
    """Plugin that keeps the tests of a list, in its order."""

    def __init__(self, tests: list[str]) -> None:
        self.rank = {test: k for k, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((i for i in items if i.nodeid in self.rank), key=lambda i: self.rank[i.nodeid])


def copied(folder: Path) -> Path:
    """The folder with a copy of the repository in it."""
    for part in COPIED:
        origin = ROOT / part
        (shutil.copytree if origin.is_dir() else shutil.copy2)(origin, folder / part)
    compileall.compile_dir(folder / "thermal", quiet=2)
    return folder


def modules() -> list[str]:
    """All modules of the rooms that a draw goes over."""
    found = [p for room in ROOMS for p in sorted((ROOT / "thermal" / room).rglob("*.py"))]
    return [p.relative_to(ROOT).as_posix() for p in found]


def record(folder: Path, file: Path, tests: list[str]) -> None:
    """Run the tests once in a marked copy, and write which statements each of them met."""
    known = mark(folder, [m for m in modules() if not (COMPILED and m.startswith("thermal/physics"))])
    child = multiprocessing.get_context("fork").Process(target=_recorded, args=(folder, file, tests, known))
    child.start()
    child.join()


def _recorded(folder: Path, file: Path, tests: list[str], known: list[Any]) -> None:
    os.chdir(folder)
    sys.path[:] = [str(folder), *(p for p in sys.path if Path(p or ".").resolve() not in (ROOT, ROOT / "tests"))]
    pytest.main(
        [*QUIET, "--tb=line", "-rs", "-m", "not slow" if COMPILED else "not slow and not compiled", *tests],
        [_Quick(), Recorder(file, known)],
    )


def draw(count: int, seed: int) -> list[tuple[str, Mutation]]:
    """That many different mutations: a module by its lines of code, and a mutation in it."""
    sources = {m: (ROOT / m).read_text(encoding="utf-8") for m in modules()}
    possible = {m: mutations(s) for m, s in sources.items()}
    names = [m for m in sources if possible[m]]
    weights = [len(sources[m].splitlines()) for m in names]
    chance, drawn = random.Random(seed), dict[tuple[str, Any], Mutation]()
    while len(drawn) < count:
        module = chance.choices(names, weights)[0]
        mutation = chance.choice(possible[module])
        drawn.setdefault((module, mutation.change), mutation)
    return [(module, mutation) for (module, _), mutation in drawn.items()]


def said(verdict: str, module: str, mutation: Mutation, source: str) -> str:
    line = source.splitlines()[mutation.line - 1].strip()
    return f"{verdict:8} {module}:{mutation.line} {mutation.text} @{mutation.change[0]}.{mutation.change[1]}: {line}"


def tried(folder: Path, module: str, mutation: Mutation, tests: list[str], given: argparse.Namespace) -> str:
    """The test that notices the mutation, or nothing; the copy is as before afterwards."""
    path = folder / module
    before, written = path.read_text(encoding="utf-8"), path.stat().st_mtime_ns
    path.write_text(mutate(before, mutation), encoding="utf-8")
    later = written + (1 + next(TRIED)) * 10**10  # of its own, so that no compiled file of another is taken for it
    os.utime(path, ns=(later, later))
    caught = notices(folder, tests, given.only, given.timeout, by_name=bool(given.reached))
    path.write_text(before, encoding="utf-8")
    os.utime(path, ns=(written, written))
    return caught


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", nargs="+", default=[], help="files of the package to mutate")
    parser.add_argument("--tests", nargs="+", default=[], help="test files that should notice")
    parser.add_argument("--count", type=int, default=30, help="mutations drawn in all")
    parser.add_argument("--draw", type=int, default=0, help="so many over all rooms, each by the tests that reach it")
    parser.add_argument("--part", nargs=2, type=int, help="of the draw: the first and one past the last")
    parser.add_argument("--reached", type=Path, help="file that says which tests run which statements")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tests for each that is drawn")
    parser.add_argument("--compiled", action="store_true", help="with machine code, which sees no kernel's statements")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-k", dest="only", default="", help="only tests that match, as pytest takes it")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds of work after which it counts as noticed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = copied(Path(name))
        if given.reached and not given.draw:
            record(folder, given.reached.resolve(), given.tests or HOLDING)
            return 0
        return over_rooms(folder, given) if given.draw else over_modules(folder, given)


def over_modules(folder: Path, given: argparse.Namespace) -> int:
    """Mutations of chosen modules, by chosen tests."""
    drawn = [(m, x) for m in given.module for x in mutations((ROOT / m).read_text(encoding="utf-8"))]
    chosen = random.Random(given.seed).sample(drawn, min(given.count, len(drawn)))
    if notices(folder, given.tests, given.only, given.timeout):
        print("the tests fail without any mutation")
        return 2
    survivors = 0
    for module, mutation in chosen:
        caught = tried(folder, module, mutation, given.tests, given)
        survivors += not caught
        print(said("caught" if caught else "SURVIVES", module, mutation, (folder / module).read_text()), flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} caught ({(len(chosen) - survivors) / len(chosen):.0%}), seed "
          f"{given.seed}, {len(drawn)} possible")  # fmt: skip
    return 0


def over_rooms(folder: Path, given: argparse.Namespace) -> int:
    """Mutations drawn over all rooms, each by the tests that reach its statement."""
    reached, chosen = Reached(given.reached), draw(given.draw, given.seed)
    first, last = given.part or (0, len(chosen))
    for number, (module, mutation) in enumerate(chosen[first:last], first):
        tests = reached.by(module, mutation.statement, given.budget)
        began = time.perf_counter()
        if not mutation.statement:
            tests.append(DECLARED)
        if mutation.default or not mutation.statement:
            tests += reached.all_of(CONSTANTS)
        caught = tried(folder, module, mutation, tests, given) if tests else ""
        verdict = "caught" if caught else "SURVIVES" if tests else "UNSEEN"
        words = said(verdict, module, mutation, (folder / module).read_text(encoding="utf-8"))
        print(f"{number:3} {words} [{caught or len(tests)}, {time.perf_counter() - began:.0f} s]", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
