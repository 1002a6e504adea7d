"""What electricity costs: energy at a price in time, a demand charge, time of use; and cost and carbon per token.

Money is in the currency of the prices, which are per joule: write ``0.12 / kWh``.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.accounting.gaps import clock, step_of
from thermal.accounting.grid import over_time
from thermal.accounting.reading import HIGHEST_CARBON
from thermal.dates import dated, has_zone, timestamps
from thermal.errors import InputError
from thermal.inputs import array, labelled, number, part
from thermal.names import describe
from thermal.timeline import intervals
from thermal.units import kg, year

__all__ = ["cost", "priced", "time_of_use"]

MONTHS = 12.0


def time_of_use(periods: Mapping[str, tuple[float, float, float]], time: Any, *, zone: str = "UTC") -> xr.DataArray:
    """Price at each time by the hour of the day in a time zone, daylight saving included.

    Parameters
    ----------
    periods : mapping
        Name to (from hour, to hour, price per joule); a period may pass midnight: ``{"night": (22, 6, 0.08 / kWh)}``.
    time : DataArray or DatetimeIndex
        Dates in UTC, or with a zone.
    zone : str
        Zone of the hours, as ``America/Chicago``.

    Raises
    ------
    InputError
        If periods overlap or leave an hour without a price, a price is missing, or times are no dates.

    Examples
    --------
    >>> from thermal.units import kWh
    >>> hours = pd.date_range("2026-07-01", periods=3, freq="8h", tz="UTC")
    >>> prices = time_of_use({"night": (22, 6, 0.05 / kWh), "day": (6, 22, 0.15 / kWh)}, hours, zone="America/Chicago")
    >>> (prices * kWh).values.round(6)  # 19:00, 3:00 and 11:00 in Chicago
    array([0.15, 0.05, 0.15])
    """
    part("periods", periods, Mapping, "write {'night': (22, 6, 0.08 / kWh), 'day': (6, 22, 0.15 / kWh)}")
    covered: dict[int, str] = {}
    by_minute = np.zeros(1440)
    for name, period in periods.items():
        if not isinstance(period, tuple | list) or len(period) != 3:
            raise InputError(f"periods[{name!r}] = {period!r:.60} must be (from hour, to hour, price per joule)")
        begin, end = (number(f"periods[{name!r}] hour", hour, "hour", low=0.0, high=24.0) for hour in period[:2])
        price = number(f"periods[{name!r}] price", period[2], "1/J")
        minutes = [round(begin * 60), round(end * 60)]
        length = (minutes[1] - minutes[0]) % 1440 or 1440
        for minute in ((minutes[0] + k) % 1440 for k in range(length)):
            if minute in covered:
                at = f"{minute // 60:02d}:{minute % 60:02d}"
                raise InputError(f"periods {covered[minute]!r} and {name!r} overlap at {at}: one price an hour")
            covered[minute] = name
            by_minute[minute] = price
    missing = next((m for m in range(1440) if m not in covered), None)
    if missing is not None:
        raise InputError(f"periods leave {missing // 60:02d}:{missing % 60:02d} without a price: cover all 24 hours")
    stamps = timestamps(time)
    if stamps.dtype.kind != "M":
        raise InputError("time holds no dates: hours of the day need dates in UTC, or with a zone")
    try:
        local = pd.DatetimeIndex(stamps, tz="UTC").tz_convert(zone)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise InputError(f"zone = {zone!r:.40} is no time zone, as America/Chicago ({type(error).__name__})") from None
    values = by_minute[np.asarray(local.hour * 60 + local.minute)]
    axis = xr.DataArray(stamps, dims="time", attrs={"time_zone": "UTC"})
    return xr.DataArray(values, {"time": axis}, ("time",), name="price", attrs={"units": "1/J"})


def priced(
    series: xr.DataArray, name: str, price: Any, unit: str, low: float = -np.inf, high: float = np.inf
) -> np.ndarray:
    """A price, or an intensity, in each row of a series: one number, or a series whose values hold until the next.

    Raises
    ------
    InputError
        If it does not cover the rows, or one of both has a time zone and the other none.
    DataError
        If it has a gap.
    """
    given = array(name, price, unit, low=low, high=high)
    if not isinstance(given, xr.DataArray):
        if np.ndim(given):
            raise InputError(f"{name} has shape {np.shape(given)} and no times: give one number, or a series over time")
        return np.full(series.sizes["time"], float(given))
    if given.dims != ("time",) or "time" not in given.coords:
        raise InputError(f"{name} has dimensions {given.dims}: one series over time is needed")
    zones = [has_zone(axis) for axis in (labelled(price)["time"], series["time"])]
    kinds = [clock(axis).dtype.kind for axis in (given["time"], series["time"])]
    if kinds[0] != kinds[1]:
        raise InputError(f"{name} and power do not both have dates: give both times in seconds, or both as dates")
    if kinds[0] == "M" and zones[0] != zones[1]:
        has, lacks = (name, "power") if zones[0] else ("power", name)
        raise InputError(
            f"times of {has} have a time zone, those of {lacks} have none: say which with .tz_localize() of a Series, "
            "or attrs['time_zone'] = 'UTC' of the times"
        )
    step = step_of(given.to_dataset(name="price"))
    known, wanted = clock(given["time"]), clock(series["time"])
    unit_step = np.timedelta64(1, "s") if kinds[0] == "M" else 1.0
    place = np.searchsorted(known, wanted, side="right") - 1
    beyond = (place < 0) | ((wanted - known[np.maximum(place, 0)]) / unit_step >= step * (1.0 + 1e-9))
    if beyond.any():
        at = wanted[int(np.argmax(beyond))]
        raise InputError(f"{name} has no value at {at}: it runs from {known[0]} for rows of {step:g} s to {known[-1]}")
    return np.asarray(given.values[place])


def cost(
    power: xr.DataArray,
    price: float | xr.DataArray,
    *,
    demand_charge: float = 0.0,
    tokens: float | xr.DataArray | None = None,
    carbon_intensity: float | xr.DataArray | None = None,
    currency: str = "USD",
) -> xr.Dataset:
    """Cost of the power drawn from the grid: Σ p_k·P_k·Δt_k, and for each month the charge times its highest power.

    Parameters
    ----------
    power : DataArray
        Power at the meter over ``time`` alone, W.
    price : float or DataArray
        Price of energy per joule (write ``0.12 / kWh``), or a series of prices; each holds until the next one.
    demand_charge : float
        Per watt of the highest row of each month. Times in seconds count as one month.
    tokens : float or DataArray, optional
        Tokens made in the window; along ``time`` they are added up.
    carbon_intensity : float or DataArray, optional
        kg CO2 equivalent per joule (write ``0.4 * kg / kWh``), or a series.
    currency : str
        What the prices are in; it is only said again.

    Returns
    -------
    xarray.Dataset
        ``cost_energy``, ``cost_demand``, ``cost``, ``cost_per_year`` (energy by the length of the window, demand by its
        months, to 12), and where asked ``cost_per_million_tokens``, ``carbon``, ``carbon_per_million_tokens``.

    Examples
    --------
    >>> from thermal.units import kWh, kW
    >>> power = xr.DataArray([100e3, 300e3], {"time": [0.0, 3600.0]}, ("time",))
    >>> found = cost(power, 0.10 / kWh, demand_charge=12.0 / kW, tokens=4e6)
    >>> [round(float(found[name]), 9) for name in ("cost_energy", "cost_demand", "cost_per_million_tokens")]
    [40.0, 3600.0, 910.0]
    """
    zone = labelled(power)["time"] if isinstance(power, pd.Series) else getattr(power, "time", None)
    series = over_time("power", power)
    if series.dims != ("time",):
        raise InputError(f"power has dimensions {series.dims}: one series over time is needed; choose with .sel()")
    if zone is not None and has_zone(zone):
        series = series.assign_coords(time=dated(zone))
    lengths = intervals(series)
    energy = series.values * lengths
    charge = number("demand_charge", demand_charge, "1/W", low=0.0)
    peaks = _monthly_peaks(series)
    energy_cost = float(np.sum(energy * priced(series, "price", price, "1/J")))
    demand_cost = charge * float(np.sum(peaks))
    found = {
        "cost_energy": energy_cost,
        "cost_demand": demand_cost,
        "cost": energy_cost + demand_cost,
        "cost_per_year": energy_cost * year / float(lengths.sum()) + demand_cost * MONTHS / peaks.size,
    }
    if carbon_intensity is not None:
        intensity = priced(series, "carbon_intensity", carbon_intensity, "kg/J", low=0.0, high=HIGHEST_CARBON)
        found["carbon"] = float(np.sum(energy * intensity)) / kg
    if tokens is not None:
        counted = float(np.sum(np.asarray(array("tokens", tokens, "-", low=0.0))))
        if counted <= 0.0:
            raise InputError("tokens = 0 is not above 0: cost per token has no meaning without tokens")
        found["cost_per_million_tokens"] = found["cost"] / counted * 1e6
        if "carbon" in found:
            found["carbon_per_million_tokens"] = found["carbon"] / counted * 1e6
    attrs = {"currency": currency, "window": float(lengths.sum()), "months": int(peaks.size)}
    return describe(xr.Dataset(found, attrs=attrs))


def _monthly_peaks(series: xr.DataArray) -> np.ndarray:
    """Highest power of each calendar month; one of all for times in seconds."""
    stamps = clock(series["time"])
    if stamps.dtype.kind != "M":
        return np.array([series.values.max()])
    months = stamps.astype("datetime64[M]")
    return np.array([series.values[months == month].max() for month in np.unique(months)])
