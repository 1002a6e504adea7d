"""Surfaces in a bath of liquid: natural convection of boards and fins, a stream past a board, and both together."""

import math

from thermal.physics.kernel import kernel

__all__ = ["between_fins", "churchill_chu", "fin_efficiency", "flat_plate", "together"]


@kernel
def churchill_chu(Ra: float, Pr: float) -> float:
    """Return the mean Nusselt number h L / k of a vertical surface of one temperature, natural convection.

    Nu = (0.825 + 0.387 Ra^(1/6) / (1 + (0.492/Pr)^(9/16))^(8/27))², Ra = g β ΔT L³ ρ² c_p / (μ k), any Ra and Pr.
    Source: Churchill and Chu, Int. J. Heat Mass Transfer 18 (1975) 1323-1329, doi 10.1016/0017-9310(75)90243-4; in
    Incropera and DeWitt (2007), eq. 9.26, whose example 9.2 has Ra 1.813e9, Pr 0.690 and prints Nu = 147.

    Examples
    --------
    >>> round(churchill_chu(1.813e9, 0.690))
    147
    """
    return (0.825 + 0.387 * Ra ** (1.0 / 6.0) / (1.0 + (0.492 / Pr) ** (9.0 / 16.0)) ** (8.0 / 27.0)) ** 2


@kernel
def between_fins(Ra: float, slender: float) -> float:
    """Return the mean Nusselt number h S / k of vertical walls of one temperature, S apart, natural convection.

    Nu = (576/(Ra S/L)² + 2.87/√(Ra S/L))^(−1/2) with Ra on the gap S and the rise over the liquid at the inlet below;
    `slender` S/L. It joins fully developed flow, Nu = Ra S/(24 L), to two plates alone. Source: Bar-Cohen and Rohsenow,
    J. Heat Transfer 106 (1984) 116-123, doi 10.1115/1.3246622; in Incropera and DeWitt (2007), eq. 9.45 and table 9.3,
    by which most heat leaves a given volume where S = 2.71 (S³ L/Ra)^(1/4).

    Examples
    --------
    >>> round(between_fins(1e-3, 1.0) / (1e-3 / 24), 3)  # creeping flow
    1.0
    """
    element = Ra * slender
    return 1.0 / math.sqrt(576.0 / element**2 + 2.87 / math.sqrt(element))


@kernel
def flat_plate(Re: float, Pr: float) -> float:
    """Return the mean Nusselt number h L / k of laminar flow along a plate of one temperature, 0.664 √Re Pr^⅓.

    Pr from 0.6 on, Re up to 5e5. Source: Pohlhausen (1921), in Incropera and DeWitt (2007), eq. 7.30, whose example 7.1
    has Re 9597, Pr 0.687 and prints Nu = 57.4.

    Examples
    --------
    >>> round(flat_plate(9597.0, 0.687), 1)
    57.4
    """
    return 0.664 * math.sqrt(Re) * Pr ** (1.0 / 3.0)


@kernel
def together(forced: float, natural: float) -> float:
    """Return the Nusselt number of both kinds of convection that help each other, (Nu_F³ + Nu_N³)^(1/3).

    Source: Incropera and DeWitt (2007), eq. 9.64 with n = 3, after Churchill (1983).

    Examples
    --------
    >>> round(together(2.0, 2.0), 2)  # the cube root of two, twice
    2.52
    """
    return (forced**3 + natural**3) ** (1.0 / 3.0)


@kernel
def fin_efficiency(film: float, conductivity: float, thickness: float, height: float) -> float:
    """Return tanh(m H)/(m H), m = √(2 h/(k t)), of a straight fin whose tip gives off nothing.

    Source: Incropera and DeWitt (2007), section 3.6.

    Examples
    --------
    >>> round(fin_efficiency(0.0, 200.0, 1e-3, 0.01), 3), round(fin_efficiency(100.0, 200.0, 1e-3, 0.1), 3)  # tanh(√10)
    (1.0, 0.315)
    """
    mH = height * math.sqrt(2.0 * film / (conductivity * thickness))
    return math.tanh(mH) / mH if mH > 1e-4 else 1.0 - mH**2 / 3.0
