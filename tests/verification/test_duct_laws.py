"""Duct laws against exact tables, and each choice of law against its own formula."""

import math

import numpy as np
import pytest
from scipy.sparse import diags_array, identity, kron
from scipy.sparse.linalg import spsolve

from thermal.physics.convection.channel import (
    ChannelShape,
    Entry,
    channel_march,
    gnielinski,
    local_nusselt,
    smooth_friction,
)
from thermal.physics.convection.duct import (
    apparent_friction,
    laminar_friction,
    nusselt_three_walls,
    nusselt_uniform_flux,
    nusselt_uniform_temperature,
)  # fmt: skip
from thermal.physics.convection.duct_entry import Wall, entry_nusselt
from thermal.physics.convection.pin_fin import PIN_PITCH, Bank, PinLaw, pin_friction, pin_nusselt
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


@pytest.mark.parametrize(("x", "Pr"), [(1e-3, 5.0), (2e-4, 0.7), (5e-3, 20.0)])
def test_simultaneous_entry_by_hand(x, Pr):
    """Muzychka and Yovanovich (2004) in √A: z = x/(√A Re_√A Pr), the layer 0.886 over (1 + (1.909 Pr^1/6)^4.5)^2/9."""
    w, d, Re = 2e-4, 2e-3, 300.0
    root, D = math.sqrt(w * d), 2 * w * d / (w + d)
    z = x / (root * (Re * root / D) * Pr)
    layer = 0.886 / (1 + (1.909 * Pr ** (1 / 6)) ** 4.5) ** (2 / 9) / math.sqrt(z) * D / root
    thermal, m = entry_nusselt(Wall.UNIFORM_FLUX, 0.1, x / (D * Re * Pr)), 2.27 + 1.65 * Pr ** (1 / 3)
    found = local_nusselt(ChannelShape(w, d, 4, Entry.SIMULTANEOUS), Re, Pr, x)
    assert found == pytest.approx((thermal**m + layer**m) ** (1 / m), rel=1e-12)


def three_walls_by_differences(ratio: float, n: int) -> float:
    """Nusselt number of a duct of depth 1 and the width `ratio`, roof adiabatic, on n by n cells."""
    dx, dz = ratio / n, 1.0 / n
    across = diags_array([np.ones(n - 1), np.full(n, -2.0), np.ones(n - 1)], offsets=[-1, 0, 1]).tolil()
    across[0, 0] = across[-1, -1] = -3.0  # walls half a cell away
    up = across.copy()
    insulated = across.copy()
    insulated[-1, -1] = -1.0
    still, cold = ((kron(across, identity(n)) / dx**2 + kron(identity(n), z) / dz**2).tocsr() for z in (up, insulated))
    u = spsolve(still, -np.ones(n * n))
    u /= u.mean()
    theta = spsolve(cold, -u)
    mixed = (u * theta).mean()
    return ratio / ((ratio + 2.0) * mixed) * 2.0 * ratio / (1.0 + ratio)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 2.0, 3.0, 8.0])
def test_three_walls_at_any_width_over_depth(ratio):
    """Against finite differences on two grids, extrapolated; and at both limits, 140/17 and 70/13."""
    coarse, fine = (three_walls_by_differences(ratio, n) for n in (40, 80))
    assert nusselt_three_walls(ratio) == pytest.approx(fine + (fine - coarse) / 3.0, rel=1e-3)
    assert nusselt_three_walls(1e-9) == pytest.approx(140 / 17, rel=2e-4)
    assert nusselt_three_walls(1e9) == pytest.approx(70 / 13, rel=2e-4)


@pytest.mark.parametrize(("width", "depth", "Nu"), [(4e-3, 2e-3, 3.146), (1e-3, 1e-3, 3.556), (1e-3, 2e-3, 4.505)])
def test_three_walls_reach_the_channel_as_printed(width, depth, Nu):
    """Shah and London (1978), Table 44, finite differences; 1 % is their own departure."""
    shape = ChannelShape(width, depth, 3, Entry.DEVELOPED)
    assert local_nusselt(shape, 300.0, 5.0, 1.0) == pytest.approx(Nu, rel=0.01)
    assert local_nusselt(shape._replace(heated_walls=4), 300.0, 5.0, 1.0) == pytest.approx(
        nusselt_uniform_flux(min(width, depth) / max(width, depth))
    )


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
            shape, lost = ChannelShape(w, d, 4, entry), np.zeros(n)
            channel_march(shape, table, flow, np.full(n, 40.0), np.full(n, L / n), 0.0, np.zeros(n), lost)
            loss[entry, n] = lost.sum()
        assert loss[entry, 7] == pytest.approx(loss[entry, 70], rel=1e-9)
    D = 2 * w * d / (w + d)
    velocity = flow / (1000.0 * w * d)
    assert loss[Entry.DEVELOPED, 7] == pytest.approx(2 * laminar_friction(0.2) * 6e-4 * velocity * L / D**2)
    Re = 1000.0 * velocity * D / 6e-4
    excess = apparent_friction(0.2, L / (D * Re)) / laminar_friction(0.2)
    assert loss[Entry.SIMULTANEOUS, 7] / loss[Entry.DEVELOPED, 7] == pytest.approx(excess)


@pytest.mark.parametrize(
    ("aspect", "station", "printed"),
    [  # K and C of Shah (1978), Table 1: 1.43, 2.9e-4; 1.28, 2.1e-4; 0.931, 7.6e-5; 0.674, 2.9e-5; by hand from there
        (1.0, 0.01, 38.394),
        (1.0, 0.1, 17.607),
        (0.5, 0.02, 29.061),
        (0.35, 0.02, 29.035),
        (0.35, 0.2, 18.245),
        (0.2, 0.05, 23.479),
        (0.1, 0.01, 38.880),
        (0.0, 0.1, 25.642),
    ],
)
def test_apparent_friction_by_hand(aspect, station, printed):
    assert apparent_friction(aspect, station) == pytest.approx(printed, rel=1e-3)


def test_transition_blends_by_the_share_of_the_way_from_2300_to_4000():
    """At Re 2810 three tenths of the way, the turbulent value being that of Re 4000: film and friction."""
    shape = ChannelShape(1e-3, 1e-3, 4, Entry.DEVELOPED)
    turbulent = 0.041441 / 8 * 3000 * 5 / (1 + 12.7 * math.sqrt(0.041441 / 8) * (5 ** (2 / 3) - 1))  # f(4000) by hand
    assert local_nusselt(shape, 2810.0, 5.0, 1.0) == pytest.approx(0.7 * 3.608 + 0.3 * turbulent, rel=1e-3)
    table, L, D = PropertyTable(50.0, 100.0, np.array([[1000.0, 4180.0, 0.6, np.log(6e-4)]])), 0.05, 1e-3
    velocity = 2810.0 * 6e-4 / (1000.0 * D)
    lost = np.zeros(5)
    Re = channel_march(
        shape, table, 1000.0 * velocity * D**2, np.full(5, 40.0), np.full(5, L / 5), 0.0, np.zeros(5), lost
    )
    assert Re == pytest.approx(2810.0)
    darcy = 0.7 * 4 * 14.227 / 2810 + 0.3 * 0.041441
    assert lost.sum() == pytest.approx(darcy * L / D * 500.0 * velocity**2, rel=1e-3)


def test_turbulent_laws_take_their_own_reynolds_number():
    """Above 4000 nothing is held there: f = (0.790 ln Re − 1.64)⁻² is 0.03148 at 1e4 by hand."""
    assert smooth_friction(1e4) == pytest.approx(0.03148, rel=1e-3)
    f, shape = 0.03148 / 8, ChannelShape(1e-3, 1e-3, 4, Entry.DEVELOPED)
    by_hand = f * 9000 * 5 / (1 + 12.7 * math.sqrt(f) * (5 ** (2 / 3) - 1))
    assert local_nusselt(shape, 1e4, 5.0, 1.0) == pytest.approx(by_hand, rel=1e-3)


PITCHES = (1.25, 1.5, 2.0, 2.5, 3.0)


@pytest.mark.parametrize("bank", Bank)
def test_each_pin_law_is_reached(bank):
    S, L, Re, Pr = 2.0, 1.5, 200.0, 4.0
    khan = {
        Bank.IN_LINE: (0.25 + np.exp(-0.55 * L)) * S**0.285 * L**0.212,
        Bank.STAGGERED: 0.61 * S**0.091 * L**0.053 / (1 - 2 * np.exp(-1.09 * L)),
    }[bank]
    zukauskas = {Bank.IN_LINE: 0.52 * Re**0.5, Bank.STAGGERED: 1.04 * Re**0.4}[bank] * Pr**0.36
    void = 1 - np.pi / (4 * S)
    Re_l = Re * (S - 1) / S * np.pi / 2 / void
    alone = 0.3 + np.hypot(
        0.664 * Re_l**0.5 * Pr ** (1 / 3), 0.037 * Re_l**0.8 * Pr / (1 + 2.443 * Re_l**-0.1 * (Pr ** (2 / 3) - 1))
    )
    ratio = L / S
    arranged = 1 + (0.7 * (ratio - 0.3) / (void**1.5 * (ratio + 0.7) ** 2) if bank == Bank.IN_LINE else 2 / (3 * L))
    found = {law: pin_nusselt(law, bank, Re, Pr, S, L) for law in PinLaw}
    assert found[PinLaw.KHAN] == pytest.approx(khan * np.sqrt(Re) * Pr ** (1 / 3))
    assert found[PinLaw.ZUKAUSKAS] == pytest.approx(zukauskas)
    assert found[PinLaw.GNIELINSKI] == pytest.approx(arranged * alone * 2 / np.pi)
    assert len(set(found.values())) == len(PinLaw)


@pytest.mark.parametrize("bank", Bank)
def test_measured_pin_laws_agree_with_ht(bank):
    """``ht``'s in-line Zukauskas law has an exponent of 0.05 between Re 100 and 1000, so it is not asked there."""
    tubes = pytest.importorskip("ht").conv_tube_bank
    along = 2.0 if bank == Bank.IN_LINE else 1.5
    for Re in (20.0, 60.0, 300.0, 740.0, 2e3, 1e4):
        nominal = Re * (2.0 - 1.0) / 2.0 * np.pi / 2  # ht takes the length and the velocity of the empty channel
        theirs = tubes.Nu_HEDH_tube_bank(nominal, 5.0, 1.0, 20, along, 2.0) * 2 / np.pi
        assert pin_nusselt(PinLaw.GNIELINSKI, bank, Re, 5.0, 2.0, along) == pytest.approx(theirs, rel=1e-9)
        joined = any(e / 1.5 < Re < 1.5 * e for e in ((100.0, 1000.0) if bank == Bank.IN_LINE else (500.0, 1000.0)))
        if joined or (bank == Bank.IN_LINE and 100 <= Re < 1000):
            continue
        theirs = tubes.Nu_Zukauskas_Bejan(Re, 5.0, 20, along, 2.0)
        assert pin_nusselt(PinLaw.ZUKAUSKAS, bank, Re, 5.0, 2.0, along) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize(("bank", "above", "below"), [(Bank.IN_LINE, 0.20, 0.05), (Bank.STAGGERED, 0.10, 0.13)])
def test_default_pin_film_lies_near_an_independent_law(bank, above, below):
    """ESDU 73031, as ``ht`` has it, over pitches 1.25 to 3 and Re 10 to 1000: the spread that the docstring states."""
    tubes = pytest.importorskip("ht").conv_tube_bank
    unequal = 1.0 if bank == Bank.IN_LINE else 1.06  # ht takes unequal pitches for staggered ones
    for S in PITCHES:
        for Re in np.geomspace(10.0, 1000.0, 21):
            ours = pin_nusselt(PinLaw.ZUKAUSKAS, bank, Re, 5.0, S, S)
            assert 1 - below < ours / tubes.Nu_ESDU_73031(Re, 5.0, 20, S * unequal, S) < 1 + above


@pytest.mark.parametrize("bank", Bank)
@pytest.mark.parametrize("law", PinLaw)
def test_pin_films_are_smooth_and_rise_with_flow(law, bank):
    Re = np.geomspace(5.0, 5e4, 400)
    Nu = np.array([pin_nusselt(law, bank, r, 5.0, 2.0, 2.0) for r in Re])
    growth = Nu[1:] / Nu[:-1]
    assert growth.min() > 1.0
    assert growth.max() < 1.035  # 2.3 % of flow; a jump of 27 % would stand out


@pytest.mark.parametrize("bank", Bank)
def test_measured_pin_friction_by_hand_and_falling_with_pitch(bank):
    """Gaddis and Gnielinski at S 2 and Re 100 by hand: f_l 31.886; f_t 0.55602 in line, 3.53188 staggered."""
    by_hand = {
        Bank.IN_LINE: 0.31886 + 0.55602 / 100**0.1 * (1 - math.exp(-0.55)),
        Bank.STAGGERED: 0.31886 + 3.53188 / 100**0.25 * (1 - math.exp(-0.3)),
    }[bank]
    assert pin_friction(PinLaw.ZUKAUSKAS, bank, 100.0, 2.0, 2.0) == pytest.approx(by_hand, rel=1e-3)
    for Re in (10.0, 100.0, 1000.0):
        ours = [pin_friction(PinLaw.GNIELINSKI, bank, Re, S, S) for S in np.linspace(*PIN_PITCH, 15)]
        assert np.all(np.diff(ours) < 0)
    assert pin_friction(PinLaw.KHAN, Bank.STAGGERED, 100.0, 2.0, 2.0) == pytest.approx(
        (1.175 / 100**0.3124 + 0.5 * 100**0.0807) * 378.6 / 2**6.55 / 100 ** (0.68 / 2**1.29), rel=1e-9
    )
