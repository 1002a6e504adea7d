"""Lead and lag by hand: who runs in which hour, how long, and how often each starts."""

import numpy as np
import pytest
import xarray as xr

from thermal.accounting.running_hours import Lead, running_hours
from thermal.errors import InputError

RUNNING = [1, 2, 0, 1, 3, 1]


HOUR = np.timedelta64(3600, "s")


def year(running=RUNNING, interval=3600.0):
    return xr.Dataset({"chillers_running": ("time", running)}, attrs={"interval": interval})


def test_rotation_by_hand():
    """Lead 0, 0, 1, 1, 2, 2: machine 0 runs in hours 0, 1, 4; machine 1 in 1, 3, 4; machine 2 in 4, 5."""
    found = running_hours(year(), 3, lead=Lead.ROTATING, period=2.0)
    assert found.hours_running.values.tolist() == [3.0, 3.0, 2.0]
    assert found.starts.values.tolist() == [2, 2, 1]
    assert found.attrs["lead"] == "rotating"


def test_half_hours_count_as_half():
    """The same steps of 1800 s, so that the lead passes on after four: 0, 0, 0, 0, 1, 1."""
    found = running_hours(year(interval=1800.0), 3, period=2.0)
    assert found.hours_running.values.tolist() == [2.0, 1.5, 0.5]
    assert found.starts.values.tolist() == [2, 2, 1]


def test_a_fixed_lead():
    found = running_hours(year(), 4, lead="fixed")
    assert found.hours_running.values.tolist() == [5.0, 2.0, 1.0, 0.0]
    assert found.starts.values.tolist() == [2, 2, 1, 0]


def test_the_lead_passes_on_after_a_week():
    found = running_hours(year(np.ones(400, int)), 2)
    assert found.hours_running.values.tolist() == [232.0, 168.0]
    assert found.starts.values.tolist() == [2, 1]
    dated = year(np.ones(400, int)).assign_coords(time=np.datetime64("2026-01-01", "ns") + np.arange(400) * HOUR)
    assert running_hours(dated, 2).hours_running.values.tolist() == [232.0, 168.0]
    short = running_hours(year(np.ones(400, int)), 2, period=0.05)  # twenty times an hour: the first again in each
    assert short.hours_running.values.tolist() == [400.0, 0.0]


@pytest.mark.parametrize(
    ("machines", "more", "says"),
    [
        (2, {}, "machines = 2, but up to 3 chillers run"),
        (0, {}, "whole number from 1"),
        (3.5, {}, "whole number"),
        (True, {}, "whole number"),
        (3, {"period": -1.0}, "period = -1 hour must be above 0"),
        (3, {"period": True}, "period = True must be numbers"),
        (3, {"lead": "last"}, "lead = 'last' must be one of fixed, rotating"),
    ],
)
def test_what_cannot_be(machines, more, says):
    with pytest.raises(InputError, match=says):
        running_hours(year(), machines, **more)
    with pytest.raises(InputError, match="needs chillers_running"):
        running_hours(xr.Dataset(), 3)
