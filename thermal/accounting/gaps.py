"""Gaps in telemetry: an error that says where, and the named functions that fill them on request."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.inputs import timestamps
from thermal.timeline import SAME_STEP, elapsed_seconds, intervals, rising, usual_step

__all__ = ["Fill", "clock", "hold_last", "interpolate", "on_one_clock", "regular", "step_of"]

Fill = Callable[[xr.Dataset], xr.Dataset]


def clock(time: xr.DataArray, name: str = "time") -> np.ndarray:
    """Times of an axis as dates without a zone (UTC where they had one), or in seconds."""
    index = time.to_index() if time.ndim == 1 else None
    return timestamps(index if isinstance(index, pd.DatetimeIndex) else time, name)


def on_one_clock(data: xr.Dataset) -> xr.Dataset:
    """The same rows with their times as dates without a zone (UTC where they had one), or in seconds.

    Raises
    ------
    InputError
        If some times have a zone and some have none, or texts among them are no dates.
    """
    if "time" not in data.coords:
        return data
    return data.assign_coords(time=(data["time"].dims, clock(data["time"]), data["time"].attrs))


def step_of(data: xr.Dataset) -> float:
    """The one time step of a series without gaps, s: each row is the mean over the step that begins at its time.

    Raises
    ------
    DataError
        If times do not rise, or a step differs from the others: that is a gap, and it is named.
    """
    time = clock(data["time"])
    if time.size > 1:
        elapsed = elapsed_seconds(time)
        rising(elapsed, data["time"])
        step, broken = usual_step(elapsed)
        if broken.size:
            row = int(broken[0])
            raise DataError(
                f"gap in time: {elapsed[row] - elapsed[row - 1]:.6g} s from {time[row - 1]} to {time[row]} where the "
                f"step is {step:.6g} s ({broken.size} such gaps); fill it by name with fill=interpolate or "
                "fill=hold_last, or take a window without it"
            )
    return float(intervals(data)[0])


def regular(data: xr.Dataset) -> xr.Dataset:
    """Insert the rows that are missing from an even time axis, as NaN.

    Raises
    ------
    DataError
        If a time is not on the even axis: then no row is missing, the clock is uneven, and resampling is a choice.
    """
    if not isinstance(data, xr.Dataset) or "time" not in data.coords or data.sizes["time"] < 2:
        raise InputError("gaps are filled in a Dataset with at least two times: give series.to_dataset(name=...)")
    data = on_one_clock(data)
    elapsed = elapsed_seconds(data["time"].values)
    step, _ = usual_step(elapsed)
    if not step > 0:
        raise DataError("most rows of the series have the same time: drop repeats")
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
