"""Controllers of pumps, valves and fans: PI in velocity form, clamped, with a dead band; late sensors, slow valves."""

import math
from typing import Any

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["CONTROL", "SLOTS", "beyond", "limited", "pi_step", "position", "sensed"]

SLOTS = 64  # of a delay


CONTROL = np.dtype(
    (
        np.record,
        [
            ("gain", "f8"),  # output per relative error
            ("reset", "f8"),  # integral time [s]
            ("dead_band", "f8"),  # half-width of the relative error in which the output rests
            ("low", "f8"),  # limits of the output
            ("high", "f8"),
        ],
    )
)


@kernel
def pi_step(control: Any, output: float, error: float, error_before: float, step: float) -> float:
    """Return the output after one step of `step` seconds under the settings `control`.

    Equation: u ← clamp(u + k (e − e_before) + k e Δt/T_i), with e the error relative to its span, less the dead band.
    The velocity form needs no wind-up guard: a clamped output leaves its limit as soon as the error turns.

    Source: Åström & Hägglund, Advanced PID Control (2006), section 13.4 (velocity algorithms).
    """
    change = control.gain * ((error - error_before) + error * step / control.reset)
    return min(max(output + change, control.low), control.high)


@kernel
def beyond(error: float, dead_band: float) -> float:
    """Return what of `error` lies beyond the dead band."""
    if abs(error) <= dead_band:
        return 0.0
    return error - dead_band if error > 0.0 else error + dead_band


@kernel
def limited(output: float, before: float, most: float) -> float:
    """Return the output, moved from what it was before by `most` at the most."""
    return min(max(output, before - most), before + most)


@kernel
def sensed(c: Any, past: np.ndarray, value: float, step: float) -> float:
    """Return what the controller `c` sees after a step of `step` seconds with this value: late by lag and dead time.

    Equations: dy/dt = (x − y)/τ, exact for x held over the step; then z(t) = y(t − θ), straight between what is kept.

    Symbols: x value, y reading of a sensor of time constant τ (s), θ dead time (s), z what is seen. `past` (2, SLOTS)
    keeps times and readings no closer than θ/(SLOTS − 4), so that what is seen is late by θ whatever the step is. The
    first value is taken for all of the past.
    """
    if c.lag > 0.0 and c.known > 0.0:
        value = c.reading + (value - c.reading) * -math.expm1(-step / c.lag)
    c.reading, c.known = value, 1.0
    if not (c.delay > 0.0):
        return value
    c.clock += step
    last = (c.kept - 1) % SLOTS
    if c.kept == 0 or c.clock - past[0, last] >= c.delay / (SLOTS - 4):
        last = c.kept % SLOTS
        past[0, last], past[1, last] = c.clock, value
        c.kept += 1
    want, oldest = c.clock - c.delay, max(c.kept - SLOTS, 0)
    j = c.kept - 1
    while j > oldest and past[0, j % SLOTS] > want:
        j -= 1
    a, b = j % SLOTS, (j + 1) % SLOTS
    if past[0, a] > want or j + 1 >= c.kept:
        return float(past[1, a])
    return float(past[1, a] + (past[1, b] - past[1, a]) * (want - past[0, a]) / (past[0, b] - past[0, a]))


@kernel
def position(a: Any, target: float, step: float) -> float:
    """Return where the valve of the actuator `a` stands after a step in which it is sent to `target`.

    It stays while the target is within its stiction d of where it stands, x(t) = x(t − 1) if |u − x(t − 1)| ≤ d, and
    goes all the way otherwise, x = u, at the speed of its stroke.

    Source: Stenman, Gustafsson & Forsman, Int. J. Adapt. Control Signal Process. 17 (2003) 625-634 (one parameter).
    """
    gap = target - a.position
    if a.moving > 0.0 or abs(gap) > a.stiction:
        most = step / a.stroke if a.stroke > 0.0 else 2.0
        a.moving = 1.0 if abs(gap) > most else 0.0
        a.position += min(max(gap, -most), most)
        if a.moving == 0.0:
            a.position = target
    return float(a.position)
