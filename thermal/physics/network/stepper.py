"""A network through time: events, controls, flows, heat, step by step, as far as one is asked to go."""

import math
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.pump import GRAVITY, PumpDraw, electrical_power, shaft_power
from thermal.physics.media.properties import PropertyTable, evaluate
from thermal.physics.network.branches import Branches
from thermal.physics.network.control import CONTROL, beyond, pi_step
from thermal.physics.network.hydraulics import Flows, Topology, Work, solve_flows
from thermal.physics.network.lines import set_lines
from thermal.physics.network.rack_plate import Plates, follow
from thermal.physics.network.volumes import HeatWeb, HeatWork, conductances, heat_step, stored_heat

__all__ = [
    "ACTUATOR", "CHANGE", "CONTROLLER", "HEATED", "OPEN", "PUMPED", "ROW", "VISCOUS",
    "Controls", "Drives", "Saved", "advance",
]  # fmt: skip

NEARLY = 1e-3  # of nominal speed, below which a pump that runs down stands

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
            ("bias", "f8"),  # of its sensor
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
            ("controller", "i8"),  # -1: none, a pump at its own speed
            ("valve", "i8"),  # 1: quadratic loss of a row of that table, 0: speed of a pump
            ("row", "i8"),
            ("open", "f8"),  # quadratic loss of the open valve, or speed of a pump without controller
            ("running", "f8"),  # 0: the drive is off, whatever the controller says
            ("coast", "f8"),  # time in which a pump without drive loses half of nominal speed [s]; 0: stands at once
        ],
    )
)
HEATED = np.dtype((np.record, [("column", "i8"), ("place", "i8"), ("share", "f8")]))  # heat given, to a place
PUMPED = np.dtype(
    (
        np.record,
        [
            ("row", "i8"),
            ("pump", "i8"),
            ("place", "i8"),
            ("count", "f8"),
            ("density", "f8"),
            ("law", "i8"),  # of PumpDraw, as are the following
            ("best", "f8"),
            ("flow_best", "f8"),
            ("flow_last", "f8"),
            ("spacing", "f8"),
            ("rated", "f8"),
            ("lost", "f8"),
            ("losses", "f8", (4,)),
        ],
    )
)
VISCOUS = np.dtype(
    (
        np.record,
        [
            ("pipe", "i8"),  # row of the pipes
            ("places", "i8", (2,)),  # whose coolant it carries, by direction
            ("scale", "f8"),  # Reynolds number times viscosity per mass flow [1/m]
            ("warmth", "f8"),  # temperature of its viscosity now [°C]
        ],
    )
)
OPEN = np.dtype((np.record, [("row", "i8"), ("place", "i8"), ("capacity", "f8")]))  # flow into an open end, with sign
CHANGE = np.dtype((np.record, [("time", "f8"), ("table", "i8"), ("row", "i8"), ("value", "f8")]))
ROW = np.dtype(
    (
        np.record,
        [
            ("pump_power", "f8"),  # means [W]
            ("shaft_power", "f8"),  # of it what reaches the coolant
            ("heat_held", "f8"),  # from the held places into the network
            ("heat_drawn", "f8"),  # with coolant that leaves the network, less what comes in its stead
            ("heat_lost", "f8"),  # from walls of pipes to their surroundings
            ("energy_residual", "f8"),
            ("mass_residual", "f8"),  # worst [kg/s]
            ("steps", "f8"),  # Newton steps in the interval; NaN where flows were not found
        ],
    )
)


class Controls(NamedTuple):
    """Controllers, what they move, and changes in time by table: 0 actuator runs, 1 controller runs, 2 set point,
    3 loss factor of a branch, 4 resistance of a branch (closing), 5 held temperature by place, 6 bias of a sensor,
    7 held pressure by place, 8 draw at an unknown place.
    """

    controllers: np.recarray
    actuators: np.recarray
    changes: np.recarray  # ascending in time


class Drives(NamedTuple):
    """What drives the heat: columns of the heat given, pumps' work, and interval by interval their values."""

    heated: np.recarray
    pumped: np.recarray
    heat: np.ndarray  # (row, column) [W]
    rows: np.ndarray  # (t,) row that holds over each interval
    interval: float  # [s]
    draws: np.ndarray  # (pumped, points) efficiency over the best one
    viscous: np.recarray  # pipes whose viscosity follows the temperature of what they carry
    coolant: PropertyTable
    stride: float  # change of temperature after which it does [K]
    open: np.recarray  # flows into places where coolant leaves the network or comes from nowhere
    time: float  # at the start of the first interval [s]
    plates: Plates  # reduced ones, which follow the march
    watched: np.ndarray  # (plates,) which of the web's plates they are
    since: np.ndarray  # [J] since the call began: heat from each held place, work of pumps, of it that of shafts


class Saved(NamedTuple):
    """Results at the end of each saved interval, and the highest temperatures of all steps."""

    T: np.ndarray  # (s, places)
    m: np.ndarray  # (s, rows)
    p: np.ndarray  # (s, places of pressure)
    output: np.ndarray  # (s, controllers)
    speed: np.ndarray  # (s, pumps)
    power: np.ndarray  # (s, pumped) mean electrical power of one pump [W]
    held: np.ndarray  # (s, held) mean heat from each held place into the network [W]
    case: np.ndarray  # (s, plates) of reduced plates: case, junction, whether their flow was outside their range
    junction: np.ndarray
    outside: np.ndarray
    rows: np.recarray  # ROW (s)
    peak: np.ndarray  # (places)
    peak_case: np.ndarray  # (plates)
    before: np.ndarray  # (places) temperatures at the start of the first row
    given: np.ndarray  # (s, taking) mean heat given to each place that takes any [W]
    ended: np.ndarray  # (s, taking) the same at its end
    power_it: np.ndarray  # (s) mean power of the racks [W]
    air: np.ndarray  # (s) of it what warms the air


@kernel
def _control(c: Any, flows: Flows, T: np.ndarray, step: float) -> None:
    """One step of a controller from what it senses."""
    if c.running == 0.0:
        return
    if c.pressure == 1:
        sensed = flows.p[c.place] - flows.p[c.other] + c.bias
        error = beyond(1.0 - sensed / c.set, c.pi.dead_band)
    else:
        error = beyond((T[c.place] + c.bias - c.set) / c.span, c.pi.dead_band)
    c.output = pi_step(c.pi, c.output, error, c.error, step)
    c.error = error


@kernel
def _move(net: Branches, controls: Controls, step: float) -> bool:
    """Set pumps and valves where their controllers want them; return whether anything moved.

    A pump without drive runs down as its torque goes with the square of its speed: dn/dt = −n²/t with t = ``coast``.
    """
    moved = False
    for i in range(len(controls.actuators)):
        a = controls.actuators[i]
        if a.valve == 1:
            output = controls.controllers[a.controller].output
            value = a.open / (output * output)
            moved = moved or net.quadratics[a.row].quadratic != value
            net.quadratics[a.row].quadratic = value
            continue
        speed = net.pumps[a.row].speed
        if a.running > 0.0:
            value = controls.controllers[a.controller].output if a.controller >= 0 else a.open
        else:
            value = speed / (1.0 + speed * step / a.coast) if a.coast > 0.0 and speed > NEARLY else 0.0
        moved = moved or speed != value
        net.pumps[a.row].speed = value
    return moved


@kernel
def _follow(net: Branches, drives: Drives, flows: Flows, T: np.ndarray) -> bool:
    """Let viscosity follow temperature; return whether any pipe's did."""
    moved, table = False, drives.coolant
    for i in range(len(drives.viscous)):
        v = drives.viscous[i]
        now = T[v.places[1 if flows.m[v.pipe] < 0.0 else 0]]
        if abs(now - table.centre) > table.half:  # held at the end of its table
            now = table.centre + (table.half if now > table.centre else -table.half)
        if not (abs(now - v.warmth) <= drives.stride):
            v.warmth = now
            net.pipes[v.pipe].reynolds = v.scale / evaluate(drives.coolant, now)[3]
            moved = True
    return moved


@kernel
def _change(net: Branches, web: Topology, controls: Controls, flows: Flows, T: np.ndarray, change: Any) -> None:
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
    elif change.table == 5:
        T[change.row] = change.value
    elif change.table == 6:
        controls.controllers[change.row].bias = change.value
    elif change.table == 7:
        flows.p[change.row] = change.value
    else:
        web.draw[change.row] = change.value


@kernel
def _drawn(drives: Drives, flows: Flows, T: np.ndarray) -> float:
    """Heat of the coolant that leaves through open ends, each at the temperature of its place [W]."""
    Q = 0.0
    for i in range(len(drives.open)):
        end = drives.open[i]
        Q += end.capacity * flows.m[end.row] * T[end.place]
    return Q


@kernel
def _pumps(
    drives: Drives, net: Branches, web: Topology, flows: Flows, heat: HeatWork, each: np.ndarray, share: float
) -> tuple[float, float]:
    """Add the work of the pumps to the heat of their places, and `share` of their electrical power to `each`.

    All shaft power ends as heat in the coolant; what motor and drive lose goes to the room. Returns the electrical and
    the shaft power of all [W].
    """
    power, shafts = 0.0, 0.0
    for i in range(len(drives.pumped)):
        p = drives.pumped[i]
        k, c = p.row, p.losses
        V, lift = flows.m[k] / p.density, flows.p[web.end[k]] - flows.p[web.start[k]] + web.rise[k]
        if not (lift <= 0.0 or net.pumps[p.pump].speed <= 0.0):
            draw = PumpDraw(
                p.law, p.best, p.flow_best, p.flow_last, p.spacing, drives.draws[i], p.rated, p.lost,
                (c[0], c[1], c[2], c[3]),
            )  # fmt: skip
            shaft = shaft_power(draw, p.density, V, lift / (p.density * GRAVITY), net.pumps[p.pump].speed)
            drawn = electrical_power(draw, shaft)
            heat.source[p.place] += p.count * shaft
            shafts += p.count * shaft
            power += p.count * drawn
            each[i] += drawn * share
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
    begin: int,
    end: int,
    event: int,
) -> int:
    """March the intervals from `begin` to `end` in `substeps` each; each `every` of them share a row.

    Order in a step: events, controls, flows (none where nothing has moved), conductances, heat. A row may be marched in
    several calls. Returns the next event.
    """
    step = drives.interval / substeps
    window = every * drives.interval
    fresh, held_places = True, len(warm.held)
    for j in range(len(drives.since)):
        drives.since[j] = 0.0
    k = begin
    while k < end:
        s = k // every
        row = saved.rows[s]
        before, gained = stored_heat(heats, T), 0.0
        stop = min((s + 1) * every, end)
        while k < stop:
            for i in range(substeps):
                now = drives.time + k * drives.interval + i * step
                while event < len(controls.changes) and controls.changes[event].time <= now + 1e-9:
                    _change(net, web, controls, flows, T, controls.changes[event])
                    event += 1
                    fresh = True
                for c in range(len(controls.controllers)):
                    _control(controls.controllers[c], flows, T, step)
                moved = _move(net, controls, step)
                if _follow(net, drives, flows, T) or moved or fresh:
                    fresh = False
                    steps, change, _ = solve_flows(net, web, flows, work, floor)
                    row.steps += steps if math.isfinite(change) else math.nan
                    conductances(heats, flows.m, warm)
                    set_lines(heats.lines, flows.m, step)
                for j in range(len(warm.source)):
                    warm.source[j] = 0.0
                for j in range(len(drives.heated)):
                    h = drives.heated[j]
                    q = h.share * drives.heat[drives.rows[k], h.column]
                    warm.source[h.place] += q
                    gained += q * step
                power, shaft = _pumps(drives, net, web, flows, warm, saved.power[s], step / window)
                gained += shaft * step
                held, lost = heat_step(heats, flows.m, T, warm, step)
                row.pump_power += power * step / window
                row.shaft_power += shaft * step / window
                row.heat_held += held * step / window
                row.heat_lost += lost * step / window
                drawn = _drawn(drives, flows, T)
                row.heat_drawn += drawn * step / window
                gained += (held - lost - drawn) * step
                for j in range(held_places):
                    saved.held[s, j] += warm.held[j] * step / window
                    drives.since[j] += warm.held[j] * step
                drives.since[held_places] += power * step
                drives.since[held_places + 1] += shaft * step
                _watch(drives, heats, flows.m, T, warm.source, saved, s)
                for j in range(len(T)):
                    if not (T[j] <= saved.peak[j]):
                        saved.peak[j] = T[j]
            k += 1
        _save(net, web, flows, work, T, controls, saved, s)
        row.energy_residual += (gained - (stored_heat(heats, T) - before)) / window
    return event


@kernel
def _watch(
    drives: Drives, heats: HeatWeb, m: np.ndarray, T: np.ndarray, source: np.ndarray, saved: Saved, s: int
) -> None:
    """Let the reduced plates follow the flow, the coolant that comes, and the heat of their packages."""
    for i in range(len(drives.watched)):
        plate = heats.plates[drives.watched[i]]
        case = heats.links.giver[2 * plate.link]
        coming = heats.links.cold[2 * plate.link + (1 if m[plate.row] < 0.0 else 0)]
        q, flow = source[case] / plate.plates, plate.share * abs(m[plate.row])
        follow(drives.plates, i, q, flow, T[coming], T[case])
        now = drives.plates.racks[i]
        saved.case[s, i], saved.junction[s, i] = now.T_case, now.T_junction
        saved.outside[s, i] |= now.outside > 0
        now.outside = 0
        if not (now.T_case <= saved.peak_case[i]):
            saved.peak_case[i] = now.T_case


@kernel
def _save(
    net: Branches, web: Topology, flows: Flows, work: Work, T: np.ndarray, controls: Controls, saved: Saved, s: int
) -> None:
    """Save in row `s` what is now."""
    gap = _mass_gap(web, flows, work)
    row = saved.rows[s]
    if row.mass_residual == row.mass_residual and not (gap <= row.mass_residual):
        row.mass_residual = gap
    for j in range(len(T)):
        saved.T[s, j] = T[j]
    for j in range(len(flows.m)):
        saved.m[s, j] = flows.m[j]
    for j in range(len(flows.p)):
        saved.p[s, j] = flows.p[j]
    for c in range(len(controls.controllers)):
        saved.output[s, c] = controls.controllers[c].output
    for j in range(len(net.pumps)):
        saved.speed[s, j] = net.pumps[j].speed
