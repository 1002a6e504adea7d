"""The marching kernel: controls, flows, loops and facility, step by step, with every interval's balances recorded."""

import math
from enum import IntEnum
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
    valve_flow,
)
from thermal.physics.network.rack_plate import Plates, watch
from thermal.physics.plant.trains import header_available, plant_heat, plant_step, settle_plant, stage

__all__ = ["LOOP_ROW", "PEAK", "PLANT_ROW", "Boundary", "Facility", "Record", "march", "settle"]


class Facility(IntEnum):
    """What supplies the loops with cold water."""

    SUPPLY = 0  # water at given temperature and header pressure
    TOWER_PLANT = 1  # hot-water loop, exchangers, towers


class Boundary(NamedTuple):
    """Inputs in time: held constant over each interval of `interval` seconds, as means over it."""

    interval: float
    heat: np.ndarray  # (t, r) heat of each rack [W]
    outside: np.ndarray  # (t) supply temperature or wet bulb [°C], by kind of facility
    header: np.ndarray  # (t, l) header difference offered by a SUPPLY [Pa]
    event_time: np.ndarray  # (e) [s], ascending
    event_loop: np.ndarray  # (e)
    event_change: np.ndarray  # (e) change of running pumps


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
PLANT_ROW = np.dtype(
    (
        np.record,
        [
            ("T_supply", "f8"),  # facility water to and from the loops
            ("T_return", "f8"),
            ("T_tower_supply", "f8"),
            ("T_tower_return", "f8"),
            ("flow", "f8"),
            ("tower_flow", "f8"),
            ("hot_pumps", "f8"),  # means [W]
            ("tower_pumps", "f8"),
            ("fans", "f8"),
            ("rejected", "f8"),
            ("evaporation", "f8"),  # means [kg/s]
            ("make_up", "f8"),
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
    plant: np.recarray  # PLANT_ROW (s)
    T_case: np.ndarray  # (s, r)
    T_junction: np.ndarray  # (s, r)
    outside: np.ndarray  # (s, r) whether a reduced plate's flow was outside its range
    plates: Plates  # which follow the march
    peaks: np.recarray  # PEAK (r), highest case temperature of all steps


@kernel
def _total(net: LoopNet, state: LoopState, kind: int, boundary: Boundary, k: int, header: float) -> float:
    """Flow through all valves [m³/s], at the supply's header difference or at the plant's."""
    total = 0.0
    for l in range(len(net.loops)):
        offered = boundary.header[k, l] if kind == Facility.SUPPLY else header
        total += valve_flow(net.loops[l], state.loops[l].valve, offered)
    return total


@kernel
def _header(net: LoopNet, plant: Any, kind: int, state: LoopState, boundary: Boundary, k: int, trains: int) -> float:
    """Header difference [Pa] that the plant holds: its set point, or what its pumps reach at full speed."""
    low, high = 0.0, plant.header_set
    if kind == Facility.SUPPLY:
        return high
    if not header_available(plant, _total(net, state, kind, boundary, k, high), trains) < high:
        return high
    for _ in range(50):
        header = 0.5 * (low + high)
        if header_available(plant, _total(net, state, kind, boundary, k, header), trains) >= header:
            low = header
        else:
            high = header
    return low


@kernel
def settle(net: LoopNet, plant: Any, kind: int, state: LoopState, plant_state: Any, boundary: Boundary) -> float:
    """Put loops and facility at rest under the first interval of `boundary`.

    With a plant the supply temperature is the root of T_plant(T) − T, found by bisection: a warmer supply opens the
    valves and returns colder water, so the difference falls with T.

    Returns
    -------
    float
        Facility supply temperature [°C]; NaN where a loop or the plant has no steady state.
    """
    low, high = boundary.outside[0], boundary.outside[0]
    if kind == Facility.TOWER_PLANT:
        low, high = low - 1.0, 120.0
    T, header = math.nan, plant.header_set
    for _ in range(60):
        T = 0.5 * (low + high)
        heat = 0.0
        for l in range(len(net.loops)):
            offered = boundary.header[0, l] if kind == Facility.SUPPLY else header
            heat += settle_loop(net, l, state, boundary.heat[0], T, offered)
        if kind == Facility.SUPPLY or math.isnan(heat):
            return heat - heat + T
        header = _header(net, plant, kind, state, boundary, 0, plant_state.trains)
        total = _total(net, state, kind, boundary, 0, header)
        reached = settle_plant(plant, plant_state, total, header, heat, boundary.outside[0])
        if math.isnan(reached):
            return reached
        if reached > T:
            low = T
        else:
            high = T
    return T


@kernel
def march(
    net: LoopNet,
    plant: Any,
    kind: int,
    state: LoopState,
    plant_state: Any,
    boundary: Boundary,
    substeps: int,
    every: int,
    record: Record,
    start: int,
    stop: int,
    event: int,
) -> int:
    """March all loops and the facility, `substeps` per interval, saving each `every` intervals, rows `start` to `stop`.

    Order in a step: events, controls, flows, loops against the facility supply temperature, then the plant against
    what the loops returned. Heat that leaves a loop in a step enters the plant in the same step, so that the coupling
    conserves energy exactly.

    Returns
    -------
    int
        Index of the next event, to go on with in the next call.
    """
    step = boundary.interval / substeps
    window = every * boundary.interval
    for s in range(start, stop):
        row = record.plant[s]
        before = _stored(net, plant, kind, state, plant_state)
        gained, T_facility = 0.0, 0.0
        for k in range(s * every, (s + 1) * every):
            for i in range(substeps):
                now = k * boundary.interval + i * step
                while event < len(boundary.event_time) and boundary.event_time[event] <= now + 1e-9:
                    l = boundary.event_loop[event]
                    running = state.loops[l].running + boundary.event_change[event]
                    state.loops[l].running = min(max(running, 0), net.loops[l].pumps)
                    event += 1
                for l in range(len(net.loops)):
                    _control(net.loops[l], state.loops[l], step)
                    row.hydraulic_residual = _worse(row.hydraulic_residual, abs(set_flows(net, l, state)))
                header = _header(net, plant, kind, state, boundary, k, plant_state.trains)
                T_facility = boundary.outside[k] if kind == Facility.SUPPLY else plant_state.T_cold
                flow, returned = 0.0, 0.0
                for l in range(len(net.loops)):
                    loop, t, saved = net.loops[l], state.loops[l], record.loops[s, l]
                    K = set_primary(loop, t, boundary.header[k, l] if kind == Facility.SUPPLY else header)
                    power, pump_heat = pump_power_of(loop, t)
                    out = loop_step(net, l, state, boundary.heat[k], pump_heat, T_facility, K, step)
                    row.mass_residual = _worse(row.mass_residual, abs(imbalance(net, l, state)))
                    flow += t.primary_flow
                    returned += t.primary_flow * t.T_primary
                    saved.pump_power += power * step / window
                    saved.heat_out += out * step / window
                    gained += (pump_heat - (out if kind == Facility.SUPPLY else 0.0)) * step
                    watch(record.plates, net, l, state, boundary.heat[k])
                    for r in range(net.first[l], net.first[l + 1]):
                        gained += (net.racks[r].plate_heat + net.racks[r].other_heat) * boundary.heat[k, r] * step
                        if not (record.plates.racks[r].T_case <= record.peaks[r].T_case):
                            record.peaks[r].T_case = record.plates.racks[r].T_case
                            record.peaks[r].time = now + step
                row.flow, row.T_return = flow, returned / flow if flow > 0.0 else T_facility
                if kind == Facility.TOWER_PLANT:
                    stage(plant, plant_state, flow, step)
                    hot, cold, fans, rejected, vapour, make_up, pump_heat = plant_step(
                        plant, plant_state, flow, header, row.T_return, boundary.outside[k], step
                    )
                    gained += (pump_heat - rejected) * step
                    row.hot_pumps += hot * step / window
                    row.tower_pumps += cold * step / window
                    row.fans += fans * step / window
                    row.rejected += rejected * step / window
                    row.evaporation += vapour * step / window
                    row.make_up += make_up * step / window
        row.energy_residual = (gained - (_stored(net, plant, kind, state, plant_state) - before)) / window
        row.T_supply = T_facility
        if kind == Facility.TOWER_PLANT:
            row.T_supply, row.T_tower_supply = plant_state.T_cold, plant_state.T_basin
            row.T_tower_return = plant_state.T_tower_return
            row.tower_flow = plant.train_cold_flow * plant_state.trains
        _save(net, state, record, s)
    return event


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
def _stored(net: LoopNet, plant: Any, kind: int, state: LoopState, plant_state: Any) -> float:
    """Heat stored in everything that is marched [J]."""
    E = plant_heat(plant, plant_state) if kind == Facility.TOWER_PLANT else 0.0
    for l in range(len(net.loops)):
        E += loop_heat(net, l, state)
    return E


@kernel
def _save(net: LoopNet, state: LoopState, record: Record, s: int) -> None:
    """Record what the loops are at the end of interval `s`."""
    for r in range(len(net.racks)):
        plate = record.plates.racks[r]
        record.T_case[s, r], record.T_junction[s, r], record.outside[s, r] = (
            plate.T_case,
            plate.T_junction,
            plate.outside,
        )
        plate.outside = 0
    for l in range(len(net.loops)):
        t, row = state.loops[l], record.loops[s, l]
        row.T_supply, row.T_return, row.T_primary = t.T_supply, t.T_return, t.T_primary
        row.flow, row.primary_flow = t.flow, t.primary_flow
        row.speed, row.valve, row.drop = t.speed if t.running > 0 else 0.0, t.valve, t.drop
