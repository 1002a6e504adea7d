"""A plate and what lies under it as cells: columns for fins and channels, slices along the flow, layers upwards."""

from typing import NamedTuple

import numpy as np

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.rectangle import Rectangle
from thermal.components.chip.stack import Block, Stack
from thermal.components.plate.geometry import ColdPlate, Pattern
from thermal.components.plate.material import Material
from thermal.errors import InputError
from thermal.physics.conjugate.assembly import Body, middles
from thermal.physics.conjugate.solve import BYTES_PER_CELL
from thermal.plate.foot import Foot, contacts

__all__ = [
    "LID",
    "USUAL_CELLS",
    "Cells",
    "PlateGrid",
    "checked_cells",
    "covered",
    "foot_of",
    "heated_area",
    "plate_grid",
    "require_memory",
]

MEMORY = 8e9  # bytes a single solution may take
LID = "lid"  # name of the layer whose upper face is the case
SLIVER = 0.02  # of a column's width: thinner ones are not made


class Cells(NamedTuple):
    """How finely a plate is divided.

    With `grading` above 1 the cells of a layer shrink towards its faces (those of the cover towards the channels), the
    largest being about so many times the smallest; layers of one or two cells stay as they are. `refine` multiplies
    every count but `bundle` and `across`, with the same grading. Of 16 layers of a
    plate, 11 in the fin and 5 in the base are those whose largest error is least over plates of thin and thick bases,
    deep and fine channels: 0.13 % of R_case where the die is heated evenly (0.40 % with 8 and 8), 0.16 % of the rise of
    a hot spot (0.09 %).

    Examples
    --------
    >>> Cells(slices=20).fin
    11
    """

    slices: int = 40  # along the flow
    base: int = 5
    fin: int = 11
    cover: int = 2
    bundle: int = 4  # channels in one column of a homogenised plate
    across: int = 1  # columns in each fin and each channel (or in each bundle)
    grading: float = 2.0
    refine: int = 1


USUAL_CELLS = Cells()


class PlateGrid(NamedTuple):
    """Cells of a plate on its stack, and where its parts lie among them."""

    body: Body
    first: int  # lowest layer of the channels
    last: int  # layer above them
    column_stream: np.ndarray  # (nx,) stream that fills a column, -1 for solid
    width: np.ndarray  # (streams,) channels that a stream stands for
    porous: bool
    legs: np.ndarray
    stream_pass: np.ndarray
    sources: tuple[tuple[int, Block], ...]  # layer and block of power
    case: int  # layer whose upper face is the case
    under: int  # layers of the package, below the plate


def plate_grid(plate: ColdPlate, stack: Stack | None, footprint: Block, cells: Cells) -> PlateGrid:
    """Divide a plate and the stack under it; without a stack the heat of `footprint` enters the base from below.

    Raises
    ------
    InputError
        If the stack is larger than the plate, or the grid would not fit in memory.
    """
    porous = plate.homogenised or plate.has_pins
    layers = stack.layers if stack else ()
    _require_sizes(plate, cells, sum(layer.cells for layer in layers), porous)
    dx, stream, width = _columns(plate, porous, cells.bundle)
    blocks = stack.blocks if stack else (footprint,)
    placed: list[Rectangle] = [*blocks, *(region for layer in layers for region in layer.regions)]
    for item in placed:
        if item.right > plate.breadth * (1 + 1e-9) or item.top > plate.length * (1 + 1e-9):
            raise InputError(
                f"{item.label} ends at x = {item.right:g} m, y = {item.top:g} m, beyond the plate of "
                f"{plate.breadth:g} m by {plate.length:g} m; move it or enlarge the plate"
            )
    dx, stream = _split(dx, stream, placed, cells.across)
    dy = _slices(plate, placed, cells)
    parts = [_graded(layer.thickness, layer.cells, cells, 2) for layer in layers]
    under = sum(part.size for part in parts)
    parts += [_graded(plate.base, cells.base, cells, 2), _graded(plate.channel_depth, cells.fin, cells, 2)]
    first, last = under + parts[-2].size, under + parts[-2].size + parts[-1].size
    dz = np.concatenate([*parts, _graded(plate.cover, cells.cover, cells, 1)])
    require_memory(dx.size * dy.size * dz.size)
    cover = plate.cover_metal or plate.metal
    materials: list[Material] = list(
        dict.fromkeys([plate.metal, cover, *(r.material for l in layers for r in l.regions)])
    )
    kind = np.zeros((dy.size, dz.size, dx.size), dtype=np.uint8)
    kind[:, under:last] = 1 + materials.index(plate.metal)
    kind[:, last:] = 1 + materials.index(cover)
    conductivity, capacity = _table(materials, plate)
    if porous:
        kind[:, first:last] = conductivity.shape[0] - 1
    else:
        kind[:, first:last, stream >= 0] = 0
    x, y = middles(dx), middles(dy)
    k, contact, sources, case = 0, np.zeros(dz.size), [], max(under - 1, 0)
    for layer in layers:
        for region in layer.regions:
            inside = region.within(x, y)
            for c in range(layer.cells * cells.refine):
                kind[:, k + c][inside] = 1 + materials.index(region.material)
        sources += [(k, block) for block in layer.blocks]
        k += layer.cells * cells.refine
        contact[k] = layer.contact
        case = k - 1 if layer.name.casefold() == LID else case
    if not porous:
        contact[under + 1 : last] += contacts(foot_of(plate, dz[under:first], dz[first:last], cells.across))
    body = Body(dx, dy, dz, kind, conductivity, capacity, contact, False)
    legs, passes = _legs(plate, width.size, dy)
    return PlateGrid(
        body,
        first,
        last,
        stream,
        width,
        porous,
        legs,
        passes,
        tuple(sources) if stack else ((0, footprint),),
        case,
        under,
    )


def foot_of(plate: ColdPlate, base: np.ndarray, height: np.ndarray, across: int) -> Foot:
    """Return the mean fin of a plate on its base, with the heights of their cells."""
    k = plate.metal.conductivity
    through = plate.metal.conductivity_through or k
    return Foot(plate.mean_fin, plate.mean_channel, base, height, k, through, across)


def heated_area(plate: ColdPlate, package: Package) -> Block:
    """Return where the heat of a package enters: its heated area amid the plate, the longer side along the flow.

    Heat enters only where plate and package touch; what sticks out over the plate's edge is left out, and the result
    says which share of the heated area the plate covers.
    """
    long, short = max(package.length, package.breadth), min(package.length, package.breadth)
    length, breadth = (long, short) if long <= plate.length or short > plate.length else (short, long)
    length, breadth = min(length, plate.length), min(breadth, plate.breadth)
    return Block(
        name="package", x=(plate.breadth - breadth) / 2, y=(plate.length - length) / 2, breadth=breadth, length=length
    )


def covered(grid: PlateGrid, k: int, block: Block) -> np.ndarray:
    """Return the area of each cell of layer `k` that a block covers (ny, nx) [m²].

    Raises
    ------
    InputError
        If there is no material.
    """
    area = block.area_in(grid.body.dx, grid.body.dy) * (grid.body.material[:, k] > 0)
    if not area.sum() > 0:
        raise InputError(f"{block.label} lies where its layer has no cell; use more slices or a larger block")
    return area


def require_memory(cells: int) -> None:
    """Raise if a solution on so many cells would take more memory than allowed."""
    if cells * BYTES_PER_CELL > MEMORY:
        raise InputError(
            f"a grid of {cells:,} cells would take {cells * BYTES_PER_CELL / 1e9:.1f} GB, "
            f"more than {MEMORY / 1e9:.0f} GB; use fewer slices or cells, or a homogenised plate"
        )


def checked_cells(cells: Cells) -> Cells:
    """Return cells whose counts are whole numbers from 1 on.

    Raises
    ------
    InputError
        The message names the count.
    """
    given = inputs.part("cells", cells, Cells, "such as th.Cells(slices=40)")._asdict()
    grading = inputs.number("Cells.grading", given.pop("grading"), "-", low=1)
    return Cells(
        **{name: inputs.whole(f"Cells.{name}", value, low=1) for name, value in given.items()}, grading=grading
    )


def _require_sizes(plate: ColdPlate, cells: Cells, under: int, porous: bool) -> None:
    """Raise if the grid would be too large, before anything is made; cuts at the edges of blocks come on top."""
    columns = plate.channels // cells.bundle if porous else 2 * plate.channels
    high = under + cells.base + cells.fin + cells.cover
    require_memory(max(1, columns) * cells.across * cells.slices * high * cells.refine**2)


def _graded(thickness: float, count: int, cells: Cells, ends: int) -> np.ndarray:
    """Heights of the cells of a layer, refined towards both ends, or towards the lower one.

    Edges at tanh(β(2ξ − 1))/tanh β of an even ξ: its slope is smaller at the ends than in the middle by cosh² β.
    """
    count *= cells.refine
    if cells.grading == 1.0 or count <= 2 * cells.refine:
        return np.full(count, thickness / count)
    beta = np.arccosh(np.sqrt(cells.grading))
    even = np.linspace(-1.0, 1.0 if ends == 2 else 0.0, count + 1)
    edge = np.tanh(beta * even) / np.tanh(beta)
    return np.diff(edge) * thickness / (edge[-1] - edge[0])


def _columns(plate: ColdPlate, porous: bool, bundle: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Widths of columns, the stream in each, and the channels a stream stands for."""
    n = plate.used_channels
    if porous:
        passes = plate.passes if plate.pattern == Pattern.SERPENTINE else 1
        groups = passes * max(1, n // passes // bundle)
        return np.full(groups, plate.breadth / groups), np.arange(groups), np.full(groups, n / groups)
    dx = np.empty(2 * n + 1)
    dx[1::2], dx[2:-1:2], dx[[0, -1]] = plate.widths, plate.fins, plate.side_wall
    stream = np.full(dx.size, -1)
    stream[1::2] = np.arange(n)
    return dx, stream, np.ones(n)


def _split(dx: np.ndarray, stream: np.ndarray, items: list[Rectangle], parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide each column in `parts`, and again where blocks and regions begin and end; the stream fills all parts.

    An edge within SLIVER of a column's width from its side is taken to lie on that side.
    """
    sides = np.concatenate([[0.0], np.cumsum(dx)])
    inner = sides[:-1, None] + dx[:, None] * np.arange(parts) / parts
    lines = np.append(inner.ravel(), sides[-1])
    for edge in sorted({v for item in items for v in (item.x, item.right)}):
        i = min(max(int(np.searchsorted(lines, edge)), 1), lines.size - 1)
        low, high = lines[i - 1], lines[i]
        if low + SLIVER * (high - low) < edge < high - SLIVER * (high - low):
            lines = np.insert(lines, i, edge)
    owner = np.searchsorted(sides, (lines[1:] + lines[:-1]) / 2) - 1
    return np.diff(lines), stream[owner]


def _slices(plate: ColdPlate, items: list[Rectangle], cells: Cells) -> np.ndarray:
    """Lengths of slices: about equal, with edges where blocks and regions begin and end."""
    edges = {0.0, plate.length, *(v for item in items for v in (item.y, item.top))}
    if plate.pattern == Pattern.SPLIT:
        edges.add(plate.length / 2)
    spans = np.diff(sorted(round(e, 9) for e in edges))
    spans = spans[spans > 1e-8]
    counts = [cells.refine * max(1, round(cells.slices * s / plate.length)) for s in spans]
    return np.concatenate([np.full(n, s / n) for s, n in zip(spans, counts, strict=True)])


def _table(materials: list[Material], plate: ColdPlate) -> tuple[np.ndarray, np.ndarray]:
    """Conductivities along x, y, z and volumetric capacities, void first and the porous fins last."""
    rows = [[0.0] * 3]
    rows += [[m.conductivity, m.conductivity, m.conductivity_through or m.conductivity] for m in materials]
    share = plate.solid_share
    k = plate.metal.conductivity
    rows.append([0.0, 0.0 if plate.has_pins else share * k, share * (plate.metal.conductivity_through or k)])
    store = [0.0, *(m.volumetric_capacity for m in materials), share * plate.metal.volumetric_capacity]
    return np.array(rows), np.array(store)


def _legs(plate: ColdPlate, streams: int, dy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Legs (stream, first slice, slices, step, pass, pass that feeds it), and the pass of each stream."""
    n = dy.size
    if plate.pattern == Pattern.SPLIT:
        middle = int(np.argmin(np.abs(np.cumsum(dy) - plate.length / 2))) + 1
        legs = [[c, *leg, 0, -1] for c in range(streams) for leg in ((middle, n - middle, 1), (middle - 1, middle, -1))]
        return np.array(legs), np.zeros(streams, dtype=np.int64)
    if plate.pattern != Pattern.SERPENTINE:
        return np.array([[c, 0, n, 1, 0, -1] for c in range(streams)]), np.zeros(streams, dtype=np.int64)
    passes = np.arange(streams) * plate.passes // streams
    return np.array(
        [[c, 0 if p % 2 == 0 else n - 1, n, 1 - 2 * (p % 2), p, p - 1] for c, p in enumerate(passes)]
    ), passes
