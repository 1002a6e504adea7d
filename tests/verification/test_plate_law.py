"""Cold plate by its curve: the published points, the second law at any flow, and the limit of no flow."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.physics.machines.plate_curve import case_to_inlet_resistance, plate_conductance
from thermal.units import lpm

PLATES = {"PG25": "cold_plates/ocp_1kw", "DI water": "cold_plates/ocp_1kw_water"}
ROUNDING = 5e-5  # K/W, half a unit of the last digit published


@pytest.mark.parametrize(("fluid", "name"), PLATES.items())
def test_published_points_are_reproduced(data, fluid, name):
    with data("coldplate/ocp_coldplate_R.csv").open() as stream:
        points = [line for line in csv.DictReader(stream) if line["fluid"] == fluid]
    assert points
    plate = th.load(name)
    C = plate._capacity_flow(1.0)
    for point in points:
        flow = float(point["V_flow_lpm"]) * lpm
        published = float(point["R_case_to_inlet_K_per_W"])
        assert abs(case_to_inlet_resistance(plate.table, flow, C * flow) - published) < ROUNDING
        assert abs(plate.resistance(flow) - published) < ROUNDING


@pytest.mark.parametrize("name", PLATES.values())
@given(flow=st.floats(1e-12, 1.0), coolant=st.sampled_from(["coolants/water", "coolants/pg25", "coolants/eg25"]))
def test_outlet_is_never_warmer_than_the_case(name, flow, coolant):
    """Heat of one plate per kelvin of case above inlet stays within the capacity flow, for any flow and coolant."""
    plate, p = th.load(name), th.load(coolant).properties(40.0)
    C = p.density * p.heat_capacity * flow
    assert 0.0 < plate_conductance(plate.table, flow, C) <= C


@pytest.mark.parametrize("name", PLATES.values())
@given(flow=st.floats(1e-9, 1e-3), more=st.floats(1.0, 10.0))
def test_more_flow_never_a_hotter_case(name, flow, more):
    plate = th.load(name)
    C = plate._capacity_flow(1.0)
    here = case_to_inlet_resistance(plate.table, flow, C * flow)
    assert case_to_inlet_resistance(plate.table, flow * more, C * flow * more) <= here * (1 + 1e-12)


def test_resistance_grows_without_bound_as_the_flow_stops():
    plate = th.load("cold_plates/ocp_1kw")
    C = plate._capacity_flow(1.0)
    for flow in (1e-9, 1e-12, 1e-15):  # the outlet reaches the case: R → 1/C
        assert case_to_inlet_resistance(plate.table, flow, C * flow) == pytest.approx(1.0 / (C * flow), rel=1e-12)
    assert case_to_inlet_resistance(plate.table, 0.0, 0.0) == math.inf
    assert plate_conductance(plate.table, 0.0, 0.0) == 0.0


def test_kernel_and_part_are_one_law():
    plate = th.load("cold_plates/ocp_1kw")
    flow = np.geomspace(1e-7, 1e-3, 41)
    C = plate._capacity_flow(flow)
    kernel = [case_to_inlet_resistance(plate.table, *pair) for pair in zip(flow, C, strict=True)]
    np.testing.assert_allclose(plate.resistance(flow), kernel, rtol=1e-12)
