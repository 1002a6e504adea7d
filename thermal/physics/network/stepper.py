"""A network through time: events, controls, flows, heat, step by step, as far as one is asked to go."""

import math
from typing import Any

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.pump import GRAVITY, PumpDraw, electrical_power, shaft_power
from thermal.physics.media.properties import PropertyTable, evaluate
from thermal.physics.network.branches import Branches
from thermal.physics.network.buoyancy import lift
from thermal.physics.network.control import beyond, limited, pi_step, position, sensed
from thermal.physics.network.hydraulics import Flows, Topology, Work, alone, solve_flows, solve_valves
from thermal.physics.network.lines import set_lines
from thermal.physics.network.rack_plate import follow
from thermal.physics.network.tables import Controls, Drives, Saved
from thermal.physics.network.volumes import (
    ALL,
    NOTHING,
    VALVES,
    HeatWeb,
    HeatWork,
    conductances,
    heat_step,
    stored_heat,
)

__all__ = ["advance", "error_of", "value_of"]

NEARLY = 1e-3  # of nominal speed, below which a pump that runs down stands


@kernel
def value_of(c: Any, flows: Flows, T: np.ndarray) -> float:
    """What the sensor of a controller is at."""
    if c.senses == 1:
        return float(flows.p[c.place] - flows.p[c.other] + c.level + c.bias)
    if c.senses == 2:
        return float(flows.m[c.place] / c.level + c.bias)
    return float(T[c.place] + c.bias)


@kernel
def error_of(c: Any, value: float) -> float:
    """What a controller sees against its set point, relative to its span, beyond its dead band."""
    error = 1.0 - value / c.set if c.senses > 0 else (value - max(c.set, c.least)) / c.span
    return beyond(error, c.pi.dead_band)


@kernel
def _control(c: Any, past: np.ndarray, flows: Flows, T: np.ndarray, step: float) -> None:
    """One step of a controller from what it senses; a frozen one keeps looking, so that its release is no jump."""
    if c.running < 0.0:
        return
    value = value_of(c, flows, T)
    if c.lag > 0.0 or c.delay > 0.0:
        value = sensed(c, past, value, step)
    c.elapsed += step
    if c.elapsed < (c.sample - c.late) * (1.0 - 1e-9):
        return
    span, c.elapsed = c.elapsed, 0.0
    if c.sample > 0.0:
        c.late = max(c.late + span - c.sample, 0.0) % c.sample
    error = error_of(c, value)
    if c.running > 0.0:
        output = pi_step(c.pi, c.output, error, c.error, span)
        c.output = limited(output, c.output, c.rate * span)
    c.error = error


@kernel
def _move(net: Branches, web: Topology, controls: Controls, step: float) -> int:
    """Set pumps and valves where their controllers want them; return what moved.

    A pump without drive runs down as its torque goes with the square of its speed: dn/dt = −n²/t with t = ``coast``.
    """
    moved, valves = NOTHING, len(net.pipes) + len(net.powers)
    for i in range(len(controls.actuators)):
        a = controls.actuators[i]
        if a.valve > 0:
            output = position(a, controls.controllers[a.controller].output, step)
            value = a.open / (output * output)
            if net.quadratics[a.row].quadratic != value:
                moved = max(moved, VALVES if a.valve == 1 and alone(web, valves + a.row) else ALL)
            net.quadratics[a.row].quadratic = value
            continue
        speed = net.pumps[a.row].speed
        if a.running > 0.0:
            value = controls.controllers[a.controller].output if a.controller >= 0 else a.open
        else:
            value = speed / (1.0 + speed * step / a.coast) if a.coast > 0.0 and speed > NEARLY else 0.0
        moved = ALL if speed != value else moved
        net.pumps[a.row].speed = value
    return moved


@kernel
def _follow(net: Branches, drives: Drives, flows: Flows, T: np.ndarray) -> bool:
    """Let viscosity follow temperature; return whether any pipe's did."""
    moved, media = False, drives.coolants
    for i in range(len(drives.viscous)):
        v = drives.viscous[i]
        table = PropertyTable(media.centre[v.coolant], media.half[v.coolant], media.coefficients[v.coolant])
        now = T[v.places[1 if flows.m[v.pipe] < 0.0 else 0]]
        if abs(now - table.centre) > table.half:  # held at the end of its table
            now = table.centre + (table.half if now > table.centre else -table.half)
        if not (abs(now - v.warmth) <= drives.pace[0].stride):
            v.warmth = now
            net.pipes[v.pipe].reynolds = v.scale / evaluate(table, now)[3]
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
    elif change.table == 9:
        controls.controllers[change.row].least = change.value + controls.controllers[change.row].guard
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
def _draw(drives: Drives, net: Branches, web: Topology, flows: Flows) -> None:
    """Find what each pump draws and what of it its shaft passes on, at the flows of now.

    All shaft power ends as heat in the coolant; what motor and drive lose goes to the room.
    """
    for i in range(len(drives.pumped)):
        p = drives.pumped[i]
        k, c = p.row, p.losses
        V, lift = flows.m[k] / p.density, flows.p[web.end[k]] - flows.p[web.start[k]] + web.rise[k]
        drives.drawn[i], drives.shafts[i] = 0.0, 0.0
        if not (lift <= 0.0 or net.pumps[p.pump].speed <= 0.0):
            draw = PumpDraw(
                p.law, p.best, p.flow_best, p.flow_last, p.spacing, drives.draws[i], p.rated, p.lost,
                (c[0], c[1], c[2], c[3]),
            )  # fmt: skip
            drives.shafts[i] = shaft_power(draw, p.density, V, lift / (p.density * GRAVITY), net.pumps[p.pump].speed)
            drives.drawn[i] = electrical_power(draw, drives.shafts[i])


@kernel
def _warm(drives: Drives, heat: np.ndarray, source: np.ndarray) -> float:
    """Fill the heat into each place, of racks from their row of `heat` and of pumps; return its sum [W]."""
    total = 0.0
    for j in range(len(source)):
        source[j] = 0.0
    for j in range(len(drives.heated)):
        h = drives.heated[j]
        q = h.share * heat[h.column]
        source[h.place] += q
        total += q
    for i in range(len(drives.pumped)):
        p = drives.pumped[i]
        if p.place < len(source):  # a place of held temperature does not feel it
            q = p.count * drives.shafts[i]
            source[p.place] += q
            total += q
    return total


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

    Order in a step: events, controls, weight of columns, flows (none where nothing has moved), conductances, heat. A
    row may be marched in several calls. Returns the next event.
    """
    pace = drives.pace[0]
    step = pace.interval / substeps
    share = step / (every * pace.interval)
    moved, held_places = ALL, len(warm.held)
    for j in range(len(drives.since)):
        drives.since[j] = 0.0
    given, power, shaft, gap, last = 0.0, 0.0, 0.0, 0.0, -1
    after = stored_heat(heats, T)
    k = begin
    while k < end:
        s = k // every
        row = saved.rows[s]
        before, gained = after, 0.0
        stop = min((s + 1) * every, end)
        while k < stop:
            for i in range(substeps):
                now = pace.time + k * pace.interval + i * step
                while event < len(controls.changes) and controls.changes[event].time <= now + 1e-9:
                    _change(net, web, controls, flows, T, controls.changes[event])
                    event += 1
                    moved = ALL
                for c in range(len(controls.controllers)):
                    _control(controls.controllers[c], controls.past[c], flows, T, step)
                moved = max(moved, _move(net, web, controls, step))
                if _follow(net, drives, flows, T):
                    moved = ALL
                if lift(drives.columns, drives.coolants, T, heats.lines.T, pace.ease, web.rise):
                    moved = ALL
                if moved == VALVES:
                    steps, change = solve_valves(net, web, flows)
                    row.steps += steps if math.isfinite(change) else math.nan
                elif moved == ALL:
                    steps, change, _ = solve_flows(net, web, flows, work, floor)
                    row.steps += steps if math.isfinite(change) else math.nan
                    set_lines(heats.lines, flows.m, step)
                    _draw(drives, net, web, flows)
                    power, shaft, gap = 0.0, 0.0, _mass_gap(web, flows, work)
                    for j in range(len(drives.pumped)):
                        power += drives.pumped[j].count * drives.drawn[j]
                        shaft += drives.pumped[j].count * drives.shafts[j]
                if moved != NOTHING:
                    conductances(heats, flows.m, warm, moved)
                if moved == ALL or drives.rows[k] != last:
                    last = drives.rows[k]
                    given = _warm(drives, drives.heat[last], warm.source)
                held, lost = heat_step(heats, flows.m, T, warm, step, moved)
                moved = NOTHING
                drawn = _drawn(drives, flows, T)
                row.pump_power += power * share
                row.shaft_power += shaft * share
                row.heat_held += held * share
                row.heat_lost += lost * share
                row.heat_drawn += drawn * share
                gained += (given + held - lost - drawn) * step
                for j in range(len(drives.pumped)):
                    saved.power[s, j] += drives.drawn[j] * share
                for j in range(held_places):
                    saved.held[s, j] += warm.held[j] * share
                    drives.since[j] += warm.held[j] * step
                drives.since[held_places] += power * step
                drives.since[held_places + 1] += shaft * step
                _watch(drives, heats, flows.m, T, warm.source, saved, s)
                for j in range(len(T)):
                    if not (T[j] <= saved.peak[j]):
                        saved.peak[j] = T[j]
                if row.mass_residual == row.mass_residual and not (gap <= row.mass_residual):
                    row.mass_residual = gap
            k += 1
        _save(net, flows, T, controls, saved, s)
        after = stored_heat(heats, T)
        row.energy_residual += (gained - (after - before)) / (every * pace.interval)
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
def _save(net: Branches, flows: Flows, T: np.ndarray, controls: Controls, saved: Saved, s: int) -> None:
    """Save in row `s` what is now."""
    for j in range(len(T)):
        saved.T[s, j] = T[j]
    for j in range(len(flows.m)):
        saved.m[s, j] = flows.m[j]
    for j in range(len(flows.p)):
        saved.p[s, j] = flows.p[j]
    for c in range(len(controls.controllers)):
        saved.output[s, c] = controls.controllers[c].output
        saved.goal[s, c] = max(controls.controllers[c].set, controls.controllers[c].least)
    for i in range(len(controls.actuators)):
        saved.position[s, i] = controls.actuators[i].position
    for j in range(len(net.pumps)):
        saved.speed[s, j] = net.pumps[j].speed
