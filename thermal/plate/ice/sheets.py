"""Sheets of cells of a 3D-ICE stack: one for each layer, four for a homogenised cavity, with their resistances."""

from typing import NamedTuple

import numpy as np

from thermal.formats.ice import Cavity, IceBlock, IceChannel, IceLayer, IceStack

__all__ = ["TOUCH", "Grid", "Sheet", "Tile", "count_cells", "grid_of", "in_columns", "nearest", "pin_film"]

TOUCH = 1e-10  # m: edges closer than this are one


class Tile(NamedTuple):
    """Columns and rows between edges [m]; cells are counted row by row along the flow."""

    x: np.ndarray
    y: np.ndarray
    first: int  # cell of the sheet
    block: int  # of the layer, -1 where the tile is the whole chip

    @property
    def size(self) -> int:
        """Number of cells."""
        return (self.x.size - 1) * (self.y.size - 1)


class Sheet(NamedTuple):
    """Cells of one height side by side. Resistances reach from a cell's node to its faces; nothing passes infinity."""

    layer: int  # of the stack
    tiles: tuple[Tile, ...]
    node: np.ndarray  # (cells,) number of the unknown: cells of one coolant column over several sheets share theirs
    below: np.ndarray  # (cells,) [K m²/W]
    above: np.ndarray
    across: np.ndarray  # (cells,) per unit of height and of length along the flow [K m/W]
    along: np.ndarray
    capacity: np.ndarray  # (cells,) [J/K]
    rate: np.ndarray  # (cells,) heat capacity rate of the coolant [W/K], zero in solids


class Grid(NamedTuple):
    """All sheets from the bottom, which of them lie on one another, and which of them shows an element of the stack."""

    sheets: tuple[Sheet, ...]
    pairs: tuple[tuple[int, int], ...]
    shown: tuple[int, ...]  # sheet of each layer: its only one, or of a cavity that of the coolant
    solid: tuple[int, ...]  # ... or of a cavity that of the walls
    unknowns: int


def pin_film(channel: IceChannel) -> float:
    """Film of floor and roof of a field of pins, pins included, as 3D-ICE has it [W/m² K].

    U = 1 / (2.527e-5 / (v + 1.35)^n + 1.533e-6), v the Darcy velocity [m/s], n = 0.64 in line and 1.52 staggered: fits
    of measurements with water on pins of 50 µm at a pitch of 100 µm (Brunschwiler et al. 2009, Microsystem
    Technologies 15, 57-74, as the program's public source has them). Diameter, pitch, height and coolant of a stack do
    not enter.

    Examples
    --------
    >>> from thermal.formats.ice import Cavity, IceChannel
    >>> water = (5e-5, 5e-5, 5e-5, 5e-5, 0.0, 1.1066, (0.0, 0.0, 0.0), 4.17e6, 27.0)
    >>> round(pin_film(IceChannel(Cavity.PINS_INLINE, 1e-4, "silicon", *water)))
    63494
    """
    power = 0.64 if channel.cavity == Cavity.PINS_INLINE else 1.52
    return 1.0 / (2.527e-5 / (channel.velocity + 1.35) ** power + 1.533e-6)


def nearest(count: float) -> int:
    """Return the nearest whole number, halves upwards, as C programs round."""
    return int(count + 0.5)


def grid_of(stack: IceStack, as_3dice: bool, cells_over_fin: int, slices: int | None) -> Grid:
    """Lay out the cells of a stack.

    `as_3dice` puts the nodes of the outermost layers on the outer faces where no sink is, and one cell over the height
    of resolved channels; otherwise these get `cells_over_fin`. `slices` along the flow replace the file's.
    """
    plans = _Plan(stack, slices)
    sheets: list[Sheet] = []
    pairs: list[tuple[int, int]] = []
    shown, solid, count = [], [], 0
    for k, layer in enumerate(stack.layers):
        low = len(sheets)
        if layer.is_channel and stack.channel is not None:
            if stack.channel.cavity == Cavity.RESOLVED:
                new = _resolved(stack.channel, plans, k, count, 1 if as_3dice else cells_over_fin)
                pairs += [(low + i, low + i + 1) for i in range(len(new) - 1)]
                shown.append(low + len(new) // 2)
                solid.append(shown[-1])
            else:
                new = _homogenised(stack.channel, plans, k, count, as_3dice)
                pairs += [(low, low + 1), (low, low + 2), (low + 1, low + 3), (low + 2, low + 3)]
                shown.append(low + 2)
                solid.append(low + 1)
        else:
            new = [_solid(plans, k, count, as_3dice)]
            shown.append(low)
            solid.append(low)
        if low:
            pairs.append((low - 1, low))
        sheets += new
        count = 1 + max(int(sheet.node.max()) for sheet in new)
    return Grid(tuple(sheets), tuple(pairs), tuple(shown), tuple(solid), count)


def count_cells(stack: IceStack, cells_over_fin: int, slices: int | None) -> int:
    """Return how many cells a stack would have, before any is made."""
    c, usual = stack.channel, (1, 1)
    rows = slices or round(stack.breadth / stack.cell_breadth)
    walls = c is not None and c.cavity == Cavity.RESOLVED
    if c is not None and walls:
        columns = 2 * round((stack.length - c.first_wall - c.last_wall + c.wall_width) / c.pitch) + 1
    else:
        columns = round(stack.length / stack.cell_length)
    if not stack.uniform:
        usual = round(stack.length / stack.cell_length), round(stack.breadth / stack.cell_breadth)
    total = 0
    for layer in stack.layers:
        if stack.uniform or layer.is_channel:
            total += rows * columns * (1 if not layer.is_channel else cells_over_fin if walls else 4)
            continue
        blocks = next((other.blocks for other in stack.layers if other.name == layer.name and other.blocks), ())
        parts = [block.cells or layer.cells or usual for block in blocks] or [layer.cells or usual]
        total += sum(across * along for across, along in parts)
    return total


def in_columns(grid: Grid) -> np.ndarray:
    """Unknowns in an order upwards first, then along the flow, then across."""
    place = np.zeros((3, grid.unknowns))
    for level, sheet in enumerate(grid.sheets):
        for tile in sheet.tiles:
            x, y = 0.5 * (tile.x[1:] + tile.x[:-1]), 0.5 * (tile.y[1:] + tile.y[:-1])
            node = sheet.node[tile.first : tile.first + tile.size]
            place[:, node] = np.full(tile.size, level), np.repeat(y, x.size), np.tile(x, y.size)
    return np.lexsort(place)


class _Plan:
    """Edges and materials of the layers of a stack."""

    def __init__(self, stack: IceStack, slices: int | None) -> None:
        self.stack = stack
        self.rows = slices or round(stack.breadth / stack.cell_breadth)
        self.y = np.linspace(0.0, stack.breadth, self.rows + 1)
        c = stack.channel
        self.walls = c is not None and c.cavity == Cavity.RESOLVED
        if c is not None and self.walls:
            count = round((stack.length - c.first_wall - c.last_wall + c.wall_width) / c.pitch)
            widths = np.full(2 * count + 1, c.wall_width)
            widths[1::2], widths[0], widths[-1] = c.channel_width, c.first_wall, c.last_wall
            self.x = np.concatenate([[0.0], np.cumsum(widths)])
        else:
            self.x = np.linspace(0.0, stack.length, round(stack.length / stack.cell_length) + 1)

    def tiles(self, layer: IceLayer) -> tuple[Tile, ...]:
        """Tiles of a layer: the chip's columns and rows, or on a grid that is not uniform the layer's own."""
        stack = self.stack
        if stack.uniform or layer.is_channel:
            return (Tile(self.x, self.y, 0, -1),)
        usual = layer.cells or (round(stack.length / stack.cell_length), round(stack.breadth / stack.cell_breadth))
        blocks = self.blocks(layer)
        if not blocks:
            across, along = usual
            return (
                Tile(np.linspace(0.0, stack.length, across + 1), np.linspace(0.0, stack.breadth, along + 1), 0, -1),
            )
        found, first = [], 0
        for i, block in enumerate(blocks):
            (r,), (across, along) = block.rectangles, block.cells or usual
            x, y = r.x + r.length * np.linspace(0, 1, across + 1), r.y + r.breadth * np.linspace(0, 1, along + 1)
            found.append(Tile(x, y, first, i))
            first += found[-1].size
        return tuple(found)

    def blocks(self, layer: IceLayer) -> tuple[IceBlock, ...]:
        """Blocks of the die that a layer belongs to."""
        return next((other.blocks for other in self.stack.layers if other.name == layer.name and other.blocks), ())

    def solids(self, layer: IceLayer, tiles: tuple[Tile, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Conductivity (cells, 3) and heat capacity per volume (cells,) of a layer, layouts by the cells' middles."""
        names = list(self.stack.materials)
        kind = np.full(sum(tile.size for tile in tiles), names.index(layer.material))
        for tile in tiles:
            if layer.blocks and tile.block >= 0 and layer.blocks[tile.block].material:
                kind[tile.first : tile.first + tile.size] = names.index(layer.blocks[tile.block].material)
            x, y = 0.5 * (tile.x[1:] + tile.x[:-1]), 0.5 * (tile.y[1:] + tile.y[:-1])
            for name, r in layer.layout[::-1]:  # the first that holds a middle is written last
                inside = np.outer((y >= r.y) & (y < r.y + r.breadth), (x >= r.x) & (x < r.x + r.length)).ravel()
                kind[tile.first : tile.first + tile.size][inside] = names.index(name)
        k = np.array([self.stack.materials[name].conductivity for name in names])
        return k[kind], np.array([self.stack.materials[name].heat_capacity for name in names])[kind]


def _widths(tiles: tuple[Tile, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Extents of each cell across and along [m]."""
    x = [np.tile(np.diff(t.x), t.y.size - 1) for t in tiles]
    y = [np.repeat(np.diff(t.y), t.x.size - 1) for t in tiles]
    return np.concatenate(x), np.concatenate(y)


def _solid(plans: _Plan, at: int, first: int, as_3dice: bool) -> Sheet:
    stack = plans.stack
    layer = stack.layers[at]
    tiles = plans.tiles(layer)
    k, capacity = plans.solids(layer, tiles)
    dx, dy = _widths(tiles)
    half = 0.5 * layer.height / k[:, 2]
    last = len(stack.layers) - 1  # of one layer alone the node stays in the middle
    bottom, top = at == 0 < last and stack.bottom is None, at == last > 0 and stack.top is None
    return Sheet(
        at,
        tiles,
        first + np.arange(dx.size),
        half * (2.0 if as_3dice and top else 1.0),
        half * (2.0 if as_3dice and bottom else 1.0),
        0.5 * dx / (k[:, 0] * layer.height),
        0.5 * dy / (k[:, 1] * layer.height),
        capacity * dx * dy * layer.height,
        np.zeros(dx.size),
    )


def _resolved(channel: IceChannel, plans: _Plan, at: int, first: int, parts: int) -> list[Sheet]:
    """Walls and channels side by side, over the height in so many parts; a column of coolant is one unknown."""
    layer = plans.stack.layers[at]
    tiles = plans.tiles(layer)
    k, capacity = plans.solids(layer, tiles)
    dx, dy = _widths(tiles)
    wet = np.tile(np.arange(plans.x.size - 1) % 2 == 1, plans.rows)
    height = layer.height / parts
    floor, side, roof = (1.0 / film if film > 0 else np.inf for film in channel.film)
    node = first + np.arange(dx.size)
    sheets: list[Sheet] = []
    for i in range(parts):
        if i:
            node = np.where(wet, sheets[0].node, int(sheets[-1].node.max()) + np.cumsum(np.logical_not(wet)))
        half = 0.5 * height / k[:, 2]
        sheets.append(
            Sheet(
                at,
                tiles,
                node,
                np.where(wet, floor if i == 0 else 0.0, half),
                np.where(wet, roof if i == parts - 1 else 0.0, half),
                np.where(wet, side / height, 0.5 * dx / (k[:, 0] * height)),
                np.where(wet, np.inf, 0.5 * dy / (k[:, 1] * height)),
                np.where(wet, channel.heat_capacity, capacity) * dx * dy * height,
                np.where(wet, channel.flow * channel.heat_capacity / ((plans.x.size - 1) // 2), 0.0),
            )
        )
    return sheets


def _homogenised(channel: IceChannel, plans: _Plan, at: int, first: int, as_3dice: bool) -> list[Sheet]:
    """Floor, walls or pins, coolant, roof; floor and roof have no extent of their own."""
    layer = plans.stack.layers[at]
    tiles = plans.tiles(layer)
    k, capacity = plans.solids(layer, tiles)
    dx, dy = _widths(tiles)
    none, shut, n = np.zeros(dx.size), np.full(dx.size, np.inf), dx.size
    pins, share, height = channel.cavity != Cavity.POROUS, channel.porosity, layer.height
    floor, _, roof = (pin_film(channel),) * 3 if pins else channel.film
    if pins:
        rate = channel.heat_capacity * channel.velocity * dx * height
    else:  # as many channels as the chip holds share the flow; that program counts whole ones
        count = plans.stack.length / channel.pitch
        rate = channel.heat_capacity * channel.flow * dx / channel.pitch / (nearest(count) if as_3dice else count)
    upright = 0.5 * height / (k[:, 2] * (1.0 - share))
    along = shut if pins else 0.5 * dy / (k[:, 1] * height * (1.0 - share))
    volume = dx * dy * height

    wall, wet = capacity * (1.0 - share) * volume, channel.heat_capacity * share * volume
    node = first + np.arange(4 * n).reshape(4, n)
    return [
        Sheet(at, tiles, node[0], none, none, shut, shut, none, none),
        Sheet(at, tiles, node[1], upright, upright, shut, along, wall, none),
        Sheet(at, tiles, node[2], none + 1.0 / floor, none + 1.0 / roof, shut, shut, wet, rate),
        Sheet(at, tiles, node[3], none, none, shut, shut, none, none),
    ]
