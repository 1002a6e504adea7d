"""Laws of boiling against tabulated check points, and against the same laws in `ht` and `fluids`."""

import math

import fluids.two_phase
import ht
import numpy as np
import pytest
from CoolProp.CoolProp import PropsSI
from fluids.two_phase_voidage import Zivi

from thermal.components.refrigerant import Refrigerant
from thermal.errors import InputError
from thermal.physics.convection.critical_flux import (
    Critical,
    critical_flux,
    hall_mudawar,
    katto_ohno,
    qu_mudawar,
    wojtan,
    zuber,
)
from thermal.physics.convection.flow_boiling import (
    Boiling,
    Film,
    bertsch,
    cooper,
    dryout_quality,
    film,
    kim_mudawar,
    li_wu,
    liu_winterton,
    sun_mishima,
)
from thermal.physics.convection.two_phase_drop import Drop, friction_gradient, momentum_flux, zivi
from thermal.physics.media.two_phase import (
    Saturation,
    TwoPhaseTable,
    enthalpy_temperature,
    pressure_temperature,
    saturation,
)

ORACLE = 1e-6
DIGITS = 5e-5  # relative: four digits


def state(fluid: str, T: float) -> tuple[Saturation, float, float]:
    """Saturation from the source itself; critical pressure and molar mass."""

    def of(what: str, quality: float) -> float:
        return PropsSI(what, "T", T + 273.15, "Q", quality, fluid)

    two = [value for what in ("V", "L", "C") for value in (of(what, 0), of(what, 1))]
    h_f = of("H", 0)
    found = Saturation(T, of("P", 0), of("D", 0), of("D", 1), h_f, of("H", 1) - h_f, *two, of("I", 0))
    return found, PropsSI("PCRIT", fluid), PropsSI("M", fluid) * 1e3


def boiling(fluid: str, T: float, **changes: float) -> tuple[Saturation, Boiling]:
    s, p_critical, molar_mass = state(fluid, T)
    usual = Boiling(600.0, 5e-4, 2e5, 0.3, 0.75, 0.03, p_critical, molar_mass)
    return s, usual._replace(**changes)


WATER = {"G": 300.0, "D": 0.349e-3, "x": 0.1, "q": 1e6, "share": 0.878}
POINTS = {
    "R134a": (30.0, {}, 26017.0, 0.3549),
    "R1234ze(E)": (45.0, {}, 31166.0, 0.3431),
    "R245fa": (45.0, {}, 15900.0, 0.2881),
    "Water": (103.85, WATER, 41407.0, 0.54),
}


@pytest.mark.parametrize("fluid", POINTS)
def test_kim_and_mudawar_at_the_check_points(fluid):
    T, changes, h, x = POINTS[fluid]
    s, at = boiling(fluid, T, **changes)
    assert math.hypot(*kim_mudawar(s, at)) == pytest.approx(h, rel=DIGITS)
    assert film(Film.KIM_MUDAWAR, s, at) == math.hypot(*kim_mudawar(s, at))
    last = 0.005 if fluid == "Water" else 5e-5  # half of the last digit that is printed
    assert dryout_quality(s, at) == pytest.approx(x, abs=last)


def test_both_parts_of_kim_and_mudawar():
    assert kim_mudawar(*boiling("R134a", 30.0)) == pytest.approx((25393.0, 5666.0), rel=DIGITS)


@pytest.mark.parametrize(
    ("fluid", "T", "pool", "critical", "gradient"),
    [
        ("R134a", 30.0, 19007.0, 57.66e4, 125.3e3),
        ("R1234ze(E)", 45.0, 20154.0, 52.41e4, 105.0e3),
        ("R245fa", 45.0, 11911.0, None, None),
    ],
)
def test_pool_and_pressure_drop_at_the_check_points(fluid, T, pool, critical, gradient):
    s, at = boiling(fluid, T)
    assert cooper(at.q, s.pressure / at.p_critical, at.molar_mass, 1.0) == pytest.approx(pool, rel=DIGITS)
    if critical is not None:
        assert zuber(s) == pytest.approx(critical, rel=1e-4)
        assert friction_gradient(Drop.KIM_MUDAWAR, s, at.G, at.D, at.x, 0.0) == pytest.approx(gradient, rel=4e-4)


def test_sun_mishima_and_li_wu_at_their_check_points():
    s, at = boiling("R134a", 30.0)
    assert sun_mishima(s, at) == pytest.approx(26414.0, rel=DIGITS)
    assert li_wu(s, at) == pytest.approx(15174.0, rel=DIGITS)


def test_liu_and_winterton_where_its_check_point_lies():
    """11 146 is the law at the superheat of Kim and Mudawar's film, 7.687 K, not at 20 W/cm², where it is 17 439."""
    s, at = boiling("R134a", 30.0)
    superheat = at.q / math.hypot(*kim_mudawar(s, at))
    pool = ht.Cooper(s.pressure, at.p_critical, at.molar_mass, Te=superheat)
    assert liu_winterton(s, at, pool) == pytest.approx(11146.0, rel=DIGITS)
    assert film(Film.LIU_WINTERTON, s, at) == pytest.approx(17439.0, rel=DIGITS)


@pytest.mark.parametrize("fluid", POINTS)
@pytest.mark.parametrize("x", [1e-3, 0.1, 0.5, 0.95])
@pytest.mark.parametrize("G", [60.0, 500.0, 1600.0])
def test_laws_agree_with_those_of_others(fluid, x, G):
    s, at = boiling(fluid, POINTS[fluid][0], x=x, G=G, D=1e-3)
    m = G * math.pi / 4 * at.D**2
    common = {"m": m, "x": x, "D": at.D, "rhol": s.rho_f, "rhog": s.rho_g, "mul": s.mu_f}
    theirs = ht.Cooper(s.pressure, at.p_critical, at.molar_mass, q=at.q)
    assert cooper(at.q, s.pressure / at.p_critical, at.molar_mass, 1.0) == pytest.approx(theirs, rel=ORACLE)
    theirs = ht.Liu_Winterton(**common, kl=s.k_f, Cpl=s.cp_f, P=s.pressure, Pc=at.p_critical, MW=at.molar_mass, Te=9.0)
    pool = ht.Cooper(s.pressure, at.p_critical, at.molar_mass, Te=9.0)
    assert liu_winterton(s, at, pool) == pytest.approx(theirs, rel=ORACLE)
    theirs = ht.Li_Wu(**common, kl=s.k_f, Hvap=s.h_fg, sigma=s.sigma, q=at.q)
    assert li_wu(s, at) == pytest.approx(theirs, rel=ORACLE)
    del common["x"]
    theirs = ht.Sun_Mishima(**common, kl=s.k_f, Hvap=s.h_fg, sigma=s.sigma, q=at.q)
    assert sun_mishima(s, at) == pytest.approx(theirs, rel=ORACLE)
    assert zuber(s) == pytest.approx(ht.Zuber(s.sigma, s.h_fg, s.rho_f, s.rho_g), rel=ORACLE)
    assert zivi(x, s.rho_f, s.rho_g) == pytest.approx(Zivi(x, s.rho_f, s.rho_g), rel=ORACLE)
    theirs = fluids.two_phase.Kim_Mudawar(x=x, mug=s.mu_g, sigma=s.sigma, **common)
    assert friction_gradient(Drop.KIM_MUDAWAR, s, G, at.D, x, 0.0) == pytest.approx(theirs, rel=ORACLE)


def test_muller_heck_agrees_where_both_phases_are_laminar():
    s, _, _ = state("Water", 103.85)
    G, D, x = 20.0, 2e-4, 0.3
    assert G * D / s.mu_g < 1187  # from there on the friction factors differ by design
    m = G * math.pi / 4 * D**2
    theirs = fluids.two_phase.Muller_Steinhagen_Heck(m, x, s.rho_f, s.rho_g, s.mu_f, s.mu_g, D)
    assert friction_gradient(Drop.MULLER_HECK, s, G, D, x, 0.0) == pytest.approx(theirs, rel=ORACLE)


@pytest.mark.parametrize("law", Drop)
def test_friction_ends_in_the_single_phases(law):
    s, at = boiling("R134a", 30.0)
    liquid, vapour = (friction_gradient(law, s, at.G, at.D, x, 0.0) for x in (0.0, 1.0))
    assert liquid == pytest.approx(64 * s.mu_f / (at.G * at.D) * at.G**2 / (2 * at.D * s.rho_f), rel=0.5)
    assert liquid < vapour
    assert friction_gradient(law, s, at.G, at.D, 1e-12, 0.0) == pytest.approx(liquid, rel=1e-3)
    assert friction_gradient(law, s, at.G, at.D, -0.2, 0.0) == liquid


def test_boiling_raises_friction_as_its_source_says():
    s, at = boiling("R134a", 30.0)
    Bo, We = at.q * at.share / (at.G * s.h_fg), at.G**2 * at.D / (s.rho_f * s.sigma)
    plain, raised = (friction_gradient(law, s, at.G, at.D, 0.3, Bo) for law in (Drop.KIM_MUDAWAR, 1))
    a = 64 / (at.G * 0.7 * at.D / s.mu_f) * (at.G * 0.7) ** 2 / (2 * at.D * s.rho_f)
    b = 0.316 * (at.G * 0.3 * at.D / s.mu_g) ** -0.25 * (at.G * 0.3) ** 2 / (2 * at.D * s.rho_g)
    assert (raised - a - b) / (plain - a - b) == pytest.approx(1 + 530 * We**0.52 * Bo**1.09, rel=1e-9)


def test_momentum_of_the_separated_flow():
    """Homogeneous flow at x = 0.5 of equal densities is G²/ρ; at unequal ones Zivi's slip (ρ_f/ρ_g)^⅓ makes it less."""
    assert momentum_flux(0.5, 10.0, 10.0, 7.0) == pytest.approx(4.9)
    x, rho_f, rho_g, G = 0.2, 1187.0, 37.0, 600.0
    slip = (rho_f / rho_g) ** (1 / 3)
    by_hand = G**2 * (x / rho_g + slip * (1 - x) / rho_f) * (x + (1 - x) / slip)
    assert momentum_flux(x, rho_f, rho_g, G) == pytest.approx(by_hand, rel=1e-12)


def test_bertsch_ends_in_vapour():
    s, at = boiling("R134a", 30.0, x=1.0)
    gz = at.D / at.length * at.G * at.D / s.mu_g * s.mu_g * s.cp_g / s.k_g
    nusselt = 3.66 + 0.0668 * gz / (1 + 0.04 * gz ** (2 / 3))
    assert bertsch(s, at, 1e9) == pytest.approx(nusselt * s.k_g / at.D, rel=1e-12)


@pytest.mark.parametrize("law", Film)
def test_no_film_without_liquid(law):
    assert math.isnan(film(law, *boiling("R134a", 30.0, x=1.0)))
    assert film(law, *boiling("R134a", 30.0, x=0.0)) > 0


def test_critical_flux_by_hand():
    """R134a at 30 °C, G 600, D 1 mm, L 0.1 m: w = σ ρ_f / (G² L) and the regimes written out."""
    s, _, _ = state("R134a", 30.0)
    G, D, L = 600.0, 1e-3, 0.1
    w, r, thin = s.sigma * s.rho_f / (G**2 * L), L / D, s.rho_g / s.rho_f
    first = (0.25 + 0.0009 * 50) * w**0.043 / r
    second = 0.10 * thin**0.133 * w ** (1 / 3) / (1 + 0.0031 * r)
    third = 0.098 * thin**0.133 * w**0.433 * r**0.27 / (1 + 0.0031 * r)
    whole = G * s.h_fg * (first if first < second else min(second, third))
    assert katto_ohno(s, G, D, L, 0.0) == pytest.approx(whole, rel=1e-12)
    for length in (0.1, 0.002):  # K_1 where the tube is long, K_2 where it is short
        light, slender = s.sigma * s.rho_f / (G**2 * length), length / D
        K1 = 1.043 / (4 * (0.25 + 0.0009 * min(max(slender - 50, 0), 100)) * light**0.043)
        K2 = 5 / 6 * (0.0124 + 1 / slender) / (thin**0.133 * light ** (1 / 3))
        assert (K1 > K2) == (length == 0.1)
        for x in (-0.1, -0.3):
            grown = katto_ohno(s, G, D, length, x) / katto_ohno(s, G, D, length, 0.0)
            assert grown == pytest.approx(1 - max(K1, K2) * x, rel=1e-12)
    assert wojtan(s, G, D, L) == pytest.approx(0.437 * thin**0.073 * w**0.24 * r**-0.72 * G * s.h_fg, rel=1e-12)
    assert math.isnan(qu_mudawar(s, G, D, L))
    water, _, _ = state("Water", 104.0)
    assert 0.2 < qu_mudawar(water, 100.0, 0.4e-3, 0.0448) / katto_ohno(water, 100.0, 0.4e-3, 0.0448, 0.0) < 5


def test_subcooled_critical_flux_closes_its_heat_balance():
    s, _, _ = state("Water", 180.0)
    G, D, L, x_in = 5000.0, 2e-3, 0.02, -0.25
    q = hall_mudawar(s, G, D, L, x_in)
    x_out = x_in + 4 * q * L / (D * G * s.h_fg)
    ratio = s.rho_f / s.rho_g
    Bo = 0.0722 * (G**2 * D / (s.rho_f * s.sigma)) ** -0.312 * ratio**-0.644 * (1 - 0.9 * ratio**0.724 * x_out)
    assert q == pytest.approx(Bo * G * s.h_fg, rel=1e-12)
    assert x_out < 0
    assert critical_flux(Critical.HALL_MUDAWAR, s, G, D, L, x_in) == q
    assert math.isnan(critical_flux(Critical.KATTO_OHNO, s, G, D, L, x_in)) == (
        x_in + 4 * katto_ohno(s, G, D, L, x_in) * L / (D * G * s.h_fg) <= 0
    )


@pytest.fixture(scope="module")
def r134a() -> TwoPhaseTable:
    return Refrigerant(fluid="R134a", T_low=-20, T_high=80).table


@pytest.mark.parametrize("T", [-20.0, -3.7, 30.0, 61.3, 80.0])
def test_table_is_its_source(r134a, T):
    s, p_critical, molar_mass = state("R134a", T)
    np.testing.assert_allclose(saturation(r134a, T), s, rtol=1e-7)
    assert (r134a.p_critical, r134a.molar_mass) == pytest.approx((p_critical, molar_mass))
    assert pressure_temperature(r134a, s.pressure) == pytest.approx(T, abs=1e-8)
    assert enthalpy_temperature(r134a, s.h_f) == pytest.approx(T, abs=1e-8)


def test_nothing_outside_the_table(r134a):
    assert math.isnan(saturation(r134a, 81.0).rho_f)
    assert math.isnan(pressure_temperature(r134a, 1e4))
    assert math.isnan(enthalpy_temperature(r134a, r134a.h_high * 1.1))


def test_water_and_r515b_have_tables():
    water = Refrigerant(fluid="Water", T_low=10, T_high=180)
    assert water.pressure(100.0) == pytest.approx(101418.0, rel=1e-4)  # IAPWS-95
    blend = Refrigerant(fluid="R515B", T_low=0, T_high=80)
    pure = Refrigerant(fluid="R1234ze(E)", T_low=0, T_high=80)
    assert blend.pressure(25.0) == pytest.approx(pure.pressure(25.0), rel=0.01)  # an azeotrope, near its main component
    assert blend.table.molar_mass == pytest.approx(117.5, rel=1e-3)  # ASHRAE 34
    gap = saturation(blend.table, 25.0).rho_f - saturation(pure.table, 25.0).rho_f
    assert 10 < gap < 40


@pytest.mark.parametrize("fluid", ["R1233zd(E)", "Novec649", "R1336mzz(E)"])
def test_fluid_without_transport_data_is_refused_by_name(fluid):
    with pytest.raises(InputError, match="has no viscosity in CoolProp") as refused:
        Refrigerant(fluid=fluid, T_low=0, T_high=80)
    assert fluid in str(refused.value)


@pytest.mark.parametrize(
    ("fluid", "T_low", "T_high", "named"),
    [("unobtainium", 0, 80, "unobtainium"), ("R134a", 0, 100, "critical"), ("Water", -10, 80, "triple")],
)
def test_refrigerant_that_cannot_be(fluid, T_low, T_high, named):
    with pytest.raises(InputError, match=named):
        Refrigerant(fluid=fluid, T_low=T_low, T_high=T_high)
