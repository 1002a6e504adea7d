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

__all__ = [
    "Ducts",
    "Films",
    "FlowState",
    "ducts",
    "even_split",
    "films",
    "flow_state",
    "last_slices",
    "streams",
    "towards",
]


class Ducts(NamedTuple):
    """What the laws of films and losses need to know of a plate's channels or pins."""

    width: np.ndarray  # (streams,) of a channel, or gap between pins [m]
    depth: float  # [m]
    fin: float  # thickness of a fin on average, or diameter of a pin [m]
    open: float  # share of the front that is open, where channels and fins alternate


class Films(NamedTuple):
    """Films, and losses before the flow is divided anew."""

    film: np.ndarray  # (ny, streams) [W/m² K]
    loss: np.ndarray  # (ny, streams) of each slice [Pa]
    reynolds: float  # largest
    outside: float  # share of the slices that lie outside the range of the film law


class FlowState(NamedTuple):
    """What the coolant does at given temperatures."""

    mass_flow: np.ndarray  # (streams,) [kg/s]; in a split plate of each half
    film: np.ndarray  # (ny, streams) [W/m² K]
    pressure_drop: float  # ports included [Pa]
    reynolds: float  # largest
    outside: float  # share of the slices that lie outside the range of the film law


def ducts(plate: ColdPlate, grid: PlateGrid) -> Ducts:
    """Return channels as the laws take them."""
    width = plate.widths if plate.uneven else np.full(grid.width.size, plate.mean_channel)
    return Ducts(width, plate.channel_depth, plate.mean_fin, plate.mean_channel / (plate.mean_channel + plate.mean_fin))


def even_split(c: Conditions, grid: PlateGrid) -> np.ndarray:
    """Return the mass flow of each stream if the coolant were equally viscous in all [kg/s].

    Laminar flow at one pressure drop is as the area times the square of the hydraulic diameter.
    """
    total = c.flow * c.coolant.properties(c.T_in).density
    halves = 2 if c.plate.pattern == Pattern.SPLIT else 1
    d = ducts(c.plate, grid)
    each = grid.width * d.width * (d.width / (d.width + d.depth)) ** 2
    return np.asarray(total / halves * each / np.bincount(grid.stream_pass, each)[grid.stream_pass])


def towards(grid: PlateGrid, mass_flow: np.ndarray, change: np.ndarray, weight: float) -> np.ndarray:
    """Return flows moved by `weight` times a `change` of their logarithms, the sum of each pass kept."""
    new = mass_flow * np.exp(weight * change)
    for p in np.unique(grid.stream_pass):
        members = grid.stream_pass == p
        new[members] *= mass_flow[members].sum() / new[members].sum()
    return new


def films(given: Conditions, grid: PlateGrid, d: Ducts, T: np.ndarray, mass_flow: np.ndarray) -> Films:
    """Return films and losses at coolant temperatures `T` (ny, streams) and mass flows of the streams."""
    plate, coolant = given.plate, given.coolant
    film, loss = np.zeros((2, *T.shape))
    each, dy = mass_flow / grid.width, grid.body.dy
    if not plate.has_pins:
        shape = ChannelShape(plate.mean_channel, d.depth, plate.heated_walls, int(plate.entry))
        scratch, ends = np.zeros((4, dy.size)), _ends(plate, d.open)
        highest = channels_march(shape, d.width, coolant.table, each, T, grid.legs, dy, ends, film, loss, scratch)
        return Films(film, loss, highest, 0.0)  # the laws hold for all laminar and turbulent flow of liquids
    highest, outside = 0.0, 0
    for c, j, n, step, *_ in grid.legs:
        at = (np.arange(j, j + n * step, step), c)
        film[at], loss[at], Re, beyond = _among_pins(plate, d, coolant, each[c], T[at], dy[at[0]])
        highest, outside = max(highest, Re), outside + beyond
    return Films(film, loss, highest, outside / T.size)


def flow_state(given: Conditions, grid: PlateGrid, T: np.ndarray, mass_flow: np.ndarray) -> FlowState:
    """Return films and losses at coolant temperatures `T` (ny, streams), and the split that evens the losses out."""
    plate, coolant = given.plate, given.coolant
    found = films(given, grid, ducts(plate, grid), T, mass_flow)
    own = found.loss.sum(axis=0) / np.bincount(grid.legs[:, 0])  # mean of a stream's legs
    drop, new = 0.0, mass_flow.copy()
    for p in range(int(grid.stream_pass.max()) + 1):
        members = np.flatnonzero(grid.stream_pass == p)
        if plate.manifold != Manifold.EVEN:
            ends = given.T_in, float(T[last_slices(grid)].mean())
            new[members], drop = manifold_split(plate, coolant, ends, own[members], mass_flow[members])
            continue
        shared = float(np.average(own[members], weights=mass_flow[members]))
        drop += shared
        new[members] *= (shared / own[members]) ** 0.9
        new[members] *= mass_flow[members].sum() / new[members].sum()
    drop += _ports(plate, grid, coolant, mass_flow, T)
    return FlowState(new, found.film, drop, found.reynolds, found.outside)


def last_slices(grid: PlateGrid) -> tuple[np.ndarray, np.ndarray]:
    """Return slice and stream where each leg ends."""
    c, j, n, step = grid.legs[:, :4].T
    return j + (n - 1) * step, c


def streams(c: Conditions, grid: PlateGrid, state: FlowState) -> Channels:
    """Return the streams as the solver takes them, heat capacity rates at the inlet: they carry warmth (``Warmth``)."""
    plate = c.plate
    nz, nx = grid.body.dz.size, grid.body.dx.size
    surface, open_ = np.zeros((nz, nx)), np.ones(nx)
    floor, roof = state.film, state.film if plate.heated_walls == 4 else 0.0 * state.film
    side = state.film
    if grid.porous:
        pitch = plate.mean_fin + plate.mean_channel
        open_[:] = 1.0 - plate.solid_share
        if plate.has_pins:
            surface[grid.first : grid.last] = np.pi * plate.mean_fin / pitch**2
        else:
            surface[grid.first : grid.last] = 2.0 * grid.width.sum() / plate.breadth
            side = state.film / (1.0 + state.film * plate.mean_fin / (2.0 * plate.metal.conductivity))
    return Channels(
        grid.first,
        grid.last,
        grid.column_stream,
        np.stack([floor, side, roof]),
        surface,
        open_,
        state.mass_flow * c.warmth.c,
        grid.legs,
        grid.stream_pass,
        0,
    )


def _ends(plate: ColdPlate, sigma: float) -> float:
    """Contraction, expansion and turns of one leg, in dynamic heads of the channel.

    K = 0.42 (1 − σ) into and (1 − σ)² out of the channels, σ the open share of the front, of all channels together:
    White, Fluid Mechanics, 7th ed. (2011), section 6.9, for sudden changes of section.
    """
    turn = plate.bend_loss * (plate.passes - 1) / plate.passes if plate.pattern == Pattern.SERPENTINE else 0.0
    return 0.42 * (1.0 - sigma) + (1.0 - sigma) ** 2 + turn


def _among_pins(
    plate: ColdPlate, d: Ducts, coolant: Coolant, mass_flow: float, T: np.ndarray, length: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float, int]:
    """Films, losses and Reynolds number of one lane between rows of pins, and slices outside the range of the law."""
    p = coolant.properties(T)
    bank = Bank.IN_LINE if plate.pattern == Pattern.PINS_IN_LINE else Bank.STAGGERED
    gap = float(d.width[0])
    velocity = mass_flow / (p.density * gap * d.depth)
    Re, Pr = p.density * velocity * d.fin / p.viscosity, p.viscosity * p.heat_capacity / p.conductivity
    pitch = d.fin + gap
    ratio = pitch / d.fin
    law = int(plate.pin_law)
    film = np.array([pin_nusselt(law, bank, r, q, ratio, ratio) for r, q in zip(Re, Pr, strict=True)])
    factor = np.array([pin_friction(law, bank, r, ratio, ratio) for r in Re])
    loss = factor * 0.5 * p.density * velocity**2 * length / pitch
    low, high = PIN_REYNOLDS[law]
    known = PIN_PITCH[0] * (1 - 1e-9) <= ratio <= PIN_PITCH[1] * (1 + 1e-9) and plate.length / pitch > PIN_ROWS - 0.5
    beyond = (Re < low) | (Re > high) | (not known)
    return film * p.conductivity / d.fin, loss, float(Re.max()), int(beyond.sum())


def _ports(plate: ColdPlate, grid: PlateGrid, coolant: Coolant, mass_flow: np.ndarray, T: np.ndarray) -> float:
    """Loss of ports and manifolds [Pa]."""
    density = coolant.properties(float(T.mean())).density
    total = mass_flow[grid.stream_pass == 0].sum() * (2 if plate.pattern == Pattern.SPLIT else 1)
    velocity = total / (density * np.pi / 4 * plate.port**2)
    return float(plate.port_loss * 0.5 * density * velocity**2)
