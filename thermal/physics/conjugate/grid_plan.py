"""Which columns, slices and streams each coarser grid joins, and where it lies in memory."""

from typing import NamedTuple

import numpy as np

from thermal.physics.conjugate.coarsen import pairs
from thermal.physics.conjugate.lattice import (
    ADVECTION,
    BAND,
    CELL,
    FACE,
    FIELDS,
    FIRST,
    LEG,
    MAP,
    NB,
    NC,
    NL,
    NY,
    NZ,
    RIB,
    ROW,
    SLICE,
    STREAM,
    Advection,
    H,
    Lattice,
)  # fmt: skip

__all__ = ["Layout", "Step", "lean", "plan", "stored_row"]

SMALL = 160  # cells under which a grid is not coarsened further
MOST_KNOWN = 256  # ways down that are remembered, some 10 kB each
BALANCE = 1.0  # ratio of conductances along x and y above which only the stronger direction is coarsened


class Layout(NamedTuple):
    """What the columns, slices and streams of a grid are."""

    column_region: np.ndarray  # (columns,): fins and channels, and what else must not be joined early
    slice_region: np.ndarray  # (ny,): slices between the ends of streams
    column_stream: np.ndarray  # (columns,): stream that fills the column, or -1
    stream_pass: np.ndarray  # (streams,): pass that the stream belongs to


class Step(NamedTuple):
    """One grid of the plan and its way down to the next; the last has empty ways."""

    table: np.ndarray
    sizes: dict[str, int]
    reach: np.ndarray
    rate: np.ndarray
    hold: np.ndarray
    lean: np.ndarray
    legs: np.ndarray
    group: np.ndarray
    joined: np.ndarray
    side: np.ndarray
    column: np.ndarray
    row: np.ndarray


class Down(NamedTuple):
    """What a grid's shape alone says of the next one."""

    stream: np.ndarray  # coarse stream of each stream
    reach: np.ndarray
    wet: np.ndarray
    side: np.ndarray
    column: np.ndarray
    row: np.ndarray
    legs: np.ndarray
    layout: Layout


_KNOWN: dict[tuple[bytes, ...], Down] = {}


def stored_row(columns: int) -> int:
    """Return the length of a stored row: the columns of one parity and the idle cell."""
    return (columns + 1) // 2 + 1


def plan(problem: Lattice, layout: Layout) -> list[Step]:
    """Plan the hierarchy of a problem of one grid."""
    table = problem.table[0].copy()
    nz, nb = int(table[NZ]), int(table[NB])
    h = int(table[H])
    wet = np.stack([_any_wet(f, int(table[NY]), nb, h) for f in (problem.low, problem.own, problem.high)])
    index = problem.reach.reshape(3, 2, h)
    streams = problem.rate, problem.hold.reshape(int(table[NY]), -1), problem.lean, problem.legs
    strength = np.array([problem.x.sum(), problem.y.sum()])
    steps: list[Step] = []
    while True:
        columns, rows = layout.column_region.size, layout.slice_region.size
        group, row = _choice(layout, strength, columns * rows * nz)
        rate, hold, weight, legs = streams
        sizes = _sizes(rows, nz, nb, int(table[H]))
        if group[-1] + 1 == columns and row[-1] + 1 == rows:
            none = np.zeros((3, 2, int(table[H])), dtype=np.int64)
            return [
                *steps,
                Step(table, sizes, index, rate, hold, weight, legs, group, row, none, none, np.zeros((2, rows))),
            ]
        down = _down(index, wet, layout, group, row, legs, int(table[H]), nz)
        steps.append(Step(table, sizes, index, rate, hold, weight, legs, group, row, down.side, down.column, down.row))
        halved = np.array([int(group[-1]) + 1 < columns, int(row[-1]) + 1 < rows])
        strength = strength / np.where(halved, 4.0, 1.0)
        index, wet, layout = down.reach, down.wet, down.layout
        streams = *_join_streams(rate, hold, down.stream, row), down.legs
        table = _next_table(table, sizes, layout, streams, stored_row(int(group[-1]) + 1), legs.shape[0])


def _down(
    index: np.ndarray, wet: np.ndarray, layout: Layout, group: np.ndarray, row: np.ndarray, legs: np.ndarray,
    h: int, nz: int,
) -> Down:  # fmt: skip
    """The way down from a grid, known where a grid of that shape went that way before: variants of a plate do."""
    arrays = (index, wet, *layout, group, row, legs, np.array([h, nz, *legs.shape, *index.shape]))
    key = tuple(a.tobytes() for a in arrays)
    if key not in _KNOWN:
        stream, coarse, side, coarse_wet = _join_films(index, wet, layout, group)
        coarse_h = stored_row(int(group[-1]) + 1)
        column = _column_map(group, h, coarse_h, nz * coarse_h)
        near, fewer = np.stack([row, _near(row)]), _join_legs(legs, stream, row)
        found = Down(stream, coarse, coarse_wet, side, column, near, fewer, _join_layout(layout, group, row, stream))
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = found
        return found
    return _KNOWN[key]


def _choice(layout: Layout, strength: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Choose what to join: along the direction of stronger coupling, or along both."""
    group = pairs(layout.column_region, _column_pass(layout))
    row = pairs(layout.slice_region, layout.slice_region)
    keep_x, keep_y = np.arange(group.size), np.arange(row.size)
    may_x, may_y = group[-1] + 1 < group.size, row[-1] + 1 < row.size
    if cells <= SMALL:
        return keep_x, keep_y
    if may_x and may_y and strength[0] > BALANCE * strength[1]:
        return group, keep_y
    if may_x and may_y and strength[1] > 2.0 * BALANCE * strength[0]:
        return keep_x, row
    return group, row


def _column_pass(layout: Layout) -> np.ndarray:
    """Return the pass of the nearest stream on the left of each column, or of the first stream."""
    if not layout.stream_pass.size:
        return np.zeros(layout.column_region.size)
    latest = np.maximum.accumulate(layout.column_stream)
    return np.asarray(layout.stream_pass[np.maximum(latest, 0)])


def _any_wet(film: np.ndarray, ny: int, nb: int, h: int) -> np.ndarray:
    return np.asarray(film.reshape(ny, 2, nb, h).any(axis=(0, 2)))


def _sizes(ny: int, nz: int, nb: int, h: int) -> dict[str, int]:
    cells, band = 2 * ny * nz * h, 2 * ny * nb * h
    return {"x": cells, "y": cells + 2 * nz * h, "z": cells, "sink": cells, "low": band, "own": band, "high": band}


def _near(group: np.ndarray) -> np.ndarray:
    """Name the coarse cell on the far side of the one a cell belongs to: the next one for the second of a pair."""
    near = group.copy()
    same = group[1:] == group[:-1]
    near[:-1] -= same
    near[1:] += same
    return np.where((near < 0) | (near > group[-1]), group, near)


def _column_map(group: np.ndarray, h: int, coarse_h: int, n: int) -> np.ndarray:
    """Place in a stored coarse slice of each column's coarse cell, of the one next to it, and of their link."""

    def place(i: int) -> int:
        return (i & 1) * n + ((i + 1) >> 1)

    near = _near(group)
    column = np.full((3, 2, h), coarse_h - 1, dtype=np.int64)  # the idle coarse cell
    for i in range(group.size):
        column[:, i & 1, (i + 1) >> 1] = place(group[i]), place(near[i]), place(max(group[i], near[i]))
    return column


def _join_films(
    index: np.ndarray, wet: np.ndarray, layout: Layout, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Number the coarse streams, and say which of its three films each fine film of a column adds to."""
    stream = _number_streams(layout, group)
    columns = int(group[-1]) + 1
    coarse = np.zeros((3, 2, stored_row(columns)), dtype=np.int64)
    coarse_wet = np.zeros(coarse.shape, dtype=bool)
    side = np.ones(index.shape, dtype=np.int64)
    members = np.split(np.arange(group.size), np.flatnonzero(np.diff(group)) + 1)
    for wide, inside in enumerate(members if stream.size else []):
        q, n = wide & 1, (wide + 1) >> 1
        films = [(s, i & 1, (i + 1) >> 1) for i in inside for s in range(3) if wet[s, i & 1, (i + 1) >> 1]]
        touched = sorted({int(stream[index[f]]) for f in films})
        own = [int(stream[layout.column_stream[i]]) for i in inside if layout.column_stream[i] >= 0]
        middle = own[0] if own else (touched[0] + 0.5 if touched else 0.0)
        place = {c: 0 if c < middle else 1 if c == middle else 2 for c in touched}
        if len(set(place.values())) < len(place):
            raise ValueError("a coarse column would touch more than three streams")
        for c, s in place.items():
            coarse[s, q, n], coarse_wet[s, q, n] = c, True
        for f in films:
            side[f] = place[int(stream[index[f]])]
    return stream, coarse, side, coarse_wet


def _number_streams(layout: Layout, group: np.ndarray) -> np.ndarray:
    """Join streams of one pass that come to fill the same coarse column."""
    count = layout.stream_pass.size
    stream = np.zeros(count, dtype=np.int64)
    filled = [group[np.flatnonzero(layout.column_stream == c)] for c in range(count)]
    for c in range(1, count):
        apart = filled[c][0] != filled[c - 1][-1] or layout.stream_pass[c] != layout.stream_pass[c - 1]
        stream[c] = stream[c - 1] + apart
    return stream


def _join_streams(
    rate: np.ndarray, hold: np.ndarray, stream: np.ndarray, row: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = int(stream.max(initial=-1)) + 1
    wide, short = np.zeros(count), np.zeros((int(row[-1]) + 1, count))
    np.add.at(wide, stream, rate)
    np.add.at(short, (row[:, None], stream[None, :]), hold)
    return wide, short, lean(wide, short)


def _join_legs(legs: np.ndarray, stream: np.ndarray, row: np.ndarray) -> np.ndarray:
    legs = legs.copy()
    last = row[legs[:, 1] + (legs[:, 2] - 1) * legs[:, 3]]
    legs[:, 0], legs[:, 1] = stream[legs[:, 0]], row[legs[:, 1]]
    legs[:, 2] = np.abs(last - legs[:, 1]) + 1
    return legs[sorted(np.unique(legs, axis=0, return_index=True)[1])]


def _join_layout(layout: Layout, group: np.ndarray, row: np.ndarray, stream: np.ndarray) -> Layout:
    first = np.unique(group, return_index=True)[1]
    mixed = bool((layout.column_region[1:] == layout.column_region[:-1]).any())
    region = layout.column_region[first] if mixed else np.arange(first.size)
    filled = np.full(first.size, -1)
    inside = layout.column_stream >= 0
    filled[group[inside]] = stream[layout.column_stream[inside]]
    passes = layout.stream_pass[np.unique(stream, return_index=True)[1]]
    return Layout(region, layout.slice_region[np.unique(row, return_index=True)[1]], filled, passes)


def _next_table(
    table: np.ndarray, sizes: dict[str, int], layout: Layout, streams: tuple[np.ndarray, ...], h: int, legs: int
) -> np.ndarray:
    """Sizes of the next grid and where it begins in each flat array."""
    new = np.zeros(FIELDS, dtype=np.int64)
    new[[NY, NZ, H, FIRST, NB]] = layout.slice_region.size, table[NZ], h, table[FIRST], table[NB]
    new[[NC, NL, ADVECTION]] = streams[0].size, streams[3].shape[0], Advection.EXPONENTIAL
    new[CELL], new[FACE], new[BAND] = table[CELL] + sizes["x"], table[FACE] + sizes["y"], table[BAND] + sizes["low"]
    new[STREAM], new[SLICE] = table[STREAM] + table[NC], table[SLICE] + table[NY] * table[NC]
    new[LEG], new[MAP], new[ROW] = table[LEG] + legs, table[MAP] + 6 * table[H], table[ROW] + 2 * table[NY]
    new[RIB] = table[RIB] + 2 * (table[NY] + 1) * table[H]
    return new


def lean(rate: np.ndarray, film: np.ndarray) -> np.ndarray:
    """Return the weight of the downstream end in a slice's mean coolant temperature, wall temperature constant over it.

    θ = 1/(1 − exp(−N)) − 1/N with N = film/rate: 1/2 for short slices, 1 for long ones.

    Examples
    --------
    >>> lean(np.array([1.0]), np.array([[1e-9], [100.0]])).round(2).ravel().tolist()
    [0.5, 0.99]
    """
    number = film / rate
    safe = np.where(number > 1e-3, number, 1.0)
    return np.asarray(np.where(number > 1e-3, 1.0 / -np.expm1(-safe) - 1.0 / safe, 0.5 + number / 12.0))
