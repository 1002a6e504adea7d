"""Coolant loops of CDU and racks: pumps against parallel racks, cold plates, exchanger, and the heat stored between."""

import math
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.exchanger import ExchangerLaw, exchange
from thermal.physics.machines.plate_curve import PLATE_POINTS, PlateTable, plate_conductance
from thermal.physics.machines.pump import GRAVITY, PUMP_POINTS, PumpCurve, head_and_slope, pump_power, speed_for
from thermal.physics.network.control import CONTROL

__all__ = [
    "LOOP",
    "LOOP_STATE",
    "RACK",
    "RACK_STATE",
    "LoopNet",
    "LoopState",
    "branch_flow",
    "exchanger_of",
    "imbalance",
    "loop_flow",
    "loop_heat",
    "loop_step",
    "pump_of",
    "pump_power_of",
    "set_flows",
    "set_primary",
    "settle_loop",
    "valve_flow",
]

RACK = np.dtype(
    (
        np.record,
        [
            ("plates", "f8"),  # parallel cold plates of the packages that are watched
            ("plate_flow", "f8"),  # share of the rack's flow through each of them
            ("plate_heat", "f8"),  # share of rack heat into all of them
            ("other_heat", "f8"),  # share of rack heat into the coolant elsewhere; the rest goes to air
            ("case_capacity", "f8"),  # heat capacity of all packages and plates [J/K]
            ("coolant_capacity", "f8"),  # heat capacity of the rack's coolant [J/K]
            ("flow", "f8"),  # reference flow [m³/s]
            ("drop", "f8"),  # pressure drop at the reference flow [Pa]
            ("exponent", "f8"),  # of Δp ∝ V^n
            ("plate_start", "f8"),  # the plates' PlateTable
            ("plate_spacing", "f8"),
            ("plate_log_UA", "f8", (PLATE_POINTS,)),
        ],
    )
)
LOOP = np.dtype(
    (
        np.record,
        [
            ("density", "f8"),  # of the coolant [kg/m³]
            ("rho_cp", "f8"),  # of the coolant [J/m³K]
            ("pumps", "i8"),  # installed
            ("pump_spacing", "f8"),  # the pumps' PumpCurve
            ("pump_head", "f8", (PUMP_POINTS,)),
            ("pump_slope", "f8", (PUMP_POINTS,)),
            ("pump_efficiency", "f8"),
            ("drive_efficiency", "f8"),
            ("inner_linear", "f8"),  # loss inside the CDU, secondary side [Pa/(m³/s)]
            ("inner_quadratic", "f8"),  # [Pa/(m³/s)²]
            ("return_capacity", "f8"),  # heat capacity of coolant after the racks [J/K]
            ("supply_capacity", "f8"),  # of coolant in exchanger and supply [J/K]
            ("facility_rho_cp", "f8"),  # of the facility water [J/m³K]
            ("primary_capacity", "f8"),  # of water in the primary side [J/K]
            ("primary_linear", "f8"),  # loss of the primary side without valve [Pa/(m³/s)]
            ("valve_quadratic", "f8"),  # loss of the open valve [Pa/(m³/s)²]
            ("film_hot", "f8"),  # the exchanger's ExchangerLaw
            ("film_cold", "f8"),
            ("hot_flow", "f8"),
            ("cold_flow", "f8"),
            ("film_exponent", "f8"),
            ("wall", "f8"),
            ("speed_control", CONTROL),  # pump speed after differential pressure
            ("valve_control", CONTROL),  # primary valve after supply temperature
            ("drop_set", "f8"),  # differential pressure across the racks [Pa]
            ("supply_set", "f8"),  # supply temperature [°C]
            ("supply_span", "f8"),  # temperature error that counts as 1 [K]
        ],
    )
)
RACK_STATE = np.dtype(
    (
        np.record,
        [
            ("T_case", "f8"),
            ("T_coolant", "f8"),
            ("F", "f8"),  # capacity flow [W/K], follows from the loop's flow
            ("G", "f8"),  # conductance of the plates [W/K], likewise
        ],
    )
)
LOOP_STATE = np.dtype(
    (
        np.record,
        [
            ("T_return", "f8"),
            ("T_supply", "f8"),
            ("T_primary", "f8"),
            ("running", "i8"),  # pumps
            ("speed", "f8"),
            ("valve", "f8"),
            ("drop", "f8"),  # differential pressure across the racks [Pa]
            ("flow", "f8"),
            ("primary_flow", "f8"),
            ("drop_error", "f8"),  # last errors of the controllers
            ("supply_error", "f8"),
            (
                "solved_running",
                "i8",
            ),  # pumps and speed that the flows were solved for, and what was left of the equation
            ("solved_speed", "f8"),
            ("residual", "f8"),
        ],
    )
)


class LoopNet(NamedTuple):
    """All loops side by side; loop l owns the racks ``first[l] <= r < first[l + 1]``.

    Capacity flows are made with one ρ c_p per loop and per run, so that stored heat is a plain sum and closes exactly.
    Wide parameter sets are structured arrays: as NamedTuples of fifty arrays they took 27 s to compile instead of 6.
    """

    first: np.ndarray
    loops: np.recarray  # LOOP
    racks: np.recarray  # RACK


class LoopState(NamedTuple):
    """What the loops remember from step to step, updated in place."""

    loops: np.recarray  # LOOP_STATE
    racks: np.recarray  # RACK_STATE


@kernel
def pump_of(loop: Any) -> PumpCurve:
    """Pump curve of a loop."""
    return PumpCurve(loop.pump_spacing, loop.pump_head, loop.pump_slope, loop.pump_efficiency, loop.drive_efficiency)


@kernel
def exchanger_of(loop: Any) -> ExchangerLaw:
    """Exchanger law of a loop."""
    return ExchangerLaw(loop.film_hot, loop.film_cold, loop.hot_flow, loop.cold_flow, loop.film_exponent, loop.wall)


@kernel
def branch_flow(rack: Any, drop: float) -> float:
    """Volume flow [m³/s] of a rack: V = V_ref (Δp/Δp_ref)^(1/n), zero without pressure difference."""
    if drop <= 0.0:
        return 0.0
    return rack.flow * (drop / rack.drop) ** (1.0 / rack.exponent)


@kernel
def loop_flow(net: LoopNet, l: int, running: int, speed: float, drop: float) -> tuple[float, float, float]:
    """Solve the operating point of `running` equal pumps against the parallel racks of loop `l`.

    Equation: ρ g H(V/N, n) − a V − b V² − Δp = 0 with V = Σ_r V_r(Δp), decreasing in Δp; safeguarded Newton from
    `drop`, the last known Δp [Pa].

    Returns
    -------
    drop, flow, residual : float
        Differential pressure across the racks [Pa], total flow [m³/s], and what is left of the equation relative to
        shut-off pressure; all zero when no pump turns (check valves hold the flow at zero).
    """
    loop = net.loops[l]
    pump = pump_of(loop)
    weight = loop.density * GRAVITY
    shut_off = weight * head_and_slope(pump, 0.0, speed)[0]
    if running == 0 or shut_off <= 0.0:
        return 0.0, 0.0, 0.0
    low, high = 0.0, shut_off
    x = drop if low < drop < high else 0.5 * shut_off
    flow, g = 0.0, math.nan
    for _ in range(80):
        flow, rate = 0.0, 0.0
        for r in range(net.first[l], net.first[l + 1]):
            V = branch_flow(net.racks[r], x)
            flow += V
            rate += V / (net.racks[r].exponent * x)
        head, slope = head_and_slope(pump, flow / running, speed)
        g = weight * head - (loop.inner_linear + loop.inner_quadratic * flow) * flow - x
        if abs(g) <= 1e-13 * shut_off:
            break
        if g > 0.0:
            low = x
        else:
            high = x
        loss_rate = loop.inner_linear + 2.0 * loop.inner_quadratic * flow
        new = x - g / ((weight * slope / running - loss_rate) * rate - 1.0)
        new = new if low < new < high else 0.5 * (low + high)
        if new == x:
            break
        x = new
    return x, flow, g / shut_off


@kernel
def valve_flow(loop: Any, opening: float, header_drop: float) -> float:
    """Primary flow [m³/s] of a loop through exchanger and control valve at a header difference [Pa].

    Equation: Δp = a V + b (V/y)² with y the opening (linear valve characteristic): the positive root.
    """
    if header_drop <= 0.0:
        return 0.0
    a = loop.primary_linear
    b = loop.valve_quadratic / (opening * opening)
    return 2.0 * header_drop / (a + math.sqrt(a * a + 4.0 * b * header_drop))


@kernel
def set_flows(net: LoopNet, l: int, state: LoopState) -> float:
    """Bring flows and plate conductances of loop `l` up to its pumps' speed; return the residual of ``loop_flow``.

    Flow is algebraic and its coefficients are constants of a run: at the same pumps and speed nothing is to be done.
    """
    s = state.loops[l]
    if s.running == s.solved_running and s.speed == s.solved_speed:
        return s.residual
    s.drop, s.flow, s.residual = loop_flow(net, l, s.running, s.speed, s.drop)
    s.solved_running, s.solved_speed = s.running, s.speed
    rho_cp = net.loops[l].rho_cp
    for r in range(net.first[l], net.first[l + 1]):
        rack = net.racks[r]
        V = branch_flow(rack, s.drop)
        per_plate = V * rack.plate_flow
        table = PlateTable(rack.plate_start, rack.plate_spacing, rack.plate_log_UA)
        state.racks[r].F = rho_cp * V
        state.racks[r].G = rack.plates * plate_conductance(table, per_plate, rho_cp * per_plate)
    return s.residual


@kernel
def imbalance(net: LoopNet, l: int, state: LoopState) -> float:
    """Mass flow [kg/s] that the pumps of loop `l` would deliver at the racks' pressure, less what the racks take.

    Linearised at the racks' flow V: ρ (ρ g H(V/N) − a V − b V² − Δp) / (a + 2 b V − ρ g H'/N). Found from the state
    alone, whoever solved it.
    """
    loop, s = net.loops[l], state.loops[l]
    V = 0.0
    for r in range(net.first[l], net.first[l + 1]):
        V += state.racks[r].F / loop.rho_cp
    if s.running == 0 or s.speed == 0.0:
        return loop.density * V
    head, slope = head_and_slope(pump_of(loop), V / s.running, s.speed)
    weight = loop.density * GRAVITY
    excess = weight * head - (loop.inner_linear + loop.inner_quadratic * V) * V - s.drop
    return loop.density * excess / (loop.inner_linear + 2.0 * loop.inner_quadratic * V - weight * slope / s.running)


@kernel
def set_primary(loop: Any, s: Any, header_drop: float) -> float:
    """Bring the primary flow of a loop with state `s` up to its valve; return K = ε C_min of the exchanger [W/K]."""
    s.primary_flow = valve_flow(loop, s.valve, header_drop)
    return exchange(exchanger_of(loop), loop.rho_cp * s.flow, loop.facility_rho_cp * s.primary_flow)


@kernel
def pump_power_of(loop: Any, s: Any) -> tuple[float, float]:
    """Return (electrical power, heat to the coolant) of the running pumps of a loop with state `s` [W].

    All shaft power ends as heat in the coolant; what motor and drive lose goes to the room.
    """
    if s.running == 0 or s.flow <= 0.0:
        return 0.0, 0.0
    pump = pump_of(loop)
    each = s.flow / s.running
    power = s.running * pump_power(pump, loop.density, each, head_and_slope(pump, each, s.speed)[0])
    return power, power * loop.drive_efficiency


@kernel
def loop_step(
    net: LoopNet, l: int, state: LoopState, heat: np.ndarray, pump_heat: float, T_facility: float, K: float, step: float
) -> float:
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
    loop, s = net.loops[l], state.loops[l]
    F, mixed_a, mixed_b = 0.0, 0.0, 0.0
    for r in range(net.first[l], net.first[l + 1]):
        rack, t = net.racks[r], state.racks[r]
        C_c, C_r = rack.case_capacity / step, rack.coolant_capacity / step
        case_a = (C_c * t.T_case + rack.plate_heat * heat[r]) / (C_c + t.G)
        rack_a = (C_r * t.T_coolant + rack.other_heat * heat[r] + t.G * case_a) / (C_r + t.F)
        t.T_case, t.T_coolant = case_a, rack_a  # completed below, once T_supply is known
        F += t.F
        mixed_a += t.F * rack_a
        mixed_b += t.F * (t.F - t.G + t.G * t.G / (C_c + t.G)) / (C_r + t.F)
    C_m, C_s, C_p = loop.return_capacity / step, loop.supply_capacity / step, loop.primary_capacity / step
    return_a = (C_m * s.T_return + mixed_a + pump_heat) / (C_m + F)
    return_b = mixed_b / (C_m + F)
    s.T_supply = (C_s * s.T_supply + (F - K) * return_a + K * T_facility) / (C_s + F - (F - K) * return_b)
    s.T_return = return_a + return_b * s.T_supply
    for r in range(net.first[l], net.first[l + 1]):
        rack, t = net.racks[r], state.racks[r]
        C_c, C_r = rack.case_capacity / step, rack.coolant_capacity / step
        t.T_case += t.G / (C_c + t.G) * s.T_supply
        t.T_coolant += (t.F - t.G + t.G * t.G / (C_c + t.G)) / (C_r + t.F) * s.T_supply
    F_p = loop.facility_rho_cp * s.primary_flow
    s.T_primary = (C_p * s.T_primary + F_p * T_facility + K * (s.T_return - T_facility)) / (C_p + F_p)
    return F_p * (s.T_primary - T_facility)


@kernel
def loop_heat(net: LoopNet, l: int, state: LoopState) -> float:
    """Heat stored in loop `l` above 0 °C [J]."""
    loop, s = net.loops[l], state.loops[l]
    E = loop.return_capacity * s.T_return + loop.supply_capacity * s.T_supply + loop.primary_capacity * s.T_primary
    for r in range(net.first[l], net.first[l + 1]):
        rack, t = net.racks[r], state.racks[r]
        E += rack.case_capacity * t.T_case + rack.coolant_capacity * t.T_coolant
    return E


@kernel
def settle_loop(
    net: LoopNet, l: int, state: LoopState, heat: np.ndarray, T_facility: float, header_drop: float
) -> float:
    """Put loop `l` at rest under constant heat [W per rack]; return heat to the facility [W], NaN if there is no rest.

    The controllers are taken at their goal: speed where Δp is at its set point, valve where the supply is at its set
    point, each at a limit where the goal is out of reach. A loop with heat and no flow on a side has no steady state.
    """
    loop, s = net.loops[l], state.loops[l]
    flow = 0.0
    for r in range(net.first[l], net.first[l + 1]):
        flow += branch_flow(net.racks[r], loop.drop_set)
    if s.running > 0:
        lost = (loop.inner_linear + loop.inner_quadratic * flow) * flow
        head = (loop.drop_set + lost) / (loop.density * GRAVITY)
        limits = loop.speed_control
        s.speed = speed_for(pump_of(loop), flow / s.running, head, limits.low, limits.high)
    s.solved_running = -1  # solved anew, whatever was changed by hand
    set_flows(net, l, state)
    Q = pump_power_of(loop, s)[1]
    for r in range(net.first[l], net.first[l + 1]):
        Q += (net.racks[r].plate_heat + net.racks[r].other_heat) * heat[r]
    F = loop.rho_cp * s.flow
    T_goal = loop.supply_set + Q / F if F > 0.0 else math.nan  # return temperature with the supply at its goal
    low, high = loop.valve_control.low, loop.valve_control.high
    # The first two tries are the limits; between them the exchanger is brought to K (T_goal − T_facility) = Q
    K = 0.0
    for k in range(60):
        s.valve = high if k == 0 else (low if k == 1 else 0.5 * (low + high))
        K = set_primary(loop, s, header_drop)
        enough = K * (T_goal - T_facility) > Q
        if (k == 0 and not enough) or (k == 1 and enough):
            break
        if k > 1 and enough:
            high = s.valve
        elif k > 1:
            low = s.valve
    if F <= 0.0 or K <= 0.0:
        s.T_return = s.T_supply = s.T_primary = T_facility
        for r in range(net.first[l], net.first[l + 1]):
            state.racks[r].T_case = state.racks[r].T_coolant = T_facility
        return 0.0 if Q == 0.0 else math.nan
    s.T_return = T_facility + Q / K
    s.T_supply = s.T_return - Q / F
    s.T_primary = T_facility + Q / (loop.facility_rho_cp * s.primary_flow)
    for r in range(net.first[l], net.first[l + 1]):
        rack, t = net.racks[r], state.racks[r]
        t.T_case = s.T_supply + rack.plate_heat * heat[r] / t.G
        t.T_coolant = s.T_supply + (rack.plate_heat + rack.other_heat) * heat[r] / t.F
    return K * (s.T_return - T_facility)
