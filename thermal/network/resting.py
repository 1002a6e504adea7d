"""What the kernel that brings networks to rest is given: which controllers act as one, cases, and scratch."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thermal.network.heat_web import LoweredHeat
from thermal.network.topology import Hydraulics
from thermal.physics.network.goals import NOW, Rest
from thermal.physics.network.operate import Begun, Points
from thermal.physics.network.volumes import HeatWork

__all__ = ["begun_at", "copied", "points_of", "rest_of"]

SENSES = ("senses", "place", "other", "set", "least", "level", "bias")  # of a controller: alike, they sense the same


def rest_of(controllers: np.recarray, places: int) -> Rest:
    """Controllers by what they sense: those that sense the same move as one, as far as each has integral gain."""
    count = len(controllers)
    gang, pace = np.full(count, -1, np.int64), np.zeros(count)
    first: dict[tuple[Any, ...], int] = {}
    for i, c in enumerate(controllers):
        if not c.running > 0.0:
            continue
        k = first.setdefault(tuple(c[name] for name in SENSES), i)
        gang[i] = list(first.values()).index(k)
        pace[i] = _integral(c) / _integral(controllers[k])
    n = len(first)
    return Rest(
        gang, pace, np.array(list(first.values()), np.int64), np.zeros(n), np.zeros(n), np.zeros(n),
        np.zeros(n, np.int64), np.zeros((n, n)), np.zeros((n, n + 1)), np.zeros(count), np.zeros(count),
        np.zeros(count), np.zeros(count), np.zeros(places), np.zeros(places), np.zeros(1, NOW).view(np.recarray),
    )  # fmt: skip


def _integral(c: Any) -> float:
    """Integral gain of a controller; of the error of its gang's first, those of temperatures have spans."""
    return float(c.pi.gain / c.pi.reset / (1.0 if c.senses else c.span))


def points_of(
    T: np.ndarray, p: np.ndarray, places: Sequence[int], headers: Sequence[int], held: int, states: int
) -> Points:
    """Cases of facility water at `T` [°C] and header pressures `p` [Pa], in a network of `held` places."""
    return Points(
        np.array(places, np.int64), np.array(headers, np.int64), T, p, np.zeros(len(T), np.int64), np.zeros(len(T)),
        np.zeros((len(T), held)), np.zeros((states, states + 1)),
    )  # fmt: skip


def begun_at(hydraulics: Hydraulics, heat: LoweredHeat, controllers: np.recarray, viscous: np.recarray) -> Begun:
    """The present state, to come back to."""
    net, lines = hydraulics.branches, heat.web.lines
    return Begun(
        heat.T.copy(), hydraulics.flows.m.copy(), hydraulics.flows.p.copy(), controllers.output.copy(),
        controllers.error.copy(), net.pumps.speed.copy(), net.quadratics.quadratic.copy(), net.pipes.reynolds.copy(),
        viscous.warmth.copy(), hydraulics.web.rise.copy(), lines.table.copy(), lines.T.copy(), lines.wall.copy(),
    )  # fmt: skip


def copied(value: Any) -> Any:
    """Records of arrays with arrays of their own, down to the last; all else as it is."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, HeatWork):
        matrix, n, e = value.matrix.copy(), len(value.diagonal), len(value.lower)
        own = {name: copied(getattr(value, name)) for name in value._fields}
        views = {"diagonal": matrix[:n], "lower": matrix[n : n + e], "upper": matrix[n + e :]}
        return HeatWork(**own | views | {"matrix": matrix})
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(copied(item) for item in value))
    return value
