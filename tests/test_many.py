"""``th.batch``: the same numbers as one by one, cases that fail beside those that do not, and what it refuses."""

import numpy as np
import pytest
import xarray as xr
from machines import row

import thermal as th
from thermal import many
from thermal.accounting import annual_sums
from thermal.errors import ConvergenceError, InputError
from thermal.names import NAMES
from thermal.network.network import Node
from thermal.plate.grid import Cells
from thermal.units import MW, kW, lpm

WATER = th.Supply(T=26, flow=1900 * lpm)
SAME = 1e-9  # K, W, m³/s: what a batch may differ by from one point alone


def one(loops, heat, T, flow):
    """A point by ``th.steady``; None where it has no solution."""
    try:
        return th.steady(loops, heat=heat, facility=th.Supply(T=T, flow=flow))
    except ConvergenceError:
        return None


@pytest.mark.parametrize("loops", [row(2), [row(2), row(3)]], ids=["one loop", "two loops"])
def test_points_are_those_of_steady(loops):
    rng = np.random.default_rng(5)
    heat, T = rng.uniform(1e4, 2e5, 24), rng.uniform(5.0, 60.0, 24)
    flow = rng.uniform(0.0, 0.02, 24) * (np.arange(24) % 6 > 0)
    along = [xr.DataArray(values, dims="case") for values in (heat, T, flow)]
    points = th.batch(loops, heat=along[0], facility=WATER, T=along[1], flow=along[2], progress=False)
    alone = [one(loops, *given) for given in zip(heat.tolist(), T.tolist(), flow.tolist(), strict=True)]
    assert 4 <= sum(point is None for point in alone) < 12  # some have no solution, most have one
    for k, point in enumerate(alone):
        found = points.isel(case=k)
        if point is None or not point.converged:
            assert (found.status, found.converged) == ("not converged", False)
            assert found.error != ""
            assert np.isnan(found.T_case).all()
            continue
        assert (found.status, found.error) == ("done", "")
        assert set(found.data_vars) == {*point.data_vars, "status", "error"}
        for name in point.data_vars:
            assert found[name].dims == point[name].dims
            np.testing.assert_allclose(found[name].values, point[name].values, rtol=0, atol=SAME, err_msg=name)


def test_names_broadcast_and_lists_are_axes():
    heat = xr.DataArray([[50 * kW, 60 * kW], [70 * kW, 80 * kW]], {"load": [0.5, 0.7]}, ("load", "rack"))
    points = th.batch(row(2), heat=heat, facility=WATER, T=[20.0, 26.0, 30.0], flow=[0.01, 0.02], progress=False)
    assert points.T_case.dims == ("load", "T", "flow", "rack")
    assert dict(points.sizes) | {"rack": 2} == {"load": 2, "T": 3, "flow": 2, "rack": 2, "end_use": 2}
    assert points.flow.values.tolist() == [0.01, 0.02]  # the axis; what flows in the loop is beside it
    assert points.flow_result.attrs["long_name"] == NAMES["flow"].long_name
    point = th.steady(row(2), heat=[70 * kW, 80 * kW], facility=th.Supply(T=26, flow=0.01))
    found = points.sel(load=0.7, T=26.0, flow=0.01)
    np.testing.assert_allclose(found.T_case, point.T_case, rtol=0, atol=SAME)
    assert points.attrs["models"]


def test_blocks_and_threads_change_nothing(monkeypatch):
    T = xr.DataArray(np.linspace(10.0, 50.0, 41), dims="case")
    whole = th.batch(row(2), heat=80 * kW, facility=WATER, T=T, workers=1, progress=False)
    monkeypatch.setattr(many.LoopPoints, "block", 7)
    assert th.batch(row(2), heat=80 * kW, facility=WATER, T=T, workers=2, progress=False).identical(whole)


def test_keep_names_what_is_wanted():
    points = th.batch(row(2), heat=80 * kW, facility=WATER, T=[20.0], keep=["T_case"], progress=False)
    assert set(points.data_vars) == {"T_case", "converged", "status", "error"}


def test_years_are_those_of_annual():
    plant = th.load("plants/generic_20mw")
    places = ("chicago", "golden")
    weeks = [th.weather(th.load(f"climates/{p}")).isel(time=slice(3000, 3168)) for p in places]
    weather = xr.concat(weeks, "climate", coords="minimal", compat="override", join="override")
    load = xr.DataArray([8 * MW, 18 * MW, 100 * MW], dims="load")  # the last is more than its chillers carry
    sums = th.batch(plant, it_power=load, weather=weather, T_supply=[18.0, 26.0], progress=False)
    assert set(sums.energy.dims) == {"climate", "load", "T_supply", "end_use"}
    for k in range(2):
        for j in range(3):
            for T in (18.0, 26.0):
                year = th.annual(plant, it_power=load[j], weather=weather.isel(climate=k), T_supply=T)
                alone, found = annual_sums(year), sums.isel(climate=k, load=j).sel(T_supply=T)
                for name in alone.data_vars:
                    np.testing.assert_allclose(found[name], alone[name], rtol=1e-12, err_msg=name)
                assert float(found.energy_residual) == float(abs(year.energy_residual).max())
                assert found.converged
                assert found.status == "done"
    for name in ("energy_unmet", "hours_above_set_point", "hours_free"):
        assert float(sums[name].sum()) > 0.0, name  # none of them is right because it is nothing


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"facility": th.load("plants/generic_20mw")},
            "facility is a Plant: a batch of loops or of a network",
        ),
        ({"T": [20.0, np.nan]}, r"T at T = nan = nan is not a finite number"),
        ({"T": [20.0, 200.0]}, r"T at T = 200.0 = 200 degC must be from"),
        ({"flow": xr.DataArray([-1.0], dims="case")}, r"flow at case 0 = -1 m3/s must be from 0"),
        ({"heat": xr.DataArray([1e4, -1.0], dims="case")}, r"heat at case 1 = -1 W must be from 0"),
        ({"heat": xr.DataArray([1e4, 2e4], {"time": [0.0, 60.0]}, ("time",))}, "constant in time"),
        ({"heat": None}, "a Loop also needs heat"),
        ({"T": xr.DataArray([20.0, 21.0], dims="case"), "flow": xr.DataArray([0.01], dims="case")}, "'case'"),
        ({"keep": ["T_cas"]}, "keep takes no 'T_cas'; did you mean 'T_case'"),
        ({"keep": "T_case"}, r"keep = 'T_case' must be a list of names"),
        ({"weather": 3}, "a Loop takes no 'weather'"),
        ({"T_in": 3}, "a Loop takes no 'T_in'"),
        ({"workers": 0}, "workers = 0 must be a whole number from 1"),
        (
            {"part": th.load("racks/gb200_nvl72")},
            "batch knows loops, networks, plants and cold plates, not Rack",
        ),
    ],
)
def test_what_it_refuses(change, words):
    with pytest.raises(InputError, match=words):
        th.batch(**({"part": row(2), "heat": 50 * kW, "facility": WATER, "progress": False} | change))


def test_too_much_is_refused_before_it_is_taken(monkeypatch):
    monkeypatch.setattr(many, "memory", lambda: 1e4)
    with pytest.raises(InputError, match=r"the results of 100 cases need .* GB, this machine has .*keep="):
        th.batch(row(2), heat=50 * kW, facility=WATER, T=np.linspace(20, 30, 100).tolist(), progress=False)


def test_nothing_but_failures_is_an_error():
    with pytest.raises(ConvergenceError, match="none of 2 cases has a solution; the first: no steady state"):
        th.batch(row(2), heat=[50 * kW, 50 * kW], facility=WATER, flow=[0.0, 0.0], progress=False)


def test_arrays_of_numpy_are_axes_as_lists_are():
    """Two of different lengths were taken as one dimension without a name."""
    row, water = th.load("loops/gb200_row"), th.Supply(T=26, flow=0.03)
    T, flow = np.linspace(20.0, 30.0, 3), np.linspace(0.02, 0.03, 2)
    arrays = th.batch(row, heat=1e5, facility=water, T=T, flow=flow)
    lists = th.batch(row, heat=1e5, facility=water, T=T.tolist(), flow=flow.tolist())
    assert dict(arrays.T_supply.sizes) == {"T": 3, "flow": 2}
    xr.testing.assert_equal(arrays, lists)
    assert (arrays["T"].attrs["units"], arrays["flow"].attrs["units"]) == ("degC", "m3/s")


COARSE = Cells(slices=4, base=2, fin=2, cover=1, bundle=30)
PLATE = th.ColdPlate(
    length=0.04, breadth=0.04, channel_width=2e-4, fin_width=2e-4, channel_depth=2e-3, base=1e-3,
    metal=th.load("materials/copper"), homogenised=True,
)  # fmt: skip
ON_PLATE = {
    "part": PLATE, "package": th.load("packages/h100"), "coolant": th.load("coolants/pg25"), "cells": COARSE,
    "progress": False,
}  # fmt: skip
SETTLED = 3e-4  # of the rise over the inlet: what the films of a single point may still move


def test_points_of_a_plate_are_those_of_steady():
    flow, T_in = np.array([0.2, 1.0, 2.0]) * lpm, [20.0, 40.0]
    points = th.batch(**ON_PLATE, heat=[0.0, 300.0, 700.0, 40 * kW], flow=flow, T_in=T_in)
    assert dict(points.T_junction.sizes) == {"flow": 3, "T_in": 2, "heat": 4}
    assert (points.heat.attrs["units"], points.T_in.attrs["units"]) == ("W", "degC")
    failed = points.status == "not converged"
    assert failed.sel(heat=40 * kW).all()  # the coolant would boil away
    assert not failed.isel(flow=slice(1, None)).sel(heat=slice(0, 700)).any()
    given = {k: v for k, v in ON_PLATE.items() if k != "progress"}
    for at in np.ndindex(failed.shape):
        found = points.isel(dict(zip(points.T_junction.dims, at, strict=True)))
        conditions = {name: float(found[name]) for name in ("flow", "T_in", "heat")}
        if bool(found.status == "not converged"):
            assert "the coolant would leave the range of its properties" in str(found.error.values)
            assert not found.converged
            assert np.isnan(found.T_body).all()
            with pytest.raises(InputError, match="outside"):
                th.steady(**given, **conditions)
            continue
        point = th.steady(**given, **conditions)
        assert {*point.data_vars, "status", "error"} - {*conditions} == set(found.data_vars)
        rise = max(float(point.T_junction) - conditions["T_in"], 1e-12)
        for name in ("T_junction", "T_case", "T_body", "T_coolant", "T_out", "T_block", "T_junction_map"):
            np.testing.assert_allclose(found[name], point[name], rtol=0, atol=SETTLED * rise, err_msg=name)
        for name in ("film", "pressure_drop", "channel_flow", "R_case", "reynolds"):
            np.testing.assert_allclose(found[name], point[name], rtol=SETTLED, err_msg=name)
        assert abs(float(found.energy_residual)) <= 1e-8 * max(conditions["heat"], 1.0)


def test_heat_of_a_plate_by_block_and_as_maps():
    maps = xr.DataArray([[[9.0, 1.0], [2.0, 3.0]], [[1.0, 1.0], [1.0, 1.0]]], dims=("pattern", "y", "x")) * 20.0
    by_map = th.batch(**ON_PLATE, heat=maps, flow=1 * lpm, T_in=30.0)
    assert by_map.T_junction.dims == ("pattern",)
    alone = th.steady(
        **{k: v for k, v in ON_PLATE.items() if k != "progress"}, heat=maps[0].values, flow=1 * lpm, T_in=30
    )
    rise = float(alone.T_junction) - 30.0
    np.testing.assert_allclose(by_map.T_junction_map[0], alone.T_junction_map, rtol=0, atol=SETTLED * rise)
    by_block = th.batch(
        **ON_PLATE, heat={"package": xr.DataArray([100.0, 200.0], dims="case")}, flow=1 * lpm, T_in=30.0
    )
    rises = by_block.T_case.values - 30.0
    assert 1.9 < rises[1] / rises[0] < 2.0  # warmer coolant flows as much and conducts a little better


def test_points_of_a_plate_do_not_depend_on_threads():
    heat = np.linspace(100.0, 900.0, 40)
    one, two = (
        th.batch(**ON_PLATE, heat=heat, flow=[1.5 * lpm], T_in=30.0, keep=["T_junction"], workers=n) for n in (1, 2)
    )
    assert one.identical(two)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"flow": [1.0]}, r"flow at flow = 1.0 = 1 m3/s must be above 0 to 0.1"),
        ({"flow": [0.0]}, r"flow at flow = 0.0 = 0 m3/s must be above 0"),
        ({"T_in": [20.0, np.nan]}, "T_in at T_in = nan = nan is not a finite number"),
        ({"T_in": [20.0, 140.0]}, r"T_in = 140 degC is outside"),
        ({"heat": [100.0, -1.0]}, "heat at heat = -1.0 = -1 W must be from 0"),
        ({"heat": ["a", "b"]}, "must be numbers in W"),
        ({"heat": {"lid": 3.0}}, r"heat names blocks \['lid'\]"),
        ({"heat": xr.DataArray([1.0], dims="time")}, "constant in time"),
        ({"package": 3}, "package is 3"),
        ({"coolant": None}, "a ColdPlate also needs coolant"),
        ({"facility": WATER}, "a ColdPlate takes no 'facility'"),
        ({"keep": ["T_jun"]}, "keep takes no 'T_jun'; did you mean 'T_junction'"),
    ],
)
def test_what_it_refuses_of_a_plate(change, words):
    with pytest.raises(InputError, match=words):
        th.batch(**ON_PLATE | {"heat": 100.0, "flow": 1 * lpm, "T_in": 30.0} | change)


PIPE, CDU, RACK = th.load("pipes/steel_dn100"), th.load("cdus/vertiv_xdu1350"), th.load("racks/gb200_nvl72")


def network(racks=4, cdus=2, **laid):
    """CDUs side by side before racks on headers with pipes of their own."""
    return th.Network(coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)], branches=[
        *[th.Branch(f"cdu_{i}", CDU, "return", "supply") for i in range(cdus)],
        *th.manifold(racks * [RACK], "supply", "return", **{"pipe": PIPE, "spacing": 0.6} | laid)])  # fmt: skip


def of_row():
    return row(4).network()


def raised():
    """Coolant that weighs what it weighs, in rounds of jumps and control."""
    return of_row().raised({"supply": 3.0, "return": 1.0})


def unfolded():
    return network(2, 1, unfold=True)


@pytest.mark.compiled
@pytest.mark.parametrize("make", [of_row, network, unfolded, raised])
def test_points_of_a_network_are_those_of_steady(make):
    whole, rng = make(), np.random.default_rng(5)
    racks = 2 if make is unfolded else 4
    share = xr.DataArray(np.linspace(0.5, 1.5, racks), dims="rack")
    heat, T = rng.uniform(1e4, 1.5e5, 12), rng.uniform(5.0, 60.0, 12)
    flow = rng.uniform(0.0, 0.03, 12) * (np.arange(12) % 6 > 0)
    along = [xr.DataArray(values, dims="case") for values in (heat, T, flow)]
    points = th.batch(whole, heat=along[0] * share, facility=WATER, T=along[1], flow=along[2], progress=False)
    solved = 0
    for k in range(12):
        found, water = points.isel(case=k), th.Supply(T=T[k], flow=flow[k])
        try:
            point = th.steady(whole, heat=(heat[k] * share).values, facility=water)
        except ConvergenceError as error:
            point, said = None, str(error)
        if point is None or not point.converged:
            assert (found.status, found.converged) == ("not converged", False)
            assert str(found.error.values)[:13] == ("coolant boils" if point is not None else said[:13])
            assert np.isnan(found.T_case).all()
            continue
        solved += 1
        assert (found.status, found.error) == ("done", "")
        assert set(found.data_vars) == {*point.data_vars, "status", "error"}
        assert found.attrs == point.attrs
        for name in point.data_vars:
            assert found[name].dims == point[name].dims
            size = float(abs(point[name].astype(float)).max().fillna(0.0)) * 1e-10
            close = 1e-3 if name.startswith(("heat", "energy", "power", "site")) else SAME
            np.testing.assert_allclose(found[name], point[name], rtol=0, atol=close + size, err_msg=name)
    assert 4 <= solved <= 10


@pytest.mark.compiled
def test_axes_of_a_network_and_heat_by_name():
    points = th.batch(
        of_row(), heat=5e4, facility=WATER, T=[20.0, 26.0], flow=np.array([0.01, 0.02, 0.03]), progress=False
    )
    assert points.T_node.dims == ("T", "flow", "node")
    assert points.flow_result.dims == ("T", "flow", "branch")
    names = [b.name for b in of_row().branches if b.part == RACK]
    heat = {name: xr.DataArray([4e4, 5e4], {"load": [0.4, 0.5]}, "load") for name in names[:2]} | dict.fromkeys(
        names[2:], 6e4
    )
    by_name = th.batch(of_row(), heat=heat, facility=WATER, T=[20.0, 26.0], progress=False)
    alone = th.steady(of_row(), heat=heat | dict.fromkeys(names[:2], 5e4), facility=WATER)
    np.testing.assert_allclose(by_name.T_case.sel(load=0.5, T=26.0), alone.T_case, rtol=0, atol=SAME)
    labelled = xr.DataArray(np.full((2, 4), 5e4), {"branch": names, "load": [1, 2]}, ("load", "branch"))
    by_label = th.batch(of_row(), heat=labelled, facility=WATER, progress=False)
    alone = th.steady(of_row(), heat=5e4, facility=WATER)
    np.testing.assert_allclose(by_label.T_case.sel(load=2), alone.T_case, rtol=0, atol=SAME)


@pytest.mark.compiled
def test_a_network_needs_no_facility_where_a_node_holds_its_temperature():
    whole = th.Network(coolant=th.load("coolants/pg25"), nodes=[Node("cold", pressure=2e5, T=25.0)], branches=[
        th.Branch("pump", th.load("pumps/frontier_cdu"), "cold", "supply"),
        *th.manifold(2 * [RACK], "supply", "cold")])  # fmt: skip
    points = th.batch(whole, heat=xr.DataArray([2e4, 4e4], dims="case"), progress=False)
    alone = th.steady(whole, heat=4e4)
    np.testing.assert_allclose(points.T_case[1], alone.T_case, rtol=0, atol=SAME)
    assert points.attrs["facility"] == "none"
    with pytest.raises(InputError, match="T and flow are those of facility water"):
        th.batch(whole, heat=2e4, T=[20.0], progress=False)


@pytest.mark.compiled
def test_points_of_a_network_do_not_depend_on_blocks_and_threads(monkeypatch):
    T = xr.DataArray(np.linspace(10.0, 50.0, 41), dims="case")
    given = {"part": network(), "heat": 6e4, "facility": WATER, "T": T, "progress": False}
    whole = th.batch(**given, workers=1)
    monkeypatch.setattr("thermal.network.points.NUMBERS", 7 * 40)
    assert th.batch(**given, workers=2).identical(whole)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"facility": th.load("plants/generic_20mw")}, "facility is a Plant: a batch of loops or of a network needs"),
        ({"facility": None}, "have no facility water"),
        ({"T": [20.0, np.nan]}, "T at T = nan = nan is not a finite number"),
        ({"flow": [-1.0]}, "flow at flow = -1.0 = -1 m3/s must be from 0"),
        ({"heat": xr.DataArray([1e4, -1.0], dims="case")}, "heat at case 1 = -1 W must be from 0"),
        ({"heat": xr.DataArray([1e4, 2e4], {"time": [0.0, 60.0]}, ("time",))}, "constant in time"),
        ({"heat": {"rack7": 3e4}}, "no rack or package is called 'rack7'"),
        ({"heat": None}, "a Network also needs heat"),
        ({"heat": "hot"}, "heat"),
        ({"weather": 3}, "a Network takes no 'weather'"),
        ({"keep": ["T_cas"]}, "keep takes no 'T_cas'; did you mean 'T_case'"),
    ],
)
def test_what_it_refuses_of_a_network(change, words):
    with pytest.raises(InputError, match=words):
        th.batch(**{"part": of_row(), "heat": 50 * kW, "facility": WATER, "progress": False} | change)
