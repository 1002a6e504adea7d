"""A warmer climate as a named shift: the same weather some kelvin warmer, at the same relative humidity."""

from enum import StrEnum

import numpy as np
import xarray as xr

from thermal.inputs import member, number
from thermal.names import describe
from thermal.outdoors.air import possible
from thermal.physics.media.moist_air import WATER_TO_AIR, saturation_pressures, wet_bulbs

__all__ = ["Pathway", "warmed", "warming"]


class Pathway(StrEnum):
    """Named pathways of emissions, by the global surface temperature that they lead to."""

    NONE = "none"
    SSP1_2_6 = "ssp1_2_6"
    SSP2_4_5 = "ssp2_4_5"
    SSP5_8_5 = "ssp5_8_5"


MIDDLES = (2030.5, 2050.5, 2090.5)  # of 2021-2040, 2041-2060, 2081-2100
RISE = {  # K over 1850-1900, best estimates
    Pathway.NONE: (0.0, 0.0, 0.0),
    Pathway.SSP1_2_6: (1.5, 1.7, 1.8),
    Pathway.SSP2_4_5: (1.5, 2.0, 2.7),
    Pathway.SSP5_8_5: (1.6, 2.4, 4.4),
}


def warming(pathway: Pathway | str, year: float, since: float, *, amplification: float = 1.0) -> float:
    """Warming of a year over another one on a pathway, K.

    Best estimates of the global surface temperature on straight lines between the middles of 2021-2040, 2041-2060 and
    2081-2100, held beyond; times an amplification: land warms more than the globe, about 1.6 times the sea.

    Parameters
    ----------
    pathway : Pathway
        ``none``, ``ssp1_2_6``, ``ssp2_4_5`` or ``ssp5_8_5``.
    year, since : float
        The year, and the one of which the weather is.
    amplification : float
        Local over global warming.

    Notes
    -----
    IPCC AR6 WG I (2021), Summary for Policymakers, table SPM.1.

    Examples
    --------
    >>> round(warming("ssp2_4_5", 2050.5, 2030.5), 6)  # 2.0 K less 1.5 K
    0.5
    """
    rise = RISE[member("pathway", pathway, Pathway)]
    times = [number(name, value, "-", low=1900.0, high=2200.0) for name, value in (("year", year), ("since", since))]
    then, before = np.interp(times, MIDDLES, rise)
    return float(then - before) * number("amplification", amplification, "-", low=0.0, high=5.0)


def warmed(weather: xr.Dataset, by: float) -> xr.Dataset:
    """The same weather some kelvin warmer: relative humidity and pressure stay, what follows from them is new.

    w = 0.622·φ·p_s(T + ΔT)/(p − φ·p_s(T + ΔT)) with φ = p_v/p_s(T), p_v = p·w/(0.622 + w); the wet bulb by its balance.

    Parameters
    ----------
    weather : Dataset
        As for ``th.annual``.
    by : float
        ΔT, K; negative is colder.

    Returns
    -------
    xarray.Dataset
        ``T_dry_bulb``, ``T_wet_bulb``, ``humidity_ratio`` and ``pressure``; attribute ``warmed_by``.

    Examples
    --------
    >>> import thermal as th
    >>> now = th.weather(th.load("climates/chicago")).isel(time=slice(0, 24))
    >>> later = warmed(now, 2.0)
    >>> float((later.T_dry_bulb - now.T_dry_bulb).max().round(9)), bool((later.T_wet_bulb > now.T_wet_bulb).all())
    (2.0, True)
    """
    by = number("by", by, "K", low=-20.0, high=20.0)
    weather = possible(weather)
    names = ("T_dry_bulb", "humidity_ratio", "pressure")
    T, w, p = (v.astype(float) for v in xr.broadcast(*(weather[name] for name in names)))
    dims, shape = T.dims, T.shape
    flat = [np.ascontiguousarray(v.transpose(*dims).values.ravel()) for v in (T, w, p)]
    vapour = flat[2] * flat[1] / (WATER_TO_AIR + flat[1])
    hot = flat[0] + by
    vapour = np.minimum(vapour / saturation_pressures(flat[0]), 1.0) * saturation_pressures(hot)
    ratio = WATER_TO_AIR * vapour / (flat[2] - vapour)
    wet = np.empty_like(hot)
    wet_bulbs(hot, ratio, flat[2], wet)
    found = {"T_dry_bulb": hot, "T_wet_bulb": np.minimum(wet, hot), "humidity_ratio": ratio, "pressure": flat[2]}
    result = xr.Dataset({name: (dims, values.reshape(shape)) for name, values in found.items()}, T.coords)
    return describe(result.assign_attrs({**weather.attrs, "warmed_by": by}))
