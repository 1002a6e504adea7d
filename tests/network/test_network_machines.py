"""Machines in networks: efficiency by flow, coast-down, suction head, expansion vessels, limiting valves."""

import numpy as np
import pytest

import thermal as th
from thermal.components.hydronics.valve import PressureIndependentValve, Resistance
from thermal.components.hydronics.vessel import ExpansionVessel
from thermal.errors import InputError
from thermal.network.hydraulics import steady_flows
from thermal.network.network import Branch, Network, Node

WATER = th.load("coolants/water")
PG25 = th.load("coolants/pg25")
PUMP = th.load("pumps/vertiv_xdu1350")
BEST = PUMP.replace(efficiency_law="best_point", flow_best=7e-3, drive="variable_speed", rated_power=4e3)
LOAD = Resistance(flow=8e-3, drop=3e5)
RHO = WATER.properties(20.0).density


def loop(pump=PUMP, load=LOAD, pressure=2e5, count=1, **node):
    return Network(
        coolant=WATER, nodes=[Node("return", pressure=pressure, **node)],
        branches=[Branch("pump", pump, "return", "supply", count), Branch("load", load, "supply", "return")],
    )  # fmt: skip


def test_efficiency_varies_with_flow_at_rest():
    """One of two pumps trips: the other runs beyond its curve, flagged, at the efficiency of there, not of its best."""
    both = steady_flows(loop(BEST, Resistance(flow=18e-3, drop=2e5), count=2))
    one = steady_flows(loop(BEST, Resistance(flow=18e-3, drop=2e5)))
    for point in (both, one):
        V, power = float(point.flow.sel(branch="pump")), float(point.pump_power.sel(branch="pump"))
        alone = BEST.operate(V, 1.0, RHO)
        assert float(point.pump_efficiency.sel(branch="pump")) == pytest.approx(float(alone.pump_efficiency), rel=1e-9)
        assert bool(point.outside_range.sel(branch="pump")) == bool(alone.outside_pump)
        if not alone.outside_pump:
            assert power == pytest.approx(float(alone.pump_power), rel=1e-9)
    assert bool(one.outside_range.sel(branch="pump"))
    assert not bool(both.outside_range.sel(branch="pump"))
    assert float(one.pump_efficiency.sel(branch="pump")) < float(both.pump_efficiency.sel(branch="pump"))


def row(pump=PUMP, **cdu):
    made = th.load("cdus/vertiv_xdu1350").replace(pumps=(pump, pump), **cdu)
    racks = th.manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")
    return Network(coolant=PG25, nodes=[Node("return", pressure=2e5)],
                   branches=[Branch("cdu", made, "return", "supply"), *racks])  # fmt: skip


def test_efficiency_varies_with_flow_in_time():
    """Power is that of the pumps at their own flow and speed; all shaft power ends in the coolant."""
    heat, water = 100e3, th.Supply(T=26, flow=0.03)
    run = th.transient(row(BEST), heat=heat, facility=water, until=300, step=1, save=300)
    flow, speed = (float(run[name].sel(branch="cdu/pump_1")[-1]) for name in ("flow", "pump_speed"))
    density = PG25.properties(32.0).density
    alone = BEST.operate(flow, speed, density)
    assert float(run.pump_power.sum("branch")[-1]) == pytest.approx(2 * float(alone.pump_power), rel=1e-6)
    constant = th.transient(row(), heat=heat, facility=water, until=300, step=1, save=300)
    assert float(run.pump_power.sum("branch")[-1]) > 1.05 * float(constant.pump_power.sum("branch")[-1])
    rack = th.load("racks/gb200_nvl72")
    assert float(run.heat_to_facility[-1]) == pytest.approx(
        8 * heat * rack.liquid_fraction + 2 * float(alone.shaft_power), rel=1e-5
    )


def test_coasting_down():
    """dn/dt = −n²/t after the drive is off: n = n_0/(1 + n_0 s/t), to first order in the step."""
    pump = PUMP.replace(coast=4.0)
    run = th.transient(row(pump), heat=80e3, facility=th.Supply(T=26, flow=0.03), until=60, step=0.05, save=0.5,
                       events=[th.stop("cdu/pump_1", at=10), th.stop("cdu/pump_2", at=20)])  # fmt: skip
    speed = run.pump_speed.sel(branch="cdu/pump_2")
    n0 = float(speed.sel(time=20))
    after = speed.sel(time=slice(20.5, 40)).values
    s = run.time.sel(time=slice(20.5, 40)).values - 20.0
    np.testing.assert_allclose(after, n0 / (1.0 + n0 * s / 4.0), rtol=0.02)
    assert float(run.flow.sel(branch="cdu/loss", time=21)) > 1e-3  # coolant still moves a second later
    assert np.abs(run.energy_residual).max() < 1e-3


@pytest.mark.parametrize("needs", [(), (0.5, 1.0, 2.0, 3.0, 5.0)])
def test_suction_head(needs):
    """(p − p_v)/ρg by hand: 200 kPa less 2.3 kPa of water at 20 °C."""
    pump = PUMP.replace(npsh_required=needs)
    point = steady_flows(loop(pump))
    assert float(point.npsh_available.sel(branch="pump")) == pytest.approx((2e5 - 2.339e3) / (RHO * 9.80665), rel=1e-3)
    margin = float(point.npsh_margin.sel(branch="pump"))
    if not needs:
        assert np.isnan(margin)
        return
    V = float(point.flow.sel(branch="pump"))
    assert margin == pytest.approx(float(point.npsh_available.sel(branch="pump")) - np.interp(V, pump.flow, needs))
    half = steady_flows(loop(pump), speed=0.5)  # both scale with the square of speed
    assert float(half.npsh_margin.sel(branch="pump")) > margin
    with pytest.raises(InputError, match="NPSH below required") as error:
        steady_flows(loop(pump, pressure=2e4))
    assert "'pump'" in str(error.value)
    assert "Node.pressure" in str(error.value)
    assert float(steady_flows(loop(pump, pressure=2e4), cavitation="flag").npsh_margin.sel(branch="pump")) < 0.0
    with pytest.raises(InputError, match="as many values"):
        PUMP.replace(npsh_required=(1.0, 2.0))


def test_expansion_vessel():
    """Warmer coolant takes room from the gas: p V constant, with the expansion of the coolant's own densities."""
    gas = 0.02
    plain = row().replace(nodes=(Node("return", pressure=2e5),))
    held = row().replace(nodes=(Node("return", pressure=2e5, vessel=ExpansionVessel(gas=gas, T_fill=20.0)),))
    water = th.Supply(T=26, flow=0.03)
    a, b = (th.steady(net, heat=100e3, facility=water) for net in (plain, held))
    rise = (b.pressure_node - a.pressure_node).sel(node=["return", "supply"])
    np.testing.assert_allclose(rise, rise[0], rtol=1e-9)
    np.testing.assert_allclose(a.flow, b.flow, rtol=1e-12)
    cdu, rack = th.load("cdus/vertiv_xdu1350"), th.load("racks/gb200_nvl72")
    volumes = [cdu.secondary_volume, cdu.return_volume, 8 * rack.coolant_volume]
    T = [float(a.T_node.sel(node="supply")), float(a.T_node.sel(node="return")), float(a.T_node.sel(node="return"))]
    cold = PG25.properties(20.0).density
    expansion = sum(V * (cold / PG25.properties(t).density - 1.0) for V, t in zip(volumes, T, strict=True))
    assert float(rise[0]) == pytest.approx(2e5 * (gas / (gas - expansion) - 1.0), rel=0.02)
    tiny = row().replace(nodes=(Node("return", pressure=2e5, vessel=ExpansionVessel(gas=1e-4)),))
    with pytest.raises(InputError, match="expansion vessel"):
        th.steady(tiny, heat=100e3, facility=water)
    with pytest.raises(InputError, match="vessel needs pressure"):
        Node("return", vessel=ExpansionVessel(gas=0.1))


VALVE = PressureIndependentValve(flow=4e-3, drop_low=20e3, drop_high=400e3)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.99, 1.0, 5.0, 20.0, 25.0, -0.5, -5.0])
def test_pressure_independent_valve(share):
    """Below its range an open valve, in it the flow rises by 5 %; in reverse the same."""
    drop = share * 20e3
    net = Network(coolant=WATER, nodes=[Node("a", pressure=2e6 + drop), Node("b", pressure=2e6)],
                  branches=[Branch("valve", VALVE, "a", "b")])  # fmt: skip
    size = abs(share)
    expected = 4e-3 * (np.sqrt(size) if size <= 1 else 1 + 0.05 * (size - 1) * 20e3 / 380e3)
    assert float(steady_flows(net).flow[0]) == pytest.approx(np.sign(share) * expected, rel=1e-9)


def test_pressure_independent_valves_balance_a_header():
    """Direct return, thin header: with a valve for each, all racks get the same within the valves' band."""
    rack, pipe = (
        th.load("racks/gb200_nvl72"),
        th.components.hydronics.pipe.Pipe(length=1.0, diameter=0.05, roughness=4.5e-5),
    )

    def spread(valve):
        racks = th.manifold(8 * [rack], "supply", "return", pipe=pipe, disconnect=valve)
        net = Network(coolant=WATER, nodes=[Node("return", pressure=2e5)],
                      branches=[Branch("pump", PUMP, "return", "supply", 3), *racks])  # fmt: skip
        flows = steady_flows(net).flow.sel(branch=[f"rack{i}" for i in range(1, 9)]).values
        return np.ptp(flows) / flows.mean()

    assert spread(VALVE.replace(flow=1.2e-3, drop_low=5e3)) < 0.05 < spread(None)
    with pytest.raises(InputError, match="drop_high"):
        VALVE.replace(drop_high=21e3)
