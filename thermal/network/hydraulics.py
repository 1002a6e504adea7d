"""The hydraulic verb: steady flows and pressures of a network, with what was stopped, closed, clogged or throttled."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.hydronics.law import Kind
from thermal.components.hydronics.pump import Pump
from thermal.components.hydronics.valve import Valve
from thermal.errors import ConvergenceError, InputError
from thermal.names import describe
from thermal.network.expansion import expanded
from thermal.network.network import Network, unknown
from thermal.network.pressure import npsh_available, require_suction
from thermal.network.topology import Hydraulics, by_branch, lower_hydraulics
from thermal.network.wiring import some_names
from thermal.physics.machines.pump import GRAVITY, electrical_power, hydraulic_efficiency, shaft_power
from thermal.physics.network.branches import BLOCKED
from thermal.physics.network.hydraulics import closure, solve_flows
from thermal.quantity import provenance

__all__ = ["adjusted", "set_conditions", "solve", "steady_flows"]

LEAK = 1e-5  # kg/s through a shut branch, 10 MPa times what it leaks by, above which it is forced
FACTORS = (1.0, 0.1, 10.0, 0.01)  # of the flows to start from, tried in turn


def steady_flows(
    network: Network,
    *,
    T: Any = 20.0,
    speed: Any = 1.0,
    opening: Mapping[str, float] | None = None,
    clog: Mapping[str, float] | None = None,
    closed: Iterable[str] = (),
    backwards: str = "raise",
    cavitation: str = "raise",
) -> xr.Dataset:
    """Solve the flows and pressures of a network at rest.

    Parameters
    ----------
    network : Network
        The network.
    T : float or mapping
        Coolant temperature [°C], of all branches or by branch name.
    speed : float or mapping
        Pump speed relative to nominal, of all pumps or by branch name (others run at 1); 0 stands.
    opening : mapping, optional
        Opening of valves by branch name; otherwise as the part has it.
    clog : mapping, optional
        Share of its clean flow that a branch lets through at the same pressure difference, by name.
    closed : iterable of str
        Branches that are shut.
    backwards : str
        ``"raise"``, or ``"flag"`` to let a running pump be pushed back or held shut by another.
    cavitation : str
        ``"raise"``, or ``"flag"`` to let pumps run with less suction head than they need.

    Returns
    -------
    xarray.Dataset
        By branch: ``flow`` of one of its count, ``pressure_difference``, ``pump_power``, ``outside_range``, of pumps
        ``pump_speed``, ``pump_efficiency``, ``npsh_available`` and ``npsh_margin``, NaN elsewhere; by node:
        ``pressure_node``, absolute and static, and ``mass_residual``; ``converged``.

    Raises
    ------
    InputError
        If a name is unknown, a value outside its range, pumps fight each other, or a pump lacks suction head.
    ConvergenceError
        If no flows were found; the message names the branch with the worst residual.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.components.hydronics.valve import Resistance
    >>> from thermal.network.network import Branch, Network, Node
    >>> loop = Network(coolant=th.load("coolants/water"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("pump", th.load("pumps/frontier_cdu"), "return", "supply"),
    ...     Branch("rack", Resistance(flow=0.02, drop=62.3878 * 998.2 * 9.80665), "supply", "return")])
    >>> point = steady_flows(loop, T=20.0)  # the load that takes the pump's catalogue head at 20 L/s
    >>> round(float(point.flow.sel(branch="rack")), 6)
    0.02
    """
    for what, given in (("backwards", backwards), ("cavitation", cavitation)):
        if given not in {"raise", "flag"}:
            raise InputError(f"{what} = {given!r} must be 'raise' or 'flag'")
    changed = adjusted(expanded(network).network, opening or {})
    shut = list(closed)
    apart = {*shut, *(clog or {}), *(speed if isinstance(speed, Mapping) else ())}
    apart |= set(T) if isinstance(T, Mapping) else set()
    lowered = lower_hydraulics(changed, T, apart=apart)
    set_conditions(changed, lowered, speed, clog or {}, shut)
    steps = solve(lowered)
    _require_open(lowered)
    result = _result(changed, lowered, by_branch(changed, "T", T, 20.0))
    _require_forward(changed, lowered, result, backwards)
    if cavitation == "raise":
        margin = result.npsh_margin.values
        require_suction(result.branch.values, margin, result.npsh_available.values - margin)
    result.attrs |= provenance(*network.parts)
    result.attrs |= {"newton_steps": steps, "tolerance": lowered.floor}
    return result


def adjusted(network: Network, opening: Mapping[str, float]) -> Network:
    """Return the network with valves set to openings by name.

    Raises
    ------
    InputError
        If there is no such branch, or it is no valve.
    """
    if not opening:
        return network
    known = {b.name: b for b in network.branches}
    for name in opening:
        if name not in known:
            raise unknown("branch", name, known)
        if not isinstance(known[name].part, Valve):
            raise InputError(f"opening: {name!r} is a {type(known[name].part).__name__}, not a Valve")
    return network.replace(
        branches=tuple(
            b.replace(part=b.part.replace(opening=opening[b.name])) if b.name in opening else b
            for b in network.branches
        )
    )


def set_conditions(
    network: Network, lowered: Hydraulics, speed: Any, clog: Mapping[str, float], closed: Iterable[str]
) -> None:
    """Enter pump speeds, clogging and shut branches into the lowered network.

    Raises
    ------
    InputError
        If a name is unknown, is no pump, or a value is outside its range.
    """
    index = {name: int(row) for name, row in zip(lowered.names, lowered.row, strict=True)}
    pumps = {b.name for b in network.branches if isinstance(b.part, Pump)}
    if isinstance(speed, Mapping):
        for name in speed:
            if name in index and name not in pumps:
                raise InputError(f"speed: {name!r} is no pump; pumps are {some_names(sorted(pumps))}")
    first = lowered.offset[Kind.PUMP]
    for name, value in by_branch(network, "speed", speed, 1.0).items():
        if name in pumps:
            if not 0.0 <= value <= 2.0:
                raise InputError(f"speed of {name!r} = {value:g} is outside [0, 2] of nominal")
            lowered.branches.pumps.speed[index[name] - first] = value
    by_branch(network, "clog", clog, 1.0)
    for name, share in clog.items():
        if not 0.0 < share <= 1.0:
            raise InputError(f"clog of {name!r} = {share:g} is outside (0, 1]: it is the share of flow that is left")
        lowered.branches.factor[index[name]] = share**-2.0
    for name in closed:
        if name not in index:
            raise unknown("branch", name, lowered.names)
        lowered.branches.block[index[name]] = BLOCKED


def solve(lowered: Hydraulics) -> int:
    """Bring the flows to rest, from where they are, then from other starts; return the Newton steps of the last.

    Raises
    ------
    ConvergenceError
        The message names the worst branch.
    """
    net, web, flows, work = lowered.branches, lowered.web, lowered.flows, lowered.work
    pressures = flows.p.copy()
    worst = 0
    for factor in FACTORS:
        steps, change, worst = solve_flows(net, web, flows, work, lowered.floor)
        if np.isfinite(change):
            return int(steps)
        flows.m[:], flows.p[:] = factor * lowered.guess, pressures
    if worst < 0:
        node = lowered.nodes[int(np.flatnonzero(lowered.place == -1 - worst)[0])]
        raise ConvergenceError(
            f"no flows were found: the pressure of node {node!r} is tied to nothing by a number; look for a NaN or an "
            "infinite resistance in the branches there"
        )
    gap, at = closure(net, web, flows, work, np.zeros(len(web.draw)))
    name = lowered.names[int(np.flatnonzero(lowered.row == (at if np.isfinite(gap) else worst))[0])]
    raise ConvergenceError(
        f"no flows were found: branch {name!r} has the worst residual, {gap:.3g} Pa; check its law, its neighbours, "
        "and the pressures held"
    )


def _result(network: Network, lowered: Hydraulics, T: Mapping[str, float]) -> xr.Dataset:
    """Dataset by branch and node."""
    web, flows, row = lowered.web, lowered.flows, lowered.row
    mass = np.zeros(len(web.draw))
    gap, _ = closure(lowered.branches, web, flows, lowered.work, mass)
    balance = np.zeros(len(lowered.nodes))
    balance[: len(mass)] = mass
    volume = flows.m / lowered.density
    difference = flows.p[web.start] - flows.p[web.end]
    power, outside = np.zeros(len(row)), np.zeros(len(row), dtype=bool)
    speed, efficiency, available, margin = (np.full(len(row), np.nan) for _ in range(4))
    first = lowered.offset[Kind.PUMP]
    for i, b in enumerate(network.branches):
        if isinstance(b.part, Pump):
            pump, r = lowered.branches.pumps[row[i] - first], row[i]
            density, head = lowered.density[r], -lowered.work.h[r] / (lowered.density[r] * GRAVITY)
            speed[i] = pump.speed
            efficiency[i] = hydraulic_efficiency(b.part.draw, volume[r], pump.speed)
            power[i] = electrical_power(b.part.draw, shaft_power(b.part.draw, density, volume[r], head, pump.speed))
            available[i] = npsh_available(flows.p[web.start[r]], T[b.name], density)
            margin[i] = available[i] - b.part.npsh(volume[r], pump.speed)
            outside[i] = not 0.0 <= volume[r] <= pump.speed * b.part.flow[-1] * (1.0 + 1e-9)
        elif lowered.branches.drops.size and row[i] in range(*lowered.rows_of(Kind.DROP).indices(len(volume))):
            outside[i] = abs(volume[row[i]]) > b.part.flow[-1] * (1.0 + 1e-9)
    data = {
        "flow": ("branch", volume[row]),
        "pressure_difference": ("branch", difference[row]),
        "pump_speed": ("branch", speed),
        "pump_power": ("branch", power),
        "outside_range": ("branch", outside),
        "pump_efficiency": ("branch", efficiency),
        "npsh_available": ("branch", available),
        "npsh_margin": ("branch", margin),
        "pressure_node": ("node", flows.p[lowered.place]),
        "mass_residual": ("node", balance[lowered.place]),
        "converged": np.bool_(np.isfinite(gap)),
    }
    result = describe(xr.Dataset(data, {"branch": list(lowered.names), "node": list(lowered.nodes)}))
    result.attrs["pressure_residual"] = float(gap)
    return result


def _require_open(lowered: Hydraulics) -> None:
    """Refuse flow that is drawn through what is shut.

    Raises
    ------
    InputError
        The message names the branches.
    """
    shut = lowered.branches.block > 0.0
    checks = lowered.rows_of(Kind.CHECK)
    shut[checks] |= lowered.flows.m[checks] < 0.0
    pumps = lowered.rows_of(Kind.PUMP)
    shut[pumps] |= (lowered.flows.m[pumps] < 0.0) & (lowered.branches.pumps.check > 0.0)
    forced = shut & (np.abs(lowered.flows.m) > LEAK)
    if forced.any():
        names = [name for name, row in zip(lowered.names, lowered.row, strict=True) if forced[row]]
        raise InputError(
            f"a draw is shut off: what nodes draw or feed would have to pass {some_names(names)}, which are closed or "
            "let nothing back; open them, or set Node.draw to zero"
        )


def _require_forward(network: Network, lowered: Hydraulics, result: xr.Dataset, backwards: str) -> None:
    """Refuse running pumps that are pushed back or held shut by their check valves, and racks that run backwards.

    Raises
    ------
    InputError
        The message names them.
    """
    if backwards == "flag":
        return
    reversed_ = [
        b.name
        for i, b in enumerate(network.branches)
        if hasattr(b.part, "cold_plate") and float(lowered.flows.m[lowered.row[i]]) < -LEAK
    ]
    if reversed_:
        wrong = network.branch(reversed_[0])
        raise InputError(
            f"flow runs backwards through {some_names(reversed_)}: the coolant comes to {wrong.end!r} before "
            f"{wrong.start!r}; swap supply and return of the manifold, turn the pumps round, or pass backwards='flag'"
        )
    speeds = lowered.branches.pumps.speed
    first = lowered.offset[Kind.PUMP]
    running: list[str] = []
    beaten: list[str] = []
    for i, b in enumerate(network.branches):
        if isinstance(b.part, Pump) and speeds[lowered.row[i] - first] > 0.0:
            m = float(lowered.flows.m[lowered.row[i]])
            shut = lowered.branches.block[lowered.row[i]] > 0.0
            (beaten if m < 0.0 and not shut else running).append(b.name)
    if not beaten:
        return
    worst = min(beaten, key=lambda name: float(result.flow.sel(branch=name)))
    i = lowered.names.index(worst)
    against = -float(result.pressure_difference[i])
    pump = network.branches[i].part
    stop = float(speeds[lowered.row[i] - first] ** 2 * pump.head(0.0) * lowered.density[lowered.row[i]] * GRAVITY)
    cause = f"pumps fight: {some_names(beaten)} against {some_names(running)}" if running else "a held pressure wins"
    raise InputError(
        f"{cause}: pump {worst!r} can hold {stop / 1e3:.4g} kPa at no flow and meets {against / 1e3:.4g} kPa, so that "
        f"it passes {float(result.flow[i]):.3g} m3/s; turn it round, change speeds, stop it, or pass backwards='flag'"
    )
