"""From a body of cells and its channels to the lattice of conductances: half cells, films and contacts in series."""

from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.grid_plan import Layout, lean, stored_row
from thermal.physics.conjugate.lattice import (
    ADVECTION,
    FIELDS,
    FIRST,
    NB,
    NC,
    NL,
    NY,
    NZ,
    Advection,
    H,
    Lattice,
)  # fmt: skip

__all__ = [
    "Body",
    "Channels",
    "assemble",
    "capacities",
    "films_of",
    "from_stored",
    "layout",
    "middles",
    "streams_of",
    "to_stored",
]


class Body(NamedTuple):
    """A box of cells: x across the channels, y along the flow, z upwards. Material 0 is void."""

    dx: np.ndarray
    dy: np.ndarray
    dz: np.ndarray
    material: np.ndarray  # (ny, nz, nx) whole numbers
    conductivity: np.ndarray  # (materials, 3): along x, y, z [W/m K]
    capacity: np.ndarray  # (materials,) heat capacity per volume [J/m³ K]
    contact: np.ndarray  # (nz,) resistance of the face below each layer [m² K/W]
    outer_nodes: bool  # nodes of the lowest and highest layer on their outer faces, as in 3D-ICE


class Channels(NamedTuple):
    """Coolant streams that fill columns of the layers `first` to `last` (exclusive)."""

    first: int
    last: int
    column_stream: np.ndarray  # (nx,), -1 where the column is solid throughout
    coefficient: np.ndarray  # (3, ny, streams): film on floor, side walls, roof [W/m² K]
    surface: np.ndarray  # (nz, nx): wetted area per volume of a porous solid in the stream's own column [1/m]
    open: np.ndarray  # (nx,) share of floor and roof that the coolant touches: 1 for channels, less among pins
    rate: np.ndarray  # (streams,) heat capacity rate [W/K]
    legs: np.ndarray  # rows of stream, first slice, slices, step, pass, pass that feeds it (-1: inlet)
    stream_pass: np.ndarray  # (streams,)
    advection: int


def assemble(body: Body, channels: Channels, known: Lattice | None) -> Lattice:
    """Return the one-grid lattice of a body and its channels; links of a `known` lattice of the same body are kept."""
    ny, nz, nx = body.material.shape
    nb, h = channels.last - channels.first + 2, stored_row(nx)
    films = films_of(body, channels)
    hold = np.zeros((ny, channels.rate.size))
    index = np.zeros((3, 2, h), dtype=np.int64)
    stored = {}
    for side, (name, film) in enumerate(films.items()):
        stream = streams_of(channels, name)
        index[side] = _stored(stream[None, :], h)[:, 0]
        np.add.at(hold.T, stream, film.sum(axis=1).T)
        stored[name] = to_stored(film)
    table = np.zeros((1, FIELDS), dtype=np.int64)
    table[0, [NY, NZ, H, FIRST, NB]] = ny, nz, h, channels.first - 1, nb
    table[0, [NC, NL, ADVECTION]] = channels.rate.size, channels.legs.shape[0], channels.advection
    links = {name: getattr(known, name) for name in ("x", "y", "z", "sink")} if known else _links(body)
    return Lattice(
        table,
        **links,
        **stored,
        reach=index.ravel(),
        rate=channels.rate,
        hold=hold.ravel(),
        lean=weights(channels, hold),
        legs=channels.legs,
    )


def _links(body: Body) -> dict[str, np.ndarray]:
    """Conductances between solid cells, slice by slice; a slice like the one before it is not computed again."""
    ny, nz, nx = body.material.shape
    h = stored_row(nx)
    fields = {name: np.zeros((ny, 2, nz, h)) for name in ("x", "z", "sink")}
    fields["y"] = np.zeros((ny + 1, 2, nz, h))
    half = before = _half_resistances(body, 0)
    repeats = 0  # slices so far that are like the one before them
    for j in range(ny):
        same = j > 0 and body.dy[j] == body.dy[j - 1] and np.array_equal(body.material[j], body.material[j - 1])
        repeats = repeats + 1 if same else 0
        if same:
            fields["x"][j], fields["z"][j] = fields["x"][j - 1], fields["z"][j - 1]
        else:
            half = _half_resistances(body, j)
            _lay(fields["x"][j], _series(half.x[:, 1:], half.x[:, :-1], 0.0), 1)
            fields["z"][j, :, 1:] = _stored(_series(half.z[1:], half.z[:-1], body.contact[1:, None] / half.area), h)
        if repeats > 1:
            fields["y"][j] = fields["y"][j - 1]
        elif j > 0:
            fields["y"][j] = _stored(_series(half.y, before.y, 0.0), h)
        before = half
    return {name: field.ravel() for name, field in fields.items()}


def weights(channels: Channels, hold: np.ndarray) -> np.ndarray:
    """Return what the march needs besides `hold`: weights of the downstream end, or reciprocal pivots (central)."""
    if channels.advection == Advection.EXPONENTIAL:
        return lean(channels.rate, hold).ravel()
    half = 0.5 * channels.rate
    pivot = np.zeros_like(hold)
    for c, j, n, step, *_ in channels.legs:
        ends = np.zeros(n)
        ends[0] += half[c]
        ends[-1] += half[c]
        previous = 0.0
        for i in range(n):
            previous = 1.0 / (hold[j + i * step, c] + ends[i] + half[c] ** 2 * previous)
            pivot[j + i * step, c] = previous
    return pivot.ravel()


def layout(body: Body, channels: Channels) -> Layout:
    """Return what must not be joined early: fins and channels across, the ends of streams along."""
    stream = channels.column_stream
    region = np.concatenate([[0], np.cumsum(stream[1:] != stream[:-1])])
    ends = np.zeros(body.dy.size, dtype=np.int64)
    for _, j, n, step, *_ in channels.legs:
        low, high = sorted((j, j + (n - 1) * step))
        ends[low] = 1
        if high + 1 < ends.size:
            ends[high + 1] = 1
    return Layout(region, np.cumsum(ends), stream, channels.stream_pass)


def capacities(body: Body) -> np.ndarray:
    """Return the heat capacity of each stored cell [J/K]."""
    volume = body.dy[:, None, None] * body.dz[:, None] * body.dx
    return to_stored(body.capacity[body.material] * volume)


def middles(widths: np.ndarray) -> np.ndarray:
    """Return the middles of cells laid side by side from zero."""
    return np.asarray(np.cumsum(widths) - widths / 2)


def to_stored(field: np.ndarray) -> np.ndarray:
    """Lay a field (ny, nz, nx) out as the solver stores it, flat."""
    ny, nz, nx = field.shape
    stored = np.zeros((ny, 2, nz, stored_row(nx)))
    stored[:, 0, :, : (nx + 1) // 2] = field[:, :, 0::2]
    stored[:, 1, :, 1 : 1 + nx // 2] = field[:, :, 1::2]
    return stored.ravel()


def from_stored(flat: np.ndarray, nx: int, nz: int) -> np.ndarray:
    """Return a stored field as (ny, nz, nx)."""
    h = stored_row(nx)
    stored = flat.reshape(-1, 2, nz, h)
    field = np.empty((stored.shape[0], nz, nx))
    field[:, :, 0::2] = stored[:, 0, :, : (nx + 1) // 2]
    field[:, :, 1::2] = stored[:, 1, :, 1 : 1 + nx // 2]
    return field


class _Half(NamedTuple):
    """Resistances from the middle of each cell to its faces [K/W], infinite in void."""

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    area: np.ndarray  # (nx,) of the faces between layers


def _half_resistances(body: Body, j: int) -> _Half:
    k = body.conductivity[body.material[j]]
    dx, dy, dz = body.dx[None, :], body.dy[j], body.dz[:, None]
    with np.errstate(divide="ignore"):
        x, y, z = 0.5 * dx / (k[..., 0] * dy * dz), 0.5 * dy / (k[..., 1] * dx * dz), 0.5 * dz / (k[..., 2] * dx * dy)
    z[_outermost(body)] *= 2.0
    return _Half(x, y, z, body.dx * dy)


def _series(a: np.ndarray, b: np.ndarray, contact: float | np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (a + b + contact))


def films_of(body: Body, channels: Channels) -> dict[str, np.ndarray]:
    """Films (ny, layers of the wet band, nx) on three sides of each column, each in series with half a cell of wall."""
    first, last, stream = channels.first, channels.last, channels.column_stream
    films = {name: np.zeros((body.dy.size, last - first + 2, stream.size)) for name in ("low", "own", "high")}
    floor, side, roof = channels.coefficient
    inside, dy, dz = slice(first, last), body.dy[:, None, None], body.dz[first:last, None]
    k = body.conductivity[body.material[:, first - 1 : last + 1]]
    with np.errstate(divide="ignore"):
        left = np.flatnonzero(
            (stream[1:] >= 0) & (stream[:-1] < 0)
        )  # solid columns with a channel on their high-x side
        films["high"][:, 1:-1, left] = _film(
            side[:, None, stream[left + 1]], dy * dz, 0.5 * body.dx[left] / k[:, 1:-1, left, 0]
        )
        right = 1 + np.flatnonzero((stream[1:] < 0) & (stream[:-1] >= 0))
        films["low"][:, 1:-1, right] = _film(
            side[:, None, stream[right - 1]], dy * dz, 0.5 * body.dx[right] / k[:, 1:-1, right, 0]
        )
        own = np.flatnonzero(stream >= 0)
        area = body.dy[:, None] * body.dx[own] * channels.open[own]
        depth = 0.5 * body.dz * np.where(_outermost(body), 2.0, 1.0)
        films["own"][:, 0, own] = _film(floor[:, stream[own]], area, depth[first - 1] / k[:, 0][:, own, 2])
        films["own"][:, -1, own] = _film(roof[:, stream[own]], area, depth[last] / k[:, -1][:, own, 2])
    volume = dy * dz * body.dx[own]
    films["own"][:, 1:-1, own] = side[:, None, stream[own]] * channels.surface[inside][:, own] * volume
    return films


def _outermost(body: Body) -> np.ndarray:
    """Layers whose node lies on the outer face."""
    outer = np.zeros(body.dz.size, dtype=bool)
    outer[[0, -1]] = body.outer_nodes
    return outer


def _film(coefficient: np.ndarray, area: np.ndarray, wall: np.ndarray) -> np.ndarray:
    """Film and wall (thickness over conductivity) in series [W/K]; zero where either is missing."""
    solid = np.isfinite(wall)
    return np.asarray(coefficient * area / (1.0 + coefficient * np.where(solid, wall, 0.0)) * solid)


def streams_of(channels: Channels, side: str) -> np.ndarray:
    """Stream on the low-x side of each column, in it, or on its high-x side (0 where there is none)."""
    stream = channels.column_stream
    if side == "own":
        return np.maximum(stream, 0)
    shifted = np.full(stream.size, -1)
    if side == "low":
        shifted[1:] = stream[:-1]
    else:
        shifted[:-1] = stream[1:]
    return np.where(stream < 0, np.maximum(shifted, 0), 0)


def _stored(plane: np.ndarray, h: int) -> np.ndarray:
    out = np.zeros((2, plane.shape[0], h))
    _lay(out, plane, 0)
    return out


def _lay(out: np.ndarray, plane: np.ndarray, begin: int) -> None:
    """Write columns `begin`, `begin` + 1, ... of a slice (layers, columns) into its stored form."""
    for i in range(2):
        columns = plane[:, i::2]
        at = begin + i
        start = (at + 1) >> 1
        out[at & 1, :, start : start + columns.shape[1]] = columns
