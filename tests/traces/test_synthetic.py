"""Synthetic traces follow their stated law, say so, and repeat with their seed."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from thermal.errors import InputError
from thermal.traces import inference_day, training_run
from thermal.units import day, hour


def test_same_seed_same_day_other_seed_other_day():
    xr.testing.assert_identical(inference_day(3, 1e5, seed=7), inference_day(3, 1e5, seed=7))
    assert not np.allclose(inference_day(3, 1e5, seed=7).heat, inference_day(3, 1e5, seed=8).heat)


@settings(max_examples=20)
@given(st.integers(0, 2**31), st.floats(0, 1), st.floats(0.05, 0.95), st.floats(0, 2))
def test_heat_lies_between_idle_and_rated(seed, idle, level, noise):
    trace = inference_day(2, 1e5, seed=seed, idle_share=idle, mean_level=level, noise=noise, step=600.0)
    assert (trace.heat >= idle * 1e5 * (1 - 1e-12)).all()
    assert (trace.heat <= 1e5 * (1 + 1e-12)).all()


def test_without_noise_it_is_the_stated_law():
    trace = inference_day(1, 1e5, seed=1, noise=0.0, idle_share=0.2, mean_level=0.5, diurnal=1.0, peak_at=12 * hour)
    noon, midnight = (float(trace.heat.sel(time=t)[0]) for t in (12 * hour, 0.0))
    assert noon == pytest.approx(1e5 * (0.2 + 0.8 / (1 + np.exp(-1))))
    assert midnight == pytest.approx(1e5 * (0.2 + 0.8 / (1 + np.exp(1))))


def test_noise_has_the_stated_spread_and_memory():
    """z of a rack holds two noises: variance 2·noise², and autocorrelation exp(−1) after one memory."""
    trace = inference_day(40, 1.0, seed=3, diurnal=0.0, mean_level=0.5, idle_share=0.0, noise=0.3, memory=300.0)
    z = np.log(trace.heat / (1 - trace.heat)).values
    assert z.std() == pytest.approx(np.sqrt(2) * 0.3, rel=0.1)
    own = z - z.mean(axis=1, keepdims=True)
    lag = 20  # 300 s of 15 s
    assert np.mean(own[lag:] * own[:-lag]) / own.var() == pytest.approx(np.exp(-1), abs=0.05)


def test_law_and_seed_are_in_the_attributes():
    trace = inference_day(1, 1e5, seed=11)
    assert "seed 11" in trace.attrs["synthetic"]
    assert trace.heat.attrs["units"] == "W"
    assert trace.time.attrs["units"] == "s"
    assert trace.sizes == {"time": 5760, "rack": 1}


def test_racks_may_be_any_object_with_design_heat():
    trace = inference_day(SimpleNamespace(design_heat=[1e5, 2e5]), seed=7, noise=0.0)
    np.testing.assert_allclose(trace.heat[:, 1], 2 * trace.heat[:, 0])
    with pytest.raises(InputError, match="leave rated_power out"):
        inference_day(SimpleNamespace(design_heat=[1e5]), 1e5, seed=7)


@pytest.mark.parametrize(
    ("racks", "power", "more", "match"),
    [
        (2, None, {}, "give rated_power"),
        (0, 1e5, {}, "whole number from 1"),
        (2, -1.0, {}, "above 0 W"),
        (2, np.nan, {}, "rated_power = nan"),
        (2, 1e5, {"step": 0.0}, "step = 0 s must be above 0 s"),
        (2, 1e5, {"step": 60.0, "until": 30.0}, "step = 60 s is longer than until = 30 s"),
        (2, 1e5, {"memory": 0.0}, "memory = 0 s"),
        (2, 1e5, {"peak_at": np.nan}, "peak_at = nan"),
        (2, 1e5, {"noise": "much"}, "noise = 'much'"),
        (2, 1e5, {"seed": -1}, "seed = -1"),
        ("two", 1e5, {}, "racks = 'two' must be a whole number"),
        (2, "1e5", {}, "rated_power = '1e5'"),
        (2, True, {}, "rated_power = True"),
        (2, 1e5, {"idle_share": 1.5}, r"idle_share = 1\.5"),
        (2, 1e5, {"mean_level": 1.0}, "mean_level"),
    ],
)
def test_bad_input_is_named(racks, power, more, match):
    with pytest.raises(InputError, match=match):
        inference_day(racks, power, **{"seed": 1, **more})


@pytest.mark.parametrize("step", [0.5, 2.0, 15.0, 60.0])
def test_a_coarse_step_of_a_training_run_loses_no_energy(step):
    fine = training_run(2, 1e5, seed=5, step=0.25, until=hour)
    coarse = training_run(2, 1e5, seed=5, step=step, until=hour)
    energy = [float(t.heat.sum()) * dt for t, dt in ((fine, 0.25), (coarse, step))]
    assert energy[1] == pytest.approx(energy[0], rel=2e-3)


def test_training_levels_by_hand():
    """Idle 300 s at 0.25, then 1800 s with one 40 s checkpoint at 0.4 and iterations of 0.8·1 + 0.2·0.55."""
    run = training_run(1, 1e5, seed=1, spread=0.0, step=1.0, until=2100.0)
    expected = 0.25 * 300 + 0.4 * 40 + (0.8 + 0.2 * 0.55) * (1800 - 40)
    assert float(run.heat.sum()) / 1e5 == pytest.approx(expected, rel=1e-3)
    assert float(run.heat.max()) == 1e5


def test_training_needs_checkpoints_that_fit():
    with pytest.raises(InputError, match="checkpoint_length"):
        training_run(1, 1e5, seed=1, checkpoint_every=30.0)
    with pytest.raises(InputError, match="exchange_share"):
        training_run(1, 1e5, seed=1, exchange_share=-0.1)


def test_a_day_is_a_day():
    assert inference_day(1, 1.0, seed=0).time.values[-1] == day - 15


@pytest.mark.parametrize("make", [inference_day, training_run])
def test_seeds_begin_at_zero(make):
    assert float(make(1, 1e5, seed=0).heat.max()) > 0.0
