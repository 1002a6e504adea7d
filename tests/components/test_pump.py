"""Pumps as parts: curves that are none are refused, and efficiency follows flow and load as its law says."""

import csv
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

import thermal as th
from thermal.components.hydronics.pump import DriveLaw, EfficiencyLaw
from thermal.errors import InputError
from thermal.physics.machines.pump import (
    Drive,
    Efficiency,
    beyond_curve,
    drive_losses,
    electrical_power,
    head_and_slope,
    hydraulic_efficiency,
    pump_power,
    shaft_power,
)

G = 9.80665


def pump(**changes):
    """A pump with its best point at 20 of 30 L/s: 40 m there, 50 m at no flow."""
    parts = {"flow": (0.0, 0.01, 0.02, 0.03), "head_curve": (50.0, 48.0, 40.0, 20.0), "efficiency": 0.8,
             "drive_efficiency": 0.9}  # fmt: skip
    return th.Pump(**{**parts, **changes})


BEST = pump(efficiency_law="best_point", flow_best=0.02)
SHAPE = pump(efficiency_law="curve", efficiency_curve=(0.0, 0.7, 1.0, 0.8))


def test_points_that_no_pump_has_are_refused():
    """20, 22, 30 L/s at 50, 30, 29 m meant −16 296 m at no flow; the parabola through two of them means 145 m."""
    with pytest.raises(InputError, match=r"0.02 and 0.022 m3/s, 50 and 30 m\) mean 145.2 m at no flow"):
        pump(flow=(0.020, 0.022, 0.030), head_curve=(50.0, 30.0, 29.0))


def test_a_curve_without_shut_off_ends_in_a_parabola():
    """10, 20, 30 L/s at 50, 45, 30 m: H(0) = 50 + 5·100/300 m, no hump below the first point."""
    curve = pump(flow=(0.010, 0.020, 0.030), head_curve=(50.0, 45.0, 30.0))
    assert float(curve.head(0.0)) == pytest.approx(50.0 + 5.0 / 3.0)
    assert (np.diff(curve.head(np.linspace(0.0, 0.03, 3001))) < 0.0).all()


@given(
    st.lists(st.floats(0.5, 10.0), min_size=3, max_size=9), st.lists(st.floats(0.01, 10.0), min_size=9, max_size=9),
    st.floats(0.0, 30.0), st.floats(0.0, 5.0),
)  # fmt: skip
def test_any_falling_points_give_a_falling_curve_or_are_refused(steps, falls, first, end):
    """Whatever the points, the whole curve falls, passes them, and stands above the first one at no flow."""
    flow = np.cumsum([first, *steps[1:]]) * 1e-3
    heads = (end + np.cumsum(falls[: len(flow)]))[::-1]
    if heads[0] + (heads[0] - heads[1]) * flow[0] ** 2 / (flow[1] ** 2 - flow[0] ** 2) > 2.0 * heads[0]:
        with pytest.raises(InputError, match="at no flow, more than"):
            pump(flow=tuple(flow), head_curve=tuple(heads))
        return
    made = pump(flow=tuple(flow), head_curve=tuple(heads))
    grid = np.linspace(0.0, 1.2 * flow[-1], 2000)
    kernel = np.array([head_and_slope(made.curve, float(V), 1.0) for V in grid])
    assert (np.diff(made.head(grid)) < 0.0).all()
    assert (kernel[:, 1] < 0.0).all()
    np.testing.assert_allclose(kernel[:, 0], made.head(grid), rtol=1e-12, atol=1e-12 * heads[0])
    assert heads[0] - 1e-12 <= made.head(0.0) <= 2.0 * heads[0]


def test_catalogue_curves_are_passed_and_fall(data):
    """18 circulators of the Wilo catalogue: the cubic is scipy's, the kernel's grid misses a point by 1e-4 at most."""
    with data("pumps/wilo_curves.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["curve"] == "pressure"]
    pumps = {k: list(v) for k, v in itertools.groupby(rows, lambda row: row["record"])}
    assert len(pumps) == 18
    for points in pumps.values():
        V, H = (np.array([float(row[c]) for row in points]) for c in ("V_flow_m3_s", "value"))
        made = pump(flow=tuple(V), head_curve=tuple(H / (1000.0 * G)))
        assert (np.diff(made.head(np.linspace(0.0, V[-1], 4000))) < 0.0).all()
        np.testing.assert_allclose(made.head(V) * 1000.0 * G, H, atol=1e-4 * H[0])
        x, y = made._points
        grid = np.arange(65) * made.curve.spacing
        np.testing.assert_allclose(made.curve.head, PchipInterpolator(x, y)(grid), atol=2e-6 * y[0])
        assert H[0] * (1 - 1e-12) <= made.head(0.0) * 1000.0 * G <= 1.05 * H[0]


def test_head_goes_on_along_tangents_and_a_still_pump_has_none():
    made = pump()
    c = made.curve
    assert float(made.head(0.04)) == pytest.approx(c.head[-1] + c.slope[-1] * 0.01)
    assert float(made.head(-0.01)) == pytest.approx(c.head[0] - c.slope[0] * 0.01)
    assert float(made.head(0.02, 0.0)) == 0.0
    assert float(made.head(0.01, 0.5)) == pytest.approx(0.25 * 40.0, rel=1e-4)


def test_power_by_hand():
    """1000·9.80665·0.02·40/(0.8·0.9) = 10 896 W; at half speed and flow an eighth; none backwards or past no head."""
    made = pump()
    assert float(made.power(0.02)) == pytest.approx(1000.0 * G * 0.02 * 40.0 / 0.72, rel=1e-4)
    assert float(made.power(0.01, 0.5)) == pytest.approx(float(made.power(0.02)) / 8.0, rel=1e-12)
    assert float(made.power(0.02, density=1030.0)) == pytest.approx(1.03 * float(made.power(0.02)), rel=1e-12)
    assert made.power([-0.01, 0.045]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"flow": (0.0, 0.01)}, "3 or more"),
        ({"head_curve": (50.0, 48.0, 40.0)}, "same number"),
        ({"flow": (0.0, 0.02, 0.01, 0.03)}, "ascending"),
        ({"flow": (-0.01, 0.0, 0.01, 0.03)}, "ascending from >= 0"),
        ({"head_curve": (50.0, 52.0, 40.0, 20.0)}, "must fall"),
        ({"head_curve": (50.0, 50.0, 40.0, 20.0)}, "must fall"),
        ({"head_curve": (50.0, 48.0, 40.0, -1.0)}, "ends at -1 m"),
        ({"speed_low": 0.9, "speed_high": 0.8}, "speed_low = 0.9 is above"),
        ({"efficiency_law": "best_point"}, "'best_point' needs flow_best"),
        ({"flow_best": 0.02}, "'constant' does not use flow_best"),
        ({"efficiency_law": "best_point", "flow_best": 0.031}, "must lie between"),
        ({"efficiency_law": "best_point", "flow_best": 0.015}, "must lie between"),
        ({"efficiency_law": "curve"}, "'curve' needs efficiency_curve"),
        ({"efficiency_curve": (0.0, 0.7, 1.0, 0.8)}, "does not use efficiency_curve"),
        ({"efficiency_law": "curve", "efficiency_curve": (0.0, 1.0, 0.8)}, "has 3 values, flow has 4"),
        ({"efficiency_law": "curve", "efficiency_curve": (0.0, 0.7, 0.8, 0.7)}, "from 0 to 1 at its best"),
        ({"efficiency_law": "curve", "efficiency_curve": (0.0, 0.0, 1.0, 0.7)}, "zero at no flow only"),
        ({"drive": "motor"}, "'motor' needs rated_power"),
        ({"rated_power": 1e4}, "'constant' does not use rated_power"),
    ],
)
def test_pumps_that_cannot_be(change, says):
    with pytest.raises(InputError, match=says):
        pump(**change)


EFFICIENCIES = {
    Efficiency.CONSTANT: (pump(), [0.8, 0.8, 0.8]),
    Efficiency.BEST_POINT: (BEST, [0.8 * 0.75, 0.8, 0.8 * 0.75]),  # 2q − q² at q = 0.5, 1, 1.5
    Efficiency.CURVE: (SHAPE, [0.8 * 0.7, 0.8, 0.8 * 0.8]),
}


@pytest.mark.parametrize("law", Efficiency)
def test_each_efficiency_law(law):
    """At 10, 20 and 30 L/s, and by affinity at half of each."""
    made, expected = EFFICIENCIES[law]
    assert made.draw.law == law
    for V, e in zip((0.01, 0.02, 0.03), expected, strict=True):
        assert hydraulic_efficiency(made.draw, V, 1.0) == pytest.approx(e, rel=1e-3)
        assert hydraulic_efficiency(made.draw, V / 2, 0.5) == pytest.approx(e, rel=1e-3)
    point = made.operate(np.array([0.01, 0.02]))
    np.testing.assert_allclose(point.shaft_power, 1000.0 * G * np.array([0.01, 0.02]) * point.pump_head / expected[:2],
                               rtol=1e-3)  # fmt: skip


def test_the_parabola_beside_the_rule_for_pumps():
    """10 CFR 431 subpart Y takes 0.947 and 0.985 of the best efficiency at 75 and 110 % of its flow: within 1 %."""
    at = [hydraulic_efficiency(BEST.draw, 0.02 * q, 1.0) / 0.8 for q in (0.75, 1.10)]
    assert at == pytest.approx([0.947, 0.985], abs=0.01)


def test_the_parabola_beside_a_catalogue(data):
    """Electrical efficiency of the 18 Wilo pumps from a quarter to 1.3 of the best flow: 6 % root mean square."""
    with data("pumps/wilo_curves.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    errors = []
    for record in {row["record"] for row in rows}:
        table = {c: np.array([[float(r["V_flow_m3_s"]), float(r["value"])] for r in rows if r["record"] == record and
                              r["curve"] == c]) for c in ("pressure", "power")}  # fmt: skip
        V, drawn = table["pressure"][:, 0], table["power"][:, 1]
        lifted = V * table["pressure"][:, 1] / drawn
        best = int(lifted.argmax())
        made = pump(flow=(0.0, V[best], 1.5 * V[best]), head_curve=(3.0, 2.0, 1.0), efficiency_law="best_point",
                    flow_best=V[best])  # fmt: skip
        for k in range(len(V)):
            if 0.25 * V[best] < V[k] < 1.3 * V[best]:
                errors.append(hydraulic_efficiency(made.draw, V[k], 1.0) / 0.8 / (lifted[k] / lifted[best]) - 1.0)
    assert len(errors) > 90
    assert np.sqrt(np.mean(np.square(errors))) < 0.065


@pytest.mark.parametrize("made", [BEST, SHAPE], ids=["best point", "curve"])
def test_a_pump_against_a_closed_valve_churns(made):
    """No flow: the limit of ρ g H V/η is finite, and power rises from it without a step."""
    still = shaft_power(made.draw, 1000.0, 0.0, 50.0, 1.0)
    near = shaft_power(made.draw, 1000.0, 1e-9, 50.0, 1.0)
    assert still == pytest.approx(near, rel=1e-6)
    if made is BEST:
        assert still == pytest.approx(1000.0 * G * 50.0 * 0.02 / (2.0 * 0.8))
    assert shaft_power(made.draw, 1000.0, -0.01, 50.0, 1.0) == still, "back flow counts as none"
    assert shaft_power(made.draw, 1000.0, 0.0, 12.5, 0.5) == pytest.approx(still / 8.0)
    assert shaft_power(made.draw, 1000.0, 0.01, 0.0, 1.0) == shaft_power(made.draw, 1000.0, 0.01, 9.0, 0.0) == 0.0


@pytest.mark.parametrize("made", [pump(), BEST, SHAPE], ids=["constant", "best point", "curve"])
@given(x=st.floats(0.0, 1.5), n=st.floats(0.1, 1.2))
def test_affinity_of_shaft_power(made, x, n):
    """P(nV, n) = n³ P(V, 1)."""
    V = 0.03 * x
    H = 30.0
    one, slow = shaft_power(made.draw, 1000.0, V, H, 1.0), shaft_power(made.draw, 1000.0, n * V, n * n * H, n)
    assert slow == pytest.approx(n**3 * one, rel=1e-9, abs=1e-9)


def test_the_end_of_the_catalogue_is_reported_and_holds_the_efficiency():
    """Past 30 L/s at full speed, past 15 at half; the efficiency stays, as 0.75 and 0.8 of the best."""
    points = BEST.operate(np.array([0.0301, 0.03, 0.0151, 0.015, -0.001]), np.array([1.0, 1.0, 0.5, 0.5, 1.0]))
    assert points.outside_pump.values.tolist() == [True, False, True, False, True]
    assert beyond_curve(BEST.draw, 0.01, 0.0) is False
    for made, share in ((BEST, 0.75), (SHAPE, 0.8)):
        assert hydraulic_efficiency(made.draw, 0.036, 1.0) == pytest.approx(0.8 * share, rel=1e-9)


def test_constant_laws_are_the_old_pump():
    made = pump()
    for V in (0.0, 0.005, 0.02, 0.03):
        H = float(made.head(V))
        expected = pump_power(made.curve, 1000.0, V, H)
        assert electrical_power(made.draw, shaft_power(made.draw, 1000.0, V, H, 1.0)) == pytest.approx(expected)
        assert float(made.operate(V).pump_power) == pytest.approx(float(made.power(V)), rel=1e-12)


LOSSES = {  # 10 CFR 431 subpart Y, appendix A, at half the rated power: loss over the motor's rated loss
    (Drive.CONSTANT, 10e3): 0.5,
    (Drive.MOTOR, 10e3): 0.6410 - 0.4301 / 2 + 1.2399 / 4 - 0.4508 / 8,
    (Drive.VARIABLE_SPEED, 3e3): 0.5303 + 1.4965 / 2 - 0.4658 / 4,
    (Drive.VARIABLE_SPEED, 10e3): 0.1052 + 2.9551 / 2 - 1.3198 / 4,
    (Drive.VARIABLE_SPEED, 30e3): 0.1847 + 3.0777 / 2 - 1.5122 / 4,
    (Drive.VARIABLE_SPEED, 90e3): 0.2625 + 2.8846 / 2 - 0.8914 / 4,
}


@pytest.mark.parametrize("drive", Drive)
def test_each_drive(drive):
    """A motor of 90 % at rated power loses a ninth of it there; at half power as the rule says."""
    cases = {rated: share for (d, rated), share in LOSSES.items() if d == drive}
    for rated, share in cases.items():
        made = pump(drive=DriveLaw[drive.name], rated_power=None if drive == Drive.CONSTANT else rated)
        scale = 1.0 if drive == Drive.CONSTANT else rated
        drawn = electrical_power(made.draw, scale / 2)
        assert drawn == pytest.approx(scale / 2 + scale / 9.0 * share, rel=1e-12)
        assert electrical_power(made.draw, 0.0) == 0.0
        assert sum(drive_losses(int(drive), rated)) >= 1.0 - 1e-12


@pytest.mark.parametrize(("horsepower", "class_at"), [(5.0, 0.5303), (20.0, 0.1052), (50.0, 0.1847), (50.1, 0.2625)])
def test_size_classes_of_the_converter(horsepower, class_at):
    assert drive_losses(int(Drive.VARIABLE_SPEED), horsepower * 745.7 * (1 - 1e-9))[0] == class_at


def test_a_varying_pump_takes_its_own_power():
    """`power` is `operate`: best point and converter, by hand at 10 L/s with a motor of 7.5 kW."""
    made = BEST.replace(drive="variable_speed", rated_power=7.5e3)
    shaft = 1000.0 * G * 0.01 * 48.0 / (0.8 * 0.75)
    x = shaft / 7.5e3
    lost = 7.5e3 / 9.0 * (0.1052 + 2.9551 * x - 1.3198 * x * x)
    assert float(made.power(0.01)) == pytest.approx(shaft + lost, rel=1e-4)
    assert float(made.operate(0.01).shaft_power) == pytest.approx(shaft, rel=1e-4)


@pytest.mark.parametrize("wrong", [{"flow": np.nan}, {"flow": "1"}, {"speed": 0.0}, {"density": -1.0}, {"speed": True}])
def test_bad_operating_points(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        pump().operate(**{"flow": 0.01, **wrong})


@pytest.mark.parametrize("law", list(EfficiencyLaw)[1:])
def test_a_loop_refuses_what_it_would_ignore(law):
    """Loops march with constant efficiencies so far."""
    row = th.load("loops/gb200_row")
    own = row.cdu.pump
    more = {"flow_best": own.flow[-1] / 1.5} if law == EfficiencyLaw.BEST_POINT else {
        "efficiency_curve": (0.5,) * (len(own.flow) - 1) + (1.0,)}  # fmt: skip
    varying = own.replace(efficiency_law=law, **more)
    loop = row.replace(cdu=row.cdu.replace(pumps=(varying, varying)))
    with pytest.raises(InputError, match="a loop takes pumps of constant efficiency"):
        th.steady(loop, heat=80e3, facility=th.Supply(T=26, flow=0.03))
