"""CoolTools crossflow cooling tower: the approach correlation and the leaving water it implies."""

from thermal.physics.kernel import kernel

__all__ = ["WATER_HIGH", "WATER_LOW", "cooltools_approach", "cooltools_leaving", "cooltools_outside"]

T_LOW, T_HIGH = -1.0, 26.6667  # wet bulb of the fit [°C]
RANGE_LOW, RANGE_HIGH = 1.1111, 11.1111  # range, and approach [K]
WATER_LOW, WATER_HIGH = 0.75, 1.25  # water ratio
TURN = 0.7  # air ratio above which the fit may turn

# Coefficients as published: products of A (air ratio cubed), W (water ratio), T (wet bulb) and R (range).
COOLTOOLS = (
    0.52049709836241, -10.617046395344, 10.7292974722538, -2.74988377158227, 4.73629943913743, -8.25759700874711,
    1.57640938114136, 6.51119643791324, 1.50433525206692, -3.2888529287801, 0.0257786145353773, 0.182464289315254,
    -0.0818947291400898, -0.215010003996285, 0.0186741309635284, 0.0536824177590012, -0.00270968955115031,
    0.00112277498589279, -0.00127758497497718, 7.60420796601607e-05, 1.43600088336017, -0.5198695909109,
    0.117339576910507, 1.50492810819924, -0.135898905926974, -0.152577581866506, -0.0533843828114562,
    0.00493294869565511, -0.00796260394174197, 0.000222619828621544, -0.0543952001568055, 0.00474266879161693,
    -0.0185854671815598, 0.00115667701293848, 0.000807370664460284,
)  # fmt: skip


@kernel
def _in_range(T: float, W: float, air_ratio: float) -> tuple[float, float, float, float]:
    """Coefficients of the approach as a cubic in the range."""
    c = COOLTOOLS
    A = air_ratio * air_ratio * air_ratio
    constant = (
        +c[0] + A * (c[1] + A * (c[2] + A * c[3])) + W * (c[4] + A * (c[5] + A * c[6]) + W * (c[7] + A * c[8] + W *
        c[9])) + T * (c[10] + A * (c[11] + A * c[12]) + W * (c[13] + A * c[14] + W * c[15]))
        + T * T * (c[16] + A * c[17] + W * c[18] + T * c[19])
    )  # fmt: skip
    linear = (
        +c[20] + A * (c[21] + A * c[22]) + W * (c[23] + A * c[24] + W * c[25])
        + T * (c[26] + A * c[27] + W * c[28] + T * c[29])
    )  # fmt: skip
    return constant, linear, c[30] + A * c[31] + W * c[32] + T * c[33], c[34]


@kernel
def _fit(T: float, R: float, W: float, air_ratio: float) -> float:
    """The fit within its box; where more air would give warmer water, what full speed gives."""
    a, b, c, d = _in_range(T, W, air_ratio)
    A = a + R * (b + R * (c + R * d))
    if TURN < air_ratio < 1.0:
        a, b, c, d = _in_range(T, W, 1.0)
        A = max(A, a + R * (b + R * (c + R * d)))
    return max(A, 0.0)


@kernel
def cooltools_approach(T_wet_bulb: float, temperature_range: float, water_ratio: float, air_ratio: float) -> float:
    """Approach of the leaving water to the wet bulb: a cubic in A = air_ratio³, W, T_wb and R with 35 coefficients.

    Symbols: R range (K), T_wb wet bulb (°C), W water over design flow, air_ratio air over design flow (-). Range of
    validity: T_wb -1..26.67 °C, R and approach 1.11..11.11 K, W 0.75..1.25. Source: EnergyPlus, CoolTools crossflow
    correlation (Benton, Bowman, Hydeman, Miller, ASHRAE Transactions 108(1), 2002); the default tower there is rated at
    25.56 °C wet bulb, 3.89 K approach and 5.56 K range. Its Engineering Reference (Cooling Towers) writes A as the air
    ratio itself; its source code cubes it, since the correlation was fitted to the fan power ratio, and so does this.

    Beyond that range the law holds, as in the source: below -1 °C the water leaves as at -1 °C, W stays at its ends.
    Above 26.67 °C the approach stays as there (the source holds the wet bulb, so that water could leave below the wet
    bulb). Below 1.11 K approach over range stays, since no load has no approach; beyond 11.11 K the approach rises by
    the approach over range of 26.67 °C. Where the fit turns near full speed, full speed holds.

    >>> abs(cooltools_approach(25.56, 5.56, 1.0, 1.0) - 3.89) < 0.005
    True
    """
    base = max(T_wet_bulb, T_LOW)
    R = min(max(temperature_range, RANGE_LOW), RANGE_HIGH)
    W = min(max(water_ratio, WATER_LOW), WATER_HIGH)
    A = _fit(min(base, T_HIGH), R, W, air_ratio)
    if temperature_range > R:
        A += (temperature_range - R) / R * _fit(T_HIGH, R, W, air_ratio)
    elif temperature_range < R:
        A *= temperature_range / R
    return base - T_wet_bulb + A + 0.0 * (temperature_range + water_ratio + air_ratio)  # NaN stays NaN


@kernel
def _range(T: float, W: float, air_ratio: float, difference: float) -> float:
    """Range R with R + A(R) = `difference`: Newton's method kept in its bracket within the box, beyond it explicit."""
    low, high = RANGE_LOW, RANGE_HIGH
    A = _fit(T, low, W, air_ratio)
    if low + A >= difference:
        return difference * low / (low + A)
    A = _fit(T, high, W, air_ratio)
    if high + A <= difference:
        return high + (difference - high - A) / (1.0 + _fit(T_HIGH, high, W, air_ratio) / high)
    a, b, c, d = _in_range(T, W, air_ratio)
    R = 0.5 * difference
    for _ in range(60):
        if not low < R < high:
            R = 0.5 * (low + high)
        f = R + max(a + R * (b + R * (c + R * d)), 0.0) - difference
        if f > 0.0:
            high = R
        else:
            low = R
        change = f / (1.0 + b + R * (2.0 * c + 3.0 * d * R))
        R -= change
        if abs(change) < 1e-12:
            break
    return R


@kernel
def cooltools_leaving(T_in: float, T_wet_bulb: float, water_ratio: float, air_ratio: float) -> float:
    """Water leaving a CoolTools tower: T_in - R with R + A(R) = T_in - T_wb.

    The law knows no warming tower: water colder than the wet bulb, or than -1 °C, leaves as it came. Range and source:
    `cooltools_approach`.

    >>> round(cooltools_leaving(10.0, -15.0, 1.0, 1.0), 2)  # as at a wet bulb of -1 °C, where the source holds it
    6.65
    """
    base = max(T_wet_bulb, T_LOW)
    difference = T_in - base
    if not difference > 0.0:
        return T_in + 0.0 * difference  # and NaN
    T, W = min(base, T_HIGH), min(max(water_ratio, WATER_LOW), WATER_HIGH)
    R = _range(T, W, air_ratio, difference)
    if TURN < air_ratio < 1.0:
        R = min(R, _range(T, W, 1.0, difference))
    return max(T_in - R, base) + 0.0 * (R + water_ratio + air_ratio)  # NaN stays NaN


@kernel
def cooltools_outside(T_in: float, T_out: float, T_wet_bulb: float, water_ratio: float) -> bool:
    """Whether a point lies outside the box of the correlation (`cooltools_approach`)."""
    R, A = T_in - T_out, T_out - T_wet_bulb
    return not (
        T_LOW <= T_wet_bulb <= T_HIGH
        and RANGE_LOW <= R <= RANGE_HIGH
        and RANGE_LOW <= A <= RANGE_HIGH
        and WATER_LOW <= water_ratio <= WATER_HIGH
    )
