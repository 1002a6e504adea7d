"""Residuals of a fit as independent numbers: matched to the measurement, scaled, and freed of their autocorrelation."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.study.matching import pair
from thermal.timeline import elapsed_seconds, usual_step

__all__ = [
    "Channel", "Noise", "channel", "correlated", "estimated", "log_likelihood", "predicted", "stretch", "stuck",
    "whitened",
]  # fmt: skip

HIGHEST = 0.9995  # autocorrelation from one step to the next
SERIES = 20  # points in time from which an autocorrelation is estimated


class Channel(NamedTuple):
    """One measured quantity: its values where it is fitted, and for each point the one before it in time."""

    name: str
    measured: np.ndarray  # all of it, in its own shape
    place: np.ndarray  # flat indices of the fitted points, in order of time within each series
    before: np.ndarray  # index among these of the point before, itself where there is none
    gap: np.ndarray  # steps since that point, infinite where there is none
    given: float  # standard uncertainty, 0 if not given
    dims: tuple[str, ...]

    @property
    def is_series(self) -> bool:
        """Whether it has enough neighbours in time to know its autocorrelation."""
        return int(np.isfinite(self.gap).sum()) >= SERIES


class Noise(NamedTuple):
    """Scatter of a channel: standard deviation, and correlation from one step to the next."""

    sigma: float
    rho: float


def channel(name: str, measured: Any, chosen: np.ndarray | None, given: float, ordered: bool) -> Channel:
    """Prepare a quantity: what is finite and chosen is fitted.

    Parameters
    ----------
    name : str
        Of the quantity.
    measured : DataArray or array
        Along ``time`` it is a series, or several.
    chosen : bool array, optional
        In the shape of the measurement.
    given : float
        Standard uncertainty.
    ordered : bool
        Whether neighbours in time may be correlated.
    """
    values = np.asarray(measured, dtype=float)
    dims = tuple(map(str, measured.dims)) if isinstance(measured, xr.DataArray) else ()
    good = np.isfinite(values) if chosen is None else np.isfinite(values) & chosen
    if not good.any():
        raise DataError(f"{name}: no point to fit: all are missing or outside the window")
    if not given >= 0:
        raise InputError(f"the uncertainty of {name} = {given!r} must be from 0 upwards")
    flat = np.arange(values.size).reshape(values.shape)
    if "time" not in dims or not ordered:
        place = flat[good]
        return Channel(name, values, place, np.arange(place.size), np.full(place.size, np.inf), given, dims)
    axis = dims.index("time")
    rows = np.moveaxis(flat, axis, -1).reshape(-1, values.shape[axis])
    keep = np.moveaxis(good, axis, -1).reshape(rows.shape)
    clock = _steps(name, measured, values.shape[axis])
    places, before, gaps = [], [], []
    count = 0
    for row, k in zip(rows, keep, strict=True):
        at = np.flatnonzero(k)
        places.append(row[at])
        before.append(count + np.maximum(np.arange(at.size) - 1, 0))
        gaps.append(np.concatenate([[np.inf], np.diff(clock[at])])[: at.size])
        count += at.size
    return Channel(
        name, values, np.concatenate(places), np.concatenate(before), np.concatenate(gaps), given, dims
    )  # fmt: skip


def _steps(name: str, measured: xr.DataArray, count: int) -> np.ndarray:
    """Times in usual steps from the first."""
    if "time" not in measured.coords or count < 2:
        return np.arange(count, dtype=float)
    elapsed = elapsed_seconds(measured["time"].values)
    if not (np.diff(elapsed) > 0).all():
        raise DataError(f"{name}: its times do not rise; sort them and drop what is double before a fit")
    return elapsed / usual_step(elapsed)[0]


def predicted(c: Channel, output: Mapping[str, Any], measured: Any) -> np.ndarray:
    """Model values of a channel, in the shape of the measurement.

    Raises
    ------
    InputError
        If the model lacks it, or its shape or coordinates differ.
    """
    if c.name not in output:
        raise InputError(
            f"the model gives no {c.name!r}; it gives {', '.join(map(str, output))}: leave out of the "
            "measurement what is not to be fitted"
        )
    values = output[c.name]
    if isinstance(values, xr.DataArray) and isinstance(measured, xr.DataArray) and (
        values.dims != measured.dims or not all(_same(values, measured, d) for d in c.dims)
    ):  # fmt: skip
        both = pair(c.name, values, measured.copy(data=np.zeros(measured.shape)))
        return np.asarray(both.model.reshape(c.measured.shape))
    array = np.asarray(values, dtype=float)
    if array.shape != c.measured.shape:
        raise InputError(f"{c.name}: the model has shape {array.shape}, the measurement {c.measured.shape}")
    return array


def _same(a: xr.DataArray, b: xr.DataArray, dim: str) -> bool:
    if dim not in a.coords or dim not in b.coords:
        return True
    return a.coords[dim].variable is b.coords[dim].variable or np.array_equal(a[dim].values, b[dim].values)


def whitened(c: Channel, values: np.ndarray, noise: Noise) -> np.ndarray:
    """Residuals (or columns of their Jacobian) at the fitted points, independent and of variance 1 if the noise is so.

    w_i = (r_i − φ·r_before)/(σ·√(1 − φ²)), φ = ρ^gap: an AR(1) process seen with gaps.
    """
    phi = noise.rho**c.gap
    scale = 1.0 / (noise.sigma * np.sqrt(1.0 - phi**2))
    shape = (-1, *(1,) * (values.ndim - 1))
    return np.asarray((values - phi.reshape(shape) * values[c.before]) * scale.reshape(shape))


def stretch(noise: Noise) -> float:
    """Points of a correlated series to one independent point: (1 + ρ)/(1 − ρ)."""
    return (1.0 + noise.rho) / (1.0 - noise.rho)


def correlated(c: Channel, J: np.ndarray, noise: Noise) -> np.ndarray:
    """JᵀRJ for columns at the fitted points and R_ij = ρ^|i − j| within each series, by one walk back in time."""
    phi = noise.rho**c.gap
    scale = np.sqrt(1.0 - phi**2)
    back = np.array(J, dtype=float)
    for i in range(len(back) - 1, 0, -1):
        if phi[i] > 0.0:
            back[i - 1] += phi[i] * back[i]  # in order of time, so the point before stands before
    weighted = scale[:, None] * back
    return np.asarray(weighted.T @ weighted)


def log_likelihood(c: Channel, residual: np.ndarray, noise: Noise) -> float:
    """Logarithm of the density of Gaussian AR(1) residuals, seen with gaps."""
    w = whitened(c, residual, noise)
    phi = noise.rho**c.gap
    spread = np.log(noise.sigma) + 0.5 * np.log1p(-(phi**2)) + 0.5 * np.log(2.0 * np.pi)
    return float(-0.5 * np.sum(w**2) - np.sum(spread))


def estimated(c: Channel, residual: np.ndarray, spent: float) -> Noise:
    """Scatter of residuals: ρ by maximum likelihood with its bias of small samples taken off, then σ.

    `spent` is the number of parameters that this channel paid for. The bias of an estimated autocorrelation is about
    −(1 + 3ρ)/n (Marriott and Pope, Biometrika 41, 1954). The stated uncertainty is the least σ.
    """
    n = residual.size
    rho = 0.0
    if c.is_series:
        from scipy.optimize import minimize_scalar

        def cost(trial: float) -> float:
            phi = trial**c.gap
            w = (residual - phi * residual[c.before]) ** 2 / (1.0 - phi**2)
            return float(n * np.log(w.mean() + 1e-300) + np.sum(np.log1p(-(phi**2))))

        rho = float(minimize_scalar(cost, bounds=(0.0, HIGHEST), method="bounded", options={"xatol": 1e-4}).x)
        rho = min(max(rho + (1.0 + 3.0 * rho) / n, 0.0), HIGHEST) if rho > 1e-3 else 0.0
    w = whitened(c, residual, Noise(1.0, rho))
    sigma = float(np.sqrt(np.sum(w**2) / max(n - spent, 1.0)))
    floor = 1e-12 * max(float(np.abs(c.measured[np.isfinite(c.measured)]).max()), 1e-300)
    return Noise(max(sigma, c.given, floor), rho)


def stuck(values: Any, length: int) -> np.ndarray:
    """Where a sensor repeats one value `length` times or more along its last dimension, over gaps as well.

    Examples
    --------
    >>> stuck(np.array([1.0, 2.0, np.nan, 2.0, 2.0, 3.0]), 3)
    array([False,  True, False,  True,  True, False])
    """
    if isinstance(length, bool) or not isinstance(length, int) or length < 2:
        raise InputError(f"a stuck run of {length!r} values: give a count from 2 upwards")
    array = np.asarray(values, dtype=float)
    found = np.zeros(array.shape, bool)
    for row, out in zip(array.reshape(-1, array.shape[-1]), found.reshape(-1, array.shape[-1]), strict=True):
        known = np.flatnonzero(np.isfinite(row))
        edges = np.flatnonzero(np.concatenate([[True], np.diff(row[known]) != 0.0, [True]]))
        for a, b in pairwise(edges):
            out[known[a:b]] = b - a >= length
    return found
