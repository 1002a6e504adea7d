"""A cold plate as a small state space: from block powers and inlet to junctions, case and outlet, over a range of flow.

The states span the plate's own answers (steady and at several time scales, at several flows); the generator is
recovered from one implicit step of the full model, so that steady states at the sampled flows are exact.
"""

from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.components.plate.reduced import ReducedPlate
from thermal.errors import InputError
from thermal.physics.conjugate.assembly import capacities, from_stored, to_stored
from thermal.physics.conjugate.implicit import Method, Moment, Stepper, advance, at_rest, prepare
from thermal.physics.conjugate.solve import conduct
from thermal.plate.conditions import LARGEST_FLOW, Conditions
from thermal.plate.grid import USUAL_CELLS, Cells, PlateGrid, covered
from thermal.plate.power import spread_heat
from thermal.plate.result import active, hottest, maps, share_above, skin
from thermal.plate.solve import Operation, coolant_content, operate
from thermal.quantity import origins

__all__ = ["reduce_plate"]

SCALES = (0.003, 0.02, 0.1, 0.5, 2.0, 1e6)  # of the plate's own time, whose answers span the states; the last is steady
RECOVERY = 0.05  # of the plate's own time: the step from which the generator is recovered
TOLERANCE = 1e-10


class _Trial(NamedTuple):
    """Answers of the full model to a sequence of powers, inlet temperatures and flows, to be met by the reduced one."""

    steps: int  # of each stage
    step: float  # of the plate's own time
    warmer: float  # step of the inlet temperature [K]


TRIAL = _Trial(40, 0.05, 5.0)
GROUPS = 4  # of blocks that are heated alone in the trials


def reduce_plate(
    plate: ColdPlate,
    *,
    package: Stack | Package,
    coolant: Coolant,
    heat: float,
    flows: Any,
    T_in: float,
    cells: Cells = USUAL_CELLS,
    states: int = 16,
) -> ReducedPlate:
    """Derive a small state space for racks and long transients, films held at those of a nominal heat.

    Parameters
    ----------
    plate : ColdPlate
        The plate, by its geometry.
    package : Stack or Package
        What lies under the plate.
    coolant : Coolant
        The coolant.
    heat : float
        Nominal heat, at which films and flow split are taken [W].
    flows : sequence of float
        Volume flows to sample, ascending, two or more [m³/s]; trials for the stated error lie between them.
    T_in : float
        Nominal inlet temperature [°C].
    cells : Cells
        How finely the plate is divided.
    states : int
        Largest number of states.

    Returns
    -------
    ReducedPlate
        The model, with the largest error found in trials against the full one.

    Raises
    ------
    InputError
        If fewer than two flows are given, they do not ascend, or the model is not stable between them.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import kW, lpm, mm, um
    >>> plate = th.ColdPlate(
    ...     length=40 * mm, breadth=40 * mm, channel_width=400 * um, fin_width=400 * um, channel_depth=2 * mm,
    ...     base=1 * mm, metal=th.load("materials/copper"), homogenised=True)
    >>> small = reduce_plate(plate, package=th.load("packages/h100"), coolant=th.load("coolants/pg25"), heat=0.7 * kW,
    ...                      flows=[0.8 * lpm, 1.6 * lpm], T_in=40.0, cells=th.Cells(slices=10))
    >>> small.error < 0.05
    True
    >>> warm = 40.0 + 5.0 * (np.arange(60) > 29)  # the inlet 5 K warmer from half a minute on
    >>> minute = small.march(np.full((60, 1), 700.0), 1.2 * lpm, warm, 1.0)
    >>> round(float(minute.T_out[-1] - minute.T_out[29]), 1)
    5.0
    """
    sampled = np.asarray(inputs.array("flows", flows, "m3/s", above=0, high=LARGEST_FLOW, hint="write 1.2 * lpm"))
    if sampled.ndim != 1 or sampled.size < 2 or not (np.diff(sampled) > 0).all():
        raise InputError(f"flows = {sampled.tolist()} m3/s: two or more, ascending, are needed")
    states = inputs.whole("states", states, low=2)
    heat = inputs.number("heat", heat, "W", above=0, hint="films and time scales are taken there")
    nominal = Conditions.of(plate, package, coolant, heat, float(sampled[0]), T_in, cells, 1e-9)
    points = [nominal.at(flow=float(flow)) for flow in sampled]
    operations = [_linear(point, operate(point)) for point in points]
    grid, content = operations[0].grid, coolant_content(nominal, operations[0].grid, nominal.T_in)
    inputs_alone = [spread_heat(grid, {block.name: 1.0}) for _, block in grid.sources]
    own_time = _own_time(operations[0])
    steppers = [_stepper(at, content, RECOVERY * own_time) for at in operations]
    weight = np.concatenate([steppers[0].capacity, steppers[0].held])
    basis = _basis(operations, content, inputs_alone, weight, states, own_time)
    generator, drive = zip(*(_projected(s, basis, inputs_alone, weight) for s in steppers), strict=True)
    rows, through, first = _reader(package, operations, inputs_alone)
    shares = np.array([block.share for _, block in grid.sources])
    p = coolant.properties(nominal.T_in)
    model = ReducedPlate(
        flows=tuple(sampled.tolist()),
        drops=tuple(float(at.state.pressure_drop) for at in operations),
        generator=np.array(generator),
        drive=np.array(drive),
        read=rows @ basis,
        through=through,
        first=first,
        shares=tuple((shares / shares.sum()).tolist()),
        blocks=tuple(block.name for _, block in grid.sources),
        T_in=nominal.T_in,
        rho_cp=p.density * p.heat_capacity,
        heat_capacity=_own_capacity(operations[0], steppers[0]),
        error=0.0,  # not known yet
        grid=f"{grid.body.material.size} cells",
        made_from=origins(plate, package, coolant),
    )
    between = np.sqrt(sampled[:-1] * sampled[1:])
    solved = [_linear(point, operate(point)) for point in (nominal.at(flow=float(flow)) for flow in between)]
    error = _error(model, package, solved, between, content, rows, inputs_alone, heat)
    return model.replace(error=error)


def _linear(c: Conditions, at: Operation) -> Operation:
    """The plate with one heat capacity of the coolant, that at its mean temperature: a reduced plate is linear."""
    rate = at.state.mass_flow * c.coolant.properties(c.T_in + float(at.rises.stream.mean())).heat_capacity
    return at._replace(channels=at.channels._replace(rate=rate))


def _own_capacity(at: Operation, s: Stepper) -> float:
    """Heat capacity of the plate and the coolant in it [J/K]."""
    grid = at.grid
    stored = from_stored(s.capacity, grid.body.dx.size, grid.body.dz.size)
    return float(stored[:, grid.under :].sum() + s.held.sum())


def _stepper(at: Operation, content: np.ndarray, step: float) -> Stepper:
    return prepare(at.grid.body, at.channels, content, step, Method.BACKWARD_EULER)


def _own_time(at: Operation) -> float:
    """Stored heat of the nominal state over its power [s]."""
    return float(capacities(at.grid.body) @ to_stored(at.rises.body) / at.power.sum())


def _answer(s: Stepper, state: np.ndarray | None, heat: np.ndarray | None, inlet: float) -> np.ndarray:
    """State after one implicit step from `state` under `heat` per cell and an inlet rise."""
    n = s.problem.x.size
    now = at_rest(s) if state is None else at_rest(s, state[:n].copy(), state[n:].copy())
    q = np.zeros(n) if heat is None else to_stored(heat)
    after = advance(s, now, q[None], inlet, TOLERANCE)
    return np.concatenate([after.T, after.F])


def _basis(
    operations: list[Operation],
    content: np.ndarray,
    inputs: list[np.ndarray],
    weight: np.ndarray,
    states: int,
    own_time: float,
) -> np.ndarray:
    """Span the answers to every input at every scale and flow; orthonormal in stored heat."""
    columns = []
    for at in operations:
        for scale in SCALES:
            s = _stepper(at, content, scale * own_time)
            columns += [_answer(s, None, heat, 0.0) for heat in inputs] + [_answer(s, None, None, 1.0)]
    root = np.sqrt(weight)
    snapshots = np.array([c * root for c in columns]).T
    snapshots /= np.linalg.norm(snapshots, axis=0)
    left, size, _ = np.linalg.svd(snapshots, full_matrices=False)
    count = min(states, int((size > 1e-8 * size[0]).sum()))
    return np.asarray(np.where(root[:, None] > 0, left[:, :count] / np.where(root > 0, root, 1.0)[:, None], 0.0))


def _projected(
    s: Stepper, basis: np.ndarray, inputs: list[np.ndarray], weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Recover dx/dt = A x + B u from one implicit step: x' = (I − hA)⁻¹ (x + h B u)."""
    project = (basis * weight[:, None]).T
    step = np.column_stack([project @ _answer(s, column, None, 0.0) for column in basis.T])
    push = np.column_stack(
        [*(project @ _answer(s, None, heat, 0.0) for heat in inputs), project @ _answer(s, None, None, 1.0)]
    )
    inverse = np.linalg.inv(step)
    return (np.eye(step.shape[0]) - inverse) / s.step, inverse @ push / s.step


def _reader(
    package: Stack | Package, operations: list[Operation], inputs: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows that read block means, hot spots, the hottest of the case, and the outlet out of a full state and the input.

    Hot spots are taken where they are at the nominal heat and with each block alone, at every sampled flow; the last
    array says where the rows of each output begin.
    """
    at, grid = operations[len(operations) // 2], operations[0].grid
    seen = [(o.rises.body, o.power) for o in operations]
    if len(inputs) > 1:
        seen += [(conduct(grid.body, o.channels, q, 1e-6, o.rises).body, q) for o in operations for q in inputs]
    inner = package.R_junction_case if isinstance(package, Package) else 0.0
    upper = 0.0 * share_above(grid) if isinstance(package, Package) else share_above(grid)
    means, spots = [], []
    for k, block in grid.sources:
        share = covered(grid, k, block)
        means.append([_row(grid, inputs, {k: share / share.sum()}, k, inner)])
        fields = [active(grid, k, body, power) for body, power in seen]
        spots.append([_row(grid, inputs, {k: one}, k, inner) for one in _hottest(fields, share > 0)])
    fields = [np.nan_to_num(maps(package, grid, body, power)[1]) for body, power in seen]
    where = ~np.isnan(maps(package, grid, *seen[0])[1])
    entered = 0 if isinstance(package, Package) else None
    case = [
        _row(grid, inputs, {grid.case: (1.0 - upper) * one, grid.case + 1: upper * one}, entered, 0.0)
        for one in _hottest(fields, where)
    ]
    outlet = np.zeros((grid.body.dy.size, grid.width.size))
    for c, j, count, step, *_ in grid.legs[grid.legs[:, 4] == grid.legs[:, 4].max()]:
        outlet[j + (count - 1) * step, c] += 1.5 * at.channels.rate[c]
        outlet[j + (count - 2) * step, c] -= 0.5 * at.channels.rate[c]
    groups = [*means, *spots, case]
    still = np.zeros(outlet.size)
    rows = [np.concatenate([to_stored(field), still]) for group in groups for field, _ in group]
    rows.append(np.concatenate([np.zeros(rows[0].size - still.size), outlet.ravel() / outlet.sum()]))
    through = [push for group in groups for _, push in group]
    through.append(np.zeros(len(inputs) + 1))
    return np.array(rows), np.array(through), np.cumsum([0, *(len(group) for group in groups)])


def _row(
    grid: PlateGrid, inputs: list[np.ndarray], weights: dict[int, np.ndarray], entered: int | None, inner: float
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of all cells from those of some layers; and what the heat adds on its way in through layer `entered`."""
    field = np.zeros(grid.body.material.shape)
    for k, weight in weights.items():
        field[:, k] += weight
    push = np.zeros(len(inputs) + 1)
    if entered is not None:
        resistance = field[:, entered] * skin(grid, entered)
        push[:-1] = [inner + float((resistance * q[:, entered]).sum()) for q in inputs]
    return field, push


def _hottest(fields: list[np.ndarray], where: np.ndarray) -> list[np.ndarray]:
    """Marks of the cells that are the hottest of a part in any of the fields."""
    found = dict.fromkeys(int(np.argmax(np.where(where, field, -np.inf))) for field in fields)
    marks = np.zeros((len(found), where.size))
    marks[np.arange(len(found)), list(found)] = 1.0
    return list(marks.reshape(len(found), *where.shape))


def _error(
    model: ReducedPlate,
    package: Stack | Package,
    solved: list[Operation],
    flows: np.ndarray,
    content: np.ndarray,
    rows: np.ndarray,
    inputs: list[np.ndarray],
    heat: float,
) -> float:
    """Largest difference from the full model in trials between the sampled flows, over its largest rise.

    Stages of each trial: the nominal heat on all blocks; each block alone (or each group, of many); a warmer inlet
    without heat; all blocks again at the next trial's flow. Block means, hottest cells wherever they are, case and
    outlet are compared.
    """
    grid, groups = solved[0].grid, min(GROUPS, len(inputs))
    shares = np.array(model.shares)
    alone = [shares * heat * (np.arange(len(inputs)) % groups == g) for g in range(groups)]
    powers = np.vstack([shares * heat, alone, 0.0 * shares, shares * heat])
    inlet = np.zeros(len(powers))
    inlet[-2:] = TRIAL.warmer
    step = TRIAL.step * _own_time(solved[0])
    prepared = [prepare(at.grid.body, at.channels, content, step, Method.SDIRK2) for at in solved]
    worst = largest = 0.0
    for i, flow in enumerate(tqdm(flows, desc="trials of the reduced plate", delay=2.0, leave=False, disable=None)):
        now, full = at_rest(prepared[i]), []
        u = np.column_stack([powers, inlet]).repeat(TRIAL.steps, axis=0)
        along = np.full(len(u), flow)
        along[-TRIAL.steps :] = flows[(i + 1) % len(flows)]
        for k, row in enumerate(u):
            s = prepared[i] if k < len(u) - TRIAL.steps else prepared[(i + 1) % len(flows)]
            power = np.tensordot(row[:-1], np.array(inputs), 1)
            now = advance(s, now, np.stack([to_stored(power)] * 2), row[-1], 1e-8)
            full.append(_answers(package, grid, now, rows, power))
        T = model.march(u[:, :-1], along, model.T_in + u[:, -1], step)
        ours = np.column_stack([T.T_block, T.T_block_highest, T.T_case, T.T_out]) - model.T_in
        worst = max(worst, float(np.abs(ours - np.array(full)).max()))
        largest = max(largest, float(np.max(full)))
    return worst / largest


def _answers(package: Stack | Package, grid: PlateGrid, now: Moment, rows: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Outputs of the full model at a moment, with the hottest cells where they are now."""
    hot = hottest(package, grid, from_stored(now.T, grid.body.dx.size, grid.body.dz.size), power)
    outlet = float(rows[-1] @ np.concatenate([now.T, now.F]))
    return np.array([*hot.means, *hot.spots, hot.case, outlet])
