"""Many operating points of the same loops in one call: each put at rest, then marched for one interval."""

import math

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.network.loop import LoopNet, LoopState, settle_loop
from thermal.physics.network.march import Boundary, Offer, Record, march
from thermal.physics.network.rack_plate import rest_plate

__all__ = ["settle_each"]


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
                rack = net.racks[r]
                q = rack.plate_heat * boundary.heat[k, r] / rack.plates
                flow = state.racks[r].F / net.loops[l].rho_cp * rack.plate_flow
                rest_plate(record.plates, r, q, flow, state.loops[l].T_supply, work)
        found[k] = total
        if not math.isnan(total):
            march(net, state, boundary, Offer(T[k], header[k], taken), 1, 1, record, k, k + 1, 0)
