"""What a network is called and how it is written down changes nothing: counts, names, order, direction."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.errors import InputError
from thermal.network.network import Branch, Network, Node

COOLANT, RACK, CDU = th.load("coolants/pg25"), th.load("racks/gb200_nvl72"), th.load("cdus/vertiv_xdu1350")
WATER = th.Supply(T=26, flow=0.03, coolant=th.load("coolants/water"))
PIPE = Pipe(length=40.0, diameter=0.1, roughness=4.5e-5, cells=1)
CELLS = PIPE.replace(cells=8)
TIMES = np.arange(0.0, 600.0, 60.0)


def network(*branches, cdu="cdu", ends=("return", "supply")):
    all_of = [Branch(cdu, CDU, *ends), *branches]
    return Network(coolant=COOLANT, branches=all_of, nodes=[Node(ends[0], pressure=2e5)])


def day(part, heat):
    """Ten minutes of a load that doubles."""
    series = {name: xr.DataArray(np.linspace(0.5, 1.0, 10) * watts, {"time": TIMES}, ("time",)) for name, watts in heat}
    return th.transient(part, heat=series, facility=WATER, step=5.0, save=60.0)


def sums(run):
    return [run.power.values, run.heat_air.values, run.heat_to_facility.values, run.T_facility_return.values]


@pytest.mark.parametrize("kind", ["racks", "packages", "mixed pipe", "pipe of cells", "pumps"])
def test_a_branch_that_stands_for_several_is_those_several(kind):
    """Heat is that of each, series are those of one, sums have all: by one rack's heat a case was 19 K too cold."""
    unfolded = th.manifold([RACK], "supply", "return", unfold=True)
    package = next(b for b in unfolded if b.name == "rack1/plate1")
    rest = [b for b in unfolded if "/plate" not in b.name]
    pump = th.load("pumps/vertiv_xdu1350")
    kinds = {
        "racks": ([], RACK, "supply", "return", 4),
        "packages": (rest, package.part, package.start, package.end, 72),
        "mixed pipe": ([Branch("rack", RACK, "behind", "return")], PIPE, "supply", "behind", 3),
        "pipe of cells": ([Branch("rack", RACK, "behind", "return")], CELLS, "supply", "behind", 3),
        "pumps": ([Branch("rack", RACK, "behind", "return")], pump, "supply", "behind", 2),
    }
    others, part, start, end, count = kinds[kind]
    together = network(*others, Branch("one", part, start, end, count=count))
    apart = network(*others, *(Branch(f"one{i}", part, start, end) for i in range(count)))
    heats = {"racks": ("one", 90e3), "packages": ("rack1", 90e3)}.get(kind, ("rack", 90e3))
    names = [(f"one{i}", 90e3) for i in range(count)] if kind == "racks" else [heats]
    a, b = day(together, [heats]), day(apart, names)
    for x, y in zip(sums(a), sums(b), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-9)
    for name in ("T_case", "T_junction", "T_rack_return", "flow", "heat", "pump_power", "pump_speed"):
        np.testing.assert_allclose(
            a[name].sel(branch="one"), b[name].sel(branch="one1"), rtol=1e-9, err_msg=name, equal_nan=True
        )
    assert float(a.T_case.max()) > 40.0


def test_several_cdus_in_one_branch_are_refused():
    several = network(*th.manifold(2 * [RACK], "supply", "return"))
    several = several.replace(branches=[Branch("cdu", CDU, "return", "supply", count=2), *several.branches[1:]])
    with pytest.raises(InputError, match="stands for 2 CDUs; each has controllers of its own"):
        th.steady(several, heat=90e3, facility=WATER)


def test_nodes_and_branches_may_share_names():
    """A plate named as the node before it was 9 K too hot, in silence: both were one place."""
    plain = network(Branch("p", PIPE, "supply", "far"), Branch("a", RACK, "far", "return"),
                    Branch("b", RACK, "far", "return"))  # fmt: skip
    same = network(Branch("far", PIPE, "supply", "far"), Branch("return", RACK, "far", "return"),
                   Branch("supply", RACK, "far", "return"))  # fmt: skip
    a, b = day(plain, [("a", 90e3), ("b", 60e3)]), day(same, [("return", 90e3), ("supply", 60e3)])
    np.testing.assert_array_equal(a.T_node, b.T_node)
    np.testing.assert_array_equal(a.T_case.sel(branch="a"), b.T_case.sel(branch="return"))
    np.testing.assert_array_equal(a.T_rack_return.sel(branch="b"), b.T_rack_return.sel(branch="supply"))


def test_the_order_of_branches_and_other_names_change_nothing():
    forth = network(Branch("p", CELLS, "supply", "far"), Branch("a", RACK, "far", "return"),
                    Branch("b", RACK, "supply", "return"))  # fmt: skip
    back = Network(
        coolant=COOLANT, nodes=[Node("z", pressure=2e5)], branches=[
            Branch("r1", RACK, "y", "z"), Branch("r2", RACK, "x", "z"), Branch("q", CELLS, "y", "x"),
            Branch("unit", CDU, "z", "y"),
        ])  # fmt: skip
    a, b = day(forth, [("a", 90e3), ("b", 60e3)]), day(back, [("r2", 90e3), ("r1", 60e3)])
    for mine, yours in (("a", "r2"), ("b", "r1")):
        np.testing.assert_allclose(a.T_case.sel(branch=mine), b.T_case.sel(branch=yours), rtol=1e-10)
    np.testing.assert_allclose(a.power, b.power, rtol=1e-10)


@pytest.mark.parametrize("turned", ["p", "a"])
def test_a_branch_written_from_its_end_to_its_start_carries_the_same(turned):
    """Its flow has the other sign; temperatures and powers are the same, of pipes of cells and of racks."""
    parts = {"p": (CELLS, "supply", "far"), "a": (RACK, "far", "return"), "b": (RACK, "supply", "return")}
    forth = network(*(Branch(name, *of) for name, of in parts.items()))
    part, start, end = parts[turned]
    back = network(*(Branch(name, *of) for name, of in (parts | {turned: (part, end, start)}).items()))
    heat = [("a", 90e3), ("b", 60e3)]
    a, b = day(forth, heat), day(back, heat)
    np.testing.assert_allclose(a.flow.sel(branch=turned), -b.flow.sel(branch=turned), rtol=1e-9)
    for name in ("T_case", "T_node", "T_rack_return", "power"):
        np.testing.assert_allclose(a[name], b[name], rtol=1e-9, err_msg=name)
