"""Whether the parts of a 3D-ICE stack fit together: layers, cells, walls, blocks, and what is asked for."""

from itertools import combinations, pairwise
from pathlib import Path

from thermal.errors import DataError
from thermal.formats.ice.stack import Cavity, IceBlock, IceLayer, IceRectangle, IceStack
from thermal.formats.ice.words import MICRON

__all__ = ["require_sense"]

FITS = 1e-6  # share of a cell by which a chip may miss a whole number of them
TOUCH = 1e-9  # m: rectangles that share less only touch


def require_sense(path: Path, stack: IceStack) -> None:
    """Raise if materials are missing, layers, cells or blocks do not fit, or what is asked for is not there."""
    for layer in stack.layers:
        for material in (layer.material, *(name for name, _ in layer.layout), *(b.material for b in layer.blocks)):
            if material and material not in stack.materials:
                raise DataError(f"{path}: layer {layer.name!r} is of material {material!r}, which is not defined")
        for name, rectangle in [(b.name, r) for b in layer.blocks for r in b.rectangles] + list(layer.layout):
            if not _inside(stack, rectangle):
                raise DataError(f"{path}: block {name!r} of {layer.name!r} reaches beyond the chip")
    channels = [layer.is_channel for layer in stack.layers]
    if channels[0] or channels[-1]:
        raise DataError(f"{path}: the channel needs a layer below and a layer above it")
    if any(a and b for a, b in pairwise(channels)):
        raise DataError(f"{path}: two channels lie on one another; a layer must part them")
    if not any(layer.blocks for layer in stack.layers):
        raise DataError(f"{path}: no die of the stack has a source with a floorplan")
    if len(stack.layers) == 1 and stack.top and stack.bottom:
        raise DataError(f"{path}: one layer between two heat sinks, which that program refuses; divide it into two")
    _require_cells(path, stack)
    _require_walls(path, stack)
    if not stack.uniform:
        for layer in stack.layers:
            _require_tiling(path, stack, layer)
    _require_requests(path, stack)


def _inside(stack: IceStack, r: IceRectangle) -> bool:
    return r.x + r.length <= stack.length * (1 + 1e-9) and r.y + r.breadth <= stack.breadth * (1 + 1e-9)


def _require_cells(path: Path, stack: IceStack) -> None:
    for what, chip, cell in (
        ("length", stack.length, stack.cell_length),
        ("width", stack.breadth, stack.cell_breadth),
    ):
        count = chip / cell if cell else 1.0
        if round(count) < 1 or abs(count - round(count)) > FITS * round(count):
            raise DataError(
                f"{path}: cells of {what} {cell / MICRON:g} µm do not divide the chip's {chip / MICRON:g} µm (that "
                "program would leave the rest out); choose a divisor"
            )


def _require_walls(path: Path, stack: IceStack) -> None:
    c = stack.channel
    if c is not None and c.cavity == Cavity.POROUS and stack.length < 0.5 * c.pitch:
        raise DataError(
            f"{path}: a channel and its wall, {c.pitch:g} m, are wider than twice the chip's {stack.length:g} m"
        )
    if c is None or c.cavity != Cavity.RESOLVED:
        return
    rest = stack.length - c.first_wall - c.last_wall + c.wall_width
    if round(rest / c.pitch) < 1 or abs(rest / c.pitch - round(rest / c.pitch)) > FITS:
        raise DataError(
            f"{path}: walls and channels of {c.wall_width:g} and {c.channel_width:g} m do not fill the chip's "
            f"{stack.length:g} m between walls of {c.first_wall:g} and {c.last_wall:g} m"
        )


def _require_tiling(path: Path, stack: IceStack, layer: IceLayer) -> None:
    """On a grid that is not uniform the blocks are the cells' frame: they must cover the die once."""
    blocks = layer.blocks
    if layer.layout:
        raise DataError(
            f"{path}: layer {layer.name!r} has a layout on a grid that is not uniform; that program would read it "
            "at one corner only: give the blocks of the floorplan a material, or 'non-uniform false'"
        )
    for block in blocks:
        if len(block.rectangles) > 1:
            raise DataError(
                f"{path}: block {block.name!r} of {layer.name!r} has several rectangles on a grid that is not uniform, "
                "of which that program would use the first; make each rectangle a block"
            )
    for a, b in combinations(blocks, 2):
        if _share(a, b):
            raise DataError(
                f"{path}: blocks {a.name!r} and {b.name!r} of {layer.name!r} overlap, on a grid not uniform"
            )
    area = sum(block.area for block in blocks)
    if blocks and abs(area / (stack.length * stack.breadth) - 1.0) > FITS:
        raise DataError(
            f"{path}: the blocks of {layer.name!r} cover {area / (stack.length * stack.breadth):.2%} of the die; a "
            "grid that is not uniform has cells in blocks only: add blocks of zero power"
        )


def _share(a: IceBlock, b: IceBlock) -> bool:
    (p,), (q,) = a.rectangles, b.rectangles
    across = min(p.x + p.length, q.x + q.length) - max(p.x, q.x)
    along = min(p.y + p.breadth, q.y + q.breadth) - max(p.y, q.y)
    return min(across, along) > TOUCH


def _require_requests(path: Path, stack: IceStack) -> None:
    elements = {layer.name: layer for layer in stack.layers}
    blocks = {name: [b.name for la in stack.layers if la.name == name for b in la.blocks] for name in elements}
    for ask in stack.requests:
        where = f"{path}: output {ask.kind} ({ask.element or ask.file})"
        if ask.kind == "T3d":
            continue
        if ask.element not in elements:
            raise DataError(f"{where}: no element {ask.element!r} in the stack; there are {', '.join(elements)}")
        if ask.kind in {"Tflp", "Tflpel"} and not blocks[ask.element]:
            raise DataError(f"{where}: {ask.element!r} must be a die")
        if ask.kind == "Tcoolant" and not elements[ask.element].is_channel:
            raise DataError(f"{where}: {ask.element!r} must be a channel")
        if ask.block and ask.block not in blocks[ask.element]:
            raise DataError(
                f"{where}: no block {ask.block!r} in {ask.element!r}; there are {', '.join(blocks[ask.element])}"
            )
        if ask.x > stack.length * (1 + 1e-9) or ask.y > stack.breadth * (1 + 1e-9):
            raise DataError(f"{where}: the point lies beyond the chip")
