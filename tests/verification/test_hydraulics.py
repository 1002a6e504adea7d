"""Whole networks: against EPANET, an exact solution, and each other; random trees and meshes in every condition."""

import csv
import json
import math

import numpy as np
import pytest
from hydraulic_cases import random_network, solve_random
from hypothesis import given, settings
from hypothesis import strategies as st

from thermal.components.coolant import Coolant
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.pump import Pump
from thermal.network.hydraulics import steady_flows
from thermal.network.interchange import read_epanet
from thermal.network.network import Branch, Network, Node
from thermal.network.topology import lower_hydraulics
from thermal.physics.machines.pump import GRAVITY
from thermal.physics.network.branches import BLOCKED
from thermal.physics.network.friction import Friction
from thermal.physics.network.hydraulics import closure, solve_flows

pytestmark = pytest.mark.compiled  # minutes in plain Python


def of_case(case, path):
    """The network from its numbers; the .inp file rounds heads to 3e-8."""
    rho, law = case["rho"], case["pump"]
    fluid = Coolant(fluid="constant", T_low=0, T_high=100, T_freeze=0, density=(rho,), heat_capacity=(case["cp"],),
                    conductivity=(case["k"],), log_viscosity=(math.log(case["mu"]),))  # fmt: skip
    with open(path, newline="") as stream:
        rows = list(csv.DictReader(stream))
    pipes = [
        Branch(r["pipe"], Pipe(length=float(r["length_m"]), diameter=float(r["d_m"]), roughness=float(r["eps_m"]),
                               loss_coefficient=float(r["K_minor"])), r["from"], r["to"])
        for r in rows
    ]  # fmt: skip
    flow = law["Q0"] * np.linspace(0.0, 2.0, 65)
    head = law["dp0"] * (4 - (flow / law["Q0"]) ** 2) / 3 / (rho * GRAVITY)
    slope = -2 * law["dp0"] * flow / (3 * law["Q0"] ** 2 * rho * GRAVITY)
    pump = Pump(
        flow=tuple(flow), head_curve=tuple(head), slope_curve=tuple(slope), efficiency=0.7, drive_efficiency=0.9
    )
    held = [Node(name, pressure=case["p_suction_Pa"]) for name in ("RES", "RET")]
    return Network(coolant=fluid, branches=[*pipes, Branch("pump", pump, "RES", "S0")], nodes=held)


SIZES = ["N10", "N100", "N1000"]


def flows(path):
    with open(path, newline="") as stream:
        return {row["link"]: float(row["Q_m3_s"]) for row in csv.DictReader(stream)}


@pytest.mark.parametrize("size", SIZES)
def test_flows_are_epanets(data, size):
    """With EPANET's own friction law; its pump curve and fluid are read from the same file."""
    network = read_epanet(data(f"networks/{size}/loop.inp"), friction=Friction.SWAMEE_JAIN)
    found = steady_flows(network).flow
    for name, expected in flows(data(f"networks/{size}/solution_epanet22_links.csv")).items():
        assert float(found.sel(branch=name)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("size", SIZES)
def test_flows_are_those_of_the_exact_solution(data, size):
    """Churchill's friction, 1e-8. The reference breaks its own mass balance in the last header segments, by up to
    6e-8 of their flow in N1000; there it is compared through the plates' flows, which do balance."""
    case = json.loads(data(f"networks/{size}/case.json").read_text())
    found = steady_flows(of_case(case, data(f"networks/{size}/pipes.csv")))
    exact = flows(data(f"networks/{size}/solution_gga_churchill_links.csv"))
    ours = dict(zip(found.branch.values.tolist(), found.flow.values.tolist(), strict=True))
    count = case["N"]
    for name in [*(f"cp{i}" for i in range(count)), *(f"hs{i}" for i in range(count)), "cdu"]:
        assert ours[name] == pytest.approx(exact[name], rel=1e-8), name
    beyond = 0.0
    for i in range(count - 1, 0, -1):
        beyond += exact[f"cp{i}"]
        for header in ("sm", "rm"):
            assert ours[f"{header}{i}"] == pytest.approx(beyond, rel=1e-8)
            assert ours[f"{header}{i}"] == pytest.approx(exact[f"{header}{i}"], rel=1e-7)


@pytest.mark.parametrize("size", SIZES)
def test_start_does_not_matter(data, size):
    lowered = lower_hydraulics(read_epanet(data(f"networks/{size}/loop.inp")))
    answers = []
    rng = np.random.default_rng(1)
    for factor in (1.0, 1e-3, 30.0, rng.uniform(-3, 3, len(lowered.guess))):
        lowered.flows.m[:] = factor * lowered.guess
        steps, change, _ = solve_flows(lowered.branches, lowered.web, lowered.flows, lowered.work, lowered.floor)
        assert steps < 40
        assert math.isfinite(change)
        answers.append(lowered.flows.m.copy())
    np.testing.assert_allclose(answers[1:], np.broadcast_to(answers[0], (3, len(answers[0]))), rtol=1e-8)


def test_a_warm_start_at_rest_takes_no_step(data):
    lowered = lower_hydraulics(read_epanet(data("networks/N100/loop.inp")))
    arguments = (lowered.branches, lowered.web, lowered.flows, lowered.work, lowered.floor)
    assert solve_flows(*arguments)[0] > 3
    before = lowered.flows.m.copy()
    again = solve_flows(*arguments)[0]
    assert again <= 1
    np.testing.assert_allclose(lowered.flows.m, before, rtol=1e-10)


def test_residuals_are_of_the_answer(data):
    """`closure` finds what is wrong from flows and pressures alone, and says in which branch."""
    lowered = lower_hydraulics(read_epanet(data("networks/N10/loop.inp")))
    solve_flows(lowered.branches, lowered.web, lowered.flows, lowered.work, lowered.floor)
    mass = np.zeros(len(lowered.web.draw))
    gap, _ = closure(lowered.branches, lowered.web, lowered.flows, lowered.work, mass)
    assert gap < 1e-7
    assert np.abs(mass).max() < 1e-14
    lowered.flows.m[3] *= 1.001
    gap, at = closure(lowered.branches, lowered.web, lowered.flows, lowered.work, mass)
    assert at == 3
    assert gap > 1.0
    assert np.abs(mass).max() == pytest.approx(0.001 * lowered.flows.m[3] / 1.001, rel=1e-6)


@pytest.mark.parametrize("spoil", ["reynolds", "dynamic", "speed", "head", "factor", "block", "rise", "p"])
def test_nan_does_not_converge(data, spoil):
    lowered = lower_hydraulics(read_epanet(data("networks/N10/loop.inp")))
    net, web = lowered.branches, lowered.web
    target = {"reynolds": net.pipes.reynolds, "dynamic": net.pipes.dynamic, "speed": net.pumps.speed,
              "head": net.head[0, :], "factor": net.factor, "block": net.block, "rise": web.rise,
              "p": lowered.flows.p}[spoil]  # fmt: skip
    target[:] = math.nan
    assert math.isnan(solve_flows(net, web, lowered.flows, lowered.work, lowered.floor)[1])


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_random_networks_are_solved(seed):
    """Trees and meshes of 2 to 120 branches of every kind; pumps trip, branches close, and nothing is NaN or unsaid.

    `python tests/verification/hydraulic_cases.py` runs ten thousand, up to 2000 branches.
    """
    answer = solve_random(random_network(np.random.default_rng(seed), 120), np.random.default_rng(seed))
    assert "unnamed" not in str(answer)


@pytest.mark.parametrize(("seed", "size"), [(2234, 38), (4837, 36), (7522, 33), (9834, 62)])
def test_a_valve_that_shuts_in_the_last_step_is_solved_too(seed, size):
    """A flow of 4e-10 kg/s that turned round at a check valve left 500 Pa, and counted as converged."""
    answer = solve_random(random_network(np.random.default_rng(seed), size), np.random.default_rng(seed))
    assert isinstance(answer, int)


def test_a_closed_valve_leaves_nothing_singular():
    rng = np.random.default_rng(3)
    network = random_network(rng, 30)
    network = network.replace(nodes=[node.replace(draw=0.0, pressure=node.pressure or 1e5) for node in network.nodes])
    lowered = lower_hydraulics(network)
    lowered.branches.block[:] = BLOCKED
    change = solve_flows(lowered.branches, lowered.web, lowered.flows, lowered.work, lowered.floor)[1]
    assert math.isfinite(change)
    assert np.abs(lowered.flows.m).max() < 1e-5
