"""The verb ``steady``: plates and loops, arrays of conditions, and what it refuses."""

import numpy as np
import pytest
import xarray as xr
from machines import row

import thermal as th
from thermal.errors import ConvergenceError, InputError
from thermal.names import NAMES
from thermal.units import kW, lpm

PLATE, PACKAGE = th.load("cold_plates/ocp_1kw"), th.load("packages/gb200_gpu")
POINT = {"package": PACKAGE, "coolant": PLATE.coolant, "heat": 1 * kW, "flow": 1 * lpm, "T_in": 40.0}


def test_a_plate_by_hand():
    """R = 0.0245 K/W at 1 L/min; outlet by Q = ρ c_p V ΔT; junction above case by its resistance."""
    point = th.steady(PLATE, **POINT)
    p = PLATE.coolant.properties(40.0)
    assert float(point.T_case) == pytest.approx(40.0 + 1e3 * 0.0245, abs=0.05)
    assert float(point.T_out) == pytest.approx(40.0 + 1e3 / (p.density * p.heat_capacity * lpm), rel=1e-12)
    assert float(point.T_junction - point.T_case) == pytest.approx(1e3 * PACKAGE.R_junction_case)
    assert float(point.margin) == pytest.approx(PACKAGE.T_case_limit - float(point.T_case))
    assert float(point.pumping_power) == pytest.approx(float(point.pressure_drop) * lpm)
    assert not point.outside_range


def test_arrays_broadcast_and_agree_with_single_points():
    flows, inlets = np.array([0.5, 1.0, 2.0]) * lpm, np.array([20.0, 40.0])
    grid = th.steady(PLATE, **(POINT | {"flow": flows, "T_in": inlets[:, None]}))
    assert grid.T_case.shape == (2, 3)
    for i, T in enumerate(inlets):
        for j, flow in enumerate(flows):
            single = th.steady(PLATE, **(POINT | {"flow": flow, "T_in": T}))
            for name in grid.data_vars:
                np.testing.assert_allclose(grid[name].values[i, j], single[name].values, rtol=1e-13, err_msg=name)


def test_outside_the_measured_curve_it_answers_and_says_so():
    points = th.steady(PLATE, **(POINT | {"heat": 100.0, "flow": np.array([0.1, 1.0, 10.0]) * lpm}))
    assert points.outside_range.values.tolist() == [True, False, True]
    assert np.isfinite(points.T_case).all()


def test_results_are_described():
    for result in (th.steady(PLATE, **POINT), th.steady(row(2), heat=5e4, facility=th.Supply(T=25, flow=0.01))):
        assert {"energy_residual", "mass_residual", "converged"} <= set(result)
        assert "time" not in result.dims
        for name in result.data_vars:
            assert result[name].attrs["long_name"] == NAMES[name].long_name
        assert result.attrs["models"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"flow": 0.0}, "flow = 0 m3/s must be above 0"),
        ({"flow": -1 * lpm}, "must be above 0"),
        ({"flow": np.nan}, "flow = nan is not a finite number"),
        ({"flow": [1 * lpm, 0.0]}, r"flow\[1\] = 0 m3/s"),
        ({"heat": -1.0}, "heat = -1 W must be from 0 on"),
        ({"heat": np.nan}, "heat = nan is not a finite number"),
        ({"T_in": 120.0}, "T_in = 120 degC is outside the range of coolant coolants/pg25, -5 to 95 degC"),
        ({"T_in": np.nan}, "T_in = nan is not a finite number"),
        ({"heat": 50 * kW}, "coolant leaving the cold plate = .* degC is outside the range"),
    ],
)
def test_bad_conditions_of_a_plate_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        th.steady(PLATE, **(POINT | change))


def test_steady_knows_what_it_can_solve():
    for thing in (PACKAGE, 3.0, "loops/gb200_row", []):
        with pytest.raises(InputError, match="steady knows loops, networks and cold plates"):
            th.steady(thing, heat=1.0)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: th.steady("loops/gb200_row"), r"th\.load\('loops/gb200_row'\) gives the part"),
        (lambda: th.steady(th.load("racks/gb200_nvl72")), r"machines stand in a th\.Loop or a th\.Network"),
        (lambda: th.transient(th.load("plants/generic_20mw")), "behind loops as facility"),
        (lambda: th.annual(th.load("modular_sites/warm_water_100mw"), weather=None), r"say annual of its \.site"),
        (lambda: th.annual(th.load("sites/generic_20mw").replace(plant=None), weather=None), "without a plant"),
    ],
)
def test_a_part_that_a_verb_does_not_know_is_told_where_it_belongs(ask, words):
    with pytest.raises(InputError, match=words):
        ask()


def test_steady_does_not_take_a_trace():
    trace = xr.DataArray([1e4, 2e4], {"time": [0.0, 60.0]}, ("time",))
    with pytest.raises(InputError, match=r"constant in time; th\.transient takes a trace"):
        th.steady(row(2), heat=trace, facility=th.Supply(T=25, flow=0.01))


def test_no_rest_is_an_error_that_names_the_loops():
    with pytest.raises(ConvergenceError, match=r"loops \[0\] have heat but no flow on a side"):
        th.steady(row(2), heat=5e4, facility=th.Supply(T=25, flow=0.0))


def test_unequal_loops_are_padded_with_nothing():
    point = th.steady([row(1), row(3)], heat=5e4, facility=th.Supply(T=25, flow=0.02))
    np.testing.assert_array_equal(point.T_case.isnull(), [[False, True, True], [False, False, False]])
    assert float(point.power.sel(end_use="it")) == 2e5


def test_an_operating_point_outside_the_coolants_range_is_refused():
    """A trickle of facility water cannot carry a megawatt: no answer, instead of coolant at 250 degC."""
    row = th.load("loops/gb200_row")
    with pytest.raises(ConvergenceError, match=r"loop 0 .* return would be .* more or colder facility water"):
        th.steady(row, heat=120e3, facility=th.Supply(T=26, flow=2.7e-3))
    with pytest.raises(ConvergenceError, match=r"loop 0 .* supply would be"):
        th.steady(row, heat=120e3, facility=th.Supply(T=26, flow=1e-3))
