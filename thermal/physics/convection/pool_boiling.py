"""Boiling in a pool: films of plain surfaces by laws that disagree, natural convection below them, critical flux.

Symbols: q flux [W/m²], T_s saturation temperature, p_R = p / p_critical, Δρ = ρ_f − ρ_g, Pr = c_p μ / k of the liquid;
laws of films give h = q / (T_wall − T_s) [W/m² K].
"""

import math
from enum import IntEnum

from thermal.physics.convection.critical_flux import GRAVITY
from thermal.physics.convection.flow_boiling import cooper
from thermal.physics.kernel import kernel
from thermal.physics.media.two_phase import Saturation

__all__ = [
    "Pool",
    "gorenflo",
    "ivey_morris",
    "kandlikar",
    "kutateladze_subcooled",
    "lienhard_dhir",
    "pool_film",
    "rohsenow",
    "stephan_abdelsalam",
    "still_liquid",
]  # fmt: skip


class Pool(IntEnum):
    """Law of the film coefficient of a boiling pool."""

    COOPER = 0  # 0.001 < p_R < 0.9
    ROHSENOW = 1  # with the constant of the surface
    STEPHAN_ABDELSALAM = 2  # one equation for all fluids, 1e-4 < p_R < 0.97
    GORENFLO = 3  # fluids with a measured reference film, 1e-4 < p_R < 0.95


@kernel
def rohsenow(s: Saturation, q: float, surface: float, exponent: float) -> float:
    """Return h of q = μ h_fg √(g Δρ/σ) (c_p ΔT / (C h_fg Pr^n))³ [W/m² K].

    C `surface` (0.0027 to 0.0154 in the tables, 0.0128 polished copper and 0.0068 scored copper under water) and n
    `exponent` (1 water, 1.7 other fluids). Source: Rohsenow, Trans. ASME 74 (1952) 969-976; in Incropera and DeWitt
    (2007), eq. 10.5 and table 10.1, whose example 10.1 gives 836 kW/m² at 18 K on polished copper.

    Examples
    --------
    >>> water = Saturation(100.0, 101325.0, 957.9, 0.5955, 0.0, 2257e3, 279e-6, 1.2e-5, 0.68, 0.025, 4217.0, 2029.0,
    ...                    58.9e-3)
    >>> round(836e3 / rohsenow(water, 836e3, 0.0128, 1.0), 1)  # 18 with the example's Pr of 1.76
    17.7
    """
    Pr = s.cp_f * s.mu_f / s.k_f
    scale = math.sqrt(s.sigma / (GRAVITY * (s.rho_f - s.rho_g)))
    rise = surface * s.h_fg / s.cp_f * Pr**exponent * (q / (s.mu_f * s.h_fg) * scale) ** (1.0 / 3.0)
    return q / rise


@kernel
def stephan_abdelsalam(s: Saturation, q: float) -> float:
    """Return h = 0.23 (k/d) X1^0.674 X2^0.35 X4^0.371 X5^0.297 X8^−1.73 [W/m² K], the equation for all fluids.

    d = 0.0146 β √(2σ/(g Δρ)) with β = 35°, a = k/(ρ_f c_p); X1 = q d/(k T_s), X2 = a² ρ_f/(σ d), X4 = h_fg d²/a²,
    X5 = ρ_g/ρ_f, X8 = Δρ/ρ_f, T_s absolute. Horizontal surfaces of 1 µm, mean error 22 % on 2806 points. Source:
    Stephan and Abdelsalam, Int. J. Heat Mass Transfer 23 (1980) 73-87, doi:10.1016/0017-9310(80)90140-4, eq. 15a.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> round(stephan_abdelsalam(R134a, 2e5) / stephan_abdelsalam(R134a, 1e5) / 2**0.674, 12)
    1.0
    """
    heavier = s.rho_f - s.rho_g
    T = s.T + 273.15
    d = 0.0146 * 35.0 * math.sqrt(2.0 * s.sigma / (GRAVITY * heavier))
    a = s.k_f / (s.rho_f * s.cp_f)
    X1, X2, X4 = q * d / (s.k_f * T), a * a * s.rho_f / (s.sigma * d), s.h_fg * d * d / (a * a)
    known = X1**0.674 * X2**0.35 * X4**0.371
    return 0.23 * s.k_f / d * known * (s.rho_g / s.rho_f) ** 0.297 * (heavier / s.rho_f) ** -1.73


@kernel
def gorenflo(q: float, p_R: float, reference: float, roughness: float, water: bool) -> float:
    """Return h = h_0 F (q/20 kW/m²)^n (Ra/0.4 µm)^(2/15) [W/m² K]; NaN where h_0 is.

    h_0 `reference` is measured at p_R 0.1, 20 kW/m² and Ra 0.4 µm. Other fluids F = 1.2 p_R^0.27 + 2.5 p_R + p_R/(1 −
    p_R), n = 0.9 − 0.3 p_R^0.3; water F = 1.73 p_R^0.27 + (6.1 + 0.68/(1 − p_R)) p_R², n = 0.9 − 0.3 p_R^0.15. Ra
    `roughness` [µm]. Source: Gorenflo, VDI Heat Atlas (1993), section Ha; in Cengel and in `ht`.

    Examples
    --------
    >>> abs(gorenflo(2e4, 0.1, 5600.0, 0.4, True) / 5600.0 - 1.0) < 3e-3  # the reference state: F is 1
    True
    """
    near = 1.0 - p_R
    n = 0.9 - 0.3 * p_R ** (0.15 if water else 0.3)
    F = 1.73 * p_R**0.27 + (6.1 + 0.68 / near) * p_R**2 if water else 1.2 * p_R**0.27 + 2.5 * p_R + p_R / near
    return reference * F * (q / 2e4) ** n * (roughness / 0.4) ** (2.0 / 15.0)


@kernel
def pool_film(
    law: int, s: Saturation, q: float, p_critical: float, molar_mass: float, roughness: float, surface: float,
    reference: float, water: bool,
) -> float:  # fmt: skip
    """Return the film coefficient [W/m² K] of a boiling pool by one of the laws of `Pool`; NaN where one has no data.

    Source: the law's own.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.2e-5, 0.078994, 0.0143, 1446.0,
    ...                    1065.0, 0.0073813)
    >>> round(pool_film(Pool.COOPER, R134a, 2e5, 4.05928e6, 102.032, 1.0, 0.013, 4500.0, False), -2)
    19000.0
    """
    p_R = s.pressure / p_critical
    if law == Pool.ROHSENOW:
        return rohsenow(s, q, surface, 1.0 if water else 1.7)
    if law == Pool.STEPHAN_ABDELSALAM:
        return stephan_abdelsalam(s, q)
    if law == Pool.GORENFLO:
        return gorenflo(q, p_R, reference, roughness, water)
    return cooper(q, p_R, molar_mass, roughness)


@kernel
def still_liquid(s: Saturation, expansion: float, q: float) -> float:
    """Return T_wall − T_bath [K] of natural convection above a hot plate that faces up, before it boils.

    Nu = 0.15 Ra^(1/3), in which the size of the plate cancels: ΔT = (q / (0.15 k (g β ρ² c_p/(μ k))^(1/3)))^(3/4), β
    `expansion` [1/K]. 1e7 < Ra < 1e11, Pr ≥ 0.7. Source: Lloyd and Moran, J. Heat Transfer 96 (1974) 443-447; in
    Incropera and DeWitt (2007), eq. 9.31.

    Examples
    --------
    >>> even = Saturation(100.0, 1e5, 1.0, 1e-3, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    >>> round(still_liquid(even, 1.0 / 9.80665, 0.15), 12)
    1.0
    """
    Ra_per_cube = GRAVITY * expansion * s.rho_f * s.rho_f * s.cp_f / (s.mu_f * s.k_f)
    return (q / (0.15 * s.k_f * Ra_per_cube ** (1.0 / 3.0))) ** 0.75


@kernel
def lienhard_dhir(s: Saturation) -> float:
    """Return the critical flux of a wide plain plate that faces up, 0.149 h_fg √ρ_g (g σ Δρ)^¼ [W/m²].

    Source: Lienhard and Dhir, J. Heat Transfer 95 (1973) 152-158, doi:10.1115/1.3450013; plates wider than three of
    their wavelengths 2π √(3σ/(g Δρ)).

    Examples
    --------
    >>> water = Saturation(100.0, 101325.0, 957.9, 0.5955, 0.0, 2257e3, 279e-6, 1.2e-5, 0.68, 0.025, 4217.0, 2029.0,
    ...                    58.9e-3)
    >>> round(lienhard_dhir(water) / 1e6, 2)  # Incropera and DeWitt (2007), example 10.1
    1.26
    """
    return 0.149 * s.h_fg * math.sqrt(s.rho_g) * (GRAVITY * s.sigma * (s.rho_f - s.rho_g)) ** 0.25


@kernel
def kandlikar(s: Saturation, contact_angle: float, tilt: float) -> float:
    """Return the critical flux by contact angle β and tilt φ [rad] (0 faces up, π/2 stands) [W/m²].

    q = h_fg √ρ_g (1 + cos β)/16 √(2/π + π/4 (1 + cos β) cos φ) (σ g Δρ)^¼, receding β of 20 to 110°, φ up to 90°.
    Source: Kandlikar, J. Heat Transfer 123 (2001) 1071-1079, doi:10.1115/1.1409265.

    Examples
    --------
    >>> light = Saturation(100.0, 1e5, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    >>> even = light._replace(rho_g=1.0, rho_f=1.0 + 1.0 / 9.80665)
    >>> round(kandlikar(even, math.pi / 2, math.pi / 2) * 16, 4), round(math.sqrt(2 / math.pi), 4)
    (0.7979, 0.7979)
    """
    wet = 1.0 + math.cos(contact_angle)
    factor = wet / 16.0 * math.sqrt(2.0 / math.pi + math.pi / 4.0 * wet * math.cos(tilt))
    return factor * s.h_fg * math.sqrt(s.rho_g) * (GRAVITY * s.sigma * (s.rho_f - s.rho_g)) ** 0.25


@kernel
def kutateladze_subcooled(s: Saturation, subcooling: float) -> float:
    """Return the critical flux over that of a saturated bath, 1 + 0.065 (ρ_f/ρ_g)^0.8 c_p ΔT/h_fg.

    Source: Kutateladze and Schneiderman (1953), in Carey, Liquid-Vapor Phase-Change Phenomena (1992), section 7.3.

    Examples
    --------
    >>> even = Saturation(100.0, 1e5, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    >>> kutateladze_subcooled(even, 1.0)
    1.065
    """
    return 1.0 + 0.065 * (s.rho_f / s.rho_g) ** 0.8 * s.cp_f * subcooling / s.h_fg


@kernel
def ivey_morris(s: Saturation, subcooling: float) -> float:
    """Return the critical flux over that of a saturated bath, 1 + 0.1 (ρ_f/ρ_g)^0.75 c_p ΔT/h_fg.

    Source: Ivey and Morris, AEEW-R137, Winfrith (1962), in Carey (1992), section 7.3; water, wires and strips.

    Examples
    --------
    >>> even = Saturation(100.0, 1e5, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    >>> ivey_morris(even, 1.0)
    1.1
    """
    return 1.0 + 0.1 * (s.rho_f / s.rho_g) ** 0.75 * s.cp_f * subcooling / s.h_fg
