"""Stack and floorplan files of the program 3D-ICE (``.stk``, ``.flp``), read into SI units and °C."""

import re
from pathlib import Path
from typing import NamedTuple

from thermal.errors import DataError

__all__ = ["IceBlock", "IceChannel", "IceLayer", "IceStack", "read_ice"]

MICRON = 1e-6
ZERO_CELSIUS = 273.15


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


def read_ice(path: str | Path) -> IceStack:
    """Read a 3D-ICE stack file and the floorplans it names.

    Raises
    ------
    DataError
        If a file is missing, a keyword is not understood or a number is not one.
    """
    path = Path(path)
    words = _Words(path)
    materials: dict[str, tuple[float, float]] = {}
    shapes: dict[str, tuple[float, str]] = {}
    dies: dict[str, list[tuple[float, str, bool]]] = {}
    layers: list[IceLayer] = []
    size, channel, channel_layer, step, slot = (0.0, 0.0, 0.0), None, ("", 0.0), 0.0, 0.0
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
            step, slot = _solver(words)
        elif section == "output":
            break
        else:
            raise words.error(f"section {section!r} is not understood")
    if channel is None or not layers:
        raise DataError(f"{path}: needs a microchannel of kind 4rm and a stack")
    return IceStack(size[0], size[1], size[2], tuple(layers[::-1]), materials, channel, step, slot)


class _Words:
    """The words of a file, with colons and semicolons dropped and comments removed."""

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from None
        text = re.sub(r"//.*|/\*.*?\*/", " ", text, flags=re.DOTALL if "/*" in text else 0)
        self.path = path
        self.words = re.findall(r'"[^"]*"|[^\s:;,()]+', text)
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.words)

    def peek(self) -> str:
        return self.words[self.at] if self.more() else ""

    def take(self) -> str:
        self.at += 1
        if self.at > len(self.words):
            raise DataError(f"{self.path}: ends too early")
        return self.words[self.at - 1]

    def number(self, *expected: str) -> float:
        """Take the words of a phrase, then a number."""
        for word in expected:
            if self.take() != word:
                raise self.error(f"expected {' '.join(expected)!r}")
        word = self.take()
        try:
            return float(word)
        except ValueError:
            raise self.error(f"{word!r} is not a number") from None

    def error(self, why: str) -> DataError:
        return DataError(
            f"{self.path}: {why}, near word {self.at} ({' '.join(self.words[max(0, self.at - 4) : self.at + 2])})"
        )


def _material(words: _Words) -> tuple[float, float]:
    conductivity = words.number("thermal", "conductivity") / MICRON
    return conductivity, words.number("volumetric", "heat", "capacity") / MICRON**3


def _channel(words: _Words) -> tuple[IceChannel, tuple[str, float]]:
    if words.take() != "4rm":
        raise words.error("only microchannels of kind 4rm are read")
    height = words.number("height") * MICRON
    width = words.number("channel", "length") * MICRON
    wall = words.number("wall", "length") * MICRON
    first = words.number("first", "wall", "length") * MICRON
    last = words.number("last", "wall", "length") * MICRON
    if (words.take(), words.take()) != ("wall", "material"):
        raise words.error("expected 'wall material'")
    material = words.take()
    flow = words.number("coolant", "flow", "rate") * 1e-6 / 60.0
    side = words.number("coolant", "heat", "transfer", "coefficient", "side") / MICRON**2
    roof = words.number("top") / MICRON**2
    floor = words.number("bottom") / MICRON**2
    capacity = words.number("coolant", "volumetric", "heat", "capacity") / MICRON**3
    T_in = words.number("coolant", "incoming", "temperature") - ZERO_CELSIUS
    return IceChannel(width, wall, first, last, flow, (floor, side, roof), capacity, T_in), (material, height)


def _dimensions(words: _Words) -> tuple[float, float, float]:
    length, breadth = words.number("chip", "length") * MICRON, words.number("width") * MICRON
    words.number("cell", "length")
    return length, breadth, words.number("width") * MICRON


def _layer(words: _Words) -> tuple[float, str]:
    height = words.number("height") * MICRON
    if words.take() != "material":
        raise words.error("expected 'material'")
    return height, words.take()


def _die(words: _Words) -> list[tuple[float, str, bool]]:
    """Layers of a die from the top: height, material, whether it is the source."""
    found = []
    while words.peek() in {"layer", "source"}:
        source = words.take() == "source"
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
            height, material = shapes[words.take()]
            layers.append(IceLayer(name, height, material))
        else:
            parts, _ = dies[words.take()], words.take()
            blocks = _floorplan(folder / words.take().strip('"'))
            layers += [IceLayer(name, height, material, blocks if source else ()) for height, material, source in parts]
    return layers


def _floorplan(path: Path) -> tuple[IceBlock, ...]:
    words = _Words(path)
    blocks = []
    while words.more():
        name = words.take()
        x, y = words.number("position") * MICRON, words.number() * MICRON
        length, breadth = words.number("dimension") * MICRON, words.number() * MICRON
        power = [words.number("power", "values")]
        while words.peek() and re.fullmatch(r"[-+.\deE]+", words.peek()):
            power.append(words.number())
        blocks.append(IceBlock(name, x, y, length, breadth, tuple(power)))
    return tuple(blocks)


def _solver(words: _Words) -> tuple[float, float]:
    step = slot = 0.0
    if words.take() == "transient":
        step = words.number("step")
        slot = words.number("slot")
    while words.more() and words.peek() != "output":
        words.take()
    return step, slot
