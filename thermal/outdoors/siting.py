"""What a climate allows and what a standard asks: design days, rare extremes, water classes, mechanical load."""

import math
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import array, number
from thermal.names import describe
from thermal.outdoors.air import LIMITS, possible
from thermal.timeline import intervals

__all__ = ["W_CLASSES", "design_day", "mechanical_load", "return_value", "supply_reset", "water_classes"]

# Highest supply of each class: ASHRAE, Thermal Guidelines for Data Processing Environments, 5th ed., 2021.
W_CLASSES = {"W17": 17.0, "W27": 27.0, "W32": 32.0, "W40": 40.0, "W45": 45.0}
# End uses that are not mechanical cooling; fans in racks and servers belong to the IT equipment
NOT_MECHANICAL = ("it", "rack_fans", "heat_pump", "electrical_losses", "storage_losses", "other")


def water_classes(weather: xr.Dataset, *, approach: float, by: str = "T_wet_bulb") -> xr.Dataset:
    """Share of the year in which a plant without chillers serves each ASHRAE water class.

    Each row of the weather counts by its length. Rows in which `by` is missing count neither as served nor as unserved;
    the attribute ``missing`` says how many there are.

    Parameters
    ----------
    weather : xarray.Dataset
        From ``th.weather``.
    approach : float
        Facility water supply over wet bulb (tower and exchanger together) or over dry bulb (dry cooler) [K].
    by : str
        ``"T_wet_bulb"`` or ``"T_dry_bulb"``.

    Returns
    -------
    xarray.Dataset
        ``share`` by ``w_class``: 1 means that the class needs no chiller in this climate.

    Examples
    --------
    >>> import thermal as th
    >>> share = water_classes(th.weather(th.load("climates/chicago")), approach=6.0).share
    >>> bool(share.sel(w_class="W17") < 1.0), float(share.sel(w_class="W40"))
    (True, 1.0)
    """
    approach = number("approach", approach, "K", low=-50.0, high=100.0)
    limits = xr.DataArray(list(W_CLASSES.values()), dims="w_class", coords={"w_class": list(W_CLASSES)})
    outdoor, lengths, missing = _outdoor(weather, by)
    served = (outdoor + approach <= limits).where(outdoor.notnull()).weighted(lengths).mean("time")
    share = served.transpose(..., "w_class")
    share.attrs.clear()  # those of the temperature
    return describe(xr.Dataset({"share": share})).assign_attrs(missing)


def design_day(weather: xr.Dataset, *, share: float = 0.004, by: str = "T_wet_bulb") -> xr.Dataset:
    """Day of the weather whose peak comes nearest to the value exceeded in a share of the hours.

    Parameters
    ----------
    weather : xarray.Dataset
        A whole year; each row counts by its length, rows in which `by` is missing do not, and the attribute
        ``missing`` says how many there are.
    share : float
        Share of the hours that exceed the design value; 0.004, 0.01 and 0.02 are the ASHRAE percentiles.
    by : str
        Quantity that makes the day.

    Examples
    --------
    >>> import thermal as th
    >>> design_day(th.weather(th.load("climates/chicago"))).sizes["time"]
    24
    """
    share = number("share", share, "-")
    if not 0.0 < share < 1.0:
        raise InputError(f"share = {share:g} must lie between 0 and 1")
    outdoor, lengths, missing = _outdoor(weather, by, frozenset(limit.unit for limit in LIMITS.values()))
    if outdoor.dims != ("time",):
        raise InputError(f"{by} has dimensions {outdoor.dims}; a design day is that of one place along time")
    if "time" not in outdoor.coords or outdoor.time.dtype.kind != "M":
        raise InputError("design_day needs dates along 'time', as th.weather gives them")
    value = float(outdoor.weighted(lengths).quantile(1.0 - share))
    days = outdoor.time.dt.floor("D")
    peaks = outdoor.groupby(days.rename("day")).max()
    day = peaks.day[int(abs(peaks - value).argmin("day"))]
    chosen = possible(weather, (by,), missing=True).isel(time=np.flatnonzero(days == day))
    done = f"design_day: {by} exceeded in {share:g} of the hours, {value:.2f}"
    return chosen.assign_attrs(transformations=done, **missing)


def return_value(mean: float, deviation: float, years: float) -> float:
    """Extreme to be expected once in a number of years, from the yearly extremes of a record.

    T_n = M + F·s, F = -(√6/π)·(0.5772 + ln ln(n/(n - 1)))

    Symbols: M mean and s standard deviation of the yearly maxima (for minima take F negative: a negative `deviation`),
    n years. Source: ASHRAE Fundamentals 2017, ch. 14, eq. 1 (Gumbel); F is 2.592 for 50 years in the tables of
    frequency factors.

    Parameters
    ----------
    mean, deviation : float
        Of the yearly extremes [°C, K].
    years : float
        Return period, above 1.

    Examples
    --------
    >>> round(return_value(0.0, 1.0, 50), 3)
    2.592
    """
    mean, deviation = number("mean", mean, "degC"), number("deviation", deviation, "K")
    years = number("years", years, "-", high=1e6)
    if not years > 1.0:
        raise InputError(f"years = {years:g} must exceed 1: a return period")
    return mean - deviation * math.sqrt(6.0) / math.pi * (0.5772 + math.log(math.log(years / (years - 1.0))))


def supply_reset(
    weather: xr.Dataset, *, T_low: float, T_high: float, outdoor_low: float, outdoor_high: float, by: str = "T_wet_bulb"
) -> xr.DataArray:
    """Supply set point of each hour on a straight line of the outdoor temperature, for ``annual(..., T_supply=...)``.

    Parameters
    ----------
    weather : xarray.Dataset
        From ``th.weather``.
    T_low, T_high : float
        Set points at and beyond the ends of the line [°C]: `T_low` at `outdoor_low`, `T_high` at `outdoor_high`.
    outdoor_low, outdoor_high : float
        Outdoor temperatures of the two ends [°C].
    by : str
        Outdoor quantity.

    Examples
    --------
    >>> import thermal as th
    >>> T = supply_reset(th.weather(th.load("climates/chicago")), T_low=20, T_high=26, outdoor_low=5, outdoor_high=20)
    >>> float(T.min()), float(T.max())
    (20.0, 26.0)
    """
    T_low, T_high = number("T_low", T_low, "degC"), number("T_high", T_high, "degC")
    outdoor_low = number("outdoor_low", outdoor_low, "degC")
    outdoor_high = number("outdoor_high", outdoor_high, "degC")
    if not outdoor_low < outdoor_high:
        raise InputError(f"outdoor_low = {outdoor_low:g} degC must be below outdoor_high = {outdoor_high:g} degC")
    outdoor, _, missing = _outdoor(weather, by)
    if missing:
        raise InputError(f"{missing['missing']}: there is no set point without it; fill it with a named function first")
    position = ((outdoor - outdoor_low) / (outdoor_high - outdoor_low)).clip(0.0, 1.0)
    T = (T_low + (T_high - T_low) * position).rename("T_supply")
    T.attrs = {"units": "degC"}
    return T


def mechanical_load(year: xr.Dataset, *, limit: float | None = None) -> xr.Dataset:
    """Annualised mechanical load component in the manner of ASHRAE 90.4: cooling energy over IT energy.

    MLC = Σ(facility, condenser and CDU pumps, chillers, tower and dry cooler fans, basin heaters)/Σ(IT, rack fans)

    Boundary: all that moves heat from the IT equipment to the outdoors, the CDU pumps with it. Fans inside racks and
    servers are part of the IT equipment and stand below the line; heat pumps that raise reused heat, electrical losses
    (they have a component of their own in the standard) and other loads are out. The standard's tables of limits are
    not reproduced: enter the limit of your edition and climate zone. Source: ANSI/ASHRAE Standard 90.4-2019, section
    6.5.

    Parameters
    ----------
    year : xarray.Dataset
        Result of ``annual``.
    limit : float, optional
        Limit to compare with.

    Examples
    --------
    >>> import thermal as th
    >>> plant, year = th.load("plants/generic_20mw"), th.weather(th.load("climates/chicago"))
    >>> week = th.annual(plant, it_power=20e6, weather=year.isel(time=slice(0, 168)))
    >>> bool(mechanical_load(week, limit=0.2).meets_limit)
    True
    """
    limit = None if limit is None else number("limit", limit, "-", low=0.0)
    if not isinstance(year, xr.Dataset) or "power" not in year or "end_use" not in year.coords:
        raise InputError("mechanical_load needs power by end_use: a result of th.annual")
    mechanical = [str(u) for u in year.end_use.values if str(u) not in NOT_MECHANICAL]
    equipment = [u for u in ("it", "rack_fans") if u in year.end_use.values]
    power = array("power", year.power, "W")
    if "it" not in power.end_use or "time" not in power.dims:
        raise InputError("mechanical_load needs power of the end use 'it' along 'time': a result of th.annual")
    power = power * xr.DataArray(intervals(year, default=3600.0), dims="time")
    it = power.sel(end_use=equipment).sum(["end_use", "time"])
    if not bool((it > 0.0).all()):
        raise InputError("mechanical_load: the IT equipment draws nothing all year; a ratio to it has no meaning")
    component = power.sel(end_use=mechanical).sum(["end_use", "time"]) / it
    component.attrs.clear()  # those of the power
    data: dict[str, Any] = {"mechanical_load_component": component}
    if limit is not None:
        data["meets_limit"] = component <= limit
    return describe(xr.Dataset(data, attrs={**year.attrs, "limit": np.nan if limit is None else limit}))


def _outdoor(
    weather: xr.Dataset, by: str, units: frozenset[str] = frozenset({"degC"})
) -> tuple[xr.DataArray, xr.DataArray, dict[str, str]]:
    """One quantity of the weather, the length of each row [s], and a word on what is missing."""
    known = [name for name, limit in LIMITS.items() if limit.unit in units]
    if by not in known:
        raise InputError(f"by: there is no {by!r:.60} to go by in a weather, but {', '.join(known)}")
    weather = possible(weather, (by,), missing=True)
    outdoor = weather[by]
    if not weather.sizes.get("time", 0) or "time" not in outdoor.dims:
        raise InputError("the weather has no hour along 'time'; one hour is weather.isel(time=[k])")
    lengths = xr.DataArray(intervals(weather, default=3600.0, held=True), dims="time")
    gone = outdoor.isnull().any([dim for dim in outdoor.dims if dim != "time"])
    count = int(gone.sum())
    if outdoor.isnull().all():
        raise InputError(f"the weather has no value of {by}: all {count} hours are missing")
    word = f"{count} of {gone.size} hours lack {by}, the first is hour {int(np.argmax(gone.values))}"
    return outdoor, lengths, {"missing": word} if count else {}
