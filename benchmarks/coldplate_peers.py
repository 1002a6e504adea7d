"""The same conjugate plates by general-purpose solvers, live: SciPy's SuperLU, and pyamg where it is installed.

Both get the same equations. SuperLU gets solid and coolant cells in one matrix. For pyamg the channels are eliminated
exactly, as here, by this project's own compiled march, so that what it has to precondition is symmetric positive
definite. Ruge-Stüben in BiCGStab was the fastest of what was tried: smoothed aggregation takes 5 to 15 times as long.
"""

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from benchmarks.coldplate import TOLERANCE, plate
from benchmarks.measure import row
from thermal.physics.conjugate.assembly import Body, Channels, assemble, from_stored, layout, to_stored
from thermal.physics.conjugate.krylov import solve
from thermal.physics.conjugate.lattice import H, Lattice, coolant, residual
from thermal.physics.conjugate.multigrid import hierarchy

DIRECT, MILLION = (32, 20), (128, 256)  # channels and slices


def rows() -> Iterator[dict[str, Any]]:
    for size, name, peer in ((DIRECT, "SciPy SuperLU", by_superlu), (MILLION, "pyamg", by_pyamg)):
        body, channels, heat = plate(*size)
        ours, T = _ours(body, channels, heat)
        seconds, theirs = None, T
        try:
            seconds, theirs = peer(body, channels, heat)
            said = f"same answer to {np.abs(theirs - T).max() / T.max():.0e}"
        except ModuleNotFoundError as error:
            said = f"{error.name} is not installed"
        yield row(
            f"conjugate plate beside {name}", f"{heat.size} cells, one core; {said}", ours, peer=name, peer_s=seconds
        )


def _ours(body: Body, channels: Channels, heat: np.ndarray) -> tuple[float, np.ndarray]:
    """Seconds of grids and solution, and the rises of the cells; the conductances are given."""
    problem, b = assemble(body, channels, None), to_stored(heat)
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        T = np.zeros_like(b)
        solve(
            problem, hierarchy(problem, layout(body, channels)), T, b, np.zeros(problem.hold.size), 0.0, TOLERANCE, 99
        )
        best = min(best, time.perf_counter() - start)
    return best, from_stored(T, body.dx.size, body.dz.size)


def solid_matrix(problem: Lattice, shape: tuple[int, int, int]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Conduction and films of the solid cells, and the films (cells, slices × streams) that couple them to streams."""
    ny, nz, nx = shape
    number = np.arange(ny * nz * nx).reshape(shape)
    links = []
    for name, axis in (("x", 2), ("y", 0), ("z", 1)):
        flat = getattr(problem, name)
        link = from_stored(flat[: problem.x.size], nx, nz).take(range(1, shape[axis]), axis)
        pair = (number.take(range(1, shape[axis]), axis), number.take(range(shape[axis] - 1), axis))
        links.append((link.ravel(), pair[0].ravel(), pair[1].ravel()))
    g, i, j = (np.concatenate(part) for part in zip(*links, strict=True))
    matrix = sparse.coo_matrix((np.tile(-g, 2), (np.r_[i, j], np.r_[j, i])), (number.size,) * 2).tocsr()
    table = problem.table[0]
    first, nb, h, nc = int(table[3]), int(table[4]), int(table[H]), problem.rate.size
    reach = problem.reach.reshape(3, 2, h)
    films = []
    for side, name in enumerate(("low", "own", "high")):
        film = from_stored(getattr(problem, name), nx, nb)
        column = np.arange(nx)
        stream = reach[side, column & 1, (column + 1) >> 1]
        place = np.arange(ny)[:, None, None] * nc + stream
        cell = number[:, first : first + nb]
        films.append((film.ravel(), cell.ravel(), np.broadcast_to(place, cell.shape).ravel()))
    f, i, j = (np.concatenate(part) for part in zip(*films, strict=True))
    coupling = sparse.coo_matrix((f, (i, j)), (number.size, ny * nc)).tocsr()
    diagonal = -np.asarray(matrix.sum(axis=1)).ravel() + np.asarray(coupling.sum(axis=1)).ravel()
    void = diagonal == 0.0
    return (matrix + sparse.diags(diagonal + void)).tocsr(), coupling


def by_superlu(body: Body, channels: Channels, heat: np.ndarray) -> tuple[float, np.ndarray]:
    """Factor solid and coolant together: rate (Θ_out − Θ_in) = Σ film T − hold F, Θ_out eliminated slice by slice."""
    problem = assemble(body, channels, None)
    solid, coupling = solid_matrix(problem, body.material.shape)
    ny, nc = body.dy.size, problem.rate.size
    hold, lean = problem.hold.reshape(ny, nc), problem.lean.reshape(ny, nc)
    n, m = heat.size, ny * nc
    # unknowns: T (n), mean F (m), slice outlet E (m); F = (1 − lean) E_before + lean E
    rate = np.broadcast_to(problem.rate, (ny, nc))
    shift = sparse.diags(np.ones(m - nc), -nc, shape=(m, m))
    mean = sparse.diags((1 - lean).ravel()) @ shift + sparse.diags(lean.ravel())
    carried = sparse.diags(rate.ravel()) @ (sparse.identity(m) - shift)
    start = time.perf_counter()
    matrix = sparse.bmat(
        [
            [solid, -coupling, None],
            [None, sparse.identity(m), -mean],
            [-coupling.T, sparse.diags(hold.ravel()), carried],
        ]
    ).tocsc()
    answer = linalg.splu(matrix, permc_spec="MMD_AT_PLUS_A").solve(np.concatenate([heat.ravel(), np.zeros(2 * m)]))
    return time.perf_counter() - start, answer[:n].reshape(heat.shape)


def by_pyamg(body: Body, channels: Channels, heat: np.ndarray) -> tuple[float, np.ndarray]:
    """Algebraic multigrid on the solid block inside BiCGStab; the operator is this project's compiled one."""
    import pyamg  # type: ignore[import-not-found, import-untyped, unused-ignore]

    problem = assemble(body, channels, None)
    solid, _ = solid_matrix(problem, body.material.shape)
    nx, nz = body.dx.size, body.dz.size
    wall, F = np.zeros(3 * int(problem.table[0, H])), np.zeros(problem.hold.size)
    still, out, nothing, image = np.zeros_like(F), np.zeros((1, 2)), np.zeros(problem.x.size), np.zeros(problem.x.size)
    void = (body.material == 0).ravel()

    def operate(v: np.ndarray) -> np.ndarray:
        stored = to_stored(v.reshape(heat.shape))
        coolant(problem, 0, stored, still, 0.0, wall, F, out)
        residual(problem, 0, stored, nothing, F, wall, image)
        return np.where(void, v, -from_stored(image, nx, nz).ravel())

    start = time.perf_counter()
    levels = pyamg.ruge_stuben_solver(solid, max_coarse=500)
    operator = linalg.LinearOperator(solid.shape, operate)
    answer, _ = linalg.bicgstab(
        operator, heat.ravel(), rtol=TOLERANCE, atol=0.0, M=levels.aspreconditioner(), maxiter=100
    )
    return time.perf_counter() - start, answer.reshape(heat.shape)
