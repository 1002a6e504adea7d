"""The operating point of pumps against parallel racks, with SciPy's bracketing root finder as oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machines import net_of, row
from scipy.optimize import brentq

from thermal.physics.machines.pump import GRAVITY
from thermal.physics.network.loop import branch_flow, loop_flow, pump_power_of, set_flows, valve_flow

LIMIT = 1e-12  # residual relative to shut-off pressure
loops = st.builds(
    lambda inner, scale, drop, exponents: (inner, scale, drop, exponents),
    st.tuples(st.floats(0.0, 2e7), st.floats(0.0, 2e9)),  # linear and quadratic loss inside the CDU
    st.floats(0.02, 5.0),  # of the racks' design flow
    st.floats(1e3, 5e5),  # Pa at that flow
    st.lists(st.floats(1.0, 2.2), min_size=1, max_size=8),
)


def _built(drawn):
    (linear, quadratic), scale, drop, exponents = drawn
    net, state = net_of(row(len(exponents)))
    net.loops.inner_linear, net.loops.inner_quadratic = linear, quadratic
    net.racks.flow *= scale
    net.racks.drop = drop
    net.racks.exponent = exponents
    return net, state


def _oracle(loop, net, running, speed):
    """Differential pressure by bisection and interpolation on the balance, with the part's own head curve."""
    pump, density = loop.cdu.pump, float(net.loops[0].density)
    ends = float(np.arange(len(pump.curve.head))[-1] * pump.curve.spacing)

    def head(flow):
        inside = min(flow / speed, ends)
        beyond = pump.curve.slope[-1] * (flow / speed - inside)
        return float(pump.head(inside)) * speed**2 + speed**2 * beyond

    def flow(drop):
        return float(np.sum(net.racks.flow * (drop / net.racks.drop) ** (1.0 / net.racks.exponent)))

    def left(drop):
        V = flow(drop)
        inner = (net.loops[0].inner_linear + net.loops[0].inner_quadratic * V) * V
        return density * GRAVITY * head(V / running) - inner - drop

    shut_off = density * GRAVITY * head(0.0)
    drop = brentq(left, 0.0, shut_off, xtol=1e-12 * shut_off, rtol=1e-14)
    return drop, flow(drop), shut_off


@given(loops, st.integers(1, 2), st.floats(0.2, 1.0), st.floats(0.0, 1e6))
def test_operating_point_is_the_oracles(drawn, running, speed, start):
    net, _ = _built(drawn)
    drop, flow, residual = loop_flow(net, 0, running, speed, start)
    assert abs(residual) < LIMIT
    *expected, shut_off = _oracle(row(1), net, running, speed)
    digits = max(1e-9, LIMIT * shut_off / drop)  # both solvers stop at a share of the shut-off pressure
    assert (drop, flow) == pytest.approx(tuple(expected), rel=digits)


@given(loops, st.floats(0.2, 1.0))
def test_start_does_not_matter(drawn, speed):
    net, _ = _built(drawn)
    answers = [loop_flow(net, 0, 2, speed, start)[:2] for start in (0.0, 1.0, 5e4, 1e9, -1.0)]
    np.testing.assert_allclose(answers, np.broadcast_to(answers[0], (5, 2)), rtol=1e-10)


@given(loops, st.floats(0.2, 0.9))
def test_faster_or_more_pumps_never_less_flow(drawn, speed):
    net, _ = _built(drawn)
    flow = loop_flow(net, 0, 1, speed, 0.0)[1]
    assert loop_flow(net, 0, 2, speed, 0.0)[1] >= flow * (1 - 1e-12)
    assert loop_flow(net, 0, 1, speed + 0.1, 0.0)[1] > flow


@pytest.mark.parametrize(("running", "speed"), [(0, 1.0), (2, 0.0), (0, 0.0)])
def test_without_pumps_nothing_flows(running, speed):
    net, state = net_of(row())
    assert loop_flow(net, 0, running, speed, 1e5) == (0.0, 0.0, 0.0)
    state.loops.running, state.loops.speed = running, speed
    assert set_flows(net, 0, state) == 0.0
    assert not state.racks.F.any()
    assert not state.racks.G.any()
    assert pump_power_of(net.loops[0], state.loops[0]) == (0.0, 0.0)


@given(loops, st.floats(0.2, 1.0))
def test_flow_is_shared_by_the_racks_without_loss(drawn, speed):
    net, state = _built(drawn)
    state.loops.speed = speed
    set_flows(net, 0, state)
    loop = state.loops[0]
    np.testing.assert_allclose(state.racks.F.sum(), net.loops[0].rho_cp * loop.flow, rtol=1e-13)
    each = np.array([branch_flow(rack, loop.drop) for rack in net.racks])
    np.testing.assert_allclose(net.racks.drop * (each / net.racks.flow) ** net.racks.exponent, loop.drop, rtol=1e-12)


@given(st.floats(1e-3, 1.0), st.floats(1e-3, 1e6), st.floats(0.0, 1e8), st.floats(1e3, 1e10))
def test_valve_flow_meets_its_equation(opening, drop, linear, quadratic):
    """Δp = a V + b (V/y)²; the flow never falls as the valve opens."""
    net, _ = net_of(row(1))
    net.loops.primary_linear, net.loops.valve_quadratic = linear, quadratic
    V = valve_flow(net.loops[0], opening, drop)
    assert linear * V + quadratic * (V / opening) ** 2 == pytest.approx(drop, rel=1e-12)
    assert valve_flow(net.loops[0], min(1.0, 1.1 * opening), drop) >= V
    assert valve_flow(net.loops[0], opening, 0.0) == 0.0
    assert math.isclose(valve_flow(net.loops[0], opening, -drop), 0.0)
