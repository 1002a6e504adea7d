"""Windows of time and operating regimes: a label for each point of a measurement."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import InputError
from thermal.study.matching import Pair

__all__ = ["groups"]

CALENDAR = {"hour": "%H", "day": "%Y-%m-%d", "month": "%Y-%m"}


def groups(by: Any, measured: Any, both: Pair) -> np.ndarray:
    """Label of each point of the measurement, gaps included: by calendar, a variable, its bins, or as given.

    Raises
    ------
    InputError
        If there is no such variable, or the labels do not fit the measurement.
    """
    if by is None:
        return np.zeros(both.asked, int)
    if isinstance(by, str) and by in CALENDAR:
        return _calendar(by, both)
    if isinstance(by, tuple):
        return _bins(by, measured, both)
    return _variable(by, measured, both) if isinstance(by, str) else _given(by, both)


def _calendar(by: str, both: Pair) -> np.ndarray:
    if both.labelled is None or "time" not in both.labelled.coords or both.labelled["time"].dtype.kind != "M":
        raise InputError(f"by={by!r} needs a measurement with a time of dates; label its points yourself: by=[...]")
    time = _spread(both.labelled["time"], both)
    return np.asarray(pd.DatetimeIndex(time).strftime(CALENDAR[by]).astype(str))


def _variable(name: str, measured: Any, both: Pair) -> np.ndarray:
    if name not in measured:
        raise InputError(f"by={name!r} is neither {', '.join(CALENDAR)} nor in the measurement; it has "
                         f"{', '.join(map(str, measured))}")  # fmt: skip
    values = measured[name]
    return _spread(values, both) if isinstance(values, xr.DataArray) else _given(values, both)


def _bins(by: tuple[Any, ...], measured: Any, both: Pair) -> np.ndarray:
    """Bins [low, high) of a variable; below the first and above the last edge are bins too, if they hold points."""
    if len(by) != 2 or not isinstance(by[0], str) or np.size(by[1]) < 1 or not (np.diff(by[1]) > 0).all():
        raise InputError(f"by = {by!r} must be (name of a variable, rising edges)")
    name, edges = by[0], np.asarray(by[1], dtype=float)
    values = _variable(name, measured, both).astype(float)
    words = [f"{name} < {edges[0]:g}", *(f"{a:g} <= {name} < {b:g}" for a, b in pairwise(edges))]
    words.append(f"{name} >= {edges[-1]:g}")
    labels = np.array([*words, f"{name} unknown"])
    return labels[np.where(np.isfinite(values), np.searchsorted(edges, values, side="right"), len(words))]


def _given(by: Any, both: Pair) -> np.ndarray:
    if isinstance(by, xr.DataArray):
        return _spread(by, both)
    labels = np.asarray(by)
    if labels.size != both.asked:
        raise InputError(f"by has {labels.size} labels, the measurement {both.asked} points")
    return labels.ravel()


def _spread(values: xr.DataArray, both: Pair) -> np.ndarray:
    """A variable on some dimensions of the measurement, at each of its points."""
    if both.labelled is None:
        return _given(values.values, both)
    if not set(values.dims) <= set(both.labelled.dims):
        raise InputError(f"the labels lie along {values.dims}, the measurement along {both.labelled.dims}")
    missing = {d: both.labelled.sizes[d] for d in both.labelled.dims if d not in values.dims}
    full = values.expand_dims(missing).transpose(*both.labelled.dims)
    if full.shape != both.labelled.shape:
        raise InputError(f"the labels have shape {full.shape}, the measurement {both.labelled.shape}")
    return np.asarray(full.values.ravel())
