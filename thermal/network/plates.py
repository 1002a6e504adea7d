"""Cold plates of racks: geometry reduced when a loop is lowered, and reduced plates as the march takes them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from thermal.components.chip.package import Package
from thermal.components.coolant import Coolant
from thermal.components.hall.rack import Rack
from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.geometry import ColdPlate
from thermal.components.plate.reduced import POINTS, ReducedPlate
from thermal.errors import InputError
from thermal.physics.machines.reduced_plate import FlowTable, between
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.rack_plate import PLATE_ROW, Plates
from thermal.plate.grid import Cells
from thermal.plate.reduction import reduce_plate

if TYPE_CHECKING:
    from thermal.network.loop import Loop

__all__ = ["known_plate", "lower_plates", "rest_plates"]

FLOWS = (0.3, 0.5, 0.85, 1.4)  # of a plate's design flow, at which a plate by geometry is sampled
CELLS = Cells(slices=24, base=3, fin=6, cover=1)
SAME_COOLANT = 0.02  # relative difference of ρ c_p up to which a coolant counts as that of the reduction


def known_plate(rack: Rack, coolant: Coolant, T_in: float) -> ColdPlateCurve | ReducedPlate:
    """Return the plate of a rack as a curve or a reduced model; one given by its geometry is reduced, once.

    Raises
    ------
    InputError
        If a plate was reduced with another coolant.
    """
    plate = rack.cold_plate
    if isinstance(plate, ColdPlate):
        each = rack.design_heat * rack.package_fraction / rack.packages
        return _reduced(plate, rack.package, coolant, each, float(rack.plate_flow(rack.design_flow)), T_in)
    if isinstance(plate, ReducedPlate):
        p = coolant.properties(T_in)
        if abs(p.density * p.heat_capacity / plate.rho_cp - 1.0) > SAME_COOLANT:
            raise InputError(
                f"Rack.cold_plate was reduced with a coolant of {plate.rho_cp / 1e6:.3f} MJ/m3 K, the loop's has "
                f"{p.density * p.heat_capacity / 1e6:.3f}; reduce it with the loop's coolant"
            )
    return plate


@lru_cache(maxsize=64)
def _reduced(
    plate: ColdPlate, package: Package, coolant: Coolant, heat: float, flow: float, T_in: float
) -> ReducedPlate:
    return reduce_plate(plate, package, coolant, heat, [share * flow for share in FLOWS], T_in, CELLS)


def lower_plates(loops: Sequence["Loop"], step: float) -> Plates:
    """Return the plates of all racks as the march takes them, for steps of one length; ``rest_plates`` fills them."""
    racks = [(rack, known_plate(rack, loop.coolant, loop.cdu.T_supply)) for loop in loops for rack in loop.racks]
    models = list(dict.fromkeys(plate for _, plate in racks if isinstance(plate, ReducedPlate)))
    size = max((model.read.shape[1] for model in models), default=1)
    points = max((model.read.shape[0] for model in models), default=1)
    count = len(models)
    plates = Plates(
        np.zeros(len(racks), PLATE_ROW).view(np.recarray),
        np.zeros((len(racks), 2, size)),
        np.zeros(count),
        np.zeros(count),
        np.zeros((count, POINTS, size, size + 2)),
        np.zeros((count, points, size)),
        np.zeros((count, points, 2)),
        np.zeros(count, dtype=np.int64),
        np.array([model.T_in for model in models]),
        np.array([model.flows[0] for model in models]),
        np.array([model.flows[-1] for model in models]),
        np.zeros(2),
    )
    for m, model in enumerate(models):
        _lower_model(plates, m, model, step)
    for row, (rack, plate) in zip(plates.racks, racks, strict=True):
        row.model = models.index(plate) if isinstance(plate, ReducedPlate) else -1
        row.R_junction_case = rack.package.R_junction_case
    return plates


def rest_plates(plates: Plates, net: LoopNet, state: LoopState, heat: np.ndarray) -> None:
    """Put the plates at rest where the loops are, `heat` (r) being that of each rack."""
    loop_of = np.repeat(np.arange(len(net.loops)), np.diff(net.first))
    for r, row in enumerate(plates.racks):
        if row.model < 0:
            continue
        m, rack, loop = row.model, net.racks[r], net.loops[loop_of[r]]
        flow = float(state.racks[r].F) / loop.rho_cp * rack.plate_flow
        step = between(FlowTable(plates.start[m], plates.spacing[m], plates.matrix[m]), flow)
        u = [rack.plate_heat * heat[r] / rack.plates, state.loops[loop_of[r]].T_supply - plates.T_in[m]]
        n = step.shape[0]
        plates.state[r, 0] = np.linalg.solve(np.eye(n) - step[:, :n], step[:, n:] @ u)


def _lower_model(plates: Plates, m: int, model: ReducedPlate, step: float) -> None:
    """Fill in model `m`: its blocks share the heat of a plate as at the nominal point; padding rests at zero."""
    table = model.step_table(step)
    n, blocks = model.read.shape[1], len(model.blocks)
    plates.start[m], plates.spacing[m] = table.start, table.spacing
    plates.matrix[m, :, :n, :n] = table.matrix[:, :, :n]
    plates.matrix[m, :, :n, -2] = table.matrix[:, :, n : n + blocks] @ model.shares
    plates.matrix[m, :, :n, -1] = table.matrix[:, :, -1]
    spots = slice(model.first[blocks], model.first[-1])
    read, through = model.read[spots], model.through[spots]
    plates.spots[m] = model.first[-2] - model.first[blocks]
    count = read.shape[0]
    plates.read[m, :count, :n], plates.read[m, count:, :n] = read, read[-1]
    plates.through[m, :count, 0] = through[:, :-1] @ model.shares
    plates.through[m, :count, 1] = through[:, -1]
    plates.through[m, count:] = plates.through[m, count - 1]
