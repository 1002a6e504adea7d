"""One declaration per physical field: unit, meaning, range. Errors, tables, file checks and schemas come from it."""

import difflib
import math
from enum import Enum, IntEnum
from typing import Any, Self

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from thermal.errors import InputError
from thermal.html import Leaf, Node, page
from thermal.inputs import PLAUSIBLE, array
from thermal.readable import readable, worded

__all__ = ["Estimate", "Origin", "Part", "choice", "complaint", "origins", "part", "provenance", "quantity"]

_MISSING: Any = ...
NO_NUMBERS = {"choice", "part"}  # fields that are no quantities
LABELLED = (xr.DataArray, pd.Series, np.ndarray, np.generic)
MOST = 8  # complaints, names or digits of text in one message


class Estimate(BaseModel):
    """A number of a part that nobody measured, or that was fitted: value and range in SI, and where they come from."""

    model_config = ConfigDict(frozen=True)
    field: str
    low: float | None = None  # a table of numbers carries no range
    high: float | None = None
    source: str
    fitted: bool = False  # the range is an interval of a fit, not a bound


class Origin(BaseModel):
    """Where a part came from: model name, file digest, its estimates, and what was changed and tuned since."""

    model_config = ConfigDict(frozen=True)
    model: str
    title: str
    sha256: str
    changed: tuple[str, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    tuned: tuple[str, ...] = ()  # "UA on psa/dc_exp1", say
    sources: tuple[tuple[str, str], ...] = ()  # of each field: "datasheet: maker, document and page"


def quantity(
    unit: str,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    default: Any = _MISSING,
    shown: bool = True,
) -> Any:
    """Declare a physical field of a part.

    Parameters
    ----------
    unit : str
        SI unit, or ``degC``; ``-`` for a ratio.
    meaning : str
        What the number is, in the field's own words.
    low, high : float, optional
        Inclusive admissible range.
    above : float, optional
        Exclusive lower limit, for what must be more than zero.
    default : optional
        Value when not given; without it the field is required.
    shown : bool
        Whether the field appears in the printed tree; False for tables of numbers that say nothing to a reader.
    """
    extra: dict[str, Any] = {"unit": unit, "shown": shown}
    return Field(default, description=meaning, ge=low, le=high, gt=above, json_schema_extra=extra)


def choice(meaning: str, *, default: Any = _MISSING) -> Any:
    """Declare a field that is not a quantity: a name, a flag, a member of an enumeration."""
    return Field(default, description=meaning, json_schema_extra={"unit": "choice"})


def part(meaning: str, *, default: Any = _MISSING) -> Any:
    """Declare a field that is itself a part, or a tuple of parts."""
    return Field(default, description=meaning, json_schema_extra={"unit": "part"})


class Part(BaseModel):
    """A thing one can buy or build: frozen, checked at construction, printed as a tree of what it is made of."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=False,
        defer_build=True,  # until one is made: a session uses few of them
    )  # fmt: skip
    _origin: Origin | None = PrivateAttr(default=None)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InputError(_explain(type(self), error)) from None

    @field_validator("*", mode="before")
    @classmethod
    def _number(cls, value: Any, info: ValidationInfo) -> Any:
        """Numbers through the door: labelled ones in their units; no truth values or texts, which pydantic reads."""
        name = str(info.field_name)
        unit = unit_of(cls, name)
        if unit in NO_NUMBERS:
            kind = cls.model_fields[name].annotation
            if isinstance(value, str | bool) and isinstance(kind, type) and issubclass(kind, IntEnum):
                return _by_name(kind, str(value))
            return value.item() if isinstance(value, np.generic) else value
        if isinstance(value, LABELLED) or hasattr(value, "magnitude"):
            try:
                found = np.asarray(array(f"{cls.__name__}.{name}", value, unit, missing=True))
            except InputError as error:
                raise PydanticCustomError("door", "{text}", {"text": str(error)}) from None
            return found.item() if found.ndim == 0 else tuple(found.tolist())
        items = value if isinstance(value, tuple | list) else (value,)
        if any(isinstance(item, bool | np.bool_ | str | bytes) for item in items):
            raise PydanticCustomError("number", "a number is needed, not a text or a truth value")
        most = PLAUSIBLE.get(unit, math.inf)
        absurd = [x for x in items if isinstance(x, int | float) and most < abs(x) < math.inf]
        if absurd and not any(getattr(limit, "le", None) is not None for limit in cls.model_fields[name].metadata):
            text = f"{cls.__name__}.{name} = {absurd[0]:g} {unit} is beyond anything real; check its unit"
            raise PydanticCustomError("door", "{text}", {"text": text})
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            super().__setattr__(name, value)
        except ValidationError:
            text = f"{type(self).__name__}.{name} cannot be set, parts are frozen: use .replace({name}=...)"
            raise InputError(text) from None

    @property
    def origin(self) -> Origin | None:
        """Model file this part was loaded from, if any."""
        return self._origin

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked again.

        Raises
        ------
        InputError
            If a field does not exist or a value is outside its range.
        """
        values = {name: getattr(self, name) for name in type(self).model_fields}
        try:
            new = type(self)(**{**values, **changes})
        except InputError as error:
            if any(name in str(error) for name in changes):
                raise
            raise InputError(f"{error} (after replace of {', '.join(changes)})") from None
        if self._origin is not None:
            changed = tuple(sorted({*self._origin.changed, *changes}))
            left = tuple(e for e in self._origin.estimates if e.field not in changes)
            said = tuple(s for s in self._origin.sources if s[0] not in changes)
            new._origin = self._origin.model_copy(update={"changed": changed, "estimates": left, "sources": said})
        return new

    def completed(self, **defaults: Any) -> Self:
        """Return the part with `defaults` in fields that were left open; where it came from stays as it is.

        A name that is no field of this part is passed over, so that one call serves several kinds of part.
        """
        open_ = {k: v for k, v in defaults.items() if k in type(self).model_fields and getattr(self, k) is None}
        if not open_:
            return self
        new = self.replace(**open_)
        new._origin = self._origin
        return new

    def __eq__(self, other: object) -> bool:
        """Equal in every field; neither the origin nor what was worked out from the fields counts."""
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def __str__(self) -> str:
        return "\n".join(_lines(_tree(self)))

    def _repr_html_(self) -> str:
        return page(_tree(self))

    def _summary(self) -> dict[str, str]:
        """Derived figures worth a line in the printed tree; subclasses add theirs."""
        return {}


def _by_name(kind: type[IntEnum], text: str) -> IntEnum:
    """The member of a numbered choice that a text names."""
    names = {member.name.lower(): member for member in kind}
    if text.lower() not in names:
        raise PydanticCustomError("choice", "{text}", {"text": f"it must be one of {', '.join(names)}"})
    return names[text.lower()]


def unit_of(owner: type[Part], field: str) -> str:
    """Return the declared unit of a field."""
    extra = owner.model_fields[field].json_schema_extra
    return str(extra["unit"]) if isinstance(extra, dict) else ""


def _is_shown(owner: type[Part], field: str) -> bool:
    extra = owner.model_fields[field].json_schema_extra
    return bool(extra.get("shown", True)) if isinstance(extra, dict) else True


def _tree(item: Part, name: str = "", count: int = 1) -> Node:
    """A part with its numbers and the parts inside it, as it is printed and shown."""
    origin = item.origin
    title = f" · {origin.title}" if origin else ""
    changed = f" (changed: {', '.join(origin.changed)})" if origin and origin.changed else ""
    tuned = f" (tuned: {'; '.join(origin.tuned)})" if origin and origin.tuned else ""
    many = f"{count} × " if count > 1 else ""
    sources = dict(origin.sources) if origin else {}
    found: list[Leaf | Node] = []
    for field in type(item).model_fields:
        value, unit = getattr(item, field), unit_of(type(item), field)
        if value is None or not _is_shown(type(item), field):
            continue
        if isinstance(value, Part):
            found.append(_tree(value, field))
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            found.extend(_tree(inner, field, n) for n, inner in _grouped(value))
        else:
            source = sources.get(field, "")
            found.append(Leaf(field, _show(value, unit), source.partition(":")[0], source))
    found += [Leaf(f"({key}", f"{text})") for key, text in item._summary().items()]  # in brackets: derived, no fields
    return Node(name, f"{many}{type(item).__name__}{title}{changed}{tuned}", tuple(found))


def _lines(node: Node) -> list[str]:
    """Lines of the printed tree."""
    lines = [f"{node.name}: {node.heading}" if node.name else node.heading]
    for k, item in enumerate(node.items):
        branch = _lines(item) if isinstance(item, Node) else [f"{item.name}: {item.text}"]
        last = k == len(node.items) - 1
        lines.append(("└─ " if last else "├─ ") + branch[0])
        lines += [("   " if last else "│  ") + line for line in branch[1:]]
    return lines


def _grouped(parts: tuple[Part, ...]) -> list[tuple[int, Part]]:
    """Equal neighbours are shown once, with their number."""
    groups: list[tuple[int, Part]] = []
    for item in parts:
        if groups and groups[-1][1] == item:
            groups[-1] = (groups[-1][0] + 1, item)
        else:
            groups.append((1, item))
    return groups


def _show(value: Any, unit: str) -> str:
    suffix = "" if unit in {"-", *NO_NUMBERS} else f" {unit}"
    if isinstance(value, tuple):
        inside = ", ".join(_show(v, "-") for v in value[:4])
        return f"({inside}{', …' if len(value) > 4 else ''}){suffix}"
    if isinstance(value, float):
        beside = f" ({worded(value, unit)})" if readable(value, unit)[1] != unit else ""
        return f"{value:.6g}{suffix}{beside}"
    if isinstance(value, IntEnum):
        return f"{value.name.lower()}{suffix}"
    return f"{value.value if isinstance(value, Enum) else value}{suffix}"


def _explain(owner: type[Part], error: ValidationError) -> str:
    """Turn all complaints of one construction into lines of path, value, limit and advice."""
    lines = [complaint(owner, item) for item in error.errors(include_url=False)]
    head = f"{owner.__name__}: {len(lines)} inputs are wrong\n  " if len(lines) > 1 else ""
    more = [f"... and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return head + "\n  ".join(lines[:MOST] + more)


def complaint(owner: type[Part], item: Any) -> str:
    """One complaint of pydantic as path, value, limit and advice."""
    location = [str(p) for p in item["loc"]]
    path = ".".join([owner.__name__, *location])
    value, kind = item.get("input"), item["type"]
    name = location[0] if location else ""
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(name, owner.model_fields, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known: {_listed(owner.model_fields)}"
        return f"{owner.__name__} has no field {name!r:.60}; {hint}"
    if kind == "door":
        return str(item["msg"])
    if name not in owner.model_fields:
        return f"{path}: {item['msg'].removeprefix('Value error, ')}"
    unit = unit_of(owner, name)
    shown = "" if unit in {"-", *NO_NUMBERS} else f" {unit}"
    meaning = owner.model_fields[name].description
    if kind == "missing":
        return f"{path} is missing: {meaning}{' [' + shown.strip() + ']' if shown else ''}"
    if kind in {"greater_than_equal", "less_than_equal", "greater_than"}:
        return f"{path} = {value:.6g}{shown} is outside {_range(owner, name)}{shown} ({meaning})"
    if kind == "finite_number":
        return f"{path} = {value}{shown} is not finite ({meaning})"
    return f"{path} = {_short(value)}: {item['msg']} ({meaning}{', in' + shown if shown else ''})"


def _listed(names: Any) -> str:
    names = list(map(str, names))
    return ", ".join(names[: 3 * MOST]) + (f" and {len(names) - 3 * MOST} more" if len(names) > 3 * MOST else "")


def _short(value: Any) -> str:
    """A value on one line: parts by their kind, all else as written, cut."""
    if isinstance(value, Part):
        return f"{type(value).__name__}(...)"
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def _range(owner: type[Part], name: str) -> str:
    low, high, bracket = "-inf", "inf", "["
    for limit in owner.model_fields[name].metadata:
        low = f"{limit.ge:.6g}" if getattr(limit, "ge", None) is not None else low
        high = f"{limit.le:.6g}" if getattr(limit, "le", None) is not None else high
        if getattr(limit, "gt", None) is not None:
            low, bracket = f"{limit.gt:.6g}", "("
    return f"{bracket}{low}, {high}]"


def origins(*parts: Any) -> tuple[Origin, ...]:
    """Where parts and all that is inside them came from, each model once."""
    found: dict[str, Origin] = {}
    stack = list(parts)
    while stack:
        item = stack.pop()
        if isinstance(item, tuple | list):
            stack.extend(dict.fromkeys(item) if all(isinstance(i, Part) for i in item) else item)
        elif isinstance(item, Part):
            if item.origin is not None:
                found[item.origin.model] = item.origin
            stack.extend(getattr(item, name) for name in type(item).model_fields)
        elif isinstance(item, Origin):
            found.setdefault(item.model, item)
    return tuple(found[name] for name in sorted(found))


def provenance(*parts: Any) -> dict[str, str]:
    """Attributes that say which package and which model files made a result, and what was changed in them.

    A part that differs from its file is listed as the file's digest with the names, and numbers, of what was changed;
    a part that comes from no file as ``Pump (no model file)``, unless it lies inside another part.

    Examples
    --------
    >>> import thermal as th
    >>> pump = th.load("duty_pumps/facility_20mw").replace(head=300e3)
    >>> provenance(pump)["models"].split(" ", 2)[2]
    'changed: head=300000.0'
    """
    from thermal import __version__

    found: set[str] = set()
    stack = [(item, True) for item in parts]
    while stack:
        item, outer = stack.pop()
        if isinstance(item, tuple | list):
            signed = all(isinstance(i, Part | Origin) for i in item)  # not a table of numbers
            stack.extend((i, outer) for i in (dict.fromkeys(item) if signed else ()))
        elif isinstance(item, Part):
            if item.origin is not None:
                found.add(_signature(item.origin, item))
            elif outer:
                found.add(f"{type(item).__name__} (no model file)")
            stack.extend((getattr(item, name), False) for name in type(item).model_fields)
        elif isinstance(item, Origin):
            found.add(_signature(item))
    return {"thermal_version": __version__, "models": "; ".join(sorted(found))}


def _signature(origin: Origin, item: Part | None = None) -> str:
    text = f"{origin.model} {origin.sha256[:12]}"
    if not origin.changed:
        return text
    values = ((name, getattr(item, name, None)) for name in origin.changed)
    return text + " changed: " + ",".join(f"{k}={v}" if isinstance(v, float | int | str) else k for k, v in values)
