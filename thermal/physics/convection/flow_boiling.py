"""Films of flow boiling, where the wall dries out, and critical heat flux; laws disagree, so each can be asked for.

Symbols: G mass flux [kg/m² s], D hydraulic diameter [m], q flux on the heated walls [W/m²], x quality, share heated
over wetted perimeter; Bo = q / (G h_fg), We = G² D / (ρ_f σ), Ca = μ_f G / (ρ_f σ), p_R = p / p_critical.
"""

import math
from enum import IntEnum
from typing import NamedTuple

from thermal.physics.kernel import kernel
from thermal.physics.media.two_phase import Saturation

__all__ = ["Boiling", "Film", "bertsch", "cooper", "dryout_quality", "film", "kim_mudawar", "li_wu", "liquid_film",
           "liu_winterton", "sun_mishima"]  # fmt: skip

GRAVITY = 9.80665


class Film(IntEnum):
    """Law of the film coefficient of saturated boiling."""

    KIM_MUDAWAR = 0
    LIU_WINTERTON = 1
    BERTSCH = 2
    COOPER = 3  # of a pool: no effect of the flow
    SUN_MISHIMA = 4
    LI_WU = 5


class Boiling(NamedTuple):
    """Where and how hard a channel boils."""

    G: float
    D: float
    q: float
    x: float
    share: float
    length: float  # heated length [m]
    p_critical: float  # Pa
    molar_mass: float  # g/mol


@kernel
def liquid_film(Re: float, Pr: float, k: float, D: float) -> float:
    """Return h = 0.023 Re^0.8 Pr^0.4 k / D [W/m² K], the liquid's share in laws of flow boiling, at any Re.

    Source: Dittus and Boelter, in Incropera and DeWitt (2007), eq. 8.60; used below Re 10 000 only as the boiling laws
    were fitted with it.

    Examples
    --------
    >>> round(liquid_film(1e4, 1.0, 1.0, 1.0), 2)  # 0.023 · 10^3.2
    36.45
    """
    return 0.023 * Re**0.8 * Pr**0.4 * k / D


@kernel
def cooper(q: float, p_R: float, molar_mass: float, roughness: float) -> float:
    """Return the film of pool boiling h = 55 p_R^(0.12 − 0.2 log₁₀ Rp) (−log₁₀ p_R)^−0.55 M^−0.5 q^0.67 [W/m² K].

    Rp roughness [µm], M [g/mol]; 0.001 < p_R < 0.9. Source: Cooper, Advances in Heat Transfer 16 (1984) 157-239.

    Examples
    --------
    >>> round(cooper(2e5, 0.770206e6 / 4.05928e6, 102.032, 1.0), -2)  # R134a at 30 °C
    19000.0
    """
    power = 0.12 - 0.2 * math.log10(roughness)
    return 55.0 * p_R**power * (-math.log10(p_R)) ** -0.55 / math.sqrt(molar_mass) * q**0.67


@kernel
def kim_mudawar(s: Saturation, b: Boiling) -> tuple[float, float]:
    """Return the nucleate and the convective part of the film [W/m² K]; the film is the root of their squares' sum.

    h_nb = 2345 (Bo share)^0.70 p_R^0.38 (1 − x)^−0.51 h_f and h_cb = (5.2 (Bo share)^0.08 We^−0.54 + 3.5 X_tt^−0.94
    (ρ_g/ρ_f)^0.25) h_f, h_f of the liquid alone. D 0.19 to 6.5 mm, G 19 to 1608, p_R 0.005 to 0.69, up to dry-out;
    mean error 20.3 % on 10 805 points. Source: Kim and Mudawar, Int. J. Heat Mass Transfer 64 (2013) 1239-1256,
    doi:10.1016/j.ijheatmasstransfer.2013.04.014.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> nucleate, convective = kim_mudawar(R134a, Boiling(600.0, 5e-4, 2e5, 0.3, 0.75, 0.03, 4.05928e6, 102.032))
    >>> abs(math.hypot(nucleate, convective) / 26017.0 - 1.0) < 2e-3  # rounded properties
    True
    """
    Bo, p_R = b.q * b.share / (b.G * s.h_fg), s.pressure / b.p_critical
    We = b.G * b.G * b.D / (s.rho_f * s.sigma)
    h_f = liquid_film(b.G * (1.0 - b.x) * b.D / s.mu_f, s.mu_f * s.cp_f / s.k_f, s.k_f, b.D)
    inverse = (s.mu_g / s.mu_f) ** 0.1 * (b.x / (1.0 - b.x)) ** 0.9 * math.sqrt(s.rho_f / s.rho_g)  # 1 / X_tt
    nucleate = 2345.0 * Bo**0.70 * p_R**0.38 * (1.0 - b.x) ** -0.51
    convective = 5.2 * Bo**0.08 * We**-0.54 + 3.5 * inverse**0.94 * (s.rho_g / s.rho_f) ** 0.25
    return nucleate * h_f, convective * h_f


@kernel
def dryout_quality(s: Saturation, b: Boiling) -> float:
    """Return the quality at which the wall begins to dry out; beyond it no film law here holds.

    x = 1.4 We^0.03 p_R^0.08 − 15 (Bo share)^0.15 Ca^0.35 (ρ_g/ρ_f)^0.06. D 0.51 to 6.0 mm, G 29 to 2303; negative where
    it dries out as soon as it boils. Source: Kim and Mudawar, Int. J. Heat Mass Transfer 64 (2013) 1226-1238,
    doi:10.1016/j.ijheatmasstransfer.2013.04.016.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> round(dryout_quality(R134a, Boiling(600.0, 5e-4, 2e5, 0.3, 0.75, 0.03, 4.05928e6, 102.032)), 3)
    0.355
    """
    We = b.G * b.G * b.D / (s.rho_f * s.sigma)
    Bo, Ca = b.q * b.share / (b.G * s.h_fg), s.mu_f * b.G / (s.rho_f * s.sigma)
    wet = 1.4 * We**0.03 * (s.pressure / b.p_critical) ** 0.08
    return wet - 15.0 * Bo**0.15 * Ca**0.35 * (s.rho_g / s.rho_f) ** 0.06


@kernel
def liu_winterton(s: Saturation, b: Boiling, pool: float) -> float:
    """Return h = √((F h_l)² + (S pool)²) [W/m² K], `pool` being the film of pool boiling by Cooper.

    F = (1 + x Pr (ρ_f/ρ_g − 1))^0.35, S = 1 / (1 + 0.055 F^0.1 Re^0.16), h_l and Re = G D / μ_f of all flow as liquid.
    Tubes of 3 to 32 mm: small channels lie outside. Source: Liu and Winterton, Int. J. Heat Mass Transfer 34 (1991)
    2759-2766, doi:10.1016/0017-9310(91)90234-6.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> at = Boiling(600.0, 5e-4, 2e5, 0.3, 0.75, 0.03, 4.05928e6, 102.032)
    >>> abs(liu_winterton(R134a, at, 19007.0) / 17439.0 - 1.0) < 1e-3
    True
    """
    Re, Pr = b.G * b.D / s.mu_f, s.mu_f * s.cp_f / s.k_f
    F = (1.0 + b.x * Pr * (s.rho_f / s.rho_g - 1.0)) ** 0.35
    S = 1.0 / (1.0 + 0.055 * F**0.1 * Re**0.16)
    return math.hypot(F * liquid_film(Re, Pr, s.k_f, b.D), S * pool)


@kernel
def _hausen(Re: float, Pr: float, ratio: float) -> float:
    """Mean Nusselt number of laminar flow in a tube of diameter over length `ratio`, after Hausen."""
    gz = ratio * Re * Pr
    return 3.66 + 0.0668 * gz / (1.0 + 0.04 * gz ** (2.0 / 3.0))


@kernel
def bertsch(s: Saturation, b: Boiling, pool: float) -> float:
    """Return h = (1 − x) pool + (1 + 80 (x² − x⁶) e^(−0.6 Co)) (h_f (1 − x) + h_g x) [W/m² K].

    Co = √(σ / (g (ρ_f − ρ_g) D²)); h_f and h_g of all flow as liquid and as vapour, laminar by Hausen; `pool` by Cooper
    at 1 µm. D 0.16 to 2.92 mm, G 20 to 3000, T −194 to 97 °C, q 4 to 1150 kW/m²; mean error below 30 % on 3899 points.
    Source: Bertsch, Groll and Garimella, Int. J. Heat Mass Transfer 52 (2009) 2110-2118,
    doi:10.1016/j.ijheatmasstransfer.2008.10.022.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> at = Boiling(600.0, 5e-4, 2e5, 0.0, 0.75, 1e9, 4.05928e6, 102.032)
    >>> round(bertsch(R134a, at, 19007.0) - 19007.0, 2), round(3.66 * 0.078994 / 5e-4, 2)  # no vapour, long tube
    (578.24, 578.24)
    """
    liquid = _hausen(b.G * b.D / s.mu_f, s.mu_f * s.cp_f / s.k_f, b.D / b.length) * s.k_f / b.D
    gas = _hausen(b.G * b.D / s.mu_g, s.mu_g * s.cp_g / s.k_g, b.D / b.length) * s.k_g / b.D
    Co = math.sqrt(s.sigma / (GRAVITY * (s.rho_f - s.rho_g))) / b.D
    F = 1.0 + 80.0 * (b.x**2 - b.x**6) * math.exp(-0.6 * Co)
    return (1.0 - b.x) * pool + F * (liquid * (1.0 - b.x) + gas * b.x)


@kernel
def sun_mishima(s: Saturation, b: Boiling) -> float:
    """Return h = 6 Re^1.05 Bo^0.54 / (We^0.191 (ρ_f/ρ_g)^0.142) k_f / D [W/m² K], Re and We of all flow as liquid.

    D 0.21 to 6.05 mm, G 44 to 1500. Source: Sun and Mishima, Int. J. Heat Mass Transfer 52 (2009) 5323-5329,
    doi:10.1016/j.ijheatmasstransfer.2009.06.041.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> at = Boiling(600.0, 5e-4, 2e5, 0.3, 0.75, 0.03, 4.05928e6, 102.032)
    >>> abs(sun_mishima(R134a, at) / 26414.0 - 1.0) < 2e-3
    True
    """
    We = b.G * b.G * b.D / (s.rho_f * s.sigma)
    weak = We**0.191 * (s.rho_f / s.rho_g) ** 0.142
    return 6.0 * (b.G * b.D / s.mu_f) ** 1.05 * (b.q / (b.G * s.h_fg)) ** 0.54 / weak * s.k_f / b.D


@kernel
def li_wu(s: Saturation, b: Boiling) -> float:
    """Return h = 334 Bo^0.3 (Bd Re^0.36)^0.4 k_f / D [W/m² K], Bd = g (ρ_f − ρ_g) D² / σ, Re of the liquid alone.

    D 0.16 to 3.1 mm, G 20 to 3570. Source: Li and Wu, Int. J. Heat Mass Transfer 53 (2010) 1967-1977,
    doi:10.1016/j.ijheatmasstransfer.2010.01.013.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> at = Boiling(600.0, 5e-4, 2e5, 0.3, 0.75, 0.03, 4.05928e6, 102.032)
    >>> abs(li_wu(R134a, at) / 15174.0 - 1.0) < 2e-3
    True
    """
    Bd = GRAVITY * (s.rho_f - s.rho_g) * b.D**2 / s.sigma
    Re = b.G * (1.0 - b.x) * b.D / s.mu_f
    return 334.0 * (b.q / (b.G * s.h_fg)) ** 0.3 * (Bd * Re**0.36) ** 0.4 * s.k_f / b.D


@kernel
def film(law: int, s: Saturation, b: Boiling) -> float:
    """Return the film coefficient [W/m² K] of saturated boiling by one of the laws of `Film`; NaN from x = 1 on.

    Source: the law's own.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> at = Boiling(600.0, 5e-4, 2e5, 0.3, 0.75, 0.03, 4.05928e6, 102.032)
    >>> film(Film.LI_WU, R134a, at) == li_wu(R134a, at)
    True
    """
    if not b.x < 1.0:
        return math.nan
    pool = cooper(b.q, s.pressure / b.p_critical, b.molar_mass, 1.0)
    if law == Film.LIU_WINTERTON:
        return liu_winterton(s, b, pool)
    if law == Film.BERTSCH:
        return bertsch(s, b, pool)
    if law == Film.COOPER:
        return pool
    if law == Film.SUN_MISHIMA:
        return sun_mishima(s, b)
    if law == Film.LI_WU:
        return li_wu(s, b)
    nucleate, convective = kim_mudawar(s, b)
    return math.hypot(nucleate, convective)
