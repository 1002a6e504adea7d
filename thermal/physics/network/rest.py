"""A network at rest: controllers at their goals by Newton's method, each evaluation a march of ages in one step.

The march itself is the caller's; here it is decided what to try next and when the network rests.
"""

import math
from typing import Any

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.goals import (
    Rest,
    aim,
    bring_back_outputs,
    error_now,
    go,
    keep_outputs,
    learn,
    nudge,
    outputs_moved,
    read_errors,
)
from thermal.physics.network.hydraulics import Flows

__all__ = [
    "CHECK", "DONE", "LOST", "MINUTES", "RESTS", "ROUNDS", "STUCK", "UNSETTLED", "after", "pace_of", "relax",
    "take_over",
]  # fmt: skip

RESTS, UNSETTLED, LOST, STUCK = 0, 1, 2, 3  # at rest; not settled; flows or temperatures lost; heat and no way out
AGES, MINUTES, CHECK = 1e8, 300.0, 5.0  # s, of a jump to rest, of control between two, of the last look
TRIES, ROUNDS = 40, 300  # steps of Newton's method, and rounds of jumps and control where these do not do
SMALL, CALM = 1e-10, 1e-9  # error of a controller and change of temperatures [K] at which they rest
TOLERANCE = 1e-7  # change of a round that counts as none [K, -]
STALE = 0.1  # of the error before; where more is left slopes are found anew
PUSH, JUMPS = 1e-3, 8  # of what columns weigh, to begin with, and jumps in a round where there are any
SWING = 0.01  # K, by which coolant in a dead end may swing and the network rest all the same
HOTTEST = 1e4  # degC, which nothing is that rests
# Phases, which say what is marched next: ages with the controllers held; the same with one nudged; a moment of control
# in which nothing may change; ages with the controllers held, as a part of a round; some minutes of control.
DONE, HOLD, NUDGED, LOOK, JUMP, ACT = range(6)


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
    keep_outputs(controllers, r.begun)
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
    keep_outputs(controllers, r.output)
    for i in range(len(r.gang)):
        c = controllers[i]
        c.running, c.error = r.running[i], error_now(c, flows, T)
    return LOOK


@kernel
def _round(controllers: np.recarray, T: np.ndarray, r: Rest) -> int:
    """Begin a round."""
    _copy(T, r.T)
    _copy(T, r.jumped)
    keep_outputs(controllers, r.output)
    for i in range(len(r.gang)):
        controllers[i].running = -1.0
    r.now[0].jump = 0
    return JUMP


@kernel
def _fall_back(controllers: np.recarray, T: np.ndarray, r: Rest) -> int:
    """Give Newton's method up, and begin rounds where it began."""
    bring_back_outputs(controllers, r.begun)
    return _round(controllers, T, r)


@kernel
def _step(controllers: np.recarray, T: np.ndarray, r: Rest, worst: float) -> int:
    """Take a step of Newton's method, and evaluate there."""
    now = r.now[0]
    aim(r)
    go(controllers, r)
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
    worst = read_errors(controllers, flows, T, r)
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
        learn(r)
    if now.stale == 1 or worst > STALE * now.before:
        now.stale, now.before = 0, worst
        keep_outputs(controllers, r.output)
        _copy(T, r.jumped)
        nudge(controllers, r, 0)
        return NUDGED
    return _step(controllers, T, r, worst)


@kernel
def _nudged(controllers: np.recarray, flows: Flows, T: np.ndarray, r: Rest) -> int:
    """After an evaluation beside: the slopes that it shows, and the next one or a step."""
    now = r.now[0]
    g = now.gang
    for i in range(len(r.first)):
        r.slope[i, g] = (error_now(controllers[r.first[i]], flows, T) - r.error[i]) / now.nudge
    bring_back_outputs(controllers, r.output)
    if g + 1 < len(r.first):
        nudge(controllers, r, g + 1)
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
    now.change = max(_apart(T, r.T), outputs_moved(controllers, r.output))
    if phase == LOOK:
        return _done(r, RESTS) if now.change < TOLERANCE or now.rounds > 0 else _fall_back(controllers, T, r)
    swing = _apart(T, r.jumped)  # a round may end where it began and not be at rest
    if now.change == now.change and not (swing <= SWING) and not (swing <= now.change):
        now.change = swing
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
