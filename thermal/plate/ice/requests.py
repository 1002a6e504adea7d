"""What a 3D-ICE stack asks for in its section ``output``: points, blocks, maps and the coolant's outlet."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.formats.ice import IceRequest, IceStack
from thermal.plate.ice.power import covered
from thermal.plate.ice.sheets import Grid, Sheet, Tile

__all__ = ["Answers", "State", "answer", "named"]

NEAR = 1e-12  # m: a point this near to an edge lies on it
EXTREMES = {"maximum": np.max, "minimum": np.min}


class State(NamedTuple):
    """Temperatures of all unknowns at a moment: of cells, of the coolant that leaves each channel, and their heat."""

    T: np.ndarray  # [°C]
    outlet: np.ndarray  # (streams,) [°C]
    outlet_layer: np.ndarray  # (streams,) of the stack
    heat: np.ndarray  # [W]


class Answers(NamedTuple):
    """Values of one request at one moment, and what their dimensions are."""

    dims: tuple[str, ...]
    values: np.ndarray


def named(requests: tuple[IceRequest, ...]) -> list[tuple[str, IceRequest]]:
    """Each request under the name of its file, with its number where two name the same."""
    names = [ask.file for ask in requests]
    return [(f"{ask.file} ({i + 1})" if names.count(ask.file) > 1 else ask.file, ask) for i, ask in enumerate(requests)]


def answer(ask: IceRequest, stack: IceStack, grid: Grid, state: State, as_3dice: bool) -> Answers:
    """Answer a request, in °C, and power in W."""
    if ask.kind == "T3d":
        return _everything(grid, state)
    layers = [k for k, layer in enumerate(stack.layers) if layer.name == ask.element]
    at = next((k for k in layers if stack.layers[k].blocks), layers[0])  # of a die its source
    sheet = grid.sheets[grid.shown[at]]
    if ask.kind == "T":
        return Answers((), state.T[_cell(sheet, ask.x, ask.y)])
    if ask.kind in {"Tmap", "Pmap"}:
        values = (state.T if ask.kind == "Tmap" else state.heat)[sheet.node]
        if len(sheet.tiles) > 1 or not stack.uniform:
            return Answers((f"cell of {ask.element}",), values)
        return Answers(("y", "x"), values.reshape(sheet.tiles[0].y.size - 1, -1))
    if ask.kind == "Tcoolant":
        return Answers((), _one(ask.quantity, state.outlet[state.outlet_layer == at]))
    blocks = stack.layers[at].blocks
    values = np.array(
        [
            _of_block(ask.quantity, sheet, state.T, block, i, as_3dice)
            for i, block in enumerate(blocks)
            if ask.kind == "Tflp" or block.name == ask.block
        ]
    )
    return Answers((f"block of {ask.element}",), values) if ask.kind == "Tflp" else Answers((), values[0])


def _cell(sheet: Sheet, x: float, y: float) -> int:
    """Unknown of the cell that holds a point; on an edge the cell on the high side, but for the last."""
    for tile in sheet.tiles:
        inside = tile.x[0] - NEAR <= x <= tile.x[-1] + NEAR and tile.y[0] - NEAR <= y <= tile.y[-1] + NEAR
        if inside:
            i, j = (_from(edges, at) for edges, at in ((tile.x, x), (tile.y, y)))
            return int(sheet.node[tile.first + j * (tile.x.size - 1) + i])
    raise AssertionError("a point within the chip lies in a tile")


def _from(edges: np.ndarray, at: float) -> int:
    return min(int(np.searchsorted(edges[1:], at + NEAR, side="right")), edges.size - 2)


def _one(quantity: str, values: np.ndarray) -> Any:
    if quantity == "average":
        return values.mean()
    return values.max() - values.min() if quantity == "gradient" else EXTREMES[quantity](values)


def _of_block(quantity: str, sheet: Sheet, T: np.ndarray, block: Any, number: int, as_3dice: bool) -> float:
    """One number of a block: over every cell that it touches.

    That program takes the mean of the cells of each rectangle, then of the rectangles, whatever their areas; else the
    mean is over the area that the block covers.
    """
    parts = []
    for tile in (t for t in sheet.tiles if t.block in {-1, number}):
        field = T[sheet.node[tile.first : tile.first + tile.size]].reshape(tile.y.size - 1, -1)
        if tile.block >= 0:
            parts.append(field.ravel())
        elif quantity == "average" and not as_3dice:
            area = covered(tile, block)
            return float((field * area).sum() / area.sum())
        else:
            parts += [field[_touched(tile, r)].ravel() for r in block.rectangles]
    if quantity == "average":
        return float(np.mean([part.mean() for part in parts]))
    return float(_one(quantity, np.concatenate(parts)))


def _touched(tile: Tile, r: Any) -> tuple[slice, slice]:
    """Rows and columns that a rectangle touches, a cell on each side that it only cuts included."""
    slices = []
    for edges, low, high in ((tile.y, r.y, r.y + r.breadth), (tile.x, r.x, r.x + r.length)):
        last = min(int(np.searchsorted(edges[1:], high - NEAR, side="left")), edges.size - 2)
        slices.append(slice(min(_from(edges, low), last), last + 1))
    return slices[0], slices[1]


def _everything(grid: Grid, state: State) -> Answers:
    """All cells, sheet by sheet from the bottom, floor and roof of cavities included."""
    return Answers(("cell",), np.concatenate([state.T[sheet.node] for sheet in grid.sheets]))


def arrays(
    stack: IceStack, times: dict[str, list[float]], kept: dict[str, list[Answers]], steady: bool
) -> dict[str, xr.DataArray]:
    """Answers as labelled arrays, named as the stack names their files."""
    found = {}
    for name, ask in named(stack.requests):
        answers = kept[name]
        dims, values = answers[0].dims, np.array([a.values for a in answers])
        if steady or ask.instant == "final":
            values = values[-1]
        else:
            dims = ("time" if ask.instant == "step" else "slot", *dims)
        array = xr.DataArray(values, dims=dims, attrs=_words(ask))
        if ask.kind == "Tflp":
            blocks = next(la.blocks for la in stack.layers if la.name == ask.element and la.blocks)
            array = array.assign_coords({dims[-1]: [b.name for b in blocks]})
        found[name] = array
    return found


def _words(ask: IceRequest) -> dict[str, str]:
    of = f"{ask.element}.{ask.block}" if ask.block else ask.element
    point = f", {ask.x * 1e6:g}, {ask.y * 1e6:g}" if ask.kind == "T" else ""
    text = ", ".join(word for word in (of + point, ask.quantity, ask.instant) if word)
    unit = "W" if ask.kind == "Pmap" else "K" if ask.quantity == "gradient" else "degC"
    return {"units": unit, "request": f"{ask.kind} ({text})"}
