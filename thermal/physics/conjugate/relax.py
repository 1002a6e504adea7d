"""Relaxation by lines in z over a chequerboard of columns, swept downstream."""

import numpy as np

from thermal.physics.conjugate.lattice import BAND, CELL, FACE, FIRST, NB, NC, NY, NZ, H, Lattice, bathe
from thermal.physics.kernel import kernel

__all__ = ["factor", "relax"]


@kernel
def factor(lattice: Lattice, grid: int, pivot: np.ndarray) -> None:
    """Fill the reciprocal pivots of the z-lines: Thomas elimination of the tridiagonal block of each column."""
    s = lattice.table[grid]
    nz, h, nb, cell = s[NZ], s[H], s[NB], s[CELL]
    n = nz * h
    for half in range(2 * s[NY]):
        parity, twin = half & 1, (half ^ 1) * n
        for k in range(nz):
            for m in range(h):
                p = k * h + m
                at = cell + half * n + p
                face = s[FACE] + half * n + p
                d = lattice.sink[at] + lattice.x[at] + lattice.z[at] + lattice.y[face] + lattice.y[face + 2 * n]
                if m + 1 - parity < h:
                    d += lattice.x[cell + twin + p + 1 - parity]
                if k + 1 < nz:
                    d += lattice.z[at + h]
                if s[FIRST] <= k < s[FIRST] + nb:
                    o = s[BAND] + (half * nb + k - s[FIRST]) * h + m
                    d += lattice.low[o] + lattice.own[o] + lattice.high[o]
                if k > 0:
                    d -= lattice.z[at] * lattice.z[at] * pivot[at - h]
                pivot[at] = 1.0 / d if d > 0.0 else 0.0


@kernel
def relax(
    lattice: Lattice,
    grid: int,
    pivot: np.ndarray,
    T: np.ndarray,
    b: np.ndarray,
    fresh: bool,
    F: np.ndarray,
    wall: np.ndarray,
    t: np.ndarray,
) -> None:
    """Improve T in A T = b by one sweep of z-lines, the streams at `F`; with `fresh` T and F are zero and unread.

    Columns are coloured like a chequerboard over x and y; black columns follow red ones one slice behind, so that both
    colours cost one pass through memory.
    """
    s = lattice.table[grid]
    ny, nz, h, nb = s[NY], s[NZ], s[H], s[NB]
    n = nz * h
    for turn in range(2 * ny + 2):
        black = turn & 1
        j = (turn >> 1) - black
        if j < 0 or j >= ny:
            continue
        parity = (j + black) & 1
        half = 2 * j + parity
        at, twin = half * n, (2 * j + 1 - parity) * n
        o, of = s[CELL] + at, s[FACE] + at
        heat = b[at : at + n]
        if fresh and not black:
            for p in range(n):
                t[p] = heat[p]
        else:
            g, e = lattice.y[of : of + n], lattice.y[of + 2 * n : of + 3 * n]
            up, down = (at - 2 * n if j > 0 else at), (at + 2 * n if j + 1 < ny else at)
            before, after = T[up : up + n], T[down : down + n]
            for p in range(n):
                t[p] = heat[p] + g[p] * before[p] + e[p] * after[p]
            g, e = lattice.x[o + parity : o + parity + n - 1], lattice.x[s[CELL] + twin + 1 : s[CELL] + twin + n]
            before, after = T[twin : twin + n - 1], T[twin + 1 : twin + n]
            tail = t[parity : parity + n - 1]
            for p in range(n - 1):
                tail[p] += g[p] * before[p] + e[p] * after[p]
        if not fresh:
            bathe(lattice, grid, half, F, wall)
            low, own, high = wall[0:h], wall[h : 2 * h], wall[2 * h : 3 * h]
            for k in range(nb if s[NC] > 0 else 0):
                q, row = s[BAND] + (half * nb + k) * h, (s[FIRST] + k) * h
                here = t[row : row + h]
                before, after, g = lattice.low[q : q + h], lattice.own[q : q + h], lattice.high[q : q + h]
                for m in range(h):
                    here[m] += before[m] * low[m] + after[m] * own[m] + g[m] * high[m]
        g, e = lattice.z[o : o + n], pivot[o : o + n]
        for m in range(h):
            t[m] *= e[m]
        for k in range(h, n, h):
            here, before, after, heat = t[k : k + h], t[k - h : k], g[k : k + h], e[k : k + h]
            for m in range(h):
                here[m] = (here[m] + after[m] * before[m]) * heat[m]
        here = T[at : at + n]
        for p in range(n - h, n):
            here[p] = t[p]
        for k in range(n - 2 * h, -1, -h):
            heat, tail, before, after, up_ = (
                here[k : k + h],
                t[k : k + h],
                g[k + h : k + 2 * h],
                e[k : k + h],
                here[k + h : k + 2 * h],
            )
            for m in range(h):
                heat[m] = tail[m] + before[m] * after[m] * up_[m]
