"""Guards of parts exactly at their edges, and the laws of small parts by hand.

A row holds what is changed of a good part, and whether it is still one: pairs of rows stand on either side of an edge.
"""

import math

import numpy as np
import pytest

import thermal as th
from thermal.components.ageing import Ageing
from thermal.components.cooling.lift_chiller import lift_chiller
from thermal.components.hydronics.valve import (
    CheckValve,
    PressureIndependentValve,
    QuadraticLoss,
    QuickDisconnect,
    Resistance,
    SampledDrop,
    Strainer,
    Valve,
)
from thermal.errors import ThermalError
from thermal.physics.network.branches import QUADRATIC, quadratic_loss
from thermal.units import year

WATER = th.load("coolants/water").properties(20.0)
PUMP = th.load("pumps/frontier_cdu")
CURVE = th.load("cold_plates/ocp_1kw")
CHILLER = th.load("chillers/carrier_19xr_1407kw")
RACK = th.load("racks/gb200_nvl72")
TOWER = th.load("towers/merkel")
COOLER = th.load("dry_coolers/two_speed_700kw")
PLATE = th.ColdPlate(
    length=0.04, breadth=0.04, channel_width=2e-4, fin_width=1.5e-4, channel_depth=2e-3, base=1e-3,
    metal=th.load("materials/copper"),
)  # fmt: skip
V = (0.0, 0.01, 0.02, 0.03)
BENT = {"flow": V, "head_curve": (40.0, 38.0, 30.0, 10.0)}
BEST = {**BENT, "efficiency_law": "best_point"}
BY_CURVE = {**BENT, "efficiency_law": "curve"}
LAW6 = CHILLER.capacity_curve

EDGES = [
    (PUMP, BENT, True),
    (PUMP, {"flow": V[:3], "head_curve": (40.0, 38.0, 30.0)}, True),
    (PUMP, {"flow": V[:2], "head_curve": (40.0, 38.0)}, False),
    (PUMP, {"flow": V, "head_curve": (40.0, 38.0, 30.0)}, False),
    (PUMP, {"flow": (0.0, 0.01, 0.01, 0.03), "head_curve": BENT["head_curve"]}, False),
    (PUMP, {"flow": (-1e-3, 0.01, 0.02, 0.03), "head_curve": BENT["head_curve"]}, False),
    (PUMP, {"flow": V, "head_curve": (40.0, 38.0, 38.0, 10.0)}, False),
    (PUMP, {"flow": V, "head_curve": (40.0, 38.0, 30.0, 0.0)}, True),
    (PUMP, {"flow": V, "head_curve": (40.0, 38.0, 30.0, -1e-8)}, True),  # a rounding of 1e-9 of the first
    (PUMP, {"flow": V, "head_curve": (40.0, 38.0, 30.0, -1e-7)}, False),
    # H_0 = H_1 + (H_1 − H_2) V_1²/(V_2² − V_1²), a third of the fall for V_2 = 2 V_1; it may be twice the first head
    (PUMP, {"flow": (0.01, 0.02, 0.03), "head_curve": (30.0, 20.0, 5.0)}, True),
    (PUMP, {"flow": (0.02, 0.022, 0.03), "head_curve": (30.0, 23.8, 5.0)}, True),  # 30 + 6.2·4.762 = 59.5
    (PUMP, {"flow": (0.02, 0.022, 0.03), "head_curve": (30.0, 23.6, 5.0)}, False),  # 30 + 6.4·4.762 = 60.5
    (PUMP, {**BENT, "slope_curve": (0.0, -400.0, -1000.0, -2500.0)}, True),
    (PUMP, {**BENT, "slope_curve": (0.1, -400.0, -1000.0, -2500.0)}, False),
    (PUMP, {**BENT, "slope_curve": (0.0, -400.0, -1000.0)}, False),
    (PUMP, {"flow": (0.01, 0.02, 0.03), "head_curve": (30.0, 20.0, 5.0), "slope_curve": (-1.0, -2.0, -3.0)}, False),
    (PUMP, {"speed_low": 0.75}, True),
    (PUMP, {"speed_low": 0.76}, False),
    (PUMP, {**BEST, "flow_best": 0.03}, True),
    (PUMP, {**BEST, "flow_best": 0.0301}, False),
    (PUMP, {**BEST, "flow_best": 0.03 / 1.94}, True),
    (PUMP, {**BEST, "flow_best": 0.03 / 1.96}, False),
    (PUMP, BEST, False),
    (PUMP, {**BENT, "flow_best": 0.02}, False),
    (PUMP, {**BY_CURVE, "efficiency_curve": (0.0, 0.8, 1.0, 0.9)}, True),
    (PUMP, {**BY_CURVE, "efficiency_curve": (0.0, 0.8, 0.99, 0.9)}, True),
    (PUMP, {**BY_CURVE, "efficiency_curve": (0.0, 0.8, 0.98, 0.9)}, False),
    (PUMP, {**BY_CURVE, "efficiency_curve": (0.0, 0.8, 1.001, 0.9)}, False),
    (PUMP, {**BY_CURVE, "efficiency_curve": (-0.01, 0.8, 1.0, 0.9)}, False),
    (PUMP, {**BY_CURVE, "efficiency_curve": (0.1, 0.0, 1.0, 0.9)}, False),
    (PUMP, {**BY_CURVE, "efficiency_curve": (0.0, 0.8, 1.0)}, False),
    (PUMP, {**BENT, "npsh_required": (0.0, 1.0, 2.0, 4.0)}, True),
    (PUMP, {**BENT, "npsh_required": (-0.1, 1.0, 2.0, 4.0)}, False),
    (PUMP, {**BENT, "npsh_required": (1.0, 2.0, 4.0)}, False),
    (PUMP, {"rated_power": 1e4}, False),
    (PUMP, {"drive": "motor"}, False),
    (PUMP, {"drive": "motor", "rated_power": 1e4}, True),
    (CURVE, {"flow": CURVE.flow[:2], "resistance_curve": CURVE.resistance_curve[:2]}, True),
    (CURVE, {"flow": CURVE.flow[:1], "resistance_curve": CURVE.resistance_curve[:1]}, False),
    (CURVE, {"flow": CURVE.flow[:3], "resistance_curve": CURVE.resistance_curve[:2]}, False),
    (CURVE, {"flow": (1e-5, 1e-5), "resistance_curve": (0.04, 0.03)}, False),
    (CURVE, {"flow": (0.0, 1e-5), "resistance_curve": (0.04, 0.03)}, False),
    (CURVE, {"flow": (1e-5, 2e-5), "resistance_curve": (0.04, 0.04)}, False),
    (CURVE, {"flow": (1e-5, 2e-5), "resistance_curve": (0.04, 0.03)}, True),
    (CURVE, {"flow": (1e-5, 2e-5), "resistance_curve": (0.04, 0.0)}, False),
    (CURVE, {"flow": (1e-6, 2e-5), "resistance_curve": (0.04, 0.03)}, False),  # 1/C of 1 mL/s is 0.25 K/W
    (CHILLER, {"capacity_curve": LAW6[:5]}, False),
    (CHILLER, {"EIR_curve": (*CHILLER.EIR_curve, 0.0)}, False),
    (CHILLER, {"part_load_curve": (0.1, 0.5, 0.4)}, True),
    (CHILLER, {"part_load_curve": (0.1, 0.5, 0.4, 0.0)}, False),
    (CHILLER, {"T_supply_low": CHILLER.T_supply_high}, False),
    (CHILLER, {"T_condenser_low": CHILLER.T_condenser_high}, False),
    (CHILLER, {"part_load_max": 0.9, "part_load_min": 0.9, "part_load_unload": 0.9}, True),
    (CHILLER, {"part_load_max": 0.9, "part_load_min": 0.91}, False),
    (CHILLER, {"part_load_max": 0.9, "part_load_unload": 0.91}, False),
    (CHILLER, {"capacity_curve": (0.0, 0, 0, 0, 0, 0)}, False),
    (RACK, {"liquid_fraction": 0.8, "package_fraction": 0.8}, True),
    (RACK, {"liquid_fraction": 0.8, "package_fraction": 0.81}, False),
    (COOLER, {"UA_low": COOLER.UA}, True),
    (COOLER, {"UA_low": 1.01 * COOLER.UA}, False),
    (COOLER, {"air_flow_low": 1.01 * COOLER.air_flow}, False),
    (COOLER, {"fan_power_low": COOLER.fan_power}, True),
    (COOLER, {"fan_power_low": 1.01 * COOLER.fan_power}, False),
    (COOLER, {"fan_curve": (0.0, 0.0, 1.0)}, False),
    (COOLER, {"fan_curve": (1.0, 0.0, 0.0, 0.0)}, True),
    (COOLER, {"fan_curve": (1.0, -1e-6, 0.0, 0.0)}, False),
    (TOWER, {"wet_bulb_span": (5.0, 5.0)}, True),
    (TOWER, {"wet_bulb_span": (5.0, 4.9)}, False),
    (TOWER, {"water_span": (1.1, 1.0)}, False),
    (TOWER, {"water_span": (1.0, 1.0)}, True),
    (TOWER, {"UA_air": (1.0, 0.0, 0.0, 0.0)}, True),
    (TOWER, {"UA_air": (1.0, -1e-6, 0.0, 0.0)}, False),
    (TOWER, {"UA_air": (0.0, 0.0, 0.0, 0.0)}, False),
    (TOWER, {"UA_water": (0.0, 0.0, 0.0)}, False),
    (TOWER, {"UA_wet_bulb": 0.1, "wet_bulb_span": (-9.9, 5.0)}, True),
    (TOWER, {"UA_wet_bulb": 0.1, "wet_bulb_span": (-10.1, 5.0)}, False),
    (TOWER, {"air_free": TOWER.air_low}, True),
    (TOWER, {"air_free": 1.01 * TOWER.air_low}, False),
    (PLATE, {"channel_width": 0.0398, "fin_width": 1e-4}, True),  # one channel and two fins make 40 mm
    (PLATE, {"channel_width": 0.0398, "fin_width": 1.1e-4}, False),
    (PLATE, {"pattern": "serpentine", "passes": 2, "channel_width": 0.01, "fin_width": 0.005}, True),  # two fit
    (PLATE, {"pattern": "serpentine", "passes": 3, "channel_width": 0.01, "fin_width": 0.005}, False),
    (PLATE, {"manifold": "U"}, False),
    (PLATE, {"manifold": "U", "manifold_area": 1e-4}, True),
    (PLATE, {"manifold": "Z", "manifold_area": 1e-4, "pattern": "split"}, False),
    (PressureIndependentValve(flow=1e-3, drop_low=2e4, drop_high=4e5), {"drop_high": 2.21e4}, True),
    (PressureIndependentValve(flow=1e-3, drop_low=2e4, drop_high=4e5), {"drop_high": 2.19e4}, False),
    (QuadraticLoss(quadratic=2e8), {"quadratic": 0.0}, False),
    (QuadraticLoss(quadratic=2e8), {"quadratic": 0.0, "linear": 1e-9}, True),
    (SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3)), {"flow": (1e-5,), "drop": (3e3,)}, True),
    (SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3)), {"flow": (), "drop": ()}, False),
    (SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3)), {"flow": (0.0, 2e-5)}, False),
    (SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3)), {"drop": (3e3, 3e3)}, False),
    (SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3)), {"drop": (3e3, 9e3, 1e4)}, False),
]  # fmt: skip


@pytest.mark.parametrize("row", range(len(EDGES)))
def test_a_part_is_refused_past_its_edge_and_taken_at_it(row):
    part, changed, good = EDGES[row]
    if good:
        assert part.replace(**changed) is not None
        return
    with pytest.raises(ThermalError) as caught:
        part.replace(**changed)
    assert any(name in str(caught.value) for name in changed), str(caught.value)[:300]


@pytest.mark.parametrize(
    ("valve", "b"),
    [  # Δp = b m², b = 1e5/(1000 ρ Kv²): Kv of 36 m³/h is 0.01 m³/s
        (Valve(Kv=0.01), 1.0),
        (Valve(Kv=0.01, opening=0.5, rangeability=50.0), 1.0 / 0.51**2),  # 0.02 + 0.98·0.5
        (Valve(Kv=0.01, opening=0.5, characteristic="equal percentage", rangeability=50.0), 50.0),
        (Valve(Kv=0.01, opening=0.25, characteristic="quick opening", rangeability=50.0), 4.0),
        (Valve(Kv=0.01, opening=1e-6, characteristic="quick opening", rangeability=50.0), 2500.0),
        (Strainer(Kv=0.01, clogged=0.5), 4.0),
        (QuickDisconnect(Kv=0.01), 1.0),
    ],
)
def test_valves_lose_a_bar_at_their_kv(valve, b):
    law = valve.branch_law(WATER)
    assert not law.closed
    one = 1e5 / (1000.0 * WATER.density * 1e-4)
    assert law.values["quadratic"] == pytest.approx(b * one, rel=1e-12)
    assert law.values["linear"] == 0.0
    # it starts from the flow that loses 10 kPa, and is a line below a ten-thousandth of it
    assert quadratic_loss(_row(law.values), law.flow)[0] == pytest.approx(1e4, rel=1e-9)
    assert law.values["small"] == pytest.approx(1e-4 * law.flow, rel=1e-12)


def _row(values):
    return np.array([tuple(values[name] for name in QUADRATIC.names)], QUADRATIC).view(np.recarray)[0]


def test_closed_means_closed_and_nearly_closed_does_not():
    assert Valve(Kv=0.01, opening=0.0).branch_law(WATER).closed
    assert not Valve(Kv=0.01, opening=1e-3).branch_law(WATER).closed
    assert not Valve(Kv=0.01, opening=0.05).branch_law(WATER).closed
    assert QuickDisconnect(Kv=0.01, connected=False).branch_law(WATER).closed


def test_other_losses_state_their_laws():
    rho = WATER.density
    check = CheckValve(Kv=0.01, opening_pressure=2e3).branch_law(WATER)
    assert check.values["opening"] == 2e3
    assert check.values["quadratic"] == pytest.approx(1e5 / (1000.0 * rho * 1e-4))
    held = PressureIndependentValve(flow=1e-3, drop_low=2e4, drop_high=4e5, band=0.05).branch_law(WATER)
    assert held.values == pytest.approx({"flow": 1e-3 * rho, "drop": 2e4, "steep": 3.8e5 / (0.05 * 1e-3 * rho)})
    both = QuadraticLoss(linear=3e6, quadratic=2e8).branch_law(WATER)
    assert both.values["linear"] == pytest.approx(3e6 / rho)
    assert both.values["quadratic"] == pytest.approx(2e8 / rho**2)
    assert quadratic_loss(_row(both.values), both.flow)[0] == pytest.approx(1e4, rel=1e-9)
    known = Resistance(flow=1e-3, drop=5e4, exponent=1.85, volume=0.2).branch_law(WATER)
    assert (known.values, known.flow, known.volume) == (
        {"flow": 1e-3 * rho, "drop": 5e4, "exponent": 1.85}, 1e-3 * rho, 0.2)  # fmt: skip
    pair = QuickDisconnect(Kv=0.01, linear=3e6).branch_law(WATER)
    assert pair.values["linear"] == pytest.approx(3e6 / rho)
    sampled = SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3)).curve
    assert sampled.head[[0, -1]].tolist() == [0.0, 9e3]
    assert np.interp(1e-5, np.arange(sampled.head.size) * sampled.spacing, sampled.head) == pytest.approx(3e3, rel=1e-3)


def test_sizes_of_a_plate_by_hand():
    assert PLATE.height == pytest.approx(1e-3 + 2e-3 + 1e-3)
    assert (PLATE.channels, PLATE.streams, PLATE.used_channels) == (113, 113, 113)  # (40 − 0.15)/0.35 = 113.86
    assert PLATE.solid_share == pytest.approx(1 - 113 * 0.2 / 40)
    turns = PLATE.replace(pattern="serpentine", passes=4)
    assert (turns.streams, turns.used_channels) == (28, 112)
    assert turns.solid_share == pytest.approx(1 - 112 * 0.2 / 40)
    pins = PLATE.replace(pattern="pins in line", fin_width=5e-4, channel_width=5e-4)
    assert pins.has_pins
    assert not PLATE.has_pins
    assert pins.solid_share == pytest.approx(math.pi / 16)
    assert PLATE.replace(pattern="pins staggered").has_pins


def test_a_plate_by_its_curve_by_hand():
    first, second = CURVE.flow[0], CURVE.flow[-1]
    assert CURVE.pressure_drop(2 * CURVE.reference_flow) == pytest.approx(CURVE.reference_drop * 2**CURVE.exponent)
    assert not CURVE.outside([first, second]).any()
    assert CURVE.outside([0.999 * first, 1.001 * second]).all()
    p = CURVE.coolant.properties(CURVE.T_measured)
    for flow, R in zip(CURVE.flow, CURVE.resistance_curve, strict=True):
        assert CURVE.resistance(flow) == pytest.approx(R, rel=2e-3)  # between points of an even table
    C = p.density * p.heat_capacity * 0.5 * first
    UA = -p.density * p.heat_capacity * first * math.log1p(
        -1.0 / (p.density * p.heat_capacity * first * CURVE.resistance_curve[0]))  # fmt: skip
    assert CURVE.resistance(0.5 * first) == pytest.approx(1.0 / (C * (1.0 - math.exp(-UA / C))), rel=1e-9)
    law = CURVE.branch_law(WATER)
    assert law.values["flow"] == pytest.approx(CURVE.reference_flow * WATER.density)
    with pytest.raises(ThermalError, match="above zero"):
        CURVE.resistance(0.0)


def test_npsh_and_slopes_of_a_pump_by_hand():
    """Affinity: n² times the value at V/n; a stated slope is that of the curve at its points."""
    pump = PUMP.replace(**BENT, npsh_required=(1.0, 1.0, 2.0, 4.0))
    assert pump.npsh(0.015) == pytest.approx(1.5)
    assert pump.npsh(0.0125, 0.5) == pytest.approx(0.25 * 3.0)
    assert pump.npsh(0.09) == 4.0
    assert np.isnan(PUMP.npsh(0.01))
    sloped = PUMP.replace(**BENT, slope_curve=(0.0, -400.0, -1200.0, -2500.0))
    curve = sloped.curve
    at = np.arange(curve.head.size) * curve.spacing
    # cubic pieces: at the middle (H_a + H_b)/2 + h (s_a − s_b)/8, slope 1.5 ΔH/h − (s_a + s_b)/4
    assert np.interp(0.015, at, curve.head) == pytest.approx(34.0 + 0.01 * 800.0 / 8, rel=1e-4)
    assert np.interp(0.015, at, curve.slope) == pytest.approx(-1200.0 + 400.0, rel=2e-2)
    assert curve.slope[[0, -1]].tolist() == pytest.approx([0.0, -2500.0])
    from scipy.interpolate import PchipInterpolator

    plain = PUMP.replace(**BENT)
    assert plain.head(0.0137) == pytest.approx(PchipInterpolator(V, BENT["head_curve"])(0.0137), rel=1e-3)
    assert plain.head(0.0137, 0.5) == pytest.approx(0.25 * plain.head(0.0274), rel=1e-9)


def test_ageing_by_hand():
    law = Ageing(exchanger=0.2, plate=0.1, rejection=0.3, fouling_time=year, filter=0.5, pump=0.01, inhibitor=0.1,
                 cleaning=2 * year, filter_change=0.5 * year, overhaul=5 * year, treatment=year)  # fmt: skip
    assert law.fouled(0.2, 2 * year) == pytest.approx(0.2 * (1 - math.exp(-2)))
    assert law.events(0.0, 2 * year) == {"cleaning": 1, "filter_change": 4, "overhaul": 0, "treatment": 2}
    assert law.events(year, 2 * year) == {"cleaning": 1, "filter_change": 2, "overhaul": 0, "treatment": 1}
    # mean of t over [3, 5] with events every 4: t falls back to 0 at 4, halves of mean 3.5 and 0.5
    assert law.mean(lambda t: t, 3.0, 5.0, 4.0) == pytest.approx(2.0)
    assert law.mean(lambda t: t, 1.0, 2.0, 4.0, points=3) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("efficiency", "good"), [(0.0, False), (0.05, True), (0.95, True), (1.0, False), (1.05, False)]
)
def test_a_chiller_by_lift_is_below_carnot(efficiency, good):
    if good:
        assert lift_chiller(capacity=1e6, efficiency=efficiency).capacity == 1e6
        return
    with pytest.raises(ThermalError, match=r"efficiency = .* must lie between 0 and 1"):
        lift_chiller(capacity=1e6, efficiency=efficiency)
