"""A year at a glance: duration curves, and a map of hours over days."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from thermal.accounting.gaps import clock, step_of
from thermal.errors import InputError
from thermal.inputs import part
from thermal.plots.figures import READABLE

__all__ = ["duration", "year_map"]


def duration(series: xr.DataArray, *, label: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a duration curve: for how many hours of the window a series is at least so high.

    Parameters
    ----------
    series : DataArray
        Over ``time`` alone, in even rows.
    label : str, optional
        For the legend; the series' own name if not given.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    InputError, DataError
        If it has other dimensions, or rows are not even.
    """
    found = _of_time(series)
    hours = (np.arange(found.size) + 1.0) * step_of(found.to_dataset(name="series")) / 3600.0
    divisor, unit = READABLE.get(str(series.attrs.get("units", "")), (1.0, str(series.attrs.get("units", ""))))
    ax = ax if ax is not None else plt.subplots(figsize=(6, 3.5), layout="constrained")[1]
    values = np.sort(found.values[np.isfinite(found.values)])[::-1] / divisor
    ax.step(hours[: values.size], values, where="pre", label=label or series.name)
    ax.set(xlabel="hours", ylabel=f"{series.attrs.get('long_name', series.name or '')} [{unit}]", xlim=(0.0, hours[-1]))
    return ax


def year_map(series: xr.DataArray, *, ax: Axes | None = None) -> Axes:
    """Draw a series as a map, hours of the day up and days across; a missing row stays white.

    Parameters
    ----------
    series : DataArray
        Over ``time`` alone, with dates, in even rows that divide a day.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Raises
    ------
    InputError, DataError
        If it has other dimensions or no dates, or its rows do not divide a day.
    """
    found = _of_time(series)
    times = clock(found["time"])
    if times.dtype.kind != "M":
        raise InputError("year_map needs dates: hours of the day are not known from seconds")
    step = step_of(found.to_dataset(name="series"))
    rows = 86400.0 / step
    if abs(rows - round(rows)) > 1e-9:
        raise InputError(f"year_map needs rows that divide a day, these last {step:g} s")
    stamps = pd.DatetimeIndex(times)
    day = (stamps.normalize() - stamps[0].normalize()).days.to_numpy()
    place = np.floor((stamps - stamps.normalize()) / pd.Timedelta(seconds=step)).astype(int)
    table = np.full((round(rows), day[-1] + 1), np.nan)
    divisor, unit = READABLE.get(str(series.attrs.get("units", "")), (1.0, str(series.attrs.get("units", ""))))
    table[place, day] = found.values / divisor
    ax = ax if ax is not None else plt.subplots(figsize=(9, 3), layout="constrained")[1]
    mesh = ax.imshow(table, origin="lower", aspect="auto", extent=(0.0, table.shape[1], 0.0, 24.0), cmap="viridis")
    ax.figure.colorbar(mesh, ax=ax, label=f"{series.attrs.get('long_name', series.name or '')} [{unit}]")
    ax.set(xlabel=f"days from {stamps[0]:%Y-%m-%d}", ylabel="hour of the day", yticks=range(0, 25, 6))
    return ax


def _of_time(series: xr.DataArray) -> xr.DataArray:
    found = part("series", series, xr.DataArray, "give one variable of a result, such as year.site_power")
    if found.dims != ("time",) or "time" not in found.coords or found.size < 2:
        raise InputError(f"series has dimensions {found.dims}: one series over time is needed; choose with .sel()")
    return found
