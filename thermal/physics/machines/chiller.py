"""Electric vapour-compression chillers by curve fits: capacity, power and rejected heat from water temperatures."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = [
    "CHILLER", "LEAST_LIFT", "ChillerState", "Condensing", "biquadratic", "bounded", "chiller_state", "least_power",
    "part_load",
]  # fmt: skip

LEAST_LIFT = 3.0  # K between refrigerant states at the least: a pinch of 1.5 K in each shell, an estimate (1 to 3 K)


class Condensing(IntEnum):
    """Which condenser temperature the curves are written in."""

    ENTERING = 0  # EIR model: water (or outdoor air) entering the condenser
    LEAVING = 1  # reformulated EIR model: water leaving the condenser


CHILLER = np.dtype(
    (
        np.record,
        [
            ("condensing", "i8"),  # Condensing
            ("capacity", "f8"),  # W at the reference point
            ("COP", "f8"),  # at the reference point
            ("capacity_curve", "f8", (6,)),
            ("EIR_curve", "f8", (6,)),
            ("part_load_curve", "f8", (10,)),
            ("part_load_min", "f8"),
            ("part_load_max", "f8"),
            ("part_load_unload", "f8"),  # below this share of capacity hot gas keeps the compressor loaded
            ("motor_to_refrigerant", "f8"),  # share of the power that ends in the condenser
            ("T_leaving_low", "f8"),  # box of the curves [°C]
            ("T_leaving_high", "f8"),
            ("T_condenser_low", "f8"),
            ("T_condenser_high", "f8"),
            ("lift_low", "f8"),  # the machine keeps the condenser this far above the leaving water
        ],
    )
)


class ChillerState(NamedTuple):
    """Operating point of one chiller."""

    heat: float  # W taken from the chilled water
    power: float  # W
    rejected: float  # W into the condenser stream
    available: float  # W capacity at these temperatures
    outside: bool  # a temperature lies outside the box of the curves, or they break the second law and are held


@kernel
def bounded(x: float, low: float, high: float) -> float:
    """`x` held between `low` and `high`; NaN stays NaN."""
    if x < low:
        return low
    if x > high:
        return high
    return x


@kernel
def biquadratic(c: np.ndarray, x: float, y: float) -> float:
    """c1 + c2·x + c3·x² + c4·y + c5·y² + c6·x·y, the order in which chiller curves are published."""
    return c[0] + x * (c[1] + x * c[2] + y * c[5]) + y * (c[3] + y * c[4])


@kernel
def part_load(c: np.ndarray, T: float, x: float) -> float:
    """c1 + c2·T + c3·T² + c4·x + c5·x² + c6·T·x + c7·T³ + c8·x³ + c9·T²·x + c10·T·x², the published order."""
    in_T = c[0] + T * (c[1] + T * (c[2] + T * c[6]))
    return in_T + x * (c[3] + T * (c[5] + T * c[8]) + x * (c[4] + T * c[9] + x * c[7]))


@kernel
def least_power(heat: float, T_leaving: float, T_condenser: float) -> float:
    """Power (W) below which no machine takes `heat` (W) from water that it cools to `T_leaving`: Carnot's.

    P_least = Q·max(T_c - T_l, ΔT_least)/(T_l + 273.15), ΔT_least = 3 K

    Symbols: T_l leaving chilled water, T_c condenser temperature of the curves (°C). The refrigerant evaporates below
    the one and condenses above the other, so that its lift never falls below a pinch in each shell. Source: second law.

    >>> round(least_power(1e6, 6.85, 34.85))  # 1e6·28/280
    100000
    """
    return heat * max(T_condenser - T_leaving, LEAST_LIFT) / (T_leaving + 273.15)


@kernel
def _at(load: float, T_leaving: float, T_condenser: float, c: np.record) -> ChillerState:
    """Operating point at the condenser temperature the curves are written in."""
    T_l = bounded(T_leaving, c.T_leaving_low, c.T_leaving_high)
    lifted = max(T_condenser, max(T_leaving, T_l) + c.lift_low)
    T_c = bounded(lifted, c.T_condenser_low, c.T_condenser_high)
    available = c.capacity * biquadratic(c.capacity_curve, T_l, T_c)  # positive all over the box, or it was refused
    heat = min(load, available * c.part_load_max)
    ratio = heat / available
    turning = max(ratio, c.part_load_min)
    cycling = min(ratio / c.part_load_min, 1.0) if c.part_load_min > 0.0 else 1.0
    turning = max(turning, c.part_load_unload)
    EIR = biquadratic(c.EIR_curve, T_l, T_c) * part_load(c.part_load_curve, T_c, turning)
    power = available / c.COP * EIR * cycling
    least = least_power(available * turning * cycling, T_l, T_c)
    held = power < least
    power = least if held else power
    rejected = heat + c.motor_to_refrigerant * power
    return ChillerState(heat, power, rejected, available, held or T_l != T_leaving or T_c != lifted)


@kernel
def chiller_state(
    load: float, T_leaving: float, T_entering: float, condenser_rate: float, c: np.record
) -> ChillerState:
    """Operating point of a chiller from the load and the temperatures of its two streams.

    Q_av = Q_ref·CAPFT(T_l, T_c); x = Q/Q_av; P = (Q_av/COP_ref)·EIRFT(T_l, T_c)·EIRFPLR(T_c, x); Q_c = Q + η·P

    Symbols: Q load (W), limited to x_max·Q_av; T_l leaving chilled water, T_c condenser temperature (°C): entering the
    condenser for the EIR model, leaving it for the reformulated one, which is then found from Q_c = `condenser_rate`
    (W/K)·(T_c - T_entering). Below x_min the machine cycles (P in proportion to Q); below the unloading limit
    hot gas keeps the compressor there. A machine with a least lift keeps T_c that far above T_l. Temperatures beyond
    the box are held at its edge, a power below `least_power` is held there, and the point is flagged `outside`; so is
    one whose condenser temperature is not found. Source: Hydeman and Gillespie, ASHRAE
    Transactions 108(1), 2002, and Hydeman et al., ASHRAE Transactions 108(2), 2002; EnergyPlus Engineering Reference,
    Chillers. The Carrier 19XR 1407 kW of the Modelica Buildings table (6.67 °C, 29.44 °C) lists CAPFT 0.9862, EIRFT
    1.0161 and EIRFPLR 0.9981 at its reference point.

    >>> cap = (1.042261, 0.002644821, -0.001468026, 0.01366256, -0.0008302334, 0.001573579)
    >>> eir = (1.02634, -0.01612819, -0.001092591, -0.01784393, 0.0007961842, -9.586049e-05)
    >>> plr = (0.118888, 0.0, 0.0, 0.6723542, 0.2068754, 0.0, 0.0, 0.0, 0.0, 0.0)
    >>> factors = biquadratic(cap, 6.67, 29.44), biquadratic(eir, 6.67, 29.44), part_load(plr, 29.44, 1.0)
    >>> [round(x, 4) for x in factors]
    [0.9862, 1.0161, 0.9981]
    """
    if not load > 0.0:
        return ChillerState(0.0, 0.0, 0.0, 0.0, False)
    if c.condensing == Condensing.ENTERING:
        return _at(load, T_leaving, T_entering, c)
    T = T_entering + load * (1.0 + c.motor_to_refrigerant / c.COP) / condenser_rate
    state = _at(load, T_leaving, T, c)
    slope = 0.0  # of the condenser temperature that a state makes, by the one it is at: a few per cent
    T_last = made_last = math.nan
    for _ in range(60):
        made = T_entering + state.rejected / condenser_rate
        if abs(made - T) < 1e-10:
            return state
        chord = (made - made_last) / (T - T_last)
        slope = chord if abs(chord) < 0.5 else slope
        T_last, made_last = T, made
        T += (made - T) / (1.0 - slope)
        state = _at(load, T_leaving, T, c)
    return ChillerState(state.heat, state.power, state.rejected, state.available, True)
