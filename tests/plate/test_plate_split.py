"""The flow split of channels settles where warmth and flow feed back upon each other."""

import pytest

import thermal as th
from tests.plates import SILICON
from thermal.plate.grid import Cells
from thermal.plate.steady import steady_plate
from thermal.units import kW, lpm, mm, um


@pytest.mark.compiled
def test_split_settles_between_laminar_and_turbulent():
    """Re near 3900, where more flow means much more loss and colder, thicker water: plain substitution swings."""
    plate = th.ColdPlate(
        length=100 * mm, breadth=64 * mm, channel_width=249 * um, fin_width=761 * um, channel_depth=331 * um,
        base=0.53 * mm, metal=SILICON, pattern="split",
    )  # fmt: skip
    package, water = th.load("packages/h100").replace(length=0.08, breadth=0.0163), th.load("coolants/water")
    flow = 3.7 * lpm
    run = steady_plate(plate, package, water, 1.4 * kW, flow, 35.0, Cells(slices=10, base=1, fin=1, cover=1))
    assert 2300 < float(run.reynolds) < 4100
    assert float(run.channel_flow.sum()) == pytest.approx(flow / 2, rel=1e-9)  # of each half
    assert float(run.channel_flow.max() / run.channel_flow.min()) > 1.002
