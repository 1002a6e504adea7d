"""Names, units and dimensions for a solved cold plate."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.components.package import Package
from thermal.components.plate import ColdPlate, Pattern
from thermal.components.stack import Stack
from thermal.names import describe
from thermal.physics.assembly import middles
from thermal.physics.boiling import saturation_temperature
from thermal.system.plate_grid import heated_area
from thermal.system.result import provenance

if TYPE_CHECKING:
    from thermal.system.plate_solve import Operation

__all__ = ["steady_result", "transient_result"]


def steady_result(
    plate: ColdPlate, package: Stack | Package, coolant: Coolant, at: "Operation", flow: float, T_in: float
) -> xr.Dataset:
    """Dataset of one operating point."""
    data, coords = _fields(plate, package, coolant, at, flow, T_in)
    heat = float(at.power.sum())
    junction, case = _maps(package, at, T_in)
    data |= {
        "heat": heat,
        "T_junction": float(np.nanmax(junction)),
        "T_case": float(np.nanmax(case)),
        "R_case": (float(np.nanmax(case)) - T_in) / heat if heat > 0 else math.nan,
        "R_junction": (float(np.nanmax(junction)) - T_in) / heat if heat > 0 else math.nan,
        "T_out": T_in + float(at.rises.outlet[-1]),
        "energy_residual": at.rises.residual,
    }
    return _finish(data, coords, plate, package, coolant, at)


def transient_result(
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    at: "Operation",
    flow: float,
    T_in: float,
    times: np.ndarray,
    records: list[Any],
) -> xr.Dataset:
    """Dataset of a transient; the fields are those of its end."""
    data, coords = _fields(plate, package, coolant, at, flow, T_in)
    rate = float(at.channels.rate[at.grid.stream_pass == at.grid.stream_pass.max()].sum())
    rate *= 2 if plate.pattern == Pattern.SPLIT else 1
    maps = [_maps(package, at._replace(rises=at.rises._replace(body=body)), T_in) for body, *_ in records]
    data |= {
        "T_junction": ("time", np.array([np.nanmax(junction) for junction, _ in maps])),
        "T_case": ("time", np.array([np.nanmax(case) for _, case in maps])),
        "T_out": ("time", T_in + np.array([record[1] for record in records]) / rate),
        "heat": ("time", np.array([record[3] for record in records])),
        "energy_residual": ("time", np.array([record[2] for record in records])),
    }
    return _finish(data, {**coords, "time": times}, plate, package, coolant, at)


def _finish(
    data: dict[str, Any],
    coords: dict[str, Any],
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    at: "Operation",
) -> xr.Dataset:
    result = describe(xr.Dataset(data, coords))
    if "time" in coords:
        result.time.attrs["units"] = "s"
    outcome = at.rises.outcome
    result.attrs |= provenance(plate, package, coolant)
    if isinstance(package, Package):
        area = heated_area(plate, package)
        result.attrs["package_covered"] = area.length * area.breadth / (package.length * package.breadth)
    result.attrs |= {"iterations": outcome.iterations, "residual": outcome.residual, "cells": int(at.power.size)}
    return result


def _fields(
    plate: ColdPlate, package: Stack | Package, coolant: Coolant, at: "Operation", flow: float, T_in: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a steady and a transient result share."""
    grid, rises = at.grid, at.rises
    body = T_in + np.where(np.moveaxis(grid.body.material, 1, 0) > 0, np.moveaxis(rises.body, 1, 0), np.nan)
    junction, case = _maps(package, at, T_in)
    boiling = saturation_temperature(coolant.pressure)
    wet = body[grid.first - 1 : grid.last + 1]
    data: dict[str, Any] = {
        "T_body": (("z", "y", "x"), body),
        "T_coolant": (("y", "channel"), T_in + rises.stream),
        "film": (("y", "channel"), at.state.film),
        "T_junction_map": (("y", "x"), junction),
        "T_case_map": (("y", "x"), case),
        "T_in": T_in,
        "flow": flow,
        "pressure_drop": at.state.pressure_drop,
        "pumping_power": at.state.pressure_drop * flow,
        "channel_flow": ("channel", at.state.mass_flow / grid.width / coolant.properties(T_in).density),
        "reynolds": at.state.reynolds,
        "superheat": float(np.nanmax(wet)) - boiling,
        "boils": bool(np.nanmax(wet) > boiling),
        "converged": rises.outcome.converged,
    }
    coords = {"x": middles(grid.body.dx), "y": middles(grid.body.dy), "z": middles(grid.body.dz)}
    return data, {**coords, "channel": np.arange(grid.width.size)}


def _maps(package: Stack | Package, at: "Operation", T_in: float) -> tuple[np.ndarray, np.ndarray]:
    """Temperatures of the active side and of the case, NaN where there is none."""
    grid, body = at.grid, at.rises.body
    area = np.outer(grid.body.dy, grid.body.dx)
    sources = sorted({k for k, _ in grid.sources})
    if isinstance(package, Package):
        flux = at.power[:, 0] / area
        case = body[:, 0] + flux * grid.body.dz[0] / 2 / plate_conductivity(at)
        case = np.where(flux > 0, case, np.nan)
        return T_in + case + package.R_junction_case * float(at.power.sum()), T_in + case
    solid = grid.body.material > 0
    junction = np.full(area.shape, np.nan)
    for k in sources:
        junction = np.fmax(junction, np.where(solid[:, k], body[:, k], np.nan))
    case = np.where(solid[:, grid.case], body[:, grid.case], np.nan)
    return T_in + junction, T_in + case


def plate_conductivity(at: "Operation") -> float:
    """Conductivity of the base [W/m K]."""
    return float(at.grid.body.conductivity[int(at.grid.body.material[0, 0, 0]), 2])
