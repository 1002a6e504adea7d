"""Sinks and boards in a tank of dielectric: laws at their limits and by another's code, balances, and bad input."""

import numpy as np
import pytest
from plates import COPPER

import thermal as th
from thermal.components.coolant import Coolant
from thermal.components.plate.sink import Sink
from thermal.errors import InputError
from thermal.physics.convection.critical_flux import GRAVITY
from thermal.physics.convection.immersed import between_fins, churchill_chu, flat_plate
from thermal.plate.immersion import immersion

pytestmark = pytest.mark.compiled  # a minute in plain Python
SINK = Sink(length=0.08, breadth=0.08, gap=3e-3, fin_width=5e-4, fin_height=0.025, metal=COPPER)
BOARD = Sink(length=0.1, breadth=0.1, metal=COPPER)
TANK = {"flow": 2e-4, "T_in": 35.0, "area": 0.02}


@pytest.fixture(scope="module")
def oil():
    """A white mineral oil."""
    return Coolant.from_coolprop("INCOMP::PNF", T_low=10.0, T_high=150.0, T_freeze=-40.0)


@pytest.mark.parametrize(("Ra", "Pr"), [(1e2, 100.0), (1e6, 0.7), (1e10, 200.0)])
def test_a_board_agrees_with_ht(Ra, Pr):
    ht = pytest.importorskip("ht")
    assert churchill_chu(Ra, Pr) == pytest.approx(
        ht.conv_free_immersed.Nu_vertical_plate_Churchill(Pr, Ra / Pr), rel=1e-9
    )


def test_fins_have_their_two_limits_and_the_printed_optimum():
    """Creeping flow as Ra S/24L, walls alone as 0.59 (Ra S/L)^¼; most heat from a volume at S = 2.71 (S³L/Ra)^¼."""
    assert between_fins(1e-2, 0.1) == pytest.approx(1e-3 / 24, rel=1e-3)
    assert between_fins(1e9, 0.1) == pytest.approx(0.59 * 1e8**0.25, rel=1e-3)
    gaps = np.geomspace(0.5, 10.0, 4001)  # with g β ΔT/(ν α) = 1 and L = 1 the optimum is 2.71
    per_volume = [between_fins(S**3, S) / S**2 for S in gaps]
    assert gaps[int(np.argmax(per_volume))] == pytest.approx(2.71, abs=0.02)


def test_a_board_alone_is_that_of_the_law_by_hand(oil):
    """Hardly any stream: the rise that Churchill and Chu give for the heat, properties halfway."""
    run = immersion(BOARD, oil, heat=20.0, flow=1e-4, area=10.0, T_in=30.0)
    rise = float(run.T_base[0] - run.T_bath[0])
    p = oil.properties(30.0 + rise / 2)
    around = [oil.properties(30.0 + rise / 2 + d).density for d in (0.5, -0.5)]
    beta = (around[1] - around[0]) / p.density
    Pr = p.viscosity * p.heat_capacity / p.conductivity
    Ra = GRAVITY * beta * rise * 0.1**3 * p.density**2 * Pr / p.viscosity**2
    natural = churchill_chu(Ra, Pr) * p.conductivity / 0.1
    assert float(run.film_natural[0]) == pytest.approx(natural, rel=1e-4)
    assert 20.0 / (0.01 * rise) == pytest.approx(natural, rel=0.01)


def test_the_tank_keeps_its_heat_and_what_stands_higher_is_warmer(oil):
    run = immersion([SINK, BOARD, SINK], oil, heat=[200.0, 10.0, 200.0], **TANK)
    p = oil.properties(35.0)
    assert float(run.T_out) - 35.0 == pytest.approx(410.0 / (2e-4 * p.density * p.heat_capacity))
    assert abs(float(run.energy_residual)) < 1e-6
    assert np.all(np.diff(run.T_bath) > 0)
    assert float(run.T_base[2]) > float(run.T_base[0])
    assert float(run.R_sink[0]) == pytest.approx(float(run.T_base[0] - run.T_bath[0]) / 200.0)
    assert 0.5 < float(run.fin_efficiency[0]) < 1.0 == float(run.fin_efficiency[1])


def test_more_flow_and_more_fins_cool_and_no_heat_is_no_rise(oil):
    slow, fast = (immersion(SINK, oil, heat=200.0, **{**TANK, "flow": q}) for q in (5e-5, 8e-4))
    assert float(fast.T_base[0]) < float(slow.T_base[0])
    assert float(fast.film[0]) > float(fast.film_natural[0])
    bare = immersion(Sink(length=0.08, breadth=0.08, metal=COPPER), oil, heat=20.0, **TANK)
    assert float(bare.R_sink[0]) > 3.0 * float(immersion(SINK, oil, heat=20.0, **TANK).R_sink[0])
    rest = immersion(SINK, oil, heat=0.0, **TANK)
    assert float(rest.T_base[0]) == 35.0
    assert np.isnan(float(rest.R_sink[0]))


def test_a_stream_beyond_laminar_is_flagged():
    """Re 5e5 on a long board in a thin liquid; the boundary layer's law is laminar."""
    thin = Coolant.from_coolprop("INCOMP::TD12", T_low=10.0, T_high=120.0, T_freeze=-80.0)
    run = immersion(BOARD.replace(length=1.0), thin, heat=20.0, flow=0.02, T_in=30.0, area=0.02)
    assert float(run.outside_film) == 1.0
    assert flat_plate(4e4, 8.0) == pytest.approx(0.664 * 200.0 * 2.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"coolant": "pg25"}, "conducts electricity"),
        ({"coolant": "water"}, "Water conducts electricity"),
        ({"heat": 1e4}, "its base would be warmer than 150 degC"),
        ({"heat": [1.0, 2.0]}, "heat is given for 2 sinks, there are 1"),
        ({"flow": 0.0}, "flow = 0 m3/s must be above 0"),
        ({"T_in": 5.0}, "T_in = 5 degC is outside the range of coolant"),
        ({"sinks": COPPER}, "sinks"),
    ],
)
def test_bad_tanks_are_explained(oil, changes, words):
    given = {"sinks": SINK, "coolant": oil, "heat": 100.0, **TANK, **changes}
    if isinstance(given["coolant"], str):
        given["coolant"] = th.load(f"coolants/{given['coolant']}")
    with pytest.raises(InputError, match=words):
        immersion(given.pop("sinks"), given.pop("coolant"), **given)


def test_fins_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="no gap fits on"):
        SINK.replace(breadth=3e-3)
