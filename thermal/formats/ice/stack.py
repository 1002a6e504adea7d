"""A stack of 3D-ICE as plain data: layers, cavity with coolant, sinks, floorplans, what it asks for; in SI and °C."""

import math
from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "Cavity", "IceBlock", "IceChannel", "IceLayer", "IceMaterial", "IceRectangle", "IceRequest", "IceSink", "IceStack",
]  # fmt: skip


class Cavity(StrEnum):
    """How the coolant's layer is modelled: walls and channels cell by cell, or homogenised."""

    RESOLVED = "4rm"
    POROUS = "2rm"
    PINS_INLINE = "inline"
    PINS_STAGGERED = "staggered"


class IceMaterial(NamedTuple):
    """A solid: conductivity across the channels, along the flow and upwards [W/m K], heat capacity [J/m³ K]."""

    conductivity: tuple[float, float, float]
    heat_capacity: float


class IceRectangle(NamedTuple):
    """A rectangle of the chip [m]: lower edges across the channels and along the flow, and its extents."""

    x: float
    y: float
    length: float
    breadth: float

    @property
    def area(self) -> float:
        """Area [m²]."""
        return self.length * self.breadth


class IceBlock(NamedTuple):
    """One element of a floorplan and its power in each time slot [W]."""

    name: str
    rectangles: tuple[IceRectangle, ...]
    power: tuple[float, ...]
    material: str = ""  # of the source layer in it, where the grid is not uniform
    cells: tuple[int, int] | None = None  # across and along, where the grid is not uniform

    @property
    def area(self) -> float:
        """Area over which the power is spread [m²]."""
        return sum(r.area for r in self.rectangles)


class IceLayer(NamedTuple):
    """One layer of the stack, counted from the bottom."""

    name: str  # of the stack's element that it belongs to
    height: float
    material: str
    blocks: tuple[IceBlock, ...] = ()
    is_channel: bool = False
    layout: tuple[tuple[str, IceRectangle], ...] = ()  # rectangles of other materials, the first that holds counts
    cells: tuple[int, int] | None = None  # across and along, where the grid is not uniform


class IceChannel(NamedTuple):
    """The coolant's layer: parallel microchannels, or a field of round pins."""

    cavity: Cavity
    height: float
    material: str
    channel_width: float  # of a pin its diameter
    wall_width: float  # of a pin the gap to the next: pitch less diameter
    first_wall: float
    last_wall: float
    flow: float  # of a whole layer [m³/s]; of pins zero
    velocity: float  # Darcy velocity among pins [m/s]; of channels zero
    film: tuple[float, float, float]  # floor, sides, roof [W/m² K]; of pins zero
    heat_capacity: float  # per volume [J/m³ K]
    T_in: float

    @property
    def pitch(self) -> float:
        """Distance between the middles of two channels or pins [m]."""
        return self.channel_width + self.wall_width

    @property
    def porosity(self) -> float:
        """Share of the layer that the coolant fills, away from the edges."""
        if self.cavity in {Cavity.PINS_INLINE, Cavity.PINS_STAGGERED}:
            return 1.0 - 0.25 * math.pi * self.channel_width**2 / self.pitch**2
        return self.channel_width / self.pitch


class IceSink(NamedTuple):
    """Film to surroundings on the outermost face [W/m² K, °C]."""

    film: float
    T: float


class IceRequest(NamedTuple):
    """One line of the section ``output``."""

    kind: str  # T, Tflp, Tflpel, Tmap, Pmap, Tcoolant or T3d
    file: str
    element: str = ""  # of the stack
    block: str = ""
    x: float = 0.0
    y: float = 0.0
    quantity: str = ""  # maximum, minimum, average or gradient
    instant: str = "final"  # step, slot or final


class IceStack(NamedTuple):
    """A stack as the file describes it."""

    length: float  # along x, across the channels
    breadth: float  # along y, along the flow
    cell_length: float  # zero where walls and channels are the columns
    cell_breadth: float
    layers: tuple[IceLayer, ...]
    materials: dict[str, IceMaterial]
    channel: IceChannel | None
    step: float  # of a transient file, 0 if steady [s]
    slot: float  # duration of a power value [s]
    T_start: float  # initial temperature [°C]
    name: str = "stack"  # of the file
    top: IceSink | None = None
    bottom: IceSink | None = None
    uniform: bool = True  # one grid of columns and rows in every layer
    requests: tuple[IceRequest, ...] = ()
