"""What a network did in time, as one Dataset by branch and node."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.hall.rack import Rack
from thermal.components.hydronics.law import Kind
from thermal.components.hydronics.pump import Pump
from thermal.names import describe
from thermal.network.marching import NetworkStepper
from thermal.network.pressure import npsh_available, vapour_pressure, vessel_rise
from thermal.physics.network.stepper import Saved
from thermal.quantity import provenance

__all__ = ["march_result", "packages_of"]

PROPERTIES = "density and heat capacity held at {T:g} degC; viscosity of pipes follows in steps of {stride:g} K"
ROUNDED = 1e-9
STANDING = 1e-6  # kg/s, what a shut branch leaks by


def packages_of(part: Any) -> int:
    """Packages whose temperature a branch of this part reports for."""
    if not hasattr(part, "package"):
        return 0
    return part.packages if isinstance(part, Rack) else 1


def march_result(
    stepper: NetworkStepper, saved: Saved, interval: float, first: float = 0.0, time: Any = None
) -> xr.Dataset:
    """Dataset of saved intervals: temperatures, flows and pressures at their ends, powers as means.

    Parameters
    ----------
    stepper : NetworkStepper
        That marched.
    saved : Saved
        What its ``advance`` returned.
    interval : float
        Length of a saved interval [s].
    first : float
        Time at which the first of them began [s].
    time : array, optional
        Ends of the intervals, where they are others.

    Returns
    -------
    xarray.Dataset
        ``T_case``, ``margin`` and ``T_case_peak`` (of all steps) are NaN for branches without packages,
        ``pump_speed``, ``npsh_available`` and ``npsh_margin`` for those that are no pumps, ``T_node`` for nodes of the
        facility. Pressures are absolute and static.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network.manifold import manifold
    >>> from thermal.network.opening import open_network
    >>> from thermal.network.network import Branch, Network, Node
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
    ...     *manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> stepper = open_network(row, facility=th.Supply(T=26, flow=0.02), water=th.load("coolants/water"))
    >>> run = march_result(stepper, stepper.advance(np.full((60, 8), 100e3), 1.0, 1), 1.0)
    >>> bool((run.T_case.sel(branch="rack3", time=60) > run.T_node.sel(node="supply", time=60)).item())
    True
    """
    h, heat, network = stepper.hydraulics, stepper.heat, stepper.whole.network
    times = first + interval * np.arange(1, len(saved.T) + 1) if time is None else time
    T_case, limit = np.full((len(times), len(h.names)), np.nan), np.full(len(h.names), np.nan)
    peak = limit.copy()
    for i, b in enumerate(network.branches):
        if packages_of(b.part):
            place = heat.place[f"{b.name}:case"]
            T_case[:, i], peak[i] = saved.T[:, place], saved.peak[place]
            limit[i] = b.part.package.T_case_limit
    T_node = np.full((len(times), len(h.nodes)), np.nan)
    for i, name in enumerate(h.nodes):
        place = heat.place.get(stepper.whole.alias.get(name, name), -1)
        if place >= 0:
            T_node[:, i] = saved.T[:, place]
    pressure = saved.p[:, h.place] + _rise(stepper, saved)[:, None]
    branch, node = ("time", "branch"), ("time", "node")
    boils = (vapour_pressure(T_node) > pressure).any(axis=1) | _boils_in_plates(stepper, saved, pressure)
    flow = (saved.m / h.density)[:, h.row]
    speed, available, margin, outside = _pumps(stepper, saved, flow, pressure, T_node)
    data: dict[str, Any] = {
        "T_case": (branch, T_case),
        "margin": (branch, limit - T_case),
        "T_case_peak": ("branch", peak),
        "T_node": (node, T_node),
        "flow": (branch, flow),
        "pressure_node": (node, pressure),
        "pump_speed": (branch, speed),
        "npsh_available": (branch, available),
        "npsh_margin": (branch, margin),
        "outside_range": (branch, outside),
        "boils": ("time", boils),
        "pump_power": ("time", saved.rows.pump_power),
        "heat_to_facility": ("time", -saved.rows.heat_held),
        "heat_lost": ("time", saved.rows.heat_lost),
        "heat_drawn": ("time", saved.rows.heat_drawn),
        "energy_residual": ("time", saved.rows.energy_residual),
        "mass_residual": ("time", saved.rows.mass_residual),
        "converged": ("time", np.isfinite(saved.rows.steps) & ~boils),
    }
    for i, side in enumerate(stepper.whole.sides):
        data.setdefault("valve_opening", (branch, np.full(flow.shape, np.nan)))
        if side.primary:
            data["valve_opening"][1][:, h.names.index(side.primary)] = saved.output[:, 2 * i + 1]
    result = describe(xr.Dataset(data, {"time": times, "branch": list(h.names), "node": list(h.nodes)}))
    parts = {id(b.part): b.part for b in network.branches}
    result.attrs |= provenance(network.coolant, *parts.values())
    result.attrs["T_properties"] = PROPERTIES.format(T=stepper.T_properties, stride=stepper.machines.stride)
    return result


def _boils_in_plates(stepper: NetworkStepper, saved: Saved, pressure: np.ndarray) -> np.ndarray:
    """Whether coolant in a rack or under a package is hotter than it boils at, where it stands as hot as the case."""
    h, place = stepper.hydraulics, stepper.heat.place
    number = {name: i for i, name in enumerate(h.nodes)}
    boils = np.zeros(len(saved.T), dtype=bool)
    for i, b in enumerate(stepper.whole.network.branches):
        if not packages_of(b.part):
            continue
        T = saved.T[:, place[b.name]]
        standing = np.abs(saved.m[:, h.row[i]]) < STANDING
        T = np.where(standing, np.maximum(T, saved.T[:, place[f"{b.name}:case"]]), T)
        boils |= vapour_pressure(T) > pressure[:, number[b.end]]
    return boils


def _pumps(
    stepper: NetworkStepper, saved: Saved, flow: np.ndarray, pressure: np.ndarray, T_node: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Speed, suction head, its margin, and whether a flow is outside its curve, of every branch."""
    h = stepper.hydraulics
    speed, available, margin = (np.full(flow.shape, np.nan) for _ in range(3))
    outside = np.zeros(flow.shape, dtype=bool)
    number = {name: i for i, name in enumerate(h.nodes)}
    first, drops = h.offset[Kind.PUMP], h.rows_of(Kind.DROP)
    for i, b in enumerate(stepper.whole.network.branches):
        part, row = b.part, int(h.row[i])
        if isinstance(part, Pump):
            n, suction = saved.speed[:, row - first], number[b.start]
            speed[:, i] = n
            outside[:, i] = (n > 0.0) & ~((flow[:, i] >= 0.0) & (flow[:, i] <= n * part.flow[-1] * (1.0 + ROUNDED)))
            available[:, i] = npsh_available(pressure[:, suction], T_node[:, suction], h.density[row])
            margin[:, i] = available[:, i] - part.npsh(flow[:, i], n)
        elif packages_of(part):
            each = part.plate_flow(flow[:, i]) if isinstance(part, Rack) else flow[:, i]
            plate = part.cold_plate
            last = plate.flow[-1] if hasattr(plate, "flow") else plate.flows[-1]
            least = plate.flow[0] if hasattr(plate, "flow") else plate.flows[0]
            outside[:, i] = (each < least * (1.0 - ROUNDED)) | (each > last * (1.0 + ROUNDED))
        elif drops.start <= row < drops.stop:
            outside[:, i] = np.abs(flow[:, i]) > part.flow[-1] * (1.0 + ROUNDED)
    return speed, available, margin, outside


def _rise(stepper: NetworkStepper, saved: Saved) -> np.ndarray:
    """What an expansion vessel adds to all pressures as the coolant warms [Pa]."""
    network, heat = stepper.whole.network, stepper.heat
    found = [node for node in network.nodes if node.vessel is not None]
    if not found:
        return np.zeros(len(saved.T))
    p = network.coolant.properties(stepper.T_properties)
    n = len(heat.web.capacity)
    wet = [i for name, i in heat.place.items() if i < n and not name.endswith((":case", ":primary"))]
    volume = heat.web.capacity[wet] / (p.density * p.heat_capacity)
    node = found[0]
    assert node.vessel is not None
    assert node.pressure is not None
    return vessel_rise(node.vessel, node.pressure, network.coolant, volume, saved.T[:, wet])
