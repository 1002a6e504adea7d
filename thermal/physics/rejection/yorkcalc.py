"""YorkCalc cooling tower: the approach correlation, the leaving water, and the air ratio that holds a set point."""

import math

from thermal.physics.kernel import kernel

__all__ = ["yorkcalc_air_ratio", "yorkcalc_approach", "yorkcalc_leaving", "yorkcalc_outside"]

MAX_LIQUID_TO_GAS = 8.0
# Coefficients by powers: liquid-to-gas ratio (3) × range (3) × wet bulb (3).
YORKCALC = (
    -0.359741205, -0.055053608, 0.0023850432, 0.173926877, -0.0248473764, 0.00048430224,
    -0.005589849456, 0.0005770079712, -1.342427256e-05,
    2.84765801111111, -0.121765149, 0.0014599242, 1.680428651, -0.0166920786, -0.0007190532,
    -0.025485194448, 4.87491696e-05, 2.719234152e-05,
    -0.0653766255555556, -0.002278167, 0.0002500254, -0.0910565458, 0.00318176316, 3.8621772e-05,
    -0.0034285382352, 8.56589904e-06, -1.516821552e-06,
)  # fmt: skip


@kernel
def _in_wet_bulb(T: float, first: int) -> float:
    """Three coefficients starting at `first`, as a polynomial in the wet bulb."""
    return YORKCALC[first] + T * (YORKCALC[first + 1] + T * YORKCALC[first + 2])


@kernel
def _in_gas_ratio(T: float, r: float, power: int) -> float:
    """Coefficient of range**power at wet bulb `T` and liquid-to-gas ratio `r`."""
    at = 3 * power
    return _in_wet_bulb(T, at) + r * (_in_wet_bulb(T, 9 + at) + r * _in_wet_bulb(T, 18 + at))


@kernel
def _liquid_to_gas(water_ratio: float, air_ratio: float) -> float:
    if water_ratio >= MAX_LIQUID_TO_GAS * air_ratio:
        return MAX_LIQUID_TO_GAS
    return water_ratio / air_ratio


@kernel
def yorkcalc_approach(T_wet_bulb: float, temperature_range: float, liquid_to_gas: float) -> float:
    """Approach of the leaving water to the wet bulb.

    A = Σ c_ijk r^i R^j T_wb^k, i, j, k = 0..2

    Symbols: A approach (K), R range, inlet minus outlet (K), T_wb wet bulb (°C), r liquid-to-gas ratio, water flow over
    air flow, both relative to design (-). Range of validity: T_wb -34.4..29.44 °C, R 1.11..22.22 K, A 1.11..40 K, water
    0.75..1.25 of design, r up to 8. Source: EnergyPlus Engineering Reference, Cooling Towers, YorkCalc correlation
    (York International 2002); the default variable-speed tower there is rated at 25.56 °C wet bulb, 3.89 K approach and
    5.56 K range.

    >>> abs(yorkcalc_approach(25.56, 5.56, 1.0) - 3.89) < 0.05  # a fit: 3.89 K at the rated point of the source
    True
    """
    R = temperature_range
    return (
        +_in_gas_ratio(T_wet_bulb, liquid_to_gas, 0)
        + _in_gas_ratio(T_wet_bulb, liquid_to_gas, 1) * R
        + _in_gas_ratio(T_wet_bulb, liquid_to_gas, 2) * R * R
    )


@kernel
def yorkcalc_leaving(T_in: float, T_wet_bulb: float, water_ratio: float, air_ratio: float) -> float:
    """Temperature of the water leaving a YorkCalc tower, in closed form.

    T_in - R = T_wb + A(T_wb, R, r), a quadratic in R at given r = water_ratio / air_ratio; T_out = T_in - R

    Symbols: T_in, T_out water (°C), T_wb wet bulb (°C), water_ratio and air_ratio flows over design (-). Above r = 8
    the ratio stays at 8, as in the source. Water already colder than the correlation's outlet leaves as it came: the
    law knows no warming tower. Range and source: `yorkcalc_approach`.

    >>> abs(yorkcalc_leaving(25.56 + 3.89 + 5.56, 25.56, 1.0, 1.0) - 29.45) < 0.05  # the rated point of the source
    True
    """
    r = _liquid_to_gas(water_ratio, air_ratio)
    a = _in_gas_ratio(T_wet_bulb, r, 2)
    b = 1.0 + _in_gas_ratio(T_wet_bulb, r, 1)
    c = T_wet_bulb + _in_gas_ratio(T_wet_bulb, r, 0) - T_in
    if c >= 0.0 or b <= 0.0:
        return T_in
    R = -2.0 * c / (b + math.sqrt(max(b * b - 4.0 * a * c, 0.0)))
    return max(T_in - R, T_wet_bulb)


@kernel
def yorkcalc_air_ratio(T_in: float, T_out: float, T_wet_bulb: float, water_ratio: float) -> float:
    """Air ratio with which a YorkCalc tower cools water from `T_in` to `T_out`, in closed form.

    A(T_wb, R, r) = T_out - T_wb, a quadratic in r at given R = T_in - T_out; air_ratio = water_ratio / r

    The ratio is not limited to the fan: above 1 the tower is too small, and infinity means that no air flow is enough.
    At r = 8 the smallest air flow the correlation knows is reached. Symbols, range and source: `yorkcalc_approach`.

    >>> round(yorkcalc_air_ratio(35.01, 29.45, 25.56, 1.0), 1)  # 1 at the rated point of the source
    1.0
    """
    R, T = T_in - T_out, T_wet_bulb
    a = _in_wet_bulb(T, 18) + R * (_in_wet_bulb(T, 21) + R * _in_wet_bulb(T, 24))
    b = _in_wet_bulb(T, 9) + R * (_in_wet_bulb(T, 12) + R * _in_wet_bulb(T, 15))
    c = _in_wet_bulb(T, 0) + R * (_in_wet_bulb(T, 3) + R * _in_wet_bulb(T, 6)) - (T_out - T)
    if c >= 0.0:
        return math.inf
    discriminant = b * b - 4.0 * a * c
    if discriminant < 0.0 or b <= 0.0:
        return water_ratio / MAX_LIQUID_TO_GAS
    return water_ratio / min(-2.0 * c / (b + math.sqrt(discriminant)), MAX_LIQUID_TO_GAS)


@kernel
def yorkcalc_outside(T_in: float, T_out: float, T_wet_bulb: float, water_ratio: float) -> bool:
    """Whether a point lies outside the box of the correlation (`yorkcalc_approach`)."""
    R, A = T_in - T_out, T_out - T_wet_bulb
    return not (
        -34.4 <= T_wet_bulb <= 29.4444
        and 1.1111 <= R <= 22.2222
        and 1.1111 <= A <= 40.0
        and 0.75 <= water_ratio <= 1.25
    )
