"""A network through time: events, controls, flows, heat, step by step, as far as one is asked to go."""

import math
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.branches import Branches
from thermal.physics.network.control import CONTROL, beyond, pi_step
from thermal.physics.network.hydraulics import Flows, Topology, Work, solve_flows
from thermal.physics.network.volumes import HeatWeb, HeatWork, conductances, heat_step, stored_heat

__all__ = ["ACTUATOR", "CHANGE", "CONTROLLER", "HEATED", "PUMPED", "ROW", "Controls", "Drives", "Saved", "advance"]

CONTROLLER = np.dtype(
    (
        np.record,
        [
            ("pi", CONTROL),
            ("pressure", "i8"),  # 1: a pressure difference between two places, 0: a temperature
            ("place", "i8"),
            ("other", "i8"),
            ("set", "f8"),
            ("span", "f8"),  # error that counts as 1, with its sign
            ("running", "f8"),  # 0: frozen, the output rests
            ("output", "f8"),
            ("error", "f8"),  # last one
        ],
    )
)
ACTUATOR = np.dtype(
    (
        np.record,
        [
            ("controller", "i8"),
            ("valve", "i8"),  # 1: quadratic loss of a row of that table, 0: speed of a pump
            ("row", "i8"),
            ("open", "f8"),  # quadratic loss of the open valve
            ("running", "f8"),  # 0: the pump stands, whatever the controller says
        ],
    )
)
HEATED = np.dtype((np.record, [("column", "i8"), ("place", "i8"), ("share", "f8")]))  # heat given, to a place
PUMPED = np.dtype(
    (
        np.record,
        [("row", "i8"), ("place", "i8"), ("count", "f8"), ("density", "f8"), ("efficiency", "f8"), ("drive", "f8")],
    )
)
CHANGE = np.dtype((np.record, [("time", "f8"), ("table", "i8"), ("row", "i8"), ("value", "f8")]))
ROW = np.dtype(
    (
        np.record,
        [
            ("pump_power", "f8"),  # means [W]
            ("heat_held", "f8"),  # from the held places into the network
            ("energy_residual", "f8"),
            ("mass_residual", "f8"),  # worst [kg/s]
            ("steps", "f8"),  # Newton steps in the interval; NaN where flows were not found
        ],
    )
)


class Controls(NamedTuple):
    """Controllers, what they move, and changes in time by table: 0 actuator runs, 1 controller runs, 2 set point,
    3 loss factor of a branch, 4 resistance of a branch (closing), 5 held temperature by place.
    """

    controllers: np.recarray
    actuators: np.recarray
    changes: np.recarray  # ascending in time


class Drives(NamedTuple):
    """What drives the heat: columns of the heat given, pumps' work, and interval by interval their values."""

    heated: np.recarray
    pumped: np.recarray
    heat: np.ndarray  # (t, column) [W], held over each interval
    interval: float  # [s]


class Saved(NamedTuple):
    """Results at the end of each saved interval, and the highest temperatures of all steps."""

    T: np.ndarray  # (s, places)
    m: np.ndarray  # (s, rows)
    p: np.ndarray  # (s, places of pressure)
    output: np.ndarray  # (s, controllers)
    rows: np.recarray  # ROW (s)
    peak: np.ndarray  # (places)


@kernel
def _control(c: Any, flows: Flows, T: np.ndarray, step: float) -> None:
    """One step of a controller from what it senses."""
    if c.running == 0.0:
        return
    if c.pressure == 1:
        sensed = flows.p[c.place] - flows.p[c.other]
        error = beyond(1.0 - sensed / c.set, c.pi.dead_band)
    else:
        error = beyond((T[c.place] - c.set) / c.span, c.pi.dead_band)
    c.output = pi_step(c.pi, c.output, error, c.error, step)
    c.error = error


@kernel
def _move(net: Branches, controls: Controls) -> bool:
    """Set pumps and valves where their controllers want them; return whether anything moved."""
    moved = False
    for i in range(len(controls.actuators)):
        a = controls.actuators[i]
        output = controls.controllers[a.controller].output * a.running
        if a.valve == 1:
            value = a.open / (output * output)
            moved = moved or net.quadratics[a.row].quadratic != value
            net.quadratics[a.row].quadratic = value
        else:
            moved = moved or net.pumps[a.row].speed != output
            net.pumps[a.row].speed = output
    return moved


@kernel
def _change(net: Branches, controls: Controls, T: np.ndarray, change: Any) -> None:
    """Let one event happen."""
    if change.table == 0:
        controls.actuators[change.row].running = change.value
    elif change.table == 1:
        controls.controllers[change.row].running = change.value
    elif change.table == 2:
        controls.controllers[change.row].set = change.value
    elif change.table == 3:
        net.factor[change.row] = change.value
    elif change.table == 4:
        net.block[change.row] = change.value
    else:
        T[change.row] = change.value


@kernel
def _pumps(drives: Drives, web: Topology, flows: Flows, heat: HeatWork) -> tuple[float, float]:
    """Add the work of the pumps to the heat of their places; return their electrical and their shaft power [W].

    All shaft power ends as heat in the coolant; what motor and drive lose goes to the room.
    """
    power, shafts = 0.0, 0.0
    for i in range(len(drives.pumped)):
        pump = drives.pumped[i]
        k = pump.row
        V, lift = flows.m[k] / pump.density, flows.p[web.end[k]] - flows.p[web.start[k]] + web.rise[k]
        if V > 0.0 and lift > 0.0:
            shaft = pump.count * V * lift / pump.efficiency
            heat.source[pump.place] += shaft
            shafts += shaft
            power += shaft / pump.drive
    return power, shafts


@kernel
def _mass_gap(web: Topology, flows: Flows, work: Work) -> float:
    """Worst mass balance of a node [kg/s]; uses the right-hand side as scratch."""
    n, worst = len(work.x), 0.0
    for i in range(n):
        work.x[i] = -web.draw[i]
    for k in range(len(flows.m)):
        q = web.copies[k] * flows.m[k]
        if web.start[k] < n:
            work.x[web.start[k]] -= q
        if web.end[k] < n:
            work.x[web.end[k]] += q
    for i in range(n):
        if worst == worst and not (abs(work.x[i]) <= worst):
            worst = abs(work.x[i])
    return worst


@kernel
def advance(
    net: Branches,
    web: Topology,
    flows: Flows,
    work: Work,
    floor: float,
    heats: HeatWeb,
    T: np.ndarray,
    warm: HeatWork,
    controls: Controls,
    drives: Drives,
    saved: Saved,
    substeps: int,
    every: int,
    start: int,
    stop: int,
    event: int,
) -> int:
    """March saved intervals `start` to `stop`, each of `every` intervals of heat in `substeps`; return the next event.

    Order in a step: events, controls, flows (none where nothing has moved), conductances, heat.
    """
    step = drives.interval / substeps
    window = every * drives.interval
    fresh = True
    for s in range(start, stop):
        row = saved.rows[s]
        before, gained = stored_heat(heats, T), 0.0
        for k in range(s * every, (s + 1) * every):
            for i in range(substeps):
                now = k * drives.interval + i * step
                while event < len(controls.changes) and controls.changes[event].time <= now + 1e-9:
                    _change(net, controls, T, controls.changes[event])
                    event += 1
                    fresh = True
                for c in range(len(controls.controllers)):
                    _control(controls.controllers[c], flows, T, step)
                if _move(net, controls) or fresh:
                    fresh = False
                    steps, change, _ = solve_flows(net, web, flows, work, floor)
                    row.steps += steps if math.isfinite(change) else math.nan
                    conductances(heats, flows.m, warm)
                for j in range(len(warm.source)):
                    warm.source[j] = 0.0
                for j in range(len(drives.heated)):
                    h = drives.heated[j]
                    q = h.share * drives.heat[k, h.column]
                    warm.source[h.place] += q
                    gained += q * step
                power, shaft = _pumps(drives, web, flows, warm)
                gained += shaft * step
                held = heat_step(heats, flows.m, T, warm, step)
                row.pump_power += power * step / window
                row.heat_held += held * step / window
                gained += held * step
                for j in range(len(T)):
                    if not (T[j] <= saved.peak[j]):
                        saved.peak[j] = T[j]
        gap = _mass_gap(web, flows, work)
        row.mass_residual = gap
        row.energy_residual = (gained - (stored_heat(heats, T) - before)) / window
        for j in range(len(T)):
            saved.T[s, j] = T[j]
        for j in range(len(flows.m)):
            saved.m[s, j] = flows.m[j]
        for j in range(len(flows.p)):
            saved.p[s, j] = flows.p[j]
        for c in range(len(controls.controllers)):
            saved.output[s, c] = controls.controllers[c].output
    return event
