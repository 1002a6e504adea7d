"""Stacks of the program 3D-ICE solved here, with that program's discretisation or with this one's."""

import numpy as np

from thermal.components.ice_files import IceStack
from thermal.physics.assembly import Body, Channels
from thermal.physics.lattice import Advection

__all__ = ["ice_body", "ice_heat"]


def ice_body(stack: IceStack, as_3dice: bool, cells_over_fin: int, slices: int) -> tuple[Body, Channels]:
    """Return the cells and streams of a stack.

    `as_3dice` reproduces that program: one cell over the channel height, outer nodes on the outer faces, central
    advection; otherwise the channel layer gets `cells_over_fin` cells, and the coolant's mean temperature in a slice is
    exact for a constant wall temperature.
    """
    c = stack.channel
    count = round((stack.length - c.first_wall - c.last_wall + c.wall_width) / (c.channel_width + c.wall_width))
    dx = np.full(2 * count + 1, c.wall_width)
    dx[1::2], dx[0], dx[-1] = c.channel_width, c.first_wall, c.last_wall
    at = next(k for k, layer in enumerate(stack.layers) if layer.is_channel)
    split = [1 if as_3dice or k != at else cells_over_fin for k in range(len(stack.layers))]
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
    middle = np.cumsum(body.dz) - 0.5 * body.dz
    for layer, upper in zip(stack.layers, top, strict=True):
        k = int(np.argmin(np.abs(middle - (upper - 0.5 * layer.height))))
        for block in layer.blocks:
            covered = np.outer(
                _overlap(body.dy, block.y, block.y + block.breadth), _overlap(body.dx, block.x, block.x + block.length)
            )
            heat[:, k] += block.power[min(slot, len(block.power) - 1)] * covered / covered.sum()
    return heat


def _overlap(widths: np.ndarray, low: float, high: float) -> np.ndarray:
    """Length of [low, high] within each cell."""
    edge = np.concatenate([[0.0], np.cumsum(widths)])
    return np.clip(np.minimum(edge[1:], high) - np.maximum(edge[:-1], low), 0.0, None)
