"""Properties that follow the coolant in each slice: against a duct integrated by itself, closure, and small heat."""

import numpy as np
import pytest
from plates import CELLS, COPPER, FLOW, T_IN, superchip
from scipy.integrate import solve_ivp

import thermal as th
from thermal.components.plate.geometry import ColdPlate
from thermal.physics.convection.channel import Entry
from thermal.plate.conditions import Conditions
from thermal.plate.grid import Cells
from thermal.plate.warmth import Warmth

pytestmark = pytest.mark.compiled

LENGTH, BREADTH, WIDTH, DEPTH, FIN = 0.2, 0.02, 4e-4, 8e-4, 1e-4
CHANNELS = 39  # that fit between side walls
DUCT = ColdPlate(
    length=LENGTH, breadth=BREADTH, channel_width=WIDTH, fin_width=FIN, channel_depth=DEPTH, base=2e-4, cover=1e-4,
    metal=COPPER, homogenised=True, entry=Entry.DEVELOPED, port_loss=0.0,
)  # fmt: skip


@pytest.fixture(scope="module", params=["pg25", "water"])
def coolant(request):
    return th.load(f"coolants/{request.param}")


def integrated(name: str, density: float, flow: float, heat: float, y: np.ndarray):
    """A duct under an even flux per length, by CoolProp and the fitted developed laws of Shah and London (1978).

    dh/dy = q'/m; dp/dy = f ρ v²/(2D); Nu = 8.235 (1 − 2.0421 a + 3.0853 a² − 2.4765 a³ + 1.0578 a⁴ − 0.1861 a⁵), f Re
    = 96 (1 − 1.3553 a + 1.9467 a² − 1.7012 a³ + 0.9564 a⁴ − 0.2537 a⁵), a the smaller side over the larger one.
    """
    props = pytest.importorskip("CoolProp.CoolProp").PropsSI
    a, area, D = WIDTH / DEPTH, WIDTH * DEPTH, 2 * WIDTH * DEPTH / (WIDTH + DEPTH)
    Nu = 8.235 * np.polyval([-0.1861, 1.0578, -2.4765, 3.0853, -2.0421, 1.0], a)
    fRe = 96.0 * np.polyval([-0.2537, 0.9564, -1.7012, 1.9467, -1.3553, 1.0], a)
    m = flow * density / CHANNELS

    def of(what: str, T: float) -> float:
        return float(props(what, "T", T + 273.15, "P", 101325.0, name))

    def slope(_, state):
        rho, mu = of("D", state[0]), of("V", state[0])
        return [heat / CHANNELS / LENGTH / m / of("C", state[0]), fRe * mu * m / (2.0 * rho * area * D**2)]

    found = solve_ivp(slope, (0.0, LENGTH), [T_IN, 0.0], t_eval=y, rtol=1e-10, atol=1e-9)
    T, drop = found.y
    film = Nu / D * np.array([of("L", t) for t in T])
    head = 0.5 * (m / area) ** 2 * np.mean([1.0 / of("D", t) for t in T])
    shut = FIN / (FIN + WIDTH)
    return T, film, drop[-1] + (0.42 * shut + shut**2) * head


def test_long_duct_is_that_integrated_by_coolprop(coolant):
    """Limits set before the run: temperatures 1e-3 of the rise, films and pressure drop 1e-3, everywhere."""
    name = {"Water": "Water"}.get(coolant.fluid, f"{coolant.fluid}[{coolant.fraction}]")
    package = th.load("packages/h100").replace(length=LENGTH, breadth=BREADTH)
    flow, heat = 6e-4 / 60, 1000.0
    run = th.steady(DUCT, package=package, coolant=coolant, heat=heat, flow=flow, T_in=T_IN, cells=Cells(bundle=40))
    assert run.sizes["channel"] == 1
    density = coolant.properties(T_IN).density
    T, film, drop = integrated(name, density, flow, heat, np.append(run.y.values, LENGTH))
    rise = T[-1] - T_IN
    assert rise > 20.0
    np.testing.assert_allclose(run.T_coolant[:, 0], T[:-1], rtol=0, atol=1e-3 * rise)
    assert float(run.T_out) == pytest.approx(T[-1], abs=1e-5 * rise)
    np.testing.assert_allclose(run.film[:, 0], film[:-1], rtol=1e-3)
    assert float(run.pressure_drop) == pytest.approx(drop, rel=1e-3)
    assert abs(float(run.energy_residual)) < 1e-6 * heat
    assert "each slice" in run.attrs["properties"]


def test_what_leaves_is_the_enthalpy_put_in(coolant):
    """m (h(T_out) − h(T_in)) is the heat, through passes that mix, and channel by channel."""
    plate = ColdPlate(length=0.03, breadth=0.03, channel_width=1e-3, fin_width=1e-3, channel_depth=2e-3, base=1e-3,
                      metal=COPPER, pattern="serpentine", passes=3)  # fmt: skip
    heat, flow = 900.0, FLOW / 2
    run = th.steady(plate, package=superchip(), coolant=coolant, heat=heat, flow=flow, T_in=T_IN, cells=CELLS)
    T = np.linspace(T_IN, float(run.T_out), 2001)
    put = np.trapezoid(coolant.properties(T).heat_capacity, T) * flow * coolant.properties(T_IN).density
    assert put == pytest.approx(heat, rel=1e-7)


def test_little_heat_leaves_the_properties_at_the_inlet(coolant):
    package = th.load("packages/h100")
    given = {"package": package, "coolant": coolant, "flow": FLOW, "T_in": T_IN, "cells": CELLS}
    plate = DUCT.replace(length=0.04, breadth=0.04)
    run = th.steady(plate, heat=1e-3, tolerance=1e-12, **given)
    p = coolant.properties(T_IN)
    assert float(run.T_out) - T_IN == pytest.approx(1e-3 / (FLOW * p.density * p.heat_capacity), rel=1e-6)
    assert float(run.film.max() / run.film.min()) == pytest.approx(1.0, abs=1e-5)


def test_a_transient_ends_where_the_steady_plate_is(coolant):
    """Enthalpy closes in each step; at the end temperatures, outlet and pressure drop are those of the steady plate."""
    plate = DUCT.replace(length=0.03, breadth=0.03)
    package = th.load("packages/h100").replace(length=0.03, breadth=0.03)
    given = {"package": package, "coolant": coolant, "heat": 900.0, "flow": FLOW / 2, "T_in": T_IN,
             "cells": Cells(slices=8, base=1, fin=4, bundle=60)}  # fmt: skip
    run, rest = th.transient(plate, until=40.0, step=0.5, **given), th.steady(plate, **given)
    assert float(np.abs(run.energy_residual).max()) < 1e-4
    for name in ("T_junction", "T_out", "pressure_drop"):
        last = run[name].isel(time=-1) if "time" in run[name].dims else run[name]
        assert float(last) == pytest.approx(float(rest[name]), rel=1e-5)
    np.testing.assert_allclose(run.T_coolant, rest.T_coolant, atol=1e-3)


def test_warmth_both_ways_and_beyond_the_table(coolant):
    warmth = Warmth.of(coolant, 30.0)
    rise = np.linspace(coolant.T_low - 30.0 - 20.0, coolant.T_high - 30.0 + 40.0, 301)
    phi = warmth.of_rise(rise)
    assert (np.diff(phi) > 0).all()
    np.testing.assert_allclose(warmth.rise(phi), rise, atol=1e-10)
    inside = (rise >= warmth.low) & (rise <= warmth.high)
    capacity = coolant.properties(30.0 + rise[inside]).heat_capacity
    np.testing.assert_allclose(warmth.capacity(rise)[inside], capacity, rtol=1e-9)
    slope = np.gradient(phi, rise, edge_order=2)[inside] * warmth.c
    np.testing.assert_allclose(slope[1:-1], capacity[1:-1], rtol=1e-3)
    assert np.isnan(warmth.rise(np.array([np.nan, 1.0]))[0])


def test_conditions_keep_their_warmth(coolant):
    given = Conditions.of(DUCT, superchip(), coolant, 10.0, FLOW, T_IN, CELLS, 1e-8)
    assert given.warmth is given.warmth
    assert given.at(T_in=20.0).warmth.c == pytest.approx(coolant.properties(20.0).heat_capacity, rel=1e-12)
