"""What a climate allows and what a standard asks: design days, rare extremes, water classes, mechanical load."""

import math
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.names import describe

__all__ = ["W_CLASSES", "design_day", "mechanical_load", "return_value", "supply_reset", "water_classes"]

# Highest supply of each class: ASHRAE, Thermal Guidelines for Data Processing Environments, 5th ed., 2021.
W_CLASSES = {"W17": 17.0, "W27": 27.0, "W32": 32.0, "W40": 40.0, "W45": 45.0}
# End uses that are not mechanical cooling; fans in racks and servers belong to the IT equipment
NOT_MECHANICAL = ("it", "rack_fans", "heat_pump", "electrical_losses", "other")


def water_classes(weather: xr.Dataset, *, approach: float, by: str = "T_wet_bulb") -> xr.Dataset:
    """Share of the year in which a plant without chillers serves each ASHRAE water class.

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
    _require_numbers(approach=approach)
    limits = xr.DataArray(list(W_CLASSES.values()), dims="w_class", coords={"w_class": list(W_CLASSES)})
    share = (_outdoor(weather, by) + approach <= limits).mean("time")
    share.attrs.clear()  # those of the temperature
    return describe(xr.Dataset({"share": share}))


def design_day(weather: xr.Dataset, *, share: float = 0.004, by: str = "T_wet_bulb") -> xr.Dataset:
    """Day of the weather whose peak comes nearest to the value exceeded in a share of the hours.

    Parameters
    ----------
    weather : xarray.Dataset
        A whole year of hours.
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
    _require_numbers(share=share)
    if not 0.0 < share < 1.0:
        raise InputError(f"share = {share:g} must lie between 0 and 1")
    outdoor = _outdoor(weather, by)
    if outdoor.dims != ("time",):
        raise InputError(f"{by} has dimensions {outdoor.dims}; a design day is that of one place along time")
    value = float(outdoor.quantile(1.0 - share))
    peaks = outdoor.resample(time="1D").max()
    day = peaks.time[int(abs(peaks - value).argmin("time"))]
    chosen = weather.sel(time=str(day.dt.strftime("%Y-%m-%d").item()))
    return chosen.assign_attrs(transformations=f"design_day: {by} exceeded in {share:g} of the hours, {value:.2f}")


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
    _require_numbers(mean=mean, deviation=deviation, years=years)
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
    _require_numbers(T_low=T_low, T_high=T_high, outdoor_low=outdoor_low, outdoor_high=outdoor_high)
    if not outdoor_low < outdoor_high:
        raise InputError(f"outdoor_low = {outdoor_low:g} degC must be below outdoor_high = {outdoor_high:g} degC")
    position = ((_outdoor(weather, by) - outdoor_low) / (outdoor_high - outdoor_low)).clip(0.0, 1.0)
    return (T_low + (T_high - T_low) * position).rename("T_supply")


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
    if limit is not None:
        _require_numbers(limit=limit)
    if "power" not in year or "end_use" not in year.coords:
        raise InputError("mechanical_load needs power by end_use: a result of th.annual")
    mechanical = [str(u) for u in year.end_use.values if str(u) not in NOT_MECHANICAL]
    equipment = [u for u in ("it", "rack_fans") if u in year.end_use.values]
    both = [year.power.sel(end_use=uses).sum(["end_use", "time"]) for uses in (mechanical, equipment)]
    component = both[0] / both[1]
    component.attrs.clear()  # those of the power
    data: dict[str, Any] = {"mechanical_load_component": component}
    if limit is not None:
        data["meets_limit"] = component <= limit
    return describe(xr.Dataset(data, attrs={**year.attrs, "limit": np.nan if limit is None else limit}))


def _outdoor(weather: xr.Dataset, by: str) -> xr.DataArray:
    """One quantity of the weather."""
    if not isinstance(weather, xr.Dataset):
        raise InputError(f"weather is of type {type(weather).__name__}; th.weather gives a Dataset")
    if by not in weather:
        raise InputError(f"the weather has no {by!r}; known: {', '.join(map(str, weather.data_vars))}")
    return weather[by]


def _require_numbers(**values: Any) -> None:
    """Raise unless every value is one finite number."""
    for name, value in values.items():
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not (number and np.isfinite(value)):
            raise InputError(f"{name} = {value!r} must be a number")
