"""Who exchanges heat with whom in a network: volumes, cold plates, exchangers, pipes, lowered for the kernels."""

from typing import Any, NamedTuple

import numpy as np

from thermal.components.coolant import Coolant, Properties
from thermal.components.hall.package import CooledPackage
from thermal.components.hall.rack import Rack
from thermal.components.hydronics.exchanger import rho_cp
from thermal.components.hydronics.pipe import Pipe
from thermal.network.expansion import Expanded
from thermal.network.filling import Filling
from thermal.network.line_web import lower_lines
from thermal.network.plates import marched_plate
from thermal.network.topology import Hydraulics
from thermal.physics.machines.plate_curve import PLATE_POINTS
from thermal.physics.network.elimination import entries, make_plan
from thermal.physics.network.volumes import EXCHANGER, PLATE, HeatWeb, HeatWork, Links, Streams, Swayed

__all__ = ["FLOOR", "LoweredHeat", "Sink", "lower_heat"]

FLOOR = 1e-6  # m³ of coolant at a node that states none, so that no place is without heat capacity


class Sink(NamedTuple):
    """A place that takes heat: a share of what its unit is given, and a unit is a rack or one package.

    A branch that stands for several is given what each of them is, and takes it as often.
    """

    unit: str
    place: str
    share: float
    rack: str = ""  # that the unit is part of
    of_rack: float = 0.0  # share of the rack's heat, where the unit is given none of its own
    times: int = 1  # what the place stands for


class LoweredHeat(NamedTuple):
    """The heat of a network as the kernels take it."""

    web: HeatWeb
    work: HeatWork
    T: np.ndarray  # by place, held ones last
    place: dict[str, int]  # of nodes, and of a branch "name:inside", "name:case", "name:primary", "name:facility"
    sinks: tuple[Sink, ...]


class _Builder:
    """Collects places, streams and links by name."""

    def __init__(self) -> None:
        self.capacity: dict[str, float] = {}
        self.held: dict[str, float] = {}
        self.streams: list[tuple[int, str, str, float]] = []
        self.links: list[tuple[int, int, tuple[str, str], tuple[str, str], tuple[str, str], tuple[str, str]]] = []
        self.plates: list[tuple[Any, ...]] = []
        self.exchangers: list[tuple[Any, ...]] = []
        self.tables: dict[int, tuple[int, Any]] = {}
        self.sinks: list[Sink] = []
        self.lines: list[tuple[int, str, str, Pipe, int, Coolant, float]] = []
        self.T: dict[str, float] = {}  # to start from, by place
        self.swayed: list[str] = []  # places that facility valves sway
        self.calm = 0, 0  # streams and links that they do not, which stand first

    def add(self, place: str, capacity: float) -> None:
        if place in self.held:
            return
        self.capacity[place] = self.capacity.get(place, 0.0) + capacity


def lower_heat(whole: Expanded, lowered: Hydraulics, fill: Filling, T_facility: float = 25.0) -> LoweredHeat:
    """Lower the heat of a network, all places at the temperature that properties are held at.

    Raises
    ------
    InputError
        If a plate is given by its geometry.
    """
    network = whole.network
    row = dict(zip(lowered.names, lowered.row.tolist(), strict=True))
    at = {name: whole.alias.get(name, name) for name in network.node_names}
    build = _Builder()
    build.held |= {at[node.name]: node.T for node in network.nodes if node.T is not None}
    primary = {end for side in whole.sides for end in _facility_ends(side.name)}
    for name in dict.fromkeys(at.values()):
        if name not in primary and name not in build.held:
            build.add(name, FLOOR * _rho_cp(fill.node(name)))
    for node in network.nodes:
        if node.volume > 0.0 and node.T is None:
            build.add(at[node.name], (node.volume - FLOOR) * _rho_cp(fill.node(node.name)))
    sides = {side.primary for side in whole.sides}
    for b in network.branches:
        inside = f"{b.name}:inside"
        build.T |= dict.fromkeys((inside, f"{b.name}:case", at[b.start], at[b.end]), fill.T[b.name])
        if b.name in sides or at[b.start] == at[b.end]:
            continue
        part, p = b.part, fill.at[b.name]
        hot = _rho_cp(p)
        ends, capacity = (at[b.start], at[b.end]), b.count * p.heat_capacity
        if isinstance(part, Pipe) and part.volumes > 1:
            build.lines.append((row[b.name], *ends, part, b.count, b.coolant or network.coolant, fill.T[b.name]))
            continue
        volume = part.branch_law(p).volume * b.count
        if volume > 0.0:
            build.add(inside, volume * hot)
            build.streams += [(row[b.name], ends[0], inside, capacity), (row[b.name], inside, ends[1], capacity)]
        else:
            build.streams.append((row[b.name], *ends, capacity))
        if isinstance(part, Rack):
            _packages(build, b, row[b.name], ends, p.density, hot, part.packages, part.flow_fraction / part.packages)
            other = part.liquid_fraction - part.package_fraction
            build.sinks.append(Sink(b.name, f"{b.name}:case", part.package_fraction, times=b.count))
            build.sinks.append(Sink(b.name, inside, other, times=b.count))
        elif isinstance(part, CooledPackage):
            _packages(build, b, row[b.name], ends, p.density, hot, 1, 1.0)
            build.sinks.append(Sink(b.name, f"{b.name}:case", 1.0, part.rack, part.share, b.count))
            build.sinks.append(Sink("", inside, 0.0, part.rack, part.other_share, b.count))
    n = len(lowered.web.draw)
    ends = np.minimum(lowered.web.start, lowered.web.end)  # held nodes stand behind the others
    apart = [side for side in whole.sides if side.primary and ends[row[side.primary]] >= n]
    for side in whole.sides:
        if side not in apart:
            _cdu(build, side, row, at, fill.at[side.loss], T_facility, network)
    _joints(build, whole, row, at, fill)
    build.calm = len(build.streams), len(build.links)
    for side in apart:
        _cdu(build, side, row, at, fill.at[side.loss], T_facility, network)
        build.swayed += [at[side.start], at[side.end], f"{side.name}:primary"]
    return _assemble(build, network.T_ambient)


def _rho_cp(p: Properties) -> float:
    return p.density * p.heat_capacity


def _facility_ends(name: str) -> tuple[str, str]:
    return f"{name}/facility_supply", f"{name}/facility_return"


def _packages(
    build: _Builder, b: Any, row: int, ends: tuple[str, str], density: float, hot: float, count: int, share: float
) -> None:
    """Packages on plates between the coolant that comes and that inside, `share` of the branch's flow in each."""
    plate = marched_plate(b.name, b.part.cold_plate)
    case, inside, packages = f"{b.name}:case", f"{b.name}:inside", count * b.count
    build.add(case, packages * (b.part.package.heat_capacity + plate.heat_capacity))
    build.links.append((-1, row, (case, case), ends, (case, case), (inside, inside)))
    table = plate.table
    at = build.tables.setdefault(id(table), (len(build.tables), table))[0]
    build.plates.append((len(build.links) - 1, row, at, packages, share / density, hot))


def _cdu(
    build: _Builder,
    side: Any,
    row: dict[str, int],
    at: dict[str, str],
    p: Properties,
    T_facility: float,
    network: Any,
) -> None:
    """Coolant before and behind the exchanger, and the facility water in it."""
    cdu, hot = side.cdu, _rho_cp(p)
    start, end = at[side.start], at[side.end]
    build.add(start, (cdu.return_volume - FLOOR) * hot)
    build.add(end, (cdu.secondary_volume - FLOOR) * hot)
    if not side.primary:
        return
    water = network.branch(side.primary).part
    q = water.coolant.properties(water.T)
    cold = rho_cp(water.coolant, water.T)
    inside, held = f"{side.name}:primary", f"{side.name}:facility"
    build.add(inside, cdu.primary_volume * cold)
    build.held[held] = T_facility if cdu.air is None else cdu.air.T
    build.T[inside] = build.T[start]
    primary, loss = row[side.primary], row[side.loss]
    build.streams += [(primary, held, inside, q.heat_capacity), (primary, inside, held, q.heat_capacity)]
    build.links.append((loss, primary, (start, end), (held, held), (end, start), (inside, inside)))
    law = cdu.exchanger.law(hot, cold)
    build.exchangers.append((len(build.links) - 1, loss, primary, p.heat_capacity, q.heat_capacity, *law))


def _joints(build: _Builder, whole: Expanded, row: dict[str, int], at: dict[str, str], fill: Filling) -> None:
    """Exchangers between networks: of a CDU its own, before its exit; else in what a branch holds or before its end."""
    sides, branches = {side.name: side for side in whole.sides}, {b.name: b for b in whole.network.branches}
    for joint in whole.network.joints:
        found = []
        for name in (joint.hot, joint.cold):
            b = branches[sides[name].loss] if name in sides else branches[name]
            start = sides[name].start if name in sides else b.start
            ends = at[start], at[b.end]
            held = f"{b.name}:inside"
            inside = (held, held) if held in build.capacity else ends[::-1]
            found.append((row[b.name], ends, inside, fill.at[b.name]))
        (hot, hot_ends, giver, p), (cold, cold_ends, taker, q) = found
        exchanger = joint.exchanger or sides[joint.hot].cdu.exchanger
        build.links.append((hot, cold, hot_ends, cold_ends, giver, taker))
        law = exchanger.law(_rho_cp(p), _rho_cp(q))
        build.exchangers.append((len(build.links) - 1, hot, cold, p.heat_capacity, q.heat_capacity, *law))


def _assemble(build: _Builder, T_ambient: float) -> LoweredHeat:
    """Places in order of elimination, and every entry found."""
    names = list(build.capacity)
    number = {name: i for i, name in enumerate([*names, *build.held])}
    n = len(names)
    pairs = {(number[a], number[b]) for _, a, b, _ in build.streams}
    pairs |= {(number[a], number[b]) for _, a, b, *_ in build.lines}
    for _, _, hot, cold, giver, taker in build.links:
        for h in (0, 1):
            for c in (0, 1):
                pairs |= {(number[x], number[y]) for x in (giver[h], taker[c]) for y in (hot[h], cold[c])}
    inner = np.array(sorted({(min(p), max(p)) for p in pairs if max(p) < n and p[0] != p[1]}), np.int64).reshape(-1, 2)
    late = tuple(number[name] for name in dict.fromkeys(build.swayed) if name in build.capacity)
    plan = make_plan(n, inner[:, 0], inner[:, 1], late)
    place = np.concatenate([plan.place, np.arange(n, len(number))])
    found = entries(plan, inner[:, 0], inner[:, 1])
    entry = {(int(a), int(b)): int(e) for (a, b), e in zip(inner, found, strict=True)}
    e = len(plan.later)

    def number_of(row: str, column: str) -> int:
        """Where a number of the matrix stands: diagonal, then below it, then above; -1 where an end is held."""
        i, j = number[row], number[column]
        if max(i, j) >= n:
            return -1
        if i == j:
            return int(place[i])
        return n + entry[min(i, j), max(i, j)] + (e if place[i] < place[j] else 0)

    streams, links = _streams(build, number, place, number_of), _links(build, number, place, number_of)
    capacity = np.empty(n)
    capacity[plan.place] = list(build.capacity.values())
    tables = [table for _, table in build.tables.values()]
    plates = np.array(build.plates, PLATE).view(np.recarray)
    exchangers = np.array(build.exchangers, EXCHANGER).view(np.recarray)
    log_UA = np.stack([t.log_UA for t in tables]) if tables else np.zeros((1, PLATE_POINTS))
    degree = np.diff(plan.first)[: n - len(late)]
    swayed = Swayed(*build.calm, n - len(late), int((degree * (degree - 1) // 2).sum()))
    web = HeatWeb(
        plan, capacity, streams, links, plates, exchangers, np.array([t.start for t in tables] or [0.0]),
        np.array([t.spacing for t in tables] or [1.0]), log_UA,
        lower_lines(build.lines, T_ambient, {k: int(place[i]) for k, i in number.items()}, number_of),
        swayed,
    )  # fmt: skip
    matrix = np.zeros(n + 2 * e)
    work = HeatWork(
        np.zeros(len(build.links)), np.zeros(n), matrix, matrix[:n], matrix[n : n + e], matrix[n + e :], np.zeros(n),
        np.zeros(n), np.zeros(n - swayed.place + 2 * (e - int(plan.first[swayed.place]))), np.zeros(len(build.held)),
    )  # fmt: skip
    temperature = np.empty(len(number))
    temperature[place[:n]] = [build.T[name] for name in names]
    temperature[n:] = list(build.held.values())
    return LoweredHeat(web, work, temperature, {name: int(place[i]) for name, i in number.items()}, tuple(build.sinks))


def _streams(build: _Builder, number: dict[str, int], place: np.ndarray, number_of: Any) -> Streams:
    """Streams in both directions."""
    up: list[int] = []
    down: list[int] = []
    own: list[int] = []
    other: list[int] = []
    for _, a, b, _ in build.streams:
        for start, end in ((a, b), (b, a)):
            up.append(int(place[number[start]]))
            down.append(int(place[number[end]]))
            own.append(number_of(end, end))
            other.append(number_of(end, start))
    rows, capacity = np.array([s[0] for s in build.streams], np.int64), np.array([s[3] for s in build.streams], float)
    n = len(build.capacity)
    edge = [i for i in range(len(rows)) if max(up[2 * i], down[2 * i]) >= n]
    return Streams(rows, capacity, *(np.array(values, np.int64) for values in (up, down, own, other, edge)))


def _links(build: _Builder, number: dict[str, int], place: np.ndarray, number_of: Any) -> Links:
    """Links in all four pairs of directions."""
    by_hot: list[int] = []
    by_cold: list[int] = []
    for _, _, hot, cold, giver, taker in build.links:
        for h in (0, 1):
            for c in (0, 1):
                by_hot += [number_of(giver[h], hot[h]), number_of(taker[c], hot[h])]
                by_cold += [number_of(giver[h], cold[c]), number_of(taker[c], cold[c])]
    pairs = zip(*(link[2:] for link in build.links), strict=True)
    ends = [[int(place[number[name]]) for two in many for name in two] for many in pairs] or [[], [], [], []]
    rows = [[link[0] for link in build.links], [link[1] for link in build.links]]
    n = len(build.capacity)
    pulled, edge = ([i for i in range(len(rows[0])) if max(a[2 * i : 2 * i + 2] + b[2 * i : 2 * i + 2]) >= n]
                    for a, b in (ends[:2], ends[2:]))  # fmt: skip
    return Links(*(np.array(values, np.int64) for values in (*rows, *ends, by_hot, by_cold, edge, pulled)))
