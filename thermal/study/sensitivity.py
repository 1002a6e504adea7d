"""Which uncertain input moves a result: Sobol indices with intervals; Morris and PAWN through SALib."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.study.run import run
from thermal.study.sample import Inputs, Points, draw

__all__ = ["SENSITIVITIES", "sensitivity", "sobol_indices"]

SENSITIVITIES = ("sobol", "morris", "pawn")
RESAMPLES = 400
LEAST = 16  # base points below which an index says nothing


def sensitivity(
    f: Callable[..., Any],
    n: int,
    *,
    method: Literal["sobol", "morris", "pawn"] = "sobol",
    of: str | Sequence[str] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    **options: Any,
) -> xr.Dataset:
    """Share of the variance of each result that each input brings, alone and with all its interactions.

    Sobol: first order S_i = Var(E[y|x_i])/Var(y), total order T_i = E(Var[y|x_~i])/Var(y), from n·(d + 2) cases for d
    inputs (Saltelli et al., Computer Physics Communications 181, 2010, table 2: estimators b and f), with percentile
    bootstrap intervals over the n points. Indices do not need to lie in 0..1 where n is small; their intervals tell.

    Parameters
    ----------
    f : callable
        As for `sample`; returns numbers by name.
    n : int
        Base points; a power of two. Morris: trajectories of d + 1 cases. PAWN: cases.
    method : {"sobol", "morris", "pawn"}
        The last two need SALib: ``pip install thermal-toolkit[uq]``.
    of : str or list, optional
        Which results; by default every one that is a number.
    confidence : float
        Of the intervals.
    seed : int
        Of points and bootstrap.
    **options
        ``workers, save, on_error, progress, client`` and the ranges, as for `sample`; inputs are independent.

    Returns
    -------
    xarray.Dataset
        ``first_order``, ``total_order`` with ``*_low`` and ``*_high`` over ``result`` and ``input`` (for the others
        what SALib calls them). A base point with a failed case counts in none of them: ``points`` says how many were
        used, and the indices are NaN below 16.

    Raises
    ------
    InputError
        If a method is unknown or not installed, or a result is no number.

    Examples
    --------
    >>> found = sensitivity(lambda a, b: {"y": a + 2.0 * b}, 256, a=(0.0, 1.0), b=(0.0, 1.0))
    >>> found.first_order.sel(result="y").values.round(2)  # variances 1 and 4 of 5
    array([0.2, 0.8])
    """
    if method not in SENSITIVITIES:
        raise InputError(f"method = {method!r} must be one of {', '.join(SENSITIVITIES)}")
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence = {confidence!r} must lie between 0 and 1")
    engine = {k: options.pop(k, None) for k in ("workers", "save", "progress", "client")}
    on_error = options.pop("on_error", "keep")
    inputs = Inputs(options)
    unit = _saltelli(n, len(inputs.names), seed) if method == "sobol" else _outside(method, inputs, n, seed)
    plan = Points(options, n, f"{method} sensitivity", seed, options, unit)
    runs = run(plan, f, engine["workers"], engine["save"], on_error, engine["progress"], engine["client"])
    values = _numbers(runs, of)
    analyse = {"sobol": _sobol, "morris": _morris, "pawn": _pawn}[method]
    tables = [analyse(inputs, unit, y, confidence, seed) for y in values.values()]
    index = xr.DataArray(list(values), dims="result", name="result")
    failed = int((runs.status != "done").sum())
    attrs = {"method": method, "confidence": confidence, "cases": runs.sizes["case"], "cases_not_done": failed}
    return xr.concat(tables, index).assign_coords(input=list(inputs.names)).assign_attrs(attrs)


def sobol_indices(A: np.ndarray, B: np.ndarray, AB: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and total order from results at points A, B and A with one column of B at a time.

    S_i = mean(f_B (f_ABi − f_A))/V, T_i = mean((f_A − f_ABi)²)/(2V), V the variance of f_A and f_B together. `A` and
    `B` have n results in their last dimension, `AB` has the inputs before it.
    """
    V = np.concatenate([A, B], axis=-1).var(axis=-1)[..., None]
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.mean(B[..., None, :] * (AB - A[..., None, :]), axis=-1) / V
        total = np.mean((A[..., None, :] - AB) ** 2, axis=-1) / (2.0 * V)
    return first, total


def _saltelli(n: int, d: int, seed: int) -> np.ndarray:
    """A, B, then for each input A with that column of B; the rows of one base point are together."""
    both = draw(2 * d, n, "sobol", seed)
    A, B = both[:, :d], both[:, d:]
    blocks = [A, B]
    for i in range(d):
        mixed = A.copy()
        mixed[:, i] = B[:, i]
        blocks.append(mixed)
    return np.stack(blocks, axis=1).reshape(-1, d)


def _sobol(inputs: Inputs, unit: np.ndarray, y: np.ndarray, confidence: float, seed: int) -> xr.Dataset:
    d = len(inputs.names)
    rows = y.reshape(-1, d + 2)
    rows = rows[np.isfinite(rows).all(axis=1)]
    n = len(rows)
    names = [f"{order}_order{end}" for order in ("first", "total") for end in ("", "_low", "_high")]
    table = {name: ("input", np.full(d, np.nan)) for name in names}
    if n >= LEAST and np.ptp(rows) > 0:
        rows = rows - rows[:, :2].mean()  # the estimator of the first order is exact for a mean of zero only at large n
        found = sobol_indices(rows[:, 0], rows[:, 1], rows[:, 2:].T)
        again = np.random.default_rng(seed).integers(0, n, (RESAMPLES, n))
        drawn = rows[again]
        spread = sobol_indices(drawn[:, :, 0], drawn[:, :, 1], np.moveaxis(drawn[:, :, 2:], 2, 1))
        edges = (0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence)
        for order, centre, samples in zip(("first", "total"), found, spread, strict=True):
            low, high = np.nanquantile(samples, edges, axis=0)
            for end, value in (("", centre), ("_low", low), ("_high", high)):
                table[f"{order}_order{end}"] = ("input", value)
    return xr.Dataset(table).assign(points=n)


def _numbers(runs: xr.Dataset, of: str | Sequence[str] | None) -> dict[str, np.ndarray]:
    """Results that are one number a case."""
    plain = {str(k): v for k, v in runs.data_vars.items() if v.dims == ("case",) and v.dtype.kind in "fiu"}
    wanted = list(plain) if of is None else [of] if isinstance(of, str) else list(of)
    missing = [name for name in wanted if name not in plain]
    if missing or not wanted:
        what = f"{missing[0]} is not one number a case" if missing else "the function returns no single number"
        raise InputError(f"{what}; such are {', '.join(plain) or 'none'}: return a mean or a maximum")
    return {name: plain[name].values.astype(float) for name in wanted}


def _salib(module: str) -> Any:
    try:
        return importlib.import_module(f"SALib.{module}")
    except ModuleNotFoundError as error:
        raise InputError(
            "methods 'morris' and 'pawn' need SALib, which is not installed: pip install thermal-toolkit[uq], or use "
            "method='sobol'"
        ) from error


def _problem(inputs: Inputs) -> dict[str, Any]:
    d = len(inputs.names)
    return {"num_vars": d, "names": list(inputs.names), "bounds": [[0.0, 1.0]] * d}


def _outside(method: str, inputs: Inputs, n: int, seed: int) -> np.ndarray:
    if method == "morris":
        return np.asarray(_salib("sample.morris").sample(_problem(inputs), n, num_levels=4, seed=seed))
    _salib("analyze.pawn")
    return draw(len(inputs.names), n, "lhs", seed)


def _complete(y: np.ndarray, method: str) -> np.ndarray:
    if not np.isfinite(y).all():
        raise InputError(
            f"{int((~np.isfinite(y)).sum())} of {y.size} cases gave no value, and {method} needs all of them: narrow "
            "the ranges, or use method='sobol', which leaves them out"
        )
    return y


def _morris(inputs: Inputs, unit: np.ndarray, y: np.ndarray, confidence: float, seed: int) -> xr.Dataset:
    """Elementary effects over the unit cube, in the unit of the result."""
    found = _salib("analyze.morris").analyze(
        _problem(inputs), unit, _complete(y, "morris"), conf_level=confidence, num_levels=4, seed=seed
    )
    return xr.Dataset({k: ("input", np.asarray(found[k])) for k in ("mu", "mu_star", "sigma", "mu_star_conf")})


def _pawn(inputs: Inputs, unit: np.ndarray, y: np.ndarray, confidence: float, seed: int) -> xr.Dataset:
    found = _salib("analyze.pawn").analyze(_problem(inputs), unit, _complete(y, "pawn"), S=10, seed=seed)
    return xr.Dataset({k: ("input", np.asarray(found[k])) for k in ("minimum", "mean", "median", "maximum", "CV")})
