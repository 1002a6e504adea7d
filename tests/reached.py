"""Which tests run which statements: a mutation is tried by the tests that reach it, the quickest first.

The modules of a copy of the repository are written anew with a mark before each statement of each function, the tests
run once in plain Python, and one line of JSON a test goes to a file: what it is called, how long it took, whether it
passed, and the marks that it met. A test that takes longer than its share is stopped and holds nothing.
"""

import ast
import builtins
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LONGEST = 12.0  # seconds of one test with its fixtures, in plain Python
Place = tuple[str, int]  # module, line of the statement; 0 is what runs as the module is read


def places(tree: ast.Module) -> dict[int, int]:
    """Line of the statement that runs each node, by identity of the node; 0 outside functions."""
    found: dict[int, int] = {}

    def visit(node: ast.AST, line: int, inside: bool) -> None:
        if isinstance(node, ast.stmt) and inside:
            line = node.lineno
        found[id(node)] = line
        if isinstance(node, ast.FunctionDef):
            for statement in node.body:
                visit(statement, line, True)
            first = _first(node.body)
            outer = node.body[first].lineno if first < len(node.body) else line
            for part in [node.args, *node.decorator_list, *([node.returns] if node.returns else [])]:
                visit(part, outer, False)
            return
        for child in ast.iter_child_nodes(node):
            visit(child, line, inside)

    visit(tree, 0, False)
    return found


def _first(body: list[ast.stmt]) -> int:
    """Place of the first statement behind a docstring."""
    head = body[0]
    return int(
        isinstance(head, ast.Expr) and isinstance(head.value, ast.Constant) and isinstance(head.value.value, str)
    )


def marked(source: str, number: int, lines: list[int]) -> str:
    """The module with marks before the statements of its functions; `lines` grows by the line of each mark."""
    tree = ast.parse(source)

    def block(body: list[ast.stmt], start: int) -> list[ast.stmt]:
        new = body[:start]
        for statement in body[start:]:
            lines.append(statement.lineno)
            new += ast.parse(f"_MARKS[{number + len(lines) - 1}] = 1").body
            new.append(statement)
            inner(statement)
        return new

    def inner(node: ast.AST) -> None:
        if isinstance(node, ast.FunctionDef):
            node.body = block(node.body, _first(node.body))
            return
        for name in ("body", "orelse", "finalbody"):
            held = getattr(node, name, None)
            if isinstance(held, list) and held and isinstance(held[0], ast.stmt):
                setattr(node, name, block(held, 0))
        for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
            part.body = block(part.body, 0)

    def outside(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            inner(child) if isinstance(child, ast.FunctionDef) else outside(child)

    outside(tree)
    return ast.unparse(ast.fix_missing_locations(tree))


def mark(folder: Path, modules: list[str]) -> list[Place]:
    """Mark the modules of a copy in place; the place of each mark."""
    known: list[Place] = []
    for module in modules:
        path, lines = folder / module, list[int]()
        path.write_text(marked(path.read_text(encoding="utf-8"), len(known), lines), encoding="utf-8")
        known += [(module, line) for line in lines]
    return known


class Recorder:
    """Plugin of pytest that writes what each test met."""

    def __init__(self, file: Path, known: list[Place]) -> None:
        self.file, self.known = file, known
        self.marks = bytearray(len(known))
        builtins._MARKS = self.marks  # type: ignore[attr-defined]
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed or report.skipped

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.marks[:] = bytes(len(self.marks))
        self.failed = False
        signal.signal(signal.SIGALRM, self._stop)
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        began = time.perf_counter()
        yield
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        met = sorted({self.known[k] for k, one in enumerate(self.marks) if one})
        with self.file.open("a", encoding="utf-8") as out:
            row = {"test": item.nodeid, "s": round(time.perf_counter() - began, 3), "ok": not self.failed, "met": met}
            out.write(json.dumps(row) + "\n")

    @staticmethod
    def _stop(*_: Any) -> None:
        raise TimeoutError("longer than its share in plain Python")


class Reached:
    """The file of a recorder, read."""

    def __init__(self, file: Path) -> None:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        self.seconds = {row["test"]: row["s"] for row in rows if row["ok"]}
        self.breadth = {row["test"]: len(row["met"]) for row in rows}
        self.left_out = [row["test"] for row in rows if not row["ok"]]
        self._by_place: dict[Place, set[str]] = {}
        self._by_module: dict[str, set[str]] = {}
        for row in rows:
            if row["ok"]:
                for module, line in row["met"]:
                    self._by_place.setdefault((module, line), set()).add(row["test"])
                    self._by_module.setdefault(module, set()).add(row["test"])

    def by(self, module: str, line: int, budget: float) -> list[str]:
        """Tests that meet the statement, within `budget` seconds: its example first, then those that meet little."""
        met = self._by_place.get((module, line), set()) if line else self._by_module.get(module, set())

        alike: dict[str, int] = {}

        def rank(test: str) -> tuple[bool, int, float]:
            return not test.startswith(module), self.breadth[test], self.seconds[test]

        def turn(test: str) -> int:  # two examples of each test before the others
            name = test.split("[")[0]
            alike[name] = alike.get(name, 0) + 1
            return alike[name] > 2

        chosen, spent = list[str](), 0.0
        for test in sorted(sorted(met, key=rank), key=turn):
            if spent + self.seconds[test] <= budget:
                chosen.append(test)
                spent += self.seconds[test]
        return chosen

    def all_of(self, file: str) -> list[str]:
        """Tests of one file that pass."""
        return [test for test in self.seconds if test.startswith(f"{file}::")]
