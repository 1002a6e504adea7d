"""The main job: a day of a warm-water AI pod and a year of its plant, or the real Frontier day, told in one page."""

import json
import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from thermal import accounting, traces
from thermal.accounting.caveats import CAVEATS
from thermal.errors import InputError
from thermal.library import load
from thermal.network.faults import fault_table
from thermal.network.supply import Supply
from thermal.outdoors.climate import weather
from thermal.units import kWh, minute
from thermal.verbs import annual, transient

__all__ = ["Report", "frontier", "pod", "require_directory", "text", "to_json", "write"]

SEED = 7
FAILED = 2 * minute  # that each single failure is followed
CLIMATE = "climates/chicago"
WORKLOAD = "workloads/llama70b_b200"


class Report(NamedTuple):
    """What the main job found."""

    title: str
    labels: tuple[str, ...]  # what a reader must know about the inputs
    day: xr.Dataset
    year: xr.Dataset | None
    book: xr.Dataset  # ledger of the year, or of the day where there is no year
    workload: Any  # None where the site's tokens have no meaning
    solve_s: float
    failures: xr.Dataset | None = None  # single failures of the row, where that is looked at


def frontier() -> Report:
    """Simulate the 2024-04-07 of ORNL Frontier: 25 CDU groups and their plant at 15 s."""
    site = load("sites/frontier")
    trace = traces.frontier_day()
    liquid = site.loops[0].racks[0].liquid_fraction
    start = time.perf_counter()
    day = transient(
        site.loops, heat=trace["heat"] / liquid, facility=site.plant, weather=trace, until=86400.0, save=15.0
    )
    spent = time.perf_counter() - start
    labels = (
        "heat and wet bulb: Frontier-derived trace (source does not say whether telemetry or replay)",
        f"IT power = heat to liquid / {liquid:g}; the rest goes to air and is cooled by a system outside this boundary",
    )
    return Report("ORNL Frontier, 2024-04-07", labels, day, None, accounting.ledger(day), None, spent)


def pod(failures: bool = False) -> Report:
    """Simulate a day of one row of GB200 racks, and a year of a 20 MW site with the same load shape.

    With `failures`, also each single failure of the row at design heat.
    """
    site, climate = load("sites/generic_20mw"), load(CLIMATE)
    row, air = site.loops[0], weather(climate, seed=SEED)
    workload = load(WORKLOAD).replace(compute_share=site.compute_share)
    trace = traces.inference_day(row, seed=SEED, step=minute)
    shape = trace["heat"].sum("rack").values.reshape(24, -1).mean(axis=1) / row.design_heat.sum()
    it_power = site.it_power * xr.DataArray(shape[air["time"].dt.hour.values], {"time": air["time"]})
    supply = Supply(
        T=site.plant.T_supply, flow=site.plant.pump.flow / len(site.loops), coolant=load("coolants/water")
    )  # fmt: skip
    start = time.perf_counter()
    day = transient(row, heat=trace, facility=supply, step=1.0, save=minute)
    year = annual(site, it_power=it_power, weather=air)
    table = None
    if failures:
        heat = xr.DataArray(row.design_heat, dims="rack")
        table = fault_table(row.network(), heat=heat, facility=supply, until=FAILED)
    spent = time.perf_counter() - start
    labels = (
        f"workload: SYNTHETIC inference day, seed {SEED}",
        f"climate: SYNTHETIC year from monthly normals of {climate.site}",
        f"tokens: {workload.name}; the accelerators draw {workload.compute_share:.0%} of the rack, as its model says",
    )
    title = f"A row of {len(row.racks)} GB200 racks for a day, its {site.it_power / 1e6:g} MW site for a year"
    return Report(title, labels, day, year, accounting.ledger(year), workload, spent, table)


def figures(report: Report) -> dict[str, Any]:
    """The figures of a report under their stable machine-readable names; None where one has no meaning."""
    day, book = report.day, report.book
    cooling = {
        str(use): float(book["energy"].sel(end_use=use)) / kWh
        for use in book["end_use"].values
        if use in accounting.COOLING
    }
    water = float(accounting.wue(book)) if "water" in book else None
    token = float(accounting.energy_per_token(book, report.workload)) if report.workload is not None else None
    failures = {}
    if report.failures is not None:
        left = report.failures["time_to_limit"].to_series().to_dict()
        failures = {"seconds_to_limit": {name: s if math.isfinite(s) else None for name, s in left.items()}}
    return {
        "solve_s": report.solve_s,
        "peak_T_case_degC": float(day["T_case_peak"].max()),
        "supply_T_degC": float(day["T_supply"].mean()),
        "return_T_degC": float(day["T_return"].mean()),
        "facility_supply_T_degC": float(day["T_facility_supply"].mean()),
        "facility_return_T_degC": float(day["T_facility_return"].mean()),
        "T_case_limit_degC": float((day["margin"] + day["T_case"]).max()),
        "least_margin_K": float((day["margin"] + day["T_case"]).max() - day["T_case_peak"].max()),
        "pue": float(accounting.pue(book)),
        "wue_L_per_kWh": water,
        "j_per_token": token,
        "cooling_energy_kWh": cooling,
        "energy_residual_relative": max(_energy_residual(part) for part in (day, report.year) if part is not None),
        "mass_residual_relative": max(_mass_residual(part) for part in (day, report.year) if part is not None),
        **failures,
    }


def to_json(report: Report) -> str:
    """One JSON object of the figures."""
    return json.dumps(figures(report), allow_nan=False)


def text(report: Report) -> str:
    """A short report for people."""
    f, day = figures(report), report.day
    where = day["T_case_peak"].argmax(...)
    at = float(day["time_peak"].isel(where)) / 3600.0
    place = ", ".join(f"{name} {int(index)}" for name, index in where.items())
    pumps = float(day["pump_power"].sum([d for d in day["pump_power"].dims if d != "time"]).mean())
    window = "year" if report.year is not None else "day"
    lines = [
        report.title,
        *(f"  {label}" for label in report.labels),
        "",
        f"  peak case temperature   {f['peak_T_case_degC']:8.2f} °C    {place}, at {at:.2f} h",
        f"  case limit / margin     {f['T_case_limit_degC']:8.2f} °C    {f['least_margin_K']:.2f} K at the peak",
        f"  racks' supply / return  {f['supply_T_degC']:8.2f} °C    {f['return_T_degC']:.2f} °C (means of the day)",
        f"  facility water          {f['facility_supply_T_degC']:8.2f} °C    {f['facility_return_T_degC']:.2f} °C "
        "(means of the day)",
        f"  CDU pump power          {pumps / 1e3:8.2f} kW    mean of the day",
        f"  cooling energy of the {window}",
        *(f"    {use:20s}{energy:10.0f} kWh" for use, energy in f["cooling_energy_kWh"].items() if energy),
        f"  PUE                     {f['pue']:8.4f}",
        *(f"    {line}" for line in accounting.pue(report.book).attrs["boundary"].split("; ")),
    ]
    spoilt = {name: report.book[name] for name in CAVEATS if name in report.book and float(report.book[name]) > 0.0}
    for name, share in spoilt.items():
        of = f" ({share.attrs['of']})" if "of" in share.attrs else ""
        lines.append(f"  CAUTION: {float(share):.2%} {CAVEATS[name]}{of}")
    if f["wue_L_per_kWh"] is not None:
        lines.append(f"  WUE                     {f['wue_L_per_kWh']:8.3f} L/kWh")
    if f["j_per_token"] is not None:
        tags = accounting.energy_per_token(report.book, report.workload).attrs
        lines.append(
            f"  energy per token        {f['j_per_token']:8.4f} J     {tags['token_type']} tokens, {tags['basis']}"
        )
    if report.failures is not None:
        lines += _failures(report.failures)
    lines += [
        f"  energy residual         {f['energy_residual_relative']:8.1e} of the heat",
        f"  mass residual           {f['mass_residual_relative']:8.1e} of the flow",
        f"  solved in               {f['solve_s']:8.3f} s",
    ]
    return "\n".join(lines)


def _failures(table: xr.Dataset) -> list[str]:
    """The N-1 table of the row: how long its packages have, the shortest first."""
    table = table.sortby(["time_to_limit", "margin"])
    lines = [f"  N-1, the row at design heat: what fails, and how long until a case passes its limit (of {FAILED:g} s)"]
    for name in table["fault"].values.tolist():
        one = table.sel(fault=name)
        seconds, equals = float(one["time_to_limit"]), int(one["equals"])
        passed = f"{seconds:8.1f} s"
        saved = f"   never    {float(one['margin']):.1f} K left: {one['saved_by'].item()}"
        what = f"{name} (any of {equals})" if equals > 1 else name
        lines.append(f"    {what:34s}{passed if math.isfinite(seconds) else saved}")
    return lines


def write(report: Report, directory: Path) -> tuple[Path, Path]:
    """Write the datasets to one netCDF file and the overview to a PNG; return both paths.

    Each file appears whole or not at all.
    """
    from thermal import plots

    require_directory(directory)
    parts = {"day": report.day, "ledger": report.book}
    if report.year is not None:
        parts["year"] = report.year
    tree = xr.DataTree.from_dict({name: _plain(part) for name, part in parts.items()})
    data, picture = directory / "demo.nc", directory / "demo.png"
    _whole(data, lambda path: tree.to_netcdf(path, engine="h5netcdf"))
    figure = plots.overview(report.day, report.book, report.year, report.title)
    _whole(picture, lambda path: figure.savefig(path, dpi=110, format="png"))
    return data, picture


def require_directory(directory: Path) -> None:
    """Make the directory of the output and try that it can be written to.

    Raises
    ------
    InputError
        If it cannot be made or written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise InputError(f"out = {directory} cannot be written to ({error.strerror}); name another directory") from None


def _whole(path: Path, save: Any) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=path.suffix)
    os.close(handle)
    try:
        save(temporary)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # as open() would have made it; mkstemp lets only the owner read
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _plain(part: xr.Dataset) -> xr.Dataset:
    """Attributes as netCDF takes them."""
    return part.assign_attrs(
        {k: str(v) if isinstance(v, bool | dict | list | tuple) else v for k, v in part.attrs.items()}
    )


def _energy_residual(result: xr.Dataset) -> float:
    heat = result["heat"] if "heat" in result else result["power"].sel(end_use="it")
    return float(abs(result["energy_residual"]).sum() / heat.sum())


def _mass_residual(result: xr.Dataset) -> float:
    """Relative to the water that flows; in a year, to the water that is made up."""
    reference = 1000.0 * result["flow_facility"] if "flow_facility" in result else result["water_make_up"]
    return float(abs(result["mass_residual"]).sum() / reference.sum())
