"""Each row counts for as long as it lasts: the same ten days at 20 MW, whatever the step of the weather."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.accounting import ledger, pue
from thermal.accounting.gaps import hold_last, interpolate, regular, step_of
from thermal.errors import DataError, InputError
from thermal.timeline import intervals
from thermal.units import MW, hour, kWh

START = np.datetime64("2026-01-01", "ns")


def times(step: float, rows: int) -> np.ndarray:
    return START + np.arange(rows) * np.timedelta64(int(step), "s")


def year(step: float, rows: int, stated: float | None = 3600.0, mode: int = 1) -> xr.Dataset:
    """Rows of a result that says it was made hour by hour, whatever its times say."""
    data = {
        "power": (("end_use", "time"), np.array([[20 * MW], [1 * MW]]) * np.ones(rows)),
        "site_power": ("time", np.full(rows, 21 * MW)),
        "water_make_up": ("time", np.full(rows, 2.0)),
        "heat_unmet": ("time", np.full(rows, 100.0)),
        "mode": ("time", np.full(rows, mode)),
        "outside_chiller": ("time", np.arange(rows) % 2 == 0),
        "chillers_running": ("time", (np.arange(rows) % 80 < 51).astype(int)),
    }
    attrs = {} if stated is None else {"interval": stated}
    return xr.Dataset(data, {"end_use": ["it", "chillers"], "time": times(step, rows)}, attrs)


@pytest.mark.parametrize("step", [900.0, 3600.0, 10800.0, 86400.0])
@pytest.mark.parametrize("stated", [3600.0, None])
def test_ten_days_at_20_mw_are_4_8_gwh_at_any_step(step, stated):
    rows = int(240 * hour / step)
    sums = th.accounting.annual_sums(year(step, rows, stated))
    assert float(sums.energy.sel(end_use="it")) / kWh == pytest.approx(4.8e6, rel=1e-12)
    assert float(sums.water) == pytest.approx(2.0 * 240 * hour / 1000, rel=1e-12)
    assert float(sums.energy_unmet) == pytest.approx(100.0 * 240 * hour, rel=1e-12)
    assert float(sums.hours_free) == pytest.approx(240.0)
    assert float(sums.hours_outside_chiller) == pytest.approx(120.0)
    assert sums.attrs["interval"] == step


def test_weather_every_third_hour_runs_through_the_plant_to_the_right_sum():
    air = th.weather(th.load("climates/chicago")).isel(time=slice(0, 240, 3))
    result = th.annual(th.load("plants/generic_20mw"), it_power=20 * MW, weather=air)
    sums = th.accounting.annual_sums(result)
    assert float(sums.energy.sel(end_use="it")) / kWh == pytest.approx(4.8e6, rel=1e-12)
    assert float(sums.hours_free + sums.hours_partial) <= 240.0
    assert float(sums.water) == pytest.approx(float(result.water_make_up.sum()) * 10.8)


def test_hours_of_a_year_sampled_every_24th_are_8760():
    assert float(th.accounting.annual_sums(year(24 * hour, 365)).hours_free) == 8760.0


def test_running_hours_by_rows_of_three_hours():
    rows = year(3 * hour, 80)
    assert float(th.accounting.running_hours(rows, 1).hours_running.sum()) == 153.0  # 51 rows
    assert th.accounting.running_hours(rows, 1).hours_running.attrs["units"] == "1"
    assert th.accounting.running_hours(rows, 1).starts.attrs["long_name"] == "starts of a machine over the window"
    assert (
        float(th.accounting.running_hours(rows.assign_attrs(interval=900.0), 2, lead="fixed").hours_running[0]) == 153.0
    )
    turning = th.accounting.running_hours(rows, 2, period=12.0)  # the lead passes on every fourth row
    np.testing.assert_array_equal(turning.hours_running, [81.0, 72.0])  # 27 and 24 of the 51 rows


def test_chosen_hours_count_as_the_hours_they_are():
    day = year(hour, 48)
    peak = day.time.dt.hour.isin(range(8, 20))
    chosen = th.accounting.annual_sums(day.isel(time=peak.values))
    assert float(chosen.energy.sel(end_use="it")) / kWh == pytest.approx(20e3 * 24)
    xr.testing.assert_allclose(chosen, th.accounting.annual_sums(day, where=peak))


def test_rows_whose_length_nobody_knows_are_refused():
    odd = year(hour, 48).isel(time=[0, 1, 2, 6, 7, 8])
    assert set(intervals(odd)) == {3600.0}
    with pytest.raises(DataError, match=r"3600 s apart, but 14400 s from 2026-01-01T02.* interval is missing"):
        intervals(odd.drop_attrs())
    with pytest.raises(DataError, match="interval is 900 s"):
        intervals(odd.assign_attrs(interval=900.0))
    with pytest.raises(DataError, match="no duration: give times"):
        th.accounting.annual_sums(year(hour, 48, None).isel(time=[0]))
    with pytest.raises(DataError, match="does not rise at row 1"):
        intervals(year(hour, 3).isel(time=[1, 0, 2]))
    with pytest.raises(InputError, match="interval = '1 h'"):
        intervals(year(hour, 3).assign_attrs(interval="1 h"))


def test_one_row_lasts_as_long_as_it_says():
    one = year(hour, 48).isel(time=[7])
    assert step_of(one) == intervals(one)[0] == 3600.0
    assert float(th.accounting.annual_sums(one).energy.sel(end_use="it")) == 20 * MW * hour
    assert float(ledger(one).energy_site) == 21 * MW * hour


def test_cases_that_failed_are_nan_and_not_nought_hours():
    study = xr.concat([year(hour, 24), year(hour, 24)], xr.IndexVariable("T_supply", [20, 30]))
    study["status"] = ("T_supply", ["done", "failed"])
    sums = th.accounting.annual_sums(study)
    assert float(sums.hours_free[0]) == 24.0
    assert np.isnan(sums.hours_free[1])
    assert np.isnan(sums.energy[1]).all()


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: th.accounting.annual_sums(None), "year is missing"),
        (
            lambda: th.accounting.annual_sums(year(hour, 4).drop_vars("mode")),
            "annual_sums needs .*, with power",
        ),
        (lambda: th.accounting.running_hours("year", 2), "year is 'year' \\(str\\), a Dataset is needed"),
        (lambda: th.accounting.running_hours(year(hour, 4), 1, period=np.nan), "period = nan is not a finite number"),
        (lambda: th.accounting.running_hours(year(hour, 4), 1, period=True), "period = True must be numbers in hour"),
        (lambda: th.accounting.running_hours(year(hour, 4), "2"), "machines = '2' must be a whole number"),
        (
            lambda: th.accounting.running_hours(year(hour, 4), 1, lead="rotate"),
            "lead = 'rotate'.*did you mean 'rotating'",
        ),
        (lambda: th.accounting.running_hours(year(hour, 4) * np.nan, 1), "chillers_running at time = 2026"),
    ],
)
def test_wrong_arguments_are_named(ask, says):
    with pytest.raises(InputError, match=says) as caught:
        ask()
    assert "\n" not in str(caught.value)


def test_a_period_in_days_is_obeyed():
    rows = year(3 * hour, 80)
    days = th.accounting.running_hours(rows, 2, period=xr.DataArray(0.5, attrs={"units": "day"}))
    xr.testing.assert_identical(days, th.accounting.running_hours(rows, 2, period=12.0))


def test_missing_rows_are_put_where_they_belong():
    """By hand: rows 0, 10, 20, 50 s and a hole of two; places by the clock, whatever the dtype of time."""
    table = xr.Dataset({"p": ("time", [1.0, 2.0, 3.0, 6.0]), "n": ("time", [1, 2, 3, 6])}, {"time": [0.0, 10, 20, 50]})
    whole = regular(table)
    np.testing.assert_array_equal(whole.time, [0, 10, 20, 30, 40, 50])
    np.testing.assert_array_equal(whole.p, [1, 2, 3, np.nan, np.nan, 6])
    np.testing.assert_array_equal(interpolate(table).p, [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(hold_last(table).p, [1, 2, 3, 3, 3, 6])
    dated = table.assign_coords(time=START + np.array([0, 10, 20, 50]) * np.timedelta64(1, "s"))
    np.testing.assert_array_equal(interpolate(dated).p, [1, 2, 3, 4, 5, 6])
    assert interpolate(dated).time.values[4] == START + np.timedelta64(40, "s")


def test_holding_works_along_time_wherever_it_stands_and_for_each_column_alone():
    """By hand: what is missing at the start stays; texts, whole numbers and columns without time stay what they are."""
    p = [[np.nan, 1.0, np.nan, 4.0], [5.0, np.nan, np.nan, 8.0]]
    right = [[np.nan, 1.0, 1.0, 4.0], [5.0, 5.0, 5.0, 8.0]]
    time = [0.0, 10.0, 20.0, 30.0]
    table = xr.Dataset(
        {"p": (("rack", "time"), p), "q": (("time", "rack"), np.transpose(p)), "k": ("rack", [np.nan, 1.0]),
         "who": ("time", ["a", "b", "c", "d"])}, {"time": time},
    )  # fmt: skip
    held = hold_last(table)
    np.testing.assert_array_equal(held.p, right)
    np.testing.assert_array_equal(held.q, np.transpose(right))
    np.testing.assert_array_equal(held.k, [np.nan, 1.0])
    assert held.who.values.tolist() == ["a", "b", "c", "d"]


def test_a_clock_that_does_not_fit_is_named():
    for wrong, says in (([0.0, 10, 10, 20], "whole number|drop repeats"), ([0.0, 10, 24, 34], "24.0 is not a whole")):
        with pytest.raises(DataError, match=says):
            regular(xr.Dataset({"p": ("time", [1.0, 2, 3, 4])}, {"time": wrong}))
    with pytest.raises(DataError, match="same time: drop repeats"):
        regular(xr.Dataset({"p": ("time", [1.0, 2, 3, 4])}, {"time": [0.0, 0, 0, 10]}))
    with pytest.raises(InputError, match="at least two times"):
        interpolate(xr.Dataset({"p": 1.0}))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_times_with_a_zone_are_read(zone):
    import pandas as pd

    clock = pd.date_range("2026-03-29", periods=24, freq="h", tz=zone)
    data = year(hour, 24).assign_coords(time=("time", clock))
    book = ledger(data)
    assert book.attrs["window"] == 24 * hour
    assert float(pue(book)) == pytest.approx(1.05)
    assert float(th.accounting.annual_sums(data).energy.sel(end_use="it")) == 480e3 * kWh
    gap = data.isel(time=[0, 1, 3, 4])
    with pytest.raises(DataError, match="gap in time: 7200 s"):
        ledger(gap)
    assert ledger(gap, fill=interpolate).attrs["window"] == 5 * hour
