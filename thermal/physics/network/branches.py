"""Laws of branches: pressure loss and its slope against mass flow, one table and one tight loop for each kind.

A branch from node a to node b obeys p_a − p_b = ρ g (z_b − z_a) + h(m) with h rising everywhere, in zero and reverse
flow too; a pump is a branch whose h is minus its head. Rows are sorted by kind, so that no loop asks what it meets.
"""

from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.pump import GRAVITY, PumpCurve, head_and_slope
from thermal.physics.network.friction import LAMINAR, churchill, swamee_jain, tabled_friction, tabled_parts

__all__ = [
    "BLOCKED",
    "CHECK",
    "DROP",
    "LIMITER",
    "PIPE",
    "POWER",
    "PUMP",
    "QUADRATIC",
    "Branches",
    "curve_loss",
    "drop_loss",
    "friction_of",
    "limiter_loss",
    "losses",
    "pipe_loss",
    "power_loss",
    "quadratic_loss",
]

BLOCKED = 1e12  # Pa s/kg, what a closed branch or check valve leaks by: 0.1 mg/s at 100 kPa
STRAIGHT = 1.25  # of its last point's flow, up to which a pump curve goes on along its tangent
NEAR_ZERO = 1e-4  # of its reference flow, below which a power law goes over into a straight line


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
LIMITER = np.dtype((np.record, [("flow", "f8"), ("drop", "f8"), ("steep", "f8")]))  # see ``limiter_loss``


class Branches(NamedTuple):
    """All branches, sorted by kind: pipes, power and quadratic laws, sampled drops, pumps, check valves, limiters.

    Attributes
    ----------
    pipes, powers, quadratics, drops, pumps, checks, limiters : recarray
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
    limiters: np.recarray
    spacing: np.ndarray
    head: np.ndarray
    slope: np.ndarray
    friction: np.ndarray
    factor: np.ndarray
    block: np.ndarray


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
def limiter_loss(law: Any, m: float) -> tuple[float, float]:
    """Return loss [Pa] and slope [Pa s/kg] of a pressure-independent valve, odd in m.

    Up to its flow m_s it is an open valve, h = Δp_s (m/m_s)²; from there the regulator closes, and h rises by the line
    h = Δp_s + s (m − m_s), s = ``steep``. Near rest the square goes over into a line as in ``quadratic_loss``.
    """
    size, b = abs(m), law.drop / (law.flow * law.flow)
    least = NEAR_ZERO * law.flow
    if size < least:
        share = size * size / least
        return 0.5 * m * b * (least + share), 0.5 * b * (least + 3.0 * share)
    if size < law.flow:
        return m * b * size, 2.0 * b * size
    h = law.drop + law.steep * (size - law.flow)
    return (h if m >= 0.0 else -h), law.steep


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
        pipe, size = net.pipes[i], abs(m[i])
        Re = pipe.reynolds * size
        if pipe.table >= 0 and 512.0 <= Re < 1.3e8:  # most pipes of a large network, as in ``pipe_loss``
            f, rate = tabled_parts(net.friction, pipe.table, Re)
            friction, kinetic = pipe.dynamic * pipe.length * size, pipe.dynamic * pipe.minor * size
            h[i], slope[i] = m[i] * (friction * f + kinetic), friction * (2.0 * f + rate) + 2.0 * kinetic
        else:
            h[i], slope[i] = pipe_loss(pipe, net.friction, m[i])
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
    at += len(net.checks)
    for i in range(len(net.limiters)):
        h[at + i], slope[at + i] = limiter_loss(net.limiters[i], m[at + i])
    for k in range(len(m)):
        h[k] = net.factor[k] * h[k] + net.block[k] * m[k]
        slope[k] = net.factor[k] * slope[k] + net.block[k]
