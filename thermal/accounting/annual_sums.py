"""Sums of a year, or of chosen hours of it: energy, water, and hours in which something was the case."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import part
from thermal.names import ABOVE, FLAGS, MODES, describe
from thermal.timeline import intervals

__all__ = ["annual_sums"]


def annual_sums(year: xr.Dataset, *, where: Any = None) -> xr.Dataset:
    """Sums of a year: energy by end use [J], water [m³], unmet heat [J], hours of free cooling and outside the curves.

    Hours outside the box of their curves are counted by machine: chillers, those that follow, heat rejection. Each row
    counts for as long as it lasts: the step between rows, or of chosen hours the interval that made them. A case of a
    sweep that failed is NaN throughout.

    Parameters
    ----------
    year : xarray.Dataset
        Result of `annual`.
    where : array of bool, optional
        Hours to sum, such as ``year.time.dt.hour.isin(range(8, 20))`` for the hours of a peak tariff; by default all.

    Examples
    --------
    >>> import thermal as th
    >>> plant, climate = th.load("plants/generic_20mw"), th.load("climates/chicago")
    >>> week = th.weather(climate).isel(time=slice(0, 168))
    >>> float(annual_sums(th.annual(plant, it_power=20e6, weather=week)).energy.sel(end_use="it") / 3.6e6) == 20e3 * 168
    True
    """
    part("year", year, xr.Dataset, "annual_sums needs a result of th.annual")
    needed = ("power", "water_make_up", "heat_unmet", "mode")
    if any(name not in year or "time" not in year[name].dims for name in needed):
        raise InputError(f"annual_sums needs a result of th.annual, with {', '.join(needed)} along time")
    step = float(intervals(year)[0])
    hours = step / 3600.0
    chosen = None if where is None else np.flatnonzero(_mask(where, year.sizes["time"]))

    def total(name: str, factor: float, mode: str | None = None) -> xr.Variable:
        variable = year.variables[name]
        axis = variable.dims.index("time")
        values = variable.values if mode is None else variable.values == MODES.index(mode)
        values = values if chosen is None else values.take(chosen, axis=axis)
        return xr.Variable([d for d in variable.dims if d != "time"], factor * values.sum(axis=axis))

    data = {
        "energy": total("power", step),
        "water": total("water_make_up", step / 1000.0),
        "energy_unmet": total("heat_unmet", step),
        "hours_free": total("mode", hours, "free"),
        "hours_partial": total("mode", hours, "partial"),
        **{f"hours_{name}": total(name, hours) for name in (*FLAGS, ABOVE) if name in year.variables},
    }
    kept = [name for name, c in year.coords.variables.items() if "time" not in c.dims]
    indexes = {name: index for name, index in year.xindexes.items() if name in kept}
    coords = xr.Coordinates({name: year.variables[name] for name in kept}, indexes)
    sums = xr.Dataset(data, coords=coords, attrs={**year.attrs, "interval": step})
    return describe(sums.where(year["status"] == "done") if "status" in year else sums)


def _mask(where: Any, hours: int) -> np.ndarray:
    """Hours to sum as one bool per hour."""
    mask = np.asarray(where)
    if mask.dtype != bool or mask.shape != (hours,):
        raise InputError(
            f"where has {mask.size} values of {mask.dtype}, the year has {hours} rows: give a bool per hour (row)"
        )
    return mask
