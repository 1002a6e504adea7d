"""Design aids: balance branches by orifices or valves, and the duty points of pumps."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from thermal.components.coolant import Properties
from thermal.components.hydronics.pump import Pump
from thermal.components.hydronics.valve import Resistance, Valve, kv_quadratic
from thermal.errors import ConvergenceError, InputError
from thermal.inputs import number
from thermal.names import describe
from thermal.network.expansion import expanded
from thermal.network.hydraulics import steady_flows
from thermal.network.network import Branch, Network, Node

__all__ = ["Balanced", "balance", "duty_points", "orifice_loss"]

NOTHING = 1.0  # Pa, an added drop below which a branch is left wide open
BETA = (0.1, 0.75)  # of ISO 5167-2:2003, 5.3.1
LEAST_BORE, LEAST_HOLE = 0.05, 0.0125  # m, of the same


class Balanced(NamedTuple):
    """A balanced network, the pump speed that it takes, and what was put in."""

    network: Network
    speed: float
    table: xr.Dataset


def orifice_loss(beta: float, bore: float, reynolds: float) -> float:
    """Loss coefficient of an orifice plate that stays lost, in dynamic heads of the pipe.

    K = (√(1 − β⁴(1 − C²)) / (C β²) − 1)², C of Reader-Harris and Gallagher with corner tappings, β = d/D, Re with D.
    ISO 5167-2:2003, 5.3.2.1 and 5.4.2; 0.1 ≤ β ≤ 0.75, D from 50 mm, d from 12.5 mm, Re from 5000, and from
    16000 β² where β > 0.56.

    Parameters
    ----------
    beta : float
        Diameter of the hole over that of the pipe.
    bore : float
        Inner diameter of the pipe [m].
    reynolds : float
        Reynolds number of the pipe.

    Returns
    -------
    float
        Loss coefficient.

    Examples
    --------
    >>> round(orifice_loss(0.5, 0.1, 1e6), 1)
    30.2
    """
    A = (19000.0 * beta / reynolds) ** 0.8
    C = 0.5961 + 0.0261 * beta**2 - 0.216 * beta**8 + 0.000521 * (1e6 * beta / reynolds) ** 0.7
    C += (0.0188 + 0.0063 * A) * beta**3.5 * (1e6 / reynolds) ** 0.3
    if bore < 0.07112:
        C += 0.011 * (0.75 - beta) * (2.8 - bore / 0.0254)
    return float((math.sqrt(1.0 - beta**4 * (1.0 - C**2)) / (C * beta**2) - 1.0) ** 2)


def balance(
    network: Network,
    flows: Mapping[str, float] | None = None,
    *,
    by: str = "orifice",
    bore: float | None = None,
    valve: Valve | None = None,
    T: float = 20.0,
    speed: float | None = None,
) -> Balanced:
    """Put orifices or balancing valves before branches so that each gets its flow.

    With the flows imposed where the orifices will sit, one solution of the network gives the pressure differences that
    they have to lose; the pump speed is sought at which the worst branch, the index, needs none.

    Parameters
    ----------
    network : Network
        The network.
    flows : mapping, optional
        Volume flow of one of the count [m³/s] by branch name; without it the design flow of each rack.
    by : str
        ``"orifice"`` or ``"valve"``.
    bore : float, optional
        Inner diameter of the pipes that take the orifices [m].
    valve : Valve, optional
        The balancing valve put before every branch, with its Kv when open.
    T : float
        Coolant temperature [°C].
    speed : float, optional
        Speed of all pumps, which the controllers of CDUs do not hold; without it the one that leaves the index branch
        wide open, or the lowest, where even that is too much and the index branch is throttled as well.

    Returns
    -------
    Balanced
        ``network`` with branches ``rack1/orifice`` or ``rack1/valve``, ``speed``, and ``table`` by branch:
        ``flow_before`` at the same speed, ``flow``, ``flow_residual``, ``added_drop``, and ``orifice_diameter`` with
        ``outside_range`` (of ISO 5167-2) or ``opening`` and ``Kv``. An orifice that would lose less than a hole of 0.95
        of the bore does is left out.

    Raises
    ------
    InputError
        If a name is unknown, a flow cannot be reached by the pumps, or no orifice or opening loses what it must.
    ConvergenceError
        If the balanced network does not carry the flows.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network.network import Branch, Network, Node
    >>> loop = Network(coolant=th.load("coolants/water"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("pump", th.load("pumps/frontier_cdu"), "return", "supply"),
    ...     Branch("near", Resistance(flow=0.01, drop=1e5), "supply", "return"),
    ...     Branch("far", Resistance(flow=0.01, drop=3e5), "supply", "return")])
    >>> done = balance(loop, {"near": 0.01, "far": 0.01}, bore=0.08)
    >>> [round(float(x) / 1e3, 3) for x in done.table.added_drop]  # kPa
    [200.0, 0.0]
    """
    if by not in {"orifice", "valve"}:
        raise InputError(f"by = {by!r} must be 'orifice' or 'valve'")
    if by == "orifice":
        if bore is None:
            raise InputError("balance by orifice needs bore, the inner diameter of the pipes that take them [m]")
        bore = number("bore", bore, "m", above=0.0, high=5.0)
    elif valve is None:
        raise InputError("balance by valve needs valve, such as Valve(Kv=10 / 3600), its Kv when open")
    wanted = _wanted(network, flows)
    whole = expanded(network).network
    imposed = _cut(whole, wanted, by)
    matter = {n: (whole.branch(n).coolant or whole.coolant).properties(T) for n in wanted}
    least = {n: _open_drop(valve, wanted[n], matter[n]) if by == "valve" else 0.0 for n in wanted}

    def spare(n: float) -> dict[str, float]:
        at = steady_flows(imposed, T=T, speed=n, cavitation="flag", backwards="flag").pressure_node
        p = dict(zip(at.node.values.tolist(), at.values.tolist(), strict=True))
        return {name: p[whole.branch(name).start] - p[f"{name}/{by}_end"] - least[name] for name in wanted}

    n = _speed(whole, spare) if speed is None else number("speed", speed, "-", above=0.0, high=2.0)
    left = spare(n)
    index = min(left, key=lambda name: left[name])
    if left[index] < -NOTHING:
        raise InputError(
            f"balance: {index!r} cannot get {wanted[index]:.4g} m3/s: it lacks {-left[index] / 1e3:.4g} kPa at pump "
            f"speed {n:.4g}; take a larger pump, lower flows, or wider pipes"
        )
    result, columns = _placed(network, wanted, left, matter, by, bore, valve)
    before = steady_flows(whole, T=T, speed=n, cavitation="flag").flow
    after = steady_flows(expanded(result).network, T=T, speed=n).flow
    names = list(wanted)
    reached = after.sel(branch=names).values
    residual = reached / np.array(list(wanted.values())) - 1.0
    worst = int(np.argmax(np.abs(residual)))
    if not abs(residual[worst]) <= 1e-3:
        raise ConvergenceError(
            f"balance: {names[worst]!r} gets {reached[worst]:.4g} of {wanted[names[worst]]:.4g} m3/s: what else joins "
            "its path? name branches that carry their flow alone"
        )
    table = {
        "flow_before": before.sel(branch=names).values,
        "flow": reached,
        "flow_residual": residual,
        "added_drop": np.array([least[name] + max(left[name], 0.0) for name in names])
        * ~np.isnan(next(iter(columns.values()))),
        **columns,
    }
    data = describe(xr.Dataset({key: ("branch", value) for key, value in table.items()}, {"branch": names}))
    data.attrs |= {"index": index, "speed": n}
    data.attrs["source"] = "ISO 5167-2:2003" if by == "orifice" else "IEC 60534-2-1, Kv of the valve given"
    return Balanced(result, n, data)


def _wanted(network: Network, flows: Mapping[str, float] | None) -> dict[str, float]:
    """Flow by branch name, of racks their design flow.

    Raises
    ------
    InputError
        If none is known, or one is no positive number.
    """
    if flows is None:
        flows = {b.name: b.part.design_flow for b in network.branches if hasattr(b.part, "design_flow")}
    if not flows:
        raise InputError("balance: no branch has a design flow; give flows, m3/s by branch name")
    for name in flows:
        network.branch(name)
    return {name: number(f"flow of {name!r}", value, "m3/s", above=0.0, high=100.0) for name, value in flows.items()}


def _cut(network: Network, wanted: Mapping[str, float], by: str) -> Network:
    """The network with branches cut from their start, their flow drawn there and fed behind the cut."""
    nodes = {node.name: node for node in network.nodes}
    branches = []
    for b in network.branches:
        if b.name in wanted:
            V, behind = wanted[b.name] * b.count, f"{b.name}/{by}_end"
            at = nodes.get(b.start, Node(b.start))
            nodes[b.start] = at.replace(draw=at.draw + V)
            nodes[behind] = Node(behind, draw=-V, elevation=at.elevation)
            b = b.replace(start=behind)
        branches.append(b)
    return network.replace(branches=tuple(branches), nodes=tuple(nodes.values()))


def _speed(network: Network, spare: Callable[[float], dict[str, float]]) -> float:
    """Speed of all pumps that leaves the worst branch nothing to lose; the limit of the pumps where none does."""
    pumps = [b.part for b in network.branches if isinstance(b.part, Pump)]
    if not pumps:
        return 1.0
    low, high = max(p.speed_low for p in pumps), min(p.speed_high for p in pumps)

    def worst(n: float) -> float:
        return float(min(spare(n).values()))

    if worst(high) <= 0.0:
        return high
    if worst(low) >= 0.0:
        return low
    return _root(worst, low, high)


def _open_drop(valve: Valve | None, flow: float, matter: Properties) -> float:
    """What the open valve loses at a flow [Pa]."""
    assert valve is not None
    return kv_quadratic(valve.Kv, matter.density) * (flow * matter.density) ** 2


def _placed(
    network: Network, wanted: Mapping[str, float], left: Mapping[str, float], matter: Mapping[str, Properties],
    by: str, bore: float | None, valve: Valve | None,
) -> tuple[Network, dict[str, np.ndarray]]:  # fmt: skip
    """The network with orifices or valves, and their sizes by branch."""
    branches: list[Branch] = []
    sizes: dict[str, tuple[float, float]] = {}
    for b in network.branches:
        if b.name in wanted:
            V, extra = wanted[b.name], left[b.name]
            part: Resistance | Valve | None = None
            if by == "valve" and valve is not None:
                part = _set_valve(
                    valve, b.name, V, max(extra, 0.0) + _open_drop(valve, V, matter[b.name]), matter[b.name]
                )
                sizes[b.name] = (part.opening, part.Kv * part.share(part.opening))
            elif extra > NOTHING:
                sizes[b.name] = _hole(b.name, V, extra, bore or 0.0, matter[b.name])
                part = None if math.isnan(sizes[b.name][0]) else Resistance(flow=V, drop=extra)
            else:
                sizes[b.name] = (math.nan, 0.0)
            if part is not None:
                behind = f"{b.name}/{by}_end"
                branches.append(Branch(f"{b.name}/{by}", part, b.start, behind, b.count, b.coolant))
                b = b.replace(start=behind)
        branches.append(b)
    first, second = np.array([sizes[name] for name in wanted]).T
    columns = {"opening": first, "Kv": second}
    if by == "orifice":
        columns = {"orifice_diameter": first, "outside_range": second > 0.0}
    heights = {node.name: node for node in network.nodes}
    raised = tuple(
        Node(b.end, elevation=heights[b.start].elevation)
        for b in branches
        if b.end.endswith(f"/{by}_end") and b.start in heights and heights[b.start].elevation
    )
    return network.replace(branches=tuple(branches), nodes=(*network.nodes, *raised)), columns


def _hole(name: str, flow: float, drop: float, bore: float, matter: Properties) -> tuple[float, float]:
    """Diameter of the hole, and 1 where ISO 5167-2 does not cover it."""
    speed = flow / (0.25 * math.pi * bore**2)
    reynolds = matter.density * speed * bore / matter.viscosity
    K = drop / (0.5 * matter.density * speed**2)
    low, high = 0.05, 0.95
    if not orifice_loss(low, bore, reynolds) > K:
        raise InputError(
            f"balance: no hole in a pipe of bore {bore:g} m loses {drop / 1e3:.4g} kPa at {flow:.4g} m3/s before "
            f"{name!r} ({K:.4g} dynamic heads); take another bore"
        )
    if orifice_loss(high, bore, reynolds) >= K:
        return math.nan, 0.0  # less than any hole loses: left open, and the table has the flow's residual
    beta = _root(lambda x: orifice_loss(x, bore, reynolds) - K, low, high)
    covered = BETA[0] <= beta <= BETA[1] and bore >= LEAST_BORE and beta * bore >= LEAST_HOLE
    covered = covered and reynolds >= (5000.0 if beta <= 0.56 else 16000.0 * beta**2)
    return beta * bore, float(not covered)


def _set_valve(valve: Valve, name: str, flow: float, drop: float, matter: Properties) -> Valve:
    """The valve at the opening that loses `drop` at `flow`."""
    share = flow * math.sqrt(1e5 * matter.density / 1000.0 / drop) / valve.Kv
    if share >= 1.0:
        return valve.replace(opening=1.0)
    if not valve.share(1e-6) < share:
        raise InputError(
            f"balance: the valve before {name!r} would have to close to {share:.3g} of its Kv, below the "
            f"{valve.share(1e-6):.3g} that it controls; take a smaller Kv"
        )
    return valve.replace(opening=_root(lambda y: valve.share(y) - share, 1e-6, 1.0))


def duty_points(network: Network, flows: xr.Dataset, *, speed: float | Mapping[str, float] = 1.0) -> xr.Dataset:
    """Duty point of each pump of a network, to be plotted on its curve.

    Parameters
    ----------
    network : Network
        The network.
    flows : Dataset
        What ``steady_flows`` found for it.
    speed : float or mapping
        Pump speeds that it was solved with.

    Returns
    -------
    xarray.Dataset
        By pump: ``flow``, ``pump_head``, ``pump_speed``, ``pump_efficiency``, ``curve_share`` (flow over the end of the
        curve at that speed) and ``npsh_margin``.

    Raises
    ------
    InputError
        If there is no pump, or the flows are of another network.

    Examples
    --------
    >>> import thermal as th
    >>> loop = Network(coolant=th.load("coolants/water"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("pump", th.load("pumps/frontier_cdu"), "return", "supply"),
    ...     Branch("rack", Resistance(flow=0.02, drop=62.3878 * 998.2 * 9.80665), "supply", "return")])
    >>> round(float(duty_points(loop, steady_flows(loop)).pump_head[0]), 2)
    62.39
    """
    pumps = {b.name: b.part for b in expanded(network).network.branches if isinstance(b.part, Pump)}
    if not pumps:
        raise InputError("duty_points: the network has no pump")
    if missing := sorted(set(pumps) - set(flows.branch.values.tolist())):
        raise InputError(f"duty_points: the flows have no branch {missing[0]!r}; pass steady_flows of this network")
    names = list(pumps)
    at = flows.sel(branch=names)
    n = np.array([speed.get(name, 1.0) if isinstance(speed, Mapping) else speed for name in names], float)
    V = at.flow.values
    end = n * np.array([pumps[name].flow[-1] for name in names])
    data = {
        "flow": V,
        "pump_head": np.array([float(pumps[name].head(v, s)) for name, v, s in zip(names, V, n, strict=True)]),
        "pump_speed": n,
        "pump_efficiency": at.pump_efficiency.values,
        "curve_share": np.divide(V, end, out=np.full(len(n), np.nan), where=end > 0.0),
        "npsh_margin": at.npsh_margin.values,
    }
    return describe(xr.Dataset({key: ("pump", value) for key, value in data.items()}, {"pump": names}))


def _root(of: Callable[[float], float], low: float, high: float) -> float:
    """Where a function is zero between two places."""
    from scipy.optimize import brentq  # a quarter of a second to import

    return float(brentq(of, low, high, xtol=1e-14, rtol=1e-12))
