"""Weather for a study in time: straight lines between the times given, the last value for its own interval, by hand."""

import numpy as np
import pytest
import xarray as xr

from thermal.errors import InputError
from thermal.outdoors.in_time import outdoors

WET = ("T_wet_bulb",)


def wet_bulb(values, time):
    return xr.DataArray(np.asarray(values, float), {"time": time}, ("time",))


def hours(*numbers):
    return np.datetime64("2026-07-01", "ns") + np.array(numbers) * np.timedelta64(3600, "s")


def test_half_hours_between_hours():
    found = outdoors(wet_bulb([10.0, 14.0, 12.0], [0.0, 3600.0, 7200.0]), WET, None, 6, 1800.0)
    np.testing.assert_allclose(found["T_wet_bulb"], [10.0, 12.0, 14.0, 13.0, 12.0, 12.0])


def test_rows_shorter_than_a_second():
    found = outdoors(wet_bulb([10.0, 14.0, 12.0], [0.0, 0.5, 1.0]), WET, None, 3, 0.5)
    np.testing.assert_allclose(found["T_wet_bulb"], [10.0, 14.0, 12.0])


def test_a_study_that_begins_later_than_the_weather():
    """Heat from 1 o'clock in half-hours, weather from midnight in hours."""
    heat = wet_bulb([1.0, 1.0], hours(1) + np.arange(2) * np.timedelta64(1800, "s"))
    found = outdoors(wet_bulb([10.0, 14.0, 12.0], hours(0, 1, 2)), WET, heat.time, 2, 1800.0)
    np.testing.assert_allclose(found["T_wet_bulb"], [14.0, 13.0])


@pytest.mark.parametrize(
    ("time", "count", "says"),
    [
        ([0.0, 3600.0, 3600.0], 2, "two or more, ascending"),
        ([0.0, 7200.0, 3600.0], 2, "two or more, ascending"),
        ([0.0, 3600.0, 7200.0], 4, r"covers 0..10800 s of the study's 0..14400 s"),
        ([10.0, 3600.0, 7200.0], 2, r"covers 10..10800 s of the study's 0..7200 s"),
    ],
)
def test_weather_that_does_not_cover_the_study(time, count, says):
    if count == 4:
        outdoors(wet_bulb([10.0, 14.0, 12.0], time), WET, None, 3, 3600.0)
    with pytest.raises(InputError, match=says):
        outdoors(wet_bulb([10.0, 14.0, 12.0], time), WET, None, count, 3600.0)
    with pytest.raises(InputError, match="two or more, ascending"):
        outdoors(wet_bulb([10.0], [0.0]), WET, None, 1, 3600.0)
