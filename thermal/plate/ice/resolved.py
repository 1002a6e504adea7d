"""One layer of resolved channels between adiabatic faces: the 3D-ICE stack that needs no matrix, by multigrid."""

import numpy as np
import xarray as xr

from thermal import inputs
from thermal.components.chip.rectangle import covered_area
from thermal.errors import ConvergenceError
from thermal.formats.ice import IceStack
from thermal.physics.conjugate.assembly import Body, Channels, from_stored, middles, to_stored
from thermal.physics.conjugate.implicit import Method, advance, at_rest, prepare
from thermal.physics.conjugate.lattice import Advection, Lattice
from thermal.physics.conjugate.solve import conduct
from thermal.plate.grid import require_memory
from thermal.plate.ice.power import count_slots, heat_of, shares_of
from thermal.plate.ice.requests import State
from thermal.plate.ice.result import Record, fields, labelled
from thermal.plate.ice.sheets import Grid, grid_of

__all__ = ["QUARTERS", "ice_body", "ice_heat", "steady_resolved", "transient_resolved"]

QUARTERS = 4  # of the first step after a jump of power: whole, it would overshoot by up to a fifth


def steady_resolved(
    stack: IceStack, as_3dice: bool, cells_over_fin: int, slices: int | None, tolerance: float
) -> xr.Dataset:
    """Steady temperatures of such a stack; see ``steady_ice``."""
    body, channels = ice_body(stack, as_3dice, cells_over_fin, _file_slices(stack) if slices is None else slices)
    heat = ice_heat(stack, body, 0)
    rises = conduct(body, channels, heat, tolerance)
    if not rises.outcome.converged:
        raise ConvergenceError(
            f"{stack.name}: residual {rises.outcome.residual:.1e} after {rises.outcome.iterations} iterations"
        )
    grid = grid_of(stack, as_3dice, cells_over_fin, slices)
    power = heat_of(shares_of(stack, grid), grid.unknowns, 0)
    T_in = stack.channel.T_in if stack.channel else np.nan
    state = _state(grid, T_in, rises.body, rises.stream, _leaving(rises.stream, channels, rises.problem), power)
    record = Record(stack, grid, as_3dice)
    record.add(state, "step", "slot", "final")
    data, coords = fields(stack, grid, state)
    data |= {"T_out": T_in + float(rises.outlet[0]), "energy_residual": rises.residual}
    return labelled(record, data, coords, True)


def transient_resolved(stack: IceStack, as_3dice: bool, cells_over_fin: int, tolerance: float) -> xr.Dataset:
    """Temperatures of such a stack in time; see ``transient_ice``."""
    c = stack.channel
    assert c is not None
    body, channels = ice_body(stack, as_3dice, cells_over_fin, _file_slices(stack))
    height = next(layer.height for layer in stack.layers if layer.is_channel)
    content = np.outer(body.dy, np.full(channels.rate.size, c.heat_capacity * c.channel_width * height))
    method, parts = (Method.BACKWARD_EULER, 1) if as_3dice else (Method.SDIRK2, QUARTERS)
    stepper = prepare(body, channels, content, stack.step, method)
    shorter = prepare(body, channels, content, stack.step / parts, method) if parts > 1 else stepper
    warmer = stack.T_start - c.T_in
    now = at_rest(stepper, to_stored(np.where(body.material > 0, warmer, 0.0)), np.full(content.size, warmer))
    grid = grid_of(stack, as_3dice, cells_over_fin, None)
    shares, record = shares_of(stack, grid), Record(stack, grid, as_3dice)
    every, slots = round(stack.slot / stack.step), count_slots(stack)
    residuals, outlets, before = [], [], None
    for i in range(slots * every):
        heat = to_stored(ice_heat(stack, body, i // every))
        jumped = before is None or not np.array_equal(heat, before)
        left, before = 0.0, heat
        for k in range(parts if jumped else 1):
            if (jumped and k == 0) or (not jumped and i % every == 1):  # another length: no changes to go on with
                now = now._replace(change=np.zeros_like(now.T), bend=np.zeros_like(now.T))
            now = advance(shorter if jumped else stepper, now, np.stack([heat, heat]), 0.0, tolerance)
            left += now.residual / (parts if jumped else 1)
            if not now.converged:
                raise ConvergenceError(f"{stack.name}: step {i} did not reach a residual of {tolerance:g}")
        T, F = from_stored(now.T, body.dx.size, body.dz.size), now.F.reshape(content.shape)
        power = heat_of(shares, grid.unknowns, i // every)
        state = _state(grid, c.T_in, T, F, _leaving(F, channels, stepper.problem), power)
        instants = ["step"] + ["slot"] * ((i + 1) % every == 0) + ["final"] * (i + 1 == slots * every)
        record.add(state, *instants)
        residuals.append(left)
        outlets.append(float(state.outlet.mean()))
    data = {"energy_residual": ("time", np.array(residuals)), "T_out": ("time", np.array(outlets))}
    return labelled(record, data, {"time": stack.step * np.arange(1, len(residuals) + 1)}, False)


def _file_slices(stack: IceStack) -> int:
    """Cells along the flow after the file's own cell."""
    return round(stack.breadth / stack.cell_breadth)


def _state(
    grid: Grid, T_in: float, body: np.ndarray, stream: np.ndarray, leaving: np.ndarray, heat: np.ndarray
) -> State:
    """Rises of body and streams as temperatures of the unknowns of a grid: its sheets are the body's layers."""
    T = np.zeros(grid.unknowns)
    for i, sheet in enumerate(grid.sheets):
        field = body[:, i].copy()
        wet = sheet.rate[: field.shape[1]] > 0
        field[:, wet] = stream if wet.any() else 0.0
        T[sheet.node] = T_in + field.ravel()
    layer = next((sheet.layer for sheet in grid.sheets if sheet.rate.any()), 0)
    return State(T, T_in + leaving, np.full(leaving.size, layer), heat)


def _leaving(mean: np.ndarray, channels: Channels, problem: Lattice) -> np.ndarray:
    """Rise at which each stream leaves, from the means of its slices."""
    if channels.advection == Advection.CENTRAL:
        return np.asarray(mean[-1])
    weight, end = problem.lean.reshape(mean.shape), np.zeros(mean.shape[1])
    for one, w in zip(mean, weight, strict=True):
        end = (one - (1.0 - w) * end) / w
    return end


def ice_body(stack: IceStack, as_3dice: bool, cells_over_fin: int, slices: int) -> tuple[Body, Channels]:
    """Return the cells and streams of a stack of one layer of resolved channels.

    `as_3dice` reproduces that program: one cell over the channel height, outer nodes on the outer faces, central
    advection; otherwise the channel layer gets `cells_over_fin` cells, and the coolant's mean temperature in a slice is
    exact for a constant wall temperature.
    """
    slices = inputs.whole("slices", slices, low=1)
    cells_over_fin = inputs.whole("cells_over_fin", cells_over_fin, low=1)
    c = stack.channel
    assert c is not None
    count = round((stack.length - c.first_wall - c.last_wall + c.wall_width) / c.pitch)
    at = next(k for k, layer in enumerate(stack.layers) if layer.is_channel)
    split = [1 if as_3dice or k != at else cells_over_fin for k in range(len(stack.layers))]
    require_memory(slices * (2 * count + 1) * sum(split))  # before anything is made
    dx = np.full(2 * count + 1, c.wall_width)
    dx[1::2], dx[0], dx[-1] = c.channel_width, c.first_wall, c.last_wall
    names = list(stack.materials)
    dz = np.repeat([layer.height / n for layer, n in zip(stack.layers, split, strict=True)], split)
    kinds = np.repeat([1 + names.index(layer.material) for layer in stack.layers], split)
    stream = np.full(dx.size, -1)
    stream[1::2] = np.arange(count)
    material = np.empty((slices, dz.size, dx.size), dtype=np.uint8)
    material[:] = kinds[:, None]
    material[:, at : at + split[at], 1::2] = 0
    body = Body(
        dx,
        np.full(slices, stack.breadth / slices),
        dz,
        material,
        np.array([(0.0, 0.0, 0.0), *(stack.materials[name].conductivity for name in names)]),
        np.array([0.0, *(stack.materials[name].heat_capacity for name in names)]),
        np.zeros(dz.size),
        as_3dice,
    )
    legs = np.array([[i, 0, slices, 1, 0, -1] for i in range(count)])
    coefficient = np.broadcast_to(np.array(c.film)[:, None, None], (3, slices, count))
    advection = Advection.CENTRAL if as_3dice else Advection.EXPONENTIAL
    channels = Channels(
        at,
        at + split[at],
        stream,
        coefficient,
        np.zeros((dz.size, dx.size)),
        np.ones(dx.size),
        np.full(count, c.flow * c.heat_capacity / count),
        legs,
        np.zeros(count, dtype=np.int64),
        advection,
    )
    return body, channels


def ice_heat(stack: IceStack, body: Body, slot: int) -> np.ndarray:
    """Return the power of each cell (ny, nz, nx) in a time slot, blocks weighted by the area they cover [W]."""
    heat = np.zeros(body.material.shape)
    top = np.cumsum([layer.height for layer in stack.layers])
    middle = middles(body.dz)
    for layer, upper in zip(stack.layers, top, strict=True):
        k = int(np.argmin(np.abs(middle - (upper - 0.5 * layer.height))))
        for block in layer.blocks:
            area = sum(
                covered_area(body.dx, body.dy, (r.x, r.x + r.length), (r.y, r.y + r.breadth)) for r in block.rectangles
            )
            heat[:, k] += block.power[slot] * area / np.sum(area)
    return heat
