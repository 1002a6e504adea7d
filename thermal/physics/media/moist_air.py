"""Moist air at any pressure: saturation, humidity ratio, wet bulb both ways, enthalpy and density.

Temperatures in °C, pressures in Pa, humidity ratios in kg water per kg dry air, enthalpies in J per kg dry air above
dry air and liquid water at 0 °C. Range of all laws: -100..200 °C, pressure above the saturation pressure.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

from thermal.physics.kernel import kernel

__all__ = [
    "Saturated", "density", "dry_air_density", "enthalpy", "humidities_after", "humidity_ratio",
    "humidity_ratio_of_wet_bulb", "saturated_after", "saturated_enthalpy", "saturated_humidity_ratio",
    "saturated_state", "saturation", "saturation_pressure", "saturation_pressures", "wet_bulb", "wet_bulbs",
]  # fmt: skip

WATER_TO_AIR = 0.621945  # ratio of molar masses, ASHRAE Fundamentals 2017, ch. 1, eq. 20
R_DRY_AIR = 287.042  # J/kg K, ASHRAE Fundamentals 2017, ch. 1, eq. 1
T_LOW, T_HIGH = -100, 200  # °C, range of the law of saturation
DEGREE = 6
HIGHEST = 199.0  # °C, of an estimate of saturated air
SETTLED = 0.005  # K, step of Halley's method after which the next would be below 1e-10 K: the error falls by cubes


@kernel
def saturation_pressure(T: float) -> float:
    """Pressure of saturated water vapour, over ice below 0 °C.

    ln p = C1/Θ + C2 + C3·Θ + C4·Θ² + C5·Θ³ + C6·Θ⁴ + C7·ln Θ, with one set of C for ice and one for liquid

    Symbols: p (Pa), Θ absolute temperature (K). Range: -100..200 °C. Source: Hyland and Wexler, ASHRAE Transactions
    89(2A), 1983, as ASHRAE Fundamentals 2017, ch. 1, eqs. 5 and 6; its table 3 lists 0.6112 kPa at 0 °C and 2.3392 kPa
    at 20 °C.

    >>> round(saturation_pressure(20.0) / 1e3, 3), round(saturation_pressure(-1e-9) / 1e3, 4)
    (2.339, 0.6112)
    """
    x = T + 273.15
    if T < 0.0:
        tail = -9.677843e-3 + x * (6.2215701e-7 + x * (2.0747825e-9 - x * 9.484024e-13))
        return math.exp(-5.6745359e3 / x + 6.3925247 + x * tail + 4.1635019 * math.log(x))
    tail = -4.8640239e-2 + x * (4.1764768e-5 - x * 1.4452093e-8)
    return math.exp(-5.8002206e3 / x + 1.3914993 + x * tail + 6.5459673 * math.log(x))


@kernel
def _saturation_slope(T: float, p_saturation: float) -> float:
    """Derivative dp/dT of `saturation_pressure`, given its value."""
    x = T + 273.15
    if T < 0.0:
        slope = -9.677843e-3 + x * (2.0 * 6.2215701e-7 + x * (3.0 * 2.0747825e-9 - x * 4.0 * 9.484024e-13))
        return p_saturation * (5.6745359e3 / (x * x) + slope + 4.1635019 / x)
    slope = -4.8640239e-2 + x * (2.0 * 4.1764768e-5 - x * 3.0 * 1.4452093e-8)
    return p_saturation * (5.8002206e3 / (x * x) + slope + 6.5459673 / x)


def _tabulated() -> np.ndarray:
    """Coefficients of `saturation`: the polynomial through the Chebyshev points of each kelvin, in 2·(T - middle)."""
    law = getattr(saturation_pressure, "py_func", saturation_pressure)
    n = DEGREE + 1
    points = 0.5 * chebyshev.chebpts1(n) + 0.5
    values = np.array([[law(float(T + x)) for T in range(T_LOW, T_HIGH)] for x in points])
    basis = chebyshev.chebvander(2.0 * points - 1.0, DEGREE)  # orthogonal on these points
    series = basis.T @ values * np.where(np.arange(n) > 0, 2.0 / n, 1.0 / n)[:, None]
    powers = np.zeros((n, n))
    for k, row in enumerate(np.eye(n)):
        powers[: k + 1, k] = chebyshev.cheb2poly(row[: k + 1])
    return np.ascontiguousarray((powers @ series).T)


TABLE = _tabulated()


@kernel
def saturation(T: float) -> tuple[float, float, float]:
    """`saturation_pressure` (Pa) and its two derivatives (Pa/K, Pa/K²), by a table: within 1e-12 of the law.

    A polynomial of degree 6 on each kelvin from -100 to 200 °C; beyond, the law itself.

    >>> bool(abs(saturation(20.0)[0] / saturation_pressure(20.0) - 1.0) < 1e-12)
    True
    """
    if not T_LOW <= T < T_HIGH:  # and NaN
        p = saturation_pressure(T)
        slope = _saturation_slope(T, p)
        return p, slope, slope * slope / p
    return _in_table(T)


@kernel
def _in_table(T: float) -> tuple[float, float, float]:
    """`saturation` within its table, without a branch; beyond it the polynomials of its ends."""
    position = T - T_LOW
    k = int(min(position if position > 0.0 else 0.0, T_HIGH - T_LOW - 1.0))  # NaN is no place
    x = 2.0 * (position - k) - 1.0
    y = x * x
    c = TABLE[k]
    p = c[0] + x * c[1] + y * (c[2] + x * c[3] + y * (c[4] + x * c[5] + y * c[6]))
    slope = c[1] + 2.0 * x * c[2] + y * (3.0 * c[3] + 4.0 * x * c[4] + y * (5.0 * c[5] + 6.0 * x * c[6]))
    curvature = 2.0 * c[2] + 6.0 * x * c[3] + y * (12.0 * c[4] + 20.0 * x * c[5] + y * 30.0 * c[6])
    return p, 2.0 * slope, 4.0 * curvature


@kernel
def humidity_ratio(T: float, relative_humidity: float, pressure: float) -> float:
    """Humidity ratio of air of a relative humidity (0..1).

    w = 0.621945·p_v/(p - p_v), p_v = φ·p_s(T)

    Source: ASHRAE Fundamentals 2017, ch. 1, eqs. 20 and 22; its table 2 lists 0.014758 at saturation, 20 °C and
    101.325 kPa, with the real-gas enhancement (0.4 %) that this law leaves out.

    >>> round(humidity_ratio(20.0, 1.0, 101325.0), 4)
    0.0147
    """
    p = relative_humidity * saturation_pressure(T)
    return WATER_TO_AIR * p / (pressure - p)


@kernel
def saturated_humidity_ratio(T: float, pressure: float) -> float:
    """Humidity ratio of saturated air (`humidity_ratio` at φ = 1)."""
    p, _, _ = saturation(T)
    return WATER_TO_AIR * p / (pressure - p)


@kernel
def enthalpy(T: float, w: float) -> float:
    """Enthalpy per kg of dry air.

    h = 1006·T + w·(2 501 000 + 1860·T)

    Source: ASHRAE Fundamentals 2017, ch. 1, eq. 30; its table 2 lists 20.121 kJ/kg for dry air at 20 °C.

    >>> round(enthalpy(20.0, 0.0) / 1e3, 1)
    20.1
    """
    return 1006.0 * T + w * (2.501e6 + 1860.0 * T)


@kernel
def density(T: float, w: float, pressure: float) -> float:
    """Density of moist air, dry air and vapour together (kg/m³).

    ρ = p·(1 + w)/(R_a·Θ·(1 + w/0.621945))

    Source: ASHRAE Fundamentals 2017, ch. 1, eqs. 26 and 9; its table 2 lists 0.8303 m³/kg for dry air at 20 °C.

    >>> round(1.0 / density(20.0, 0.0, 101325.0), 3)
    0.83
    """
    return (1.0 + w) * dry_air_density(T, w, pressure)


@kernel
def dry_air_density(T: float, w: float, pressure: float) -> float:
    """Dry air per volume of moist air (kg/m³), `density` over 1 + w: what enthalpies per kg of dry air multiply."""
    return pressure / (R_DRY_AIR * (T + 273.15) * (1.0 + w / WATER_TO_AIR))


@kernel
def humidity_ratio_of_wet_bulb(T: float, T_wet_bulb: float, pressure: float) -> float:
    """Humidity ratio of air of a dry and a thermodynamic wet bulb temperature.

    w = ((L - a·T_wb)·w_s(T_wb) - 1006·(T - T_wb)) / (L + 1860·T - b·T_wb)

    with L = 2 501 000, a = 2326, b = 4186 for a liquid film and L = 2 830 000, a = 240, b = 2100 (J/kg, J/kg K) for
    ice. Source: ASHRAE Fundamentals 2017, ch. 1, eqs. 33 and 35; its example 1 (40 °C, wet bulb 20 °C, 101.325 kPa)
    reads 6.5 g/kg off the chart.

    >>> bool(abs(1e3 * humidity_ratio_of_wet_bulb(40.0, 20.0, 101325.0) - 6.5) < 0.1)
    True
    """
    w_s = saturated_humidity_ratio(T_wet_bulb, pressure)
    if T_wet_bulb >= 0.0:
        numerator = (2.501e6 - 2326.0 * T_wet_bulb) * w_s - 1006.0 * (T - T_wet_bulb)
        return numerator / (2.501e6 + 1860.0 * T - 4186.0 * T_wet_bulb)
    numerator = (2.83e6 - 240.0 * T_wet_bulb) * w_s - 1006.0 * (T - T_wet_bulb)
    return numerator / (2.83e6 + 1860.0 * T - 2100.0 * T_wet_bulb)


@kernel
def wet_bulb(T: float, w: float, pressure: float) -> float:
    """Thermodynamic wet bulb of air of dry bulb `T` and humidity ratio `w`: inverse of `humidity_ratio_of_wet_bulb`.

    Found by the Illinois false position between T - 40 K and T to 1e-9 kg/kg; at or above saturation it is T, of a
    missing state it is missing (NaN). Source of the law and of the number: as there, read the other way.

    >>> bool(abs(wet_bulb(40.0, 0.0065, 101325.0) - 20.0) < 0.2)  # one division of the chart
    True
    """
    high, f_high = T, humidity_ratio_of_wet_bulb(T, T, pressure) - w
    if math.isnan(f_high):
        return f_high
    if not f_high > 0.0:
        return T
    low = max(T - 40.0, -100.0)
    f_low = humidity_ratio_of_wet_bulb(T, low, pressure) - w
    if f_low > 0.0:
        return low
    middle = low
    for _ in range(60):
        middle = (low * f_high - high * f_low) / (f_high - f_low)
        f = humidity_ratio_of_wet_bulb(T, middle, pressure) - w
        if abs(f) < 1e-9 or high - low < 1e-9:
            break
        if f < 0.0:
            low, f_low, f_high = middle, f, 0.5 * f_high
        else:
            high, f_high, f_low = middle, f, 0.5 * f_low
    return middle


@kernel
def wet_bulbs(T: np.ndarray, w: np.ndarray, pressure: np.ndarray, out: np.ndarray) -> None:
    """Fill `out` with the wet bulb of each of a series of states."""
    for i in range(T.size):
        out[i] = wet_bulb(T[i], w[i], pressure[i])


@kernel
def saturated_enthalpy(T: float, pressure: float) -> float:
    """Enthalpy of saturated air per kg of dry air: `enthalpy` at `saturated_humidity_ratio`."""
    return enthalpy(T, saturated_humidity_ratio(T, pressure))


class Saturated(NamedTuple):
    """Saturated air at one temperature."""

    h: float  # J/kg
    slope: float  # dh/dT (J/kg K)
    curvature: float  # d²h/dT² (J/kg K²)


@kernel
def saturated_state(T: float, pressure: float) -> Saturated:
    """`saturated_enthalpy` with its derivatives."""
    p, p_slope, p_curvature = saturation(T)
    inverse = 1.0 / (pressure - p)
    w = WATER_TO_AIR * p * inverse
    factor = WATER_TO_AIR * pressure * inverse * inverse
    w_slope = factor * p_slope
    w_curvature = factor * (p_curvature + 2.0 * p_slope * p_slope * inverse)
    vapour = 2.501e6 + 1860.0 * T
    slope = 1006.0 + 1860.0 * w + w_slope * vapour
    return Saturated(1006.0 * T + w * vapour, slope, 3720.0 * w_slope + w_curvature * vapour)


class _Sought(NamedTuple):
    """A temperature, and what saturated air there has over an enthalpy h, times p - p_s, with its derivatives.

    f = (1006·T - h)·(p - p_s) + 0.621945·p_s·(2 501 000 + 1860·T): its root is that of `saturated_enthalpy` = h, but it
    goes through boiling without a pole, and bends less.
    """

    f: float
    slope: float
    bend: float


@kernel
def _sought(T: float, dry: float, p: float, p_slope: float, p_curvature: float, pressure: float) -> _Sought:
    """Value and derivatives at `T`; `dry` is 1006·T - h."""
    wet = WATER_TO_AIR * (2.501e6 + 1860.0 * T)
    by_p, rest = wet - dry, pressure - p
    slope = 1006.0 * rest + p_slope * by_p + WATER_TO_AIR * 1860.0 * p
    bend = p_curvature * by_p + 2.0 * p_slope * (WATER_TO_AIR * 1860.0 - 1006.0)
    return _Sought(dry * rest + p * wet, slope, bend)


@kernel
def _far(s: _Sought) -> float:
    """Estimate of a long way to the root, as if f went on exponentially: ln(1 + y)/r as a fraction.

    y = -f·f''/f'², r = f''/f'
    """
    square, product = s.slope * s.slope, s.f * s.bend
    return -s.f * (6.0 * square - product) / (s.slope * (6.0 * square - 4.0 * product))


@kernel
def _near(s: _Sought) -> float:
    """Step of Halley's method."""
    return s.f * s.slope / (0.5 * s.f * s.bend - s.slope * s.slope)


@kernel
def saturated_after(T: float, dh: float, pressure: float) -> tuple[float, float]:
    """Temperature and humidity ratio of air, saturated at `T`, after a rise `dh` of its enthalpy: Halley, to 1e-9 K.

    However large the rise, the air stays below boiling, where its humidity has no end.

    >>> T, w = saturated_after(20.0, 5e7, 101325.0)  # 20 kg of vapour in a kg of air
    >>> bool(T < 100.0), round(float(saturated_enthalpy(T, 101325.0) - saturated_enthalpy(20.0, 101325.0)) / 5e7, 9)
    (True, 1.0)
    """
    p, p_slope, p_curvature = _in_table(T)
    rise = WATER_TO_AIR * (2.501e6 + 1860.0 * T) * p / (pressure - p) + dh
    h = 1006.0 * T + rise
    step = _far(_sought(T, -rise, p, p_slope, p_curvature, pressure))
    for _ in range(60):
        T = min(max(T + step, -100.0), HIGHEST)
        p, p_slope, p_curvature = _in_table(T)
        step = _near(_sought(T, 1006.0 * T - h, p, p_slope, p_curvature, pressure))
        if abs(step) < SETTLED:
            break
    T += step
    return T, (h - 1006.0 * T) / (2.501e6 + 1860.0 * T)


@kernel
def humidities_after(
    T: np.ndarray, air: np.ndarray, heat: np.ndarray, pressure: np.ndarray, out: np.ndarray
) -> None:  # fmt: skip
    """Fill `out` with the humidity ratio of `saturated_after` for a series, `air` (kg/s) taking up `heat` (W).

    The first loop has neither branch nor call, so that it runs on several states at once; the second finds those that
    two steps do not settle. Without air there is none to say: NaN.
    """
    for i in range(T.size):
        here, P = T[i], pressure[i]
        p, p_slope, p_curvature = _in_table(here)
        rise = WATER_TO_AIR * (2.501e6 + 1860.0 * here) * p / (P - p) + heat[i] / air[i]
        h = 1006.0 * here + rise
        here += _far(_sought(here, -rise, p, p_slope, p_curvature, P))
        here = min(max(here, -100.0), HIGHEST)
        p, p_slope, p_curvature = _in_table(here)
        here += _near(_sought(here, 1006.0 * here - h, p, p_slope, p_curvature, P))
        p, p_slope, p_curvature = _in_table(here)
        step = _near(_sought(here, 1006.0 * here - h, p, p_slope, p_curvature, P))
        here += step
        out[i] = (h - 1006.0 * here) / (2.501e6 + 1860.0 * here) if abs(step) < SETTLED else math.nan
    for i in range(T.size):
        if math.isnan(out[i]) and air[i] > 0.0:
            _, out[i] = saturated_after(T[i], heat[i] / air[i], pressure[i])


def saturation_pressures(T: np.ndarray) -> np.ndarray:
    """`saturation` of an array of temperatures."""
    out = np.empty(len(T))
    _saturation_pressures(T, out)
    return out


@kernel
def _saturation_pressures(T: np.ndarray, out: np.ndarray) -> None:
    for i in range(T.size):
        out[i], _, _ = _in_table(T[i])
    for i in range(T.size):
        if not T_LOW <= T[i] < T_HIGH:
            out[i] = saturation_pressure(T[i])
