"""Which end of its interval a time names: results have the ends of their rows, traces and years the starts."""

from typing import Any, TypeVar

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.inputs import number
from thermal.timeline import elapsed_seconds, rising, usual_step

__all__ = ["at_ends", "at_starts", "stamp_of", "treated"]

Data = TypeVar("Data", xr.Dataset, xr.DataArray)
STAMPS = ("start", "end")
ROUND = 1e-3  # of a step: a gap is a whole number of steps within this


def at_ends(data: Data, *, stamp: str | None = None, step: Any = None) -> Data:
    """Move times that name the starts of their intervals to the ends, as `transient` gives its results.

    Parameters
    ----------
    data : Dataset or DataArray
        With a coordinate ``time`` on one step; gaps of whole steps may stand in it.
    stamp : {"start", "end"}, optional
        What its times name now; by default what the attribute ``stamp`` of ``time`` says, else starts.
    step : float, optional
        Length of the intervals [s]; by default the usual step of the times.

    Returns
    -------
    Dataset or DataArray
        The same values. ``time`` says ``stamp = "end"`` in its attributes.

    Raises
    ------
    DataError
        If times do not rise, or have no common step.

    Examples
    --------
    >>> at_ends(xr.Dataset({"heat": ("time", [1.0, 2.0])}, {"time": [0.0, 60.0]})).time.values
    array([ 60., 120.])
    """
    return _moved(data, stamp, "end", step)


def at_starts(data: Data, *, stamp: str | None = None, step: Any = None) -> Data:
    """Move times that name the ends of their intervals to the starts, as traces, years and the ledger have them.

    Parameters
    ----------
    data, step
        As for `at_ends`.
    stamp : {"start", "end"}, optional
        What its times name now; by default what the attribute ``stamp`` of ``time`` says, else ends.

    Returns
    -------
    Dataset or DataArray
        The same values. ``time`` says ``stamp = "start"`` in its attributes.

    Examples
    --------
    >>> at_starts(xr.Dataset({"T_return": ("time", [30.0, 31.0])}, {"time": [60.0, 120.0]})).time.values
    array([ 0., 60.])
    """
    return _moved(data, stamp, "start", step)


def stamp_of(data: Any) -> str | None:
    """What the times of a series say that they name: ``start``, ``end``, or nothing.

    Examples
    --------
    >>> stamp_of(at_ends(xr.DataArray([1.0, 2.0], {"time": [0.0, 60.0]}, ["time"])))
    'end'
    """
    return data["time"].attrs.get("stamp") if "time" in getattr(data, "coords", ()) else None


def treated(data: Data, said: str) -> Data:
    """The data with one more treatment in the attribute that lists them."""
    before = str(data.attrs.get("treated", "nothing"))
    return data.assign_attrs(treated=said if before == "nothing" else f"{before}; {said}")


def _moved(data: Data, stamp: str | None, wanted: str, step: Any) -> Data:
    if not isinstance(data, xr.Dataset | xr.DataArray) or "time" not in data.coords or data["time"].dims != ("time",):
        raise InputError("data is moved along its coordinate 'time'; a bare array has none")
    other = STAMPS[1 - STAMPS.index(wanted)]
    now = stamp if stamp is not None else data["time"].attrs.get("stamp", other)
    if now not in STAMPS:
        raise InputError(f"stamp = {now!r} must be 'start' or 'end'")
    time = data["time"]
    marked = {**time.attrs, "stamp": wanted}
    if now == wanted:
        return data.assign_coords(time=("time", time.values, marked))
    length = _step(time) if step is None else number("step", step, "s", above=0.0)
    shift = np.timedelta64(round(length * 1e9), "ns") if time.dtype.kind in "mM" else length
    moved = time.values + shift if wanted == "end" else time.values - shift
    fresh = data.assign_coords(time=("time", moved, marked))
    return treated(fresh, f"times moved by {length:g} s to the {wanted}s of their intervals")


def _step(time: xr.DataArray) -> float:
    """The usual step of times, of which all others are multiples."""
    if time.size < 2:
        raise InputError("one time alone has no interval: at least two rows along 'time' are needed, or step= in s")
    elapsed = elapsed_seconds(time.values)
    rising(elapsed, time)
    step, broken = usual_step(elapsed)
    for row in broken:
        gap = elapsed[row] - elapsed[row - 1]
        if gap < step or abs(gap / step - round(gap / step)) > ROUND:
            raise DataError(
                f"time {time.values[row]} comes {gap:g} s after the row before where the step is {step:g} s: bring the "
                "data to one step, or give step= in s"
            )
    return step
