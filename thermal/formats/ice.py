"""Stack and floorplan files of the program 3D-ICE (``.stk``, ``.flp``), read into SI units and °C."""

import re
from pathlib import Path
from typing import NamedTuple, TypeVar

from thermal.errors import DataError
from thermal.formats.tables import file_path

__all__ = ["IceBlock", "IceChannel", "IceLayer", "IceStack", "read_ice"]

_T = TypeVar("_T")
MICRON = 1e-6
ZERO_CELSIUS = 273.15
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
LONGEST = 1e7  # µm, ten metres: far above any chip
CONDUCTIVITY, CAPACITY = (1e-12, 1e-1), (1e-18, 1e-9)  # W/µm K and J/µm³ K: a million times beyond any solid
FILM, FLOW = (1e-14, 1e-2), (1e-9, 1e9)  # W/µm² K, mL/min
KELVIN = (1.0, 1e4)
POWER, TIME = (0.0, 1e9), (1e-12, 1e9)  # W, s


class IceBlock(NamedTuple):
    """One rectangle of a floorplan and its power in each time slot [W]."""

    name: str
    x: float
    y: float
    length: float
    breadth: float
    power: tuple[float, ...]


class IceLayer(NamedTuple):
    """One layer of the stack, counted from the bottom."""

    name: str
    height: float
    material: str
    blocks: tuple[IceBlock, ...] = ()
    is_channel: bool = False


class IceChannel(NamedTuple):
    """Parallel microchannels resolved wall by wall (the file's ``4rm``)."""

    channel_width: float
    wall_width: float
    first_wall: float
    last_wall: float
    flow: float
    film: tuple[float, float, float]  # floor, sides, roof [W/m² K]
    heat_capacity: float  # per volume [J/m³ K]
    T_in: float


class IceStack(NamedTuple):
    """A stack as the file describes it."""

    length: float  # along x, across the channels
    breadth: float  # along y, along the flow
    cell_breadth: float
    layers: tuple[IceLayer, ...]
    materials: dict[str, tuple[float, float]]  # conductivity [W/m K], heat capacity per volume [J/m³ K]
    channel: IceChannel
    step: float  # of a transient file, 0 if steady [s]
    slot: float  # duration of a power value [s]
    T_start: float  # initial temperature [°C]
    name: str = "stack"  # of the file


def read_ice(path: str | Path) -> IceStack:
    """Read a 3D-ICE stack file and the floorplans it names.

    Raises
    ------
    DataError
        If a file is missing, a keyword is not understood or a number is not one.
    InputError
        If `path` is no name of a file.
    """
    path = file_path("path", path)
    words = _Words(path)
    materials: dict[str, tuple[float, float]] = {}
    shapes: dict[str, tuple[float, str]] = {}
    dies: dict[str, list[tuple[float, str, bool]]] = {}
    layers: list[IceLayer] = []
    size, channel, channel_layer = (0.0, 0.0, 0.0), None, ("", 0.0)
    times: tuple[float, float, float] | None = None
    while words.more():
        section = words.take()
        if section == "material":
            name = words.take()
            materials[name] = _material(words)
        elif section == "microchannel":
            channel, channel_layer = _channel(words)
        elif section == "dimensions":
            size = _dimensions(words)
        elif section == "layer":
            name = words.take()
            shapes[name] = _layer(words)
        elif section == "die":
            name = words.take()
            dies[name] = _die(words)
        elif section == "stack":
            layers = _stack(words, shapes, dies, channel_layer, path.parent)
        elif section == "solver":
            times = _solver(words)
        elif section == "output":
            break
        elif section in {"conventional", "top", "bottom", "heat"} and "sink" in words.words[words.at : words.at + 2]:
            raise words.error("a heat sink beside the microchannel is not read: all outer faces are adiabatic here")
        else:
            raise words.error(f"section {section!r} is not understood")
    if channel is None or not layers or not size[0]:
        raise DataError(f"{path}: needs dimensions, a microchannel of kind 4rm and a stack")
    if times is None:
        raise DataError(f"{path}: has no section 'solver'; the file may be cut off")
    step, slot, T_start = times
    stack = IceStack(size[0], size[1], size[2], tuple(layers[::-1]), materials, channel, step, slot, T_start, str(path))
    _require_sense(path, stack)
    return stack


def _require_sense(path: Path, stack: IceStack) -> None:
    """Raise if materials are missing, layers or blocks do not fit, or channels do not fill the chip."""
    for layer in stack.layers:
        if layer.material not in stack.materials:
            raise DataError(f"{path}: layer {layer.name!r} is of material {layer.material!r}, which is not defined")
        for block in layer.blocks:
            if block.x + block.length > stack.length * (1 + 1e-9) or block.y + block.breadth > stack.breadth * (
                1 + 1e-9
            ):
                raise DataError(f"{path}: block {block.name!r} of {layer.name!r} reaches beyond the chip")
    at = [k for k, layer in enumerate(stack.layers) if layer.is_channel]
    if len(at) != 1:
        raise DataError(f"{path}: {len(at)} channel layers in the stack; exactly one is read")
    if at[0] in (0, len(stack.layers) - 1):
        raise DataError(f"{path}: the channel needs a layer below and a layer above it")
    if not any(layer.blocks for layer in stack.layers):
        raise DataError(f"{path}: no die of the stack has a source with a floorplan")
    c = stack.channel
    pitch, rest = c.channel_width + c.wall_width, stack.length - c.first_wall - c.last_wall + c.wall_width
    if round(rest / pitch) < 1 or abs(rest / pitch - round(rest / pitch)) > 1e-6:
        raise DataError(
            f"{path}: walls and channels of {c.wall_width:g} and {c.channel_width:g} m do not fill the chip's "
            f"{stack.length:g} m between walls of {c.first_wall:g} and {c.last_wall:g} m"
        )


class _Words:
    """The words of a file, with colons and semicolons dropped and comments removed."""

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")  # with or without byte-order mark
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise DataError(f"{path}: is not text") from None
        except ValueError as error:  # a name that no file can have
            raise DataError(f"{path!r}: cannot be read ({error})") from None
        text = re.sub(r"//[^\n]*", " ", re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL))
        if text.strip() and not text.rstrip().endswith(";"):
            raise DataError(f"{path}: does not end with ';', it may be cut off")
        self.path = path
        self.words = re.findall(r'"[^"]*"|[^\s:;,()]+', text)
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.words)

    def peek(self) -> str:
        return self.words[self.at] if self.more() else ""

    def after(self) -> str:
        """The word after the next: ``position`` where the next is the name of a block, numbers included."""
        return self.words[self.at + 1] if self.at + 1 < len(self.words) else ""

    def take(self) -> str:
        self.at += 1
        if self.at > len(self.words):
            raise DataError(f"{self.path}: ends too early")
        return self.words[self.at - 1]

    def phrase(self, *expected: str) -> None:
        """Take the words of a phrase."""
        for word in expected:
            if self.take() != word:
                raise self.error(f"expected {' '.join(expected)!r}")

    def number(self, *expected: str, within: tuple[float, float] = (0.0, LONGEST)) -> float:
        """Take the words of a phrase, then a number above zero, by default a length in µm."""
        value = self.number_from_zero(*expected, within=within)
        if not value > 0:
            raise self.error(f"{' '.join(expected) or 'the number'} = {value:g} must be above zero")
        return value

    def number_from_zero(self, *expected: str, within: tuple[float, float] = (0.0, LONGEST)) -> float:
        """Take the words of a phrase, then a number from zero on."""
        self.phrase(*expected)
        word, (low, high) = self.take(), within
        if not NUMBER.fullmatch(word) and word.lower().strip("+-") not in {"nan", "inf", "infinity"}:
            raise self.error(f"{word!r} is not a number")
        value, name = float(word), " ".join(expected) or "the number"
        if not 0 <= value < float("inf"):
            raise self.error(f"{name} = {value:g} must be a number from zero on")
        if 0 < value < low or value > high:
            raise self.error(f"{name} = {value:g} is outside {low:g} to {high:g}, in the units of that program")
        return value

    def known(self, table: dict[str, _T], what: str) -> _T:
        """Take a name and return what it stands for."""
        name = self.take()
        if name not in table:
            raise self.error(f"{what} {name!r} is not defined; there are {', '.join(table) or 'none'}")
        return table[name]

    def error(self, why: str) -> DataError:
        return DataError(
            f"{self.path}: {why}, near word {self.at} ({' '.join(self.words[max(0, self.at - 4) : self.at + 2])})"
        )


def _material(words: _Words) -> tuple[float, float]:
    conductivity = words.number("thermal", "conductivity", within=CONDUCTIVITY) / MICRON
    return conductivity, words.number("volumetric", "heat", "capacity", within=CAPACITY) / MICRON**3


def _channel(words: _Words) -> tuple[IceChannel, tuple[str, float]]:
    kind = words.take()
    if kind != "4rm":
        raise words.error(f"microchannel of kind {kind!r}: only 4rm, which resolves the walls, is read")
    height = words.number("height") * MICRON
    width = words.number("channel", "length") * MICRON
    wall = words.number("wall", "length") * MICRON
    ends = {"first": wall, "last": wall}
    while (end := words.peek()) in ends:
        ends[end] = words.number(end, "wall", "length") * MICRON
    words.phrase("wall", "material")
    material = words.take()
    flow = words.number("coolant", "flow", "rate", within=FLOW) * 1e-6 / 60.0
    words.phrase("coolant", "heat", "transfer", "coefficient")
    film = dict.fromkeys(("side", "top", "bottom"), 0.0)
    if words.peek() in film:
        for _ in film:
            place = words.peek()
            if place not in film:
                raise words.error("expected coefficients of side, top and bottom")
            film[place] = words.number(place, within=FILM) / MICRON**2
    else:
        film = dict.fromkeys(film, words.number(within=FILM) / MICRON**2)
    capacity = words.number("coolant", "volumetric", "heat", "capacity", within=CAPACITY) / MICRON**3
    T_in = words.number("coolant", "incoming", "temperature", within=KELVIN) - ZERO_CELSIUS
    films = film["bottom"], film["side"], film["top"]
    return IceChannel(width, wall, ends["first"], ends["last"], flow, films, capacity, T_in), (material, height)


def _dimensions(words: _Words) -> tuple[float, float, float]:
    length, breadth = words.number("chip", "length") * MICRON, words.number("width") * MICRON
    words.number("cell", "length")  # across the channels the cells are those of walls and channels
    return length, breadth, words.number("width") * MICRON


def _layer(words: _Words) -> tuple[float, str]:
    height = words.number("height") * MICRON
    words.phrase("material")
    return height, words.take()


def _die(words: _Words) -> list[tuple[float, str, bool]]:
    """Layers of a die from the top: height, material, whether it is the source."""
    found: list[tuple[float, str, bool]] = []
    while words.peek() in {"layer", "source"}:
        source = words.take() == "source"
        if source and any(other for *_, other in found):
            raise words.error("a die with a second source: its floorplan belongs to one layer")
        found.append((words.number() * MICRON, words.take(), source))
    return found


def _stack(
    words: _Words,
    shapes: dict[str, tuple[float, str]],
    dies: dict[str, list[tuple[float, str, bool]]],
    channel: tuple[str, float],
    folder: Path,
) -> list[IceLayer]:
    """Layers of the stack from the top."""
    layers = []
    while words.peek() in {"layer", "channel", "die"}:
        kind, name = words.take(), words.take()
        if kind == "channel":
            layers.append(IceLayer(name, channel[1], channel[0], is_channel=True))
        elif kind == "layer":
            height, material = words.known(shapes, "layer")
            layers.append(IceLayer(name, height, material))
        else:
            parts = words.known(dies, "die")
            words.phrase("floorplan")
            blocks = _floorplan(folder / words.take().strip('"'))
            layers += [IceLayer(name, height, material, blocks if source else ()) for height, material, source in parts]
    return layers


def _floorplan(path: Path) -> tuple[IceBlock, ...]:
    words = _Words(path)
    blocks: list[IceBlock] = []
    while words.more():
        name = words.take()
        if words.peek() == "rectangle":
            raise words.error("a block of several rectangles is not read; give position and dimension")
        x, y = words.number_from_zero("position") * MICRON, words.number_from_zero() * MICRON
        length, breadth = words.number("dimension") * MICRON, words.number() * MICRON
        power = [words.number_from_zero("power", "values", within=POWER)]
        while NUMBER.fullmatch(words.peek()) and words.after() not in {"position", "rectangle"}:
            power.append(words.number_from_zero(within=POWER))
        if any(block.name == name for block in blocks):
            raise words.error(f"block {name!r} comes twice")
        blocks.append(IceBlock(name, x, y, length, breadth, tuple(power)))
    if not blocks:
        raise DataError(f"{path}: has no block")
    return tuple(blocks)


def _solver(words: _Words) -> tuple[float, float, float]:
    """Step and slot of a transient [s], zero if steady, and the initial temperature [°C]."""
    step, slot, kind = 0.0, 0.0, words.take()
    if kind == "transient":
        step, slot = words.number("step", within=TIME), words.number("slot", within=TIME)
        if abs(slot / step - round(slot / step)) > 1e-6 or slot < step:
            raise words.error(f"a slot of {slot:g} s is no whole number of steps of {step:g} s")
    elif kind != "steady":
        raise words.error(f"solver {kind!r} is neither steady nor transient")
    T_start = words.number("initial", "temperature", within=KELVIN) - ZERO_CELSIUS
    while words.more() and words.peek() != "output":
        words.take()
    return step, slot, T_start
