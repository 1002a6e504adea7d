"""Merkel's cooling tower: an enthalpy-driven counterflow exchanger of given UA, and the air ratio of a set point."""

from typing import NamedTuple

from thermal.physics.exchanger import counterflow_effectiveness
from thermal.physics.kernel import kernel
from thermal.physics.moist_air import saturated_enthalpy, saturated_enthalpy_temperature

__all__ = ["MerkelTower", "enthalpy_exchange", "merkel_UA", "merkel_air_ratio", "merkel_leaving", "merkel_outside"]


class MerkelTower(NamedTuple):
    """UA of a tower and how it changes with air flow, water flow and wet bulb (`merkel_UA`)."""

    UA: float  # W/K at design, on the basis of the heat capacity of air
    UA_air: tuple[float, float, float, float]  # cubic in the air ratio
    UA_water: tuple[float, float, float]  # quadratic in the water ratio
    UA_wet_bulb: float  # 1/K per kelvin of design wet bulb above wet bulb
    T_wet_bulb_design: float
    wet_bulb_low: float  # range of that difference (K)
    wet_bulb_high: float
    water_low: float  # range of the water ratio
    water_high: float


@kernel
def merkel_UA(T_wet_bulb: float, water_ratio: float, air_ratio: float, c: MerkelTower) -> float:
    """UA of a Merkel tower off design.

    UA = UA_0·(a0 + a1·x + a2·x² + a3·x³)·(b0 + b1·y + b2·y²)·(1 + c·(T_wb,0 - T_wb))

    Symbols: x air ratio, y water ratio (-), T_wb wet bulb (°C). Outside the stated ranges of y and of the wet bulb
    difference the modifiers stay at their end values. Source: Scheier, correlations for variable speed Merkel towers,
    as in the EnergyPlus Engineering Reference, Cooling Towers; with a = (0, 1.3, -0.3, 0) and b = (0.1082, 1.667,
    -0.7713) all modifiers are 1 at design, b to 0.4 %.

    >>> c = MerkelTower(1.0, (0.0, 1.3, -0.3, 0.0), (0.1082, 1.667, -0.7713), 0.0082, 25.6, -10.0, 15.0, 0.3, 1.0)
    >>> round(merkel_UA(25.6, 1.0, 1.0, c), 2)
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
    enthalpy. The driving potential is enthalpy because Lewis' number is taken as 1. T_e is found by false position
    between T_wb and T_in, where the root always lies. Source: Merkel, Verdunstungskühlung, VDI-Forschungsarbeiten 275,
    1925; in the effectiveness form of Braun, Klein and Mitchell, ASHRAE Transactions 95(2), 1989; as in the EnergyPlus
    Engineering Reference.

    >>> enthalpy_exchange(30.0, 30.0, 101325.0, 10.0, 1006.0, 4e5, 1e5)
    0.0
    """
    if not (air > 0.0 and water > 0.0 and UA > 0.0 and T_in - T_wet_bulb > 1e-9):
        return 0.0
    h_in = saturated_enthalpy(T_wet_bulb, pressure)
    slope = (saturated_enthalpy(T_in, pressure) - h_in) / (T_in - T_wet_bulb)
    conductance = _effective(UA, cp, air, water, slope)
    high, f_high = T_in, slope * (T_in - T_wet_bulb) - conductance * (T_in - T_wet_bulb) / air
    low, f_low = T_wet_bulb, -conductance * (T_in - T_wet_bulb) / air
    for _ in range(60):
        T_e = (low * f_high - high * f_low) / (f_high - f_low)
        rise = saturated_enthalpy(T_e, pressure) - h_in
        if T_e - T_wet_bulb > 1e-9:
            slope = rise / (T_e - T_wet_bulb)
        conductance = _effective(UA, cp, air, water, slope)
        f = rise - conductance * (T_in - T_wet_bulb) / air
        if abs(f) < 1e-6 * abs(rise) or high - low < 1e-9:
            break
        if f < 0.0:
            low, f_low, f_high = T_e, f, 0.5 * f_high
        else:
            high, f_high, f_low = T_e, f, 0.5 * f_low
    return conductance * (T_in - T_wet_bulb)


@kernel
def merkel_leaving(
    T_in: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float, water_ratio: float,
    air_ratio: float, c: MerkelTower,
) -> float:  # fmt: skip
    """Water leaving a Merkel tower: T_in - Q/`water`, Q by `enthalpy_exchange` with the UA of `merkel_UA`.

    `air` is the mass flow at `air_ratio` 1. A wet bulb above the water gives Q = 0: the law knows no warming tower.
    """
    UA = merkel_UA(T_wet_bulb, water_ratio, air_ratio, c)
    return T_in - enthalpy_exchange(T_in, T_wet_bulb, pressure, air * air_ratio, cp, water, UA) / water


@kernel
def merkel_air_ratio(
    T_in: float, T_out: float, T_wet_bulb: float, pressure: float, air: float, cp: float, water: float,
    water_ratio: float, low: float, c: MerkelTower,
) -> float:  # fmt: skip
    """Air ratio between `low` and 1 with which a Merkel tower cools water from `T_in` to `T_out`.

    The heat being known, the leaving air is known at each air flow, and ε(x)·C_min(x)·(T_in - T_wb) = Q is one
    equation in the air ratio x, monotonic, solved by false position to 1e-9 of Q. The caller has checked that the root
    is inside.
    """
    heat = water * (T_in - T_out)
    h_in = saturated_enthalpy(T_wet_bulb, pressure)
    T_e = T_out
    a, b, f_a, f_b = low, 1.0, 0.0, 0.0
    x = low
    for i in range(60):
        if i == 1:
            x = b
        elif i > 1:
            x = (a * f_b - b * f_a) / (f_b - f_a)
        rise = heat / (air * x)
        T_e = saturated_enthalpy_temperature(h_in + rise, pressure, T_e)
        UA = merkel_UA(T_wet_bulb, water_ratio, x, c)
        conductance = _effective(UA, cp, air * x, water, rise / (T_e - T_wet_bulb))
        f = conductance * (T_in - T_wet_bulb) / heat - 1.0
        if i == 0:
            f_a = f
        elif i == 1:
            f_b = f
        elif abs(f) < 1e-9 or b - a < 1e-12:
            break
        elif f < 0.0:
            a, f_a, f_b = x, f, 0.5 * f_b
        else:
            b, f_b, f_a = x, f, 0.5 * f_a
    return x


@kernel
def merkel_outside(T_wet_bulb: float, water_ratio: float, c: MerkelTower) -> bool:
    """Whether a point lies outside the ranges of the modifiers of `merkel_UA`."""
    in_wet_bulb = c.wet_bulb_low <= c.T_wet_bulb_design - T_wet_bulb <= c.wet_bulb_high
    return not (in_wet_bulb and c.water_low <= water_ratio <= c.water_high * (1.0 + 1e-9))
