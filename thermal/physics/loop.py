"""Coolant loops of CDU and racks: pumps against parallel racks, cold plates, exchanger, and the heat stored between."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.cold_plate import PlateTable, plate_conductance
from thermal.physics.control import HIGH, LOW
from thermal.physics.exchanger import ExchangerLaw, exchange
from thermal.physics.kernel import kernel
from thermal.physics.pump import GRAVITY, PumpCurve, head_and_slope, pump_power, speed_for

__all__ = [
    "LoopNet", "LoopState", "branch_flow", "exchanger_of", "loop_flow", "loop_heat", "loop_step", "pump_of",
    "pump_power_of", "set_flows", "set_primary", "settle_loop", "valve_flow",
]  # fmt: skip


class LoopNet(NamedTuple):
    """All loops side by side: first index loop (l), or rack (r) with ``first[l] <= r < first[l + 1]``.

    Capacity flows are made with one ρ c_p per loop and per run, so that stored heat is a plain sum and closes exactly.
    """

    first: np.ndarray  # (l + 1) first rack of each loop
    # Racks
    plates: np.ndarray  # (r) parallel cold plates of the packages that are watched
    plate_flow: np.ndarray  # (r) share of the rack's flow through each of them
    plate_heat: np.ndarray  # (r) share of rack heat into all of them
    other_heat: np.ndarray  # (r) share of rack heat into the coolant elsewhere; the rest goes to air
    case_capacity: np.ndarray  # (r) heat capacity of all packages and plates [J/K]
    rack_capacity: np.ndarray  # (r) heat capacity of the rack's coolant [J/K]
    rack_flow: np.ndarray  # (r) reference flow of the rack [m³/s]
    rack_drop: np.ndarray  # (r) pressure drop at the reference flow [Pa]
    rack_exponent: np.ndarray  # (r) exponent of Δp ∝ V^n
    plate_start: np.ndarray  # (r)
    plate_spacing: np.ndarray  # (r)
    plate_log_UA: np.ndarray  # (r, points)
    # CDU, secondary side
    density: np.ndarray  # (l) of the coolant [kg/m³]
    rho_cp: np.ndarray  # (l) of the coolant [J/m³K]
    pumps: np.ndarray  # (l) pumps installed
    pump_spacing: np.ndarray  # (l)
    pump_head: np.ndarray  # (l, points)
    pump_slope: np.ndarray  # (l, points)
    pump_efficiency: np.ndarray  # (l)
    drive_efficiency: np.ndarray  # (l)
    inner_linear: np.ndarray  # (l) Pa/(m³/s) inside the CDU
    inner_quadratic: np.ndarray  # (l) Pa/(m³/s)² inside the CDU
    return_capacity: np.ndarray  # (l) [J/K]
    supply_capacity: np.ndarray  # (l) [J/K]
    # CDU, primary side
    facility_rho_cp: float
    primary_capacity: np.ndarray  # (l) [J/K]
    primary_linear: np.ndarray  # (l) Pa/(m³/s)
    valve_quadratic: np.ndarray  # (l) Pa/(m³/s)², fully open
    film_hot: np.ndarray  # (l)
    film_cold: np.ndarray  # (l)
    hot_flow: np.ndarray  # (l) reference capacity flow [W/K]
    cold_flow: np.ndarray  # (l) reference capacity flow [W/K]
    film_exponent: np.ndarray  # (l)
    wall: np.ndarray  # (l) [K/W]
    # Control: gain, reset, dead band, low, high of each controller, and its set point and span
    speed_control: np.ndarray  # (l, 5)
    valve_control: np.ndarray  # (l, 5)
    drop_set: np.ndarray  # (l) differential pressure across the racks [Pa]
    supply_set: np.ndarray  # (l) [°C]
    supply_span: np.ndarray  # (l) temperature error that counts as 1 [K]


class LoopState(NamedTuple):
    """What the loops remember from step to step; arrays are updated in place."""

    T_case: np.ndarray  # (r)
    T_rack: np.ndarray  # (r)
    T_return: np.ndarray  # (l)
    T_supply: np.ndarray  # (l)
    T_primary: np.ndarray  # (l)
    running: np.ndarray  # (l) pumps running
    speed: np.ndarray  # (l)
    valve: np.ndarray  # (l)
    drop: np.ndarray  # (l) differential pressure across the racks
    flow: np.ndarray  # (l)
    primary_flow: np.ndarray  # (l)
    drop_error: np.ndarray  # (l)
    supply_error: np.ndarray  # (l)
    rack_F: np.ndarray  # (r) capacity flow of the rack [W/K], follows from the flow
    rack_G: np.ndarray  # (r) conductance of its plates [W/K], likewise


@kernel
def pump_of(net, l):
    """Pump curve of loop `l`."""
    return PumpCurve(
        net.pump_spacing[l], net.pump_head[l], net.pump_slope[l], net.pump_efficiency[l], net.drive_efficiency[l]
    )


@kernel
def exchanger_of(net, l):
    """Exchanger law of loop `l`."""
    return ExchangerLaw(
        net.film_hot[l], net.film_cold[l], net.hot_flow[l], net.cold_flow[l], net.film_exponent[l], net.wall[l]
    )


@kernel
def branch_flow(drop, reference_drop, reference_flow, exponent):
    """Volume flow [m³/s] of a branch: V = V_ref (Δp/Δp_ref)^(1/n), zero without pressure difference."""
    if not drop > 0.0:
        return 0.0
    return reference_flow * (drop / reference_drop) ** (1.0 / exponent)


@kernel
def loop_flow(net, l, running, speed, drop):
    """Solve the operating point of `running` equal pumps against the parallel racks of loop `l`.

    Equation: ρ g H(V/N, n) − a V − b V² − Δp = 0 with V = Σ_r V_r(Δp), decreasing in Δp; safeguarded Newton from
    `drop`, the last known Δp [Pa].

    Returns
    -------
    drop, flow, residual : float
        Differential pressure across the racks [Pa], total flow [m³/s], and what is left of the equation relative to
        shut-off pressure; all zero when no pump turns (check valves hold the flow at zero).
    """
    pump = pump_of(net, l)
    weight = net.density[l] * GRAVITY
    shut_off = weight * head_and_slope(pump, 0.0, speed)[0]
    if running == 0 or not shut_off > 0.0:
        return 0.0, 0.0, 0.0
    low, high = 0.0, shut_off
    x = drop if low < drop < high else 0.5 * shut_off
    flow, g = 0.0, math.nan
    for _ in range(80):
        flow, rate = 0.0, 0.0
        for r in range(net.first[l], net.first[l + 1]):
            V = branch_flow(x, net.rack_drop[r], net.rack_flow[r], net.rack_exponent[r])
            flow += V
            rate += V / (net.rack_exponent[r] * x)
        head, slope = head_and_slope(pump, flow / running, speed)
        a, b = net.inner_linear[l], net.inner_quadratic[l]
        g = weight * head - (a + b * flow) * flow - x
        if abs(g) <= 1e-13 * shut_off:
            break
        if g > 0.0:
            low = x
        else:
            high = x
        new = x - g / ((weight * slope / running - a - 2.0 * b * flow) * rate - 1.0)
        new = new if low < new < high else 0.5 * (low + high)
        if new == x:
            break
        x = new
    return x, flow, g / shut_off


@kernel
def valve_flow(net, l, opening, header_drop):
    """Primary flow [m³/s] of loop `l` through exchanger and control valve at a header difference [Pa].

    Equation: Δp = a V + b (V/y)² with y the opening (linear valve characteristic): the positive root.
    """
    a = net.primary_linear[l]
    b = net.valve_quadratic[l] / (opening * opening)
    if not header_drop > 0.0:
        return 0.0
    return 2.0 * header_drop / (a + math.sqrt(a * a + 4.0 * b * header_drop))


@kernel
def set_flows(net, l, state):
    """Bring flows and plate conductances of loop `l` up to its pumps' speed; return the residual of ``loop_flow``."""
    drop, flow, residual = loop_flow(net, l, state.running[l], state.speed[l], state.drop[l])
    state.drop[l], state.flow[l] = drop, flow
    for r in range(net.first[l], net.first[l + 1]):
        V = branch_flow(drop, net.rack_drop[r], net.rack_flow[r], net.rack_exponent[r])
        per_plate = V * net.plate_flow[r]
        table = PlateTable(net.plate_start[r], net.plate_spacing[r], net.plate_log_UA[r])
        state.rack_F[r] = net.rho_cp[l] * V
        state.rack_G[r] = net.plates[r] * plate_conductance(table, per_plate, net.rho_cp[l] * per_plate)
    return residual


@kernel
def set_primary(net, l, state, header_drop):
    """Bring the primary flow of loop `l` up to its valve; return K = ε C_min of the exchanger [W/K]."""
    state.primary_flow[l] = valve_flow(net, l, state.valve[l], header_drop)
    return exchange(exchanger_of(net, l), net.rho_cp[l] * state.flow[l], net.facility_rho_cp * state.primary_flow[l])


@kernel
def pump_power_of(net, l, state):
    """Return (electrical power, heat to the coolant) of the running pumps of loop `l` [W].

    All shaft power ends as heat in the coolant; what motor and drive lose goes to the room.
    """
    running = state.running[l]
    if running == 0 or not state.flow[l] > 0.0:
        return 0.0, 0.0
    pump = pump_of(net, l)
    each = state.flow[l] / running
    power = running * pump_power(pump, net.density[l], each, head_and_slope(pump, each, state.speed[l])[0])
    return power, power * pump.drive_efficiency


@kernel
def loop_step(net, l, state, heat, pump_heat, T_facility, K, step):
    """Advance the temperatures of loop `l` by one implicit step of `step` seconds; return heat to the facility [W].

    Balances (end-of-step temperatures on the right; the loop closes on itself, so the system is solved by carrying
    every temperature as a + b T_supply once round):

        case     C_c dT_c/dt = + plate heat              rack    C_r dT_r/dt = + other heat + G (T_c − T_s)
                               − G (T_c − T_s)                                 − F_r (T_r − T_s)
        return   C_m dT_m/dt = + Σ F_r (T_r − T_m)       supply  C_s dT_s/dt = + F (T_m − T_s)
                               + pump heat                                     − K (T_m − T_facility)
        primary  C_p dT_p/dt = + K (T_m − T_facility)
                               − F_p (T_p − T_facility)

    with G the conductance of all plates of a rack, F = ρ c_p V and K = ε C_min. First order, L-stable, and regular at
    zero flow, where every node keeps its heat.
    """
    F, mixed_a, mixed_b = 0.0, 0.0, 0.0
    for r in range(net.first[l], net.first[l + 1]):
        F_r, G = state.rack_F[r], state.rack_G[r]
        C_c, C_r = net.case_capacity[r] / step, net.rack_capacity[r] / step
        case_a = (C_c * state.T_case[r] + net.plate_heat[r] * heat[r]) / (C_c + G)
        rack_a = (C_r * state.T_rack[r] + net.other_heat[r] * heat[r] + G * case_a) / (C_r + F_r)
        state.T_case[r], state.T_rack[r] = case_a, rack_a  # completed below, once T_supply is known
        F += F_r
        mixed_a += F_r * rack_a
        mixed_b += F_r * (F_r - G + G * G / (C_c + G)) / (C_r + F_r)
    C_m, C_s, C_p = net.return_capacity[l] / step, net.supply_capacity[l] / step, net.primary_capacity[l] / step
    return_a = (C_m * state.T_return[l] + mixed_a + pump_heat) / (C_m + F)
    return_b = mixed_b / (C_m + F)
    T_supply = (C_s * state.T_supply[l] + (F - K) * return_a + K * T_facility) / (C_s + F - (F - K) * return_b)
    T_return = return_a + return_b * T_supply
    for r in range(net.first[l], net.first[l + 1]):
        F_r, G = state.rack_F[r], state.rack_G[r]
        C_c, C_r = net.case_capacity[r] / step, net.rack_capacity[r] / step
        state.T_case[r] += G / (C_c + G) * T_supply
        state.T_rack[r] += (F_r - G + G * G / (C_c + G)) / (C_r + F_r) * T_supply
    state.T_supply[l], state.T_return[l] = T_supply, T_return
    F_p = net.facility_rho_cp * state.primary_flow[l]
    state.T_primary[l] = (C_p * state.T_primary[l] + F_p * T_facility + K * (T_return - T_facility)) / (C_p + F_p)
    return F_p * (state.T_primary[l] - T_facility)


@kernel
def loop_heat(net, l, state):
    """Heat stored in loop `l` above 0 °C [J]."""
    E = net.return_capacity[l] * state.T_return[l]
    E += net.supply_capacity[l] * state.T_supply[l]
    E += net.primary_capacity[l] * state.T_primary[l]
    for r in range(net.first[l], net.first[l + 1]):
        E += net.case_capacity[r] * state.T_case[r] + net.rack_capacity[r] * state.T_rack[r]
    return E


@kernel
def settle_loop(net, l, state, heat, T_facility, header_drop):
    """Put loop `l` at rest under constant heat [W per rack]; return heat to the facility [W], NaN if there is no rest.

    The controllers are taken at their goal: speed where Δp is at its set point, valve where the supply is at its set
    point, each at a limit where the goal is out of reach. A loop with heat and no flow on a side has no steady state.
    """
    pump, racks = pump_of(net, l), range(net.first[l], net.first[l + 1])
    flow = 0.0
    for r in racks:
        flow += branch_flow(net.drop_set[l], net.rack_drop[r], net.rack_flow[r], net.rack_exponent[r])
    lost = (net.inner_linear[l] + net.inner_quadratic[l] * flow) * flow
    if state.running[l] > 0:
        head = (net.drop_set[l] + lost) / (net.density[l] * GRAVITY)
        limits = net.speed_control[l]
        state.speed[l] = speed_for(pump, flow / state.running[l], head, limits[LOW], limits[HIGH])
    set_flows(net, l, state)
    Q = pump_power_of(net, l, state)[1]
    for r in racks:
        Q += (net.plate_heat[r] + net.other_heat[r]) * heat[r]
    F = net.rho_cp[l] * state.flow[l]
    T_goal = net.supply_set[l] + Q / F if F > 0.0 else math.nan  # return temperature with the supply at its goal
    low, high = net.valve_control[l, LOW], net.valve_control[l, HIGH]
    state.valve[l] = high
    K = set_primary(net, l, state, header_drop)
    if K * (T_goal - T_facility) > Q:
        state.valve[l] = low
        K = set_primary(net, l, state, header_drop)
        if K * (T_goal - T_facility) < Q:
            for _ in range(60):
                state.valve[l] = 0.5 * (low + high)
                K = set_primary(net, l, state, header_drop)
                if K * (T_goal - T_facility) > Q:
                    high = state.valve[l]
                else:
                    low = state.valve[l]
    if not (F > 0.0 and K > 0.0):
        state.T_return[l] = state.T_supply[l] = state.T_primary[l] = T_facility
        for r in racks:
            state.T_case[r] = state.T_rack[r] = T_facility
        return math.nan if Q > 0.0 else 0.0
    state.T_return[l] = T_facility + Q / K
    state.T_supply[l] = state.T_return[l] - Q / F
    state.T_primary[l] = T_facility + Q / (net.facility_rho_cp * state.primary_flow[l])
    for r in racks:
        state.T_case[r] = state.T_supply[l] + net.plate_heat[r] * heat[r] / state.rack_G[r]
        state.T_rack[r] = state.T_supply[l] + (net.plate_heat[r] + net.other_heat[r]) * heat[r] / state.rack_F[r]
    return Q
