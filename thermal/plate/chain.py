"""From derivatives by the cells of a grid to derivatives by what a plate and its package are made of."""

from typing import Any

import numpy as np

from thermal.components.chip.rectangle import shared_length
from thermal.components.chip.stack import Stack
from thermal.components.plate.material import Material
from thermal.plate.adjoint import Answer, Laws
from thermal.plate.conditions import Conditions
from thermal.plate.foot import Foot, slopes
from thermal.plate.goal import Pull
from thermal.plate.grid import PlateGrid, covered, foot_of
from thermal.plate.power import pixel_shares
from thermal.plate.solve import Operation

__all__ = ["by_conductivity", "by_heat", "by_layers", "by_widths"]

ON = 1e-6  # of a column: a line so near a place where columns are divided is one of those, not the edge of a block


def by_layers(c: Conditions, at: Operation, p: Pull, a: Answer, laws: tuple[Laws, Laws]) -> dict[str, Any]:
    """Derivatives by the depth of the channels, the thickness of layers, and the contact above each."""
    grid, upwards = at.grid, a.slopes.upwards + p.upwards
    film, loss = laws
    parts = _parts(c, grid)
    depth = float(upwards[grid.first : grid.last].sum()) / c.plate.channel_depth
    thickness = [float(upwards[cells].sum()) / extent for _, cells, extent in parts]
    contact, foot = a.slopes.contact + p.contact, _foot(c, at, p, a)
    depth += foot["height"]
    thickness[-2] += foot["base"]
    return {
        "channel_depth": depth + float((a.film * film.depth + a.loss * loss.depth).sum()),
        "thickness": ("layer", np.array(thickness)),
        "contact": ("layer", np.array([*(contact[cells.stop] for _, cells, _ in parts[:-2]), np.nan, np.nan])),
        "layer": [name for name, *_ in parts],
    }


def _foot(c: Conditions, at: Operation, p: Pull, a: Answer) -> dict[str, float]:
    """Derivatives through the closure at the feet of fins, by what it is made of."""
    grid, faces = at.grid, slice(at.grid.under + 1, at.grid.last)
    if grid.porous:
        return dict.fromkeys(Foot._fields, 0.0)
    base, height = grid.body.dz[grid.under : grid.first], grid.body.dz[grid.first : grid.last]
    return slopes(foot_of(c.plate, base, height, c.cells.across), (a.slopes.contact + p.contact)[faces])


def _parts(c: Conditions, grid: PlateGrid) -> list[tuple[str, slice, float]]:
    """Name, layers of cells and thickness of each layer of the package, of the base and of the cover."""
    found, k, refine = [], 0, c.cells.refine
    for layer in c.package.layers if isinstance(c.package, Stack) else ():
        found.append((layer.name, slice(k, k + layer.cells * refine), layer.thickness))
        k += layer.cells * refine
    base = ("base", slice(grid.under, grid.first), c.plate.base)
    return [*found, base, ("cover", slice(grid.last, grid.body.dz.size), c.plate.cover)]


def by_conductivity(c: Conditions, at: Operation, p: Pull, a: Answer) -> dict[str, Any]:
    """Derivatives by the conductivity of the plate, its cover, and each region of the package."""
    grid, plate = at.grid, c.plate
    solid = grid.body.material > 0
    along, through = a.slopes.along * solid, (a.slopes.through + p.through) * solid
    own = np.zeros(solid.shape, dtype=bool)
    own[:, grid.under : grid.last] = True
    cover = np.zeros_like(own)
    cover[:, grid.last :] = True
    places: list[tuple[str, Material, np.ndarray]] = []
    x, y = (np.cumsum(d) - d / 2 for d in (grid.body.dx, grid.body.dy))
    for (name, cells, _), layer in zip(
        _parts(c, grid), c.package.layers if isinstance(c.package, Stack) else (), strict=False
    ):
        for i, region in enumerate(layer.regions):
            inside = np.zeros_like(own)
            inside[:, cells] = region.within(x, y)[:, None]
            places.append((name if len(layer.regions) == 1 else f"{name}[{i}]", region.material, inside))
    places.append(("plate", plate.metal, own | cover if plate.cover_metal is None else own))
    if plate.cover_metal is not None:
        places.append(("cover", plate.cover_metal, cover))
    found: dict[str, float] = {}
    foot = _foot(c, at, p, a)
    for name, material, inside in places:
        high = float(through[inside].sum())
        if material.conductivity_through is not None:
            found[f"{name}, through"], high = high / material.conductivity_through, 0.0
        found[name] = (float(along[inside].sum()) + high) / material.conductivity
    if plate.metal.conductivity_through is None:
        found["plate"] += foot["along"] + foot["through"]
    else:
        found["plate"] += foot["along"]
        found["plate, through"] += foot["through"]
    if plate.homogenised and not plate.has_pins:
        found["plate"] += float((a.slopes.coefficient[1] * _fin(c, at) * at.state.film * plate.mean_fin).sum()) / (
            2.0 * plate.metal.conductivity**2
        )
    return {"conductivity": ("solid", np.array(list(found.values()))), "solid": list(found)}


def _fin(c: Conditions, at: Operation) -> np.ndarray:
    """Film over the square of one and its Biot number: what a fin in series with it comes in by."""
    biot = at.state.film * c.plate.mean_fin / (2.0 * c.plate.metal.conductivity)
    return np.asarray(at.state.film / (1.0 + biot) ** 2)


def by_heat(at: Operation, p: Pull, a: Answer) -> dict[str, Any]:
    """Derivatives by the power of each block, spread evenly over it, and by power put into a cell of the lowest."""
    grid, hot = at.grid, a.shadow.body + p.power
    each = []
    for k, block in grid.sources:
        share = covered(grid, k, block)
        each.append(float((hot[:, k] * share).sum() / share.sum()) + p.heat)
    k = min(k for k, _ in grid.sources)
    field = np.where(grid.body.material[:, k] > 0, hot[:, k] + p.heat, np.nan)
    return {"heat": ("block", np.array(each)), "power": (("y", "x"), field)}


def by_widths(c: Conditions, at: Operation, p: Pull, a: Answer, laws: tuple[Laws, Laws]) -> dict[str, Any]:
    """Derivatives by the width of each channel and each fin; of pins and homogenised fins, by the one width of all."""
    plate, (film, loss) = c.plate, laws
    own = (a.film * film.width + a.loss * loss.width).sum(axis=0)
    front = float((a.loss * loss.open).sum())
    w, f = plate.mean_channel, plate.mean_fin
    if at.grid.porous:
        channel, fin = _porous(c, at, a)
        by_fin = float((a.film * film.fin + a.loss * loss.fin).sum())
        front /= (w + f) ** 2
        return {"channel_width": channel + float(own.sum()) + front * f, "fin_width": fin + by_fin - front * w}
    sides = _by_sides(c, at, p, a)  # of the inner sides of columns, from wall to wall
    moved = np.cumsum(sides[::-1])[::-1]
    inner = moved[1:] - 0.5 * moved[0]  # the walls at both ends take half of what a column grows by
    channels, fins = plate.widths.size, plate.fins.size
    foot = _foot(c, at, p, a)
    by_channel = inner[0::2] + own + (front * f / (w + f) ** 2 + foot["channel"]) / channels
    by_fin = inner[1::2] + (foot["fin"] - front * w / (w + f) ** 2) / max(fins, 1)
    return {"channel_width": ("channel", by_channel), "fin_width": ("fin", by_fin)}


def _porous(c: Conditions, at: Operation, a: Answer) -> tuple[float, float]:
    """Derivatives by gap and fin of what makes up a porous body: metal, open share, surface, and half fins."""
    plate, s = c.plate, a.slopes
    w, f, solid = plate.mean_channel, plate.mean_fin, plate.solid_share
    inside = slice(at.grid.first, at.grid.last)
    by_solid = float(s.along[:, inside].sum() + s.through[:, inside].sum()) / solid - s.open / (1.0 - solid)
    if plate.has_pins:
        pitch = w + f
        return -2.0 / pitch * (by_solid * solid + s.surface), 2.0 * by_solid * solid * w / f / pitch + s.surface * (
            1.0 / f - 2.0 / pitch
        )
    half = float((s.coefficient[1] * _fin(c, at) * at.state.film).sum()) / (2.0 * plate.metal.conductivity)
    return -by_solid * plate.used_channels / plate.breadth, -half


def _by_sides(c: Conditions, at: Operation, p: Pull, a: Answer) -> np.ndarray:
    """Derivatives by the place of each inner side of walls, channels and fins (2 channels,) [1/m]."""
    grid, plate = at.grid, c.plate
    lines = np.concatenate([[0.0], np.cumsum(grid.body.dx)])
    by_width = (a.slopes.across + p.across) / grid.body.dx
    by_line = np.concatenate([[0.0], by_width]) - np.concatenate([by_width, [0.0]])
    by_line += _by_cover(c, at, p, a, lines)
    columns = np.empty(2 * plate.widths.size + 1)
    columns[1::2], columns[2:-1:2], columns[[0, -1]] = plate.widths, plate.fins, plate.side_wall
    sides = np.concatenate([[0.0], np.cumsum(columns)])
    owner = np.clip(np.searchsorted(sides, lines * (1 + 1e-12), side="right") - 1, 0, columns.size - 1)
    share = (lines - sides[owner]) / columns[owner]
    part = share * c.cells.across
    moves = np.abs(part - np.round(part)) < ON
    found = np.zeros(sides.size)
    np.add.at(found, owner, by_line * moves * (1.0 - share))
    np.add.at(found, owner + 1, by_line * moves * share)
    return found[1:-1]


def _by_cover(c: Conditions, at: Operation, p: Pull, a: Answer, lines: np.ndarray) -> np.ndarray:
    """Derivatives by the lines between columns of what blocks cover and what power they put where."""
    grid, found = at.grid, np.zeros(lines.size)
    hot, y = a.shadow.body + p.power, np.concatenate([[0.0], np.cumsum(grid.body.dy)])
    shares = sum(block.share for _, block in grid.sources)
    for (k, block), by_area in zip(grid.sources, p.covered, strict=True):
        share, by = covered(grid, k, block), by_area.copy()
        if not isinstance(c.heat, np.ndarray):
            total = share.sum()
            put = c.heat.get(block.name, 0.0) if isinstance(c.heat, dict) else c.heat * block.share / shares
            by += put / total * (hot[:, k] - (hot[:, k] * share).sum() / total)
        by *= grid.body.material[:, k] > 0
        tall = shared_length(y[:-1], y[1:], block.y, block.top)
        found += _by_lines(lines, block.x, block.right, tall @ by)
    if isinstance(c.heat, np.ndarray):
        k = grid.sources[0][0]
        (low, across), rows, columns = pixel_shares(grid, c.heat)
        laid = rows.T @ c.heat @ columns * (grid.body.material[:, k] > 0)
        total = float(laid.sum())
        by = c.heat.sum() / total * (hot[:, k] - (hot[:, k] * laid).sum() / total) * (grid.body.material[:, k] > 0)
        for begin, each in zip(low, (rows.T @ c.heat).T @ by / across, strict=True):
            found += _by_lines(lines, begin, begin + across, each)
    return found


def _by_lines(lines: np.ndarray, begin: float, end: float, by: np.ndarray) -> np.ndarray:
    """Derivatives by lines of the length that each cell shares with an interval, from those by that length."""
    shares = np.minimum(lines[1:], end) > np.maximum(lines[:-1], begin)
    found = np.zeros(lines.size)
    found[1:] += by * (shares & (lines[1:] < end))
    found[:-1] -= by * (shares & (lines[:-1] > begin))
    return found
