"""What a network did in time, as one Dataset by branch and node."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.hall.rack import Rack
from thermal.components.hydronics.law import Kind
from thermal.components.hydronics.pump import Pump
from thermal.network.columns import unheld, with_end_uses
from thermal.network.expansion import Side
from thermal.network.filling import components
from thermal.network.marching import NetworkStepper
from thermal.network.plate_series import packages_of, plate_series
from thermal.network.pressure import npsh_available, vapour_pressure, vessel_rise
from thermal.physics.network.tables import Saved
from thermal.quantity import provenance

__all__ = ["march_result"]

PROPERTIES = "density and heat capacity held at {T} degC; viscosity of pipes follows in steps of {stride:g} K"
ROUNDED = 1e-9
STANDING = 1e-6  # kg/s, what a shut branch leaks by


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
        ``T_case``, ``T_junction``, ``margin``, ``T_case_peak`` (of all steps), ``T_rack_return`` and ``heat`` are NaN
        for branches without packages, ``pump_speed``, ``pump_power``, ``npsh_available`` and ``npsh_margin`` for those
        that are no pumps, ``T_node`` for nodes of the facility. Pressures are absolute and static. Of a branch that
        stands for several, flow, heat and power are those of one of them; sums such as ``power`` have all. All pumps of
        a network count as ``cdu_pumps``.

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
    T_node = np.full((len(times), len(h.nodes)), np.nan)
    for i, name in enumerate(h.nodes):
        place = heat.place.get(stepper.whole.alias.get(name, name), -1)
        if place >= 0:
            T_node[:, i] = saved.T[:, place]
    pressure = saved.p[:, h.place] + _rise(stepper, saved)
    branch, node = ("time", "branch"), ("time", "node")
    plates = plate_series(stepper, saved, interval)
    boils = (vapour_pressure(T_node) > pressure).any(axis=1) | _boils_in_plates(stepper, saved, pressure)
    flow = (saved.m / h.density)[:, h.row]
    speed, available, margin, outside = _pumps(stepper, saved, flow, pressure, T_node)
    to_air, fans = _room_air(stepper, saved)
    data: dict[str, Any] = {
        **{name: (branch[2 - values.ndim :], values) for name, values in plates.series.items()},
        "T_node": (node, T_node),
        "flow": (branch, flow),
        "pressure_node": (node, pressure),
        "pump_speed": (branch, speed),
        "pump_power": (branch, _power(stepper, saved)),
        "npsh_available": (branch, available),
        "npsh_margin": (branch, margin),
        "outside_range": (branch, outside | plates.outside),
        "boils": ("time", boils),
        "heat_air": ("time", saved.air + to_air),
        "heat_to_facility": ("time", -saved.rows.heat_held - to_air),
        "heat_lost": ("time", saved.rows.heat_lost),
        "heat_drawn": ("time", saved.rows.heat_drawn),
        "energy_residual": ("time", saved.rows.energy_residual),
        "mass_residual": ("time", saved.rows.mass_residual),
        "converged": ("time", np.isfinite(saved.rows.steps) & ~boils),
    }
    data |= _cdus(stepper, saved) | _facility(stepper, saved, flow)
    coords = {"time": times, "branch": list(h.names), "node": list(h.nodes)}
    if stepper.whole.sides:
        coords["cdu"] = [side.name for side in stepper.whole.sides]
    result = xr.Dataset(data, coords)
    uses = {"it": saved.power_it, "cdu_pumps": np.array(saved.rows.pump_power)}
    if any(side.air for side in stepper.whole.sides):
        uses["room_fans"] = fans
    result = with_end_uses(result, uses)
    result.attrs |= provenance(*network.parts)
    held = " and ".join(f"{T:g}" for T in dict.fromkeys(stepper.filling.T.values()))
    result.attrs["T_properties"] = PROPERTIES.format(T=held, stride=stepper.machines.stride)
    return result


def _power(stepper: NetworkStepper, saved: Saved) -> np.ndarray:
    """Mean electrical power of a pump of every branch [W], NaN where it is none."""
    h, found = stepper.hydraulics, np.full((len(saved.T), len(stepper.hydraulics.names)), np.nan)
    column = {int(row): i for i, row in enumerate(stepper.machines.pumped.row)}
    for i, b in enumerate(stepper.whole.network.branches):
        if isinstance(b.part, Pump):
            found[:, i] = saved.power[:, column[int(h.row[i])]]
    return found


def _cdus(stepper: NetworkStepper, saved: Saved) -> dict[str, Any]:
    """Coolant to and from each CDU, and which of its set points it does not hold."""
    sides, alias, place = stepper.whole.sides, stepper.whole.alias, stepper.heat.place
    if not sides:
        return {}
    ends = {"T_supply": [side.end for side in sides], "T_return": [side.start for side in sides]}
    T = {name: saved.T[:, [place[alias.get(node, node)] for node in nodes]] for name, nodes in ends.items()}
    control: Any = stepper.controls.controllers[: 2 * len(sides) : 2]
    drop = _pressures(control, saved)
    h = stepper.hydraulics
    pumps = [[h.row[h.names.index(name)] - h.offset[Kind.PUMP] for name in side.pumps] for side in sides]
    speed = np.stack([saved.speed[:, rows].max(axis=1) for rows in pumps], axis=1)
    cooled = np.array([bool(side.cold) for side in sides])
    valve = np.where(cooled, saved.output[:, 1 : 2 * len(sides) : 2], 0.0)
    goal = saved.goal[:, : 2 * len(sides)]
    short = unheld([side.cdu for side in sides], T["T_supply"], goal[:, 1::2], valve, drop, goal[:, ::2], speed)
    found = T | {"T_supply_set": goal[:, 1::2]} | short
    return {name: (("time", "cdu"), values) for name, values in found.items()}


def _room_air(stepper: NetworkStepper, saved: Saved) -> tuple[np.ndarray, np.ndarray]:
    """Heat that CDUs give to room air, as a mean, and what their fans draw at the ends of rows [W]."""
    heat, fans = np.zeros(len(saved.T)), np.zeros(len(saved.T))
    first = len(stepper.heat.web.capacity)
    moved: Any = stepper.controls.actuators
    for i, side in enumerate(stepper.whole.sides):
        if side.air and side.cdu.air is not None:
            heat -= saved.held[:, stepper.heat.place[f"{side.name}:facility"] - first]
            k = int(np.flatnonzero((moved.controller == 2 * i + 1) & (moved.valve > 0))[0])
            fans += side.cdu.air.power(saved.position[:, k])
    return heat, fans


def _pressures(control: Any, saved: Saved) -> np.ndarray:
    """Differential pressures that pumps hold, infinite where they hold something else."""
    held = control.senses == 1
    drop = np.full((len(saved.p), len(control)), np.inf)
    at = control[held]
    drop[:, held] = saved.p[:, at.place] - saved.p[:, at.other] + at.level
    return drop


def _facility(stepper: NetworkStepper, saved: Saved, flow: np.ndarray) -> dict[str, Any]:
    """Valves of the CDUs and what cools each, a facility or another network; of the facility also all together."""
    h, T, sides = stepper.hydraulics, saved.T, stepper.whole.sides
    if not any(side.cold for side in sides):
        return {}
    opening = np.full(flow.shape, np.nan)
    moved = stepper.controls.actuators
    valve = {int(c): k for k, c in enumerate(moved.controller.tolist()) if moved.valve[k] > 0}
    drawn, coming, leaving = (np.full((len(T), len(sides)), np.nan) for _ in range(3))
    for i, side in enumerate(sides):
        if not side.cold:
            continue
        j = h.names.index(side.cold)
        opening[:, j] = saved.position[:, valve[2 * i + 1]]
        drawn[:, i] = flow[:, j]
        from_, inside = _cooled_by(stepper, side)
        coming[:, i], leaving[:, i] = T[:, from_], T[:, inside]
    found = {
        "valve_opening": (("time", "branch"), opening),
        "flow_primary": (("time", "cdu"), drawn),
        "T_primary_return": (("time", "cdu"), leaving),
    }
    own = [i for i, side in enumerate(sides) if side.primary and not side.air]
    if not own:
        return found
    drawn, coming, leaving = drawn[:, own], coming[:, own], leaving[:, own]
    total = drawn.sum(axis=1)
    shares = np.where(total[:, None] > 0.0, drawn, 1.0)
    shares = shares / shares.sum(axis=1, keepdims=True)
    supply = (shares * coming).sum(axis=1)
    return found | {
        "T_facility_supply": ("time", supply),
        "T_facility_return": ("time", np.where(total > 0.0, (shares * leaving).sum(axis=1), supply)),
        "flow_facility": ("time", total),
    }


def _cooled_by(stepper: NetworkStepper, side: Side) -> tuple[int, int]:
    """Where what cools a CDU comes from, and the place of what is in its plates."""
    place, alias = stepper.heat.place, stepper.whole.alias
    if side.primary:
        return place[f"{side.name}:facility"], place[f"{side.name}:primary"]
    b = stepper.whole.network.branch(side.cold)
    return place[alias.get(b.start, b.start)], place[f"{b.name}:inside"]


def _boils_in_plates(stepper: NetworkStepper, saved: Saved, pressure: np.ndarray) -> np.ndarray:
    """Whether coolant in a rack or under a package is hotter than it boils at, where it stands as hot as the case."""
    h, place = stepper.hydraulics, stepper.heat.place
    number = {name: i for i, name in enumerate(h.nodes)}
    boils = np.zeros(len(saved.T), dtype=bool)
    for i, b in enumerate(stepper.whole.network.branches):
        if not packages_of(b.part):
            continue
        T = saved.T[:, place[f"{b.name}:inside"]]
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
    network, heat, fill = stepper.whole.network, stepper.heat, stepper.filling
    n = len(heat.web.capacity)
    rise = np.zeros((len(saved.T), len(stepper.hydraulics.nodes)))
    held = [node for node in network.nodes if node.vessel is not None]
    if not held:
        return rise
    part = components(network)
    at = {name: name for name in stepper.hydraulics.nodes} | {f"{b.name}:inside": b.start for b in network.branches}
    filled: set[int] = set()
    for node in held:
        own = part[node.name]
        if own in filled:  # one vessel is enough for a network
            continue
        filled.add(own)
        p, coolant = fill.node(node.name), fill.coolants[fill.number[fill.beside[node.name]]]
        wet = [i for name, i in heat.place.items() if i < n and name in at and part[at[name]] == own]
        assert node.vessel is not None
        assert node.pressure is not None
        volume = heat.web.capacity[wet] / (p.density * p.heat_capacity)
        here = [part[name] == own for name in stepper.hydraulics.nodes]
        rise[:, here] = vessel_rise(node.vessel, node.pressure, coolant, volume, saved.T[:, wet])[:, None]
    return rise
