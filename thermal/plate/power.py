"""Heat of a plate's package: checked as the user gives it, and laid over the cells of the grid."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from thermal import inputs
from thermal.components.chip.rectangle import shared_length
from thermal.errors import InputError
from thermal.plate.grid import PlateGrid, covered

__all__ = ["Heat", "checked_heat", "pixel_shares", "spread_heat"]

Heat = float | dict[str, float] | np.ndarray  # total, by block, or a map (along the flow, across) [W]


def checked_heat(name: str, heat: Any) -> Heat:
    """Return the power that a user gives: a total, watts by block, or a map (along the flow, across) of watts.

    Parameters
    ----------
    name : str
        The argument, as the error shall name it.
    heat : number, mapping, DataArray with dimension block or y and x, or rows of numbers
        In W, or in the unit that a labelled array names.

    Raises
    ------
    InputError
        If it is none of these, or a power is not a number from 0 W on.

    Examples
    --------
    >>> checked_heat("heat", xr.DataArray([0.4, 0.1], {"block": ["gpu", "hbm"]}, "block", attrs={"units": "kW"}))
    {'gpu': 400.0, 'hbm': 100.0}
    """
    if callable(heat):
        raise InputError(f"{name} is a function; only a transient of a cold plate takes one, of time")
    if isinstance(heat, Mapping):
        return {str(b): inputs.number(f"{name} of block {str(b)!r}", watts, "W", low=0) for b, watts in heat.items()}
    if isinstance(heat, xr.DataArray) and heat.ndim:
        known = heat.dims == ("block",) and "block" in heat.coords
        if not known and set(heat.dims) != {"y", "x"}:
            raise InputError(f"{name} has dimensions {heat.dims}; known are block, (y, x), and in time these with time")
        watts = inputs.array(name, heat if known else heat.transpose("y", "x"), "W", low=0).values
        return dict(zip(map(str, heat.block.values), watts.tolist(), strict=True)) if known else _pixels(name, watts)
    if np.ndim(heat) if isinstance(heat, np.ndarray | xr.DataArray) else isinstance(heat, list | tuple):
        watts = np.asarray(inputs.array(f"power map {name}", heat, "W", low=0))
        if watts.ndim == 2:
            return _pixels(name, watts)
        raise InputError(f"power map {name} of shape {watts.shape} must have rows along the flow and columns across it")
    return inputs.number(name, heat, "W", low=0)


def _pixels(name: str, watts: np.ndarray) -> np.ndarray:
    if not watts.size:
        raise InputError(f"power map {name} of shape {watts.shape} has no pixel")
    return watts


def spread_heat(grid: PlateGrid, heat: Heat) -> np.ndarray:
    """Return the power of each cell (ny, nz, nx) [W]: a total is shared among the blocks, a map covers all of them.

    Raises
    ------
    InputError
        If a block is unknown, or lies where there is no material.
    """
    if isinstance(heat, np.ndarray):
        return _map_power(grid, heat)
    power = np.zeros(grid.body.material.shape)
    if isinstance(heat, dict):
        unknown = set(heat) - {block.name for _, block in grid.sources}
        if unknown:
            raise InputError(f"heat names blocks {sorted(unknown)}; there are {[b.name for _, b in grid.sources]}")
        parts = [(k, block, heat.get(block.name, 0.0)) for k, block in grid.sources]
    else:
        total = sum(block.share for _, block in grid.sources)
        if not total > 0:
            raise InputError("no block has a share of the heat; name the power of each block instead")
        parts = [(k, block, heat * block.share / total) for k, block in grid.sources]
    for k, block, each in parts:
        if each > 0:
            share = covered(grid, k, block)
            power[:, k] += each * share / share.sum()
    return power


def _map_power(grid: PlateGrid, watts: np.ndarray) -> np.ndarray:
    """Lay a power map over the rectangle around all blocks; what falls beside the material is spread over the rest."""
    k = grid.sources[0][0]
    _, rows, columns = pixel_shares(grid, watts)
    laid = rows.T @ watts @ columns * (grid.body.material[:, k] > 0)
    power = np.zeros(grid.body.material.shape)
    power[:, k] = laid * (watts.sum() / laid.sum() if laid.sum() > 0 else 0.0)
    return power


def pixel_shares(grid: PlateGrid, watts: np.ndarray) -> tuple[tuple[np.ndarray, float], np.ndarray, np.ndarray]:
    """Where the columns of a power map begin, their breadth [m], and what of its rows and columns lies in each cell."""
    blocks = [b for _, b in grid.sources]
    x, y = min(b.x for b in blocks), min(b.y for b in blocks)
    across = (max(b.right for b in blocks) - x) / watts.shape[1]
    along = (max(b.top for b in blocks) - y) / watts.shape[0]
    low = x + across * np.arange(watts.shape[1])
    rows = _shares(grid.body.dy, y + along * np.arange(watts.shape[0]), along)
    return (low, across), rows, _shares(grid.body.dx, low, across)


def _shares(widths: np.ndarray, low: np.ndarray, extent: float) -> np.ndarray:
    """Share of each of some intervals of one extent (rows) that lies in each cell."""
    edge = np.concatenate([[0.0], np.cumsum(widths)])
    shared = shared_length(edge[:-1], edge[1:], low[:, None], low[:, None] + extent)
    return np.asarray(shared / extent)
