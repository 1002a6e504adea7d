"""Solution of the conjugate problem to double precision: corrections by single-precision, multigrid-preconditioned GCR."""

from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.lattice import H, Lattice, residual
from thermal.physics.multigrid import Hierarchy, cycle

__all__ = ["Outcome", "norm", "solve"]

RESTART = 6  # directions kept before the true residual is taken anew
LANES = 64  # partial sums of a dot product: a fixed order, in vector registers


class Outcome(NamedTuple):
    """What a solution took and how good it is."""

    iterations: int
    residual: float  # relative to the right side
    converged: bool


@kernel
def dot(a, b, partial):
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
def add(a, b, factor):
    """a ← a + factor b."""
    for i in range(a.size):
        a[i] += factor * b[i]


@kernel
def improve(h, s, Z, C, upper, along, goal, partial):
    """Lower ‖s‖, the residual, to `goal` by at most as many GCR directions as Z holds; return how many were used.

    The corrections are Z, their images are orthonormalised into C; `upper` keeps the coefficients, `along` the steps.
    """
    one = s.dtype.type(1.0)
    for k in range(Z.shape[0]):
        z, c = Z[k], C[k]
        cycle(h, s, z)
        residual(h.lattice, 0, z, s, h.still, h.still[0], h.wall, h.F, h.out, c)
        for i in range(c.size):
            c[i] = s[i] - c[i]
        for i in range(k):
            upper[i, k] = dot(C[i], c, partial)
            add(c, C[i], -one * s.dtype.type(upper[i, k]))
        upper[k, k] = dot(c, c, partial) ** 0.5
        if not upper[k, k] > 0.0:
            return k
        scale = s.dtype.type(1.0 / upper[k, k])
        for i in range(c.size):
            c[i] *= scale
        along[k] = dot(c, s, partial)
        add(s, c, -s.dtype.type(along[k]))
        if dot(s, s, partial) < goal * goal:
            return k + 1
    return Z.shape[0]


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
    """Improve T until ‖b − A T‖ ≤ tolerance ‖b − A 0‖."""
    single = h.T.dtype
    wall, F, out = np.zeros(3 * int(problem.table[0, H])), np.zeros(problem.hold.size), np.zeros(h.out.shape)
    r = np.empty_like(T)
    reference = 0.0
    if T.any():
        residual(problem, 0, np.zeros_like(T), b, extra, inlet, wall, F, out, r)
        reference = norm(r)
    residual(problem, 0, T, b, extra, inlet, wall, F, out, r)
    size = norm(r)
    reference = reference or size
    Z, C = np.zeros((RESTART, T.size), single), np.zeros((RESTART, T.size), single)
    partial = np.zeros(LANES, single)
    count = 0
    while not size <= tolerance * reference and count < limit and np.isfinite(size):
        upper, along = np.eye(RESTART), np.zeros(RESTART)
        s = (r / size).astype(single)
        used = improve(h, s, Z, C, upper, along, 0.5 * tolerance * reference / size, partial)
        weights = np.linalg.solve(upper[:used, :used], along[:used])
        for k in range(used):
            T += Z[k] * (weights[k] * size)
        count += used
        residual(problem, 0, T, b, extra, inlet, wall, F, out, r)
        size = norm(r)
    return Outcome(count, size / reference if reference > 0 else 0.0, bool(size <= tolerance * reference))
