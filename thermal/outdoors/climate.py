"""Weather as one dataset: typical years read from EPW files, and synthetic years built from monthly normals.

A year has one value per hour: `time` marks the start of the hour, in local standard time of a nominal year.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal import datasets
from thermal.errors import DataError, InputError
from thermal.names import describe
from thermal.physics.media.moist_air import WATER_TO_AIR, saturation_pressures, wet_bulbs
from thermal.quantity import Part, choice, quantity

__all__ = ["Climate", "fill_gaps", "interpolate", "read_epw", "synthesise", "weather"]

SITES = {
    "chicago": "weather/USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw",
    "dulles": "weather/USA_VA_Sterling-Washington.Dulles.Intl.AP.724030_TMY3.epw",
    "golden": "weather/USA_CO_Golden-NREL.724666_TMY3.epw",
    "san_francisco": "weather/USA_CA_San.Francisco.Intl.AP.724940_TMY3.epw",
}
HEADER_LINES = 8
# Column and missing-data marker of each quantity (EnergyPlus Auxiliary Programs, EPW data dictionary).
COLUMNS = {
    "T_dry_bulb": (6, 99.9),
    "T_dew_point": (7, 99.9),
    "relative_humidity": (8, 999.0),
    "pressure": (9, 999999.0),
}
# Limits of each quantity in the file's units, and the mistake that is made most often.
LIMITS = {
    "T_dry_bulb": (-60.0, 60.0, "degC", "is it in K or degF?"),
    "T_dew_point": (-90.0, 60.0, "degC", "is it in K or degF?"),
    "relative_humidity": (0.0, 110.0, "%", "is the column another quantity?"),
    "pressure": (50e3, 110e3, "Pa", "is it in hPa or kPa?"),
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
        ``interval``.

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


def read_epw(path: str | Path) -> xr.Dataset:
    """Read an EPW file; missing values become NaN, missing hours are an error.

    TMY3 months may come from different years and leap days are read where the file has them.

    Raises
    ------
    DataError
        If the file is no EPW, is cut in the middle, lacks hours or has a value that no weather has; the message names
        line and count or value.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"weather file {path} does not exist")
    lines = path.read_text(encoding="latin-1").splitlines()
    if len(lines) <= HEADER_LINES or not lines[0].startswith("LOCATION,"):
        raise DataError(f"{path.name} is not an EPW file: its first line must start with LOCATION")
    place = lines[0].split(",")
    rows = [line.split(",") for line in lines[HEADER_LINES:] if line.strip()]
    times = _times(path, rows)
    columns: dict[str, Any] = {}
    for name, (column, missing) in COLUMNS.items():
        values = _numbers(path, rows, column)
        columns[name] = np.where(values >= missing, np.nan, values)
        _check_range(path, name, columns[name])
    columns["relative_humidity"] = columns["relative_humidity"] / 100.0
    return _dataset(
        times, columns, site=", ".join(place[k].strip() for k in (1, 3)), latitude=float(place[6]),
        longitude=float(place[7]), elevation=float(place[9]), source=f"{path.name} ({place[4].strip()})",
        kind="typical year",
    )  # fmt: skip


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
    times = pd.date_range("2001-01-01", periods=8760, freq="h")
    month, day = times.month.to_numpy() - 1, times.day_of_year.to_numpy() - 1
    high, low = np.array(climate.T_high), np.array(climate.T_low)
    if not (len(high) == len(low) == len(climate.T_dew_point) == len(climate.spread) == 12):
        raise InputError(f"climate {climate.site!r} needs twelve monthly values of each normal")
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
    return _dataset(
        times, {"T_dry_bulb": T, "T_dew_point": dew, "relative_humidity": saturation_pressures(dew) /
        saturation_pressures(T),
                "pressure": np.full(8760, climate.pressure)},
        site=climate.site, latitude=climate.latitude, longitude=climate.longitude, elevation=climate.elevation,
        source=f"synthetic year from monthly normals, seed {seed}", kind="synthetic",
    )  # fmt: skip


def fill_gaps(year: xr.Dataset, *, longest: float = 6.0) -> xr.Dataset:
    """Fill gaps by straight lines in time; the attributes record it.

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
    filled = {}
    for name in COLUMNS:
        values = pd.Series(year[name].to_numpy())
        missing = values.isna().to_numpy()
        edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False]))))
        worst = int(np.diff(edges)[::2].max(initial=0))
        if worst > longest:
            raise DataError(f"{name} lacks {worst} hours in a row, more than the {longest:g} h allowed")
        filled[name] = values.interpolate(limit_direction="both").to_numpy()
    count = int(year[list(COLUMNS)].isnull().to_array().sum())
    result = _dataset(pd.DatetimeIndex(year.time.to_numpy()), filled, **year.attrs)
    return result.assign_attrs(transformations=f"fill_gaps: {count} values by linear interpolation")


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
    if not 0 < step <= 3600 or 3600 % step:
        raise InputError(f"step = {step:g} s must divide one hour")
    hours = pd.DatetimeIndex(year.time.to_numpy())
    times = pd.date_range(hours[0], hours[-1], freq=pd.Timedelta(seconds=step))
    x, at = hours.asi8, times.as_unit(hours.unit).asi8
    columns = {name: np.interp(at, x, year[name].to_numpy()) for name in ("T_dry_bulb", "T_dew_point", "pressure")}
    columns["relative_humidity"] = saturation_pressures(columns["T_dew_point"]) / saturation_pressures(
        columns["T_dry_bulb"]
    )
    result = _dataset(times, columns, **{**year.attrs, "interval": step})
    return result.assign_attrs(transformations=f"interpolate: linear to {step:g} s")


def _dataset(times: pd.DatetimeIndex, columns: dict[str, Any], **attributes: Any) -> xr.Dataset:
    """Add humidity ratio and wet bulb, names and units."""
    T, phi, p = (np.ascontiguousarray(columns[k], float) for k in ("T_dry_bulb", "relative_humidity", "pressure"))
    vapour = phi * saturation_pressures(T)
    w = WATER_TO_AIR * vapour / (p - vapour)
    T_wet_bulb = np.empty_like(T)
    wet_bulbs(T, w, p, T_wet_bulb)
    data = {**columns, "humidity_ratio": w, "T_wet_bulb": T_wet_bulb}
    result = xr.Dataset({k: ("time", v) for k, v in data.items()}, coords={"time": times})
    return describe(result).assign_attrs({"interval": 3600.0, **attributes})


def _smooth(monthly: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Periodic line through mid-month knots, chosen so that each monthly mean is exact."""
    hours = np.bincount(month)
    ends = np.cumsum(hours)
    middle = ends - hours / 2.0
    t = np.arange(month.size) + 0.5
    basis = np.array([np.interp(t, middle, row, period=month.size) for row in np.eye(12)])
    means = np.array([np.bincount(month, row) / hours for row in basis]).T
    return np.asarray(np.linalg.solve(means, monthly) @ basis)


def _times(path: Path, rows: Sequence[list[str]]) -> pd.DatetimeIndex:
    """Check that the hours follow each other from the first of January, and give them a nominal year."""
    leap = any(len(row) > 2 and row[1].strip() == "2" and row[2].strip() == "29" for row in rows)
    expected = pd.date_range("2000-01-01" if leap else "2001-01-01", periods=8784 if leap else 8760, freq="h")
    for k, row in enumerate(rows):
        where = f"{path.name}, line {k + HEADER_LINES + 1}"
        if len(row) < 10:
            raise DataError(f"{where}: the line is cut after {len(row)} fields; fetch the file again")
        if k >= len(expected):
            raise DataError(f"{where}: more than the {len(expected)} hours of a year")
        t = expected[k]
        try:
            found = (int(row[1]), int(row[2]), int(row[3]))
        except ValueError:
            raise DataError(f"{where}: month, day, hour {row[1:4]} are not numbers") from None
        if found != (t.month, t.day, t.hour + 1):
            raise DataError(
                f"{where}: month {found[0]}, day {found[1]}, hour {found[2]} where month {t.month}, day {t.day}, hour "
                f"{t.hour + 1} must follow; {len(expected) - len(rows)} hours are missing: fetch the file again"
            )
    if len(rows) < len(expected):
        raise DataError(
            f"{path.name} ends at line {len(rows) + HEADER_LINES} with {len(rows)} of {len(expected)} hours: "
            "the file was cut; fetch it again"
        )
    return expected


def _numbers(path: Path, rows: Sequence[list[str]], column: int) -> np.ndarray:
    try:
        return np.array([row[column] for row in rows], float)
    except ValueError:
        for k, row in enumerate(rows):
            try:
                float(row[column])
            except ValueError:
                line = k + HEADER_LINES + 1
                raise DataError(
                    f"{path.name}, line {line}: field {column + 1} is {row[column]!r}, not a number"
                ) from None
        raise


def _check_range(path: Path, name: str, values: np.ndarray) -> None:
    low, high, unit, doubt = LIMITS[name]
    outside = (values < low) | (values > high)
    if outside.any():
        k = int(np.argmax(outside))
        raise DataError(
            f"{path.name}, line {k + HEADER_LINES + 1}: {name} = {values[k]:g} {unit} is outside [{low:g}, {high:g}] "
            f"{unit}; {doubt}"
        )


def _without_gaps(year: xr.Dataset, place: Any) -> xr.Dataset:
    """Raise where a value is missing: nothing is filled unasked."""
    for name in COLUMNS:
        missing = year[name].isnull().to_numpy()
        if missing.any():
            first = int(np.argmax(missing)) + HEADER_LINES + 1
            raise DataError(
                f"weather {Path(str(place)).name}: {int(missing.sum())} hours lack {name}, the first on line {first}; "
                "read it with thermal.outdoors.climate.read_epw, then fill_gaps, to say that gaps may be filled"
            )
    return year
