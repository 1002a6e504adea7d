"""Steps in which only facility valves move: flows and matrix are taken up where the valves come in, nothing is lost."""

import numpy as np
import pytest
from scipy.optimize import brentq

import thermal as th
from thermal.network.network import Branch, Network, Node
from thermal.network.opening import open_network
from thermal.physics.network.elimination import entries, factorise, make_plan, substitute
from thermal.physics.network.hydraulics import solve_valves

WATER = th.load("coolants/water")


def two_cdus():
    rack, cdu = th.load("racks/gb200_nvl72"), th.load("cdus/vertiv_xdu1350")
    branches = [Branch("a", cdu, "return", "supply"), Branch("b", cdu, "return", "supply")]
    branches += th.manifold(6 * [rack], "supply", "return")
    return Network(coolant=th.load("coolants/pg25"), branches=branches, nodes=[Node("return", pressure=2e5)])


@pytest.mark.parametrize("events", [(), (th.close("rack2", at=130.0), th.stop("a", at=200.0))])
def test_many_steps_at_once_are_the_same_steps_one_by_one(events):
    """Each call begins by solving everything; within one call what only valves sway is gone on with."""
    heat = 1e5 * (0.7 + 0.3 * np.sin(np.arange(300.0)[:, None] / 20.0)) * np.linspace(0.5, 1.0, 6)
    together, alone = (open_network(two_cdus(), facility=th.Supply(T=26, flow=0.03), water=WATER, events=events)
                       for _ in range(2))  # fmt: skip
    for stepper in (together, alone):
        stepper.settle(heat[0])
    one = together.advance(heat, 1.0, 1)
    rows = [alone.advance(heat[k : k + 1], 1.0, 1) for k in range(len(heat))]
    assert np.ptp(one.output[:, 1]) > 0.01  # the valves do move
    for name in ("T", "m", "p", "output", "held"):
        apart = np.concatenate([getattr(row, name) for row in rows])
        np.testing.assert_allclose(getattr(one, name), apart, rtol=1e-9, atol=1e-9, err_msg=name)
    assert np.abs(one.rows.energy_residual).max() < 1e-9 * heat.max()


@pytest.mark.parametrize("opening", [1.0, 0.3, 0.01])
@pytest.mark.parametrize("lift", [2e5, 2e3, -3e4])
def test_a_valve_alone_has_the_flow_that_its_loss_asks_for(opening, lift):
    """Root of (a m + b m|m|/opening²) = Δp by another method, forwards and backwards."""
    stepper = open_network(two_cdus(), facility=th.Supply(T=26, flow=0.03), water=WATER)
    h = stepper.hydraulics
    row = h.row[h.names.index(stepper.whole.sides[0].primary)]
    law = h.branches.quadratics[row - len(h.branches.pipes) - len(h.branches.powers)]
    law.quadratic /= opening**2
    h.flows.p[h.web.start[row]] = h.flows.p[h.web.end[row]] + lift
    steps, change = solve_valves(h.branches, h.web, h.flows)
    expected = brentq(lambda m: law.linear * m + law.quadratic * m * abs(m) - lift, -1e3, 1e3, xtol=1e-14, rtol=1e-14)
    assert expected != pytest.approx(0.0, abs=10 * law.small)  # above where the square is a line
    assert h.flows.m[row] == pytest.approx(expected, rel=1e-11)
    assert 0 < steps < 40
    assert change < 1e-6 * abs(expected)


def test_a_valve_without_a_number_is_not_passed_over():
    stepper = open_network(two_cdus(), facility=th.Supply(T=26, flow=0.03), water=WATER)
    h = stepper.hydraulics
    h.branches.quadratics.quadratic[:] = np.nan
    assert np.isnan(solve_valves(h.branches, h.web, h.flows)[1])


@pytest.mark.parametrize("seed", range(5))
def test_elimination_goes_on_from_what_was_kept(seed):
    """The last places are changed anew, and only they are eliminated again: the solution is that of the whole."""
    rng = np.random.default_rng(seed)
    count, late = 40, (3, 17, 29)
    start, end = np.array([(i, rng.integers(i)) for i in range(1, count)]).T
    start, end = np.append(start, [3, 17]), np.append(end, [17, 29])  # the late ones touch each other
    plan = make_plan(count, start, end, late)
    assert sorted(plan.place[list(late)]) == [37, 38, 39]
    place, first = entries(plan, start, end), count - len(late)
    d, below, above = np.full(count, 10.0), np.zeros(len(plan.later)), np.zeros(len(plan.later))
    np.add.at(above, place, -rng.uniform(0.1, 1.0, len(start)))
    np.add.at(below, place, -rng.uniform(0.1, 1.0, len(start)))
    dense = np.diag(d)
    for k in range(count):
        for e in range(plan.first[k], plan.first[k + 1]):
            dense[k, plan.later[e]], dense[plan.later[e], k] = above[e], below[e]
    degree = np.diff(plan.first)[:first]
    updates = int((degree * (degree - 1) // 2).sum())
    assert factorise(plan, d, below, above, 0, first, 0) == -1
    kept = d.copy(), below.copy(), above.copy()
    for _ in range(3):
        for numbers, before in zip((d, below, above), kept, strict=True):
            numbers[:] = before
        change = rng.uniform(0.0, 5.0, len(late))
        d[first:] += change
        assert factorise(plan, d, below, above, first, count, updates) == -1
        right = rng.normal(size=count)
        x = right.copy()
        substitute(plan, d, below, above, x)
        now = dense + np.diag(np.append(np.zeros(first), change))
        np.testing.assert_allclose(x, np.linalg.solve(now, right), rtol=1e-11, atol=1e-12)
