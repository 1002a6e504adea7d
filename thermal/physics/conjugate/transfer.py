"""Transfers between a grid and the next coarser one, and a correction of ribs that the coarser cannot tell apart."""

import numpy as np

from thermal.physics.conjugate.lattice import BAND, CELL, FACE, FIRST, MAP, NB, NY, NZ, RIB, ROW, H, Lattice
from thermal.physics.kernel import kernel

__all__ = ["factor_ribs", "interpolate", "restrict", "straighten"]


@kernel
def restrict(
    lattice: Lattice, grid: int, column: np.ndarray, row: np.ndarray, r: np.ndarray, coarse: np.ndarray
) -> None:
    """Sum residuals over the cells that a coarse cell joins."""
    s, c = lattice.table[grid], lattice.table[grid + 1]
    nz, h, hc = s[NZ], s[H], c[H]
    for i in range(2 * c[NY] * nz * hc):
        coarse[i] = 0.0
    for half in range(2 * s[NY]):
        at, base = half * nz * h, row[s[ROW] + (half >> 1)] * 2 * nz * hc
        o = s[MAP] + (half & 1) * h
        place = column[o : o + h]
        for k in range(nz):
            fine, wide = r[at + k * h : at + (k + 1) * h], coarse[base + k * hc :]
            for m in range(h):
                wide[place[m]] += fine[m]


@kernel
def interpolate(
    lattice: Lattice, grid: int, column: np.ndarray, row: np.ndarray, coarse: np.ndarray, T: np.ndarray
) -> None:
    """Add the coarse correction, linear in x and y between coarse cells that conduct to each other.

    A child lies a quarter of the way from its coarse cell to the next; `column` holds, per column, where its coarse
    cell, that next cell and the link between them are stored; `row` holds the same for slices.
    """
    s, c = lattice.table[grid], lattice.table[grid + 1]
    nz, h, hc = s[NZ], s[H], c[H]
    n, quarter = 2 * nz * hc, coarse.dtype.type(0.25)
    for half in range(2 * s[NY]):
        j, o = half >> 1, s[MAP] + (half & 1) * h
        home, next_ = row[s[ROW] + j], row[s[ROW] + s[NY] + j]
        place, near, gate = column[o : o + h], column[o + 2 * h : o + 3 * h], column[o + 4 * h : o + 5 * h]
        for k in range(nz):
            at, base, beside = (half * nz + k) * h, home * n + k * hc, next_ * n + k * hc
            fine = T[at : at + h]
            own, other = coarse[base:], coarse[beside:]
            x, y = lattice.x[c[CELL] + base :], lattice.y[c[FACE] + max(base, beside) :]
            for m in range(h):
                p = place[m]
                value = own[p]
                if x[gate[m]] > 0.0:
                    value += quarter * (own[near[m]] - own[p])
                if y[p] > 0.0:
                    value += quarter * (other[p] - own[p])
                fine[m] += value


@kernel
def factor_ribs(lattice: Lattice, grid: int, link: np.ndarray, pivot: np.ndarray) -> None:
    """Lump each rib over its height and fill its tridiagonal system along y.

    A rib is the solid of a column within the wet band that conducts to no neighbour there; other columns get pivot 0.
    """
    s = lattice.table[grid]
    ny, nz, h, nb, first = s[NY], s[NZ], s[H], s[NB], s[FIRST]
    for half in range(2 * ny + 2 if nb > 2 else 0):
        for m in range(h):
            total = 0.0
            for k in range(first + 1, first + nb - 1):
                total += lattice.y[s[FACE] + (half * nz + k) * h + m]
            link[s[RIB] + half * h + m] = total
    for half in range(2 * ny if nb > 2 else 0):
        for m in range(h):
            at = s[RIB] + half * h + m
            d = link[at] + link[at + 2 * h]
            d += lattice.z[s[CELL] + (half * nz + first + 1) * h + m]
            d += lattice.z[s[CELL] + (half * nz + first + nb - 1) * h + m]
            across = 0.0
            for k in range(1, nb - 1):
                i = s[CELL] + (half * nz + first + k) * h + m
                across += lattice.x[i] + lattice.x[i + (1 - 2 * (half & 1)) * nz * h + 1 - (half & 1)]
                o = s[BAND] + (half * nb + k) * h + m
                d += lattice.low[o] + lattice.own[o] + lattice.high[o] + lattice.sink[i]
            if half > 1:
                d -= link[at] * link[at] * pivot[at - 2 * h]
            pivot[at] = 1.0 / d if d > 0.0 and across == 0.0 else 0.0


@kernel
def straighten(
    lattice: Lattice,
    grid: int,
    column: np.ndarray,
    link: np.ndarray,
    pivot: np.ndarray,
    r: np.ndarray,
    T: np.ndarray,
    t: np.ndarray,
) -> None:
    """Correct pairs of ribs that the coarser grid joins: their difference, solved along the flow.

    A rib conducts well along y and not at all to the next rib, so that neither z-lines nor a grid of joined ribs can
    remove an error that alternates from rib to rib and is smooth along the flow.
    """
    s = lattice.table[grid]
    ny, nz, h, nb, first = s[NY], s[NZ], s[H], s[NB], s[FIRST]
    for half in range(2 * ny):
        for m in range(h):
            total = 0.0
            for k in range(first + 1, first + nb - 1):
                total += r[(half * nz + k) * h + m]
            t[half * h + m] = total
    for j in range(ny):
        even, odd = 2 * j * h, (2 * j + 1) * h
        t[even + h - 1], t[odd] = 0.0, 0.0
        for m in range(h - 1):
            a, b = even + m, odd + m + 1
            pair = column[s[MAP] + m] == column[s[MAP] + h + m + 1]
            both = pair and pivot[s[RIB] + a] > 0.0 and pivot[s[RIB] + b] > 0.0
            difference = 0.5 * (t[a] - t[b]) if both else 0.0
            t[a], t[b] = difference, -difference
        for i in range(even, even + 2 * h):
            if j > 0:
                t[i] += link[s[RIB] + i] * t[i - 2 * h]
            t[i] *= pivot[s[RIB] + i]
    for half in range(2 * ny - 1, -1, -1):
        for m in range(h):
            i = half * h + m
            if half < 2 * ny - 2:
                t[i] += link[s[RIB] + i + 2 * h] * pivot[s[RIB] + i] * t[i + 2 * h]
        for k in range(first + 1, first + nb - 1):
            for m in range(h):
                T[(half * nz + k) * h + m] += t[half * h + m]
