"""Plates drawn for their power: better than the best even one, even where the power is, within limits, or refused."""

import numpy as np
import pytest
from plates import COPPER, FLOW, GREASE, SILICON, T_IN

import thermal as th
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate, Pattern
from thermal.errors import InputError
from thermal.plate.conditions import Conditions
from thermal.plate.design import Limits, _Draft, design
from thermal.plate.grid import Cells
from thermal.plate.power import checked_heat

pytestmark = pytest.mark.compiled  # minutes in plain Python

WHOLE = {"x": 0.0, "y": 0.0, "breadth": 0.03, "length": 0.03}
DIE = Layer(name="die", thickness=7e-4, regions=(Region(material=SILICON, **WHOLE),), cells=1,
            blocks=(Block(name="die", **WHOLE),))  # fmt: skip
STACK = Stack(layers=(DIE, Layer(name="TIM", thickness=5e-5, regions=(Region(material=GREASE, **WHOLE),), cells=1)))
PLATE = ColdPlate(
    length=0.03, breadth=0.03, channel_width=1.6e-3, fin_width=1.1e-3, channel_depth=3e-3, base=1e-3, metal=COPPER
)
LIMITS = Limits(least_channel=3e-4, least_fin=3e-4, aspect=8.0)
COARSE = Cells(slices=8, base=2, fin=2, cover=1)


@pytest.fixture(scope="module")
def coolant():
    return th.load("coolants/pg25")


def draw(coolant, heat, **changes):
    given = {"plate": PLATE, "package": STACK, "flow": FLOW, "T_in": T_IN, "subject_to": LIMITS, "cells": COARSE}
    return design(**{**given, "coolant": coolant, "heat": heat, **changes})


def power(of) -> np.ndarray:
    """Watts on twelve by twelve pixels, as a function of places from 0 to 1 across and along."""
    y, x = np.meshgrid(*(2 * [(np.arange(12) + 0.5) / 12]), indexing="ij")
    watts = of(x, y)
    return 300.0 * watts / watts.sum()


MAPS = {
    "hot spot": power(lambda x, y: 0.5 + 4.0 * np.exp(-(((x - 0.7) / 0.15) ** 2) - ((y - 0.5) / 0.25) ** 2)),
    "one side": power(lambda x, y: 1.0 + 2.0 * (x > 7 / 12)),
    "two dies": power(lambda x, y: 0.2 + (np.abs(x - 0.25) < 0.17) + 0.5 * (np.abs(x - 0.75) < 0.1)),
}


@pytest.mark.parametrize(
    "name", ["hot spot", *(pytest.param(name, marks=pytest.mark.slow) for name in ("one side", "two dies"))]
)
def test_a_drawn_plate_beats_the_best_even_one_at_equal_pumping_power(coolant, name):
    """On a grid twice as fine as the draft's, by more than 5 % of the rise; within all limits."""
    found = draw(coolant, MAPS[name])
    run = found.result.isel(power_map=0)
    rise = (run.T_junction - T_IN).values
    assert rise[2] < 0.95 * rise[1] < 0.95 * rise[0]
    assert run.pumping_power.values == pytest.approx(np.full(3, run.pumping_power.values[0]), rel=5e-3)
    assert bool(run.converged.all())
    assert abs(run.energy_residual.values).max() < 1e-6
    assert found.plate.widths.min() >= 3e-3 / 8.0 * (1 - 1e-9)
    assert min(found.plate.fins.min(), found.plate.side_wall) >= 3e-4 * (1 - 1e-6)
    again = th.steady(found.plate, package=STACK, coolant=coolant, heat=MAPS[name], flow=found.flow, T_in=T_IN,
                      cells=COARSE._replace(refine=2))  # fmt: skip
    assert float(again.T_junction) == pytest.approx(float(run.T_junction[2]), abs=1e-6)


def test_even_power_gives_the_even_plate_back(coolant):
    """Nothing is gained by widths of their own, and none is taken."""
    found = draw(coolant, 300.0).result.isel(power_map=0)
    rise = (found.T_junction - T_IN).values
    assert rise[2] == pytest.approx(rise[1], rel=2e-3)
    for widths in (found.channel_width.values[2], found.fin_width.values[2]):
        assert np.ptp(widths) < 0.02 * widths.mean()


def test_a_plate_for_two_maps_serves_the_worse_of_them(coolant):
    """Drawn for a spot and its mirror image, it is its own mirror image, and cooler at its worst than one for a map."""
    spot = MAPS["hot spot"]
    both, one = draw(coolant, [spot, spot[:, ::-1]]), draw(coolant, spot)
    conditions = {
        "package": STACK,
        "coolant": coolant,
        "flow": one.flow,
        "T_in": T_IN,
        "cells": COARSE._replace(refine=2),
    }
    other = th.steady(one.plate, heat=spot[:, ::-1], **conditions)
    worst = both.result.T_junction.sel(drawn="drawn")
    assert float(worst.max()) < float(other.T_junction)
    assert float(worst[0]) == pytest.approx(float(worst[1]), abs=0.05)


def test_what_the_optimiser_sees_of_two_maps_has_its_own_slope(coolant):
    """The smooth worst of unequal maps is s ln(mean exp(θ/s)), and its gradient is its own."""
    heats = [checked_heat("heat", watts) for watts in (300.0, 310.0)]
    start = Conditions.of(PLATE, STACK, coolant, heats[0], FLOW, T_IN, COARSE, 1e-9)
    draft = _Draft(start, heats, LIMITS, 2.0)
    x, step = draft.begin, 1e-4 * np.linspace(0.5, 1.0, draft.begin.size)
    rise, slope = draft.at(x)[:2]
    each = np.array([_Draft(start, [heat], LIMITS, 2.0).at(x)[0] for heat in heats])
    assert rise == pytest.approx(2.0 * np.log(np.exp(each / 2.0).mean()), rel=1e-9)
    numeric = draft.at(x + step)[0] - draft.at(x - step)[0]
    assert numeric / 2.0 == pytest.approx(slope @ step, rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject_to": Limits(least_channel=2e-3, least_fin=1e-3)}, "no room: 10 channels of at least 0.002 m"),
        (
            {"subject_to": Limits(least_channel=1e-4, least_fin=1e-4, aspect=1.0)},
            "no room: 10 channels of at least 0.003",
        ),
        ({"subject_to": Limits(least_channel=1e-4, least_fin=1e-4, tool=3e-3)}, "at most 9 channels"),
        ({"subject_to": None}, "subject_to"),
        ({"plate": PLATE.replace(homogenised=True)}, "homogenised fins: a plate is drawn"),
        ({"plate": PLATE.replace(pattern=Pattern.PINS_IN_LINE)}, "pins: a plate is drawn"),
    ],
)
def test_a_design_without_room_is_refused(coolant, changes, words):
    with pytest.raises(InputError, match=words):
        draw(coolant, 300.0, **changes)
