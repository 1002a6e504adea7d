"""A network marched, brought to rest, or brought to rest in many cases: one kernel, so that it is compiled once."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.branches import Branches
from thermal.physics.network.goals import Rest
from thermal.physics.network.hydraulics import Flows, Topology, Work
from thermal.physics.network.rack_plate import rest_plate
from thermal.physics.network.rest import DONE, RESTS, after, pace_of, relax, take_over
from thermal.physics.network.stepper import advance
from thermal.physics.network.tables import Controls, Drives, Saved
from thermal.physics.network.volumes import HeatWeb, HeatWork

__all__ = ["MARCH", "REST", "Begun", "Points", "operate"]

MARCH, REST = 0, 1  # what is asked
FIRST, OWN = -2, -1  # phases: a rest begins; an interval is marched as it is


class Begun(NamedTuple):
    """A state from which each case starts."""

    T: np.ndarray
    m: np.ndarray
    p: np.ndarray
    output: np.ndarray  # of controllers
    error: np.ndarray
    speed: np.ndarray  # of pumps
    quadratic: np.ndarray
    reynolds: np.ndarray  # of pipes
    warmth: np.ndarray  # of their viscosity
    rise: np.ndarray
    lines: np.recarray
    cells: np.ndarray
    wall: np.ndarray


class Points(NamedTuple):
    """Cases, and what came of each."""

    places: np.ndarray  # (sides,) held places of the facility's water
    headers: np.ndarray  # (sides,) places of its pressure
    T: np.ndarray  # (cases,) [°C]
    p: np.ndarray  # (cases, sides) [Pa]
    status: np.ndarray  # (cases,) of ``rest``
    change: np.ndarray  # (cases,) last change [K, -]
    before: np.ndarray  # (cases, places) temperatures at rest [°C]
    work: np.ndarray  # (n, n + 1) scratch for plates of n states


@kernel
def _again(net: Branches, web: Topology, flows: Flows, heats: HeatWeb, T: np.ndarray, controls: Controls,
           drives: Drives, b: Begun) -> None:  # fmt: skip
    """Go back to where cases start."""
    for j in range(len(T)):
        T[j] = b.T[j]
    for j in range(len(flows.m)):
        flows.m[j] = b.m[j]
        web.rise[j] = b.rise[j]
    for j in range(len(flows.p)):
        flows.p[j] = b.p[j]
    for i in range(len(controls.controllers)):
        controls.controllers[i].output, controls.controllers[i].error = b.output[i], b.error[i]
    for i in range(len(net.pumps)):
        net.pumps[i].speed = b.speed[i]
    for i in range(len(net.quadratics)):
        net.quadratics[i].quadratic = b.quadratic[i]
    for i in range(len(net.pipes)):
        net.pipes[i].reynolds = b.reynolds[i]
    for i in range(len(drives.viscous)):
        drives.viscous[i].warmth = b.warmth[i]
    for i in range(len(heats.lines.table)):
        line, kept = heats.lines.table[i], b.lines[i]
        line.forward, line.beyond, line.skin = kept.forward, kept.beyond, kept.skin
    for j in range(len(heats.lines.T)):
        heats.lines.T[j], heats.lines.wall[j] = b.cells[j], b.wall[j]


@kernel
def _rest_plates(
    drives: Drives, heats: HeatWeb, m: np.ndarray, T: np.ndarray, source: np.ndarray, work: np.ndarray
) -> None:
    """Put the reduced plates at rest where the network is."""
    for i in range(len(drives.watched)):
        plate = heats.plates[drives.watched[i]]
        case = heats.links.giver[2 * plate.link]
        coming = heats.links.cold[2 * plate.link + (1 if m[plate.row] < 0.0 else 0)]
        flow = plate.share * abs(m[plate.row])
        rest_plate(drives.plates, i, source[case] / plate.plates, flow, T[coming], work)


@kernel
def _clear(saved: Saved, s: int) -> None:
    """Let what a row sums up begin anew."""
    row = saved.rows[s]
    row.pump_power = row.shaft_power = row.heat_held = row.heat_drawn = row.heat_lost = row.steps = 0.0
    row.energy_residual = row.mass_residual = 0.0
    for j in range(saved.power.shape[1]):
        saved.power[s, j] = 0.0
    for j in range(saved.held.shape[1]):
        saved.held[s, j] = 0.0
    for j in range(saved.outside.shape[1]):
        saved.outside[s, j] = False


@kernel
def _sound(saved: Saved, s: int, T: np.ndarray) -> bool:
    """Whether flows and temperatures are numbers."""
    found = math.isfinite(saved.rows[s].steps)
    for j in range(len(T)):
        found = found and math.isfinite(T[j])
    return found


@kernel
def _first_of(
    net: Branches, web: Topology, flows: Flows, heats: HeatWeb, T: np.ndarray, controls: Controls, drives: Drives,
    k: int, r: Rest, points: Points, begun: Begun,
) -> int:  # fmt: skip
    """Begin a rest; of case `k` where there are several."""
    if len(points.p):
        _again(net, web, flows, heats, T, controls, drives, begun)
        for j in range(len(points.places)):
            T[points.places[j]] = points.T[k]
            flows.p[points.headers[j]] = points.p[k, j]
    return take_over(controls.controllers, drives.columns, web.rise, T, r)


@kernel
def _rested(
    heats: HeatWeb, flows: Flows, T: np.ndarray, warm: HeatWork, controls: Controls, drives: Drives, k: int, r: Rest,
    points: Points,
) -> int:  # fmt: skip
    """Note what came of a rest; return whether the interval of its case is to be marched."""
    relax(controls.controllers, r)
    points.status[k], points.change[k] = r.now[0].status, r.now[0].change
    if len(points.p) == 0 or points.status[k] != RESTS:
        return DONE
    _rest_plates(drives, heats, flows.m, T, warm.source, points.work)
    for j in range(len(T)):
        points.before[k, j] = T[j]
    return OWN


@kernel
def operate(
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
    asked: int,
    r: Rest,
    points: Points,
    begun: Begun,
) -> int:
    """March the intervals from `begin` to `end` as ``advance`` does, and return the next event; or bring to rest.

    `asked` to ``REST`` the intervals are cases: each is brought to rest under its heat, of `points` from the state
    `begun` on the water of its own, and then marched by its interval into its row. Without points there is one case,
    the network as it is, which then rests. The march is called at one place, since it is most of what is compiled.
    """
    k, phase = begin, OWN if asked == MARCH else FIRST
    pace = drives.pace[0]
    interval, stride = pace.interval, pace.stride
    while phase != DONE:
        if phase == FIRST:
            phase = _first_of(net, web, flows, heats, T, controls, drives, k, r, points, begun)
        steps, last, next_event = substeps, end, event
        if asked == REST:
            steps, every, last, next_event = 1, 1, k + 1, len(controls.changes)
            _clear(saved, k)
        if phase == OWN:
            pace.interval, pace.stride, pace.ease = interval, stride, 1.0
        else:
            steps = pace_of(pace, phase, stride, r.now[0].jumps)
        event = advance(
            net, web, flows, work, floor, heats, T, warm, controls, drives, saved, steps, every, k, last, next_event
        )
        if asked == MARCH:
            return event
        if phase != OWN:
            phase = after(phase, controls.controllers, flows, T, _sound(saved, k, T), r)
            if phase == DONE:
                phase = _rested(heats, flows, T, warm, controls, drives, k, r, points)
        else:
            phase = DONE
        if phase == DONE:
            k += 1
            phase = FIRST if k < end else DONE
    pace.interval, pace.stride, pace.ease = interval, stride, 1.0
    return event
