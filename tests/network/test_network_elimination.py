"""Elimination by plan against a sparse direct solver, on trees, ladders and meshes, symmetric and not."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from thermal.physics.network.elimination import (
    entries,
    factorise,
    factorise_symmetric,
    make_plan,
    substitute,
    substitute_symmetric,
)


def solve(count, start, end, lower, upper, diagonal, right):
    """Solution of the system with `upper` in row start, column end and `lower` in row end, column start."""
    plan = make_plan(count, start, end)
    place = entries(plan, start, end)
    forward = plan.place[start] < plan.place[end]
    below, above = np.zeros(len(plan.later)), np.zeros(len(plan.later))
    np.add.at(above, place, np.where(forward, upper, lower))
    np.add.at(below, place, np.where(forward, lower, upper))
    d, x = np.empty(count), np.empty(count)
    d[plan.place], x[plan.place] = diagonal, right
    bad = factorise(plan, d, below, above, 0, count, 0)
    assert bad == -1
    substitute(plan, d, below, above, x)
    return x[plan.place]


def system(count, extra, seed):
    """A tree with `extra` chords, numbers of an M-matrix over six decades."""
    rng = np.random.default_rng(seed)
    start = np.concatenate([[int(rng.integers(i)) for i in range(1, count)], rng.integers(0, count, extra)]).astype(int)
    end = np.concatenate([np.arange(1, count), rng.integers(0, count, extra)]).astype(int)
    keep = start != end
    start, end = start[keep], end[keep]
    lower, upper = -(10.0 ** rng.uniform(-3, 3, (2, len(start))))
    diagonal = 10.0 ** rng.uniform(-3, 0, count)
    np.add.at(diagonal, start, -upper)  # dominant by rows: each row sums to what is tied to the ground
    np.add.at(diagonal, end, -lower)
    return start, end, lower, upper, diagonal, rng.normal(size=count)


def oracle(count, start, end, lower, upper, diagonal, right):
    rows = np.concatenate([np.arange(count), start, end])
    columns = np.concatenate([np.arange(count), end, start])
    matrix = coo_matrix((np.concatenate([diagonal, upper, lower]), (rows, columns)), shape=(count, count)).tocsc()
    return spsolve(matrix, right), matrix


@given(st.integers(2, 60), st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_solution_is_the_sparse_solvers(count, extra, seed):
    parts = system(count, extra, seed)
    expected, matrix = oracle(count, *parts)
    x = solve(count, *parts)
    np.testing.assert_allclose(x, expected, rtol=1e-8, atol=1e-10 * np.abs(expected).max())
    assert np.abs(matrix @ x - parts[-1]).max() <= 1e-11 * (abs(matrix) @ np.abs(x)).max()


@given(st.integers(2, 60), st.integers(0, 60), st.integers(0, 2**32 - 1))
def test_symmetric_systems_take_half_the_work(count, extra, seed):
    """A Laplacian tied to the ground: the same solution as by the general factors."""
    start, end, _, upper, ground, right = system(count, extra, seed)
    ground = np.abs(ground) + 1e-2
    diagonal = ground.copy()
    np.add.at(diagonal, start, -upper)
    np.add.at(diagonal, end, -upper)
    expected = solve(count, start, end, upper, upper, diagonal, right)
    plan = make_plan(count, start, end)
    above, d, x = np.zeros(len(plan.later)), np.empty(count), np.empty(count)
    np.add.at(above, entries(plan, start, end), upper)
    d[plan.place], x[plan.place] = diagonal, right
    assert factorise_symmetric(plan, d, above) == -1
    substitute_symmetric(plan, d, above, x)
    np.testing.assert_allclose(x[plan.place], expected, rtol=1e-7, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize(("count", "extra"), [(2000, 0), (1000, 1000), (300, 900)])
def test_large_trees_and_meshes(count, extra):
    parts = system(count, extra, seed=7)
    expected, _ = oracle(count, *parts)
    np.testing.assert_allclose(solve(count, *parts), expected, rtol=1e-8, atol=1e-11 * np.abs(expected).max())


def ladder(rungs):
    left, right = np.arange(rungs), np.arange(rungs) + rungs
    start = np.concatenate([left[:-1], right[:-1], left])
    end = np.concatenate([left[1:], right[1:], right])
    return start, end


def test_a_ladder_fills_in_little():
    """7498 entries of a ladder of 2500 rungs: fewer than half as many fill-ins, planned in a moment."""
    start, end = ladder(2500)
    begin = time.process_time()
    plan = make_plan(5000, start, end)
    assert time.process_time() - begin < 1.0  # 27 to 60 ms on an idle core
    assert len(plan.later) - len(start) < 3000
    assert sorted(plan.place.tolist()) == list(range(5000))


def test_places_are_a_permutation_and_entries_are_found():
    start, end = np.array([0, 1, 2, 3, 0]), np.array([1, 2, 3, 0, 2])
    plan = make_plan(4, start, end)
    found = entries(plan, start, end)
    ends = np.sort(np.stack([plan.place[start], plan.place[end]]), axis=0)
    np.testing.assert_array_equal(plan.later[found], ends[1])
    assert len(set(found.tolist())) == 5
    assert entries(plan, np.array([2]), np.array([2])).tolist() == [-1]


def test_what_nothing_ties_down_is_named():
    """A Laplacian without ground is singular: its last pivot vanishes; NaN stops at its own pivot."""
    plan = make_plan(2, np.array([0]), np.array([1]))
    assert factorise(plan, np.array([1.0, 1.0]), np.array([-1.0]), np.array([-1.0]), 0, 2, 0) == 1
    assert factorise(plan, np.array([np.nan, 1.0]), np.array([-1.0]), np.array([-1.0]), 0, 2, 0) == 0
    assert factorise_symmetric(plan, np.array([1.0, 1.0]), np.array([-1.0])) == 1
    assert factorise_symmetric(plan, np.array([np.nan, 1.0]), np.array([-1.0])) == 0
