"""Adjoint of a solved plate: temperatures, films and flow split together, transposed, for one quantity."""

from typing import NamedTuple

import numpy as np

from thermal.components.plate.geometry import Manifold, Pattern
from thermal.errors import ConvergenceError
from thermal.physics.conjugate.adjoint import Shadow, backwards, shadow
from thermal.physics.conjugate.slopes import Slopes, by_films, by_shift, by_streams, heard, slopes
from thermal.plate.conditions import Conditions
from thermal.plate.flow import Ducts, ducts, films, last_slices
from thermal.plate.goal import Pull
from thermal.plate.manifold import header_slopes
from thermal.plate.solve import Operation

__all__ = ["Answer", "Laws", "answer", "laws_at"]

ROUNDS = 30
ROUGH, CLOSER = 1e-3, 0.1  # residual of the first solution; of the next ones, over the change still left
SETTLED = 10.0  # tolerances: relative change of the coolant's side at which films and flow split have settled
NUDGE, NUDGE_T = 1e-5, 1e-3  # relative steps, and step of temperature [K], of the laws' central differences


class Laws(NamedTuple):
    """Films (or losses) of each slice, derived by what they depend on there (ny, streams)."""

    T: np.ndarray  # by the coolant's temperature
    flow: np.ndarray  # by the stream's mass flow
    width: np.ndarray  # by the channel's width, or the gap between pins
    depth: np.ndarray
    fin: np.ndarray  # by the diameter of the pins
    open: np.ndarray  # by the open share of the front


class Answer(NamedTuple):
    """Derivatives of one quantity, by all that the solution was made of; films and flow split answer to it."""

    shadow: Shadow
    slopes: Slopes
    film: np.ndarray  # (ny, streams) by the film
    loss: np.ndarray  # (ny, streams) by the loss of each slice
    flow: float  # by the whole volume flow
    rounds: int
    iterations: int


def laws_at(c: Conditions, at: Operation) -> tuple[Laws, Laws]:
    """Return the derivatives of films and of losses, by central differences of the laws themselves.

    Each law is a smooth function of a few numbers of its own slice; the differences err by about 1e-9 of it.
    """
    grid, d, m = at.grid, ducts(c.plate, at.grid), at.state.mass_flow
    T = c.T_in + at.rises.stream

    def across(
        step: float, up: tuple[Ducts, np.ndarray, np.ndarray], down: tuple[Ducts, np.ndarray, np.ndarray]
    ) -> np.ndarray:
        high, low = (films(c, grid, *each) for each in (up, down))
        return np.stack([high.film - low.film, high.loss - low.loss]) / (2.0 * step)

    found = [across(NUDGE_T, (d, T + NUDGE_T, m), (d, T - NUDGE_T, m))]
    found.append(across(NUDGE, (d, T, m * (1 + NUDGE)), (d, T, m * (1 - NUDGE))) / m)
    for name, value in d._asdict().items():
        if c.plate.has_pins if name == "open" else (name == "fin" and not c.plate.has_pins):
            found.append(np.zeros_like(found[0]))
            continue
        sides = [(d._replace(**{name: value * (1 + side * NUDGE)}), T, m) for side in (1, -1)]
        found.append(across(NUDGE, *sides) / value)
    film, loss = (Laws(*(each[k] for each in found)) for k in (0, 1))
    return film, loss


def answer(c: Conditions, at: Operation, p: Pull, laws: tuple[Laws, Laws], tolerance: float) -> Answer:
    """Solve the transposed system of a solved plate.

    Aᵀ at given films is solved again and again, from where it was, while what films and flow split add to the coolant's
    side settles, as ``operate`` does for temperatures.

    Raises
    ------
    ConvergenceError
        If the linear solver fails, or films and flow split do not settle.
    """
    grid, channels, by_film, by_loss = at.grid, at.channels, *laws
    links = heard(grid.body, channels, at.rises, _shares(c, at.state.film))
    back = backwards(at.rises.problem, at.rises.levels)
    side, legs, ends = _Coolant.of(c, at), np.bincount(grid.legs[:, 0]), last_slices(grid)
    warmer = c.warmth.c / c.warmth.capacity(at.rises.stream)  # temperature per warmth of the coolant
    stream, split = np.zeros_like(at.rises.stream), _Split.of(c, at, by_loss)
    found, goal, iterations = None, ROUGH, 0
    for count in range(1, ROUNDS + 1):
        found = shadow(back, channels, p.body, stream, goal, None if found is None else found.body)
        iterations += found.outcome.iterations
        if not found.outcome.converged:
            raise ConvergenceError(f"gradient of a cold plate: residual {found.outcome.residual:.1e}, {goal:g} wanted")
        rate, tilt = by_streams(channels, at.rises, found)
        film = by_films(links, channels, found, tilt)
        nu, sigma = _split(split, p.drop, (film * by_film.flow).sum(axis=0) + rate * c.warmth.c)
        loss = np.broadcast_to(nu / legs, film.shape)
        new = film * by_film.T + loss * by_loss.T + p.drop * side.ports_slope / film.size
        new[ends] -= float(nu @ split.by_T) / ends[0].size
        new = warmer * new + (warmer - 1.0) * by_shift(links, channels, at.rises, found)
        change, size = float(np.abs(new - stream).max()), float(np.abs(new).max())
        if goal <= tolerance and change <= SETTLED * tolerance * size:
            whole = (float(sigma.sum()) - float(nu @ split.by_total)) / side.halves + p.drop * side.ports_flow
            flow = side.density * whole + p.flow
            found_slopes = slopes(grid.body, channels, at.rises, found)
            return Answer(found, found_slopes, film, loss, flow, count, iterations)
        stream = new
        goal = max(tolerance, min(goal, CLOSER * change / size if size > 0 else 0.0))
    raise ConvergenceError(f"gradient of a cold plate: films still change by {change / size:.1e} after {ROUNDS} rounds")


class _Coolant(NamedTuple):
    """Density of the volume flow, and what the ports lose by flow and mean temperature."""

    halves: int
    density: float  # at the inlet
    ports_flow: float  # [Pa s/kg]
    ports_slope: float  # [Pa/K]

    @classmethod
    def of(cls, c: Conditions, at: Operation) -> "_Coolant":
        mean = c.T_in + float(at.rises.stream.mean())
        low, here, high = (c.coolant.properties(mean + step) for step in (-NUDGE_T, 0.0, NUDGE_T))
        halves = 2 if c.plate.pattern == Pattern.SPLIT else 1
        total = halves * float(at.state.mass_flow[at.grid.stream_pass == 0].sum())
        lost = c.plate.port_loss * 0.5 * (total / (np.pi / 4 * c.plate.port**2)) ** 2
        return cls(
            halves,
            c.coolant.properties(c.T_in).density,
            2.0 * lost / here.density / total,
            lost * (1.0 / high.density - 1.0 / low.density) / (2 * NUDGE_T),
        )


def _shares(c: Conditions, film: np.ndarray) -> np.ndarray:
    """How much of a change of the film floor, sides and roof take (3, ny, streams)."""
    found = np.ones((3, *film.shape))
    if c.plate.homogenised and not c.plate.has_pins:  # fins of a porous body: film and half a fin in series
        found[1] = 1.0 / (1.0 + film * c.plate.mean_fin / (2.0 * c.plate.metal.conductivity)) ** 2
    found[2] *= c.plate.heated_walls == 4
    return found


class _Split(NamedTuple):
    """How streams of a pass answer to each other: those that share one pressure drop, and what their headers add."""

    members: list[np.ndarray]  # of each pass
    inverse: list[np.ndarray]  # of the derivatives of each stream's loss less its headers' pressure, by all flows
    by_total: np.ndarray  # (streams,) of the headers' pressure by the whole flow
    by_T: np.ndarray  # (streams,) and by the coolant's mean temperature

    @classmethod
    def of(cls, c: Conditions, at: Operation, by_loss: Laws) -> "_Split":
        grid, m = at.grid, at.state.mass_flow
        slope = by_loss.flow.sum(axis=0) / np.bincount(grid.legs[:, 0])
        members = [np.flatnonzero(grid.stream_pass == k) for k in range(int(grid.stream_pass.max()) + 1)]
        headers, by_total, by_T = np.zeros((m.size, m.size)), np.zeros(m.size), np.zeros(m.size)
        if c.plate.manifold != Manifold.EVEN:
            T = c.T_in, c.T_in + float(at.rises.stream[last_slices(grid)].mean())
            headers, by_total, by_T = header_slopes(c.plate, c.coolant, T, m)
        whole = np.diag(slope) - headers
        return cls(members, [np.linalg.inv(whole[np.ix_(i, i)]) for i in members], by_total, by_T)


def _split(split: _Split, drop: float, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return multipliers of each stream's loss, and of the whole mass flow of each pass.

    Streams of a pass lose the same D over what their headers give, and their flows add up: ν (loss − lift − D) − σ (Σ m
    − M). Stationary in m and D: q + ∂(loss − lift)/∂m ᵀ ν = σ and Σ ν = `drop`, with `q` what else depends on the
    stream's flow.
    """
    nu, sigma = np.zeros_like(q), np.zeros(len(split.members))
    for k, (i, inverse) in enumerate(zip(split.members, split.inverse, strict=True)):
        sigma[k] = (drop + (q[i] @ inverse).sum()) / inverse.sum()
        nu[i] = (sigma[k] - q[i]) @ inverse
    return nu, sigma
