"""A pool that boils: laws against `ht` and against worked examples, and what a boiling curve must do."""

import math

import ht
import numpy as np
import pytest

from thermal.components.refrigerant import Refrigerant
from thermal.errors import InputError
from thermal.physics.convection.pool_boiling import (
    Pool,
    gorenflo,
    kandlikar,
    lienhard_dhir,
    rohsenow,
    stephan_abdelsalam,
)
from thermal.physics.media.two_phase import saturation
from thermal.plate import pool_boiling

ORACLE = 1e-6
POOL = {"area": 1e-3, "pressure": 101325.0}


@pytest.fixture(scope="module")
def water():
    return Refrigerant(fluid="Water", T_low=5, T_high=150)


@pytest.fixture(scope="module")
def r134a():
    return Refrigerant(fluid="R134a", T_low=-20, T_high=80)


@pytest.mark.parametrize("T", [10.0, 60.0, 100.0])
@pytest.mark.parametrize("q", [1e4, 5e5])
def test_laws_are_those_of_ht(water, T, q):
    s = saturation(water.table, T)
    liquid = {"rhol": s.rho_f, "rhog": s.rho_g, "mul": s.mu_f, "kl": s.k_f, "Cpl": s.cp_f, "Hvap": s.h_fg,
              "sigma": s.sigma, "q": q}  # fmt: skip
    assert rohsenow(s, q, 0.0128, 1.0) == pytest.approx(ht.Rohsenow(**liquid, Csf=0.0128, n=1.0), rel=ORACLE)
    theirs = ht.Stephan_Abdelsalam(**liquid, Tsat=T + 273.15, correlation="general")
    assert stephan_abdelsalam(s, q) == pytest.approx(theirs, rel=ORACLE)
    theirs = ht.Gorenflo(P=s.pressure, Pc=water.table.p_critical, q=q, CASRN="7732-18-5", Ra=1e-6)
    # 2/15 in the source, 0.133 there
    assert gorenflo(q, s.pressure / water.table.p_critical, 5600.0, 1.0, True) == pytest.approx(theirs, rel=1e-3)


def test_gorenflo_of_a_refrigerant(r134a):
    theirs = ht.Gorenflo(P=5e5, Pc=r134a.table.p_critical, q=3e4, h0=4500.0, Ra=0.4e-6)
    assert gorenflo(3e4, 5e5 / r134a.table.p_critical, 4500.0, 0.4, False) == pytest.approx(theirs, rel=ORACLE)


def test_a_pan_of_water_on_polished_copper(water):
    """Incropera and DeWitt, example 10.1: 118 °C, 836 kW/m², critical flux 1.26 MW/m²; its Pr is 1.76, ours 1.75."""
    run = pool_boiling(water, **POOL, heat=836.0, surface=0.0128, film=Pool.ROHSENOW)
    assert float(run.T_wall) == pytest.approx(118.0, abs=0.2)
    assert lienhard_dhir(saturation(water.table, 100.0)) == pytest.approx(1.26e6, rel=0.005)
    assert float(run.margin_critical) == pytest.approx(1.26e6 / 836e3, rel=0.005)
    assert float(run.critical_flux_low) == pytest.approx(0.12 / 0.149 * 1.26e6, rel=0.005)
    assert float(run.critical_flux_high) == pytest.approx(0.18 / 0.149 * 1.26e6, rel=0.005)


def test_critical_flux_by_contact_angle(water):
    """Kandlikar by hand for water at 1 atm: facing up at 45°, and never more on a surface that repels or stands."""
    s = saturation(water.table, 100.0)
    wet = 1 + math.cos(math.pi / 4)
    common = s.h_fg * s.rho_g**0.5 * (s.sigma * 9.80665 * (s.rho_f - s.rho_g)) ** 0.25
    by_hand = wet / 16 * (2 / math.pi + math.pi / 4 * wet) ** 0.5 * common
    assert kandlikar(s, math.pi / 4, 0.0) == pytest.approx(by_hand, rel=1e-12)
    angles = [kandlikar(s, math.radians(b), 0.0) for b in (20, 45, 70, 110)]
    assert angles == sorted(angles, reverse=True)
    assert kandlikar(s, 0.8, 1.0) < kandlikar(s, 0.8, 0.0)


def test_the_curve_begins_at_the_bath_and_never_falls(water):
    run = pool_boiling(water, **POOL, heat=np.r_[0.0, np.geomspace(1e-6, 1200.0, 60)], T_bath=80.0)
    assert float(run.T_wall[0]) == 80.0
    for name in ("T_wall", "T_wall_low", "T_wall_high"):
        assert (np.diff(run[name]) >= 0).all()
    assert not bool(run.boils[1])
    assert bool(run.boils[-1])
    assert (run.T_wall_low <= run.T_wall).all()
    assert (run.T_wall <= run.T_wall_high).all()
    assert float(abs(run.energy_residual).max()) < 1e-9


def test_past_the_critical_flux_there_is_no_wall(water):
    run = pool_boiling(water, **POOL, heat=[1200.0, 1300.0])
    assert run.burns_out.values.tolist() == [False, True]
    assert np.isfinite(run.T_wall[0])
    assert np.isnan(run.T_wall[1])
    assert float(run.margin_critical[1]) < 1.0


def test_liquid_above_the_surface_raises_boiling_most_at_low_pressure(water):
    """0.1 m of water is 980 Pa: steam tables have 17.50 °C at 2 kPa and 24.08 °C at 3 kPa with 0.0057 K/Pa there."""
    low = pool_boiling(water, area=1e-3, heat=50.0, pressure=2000.0, depth=0.1)
    flat = pool_boiling(water, area=1e-3, heat=50.0, pressure=2000.0)
    assert float(flat.T_saturation) == pytest.approx(17.5, abs=0.05)
    assert float(low.subcooling) == pytest.approx(24.08 - 21 * 0.0057 - 17.50, abs=0.02)
    at_sea = pool_boiling(water, **POOL, heat=50.0, depth=0.1)  # 958 kg/m³, and 3617 Pa/K at 100 °C
    assert float(at_sea.subcooling) == pytest.approx(958 * 9.80665 * 0.1 / 3617, rel=0.01)
    assert float(low.outside_film) == 1.0  # Cooper's law ends at p_R 0.001, 22 kPa
    assert float(low.T_wall_high - low.T_wall_low) > 3.0


def test_subcooling_and_structure_raise_the_critical_flux(water):
    plain = pool_boiling(water, **POOL, heat=500.0)
    cold = pool_boiling(water, **POOL, heat=500.0, T_bath=60.0)
    better = pool_boiling(water, **POOL, heat=500.0, film_factor=3.0, critical_factor=2.0)
    s = saturation(water.table, 100.0)
    by_hand = 1 + 0.065 * (s.rho_f / s.rho_g) ** 0.8 * s.cp_f * 40.0 / s.h_fg
    assert float(cold.critical_flux / plain.critical_flux) == pytest.approx(by_hand, rel=1e-3)
    assert float(better.critical_flux / plain.critical_flux) == pytest.approx(2.0)
    assert float(better.film / plain.film) == pytest.approx(3.0)
    assert float(better.T_wall - 99.97) == pytest.approx(float(plain.T_wall - 99.97) / 3, rel=1e-3)


def test_a_fluid_without_reference_film_says_so():
    fluid = Refrigerant(fluid="R245fa", T_low=0, T_high=100)
    run = pool_boiling(fluid, area=1e-3, heat=20.0, pressure=2e5, film=Pool.GORENFLO)
    assert np.isnan(run.film)
    assert float(run.outside_film) == 1.0
    assert np.isfinite(run.film_low)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"T_bath": 120.0}, "T_bath = 120"),
        ({"pressure": 10.0}, "outside the table of Water"),
        ({"heat": float("nan")}, "heat"),
        ({"heat": -1.0}, "heat"),
        ({"area": 0.0}, "area"),
        ({"contact_angle": 150.0}, "contact_angle"),
        ({"tilt": 120.0}, "tilt"),
        ({"film": "cooper?"}, "film"),
    ],
)
def test_what_cannot_be_is_refused_by_name(water, change, says):
    with pytest.raises(InputError, match=says):
        pool_boiling(water, **(POOL | {"heat": 50.0} | change))


@pytest.mark.parametrize("law", Pool)
def test_each_law_is_reached_and_makes_its_own_wall(water, law):
    """By hand at 100 kW/m² and 1 atm: Cooper 55 p_R^0.12 (−log p_R)^−0.55 M^−0.5 q^0.67, others by their kernels."""
    run = pool_boiling(water, **POOL, heat=100.0, film=law)
    s = saturation(water.table, float(run.T_saturation))
    p_R, M = s.pressure / water.table.p_critical, water.table.molar_mass
    own = {
        Pool.COOPER: 55 * p_R**0.12 * (-math.log10(p_R)) ** -0.55 * M**-0.5 * 1e5**0.67,
        Pool.ROHSENOW: rohsenow(s, 1e5, 0.013, 1.0),
        Pool.STEPHAN_ABDELSALAM: stephan_abdelsalam(s, 1e5),
        Pool.GORENFLO: gorenflo(1e5, p_R, 5600.0, 1.0, True),
    }
    assert float(run.film) == pytest.approx(own[law], rel=1e-9)
    assert float(run.film_low) == pytest.approx(min(own.values()), rel=1e-9)
    assert float(run.T_wall) == pytest.approx(s.T + 1e5 / own[law], rel=1e-9)
