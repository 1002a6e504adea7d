"""Derivatives of a quantity by all that the lattice is made of, from the rises and their shadow.

Of a conductance g between two nodes the derivative is − ΔT Δλ, of a resistance in series with others the product of
the two heat flows through it; what remains are the powers in which widths, heights and conductivities enter each.
"""

from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.adjoint import Shadow, by_rate, slice_ends, turned
from thermal.physics.conjugate.assembly import Body, Channels, films_of, streams_of
from thermal.physics.conjugate.solve import Rises

__all__ = ["Slopes", "Wet", "by_films", "by_shift", "by_streams", "heard", "slopes", "wetted"]


class Wet(NamedTuple):
    """Films of one side of the columns in the wet band of layers (ny, layers, nx)."""

    film: np.ndarray  # [W/K]
    coefficient: np.ndarray  # [W/m² K]
    own: np.ndarray  # share of the film itself in its resistance and that of the wall behind it
    stream: np.ndarray  # (nx,)


class Heard(NamedTuple):
    """What it takes to know how a shadow depends on the film coefficients, without going through the lattice again."""

    weight: dict[str, np.ndarray]  # (ny, layers, nx) of each side
    sides: dict[str, Wet]
    weights: np.ndarray  # (ny, streams) their sums
    shares: np.ndarray  # (ny, streams)


class Slopes(NamedTuple):
    """Derivatives of the quantity asked; by a logarithm where it says ln."""

    across: np.ndarray  # (nx,) by ln of the width of each column
    upwards: np.ndarray  # (nz,) by ln of the height of each layer
    along: np.ndarray  # (ny, nz, nx) by ln of the conductivity along x and y of each cell
    through: np.ndarray  # (ny, nz, nx) by ln of the conductivity along z
    contact: np.ndarray  # (nz,) by the resistance of the face below each layer [W/m² K]
    coefficient: np.ndarray  # (3, ny, streams) by the films on floor, sides and roof
    surface: float  # by ln of the wetted area per volume of a porous solid
    open: float  # by ln of the share of floor and roof that the coolant touches
    rate: np.ndarray  # (streams,) by the heat capacity rate


def slopes(body: Body, channels: Channels, at: Rises, by: Shadow) -> Slopes:
    """Return the derivatives, films and flows being given (nodes of the outer layers in the middle of their cells)."""
    shape = body.material.shape
    found = Slopes(
        np.zeros(shape[2]), np.zeros(shape[1]), np.zeros(shape), np.zeros(shape), np.zeros(shape[1]),
        np.zeros_like(channels.coefficient), 0.0, 0.0, np.zeros_like(channels.rate),
    )  # fmt: skip
    _conduction(body, at.body, by.body, found)
    rate, tilt = by_streams(channels, at, by)
    surface, open_ = _films(body, channels, at, by, tilt, found)
    return found._replace(surface=surface, open=open_, rate=rate)


def by_streams(channels: Channels, at: Rises, by: Shadow) -> tuple[np.ndarray, np.ndarray]:
    """Return derivatives by the heat capacity rate of each stream, and by the films of a slice through its lean."""
    lean, hold = at.problem.lean.reshape(at.stream.shape), at.problem.hold.reshape(at.stream.shape)
    there = slice_ends(channels.legs, channels.rate, lean, at.stream - at.shift)
    back = slice_ends(turned(channels.legs), channels.rate, lean, by.stream)
    return by_rate(channels, hold, there, back, by.stream)


def _conduction(body: Body, T: np.ndarray, shadow: np.ndarray, found: Slopes) -> None:
    """Half cells and contacts between solids."""
    k = body.conductivity[body.material]
    dx, dy, dz = body.dx, body.dy[:, None, None], body.dz[:, None]
    with np.errstate(divide="ignore"):
        half = 0.5 * dx / (k[..., 0] * dy * dz), 0.5 * dy / (k[..., 1] * dx * dz), 0.5 * dz / (k[..., 2] * dx * dy)
    area = dx * dy
    for axis, R in zip((2, 0, 1), half, strict=True):
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        a, b = tuple(low), tuple(high)
        between = body.contact[1:, None] / area if axis == 1 else 0.0
        g = 1.0 / (R[a] + R[b] + between)
        product = g**2 * (T[b] - T[a]) * (shadow[b] - shadow[a])
        each = np.zeros(T.shape)
        each[a] += product
        each[b] += product
        each *= np.where(np.isfinite(R), R, 0.0)
        columns, layers = each.sum(axis=(0, 1)), each.sum(axis=(0, 2))
        if axis == 1:
            found.through[...] -= each
            found.across[...] -= columns + (product * between).sum(axis=(0, 1))
            found.upwards[...] += layers
            found.contact[1:] += (product / area).sum(axis=(0, 2))
        else:
            found.along[...] -= each
            found.across[...] += columns if axis == 2 else -columns
            found.upwards[...] -= layers


def wetted(body: Body, channels: Channels) -> dict[str, Wet]:
    """Return the films of the three sides of the columns."""
    first, last = channels.first, channels.last
    k = body.conductivity[body.material[:, first - 1 : last + 1]]
    floor, side, roof = channels.coefficient
    found = {}
    for name, film in films_of(body, channels).items():
        stream = streams_of(channels, name)
        h = np.repeat(side[:, None, stream], film.shape[1], axis=1)
        if name == "own":
            h[:, 0], h[:, -1] = floor[:, stream], roof[:, stream]
            half, across = np.zeros(film.shape[1:]), k[..., 2]
            half[0], half[-1] = 0.5 * body.dz[first - 1], 0.5 * body.dz[last]
        else:
            half, across = np.broadcast_to(0.5 * body.dx, film.shape[1:]), k[..., 0]
        wall = np.divide(h * half, across, out=np.zeros_like(h), where=across > 0)
        found[name] = Wet(film, h, 1.0 / (1.0 + wall), stream)
    return found


def _films(
    body: Body, channels: Channels, at: Rises, by: Shadow, tilt: np.ndarray, found: Slopes
) -> tuple[float, float]:
    """Films in series with half a cell of wall, or over the surface inside a porous solid; of what they are made."""
    band, inner = slice(channels.first - 1, channels.last + 1), slice(channels.first, channels.last)
    surface = open_ = 0.0
    for name, wet in wetted(body, channels).items():
        fall = (at.body[:, band] - at.stream[:, None, wet.stream]) * (by.body[:, band] - by.stream[:, None, wet.stream])
        product = wet.film * (tilt[:, None, wet.stream] - fall)  # by ln of each film
        own = product * wet.own
        rest = product - own
        each = np.divide(own, wet.coefficient, out=np.zeros_like(own), where=wet.film > 0)
        for which, layers in enumerate((each[:, :1], each[:, 1:-1], each[:, -1:])):
            np.add.at(found.coefficient[which].T, wet.stream, layers.sum(axis=1).T)
        found.upwards[inner] += product[:, 1:-1].sum(axis=(0, 2))
        if name == "own":
            surface, open_ = float(product[:, 1:-1].sum()), float(product[:, [0, -1]].sum())
            found.across[...] += product.sum(axis=(0, 1))
            found.upwards[band] -= rest.sum(axis=(0, 2))
            found.through[:, band] += rest
        else:
            found.across[...] -= rest.sum(axis=(0, 1))
            found.along[:, band] += rest
    return surface, open_


def heard(body: Body, channels: Channels, at: Rises, factor: np.ndarray) -> Heard:
    """Prepare ``by_films``; `factor` (3, ny, streams) is what floor, sides and roof take of the film."""
    band = slice(channels.first - 1, channels.last + 1)
    weight, sides = {}, wetted(body, channels)
    weights, shares = np.zeros((2, *at.stream.shape))
    for name, wet in sides.items():
        share = np.divide(wet.film * wet.own, wet.coefficient, out=np.zeros_like(wet.film), where=wet.film > 0)
        share[:, :1] *= factor[0, :, None, wet.stream].transpose(1, 2, 0)
        share[:, 1:-1] *= factor[1, :, None, wet.stream].transpose(1, 2, 0)
        share[:, -1:] *= factor[2, :, None, wet.stream].transpose(1, 2, 0)
        weight[name] = share * (at.body[:, band] - at.stream[:, None, wet.stream])
        np.add.at(shares.T, wet.stream, share.sum(axis=1).T)
        np.add.at(weights.T, wet.stream, weight[name].sum(axis=1).T)
    return Heard(weight, sides, weights, shares)


def by_shift(h: Heard, channels: Channels, at: Rises, by: Shadow) -> np.ndarray:
    """Return the derivative by the shift of each slice (ny, streams): what its films take from coolant and give."""
    band = slice(channels.first - 1, channels.last + 1)
    found = -by.stream * at.problem.hold.reshape(by.stream.shape)
    for wet in h.sides.values():
        np.add.at(found.T, wet.stream, np.einsum("jki,jki->ij", wet.film, by.body[:, band]))
    return found


def by_films(h: Heard, channels: Channels, by: Shadow, tilt: np.ndarray) -> np.ndarray:
    """Return the derivative by the film of each slice (ny, streams)."""
    band = slice(channels.first - 1, channels.last + 1)
    found = tilt * h.shares + by.stream * h.weights
    for name, wet in h.sides.items():
        np.add.at(found.T, wet.stream, -np.einsum("jki,jki->ij", h.weight[name], by.body[:, band]))
    return found
