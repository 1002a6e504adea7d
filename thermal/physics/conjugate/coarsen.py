"""Coarser grids of the conjugate problem: pairs of columns or slices joined, conductances in series and in parallel."""

import numpy as np

from thermal.physics.conjugate.lattice import BAND, CELL, FACE, NB, NY, NZ, H, Lattice
from thermal.physics.kernel import kernel

__all__ = ["join", "pairs"]


@kernel
def join(lattice: Lattice, grid: int, group: np.ndarray, row: np.ndarray, side: np.ndarray) -> None:
    """Fill the grid after `grid`: sums over joined cells, resistances in series between the middles of coarse cells.

    `group` names the coarse column of each column (in order of x), `row` the coarse slice of each slice, `side` (3,
    2, h) the coarse film (0 low, 1 own, 2 high) that each film adds to.
    """
    s, c = lattice.table[grid], lattice.table[grid + 1]
    ny, nz, h, nb, hc = s[NY], s[NZ], s[H], s[NB], c[H]
    n, nc = nz * h, nz * hc
    for j in range(ny):
        new_row = j == 0 or row[j] != row[j - 1]
        for i in range(group.size):
            half, m = 2 * j + (i & 1), (i + 1) >> 1
            wide, q = 2 * row[j] + (group[i] & 1), (group[i] + 1) >> 1
            new_column = i > 0 and group[i] != group[i - 1]
            to_right = (half ^ 1) * n + 1 - (i & 1)
            for k in range(nz):
                at, coarse = s[CELL] + half * n + k * h + m, c[CELL] + wide * nc + k * hc + q
                lattice.z[coarse] += lattice.z[at]
                lattice.sink[coarse] += lattice.sink[at]
                if new_column and lattice.x[at] > 0.0:
                    resistance = 1.0 / lattice.x[at]
                    o = s[CELL] + k * h + m
                    if i > 1 and group[i - 2] == group[i - 1]:
                        resistance += _half(lattice.x[o + (half ^ 1) * n - (i & 1)])
                    if i + 1 < group.size and group[i + 1] == group[i]:
                        resistance += _half(lattice.x[o + to_right])
                    lattice.x[coarse] += 1.0 / resistance
                at, coarse = s[FACE] + half * n + k * h + m, c[FACE] + wide * nc + k * hc + q
                if j > 0 and new_row and lattice.y[at] > 0.0:
                    resistance = 1.0 / lattice.y[at]
                    if j > 1 and row[j - 2] == row[j - 1]:
                        resistance += _half(lattice.y[at - 2 * n])
                    if j + 1 < ny and row[j + 1] == row[j]:
                        resistance += _half(lattice.y[at + 2 * n])
                    lattice.y[coarse] += 1.0 / resistance
            for k in range(nb):
                at, coarse = s[BAND] + (half * nb + k) * h + m, c[BAND] + (wide * nb + k) * hc + q
                _pour(lattice, side[0, i & 1, m], coarse, lattice.low[at])
                _pour(lattice, side[1, i & 1, m], coarse, lattice.own[at])
                _pour(lattice, side[2, i & 1, m], coarse, lattice.high[at])


@kernel
def _half(link: float) -> float:
    """Half the resistance of a link inside a coarse cell; none where the cells do not touch."""
    return 0.5 / link if link > 0.0 else 0.0


@kernel
def _pour(lattice: Lattice, side: int, at: int, film: float) -> None:
    if side == 0:
        lattice.low[at] += film
    elif side == 1:
        lattice.own[at] += film
    else:
        lattice.high[at] += film


def pairs(region: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Number the coarse cells along one direction: pairs of one region first, then of any; never across `keep`.

    Examples
    --------
    >>> pairs(np.array([0, 0, 0, 1, 1, 2]), np.zeros(6)).tolist()
    [0, 0, 1, 2, 2, 3]
    >>> pairs(np.arange(5), np.array([0, 0, 0, 1, 1])).tolist()
    [0, 0, 1, 2, 2]
    """
    mixed = bool((region[1:] == region[:-1]).any())
    group = np.zeros(region.size, dtype=np.int64)
    alone = True
    for i in range(1, region.size):
        join_ = alone and keep[i] == keep[i - 1] and (not mixed or region[i] == region[i - 1])
        group[i] = group[i - 1] + (not join_)
        alone = not join_
    return group
