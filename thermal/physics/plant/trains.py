"""Warm-water plant without chillers: hot-water loop, intermediate exchangers, tower loop and cooling towers in time."""

import math
from typing import Any

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.exchanger import ExchangerLaw, exchange
from thermal.physics.machines.pump import GRAVITY, PUMP_POINTS, PumpCurve, head_and_slope, pump_power, speed_for
from thermal.physics.network.control import CONTROL, beyond, pi_step
from thermal.physics.rejection.yorkcalc import yorkcalc_leaving

__all__ = [
    "EVAPORATION",
    "PLANT",
    "PLANT_STATE",
    "header_available",
    "plant_heat",
    "plant_step",
    "settle_plant",
    "stage",
]

EVAPORATION = 0.01 / 7.0  # kg evaporated per kg of water and kelvin of range, see ``plant_step``
RANGE_LIMIT = 22.0  # K, widest range of the tower law


PLANT = np.dtype(
    (
        np.record,
        [
            ("trains", "i8"),  # each an intermediate exchanger with its pumps and tower cells
            ("density", "f8"),  # of the water, both loops [kg/m³]
            ("rho_cp", "f8"),  # [J/m³K]
            # Hot-water loop
            ("header_set", "f8"),  # differential pressure kept across the CDU branches [Pa]
            ("hot_spacing", "f8"),  # the hot-water pumps' PumpCurve
            ("hot_head", "f8", (PUMP_POINTS,)),
            ("hot_slope", "f8", (PUMP_POINTS,)),
            ("hot_efficiency", "f8"),
            ("hot_drive", "f8"),
            ("hot_low", "f8"),  # lowest relative speed
            ("hot_linear", "f8"),  # loss of one exchanger's hot side [Pa/(m³/s)]
            ("hot_quadratic", "f8"),  # loss of the piping, whole flow [Pa/(m³/s)²]
            ("train_hot_flow", "f8"),  # flow per train at which the next one starts [m³/s]
            ("hot_capacity", "f8"),  # return plenum [J/K]
            ("cold_capacity", "f8"),  # supply plenum [J/K]
            # The intermediate exchanger's ExchangerLaw
            ("film_hot", "f8"),
            ("film_cold", "f8"),
            ("hot_flow", "f8"),
            ("cold_flow", "f8"),
            ("film_exponent", "f8"),
            ("wall", "f8"),
            # Tower loop
            ("tower_pump_power", "f8"),  # of one train at its flow [W]
            ("tower_drive", "f8"),  # share of it that reaches the water
            ("train_cold_flow", "f8"),  # tower water per train [m³/s]
            ("basin_capacity", "f8"),  # [J/K]
            # Towers
            ("cells", "i8"),  # per train
            ("cell_flow", "f8"),  # design water flow of a cell [m³/s]
            ("fan_power", "f8"),  # of a cell at full speed [W]
            ("approach_set", "f8"),  # set point above wet bulb [K]
            ("T_low", "f8"),  # limits of the leaving-water set point [°C]
            ("T_high", "f8"),
            ("fan_control", CONTROL),
            ("fan_span", "f8"),  # temperature error that counts as 1 [K]
            ("fan_idle", "f8"),  # fan speed below which a train may stop
            ("stage_delay", "f8"),  # shortest time between changes of trains that the fans ask for [s]
            # Water
            ("drift", "f8"),  # kg per kg of circulated water
            ("cycles", "f8"),  # cycles of concentration
        ],
    )
)
PLANT_STATE = np.dtype(
    (
        np.record,
        [
            ("T_hot", "f8"),  # return plenum
            ("T_cold", "f8"),  # supply plenum
            ("T_basin", "f8"),
            ("T_tower_return", "f8"),
            ("fan", "f8"),  # relative speed
            ("fan_error", "f8"),
            ("trains", "i8"),  # in operation
            ("held", "f8"),  # time since their number changed [s]
        ],
    )
)


@kernel
def stage(net: Any, state: Any, flow: float, step: float) -> None:
    """Bring the number of running trains up to hot-water `flow` and to what the fans can do; it takes effect at once.

    A train starts when the flow passes the design flow of those running, or when their fans are at full speed and the
    tower water is still above its set point. One stops when the flow is 10 % below what the smaller set is designed
    for and the fans have come down below `fan_idle`. Between two changes that the fans ask for lies `stage_delay`.
    """
    trains = state.trains
    state.held += step
    rested = state.held >= net.stage_delay
    full = state.fan >= net.fan_control.high and state.fan_error > 0.0
    if trains < net.trains and (flow > trains * net.train_hot_flow or (full and rested)):
        state.trains, state.held = trains + 1, 0.0
    elif trains > 1 and rested and flow < 0.9 * (trains - 1) * net.train_hot_flow and state.fan <= net.fan_idle:
        state.trains, state.held = trains - 1, 0.0


@kernel
def _hot_pump(net: Any) -> PumpCurve:
    return PumpCurve(net.hot_spacing, net.hot_head, net.hot_slope, net.hot_efficiency, net.hot_drive)


@kernel
def _exchange(net: Any, trains: int, F: float, G: float) -> float:
    """Return ε C_min [W/K] of all trains at capacity flows `F` and `G`."""
    law = ExchangerLaw(net.film_hot, net.film_cold, net.hot_flow, net.cold_flow, net.film_exponent, net.wall)
    return trains * exchange(law, F / trains, G / trains)


@kernel
def header_available(net: Any, flow: float, trains: int) -> float:
    """Differential pressure [Pa] that the hot-water pumps leave for the CDU branches at full speed."""
    head = head_and_slope(_hot_pump(net), flow / trains, 1.0)[0]
    return net.density * GRAVITY * head - net.hot_linear * flow / trains - net.hot_quadratic * flow * flow


@kernel
def _hot_pump_power(net: Any, flow: float, header: float, trains: int) -> float:
    """Electrical power [W] of the hot-water pumps that hold `header` at total flow `flow`."""
    pressure = header + net.hot_linear * flow / trains + net.hot_quadratic * flow * flow
    each = flow / trains
    pump = _hot_pump(net)
    speed = speed_for(pump, each, pressure / (net.density * GRAVITY), net.hot_low, 1.0)
    return trains * pump_power(pump, net.density, each, head_and_slope(pump, each, speed)[0])


@kernel
def _tower_set_point(net: Any, T_wet_bulb: float) -> float:
    return min(max(T_wet_bulb + net.approach_set, net.T_low), net.T_high)


@kernel
def _leaving(net: Any, T_in: float, T_wet_bulb: float, trains: int, fan: float) -> float:
    """Water temperature leaving the towers; never above entering nor below wet bulb."""
    if T_in <= T_wet_bulb:
        return T_in
    ratio = net.train_cold_flow / (net.cells * net.cell_flow)
    coldest = max(T_wet_bulb, T_in - RANGE_LIMIT)
    return min(max(yorkcalc_leaving(T_in, T_wet_bulb, ratio, fan), coldest), T_in)


@kernel
def plant_step(
    net: Any, state: Any, flow: float, header: float, T_mixed: float, T_wet_bulb: float, step: float
) -> tuple[float, float, float, float, float, float, float]:
    """Advance the plant by `step` seconds under hot water `flow` [m³/s] that returns at `T_mixed` [°C].

    Balances:

        return plenum  C_h dT_h/dt = + F (T_mixed − T_h)
        supply plenum  C_c dT_c/dt = + F (T_h − T_c,before) − Q_e + hot-water pump heat
        exchangers     Q_e = ε C_min (T_h − T_b)
        basin          C_b dT_b/dt = + G (T_leaving − T_b)
        towers         T_leaving = law(T_b + (Q_e + tower pump heat)/G, wet bulb, fan)

    The loops drew at the supply temperature before the step, so the plenum gives that away: conservative, and stable
    while the step is shorter than the plenum's turn-over.

    Evaporation is not that of `thermal.physics.media.water.evaporation`, which needs air flow, humidity and pressure:
    only the wet bulb is known here, so it is taken as 1 % of the circulated water per 7 K of range, 84 % of the latent
    limit at 25 °C; results say so in their attribute ``evaporation``. Source: ASHRAE Handbook, HVAC Systems and
    Equipment (2016), chapter 40, water consumption; blow-down = evaporation/(cycles − 1) − drift.

    Returns
    -------
    tuple of float
        Powers of hot-water pumps, tower pumps and fans, heat rejected by the towers [W], evaporation and make-up
        [kg/s], and the heat that both pump sets gave to the water [W].
    """
    trains = state.trains
    F, G = net.rho_cp * flow, net.rho_cp * net.train_cold_flow * trains
    hot_power = _hot_pump_power(net, flow, header, trains) if flow > 0.0 else 0.0
    tower_power = trains * net.tower_pump_power
    hot_heat = hot_power * net.hot_drive
    tower_heat = tower_power * net.tower_drive
    error = beyond((state.T_basin - _tower_set_point(net, T_wet_bulb)) / net.fan_span, net.fan_control.dead_band)
    state.fan = pi_step(net.fan_control, state.fan, error, state.fan_error, step)
    state.fan_error = error

    K = _exchange(net, trains, F, G)
    C_h, C_c, C_b = net.hot_capacity / step, net.cold_capacity / step, net.basin_capacity / step
    T_hot = (C_h * state.T_hot + F * T_mixed) / (C_h + F)
    exchanged = K * (T_hot - state.T_basin)
    T_cold = state.T_cold + (F * (T_hot - state.T_cold) - exchanged + hot_heat) / C_c
    entering = state.T_basin + (exchanged + tower_heat) / G
    leaving = _leaving(net, entering, T_wet_bulb, trains, state.fan)
    T_basin = (C_b * state.T_basin + G * leaving) / (C_b + G)
    state.T_hot, state.T_cold, state.T_basin = T_hot, T_cold, T_basin
    state.T_tower_return = T_basin + (exchanged + tower_heat) / G
    rejected = G * (state.T_tower_return - leaving)

    fans = trains * net.cells * net.fan_power * state.fan**3
    circulated = net.density * net.train_cold_flow * trains
    evaporation = EVAPORATION * circulated * max(entering - leaving, 0.0)
    blow_down = max(evaporation / (net.cycles - 1.0) - net.drift * circulated, 0.0)
    make_up = evaporation + blow_down + net.drift * circulated
    return hot_power, tower_power, fans, rejected, evaporation, make_up, hot_heat + tower_heat


@kernel
def plant_heat(net: Any, state: Any) -> float:
    """Heat stored in the plant's water above 0 °C [J]."""
    stored = net.hot_capacity * state.T_hot + net.cold_capacity * state.T_cold
    return stored + net.basin_capacity * state.T_basin


@kernel
def settle_plant(net: Any, state: Any, flow: float, header: float, heat: float, T_wet_bulb: float) -> float:
    """Put the plant at rest under `heat` [W] from the CDUs carried by `flow`; return the supply temperature [°C].

    The trains are the fewest that carry the flow and hold the set point, or all of them.
    """
    goal = _tower_set_point(net, T_wet_bulb)
    low, high = net.fan_control.low, net.fan_control.high
    trains, F, G, exchanged, span = 0, net.rho_cp * flow, 0.0, heat, 0.0
    while trains < net.trains:
        trains += 1
        if flow > trains * net.train_hot_flow and trains < net.trains:
            continue
        G = net.rho_cp * net.train_cold_flow * trains
        exchanged = heat
        if flow > 0.0:
            exchanged += _hot_pump_power(net, flow, header, trains) * net.hot_drive
        span = (exchanged + trains * net.tower_pump_power * net.tower_drive) / G
        if _leaving(net, goal + span, T_wet_bulb, trains, high) <= goal:
            break
    state.trains, state.held = trains, net.stage_delay
    state.fan, T_basin = high, goal
    if _leaving(net, goal + span, T_wet_bulb, trains, high) > goal:  # too small for the set point
        T_basin = _balance(net, span, T_wet_bulb, trains, high, goal)
    elif _leaving(net, goal + span, T_wet_bulb, trains, low) < goal:
        state.fan = low
        T_basin = _balance(net, span, T_wet_bulb, trains, low, T_wet_bulb)
    else:
        for _ in range(60):
            state.fan = 0.5 * (low + high)
            if _leaving(net, goal + span, T_wet_bulb, trains, state.fan) > goal:
                low = state.fan
            else:
                high = state.fan
    state.T_basin = T_basin
    state.T_tower_return = T_basin + span
    K = _exchange(net, trains, F, G)
    if F <= 0.0 or K <= 0.0:
        state.T_hot = state.T_cold = T_basin
        return T_basin if heat == 0.0 else math.nan
    state.T_hot = T_basin + exchanged / K
    state.T_cold = state.T_hot - heat / F
    return state.T_cold


@kernel
def _balance(net: Any, span: float, T_wet_bulb: float, trains: int, fan: float, start: float) -> float:
    """Basin temperature at which the towers with fixed fan give off the range `span`, by bisection above `start`."""
    low, high = start, start + 80.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _leaving(net, middle + span, T_wet_bulb, trains, fan) > middle:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
