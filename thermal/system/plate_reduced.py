"""A cold plate as a small state space: from block powers and inlet to junctions, case and outlet, over a range of flow.

The states span the plate's own answers (steady and at several time scales, at several flows); the generator is
recovered from one implicit step of the full model, so that steady states at the sampled flows are exact.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.linalg import expm

from thermal.components.coolant import Coolant
from thermal.components.package import Package
from thermal.components.plate import ColdPlate
from thermal.components.stack import Stack
from thermal.errors import InputError
from thermal.names import describe
from thermal.physics.assembly import capacities, to_stored
from thermal.physics.implicit import Method, Stepper, advance, at_rest, prepare
from thermal.physics.reduced import march_reduced
from thermal.system.plate_grid import USUAL_CELLS, Cells, spread_heat
from thermal.system.plate_solve import Operation, coolant_content, operate

__all__ = ["ReducedPlate", "reduce_plate"]

SCALES = (0.003, 0.02, 0.1, 0.5, 2.0, 1e6)  # of the plate's own time, whose answers span the states; the last is steady
RECOVERY = 0.05  # of the plate's own time: the step from which the generator is recovered
TOLERANCE = 1e-10


class ReducedPlate(NamedTuple):
    """A linear model dx/dt = A(flow) x + B(flow) u, y = D x + E u, in rises over a reference inlet temperature.

    Examples
    --------
    Made by ``reduce_plate``, whose example marches one:

    >>> ReducedPlate._fields[-1]
    'error'
    """

    flows: np.ndarray  # sampled, ascending [m³/s]
    generator: np.ndarray  # (flows, n, n) [1/s]
    drive: np.ndarray  # (flows, n, inputs): blocks [W], then the inlet's rise [K]
    read: np.ndarray  # (outputs, n)
    through: np.ndarray  # (outputs, inputs): from the middle of a heated cell to its face [K/W]
    blocks: tuple[str, ...]
    outputs: tuple[str, ...]
    T_in: float
    error: float  # largest difference from the full model in the trials, over the largest rise

    def at(self, flow: float, step: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the matrices of one step at a flow: x ← decay x + drive u.

        Raises
        ------
        InputError
            If the flow lies outside the sampled range, or the step is not above zero.
        """
        if not (self.flows[0] * (1 - 1e-9) <= flow <= self.flows[-1] * (1 + 1e-9)):
            raise InputError(
                f"flow = {flow:g} m3/s is outside the reduced plate's {self.flows[0]:g} to {self.flows[-1]:g} m3/s"
            )
        if not step > 0:
            raise InputError(f"step = {step:g} s must be above 0 s")
        weight = _lagrange(np.log(self.flows), np.log(flow))
        A, B = np.tensordot(weight, self.generator, 1), np.tensordot(weight, self.drive, 1)
        n = A.shape[0]
        whole = np.zeros((n + B.shape[1],) * 2)
        whole[:n, :n], whole[:n, n:] = A, B
        exponential = expm(whole * step)
        return np.ascontiguousarray(exponential[:n, :n]), np.ascontiguousarray(exponential[:n, n:])

    def march(self, heat: np.ndarray, flow: float, T_in: float, step: float) -> xr.Dataset:
        """Temperatures at the end of each step of constant block powers.

        Parameters
        ----------
        heat : ndarray
            Power of each block in each step, (steps, blocks) [W].
        flow : float
            Volume flow [m³/s].
        T_in : float
            Inlet temperature [°C].
        step : float
            Length of a step [s].

        Returns
        -------
        xarray.Dataset
            Mean and hot-spot temperature of each block, case and outlet, from equilibrium with the inlet on.
        """
        decay, drive = self.at(flow, step)
        heat = np.asarray(heat, dtype=float)
        u = np.column_stack([heat, np.zeros(heat.shape[0])])
        y = np.zeros((heat.shape[0], self.read.shape[0]))
        march_reduced(np.zeros((2, decay.shape[0])), decay, drive, self.read, self.through, u, y)
        n = len(self.blocks)
        data = {
            "T_block": (("time", "block"), T_in + y[:, :n]),
            "T_block_highest": (("time", "block"), T_in + y[:, n : 2 * n]),
            "T_case": ("time", T_in + y[:, -2]),
            "T_out": ("time", T_in + y[:, -1]),
        }
        result = describe(
            xr.Dataset(data, {"block": list(self.blocks), "time": step * np.arange(1, heat.shape[0] + 1)})
        )
        return result.assign_attrs(error=self.error)


def reduce_plate(
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    heat: float,
    flows: Sequence[float],
    T_in: float,
    cells: Cells = USUAL_CELLS,
    states: int = 16,
) -> ReducedPlate:
    """Derive a reduced plate over a range of flow, films held at those of a nominal heat.

    Parameters
    ----------
    plate, package, coolant, cells
        As for ``steady_plate``.
    heat : float
        Nominal heat, at which films and flow split are taken [W].
    flows : sequence of float
        Volume flows to sample, ascending, two or more [m³/s]; trials for the stated error lie between them.
    T_in : float
        Nominal inlet temperature [°C].
    states : int
        Largest number of states.

    Returns
    -------
    ReducedPlate
        The model, with the largest error found in the trials.

    Raises
    ------
    InputError
        If fewer than two flows are given or they do not ascend.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import kW, lpm, mm, um
    >>> plate = th.ColdPlate(
    ...     length=40 * mm, breadth=40 * mm, channel_width=400 * um, fin_width=400 * um, channel_depth=2 * mm,
    ...     base=1 * mm, metal=th.load("materials/copper"), homogenised=True)
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> small = reduce_plate(plate, package, coolant, 0.7 * kW, [0.8 * lpm, 1.6 * lpm], 40.0, Cells(slices=10))
    >>> small.error < 0.05
    True
    >>> step = small.march(np.full((60, 1), 700.0), 1.2 * lpm, 40.0, 1.0)  # a minute at 700 W
    >>> bool(step.T_out[-1] > step.T_out[0] > 40.0)
    True
    """
    sampled = np.asarray(flows, dtype=float)
    if sampled.size < 2 or not (np.diff(sampled) > 0).all() or not sampled[0] > 0:
        raise InputError(f"flows = {sampled.tolist()} m3/s: two or more, ascending, above zero, are needed")
    operations = [operate(plate, package, coolant, heat, flow, T_in, cells, 1e-9) for flow in sampled]
    grid = operations[0].grid
    inputs = [spread_heat(grid, {b.name: float(b is block) for _, b in grid.sources}) for _, block in grid.sources]
    own_time = _own_time(operations[0])
    steppers = [_stepper(plate, coolant, at, RECOVERY * own_time, T_in) for at in operations]
    weight = np.concatenate([steppers[0].capacity, steppers[0].held])
    basis = _basis(plate, coolant, operations, inputs, weight, T_in, states, own_time)
    generator, drive = zip(*(_projected(s, basis, inputs, weight) for s in steppers), strict=True)
    rows, outputs = _reader(operations[len(operations) // 2], inputs)
    names = tuple(block.name for _, block in grid.sources)
    through = np.zeros((rows.shape[0], len(inputs) + 1))
    if isinstance(package, Package):
        block = grid.sources[0][1]
        through[-2, 0] = grid.body.dz[0] / 2 / plate.metal.conductivity / (block.length * block.breadth)
    model = ReducedPlate(
        sampled, np.array(generator), np.array(drive), rows @ basis, through, names, outputs, T_in, np.nan
    )
    errors = []
    for flow in np.sqrt(sampled[:-1] * sampled[1:]):
        between = operate(plate, package, coolant, heat, float(flow), T_in, cells, 1e-9)
        content = coolant_content(plate, coolant, grid, T_in)
        errors.append(_trial(model, between, content, rows, inputs, float(flow), heat))
    return model._replace(error=float(np.max(errors)))


def _stepper(plate: ColdPlate, coolant: Coolant, at: Operation, step: float, T_in: float) -> Stepper:
    return prepare(
        at.grid.body, at.channels, coolant_content(plate, coolant, at.grid, T_in), step, Method.BACKWARD_EULER
    )


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
    plate: ColdPlate,
    coolant: Coolant,
    operations: list[Operation],
    inputs: list[np.ndarray],
    weight: np.ndarray,
    T_in: float,
    states: int,
    own_time: float,
) -> np.ndarray:
    """Span the answers to every input at every scale and flow; orthonormal in stored heat."""
    columns = []
    for at in operations:
        for scale in SCALES:
            s = _stepper(plate, coolant, at, scale * own_time, T_in)
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


def _reader(at: Operation, inputs: list[np.ndarray]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Rows that read block means and hot spots, the hottest point of the case, and the outlet out of a full state."""
    grid = at.grid
    means = [heat / heat.sum() for heat in inputs]
    spots = [_hottest(np.where(heat > 0, at.rises.body, -np.inf)) for heat in inputs]
    layer = np.zeros(at.power.shape, dtype=bool)
    layer[:, grid.case] = grid.body.material[:, grid.case] > 0
    case = _hottest(np.where(layer, at.rises.body, -np.inf))
    outlet = np.zeros((grid.body.dy.size, grid.width.size))
    for c, j, count, step, *_ in grid.legs[grid.legs[:, 4] == grid.legs[:, 4].max()]:
        outlet[j + (count - 1) * step, c] += 1.5 * at.channels.rate[c]
        outlet[j + (count - 2) * step, c] -= 0.5 * at.channels.rate[c]
    still = np.zeros(outlet.size)
    rows = [np.concatenate([to_stored(field), still]) for field in (*means, *spots, case)]
    rows.append(np.concatenate([np.zeros(rows[0].size - still.size), outlet.ravel() / outlet.sum()]))
    names = [b.name for _, b in grid.sources]
    return np.array(rows), (*names, *(f"{b} hot spot" for b in names), "case", "outlet")


def _hottest(field: np.ndarray) -> np.ndarray:
    mark = np.zeros(field.shape)
    mark[np.unravel_index(int(np.argmax(field)), field.shape)] = 1.0
    return mark


def _lagrange(nodes: np.ndarray, x: float) -> np.ndarray:
    """Weights of the polynomial through all nodes."""
    return np.array([np.prod((x - np.delete(nodes, i)) / (nodes[i] - np.delete(nodes, i))) for i in range(nodes.size)])


def _trial(
    model: ReducedPlate,
    at: Operation,
    content: np.ndarray,
    rows: np.ndarray,
    inputs: list[np.ndarray],
    flow: float,
    heat: float,
) -> float:
    """Largest difference from the full model over a power step, relative to its largest rise."""
    step = 0.05 * _own_time(at)
    s = prepare(at.grid.body, at.channels, content, step, Method.SDIRK2)
    shares = np.array([block.share for _, block in at.grid.sources])
    watts = np.append(heat * shares / shares.sum(), 0.0)
    q = to_stored(np.tensordot(watts[:-1], np.array(inputs), 1))
    decay, drive = model.at(flow, step)
    now, x, worst, largest = at_rest(s), np.zeros(decay.shape[0]), [], []
    for _ in range(100):
        now = advance(s, now, np.stack([q, q]), 0.0, 1e-8)
        x = decay @ x + drive @ watts
        full = rows @ np.concatenate([now.T, now.F])
        worst.append(float(np.abs(model.read @ x - full).max()))
        largest.append(float(full.max()))
    return float(np.max(worst) / np.max(largest))
