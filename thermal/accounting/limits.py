"""How long a run stays within its limits: seconds until a case passes what its package allows."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number
from thermal.names import describe
from thermal.timeline import elapsed_seconds

__all__ = ["crossing", "time_to_limit"]


def time_to_limit(run: xr.Dataset, since: float = 0.0) -> xr.DataArray:
    """Seconds after `since` until the margin of each package is used up; NaN where it never is.

    On straight lines between the saved rows, so that it is no finer than they are. A package that is over its limit at
    the first row after `since` has no more than until then.

    Parameters
    ----------
    run : xarray.Dataset
        With ``margin`` along ``time``: of ``th.transient`` of loops (by loop and rack) or of a network (by branch).
    since : float
        Time from the start of the run [s], of the fault say.

    Raises
    ------
    InputError
        If the run has no margin in time.

    Examples
    --------
    >>> run = xr.Dataset({"margin": ("time", [10.0, 4.0, -2.0])}, {"time": [10.0, 20.0, 30.0]})
    >>> round(float(time_to_limit(run, since=12.0)), 1)  # 4 K are used up in two thirds of 10 s
    14.7
    """
    if "margin" not in run or "time" not in run["margin"].dims:
        raise InputError("time_to_limit needs a run with 'margin' along 'time', such as th.transient gives")
    since = number("since", since, "s", low=0.0)
    margin = run["margin"].transpose("time", ...)
    time = run["time"].values
    first = float(time[0]) if time.dtype.kind == "f" else _step(time)
    ends = elapsed_seconds(time) + first
    seconds = crossing(ends, margin.values, since)
    found = margin.isel(time=0, drop=True).copy(data=seconds).drop_attrs().rename("time_to_limit")
    return describe(found.to_dataset())["time_to_limit"].assign_attrs(since=since)


def _step(time: np.ndarray) -> float:
    """Length of the first saved row, where times are dates: that of the next."""
    return float(elapsed_seconds(time)[1]) if len(time) > 1 else 0.0


def crossing(ends: np.ndarray, margin: np.ndarray, since: float = 0.0) -> Any:
    """Seconds after `since` at which `margin` (time, ...) first passes zero, NaN where it does not."""
    late = ends > since
    ends, margin = ends[late], margin[late]
    found = np.full(margin.shape[1:], np.nan)
    if not len(ends):
        return found
    over = margin < 0.0
    any_over = over.any(axis=0)
    last = np.argmax(over, axis=0)
    before = np.maximum(last - 1, 0)
    m1 = np.take_along_axis(margin, last[None], axis=0)[0]
    m0 = np.take_along_axis(margin, before[None], axis=0)[0]
    share = np.where(last > 0, m0 / np.where(m0 - m1 > 0.0, m0 - m1, 1.0), 1.0)
    seconds = ends[before] + share * (ends[last] - ends[before]) - since
    return np.where(any_over, seconds, found)
