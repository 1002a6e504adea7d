"""Counterflow exchanger: a textbook example, the logarithmic mean as oracle, bounds and monotonicity."""

import math

import ht
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import gammainc, ive

from thermal.physics.machines.exchanger import (
    ExchangerLaw,
    conductance,
    counterflow_effectiveness,
    counterflow_ntu,
    crossflow_effectiveness,
    exchange,
    parallel_share,
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


def mason(NTU, C_r, terms=1200):
    """Mason's series by the incomplete gamma function of scipy: P_m(x) = P(m + 1, x)."""
    m = np.arange(1, terms + 1)
    return float((gammainc(m, NTU) * gammainc(m, C_r * NTU)).sum() / (C_r * NTU))


def nusselt(NTU, C_r, cells=400):
    """Nusselt's problem by the box scheme on a grid of the plate, extrapolated from two meshes: no series in it."""

    def solved(n):
        a, b = NTU / n / 2.0, C_r * NTU / n / 2.0  # per cell: dT/dx = −a (T − t), dt/dy = b (T − t), means of the sides
        hot, cold = np.ones(n), np.zeros(n)  # hot enters along x, row by row; cold along y
        for i in range(n):
            T = 1.0
            for j in range(n):
                t = cold[j]
                drive = T - t
                drop = 2.0 * a * drive / (1.0 + a + b)
                T, cold[j] = T - drop, t + C_r * drop
            hot[i] = T
        return 1.0 - hot.mean()

    coarse, fine = solved(cells // 2), solved(cells)
    return fine + (fine - coarse) / 3.0


@pytest.mark.parametrize("C_r", [1e-6, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0])
def test_crossflow_is_the_exact_series(C_r):
    """To 1e-12 from NTU 0.001 to 400, where the closed form of the textbooks is up to 3.7 % low."""
    for NTU in np.geomspace(1e-3, 400.0, 60):
        assert crossflow_effectiveness(NTU, C_r) == pytest.approx(mason(NTU, C_r), rel=1e-12 if C_r > 1e-3 else 1e-9)


def test_crossflow_balanced_is_its_closed_form():
    """C_r = 1: ε = 1 − e^(−2 NTU) (I_0 + I_1)(2 NTU)."""
    for NTU in (0.01, 0.34, 1.0, 3.0, 7.0, 60.0, 500.0):
        exact = 1.0 - ive(0, 2.0 * NTU) - ive(1, 2.0 * NTU)
        assert crossflow_effectiveness(NTU, 1.0) == pytest.approx(exact, rel=1e-12)
    assert crossflow_effectiveness(2000.0, 1.0) == crossflow_effectiveness(500.0, 1.0) > 0.974, "held, as stated"


@pytest.mark.parametrize(("NTU", "C_r"), [(0.34, 1.0), (1.0, 0.5), (3.0, 0.8), (6.0, 0.3)])
def test_crossflow_solves_nusselts_problem(NTU, C_r):
    assert crossflow_effectiveness(NTU, C_r) == pytest.approx(nusselt(NTU, C_r), rel=2e-5)


def test_crossflow_beside_the_closed_form():
    """Incropera et al., eq. 11.32, at its worst: NTU 0.34, C_r 1, 3.7 % low and below parallel flow."""
    fit = 1.0 - math.exp(math.expm1(-(0.34**0.78)) * 0.34**0.22)
    parallel = -math.expm1(-2.0 * 0.34) / 2.0
    assert fit < parallel < crossflow_effectiveness(0.34, 1.0)
    assert fit / crossflow_effectiveness(0.34, 1.0) == pytest.approx(1.0 - 0.0373, abs=1e-4)


@given(st.floats(1e-3, 60.0), st.floats(1e-3, 1.0), st.floats(1.0, 2.0))
def test_crossflow_lies_between_parallel_and_counterflow_and_rises(NTU, C_r, more):
    effectiveness = crossflow_effectiveness(NTU, C_r)
    assert effectiveness >= -math.expm1(-NTU * (1.0 + C_r)) / (1.0 + C_r) * (1.0 - 1e-12)
    assert effectiveness <= counterflow_effectiveness(NTU, C_r) + 1e-6
    assert crossflow_effectiveness(more * NTU, C_r) >= effectiveness - 1e-13


@pytest.mark.parametrize(("NTU", "C_r"), [(math.nan, 0.5), (1.0, math.nan)])
def test_crossflow_keeps_nan(NTU, C_r):
    assert math.isnan(crossflow_effectiveness(NTU, C_r))


def test_crossflow_without_surface_or_beside_an_endless_stream():
    assert crossflow_effectiveness(0.0, 0.5) == 0.0
    assert crossflow_effectiveness(1.0, 0.0) == pytest.approx(1.0 - math.exp(-1.0), rel=1e-15)


def test_film_exponent_of_chevron_plates():
    """Turbulent exponents of Kumar's correlation as an independent program has them: 0.663 to 0.732."""
    found = []
    for angle in (30, 45, 50, 60, 65):
        low, high = (ht.conv_plate.Nu_plate_Kumar(Re=Re, Pr=6.0, chevron_angle=angle) for Re in (2000.0, 4000.0))
        found.append(math.log(high / low) / math.log(2.0))
    assert min(found) == pytest.approx(0.663, abs=1e-3)
    assert max(found) == pytest.approx(0.732, abs=1e-3)


def test_conductance_by_hand():
    """Twice the hot flow, half the cold: 1/UA = 1/(2e4·2^0.7) + 1/(3e4·0.5^0.7) + 1e-5."""
    law = ExchangerLaw(2e4, 3e4, 1e4, 2e4, 0.7, 1e-5)
    expected = 1.0 / (1.0 / (2e4 * 2.0**0.7) + 1.0 / (3e4 * 0.5**0.7) + 1e-5)
    assert conductance(law, 2e4, 1e4) == pytest.approx(expected, rel=1e-14)
    C_r = 1e4 / 2e4
    NTU = expected / 1e4
    assert exchange(law, 2e4, 1e4) == pytest.approx(1e4 * counterflow_effectiveness(NTU, C_r), rel=1e-14)


def test_share_in_parallel_by_hand():
    """Balanced share: UA = 1e5 brings y·2e5 W/K from 20 to 16 °C against 1e5 W/K at 12 °C.

    With y = 0.4 the hot stream is 8e4 < 1e5 W/K: ε = (20 − 16)/8 = 0.5 needs NTU = ln((1 − 0.4)/(0.5))/(0.2) = 0.9116,
    UA = 72 929 W/K.
    """
    UA = 8e4 * math.log(0.6 / 0.5) / 0.2
    assert parallel_share(UA, 2e5, 1e5, 20.0, 16.0, 12.0) == pytest.approx(0.4, rel=1e-10)
    assert parallel_share(UA, 2e5, 1e5, 20.0, 12.0, 12.0) == 0.0
    assert parallel_share(UA, 2e5, 1e5, 16.0, 16.0, 12.0) == 0.0
    assert parallel_share(1e9, 2e4, 1e5, 20.0, 16.0, 12.0) == 1.0
