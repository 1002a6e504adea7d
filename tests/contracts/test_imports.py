"""Imports between files point one way: no circle, no arrow up, those inside functions and strings included."""

import ast
import tomllib
from pathlib import Path

import pytest

from thermal.library import KINDS

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "thermal").rglob("*.py"))
MODULES = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in FILES}
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
LAYERS = next(c["layers"] for c in SETTINGS["contracts"] if c["type"] == "layers")
RANK = {name.strip(): rank for rank, level in enumerate(reversed(LAYERS)) for name in level.split("|")}
FACADES = {"thermal"}  # loads everything on first use, at the user's word


def _imported(path: Path, package: bool) -> set[str]:
    """Modules of ours that a file imports anywhere: at the top, in functions, for annotations, or by a string."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{path}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return {name for name in found if name in MODULES and name not in FACADES}


ARROWS = {name: _imported(path, path.name == "__init__.py") for name, path in MODULES.items() if name not in FACADES}
ARROWS["thermal.library"] |= {target.partition(":")[0] for target in KINDS.values()}


def test_there_are_arrows():
    assert sum(map(len, ARROWS.values())) > 300


def test_no_circle():
    """Files are taken away that import none of those left; what cannot be taken away stands in a circle."""
    left = {name: set(targets) - {name} for name, targets in ARROWS.items()}
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    assert not {name: sorted(targets & left.keys()) for name, targets in left.items()}


@pytest.mark.parametrize("name", sorted(ARROWS))
def test_no_arrow_points_up(name):
    own = RANK.get(name.split(".")[1])
    if own is None:
        return  # the reading half and what stands beside the layers: held by contracts of their own
    above = [t for t in ARROWS[name] if RANK.get(t.split(".")[1], -1) > own]
    assert not above


def test_the_reading_half_is_out_of_the_way():
    """What has no layer imports no layer but the ground, the parts it is made of, and properties of air."""
    ground = {"inputs", "names", "units", "errors", "quantity"}
    for name, targets in ARROWS.items():
        if name.split(".")[1] in RANK or name.endswith("__main__"):
            continue
        ranked = {t for t in targets if t.split(".")[1] in RANK and t.split(".")[1] not in ground}
        assert ranked <= {"thermal.physics.media.moist_air"}, name


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_import_hides_behind_a_string(path):
    """`import_module` stands where names are loaded on first use and where model files name a kind, nowhere else.

    A package of others that is not always there may be asked for by name.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            first = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            foreign = isinstance(first, ast.Constant) and not str(first.value).startswith("thermal")
            ours = path.relative_to(ROOT / "thermal").as_posix() in {"__init__.py", "library.py"}
            assert foreign or ours, node.lineno


def test_marches_do_not_ask_what_kind_of_facility_they_have():
    """No `kind ==` and no `isinstance` on a facility where loops are marched: a new facility brings its own port."""
    facilities = {"Supply", "Plant", "TowerPlant", "Facility"}
    for path in sorted((ROOT / "thermal" / "network").rglob("*.py")) + sorted(
        (ROOT / "thermal" / "physics" / "network").rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
                asked = {n.id for n in ast.walk(node.args[1]) if isinstance(n, ast.Name)}
                assert not asked & facilities, f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Compare):
                members = {ast.unparse(n).split(".")[0] for n in [node.left, *node.comparators]}
                assert not members & facilities, f"{path.name}:{node.lineno}"
