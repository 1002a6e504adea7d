"""Dispatch against an optimum worked out by hand, and the programme against the rule."""

import numpy as np
import pytest
import xarray as xr

from thermal.accounting.cost import cost
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.power.dispatch import by_price, least_cost
from thermal.units import kW, kWh

TIME = {"time": 3600.0 * np.arange(24)}


def series(values):
    return xr.DataArray(np.broadcast_to(np.asarray(values, float), 24).copy(), TIME, ("time",))


TWO = series([0.05] * 12 + [0.20] * 12) / kWh
LOAD = series(5e6)


def bill(run, price, demand_charge=0.0):
    return float(cost(run.grid_power, price, demand_charge=demand_charge).cost)


@pytest.mark.parametrize("loss", [0.0, 0.05, 0.1])
def test_two_prices_by_hand(loss):
    """One cycle: (highest − lowest)·E is bought at 0.05/η and sold at 0.20·η; rule and programme both find it."""
    battery = Battery(power=1e6, energy=4 * 3.6e9, loss=loss, lowest=0.1, highest=0.9)
    plain, eta, held = float(cost(LOAD, TWO).cost), 1 - loss, 0.8 * 4000.0
    expected = plain - held * (0.20 * eta - 0.05 / eta)
    assert bill(least_cost(LOAD, battery, TWO), TWO) == pytest.approx(expected, rel=1e-9)
    assert bill(by_price(LOAD, battery, TWO, low=0.06 / kWh, high=0.19 / kWh), TWO) == pytest.approx(expected, rel=1e-9)


def test_prices_too_close_for_the_losses():
    """0.10 and 0.12: a round trip of 0.81 loses more than it earns, so the best is to rest."""
    close = series([0.10] * 12 + [0.12] * 12) / kWh
    battery = Battery(power=1e6, energy=4 * 3.6e9, loss=0.1)
    run = least_cost(LOAD, battery, close)
    assert float(run.charge_power.max()) == pytest.approx(0.0, abs=1e-6)
    assert bill(run, close) == pytest.approx(float(cost(LOAD, close).cost), rel=1e-12)


def test_the_programme_is_never_worse_than_the_rule():
    random = np.random.default_rng(11)
    for _ in range(100):
        price = series(random.uniform(0.01, 0.3, 24)) / kWh
        load = series(random.uniform(0.5e6, 5e6, 24))
        battery = Battery(
            power=1e6, energy=random.uniform(1.1, 6.0) * 3.6e9, loss=random.uniform(0, 0.1), standby_power=1e3
        )
        low, high = np.sort(random.choice(price.values, 2, replace=False))
        rule = by_price(load, battery, price, low=low, high=high)
        best = least_cost(load, battery, price)
        assert bill(best, price) <= bill(rule, price) * (1 + 1e-9)
        for run in (rule, best):
            assert float(run.state_of_charge.min()) >= battery.lowest - 1e-9
            assert float(run.state_of_charge.max()) <= battery.highest + 1e-9
            assert float((run.charge_power * run.discharge_power).max()) == 0.0
            assert float(run.grid_power.min()) >= -1e-6
        assert float(best.limit_missed.max()) <= 1e-6 * battery.power
        standby = float((price * 1e3 * 3600).sum())
        assert bill(best, price) == pytest.approx(best.attrs["planned_cost"] + standby, rel=1e-9)


def test_a_demand_charge_lowers_the_peak():
    """One peak of 6 MW among 4 MW: 1 MW for an hour is shaved, and nothing is gained beyond the rated power."""
    load = series([4e6] * 10 + [6e6] + [4e6] * 13)
    run = least_cost(load, Battery(power=1e6, energy=2 * 3.6e9), 0.1 / kWh, demand_charge=10 / kW)
    assert float(run.grid_power.max()) == pytest.approx(5e6, rel=1e-9)


def test_negative_prices_do_not_charge_and_discharge_at_once():
    price = series([-0.05] * 6 + [0.1] * 18) / kWh
    battery = Battery(power=1e6, energy=2 * 3.6e9, loss=0.1)
    run = least_cost(LOAD, battery, price)
    assert float((run.charge_power * run.discharge_power).max()) == 0.0
    assert float(run.limit_missed.max()) <= 1e-6 * battery.power


def test_losses_that_grow_with_the_rate_are_run_by_the_law():
    battery = Battery(power=1e6, energy=4 * 3.6e9, loss=0.02, rate_loss=0.05 * 3600)
    run = least_cost(LOAD, battery, TWO)
    assert float(abs(run.storage_residual).max()) <= 1e-12 * battery.energy
    assert float(run.state_of_charge.max()) <= 1.0
    assert bill(run, TWO) < float(cost(LOAD, TWO).cost)


def test_wrong_inputs():
    battery = Battery(power=1e6, energy=4 * 3.6e9)
    with pytest.raises(InputError, match="low"):
        by_price(LOAD, battery, TWO, low=1e-7, high=1e-8)
    with pytest.raises(InputError, match="battery"):
        least_cost(LOAD, "big", TWO)
    with pytest.raises(InputError, match="demand_charge"):
        least_cost(LOAD, battery, TWO, demand_charge=-1)
