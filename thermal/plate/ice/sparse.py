"""Sparse systems of 3D-ICE stacks: factorised where that is cheap, else iterated behind an incomplete factorisation."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from thermal.errors import ConvergenceError

if TYPE_CHECKING:
    from scipy import sparse
    from scipy.sparse import linalg

__all__ = ["LIMIT", "Solve", "solver_of"]

DIRECT = 60_000  # unknowns up to which a factorisation is taken
LIMIT = 1_500_000  # unknowns above which neither fits in memory
REFINED = 3  # steps of refinement of a factorised solution
ITERATIONS = 300
DROPS = (
    (3e-2, 4.0),
    (3e-3, 8.0),
)  # what an incomplete factorisation drops, and how far it may fill; the next if it fails

Solve = Callable[[np.ndarray, np.ndarray], np.ndarray]


def solver_of(matrix: "sparse.csr_matrix", order: np.ndarray, tolerance: float, name: str) -> Solve:
    """Return a function of a right-hand side and of a first guess that solves with this matrix.

    `order` lists the unknowns column by column of cells, so that an incomplete factorisation keeps what is strongly
    joined.

    Raises
    ------
    ConvergenceError
        From the function too, if the residual does not fall below `tolerance` times the right-hand side, or is no
        number.
    """
    from scipy import sparse  # a quarter of a second to import
    from scipy.sparse import linalg

    n = matrix.shape[0]
    scale = 1.0 / np.abs(matrix.diagonal())
    scaled = sparse.csr_matrix(sparse.diags(scale) @ matrix)[order][:, order].tocsc()
    kept: list = []  # the last factorisation that served, complete or not

    def solve(b: np.ndarray, guess: np.ndarray) -> np.ndarray:
        right, found = (scale * b)[order], np.empty(n)
        goal = tolerance * max(float(np.linalg.norm(right)), 1e-300)
        x, left = guess[order], np.inf
        for attempt in range(1 if n <= DIRECT else len(DROPS)):
            if len(kept) <= attempt:
                kept.append(_factor(scaled, None if n <= DIRECT else DROPS[attempt], name))
            elif len(kept) > attempt + 1:
                continue
            inverse = linalg.LinearOperator(scaled.shape, kept[attempt].solve)
            x = _refined(scaled, right, inverse, goal) if n <= DIRECT else _iterated(scaled, right, x, inverse, goal)
            left = float(np.linalg.norm(right - scaled @ x))
            if left <= goal:
                found[order] = x
                return found
            x = guess[order]
        raise ConvergenceError(f"{name}: the residual is {left / goal * tolerance:.1e} of the heat, not {tolerance:g}")

    return solve


def _factor(matrix: "sparse.csc_matrix", drop: tuple[float, float] | None, name: str) -> "linalg.SuperLU":
    from scipy.sparse import linalg

    try:
        if drop is None:
            options = {"SymmetricMode": True}
            return linalg.splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.001, options=options)
        return linalg.spilu(matrix, *drop, permc_spec="NATURAL", diag_pivot_thresh=0.0)
    except (RuntimeError, MemoryError) as error:
        raise ConvergenceError(
            f"{name}: its matrix cannot be factorised ({error}); is a part of the stack joined to nothing?"
        ) from None


def _refined(
    matrix: "sparse.csc_matrix", right: np.ndarray, inverse: "linalg.LinearOperator", goal: float
) -> np.ndarray:
    x = inverse @ right
    for _ in range(REFINED):
        left = right - matrix @ x
        if not float(np.linalg.norm(left)) > goal:
            break
        x = x + inverse @ left
    return np.asarray(x)


def _iterated(
    matrix: "sparse.csc_matrix", right: np.ndarray, x: np.ndarray, inverse: "linalg.LinearOperator", goal: float
) -> np.ndarray:
    from scipy.sparse import linalg

    x, _ = linalg.bicgstab(matrix, right, x0=x, rtol=0.0, atol=0.3 * goal, maxiter=ITERATIONS, M=inverse)
    return np.asarray(x)
