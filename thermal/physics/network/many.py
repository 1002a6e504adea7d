"""Many operating points of the same loops in one call: each put at rest, then marched for one interval."""

import math

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.reduced_plate import FlowTable, place_in
from thermal.physics.network.loop import LoopNet, LoopState, settle_loop
from thermal.physics.network.march import Boundary, Offer, Record, march
from thermal.physics.network.rack_plate import Plates

__all__ = ["rest_plate", "settle_each"]


@kernel
def settle_each(
    net: LoopNet, start: LoopState, state: LoopState, boundary: Boundary, T: np.ndarray, header: np.ndarray,
    taken: np.ndarray, record: Record, work: np.ndarray, found: np.ndarray,
) -> None:  # fmt: skip
    """Take each row of heat and facility water as a case of its own: bring the loops from `start` to rest, and record
    the interval that follows.

    `T` (case) is that of the water [°C], `header` (case, loop) the pressure difference across each CDU's branch [Pa],
    `taken` (loop) is for the heat that the march counts. `found` (case) is set to the heat into the facility water [W]
    at rest, NaN where a loop has no steady state, whose row is then left as it was; `work` (n, n + 1) is scratch for
    plates of n states.
    """
    for k in range(len(boundary.heat)):
        total = 0.0
        for l in range(len(net.loops)):
            state.loops[l] = start.loops[l]
            total += settle_loop(net, l, state, boundary.heat[k], T[k], header[k, l])
            for r in range(net.first[l], net.first[l + 1]):
                rest_plate(record.plates, net, l, r, state, boundary.heat[k, r], work)
        found[k] = total
        if not math.isnan(total):
            march(net, state, boundary, Offer(T[k], header[k], taken), 1, 1, record, k, k + 1, 0)


@kernel
def rest_plate(
    plates: Plates, net: LoopNet, l: int, r: int, state: LoopState, heat: float, work: np.ndarray
) -> None:  # fmt: skip
    """Put the reduced plate of rack `r` in loop `l` at rest: (I − A) x = B u, by elimination with pivots.

    A and B are the matrices of one step at the flow, u the heat of a plate [W] and the inlet's rise [K].
    """
    m = plates.racks[r].model
    if m < 0:
        return
    rack = net.racks[r]
    flow = state.racks[r].F / net.loops[l].rho_cp * rack.plate_flow
    table = FlowTable(plates.start[m], plates.spacing[m], plates.matrix[m])
    below, upper = place_in(table, flow)
    low, high = table.matrix[below], table.matrix[below + 1]
    q, rise = rack.plate_heat * heat / rack.plates, state.loops[l].T_supply - plates.T_in[m]
    n = plates.state.shape[2]
    for i in range(n):
        for j in range(n):
            work[i, j] = (1.0 if i == j else 0.0) - ((1.0 - upper) * low[i, j] + upper * high[i, j])
        work[i, n] = ((1.0 - upper) * low[i, n] + upper * high[i, n]) * q
        work[i, n] += ((1.0 - upper) * low[i, n + 1] + upper * high[i, n + 1]) * rise
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(work[i, k]) > abs(work[p, k]):
                p = i
        for j in range(n + 1):
            work[k, j], work[p, j] = work[p, j], work[k, j]
        for i in range(k + 1, n):
            share = work[i, k] / work[k, k]
            for j in range(k, n + 1):
                work[i, j] -= share * work[k, j]
    for i in range(n - 1, -1, -1):
        x = work[i, n]
        for j in range(i + 1, n):
            x -= work[i, j] * plates.state[r, 0, j]
        plates.state[r, 0, i] = x / work[i, i]
