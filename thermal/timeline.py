"""The time axis of a series: seconds, lengths of its rows, its usual step, and the rows that break it."""

import numpy as np
import xarray as xr

from thermal.errors import DataError
from thermal.inputs import number, timestamps
from thermal.units import to_si

__all__ = ["elapsed_seconds", "intervals", "rising", "seconds", "usual_step"]

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
    if steps.size and (np.abs(steps - steps[0]) <= SAME_STEP * steps[0]).all() and steps[0] > 0.0:  # most are even
        return float(steps[0].round(9)), np.empty(0, int)
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


def intervals(series: xr.Dataset | xr.DataArray, *, default: float | None = None, held: bool = False) -> np.ndarray:
    """Length of each row of a series [s]: what a sum or a mean over time weights it by.

    An even series is taken by its times, whatever is stated: every third hour of a year is a series of three hours.
    Rows chosen out of a series (the hours of a tariff) are at uneven times: each lasts the stated
    ``attrs["interval"]``, where that is the usual step between them. The attribute also counts where times say nothing:
    no times, one row, two rows far apart.

    Parameters
    ----------
    series : Dataset or DataArray
        With a dimension ``time``.
    default : float, optional
        Length of a row where neither times nor the attribute tell it.
    held : bool
        Whether a value holds until the next row, however uneven they come (a meter, a weather record); the last as long
        as the one before it. Not for results, where a gap is energy that nobody counted.

    Raises
    ------
    DataError
        If times do not rise, or neither they nor the attribute say how long a row lasts, or they contradict each other.

    Examples
    --------
    >>> intervals(xr.DataArray(np.zeros(3), {"time": [0.0, 900.0, 1800.0]}, ("time",))).tolist()
    [900.0, 900.0, 900.0]
    >>> chosen = xr.DataArray(np.zeros(3), {"time": [0.0, 900.0, 36000.0]}, ("time",), attrs={"interval": 900.0})
    >>> intervals(chosen).tolist()
    [900.0, 900.0, 900.0]
    """
    rows = series.sizes["time"]
    stated = series.attrs.get("interval")
    stated = None if stated is None else number("the attribute interval", stated, "s", above=0.0)
    if "time" not in series.coords or rows < 2:
        length = default if stated is None else stated
        if length is None:
            raise DataError("rows have no duration: give times of at least two rows, or attrs['interval'] in s")
        return np.full(rows, length)
    elapsed = seconds(series["time"])
    rising(elapsed, series["time"])
    step, broken = usual_step(elapsed)
    if not broken.size:
        return np.full(rows, step if stated is None or rows > 2 else min(step, stated))
    if held and stated is None:
        lengths = np.diff(elapsed)
        return np.append(lengths, lengths[-1])
    if stated is None or abs(step - stated) > SAME_STEP * stated or not (np.diff(elapsed) > 0.999 * stated).all():
        time, row = timestamps(series["time"]), int(broken[0])
        raise DataError(
            f"rows come {step:g} s apart, but {elapsed[row] - elapsed[row - 1]:g} s from {time[row - 1]} to "
            f"{time[row]}, and the attribute interval is {'missing' if stated is None else f'{stated:g} s'}: how long "
            "a row lasts is not known; resample to one step, state it with .assign_attrs(interval=...) where rows are "
            "chosen ones with gaps between, or sum the whole series with where="
        )
    return np.full(rows, stated)


def rising(elapsed: np.ndarray, time: xr.DataArray) -> None:
    """Refuse times that do not rise from row to row.

    Raises
    ------
    DataError
        The message names the row.
    """
    falling = np.flatnonzero(~(np.diff(elapsed) > 0.0)) + 1
    if falling.size:
        row = int(falling[0])
        at = timestamps(time)[row]
        raise DataError(f"time does not rise at row {row} ({at}): sort the series, drop repeats")
