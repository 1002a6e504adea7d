"""Merkel's cooling tower: an enthalpy-driven counterflow exchanger of given UA, and the air ratio of a set point."""

import math

import numpy as np

from thermal.physics.exchanger import counterflow_effectiveness
from thermal.physics.kernel import kernel
from thermal.physics.moist_air import (
    saturated_after,
    saturated_enthalpy,
    saturated_enthalpy_slope,
    saturated_rise,
)  # fmt: skip

__all__ = [
    "MERKEL",
    "entering_water",
    "enthalpy_exchange",
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


@kernel
def merkel_UA(T_wet_bulb: float, water_ratio: float, air_ratio: float, c: np.record) -> float:
    """UA of a Merkel tower off design.

    UA = UA_0·(a0 + a1·x + a2·x² + a3·x³)·(b0 + b1·y + b2·y²)·(1 + c·(T_wb,0 - T_wb))

    Symbols: x air ratio, y water ratio (-), T_wb wet bulb (°C). Outside the stated ranges of y and of the wet bulb
    difference the modifiers stay at their end values. Source: Scheier, correlations for variable speed Merkel towers,
    as in the EnergyPlus Engineering Reference, Cooling Towers; with a = (0, 1.3, -0.3, 0) and b = (0.1082, 1.667,
    -0.7713) all modifiers are 1 at design, b to 0.4 %.

    >>> modifiers = (0.0, 1.3, -0.3, 0.0), (0.1082, 1.667, -0.7713), 0.0082, 25.6, -10.0, 15.0, 0.3, 1.0
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


@kernel
def _effective(UA: float, cp: float, air: float, water: float, h_slope: float) -> float:
    """Heat per kelvin of inlet difference when saturated air has the heat capacity `h_slope` (J/kg K)."""
    C_air = air * h_slope
    C_min, C_max = min(C_air, water), max(C_air, water)
    return counterflow_effectiveness(UA * h_slope / cp / C_min, C_min / C_max) * C_min


@kernel
def enthalpy_exchange(
    T_in: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float, UA: float
) -> float:
    """Heat from water to a wetted air stream by Merkel's hypothesis.

    Q = ε(NTU, C_r)·C_min·(T_in - T_wb), C_air = m·c_e, NTU = (UA·c_e/c_p)/C_min, c_e = (h_s(T_e) - h_s(T_wb))/(T_e -
    T_wb)

    Symbols: T_in water (°C), T_wb wet bulb of the air (°C), m `air` mass flow (kg/s), `water` heat capacity rate
    (W/K), c_p of air (J/kg K), T_e wet bulb of the leaving air, from h_s(T_e) = h_s(T_wb) + Q/m; h_s saturated
    enthalpy. The driving potential is enthalpy because Lewis' number is taken as 1. T_e is found by a secant kept
    between T_wb and T_in, where the root always lies. Source: Merkel, Verdunstungskühlung, VDI-Forschungsarbeiten 275,
    1925; in the effectiveness form of Braun, Klein and Mitchell, ASHRAE Transactions 95(2), 1989; as in the EnergyPlus
    Engineering Reference.

    >>> enthalpy_exchange(30.0, 30.0, 101325.0, 10.0, 1006.0, 4e5, 1e5)
    0.0
    """
    if not (air > 0.0 and water > 0.0 and UA > 0.0 and T_in - T_wet_bulb > 1e-9):
        return 0.0
    difference = T_in - T_wet_bulb
    h_in, slope_in = saturated_enthalpy_slope(T_wet_bulb, pressure)
    slope = (saturated_enthalpy(T_in, pressure) - h_in) / difference
    conductance = _effective(UA, cp, air, water, slope)
    low, high, T_e, T_last, f_last = T_wet_bulb, T_in, T_in, T_in, slope * difference - conductance * difference / air
    T_e = T_wet_bulb + saturated_rise(0.9 * conductance * difference / air, slope_in)
    for _ in range(60):
        if not low < T_e < high:
            T_e = 0.5 * (low + high)
        rise = saturated_enthalpy(T_e, pressure) - h_in
        conductance = _effective(UA, cp, air, water, rise / (T_e - T_wet_bulb))
        f = rise - conductance * difference / air
        if abs(f) < 1e-10 * rise or high - low < 1e-9:
            break
        if f < 0.0:
            low = T_e
        else:
            high = T_e
        secant = T_e - f * (T_e - T_last) / (f - f_last) if f != f_last else low
        T_last, f_last, T_e = T_e, f, secant
    return conductance * difference


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
    if not (air > 0.0 and UA > 0.0 and water > 0.0):
        return math.inf
    if not heat > 0.0:
        return T_wet_bulb
    T_e, _ = saturated_after(T_wet_bulb, heat / air, pressure)
    return T_wet_bulb + heat / _effective(UA, cp, air, water, heat / (air * (T_e - T_wet_bulb)))


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
def merkel_air_ratio(
    T_in: float, T_out: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float,
    water_ratio: float, c: np.record,
) -> float:  # fmt: skip
    """Air ratio with which a Merkel tower cools water from `T_in` to `T_out`; infinite where full speed is too little.

    The heat Q being known, each leaving air temperature T_e has its air flow, x·m = Q/(h_s(T_e) - h_s(T_wb)), and
    ε·C_min·(T_in - T_wb) = Q is one equation in T_e. It is solved to 1e-10 of Q by a secant kept between T_e at full
    speed and T_in. Symbols and source: `enthalpy_exchange`, `merkel_UA`.
    """
    heat = water * (T_in - T_out)
    difference = T_in - T_wet_bulb
    if not (heat > 0.0 and T_out > T_wet_bulb):
        return math.inf
    h_in = saturated_enthalpy(T_wet_bulb, pressure)
    T_e, _ = saturated_after(T_wet_bulb, heat / air, pressure)
    if not T_e < T_in:
        return math.inf
    low, high, T_last, f_last, x = T_e, T_in, T_e, 0.0, 1.0
    for i in range(60):
        if i > 0:
            x = heat / (air * (saturated_enthalpy(T_e, pressure) - h_in))
        UA = merkel_UA(T_wet_bulb, water_ratio, x, c)
        slope = heat / (air * x * (T_e - T_wet_bulb))
        f = _effective(UA, cp, air * x, water, slope) * difference / heat - 1.0
        if abs(f) < 1e-10 or high - low < 1e-10:
            break
        if i == 0:
            if not f > 0.0:
                return math.inf
            x = 1.0 / ((1.0 + f) * math.sqrt(1.0 + f))  # heat grows with some 0.7th power of the air
            guess, _ = saturated_after(T_e, heat / air * (1.0 / x - 1.0), pressure)
        else:
            guess = T_e - f * (T_e - T_last) / (f - f_last) if f != f_last else low
        if f > 0.0:
            low = T_e
        else:
            high = T_e
        T_last, f_last = T_e, f
        T_e = guess if low < guess < high else 0.5 * (low + high)
    return x


@kernel
def merkel_outside(T_wet_bulb: float, water_ratio: float, c: np.record) -> bool:
    """Whether a point lies outside the ranges of the modifiers of `merkel_UA`."""
    in_wet_bulb = c.wet_bulb_low <= c.T_wet_bulb_design - T_wet_bulb <= c.wet_bulb_high
    return not (in_wet_bulb and c.water_low <= water_ratio <= c.water_high * (1.0 + 1e-9))
