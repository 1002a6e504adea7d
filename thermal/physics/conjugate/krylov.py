"""Solution of the conjugate problem in double precision: corrections by single-precision GCR with multigrid."""

from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.lattice import H, Lattice, coolant, residual
from thermal.physics.conjugate.multigrid import RESTART, Hierarchy, cycle, remainder
from thermal.physics.kernel import kernel

__all__ = ["Outcome", "norm", "solve"]

LANES = 64  # partial sums of a dot product: a fixed order, in vector registers


class Outcome(NamedTuple):
    """What a solution took and how good it is."""

    iterations: int
    residual: float  # relative to the right side
    converged: bool


@kernel
def dot(a: np.ndarray, b: np.ndarray, partial: np.ndarray) -> float:
    """Return the inner product of two vectors, summed in a fixed order."""
    for i in range(LANES):
        partial[i] = 0.0
    n = a.size // LANES * LANES
    for start in range(0, n, LANES):
        u, v = a[start : start + LANES], b[start : start + LANES]
        for i in range(LANES):
            partial[i] += u[i] * v[i]
    total = 0.0
    for i in range(LANES):
        total += partial[i]
    for i in range(n, a.size):
        total += a[i] * b[i]
    return total


@kernel
def add(a: np.ndarray, b: np.ndarray, factor: float) -> None:
    """A ← a + factor b."""
    for i in range(a.size):
        a[i] += factor * b[i]


def norm(a: np.ndarray) -> float:
    """Return the Euclidean norm of a field."""
    return float(dot(a, a, np.zeros(LANES, a.dtype)) ** 0.5)


def solve(
    problem: Lattice,
    h: Hierarchy,
    T: np.ndarray,
    b: np.ndarray,
    extra: np.ndarray,
    inlet: float,
    tolerance: float,
    limit: int,
) -> Outcome:
    """Improve T until ‖b − A T‖ ≤ tolerance ‖b‖ and the whole balance |Σ (b − A T)| ≤ tolerance Σ |b|.

    The second is what a user checks, heat put in less heat carried away; the norm alone would let it be √cells worse.
    """
    single = h.T.dtype.type
    wall, F, out = np.zeros(3 * int(problem.table[0, H])), np.zeros(problem.hold.size), np.zeros(h.out.shape)
    r = np.empty_like(T)
    _left_over(problem, T, b, extra, inlet, wall, F, out, r)
    size, gap = norm(r), abs(float(r.sum()))
    reference, whole = norm(b) or size, float(np.abs(b).sum()) or gap
    count = 0
    while not (size <= tolerance * reference and gap <= tolerance * whole) and count < limit and np.isfinite(size):
        s = (r / size).astype(single)
        for Z_weight, z in _directions(h, s, 0.5 * tolerance * reference / size):
            add(T, z, Z_weight * size)
            count += 1
        _left_over(problem, T, b, extra, inlet, wall, F, out, r)
        size, gap = norm(r), abs(float(r.sum()))
    settled = size <= tolerance * reference and gap <= tolerance * whole
    return Outcome(count, size / reference if reference > 0 else 0.0, bool(settled))


def _left_over(
    lattice: Lattice,
    T: np.ndarray,
    b: np.ndarray,
    extra: np.ndarray,
    inlet: float,
    wall: np.ndarray,
    F: np.ndarray,
    out: np.ndarray,
    r: np.ndarray,
) -> None:
    """Fill r = b − A T with the streams eliminated."""
    coolant(lattice, 0, T, extra, inlet, wall, F, out)
    residual(lattice, 0, T, b, F, wall, r)


def _directions(h: Hierarchy, s: np.ndarray, goal: float) -> list[tuple[float, np.ndarray]]:
    """Lower ‖s‖ to `goal` along at most RESTART directions; return them with their weights (s is consumed).

    Images of the directions are orthonormalised, as in GCR; the triangular coefficients give the weights at the end.
    """
    Z, C = h.Z, h.C
    single = s.dtype.type
    partial = np.zeros(LANES, single)
    upper, along = np.eye(RESTART), np.zeros(RESTART)
    used = 0
    for k in range(RESTART):
        cycle(h, s, Z[k])
        remainder(h, s, Z[k], C[k])
        np.subtract(s, C[k], out=C[k])
        for i in range(k):
            upper[i, k] = dot(C[i], C[k], partial)
            add(C[k], C[i], single(-upper[i, k]))
        upper[k, k] = np.sqrt(dot(C[k], C[k], partial))
        if not upper[k, k] > 0.0:
            break
        C[k] *= single(1.0 / upper[k, k])
        along[k] = dot(C[k], s, partial)
        add(s, C[k], single(-along[k]))
        used = k + 1
        if np.sqrt(dot(s, s, partial)) < goal:
            break
    weights = along[:used].copy()
    for k in range(used - 1, -1, -1):
        weights[k] = (weights[k] - upper[k, k + 1 : used] @ weights[k + 1 :]) / upper[k, k]
    return list(zip(weights, Z[:used], strict=True))
