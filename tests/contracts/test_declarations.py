"""Every physical field has a unit that can be read and a meaning; every result variable has one name and one unit."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest
import xarray as xr

import thermal
from thermal.errors import InputError
from thermal.names import NAMES, describe
from thermal.quantity import Part, unit_of
from thermal.units import to_si

ROOT = Path(__file__).parents[2]
UNITS = thermal.units._registry()  # reads m3 as m**3
NO_NUMBER = {"choice", "part"}
NUMERIC = {float, float | None, tuple[float, ...], float | tuple[float, ...], int}
OF_A_STANDARD = {"wue": "L/kWh", "wue_source": "L/kWh", "cue": "kg/kWh"}  # ISO/IEC 30134-9 and 30134-8 define them so
OF_A_STANDARD |= {"ramp_relative": "%/min"}  # the unit of grid codes


def _parts() -> list[type[Part]]:
    """Every subclass of `Part` that the package defines."""
    for module in pkgutil.walk_packages(thermal.__path__, "thermal."):
        if not module.name.startswith("thermal.physics") and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, stack = [], list(Part.__subclasses__())
    while stack:
        cls = stack.pop()
        stack += cls.__subclasses__()
        found.append(cls)
    return sorted({c for c in found if c.__module__.startswith("thermal.")}, key=lambda c: c.__qualname__)


PARTS = _parts()
FIELDS = [pytest.param(cls, name, id=f"{cls.__name__}.{name}") for cls in PARTS for name in cls.model_fields]


def _si(unit: str):
    return UNITS.Unit("dimensionless" if unit in {"-", "", "1"} else unit)


def test_there_are_parts():
    assert PARTS
    assert len({cls.__name__ for cls in PARTS}) == len(PARTS), "two parts of one name"


@pytest.mark.parametrize("cls", PARTS, ids=lambda c: c.__name__)
def test_part_is_documented_and_frozen(cls):
    assert cls.__doc__
    assert cls.__doc__ != Part.__doc__
    config = cls.model_config
    assert (config["frozen"], config["extra"], config["allow_inf_nan"]) == (True, "forbid", False)


@pytest.mark.parametrize(("cls", "name"), FIELDS)
def test_field_is_declared(cls, name):
    unit, meaning = unit_of(cls, name), cls.model_fields[name].description
    assert unit, "declare it with quantity, choice or part"
    assert meaning
    numeric = cls.model_fields[name].annotation in NUMERIC
    assert numeric == (unit not in NO_NUMBER), "a number is a quantity, anything else is not"
    if unit not in NO_NUMBER:
        _si(unit)
        customary = unit in {"degC", "deg"}  # of temperature, and of latitude and longitude
        assert customary or UNITS.Quantity(1.0, _si(unit)).to_base_units().magnitude == pytest.approx(1.0), "not SI"


@pytest.mark.parametrize(("cls", "name"), FIELDS)
def test_no_unit_in_a_field_name(cls, name):
    assert name.rsplit("_", 1)[-1] not in {
        "W",
        "kW",
        "MW",
        "K",
        "C",
        "degC",
        "Pa",
        "kPa",
        "bar",
        "m3",
        "lpm",
        "gpm",
        "mm",
    }


@pytest.mark.parametrize("name", NAMES)
def test_result_name(name):
    entry = NAMES[name]
    assert entry.long_name
    _si(entry.units)
    if entry.units not in {"", "1", "degC", OF_A_STANDARD.get(name)}:
        assert UNITS.Quantity(1.0, _si(entry.units)).to_base_units().magnitude == pytest.approx(1.0), "not SI"


def test_result_variable_outside_the_nomenclature_is_refused():
    with pytest.raises(InputError, match="rack_supply"):
        describe(xr.Dataset({"rack_supply": 1.0}))
    described = describe(xr.Dataset({"T_supply": 30.0, "heat": ("time", [1.0, 2.0])}, {"time": [0.0, 1.0]}))
    assert described.T_supply.attrs == {"units": "degC", "long_name": NAMES["T_supply"].long_name}
    assert described.heat.attrs["units"] == "W"


def test_no_two_names_for_one_meaning():
    meanings = [entry.long_name for entry in NAMES.values()]
    assert sorted(set(meanings)) == sorted(meanings)


def test_each_name_is_written_once():
    """A second entry of a dictionary display silently wins over the first."""
    tree = ast.parse((ROOT / "thermal" / "nomenclature.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [k.value for k in node.keys if isinstance(k, ast.Constant)]
            assert len(keys) == len(set(keys))


def test_only_the_nomenclature_gives_long_names():
    """A meaning written out elsewhere would let two modules describe one name differently."""
    for path in sorted((ROOT / "thermal").rglob("*.py")):
        if path.name in ("names.py", "nomenclature.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            pairs: list = []
            if isinstance(node, ast.Dict):
                pairs = list(zip(node.keys, node.values, strict=True))
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                pairs = [(node.targets[0].slice, node.value)]
            for key, value in pairs:
                named = isinstance(key, ast.Constant) and key.value == "long_name"
                assert not (named and isinstance(value, ast.Constant | ast.JoinedStr)), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("name", sorted(n for n in thermal.units.__all__ if not callable(getattr(thermal.units, n))))
def test_multipliers_agree_with_pint(name):
    theirs = {
        "lpm": "L/min", "gpm": "gallon/min", "us_ton_refrigeration": "12000 Btu_it/hour", "year": "8760 hour",
        "um": "micrometer", "g": "gram",
    }  # fmt: skip
    quantity = UNITS.Quantity(theirs.get(name, name)).to_base_units()
    assert getattr(thermal.units, name) == pytest.approx(quantity.magnitude, rel=1e-9)


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [
        (60, "L/min", "m3/s", 1e-3),
        (77, "degF", "degC", 25.0),
        (9, "delta_degF", "K", 5.0),
        (5, "degC", "K", 5.0),
        (2, "m2 K/kW", "m2 K/W", 2e-3),
        (3, "kW m-2", "W/m2", 3e3),
        (1, "cmH2O", "Pa", 98.0665),
        (1, "gallon/min", "m3/s", 3.785411784e-3 / 60),
    ],
)
def test_units_at_the_door(value, unit, target, expected):
    assert to_si(value, unit, target) == pytest.approx(expected, rel=1e-12)
