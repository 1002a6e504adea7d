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
    split, _ = manifold_split(plate, coolant, (30.0, 30.0), loss, flow)
    density = coolant.properties(30.0).density
    V = np.array([0.02, split[1], 0.0]) / (density * AREA)
    kinetic = 0.5 * density * 0.5 * (V[:-1] ** 2 + V[1:] ** 2)
    between = (loss * (split / flow) ** 1.1)[0] - (loss * (split / flow) ** 1.1)[1]
    assert split.sum() == pytest.approx(0.02, rel=1e-12)
    assert between == pytest.approx(
        (COMBINING - DIVIDING) * (kinetic[0] - kinetic[1]), rel=0.06
    )  # friction is the rest


def _between(manifold, flow, p, area, length):
    """Pressure between the headers at each branch over that between their ports, by sums along each header [Pa]."""
    total, D = flow.sum(), np.sqrt(area)

    def header(before, after):  # kinetic pressure, and loss over the stretch of one branch
        kinetic = 0.25 * (before**2 + after**2) / (p.density * area**2)
        Re = max(0.5 * (before + after) * D / (area * p.viscosity), 1.0)
        turbulent = (0.79 * np.log(max(Re, 4000.0)) - 1.64) ** -2
        share = min(max((Re - 2300.0) / 1700.0, 0.0), 1.0)
        return kinetic, ((1 - share) * 56.908 / min(Re, 2300.0) + share * turbulent) * kinetic * length / D

    ins = [header(total - flow[:i].sum(), total - flow[: i + 1].sum()) for i in range(flow.size)]
    outs = ins if manifold == "U" else [header(flow[:i].sum(), flow[: i + 1].sum()) for i in range(flow.size)]
    top, found = 0.5 * total**2 / (p.density * area**2), []
    for i in range(flow.size):
        on = outs[: i + 1] if manifold == "U" else outs[i:]
        gained = DIVIDING * (top - ins[i][0]) - sum(loss for _, loss in ins[: i + 1])
        found.append(gained - COMBINING * (top - outs[i][0]) - sum(loss for _, loss in on))
    return np.array(found)


def test_random_manifolds_settle_or_turn_back():
    """400 draws: flows that satisfy the headers' equations summed by hand; the rest are far narrower than a channel."""
    rng, coolant, refused = np.random.default_rng(4), th.load("coolants/water"), []
    p = coolant.properties(30.0)
    for _ in range(400):
        n, area, total = int(rng.integers(4, 60)), 10 ** rng.uniform(-5.5, -3.5), 10 ** rng.uniform(-3, -1.2)
        plate = PLATE.replace(manifold=str(rng.choice(["U", "Z"])), manifold_area=area)
        even = total / n * rng.uniform(0.9, 1.1, n)
        loss = 10 ** rng.uniform(2.5, 4.5) * rng.uniform(0.95, 1.05, n)
        try:
            flow, drop = manifold_split(plate, coolant, (30.0, 30.0), loss, even)
        except InputError:
            refused.append(total**2 / (p.density * area**2) / loss.mean())
            continue
        needed = loss * (flow / even) ** 1.1
        left = needed - drop - _between(plate.manifold, flow, p, area, plate.breadth / n)
        assert np.abs(left).max() < 1e-6 * (needed.max() + drop)
        assert flow.sum() == pytest.approx(even.sum(), rel=1e-13)
    assert len(refused) < 20
    assert min(refused) > 1.0  # a header's velocity pressure above half the channels' loss


def test_a_plate_whose_flows_differ_fiftyfold_settles():
    """Coarse grids are made anew where flows move far from those they were made for."""
    plate = PLATE.replace(channel_width=4.9e-4, fin_width=2.6e-4, channel_depth=1.2e-3, breadth=0.04, length=0.04,
                          manifold="U", manifold_area=4.1e-6, homogenised=True)  # fmt: skip
    given = {"package": th.load("packages/h100"), "coolant": th.load("coolants/pg25"), "cells": CELLS}
    result = th.steady(plate, heat=400.0, flow=5.8e-5, T_in=30.0, **given)
    assert float(result.channel_flow.max()) > 10 * float(result.channel_flow.min())
    assert abs(float(result.energy_residual)) < 1e-5


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
