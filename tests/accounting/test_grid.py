"""Metrics of the grid side against sums done by hand."""

import numpy as np
import pytest
import xarray as xr

from thermal.accounting.grid import flexibility, grid_metrics, ramps, swings
from thermal.errors import DataError, InputError


def series(values, step=1.0, times=None):
    times = np.arange(len(values)) * step if times is None else times
    return xr.DataArray(np.asarray(values, float), {"time": times}, ("time",))


def test_ramps_of_a_sawtooth():
    """Up 100 W in 4 rows of 5 s, then down at once: 5 W/s and -20 W/s."""
    saw = series(np.tile([0.0, 25.0, 50.0, 75.0, 100.0], 6) + 1000.0, 5.0)
    found = grid_metrics(saw, reference=2000.0)
    assert float(found.ramp_up) == pytest.approx(5.0)
    assert float(found.ramp_down) == pytest.approx(20.0)
    assert float(found.ramp_relative) == pytest.approx(20.0 / 2000.0 * 100 * 60)
    assert ramps(saw).values[:5].tolist() == [5.0, 5.0, 5.0, 5.0, -20.0]


def test_ramps_over_uneven_rows_and_dates():
    times = np.datetime64("2026-01-01", "ns") + np.array([0, 10, 40]) * np.timedelta64(1, "s")
    assert ramps(series([0.0, 20.0, 80.0], times=times)).values.tolist() == [2.0, 2.0]


def test_units_are_obeyed():
    kilowatts = series([1.0, 3.0]).assign_attrs(units="kW")
    assert ramps(kilowatts).values.tolist() == [2000.0]


@pytest.mark.parametrize(("frequency", "amplitude"), [(0.05, 10.0), (0.2, 300.0), (0.49, 7.0)])
def test_a_sine_has_one_line(frequency, amplitude):
    t = np.arange(0.0, 1000.0, 1.0)
    found = swings(series(500.0 + amplitude * np.sin(2 * np.pi * frequency * t + 0.3)))
    best = int(found.swing_amplitude.argmax("frequency"))
    assert float(found.frequency[best]) == pytest.approx(frequency)
    assert float(found.swing_amplitude[best]) == pytest.approx(amplitude, rel=1e-9)
    assert float(found.swing_square.sum()) == pytest.approx(amplitude**2 / 2, rel=1e-9)


@pytest.mark.parametrize("rows", [50, 51])
def test_squares_add_up_to_the_variance(rows):
    values = np.random.default_rng(5).normal(1e6, 1e5, rows)
    assert float(swings(series(values)).swing_square.sum()) == pytest.approx(values.var(), rel=1e-12)


def test_the_band_counts_what_lies_in_it_and_says_what_it_cannot_see():
    t = np.arange(0.0, 400.0, 0.5)
    wave = series(1e4 + 30.0 * np.sin(2 * np.pi * 0.05 * t) + 40.0 * np.sin(2 * np.pi * 0.5 * t), 0.5)
    found = grid_metrics(wave)
    assert float(found.swing_in_band) == pytest.approx(40.0 / np.sqrt(2), rel=1e-9)
    assert float(found.band_covered) == pytest.approx(np.log10(1.0 / 0.1) / np.log10(20.0 / 0.1))
    assert float(grid_metrics(series([1.0, 2.0, 1.0], 60.0)).band_covered) == 0.0


def test_peak_to_average_weighs_rows_by_their_length():
    """10 s at 100 W, 30 s at 200 W, and the last row as long as the one before it: 30 s at 400 W."""
    found = grid_metrics(series([100.0, 200.0, 400.0], times=[0.0, 10.0, 40.0]), limit=150.0)
    mean = (10 * 100 + 30 * 200 + 30 * 400) / 70
    assert float(found.peak_to_average) == pytest.approx(400 / mean)
    assert float(found.time_outside) == 60.0
    assert float(found.energy_outside) == 30 * 50 + 30 * 250
    assert float(found.dynamic_range) == 0.75
    assert "swing_in_band" not in found


def test_time_with_ramps_above_their_limit():
    found = grid_metrics(series([0.0, 10.0, 10.0, 40.0, 41.0], 2.0), ramp_limit=5.0)
    assert float(found.ramp_time_outside) == 2.0


def test_several_sites_at_once():
    both = xr.concat([series([1.0, 3.0]), series([2.0, 2.0])], "plant")
    assert grid_metrics(both).peak_to_average.values.tolist() == [1.5, 1.0]


def test_flexibility_holds_for_the_whole_duration():
    found = flexibility(series([5.0, 4.0, 6.0, 6.0, 2.0], 900.0), 3.0, 1700.0)
    assert found.flexible_power.values.tolist() == [1.0, 1.0, 3.0, 0.0]
    assert found.flexible_energy.values.tolist() == [1700.0, 1700.0, 5100.0, 0.0]
    with pytest.raises(InputError, match="longer than the series"):
        flexibility(series([1.0, 2.0]), 0.0, 1e4)


@pytest.mark.parametrize(
    "power", [5.0, [1.0, 2.0], series([1.0]), series([1.0, np.nan]), series([1.0, 2.0], times=[1, 1])]
)
def test_what_is_no_series_is_refused(power):
    for metric in (ramps, swings, grid_metrics):
        with pytest.raises((InputError, DataError), match=r"power|time"):
            metric(power)


def test_swings_of_uneven_rows_are_refused():
    with pytest.raises(DataError, match="gap in time"):
        swings(series([1.0, 2.0, 3.0, 4.0], times=[0.0, 1.0, 2.0, 5.0]))


@pytest.mark.parametrize("band", [(20.0, 0.1), (0.0, 1.0), 3.0, "fast"])
def test_a_band_that_is_none(band):
    with pytest.raises(InputError, match="band"):
        grid_metrics(series([1.0, 2.0]), band=band)
