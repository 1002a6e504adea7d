"""Laws of branches: pressure loss and its slope against mass flow, one table and one tight loop for each kind.

A branch from node a to node b obeys p_a − p_b = ρ g (z_b − z_a) + h(m) with h rising everywhere, in zero and reverse
flow too; a pump is a branch whose h is minus its head. Rows are sorted by kind, so that no loop asks what it meets.
"""

import math
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.pump import GRAVITY, PumpCurve, head_and_slope

__all__ = [
    "BLOCKED",
    "CELLS",
    "CHECK",
    "DROP",
    "OCTAVES",
    "PIPE",
    "POWER",
    "PUMP",
    "QUADRATIC",
    "TERMS",
    "Branches",
    "Friction",
    "churchill",
    "curve_loss",
    "drop_loss",
    "friction_of",
    "losses",
    "pipe_loss",
    "power_loss",
    "quadratic_loss",
    "swamee_jain",
    "tabled_friction",
]

BLOCKED = 1e12  # Pa s/kg, what a closed branch or check valve leaks by: 0.1 mg/s at 100 kPa
LAMINAR = 500.0  # Reynolds number below which the turbulent part of the friction law is nothing, to the last digit
STRAIGHT = 1.25  # of its last point's flow, up to which a pump curve goes on along its tangent
OCTAVES, CELLS, TERMS = 18, 128, 6  # of a friction table: from Re 512 up, pieces of an octave, terms of each piece
NEAR_ZERO = 1e-4  # of its reference flow, below which a power law goes over into a straight line


class Friction(IntEnum):
    """Friction law of round pipes."""

    CHURCHILL = 0  # smooth from laminar to fully rough
    SWAMEE_JAIN = 1  # with a cubic between laminar and turbulent flow, as EPANET has it


PIPE = np.dtype(
    (
        np.record,
        [
            ("friction", "i8"),  # Friction
            ("table", "i8"),  # of the friction tables, -1 where the law is evaluated
            ("reynolds", "f8"),  # Reynolds number per mass flow, 4/(π D μ) [s/kg]
            ("roughness", "f8"),  # relative to the diameter
            ("length", "f8"),  # in diameters
            ("minor", "f8"),  # sum of loss coefficients
            ("dynamic", "f8"),  # dynamic pressure per mass flow squared, 1/(2 ρ A²) [Pa s²/kg²]
        ],
    )
)
POWER = np.dtype((np.record, [("flow", "f8"), ("drop", "f8"), ("exponent", "f8")]))  # reference mass flow, loss there
QUADRATIC = np.dtype((np.record, [("linear", "f8"), ("quadratic", "f8"), ("small", "f8")]))  # see ``quadratic_loss``
DROP = np.dtype((np.record, [("curve", "i8"), ("density", "f8")]))
PUMP = np.dtype(
    (
        np.record,
        [
            ("curve", "i8"),  # row of the head curves
            ("density", "f8"),
            ("speed", "f8"),  # relative to nominal; a pump that stands is a resistance
            ("check", "f8"),  # resistance to reverse flow [Pa s/kg]: BLOCKED behind a check valve, else 0
        ],
    )
)
CHECK = np.dtype((np.record, [("opening", "f8"), ("linear", "f8"), ("quadratic", "f8"), ("small", "f8")]))


class Branches(NamedTuple):
    """All branches, sorted by kind: pipes, power laws, quadratic laws, sampled drops, pumps, check valves.

    Attributes
    ----------
    pipes, powers, quadratics, pumps, checks : recarray
        One table for each kind.
    spacing, head, slope : ndarray
        Curves by index: flow between two points [m³/s], head [m] and dH/dV [m s/m³] at the points; of sampled drops
        the loss [Pa] and its derivative.
    friction : ndarray, shape (tables, OCTAVES · CELLS, TERMS)
        Friction tables by index, see ``tabled_friction``.
    factor, block : ndarray, shape (k,)
        Of every branch: what its loss is multiplied by (clogging), and a resistance in series [Pa s/kg] (closing).
    """

    pipes: np.recarray
    powers: np.recarray
    quadratics: np.recarray
    drops: np.recarray
    pumps: np.recarray
    checks: np.recarray
    spacing: np.ndarray
    head: np.ndarray
    slope: np.ndarray
    friction: np.ndarray
    factor: np.ndarray
    block: np.ndarray


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
def tabled_friction(tables: np.ndarray, index: int, Re: float) -> tuple[float, float]:
    """Return f and d ln f/d ln Re from a table of one roughness, 512 <= Re < 2²⁷: polynomials on pieces of octaves.

    They follow the law to 1e-11 and spare its logarithms, which would be most of the time of a large network.
    """
    mantissa, exponent = math.frexp(Re)
    place = (mantissa - 0.5) * (2 * CELLS)
    cell = int(place)
    t, at = place - cell, (exponent - 10) * CELLS + cell
    a, b, c = tables[index, at, 0], tables[index, at, 1], tables[index, at, 2]
    d, e, g = tables[index, at, 3], tables[index, at, 4], tables[index, at, 5]
    f = a + t * (b + t * (c + t * (d + t * (e + t * g))))
    rate = b + t * (2.0 * c + t * (3.0 * d + t * (4.0 * e + t * 5.0 * g)))
    return f, rate * mantissa * (2 * CELLS) / f


@kernel
def friction_of(pipe: Any, tables: np.ndarray, Re: float) -> tuple[float, float]:
    """Friction factor of a pipe and d ln f/d ln Re, by its table where there is one for it."""
    if pipe.table >= 0 and 512.0 <= Re < 1.3e8:
        return tabled_friction(tables, pipe.table, Re)
    return churchill(Re, pipe.roughness) if pipe.friction == 0 else swamee_jain(Re, pipe.roughness)


@kernel
def pipe_loss(pipe: Any, tables: np.ndarray, m: float) -> tuple[float, float]:
    """Return loss [Pa] and slope [Pa s/kg] of a pipe with fittings at mass flow `m` [kg/s] of either sign.

    Equation (Darcy-Weisbach): h = (f L/D + K) m|m|/(2 ρ A²), f by ``churchill``; laminar without fittings it is a line.
    """
    size = abs(m)
    Re = pipe.reynolds * size
    friction, kinetic = pipe.dynamic * pipe.length, pipe.dynamic * pipe.minor * size
    if Re < LAMINAR:
        linear = 64.0 * friction / pipe.reynolds
        return m * (linear + kinetic), linear + 2.0 * kinetic
    f, rate = friction_of(pipe, tables, Re)
    line = friction * f * size
    return m * (line + kinetic), line * (2.0 + rate) + 2.0 * kinetic


@kernel
def power_loss(power: Any, m: float) -> tuple[float, float]:
    """Return loss [Pa] and slope [Pa s/kg] of h = Δp_ref (m/m_ref)^n, odd in m.

    Below a ten-thousandth of the reference flow it goes over, with the same value and slope, into h = x (a + b x²): the
    slope of the power law vanishes at rest, where any creeping flow is laminar.
    """
    x, n = abs(m) / power.flow, power.exponent
    if x < NEAR_ZERO:
        ratio, base = x / NEAR_ZERO, NEAR_ZERO ** (n - 1.0) * power.drop / power.flow
        a, b = 0.5 * (3.0 - n), 0.5 * (n - 1.0)
        return m * base * (a + b * ratio * ratio), base * (a + 3.0 * b * ratio * ratio)
    chord = power.drop * x**n / abs(m)
    return m * chord, n * chord


@kernel
def quadratic_loss(law: Any, m: float) -> tuple[float, float]:
    """Return loss [Pa] and slope [Pa s/kg] of h = a m + b m|m|, the square gone over into a line below ``small``."""
    size, linear, b = abs(m), law.linear, law.quadratic
    if size < law.small:
        share = size * size / law.small
        return m * (linear + 0.5 * b * (law.small + share)), linear + 0.5 * b * (law.small + 3.0 * share)
    return m * (linear + b * size), linear + 2.0 * b * size


@kernel
def drop_loss(drop: Any, curve: PumpCurve, m: float) -> tuple[float, float]:
    """Return loss [Pa] and slope [Pa s/kg] of a curve of points, odd in m; beyond the last one it goes on straight."""
    h, slope = head_and_slope(curve, abs(m) / drop.density, 1.0)
    return (h if m >= 0.0 else -h), slope / drop.density


@kernel
def curve_loss(pump: Any, curve: PumpCurve, m: float) -> tuple[float, float]:
    """Return minus the head of a pump [Pa] and its slope [Pa s/kg] at mass flow `m`, at any speed and in any direction.

    Inside its curve, ``head_and_slope`` with the affinity laws, and along its tangent for a quarter more. From there,
    and in reverse flow, it bends as a parabola, c = (H_0 − H_end)/V_end² as of a simple pump: at standstill c V² is
    left, the resistance of the casing.
    """
    V, n, last = m / pump.density, pump.speed, curve.spacing * (curve.head.shape[0] - 1)
    bend = (curve.head[0] - curve.head[-1]) / (last * last)
    if 0.0 <= V < n * STRAIGHT * last:
        head, slope = head_and_slope(curve, V, n)
    else:
        i = 0 if V < 0.0 else curve.head.shape[0] - 1
        d = V - n * last if i else V
        e = V - n * STRAIGHT * last if i else V  # past the straight part
        least = NEAR_ZERO * last  # the parabola starts as a line, as in ``quadratic_loss``
        share = e * e / least
        bent = 0.5 * (least + share) if abs(e) < least else abs(e)
        steep = 0.5 * (least + 3.0 * share) if abs(e) < least else 2.0 * abs(e)
        head = n * n * curve.head[i] + n * curve.slope[i] * d - bend * e * bent
        slope = n * curve.slope[i] - bend * steep
    back = pump.check if m < 0.0 else 0.0
    return back * m - pump.density * GRAVITY * head, back - GRAVITY * slope


@kernel
def losses(net: Branches, m: np.ndarray, h: np.ndarray, slope: np.ndarray) -> None:
    """Fill loss `h` [Pa] and `slope` [Pa s/kg] of every branch at its mass flow `m` [kg/s]."""
    at = 0
    for i in range(len(net.pipes)):
        h[i], slope[i] = pipe_loss(net.pipes[i], net.friction, m[i])
    at += len(net.pipes)
    for i in range(len(net.powers)):
        h[at + i], slope[at + i] = power_loss(net.powers[i], m[at + i])
    at += len(net.powers)
    for i in range(len(net.quadratics)):
        h[at + i], slope[at + i] = quadratic_loss(net.quadratics[i], m[at + i])
    at += len(net.quadratics)
    for i in range(len(net.drops)):
        drop, c = net.drops[i], net.drops[i].curve
        curve = PumpCurve(net.spacing[c], net.head[c], net.slope[c], 1.0, 1.0)
        h[at + i], slope[at + i] = drop_loss(drop, curve, m[at + i])
    at += len(net.drops)
    for i in range(len(net.pumps)):
        pump, c = net.pumps[i], net.pumps[i].curve
        curve = PumpCurve(net.spacing[c], net.head[c], net.slope[c], 1.0, 1.0)
        h[at + i], slope[at + i] = curve_loss(pump, curve, m[at + i])
    at += len(net.pumps)
    for i in range(len(net.checks)):
        check, flow = net.checks[i], m[at + i]
        if flow > 0.0:
            lost, rate = quadratic_loss(check, flow)
        else:
            lost, rate = BLOCKED * flow, BLOCKED
        h[at + i], slope[at + i] = lost + check.opening, rate
    for k in range(len(m)):
        h[k] = net.factor[k] * h[k] + net.block[k] * m[k]
        slope[k] = net.factor[k] * slope[k] + net.block[k]
