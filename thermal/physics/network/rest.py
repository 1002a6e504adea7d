"""A network at rest: controllers at their goals by Newton's method, each evaluation a march of ages in one step.

The march itself is the caller's; here it is decided what to try next and when the network rests.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.hydraulics import Flows
from thermal.physics.network.stepper import error_of, value_of

__all__ = [
    "CHECK",
    "DONE",
    "HOTTEST",
    "LOST",
    "MINUTES",
    "NOW",
    "RESTS",
    "ROUNDS",
    "STUCK",
    "UNSETTLED",
    "Rest",
    "after",
    "pace_of",
    "relax",
    "take_over",
]  # fmt: skip

RESTS, UNSETTLED, LOST, STUCK = 0, 1, 2, 3  # at rest; not settled; flows or temperatures lost; heat and no way out
AGES, MINUTES, CHECK = 1e8, 300.0, 5.0  # s, of a jump to rest, of control between two, of the last look
TRIES, ROUNDS = 40, 300  # steps of Newton's method, and rounds of jumps and control where these do not do
SMALL, CALM = 1e-10, 1e-9  # error of a controller and change of temperatures [K] at which they rest
TOLERANCE = 1e-7  # change of a round that counts as none [K, -]
NUDGE, FLAT, LEAP = 1e-5, 1e-8, 0.25  # of an output to find a slope, slope that is none, and the step then
STALE = 0.1  # of the error before; where more is left slopes are found anew
PUSH, JUMPS = 1e-3, 8  # of what columns weigh, to begin with, and jumps in a round where there are any
SWING = 0.01  # K, by which coolant in a dead end may swing and the network rest all the same
HOTTEST = 1e4  # degC, which nothing is that rests


DONE, HOLD, NUDGED, LOOK, JUMP, ACT = range(6)  # phases, which say what is marched next:
# ages with the controllers held; the same with one nudged; a moment of control in which nothing may change;
# ages with the controllers held, as a part of a round; some minutes of control


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
def _error(c: Any, flows: Flows, T: np.ndarray) -> float:
    """Error of a controller now."""
    return error_of(c, value_of(c, flows, T))


@kernel
def _hottest(T: np.ndarray) -> float:
    """Highest temperature [°C]."""
    highest = -math.inf
    for j in range(len(T)):
        highest = max(highest, T[j])
    return highest


@kernel
def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """Largest difference, NaN if there is one."""
    largest = 0.0
    for j in range(len(a)):
        if largest == largest and not (abs(a[j] - b[j]) <= largest):
            largest = abs(a[j] - b[j])
    return largest


@kernel
def _copy(a: np.ndarray, b: np.ndarray) -> None:
    """Let b be as a."""
    for j in range(len(a)):
        b[j] = a[j]


@kernel
def _keep(controllers: np.recarray, kept: np.ndarray) -> None:
    """Keep the outputs of all controllers."""
    for i in range(len(kept)):
        kept[i] = controllers[i].output


@kernel
def _bring_back(controllers: np.recarray, kept: np.ndarray) -> None:
    """Bring the outputs of all controllers back."""
    for i in range(len(kept)):
        controllers[i].output = kept[i]


@kernel
def _moved(controllers: np.recarray, kept: np.ndarray) -> float:
    """Largest change of an output."""
    largest = 0.0
    for i in range(len(kept)):
        largest = max(largest, abs(controllers[i].output - kept[i]))
    return largest


@kernel
def _read(controllers: np.recarray, flows: Flows, T: np.ndarray, r: Rest) -> float:
    """Fill the errors, and who is free to act on his; return the largest of these, NaN if there is one."""
    for g in range(len(r.first)):
        r.last[g] = r.error[g]
        r.error[g] = _error(controllers[r.first[g]], flows, T)
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
def _nudge(controllers: np.recarray, r: Rest, g: int) -> None:
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
def _aim(r: Rest) -> None:
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
def _go(controllers: np.recarray, r: Rest) -> None:
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
def _learn(r: Rest) -> None:
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


@kernel
def take_over(controllers: np.recarray, columns: np.recarray, rise: np.ndarray, T: np.ndarray, r: Rest) -> int:
    """Begin to bring a network to rest; return the first phase.

    Controllers go all the way to their goals, without their dead bands. Columns of coolant get a push in the direction
    in which their branches are written, which fades: where nothing pumps the coolant circulates that way round.
    """
    for i in range(len(r.gang)):
        c = controllers[i]
        r.band[i], r.running[i] = c.pi.dead_band, c.running
        c.pi.dead_band, c.running = 0.0, -1.0
    now = r.now[0]
    now.status, now.change, now.tried, now.stale, now.before = UNSETTLED, math.inf, 0, 1, math.inf
    now.rounds, now.jump, now.jumps = 0, 0, 2
    _keep(controllers, r.begun)
    for i in range(len(columns)):
        k = columns[i].row  # uneven, so that it is none in no circle
        rise[k] -= PUSH * (1.0 + i / len(columns)) * abs(rise[k])
        now.jumps = JUMPS
    _copy(T, r.T)
    return HOLD if len(columns) == 0 else _round(controllers, T, r)


@kernel
def pace_of(pace: Any, phase: int, stride: float, jumps: int) -> int:
    """Set the pace of a phase; return the steps of its interval.

    At rest viscosity is that of the temperature, whatever the `stride` in which it follows in time, unless it does not.
    """
    pace.time, pace.interval, pace.stride, pace.ease = 0.0, AGES, 0.0 if stride < math.inf else stride, 1.0
    if phase == NUDGED:
        pace.stride = math.inf
    elif phase == LOOK:
        pace.interval, pace.stride = CHECK, stride
    elif phase != HOLD and jumps > 2:
        pace.ease = 0.5
    if phase == ACT:
        pace.interval = MINUTES
        return 60
    return 1


@kernel
def _done(r: Rest, status: int) -> int:
    """End with this status."""
    r.now[0].status = status
    return DONE


@kernel
def _look(controllers: np.recarray, flows: Flows, T: np.ndarray, r: Rest) -> int:
    """Let the controllers loose where they are."""
    _copy(T, r.T)
    _keep(controllers, r.output)
    for i in range(len(r.gang)):
        c = controllers[i]
        c.running, c.error = r.running[i], _error(c, flows, T)
    return LOOK


@kernel
def _round(controllers: np.recarray, T: np.ndarray, r: Rest) -> int:
    """Begin a round."""
    _copy(T, r.T)
    _copy(T, r.jumped)
    _keep(controllers, r.output)
    for i in range(len(r.gang)):
        controllers[i].running = -1.0
    r.now[0].jump = 0
    return JUMP


@kernel
def _fall_back(controllers: np.recarray, T: np.ndarray, r: Rest) -> int:
    """Give Newton's method up, and begin rounds where it began."""
    _bring_back(controllers, r.begun)
    return _round(controllers, T, r)


@kernel
def _step(controllers: np.recarray, T: np.ndarray, r: Rest, worst: float) -> int:
    """Take a step of Newton's method, and evaluate there."""
    now = r.now[0]
    _aim(r)
    _go(controllers, r)
    now.before = worst
    _copy(T, r.T)
    return HOLD


@kernel
def _held(controllers: np.recarray, flows: Flows, T: np.ndarray, r: Rest) -> int:
    """After an evaluation: at rest, or the next step, with slopes found anew where they say too little."""
    now = r.now[0]
    now.tried += 1
    if now.tried == 1 and _hottest(T) > HOTTEST:
        return _done(r, STUCK)
    worst = _read(controllers, flows, T, r)
    if worst <= SMALL and _apart(T, r.T) <= CALM:
        return _look(controllers, flows, T, r)
    if now.tried > TRIES or math.isnan(worst):
        return _fall_back(controllers, T, r)
    if worst <= SMALL:
        for g in range(len(r.first)):
            r.move[g] = 0.0
        _copy(T, r.T)
        return HOLD
    if now.stale == 0:
        _learn(r)
    if now.stale == 1 or worst > STALE * now.before:
        now.stale, now.before = 0, worst
        _keep(controllers, r.output)
        _copy(T, r.jumped)
        _nudge(controllers, r, 0)
        return NUDGED
    return _step(controllers, T, r, worst)


@kernel
def _nudged(controllers: np.recarray, flows: Flows, T: np.ndarray, r: Rest) -> int:
    """After an evaluation beside: the slopes that it shows, and the next one or a step."""
    now = r.now[0]
    g = now.gang
    for i in range(len(r.first)):
        r.slope[i, g] = (_error(controllers[r.first[i]], flows, T) - r.error[i]) / now.nudge
    _bring_back(controllers, r.output)
    if g + 1 < len(r.first):
        _nudge(controllers, r, g + 1)
        return NUDGED
    _copy(r.jumped, T)  # viscosity follows what it is without nudges
    return _step(controllers, T, r, now.before)


@kernel
def after(phase: int, controllers: np.recarray, flows: Flows, T: np.ndarray, sound: bool, r: Rest) -> int:
    """What comes after a phase has been marched; `sound` says whether flows and temperatures are numbers.

    Errors e of controllers u at the temperatures and flows that rest under u: wanted is e(u) = 0, or u at a limit that
    e pushes against. Slopes are found by nudging one after the other, and then learnt from the steps. What that does
    not settle is settled by rounds: temperatures jump to where the flows leave them, and controllers act for minutes.
    """
    now = r.now[0]
    if not sound:
        return _done(r, LOST)
    if phase == HOLD:
        return _held(controllers, flows, T, r)
    if phase == NUDGED:
        return _nudged(controllers, flows, T, r)
    if phase == JUMP:
        now.jump += 1
        if now.jump < now.jumps:
            return phase
        if _hottest(T) > HOTTEST:
            return _done(r, STUCK)
        if now.jumps > 2:
            _copy(T, r.jumped)
        for i in range(len(r.gang)):
            controllers[i].running = r.running[i]
        return ACT
    now.change = max(_apart(T, r.T), _moved(controllers, r.output))
    if phase == LOOK:
        return _done(r, RESTS) if now.change < TOLERANCE or now.rounds > 0 else _fall_back(controllers, T, r)
    swing = _apart(T, r.jumped)  # a round may end where it began and not be at rest
    now.change = max(now.change, swing if swing > SWING else 0.0)
    now.rounds += 1
    if now.change < TOLERANCE:
        change = now.change
        phase = _look(controllers, flows, T, r)
        now.change = change
        return phase
    return _round(controllers, T, r) if now.rounds < ROUNDS else _done(r, UNSETTLED)


@kernel
def relax(controllers: np.recarray, r: Rest) -> None:
    """Give the controllers their dead bands back."""
    for i in range(len(r.gang)):
        c = controllers[i]
        c.pi.dead_band, c.running = r.band[i], r.running[i]
        c.error = math.copysign(max(abs(c.error) - r.band[i], 0.0), c.error)
