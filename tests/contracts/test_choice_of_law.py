"""Physics is chosen by an IntEnum, and some test walks through every member of each of them."""

import ast
import re
from enum import IntEnum
from pathlib import Path

import pytest
from laws import assert_each_reaches_its_own_law

ROOT = Path(__file__).parents[2]
TESTS = [p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py")]
TREES = {p: ast.parse(p.read_text(encoding="utf-8")) for p in sorted((ROOT / "thermal" / "physics").rglob("*.py"))}


def _chosen_by_comparison() -> set[str]:
    """Enumerations that some kernel compares with; one that only names columns or states of a table chooses no law."""
    comparisons = [n for tree in TREES.values() for n in ast.walk(tree) if isinstance(n, ast.Compare)]
    sides = [side for comparison in comparisons for side in (comparison.left, *comparison.comparators)]
    return {s.value.id for s in sides if isinstance(s, ast.Attribute) and isinstance(s.value, ast.Name)}


FAMILIES = [
    pytest.param(node, id=f"{path.stem}.{node.name}")
    for path, tree in TREES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.ClassDef)
    and any(getattr(base, "id", "") == "IntEnum" for base in node.bases)
    and node.name in _chosen_by_comparison()
]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_is_tested(family):
    """Some test file iterates over the enumeration, or names each of its members."""
    name = family.name
    iterated = re.compile(rf"parametrize\([^)]*\b{name}\b(?!\.)|\bin (list\()?{name}\b(?!\.)")
    members = [target.id for node in family.body if isinstance(node, ast.Assign) for target in node.targets]
    assert members
    assert any(
        iterated.search(text) or all(re.search(rf"\b{name}\.{member}\b", text) for member in members) for text in TESTS
    ), f"no test file walks through {name}"


class Shape(IntEnum):
    LINE = 0
    SQUARE = 1
    CUBE = 2


POWERS = {Shape.LINE: lambda x: x, Shape.SQUARE: lambda x: x**2, Shape.CUBE: lambda x: x**3}


def _choose(shape, x):
    return x ** (1 + shape)


def test_helper_accepts_the_right_laws():
    assert_each_reaches_its_own_law(_choose, POWERS, [(2.0,), (3.0,)])


@pytest.mark.parametrize(
    ("choose", "laws", "cases"),
    [
        (lambda shape, x: x ** (1 + (shape + 1) % 3), POWERS, [(2.0,)]),  # rotated
        (_choose, {Shape.LINE: POWERS[Shape.LINE]}, [(2.0,)]),  # members left out
        (_choose, POWERS, [(1.0,)]),  # a case at which all laws agree
        (_choose, POWERS, [(float("nan"),)]),
    ],
)
def test_helper_sees_what_is_wrong(choose, laws, cases):
    with pytest.raises(AssertionError):
        assert_each_reaches_its_own_law(choose, laws, cases)
