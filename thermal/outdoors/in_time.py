"""Weather as a study in time needs it: one value per interval, checked, on straight lines between the given times."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import array, labelled
from thermal.outdoors.air import LIMITS, on_the_clock_of, possible
from thermal.timeline import seconds

__all__ = ["RULE", "outdoors"]

RULE = "linear between the times given, the last value held for its own interval"


def outdoors(
    weather: Any, names: Sequence[str], time: xr.DataArray | None, count: int, interval: float
) -> dict[str, np.ndarray]:
    """Weather at the start of each of `count` intervals of `interval` seconds.

    Parameters
    ----------
    weather : number, DataArray, pandas Series or Dataset
        A number or an array is a wet bulb [°C]; a Dataset has each quantity as a constant or along ``time``.
    names : sequence of str
        Quantities that are needed.
    time : DataArray, optional
        Times of the heat trace. Where they and those of the weather are dates they are compared on the weather's clock
        (`thermal.outdoors.air.on_the_clock_of`), else both begin at 0.

    Raises
    ------
    InputError
        If a quantity is missing, has NaN, is impossible (`thermal.outdoors.air.possible`), or does not cover the study;
        or if the dates of heat and weather cannot be compared.
    """
    whole = f"a Dataset with {', '.join(names)}, as th.weather gives; weather.isel(time=k) is one hour of it"
    wanted = whole if len(names) > 1 else "a wet bulb [degC] or a Dataset with T_wet_bulb"
    if weather is None:
        raise InputError(f"weather = ... is needed by this facility: {wanted}")
    weather = labelled(weather)
    if not isinstance(weather, xr.Dataset):
        if len(names) > 1 or not isinstance(weather, xr.DataArray | int | float | np.number):
            given = repr(weather) if isinstance(weather, str | int | float) else type(weather).__name__
            raise InputError(f"weather = {given} must be {wanted}")
        alone = xr.DataArray(array("weather", weather, LIMITS[names[0]].unit, missing=True))
        weather = alone.rename(names[0]).reset_coords(drop=True).to_dataset()
    weather = possible(weather, names)
    return {name: _column(weather, name, time, count, interval) for name in names}


def _column(weather: xr.Dataset, name: str, time: xr.DataArray | None, count: int, interval: float) -> np.ndarray:
    """One quantity at the start of each interval."""
    given = weather[name]
    values = given.values.astype(float)
    if values.ndim == 0:
        return np.full(count, float(values))
    if values.ndim > 1 or "time" not in given.coords:
        raise InputError(f"weather: {name} needs a coordinate 'time' and no other dimension")
    at, start = seconds(given["time"]), 0.0
    if len(at) < 2 or not (np.diff(at) > 0).all():
        raise InputError(f"weather: the times of {name} must be two or more, ascending")
    if time is not None and "time" in weather.coords:
        own = on_the_clock_of(weather, time, "heat")
        if all(np.issubdtype(t.dtype, np.datetime64) for t in (own, given["time"])):
            start = float((own.values[0] - given["time"].values[0]) / np.timedelta64(1, "s"))
    wanted = start + interval * np.arange(count)
    reach = 2.0 * at[-1] - at[-2]  # the last value holds as long as the one before it
    if wanted[0] < at[0] - 1e-6 or wanted[-1] > reach - 1e-6:
        raise InputError(
            f"weather covers {at[0]:g}..{reach:g} s of the study's {wanted[0]:g}..{wanted[-1] + interval:g} s "
            "(dates compared where both have them)"
        )
    return np.interp(wanted, at, values)
