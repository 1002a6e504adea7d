"""Laminar flow through banks of round pins between two plates: heat transfer and friction, in line and staggered."""

import math
from enum import IntEnum

from thermal.physics.kernel import kernel

__all__ = ["Bank", "pin_friction", "pin_nusselt"]


class Bank(IntEnum):
    """Arrangement of the pins."""

    IN_LINE = 0
    STAGGERED = 1


@kernel
def pin_nusselt(bank: int, Re: float, Pr: float, across: float, along: float) -> float:
    """Return the mean Nusselt number h d / k of a bank of pins, Nu = C √Re Pr^⅓.

    In line C = (0.25 + exp(−0.55 S_L)) S_T^0.285 S_L^0.212, staggered C = 0.61 S_T^0.091 S_L^0.053 / (1 − 2 exp(−1.09
    S_L)); `across` S_T and `along` S_L are pitches over the diameter d, 1.25 to 3; Re = u_max d / ν, 40 to 1000; Pr ≥
    0.71. Source: Khan, Culham and Yovanovich, Int. J. Heat Mass Transfer 49 (2006) 4831-4838, eqs. 21 and 22,
    doi 10.1016/j.ijheatmasstransfer.2006.05.042.

    Examples
    --------
    >>> zukauskas = 0.71 * 100**0.5 * 0.71**0.36  # staggered, 40 < Re < 1000
    >>> abs(pin_nusselt(Bank.STAGGERED, 100.0, 0.71, 2.0, 2.0) / zukauskas - 1) < 0.3
    True
    """
    if bank == Bank.IN_LINE:
        factor = (0.25 + math.exp(-0.55 * along)) * across**0.285 * along**0.212
    else:
        factor = 0.61 * across**0.091 * along**0.053 / (1.0 - 2.0 * math.exp(-1.09 * along))
    return factor * math.sqrt(Re) * Pr ** (1.0 / 3.0)


@kernel
def pin_friction(bank: int, Re: float, across: float, along: float) -> float:
    """Return the friction factor per row of a bank of pins, Δp = rows · f · ρ u_max²/2.

    In line f = K (0.233 + 45.78 / ((S_T − 1)^1.1 Re)), K = 1.009 ((S_T − 1)/(S_L − 1))^(1.09/Re^0.0553); staggered
    f = K · 378.6 / S_T^(13.1/S_T) / Re^(0.68/S_T^1.29), K = 1.175 (S_L/(S_T Re^0.3124)) + 0.5 Re^0.0807. Fits of the
    charts of Zukauskas. Source: Khan, Culham and Yovanovich, J. Thermophysics Heat Transfer 20 (2006) 372-378, eqs.
    11-14.

    Examples
    --------
    >>> pin_friction(Bank.STAGGERED, 100.0, 2.0, 2.0) > pin_friction(Bank.IN_LINE, 100.0, 2.0, 2.0)
    True
    """
    if bank == Bank.IN_LINE:
        ratio = 1.009 * ((across - 1.0) / (along - 1.0)) ** (1.09 / Re**0.0553)
        return ratio * (0.233 + 45.78 / ((across - 1.0) ** 1.1 * Re))
    ratio = 1.175 * along / (across * Re**0.3124) + 0.5 * Re**0.0807
    return ratio * 378.6 / across ** (13.1 / across) / Re ** (0.68 / across**1.29)
