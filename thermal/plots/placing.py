"""Where a network's nodes and branches are drawn: as a ladder between its headers, or a mesh by its distances."""

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from thermal.errors import InputError

__all__ = ["Bar", "Line", "Plan", "is_drive", "placed"]

MOST = 12  # equal branches side by side that are drawn one by one
HEIGHT = 3.0  # of a ladder, in widths of its columns
GAP = 0.4  # of a column, between the drives and the rest
LANE = 0.85  # between a header and what passes it, with room for what is written at its nodes
ASIDE = (0.4, 0.8)  # of what passes, from its left and its right node
SWEEPS = 60  # of stress majorisation
LARGE = 200  # nodes above which a mesh stays as the first two axes of its distances have it
MOST_LINES = 500  # that one picture shows


class Line(NamedTuple):
    """One line of the picture, from the start of its branches to their end."""

    branches: tuple[Any, ...]
    points: np.ndarray  # (n, 2)
    flat: bool  # along a header

    @property
    def name(self) -> str:
        """Name of the branch, or the first and the last of several."""
        first = str(self.branches[0].name)
        return f"{first} … {self.branches[-1].name.rpartition('/')[2]}" if len(self.branches) > 1 else first

    @property
    def many(self) -> int:
        """Equal branches in parallel that it stands for."""
        return sum(b.count for b in self.branches)


class Bar(NamedTuple):
    """A node, drawn from `left` to `right` at the height `y`."""

    name: str
    left: float
    right: float
    y: float


class Plan(NamedTuple):
    """All that is drawn, in columns of width 1."""

    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]
    ladder: bool


def is_drive(part: Any) -> bool:
    """Whether a part pushes: a pump, or a CDU with its pumps."""
    return hasattr(part, "head_curve") or hasattr(part, "pumps")


def placed(network: Any, apart: Collection[str] = ()) -> Plan:
    """Place a network, many equal branches between two nodes on one line unless they are named in `apart`.

    With pumps or CDUs and something between their headers it is a ladder: supply above, return below, drives on the
    left, the rest as rungs in the order of the network. Anything else is a mesh, its nodes as far apart as the fewest
    branches between them, by stress majorisation.

    Raises
    ------
    InputError
        If there are more lines than one picture shows.
    """
    groups = _folded(network, apart)
    if len(groups) > MOST_LINES:
        raise InputError(
            f"the network has {len(groups)} lines, a picture shows {MOST_LINES}: draw one of its rows, or its "
            "equal parts as a count"
        )
    ladders = [_ladder(nodes, own) for nodes, own in _apart(network.node_names, groups)]
    found = [plan for plan in ladders if plan is not None]
    return _beside(found) if len(found) == len(ladders) else _mesh(network.node_names, groups)


def _apart(nodes: tuple[str, ...], groups: list[Any]) -> list[tuple[tuple[str, ...], list[Any]]]:
    """Parts of a network that no branch joins: nodes and groups of each."""
    from scipy.sparse.csgraph import connected_components

    place = {name: i for i, name in enumerate(nodes)}
    graph = _graph(len(nodes), [(place[g[0].start], place[g[0].end]) for g in groups])
    count, part = connected_components(graph, directed=False)
    own = [tuple(name for name, i in place.items() if part[i] == k) for k in range(count)]
    return [(names, [g for g in groups if part[place[g[0].start]] == k]) for k, names in enumerate(own)]


def _beside(plans: list[Plan]) -> Plan:
    """Ladders side by side."""
    lines: list[Line] = []
    bars: list[Bar] = []
    left = 0.0
    for plan in plans:
        by = left - min(bar.left for bar in plan.bars) if lines else 0.0
        lines += [line._replace(points=line.points + np.array([by, 0.0])) for line in plan.lines]
        bars += [bar._replace(left=bar.left + by, right=bar.right + by) for bar in plan.bars]
        left = max(bar.right for bar in bars) + 1.0 + GAP
    return Plan(tuple(lines), tuple(bars), True)


def _folded(network: Any, apart: Collection[str]) -> list[tuple[Any, ...]]:
    same: dict[Any, list[Any]] = {}
    for b in network.branches:
        same.setdefault((b.start, b.end, b.part, b.name if b.name in apart else ""), []).append(b)
    groups: list[tuple[Any, ...]] = []
    for found in same.values():
        groups += [tuple(found)] if len(found) > MOST else [(b,) for b in found]
    order = {b.name: i for i, b in enumerate(network.branches)}
    return sorted(groups, key=lambda g: order[g[0].name])


def _ladder(nodes: tuple[str, ...], groups: list[tuple[Any, ...]]) -> Plan | None:
    """Ladder of a network that has drives and two headers, None of another."""
    drives = [g for g in groups if is_drive(g[0].part)]
    y = _heights(nodes, [g for g in groups if not is_drive(g[0].part)], drives) if drives else None
    if y is None or any(y[g[0].start] == y[g[0].end] for g in drives):
        return None
    column, spans = _columns(groups, drives, y)
    bars = _bars(nodes, groups, spans, y)
    lines, lanes = [], Counter[float]()
    for g in groups:
        b = g[0]
        if g in column:
            points = np.array([[column[g], y[b.start]], [column[g], y[b.end]]])
        else:
            points = _along(bars[b.start], bars[b.end], list(bars.values()), lanes)
        lines.append(Line(g, points, g not in column))
    return Plan(tuple(lines), tuple(bars.values()), True)


def _heights(nodes: tuple[str, ...], rest: list[Any], drives: list[Any]) -> dict[str, float] | None:
    """Height of each node: its place between the drives' ends and starts, counted in branches that are no header."""
    from scipy.sparse.csgraph import connected_components, shortest_path

    place = {name: i for i, name in enumerate(nodes)}
    n = len(nodes)
    ends = {g[0].end for g in drives}, {g[0].start for g in drives}
    degree = Counter(name for g in rest for name in (g[0].start, g[0].end))
    flat = [g for g in rest if type(g[0].part).__name__ == "Pipe"]
    combs = Counter(
        a for g in flat for a, b in _ways(g[0]) if degree[b] == 2 and not any(b in e for e in ends)
    )  # many pipes that each feed one machine are parts of rungs, not of the header
    beside = Counter(name for g in flat for name in (g[0].start, g[0].end))
    flat = [
        g
        for g in flat
        if not any(combs[a] > 1 and degree[b] == 2 and beside[b] == 1 and b not in ends[0] | ends[1]
                   for a, b in _ways(g[0]))
    ]  # fmt: skip
    _, header = connected_components(_graph(n, [(place[g[0].start], place[g[0].end]) for g in flat]), directed=False)
    hops = _graph(n, [(header[place[g[0].start]], header[place[g[0].end]]) for g in rest])
    top, bottom = ({int(header[place[name]]) for name in e} for e in ends)
    if top & bottom:
        return None
    far = [shortest_path(hops, directed=False, unweighted=True, indices=sorted(e)).min(axis=0) for e in (top, bottom)]
    down, up = far[0][header], far[1][header]
    if not (np.isfinite(down).all() and np.isfinite(up).all()):
        return None
    return {name: float(HEIGHT * up[i] / (up[i] + down[i])) for name, i in place.items()}


def _ways(b: Any) -> tuple[tuple[str, str], ...]:
    return (b.start, b.end), (b.end, b.start)


def _graph(n: int, pairs: list[tuple[int, int]]) -> Any:
    """Adjacency as a sparse array of SciPy."""
    from scipy.sparse import csr_array  # a tenth of a second to import

    pairs = [(i, j) for i, j in pairs if i != j]
    i, j = np.array(pairs, int).reshape(-1, 2).T
    return csr_array((np.ones(len(i)), (i, j)), shape=(n, n))


def _columns(groups: Any, drives: Any, y: dict[str, float]) -> tuple[dict[Any, float], dict[str, list[float]]]:
    """Column of each rung; those in series share one."""
    column: dict[Any, float] = {}
    spans: dict[str, list[float]] = {}
    below: dict[str, float] = {}  # free places under and above a node within a rung
    above: dict[str, float] = {}
    last = 0.0
    for g in [*drives, *(g for g in groups if not is_drive(g[0].part))]:
        b = g[0]
        if y[b.start] == y[b.end]:
            continue
        high, low = (b.start, b.end) if y[b.start] > y[b.end] else (b.end, b.start)
        if high in below:
            x = below.pop(high)
        elif low in above:
            x = above.pop(low)
        else:
            last += 1.0 + (GAP if len(column) == len(drives) else 0.0)
            x = last
            if 0.0 < y[high] < HEIGHT:
                above.setdefault(high, x)
        if 0.0 < y[low] < HEIGHT and not is_drive(b.part):
            below.setdefault(low, x)
        column[g] = x
        for name in (high, low):
            spans.setdefault(name, []).append(x)
    return column, spans


def _bars(nodes: Any, groups: Any, spans: dict[str, list[float]], y: dict[str, float]) -> dict[str, Bar]:
    """Bars of all nodes; one without rungs stands between its neighbours, where there is room."""
    known = {name: Bar(name, min(xs), max(xs), y[name]) for name, xs in spans.items()}
    waiting = [name for name in nodes if name not in known]
    while waiting:
        near = {name: [known[o] for g in groups for a, o in _ways(g[0]) if a == name and o in known]
                for name in waiting}  # fmt: skip
        name = max(waiting, key=lambda w: len(near[w]))
        x = float(np.mean([0.5 * (bar.left + bar.right) for bar in near[name]])) if near[name] else 0.0
        while any(bar.y == y[name] and bar.left - 0.3 < x < bar.right + 0.3 for bar in known.values()):
            x += 0.5
        known[name] = Bar(name, x, x, y[name])
        waiting.remove(name)
    return {name: known[name] for name in nodes}


def _along(a: Bar, b: Bar, bars: list[Bar], lanes: Counter[float]) -> np.ndarray:
    """Path between two nodes of one height: straight, or past what stands between them."""
    first, second = (a.right, b.left) if a.right <= b.left else (a.left, b.right)
    left, right = min(first, second), max(first, second)
    others = [c for c in bars if c.name not in (a.name, b.name) and c.y == a.y]
    apart = a.right < b.left or b.right < a.left
    if apart and not any(c.right > left and c.left < right for c in others):
        return np.array([[first, a.y], [second, b.y]])
    lanes[a.y] += 1
    away = LANE * lanes[a.y] * (1.0 if a.y >= HEIGHT else -1.0)
    outer, inner = min(a, b, key=lambda c: c.right), max(a, b, key=lambda c: c.right)
    near, far = outer.right + ASIDE[0], inner.right + ASIDE[1]
    path = [[outer.right, a.y], [near, a.y], [near, a.y + away], [far, a.y + away], [far, a.y], [inner.right, a.y]]
    return np.array(path if outer is a else path[::-1])


def _mesh(nodes: tuple[str, ...], groups: list[tuple[Any, ...]]) -> Plan:
    place = {name: i for i, name in enumerate(nodes)}
    xy = _spread(_graph(len(nodes), [(place[g[0].start], place[g[0].end]) for g in groups]))
    between: dict[tuple[str, str], list[Any]] = {}
    for g in groups:
        between.setdefault((min(g[0].start, g[0].end), max(g[0].start, g[0].end)), []).append(g)
    lines = []
    for (low, high), found in between.items():
        p, q = xy[place[low]], xy[place[high]]
        across = np.array([p[1] - q[1], q[0] - p[0]])
        for k, g in enumerate(found):
            bent = 0.5 * (p + q) + 0.25 * (k - 0.5 * (len(found) - 1)) * across
            points = np.array([p, bent, q] if len(found) > 1 else [p, q])
            lines.append(Line(g, points if g[0].start == low else points[::-1], False))
    order = {g[0].name: i for i, g in enumerate(groups)}
    lines.sort(key=lambda line: order[line.branches[0].name])
    return Plan(tuple(lines), tuple(Bar(name, *xy[i, [0, 0, 1]]) for name, i in place.items()), False)


def _spread(graph: Any) -> np.ndarray:
    """Points as far apart as their hops: classical scaling, then majorisation of the stress weighted by 1/d²."""
    from scipy.sparse.csgraph import shortest_path

    d = shortest_path(graph, directed=False, unweighted=True)
    d[~np.isfinite(d)] = 1.5 * d[np.isfinite(d)].max()  # parts that hang together by held nodes alone
    n = len(d)
    centre = np.eye(n) - 1.0 / n
    value, vector = np.linalg.eigh(-0.5 * centre @ d**2 @ centre)
    xy = vector[:, -2:][:, ::-1] * np.sqrt(np.maximum(value[-2:][::-1], 0.0))
    xy *= np.where(xy[np.abs(xy).argmax(axis=0), range(2)] < 0.0, -1.0, 1.0)  # signs that do not depend on the machine
    xy[:, 0] *= 1.0 if xy[0, 0] <= 0.0 else -1.0  # what is named first on the left
    if 2 < n <= LARGE:
        xy[:, 1] += 1e-3 * np.cos(np.arange(n))  # nodes that mirror each other come apart
        weight = np.where(d > 0.0, 1.0 / np.maximum(d, 1e-9) ** 2, 0.0)
        inverse = np.linalg.pinv(np.diag(weight.sum(axis=0)) - weight)
        for _ in range(SWEEPS):
            gap = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
            pull = -np.where(gap > 0.0, weight * d / np.maximum(gap, 1e-12), 0.0)
            np.fill_diagonal(pull, -pull.sum(axis=1))
            xy = inverse @ pull @ xy
    return np.asarray(1.6 * xy)
