"""Steps of a small linear state space with exact exponentials."""

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["march_reduced"]


@kernel
def march_reduced(
    state: np.ndarray,
    decay: np.ndarray,
    drive: np.ndarray,
    read: np.ndarray,
    through: np.ndarray,
    u: np.ndarray,
    y: np.ndarray,
) -> None:
    """March x ← decay x + drive u over the rows of `u` (steps, inputs); fill `y` with read x + through u.

    `state` (2, n) holds x in its first row; the second is scratch.
    """
    n, inputs = state.shape[1], drive.shape[1]
    for step in range(u.shape[0]):
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += decay[i, j] * state[0, j]
            for j in range(inputs):
                total += drive[i, j] * u[step, j]
            state[1, i] = total
        for i in range(n):
            state[0, i] = state[1, i]
        for k in range(read.shape[0]):
            total = 0.0
            for j in range(n):
                total += read[k, j] * state[0, j]
            for j in range(inputs):
                total += through[k, j] * u[step, j]
            y[step, k] = total
