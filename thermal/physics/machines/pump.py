"""Centrifugal pumps: head curve, affinity laws, efficiency by flow, shaft and electrical power."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = [
    "GRAVITY", "PUMP_POINTS", "Drive", "Efficiency", "PumpCurve", "PumpDraw", "beyond_curve", "drive_losses",
    "electrical_power", "head_and_slope", "hydraulic_efficiency", "pump_power", "shaft_power", "speed_for",
]  # fmt: skip

PUMP_POINTS = 65  # points of a head curve
GRAVITY = 9.80665  # m/s², standard acceleration (CGPM 1901)


class Efficiency(IntEnum):
    """How the hydraulic efficiency follows the flow."""

    CONSTANT = 0
    BEST_POINT = 1  # a parabola through no flow, with its top at the best-efficiency point
    CURVE = 2  # by the catalogue


class Drive(IntEnum):
    """How motor and drive lose power."""

    CONSTANT = 0  # in proportion to shaft power
    MOTOR = 1  # an induction motor on the grid
    VARIABLE_SPEED = 2  # an induction motor behind a frequency converter


class PumpCurve(NamedTuple):
    """Head of one pump at nominal speed, as cubic Hermite pieces on an even grid of flow from zero.

    Attributes
    ----------
    spacing : float
        Flow between two points [m³/s].
    head, slope : ndarray, shape (points,)
        Head [m] and its derivative [m s/m³] at the points.
    efficiency, drive_efficiency : float
        Hydraulic efficiency of the pump, and of motor and drive together.
    """

    spacing: float
    head: np.ndarray
    slope: np.ndarray
    efficiency: float
    drive_efficiency: float


@kernel
def head_and_slope(curve: PumpCurve, flow: float, speed: float) -> tuple[float, float]:
    """Return head [m] and dH/dV [m s/m³] of one pump at volume flow `flow` and relative speed `speed`.

    Equation (affinity laws): H(V, n) = n² f(V/n); dH/dV = n f'(V/n). Beyond the last point the curve goes on along its
    tangent; below zero flow, along the tangent at shut-off. At zero speed the head is zero.

    Source: Karassik et al., Pump Handbook, 4th ed., section 2.3 (affinity laws).
    """
    if speed <= 0.0:
        return 0.0, 0.0
    n = curve.head.shape[0] - 1
    position = flow / speed / curve.spacing
    if position <= 0.0:
        at_zero = curve.head[0] + curve.slope[0] * flow / speed
        return speed * speed * at_zero, speed * curve.slope[0]
    if not position < n:  # or NaN, which must not become an index
        beyond = curve.head[n] + curve.slope[n] * (flow / speed - n * curve.spacing)
        return speed * speed * beyond, speed * curve.slope[n]
    i = int(position)
    t = position - i
    h0, h1 = curve.head[i], curve.head[i + 1]
    s0, s1 = curve.slope[i] * curve.spacing, curve.slope[i + 1] * curve.spacing
    c2 = 3.0 * (h1 - h0) - 2.0 * s0 - s1
    c3 = 2.0 * (h0 - h1) + s0 + s1
    head = h0 + t * (s0 + t * (c2 + t * c3))
    slope = (s0 + t * (2.0 * c2 + t * 3.0 * c3)) / curve.spacing
    return speed * speed * head, speed * slope


@kernel
def speed_for(curve: PumpCurve, flow: float, head: float, low: float, high: float) -> float:
    """Return the relative speed in [`low`, `high`] at which one pump gives `head` [m] at `flow` [m³/s].

    The head rises with speed at fixed flow, so the root of H(V, n) = `head` is bracketed; a head out of reach returns
    the limit it lies beyond.
    """
    lower, upper = low, high
    highest = head_and_slope(curve, flow, upper)[0]
    if math.isnan(highest - head):
        return math.nan
    if highest <= head:
        return upper
    if head_and_slope(curve, flow, lower)[0] >= head:
        return lower
    speed = 0.5 * (lower + upper)
    for _ in range(60):
        value, slope = head_and_slope(curve, flow, speed)
        if value < head:
            lower = speed
        else:
            upper = speed
        rate = 2.0 * value / speed - slope * flow / speed  # dH/dn = 2 H/n − (V/n) dH/dV
        guess = speed - (value - head) / rate if rate > 0.0 else lower
        guess = guess if lower < guess < upper else 0.5 * (lower + upper)
        if abs(guess - speed) < 1e-13:
            return guess
        speed = guess
    return speed


@kernel
def pump_power(curve: PumpCurve, density: float, flow: float, head: float) -> float:
    """Return electrical power [W] of one pump: P = ρ g V H / (η η_drive); zero when it does not lift water."""
    if flow <= 0.0 or head <= 0.0:
        return 0.0
    return density * GRAVITY * flow * head / (curve.efficiency * curve.drive_efficiency)


class PumpDraw(NamedTuple):
    """What one pump draws: hydraulic efficiency at nominal speed, and the losses of motor and drive.

    Attributes
    ----------
    law : int
        `Efficiency`.
    best : float
        Hydraulic efficiency, or the highest one where it varies.
    flow_best : float
        Flow of the best-efficiency point at nominal speed [m³/s].
    flow_last : float
        Last flow of the catalogue [m³/s]; beyond it the efficiency keeps its value.
    spacing : float
        Flow between two points of `points` [m³/s].
    points : ndarray, shape (PUMP_POINTS,)
        Efficiency over the best one, from no flow, for `Efficiency.CURVE`.
    rated : float
        Shaft power for which the motor is rated [W].
    lost : float
        Loss at that power [W].
    losses : (float, float, float, float)
        Loss over `lost` as a cubic of shaft over rated power, constant first (`drive_losses`).
    """

    law: int
    best: float
    flow_best: float
    flow_last: float
    spacing: float
    points: np.ndarray
    rated: float
    lost: float
    losses: tuple[float, float, float, float]


@kernel
def drive_losses(drive: int, rated: float) -> tuple[float, float, float, float]:
    """Loss of a motor, with or without converter, over the motor's loss at rated power: coefficients of a cubic.

    L/L_rated = c0 + c1·x + c2·x² + c3·x³, x = P_shaft/P_rated, L_rated = P_rated·(1/η_motor - 1)

    Symbols: `rated` shaft power of the motor (W), which chooses the size class of the converter: up to 5, 20 and 50 hp
    and above. A drive of constant efficiency has L/L_rated = x. Source: US Code of Federal Regulations, 10 CFR 431,
    subpart Y, appendix A (test procedure for pumps): part-load loss factor of motors, 0.6410 - 0.4301·x + 1.2399·x² -
    0.4508·x³, and table 4 for motors with continuous controls. A motor at rated power has its rated loss.

    >>> round(sum(drive_losses(Drive.MOTOR, 10e3)), 4)
    1.0
    """
    if drive == Drive.MOTOR:
        return 0.6410, -0.4301, 1.2399, -0.4508
    if drive == Drive.VARIABLE_SPEED:
        horsepower = rated / 745.7
        if horsepower <= 5.0:
            return 0.5303, 1.4965, -0.4658, 0.0
        if horsepower <= 20.0:
            return 0.1052, 2.9551, -1.3198, 0.0
        if horsepower <= 50.0:
            return 0.1847, 3.0777, -1.5122, 0.0
        return 0.2625, 2.8846, -0.8914, 0.0
    return 0.0, 1.0, 0.0, 0.0


@kernel
def _per_efficiency(p: PumpDraw, flow: float) -> float:
    """Flow over efficiency [m³/s] at nominal speed: finite at no flow, where a pump that varies still churns."""
    if p.law == Efficiency.BEST_POINT:
        return p.flow_best / (p.best * (2.0 - min(flow, p.flow_last) / p.flow_best)) * max(flow / p.flow_last, 1.0)
    if p.law == Efficiency.CURVE:
        position = min(flow, p.flow_last) / p.spacing
        if math.isnan(position):  # must not become an index
            return math.nan
        i = min(int(position), p.points.shape[0] - 2)
        if i == 0:
            return p.spacing / (p.best * p.points[1])
        t = position - i
        return flow / (p.best * ((1.0 - t) * p.points[i] + t * p.points[i + 1]))
    return flow / p.best


@kernel
def hydraulic_efficiency(p: PumpDraw, flow: float, speed: float) -> float:
    """Hydraulic over shaft power at volume flow `flow` [m³/s] and relative speed `speed`.

    Equation (affinity laws): η(V, n) = η_1(V/n). By the best-efficiency point: η_1 = η_b·(2·q - q²), q = V/V_b, the
    parabola that no flow and the best point fix. Beyond the last catalogue flow the efficiency keeps its value
    (`beyond_curve` tells). What a slower pump loses by a smaller Reynolds number is neglected.

    Source: affinity laws, Karassik et al., Pump Handbook, 4th ed., section 2.3. The parabola gives 0.9375 and 0.99 at
    75 and 110 % of the best flow, where 10 CFR 431 subpart Y, appendix A, takes 0.947 and 0.985 for a typical pump.

    >>> p = PumpDraw(Efficiency.BEST_POINT, 0.8, 0.02, 0.03, 1.0, np.ones(2), 1.0, 0.0, (0.0, 1.0, 0.0, 0.0))
    >>> round(hydraulic_efficiency(p, 0.015, 1.0) / 0.8, 4)  # 2·0.75 − 0.75²
    0.9375
    """
    if not speed > 0.0 or flow <= 0.0:
        return 0.0 * flow
    return flow / speed / _per_efficiency(p, flow / speed)


@kernel
def shaft_power(p: PumpDraw, density: float, flow: float, head: float, speed: float) -> float:
    """Shaft power [W] of one pump, all of which heats the fluid in the end: P = ρ g V H/η(V/n).

    A pump whose efficiency varies takes power at no flow, too, by the limit of V/η; back flow counts as no flow. A pump
    that stands still or does not lift takes none.
    """
    if speed <= 0.0 or head <= 0.0:
        return 0.0
    return density * GRAVITY * head * speed * _per_efficiency(p, max(flow / speed, 0.0))


@kernel
def electrical_power(p: PumpDraw, shaft: float) -> float:
    """Electrical power [W] behind a shaft power [W]: that, and the losses of `drive_losses`; none at rest.

    Above rated power the losses go on by the same cubic, whose source ends there.
    """
    if shaft <= 0.0:
        return 0.0
    x = shaft / p.rated
    c = p.losses
    return shaft + p.lost * (c[0] + x * (c[1] + x * (c[2] + x * c[3])))


@kernel
def beyond_curve(p: PumpDraw, flow: float, speed: float) -> bool:
    """Whether `flow` [m³/s] lies outside the catalogue at relative speed `speed`: past its last flow, or backwards."""
    return speed > 0.0 and (flow < 0.0 or flow > p.flow_last * speed * (1.0 + 1e-12))
