"""Controllers of a network brought to their goals by Newton's method: errors, slopes, steps, and who moves as one."""

import math
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.hydraulics import Flows
from thermal.physics.network.stepper import error_of, value_of

__all__ = [
    "NOW", "Rest", "aim", "bring_back_outputs", "error_now", "go", "keep_outputs", "learn", "nudge", "outputs_moved",
    "read_errors",
]  # fmt: skip

NUDGE, FLAT, LEAP = 1e-5, 1e-8, 0.25  # of an output to find a slope, slope that is none, and the step then


NOW = np.dtype(
    (
        np.record,
        [
            ("status", "i8"),
            ("change", "f8"),  # the last one [K, -]
            ("tried", "i8"),  # steps of Newton's method
            ("gang", "i8"),  # that is nudged
            ("nudge", "f8"),
            ("stale", "i8"),  # whether the slopes are not known yet
            ("before", "f8"),  # worst error before the last step
            ("rounds", "i8"),
            ("jump", "i8"),
            ("jumps", "i8"),  # in a round
        ],
    )
)


class Rest(NamedTuple):
    """Which controllers move as one, since they sense the same, and scratch."""

    gang: np.ndarray  # (c,) unknown of each controller; -1 where it does not run
    pace: np.ndarray  # (c,) its integral gain over that of its gang's first
    first: np.ndarray  # (g,) controller
    error: np.ndarray  # (g,)
    last: np.ndarray  # (g,)
    move: np.ndarray  # (g,)
    free: np.ndarray  # (g,) 1 where it has somewhere to go
    slope: np.ndarray  # (g, g) change of the error of one as another moves
    matrix: np.ndarray  # (g, g + 1)
    begun: np.ndarray  # (c,) outputs to come back to
    output: np.ndarray  # (c,) likewise
    band: np.ndarray  # (c,)
    running: np.ndarray  # (c,)
    T: np.ndarray  # (places)
    jumped: np.ndarray  # (places) after the jumps of a round, or before nudges
    now: np.recarray  # NOW, one row


@kernel
def error_now(c: Any, flows: Flows, T: np.ndarray) -> float:
    """Error of a controller now."""
    return error_of(c, value_of(c, flows, T))


@kernel
def keep_outputs(controllers: np.recarray, kept: np.ndarray) -> None:
    """Keep the outputs of all controllers."""
    for i in range(len(kept)):
        kept[i] = controllers[i].output


@kernel
def bring_back_outputs(controllers: np.recarray, kept: np.ndarray) -> None:
    """Bring the outputs of all controllers back."""
    for i in range(len(kept)):
        controllers[i].output = kept[i]


@kernel
def outputs_moved(controllers: np.recarray, kept: np.ndarray) -> float:
    """Largest change of an output, NaN if there is one."""
    largest = 0.0
    for i in range(len(kept)):
        moved = abs(controllers[i].output - kept[i])
        if largest == largest and not (moved <= largest):
            largest = moved
    return largest


@kernel
def read_errors(controllers: np.recarray, flows: Flows, T: np.ndarray, r: Rest) -> float:
    """Fill the errors, and who is free to act on his; return the largest of these, NaN if there is one."""
    for g in range(len(r.first)):
        r.last[g] = r.error[g]
        r.error[g] = error_now(controllers[r.first[g]], flows, T)
        r.free[g] = 0
    for i in range(len(r.gang)):
        c, g = controllers[i], r.gang[i]
        if g >= 0 and ((r.error[g] > 0.0 and c.output < c.pi.high) or (r.error[g] < 0.0 and c.output > c.pi.low)):
            r.free[g] = 1
    worst = 0.0
    for g in range(len(r.first)):
        e = abs(r.error[g]) if r.free[g] == 1 or math.isnan(r.error[g]) else 0.0
        if worst == worst and not (e <= worst):
            worst = e
    return worst


@kernel
def _shift(controllers: np.recarray, r: Rest, g: int, by: float) -> None:
    """Move the outputs of a gang, within their limits."""
    for i in range(len(r.gang)):
        if r.gang[i] == g:
            c = controllers[i]
            c.output = min(max(c.output + r.pace[i] * by, c.pi.low), c.pi.high)


@kernel
def nudge(controllers: np.recarray, r: Rest, g: int) -> None:
    """Move a gang by a little, inwards where it is at a limit."""
    now = r.now[0]
    now.gang, now.nudge = g, math.copysign(NUDGE, r.error[g])
    for i in range(len(r.gang)):
        c = controllers[i]
        if r.gang[i] == g and not (c.pi.low <= c.output + r.pace[i] * now.nudge <= c.pi.high):
            now.nudge = -now.nudge
            break
    _shift(controllers, r, g, now.nudge)


@kernel
def aim(r: Rest) -> None:
    """Solve slope · move = −error for those that are free; one without a slope goes a fixed way towards its goal."""
    n = len(r.error)
    for i in range(n):
        fixed = r.free[i] == 0 or not (r.slope[i, i] < -FLAT)
        for j in range(n):
            r.matrix[i, j] = (1.0 if i == j else 0.0) if fixed else r.slope[i, j]
        r.matrix[i, n] = -r.error[i]
        if fixed:
            r.matrix[i, n] = math.copysign(LEAP, r.error[i]) if r.free[i] == 1 else 0.0
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(r.matrix[i, k]) > abs(r.matrix[p, k]):
                p = i
        for j in range(n + 1):
            r.matrix[k, j], r.matrix[p, j] = r.matrix[p, j], r.matrix[k, j]
        for i in range(k + 1, n):
            share = r.matrix[i, k] / r.matrix[k, k]
            for j in range(k, n + 1):
                r.matrix[i, j] -= share * r.matrix[k, j]
    for i in range(n - 1, -1, -1):
        x = r.matrix[i, n]
        for j in range(i + 1, n):
            x -= r.matrix[i, j] * r.move[j]
        r.move[i] = x / r.matrix[i, i]


@kernel
def go(controllers: np.recarray, r: Rest) -> None:
    """Move all by their moves, an output no further than to a third or to three times itself."""
    for g in range(len(r.first)):
        if not math.isfinite(r.move[g]):  # two that want different things of one place
            r.move[g] = math.copysign(LEAP, r.error[g]) if r.free[g] == 1 else 0.0
    for i in range(len(r.gang)):
        g = r.gang[i]
        if g >= 0 and r.pace[i] != 0.0:
            u = abs(controllers[i].output / r.pace[i])
            r.move[g] = min(max(r.move[g], -2.0 / 3.0 * u), max(2.0 * u, LEAP))
    for g in range(len(r.first)):
        _shift(controllers, r, g, r.move[g])


@kernel
def learn(r: Rest) -> None:
    """Let the slopes say what the last move did, by the least change: Broyden, Math. Comp. 19 (1965) 577-593."""
    n, size = len(r.error), 0.0
    for j in range(n):
        size += r.move[j] * r.move[j]
    if not size > NUDGE * NUDGE:
        return
    for i in range(n):
        left = r.error[i] - r.last[i]
        for j in range(n):
            left -= r.slope[i, j] * r.move[j]
        for j in range(n):
            r.slope[i, j] += left * r.move[j] / size
