"""Balancing, pipe sizes and duty points against what a hand finds."""

import math

import numpy as np
import pytest
from fluids.flow_meter import C_Reader_Harris_Gallagher, discharge_coefficient_to_K
from fluids.piping import nearest_pipe

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import Resistance, Valve
from thermal.errors import InputError
from thermal.network import Branch, Network, Node, balance, duty_points, manifold, size_pipes, steady_flows
from thermal.network.design import orifice_loss
from thermal.network.sizing import SCHEDULE_40


def two(**more):
    """A pump and two branches of unequal resistance."""
    return Network(
        coolant=th.load("coolants/water"),
        nodes=[Node("return", pressure=2e5)],
        branches=[
            Branch("pump", th.load("pumps/frontier_cdu"), "return", "supply"),
            Branch("near", Resistance(flow=0.01, drop=1e5), "supply", "return", **more),
            Branch("far", Resistance(flow=0.01, drop=3e5), "supply", "return"),
        ],
    )


def test_two_branches_take_the_difference_of_their_drops():
    """At 8 and 10 L/s: 64 and 300 kPa of their own, so 236 kPa are added to the first and none to the second."""
    done = balance(two(), {"near": 0.008, "far": 0.010}, bore=0.08)
    np.testing.assert_allclose(done.table.added_drop, [236e3, 0.0], rtol=1e-6, atol=1.0)
    head = th.load("pumps/frontier_cdu").head(0.018, done.speed)
    density = th.load("coolants/water").properties(20.0).density
    assert float(head) * density * 9.80665 == pytest.approx(300e3, rel=1e-6)
    assert done.table.attrs["index"] == "far"
    assert "far/orifice" not in [b.name for b in done.network.branches]
    flow = steady_flows(done.network, speed=done.speed).flow
    np.testing.assert_allclose(flow.sel(branch=["near", "far"]), [0.008, 0.010], rtol=1e-6)


def test_valves_take_the_kv_of_their_definition():
    """The index valve is open and loses 1 bar (V/Kv)² ρ/1000; the other loses that and what the branch lacks."""
    valve = Valve(Kv=0.02)
    done = balance(two(), {"near": 0.008, "far": 0.010}, by="valve", valve=valve)
    density = th.load("coolants/water").properties(20.0).density
    open_drop = 1e5 * (0.010 / 0.02) ** 2 * density / 1000
    near = 300e3 + open_drop - 64e3
    np.testing.assert_allclose(done.table.added_drop, [near, open_drop], rtol=1e-6)
    np.testing.assert_allclose(done.table.Kv, [0.008 / math.sqrt(near / 1e5 * 1000 / density), 0.02], rtol=1e-6)
    np.testing.assert_allclose(done.table.flow_residual, 0.0, atol=1e-6)


@pytest.mark.parametrize(("reverse", "index"), [(False, "rack6"), (True, None)])
def test_a_manifold_gives_each_rack_its_flow(reverse, index):
    """With direct return the last rack is the index; reverse return needs far less to be added."""
    rack, header = th.load("racks/gb200_nvl72"), Pipe(length=1.2, diameter=0.08, roughness=4.5e-5)
    row = manifold(6 * [rack], "supply", "return", pipe=header, reverse_return=reverse)
    net = Network(
        coolant=th.load("coolants/pg25"),
        nodes=[Node("return", pressure=3e5)],
        branches=[
            Branch("throttle", Resistance(flow=0.0144, drop=1.5e5), "discharge", "supply"),
            Branch("pump", th.load("pumps/frontier_cdu"), "return", "discharge"),
            *row,
        ],
    )
    done = balance(net, T=30.0, bore=0.08)
    np.testing.assert_allclose(done.table.flow, rack.design_flow, rtol=1e-6)
    assert np.ptp(done.table.flow_before.values) > 1e-3 * rack.design_flow
    if index:
        assert done.table.attrs["index"] == index
        assert (np.diff(done.table.added_drop) < 0).all()
    assert float(done.table.added_drop.min()) == 0.0


def test_an_orifice_loses_what_its_coefficient_says():
    """C of Reader-Harris and Gallagher, corner tappings, for β = 0.5, D = 100 mm, Re = 1e6, by hand: 0.60378."""
    C = 0.5961 + 0.006525 - 0.000844 + 0.000321 + 0.001675
    by_hand = (math.sqrt(1 - 0.0625 * (1 - C**2)) / (C * 0.25) - 1) ** 2
    assert orifice_loss(0.5, 0.1, 1e6) == pytest.approx(by_hand, rel=1e-4)


def test_what_cannot_be_balanced_is_named():
    with pytest.raises(InputError, match="'far' cannot get"):
        balance(two(), {"near": 0.02, "far": 0.03}, bore=0.08)
    with pytest.raises(InputError, match="no branch is called 'fat'"):
        balance(two(), {"fat": 0.01}, bore=0.08)
    with pytest.raises(InputError, match="needs bore"):
        balance(two(), {"far": 0.01})
    with pytest.raises(InputError, match="design flow"):
        balance(two(), bore=0.08)
    with pytest.raises(InputError, match="smaller Kv"):
        balance(two(), {"near": 0.001, "far": 0.010}, by="valve", valve=Valve(Kv=0.2))


def test_pipes_take_the_smallest_size_below_the_velocity():
    """5 L/s at 1.2 m/s take 72.8 mm, so 77.92 mm (DN80); 62.68 mm (DN65) would run at 1.62 m/s."""
    line = Network(
        coolant=th.load("coolants/water"),
        nodes=[Node("in", draw=-5e-3), Node("out", pressure=2e5)],
        branches=[Branch("line", Pipe(length=10, diameter=0.05, roughness=4.5e-5), "in", "out")],
    )
    done = size_pipes(line)
    assert done.table["size"].item() == "DN80"
    assert done.network.branch("line").part.diameter == pytest.approx(0.07792)
    assert done.table.velocity.item() == pytest.approx(5e-3 / (math.pi / 4 * 0.07792**2))
    assert done.table.velocity_before.item() == pytest.approx(5e-3 / (math.pi / 4 * 0.05**2))
    assert size_pipes(line, velocity=2.0).table["size"].item() == "DN65"
    with pytest.raises(InputError, match="'line' carries"):
        size_pipes(line, sizes={"small": 0.02})


def test_sizes_hold_where_flows_follow_them():
    """With a pump the flows change with the diameters; in the end each pipe is the smallest that holds."""
    net = two().with_branch("far", part=Pipe(length=60, diameter=0.03, roughness=4.5e-5))
    net = net.with_branch("near", part=Pipe(length=20, diameter=0.03, roughness=4.5e-5))
    done = size_pipes(net, velocity=4.0, speed=0.6)
    assert (done.table.velocity <= 4.0).all()


def test_duty_points_lie_on_the_curve():
    point = steady_flows(two(), speed=0.7)
    duty = duty_points(two(), point, speed=0.7)
    V = 0.01 * math.sqrt(1e-5) + 0.01 * math.sqrt(1 / 3e5)  # flow at 1 Pa of both together
    density = th.load("coolants/water").properties(20.0).density
    drop = float(duty.pump_head[0]) * density * 9.80665
    assert float(duty.flow[0]) == pytest.approx(V * math.sqrt(drop), rel=1e-6)
    curve = th.load("pumps/frontier_cdu").flow
    assert float(duty.curve_share[0]) == pytest.approx(float(duty.flow[0]) / (0.7 * curve[-1]))
    with pytest.raises(InputError, match="no branch 'pump'"):
        duty_points(two(), point.drop_sel(branch="pump"))


def test_a_balanced_row_is_still_a_row_that_marches():
    """The CDU stays what it is: the balanced network rests behind its facility, and its plates share more evenly."""
    row = th.load("loops/gb200_row").network(pipe=th.load("pipes/steel_dn100"))
    done = balance(row, by="valve", valve=Valve(Kv=20.0 / 3600.0), T=32.0)
    assert any(type(b.part).__name__ == "Cdu" for b in done.network.branches)
    water = th.Supply(T=26, flow=0.03)
    racks = [f"rack{i}" for i in range(1, 9)]
    before, after = (th.steady(one, heat=100e3, facility=water).flow.sel(branch=racks) for one in (row, done.network))
    assert float(after.max() / after.min()) - 1.0 < 0.2 * (float(before.max() / before.min()) - 1.0)


@pytest.mark.parametrize("bore", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("beta", [0.2, 0.5, 0.74])
@pytest.mark.parametrize("reynolds", [1e4, 1e6])
def test_orifices_as_an_independent_library_has_them(bore, beta, reynolds):
    """``fluids``: Reader-Harris and Gallagher with corner tappings, and the loss that stays, of ISO 5167-2."""
    rho, mu = 1000.0, 1e-3
    m = reynolds * mu * math.pi / 4 * bore
    C = C_Reader_Harris_Gallagher(D=bore, Do=beta * bore, rho=rho, mu=mu, m=m, taps="corner")
    K = discharge_coefficient_to_K(D=bore, Do=beta * bore, C=C)
    assert orifice_loss(beta, bore, reynolds) == pytest.approx(K, rel=1e-12)


@pytest.mark.parametrize("name", SCHEDULE_40)
def test_bores_as_an_independent_library_has_them(name):
    """``fluids``: steel pipe of schedule 40, ASME B36.10M."""
    _, inner, _, _ = nearest_pipe(Di=0.999 * SCHEDULE_40[name], schedule="40")
    assert SCHEDULE_40[name] == pytest.approx(inner, abs=1e-9)
