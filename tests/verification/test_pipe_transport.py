"""Transport along a pipe: step, pulse, Schumann's solution, observed order, reversal, exact loss, energy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.errors import InputError
from thermal.network.transport import pipe_heat, pipe_temperatures, round_nusselt
from thermal.physics.network.transport import PipeHeat, Scheme, exchange_matrix, face, march_pipe

pytestmark = pytest.mark.compiled  # minutes in plain Python

WATER = th.load("coolants/water")


def run(pipe, scheme, time, velocity, T_in, T, wall, film=0.0, around=0.0, dispersion=0.0):
    """March in place; return what left, and heat in, out and lost."""
    n = len(time)
    out, heat = np.zeros(n), np.zeros((n - 1, 3))
    full = [np.broadcast_to(np.asarray(v, float), n).copy() for v in (velocity, film, dispersion, T_in, around)]
    march_pipe(pipe, int(scheme), np.asarray(time, float), *full, T, wall, np.zeros(len(T)), out, heat)
    return out, heat


def pulse(n, centre, width=0.05):
    """Cell means of a Gaussian on a pipe of unit length."""
    edges = np.linspace(0.0, 1.0, n + 1)
    primitive = np.array([math.erf((x - centre) / width) for x in edges]) * width * math.sqrt(math.pi) / 2
    return np.diff(primitive) * n


BARE = PipeHeat(1.0, 1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(("scheme", "order"), [(Scheme.UPWIND, 0.6), (Scheme.MUSCL, 1.6), (Scheme.QUICKEST, 1.9)])
def test_a_pulse_travels_at_the_order_of_its_scheme(scheme, order):
    """Gaussian of half-width 0.05 carried over 0.4 of the pipe at Courant number 0.5, first norm, finest pair."""
    errors = []
    for n in (100, 200, 400):
        T = pulse(n, 0.3)
        run(BARE, scheme, np.linspace(0, 0.4, int(0.8 * n) + 1), 1.0, 0.0, T, np.zeros(n))
        errors.append(np.abs(T - pulse(n, 0.7)).mean())
    assert np.log2(errors[-2] / errors[-1]) > order
    assert (np.diff(errors) < 0).all()


@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_step_stays_between_its_sides_and_arrives_in_time(scheme):
    n = 200
    time = np.linspace(0.0, 2.0, 1001)
    out, _ = run(BARE, scheme, time, 1.0, 1.0, np.zeros(n), np.zeros(n))
    assert out.min() >= -1e-12
    assert out.max() <= 1 + 1e-12
    assert time[np.argmax(out > 0.5)] == pytest.approx(1.0, abs=0.01)
    width = time[np.argmax(out > 0.9)] - time[np.argmax(out > 0.1)]
    assert width < {Scheme.UPWIND: 0.2, Scheme.MUSCL: 0.05, Scheme.QUICKEST: 0.05}[scheme]


def test_whole_cells_are_carried_exactly():
    rng = np.random.default_rng(0)
    T = rng.normal(size=50)
    before = T.copy()
    run(BARE, Scheme.MUSCL, np.array([0.0, 0.2]), 1.0, 7.0, T, np.zeros(50))
    np.testing.assert_allclose(T, np.concatenate([np.full(10, 7.0), before[:40]]), atol=1e-12)


@pytest.mark.parametrize("scheme", [Scheme.MUSCL, Scheme.QUICKEST])
def test_reversal_returns_the_slug(scheme):
    """Forth and back: the same slug, less what the scheme blurs on 0.8 of the pipe, and symmetric about its middle."""
    n = 400
    T = pulse(n, 0.3)
    time = np.linspace(0.0, 0.8, 641)
    run(BARE, scheme, time, np.where(time < 0.4, 1.0, -1.0), 0.0, T, np.zeros(n))
    np.testing.assert_allclose(T, pulse(n, 0.3), atol=0.02)
    assert T.sum() == pytest.approx(pulse(n, 0.3).sum(), rel=1e-12)
    mirrored = pulse(n, 0.3)[::-1].copy()
    run(BARE, scheme, time, np.where(time < 0.4, -1.0, 1.0), 0.0, mirrored, np.zeros(n))
    np.testing.assert_allclose(mirrored[::-1], T, atol=1e-13)


def test_schumanns_solution(data):
    """Step into a pipe with a wall: Y = g L/(v C_f) = 5, C_w/C_f = 0.21; the exact outlet at every time."""
    exact = np.genfromtxt(data("pipes/schumann_Y5_R0.21.csv"), delimiter=",", names=True)
    pipe = PipeHeat(1.0, 1.0, 1.0, 0.21, 0.0)
    errors = []
    for n in (50, 100, 200, 400):
        T, wall = np.zeros(n), np.zeros(n)
        out, heat = run(pipe, Scheme.MUSCL, exact["t_over_tau"], 1.0, 1.0, T, wall, film=5.0)
        errors.append(np.abs(out - exact["theta_fluid_out"]).mean())
        assert heat[:, 0].sum() - heat[:, 1].sum() == pytest.approx((T + 0.21 * wall).mean(), rel=1e-12)
    assert errors[-1] < 1e-5
    rates = np.log2(np.array(errors[:-1]) / errors[1:])
    assert rates.mean() > 1.8
    assert rates.min() > 1.3  # the limiter is of first order at the corners of the step


def test_steady_loss_is_the_exponential():
    """T(L) = T_a + (T_in − T_a) exp(−u' L/(ṁ c_p)), u' the film and the loss in series, of 28 K here to 2 mK."""
    pipe = PipeHeat(10.0, 1e-3, 4000.0, 2000.0, 3.0)
    expected = 20.0 + 40.0 * math.exp(-50.0 * 3.0 / 53.0 * 10.0 / (0.02 * 4000.0))
    errors = []
    for n in (40, 80, 160):
        T, wall = np.full(n, 60.0), np.full(n, 60.0)
        time = np.linspace(0.0, 4e3, 401 * n // 40)
        out, _ = run(pipe, Scheme.MUSCL, time, 0.02, 60.0, T, wall, film=50.0, around=20.0)
        errors.append(abs(out[-1] - expected))
    assert errors[-1] < 2e-3
    assert errors[-1] < errors[-2] < errors[-3]


def test_standing_pipe_cools_exactly():
    pipe = PipeHeat(1.0, 1.0, 4000.0, 0.0, 2.0)
    T = np.full(10, 50.0)
    out, heat = run(
        pipe, Scheme.MUSCL, np.array([0.0, 500.0, 1000.0]), 0.0, 0.0, T, np.zeros(10), film=6.0, around=20.0
    )
    expected = 20.0 + 30.0 * math.exp(-1.5 * 1000.0 / 4000.0)
    np.testing.assert_allclose(T, expected, rtol=1e-13)
    assert out[-1] == pytest.approx(expected)
    assert heat[:, 2].sum() == pytest.approx(4000.0 * (50.0 - expected), rel=1e-12)


@given(st.floats(0.0, 1e3), st.just(0.0) | st.floats(1.0, 1e4), st.floats(0.0, 50.0), st.floats(1e-3, 1e4))
def test_exchange_is_the_matrix_exponential(film, wall, loss, step):
    from scipy.linalg import expm

    pipe = PipeHeat(1.0, 1.0, 100.0, wall, loss)
    shares = exchange_matrix(pipe, film, step)
    assert all(-1e-12 <= s <= 1 + 1e-12 for s in shares)
    if wall > 0.0:
        M = np.array([[-film / 100.0, film / 100.0], [film / wall, -(film + loss) / wall]])
        np.testing.assert_allclose(np.reshape(shares, (2, 2)), expm(M * step), atol=1e-9)


@given(*(st.floats(-10, 10) for _ in range(3)), st.floats(1e-6, 1.0), st.sampled_from(Scheme))
def test_faces_stay_between_neighbours(behind, here, ahead, c, scheme):
    value = face(int(scheme), behind, here, ahead, c)
    assert min(here, ahead) - 1e-12 <= value <= max(here, ahead) + 1e-12


def test_dispersion_spreads_as_the_heat_equation():
    n, D, t = 400, 1e-3, 1.0
    T = pulse(n, 0.5)
    before = T.sum()
    run(BARE, Scheme.MUSCL, np.linspace(0, t, 101), 0.0, 0.0, T, np.zeros(n), dispersion=D)
    x = (np.arange(n) + 0.5) / n
    variance = (T * (x - 0.5) ** 2).sum() / T.sum()
    assert variance == pytest.approx(0.05**2 / 2 + 2 * D * t, rel=1e-3)
    assert T.sum() == pytest.approx(before, rel=1e-12)


@given(st.integers(0, 10_000))
def test_energy_closes_whatever_the_flow(seed):
    """Reversals, standing water, walls and losses: heat in less out less lost is what is stored, 1e-9 of it."""
    rng = np.random.default_rng(seed)
    pipe = Pipe(length=rng.uniform(1, 50), diameter=rng.uniform(0.02, 0.1), roughness=1e-5, wall=0.003,
                metal=th.load("materials/carbon_steel"), insulation=0.02, outer_film=8.0)  # fmt: skip
    time = np.cumsum(rng.uniform(0.5, 20, 60))
    flow = rng.uniform(-2e-3, 2e-3, 60) * (rng.random(60) < 0.8)
    inlet = rng.uniform(10, 60, 60)
    result = pipe_temperatures(pipe, WATER, time=time, flow=flow, T_in=inlet, T_ambient=20.0, cells=30)
    scale = 4e6 * 2e-3 * 40.0
    assert abs(float(result.energy_residual)) <= 1e-9 * scale
    assert float(result.T_pipe_out.min()) >= 10 - 1e-9
    assert float(result.T_pipe_out.max()) <= 60 + 1e-9


def test_capacities_of_a_pipe():
    steel = th.load("materials/carbon_steel")
    pipe = Pipe(
        length=39, diameter=0.05248, roughness=4.5e-5, wall=0.00391, metal=steel, insulation=0.013, outer_film=5.0
    )
    heat = pipe_heat(pipe, WATER, 35.0)
    assert 1 / heat.loss == pytest.approx(2.164, rel=2e-3)  # m K/W, as the bench's authors state it
    assert heat.wall == pytest.approx(steel.volumetric_capacity * math.pi / 4 * (0.0603**2 - 0.05248**2), rel=1e-3)
    assert pipe_heat(pipe.replace(outer_film=0.0), WATER, 35.0).loss == 0.0


def test_films():
    assert round_nusselt(2000.0, 7.0) == 3.66
    assert round_nusselt(20150.0, 4.75) == pytest.approx(0.023 * 20150**0.8 * 4.75**0.4, rel=0.15)  # Dittus-Boelter
    assert round_nusselt(2300.0, 5.0) <= round_nusselt(3000.0, 5.0) <= round_nusselt(4000.0, 5.0)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"time": [0.0]}, "ascending"),
        ({"time": [0.0, 2.0, 1.0]}, "ascending"),
        ({"T_in": [20.0, math.nan, 20.0]}, "T_in"),
        ({"flow": math.inf}, "flow"),
        ({"cells": 1}, "cells"),
    ],
)
def test_bad_input_is_explained(changes, says):
    given_ = {"time": [0.0, 1.0, 2.0], "flow": 1e-3, "T_in": 20.0, "T_ambient": 20.0} | changes
    with pytest.raises(InputError, match=says):
        pipe_temperatures(Pipe(length=10, diameter=0.05, roughness=1e-5), WATER, **given_)
