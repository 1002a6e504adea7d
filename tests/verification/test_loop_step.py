"""One implicit step of a loop: heat is conserved to round-off, and refined steps reach the exact solution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from machines import net_of, row
from scipy.linalg import expm

from thermal.physics.network.loop import LoopState, loop_heat, loop_step, set_flows, settle_loop

CLOSURE = 1e-12  # relative to the heat stored and exchanged
T = st.floats(-20.0, 150.0)
power = st.one_of(st.just(0.0), st.floats(0.0, 2e5))
share = st.one_of(st.just(0.0), st.floats(0.0, 1.0))


def _set(net, state, temperatures, F, G, F_p):
    """Put a state of chosen temperatures and conductances; F, G one per rack."""
    state.racks.T_case, state.racks.T_coolant = temperatures[0], temperatures[1]
    state.loops.T_return, state.loops.T_supply, state.loops.T_primary = temperatures[2:]
    state.racks.F, state.racks.G = F, G
    state.loops.flow = np.sum(F) / net.loops.rho_cp
    state.loops.primary_flow = F_p / net.loops.facility_rho_cp


@given(
    st.tuples(T, T, T, T, T),
    T,
    st.lists(st.tuples(power, share), min_size=3, max_size=3),
    st.tuples(share, share),
    power,
    st.floats(1e-3, 3600.0),
)
def test_each_step_closes_the_energy_balance(temperatures, T_facility, racks, exchanger, pump_heat, step):
    net, state = net_of(row(3))
    heat = np.array([Q for Q, _ in racks])
    F = 1e5 * np.array([f for _, f in racks])  # W/K; zero where the flow stands still
    primary, effectiveness = exchanger
    F_p = 2e5 * primary
    K = effectiveness * min(F.sum(), F_p)
    _set(net, state, temperatures, F, 0.7 * F, F_p)
    before = loop_heat(net, 0, state)
    out = loop_step(net, 0, state, heat, pump_heat, T_facility, K, step)
    into = np.sum((net.racks.plate_heat + net.racks.other_heat) * heat) + pump_heat
    after = loop_heat(net, 0, state)
    scale = max(abs(before), abs(after), (into + abs(out)) * step, 1.0)
    assert abs(after - before - (into - out) * step) <= CLOSURE * scale
    if F_p == 0.0:
        assert out == 0.0


def _exact(net, state, heat, pump_heat, T_facility, K, time):
    """Solution of the balances in the docstring of ``loop_step`` by the matrix exponential, written anew."""
    loop, n = net.loops[0], len(net.racks)
    m, s, p, one = 2 * n, 2 * n + 1, 2 * n + 2, 2 * n + 3
    A = np.zeros((2 * n + 4, 2 * n + 4))
    F_p = loop.facility_rho_cp * state.loops[0].primary_flow
    for r in range(n):
        rack, G, F, c, k = net.racks[r], state.racks[r].G, state.racks[r].F, r, n + r
        A[c, [c, s, one]] = np.array([-G, G, rack.plate_heat * heat[r]]) / rack.case_capacity
        A[k, [c, k, s, one]] = np.array([G, -F, F - G, rack.other_heat * heat[r]]) / rack.coolant_capacity
        A[m, k] += F / loop.return_capacity
        A[m, m] -= F / loop.return_capacity
        A[s, m] += F / loop.supply_capacity
        A[s, s] -= F / loop.supply_capacity
    A[m, one] = pump_heat / loop.return_capacity
    A[s, m] -= K / loop.supply_capacity
    A[s, one] = K * T_facility / loop.supply_capacity
    A[p, [m, p, one]] = np.array([K, -F_p, (F_p - K) * T_facility]) / loop.primary_capacity
    start = np.concatenate([state.racks.T_case, state.racks.T_coolant, _loop_temperatures(state), [1.0]])
    return (expm(A * time) @ start)[:-1]


def _loop_temperatures(state):
    loop = state.loops[0]
    return [loop.T_return, loop.T_supply, loop.T_primary]


def test_refined_steps_reach_the_exact_solution_at_first_order():
    net, start = net_of(row(2))
    heat, pump_heat, T_facility, K, length = np.array([9e4, 4e4]), 2e3, 22.0, 1.2e4, 120.0
    _set(net, start, (60.0, 45.0, 44.0, 35.0, 30.0), np.array([1.2e4, 0.8e4]), np.array([9e3, 7e3]), 3e4)
    exact = _exact(net, start, heat, pump_heat, T_facility, K, length)
    errors = []
    for steps in (120, 240, 480, 960):
        state = LoopState(start.loops.copy(), start.racks.copy())
        for _ in range(steps):
            loop_step(net, 0, state, heat, pump_heat, T_facility, K, length / steps)
        found = np.concatenate([state.racks.T_case, state.racks.T_coolant, _loop_temperatures(state)])
        errors.append(np.abs(found - exact).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert (orders >= 0.95).all(), orders
    assert errors[-1] < 0.1


def test_stopped_loop_keeps_its_heat_where_it_falls():
    """No flow at all: T_case rises by Q t/C exactly, and no other node learns of it."""
    net, state = net_of(row(2))
    _set(net, state, (50.0, 40.0, 39.0, 30.0, 28.0), np.zeros(2), np.zeros(2), 0.0)
    heat, time = np.array([1e5, 0.0]), 0.0
    for step in (0.1, 1.0, 60.0, 600.0):
        assert loop_step(net, 0, state, heat, 0.0, 20.0, 0.0, step) == 0.0
        time += step
    np.testing.assert_allclose(
        state.racks.T_case, 50.0 + net.racks.plate_heat * heat * time / net.racks.case_capacity, rtol=1e-13
    )
    np.testing.assert_allclose(
        state.racks.T_coolant, 40.0 + net.racks.other_heat * heat * time / net.racks.coolant_capacity, rtol=1e-13
    )
    assert _loop_temperatures(state) == pytest.approx([39.0, 30.0, 28.0], rel=1e-15)


def test_a_huge_step_lands_on_the_steady_state():
    """L-stable: one step of a century from a wild state is the rest that ``settle_loop`` finds."""
    net, state = net_of(row())
    heat = np.full(8, 8e4)
    out = settle_loop(net, 0, state, heat, 26.0, 5e4)
    rest = LoopState(state.loops.copy(), state.racks.copy())
    loop = state.loops[0]
    K = out / (loop.T_return - 26.0)
    pump_heat = out - float(np.sum((net.racks.plate_heat + net.racks.other_heat) * heat))
    state.racks.T_case, state.racks.T_coolant = 300.0, -50.0
    loop.T_return = loop.T_supply = loop.T_primary = -90.0
    loop_step(net, 0, state, heat, pump_heat, 26.0, K, 3e12)
    np.testing.assert_allclose(state.racks.T_case, rest.racks.T_case, rtol=1e-7)
    np.testing.assert_allclose(state.racks.T_coolant, rest.racks.T_coolant, rtol=1e-7)
    np.testing.assert_allclose(_loop_temperatures(state), _loop_temperatures(rest), rtol=1e-7)


@given(st.floats(0.0, 1.2e5), st.floats(5.0, 40.0), st.floats(1e3, 2e5))
def test_settled_loop_gives_off_what_it_takes_in(heat, T_facility, header):
    net, state = net_of(row())
    loads = np.full(8, heat)
    out = settle_loop(net, 0, state, loads, T_facility, header)
    loop = state.loops[0]
    into = float(np.sum((net.racks.plate_heat + net.racks.other_heat) * loads))
    assert into < out < into + 5e4  # pump heat
    assert net.loops[0].rho_cp * loop.flow * (loop.T_return - loop.T_supply) == pytest.approx(out, rel=1e-9)
    carried = net.loops[0].facility_rho_cp * loop.primary_flow * (loop.T_primary - T_facility)
    assert carried == pytest.approx(out, rel=1e-9)
    assert (state.racks.T_case >= loop.T_supply).all()
    assert loop.T_return >= loop.T_primary - 1e-12  # never warmer than what heats it, equal at ε = 1
    assert loop.T_supply > T_facility


def test_flows_of_a_state_follow_its_pumps():
    net, state = net_of(row())
    assert abs(set_flows(net, 0, state)) < 1e-12
    full = state.racks.F.copy()
    state.loops.running = 1
    set_flows(net, 0, state)
    assert (full > state.racks.F).all()
    assert (0.5 * full < state.racks.F).all()  # one pump of two carries more than half
