"""Series of the grid as open services write them: sun, wind, day-ahead prices and carbon, in UTC and in SI.

Values stay what they are and gaps stay gaps; `thermal.traces.fill` and `resample` treat them by name.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import DataError, InputError, listed
from thermal.inputs import number
from thermal.names import describe
from thermal.traces.clock import read_dates
from thermal.traces.text import Rows, decoded, numbers, read_rows
from thermal.units import MWh, kg, kW, kWh

__all__ = ["read_electricity_maps", "read_entsoe_prices", "read_pvgis", "read_renewables_ninja"]

MTU = re.compile(r"MTU \((.+)\)")
PRICE = re.compile(r"Day-ahead Price [\[(]([A-Z]{3})/MWh[\])]")
CARBON = re.compile(r"Carbon intensity gCO₂eq/kWh \((direct|Life cycle|LCA)\)", re.IGNORECASE)
MARKED = re.compile(r" \(([A-Z]+)\)$")
ZONES = {"UTC": "UTC", "CET/CEST": "Europe/Brussels", "EET/EEST": "Europe/Helsinki", "WET/WEST": "Europe/Lisbon"}
OFFSETS = {"UTC": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3}  # hours
NO_PRICE = ("n/e", "N/A", "-")  # not expected, not available


def read_pvgis(path: str | Path, *, rated_power: float | None = None) -> xr.Dataset:
    r"""Hourly PV power of PVGIS (Joint Research Centre; ``seriescalc``), its CSV or its JSON.

    The service names the minute at which a satellite saw the place (00:10, say) for the hour around it, in UTC. Times
    are moved to the start of that hour, so that they meet those of other series; ``treated`` says so.

    Parameters
    ----------
    path : path
        File as downloaded, with the box for PV power ticked.
    rated_power : float, optional
        Of the plant in mind [W]: the power is scaled from that of the file.

    Returns
    -------
    xarray.Dataset
        ``pv_power(time)`` [W]; ``rated_power`` in the attributes.

    Raises
    ------
    DataError
        If the file is none of the service, or holds no power, or a cell or a time is wrong; with its line.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "pv.csv")
    >>> _ = file.write_text("Nominal power of the PV system (c-Si) (kWp):\t1.0\n\ntime,P,G(i)\n"
    ...                     "20200601:1110,600.0,700\n20200601:1210,650.0,750\n\nP: PV system power (W)\n")
    >>> sun = read_pvgis(file, rated_power=5e6)
    >>> str(sun.time.values[0])[:16], float(sun.pv_power[0])
    ('2020-06-01T11:00', 3000000.0)
    """
    path = Path(path)
    text = decoded(path)
    rows, peak = _pvgis_json(path, text) if text.lstrip().startswith("{") else _pvgis_csv(path, text)
    times, _ = read_dates(rows, "time", "%Y%m%d:%H%M", None)
    power = numbers(rows, "P", ".", None, ())
    return _power(rows, times.astype("datetime64[h]"), power, "pv_power", peak, rated_power).assign_attrs(
        treated=f"times moved to the start of their hour, from {rows.cells['time'][0][-4:]}"
    )


def read_renewables_ninja(path: str | Path, *, rated_power: float | None = None) -> xr.Dataset:
    r"""Hourly power of PV or wind of Renewables.ninja (Pfenninger and Staffell, 2016), its CSV with or without header.

    Parameters
    ----------
    path : path
        File as downloaded for a point.
    rated_power : float, optional
        Of the plant in mind [W]: the power is scaled from the capacity of the file.

    Returns
    -------
    xarray.Dataset
        ``pv_power`` or ``wind_power(time)`` [W]; ``rated_power`` in the attributes.

    Raises
    ------
    DataError
        If the file does not say what it is of, or a cell or a time is wrong; with its line.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "wind.csv")
    >>> _ = file.write_text("# Renewables.ninja Wind (Point API)\n# {\"params\": {\"capacity\": 1.0}}\n"
    ...                     "time,electricity\n2019-01-01 00:00,0.25\n2019-01-01 01:00,0.5\n")
    >>> read_renewables_ninja(file, rated_power=3e6).wind_power.values
    array([ 750000., 1500000.])
    """
    path = Path(path)
    head = [line for line in decoded(path).splitlines() if line.startswith("#")]
    kind = re.search(r"\b(PV|Wind)\b", " ".join(head), re.IGNORECASE)
    if kind is None:
        raise DataError(f"{path.name}: no comment says whether it is PV or Wind; download it with its header")
    said = re.search(r"capacity\W+([0-9.eE+-]+)", " ".join(head))
    peak = float(said.group(1)) * kW if said else None
    rows = read_rows(path, ["time", "electricity"], comment="#", separator=",")
    times, _ = read_dates(rows, "time", None, None)
    name = "pv_power" if kind.group(1).lower() == "pv" else "wind_power"
    return _power(rows, times, kW * numbers(rows, "electricity", ".", None, ()), name, peak, rated_power)


def read_entsoe_prices(path: str | Path, *, sequence: str | None = None) -> xr.Dataset:
    r"""Day-ahead prices of the transparency platform of ENTSO-E, its CSV of before and after 2024.

    Times are the starts of their units; the zone of the header (UTC, CET/CEST, ...) is turned to UTC, the hour that
    comes twice in autumn included, by its mark or by the order of the rows.

    Parameters
    ----------
    path : path
        File as downloaded, of one bidding zone.
    sequence : str, optional
        Which auction, where the file has several: ``"Sequence 1"``.

    Returns
    -------
    xarray.Dataset
        ``price(time)`` per joule; ``currency`` and ``area`` in the attributes.

    Raises
    ------
    DataError
        If columns are missing, a cell is no price, or times come twice; with its line.
    InputError
        If there are several sequences and none is named.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "prices.csv")
    >>> _ = file.write_text('"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|DE-LU"\n'
    ...                     '"01.01.2023 00:00 - 01.01.2023 01:00","-5.17","EUR",""\n'
    ...                     '"01.01.2023 01:00 - 01.01.2023 02:00","-1.07","EUR",""\n')
    >>> prices = read_entsoe_prices(file)
    >>> str(prices.time.values[0])[:16], round(float(prices.price[0] * 3.6e9), 2)  # per MWh
    ('2022-12-31T23:00', -5.17)
    """
    path = Path(path)
    header = header_of(path)
    unit = _one(path, header, MTU, "MTU (CET/CEST)")
    value = _one(path, header, PRICE, "Day-ahead Price (EUR/MWh)")
    also = [name for name in ("Sequence", "Area") if name in header]
    rows = _chosen(read_rows(path, [unit, value, *also]), sequence)
    named = str(MTU.fullmatch(unit).group(1))  # type: ignore[union-attr]
    if named not in ZONES:
        raise DataError(f"{path.name}, line 1: column {unit!r} is in no zone that is known: {listed(ZONES)}")
    times = _starts(rows, unit, ZONES[named])
    price = numbers(rows, value, ".", None, NO_PRICE) / MWh
    areas = set(rows.cells["Area"]) if "Area" in also else {h for h in header if h.startswith("BZN|")}
    if len(areas) > 1:
        raise DataError(f"{path.name}: holds prices of {listed(sorted(areas))}; cut it to one bidding zone")
    currency = str(PRICE.fullmatch(value).group(1))  # type: ignore[union-attr]
    return utc_series(rows, times, {"price": price}, unit).assign_attrs(currency=currency, area=next(iter(areas), ""))


def read_electricity_maps(path: str | Path, *, life_cycle: bool = True) -> xr.Dataset:
    r"""Carbon intensity of Electricity Maps, its CSV of hours of one zone (Open Database Licence).

    Parameters
    ----------
    path : path
        File as downloaded.
    life_cycle : bool
        Emissions of building and fuel supply included, or direct ones alone.

    Returns
    -------
    xarray.Dataset
        ``carbon_intensity(time)`` [kg/J]; ``area`` in the attributes.

    Raises
    ------
    DataError
        If columns are missing, or a cell or a time is wrong; with its line.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "carbon.csv")
    >>> _ = file.write_text("Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
    ...                     "Carbon intensity gCO₂eq/kWh (Life cycle)\n2024-01-01 00:00:00,France,France,FR,20,32\n"
    ...                     "2024-01-01 01:00:00,France,France,FR,18,30\n", encoding="utf-8")
    >>> (read_electricity_maps(file).carbon_intensity * 3.6e9).round(9).values  # g/kWh
    array([32., 30.])
    """
    path = Path(path)
    header = header_of(path)
    kinds = {"direct": False, "life cycle": True, "lca": True}
    found = [h for h in header if (m := CARBON.fullmatch(h)) and kinds[m.group(1).lower()] is life_cycle]
    if len(found) != 1:
        kind = "life-cycle" if life_cycle else "direct"
        raise DataError(f"{path.name}, line 1: has no column of {kind} carbon intensity; it has {listed(header)}")
    zone = next((h for h in header if h.lower() == "zone id"), None)
    rows = read_rows(path, ["Datetime (UTC)", found[0], *([zone] if zone else [])], separator=",")
    times, _ = read_dates(rows, "Datetime (UTC)", None, None)
    values = numbers(rows, found[0], ".", None, ()) * 1e-3 * kg / kWh
    if (values < 0.0).any():
        row = int(np.argmax(values < 0.0))
        raise DataError(f"{rows.at(found[0], row)} = {rows.cells[found[0]][row]} is negative; no emission is")
    areas = set(rows.cells[zone]) if zone else set()
    if len(areas) > 1:
        raise DataError(f"{path.name}: holds zones {listed(sorted(areas))}; cut it to one")
    result = utc_series(rows, times, {"carbon_intensity": values}, "Datetime (UTC)")
    return result.assign_attrs(area=next(iter(areas), ""), boundary="life cycle" if life_cycle else "direct")


def _pvgis_csv(path: Path, text: str) -> tuple[Rows, float | None]:
    lines = text.splitlines()
    head = next((k for k, line in enumerate(lines) if line.startswith("time,")), None)
    if head is None:
        raise DataError(f"{path.name}: no line begins with 'time,' as the hourly CSV of PVGIS has it; is it of hours?")
    if "P" not in lines[head].split(","):
        raise DataError(f"{path.name}, line {head + 1}: has no column 'P'; tick PV power when downloading it")
    end = next((k for k in range(head, len(lines)) if not lines[k].strip()), len(lines))
    said = re.search(r"Nominal power of the PV system.*\(kWp\):\s*([0-9.]+)", text)
    peak = float(said.group(1)) * kW if said else None
    return read_rows(path, ["time", "P"], separator=",", skip=head, stop=end), peak


def _pvgis_json(path: Path, text: str) -> tuple[Rows, float | None]:
    try:
        whole = json.loads(text)
        hours = whole["outputs"]["hourly"]
        cells = {name: np.array([str(hour[name]) for hour in hours], object) for name in ("time", "P")}
    except (ValueError, KeyError, TypeError) as error:
        said = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else f"no {error}"
        raise DataError(f"{path.name}: is no hourly JSON of PVGIS with PV power ({said}); download it anew") from None
    if len(hours) < 2:
        raise DataError(f"{path.name}: has {len(hours)} hours, a series needs at least two")
    module = whole.get("inputs", {}).get("pv_module", {}) if isinstance(whole.get("inputs"), dict) else {}
    peak = float(module["peak_power"]) * kW if "peak_power" in module else None
    return Rows(path.name, cells, np.arange(1, len(hours) + 1), ","), peak


def header_of(path: Path) -> list[str]:
    """Columns of a file that begins with them."""
    first = decoded(path).split("\n", 1)[0].strip()
    separator = max(",;\t", key=first.count)
    return [cell.strip().strip('"') for cell in first.split(separator)]


def _one(path: Path, header: list[str], form: re.Pattern[str], like: str) -> str:
    """The one column of a form."""
    found = [name for name in header if form.fullmatch(name)]
    if len(found) != 1:
        raise DataError(
            f"{path.name}, line 1: has {len(found)} columns like {like!r}, one is needed; it has {listed(header)}"
        )
    return found[0]


def _chosen(rows: Rows, sequence: str | None) -> Rows:
    """Rows of one auction."""
    if "Sequence" not in rows.cells:
        if sequence is not None:
            raise InputError(f"sequence = {sequence!r}: {rows.file} has no column 'Sequence'; leave it out")
        return rows
    kinds = sorted(set(rows.cells["Sequence"]))
    if sequence is None and len(kinds) > 1:
        raise InputError(f"{rows.file} has {listed(kinds)}: name one, such as sequence = {kinds[0]!r}")
    kept = np.array([cell == (sequence or kinds[0]) for cell in rows.cells["Sequence"]])
    if kept.sum() < 2:
        raise InputError(f"sequence = {sequence!r}: {rows.file} has {listed(kinds)}")
    return rows._replace(cells={name: cells[kept] for name, cells in rows.cells.items()}, lines=rows.lines[kept])


def _starts(rows: Rows, column: str, zone: str) -> np.ndarray:
    """Starts of market time units in UTC; a mark such as (CEST) on a row goes before the zone of the header."""
    starts = [str(cell).split(" - ")[0].strip() for cell in rows.cells[column]]
    marks = [m.group(1) if (m := MARKED.search(s)) else None for s in starts]
    plain = [MARKED.sub("", s).replace("/", ".") for s in starts]
    form = "%d.%m.%Y %H:%M:%S" if plain[0].count(":") == 2 else "%d.%m.%Y %H:%M"
    local = rows._replace(cells={column: np.array(plain, object)})
    if not any(marks):
        return read_dates(local, column, form, zone)[0]
    unknown = next((k for k, m in enumerate(marks) if m is not None and m not in OFFSETS), None)
    if unknown is not None:
        raise DataError(f"{rows.at(column, unknown)} is in {marks[unknown]!r}, none of {listed(OFFSETS)}")
    bare, _ = read_dates(local, column, form, None)
    summer = pd.DatetimeIndex(bare).tz_localize(zone, ambiguous=True, nonexistent="NaT")
    zoned = summer.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[ns]")
    for k, mark in enumerate(marks):
        if mark is not None:
            zoned[k] = bare[k] - np.timedelta64(OFFSETS[mark], "h")
    if np.isnat(zoned).any():
        row = int(np.argmax(np.isnat(zoned)))
        raise DataError(f"{rows.at(column, row)} = {starts[row]!r} does not exist in {zone}: the clock was put forward")
    return zoned


def _power(
    rows: Rows, times: np.ndarray, values: np.ndarray, name: str, peak: float | None, rated: float | None
) -> xr.Dataset:
    """Power of a plant, scaled to another size where asked."""
    if (values < 0.0).any():
        row = int(np.argmax(values < 0.0))
        raise DataError(f"{rows.file}, line {rows.lines[row]}: power is {values[row]:g} W; it cannot be negative")
    if rated is not None:
        wanted = number("rated_power", rated, "W", above=0.0)
        if not peak:
            raise InputError(
                f"rated_power: {rows.file} does not say of which size its plant is; scale the power yourself"
            )
        values, peak = values * (wanted / peak), wanted
    result = utc_series(rows, times, {name: values}, "time")
    return result.assign_attrs({"rated_power": peak} if peak else {})


def utc_series(rows: Rows, times: np.ndarray, columns: dict[str, np.ndarray], column: str) -> xr.Dataset:
    """Values over times that rise, marked as UTC."""
    clock = times.astype("datetime64[ns]")
    steps = np.diff(clock.astype("int64"))
    if (steps <= 0).any():
        row = int(np.argmax(steps <= 0)) + 1
        what = "comes twice" if steps[row - 1] == 0 else "is before the row above"
        raise DataError(f"{rows.at(column, row)} = {rows.cells[column][row]!r} {what}; mend or cut the file")
    data: dict[str, Any] = {name: ("time", values) for name, values in columns.items()}
    result = describe(xr.Dataset(data, {"time": ("time", clock)}))
    result["time"].attrs |= {"time_zone": "UTC", "stamp": "start"}
    return result.assign_attrs(source=rows.file)
