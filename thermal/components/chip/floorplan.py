"""Blocks of power from a floorplan that another program drew."""

from collections.abc import Sequence
from typing import Any

from thermal.components.chip.stack import Block
from thermal.errors import InputError
from thermal.formats.hotspot import HotSpotUnit
from thermal.inputs import number

__all__ = ["blocks_of"]


def blocks_of(units: Sequence[HotSpotUnit], x: Any = 0.0, y: Any = 0.0) -> tuple[Block, ...]:
    """Blocks of power where a floorplan has its units, for the layer of a die; shares go by area.

    Parameters
    ----------
    units : sequence of HotSpotUnit
        From ``th.formats.read_hotspot_floorplan``.
    x, y : float
        Where the die's corner lies on the plate [m].

    Raises
    ------
    InputError
        If there is no unit, or a place is no number.

    Examples
    --------
    >>> blocks_of([HotSpotUnit("core", 0, 0, 0.01, 0.02)], x=0.005)[0].right
    0.015
    """
    if not units:
        raise InputError("a floorplan without a unit has no block")
    at, along = number("x", x, "m", low=0, high=1), number("y", y, "m", low=0, high=1)
    blocks = []
    for unit in units:
        area = unit.breadth * unit.length * 1e6  # mm²
        place = {"x": at + unit.x, "y": along + unit.y, "breadth": unit.breadth, "length": unit.length}
        blocks.append(Block(name=unit.name, share=area, **place))
    return tuple(blocks)
