"""Times of a file as seconds or as dates in UTC: formats, counts since 1970, zones and their changes of the clock."""

import difflib
import re
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd

from thermal.errors import DataError, InputError
from thermal.inputs import timestamps
from thermal.traces.text import Rows, decimal_of, numbers
from thermal.units import to_si

__all__ = ["read_dates", "read_times", "zone_of"]

ZONED = re.compile(r"(Z|[+-]\d\d:?(\d\d)?)$", re.IGNORECASE)
CLOCK = re.compile(r"\d\d:?\d\d")
UNIX = {"unix": "s", "unix ms": "ms"}
EPOCHS = (0.0, 4102444800.0)  # 1970 to 2100, s


def read_times(rows: Rows, column: str, unit: str, form: str | None, zone: str | None) -> tuple[np.ndarray, int]:
    """Times of the rows, and how many of them were ambiguous because a clock was put back.

    Parameters
    ----------
    rows : Rows
        The file.
    column : str
        Column of the time.
    unit : str
        ``date``, ``unix`` or ``unix ms`` (since 1970, UTC), or a unit of time that counts from anywhere.
    form : str, optional
        Format of the dates, as ``%d.%m.%Y %H:%M``; by default ISO 8601.
    zone : str, optional
        Zone of dates that name none, as ``Europe/Berlin``; by default UTC.

    Raises
    ------
    DataError
        If a time is none, does not exist in its zone, or cannot be told from another; with its line.
    """
    if unit == "date":
        return read_dates(rows, column, form, zone)
    counted = numbers(rows, column, decimal_of(rows, [column]), None, ())
    if np.isnan(counted).any():
        row = int(np.argmax(np.isnan(counted)))
        raise DataError(f"{rows.at(column, row)} is empty: a row without time belongs nowhere; mend or cut it")
    if unit not in UNIX:
        return counted * float(to_si(1.0, unit, "s", f"time_unit of {rows.file}")), 0
    since = counted * float(to_si(1.0, UNIX[unit], "s"))
    bad = (since < EPOCHS[0]) | (since > EPOCHS[1])
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(
            f"{rows.at(column, row)} = {rows.cells[column][row]} is no date of 1970 to 2100 in {UNIX[unit]}; is it "
            f"time_unit = '{'unix ms' if unit == 'unix' else 'unix'}'?"
        )
    return (since * 1e9).round().astype("int64").astype("datetime64[ns]"), 0


def read_dates(rows: Rows, column: str, form: str | None, zone: str | None) -> tuple[np.ndarray, int]:
    """Dates of the rows in UTC, and how many of them were ambiguous; the arguments are those of `read_times`."""
    texts = pd.Series([str(cell).strip() for cell in rows.cells[column]], dtype=object)
    zoned = np.array([bool(ZONED.search(t)) and len(CLOCK.findall(t)) > 1 for t in texts])
    if form is not None:
        zoned = np.full(len(texts), "%z" in form)
    if zoned.any() and not zoned.all():
        row = int(np.argmin(zoned)) if zoned[0] else int(np.argmax(zoned))
        raise DataError(
            f"{rows.at(column, row)} = {texts[row]!r} {'has a' if zoned[row] else 'has no'} time zone, the rows before "
            "the other way; give all of them one"
        )
    try:
        times = pd.to_datetime(texts, errors="coerce", format=form or "ISO8601", utc=bool(zoned.any()))
    except ValueError as error:
        raise InputError(f"time_format = {form!r} cannot be used ({error}); write it as '%d.%m.%Y %H:%M'") from None
    bad = times.isna().to_numpy()
    if bad.any():
        row = int(np.argmax(bad))
        wanted = f"of the form {form!r}" if form else "an ISO date as 2026-11-23 10:15:00"
        hint = "mend or cut the row" if form else "name its form, such as time_format = '%d.%m.%Y %H:%M'"
        raise DataError(f"{rows.at(column, row)} = {texts[row]!r} is not {wanted} ({int(bad.sum())} such rows); {hint}")
    index = pd.DatetimeIndex(times)
    ambiguous = 0
    if zone is not None and not zoned.any():
        index, ambiguous = _in_zone(index, zone_of(zone), rows, column)
    return timestamps(index, rows.file).astype("datetime64[ns]"), ambiguous


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name.

    Raises
    ------
    InputError
        If there is none, with the nearest that is.
    """
    if isinstance(name, str) and name in available_timezones():
        return ZoneInfo(name)
    near = difflib.get_close_matches(str(name), available_timezones(), 1)
    raise InputError(f"zone = {name!r} is no time zone; {f'did you mean {near[0]!r}?' if near else 'as Europe/Berlin'}")


def _in_zone(local: pd.DatetimeIndex, zone: ZoneInfo, rows: Rows, column: str) -> tuple[pd.DatetimeIndex, int]:
    """Local times as UTC; an hour that comes twice is taken in the order of the rows."""
    count = len(local)
    earlier, later = (
        local.tz_localize(zone, ambiguous=np.full(count, summer), nonexistent="NaT").tz_convert("UTC")
        for summer in (True, False)
    )
    gone = earlier.isna()
    if gone.any():
        row = int(np.argmax(gone))
        raise DataError(
            f"{rows.at(column, row)} = {rows.cells[column][row]!r} does not exist in {zone.key}, where the clock was "
            "put forward; is the file in UTC, or in another zone?"
        )
    twice = np.flatnonzero(earlier != later)
    if not twice.size:
        return earlier, 0
    plain = (index.tz_localize(None).to_numpy() for index in (earlier, later))
    first, second = (index.astype("datetime64[ns]").astype("int64") for index in plain)
    found: list[int] = first.tolist()
    steps = np.diff(first)
    step = int(np.median(steps[steps > 0])) if (steps > 0).any() else 0
    for row in twice.tolist():
        if row == 0:
            if not (np.diff(first[: twice.size]) < 0).any() and len(twice) < count:
                raise DataError(
                    f"{rows.at(column, 0)} = {rows.cells[column][0]!r} comes twice in {zone.key}, where the clock is "
                    "put back, and no row before it tells which; begin the file an hour earlier or later"
                )
            continue
        wanted = found[row - 1] + step
        found[row] = min((int(first[row]), int(second[row])), key=lambda t: abs(t - wanted))
    return pd.DatetimeIndex(np.array(found).astype("datetime64[ns]")), int(twice.size)
