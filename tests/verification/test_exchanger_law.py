"""Counterflow exchanger: a textbook example, the logarithmic mean as oracle, bounds and monotonicity."""

import math

import ht
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from thermal.physics.machines.exchanger import (
    ExchangerLaw,
    conductance,
    counterflow_effectiveness,
    counterflow_ntu,
    exchange,
)

ratios, transfer_units = st.floats(0.0, 1.0), st.floats(0.0, 50.0)
flows = st.floats(1e2, 1e6)  # W/K
laws = st.builds(
    ExchangerLaw,
    film_hot=st.floats(1e3, 1e6),
    film_cold=st.floats(1e3, 1e6),
    flow_hot=flows,
    flow_cold=flows,
    exponent=st.floats(0.0, 1.0),
    wall=st.floats(0.0, 1e-4),
)


def test_oil_cooler_of_the_textbook():
    """Incropera et al., 7th ed., example 11.1: oil 0.1 kg/s from 100 to 60 °C, water 0.2 kg/s from 30 °C, 8524 W.

    Solved there by the logarithmic mean, 43.2 K; printed to three digits.
    """
    C_oil, C_water = 0.1 * 2131.0, 0.2 * 4178.0
    NTU = 8524.0 / 43.2 / C_oil
    effectiveness = counterflow_effectiveness(NTU, C_oil / C_water)
    assert effectiveness * C_oil * 70.0 == pytest.approx(8524.0, rel=2e-3)


def test_condenser_and_balanced_limits():
    """C_r = 0 is 1 − exp(−NTU) and C_r = 1 is NTU/(1 + NTU), Incropera et al., table 11.3."""
    for NTU in (1e-9, 0.1, 1.0, 5.0):
        assert counterflow_effectiveness(NTU, 0.0) == pytest.approx(-math.expm1(-NTU), rel=1e-14)
        assert counterflow_effectiveness(NTU, 1.0) == pytest.approx(NTU / (1.0 + NTU), rel=1e-14)


@given(transfer_units, ratios)
def test_effectiveness_agrees_with_an_independent_program(NTU, C_r):
    assume(abs(1.0 - C_r) > 1e-4)  # where the oracle loses digits; the limit has its own test
    oracle = ht.hx.effectiveness_from_NTU(NTU, C_r, subtype="counterflow")
    assert counterflow_effectiveness(NTU, C_r) == pytest.approx(oracle, rel=1e-10, abs=1e-12)


@given(st.floats(1e-3, 8.0), ratios)
def test_logarithmic_mean_gives_the_conductance_back(NTU, C_r):
    """Q = UA ΔT_lm, derived apart from ε(NTU): with C_min = 1 and 1 K between the inlets, ε/ΔT_lm is NTU."""
    effectiveness = counterflow_effectiveness(NTU, C_r)
    near, far = 1.0 - effectiveness, 1.0 - C_r * effectiveness
    assume(far - near > 1e-4)
    mean = (far - near) / math.log(far / near)
    assert effectiveness / mean == pytest.approx(NTU, rel=1e-8)


@given(st.floats(0.0, 12.0), ratios)
def test_ntu_is_the_inverse(NTU, C_r):
    effectiveness = counterflow_effectiveness(NTU, C_r)
    # ε loses the digits of NTU as it nears 1: dNTU/dε = 1/((1 − ε)(1 − ε C_r))
    lost = 4e-16 / max((1.0 - effectiveness) * (1.0 - effectiveness * C_r), 1e-16)
    assert counterflow_ntu(effectiveness, C_r) == pytest.approx(NTU, rel=1e-8, abs=1e-12 + 10 * lost)


@given(transfer_units, transfer_units, ratios, ratios)
def test_effectiveness_is_bounded_and_monotone(NTU, more, C_r, other):
    effectiveness = counterflow_effectiveness(NTU, C_r)
    assert 0.0 <= effectiveness <= 1.0
    assert counterflow_effectiveness(NTU + more, C_r) >= effectiveness - 1e-15
    low, high = sorted((C_r, other))
    # 1e-6 is where the balanced formula takes over
    assert counterflow_effectiveness(NTU, low) >= counterflow_effectiveness(NTU, high) - 1e-6
    assert effectiveness <= -math.expm1(-NTU) + 1e-15


@given(laws, flows, flows, st.floats(1.0, 3.0))
def test_exchange_obeys_the_second_law_and_grows_with_either_flow(law, hot, cold, more):
    K = exchange(law, hot, cold)
    assert 0.0 < K <= min(hot, cold) * (1 + 1e-15)
    assert exchange(law, hot * more, cold) >= K * (1 - 1e-6)
    assert exchange(law, hot, cold * more) >= K * (1 - 1e-6)


@given(laws)
def test_films_and_wall_in_series_at_the_reference(law):
    UA = conductance(law, law.flow_hot, law.flow_cold)
    assert pytest.approx(1.0 / law.film_hot + 1.0 / law.film_cold + law.wall, rel=1e-14) == 1.0 / UA


@pytest.mark.parametrize(("hot", "cold"), [(0.0, 1e3), (1e3, 0.0), (0.0, 0.0)])
def test_no_flow_on_a_side_is_no_exchange(hot, cold):
    assert exchange(ExchangerLaw(1e4, 1e4, 1e3, 1e3, 0.7, 0.0), hot, cold) == 0.0
