"""Text files of rows as others write them: their encoding, separator and decimal mark; each cell keeps its line."""

import csv
import difflib
import io
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from thermal.errors import DataError, listed

__all__ = ["HIGHEST", "MISSING", "Rows", "decimal_of", "decoded", "numbers", "read_rows"]

SEPARATORS = (",", ";", "\t", "|")
MISSING = ("", "nan", "na", "n/a", "null", "none")  # in any case: a gap that stays a gap
HIGHEST = 1e100  # no sensor says more: a number beyond is damage, and overflows where it is multiplied
LARGEST = 4 * 1024**3  # bytes of a file
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+(e[+-]?\d+)?|[+-]?\d+\.", re.IGNORECASE)
THOUSANDS = re.compile(r"[+-]?\d{1,3}([.,' ]\d{3})+([.,]\d+)?")


class Rows(NamedTuple):
    """Columns of a file as text, with the line of each row."""

    file: str
    cells: dict[str, np.ndarray]
    lines: np.ndarray
    separator: str

    def at(self, column: str, row: int) -> str:
        """Place of a cell, as errors name it."""
        return f"{self.file}, line {self.lines[row]}, column {column!r}"


def read_rows(
    path: Path,
    needed: Collection[str],
    *,
    separator: str | None = None,
    skip: int = 0,
    stop: int | None = None,
    comment: str | None = None,
    encoding: str | None = None,
) -> Rows:
    """Read the needed columns of a file as text, none of it changed.

    Parameters
    ----------
    path : Path
        The file; a byte-order mark says its encoding.
    needed : collection of str
        Columns to keep, by their names in the header.
    separator : str, optional
        Between cells; by default the one of comma, semicolon, tab and bar that finds the columns.
    skip : int
        Lines before the header.
    stop : int, optional
        Line after which nothing is read.
    comment : str, optional
        Lines that begin so are passed over.
    encoding : str, optional
        Of a file without byte-order mark; by default UTF-8.

    Raises
    ------
    DataError
        If the file cannot be read or decoded, a column is missing, or a row has more or fewer cells than the header.
    """
    lines = decoded(path, encoding).splitlines()[:stop]
    start = skip
    while start < len(lines) and (not lines[start].strip() or (comment and lines[start].startswith(comment))):
        start += 1
    if start >= len(lines):
        raise DataError(
            f"{path.name}: cannot be read, it has no header after {skip} lines; skip says how many stand before it"
        )
    found = separator or _separator(lines[start], needed)
    header = [cell.strip() for cell in next(csv.reader([lines[start]], delimiter=found), [])]
    places = [_column(path.name, start + 1, header, name) for name in needed]
    body = io.StringIO("\n".join(lines[start + 1 :]) + "\n", newline="")
    reader = csv.reader(body, delimiter=found)
    kept: list[list[str]] = []
    numbers: list[int] = []
    try:
        before = 0
        for row in reader:
            line, spans, before = start + 1 + reader.line_num, reader.line_num - before, reader.line_num
            if not any(cell.strip() for cell in row) or (comment and row[0].startswith(comment)):
                continue
            if spans > 1 or len(row) != len(header):
                _require_width(path.name, line, row, header, found)
            kept.append([row[k] for k in places])
            numbers.append(line)
    except csv.Error as error:
        raise DataError(f"{path.name}, line {start + 1 + reader.line_num}: {error}; mend or cut the line") from None
    if len(kept) < 2:
        raise DataError(f"{path.name}: has {len(kept)} rows after its header, a trace needs at least two")
    columns = [np.array(column, dtype=object) for column in zip(*kept, strict=True)]
    return Rows(path.name, dict(zip(needed, columns, strict=True)), np.array(numbers), found)


def decoded(path: Path, encoding: str | None = None) -> str:
    """Text of a file, whose byte-order mark says its encoding; by default UTF-8.

    Raises
    ------
    DataError
        If it cannot be read, is too large, or is no text.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DataError(f"{path.name}: {size / 1e9:.3g} GB are more than {LARGEST / 1e9:.3g} GB; cut it into days")
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    known = next((name for mark, name in MARKS.items() if raw.startswith(mark)), encoding or "utf-8")
    try:
        text = raw.decode(known)
    except (UnicodeDecodeError, LookupError) as error:
        line = raw[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 1
        raise DataError(
            f"{path.name}, line {line}: cannot be read as {known}; name its encoding, such as encoding = 'latin-1'"
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DataError(f"{path.name}, line {line}: a zero byte, no text; the file is damaged or of another kind")
    return text


def _separator(header: str, needed: Collection[str]) -> str:
    """The separator that finds most of the columns, and among those the one that cuts most cells."""

    def score(separator: str) -> tuple[int, int]:
        cells = [cell.strip() for cell in next(csv.reader([header], delimiter=separator), [])]
        return len(set(needed) & set(cells)), len(cells)

    return max(SEPARATORS, key=score)


def _column(file: str, line: int, header: Sequence[str], name: str) -> int:
    if header.count(name) == 1:
        return list(header).index(name)
    if name in header:
        raise DataError(f"{file}, line {line}: the header has column {name!r} {header.count(name)} times; rename one")
    near = difflib.get_close_matches(name, header, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {listed(header)}"
    raise DataError(f"{file}, line {line}: the header has no column {name!r}; {hint}")


def _require_width(file: str, line: int, row: Sequence[str], header: Sequence[str], separator: str) -> None:
    broken = next((cell for cell in row if "\n" in cell), None)
    if broken is not None:
        raise DataError(f"{file}, line {line}: a quote that is not closed runs over several lines; mend it")
    extra = [cell for cell in row[len(header) :] if cell.strip()]
    if len(row) < len(header) or extra:
        why = "the row is cut short" if len(row) < len(header) else f"is {separator!r} also the decimal mark?"
        counts = f"has {len(row)} cells where the header has {len(header)}"
        raise DataError(f"{file}, line {line}: {counts}, first {row[0][:40]!r}; {why}")


def decimal_of(rows: Rows, columns: Sequence[str]) -> str:
    """Decimal mark of the values: a comma where some have one and none has a point.

    Raises
    ------
    DataError
        If some values have a decimal comma and others a point.
    """
    comma = _first(rows, columns, ",", DECIMAL_COMMA)
    point = _first(rows, columns, ".", DECIMAL_POINT) if comma else None
    if comma and point:
        raise DataError(
            f"{rows.at(*comma[:2])} = {comma[2]!r} has a decimal comma, {rows.at(*point[:2])} = {point[2]!r} a point; "
            "name the mark, decimal = ',' or '.', and mend the others"
        )
    return "," if comma else "."


def _first(rows: Rows, columns: Sequence[str], mark: str, form: re.Pattern[str]) -> tuple[str, int, str] | None:
    """The first cell of a form that has a mark: its column, row and text."""
    for column in columns:
        for row, cell in enumerate(rows.cells[column]):
            if mark in cell and form.fullmatch(cell.strip()):
                return column, row, cell.strip()
    return None


def numbers(rows: Rows, column: str, decimal: str, thousands: str | None, missing: Collection[str]) -> np.ndarray:
    """A column as numbers, NaN where it is empty or says that its value is missing.

    Raises
    ------
    DataError
        If a cell is something else; with line, column, value and how many there are.
    """
    raw = rows.cells[column]
    plain = raw
    if thousands:
        plain = np.array([cell.replace(thousands, "") for cell in plain], dtype=object)
    if decimal != ".":  # a point is then no mark
        plain = np.array([" " if "." in cell else cell.replace(decimal, ".") for cell in plain], dtype=object)
    values = np.array(pd.to_numeric(plain, errors="coerce"), dtype=float)
    if missing:
        values[[cell.strip() in missing for cell in raw]] = np.nan
    bad = ~(abs(values) < HIGHEST)
    for row in map(int, np.flatnonzero(bad)):
        cell = raw[row].strip()
        if cell in missing or cell.lower() in MISSING:
            bad[row], values[row] = False, np.nan
    if bad.any():
        row = int(np.argmax(bad))
        cell = raw[row].strip()
        hint = "list it under missing, or mend it"
        if THOUSANDS.fullmatch(cell):
            hint = f"the decimal mark is {decimal!r}; name the other with thousands ="
        elif DECIMAL_COMMA.fullmatch(cell) or DECIMAL_POINT.fullmatch(cell):
            hint = f"the decimal mark is {decimal!r}; name another with decimal ="
        raise DataError(f"{rows.at(column, row)} = {cell[:60]!r} is no number ({int(bad.sum())} such cells); {hint}")
    return values
