"""The package under a plate by geometry: where its heat enters, and what the result says of it."""

import numpy as np
import pytest

import thermal as th
from thermal.units import kW, lpm, mm, um


@pytest.fixture(scope="module")
def plate():
    return th.ColdPlate(
        length=40 * mm, breadth=40 * mm, channel_width=200 * um, fin_width=150 * um, channel_depth=2 * mm, base=1 * mm,
        metal=th.load("materials/copper"),
    )  # fmt: skip


@pytest.mark.compiled
def test_share_of_the_package_under_the_plate_is_stated(plate):
    coolant, package = th.load("coolants/pg25"), th.load("packages/gb200_gpu")
    conditions = {"coolant": coolant, "heat": 1 * kW, "flow": 1 * lpm, "T_in": 40}
    over = th.steady(plate, package=package, **conditions)
    covered = 40e-3 * package.breadth / (package.length * package.breadth)
    assert over.attrs["package_covered"] == pytest.approx(covered)
    inside = th.steady(plate, package=package.replace(length=0.03, breadth=0.03), **conditions)
    assert inside.attrs["package_covered"] == pytest.approx(1.0)
    assert float(inside.R_case) > float(over.R_case)  # the same heat through a smaller area


@pytest.mark.compiled
def test_junction_follows_the_local_flux_of_a_map(plate):
    """0.024 K/W and 700 W: 16.8 K over the case where the flux is the mean, 52.5 K where it is 3.125 times that."""
    package = th.load("packages/h100").replace(R_junction_case=0.024, length=0.03, breadth=0.02)
    conditions = {"coolant": th.load("coolants/pg25"), "flow": 1 * lpm, "T_in": 40, "cells": th.Cells(slices=16)}
    bare = plate.replace(homogenised=True)
    hot = np.full((4, 4), (16 - 3.125) / 15)
    hot[2, 1] = 3.125
    hot *= 700.0 / 16
    mapped = th.steady(bare, package=package, heat=hot, **conditions)
    over = mapped.T_junction_map - mapped.T_case_map
    for i, j in ((2, 1), (3, 3), (0, 0)):
        place = {"y": 0.005 + (i + 0.5) * 0.03 / 4, "x": 0.01 + (j + 0.5) * 0.02 / 4}
        assert float(over.sel(place, method="nearest")) == pytest.approx(16.8 * hot[i, j] / (700.0 / 16), rel=1e-6)
    assert float(over.max()) == pytest.approx(52.5, rel=1e-6)
    even = th.steady(bare, package=package, heat=700.0, **conditions)
    assert float(abs(even.T_junction_map - even.T_case_map - 16.8).max()) < 1e-9
    flat = th.steady(bare, package=package, heat=np.full((5, 7), 20.0), **conditions)
    assert float(abs(flat.T_junction - even.T_junction)) < 1e-6
