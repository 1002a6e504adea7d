"""Steady temperatures of a cold plate with the package under it, films and flow split solved with them."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import ConvergenceError, InputError
from thermal.physics.conjugate.assembly import Channels
from thermal.physics.conjugate.solve import Rises, conduct
from thermal.plate.flow import FlowState, even_split, flow_state, streams, towards
from thermal.plate.grid import Cells, PlateGrid, heated_area, plate_grid, spread_heat

__all__ = ["Operation", "check_conditions", "coolant_content", "grid_of", "operate", "solved"]

ROUNDS = 12  # of films and flow split against temperatures
SETTLED = 3e-4  # relative change of the films at which they have
ROUGH, NEAR = 1e-4, 0.01  # residual that will do while films still change by more than NEAR


class Operation(NamedTuple):
    """A plate solved at one operating point."""

    grid: PlateGrid
    state: FlowState
    channels: Channels
    power: np.ndarray
    rises: Rises


def operate(
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    heat: Any,
    flow: float,
    T_in: float,
    cells: Cells,
    tolerance: float,
    settled: float = SETTLED,
) -> Operation:
    """Solve temperatures, films and flow split together, until these change by less than `settled`.

    `heat` may also be the power of each cell.

    Raises
    ------
    ConvergenceError
        If the linear solver fails, or films and temperatures do not settle.
    """
    if not (isinstance(tolerance, float | int) and 1e-14 <= tolerance < 1):
        raise InputError(f"tolerance = {tolerance!r} must be a relative residual from 1e-14 to below 1")
    grid = grid_of(plate, package, cells)
    power = heat if np.ndim(heat) == 3 else spread_heat(grid, heat)
    mass_flow = even_split(plate, grid, coolant, flow, T_in)
    T = _first_guess(grid, mass_flow, coolant, power, T_in)
    film = rises = channels = None
    step: np.ndarray | None = None
    weight, goal = 1.0, np.inf
    for _ in range(ROUNDS):
        coolant.require(T, "coolant in the plate: temperature")
        state = flow_state(plate, grid, coolant, T, mass_flow)
        change = np.inf if film is None else float(np.abs(state.film / film - 1.0).max())
        before, step = step, np.log(state.mass_flow / mass_flow)
        moved = float(np.abs(step).max())
        if channels is not None and rises is not None and goal <= tolerance and max(change, moved) < settled:
            return Operation(grid, state._replace(mass_flow=mass_flow), channels, power, rises)
        weight = _relaxation(weight, before, step)
        mass_flow = towards(grid, mass_flow, step, weight)
        film, state = state.film, state._replace(mass_flow=mass_flow)
        channels = streams(plate, grid, coolant, state, float(T.mean()))
        goal = tolerance if max(change, moved) < NEAR else max(tolerance, ROUGH)
        rises = solved(grid, channels, power, goal, rises)
        T = T_in + rises.stream
    raise ConvergenceError(
        f"cold plate: films still change by {change:.1e} and the flow split by {moved:.1e} after {ROUNDS} rounds; "
        "more flow, or a coolant further from freezing, will settle"
    )


def _relaxation(weight: float, before: np.ndarray | None, step: np.ndarray) -> float:
    """Aitken's weight of the next step: shortened where steps turn back, as they do where warmth and flow feed back.

    ω ← −ω d₀·(d₁ − d₀) / |d₁ − d₀|², within [0.1, 1]: Irons and Tuck, Int. J. Numer. Meth. Eng. 1 (1969) 275-277.
    """
    if before is None or not (bend := float(((step - before) ** 2).sum())) > 0.0:
        return weight
    return min(max(-weight * float(before @ (step - before)) / bend, 0.1), 1.0)


def coolant_content(plate: ColdPlate, coolant: Coolant, grid: PlateGrid, T: float) -> np.ndarray:
    """Return the heat capacity of the coolant in each slice of each stream (ny, streams) [J/K]."""
    p = coolant.properties(T)
    area = (1.0 - plate.solid_share) * plate.breadth / grid.width.sum() * plate.channel_depth
    return np.outer(grid.body.dy, grid.width * area * p.density * p.heat_capacity)


def check_conditions(flow: Any, T_in: Any, coolant: Coolant) -> tuple[float, float]:
    """Return flow and inlet temperature as numbers, or raise unless flow is above zero and the inlet in range."""
    if not isinstance(coolant, Coolant):
        raise InputError(f"coolant = {coolant!r} must be a Coolant, such as th.load('coolants/pg25')")
    for name, value in (("flow", flow), ("T_in", T_in)):
        kinds = int | float | np.number | np.ndarray | xr.DataArray  # a result of one plate may feed the next
        if isinstance(value, bool) or not isinstance(value, kinds) or np.ndim(value):
            raise InputError(f"{name} = {value!r} must be a number")
    flow, T_in = float(flow), float(T_in)
    if not (np.isfinite(flow) and flow > 0):
        raise InputError(f"flow = {flow:g} m3/s must be above 0: without flow a cold plate has no steady state")
    coolant.require(T_in, "T_in")
    return flow, T_in


def grid_of(plate: ColdPlate, package: Stack | Package, cells: Cells) -> PlateGrid:
    """Return the cells of a plate on its package."""
    if isinstance(package, Stack):
        return plate_grid(plate, package, package.blocks[0], cells)
    if not isinstance(package, Package):
        raise InputError(f"package = {package!r} must be a Stack or a Package, such as th.load('packages/h100')")
    return plate_grid(plate, None, heated_area(plate, package), cells)


def solved(grid: PlateGrid, channels: Channels, power: np.ndarray, tolerance: float, previous: Rises | None) -> Rises:
    """Return steady rises at given films and flows, or raise."""
    rises = conduct(grid.body, channels, power, tolerance, previous)
    if not rises.outcome.converged:
        raise ConvergenceError(
            f"cold plate: residual {rises.outcome.residual:.1e} after {rises.outcome.iterations} iterations, "
            f"{tolerance:g} wanted; conductivities may differ by more than double precision resolves"
        )
    return rises


def _first_guess(
    grid: PlateGrid, mass_flow: np.ndarray, coolant: Coolant, power: np.ndarray, T_in: float
) -> np.ndarray:
    """Coolant temperatures if every stream took heat evenly along its way."""
    rate = mass_flow * coolant.properties(T_in).heat_capacity
    total = np.zeros((grid.body.dy.size, mass_flow.size))
    carried = np.zeros(int(grid.stream_pass.max()) + 1)
    for c, j, n, step, into, _ in grid.legs:
        share = rate[c] / rate[grid.legs[:, 0]].sum() * power.sum() / rate[c]
        order = np.arange(j, j + n * step, step)
        total[order, c] = share * (np.arange(n) + 0.5) / n + carried[:into].sum()
        carried[into] = share
    return T_in + total
