"""Facility water of one hour: pump, economiser and chillers, and the heat they hand to the condenser water."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.chiller import CHILLER, chiller_state
from thermal.physics.machines.exchanger import counterflow_effectiveness, parallel_share

__all__ = [
    "FACILITY", "PUMPING", "Condensing", "Demand", "Economiser", "Mode", "Outside", "condensing", "demand", "pump_heat",
    "pumping", "staged",
]  # fmt: skip


class Mode(IntEnum):
    """Who cools the facility water."""

    OFF = 0
    FREE = 1  # heat rejection alone: economiser, exchanger or a direct loop
    PARTIAL = 2  # economiser first, chillers the rest
    CHILLED = 3  # chillers alone


class Economiser(IntEnum):
    """How the water-side economiser stands to the chillers."""

    NONE = 0
    INTEGRATED = 1  # in series before the chillers, shares the load with them
    ALTERNATE = 2  # in place of the chillers (parallel, non-integrated): the whole load or nothing
    DIRECT = 3  # no exchanger and no chiller: the facility water itself goes to the coolers
    PARALLEL = 4  # beside the chillers: a share of the water, brought to the set point, and the chillers the rest


class Outside(IntEnum):
    """Which chillers work outside their box; flags that add up."""

    NONE = 0
    LEAD = 1
    LAG = 2


PUMPING = np.dtype(  # a constant-speed and a variable-speed pump in series on one loop; either may be absent
    (
        np.record,
        [
            ("mass_flow", "f8"),  # kg/s at design
            ("power", "f8"),  # W of the constant-speed pump, whenever the loop runs
            ("power_variable", "f8"),  # W of the variable-speed pump at design flow
            ("exponent", "f8"),  # of flow in the power of the latter
            ("motor_efficiency", "f8"),  # share of the constant-speed pump's power that heats the fluid
            ("motor_efficiency_variable", "f8"),  # and of the variable-speed pump's
            ("flow_low", "f8"),  # lowest share of design flow
            ("flow_idle", "f8"),  # share towards which the flow falls without load
            ("variable", "?"),  # flow in proportion to load
        ],
    )
)
FACILITY = np.dtype(
    (
        np.record,
        [
            ("design_load", "f8"),  # W at design flow
            ("pump", PUMPING),
            ("economiser", "i8"),  # Economiser
            ("UA", "f8"),  # of the economiser [W/K]
            ("economiser_flow", "f8"),  # kg/s of condenser water at most
            ("difference_on", "f8"),  # return over condenser water that starts it [K]
            ("difference_off", "f8"),  # and stops it
            ("economiser_steps", "i8"),  # fewest steps between two switches of the economiser
            ("chillers", "i8"),  # lead and lag
            ("stage_up", "f8"),  # load over capacity of the running chillers that starts the next
            ("stage_down", "f8"),  # load over capacity of one chiller less that stops one
            ("chiller_steps", "i8"),  # fewest steps from the start of a chiller to a stop
            ("condenser_flow", "f8"),  # kg/s of one lead chiller
            ("chiller", CHILLER),
            ("lag_chillers", "i8"),  # of another kind, started after the lead chillers
            ("lag_condenser_flow", "f8"),
            ("lag_chiller", CHILLER),
        ],
    )
)


class Demand(NamedTuple):
    """What the facility side does at one condenser water temperature."""

    mode: Mode
    on: int  # running chillers
    T_supply: float
    T_return: float  # at the machines, pump heat included
    economised: float  # W through the economiser
    cooled: float  # W through the chillers
    chiller_power: float
    motor_heat: float  # W of it into the condenser stream
    rejected: float  # W into the condenser water or outdoor air
    outside: int  # chillers outside their box: sum of `Outside`


class Condensing(NamedTuple):
    """Condenser water of a moment."""

    share: float  # of design flow
    throttle: float  # flow through each running machine over its own at design
    power: float  # W of the pumps
    heat: float  # W of it into the water


@kernel
def pumping(p: np.record, load_share: float) -> tuple[float, float]:
    """Flow share and electrical power at a share of the design load; a loop without load stands still.

    x = min(max(x_0 + (1 - x_0)·load, x_low), 1): CDUs that hold their supply temperature let water go by the cooler,
    the less there is to cool, so that the flow they ask for falls more slowly than the load.
    """
    if not load_share > 0.0:
        return 0.0, 0.0
    share = min(max(p.flow_idle + (1.0 - p.flow_idle) * load_share, p.flow_low), 1.0) if p.variable else 1.0
    return share, p.power + p.power_variable * share**p.exponent


@kernel
def pump_heat(p: np.record, power: float) -> float:
    """Heat (W) that the pumps of a loop leave in its fluid when they draw `power`: η_m of each, motor losses aside."""
    constant = min(power, p.power)
    return p.motor_efficiency * constant + p.motor_efficiency_variable * (power - constant)


@kernel
def _running(f: np.record, on: int) -> tuple[int, int]:
    """Lead and lag chillers among the `on` running ones: the lead chillers come first."""
    lead = min(on, f.chillers - f.lag_chillers)
    return lead, on - lead


@kernel
def _capacity(f: np.record, on: int) -> float:
    """Capacity (W) of `on` running chillers at their reference points."""
    lead, lag = _running(f, on)
    return lead * f.chiller.capacity + lag * f.lag_chiller.capacity


@kernel
def _condenser_share(f: np.record, on: int) -> float:
    """Condenser water of `on` running chillers over that of all."""
    lead, lag = _running(f, on)
    lead_all, lag_all = _running(f, f.chillers)
    own, lag_own = f.condenser_flow, f.lag_condenser_flow
    return (lead * own + lag * lag_own) / (lead_all * own + lag_all * lag_own)


@kernel
def condensing(f: np.record, p: np.record, with_chillers: bool, on: int, load_share: float) -> Condensing:
    """Condenser water and its pumps at a share of the facility's design load.

    V/V_d = s·x, P = s·(P_c + P_v·x^e), x = min(max(load/s, x_low), 1) where the flow follows the load, else 1

    Symbols: s the share of the pumps that run (those of the `on` running chillers if `with_chillers`, else all), x the
    flow of each over its own, P_c and P_v powers of a pump of constant flow and of one that follows the load (one of
    the two is zero), e its exponent, x_low its lowest flow. Source: affinity laws, e = 3 where
    nothing but friction is overcome.
    """
    s = _condenser_share(f, on) if with_chillers and on > 0 else 1.0
    x = min(max(load_share / s, p.flow_low), 1.0) if p.variable else 1.0
    power = s * (p.power + p.power_variable * x**p.exponent)
    return Condensing(s * x, x, power, pump_heat(p, power))


@kernel
def staged(f: np.record, load: float, before: int) -> int:
    """Number of chillers for a load, with the dead band between staging up and down."""
    on = min(max(before, 1), f.chillers)
    while on < f.chillers and load > f.stage_up * _capacity(f, on):
        on += 1
    while on > 1 and load <= f.stage_down * _capacity(f, on - 1):
        on -= 1
    return on


@kernel
def demand(
    f: np.record, heat: float, flow: float, T_set: float, T_condenser: float, water_cp: float, throttle: float,
    economise: bool, on: int,
) -> Demand:  # fmt: skip
    """Split the heat of the facility water over economiser and chillers.

    T_return = T_set + Q/C_f; Q_e = min(ε·C_min·(T_return - T_c), Q) if `economise`; Q_ch = Q - Q_e

    Symbols: Q `heat` of load and pump (W), C_f `flow` as heat capacity rate of the facility water (W/K), T_c condenser
    water from the towers, or outdoor air for air-cooled chillers (°C), `water_cp` of the condenser water (J/kg K) and
    `throttle`, its flow through each machine over that at design, `on` running chillers, which share the load in
    proportion to their capacities. In parallel the economiser takes the share of the water that it brings to the set
    point (`parallel_share`). Heat that no machine takes warms the supply above its set point; with an exchanger alone,
    until the exchanger passes it. Source: energy balances; the economiser as in EnergyPlus, HeatExchanger:FluidToFluid,
    cooling set point modulated.
    """
    T_return = T_set + heat / flow
    if f.economiser == Economiser.DIRECT:
        return Demand(Mode.FREE, 0, T_condenser, T_condenser + heat / flow, heat, 0.0, 0.0, 0.0, heat, 0)
    economised = 0.0
    if f.economiser != Economiser.NONE:
        other = f.economiser_flow * throttle * water_cp
        C_min = min(flow, other)
        conductance = counterflow_effectiveness(f.UA / C_min, C_min / max(flow, other)) * C_min
        if f.chillers == 0:
            T_return = max(T_return, T_condenser + heat / conductance)
            return Demand(Mode.FREE, 0, T_return - heat / flow, T_return, heat, 0.0, 0.0, 0.0, heat, 0)
        if economise:
            economised = min(max(conductance * (T_return - T_condenser), 0.0), heat)
            if f.economiser == Economiser.PARALLEL and economised < heat:
                economised = heat * parallel_share(f.UA, flow, other, T_return, T_set, T_condenser)
    rest = heat - economised
    if not rest > 1e-9 * heat:
        return Demand(Mode.FREE, 0, T_set, T_return, heat, 0.0, 0.0, 0.0, heat, 0)
    lead, lag = _running(f, on)
    cooled = power = motor_heat = 0.0
    rejected, out = economised, 0
    for k in range(2):  # one call site: compiled once
        c = f.chiller if k == 0 else f.lag_chiller
        n = lead if k == 0 else lag
        if n > 0:
            rate = (f.condenser_flow if k == 0 else f.lag_condenser_flow) * throttle * water_cp
            one = chiller_state(rest * c.capacity / _capacity(f, on), T_set, T_condenser, rate, c)
            cooled += one.heat * n
            power += one.power * n
            motor_heat += c.motor_to_refrigerant * one.power * n
            rejected += one.rejected * n
            out += (k + 1) * one.outside
    mode = Mode.PARTIAL if economised > 0.0 else Mode.CHILLED
    return Demand(
        mode, on, T_set + (rest - cooled) / flow, T_return, economised, cooled, power, motor_heat, rejected, out
    )
