"""Implicit steps in time of the conjugate problem, with heat capacity in the body and in the coolant."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.assembly import Body, Channels, assemble, capacities, layout, weights
from thermal.physics.conjugate.krylov import solve
from thermal.physics.conjugate.lattice import Lattice
from thermal.physics.conjugate.multigrid import Hierarchy, hierarchy
from thermal.physics.conjugate.solve import LIMIT, stream_rises, warmed

__all__ = ["Method", "Moment", "Stepper", "advance", "at_rest", "prepare", "renewed"]


class Method(IntEnum):
    """Rule of a step. Both are L-stable."""

    SDIRK2 = 0  # second order, two stages with one matrix: Alexander (1977), γ = 1 − 1/√2, doi 10.1137/0714068
    BACKWARD_EULER = 1  # first order, as 3D-ICE steps


GAMMA = {Method.SDIRK2: 1.0 - 0.5**0.5, Method.BACKWARD_EULER: 1.0}


class Stepper(NamedTuple):
    """What all steps of one length share."""

    problem: Lattice
    levels: Hierarchy
    channels: Channels
    capacity: np.ndarray  # of each stored cell [J/K]
    held: np.ndarray  # of the coolant in each slice of a stream [J/K]
    shift: np.ndarray  # how far the temperature of a slice lies over the heat it carries, over its rate [K]
    step: float
    method: Method


class Moment(NamedTuple):
    """State at one time: rises of body and streams, what leaves, and the last changes (a first guess of the next)."""

    T: np.ndarray
    F: np.ndarray
    change: np.ndarray  # of T over the last step
    bend: np.ndarray  # change of that change
    drift: np.ndarray  # change of F over the last step
    outlet: float  # heat leaving with the coolant, averaged over the step [W]
    residual: float  # heat in less heat out less storage over the step [W]
    iterations: int
    converged: bool


def prepare(body: Body, channels: Channels, coolant_capacity: np.ndarray, step: float, method: Method) -> Stepper:
    """Set up steps of one length; `coolant_capacity` (ny, streams) is that of the coolant in a slice [J/K]."""
    scale = 1.0 / (GAMMA[method] * step)
    capacity, held = capacities(body), coolant_capacity.ravel()
    steady = assemble(body, channels, None)._replace(sink=scale * capacity)
    problem = _storing(steady, channels, scale * held)
    levels = hierarchy(problem, layout(body, channels))
    return Stepper(problem, levels, channels, capacity, held, np.zeros_like(held), step, method)


def renewed(s: Stepper, body: Body, channels: Channels, coolant_capacity: np.ndarray, shift: np.ndarray) -> Stepper:
    """Return the same steps with other films, flows, coolant held and shift, not far off: the solver's grids serve."""
    held = coolant_capacity.ravel()
    problem = _storing(assemble(body, channels, s.problem), channels, held / (GAMMA[s.method] * s.step))
    return s._replace(problem=problem, channels=channels, held=held, shift=shift.ravel())


def _storing(steady: Lattice, channels: Channels, storage: np.ndarray) -> Lattice:
    """The problem with heat stored in the coolant [W/K]."""
    hold = steady.hold + storage
    if not channels.advection:
        return steady._replace(hold=hold)
    return steady._replace(hold=hold, lean=weights(channels, hold.reshape(-1, channels.rate.size)))


def at_rest(stepper: Stepper, T: np.ndarray | None = None, F: np.ndarray | None = None) -> Moment:
    """Return a moment with given rises, zero by default."""
    T = np.zeros(stepper.problem.x.size) if T is None else T
    F = np.zeros(stepper.problem.hold.size) if F is None else F
    return Moment(T, F, np.zeros_like(T), np.zeros_like(T), np.zeros_like(F), 0.0, 0.0, 0, True)


def advance(s: Stepper, now: Moment, heat: np.ndarray, inlet: float, tolerance: float) -> Moment:
    """Take one step; `heat` (stages, cells) is the power at each stage [W], `inlet` the inlet's rise.

    Stage i solves (C/(γΔt) + A) Y_i = q_i + C/(γΔt) B_i with B_1 = T and B_2 = T + (1 − γ)/γ (Y_1 − T); T_next =
    Y_last.
    """
    gamma = GAMMA[s.method]
    scale = 1.0 / (gamma * s.step)
    base, base_F = now.T, now.F
    guess = now.T + gamma * now.change + 0.5 * gamma * (1.0 + gamma) * now.bend
    share = [1.0] if s.method == Method.BACKWARD_EULER else [1.0 - gamma, gamma]
    iterations, leaving, put_in, converged = 0, 0.0, 0.0, True
    for stage, weight in enumerate(share):
        put, extra = heat[stage] + s.problem.sink * base, scale * s.held * base_F
        if s.shift.any():
            put, extra = warmed(s.problem, put, s.shift), extra - (s.problem.hold - scale * s.held) * s.shift
        outcome = solve(s.problem, s.levels, guess, put, extra, inlet, tolerance, LIMIT)
        F, out = stream_rises(s.problem, s.channels, guess, extra, inlet)
        leaving += weight * _left(s, out, inlet)
        put_in += weight * float(heat[stage].sum())
        iterations, converged = iterations + outcome.iterations, converged and outcome.converged
        T = guess
        if stage + 1 < len(share):
            ahead = (1.0 - gamma) / gamma
            base, base_F = now.T + ahead * (T - now.T), now.F + ahead * (F - now.F)
            curve = (T - now.T - gamma * now.change) / (gamma * (1.0 + gamma))
            guess = now.T + now.change + 2.0 * curve
    stored = float((s.capacity * (T - now.T)).sum() + (s.held * (F - now.F)).sum()) / s.step
    change = T - now.T
    return Moment(
        T, F, change, change - now.change, F - now.F, leaving, put_in - leaving - stored, iterations, converged
    )


def _left(s: Stepper, out: np.ndarray, inlet: float) -> float:
    """Heat carried away between the inlet and the outlet of the last pass."""
    last = int(s.channels.stream_pass[s.channels.legs[-1, 0]])
    return float(out[last, 0] - out[last, 1] * inlet)
