"""Pressure along a boiling channel: friction of liquid and vapour together, void fraction, momentum."""

import math
from enum import IntEnum

from thermal.physics.kernel import kernel
from thermal.physics.media.two_phase import Saturation

__all__ = ["Drop", "blasius", "friction_gradient", "kim_mudawar_friction", "momentum_flux", "muller_heck", "zivi"]


class Drop(IntEnum):
    """Law of two-phase friction."""

    KIM_MUDAWAR = 0  # of flow without heat
    KIM_MUDAWAR_BOILING = 1  # with the effect of boiling on the interface
    MULLER_HECK = 2


@kernel
def kim_mudawar_friction(Re: float) -> float:
    """Return the Darcy friction factor: 64/Re to Re 2000, 0.316 Re^−¼ to 20 000, then 0.184 Re^−0.2.

    It jumps by 48 % at 2000, as the law has it. Source: Kim and Mudawar, Int. J. Heat Mass Transfer 55 (2012)
    3246-3261, doi:10.1016/j.ijheatmasstransfer.2012.02.047, who fitted their multiplier with it.

    Examples
    --------
    >>> kim_mudawar_friction(1000.0), kim_mudawar_friction(1e4)
    (0.064, 0.0316)
    """
    if Re < 2000.0:
        return 64.0 / max(Re, 1e-12)
    return 0.316 * Re**-0.25 if Re < 20000.0 else 0.184 * Re**-0.2


@kernel
def blasius(Re: float) -> float:
    """Return the Darcy friction factor 64/Re below Re 1187, where 0.3164 Re^−¼ takes over without a jump.

    Source: Müller-Steinhagen and Heck, Chem. Eng. Process. 20 (1986) 297-308, doi:10.1016/0255-2701(86)80008-3.

    Examples
    --------
    >>> blasius(1000.0), round(blasius(1e4), 5)
    (0.064, 0.03164)
    """
    return 64.0 / Re if Re < 1187.0 else 0.3164 * Re**-0.25


@kernel
def muller_heck(liquid: float, vapour: float, x: float) -> float:
    """Return (a + 2 (b − a) x)(1 − x)^⅓ + b x³ [Pa/m], from the gradients of all flow as liquid a and as vapour b.

    Source: Müller-Steinhagen and Heck, Chem. Eng. Process. 20 (1986) 297-308, doi:10.1016/0255-2701(86)80008-3.

    Examples
    --------
    >>> muller_heck(1.0, 5.0, 0.0), muller_heck(1.0, 5.0, 1.0)
    (1.0, 5.0)
    """
    return (liquid + 2.0 * (vapour - liquid) * x) * (1.0 - x) ** (1.0 / 3.0) + vapour * x**3


@kernel
def friction_gradient(law: int, s: Saturation, G: float, D: float, x: float, Bo: float) -> float:
    """Return the frictional gradient [Pa/m], positive along the flow; liquid alone at x ≤ 0, vapour alone at x ≥ 1.

    Kim and Mudawar: a + b + C √(a b) of the gradients of liquid and vapour as they flow; C by the regimes of both, from
    Re of all flow as liquid, Su = ρ_g σ D / μ_g² and ρ_f/ρ_g (D 0.07 to 6.2 mm, G 4 to 8528; 7115 points).
    With boiling, C is raised by 60 We^0.32 Bo^0.78 (liquid turbulent) or 530 We^0.52 Bo^1.09, `Bo` being
    q / (G h_fg) times heated over wetted perimeter. Sources: Kim and Mudawar, Int. J. Heat Mass
    Transfer 55 (2012) 3246-3261, doi:10.1016/j.ijheatmasstransfer.2012.02.047, and 58 (2013) 718-734,
    doi:10.1016/j.ijheatmasstransfer.2012.11.045.

    Examples
    --------
    >>> R134a = Saturation(30.0, 770206.0, 1187.5, 37.535, 0.0, 173095.0, 1.8313e-4, 1.1943e-5, 0.078994, 0.0143,
    ...                    1446.0, 1065.0, 0.0073813)
    >>> abs(friction_gradient(Drop.KIM_MUDAWAR, R134a, 600.0, 5e-4, 0.3, 0.0) / 125.3e3 - 1.0) < 0.01
    True
    """
    x = min(max(x, 0.0), 1.0)
    head = G * G / (2.0 * D)
    Re_fo = G * D / s.mu_f
    if law == Drop.MULLER_HECK:
        a, b = blasius(Re_fo) * head / s.rho_f, blasius(G * D / s.mu_g) * head / s.rho_g
        return muller_heck(a, b, x)
    Re_f, Re_g = Re_fo * (1.0 - x), G * D * x / s.mu_g
    a = kim_mudawar_friction(Re_f) * head * (1.0 - x) ** 2 / s.rho_f
    b = kim_mudawar_friction(Re_g) * head * x**2 / s.rho_g
    ratio, Su = s.rho_f / s.rho_g, s.rho_g * s.sigma * D / s.mu_g**2
    if Re_f < 2000.0 and Re_g < 2000.0:
        C = 3.5e-5 * Re_fo**0.44 * Su**0.50 * ratio**0.48
    elif Re_f < 2000.0:
        C = 0.0015 * Re_fo**0.59 * Su**0.19 * ratio**0.36
    elif Re_g < 2000.0:
        C = 8.7e-4 * Re_fo**0.17 * Su**0.50 * ratio**0.14
    else:
        C = 0.39 * Re_fo**0.03 * Su**0.10 * ratio**0.35
    if law == Drop.KIM_MUDAWAR_BOILING:
        We = G * G * D / (s.rho_f * s.sigma)
        C *= 1.0 + (530.0 * We**0.52 * Bo**1.09 if Re_f < 2000.0 else 60.0 * We**0.32 * Bo**0.78)
    return a + b + C * math.sqrt(a * b)


@kernel
def zivi(x: float, rho_f: float, rho_g: float) -> float:
    """Return the void fraction 1 / (1 + (1 − x)/x (ρ_g/ρ_f)^⅔): least kinetic energy of an annulus.

    Source: Zivi, J. Heat Transfer 86 (1964) 247-251, doi:10.1115/1.3687113.

    Examples
    --------
    >>> round(zivi(0.5, 1000.0, 1.0), 4)  # 1 / (1 + 1/100)
    0.9901
    """
    if x <= 0.0:
        return 0.0
    return 1.0 / (1.0 + (1.0 - min(x, 1.0)) / min(x, 1.0) * (rho_g / rho_f) ** (2.0 / 3.0))


@kernel
def momentum_flux(x: float, rho_f: float, rho_g: float, G: float) -> float:
    """Return G² (x² / (ρ_g α) + (1 − x)² / (ρ_f (1 − α))) [Pa] with the void fraction of Zivi.

    Source: Collier and Thome, Convective Boiling and Condensation, 3rd ed. (1994), sec. 2.3.2, separated flow.

    Examples
    --------
    >>> momentum_flux(0.0, 1000.0, 1.0, 100.0), momentum_flux(1.0, 1000.0, 1.0, 100.0)
    (10.0, 10000.0)
    """
    if x <= 0.0:
        return G * G / rho_f
    if x >= 1.0:
        return G * G / rho_g
    void = zivi(x, rho_f, rho_g)
    return G * G * (x * x / (rho_g * void) + (1.0 - x) ** 2 / (rho_f * (1.0 - void)))
