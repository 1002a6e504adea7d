"""A cold plate in time: order, steps that follow their error, jumps of heat hit exactly, maps, and bad input."""

import numpy as np
import pytest
import xarray as xr
from plates import CELLS, FLOW, GEOMETRY, SILICON, T_IN, place, superchip

import thermal as th
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError

pytestmark = pytest.mark.compiled
PLATE = ColdPlate(**GEOMETRY, homogenised=True)


@pytest.fixture(scope="module")
def coolant():
    return th.load("coolants/pg25")


def march(coolant, heat, until=8.0, package=None, **others):
    conditions = {"package": package or superchip(), "coolant": coolant, "flow": FLOW, "T_in": T_IN, "cells": CELLS}
    return th.transient(PLATE, **conditions, heat=heat, until=until, **others)


def steps_of(power, times, blocks=("gpu", "hbm")):
    return xr.DataArray(power, dims=("time", "block"), coords={"time": times, "block": list(blocks)})


PULSE = steps_of([[160.0, 40.0], [400.0, 100.0], [160.0, 40.0]], [0.0, 1.0, 3.0])


@pytest.fixture(scope="module")
def reference(coolant):
    """The pulse to 0.5 mK."""
    return march(coolant, PULSE, accuracy=5e-4)


def error(run, reference):
    """Largest difference of junction and case at the times that both have."""
    near = np.abs(reference.time.values[:, None] - run.time.values).argmin(axis=0)
    same = np.abs(reference.time.values[near] - run.time.values) < 1e-9
    assert same.sum() > 10
    names = ("T_junction", "T_case")
    return max(float(np.abs(reference[n].values[near] - run[n].values)[same].max()) for n in names)


@pytest.mark.parametrize("accuracy", [0.3, 0.1, 0.03])
def test_found_steps_keep_the_accuracy_for_fewer_solves(coolant, reference, accuracy):
    found = march(coolant, PULSE, accuracy=accuracy)
    assert error(found, reference) <= accuracy
    fixed = march(coolant, PULSE, step=8.0 / 2 ** np.ceil(np.log2(found.solves / 2)))  # steps of one length
    wanted = fixed.solves * np.sqrt(error(fixed, reference) / error(found, reference))  # of second order, same error
    assert wanted > 1.5 * found.solves
    length = np.diff(found.time.values, prepend=0.0)
    assert np.abs(found.energy_residual * length).sum() < 1e-7 * (found.heat * length).sum()


def test_what_starts_at_rest_and_stays_there_is_the_steady_plate(coolant):
    """Every number of it: films, losses and flow split are those of the state that it starts from, too."""
    heat = {"gpu": 400.0, "hbm": 100.0}
    conditions = {"package": superchip(), "coolant": coolant, "flow": FLOW, "T_in": T_IN, "cells": CELLS}
    steady, run = th.steady(PLATE, **conditions, heat=heat), march(coolant, heat, until=0.5, start=heat)
    cold = march(coolant, {"gpu": 0.0, "hbm": 0.0}, until=0.5)
    assert float(cold.pressure_drop) > 1.05 * float(steady.pressure_drop)  # the coolant is more viscous there
    shared = [
        str(n) for n in steady.data_vars if n in run and "time" not in run[n].dims and steady[n].dtype.kind == "f"
    ]
    assert {"film", "pressure_drop", "channel_flow", "reynolds", "T_coolant", "T_body"} <= set(shared)
    for name in shared:
        scale = float(np.abs(steady[name]).max())
        np.testing.assert_allclose(run[name], steady[name], rtol=1e-3, atol=1e-6 * scale, err_msg=name)


def test_jumps_are_hit_exactly(coolant):
    pulse = PULSE.assign_coords(time=[0.0, 1.0 / 3.0, np.pi / 2])
    found = march(coolant, pulse, until=2.0)
    for jump in pulse.time.values[1:]:
        assert np.abs(found.time.values - jump).min() < 1e-12
    before = found.heat.where(found.time < 1 / 3 + 1e-9, drop=True)
    assert np.allclose(before, 200.0)
    cut = march(coolant, pulse, until=2.0, step=0.125)  # the jumps fall inside steps
    whole = march(coolant, pulse, until=2.0, step=1.0 / 1024)
    late = slice(1.9, 2.0)
    assert float(cut.T_case.sel(time=late)[-1]) == pytest.approx(float(whole.T_case.sel(time=late)[-1]), abs=0.1)
    assert float(abs(cut.energy_residual).max()) < 1e-4


def test_fixed_steps_put_in_the_energy_of_the_trace(coolant):
    """What leaves and what is stored sum to the trace's own integral, although its jumps miss the steps."""
    pulse = steps_of([[300.0, 0.0], [0.0, 0.0]], [0.0, 0.77])
    runs = [march(coolant, pulse, until=4.0, step=s) for s in (0.5, 0.05)]
    rise = [float((r.T_out - T_IN).sum()) * s for r, s in zip(runs, (0.5, 0.05), strict=True)]
    assert rise[0] == pytest.approx(rise[1], rel=2e-3)


def test_fixed_steps_end_where_they_should(coolant):
    """The last step is cut at the duration, and energy is kept in it."""
    run = march(coolant, PULSE, until=1.0, step=0.3)
    np.testing.assert_allclose(run.time, [0.3, 0.6, 0.9, 1.0])
    assert float(abs(run.energy_residual).max()) < 1e-4
    assert float(march(coolant, PULSE, until=1.0, step=0.6).time[-1]) == 1.0
    fine = march(coolant, PULSE, until=1.0, step=0.05)
    assert float(run.T_junction[-1]) == pytest.approx(float(fine.T_junction[-1]), abs=0.1)


def test_units_of_heat_are_obeyed(coolant):
    kilo = (PULSE / 1e3).assign_attrs(units="kW")
    runs = [march(coolant, heat, until=1.0, step=0.5) for heat in (PULSE, kilo)]
    np.testing.assert_allclose(runs[1].T_junction, runs[0].T_junction)
    with pytest.raises(InputError, match="'degC' cannot be converted to 'W'"):
        march(coolant, kilo.assign_attrs(units="degC"), step=1.0)


@pytest.mark.parametrize("manifold", ["even", "U"])
def test_films_and_flow_split_follow_the_heat(coolant, manifold):
    """After a pulse the plate comes to rest where a steady one is; films of the pulse would leave it 82 mK away."""
    plate = PLATE.replace(manifold=manifold, manifold_area=3e-5)
    given = {"package": superchip(), "coolant": coolant, "flow": FLOW, "T_in": T_IN, "cells": CELLS}
    low = steps_of([[400.0, 100.0], [80.0, 20.0]], [0.0, 2.0])
    run, rest = th.transient(plate, heat=low, until=8.0, **given), th.steady(plate, heat=100.0, **given)
    assert float(run.T_junction[-1]) == pytest.approx(float(rest.T_junction), abs=2e-3)
    np.testing.assert_allclose(run.film, rest.film, rtol=1e-3)
    np.testing.assert_allclose(run.channel_flow, rest.channel_flow, rtol=1e-3)
    assert float(run.pressure_drop) == pytest.approx(float(rest.pressure_drop), rel=1e-3)
    assert "each step" in run.attrs["films"]


@pytest.mark.parametrize("late", [False, True])
def test_a_step_of_power_never_overshoots(coolant, late):
    """20 ms steps after a step of power into a thin die, 46 K: the first was 6.3 K over the truth, then a step back."""
    on, off = [640.0, 160.0], [0.0, 0.0]
    heat = steps_of([off, on], [0.0, 0.1]) if late else steps_of([on], [0.0])
    thin = superchip(thickness=5e-5)
    run = march(coolant, heat, until=0.2, package=thin, step=0.02)
    for name in ("T_junction", "T_case", "T_out"):
        assert float(run[name].diff("time").min()) > -1e-6, name
    fine = march(coolant, heat, until=0.2, package=thin, step=0.001)
    difference = abs(run.T_junction - fine.T_junction.sel(time=run.time, method="nearest").values)
    assert float(fine.T_junction[-1]) - T_IN > 40.0
    assert float(difference.max()) < 0.2
    np.testing.assert_allclose(run.energy_residual, 0.0, atol=1e-4)


def test_map_in_time_agrees_with_a_block_in_time(coolant):
    one = Stack(layers=(Layer(name="die", thickness=7e-4, regions=(Region(material=SILICON, **place()),),
                              blocks=(Block(name="b", **place()),)),))  # fmt: skip
    times = [0.0, 0.5]
    flat = xr.DataArray(np.array([1.0, 3.0])[:, None, None] * np.full((4, 5), 5.0), dims=("time", "y", "x"))
    block = steps_of([[100.0], [300.0]], times, ["b"])
    runs = [march(coolant, h, until=1.0, package=one, step=0.1) for h in (flat.assign_coords(time=times), block)]
    assert float(abs(runs[0].T_junction - runs[1].T_junction).max()) < 1e-6
    turned = march(coolant, flat.assign_coords(time=times).transpose("x", "time", "y"), 1.0, one, step=0.1)
    assert float(abs(turned.T_junction - runs[0].T_junction).max()) == 0.0
    spot = flat.assign_coords(time=times).copy()
    spot[1, 2, 3] += 50.0
    assert float(march(coolant, spot, 1.0, one, step=0.1).T_junction[-1]) > float(runs[0].T_junction[-1]) + 1.0


@pytest.mark.parametrize(
    ("heat", "message"),
    [
        (PULSE.where(PULSE < 300.0), "heat at time = 1.0, block = gpu = nan is not a finite number"),
        (-PULSE, "heat at time = 0.0, block = gpu = -160 W must be from 0 on"),
        (PULSE.rename(block="die"), r"dimensions \('time', 'die'\)"),
        (PULSE.drop_vars("time"), "needs coordinates"),
        (PULSE.drop_vars("block"), "needs coordinates"),
        (PULSE.assign_coords(time=[0.0, 3.0, 1.0]), "ascending"),
        (PULSE.assign_coords(block=["gpu", "cpu"]), r"names blocks \['cpu'\]"),
        (PULSE.astype(str), "must be numbers in W, not a text"),
        (xr.DataArray(np.full((2, 3, 3), np.nan), dims=("time", "y", "x"), coords={"time": [0.0, 1.0]}), "y 0, x 0"),
        (xr.DataArray(np.ones((2, 2)), dims=("time", "x"), coords={"time": [0.0, 1.0]}), "known are time"),
        (xr.DataArray(np.ones(3), dims="die"), "known are block"),
    ],
)
def test_bad_heat_in_time_is_explained(coolant, heat, message):
    with pytest.raises(InputError, match=message):
        march(coolant, heat, step=1.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"step": 0.0}, "step = 0 s must be above 0"),
        ({"step": "short"}, "step = 'short'"),
        ({"step": 9.0}, "no longer than"),
        ({"until": -1.0}, "until = -1 s must be above 0"),
        ({"accuracy": 0.0}, "accuracy = 0 K must be above 0"),
        ({"accuracy": np.nan}, "accuracy = nan"),
    ],
)
def test_bad_steps_are_explained(coolant, changes, message):
    with pytest.raises(InputError, match=message):
        march(coolant, 100.0, **changes)
