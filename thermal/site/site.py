"""Sites: what is cooled, by which plant, through which power chain; and the year of a whole site."""

from typing import Any, Self

import numpy as np
import xarray as xr
from pydantic import model_validator

from thermal.components.power.chain import PowerChain
from thermal.errors import InputError
from thermal.network.loop import Loop
from thermal.network.steady import steady_loops
from thermal.network.supply import Supply
from thermal.plant.plant import Plant
from thermal.plant.tower_plant import TowerPlant
from thermal.plant.year import annual as plant_year
from thermal.plant.year import in_celsius, in_watts
from thermal.power.end_uses import with_end_use, with_power_chain
from thermal.quantity import Part, choice, part, quantity
from thermal.site.sharing import HeatSplit, shared_year

__all__ = ["Site", "annual"]

CDU_APPROACH = 1.0  # K: facility water has to be this much colder than the set point of a CDU


class Site(Part):
    """A data centre: IT power, its coolant loops, its plant and its power chain, as far as each is known.

    Examples
    --------
    >>> import thermal as th
    >>> site = th.load("sites/frontier")
    >>> len(site.loops)
    25
    """

    it_power: float = quantity("W", "IT power at design", above=0)
    loops: tuple[Loop, ...] = part("coolant loops", default=())
    facility: TowerPlant | None = part("plant marched second by second with the loops", default=None)
    plant: Plant | None = part("plant of the year, hour by hour", default=None)
    more_plants: tuple[Plant, ...] = part("further plants, which share the heat with it", default=())
    heat_split: HeatSplit = choice("how the plants share the heat", default=HeatSplit.CAPACITY)
    power_chain: PowerChain | None = part("from the site meter to the IT equipment", default=None)

    @model_validator(mode="after")
    def _led(self) -> Self:
        if self.more_plants and self.plant is None:
            raise ValueError("more_plants need a plant to share with")
        return self


def annual(part: Plant | Site, *, weather: xr.Dataset, it_power: Any = None, **conditions: Any) -> xr.Dataset:
    """A year, hour by hour.

    Parameters
    ----------
    part : Plant or Site
        A plant alone, or a site: then the CDU pumps of its loops are in, all heat of IT and pumps goes to the facility
        water, and the losses of the power chain join at the meter.
    weather : xarray.Dataset
        From ``th.weather``; a further dimension, such as ``climate``, is one of the result.
    it_power : float, array or DataArray, optional
        Electrical power of the IT equipment [W], one number or one per hour; a site's design power if not given.
    **conditions
        ``T_supply`` or ``heat`` in place of the plant's own; see ``thermal.plant.year``.

    Returns
    -------
    xarray.Dataset
        Power by end use, temperatures, heats, water and residuals of each hour.

    Raises
    ------
    InputError
        If the part has no plant, the weather or the load cannot be used, or the facility water is too warm for a CDU
        to hold its set point.

    Examples
    --------
    >>> import thermal as th
    >>> year = th.annual(th.load("sites/generic_20mw"), weather=th.weather(th.load("climates/chicago")))
    >>> 1.0 < float(th.pue(th.ledger(year))) < 1.3
    True
    """
    unknown = sorted(set(conditions) - {"T_supply", "heat"})
    if unknown:
        raise InputError(f"annual takes no {', '.join(unknown)}; there are it_power, weather, heat and T_supply")
    if isinstance(part, Plant):
        if it_power is None:
            raise InputError("annual of a plant needs it_power = ... [W]")
        return plant_year(part, it_power=it_power, weather=weather, **conditions)
    if not isinstance(part, Site) or part.plant is None:
        raise InputError(f"annual knows plants and sites with a plant, not {type(part).__name__}")
    return _site_year(part, weather, part.it_power if it_power is None else it_power, conditions)


def _site_year(site: Site, weather: xr.Dataset, it_power: Any, conditions: dict[str, Any]) -> xr.Dataset:
    """The plant's year with CDU pumps before it and the power chain after it."""
    assert site.plant is not None
    it_power = in_watts("it_power", it_power)
    T_supply = conditions.get("T_supply")
    T_supply = None if T_supply is None else in_celsius("T_supply", T_supply)
    plants = (site.plant, *site.more_plants)
    warmest = float(np.max([plant.T_supply for plant in plants] if T_supply is None else T_supply))
    for loop in site.loops:
        _check_set_point(loop, warmest)
    pumps = sum(_cdu_pump_power(loop, warmest) for loop in site.loops)
    heat = conditions.pop("heat", it_power + pumps)
    given = {"it_power": it_power, "weather": weather, "heat": heat, **conditions}
    year = shared_year(plants, site.heat_split, **given) if site.more_plants else plant_year(site.plant, **given)
    if site.loops:
        year = with_end_use(year, "cdu_pumps", xr.full_like(year["site_power"], pumps))
    return with_power_chain(year, site.power_chain) if site.power_chain is not None else year


def _check_set_point(loop: Loop, T_supply: float) -> None:
    """Refuse facility water too warm for the CDU: it could not hold its set point, and the racks would run warmer."""
    if T_supply > loop.cdu.T_supply - CDU_APPROACH:
        raise InputError(
            f"loop.cdu.T_supply = {loop.cdu.T_supply:g} degC cannot be held with facility water at T_supply = "
            f"{T_supply:g} degC; it has to be at least {CDU_APPROACH:g} K colder: raise loop.cdu.T_supply "
            f"(site.replace(loops=...)) or lower the plant's T_supply"
        )


def _cdu_pump_power(loop: Loop, T_supply: float) -> float:
    """Pump power [W] of a CDU at rest: its pumps hold the racks' differential pressure, whatever the heat."""
    full = Supply(T=T_supply, flow=2.0 * loop.cdu.valve_flow)
    point = steady_loops(loop, heat=0.0, facility=full)
    return float(point["pump_power"])
