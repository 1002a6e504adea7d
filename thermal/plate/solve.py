"""Steady temperatures of a cold plate with the package under it, films and flow split solved with them."""

from typing import NamedTuple

import numpy as np

from thermal.errors import ConvergenceError
from thermal.physics.conjugate.assembly import Channels
from thermal.physics.conjugate.solve import Rises, conduct
from thermal.plate.conditions import Conditions
from thermal.plate.flow import FlowState, even_split, flow_state, streams, towards
from thermal.plate.grid import PlateGrid
from thermal.plate.power import spread_heat

__all__ = ["Operation", "coolant_content", "operate", "solved"]

ROUNDS = 24  # of films and flow split against temperatures
SETTLED = 3e-4  # relative change of the films at which they have
FAR = 0.1  # change of a flow's logarithm beyond which the solver's coarse grids are made anew
TINY = 1e-300  # rise below which there is none [K]
ROUGH, NEAR = 1e-4, 0.01  # residual that will do while films still change by more than NEAR


class Operation(NamedTuple):
    """A plate solved at one operating point."""

    grid: PlateGrid
    state: FlowState
    channels: Channels
    power: np.ndarray
    rises: Rises


def operate(
    c: Conditions, settled: float = SETTLED, power: np.ndarray | None = None, beside: Operation | None = None
) -> Operation:
    """Solve temperatures, films and flow split together, until these change by less than `settled`.

    `power` is that of each cell, where it is not the heat of the conditions; `beside` is the same plate solved at other
    conditions, whose cells serve again, and its links, coarse grids and temperatures if its flows are not far off.

    Raises
    ------
    ConvergenceError
        If the linear solver fails, or films and temperatures do not settle.
    """
    grid = beside.grid if beside else c.grid()
    power = spread_heat(grid, c.heat) if power is None else power
    mass_flow = built = even_split(c, grid)  # the flows for which the solver's coarse grids were made
    carried = _first_guess(c, grid, mass_flow, power)
    film = rises = channels = None
    if beside is not None:
        rises, mass_flow, carried, built = _from(beside, c, mass_flow, power, carried)
    shift = np.zeros_like(carried)
    step: np.ndarray | None = None
    weight, goal = 1.0, np.inf
    for _ in range(ROUNDS):
        lately, shift = shift, c.warmth.rise(carried) - carried
        T = c.T_in + carried + shift
        c.coolant.require(T, "coolant in the plate: temperature")
        state = flow_state(c, grid, T, mass_flow)
        change = np.inf if film is None else float(np.abs(state.film / film - 1.0).max())
        change = max(change, float(np.abs(shift - lately).max()) / max(float(np.abs(carried).max()), TINY))
        before, step = step, np.log(state.mass_flow / mass_flow)
        moved = float(np.abs(step).max())
        if channels is not None and rises is not None and goal <= c.tolerance and max(change, moved) < settled:
            return Operation(grid, state._replace(mass_flow=mass_flow), channels, power, rises)
        weight = _relaxation(weight, before, step)
        mass_flow = towards(grid, mass_flow, step, weight)
        film, state = state.film, state._replace(mass_flow=mass_flow)
        channels = streams(c, grid, state)
        goal = c.tolerance if max(change, moved) < NEAR else max(c.tolerance, ROUGH)
        near = float(np.abs(np.log(mass_flow / built)).max()) < FAR
        rises = solved(grid, channels, power, goal, rises if near else None, shift)
        built = built if near else mass_flow
        carried = rises.stream - shift
    raise ConvergenceError(
        f"cold plate: films still change by {change:.1e} and the flow split by {moved:.1e} after {ROUNDS} rounds; "
        "more flow, or a coolant further from freezing, will settle"
    )


def _from(
    beside: Operation, c: Conditions, even: np.ndarray, power: np.ndarray, guess: np.ndarray
) -> tuple[Rises, np.ndarray, np.ndarray, np.ndarray]:
    """Solution beside as a start: rises as the power is, flows divided as they were, what the coolant carries."""
    before = beside.state.mass_flow
    share = float(power.sum() / max(beside.power.sum(), TINY))
    mass_flow = before * (even.sum() / before.sum())
    r = beside.rises
    rises = r._replace(body=share * r.body)
    carried = (r.stream - r.shift) * (share * before.sum() / even.sum())
    return rises, mass_flow, carried, before


def _relaxation(weight: float, before: np.ndarray | None, step: np.ndarray) -> float:
    """Aitken's weight of the next step: shortened where steps turn back, as they do where warmth and flow feed back.

    ω ← −ω d₀·(d₁ − d₀) / |d₁ − d₀|², within [0.1, 1]: Irons and Tuck, Int. J. Numer. Meth. Eng. 1 (1969) 275-277.
    A step that is many times the one before is no answer to it (the first guess is even, so the first step is none).
    """
    if before is None or not float(np.abs(before).max()) > 0.1 * float(np.abs(step).max()):
        return weight
    if not (bend := float(((step - before) ** 2).sum())) > 0.0:
        return weight
    return min(max(-weight * float(before @ (step - before)) / bend, 0.1), 1.0)


def coolant_content(c: Conditions, grid: PlateGrid, T: float | np.ndarray) -> np.ndarray:
    """Return the heat that the coolant in each slice of each stream holds per kelvin of warmth [J/K].

    Its density is that at `T` (one, or ny and streams) [°C], its heat capacity that at the inlet (``Warmth``).
    """
    density, plate = c.coolant.properties(T).density, c.plate
    open_ = (1.0 - plate.solid_share) * plate.breadth / grid.width.sum() if grid.porous else plate.widths
    area = open_ * plate.channel_depth
    return np.asarray(np.outer(grid.body.dy, grid.width * area) * density * c.warmth.c)


def solved(
    grid: PlateGrid,
    channels: Channels,
    power: np.ndarray,
    tolerance: float,
    previous: Rises | None,
    shift: np.ndarray | None = None,
) -> Rises:
    """Return steady rises at given films, flows and shift of the coolant's temperature, or raise."""
    rises = conduct(grid.body, channels, power, tolerance, previous, shift)
    if not rises.outcome.converged:
        raise ConvergenceError(
            f"cold plate: residual {rises.outcome.residual:.1e} after {rises.outcome.iterations} iterations, "
            f"{tolerance:g} wanted; conductivities may differ by more than double precision resolves"
        )
    return rises


def _first_guess(c: Conditions, grid: PlateGrid, mass_flow: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Warmth of the coolant if every stream took heat evenly along its way [K]."""
    rate = mass_flow * c.warmth.c
    total = np.zeros((grid.body.dy.size, mass_flow.size))
    carried = np.zeros(int(grid.stream_pass.max()) + 1)
    for i, j, n, step, into, _ in grid.legs:
        share = rate[i] / rate[grid.legs[:, 0]].sum() * power.sum() / rate[i]
        order = np.arange(j, j + n * step, step)
        total[order, i] = share * (np.arange(n) + 0.5) / n + carried[:into].sum()
        carried[into] = share
    return total
