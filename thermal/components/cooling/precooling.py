"""Adiabatic pre-cooling: wetted pads before a dry cooler bring the air towards its wet bulb and use water."""

import numpy as np
import xarray as xr

from thermal.components.cooling.dry_cooler import DryCooler
from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.names import describe
from thermal.outdoors.air import possible
from thermal.physics.media.moist_air import dry_air_density, humidity_ratio_of_wet_bulb
from thermal.physics.media.water import blow_down

__all__ = ["pad_water", "precooled"]


def precooled(weather: xr.Dataset, *, effectiveness: float = 0.75, T_on: float = 20.0) -> xr.Dataset:
    """Weather as a dry cooler behind wetted pads meets it.

    T' = T - ε·(T - T_wb) at constant wet bulb, where T > T_on; the humidity ratio follows from both.

    Parameters
    ----------
    weather : xarray.Dataset
        Outdoor air.
    effectiveness : float
        Saturation effectiveness of the pads; 0.6 to 0.9 by their depth.
    T_on : float
        Dry bulb above which the pads are wet [°C]; not below freezing.

    Examples
    --------
    >>> import thermal as th
    >>> year = th.weather(th.load("climates/chicago"))
    >>> bool((precooled(year).T_dry_bulb <= year.T_dry_bulb).all())
    True
    """
    effectiveness = number("effectiveness", effectiveness, "-", low=0.0, high=1.0)
    T_on = number("T_on", T_on, "degC")
    weather = possible(weather)
    if not T_on > 0.0:
        raise InputError(f"T_on = {T_on:g} degC would wet the pads in frost")
    wet = weather.T_dry_bulb > T_on
    T = weather.T_dry_bulb - effectiveness * wet * (weather.T_dry_bulb - weather.T_wet_bulb)
    states = zip(
        T.to_numpy().ravel(), weather.T_wet_bulb.to_numpy().ravel(), weather.pressure.to_numpy().ravel(), strict=True
    )
    w = np.array([humidity_ratio_of_wet_bulb(*s) for s in states]).reshape(T.shape)
    humid = np.where(wet, np.maximum(w, weather.humidity_ratio), weather.humidity_ratio)
    result = weather.assign(T_dry_bulb=T, humidity_ratio=(T.dims, humid)).drop_vars(
        ["relative_humidity", "T_dew_point"], errors="ignore"
    )
    done = f"precooled: pads of effectiveness {effectiveness:g} above {T_on:g} degC"
    return describe(result).assign_attrs(transformations=done)


def pad_water(
    year: xr.Dataset, before: xr.Dataset, after: xr.Dataset, cooler: DryCooler, *, cycles: float = 4.0
) -> xr.Dataset:
    """Water the pads use: what they evaporate, and the bleed that holds the cycles of concentration [kg/s].

    Evaporated is the air flow of the cooler times the rise of the humidity ratio; the bleed is `blow_down` of it.

    Parameters
    ----------
    year : xarray.Dataset
        Result of ``annual`` with the pre-cooled weather.
    before, after : xarray.Dataset
        Weather before and behind the pads.
    cooler : DryCooler
        The cooler.
    cycles : float
        Cycles of concentration of the water over the pads; an estimate, 2 to 6 by the hardness of the make-up.

    Returns
    -------
    xarray.Dataset
        ``water_evaporated``, ``water_blow_down`` and ``water_make_up``.
    """
    part("cooler", cooler, DryCooler)
    hint = "water that evaporates leaves its salts behind"
    cycles = number("cycles", cycles, "-", above=1.0, hint=hint)
    before, after = (possible(air, ("T_dry_bulb", "humidity_ratio", "pressure"), what=what)
                     for what, air in (("weather before", before), ("weather after", after)))  # fmt: skip
    states = zip(*(after[k].to_numpy() for k in ("T_dry_bulb", "humidity_ratio", "pressure")), strict=True)
    density = np.array([dry_air_density(*s) for s in states])
    rise = after.humidity_ratio - before.humidity_ratio
    evaporated = (year.air_ratio * cooler.air_flow * density * rise).clip(min=0.0).drop_attrs()
    drained = evaporated * blow_down(1.0, 0.0, cycles)
    used = {"water_evaporated": evaporated, "water_blow_down": drained, "water_make_up": evaporated + drained}
    return describe(xr.Dataset(used))
