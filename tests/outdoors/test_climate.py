"""Weather: EPW files whole, cut and gapped; climates that keep their normals; finer steps."""

import numpy as np
import pytest

import thermal as th
from thermal.errors import DataError, InputError
from thermal.outdoors.climate import fill_gaps, interpolate
from thermal.outdoors.epw import read_epw

CHICAGO = "weather/USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def epw(path, *, leap=False, change=lambda k, row: row, last=None):
    """Write a small EPW year of constant weather; `change` edits the fields of hour k."""
    header = ["LOCATION,Test,AB,ABC,made up,0,40.0,-80.0,-5.0,100.0", *("X,0" for _ in range(7))]
    lines = []
    for month, days in enumerate(DAYS, 1):
        for day in range(1, days + 1 + (leap and month == 2)):
            for hour in range(1, 25):
                row = [str(1980 + month), str(month), str(day), str(hour), "0", "?9", "20.0", "10.0", "52", "99000"]
                lines.append(",".join(change(len(lines), row)))
    path.write_text("\n".join(header + lines[:last]) + "\n")
    return path


def test_whole_year_of_mixed_years(tmp_path):
    year = th.weather(epw(tmp_path / "a.epw"))
    assert year.sizes["time"] == 8760
    assert float(year.T_dry_bulb.mean()) == 20.0
    assert 13.0 < float(year.T_wet_bulb[0]) < 15.0
    assert (year.attrs["elevation"], year.attrs["kind"]) == (100.0, "typical year")


def test_leap_day(tmp_path):
    year = th.weather(epw(tmp_path / "a.epw", leap=True))
    assert year.sizes["time"] == 8784
    assert year.sel(time="2000-02-29").sizes["time"] == 24


@pytest.mark.parametrize(
    ("build", "says"),
    [
        ({"last": 5000}, "ends at line 5008 with 5000 of 8760 hours"),
        ({"change": lambda k, row: row[:6] if k == 100 else row}, "line 109: the line is cut after 6 fields"),
        ({"change": lambda k, row: [*row[:3], "9", *row[4:]] if k == 11 else row}, "line 20: month 1, day 1, hour 9"),
        ({"change": lambda k, row: [*row[:6], "x", *row[7:]] if k == 3 else row}, "line 12: field 7 is 'x'"),
    ],
)
def test_damaged_files_say_where(tmp_path, build, says):
    with pytest.raises(DataError, match=says):
        th.weather(epw(tmp_path / "a.epw", **build))


def gap(first, length):
    return lambda k, row: [*row[:6], "99.9", *row[7:]] if first <= k < first + length else row


def test_missing_values_are_an_error_until_asked_to_be_filled(tmp_path):
    path = epw(tmp_path / "a.epw", change=gap(50, 3))
    with pytest.raises(DataError, match="3 hours lack T_dry_bulb, the first on line 59"):
        th.weather(path)
    raw = read_epw(path)
    assert int(raw.T_dry_bulb.isnull().sum()) == 3
    filled = fill_gaps(raw)
    assert float(filled.T_dry_bulb.max()) == 20.0
    assert "3 values" in filled.attrs["transformations"]
    with pytest.raises(DataError, match="lacks 30 hours in a row"):
        fill_gaps(read_epw(epw(tmp_path / "b.epw", change=gap(50, 30))))


def test_unknown_place_and_no_epw(tmp_path):
    with pytest.raises(InputError, match="no weather for 'chicgo'; known: chicago"):
        th.weather("chicgo")
    with pytest.raises(DataError, match="does not exist"):
        th.weather(tmp_path / "none.epw")
    (tmp_path / "a.epw").write_text("hello")
    with pytest.raises(DataError, match="not an EPW file"):
        th.weather(tmp_path / "a.epw")


def test_wet_bulb_of_the_reference(data):
    """Against EnergyPlus on the same file: 8760 hours within 0.12 K where ice meets water, else within 1 mK."""
    import pandas as pd

    reference = pd.read_csv(data("energyplus/c1_eir_yorkcalc_chicago.csv.gz"))
    year = th.weather(data(CHICAGO))
    error = np.abs(year.T_wet_bulb.to_numpy() - reference.twb_C.to_numpy())
    assert np.median(error) < 1e-3
    assert error.max() < 0.15
    np.testing.assert_allclose(year.humidity_ratio, reference.w_kgkg, rtol=2e-3)


@pytest.mark.parametrize("name", [m for m in th.models() if m.startswith("climates/")])
def test_synthetic_year_keeps_its_normals(name):
    climate = th.load(name)
    year = th.weather(climate, seed=3)
    months = year.T_dry_bulb.groupby("time.month").mean()
    normals = (np.array(climate.T_high) + np.array(climate.T_low)) / 2
    np.testing.assert_allclose(months, normals, atol=1e-9)
    assert bool((year.T_dew_point <= year.T_dry_bulb + 1e-9).all())
    assert bool((year.T_wet_bulb <= year.T_dry_bulb + 1e-6).all())
    assert year.attrs["kind"] == "synthetic"
    again = th.weather(climate, seed=3)
    np.testing.assert_array_equal(again.T_wet_bulb, year.T_wet_bulb)
    assert not np.array_equal(th.weather(climate, seed=4).T_dry_bulb, year.T_dry_bulb)


def steady_climate(**changes):
    """The same normals in each month: 10 to 20 °C, dew point 12 °C."""
    twelve = {"T_high": 20.0, "T_low": 10.0, "T_dew_point": 12.0, "spread": 0.0}
    return th.load("climates/chicago").replace(persistence=0.0, **{k: (v,) * 12 for k, v in (twelve | changes).items()})


def test_a_synthetic_day_by_hand():
    """Highest at 15 h, lowest at 3 h, half way at 9 and 21 h; the dew point is held below the dry bulb."""
    day = th.weather(steady_climate()).isel(time=slice(24, 48))
    np.testing.assert_allclose(day.T_dry_bulb[[15, 3, 9, 21]], [20.0, 10.0, 15.0, 15.0], atol=1e-9)
    np.testing.assert_allclose(day.T_dry_bulb[12], 15.0 + 5.0 * np.cos(np.pi / 4), atol=1e-9)
    np.testing.assert_allclose(day.T_dew_point[[15, 3]], [12.0, 10.0], atol=1e-9)


@pytest.mark.parametrize("persistence", [0.0, 0.8])
def test_days_follow_a_first_order_autoregression(persistence):
    """Against scipy's filter: x_k = φ·x_(k-1) + sqrt(1 - φ²)·n_k, times the spread, centred in each month."""
    import pandas as pd
    from scipy.signal import lfilter

    seed, spread = 11, 3.0
    year = th.weather(steady_climate(spread=spread).replace(persistence=persistence), seed=seed)
    noise = np.random.default_rng(seed).standard_normal(365) * np.sqrt(1.0 - persistence**2)
    noise[0] /= np.sqrt(1.0 - persistence**2)
    days = pd.Series(spread * lfilter([1.0], [1.0, -persistence], noise), pd.date_range("2001-01-01", periods=365))
    expected = 15.0 + days - days.groupby(days.index.month).transform("mean")
    np.testing.assert_allclose(year.T_dry_bulb.resample(time="1D").mean(), expected, atol=1e-9)
    dew = year.T_dew_point - (year.T_dry_bulb.resample(time="1D").mean().reindex(time=year.time, method="ffill") - 3.0)
    assert float(abs(dew.where(year.time.dt.hour == 15, drop=True)).max()) < 1e-9  # the same days, 3 K below


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"T_low": 30.0}, "T_low exceeds T_high in month 1"),
        ({"spread": -1.0}, "spread = -1 K must be from 0 K on"),
        ({"T_high": 400.0}, "T_dry_bulb = .* is outside -60..60 degC; is it in K or degF"),
    ],
)
def test_climates_that_cannot_be(change, says):
    with pytest.raises(InputError, match=says):
        th.weather(steady_climate(**change))
    with pytest.raises(InputError, match="seed = 'x' must be a whole number"):
        th.weather(steady_climate(), seed="x")
    with pytest.raises(InputError, match="twelve monthly values"):
        th.weather(steady_climate().replace(T_high=(1.0,)))


def test_finer_steps_pass_through_the_hours():
    year = th.weather(th.load("climates/golden")).isel(time=slice(0, 48))
    fine = interpolate(year, 900.0)
    np.testing.assert_allclose(fine.T_dry_bulb[::4], year.T_dry_bulb, atol=1e-12)
    assert fine.attrs["interval"] == 900.0
    assert "interpolate" in fine.attrs["transformations"]
    with pytest.raises(InputError, match="divide one hour"):
        interpolate(year, 700.0)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        (6, "77.0", "line 11: T_dry_bulb = 77 degC"),
        (8, "120", "line 11: relative_humidity = 1.2 .120 %"),
        (9, "1013", "line 11: pressure = 1013 Pa .* hPa"),
    ],
)
def test_values_that_no_weather_has_are_refused_with_their_line(tmp_path, column, value, says):
    def change(k, row):
        return [*row[:column], value, *row[column + 1 :]] if k == 2 else row

    with pytest.raises(DataError, match=says):
        read_epw(epw(tmp_path / "x.epw", change=change))
