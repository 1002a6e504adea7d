"""Weather as a study in time needs it: one value per interval, checked, on straight lines between the given times."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.timeline import seconds
from thermal.units import in_unit

__all__ = ["LIMITS", "RULE", "outdoors"]

RULE = "linear between the times given, the last value held for its own interval"
LIMITS = {  # low, high, unit, and the mistake that is made most often
    "T_dry_bulb": (-60.0, 60.0, "degC", "is it in K or degF?"),
    "T_wet_bulb": (-60.0, 60.0, "degC", "is it in K or degF?"),
    "humidity_ratio": (0.0, 0.05, "kg/kg", "is it in g/kg?"),
    "pressure": (50e3, 110e3, "Pa", "is it in hPa or kPa?"),
}


def outdoors(
    weather: Any, names: Sequence[str], time: xr.DataArray | None, count: int, interval: float
) -> dict[str, np.ndarray]:
    """Weather at the start of each of `count` intervals of `interval` seconds.

    Parameters
    ----------
    weather : number, DataArray or Dataset
        A number or an array is a wet bulb [°C]; a Dataset has each quantity as a constant or along ``time``.
    names : sequence of str
        Quantities that are needed.
    time : DataArray, optional
        Times of the heat trace. Where they and those of the weather are dates they are compared, else both begin at 0.

    Raises
    ------
    InputError
        If a quantity is missing, has NaN, is impossible, or does not cover the study; or if a wet bulb lies above its
        dry bulb.
    """
    whole = f"a Dataset with {', '.join(names)}, as th.weather gives; weather.isel(time=k) is one hour of it"
    wanted = whole if len(names) > 1 else "a wet bulb [degC] or a Dataset with T_wet_bulb"
    if weather is None:
        raise InputError(f"weather = ... is needed by this facility: {wanted}")
    if len(names) > 1 and not isinstance(weather, xr.Dataset):
        given = repr(weather) if isinstance(weather, str | int | float) else type(weather).__name__
        raise InputError(f"weather = {given} must be {wanted}")
    if isinstance(weather, xr.Dataset):
        absent = [name for name in names if name not in weather]
        if absent:
            raise InputError(
                f"weather has no variable {', '.join(absent)} but {sorted(map(str, weather.data_vars))}; "
                "th.weather gives a complete dataset"
            )
    found = {name: _column(weather, name, time, count, interval) for name in names}
    if {"T_wet_bulb", "T_dry_bulb"} <= set(found):
        over = found["T_wet_bulb"] - found["T_dry_bulb"]
        if (over > 0.01).any():
            k = int(np.argmax(over))
            raise InputError(
                f"weather: T_wet_bulb = {found['T_wet_bulb'][k]:g} degC lies above T_dry_bulb = "
                f"{found['T_dry_bulb'][k]:g} degC at {k * interval:g} s; check which is which"
            )
    return found


def _column(weather: Any, name: str, time: xr.DataArray | None, count: int, interval: float) -> np.ndarray:
    """One quantity at the start of each interval."""
    given = weather[name] if isinstance(weather, xr.Dataset) else weather
    if not isinstance(given, xr.DataArray | int | float | np.number):
        raise InputError(f"weather = {given!r} must be a wet bulb [degC] or a Dataset with T_wet_bulb")
    low, high, unit, doubt = LIMITS[name]
    given = in_unit(xr.DataArray(given), unit, "weather")
    values = given.values.astype(float)
    if not np.isfinite(values).all():
        raise InputError(f"weather: {name} has NaN; fill it with a named function first")
    if not ((values >= low) & (values <= high)).all():
        worst = values.flat[np.argmax(np.abs(values - 0.5 * (low + high)))]
        raise InputError(f"weather: {name} = {worst:g} {unit} is outside {low:g}..{high:g} {unit}; {doubt}")
    if values.ndim == 0:
        return np.full(count, float(values))
    if values.ndim > 1 or "time" not in given.coords:
        raise InputError(f"weather: {name} needs a coordinate 'time' and no other dimension")
    at, start = seconds(given["time"]), 0.0
    if len(at) < 2 or not (np.diff(at) > 0).all():
        raise InputError(f"weather: the times of {name} must be two or more, ascending")
    both_dates = time is not None and all(np.issubdtype(t.dtype, np.datetime64) for t in (time, given["time"]))
    if both_dates and time is not None:
        start = float((time.values[0] - given["time"].values[0]) / np.timedelta64(1, "s"))
    wanted = start + interval * np.arange(count)
    reach = at[-1] + float(np.median(np.diff(at)))  # the last value holds to the end of its own interval
    if wanted[0] < at[0] - 1e-6 or wanted[-1] > reach + 1e-6:
        raise InputError(
            f"weather covers {at[0]:g}..{reach:g} s of the study's {wanted[0]:g}..{wanted[-1] + interval:g} s "
            "(dates compared where both have them)"
        )
    return np.interp(wanted, at, values)
