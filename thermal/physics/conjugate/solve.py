"""Steady conjugate heat transfer in a body of cells with channels, as rises over the coolant's inlet temperature."""

from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.assembly import Body, Channels, assemble, from_stored, layout, to_stored
from thermal.physics.conjugate.krylov import Outcome, solve
from thermal.physics.conjugate.lattice import H, Lattice, coolant, residual
from thermal.physics.conjugate.multigrid import Hierarchy, hierarchy

__all__ = ["BYTES_PER_CELL", "LIMIT", "Rises", "conduct", "stream_rises", "warmed"]

BYTES_PER_CELL = 250  # upper estimate of what a solution takes
LIMIT = 200  # iterations


class Rises(NamedTuple):
    """Rises over the inlet [K], the balance they satisfy, and what a neighbouring case may start from."""

    body: np.ndarray  # (ny, nz, nx)
    stream: np.ndarray  # (ny, streams) mean over each slice
    shift: np.ndarray  # (ny, streams) how far that lies over what the streams carry, over their rate
    outlet: np.ndarray  # (passes,) mixed outlet of each pass, as it is carried
    residual: float  # heat put in less heat carried away [W]
    outcome: Outcome
    problem: Lattice
    levels: Hierarchy


def conduct(
    body: Body,
    channels: Channels,
    heat: np.ndarray,
    tolerance: float,
    previous: Rises | None = None,
    shift: np.ndarray | None = None,
) -> Rises:
    """Solve the steady problem; `heat` (ny, nz, nx) is the power put into each cell [W].

    `previous` is a solution for the same body with films and flows not far off: its links, grids and temperatures serve
    again. `shift` (ny, streams) is how far a stream's temperature lies over the heat it carries divided by its rate,
    where its heat capacity changes [K]: films feel the one, the march moves the other.
    """
    problem = assemble(body, channels, previous.problem if previous else None)
    levels = previous.levels if previous else hierarchy(problem, layout(body, channels))
    b, d = to_stored(heat), np.zeros(problem.hold.size) if shift is None else shift.ravel()
    put, extra = (b, d) if shift is None else (warmed(problem, b, d), -problem.hold * d)
    T = to_stored(previous.body) if previous else np.zeros_like(b)
    outcome = solve(problem, levels, T, put, extra, 0.0, tolerance, LIMIT)
    F, out = stream_rises(problem, channels, T, extra, 0.0)
    leaving = out[int(channels.stream_pass[channels.legs[-1, 0]])] if out.size else np.zeros(2)
    _, nz, nx = body.material.shape
    return Rises(
        from_stored(T, nx, nz),
        (F + d).reshape(body.dy.size, -1),
        d.reshape(body.dy.size, -1),
        out[:, 0] / np.maximum(out[:, 1], 1e-300),
        float(b.sum() - leaving[0]),
        outcome,
        problem,
        levels,
    )


def warmed(problem: Lattice, heat: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return `heat` into each stored cell with what films bring where the streams are warmer by `shift` [W]."""
    found = np.empty_like(heat)
    residual(problem, 0, np.zeros_like(heat), heat, shift, np.zeros(3 * int(problem.table[0, H])), found)
    return found


def stream_rises(
    problem: Lattice, channels: Channels, T: np.ndarray, extra: np.ndarray, inlet: float
) -> tuple[np.ndarray, np.ndarray]:
    """March the streams past given body rises; return their mean rises and, per pass, Σ rate Θ_out and Σ rate."""
    F = np.zeros(problem.hold.size)
    out = np.zeros((int(channels.legs[:, 4].max(initial=-1)) + 1, 2))
    coolant(problem, 0, T, extra, inlet, np.zeros(3 * int(problem.table[0, H])), F, out)
    return F, out
