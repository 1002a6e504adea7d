"""What a solved 3D-ICE stack shows, one way or the other solved: cells, blocks, outlets, and what it leaves out."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.formats.ice import Cavity, IceStack
from thermal.names import NAMES, describe
from thermal.plate.ice.power import covered, uneven
from thermal.plate.ice.requests import Answers, State, answer, arrays, named
from thermal.plate.ice.sheets import Grid, nearest

__all__ = ["Record", "fields", "labelled", "neglected"]


def neglected(stack: IceStack, as_3dice: bool) -> str:
    """What a result leaves out, or takes as that program does, in one line."""
    c = stack.channel
    used = c is not None and any(layer.is_channel for layer in stack.layers)
    blocks = [block for layer in stack.layers for block in layer.blocks]
    texts = []
    if c is not None and used and c.cavity in {Cavity.PINS_INLINE, Cavity.PINS_STAGGERED}:
        texts.append(
            "the film among pins follows their velocity alone, as in 3D-ICE: diameter, pitch and coolant do not enter"
        )
    if c is not None and used and c.cavity == Cavity.POROUS and as_3dice:
        count = stack.length / c.pitch
        if abs(count - round(count)) > 1e-6:
            whole = nearest(count)
            texts.append(f"{whole} of {count:.2f} channels share the flow: the streams carry {count / whole:.1%} of it")
    if stack.uniform and any(b.material for b in blocks):
        texts.append("materials of floorplan blocks, which 3D-ICE takes on a grid that is not uniform only")
    if stack.uniform and (any(b.cells for b in blocks) or any(layer.cells for layer in stack.layers)):
        texts.append("discretization of blocks and layers, the grid being uniform")
    if any(ask.kind == "Tcoolant" for ask in stack.requests):
        texts.append("Tcoolant is of the outlets alone; 3D-ICE also counts the first column, of 4rm a wall")
    if not stack.uniform and as_3dice:
        texts.append("contacts of unequal cells side by side as 3D-ICE takes them, too long where one spans the other")
    return "; ".join([text for text in (uneven(stack), *texts) if text])


class Record:
    """Blocks and requests of a stack, gathered moment by moment."""

    def __init__(self, stack: IceStack, grid: Grid, as_3dice: bool) -> None:
        self.stack, self.grid, self.as_3dice = stack, grid, as_3dice
        self.requests = named(stack.requests)
        self.kept: dict[str, list[Answers]] = {name: [] for name, _ in self.requests}
        self.means: list[np.ndarray] = []
        self.highs: list[np.ndarray] = []
        self.names, self.cells = _block_cells(stack, grid)

    def add(self, state: State, *instants: str) -> None:
        """Keep a moment that ends a step, and perhaps a slot or the run."""
        for name, ask in self.requests:
            if ask.instant in instants:
                self.kept[name].append(answer(ask, self.stack, self.grid, state, self.as_3dice))
        self.means.append(np.array([state.T[cells].mean() for cells in self.cells]))
        self.highs.append(np.array([state.T[cells].max() for cells in self.cells]))


def _block_cells(stack: IceStack, grid: Grid) -> tuple[list[str], list[np.ndarray]]:
    """Names of the blocks, and unknowns whose cells' middles lie in each, or that it covers if none does."""
    names, cells = [], []
    for layer, at in zip(stack.layers, grid.shown, strict=True):
        sheet = grid.sheets[at]
        for i, block in enumerate(layer.blocks):
            found, touched = [], []
            for tile in (t for t in sheet.tiles if t.block in {-1, i}):
                node = sheet.node[tile.first : tile.first + tile.size]
                x, y = 0.5 * (tile.x[1:] + tile.x[:-1]), 0.5 * (tile.y[1:] + tile.y[:-1])
                inside = np.zeros((y.size, x.size), dtype=bool)
                for r in block.rectangles:
                    inside |= np.outer((y > r.y) & (y < r.y + r.breadth), (x > r.x) & (x < r.x + r.length))
                found.append(node[inside.ravel()])
                touched.append(node[covered(tile, block).ravel() > 0])
            names.append(f"{layer.name}.{block.name}")
            cells.append(np.concatenate(found if any(f.size for f in found) else touched))
    return names, cells


def fields(stack: IceStack, grid: Grid, state: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """Variables and coordinates of the solid and of the coolant, where one grid serves every layer."""
    if not stack.uniform:
        return {}, {}
    (tile,) = grid.sheets[0].tiles
    shape = tile.y.size - 1, tile.x.size - 1
    bodies, z, low = [], [], 0.0
    for k, layer in enumerate(stack.layers):
        own = [sheet for sheet in grid.sheets if sheet.layer == k]
        split = len(own) if layer.is_channel and stack.channel and stack.channel.cavity == Cavity.RESOLVED else 1
        chosen = own if split > 1 else [grid.sheets[grid.solid[k]]]
        for i, sheet in enumerate(chosen):
            bodies.append(state.T[sheet.node].reshape(shape))
            z.append(low + (i + 0.5) * layer.height / split)
        low += layer.height
    data: dict[str, Any] = {"T_body": (("z", "y", "x"), np.array(bodies))}
    cavities = [k for k, layer in enumerate(stack.layers) if layer.is_channel]
    if cavities:
        coolant = []
        for k in cavities:
            sheet = grid.sheets[grid.shown[k]]
            T, wet = state.T[sheet.node].reshape(shape), sheet.rate[: shape[1]] > 0
            coolant.append(T[:, wet])
        data["T_coolant"] = (("y", "channel"), np.concatenate(coolant, axis=1))
    coords = {"x": 0.5 * (tile.x[1:] + tile.x[:-1]), "y": 0.5 * (tile.y[1:] + tile.y[:-1]), "z": np.array(z)}
    return data, coords


def labelled(record: Record, data: dict[str, Any], coords: dict[str, Any], steady: bool) -> xr.Dataset:
    """A result with names, units, what was asked for, and what is left out."""
    stack = record.stack
    along = () if steady else ("time",)
    means, highs = (values[-1] if steady else np.array(values) for values in (record.means, record.highs))
    data = {"T_block": ((*along, "block"), means), "T_block_highest": ((*along, "block"), highs), **data}
    run = describe(xr.Dataset(data, {**coords, "block": record.names}))
    run = run.assign(arrays(stack, {}, record.kept, steady))
    if not steady and any(ask.instant == "slot" for ask in stack.requests):
        every = round(stack.slot / stack.step)
        run = run.assign_coords(slot=("slot", run.time.values[every - 1 :: every], NAMES["slot"].attrs))
    cavities = [layer.name for layer in stack.layers if layer.is_channel]
    if "channel" in run.dims:
        of_channel = np.repeat(cavities, run.sizes["channel"] // len(cavities))
        run = run.assign_coords(cavity=("channel", of_channel, NAMES["cavity"].attrs))
    left_out = neglected(stack, record.as_3dice)
    return run.assign_attrs(neglected=left_out) if left_out else run
