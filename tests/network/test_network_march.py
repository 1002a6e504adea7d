"""Networks in time, held against the kernel of one-CDU loops; saving and restoring; events by name; energy and mass."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import ConvergenceError, InputError
from thermal.network.changes import Change
from thermal.network.manifold import manifold
from thermal.network.march_result import march_result
from thermal.network.network import Branch, Network, Node
from thermal.network.opening import open_network
from thermal.physics.network.hydraulics import solve_flows
from thermal.verbs import stepper as stepper_of

WATER = th.load("coolants/water")
SUPPLY = th.Supply(T=26, flow=0.02)
STEP = 15.0


def as_network(loop, **options):
    racks = manifold(list(loop.racks), "supply", "return", **options)
    cdu = Branch("cdu", loop.cdu, "return", "supply")
    return Network(coolant=loop.coolant, nodes=[Node("return", pressure=2e5)], branches=[cdu, *racks])


def heat_of(loop, steps, seed=0):
    rng = np.random.default_rng(seed)
    watts = loop.design_heat * rng.uniform(0.4, 1.0, (steps, len(loop.racks)))
    return xr.DataArray(watts, dims=("time", "rack"), coords={"time": STEP * np.arange(steps)})


def by_loop_kernel(loop, heat, events=()):
    """State at rest, and record, of today's kernel."""
    stepper = stepper_of(loop, heat=heat, facility=SUPPLY, events=events, step=STEP, save=STEP)
    start = stepper.case.state.loops.copy(), stepper.case.state.racks.copy()
    stepper.march(stepper.case.intervals)
    return start, stepper._record


def opened_at(loop, start, events=()):
    """The same loop as a network, put where the other kernel starts."""
    stepper = open_network(as_network(loop), facility=SUPPLY, water=WATER, events=events)
    (s,), racks = start
    T, place = stepper.heat.T, stepper.heat.place
    T[place["supply"]], T[place["return"]], T[place["cdu:primary"]] = s.T_supply, s.T_return, s.T_primary
    for i, rack in enumerate(racks, 1):
        T[place[f"rack{i}:inside"]], T[place[f"rack{i}:case"]] = rack.T_coolant, rack.T_case
    stepper.controls.controllers.output[:] = s.speed, s.valve
    net, actuators = stepper.hydraulics.branches, stepper.controls.actuators
    net.pumps.speed[:] = s.speed
    valve = actuators[actuators.valve == 1][0]
    net.quadratics.quadratic[valve.row] = valve.open / s.valve**2
    h = stepper.hydraulics
    assert np.isfinite(solve_flows(net, h.web, h.flows, h.work, h.floor)[1])
    return stepper


def flow(stepper, saved, name):
    h = stepper.hydraulics
    row = int(h.row[h.names.index(name)])
    return saved.m[:, row] / h.density[row]


@pytest.mark.parametrize("name", ["loops/frontier_group", "loops/gb200_row"])
def test_network_is_the_loop_kernel(name):
    """Case temperatures to 1e-10 K, flows to 1e-12, as written down before the first run."""
    loop = th.load(name)
    heat = heat_of(loop, 600)
    start, record = by_loop_kernel(loop, heat)
    stepper = opened_at(loop, start)
    saved = stepper.advance(heat.values, STEP, 1)
    cases = np.stack([saved.T[:, stepper.heat.place[f"rack{i + 1}:case"]] for i in range(len(loop.racks))], axis=1)
    np.testing.assert_allclose(cases, record.T_case, atol=1e-10, rtol=0)
    np.testing.assert_allclose(
        saved.T[:, stepper.heat.place["supply"]], record.loops.T_supply[:, 0], atol=1e-10, rtol=0
    )
    np.testing.assert_allclose(flow(stepper, saved, "cdu/loss"), record.loops.flow[:, 0], rtol=1e-12)
    np.testing.assert_allclose(flow(stepper, saved, "cdu/primary"), record.loops.primary_flow[:, 0], rtol=1e-12)
    np.testing.assert_allclose(saved.rows.pump_power, record.loops.pump_power[:, 0], rtol=1e-12)
    np.testing.assert_allclose(saved.output[:, 0], record.loops.speed[:, 0], atol=1e-12)
    np.testing.assert_allclose(saved.output[:, 1], record.loops.valve[:, 0], atol=1e-12)
    assert np.ptp(record.loops.valve[:, 0]) > 1e-3  # something moved
    assert np.abs(saved.rows.energy_residual).max() <= 1e-9 * float(heat.sum("rack").max())
    assert saved.rows.mass_residual.max() <= 1e-12


def test_a_pump_trip_is_the_loop_kernels():
    """A standing pump leaks through its check valve here, 1e-12 of the pressure in kg/s, and there it does not."""
    loop = th.load("loops/gb200_row")
    heat = heat_of(loop, 120)
    start, record = by_loop_kernel(
        loop, heat, [th.stop(loop.cdu.pumps[0], at=300), th.restart(loop.cdu.pumps[0], at=900)]
    )
    events = [Change(300, "cdu/pump_2", "runs", 0), Change(900, "cdu/pump_2", "runs", 1)]
    stepper = opened_at(loop, start, events)
    saved = stepper.advance(heat.values, STEP, 1)
    np.testing.assert_allclose(flow(stepper, saved, "cdu/loss"), record.loops.flow[:, 0], rtol=1e-7)
    assert flow(stepper, saved, "cdu/loss").min() < 0.95 * flow(stepper, saved, "cdu/loss")[0]
    case = saved.T[:, stepper.heat.place["rack3:case"]]
    np.testing.assert_allclose(case, record.T_case[:, 2], atol=1e-6)


def test_settling_is_the_loop_kernels_rest():
    loop = th.load("loops/gb200_row")
    (s,), racks = by_loop_kernel(loop, heat_of(loop, 4))[0]
    stepper = open_network(as_network(loop), facility=SUPPLY, water=WATER)
    assert stepper.settle(heat_of(loop, 4).values[0]) < 1e-7
    place = stepper.heat.place
    assert stepper.heat.T[place["supply"]] == pytest.approx(s.T_supply, abs=1e-4)
    assert stepper.heat.T[place["rack4:case"]] == pytest.approx(racks[3].T_case, abs=1e-4)
    assert stepper.controls.controllers.output[0] == pytest.approx(s.speed, abs=1e-5)
    assert stepper.time == 0.0


def two_cdus():
    rack = th.load("racks/gb200_nvl72")
    from thermal.components.hydronics.pipe import Pipe

    pipe = Pipe(length=1.0, diameter=0.1, roughness=4.5e-5)
    return Network(
        coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)],
        branches=[
            Branch("cdu_a", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
            Branch("cdu_b", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
            *manifold(16 * [rack], "supply", "return", pipe=pipe, spacing=0.6, reverse_return=True),
        ],
    )  # fmt: skip


FAULTS = [
    Change(60, "rack9", "clog", 0.4),
    Change(120, "cdu_a/pump_1", "runs", 0),
    Change(180, "rack3", "close", 1),
    Change(200, "cdu_b", "T", 32.0),
    Change(240, "cdu_a/valve", "control", 0),
    Change(260, "cdu_b/valve", "set_point", 34.0),
]


def test_two_cdus_on_one_secondary_with_faults_close_their_balances():
    stepper = open_network(two_cdus(), facility=th.Supply(T=30, flow=0.04), water=WATER, events=FAULTS)
    heat = np.full((600, 16), 110e3)
    stepper.settle(heat[0])
    saved = stepper.advance(heat, 1.0, 1)
    total = heat.sum(axis=1).max()
    assert np.abs(saved.rows.energy_residual).max() <= 1e-9 * total
    assert saved.rows.mass_residual.max() <= 1e-12
    place = stepper.heat.place
    cases = {i: saved.T[:, place[f"rack{i}:case"]] for i in (3, 8, 9)}
    assert cases[9][-1] > cases[8][-1] + 1.0  # the clogged one is hotter than its neighbour
    assert cases[3][-1] > cases[9][-1] + 10.0  # and the closed one much more
    assert np.isfinite(saved.T).all()


def test_advancing_in_pieces_is_the_same_and_saved_states_come_back():
    def run(cuts):
        stepper = open_network(two_cdus(), facility=th.Supply(T=30, flow=0.04), water=WATER, events=FAULTS)
        heat = np.full((400, 16), 110e3)
        pieces = [stepper.advance(part, 1.0, 1).T for part in np.split(heat, cuts)]
        return stepper, np.concatenate(pieces)

    whole, T = run([])
    _, pieces = run([100, 123, 190])
    np.testing.assert_array_equal(T, pieces)
    state = whole.save()
    onwards = whole.advance(np.full((50, 16), 90e3), 1.0, 1).T
    whole.restore(state)
    np.testing.assert_array_equal(whole.advance(np.full((50, 16), 90e3), 1.0, 1).T, onwards)


def test_an_event_between_steps_is_not_lost_where_a_march_is_cut():
    """Closed at 62.5 s of steps of 5 s, it takes effect at 65 s, in one march as in two cut there."""
    flows = []
    for cuts in ([], [13]):
        stepper = open_network(two_cdus(), facility=SUPPLY, water=WATER, events=[Change(62.5, "rack3", "close", 1)])
        saved = [stepper.advance(part, 5.0, 1) for part in np.split(np.full((20, 16), 110e3), cuts)]
        flows.append(np.concatenate([flow(stepper, piece, "rack3") for piece in saved]))
    np.testing.assert_array_equal(*flows)
    assert flows[0][12] > 1e-4 > 1e-9 > abs(flows[0][13])


def test_without_flow_every_place_keeps_its_heat():
    """All pumps stop: nothing is NaN, nothing is lost, and cases go on warming by their own capacity."""
    loop = th.load("loops/gb200_row")
    events = [Change(30, f"cdu/pump_{i}", "runs", 0) for i in (1, 2)]
    stepper = open_network(as_network(loop), facility=SUPPLY, water=WATER, events=events)
    heat = np.full((300, 8), 100e3)
    saved = stepper.advance(heat, 1.0, 1)
    rack = loop.racks[0]
    rate = (
        100e3 * rack.package_fraction / (rack.packages * (rack.package.heat_capacity + rack.cold_plate.heat_capacity))
    )
    case = saved.T[:, stepper.heat.place["rack1:case"]]
    np.testing.assert_allclose(np.diff(case[200:]), rate, rtol=1e-6)
    assert np.abs(saved.rows.energy_residual).max() <= 1e-8 * 8e5


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (Change(1, "rack99", "clog", 0.5), ["rack99", "did you mean"]),
        (Change(1, "rack9", "clog", 0.0), ["rack9", "(0, 1]"]),
        (Change(1, "rack9", "runs", 0), ["rack9", "no pump"]),
        (Change(1, "cdu_a/speeed", "control", 0), ["cdu_a/speeed", "cdu_a/speed"]),
        (Change(1, "rack9", "explode", 0), ["explode", "clog"]),
        (Change(-1, "rack9", "clog", 0.5), ["at = -1"]),
        (Change(1, "cdu_c", "T", 20.0), ["cdu_c"]),
    ],
)
def test_bad_events_are_explained(event, says):
    with pytest.raises(InputError) as error:
        open_network(two_cdus(), facility=SUPPLY, water=WATER, events=[event])
    assert all(word in str(error.value) for word in says), str(error.value)


def test_facility_needs_its_coolant():
    with pytest.raises(InputError, match="water"):
        open_network(two_cdus(), facility=SUPPLY)


def test_heat_that_is_no_number_is_refused():
    stepper = open_network(two_cdus(), facility=SUPPLY, water=WATER)
    heat = np.full((10, 16), 1e5)
    heat[4, 2] = np.nan
    with pytest.raises(ConvergenceError, match="5 s"):
        stepper.advance(heat, 1.0, 1)


def test_a_result_by_name():
    stepper = open_network(two_cdus(), facility=th.Supply(T=30, flow=0.04), water=WATER, events=FAULTS)
    heat = np.full((300, 16), 110e3)
    stepper.settle(heat[0])
    run = march_result(stepper, stepper.advance(heat, 1.0, 1, every=10), 10.0)
    assert dict(run.sizes) == {
        "time": 30,
        "branch": len(stepper.hydraulics.names),
        "node": len(stepper.hydraulics.nodes),
        "end_use": 2,
        "cdu": 2,
    }
    assert float(run.T_case.sel(branch="rack9").isel(time=-1)) > float(run.T_case.sel(branch="rack8").isel(time=-1))
    assert float(run.flow.sel(branch="rack3").isel(time=-1)) == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(run.T_case.sel(branch="cdu_a/loss")).all()
    assert run.T_node.attrs["units"] == "degC"
    gained = heat[0].sum() * th.load("racks/gb200_nvl72").liquid_fraction
    assert float(run.heat_to_facility[2]) == pytest.approx(gained, rel=0.03)  # at rest, with the work of the pumps
    assert "racks/gb200_nvl72" in run.attrs["models"]
