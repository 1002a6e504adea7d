"""Samples: a function at points drawn from ranges or distributions, along one dimension ``case``."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import whole
from thermal.names import NAMES
from thermal.study.axes import Axes
from thermal.study.run import run

__all__ = ["METHODS", "Inputs", "Points", "draw", "sample"]

METHODS = ("sobol", "lhs", "random")
GROWS = ("sobol", "random")  # more points leave the first ones where they were
SHOWN = 6  # variables that name a case
BOUND = 2.0**-53  # of a probability: the ends of an unbounded distribution are never drawn


def sample(
    f: Callable[..., Any],
    n: int,
    *,
    method: Literal["sobol", "lhs", "random"] = "sobol",
    seed: int = 0,
    workers: int | None = None,
    save: str | Path | None = None,
    on_error: Literal["keep", "raise"] = "keep",
    progress: bool | None = None,
    client: Any = None,
    **ranges: Any,
) -> xr.Dataset:
    """Call a function at points drawn from the ranges of its variables.

    Parameters
    ----------
    f : callable
        As for `sweep`: takes one value of each variable by name.
    n : int
        Number of points. Sobol points are best balanced where it is a power of two.
    method : {"sobol", "lhs", "random"}
        Scrambled Sobol sequence, Latin hypercube, or independent points.
    seed : int
        The same seed draws the same points, with ``"sobol"`` and ``"random"`` also the first of more points.
    workers, save, on_error, progress, client
        As for `sweep`. A store grows with n, except for ``"lhs"``, where all points depend on their number.
    **ranges
        For each variable (low, high), from which it is drawn evenly, or a frozen distribution of ``scipy.stats``. A
        list is an axis, as in `sweep`: each of its values is run at all points, the same for all.

    Returns
    -------
    xarray.Dataset
        Results along ``case`` (and axes), the drawn values as coordinates of it, ``status``, ``error`` and
        ``converged`` as of `sweep`.

    Raises
    ------
    InputError
        If a range is empty, n is no count, or the method is unknown.

    Examples
    --------
    >>> runs = sample(lambda width, flow: {"speed": flow / width}, 8, width=(1.0, 2.0), flow=(3.0, 5.0))
    >>> bool((runs.speed == runs.flow / runs.width).all()), runs.sizes["case"]
    (True, 8)
    """
    plan = Points({k: v for k, v in ranges.items() if not isinstance(v, list)}, n, method, seed, ranges)
    workers = None if workers is None else whole("workers", workers, low=1)
    result = run(plan, f, workers, save, on_error, progress, client)
    return result.assign_attrs(sample=f"{n} points, {method}, seed {seed}")


class Inputs:
    """Variables with their ranges: from points of the unit cube to values, and the words that name them."""

    def __init__(self, ranges: dict[str, Any]) -> None:
        if not ranges:
            raise InputError("a sample needs at least one range: sample(f, 64, flow=(0.6, 1.2))")
        self.ranges = {name: _range(name, given) for name, given in ranges.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, in the order given."""
        return tuple(self.ranges)

    def values(self, unit: np.ndarray) -> np.ndarray:
        """Values of the variables, one row for each row of the unit cube."""
        columns = [
            r[0] + (r[1] - r[0]) * u if isinstance(r, tuple) else np.asarray(r.ppf(np.clip(u, BOUND, 1 - BOUND)))
            for r, u in zip(self.ranges.values(), unit.T, strict=True)
        ]
        values = np.stack(columns, axis=1).astype(float)
        if not np.isfinite(values).all():
            bad = self.names[int(np.argmin(np.isfinite(values).all(axis=0)))]
            raise InputError(f"the distribution of {bad} gives values that are not finite: check its parameters")
        return values

    def say(self) -> dict[str, str]:
        """Each range in words, the same for the same range."""
        return {name: _words(r) for name, r in self.ranges.items()}


class Points:
    """Drawn points, crossed with axes: a plan of cases for the engine of `sweep`, points running slowest."""

    def __init__(
        self, ranges: dict[str, Any], n: int, method: str, seed: int, order: dict[str, Any],
        unit: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        self.inputs = Inputs(ranges)
        self.design = {"method": method, "seed": seed, "ranges": self.inputs.say()}
        if method not in GROWS:
            self.design["n"] = n
        self.drawn = self.inputs.values(draw(len(ranges), n, method, seed) if unit is None else unit)
        crossed = {name: values for name, values in order.items() if name not in ranges}
        self.crossed = Axes(crossed) if crossed else None
        if "case" in order:
            raise InputError("'case' is the dimension of the drawn points: rename the variable of that name")

    @property
    def names(self) -> tuple[str, ...]:
        """Dimensions of the result, before its own."""
        return ("case", *(self.crossed.names if self.crossed else ()))

    @property
    def reserved(self) -> tuple[str, ...]:
        """Names that the result of a case may not have for itself."""
        return (*self.names, *self.inputs.names)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of points, and length of each axis."""
        return (len(self.drawn), *(self.crossed.shape if self.crossed else ()))

    @property
    def size(self) -> int:
        """Number of cases."""
        return int(np.prod(self.shape))

    @property
    def labels(self) -> dict[str, np.ndarray]:
        """Coordinates of the dimensions."""
        return {"case": np.arange(len(self.drawn)), **(self.crossed.labels if self.crossed else {})}

    def cases(self) -> Iterator[dict[str, Any]]:
        """Arguments of each case."""
        for row in self.drawn.tolist():
            point = dict(zip(self.inputs.names, row, strict=True))
            for others in self.crossed.cases() if self.crossed else ({},):
                yield point | others

    def say(self, case: int) -> str:
        """Name a case in words."""
        point, rest = divmod(case, self.size // len(self.drawn))
        pairs = list(zip(self.inputs.names, self.drawn[point].tolist(), strict=True))
        said = ", ".join(f"{k}={v:.6g}" for k, v in pairs[:SHOWN])
        said += f" and {len(pairs) - SHOWN} more" if len(pairs) > SHOWN else ""
        return f"{said}, {self.crossed.say(rest)}" if self.crossed else said

    def plan(self) -> dict[str, Any]:
        """What a store recognises the sample by."""
        return {"case": self.design, **(self.crossed.plan() if self.crossed else {})}

    def describe(self, result: xr.Dataset) -> xr.Dataset:
        """The result with the drawn values as coordinates of ``case``."""
        result = result.assign_coords({k: ("case", v) for k, v in zip(self.inputs.names, self.drawn.T, strict=True)})
        result["case"].attrs.update(NAMES["case"].attrs)
        return result


def draw(dimension: int, n: int, method: str, seed: int) -> np.ndarray:
    """Points of the unit cube.

    Examples
    --------
    >>> draw(2, 4, "random", 0).shape
    (4, 2)
    """
    from scipy.stats import qmc

    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise InputError(f"n = {n!r} must be a number of points from 1 upwards")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed = {seed!r} must be a whole number from 0 upwards, so that the draw can be repeated")
    if method == "random":
        return np.random.default_rng(seed).random((n, dimension))
    if method == "lhs":
        return np.asarray(qmc.LatinHypercube(dimension, seed=np.random.default_rng(seed)).random(n))
    if method == "sobol":
        sequence = qmc.Sobol(dimension, scramble=True, seed=np.random.default_rng(seed))
        return np.asarray(sequence.random_base2(int(np.ceil(np.log2(n)))) if n > 1 else sequence.random(1))[:n]
    raise InputError(f"method = {method!r} must be one of {', '.join(METHODS)}")


def _range(name: str, given: Any) -> Any:
    if hasattr(given, "ppf"):
        return given
    pair = tuple(given) if isinstance(given, tuple) else None
    numbers = pair is not None and all(isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in pair)
    if pair is None or not numbers or len(pair) != 2 or not (np.isfinite(pair).all() and pair[0] < pair[1]):
        raise InputError(
            f"{name} = {given!r} must be (low, high) with low < high, a frozen distribution such as "
            f"scipy.stats.norm(1.0, 0.1), or a list of values to be run at every point"
        )
    return float(pair[0]), float(pair[1])


def _words(given: Any) -> str:
    if isinstance(given, tuple):
        return f"{given[0]!r} to {given[1]!r}"
    law = getattr(given, "dist", None)
    if law is None or not hasattr(law, "name"):
        return repr(given)
    settings = [*map(repr, given.args), *(f"{k}={v!r}" for k, v in sorted(given.kwds.items()))]
    return f"{law.name}({', '.join(settings)})"
