"""Time axes: the one step of a series, where it has gaps, and the named functions that fill them on request."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from thermal.errors import DataError

__all__ = ["Fill", "hold_last", "interpolate", "regular", "seconds", "step_of"]

Fill = Callable[[xr.Dataset], xr.Dataset]

SAME_STEP = 1e-6  # two steps that differ by less than this fraction are one


def seconds(data: xr.Dataset) -> np.ndarray:
    """Time of each row in seconds after the first, whether the axis holds numbers (s) or dates."""
    time = data.time.values
    if time.dtype.kind in "mM":
        return (time - time[0]) / np.timedelta64(1, "s")
    return np.asarray(time - time[0], dtype=float)


def step_of(data: xr.Dataset) -> float:
    """The one time step of a series, s: each row is the mean over the step that begins at its time.

    Raises
    ------
    DataError
        If times do not rise, or a step differs from the others: that is a gap, and it is named.
    """
    steps = np.diff(seconds(data))
    if steps.size == 0:
        raise DataError("one time stamp has no duration: give window= (s), or a series of at least two rows")
    if not (steps > 0).all():
        row = int(np.argmin(steps > 0)) + 1
        raise DataError(f"time does not rise at row {row} ({data.time.values[row]}): sort the series, drop repeats")
    step = float(steps.min())
    odd = np.flatnonzero(np.abs(steps - step) > SAME_STEP * step)
    if odd.size:
        raise DataError(
            f"gap in time: {steps[odd[0]]:.6g} s from {data.time.values[odd[0]]} to {data.time.values[odd[0] + 1]} "
            f"where the step is {step:.6g} s ({odd.size} such gaps); fill it by name with fill=interpolate or "
            f"fill=hold_last, or take a window without it"
        )
    return step


def regular(data: xr.Dataset) -> xr.Dataset:
    """Insert the rows that are missing from an even time axis, as NaN.

    Raises
    ------
    DataError
        If a time is not on the even axis: then no row is missing, the clock is uneven, and resampling is a choice.
    """
    elapsed = seconds(data)
    step = float(np.diff(elapsed).min())
    places = np.rint(elapsed / step).astype(int)
    off = np.abs(elapsed - places * step) > SAME_STEP * step * np.maximum(places, 1)
    if off.any() or not (np.diff(places) > 0).all():
        row = int(np.argmax(off)) if off.any() else int(np.argmin(np.diff(places) > 0))
        raise DataError(f"time {data.time.values[row]} is not a whole number of {step:.6g} s steps: resample first")
    whole = np.arange(places[-1] + 1)
    unit = np.timedelta64(round(step * 1e9), "ns") if data.time.dtype.kind in "mM" else step
    known = data.assign_coords(time=data.time.values[0] + places * unit)
    return known.reindex(time=data.time.values[0] + whole * unit)


def interpolate(data: xr.Dataset) -> xr.Dataset:
    """Fill gaps with a straight line between the neighbours in time; gaps at the ends stay.

    Examples
    --------
    >>> gap = xr.Dataset({"p": ("time", [1.0, 2.0, 4.0])}, {"time": [0.0, 10.0, 30.0]})
    >>> interpolate(gap).p.values
    array([1., 2., 3., 4.])
    """
    return regular(data).interpolate_na("time")


def hold_last(data: xr.Dataset) -> xr.Dataset:
    """Fill gaps with the last value known; a gap at the start stays.

    Examples
    --------
    >>> gap = xr.Dataset({"p": ("time", [1.0, 2.0, 4.0])}, {"time": [0.0, 10.0, 30.0]})
    >>> hold_last(gap).p.values
    array([1., 2., 2., 4.])
    """
    whole = regular(data)
    rows = np.arange(whole.sizes["time"])

    def hold(column: xr.DataArray) -> xr.DataArray:
        if "time" not in column.dims or column.dtype.kind != "f":
            return column
        axis = column.get_axis_num("time")
        place = rows.reshape([-1 if k == axis else 1 for k in range(column.ndim)])
        last = np.maximum.accumulate(np.where(np.isfinite(column.values), place, 0), axis=axis)
        return column.copy(data=np.take_along_axis(column.values, last, axis=axis))

    return whole.map(hold, keep_attrs=True)
