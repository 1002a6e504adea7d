"""Sparse systems of a fixed pattern without pivots: one plan from the topology, then numbers alone, many times.

The matrices of a network are M-matrices (Laplacians of pressure, upwind and exchange of heat), so that elimination in
any order is stable; a reversed flow changes numbers, never the pattern.
"""

from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = [
    "Plan", "entries", "factorise", "factorise_symmetric", "make_plan", "substitute", "substitute_symmetric",
]  # fmt: skip


class Plan(NamedTuple):
    """Order of elimination of a symmetric pattern, and where each number goes.

    Unknown i sits at place ``place[i]`` of the order; all arrays of numbers are by place. Entry e between pivot k,
    ``first[k] <= e < first[k + 1]``, and the later place ``later[e]`` has one number below the diagonal and one above.
    """

    place: np.ndarray  # (n,)
    first: np.ndarray  # (n + 1,)
    later: np.ndarray  # (e,) ascending for each pivot
    slot: np.ndarray  # entry that each update goes to, in the order in which they are made


def make_plan(count: int, start: np.ndarray, end: np.ndarray, last: tuple[int, ...] = ()) -> Plan:
    """Plan the elimination of `count` unknowns coupled in pairs `start`, `end`, by minimum degree.

    Each step eliminates an unknown with the fewest remaining neighbours, which become neighbours of each other; those
    in `last` wait until the others are gone.

    Source: Tinney & Walker, Proc. IEEE 55 (1967) 1801, scheme 2.

    Examples
    --------
    >>> plan = make_plan(3, np.array([0, 1]), np.array([1, 2]))  # a chain fills in nothing
    >>> len(plan.later), len(plan.slot)
    (2, 0)
    """
    order, later = _eliminate(count, start, end, last)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    degree = np.array([len(found) for found in later], np.int64)
    first = np.concatenate([[0], np.cumsum(degree)]).astype(np.int64)
    where = place.tolist()
    ordered = [sorted([where[node] for node in found]) for found in later]
    flat = np.fromiter((at for found in ordered for at in found), np.int64, int(first[-1]))
    key = np.repeat(np.arange(count), degree) * count + flat
    return Plan(place, first, key % max(count, 1), _slots(count, key, first, degree))


def _eliminate(
    count: int, start: np.ndarray, end: np.ndarray, last: tuple[int, ...]
) -> tuple[np.ndarray, list[set[int]]]:
    """Unknowns in order of elimination, and the later neighbours of each."""
    neighbours: list[set[int]] = [set() for _ in range(count)]
    for a, b in zip(start.tolist(), end.tolist(), strict=True):
        if a != b:
            neighbours[a].add(b)
            neighbours[b].add(a)
    late = set(last)
    by_degree: list[list[int]] = [[] for _ in range(max(count, 1))]
    taken = [0] * max(count, 1)  # from the front of each
    for node in range(count):
        if node not in late:
            by_degree[len(neighbours[node])].append(node)
    order: list[int] = []
    waiting = [True] * count
    degree = 0
    while len(order) < count:
        if len(order) == count - len(late):  # now they may go
            for node in sorted(late):
                by_degree[len(neighbours[node])].append(node)
            late, degree = set(), 0
        if taken[degree] == len(by_degree[degree]):
            degree += 1
            continue
        node = by_degree[degree][taken[degree]]  # first come: neighbours in the order then wait less for each other
        taken[degree] += 1
        mine = neighbours[node]
        if not waiting[node] or degree != len(mine):
            continue  # out of date: it stands under its present degree elsewhere
        waiting[node] = False
        order.append(node)
        for other in mine:
            theirs = neighbours[other]
            before = len(theirs)
            theirs |= mine
            theirs.discard(node)
            theirs.discard(other)
            if len(theirs) != before and other not in late:
                by_degree[len(theirs)].append(other)
                degree = min(degree, len(theirs))
    return np.array(order, np.int64), [neighbours[node] for node in order]


def _slots(count: int, key: np.ndarray, first: np.ndarray, degree: np.ndarray) -> np.ndarray:
    """Entry of each pair of later neighbours, pivot by pivot, row by row of the triangle below the diagonal."""
    updates = degree * (degree - 1) // 2
    begin = np.cumsum(updates) - updates
    later = key % max(count, 1)
    slot = np.empty(int(updates.sum()), np.int64)
    for size in np.unique(degree[degree > 1]).tolist():
        pivots = np.flatnonzero(degree == size)
        i, j = np.tril_indices(size, -1)
        pairs = later[first[pivots][:, None] + j] * count + later[first[pivots][:, None] + i]
        slot[begin[pivots][:, None] + np.arange(len(i))] = np.searchsorted(key, pairs)
    return slot


def entries(plan: Plan, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Entry of each coupled pair of unknowns; -1 where both are the same unknown."""
    count = len(plan.place)
    a, b = plan.place[start], plan.place[end]
    key = np.repeat(np.arange(count), np.diff(plan.first)) * count + plan.later
    return np.where(a == b, -1, np.searchsorted(key, np.minimum(a, b) * count + np.maximum(a, b)))


@kernel
def factorise(
    plan: Plan, diagonal: np.ndarray, lower: np.ndarray, upper: np.ndarray, begin: int, end: int, update: int
) -> int:
    """Factorise in place: L below with unit diagonal, U above, one over the pivots; return the first bad one, or -1.

    `lower` holds the number of entry e in the row of ``later[e]``, `upper` that in the row of the pivot. A pivot that
    is not above zero, NaN included, belongs to an unknown that nothing ties down. Only the pivots from `begin` to `end`
    are eliminated, those before having made `update` updates: what they leave of the rest may be kept and gone on with.
    """
    for k in range(begin, end):
        pivot = diagonal[k]
        if not pivot > 0.0:
            return k
        inverse = 1.0 / pivot
        diagonal[k] = inverse
        for i in range(plan.first[k], plan.first[k + 1]):
            share = lower[i] * inverse
            diagonal[plan.later[i]] -= share * upper[i]
            for j in range(plan.first[k], i):
                s = plan.slot[update]
                lower[s] -= share * upper[j]
                upper[s] -= lower[j] * upper[i]
                update += 1
            lower[i] = share
    return -1


@kernel
def substitute(plan: Plan, diagonal: np.ndarray, lower: np.ndarray, upper: np.ndarray, x: np.ndarray) -> None:
    """Turn a right-hand side `x` into the solution, in place and by place, with the factors of ``factorise``."""
    n = len(x)
    for k in range(n):
        for i in range(plan.first[k], plan.first[k + 1]):
            x[plan.later[i]] -= lower[i] * x[k]
    for k in range(n - 1, -1, -1):
        left = x[k]
        for i in range(plan.first[k], plan.first[k + 1]):
            left -= upper[i] * x[plan.later[i]]
        x[k] = left * diagonal[k]


@kernel
def factorise_symmetric(plan: Plan, diagonal: np.ndarray, upper: np.ndarray) -> int:
    """As ``factorise`` for a matrix whose numbers above and below the diagonal are the same: half the work."""
    update = 0
    for k in range(len(diagonal)):
        pivot = diagonal[k]
        if not pivot > 0.0:
            return k
        inverse = 1.0 / pivot
        diagonal[k] = inverse
        for i in range(plan.first[k], plan.first[k + 1]):
            share = upper[i] * inverse
            diagonal[plan.later[i]] -= share * upper[i]
            for j in range(plan.first[k], i):
                upper[plan.slot[update]] -= share * upper[j]
                update += 1
    return -1


@kernel
def substitute_symmetric(plan: Plan, diagonal: np.ndarray, upper: np.ndarray, x: np.ndarray) -> None:
    """As ``substitute``, with the factors of ``factorise_symmetric``."""
    n = len(x)
    for k in range(n):
        own = x[k] * diagonal[k]
        for i in range(plan.first[k], plan.first[k + 1]):
            x[plan.later[i]] -= upper[i] * own
    for k in range(n - 1, -1, -1):
        left = x[k]
        for i in range(plan.first[k], plan.first[k + 1]):
            left -= upper[i] * x[plan.later[i]]
        x[k] = left * diagonal[k]
