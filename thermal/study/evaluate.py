"""Cases of a search: each point is run once, in threads, and what it gave is kept beside the point."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.machine import cores
from thermal.study.table import NOT_CONVERGED, Outcome, unpack

__all__ = ["Archive", "Choice", "choices"]


class Choice:
    """One variable of a search: a continuous range, or a list of values that are chosen by their place."""

    def __init__(self, name: str, given: Any) -> None:
        self.name = name
        if isinstance(given, range | list | np.ndarray):
            self.values: list[Any] | None = list(given)
            if not self.values:
                raise InputError(f"{name} has no values to choose from")
            self.low, self.high = 0.0, float(len(self.values) - 1)
        else:
            pair = given if isinstance(given, tuple) else ()
            good = all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in pair)
            if len(pair) != 2 or not good or not np.isfinite(pair).all() or not pair[0] < pair[1]:
                raise InputError(f"{name} = {given!r} must be (low, high) with low < high, or a list of values")
            self.values, self.low, self.high = None, float(pair[0]), float(pair[1])

    @property
    def discrete(self) -> bool:
        """Whether it is chosen from a list."""
        return self.values is not None

    def value(self, x: float) -> Any:
        """What the function is called with."""
        if self.values is None:
            return float(min(max(x, self.low), self.high))
        return self.values[int(np.clip(np.rint(x), self.low, self.high))]

    def place(self, value: Any) -> float | None:
        """Where a value lies, or nothing if it is none of the choices."""
        if self.values is None:
            return float(value) if self.low <= value <= self.high else None
        found = [k for k, v in enumerate(self.values) if v == value]
        return float(found[0]) if found else None


def choices(ranges: dict[str, Any]) -> list[Choice]:
    """Variables of a search."""
    if not ranges:
        raise InputError("a search needs at least one variable with its range: flow=(0.6, 2.4)")
    return [Choice(name, given) for name, given in ranges.items()]


class Archive:
    """A function with everything it gave so far."""

    def __init__(self, f: Callable[..., Any], variables: Sequence[Choice], workers: int | None) -> None:
        self.f, self.variables = f, variables
        self.workers = workers or cores()
        self.points: dict[tuple[Any, ...], dict[str, float]] = {}
        self.errors: dict[tuple[Any, ...], str] = {}
        self.calls = 0

    def key(self, x: Sequence[float]) -> tuple[Any, ...]:
        """What a point is recognised by."""
        return tuple(
            int(np.clip(np.rint(v), c.low, c.high)) if c.discrete else float(c.value(v))
            for c, v in zip(self.variables, x, strict=True)
        )

    def many(self, xs: Sequence[Sequence[float]]) -> list[dict[str, float]]:
        """Numbers that the function gives at points, in threads; none where it fails."""
        keys = [self.key(x) for x in xs]
        new = list(dict.fromkeys(k for k in keys if k not in self.points))
        if len(new) > 1 and self.workers > 1:
            with ThreadPoolExecutor(min(self.workers, len(new))) as pool:
                found = list(pool.map(self._one, new))
        else:
            found = [self._one(k) for k in new]
        self.calls += len(new)
        for k, (numbers, error) in zip(new, found, strict=True):
            self.points[k] = numbers
            if error:
                self.errors[k] = error
        return [self.points[k] for k in keys]

    def arguments(self, key: Sequence[Any]) -> dict[str, Any]:
        """Arguments of the function at a point."""
        return {c.name: c.value(k) for c, k in zip(self.variables, key, strict=True)}

    def _one(self, key: tuple[Any, ...]) -> tuple[dict[str, float], str]:
        try:
            return numbers_of(unpack(self.f(**self.arguments(key)))), ""
        except Exception as error:  # a point that fails is kept with its error
            return {}, f"{type(error).__name__}: {error}"

    def take(self, runs: xr.Dataset) -> int:
        """Take over the cases of a sweep or sample whose variables have the names of this search."""
        names = [c.name for c in self.variables]
        missing = [n for n in names if n not in runs.coords]
        if missing:
            raise InputError(
                f"warm: the cases have no {missing[0]!r}; their axes are {', '.join(map(str, runs.coords))}"
            )
        dims = list(runs["status"].dims) if "status" in runs else list(runs.dims)
        if any(d not in {*names, "case"} for d in dims):
            raise InputError(f"warm: select one of {[d for d in dims if d not in {*names, 'case'}]} first")
        flat = runs.stack(every=dims) if len(dims) > 1 else runs.rename({dims[0]: "every"}) if dims else runs
        taken = 0
        kept = [str(k) for k, v in flat.data_vars.items() if v.dims == ("every",) and v.dtype.kind in "fiub"]
        columns = {k: flat[k].values for k in kept}
        axes = {n: (flat["every"] if [n] == dims else flat[n]).values for n in names}
        for row in range(flat.sizes["every"]):
            x = [c.place(axes[c.name][row]) for c in self.variables]
            if any(v is None for v in x):
                continue
            numbers = {k: float(v[row]) for k, v in columns.items()}
            self.points[self.key([v for v in x if v is not None])] = numbers
            taken += 1
        if not taken:
            raise InputError("warm: no case lies within the ranges of this search")
        return taken


def numbers_of(outcome: Outcome) -> dict[str, float]:
    """Single numbers of a case; none at all if it says that it did not converge."""
    numbers = {
        k: float(c.values) for k, c in outcome.columns.items() if c.values.ndim == 0 and c.values.dtype.kind in "fiub"
    }
    if outcome.status == NOT_CONVERGED or numbers.get("converged", 1.0) == 0.0:
        return {}
    return numbers
