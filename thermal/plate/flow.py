"""Coolant through a plate: films, pressure drop, and how the flow divides among channels of unequal viscosity."""

from typing import NamedTuple

import numpy as np

from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate, Manifold, Pattern
from thermal.physics.conjugate.assembly import Channels
from thermal.physics.convection.channel import ChannelShape, channels_march
from thermal.physics.convection.pin_fin import PIN_PITCH, PIN_REYNOLDS, PIN_ROWS, Bank, pin_friction, pin_nusselt
from thermal.plate.conditions import Conditions
from thermal.plate.grid import PlateGrid
from thermal.plate.manifold import manifold_split

__all__ = ["FlowState", "even_split", "flow_state", "streams", "towards"]


class FlowState(NamedTuple):
    """What the coolant does at given temperatures."""

    mass_flow: np.ndarray  # (streams,) [kg/s]; in a split plate of each half
    film: np.ndarray  # (ny, streams) [W/m² K]
    pressure_drop: float  # ports included [Pa]
    reynolds: float  # largest
    outside: float  # share of the slices that lie outside the range of the film law


def even_split(c: Conditions, grid: PlateGrid) -> np.ndarray:
    """Return the mass flow of each stream when all channels take the same [kg/s]."""
    total = c.flow * c.coolant.properties(c.T_in).density
    halves = 2 if c.plate.pattern == Pattern.SPLIT else 1
    share = grid.width / np.array([grid.width[grid.stream_pass == p].sum() for p in grid.stream_pass])
    return np.asarray(total / halves * share)


def towards(grid: PlateGrid, mass_flow: np.ndarray, change: np.ndarray, weight: float) -> np.ndarray:
    """Return flows moved by `weight` times a `change` of their logarithms, the sum of each pass kept."""
    new = mass_flow * np.exp(weight * change)
    for p in np.unique(grid.stream_pass):
        members = grid.stream_pass == p
        new[members] *= mass_flow[members].sum() / new[members].sum()
    return new


def flow_state(given: Conditions, grid: PlateGrid, T: np.ndarray, mass_flow: np.ndarray) -> FlowState:
    """Return films and losses at coolant temperatures `T` (ny, streams), and the split that evens the losses out."""
    plate, coolant = given.plate, given.coolant
    film, loss = np.zeros_like(T), np.zeros(grid.legs.shape[0])
    each, dy = mass_flow / grid.width, grid.body.dy
    highest, outside = 0.0, 0
    if plate.has_pins:
        for i, (c, j, n, step, *_) in enumerate(grid.legs):
            order = np.arange(j, j + n * step, step)
            film[order, c], loss[i], Re, beyond = _among_pins(plate, coolant, each[c], T[order, c], dy[order])
            highest, outside = max(highest, Re), outside + beyond
    else:
        shape = ChannelShape(plate.channel_width, plate.channel_depth, plate.heated_walls, int(plate.entry))
        scratch = np.zeros((3, dy.size))
        highest = channels_march(shape, coolant.table, each, T, grid.legs, dy, _ends(plate), film, loss, scratch)
    stream, passes = grid.legs[:, 0], grid.legs[:, 4]
    own = np.bincount(stream, loss) / np.bincount(stream)  # mean of a stream's legs
    drop, new = 0.0, mass_flow.copy()
    for p in range(int(passes.max()) + 1):
        inside = passes == p
        shared = float(np.average(loss[inside], weights=mass_flow[stream[inside]]))
        drop += shared
        members = np.flatnonzero(grid.stream_pass == p)
        if plate.manifold != Manifold.EVEN:
            new[members], drop = manifold_split(plate, coolant, float(T.mean()), own[members], mass_flow[members])
            continue
        new[members] *= (shared / own[members]) ** 0.9
        new[members] *= mass_flow[members].sum() / new[members].sum()
    share = outside / T.size  # the laws of channels hold for all laminar and turbulent flow of liquids
    return FlowState(new, film, drop + _ports(plate, grid, coolant, mass_flow, T), highest, share)


def streams(c: Conditions, grid: PlateGrid, state: FlowState, T: float) -> Channels:
    """Return the streams as the solver takes them, heat capacity rates at the mean temperature `T`."""
    plate, coolant = c.plate, c.coolant
    nz, nx = grid.body.dz.size, grid.body.dx.size
    surface, open_ = np.zeros((nz, nx)), np.ones(nx)
    floor, roof = state.film, state.film if plate.heated_walls == 4 else 0.0 * state.film
    side = state.film
    if grid.porous:
        pitch = plate.fin_width + plate.channel_width
        open_[:] = 1.0 - plate.solid_share
        if plate.has_pins:
            surface[grid.first : grid.last] = np.pi * plate.fin_width / pitch**2
        else:
            surface[grid.first : grid.last] = 2.0 * grid.width.sum() / plate.breadth
            side = state.film / (1.0 + state.film * plate.fin_width / (2.0 * plate.metal.conductivity))
    return Channels(
        grid.first,
        grid.last,
        grid.column_stream,
        np.stack([floor, side, roof]),
        surface,
        open_,
        state.mass_flow * coolant.properties(T).heat_capacity,
        grid.legs,
        grid.stream_pass,
        0,
    )


def _ends(plate: ColdPlate) -> float:
    """Contraction, expansion and turns of one leg, in dynamic heads of the channel.

    K = 0.42 (1 − σ) into and (1 − σ)² out of the channels, σ the open share of the front: White, Fluid Mechanics, 7th
    ed. (2011), section 6.9, for sudden changes of section.
    """
    sigma = plate.channel_width / (plate.channel_width + plate.fin_width)
    turn = plate.bend_loss * (plate.passes - 1) / plate.passes if plate.pattern == Pattern.SERPENTINE else 0.0
    return 0.42 * (1.0 - sigma) + (1.0 - sigma) ** 2 + turn


def _among_pins(
    plate: ColdPlate, coolant: Coolant, mass_flow: float, T: np.ndarray, length: np.ndarray
) -> tuple[np.ndarray, float, float, int]:
    """Films, loss and Reynolds number of one lane between rows of pins, and slices outside the range of the law."""
    p = coolant.properties(T)
    bank = Bank.IN_LINE if plate.pattern == Pattern.PINS_IN_LINE else Bank.STAGGERED
    velocity = mass_flow / (p.density * plate.channel_width * plate.channel_depth)
    Re, Pr = p.density * velocity * plate.fin_width / p.viscosity, p.viscosity * p.heat_capacity / p.conductivity
    pitch = plate.fin_width + plate.channel_width
    ratio = pitch / plate.fin_width
    law = int(plate.pin_law)
    film = np.array([pin_nusselt(law, bank, r, q, ratio, ratio) for r, q in zip(Re, Pr, strict=True)])
    factor = np.array([pin_friction(law, bank, r, ratio, ratio) for r in Re])
    loss = float((factor * 0.5 * p.density * velocity**2 * length / pitch).sum())
    low, high = PIN_REYNOLDS[law]
    known = PIN_PITCH[0] * (1 - 1e-9) <= ratio <= PIN_PITCH[1] * (1 + 1e-9) and plate.length / pitch > PIN_ROWS - 0.5
    beyond = (Re < low) | (Re > high) | (not known)
    return film * p.conductivity / plate.fin_width, loss, float(Re.max()), int(beyond.sum())


def _ports(plate: ColdPlate, grid: PlateGrid, coolant: Coolant, mass_flow: np.ndarray, T: np.ndarray) -> float:
    """Loss of ports and manifolds [Pa]."""
    density = coolant.properties(float(T.mean())).density
    total = mass_flow[grid.stream_pass == 0].sum() * (2 if plate.pattern == Pattern.SPLIT else 1)
    velocity = total / (density * np.pi / 4 * plate.port**2)
    return float(plate.port_loss * 0.5 * density * velocity**2)
