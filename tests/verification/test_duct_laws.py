"""Duct laws against exact tables, and each choice of law against its own formula."""

import numpy as np
import pytest

from thermal.physics.convection.channel import ChannelShape, Entry, channel_march, gnielinski, local_nusselt
from thermal.physics.convection.duct import (
    apparent_friction,
    laminar_friction,
    nusselt_three_walls,
    nusselt_uniform_flux,
    nusselt_uniform_temperature,
)  # fmt: skip
from thermal.physics.convection.duct_entry import Wall, entry_nusselt
from thermal.physics.convection.pin_fin import Bank, pin_friction, pin_nusselt
from thermal.physics.media.properties import PropertyTable

TOLERANCE = 1e-3


@pytest.mark.parametrize(
    ("column", "law"), [(1, laminar_friction), (2, nusselt_uniform_flux), (3, nusselt_uniform_temperature)]
)
def test_developed_laws_follow_the_exact_table(data, column, law):
    table = np.loadtxt(data("coldplate/rect_duct_exact.csv"), delimiter=",")
    np.testing.assert_allclose([law(a) for a in table[:, 0]], table[:, column], rtol=TOLERANCE)


@pytest.mark.parametrize(("column", "wall"), [(2, Wall.UNIFORM_FLUX), (4, Wall.UNIFORM_TEMPERATURE)])
def test_entry_law_follows_the_exact_table(data, column, wall):
    table = np.loadtxt(data("coldplate/rect_duct_entry_exact.csv"), delimiter=",")
    ours = [entry_nusselt(wall, 1.0 / ratio, x) for ratio, x in table[:, :2]]
    np.testing.assert_allclose(ours, table[:, column], rtol=TOLERANCE)


def test_graetz_mean_is_the_integral_of_the_local_value(data):
    """Mean Nusselt numbers of the table, from our local ones: checks the law between the table's stations too."""
    table = np.loadtxt(data("coldplate/rect_duct_entry_exact.csv"), delimiter=",")
    for ratio, x, mean in table[table[:, 1] >= 0.01][:, [0, 1, 5]]:
        s = (np.arange(400) + 0.5) / 400 * x ** (2 / 3)
        local = np.array([entry_nusselt(Wall.UNIFORM_TEMPERATURE, 1.0 / ratio, v**1.5) for v in s])
        assert (local * 1.5 * np.sqrt(s)).mean() * x ** (2 / 3) / x == pytest.approx(mean, rel=TOLERANCE)


@pytest.mark.parametrize("wall", Wall)
def test_entry_law_meets_its_limits(wall):
    developed = {Wall.UNIFORM_FLUX: nusselt_uniform_flux, Wall.UNIFORM_TEMPERATURE: nusselt_uniform_temperature}[wall]
    assert entry_nusselt(wall, 0.3, 2.0) == developed(0.3)
    assert entry_nusselt(wall, 0.3, 0.999) == pytest.approx(developed(0.3), rel=TOLERANCE)
    assert entry_nusselt(wall, 0.3, 1e-8) / entry_nusselt(wall, 0.3, 8e-8) == pytest.approx(2.0, rel=1e-2)


@pytest.mark.parametrize("entry", Entry)
def test_entry_adds_to_the_developed_law(entry):
    near, far = (local_nusselt(ChannelShape(2e-4, 2e-3, 4, entry), 300.0, 5.0, x) for x in (1e-4, 1e3))
    assert far == pytest.approx(nusselt_uniform_flux(0.1), rel=2e-2 if entry == Entry.SIMULTANEOUS else 1e-9)
    assert (near == far) if entry == Entry.DEVELOPED else (near > 1.5 * far)


def test_simultaneous_entry_is_above_the_thermal_one():
    thermal, both = (
        local_nusselt(ChannelShape(2e-4, 2e-3, 4, e), 300.0, 5.0, 1e-3) for e in (Entry.THERMAL, Entry.SIMULTANEOUS)
    )
    assert both > thermal


def test_three_walls_scale_the_law():
    three, four = (local_nusselt(ChannelShape(1e-3, 1e-3, walls, Entry.DEVELOPED), 300.0, 5.0, 1.0) for walls in (3, 4))
    assert three / four == pytest.approx(nusselt_three_walls(1.0) / nusselt_uniform_flux(1.0))


def test_turbulent_law_agrees_with_ht():
    ht = pytest.importorskip("ht")
    friction = (0.790 * np.log(2e4) - 1.64) ** -2
    assert gnielinski(2e4, 4.0) == pytest.approx(ht.conv_internal.turbulent_Gnielinski(2e4, 4.0, friction))
    shape = ChannelShape(1e-3, 1e-3, 4, Entry.DEVELOPED)
    assert local_nusselt(shape, 2e4, 4.0, 1.0) == pytest.approx(gnielinski(2e4, 4.0))


def test_transition_is_continuous():
    shape = ChannelShape(1e-3, 1e-3, 4, Entry.THERMAL)
    for Re in (2300.0, 4000.0):
        below, above = (local_nusselt(shape, Re * s, 4.0, 0.1) for s in (1 - 1e-9, 1 + 1e-9))
        assert below == pytest.approx(above, rel=1e-6)


def test_friction_has_its_developed_limit_and_adds_up():
    """Constant properties, long channel: Δp = 2 f·Re μ u L / D² + entrance excess, whatever the slices."""
    table = PropertyTable(50.0, 100.0, np.array([[1000.0, 4180.0, 0.6, np.log(6e-4)]]))
    w, d, L, flow = 2e-4, 1e-3, 0.05, 1e-4
    loss = {}
    for entry in Entry:
        for n in (7, 70):
            shape, film = ChannelShape(w, d, 4, entry), np.zeros(n)
            loss[entry, n], _ = channel_march(shape, table, flow, np.full(n, 40.0), np.full(n, L / n), 0.0, film)
        assert loss[entry, 7] == pytest.approx(loss[entry, 70], rel=1e-9)
    D = 2 * w * d / (w + d)
    velocity = flow / (1000.0 * w * d)
    assert loss[Entry.DEVELOPED, 7] == pytest.approx(2 * laminar_friction(0.2) * 6e-4 * velocity * L / D**2)
    Re = 1000.0 * velocity * D / 6e-4
    excess = apparent_friction(0.2, L / (D * Re)) / laminar_friction(0.2)
    assert loss[Entry.SIMULTANEOUS, 7] / loss[Entry.DEVELOPED, 7] == pytest.approx(excess)


@pytest.mark.parametrize("bank", Bank)
def test_pins_follow_their_published_form(bank):
    S, L, Re, Pr = 2.0, 1.5, 200.0, 4.0
    C = {
        Bank.IN_LINE: (0.25 + np.exp(-0.55 * L)) * S**0.285 * L**0.212,
        Bank.STAGGERED: 0.61 * S**0.091 * L**0.053 / (1 - 2 * np.exp(-1.09 * L)),
    }[bank]
    assert pin_nusselt(bank, Re, Pr, S, L) == pytest.approx(C * np.sqrt(Re) * Pr ** (1 / 3))
    assert pin_friction(bank, 100.0, S, L) > pin_friction(bank, 1000.0, S, L) > 0
