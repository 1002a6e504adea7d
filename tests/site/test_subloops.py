"""CDUs in subloops: partitions counted, one state by hand, groups of equals, and what cannot be run."""

import time

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import InputError
from thermal.physics.machines.exchanger import exchange
from thermal.physics.machines.pump import GRAVITY
from thermal.site.subloops import Subloops, partitions

WATER = th.load("coolants/water")
PLANT = th.load("tower_plants/frontier").completed(coolant=WATER)
GROUP = th.load("loops/frontier_group")
SMALL = th.load("towers/yorkcalc")
CELLS, FLOW = PLANT.trains * PLANT.cells, PLANT.trains * PLANT.train_tower_flow
TOWER = SMALL.replace(
    water_flow=FLOW, air_flow=FLOW / SMALL.water_flow * SMALL.air_flow, fan_power=CELLS * PLANT.fan_power, cells=CELLS
)
FLOWS = np.geomspace(2.5e-3, 15e-3, 12)
DAYS = th.weather(th.load("climates/dulles"), seed=7).isel(time=slice(4000, 4048))


def _subloops(heat, **more):
    given = {
        "cdu": GROUP.cdu, "plant": PLANT, "tower": TOWER, "coolant": GROUP.coolant, "T_limit": 36.0, "flows": FLOWS,
        "rack_flow": 0.0151,
    } | more  # fmt: skip
    return Subloops(xr.DataArray(heat, dims=("time", "cdu")), DAYS, **given)


def _heat(seed=1, cdus=6):
    random = np.random.default_rng(seed)
    return 2e5 + 4e5 * random.random((48, cdus))


def test_partitions_of_twenty_five_into_two_to_six():
    """12, 52, 120, 192 and 235 partitions of 25 into 2 to 6 parts: tables of p(n, k)."""
    counts = [sum(1 for _ in partitions(25, k, k)) for k in range(2, 7)]
    assert counts == [12, 52, 120, 192, 235]
    assert sum(counts) == 611
    assert all(sum(p) == 25 and list(p) == sorted(p, reverse=True) for p in partitions(25, 2, 6))


def test_one_state_by_hand():
    """Flow, temperatures and pumps from their equations, with all trains of the group running."""
    heat = np.full((48, 4), 5e5)
    S = _subloops(heat)
    k, q = 8, FLOWS[8]
    rate, racks = rho_cp(WATER, 25.0), 0.0151 * rho_cp(GROUP.coolant, 30.0)
    law = GROUP.cdu.exchanger.law(rho_cp(GROUP.coolant, 30.0), rate)
    over = 5e5 / exchange(law, racks, q * rate) - 5e5 / racks
    rise = 5e5 / (q * rate)
    share = 4 * q / (PLANT.trains * PLANT.train_hot_flow)
    assert S.needed[k] == pytest.approx(share)
    C, C_cold = PLANT.train_hot_flow * rate * share, PLANT.train_tower_flow * rate  # all trains run: the last of three
    approach = rise * (C / exchange(PLANT.exchanger.law(rate, rate), C, C_cold) - 1.0)
    T_tower = 36.0 - over - approach
    fans = float(
        S._fan_power(np.array([[rise * C / C_cold]]), np.array([[T_tower]]), DAYS.T_wet_bulb.values[:1, None])[0, 0]
    )
    drop = (
        GROUP.cdu.primary_linear * q + GROUP.cdu.valve_drop * (q / GROUP.cdu.valve_flow) ** 2
        + PLANT.piping_drop * share**2 + PLANT.exchanger_hot_drop
    )  # fmt: skip
    hot = 4 * q * drop / (PLANT.hot_pump.efficiency * PLANT.hot_pump.drive_efficiency)
    rho = float(WATER.properties(25.0).density)
    head = PLANT.tower_loop_drop + PLANT.tower_lift * GRAVITY * rho
    tower = FLOW * head / (PLANT.tower_pump.efficiency * PLANT.tower_pump.drive_efficiency)
    assert S.power(0, 4)[0, k] <= hot + tower + fans + 1e-6  # fewer trains may take less
    assert S.pump[k] * 4 == pytest.approx(hot, rel=1e-12)
    assert S.tower_pumps == pytest.approx(tower, rel=1e-12)
    given = S.power(0, 4, np.full(48, T_tower - 0.5))
    assert given[0, k] >= S.power(0, 4)[0, k]  # colder tower water costs fans
    assert _subloops(heat).power(0, 4, np.full(48, T_tower + 0.5))[0, k] > 1e9  # warmer breaks the limit


def test_groups_of_equals_take_what_one_loop_takes():
    S = _subloops(np.repeat(_heat(cdus=1), 6, axis=1))
    table = S.least()
    whole = S.of((6,), table)
    for sizes in ((3, 3), (4, 2), (2, 2, 1, 1)):
        assert S.of(sizes, table) == pytest.approx(whole, rel=1e-9)


def test_least_is_the_least_over_flows_and_the_table_adds_up():
    S = _subloops(_heat())
    table = S.least()
    assert S.of((6,), table) == pytest.approx(float(S.power(0, 6).min(axis=1).mean()), rel=1e-12)
    parts = S.power(0, 2).min(axis=1) + S.power(2, 6).min(axis=1)
    assert S.of((2, 4), table) == pytest.approx(float(parts.mean()), rel=1e-12)
    assert float(table.states_unmet.max()) == 0.0
    assert (np.diff(S.heat.mean(axis=0)) <= 0.0).all()


def test_a_lower_limit_costs_more_and_an_impossible_one_is_counted():
    means = [_subloops(_heat(), T_limit=T).least().power_mean.values[0, 6] for T in (40.0, 36.0, 34.0)]
    assert means[0] < means[1] < means[2]
    hot = _subloops(_heat(), T_limit=22.0).least()
    assert 0.5 < float(hot.states_unmet.max()) < 1.0
    assert np.isinf(hot.power_mean.values[0, 6])


def test_what_cannot_be_used_is_named():
    S = _subloops(_heat())
    table = S.least()
    with pytest.raises(InputError, match="do not add up to 6"):
        S.of((3, 2), table)
    with pytest.raises(InputError, match="weather has 48 times, heat has 20"):
        _subloops(_heat()[:20])
    with pytest.raises(InputError, match="numbers that rise"):
        _subloops(_heat(), flows=[0.01, 0.005])
    with pytest.raises(InputError, match="coolant open"):
        _subloops(_heat(), plant=th.load("tower_plants/frontier"))


@pytest.mark.slow
def test_all_partitions_of_twenty_five_cdus_over_a_year_of_states():
    """611 partitions × 8760 states; limit 10 minutes on two cores, set before the run."""
    random = np.random.default_rng(7)
    heat = xr.DataArray(3.6e5 * (0.5 + random.random((8760, 25))), dims=("time", "cdu"))
    year = th.weather(th.load("climates/dulles"), seed=7)
    start = time.perf_counter()
    S = Subloops(
        heat, year, cdu=GROUP.cdu, plant=PLANT, tower=TOWER, coolant=GROUP.coolant, T_limit=40.0,
        flows=np.geomspace(2e-3, 16e-3, 25), rack_flow=0.0151,
    )  # fmt: skip
    table = S.least()
    means = [S.of(sizes, table) for sizes in partitions(25, 2, 6)]
    assert time.perf_counter() - start < 600.0
    assert len(means) == 611
    assert np.isfinite(means).all()
