"""Write a part as a model file, every number with its source: what was fitted carries its interval and its data."""

import enum
from pathlib import Path
from typing import Any

from thermal.errors import InputError, ModelError
from thermal.library import KINDS, Fact, ModelFile, load, read
from thermal.quantity import Part, unit_of

__all__ = ["save"]


def save(part: Part, name: str, *, root: str | Path, title: str = "", replace: bool = False) -> Path:
    """Write a part as a model file under the user's own root, so that ``th.load(name, root=root)`` builds it again.

    Numbers that came from a model file and were not changed keep what is written there. Those that a fit found are
    estimates with their interval as range and the data they were fitted on; those changed by hand say so. Parts inside
    that are changed are written beside, as ``<name>_<field>``.

    Parameters
    ----------
    part : Part
        Of a kind that has model files.
    name : str
        Folder and file, such as ``"towers/roof"``.
    root : path
        Directory of the user's models; made if it does not exist.
    title : str
        What the machine is; by default the title of its origin.
    replace : bool
        Whether to write over a file that exists.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ModelError
        If the part has no kind, the name is no folder and file, or the file exists.

    Examples
    --------
    >>> import tempfile, thermal as th
    >>> folder = tempfile.mkdtemp()
    >>> _ = save(th.load("pumps/google_deschutes").replace(efficiency=0.7), "pumps/mine", root=folder)
    >>> th.load("pumps/mine", root=folder).efficiency
    0.7
    """
    kind = _kind(part)
    target = Path(root) / f"{name}.toml"
    if name.count("/") != 1 or ".." in name or not all(name.split("/")):
        raise ModelError(f"a model is named by folder and file, such as 'towers/roof', not {name!r}")
    if target.exists() and not replace:
        raise ModelError(f"{target} exists: give another name, or replace=True")
    before = _before(part)
    sources: dict[str, dict[str, Any]] = {}
    values, parts = [], []
    for field in type(part).model_fields:
        value = getattr(part, field)
        if value is None or value == ():  # parts that are not there
            continue
        if isinstance(value, Part) or (isinstance(value, tuple) and value and isinstance(value[0], Part)):
            parts.append(_inner(field, value, name, root, before, part, sources, replace))
        else:
            values.append(f"{field} = {_entry(field, value, part, before, sources)}")
    heading = title or (part.origin.title if part.origin else type(part).__name__)
    lines = [f"kind = {_text(kind)}", f"name = {_text(heading)}"]
    lines += ["", "[values]", *values] if values else []
    lines += ["", "[parts]", *parts] if parts else []
    for key, source in sources.items():
        lines += ["", f"[sources.{key}]", *(f"{k} = {_text(v)}" for k, v in source.items())]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    again = load(name, root=root)
    if again != part:
        raise ModelError(f"{target} was written and does not build the same {type(part).__name__} again")
    return target


def _kind(part: Part) -> str:
    if not isinstance(part, Part):
        raise InputError(f"a part can be saved, not {part!r}")
    home = f"{type(part).__module__}:{type(part).__name__}"
    found = [kind for kind, place in KINDS.items() if place == home]
    if not found:
        raise ModelError(f"{type(part).__name__} has no kind of model file; there are {', '.join(KINDS)}")
    return found[0]


def _before(part: Part) -> ModelFile | None:
    """The model file a part came from, if it is still the same one."""
    if part.origin is None or not part.origin.sha256:
        return None
    try:
        found = read(part.origin.model)
    except ModelError:
        return None
    return found if found.sha256 == part.origin.sha256 else None


def _entry(field: str, value: Any, part: Part, before: ModelFile | None, sources: dict[str, Any]) -> str:
    changed = part.origin.changed if part.origin else ()
    if before is not None and field in before.facts and field not in changed:
        return _fact(before.facts[field], before, sources)
    unit = unit_of(type(part), field)
    estimate = next((e for e in part.origin.estimates if e.field == field), None) if part.origin else None
    shown = _plain(value)
    written = "-" if unit == "choice" else unit
    bare = unit == "choice" and (shown.startswith('"') or isinstance(value, bool))  # numbers carry a unit, even choices
    words = f"value = {shown}" if bare else f"value = {shown}, unit = {_text(written)}"
    if estimate is not None and estimate.low is not None and estimate.high is not None:
        key = "fitted" if estimate.fitted else "estimate"
        title = estimate.source.removeprefix("estimate: ")
        while sources.get(key, {"title": title})["title"] != title:
            key += "_"
        sources[key] = {"kind": "estimate", "title": title}
        if estimate.fitted:
            sources[key]["fit"] = "low and high are the ends of a 95 % interval"
        return f"{{ {words}, source = {_text(key)}, low = {estimate.low!r}, high = {estimate.high!r} }}"
    sources["given"] = {"kind": "code", "title": "given in Python, or the default of the field"}
    return f'{{ {words}, source = "given" }}'


def _fact(fact: Fact, before: ModelFile, sources: dict[str, Any]) -> str:
    sources[fact.source] = before.sources[fact.source]
    words = [f"value = {_plain(fact.value)}"]
    words += [f"unit = {_text(fact.unit)}"] if fact.unit else []
    words += [f"source = {_text(fact.source)}"]
    words += [f"{k} = {v!r}" for k, v in (("low", fact.low), ("high", fact.high)) if v is not None]
    words += [f"note = {_text(fact.note)}"] if fact.note else []
    return f"{{ {', '.join(words)} }}"


def _inner(
    field: str, value: Any, name: str, root: str | Path, before: ModelFile | None, part: Part, sources: dict[str, Any],
    replace: bool,
) -> str:  # fmt: skip
    """A part inside: by its model where it is still that model, else written beside."""
    first, count = (value[0], len(value)) if isinstance(value, tuple) else (value, 0)
    if count and any(other != first for other in value):
        raise ModelError(f"{field}: a model file holds equal parts only; the {count} {field} differ")
    origin = first.origin
    known = _before(first) is not None and not origin.changed and not origin.tuned and load(origin.model) == first
    if known:
        model = origin.model
    else:
        model = f"{name}_{field}"
        save(first, model, root=root, replace=replace)
    entry = before.parts.get(field) if before is not None else None
    if known and entry is not None and before is not None and entry["model"] == model:
        key = str(entry["source"])
        sources[key] = before.sources[key]
    else:
        key = "given"
        sources[key] = {"kind": "code", "title": "given in Python, or the default of the field"}
    many = f", count = {count}" if count else ""
    return f"{field} = {{ model = {_text(model)}, source = {_text(key)}{many} }}"


def _plain(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return _text(str(value.value)) if isinstance(value.value, str) else repr(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_plain(v) for v in value)}]"
    return repr(float(value)) if isinstance(value, float) else repr(int(value))


def _text(value: Any) -> str:
    """A TOML string; what needs escaping is escaped as in JSON, whose strings are a part of it."""
    import datetime
    import json

    if isinstance(value, datetime.date):
        return value.isoformat()
    return json.dumps(str(value), ensure_ascii=False) if not isinstance(value, int | float) else repr(value)
