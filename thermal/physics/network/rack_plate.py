"""Reduced cold plates: they follow the march of loops and networks and say how hot case and junction are."""

from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.reduced_plate import FlowTable, place_in, step_between
from thermal.physics.network.loop import LoopNet, LoopState

__all__ = ["PLATE_ROW", "Plates", "follow", "rest_plate", "watch"]

PLATE_ROW = np.dtype(
    (
        np.record,
        [
            ("model", "i8"),  # of the reduced plates, -1 where the plate is lumped
            ("R_junction_case", "f8"),  # of a lumped plate's package [K/W]
            ("T_case", "f8"),  # now, and so on
            ("T_junction", "f8"),
            ("outside", "i8"),  # whether the flow has left the range of the model since the last save
        ],
    )
)


class Plates(NamedTuple):
    """All reduced plates, padded to the largest, and the state of one plate of each rack."""

    racks: np.recarray  # PLATE_ROW (r)
    state: np.ndarray  # (r, 2, n)
    start: np.ndarray  # (m,) of the FlowTable of each model
    spacing: np.ndarray  # (m,)
    matrix: np.ndarray  # (m, points, n, n + 2): decay; one plate's heat [W] and the inlet's rise [K]
    read: np.ndarray  # (m, points, n): hot spots, then case
    through: np.ndarray  # (m, points, 2)
    spots: np.ndarray  # (m,) how many points are hot spots
    T_in: np.ndarray  # (m,) reference inlet temperature [°C]
    low: np.ndarray  # (m,) range of flow [m³/s]
    high: np.ndarray
    u: np.ndarray  # (2,) scratch


@kernel
def watch(plates: Plates, net: LoopNet, l: int, state: LoopState, heat: np.ndarray) -> None:
    """Let the plates of loop `l` follow under its flow and supply temperature; see ``follow``."""
    s = state.loops[l]
    for r in range(net.first[l], net.first[l + 1]):
        rack, t = net.racks[r], state.racks[r]
        flow = t.F / net.loops[l].rho_cp * rack.plate_flow
        follow(plates, r, rack.plate_heat * heat[r] / rack.plates, flow, s.T_supply, t.T_case)


@kernel
def follow(plates: Plates, r: int, q: float, flow: float, T_in: float, T_case: float) -> None:
    """Step plate `r` under the heat `q` of its package [W], its flow [m³/s] and its inlet, and set case and junction.

    Nothing goes back into the coolant, whose energy balance keeps a lumped plate, now at `T_case`, of the same steady
    resistance and heat capacity. That is exact at rest; in a transient it neglects how one plate's heat (some 10 J/K of
    1e5 J/K of coolant) is spread over its depth. Outside the range of flow the model is held at the range's end and the
    hotter of it and the lumped plate counts.
    """
    row = plates.racks[r]
    m = row.model
    row.T_case, row.T_junction = T_case, T_case + row.R_junction_case * q
    if m < 0:
        return
    inside = plates.low[m] <= flow <= plates.high[m]
    plates.u[0], plates.u[1] = q, T_in - plates.T_in[m]
    step_between(plates.state[r], FlowTable(plates.start[m], plates.spacing[m], plates.matrix[m]), flow, plates.u)
    spots = plates.spots[m]
    case = plates.T_in[m] + _highest(plates, m, r, spots, plates.read.shape[1])
    junction = plates.T_in[m] + _highest(plates, m, r, 0, spots)
    if inside or case > row.T_case:
        row.T_case = case
    if inside or junction > row.T_junction:
        row.T_junction = junction
    if not inside:
        row.outside = 1


@kernel
def _highest(plates: Plates, m: Any, r: int, begin: int, end: int) -> float:
    """Largest rise of the points from `begin` to `end` of rack `r`."""
    highest = -np.inf
    for k in range(begin, end):
        y = plates.through[m, k, 0] * plates.u[0] + plates.through[m, k, 1] * plates.u[1]
        for j in range(plates.state.shape[2]):
            y += plates.read[m, k, j] * plates.state[r, 0, j]
        if not (y <= highest):
            highest = y
    return highest


@kernel
def rest_plate(plates: Plates, r: int, q: float, flow: float, T_in: float, work: np.ndarray) -> None:
    """Put plate `r` at rest under the heat `q` of its package [W], its flow [m³/s] and its inlet [°C].

    (I − A) x = B u by elimination with pivots, A and B the matrices of one step at the flow, u the heat and the inlet's
    rise [K]; `work` (n, n + 1) is scratch for n states.
    """
    m = plates.racks[r].model
    if m < 0:
        return
    table = FlowTable(plates.start[m], plates.spacing[m], plates.matrix[m])
    below, upper = place_in(table, flow)
    low, high = table.matrix[below], table.matrix[below + 1]
    rise = T_in - plates.T_in[m]
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
