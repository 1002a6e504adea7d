"""U and Z manifolds: mass closes, the wide limit is even, and maldistribution has the sign that momentum gives it."""

import numpy as np
import pytest
from plates import CELLS, FLOW, GEOMETRY, T_IN

import thermal as th
from thermal.components.plate.geometry import ColdPlate, Manifold, Pattern
from thermal.errors import InputError
from thermal.plate.manifold import COMBINING, DIVIDING, manifold_split

pytestmark = pytest.mark.compiled
PLATE = ColdPlate(**GEOMETRY)
AREA = 1.5e-5


def run(**changes):
    package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    conditions = {"package": package, "coolant": coolant, "heat": 300.0, "flow": 2 * FLOW, "T_in": T_IN, "cells": CELLS}
    return th.steady(PLATE.replace(**changes), **conditions)


@pytest.mark.parametrize("manifold", [Manifold.U, Manifold.Z])
def test_mass_and_energy_close(manifold):
    result = run(manifold=manifold, manifold_area=AREA)
    assert float(result.channel_flow.sum()) == pytest.approx(2 * FLOW, rel=1e-12)
    assert abs(float(result.energy_residual)) < 1e-6


def test_u_favours_the_ports_and_z_the_far_end():
    """In U the outlet's momentum draws most near the ports; in Z both headers favour the far end."""
    even = run()
    u, z = (run(manifold=m, manifold_area=AREA).channel_flow.values for m in (Manifold.U, Manifold.Z))
    assert u[0] > u[-1] * 1.02
    assert z[-1] > z[0] * 1.02
    assert np.ptp(z) > np.ptp(u) > np.ptp(even.channel_flow.values)


def test_wide_manifolds_divide_evenly():
    wide = run(manifold=Manifold.Z, manifold_area=0.1)
    even = run()
    assert np.allclose(wide.channel_flow, even.channel_flow, rtol=1e-3)
    assert float(wide.pressure_drop) == pytest.approx(float(even.pressure_drop), rel=2e-3)


def test_two_channels_by_hand():
    """Without friction: the far of two channels of a U manifold sees (θc − θd) ½ρV² less, by halves at each branch."""
    coolant = th.load("coolants/water")
    plate = PLATE.replace(manifold=Manifold.U, manifold_area=AREA, breadth=1.3e-3, length=0.01)
    flow, loss = np.array([0.01, 0.01]), np.array([2000.0, 2000.0])
    split, _ = manifold_split(plate, coolant, 30.0, loss, flow)
    density = coolant.properties(30.0).density
    V = np.array([0.02, split[1], 0.0]) / (density * AREA)
    kinetic = 0.5 * density * 0.5 * (V[:-1] ** 2 + V[1:] ** 2)
    between = (loss * (split / flow) ** 1.1)[0] - (loss * (split / flow) ** 1.1)[1]
    assert split.sum() == pytest.approx(0.02, rel=1e-12)
    assert between == pytest.approx(
        (COMBINING - DIVIDING) * (kinetic[0] - kinetic[1]), rel=0.06
    )  # friction is the rest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"manifold": "U"}, "needs manifold_area"),
        ({"manifold": "Z", "manifold_area": 0.0}, "manifold_area = 0"),
        ({"manifold": "Z", "manifold_area": AREA, "pattern": Pattern.SPLIT}, "straight through"),
        ({"manifold": "Z", "manifold_area": 1e-6}, "too narrow"),
    ],
)
def test_bad_manifolds_are_explained(changes, message):
    with pytest.raises(InputError, match=message):
        run(**changes)
