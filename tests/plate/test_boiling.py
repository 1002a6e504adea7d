"""Boiling channels: limits without heat and without vapour, energy, refinement, bands, flags and refusals."""

import math

import numpy as np
import pytest

from thermal.components.refrigerant import Refrigerant
from thermal.errors import InputError
from thermal.physics.convection.channel import ChannelShape, Entry, local_nusselt
from thermal.physics.convection.critical_flux import Critical
from thermal.physics.convection.flow_boiling import Film
from thermal.physics.convection.two_phase_drop import Drop, momentum_flux, zivi
from thermal.physics.media.two_phase import saturation
from thermal.plate.boiling import flow_boiling

pytestmark = pytest.mark.compiled
CHANNELS = {"width": 5e-4, "depth": 5e-4, "length": 0.03, "channels": 30}
STATE = {"mass_flow": 4.5e-3, "T_in": 25.0, "pressure": 7.7e5}
CLOSED = 1e-10  # of the heat


@pytest.fixture(scope="module")
def fluid():
    return Refrigerant(fluid="R134a", T_low=0, T_high=80)


@pytest.fixture(scope="module")
def water():
    return Refrigerant(fluid="Water", T_low=10, T_high=160)


def run(fluid, **changes):
    return flow_boiling(fluid, **{**CHANNELS, **STATE, "heat": 200.0, **changes})


def test_no_heat_is_the_liquid_alone(fluid):
    cold = run(fluid, heat=0.0)
    s = saturation(fluid.table, 25.0)
    Re = 600.0 * 5e-4 / s.mu_f
    assert float(cold.pressure_drop) == pytest.approx(64 / Re * 600.0**2 / (2 * s.rho_f) * 0.03 / 5e-4, rel=1e-9)
    assert float(cold.T_out) == pytest.approx(25.0, abs=1e-9)
    np.testing.assert_allclose(cold.T_wall, 25.0, atol=1e-9)
    shape = ChannelShape(5e-4, 5e-4, 3, Entry.SIMULTANEOUS)
    single = local_nusselt(shape, Re, s.mu_f * s.cp_f / s.k_f, float(cold.y[-1])) * s.k_f / 5e-4
    assert float(cold.film[-1]) == pytest.approx(single, rel=1e-9)
    assert float(cold.film_low[-1]) == float(cold.film_high[-1]) == float(cold.film[-1])
    assert math.isinf(float(cold.margin_critical))
    assert not (cold.ledinegg | cold.chokes | cold.dries_out.any())


@pytest.mark.parametrize("law", Film)
def test_little_heat_tends_to_none(fluid, law):
    none, little = run(fluid, heat=0.0, film=law), run(fluid, heat=1e-6, film=law)
    np.testing.assert_allclose(little.film, none.film, rtol=1e-6)
    np.testing.assert_allclose(little.T_wall, none.T_wall, atol=1e-6)


@pytest.mark.parametrize("law", Film)
@pytest.mark.parametrize("heat", [120.0, 250.0])
def test_wall_has_no_jump_where_boiling_begins(fluid, law, heat):
    """The largest step of the wall between cells shrinks with the cells."""
    coarse, fine = (
        np.abs(np.diff(run(fluid, heat=heat, film=law, cells=n).T_wall.values[n // 5 :])).max() for n in (100, 800)
    )
    assert fine < 0.3 * coarse


def test_zero_quality_is_reached_without_a_jump(fluid):
    s = saturation(fluid.table, 30.0)
    nearly, at_all = (momentum_flux(x, s.rho_f, s.rho_g, 600.0) for x in (0.0, 1e-9))
    assert at_all == pytest.approx(nearly, rel=1e-3)
    assert zivi(1e-9, s.rho_f, s.rho_g) < 1e-6
    for name in ("T_coolant", "pressure_channel", "quality", "T_wall"):
        coarse, fine = (
            np.abs(np.diff(run(fluid, T_in=29.0, heat=60.0, cells=n)[name].values[n // 5 :])).max() for n in (100, 800)
        )
        assert fine < 0.3 * coarse, name


@pytest.mark.parametrize("heat", [0.0, 1.0, 200.0, 500.0, 900.0])
@pytest.mark.parametrize("law", Drop)
def test_energy_closes(fluid, heat, law):
    hot = run(fluid, heat=heat, drop=law)
    if not hot.chokes:
        assert abs(float(hot.energy_residual)) <= CLOSED * max(heat, 1.0)


@pytest.mark.parametrize("law", Drop)
def test_pressure_drop_adds_up_and_holds_on_other_cells(fluid, law):
    """Kim and Mudawar's law jumps between its regimes, so that no order of convergence is asked for."""
    limit = float(run(fluid, cells=1600, drop=law).pressure_drop)
    for n in (100, 200):
        at = run(fluid, cells=n, drop=law)
        parts = float(at.pressure_drop_friction) + float(at.pressure_drop_momentum)
        assert float(at.pressure_drop) == pytest.approx(parts, rel=1e-12)
        assert float(at.pressure_drop) == pytest.approx(limit, rel=2e-4)


def test_saturation_falls_with_the_pressure(fluid):
    wet = run(fluid, T_in=29.9, heat=300.0, mass_flow=9e-3)
    assert np.all(np.diff(wet.T_saturation) <= 0)
    assert np.all(np.diff(wet.pressure_channel) < 0)
    for T, p in zip(wet.T_saturation.values, wet.pressure_channel.values, strict=True):
        assert fluid.pressure(T) == pytest.approx(p, rel=1e-8)


def test_quality_by_hand(fluid):
    """Heat balance: 200 W into 4.5 g/s of 25 °C; the drop of pressure moves the outlet's saturation by 0.12 K."""
    hot = run(fluid)
    s, cold = saturation(fluid.table, float(hot.T_out)), saturation(fluid.table, 25.0)
    assert float(hot.quality_out) == pytest.approx((cold.h_f + 200.0 / 4.5e-3 - s.h_f) / s.h_fg, rel=1e-9)


def test_band_holds_every_law(fluid):
    laws = {law: run(fluid, film=law) for law in Film}
    for at in laws.values():
        assert np.all(at.film_low <= at.film)
        assert np.all(at.film <= at.film_high)
        assert np.all((at.T_wall_low <= at.T_wall) & (at.T_wall <= at.T_wall_high))
    end = {law: float(at.film[-1]) for law, at in laws.items()}
    assert (min(end.values()), max(end.values())) == (float(at.film_low[-1]), float(at.film_high[-1]))
    assert max(end.values()) > 1.3 * min(end.values())
    drops = {law: run(fluid, drop=law) for law in Drop}
    values = [float(at.pressure_drop) for at in drops.values()]
    assert all(float(at.pressure_drop_low) == min(values) for at in drops.values())
    assert all(float(at.pressure_drop_high) == max(values) for at in drops.values())
    limits = [float(run(fluid, critical=law).critical_flux) for law in Critical]
    assert np.isnan(limits[Critical.HALL_MUDAWAR])  # it leaves as a mixture
    assert float(at.critical_flux_low) == np.nanmin(limits) < np.nanmax(limits) == float(at.critical_flux_high)


@pytest.mark.parametrize("changes", [{"heat": 500.0}, {"heat": 40.0, "mass_flow": 1.5e-4, "length": 0.6}])
def test_no_film_past_dry_out(fluid, changes):
    """The second is heated so gently that the law of dry-out would let all liquid evaporate first."""
    dry = run(fluid, **changes)
    assert bool(dry.dries_out.any())
    np.testing.assert_array_equal(dry.dries_out, dry.margin_dryout < 0)
    for name in ("film", "film_low", "film_high", "T_wall", "T_wall_low", "T_wall_high"):
        np.testing.assert_array_equal(np.isnan(dry[name]), dry.dries_out, name)


def test_uneven_heat_goes_where_it_is_given(fluid):
    even, late = run(fluid, heat=[100.0, 100.0]), run(fluid, heat=[0.0, 200.0])
    assert float(even.quality_out) == pytest.approx(float(run(fluid).quality_out), rel=1e-12)
    assert float(late.quality_out) == pytest.approx(float(even.quality_out), rel=1e-3)
    assert float(late.margin_critical) == pytest.approx(float(even.margin_critical) / 2, rel=1e-12)
    np.testing.assert_allclose(late.T_wall[:50], 25.0, atol=1e-9)
    assert float((late.flux * 30 * 1.5e-3 * 0.03 / 100).sum()) == pytest.approx(200.0, rel=1e-12)


def test_channels_are_parallel(fluid):
    one = run(fluid, channels=1, heat=200.0 / 30, mass_flow=4.5e-3 / 30)
    many = run(fluid)
    for name in ("T_wall", "quality", "pressure_drop", "margin_critical"):
        np.testing.assert_allclose(one[name], many[name], rtol=1e-12)


def test_water_at_low_pressure_runs_away_to_less_flow(water):
    """Ledinegg: between all liquid and all boiling the pressure drop falls as the flow rises; slope by differences."""
    small = {"width": 2.31e-4, "depth": 7.13e-4, "length": 0.0448, "channels": 21, "T_in": 30.0, "pressure": 1.6e5}
    flows = np.geomspace(0.3e-3, 6e-3, 12)
    runs = [flow_boiling(water, heat=300.0, mass_flow=m, **small) for m in flows]
    drops = np.array([float(at.pressure_drop) for at in runs])
    assert any(bool(at.ledinegg) for at in runs)
    assert not runs[-1].ledinegg  # liquid all along
    assert float(runs[-1].quality_out) < 0
    for k in range(1, len(flows) - 1):
        if np.isfinite(drops[k - 1 : k + 2]).all() and (drops[k + 1] - drops[k]) * (drops[k] - drops[k - 1]) > 0:
            assert bool(runs[k].ledinegg) == (drops[k + 1] < drops[k - 1])


def test_choking_is_a_flag(water):
    gone = flow_boiling(water, width=1e-4, depth=1e-4, length=0.05, heat=2.0, mass_flow=1e-5, T_in=90.0, pressure=1.1e5)
    assert bool(gone.chokes)
    assert math.isnan(float(gone.pressure_drop))
    assert math.isnan(float(gone.T_wall[-1]))


def test_film_outside_its_range_is_told(fluid):
    assert float(run(fluid).outside_film) == 0.0
    assert float(run(fluid, film=Film.LIU_WINTERTON).outside_film) == 1.0
    assert float(run(fluid, mass_flow=15e-3).outside_film) == 1.0  # G 2000 beyond 1608


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"T_in": 31.0}, "enter as liquid"),
        ({"T_in": -5.0}, "lowest of the table"),
        ({"pressure": 5e6}, "outside the table of R134a"),
        ({"heat": -1.0}, "heat"),
        ({"mass_flow": 0.0}, "mass_flow"),
        ({"channels": 1.5}, "channels"),
        ({"heated_walls": 2}, "heated_walls"),
        ({"film": 17}, "film"),
        ({"cells": 0}, "cells"),
        ({"width": float("nan")}, "width"),
    ],
)
def test_what_cannot_be_is_refused_by_name(fluid, changes, named):
    with pytest.raises(InputError, match=named):
        run(fluid, **changes)


def test_a_coolant_is_no_refrigerant():
    with pytest.raises(InputError, match="refrigerant"):
        run("R134a")


def test_one_channel_is_one_of_thirty(fluid):
    many, alone = run(fluid), run(fluid, channels=1, heat=200.0 / 30, mass_flow=4.5e-3 / 30)
    assert float(alone.pressure_drop) == pytest.approx(float(many.pressure_drop), rel=1e-9)
    np.testing.assert_allclose(alone.T_wall, many.T_wall, rtol=1e-9)
