"""The year of a whole site: its plant between the pumps of its CDUs and its power chain."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.inputs import array
from thermal.network.case import Study
from thermal.network.loop import Loop
from thermal.network.steady import steady_loops
from thermal.network.supply import Supply
from thermal.plant.year import plant_year
from thermal.power.end_uses import with_end_use, with_power_chain
from thermal.site.sharing import shared_year
from thermal.site.site import Site

__all__ = ["CDU_APPROACH", "site_year"]

CDU_APPROACH = 1.0  # K: facility water has to be this much colder than the set point of a CDU


def site_year(
    site: Site, water: Coolant, *, weather: xr.Dataset, it_power: Any, T_supply: Any = None, heat: Any = None
) -> xr.Dataset:
    """The plant's year with CDU pumps before it and the power chain after it; see ``thermal.annual``.

    `water` stands in where the loops' facility water is not known otherwise.
    """
    assert site.plant is not None
    it_power = array("it_power", it_power, "W")
    T_supply = None if T_supply is None else array("T_supply", T_supply, "degC")
    plants = (site.plant, *site.more_plants)
    warmest = float(np.max([plant.T_supply for plant in plants] if T_supply is None else T_supply))
    for loop in site.loops:
        _check_set_point(loop, warmest)
    pumps = sum(_cdu_pump_power(loop, warmest, water) for loop in site.loops)
    heat = it_power + pumps if heat is None else heat
    given: dict[str, Any] = {"it_power": it_power, "weather": weather, "heat": heat, "T_supply": T_supply}
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


def _cdu_pump_power(loop: Loop, T_supply: float, water: Coolant) -> float:
    """Pump power [W] of a CDU at rest: its pumps hold the racks' differential pressure, whatever the heat."""
    full = Supply(T=T_supply, flow=2.0 * loop.cdu.valve_flow, coolant=water)
    point = steady_loops(Study(loop, 0.0, full, None, (), None, 1.0, None))
    return float(point["pump_power"])
