"""Stacks of the program 3D-ICE solved here, with that program's discretisation or with this one's."""

from typing import Any

import numpy as np
import xarray as xr

from thermal import inputs
from thermal.errors import InputError
from thermal.formats.ice import Cavity, IceStack
from thermal.plate.conditions import checked_tolerance
from thermal.plate.ice.links import Network, network_of
from thermal.plate.ice.power import count_slots, heat_of, shares_of
from thermal.plate.ice.requests import State
from thermal.plate.ice.resolved import QUARTERS, steady_resolved, transient_resolved
from thermal.plate.ice.result import Record, fields, labelled
from thermal.plate.ice.sheets import Grid, count_cells, grid_of, in_columns
from thermal.plate.ice.sparse import LIMIT, Solve, solver_of

__all__ = ["steady_ice", "transient_ice"]

GAMMA = 1.0 - 0.5 * np.sqrt(2.0)  # of the two-stage rule, stiffly accurate and L-stable


def steady_ice(
    stack: IceStack,
    as_3dice: bool = False,
    cells_over_fin: int = 8,
    slices: int | None = None,
    tolerance: float = 1e-9,
) -> xr.Dataset:
    """Steady temperatures of a 3D-ICE stack file, under the first power value of each block.

    Parameters
    ----------
    stack : IceStack
        From ``th.formats.read_ice``, the ``.stk`` file with its floorplans beside it.
    as_3dice : bool
        Use that program's discretisation: one cell over the channel height, central advection, outer nodes on the
        faces.
    cells_over_fin : int
        Cells over the height of resolved channels otherwise.
    slices : int, optional
        Cells along the flow; the file's by default.
    tolerance : float
        Relative residual at which the solver stops.

    Returns
    -------
    xarray.Dataset
        Temperatures of all cells, mean and highest temperature of each floorplan block, outlet and energy residual,
        and whatever the file asks for, each under the name of its file.

    Raises
    ------
    InputError
        If a number of cells is none, the grid would not fit in memory, or nothing takes the heat away.
    ConvergenceError
        If the solver does not reach its tolerance.

    Examples
    --------
    >>> th.steady(th.formats.read_ice("gpu.stk")).T_block_highest.max()  # doctest: +SKIP
    """
    tolerance, cells_over_fin, slices = _checked(stack, tolerance, cells_over_fin, slices)
    if _by_multigrid(stack):
        return steady_resolved(stack, as_3dice, cells_over_fin, slices, tolerance)
    grid, network = _case(stack, as_3dice, cells_over_fin, slices)
    if not (network.sink.any() or network.streams.rate.size):
        raise InputError(
            f"{stack.name}: nothing takes the heat away; add a heat sink or a channel, or march it in time"
        )
    heat = heat_of(shares_of(stack, grid), grid.unknowns, 0)
    u = solver_of(network.matrix, in_columns(grid), tolerance, stack.name)(
        heat + network.given, np.zeros(grid.unknowns)
    )
    state = _state(network, u, heat)
    record = Record(stack, grid, as_3dice)
    record.add(state, "step", "slot", "final")
    data, coords = fields(stack, grid, state)
    return labelled(
        record, {**data, **_outlet(network, state), "energy_residual": _left(network, u, heat)}, coords, True
    )


def transient_ice(
    stack: IceStack, as_3dice: bool = False, cells_over_fin: int = 8, tolerance: float = 1e-7
) -> xr.Dataset:
    """Temperatures of the floorplan blocks of a transient 3D-ICE stack file, from its initial temperature on.

    Parameters
    ----------
    stack, as_3dice, cells_over_fin, tolerance
        As in ``steady_ice``; `as_3dice` also steps by backward Euler instead of a second-order rule.

    Returns
    -------
    xarray.Dataset
        Mean and highest temperature of each block at the end of each step, and whatever the file asks for, each under
        the name of its file: at each step, at the end of each slot, or at the end.

    Examples
    --------
    >>> th.transient(th.formats.read_ice("gpu.stk")).T_block_highest.max("time")  # doctest: +SKIP
    """
    tolerance, cells_over_fin, _ = _checked(stack, tolerance, cells_over_fin, None)
    if not stack.step:
        raise InputError(f"{stack.name} is a steady file; th.steady solves it")
    if _by_multigrid(stack):
        return transient_resolved(stack, as_3dice, cells_over_fin, tolerance)
    grid, network = _case(stack, as_3dice, cells_over_fin, None)
    shares, record = shares_of(stack, grid), Record(stack, grid, as_3dice)
    march = _March(stack, grid, network, as_3dice, tolerance)
    every, slots = round(stack.slot / stack.step), count_slots(stack)
    residuals, outlets, before = [], [], None
    for i in range(slots * every):
        heat = heat_of(shares, grid.unknowns, i // every)
        residuals.append(march.step(heat, before is None or not np.array_equal(heat, before)))
        before, state = heat, _state(network, march.u, heat)
        instants = ["step"] + ["slot"] * ((i + 1) % every == 0) + ["final"] * (i + 1 == slots * every)
        record.add(state, *instants)
        outlets.append(_outlet(network, state).get("T_out", np.nan))
    data: dict[str, Any] = {"energy_residual": ("time", np.array(residuals))}
    if network.streams.rate.size:
        data["T_out"] = ("time", np.array(outlets))
    return labelled(record, data, {"time": stack.step * np.arange(1, len(residuals) + 1)}, False)


class _March:
    """Steps of one length: backward Euler as that program has it, or two stages and the first after a jump in four."""

    def __init__(self, stack: IceStack, grid: Grid, network: Network, as_3dice: bool, tolerance: float) -> None:
        self.stack, self.network, self.as_3dice = stack, network, as_3dice
        self.order, self.tolerance = in_columns(grid), tolerance
        self.share = 1.0 if as_3dice else GAMMA
        self.known: dict[int, tuple[np.ndarray, Solve]] = {}
        self.u = self.mean = np.full(grid.unknowns, stack.T_start - network.reference)

    def step(self, heat: np.ndarray, jumped: bool) -> float:
        """Take a step under a heat; return what the balance of heat, storage and coolant leaves over [W]."""
        parts = QUARTERS if jumped and not self.as_3dice else 1
        return sum(self._part(heat, parts) for _ in range(parts)) / parts

    def _part(self, heat: np.ndarray, parts: int) -> float:
        net = self.network
        if parts not in self.known:
            inertia = net.content * parts / (self.share * self.stack.step)
            matrix = net.mean.multiply(inertia[:, None]).tocsr() + net.matrix
            self.known[parts] = inertia, solver_of(matrix, self.order, self.tolerance, self.stack.name)
        inertia, solve = self.known[parts]
        given, held = heat + net.given, inertia * self.mean
        first = end = solve(given + held, self.u)
        left = _left(net, first, heat)
        if not self.as_3dice:  # the second stage weighs what the first found by 1/γ - 1
            end = solve(given + held + (1.0 / GAMMA - 1.0) * (given - net.matrix @ first), first)
            left = (1.0 - GAMMA) * left + GAMMA * _left(net, end, heat)
        mean = net.mean @ end
        stored = self.share * float(inertia @ (mean - self.mean))
        self.u, self.mean = end, mean
        return left - stored


def _checked(stack: IceStack, tolerance: float, fin: int, slices: int | None) -> tuple[float, int, int | None]:
    if slices is not None:
        slices = inputs.whole("slices", slices, low=1)
    return checked_tolerance(tolerance), inputs.whole("cells_over_fin", fin, low=1), slices


def _by_multigrid(stack: IceStack) -> bool:
    """Whether a stack is one layer of resolved channels between adiabatic faces: the case without a matrix."""
    one = sum(layer.is_channel for layer in stack.layers) == 1
    resolved = stack.channel is not None and stack.channel.cavity == Cavity.RESOLVED
    plain = not any(layer.layout for layer in stack.layers) and not (stack.top or stack.bottom)
    return one and resolved and plain and stack.uniform


def _case(stack: IceStack, as_3dice: bool, cells_over_fin: int, slices: int | None) -> tuple[Grid, Network]:
    if slices is not None and not stack.uniform:
        raise InputError("slices is for a stack of one grid; this file divides each of its blocks and layers itself")
    cells = count_cells(stack, 1 if as_3dice else cells_over_fin, slices)
    if cells > LIMIT:
        raise InputError(
            f"{stack.name}: {cells:,} cells, more than the {LIMIT:,} that fit in memory; use larger ones, "
            "or fewer slices or cells_over_fin"
        )
    grid = grid_of(stack, as_3dice, cells_over_fin, slices)
    return grid, network_of(stack, grid, as_3dice)


def _state(network: Network, u: np.ndarray, heat: np.ndarray) -> State:
    streams = network.streams
    leaving = u[streams.node[-1]] if streams.rate.size else np.zeros(0)
    return State(network.reference + network.mean @ u, network.reference + leaving, streams.layer, heat)


def _outlet(network: Network, state: State) -> dict[str, float]:
    """Mixed outlet of all coolant."""
    rate = network.streams.rate
    return {"T_out": float(rate @ state.outlet / rate.sum())} if rate.size else {}


def _left(network: Network, u: np.ndarray, heat: np.ndarray) -> float:
    """Heat put in, less what sinks and coolant carry away [W]; `given` is what both would carry at the reference."""
    streams = network.streams
    coolant = float(streams.rate @ u[streams.node[-1]]) if streams.rate.size else 0.0
    return float(heat.sum()) - coolant - float(network.sink @ (network.mean @ u)) + float(network.given.sum())
