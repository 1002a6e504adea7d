"""Parts inside parts, walked and rebuilt: where each estimate of a model file sits, and the whole with other values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from thermal.errors import InputError
from thermal.quantity import Estimate, Origin, Part, unit_of

__all__ = ["Place", "places", "rebuilt", "replaced", "tuned", "value_at"]


class Place(NamedTuple):
    """One estimate where it sits."""

    key: str  # model file and field: the same unknown wherever that model is used
    path: str  # from the whole to the field: cdu.pump.efficiency, racks[0].heat
    estimate: Estimate
    value: Any
    unit: str
    whole: bool  # a count


def places(item: Any, path: str = "") -> Iterator[Place]:
    """Every estimate of a part and of the parts inside it, those of equal neighbours each at its own place."""
    if isinstance(item, tuple | list):
        for k, inner in enumerate(item):
            yield from places(inner, f"{path}[{k}]")
    elif isinstance(item, Part):
        dot = f"{path}." if path else ""
        for estimate in item.origin.estimates if item.origin else ():
            key = f"{item.origin.model}: {estimate.field}"  # type: ignore[union-attr]
            value, unit = getattr(item, estimate.field), unit_of(type(item), estimate.field)
            whole = type(item).model_fields[estimate.field].annotation is int
            yield Place(key, f"{dot}{estimate.field}", estimate, value, unit, whole)
        for name in type(item).model_fields:
            if isinstance(getattr(item, name), Part | tuple):
                yield from places(getattr(item, name), f"{dot}{name}")


def rebuilt(item: Any, values: Mapping[str, float], done: dict[int, Any] | None = None) -> Any:
    """The part with other values of its estimates, by key; equal parts stay one."""
    done = {} if done is None else done
    if isinstance(item, tuple | list):
        return type(item)(rebuilt(inner, values, done) for inner in item)
    if not isinstance(item, Part):
        return item
    if id(item) not in done:
        changes: dict[str, Any] = {}
        for name in type(item).model_fields:
            inner = getattr(item, name)
            if isinstance(inner, Part | tuple):
                new = rebuilt(inner, values, done)
                if new is not inner and new != inner:
                    changes[name] = new
        for estimate in item.origin.estimates if item.origin else ():
            key = f"{item.origin.model}: {estimate.field}"  # type: ignore[union-attr]
            if key in values:
                whole = type(item).model_fields[estimate.field].annotation is int
                changes[estimate.field] = round(values[key]) if whole else values[key]
        done[id(item)] = item.replace(**changes) if changes else item
    return done[id(item)]


def value_at(item: Any, path: str) -> Any:
    """The value at a path such as ``pump.efficiency``, ``pumps[0].efficiency``, or ``pumps.efficiency`` of the first.

    Raises
    ------
    InputError
        If there is no such field.
    """
    for step in _steps(path):
        item = _inner(item, step, path)
    return item


def replaced(item: Any, path: str, value: Any) -> Any:
    """The part with another value at a path; without an index, that of every part in a tuple."""
    return _replaced(item, _steps(path), value, path)


def _replaced(item: Any, steps: list[str | int], value: Any, path: str) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        new = _replaced(_inner(item, step, path), rest, value, path)
        return type(item)(new if k == step else inner for k, inner in enumerate(item))
    if isinstance(item, tuple):
        return tuple(_replaced(inner, steps, value, path) for inner in item)
    inner = _inner(item, step, path)
    return item.replace(**{step: _replaced(inner, rest, value, path)})


def _steps(path: str) -> list[str | int]:
    found = re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)
    return [name if name else int(index) for name, index in found]


def _inner(item: Any, step: str | int, path: str) -> Any:
    if isinstance(step, int):
        if not isinstance(item, tuple | list) or step >= len(item):
            many = len(item) if isinstance(item, tuple | list) else "no"
            raise InputError(f"{path}: there are {many} parts at [{step}]")
        return item[step]
    if isinstance(item, tuple) and item:
        item = item[0]
    if not isinstance(item, Part) or step not in type(item).model_fields:
        known = ", ".join(type(item).model_fields) if isinstance(item, Part) else "no fields"
        raise InputError(f"{path}: {type(item).__name__} has no field {step!r}; it has {known}")
    return getattr(item, step)


def tuned(item: Any, path: str, value: float, low: float, high: float, on: str) -> Any:
    """The part with a fitted value at a path; the part that holds the field says so, with the interval as its range."""
    steps = _steps(path)
    outer, field = steps[:-1], str(steps[-1])

    def fitted(holder: Any) -> Any:
        if isinstance(holder, tuple):
            return tuple(fitted(inner) for inner in holder)
        new = holder.replace(**{field: value})
        kind = type(holder).__name__
        origin = new.origin or Origin(model=kind, title=f"{kind} made in Python", sha256="", changed=(field,))
        estimate = Estimate(field=field, low=low, high=high, source=f"estimate: fitted on {on}", fitted=True)
        said = f"{field} on {on}"
        new._origin = origin.model_copy(
            update={
                "estimates": (*(e for e in origin.estimates if e.field != field), estimate),
                "tuned": (*(t for t in origin.tuned if t.split(" on ")[0] != field), said),
            }
        )
        return new

    if not outer:
        return fitted(item)
    inner = item
    for step in outer:
        inner = _inner(inner, step, path)
    return _replaced(item, outer, fitted(inner), path)
