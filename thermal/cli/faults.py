"""Every fault of a folder of model files, each named with its file and field: what ``load`` would refuse one by one."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from thermal.cli.draft import BLANK
from thermal.errors import InputError, ModelError
from thermal.library import KINDS, SOURCE_KINDS, Fact, load, models, part_class, read_document, read_entry, read_fact
from thermal.quantity import Part, complaint, unit_of
from thermal.units import to_si

__all__ = ["faults", "faults_of"]

KEYS = {"kind", "name", "values", "parts", "sources", "note"}


def faults(folder: Path) -> tuple[int, list[str]]:
    """Number of model files under `folder`, and every fault of them, one line each.

    Raises
    ------
    ModelError
        If there is no such folder, or no model file in it.
    """
    names = models(root=folder)
    if not names:
        raise ModelError(f"{folder} holds no model files, which end with .toml; thermal new KIND NAME writes one")
    return len(names), [f"{name}.toml: {fault}" for name in names for fault in faults_of(name, folder)]


def faults_of(name: str, root: Path) -> list[str]:
    """Every fault of one model file."""
    found: list[str] = []
    try:
        document, _ = read_document(root / f"{name}.toml")
    except ModelError as error:
        return [str(error).removeprefix(f"{name.rpartition('/')[2]}.toml").removeprefix(":").strip()]
    found += [f"unknown key {key!r:.60}" for key in document if key not in KEYS]
    for key in ("kind", "name"):
        if not isinstance(document.get(key), str) or document[key] == BLANK:
            found.append(f"{key} is {'not filled in' if key in document else 'missing'}: a text is needed")
    tables = {key: document.get(key, {}) for key in ("values", "parts", "sources")}
    for key, table in tables.items():
        if not isinstance(table, dict):
            found.append(f"{key} must be a table, [{key}]")
            tables[key] = {}
    kind = document.get("kind")
    cls = part_class(kind) if isinstance(kind, str) and kind in KINDS else None
    if cls is None and isinstance(kind, str) and kind != BLANK:
        found.append(f"kind {kind!r:.60} is unknown; there are {', '.join(sorted(KINDS))}")
    sources = _sources(tables["sources"], found)
    values, facts = _values(tables["values"], cls, sources, found)
    parts = _parts(tables["parts"], cls, sources, name, root, found)
    if cls is not None:
        found += _built(cls, values, parts, {*tables["values"], *tables["parts"]}, facts)
    return found


def _sources(table: dict[str, Any], found: list[str]) -> dict[str, str]:
    """Kind of each source that is defined."""
    kinds: dict[str, str] = {}
    for key, source in table.items():
        kind = source.get("kind") if isinstance(source, dict) else None
        kinds[key] = kind if isinstance(kind, str) else ""
        if kind not in SOURCE_KINDS:
            found.append(f"source {key!r:.60} needs a kind out of {', '.join(sorted(SOURCE_KINDS))}")
        title = source.get("title") if isinstance(source, dict) else None
        if not isinstance(title, str) or not title.strip():
            found.append(f"source {key!r:.60} needs a title")
        elif title == BLANK:
            found.append(f"source {key!r:.60}: its title is not filled in")
    return kinds


def _values(
    table: dict[str, Any], cls: type[Part] | None, sources: dict[str, str], found: list[str]
) -> tuple[dict[str, Any], dict[str, Fact]]:
    """Values in the units of their fields, as far as they can be read, and their facts."""
    values: dict[str, Any] = {}
    facts: dict[str, Fact] = {}
    for key, entry in table.items():
        if isinstance(entry, dict) and entry.get("value") == BLANK:
            found.append(f"{key} is not filled in")
            continue
        fact = _tried(partial(read_fact, key, entry), found)
        if fact is None:
            continue
        _cited(key, fact.source, sources, found)
        if sources.get(fact.source) == "estimate" and _is_number(fact.value):
            inside = fact.low is not None and fact.high is not None and fact.low <= fact.value <= fact.high
            if not inside:
                found.append(f"{key} is an estimate and must carry low <= value <= high")
        if cls is None:
            continue
        if key not in cls.model_fields:
            found.append(f"{cls.__name__} has no field {key!r:.60}")
            continue
        unit = unit_of(cls, key)
        if unit in {"choice", "part"}:
            values[key] = tuple(fact.value) if isinstance(fact.value, list) else fact.value
            continue
        numbers = fact.value if isinstance(fact.value, list) else [fact.value]
        if not numbers or not all(map(_is_number, numbers)):
            found.append(f"{key} = {fact.value!r:.60} must be a number, not a text; write it without quotes")
            continue
        value = _tried(partial(to_si, fact.value, fact.unit, unit, key), found)
        if value is not None:
            values[key] = tuple(value) if isinstance(value, list) else value
            facts[key] = fact
    return values, facts


def _parts(
    table: dict[str, Any], cls: type[Part] | None, sources: dict[str, str], name: str, root: Path, found: list[str]
) -> dict[str, Any]:
    """Parts inside, as far as they can be built."""
    parts: dict[str, Any] = {}
    for key, entry in table.items():
        if isinstance(entry, dict) and entry.get("model") == BLANK:
            found.append(f"{key} is not filled in")
            continue
        entry = _tried(partial(read_entry, key, entry), found)
        if entry is None:
            continue
        _cited(key, entry["source"], sources, found)
        if cls is not None and key not in cls.model_fields:
            found.append(f"{cls.__name__} has no field {key!r:.60}")
            continue
        if entry["model"] == name:
            found.append(f"{key}: a model cannot be a part of itself")
            continue
        try:
            inner = load(entry["model"], root=root)
        except ModelError as error:
            own = (root / f"{entry['model']}.toml").is_file()
            found.append(
                f"{key} cites {entry['model']!r}, " + ("which has faults of its own" if own else f"but {error}")
            )
            continue
        parts[key] = entry["count"] * (inner,) if "count" in entry else inner
    return parts


def _built(
    cls: type[Part], values: dict[str, Any], parts: dict[str, Any], named: set[str], facts: dict[str, Fact]
) -> Iterator[str]:
    """What the part itself refuses: ranges, fields that are missing, and what does not fit together."""
    part = cls.__new__(cls)
    try:  # as pydantic's own __init__, whose error holds all faults apart
        cls.__pydantic_validator__.validate_python({**values, **parts}, self_instance=part)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            field = str(item["loc"][0]) if item["loc"] else ""
            if item["type"] != "missing" or field not in named:  # named faults are said already
                yield complaint(cls, item)
        return
    for key, fact in facts.items():
        for end in (fact.low, fact.high):
            try:
                if end is not None:
                    part.replace(**{key: to_si(end, fact.unit, unit_of(cls, key), key)})
            except InputError as error:
                yield f"an end of the range of {key} is refused: {error}"


def _tried(read: Callable[[], Any], found: list[str]) -> Any:
    try:
        return read()
    except InputError as error:
        found.append(str(error))
        return None


def _cited(key: str, source: Any, sources: dict[str, str], found: list[str]) -> None:
    if source not in sources:
        found.append(f"{key} cites source {source!r:.60}, which the file does not define")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
