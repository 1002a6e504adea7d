"""Each law at points on both sides of each of its branches, against its source written out another way, and its slope.

Constants are those of the sources, in their form; slopes are checked by central differences, so that a slope cannot
follow a wrong value.
"""

import math

import numpy as np
import pytest

from thermal.physics.convection.pin_fin import Bank, PinLaw, pin_friction, pin_nusselt
from thermal.physics.machines.pump import GRAVITY, PumpCurve
from thermal.physics.media.moist_air import (
    _saturation_slope,
    saturated_after,
    saturated_enthalpy,
    saturated_humidity_ratio,
    saturation,
    saturation_pressure,
)
from thermal.physics.network.branches import (
    LIMITER,
    PIPE,
    POWER,
    PUMP,
    QUADRATIC,
    curve_loss,
    limiter_loss,
    pipe_loss,
    power_loss,
    quadratic_loss,
)
from thermal.physics.network.friction import churchill, swamee_jain, tabled_friction, tabled_parts
from thermal.physics.network.transport import (
    PipeHeat,
    Scheme,
    _disperse,
    exchange_matrix,
    face,
    round_nusselt,
    taylor_dispersion,
)
from thermal.physics.rejection.merkel import _counterflow

REYNOLDS = [600.0, 1999.0, 2001.0, 2600.0, 3300.0, 3999.0, 4001.0, 2e4, 3e6]
ROUGHNESS = [0.0, 1e-4, 2e-2]


KINDS = {quadratic_loss: QUADRATIC, power_loss: POWER, limiter_loss: LIMITER}


def _row(kind, **given):
    """A row of a table of branches, as the kernels take it."""
    return np.array([tuple(given.get(name, 0) for name in kind.names)], kind).view(np.recarray)[0]


def _slope(f, x, step=1e-5):
    """d ln f/d ln x by a central difference."""
    return math.log(f(x * math.exp(step)) / f(x * math.exp(-step))) / (2.0 * step)


def _swamee_jain(Re, e):
    """EPANET 2 Users Manual, table 3.1 and equations D.3 to D.5, with FA, FB, X1 to X4 as printed there."""
    if Re < 2000.0:
        return 64.0 / Re
    if Re > 4000.0:
        return 0.25 / math.log10(e / 3.7 + 5.74 / Re**0.9) ** 2
    Y2 = e / 3.7 + 5.74 / Re**0.9
    Y2, Y3 = e / 3.7 + 5.74 / 4000.0**0.9, -0.86859 * math.log(e / 3.7 + 5.74 / 4000.0**0.9)
    FA = Y3**-2
    FB = FA * (2.0 - 0.00514215 / (Y2 * Y3))
    R = Re / 2000.0
    X1, X2 = 7.0 * FA - FB, 0.128 - 17.0 * FA + 2.5 * FB
    X3, X4 = -0.128 + 13.0 * FA - 2.0 * FB, R * (0.032 - 3.0 * FA + 0.5 * FB)
    return X1 + R * (X2 + R * (X3 + X4))


@pytest.mark.parametrize("Re", REYNOLDS)
@pytest.mark.parametrize("e", ROUGHNESS)
def test_swamee_jain_is_that_of_epanet_with_its_slope(Re, e):
    f, rate = swamee_jain(Re, e)
    assert f == pytest.approx(_swamee_jain(Re, e), rel=1e-5)  # the manual prints its constants to six digits
    assert rate == pytest.approx(_slope(lambda x: swamee_jain(x, e)[0], Re), abs=1e-7)


def _churchill(Re, e):
    """Chem. Eng. 84 (1977) 91, eq. 18, as printed."""
    A = (2.457 * math.log(1.0 / ((7.0 / Re) ** 0.9 + 0.27 * e))) ** 16
    B = (37530.0 / Re) ** 16
    return 8.0 * ((8.0 / Re) ** 12 + (A + B) ** -1.5) ** (1.0 / 12.0)


@pytest.mark.parametrize("Re", [50.0, 501.0, *REYNOLDS])
@pytest.mark.parametrize("e", ROUGHNESS)
def test_churchill_is_as_printed_with_its_slope(Re, e):
    f, rate = churchill(Re, e)
    assert f == pytest.approx(_churchill(Re, e), rel=1e-12 if Re > 500.0 else 1e-9)
    assert rate == pytest.approx(_slope(lambda x: churchill(x, e)[0], Re), abs=1e-6)


def test_a_friction_table_is_read_as_the_polynomials_that_stand_in_it():
    """f = Σ c_k t^k in a piece of an octave: the second octave above 512 begins at Re 1024, in pieces of 8."""
    from thermal.physics.network.friction import CELLS, OCTAVES, TERMS

    tables = np.zeros((2, OCTAVES * CELLS, TERMS))
    tables[1, CELLS + 3] = [5.0, 0.5, 0.25, 0.125, 0.0625, 0.03125]  # Re 1048 to 1056
    t = 0.75
    f = 5 + 0.5 * t + 0.25 * t**2 + 0.125 * t**3 + 0.0625 * t**4 + 0.03125 * t**5
    slope = (0.5 + 0.5 * t + 0.375 * t**2 + 0.25 * t**3 + 0.15625 * t**4) / 8.0  # per unit of Re
    assert tabled_parts(tables, 1, 1054.0) == pytest.approx((f, slope * 1054.0), rel=1e-12)
    assert tabled_friction(tables, 1, 1054.0) == pytest.approx((f, slope * 1054.0 / f), rel=1e-12)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize(
    ("law", "given", "flows", "exact"),
    [
        (quadratic_loss, {"linear": 3.0, "quadratic": 5.0, "small": 1e-3}, [2e-3, 0.4], lambda m: 3.0 * m + 5.0 * m**2),
        (power_loss, {"flow": 2.0, "drop": 800.0, "exponent": 1.7}, [3e-4, 0.4, 3.0], lambda m: 800.0 * (m / 2) ** 1.7),
        (limiter_loss, {"flow": 2.0, "drop": 800.0, "steep": 7e4}, [3e-4, 0.4, 1.99], lambda m: 800.0 * (m / 2) ** 2),
        (limiter_loss, {"flow": 2.0, "drop": 800.0, "steep": 7e4}, [2.01, 3.0], lambda m: 800.0 + 7e4 * (m - 2.0)),
    ],
)  # fmt: skip
def test_losses_of_branches_are_odd_and_as_declared(law, given, flows, exact, sign):
    for m in flows:
        h, slope = law(_row(KINDS[law], **given), sign * m)
        assert h == pytest.approx(sign * exact(m), rel=1e-12)
        d = 1e-6 * m
        assert slope == pytest.approx((exact(m + d) - exact(m - d)) / (2 * d), rel=1e-6)


@pytest.mark.parametrize(
    ("law", "given", "edge"),
    [
        (quadratic_loss, {"linear": 3.0, "quadratic": 5.0, "small": 1e-3}, 1e-3),
        (power_loss, {"flow": 2.0, "drop": 800.0, "exponent": 1.7}, 2e-4),
        (limiter_loss, {"flow": 2.0, "drop": 800.0, "steep": 7e4}, 2e-4),
    ],
)
def test_losses_near_rest_meet_the_law_with_value_and_slope_and_rise_from_nothing(law, given, edge):
    """The only cubic m (a + b m²) with the value and slope of the law at the edge: half of it is a line."""
    part = _row(KINDS[law], **given)
    below, above = law(part, edge * (1 - 1e-9)), law(part, edge * (1 + 1e-9))
    assert below == pytest.approx(above, rel=1e-7)
    h, slope = above
    a, b = (3.0 * h / edge - slope) / 2.0, (slope - h / edge) / (2.0 * edge**2)
    for m in (0.3 * edge, -0.6 * edge):
        assert law(part, m) == pytest.approx((m * (a + b * m * m), a + 3.0 * b * m * m), rel=1e-6)
    assert law(part, 0.0)[0] == 0.0


FALLING = PumpCurve(0.01, 40.0 - 1e4 * (0.01 * np.arange(5.0)) ** 2, -2e4 * 0.01 * np.arange(5.0), 0.8, 0.9)  # to 24 m


@pytest.mark.parametrize("speed", [1.0, 0.5, 0.0])
@pytest.mark.parametrize("V", [-0.02, -2e-6, 0.04, 0.049, 0.0500012, 0.06])
def test_a_pump_beyond_its_curve_bends_as_a_parabola(V, speed):
    """H_0 − c V² with c = 16 m/(0.04 m³/s)² = 1e4; straight for a quarter more, then n² H_end + n s d − c e²."""
    pump, c, n = _row(PUMP, density=1000.0, speed=speed, check=0.0), 1e4, speed

    def square(e):  # e², gone over into a line below 4e-6 m³/s
        return e * abs(e) if abs(e) >= 4e-6 else 0.5 * e * (4e-6 + e * e / 4e-6)

    def head(v):
        if v < 0.0:
            return n * n * 40.0 - c * square(v)
        if v < n * 0.04:
            return n * n * 40.0 - c * v * v
        straight = n * n * 24.0 - n * 800.0 * (v - n * 0.04)
        return straight - c * square(v - n * 0.05) if v >= n * 0.05 else straight

    h, slope = curve_loss(pump, FALLING, 1000.0 * V)
    assert h == pytest.approx(-1000.0 * GRAVITY * head(V), rel=1e-9)
    d = 1e-8
    assert slope == pytest.approx(-GRAVITY * (head(V + d) - head(V - d)) / (2 * d), rel=1e-5, abs=1e-3)
    shut = _row(PUMP, density=1000.0, speed=speed, check=1e12)
    more = 1e12 * 1000.0 * V if V < 0.0 else 0.0
    assert curve_loss(shut, FALLING, 1000.0 * V)[0] == pytest.approx(h + more, rel=1e-9)


@pytest.mark.parametrize("friction", [0, 1])
@pytest.mark.parametrize("m", [0.002, -0.004, 0.012, 0.4, -0.4])
def test_pipe_loss_is_darcy_weisbach(friction, m):
    """(f L/D + K) of dynamic pressure, laminar and turbulent, either way; Re from 100 to 20 000."""
    pipe = _row(PIPE, friction=friction, table=-1, reynolds=5e4, roughness=1e-3, length=80.0, minor=2.5, dynamic=300.0)
    law = _swamee_jain if friction else _churchill
    rel = 1e-5 if friction else 1e-9

    def exact(size):
        return (law(5e4 * size, 1e-3) * 80.0 + 2.5) * 300.0 * size * size

    h, slope = pipe_loss(pipe, np.zeros((0, 1, 1)), m)
    assert h == pytest.approx(math.copysign(exact(abs(m)), m), rel=rel)
    assert slope == pytest.approx(_slope(exact, abs(m)) * exact(abs(m)) / abs(m), rel=1e-5)


@pytest.mark.parametrize(
    ("T", "table"),
    [(-60.0, 1.08), (-40.0, 12.84), (-20.0, 103.26), (-10.0, 259.87), (0.0, 611.2), (10.0, 1228.0), (30.0, 4246.7),
     (60.0, 19944.0), (90.0, 70140.0)],
)  # fmt: skip
def test_saturation_pressure_is_that_of_the_printed_table(T, table):
    """ASHRAE Fundamentals 2017, ch. 1, table 3 (over ice below 0 °C); its last digit bounds the difference."""
    assert saturation_pressure(T) == pytest.approx(table, rel=6e-4 if T > -50 else 5e-3)
    assert saturation(T)[0] == pytest.approx(saturation_pressure(T), rel=1e-9)


@pytest.mark.parametrize("T", [-75.3, -20.6, -0.4, 0.4, 35.7, 120.2])
def test_saturation_slopes_are_those_of_the_pressure(T):
    d = 1e-3
    slope = (saturation_pressure(T + d) - saturation_pressure(T - d)) / (2 * d)
    p = saturation_pressure(T)
    assert _saturation_slope(T, p) == pytest.approx(slope, rel=1e-7)
    assert saturation(T)[1] == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("p", [60e3, 101325.0])
@pytest.mark.parametrize(("T", "dh"), [(5.0, 40e3), (-20.0, 60e3), (30.0, -50e3), (60.0, 2e6), (80.0, -3e5)])
def test_saturated_air_after_a_change_has_the_enthalpy_that_was_added(T, dh, p):
    after, ok = saturated_after(T, dh, p)
    assert ok
    w = saturated_humidity_ratio(after, p)
    h = 1006.0 * after + w * (2.501e6 + 1860.0 * after)  # ASHRAE Fundamentals 2017, ch. 1, eq. 30
    w0 = saturated_humidity_ratio(T, p)
    assert h - 1006.0 * T - w0 * (2.501e6 + 1860.0 * T) == pytest.approx(dh, rel=1e-6, abs=1.0)
    assert saturated_enthalpy(after, p) == pytest.approx(h, rel=1e-12)


def counterflow(air, water, UA):
    return _counterflow(air, 1.0 / water, UA / air)


@pytest.mark.parametrize(("air", "water"), [(2e4, 5e4), (5e4, 2e4), (3e4, 3e4 * (1 + 1e-9)), (3e4, 3e4)])
@pytest.mark.parametrize("UA", [2e3, 4e4, 3e5])
def test_merkel_counterflow_is_effectiveness_times_the_least_rate_with_its_derivatives(air, water, UA):
    least, most = min(air, water), max(air, water)
    N, C = UA / least, least / most
    e = N / (1 + N) if C > 1 - 1e-6 else (1 - math.exp(-N * (1 - C))) / (1 - C * math.exp(-N * (1 - C)))
    found = counterflow(air, water, UA)
    assert pytest.approx(e * least, rel=1e-6) == found.K
    # Across equal streams the law is smooth, so a wide step tells the slope there as well as away from them.
    d = 1e-3
    by_air = (counterflow(air * math.exp(d), water, UA).K - counterflow(air * math.exp(-d), water, UA).K) / (2 * d)
    by_UA = (counterflow(air, water, UA * math.exp(d)).K - counterflow(air, water, UA * math.exp(-d)).K) / (2 * d)
    assert found.by_air == pytest.approx(by_air, rel=1e-5)
    assert found.by_UA == pytest.approx(by_UA, rel=1e-5)


@pytest.mark.parametrize(
    ("law", "bank", "Re", "across", "along", "by_hand"),
    [
        # Zukauskas: C, m by the line of the range, far from its joints; Pr = 5, so Pr^0.36 = 1.785
        (PinLaw.ZUKAUSKAS, Bank.IN_LINE, 300.0, 2.0, 1.5, 0.52 * 300**0.5 * 5**0.36),
        (PinLaw.ZUKAUSKAS, Bank.IN_LINE, 1e4, 2.0, 1.5, 0.27 * 1e4**0.63 * 5**0.36),
        (PinLaw.ZUKAUSKAS, Bank.STAGGERED, 200.0, 2.0, 1.5, 1.04 * 200**0.4 * 5**0.36),
        (PinLaw.ZUKAUSKAS, Bank.STAGGERED, 1e4, 2.0, 1.5, 0.35 * (4 / 3) ** 0.2 * 1e4**0.6 * 5**0.36),
        # Khan: C₁ √Re Pr^⅓, IJHMT 49 (2006), eqs. 21, 22
        (PinLaw.KHAN, Bank.IN_LINE, 400.0, 2.0, 1.5,
         (0.25 + math.exp(-0.55 * 1.5)) * 2**0.285 * 1.5**0.212 * 20 * 5 ** (1 / 3)),
        (PinLaw.KHAN, Bank.STAGGERED, 400.0, 2.0, 1.5,
         0.61 * 2**0.091 * 1.5**0.053 / (1 - 2 * math.exp(-1.09 * 1.5)) * 20 * 5 ** (1 / 3)),
    ],
)  # fmt: skip
def test_films_of_pins_by_the_printed_lines(law, bank, Re, across, along, by_hand):
    assert pin_nusselt(law, bank, Re, 5.0, across, along) == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize("bank", Bank)
@pytest.mark.parametrize("Re", [30.0, 3e4])
def test_films_of_pins_of_the_heat_atlas(bank, Re):
    """VDI G7, eqs. 1 to 15: plate of length π d/2 at the velocity over the void, laminar and turbulent."""
    a, b, Pr = 2.0, 1.5, 5.0
    psi = 1 - math.pi / (4 * a)
    w0 = Re * (a - 1) / a  # u of the empty channel over that in the gap is (a − 1)/a
    Re_l = w0 * (math.pi / 2) / psi
    lam = 0.664 * Re_l**0.5 * Pr ** (1 / 3)
    turb = 0.037 * Re_l**0.8 * Pr / (1 + 2.443 * Re_l**-0.1 * (Pr ** (2 / 3) - 1))
    f = 1 + 0.7 / psi**1.5 * (b / a - 0.3) / (b / a + 0.7) ** 2 if bank == Bank.IN_LINE else 1 + 2 / (3 * b)
    Nu_l = f * (0.3 + math.hypot(lam, turb))
    assert pin_nusselt(PinLaw.GNIELINSKI, bank, Re, Pr, a, b) == pytest.approx(Nu_l * 2 / math.pi, rel=1e-12)


@pytest.mark.parametrize("bank", Bank)
@pytest.mark.parametrize(("Re", "across", "along"), [(30.0, 2.0, 1.5), (2e3, 1.5, 2.0), (1e5, 2.0, 1.5)])
def test_friction_of_pins_of_the_heat_atlas(bank, Re, across, along):
    """VDI L1.4: ξ = ξ_lam + ξ_turb·F with the diagonal never the narrowest gap."""
    a, b = across, along
    lam = 280 * math.pi * ((b**0.5 - 0.6) ** 2 + 0.75) / ((4 * a * b - math.pi) * a**1.6) / Re
    if bank == Bank.IN_LINE:
        turb = ((0.22 + 1.2 * (1 - 0.94 / b) ** 0.6 / (a - 0.85) ** 1.3) * 10 ** (0.47 * (b / a - 1.5))
                + 0.03 * (a - 1) * (b - 1)) / Re ** (0.1 * b / a)  # fmt: skip
        F = 1 - math.exp(-(Re + 1000) / 2000)
    else:
        turb = (2.5 + 1.2 / (a - 0.85) ** 1.08 + 0.4 * (b / a - 1) ** 3 - 0.01 * (a / b - 1) ** 3) / Re**0.25
        F = 1 - math.exp(-(Re + 200) / 1000)
    for law in (PinLaw.ZUKAUSKAS, PinLaw.GNIELINSKI):
        assert pin_friction(law, bank, Re, a, b) == pytest.approx(lam + turb * F, rel=1e-12)


@pytest.mark.parametrize(("Re", "a", "b"), [(50.0, 2.0, 1.5), (800.0, 1.5, 2.0)])
def test_friction_of_pins_of_khan(Re, a, b):
    """J. Thermophys. Heat Transfer 21 (2007) 372, eqs. 11 to 14."""
    in_line = 1.009 * ((a - 1) / (b - 1)) ** (1.09 / Re**0.0553) * (0.233 + 45.78 / ((a - 1) ** 1.1 * Re))
    K1 = 1.175 * (b / a) / Re**0.3124 + 0.5 * Re**0.0807
    staggered = K1 * 378.6 / a ** (13.1 / a) / Re ** (0.68 / a**1.29)
    assert pin_friction(PinLaw.KHAN, Bank.IN_LINE, Re, a, b) == pytest.approx(in_line, rel=1e-12)
    assert pin_friction(PinLaw.KHAN, Bank.STAGGERED, Re, a, b) == pytest.approx(staggered, rel=1e-12)


@pytest.mark.parametrize("c", [0.25, 0.5, 1.0])
def test_faces_of_a_pipe_follow_their_schemes(c):
    """At Courant number 1 each is upwind; on a straight line second and third order give T + (1 − c)/2 of the step."""
    for scheme in Scheme:
        assert face(scheme, 3.0, 5.0, 4.0, c) == 5.0  # a crest is upwind
        line = face(scheme, 3.0, 5.0, 7.0, c)
        assert line == pytest.approx(5.0 if scheme == Scheme.UPWIND else 5.0 + (1.0 - c), rel=1e-12)
    falls = face(Scheme.MUSCL, 9.0, 5.0, 4.5, c)  # slopes −4 and −0.5: the limit is twice the lesser
    assert falls == pytest.approx(5.0 - 0.5 * (1.0 - c) * 1.0, rel=1e-12)
    even = face(Scheme.MUSCL, 9.0, 5.0, 2.0, c)  # the mean, 3.5, is the least
    assert even == pytest.approx(5.0 - 0.5 * (1.0 - c) * 3.5, rel=1e-12)
    third = face(Scheme.QUICKEST, 9.0, 5.0, 2.0, c)
    assert third == pytest.approx(3.5 - 0.5 * c * (2.0 - 5.0) - (1 - c * c) * (2.0 - 10.0 + 9.0) / 6.0, rel=1e-12)
    steep = face(Scheme.QUICKEST, 4.9, 5.0, 15.0, c)  # short of T_b + (T − T_b)/c
    assert steep == pytest.approx(min(15.0, 4.9 + 0.1 / c), rel=1e-12)


def test_the_exchange_of_coolant_and_wall_is_the_matrix_exponential():
    from scipy.linalg import expm

    pipe = PipeHeat(length=3.0, area=1e-3, fluid=4000.0, wall=900.0, loss=5.0)
    for film, step in ((800.0, 0.7), (0.0, 3.0), (3e4, 40.0)):
        M = np.array([[-film / 4000.0, film / 4000.0], [film / 900.0, -(film + 5.0) / 900.0]])
        np.testing.assert_allclose(np.reshape(exchange_matrix(pipe, film, step), (2, 2)), expm(M * step), atol=1e-12)
    bare = pipe._replace(wall=0.0)
    assert exchange_matrix(bare, 20.0, 100.0)[0] == pytest.approx(math.exp(-20.0 * 5.0 / 25.0 * 100.0 / 4000.0))
    assert exchange_matrix(bare._replace(loss=0.0), 0.0, 100.0) == (1.0, 0.0, 0.0, 1.0)


def test_dispersion_and_films_of_pipes():
    """Taylor's 10.1 a u*; a spike spreads as the three-point rule says, and no heat is lost at the ends."""
    assert taylor_dispersion(0.02, -3.0, 0.02) == pytest.approx(10.1 * 0.02 * 3.0 * 0.05)
    T = np.array([0.0, 0.0, 8.0, 0.0])
    _disperse(T, 0.25)
    assert T.tolist() == [0.0, 2.0, 4.0, 2.0]
    _disperse(T, 0.8)  # in two parts of 0.4
    assert T.sum() == pytest.approx(8.0)
    step = np.array([[0.6, 0.4, 0, 0], [0.4, 0.2, 0.4, 0], [0, 0.4, 0.2, 0.4], [0, 0, 0.4, 0.6]])
    np.testing.assert_allclose(T, step @ step @ [0.0, 2.0, 4.0, 2.0])
    # Gnielinski with f = (1.8 log10 Re − 1.5)^-2 at Re 4000, Pr 5: 35.1; a line from 3.66 in between
    f = (1.8 * math.log10(4000.0) - 1.5) ** -2
    full = f / 8 * 3000.0 * 5.0 / (1 + 12.7 * (f / 8) ** 0.5 * (5.0 ** (2 / 3) - 1))
    assert round_nusselt(2300.0, 5.0) == 3.66
    assert round_nusselt(4000.0, 5.0) == pytest.approx(full, rel=0.03)
    assert round_nusselt(3150.0, 5.0) == pytest.approx(0.5 * (3.66 + round_nusselt(4000.0, 5.0)))
