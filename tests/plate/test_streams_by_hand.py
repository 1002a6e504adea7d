"""Headers, ports, ends and pins of a plate by hand: losses, their slopes and the split of the flow; no 3-D solution."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

import thermal as th
from thermal.components.plate.geometry import ColdPlate, Manifold, Pattern
from thermal.errors import InputError
from thermal.physics.convection.pin_fin import Bank, PinLaw, pin_friction, pin_nusselt
from thermal.plate.flow import _among_pins, _ends, _ports, ducts, even_split, towards
from thermal.plate.manifold import _darcy, _Headers, manifold_split
from thermal.plate.parallel import _each

WATER = th.load("coolants/water")
AREA = 4e-6  # 2 mm square
PLATE = ColdPlate(
    length=0.04, breadth=0.04, channel_width=1e-3, fin_width=1e-3, channel_depth=2e-3, base=1e-3,
    metal=th.load("materials/copper"), manifold="Z", manifold_area=AREA,
)  # fmt: skip
FLOW = np.array([0.004, 0.003, 0.005])
TOTAL = 0.012


def _ducts(plate):
    return ducts(plate, SimpleNamespace(width=np.ones(plate.streams)))


def _headers(manifold):
    return _Headers(WATER, (30.0, 30.0), AREA, PLATE.replace(manifold=manifold), TOTAL)


def _friction_loss(mean, kinetic):
    """f ½ρV² Δx/D of a third of the header, f laminar, a blend, or turbulent."""
    Re = max(mean * 2e-3 / (AREA * WATER.properties(30.0).viscosity), 1.0)
    return _darcy(Re) * kinetic * (0.04 / 3) / 2e-3


@pytest.mark.parametrize("manifold", [Manifold.U, Manifold.Z])
def test_pressure_along_headers_is_bernoulli_momentum_and_friction(manifold):
    """Branch by branch, in loops: inlet's header regains, the outlet's loses twice, both have friction on the way."""
    rho = WATER.properties(30.0).density

    def half(a, b):  # mean of ½ρV² before and after a branch
        return 0.25 * (a * a + b * b) / (rho * AREA**2)

    top = 0.5 * TOTAL**2 / (rho * AREA**2)
    passing = [TOTAL, *(TOTAL - np.cumsum(FLOW))]
    lift = []
    for k in range(3):
        inlet = top - half(passing[k], passing[k + 1])
        inlet -= sum(_friction_loss(0.5 * (passing[i] + passing[i + 1]), half(passing[i], passing[i + 1]))
                     for i in range(k + 1))  # fmt: skip
        if manifold == Manifold.U:  # the outlet's port lies beside the inlet's
            out, way = passing, range(k + 1)
        else:
            out, way = [TOTAL - p for p in passing], range(k, 3)
        outlet = 2.0 * (top - half(out[k], out[k + 1]))
        outlet += sum(_friction_loss(0.5 * (out[i] + out[i + 1]), half(out[i], out[i + 1])) for i in way)
        lift.append(inlet - outlet)
    np.testing.assert_allclose(_headers(manifold).lift(FLOW), lift, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("manifold", [Manifold.U, Manifold.Z])
def test_slopes_of_the_headers_are_differences_of_their_pressure(manifold):
    headers, d = _headers(manifold), 1e-8
    found = headers.slope(FLOW)
    for k in range(3):
        more, less = FLOW.copy(), FLOW.copy()
        more[k] += d
        less[k] -= d
        np.testing.assert_allclose(found[:, k], (headers.lift(more) - headers.lift(less)) / (2 * d), rtol=2e-3, atol=50)


@pytest.mark.parametrize("manifold", [Manifold.U, Manifold.Z])
@pytest.mark.parametrize("loss", [2e4, 4e3])
def test_the_split_balances_every_path(manifold, loss):
    """Each channel's own loss, grown by its flow to 1.1, is the shared drop and what the headers leave it."""
    even = np.full(3, TOTAL / 3)
    flow, drop = manifold_split(
        PLATE.replace(manifold=manifold), WATER, (30.0, 30.0), np.array([1.0, 1.1, 0.9]) * loss, even
    )
    assert flow.sum() == pytest.approx(TOTAL, rel=1e-12)
    own = np.array([1.0, 1.1, 0.9]) * loss * (flow / even) ** 1.1
    np.testing.assert_allclose(own, drop + _headers(manifold).lift(flow), rtol=1e-8)


def test_headers_too_narrow_are_refused():
    narrow = PLATE.replace(manifold="U", manifold_area=5e-7)
    with pytest.raises(InputError, match="too narrow"):
        manifold_split(narrow, WATER, (30.0, 30.0), np.full(3, 500.0), np.full(3, TOTAL / 3))


@pytest.mark.parametrize(
    ("Re", "factor"),
    [(500.0, 56.908 / 500), (2300.0, 56.908 / 2300), (4000.0, (0.79 * math.log(4000) - 1.64) ** -2),
     (2e4, (0.79 * math.log(2e4) - 1.64) ** -2)],
)  # fmt: skip
def test_friction_of_a_square_header(Re, factor):
    """56.908/Re laminar (Shah and London), Petukhov's smooth law from 4000 on, a line between."""
    assert _darcy(Re) == pytest.approx(factor, rel=2e-3)


def test_friction_between_the_laws_is_half_of_both():
    assert _darcy(3150.0) == pytest.approx(0.5 * (_darcy(2300.0) + _darcy(4000.0)), rel=1e-9)


def test_ends_of_channels_are_sudden_changes():
    """K = 0.42 (1 − σ) + (1 − σ)², σ = ½; a serpentine of four passes turns three times."""
    plain = PLATE.replace(manifold="even", manifold_area=None)
    assert _ends(plain, _ducts(plain).open) == pytest.approx(0.21 + 0.25)
    turning = plain.replace(pattern="serpentine", passes=4, bend_loss=2.0)
    assert _ends(turning, _ducts(turning).open) == pytest.approx(0.46 + 1.5)
    wide = plain.replace(channel_width=3e-3)
    assert _ends(wide, _ducts(wide).open) == pytest.approx(0.42 * 0.25 + 0.0625)


def test_ports_lose_their_dynamic_heads():
    plain = PLATE.replace(manifold="even", manifold_area=None, port=4e-3, port_loss=1.5)
    grid = SimpleNamespace(stream_pass=np.array([0, 0, 1]))
    p = WATER.properties(30.0)
    V = 0.007 / (p.density * math.pi / 4 * 16e-6)
    found = _ports(plain, grid, WATER, FLOW, np.array([[28.0], [32.0]]))
    assert found == pytest.approx(1.5 * 0.5 * p.density * V**2, rel=1e-6)
    split = _ports(plain.replace(pattern="split"), grid, WATER, FLOW, np.array([[28.0], [32.0]]))
    assert split == pytest.approx(4 * found, rel=1e-12)


def test_flow_is_shared_by_width_in_each_pass_and_moved_with_its_sum():
    grid = SimpleNamespace(width=np.array([1.0, 3.0, 2.0]), stream_pass=np.array([0, 0, 1]))
    c = SimpleNamespace(flow=1e-5, coolant=WATER, T_in=30.0, plate=PLATE)
    total = 1e-5 * WATER.properties(30.0).density
    np.testing.assert_allclose(even_split(c, grid), total * np.array([0.25, 0.75, 1.0]))
    c.plate = PLATE.replace(manifold="even", manifold_area=None, pattern=Pattern.SPLIT)
    np.testing.assert_allclose(even_split(c, grid), total * np.array([0.125, 0.375, 0.5]))
    moved = towards(grid, np.array([1.0, 3.0, 2.0]), np.array([math.log(4.0), 0.0, 5.0]), 0.5)
    np.testing.assert_allclose(moved, [4.0 * 2 / 5, 4.0 * 3 / 5, 2.0])


@pytest.mark.parametrize("pattern", [Pattern.PINS_IN_LINE, Pattern.PINS_STAGGERED])
def test_a_lane_among_pins_by_hand(pattern):
    """Twenty rows of 1 mm pins 2 mm apart: Re from the gap, Nu k/d, rows · f · ½ρu²."""
    plate = PLATE.replace(pattern=pattern, manifold="even", manifold_area=None, pin_law=PinLaw.GNIELINSKI)
    T, length = np.array([20.0, 40.0]), np.array([0.01, 0.03])
    film, loss, Re, outside = _among_pins(plate, _ducts(plate), WATER, 1e-3, T, length)
    bank = Bank.IN_LINE if pattern == Pattern.PINS_IN_LINE else Bank.STAGGERED
    expected, biggest = 0.0, 0.0
    for k in range(2):
        p = WATER.properties(T[k])
        u = 1e-3 / (p.density * 2e-6)
        r, Pr = p.density * u * 1e-3 / p.viscosity, p.viscosity * p.heat_capacity / p.conductivity
        assert film[k] == pytest.approx(pin_nusselt(1, bank, r, Pr, 2.0, 2.0) * p.conductivity / 1e-3, rel=1e-9)
        expected += pin_friction(1, bank, r, 2.0, 2.0) * 0.5 * p.density * u**2 * length[k] / 2e-3
        biggest = max(biggest, r)
    assert loss.sum() == pytest.approx(expected, rel=1e-9)
    assert biggest == pytest.approx(Re)
    assert outside == 0


@pytest.mark.parametrize(
    ("changed", "mass_flow", "outside"),
    [
        ({}, 1e-3, 0),
        ({}, 1e-5, 2),  # Re about 5 and 8, both below 10
        ({}, 1.6e-5, 1),  # 8 and 12
        ({"length": 0.02}, 1e-3, 0),  # ten rows
        ({"length": 0.018}, 1e-3, 2),  # nine
        ({"fin_width": 1e-3, "channel_width": 2.01e-3}, 1e-3, 2),  # pitch 3.01
        ({"fin_width": 1e-3, "channel_width": 2e-3}, 1e-3, 0),
        ({"fin_width": 1e-3, "channel_width": 2.49e-4}, 1e-3, 2),  # 1.249
        ({"fin_width": 1e-3, "channel_width": 2.5e-4}, 1e-3, 0),
    ],
)
def test_slices_outside_the_range_of_the_pins_are_counted(changed, mass_flow, outside):
    plate = PLATE.replace(pattern="pins in line", manifold="even", manifold_area=None, pin_law=PinLaw.GNIELINSKI)
    plate = plate.replace(**changed)
    found = _among_pins(plate, _ducts(plate), WATER, mass_flow, np.array([20.0, 40.0]), np.array([0.01, 0.01]))
    assert found[3] == outside


@pytest.mark.parametrize(
    ("given", "count", "single", "many"),
    [(3.0, 2, None, (3.0, 3.0)), ([1.0, 2.0], 2, None, (1.0, 2.0)), (np.array([1.0, 2.0]), 2, None, (1.0, 2.0)),
     ("a", 3, str, ("a", "a", "a")), (["a", "b"], 2, str, ("a", "b"))],
)  # fmt: skip
def test_one_for_all_plates_or_one_for_each(given, count, single, many):
    assert _each(given, count, "heat", single) == many


def test_a_power_map_serves_all_plates():
    power = np.ones((2, 2))
    assert all(x is power for x in _each(power, 2, "heat", None))


@pytest.mark.parametrize(
    ("given", "count", "single"), [([1.0], 2, None), (1.0, 1, None), (3.0, 2, str), ([1, 2, 3], 2, None)]
)
def test_other_numbers_of_plates_are_refused(given, count, single):
    with pytest.raises(InputError, match="plates"):
        _each(given, count, "heat", single)
