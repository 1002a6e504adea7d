"""Floorplans (``.flp``) and layouts (``.mlt``) of 3D-ICE: which rectangle of a layer dissipates, or is of what."""

from pathlib import Path

from thermal.errors import DataError
from thermal.formats.ice.stack import IceBlock, IceMaterial, IceRectangle
from thermal.formats.ice.words import CAPACITY, CONDUCTIVITY, MICRON, POWER, Words

__all__ = ["read_floorplan", "read_layout", "read_material"]

STARTS = {"position", "rectangle"}


def read_material(words: Words) -> IceMaterial:
    """Take what stands behind the name of a material; one conductivity, or three: x, y and z."""
    k = [words.number("thermal", "conductivity", within=CONDUCTIVITY) / MICRON]
    while words.is_number():
        k.append(words.number(within=CONDUCTIVITY) / MICRON)
    if len(k) not in {1, 3}:
        raise words.error(f"{len(k)} thermal conductivities; one, or those along x, y and z")
    capacity = words.number("volumetric", "heat", "capacity", within=CAPACITY) / MICRON**3
    return IceMaterial((k[0], k[-2] if len(k) > 1 else k[0], k[-1]), capacity)


def read_floorplan(path: Path) -> tuple[IceBlock, ...]:
    """Read a floorplan.

    Raises
    ------
    DataError
        If the file cannot be read, a word is not understood, or a block comes twice or without power.
    """
    words = Words(path)
    blocks: list[IceBlock] = []
    while words.more():
        name = words.take()
        rectangles = _rectangles(words)
        material = words.take() if words.taken("material") else ""
        cells = (words.whole("discretization"), words.whole()) if words.peek() == "discretization" else None
        if words.peek() != "power":
            raise words.error(
                f"block {name!r} has no power values; that program would wait for them from another over a network, "
                "write them into the floorplan"
            )
        power = [words.number_from_zero("power", "values", within=POWER)]
        while words.is_number() and words.after() not in STARTS:
            power.append(words.number_from_zero(within=POWER))
        if any(block.name == name for block in blocks):
            raise words.error(f"block {name!r} comes twice")
        blocks.append(IceBlock(name, rectangles, tuple(power), material, cells))
    if not blocks:
        raise DataError(f"{path}: has no block")
    return tuple(blocks)


def read_layout(
    path: Path, materials: dict[str, IceMaterial]
) -> tuple[tuple[tuple[str, IceRectangle], ...], dict[str, IceMaterial]]:
    """Read a layout: rectangles of materials, which the file itself or the stack defines.

    Raises
    ------
    DataError
        If the file cannot be read, a word is not understood, or a material is not defined.
    """
    words = Words(path)
    own: dict[str, IceMaterial] = {}
    found: list[tuple[str, IceRectangle]] = []
    while words.more():
        name = words.take()
        if name == "material" and words.after() not in STARTS and words.peek() not in STARTS:
            name = words.take()
            own[f"{path.name}/{name}"] = read_material(words)
            continue
        label = f"{path.name}/{name}"
        if label not in own and name not in materials:
            raise words.error(f"material {name!r} is not defined; there are {', '.join([*own, *materials])}")
        found += [(label if label in own else name, rectangle) for rectangle in _rectangles(words)]
    return tuple(found), own


def _rectangles(words: Words) -> tuple[IceRectangle, ...]:
    """One by position and dimension, or several by ``rectangle ( x, y, length, width )``."""
    if words.peek() != "rectangle":
        x, y = words.number_from_zero("position") * MICRON, words.number_from_zero() * MICRON
        return (IceRectangle(x, y, words.number("dimension") * MICRON, words.number() * MICRON),)
    found = []
    while words.taken("rectangle"):
        x, y = words.number_from_zero() * MICRON, words.number_from_zero() * MICRON
        found.append(IceRectangle(x, y, words.number() * MICRON, words.number() * MICRON))
        if words.peek() == "rectangle" and words.after() in STARTS:  # the name of the next block
            break
    return tuple(found)
