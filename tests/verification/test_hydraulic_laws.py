"""Branch laws: against `fluids`, odd, rising, smooth at rest and where they are joined, slopes against differences."""

import math

import fluids
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.hydronics.valve import SampledDrop
from thermal.network.topology import _friction_table
from thermal.physics.kernel import zero_record
from thermal.physics.machines.pump import GRAVITY, head_and_slope
from thermal.physics.network.branches import (
    BLOCKED,
    CHECK,
    DROP,
    LIMITER,
    PIPE,
    POWER,
    PUMP,
    QUADRATIC,
    Branches,
    curve_loss,
    losses,
    pipe_loss,
    power_loss,
    quadratic_loss,
)
from thermal.physics.network.friction import CELLS, OCTAVES, TERMS, churchill, tabled_friction

CURVE = th.load("pumps/vertiv_xdu1350").curve
DROPS = SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3)).curve
LAST = CURVE.spacing * (len(CURVE.head) - 1)


def record(dtype, **values):
    row = zero_record(dtype)
    for name, value in values.items():
        row[name] = value
    return row


def pipe(D=0.05, L=10.0, eps=4.5e-5, K=3.0, rho=1000.0, mu=1e-3):
    area = math.pi / 4 * D**2
    return record(PIPE, table=-1, reynolds=4 / (math.pi * D * mu), roughness=eps / D, length=L / D, minor=K,
                  dynamic=1 / (2 * rho * area**2))  # fmt: skip


def by_law(row, m):
    return pipe_loss(row, NO_TABLE, m)


NO_TABLE = np.zeros((1, OCTAVES * CELLS, TERMS))
LAWS = {
    "pipe": (by_law, pipe(), 1.0),
    "rough pipe": (by_law, pipe(eps=1e-3, K=0.0), 1.0),
    "power": (power_loss, record(POWER, flow=2.0, drop=1e5, exponent=1.75), 2.0),
    "laminar power": (power_loss, record(POWER, flow=2.0, drop=1e5, exponent=1.0), 2.0),
    "quadratic": (quadratic_loss, record(QUADRATIC, linear=10.0, quadratic=1e4, small=1e-3), 2.0),
    "square": (quadratic_loss, record(QUADRATIC, linear=0.0, quadratic=1e4, small=1e-3), 2.0),
}


@given(st.floats(2.0, 8.0), st.floats(0.0, 0.05))
def test_friction_is_churchills(log_Re, roughness):
    Re = 10.0**log_Re
    f, rate = churchill(Re, roughness)
    assert f == pytest.approx(fluids.friction.Churchill_1977(Re, roughness), rel=2e-9)  # its exponents are rounded
    step = 1e-5
    ends = [math.log(churchill(Re * math.exp(d), roughness)[0]) for d in (-step, step)]
    assert rate == pytest.approx((ends[1] - ends[0]) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("Re", [499.999999, 500.0, 2e4, 5e4, 1e5])
def test_friction_has_no_seam(Re):
    """Where a part is left out, what it would add is below the last digit."""
    direct = 8 * ((8 / Re) ** 12 + ((-2.457 * math.log((7 / Re) ** 0.9)) ** 16 + (37530 / Re) ** 16) ** -1.5) ** (
        1 / 12
    )
    assert churchill(Re, 0.0)[0] == pytest.approx(direct, rel=1e-14)


@pytest.mark.parametrize("roughness", [0.0, 1e-6, 3e-4, 0.02])
@given(st.floats(512.0, 1.29e8))
def test_friction_table_follows_the_law(roughness, Re):
    table = _friction_table(roughness)
    f, rate = tabled_friction(table[None], 0, Re)
    expected, slope = churchill(Re, roughness)
    assert f == pytest.approx(expected, rel=2e-11)
    assert rate == pytest.approx(slope, abs=1e-7)


def test_friction_stands_in_moodys_chart():
    """Fully rough, ε/D = 0.01: von Karman gives 1/√f = 2 log10(3.7/0.01), f = 0.0379; Churchill is within 1 %."""
    assert churchill(1e9, 0.01)[0] == pytest.approx(1 / (2 * math.log10(370.0)) ** 2, rel=0.01)
    assert churchill(1e5, 0.0)[0] == pytest.approx(0.0180, rel=0.01)  # smooth pipe, Prandtl: 0.01799


@pytest.mark.parametrize("name", LAWS)
@given(st.floats(-9.0, 2.0))
def test_law_is_odd_and_rises_with_its_slope(name, decade):
    law, row, scale = LAWS[name]
    m = scale * 10.0**decade
    h, slope = law(row, m)
    assert law(row, -m) == (-h, slope)
    assert h > 0
    assert slope > 0
    d = 1e-6 * m
    difference = (law(row, m + d)[0] - law(row, m - d)[0]) / (2 * d)
    assert slope == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize("name", LAWS)
def test_law_is_regular_at_rest(name):
    law, row, _ = LAWS[name]
    h, slope = law(row, 0.0)
    assert h == 0.0
    assert 0.0 < slope < math.inf
    assert all(map(math.isnan, law(row, math.nan)))


def test_power_law_is_exact_above_a_ten_thousandth():
    law, row, _ = LAWS["power"]
    for x in (1.001e-4, 0.01, 1.0, 3.0):
        assert law(row, 2.0 * x)[0] == pytest.approx(1e5 * x**1.75, rel=1e-14)


@pytest.mark.parametrize("side", [1.0 - 1e-9, 1.0 + 1e-9])
def test_laws_are_joined_with_value_and_slope(side):
    """At 1e-4 of its flow a power law has 1e5·(1e-4)^1.75 Pa and 1.75 of that over the flow; a square its own."""
    law, row, _ = LAWS["power"]
    h, slope = law(row, 2e-4 * side)
    assert h == pytest.approx(1e-2, rel=1e-8)
    assert slope == pytest.approx(1.75e-2 / 2e-4, rel=1e-8)
    law, row, _ = LAWS["quadratic"]
    h, slope = law(row, 1e-3 * side)
    assert h == pytest.approx(10.0 * 1e-3 + 1e4 * 1e-6, rel=1e-8)
    assert slope == pytest.approx(10.0 + 2.0 * 1e4 * 1e-3, rel=1e-8)


def test_pipe_is_poiseuilles_when_slow():
    row, rho, mu, m = pipe(K=0.0), 1000.0, 1e-3, 1e-4
    assert by_law(row, m)[0] == pytest.approx(128 * mu * 10.0 * (m / rho) / (math.pi * 0.05**4), rel=1e-12)


@given(st.floats(-2.0, 3.0), st.floats(0.0, 1.2), st.sampled_from([0.0, BLOCKED]))
def test_pump_falls_everywhere(share, speed, check):
    """At any speed and in any direction its head falls with flow, at the slope that it says."""
    row = record(PUMP, density=1000.0, speed=speed, check=check)
    m = 1000.0 * LAST * share
    h, slope = curve_loss(row, CURVE, m)
    assert slope > 0
    d = 1e-6 * 1000.0 * LAST
    if abs(m) > 2 * d:  # the check valve kinks at rest
        ends = [curve_loss(row, CURVE, m + s)[0] for s in (-d, d)]
        assert slope == pytest.approx((ends[1] - ends[0]) / (2 * d), rel=2e-3, abs=1e-6 * slope + 1.0)
        assert ends[0] < h < ends[1]


@pytest.mark.parametrize("speed", [0.3, 1.0])
def test_pump_obeys_affinity_and_has_no_seam(speed):
    row, nominal = record(PUMP, density=1000.0, speed=speed), record(PUMP, density=1000.0, speed=1.0)
    for share in (0.0, 0.5, 1.0, 1.5, -0.5):
        m = 1000.0 * LAST * share
        assert curve_loss(row, CURVE, speed * m)[0] == pytest.approx(
            speed**2 * curve_loss(nominal, CURVE, m)[0], rel=1e-3
        )
    for m in (0.0, 1000.0 * LAST * speed):
        below, above = (curve_loss(row, CURVE, m + d)[0] for d in (-1e-9, 1e-9))
        assert below == pytest.approx(above, rel=1e-6)
    assert curve_loss(nominal, CURVE, 0.0)[0] == pytest.approx(-1000.0 * GRAVITY * 50.29, rel=1e-6)  # of the sheet


def test_standing_pump_resists():
    row = record(PUMP, density=1000.0, speed=0.0)
    bend = (CURVE.head[0] - CURVE.head[-1]) / LAST**2
    for V in (0.5 * LAST, -0.5 * LAST):
        assert curve_loss(row, CURVE, 1000.0 * V)[0] == pytest.approx(1000.0 * GRAVITY * bend * V * abs(V), rel=1e-12)


def test_rows_sorted_by_kind_reach_their_own_laws():
    kinds = (PIPE, POWER, QUADRATIC, DROP, PUMP, CHECK, LIMITER)
    rows = {dtype: np.zeros(1, dtype).view(np.recarray) for dtype in kinds}
    rows[PIPE][0] = pipe()
    rows[POWER][0] = LAWS["power"][1]
    rows[QUADRATIC][0] = LAWS["quadratic"][1]
    rows[DROP][0] = (1, 1000.0)
    rows[PUMP][0] = (0, 1000.0, 0.8, 0.0)
    rows[CHECK][0] = (500.0, 10.0, 1e4, 1e-3)
    rows[LIMITER][0] = (2.0, 2e4, 1e6)
    net = Branches(*rows.values(), np.array([CURVE.spacing, DROPS.spacing]), np.stack([CURVE.head, DROPS.head]),
                   np.stack([CURVE.slope, DROPS.slope]), NO_TABLE, np.array([1.0, 1.0, 6.25, 1.0, 1.0, 1.0, 1.0]),
                   np.zeros(7))  # fmt: skip
    m, h, slope = np.array([1.0, 2.0, 0.5, -0.02, 4.0, 0.5, 2.1]), np.zeros(7), np.zeros(7)
    losses(net, m, h, slope)
    assert h[0] == by_law(pipe(), 1.0)[0]
    assert h[1] == pytest.approx(1e5, rel=1e-14)
    assert h[2] == pytest.approx(6.25 * (10.0 * 0.5 + 1e4 * 0.25))  # clogged to 0.4 of the flow: 1/0.4²
    assert h[4] == curve_loss(rows[PUMP][0], CURVE, 4.0)[0]
    assert h[3] == pytest.approx(-9e3, rel=1e-12)
    assert h[5] == pytest.approx(500.0 + 10.0 * 0.5 + 1e4 * 0.25)
    assert h[6] == pytest.approx(2e4 + 1e6 * 0.1)  # a twentieth more than its flow
    m[5], net.block[1] = -1e-7, BLOCKED
    losses(net, m, h, slope)
    assert h[5] == pytest.approx(500.0 - 1e5)
    assert h[1] == pytest.approx(1e5 + 2.0 * BLOCKED)


def test_a_sampled_drop_goes_through_its_points_and_along_its_own_slope():
    """Points of a parabola with V·(1 + V): between them within 2 %, the slope 1 + 2·V within 6 % (a monotone cubic)."""
    V = np.linspace(0.2, 2.0, 10)
    curve = SampledDrop(flow=tuple(V.tolist()), drop=tuple((V * (1.0 + V)).tolist())).curve
    for v in V[1:-1].tolist():
        assert head_and_slope(curve, v, 1.0)[0] == pytest.approx(v * (1.0 + v), rel=1e-3)
        assert head_and_slope(curve, v + 0.1, 1.0)[0] == pytest.approx((v + 0.1) * (1.1 + v), rel=0.02)
        assert head_and_slope(curve, v + 0.1, 1.0)[1] == pytest.approx(1.2 + 2.0 * v, rel=0.06)
