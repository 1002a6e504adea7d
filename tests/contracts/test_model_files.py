"""Every shipped model file: read, built, each number with unit and source, each estimate with its range."""

import json
import math
import tomllib
from pathlib import Path

import pytest

import thermal as th
from thermal.errors import InputError, ModelError
from thermal.library import KINDS, SOURCE_KINDS, library_root, read, show
from thermal.quantity import Part, unit_of
from thermal.units import to_si

NAMES = th.models()


def _numbers(value):
    values = value if isinstance(value, list) else [value]
    return [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]


def test_there_are_models_and_no_other_files():
    assert NAMES
    strangers = [p for p in library_root().rglob("*") if p.is_file() and p.suffix != ".toml"]
    assert not strangers


@pytest.mark.parametrize("name", NAMES)
def test_model_is_built_and_printed(name):
    part = th.load(name)
    assert isinstance(part, Part)
    assert part.origin.model == name
    assert len(part.origin.sha256) == 64
    assert part.origin.title in str(part)
    text = show(name)
    assert all(source["title"] in text for source in read(name).sources.values())


@pytest.mark.parametrize("name", NAMES)
def test_model_file(name):
    document = tomllib.loads((library_root() / f"{name}.toml").read_text(encoding="utf-8"))
    sources = document["sources"]
    assert document["kind"] in KINDS
    assert document["name"].strip()
    for source in sources.values():
        assert source["kind"] in SOURCE_KINDS
        assert source["title"].strip()
        if source["kind"] not in {"estimate"}:
            assert set(source) & {"doi", "url", "page", "table", "publisher", "accessed", "edition", "file", "data"}, (
                f"{source['title']}: where can a reader find it?"
            )
    cited = set()
    for key, fact in document.get("values", {}).items():
        cited.add(fact["source"])
        assert fact["source"] in sources, key
        numbers = _numbers(fact["value"])
        assert all(map(math.isfinite, numbers)), key
        if numbers:
            assert "unit" in fact, key
        if numbers and not isinstance(fact["value"], list) and sources[fact["source"]]["kind"] == "estimate":
            assert fact["low"] <= fact["value"] <= fact["high"], key
    for key, part in document.get("parts", {}).items():
        cited.add(part["source"])
        assert part["model"] in NAMES, key
    assert cited == set(sources), "every source is cited, every citation has its source"


def test_model_files_satisfy_the_schema_that_editors_use():
    import jsonschema

    path = Path(__file__).parents[2] / "docs" / "model.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)  # once: `jsonschema.validate` checks the schema for each file
    for name in NAMES:
        validator.validate(tomllib.loads((library_root() / f"{name}.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_estimates_hold_at_both_ends(name):
    """The range of an estimate is there for uncertainty sweeps, so the part must accept its ends."""
    part, model = th.load(name), read(name)
    for key, fact in model.facts.items():
        if fact.low is not None and fact.high is not None:
            for end in (fact.low, fact.high):
                part.replace(**{key: to_si(end, fact.unit, unit_of(type(part), key), key)})


GOOD = """
kind = "coolant"
name = "A liquid"
[values]
fluid = {{ value = "Water", source = "book" }}
T_low = {{ value = 5, unit = "degC", source = "book" }}
T_high = {{ value = 80, unit = "{unit}", source = "book" }}
T_freeze = {{ value = 0, unit = "degC", source = "{source}" {extra} }}
density = {{ value = [998.0], unit = "kg/m3", source = "book" }}
heat_capacity = {{ value = [4180.0], unit = "J/kg/K", source = "book" }}
conductivity = {{ value = [0.6], unit = "W/m/K", source = "book" }}
log_viscosity = {{ value = [-6.9], unit = "-", source = "book" }}
{more}
[sources.book]
kind = "{kind}"
title = "A book"
[sources.guess]
kind = "estimate"
title = "A guess"
"""
PLAIN = {"unit": "degC", "source": "book", "extra": "", "more": "", "kind": "paper"}


@pytest.fixture
def write(tmp_path):
    def write(**changes):
        (tmp_path / "mine.toml").write_text(GOOD.format(**{**PLAIN, **changes}))
        return tmp_path

    return write


def test_a_users_own_model(write):
    assert th.load("mine", root=write()).T_high == 80.0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"unit": "kg"}, ["T_high", "kg", "degC"]),
        ({"unit": "parsnip"}, ["T_high", "parsnip"]),
        ({"source": "hearsay"}, ["T_freeze", "hearsay"]),
        ({"source": "guess"}, ["T_freeze", "estimate", "low"]),
        ({"source": "guess", "extra": ", low = 1, high = 2"}, ["T_freeze", "estimate", "low"]),
        ({"kind": "rumour"}, ["book", "kind"]),
        ({"more": 'colour = { value = 1, unit = "-", source = "book" }'}, ["colour", "Coolant"]),
        ({"more": 'pressure = { value = nan, unit = "Pa", source = "book" }'}, ["pressure", "finite"]),
        ({"more": 'pressure = { value = 1e5, source = "book" }'}, ["pressure", "unit"]),
        ({"more": "pressure = 1e5"}, ["pressure", "value"]),
        ({"more": "= ="}, ["TOML"]),
    ],
)
def test_bad_model_file_says_where(write, changes, says):
    with pytest.raises(InputError) as error:
        th.load("mine", root=write(**changes))
    assert isinstance(error.value, ModelError | InputError)
    assert all(word in str(error.value) for word in says), str(error.value)


def test_misspelt_model_name_gets_a_suggestion():
    with pytest.raises(ModelError, match="coolants/water"):
        th.load("coolants/watr")


def test_model_names_cannot_leave_the_library():
    for name in ["../pyproject", "/etc/passwd", "coolants/../../pyproject"]:
        with pytest.raises(ModelError):
            th.load(name)
