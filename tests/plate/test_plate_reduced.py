"""The reduced plate against the full one: steps of power, inlet temperature and flow; stability; files; bad input."""

import numpy as np
import pytest
from plates import CELLS, FLOW, GEOMETRY, T_IN, superchip

import thermal as th
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import DataError, InputError
from thermal.plate.reduction import reduce_plate
from thermal.plate.steady import steady_plate
from thermal.plate.transient import transient_plate

pytestmark = pytest.mark.compiled
PLATE = ColdPlate(**GEOMETRY, homogenised=True)
FLOWS = np.geomspace(0.5, 2.0, 4) * FLOW


@pytest.fixture(scope="module")
def coolant():
    return th.load("coolants/pg25")


@pytest.fixture(scope="module")
def small(coolant):
    return reduce_plate(PLATE, package=superchip(), coolant=coolant, heat=500.0, flows=FLOWS, T_in=T_IN, cells=CELLS)


def test_stated_error_is_small_and_kept(coolant, small):
    """The limit was set before the run; the trial is another one than those behind the stated error."""
    assert small.error < 0.03
    heat = {"gpu": 100.0, "hbm": 100.0}
    ours = small.march(np.tile([100.0, 100.0], (40, 1)), FLOW, T_IN, 0.1)
    full = transient_plate(PLATE, superchip(), coolant, heat, FLOW, T_IN, until=4.0, step=0.1, cells=CELLS)
    rise = float(full.T_junction.max()) - T_IN
    difference = abs(ours.T_block_highest.max("block").values - full.T_junction.values)
    assert difference[1:].max() < (small.error + 0.02) * rise  # films here are those of 200 W, there of 500 W


@pytest.mark.parametrize("flow", [0.5 * FLOW, 0.77 * FLOW, 2.0 * FLOW])
def test_steady_state_is_that_of_the_full_plate(coolant, small, flow):
    full = steady_plate(PLATE, superchip(), coolant, 500.0, flow, T_IN, CELLS)
    rest = small.march(np.tile(500.0 * np.array(small.shares), (400, 1)), flow, T_IN, 0.1).isel(time=-1)
    for ours, theirs in ((rest.T_case, full.T_case), (rest.T_block_highest.max(), full.T_junction)):
        assert float(ours) == pytest.approx(float(theirs), abs=small.error * float(full.T_junction - T_IN))
    assert small.resistance(flow) == pytest.approx(float(full.R_case), rel=small.error)


def test_inlet_and_flow_that_vary(small):
    """A warm front passes through: it ends where a constant warmer inlet ends, whatever the flow did meanwhile."""
    steps = 600
    heat = np.tile(400.0 * np.array(small.shares), (steps, 1))
    T_in = np.where(np.arange(steps) < 200, T_IN, T_IN + 8.0)
    flow = FLOW * np.where(np.arange(steps) < 400, 1.0 + 0.4 * np.sin(np.arange(steps)), 1.0)
    varied = small.march(heat, flow, T_in, 0.1).isel(time=-1)
    constant = small.march(heat, FLOW, T_IN + 8.0, 0.1).isel(time=-1)
    assert float(abs(varied.T_block_highest - constant.T_block_highest).max()) < 0.01 * 8.0
    assert float(varied.T_out) == pytest.approx(float(constant.T_out), abs=0.01 * 8.0)


def test_stable_whatever_the_flow_does(small):
    """The state shrinks at every flow in one norm, so also while the flow jumps about between the ends of the range."""
    for flow in np.geomspace(FLOWS[0], FLOWS[-1], 101):
        A = small.matrices(flow)[0]
        assert np.linalg.eigvals(A).real.max() < 0
        assert np.linalg.eigvalsh(A + A.T).max() < 0
    for step in (1e-3, 1.0, 60.0):
        assert max(np.linalg.norm(m[:, : m.shape[0]], 2) for m in small.step_table(step).matrix) < 1
    jumps = np.random.default_rng(3).choice(FLOWS[[0, -1]], 500)
    heat = np.tile(500.0 * np.array(small.shares), (500, 1))
    low, high = (small.march(heat, flow, T_IN, 1.0).T_block_highest.isel(time=-1) for flow in (FLOWS[-1], FLOWS[0]))
    wild = small.march(heat, jumps, T_IN, 1.0).T_block_highest.isel(time=slice(20, None))
    assert bool(((wild > low - 0.5) & (wild < high + 0.5)).all())


def test_file_holds_the_whole_model(small, tmp_path):
    again = th.components.plate.ReducedPlate.load(small.save(tmp_path / "small"))
    heat = np.tile([200.0, 50.0], (5, 1))
    assert small.march(heat, FLOW, T_IN, 0.1).identical(again.march(heat, FLOW, T_IN, 0.1))
    assert again == small
    assert again.origin == small.origin
    assert again.made_from == small.made_from
    assert [origin.model for origin in again.made_from] == ["coolants/pg25"]
    assert str(again) == str(small)
    (tmp_path / "none.npz").write_bytes(b"no archive")
    with pytest.raises(DataError, match="not a whole file of a reduced plate"):
        th.components.plate.ReducedPlate.load(tmp_path / "none.npz")
    whole = (tmp_path / "small.npz").read_bytes()
    for share in (0.0, 0.3, 0.7, 0.99):
        (tmp_path / "cut.npz").write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(DataError, match="not a whole file"):
            th.components.plate.ReducedPlate.load(tmp_path / "cut.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flow": 3 * FLOW}, "outside the reduced plate"),
        ({"flow": np.full(3, FLOW)}, r"flow of shape \(3,\)"),
        ({"T_in": np.array([40.0, np.nan])}, r"T_in\[1\] = nan is not a finite number"),
        ({"T_in": "warm"}, "T_in = 'warm' must be numbers"),
        ({"heat": np.array([[1.0, 1.0], [1.0, -1.0]])}, "heat at step 1, block = hbm = -1 W must be from 0 on"),
        ({"heat": np.ones((2, 3))}, r"heat of shape \(2, 3\)"),
        ({"heat": np.ones((0, 2))}, "heat has no step"),
        ({"step": 0.0}, "step = 0 s must be above 0"),
        ({"step": "short"}, "step = 'short' must be numbers in s, not a text"),
    ],
)
def test_bad_march_is_explained(small, changes, message):
    with pytest.raises(InputError, match=message):
        small.march(**{"heat": np.ones((2, 2)), "flow": FLOW, "T_in": T_IN, "step": 0.1, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flows": [FLOW]}, "two or more"),
        ({"flows": [2 * FLOW, FLOW]}, "ascending"),
        ({"flows": [0.0, FLOW]}, r"flows\[0\] = 0 m3/s must be above 0"),
        ({"flows": ["slow", "fast"]}, "must be numbers"),
        ({"heat": 0.0}, "heat = 0 W must be above 0"),
        ({"heat": "hot"}, "heat = 'hot' must be numbers in W"),
        ({"cells": 5}, "cells is 5 .int., a Cells is needed"),
        ({"states": 1.5}, "states = 1.5"),
        ({"T_in": -40.0}, "freezes"),
    ],
)
def test_bad_reduction_is_explained(coolant, changes, message):
    conditions = {"package": superchip(), "coolant": coolant, "heat": 500.0, "flows": FLOWS, "T_in": T_IN}
    with pytest.raises(InputError, match=message):
        reduce_plate(PLATE, **{**conditions, "cells": CELLS, **changes})


@pytest.mark.parametrize("flow", [0, -1])
def test_a_model_that_grows_at_one_of_its_flows_is_refused(small, flow):
    generator = np.array(small.generator)
    generator[flow] = -generator[flow]
    with pytest.raises(InputError, match="not stable"):
        small.replace(generator=generator)
