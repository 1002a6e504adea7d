"""The heat sink of plates that 3D-ICE had between versions 2.1 and 2.2: a spreader and a sink, wider than the chip.

Each stands in the stack as a layer as wide as the chip, through which heat flows upwards only. Its resistance is that
of the plate under heat that enters over a smaller area, after the closed form of S. Lee, S. Song, V. Au and K. Moran,
Constriction/spreading resistance model for electronics packaging, ASME/JSME Thermal Engineering 4 (1995) 199-206, as
that program writes it: resistance of spreading and of the plate, one after the other.
"""

import math
from typing import NamedTuple

from thermal.formats.ice.stack import IceLayer, IceMaterial, IceSink, IceStack

__all__ = ["Plate", "Spreader", "spread"]

SIDEWAYS = 1e-12  # W/m K: that program has no links sideways in these layers


class Plate(NamedTuple):
    """A square plate: thickness [m], area [m²], material."""

    height: float
    area: float
    material: str


class Spreader(NamedTuple):
    """Spreader on the chip, sink on the spreader, and the film over the whole sink."""

    spreader: Plate
    sink: Plate
    surroundings: IceSink


def spread(stack: IceStack, parts: Spreader) -> IceStack:
    """Put spreader and sink onto a stack."""
    chip = stack.length * stack.breadth
    spreader, sink, (film, T) = parts
    upper = _conductance(sink, stack.materials[sink.material], spreader.area, film)
    behind = 1.0 / (1.0 / (film * sink.area) + 1.0 / upper) / spreader.area  # film that the spreader sees
    lower = _conductance(spreader, stack.materials[spreader.material], chip, behind)
    layers, materials = list(stack.layers), dict(stack.materials)
    for name, plate, conductance in (("spreader", spreader, lower), ("sink", sink, upper)):
        name = f"{name} of the heat sink"  # no word of a file
        capacity = materials[plate.material].heat_capacity * plate.area / chip
        materials[name] = IceMaterial((SIDEWAYS, SIDEWAYS, conductance * plate.height / chip), capacity)
        layers.append(IceLayer(name, plate.height, name))
    return stack._replace(layers=tuple(layers), materials=materials, top=IceSink(film * sink.area / chip, T))


def _conductance(plate: Plate, material: IceMaterial, source: float, film: float) -> float:
    """Conductance [W/K] of a plate that is heated over `source` [m²] and cooled all over by `film`."""
    k = material.conductivity[2]
    radius, ratio = math.sqrt(plate.area / math.pi), math.sqrt(source / plate.area)
    depth, biot = plate.height / radius, film * radius / k
    rate = math.pi + 1.0 / (math.sqrt(math.pi) * ratio)
    slope = math.tanh(rate * depth)
    shape = (slope + rate / biot) / (1.0 + rate / biot * slope)
    spreading = (1.0 - ratio) ** 1.5 * shape / (2.0 * k * math.sqrt(source))
    return 1.0 / (spreading + plate.height / (k * plate.area))
