"""Merkel's cooling tower: an enthalpy-driven counterflow exchanger of given UA, and the air ratio of a set point."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.media.moist_air import saturated_after, saturated_enthalpy, saturated_state

__all__ = [
    "MERKEL",
    "entering_water",
    "enthalpy_exchange",
    "exchange_turns",
    "merkel_UA",
    "merkel_air_ratio",
    "merkel_leaving",
    "merkel_outside",
]


MERKEL = np.dtype(
    (
        np.record,
        [
            ("UA", "f8"),  # W/K at design, on the basis of the heat capacity of air
            ("UA_air", "f8", (4,)),  # cubic in the air ratio
            ("UA_water", "f8", (3,)),  # quadratic in the water ratio
            ("UA_wet_bulb", "f8"),  # 1/K, per kelvin of design wet bulb above wet bulb
            ("T_wet_bulb_design", "f8"),
            ("wet_bulb_low", "f8"),  # range of that difference [K]
            ("wet_bulb_high", "f8"),
            ("water_low", "f8"),  # range of the water ratio
            ("water_high", "f8"),
        ],
    )
)

STEEP = -600.0  # of β, beyond which water takes on the wet bulb whatever the air: its exponential would overflow


@kernel
def merkel_UA(T_wet_bulb: float, water_ratio: float, air_ratio: float, c: np.record) -> float:
    """UA of a Merkel tower off design.

    UA = UA_0·(a0 + a1·x + a2·x² + a3·x³)·(b0 + b1·y + b2·y²)·(1 + c·(T_wb,0 - T_wb))

    Symbols: x air ratio, y water ratio (-), T_wb wet bulb (°C). Outside the stated ranges of y and of the wet bulb
    difference the modifiers stay at their end values. Source: Scheier, correlations for variable speed Merkel towers,
    as in the EnergyPlus Engineering Reference, Cooling Towers; with a = (0, 1.3, -0.3, 0) and b = (0.1082, 1.667,
    -0.7713) all modifiers are 1 at design, b to 0.4 %.

    >>> modifiers = (0.0, 1.3, -0.3, 0.0), (0.1082, 1.667, -0.7713), 0.0081, 25.6, -10.0, 25.0, 0.3, 1.0
    >>> c = np.array((1.0, *modifiers), MERKEL).view(np.recarray)[()]
    >>> round(float(merkel_UA(25.6, 1.0, 1.0, c)), 2)
    1.0
    """
    x = air_ratio
    y = min(max(water_ratio, c.water_low), c.water_high)
    dT = min(max(c.T_wet_bulb_design - T_wet_bulb, c.wet_bulb_low), c.wet_bulb_high)
    a, b = c.UA_air, c.UA_water
    in_air = a[0] + x * (a[1] + x * (a[2] + x * a[3]))
    in_water = b[0] + y * (b[1] + y * b[2])
    return c.UA * in_air * in_water * (1.0 + c.UA_wet_bulb * dT)


class _Counterflow(NamedTuple):
    """Heat per kelvin of inlet difference (W/K) and its logarithmic derivatives."""

    K: float
    by_air: float  # dK/d ln C_air
    by_UA: float  # dK/d ln UA


@kernel
def _counterflow(C_air: float, per_water: float, NTU: float) -> _Counterflow:
    """`counterflow_effectiveness`·C_min, symmetric in both streams: K = C_a·(1 - E)/(1 - E·x), with derivatives.

    E = e^(-β), β = NTU·(1 - x), NTU = UA/C_a, x = C_a·`per_water`, one over the heat capacity rate of the water. No
    branch but at equal streams, where K = C·N/(1 + N), N = NTU·x.
    """
    x = C_air * per_water
    rest = 1.0 - x
    beta = max(NTU * rest, STEEP)
    if abs(beta) < 1e-6:
        UA, inverse = NTU * C_air, 1.0 / (1.0 + NTU * x)
        K, by_UA = UA * inverse, UA * inverse * inverse
        return _Counterflow(K, 0.5 * (K - by_UA), by_UA)
    n = -math.expm1(-beta)
    E = 1.0 - n
    inverse = 1.0 / (rest + n * x)
    squared = C_air * inverse * inverse
    return _Counterflow(C_air * n * inverse, (n - beta * E) * squared, beta * E * rest * squared)


@kernel
def enthalpy_exchange(
    T_in: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float, UA: float
) -> float:
    """Heat from water to a wetted air stream by Merkel's hypothesis.

    Q = ε(NTU, C_r)·C_min·(T_in - T_wb), C_air = m·c_e, NTU = (UA·c_e/c_p)/C_min, c_e = (h_s(T_e) - h_s(T_wb))/(T_e -
    T_wb)

    Symbols: T_in water (°C), T_wb wet bulb of the air (°C), m `air` mass flow (kg/s), `water` heat capacity rate
    (W/K), c_p of air (J/kg K), T_e wet bulb of the leaving air, from h_s(T_e) = h_s(T_wb) + Q/m; h_s saturated
    enthalpy. The driving potential is enthalpy because Lewis' number is taken as 1. T_e is found by Newton's method
    kept between T_wb and T_in, where the root always lies. Source: Merkel, Verdunstungskühlung, VDI-Forschungsarbeiten
    275, 1925; in the effectiveness form of Braun, Klein and Mitchell, ASHRAE Transactions 95(2), 1989; as in the
    EnergyPlus Engineering Reference.

    >>> enthalpy_exchange(30.0, 30.0, 101325.0, 10.0, 1006.0, 4e5, 1e5)
    0.0
    """
    if not (air > 0.0 and water > 0.0 and UA > 0.0 and T_in - T_wet_bulb > 1e-9):
        return 0.0 * (air + water + UA + T_in + T_wet_bulb + pressure + cp)  # nothing, but NaN stays NaN
    difference = T_in - T_wet_bulb
    NTU = UA / (air * cp)  # of the exchanger, UA and C_air both being c_e/c_p of those of the air
    per_water = 1.0 / water
    start = saturated_state(T_wet_bulb, pressure)
    chord = (saturated_enthalpy(T_in, pressure) - start.h) / difference
    C_air = air * chord
    k = _counterflow(C_air, per_water, NTU)
    # First estimate: c_e and K on straight lines between the slope at T_wb and the chord to T_in.
    bend = (chord - start.slope) / difference
    K_bend = (k.by_air + k.by_UA) / chord
    half = 0.5 * (start.slope - K_bend * bend * difference / air)
    constant = (k.K - K_bend * (chord - start.slope)) * difference / air
    low, high, K = T_wet_bulb, T_in, k.K
    T_e = T_wet_bulb + constant / (half + math.sqrt(max(half * half + bend * constant, 0.0)))
    for _ in range(60):
        if not low < T_e < high:
            T_e = 0.5 * (low + high)
        here = saturated_state(T_e, pressure)
        rise, per_kelvin = here.h - start.h, 1.0 / (T_e - T_wet_bulb)
        C_air = air * rise * per_kelvin
        k = _counterflow(C_air, per_water, NTU)
        f = rise - k.K * difference / air
        K_slope = (k.by_air + k.by_UA) * (here.slope / rise - per_kelvin)
        step = -f / (here.slope - K_slope * difference / air)
        K = k.K + K_slope * step
        if abs(f) < 1e-6 * rise or high - low < 1e-9:  # quadratic: the step leaves 1e-12
            break
        if f < 0.0:
            low = T_e
        else:
            high = T_e
        T_e += step
    return K * difference


@kernel
def exchange_turns(
    heat: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float, UA: float
) -> bool:
    """Whether, at a `heat` that `enthalpy_exchange` passes, hotter water or a warmer wet bulb would leave it colder.

    The exchange takes the enthalpy of saturated air as a straight line from T_wb to T_e. Where much air meets little
    water that is hot (dQ/dT_in above the heat capacity rate of the water), or where little UA stands between
    temperatures far apart (dQ/dT_wb above 0), the line is too rough and the law is beyond its range. Both slopes follow
    from the derivatives of the equation that `enthalpy_exchange` solves; symbols and source there.

    >>> exchange_turns(5e5, 20.0, 101325.0, 40.0, 1006.0, 3e5, 1e5)
    False
    """
    if not (air > 0.0 and water > 0.0 and UA > 0.0 and heat > 0.0):
        return False
    T_e, _ = saturated_after(T_wet_bulb, heat / air, pressure)
    here, start = saturated_state(T_e, pressure), saturated_state(T_wet_bulb, pressure)
    rise, per_kelvin = heat / air, 1.0 / (T_e - T_wet_bulb)
    C_air = air * rise * per_kelvin
    k = _counterflow(C_air, 1.0 / water, UA / (air * cp))
    difference, by_C = heat / k.K, k.by_air + k.by_UA
    by_T_e = here.slope - by_C * (here.slope / rise - per_kelvin) * difference / air
    by_T_wb = k.K / air - start.slope - by_C * (per_kelvin - start.slope / rise) * difference / air
    return bool(k.K * here.slope > water * by_T_e or -here.slope * by_T_wb > start.slope * by_T_e)


@kernel
def entering_water(
    heat: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float, UA: float
) -> float:
    """Water temperature at which `enthalpy_exchange` passes `heat`: explicit, since the heat fixes the leaving air.

    T_in = T_wb + Q/(ε·C_min) with T_e from h_s(T_e) = h_s(T_wb) + Q/m. Symbols and source: `enthalpy_exchange`.

    >>> T_in = entering_water(5e5, 20.0, 101325.0, 40.0, 1006.0, 3e5, 1e5)
    >>> round(enthalpy_exchange(T_in, 20.0, 101325.0, 40.0, 1006.0, 3e5, 1e5))  # its own inverse
    500000
    """
    if air <= 0.0 or UA <= 0.0 or water <= 0.0:
        return math.inf
    if heat <= 0.0:
        return T_wet_bulb
    T_e, _ = saturated_after(T_wet_bulb, heat / air, pressure)
    C_air = heat / (T_e - T_wet_bulb)
    return T_wet_bulb + heat / _counterflow(C_air, 1.0 / water, UA / (air * cp)).K


@kernel
def merkel_leaving(
    T_in: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float, water_ratio: float,
    air_ratio: float, c: np.record,
) -> float:  # fmt: skip
    """Water leaving a Merkel tower: T_in - Q/`water`, Q by `enthalpy_exchange` with the UA of `merkel_UA`.

    `air` is the mass flow at `air_ratio` 1. A wet bulb above the water gives Q = 0: the law knows no warming tower.
    """
    UA = merkel_UA(T_wet_bulb, water_ratio, air_ratio, c)
    return T_in - enthalpy_exchange(T_in, T_wet_bulb, pressure, air * air_ratio, cp, water, UA) / water


@kernel
def _air_modifier(x: float, c: np.record) -> tuple[float, float]:
    """Modifier of UA by the air ratio, and its derivative."""
    a = c.UA_air
    return a[0] + x * (a[1] + x * (a[2] + x * a[3])), a[1] + x * (2.0 * a[2] + x * 3.0 * a[3])


@kernel
def merkel_air_ratio(
    T_in: float, T_out: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float,
    water_ratio: float, air_low: float, c: np.record,
) -> float:  # fmt: skip
    """Air ratio with which a Merkel tower cools water from `T_in` to `T_out`.

    Infinite where full speed is too little, 0 where `air_low` is more than enough. The heat Q being known, each leaving
    air temperature T_e has its air flow, x·m = Q/(h_s(T_e) - h_s(T_wb)), and ε·C_min·(T_in - T_wb) = Q is one equation
    in T_e between T_wb and T_in. It is solved by inverse cubic interpolation of the last two points and their slopes;
    the error falls with the square of both, below 1e-10; NaN where it does not settle. Symbols and source:
    `enthalpy_exchange`, `merkel_UA`.
    """
    heat = water * (T_in - T_out)
    difference, approach = T_in - T_wet_bulb, T_out - T_wet_bulb
    if not (heat > 0.0 and approach > 0.0):
        return math.inf
    q = heat / air  # rise of the air's enthalpy at full speed
    UA = merkel_UA(T_wet_bulb, water_ratio, 1.0, c) / _air_modifier(1.0, c)[0]
    h_in = saturated_enthalpy(T_wet_bulb, pressure)
    # First estimate: NTU as at half speed; T_e - T_wb = NTU·LMTD, with (geometric·2 + arithmetic mean)/3 for the LMTD.
    NTU = UA * _air_modifier(0.5, c)[0] / (0.5 * air * cp)
    b, rest = NTU * math.sqrt(approach) / 3.0, max(difference - NTU * approach / 6.0, 0.0)
    root = rest / (b + math.sqrt(b * b + (1.0 + NTU / 6.0) * rest))
    T_e = T_in - min(max(root * root, 0.01 * difference), 0.99 * difference)
    low, high, x, per_water = T_wet_bulb, T_in, 0.0, 1.0 / water
    T_last = f_last = gradient_last = 0.0
    for i in range(60):
        here = saturated_state(T_e, pressure)
        rise, per_kelvin = here.h - h_in, 1.0 / (T_e - T_wet_bulb)
        x = q / rise
        modifier, modifier_slope = _air_modifier(x, c)
        C_air = heat * per_kelvin
        k = _counterflow(C_air, per_water, UA * modifier / (air * x * cp))
        f = k.K * difference / heat - 1.0
        if f < 0.0 and x > 1.0:
            return math.inf
        if f > 0.0 and x < air_low:
            return 0.0
        by_UA = here.slope / rise * (1.0 - modifier_slope * x / modifier) - per_kelvin
        gradient = heat / ((k.by_UA * by_UA - k.by_air * per_kelvin) * difference)  # dT_e/df
        step = -f * gradient
        if i > 0:
            per_f = 1.0 / (f - f_last)
            mean = (T_e - T_last) * per_f
            bend = (gradient - mean) * per_f
            step += f * f * (bend - f_last * (bend - (mean - gradient_last) * per_f) * per_f)
            if abs(f * f_last) < 3e-6 or high - low < 1e-10:
                return q / (rise + step * (here.slope + 0.5 * step * here.curvature))
        if f > 0.0:
            low = T_e
        else:
            high = T_e
        T_last, f_last, gradient_last = T_e, f, gradient
        # Not far beyond full speed, where the modifier means nothing: the enthalpy is convex, x at most what this says.
        T_e += max(step, (q / 1.2 - rise) / here.slope)
        if not low < T_e < high:
            T_e = 0.5 * (low + high)
    return math.nan


@kernel
def merkel_outside(T_wet_bulb: float, water_ratio: float, c: np.record) -> bool:
    """Whether a point lies outside the ranges of the modifiers of `merkel_UA`."""
    in_wet_bulb = c.wet_bulb_low <= c.T_wet_bulb_design - T_wet_bulb <= c.wet_bulb_high
    return not (in_wet_bulb and c.water_low <= water_ratio <= c.water_high * (1.0 + 1e-9))
