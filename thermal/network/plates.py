"""Cold plates of racks: reduced on demand, checked against their rack, and as the march of the loops takes them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thermal import inputs
from thermal.components.coolant import Coolant
from thermal.components.hall.cdu import Cdu
from thermal.components.hall.rack import Rack
from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.geometry import ColdPlate
from thermal.components.plate.reduced import POINTS, ReducedPlate
from thermal.errors import InputError
from thermal.network.loop import Loop
from thermal.network.network import Network
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.rack_plate import PLATE_ROW, Plates, rest_plate
from thermal.plate.conditions import Conditions
from thermal.plate.flow import even_split, flow_state
from thermal.plate.grid import Cells
from thermal.plate.reduction import reduce_plate

__all__ = [
    "known_plate", "lower_models", "lower_plates", "marched_plate", "plate_drop", "reduce_network", "reduce_rack",
    "require_drop", "rest_plates", "scratch_of",
]  # fmt: skip

FLOWS = (0.3, 0.5, 0.85, 1.4)  # of a plate's design flow, at which a plate by geometry is sampled
CELLS = Cells(slices=24, base=3, fin=6, cover=1)
SAME_COOLANT = 0.02  # relative difference of ρ c_p up to which a coolant counts as that of the reduction
ROUNDED = 1e-6  # by which a plate's pressure drop may exceed its rack's


def reduce_rack(
    rack: Rack,
    coolant: Coolant,
    T_in: float,
    *,
    flows: Any = None,
    cells: Cells = CELLS,
    states: int = 16,
) -> Rack:
    """Return a rack whose plate by geometry is a reduced one, made at the rack's design heat.

    Parameters
    ----------
    rack : Rack
        With a ``ColdPlate`` as its plate; any other rack is returned as it is.
    coolant : Coolant
        The coolant of the loop it will stand in.
    T_in : float
        Temperature at which it enters [°C].
    flows : sequence of float, optional
        Flows of one plate to sample [m³/s]; 0.3, 0.5, 0.85 and 1.4 times the plate's share of the design flow if not
        given.
    cells, states
        As for ``reduce_plate``.

    Returns
    -------
    Rack
        Checked: the plate's own pressure drop is within the rack's.

    Raises
    ------
    InputError
        As ``reduce_plate`` and ``require_drop``.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=4e-4, fin_width=4e-4, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"), homogenised=True)
    >>> rack = th.load("racks/gb200_nvl72").replace(cold_plate=plate)
    >>> reduced = reduce_rack(rack, th.load("coolants/pg25"), 32.0, cells=th.Cells(slices=6, base=1, fin=2, cover=1))
    >>> reduced.cold_plate.error < 0.05
    True
    """
    plate = inputs.part("rack", rack, Rack, "such as th.load('racks/gb200_nvl72')").cold_plate
    if not isinstance(plate, ColdPlate):
        return rack
    each = rack.design_heat * rack.package_fraction / rack.packages
    sampled = [share * float(rack.plate_flow(rack.design_flow)) for share in FLOWS] if flows is None else flows
    small = reduce_plate(
        plate, package=rack.package, coolant=coolant, heat=each, flows=sampled, T_in=T_in, cells=cells, states=states
    )
    return rack.replace(cold_plate=small)


def reduce_network(network: Network, T_in: float | None = None, **options: Any) -> Network:
    """Return a network whose racks' plates by geometry are reduced ones; for `options` see ``reduce_rack``.

    Raises
    ------
    InputError
        If there is no CDU to say how warm the coolant is and `T_in` [°C] is not given either.
    """
    points = [b.part.T_supply for b in network.branches if isinstance(b.part, Cdu)]
    if T_in is None and not points:
        raise InputError(
            "reduce of a network without CDUs needs T_in, the temperature of the coolant that enters racks"
        )
    T = max(points) if T_in is None else T_in
    racks = dict.fromkeys((b.part, b.coolant or network.coolant) for b in network.branches if isinstance(b.part, Rack))
    made = {(rack, coolant): reduce_rack(rack, coolant, T, **options) for rack, coolant in racks}
    branches = [
        b.replace(part=made[b.part, b.coolant or network.coolant]) if isinstance(b.part, Rack) else b
        for b in network.branches
    ]
    return network.replace(branches=tuple(branches))


def plate_drop(rack: Rack, coolant: Coolant, T: float) -> float:
    """Pressure drop of a rack's plate at its share of the design flow, ports included [Pa].

    A plate by geometry is taken at one temperature `T` [°C] throughout, with even flow; one known by its curve or
    reduced answers for the coolant and temperature it was made with.

    Raises
    ------
    InputError
        If the coolant does not reach to that temperature.

    Examples
    --------
    >>> import thermal as th
    >>> rack = th.load("racks/gb200_nvl72")
    >>> round(plate_drop(rack, th.load("coolants/pg25"), 40.0) / 1e3), round(rack.design_drop / 1e3)
    (79, 110)
    """
    flow = float(rack.plate_flow(rack.design_flow))
    plate = rack.cold_plate
    if not isinstance(plate, ColdPlate):
        return float(plate.pressure_drop(flow))
    point = Conditions.of(plate, rack.package, coolant, 0.0, flow, T, CELLS, 1e-9)
    grid = point.grid()
    even = even_split(point, grid)
    return flow_state(point, grid, np.full((grid.body.dy.size, even.size), point.T_in), even).pressure_drop


def require_drop(rack: Rack, coolant: Coolant, T: float) -> None:
    """Refuse a rack whose plate alone takes more pressure than the whole rack is said to.

    Raises
    ------
    InputError
        The message says both, and what to do.
    """
    own = plate_drop(rack, coolant, T)
    if own > rack.design_drop * (1 + ROUNDED):
        raise InputError(
            f"Rack.cold_plate takes {own / 1e3:.1f} kPa at its {float(rack.plate_flow(rack.design_flow)) * 6e4:.3g} "
            f"L/min of the design flow, more than the rack's design_drop = {rack.design_drop / 1e3:.1f} kPa between "
            "the manifolds; wider channels, less design_flow, or a design_drop that holds the plate"
        )


def known_plate(rack: Rack, coolant: Coolant, T_in: float) -> ColdPlateCurve | ReducedPlate:
    """Return the plate of a rack as a loop can march it: a curve, or a reduced model.

    Raises
    ------
    InputError
        If it is given by its geometry, was reduced with another coolant, or takes more pressure than its rack.
    """
    plate = rack.cold_plate
    if isinstance(plate, ColdPlate):
        raise InputError(
            "Rack.cold_plate is given by its geometry, which a loop does not march: th.reduce(loop) or "
            f"th.reduce(rack, coolant=..., T_in={T_in:g}) makes a small model of it, with a stated error"
        )
    if isinstance(plate, ReducedPlate):
        p = coolant.properties(T_in)
        if abs(p.density * p.heat_capacity / plate.rho_cp - 1.0) > SAME_COOLANT:
            raise InputError(
                f"Rack.cold_plate was reduced with a coolant of {plate.rho_cp / 1e6:.3f} MJ/m3 K, the loop's has "
                f"{p.density * p.heat_capacity / 1e6:.3f}; reduce it with the loop's coolant"
            )
    require_drop(rack, coolant, T_in)
    return plate


def marched_plate(name: str, plate: Any) -> ColdPlateCurve | ReducedPlate:
    """The plate of a branch as a network marches it.

    Raises
    ------
    InputError
        If it is given by its geometry.
    """
    if isinstance(plate, ColdPlate):
        raise InputError(
            f"{name!r}: its cold plate is given by its geometry, which a network does not march: th.reduce(rack, "
            "coolant=..., T_in=...) makes a small model of it, with a stated error"
        )
    made: ColdPlateCurve | ReducedPlate = plate
    return made


def lower_plates(loops: Sequence[Loop], step: float) -> Plates:
    """Return the plates of all racks as the march takes them, for steps of one length; ``rest_plates`` fills them."""
    return lower_models(
        [
            (known_plate(rack, loop.coolant, loop.cdu.T_supply), rack.package.R_junction_case)
            for loop in loops
            for rack in loop.racks
        ],
        step,
    )


def lower_models(known: Sequence[tuple[ColdPlateCurve | ReducedPlate, float]], step: float) -> Plates:
    """Plates, each with the resistance from junction to case of its package [K/W], for steps of one length."""
    models = list(dict.fromkeys(plate for plate, _ in known if isinstance(plate, ReducedPlate)))
    size = max((model.read.shape[1] for model in models), default=1)
    points = max((model.read.shape[0] for model in models), default=1)
    count = len(models)
    plates = Plates(
        np.zeros(len(known), PLATE_ROW).view(np.recarray),
        np.zeros((len(known), 2, size)),
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
    for row, (plate, resistance) in zip(plates.racks, known, strict=True):
        row.model = models.index(plate) if isinstance(plate, ReducedPlate) else -1
        row.R_junction_case = resistance
    return plates


def rest_plates(plates: Plates, net: LoopNet, state: LoopState, heat: np.ndarray) -> None:
    """Put the plates at rest where the loops are, `heat` (r) being that of each rack."""
    if not len(plates.matrix):
        return
    loop_of, work = np.repeat(np.arange(len(net.loops)), np.diff(net.first)), scratch_of(plates)
    for r in range(len(plates.racks)):
        rack, loop = net.racks[r], net.loops[loop_of[r]]
        flow = float(state.racks[r].F) / loop.rho_cp * rack.plate_flow
        rest_plate(
            plates, r, float(rack.plate_heat * heat[r] / rack.plates), float(flow),
            float(state.loops[loop_of[r]].T_supply), work,
        )  # fmt: skip


def scratch_of(plates: Plates) -> np.ndarray:
    """Scratch for ``rest_plate``."""
    n = plates.state.shape[2]
    return np.zeros((n, n + 1))


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
