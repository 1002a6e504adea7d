"""What joins the cells of a 3D-ICE stack: conductances side by side and on one another, sinks, and streams."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from thermal.formats.ice import IceStack
from thermal.physics.conjugate.grid_plan import lean
from thermal.plate.ice.sheets import TOUCH, Grid, Sheet, Tile

if TYPE_CHECKING:
    from scipy import sparse

__all__ = ["Network", "Streams", "network_of", "overlaps"]


class Streams(NamedTuple):
    """Columns of coolant: unknowns along the flow, and what each carries."""

    node: np.ndarray  # (slices, streams)
    rate: np.ndarray  # (streams,) [W/K]
    layer: np.ndarray  # (streams,) of the stack


class Network(NamedTuple):
    """A u = b of a stack in rises over a reference; temperatures of the cells are mean u, of coolant within a slice."""

    matrix: "sparse.csr_matrix"  # conduction, sinks and advection
    mean: "sparse.csr_matrix"
    content: np.ndarray  # heat capacities [J/K]
    sink: np.ndarray  # conductance of each cell to surroundings [W/K]
    given: np.ndarray  # right-hand side without the heat: inlets and surroundings [W]
    streams: Streams
    reference: float  # [°C]


def network_of(stack: IceStack, grid: Grid, as_3dice: bool) -> Network:
    """Join the cells of a grid; `as_3dice` takes central advection, and contact lengths as that program finds them."""
    from scipy import sparse  # a quarter of a second to import

    a, b, g = (np.concatenate(part) for part in zip(*_links(grid, as_3dice), strict=True))
    apart = (a != b) & (g > 0)
    a, b, g = a[apart], b[apart], g[apart]
    n = grid.unknowns
    sink, surroundings, reference = _sinks(stack, grid)
    diagonal = np.bincount(a, g, n) + np.bincount(b, g, n)
    rows, columns = np.concatenate([a, b, np.arange(n)]), np.concatenate([b, a, np.arange(n)])
    conduction = sparse.csr_matrix((np.concatenate([-g, -g, diagonal + sink]), (rows, columns)), (n, n))
    streams = _streams(grid)
    inlet = (stack.channel.T_in - reference) if stack.channel else 0.0
    moved, given, mean = _advection(streams, diagonal, n, inlet, as_3dice)
    content = np.zeros(n)
    for sheet in grid.sheets:
        content += np.bincount(sheet.node, sheet.capacity, n)
    given += surroundings - conduction @ mean.inlet
    matrix = sparse.csr_matrix(conduction @ mean.weights + moved)
    return Network(matrix, mean.weights, content, sink, given, streams, reference)


def _links(grid: Grid, as_3dice: bool) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = []
    for sheet in grid.sheets:
        for tile in sheet.tiles:
            found += _within(sheet, tile)
        for p in sheet.tiles:
            for q in sheet.tiles:
                if p is not q:
                    found += _beside(sheet, p, q, as_3dice)
    for low, high in grid.pairs:
        found += _stacked(grid.sheets[low], grid.sheets[high])
    return found


def _numbers(tile: Tile) -> np.ndarray:
    return tile.first + np.arange(tile.size).reshape(tile.y.size - 1, tile.x.size - 1)


def _within(sheet: Sheet, tile: Tile) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Neighbours in one tile."""
    cell = _numbers(tile)
    dx, dy = np.diff(tile.x), np.diff(tile.y)
    found = []
    for one, two, resistance, length in (
        (cell[:, :-1], cell[:, 1:], sheet.across, dy[:, None]),
        (cell[:-1], cell[1:], sheet.along, dx[None, :]),
    ):
        g = length / (resistance[one] + resistance[two])
        found.append((sheet.node[one].ravel(), sheet.node[two].ravel(), g.ravel()))
    return found


def _beside(sheet: Sheet, p: Tile, q: Tile, as_3dice: bool) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Cells of two tiles that touch, `q` on the high side of `p`.

    As in that program a contact is as long as the shorter way from an end of one cell to the far end of the other: too
    long where one cell lies within the reach of the other.
    """
    found = []
    for of_p, of_q, edge_p, edge_q, resistance, ends in (
        (_numbers(p)[:, -1], _numbers(q)[:, 0], p.y, q.y, sheet.across, q.x[0] - p.x[-1]),
        (_numbers(p)[-1], _numbers(q)[0], p.x, q.x, sheet.along, q.y[0] - p.y[-1]),
    ):
        if abs(ends) > TOUCH:
            continue
        i, j, length = overlaps(edge_p, edge_q)
        if as_3dice:
            length = np.minimum(np.abs(edge_p[i] - edge_q[j + 1]), np.abs(edge_p[i + 1] - edge_q[j]))
        one, two = of_p[i], of_q[j]
        found.append((sheet.node[one], sheet.node[two], length / (resistance[one] + resistance[two])))
    return found


def _stacked(low: Sheet, high: Sheet) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Cells of two sheets of which one lies on the other."""
    found = []
    for p in low.tiles:
        for q in high.tiles:
            if (
                min(p.x[-1], q.x[-1]) - max(p.x[0], q.x[0]) < TOUCH
                or min(p.y[-1], q.y[-1]) - max(p.y[0], q.y[0]) < TOUCH
            ):
                continue
            i, m, across = overlaps(p.x, q.x)
            j, n, along = overlaps(p.y, q.y)
            one, two = _numbers(p)[j[:, None], i].ravel(), _numbers(q)[n[:, None], m].ravel()
            with np.errstate(divide="ignore"):  # parts of one column of coolant: left out later
                g = np.outer(along, across).ravel() / (low.above[one] + high.below[two])
            found.append((low.node[one], high.node[two], g))
    return found


def overlaps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells between the edges `a` and cells between the edges `b` that share a length, and that length.

    Examples
    --------
    >>> overlaps(np.array([0.0, 2.0, 3.0]), np.array([1.0, 3.0]))
    (array([0, 1]), array([0, 0]), array([1., 1.]))
    """
    marks = np.unique(np.concatenate([a, b]))
    marks = marks[np.concatenate([[True], np.diff(marks) > TOUCH])]
    middle = 0.5 * (marks[1:] + marks[:-1])
    i, j = np.searchsorted(a, middle) - 1, np.searchsorted(b, middle) - 1
    both = (i >= 0) & (i < a.size - 1) & (j >= 0) & (j < b.size - 1)
    return i[both], j[both], np.diff(marks)[both]


def _sinks(stack: IceStack, grid: Grid) -> tuple[np.ndarray, np.ndarray, float]:
    """Conductance of each cell to surroundings, the heat from there at the reference, and the reference [°C]."""
    sinks = [s for s in (stack.bottom, stack.top) if s]
    channel = stack.channel if any(layer.is_channel for layer in stack.layers) else None
    reference = channel.T_in if channel else sinks[0].T if sinks else stack.T_start
    conductance, heat = np.zeros(grid.unknowns), np.zeros(grid.unknowns)
    for sink, sheet, half in (
        (stack.bottom, grid.sheets[0], grid.sheets[0].below),
        (stack.top, grid.sheets[-1], grid.sheets[-1].above),
    ):
        if sink is not None:
            area = np.concatenate([np.outer(np.diff(t.y), np.diff(t.x)).ravel() for t in sheet.tiles])
            g = area / (half + 1.0 / sink.film)
            conductance[sheet.node] += g
            heat[sheet.node] += g * (sink.T - reference)
    return conductance, heat, reference


def _streams(grid: Grid) -> Streams:
    nodes, rates, layers, seen = [], [], [], set()
    for sheet in grid.sheets:
        if not sheet.rate.any() or sheet.layer in seen:
            continue
        seen.add(sheet.layer)
        (tile,) = sheet.tiles
        wet = sheet.rate[: tile.x.size - 1] > 0
        nodes.append(sheet.node[_numbers(tile)][:, wet])
        rates.append(sheet.rate[: tile.x.size - 1][wet])
        layers.append(np.full(int(wet.sum()), sheet.layer))
    if not nodes:
        return Streams(np.zeros((0, 0), dtype=np.int64), np.zeros(0), np.zeros(0, dtype=np.int64))
    return Streams(np.concatenate(nodes, axis=1), np.concatenate(rates), np.concatenate(layers))


class _Mean(NamedTuple):
    weights: "sparse.csr_matrix"
    inlet: np.ndarray  # what the inlet adds to the means


def _advection(
    streams: Streams, hold: np.ndarray, n: int, inlet: float, central: bool
) -> "tuple[sparse.csr_matrix, np.ndarray, _Mean]":
    """Heat that streams carry out of each slice, what their inlets bring in, and means of the slices.

    Central: the unknown is the mean, and between slices flows the mean of both; at the ends the inlet and the last
    slice. Otherwise the unknown is the temperature that leaves a slice, and the mean that of a constant wall
    temperature.
    """
    from scipy import sparse

    node, rate = streams.node, streams.rate
    given, bring = np.zeros(n), np.zeros(n)
    if not node.size:
        none = sparse.csr_matrix((n, n))
        return none, given, _Mean(sparse.identity(n, format="csr"), bring)
    first, last, up, down = node[0], node[-1], node[:-1].ravel(), node[1:].ravel()
    given[first] += rate * inlet
    if central:
        half = np.tile(0.5 * rate, node.shape[0] - 1)
        rows = np.concatenate([up, down, first, last])
        columns = np.concatenate([down, up, first, last])
        values = np.concatenate([half, -half, 0.5 * rate, 0.5 * rate])
        moved = sparse.csr_matrix((values, (rows, columns)), (n, n))
        return moved, given, _Mean(sparse.identity(n, format="csr"), bring)
    whole = np.tile(rate, node.shape[0])
    moved = sparse.csr_matrix(
        (
            np.concatenate([whole, -np.tile(rate, node.shape[0] - 1)]),
            (np.concatenate([node.ravel(), down]), np.concatenate([node.ravel(), up])),
        ),
        (n, n),
    )
    weight = np.ones(n)
    weight[node] = lean(rate, hold[node])
    weights = sparse.csr_matrix(
        (
            np.concatenate([weight, 1.0 - weight[down]]),
            (np.concatenate([np.arange(n), down]), np.concatenate([np.arange(n), up])),
        ),
        (n, n),
    )
    bring[first] = (1.0 - weight[first]) * inlet
    return moved, given, _Mean(weights, bring)
