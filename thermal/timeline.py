"""The time axis of a series: seconds, lengths of its rows, its usual step, and the rows that break it."""

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number, timestamps
from thermal.units import to_si

__all__ = ["elapsed_seconds", "intervals", "seconds", "usual_step"]

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
    """Seconds from the first of the given dates, or the given times in seconds, by their units if they name one.

    Raises
    ------
    InputError
        If texts among them are no dates, or numbers name a unit that is none of time.
    """
    values = timestamps(time)
    if np.issubdtype(values.dtype, np.datetime64):
        return (values - values[0]) / np.timedelta64(1, "s")
    if np.issubdtype(values.dtype, np.timedelta64):
        return values / np.timedelta64(1, "s")
    unit = str(time.attrs.get("units", "s"))
    return values.astype(float) * (1.0 if unit == "1" else to_si(1.0, unit, "s", "time"))  # results' times carry "1"


def intervals(series: xr.Dataset | xr.DataArray, *, default: float | None = None) -> np.ndarray:
    """Length of each row of a series [s]: what a sum or a mean over time weights it by.

    A row lasts until the next one, the last as long as the one before it. A stated ``attrs["interval"]`` counts where
    times say nothing (no times, one row, two rows far apart), and it bounds the rows of an uneven series: chosen hours
    with gaps between them last an hour each. An even series is taken by its times, whatever is stated: every third hour
    of a year is a series of three hours.

    Parameters
    ----------
    series : Dataset or DataArray
        With a dimension ``time``.
    default : float, optional
        Length of a row where neither times nor an attribute tell it.

    Raises
    ------
    InputError
        If the times do not ascend or are no numbers, or if there is one row and nothing tells its length.

    Examples
    --------
    >>> intervals(xr.DataArray(np.zeros(3), {"time": [0.0, 900.0, 1800.0]}, ("time",))).tolist()
    [900.0, 900.0, 900.0]
    >>> uneven = xr.DataArray(np.zeros(3), {"time": [0.0, 900.0, 36000.0]}, ("time",))
    >>> intervals(uneven).tolist(), intervals(uneven.assign_attrs(interval=3600.0)).tolist()
    ([900.0, 35100.0, 35100.0], [900.0, 3600.0, 3600.0])
    """
    rows = series.sizes["time"]
    stated = series.attrs.get("interval")
    length = None if stated is None else number("attrs['interval']", stated, "s", above=0.0)
    steps = np.diff(seconds(series["time"])) if "time" in series.coords else np.empty(0)
    wrong = np.flatnonzero(~(steps > 0.0))
    if wrong.size:
        k, at = int(wrong[0]), timestamps(series["time"])
        raise InputError(f"time = {at[k + 1]} (row {k + 1}) does not follow {at[k]}: times must ascend, once each")
    if steps.size == 0 or (steps.size == 1 and length is not None and length < steps[0]):
        length = default if length is None else length
        if length is None:
            raise InputError("one time alone has no length: state attrs['interval'] [s], or give two times")
        return np.full(rows, length)
    if (np.abs(steps - steps[0]) <= SAME_STEP * steps[0]).all():
        return np.full(rows, steps[0])
    lengths = np.append(steps, steps[-1] if length is None else length)
    return lengths if length is None else np.minimum(lengths, length)
