"""Floorplans (``.flp``) and power traces (``.ptrace``) of HotSpot: units of a die, and their watts in time."""

import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.formats.tables import file_path

__all__ = ["HotSpotUnit", "hotspot_map", "read_hotspot_floorplan", "read_hotspot_trace"]

WIDEST = 0.5  # m: no die is wider; a description of areas (``.desc``) has other columns
MOST = 1e9  # W of one unit
TOUCH = 1e-9  # m: units that share less only touch


class HotSpotUnit(NamedTuple):
    """A rectangle of a die, from the corner of its floorplan [m]."""

    name: str
    x: float
    y: float
    breadth: float  # along x, the file's width
    length: float  # along y, the file's height
    heat_capacity: float = math.nan  # per volume [J/m³ K], where the file has it
    resistivity: float = math.nan  # [m K/W]


def read_hotspot_floorplan(path: str | Path) -> tuple[HotSpotUnit, ...]:
    r"""Read a floorplan of HotSpot: name, width, height, left x and bottom y of each unit in metres.

    Parameters
    ----------
    path : str or Path
        The ``.flp`` file; heat capacity per volume and thermal resistivity may follow on a line, lines of wire density
        between two units are passed over.

    Returns
    -------
    tuple of HotSpotUnit
        In the order of the file, moved so that the lowest corner is the origin, as that program does.

    Raises
    ------
    DataError
        If the file cannot be read, a line has other columns, a name comes twice, a number is none or none of a die, or
        two units overlap; file and line are named.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "die.flp"
    >>> _ = path.write_text("# width height left bottom\ncore 0.008 0.004 0 0.002\ncache 0.008 0.002 0 0\n")
    >>> [unit.name for unit in read_hotspot_floorplan(path)], read_hotspot_floorplan(path)[0].y
    (['core', 'cache'], 0.002)
    """
    path = file_path("path", path)
    units: list[HotSpotUnit] = []
    wires: list[tuple[int, list[str]]] = []
    for number, words in _lines(path):
        where = f"{path}, line {number}"
        if len(words) == 3:
            wires.append((number, words))
            continue
        if len(words) not in {5, 7}:
            raise DataError(f"{where}: {len(words)} columns; a unit has name, width, height, left x and bottom y")
        width, height, x, y, *more = (_number(where, word) for word in words[1:])
        if not (width > 0 and height > 0) or max(width, height, abs(x), abs(y)) > WIDEST:
            raise DataError(
                f"{where}: {words[0]!r} of {width:g} × {height:g} at {x:g}, {y:g} is no part of a die in metres (a "
                "file of areas and aspect ratios has no places)"
            )
        if any(unit.name == words[0] for unit in units):
            raise DataError(f"{where}: unit {words[0]!r} comes twice")
        if more and not min(more) > 0:
            raise DataError(f"{where}: heat capacity and resistivity of {words[0]!r} must be above zero")
        units.append(HotSpotUnit(words[0], x, y, width, height, *more))
    if not units:
        raise DataError(f"{path}: has no unit")
    names = {unit.name for unit in units}
    for number, (one, two, density) in wires:
        if not {one, two} <= names:
            raise DataError(f"{path}, line {number}: 3 columns, but {one!r} and {two!r} are no two units with wires")
        _number(f"{path}, line {number}", density)
    x, y = min(unit.x for unit in units), min(unit.y for unit in units)
    moved = tuple(unit._replace(x=unit.x - x, y=unit.y - y) for unit in units)
    for a, b in combinations(moved, 2):
        across = min(a.x + a.breadth, b.x + b.breadth) - max(a.x, b.x)
        along = min(a.y + a.length, b.y + b.length) - max(a.y, b.y)
        if min(across, along) > TOUCH:
            raise DataError(f"{path}: units {a.name!r} and {b.name!r} overlap by {across:g} × {along:g} m")
    return moved


def read_hotspot_trace(path: str | Path, interval: float, units: Sequence[HotSpotUnit] | None = None) -> xr.DataArray:
    r"""Read a power trace of HotSpot: names of the units, then a row of watts for each interval.

    Parameters
    ----------
    path : str or Path
        The ``.ptrace`` file.
    interval : float
        Time between two rows [s], that program's ``sampling_intvl``; the file does not hold it.
    units : sequence of HotSpotUnit, optional
        Floorplan whose units the trace must name, in any order; the result has theirs.

    Returns
    -------
    xarray.DataArray
        Power (time, block) [W]; each row holds from its time on, as ``th.transient`` of a plate takes it for `heat`.

    Raises
    ------
    DataError
        If the file cannot be read, a row is shorter or longer than the names, a power is no number from 0 W on, or the
        names are not those of the units.
    InputError
        If the interval is no time above zero.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "die.ptrace"
    >>> _ = path.write_text("core cache\n10 1\n2 3\n")
    >>> trace = read_hotspot_trace(path, interval=0.01)
    >>> trace.sel(block="core").values, trace.time.values
    (array([10.,  2.]), array([0.  , 0.01]))
    """
    path = file_path("path", path)
    if isinstance(interval, bool) or not isinstance(interval, int | float) or not 0 < interval < math.inf:
        raise InputError(f"interval = {interval!r} must be a time in seconds, that program's sampling_intvl")
    lines = _lines(path)
    if not lines:
        raise DataError(f"{path}: is empty")
    (first, names), rows = lines[0], lines[1:]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}, line {first}: {', '.join(map(repr, twice))} twice")
    watts = np.array([_row(path, number, words, names) for number, words in rows])
    if not watts.size:
        raise DataError(f"{path}: has names but no row of power")
    trace = xr.DataArray(
        watts, {"time": interval * np.arange(len(rows)), "block": names}, ("time", "block"), attrs={"units": "W"}
    )
    trace.time.attrs["units"] = "s"
    if units is None:
        return trace
    known = [unit.name for unit in units]
    missing, extra = (sorted(set(a) - set(b)) for a, b in ((known, names), (names, known)))
    if missing or extra:
        lacks = [f"no power of {', '.join(map(repr, missing))}"] if missing else []
        has = [f"{', '.join(map(repr, extra))} not in the floorplan"] if extra else []
        raise DataError(f"{path}: {' and '.join(lacks + has)}")
    return trace.sel(block=known)


def hotspot_map(units: Sequence[HotSpotUnit], trace: xr.DataArray, rows: int, columns: int) -> xr.DataArray:
    """Lay a power trace over a raster of the floorplan: watts of each pixel in time.

    Parameters
    ----------
    units : sequence of HotSpotUnit
        The floorplan.
    trace : xarray.DataArray
        Power (time, block), or (block,), of all its units [W].
    rows, columns : int
        Pixels along y and along x.

    Returns
    -------
    xarray.DataArray
        Power (time, y, x) [W], in all as much as the trace's.

    Raises
    ------
    InputError
        If a number of pixels is none, or the trace lacks a unit.

    Examples
    --------
    >>> units = (HotSpotUnit("a", 0, 0, 0.01, 0.01), HotSpotUnit("b", 0.01, 0, 0.01, 0.01))
    >>> watts = xr.DataArray([8.0, 2.0], {"block": ["a", "b"]}, "block")
    >>> hotspot_map(units, watts, rows=1, columns=4).values.round(12).tolist()
    [[4.0, 4.0, 1.0, 1.0]]
    """
    for name, count in (("rows", rows), ("columns", columns)):
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(f"{name} = {count!r} must be a whole number from 1 on")
    names = [unit.name for unit in units]
    if "block" not in trace.coords or not set(names) <= set(trace.block.values.tolist()):
        raise InputError(f"trace needs a power of each of the blocks {', '.join(names[:12])}")
    x = np.linspace(0.0, max(unit.x + unit.breadth for unit in units), columns + 1)
    y = np.linspace(0.0, max(unit.y + unit.length for unit in units), rows + 1)
    across = np.array([_shares(x, unit.x, unit.breadth) for unit in units])
    along = np.array([_shares(y, unit.y, unit.length) for unit in units])
    share = xr.DataArray(along[:, :, None] * across[:, None, :], {"block": names}, ("block", "y", "x"))
    laid = xr.dot(trace.sel(block=names), share, dim="block")
    at = {"y": 0.5 * (y[1:] + y[:-1]), "x": 0.5 * (x[1:] + x[:-1])}
    return laid.assign_coords(at).assign_attrs(units="W")


def _shares(edges: np.ndarray, low: float, extent: float) -> np.ndarray:
    """Share of an interval that lies between each two edges."""
    shared = np.minimum(edges[1:], low + extent) - np.maximum(edges[:-1], low)
    return np.asarray(np.maximum(shared, 0.0) / extent)


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Words of each line that is neither empty nor a comment, with its number."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:  # undecodable, or a name that no file can have
        raise DataError(f"{str(path)!r}: is not text") from None
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1)]
    return [(number, words) for number, words in lines if words and not words[0].startswith("#")]


def _number(where: str, word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        raise DataError(f"{where}: {word!r} is not a number") from None
    if not math.isfinite(value):
        raise DataError(f"{where}: {word!r} is not a finite number")
    return value


def _row(path: Path, number: int, words: list[str], names: list[str]) -> list[Any]:
    where = f"{path}, line {number}"
    if len(words) != len(names):
        raise DataError(f"{where}: {len(words)} powers for {len(names)} units")
    watts = [_number(f"{where}, {name!r}", word) for name, word in zip(names, words, strict=True)]
    for name, value in zip(names, watts, strict=True):
        if not 0 <= value <= MOST:
            raise DataError(f"{where}: {value:g} W of {name!r} must be a number from 0 W on")
    return watts
