"""Flow through banks of round pins between two plates: films and friction, in line and staggered, ten rows or more."""

import math
from enum import IntEnum

from thermal.physics.kernel import kernel

__all__ = ["PIN_PITCH", "PIN_REYNOLDS", "PIN_ROWS", "Bank", "PinLaw", "pin_friction", "pin_nusselt"]

JOIN = 1.5  # factor in Re on either side of a change of exponent over which Zukauskas' lines are joined
PIN_ROWS = 10  # from which a row more changes neither film nor friction per row


class Bank(IntEnum):
    """Arrangement of the pins."""

    IN_LINE = 0
    STAGGERED = 1


class PinLaw(IntEnum):
    """Whose films, and whose friction, a bank of pins has."""

    ZUKAUSKAS = 0  # measured films; friction of Gaddis and Gnielinski
    GNIELINSKI = 1  # films and friction of the VDI Heat Atlas, from measurements
    KHAN = 2  # an analytical boundary layer, 2 to 55 % above the measured ones, more where pins are close


PIN_REYNOLDS = ((1.6, 2e5), (10.0, 1e5), (40.0, 1000.0))  # range of each law, u_max d / ν
PIN_PITCH = (1.25, 3.0)  # over the diameter, of friction as of Khan's films


@kernel
def pin_nusselt(law: int, bank: int, Re: float, Pr: float, across: float, along: float) -> float:
    """Return the mean Nusselt number h d / k of a bank of pins.

    Re = u_max d / ν in the narrowest gap; `across` S_T and `along` S_L are pitches over the diameter d. Without a wall
    correction, and without that of the end plates, which matters for pins shorter than about two diameters.

    - Zukauskas, Nu = C Reᵐ Pr^0.36, 0.7 < Pr < 500: in line C, m = 0.90, 0.4 (Re < 100), 0.52, 0.5 (to 1000), 0.27,
      0.63 (to 2e5); staggered 1.04, 0.4 (< 500), 0.71, 0.5 (to 1000), 0.35 (S_T/S_L)^0.2, 0.6: Bejan, Convection Heat
      Transfer, 4th ed. (2013), section 7.5.3. His lines jump by up to 28 %; here they are joined in ln Re over a
      factor of 1.5 on either side. The independent law of ESDU 73031 lies within 20 % (in line) and 13 % (staggered).
    - Gnielinski, VDI Heat Atlas, 2nd ed. (2010), section G7: Nu_l = f (0.3 + √(Nu_lam² + Nu_turb²)), l = π d/2, Re_l
      with the velocity of the empty channel over the void ψ = 1 − π/(4 S_T), 0.6 < Pr < 1000; f = 1 + 0.7 (S_L/S_T −
      0.3)/(ψ^1.5 (S_L/S_T + 0.7)²) in line, 1 + 2/(3 S_L) staggered. In line up to 32 % above Zukauskas, staggered at
      Re = 10 up to 25 % below.
    - Khan, Culham and Yovanovich, Int. J. Heat Mass Transfer 49 (2006) 4831-4838, eqs. 21 and 22, Nu = C √Re Pr^⅓:
      2 to 55 % above Zukauskas in line; staggered 3 to 55 % from pitch 1.75 on, 112 % at 1.25.

    Examples
    --------
    >>> round(pin_nusselt(PinLaw.ZUKAUSKAS, Bank.IN_LINE, 10.0, 1.0, 2.0, 2.0), 2)  # 0.9 · 10^0.4
    2.26
    """
    if law == PinLaw.ZUKAUSKAS:
        if bank == Bank.IN_LINE:
            slow, fast, first = 0.9 * Re**0.4, 0.27 * Re**0.63, 100.0
            middle = 0.52 * math.sqrt(Re)
        else:
            slow, fast, first = 1.04 * Re**0.4, 0.35 * (across / along) ** 0.2 * Re**0.6, 500.0
            middle = 0.71 * math.sqrt(Re)
        line = _joined(Re, first, slow, _joined(Re, 1000.0, middle, fast))
        return line * Pr**0.36
    if law == PinLaw.GNIELINSKI:
        void = 1.0 - 0.25 * math.pi / across
        Re_l = 0.5 * math.pi * Re * (across - 1.0) / across / void
        laminar = 0.664 * math.sqrt(Re_l) * Pr ** (1.0 / 3.0)
        turbulent = 0.037 * Re_l**0.8 * Pr / (1.0 + 2.443 * Re_l**-0.1 * (Pr ** (2.0 / 3.0) - 1.0))
        factor = 1.0 + 2.0 / (3.0 * along)
        if bank == Bank.IN_LINE:
            ratio = along / across
            factor = 1.0 + 0.7 * (ratio - 0.3) / (void**1.5 * (ratio + 0.7) ** 2)
        return factor * (0.3 + math.sqrt(laminar**2 + turbulent**2)) * 2.0 / math.pi
    if bank == Bank.IN_LINE:
        factor = (0.25 + math.exp(-0.55 * along)) * across**0.285 * along**0.212
    else:
        factor = 0.61 * across**0.091 * along**0.053 / (1.0 - 2.0 * math.exp(-1.09 * along))
    return factor * math.sqrt(Re) * Pr ** (1.0 / 3.0)


@kernel
def pin_friction(law: int, bank: int, Re: float, across: float, along: float) -> float:
    """Return the friction factor per row of a bank of pins, Δp = rows · f · ρ u_max²/2.

    - Gaddis and Gnielinski, Int. Chem. Eng. 25 (1985) 1-15, as in the VDI Heat Atlas, 2nd ed. (2010), section L1.4, for
      Zukauskas and Gnielinski alike: f = f_l/Re + f_t (1 − exp(−(Re + c)/(2 c))) with c = 1000 in line and f_t Re^(0.1
      S_L/S_T) = (0.22 + 1.2 (1 − 0.94/S_L)^0.6/(S_T − 0.85)^1.3) 10^(0.47 (S_L/S_T − 1.5)) + 0.03 (S_T − 1)(S_L − 1);
      staggered (Re + 200)/1000 and f_t Re^0.25 = 2.5 + 1.2/(S_T − 0.85)^1.08 + 0.4 (S_L/S_T − 1)³ − 0.01 (S_T/S_L −
      1)³; f_l = 280 π ((√S_L − 0.6)² + 0.75)/((4 S_T S_L − π) S_T^1.6), the narrowest gap being the transverse one.
      1 < Re < 3e5, 1.25 ≤ S ≤ 3; single banks were measured up to about 35 % off.
    - Khan, Culham and Yovanovich, J. Thermophysics Heat Transfer 21 (2007) 372-378, eqs. 11-14, for Khan: fits of the
      charts of Zukauskas, which rise with pitch where staggered pins lie more than two diameters apart.

    Examples
    --------
    >>> laminar = 280 * math.pi * ((math.sqrt(2) - 0.6) ** 2 + 0.75) / ((16 - math.pi) * 2**1.6)  # 31.8 by hand
    >>> round(pin_friction(PinLaw.GNIELINSKI, Bank.IN_LINE, 1.0, 2.0, 2.0) / laminar, 1)  # the rest is 0.7 %
    1.0
    """
    if law != PinLaw.KHAN:
        space = (math.sqrt(along) - 0.6) ** 2 + 0.75
        laminar = 280.0 * math.pi * space / ((4.0 * across * along - math.pi) * across**1.6) / Re
        if bank == Bank.IN_LINE:
            ratio = along / across
            gap = 0.22 + 1.2 * (1.0 - 0.94 / along) ** 0.6 / (across - 0.85) ** 1.3
            turbulent = gap * 10.0 ** (0.47 * (ratio - 1.5)) + 0.03 * (across - 1.0) * (along - 1.0)
            return laminar + turbulent / Re ** (0.1 * ratio) * (1.0 - math.exp(-(Re + 1000.0) / 2000.0))
        turbulent = 2.5 + 1.2 / (across - 0.85) ** 1.08
        turbulent += 0.4 * (along / across - 1.0) ** 3 - 0.01 * (across / along - 1.0) ** 3
        return laminar + turbulent / Re**0.25 * (1.0 - math.exp(-(Re + 200.0) / 1000.0))
    if bank == Bank.IN_LINE:
        ratio = 1.009 * ((across - 1.0) / (along - 1.0)) ** (1.09 / Re**0.0553)
        return ratio * (0.233 + 45.78 / ((across - 1.0) ** 1.1 * Re))
    ratio = 1.175 * along / (across * Re**0.3124) + 0.5 * Re**0.0807
    return ratio * 378.6 / across ** (13.1 / across) / Re ** (0.68 / across**1.29)


@kernel
def _joined(Re: float, edge: float, below: float, above: float) -> float:
    """One line below the edge and another above it, joined in ln Re around it."""
    share = 0.5 + 0.5 * math.log(Re / edge) / math.log(JOIN)
    share = min(1.0, max(0.0, share))
    return (1.0 - share) * below + share * above
