"""Weather as one dataset: typical years read from EPW files, and synthetic years built from monthly normals.

A year has one value per hour: `time` marks the start of the hour, in local standard time of a nominal year.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal import datasets
from thermal.errors import DataError, InputError
from thermal.inputs import number, whole
from thermal.outdoors.air import air_dataset, possible
from thermal.outdoors.epw import HEADER_LINES, READ, read_epw
from thermal.physics.media.moist_air import saturation_pressures
from thermal.quantity import Part, choice, quantity
from thermal.timeline import elapsed_seconds, intervals, usual_step

__all__ = ["Climate", "fill_gaps", "interpolate", "synthesise", "weather"]

SITES = {
    "chicago": "weather/USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw",
    "dulles": "weather/USA_VA_Sterling-Washington.Dulles.Intl.AP.724030_TMY3.epw",
    "golden": "weather/USA_CO_Golden-NREL.724666_TMY3.epw",
    "san_francisco": "weather/USA_CA_San.Francisco.Intl.AP.724940_TMY3.epw",
}


class Climate(Part):
    """Monthly normals of a place, from which `synthesise` builds a year; each tuple runs from January to December.

    Examples
    --------
    >>> import thermal as th
    >>> th.load("climates/golden").elevation
    1829.0
    """

    site: str = choice("name of the place")
    latitude: float = quantity("-", "latitude in degrees, north positive", low=-90, high=90)
    longitude: float = quantity("-", "longitude in degrees, east positive", low=-180, high=180)
    elevation: float = quantity("m", "height above sea level", low=-450, high=5500)
    pressure: float = quantity("Pa", "mean barometric pressure", low=50e3, high=110e3)
    T_high: tuple[float, ...] = quantity("degC", "mean daily maximum of each month")
    T_low: tuple[float, ...] = quantity("degC", "mean daily minimum of each month")
    T_dew_point: tuple[float, ...] = quantity("degC", "mean dew point of each month")
    spread: tuple[float, ...] = quantity("K", "standard deviation of daily means within each month")
    persistence: float = quantity("-", "correlation of one daily mean with the next", low=0, high=0.99, default=0.7)


def weather(place: str | Path | Climate, *, seed: int = 7) -> xr.Dataset:
    """Weather of a year as one dataset.

    Parameters
    ----------
    place : str, path or Climate
        A name (``"chicago"``, ``"golden"``, ``"dulles"``, ``"san_francisco"``): the measured typical year of the
        dataset registry, never a synthetic one in its place. A path to an ``.epw`` file: that file. A `Climate`, as
        ``th.load("climates/chicago")`` gives: a synthetic year, which needs no data and says so in its attributes.
    seed : int
        Seed of the day-to-day changes of a synthetic year.

    Returns
    -------
    xarray.Dataset
        ``T_dry_bulb``, ``T_wet_bulb``, ``T_dew_point``, ``relative_humidity``, ``humidity_ratio`` and ``pressure``
        along ``time``; attributes ``site``, ``latitude``, ``longitude``, ``elevation``, ``source``, ``kind`` and
        ``interval`` [s]; of an EPW file also ``utc_offset`` [h], by which its clock is ahead of UTC.

    Raises
    ------
    InputError
        If the name is unknown.
    DataError
        If the file is absent, cut short, or has gaps.

    Examples
    --------
    >>> import thermal as th
    >>> year = th.weather(th.load("climates/chicago"))
    >>> year.attrs["kind"], year.sizes["time"]
    ('synthetic', 8760)
    """
    if isinstance(place, Climate):
        return synthesise(place, seed=seed)
    if str(place) in SITES:
        return _without_gaps(read_epw(datasets.path(SITES[str(place)])), place)
    if str(place).lower().endswith(".epw"):
        return _without_gaps(read_epw(place), place)
    known = ", ".join(sorted(SITES))
    raise InputError(f"no weather for {str(place)!r}; known: {known}; or give a path to an .epw file, or a Climate")


def synthesise(climate: Climate, *, seed: int = 7) -> xr.Dataset:
    """Build a year of hours from monthly normals.

    Dry bulb = line through the months that keeps each monthly mean + half the daily range as a cosine that peaks at 15
    h + a seeded first-order autoregression from day to day, centred in each month. The dew point follows the same days
    and never exceeds the dry bulb. Normals are kept, extremes and joint statistics are not those of the place.

    Parameters
    ----------
    climate : Climate
        Monthly normals.
    seed : int
        Seed of the day-to-day changes.
    """
    seed = whole("seed", seed, low=0)
    times = pd.date_range("2001-01-01", periods=8760, freq="h")
    month, day = times.month.to_numpy() - 1, times.day_of_year.to_numpy() - 1
    high, low = np.array(climate.T_high), np.array(climate.T_low)
    if not (len(high) == len(low) == len(climate.T_dew_point) == len(climate.spread) == 12):
        raise InputError(f"climate {climate.site!r} needs twelve monthly values of each normal")
    if min(climate.spread) < 0.0:
        raise InputError(f"climate {climate.site!r}: spread = {min(climate.spread):g} K must be from 0 K on")
    if (low > high).any():
        raise InputError(f"climate {climate.site!r}: T_low exceeds T_high in month {int(np.argmax(low > high)) + 1}")
    swing = 0.5 * (high - low)[month] * np.cos(2.0 * np.pi * (times.hour.to_numpy() - 15.0) / 24.0)
    steps = np.random.default_rng(seed).standard_normal(365)
    days = np.empty(365)
    state, phi = steps[0], climate.persistence
    for k in range(365):
        state = phi * state + np.sqrt(1.0 - phi * phi) * steps[k] if k else steps[0]
        days[k] = state
    hourly = days[day] * np.array(climate.spread)[month]
    hourly -= np.bincount(month, hourly)[month] / np.bincount(month)[month]
    T = _smooth((high + low) / 2.0, month) + swing + hourly
    dew = np.minimum(_smooth(np.array(climate.T_dew_point), month) + hourly, T)
    return air_dataset(
        times, {"T_dry_bulb": T, "T_dew_point": dew, "relative_humidity": saturation_pressures(dew) /
        saturation_pressures(T),
                "pressure": np.full(8760, climate.pressure)},
        site=climate.site, latitude=climate.latitude, longitude=climate.longitude, elevation=climate.elevation,
        source=f"synthetic year from monthly normals, seed {seed}", kind="synthetic",
    )  # fmt: skip


def fill_gaps(year: xr.Dataset, *, longest: float = 6.0) -> xr.Dataset:
    """Fill gaps by straight lines in time, at the ends by the nearest value; the attributes record it.

    Parameters
    ----------
    year : xarray.Dataset
        Weather with NaN where values are missing, as `read_epw` gives it.
    longest : float
        Longest gap to fill [h].

    Raises
    ------
    DataError
        If a gap is longer.
    """
    longest = number("longest", longest, "hour", low=0.0)
    year = possible(year, READ, missing=True)
    if year.sizes.get("time", 0) < 1 or any(year[name].dims != ("time",) for name in READ):
        raise InputError("fill_gaps needs the weather of one place along 'time'")
    hours = intervals(year, default=3600.0) / 3600.0
    filled, count = {}, 0
    for name in READ:
        missing = year[name].isnull().to_numpy()
        worst = _longest(missing, hours)
        if worst > longest or missing.all():
            raise DataError(f"{name} lacks {worst:g} hours in a row, more than the {longest:g} h allowed")
        at = np.cumsum(hours) - hours
        filled[name] = np.interp(at, at[~missing], year[name].to_numpy()[~missing])
        count += int(missing.sum())
    result = air_dataset(pd.DatetimeIndex(year.time.to_numpy()), filled, **year.attrs)
    return result.assign_attrs(transformations=f"fill_gaps: {count} values by linear interpolation")


def _longest(missing: np.ndarray, hours: np.ndarray) -> float:
    """Length of the longest run of missing values [h]."""
    longest = length = 0.0
    for gone, hour in zip(missing.tolist(), hours.tolist(), strict=True):
        length = length + hour if gone else 0.0
        longest = max(longest, length)
    return longest


def interpolate(year: xr.Dataset, step: float) -> xr.Dataset:
    """Weather at a finer time step: dry bulb, dew point and pressure on straight lines between hours, the rest from
    them.

    Parameters
    ----------
    year : xarray.Dataset
        Hourly weather.
    step : float
        Time step [s], a divisor of one hour.
    """
    step = number("step", step, "s", above=0.0)
    if step > 3600 or 3600 % step:
        raise InputError(f"step = {step:g} s must divide one hour")
    year = possible(year, ("T_dry_bulb", "T_dew_point", "pressure"))
    if year.T_dry_bulb.dims != ("time",) or year.time.dtype.kind != "M":
        raise InputError("interpolate needs the weather of one place along 'time', with dates")
    if usual_step(elapsed_seconds(year.time.to_numpy()))[1].size:
        raise InputError("interpolate needs even hours; lines would bridge the gaps between chosen ones")
    hours = pd.DatetimeIndex(year.time.to_numpy())
    times = pd.date_range(hours[0], hours[-1], freq=pd.Timedelta(seconds=step))
    x, at = hours.asi8, times.as_unit(hours.unit).asi8
    columns = {name: np.interp(at, x, year[name].to_numpy()) for name in ("T_dry_bulb", "T_dew_point", "pressure")}
    columns["relative_humidity"] = saturation_pressures(columns["T_dew_point"]) / saturation_pressures(
        columns["T_dry_bulb"]
    )
    result = air_dataset(times, columns, **{**year.attrs, "interval": step})
    return result.assign_attrs(transformations=f"interpolate: linear to {step:g} s")


def _smooth(monthly: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Periodic line through mid-month knots, chosen so that each monthly mean is exact."""
    hours = np.bincount(month)
    ends = np.cumsum(hours)
    middle = ends - hours / 2.0
    t = np.arange(month.size) + 0.5
    basis = np.array([np.interp(t, middle, row, period=month.size) for row in np.eye(12)])
    means = np.array([np.bincount(month, row) / hours for row in basis]).T
    return np.asarray(np.linalg.solve(means, monthly) @ basis)


def _without_gaps(year: xr.Dataset, place: Any) -> xr.Dataset:
    """Raise where a value is missing: nothing is filled unasked."""
    for name in READ:
        missing = year[name].isnull().to_numpy()
        if missing.any():
            first = int(np.argmax(missing)) + HEADER_LINES + 1
            raise DataError(
                f"weather {Path(str(place)).name}: {int(missing.sum())} hours lack {name}, the first on line {first}; "
                "read it with thermal.outdoors.epw.read_epw, then fill_gaps, to say that gaps may be filled"
            )
    return year
