"""Friction factors of round pipes, laminar to fully rough, by their laws or by tables of them."""

import math
from enum import IntEnum

import numpy as np

from thermal.physics.kernel import kernel

__all__ = [
    "CELLS",
    "LAMINAR",
    "OCTAVES",
    "TERMS",
    "Friction",
    "churchill",
    "swamee_jain",
    "tabled_friction",
    "tabled_parts",
]

LAMINAR = 500.0  # Reynolds number below which the turbulent part of the friction law is nothing, to the last digit
OCTAVES, CELLS, TERMS = 18, 128, 6  # of a friction table: from Re 512 up, pieces of an octave, terms of each piece


class Friction(IntEnum):
    """Friction law of round pipes."""

    CHURCHILL = 0  # smooth from laminar to fully rough
    SWAMEE_JAIN = 1  # with a cubic between laminar and turbulent flow, as EPANET has it


@kernel
def churchill(Re: float, roughness: float) -> tuple[float, float]:
    """Return the Darcy friction factor f of a round pipe, laminar to fully rough, and d ln f/d ln Re.

    Equation: f = 8 [(8/Re)¹² + (A + B)^(−3/2)]^(1/12), A = {−2.457 ln[(7/Re)^0.9 + 0.27 ε/D]}¹⁶, B = (37530/Re)¹⁶.
    Symbols: Re > 0, relative roughness ε/D. Range: all Re; ε/D up to 0.05.

    Source: Churchill, Chem. Eng. 84 (7 Nov 1977) 91-92, eq. 18.

    Examples
    --------
    >>> round(churchill(100.0, 0.0)[0], 4)  # Hagen-Poiseuille, 64/Re
    0.64
    """
    if Re < LAMINAR:
        return 64.0 / Re, -1.0
    y = math.exp(0.9 * math.log(7.0 / Re))
    w = y + 0.27 * roughness
    theta = -2.457 * math.log(w)
    A, B = _power16(theta), _power16(37530.0 / Re)
    S = A + B
    turbulent = 1.0 / math.sqrt(math.sqrt(math.sqrt(S)))  # [(A + B)^(−3/2)]^(1/12)
    rate = -0.125 * (A * 16.0 * 2.457 * 0.9 * y / (w * theta) - 16.0 * B) / S  # d ln turbulent/d ln Re
    x = 8.0 / (Re * turbulent)
    x3 = x * x * x
    r = x3 * x3 * x3 * x3  # laminar over turbulent part, both to the 12th
    if r < 1e-3:
        root = 1.0 + r * (1.0 / 12.0 + r * (-11.0 / 288.0 + r * (253.0 / 10368.0 + r * (-8855.0 / 497664.0))))
    else:
        root = math.exp(math.log1p(r) / 12.0)
    return 8.0 * turbulent * root, (rate - r) / (1.0 + r)


@kernel
def swamee_jain(Re: float, roughness: float) -> tuple[float, float]:
    """Return the Darcy friction factor f as EPANET takes it, and d ln f/d ln Re.

    Equation: f = 0.25/[log10(ε/(3.7 D) + 5.74/Re^0.9)]² above Re = 4000 (Swamee & Jain, J. Hydraul. Div. ASCE 102
    (1976) 657-664), 64/Re below 2000, and between them the cubic of Dunlop (1991) that meets both with their slopes.
    Its constants: a = 2/ln 10, 5.74/4000^0.9, and 1.8 a times it.

    Source: Rossman, EPANET 2 Users Manual, EPA/600/R-00/057 (2000), appendix D, equations D.3 to D.5.

    Examples
    --------
    >>> abs(swamee_jain(1e5, 1e-3)[0] / 0.0222 - 1.0) < 0.01  # Colebrook-White; Swamee and Jain claim 1 %
    True
    """
    if Re < 2000.0:
        return 64.0 / Re, -1.0
    a = 0.8685889638065037
    if Re > 4000.0:
        y = 5.74 * math.exp(-0.9 * math.log(Re))
        w = roughness / 3.7 + y
        s = -a * math.log(w)
        return 1.0 / (s * s), -2.0 * a * 0.9 * y / (w * s)
    y = 5.74 / 4000.0**0.9
    w = roughness / 3.7 + y
    s = -a * math.log(w)
    fa = 1.0 / (s * s)
    fb = fa * (2.0 - 1.8 * a * y / (w * s))
    r = Re / 2000.0
    c1, c2 = 7.0 * fa - fb, 0.128 - 17.0 * fa + 2.5 * fb
    c3, c4 = -0.128 + 13.0 * fa - 2.0 * fb, 0.032 - 3.0 * fa + 0.5 * fb
    f = c1 + r * (c2 + r * (c3 + r * c4))
    return f, r * (c2 + r * (2.0 * c3 + r * 3.0 * c4)) / f


@kernel
def _power16(x: float) -> float:
    x2 = x * x
    x4 = x2 * x2
    x8 = x4 * x4
    return x8 * x8


@kernel
def tabled_parts(tables: np.ndarray, index: int, Re: float) -> tuple[float, float]:
    """Return f and Re df/dRe from a table of one roughness, 512 <= Re < 2²⁷: polynomials on pieces of octaves."""
    mantissa, exponent = math.frexp(Re)
    place = (mantissa - 0.5) * (2 * CELLS)
    cell = int(place)
    t, at = place - cell, (exponent - 10) * CELLS + cell
    a, b, c = tables[index, at, 0], tables[index, at, 1], tables[index, at, 2]
    d, e, g = tables[index, at, 3], tables[index, at, 4], tables[index, at, 5]
    f = a + t * (b + t * (c + t * (d + t * (e + t * g))))
    rate = b + t * (2.0 * c + t * (3.0 * d + t * (4.0 * e + t * 5.0 * g)))
    return f, rate * mantissa * (2 * CELLS)


@kernel
def tabled_friction(tables: np.ndarray, index: int, Re: float) -> tuple[float, float]:
    """Return f and d ln f/d ln Re from a table of one roughness, 512 <= Re < 2²⁷: polynomials on pieces of octaves.

    They follow the law to 1e-11 and spare its logarithms, which would be most of the time of a large network.
    """
    f, rate = tabled_parts(tables, index, Re)
    return f, rate / f
