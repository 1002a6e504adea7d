"""The best point under constraints, and the front where one objective costs another, over numbers and lists."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import whole
from thermal.study.evaluate import Archive, choices

__all__ = ["nondominated", "optimise"]

INFEASIBLE = 1e20  # from here on an objective is the size of a violation
POPULATION = 8  # of the evolution, for each variable
MARGIN = 1e-9  # relative, by which a constraint may be missed through rounding


def optimise(
    f: Callable[..., Any],
    *,
    minimise: str | tuple[str, str],
    subject_to: Mapping[str, str | Sequence[str]] | None = None,
    warm: xr.Dataset | None = None,
    points: int = 9,
    seed: int = 0,
    most: int = 2000,
    workers: int | None = None,
    **ranges: Any,
) -> xr.Dataset:
    """Find the smallest value of a result that keeps its constraints; of two results, the front between them.

    Differential evolution (Storn and Price, Journal of Global Optimization 11, 1997) over all variables, in which any
    feasible point beats any infeasible one and the least violation beats the others (Deb, Comput. Methods Appl. Mech.
    Eng. 186, 2000), then sequential quadratic programming over the continuous ones. A front is a row of such searches
    with a limit on the second result, each from all points known so far.

    Parameters
    ----------
    f : callable
        Takes the variables by name and returns numbers by name, as for `sweep`. What fails is infeasible.
    minimise : str, or two
        Name of the result; ``"-heat"`` maximises.
    subject_to : mapping, optional
        ``{"margin": ">= 5"}``, or several: ``{"T_case": [">= 40", "<= 80"]}``.
    warm : Dataset, optional
        A sweep or sample of the same function over variables of the same names: its cases are not run again, and the
        best begin the search.
    points : int
        Of a front.
    seed : int
        Of the evolution.
    most : int
        Calls of the function at most, for each search.
    workers : int, optional
        Threads.
    **ranges
        (low, high) for a number, a list or range of values to choose from otherwise.

    Returns
    -------
    xarray.Dataset
        Every number that the function gives at the optimum with the variables as coordinates, ``feasible``, ``slack_*``
        of each constraint (how far from its limit, positive inside) and the number of ``calls``. A front lies along
        ``case``. Where nothing is feasible it is the point of least violation, and ``feasible`` is false.

    Raises
    ------
    InputError
        If a name, a range or a constraint is wrong, or every call fails.

    Examples
    --------
    >>> def duct(width, pumps):
    ...     return {"cost": 3.0 * width + pumps, "margin": width * pumps - 4.0}
    >>> best = optimise(duct, minimise="cost", subject_to={"margin": ">= 0"}, width=(0.1, 4.0), pumps=[1, 2, 3, 4])
    >>> round(float(best.cost), 6), int(best.pumps)  # 12/3 + 3 and 12/4 + 4: both 7
    (7.0, 3)
    """
    names = (minimise,) if isinstance(minimise, str) else minimise
    if not isinstance(names, tuple | list) or not all(isinstance(n, str) for n in names) or len(names) not in {1, 2}:
        raise InputError(f"minimise = {minimise!r} must be one name or two")
    points, most = whole("points", points, low=2, high=1000), whole("most", most, low=1)
    seed = whole("seed", seed, low=0, high=2**32 - 1)
    workers = None if workers is None else whole("workers", workers, low=1)
    archive = Archive(f, choices(ranges), workers)
    rules = _rules(subject_to or {})
    if warm is not None:
        archive.take(warm)
    if isinstance(minimise, str):
        best = _search(archive, minimise, rules, seed, most)
        return _told(archive, [best], rules).isel(case=0)
    first, second = minimise
    ends = [_search(archive, name, rules, seed, most) for name in (first, second)]
    values = [_value(archive.points[k], second) for k in ends]
    for limit in np.linspace(values[0], values[1], points)[1:-1]:
        bound = (second.removeprefix("-"), ">=" if second.startswith("-") else "<=",
                 -limit if second.startswith("-") else limit)  # fmt: skip
        ends.append(_search(archive, first, [*rules, bound], seed, most))
    kept = [k for k in archive.points if _violation(archive.points[k], rules) == 0.0]
    pairs = np.array([[_value(archive.points[k], name) for name in minimise] for k in kept]).reshape(-1, 2)
    good = [kept[i] for i in _front(pairs)] if kept else [ends[0]]
    order = sorted(good, key=lambda k: _value(archive.points[k], first))
    return _told(archive, order, rules)


def nondominated(runs: xr.Dataset, x: str, y: str) -> xr.Dataset:
    """Cases of a sweep or sample that no other beats in both results, both to be small.

    Examples
    --------
    >>> runs = xr.Dataset({"cost": ("k", [1.0, 2.0, 3.0]), "pue": ("k", [1.2, 1.3, 1.1])}, {"k": [0, 1, 2]})
    >>> nondominated(runs, "cost", "pue").k.values
    array([0, 2])
    """
    for name in (x, y):
        if name not in runs:
            raise InputError(f"the cases have no {name!r}; they have {', '.join(map(str, runs.data_vars))}")
    dims = list(runs[x].dims)
    if set(dims) != set(runs[y].dims):
        raise InputError(f"{x} lies along {dims}, {y} along {list(runs[y].dims)}")
    flat = runs.stack(case=dims).reset_index("case") if len(dims) > 1 else runs
    over = "case" if len(dims) > 1 else str(dims[0])
    pairs = np.stack([flat[x].values, flat[y].values], axis=1).astype(float)
    chosen = _front(pairs)
    found = flat.isel({over: chosen})
    return found.isel({over: np.argsort(found[x].values)})


def _front(pairs: np.ndarray) -> list[int]:
    """Rows that no other row is as good as in both columns and better in one; NaN is on no front."""
    known = np.flatnonzero(np.isfinite(pairs).all(axis=1))
    order = known[np.lexsort((pairs[known, 1], pairs[known, 0]))]
    kept: list[int] = []
    lowest = np.inf
    for row in order.tolist():
        if pairs[row, 1] < lowest:
            kept.append(row)
            lowest = pairs[row, 1]
    return kept


def _rules(subject_to: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str, float]]:
    rules = []
    for name, texts in subject_to.items():
        for text in [texts] if isinstance(texts, str) else texts:
            found = re.fullmatch(r"\s*(>=|<=)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*", str(text))
            if not found:
                raise InputError(f"subject_to {name!r}: {text!r} must be '>= 5' or '<= 5', or a list of such")
            rules.append((str(name), found[1], float(found[2])))
    return rules


def _value(numbers: Mapping[str, float], name: str) -> float:
    value = numbers.get(name.removeprefix("-"), np.nan)
    return -value if name.startswith("-") else value


def _slack(numbers: Mapping[str, float], rule: tuple[str, str, float]) -> float:
    name, sign, limit = rule
    value = numbers.get(name, np.nan)
    slack = value - limit if sign == ">=" else limit - value
    return 0.0 if abs(slack) <= MARGIN * max(abs(limit), 1.0) else slack


def _violation(numbers: Mapping[str, float], rules: Sequence[tuple[str, str, float]]) -> float:
    """Sum of what is missed, each in shares of its limit; infinite where the function failed."""
    if not numbers:
        return np.inf
    missed = [max(-_slack(numbers, r), 0.0) / max(abs(r[2]), 1.0) if np.isfinite(_slack(numbers, r)) else np.inf
              for r in rules]  # fmt: skip
    return float(sum(missed))


def _merit(numbers: Mapping[str, float], name: str, rules: Sequence[tuple[str, str, float]]) -> float:
    missed = _violation(numbers, rules)
    value = _value(numbers, name)
    if not np.isfinite(value) or not np.isfinite(missed):
        return np.inf
    return float(value) if missed == 0.0 else INFEASIBLE * (1.0 + missed)


def _search(archive: Archive, name: str, rules: list[tuple[str, str, float]], seed: int, most: int) -> tuple[Any, ...]:
    """Point of least merit: evolution over all variables, then a local search over the continuous ones."""
    from scipy.optimize import differential_evolution

    variables = archive.variables
    d, before = len(variables), archive.calls
    size = max(POPULATION * d, 16)

    def merits(xs: np.ndarray) -> np.ndarray:
        if archive.calls - before > most:
            return np.full(xs.shape[1], np.inf)
        return np.array([_merit(n, name, rules) for n in archive.many(list(xs.T))])

    begin = _population(archive, name, rules, size, seed)
    archive.many(list(begin))
    _check(archive, name, rules)
    whole = [c.low == c.high for c in variables]
    bounds = [(c.low, c.high + (1e-9 if w else 0.0)) for c, w in zip(variables, whole, strict=True)]
    differential_evolution(
        merits, bounds, integrality=[c.discrete and not w for c, w in zip(variables, whole, strict=True)],
        init=begin, seed=seed, vectorized=True, updating="deferred",
        polish=False, maxiter=max(most // size, 1), tol=1e-4,
    )  # fmt: skip
    best = min(archive.points, key=lambda k: _merit(archive.points[k], name, rules))
    if not all(c.discrete for c in variables) and _merit(archive.points[best], name, rules) < INFEASIBLE:
        _polish(archive, best, name, rules)
        best = min(archive.points, key=lambda k: _merit(archive.points[k], name, rules))
    return best


def _population(archive: Archive, name: str, rules: Any, size: int, seed: int) -> np.ndarray:
    """Latin hypercube, in which the best points known so far take the places of half."""
    from scipy.stats import qmc

    low, high = (np.array([getattr(c, k) for c in archive.variables]) for k in ("low", "high"))
    drawn = low + (high - low) * np.asarray(qmc.LatinHypercube(len(low), seed=np.random.default_rng(seed)).random(size))
    known = sorted(archive.points, key=lambda k: _merit(archive.points[k], name, rules))[: size // 2]
    for row, key in enumerate(known):
        drawn[row] = key
    return drawn


def _check(archive: Archive, name: str, rules: Any) -> None:
    """Names that no point has are wrong; a search in which all fails is told at once."""
    numbers = [n for n in archive.points.values() if n]
    if not numbers and archive.errors:
        key, error = next(iter(archive.errors.items()))
        said = ", ".join(f"{k}={v}" for k, v in archive.arguments(key).items())
        raise InputError(f"all {len(archive.points)} points so far failed; the first, {said}, with {error}")
    for wanted in (name.removeprefix("-"), *(r[0] for r in rules)):
        if numbers and not any(wanted in n for n in numbers):
            raise InputError(f"the function gives no single number {wanted!r}; it gives {', '.join(numbers[0])}")
        if numbers and not any(np.isfinite(n.get(wanted, np.nan)) for n in numbers):
            raise InputError(f"{wanted} is not finite at any of the {len(numbers)} points so far")


def _polish(archive: Archive, best: tuple[Any, ...], name: str, rules: Any) -> None:
    """Sequential quadratic programming on the continuous variables from the best point; all it sees is kept."""
    from scipy.optimize import minimize

    free = [k for k, c in enumerate(archive.variables) if not c.discrete]
    low, high = (np.array([getattr(archive.variables[k], e) for k in free]) for e in ("low", "high"))
    scale = abs(_value(archive.points[best], name)) or 1.0

    def at(u: np.ndarray) -> dict[str, float]:
        x = list(best)
        for k, v in zip(free, low + (high - low) * np.clip(u, 0, 1), strict=True):
            x[k] = v
        return archive.many([x])[0]

    def objective(u: np.ndarray) -> float:
        value = _value(at(u), name) / scale
        return value if np.isfinite(value) else 1e6

    limits = [
        {"type": "ineq", "fun": lambda u, r=r: np.nan_to_num(_slack(at(u), r) / max(abs(r[2]), 1.0), nan=-1e6)}
        for r in rules
    ]
    start = (np.array([best[k] for k in free]) - low) / (high - low)
    minimize(
        objective, start, method="SLSQP", bounds=[(0.0, 1.0)] * len(free), constraints=limits,
        options={"maxiter": 60, "ftol": 1e-10, "eps": 1e-6},
    )  # fmt: skip


def _told(archive: Archive, keys: list[tuple[Any, ...]], rules: list[tuple[str, str, float]]) -> xr.Dataset:
    rows = [archive.points[k] for k in keys]
    names = list(dict.fromkeys(n for row in rows for n in row))
    arguments = [archive.arguments(k) for k in keys]
    taken = {c.name for c in archive.variables}
    columns: dict[str, Any] = {
        f"{n}_result" if n in taken else n: ("case", [r.get(n, np.nan) for r in rows]) for n in names
    }
    for rule in rules:
        columns[f"slack_{rule[0]}{'_low' if rule[1] == '>=' else '_high'}"] = ("case", [_slack(r, rule) for r in rows])
    columns["feasible"] = ("case", [_violation(r, rules) == 0.0 for r in rows])
    coords = {c.name: ("case", _labels([a[c.name] for a in arguments])) for c in archive.variables}
    attrs = {"calls": archive.calls, "failed": len(archive.errors)}
    return xr.Dataset(columns, coords, attrs)


def _labels(values: list[Any]) -> Any:
    plain = all(isinstance(v, bool | int | float | str | np.generic) for v in values)
    return (
        np.array(values) if plain else np.array([str(getattr(getattr(v, "origin", None), "model", v)) for v in values])
    )
