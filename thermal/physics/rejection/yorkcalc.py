"""YorkCalc cooling tower: the approach correlation, the leaving water, and the air ratio that holds a set point."""

import math
from typing import NamedTuple

from thermal.physics.kernel import kernel

__all__ = ["yorkcalc_air_ratio", "yorkcalc_approach", "yorkcalc_leaving", "yorkcalc_outside"]

MAX_LIQUID_TO_GAS = 8.0
T_LOW, T_HIGH = -34.4, 29.4444  # wet bulb of the fit [°C]
RANGE_LOW, RANGE_HIGH = 1.1111, 22.2222  # range of the fit [K]
# Coefficients by powers: liquid-to-gas ratio (3) × range (3) × wet bulb (3).
YORKCALC = (
    -0.359741205, -0.055053608, 0.0023850432, 0.173926877, -0.0248473764, 0.00048430224,
    -0.005589849456, 0.0005770079712, -1.342427256e-05,
    2.84765801111111, -0.121765149, 0.0014599242, 1.680428651, -0.0166920786, -0.0007190532,
    -0.025485194448, 4.87491696e-05, 2.719234152e-05,
    -0.0653766255555556, -0.002278167, 0.0002500254, -0.0910565458, 0.00318176316, 3.8621772e-05,
    -0.0034285382352, 8.56589904e-06, -1.516821552e-06,
)  # fmt: skip


class _Quadratic(NamedTuple):
    """c0 + c1·x + c2·x²."""

    c0: float
    c1: float
    c2: float


@kernel
def _in_wet_bulb(T: float, first: int) -> float:
    """Three coefficients starting at `first`, as a polynomial in the wet bulb."""
    return YORKCALC[first] + T * (YORKCALC[first + 1] + T * YORKCALC[first + 2])


@kernel
def _by_range(T: float, r: float) -> _Quadratic:
    """The fit as a polynomial in the range, at wet bulb `T` and liquid-to-gas ratio `r`."""
    return _Quadratic(
        _in_wet_bulb(T, 0) + r * (_in_wet_bulb(T, 9) + r * _in_wet_bulb(T, 18)),
        _in_wet_bulb(T, 3) + r * (_in_wet_bulb(T, 12) + r * _in_wet_bulb(T, 21)),
        _in_wet_bulb(T, 6) + r * (_in_wet_bulb(T, 15) + r * _in_wet_bulb(T, 24)),
    )


@kernel
def _by_liquid_to_gas(T: float, R: float) -> _Quadratic:
    """The fit as a polynomial in the liquid-to-gas ratio, at wet bulb `T` and range `R`."""
    return _Quadratic(
        _in_wet_bulb(T, 0) + R * (_in_wet_bulb(T, 3) + R * _in_wet_bulb(T, 6)),
        _in_wet_bulb(T, 9) + R * (_in_wet_bulb(T, 12) + R * _in_wet_bulb(T, 15)),
        _in_wet_bulb(T, 18) + R * (_in_wet_bulb(T, 21) + R * _in_wet_bulb(T, 24)),
    )


@kernel
def _in_powers(k: int, R: float, r: float) -> float:
    """Coefficient of the k-th power of the wet bulb, at range `R` and liquid-to-gas ratio `r`."""
    c = YORKCALC
    return (
        +(c[k] + R * (c[k + 3] + R * c[k + 6]))
        + r * (c[k + 9] + R * (c[k + 12] + R * c[k + 15]))
        + r * r * (c[k + 18] + R * (c[k + 21] + R * c[k + 24]))
    )


@kernel
def _top(q: _Quadratic, low: float, x: float) -> float:
    """Where a quadratic is highest between `low` and `x`."""
    if q.c2 < 0.0:
        return min(max(-0.5 * q.c1 / q.c2, low), x)
    return x if (q.c1 + q.c2 * (low + x)) * (x - low) >= 0.0 else low


@kernel
def yorkcalc_approach(T_wet_bulb: float, temperature_range: float, liquid_to_gas: float) -> float:
    """Approach of the leaving water to the wet bulb.

    A = Σ c_ijk r^i R^j T_wb^k, i, j, k = 0..2

    Symbols: A approach (K), R range, inlet minus outlet (K), T_wb wet bulb (°C), r liquid-to-gas ratio, water flow over
    air flow, both relative to design (-). Range of validity: T_wb -34.4..29.44 °C, R 1.11..22.22 K, A 1.11..40 K, water
    0.75..1.25 of design, r up to 8. Source: EnergyPlus Engineering Reference, Cooling Towers, YorkCalc correlation
    (York International 2002); the default variable-speed tower there is rated at 25.56 °C wet bulb, 3.89 K approach and
    5.56 K range.

    Beyond that range the law holds: below -34.4 °C the water leaves as at -34.4 °C, above 29.44 °C with the approach
    there (the source holds the wet bulb, so that water could leave below the wet bulb); r stays at 8, as in the source;
    approach over range stays as at 1.11 and 22.22 K, since no load has no approach. Where the fit turns, so that more
    heat, less air or a warmer wet bulb would give colder water (R above 13 K, r above 2; frost with little air), the
    value at the turn holds.

    >>> abs(yorkcalc_approach(25.56, 5.56, 1.0) - 3.89) < 0.05  # a fit: 3.89 K at the rated point of the source
    True
    """
    base = max(T_wet_bulb, T_LOW)
    T = min(base, T_HIGH)
    R = min(max(temperature_range, RANGE_LOW), RANGE_HIGH)
    share = temperature_range / R
    r = min(liquid_to_gas, MAX_LIQUID_TO_GAS)
    T_held, A = T, 0.0
    for _ in range(3):
        R_held, r_held = R, r
        for _ in range(8):
            r_held = _top(_by_liquid_to_gas(T_held, R_held), 0.0, r)
            R_new = _top(_by_range(T_held, r_held), RANGE_LOW, R)
            if R_new == R_held:
                break
            R_held = R_new
        q = _by_range(T_held, r_held)
        A = max(q.c0 + R_held * (q.c1 + R_held * q.c2), 0.0)
        c1, c2 = 1.0 + share * _in_powers(1, R_held, r_held), share * _in_powers(2, R_held, r_held)
        T_new = T
        if c1 + 2.0 * c2 * T < 0.0:
            T_new = min(-0.5 * c1 / c2, T_HIGH) if c2 > 0.0 else T_HIGH
        if T_new == T_held:
            break
        T_held = T_new
    return T_held - T + base - T_wet_bulb + share * A + 0.0 * (temperature_range + liquid_to_gas)  # NaN stays NaN


@kernel
def _liquid_to_gas(water_ratio: float, air_ratio: float) -> float:
    if water_ratio >= MAX_LIQUID_TO_GAS * air_ratio:
        return MAX_LIQUID_TO_GAS
    return water_ratio / air_ratio


@kernel
def _plain(T: float, R: float, r: float) -> bool:
    """Whether the fit holds as it stands: within its box, and where it rises with heat, less air and wet bulb."""
    if not (T_LOW <= T <= T_HIGH and RANGE_LOW <= R <= RANGE_HIGH and 0.4 <= r <= MAX_LIQUID_TO_GAS):
        return False
    if T >= -33.0 and R <= 13.0 and r <= 3.0:  # it turns nowhere here
        return True
    q, s = _by_range(T, r), _by_liquid_to_gas(T, R)
    by_wet_bulb = 1.0 + _in_powers(1, R, r) + 2.0 * T * _in_powers(2, R, r)
    return q.c1 + 2.0 * R * q.c2 >= 0.0 and s.c1 + 2.0 * r * s.c2 >= 0.0 and by_wet_bulb >= 0.0


@kernel
def yorkcalc_leaving(T_in: float, T_wet_bulb: float, water_ratio: float, air_ratio: float) -> float:
    """Temperature of the water leaving a YorkCalc tower: T_in - R with T_in - R = T_wb + A(T_wb, R, r).

    Symbols: T_in, T_out water (°C), T_wb wet bulb (°C), r = water_ratio / air_ratio, flows over design (-). Closed form
    where the fit holds as it stands, else false position. The law knows no warming tower: water colder than the wet
    bulb leaves as it came. Range and source: `yorkcalc_approach`.

    >>> abs(yorkcalc_leaving(25.56 + 3.89 + 5.56, 25.56, 1.0, 1.0) - 29.45) < 0.05  # the rated point of the source
    True
    """
    r = _liquid_to_gas(water_ratio, air_ratio)
    q = _by_range(T_wet_bulb, r)
    b, c = 1.0 + q.c1, T_wet_bulb + q.c0 - T_in
    square = b * b - 4.0 * q.c2 * c
    if square >= 0.0 and b + math.sqrt(square) > 0.0:
        R = -2.0 * c / (b + math.sqrt(square))
        if _plain(T_wet_bulb, R, r):
            return max(T_wet_bulb, T_in - R)
    low, high = 0.0, T_in - T_wet_bulb
    if not high > 0.0:
        return T_in + 0.0 * high  # and NaN
    f_low = yorkcalc_approach(T_wet_bulb, 0.0, r) - high
    f_high = yorkcalc_approach(T_wet_bulb, high, r)
    if f_low >= 0.0:
        return T_in
    R = high
    for _ in range(100):
        if f_high <= 1e-12 or high - low < 1e-12:
            break
        R = (low * f_high - high * f_low) / (f_high - f_low)
        f = R + yorkcalc_approach(T_wet_bulb, R, r) - (T_in - T_wet_bulb)
        if abs(f) < 1e-12:
            break
        if f < 0.0:
            low, f_low, f_high = R, f, 0.5 * f_high
        else:
            high, f_high, f_low = R, f, 0.5 * f_low
    T_out = T_in - R
    return T_wet_bulb if T_out < T_wet_bulb else T_out  # NaN stays NaN


@kernel
def yorkcalc_air_ratio(T_in: float, T_out: float, T_wet_bulb: float, water_ratio: float) -> float:
    """Air ratio with which a YorkCalc tower cools water from `T_in` to `T_out`.

    A(T_wb, R, r) = T_out - T_wb, a quadratic in r at given R = T_in - T_out; air_ratio = water_ratio / r

    The ratio is not limited to the fan: above 1 the tower is too small, and infinity means that no air flow is enough.
    At r = 8 the smallest air flow the correlation knows is reached. Closed form where the fit holds as it stands, else
    false position. Symbols, range and source: `yorkcalc_approach`.

    >>> round(yorkcalc_air_ratio(35.01, 29.45, 25.56, 1.0), 1)  # 1 at the rated point of the source
    1.0
    """
    R, A = T_in - T_out, T_out - T_wet_bulb
    q = _by_liquid_to_gas(T_wet_bulb, R)
    c = q.c0 - A
    square = q.c1 * q.c1 - 4.0 * q.c2 * c
    if square >= 0.0 and q.c1 + math.sqrt(square) > 0.0:
        r = -2.0 * c / (q.c1 + math.sqrt(square))
        if _plain(T_wet_bulb, R, r):
            return water_ratio / r
    low, high = 0.0, MAX_LIQUID_TO_GAS
    f_low = yorkcalc_approach(T_wet_bulb, R, low) - A
    f_high = yorkcalc_approach(T_wet_bulb, R, high) - A
    if f_low >= 0.0:
        return math.inf
    if f_high <= 0.0:
        return water_ratio / high
    r = high
    for _ in range(100):
        r = (low * f_high - high * f_low) / (f_high - f_low)
        f = yorkcalc_approach(T_wet_bulb, R, r) - A
        if abs(f) < 1e-12 or high - low < 1e-13:
            break
        if f < 0.0:
            low, f_low, f_high = r, f, 0.5 * f_high
        else:
            high, f_high, f_low = r, f, 0.5 * f_low
    return water_ratio / r


@kernel
def yorkcalc_outside(T_in: float, T_out: float, T_wet_bulb: float, water_ratio: float) -> bool:
    """Whether a point lies outside the box of the correlation (`yorkcalc_approach`)."""
    R, A = T_in - T_out, T_out - T_wet_bulb
    return not (
        T_LOW <= T_wet_bulb <= T_HIGH
        and RANGE_LOW <= R <= RANGE_HIGH
        and RANGE_LOW <= A <= 40.0
        and 0.75 <= water_ratio <= 1.25
    )
