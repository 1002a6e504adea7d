"""Heat of a 3D-ICE stack: the power of each block in a time slot, over the cells that it covers."""

import numpy as np

from thermal.components.chip.rectangle import shared_length
from thermal.formats.ice import IceBlock, IceStack
from thermal.plate.ice.sheets import Grid, Tile

__all__ = ["count_slots", "covered", "heat_of", "shares_of", "uneven"]


def covered(tile: Tile, block: IceBlock) -> np.ndarray:
    """Area of each cell of a tile that a block covers, rectangle by rectangle (ny, nx) [m²]."""
    area = np.zeros((tile.y.size - 1, tile.x.size - 1))
    for r in block.rectangles:
        along = shared_length(tile.y[:-1], tile.y[1:], r.y, r.y + r.breadth)
        area += np.outer(along, shared_length(tile.x[:-1], tile.x[1:], r.x, r.x + r.length))
    return area


def shares_of(stack: IceStack, grid: Grid) -> list[tuple[np.ndarray, np.ndarray, IceBlock]]:
    """Unknowns that each block heats, and the share of its power that each of them gets."""
    found = []
    for layer, at in zip(stack.layers, grid.shown, strict=True):
        sheet = grid.sheets[at]
        for i, block in enumerate(layer.blocks):
            tiles = [t for t in sheet.tiles if t.block in {-1, i}]
            area = np.concatenate([covered(t, block).ravel() for t in tiles])
            node = np.concatenate([sheet.node[t.first : t.first + t.size] for t in tiles])
            found.append((node[area > 0], area[area > 0] / area.sum(), block))
    return found


def heat_of(shares: list[tuple[np.ndarray, np.ndarray, IceBlock]], unknowns: int, slot: int) -> np.ndarray:
    """Power put into each unknown in a time slot [W]."""
    heat = np.zeros(unknowns)
    for node, share, block in shares:
        np.add.at(heat, node, block.power[slot] * share)
    return heat


def count_slots(stack: IceStack) -> int:
    """Return the number of time slots: as in that program the shortest list of power values ends the run."""
    return min(len(block.power) for layer in stack.layers for block in layer.blocks)


def uneven(stack: IceStack) -> str:
    """What a result has to say where blocks have lists of power values of different length, or nothing."""
    lengths = {len(block.power) for layer in stack.layers for block in layer.blocks}
    return f"power values beyond slot {min(lengths)}, where the shortest list ends" if len(lengths) > 1 else ""
