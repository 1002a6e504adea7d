"""Adjoint of the conjugate problem at given films and flows: the same plate with its coolant flowing backwards.

Conduction and films are symmetric, and the march of a stream's mean temperatures, transposed, is the march against
the flow. So the solver, its grids and its kernels serve unchanged; only the legs are turned round.
"""

from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.assembly import Channels, from_stored, to_stored
from thermal.physics.conjugate.krylov import Outcome, solve
from thermal.physics.conjugate.lattice import LEG, NL, H, Lattice, coolant, residual
from thermal.physics.conjugate.multigrid import Hierarchy
from thermal.physics.conjugate.solve import LIMIT, stream_rises
from thermal.physics.kernel import kernel

__all__ = ["Ends", "Shadow", "backwards", "by_rate", "lean_slope", "shadow", "slice_ends", "turned"]

SHORT = 0.1  # transfer units below which the slope of the lean is taken from its series


class Shadow(NamedTuple):
    """What a heat of one watt, put anywhere, does to the quantity asked."""

    body: np.ndarray  # (ny, nz, nx) put into a cell
    stream: np.ndarray  # (ny, streams) put into the coolant of a slice
    outcome: Outcome


class Ends(NamedTuple):
    """A field of the coolant where it enters and leaves each slice (ny, streams)."""

    enter: np.ndarray
    leave: np.ndarray


def turned(legs: np.ndarray) -> np.ndarray:
    """Return the legs of the coolant that flows backwards: the last pass first, fed by none.

    Examples
    --------
    >>> turned(np.array([[0, 0, 5, 1, 0, -1], [1, 4, 5, -1, 1, 0]])).tolist()  # one stream there, one back
    [[1, 0, 5, 1, 1, -1], [0, 4, 5, -1, 0, 1]]
    """
    back = legs[::-1].copy()
    last = legs[:, 4].max(initial=0)
    back[:, 1] += (back[:, 2] - 1) * back[:, 3]
    back[:, 3] *= -1
    back[:, 5] = np.where(back[:, 4] < last, back[:, 4] + 1, -1)
    return back


def backwards(problem: Lattice, levels: Hierarchy) -> tuple[Lattice, Hierarchy]:
    """Return the transposed problem and its grids."""
    table = levels.lattice.table
    legs = [turned(levels.lattice.legs[row[LEG] : row[LEG] + row[NL]]) for row in table]
    lattice = levels.lattice._replace(legs=np.concatenate(legs))
    inverse = np.ascontiguousarray(levels.inverse.T)
    return problem._replace(legs=turned(problem.legs)), levels._replace(lattice=lattice, inverse=inverse)


def shadow(
    back: tuple[Lattice, Hierarchy],
    channels: Channels,
    body: np.ndarray,
    stream: np.ndarray,
    tolerance: float,
    guess: np.ndarray | None,
) -> Shadow:
    """Solve Aᵀ λ = `body`, with `stream` (ny, streams) on the coolant's side of the transposed system.

    They are the derivatives of the quantity asked by the rises of cells and of the coolant in each slice; `back` is
    the plate turned round by ``backwards``, `guess` a λ not far off.
    """
    problem, levels = back
    _, nz, nx = body.shape
    extra, still = stream.ravel(), np.zeros(stream.size)
    nothing, wall = np.zeros(problem.x.size), np.zeros(3 * int(problem.table[0, H]))
    F, b = np.zeros(stream.size), np.zeros(problem.x.size)
    coolant(problem, 0, nothing, extra, 0.0, wall, F, np.zeros_like(levels.out))
    residual(problem, 0, nothing, to_stored(body), F, wall, b)
    T = nothing if guess is None else to_stored(guess)
    outcome = solve(problem, levels, T, b, still, 0.0, tolerance, LIMIT)
    F, _ = stream_rises(problem, channels, T, extra, 0.0)
    return Shadow(from_stored(T, nx, nz), F.reshape(stream.shape), outcome)


def slice_ends(legs: np.ndarray, rate: np.ndarray, lean: np.ndarray, mean: np.ndarray) -> Ends:
    """Return a coolant field at the ends of slices from its means F = (1 − lean) enter + lean leave."""
    found = Ends(np.zeros(mean.shape), np.zeros(mean.shape))
    _follow(legs, rate, lean, mean, np.zeros((int(legs[:, 4].max()) + 1, 2)), found.enter, found.leave)
    return found


@kernel
def _follow(
    legs: np.ndarray,
    rate: np.ndarray,
    lean: np.ndarray,
    mean: np.ndarray,
    mixed: np.ndarray,
    enter: np.ndarray,
    leave: np.ndarray,
) -> None:
    """Fill the ends of all slices; `mixed` (passes, 2) is scratch of zeros."""
    for leg in range(legs.shape[0]):
        c, k, into, feed = legs[leg, 0], legs[leg, 1], legs[leg, 4], legs[leg, 5]
        now = mixed[feed, 0] / mixed[feed, 1] if feed >= 0 else 0.0
        for _ in range(legs[leg, 2]):
            enter[k, c] = now
            now = (mean[k, c] - (1.0 - lean[k, c]) * now) / lean[k, c]
            leave[k, c] = now
            k += legs[leg, 3]
        mixed[into, 0] += rate[c] * now
        mixed[into, 1] += rate[c]


def lean_slope(number: np.ndarray) -> np.ndarray:
    """Return the derivative of the lean by the number of transfer units N: 1/N² − e⁻ᴺ/(1 − e⁻ᴺ)².

    Examples
    --------
    >>> lean_slope(np.array([1e-6, 0.1 - 1e-12, 0.1])).round(8).tolist()
    [0.08333333, 0.08329168, 0.08329168]
    """
    safe = np.where(number < SHORT, 1.0, number)
    long = 1.0 / safe**2 - np.exp(-safe) / np.expm1(-safe) ** 2
    return np.asarray(np.where(number < SHORT, 1.0 / 12.0 - number**2 / 240.0 + number**4 / 6048.0, long))


def by_rate(
    channels: Channels, hold: np.ndarray, there: Ends, back: Ends, shadow: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return derivatives by the heat capacity rate of each stream, and by the films of a slice through its lean.

    `there` are the rises of the coolant at the ends of slices, `back` those of its shadow, whose mean is `shadow`.
    """
    rate, number = channels.rate, hold / channels.rate
    gain = there.leave - there.enter
    tilt = rate * (back.leave - back.enter) * gain * lean_slope(number)  # by N
    found = (-shadow * gain - tilt * number / rate).sum(axis=0)
    last = int(channels.stream_pass.max())
    for p in range(last):
        of, next_ = channels.legs[channels.legs[:, 4] == p], channels.legs[channels.legs[:, 4] == p + 1]
        out = np.array([there.leave[j + (n - 1) * step, c] for c, j, n, step, *_ in of])
        weight = sum(rate[c] * back.leave[j, c] for c, j, *_ in next_)
        r = rate[of[:, 0]]
        np.add.at(found, of[:, 0], weight * (out - (r @ out) / r.sum()) / r.sum())
    return found, tilt / rate
