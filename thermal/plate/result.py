"""Names, units and dimensions for a solved cold plate."""

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.names import describe
from thermal.physics.conjugate.assembly import middles
from thermal.physics.media.boiling import saturation_temperature
from thermal.plate.conditions import Conditions
from thermal.plate.grid import LID, PlateGrid, covered, heated_area
from thermal.quantity import provenance

if TYPE_CHECKING:
    from thermal.plate.solve import Operation

__all__ = ["Hot", "Step", "active", "hottest", "maps", "share_above", "skin", "steady_result", "transient_result"]


def steady_result(c: Conditions, at: "Operation") -> xr.Dataset:
    """Dataset of one operating point."""
    data, coords = _fields(c, at)
    package, T_in = c.package, c.T_in
    heat = float(at.power.sum())
    hot = hottest(package, at.grid, at.rises.body, at.power)
    data |= {
        "heat": heat,
        "T_junction": T_in + hot.junction,
        "T_case": T_in + hot.case,
        "T_block": ("block", T_in + hot.means),
        "T_block_highest": ("block", T_in + hot.spots),
        "R_case": hot.case / heat if heat > 0 else math.nan,
        "R_junction": hot.junction / heat if heat > 0 else math.nan,
        "T_out": T_in + float(c.warmth.rise(at.rises.outlet)[-1]),
        "T_out_channel": ("channel", T_in + c.warmth.rise(_outlets(at))),
        "energy_residual": at.rises.residual,
    }
    return _finish(data, coords, c, at)


def transient_result(c: Conditions, at: "Operation", records: "list[Step]") -> xr.Dataset:
    """Dataset of a transient; the fields are those of its end."""
    data, coords = _fields(c, at)
    T_in = c.T_in
    data |= {
        "T_junction": ("time", T_in + np.array([r.hot.junction for r in records])),
        "T_case": ("time", T_in + np.array([r.hot.case for r in records])),
        "T_block": (("time", "block"), T_in + np.array([r.hot.means for r in records])),
        "T_block_highest": (("time", "block"), T_in + np.array([r.hot.spots for r in records])),
        "T_out": ("time", T_in + np.array([r.outlet for r in records])),
        "heat": ("time", np.array([r.heat for r in records])),
        "energy_residual": ("time", np.array([r.residual for r in records])),
    }
    return _finish(data, {**coords, "time": np.array([r.time for r in records])}, c, at)


def _outlets(at: "Operation") -> np.ndarray:
    """Warmth of each stream where it leaves its pass; of a split channel, the mean of its two ends.

    A slice's mean is (1 − lean) in + lean out, which gives the outlet of each slice from its inlet.
    """
    carried = at.rises.stream - at.rises.shift
    lean = at.rises.problem.lean.reshape(carried.shape)
    total, legs = np.zeros(at.grid.width.size), np.zeros(at.grid.width.size)
    for c, j, n, step, _, feed in at.grid.legs:
        theta = at.rises.outlet[feed] if feed >= 0 else 0.0
        for k in range(j, j + n * step, step):
            theta = (carried[k, c] - (1.0 - lean[k, c]) * theta) / lean[k, c]
        total[c] += theta
        legs[c] += 1
    return np.asarray(total / legs)


PROPERTIES = (
    "of the coolant at its mean temperature in each slice of each channel, its heat capacity included; ports at the "
    "plate's mean, headers of U and Z manifolds at the inlet's and at that of the last slices; the wall's not"
)


class Hot(NamedTuple):
    """Rises over the inlet that a result names [K]."""

    junction: float
    case: float
    means: np.ndarray  # of the blocks
    spots: np.ndarray  # highest of the blocks


class Step(NamedTuple):
    """What is kept of a step in time."""

    time: float  # its end [s]
    hot: Hot
    outlet: float  # rise of the coolant that leaves, mean over the step [K]
    heat: float  # at the end [W]
    residual: float  # [W]


def hottest(package: Stack | Package, grid: PlateGrid, body: np.ndarray, power: np.ndarray) -> Hot:
    """Read junction, case and blocks out of the rises `body` under the `power` of each cell."""
    junction, case = maps(package, grid, body, power)
    means, spots = [], []
    for k, block in grid.sources:
        share = covered(grid, k, block)
        field = np.where(share > 0, junction if isinstance(package, Package) else active(grid, k, body, power), 0.0)
        means.append((field * share).sum() / share.sum())
        spots.append(field[share > 0].max())
    return Hot(float(np.nanmax(junction)), float(np.nanmax(case)), np.array(means), np.array(spots))


def maps(
    package: Stack | Package, grid: PlateGrid, body: np.ndarray, power: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rises of the active side and of the case (ny, nx), NaN where there is none.

    Of a package, the junction lies over its case by the local flux: the junction-to-case resistance is shared by the
    heated area as that of a layer would be, without spreading inside. Spread evenly, it is the resistance times the
    whole power.
    """
    solid = grid.body.material > 0
    if isinstance(package, Package):
        area = covered(grid, *grid.sources[0])
        case = np.where(area > 0, active(grid, 0, body, power), np.nan)
        flux = np.divide(power[:, 0], area, out=np.zeros_like(area), where=area > 0)
        return case + package.R_junction_case * area.sum() * flux, case
    junction = np.full(body.shape[::2], np.nan)
    for k in sorted({k for k, _ in grid.sources}):
        junction = np.fmax(junction, np.where(solid[:, k], active(grid, k, body, power), np.nan))
    above = share_above(grid)
    case = (1.0 - above) * body[:, grid.case] + above * body[:, grid.case + 1]
    return junction, np.where(solid[:, grid.case], case, np.nan)


def active(grid: PlateGrid, k: int, body: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Rises where the heat of layer `k` enters (ny, nx): the lowest layer's lower face, elsewhere the cells' middle."""
    return np.asarray(body[:, k] + power[:, k] * skin(grid, k))


def skin(grid: PlateGrid, k: int) -> np.ndarray:
    """Resistance from where heat enters layer `k` to the middle of its cells (ny, nx) [K/W]."""
    solid = grid.body.material[:, k] > 0
    if k > 0:
        return np.zeros(solid.shape)
    return np.where(solid, _half(grid, k), 0.0) / np.outer(grid.body.dy, grid.body.dx)


def share_above(grid: PlateGrid) -> np.ndarray:
    """Weight of the cells above in the temperature of the case's upper face (ny, nx); the rest is that of the case."""
    low, high = _half(grid, grid.case), _half(grid, grid.case + 1)
    solid = np.isfinite(low)
    low = np.where(solid, low, 0.0)
    return np.asarray(low / (low + grid.body.contact[grid.case + 1] + high))


def _half(grid: PlateGrid, k: int) -> np.ndarray:
    """Resistance of half a cell of layer `k` upwards (ny, nx), infinite in void [m² K/W]."""
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 * grid.body.dz[k] / grid.body.conductivity[grid.body.material[:, k], 2])


def _finish(
    data: dict[str, Any],
    coords: dict[str, Any],
    c: Conditions,
    at: "Operation",
) -> xr.Dataset:
    package = c.package
    result = describe(xr.Dataset(data, coords))
    if "time" in coords:
        result.time.attrs["units"] = "s"
    outcome = at.rises.outcome
    result.attrs |= provenance(c.plate, package, c.coolant)
    if isinstance(package, Package):
        area = heated_area(c.plate, package)
        result.attrs["package_covered"] = area.area / (package.length * package.breadth)
    else:
        lids = [layer.name for layer in package.layers if layer.name.casefold() == LID]
        result.attrs["case"] = [package.layers[-1].name, *lids][-1]  # layer whose upper face T_case is
    result.attrs["properties"] = PROPERTIES
    result.attrs |= {"iterations": outcome.iterations, "residual": outcome.residual, "cells": int(at.power.size)}
    return result


def _fields(c: Conditions, at: "Operation") -> tuple[dict[str, Any], dict[str, Any]]:
    """What a steady and a transient result share."""
    coolant, T_in, flow = c.coolant, c.T_in, c.flow
    grid, rises = at.grid, at.rises
    junction, case = maps(c.package, grid, rises.body, at.power)
    body = T_in + np.where(np.moveaxis(grid.body.material, 1, 0) > 0, np.moveaxis(rises.body, 1, 0), np.nan)
    boiling = saturation_temperature(coolant.pressure)
    wet = body[grid.first - 1 : grid.last + 1]
    data: dict[str, Any] = {
        "T_body": (("z", "y", "x"), body),
        "T_coolant": (("y", "channel"), T_in + rises.stream),
        "film": (("y", "channel"), at.state.film),
        "T_junction_map": (("y", "x"), T_in + junction),
        "T_case_map": (("y", "x"), T_in + case),
        "T_in": T_in,
        "flow": flow,
        "pressure_drop": at.state.pressure_drop,
        "pumping_power": at.state.pressure_drop * flow,
        "channel_flow": ("channel", at.state.mass_flow / grid.width / coolant.properties(T_in).density),
        "reynolds": at.state.reynolds,
        "outside_film": at.state.outside,
        "superheat": float(np.nanmax(wet)) - boiling,
        "boils": bool(np.nanmax(wet) > boiling),
        "converged": rises.outcome.converged,
    }
    coords = {"x": middles(grid.body.dx), "y": middles(grid.body.dy), "z": middles(grid.body.dz)}
    return data, {**coords, "channel": np.arange(grid.width.size), "block": [block.name for _, block in grid.sources]}
