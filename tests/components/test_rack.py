"""Racks: pressure drop and plate flow by hand, and shares that cannot be."""

import numpy as np
import pytest

import thermal as th
from thermal.errors import InputError

RACK = th.load("racks/gb200_nvl72").replace(design_flow=0.002, design_drop=100e3, exponent=1.8, flow_fraction=0.75)


def test_pressure_drop_by_hand():
    """Δp = 100 kPa·(V/2 L/s)^1.8: 348.2 kPa at twice the flow, 28.7 kPa at half."""
    np.testing.assert_allclose(RACK.pressure_drop([0.001, 0.002, 0.004]), [28717.459, 100e3, 348220.23], rtol=1e-6)
    assert float(RACK.pressure_drop(0.0)) == 0.0


def test_plate_flow_by_hand():
    """Three quarters of the rack's flow over 72 plates: 1.25 L/min of 2 L/s each."""
    assert float(RACK.plate_flow(0.002)) == pytest.approx(0.75 * 0.002 / 72)
    assert "1.25 L/min" in str(RACK)


def test_packages_are_on_liquid():
    with pytest.raises(InputError, match=r"package_fraction = 0.9 is above liquid_fraction = 0.8"):
        RACK.replace(package_fraction=0.9, liquid_fraction=0.8)
    assert RACK.replace(package_fraction=0.8, liquid_fraction=0.8).package_fraction == 0.8
