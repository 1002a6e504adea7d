"""Fit parameters of a model to measurements, say how surely they are known, and judge the fit where it was not made."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number, whole
from thermal.quantity import Part
from thermal.study.calibration import Calibration, Problem
from thermal.study.comparison import compare
from thermal.study.identify import confounded, undetermined
from thermal.study.parameters import Parameter, parameter
from thermal.study.residuals import channel, estimated, stuck
from thermal.study.tree import replaced

__all__ = ["calibrate"]

ROUNDS = 8  # of fit and noise in turn
SETTLED = 0.01  # change of the noise at which they are


def calibrate(
    model: Callable[..., Any],
    measured: xr.Dataset | Mapping[str, Any],
    parameters: Mapping[str, Any],
    *,
    part: Part | None = None,
    uncertainty: Mapping[str, float] | None = None,
    window: Any = None,
    autocorrelation: Literal["covariance", "whiten", "none"] = "covariance",
    drop_stuck: int | None = None,
    confidence: float = 0.95,
    starts: int = 1,
    step: float = 1e-4,
    on: str = "",
) -> Calibration:
    """Fit parameters by least squares, weighted by uncertainty, with intervals that know of autocorrelation.

    Residuals r = model − measured of every quantity are scaled by their standard deviation σ and, along ``time``, taken
    as an AR(1) process with correlation ρ a step, gaps included; both are estimated from the residuals, in turn with
    the fit. σ is at least the stated uncertainty. Each quantity weighs as its n·(1 − ρ)/(1 + ρ) independent points, and
    the covariance is (JᵀJ)⁻¹·JᵀRJ·(JᵀJ)⁻¹ with the rows of priors, R the correlation of the residuals. Whitened, the
    fit minimises r_i − ρ·r_(i−1) instead (generalised least squares): sharper where the model is right, but where its
    error is slow, ρ nears 1 and the fit looks at changes only, not at levels. Intervals take Student's t of the
    independent points less the parameters.

    Parameters
    ----------
    model : callable
        Takes the parameters by name, or with `part` the part, and returns the measured quantities by name.
    measured : Dataset or mapping of arrays
        What is fitted, NaN where unknown. DataArrays are matched by coordinates.
    parameters : mapping
        For each name, with `part` a path of it such as ``"pumps.efficiency"``: (low, high) or (low, start, high) as
        bounds; or None for what the part's model file says of its estimate: best value and range become a prior (a
        normal distribution whose 95 % interval is the range).
    part : Part, optional
        Where the parameters belong; the result then holds the calibrated one.
    uncertainty : mapping, optional
        Standard uncertainty of a measured quantity, in its unit.
    window : slice of times or bool array, optional
        Where to fit; what is outside is judged only.
    autocorrelation : {"covariance", "whiten", "none"}
        What is done about correlated neighbours along ``time``; ``"none"`` gives intervals that are too narrow if so.
    drop_stuck : int, optional
        Leave out runs of so many equal values or more: a sensor that hangs. Off by default, since a coarse sensor may
        repeat itself honestly; ``left_out`` says how many points it were.
    confidence : float
        Of the intervals.
    starts : int
        Fits from so many starting points, the first as given; the best is kept.
    step : float
        Of the finite differences, as a share of a parameter's range.
    on : str
        What the data are, for the origin of the part: ``"psa/dc_exp1, 14 points"``.

    Returns
    -------
    Calibration
        ``values``, ``table`` with intervals, ``covariance``, ``noise``, the comparisons ``fitted`` and ``judged``,
        ``part``, ``warnings``, and ``log_likelihood``, ``profile`` and ``posterior``.

    Raises
    ------
    InputError
        If names, bounds or shapes are wrong, or the model fails at the start.

    Examples
    --------
    >>> x = np.arange(8.0)
    >>> noise = np.array([1, -1, -1, 1, 1, -1, -1, 1]) * 0.1
    >>> fit = calibrate(lambda a, b: {"y": a + b * x}, {"y": 2 + 3 * x + noise}, {"a": (0, 9), "b": (0, 9)})
    >>> {k: round(v, 6) for k, v in fit.values.items()}  # the noise is orthogonal to both
    {'a': 2.0, 'b': 3.0}
    """
    chosen = [parameter(name, given, part) for name, given in parameters.items()]
    if not chosen:
        raise InputError("a fit needs at least one parameter")
    if autocorrelation not in {"covariance", "whiten", "none"}:
        raise InputError(f"autocorrelation = {autocorrelation!r} must be 'covariance', 'whiten' or 'none'")
    confidence = number("confidence", confidence, "-", above=0.0)
    if confidence >= 1.0:
        raise InputError(f"confidence = {confidence:g} must lie in (0, 1)")
    starts = whole("starts", starts, low=1, high=1000)
    step = number("step", step, "-", hint="it is a share of a parameter's range")
    if not 1e-9 < step < 0.1:
        raise InputError(f"step = {step:g} must be a share of a parameter's range between 1e-9 and 0.1")
    drop_stuck = None if drop_stuck is None else whole("drop_stuck", drop_stuck, low=2)
    source: Any = measured
    names = [str(n) for n in (measured.data_vars if isinstance(measured, xr.Dataset) else measured)]
    unknown = set(uncertainty or {}) - set(names)
    if unknown:
        raise InputError(f"uncertainty of {sorted(unknown)}, which were not measured; measured: {', '.join(names)}")
    data = {name: source[name] for name in names}
    left_out = {}
    if drop_stuck is not None:
        for name, values in data.items():
            hangs = _hangs(values, drop_stuck)
            left_out[name] = int(hangs.sum())
            data[name] = values.where(~hangs) if isinstance(values, xr.DataArray) else np.where(hangs, np.nan, values)
    masks = {name: _inside(name, values, window) for name, values in data.items()}
    channels = [
        channel(name, values, masks[name], float((uncertainty or {}).get(name, 0.0)), autocorrelation != "none")
        for name, values in data.items()
    ]
    count = sum(c.place.size for c in channels)
    priors = sum(p.prior is not None for p in chosen)
    if count + priors < len(chosen):
        raise InputError(f"{count} measured points cannot fix {len(chosen)} parameters")
    problem = Problem(_caller(model, part, chosen), chosen, channels, data, step, autocorrelation == "whiten")
    z, noise = _best(problem, starts)
    J = problem.jacobian(z, noise)
    told = _told(problem, J, z)
    for text in told:
        warnings.warn(text, stacklevel=2)
    output = problem.outputs(z)
    inside = {n: _only(v, masks[n]) for n, v in data.items()}
    outside = {n: _only(v, ~masks[n]) for n, v in data.items() if masks[n] is not None}
    judged = {n: v for n, v in outside.items() if np.isfinite(np.asarray(v, float)).any()}
    plain = {n: _like(output[n], v) for n, v in data.items()}
    return Calibration(
        problem=problem, z=z, noise=noise, J=J, confidence=confidence, count=count, part_before=part, on=on,
        warnings=tuple(told), left_out=left_out,
        fitted=compare(plain, inside, parameters=len(chosen)),
        judged=compare({n: plain[n] for n in judged}, judged, parameters=0) if judged else None,
    )  # fmt: skip


def _caller(model: Callable[..., Any], part: Part | None, chosen: list[Parameter]) -> Callable[[np.ndarray], Any]:
    def call(theta: np.ndarray) -> Any:
        if part is None:
            return model(**{p.name: float(v) for p, v in zip(chosen, theta, strict=True)})
        new = part
        for p, v in zip(chosen, theta, strict=True):
            new = replaced(new, p.name, float(v))
        return model(new)

    return call


def _best(problem: Problem, starts: int) -> tuple[np.ndarray, list[Any]]:
    """Fit and noise in turn, from the best of several starts."""
    z = problem.start()
    residual = problem.residuals(z, first=True)
    noise = [estimated(c, r, 0.0)._replace(rho=0.0) for c, r in zip(problem.channels, residual, strict=True)]
    trials = [z, *problem.scattered(starts - 1)]
    found = [problem.solve(t, noise) for t in trials]
    z = min(found, key=lambda f: f[1])[0]
    for _ in range(ROUNDS):
        residual = problem.residuals(z)
        spent = problem.spent(problem.jacobian(z, noise), noise)
        new = [estimated(c, r, s) for c, r, s in zip(problem.channels, residual, spent, strict=True)]
        moved = max(abs(b.sigma / a.sigma - 1) + abs(b.rho - a.rho) for a, b in zip(noise, new, strict=True))
        noise = new
        z = problem.solve(z, noise)[0]
        if moved < SETTLED:
            break
    return z, noise


def _told(problem: Problem, J: np.ndarray, z: np.ndarray) -> list[str]:
    """What the data cannot tell, in words."""
    names = [p.name for p in problem.parameters]
    rows = J[: len(J) - sum(p.prior is not None for p in problem.parameters)]
    nothing = undetermined(rows, names)
    told = [f"the measurement says nothing of {n}: the model does not move with it" for n in nothing]
    kept = [k for k, n in enumerate(names) if n not in nothing]
    alike = confounded(rows[:, kept], [names[k] for k in kept])
    if alike:
        told.append(
            f"the measurement cannot tell {' and '.join(alike)} apart: fix one of them, give it a prior, or measure "
            "where they act differently"
        )
    for p, value in zip(problem.parameters, problem.theta(z), strict=True):
        if p.at_bound(value):
            bound = p.low if p.scaled(value) < 0.5 else p.high
            told.append(f"{p.name} lies at its bound {bound:g}: widen the bounds, or the model lacks something")
    return told


def _inside(name: str, values: Any, window: Any) -> Any:
    """Which points are fitted, in the shape of the quantity; nothing where all are."""
    if window is None:
        return None
    shape = np.shape(values)
    if isinstance(window, slice):
        if not isinstance(values, xr.DataArray) or "time" not in values.coords:
            raise InputError(f"{name} has no time, so the window must be a bool array of its points, not {window}")
        order = xr.DataArray(np.arange(values["time"].size), {"time": values["time"]}, ["time"])
        mask = np.zeros(values["time"].size, bool)
        mask[order.sel(time=window).values] = True
        where = xr.DataArray(mask, dims="time").broadcast_like(values.drop_vars(list(values.coords)))
        return where.transpose(*values.dims).values
    mask = np.asarray(window)
    if mask.dtype != bool or mask.shape != shape[: mask.ndim]:
        raise InputError(f"the window must be a slice of times, or true and false for each point of {name} {shape}")
    return np.broadcast_to(mask.reshape(mask.shape + (1,) * (len(shape) - mask.ndim)), shape)


def _hangs(values: Any, length: int) -> np.ndarray:
    if isinstance(values, xr.DataArray) and "time" in values.dims:
        last = values.transpose(..., "time")
        found = xr.DataArray(stuck(last.values, length), dims=last.dims)
        return np.asarray(found.transpose(*values.dims).values)
    return stuck(values, length)


def _only(values: Any, mask: Any) -> Any:
    if mask is None:
        return values
    return values.where(mask) if isinstance(values, xr.DataArray) else np.where(mask, np.asarray(values, float), np.nan)


def _like(values: np.ndarray, measured: Any) -> Any:
    return measured.copy(data=values) if isinstance(measured, xr.DataArray) else values
