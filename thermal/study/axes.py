"""The named axes of a sweep: what each case is called with, and what it is called."""

from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.study.fingerprint import fingerprint

__all__ = ["Axes"]

RESERVED = ("status", "error", "converged")


class Axes:
    """The values of each axis, their labels, and the cases that their combinations make, counted row by row."""

    def __init__(self, given: dict[str, Any]) -> None:
        if not given:
            raise InputError("a sweep needs at least one axis: sweep(f, flow=[0.6, 1.2])")
        taken = [name for name in given if name in RESERVED]
        if taken:
            raise InputError(
                f"an axis cannot be named {taken[0]!r}, which the result of a sweep has: take another name"
            )
        self.values = {name: _values(name, axis) for name, axis in given.items()}
        self.labels = {name: _labels(values) for name, values in self.values.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes, in the order given."""
        return tuple(self.values)

    @property
    def reserved(self) -> tuple[str, ...]:
        """Names that the result of a case may not have for itself."""
        return self.names

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return tuple(len(values) for values in self.values.values())

    @property
    def size(self) -> int:
        """Number of cases."""
        return prod(self.shape)

    def cases(self) -> Iterator[dict[str, Any]]:
        """Arguments of each case, the last axis running fastest."""
        return (dict(zip(self.values, values, strict=True)) for values in product(*self.values.values()))

    def say(self, case: int) -> str:
        """Name a case in words: ``climate=chicago, T_supply=30``."""
        index = np.unravel_index(case, self.shape)
        return ", ".join(f"{name}={self.labels[name][k]}" for name, k in zip(self.names, index, strict=True))

    def plan(self) -> dict[str, Any]:
        """What a store recognises the sweep by: for each axis its values, each as label and digest."""
        return {
            name: [[repr(label), fingerprint(value)] for label, value in zip(labels.tolist(), values, strict=True)]
            for (name, labels), values in zip(self.labels.items(), self.values.values(), strict=True)
        }

    def describe(self, result: xr.Dataset) -> xr.Dataset:
        """The result as it is: its axes are its coordinates."""
        return result


def _values(name: str, axis: Any) -> list[Any]:
    if isinstance(axis, str | bytes | dict) or not isinstance(axis, Iterable):
        short = text if len(text := " ".join(repr(axis).split())) <= 60 else f"{text[:57]}..."
        raise InputError(f"axis {name} = {short} is not a list of values: write {name}=[{short}]")
    if len(shape := getattr(axis, "shape", ())) > 1:
        raise InputError(f"axis {name} has {len(shape)} dimensions: one row of values is needed")
    values = axis.tolist() if hasattr(axis, "tolist") else list(axis)
    if not values:
        raise InputError(f"axis {name} has no values")
    return values


def _labels(values: list[Any]) -> np.ndarray:
    """Numbers and texts label themselves; a part by its model, else by its name, else by its class."""
    plain = all(isinstance(v, bool | int | float | str | np.generic) for v in values)
    names = values if plain and len({isinstance(v, str) for v in values}) == 1 else [_name(v) for v in values]
    seen: dict[Any, int] = {}
    for k, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            names = [*names[:k], f"{name} ({seen[name]})", *names[k + 1 :]]
    return np.array([str(n) for n in names] if any(isinstance(n, str) for n in names) else names)


def _name(value: Any) -> str:
    if isinstance(value, str | bool | int | float | np.generic):
        return str(value)
    origin = getattr(value, "origin", None)
    if origin is not None:
        changed = ", ".join(f"{field}={getattr(value, field)}" for field in origin.changed)
        return f"{origin.model} ({changed})" if changed else str(origin.model)
    return str(getattr(value, "name", None) or getattr(value, "__name__", None) or type(value).__name__)
