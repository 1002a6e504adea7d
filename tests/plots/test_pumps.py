"""Pumps on their curves: duty points lie where the result has them, curves end where the catalogue ends."""

import numpy as np
import pytest

import thermal as th
from thermal import plots
from thermal.components.hydronics.valve import Resistance
from thermal.errors import InputError
from thermal.network.hydraulics import steady_flows
from thermal.network.network import Branch, Network, Node
from thermal.physics.machines.pump import GRAVITY
from thermal.units import lpm


def _network(drop, kind="frontier_cdu", **changes):
    pump = th.load(f"pumps/{kind}").replace(**changes)
    return Network(
        coolant=th.load("coolants/water"), nodes=[Node("return", pressure=2e5)],
        branches=[Branch("pump_a", pump, "return", "supply"), Branch("pump_b", pump, "return", "supply"),
                  Branch("load", Resistance(flow=0.02, drop=drop), "supply", "return")],
    )  # fmt: skip


def _gids(ax, start):
    return {line.get_gid(): line for line in ax.lines if str(line.get_gid()).startswith(start)}


def test_duty_points_are_those_of_the_result():
    network = _network(2e5)
    result = steady_flows(network, speed={"pump_a": 0.9, "pump_b": 1.0}, backwards="flag")
    axes = plots.pump_curves(network, result)
    assert axes.shape == (2, 1)
    points, curves = _gids(axes[0, 0], "duty"), _gids(axes[0, 0], "speed")
    assert set(curves) == {"speed 0.9", "speed 1"}
    density = network.coolant.properties(20.0).density
    for name, n in (("pump_a", 0.9), ("pump_b", 1.0)):
        one = result.sel(branch=name)
        assert float(one.pump_speed) == n
        assert points[f"duty {name}"].get_xdata() == pytest.approx(float(one.flow) / lpm)
        head = -float(one.pressure_difference) / (density * GRAVITY)
        assert points[f"duty {name}"].get_ydata() == pytest.approx(head, rel=1e-6)
        end = network.branch(name).part.flow[-1]
        assert curves[f"speed {n:g}"].get_xdata()[-1] == pytest.approx(n * end / lpm)
    assert axes[1, 0].get_ylabel() == "hydraulic efficiency [%]"
    assert _gids(axes[1, 0], "duty")["duty pump_b"].get_ydata() == pytest.approx(
        100 * float(result.pump_efficiency.sel(branch="pump_b"))
    )


def test_beyond_the_curve_is_red_and_suction_head_is_shown():
    points = len(th.load("pumps/vertiv_xdu1350").flow)
    network = _network(1e3, "vertiv_xdu1350", npsh_required=tuple(np.linspace(1.0, 4.0, points)))
    result = steady_flows(network, speed={"pump_b": 0.0}, cavitation="flag")
    assert bool(result.outside_range.sel(branch="pump_a"))
    axes = plots.pump_curves(network, result)
    duty = _gids(axes[0, 0], "duty")
    assert set(duty) == {"duty pump_a"}  # the other stands
    assert duty["duty pump_a"].get_markeredgecolor() == "red"
    (there,) = _gids(axes[2, 0], "available").values()
    np.testing.assert_allclose(there.get_ydata(), result.npsh_available.sel(branch=["pump_a", "pump_b"]))


def test_a_network_without_pumps_has_no_curves():
    network = Network(
        coolant=th.load("coolants/water"), nodes=[Node("a", pressure=3e5), Node("b", pressure=2e5)],
        branches=[Branch("load", Resistance(flow=0.01, drop=1e5), "a", "b")],
    )  # fmt: skip
    with pytest.raises(InputError, match="no pumps"):
        plots.pump_curves(network, steady_flows(network))
    with pytest.raises(InputError, match="not of this network"):
        plots.pump_curves(_network(2e5), steady_flows(network))
