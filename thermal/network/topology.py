"""Networks lowered to the arrays of the hydraulic kernels: laws by kind, equal branches folded, nodes in order."""

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from thermal.components.hydronics.law import BranchLaw, Kind
from thermal.errors import InputError
from thermal.network.filling import Filling, filling
from thermal.network.network import Network, unknown
from thermal.network.wiring import directed_cycle, some_names
from thermal.physics.machines.pump import GRAVITY
from thermal.physics.network.branches import (
    BLOCKED,
    CHECK,
    DROP,
    LIMITER,
    PIPE,
    POWER,
    PUMP,
    QUADRATIC,
    Branches,
)
from thermal.physics.network.elimination import entries, make_plan
from thermal.physics.network.friction import CELLS, OCTAVES, TERMS, Friction
from thermal.physics.network.hydraulics import Flows, Topology, Work

__all__ = ["Hydraulics", "by_branch", "lower_hydraulics"]

SHARED, MOST_TABLES = 100, 50  # pipes of one roughness that are worth a friction table of 0.1 MB, and how many of those
TABLES = {
    Kind.PIPE: PIPE,
    Kind.POWER: POWER,
    Kind.QUADRATIC: QUADRATIC,
    Kind.DROP: DROP,
    Kind.PUMP: PUMP,
    Kind.CHECK: CHECK,
    Kind.LIMITER: LIMITER,
}


class Hydraulics(NamedTuple):
    """A network as the kernels take it, and where each name went."""

    names: tuple[str, ...]  # of the branches
    nodes: tuple[str, ...]
    row: np.ndarray  # (branches,) of each branch; branches that share a row are equal and in parallel
    place: np.ndarray  # (nodes,) of each node
    branches: Branches
    web: Topology
    flows: Flows
    work: Work
    guess: np.ndarray  # (rows,) mass flow to start from [kg/s]
    density: np.ndarray  # (rows,) [kg/m³]
    offset: dict[Kind, int]  # first row of each kind
    floor: float  # change of flow that counts as none [kg/s]

    def rows_of(self, kind: Kind) -> slice:
        """Rows of one kind."""
        tables = self.branches[: len(TABLES)]
        return slice(self.offset[kind], self.offset[kind] + len(tables[kind]))


def by_branch(network: Network, what: str, given: Any, default: float) -> dict[str, float]:
    """Numbers by branch name, from one number for all or a mapping by name.

    Raises
    ------
    InputError
        If a name is unknown or a value is no finite number.
    """
    names = dict.fromkeys(b.name for b in network.branches)
    if isinstance(given, Mapping):
        for name in given:
            if name not in names:
                raise unknown("branch", name, names)
        found = {name: given.get(name, default) for name in names}
    else:
        found = dict.fromkeys(names, default if given is None else given)
    for name, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
            raise InputError(f"{what} of {name!r} = {value!r} must be a finite number")
    return {name: float(value) for name, value in found.items()}


def lower_hydraulics(network: Network, T: Any = 20.0, apart: Collection[str] = ()) -> Hydraulics:
    """Lower a network with its coolant at `T` [°C], one number or a mapping by branch.

    Equal branches between the same two nodes become one row with their number, but for those in `apart`.

    Raises
    ------
    InputError
        If pumps push in a circle without resistance, or a temperature is outside the range of the coolant.
    """
    temperature = by_branch(network, "T", T, 20.0)
    fill = filling(network, temperature)
    laws, keys = _laws(network, fill)
    row_of, members = _fold(network, keys, set(apart))
    order = sorted(range(len(members)), key=lambda r: laws[members[r][0]].kind)  # stable: by kind, then as written
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    heads = [members[r][0] for r in order]
    _require_resistance(network, laws)
    density = np.array([laws[b].density or fill.at[network.branches[b].name].density for b in heads])
    count = np.array([float(sum(network.branches[b].count for b in members[r])) for r in order])
    nodes, place, web = _web(network, heads, count, density)
    branches, offset = _tables([laws[b] for b in heads])
    guess = np.array([laws[b].flow for b in heads])
    rows, unknowns, entry = len(heads), len(web.draw), len(web.plan.later)
    p = np.full(len(nodes), np.mean([n.pressure for n in network.nodes if n.pressure is not None]))
    for node in network.nodes:
        if node.pressure is not None:
            p[place[nodes.index(node.name)]] = node.pressure
    sizes = (unknowns, entry, unknowns, rows, rows, rows, rows)
    return Hydraulics(
        tuple(b.name for b in network.branches), nodes, rank[row_of], place, branches, web, Flows(guess.copy(), p),
        Work(*(np.zeros(size) for size in sizes)), guess, density, offset, 1e-13 * float(guess.max()),
    )  # fmt: skip


def _laws(network: Network, fill: Filling) -> tuple[list[BranchLaw], list[tuple[int, int]]]:
    """Law of each branch, and a key that equal parts with equal coolant at equal temperature share."""
    same: dict[Any, int] = {}
    known: dict[int, int] = {}
    made: dict[tuple[int, int], BranchLaw] = {}
    laws, keys = [], []
    for b in network.branches:
        p = fill.at[b.name]
        if id(b.part) not in known:  # equal parts count as one, and most are the same object
            known[id(b.part)] = same.setdefault(b.part, len(same))
        key = (known[id(b.part)], id(p))
        if key not in made:
            made[key] = b.part.branch_law(p)
        laws.append(made[key])
        keys.append(key)
    return laws, keys


def _fold(network: Network, keys: list[tuple[int, int]], apart: set[str]) -> tuple[np.ndarray, list[list[int]]]:
    """Row of each branch, and the branches of each row."""
    members: dict[Any, list[int]] = {}
    for i, (b, key) in enumerate(zip(network.branches, keys, strict=True)):
        members.setdefault(b.name if b.name in apart else (key, b.start, b.end), []).append(i)
    row_of = np.empty(len(keys), np.int64)
    for r, found in enumerate(members.values()):
        row_of[found] = r
    return row_of, list(members.values())


def _require_resistance(network: Network, laws: list[BranchLaw]) -> None:
    pushing = [(b.name, b.start, b.end) for b, law in zip(network.branches, laws, strict=True) if law.kind == Kind.PUMP]
    circle = directed_cycle(pushing)
    if circle:
        raise InputError(
            f"cycle without resistance: pumps {some_names(circle)} push in a circle with nothing between them; "
            "put the pipes or the load that they work against into the circle, or turn one round"
        )


def _web(
    network: Network, heads: list[int], count: np.ndarray, density: np.ndarray
) -> tuple[tuple[str, ...], np.ndarray, Topology]:
    """Nodes by place, unknown pressures first, and the topology of the rows."""
    nodes = network.node_names
    index = {name: i for i, name in enumerate(nodes)}
    special = {node.name: node for node in network.nodes}
    held = np.array([name in special and special[name].pressure is not None for name in nodes])
    unknowns = int((~held).sum())
    number = np.empty(len(nodes), np.int64)
    number[~held], number[held] = np.arange(unknowns), np.arange(unknowns, len(nodes))
    start = number[[index[network.branches[b].start] for b in heads]]
    end = number[[index[network.branches[b].end] for b in heads]]
    inner = (start < unknowns) & (end < unknowns)
    plan = make_plan(unknowns, start[inner], end[inner])
    entry = np.full(len(heads), -1)
    entry[inner] = entries(plan, start[inner], end[inner])
    place = np.concatenate([plan.place, np.arange(unknowns, len(nodes))])
    elevation = np.zeros(len(nodes))
    draw = np.zeros(len(nodes))
    mean, several = float(density.mean()), any(b.coolant is not None for b in network.branches)
    for name, node in special.items():
        i = number[index[name]]
        elevation[place[i]] = node.elevation
        drawn = float(density[(start == i) | (end == i)].mean()) if several and node.draw else mean
        draw[place[i]] = node.draw * drawn
    start, end = place[start], place[end]
    rise = density * GRAVITY * (elevation[end] - elevation[start])
    return nodes, place[number], Topology(plan, start, end, entry, count, rise, draw[:unknowns].copy())


def _tables(laws: list[BranchLaw]) -> tuple[Branches, dict[Kind, int]]:
    """Tables by kind, the laws being sorted by it."""
    kinds = np.array([law.kind for law in laws])
    tables = {kind: np.zeros(int((kinds == kind).sum()), dtype).view(np.recarray) for kind, dtype in TABLES.items()}
    offset = {kind: int(np.searchsorted(kinds, kind)) for kind in TABLES}
    curves: dict[int, int] = {}
    stored: list[Any] = []
    for i, law in enumerate(laws):
        values = dict(law.values)
        if law.curve is not None:
            if id(law.curve) not in curves:
                curves[id(law.curve)] = len(stored)
                stored.append(law.curve)
            values["curve"] = curves[id(law.curve)]
        dtype = TABLES[law.kind]
        tables[law.kind][i - offset[law.kind]] = tuple(values[name] for name in dtype.names or ())
    friction = _friction_tables(tables[Kind.PIPE])
    points = len(stored[0].head) if stored else 1
    shape = (max(len(stored), 1), points)
    head = np.stack([c.head for c in stored]) if stored else np.zeros(shape)
    slope = np.stack([c.slope for c in stored]) if stored else np.zeros(shape)
    spacing = np.array([c.spacing for c in stored] or [1.0])
    block = np.array([BLOCKED if law.closed else 0.0 for law in laws])
    return Branches(
        tables[Kind.PIPE], tables[Kind.POWER], tables[Kind.QUADRATIC], tables[Kind.DROP], tables[Kind.PUMP],
        tables[Kind.CHECK], tables[Kind.LIMITER], spacing, head, slope, friction, np.ones(len(laws)), block,
    ), offset  # fmt: skip


def _friction_tables(pipes: np.recarray) -> np.ndarray:
    """Tables of the friction laws of roughnesses that many pipes share, and which pipe takes which."""
    wanted = [
        k
        for k, n in Counter(zip(pipes.friction.tolist(), pipes.roughness.tolist(), strict=True)).items()
        if n >= SHARED
    ]
    tables = np.zeros((max(len(wanted), 1), OCTAVES * CELLS, TERMS))
    for i, (law, roughness) in enumerate(wanted[:MOST_TABLES]):
        if law == Friction.CHURCHILL:
            tables[i] = _friction_table(roughness)
            pipes.table[(pipes.friction == law) & (pipes.roughness == roughness)] = i
    return tables


@cache
def _friction_table(roughness: float) -> np.ndarray:
    """Polynomials through the law at Chebyshev points of each piece, in powers of the place within it."""
    nodes = 0.5 - 0.5 * np.cos(np.pi * (np.arange(TERMS) + 0.5) / TERMS)
    Re = 512.0 * np.exp2(np.arange(OCTAVES))[:, None, None] * (1.0 + (np.arange(CELLS)[:, None] + nodes) / CELLS)
    A = (-2.457 * np.log((7.0 / Re) ** 0.9 + 0.27 * roughness)) ** 16
    f = 8.0 * ((8.0 / Re) ** 12 + (A + (37530.0 / Re) ** 16) ** -1.5) ** (1.0 / 12.0)
    return np.linalg.solve(np.vander(nodes, increasing=True), f.reshape(-1, TERMS).T).T.copy()
