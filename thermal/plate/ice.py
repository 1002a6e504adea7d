"""Stacks of the program 3D-ICE solved here, with that program's discretisation or with this one's."""

from typing import Any

import numpy as np
import xarray as xr

from thermal import inputs
from thermal.components.chip.rectangle import covered_area
from thermal.errors import ConvergenceError, InputError
from thermal.formats.ice import IceBlock, IceStack
from thermal.names import describe
from thermal.physics.conjugate.assembly import Body, Channels, from_stored, middles, to_stored
from thermal.physics.conjugate.implicit import Method, advance, at_rest, prepare
from thermal.physics.conjugate.lattice import Advection
from thermal.physics.conjugate.solve import conduct
from thermal.plate.conditions import checked_tolerance
from thermal.plate.grid import require_memory

__all__ = ["ice_body", "ice_heat", "steady_ice", "transient_ice"]


def steady_ice(
    stack: IceStack,
    as_3dice: bool = False,
    cells_over_fin: int = 8,
    slices: int | None = None,
    tolerance: float = 1e-9,
) -> xr.Dataset:
    """Steady temperatures of a 3D-ICE stack file.

    Parameters
    ----------
    stack : IceStack
        From ``th.formats.read_ice``, the ``.stk`` file with its floorplans beside it.
    as_3dice : bool
        Use that program's discretisation: one cell over the channel height, central advection, outer nodes on the
        faces.
    cells_over_fin : int
        Cells over the channel height otherwise.
    slices : int, optional
        Cells along the flow; the file's by default.
    tolerance : float
        Relative residual at which the solver stops.

    Returns
    -------
    xarray.Dataset
        Temperatures of all cells, mean and highest temperature of each floorplan block, outlet and energy residual.

    Raises
    ------
    DataError
        If the file cannot be read.
    InputError
        If a number of cells is none, or the grid would not fit in memory.
    ConvergenceError
        If the solver does not reach its tolerance.

    Examples
    --------
    >>> th.steady(th.formats.read_ice("gpu.stk")).T_block_highest.max()  # doctest: +SKIP
    """
    tolerance = checked_tolerance(tolerance)
    body, channels = ice_body(stack, as_3dice, cells_over_fin, _file_slices(stack) if slices is None else slices)
    rises = conduct(body, channels, ice_heat(stack, body, 0), tolerance)
    if not rises.outcome.converged:
        raise ConvergenceError(
            f"{stack.name}: residual {rises.outcome.residual:.1e} after {rises.outcome.iterations} iterations"
        )
    T_in = stack.channel.T_in
    mean, highest = _blocks(stack, body, rises.body)
    return _result(
        stack,
        body,
        {
            "T_body": (("z", "y", "x"), T_in + np.moveaxis(rises.body, 1, 0)),
            "T_coolant": (("y", "channel"), T_in + rises.stream),
            "T_block": ("block", T_in + mean),
            "T_block_highest": ("block", T_in + highest),
            "T_out": T_in + float(rises.outlet[0]),
            "energy_residual": rises.residual,
        },
    )


def transient_ice(
    stack: IceStack, as_3dice: bool = False, cells_over_fin: int = 8, tolerance: float = 1e-7
) -> xr.Dataset:
    """Temperatures of the floorplan blocks of a transient 3D-ICE stack file, from its initial temperature on.

    Parameters
    ----------
    stack, as_3dice, cells_over_fin, tolerance
        As in ``steady_ice``; `as_3dice` also steps by backward Euler instead of a second-order rule.

    Returns
    -------
    xarray.Dataset
        Mean and highest temperature of each block at the end of each step.

    Examples
    --------
    >>> th.transient(th.formats.read_ice("gpu.stk")).T_block_highest.max("time")  # doctest: +SKIP
    """
    tolerance = checked_tolerance(tolerance)
    if not stack.step:
        raise InputError(f"{stack.name} is a steady file; th.steady solves it")
    body, channels = ice_body(stack, as_3dice, cells_over_fin, _file_slices(stack))
    c = stack.channel
    height = next(layer.height for layer in stack.layers if layer.is_channel)
    content = np.outer(body.dy, np.full(channels.rate.size, c.heat_capacity * c.channel_width * height))
    method = Method.BACKWARD_EULER if as_3dice else Method.SDIRK2
    stepper = prepare(body, channels, content, stack.step, method)
    warmer = stack.T_start - c.T_in
    now = at_rest(stepper, to_stored(np.where(body.material > 0, warmer, 0.0)), np.full(content.size, warmer))
    slots = max(len(block.power) for layer in stack.layers for block in layer.blocks)
    count = round(slots * stack.slot / stack.step)
    means, highs, residuals = [], [], []
    for i in range(count):
        heat = to_stored(ice_heat(stack, body, int(i * stack.step / stack.slot + 1e-9)))
        now = advance(stepper, now, np.stack([heat, heat]), 0.0, tolerance)
        if not now.converged:
            raise ConvergenceError(f"{stack.name}: step {i} did not reach a residual of {tolerance:g}")
        mean, highest = _blocks(stack, body, from_stored(now.T, body.dx.size, body.dz.size))
        means.append(c.T_in + mean)
        highs.append(c.T_in + highest)
        residuals.append(now.residual)
    data = {
        "T_block": (("time", "block"), np.array(means)),
        "T_block_highest": (("time", "block"), np.array(highs)),
        "energy_residual": ("time", np.array(residuals)),
    }
    return _result(stack, body, data).assign_coords(time=stack.step * np.arange(1, count + 1))


def _file_slices(stack: IceStack) -> int:
    """Cells along the flow after the file's own cell."""
    return max(1, round(stack.breadth / stack.cell_breadth))


def _result(stack: IceStack, body: Body, data: dict[str, Any]) -> xr.Dataset:
    names = [f"{layer.name}.{block.name}" for layer in stack.layers for block in layer.blocks]
    coords = {"x": middles(body.dx), "y": middles(body.dy), "z": middles(body.dz), "block": names}
    return describe(xr.Dataset(data, coords))


def _blocks(stack: IceStack, body: Body, rise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and highest rise of the cells whose middle lies in each block, or of those it covers if none does."""
    x, y, z = middles(body.dx), middles(body.dy), middles(body.dz)
    means, highs = [], []
    top = np.cumsum([layer.height for layer in stack.layers])
    for layer, upper in zip(stack.layers, top, strict=True):
        k = int(np.argmin(np.abs(z - (upper - layer.height / 2))))
        for b in layer.blocks:
            inside = np.outer((y > b.y) & (y < b.y + b.breadth), (x > b.x) & (x < b.x + b.length))
            inside = inside if inside.any() else _covered(body, b) > 0
            means.append(rise[:, k][inside].mean())
            highs.append(rise[:, k][inside].max())
    return np.array(means), np.array(highs)


def ice_body(stack: IceStack, as_3dice: bool, cells_over_fin: int, slices: int) -> tuple[Body, Channels]:
    """Return the cells and streams of a stack.

    `as_3dice` reproduces that program: one cell over the channel height, outer nodes on the outer faces, central
    advection; otherwise the channel layer gets `cells_over_fin` cells, and the coolant's mean temperature in a slice is
    exact for a constant wall temperature.
    """
    slices = inputs.whole("slices", slices, low=1)
    cells_over_fin = inputs.whole("cells_over_fin", cells_over_fin, low=1)
    c = stack.channel
    count = round((stack.length - c.first_wall - c.last_wall + c.wall_width) / (c.channel_width + c.wall_width))
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
    conductivity = np.array([0.0, *(stack.materials[name][0] for name in names)])
    body = Body(
        dx,
        np.full(slices, stack.breadth / slices),
        dz,
        material,
        np.stack([conductivity] * 3, axis=1),
        np.array([0.0, *(stack.materials[name][1] for name in names)]),
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
            covered = _covered(body, block)
            heat[:, k] += block.power[min(slot, len(block.power) - 1)] * covered / covered.sum()
    return heat


def _covered(body: Body, block: IceBlock) -> np.ndarray:
    """Area of each cell that a block covers (ny, nx) [m²]."""
    return covered_area(body.dx, body.dy, (block.x, block.x + block.length), (block.y, block.y + block.breadth))
