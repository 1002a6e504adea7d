"""The year of a whole site: its plant between CDUs and room units and its power chain."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.inputs import array
from thermal.names import describe
from thermal.plant.plant import Plant
from thermal.plant.year import plant_year
from thermal.power.end_uses import with_end_use, with_power_chain
from thermal.site.heat import CduPumps, SiteHeat, cdu_pumps, site_heat, warmest_water, water_flow
from thermal.site.on_network import cdus_of, require_held
from thermal.site.sharing import shared_year
from thermal.site.site import Site

__all__ = ["require_cold_enough", "site_year"]


def site_year(
    site: Site, water: Coolant, *, weather: xr.Dataset, it_power: Any, T_supply: Any = None, heat: Any = None
) -> xr.Dataset:
    """The plant's year with CDUs and room units before it and the power chain after it; see ``thermal.annual``.

    `water` stands in where the loops' facility water is not known otherwise.
    """
    assert isinstance(site.plant, Plant)
    it_power = array("it_power", it_power, "W", low=0.0)
    T_supply = None if T_supply is None else array("T_supply", T_supply, "degC")
    plants = (site.plant, *site.more_plants)
    warmest = float(np.max([plant.T_supply for plant in plants] if T_supply is None else T_supply))
    cooled = bool(site.loops) or site.network is not None
    pumps = cdu_pumps(site, warmest, water) if cooled else CduPumps(0.0, 0.0)
    parts = site_heat(site, it_power, pumps)
    if cooled:
        require_cold_enough(site, warmest, float(np.max(it_power)), pumps)
    given: dict[str, Any] = {
        "it_power": it_power, "weather": weather, "T_supply": T_supply,
        "heat": parts.facility if heat is None else heat,
    }  # fmt: skip
    year = shared_year(plants, site.heat_split, **given) if site.more_plants else plant_year(site.plant, **given)
    if cooled:
        year = with_end_use(year, "cdu_pumps", xr.full_like(year["site_power"], pumps.power))
    year = _with_room(year, site, parts, weather)
    return with_power_chain(year, site.power_chain) if site.power_chain is not None else year


def require_cold_enough(site: Site, T_supply: float, it_power: float, pumps: CduPumps) -> None:
    """Refuse facility water too warm for a CDU at its heat: its supply would drift, and the racks would run warmer.

    Raises
    ------
    InputError
        The message has the warmest facility water at which the set point is held.
    """
    load = float(np.asarray(site_heat(site, it_power, pumps).facility))
    rate = cdu_rate(site, load, it_power, pumps)
    if site.network is not None:
        require_held(site.network, it_power, T_supply, _facility_water(site), rate * len(cdus_of(site.network)))
        return
    share = site.liquid_share * it_power / sum(float(loop.design_heat.sum()) for loop in site.loops)
    for loop in dict.fromkeys(site.loops):
        heat = share * float(loop.design_heat.sum()) + pumps.shaft / len(site.loops)
        limit = warmest_water(loop, heat, rate, _facility_water(site))
        if T_supply > limit + 0.005:
            raise InputError(
                f"loop.cdu.T_supply = {loop.cdu.T_held:g} degC cannot be held with facility water at T_supply = "
                f"{T_supply:g} degC: at {heat / 1e3:.4g} kW of a CDU it has to be at most {limit:.2f} degC; raise "
                "loop.cdu.T_supply (site.replace(loops=...)), lower the plant's T_supply, or give it a larger pump"
            )


def cdu_rate(site: Site, load: float, it_power: float, pumps: CduPumps) -> float:
    """Heat capacity rate [W/K] of the facility water on offer to each CDU, at a load of the plants [W].

    What the plants' pumps move at that load, less what the coils of the room units take.
    """
    plants = [plant for plant in (site.plant, *site.more_plants) if isinstance(plant, Plant)]
    design = sum(plant.design_load for plant in plants)
    flow = sum(water_flow(plant, load * plant.design_load / design) for plant in plants)
    rate = flow * float(plants[0].coolant.properties(plants[0].T_supply).heat_capacity)
    if site.room is not None and site.room.to_water:
        parts = site_heat(site, it_power, pumps)
        rate -= float(np.asarray(parts.air + parts.fans)) / site.room.water_rise
    if not rate > 0.0:
        raise InputError("the coils of site.room take all the facility water: give the plant a larger pump")
    return rate / (len(site.loops) if site.network is None else len(cdus_of(site.network)))


def _facility_water(site: Site) -> Coolant:
    assert isinstance(site.plant, Plant)
    return site.plant.coolant


def _with_room(year: xr.Dataset, site: Site, parts: SiteHeat, weather: xr.Dataset) -> xr.Dataset:
    """The year with fans and air of the room units, or a word on who cools the air."""
    if site.room is None:
        share = 1.0 - site.liquid_share
        lost = ", and the losses of the power chain," if site.power_chain is not None else ""
        text = f"{share:.3g} of the IT power{lost} warms the room's air, which is cooled outside this boundary"
        return year.assign_attrs(heat_to_air=text) if share > 0.0 else year
    fans = xr.zeros_like(year["site_power"]) + _labelled(parts.fans)
    air = xr.zeros_like(year["site_power"]) + _labelled(parts.air)
    sink = year["T_facility_supply"] if site.room.to_water else weather["T_dry_bulb"]
    sink = sink.max("plant") if "plant" in sink.dims else sink
    year = with_end_use(year, "room_fans", fans)
    air, sink = xr.broadcast(air, sink)
    found = {
        "heat_room": air + xr.broadcast(fans, air)[0],
        "T_room_supply": air.copy(data=site.room.T_air(air.values, sink.values)).drop_attrs(),
    }
    return describe(year.assign({name: values.transpose(*year["site_power"].dims) for name, values in found.items()}))


def _labelled(values: Any) -> Any:
    return values if isinstance(values, xr.DataArray) or not np.ndim(values) else xr.DataArray(values, dims="time")
