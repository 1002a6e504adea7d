"""The package under a plate by geometry: where its heat enters, and what the result says of it."""

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
