"""Networks opened for marching: CDUs with their controllers, pumps with their draw, names with their places."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thermal.components.coolant import Coolant
from thermal.components.hall.cdu import SpeedGoal
from thermal.components.hydronics.law import Kind
from thermal.components.hydronics.pump import Pump
from thermal.errors import ConvergenceError, InputError
from thermal.network.changes import Change, Places, named
from thermal.network.expansion import BASE, Expanded, expanded
from thermal.network.filling import Filling, filling, temperatures
from thermal.network.heat_web import LoweredHeat, lower_heat
from thermal.network.heights import lower_columns, media_of, sloping
from thermal.network.loads import rack_columns
from thermal.network.marching import Machines, NetworkStepper
from thermal.network.network import Network
from thermal.network.supply import Supply
from thermal.network.topology import Hydraulics, lower_hydraulics
from thermal.physics.machines.pump import GRAVITY, PUMP_POINTS
from thermal.physics.network.control import SLOTS
from thermal.physics.network.tables import ACTUATOR, CHANGE, CONTROLLER, OPEN, PUMPED, VISCOUS, Controls

__all__ = ["STRIDE", "open_network"]

AT_ONCE = (0.0, 0.0, 1.0, 0.0)  # a drive without stroke and stiction
LEAST = -1e3  # degC, of a set point that no dew point limits
STRIDE = 1.0  # K, after which the viscosity of what a pipe carries is taken anew


def open_network(
    network: Network,
    *,
    facility: Supply | None = None,
    water: Coolant | None = None,
    T: float | None = None,
    events: Sequence[Change] = (),
) -> NetworkStepper:
    """Lower a network with its CDUs' controllers, flows solved, all coolant at `T` [°C].

    Parameters
    ----------
    network : Network
        With CDUs as branches, racks whose plates are curves or reduced, pipes and whatever else.
    facility : Supply, optional
        Facility water of the CDUs.
    water : Coolant, optional
        Its coolant; needed with `facility` unless that names one.
    T : float, optional
        Coolant temperature of the properties and of the start; the CDUs' set point if not given.
    events : sequence of Change
        What happens, by name; a branch that is named is no longer folded with its equals.

    Raises
    ------
    InputError
        If a name is unknown, or a facility has no coolant.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network.manifold import manifold
    >>> from thermal.network.network import Branch, Node
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
    ...     *manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> stepper = open_network(row, facility=th.Supply(T=30, flow=0.02), water=th.load("coolants/water"))
    >>> change = stepper.settle(np.full(8, 80e3))
    >>> round(float(stepper.heat.T[stepper.heat.place["supply"]]), 2)  # held at its set point
    32.0
    """
    if facility is not None and facility.coolant is not None:
        water = facility.coolant
    if facility is not None and water is None:
        raise InputError("open_network: give water=..., the coolant of the facility")
    whole = expanded(network, facility, water)
    start = temperatures(whole) if T is None else T
    names, fill = _names(whole), filling(whole.network, start)
    apart = sloping(whole.network) | {side.cold for side in whole.sides if side.cold}
    apart |= {side for joint in whole.network.joints for side in (joint.hot, joint.cold)}
    lowered = lower_hydraulics(whole.network, start, named(events, names) | apart)
    heat = lower_heat(whole, lowered, fill, facility.T if facility is not None else 25.0)
    controls, actuator = _controls(whole, lowered, heat)
    places = _places(whole, lowered, heat, actuator, names, fill)
    machines = _machines(whole, lowered, heat, fill)
    stepper = NetworkStepper(whole, lowered, heat, controls, machines, places, rack_columns(heat), fill)
    if not stepper.flows_found():
        raise ConvergenceError("network: no flows were found to start from; try steady_flows, which names the branch")
    stepper.expect(events)
    return stepper


def _machines(whole: Expanded, lowered: Hydraulics, heat: LoweredHeat, fill: Filling) -> Machines:
    """Pumps by row, and pipes whose viscosity follows."""
    first = lowered.offset[Kind.PUMP]
    pumps: dict[int, list[Any]] = {}
    pipes: dict[int, tuple[Any, ...]] = {}
    for b, row in zip(whole.network.branches, lowered.row.tolist(), strict=True):
        start, end = (heat.place.get(whole.alias.get(name, name)) for name in (b.start, b.end))
        if isinstance(b.part, Pump):
            d = b.part.draw
            warmed = end if start is not None and start >= len(heat.web.capacity) else start
            made = [
                row, row - first, warmed, 0, lowered.density[row], d.law, d.best, d.flow_best, d.flow_last, d.spacing,
                d.rated, d.lost, d.losses,
            ]  # fmt: skip
            found = pumps.setdefault(row, [made, d.points])
            found[0][3] += b.count
        elif row < len(lowered.branches.pipes) and start is not None and end is not None:
            base = lowered.branches.pipes.reynolds[row] * fill.at[b.name].viscosity
            pipes[row] = (row, fill.number[b.name], (start, end), base, fill.T[b.name])
    draws = np.stack([points for _, points in pumps.values()]) if pumps else np.ones((1, PUMP_POINTS))
    pumped = np.array([tuple(made) for made, _ in pumps.values()], PUMPED).view(np.recarray)
    viscous = np.array(list(pipes.values()), VISCOUS).view(np.recarray)
    columns, media = lower_columns(whole, lowered, heat, fill.number), media_of(fill.coolants)
    return Machines(pumped, draws, viscous, media, STRIDE, _open(whole, lowered, heat, fill), columns)


def _open(whole: Expanded, lowered: Hydraulics, heat: LoweredHeat, fill: Filling) -> np.recarray:
    """Flows into every node that may not be balanced by itself, with its place: held, drawn from, or leaking one day.

    Where flows balance they carry nothing away. The facility's side, of held temperature, is left out.
    """
    n = len(heat.web.capacity)
    found: list[tuple[int, int, float]] = []
    first: dict[int, Any] = {}
    for b, row in zip(whole.network.branches, lowered.row.tolist(), strict=True):
        first.setdefault(row, b)
    for row, b in first.items():
        for name, sign in ((b.start, -1.0), (b.end, 1.0)):
            place = heat.place.get(whole.alias.get(name, name), n)
            if place < n:
                found.append((row, place, sign * float(lowered.web.copies[row]) * fill.at[b.name].heat_capacity))
    return np.array(found, OPEN).view(np.recarray)


def _controls(whole: Expanded, lowered: Hydraulics, heat: LoweredHeat) -> tuple[Controls, dict[int, int]]:
    """Pump speed after differential pressure and primary valve after supply temperature, of each CDU.

    Pumps without a CDU keep their speed. Also the actuator of each row of a pump.
    """
    controllers = np.zeros(2 * len(whole.sides), CONTROLLER).view(np.recarray)
    row = dict(zip(lowered.names, lowered.row.tolist(), strict=True))
    nodes = dict(zip(lowered.nodes, lowered.place.tolist(), strict=True))
    height, alias = {node.name: node.elevation for node in whole.network.nodes}, whole.alias
    pumps, quadratics = lowered.offset[Kind.PUMP], lowered.offset[Kind.QUADRATIC]
    actuators: list[tuple[Any, ...]] = []
    of_row: dict[int, int] = {}
    for i, side in enumerate(whole.sides):
        cdu = side.cdu
        speed, valve = controllers[2 * i], controllers[2 * i + 1]
        for c, control in ((speed, cdu.speed), (valve, cdu.valve)):
            c.pi, c.rate = control.row(), np.inf if control.rate is None else control.rate
            c.sample, c.lag, c.delay = control.sample, control.sensor_lag, control.dead_time
            c.least, c.guard, c.span = LEAST, cdu.dew_margin, cdu.valve_span
        density = lowered.density[row[side.loss]]
        if cdu.speed_goal == SpeedGoal.PRESSURE:
            lift = height.get(side.end, 0.0) - height.get(side.start, 0.0)
            speed.senses, speed.set, speed.level = 1, cdu.differential_pressure, density * GRAVITY * lift
            speed.place, speed.other = nodes[side.end], nodes[side.start]
        elif cdu.speed_goal == SpeedGoal.FLOW:
            speed.senses, speed.set, speed.place, speed.level = 2, cdu.flow_set, row[side.loss], density
        else:
            speed.set, speed.place = cdu.T_return, heat.place[alias.get(side.start, side.start)]
        valve.place, valve.set, valve.least = heat.place[side.end], cdu.T_supply, cdu.T_least
        controllers.output[2 * i : 2 * i + 2] = cdu.speed.high, 1.0
        for r in dict.fromkeys(row[name] for name in side.pumps):
            of_row[r] = len(actuators)
            actuators.append((2 * i, 0, r - pumps, 0.0, 1.0, cdu.pump.coast, *AT_ONCE))
        lowered.branches.pumps.speed[[row[name] - pumps for name in side.pumps]] = cdu.speed.high
        if side.cold:
            r = row[side.cold] - quadratics
            kind = 1 if side.primary else 2
            open_ = lowered.branches.quadratics.quadratic[r]
            actuators.append((2 * i + 1, kind, r, open_, 1.0, 0.0, cdu.valve_stroke, cdu.valve_stiction, 1.0, 0.0))
    for b in whole.network.branches:
        if isinstance(b.part, Pump) and row[b.name] not in of_row:
            of_row[row[b.name]] = len(actuators)
            actuators.append((-1, 0, row[b.name] - pumps, 1.0, 1.0, b.part.coast, *AT_ONCE))
    controllers.running = 1.0
    past = np.zeros((len(controllers), 2, SLOTS if (controllers.delay > 0.0).any() else 0))
    return Controls(controllers, np.array(actuators, ACTUATOR).view(np.recarray), _no_changes(), past), of_row


def _no_changes() -> np.recarray:
    return np.zeros(0, CHANGE).view(np.recarray)


def _names(whole: Expanded) -> Places:
    """What is known of names before anything is lowered."""
    known = {b.name for b in whole.network.branches}
    racks = {b.part.rack for b in whole.network.branches if getattr(b.part, "rack", "")}
    aliases = {side.name: side.loss for side in whole.sides}
    aliases |= {rack: f"{rack}/hoses" for rack in racks - known if f"{rack}/hoses" in known}
    return Places({}, {side.name: side.pumps for side in whole.sides}, aliases, {}, {}, {}, {}, {})


def _places(
    whole: Expanded, lowered: Hydraulics, heat: LoweredHeat, actuator: dict[int, int], names: Places, fill: Filling
) -> Places:
    """Where every name went."""
    nodes = dict(zip(lowered.nodes, lowered.place.tolist(), strict=True))
    controller = {
        f"{side.name}/{kind}": 2 * i + j
        for i, side in enumerate(whole.sides)
        for j, kind in enumerate(("speed", "valve"))
    }
    held = {node.name: heat.place[node.name] for node in whole.network.nodes if node.T is not None}
    header = {}
    for side in (side for side in whole.sides if side.primary):
        held[side.name] = heat.place[f"{side.name}:facility"]
        place = nodes[f"{side.name}/facility_supply"]
        header[side.name] = (place, BASE, float(lowered.flows.p[place]) - BASE)
    row = dict(zip(lowered.names, lowered.row.tolist(), strict=True))
    leaks = {
        name: (place, fill.node(name).density)
        for name, place in nodes.items()
        if place < len(lowered.web.draw) and name in heat.place
    }
    return names._replace(row=row, actuator=actuator, controller=controller, held=held, header=header, leaks=leaks)
