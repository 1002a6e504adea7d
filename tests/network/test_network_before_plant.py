"""Networks before a plant: the day of the loop that they are, heat handed over to the last joule, events of both."""

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError
from thermal.network import Joint, in_time, reopen, warm
from thermal.units import MW, hour, kPa, kW

mpl.use("Agg")

LOOP = th.load("loops/gb200_row")
NETWORK = LOOP.network()
WEATHER = th.weather(th.load("climates/chicago")).isel(time=slice(24 * 190 + 12, 24 * 190 + 20))
WHOLE = th.load("towers/yorkcalc_24mw")
PLANT = th.Plant(
    design_load=1.1 * MW, T_supply=24.0, coolant=th.load("coolants/water"),
    pump=th.DutyPump(flow=0.0317, head=250 * kPa),
    chiller=th.load("chillers/lift_r1234ze_4mw").replace(capacity=600 * kW, condenser_flow=0.0), chillers=3,
    rejection=WHOLE.replace(cells=2, water_flow=WHOLE.water_flow / 20, air_flow=WHOLE.air_flow / 20,
                            fan_power=WHOLE.fan_power / 20),
    condenser_pump=th.DutyPump(flow=0.051, head=180 * kPa),
)  # fmt: skip
CHILLER = [th.stop(PLANT.chiller, at=2000.0), th.restart(PLANT.chiller, at=5000.0)]
PUMPS = [th.stop(PLANT.pump, at=1800.0), th.restart(PLANT.pump, at=1950.0)]
EVENTS = [
    CHILLER[0], th.clog("rack3", to=0.4, at=607.0), th.close("rack5", at=903.0), reopen("rack5", at=1201.0),
    th.stop("cdu/pump_1", at=1500.0), *PUMPS,
]  # fmt: skip


def swinging(hours):
    times = np.arange(0.0, hours * hour, 60.0)
    return xr.DataArray(80 * kW + 30 * kW * np.sin(times / 1500.0), {"time": times}, ("time",))


def site(**places):
    rows = th.load("sites/generic_20mw").scaled(880 * kW)
    return th.Site(it_power=880 * kW, plant=PLANT, room=rows.room, power_chain=rows.power_chain, **places)


def same(network, loops, T=1e-6, power=1e-9):
    """Temperatures to `T` kelvin, powers to `power`, as written down before the first run."""
    for name in ("T_case", "T_junction", "T_rack_return"):
        np.testing.assert_allclose(network[name].sel(branch="rack3"), loops[name].isel(rack=2), atol=T, rtol=0)
    for name in ("T_facility_supply", "T_facility_return", "T_tower_supply"):
        np.testing.assert_allclose(network[name], loops[name], atol=T, rtol=0, err_msg=name)
    np.testing.assert_array_equal(network.end_use, loops.end_use)
    np.testing.assert_allclose(network.power, loops.power, rtol=power, atol=1e-6)
    np.testing.assert_array_equal(network.chillers_running, loops.chillers_running)
    np.testing.assert_allclose(network.flow_bypass, loops.flow_bypass, atol=1e-9)


@pytest.mark.compiled
def test_a_day_before_a_plant_is_that_of_the_loop():
    conditions = {"heat": swinging(4), "facility": PLANT, "weather": WEATHER, "events": CHILLER}
    loop, network = (th.transient(part, **conditions) for part in (LOOP, NETWORK))
    same(network, loop)
    assert set(network.chillers_running.values) >= {1.0, 2.0}
    assert float(th.pue(th.ledger(network))) == pytest.approx(float(th.pue(th.ledger(loop))), rel=1e-12)
    assert network.attrs["plant_step"] == loop.attrs["plant_step"] == 10.0
    top, _ = th.plots.day(network)
    assert "cdu pumps" in top.get_legend().get_texts()[1].get_text()


@pytest.mark.compiled
def test_every_joule_given_in_a_plant_step_enters_the_plant_in_it(monkeypatch):
    """At steps of 1 s before a plant of 10 s, with faults on both sides: what left is what came, to round-off."""
    taken, make = [], in_time.water_of

    def spied(facility):
        water = make(facility)
        take = water.take
        water.take = lambda begin, step: (taken.append(step.heat), take(begin, step))
        return water

    monkeypatch.setattr(in_time, "water_of", spied)
    run = th.transient(NETWORK, heat=swinging(0.7), facility=PLANT, weather=WEATHER, step=1.0, events=EVENTS)
    given = run.heat_to_facility.values
    np.testing.assert_allclose(np.reshape(taken, (len(given), -1)).mean(axis=1), given, rtol=1e-12, atol=1e-6)
    assert float(abs(run.energy_residual).max()) <= 1e-9 * 880 * kW  # of network and plant together
    assert float(run.mass_residual.max()) <= 1e-9
    drawn = run.flow_facility.sel(time=slice(1860, 1920))
    assert float(drawn.max()) < 1e-9 < float(run.flow_facility[-1])
    assert abs(float(run.flow.sel(branch="rack5", time=960))) < 1e-9 < float(run.flow.sel(branch="rack5", time=1260))
    hotter = run.T_case.sel(time=900)
    assert float(hotter.sel(branch="rack3")) > float(hotter.sel(branch="rack4")) + 3.0
    assert float(run.pump_speed.sel(branch="cdu/pump_1")[-1]) == 0.0
    assert 1800.0 < float(th.time_to_limit(run).sel(branch="rack1")) < 1950.0  # while the facility pump stood


@pytest.mark.compiled
def test_rest_before_a_plant():
    conditions = {"heat": 110 * kW, "facility": PLANT, "weather": WEATHER.isel(time=3)}
    same(th.steady(NETWORK, **conditions), th.steady(LOOP, **conditions))


@pytest.mark.compiled
def test_a_site_of_a_network_is_that_of_its_loop():
    """Room units and power chain included."""
    conditions = {"heat": 110 * kW, "weather": WEATHER.isel(time=3)}
    loop, network = (th.steady(site(**place), **conditions) for place in ({"loops": (LOOP,)}, {"network": NETWORK}))
    same(network, loop)
    assert float(network.heat_room) == pytest.approx(float(loop.heat_room), rel=1e-9)
    run = th.transient(site(network=NETWORK), **conditions, until=600.0)
    np.testing.assert_allclose(run.site_power, float(loop.site_power), rtol=1e-3)
    book = th.ledger(run)
    assert {"room_fans", "electrical_losses", "cdu_pumps"} <= set(map(str, book.end_use.values))


@pytest.mark.compiled
def test_a_stepper_before_a_plant_comes_back():
    conditions = {"heat": 100 * kW, "facility": PLANT, "weather": WEATHER.isel(time=3), "until": 1200.0}
    whole = th.transient(NETWORK, **conditions)
    case = th.verbs.stepper(NETWORK, **conditions)
    case.advance(300)
    before = case.save()
    warm_supply = float(case.advance(900, T_supply=28.0, heat=50 * kW).T_facility_supply)
    case.restore(before)
    last = case.advance(1200)
    np.testing.assert_array_equal(last.T_case, whole.T_case.isel(time=-1))
    np.testing.assert_array_equal(case.result().power, whole.power)
    assert warm_supply > float(whole.T_facility_supply[14]) + 0.5
    case.restore(before)
    with pytest.raises(InputError, match="T_supply"):
        case.advance(360, T=20.0)


@pytest.mark.compiled
@pytest.mark.slow
def test_reduced_plates_follow_as_in_the_loop():
    plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=4e-4, fin_width=2e-4, channel_depth=2e-3, base=1e-3,
                         metal=th.load("materials/copper"), homogenised=True)  # fmt: skip
    rack = LOOP.racks[0].replace(design_drop=400e3, cold_plate=plate)
    small = th.reduce(rack, coolant=LOOP.coolant, T_in=32.0, cells=th.Cells(6, 1, 2, 1))
    loop = LOOP.replace(racks=(small, small.replace(packages=70)))
    heat = xr.DataArray([60 * kW, 80 * kW, 70 * kW], {"time": [0.0, 60.0, 120.0]}, ("time",))
    a, b = (th.transient(part, heat=heat, facility=th.Supply(T=26, flow=0.02)) for part in (loop, loop.network()))
    for i, name in enumerate(("rack1", "rack2")):
        for field in ("T_case", "T_junction", "margin", "T_case_peak"):
            np.testing.assert_allclose(b[field].sel(branch=name), a[field].isel(rack=i), atol=1e-6, err_msg=field)
        assert bool((b.T_junction > b.T_case).sel(branch=name).all())
    np.testing.assert_array_equal(b.outside_range.sel(branch=["rack1", "rack2"]).any("branch"), a.outside_range)


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ({"events": [warm("cdu", to=30.0, at=60)]}, ["'cdu'", "the plant"]),
        ({"events": 4 * [th.stop(PLANT.chiller, at=60)]}, ["chiller", "none runs"]),
        ({"events": [th.stop(PLANT.chiller, at=60), th.stop("cdu/pomp_1", at=60)]}, ["pomp_1", "did you mean"]),
        ({"events": [th.stop(LOOP.cdu.pumps[0], at=60)]}, ["names"]),
        ({"weather": None}, ["weather"]),
        ({"facility": th.load("tower_plants/frontier")}, ["TowerPlant", "th.Plant"]),
        ({"facility": LOOP.cdu}, ["Cdu", "th.Supply"]),
    ],
)
def test_bad_conditions_are_explained(conditions, says):
    given = {"heat": 1e5, "facility": PLANT, "weather": WEATHER.isel(time=3), "until": 120.0} | conditions
    with pytest.raises(InputError) as found:
        th.transient(NETWORK, **given)
    assert all(word in str(found.value) for word in says), str(found.value)


def test_what_a_march_of_one_network_does_not_know_is_refused():
    joint = Joint("exchanger", hot="row:cdu/loss", cold="plant:plates")
    with pytest.raises(InputError, match="'exchanger'"):
        th.steady(NETWORK.replace(joints=(joint,)), heat=1e5, facility=th.Supply(T=26, flow=0.02))
    with pytest.raises(InputError, match="constant in time"):
        th.steady(NETWORK, heat=swinging(1), facility=th.Supply(T=26, flow=0.02))


def test_a_site_with_loops_and_a_network_is_refused():
    with pytest.raises(InputError, match="not both"):
        site(network=NETWORK, loops=(LOOP,))
