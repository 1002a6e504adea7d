"""What no air can be is refused, by every reader, with quantity, value, hour, limit and likely cause."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import thermal as th
from thermal.components.cooling.precooling import precooled
from thermal.errors import InputError
from thermal.outdoors.air import fault_of, on_the_clock_of, possible, require_air
from thermal.outdoors.climate import fill_gaps, interpolate
from thermal.outdoors.in_time import outdoors
from thermal.outdoors.siting import design_day, supply_reset, water_classes
from thermal.units import MW

YEAR = th.weather(th.load("climates/chicago"))
WEEK = YEAR.isel(time=slice(4368, 4368 + 168))  # of July
PLANT = th.load("plants/generic_20mw")
HOURS = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")
RESET = {"T_low": 18.0, "T_high": 24.0, "outdoor_low": 5.0, "outdoor_high": 20.0}
READERS = {
    "annual": lambda air: th.annual(PLANT, it_power=20 * MW, weather=air),
    "in_time": lambda air: outdoors(air, HOURS, None, 24, 3600.0),
    "design_day": design_day,
    "water_classes": lambda air: water_classes(air, approach=5.0),
    "supply_reset": lambda air: supply_reset(air, **RESET),
    "precooled": precooled,
    "interpolate": lambda air: interpolate(air, 900.0),
    "fill_gaps": fill_gaps,
}


def at(name, value, hour=5):
    """The week with one value changed."""
    values = WEEK[name].to_numpy().copy()
    values[hour] = value
    return WEEK.assign({name: ("time", values, WEEK[name].attrs)})


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "T_dry_bulb",
            300.0,
            r"T_dry_bulb = 300 degC in hour 5 \(2001-07-02T05:00\) is outside -60..60 degC; is it in K",
        ),
        ("pressure", 101.3, "pressure = 101.3 Pa in hour 5 .* outside 50000..110000 Pa; is it in hPa or kPa"),
        ("relative_humidity", 45.0, r"relative_humidity = 45 \(4500 %\) in hour 5 .* is outside 0..1.1; is it in %"),
        ("humidity_ratio", 8.0, "humidity_ratio = 8 kg/kg in hour 5 .* is it in g/kg"),
        ("humidity_ratio", 0.04, "humidity_ratio = 0.04 kg/kg in hour 5 .* is above saturation"),
        ("T_dew_point", 40.0, "T_dew_point = 40 degC in hour 5 .* lies above T_dry_bulb"),
        ("T_wet_bulb", 40.0, "T_wet_bulb = 40 degC in hour 5 .* lies above T_dry_bulb"),
        ("T_wet_bulb", math.inf, "T_wet_bulb = inf degC in hour 5"),
    ],
)
def test_impossible_air_is_refused_by_every_reader(reader, name, value, says):
    with pytest.raises(InputError, match=says):
        READERS[reader](at(name, value))


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_obeys_the_units_of_the_weather(reader):
    fahrenheit = {
        n: (1.8 * WEEK[n] + 32.0).assign_attrs(units="degF") for n in ("T_dry_bulb", "T_wet_bulb", "T_dew_point")
    }
    others = {
        "pressure": (WEEK.pressure / 100.0).assign_attrs(units="hPa"),
        "humidity_ratio": (WEEK.humidity_ratio * 1e3).assign_attrs(units="g/kg"),
        "relative_humidity": (WEEK.relative_humidity * 100.0).assign_attrs(units="%"),
    }
    same, found = (READERS[reader](air) for air in (WEEK, WEEK.assign(fahrenheit | others)))
    if isinstance(same, dict):
        for name, column in same.items():
            np.testing.assert_allclose(found[name], column, rtol=1e-9)
    else:
        xr.testing.assert_allclose(found, same, rtol=1e-9, atol=1e-6)  # residuals are round-off


@pytest.mark.parametrize("reader", ["annual", "in_time", "precooled", "supply_reset"])
def test_a_missing_hour_is_named_where_each_hour_is_needed(reader):
    with pytest.raises(
        InputError, match=r"T_wet_bulb is not a number in hour 5|1 of 168 hours lack T_wet_bulb, .* hour 5"
    ):
        READERS[reader](at("T_wet_bulb", math.nan))


def test_the_humidity_of_saturated_air_by_hand():
    """ASHRAE Fundamentals 2017, ch. 1, table 2: 14.758 g/kg at 20 °C (0.4 % of it real-gas effect), 27.3 at 30 °C."""
    require_air(T_dry_bulb=20.0, humidity_ratio=0.0147, pressure=101325.0)
    require_air(T_dry_bulb=20.0, humidity_ratio=0.0162, pressure=101325.0)  # fog
    for w, T in ((0.0165, 20.0), (0.04, 20.0), (0.031, 30.0)):
        with pytest.raises(InputError, match=f"humidity_ratio = {w:g} kg/kg is above saturation"):
            require_air(T_dry_bulb=T, humidity_ratio=w, pressure=101325.0)
    require_air(T_dry_bulb=[20.0, 30.0], humidity_ratio=[0.0147, 0.027], pressure=101325.0)
    T, w, p = xr.Variable("time", [20.0, 30.0]), xr.Variable("time", [0.0162, 0.0162]), xr.Variable((), 101325.0)
    assert fault_of({"T_dry_bulb": T, "humidity_ratio": w, "pressure": p}) is None
    assert fault_of({"T_dry_bulb": T, "humidity_ratio": w + 0.0003, "pressure": p}).row == 0


def test_air_below_freezing_may_be_saturated_over_water():
    """At -20 °C over water 125.4 Pa, over ice 103.2 Pa (WMO tables): fog of undercooled drops is air, too."""
    require_air(T_dry_bulb=-20.0, humidity_ratio=0.621945 * 125.4 / (101325.0 - 125.4), pressure=101325.0)


def test_a_fault_stands_on_the_row_where_it_is():
    columns = {"pressure": xr.Variable(("climate", "time"), [[1e5, 1e5, 1e5], [1e5, 1e5, 99.0]])}
    assert fault_of(columns).row == 2
    assert fault_of({"pressure": xr.Variable((), 1e5)}) is None
    assert fault_of({"pressure": xr.Variable("time", [1e5, math.nan])}) is None  # missing is not impossible


def test_texts_and_truth_values_are_no_weather():
    for wrong, says in ((WEEK.T_dry_bulb.astype(str), "not a text"), (WEEK.T_dry_bulb > 0, "not a truth value")):
        with pytest.raises(InputError, match=f"weather: T_dry_bulb.*{says}"):
            possible(WEEK.assign(T_dry_bulb=wrong))
    with pytest.raises(InputError, match="weather is of type DataFrame"):
        possible(WEEK.to_dataframe())
    with pytest.raises(InputError, match="weather lacks pressure, it has T_dry_bulb"):
        possible(WEEK.drop_vars("pressure"))


# Clocks


def dates(start, tz=None, periods=24):
    return xr.DataArray(np.ones(periods), {"time": pd.date_range(start, periods=periods, freq="h", tz=tz)}, ("time",))


def test_zones_meet_on_the_weathers_clock():
    """Noon in Chicago's summer is 17:00 UTC and 11:00 local standard time; the clock of a file never changes."""
    chicago = WEEK.assign_attrs(utc_offset=-6.0)
    for heat in (dates("2001-07-02 12:00", "America/Chicago"), dates("2001-07-02 17:00", "UTC")):
        found = outdoors(chicago, ["T_dry_bulb"], heat.time, 24, 3600.0)["T_dry_bulb"]
        np.testing.assert_allclose(found, WEEK.T_dry_bulb.values[11 : 11 + 24])
    naive = outdoors(chicago, ["T_dry_bulb"], dates("2001-07-02 12:00").time, 24, 3600.0)["T_dry_bulb"]
    np.testing.assert_allclose(naive, WEEK.T_dry_bulb.values[12 : 12 + 24])


def test_a_zone_on_one_side_alone_is_refused():
    with pytest.raises(InputError, match=r"heat have a time zone, those of the weather have none; .*utc_offset="):
        outdoors(WEEK, ["T_dry_bulb"], dates("2001-07-02", "UTC").time, 24, 3600.0)
    zoned = WEEK.assign_coords(time=WEEK.indexes["time"].tz_localize("UTC"))
    with pytest.raises(InputError, match="heat have no time zone, those of the weather have one"):
        outdoors(zoned, ["T_dry_bulb"], dates("2001-07-02").time, 24, 3600.0)
    both = outdoors(zoned, ["T_dry_bulb"], dates("2001-07-02 02:00", "Europe/Berlin").time, 24, 3600.0)
    np.testing.assert_allclose(both["T_dry_bulb"], WEEK.T_dry_bulb.values[:24])
    for wrong in (30.0, "west", math.nan, -12.5, 14.5):
        with pytest.raises(InputError, match="utc_offset"):
            on_the_clock_of(WEEK.assign_attrs(utc_offset=wrong), dates("2001-07-02", "UTC").time, "heat")
    for hours, first in ((-12.0, "2001-07-01T12:00"), (14.0, "2001-07-02T14:00")):  # the clocks of the world
        moved = on_the_clock_of(WEEK.assign_attrs(utc_offset=hours), dates("2001-07-02", "UTC").time, "heat")
        assert moved.values[0] == np.datetime64(first)


def test_a_load_of_a_year_may_have_a_zone():
    chicago = WEEK.assign_attrs(utc_offset=-6.0)
    load = xr.DataArray(np.linspace(5e6, 20e6, 168), {"time": WEEK.time}, ("time",))
    zoned = load.assign_coords(time=(WEEK.indexes["time"] + pd.Timedelta(hours=6)).tz_localize("UTC"))
    same, found = (th.annual(PLANT, it_power=power, weather=chicago).site_power for power in (load, zoned))
    np.testing.assert_array_equal(found, same)
    with pytest.raises(InputError, match="it_power have a time zone"):
        th.annual(PLANT, it_power=zoned, weather=WEEK)


def test_a_series_of_pandas_is_a_wet_bulb():
    series = pd.Series([50.0, 68.0], pd.date_range("2001-07-02", periods=2, freq="h"))
    series.attrs["units"] = "degF"
    found = outdoors(series, ["T_wet_bulb"], None, 2, 1800.0)["T_wet_bulb"]
    np.testing.assert_allclose(found, [10.0, 15.0])
