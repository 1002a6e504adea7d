"""The time axis of a series: seconds since its start, its usual step, and the rows that break it."""

import numpy as np
import xarray as xr

from thermal.units import to_si

__all__ = ["elapsed_seconds", "seconds", "usual_step"]

SAME_STEP = 1e-6  # two steps that differ by less than this fraction are one


def elapsed_seconds(time: np.ndarray) -> np.ndarray:
    """Seconds after the first row, whether the axis holds seconds or dates."""
    if time.dtype.kind in "mM":
        return (time - time[0]) / np.timedelta64(1, "s")
    return np.asarray(time - time[0], dtype=float)


def usual_step(elapsed: np.ndarray) -> tuple[float, np.ndarray]:
    """The most frequent step of a series, s, and the rows that come at another distance from the row before.

    Examples
    --------
    >>> step, broken = usual_step(np.array([0.0, 15.0, 30.0, 60.0]))
    >>> step, broken
    (15.0, array([3]))
    """
    steps = np.diff(elapsed)
    values, counts = np.unique(steps.round(9), return_counts=True)
    step = float(values[np.argmax(counts)])
    same = (np.abs(steps - step) <= SAME_STEP * step) & (steps > 0)
    return step, np.flatnonzero(~same) + 1


def seconds(time: xr.DataArray) -> np.ndarray:
    """Seconds from the first of the given dates, or the given times in seconds, by their units if they name one."""
    values = time.values
    if np.issubdtype(values.dtype, np.datetime64):
        return (values - values[0]) / np.timedelta64(1, "s")
    if np.issubdtype(values.dtype, np.timedelta64):
        return values / np.timedelta64(1, "s")
    unit = str(time.attrs.get("units", "s"))
    return values.astype(float) * (1.0 if unit == "1" else to_si(1.0, unit, "s", "time"))  # results' times carry "1"
