"""The conjugate solver against exact solutions: manufactured fields, fins, slabs, lumped bodies, balances, symmetry."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from thermal.physics.conjugate.assembly import Body, Channels, assemble, from_stored, layout, to_stored
from thermal.physics.conjugate.krylov import solve
from thermal.physics.conjugate.multigrid import hierarchy
from thermal.physics.conjugate.solve import conduct, stream_rises

pytestmark = pytest.mark.compiled  # minutes in plain Python; test_small_plate.py runs there too


def straight(streams, ny):
    return np.array([[c, 0, ny, 1, 0, -1] for c in range(streams)])


def plate(channels=10, slices=12, flow_rate=70.0, film=2e4, fin_cells=4, metal=390.0):
    """A heated base with straight channels and a cover; fins and channels 100 µm wide, 1 mm deep, one column each."""
    nx, ny, nz = 2 * channels + 1, slices, 6 + fin_cells
    dx = np.full(nx, 1e-4)
    dx[[0, -1]] = 5e-5
    dz = np.array([1e-4] * 2 + [2.5e-4] * 3 + [1e-3 / fin_cells] * fin_cells + [5e-4])
    material = np.ones((ny, nz, nx), dtype=int)
    stream = np.full(nx, -1)
    stream[1::2] = np.arange(channels)
    material[:, 5:-1, 1::2] = 0
    body = Body(
        dx, np.full(ny, 2e-2 / ny), dz, material, np.array([[0.0] * 3, [metal] * 3]), np.zeros(2), np.zeros(nz), False
    )
    wet = Channels(
        5, nz - 1, stream, np.full((3, ny, channels), film), np.zeros((nz, nx)), np.ones(nx),
        np.full(channels, flow_rate / channels), straight(channels, ny), np.zeros(channels, dtype=int), 0,
    )  # fmt: skip
    heat = np.zeros((ny, nz, nx))
    heat[:, 0] = 500.0 * dx / dx.sum() / ny
    return body, wet, heat


def manufactured(n):
    """Errors of body, stream and outlet on an n³ grid: T = 1 + cos πx cos πy cos πz, F = sin 1.5y, both coupled."""
    k, film, rate, pi = np.array([2.0, 3.0, 0.7]), 20.0, 7.0, np.pi
    body = Body(
        *[np.full(n, 1 / n)] * 3,
        np.ones((n, n, n), dtype=int),
        np.array([[0.0] * 3, k]),
        np.zeros(2),
        np.zeros(n),
        False,
    )
    wet = Channels(
        n // 4, 3 * n // 4, np.zeros(n, dtype=int), np.full((3, n, 1), 5.0), np.full((n, n), film / 5.0), np.zeros(n),
        np.array([rate]), straight(1, n), np.zeros(1, dtype=int), 0,
    )  # fmt: skip
    middle, edge = (np.arange(n) + 0.5) / n, np.arange(n + 1) / n
    y, z, x = np.meshgrid(middle, middle, middle, indexing="ij")
    wave = np.cos(pi * x) * np.cos(pi * y) * np.cos(pi * z)
    mean_wave = wave * np.sinc(0.5 / n) ** 3
    coolant, mean_coolant = np.sin(1.5 * middle), (np.cos(1.5 * edge[:-1]) - np.cos(1.5 * edge[1:])) / 1.5 * n
    wet_cells = (z > 0.25) & (z < 0.75)
    to_coolant = film * wet_cells * (1 + mean_wave - mean_coolant[:, None, None])
    heat = (k.sum() * pi**2 * mean_wave + to_coolant) / n**3
    extra = rate * np.diff(np.sin(1.5 * edge)) - to_coolant.sum(axis=(1, 2)) / n**3
    problem = assemble(body, wet, None)
    T = np.zeros(problem.x.size)
    outcome = solve(problem, hierarchy(problem, layout(body, wet)), T, to_stored(heat), extra, 0.0, 1e-11, 100)
    F, out = stream_rises(problem, wet, T, extra, 0.0)
    assert outcome.converged
    return np.abs(from_stored(T, n, n) - 1 - wave).max(), np.abs(F - coolant).max(), abs(out[0, 0] / rate - np.sin(1.5))


def test_manufactured_solution_is_second_order():
    coarse, fine = manufactured(24), manufactured(48)
    assert np.log2(coarse[0] / fine[0]) >= 1.9
    assert np.log2(coarse[1] / fine[1]) >= 1.9
    assert fine[2] < 1e-10  # the march conserves heat, so the outlet is exact


def test_fin_efficiency_at_eight_cells():
    k, h, width, depth = 390.0, 22392.0, 1e-4, 1e-3
    nz = 10
    material = np.zeros((1, nz, 3), dtype=int)
    material[:, :9, 1] = 1
    body = Body(
        np.full(3, width), np.array([0.01]), np.array([1e-3] + [depth / 8] * 8 + [1e-4]), material,
        np.array([[0.0] * 3, [1e9, k, k]]), np.zeros(2), np.zeros(nz), False,
    )  # fmt: skip
    wet = Channels(
        1, 9, np.array([0, -1, 1]), np.full((3, 1, 2), h), np.zeros((nz, 3)), np.ones(3), np.full(2, 1e9),
        straight(2, 1), np.zeros(2, dtype=int), 0,
    )  # fmt: skip
    heat = np.zeros((1, nz, 3))
    heat[0, 0, 1] = 10.0
    rise = conduct(body, wet, heat, 1e-12).body[0, :, 1]
    root = rise[0] - 10.0 * 0.5e-3 / (k * width * 0.01)
    m = np.sqrt(2 * h / (k * width)) * depth
    efficiency = 10.0 / (2 * h * depth * 0.01 * root)
    assert efficiency == pytest.approx(np.tanh(m) / m, rel=3e-3)


def test_lumped_body_follows_effectiveness():
    """Biot → 0: Q = C (1 − exp(−UA/C)) T, approached in proportion to 1/k."""
    area = 10 * 2e-2 * (2 * 1e-3 + 2 * 1e-4)
    expected = 500.0 / (70.0 * -np.expm1(-2e4 * area / 70.0))
    errors = [conduct(*plate(metal=k), 1e-9).body[:, 0].mean() / expected - 1 for k in (1e5, 1e6)]
    assert 0 < errors[1] < 4e-4
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.02)


def test_slab_is_exact():
    """Uniform flux through a stack with a contact: rises add up layer by layer."""
    nz, ny, nx = 5, 4, 3
    dz, k = np.array([1e-4, 2e-4, 3e-4, 1e-3, 1e-4]), np.array([0.0, 130.0, 4.0, 390.0])
    material = np.ones((ny, nz, nx), dtype=int) * np.array([1, 2, 3, 0, 0])[:, None]
    contact = np.array([0.0, 0.0, 5e-6, 0.0, 0.0])
    body = Body(np.full(nx, 1e-3), np.full(ny, 1e-3), dz, material, np.stack([k] * 3, 1), np.zeros(4), contact, False)
    wet = Channels(
        3, 4, np.zeros(nx, dtype=int), np.full((3, ny, 1), 1e4), np.zeros((nz, nx)), np.ones(nx), np.array([1e9]),
        straight(1, ny), np.zeros(1, dtype=int), 0,
    )  # fmt: skip
    heat = np.zeros((ny, nz, nx))
    heat[:, 0] = 1.0
    flux = 1.0 / 1e-6
    expected = flux * (0.5 * dz[0] / 130 + dz[1] / 4 + 5e-6 + dz[2] / 390 + 1 / 1e4)
    np.testing.assert_allclose(conduct(body, wet, heat, 1e-12).body[:, 0], expected, rtol=1e-6)


def test_energy_closes():
    body, wet, heat = plate()
    rises = conduct(body, wet, heat, 1e-11)
    assert abs(rises.residual) <= 1e-10 * heat.sum()
    assert rises.outlet[0] == pytest.approx(heat.sum() / 70.0, rel=1e-10)


def test_symmetric_problem_stays_symmetric():
    body, wet, heat = plate()
    rises = conduct(body, wet, heat, 1e-12)
    np.testing.assert_allclose(rises.body, rises.body[:, :, ::-1], rtol=0, atol=1e-9 * rises.body.max())
    np.testing.assert_allclose(rises.stream, rises.stream[:, ::-1], rtol=0, atol=1e-9 * rises.body.max())


def test_reversed_flow_mirrors_the_field():
    body, wet, heat = plate()
    legs = wet.legs.copy()
    legs[:, 1], legs[:, 3] = body.dy.size - 1, -1
    ahead, back = conduct(body, wet, heat, 1e-12), conduct(body, wet._replace(legs=legs), heat, 1e-12)
    np.testing.assert_allclose(ahead.body, back.body[::-1], rtol=0, atol=1e-9 * ahead.body.max())


@pytest.mark.parametrize("slices", [20, 160])
def test_iterations_do_not_grow_with_the_grid(slices):
    body, wet, heat = plate(channels=40, slices=slices)
    assert conduct(body, wet, heat, 1e-8).outcome.iterations <= 14


def test_rises_do_not_depend_on_the_unit_of_heat():
    body, wet, heat = plate()
    one, many = conduct(body, wet, heat, 1e-11), conduct(body, wet, 1e6 * heat, 1e-11)
    np.testing.assert_allclose(many.body, 1e6 * one.body, rtol=1e-8)


@pytest.mark.parametrize("where", ["heat", "film", "conductivity", "rate"])
def test_nan_is_never_called_converged(where):
    body, wet, heat = plate(channels=3, slices=4)
    bad = {"heat": heat, "film": wet.coefficient, "conductivity": body.conductivity, "rate": wet.rate}[where]
    bad.flat[-1] = np.nan
    assert not conduct(body, wet, heat, 1e-8).outcome.converged


def test_links_do_not_depend_on_the_order_of_slices():
    """Slices of unequal kind and length: the mirrored body has the mirrored links."""
    body, wet, _ = plate(channels=3, slices=9)
    material, dy = body.material.copy(), body.dy.copy()
    material[3:, 0, 2:] = 0
    material[6, 1, 1:3] = 0
    dy[1:3] *= 2.0
    ahead = assemble(body._replace(material=material, dy=dy), wet, None)
    back = assemble(body._replace(material=material[::-1].copy(), dy=dy[::-1].copy()), wet, None)
    for name, planes in (("x", 9), ("y", 10), ("z", 9), ("low", 9), ("own", 9), ("high", 9)):
        one, other = getattr(ahead, name).reshape(planes, -1), getattr(back, name).reshape(planes, -1)
        np.testing.assert_allclose(one, other[::-1], rtol=1e-14)


def test_serial_equals_threaded():
    cases = [plate(film=film) for film in (1e4, 2e4, 3e4, 4e4)]
    alone = [conduct(*case, 1e-8).body for case in cases]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda case: conduct(*case, 1e-8).body, cases))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_whole_balance_is_part_of_the_stopping_rule():
    """A start that leaves a little of a hot spot's heat in every cell: small in norm, √cells larger in the sum."""
    body, wet, heat = plate()
    spot = np.zeros_like(heat)
    spot[5, 0, 5] = 500.0
    problem, tolerance = assemble(body, wet, None), 1e-4
    live = np.broadcast_to(body.material > 0, heat.shape)
    spread = 0.9 * tolerance * 500.0 / np.sqrt(live.sum()) * live
    T = to_stored(conduct(body, wet, spot - spread, 1e-11).body)
    still, b = np.zeros(problem.hold.size), to_stored(spot)
    outcome = solve(problem, hierarchy(problem, layout(body, wet)), T, b, still, 0.0, tolerance, 50)
    _, out = stream_rises(problem, wet, T, still, 0.0)
    assert outcome.converged
    assert abs(b.sum() - out[0, 0]) <= tolerance * 500.0
