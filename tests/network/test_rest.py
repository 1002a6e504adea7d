"""Networks at rest: where a long march ends, shared evenly by equals, at a limit where a goal is out of reach."""

import numpy as np
import pytest

import thermal as th
from thermal.errors import ConvergenceError
from thermal.network import marching
from thermal.network.network import Branch, Network, Node
from thermal.network.opening import open_network
from thermal.units import kW, lpm

PG25, WATER, RACK = th.load("coolants/pg25"), th.load("coolants/water"), th.load("racks/gb200_nvl72")
CDU, PIPE = th.load("cdus/vertiv_xdu1350"), th.load("pipes/steel_dn100")
HELD = 1e-6  # K and of outputs: what a march of hours may still be away


def network(cdus=(CDU,), racks=6, pipe=None):
    laid = {"pipe": pipe, "spacing": 0.6, "reverse_return": True} if pipe else {}
    return Network(coolant=PG25, nodes=[Node("return", pressure=2e5)], branches=[
        *[Branch(f"cdu_{i}", cdu, "return", "supply") for i, cdu in enumerate(cdus)],
        *th.manifold(racks * [RACK], "supply", "return", **laid)])  # fmt: skip


def apart():
    """Two rows with a CDU each, tied together by narrow pipes, so that each bears on the other."""
    rows = [
        (
            Branch(f"cdu_{i}", CDU.replace(T_supply=T), f"return_{i}", f"supply_{i}"),
            *th.manifold(3 * [RACK], f"supply_{i}", f"return_{i}", name=f"row_{i}"),
        )
        for i, T in enumerate((30, 34))
    ]
    ties = [Branch(name, PIPE.replace(length=5.0), f"{name}_0", f"{name}_1") for name in ("supply", "return")]
    return Network(coolant=PG25, nodes=[Node("return_0", pressure=2e5)], branches=[*rows[0], *rows[1], *ties])


CASES = {
    "one CDU": (network(), 26.0, 1200),
    "pipes": (network(pipe=PIPE), 26.0, 1200),
    "two equal": (network((CDU, CDU)), 20.0, 1200),
    "other goals": (network((CDU, CDU.replace(T_supply=30.0))), 20.0, 1200),
    "out of reach": (network(), 36.0, 900),
    "tied": (apart(), 22.0, 1500),
}


def opened(whole, T, flow):
    return open_network(whole, facility=th.Supply(T=T, flow=flow * lpm), water=WATER)


@pytest.mark.compiled
@pytest.mark.parametrize("name", CASES)
def test_it_is_where_a_long_march_ends(name):
    heat = np.full(6, 70 * kW)
    still, marched = opened(*CASES[name]), opened(*CASES[name])
    still.settle(heat)
    controllers = marched.controls.controllers
    controllers.pi.dead_band[:] = 0.0
    marched.machines = marched.machines._replace(stride=0.0)
    marched.advance(np.full((1, 6), 70 * kW), 12 * 3600.0, 6 * 1440, 1)
    np.testing.assert_allclose(still.heat.T, marched.heat.T, rtol=0, atol=HELD)
    np.testing.assert_allclose(still.controls.controllers.output, controllers.output, rtol=0, atol=HELD)
    np.testing.assert_allclose(still.hydraulics.flows.m, marched.hydraulics.flows.m, rtol=1e-6, atol=1e-6)


@pytest.mark.compiled
@pytest.mark.parametrize("name", CASES)
def test_newton_needs_a_few_evaluations_and_no_rounds_unless_goals_conflict(name, monkeypatch):
    kept, own = [], marching.rest_of
    monkeypatch.setattr(marching, "rest_of", lambda *given: kept.append(own(*given)) or kept[-1])
    opened(*CASES[name]).settle(np.full(6, 70 * kW))
    now = kept[-1].now[0]
    assert (now.rounds == 0 and now.tried <= 16) != (name == "other goals")


@pytest.mark.compiled
def test_equals_share_evenly_and_stay_alike():
    stepper = opened(*CASES["two equal"])
    stepper.settle(np.full(6, 70 * kW))
    output = stepper.controls.controllers.output
    assert output[0] == output[2]
    assert output[1] == output[3]
    assert CDU.speed.low < output[0] < CDU.speed.high
    assert CDU.valve.low < output[1] < 1.0


@pytest.mark.compiled
def test_a_goal_out_of_reach_leaves_its_valve_open():
    stepper = opened(*CASES["out of reach"])
    stepper.settle(np.full(6, 70 * kW))
    valve = stepper.controls.controllers[1]
    assert valve.output == 1.0
    assert stepper.heat.T[valve.place] > CDU.T_supply
    assert valve.error > 0.0


@pytest.mark.compiled
def test_viscosity_at_rest_is_that_of_the_temperature():
    """Not one within the stride of a march, which would hang on the way there."""
    first, other = opened(*CASES["pipes"]), opened(*CASES["pipes"])
    first.settle(np.full(6, 70 * kW))
    other.settle(np.full(6, 5 * kW))
    other.settle(np.full(6, 70 * kW))
    np.testing.assert_allclose(first.hydraulics.flows.m, other.hydraulics.flows.m, rtol=1e-9, atol=1e-9)
    viscous = first.machines.viscous
    upstream = viscous.places[np.arange(len(viscous)), (first.hydraulics.flows.m[viscous.pipe] < 0.0).astype(int)]
    np.testing.assert_allclose(viscous.warmth, first.heat.T[upstream], rtol=0, atol=1e-8)


@pytest.mark.compiled
@pytest.mark.parametrize("heat", [np.nan, 1e300])
def test_heat_that_is_no_number_is_an_error(heat):
    with pytest.raises(ConvergenceError, match=r"is not a number|would be at"):
        opened(*CASES["one CDU"]).settle(np.full(6, heat))
