"""EPW weather files as they come: header lines of any hand, missing codes, and every fault with its line."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import DataError
from thermal.outdoors.air import air_dataset, fault_of

__all__ = ["HEADER_LINES", "READ", "read_epw"]

HEADER_LINES = 8
MAX_BYTES = 50_000_000
# Column and missing-data marker of each quantity (EnergyPlus Auxiliary Programs, EPW data dictionary).
COLUMNS = {
    "T_dry_bulb": (6, 99.9),
    "T_dew_point": (7, 99.9),
    "relative_humidity": (8, 999.0),
    "pressure": (9, 999999.0),
}
READ = tuple(COLUMNS)
# Field of the LOCATION line, its range, and what it is.
LOCATION = {
    "latitude": (6, -90.0, 90.0, "degrees, north positive"),
    "longitude": (7, -180.0, 180.0, "degrees, east positive"),
    "utc_offset": (8, -12.0, 14.0, "hours ahead of UTC"),
    "elevation": (9, -1000.0, 9999.9, "m"),
}


def read_epw(path: str | Path) -> xr.Dataset:
    """Read an EPW file; missing values become NaN, and so does what follows from them; missing hours are an error.

    TMY3 months may come from different years and leap days are read where the file has them. Times are in local
    standard time of a nominal year; the attribute ``utc_offset`` [h] says how far that is ahead of UTC.

    Raises
    ------
    DataError
        If the file is no EPW, is cut in the middle, lacks hours or has a value that no weather has; the message names
        line and count or value.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError(f"weather file {path} does not exist")
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{path.name} is larger than {MAX_BYTES / 1e6:g} MB; a year of hours takes about 1.6 MB")
    lines = _text(path.read_bytes()).splitlines()
    place = [field.strip() for field in lines[0].split(",")] if lines else [""]
    if place[0].upper() != "LOCATION":
        raise DataError(
            f"{path.name} is not an EPW file: its first line must start with LOCATION, not {place[0][:40]!r}"
        )
    if len(lines) <= HEADER_LINES:
        raise DataError(
            f"{path.name} ends at line {len(lines)}, inside its header of {HEADER_LINES} lines: fetch it again"
        )
    where = _location(path, place)
    rows = [(k + 1, line.split(",")) for k, line in enumerate(lines) if k >= HEADER_LINES and line.strip()]
    times = _times(path, rows)
    columns: dict[str, Any] = {}
    for name, (column, missing) in COLUMNS.items():
        values = _numbers(path, rows, column)
        columns[name] = np.where(values >= missing, np.nan, values)
    columns["relative_humidity"] = columns["relative_humidity"] / 100.0
    fault = fault_of({name: xr.Variable("time", values) for name, values in columns.items()})
    if fault is not None:
        raise DataError(f"{path.name}, line {rows[fault.row or 0][0]}: {fault.found} {fault.limit}")
    return air_dataset(
        times, columns, site=f"{place[1]}, {place[3]}", source=f"{path.name} ({place[4]})", kind="typical year", **where
    )


def _text(content: bytes) -> str:
    """Text of a file, with or without byte-order mark, in UTF-8 or in the Latin-1 of older files."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _location(path: Path, place: Sequence[str]) -> dict[str, float]:
    """Latitude, longitude, offset from UTC and elevation."""
    if len(place) < 10:
        raise DataError(f"{path.name}, line 1: LOCATION is cut after {len(place)} of 10 fields; fetch the file again")
    found = {}
    for name, (column, low, high, unit) in LOCATION.items():
        try:
            value = float(place[column])
        except ValueError:
            given = repr(place[column][:40]) if place[column] else "blank"
            raise DataError(
                f"{path.name}, line 1: field {column + 1} of LOCATION, {name}, is {given}: a number is needed ({unit})"
            ) from None
        if not low <= value <= high:
            raise DataError(f"{path.name}, line 1: {name} = {value:g} is outside {low:g}..{high:g} ({unit})")
        found[name] = value
    return found


def _times(path: Path, rows: Sequence[tuple[int, list[str]]]) -> pd.DatetimeIndex:
    """Check that the hours follow each other from the first of January, and give them a nominal year."""
    leap = any(len(row) > 2 and row[1].strip() in {"2", "02"} and row[2].strip() == "29" for _, row in rows)
    expected = pd.date_range("2000-01-01" if leap else "2001-01-01", periods=8784 if leap else 8760, freq="h")
    hours = list(zip(expected.month.tolist(), expected.day.tolist(), (expected.hour + 1).tolist(), strict=True))
    for k, (line, row) in enumerate(rows):
        where = f"{path.name}, line {line}"
        if len(row) < 10:
            raise DataError(f"{where}: the line is cut after {len(row)} fields; fetch the file again")
        if k >= len(expected):
            raise DataError(f"{where}: more than the {len(expected)} hours of a year")
        try:
            found = (int(row[1]), int(row[2]), int(row[3]))
        except ValueError:
            raise DataError(f"{where}: month, day, hour {[field[:20] for field in row[1:4]]} are not numbers") from None
        if found != hours[k]:
            month, day, hour = (field.strip()[:20] for field in row[1:4])
            raise DataError(
                f"{where}: month {month}, day {day}, hour {hour} where month {hours[k][0]}, day {hours[k][1]}, hour "
                f"{hours[k][2]} must follow; {len(expected) - len(rows)} hours are missing: fetch the file again"
            )
    if len(rows) < len(expected):
        last = rows[-1][0] if rows else HEADER_LINES
        raise DataError(
            f"{path.name} ends at line {last} with {len(rows)} of {len(expected)} hours: "
            "the file was cut; fetch it again"
        )
    return expected


def _numbers(path: Path, rows: Sequence[tuple[int, list[str]]], column: int) -> np.ndarray:
    found = [_number(row[column]) for _, row in rows]
    if None in found:
        line, row = rows[found.index(None)]
        given = repr(row[column].strip()[:40]) if row[column].strip() else "blank"
        raise DataError(f"{path.name}, line {line}: field {column + 1} is {given}, not a number")
    return np.array(found, float)


def _number(text: str) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
