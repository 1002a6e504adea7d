"""Sections of a stack file of 3D-ICE, one function each, as the grammars of its versions 1 to 4 have them."""

from pathlib import Path
from typing import NamedTuple

from thermal.errors import DataError
from thermal.formats.ice.floorplan import read_floorplan, read_layout
from thermal.formats.ice.spreader import Plate, Spreader
from thermal.formats.ice.stack import (
    Cavity,
    IceBlock,
    IceChannel,
    IceLayer,
    IceMaterial,
    IceRectangle,
    IceRequest,
    IceSink,
)
from thermal.formats.ice.words import CAPACITY, FILM, FLOW, KELVIN, MICRON, TIME, ZERO_CELSIUS, Words

__all__ = [
    "Dimensions", "Shape", "read_channel", "read_die", "read_dimensions", "read_pins", "read_requests", "read_shape",
    "read_sink", "read_solver", "read_stack",
]  # fmt: skip

QUANTITIES = ("maximum", "minimum", "average", "gradient")
INSTANTS = ("step", "slot", "final")
REQUESTS = ("T", "Tflp", "Tflpel", "Tmap", "Pmap", "Tcoolant", "T3d")
VELOCITY = (1e-3, 1e9)  # µm/s
AREA = (1e-6, 1e14)  # µm²
TURNED = {"inline": Cavity.PINS_INLINE, "staggered": Cavity.PINS_STAGGERED}


class Dimensions(NamedTuple):
    """Chip and cells [m], and whether one grid of columns and rows serves every layer."""

    length: float
    breadth: float
    cell_length: float
    cell_breadth: float
    uniform: bool


class Shape(NamedTuple):
    """A layer before it stands in the stack."""

    height: float
    material: str
    layout: tuple[tuple[str, IceRectangle], ...] = ()
    source: bool = False


def read_sink(words: Words) -> IceSink | Spreader:
    """Take a heat sink: a film and the temperature behind it, with spreader and sink before it or without."""
    plates: dict[str, Plate] = {}
    while (name := words.peek()) in {"sink", "spreader"} and name not in plates:
        height, area = words.number(name, "height") * MICRON, words.number("area", within=AREA) * MICRON**2
        words.phrase("material")
        plates[name] = Plate(height, area, words.take())
    film = words.number("heat", "transfer", "coefficient", within=FILM) / MICRON**2
    words.taken("ambient")  # versions 1 and 2.0
    surroundings = IceSink(film, words.number("temperature", within=KELVIN) - ZERO_CELSIUS)
    if not plates:
        return surroundings
    if len(plates) == 1:
        raise words.error(f"a heat sink with a {next(iter(plates))} alone; it needs 'sink' and 'spreader'")
    if plates["sink"].area < plates["spreader"].area:
        raise words.error("the spreader is larger than the sink on it")
    return Spreader(plates["spreader"], plates["sink"], surroundings)


def read_channel(words: Words) -> IceChannel:
    """Take microchannels, ``4rm`` or ``2rm``."""
    kind = words.take()
    if kind not in {Cavity.RESOLVED, Cavity.POROUS}:
        raise words.error(f"microchannel of kind {kind!r}: known are 4rm, which resolves the walls, and 2rm")
    height = words.number("height") * MICRON
    width = words.number("channel", "length") * MICRON
    wall = words.number("wall", "length") * MICRON
    ends = {"first": wall, "last": wall}
    while (end := words.peek()) in ends:
        if kind == Cavity.POROUS:
            raise words.error(f"a {end} wall of a 2rm microchannel: its walls are homogenised, leave the line out")
        ends[end] = (words.number_from_zero(end, "wall", "length") * MICRON) or wall  # zero means none given there
    words.phrase("wall", "material")
    material = words.take()
    flow = words.number("coolant", "flow", "rate", within=FLOW) * 1e-6 / 60.0
    words.phrase("coolant", "heat", "transfer", "coefficient")
    film = _films(words, ("side", "top", "bottom") if kind == Cavity.RESOLVED else ("top", "bottom"))
    capacity, T_in = _coolant(words)
    return IceChannel(
        Cavity(kind), height, material, width, wall, ends["first"], ends["last"], flow, 0.0, film, capacity, T_in
    )


def _films(words: Words, places: tuple[str, ...]) -> tuple[float, float, float]:
    """Films of floor, sides and roof [W/m² K]: one number for all, or each by name."""
    film = dict.fromkeys(("side", "top", "bottom"), 0.0)
    if words.peek() not in film:
        one = words.number(within=FILM) / MICRON**2
        film |= dict.fromkeys(places, one)
    else:
        left = set(places)
        while left:
            if (place := words.peek()) not in left:
                raise words.error(f"expected coefficients of {' and '.join(places)}")
            left.remove(place)
            film[place] = words.number(place, within=FILM) / MICRON**2
    return film["bottom"], film["side"], film["top"]


def _coolant(words: Words) -> tuple[float, float]:
    capacity = words.number("coolant", "volumetric", "heat", "capacity", within=CAPACITY) / MICRON**3
    return capacity, words.number("coolant", "incoming", "temperature", within=KELVIN) - ZERO_CELSIUS


def read_pins(words: Words) -> IceChannel:
    """Take a field of round pins."""
    height = words.number("height") * MICRON
    diameter, pitch = words.number("pin", "diameter") * MICRON, words.number("pin", "pitch") * MICRON
    if diameter >= pitch:
        raise words.error(f"pins of {diameter / MICRON:g} µm at a pitch of {pitch / MICRON:g} µm touch")
    words.phrase("pin", "distribution")
    cavity = words.known(TURNED, "pin distribution")
    words.phrase("pin", "material")
    material = words.take()
    velocity = words.number("darcy", "velocity", within=VELOCITY) * MICRON
    capacity, T_in = _coolant(words)
    gap = pitch - diameter
    return IceChannel(cavity, height, material, diameter, gap, gap, gap, 0.0, velocity, (0.0, 0.0, 0.0), capacity, T_in)


def read_dimensions(words: Words) -> Dimensions:
    """Take the dimensions of chip and cells."""
    length, breadth = words.number("chip", "length") * MICRON, words.number("width") * MICRON
    cell_length, cell_breadth = words.number("cell", "length") * MICRON, words.number("width") * MICRON
    uniform = True
    if words.taken("non-uniform"):
        uniform = not words.known({"true": True, "false": False, "1": True, "0": False}, "non-uniform")
    return Dimensions(length, breadth, cell_length, cell_breadth, uniform)


def read_shape(words: Words, folder: Path, materials: dict[str, IceMaterial]) -> Shape:
    """Take a layer by its name; materials that its layout brings are added to those of the stack."""
    height = words.number("height") * MICRON
    words.phrase("material")
    material = words.take()
    layout: tuple[tuple[str, IceRectangle], ...] = ()
    if words.taken("layout"):
        layout, own = read_layout(_found(folder, words.file()), materials)
        materials |= own
    return Shape(height, material, layout)


def read_die(words: Words, shapes: dict[str, Shape]) -> list[Shape]:
    """Take the layers of a die from the top."""
    found: list[Shape] = []
    while words.peek() in {"layer", "source"}:
        source = words.take() == "source"
        if source and any(shape.source for shape in found):
            raise words.error("a die with a second source: its floorplan belongs to one layer")
        shape = Shape(words.number() * MICRON, words.take()) if words.is_number() else words.known(shapes, "layer")
        found.append(shape._replace(source=source))
    if not any(shape.source for shape in found):
        raise words.error("a die without a source")
    return found


def read_stack(
    words: Words, shapes: dict[str, Shape], dies: dict[str, list[Shape]], channel: IceChannel | None, folder: Path
) -> list[IceLayer]:
    """Take the elements of the stack; layers from the top."""
    layers: list[IceLayer] = []
    while words.peek() in {"layer", "channel", "die"}:
        kind, name = words.take(), words.take()
        if any(layer.name == name for layer in layers):
            raise words.error(f"element {name!r} of the stack comes twice")
        if kind == "channel":
            if channel is None:
                raise words.error(f"channel {name!r}, but the file describes neither microchannel nor pinfin")
            layers.append(IceLayer(name, channel.height, channel.material, is_channel=True))
            continue
        blocks: tuple[IceBlock, ...] = ()
        if kind == "layer":
            inline = words.is_number()  # version 1 and 2.0: height and material in place
            shape = Shape(words.number() * MICRON, words.take()) if inline else words.known(shapes, "layer")
            parts = [shape]
        else:
            parts = words.known(dies, "die")
            words.phrase("floorplan")
            blocks = read_floorplan(_found(folder, words.file()))
        cells = (words.whole("discretization"), words.whole()) if words.peek() == "discretization" else None
        layers += [
            IceLayer(name, part.height, part.material, blocks if part.source else (), False, part.layout, cells)
            for part in parts
        ]
    return layers


def _found(folder: Path, name: str) -> Path:
    """A file beside the stack, or where that program would look for it: in the directory it is started from."""
    beside = folder / name
    try:
        return Path(name) if not beside.is_file() and Path(name).is_file() else beside
    except ValueError as error:
        raise DataError(f"{str(beside)!r}: cannot be read ({error})") from None


def read_solver(words: Words) -> tuple[float, float, float]:
    """Step and slot of a transient [s], zero if steady, and the initial temperature [°C]."""
    step, slot, kind = 0.0, 0.0, words.take()
    if kind == "transient":
        step, slot = words.number("step", within=TIME), words.number("slot", within=TIME)
        if abs(slot / step - round(slot / step)) > 1e-6 or slot < step:
            raise words.error(f"a slot of {slot:g} s is no whole number of steps of {step:g} s")
    elif kind != "steady":
        raise words.error(f"solver {kind!r} is neither steady nor transient")
    words.taken("state")
    words.phrase("initial", "temperature")
    if words.peek() in {"file", "from"} or words.peek().startswith('"'):
        raise words.error("initial temperatures from a file are not read; give one number in kelvin")
    T_start = words.number(within=KELVIN) - ZERO_CELSIUS
    if words.taken("numofcores"):
        words.take()  # of that program's run; nothing here depends on it
    return step, slot, T_start


def read_requests(words: Words) -> tuple[IceRequest, ...]:
    """Take what the file asks for, to its end."""
    found = []
    while words.more():
        kind = words.take()
        if kind not in REQUESTS:
            raise words.error(f"output {kind!r} is not understood; known are {', '.join(REQUESTS)}")
        found.append(_request(words, kind))
    return tuple(found)


def _request(words: Words, kind: str) -> IceRequest:
    element, block, x, y, quantity = "", "", 0.0, 0.0, ""
    if kind != "T3d":
        element = words.take()
    if kind == "Tflpel":
        while "." not in element or element.endswith(".") or words.peek().startswith("."):
            element += words.take()
        element, _, block = element.partition(".")
    before = kind == "T" and words.is_number()  # version 1 has the file first
    if before:
        x, y = words.number_from_zero() * MICRON, words.number_from_zero() * MICRON
    file = words.file()
    if kind == "T" and not before:
        x, y = words.number_from_zero() * MICRON, words.number_from_zero() * MICRON
    if kind in {"Tflp", "Tflpel", "Tcoolant"}:
        quantity = words.take()
        if quantity not in QUANTITIES:
            raise words.error(f"{quantity!r} is none of {', '.join(QUANTITIES)}")
    instant = words.take() if words.peek() in INSTANTS else "final"
    return IceRequest(kind, file, element, block, x, y, quantity, instant)
