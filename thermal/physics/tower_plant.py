"""Warm-water plant without chillers: hot-water loop, intermediate exchangers, tower loop and cooling towers in time."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.control import DEAD_BAND, HIGH, LOW, beyond, pi_step
from thermal.physics.exchanger import ExchangerLaw, exchange
from thermal.physics.kernel import kernel
from thermal.physics.pump import GRAVITY, PumpCurve, head_and_slope, pump_power, speed_for
from thermal.physics.tower import yorkcalc_leaving

__all__ = [
    "EVAPORATION",
    "PlantState",
    "TowerNet",
    "header_available",
    "plant_heat",
    "plant_step",
    "settle_plant",
    "stage",
]

EVAPORATION = 0.01 / 7.0  # kg evaporated per kg of water and kelvin of range, see ``plant_step``
RANGE_LIMIT = 22.0  # K, widest range of the tower law


class TowerNet(NamedTuple):
    """The plant as numbers; `train` is one intermediate exchanger with its pumps and tower cells."""

    trains: int
    density: float  # of the water, both loops [kg/m³]
    rho_cp: float  # [J/m³K]
    # Hot-water loop
    header_set: float  # differential pressure kept across the CDU branches [Pa]
    hot_pump: PumpCurve
    hot_low: float  # lowest relative speed
    hot_linear: float  # Pa/(m³/s) of one exchanger's hot side
    hot_quadratic: float  # Pa/(m³/s)² of the piping, whole flow
    train_hot_flow: float  # flow at which the next train starts, per train [m³/s]
    hot_capacity: float  # return plenum [J/K]
    cold_capacity: float  # supply plenum [J/K]
    # Intermediate exchanger of one train
    exchanger: ExchangerLaw
    # Tower loop
    tower_pump: PumpCurve
    tower_low: float
    train_cold_flow: float  # tower water per train [m³/s]
    train_cold_drop: float  # pressure lost by it in exchanger, valve and piping [Pa]
    lift: float  # static lift to the spray nozzles [m]
    basin_capacity: float  # [J/K]
    # Towers
    cells: int  # per train
    cell_flow: float  # design water flow of a cell [m³/s]
    fan_power: float  # of a cell at full speed [W]
    approach_set: float  # set point above wet bulb [K]
    T_low: float  # lowest leaving-water set point [°C]
    T_high: float
    fan_control: np.ndarray  # gain, reset, dead band, low, high
    fan_span: float  # temperature error that counts as 1 [K]
    # Water
    drift: float  # kg per kg of circulated water
    cycles: float  # cycles of concentration


class PlantState(NamedTuple):
    """One-element arrays, updated in place."""

    T_hot: np.ndarray  # return plenum
    T_cold: np.ndarray  # supply plenum
    T_basin: np.ndarray
    T_tower_return: np.ndarray
    fan: np.ndarray  # relative fan speed
    fan_error: np.ndarray
    trains: np.ndarray  # trains in operation


@kernel
def stage(net, flow, trains):
    """Trains to run at total hot-water flow `flow`: one more above design flow, one less 10 % below the smaller set."""
    while trains < net.trains and flow > trains * net.train_hot_flow:
        trains += 1
    while trains > 1 and flow < 0.9 * (trains - 1) * net.train_hot_flow:
        trains -= 1
    return trains


@kernel
def header_available(net, flow, trains):
    """Differential pressure [Pa] that the hot-water pumps leave for the CDU branches at full speed."""
    head = head_and_slope(net.hot_pump, flow / trains, 1.0)[0]
    return net.density * GRAVITY * head - net.hot_linear * flow / trains - net.hot_quadratic * flow * flow


@kernel
def _hot_pump_power(net, flow, header, trains):
    """Electrical power [W] of the hot-water pumps that hold `header` at total flow `flow`."""
    pressure = header + net.hot_linear * flow / trains + net.hot_quadratic * flow * flow
    each = flow / trains
    speed = speed_for(net.hot_pump, each, pressure / (net.density * GRAVITY), net.hot_low, 1.0)
    return trains * pump_power(net.hot_pump, net.density, each, head_and_slope(net.hot_pump, each, speed)[0])


@kernel
def _tower_pump_power(net, trains):
    """Electrical power [W] of the tower-water pumps, one per train, speed set for the train's design flow."""
    head = net.lift + net.train_cold_drop / (net.density * GRAVITY)
    speed = speed_for(net.tower_pump, net.train_cold_flow, head, net.tower_low, 1.0)
    got = head_and_slope(net.tower_pump, net.train_cold_flow, speed)[0]
    return trains * pump_power(net.tower_pump, net.density, net.train_cold_flow, got)


@kernel
def _tower_set_point(net, T_wet_bulb):
    return min(max(T_wet_bulb + net.approach_set, net.T_low), net.T_high)


@kernel
def _leaving(net, T_in, T_wet_bulb, trains, fan):
    """Water temperature leaving the towers; never above entering nor below wet bulb."""
    if not T_in > T_wet_bulb:
        return T_in
    ratio = net.train_cold_flow / (net.cells * net.cell_flow)
    coldest = max(T_wet_bulb, T_in - RANGE_LIMIT)
    return min(max(yorkcalc_leaving(T_in, T_wet_bulb, ratio, fan), coldest), T_in)


@kernel
def plant_step(net, state, flow, header, T_mixed, T_wet_bulb, step):
    """Advance the plant by `step` seconds under hot water `flow` [m³/s] that returns at `T_mixed` [°C].

    Balances:

        return plenum  C_h dT_h/dt = + F (T_mixed − T_h)
        supply plenum  C_c dT_c/dt = + F (T_h − T_c) − Q_e + hot-water pump heat
        exchangers     Q_e = ε C_min (T_h − T_b)
        basin          C_b dT_b/dt = + G (T_leaving − T_b)
        towers         T_leaving = law(T_b + (Q_e + tower pump heat)/G, wet bulb, fan)

    Evaporation is taken as 1 % of the circulated water per 7 K of range, since only the wet bulb is known here: 84 % of
    the latent limit at 25 °C. Source: ASHRAE Handbook, HVAC Systems and Equipment (2016), chapter 40, water
    consumption; blow-down = evaporation/(cycles − 1) − drift.

    Returns
    -------
    tuple of float
        Powers of hot-water pumps, tower pumps and fans, heat rejected by the towers [W], evaporation and make-up
        [kg/s], and the heat that both pump sets gave to the water [W].
    """
    trains = state.trains[0]
    F, G = net.rho_cp * flow, net.rho_cp * net.train_cold_flow * trains
    hot_power = _hot_pump_power(net, flow, header, trains) if flow > 0.0 else 0.0
    tower_power = _tower_pump_power(net, trains)
    hot_heat = hot_power * net.hot_pump.drive_efficiency
    tower_heat = tower_power * net.tower_pump.drive_efficiency
    error = beyond((state.T_basin[0] - _tower_set_point(net, T_wet_bulb)) / net.fan_span, net.fan_control[DEAD_BAND])
    state.fan[0] = pi_step(net.fan_control, state.fan[0], error, state.fan_error[0], step)
    state.fan_error[0] = error

    K = trains * exchange(net.exchanger, F / trains, G / trains)
    C_h, C_c, C_b = net.hot_capacity / step, net.cold_capacity / step, net.basin_capacity / step
    T_hot = (C_h * state.T_hot[0] + F * T_mixed) / (C_h + F)
    exchanged = K * (T_hot - state.T_basin[0])
    T_cold = (C_c * state.T_cold[0] + F * T_hot - exchanged + hot_heat) / (C_c + F)
    entering = state.T_basin[0] + (exchanged + tower_heat) / G
    leaving = _leaving(net, entering, T_wet_bulb, trains, state.fan[0])
    T_basin = (C_b * state.T_basin[0] + G * leaving) / (C_b + G)
    state.T_hot[0], state.T_cold[0], state.T_basin[0] = T_hot, T_cold, T_basin
    state.T_tower_return[0] = T_basin + (exchanged + tower_heat) / G
    rejected = G * (state.T_tower_return[0] - leaving)

    fans = trains * net.cells * net.fan_power * state.fan[0] ** 3
    circulated = net.density * net.train_cold_flow * trains
    evaporation = EVAPORATION * circulated * max(entering - leaving, 0.0)
    blow_down = max(evaporation / (net.cycles - 1.0) - net.drift * circulated, 0.0)
    make_up = evaporation + blow_down + net.drift * circulated
    return hot_power, tower_power, fans, rejected, evaporation, make_up, hot_heat + tower_heat


@kernel
def plant_heat(net, state):
    """Heat stored in the plant's water above 0 °C [J]."""
    stored = net.hot_capacity * state.T_hot[0] + net.cold_capacity * state.T_cold[0]
    return stored + net.basin_capacity * state.T_basin[0]


@kernel
def settle_plant(net, state, flow, header, heat, T_wet_bulb):
    """Put the plant at rest under `heat` [W] from the CDUs carried by `flow`; return the supply temperature [°C]."""
    state.trains[0] = stage(net, flow, state.trains[0])
    trains = state.trains[0]
    F, G = net.rho_cp * flow, net.rho_cp * net.train_cold_flow * trains
    exchanged = heat
    if flow > 0.0:
        exchanged += _hot_pump_power(net, flow, header, trains) * net.hot_pump.drive_efficiency
    rejected = exchanged + _tower_pump_power(net, trains) * net.tower_pump.drive_efficiency
    goal = _tower_set_point(net, T_wet_bulb)
    span = rejected / G
    low, high = net.fan_control[LOW], net.fan_control[HIGH]
    state.fan[0] = high
    T_basin = goal
    if _leaving(net, goal + span, T_wet_bulb, trains, high) > goal:  # too small for the set point
        T_basin = _balance(net, span, T_wet_bulb, trains, high, goal)
    elif _leaving(net, goal + span, T_wet_bulb, trains, low) < goal:
        state.fan[0] = low
        T_basin = _balance(net, span, T_wet_bulb, trains, low, T_wet_bulb)
    else:
        for _ in range(60):
            state.fan[0] = 0.5 * (low + high)
            if _leaving(net, goal + span, T_wet_bulb, trains, state.fan[0]) > goal:
                low = state.fan[0]
            else:
                high = state.fan[0]
    K = trains * exchange(net.exchanger, F / trains, G / trains)
    state.T_basin[0] = T_basin
    state.T_tower_return[0] = T_basin + span
    if not (F > 0.0 and K > 0.0):
        state.T_hot[0] = state.T_cold[0] = T_basin
        return T_basin if heat == 0.0 else math.nan
    state.T_hot[0] = T_basin + exchanged / K
    state.T_cold[0] = state.T_hot[0] - heat / F
    return state.T_cold[0]


@kernel
def _balance(net, span, T_wet_bulb, trains, fan, start):
    """Basin temperature at which the towers with fixed fan give off the range `span`, by bisection above `start`."""
    low, high = start, start + 80.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _leaving(net, middle + span, T_wet_bulb, trains, fan) > middle:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
