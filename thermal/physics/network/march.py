"""The marching kernel: controls, flows and loops on facility water, step by step, every interval's balance recorded."""

from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.control import beyond, pi_step
from thermal.physics.network.loop import (
    LoopNet,
    LoopState,
    imbalance,
    loop_heat,
    loop_step,
    pump_power_of,
    set_flows,
    set_primary,
    settle_loop,
)
from thermal.physics.network.rack_plate import Plates, watch

__all__ = [
    "LOOP_ROW", "PEAK", "WATER_ROW", "Boundary", "Offer", "Record", "control_loops", "exchange_loops", "march",
    "record_loops", "settle", "stored_in_loops",
]  # fmt: skip


class Boundary(NamedTuple):
    """What drives the loops in time: held constant over each interval of `interval` seconds, as means over it."""

    interval: float
    heat: np.ndarray  # (t, r) heat of each rack [W]
    event_time: np.ndarray  # (e) [s], ascending
    event_loop: np.ndarray  # (e)
    event_change: np.ndarray  # (e) change of running pumps


class Offer(NamedTuple):
    """Facility water as the loops find it in a call, and what they gave to it."""

    T: float  # temperature [°C]
    header: np.ndarray  # (l) pressure difference across each CDU's branch [Pa]
    taken: np.ndarray  # (l) heat into the water since the call began [J]


LOOP_ROW = np.dtype(
    (
        np.record,
        [
            ("T_supply", "f8"),  # end of interval, like all but the means
            ("T_return", "f8"),
            ("T_primary", "f8"),
            ("flow", "f8"),
            ("primary_flow", "f8"),
            ("speed", "f8"),
            ("valve", "f8"),
            ("drop", "f8"),
            ("pump_power", "f8"),  # mean [W]
            ("heat_out", "f8"),  # mean heat to the facility [W]
        ],
    )
)
WATER_ROW = np.dtype(
    (
        np.record,
        [
            ("T_supply", "f8"),  # facility water to and from the loops
            ("T_return", "f8"),
            ("flow", "f8"),
            ("energy_residual", "f8"),  # mean [W]
            ("mass_residual", "f8"),  # worst [kg/s]
            ("hydraulic_residual", "f8"),  # worst, relative to shut-off pressure
        ],
    )
)
PEAK = np.dtype((np.record, [("T_case", "f8"), ("time", "f8")]))


class Record(NamedTuple):
    """Saved results: temperatures and openings at the end of an interval, powers as means over it."""

    loops: np.recarray  # LOOP_ROW (s, l)
    water: np.recarray  # WATER_ROW (s)
    T_case: np.ndarray  # (s, r)
    T_junction: np.ndarray  # (s, r)
    T_coolant: np.ndarray  # (s, r) of the coolant in the rack, as it leaves
    heat: np.ndarray  # (s, r) mean heat into the coolant [W]
    outside: np.ndarray  # (s, r) whether a reduced plate's flow was outside its range
    plates: Plates  # which follow the march
    peaks: np.recarray  # PEAK (r), highest case temperature of all steps


@kernel
def settle(net: LoopNet, state: LoopState, heat: np.ndarray, T: float, header: np.ndarray) -> float:
    """Put the loops at rest on facility water of `T` [°C] at the pressure differences `header` [Pa].

    Returns
    -------
    float
        Heat into the facility water [W]; NaN where a loop has no steady state.
    """
    total = 0.0
    for l in range(len(net.loops)):
        total += settle_loop(net, l, state, heat, T, header[l])
    return total


@kernel
def march(
    net: LoopNet,
    state: LoopState,
    boundary: Boundary,
    offer: Offer,
    substeps: int,
    every: int,
    record: Record,
    begin: int,
    end: int,
    event: int,
) -> int:
    """March all loops over the intervals from `begin` to `end`, `substeps` in each; each `every` of them share a row.

    Order in a step: events, controls, flows, loops against the facility water. A row may be marched in several calls.

    Returns
    -------
    int
        Index of the next event, to go on with in the next call.
    """  # fmt: skip
    step = boundary.interval / substeps
    window = every * boundary.interval
    offer.taken[:] = 0.0
    k = begin
    while k < end:
        s = k // every
        row = record.water[s]
        before, gained = stored_in_loops(net, state), 0.0
        stop = min((s + 1) * every, end)
        while k < stop:
            for i in range(substeps):
                now = k * boundary.interval + i * step
                event = control_loops(net, state, boundary, now, step, event, row)
                heat, flow, returned = exchange_loops(
                    net, state, boundary.heat[k], offer.T, offer.header, step, window, now, record, s, offer.taken
                )
                gained += heat
                row.flow, row.T_return = flow, returned / flow if flow > 0.0 else offer.T
            row.T_supply = offer.T
            record_loops(net, state, record, s)
            k += 1
        row.energy_residual += (gained - (stored_in_loops(net, state) - before)) / window
    return event


@kernel
def control_loops(
    net: LoopNet, state: LoopState, boundary: Boundary, now: float, step: float, event: int, row: Any
) -> int:
    """Events, controllers and flows of a step; returns the index of the next event."""
    while event < len(boundary.event_time) and boundary.event_time[event] <= now + 1e-9:
        l = boundary.event_loop[event]
        running = state.loops[l].running + boundary.event_change[event]
        state.loops[l].running = min(max(running, 0), net.loops[l].pumps)
        event += 1
    for l in range(len(net.loops)):
        _control(net.loops[l], state.loops[l], step)
        row.hydraulic_residual = _worse(row.hydraulic_residual, abs(set_flows(net, l, state)))
    return event


@kernel
def exchange_loops(
    net: LoopNet,
    state: LoopState,
    heat: np.ndarray,
    T: float,
    header: np.ndarray,
    step: float,
    window: float,
    now: float,
    record: Record,
    s: int,
    taken: np.ndarray,
) -> tuple[float, float, float]:
    """Temperatures of a step against facility water of `T` [°C]; `taken` grows by the heat into it [J].

    Returns
    -------
    tuple of float
        Heat into the loops less heat out of them [J], facility water drawn [m³/s], and the same times the temperature
        with which it leaves.
    """  # fmt: skip
    gained, flow, returned = 0.0, 0.0, 0.0
    for l in range(len(net.loops)):
        loop, t, saved = net.loops[l], state.loops[l], record.loops[s, l]
        K = set_primary(loop, t, header[l])
        power, pump_heat = pump_power_of(loop, t)
        out = loop_step(net, l, state, heat, pump_heat, T, K, step)
        record.water[s].mass_residual = _worse(record.water[s].mass_residual, abs(imbalance(net, l, state)))
        flow += t.primary_flow
        returned += t.primary_flow * t.T_primary
        saved.pump_power += power * step / window
        saved.heat_out += out * step / window
        taken[l] += out * step
        gained += (pump_heat - out) * step
        watch(record.plates, net, l, state, heat)
        for r in range(net.first[l], net.first[l + 1]):
            rack, own = net.racks[r], state.racks[r]
            into = own.G * (own.T_case - t.T_supply) + rack.other_heat * heat[r]
            record.heat[s, r] += into * step / window
            gained += (net.racks[r].plate_heat + net.racks[r].other_heat) * heat[r] * step
            if not (record.plates.racks[r].T_case <= record.peaks[r].T_case):
                record.peaks[r].T_case = record.plates.racks[r].T_case
                record.peaks[r].time = now + step
    return gained, flow, returned


@kernel
def _worse(worst: float, residual: float) -> float:
    """The larger of two magnitudes; a NaN in either stays."""
    return residual if worst == worst and not (residual <= worst) else worst


@kernel
def _control(loop: Any, t: Any, step: float) -> None:
    """Speed after differential pressure, valve after supply temperature, of a loop with state `t`."""
    if t.running > 0:
        error = beyond(1.0 - t.drop / loop.drop_set, loop.speed_control.dead_band)
        t.speed = pi_step(loop.speed_control, t.speed, error, t.drop_error, step)
        t.drop_error = error
    error = beyond((t.T_supply - loop.supply_set) / loop.supply_span, loop.valve_control.dead_band)
    t.valve = pi_step(loop.valve_control, t.valve, error, t.supply_error, step)
    t.supply_error = error


@kernel
def stored_in_loops(net: LoopNet, state: LoopState) -> float:
    """Heat stored in all loops [J]."""
    E = 0.0
    for l in range(len(net.loops)):
        E += loop_heat(net, l, state)
    return E


@kernel
def record_loops(net: LoopNet, state: LoopState, record: Record, s: int) -> None:
    """Record in row `s` what the loops are now."""
    for r in range(len(net.racks)):
        plate = record.plates.racks[r]
        record.T_case[s, r], record.T_junction[s, r] = plate.T_case, plate.T_junction
        record.T_coolant[s, r] = state.racks[r].T_coolant
        record.outside[s, r] |= plate.outside > 0
        plate.outside = 0
    for l in range(len(net.loops)):
        t, row = state.loops[l], record.loops[s, l]
        row.T_supply, row.T_return, row.T_primary = t.T_supply, t.T_return, t.T_primary
        row.flow, row.primary_flow = t.flow, t.primary_flow
        row.speed, row.valve, row.drop = t.speed if t.running > 0 else 0.0, t.valve, t.drop
