"""The one heat of a site: what of its power reaches the facility water, and what the room's air."""

from collections import Counter
from typing import Any, NamedTuple

import numpy as np

from thermal.components.coolant import Coolant
from thermal.components.hydronics.exchanger import rho_cp
from thermal.components.power.chain import PowerChain
from thermal.network.case import Study
from thermal.network.loop import Loop
from thermal.network.steady import steady_loops
from thermal.network.supply import Supply
from thermal.physics.machines.exchanger import exchange
from thermal.plant.plant import Plant
from thermal.site.on_network import network_at_rest
from thermal.site.site import Site

__all__ = [
    "CduPumps",
    "SiteHeat",
    "cdu_pumps",
    "inside_losses",
    "room_heat",
    "site_heat",
    "warmest_water",
    "water_flow",
]


class CduPumps(NamedTuple):
    """Pumps of all CDUs at rest: they hold the racks' differential pressure, whatever the heat."""

    power: float  # W electrical
    shaft: float  # W of it into the coolant; what motors and drives lose warms the room
    lost: float = 0.0  # W from pipes to their surroundings, before it reaches the facility water


class SiteHeat(NamedTuple):
    """Where the power of a site goes as heat [W]."""

    facility: Any  # into the facility water
    air: Any  # into the room's air, its fans left out
    fans: Any  # power of the room units


def cdu_pumps(site: Site, T: float, water: Coolant) -> CduPumps:
    """Pumps of all CDUs with facility water of `T` [°C]; equal loops are solved once, a network at the IT power."""
    if site.network is not None:
        rest, taken = network_at_rest(site.network, site.it_power, T, water)
        work = float(rest["power"].sel(end_use="cdu_pumps"))
        return CduPumps(work, work - taken.drives, float(rest["heat_lost"]))
    power = shaft = 0.0
    for loop, count in Counter(site.loops).items():
        full = Supply(T=T, flow=2.0 * loop.cdu.valve_flow, coolant=water)
        one = float(steady_loops(Study(loop, 0.0, full, None, (), None, 1.0, None))["pump_power"])
        power += count * one
        shaft += count * one * loop.cdu.pump.drive_efficiency
    return CduPumps(power, shaft)


def inside_losses(chain: PowerChain | None, it_power: Any) -> Any:
    """Losses of the stages behind the transformers, which stand outdoors [W]; they depend on the IT power alone."""
    if chain is None:
        return 0.0
    losses = {name: loss for name, loss in chain.losses(it_power).items() if name != "transformer"}
    return sum(losses.values(), start=0.0)


def room_heat(site: Site, it_power: Any, drives: Any) -> Any:
    """Heat of the room's air [W], the fans of its units left out; `drives` is what the CDU pumps' drives lose [W]."""
    assert site.room is not None
    return (
        (1.0 - site.liquid_share) * it_power
        + drives
        + site.room.loss_share * _like(it_power, inside_losses(site.power_chain, getattr(it_power, "values", it_power)))
    )


def site_heat(site: Site, it_power: Any, pumps: CduPumps) -> SiteHeat:
    """Facility water and room air at an IT power [W], the loops at rest."""
    facility = site.liquid_share * it_power + pumps.shaft - pumps.lost
    if site.room is None:
        return SiteHeat(facility, None, None)
    air = room_heat(site, it_power, pumps.power - pumps.shaft)
    fans = _like(air, site.room.fan_power(getattr(air, "values", air)))
    return SiteHeat(facility + air + fans if site.room.to_water else facility, air, fans)


def water_flow(plant: Plant, load: float) -> float:
    """Facility water [kg/s] that the plant moves at a heat from the load [W], by the law of its pump."""
    pump = plant.model.facility.pump
    share = max(pump.flow_idle + (1.0 - pump.flow_idle) * load / plant.design_load, pump.flow_low)
    return float(pump.mass_flow) * (min(share, 1.0) if pump.variable else 1.0)


def warmest_water(loop: Loop, heat: float, rate: float, water: Coolant) -> float:
    """Facility water [°C] up to which the CDU of a loop holds its set point.

    T = T_set + Q/C_h − Q/K, K = ε C_min at the racks' flow and the facility water on offer, the valve fully open.

    Parameters
    ----------
    loop : Loop
        The loop.
    heat : float
        Heat into its coolant, pumps included [W].
    rate : float
        Heat capacity rate of the facility water on offer [W/K].
    water : Coolant
        The facility water.
    """
    one = rho_cp(loop.coolant, loop.cdu.T_held)
    hot = one * sum(_rack_flow(rack, loop.cdu.differential_pressure) for rack in loop.racks)
    K = exchange(loop.cdu.exchanger.law(one, rho_cp(water, 25.0)), hot, rate)
    return float(loop.cdu.T_held + heat / hot - heat / K)


def _rack_flow(rack: Any, drop: float) -> float:
    return float(rack.design_flow * (drop / rack.design_drop) ** (1.0 / rack.exponent))


def _like(given: Any, values: Any) -> Any:
    """Values with the labels of `given`, where it has some."""
    return given.copy(data=np.asarray(values)) if hasattr(given, "dims") and np.ndim(values) else values
