"""Batteries by rule: hand calculations, energy that balances, bounds that hold."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import thermal as th
from thermal.accounting.grid import grid_metrics
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.power.storage import shave, smooth

BATTERIES = st.builds(
    Battery,
    power=st.floats(1e5, 1e6),
    energy=st.floats(1e9, 1e11),
    loss=st.floats(0, 0.1),
    rate_loss=st.floats(0, 108.0),
    standby_power=st.floats(0, 1e4),
    lowest=st.floats(0, 0.3),
    highest=st.floats(0.7, 1.0),
)


def series(values, step=60.0):
    return xr.DataArray(np.asarray(values, float), {"time": step * np.arange(len(values))}, ("time",))


def noise(seed, rows=120):
    return series(2e6 + 8e5 * np.random.default_rng(seed).uniform(-1, 1, rows))


@settings(max_examples=30, deadline=None)
@given(BATTERIES, st.integers(0, 1000), st.booleans())
def test_energy_balances_within_bounds_and_one_way_at_a_time(battery, seed, peaks):
    load = noise(seed)
    run = shave(load, battery, 2.2e6) if peaks else smooth(load, battery, 2e3)
    through = float((run.charge_power + run.discharge_power + run.storage_loss).sum()) * 60.0 + battery.energy
    assert float(abs(run.storage_residual).max()) <= 1e-12 * through
    held = run.storage_energy.values[-1] - run.attrs["start"] * battery.energy
    grid, loss = (float(run[name].sum()) * 60.0 for name in ("grid_power", "storage_loss"))
    assert grid - float(load.sum()) * 60.0 - loss == pytest.approx(held, abs=1e-12 * grid)
    assert float(run.state_of_charge.min()) >= battery.lowest - 1e-12
    assert float(run.state_of_charge.max()) <= battery.highest + 1e-12
    assert float((run.charge_power * run.discharge_power).max()) == 0.0
    assert float(run.charge_power.max()) <= battery.power
    assert float(run.discharge_power.max()) <= battery.power


def test_one_row_by_hand():
    """400 kW for 60 s at 4e5·3600/3.6e9 = 0.4 C lose 0.03 + 0.05·0.4 = 5 %: 22.8 MJ stored of 24 MJ."""
    battery = Battery(power=1e6, energy=3.6e9, loss=0.03, rate_loss=0.05 * 3600)
    run = smooth(series([1e6, 6e5, 1e6]), battery, 1e-3, recovery=1e12)
    assert float(run.charge_power[1]) == pytest.approx(4e5, rel=1e-6)
    gained = float(run.storage_energy[1] - run.storage_energy[0])
    assert gained == pytest.approx(22.8e6, rel=1e-6)
    assert float(run.storage_loss[1]) == pytest.approx(2e4, rel=1e-6)


def test_discharging_takes_more_than_it_gives():
    battery = Battery(power=1e6, energy=3.6e9, loss=0.03, rate_loss=0.02 * 3600)
    run = shave(series([2e6, 4e6, 2e6]), battery, 3e6)
    assert float(run.storage_energy[0] - run.storage_energy[1]) == pytest.approx(60e6 / 0.95)


@given(BATTERIES, st.floats(0, 1), st.floats(1, 600))
def test_power_within_what_is_left(battery, share, step):
    """Solving for the power and putting it back gives the energy, where rated power is not the limit."""
    energy = share * battery.power * step * 0.5
    into, out = battery.charge_within(energy, step), battery.discharge_within(energy, step)
    assert into * float(battery.efficiency(into)) * step == pytest.approx(energy, rel=1e-9, abs=1e-6)
    assert out / float(battery.efficiency(out)) * step == pytest.approx(energy, rel=1e-9, abs=1e-6)


def test_efficiency_falls_with_the_rate():
    battery = th.load("batteries/lithium_1mw_15min")
    found = battery.efficiency(np.linspace(0.0, battery.power, 20))
    assert (np.diff(found) < 0).all()


def test_a_cycle_a_day_gives_what_the_source_says():
    """NREL ATB: 85 % round trip, 4 hours, about one cycle a day: the file's split was chosen for it."""
    battery = th.load("batteries/lithium_1mw_4h")
    taken = 4e6 * 3600 * battery.efficiency(1e6)
    given_back, standby = taken * battery.efficiency(1e6), battery.standby_power * 86400
    assert float(given_back / (4e6 * 3600 + standby)) == pytest.approx(0.85, abs=0.005)


def test_the_measured_run_is_smoothed(data):
    data("workloads/mlperf_training_v4_power/gpt3_events.csv")
    load = th.traces.mlperf_training().power.sel(end_use="it", boundary="AC", drop=True)
    run = smooth(load, th.load("batteries/lithium_1mw_15min"), 500.0)
    before, after = grid_metrics(load), grid_metrics(run.grid_power)
    assert float(run.limit_missed.max()) == 0.0
    assert float(before.ramp_down) > 4e4
    assert max(float(after.ramp_up), float(after.ramp_down)) <= 500.0 * (1 + 1e-9)
    assert float(after.swing_in_band) < 0.2 * float(before.swing_in_band)


def test_an_exhausted_battery_says_what_it_missed():
    battery = Battery(power=1e6, energy=2e8)
    run = shave(series([2e6] + [4e6] * 10), battery, 3e6)
    assert float(run.limit_missed[1]) == 0.0
    assert float(run.limit_missed[-1]) == pytest.approx(1e6)
    assert float(run.state_of_charge[-1]) == 0.0


def test_storage_smaller_than_a_step_is_refused():
    battery = Battery(power=1e6, energy=6e7, lowest=0.1)
    with pytest.raises(InputError, match=r"smaller than one step; take rows of at most 54 s"):
        shave(series([1e6, 2e6]), battery, 1.5e6)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"lowest": 0.9, "highest": 0.1}, "lowest"), ({"rate_loss": 3600.0}, "rate_loss"), ({"power": -1.0}, "power")],
)
def test_a_battery_that_is_none(change, says):
    with pytest.raises(InputError, match=says):
        Battery(**{"power": 1e6, "energy": 3.6e9, **change})


def test_other_wrong_inputs():
    battery = Battery(power=1e6, energy=3.6e9, standby_power=1e3)
    for call, says in (
        (lambda: smooth(series([1e6, 2e6]), None, 1e3), "battery"),
        (lambda: smooth(series([1e6, 2e6]), battery, 0.0), "ramp_limit"),
        (lambda: smooth(series([1e6, 2e6]), battery, 1e3, start=1.5), "start"),
        (lambda: shave(series([1e6, 2e6]), battery, 500.0), "limit"),
        (lambda: shave(5e6, battery, 5e5), "power"),
        (lambda: shave(series([1e6, 2e6]).expand_dims(rack=2), battery, 5e5), "power"),
    ):
        with pytest.raises(InputError, match=says):
            call()
