"""Pumps: affinity laws, the speed for a head, and the catalogue points inside the kernel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.library import models
from thermal.physics.machines.pump import GRAVITY, head_and_slope, pump_power, speed_for

PUMPS = [name for name in models() if name.startswith("pumps/")]
pumps = st.sampled_from(PUMPS).map(th.load)
share, speeds = st.floats(0.0, 1.3), st.floats(0.05, 1.2)  # of the last catalogue flow; relative speed


@pytest.mark.parametrize("name", PUMPS)
def test_catalogue_points_in_the_kernel(name):
    """Resampling to an even grid may cost 1e-4 of shut-off head, not more."""
    pump = th.load(name)
    for flow, head in zip(pump.flow, pump.head_curve, strict=True):
        assert abs(head_and_slope(pump.curve, flow, 1.0)[0] - head) < 1e-4 * pump.head_curve[0]


@given(pumps, share, speeds)
def test_affinity_laws(pump, x, n):
    """H(nV, n) = n² H(V, 1) and P(nV, n) = n³ P(V, 1)."""
    flow = x * pump.flow[-1]
    head, slope = head_and_slope(pump.curve, flow, 1.0)
    slower, its_slope = head_and_slope(pump.curve, n * flow, n)
    assert slower == pytest.approx(n**2 * head, rel=1e-12, abs=1e-12 * pump.head_curve[0])
    assert its_slope == pytest.approx(n * slope, rel=1e-9)
    power = pump_power(pump.curve, 1000.0, flow, head)
    assert pump_power(pump.curve, 1000.0, n * flow, slower) == pytest.approx(n**3 * power, rel=1e-11)


@given(pumps, share, speeds)
def test_slope_is_the_derivative_and_falls(pump, x, n):
    flow, step = n * x * pump.flow[-1], 1e-6 * pump.flow[-1]
    slope = head_and_slope(pump.curve, flow, n)[1]
    rise = head_and_slope(pump.curve, flow + step, n)[0] - head_and_slope(pump.curve, flow - step, n)[0]
    assert slope < 0.0
    assert slope == pytest.approx(rise / (2 * step), rel=1e-3, abs=1e-4 * pump.head_curve[0] / pump.flow[-1])


@given(pumps, st.floats(0.0, 1.0), st.floats(0.2, 1.0))
def test_speed_for_a_head_is_found_again(pump, x, n):
    flow = n * x * pump.flow[-1]
    head = head_and_slope(pump.curve, flow, n)[0]
    assert speed_for(pump.curve, flow, head, 0.1, 1.2) == pytest.approx(n, rel=1e-9)


@given(pumps, st.floats(0.0, 1.0))
def test_a_head_out_of_reach_is_the_limit(pump, x):
    flow = x * pump.flow[-1]
    assert speed_for(pump.curve, flow, 2.0 * pump.head_curve[0], 0.3, 1.0) == 1.0
    assert speed_for(pump.curve, 0.0, 0.0, 0.3, 1.0) == 0.3


@given(pumps, share, speeds)
def test_power_is_lifting_over_efficiency(pump, x, n):
    flow = x * pump.flow[-1]
    head = head_and_slope(pump.curve, flow, n)[0]
    expected = max(1000.0 * GRAVITY * flow * head / (pump.efficiency * pump.drive_efficiency), 0.0)
    assert pump_power(pump.curve, 1000.0, flow, head) == pytest.approx(expected, rel=1e-14)
    assert pump_power(pump.curve, 1000.0, flow, -abs(head)) == 0.0


@given(pumps, st.floats(0.0, 1.0), speeds)
def test_part_and_kernel_are_one_law(pump, x, n):
    flow = n * x * pump.flow[-1]
    assert float(pump.head(flow, n)) == pytest.approx(
        head_and_slope(pump.curve, flow, n)[0], rel=1e-9, abs=1e-9 * pump.head_curve[0]
    )


def test_a_pump_at_rest_gives_nothing():
    curve = th.load(PUMPS[0]).curve
    assert head_and_slope(curve, 0.01, 0.0) == (0.0, 0.0)
