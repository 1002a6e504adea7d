"""What a network did in time, as one Dataset by branch and node."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.hall.rack import Rack
from thermal.names import describe
from thermal.network.marching import NetworkStepper
from thermal.physics.network.stepper import Saved
from thermal.quantity import provenance

__all__ = ["march_result"]


def march_result(stepper: NetworkStepper, saved: Saved, interval: float, first: float = 0.0) -> xr.Dataset:
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

    Returns
    -------
    xarray.Dataset
        ``T_case`` and ``margin`` are NaN for branches without packages, ``T_node`` for nodes of the facility.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network.manifold import manifold
    >>> from thermal.network.marching import open_network
    >>> from thermal.network.network import Branch, Network, Node
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
    ...     *manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> stepper = open_network(row, facility=th.Supply(T=26, flow=0.02), water=th.load("coolants/water"))
    >>> run = march_result(stepper, stepper.advance(np.full((60, 8), 100e3), 1.0, 1), 1.0)
    >>> bool((run.T_case.sel(branch="rack3", time=60) > run.T_node.sel(node="supply", time=60)).item())
    True
    """
    h, heat = stepper.hydraulics, stepper.heat
    times = first + interval * np.arange(1, len(saved.T) + 1)
    T_case, limit = np.full((len(times), len(h.names)), np.nan), np.full(len(h.names), np.nan)
    for i, b in enumerate(stepper.whole.network.branches):
        if isinstance(b.part, Rack):
            T_case[:, i] = saved.T[:, heat.place[f"{b.name}:case"]]
            limit[i] = b.part.package.T_case_limit
    T_node = np.full((len(times), len(h.nodes)), np.nan)
    for i, name in enumerate(h.nodes):
        place = heat.place.get(stepper.whole.alias.get(name, name))
        if place is not None:
            T_node[:, i] = saved.T[:, place]
    branch, node = ("time", "branch"), ("time", "node")
    data: dict[str, Any] = {
        "T_case": (branch, T_case),
        "margin": (branch, limit - T_case),
        "T_node": (node, T_node),
        "flow": (branch, (saved.m / h.density)[:, h.row]),
        "pressure_node": (node, saved.p[:, h.place]),
        "pump_power": ("time", saved.rows.pump_power),
        "heat_to_facility": ("time", -saved.rows.heat_held),
        "energy_residual": ("time", saved.rows.energy_residual),
        "mass_residual": ("time", saved.rows.mass_residual),
        "converged": ("time", np.isfinite(saved.rows.steps)),
    }
    result = describe(xr.Dataset(data, {"time": times, "branch": list(h.names), "node": list(h.nodes)}))
    parts = {id(b.part): b.part for b in stepper.whole.network.branches}
    result.attrs |= provenance(stepper.whole.network.coolant, *parts.values())
    result.attrs["T_properties"] = "held at the temperature of the start"
    return result
