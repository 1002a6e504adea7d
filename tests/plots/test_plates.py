"""Figures of a plate show what the result holds."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

mpl.use("Agg")
import matplotlib.pyplot as plt

from thermal.errors import InputError
from thermal.plots import channel_profile, die_map, flow_curves, section


@pytest.fixture
def run():
    x, y, z = [0.5e-3, 2e-3], [1e-3, 3e-3, 5e-3], [0.25e-3, 0.75e-3]
    body = 40 + np.arange(12.0).reshape(2, 3, 2)
    body[1, 0, 0] = np.nan
    data = {
        "T_body": (("z", "y", "x"), body), "T_junction_map": (("y", "x"), body[0]), "T_case_map": (("y", "x"), body[0]),
        "T_coolant": (("y", "channel"), 40 + np.arange(6.0).reshape(3, 2)),
        "film": (("y", "channel"), np.full((3, 2), 2e4)),
    }  # fmt: skip
    yield xr.Dataset(data, {"x": x, "y": y, "z": z, "channel": [0, 1]})
    plt.close("all")


@pytest.mark.parametrize(("draw", "shape"), [(lambda r: die_map(r), (3, 2)), (lambda r: section(r, y=1e-3), (2, 2))])
def test_maps_show_each_cell(run, draw, shape):
    mesh = draw(run).collections[0]
    assert mesh.get_array().shape == shape
    assert mesh.get_coordinates()[-1, -1, 0] == pytest.approx(3.0)  # two cells of 1 and 2 mm


def test_profile_and_curves(run):
    ax = channel_profile(run, channel=1)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [41, 43, 45])
    curves = xr.Dataset(
        {"R_case": ("flow", [0.03, 0.02]), "pressure_drop": ("flow", [1e3, 4e3])}, {"flow": [1e-5, 2e-5]}
    )
    np.testing.assert_allclose(flow_curves(curves).lines[0].get_xdata(), [0.6, 1.2])
    named = curves.assign_coords(flow=[0.6, 1.2]).assign(flow_result=("flow", [1e-5, 2e-5]))  # a sweep over L/min
    np.testing.assert_allclose(flow_curves(named).lines[0].get_xdata(), [0.6, 1.2])


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda r: channel_profile(r, channel=9), "channel = 9 must be a whole number from 0 to 1"),
        (lambda r: section(r, y=1.0), "y = 1 m must be from 0 to 0.006 m; a place along the plate"),
        (lambda r: section(r, y="middle"), "y = 'middle'"),
        (lambda r: die_map(r, of="film"), "of = 'film' is no map"),
    ],
)
def test_wrong_places_are_explained(run, draw, message):
    with pytest.raises(InputError, match=message):
        draw(run)


def test_missing_variable_is_named(run):
    with pytest.raises(InputError, match="no 'R_case'"):
        flow_curves(run.assign(flow=1.0))
