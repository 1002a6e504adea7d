"""Plates in parallel share the flow at one pressure drop; outlets of channels mix to that of the plate."""

import numpy as np
import pytest
from plates import CELLS, FLOW, GEOMETRY, T_IN, superchip

import thermal as th
from thermal.components.plate.geometry import ColdPlate, Pattern
from thermal.errors import InputError

pytestmark = pytest.mark.compiled
PLATE = ColdPlate(**GEOMETRY, homogenised=True)


def run(plates, **changes):
    conditions = {"package": superchip(), "coolant": th.load("coolants/pg25"), "heat": 300.0, "flow": 2 * FLOW}
    return th.steady(plates, **{**conditions, "T_in": T_IN, "cells": CELLS, **changes})


def test_hotter_plate_takes_more_flow_at_one_pressure_drop():
    pair = run([PLATE, PLATE], heat=[600.0, 100.0])
    assert float(pair.flow.sum()) == pytest.approx(2 * FLOW, rel=1e-12)
    assert float(pair.pressure_drop[0]) == pytest.approx(float(pair.pressure_drop[1]), rel=1e-6)
    assert float(pair.flow[0]) > 1.02 * float(pair.flow[1])
    assert np.abs(pair.energy_residual).max() < 1e-6


def test_equal_plates_share_evenly_and_agree_with_one():
    three = run([PLATE] * 3, flow=3 * FLOW)
    one = run(PLATE, flow=FLOW)
    assert np.allclose(three.flow, FLOW, rtol=1e-9)
    assert np.allclose(three.T_case, float(one.T_case), atol=1e-2)
    assert np.allclose(three.pressure_drop, float(one.pressure_drop), rtol=1e-3)


def test_unlike_plates_each_with_its_package_and_heat():
    wide = PLATE.replace(channel_width=6e-4)
    pair = run([PLATE, wide], package=[superchip(), th.load("packages/h100")], heat=[{"gpu": 200.0}, 400.0])
    assert float(pair.flow[1]) > 1.5 * float(pair.flow[0])
    assert float(pair.pressure_drop[0]) == pytest.approx(float(pair.pressure_drop[1]), rel=1e-6)
    assert pair.heat.values.tolist() == pytest.approx([200.0, 400.0])


@pytest.mark.parametrize(
    ("plates", "changes", "message"),
    [
        ([PLATE], {}, "1 plates"),
        ([PLATE, PLATE], {"heat": [1.0, 2.0, 3.0]}, "heat is given for 3 plates"),
        ([PLATE, PLATE], {"package": [superchip()]}, "package is given for 1 plates"),
        ([PLATE, PLATE], {"flow": 0.0}, "flow = 0"),
    ],
)
def test_bad_parallel_plates_are_explained(plates, changes, message):
    with pytest.raises(InputError, match=message):
        run(plates, **changes)


@pytest.mark.parametrize("pattern", [Pattern.PARALLEL, Pattern.SERPENTINE, Pattern.SPLIT, Pattern.PINS_STAGGERED])
@pytest.mark.parametrize("homogenised", [False, True])
def test_outlets_of_channels_mix_to_that_of_the_plate(pattern, homogenised):
    plate = PLATE.replace(pattern=pattern, homogenised=homogenised)
    alone = run(plate, flow=FLOW)
    last = alone.channel[-(alone.channel.size // (2 if pattern == Pattern.SERPENTINE else 1)) :]
    flows, outlets = alone.channel_flow.sel(channel=last), alone.T_out_channel.sel(channel=last)
    assert float((flows * outlets).sum() / flows.sum()) == pytest.approx(float(alone.T_out), abs=2e-3)
    assert float(outlets.max() - outlets.min()) > 0.01
