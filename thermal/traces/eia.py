"""Hourly grid of the U.S. Energy Information Administration (form EIA-930): demand, exchange, generation, carbon.

Values stay what they are and gaps stay gaps; times are turned from the end of an hour to its start, in UTC.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from thermal.errors import DataError, InputError, listed
from thermal.inputs import number
from thermal.names import NAMES, describe
from thermal.traces.clock import read_dates
from thermal.traces.energy import header_of, utc_series
from thermal.traces.text import Rows, decoded, numbers, read_rows
from thermal.units import MW, kg, kWh

__all__ = ["EIA_FACTORS", "generation_carbon", "read_eia_grid"]

TIME, AREA = "UTC Time at End of Hour", "Balancing Authority"
FUEL = re.compile(r"Net Generation \(MW\) from (.+?)( \((Adjusted|Imputed)\))?")
FUELS = {  # of the six-month files, before and after July 2024
    "Coal": "coal", "Natural Gas": "gas", "Nuclear": "nuclear", "All Petroleum Products": "petroleum",
    "Hydropower and Pumped Storage": "hydro", "Hydropower Excluding Pumped Storage": "hydro",
    "Pumped Storage": "pumped_storage", "Solar": "solar", "Solar without Integrated Battery Storage": "solar",
    "Solar with Integrated Battery Storage": "solar", "Wind": "wind",
    "Wind without Integrated Battery Storage": "wind", "Wind with Integrated Battery Storage": "wind",
    "Battery Storage": "battery", "Other Energy Storage": "other_storage",
    "Unknown Energy Storage": "other_storage", "Geothermal": "geothermal", "Other Fuel Sources": "other",
    "Unknown Fuel Sources": "unknown",
}  # fmt: skip
CODES = {  # of the open-data service
    "COL": "coal", "NG": "gas", "NUC": "nuclear", "OIL": "petroleum", "WAT": "hydro", "PS": "pumped_storage",
    "SUN": "solar", "SNB": "solar", "WND": "wind", "WNB": "wind", "BAT": "battery", "OES": "other_storage",
    "UES": "other_storage", "GEO": "geothermal", "OTH": "other", "UNK": "unknown",
}  # fmt: skip
TOTALS = {"D": "grid_demand", "TI": "grid_interchange"}
COLUMNS = {"Demand (MW)": "grid_demand", "Total Interchange (MW)": "grid_interchange"}
STORES = ("battery", "other_storage", "pumped_storage")
HOUR = np.timedelta64(1, "h")
UNIT = "megawatthours"  # of an hour: MW
POUND = 0.45359237 * kg  # international avoirdupois pound
#: CO2 at the stack by net generation of U.S. utility-scale plants in 2022 [kg/J]: 2.30, 0.97 and 2.38 lb/kWh of coal,
#: natural gas and petroleum; none of nuclear, hydro, solar and wind. Of geothermal, other and unknown fuels it says
#: nothing. Source: EIA, Frequently Asked Questions 74, "How much carbon dioxide is produced per kilowatthour of U.S.
#: electricity generation?", table of 2022; single plants "may vary considerably".
EIA_FACTORS: Mapping[str, float] = {
    "coal": 2.30 * POUND / kWh, "gas": 0.97 * POUND / kWh, "petroleum": 2.38 * POUND / kWh, "nuclear": 0.0,
    "hydro": 0.0, "solar": 0.0, "wind": 0.0,
}  # fmt: skip


def read_eia_grid(
    path: str | Path | Sequence[str | Path], *, respondent: str | None = None, adjusted: bool = True
) -> xr.Dataset:
    r"""Hourly demand, exchange and generation by fuel of a balancing authority, as the EIA publishes them.

    Reads the six-month files (``EIA930_BALANCE_2024_Jul_Dec.csv``, with the columns of before and after July 2024), and
    what the open-data service, version 2, answers for ``electricity/rto/fuel-type-data`` and ``region-data``: its JSON,
    page by page, or the CSV of its browser; hourly in UTC or in local time.

    Parameters
    ----------
    path : path or list of paths
        File as downloaded, or several that follow each other: half-years, or pages.
    respondent : str, optional
        Code of the balancing authority, such as ``"PJM"``, where the file has several.
    adjusted : bool
        Of six-month files: values as the EIA corrected them, or as they were reported.

    Returns
    -------
    xarray.Dataset
        ``generation(fuel, time)``, ``grid_demand`` and ``grid_interchange(time)``, those that the file has [W]; a kind
        of solar, wind or store that the file splits is summed. ``area`` and ``treated`` in the attributes.

    Raises
    ------
    DataError
        If it is no such file, a page is missing, a cell or a time is wrong, or an hour comes twice; with its line.
    InputError
        If there are several balancing authorities and none is named, or the one named is not there.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "grid.csv")
    >>> _ = file.write_text("period,respondent,fueltype,value,value-units\n2024-01-01T05,ISNE,NG,5000,megawatthours\n"
    ...                     "2024-01-01T05,ISNE,NUC,3300,megawatthours\n2024-01-01T06,ISNE,NG,4800,megawatthours\n")
    >>> grid = read_eia_grid(file)
    >>> str(grid.time.values[0])[:16], float(grid.generation.sel(fuel="gas")[0])
    ('2024-01-01T04:00', 5000000000.0)
    """
    paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    if not paths:
        raise InputError("path is an empty list; name one file or more")
    texts = [decoded(p).lstrip() for p in paths]
    kinds = {t.startswith("{") or "period" in t.split("\n", 1)[0] for t in texts}
    if len(kinds) > 1:
        raise DataError(f"{paths[0].name} and others: some are six-month files, others answers of the service")
    if kinds == {True}:
        found = _answers([_page(p, t) for p, t in zip(paths, texts, strict=True)], respondent)
    else:
        parts = [_half_year(p, respondent, adjusted) for p in paths]
        areas = sorted({part.attrs["area"] for part in parts})
        if len(areas) > 1:
            raise InputError(f"respondent: the files are of {listed(areas)}; name one that all of them have")
        found = xr.concat(parts, "time", join="outer", combine_attrs="override") if len(parts) > 1 else parts[0]
        if (np.diff(found.time.values.astype("int64")) <= 0).any():
            raise DataError(f"{paths[0].name} and others: hours come twice or run backwards; name the files in order")
    treated = "times moved from the end of their hour to its start"
    return describe(found).assign_attrs(source=", ".join(p.name for p in paths), treated=treated)


def generation_carbon(grid: xr.Dataset, factors: Mapping[str, float] | None = None) -> xr.DataArray:
    """Carbon intensity of the generation in a grid: Σ e_f·g_f / Σ g_f over its fuels f.

    Of what is generated there, not of what is consumed: imports are left out, and so are stores, whose energy was
    generated before. Negative net generation counts as none. An hour in which a fuel is missing is missing.

    Parameters
    ----------
    grid : xarray.Dataset
        ``generation(fuel, time)``, as from `read_eia_grid`.
    factors : mapping, optional
        Emissions by fuel [kg/J]; by default `EIA_FACTORS`, CO2 at the stack of U.S. plants of 2022.

    Returns
    -------
    xarray.DataArray
        ``carbon_intensity(time)`` [kg/J].

    Raises
    ------
    InputError
        If a fuel that generates has no factor: nothing is assumed of it.

    Examples
    --------
    >>> grid = xr.Dataset({"generation": (("fuel", "time"), [[1e9], [1e9]])}, {"fuel": ["gas", "wind"]})
    >>> round(float(generation_carbon(grid)[0] * 3.6e6), 3)  # kg/kWh: half of 0.97 lb
    0.22
    """
    if not isinstance(grid, xr.Dataset) or "generation" not in grid or "fuel" not in grid["generation"].dims:
        raise InputError("grid has no generation(fuel, time); th.traces.read_eia_grid gives it")
    used = {str(k): number(f"factors[{k!r}]", v, "kg/J", low=0.0) for k, v in (factors or EIA_FACTORS).items()}
    sources = grid["generation"].sel(fuel=[f for f in grid["fuel"].values if f not in STORES])
    produced = sources.clip(min=0.0)
    lacking = [str(f) for f in sources["fuel"].values if f not in used and bool((produced.sel(fuel=f) > 0.0).any())]
    if lacking:
        share = float(produced.sel(fuel=lacking).sum() / produced.sum())
        raise InputError(
            f"factors: {listed(lacking)} generate {share:.2g} of the energy and have no factor; add them, such as "
            f"EIA_FACTORS | {{{lacking[0]!r}: 0.7 / 3.6e6}} for 0.7 kg/kWh"
        )
    weights = xr.DataArray([used.get(str(f), 0.0) for f in sources["fuel"].values], {"fuel": sources["fuel"]})
    total = produced.sum("fuel", skipna=False)
    made = (produced * weights).sum("fuel", skipna=False) / total.where(total > 0.0)
    kind = "direct, of generation" if factors is None else "of generation, by the factors given"
    attrs = NAMES["carbon_intensity"].attrs | {
        "boundary": kind,
        "factors": ", ".join(f"{k}={v:g}" for k, v in used.items()),
    }
    return made.rename("carbon_intensity").assign_attrs(attrs)


def _half_year(path: Path, respondent: str | None, adjusted: bool) -> xr.Dataset:
    """One balancing authority of a six-month file."""
    header = header_of(path)
    plain = {h: re.sub(r"\s+", " ", h).replace("witho Integrated", "with Integrated") for h in header}  # as published
    ending = " (Adjusted)" if adjusted else ""
    wanted: dict[str, str] = {}
    for column, name in plain.items():
        fuel = FUEL.fullmatch(name)
        if fuel and fuel.group(1) not in FUELS:
            raise DataError(f"{path.name}, line 1: column {column!r} is of no fuel that is known: {listed(FUELS)}")
        if fuel and (fuel.group(2) or "") == ending:
            wanted[column] = FUELS[fuel.group(1)]
        elif name.removesuffix(ending) in COLUMNS and name.endswith(ending):
            wanted[column] = COLUMNS[name.removesuffix(ending)]
    if not wanted:
        raise DataError(
            f"{path.name}, line 1: has no column like {'Demand (MW)' + ending!r}"
            + ("; adjusted = False reads values as reported" if adjusted else f"; it has {listed(header)}")
        )
    rows = read_rows(path, [AREA, TIME, *wanted], separator=",")
    rows, area = _of_one(rows, AREA, respondent)
    times, _ = read_dates(rows, TIME, "%m/%d/%Y %I:%M:%S %p", None)
    totals: dict[str, np.ndarray] = {}
    for column, name in wanted.items():
        values = MW * numbers(rows, column, ".", ",", ())
        if not np.isnan(values).all():  # a column without any value is of a kind that the area does not have
            totals[name] = totals[name] + values if name in totals else values
    return _dataset(rows, times, totals, TIME, area)


def _page(path: Path, text: str) -> tuple[Rows, int]:
    """Rows of one answer of the service, and how many it says there are."""
    needed = ["period", "respondent", "value", "value-units"]
    if not text.startswith("{"):
        kind = [k for k in ("fueltype", "type") if k in header_of(path)]
        return read_rows(path, [*needed, *(kind or ["fueltype"])], separator=","), 0
    try:
        answer = json.loads(text)["response"]
        data, total = answer["data"], int(answer.get("total", 0))
        kind = ["fueltype"] if "fueltype" in data[0] else ["type"]
        cells = {k: np.array(["" if row[k] is None else str(row[k]) for row in data], object) for k in needed + kind}
    except (ValueError, KeyError, TypeError, IndexError) as error:
        said = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else f"no {error}"
        raise DataError(f"{path.name}: is no answer of hourly grid data of the EIA ({said}); ask it anew") from None
    return Rows(path.name, cells, np.arange(1, len(data) + 1), ","), total


def _answers(pages: list[tuple[Rows, int]], respondent: str | None) -> xr.Dataset:
    """Series of all pages, whose rows are hours and codes in any order."""
    total, held = max(total for _, total in pages), sum(len(rows.lines) for rows, _ in pages)
    if held < total:
        raise DataError(
            f"{pages[0][0].file}: holds {held} of {total} rows; ask for the others with offset = {held} and name all "
            "pages in a list"
        )
    series: dict[str, pd.Series] = {}
    areas = set()
    for whole, _ in pages:
        rows, area = _of_one(whole, "respondent", respondent)
        areas.add(area)
        kind = "fueltype" if "fueltype" in rows.cells else "type"
        names = CODES if kind == "fueltype" else TOTALS | {"NG": "", "DF": ""}
        for column, known in ((kind, tuple(names)), ("value-units", (UNIT,))):
            wrong = next((k for k, cell in enumerate(rows.cells[column]) if cell.strip() not in known), None)
            if wrong is not None:
                cell = rows.cells[column][wrong]
                raise DataError(f"{rows.at(column, wrong)} = {cell!r} is none of {listed(known)}; ask for hourly data")
        times, values = _hours(rows), MW * numbers(rows, "value", ".", None, ())
        for code in dict.fromkeys(cell.strip() for cell in rows.cells[kind]):
            here = np.array([cell.strip() == code for cell in rows.cells[kind]])
            part = pd.Series(values[here], pd.DatetimeIndex(times[here]))
            series[code] = pd.concat([series[code], part]) if code in series else part
            twice = series[code].index[series[code].index.duplicated()]
            if len(twice):
                raise DataError(
                    f"{rows.file}: {code} at {twice[0] + HOUR:%Y-%m-%dT%H} comes twice; name each page once"
                )
    if len(areas) > 1:
        raise InputError(f"respondent: the pages are of {listed(sorted(areas))}; name one")
    table = pd.DataFrame(series).sort_index()
    totals: dict[str, np.ndarray] = {}
    for code in table:
        name, values = (CODES if kind == "fueltype" else TOTALS).get(str(code), ""), table[code].to_numpy()
        if name:
            totals[name] = totals[name] + values if name in totals else values
    if len(table) < 2:
        raise DataError(f"{pages[0][0].file}: has {len(table)} hours, a series needs at least two")
    lines = Rows(pages[0][0].file, {"period": table.index.to_numpy()}, np.arange(1, len(table) + 1), ",")
    return _dataset(lines, table.index.to_numpy() + HOUR, totals, "period", areas.pop())


def _hours(rows: Rows) -> np.ndarray:
    """Starts of hours in UTC; local ones carry their offset, ``2024-01-01T00-05``."""
    texts = [str(cell).strip() for cell in rows.cells["period"]]
    if any(re.fullmatch(r"\d{4}-\d\d-\d\d", t) for t in texts):
        raise DataError(f"{rows.file}: its periods are days, {texts[0]!r}; ask for frequency = hourly")
    local = [bool(re.fullmatch(r".{13}[+-]\d\d", t)) for t in texts]
    whole = [f"{t}00" if zoned else t for t, zoned in zip(texts, local, strict=True)]
    form = "%Y-%m-%dT%H%z" if all(local) else "%Y-%m-%dT%H"
    return read_dates(rows._replace(cells={"period": np.array(whole, object)}), "period", form, None)[0] - HOUR


def _of_one(rows: Rows, column: str, respondent: str | None) -> tuple[Rows, str]:
    """Rows of one balancing authority, and its code."""
    found = [str(cell).strip() for cell in rows.cells[column]]
    codes = sorted(set(found))
    if respondent is None and len(codes) > 1:
        raise InputError(f"respondent: {rows.file} has {listed(codes)}; name one, such as respondent = {codes[0]!r}")
    area = respondent if respondent is not None else codes[0]
    kept = np.array([code == area for code in found])
    if not kept.any():
        raise InputError(f"respondent = {respondent!r}: {rows.file} has {listed(codes)}")
    cells = {name: cells[kept] for name, cells in rows.cells.items()}
    return rows._replace(cells=cells, lines=rows.lines[kept]), area


def _dataset(rows: Rows, ends: np.ndarray, totals: dict[str, np.ndarray], column: str, area: str) -> xr.Dataset:
    """Fuels side by side and totals beside them, at the starts of their hours."""
    fuels = [name for name in totals if name not in COLUMNS.values()]
    plain = {name: values for name, values in totals.items() if name not in fuels}
    result = utc_series(rows, ends - HOUR, plain, column)
    if fuels:
        result["generation"] = (("fuel", "time"), np.array([totals[f] for f in fuels]))
        result = result.assign_coords(fuel=fuels)
    return result.assign_attrs(area=area)
