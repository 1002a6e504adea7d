"""Multigrid for the conjugate problem: V-cycles that join columns before slices and never layers."""

from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.coarsen import join
from thermal.physics.conjugate.grid_plan import Layout, plan
from thermal.physics.conjugate.lattice import (
    BAND,
    CELL,
    FACE,
    LEG,
    MAP,
    NY,
    NZ,
    SLICE,
    STREAM,
    H,
    Lattice,
    coolant,
    residual,
)
from thermal.physics.conjugate.relax import factor, relax
from thermal.physics.conjugate.transfer import factor_ribs, interpolate, restrict, straighten
from thermal.physics.kernel import kernel

__all__ = ["Hierarchy", "cycle", "hierarchy", "remainder"]

RESTART = 6  # Krylov directions kept before the true residual is taken anew
DIRECT_BELOW = 400  # stored cells up to which the coarsest grid is solved by its inverse
WHERE = {
    "x": CELL,
    "y": FACE,
    "z": CELL,
    "sink": CELL,
    "low": BAND,
    "own": BAND,
    "high": BAND,
    "reach": MAP,
    "rate": STREAM,
    "hold": SLICE,
    "lean": SLICE,
    "legs": LEG,
}
SWEEPS = 16  # relaxations of a coarsest grid larger than that


class Hierarchy(NamedTuple):
    """All grids in single precision, their factors and transfers, and scratch for one cycle."""

    lattice: Lattice
    pivot: np.ndarray
    rib: np.ndarray
    rib_pivot: np.ndarray
    column: np.ndarray  # per column: where its coarse cell, the coarse cell next to it and their link are stored
    row: np.ndarray  # per slice: its coarse slice and the one next to it
    inverse: np.ndarray  # of the coarsest grid, or of size 0
    T: np.ndarray  # all grids but the first
    b: np.ndarray
    r: np.ndarray
    still: np.ndarray
    wall: np.ndarray
    F: np.ndarray
    out: np.ndarray
    t: np.ndarray
    Z: np.ndarray  # directions of the Krylov method on the first grid
    C: np.ndarray  # their images


def hierarchy(problem: Lattice, layout: Layout) -> Hierarchy:
    """Build the grids below a problem of one grid."""
    steps = plan(problem, layout)
    table = np.stack([step.table for step in steps])
    last = table[-1]
    cells = int(last[CELL] + 2 * last[NY] * last[NZ] * last[H])
    single = np.float32
    fields = {}
    for name in ("x", "y", "z", "sink", "low", "own", "high"):
        given = getattr(problem, name)
        field = np.zeros(sum(step.sizes[name] for step in steps), single)
        field[: given.size] = given
        fields[name] = field

    def join_(name: str, kind: type) -> np.ndarray:
        return np.concatenate([getattr(step, name).ravel() for step in steps]).astype(kind)

    lattice = Lattice(
        table,
        **fields,
        reach=join_("reach", np.int64),
        rate=join_("rate", single),
        hold=join_("hold", single),
        lean=join_("lean", single),
        legs=np.concatenate([step.legs for step in steps]),
    )
    for grid, step in enumerate(steps[:-1]):
        join(lattice, grid, step.group, step.joined, step.side)
    pivot = np.zeros(cells, single)
    ribs = sum(2 * (int(row[NY]) + 1) * int(row[H]) for row in table)
    rib, rib_pivot = np.zeros(ribs, single), np.zeros(ribs, single)
    for grid in range(len(steps)):
        factor(lattice, grid, pivot)
        factor_ribs(lattice, grid, rib, rib_pivot)
    first = int(table[1, CELL]) if len(steps) > 1 else 0
    built = Hierarchy(
        lattice,
        pivot,
        rib,
        rib_pivot,
        column=join_("column", np.int64),
        row=join_("row", np.int64),
        inverse=np.zeros((0, 0), single),
        T=np.zeros(cells - first, single),
        b=np.zeros(cells - first, single),
        r=np.zeros(first or cells, single),
        still=np.zeros(max(1, steps[0].hold.size), single),
        wall=np.zeros(3 * int(table[0, H]), single),
        F=np.zeros(steps[0].hold.size, single),
        out=np.zeros((int(layout.stream_pass.max(initial=0)) + 1, 2), single),
        t=np.zeros(max(int(table[0, NZ]), 2 * int(table[0, NY])) * int(table[0, H]), single),
        Z=np.zeros((RESTART, problem.x.size), single),
        C=np.zeros((RESTART, problem.x.size), single),
    )
    return built._replace(inverse=_inverse(built)) if cells - int(last[CELL]) <= DIRECT_BELOW else built


def _inverse(h: Hierarchy) -> np.ndarray:
    """Invert the smallest grid in double precision."""
    small = _last_grid(h.lattice)
    live = np.flatnonzero(h.pivot[h.pivot.size - small.x.size :] > 0)
    matrix = np.zeros((live.size, live.size))
    still, wall, out = np.zeros(small.hold.size), np.zeros(h.wall.size), np.zeros(h.out.shape)
    unit, nothing, response = (np.zeros(small.x.size) for _ in range(3))
    _invert(small, live, unit, nothing, response, still, wall, still.copy(), out, matrix)
    full = np.zeros((unit.size, unit.size), np.float32)
    full[np.ix_(live, live)] = matrix
    return full


@kernel
def _invert(
    small: Lattice,
    live: np.ndarray,
    unit: np.ndarray,
    nothing: np.ndarray,
    response: np.ndarray,
    still: np.ndarray,
    wall: np.ndarray,
    F: np.ndarray,
    out: np.ndarray,
    matrix: np.ndarray,
) -> None:
    """Fill `matrix` with the operator, applied to unit vectors, and replace it by its inverse.

    Gauss-Jordan elimination; the operator is diagonally dominant and needs no pivoting.
    """
    n = live.size
    for column in range(n):
        unit[live[column]] = 1.0
        coolant(small, 0, unit, still, 0.0, wall, F, out)
        residual(small, 0, unit, nothing, F, wall, response)
        unit[live[column]] = 0.0
        for k in range(n):
            matrix[k, column] = -response[live[k]]
    for k in range(n):
        pivot = 1.0 / matrix[k, k]
        matrix[k, k] = 1.0
        for j in range(n):
            matrix[k, j] *= pivot
        for i in range(n):
            if i != k:
                share = matrix[i, k]
                matrix[i, k] = 0.0
                for j in range(n):
                    matrix[i, j] -= share * matrix[k, j]


def _last_grid(lattice: Lattice) -> Lattice:
    """Return the coarsest grid alone, in double precision."""
    table = lattice.table[-1:].copy()
    begin = {name: int(table[0, at]) for name, at in WHERE.items()}
    table[0, list(WHERE.values())] = 0
    tail = {name: getattr(lattice, name)[start:] for name, start in begin.items()}
    return Lattice(
        table, **{name: part if part.dtype.kind == "i" else part.astype(float) for name, part in tail.items()}
    )


@kernel
def remainder(h: Hierarchy, b: np.ndarray, T: np.ndarray, r: np.ndarray) -> None:
    """Fill r = b − A T on the finest grid, in single precision, the streams eliminated."""
    coolant(h.lattice, 0, T, h.still, h.still[0], h.wall, h.F, h.out)
    residual(h.lattice, 0, T, b, h.F, h.wall, r)


@kernel
def cycle(h: Hierarchy, b: np.ndarray, T: np.ndarray) -> None:
    """Fill T with the answer of one V-cycle to the right side b."""
    table = h.lattice.table
    last = table.shape[0] - 1
    first = table[min(1, last), CELL]
    size = h.inverse.shape[0]
    for visit in range(2 * last + 1):
        grid = visit if visit <= last else 2 * last - visit
        down, up = visit < last, visit > last
        fine = T if grid == 0 else h.T[table[grid, CELL] - first :]
        heat = b if grid == 0 else h.b[table[grid, CELL] - first :]
        if up:
            interpolate(h.lattice, grid, h.column, h.row, h.T[table[grid + 1, CELL] - first :], fine)
        if not (down or up) and size > 0:
            for i in range(size):
                total = h.still[0]
                for j in range(size):
                    total += h.inverse[i, j] * heat[j]
                fine[i] = total
            continue
        for sweep in range(1 if down or up else SWEEPS):
            fresh = not up and sweep == 0
            if not fresh:
                coolant(h.lattice, grid, fine, h.still, h.still[0], h.wall, h.F, h.out)
            relax(h.lattice, grid, h.pivot, fine, heat, fresh, h.F, h.wall, h.t)
        if down:
            coolant(h.lattice, grid, fine, h.still, h.still[0], h.wall, h.F, h.out)
            residual(h.lattice, grid, fine, heat, h.F, h.wall, h.r)
            restrict(h.lattice, grid, h.column, h.row, h.r, h.b[table[grid + 1, CELL] - first :])
            if grid > 0:
                straighten(h.lattice, grid, h.column, h.rib, h.rib_pivot, h.r, fine, h.t)
