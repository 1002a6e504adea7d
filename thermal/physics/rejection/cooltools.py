"""CoolTools crossflow cooling tower: the approach correlation and the leaving water it implies."""

from thermal.physics.kernel import kernel

__all__ = ["cooltools_approach", "cooltools_leaving", "cooltools_outside"]

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
def cooltools_approach(T_wet_bulb: float, temperature_range: float, water_ratio: float, air_ratio: float) -> float:
    """Approach of the leaving water to the wet bulb: a cubic in A = air_ratio³, W, T_wb and R with 35 coefficients.

    Symbols: R range (K), T_wb wet bulb (°C), W water over design flow, air_ratio air over design flow (-). Range of
    validity: T_wb -1..26.67 °C, R and approach 1.11..11.11 K, W 0.75..1.25. Source: EnergyPlus Engineering Reference,
    Cooling Towers, CoolTools crossflow correlation (Benton, Bowman, Hydeman, Miller, ASHRAE Transactions 108(1), 2002);
    the default tower there is rated at 25.56 °C wet bulb, 3.89 K approach and 5.56 K range.

    >>> abs(cooltools_approach(25.56, 5.56, 1.0, 1.0) - 3.89) < 0.005
    True
    """
    a, b, c, d = _in_range(T_wet_bulb, water_ratio, air_ratio)
    R = temperature_range
    return a + R * (b + R * (c + R * d))


@kernel
def cooltools_leaving(T_in: float, T_wet_bulb: float, water_ratio: float, air_ratio: float) -> float:
    """Water leaving a CoolTools tower: T_in - R with R + A(R) = T_in - T_wb, by Newton's method kept in its bracket.

    Water already colder than the correlation's outlet leaves as it came. Range and source: `cooltools_approach`.
    """
    a, b, c, d = _in_range(T_wet_bulb, water_ratio, air_ratio)
    low, high = 0.0, T_in - T_wet_bulb
    R = 0.5 * high
    if not high > 0.0 or a >= high:
        return T_in
    for _ in range(60):
        f = R + a + R * (b + R * (c + R * d)) - (T_in - T_wet_bulb)
        if f > 0.0:
            high = R
        else:
            low = R
        slope = 1.0 + b + R * (2.0 * c + 3.0 * d * R)
        step = R - f / slope if slope > 0.0 else 0.5 * (low + high)
        if not low < step < high:
            step = 0.5 * (low + high)
        change = step - R
        R = step
        if abs(change) < 1e-12:
            break
    return T_in - R


@kernel
def cooltools_outside(T_in: float, T_out: float, T_wet_bulb: float, water_ratio: float) -> bool:
    """Whether a point lies outside the box of the correlation (`cooltools_approach`)."""
    R, A = T_in - T_out, T_out - T_wet_bulb
    return not (
        -1.0 <= T_wet_bulb <= 26.6667
        and 1.1111 <= R <= 11.1111
        and 1.1111 <= A <= 11.1111
        and 0.75 <= water_ratio <= 1.25
    )
