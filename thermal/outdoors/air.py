"""Outdoor air as every study needs it: complete, in the package's units, and possible; the one check of weather."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from thermal.dates import dated, has_zone
from thermal.errors import InputError
from thermal.inputs import array
from thermal.names import describe
from thermal.physics.media.moist_air import WATER_TO_AIR, saturation_pressures, wet_bulbs

__all__ = [
    "LIMITS",
    "NEEDED",
    "Fault",
    "Limit",
    "air_dataset",
    "fault_of",
    "on_the_clock_of",
    "possible",
    "require_air",
]


class Limit(NamedTuple):
    """Range of a quantity of outdoor air, and the mistake that is made most often."""

    low: float
    high: float
    unit: str
    doubt: str


LIMITS = {
    "T_dry_bulb": Limit(-60.0, 60.0, "degC", "is it in K or degF?"),
    "T_wet_bulb": Limit(-60.0, 60.0, "degC", "is it in K or degF?"),
    "T_dew_point": Limit(-90.0, 60.0, "degC", "is it in K or degF?"),
    "relative_humidity": Limit(0.0, 1.1, "-", "is it in %? it is meant as a share of 1"),
    "humidity_ratio": Limit(0.0, 0.05, "kg/kg", "is it in g/kg?"),
    "pressure": Limit(50e3, 110e3, "Pa", "is it in hPa or kPa?"),
}
NEEDED = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")  # by machines that meet the air
BELOW = {"T_wet_bulb": 0.01, "T_dew_point": 0.1}  # never above the dry bulb, by more than so many K of rounding
SHARES = {"1", "-", "kg/kg"}
SATURATED = (1.1, 1e-4)  # share of saturation and kg/kg beside it: fog, water below 0 degC, four decimals


class Fault(NamedTuple):
    """The first thing that no air can be."""

    found: str  # name, value and unit
    row: int | None  # along time, where the value varies with it
    limit: str  # what it breaks, and the likely cause


def possible(
    weather: Any, names: Sequence[str] = NEEDED, *, what: str = "weather", missing: bool = False
) -> xr.Dataset:
    """The weather in the package's units, with all of `names`, after a check that there can be such air.

    Everything of `LIMITS` that the weather has is checked, needed or not: ranges, wet bulb and dew point below the dry
    bulb, humidity up to saturation.

    Parameters
    ----------
    weather : xarray.Dataset
        As ``th.weather`` gives it, or measured.
    names : sequence of str
        Quantities that must be there.
    what : str
        What the error calls it.
    missing : bool
        Whether NaN may stand for missing values of `names`.

    Raises
    ------
    InputError
        The message gives quantity, value, hour, limit and the likely cause.

    Examples
    --------
    >>> day = xr.Dataset({"T_wet_bulb": ("time", [59.0, 68.0], {"units": "degF"})})
    >>> possible(day, ["T_wet_bulb"]).T_wet_bulb.values.round(9).tolist()
    [15.0, 20.0]
    """
    if not isinstance(weather, xr.Dataset):
        raise InputError(f"{what} is of type {type(weather).__name__}; th.weather gives a Dataset")
    absent = [name for name in names if name not in weather.variables]
    if absent:
        known = ", ".join(str(name) for name in list(weather.data_vars)[:12]) or "nothing"
        raise InputError(f"the {what} lacks {', '.join(absent)}, it has {known}; th.weather gives a complete dataset")
    if "time" in weather.coords and has_zone(weather["time"]):
        weather = weather.assign_coords(time=dated(weather["time"]))
    columns: dict[str, xr.Variable] = {}
    for name, limit in LIMITS.items():
        if name not in weather.variables:
            continue
        variable = weather.variables[name]
        units = variable.attrs.get("units")
        if variable.dtype.kind != "f" or not (units is None or units == limit.unit or {units, limit.unit} <= SHARES):
            converted = array(f"{what}: {name}", weather[name].reset_coords(drop=True), limit.unit, missing=True)
            weather = weather.assign({name: converted.variable})
            variable = converted.variable
        columns[name] = variable
    fault = None if missing else _gap(columns, names)
    fault = fault or fault_of(columns)
    if fault is not None:
        raise InputError(f"{what}: {fault.found}{_when(weather, fault.row)} {fault.limit}")
    return weather


def fault_of(columns: Mapping[str, xr.Variable]) -> Fault | None:
    """The first fault of columns in the package's units; a missing value is none.

    Examples
    --------
    >>> fault_of({"pressure": xr.Variable("time", [101325.0, 101.3])})
    Fault(found='pressure = 101.3 Pa', row=1, limit='is outside 50000..110000 Pa; is it in hPa or kPa?')
    """
    for name, variable in columns.items():
        low, high, unit, doubt = LIMITS[name]
        values = variable.values
        if not values.size or (low <= values.min() and values.max() <= high):
            continue
        wrong = (values < low) | (values > high)
        if wrong.any():
            within = f"is outside {low:g}..{high:g}{_unit(unit)}; {doubt}"
            return Fault(_named(name, values[wrong].flat[0]), _row(variable, wrong), within)
    for name, tolerance in BELOW.items():
        fault = _above_dry_bulb(columns, name, tolerance)
        if fault is not None:
            return fault
    return _above_saturation(columns)


def require_air(**values: Any) -> None:
    """Refuse air that there cannot be, given as numbers or arrays of one shape in the package's units.

    Raises
    ------
    InputError
        As ``possible``.

    Examples
    --------
    >>> require_air(T_dry_bulb=20.0, humidity_ratio=0.04, pressure=101325.0)
    Traceback (most recent call last):
    ...
    thermal.errors.InputError: humidity_ratio = 0.04 kg/kg is above saturation, 0.01469... kg/kg at T_dry_bulb = 20 ...
    """
    arrays = np.broadcast_arrays(*(np.asarray(v, float) for v in values.values()))
    dims = [f"dim_{k}" for k in range(arrays[0].ndim)]
    fault = fault_of({name: xr.Variable(dims, a) for name, a in zip(values, arrays, strict=True)})
    if fault is not None:
        raise InputError(f"{fault.found} {fault.limit}")


def on_the_clock_of(weather: xr.Dataset | xr.DataArray, time: xr.DataArray, name: str) -> xr.DataArray:
    """Times of an input as the weather counts them: in the local standard time of its place.

    Dates without a zone are taken as they are. Dates with one are moved by ``weather.attrs["utc_offset"]`` [h], which
    an EPW file states; where the weather's own dates have a zone, both are in UTC.

    Raises
    ------
    InputError
        If only one of the two has a zone and nothing tells the other's.

    Examples
    --------
    >>> hours = pd.date_range("2001-07-01", periods=24, freq="h")
    >>> weather = xr.Dataset(coords={"time": hours}, attrs={"utc_offset": -6})
    >>> heat = xr.DataArray([1.0], {"time": pd.DatetimeIndex(["2001-07-01 12:00"], tz="America/Chicago")}, ("time",))
    >>> str(on_the_clock_of(weather, heat.time, "heat").values[0])[:16]  # daylight saving time is an hour ahead
    '2001-07-01T11:00'
    """
    zoned = has_zone(time)
    if "time" not in weather.coords or time.dtype.kind in "iufm" or weather["time"].dtype.kind in "iufm":
        return dated(time)
    if has_zone(weather["time"]):
        if not zoned:
            raise InputError(f"the dates of {name} have no time zone, those of the weather have one; give both a zone")
        return dated(time)
    if not zoned:
        return time
    offset = weather.attrs.get("utc_offset")
    if offset is None:
        raise InputError(
            f"the dates of {name} have a time zone, those of the weather have none; state the hours that its clock is "
            f"ahead of UTC: weather.assign_attrs(utc_offset=...), as an EPW file does"
        )
    hours = float(array("weather.attrs['utc_offset']", offset, "hour", low=-12.0, high=14.0))
    plain = dated(time)
    moved = plain.values + np.timedelta64(round(hours * 3600.0), "s")
    return plain.copy(data=moved).assign_attrs(time_zone=f"UTC{hours:+g}")


def air_dataset(times: pd.DatetimeIndex, columns: dict[str, Any], **attributes: Any) -> xr.Dataset:
    """Weather of dry bulb, dew point, relative humidity and pressure, with humidity ratio and wet bulb beside them.

    Where one of them is missing, what follows from it is missing too.
    """
    T, phi, p = (np.ascontiguousarray(columns[k], float) for k in ("T_dry_bulb", "relative_humidity", "pressure"))
    fault = fault_of({name: xr.Variable("time", np.asarray(v, float)) for name, v in columns.items()})
    if fault is not None:
        raise InputError(f"weather: {fault.found} at {times[fault.row or 0]} {fault.limit}")
    vapour = phi * saturation_pressures(T)
    w = WATER_TO_AIR * vapour / (p - vapour)
    T_wet_bulb = np.empty_like(T)
    wet_bulbs(T, w, p, T_wet_bulb)
    data = {**columns, "humidity_ratio": w, "T_wet_bulb": T_wet_bulb}
    result = xr.Dataset({k: ("time", v) for k, v in data.items()}, coords={"time": times})
    return describe(result).assign_attrs({"interval": 3600.0, **attributes})


def _gap(columns: Mapping[str, xr.Variable], names: Sequence[str]) -> Fault | None:
    for name in names:
        if name in columns and np.isnan(columns[name].values).any():
            wrong = np.isnan(columns[name].values)
            text = f"({int(wrong.sum())} of {wrong.size} values); nothing is filled in: give a complete series"
            return Fault(f"{name} is not a number", _row(columns[name], wrong), text)
    return None


def _above_dry_bulb(columns: Mapping[str, xr.Variable], name: str, tolerance: float) -> Fault | None:
    if not {name, "T_dry_bulb"} <= set(columns):
        return None
    over = columns[name] - columns["T_dry_bulb"]
    wrong = over.values > tolerance
    if not wrong.any():
        return None
    lower, dry = (_at(columns[key], over, wrong) for key in (name, "T_dry_bulb"))
    limit = f"lies above T_dry_bulb = {dry:g} degC; check which is which and their units, or drop what is of other air"
    return Fault(_named(name, lower), _row(over, wrong), limit)


def _above_saturation(columns: Mapping[str, xr.Variable]) -> Fault | None:
    if not {"humidity_ratio", "T_dry_bulb", "pressure"} <= set(columns):
        return None
    w, T, p = (columns[key] for key in ("humidity_ratio", "T_dry_bulb", "pressure"))
    if w.dims == T.dims == p.dims and not _foggy(w.values, T.values, p.values).any():
        return None  # as nearly always: found without labels
    vapour = T.copy(data=saturation_pressures(T.values.ravel()).reshape(T.shape))
    most = WATER_TO_AIR * vapour / (p - vapour)
    share, beside = SATURATED
    over = w - (share * most + beside)
    wrong = over.values > 0.0
    if not wrong.any():
        return None
    found, saturated, dry = (_at(v, over, wrong) for v in (w, most, T))
    limit = f"is above saturation, {saturated:g} kg/kg at T_dry_bulb = {dry:g} degC; is it in g/kg, or of another hour?"
    return Fault(_named("humidity_ratio", found), _row(over, wrong), limit)


def _foggy(w: np.ndarray, T: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Where humidity is above what fog, water below 0 degC and four decimals explain."""
    vapour = saturation_pressures(T.ravel()).reshape(T.shape)
    share, beside = SATURATED
    return np.asarray(w - (share * (WATER_TO_AIR * vapour / (p - vapour)) + beside) > 0.0)


def _at(variable: xr.Variable, like: xr.Variable, wrong: np.ndarray) -> float:
    """Value of a variable where the first of a wider one is wrong."""
    return float((variable + xr.zeros_like(like)).transpose(*like.dims).values[wrong].flat[0])


def _row(variable: xr.Variable, wrong: np.ndarray) -> int | None:
    """First row along time that is wrong, whatever the other dimensions."""
    if "time" not in variable.dims:
        return None
    others = tuple(k for k, dim in enumerate(variable.dims) if dim != "time")
    return int(np.argmax(wrong.any(axis=others)))


def _when(weather: xr.Dataset, row: int | None) -> str:
    if row is None:
        return ""
    date = f" ({weather['time'].values[row]!s:.16})" if "time" in weather.coords else ""
    return f" in hour {row}{date}"


def _named(name: Hashable, value: float) -> str:
    share = f" ({100 * value:g} %)" if name == "relative_humidity" else ""
    return f"{name} = {value:g}{_unit(LIMITS[str(name)].unit)}{share}"


def _unit(unit: str) -> str:
    return "" if unit == "-" else f" {unit}"
