"""Duration curve and map of the year: the numbers drawn are those of the series."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError

mpl.use("Agg")
import matplotlib.pyplot as plt


def series(rows=72, start="2026-01-01"):
    values = np.random.default_rng(1).random(rows) * 1e6
    times = pd.date_range(start, periods=rows, freq="h")
    return xr.DataArray(
        values, {"time": times}, ("time",), name="site_power", attrs={"units": "W", "long_name": "power"}
    )


def test_a_duration_curve_falls_and_keeps_the_energy():
    power = series()
    line = th.plots.duration(power).lines[0]
    hours, drawn = (np.asarray(v) for v in (line.get_xdata(), line.get_ydata()))
    assert (np.diff(drawn) <= 0.0).all()
    assert hours[-1] == 72.0
    assert drawn.sum() == pytest.approx(float(power.sum()) / 1e3)
    assert (drawn >= 500.0).sum() == int((power >= 5e5).sum())
    plt.close("all")


def test_the_map_has_each_hour_in_its_place_and_gaps_white():
    power = series(start="2026-01-01 05:00")
    image = th.plots.year_map(power).images[0].get_array().filled(np.nan)
    assert image.shape == (24, 4)
    assert image[5, 0] == pytest.approx(float(power[0]) / 1e3)
    assert image[4, 3] == pytest.approx(float(power[-1]) / 1e3)
    assert np.isnan(image[:5, 0]).all()
    plt.close("all")


def test_what_cannot_be_drawn_is_named():
    with pytest.raises(InputError, match="one series over time"):
        th.plots.duration(series().expand_dims("climate"))
    seconds = series().assign_coords(time=np.arange(72) * 3600.0)
    with pytest.raises(InputError, match="needs dates"):
        th.plots.year_map(seconds)
    odd = series().assign_coords(time=pd.date_range("2026-01-01", periods=72, freq="7h"))
    with pytest.raises(InputError, match="divide a day"):
        th.plots.year_map(odd)
