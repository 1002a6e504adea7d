"""The conjugate solver on a few cells, small enough for plain Python: balances, choices of law, order in time."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from thermal.physics.conjugate.assembly import Body, Channels, to_stored
from thermal.physics.conjugate.coarsen import _half
from thermal.physics.conjugate.grid_plan import Layout, _column_pass, _join_legs, _join_streams
from thermal.physics.conjugate.implicit import Method, _left, advance, at_rest, prepare
from thermal.physics.conjugate.lattice import Advection
from thermal.physics.conjugate.solve import conduct


def few_cells(advection=Advection.EXPONENTIAL):
    """Two channels between three fins: 5 columns, 4 slices, 4 layers."""
    material = np.ones((4, 4, 5), dtype=int)
    material[:, 2, 1::2] = 0
    conductivity = np.array([[0.0] * 3, [200.0] * 3])
    body = Body(
        np.full(5, 1e-3),
        np.full(4, 5e-3),
        np.full(4, 1e-3),
        material,
        conductivity,
        np.array([0.0, 3e6]),
        np.zeros(4),
        False,
    )
    legs = np.array([[0, 0, 4, 1, 0, -1], [1, 0, 4, 1, 0, -1]])
    wet = Channels(
        2, 3, np.array([-1, 0, -1, 1, -1]), np.full((3, 4, 2), 5e3), np.zeros((4, 5)), np.ones(5), np.array([2.0, 3.0]),
        legs, np.zeros(2, dtype=int), advection,
    )  # fmt: skip
    heat = np.zeros(material.shape)
    heat[:, 0] = np.linspace(1.0, 2.0, 20).reshape(4, 5)
    return body, wet, heat


@pytest.mark.parametrize("advection", Advection)
def test_energy_closes_with_either_advection(advection):
    body, wet, heat = few_cells(advection)
    rises = conduct(body, wet, heat, 1e-12)
    assert rises.outcome.converged
    assert abs(rises.residual) <= 1e-10 * heat.sum()


def test_advections_differ_by_their_order_alone():
    ours, theirs = (conduct(*few_cells(a), 1e-12).body.mean() for a in Advection)
    assert ours == pytest.approx(theirs, rel=0.05)
    assert ours != pytest.approx(theirs, rel=1e-6)


def end_of_march(method, steps):
    body, wet, heat = few_cells()
    stepper = prepare(body, wet, np.full((4, 2), 0.05), 0.6 / steps, method)
    now, worst = at_rest(stepper), 0.0
    stages = {Method.SDIRK2: (1.0 - 0.5**0.5, 1.0), Method.BACKWARD_EULER: (1.0,)}[method]
    for i in range(steps):
        waves = [(1.0 + np.sin(5.0 * 0.6 * (i + c) / steps)) * heat for c in stages]
        now = advance(stepper, now, np.stack([to_stored(w) for w in waves]), 0.0, 1e-12)
        worst = np.fmax(worst, abs(now.residual))
        assert now.converged
    return now.T, worst / heat.sum()


@pytest.mark.parametrize("method", Method)
def test_order_in_time_and_balance_of_each_method(method):
    order = {Method.SDIRK2: 1.9, Method.BACKWARD_EULER: 0.9}[method]
    ends = [end_of_march(method, n) for n in (8, 16, 32)]
    first, second = (np.abs(a - b).max() for (a, _), (b, _) in pairwise(ends))
    assert np.log2(first / second) >= order
    assert all(balance < 1e-8 for _, balance in ends)


def test_long_step_lands_on_the_steady_state():
    body, wet, heat = few_cells()
    steady = to_stored(conduct(body, wet, heat, 1e-12).body)
    for method in Method:
        stepper = prepare(body, wet, np.full((4, 2), 0.05), 1e6, method)
        now = advance(stepper, at_rest(stepper), np.stack([to_stored(heat)] * 2), 0.0, 1e-12)
        np.testing.assert_allclose(now.T, steady, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_body_of_one_temperature_by_hand(channels):
    """Metal that conducts without end: T = Q/(C·(1 − e^(−hA/C))), hA = 5e3 W/m²K of four walls of 1 by 20 mm each."""
    columns = 2 * channels + 1
    material = np.ones((4, 4, columns), dtype=int)
    material[:, 2, 1::2] = 0
    body = Body(
        np.full(columns, 1e-3), np.full(4, 5e-3), np.full(4, 1e-3), material, np.array([[0.0] * 3, [1e8] * 3]),
        np.array([0.0, 3e6]), np.zeros(4), False,
    )  # fmt: skip
    stream = np.full(columns, -1)
    stream[1::2] = np.arange(channels)
    wet = Channels(
        2, 3, stream, np.full((3, 4, channels), 5e3), np.zeros((4, columns)), np.ones(columns), np.full(channels, 0.5),
        np.array([[c, 0, 4, 1, 0, -1] for c in range(channels)]), np.zeros(channels, dtype=int), Advection.EXPONENTIAL,
    )  # fmt: skip
    heat = np.zeros(material.shape)
    heat[:, 0] = 0.25
    rises = conduct(body, wet, heat, 1e-12)
    expected = columns / (0.5 * channels * (1.0 - np.exp(-5e3 * 4e-3 * 20e-3 / 0.5)))
    found = rises.body[material > 0]
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_streams_joined_on_a_coarser_grid_by_hand():
    """Four slices become two, three streams two: flows and contents add, legs run over the coarse slices both ways."""
    legs = np.array([[0, 0, 4, 1, 0, -1], [1, 3, 4, -1, 0, -1], [2, 0, 2, 1, 0, -1]])
    rate, hold = np.array([1.0, 2.0, 4.0]), np.arange(12.0).reshape(4, 3)
    stream, row = np.array([0, 1, 1]), np.array([0, 0, 1, 1])
    wide, short, _ = _join_streams(rate, hold, stream, row)
    joined = _join_legs(legs, stream, row)
    assert wide.tolist() == [1.0, 6.0]
    assert short.tolist() == [[0.0 + 3.0, 1.0 + 2.0 + 4.0 + 5.0], [6.0 + 9.0, 7.0 + 8.0 + 10.0 + 11.0]]
    assert joined.tolist() == [[0, 0, 2, 1, 0, -1], [1, 1, 2, -1, 0, -1], [1, 0, 1, 1, 0, -1]]


def test_half_a_link_by_hand():
    assert (_half(2.0), _half(0.0)) == (0.25, 0.0)


def test_a_column_belongs_to_the_pass_on_its_left():
    stream = np.array([-1, 0, -1, 1, -1, 2, -1])
    layout = Layout(np.arange(7), np.arange(4), stream, np.array([0, 1, 1]))
    assert _column_pass(layout).tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_heat_leaves_from_the_last_pass():
    """Three streams, the last two in the second pass, which carries 30 W out and brings 4 W/K times 5 K in."""
    channels = SimpleNamespace(
        stream_pass=np.array([0, 1, 1]), legs=np.array([[1, 3, 4, -1, 1, 0], [2, 0, 4, 1, 1, 0]])
    )
    out = np.array([[10.0, 2.0], [30.0, 4.0]])
    assert _left(SimpleNamespace(channels=channels), out, 5.0) == 10.0
