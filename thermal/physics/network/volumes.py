"""Heat of a network in one implicit solve: stirred volumes, streams between them, exchange by conductance or ε C.

The matrix is an M-matrix on one elimination plan; a reversed flow changes numbers, never the pattern.
"""

from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.exchanger import ExchangerLaw, exchange
from thermal.physics.machines.plate_curve import PlateTable, plate_conductance
from thermal.physics.network.elimination import Plan, factorise, substitute

__all__ = ["EXCHANGER", "LINK", "PLATE", "STREAM", "HeatWeb", "HeatWork", "conductances", "heat_step", "stored_heat"]

STREAM = np.dtype(
    (
        np.record,
        [
            ("row", "i8"),  # of the flows
            ("start", "i8"),  # places that it joins, for flow above zero
            ("end", "i8"),
            ("entry", "i8"),  # of the plan; -1 where an end is held
            ("capacity", "f8"),  # capacity flow per mass flow of the row, count · c_p [J/kg K]
        ],
    )
)
LINK = np.dtype(
    (
        np.record,
        [
            ("hot_row", "i8"),  # flow whose direction says which end is upstream; -1 where there is none
            ("cold_row", "i8"),
            ("hot", "i8", (2,)),  # place whose temperature drives, upstream for flow above zero and below
            ("cold", "i8", (2,)),
            ("giver", "i8", (2,)),  # place that loses the heat
            ("taker", "i8", (2,)),  # place that gains it
            ("entry", "i8", (2, 2, 4)),  # by direction of hot and cold: giver-hot, giver-cold, taker-hot, taker-cold
        ],
    )
)
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


class HeatWeb(NamedTuple):
    """Who exchanges heat with whom. Places below ``len(capacity)`` are unknown, the others held.

    Attributes
    ----------
    plan : Plan
        Of the unknown temperatures.
    capacity : ndarray, shape (n,)
        Heat capacity at each unknown place [J/K]; above zero everywhere, so that nothing is singular at rest.
    streams, links : recarray
        Coolant carried from place to place, and heat exchanged: G (T_hot − T_cold), from giver to taker.
    plates, exchangers : recarray
        Links whose conductance follows the flow; the others keep theirs.
    start, spacing, log_UA : ndarray
        Tables of plates by index.
    """

    plan: Plan
    capacity: np.ndarray
    streams: np.recarray
    links: np.recarray
    plates: np.recarray
    exchangers: np.recarray
    start: np.ndarray
    spacing: np.ndarray
    log_UA: np.ndarray


class HeatWork(NamedTuple):
    """Conductances of the links [W/K], heat into each unknown place [W], and scratch."""

    G: np.ndarray
    source: np.ndarray
    diagonal: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    x: np.ndarray


@kernel
def conductances(web: HeatWeb, m: np.ndarray, work: HeatWork) -> None:
    """Bring the conductances of plates and exchangers up to the flows `m` [kg/s]."""
    for i in range(len(web.plates)):
        plate = web.plates[i]
        V, c = plate.share * abs(m[plate.row]), plate.curve
        table = PlateTable(web.start[c], web.spacing[c], web.log_UA[c])
        work.G[plate.link] = plate.plates * plate_conductance(table, V, plate.rho_cp * V)
    for i in range(len(web.exchangers)):
        e = web.exchangers[i]
        law = ExchangerLaw(e.film_hot, e.film_cold, e.hot_flow, e.cold_flow, e.exponent, e.wall)
        hot, cold = e.hot_capacity * abs(m[e.hot_row]), e.cold_capacity * abs(m[e.cold_row])
        work.G[e.link] = exchange(law, hot, cold)


@kernel
def _add(work: HeatWork, T: np.ndarray, row: int, column: int, entry: int, value: float) -> None:
    """Add `value` to the matrix; a held column goes to the right-hand side, a held row nowhere."""
    n = len(work.x)
    if row >= n:
        return
    if column >= n:
        work.x[row] -= value * T[column]
    elif row == column:
        work.diagonal[row] += value
    elif row > column:
        work.lower[entry] += value
    else:
        work.upper[entry] += value


@kernel
def heat_step(web: HeatWeb, m: np.ndarray, T: np.ndarray, work: HeatWork, step: float) -> float:
    """Advance the temperatures `T` [°C] by one implicit step [s] with sources and conductances of `work`.

    Balance of each place (end-of-step temperatures on the right): C dT/dt = + source + Σ F_in (T_upstream − T)
    − Σ given G (T_hot − T_cold) + Σ taken G (T_hot − T_cold), with F = count c_p |m|. First order, L-stable, and regular
    at zero flow, where every place keeps its heat.

    Returns
    -------
    float
        Heat through the held places into the unknown ones [W], NaN where a pivot was not above zero.
    """
    n = len(work.x)
    for i in range(n):
        rate = web.capacity[i] / step
        work.diagonal[i] = rate
        work.x[i] = rate * T[i] + work.source[i]
    for e in range(len(work.lower)):
        work.lower[e] = 0.0
        work.upper[e] = 0.0
    for i in range(len(web.streams)):
        s = web.streams[i]
        F = s.capacity * m[s.row]
        up, down = (s.start, s.end) if F >= 0.0 else (s.end, s.start)
        _add(work, T, down, down, -1, abs(F))
        _add(work, T, down, up, s.entry, -abs(F))
    for i in range(len(web.links)):
        link, G = web.links[i], work.G[i]
        h, c = _backwards(m, link.hot_row), _backwards(m, link.cold_row)
        hot, cold, giver, taker, entry = link.hot[h], link.cold[c], link.giver[h], link.taker[c], link.entry[h, c]
        _add(work, T, giver, hot, entry[0], G)
        _add(work, T, giver, cold, entry[1], -G)
        _add(work, T, taker, hot, entry[2], -G)
        _add(work, T, taker, cold, entry[3], G)
    if factorise(web.plan, work.diagonal, work.lower, work.upper) >= 0:
        return np.nan
    substitute(web.plan, work.diagonal, work.lower, work.upper, work.x)
    for i in range(n):
        T[i] = work.x[i]
    return _through_held(web, m, T, work)


@kernel
def _backwards(m: np.ndarray, row: int) -> int:
    """1 where the flow of a row is reversed."""
    return 1 if row >= 0 and m[row] < 0.0 else 0


@kernel
def _through_held(web: HeatWeb, m: np.ndarray, T: np.ndarray, work: HeatWork) -> float:
    """Heat that streams and links bring from held places, less what they carry there [W]."""
    n, Q = len(work.x), 0.0
    for i in range(len(web.streams)):
        s = web.streams[i]
        F = s.capacity * m[s.row]
        up, down = (s.start, s.end) if F >= 0.0 else (s.end, s.start)
        if up >= n and down < n:
            Q += abs(F) * T[up]
        if down >= n and up < n:
            Q -= abs(F) * T[up]
    for i in range(len(web.links)):
        link: Any = web.links[i]
        h, c = _backwards(m, link.hot_row), _backwards(m, link.cold_row)
        q = work.G[i] * (T[link.hot[h]] - T[link.cold[c]])
        if link.giver[h] >= n and link.taker[c] < n:
            Q += q
        if link.taker[c] >= n and link.giver[h] < n:
            Q -= q
    return Q


@kernel
def stored_heat(web: HeatWeb, T: np.ndarray) -> float:
    """Heat stored above 0 °C [J]."""
    E = 0.0
    for i in range(len(web.capacity)):
        E += web.capacity[i] * T[i]
    return E
