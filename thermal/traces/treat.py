"""Treatments of telemetry, each chosen by name and written into the attributes: order, duplicates, gaps, steps."""

from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.accounting.gaps import regular
from thermal.errors import DataError, InputError
from thermal.inputs import affordable, member, number, part, whole
from thermal.timeline import SAME_STEP, elapsed_seconds, usual_step
from thermal.traces.report import FAULTS, SPIKE, faulty
from thermal.traces.stamps import treated

__all__ = ["blank", "drop_duplicates", "fill", "in_order", "resample"]


class Keep(StrEnum):
    """Which of several rows of one time stays."""

    FIRST = "first"
    LAST = "last"
    MEAN = "mean"


class Filling(StrEnum):
    """What stands in a gap."""

    INTERPOLATE = "interpolate"  # a straight line between the neighbours
    HOLD_LAST = "hold_last"  # the last value before it


class Resample(StrEnum):
    """What a row of the new step holds."""

    MEAN = "mean"  # of the series, held between its rows: keeps energy
    MAX = "max"
    MIN = "min"
    INTERPOLATE = "interpolate"  # the value at the instant, on a straight line


def in_order(data: xr.Dataset) -> xr.Dataset:
    """Put rows in the order of their times; rows of one time keep the order of the file.

    Examples
    --------
    >>> in_order(xr.Dataset({"heat": ("time", [2.0, 1.0])}, {"time": [60.0, 0.0]})).heat.values
    array([1., 2.])
    """
    data = _along_time(data)
    order = np.argsort(data["time"].values, kind="stable")
    moved = int((np.diff(elapsed_seconds(data["time"].values)) < 0).sum())
    return treated(data.isel(time=order), f"in_order: {moved} breaks of order")


def drop_duplicates(data: xr.Dataset, keep: str) -> xr.Dataset:
    """Keep one row of each time: the first or the last of the file, or the mean of all.

    Parameters
    ----------
    data : xarray.Dataset
        Rows in order of time.
    keep : {"first", "last", "mean"}
        Which row stays.

    Examples
    --------
    >>> twice = xr.Dataset({"heat": ("time", [1.0, 3.0, 5.0])}, {"time": [0.0, 0.0, 60.0]})
    >>> drop_duplicates(twice, "mean").heat.values
    array([2., 5.])
    """
    data, keep = _rising(data, strictly=False), member("keep", keep, Keep)
    times, first, counts = np.unique(data["time"].values, return_index=True, return_counts=True)
    rows = first + counts - 1 if keep == Keep.LAST else first
    kept = data.isel(time=rows)
    if keep == Keep.MEAN:
        group = np.repeat(np.arange(times.size), counts)
        for name, column in data.data_vars.items():
            if "time" in column.dims and column.dtype.kind == "f":
                axis = column.get_axis_num("time")
                table = pd.DataFrame(np.moveaxis(column.values, axis, 0).reshape(group.size, -1))
                shape = np.moveaxis(column.values, axis, 0).shape[1:]
                means = table.groupby(group).mean().to_numpy().reshape(times.size, *shape)
                kept[name] = kept[name].copy(data=np.moveaxis(means, 0, axis))
    return treated(kept, f"drop_duplicates keep={keep}: {data.sizes['time'] - times.size} rows dropped")


def blank(data: xr.Dataset, what: str, *, stuck: int = 10, spike: float = SPIKE) -> xr.Dataset:
    """Make the values missing that `report` finds faulty in one way.

    Parameters
    ----------
    data : xarray.Dataset
        Telemetry.
    what : str
        ``stuck``, ``spike``, ``outside range`` or ``change of unit``.
    stuck, spike
        As in `report`.

    Examples
    --------
    >>> day = xr.Dataset({"heat": ("time", [1.0, -2.0, 3.0], {"units": "W"})}, {"time": [0.0, 1.0, 2.0]})
    >>> blank(day, "outside range").heat.values
    array([ 1., nan,  3.])
    """
    data = _along_time(data)
    stuck, spike = whole("stuck", stuck, low=2), number("spike", spike, "-", above=1.0)
    kinds = [name for name in FAULTS if name not in {"missing", "constant"}]
    if what not in kinds:
        raise InputError(f"what = {what!r} must be one of {', '.join(kinds)}")
    result, count = data.copy(), 0
    for name, column in data.data_vars.items():
        if "time" not in column.dims or column.dtype.kind != "f":
            continue
        values = np.moveaxis(column.values.copy(), column.get_axis_num("time"), 0)
        flat = values.reshape(values.shape[0], -1)
        for k in range(flat.shape[1]):
            one = xr.DataArray(flat[:, k].copy(), dims="time", attrs=column.attrs, name=name)
            bad = faulty(one, what, stuck, spike)
            flat[bad, k] = np.nan
            count += int(bad.sum())
        result[name] = column.copy(data=np.moveaxis(flat.reshape(values.shape), 0, column.get_axis_num("time")))
    return treated(result, f"blank {what}: {count} values made missing")


def fill(data: xr.Dataset, longest: Any, how: str) -> xr.Dataset:
    """Fill gaps no longer than `longest`: rows that are missing are inserted, and NaN replaced; longer ones stay.

    Parameters
    ----------
    data : xarray.Dataset
        Rows in order of time, on an even clock but for its gaps.
    longest : float
        Longest gap that is filled, s: from the last value before it to the first one after it.
    how : {"interpolate", "hold_last"}
        What stands in it.

    Examples
    --------
    >>> day = xr.Dataset({"heat": ("time", [1.0, np.nan, 3.0, 7.0])}, {"time": [0.0, 60.0, 120.0, 240.0]})
    >>> fill(day, 120, "interpolate").heat.values
    array([1., 2., 3., 5., 7.])
    """
    how, longest = member("how", how, Filling), number("longest", longest, "s", above=0.0)
    whole = regular(_rising(data))
    elapsed = elapsed_seconds(whole["time"].values)
    rows = whole.sizes["time"] - data.sizes["time"]
    count, left = 0, 0
    for name, column in whole.data_vars.items():
        if "time" not in column.dims or column.dtype.kind != "f":
            continue
        axis = column.get_axis_num("time")
        values = np.moveaxis(column.values.copy(), axis, 0)
        flat = values.reshape(values.shape[0], -1)
        for k in range(flat.shape[1]):
            filled, n = _filled(elapsed, flat[:, k], longest, how)
            flat[:, k] = filled
            count += n
            left += int(np.isnan(filled).sum())
        whole[name] = column.copy(data=np.moveaxis(flat.reshape(values.shape), 0, axis))
    said = f"fill {how} up to {longest:g} s: {rows} rows added, {count} values filled, {left} stay missing"
    return treated(whole, said)


def _filled(elapsed: np.ndarray, values: np.ndarray, longest: float, how: Filling) -> tuple[np.ndarray, int]:
    known = np.flatnonzero(np.isfinite(values))
    gaps = np.flatnonzero(~np.isfinite(values))
    if not known.size or not gaps.size:
        return values, 0
    after = np.searchsorted(known, gaps)
    inside = (after > 0) & (after < known.size)
    gaps, after = gaps[inside], after[inside]
    before, behind = known[after - 1], known[after]
    short = elapsed[behind] - elapsed[before] <= longest * (1 + SAME_STEP)
    gaps, before, behind = gaps[short], before[short], behind[short]
    found = values.copy()
    found[gaps] = values[before]
    if how == Filling.INTERPOLATE:
        part_way = (elapsed[gaps] - elapsed[before]) / (elapsed[behind] - elapsed[before])
        found[gaps] += part_way * (values[behind] - values[before])
    return found, int(gaps.size)


def resample(data: xr.Dataset, to: Any, how: str) -> xr.Dataset:
    """Bring rows to an even step that begins at the first time.

    A mean weighs each row by the time it stands for, up to the next one, so that energy is kept on any clock; a row of
    the new step that touches a missing value is missing. The clock of the rows may be uneven, but a gap longer than
    1.5 usual steps is not bridged: what it covers is missing.

    Parameters
    ----------
    data : xarray.Dataset
        Rows in order of time, without duplicates.
    to : float
        New step, s.
    how : {"mean", "max", "min", "interpolate"}
        What a row holds.

    Examples
    --------
    >>> day = xr.Dataset({"heat": ("time", [1.0, 2.0, 3.0, 6.0])}, {"time": [0.0, 60.0, 120.0, 180.0]})
    >>> resample(day, 120, "mean").heat.values
    array([1.5, 4.5])
    """
    data, how, to = _rising(data), member("how", how, Resample), number("to", to, "s", above=0.0)
    time = data["time"].values
    elapsed = elapsed_seconds(time)
    usual, _ = usual_step(elapsed.round(6)) if elapsed.size < 3 else (float(np.median(np.diff(elapsed))), None)
    ends = np.append(elapsed[1:], elapsed[-1] + usual)
    gap = ends - elapsed > 1.5 * usual
    affordable("resample", float(ends[-1]) / to, f"a longer step than to = {to:g} s", 1e8)
    count = int(np.floor((ends[-1]) / to * (1 + 1e-9)))
    if count < 1:
        raise InputError(f"to = {to:g} s is longer than the {ends[-1]:g} s of the series")
    starts = np.arange(count) * to
    unit = np.timedelta64(round(to * 1e9), "ns") if time.dtype.kind in "mM" else to
    result: dict[Any, Any] = {}
    for name, column in data.data_vars.items():
        if "time" not in column.dims or column.dtype.kind != "f":
            if "time" not in column.dims:
                result[name] = column
            continue
        axis = column.get_axis_num("time")
        values = np.moveaxis(column.values, axis, 0)
        flat = values.reshape(values.shape[0], -1)
        new = np.stack(
            [_resampled(elapsed, ends, gap, flat[:, k], starts, to, usual, how) for k in range(flat.shape[1])], 1
        )
        result[name] = (column.dims, np.moveaxis(new.reshape(count, *values.shape[1:]), 0, axis), column.attrs)
    coords = {name: c for name, c in data.coords.items() if "time" not in c.dims}
    coords["time"] = ("time", time[0] + np.arange(count) * unit, data["time"].attrs)
    fresh = xr.Dataset(result, coords, data.attrs)
    return treated(fresh, f"resample to {to:g} s by {how}: {data.sizes['time']} rows became {count}")


def _resampled(
    elapsed: np.ndarray,
    ends: np.ndarray,
    gap: np.ndarray,
    values: np.ndarray,
    starts: np.ndarray,
    to: float,
    usual: float,
    how: Resample,
) -> np.ndarray:
    """One series on the new step; NaN where it touches a missing value or a gap."""
    if how == Resample.INTERPOLATE:
        found = np.interp(starts, elapsed, values)
        row = np.clip(np.searchsorted(elapsed, starts, side="right") - 1, 0, elapsed.size - 1)
        on_row = starts <= elapsed[row] + 1e-9 * to
        return np.where(~on_row & (gap[row] | (row == elapsed.size - 1)), np.nan, found)
    stands = np.where(gap, usual, ends - elapsed)
    if how == Resample.MEAN:
        covered = np.interp(starts + to, *_steps(elapsed, stands, np.ones(values.size)))
        covered -= np.interp(starts, *_steps(elapsed, stands, np.ones(values.size)))
        total = np.interp(starts + to, *_steps(elapsed, stands, np.nan_to_num(values)))
        total -= np.interp(starts, *_steps(elapsed, stands, np.nan_to_num(values)))
        unknown = np.interp(starts + to, *_steps(elapsed, stands, np.isnan(values).astype(float)))
        unknown -= np.interp(starts, *_steps(elapsed, stands, np.isnan(values).astype(float)))
        return np.where((covered < to * (1 - 1e-6)) | (unknown > 1e-9 * to), np.nan, total / to)
    first = np.searchsorted(elapsed + stands, starts * (1 + 1e-12), side="right")
    last = np.searchsorted(elapsed, (starts + to) * (1 - 1e-12), side="left")
    best = np.max if how == Resample.MAX else np.min
    return np.array([best(values[a:b]) if b > a else np.nan for a, b in zip(first, last, strict=True)])


def _steps(elapsed: np.ndarray, stands: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Running integral of values that hold from each time on for as long as they stand, and of nothing between them."""
    edges = np.stack([elapsed, elapsed + stands], axis=1).ravel()
    total = np.cumsum(values * stands)
    return edges, np.stack([total - values * stands, total], axis=1).ravel()


def _along_time(data: Any) -> xr.Dataset:
    data = part("data", data, xr.Dataset, "read_telemetry gives one")
    if "time" not in data.coords or data["time"].dims != ("time",) or data.sizes["time"] < 2:
        raise InputError("data needs at least two rows along 'time'")
    return data


def _rising(data: Any, strictly: bool = True) -> xr.Dataset:
    data = _along_time(data)
    steps = np.diff(elapsed_seconds(data["time"].values))
    wrong = ~(steps > 0) if strictly else ~(steps >= 0)
    if wrong.any():
        row = int(np.argmax(wrong)) + 1
        line = f"line {int(data['line'].values[row])}" if "line" in data.coords else f"row {row}"
        what = (
            "comes twice; choose with drop_duplicates(keep=...)" if steps[row - 1] == 0 else "goes back; use in_order"
        )
        raise DataError(f"time {data['time'].values[row]} ({line}) {what} first")
    return data
