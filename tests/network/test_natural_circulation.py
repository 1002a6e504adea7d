"""Coolant that circulates by its own weight: against exact laws, Vijayan's correlation, ODEs, and in rows that trip."""

import math

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import Resistance
from thermal.errors import ConvergenceError, InputError
from thermal.network import Node
from thermal.network.heat_web import FLOOR
from thermal.network.heights import media_of
from thermal.network.opening import open_network
from thermal.physics.network.buoyancy import COLUMN, lift
from thermal.physics.network.friction import churchill

WATER = th.load("coolants/water")
G = 9.80665
D, H, W = 0.0269, 2.2, 1.415  # m, a uniform rectangle with its heater and its cooler level
T_COLD = 30.0
RACK = th.load("racks/gb200_nvl72")
LIGHT = {"package": RACK.package.replace(heat_capacity=1e-3),
         "cold_plate": RACK.cold_plate.replace(heat_capacity=1e-3)}  # fmt: skip
HEATER = RACK.replace(**LIGHT, packages=1, design_heat=1e3, liquid_fraction=1.0, package_fraction=0.0, design_flow=1e-4,
                      design_drop=1e-6, exponent=1.0, coolant_volume=1e-4)  # fmt: skip
LEG, HALF = (Pipe(length=length, diameter=D, roughness=0.0, cells=8) for length in (H, W / 2))


def rectangle(turned=False, heater=HEATER, leg=LEG):
    """Heater in the middle below, coolant held at one temperature in the middle above."""
    rows = [("heater", heater, "a", "b"), ("bottom_1", HALF, "b", "c"), ("riser", leg, "c", "d"),
            ("top_1", HALF, "d", "e"), ("top_2", HALF, "e", "f"), ("downcomer", leg, "f", "g"),
            ("bottom_2", HALF, "g", "a")]  # fmt: skip
    if turned:
        rows = [(name, part, end, start) for name, part, start, end in rows]
    held = Node("e", elevation=H, pressure=2e5, T=T_COLD)
    network = th.Network(coolant=WATER, branches=[th.Branch(*row) for row in rows], nodes=[held])
    return network.raised({"[df]": H})


def settled(network, heat, stride=0.0):
    stepper = open_network(network, T=T_COLD)
    stepper.machines = stepper.machines._replace(stride=stride)
    stepper.settle(np.full(1, heat))
    row = dict(zip(stepper.hydraulics.names, stepper.hydraulics.row, strict=True))
    return float(stepper.hydraulics.flows.m[row["riser"]]), stepper


@pytest.mark.compiled
@pytest.mark.parametrize("heat", [1.0, 30.0, 100.0, 3000.0, 10000.0])
def test_flow_is_that_of_weight_against_friction(heat):
    """Q = m c (T_h − T_c); g H (ρ_c − ρ_h) = Σ f L/D m²/(2 ρ A²), both halves at their own viscosity."""
    m, _ = settled(rectangle(), heat)
    p, area = WATER.properties(T_COLD), math.pi / 4 * D**2

    def left(flow):
        hot = WATER.properties(T_COLD + heat / (flow * p.heat_capacity))
        lost = 0.0
        for mu in (p.viscosity, hot.viscosity):
            Re = flow * D / (area * mu)
            lost += churchill(Re, 0.0)[0] * (H + W) / D * flow**2 / (2.0 * p.density * area**2)
        return G * H * (p.density - hot.density) - lost

    assert m == pytest.approx(brentq(left, heat / (60.0 * p.heat_capacity), 1.0, xtol=1e-15), rel=2e-6)


@pytest.mark.compiled
@pytest.mark.parametrize(("heat", "factor", "power"), [
    (0.3, 0.1768, 0.5), (3.0, 0.1768, 0.5), (30.0, 0.1768, 0.5),
    (3000.0, 1.956, 0.364), (10000.0, 1.956, 0.364), (30000.0, 1.956, 0.364),
])  # fmt: skip
def test_correlation_of_vijayan(heat, factor, power):
    """Re = C (Gr_m/N_G)^r, Gr_m = D³ρ²βgQH/(A μ³ c_p), N_G = L/D, laminar C = 0.1768, r = 1/2, Blasius 1.956, 0.364.

    Of a friction factor p/Re^b it has C = (2/p)^r and r = 1/(3 − b). Vijayan, Nucl. Eng. Des. 215 (2002) 139-152, known
    here by its abstract and by who cites it: loops of one diameter. Limit: 2 %,
    of which Blasius beside Churchill is 1 % and a straight line of density half a per cent.
    """
    m, stepper = settled(rectangle(), heat)
    mean = 0.5 * (T_COLD + float(stepper.heat.T[stepper.heat.place["b"]]))
    p, area = WATER.properties(mean), math.pi / 4 * D**2
    beta = (WATER.properties(mean - 0.1).density - WATER.properties(mean + 0.1).density) / (0.2 * p.density)
    Gr = D**3 * p.density**2 * beta * G * heat * H / (area * p.viscosity**3 * p.heat_capacity)
    assert D * m / (area * p.viscosity) == pytest.approx(factor * (Gr / (2.0 * (H + W) / D)) ** power, rel=0.02)


@pytest.mark.compiled
def test_no_heat_no_flow_and_both_ways_round_alike():
    assert abs(settled(rectangle(), 0.0)[0]) < 1e-6 * settled(rectangle(), 1.0)[0]  # rest is 1e-7 K, of 0.13 K here
    there, back = settled(rectangle(), 300.0)[0], settled(rectangle(turned=True), 300.0)[0]
    assert there > 0.03
    assert back == pytest.approx(there, rel=1e-9)


@pytest.mark.compiled
def test_a_heater_above_does_not_drive():
    """Stable layers: nothing carries the heat off steadily, and the error says so."""
    upside = rectangle().raised({"[df]": -H, "e": -H})
    with pytest.raises(ConvergenceError, match="heat above what cools it"):
        settled(upside, 100.0)


@pytest.mark.compiled
def test_transient_follows_the_ordinary_differential_equations():
    """Five stirred volumes in a circle, laminar: m = g H (ρ_down − ρ_up)/R; the error falls as the step does."""
    leg = Pipe(length=H, diameter=D, roughness=0.0, cells=1)
    rows = [("heater", HEATER.replace(coolant_volume=5e-4), "a", "b"), ("riser", leg, "b", "d"),
            ("downcomer", leg, "d", "a")]  # fmt: skip
    network = th.Network(coolant=WATER, branches=[th.Branch(*row) for row in rows],
                         nodes=[Node("d", elevation=H, pressure=2e5, T=T_COLD)])  # fmt: skip
    p = WATER.properties(20.0)
    V = leg.length * math.pi / 4 * D**2
    C = np.array([5e-4, FLOOR, V, V, FLOOR]) * p.density * p.heat_capacity
    names = ("heater:inside", "b", "riser:inside", "downcomer:inside", "a")
    R = 2.0 * 128.0 * p.viscosity * H / (math.pi * p.density * D**4)
    heat = np.array([2.0, 10.0])  # Re stays below 500, where Churchill's law is Poiseuille's

    def rate(t, T):
        up, down = WATER.properties(T[2]).density, WATER.properties(T[3]).density
        flow = G * H * (down - up) / R * p.heat_capacity
        before = np.array([T[4], T[0], T[1], T_COLD, T[3]])
        return (flow * (before - T) + np.array([heat[1], 0.0, 0.0, 0.0, 0.0])) / C

    errors = []
    for step in (2.0, 1.0, 0.5):
        stepper = open_network(network, T=20.0)
        stepper.machines = stepper.machines._replace(stride=np.inf)
        stepper.settle(heat[:1])
        start = [float(stepper.heat.T[stepper.heat.place[name]]) for name in names]
        stepper.advance(heat[1:, None], step, 1, 1, np.zeros(round(200 / step), np.int64))
        exact = solve_ivp(rate, (0.0, 200.0), start, rtol=1e-10, atol=1e-10, method="LSODA").y[:, -1]
        errors.append(abs(float(stepper.heat.T[stepper.heat.place["heater:inside"]]) - exact[0]))
        assert exact[0] > start[0] + 0.15
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert errors[-1] < 5e-3
    assert ((orders > 0.9) & (orders < 1.1)).all(), (errors, orders)


@pytest.mark.compiled
@pytest.mark.parametrize("step", [1.0, 5.0, 15.0])
def test_steps_of_any_length_come_to_rest(step):
    """Explicit between temperatures and weight, implicit in heat: from 0.3 to 1 kW and down to 10 W."""
    at = np.array([300.0] + 30 * [1000.0] + 90 * [10.0])
    heat = xr.DataArray(at, {"time": 60.0 * np.arange(len(at))}, ("time",))
    run = th.transient(rectangle(), heat=heat, step=step)
    flow = run.flow.sel(branch="riser").values
    for last, Q in ((31, 1000.0), (121, 10.0)):
        rest = float(th.steady(rectangle(), heat=Q).flow.sel(branch="riser"))
        np.testing.assert_allclose(flow[last - 5 : last], rest, rtol=0.012)  # viscosity in steps of 1 K: 2.2 %
        np.testing.assert_allclose(flow[last - 5 : last], flow[last - 1], rtol=1e-4)
    assert float(abs(run.energy_residual).max()) < 1e-9 * 1000.0
    assert float(run.mass_residual.max()) < 1e-9


def row(z, racks=8):
    """A CDU on the floor above or below its racks, or beside them."""
    pipe = Pipe(length=8.0, diameter=0.15, roughness=4.5e-5)
    branches = [th.Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
                th.Branch("down", pipe, "supply", "s"), *th.manifold(racks * [RACK], "s", "r"),
                th.Branch("up", pipe, "r", "return")]  # fmt: skip
    network = th.Network(coolant=th.load("coolants/pg25"), branches=branches, nodes=[Node("return", pressure=3e5)])
    return network.raised({"return": z, "supply": z}) if z else network


FACILITY = th.Supply(T=26, flow=0.03)


@pytest.mark.compiled
def test_pump_trip_of_a_row_below_its_cdu():
    """At full load it does not help, at idle it does: what the page on theory says."""
    trip = {"facility": FACILITY, "events": [th.stop("cdu", at=60)], "until": 3600.0, "step": 5.0, "save": 10.0}
    full, level = (th.transient(row(z), heat=100e3, **trip) for z in (5.0, 0.0))
    left = full.flow.sel(branch="rack1") / full.flow.sel(branch="rack1")[0]
    assert 0.02 < float(left[12]) < 0.03
    assert 0.05 < float(left[-1]) < 0.08
    limits = [float(th.time_to_limit(run).sel(branch="rack1")) - 60.0 for run in (full, level)]
    assert 7.0 < limits[1] < limits[0] < limits[1] + 2.0
    assert float(full.T_case.sel(branch="rack1")[-1]) > 150.0
    idle = th.transient(row(5.0), heat=10e3, **trip)
    assert float(idle.T_case.sel(branch="rack1")[-1]) < 60.0
    assert float(abs(level.flow.sel(branch="rack1")[-1])) < 1e-12
    above = th.transient(row(-5.0), heat=10e3, **trip)
    assert float(abs(above.flow.sel(branch="rack1")[-1])) < 1e-9  # the CDU below: check valves hold, nothing moves
    slow, lost = (th.transient(row(z), heat=100e3, on_limit="throttle", **trip | {"save": 5.0}) for z in (5.0, 0.0))
    assert float(slow.power.sel(end_use="it")[-1]) / 8 == pytest.approx(38e3, abs=2e3)
    assert float(slow.T_case_peak.max()) < 100.0
    assert not bool(slow.boils.any())
    assert bool(lost.boils[-1])
    for run in (full, idle, above, slow):
        assert float(abs(run.energy_residual).max()) < 1e-9 * 8e5


@pytest.mark.compiled
def test_a_running_row_feels_it_and_its_pressures_have_the_weight():
    flat, high = (th.steady(row(z), heat=100e3, facility=FACILITY) for z in (0.0, 5.0))
    pg = th.load("coolants/pg25")
    cold, hot = (pg.properties(float(high.T_node.sel(node=node))).density for node in ("s", "r"))
    ends = high.pressure_node.sel(node="supply") - high.pressure_node.sel(node="s")
    lost = flat.pressure_node.sel(node="supply") - flat.pressure_node.sel(node="s")
    assert float(ends + cold * G * 5.0) == pytest.approx(float(lost), rel=0.01)
    gain = float(flat.pump_speed.sel(branch="cdu/pump_1") - high.pump_speed.sel(branch="cdu/pump_1"))
    assert abs(gain) < 2e-3  # the pumps hold the racks' difference of pressure, not what the coolant weighs
    assert float(high.flow.sel(branch="rack1")) > float(flat.flow.sel(branch="rack1"))
    assert cold > hot + 1.0
    lift = high.pressure_node.sel(node="r") - high.pressure_node.sel(node="return")
    assert float(lift) == pytest.approx(hot * G * 5.0, rel=0.02)


@pytest.mark.compiled
def test_supply_above_return_is_no_difference_of_pressure_to_the_controller():
    flat, high = row(0.0), row(0.0).raised({"supply": 3.0, "s": 3.0})
    flows = [float(th.steady(n, heat=50e3, facility=FACILITY).flow.sel(branch="rack1")) for n in (flat, high)]
    assert flows[1] == pytest.approx(flows[0], rel=2e-3)  # 30 kPa of 110 would be 13 %


@pytest.mark.compiled
def test_laws_of_branches_without_coolant_take_the_mean_of_their_ends():
    pump = th.load("pumps/frontier_cdu")
    load = Resistance(flow=0.02, drop=2e5, exponent=1.85)
    network = th.Network(coolant=WATER, branches=[
        th.Branch("pump", pump, "low", "out"), th.Branch("heater", HEATER.replace(design_flow=0.02), "out", "hot"),
        th.Branch("riser", load, "hot", "cold"), th.Branch("return", load.replace(drop=1.0), "cold", "low"),
    ], nodes=[Node("cold", pressure=3e5, elevation=8.0, T=20.0)])  # fmt: skip
    run = th.steady(network, heat=1e6)
    V = float(run.flow.sel(branch="riser"))
    density = np.mean([WATER.properties(float(run.T_node.sel(node=node))).density for node in ("hot", "cold")])
    drop = float(run.pressure_difference.sel(branch="riser")) if "pressure_difference" in run else float(
        run.pressure_node.sel(node="hot") - run.pressure_node.sel(node="cold"))  # fmt: skip
    assert drop == pytest.approx(2e5 * (V / 0.02) ** 1.85 + density * G * 8.0, rel=1e-9)
    high = th.steady(network.raised({"low": 5.0, "out": 5.0}), heat=1e6)
    npsh = [float(point.npsh_available.sel(branch="pump")) for point in (run, high)]
    assert npsh[0] - npsh[1] == pytest.approx(5.0, rel=1e-3)


@pytest.mark.compiled
def test_a_stepper_comes_back_to_its_weight():
    case = th.verbs.stepper(rectangle(), heat=300.0, until=1200.0, save=60.0, step=5.0)
    case.advance(120.0, heat=2000.0)
    before = case.save()
    first = case.advance(600.0).T_node.values
    case.restore(before)
    np.testing.assert_array_equal(case.advance(600.0).T_node.values, first)


def test_weight_of_a_column():
    """The mean of both ends without coolant inside, of the cells of a pipe; held beyond the table; NaN stays."""
    columns = np.array([(0, 0, 10.0, (0, 1), 0, 0), (1, 0, -2.0, (0, 0), 1, 2)], COLUMN).view(np.recarray)
    T, cells, rise = np.array([20.0, 60.0]), np.array([0.0, 40.0, 80.0]), np.zeros(3)
    rho = {t: float(WATER.properties(t).density) for t in (20.0, 40.0, 60.0, 80.0, 95.0)}
    assert lift(columns, media_of([WATER]), T, cells, 1.0, rise)
    np.testing.assert_allclose(rise, [5.0 * G * (rho[20.0] + rho[60.0]), -G * (rho[40.0] + rho[80.0]), 0.0], rtol=1e-13)
    assert not lift(columns, media_of([WATER]), T, cells, 1.0, rise)
    half = rise.copy()
    assert lift(columns, media_of([WATER]), T + 1e4, cells, 0.5, half)
    assert half[0] == pytest.approx(0.5 * rise[0] + 5.0 * G * rho[95.0], rel=1e-12)
    assert lift(columns, media_of([WATER]), T * np.nan, cells, 1.0, half)
    assert np.isnan(half[0])


def test_heights_are_shown_and_named():
    text = str(rectangle())
    assert "node d: at 2.2 m" in text
    assert "node e: 200 kPa, at 2.2 m" in text
    with pytest.raises(InputError, match="did you mean"):
        rectangle().raised({"dd": 1.0})
    with pytest.raises(InputError, match="height of 'd'"):
        rectangle().raised({"d": np.nan})
