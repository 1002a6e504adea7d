"""Networks through the verbs: heat by name, events by name, per-package temperatures, rest, limits, bad conditions."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import DataError, InputError
from thermal.network import drift, freeze, leak, reopen, set_point, starve, warm
from thermal.network.network import Branch, Network, Node

WATER = th.Supply(T=26, flow=0.04)
RACK = th.load("racks/gb200_nvl72")
EVEN = RACK.replace(exponent=RACK.cold_plate.exponent)  # one exponent: unfolding changes no flow


def _shared(share):
    return {
        "heat": xr.Dataset({"heat": xr.DataArray(1e5 * np.ones(4), dims="rack"), "share": (("rack", "package"), share)})
    }


PACKAGE = RACK.package.heat_capacity + RACK.cold_plate.heat_capacity


def row(racks=4, rack=EVEN, cdus=2, **options):
    names = ["cdu_a", "cdu_b"][:cdus]
    return Network(
        coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)],
        branches=[
            *(Branch(name, th.load("cdus/vertiv_xdu1350"), "return", "supply") for name in names),
            *th.manifold(racks * [rack], "supply", "return", **options),
        ],
    )  # fmt: skip


def test_an_unfolded_rack_is_the_rack():
    """72 equal packages, each its own branch, are as hot as the folded rack, and return the coolant as warm."""
    whole = th.transient(row(), heat=110e3, facility=WATER, until=120, save=60)
    apart = th.transient(row(unfold=True), heat=110e3, facility=WATER, until=120, save=60)
    for k in (1, 40, 72):
        np.testing.assert_allclose(
            apart.T_case.sel(branch=f"rack2/plate{k}"), whole.T_case.sel(branch="rack2"), atol=1e-6
        )
    np.testing.assert_allclose(apart.T_node.sel(node="return"), whole.T_node.sel(node="return"), atol=1e-6)
    np.testing.assert_allclose(apart.heat_to_facility, whole.heat_to_facility, rtol=1e-6)


def test_heat_by_name():
    """A package with its own heat is hotter by R times the difference; its neighbours do not notice."""
    net = row(unfold=True)
    even = th.steady(net, heat=100e3, facility=WATER)
    own = 100e3 * RACK.package_fraction / 72
    heat = {f"rack{i}": 100e3 for i in (1, 2, 3, 4)} | {"rack3/plate7": own + 300.0}
    one = th.steady(net, heat=heat, facility=WATER)
    rise = one.T_case - even.T_case
    flow = float(one.flow.sel(branch="rack3/plate7"))
    assert float(rise.sel(branch="rack3/plate7")) == pytest.approx(
        300.0 * RACK.cold_plate.resistance(flow, net.coolant, 32.0), rel=1e-3
    )
    assert abs(float(rise.sel(branch="rack3/plate8"))) < 1e-2
    assert float(one.heat_to_facility - even.heat_to_facility) == pytest.approx(300.0, abs=1.0)


def test_shares_of_packages_spread_the_heat_of_their_rack():
    """Each package by a series of its own, and by its share of its rack's."""
    net, rng = row(racks=2, unfold=True), np.random.default_rng(1)
    share = rng.uniform(0.5, 1.5, (2, 72))
    share /= share.sum(axis=1, keepdims=True)
    racks = xr.DataArray([[80e3, 100e3], [120e3, 90e3]], dims=("time", "rack"), coords={"time": [0, 60]})
    found = th.transient(
        net, heat=xr.Dataset({"heat": racks, "share": (("rack", "package"), share)}), facility=WATER, save=60
    )  # fmt: skip
    given = {f"rack{r + 1}": racks.isel(rack=r) for r in range(2)}
    given |= {
        f"rack{r + 1}/plate{k + 1}": racks.isel(rack=r) * RACK.package_fraction * share[r, k]
        for r in range(2) for k in range(72)
    }  # fmt: skip
    single = th.transient(net, heat=given, facility=WATER, save=60)
    np.testing.assert_allclose(found.T_case, single.T_case, rtol=1e-12)
    np.testing.assert_allclose(found.T_rack_return, single.T_rack_return, rtol=1e-12)
    assert float(found.T_case.isel(time=-1).max() - found.T_case.isel(time=-1).min()) > 5.0


def test_water_comes_back_as_warm_as_its_heat_says_where_the_cdus_draw_unequally():
    """ρ c V (T_return − T_supply) is the heat into the facility, at rest with one CDU short of pressure."""
    run = th.transient(
        row(), heat=100e3, facility=WATER, events=[starve("cdu_b", to=0.2, at=0)], until=4 * 3600, step=20, save=3600
    )
    end = run.isel(time=-1)
    a, b = end.flow_primary.values
    assert b < 0.7 * a
    assert abs(float(end.T_primary_return[1] - end.T_primary_return[0])) > 0.5
    water = th.load("coolants/water").properties(25.0)  # at which facility water counts
    heat = water.density * water.heat_capacity * end.flow_facility * (end.T_facility_return - end.T_facility_supply)
    assert float(heat) == pytest.approx(float(end.heat_to_facility), rel=2e-4)


def test_the_result_names_the_files_that_were_given():
    """The CDU as a whole, not what it is taken apart into."""
    models = th.steady(row(racks=2), heat=50e3, facility=WATER).attrs["models"]
    for name in ("cdus/vertiv_xdu1350", "racks/gb200_nvl72", "coolants/pg25"):
        assert name in models
    assert "QuadraticLoss" not in models
    assert "PrimarySide" not in models


def test_heat_with_dimensions():
    net = row(racks=2, unfold=True)
    rng = np.random.default_rng(0)
    power = xr.DataArray(
        rng.uniform(500, 1100, (3, 2, 72)), dims=("time", "rack", "package"), coords={"time": [0, 60, 120]}
    )
    run = th.transient(net, heat=power, facility=WATER)
    assert run.sizes["time"] == 3
    hottest = np.unravel_index(int(np.argmax(power.isel(time=2).values)), (2, 72))
    cases = run.T_case.isel(time=2)
    assert str(cases.branch.values[np.nanargmax(cases.values)]) == f"rack{hottest[0] + 1}/plate{hottest[1] + 1}"
    racks = xr.DataArray([1e5, 5e4], dims="branch", coords={"branch": ["rack1", "rack2"]})
    point = th.steady(row(racks=2), heat=racks, facility=WATER)
    assert float(point.T_case.sel(branch="rack1")) > float(point.T_case.sel(branch="rack2")) + 5.0


EVENTS = [
    th.clog("rack3/plate17", to=0.4, at=60), th.stop("cdu_a/pump_1", at=120), th.close("rack2", at=180),
    reopen("rack2", at=200), freeze("cdu_b/valve", at=240), warm("cdu_a", to=30.0, at=260),
    starve("cdu_b", to=0.0, at=300), drift("cdu_a/valve", by=2.0, at=320), th.restart("cdu_a/pump_1", at=400),
    set_point("cdu_a/valve", to=30.0, at=420), leak("supply", flow=1e-4, at=450), th.stop("cdu_b", at=480),
]  # fmt: skip


def test_every_event_closes_its_balances():
    heat = 110e3
    run = th.transient(row(unfold=True), heat=heat, facility=WATER, until=600, step=1, save=10, events=EVENTS)
    assert np.abs(run.energy_residual).max() <= 1e-9 * 4 * heat
    assert run.mass_residual.max() <= 1e-9
    T, flow = run.T_case, run.flow
    before, after = T.sel(branch="rack3/plate17", time=60), T.sel(branch="rack3/plate17", time=120)
    assert float(after) > float(before) + 3.0
    assert abs(float(flow.sel(branch="rack2/plate5", time=200))) < 1e-9
    assert float(flow.sel(branch="rack2/plate5", time=210)) > 1e-6
    assert float(run.pump_speed.sel(branch="cdu_a/pump_1", time=300)) == 0.0
    assert float(run.pump_speed.sel(branch="cdu_a/pump_1", time=410)) > 0.2
    np.testing.assert_array_equal(run.pump_speed.sel(branch="cdu_b/pump_2", time=[500, 600]), 0.0)
    frozen = run.valve_opening.sel(branch="cdu_b/primary", time=slice(250, 600))
    assert np.ptp(frozen.values) == 0.0
    assert abs(float(flow.sel(branch="cdu_b/primary", time=310))) < 1e-9


def test_a_leak_is_made_up_and_its_heat_goes_with_it():
    """Half a litre a second is lost at the supply: the return makes it up, energy and mass close all the same."""
    heat, flow = 90e3, 0.5e-3
    run = th.transient(
        row(), heat=heat, facility=WATER, until=300, step=1, save=10, events=[leak("supply", flow=flow, at=60)]
    )
    capacity = th.load("coolants/pg25").properties(32.0)
    rate = flow * capacity.density * capacity.heat_capacity
    assert np.abs(run.heat_drawn.sel(time=slice(0, 60))).max() < 1e-3
    drawn = rate * (run.T_node.sel(node="supply") - run.T_node.sel(node="return")).sel(time=300)
    assert float(run.heat_drawn.sel(time=300)) == pytest.approx(float(drawn), rel=1e-2)  # a mean over ten steps
    assert np.abs(run.energy_residual).max() <= 1e-9 * 4 * heat
    assert run.mass_residual.max() <= 1e-9
    sent = sum(run.flow.sel(branch=f"{name}/loss", time=300) for name in ("cdu_a", "cdu_b"))
    taken = sum(run.flow.sel(branch=f"rack{i}", time=300) for i in (1, 2, 3, 4))
    assert float(sent - taken) == pytest.approx(flow, rel=1e-9)
    with pytest.raises(InputError, match="'suply'"):
        th.transient(row(), heat=heat, facility=WATER, until=60, events=[leak("suply", flow=flow, at=1)])


def test_a_loop_is_its_network():
    """The same row as a loop and as a network, from rest through a pump trip, both by the verb."""
    loop = th.load("loops/gb200_row")
    net = loop.network()
    conditions = {"heat": 90e3, "facility": WATER, "until": 600, "step": 1, "save": 30}
    a = th.transient(loop, events=[th.stop(loop.cdu.pumps[0], at=120)], **conditions)
    b = th.transient(net, events=[th.stop("cdu/pump_1", at=120)], **conditions)
    np.testing.assert_allclose(b.power, a.power, rtol=1e-7)  # a standing pump leaks through its check valve here
    np.testing.assert_allclose(b.heat_to_facility, a.heat_to_facility, rtol=1e-7)
    for name in ("T_case", "T_junction", "T_rack_return", "margin"):
        np.testing.assert_allclose(b[name].sel(branch="rack3"), a[name].isel(rack=2), atol=1e-6, err_msg=name)
    np.testing.assert_allclose(b.heat.sel(branch="rack3"), a.heat.isel(rack=2), rtol=1e-7)
    np.testing.assert_allclose(b.heat_air, a.heat_air.sum("rack"), rtol=1e-12)
    np.testing.assert_allclose(b.pump_power.sum("branch"), a.pump_power, rtol=1e-7)
    for name in ("T_facility_supply", "T_facility_return", "T_supply", "T_return", "T_primary_return"):
        np.testing.assert_allclose(b[name].squeeze(), a[name], atol=1e-6, err_msg=name)
    np.testing.assert_allclose(b.flow_facility, a.flow_facility, rtol=1e-7)


def test_time_to_limit_is_that_of_a_package_alone():
    """A disconnect closes: case and plate warm by their own capacity, q/C, and a little coolant with them."""
    net = row(disconnect=th.load("disconnects/uqd04").replace(Kv=0.01), unfold=True)
    run = th.transient(
        net, heat=120e3, facility=WATER, until=120, step=0.25, save=0.25, events=[th.close("rack3/disconnect", at=60)]
    )
    seconds = th.time_to_limit(run, since=60).sel(branch="rack3/plate1")
    assert seconds.units == "s"
    q = 120e3 * RACK.package_fraction / 72
    margin = float(run.margin.sel(branch="rack3/plate1", time=60))
    assert float(seconds) == pytest.approx(margin * PACKAGE / q, rel=0.06)
    assert float(seconds) > margin * PACKAGE / q  # what coolant the plate still holds warms with it
    assert np.isnan(th.time_to_limit(run, since=60).sel(branch="rack1/plate1"))
    stopped = th.transient(net, heat=120e3, facility=WATER, until=120, step=0.25, save=0.25, on_limit="stop",
                           events=[th.close("rack3/disconnect", at=60)])  # fmt: skip
    assert float(stopped.time[-1]) == pytest.approx(60 + float(seconds), abs=0.25)
    assert "T_case above its limit" in stopped.attrs["stopped"]
    late = th.transient(
        net, heat=120e3, facility=WATER, until=240, step=1, save=10, events=[th.close("rack3/disconnect", at=60)]
    )
    assert bool(late.boils[-1])
    assert not bool(late.converged[-1])
    assert bool(late.converged[0])


def test_pieces_and_restoring_are_the_run():
    conditions = {"heat": 100e3, "facility": WATER, "until": 600, "step": 1, "save": 60, "events": EVENTS[1:2]}
    whole = th.transient(row(), **conditions)
    case = th.verbs.stepper(row(), **conditions)
    case.advance(120)
    before = case.save()
    case.advance(300, T=35.0, heat=50e3)
    case.restore(before)
    case.advance(180)
    last = case.advance(600)
    np.testing.assert_array_equal(last.T_case, whole.T_case.isel(time=-1))
    assert case.result().equals(whole.assign_attrs(case.result().attrs))


def by_geometry(width):
    return RACK.replace(design_drop=400e3, cold_plate=th.ColdPlate(
        length=0.04, breadth=0.04, channel_width=width, fin_width=2e-4, channel_depth=2e-3, base=1e-3,
        metal=th.load("materials/copper"), homogenised=True))  # fmt: skip


def test_a_narrower_plate_by_geometry_costs_flow():
    """One of 72 plates has narrower channels: less coolant goes through it than through its neighbours."""
    racks = [th.reduce(by_geometry(w), coolant=th.load("coolants/pg25"), T_in=32.0, cells=th.Cells(6, 1, 2, 1))
             for w in (4e-4, 3.5e-4)]  # fmt: skip
    net = row(racks=1, rack=racks[0], cdus=1, unfold=True)
    one = net.branch("rack1/plate5").part.replace(cold_plate=racks[1].cold_plate)
    point = th.steady(net.with_branch("rack1/plate5", part=one), heat=90e3, facility=WATER)
    narrow, wide = (float(point.flow.sel(branch=f"rack1/plate{k}")) for k in (5, 6))
    assert racks[1].cold_plate.flows[0] < narrow < 0.95 * wide
    drops = [float(rack.cold_plate.pressure_drop(flow)) for rack, flow in zip(racks, (wide, narrow), strict=True)]
    assert drops[0] == pytest.approx(drops[1], rel=0.05)  # one pressure difference; between samples two curves
    assert abs(float(point.energy_residual)) < 1e-3


def test_geometry_is_reduced_for_a_network():
    unreduced = row(racks=2, rack=by_geometry(4e-4))
    with pytest.raises(InputError, match=r"th.reduce"):
        th.steady(unreduced, heat=60e3, facility=WATER)
    small = th.reduce(unreduced, cells=th.Cells(6, 1, 2, 1))
    assert np.isfinite(float(th.steady(small, heat=60e3, facility=WATER).T_case.sel(branch="rack1")))


@pytest.mark.parametrize(
    ("conditions", "error", "says"),
    [
        ({"heat": {"rack1": 1e5, "rack2": 1e5, "rack3": 1e5}}, InputError, ["'rack4'", "idle"]),
        ({"heat": {f"rack{i}": 1e5 for i in (1, 2, 3, 4)} | {"rack1/plat7": 9}}, InputError, ["plat7", "did you mean"]),
        ({"heat": -5.0}, InputError, ["heat", "-5"]),
        ({"heat": xr.DataArray([1e5, 1e5], dims="rack")}, InputError, ["2 racks", "has 4"]),
        ({"heat": xr.DataArray(np.ones((4, 3)), dims=("rack", "package"))}, InputError, ["3 packages", "72"]),
        (_shared(np.full((4, 72), 1 / 73)), InputError, ["share", "rack1", "0.986301", "not 1"]),
        (_shared(np.full((4, 3), 1 / 3)), InputError, ["share", "3 packages", "72"]),
        (_shared(-np.ones((4, 72))), InputError, ["share", "-1"]),
        ({"heat": xr.DataArray([1.0, 2.0], dims="place")}, InputError, ["place"]),
        ({"heat": xr.DataArray([1.0, 2.0, 3.0], dims="time", coords={"time": [0, 1, 5]})}, DataError, ["uneven"]),
        ({"until": None}, InputError, ["until"]),
        ({"facility": th.load("tower_plants/frontier")}, InputError, ["th.Plant"]),
        ({"facility": None}, InputError, ["CDUs", "facility"]),
        ({"events": [th.stop(RACK.package, at=1)]}, InputError, ["names"]),
        ({"events": [th.stop("cdu_c", at=1)]}, InputError, ["cdu_c", "did you mean"]),
        ({"events": [th.stop("rack1", at=1)]}, InputError, ["'rack1'", "did you mean"]),
        ({"events": [th.close("rack1", at=1e4)]}, InputError, ["rack1", "after the end"]),
        ({"events": [warm("rack1", to=20, at=1)]}, InputError, ["rack1"]),
        ({"on_limit": "explode"}, InputError, ["explode"]),
    ],
)  # fmt: skip
def test_bad_conditions_are_explained(conditions, error, says):
    with pytest.raises(error) as found:
        th.transient(row(unfold=True), **({"heat": 1e5, "facility": WATER, "until": 60} | conditions))
    assert all(word in str(found.value) for word in says), str(found.value)


def test_bad_events_are_explained():
    for make in (
        lambda: th.clog("rack1", to=0.0, at=1), lambda: th.clog(RACK, to=0.5, at=1), lambda: th.close("rack1", at=-1),
        lambda: starve("cdu", to=2.0, at=1), lambda: th.stop("cdu", at=1, loop=0), lambda: warm("cdu", to=np.nan, at=1),
    ):  # fmt: skip
        with pytest.raises(InputError):
            make()
    with pytest.raises(InputError, match=r"names are for a th.Network"):
        th.transient(th.load("loops/gb200_row"), heat=1e5, facility=WATER, until=60, events=[th.stop("cdu", at=1)])
