"""The coolant network of a site at rest: what its pumps draw, and whether its CDUs hold their set points."""

from typing import Any

import xarray as xr

from thermal.components.coolant import Coolant
from thermal.components.hall.cdu import Cdu
from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import InputError
from thermal.network.case import Study
from thermal.network.in_time import NetworkRun
from thermal.network.network import Network
from thermal.network.supply import Supply
from thermal.network.units import heat_units
from thermal.network.water import Taken

__all__ = ["cdus_of", "network_at_rest", "require_held"]

HELD = 0.005  # K over its set point, up to which a CDU holds it
NEAR = 0.01  # K, to which the warmest facility water is found


def cdus_of(network: Network) -> tuple[Cdu, ...]:
    """CDUs of a network."""
    return tuple(b.part for b in network.branches if isinstance(b.part, Cdu))


def network_at_rest(
    network: Network, it_power: float, T: float, water: Coolant, flow: float | None = None
) -> tuple[xr.Dataset, Taken]:
    """A network at rest with an IT power [W] shared by the design heat of its racks; what the facility water takes.

    Parameters
    ----------
    network : Network
        With CDUs and racks.
    it_power : float
        Power of all racks [W].
    T : float
        Facility water [°C].
    water : Coolant
        That water.
    flow : float, optional
        What all CDUs draw of it with their valves open [m³/s]; twice their reference flow if not given.
    """
    units = heat_units(network)
    design = sum(unit.heat * unit.times for unit in units)
    given: Any = network
    heat = {unit.name: it_power * unit.heat / design for unit in units}
    full = 2.0 * sum(cdu.valve_flow for cdu in cdus_of(network)) if flow is None else flow
    facility = Supply(T=T, flow=full, coolant=water)
    run = NetworkRun(Study(given, heat, facility, None, (), 1.0, 1.0, 1.0), steady=True)
    run.march(1)
    return run.read(), run.taken()


def require_held(network: Network, it_power: float, T: float, water: Coolant, rate: float) -> None:
    """Refuse facility water too warm for a CDU at its heat: its supply would drift, and the racks would run warmer.

    `rate` is the heat capacity rate of the water on offer to all CDUs [W/K].

    Raises
    ------
    InputError
        The message has the warmest facility water at which the set points are held.
    """
    flow = rate / rho_cp(water, min(max(25.0, water.T_low), water.T_high))
    over = _worst(network, it_power, T, water, flow)
    if over[0] <= HELD:
        return
    low, high = max(water.T_low, T - 30.0), T
    while high - low > NEAR:
        middle = 0.5 * (low + high)
        if _worst(network, it_power, middle, water, flow)[0] <= HELD:
            low = middle
        else:
            high = middle
    raise InputError(
        f"CDU {over[1]!r} cannot hold its T_supply with facility water at T_supply = {T:g} degC: at "
        f"{it_power / 1e3:.4g} kW of IT it would give {over[0]:.2f} K more; the water has to be at most {low:.2f} "
        "degC; raise the CDU's T_supply, lower the plant's, or give it a larger pump"
    )


def _worst(network: Network, it_power: float, T: float, water: Coolant, flow: float) -> tuple[float, str]:
    """How far a CDU's supply is over its set point at most [K], and its name."""
    rest, _ = network_at_rest(network, it_power, T, water, flow)
    over = rest["T_supply"].values - [cdu.T_held for cdu in cdus_of(network)]
    return float(over.max()), str(rest["cdu"].values[over.argmax()])
