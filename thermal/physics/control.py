"""Controllers of pumps, valves and fans: PI in velocity form, clamped, with a dead band."""

from thermal.physics.kernel import kernel

__all__ = ["DEAD_BAND", "GAIN", "HIGH", "LOW", "RESET", "beyond", "pi_step"]


GAIN, RESET, DEAD_BAND, LOW, HIGH = range(5)  # columns of a row of control settings


@kernel
def pi_step(control, output, error, error_before, step):
    """Return the output after one step of `step` seconds under `control`: gain, reset time, dead band, low, high.

    Equation: u ← clamp(u + k (e − e_before) + k e Δt/T_i), with e the error relative to its span, less the dead band.
    The velocity form needs no wind-up guard: a clamped output leaves its limit as soon as the error turns.

    Source: Åström & Hägglund, Advanced PID Control (2006), section 13.4 (velocity algorithms).
    """
    change = control[GAIN] * ((error - error_before) + error * step / control[RESET])
    return min(max(output + change, control[LOW]), control[HIGH])


@kernel
def beyond(error, dead_band):
    """Return what of `error` lies beyond the dead band."""
    if error > dead_band:
        return error - dead_band
    if error < -dead_band:
        return error + dead_band
    return 0.0
