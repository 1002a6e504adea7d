"""Critical heat flux: of a pool, of subcooled flow and of saturated flow in uniformly heated channels.

G mass flux [kg/m² s], L heated length and D heated diameter, four areas over the heated perimeter [m]; x_in inlet
quality, negative if subcooled; We = G² L / (ρ_f σ) with the length. The flux is on the heated walls [W/m²].
"""

import math
from enum import IntEnum

from thermal.physics.kernel import kernel
from thermal.physics.media.two_phase import Saturation

__all__ = ["Critical", "critical_flux", "hall_mudawar", "katto_ohno", "qu_mudawar", "wojtan", "zuber"]

GRAVITY = 9.80665


class Critical(IntEnum):
    """Law of the critical heat flux of a channel."""

    KATTO_OHNO = 0
    QU_MUDAWAR = 1
    WOJTAN = 2
    HALL_MUDAWAR = 3  # subcooled at the outlet; data of water


@kernel
def zuber(s: Saturation) -> float:
    """Return the critical flux of a pool, 0.18 h_fg √ρ_g (g σ (ρ_f − ρ_g))^¼ [W/m²]; the factor scatters 0.12 to 0.18.

    Source: Zuber, Trans. ASME 80 (1958) 711-720, with the factor of Rohsenow's handbook.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> round(zuber(R134a) / 1e4, 1)
    57.7
    """
    return 0.18 * s.h_fg * math.sqrt(s.rho_g) * (GRAVITY * s.sigma * (s.rho_f - s.rho_g)) ** 0.25


@kernel
def katto_ohno(s: Saturation, G: float, D: float, L: float, x_in: float) -> float:
    """Return q = q_o (1 + K (−x_in)) [W/m²], q_o and K by regime; for ρ_g/ρ_f < 0.15, NaN beyond.

    Source: Katto and Ohno, Int. J. Heat Mass Transfer 27 (1984) 1641-1648, doi:10.1016/0017-9310(84)90276-X; vertical
    tubes of 1 mm and more.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> long = katto_ohno(R134a, 600.0, 1e-3, 0.5, 0.0)  # by hand: all but C We^-0.043 of the liquid evaporates
    >>> round(4 * long * 500 / (600 * 173095.0), 3), round(4 * 0.34 * (600**2 * 0.5 / 1187.5 / 0.0073813) ** -0.043, 3)
    (0.887, 0.887)
    """
    thin = s.rho_g / s.rho_f
    if not thin < 0.15:
        return math.nan
    w, r = s.sigma * s.rho_f / (G * G * L), L / D  # 1 / We
    C = 0.25 + 0.0009 * min(max(r - 50.0, 0.0), 100.0)
    short = 1.0 + 0.0031 * r
    q1 = C * w**0.043 / r
    q2 = 0.10 * thin**0.133 * w ** (1.0 / 3.0) / short
    q3 = 0.098 * thin**0.133 * w**0.433 * r**0.27 / short
    q = q1 if q1 < q2 else min(q2, q3)
    K1 = 1.043 / (4.0 * C * w**0.043)
    K2 = 5.0 / 6.0 * (0.0124 + 1.0 / r) / (thin**0.133 * w ** (1.0 / 3.0))
    return q * G * s.h_fg * (1.0 - max(K1, K2) * x_in)


@kernel
def qu_mudawar(s: Saturation, G: float, D: float, L: float) -> float:
    """Return q = 33.43 (ρ_g/ρ_f)^1.11 We^−0.21 (L/D)^−0.36 G h_fg [W/m²]; no effect of the inlet's subcooling.

    Water in 21 channels of 215 × 821 µm, and R113, both near 1 bar: 42 points. NaN for ρ_g/ρ_f above 0.01, well beyond
    saturated R113 at 1 bar (0.005), where it runs to ten times the other laws. Source: Qu and Mudawar, Int. J. Heat
    Mass Transfer 47 (2004) 2045-2059, doi:10.1016/j.ijheatmasstransfer.2003.12.006.

    Examples
    --------
    >>> light = Saturation(100.0, 1e5, 1.0, 1e-3, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    >>> round(qu_mudawar(light, 1.0, 1.0, 1.0) * 1e3**1.11, 2)
    33.43
    """
    if not s.rho_g / s.rho_f <= 0.01:
        return math.nan
    We = G * G * L / (s.rho_f * s.sigma)
    return 33.43 * (s.rho_g / s.rho_f) ** 1.11 * We**-0.21 * (L / D) ** -0.36 * G * s.h_fg


@kernel
def wojtan(s: Saturation, G: float, D: float, L: float) -> float:
    """Return q = 0.437 (ρ_g/ρ_f)^0.073 We^−0.24 (L/D)^−0.72 G h_fg [W/m²].

    R134a and R245fa in tubes of 0.5 and 0.8 mm, G 400 to 1600, L 20 to 70 mm. Source: Wojtan, Revellin and Thome, Exp.
    Thermal Fluid Sci. 30 (2006) 765-774, doi:10.1016/j.expthermflusci.2006.03.006.

    Examples
    --------
    >>> even = Saturation(100.0, 1e5, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    >>> wojtan(even, 1.0, 1.0, 1.0)
    0.437
    """
    We = G * G * L / (s.rho_f * s.sigma)
    return 0.437 * (s.rho_g / s.rho_f) ** 0.073 * We**-0.24 * (L / D) ** -0.72 * G * s.h_fg


@kernel
def hall_mudawar(s: Saturation, G: float, D: float, L: float, x_in: float) -> float:
    """Return the critical flux [W/m²] of flow that leaves subcooled, by the inlet's state.

    Bo = 0.0722 We^−0.312 (ρ_f/ρ_g)^−0.644 (1 − 0.900 (ρ_f/ρ_g)^0.724 x_out), We = G² D / (ρ_f σ), with the heat balance
    x_out = x_in + 4 Bo L/D put in. Water, D 0.25 to 15 mm, L/D 2 to 200, G 300 to 30 000, 1 to 200 bar; mean error
    10.3 % on 4860 points. Source: Hall and Mudawar, Int. J. Heat Mass Transfer 43 (2000) 2605-2640,
    doi:10.1016/S0017-9310(99)00192-1.

    Examples
    --------
    >>> even = Saturation(100.0, 1e5, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    >>> round(hall_mudawar(even, 1.0, 1.0, 1e-12, -1.0), 5)  # 0.0722 · 1.9
    0.13718
    """
    ratio = s.rho_f / s.rho_g
    scale = 0.0722 * (G * G * D / (s.rho_f * s.sigma)) ** -0.312 * ratio**-0.644
    slope = 0.900 * ratio**0.724
    return scale * (1.0 - slope * x_in) / (1.0 + 4.0 * scale * slope * L / D) * G * s.h_fg


@kernel
def critical_flux(law: int, s: Saturation, G: float, D: float, L: float, x_in: float) -> float:
    """Return the critical flux [W/m²] by one of the laws of `Critical`; NaN if the flow would leave in its wrong state.

    Hall and Mudawar's is for an outlet that is subcooled at the critical flux, the others for a saturated one.
    Source: the law's own.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> critical_flux(Critical.WOJTAN, R134a, 600.0, 1e-3, 0.05, 0.0) == wojtan(R134a, 600.0, 1e-3, 0.05)
    True
    """
    if law == Critical.KATTO_OHNO:
        q = katto_ohno(s, G, D, L, x_in)
    elif law == Critical.QU_MUDAWAR:
        q = qu_mudawar(s, G, D, L)
    elif law == Critical.WOJTAN:
        q = wojtan(s, G, D, L)
    else:
        q = hall_mudawar(s, G, D, L, x_in)
    x_out = x_in + 4.0 * q * L / (D * G * s.h_fg)
    if (law == Critical.HALL_MUDAWAR) == (x_out > 0.0):
        return math.nan
    return q
