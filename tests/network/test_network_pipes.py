"""Pipes as cells in the march of a network: transit, wall, loss, reversal, short pipes, viscosity by temperature."""

import numpy as np
import pytest

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import Resistance
from thermal.network import warm
from thermal.network.march_result import march_result
from thermal.network.network import Branch, Network, Node
from thermal.network.opening import open_network
from thermal.network.transport import pipe_heat, pipe_temperatures

WATER = th.load("coolants/water")
STEEL = th.load("materials/carbon_steel")
PLAIN = Pipe(length=40.0, diameter=0.05, roughness=4.5e-5)
WALL = PLAIN.replace(wall=3.6e-3, metal=STEEL)
LOSING = WALL.replace(outer_film=10.0)
NONE = np.zeros((1, 0))


def line(pipe, drop=2e4, events=(), T=20.0, T_ambient=20.0):
    """A pipe between two held nodes, a small volume behind it."""
    net = Network(
        coolant=WATER, T_ambient=T_ambient,
        nodes=[Node("in", pressure=2e5 + drop, T=T), Node("out", pressure=2e5, T=T)],
        branches=[Branch("pipe", pipe, "in", "end"), Branch("rest", Resistance(flow=2e-3, drop=1e3), "end", "out")],
    )  # fmt: skip
    return open_network(net, T=T, events=events)


def advance(stepper, seconds, step=0.25):
    steps = round(seconds / step)
    saved = stepper.advance(NONE, step, 1, 1, np.zeros(steps, np.int64))
    return march_result(stepper, saved, step)


@pytest.mark.parametrize("pipe", [PLAIN, WALL, LOSING], ids=["plain", "wall", "losing"])
def test_a_step_arrives_as_in_a_pipe_alone(pipe):
    """The same pipe marched by itself, without dispersion: outlet to 0.03 of the step of 20 K at all times."""
    stepper = line(pipe.replace(cells=200), events=[warm("in", 40.0, at=5)])
    stepper.machines = stepper.machines._replace(stride=np.inf)  # viscosity as at the start
    run = advance(stepper, 90)
    V = float(run.flow.sel(branch="pipe")[0])
    time = np.concatenate([[0.0], run.time.values])
    T_in = np.where(time >= 5.0, 40.0, 20.0)  # linear between times, 0.25 s
    alone = pipe_temperatures(pipe, WATER, time=time, flow=V, T_in=T_in, T_ambient=20.0, T_start=20.0, cells=200,
                              dispersion=False)  # fmt: skip
    heat = pipe_heat(pipe, WATER, 20.0)
    delay = 5.0 + heat.area * pipe.length / V * (1.0 if pipe.metal is None else 1.0 + heat.wall / heat.fluid)
    T = run.T_node.sel(node="end").values
    assert delay < 80
    rms = np.sqrt(np.mean((T - alone.T_pipe_out.values[1:]) ** 2))
    assert rms < 0.03 * 20.0
    if pipe is PLAIN:
        assert np.interp(30.0, T, run.time.values) == pytest.approx(delay, abs=0.3)
    assert np.abs(run.energy_residual).max() <= 1e-9 * 4.2e6 * V * 40.0
    lost = float(run.heat_lost[-1])
    assert lost == 0.0 if pipe.outer_film == 0.0 else lost > 100.0


def test_loss_at_rest_is_the_exponential():
    """Warm flow through a cold room at rest: (T_out − T_a)/(T_in − T_a) = exp(−U L/C), U of film, wall and outside."""
    pipe = LOSING.replace(length=200.0, cells=400)
    stepper = line(pipe, drop=2e3, T=60.0, T_ambient=10.0)
    run = advance(stepper, 4000, step=2.0)
    heat = pipe_heat(pipe, WATER, 60.0)
    film = float(stepper.heat.web.lines.table.film[0])
    C = float(stepper.hydraulics.flows.m[stepper.hydraulics.row[0]]) * WATER.properties(60.0).heat_capacity
    U = film * heat.loss / (film + heat.loss)
    expected = 10.0 + 50.0 * np.exp(-U * pipe.length / C)
    assert 60.0 - expected > 0.5
    assert float(run.T_node.sel(node="end")[-1]) == pytest.approx(expected, abs=2e-3 * (60.0 - expected))
    assert float(run.heat_lost[-1]) == pytest.approx(C * (60.0 - expected), rel=3e-3)


def test_reversal_sends_the_slug_back():
    """A warm slug goes half-way in and comes back out where it came from; nothing has reached the other end."""
    stepper = line(PLAIN.replace(cells=200), events=[warm("in", 40.0, at=0), warm("in", 20.0, at=5)])
    advance(stepper, 12)
    p = stepper.hydraulics.flows.p
    nodes = dict(zip(stepper.hydraulics.nodes, stepper.hydraulics.place, strict=True))
    p[nodes["in"]], p[nodes["out"]] = p[nodes["out"]], p[nodes["in"]]
    before = stepper.heat.web.lines.T.copy()
    assert before.max() > 39.0
    back = advance(stepper, 16)
    assert float(back.flow.sel(branch="pipe")[-1]) < 0.0
    assert stepper.heat.web.lines.T.max() < 20.5  # it has left
    assert np.abs(back.T_node.sel(node="end") - 20.0).max() < 1e-9
    assert np.abs(back.energy_residual).max() <= 1e-9 * 4.2e6 * 4e-3 * 40.0


def test_a_pipe_shorter_than_the_way_of_a_step():
    """Coolant passes it several times in a step: the implicit cells conserve, never overshoot and settle."""
    stepper = line(WALL.replace(length=2.0, cells=4), events=[warm("in", 40.0, at=10)])
    run = advance(stepper, 600, step=10.0)
    T = run.T_node.sel(node="end").values
    assert stepper.heat.web.lines.table.implicit[0] == 1
    assert (np.diff(T) > -1e-9).all()
    assert T.max() <= 40.0 + 1e-9
    assert T[-1] == pytest.approx(40.0, abs=1e-3)
    assert np.abs(run.energy_residual).max() <= 1e-9 * 4.2e6 * float(run.flow[0, 0]) * 40.0


def test_viscosity_follows_temperature():
    """As warm water comes through, a long pipe passes more: in the end the flow of a network opened warm."""
    pipe = PLAIN.replace(cells=20)
    stepper = line(pipe, events=[warm("in", 60.0, at=5), warm("out", 60.0, at=5)])
    run = advance(stepper, 300)
    flow = run.flow.sel(branch="pipe").values
    assert flow[-1] > 1.02 * flow[0]
    viscosity = WATER.properties(60.0).viscosity
    pipes = stepper.hydraulics.branches.pipes
    assert pipes.reynolds[0] == pytest.approx(4.0 / (np.pi * pipe.diameter * viscosity), rel=1e-12)
    assert "viscosity of pipes follows" in run.attrs["T_properties"]


def test_standing_coolant_keeps_its_heat():
    stepper = line(WALL, drop=0.0, T=50.0)
    run = advance(stepper, 100)
    assert np.abs(run.T_node.sel(node="end") - 50.0).max() < 1e-9
    assert np.abs(stepper.heat.web.lines.T - 50.0).max() < 1e-9


def test_cells_follow_length():
    assert Pipe(length=0.4, diameter=0.1, roughness=0).volumes == 1
    assert Pipe(length=30, diameter=0.1, roughness=0).volumes == 30
    assert Pipe(length=0.4, diameter=0.1, roughness=0, outer_film=5).volumes == 2
    assert Pipe(length=1000, diameter=0.1, roughness=0).volumes == 100
    assert Pipe(length=30, diameter=0.1, roughness=0, cells=1).volumes == 1
