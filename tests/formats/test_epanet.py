"""EPANET input files: what is read, what comes back from writing, and what is refused with file and line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import Resistance, Valve
from thermal.errors import DataError, InputError
from thermal.formats.epanet import parse_inp, write_inp
from thermal.network.hydraulics import steady_flows
from thermal.network.interchange import read_epanet, to_epanet
from thermal.network.network import Branch, Network, Node
from thermal.physics.network.friction import Friction

GOOD = """
[TITLE]
A small net
[JUNCTIONS]
;ID elevation demand
 J1  2.0  0.5  ; a comment
 J2  0
[RESERVOIRS]
 R1  20
 R2  12
[PIPES]
 P1  R1 J1 100 50 0.02 1.5 Open
 P2  J1 J2 50  40 0.02
[PUMPS]
 PU  J2 R2 HEAD c1 SPEED 0.9
[CURVES]
 c1 2 10
[OPTIONS]
 UNITS LPS
 HEADLOSS D-W
 VISCOSITY 1.0
 SPECIFIC GRAVITY 0.998
[END]
"""


def test_sections_are_read_in_si():
    model = parse_inp(GOOD)
    assert model.title == "A small net"
    assert model.elevation == {"J1": 2.0, "J2": 0.0}
    assert model.demand["J1"] == pytest.approx(5e-4)
    assert model.pipes[0][:7] == ("P1", "R1", "J1", 100.0, 0.05, pytest.approx(2e-5), 1.5)
    pump = model.pumps[0]
    assert (pump.speed, len(pump.flow)) == (0.9, 65)
    assert pump.head[0] == pytest.approx(40 / 3)  # 4/3 of the design head at no flow
    assert np.interp(2e-3, pump.flow, pump.head) == pytest.approx(10.0)
    assert pump.head[-1] == pytest.approx(0.0, abs=1e-12)
    assert model.density == pytest.approx(998.0)
    assert model.viscosity == pytest.approx(1.0219e-6, rel=1e-4)


def test_three_points_are_a_power_curve():
    three = GOOD.replace(" c1 2 10", " c1 0 12\n c1 1 11\n c1 3 3")
    pump = parse_inp(three).pumps[0]
    assert np.interp([0.0, 1e-3, 3e-3], pump.flow, pump.head) == pytest.approx([12.0, 11.0, 3.0], abs=5e-3)
    exponent = np.log(9.0 / 1.0) / np.log(3.0)
    i = 20
    assert pump.head[i] == pytest.approx(12.0 - (pump.flow[i] * 1e3) ** exponent, rel=1e-12)
    assert pump.slope[i] == pytest.approx(-1e3 * exponent * (pump.flow[i] * 1e3) ** (exponent - 1), rel=1e-12)
    assert pump.flow[-1] * 1e3 == pytest.approx(12.0 ** (1.0 / exponent))  # where no head is left, as EPANET goes on
    assert pump.head[-1] == pytest.approx(0.0, abs=1e-12)


def test_a_loss_coefficient_means_what_epanet_makes_of_it():
    """Its 0.02517 K/d⁴ instead of 8 K/(π² g d⁴) = 0.025173..., of pipes and valves, there and back."""
    network = read_epanet(GOOD)
    pipe = next(b.part for b in network.branches if b.name == "P1")
    assert pipe.loss_coefficient == pytest.approx(1.5 * 0.02517 * np.pi**2 * 32.2 / 8.0, rel=1e-12)
    assert parse_inp(to_epanet(network)).pipes[0].loss == pytest.approx(1.5, rel=1e-11)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("UNITS LPS", "UNITS GAL", ["UNITS GAL", "LPS", "GPM"]),
        ("HEADLOSS D-W", "HEADLOSS H-W", ["H-W", "D-W"]),
        ("[TITLE]", "[EMITTERS]\n J1 2\n[TITLE]", ["inp:3", "EMITTERS"]),
        ("[TITLE]", "[CONTROLS]\n LINK P1 CLOSED AT TIME 0\n[TITLE]", ["inp:3", "CONTROLS"]),
        ("[TITLE]", "[TIMES]\n PATTERN START 1:00\n[PATTERNS]\n 1 1.0\n[TITLE]", ["inp:3", "time 0"]),
        ("[TITLE]", "[JOINTS]\n x\n[TITLE]", ["inp:2", "JOINTS", "is no section"]),
        ("[TITLE]", "[DEMANDS]\n J9 1\n[TITLE]", ["inp:3", "J9", "junction"]),
        ("[TITLE]", "[STATUS]\n P9 CLOSED\n[TITLE]", ["inp:3", "P9", "link"]),
        ("[TITLE]", "[STATUS]\n P1 shut\n[TITLE]", ["inp:3", "SHUT", "CLOSED"]),
        ("[TITLE]", "[STATUS]\n PU -1\n[TITLE]", ["inp:3", "PU", "below zero"]),
        (" P2  J1 J2", " P2  J1 J9", ["inp:13", "P2", "J9"]),
        ("SPEED 0.9", "SPEED", ["inp:15", "PU", "SPEED"]),
        ("SPEED 0.9", "PATTERN day", ["inp:15", "PU", "day"]),
        (" PU  J2 R2 HEAD c1 SPEED 0.9", " PU  J2", ["inp:15", "entries"]),
        ("SPECIFIC GRAVITY 0.998", "DEMAND MULTIPLIER -1", ["DEMAND MULTIPLIER"]),
        ("SPECIFIC GRAVITY 0.998", "DEMAND MODEL PDA", ["PDA", "DDA"]),
        ("100 50 0.02 1.5", "100 fifty 0.02 1.5", ["inp:12", "fifty", "number"]),
        ("100 50 0.02 1.5", "100 nan 0.02 1.5", ["inp:12", "nan"]),
        (" P2  J1 J2 50  40 0.02", " P2  J1 J2 50", ["inp:13", "entries"]),
        ("HEAD c1", "POWER 5", ["PU", "HEAD"]),
        ("VISCOSITY 1.0", "VISCOSITY -1", ["VISCOSITY"]),
        ("[TITLE]", "text\n[TITLE]", ["before the first"]),
        ("[PIPES]", "[VALVES]\n V1 J1 J2 50 PRV 20 0\n[PIPES]", ["V1", "PRV", "TCV"]),
    ],
)
def test_what_is_not_taken_over_is_said_with_its_line(old, new, says):
    with pytest.raises(DataError) as error:
        parse_inp(GOOD.replace(old, new))
    assert all(word in str(error.value) for word in says), str(error.value)


def test_empty_and_absent_files(tmp_path):
    with pytest.raises(DataError, match="no EPANET network"):
        parse_inp("")
    with pytest.raises(DataError, match=r"none\.inp"):
        read_epanet(tmp_path / "none.inp")


def test_model_comes_back_from_its_text():
    model = parse_inp(GOOD)
    again = parse_inp(write_inp(model))
    assert again.elevation == model.elevation
    assert again.head == model.head
    assert again.pipes[0][:3] == model.pipes[0][:3]
    np.testing.assert_allclose(again.pipes[0][3:7], model.pipes[0][3:7], rtol=1e-11)
    np.testing.assert_allclose(again.pumps[0].head, model.pumps[0].head, rtol=1e-11, atol=1e-12)
    assert again.viscosity == pytest.approx(model.viscosity, rel=1e-11)


EVERYTHING = """
[JUNCTIONS]
 J1  2.0  0.5  pat
 J2  0    0.3
 J3  1    0.2
[RESERVOIRS]
 R1  20  rp
[TANKS]
 T1  10 2.5 0 5 10 0
[PIPES]
 P1  R1 J1 100 50 0.02 1.5 Open
 P2  J1 J2 50  40 0.02 CV
 P3  J2 T1 80 40 0.02
 P4  J1 J3 60 30 0.02 0 Closed
 P5  J2 J3 60 30 0.02
 P6  J1 J3 70 25 0.02
[PUMPS]
 PU  J2 T1 HEAD c1 SPEED 0.9
 PV  J3 T1 HEAD c1
[VALVES]
 V1 J1 J2 40 TCV 12 3
 V2 J1 J3 40 TCV 12 3
 V3 J2 J3 40 TCV 12 3
[CURVES]
 c1 2 16
[STATUS]
 PV 0.8
 P6 CLOSED
 V1 CLOSED
 V2 OPEN
 V3 25
[PATTERNS]
 1 1.5 2 3
 pat 0.7 1
 rp 1.1 1
[DEMANDS]
 J3 0.25 pat
 J3 0.1
[OPTIONS]
 UNITS LPS
 HEADLOSS D-W
 VISCOSITY 1.2
 DEMAND MULTIPLIER 1.3
[END]
"""
LINKS = ("P1", "P2", "P3", "P4", "P5", "P6", "PU", "PV", "V1", "V2", "V3")
AS_EPANET = {  # flows that the engine of EPANET 2.2 finds at time 0 (wntr 1.5, ACCURACY 1e-8), in the file's unit
    "as it is": (5.0108448, 1.1205739, -1.9314100, 0, -0.12186126, 0, 2.9796356, 2.5001193, 0, 3.4352676, -0.39078918),
    "viscosity": (4.9845127, 1.1029477, -1.9282519, 0, -0.12316503, 0, 2.9659359, 2.4843294, 0, 3.4265618, -0.39656945),
    "american": (83.439595, 22.792738, -22.572917, 0, -3.2030826, 0, 49.212454, 43.117558, 0, 55.186790, -8.4436910),
}
AMERICAN = (
    ("UNITS LPS", "UNITS GPM"), (" 2.0  0.5  pat", " 6 6 pat"), (" J2  0    0.3", " J2 0 4"), (" 20  rp", " 70 rp"),
    ("10 2.5 0 5 10 0", "30 8 0 15 30 0"), ("100 50 0.02", "300 2 0.08"), ("50  40 0.02", "150 1.6 0.08"),
    ("80 40 0.02", "250 1.6 0.08"), ("60 30 0.02", "200 1.2 0.08"), ("70 25 0.02", "200 1 0.08"),
    ("c1 2 16", "c1 30 50"), (" 40 TCV", " 1.5 TCV"),
)  # fmt: skip


@pytest.mark.parametrize("kind", AS_EPANET)
def test_all_that_a_file_says_of_time_0_is_heard(kind):
    """Speeds, status of links, patterns, demands in place of demands, tanks, and units: flows as EPANET's, 1e-5."""
    changes = {"as it is": (), "viscosity": (("VISCOSITY 1.2", "VISCOSITY 1.4e-6"),), "american": AMERICAN}[kind]
    text = EVERYTHING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    flow = steady_flows(read_epanet(text, friction=Friction.SWAMEE_JAIN), backwards="flag").flow.sel(branch=[*LINKS])
    unit = 3.785411784e-3 / 60 if kind == "american" else 1e-3
    wanted = np.array(AS_EPANET[kind])
    np.testing.assert_allclose(flow / unit, wanted, atol=1e-5 * abs(wanted).max())


def test_a_file_with_a_byte_order_mark_and_a_shut_valve_comes_back():
    assert parse_inp("\ufeff" + GOOD.lstrip()).title == "A small net"
    model = parse_inp(EVERYTHING)
    assert [v.closed for v in parse_inp(write_inp(model)).valves] == [True, False, False]
    shut = Branch("x", Valve(Kv=1e-3, opening=0.0), "a", "b")
    net = Network(coolant=th.load("coolants/water"), branches=[shut, shut.replace(name="y", part=Valve(Kv=1e-3))],
                  nodes=[Node("a", pressure=2e5), Node("b", draw=0.1)])  # fmt: skip
    valves = {v.name: v.closed for v in parse_inp(to_epanet(net)).valves}
    assert valves == {"x": True, "y": False}


@given(st.integers(0, 1000))
def test_flows_survive_the_way_there_and_back(seed):
    """A ring with a pump, chords, a draw, heights and a throttle valve: the same flows after writing and reading."""
    rng = np.random.default_rng(seed)
    names = [f"n{i}" for i in range(6)]
    pairs = [*zip(names, names[1:] + names[:1], strict=True), ("n0", "n3"), ("n1", "n4")]
    branches = [
        Branch(f"p{i}", Pipe(length=rng.uniform(5, 50), diameter=rng.uniform(0.04, 0.1), roughness=2e-5,
                             loss_coefficient=rng.uniform(0, 5)), a, b)
        for i, (a, b) in enumerate(pairs)
    ]  # fmt: skip
    branches.append(Branch("pump", th.load("pumps/vertiv_xdu1350"), "n0", "n5"))
    branches.append(Branch("valve", Valve(Kv=0.01, opening=float(rng.uniform(0.2, 1))), "n2", "n5"))
    nodes = [Node("n0", pressure=2e5), Node("n3", draw=1e-3, elevation=4.0)]
    net = Network(coolant=th.load("coolants/pg25"), branches=branches, nodes=nodes)
    back = read_epanet(to_epanet(net, T=30.0))
    ours, theirs = steady_flows(net, T=30.0, backwards="flag"), steady_flows(back, backwards="flag")
    scale = float(abs(ours.flow).max())
    np.testing.assert_allclose(theirs.flow.sel(branch=ours.branch), ours.flow, atol=1e-4 * scale)


@pytest.mark.parametrize(
    ("branch", "says"),
    [
        (Branch("x", Resistance(flow=1e-3, drop=1e4), "a", "b"), "Resistance"),
        (Branch("x", Valve(Kv=1e-3), "a", "b", count=4), "stands for 4"),
        (Branch("x" * 40, Valve(Kv=1e-3), "a", "b"), "31 characters"),
    ],
)
def test_what_epanet_cannot_say(branch, says):
    net = Network(
        coolant=th.load("coolants/water"), branches=[branch], nodes=[Node("a", pressure=2e5), Node("b", draw=0.1)]
    )
    with pytest.raises(InputError, match=says):
        to_epanet(net)


def test_closed_forms_of_friction_differ_where_they_should(data):
    path = data("networks/N10/loop.inp")
    ours = steady_flows(read_epanet(path)).flow.sel(branch="cp9")
    theirs = steady_flows(read_epanet(path, friction=Friction.SWAMEE_JAIN)).flow.sel(branch="cp9")
    assert 1e-5 < abs(float(ours / theirs) - 1) < 1e-3
