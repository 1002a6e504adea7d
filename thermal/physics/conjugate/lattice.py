"""The discrete conjugate problem: a box of solid cells joined by conductances, and coolant streams marched along y.

Cells are stored ``[y, parity of x, z, x // 2]`` with one idle cell per row (last of the even, first of the odd
columns), so that z-lines of every second column are relaxed side by side in vector registers. All grids of a
hierarchy lie behind one another in flat arrays; a row of `table` says where. Coolant temperatures are eliminated by
an exact march along the flow.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["Advection", "Lattice", "coolant", "residual"]

# Columns of a lattice's table: sizes, then where the grid's part of each flat array begins.
NY, NZ, H, FIRST, NB, NC, NL, ADVECTION, CELL, FACE, BAND, STREAM, SLICE, LEG, MAP, ROW, RIB, FIELDS = range(18)


class Advection(IntEnum):
    """How a stream's mean temperature in a slice follows from the temperatures at its ends."""

    EXPONENTIAL = 0  # exact for a wall temperature constant over the slice; second order
    CENTRAL = 1  # mean of neighbouring slices, as the program 3D-ICE has it


class Lattice(NamedTuple):
    """Conductances [W/K] and streams of one grid or of a hierarchy of grids."""

    table: np.ndarray  # (grids, FIELDS)
    x: np.ndarray  # between a cell and its neighbour on the low-x side
    y: np.ndarray  # ... on the low-y side, one slice more than there are
    z: np.ndarray  # ... below
    sink: np.ndarray  # between a cell and a body at temperature zero: surroundings, heat capacity over time step
    low: np.ndarray  # between a cell of the wet band of layers and the stream on the low-x side
    own: np.ndarray  # ... and the stream of its own column
    high: np.ndarray  # ... and the stream on the high-x side
    reach: np.ndarray  # number of the low, own and high stream of a column, (3, 2, h)
    rate: np.ndarray  # heat capacity rate of each stream
    hold: np.ndarray  # films of a stream in a slice, plus heat capacity over time step, (ny, nc)
    lean: np.ndarray  # weight of the downstream end in a slice's mean temperature (or reciprocal pivots, CENTRAL)
    legs: np.ndarray  # rows of stream, first slice, slices, step, pass, pass that feeds it (-1: inlet)


@kernel
def coolant(
    lattice: Lattice,
    grid: int,
    T: np.ndarray,
    extra: np.ndarray,
    inlet: float,
    wall: np.ndarray,
    F: np.ndarray,
    out: np.ndarray,
) -> None:
    """March all streams along their flow; fill mean temperatures `F` (ny, nc) and the sums of each pass `out`.

    Balance of a slice: rate (Θ_out − Θ_in) = Σ film T_wall + extra − hold F, with F = (1 − lean) Θ_in + lean Θ_out.
    `out` (passes, 2) receives Σ rate Θ_out and Σ rate; a pass may be fed by the mixed outlet of an earlier one.
    `wall` (3 h) is scratch.
    """
    s = lattice.table[grid]
    nz, h, nb, nc, slice_ = s[NZ], s[H], s[NB], s[NC], s[SLICE]
    for i in range(s[NY] * nc):
        F[i] = extra[i]
    for half in range(2 * s[NY] if nc > 0 else 0):
        for m in range(3 * h):
            wall[m] = 0.0
        low, own, high = wall[0:h], wall[h : 2 * h], wall[2 * h : 3 * h]
        for k in range(nb):
            at, o = (half * nz + s[FIRST] + k) * h, s[BAND] + (half * nb + k) * h
            here = T[at : at + h]
            a, b, c_ = lattice.low[o : o + h], lattice.own[o : o + h], lattice.high[o : o + h]
            for m in range(h):
                low[m] += a[m] * here[m]
                own[m] += b[m] * here[m]
                high[m] += c_[m] * here[m]
        for i in range(3 * h):
            F[(half >> 1) * nc + lattice.reach[s[MAP] + 2 * (i // h) * h + (half & 1) * h + i % h]] += wall[i]
    for i in range(out.shape[0]):
        out[i, 0] = 0.0
        out[i, 1] = 0.0
    for leg in range(s[LEG], s[LEG] + s[NL]):
        c, j, n = lattice.legs[leg, 0], lattice.legs[leg, 1], lattice.legs[leg, 2]
        step, into, feed = lattice.legs[leg, 3], lattice.legs[leg, 4], lattice.legs[leg, 5]
        rate = lattice.rate[s[STREAM] + c]
        theta = inlet if feed < 0 else out[feed, 0] / out[feed, 1]
        at = j * nc + c
        if s[ADVECTION] == Advection.CENTRAL:
            half_rate, back = 0.5 * rate, step * nc
            F[at] = (F[at] + rate * theta) * lattice.lean[slice_ + at]
            for _ in range(n - 1):
                at += back
                F[at] = (F[at] + half_rate * F[at - back]) * lattice.lean[slice_ + at]
            theta = F[at]
            for _ in range(n - 1):
                at -= back
                F[at] -= half_rate * lattice.lean[slice_ + at] * F[at + back]
        else:
            for _ in range(n):
                hold, lean = lattice.hold[slice_ + at], lattice.lean[slice_ + at]
                end = (F[at] + theta * (rate - (1.0 - lean) * hold)) / (rate + lean * hold)
                F[at] = (1.0 - lean) * theta + lean * end
                theta = end
                at += step * nc
        out[into, 0] += rate * theta
        out[into, 1] += rate


@kernel
def bathe(lattice: Lattice, grid: int, half: int, F: np.ndarray, wall: np.ndarray) -> None:
    """Lay out beside each column of half a slice the temperatures of its three streams."""
    s = lattice.table[grid]
    h, parity, f = s[H], half & 1, (half >> 1) * s[NC]
    for side in range(3 if s[NC] > 0 else 0):
        o = s[MAP] + (2 * side + parity) * h
        for m in range(h):
            wall[side * h + m] = F[f + lattice.reach[o + m]]


@kernel
def residual(
    lattice: Lattice, grid: int, T: np.ndarray, b: np.ndarray, F: np.ndarray, wall: np.ndarray, r: np.ndarray
) -> None:
    """Fill r = b − A T, the streams at `F`: heat put into each cell less the heat that leaves it [W]."""
    s = lattice.table[grid]
    ny, nz, h, nb = s[NY], s[NZ], s[H], s[NB]
    n = nz * h
    for half in range(2 * ny):
        parity = half & 1
        at = half * n
        o, of, twin = s[CELL] + at, s[FACE] + at, (half ^ 1) * n
        here, res, heat = T[at : at + n], r[at : at + n], b[at : at + n]
        g, e = lattice.y[of : of + n], lattice.y[of + 2 * n : of + 3 * n]
        up, down = (at - 2 * n if half > 1 else at), (at + 2 * n if half < 2 * ny - 2 else at)
        before, after = T[up : up + n], T[down : down + n]
        for p in range(n):
            res[p] = heat[p] + g[p] * (before[p] - here[p]) + e[p] * (after[p] - here[p])
        g = lattice.z[o : o + n]
        if nz > 1:
            for p in range(h):
                res[p] += g[p + h] * (here[p + h] - here[p])
            for p in range(n - h, n):
                res[p] += g[p] * (here[p - h] - here[p])
        mid, here_mid = res[h : n - h], here[h : n - h]
        above, over = here[2 * h : n], g[2 * h : n]
        for p in range(n - 2 * h):
            mid[p] += g[p + h] * (here[p] - here_mid[p]) + over[p] * (above[p] - here_mid[p])
        g, e = lattice.x[o + parity : o + parity + n - 1], lattice.x[s[CELL] + twin + 1 : s[CELL] + twin + n]
        before, after = T[twin : twin + n - 1], T[twin + 1 : twin + n]
        tail, here, sink = (
            res[parity : parity + n - 1],
            here[parity : parity + n - 1],
            lattice.sink[o + parity : o + parity + n - 1],
        )
        for p in range(n - 1):
            tail[p] += g[p] * (before[p] - here[p]) + e[p] * (after[p] - here[p]) - sink[p] * here[p]
        bathe(lattice, grid, half, F, wall)
        low, own, high = wall[0:h], wall[h : 2 * h], wall[2 * h : 3 * h]
        for k in range(nb if s[NC] > 0 else 0):
            at, o = (half * nz + s[FIRST] + k) * h, s[BAND] + (half * nb + k) * h
            here, res = T[at : at + h], r[at : at + h]
            g, e, q = lattice.low[o : o + h], lattice.own[o : o + h], lattice.high[o : o + h]
            for m in range(h):
                res[m] += g[m] * (low[m] - here[m]) + e[m] * (own[m] - here[m])
            for m in range(h):
                res[m] += q[m] * (high[m] - here[m])
