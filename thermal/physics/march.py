"""The marching kernel: controls, flows, loops and facility, step by step, with every interval's balances recorded."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.control import DEAD_BAND, beyond, pi_step
from thermal.physics.kernel import kernel
from thermal.physics.loop import (
    loop_heat,
    loop_step,
    pump_power_of,
    set_flows,
    set_primary,
    settle_loop,
    valve_flow,
)
from thermal.physics.tower_plant import header_available, plant_heat, plant_step, settle_plant, stage

__all__ = ["Boundary", "Facility", "LoopRecord", "PlantRecord", "march", "settle"]


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


class LoopRecord(NamedTuple):
    """Saved results of the loops: temperatures and openings at the end of an interval, powers as means over it."""

    T_case: np.ndarray  # (s, r) end of interval
    peak: np.ndarray  # (r) highest case temperature of all steps
    peak_time: np.ndarray  # (r) [s]
    T_supply: np.ndarray  # (s, l)
    T_return: np.ndarray
    T_primary: np.ndarray
    flow: np.ndarray
    primary_flow: np.ndarray
    speed: np.ndarray
    valve: np.ndarray
    drop: np.ndarray
    pump_power: np.ndarray  # mean
    heat_out: np.ndarray  # mean heat to the facility


class PlantRecord(NamedTuple):
    """Saved results of the whole: one row per interval."""

    rows: np.ndarray  # (s, 15), see ``march``


@kernel
def _header(net, plant, kind, state, boundary, k, trains):
    """Set all primary flows; return (header difference of a plant, total flow, worst hydraulic residual)."""
    total = 0.0
    if kind == Facility.SUPPLY:
        for l in range(state.flow.shape[0]):
            total += valve_flow(net, l, state.valve[l], boundary.header[k, l])
        return 0.0, total
    header = plant.header_set
    for l in range(state.flow.shape[0]):
        total += valve_flow(net, l, state.valve[l], header)
    if header_available(plant, total, trains) >= header:
        return header, total
    low, high = 0.0, header
    for _ in range(50):
        header = 0.5 * (low + high)
        total = 0.0
        for l in range(state.flow.shape[0]):
            total += valve_flow(net, l, state.valve[l], header)
        if header_available(plant, total, trains) >= header:
            low = header
        else:
            high = header
    return header, total


@kernel
def settle(net, plant, kind, state, plant_state, boundary):
    """Put loops and facility at rest under the first interval of `boundary`.

    With a plant the supply temperature is the root of T_plant(T) − T, found by bisection: a warmer supply opens the
    valves and returns colder water, so the difference falls with T.

    Returns
    -------
    float
        Facility supply temperature [°C]; NaN where a loop or the plant has no steady state.
    """
    loops = state.flow.shape[0]
    low, high = boundary.outside[0], boundary.outside[0]
    if kind == Facility.TOWER_PLANT:
        low, high = low - 1.0, 120.0
    T = math.nan
    for _ in range(60):
        T = 0.5 * (low + high)
        heat = 0.0
        for sweep in range(2):  # the header depends on the valves and the valves on the header
            header, total = (
                _header(net, plant, kind, state, boundary, 0, plant_state.trains[0])
                if sweep
                else (plant.header_set, 0.0)
            )
            heat = 0.0
            for l in range(loops):
                offered = boundary.header[0, l] if kind == Facility.SUPPLY else header
                heat += settle_loop(net, l, state, boundary.heat[0], T, offered)
        if kind == Facility.SUPPLY:
            return math.nan if math.isnan(heat) else T
        header, total = _header(net, plant, kind, state, boundary, 0, plant_state.trains[0])
        reached = settle_plant(plant, plant_state, total, header, heat, boundary.outside[0])
        if math.isnan(reached):
            return math.nan
        if reached > T:
            low = T
        else:
            high = T
    return T


@kernel
def march(net, plant, kind, state, plant_state, boundary, substeps, every, record, plant_record):
    """March all loops and the facility through the boundary, `substeps` per interval, saving each `every` intervals.

    Order in a step: events, controls, flows, loops against the facility supply temperature, then the plant against
    what the loops returned. Heat that leaves a loop in a step enters the plant in the same step, so that the coupling
    conserves energy exactly.

    Rows of `plant_record`: facility supply, facility return, tower supply, tower return [°C]; facility flow, tower
    flow [m³/s]; hot-water pumps, tower pumps, fans, rejected heat [W]; evaporation, make-up [kg/s]; energy residual
    [W], mass residual [kg/s]; worst hydraulic residual relative to shut-off pressure.
    """
    loops, racks = state.flow.shape[0], state.T_case.shape[0]
    step = boundary.interval / substeps
    saves = boundary.heat.shape[0] // every
    window = every * boundary.interval
    event = 0
    for s in range(saves):
        before = _stored(net, plant, kind, state, plant_state)
        gained = 0.0
        worst = 0.0
        leak = 0.0
        for j in range(6):
            plant_record.rows[s, 6 + j] = 0.0
        for l in range(loops):
            record.pump_power[s, l] = 0.0
            record.heat_out[s, l] = 0.0
        for k in range(s * every, (s + 1) * every):
            for i in range(substeps):
                now = k * boundary.interval + i * step
                while event < boundary.event_time.shape[0] and boundary.event_time[event] <= now + 1e-9:
                    l = boundary.event_loop[event]
                    state.running[l] = min(max(state.running[l] + boundary.event_change[event], 0), net.pumps[l])
                    event += 1
                # Controls, then what the pumps make of them
                for l in range(loops):
                    _control(net, l, state, step)
                    residual = abs(set_flows(net, l, state))
                    worst = residual if not (residual <= worst) else worst
                header, total = _header(net, plant, kind, state, boundary, k, plant_state.trains[0])
                T_facility = boundary.outside[k] if kind == Facility.SUPPLY else plant_state.T_cold[0]
                returned, summed = 0.0, 0.0
                for l in range(loops):
                    offered = boundary.header[k, l] if kind == Facility.SUPPLY else header
                    K = set_primary(net, l, state, offered)
                    power, pump_heat = pump_power_of(net, l, state)
                    out = loop_step(net, l, state, boundary.heat[k], pump_heat, T_facility, K, step)
                    returned += state.primary_flow[l] * state.T_primary[l]
                    summed += state.primary_flow[l]
                    record.pump_power[s, l] += power * step / window
                    record.heat_out[s, l] += out * step / window
                    gained += pump_heat * step
                    if kind == Facility.SUPPLY:
                        gained -= out * step
                    for r in range(net.first[l], net.first[l + 1]):
                        gained += (net.plate_heat[r] + net.other_heat[r]) * boundary.heat[k, r] * step
                        if not (state.T_case[r] <= record.peak[r]):
                            record.peak[r] = state.T_case[r]
                            record.peak_time[r] = now + step
                T_mixed = returned / summed if summed > 0.0 else T_facility
                row = plant_record.rows[s]
                row[1], row[4] = T_mixed, summed
                leak = max(leak, abs(summed - total))
                if kind == Facility.TOWER_PLANT:
                    plant_state.trains[0] = stage(plant, total, plant_state.trains[0])
                    hot, cold, fans, rejected, vapour, make_up, pump_heat = plant_step(
                        plant, plant_state, total, header, T_mixed, boundary.outside[k], step
                    )
                    gained += (pump_heat - rejected) * step
                    row[6] += hot * step / window
                    row[7] += cold * step / window
                    row[8] += fans * step / window
                    row[9] += rejected * step / window
                    row[10] += vapour * step / window
                    row[11] += make_up * step / window
        row = plant_record.rows[s]
        row[0] = boundary.outside[(s + 1) * every - 1] if kind == Facility.SUPPLY else plant_state.T_cold[0]
        row[2], row[3], row[5] = math.nan, math.nan, 0.0
        if kind == Facility.TOWER_PLANT:
            row[2], row[3] = plant_state.T_basin[0], plant_state.T_tower_return[0]
            row[5] = plant.train_cold_flow * plant_state.trains[0]
        row[12] = (gained - (_stored(net, plant, kind, state, plant_state) - before)) / window
        row[13] = leak * plant.density
        row[14] = worst
        for r in range(racks):
            record.T_case[s, r] = state.T_case[r]
        for l in range(loops):
            record.T_supply[s, l], record.T_return[s, l] = state.T_supply[l], state.T_return[l]
            record.T_primary[s, l], record.drop[s, l] = state.T_primary[l], state.drop[l]
            record.flow[s, l], record.primary_flow[s, l] = state.flow[l], state.primary_flow[l]
            record.speed[s, l], record.valve[s, l] = state.speed[l], state.valve[l]


@kernel
def _control(net, l, state, step):
    """Speed after differential pressure, valve after supply temperature."""
    if state.running[l] > 0:
        pumps = net.speed_control[l]
        error = beyond(1.0 - state.drop[l] / net.drop_set[l], pumps[DEAD_BAND])
        state.speed[l] = pi_step(pumps, state.speed[l], error, state.drop_error[l], step)
        state.drop_error[l] = error
    valve = net.valve_control[l]
    error = beyond((state.T_supply[l] - net.supply_set[l]) / net.supply_span[l], valve[DEAD_BAND])
    state.valve[l] = pi_step(valve, state.valve[l], error, state.supply_error[l], step)
    state.supply_error[l] = error


@kernel
def _stored(net, plant, kind, state, plant_state):
    """Heat stored in everything that is marched [J]."""
    E = 0.0
    for l in range(state.flow.shape[0]):
        E += loop_heat(net, l, state)
    if kind == Facility.TOWER_PLANT:
        E += plant_heat(plant, plant_state)
    return E
