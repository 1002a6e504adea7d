"""A quick answer from the shell: one operating point or one year of a model, with quantities such as ``120kW``."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import thermal as th
from thermal.errors import InputError
from thermal.inputs import number
from thermal.readable import worded
from thermal.units import to_si

__all__ = ["annual", "as_json", "export", "lines", "named", "parse", "point", "steady", "transient", "write"]

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*")
BARE = {"degC", "-"}  # what may be written without a unit
EXAMPLE = {"s": "10min", "W": "120kW", "m3/s": "1900L/min", "degC": "26", "Pa": "80kPa"}
FIRST = ("T_case", "T_junction", "margin", "T_supply", "T_return", "pressure_drop", "R_case")  # of a steady answer


def parse(name: str, text: str, unit: str) -> float:
    """A quantity as one writes it in a shell, in `unit`; without a unit only temperatures and ratios.

    Examples
    --------
    >>> parse("--heat", "120kW", "W"), parse("--facility", "26", "degC"), parse("--facility", "78.8degF", "degC")
    (120000.0, 26.0, 26.0)
    """
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise InputError(f"{name} = {text!r:.60} is no quantity; write {EXAMPLE.get(unit, '1.5')}")
    value, given = float(found[1]), found[2]
    if not given and unit not in BARE:
        raise InputError(f"{name} = {text} has no unit; write {EXAMPLE.get(unit, unit)}, say")
    given = {"C": "degC", "°C": "degC", "F": "degF", "%": "percent"}.get(given, given) if given else unit
    return number(name, to_si(value, given, unit, name), unit)


def named(text: str, root: Path | None) -> Any:
    """A part by the name of its model."""
    return th.load(text.removesuffix(".toml"), root=root)


def air(text: str, root: Path | None) -> xr.Dataset:
    """Weather by a place's name, an EPW file, or a climate of the library."""
    return th.weather(named(text, root) if text.startswith("climates/") else text)


def steady(
    part: Any, root: Path | None, heat: str | None, facility: str | None, facility_flow: str | None,
    coolant: str | None, package: str | None, flow: str | None, T_in: str | None, weather: str | None,
) -> tuple[xr.Dataset, list[str]]:  # fmt: skip
    """One operating point, and what was assumed for it."""
    assumed: list[str] = []
    given = _given(part, root, heat, facility, facility_flow, assumed)
    if package is not None:
        given["package"] = named(package, root)
    if coolant is not None:
        given["coolant"] = named(coolant, root)
    elif isinstance(part, th.ColdPlateCurve):
        given["coolant"] = part.coolant
        assumed.append("coolant: the one that the plate was measured with")
    if flow is not None:
        given["flow"] = parse("--flow", flow, "m3/s")
    if T_in is not None:
        given["T_in"] = parse("--t-in", T_in, "degC")
    if weather is not None:
        given["weather"] = parse("--weather", weather, "degC")
    return th.steady(part, **given), assumed


def transient(
    part: Any, root: Path | None, heat: str | None, facility: str | None, facility_flow: str | None,
    weather: str | None, until: str, step: str, save: str | None, trip: str | None,
) -> tuple[xr.Dataset, list[str]]:  # fmt: skip
    """Behaviour in time under constant heat, and what was assumed for it."""
    assumed: list[str] = []
    given = _given(part, root, heat, facility, facility_flow, assumed)
    given |= {"until": parse("--until", until, "s"), "step": parse("--step", step, "s")}
    if save is not None:
        given["save"] = parse("--save", save, "s")
    if weather is not None:
        wet_bulb = _QUANTITY.fullmatch(weather)
        given["weather"] = parse("--weather", weather, "degC") if wet_bulb else air(weather, root)
    if trip is not None:
        if not isinstance(part, th.Loop):
            raise InputError("--trip stops a pump of the CDU of a loop; other parts take events in Python")
        given["events"] = [th.stop(part.cdu.pumps[0], at=parse("--trip", trip, "s"))]
    return th.transient(part, **given), assumed


def export(
    part: Any, root: Path | None, out: Path, facility: str | None, facility_flow: str | None, step: str,
    profile: str | None, outputs: list[str], version: int,
) -> tuple[Path, list[str]]:  # fmt: skip
    """A part as a co-simulation unit, and what was assumed for it."""
    assumed: list[str] = []
    given = _given(part, root, None, facility, facility_flow, assumed)
    step_of = parse("--step", step, "s")
    names = outputs or None
    path = th.fmi.export(part, out, **given, step=step_of, profile=profile, outputs=names, version=version)
    return path, assumed


def _given(
    part: Any, root: Path | None, heat: str | None, facility: str | None, flow: str | None, assumed: list[str]
) -> dict[str, Any]:
    """Heat and facility of loops, in SI."""
    given: dict[str, Any] = {}
    if heat is not None:
        given["heat"] = parse("--heat", heat, "W")
    if facility is not None and "/" in facility:
        given["facility"] = named(facility, root)
    elif facility is not None:
        given["facility"] = _supply(part, parse("--facility", facility, "degC"), flow, assumed)
    if flow is not None and not isinstance(given.get("facility"), th.Supply):
        raise InputError("--facility-flow needs the temperature of the facility water, --facility 26")
    return given


def _supply(part: Any, T: float, flow: str | None, assumed: list[str]) -> th.Supply:
    if flow is not None:
        return th.Supply(T=T, flow=parse("--facility-flow", flow, "m3/s"))
    if not isinstance(part, th.Loop):
        raise InputError("--facility of this part also needs --facility-flow 1900L/min")
    assumed.append(f"facility flow: {worded(part.cdu.valve_flow, 'm3/s')}, the reference flow of the CDU's open valve")
    return th.Supply(T=T, flow=part.cdu.valve_flow)


def annual(
    part: Any, root: Path | None, weather: str, it_power: str | None, T_supply: str | None
) -> tuple[xr.Dataset, xr.Dataset]:
    """A year and its ledger."""
    given: dict[str, Any] = {}
    if it_power is not None:
        given["it_power"] = parse("--it-power", it_power, "W")
    if T_supply is not None:
        given["T_supply"] = parse("--facility", T_supply, "degC")
    year = th.annual(part, weather=air(weather, root), **given)
    return year, th.ledger(year)


def point(year: xr.Dataset, book: xr.Dataset) -> xr.Dataset:
    """The year in a few numbers: PUE, WUE, energy by end use, hours by mode, and what spoils them."""
    sums = th.accounting.annual_sums(year)
    shares = [name for name in book.data_vars if str(name).endswith("_share")]
    kept = {
        "pue": th.pue(book),
        "wue": th.wue(book),
        "energy": book["energy"],
        "energy_site": book["energy_site"],
        "water": book["water"],
        **{str(name): sums[name] for name in sums.data_vars if str(name).startswith("hours_")},
        **{str(name): book[name] for name in shares},
    }
    return xr.Dataset(kept, attrs=year.attrs).drop_vars("time", errors="ignore")


def lines(title: str, result: xr.Dataset, assumed: list[str]) -> str:
    """A short answer for people: each variable with its least and most, in units people read."""
    names = [str(name) for name in result.data_vars]
    names.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    found = [title, *(f"  assumed {text}" for text in assumed), ""]
    for name in names:
        found += _row(name, result[name])
    return "\n".join(found)


def _row(name: str, values: xr.DataArray) -> list[str]:
    unit, meaning = str(values.attrs.get("units", "-")), str(values.attrs.get("long_name", ""))
    label = "end_use" if "end_use" in values.dims else None
    if label and values.ndim == 1:
        rows = [(str(use), worded(float(v), unit)) for use, v in zip(values[label].values, values.values, strict=True)]
        return [f"  {name:24s}{'':14s}  {meaning}", *(f"    {use:22s}{text:>14s}" for use, text in rows)]
    data = np.asarray(values.values)
    if data.dtype.kind == "b":
        yes = data.all() if name == "converged" else data.any()  # all must have converged; one that boils is enough
        return [f"  {name:24s}{'yes' if yes else 'no':>14s}  {meaning}"]
    if data.dtype.kind not in "iuf" or not data.size:
        return []
    least, most = worded(float(np.nanmin(data)), unit), worded(float(np.nanmax(data)), unit)
    text = least if least == most else f"{least} .. {most}"
    return [f"  {name:24s}{text:>14s}  {meaning}"]


def as_json(result: xr.Dataset) -> str:
    """One JSON object: each variable with units, dimensions and values in SI; what is not a number is null."""
    data = {}
    for name, values in result.data_vars.items():
        data[str(name)] = {
            "units": str(values.attrs.get("units", "-")),
            "dims": list(values.dims),
            "value": _plain(values.values.tolist()),
        }
    coords = {str(name): _plain(result[name].values.tolist()) for name in result.dims if name in result.coords}
    attrs = {str(name): str(value) for name, value in result.attrs.items()}
    return json.dumps({"data": data, "coords": coords, "attrs": attrs}, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def write(result: xr.Dataset, path: Path) -> None:
    """Write a result to netCDF, whole or not at all.

    Raises
    ------
    InputError
        If the name does not end with ``.nc``.
    """
    require_netcdf(path)
    plain = {k: str(v) if isinstance(v, bool | dict | list | tuple) else v for k, v in result.attrs.items()}
    part = path.with_name(f".{path.name}.part")
    try:
        result.assign_attrs(plain).to_netcdf(part, engine="h5netcdf")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def require_netcdf(path: Path) -> None:
    """Refuse a file name before anything is solved.

    Raises
    ------
    InputError
        If the name does not end with ``.nc``, or its directory does not exist.
    """
    if path.suffix != ".nc":
        raise InputError(f"--out = {path} must end with .nc, it is written as netCDF")
    if not path.parent.is_dir():
        raise InputError(f"--out = {path}: there is no directory {path.parent}")
