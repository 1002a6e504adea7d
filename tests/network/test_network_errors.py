"""Bad networks and conditions: each is refused with the names of what is wrong."""

import math

import pytest

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import Resistance, SampledDrop
from thermal.errors import ConvergenceError, InputError
from thermal.network.hydraulics import steady_flows
from thermal.network.manifold import manifold
from thermal.network.network import Branch, Network, Node

WATER = th.load("coolants/water")
RACK = th.load("racks/gb200_nvl72")
PUMP = th.load("pumps/vertiv_xdu1350")
SMALL = PUMP.replace(head_curve=tuple(0.5 * h for h in PUMP.head_curve))
LOAD = Resistance(flow=8e-3, drop=3e5)
HELD = (Node("return", pressure=2e5),)
RHO = WATER.properties(20.0).density


def loop(*branches, nodes=HELD):
    return Network(coolant=WATER, branches=branches, nodes=nodes)


def plain(load=LOAD, pump=PUMP, count=1):
    return loop(Branch("pump", pump, "return", "supply", count), Branch("load", load, "supply", "return"))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: loop(Branch("a", LOAD, "x", "y")), ["return", "no end"]),
        (lambda: loop(Branch("p", PUMP, "return", "s"), Branch("a", LOAD, "s", "return"),
                      Branch("stub", LOAD, "s", "nowhere")), ["stub", "nowhere", "not connected"]),
        (lambda: loop(Branch("p", PUMP, "r", "s"), Branch("a", LOAD, "s", "r"), nodes=()),
         ["no pressure reference", "'r'"]),
        (lambda: loop(Branch("a", LOAD, "return", "s"), Branch("a", LOAD, "s", "return")), ["duplicate", "'a'"]),
        (lambda: loop(Branch("a", LOAD, "return", "return"), Branch("b", LOAD, "return", "s")), ["'a'", "same node"]),
        (lambda: Branch("a", WATER, "return", "s"), ["Coolant", "hydraulic law"]),
        (lambda: Branch(" a", LOAD, "return", "s"), ["name"]),
        (lambda: loop(), ["at least one"]),
        (lambda: manifold([], "s", "r"), ["no parts"]),
        (lambda: manifold([LOAD], "s", "r", spacing=0.6), ["spacing", "pipe"]),
        (lambda: manifold([LOAD], "s", "r", unfold=True), ["Resistance", "Rack"]),
        (lambda: Pipe(length=1, diameter=0.01, roughness=1e-3), ["roughness", "diameter"]),
        (lambda: SampledDrop(flow=(1.0, 2.0), drop=(2.0, 1.0)), ["rising"]),
    ],
)  # fmt: skip
def test_bad_networks_are_explained(build, says):
    with pytest.raises(InputError) as error:
        build()
    assert all(word in str(error.value) for word in says), str(error.value)


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ({"speed": {"pumb": 0.5}}, ["'pumb'", "did you mean 'pump'"]),
        ({"speed": {"load": 0.5}}, ["'load'", "no pump"]),
        ({"speed": 7.0}, ["pump", "7"]),
        ({"speed": math.nan}, ["finite"]),
        ({"clog": {"load": 0.0}}, ["load", "(0, 1]"]),
        ({"clog": {"lod": 0.5}}, ["'lod'", "did you mean"]),
        ({"closed": ["laod"]}, ["'laod'", "did you mean"]),
        ({"opening": {"load": 0.5}}, ["load", "not a Valve"]),
        ({"opening": {"vlave": 0.5}}, ["vlave"]),
        ({"T": 200.0}, ["200", "degC"]),
        ({"T": {"lod": 20.0}}, ["'lod'"]),
        ({"backwards": "maybe"}, ["maybe"]),
    ],
)
def test_bad_conditions_are_explained(conditions, says):
    with pytest.raises(InputError) as error:
        steady_flows(plain(), **conditions)
    assert all(word in str(error.value) for word in says), str(error.value)


def test_pumps_in_a_circle_without_resistance():
    ring = loop(
        Branch("a", PUMP, "return", "x"), Branch("b", PUMP, "x", "y"), Branch("c", PUMP, "y", "return"),
        Branch("load", LOAD, "x", "return"),
    )  # fmt: skip
    with pytest.raises(InputError, match="cycle without resistance") as error:
        steady_flows(ring)
    assert all(name in str(error.value) for name in ("'a'", "'b'", "'c'"))
    assert "'load'" not in str(error.value)


def test_pumps_that_fight():
    unequal = loop(
        Branch("strong", PUMP, "return", "supply"),
        Branch("weak", SMALL, "return", "supply"),
        Branch("load", Resistance(flow=2e-3, drop=4e5), "supply", "return"),
    )
    with pytest.raises(InputError, match="pumps fight") as error:
        steady_flows(unequal)
    assert "'weak'" in str(error.value)
    assert "'strong'" in str(error.value)
    flagged = steady_flows(unequal, backwards="flag")
    assert bool(flagged.outside_range.sel(branch="weak"))
    against = loop(
        Branch("a", PUMP, "return", "x"), Branch("b", SMALL.replace(check_valve=False), "y", "x"),
        Branch("load", LOAD, "y", "return"),
    )  # fmt: skip
    with pytest.raises(InputError, match="pumps fight"):
        steady_flows(against)


def test_a_manifold_that_runs_backwards():
    """Supply and return are swapped: the coolant would come to the racks' outlets first."""
    wrong = loop(Branch("pump", PUMP, "return", "supply", 3), *manifold(4 * [RACK], "return", "supply"))
    with pytest.raises(InputError, match="runs backwards") as error:
        steady_flows(wrong)
    assert all(f"'rack{i}'" in str(error.value) for i in (1, 2, 3, 4))
    assert "swap supply and return" in str(error.value)
    assert float(steady_flows(wrong, backwards="flag").flow.sel(branch="rack1")) < 0.0


def test_no_number_is_named(monkeypatch):
    broken = Resistance(flow=1e-3, drop=1e5)
    monkeypatch.setattr(
        Resistance, "branch_law", lambda self, p: LOAD_LAW._replace(values={**LOAD_LAW.values, "drop": math.nan})
    )
    with pytest.raises(ConvergenceError, match="no flows were found"):
        steady_flows(plain(load=broken))


LOAD_LAW = LOAD.branch_law(WATER.properties(20.0))
