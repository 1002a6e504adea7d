"""Heat of a network in one implicit solve: stirred volumes, streams between them, exchange by conductance or ε C.

The matrix is an M-matrix on one elimination plan; a reversed flow changes numbers, never the pattern.
"""

from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.exchanger import ExchangerLaw, exchange
from thermal.physics.machines.plate_curve import PlateTable, plate_conductance
from thermal.physics.network.elimination import Plan, factorise, substitute
from thermal.physics.network.lines import Lines, carry_lines, heat_in_lines, offer_lines

__all__ = [
    "ALL", "EXCHANGER", "NOTHING", "PLATE", "VALVES", "HeatWeb", "HeatWork", "Links", "Streams", "Swayed",
    "conductances", "heat_step", "stored_heat",
]  # fmt: skip

NOTHING, VALVES, ALL = 0, 1, 2  # what has moved since the last step: nothing, facility valves alone, anything

PLATE = np.dtype(
    (
        np.record,
        [
            ("link", "i8"),
            ("row", "i8"),
            ("curve", "i8"),
            ("plates", "f8"),  # in parallel
            ("share", "f8"),  # volume flow of one of them per mass flow of the row [m³/kg]
            ("rho_cp", "f8"),
        ],
    )
)
EXCHANGER = np.dtype(
    (
        np.record,
        [
            ("link", "i8"),
            ("hot_row", "i8"),
            ("cold_row", "i8"),
            ("hot_capacity", "f8"),  # capacity flow per mass flow [J/kg K]
            ("cold_capacity", "f8"),
            ("film_hot", "f8"),
            ("film_cold", "f8"),
            ("hot_flow", "f8"),
            ("cold_flow", "f8"),
            ("exponent", "f8"),
            ("wall", "f8"),
        ],
    )
)


class Streams(NamedTuple):
    """Coolant carried from place to place. Directions: 0 for flow above zero, 1 below; ``at[2 i + direction]``."""

    row: np.ndarray  # (s,) of the flows
    capacity: np.ndarray  # (s,) capacity flow per mass flow of the row, count · c_p [J/kg K]
    up: np.ndarray  # (2 s,) place that the coolant comes from
    down: np.ndarray  # (2 s,) place that it comes to
    own: np.ndarray  # (2 s,) where down-down stands among the numbers of the matrix; -1 where down is held
    other: np.ndarray  # (2 s,) where down-up stands; -1 where an end is held
    edge: np.ndarray  # those with a held end


class Links(NamedTuple):
    """Heat G (T_hot − T_cold) from a giver to a taker, the temperatures those upstream.

    Places by ``2 i + direction`` of the hot or the cold flow, numbers of the matrix by ``8 i + 4 hot + 2 cold`` for the
    giver's row and one more for the taker's.
    """

    hot_row: np.ndarray  # (l,) flow whose direction counts; -1 where there is none
    cold_row: np.ndarray
    hot: np.ndarray  # (2 l,)
    cold: np.ndarray
    giver: np.ndarray
    taker: np.ndarray
    by_hot: np.ndarray  # (8 l,) where giver-hot and taker-hot stand; -1 where an end is held
    by_cold: np.ndarray  # (8 l,) where giver-cold and taker-cold stand
    edge: np.ndarray  # those whose giver or taker is held, in some direction
    pulled: np.ndarray  # those whose hot or cold temperature is held, in some direction


class Swayed(NamedTuple):
    """What facility valves alone sway: streams, links and places of the matrix, which stand behind all others.

    The flow behind such a valve is between held pressures, so that no other flow minds it. Valves move at most steps in
    which nothing else does, and the elimination is then taken up where the first place that they sway has its turn.
    """

    streams: int  # the first of each
    links: int
    place: int
    update: int  # of the elimination


class HeatWeb(NamedTuple):
    """Who exchanges heat with whom. Places below ``len(capacity)`` are unknown, the others held.

    Attributes
    ----------
    plan : Plan
        Of the unknown temperatures.
    capacity : ndarray, shape (n,)
        Heat capacity at each unknown place [J/K]; above zero everywhere, so that nothing is singular at rest.
    streams, links : Streams, Links
        Coolant carried, and heat exchanged.
    plates, exchangers : recarray
        Links whose conductance follows the flow; the others keep theirs.
    start, spacing, log_UA : ndarray
        Tables of plates by index.
    lines : Lines
        Pipes with cells of their own; they change as temperatures do.
    swayed : Swayed
        Where what facility valves sway begins.
    """

    plan: Plan
    capacity: np.ndarray
    streams: Streams
    links: Links
    plates: np.recarray
    exchangers: np.recarray
    start: np.ndarray
    spacing: np.ndarray
    log_UA: np.ndarray
    lines: Lines
    swayed: Swayed


class HeatWork(NamedTuple):
    """Conductances of the links [W/K], heat into each unknown place [W], and scratch."""

    G: np.ndarray
    source: np.ndarray
    matrix: np.ndarray  # (n + 2 e,) diagonal, then lower, then upper, which are views of it; factorised
    diagonal: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    x: np.ndarray
    rate: np.ndarray  # (n,) heat capacity over the step of the matrix [W/K]
    kept: np.ndarray  # the numbers of the swayed places, as the elimination of the others leaves them
    held: np.ndarray  # heat from each held place into the network in the last step [W]


@kernel
def conductances(web: HeatWeb, m: np.ndarray, work: HeatWork, moved: int) -> None:
    """Bring the conductances of plates and exchangers up to the flows `m` [kg/s], of which `moved` says what changed.

    The plates' follow no facility valve.
    """
    if moved == ALL:
        _conductances_of_plates(web, m, work)
    for i in range(len(web.exchangers)):
        e = web.exchangers[i]
        law = ExchangerLaw(e.film_hot, e.film_cold, e.hot_flow, e.cold_flow, e.exponent, e.wall)
        hot, cold = e.hot_capacity * abs(m[e.hot_row]), e.cold_capacity * abs(m[e.cold_row])
        work.G[e.link] = exchange(law, hot, cold)


@kernel
def _conductances_of_plates(web: HeatWeb, m: np.ndarray, work: HeatWork) -> None:
    """Bring those of the plates up to their flows."""
    before, curve, each = -1.0, -1, 0.0
    for i in range(len(web.plates)):
        plate = web.plates[i]
        V, c = plate.share * abs(m[plate.row]), plate.curve
        if before != V or c != curve or i == 0:  # equal plates side by side share a flow
            table = PlateTable(web.start[c], web.spacing[c], web.log_UA[c])
            each = plate_conductance(table, V, plate.rho_cp * V)
            before, curve = V, c
        work.G[plate.link] = plate.plates * each


@kernel
def heat_step(
    web: HeatWeb, m: np.ndarray, T: np.ndarray, work: HeatWork, step: float, moved: int
) -> tuple[float, float]:
    """Advance the temperatures `T` [°C] by one implicit step [s] with sources and conductances of `work`.

    Balance of each place (end-of-step temperatures on the right): C dT/dt = + source + Σ F_in (T_upstream − T)
    − Σ given G (T_hot − T_cold) + Σ taken G (T_hot − T_cold), with F = count c_p |m|. First order, L-stable, and
    regular at zero flow, where every place keeps its heat.

    The matrix depends on flows, conductances and step alone: where nothing has `moved` its factors are still there, and
    where only valves have, those of the places that they do not sway are.

    Returns
    -------
    held, lost : float
        Heat through the held places into the network [W], and from the walls of its pipes to their surroundings [W]. A
        pivot that is not above zero leaves no number.
    """
    offer_lines(web.lines, T, step)
    if moved != NOTHING:
        _fill(web, m, work, step, moved == ALL)
    n = len(work.x)
    for i in range(n):
        work.x[i] = work.rate[i] * T[i] + work.source[i]
    _pull_streams(web.streams, m, T, work)
    _pull_lines(web.lines, m, T, work)
    _pull_links(web.links, m, T, work)
    substitute(web.plan, work.diagonal, work.lower, work.upper, work.x)
    for i in range(n):
        T[i] = work.x[i]
    return _through_held(web, m, T, work), carry_lines(web.lines, T, step) / step


@kernel
def _fill(web: HeatWeb, m: np.ndarray, work: HeatWork, step: float, whole: bool) -> None:
    """Fill the matrix and factorise it, the `whole` of it or what facility valves sway."""
    n, plan, swayed, bad = len(work.x), web.plan, web.swayed, -1
    place, entry = swayed.place, plan.first[swayed.place]
    if whole:
        for i in range(n):
            work.rate[i] = web.capacity[i] / step
            work.matrix[i] = work.rate[i]
        for e in range(n, len(work.matrix)):
            work.matrix[e] = 0.0
        _add_streams(web.streams, m, work, 0, swayed.streams)
        _add_lines(web.lines, m, work)
        _add_links(web.links, m, work, 0, swayed.links)
        bad = factorise(plan, work.diagonal, work.lower, work.upper, 0, place, 0)
    at = 0
    for numbers, first in ((work.diagonal, place), (work.lower, entry), (work.upper, entry)):
        for i in range(first, len(numbers)):
            if whole:
                work.kept[at] = numbers[i]
            else:
                numbers[i] = work.kept[at]
            at += 1
    _add_streams(web.streams, m, work, swayed.streams, len(web.streams.row))
    _add_links(web.links, m, work, swayed.links, len(web.links.hot_row))
    if bad >= 0 or factorise(plan, work.diagonal, work.lower, work.upper, place, n, swayed.update) >= 0:
        for i in range(n):
            work.rate[i] = np.nan


@kernel
def _add_lines(lines: Lines, m: np.ndarray, work: HeatWork) -> None:
    """What lines bring into the place where they end: F (offset + share T_up − T_down), F and share following flow."""
    n = len(work.x)
    for i in range(len(lines.table)):
        line = lines.table[i]
        d = 1 - line.forward
        F = line.count * line.heat_capacity * abs(m[line.row])
        if line.own[d] < 0:
            continue
        work.matrix[line.own[d]] += F
        if line.places[d] < n:
            work.matrix[line.other[d]] -= F * line.share


@kernel
def _pull_lines(lines: Lines, m: np.ndarray, T: np.ndarray, work: HeatWork) -> None:
    """Of what lines bring, what does not hang on an unknown: F (offset + share T_held)."""
    n = len(work.x)
    for i in range(len(lines.table)):
        line = lines.table[i]
        d = 1 - line.forward
        if line.own[d] < 0:
            continue
        F = line.count * line.heat_capacity * abs(m[line.row])
        up, down = line.places[d], line.places[1 - d]
        work.x[down] += F * line.offset
        if up >= n:
            work.x[down] += F * line.share * T[up]


@kernel
def _add_streams(s: Streams, m: np.ndarray, work: HeatWork, begin: int, end: int) -> None:
    """What the streams from `begin` to `end` bring into the place where they arrive: F (T_up − T_down)."""
    for i in range(begin, end):
        F = s.capacity[i] * m[s.row[i]]
        d = 2 * i
        if F < 0.0:
            F, d = -F, d + 1
        if s.own[d] < 0:
            continue
        work.matrix[s.own[d]] += F
        if s.other[d] >= 0:
            work.matrix[s.other[d]] -= F


@kernel
def _pull_streams(s: Streams, m: np.ndarray, T: np.ndarray, work: HeatWork) -> None:
    """Of what streams bring, what comes from held places: F T_held."""
    n = len(work.x)
    for j in range(len(s.edge)):
        i = s.edge[j]
        F = s.capacity[i] * m[s.row[i]]
        d = 2 * i
        if F < 0.0:
            F, d = -F, d + 1
        up, down = s.up[d], s.down[d]
        if up >= n and down < n:
            work.x[down] += F * T[up]


@kernel
def _backwards(m: np.ndarray, row: int) -> int:
    """1 where the flow of a row is reversed."""
    return 1 if row >= 0 and m[row] < 0.0 else 0


@kernel
def _add_links(links: Links, m: np.ndarray, work: HeatWork, begin: int, end: int) -> None:
    """What the links from `begin` to `end` exchange: G (T_hot − T_cold) out of the giver, into the taker."""
    n = len(work.x)
    for i in range(begin, end):
        h, c, G = _backwards(m, links.hot_row[i]), _backwards(m, links.cold_row[i]), work.G[i]
        at = 8 * i + 4 * h + 2 * c
        hot, cold = links.hot[2 * i + h], links.cold[2 * i + c]
        for k in range(2):
            place = links.giver[2 * i + h] if k == 0 else links.taker[2 * i + c]
            sign = 1.0 if k == 0 else -1.0
            if place >= n:
                continue
            if hot < n:
                work.matrix[links.by_hot[at + k]] += sign * G
            if cold < n:
                work.matrix[links.by_cold[at + k]] -= sign * G


@kernel
def _pull_links(links: Links, m: np.ndarray, T: np.ndarray, work: HeatWork) -> None:
    """Of what links exchange, what hangs on held temperatures."""
    n = len(work.x)
    for j in range(len(links.pulled)):
        i = links.pulled[j]
        h, c = 2 * i + _backwards(m, links.hot_row[i]), 2 * i + _backwards(m, links.cold_row[i])
        hot, cold = links.hot[h], links.cold[c]
        q = (work.G[i] * T[hot] if hot >= n else 0.0) - (work.G[i] * T[cold] if cold >= n else 0.0)
        giver, taker = links.giver[h], links.taker[c]
        if giver < n:
            work.x[giver] -= q
        if taker < n:
            work.x[taker] += q


@kernel
def _through_held(web: HeatWeb, m: np.ndarray, T: np.ndarray, work: HeatWork) -> float:
    """Heat that streams and links bring from held places, less what they carry there [W]; ``work.held`` has each."""
    n, Q = len(work.x), work.held
    s, links = web.streams, web.links
    for j in range(len(Q)):
        Q[j] = 0.0
    for j in range(len(s.edge)):
        i = s.edge[j]
        F = s.capacity[i] * m[s.row[i]]
        d = 2 * i
        if F < 0.0:
            F, d = -F, d + 1
        up, down = s.up[d], s.down[d]
        if up >= n and down < n:
            Q[up - n] += F * T[up]
        if down >= n and up < n:
            Q[down - n] -= F * T[up]
    for i in range(len(web.lines.table)):
        line = web.lines.table[i]
        d = 1 - line.forward
        F, up, down = line.count * line.heat_capacity * abs(m[line.row]), line.places[d], line.places[1 - d]
        if up >= n:
            Q[up - n] += F * T[up]
        if down >= n:
            Q[down - n] -= F * (line.offset + line.share * T[up])
    for j in range(len(links.edge)):
        i = links.edge[j]
        h, c = 2 * i + _backwards(m, links.hot_row[i]), 2 * i + _backwards(m, links.cold_row[i])
        giver, taker = links.giver[h], links.taker[c]
        if (giver >= n) != (taker >= n):
            q = work.G[i] * (T[links.hot[h]] - T[links.cold[c]])
            if giver >= n:
                Q[giver - n] += q
            else:
                Q[taker - n] -= q
    total = 0.0
    for j in range(len(Q)):
        total += Q[j]
    return total


@kernel
def stored_heat(web: HeatWeb, T: np.ndarray) -> float:
    """Heat stored above 0 °C [J]."""
    E = heat_in_lines(web.lines)
    for i in range(len(web.capacity)):
        E += web.capacity[i] * T[i]
    return E
