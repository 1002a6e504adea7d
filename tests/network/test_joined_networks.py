"""Networks joined by exchangers and marched as one: against facility water, by energy, with faults on both sides."""

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import brentq

import thermal as th
from thermal.components.hydronics.exchanger import Exchanger, rho_cp
from thermal.components.hydronics.pipe import Pipe
from thermal.components.hydronics.valve import Resistance
from thermal.components.hydronics.vessel import ExpansionVessel
from thermal.errors import InputError
from thermal.network import Joint, Node, PrimarySide, fault_table, faults, join, reopen, warm
from thermal.network.expansion import BASE
from thermal.network.opening import open_network
from thermal.physics.machines.exchanger import counterflow_effectiveness

WATER, PG = th.load("coolants/water"), th.load("coolants/pg25")
CDU, RACK = th.load("cdus/vertiv_xdu1350"), th.load("racks/gb200_nvl72")
PUMP = th.load("pumps/frontier_cdu")
ROW = th.Network(coolant=PG, nodes=[Node("return", pressure=2e5)], branches=[
    th.Branch("cdu", CDU, "return", "supply"), *th.manifold(8 * [RACK], "supply", "return")])  # fmt: skip
SUPPLY = th.Supply(T=25, flow=0.03)
DROP = CDU.primary_linear * SUPPLY.flow + CDU.valve_drop / CDU.valve_flow**2 * SUPPLY.flow**2


def offered(T=25.0):
    """What a `Supply` is: water of one temperature at one difference of pressure."""
    return th.Network(coolant=WATER, branches=[th.Branch("cdu", PrimarySide.of(CDU), "header", "back")], nodes=[
        Node("header", pressure=BASE + DROP, T=T), Node("back", pressure=BASE, T=T)])  # fmt: skip


def hall(pipe=0.2, count=2, T=25.0):
    """A pumped loop with a basin of one temperature, before a CDU of each row."""
    main = Pipe(length=30.0, diameter=pipe, roughness=4.5e-5)
    places = [("cdu_a", "cdu_b")[i] for i in range(count)]
    return th.Network(coolant=WATER, nodes=[Node("basin", pressure=2e5, T=T)], branches=[
        *(th.Branch(f"pump_{k}", PUMP, "basin", "out") for k in (1, 2)), th.Branch("main", main, "out", "header"),
        *(th.Branch(name, PrimarySide.of(CDU), "header", "back") for name in places),
        th.Branch("home", main, "back", "basin")])  # fmt: skip


def both_rows(**changes):
    joints = [Joint(f"plates_{x}", hot=f"row_{x}:cdu", cold=f"hall:cdu_{x}") for x in "ab"]
    return join({"row_a": ROW, "row_b": ROW, "hall": hall(**changes)}, joints)


def ramp(low, high, count=60, step=10.0):
    values = np.where(np.arange(count) < count // 2, low, high)
    return xr.DataArray(values, {"time": step * np.arange(count)}, ("time",))


@pytest.mark.compiled
def test_held_water_is_that_of_a_supply():
    """Same water at the same pressures: the same day, every step of it, controllers, trip and all."""
    joined = join({"row": ROW, "hall": offered()}, [Joint("plates", hot="row:cdu", cold="hall:cdu")])
    told = {"heat": ramp(60e3, 110e3), "step": 1.0}
    alone = th.transient(ROW, facility=SUPPLY, events=[th.stop("cdu/pump_1", at=200)], **told)
    run = th.transient(joined, events=[th.stop("row:cdu/pump_1", at=200)], **told)
    for k in (1, 8):
        for name in ("T_case", "T_junction", "flow", "heat"):
            a, b = alone[name].sel(branch=f"rack{k}"), run[name].sel(branch=f"row:rack{k}")
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12, err_msg=name)
    for name in ("T_supply", "T_return", "T_primary_return", "flow_primary"):
        np.testing.assert_allclose(run[name].sel(cdu="row:cdu"), alone[name].sel(cdu="cdu"), rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(run.heat_to_facility, alone.heat_to_facility, rtol=1e-9)
    valve = run.valve_opening.sel(branch="hall:cdu"), alone.valve_opening.sel(branch="cdu/primary")
    np.testing.assert_allclose(*valve, rtol=1e-9)
    assert float(abs(run.energy_residual).max()) < 1e-9 * 880e3


@pytest.mark.compiled
def test_a_wide_hall_is_facility_water_in_the_limit():
    """The wider its pipes the less the hall's loop differs from water at the pressure of its pumps."""
    rise = {}
    for D in (0.12, 0.2, 0.8):
        point = th.steady(both_rows(pipe=D), heat=100e3)
        rise[D] = float(point.pressure_node.sel(node="hall:header") - point.pressure_node.sel(node="hall:back"))
        assert abs(float(point.energy_residual)) < 1e-9 * 16e5
        shared = float(point.pressure_node.sel(node="hall:out") - point.pressure_node.sel(node="hall:basin"))
        if D == 0.8:
            assert rise[D] == pytest.approx(shared, rel=1e-3)
            drawn = float((point.flow_primary**2).max() ** 0.5)
            open_ = brentq(lambda V: CDU.primary_linear * V + CDU.valve_drop / CDU.valve_flow**2 * V**2 - rise[0.8],
                           1e-4, 1.0)  # fmt: skip
            warmed = float(point.T_node.sel(node="hall:header"))  # by the pumps
            alone = th.steady(ROW, heat=100e3, facility=th.Supply(T=warmed, flow=open_))
            assert drawn == pytest.approx(float(alone.flow_primary[0]), rel=1e-4)
            np.testing.assert_allclose(point.T_case.sel(branch="row_b:rack3"), alone.T_case.sel(branch="rack3"),
                                       atol=1e-3)  # fmt: skip
    assert rise[0.12] < rise[0.2] < rise[0.8]


@pytest.mark.compiled
def test_energy_of_all_closes_with_faults_on_both_sides():
    events = [
        th.stop("hall:pump_1", at=95.0), th.stop("row_a:cdu/pump_1", at=120.0), th.clog("row_b:rack2", to=0.4, at=150),
        th.stop("hall:pump_2", at=200.0), th.restart("hall:pump_1", at=260.0), warm("hall:basin", to=30.0, at=300.0),
        th.close("hall:cdu_b", at=340.0), reopen("hall:cdu_b", at=380.0),
        th.network.freeze("row_a:cdu/valve", at=400.0), th.network.leak("hall:header", flow=1e-4, at=420.0),
    ]  # fmt: skip
    network = both_rows()
    run = th.transient(network, heat=ramp(70e3, 100e3), step=1.0, events=events)
    assert float(abs(run.energy_residual).max()) < 1e-9 * 16e5
    assert float(run.mass_residual.max()) < 1e-9
    assert bool(run.converged.all())
    given = float(run.heat_to_facility[8]) - float(run.pump_power[8].sum())
    assert given == pytest.approx(16 * 70e3 * RACK.liquid_fraction, rel=0.02)  # what the racks gave ends in the basin
    case = th.verbs.stepper(network, heat=ramp(70e3, 100e3), step=1.0, events=events)
    case.advance(300.0)
    before = case.save()
    first = case.advance(600.0).T_case.values
    case.restore(before)
    np.testing.assert_array_equal(case.advance(600.0).T_case.values, first)


@pytest.mark.compiled
def test_pumps_of_the_hall_are_felt_in_the_racks():
    """Both stop: racks pass their limit; one stops: the valves of the CDUs open and hold the supply."""
    told = {"heat": 100e3, "until": 600.0, "step": 1.0, "save": 5.0}
    both = [th.stop(f"hall:pump_{k}", at=60.0) for k in (1, 2)]
    lost, held = (th.transient(both_rows(), events=e, **told) for e in (both, both[:1]))
    limits = th.time_to_limit(lost)
    assert 60.0 < float(limits.sel(branch="row_a:rack1")) < 300.0
    assert float(lost.T_supply.sel(cdu="row_b:cdu")[-1]) > 60.0
    assert float(abs(lost.flow_primary[-1]).max()) < 1e-6
    assert bool((held.margin.sel(branch="row_a:rack1") > 10.0).all())
    opening = held.valve_opening.sel(branch="hall:cdu_a")
    assert float(opening[-1]) > float(opening[5]) + 2e-3
    header = held.pressure_node.sel(node="hall:header") - held.pressure_node.sel(node="hall:basin")
    assert float(header[-1]) < 0.99 * float(header[5])
    assert float(held.T_supply.sel(cdu="row_a:cdu")[-1]) == pytest.approx(CDU.T_supply, abs=0.3)
    np.testing.assert_allclose(lost.T_case.sel(branch="row_a:rack1"), lost.T_case.sel(branch="row_b:rack1"), rtol=1e-9)


@pytest.mark.compiled
def test_plates_between_plain_branches():
    """Steady counterflow: outlets are those of effectiveness and NTU at the flows; both ways round of the cold side."""
    plates = Exchanger(conductance=2e4, flow_hot=3e-3, flow_cold=2e-3)
    load = Resistance(flow=3e-3, drop=5e4)

    def sides(turned):
        hot = th.Network(coolant=PG, branches=[th.Branch("plates", load, "in", "out")],
                         nodes=[Node("in", pressure=3e5, T=60.0), Node("out", draw=3e-3)])  # fmt: skip
        ends = ("out", "in") if turned else ("in", "out")
        cold = th.Network(coolant=WATER, branches=[th.Branch("plates", load, *ends)],
                          nodes=[Node("in", pressure=3e5, T=20.0), Node("out", draw=2e-3)])  # fmt: skip
        return join({"hot": hot, "cold": cold}, [Joint("hx", "hot:plates", "cold:plates", exchanger=plates)])

    found = []
    for turned in (False, True):
        stepper = open_network(sides(turned))
        stepper.settle(np.zeros(0))
        found.append([float(stepper.heat.T[stepper.heat.place[name]]) for name in ("hot:out", "cold:out")])
        m = np.abs(stepper.hydraulics.flows.m)[stepper.hydraulics.row]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)
    p, q = PG.properties(60.0), WATER.properties(20.0)
    C_hot, C_cold = m[0] * p.heat_capacity, m[1] * q.heat_capacity
    law = plates.law(rho_cp(PG, 60.0), rho_cp(WATER, 20.0))
    films = law.film_hot * (C_hot / law.flow_hot) ** 0.7, law.film_cold * (C_cold / law.flow_cold) ** 0.7
    UA = 1.0 / (1.0 / films[0] + 1.0 / films[1] + law.wall)  # Shah & Sekulić (2003), 3.2.4
    least = min(C_hot, C_cold)
    heat = counterflow_effectiveness(UA / least, least / max(C_hot, C_cold)) * least * 40.0
    np.testing.assert_allclose(found[0], [60.0 - heat / C_hot, 20.0 + heat / C_cold], rtol=1e-9)


@pytest.mark.compiled
def test_a_pump_that_draws_from_held_temperature_warms_what_it_sends():
    stepper = open_network(hall(count=1))
    stepper.settle(np.zeros(0))
    saved = stepper.advance(np.zeros((1, 0)), 1.0, 1)
    m = stepper.hydraulics.flows.m[stepper.hydraulics.row[stepper.hydraulics.names.index("main")]]
    rise = stepper.heat.T[stepper.heat.place["out"]] - 25.0
    assert rise * m * WATER.properties(20.0).heat_capacity == pytest.approx(float(saved.rows.shaft_power[0]), rel=1e-9)
    assert rise > 0.05
    assert -float(saved.rows.heat_held[0]) == pytest.approx(float(saved.rows.shaft_power[0]), rel=1e-9)


@pytest.mark.compiled
def test_a_chain_of_three_stands_before_facility_water():
    """Rows before a loop, the loop's own CDU before a supply: three coolants, and facility water behind the last."""
    middle = th.Network(coolant=WATER, nodes=[Node("back", pressure=2e5)], branches=[
        th.Branch("station", CDU.replace(T_supply=25.0), "back", "header"),
        th.Branch("cdu", PrimarySide.of(CDU), "header", "back")])  # fmt: skip
    chain = join({"row": ROW, "middle": middle}, [Joint("plates", hot="row:cdu", cold="middle:cdu")])
    point = th.steady(chain, heat=60e3, facility=th.Supply(T=15, flow=0.04))
    assert float(point.T_supply.sel(cdu="row:cdu")) == pytest.approx(CDU.T_supply, abs=0.01)
    assert float(point.T_supply.sel(cdu="middle:station")) == pytest.approx(25.0, abs=0.01)
    assert abs(float(point.energy_residual)) < 1e-9 * 5e5
    shaft = float(point.heat_to_facility) - 8 * 60e3 * RACK.liquid_fraction
    assert 0.0 < shaft < float(point.power.sel(end_use="cdu_pumps"))
    with pytest.raises(InputError, match="no CDU is left"):
        th.steady(both_rows(), heat=60e3, facility=SUPPLY)
    with pytest.raises(InputError, match=r"middle:station.*no facility water"):
        th.steady(chain, heat=60e3)


@pytest.mark.compiled
def test_vessel_and_range_are_those_of_each_network():
    cold = hall(count=1)
    row = ROW.replace(nodes=(Node("return", pressure=2e5, vessel=ExpansionVessel(gas=0.05)),))
    joint = [Joint("plates", hot="row:cdu", cold="hall:cdu_a")]
    plain, kept = (th.steady(join({"row": r, "hall": cold}, joint), heat=100e3) for r in (ROW, row))
    more = kept.pressure_node - plain.pressure_node
    np.testing.assert_allclose(more.sel(node=["hall:header", "hall:basin"]), 0.0, atol=1e-3)
    assert float(more.sel(node="row:supply")) > 1e3
    alone = th.steady(row, heat=100e3, facility=SUPPLY), th.steady(ROW, heat=100e3, facility=SUPPLY)
    here = alone[0].pressure_node.sel(node="supply") - alone[1].pressure_node.sel(node="supply")
    assert float(more.sel(node="row:supply")) == pytest.approx(float(here), rel=0.02)


@pytest.mark.compiled
def test_failures_of_both_are_listed_and_run():
    names = [fault.name for fault in faults(both_rows())]
    assert {"row_a:cdu/pump_1 stops", "hall:pump_1 stops", "row_b:cdu/valve is stuck"} <= set(names)
    assert not any("no facility water" in name for name in names)
    some = [f for f in faults(both_rows()) if f.name in {"hall:pump_1 stops", "row_a:cdu is lost"}]
    table = fault_table(both_rows(), heat=100e3, failures=some, until=60.0)
    assert str(table.worst.sel(fault="row_a:cdu is lost").item()).startswith("row_a:rack")
    assert float(abs(table.energy_residual).max()) < 1e-9 * 16e5


def test_names_and_tree():
    network = both_rows()
    text = str(network)
    assert "joint plates_a: row_a:cdu → hall:cdu_a" in text
    assert "Propylene glycol" in text.splitlines()[0]
    assert "ater" in text.splitlines()[0]
    unfolded = th.manifold([RACK], "supply", "return", unfold=True)
    own = ROW.replace(branches=(ROW.branches[0], *unfolded))
    joined = join({"row": own, "hall": offered()}, [Joint("plates", hot="row:cdu", cold="hall:cdu")])
    assert joined.branch("row:rack1/plate7").part.rack == "row:rack1"


@pytest.mark.parametrize(("make", "says"), [
    (lambda: join({"row": ROW}, []), ["nothing to put together"]),
    (lambda: join({"a": ROW, "b": ROW.replace(T_ambient=5.0)}, []), ["T_ambient", "5"]),
    (lambda: join({"a:b": ROW, "c": ROW}, []), ["'a:b'"]),
    (lambda: join({"a": both_rows(), "c": ROW}, []), ["'a'", "joints"]),
    (lambda: join({"row": ROW, "hall": hall()}, [Joint("x", "row:cdo", "hall:cdu_a")]), ["'row:cdo'", "did you mean"]),
    (lambda: join({"row": ROW, "hall": hall()}, [Joint("x", "row:rack1", "hall:main")]), ["'x'", "need an exchanger"]),
    (lambda: join({"row": ROW, "hall": hall()}, [Joint("x", "row:cdu", "hall:main")]), ["no valve", "PrimarySide.of"]),
    (lambda: join({"row": ROW, "hall": hall()}, [Joint("x", "hall:cdu_a", "row:cdu", CDU.exchanger)]), ["hot side"]),
    (lambda: join({"row": ROW, "hall": hall()}, [Joint("x", "row:cdu", "hall:cdu_a", CDU.exchanger)]), ["of its own"]),
    (lambda: join({"row": ROW, "hall": hall()}, [Joint(n, "row:cdu", "hall:cdu_a") for n in "xy"]), ["'y'", "already"]),
    (lambda: ROW.with_branch("rack1", coolant=WATER), ["'rack1'", "would mix"]),
    (lambda: th.network.to_epanet(both_rows()), ["coolant of its own"]),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(make, says):
    with pytest.raises(InputError) as found:
        make()
    assert all(word in str(found.value) for word in says), str(found.value)
