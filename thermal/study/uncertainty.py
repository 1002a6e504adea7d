"""What is not known for certain, and what it does: estimates of model files drawn from their ranges, and compared."""

import difflib
import fnmatch
import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.quantity import Part
from thermal.study.run import run
from thermal.study.sample import Inputs, Points
from thermal.study.tree import places, rebuilt

__all__ = ["better", "propagate", "quantiles", "uncertain"]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def uncertain(part: Any) -> xr.Dataset:
    """List every estimate of a part and of the parts inside it, with its range and where it comes from.

    Parameters
    ----------
    part : Part, or list of parts
        Built by ``th.load``. What was replaced since counts as known.

    Returns
    -------
    xarray.Dataset
        ``value``, ``low``, ``high``, ``unit``, ``source``, ``path`` (the first place) and ``places`` (how many) over
        ``estimate``, which is named by model file and field: equal parts share one unknown. Low and high are in SI;
        they are NaN for tables, which carry no range.

    Examples
    --------
    >>> import thermal as th
    >>> found = uncertain(th.load("pumps/google_deschutes"))
    >>> found.sel(estimate="pumps/google_deschutes: efficiency").low.item()
    0.62
    """
    _of_parts(part)
    rows: dict[str, list[Any]] = {}
    for place in places(part):
        rows.setdefault(place.key, []).append(place)
    table: dict[str, list[Any]] = {k: [] for k in ("value", "low", "high", "unit", "source", "path", "places")}
    for found in rows.values():
        first = found[0]
        limits = [np.nan if v is None else v for v in (first.estimate.low, first.estimate.high)]
        value = np.nan if isinstance(first.value, tuple) or first.value is None else float(first.value)
        row = (value, *limits, first.unit, first.estimate.source, first.path, len(found))
        for column, entry in zip(table.values(), row, strict=True):
            column.append(entry)
    kinds = {"value": float, "low": float, "high": float, "places": int}
    columns: dict[str, Any] = {k: ("estimate", np.array(v, dtype=kinds.get(k, str))) for k, v in table.items()}
    return xr.Dataset(columns, {"estimate": np.array(list(rows), dtype=str)})


def propagate(
    f: Callable[..., Any], part: Any, n: int = 200, *, law: Literal["triangular", "uniform"] = "triangular",
    only: Sequence[str] = ("*",), fixed: Sequence[str] = (), antithetic: bool = True, seed: int = 0,
    workers: int | None = None, save: Any = None, on_error: Literal["keep", "raise"] = "keep",
    progress: bool | None = None, client: Any = None, **ranges: Any,
) -> xr.Dataset:  # fmt: skip
    """Call a function for draws of a part: every estimate with a range takes a value in it.

    Parameters
    ----------
    f : callable
        Takes the part, and by name whatever is in `ranges`; returns what a sweep may return.
    part : Part, or list of parts
        Built by ``th.load``, at its best values.
    n : int
        Draws; even with antithetic pairs.
    law : {"triangular", "uniform"}
        How values lie between low and high: highest at the best value, or evenly. A fitted value is always drawn from
        the normal distribution whose 95 % interval is its range.
    only, fixed : sequence of str
        Which estimates are drawn and which are not, by name or pattern: ``only=["towers/*", "*: efficiency"]``. What is
        a decision rather than unknown belongs into `fixed`: a set point, a number of machines.
    antithetic : bool
        Draw pairs that mirror each other, u and 1 − u; means of what is monotonic are nearer to the truth.
    seed : int
        With one seed an estimate has the same draws in every design that has it (common random numbers).
    workers, save, on_error, progress, client
        As for ``th.sweep``.
    **ranges
        Further uncertain inputs of `f`, as for ``th.sample``.

    Returns
    -------
    xarray.Dataset
        Results along ``case`` with the drawn values as coordinates, ``status`` and ``error``.

    Examples
    --------
    >>> import thermal as th
    >>> runs = propagate(lambda pump: {"loss": 1 / pump.efficiency}, th.load("pumps/google_deschutes"), 64)
    >>> bool(runs.loss.min() >= 1 / 0.80), bool(runs.loss.max() <= 1 / 0.62)
    (True, True)
    """
    from scipy import stats

    if law not in {"triangular", "uniform"}:
        raise InputError(f"law = {law!r} must be 'triangular' or 'uniform'")
    if isinstance(n, bool) or not isinstance(n, int) or n < 2 or (antithetic and n % 2):
        raise InputError(f"n = {n!r} must be an {'even ' if antithetic else ''}number of draws from 2 upwards")
    _of_parts(part)
    laws: dict[str, Any] = {}
    _known_patterns(part, [*only, *fixed])
    for place in places(part):
        low, high = place.estimate.low, place.estimate.high
        if low is None or high is None or not high > low or not _drawn(place.key, only, fixed):
            continue
        if place.whole:
            laws[place.key] = _Whole(place.value, low, high, law)
            continue
        width = high - low
        if place.estimate.fitted:
            laws[place.key] = stats.norm(0.5 * (low + high), width / (2 * stats.norm.ppf(0.975)))
        elif law == "uniform":
            laws[place.key] = stats.uniform(low, width)
        else:
            laws[place.key] = stats.triang((float(place.value) - low) / width, low, width)
    keys = tuple(laws)
    laws |= Inputs(ranges).ranges if ranges else {}
    if not laws:
        raise InputError("nothing is uncertain: no estimate of the part has a range, and no range was given")
    unit = np.stack([_column(name, n, seed, antithetic) for name in laws], axis=1)
    plan = Points(laws, n, f"{law}{', antithetic' if antithetic else ''}", seed, laws, unit)
    call = functools.partial(_call, f, part, keys)
    result = run(plan, call, workers, save, on_error, progress, client)
    return result.assign_attrs(draws=f"{n} draws, {law}{', antithetic pairs' if antithetic else ''}, seed {seed}")


def quantiles(runs: xr.Dataset, probabilities: tuple[float, ...] = QUANTILES) -> xr.Dataset:
    """Quantiles of every numeric result over the draws; a failed draw counts in none, ``cases_used`` says how many did.

    Examples
    --------
    >>> runs = xr.Dataset({"pue": ("case", [1.1, 1.2, 1.3])}, {"case": [0, 1, 2]})
    >>> float(quantiles(runs, (0.5,)).pue[0])
    1.2
    """
    if "case" not in runs.dims:
        raise InputError(
            f"quantiles are taken over draws along 'case'; the result has {', '.join(map(str, runs.dims))}"
        )
    if not all(0.0 <= p <= 1.0 for p in probabilities):
        raise InputError(f"probabilities = {probabilities} must lie in 0..1")
    numeric = [str(k) for k, v in runs.data_vars.items() if v.dtype.kind == "f" and "case" in v.dims]
    table = runs[numeric].quantile(list(probabilities), dim="case", skipna=True, keep_attrs=True)
    used = int((runs["status"] == "done").all([d for d in runs["status"].dims if d != "case"]).sum()) if (
        "status" in runs
    ) else runs.sizes["case"]  # fmt: skip
    return table.rename(quantile="probability").assign_attrs(cases_used=used, cases=runs.sizes["case"])


def better(
    f: Callable[..., Any], a: Any, b: Any, of: str, n: int = 200, *, seed: int = 0, antithetic: bool = True, **more: Any
) -> xr.Dataset:
    """Ask whether design B has less of a result than design A, under what both share of the unknown.

    Both are drawn with the same numbers, so that what they share cancels: the difference is surer than either.

    Parameters
    ----------
    f : callable
        As for `propagate`.
    a, b : Part, or list of parts
        The two designs.
    of : str
        Which result, one number a case.
    n, seed, antithetic, **more
        As for `propagate`.

    Returns
    -------
    xarray.Dataset
        ``a``, ``b`` and ``difference`` (b − a) along ``case``; ``mean_difference`` and its ``standard_error``, ``low``
        and ``high`` (the middle 90 % of the difference) and ``probability`` that B has less, with
        ``probability_low`` and ``probability_high``, its 95 % interval for this number of draws (Wilson).

    Examples
    --------
    >>> import thermal as th
    >>> pump = th.load("pumps/google_deschutes")
    >>> found = better(lambda p, price: {"cost": price / p.efficiency / p.drive_efficiency}, pump,
    ...                pump.replace(drive_efficiency=0.97), "cost", price=(1.0, 2.0))
    >>> float(found.probability)
    1.0
    """
    runs = [propagate(f, design, n, seed=seed, antithetic=antithetic, **more) for design in (a, b)]
    for letter, result in zip("ab", runs, strict=True):
        if of not in result or result[of].dims != ("case",):
            raise InputError(
                f"design {letter} gives no single number {of!r}; it has {', '.join(map(str, result.data_vars))}"
            )
    A, B = (np.asarray(r[of].values, dtype=float) for r in runs)
    D = B - A
    good = np.isfinite(D)
    if good.sum() < 2:
        raise InputError(f"only {int(good.sum())} of {n} draws gave {of!r} for both designs")
    pairs = D.reshape(-1, 2).mean(axis=1) if antithetic else D
    pairs = pairs[np.isfinite(pairs)]
    wins = float(np.mean(D[good] < 0))
    low, high = _wilson(wins, int(good.sum()))
    attrs = {k: v for k, v in runs[0][of].attrs.items() if k == "units"}
    numbers = {
        "mean_difference": (float(D[good].mean()), attrs),
        "standard_error": (float(pairs.std(ddof=1) / np.sqrt(pairs.size)) if pairs.size > 1 else np.nan, attrs),
        "low": (float(np.quantile(D[good], 0.05)), attrs),
        "high": (float(np.quantile(D[good], 0.95)), attrs),
        "probability": (wins, {}),
        "probability_low": (low, {}),
        "probability_high": (high, {}),
    }
    table: dict[str, Any] = {k: ("case", v, attrs) for k, v in (("a", A), ("b", B), ("difference", D))}
    table |= {k: ((), v, a) for k, (v, a) in numbers.items()}
    return xr.Dataset(table, {"case": np.arange(n)}, {"of": of, "cases_used": int(good.sum()), "cases": n})


class _Whole:
    """Whole numbers from low to high: evenly, or in shares of the triangle over each."""

    def __init__(self, best: float, low: float, high: float, law: str) -> None:
        from scipy import stats

        width = high - low + 1.0
        mode = (best - low + 0.5) / width
        self.base = stats.uniform(low - 0.5, width) if law == "uniform" else stats.triang(mode, low - 0.5, width)
        self.words = f"whole {law} {best:g} in {low:g} to {high:g}"
        self.low, self.high = low, high

    def ppf(self, u: np.ndarray) -> np.ndarray:
        """Quantiles."""
        return np.clip(np.rint(self.base.ppf(u)), self.low, self.high)

    def __repr__(self) -> str:
        return self.words


def _of_parts(item: Any) -> None:
    """What holds no part has no estimate, and is a mistake."""
    stack, found = [item], False
    while stack and not found:
        inner = stack.pop()
        found = isinstance(inner, Part)
        stack.extend(inner if isinstance(inner, tuple | list) else ())
    if not found:
        raise InputError(f"estimates belong to parts, such as th.load('towers/merkel'); {item!r} is none")


def _known_patterns(part: Any, patterns: Sequence[str]) -> None:
    """A pattern that names nothing is a mistake."""
    keys = {place.key for place in places(part)}
    for pattern in patterns:
        if pattern != "*" and not fnmatch.filter(keys, pattern):
            close = difflib.get_close_matches(pattern, sorted(keys), n=3, cutoff=0.4)
            raise InputError(f"no estimate is called {pattern!r}; {'did you mean ' + ', '.join(close) if close else ''}"
                             " (uncertain(part) lists them)")  # fmt: skip


def _drawn(key: str, only: Sequence[str], fixed: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(key, p) for p in only) and not any(fnmatch.fnmatchcase(key, p) for p in fixed)


def _call(f: Callable[..., Any], part: Any, keys: tuple[str, ...], **values: float) -> Any:
    drawn = {k: values.pop(k) for k in keys}
    return f(rebuilt(part, drawn), **values)


def _column(name: str, n: int, seed: int, antithetic: bool) -> np.ndarray:
    """Draws of one unknown: they depend on its name, the seed and nothing else; pairs lie side by side."""
    words = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    generator = np.random.default_rng([seed, words])
    if not antithetic:
        return generator.random(n)
    u = generator.random(n // 2)
    return np.stack([u, 1.0 - u], axis=1).ravel()


def _wilson(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a probability seen as `share` of n draws (Wilson, J. Am. Stat. Assoc. 22, 1927)."""
    z2 = 1.959964**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return float(max(centre - half, 0.0)), float(min(centre + half, 1.0))
