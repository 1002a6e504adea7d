"""Centrifugal pumps: head curve, affinity laws, shaft and electrical power."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["GRAVITY", "PUMP_POINTS", "PumpCurve", "head_and_slope", "pump_power", "speed_for"]

PUMP_POINTS = 65  # points of a head curve
GRAVITY = 9.80665  # m/s², standard acceleration (CGPM 1901)


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
