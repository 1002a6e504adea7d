"""Stores of cold in the dispatch: two prices by hand, never worse than the rule, within bounds, one way at a time."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.accounting.cost import cost
from thermal.components.hydronics import ThermalStore
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.power import by_price, cooling_of, least_cost
from thermal.units import kWh

TIME = {"time": 3600.0 * np.arange(24)}
MWH = 3.6e9


def series(values):
    return xr.DataArray(np.broadcast_to(np.asarray(values, float), 24).copy(), TIME, ("time",))


def cooled(heat, effort, **others):
    columns = {"heat": heat, "cooling_effort": effort, **others}
    return xr.Dataset({name: series(values) for name, values in columns.items()})


TWO = series([0.05] * 12 + [0.20] * 12) / kWh
LOAD, COOLING = series(5e6), cooled(4e6, 0.2)


def bill(run, price, demand_charge=0.0):
    return float(cost(run.grid_power, price, demand_charge=demand_charge).cost)


def held(run, store, cooling):
    """What every run must hold, whoever planned it."""
    assert float(run.cold_level.min()) >= -1e-12
    assert float(run.cold_level.max()) <= 1.0 + 1e-12
    assert float((run.cold_charge * run.cold_discharge).max()) == 0.0
    assert float(run.cold_charge.max()) <= store.charge_power * (1 + 1e-12)
    assert bool((run.cold_discharge <= np.minimum(cooling.heat, store.discharge_power) * (1 + 1e-12)).all())
    assert float(abs(run.cold_residual).max()) <= 1e-9 * store.energy
    moved = cooling.cooling_effort * (store.charge_effort * run.cold_charge - run.cold_discharge)
    np.testing.assert_allclose(run.cold_power, moved, atol=1e-6)


@pytest.mark.parametrize("effort", [1.0, 1.4])
def test_two_prices_by_hand(effort):
    """8 MWh of cold are made at 0.05 with 0.2·f and save 0.2 at 0.20: 8000 (0.2·0.20 − 0.2·f·0.05)."""
    store = ThermalStore(energy=8 * MWH, charge_power=2e6, discharge_power=2e6, charge_effort=effort)
    expected = bill(xr.Dataset({"grid_power": LOAD}), TWO) - 8000 * 0.2 * (0.20 - effort * 0.05)
    for run in (
        least_cost(LOAD, None, TWO, store=store, cooling=COOLING),
        by_price(LOAD, None, TWO, low=0.06 / kWh, high=0.19 / kWh, store=store, cooling=COOLING),
    ):
        assert bill(run, TWO) == pytest.approx(expected, rel=1e-9)
        held(run, store, COOLING)


def test_what_leaks_is_gone():
    """One hour charged, eleven hours held, one given back: the leak takes 1/(1 + λΔt) each hour."""
    store = ThermalStore(energy=2 * MWH, charge_power=1e6, discharge_power=2e6, leak=0.02 / 3600)
    price = series([0.01] + [0.1] * 11 + [1.0] + [0.1] * 11) / kWh
    run = by_price(LOAD, None, price, low=0.02 / kWh, high=0.9 / kWh, store=store, cooling=COOLING)
    assert float(run.cold_discharge[12]) == pytest.approx(1e6 / 1.02**12, rel=1e-12)
    assert float(run.cold_loss[0]) == pytest.approx(0.02 * 1e6 / 1.02, rel=1e-12)
    held(run, store, COOLING)


def test_the_programme_is_never_worse_than_the_rule_with_and_without_a_battery():
    random = np.random.default_rng(12)
    for day in range(100):
        price = series(random.uniform(0.01, 0.3, 24)) / kWh
        load = series(random.uniform(2e6, 5e6, 24))
        cooling = cooled(random.uniform(0.0, 4e6, 24), random.uniform(0.05, 0.4, 24))
        store = ThermalStore(
            energy=random.uniform(1.0, 9.0) * MWH, charge_power=random.uniform(0.5e6, 3e6), discharge_power=2e6,
            leak=random.uniform(0.0, 0.01) / 3600, charge_effort=random.uniform(1.0, 1.5),
        )  # fmt: skip
        battery = Battery(power=1e6, energy=random.uniform(1.1, 6.0) * MWH, loss=0.05) if day % 2 else None
        low, high = np.sort(random.choice(price.values, 2, replace=False))
        rule = by_price(load, battery, price, low=low, high=high, store=store, cooling=cooling)
        best = least_cost(load, battery, price, store=store, cooling=cooling)
        assert bill(best, price) <= bill(rule, price) * (1 + 1e-9)
        assert bill(best, price) == pytest.approx(best.attrs["planned_cost"], rel=1e-9)
        for run in (rule, best):
            held(run, store, cooling)
            assert float(run.grid_power.min()) >= -1e-6
            if battery:
                assert float((run.charge_power * run.discharge_power).max()) == 0.0
                assert float(abs(run.storage_residual).max()) < 1e-9 * battery.energy
        np.testing.assert_allclose(best.power, load)


def test_a_demand_charge_is_met_by_both_together():
    """A peak of 2 MW over 4 MW for an hour: 1 MW from the battery, 0.4 MW from 2 MW of cold at 0.2."""
    load = series([4e6] * 10 + [6e6] + [4e6] * 13)
    store = ThermalStore(energy=4 * MWH, charge_power=1e6, discharge_power=2e6)
    run = least_cost(
        load, Battery(power=1e6, energy=2 * MWH), 0.1 / kWh, demand_charge=10e-3, store=store, cooling=COOLING
    )
    assert float(run.grid_power.max()) == pytest.approx(4.6e6, rel=1e-9)
    assert "ThermalStore" in run.attrs["models"]
    assert "Battery" in run.attrs["models"]


def test_negative_prices_and_cheap_charging_go_one_way_at_a_time():
    store = ThermalStore(energy=4 * MWH, charge_power=2e6, discharge_power=2e6, charge_effort=0.5)
    run = least_cost(LOAD, None, series([-0.05] * 6 + [0.1] * 18) / kWh, store=store, cooling=COOLING)
    held(run, store, COOLING)


def test_the_plants_capacity_bounds_charging():
    store = ThermalStore(energy=8 * MWH, charge_power=2e6, discharge_power=2e6)
    bounded = cooled(4e6, 0.2, capacity=4.5e6)
    run = least_cost(LOAD, None, TWO, store=store, cooling=bounded)
    assert float(run.cold_charge.max()) == pytest.approx(0.5e6)
    assert bill(run, TWO) > bill(least_cost(LOAD, None, TWO, store=store, cooling=COOLING), TWO)


def test_a_plants_year_gives_its_cooling():
    weather = th.weather(th.load("climates/chicago")).isel(time=slice(4400, 4424))
    year = th.annual(th.load("plants/generic_20mw"), it_power=20e6, weather=weather)
    cooling = cooling_of(year)
    np.testing.assert_allclose(cooling.cooling_effort * cooling.heat, year.site_power - 20e6, rtol=1e-12)
    tank = th.components.hydronics.Tank(volume=2000.0, coolant=th.load("coolants/water"))
    store = ThermalStore.of_water(tank, T_supply=18.0, T_return=28.0, flow=0.1, usable=0.9)
    price = xr.where(weather.time.dt.hour < 8, 0.05, 0.2) / kWh
    run = least_cost(year.site_power, None, price, store=store, cooling=cooling)
    assert float(cost(run.grid_power, price).cost) < float(cost(year.site_power, price).cost)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"store": None, "battery": None}, "battery is missing"),
        ({"store": None, "battery": Battery(power=1e6, energy=MWH)}, "cooling is given without a store"),
        ({"cooling": None}, "needs cooling = a Dataset with heat"),
        ({"cooling": COOLING[["heat"]]}, "needs cooling = a Dataset with heat"),
        ({"cooling": COOLING.isel(time=slice(0, 12))}, "cooling has other times than power"),
        ({"cooling": cooled(-1.0, 0.2)}, "cooling.heat"),
        ({"store": "tank"}, "store is 'tank'"),
    ],
)
def test_what_is_refused(change, words):
    store = ThermalStore(energy=8 * MWH, charge_power=2e6, discharge_power=2e6)
    given = {"power": LOAD, "battery": None, "price": TWO, "store": store, "cooling": COOLING} | change
    with pytest.raises(InputError, match=words):
        least_cost(**given)


def test_stores_by_their_enthalpy():
    tank = th.components.hydronics.Tank(volume=1000.0, coolant=th.load("coolants/water"), loss=100.0)
    water = ThermalStore.of_water(tank, T_supply=10.0, T_return=20.0, flow=0.05)
    assert water.energy == pytest.approx(1000 * 999.1 * 4189 * 10, rel=2e-3)
    assert water.leak == pytest.approx(100.0 * 10.0 / water.energy)
    with pytest.raises(InputError, match="T_supply = 20 degC must be below"):
        ThermalStore.of_water(tank, T_supply=20.0, T_return=20.0, flow=0.05)
    ice = th.components.hydronics.IceTank(
        mass=1000, conductance=1e4, ice_resistance=1e-4, brine=th.load("coolants/pg40")
    )
    made = ThermalStore.of_ice(ice, charge_power=1e5, discharge_power=1e5, charge_effort=1.3)
    assert made.energy == pytest.approx(333.43e6, rel=1e-4)
