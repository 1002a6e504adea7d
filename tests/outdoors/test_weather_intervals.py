"""A year of any interval has the right sums: three hours, quarters, days; what has no even interval is refused."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import DataError, InputError
from thermal.outdoors.siting import mechanical_load
from thermal.units import MW, day, hour, kWh, minute

PLANT = th.load("plants/generic_20mw")
YEAR = th.weather(th.load("climates/chicago"))
TEN_DAYS = 20e3 * 24 * 10  # kWh of 20 MW


def it_energy(weather, power=20 * MW):
    """Energy of IT by the sums of the year [kWh], and the interval that the year states."""
    year = th.annual(PLANT, it_power=power, weather=weather)
    return float(th.accounting.annual_sums(year).energy.sel(end_use="it")) / kWh, year.attrs["interval"]


def quarters(hours):
    return YEAR.interp(time=YEAR.time.values[0] + np.arange(4 * hours) * np.timedelta64(15, "m"))


@pytest.mark.parametrize(
    ("weather", "interval"),
    [
        (YEAR.isel(time=slice(0, 240)), hour),
        (YEAR.isel(time=slice(0, 240, 3)), 3 * hour),
        (quarters(240), 15 * minute),  # still says that its interval is an hour
        (YEAR.isel(time=slice(0, 240)).resample(time="1D").mean().assign_attrs(YEAR.attrs), day),
        (YEAR.isel(time=slice(0, 240)).drop_vars("time"), hour),
        (YEAR.isel(time=slice(0, 240, 3)).drop_vars("time").assign_attrs(interval=3 * hour), 3 * hour),
    ],
    ids=["hours", "third hours", "quarters", "daily means", "no times", "stated"],
)
def test_ten_days_at_20_mw_are_4_8_gwh(weather, interval):
    found, stated = it_energy(weather)
    assert found == pytest.approx(TEN_DAYS, rel=1e-12)
    assert stated == interval


def test_chosen_hours_count_an_hour_each():
    chosen = YEAR.isel(time=[0, 1, 2, 100, 101, 5000])
    assert it_energy(chosen) == (pytest.approx(6 * 20e3), hour)
    pair = YEAR.isel(time=[0, 5000])
    assert it_energy(pair) == (pytest.approx(2 * 20e3), hour)


def test_hours_of_free_cooling_are_all_hours_of_a_cold_month():
    cold = YEAR.isel(time=slice(0, 744, 3))
    sums = th.accounting.annual_sums(th.annual(PLANT, it_power=20 * MW, weather=cold))
    assert float(sums.hours_free) == pytest.approx(744.0)


@pytest.mark.parametrize(
    ("weather", "says"),
    [
        (
            YEAR.isel(time=[0, 1, 3]).drop_attrs(),
            r"rows come 3600 s apart, but 7200 s from .* interval is missing",
        ),
        (YEAR.isel(time=[1, 0]), "does not rise at row 1"),
        (YEAR.isel(time=slice(0, 9)).assign_coords(time=np.arange(9.0)), "its rows last 1 s.* drop them if they count"),
        (YEAR.isel(time=slice(0, 9)).assign_attrs(interval=-5.0).drop_vars("time"), "attribute interval = -5 s"),
    ],
)
def test_a_year_without_one_interval_is_refused(weather, says):
    with pytest.raises((InputError, DataError), match=says):
        it_energy(weather)


def test_the_mechanical_load_of_chosen_rows_takes_an_hour_each():
    """Two hours with 10 of 100 W, one with 40 of 100 W: 60 of 300 Wh."""
    power = xr.DataArray([[100.0, 10.0], [100.0, 40.0], [100.0, 10.0]], dims=("time", "end_use"))
    time = np.array([0.0, 1.0, 2.0]) * hour
    even = power.assign_coords(end_use=["it", "chillers"], time=time).to_dataset(name="power")
    assert float(mechanical_load(even).mechanical_load_component) == pytest.approx(0.2)
    uneven = even.isel(time=[0, 1]).assign_coords(time=[0.0, 2 * hour]).assign_attrs(interval=hour)
    two = xr.concat([uneven, even.isel(time=[2]).assign_coords(time=[3 * hour])], "time", combine_attrs="override")
    assert float(mechanical_load(two).mechanical_load_component) == pytest.approx(60.0 / 300.0)
    with pytest.raises(DataError, match=r"3600 s apart, but 7200 s from 0\.0 to 7200\.0"):
        mechanical_load(two.drop_attrs(deep=False))


def test_a_result_says_which_files_made_it_and_what_was_changed():
    part = YEAR.isel(time=slice(0, 24))
    plain, changed = (th.annual(p, it_power=20 * MW, weather=part) for p in (PLANT, PLANT.replace(approach=3.0)))
    assert f"plants/generic_20mw {PLANT.origin.sha256[:12]};" in plain.attrs["models"]
    assert f"plants/generic_20mw {PLANT.origin.sha256[:12]} changed: approach=3.0;" in changed.attrs["models"]
    assert plain.attrs["thermal_version"] == th.__version__
