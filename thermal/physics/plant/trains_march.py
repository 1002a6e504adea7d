"""Loops and the trains of a warm-water plant, whose pumps and valves share one pressure, marched in one step."""

import math
from typing import Any

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.loop import LoopNet, LoopState, settle_loop, valve_flow
from thermal.physics.network.march import (
    Boundary,
    Record,
    control_loops,
    exchange_loops,
    record_loops,
    stored_in_loops,
)
from thermal.physics.plant.trains import header_available, plant_heat, plant_step, settle_plant, stage

__all__ = ["TRAINS_ROW", "march_with_trains", "settle_with_trains"]

TRAINS_ROW = np.dtype(
    (
        np.record,
        [
            ("T_tower_supply", "f8"),  # end of interval
            ("T_tower_return", "f8"),
            ("tower_flow", "f8"),
            ("hot_pumps", "f8"),  # means [W]
            ("tower_pumps", "f8"),
            ("fans", "f8"),
            ("rejected", "f8"),
            ("evaporation", "f8"),  # means [kg/s]
            ("make_up", "f8"),
        ],
    )
)


@kernel
def _total(net: LoopNet, state: LoopState, header: float) -> float:
    """Flow through all valves [m³/s] at a header difference."""
    total = 0.0
    for l in range(len(net.loops)):
        total += valve_flow(net.loops[l], state.loops[l].valve, header)
    return total


@kernel
def _header(net: LoopNet, plant: Any, state: LoopState, trains: int) -> float:
    """Header difference [Pa] that the plant holds: its set point, or what its pumps reach at full speed."""
    low, high = 0.0, plant.header_set
    if not header_available(plant, _total(net, state, high), trains) < high:
        return high
    for _ in range(50):
        header = 0.5 * (low + high)
        if header_available(plant, _total(net, state, header), trains) >= header:
            low = header
        else:
            high = header
    return low


@kernel
def settle_with_trains(
    net: LoopNet, state: LoopState, plant: Any, plant_state: Any, heat: np.ndarray, T_wet_bulb: float
) -> float:
    """Put loops and plant at rest under constant heat [W per rack].

    The supply temperature is the root of T_plant(T) − T, found by bisection: a warmer supply opens the valves and
    returns colder water, so the difference falls with T.

    Returns
    -------
    float
        Facility supply temperature [°C]; NaN where a loop or the plant has no steady state.
    """
    low, high = T_wet_bulb - 1.0, 120.0
    T, header = math.nan, plant.header_set
    for _ in range(60):
        T = 0.5 * (low + high)
        total = 0.0
        for l in range(len(net.loops)):
            total += settle_loop(net, l, state, heat, T, header)
        if math.isnan(total):
            return total
        header = _header(net, plant, state, plant_state.trains)
        reached = settle_plant(plant, plant_state, _total(net, state, header), header, total, T_wet_bulb)
        if math.isnan(reached):
            return reached
        if reached > T:
            low = T
        else:
            high = T
    return T


@kernel
def march_with_trains(
    net: LoopNet,
    state: LoopState,
    plant: Any,
    plant_state: Any,
    boundary: Boundary,
    T_wet_bulb: np.ndarray,
    substeps: int,
    every: int,
    record: Record,
    trains: np.recarray,
    taken: np.ndarray,
    offered: np.ndarray,
    begin: int,
    end: int,
    event: int,
) -> int:
    """March loops and plant over the intervals from `begin` to `end`; see ``physics.network.march.march``.

    In a step the loops go first, against the supply temperature, then the plant against what they returned: heat that
    leaves a loop in a step enters the plant in the same step, so that the coupling conserves energy exactly. `taken`
    and `offered` (l) are scratch.
    """  # fmt: skip
    step = boundary.interval / substeps
    window = every * boundary.interval
    k = begin
    while k < end:
        s = k // every
        row, own = record.water[s], trains[s]
        before, gained = stored_in_loops(net, state) + plant_heat(plant, plant_state), 0.0
        stop = min((s + 1) * every, end)
        while k < stop:
            for i in range(substeps):
                now = k * boundary.interval + i * step
                event = control_loops(net, state, boundary, now, step, event, row)
                header = _header(net, plant, state, plant_state.trains)
                offered[:] = header
                taken[:] = 0.0
                T = plant_state.T_cold
                heat, flow, returned = exchange_loops(
                    net, state, boundary.heat[k], T, offered, step, window, now, record, s, taken
                )
                row.flow, row.T_return = flow, returned / flow if flow > 0.0 else T
                stage(plant, plant_state, flow, step)
                hot, cold, fans, rejected, vapour, make_up, pump_heat = plant_step(
                    plant, plant_state, flow, header, row.T_return, T_wet_bulb[k], step
                )
                gained += heat + (pump_heat - rejected) * step
                for l in range(len(taken)):
                    gained += taken[l]  # leaves a loop and enters the plant
                own.hot_pumps += hot * step / window
                own.tower_pumps += cold * step / window
                own.fans += fans * step / window
                own.rejected += rejected * step / window
                own.evaporation += vapour * step / window
                own.make_up += make_up * step / window
            row.T_supply, own.T_tower_supply = plant_state.T_cold, plant_state.T_basin
            own.T_tower_return = plant_state.T_tower_return
            own.tower_flow = plant.train_cold_flow * plant_state.trains
            record_loops(net, state, record, s)
            k += 1
        stored = stored_in_loops(net, state) + plant_heat(plant, plant_state)
        row.energy_residual += (gained - (stored - before)) / window
    return event
