"""A stack file of 3D-ICE as a whole: its sections in their order, and whether they make sense together."""

from pathlib import Path

from thermal.errors import DataError
from thermal.formats.ice.floorplan import read_material
from thermal.formats.ice.sections import (
    Dimensions,
    Shape,
    read_channel,
    read_die,
    read_dimensions,
    read_pins,
    read_requests,
    read_shape,
    read_sink,
    read_solver,
    read_stack,
)
from thermal.formats.ice.sense import require_sense
from thermal.formats.ice.spreader import Spreader, spread
from thermal.formats.ice.stack import Cavity, IceChannel, IceLayer, IceMaterial, IceRequest, IceSink, IceStack
from thermal.formats.ice.words import Words
from thermal.formats.tables import file_path

__all__ = ["read_ice"]

PLUGGABLE = (
    "a pluggable heat sink is a program of its own (a compiled plug-in) and is not read; write a 'top heat sink' with "
    "the film and the temperature that it stands for, and its spreader as a 'layer'"
)
FIRST = {  # what version 1.0 called its sections
    "channel": ": version 1.0 called so what is 'microchannel 4rm' now",
    "environment": ": development versions called so what is 'top heat sink' now",
}


def read_ice(path: str | Path) -> IceStack:
    """Read a 3D-ICE stack file, and the floorplans and layouts it names.

    Parameters
    ----------
    path : str or Path
        The ``.stk`` file, in the grammar of version 1, 2, 3 or 4; floorplans are looked for beside it, then where
        the process runs.

    Returns
    -------
    IceStack
        What the file describes, for ``th.steady`` and ``th.transient``.

    Raises
    ------
    DataError
        If a file is missing, a keyword is not understood, a number is not one, or the parts do not fit together;
        what that program knows and is not read here is named, with what to write instead.
    InputError
        If `path` is no name of a file.
    """
    path = file_path("path", path)
    words = Words(path)
    materials: dict[str, IceMaterial] = {}
    shapes: dict[str, Shape] = {}
    dies: dict[str, list[Shape]] = {}
    sinks: dict[str, IceSink] = {}
    spreader: Spreader | None = None
    layers: list[IceLayer] = []
    size: Dimensions | None = None
    channel: IceChannel | None = None
    times: tuple[float, float, float] | None = None
    requests: tuple[IceRequest, ...] = ()
    while words.more():
        section = words.take()
        if section == "material":
            name = _new(words, materials, section)
            materials[name] = read_material(words)
        elif section == "microchannel":
            channel = read_channel(words)
        elif section == "pinfin":
            channel = read_pins(words)
        elif section == "dimensions":
            size = read_dimensions(words)
        elif section == "layer":
            name = _new(words, shapes, section)
            shapes[name] = read_shape(words, path.parent, materials)
        elif section == "die":
            name = _new(words, dies, section)
            dies[name] = read_die(words, shapes)
        elif section == "stack":
            layers = read_stack(words, shapes, dies, channel, path.parent)
        elif section == "solver":
            times = read_solver(words)
        elif section == "output":
            requests = read_requests(words)
        elif section in {"top", "bottom", "conventional", "heat", "connection"}:
            sink, side = _sink(words, section), "bottom" if section == "bottom" else "top"
            if isinstance(sink, Spreader):
                if side == "bottom":
                    raise words.error("spreader and sink below the stack; that program has them on top only")
                spreader, sink = sink, sink.surroundings
            sinks[side] = sink
        else:
            lower = "; keywords are in lower case" if section.lower() != section else ""
            raise words.error(f"section {section!r} is not understood{FIRST.get(section, lower)}")
    if size is None or not layers:
        raise DataError(f"{path}: needs dimensions and a stack")
    if times is None:
        raise DataError(
            f"{path}: has no section 'solver'; the file may be cut off, or is of version 1.0, which was told on its "
            "command line: add 'solver : steady ; initial temperature 300 ;'"
        )
    walls = size.uniform and channel is not None and channel.cavity == Cavity.RESOLVED
    stack = IceStack(
        size.length, size.breadth, 0.0 if walls else size.cell_length, size.cell_breadth, tuple(layers[::-1]),
        materials, channel, *times, str(path), sinks.get("top"), sinks.get("bottom"), size.uniform, requests,
    )  # fmt: skip
    require_sense(path, stack)
    if spreader is None:
        return stack
    for plate in (spreader.spreader, spreader.sink):
        if plate.material not in materials:
            raise DataError(f"{path}: the heat sink is of material {plate.material!r}, which is not defined")
    if spreader.spreader.area < size.length * size.breadth:
        raise DataError(f"{path}: the spreader's area is smaller than the chip's")
    return spread(stack, spreader)


def _new(words: Words, table: dict, what: str) -> str:
    name = words.take()
    if name in table:
        raise words.error(f"{what} {name!r} comes twice")
    return name


def _sink(words: Words, section: str) -> IceSink | Spreader:
    if section == "connection":  # development versions
        words.phrase("to", "ambient")
        return read_sink(words)
    if section in {"top", "bottom"} and words.peek() == "pluggable":
        raise words.error(PLUGGABLE)
    if section != "heat":
        words.phrase("heat")
    words.phrase("sink")
    return read_sink(words)
