"""Controllers of pumps, valves and fans: PI in velocity form, clamped, with a dead band."""

from typing import Any

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["CONTROL", "beyond", "pi_step"]


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
