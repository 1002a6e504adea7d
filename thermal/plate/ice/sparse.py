"""Sparse systems of 3D-ICE stacks: factorised once where that is cheap, iterated where it is not."""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from thermal.errors import ConvergenceError, InputError

__all__ = ["solver_of"]

DIRECT = 60_000  # unknowns up to which a factorisation is taken
LIMIT = 1_500_000  # unknowns above which neither is
REFINED = 3  # steps of refinement of a factorised solution
ITERATIONS = 400

Solve = Callable[[np.ndarray, np.ndarray], np.ndarray]


def solver_of(matrix: sparse.csr_matrix, tolerance: float, name: str) -> Solve:
    """Return a function of a right-hand side and of a first guess that solves with this matrix.

    Raises
    ------
    InputError
        If there are more unknowns than fit in memory.
    ConvergenceError
        From the function, if the residual does not fall below `tolerance` times the right-hand side, or is no number.
    """
    n = matrix.shape[0]
    if n > LIMIT:
        raise InputError(
            f"{name}: {n:,} unknowns, of a kind of stack of which {LIMIT:,} fit in memory; use larger cells"
        )
    scale = 1.0 / np.abs(matrix.diagonal())
    scaled = sparse.csc_matrix(sparse.diags(scale) @ matrix)
    direct = n <= DIRECT
    try:
        if direct:
            options = {"SymmetricMode": True}
            factor = linalg.splu(scaled, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.001, options=options)
        else:
            factor = linalg.spilu(scaled, drop_tol=1e-3, fill_factor=12.0, permc_spec="MMD_AT_PLUS_A")
    except (RuntimeError, MemoryError) as error:
        raise ConvergenceError(
            f"{name}: its matrix cannot be factorised ({error}); is there a cell that nothing joins?"
        ) from None

    def solve(b: np.ndarray, guess: np.ndarray) -> np.ndarray:
        right = scale * b
        goal = tolerance * max(float(np.linalg.norm(right)), 1e-300)
        x = guess.copy()
        if direct:
            x = factor.solve(right)
            for _ in range(REFINED):
                left = right - scaled @ x
                if not float(np.linalg.norm(left)) > goal:
                    break
                x = x + factor.solve(left)
        else:
            inverse = linalg.LinearOperator(scaled.shape, factor.solve)
            x, _ = linalg.gmres(
                scaled, right, x0=guess, rtol=0.0, atol=0.5 * goal, restart=40, maxiter=ITERATIONS // 40, M=inverse
            )
        left = float(np.linalg.norm(right - scaled @ x))
        if not left <= goal:
            raise ConvergenceError(
                f"{name}: the residual is {left / goal * tolerance:.1e} of the heat, not {tolerance:g}"
            )
        return x

    return solve
