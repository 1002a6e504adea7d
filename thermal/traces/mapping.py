"""The mapping of telemetry: which column of a file is which quantity, in which unit, and how the file is written."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from thermal.errors import InputError
from thermal.inputs import no_others, number, whole
from thermal.names import NAMES
from thermal.traces.clock import UNIX, zone_of
from thermal.units import to_si

__all__ = ["Channel", "Layout", "read_mapping"]

TEXTS = (
    "time",
    "time_unit",
    "time_format",
    "zone",
    "stamp",
    "separator",
    "decimal",
    "thousands",
    "comment",
    "encoding",
)
FILE = (*TEXTS, "skip", "missing")
UNBOUNDED = {"low": -math.inf, "high": math.inf}
CHANNEL = ("column", "columns", "unit", "dim", "low", "high")


class Channel(NamedTuple):
    """One variable: its columns, their unit, the unit it gets, and the range it can have in that unit."""

    name: str
    columns: tuple[str, ...]
    unit: str | None  # None: what the file itself says
    target: str | None
    dim: str | None  # None where one column is one series
    low: float
    high: float


class Layout(NamedTuple):
    """How a file is written, and its channels."""

    time: str
    time_unit: str
    time_format: str | None
    zone: str | None
    stamp: str
    separator: str | None
    decimal: str | None
    thousands: str | None
    comment: str | None
    encoding: str | None
    skip: int
    missing: tuple[str, ...]
    channels: tuple[Channel, ...]

    @property
    def columns(self) -> list[str]:
        """All columns of values, each once."""
        return list(dict.fromkeys(column for channel in self.channels for column in channel.columns))


def read_mapping(mapping: str | Path | Mapping[str, Any]) -> Layout:
    """Read and check a mapping, from a TOML file or from a dictionary of the same form.

    Raises
    ------
    InputError
        If it cannot be read, has an unknown key, or names a unit that a quantity cannot have.

    Examples
    --------
    >>> layout = read_mapping({"channels": {"heat": {"columns": ["P1", "P2"], "unit": "kW", "dim": "rack"}}})
    >>> layout.channels[0].columns, layout.channels[0].target, layout.stamp
    (('P1', 'P2'), 'W', 'start')
    """
    where, table = _table(mapping)
    no_others(where, table, ("file", "channels"))
    file, channels = _section(where, table, "file"), _section(where, table, "channels")
    no_others(f"{where}, [file]", file, FILE)
    if not channels:
        raise InputError(f"{where}: names no channel; write [channels.heat] with columns = ['P1'] and unit = 'kW'")
    for key in TEXTS:
        if key in file and not isinstance(file[key], str):
            raise InputError(f"{where}, [file]: {key} = {file[key]!r} must be a text")
    for key in ("separator", "decimal", "thousands"):
        if len(file.get(key, "x")) != 1:
            raise InputError(f"{where}, [file]: {key} = {file[key]!r} must be one character")
    if file.get("decimal", ".") not in {".", ","}:
        raise InputError(f"{where}, [file]: decimal = {file['decimal']!r} must be '.' or ','")
    if file.get("stamp", "start") not in {"start", "end"}:
        raise InputError(f"{where}, [file]: stamp = {file['stamp']!r} must be 'start' or 'end' of a row's interval")
    unit = file.get("time_unit", "date")
    if unit != "date" and unit not in UNIX:
        to_si(1.0, unit, "s", f"{where}, [file]: time_unit")
    if "zone" in file:
        zone_of(file["zone"])
    missing = file.get("missing", [])
    if not isinstance(missing, list) or not all(isinstance(text, str) for text in missing):
        raise InputError(f"{where}, [file]: missing = {missing!r} must be a list of texts: ['-999', 'Bad']")
    return Layout(
        **{key: file.get(key) for key in TEXTS if key not in {"time", "time_unit", "stamp"}},
        time=file.get("time", "time"),
        time_unit=unit,
        stamp=file.get("stamp", "start"),
        skip=whole(f"{where}, [file]: skip", file.get("skip", 0), low=0),
        missing=tuple(missing),
        channels=tuple(_channel(f"{where}, [channels.{name}]", name, entry) for name, entry in channels.items()),
    )


def _table(mapping: str | Path | Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if isinstance(mapping, Mapping):
        return "mapping", mapping
    if not isinstance(mapping, str | Path):
        raise InputError(f"mapping is a {type(mapping).__name__}: give a TOML file, or a dictionary of the same form")
    path = Path(mapping)
    try:
        return path.name, tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"mapping {path} cannot be read ({error.strerror or error})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is no TOML ({error})") from None


def _section(where: str, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = table.get(name, {})
    if not isinstance(section, Mapping):
        raise InputError(f"{where}: {name} = {section!r} must be a table: write [{name}] above its keys")
    return section


def _channel(where: str, name: str, entry: Any) -> Channel:
    if not isinstance(entry, Mapping):
        raise InputError(f"{where} = {entry!r} must be a table with columns and unit")
    no_others(where, entry, CHANNEL)
    if ("column" in entry) == ("columns" in entry):
        raise InputError(f"{where}: give column = 'P1' for one series, or columns = ['P1', 'P2'] and dim = 'rack'")
    listed = entry["columns"] if "columns" in entry else [entry["column"]]
    if not isinstance(listed, list) or not listed or not all(isinstance(column, str) for column in listed):
        raise InputError(f"{where}: columns = {listed!r} must be a list of column names")
    twice = [column for column in listed if listed.count(column) > 1]
    if twice:
        raise InputError(f"{where}: has column {twice[0]!r} twice")
    dim = entry.get("dim")
    if (dim is None) == ("columns" in entry) or not isinstance(dim, str | None):
        raise InputError(f"{where}: dim = {dim!r}; several columns need the name of their dimension, one has none")
    unit = entry.get("unit")
    if not isinstance(unit, str | None):
        raise InputError(f"{where}: unit = {unit!r} must be a text")
    target = (NAMES[name].units or "-") if name in NAMES else unit
    if unit is not None and target is not None:
        to_si(1.0, unit, target, where)
    low, high = (number(f"{where}: {key}", entry[key], "-") if key in entry else x for key, x in UNBOUNDED.items())
    if not {"low", "high"}.isdisjoint(entry):
        if unit is None:
            raise InputError(f"{where}: low and high need the unit that they are in")
        low, high = (x if math.isinf(x) else float(to_si(x, unit, target or unit)) for x in (low, high))
    if not low < high:
        raise InputError(f"{where}: low = {low:g} must be below high = {high:g}")
    return Channel(name, tuple(listed), unit, target, dim, low, high)
