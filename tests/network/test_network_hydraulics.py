"""Networks of named branches: pumps in parallel and series, standing, unequal, fighting; valves; heights; bad input."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import thermal as th
from thermal.components.hydronics.pipe import Hose, Pipe
from thermal.components.hydronics.pump import Pump
from thermal.components.hydronics.valve import CheckValve, QuickDisconnect, Resistance, SampledDrop, Strainer, Valve
from thermal.errors import InputError
from thermal.network.hydraulics import steady_flows
from thermal.network.manifold import manifold
from thermal.network.network import Branch, Joint, Network, Node
from thermal.network.topology import lower_hydraulics

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


def duty(pumps_head, load=LOAD, high=0.1):
    """Flow at which a head curve [m] meets the load, by bisection."""
    return brentq(lambda V: RHO * 9.80665 * pumps_head(V) - load.drop * (V / load.flow) ** load.exponent, 1e-6, high)


def test_one_pump_at_its_duty_point():
    point = steady_flows(plain())
    V = duty(PUMP.head, high=PUMP.flow[-1])
    assert float(point.flow.sel(branch="load")) == pytest.approx(V, rel=1e-9)
    assert float(point.pump_power.sel(branch="pump")) == pytest.approx(PUMP.power(V, density=RHO), rel=1e-9)
    assert float(point.pressure_node.sel(node="return")) == 2e5
    assert bool(point.converged)
    assert np.abs(point.mass_residual).max() < 1e-12
    assert point.attrs["models"]
    assert point.flow.attrs["units"] == "m3/s"


def test_parallel_and_series_pumps():
    two = steady_flows(plain(count=2))
    V = duty(lambda V: PUMP.head(V / 2), high=2 * PUMP.flow[-1])
    assert float(two.flow.sel(branch="load")) == pytest.approx(V, rel=1e-9)
    assert float(two.flow.sel(branch="pump")) == pytest.approx(V / 2, rel=1e-9)  # of one of the count
    named = steady_flows(
        loop(
            Branch("pump_a", PUMP, "return", "supply"),
            Branch("pump_b", PUMP, "return", "supply"),
            Branch("load", LOAD, "supply", "return"),
        )
    )
    assert float(named.flow.sel(branch="pump_b")) == pytest.approx(V / 2, rel=1e-9)
    line = steady_flows(
        loop(
            Branch("pump_a", PUMP, "return", "between"),
            Branch("pump_b", PUMP, "between", "supply"),
            Branch("load", LOAD, "supply", "return"),
        )
    )
    assert float(line.flow.sel(branch="load")) == pytest.approx(
        duty(lambda V: 2 * PUMP.head(V), high=PUMP.flow[-1]), rel=1e-9
    )


def test_unequal_pumps_share_one_head():
    weaker = PUMP.replace(head_curve=tuple(0.8 * h for h in PUMP.head_curve))
    point = steady_flows(
        loop(
            Branch("a", PUMP, "return", "supply"),
            Branch("b", weaker, "return", "supply"),
            Branch("load", Resistance(flow=15e-3, drop=2.5e5), "supply", "return"),
        )
    )
    a, b, total = (float(point.flow.sel(branch=name)) for name in ("a", "b", "load"))
    assert a > b > 0
    assert a + b == pytest.approx(total, rel=1e-12)
    assert float(PUMP.head(a)) == pytest.approx(float(weaker.head(b)), rel=1e-9)


@pytest.mark.parametrize("speed", [0.5, 0.9])
def test_affinity(speed):
    """On a square load flow goes with speed, power with its cube."""
    full, slow = steady_flows(plain()), steady_flows(plain(), speed=speed)
    ratio = slow.flow.sel(branch="load") / full.flow.sel(branch="load")
    assert float(ratio) == pytest.approx(speed, rel=1e-9)
    assert float(slow.pump_power.sel(branch="pump") / full.pump_power.sel(branch="pump")) == pytest.approx(speed**3)


def test_one_of_two_pumps_stands():
    pair = loop(
        Branch("pump_a", PUMP, "return", "supply"),
        Branch("pump_b", PUMP, "return", "supply"),
        Branch("load", LOAD, "supply", "return"),
    )
    left = steady_flows(pair, speed={"pump_b": 0.0})
    alone = steady_flows(plain())
    assert float(left.flow.sel(branch="load")) == pytest.approx(float(alone.flow.sel(branch="load")), rel=1e-6)
    assert abs(float(left.flow.sel(branch="pump_b"))) < 1e-9  # its check valve holds
    leaky = PUMP.replace(check_valve=False)
    short = steady_flows(pair.with_branch("pump_b", part=leaky), speed={"pump_b": 0.0})
    assert float(short.flow.sel(branch="pump_b")) < -1e-3  # and without one the water goes round in a circle
    assert float(short.flow.sel(branch="load")) < float(alone.flow.sel(branch="load"))


def test_all_pumps_stand():
    point = steady_flows(plain(), speed=0.0)
    assert np.abs(point.flow).max() < 1e-30
    assert not point.pump_power.any()


def test_end_of_the_pumps_curve_is_flagged():
    point = steady_flows(plain(load=Resistance(flow=30e-3, drop=1e5)))
    assert bool(point.outside_range.sel(branch="pump"))
    assert not bool(steady_flows(plain()).outside_range.any())


def test_water_finds_its_level():
    """Two reservoirs, one 10 m of water above the other through 100 m of pipe; Churchill by hand at the answer."""
    pipe = Pipe(length=100.0, diameter=0.1, roughness=5e-5, loss_coefficient=2.0)
    head = RHO * 9.80665 * 10.0
    point = steady_flows(
        loop(Branch("pipe", pipe, "top", "bottom"), nodes=(Node("top", pressure=1e5, elevation=10.0),
                                                              Node("bottom", pressure=1e5)))
    )  # fmt: skip
    V = float(point.flow[0])
    import fluids

    v = V / (math.pi / 4 * 0.1**2)
    f = fluids.friction.Churchill_1977(RHO * v * 0.1 / WATER.properties(20.0).viscosity, 5e-4)
    assert (f * 1000.0 + 2.0) * RHO * v**2 / 2 == pytest.approx(head, rel=1e-8)


def test_height_inside_a_closed_loop_changes_pressure_not_flow():
    high = steady_flows(plain().replace(nodes=(*HELD, Node("supply", elevation=12.0))))
    flat = steady_flows(plain())
    assert float(high.flow[0]) == pytest.approx(float(flat.flow[0]), rel=1e-12)
    drop = flat.pressure_node.sel(node="supply") - high.pressure_node.sel(node="supply")
    assert float(drop) == pytest.approx(RHO * 9.80665 * 12.0, rel=1e-9)


def test_warm_water_rises():
    """A riser at 60 °C and a downcomer at 20 °C, no pump: natural circulation, driven by Δρ g z."""
    leg = Pipe(length=10.0, diameter=0.05, roughness=0.0)
    chimney = loop(
        Branch("riser", leg, "return", "top"),
        Branch("downcomer", leg, "top", "return"),
        nodes=(*HELD, Node("top", elevation=10.0)),
    )
    point = steady_flows(chimney, T={"riser": 60.0, "downcomer": 20.0})
    driving = (RHO - WATER.properties(60.0).density) * 9.80665 * 10.0
    laws = [leg.branch_law(WATER.properties(T)) for T in (60.0, 20.0)]
    lowered = lower_hydraulics(chimney, {"riser": 60.0, "downcomer": 20.0})
    from thermal.physics.network.branches import pipe_loss

    m = float(point.flow.sel(branch="downcomer")) * RHO
    assert m > 0.1
    assert sum(pipe_loss(pipe, lowered.branches.friction, m)[0] for pipe in lowered.branches.pipes) == pytest.approx(
        driving, rel=1e-9
    )
    assert laws[0].values["reynolds"] > laws[1].values["reynolds"]


def test_draw_and_feed():
    pipe = Pipe(length=10.0, diameter=0.05, roughness=1e-5)
    tree = loop(
        Branch("main", pipe, "source", "fork"), Branch("a", pipe, "fork", "end_a"), Branch("b", pipe, "fork", "end_b"),
        nodes=(Node("source", pressure=3e5), Node("end_a", draw=1e-3), Node("end_b", draw=5e-4)),
    )  # fmt: skip
    point = steady_flows(tree)
    np.testing.assert_allclose(point.flow, [1.5e-3, 1e-3, 5e-4], rtol=1e-9)


@pytest.mark.parametrize(
    ("part", "flow", "drop"),
    [
        (Valve(Kv=36 / 3600), 0.01, 1e5 * RHO / 1000),
        (Valve(Kv=36 / 3600, opening=0.5, characteristic="equal percentage", rangeability=25), 0.002, 1e5 * RHO / 1000),
        (Valve(Kv=36 / 3600, opening=0.5, characteristic="linear", rangeability=1e3), 0.01 * 0.5005, 1e5 * RHO / 1000),
        (Strainer(Kv=36 / 3600, clogged=0.5), 0.005, 1e5 * RHO / 1000),
        (QuickDisconnect(Kv=3.6 / 3600, linear=1e7), 0.001, 1e4 + 1e5 * RHO / 1000),
        (CheckValve(Kv=36 / 3600, opening_pressure=2e3), 0.01, 2e3 + 1e5 * RHO / 1000),
        (SampledDrop(flow=(0.005, 0.01), drop=(3e4, 1e5)), 0.005, 3e4),
        (Resistance(flow=0.01, drop=1e5, exponent=1.75), 0.005, 1e5 * 0.5**1.75),
        (th.load("cold_plates/ocp_1kw"), 1e-5, th.load("cold_plates/ocp_1kw").pressure_drop(1e-5)),
        (th.load("racks/gb200_nvl72"), 2.4e-3, th.load("racks/gb200_nvl72").pressure_drop(2.4e-3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_part_loses_what_its_sheet_says(part, flow, drop):
    between = loop(
        Branch("part", part, "in", "out"), nodes=(Node("in", pressure=2e5 + drop), Node("out", pressure=2e5))
    )
    assert float(steady_flows(between).flow[0]) == pytest.approx(flow, rel=1e-6)


def test_hose_is_a_pipe_with_fittings():
    hose = Hose(length=2.0, bore=0.0127, fittings=1.5)
    pipe = Pipe(length=2.0, diameter=0.0127, roughness=1.5e-6, loss_coefficient=1.5)
    for item in (hose, pipe):
        between = loop(Branch("x", item, "in", "out"), nodes=(Node("in", pressure=2.5e5), Node("out", pressure=2e5)))
        if item is hose:
            first = float(steady_flows(between).flow[0])
    assert first == float(steady_flows(between).flow[0])


def test_check_valve_lets_nothing_back():
    back = loop(
        Branch("check", CheckValve(Kv=0.01), "in", "out"), nodes=(Node("in", pressure=2e5), Node("out", pressure=3e5))
    )
    assert -1e-9 < float(steady_flows(back).flow[0]) <= 0.0


def test_closing_and_clogging_by_name():
    row = loop(
        Branch("pump", PUMP, "return", "supply"), *manifold(4 * [th.load("racks/gb200_nvl72")], "supply", "return")
    )
    free = steady_flows(row)
    assert len(np.unique(free.flow.values[1:])) == 1  # four racks, one row
    shut = steady_flows(row, closed=["rack2"])
    assert abs(float(shut.flow.sel(branch="rack2"))) < 1e-9
    assert float(shut.flow.sel(branch="rack1")) > float(free.flow.sel(branch="rack1"))
    half = steady_flows(row, clog={"rack3": 0.5})
    ratio = float(half.flow.sel(branch="rack3") / half.flow.sel(branch="rack1"))
    exponent = th.load("racks/gb200_nvl72").exponent
    assert ratio == pytest.approx(0.25 ** (1 / exponent), rel=1e-9)


def test_equal_branches_are_one_row_until_one_is_named():
    row = loop(
        Branch("pump", PUMP, "return", "supply"), *manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")
    )
    assert len(lower_hydraulics(row).web.copies) == 2
    assert lower_hydraulics(row).web.copies.max() == 8
    assert len(lower_hydraulics(row, apart={"rack5"}).web.copies) == 3
    folded, apart = steady_flows(row), steady_flows(row, T=dict.fromkeys([b.name for b in row.branches], 20.0))
    np.testing.assert_allclose(folded.flow, apart.flow, rtol=1e-9)


def test_reverse_return_balances_a_header():
    rack, pipe = th.load("racks/gb200_nvl72"), Pipe(length=1.0, diameter=0.065, roughness=4.5e-5)

    def spread(reverse):
        racks = manifold(8 * [rack], "supply", "return", pipe=pipe, spacing=0.6, reverse_return=reverse)
        flows = steady_flows(loop(Branch("pump", PUMP, "return", "supply", 2), *racks)).flow
        return flows.sel(branch=[f"rack{i}" for i in range(1, 9)]).values

    direct, reverse = spread(False), spread(True)
    assert (np.diff(direct) < 0).all()  # the far rack gets least
    assert np.ptp(reverse) < 0.5 * np.ptp(direct)
    np.testing.assert_allclose(reverse, reverse[::-1], rtol=1e-6)  # the same from both ends


def test_a_rack_unfolds_into_its_plates():
    rack = th.load("racks/gb200_nvl72")
    whole = steady_flows(
        loop(Branch("pump", PUMP, "return", "supply"), *manifold([rack], "supply", "return")), speed=0.6
    )
    many = loop(Branch("pump", PUMP, "return", "supply"), *manifold([rack], "supply", "return", unfold=True))
    apart = steady_flows(many, speed=0.6)
    assert len(many.branches) == 1 + 1 + 72 + 1
    V = float(whole.flow.sel(branch="rack1"))
    assert float(apart.flow.sel(branch="rack1/hoses")) == pytest.approx(V, rel=0.02)  # two exponents, near design
    assert float(apart.flow.sel(branch="rack1/plate17")) == pytest.approx(0.8 * V / 72, rel=0.02)
    clogged = steady_flows(many, speed=0.6, clog={"rack1/plate17": 0.4})
    assert float(clogged.flow.sel(branch="rack1/plate17")) < 0.45 * float(apart.flow.sel(branch="rack1/plate17"))
    assert float(clogged.flow.sel(branch="rack1/plate18")) > float(apart.flow.sel(branch="rack1/plate18"))


def test_a_narrower_plate_costs_flow():
    """The plate's own pressure drop is a branch law: ten times the drop of a curve must be felt by the pump."""
    rack = th.load("racks/gb200_nvl72")
    tight = rack.cold_plate.replace(reference_drop=8 * rack.cold_plate.reference_drop)

    def flow(plate):
        racks = manifold([rack.replace(cold_plate=rack.cold_plate)], "supply", "return", unfold=True)
        racks = tuple(b if "/plate" not in b.name else Branch(b.name, plate, b.start, b.end) for b in racks)
        return float(steady_flows(loop(Branch("pump", PUMP, "return", "supply"), *racks), speed=0.6).flow[1])

    assert flow(tight) < 0.9 * flow(rack.cold_plate)


def test_network_prints_as_a_tree():
    row = loop(
        Branch("cdu/pump", PUMP, "return", "supply", 2),
        *manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return"),
    )
    text = str(row)
    assert "9 rows" in text
    assert "rack1 … rack8: Rack" in text
    assert "cdu/pump: 2 × Pump" in text
    assert "200 kPa" in text


def test_parts_of_a_network_are_found_and_changed():
    row = plain()
    assert row.branch("load").part == LOAD
    assert row.with_branch("load", part=PUMP).branch("load").part == PUMP
    with pytest.raises(InputError, match="did you mean 'load'"):
        row.branch("laod")
    assert Joint("x", hot="a:b", cold="c:d").hot == "a:b"


def test_graph_needs_networkx():
    pytest.importorskip("networkx")
    graph = plain().to_graph()
    assert set(graph.nodes) == {"return", "supply"}
    assert graph.number_of_edges() == 2


def test_pump_points_and_law_are_the_same():
    assert isinstance(PUMP, Pump)
    assert PUMP.branch_law(WATER.properties(20.0)).curve is PUMP.curve
