"""What lies under a cold plate: layers of dies, interfaces and lid with their footprints, and blocks of power."""

from itertools import combinations
from typing import Self

from pydantic import model_validator

from thermal.components.chip.rectangle import Rectangle
from thermal.components.plate.material import Material
from thermal.quantity import Part, choice, part, quantity

__all__ = ["Block", "Layer", "Region", "Stack"]


class Block(Rectangle):
    """A rectangle of a die that dissipates.

    Examples
    --------
    >>> Block(name="tensor cores", x=0.005, y=0.005, breadth=0.01, length=0.02, share=3).share
    3.0
    """

    name: str = choice("name of the block")
    share: float = quantity("-", "share of the heat, relative to the other blocks", low=0, high=1e6, default=1.0)

    @property
    def label(self) -> str:
        """What an error calls it."""
        return f"block {self.name!r}"


class Region(Rectangle):
    """A rectangle of one material within a layer.

    Examples
    --------
    >>> import thermal as th
    >>> Region(material=th.load("materials/copper"), x=0, y=0, breadth=0.03, length=0.03).breadth
    0.03
    """

    material: Material = part("material")


class Layer(Part):
    """A layer of one thickness with one or more regions, and the blocks that dissipate in its lowest cells.

    Examples
    --------
    >>> import thermal as th
    >>> lid = Region(material=th.load("materials/copper"), x=0, y=0, breadth=0.03, length=0.03)
    >>> Layer(name="lid", thickness=0.003, regions=(lid,)).cells
    2
    """

    name: str = choice("name of the layer")
    thickness: float = quantity("m", "thickness", above=0, high=0.1)
    regions: tuple[Region, ...] = part("rectangles of material")
    blocks: tuple[Block, ...] = part("rectangles of power", default=())
    contact: float = quantity("m2 K/W", "contact resistance towards the layer above", low=0, high=1e-2, default=0.0)
    cells: int = quantity("-", "grid cells through the layer", low=1, high=100, default=2)

    @model_validator(mode="after")
    def _separate(self) -> Self:
        if not self.regions:
            raise ValueError(f"layer {self.name!r} has no region")
        kinds: tuple[tuple[Rectangle, ...], ...] = (self.regions, self.blocks)
        for a, b in (pair for kind in kinds for pair in combinations(kind, 2)):
            if a.overlap(b) > 0:
                raise ValueError(f"layer {self.name!r}: {a.label} and {b.label} overlap")
        for block in self.blocks:
            if sum(block.overlap(region) for region in self.regions) < block.area * (1 - 1e-6):
                raise ValueError(f"layer {self.name!r}: {block.label} reaches beyond the material of its layer")
        return self


class Stack(Part):
    """Layers from the lowest (the dies' active side) up to the cold plate.

    The case, whose temperature results call ``T_case``, is the upper face of the layer named ``lid``; without one, that
    of the highest layer, which may be the interface to the plate. The result's attribute ``case`` says which.

    Examples
    --------
    >>> silicon = Material(conductivity=130.0, density=2330.0, heat_capacity=702.0)
    >>> grease = Material(conductivity=4.0, density=2500.0, heat_capacity=800.0)
    >>> place = dict(x=0.01, y=0.01, breadth=0.02, length=0.02)
    >>> die = Layer(name="die", thickness=0.7e-3, regions=(Region(material=silicon, **place),),
    ...             blocks=(Block(name="core", **place),))
    >>> Stack(layers=(die, Layer(name="TIM", thickness=50e-6, regions=(Region(material=grease, **place),)))).height
    0.00075
    """

    layers: tuple[Layer, ...] = part("layers from the lowest upwards")

    @model_validator(mode="after")
    def _connected(self) -> Self:
        if not any(layer.blocks for layer in self.layers):
            raise ValueError("no layer has a block of power")
        names = [block.name for block in self.blocks]
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise ValueError(f"blocks of one name: {', '.join(map(repr, twice))}; power is given by name")
        for low, high in zip(self.layers[:-1], self.layers[1:], strict=True):
            for region in low.regions:
                if not any(region.overlap(other) > 0 for other in high.regions):
                    raise ValueError(f"layer {low.name!r}: {region.label} touches nothing in layer {high.name!r} above")
        return self

    @property
    def height(self) -> float:
        """Height of all layers [m]."""
        return sum(layer.thickness for layer in self.layers)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks of power, from the lowest layer up."""
        return tuple(block for layer in self.layers for block in layer.blocks)
