"""Telemetry as it is: CSV, Parquet or netCDF and a mapping make one Dataset; nothing is filled, sorted or dropped."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import DataError, InputError, listed
from thermal.names import NAMES
from thermal.traces.clock import read_times
from thermal.traces.mapping import Channel, Layout, read_mapping
from thermal.traces.text import HIGHEST, Rows, decimal_of, numbers, read_rows
from thermal.units import to_si

__all__ = ["read_telemetry"]

KINDS = {b"PAR1": "parquet", b"\x89HDF": "h5netcdf", b"CDF\x01": "scipy", b"CDF\x02": "scipy"}


def read_telemetry(path: str | Path, mapping: str | Path | Mapping[str, Any]) -> xr.Dataset:
    r"""Read measured channels from a CSV, Parquet or netCDF file into the names and units of the package.

    Every row and every value stays what it is, in its place: `report` says what is wrong with them, and `in_order`,
    `drop_duplicates`, `blank`, `fill` and `resample` treat it, each by name.

    Parameters
    ----------
    path : path
        The file; its content, not its name, says its kind.
    mapping : path or mapping
        A TOML file, or a dictionary of the same form: a table ``[file]`` with ``time`` (column of the time),
        ``time_unit`` (``date``, ``unix``, ``unix ms`` or a unit), ``time_format``, ``zone`` (of dates that name none),
        ``stamp`` (``start`` or ``end``: which end of its interval a row's time names), ``separator``, ``decimal``,
        ``thousands``, ``skip`` (lines before the header), ``comment``, ``encoding`` and ``missing`` (texts that stand
        for no value), all of them optional; and a table ``[channels.NAME]`` for each variable with ``column``, or with
        ``columns`` and ``dim``, ``unit``, and the range ``low`` to ``high`` that its sensor can have.

    Returns
    -------
    xarray.Dataset
        The channels along ``time`` (UTC where the file has dates) with the ``line`` of each row. A name outside the
        nomenclature keeps its unit. Missing values are NaN.

    Raises
    ------
    DataError
        If the file cannot be read as the mapping says; with file, line, column, value and the next step.
    InputError
        If the mapping is wrong.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "row.csv")
    >>> _ = file.write_text("Zeit;P1;P2\n23.11.2026 10:00;100,5;90\n23.11.2026 10:15;110,5;95\n")
    >>> day = read_telemetry(file, {
    ...     "file": {"time": "Zeit", "time_format": "%d.%m.%Y %H:%M", "zone": "Europe/Berlin"},
    ...     "channels": {"heat": {"columns": ["P1", "P2"], "dim": "rack", "unit": "kW"}}})
    >>> day.heat.values, str(day.time.values[0])[:16]
    (array([[100500.,  90000.],
           [110500.,  95000.]]), '2026-11-23T09:00')
    """
    if not isinstance(path, str | Path):
        raise InputError(f"path is a {type(path).__name__}: give the file's name")
    path, layout = Path(path), read_mapping(mapping)
    kind = _kind(path)
    if kind == "text":
        columns, times, lines, said = _from_text(path, layout)
        units: dict[str, str] = {}
    else:
        columns, times, units = _from_parquet(path, layout) if kind == "parquet" else _from_netcdf(path, layout, kind)
        lines, said = np.arange(1, len(times) + 1), f"{kind}, lines are rows"
    variables = {channel.name: _variable(path, channel, columns, units) for channel in layout.channels}
    clock = ("time", times, {**({"units": "s"} if times.dtype.kind == "f" else {}), "stamp": layout.stamp})
    data = xr.Dataset(variables, {"time": clock, "line": ("time", lines)})
    for name in {channel.dim for channel in layout.channels} - {None}:
        data = data.assign_coords({name: np.arange(data.sizes[name])})
    for each in [*data.data_vars, *data.coords]:
        if str(each) in NAMES:
            data[each].attrs["long_name"] = NAMES[str(each)].long_name
    return data.assign_attrs(source=path.name, read=said, treated="nothing")


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not head:
        raise DataError(f"{path.name}: is empty")
    return KINDS.get(head, "text")


def _from_text(path: Path, layout: Layout) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, str]:
    if layout.time in layout.columns:
        raise InputError(f"column {layout.time!r} is the time and cannot be a channel too")
    rows: Rows = read_rows(
        path,
        [layout.time, *layout.columns],
        separator=layout.separator,
        skip=layout.skip,
        comment=layout.comment,
        encoding=layout.encoding,
    )
    decimal = layout.decimal or (decimal_of(rows, layout.columns) if layout.thousands is None else ".")
    if layout.thousands == decimal:
        raise InputError(f"thousands = {layout.thousands!r} is also the decimal mark; name the other with decimal =")
    columns = {name: numbers(rows, name, decimal, layout.thousands, layout.missing) for name in layout.columns}
    times, ambiguous = read_times(rows, layout.time, layout.time_unit, layout.time_format, layout.zone)
    said = f"separator {rows.separator!r}, decimal mark {decimal!r}"
    if times.dtype.kind == "M":
        said += f", times from {layout.zone or 'the zone they name, else UTC'} to UTC"
    if ambiguous:
        said += f", {ambiguous} rows in an hour that comes twice, taken in their order"
    return columns, times, rows.lines, said


def _from_parquet(path: Path, layout: Layout) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, str]]:
    if find_spec("pyarrow") is None:
        raise DataError(f"{path.name}: reading Parquet needs pyarrow, which is not installed: pip install pyarrow")
    try:
        table = pd.read_parquet(path, engine="pyarrow")
    except Exception as error:
        raise DataError(f"{path.name}: cannot be read as Parquet ({str(error)[:200]})") from None
    if layout.time not in table and table.index.name == layout.time:
        table = table.reset_index()
    return _from_table(path, layout, {str(name): table[name] for name in table}, {})


def _from_netcdf(path: Path, layout: Layout, engine: Any) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, str]]:
    try:
        with xr.open_dataset(path, engine=engine, decode_timedelta=False) as opened:
            data = opened.load()
    except Exception as error:
        raise DataError(f"{path.name}: cannot be read as netCDF ({str(error)[:200]})") from None
    columns = {str(name): data[name].to_series() for name in data.variables if data[name].ndim == 1}
    units = {str(name): str(data[name].attrs["units"]) for name in data.variables if "units" in data[name].attrs}
    return _from_table(path, layout, columns, units)


def _from_table(
    path: Path, layout: Layout, table: Mapping[str, pd.Series], units: dict[str, str]
) -> tuple[dict[str, np.ndarray], np.ndarray, dict[str, str]]:
    """Columns of numbers and their times, from a file that knows its types."""
    for name in (layout.time, *layout.columns):
        if name not in table:
            raise DataError(f"{path.name}: has no column {name!r}; it has {listed(table)}")
        if len(table[name]) != len(table[layout.time]):
            raise DataError(f"{path.name}: column {name!r} has {len(table[name])} rows, time {len(table[layout.time])}")
    columns = {}
    for name in layout.columns:
        if table[name].dtype.kind not in "iuf":
            first = str(table[name].iloc[0])[:40]
            raise DataError(f"{path.name}, row 1, column {name!r} = {first!r}: holds {table[name].dtype}, no numbers")
        columns[name] = table[name].to_numpy(dtype=float)
        wrong = abs(columns[name]) >= HIGHEST
        if wrong.any():
            row = int(np.argmax(wrong))
            value = f"{columns[name][row]:g}"
            raise DataError(
                f"{path.name}, row {row + 1}, column {name!r} = {value} is no number a sensor gives; mend it"
            )
    times = table[layout.time]
    if len(times) < 2:
        raise DataError(f"{path.name}: has {len(times)} rows, a trace needs at least two")
    texts = np.array([_text(t) for t in times], dtype=object)
    rows = Rows(path.name, {layout.time: texts}, np.arange(1, len(times) + 1), "")
    unit = "date" if times.dtype.kind in "MO" or isinstance(times.dtype, pd.DatetimeTZDtype) else layout.time_unit
    if unit == "date" and times.dtype.kind in "iuf":
        raise DataError(f"{path.name}: column {layout.time!r} holds numbers; say time_unit = 's' or 'unix'")
    return columns, read_times(rows, layout.time, unit, layout.time_format, layout.zone)[0], units


def _text(time: Any) -> str:
    return time.isoformat() if isinstance(time, pd.Timestamp) else str(time)


def _variable(path: Path, channel: Channel, columns: dict[str, np.ndarray], units: dict[str, str]) -> xr.Variable:
    """A channel in the unit of its name, with the range of its sensor."""
    series = []
    for column in channel.columns:
        unit = channel.unit or units.get(column)
        if unit is None:
            raise InputError(f"[channels.{channel.name}] needs a unit: {path.name} does not say that of {column!r}")
        target = channel.target or unit
        zero, one = (float(x) for x in to_si([0.0, 1.0], unit, target, f"{path.name}, column {column!r}"))
        series.append(columns[column] * (one - zero) + zero if (zero, one) != (0.0, 1.0) else columns[column])
    attrs: dict[str, Any] = {"units": {"-": "1", "": "1"}.get(target, target)}
    attrs |= {"columns": ", ".join(channel.columns)}
    attrs |= {key: x for key, x in (("valid_min", channel.low), ("valid_max", channel.high)) if np.isfinite(x)}
    if channel.dim is None:
        return xr.Variable("time", series[0], attrs)
    return xr.Variable(("time", channel.dim), np.stack(series, axis=1), attrs)
