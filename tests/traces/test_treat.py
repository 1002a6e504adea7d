"""Treatments by hand: each does what its name says, to every series alone, and is written into the attributes."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from thermal.accounting import ledger
from thermal.errors import DataError, InputError
from thermal.traces import at_ends, at_starts, blank, drop_duplicates, fill, in_order, report, resample

NAN = np.nan


def trace(values, time, **more) -> xr.Dataset:
    """One series, and two racks of which the second is the series times ten."""
    values = np.asarray(values, float)
    data = {"p": ("time", values, {"units": "W"}), "q": (("rack", "time"), np.stack([values, 10 * values]))}
    line = ("time", np.arange(len(values)) + 2)
    return xr.Dataset(data, {"time": np.asarray(time, float), "line": line}, more)


def both(data: xr.Dataset, right) -> None:
    np.testing.assert_allclose(data.p, right, rtol=1e-12)
    np.testing.assert_allclose(data.q, [np.array(right), 10 * np.array(right)], rtol=1e-12)
    assert data.p.attrs == {"units": "W"}


def test_order_and_duplicates():
    raw = trace([3, 1, 2, 4, 5], [20, 0, 10, 10, 30])
    with pytest.raises(DataError, match=r"time 0.0 \(line 3\) goes back; use in_order first"):
        drop_duplicates(raw, "first")
    ordered = in_order(raw)
    both(ordered, [1, 2, 4, 3, 5])
    assert ordered.line.values.tolist() == [3, 4, 5, 2, 6]
    with pytest.raises(DataError, match=r"time 10.0 \(line 5\) comes twice; choose with drop_duplicates"):
        fill(ordered, 60, "interpolate")
    for keep, right in (("first", 2.0), ("last", 4.0), ("mean", 3.0)):
        kept = drop_duplicates(ordered, keep)
        both(kept, [1, right, 3, 5])
        assert kept.attrs["treated"] == f"in_order: 1 breaks of order; drop_duplicates keep={keep}: 1 rows dropped"
    with pytest.raises(InputError, match="keep = 'newest' must be one of first, last, mean"):
        drop_duplicates(ordered, "newest")


def test_gaps_are_filled_up_to_the_longest_and_no_further():
    raw = trace([NAN, 1, NAN, 3, NAN, NAN, NAN, 7, 9, NAN], [0, 10, 20, 30, 40, 50, 60, 70, 100, 110])
    short = fill(raw, 20, "interpolate")
    np.testing.assert_array_equal(short.time, np.arange(12) * 10.0)
    both(short, [NAN, 1, 2, 3, NAN, NAN, NAN, 7, NAN, NAN, 9, NAN])
    both(fill(raw, 40, "interpolate"), [NAN, 1, 2, 3, 4, 5, 6, 7, 7 + 2 / 3, 7 + 4 / 3, 9, NAN])
    both(fill(raw, 40, "hold_last"), [NAN, 1, 1, 3, 3, 3, 3, 7, 7, 7, 9, NAN])
    assert short.attrs["treated"] == "fill interpolate up to 20 s: 2 rows added, 3 values filled, 21 stay missing"
    for wrong in ("20", True, NAN, 0.0, None):
        with pytest.raises(InputError, match="longest"):
            fill(raw, wrong, "interpolate")
    hours = xr.DataArray(1 / 90, attrs={"units": "h"})
    both(fill(raw, hours, "hold_last"), fill(raw, 40, "hold_last").p)
    with pytest.raises(InputError, match="how = 'linear' must be one of interpolate, hold_last"):
        fill(raw, 20, "linear")


def test_a_clock_that_jitters_is_resampled_with_its_energy():
    """By hand: rows at 0, 9, 21, 30, 40 s stand for 9, 12, 9, 10, 10 s; the last for the usual 9.5 s."""
    raw = trace([1, 2, 3, 4, 5, 6], [0, 9, 21, 30, 40, 50])
    new = resample(raw, 10, "mean")
    np.testing.assert_array_equal(new.time, [0, 10, 20, 30, 40, 50])
    both(new, [(9 + 2) / 10, 2, (2 + 27) / 10, 4, 5, 6])
    assert float(new.p.sum() * 10) == 1 * 9 + 2 * 12 + 3 * 9 + 4 * 10 + 5 * 10 + 6 * 10
    both(resample(raw, 20, "max"), [2, 4, 6])
    both(resample(raw, 20, "min"), [1, 2, 5])
    both(resample(raw, 15, "interpolate"), [1, 2.5, 4, 5.5])
    assert new.attrs["treated"] == "resample to 10 s by mean: 6 rows became 6"
    assert float(ledger(new, end_uses={"it": "p"}, meter=None).energy_site) == 210.0


def test_what_a_gap_or_a_missing_value_covers_is_missing():
    raw = trace([1, 1, 1, 1, NAN, 1, 1], [0, 10, 20, 50, 60, 70, 80])
    both(resample(raw, 10, "mean"), [1, 1, 1, NAN, NAN, 1, NAN, 1, 1])
    both(resample(raw, 20, "mean"), [1, NAN, NAN, NAN])
    both(resample(raw, 10, "max"), [1, 1, 1, NAN, NAN, 1, NAN, 1, 1])
    both(resample(raw, 10, "interpolate"), [1, 1, 1, NAN, NAN, 1, NAN, 1, 1])
    finer = resample(trace([1, 3], [0, 10]), 5, "mean")
    both(finer, [1, 1, 3, 3])


@pytest.mark.parametrize("wrong", [0.0, -1.0, NAN, "60", True, None, 1e6])
def test_a_step_that_is_none_is_refused(wrong):
    with pytest.raises(InputError, match="to "):
        resample(trace([1, 2], [0, 10]), wrong, "mean")


@given(st.lists(st.floats(0.7, 1.4), min_size=4, max_size=30), st.integers(0, 1000))
def test_means_keep_the_energy_of_any_clock_without_gaps(steps, seed):
    time = np.concatenate([[0.0], np.cumsum(steps)])
    usual = float(np.median(steps))
    if max(steps) > 1.5 * usual:
        return
    values = np.random.default_rng(seed).uniform(1, 2, time.size)
    to = (time[-1] + usual) / 3
    new = resample(trace(values, time), to, "mean")
    assert float(new.p.sum() * to) == pytest.approx(float(values @ np.append(steps, usual)), rel=1e-9)


def test_dates_stay_dates():
    dates = np.datetime64("2026-03-29", "ns") + np.array([0, 60, 120, 240]) * np.timedelta64(1, "s")
    raw = trace([1, 2, 3, 5], [0, 1, 2, 3]).assign_coords(time=dates)
    both(fill(raw, 120, "interpolate"), [1, 2, 3, 4, 5])
    assert fill(raw, 120, "interpolate").time.values[3] == dates[0] + np.timedelta64(180, "s")
    assert resample(raw.isel(time=[0, 1, 2]), 120, "max").time.values[0] == dates[0]
    assert at_ends(raw.isel(time=[0, 1, 2])).time.values[0] == dates[1]


def test_starts_and_ends_of_intervals():
    """A result names the ends, its trace the starts; brought together they are equal rows."""
    load = trace([1, 2, 3], [0, 60, 120])
    ends = at_ends(load)
    np.testing.assert_array_equal(ends.time, [60, 120, 180])
    assert ends.time.attrs["stamp"] == "end"
    assert ends.attrs["treated"] == "times moved by 60 s to the ends of their intervals"
    xr.testing.assert_equal(at_ends(ends), ends)
    xr.testing.assert_equal(at_starts(ends), load)
    run = trace([4, 5, 6], [60, 120, 180])
    assert float((at_starts(run, stamp="end").p - load.p).mean()) == 3.0
    assert at_starts(run, stamp="end").sizes["time"] == (at_starts(run, stamp="end").p - load.p).sizes["time"]
    with pytest.raises(DataError, match="comes 80 s after the row before where the step is 60 s"):
        at_ends(trace([1, 2, 3, 4], [0, 60, 120, 200]))
    with pytest.raises(InputError, match="stamp = 'middle'"):
        at_ends(load, stamp="middle")


def test_faults_are_made_missing_by_name():
    values = 100 + np.arange(40.0) % 7
    values[20] = 900.0
    values[30] = -5.0
    raw = trace(values, np.arange(40) * 10)
    off = blank(raw, "outside range")  # p is in W and cannot be negative; q has no unit and no range
    assert np.flatnonzero(np.isnan(off.p)).tolist() == [30]
    assert not np.isnan(off.q).any()
    spikes = blank(raw, "spike")
    assert np.flatnonzero(np.isnan(spikes.p)).tolist() == [20, 30]
    assert np.isnan(spikes.q).sum() == 4
    assert spikes.attrs["treated"] == "blank spike: 6 values made missing"
    assert not np.isnan(raw.p).any(), "the data given are not changed"
    left = report(fill(spikes, 20, "interpolate"))
    assert len(left) == 0
    held = trace(np.where(np.arange(40) < 12, 5.0, values), np.arange(40) * 10)
    assert np.isnan(blank(held, "stuck").p).sum() == 12
    assert np.isnan(blank(held, "stuck", stuck=13).p).sum() == 0
    with pytest.raises(InputError, match="what = 'noise' must be one of stuck, spike, outside range, change of unit"):
        blank(raw, "noise")


TREATMENTS = {
    "in_order": in_order,
    "at_ends": at_ends,
    "fill": lambda data: fill(data, 1.0, "hold_last"),
    "blank": lambda data: blank(data, "spike"),
    "resample": lambda data: resample(data, 1.0, "mean"),
    "drop_duplicates": lambda data: drop_duplicates(data, "first"),
    "report": report,
}


@pytest.mark.parametrize("treat", TREATMENTS.values(), ids=TREATMENTS)
@pytest.mark.parametrize("wrong", [None, "row.csv", xr.Dataset({"p": 1.0}), trace([1.0], [0.0])], ids=str)
def test_what_has_no_rows_is_refused(treat, wrong):
    with pytest.raises(InputError, match=r"data is|at least two rows"):
        treat(wrong)


def test_limits_of_the_report():
    with pytest.raises(InputError, match="stuck = 1 must be"):
        report(trace([1, 2], [0, 1]), stuck=1)
    with pytest.raises(InputError, match="spike = 'big'"):
        report(trace([1, 2], [0, 1]), spike="big")
