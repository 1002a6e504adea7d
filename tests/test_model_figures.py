"""Figures of the shipped models hang together: heat, flow, pressure and temperature of parts that are used as one."""

import pytest

import thermal as th
from thermal.components.hydronics.exchanger import rho_cp
from thermal.library import models, read
from thermal.physics.machines.exchanger import exchange
from thermal.physics.machines.pump import GRAVITY

RACKS = [name for name in models() if name.startswith("racks/")]
CDUS = [name for name in models() if name.startswith("cdus/")]
LOOPS = [name for name in models() if name.startswith("loops/")]
INLET = 40.0  # degC, warm enough for any of the sites without a chiller


@pytest.mark.parametrize("name", models())
def test_every_range_holds_its_value(name):
    """Also where the source is no estimate: a published figure may carry a range, as the heat of a rack does."""
    for key, fact in read(name).facts.items():
        assert (fact.low is None) == (fact.high is None), key
        assert fact.low is None or fact.low <= fact.value <= fact.high, key


def test_the_library_holds_what_the_readme_promises():
    promised = {
        "packages/h100", "packages/gb200_gpu", "packages/gb300_gpu", "packages/mi250x", "packages/mi300x",
        "racks/gb200_nvl72", "racks/gb300_nvl72", "racks/frontier_cabinet",
        "cdus/vertiv_xdu1350", "cdus/google_deschutes", "cdus/frontier",
        "loops/gb200_row", "loops/frontier_group",
    }  # fmt: skip
    assert promised <= set(models())


@pytest.mark.parametrize("name", RACKS)
def test_packages_of_a_rack_are_not_overloaded(name):
    rack = th.load(name)
    each = rack.design_heat * rack.package_fraction / rack.packages
    assert 0.8 * rack.package.design_heat < each < 1.05 * rack.package.design_heat


@pytest.mark.parametrize("name", RACKS)
def test_case_stays_below_its_limit_with_warm_water_at_design_flow(name):
    rack = th.load(name)
    each = rack.design_heat * rack.package_fraction / rack.packages
    case = INLET + each * rack.cold_plate.resistance(rack.plate_flow(rack.design_flow))
    assert INLET < case < rack.package.T_case_limit


@pytest.mark.parametrize("name", RACKS)
def test_a_rack_drops_at_least_what_its_plates_drop(name):
    rack = th.load(name)
    assert rack.design_drop > rack.cold_plate.pressure_drop(rack.plate_flow(rack.design_flow))


@pytest.mark.parametrize("name", ["racks/gb200_nvl72", "racks/gb300_nvl72"])
def test_nvl72_plates_run_inside_their_measurement(name):
    rack = th.load(name)
    assert not rack.cold_plate.outside(rack.plate_flow(rack.design_flow))
    liquid = rack.design_heat * rack.liquid_fraction / 1e3
    assert 1.25 <= rack.design_flow * 6e4 / liquid <= 2.0  # L/min per kW, the OCP guideline


@pytest.mark.parametrize("name", ["cdus/vertiv_xdu1350", "cdus/google_deschutes"])
@pytest.mark.parametrize("coolant", ["coolants/water", "coolants/pg25"])
def test_a_rated_exchanger_gives_its_rating_back(name, coolant):
    """The kernel law must return the printed heat at the printed flows and approach, for either coolant."""
    exchanger = th.load(name).exchanger
    hot, cold = rho_cp(th.load(coolant), 35.0), rho_cp(th.load("coolants/water"), 30.0)
    assert 0.7 < exchanger.effectiveness(hot, cold) < 0.9
    C_hot, C_cold = exchanger.flow_hot * hot, exchanger.flow_cold * cold
    difference = exchanger.approach + exchanger.rated_heat / C_hot
    assert exchange(exchanger.law(hot, cold), C_hot, C_cold) * difference == pytest.approx(exchanger.rated_heat)


def test_frontier_exchanger_gives_the_quoted_point_back():
    """46.303 kW/K is ε C_min at 240 and 200 gpm; the conductance in the file is that number inverted by hand."""
    exchanger = th.load("exchangers/frontier_cdu")
    water = rho_cp(th.load("coolants/water"), 30.0)
    K = exchange(exchanger.law(water, water), exchanger.flow_hot * water, exchanger.flow_cold * water)
    assert pytest.approx(46302.73, rel=1e-4) == K


@pytest.mark.parametrize("name", LOOPS)
def test_a_cdu_holds_its_racks_differential_pressure(name):
    loop = th.load(name)
    cdu, flow = loop.cdu, loop.design_flow
    assert all(rack.design_drop == pytest.approx(cdu.differential_pressure) for rack in loop.racks)
    density = loop.coolant.properties(cdu.T_supply).density
    need = cdu.differential_pressure + (cdu.inner_linear + cdu.inner_quadratic * flow) * flow
    offered = density * GRAVITY * cdu.pump.head(flow / len(cdu.pumps), cdu.pump.speed_high)
    # Frontier: the published 75 % speed limit falls 6 % short of the head its set point needs; the file says so.
    assert offered > (0.9 if name == "loops/frontier_group" else 1.0) * need


@pytest.mark.parametrize("name", LOOPS)
def test_a_cdu_carries_the_heat_of_its_racks(name):
    """Heat to liquid must pass the exchanger with facility water 7 K below the supply set point, valve open."""
    loop = th.load(name)
    hot, cold = rho_cp(loop.coolant, loop.cdu.T_supply), rho_cp(th.load("coolants/water"), 25.0)
    heat = sum(rack.design_heat * rack.liquid_fraction for rack in loop.racks)
    C_hot, C_cold = loop.design_flow * hot, loop.cdu.exchanger.flow_cold * cold
    K = exchange(loop.cdu.exchanger.law(hot, cold), C_hot, C_cold)
    assert K * (7.0 + heat / C_hot) > heat


@pytest.mark.parametrize("name", CDUS)
def test_pumps_of_a_cdu_are_of_a_size_with_it(name):
    cdu = th.load(name)
    assert 0.002 < cdu.secondary_volume + cdu.return_volume < 2.0
    each = cdu.exchanger.flow_hot / len(cdu.pumps)
    power = len(cdu.pumps) * cdu.pump.power(each, cdu.pump.speed_high)
    capacity = cdu.exchanger.flow_hot * 4.1e6 * 15.0  # W at a 15 K rise
    assert 0.002 < power / capacity < 0.04
    assert cdu.pump.speed_low <= cdu.speed.low < cdu.speed.high <= cdu.pump.speed_high


def test_pump_curves_pass_their_quoted_points():
    """Resampling to an even grid may cost 1e-4 of shut-off head between points, not more."""
    for name in models():
        if name.startswith("pumps/"):
            pump = th.load(name)
            error = abs(pump.head(pump.flow) - pump.head_curve).max()
            assert error < 1e-4 * pump.head_curve[0], name


def test_case_limits_are_marked_as_estimates():
    """No case limit in the library is published; each must be marked an estimate and span at least 10 K."""
    for name in models():
        if name.startswith("packages/"):
            model = read(name)
            limit = model.facts["T_case_limit"]
            assert model.sources[limit.source]["kind"] == "estimate"
            assert limit.high - limit.low >= 10.0
