"""Steps of a small linear state space with exact exponentials, at one flow or between tabulated flows."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["FlowTable", "between", "march_between", "march_reduced", "place_in", "step_between"]


class FlowTable(NamedTuple):
    """Matrices of one step on an even grid of ln flow."""

    start: float  # ln of the first flow [m³/s]
    spacing: float
    matrix: np.ndarray  # (points, n, n + inputs): decay, then drive


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


@kernel
def between(table: FlowTable, flow: float) -> np.ndarray:
    """Return the matrices of one step at a flow between the tabulated ones, linear in ln flow; outside, its ends hold.

    Examples
    --------
    >>> float(between(FlowTable(0.0, 1.0, np.array([[[0.5, 1.0]], [[0.7, 2.0]]])), math.exp(0.5))[0, 1])
    1.5
    """
    below, upper = place_in(table, flow)
    return (1.0 - upper) * table.matrix[below] + upper * table.matrix[below + 1]


@kernel
def place_in(table: FlowTable, flow: float) -> tuple[int, float]:
    """Return the tabulated flow below `flow` and the share of the next one."""
    last = table.matrix.shape[0] - 1
    position = 0.0 if flow <= 0.0 else (math.log(flow) - table.start) / table.spacing
    if math.isnan(position):  # must not become an index
        return 0, math.nan
    position = min(max(position, 0.0), float(last))
    below = min(int(position), last - 1)
    return below, position - below


@kernel
def step_between(state: np.ndarray, table: FlowTable, flow: float, u: np.ndarray) -> None:
    """Take one step of the state (2, n) at a flow between the tabulated ones, matrices linear in ln flow.

    A mean of two matrices that shrink the state in one norm shrinks it in that norm, too, so that any sequence of flows
    is stable if the tabulated ones are.
    """
    n = state.shape[1]
    below, upper = place_in(table, flow)
    low, high = table.matrix[below], table.matrix[below + 1]
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += ((1.0 - upper) * low[i, j] + upper * high[i, j]) * state[0, j]
        for j in range(u.shape[0]):
            total += ((1.0 - upper) * low[i, n + j] + upper * high[i, n + j]) * u[j]
        state[1, i] = total
    for i in range(n):
        state[0, i] = state[1, i]


@kernel
def march_between(
    state: np.ndarray,
    table: FlowTable,
    read: np.ndarray,
    through: np.ndarray,
    flow: np.ndarray,
    u: np.ndarray,
    y: np.ndarray,
) -> None:
    """March over the rows of `u` (steps, inputs) at the `flow` of each; fill `y` with read x + through u."""
    for step in range(u.shape[0]):
        step_between(state, table, flow[step], u[step])
        for k in range(read.shape[0]):
            total = 0.0
            for j in range(state.shape[1]):
                total += read[k, j] * state[0, j]
            for j in range(u.shape[1]):
                total += through[k, j] * u[step, j]
            y[step, k] = total
