"""Leakage, throttling, smoothing, and the point at which a chip settles."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

import thermal as th
from thermal.components.chip import Leakage, PowerSmoothing, Throttling, best_supply, working_point
from thermal.errors import InputError

LEAK = Leakage(share=0.2, T_reference=60.0, rise=40.0)
SLOW = Throttling(T_limit=87.0, slope=0.05, lowest_clock=0.4, exponent=2.0)


def test_leakage_rises_and_doubles_where_it_should():
    T = np.linspace(20, 100, 50)
    assert (np.diff(LEAK.power(T, 1e3)) > 0).all()
    assert float(LEAK.leaking(60 + 40 * np.log(2))) == pytest.approx(2 * float(LEAK.leaking(60.0)))
    assert float(LEAK.factor(60.0)) == 1.0


def test_throttling_falls_from_its_limit_to_its_floor():
    T = np.linspace(60, 120, 200)
    clock = SLOW.clock(T)
    assert (np.diff(clock) <= 0).all()
    assert (clock[T <= 87.0] == 1.0).all()
    assert clock.min() == 0.4


@given(st.floats(10, 45), st.floats(300, 1200), st.floats(0.01, 0.05))
def test_the_point_satisfies_its_equation(T_in, power, R):
    found = working_point(T_in, power, R, leakage=LEAK, throttling=SLOW)
    T = float(found.T_junction)
    clock = min(max(1 - 0.05 * (T - 87), 0.4), 1)
    drawn = power * (0.8 * clock**2 + 0.2 * np.exp((T - 60) / 40))
    assert bool(found.converged)
    assert float(found.power) == pytest.approx(drawn, rel=1e-9)
    assert pytest.approx(T_in + R * drawn, abs=1e-6) == T


def test_the_point_against_a_root_finder():
    found = working_point(30.0, 1000.0, 0.03, leakage=LEAK)
    root = brentq(lambda T: T - 30 - 0.03 * 1000 * (0.8 + 0.2 * np.exp((T - 60) / 40)), 30, 90, xtol=1e-12)
    assert float(found.T_junction) == pytest.approx(root, abs=1e-9)


def test_without_laws_power_does_not_change():
    found = working_point([20.0, 60.0, 140.0], 1000.0, 0.05)
    np.testing.assert_allclose(found.T_junction, [70.0, 110.0, 190.0])
    assert (found.power == 1000.0).all()
    assert (found.clock == 1.0).all()


def test_warmer_supply_leaks_more_then_throttles():
    found = working_point(np.linspace(15, 60, 40), 1000.0, 0.04, leakage=LEAK, throttling=SLOW)
    assert (np.diff(found.T_junction) > 0).all()
    assert (np.diff(found.clock) <= 0).all()
    assert float(found.clock[0]) == 1.0
    assert float(found.clock[-1]) < 0.9


def test_runaway_is_said():
    hot = Leakage(share=0.5, T_reference=60.0, rise=15.0)
    found = working_point([20.0, 60.0], 1000.0, 0.05, leakage=hot)
    assert found.converged.values.tolist() == [False, False]
    assert bool(found.T_junction.isnull().all())
    with pytest.raises(InputError, match="runs away"):
        best_supply([50.0, 55.0, 60.0], lambda T: 1.1, 1000.0, 0.05, 4000.0, leakage=hot)


def test_best_supply_balances_plant_and_leakage():
    """e ∝ (1 + a·exp(−T/b))·(1 − s + s·exp(T/θ)) with no feedback (R → 0): the root of its derivative, by brentq."""
    law = Leakage(share=0.2, T_reference=0.0, rise=40.0)
    overhead = lambda T: 1 + 0.5 * np.exp(-T / 10)  # noqa: E731

    def slope(T):
        a, leak = 0.5 * np.exp(-T / 10), 0.2 * np.exp(T / 40)
        return -a / 10 * (0.8 + leak) + (1 + a) * leak / 40

    found = best_supply(np.arange(5.0, 45.0, 0.5), overhead, 1000.0, 1e-9, 4000.0, leakage=law)
    assert found.attrs["best"] == pytest.approx(brentq(slope, 1, 60), abs=0.02)
    assert found.attrs["flat_from"] < found.attrs["best"] < found.attrs["flat_to"]
    assert not found.attrs["at_edge"]


def test_without_leakage_the_warmest_is_best_until_it_throttles():
    overhead = lambda T: 1 + 0.5 * np.exp(-T / 10)  # noqa: E731
    supply = np.arange(20.0, 60.0)
    assert best_supply(supply, overhead, 1000.0, 0.04, 4000.0).attrs["at_edge"]
    slow = SLOW.replace(exponent=1.0)
    found = best_supply(supply, overhead, 1000.0, 0.04, 4000.0, leakage=LEAK, throttling=slow)
    assert found.attrs["best"] < 50.0


def asked(values, step=1.0):
    return xr.DataArray(np.asarray(values, float), {"time": step * np.arange(len(values))}, ("time",))


@given(
    st.lists(st.floats(0, 1000), min_size=3, max_size=40),
    st.floats(0, 0.9),
    st.sampled_from([70.0, 150.0, 200.0, 500.0]),
)
def test_smoothing_keeps_floor_ramp_and_energy(values, floor, ramp):
    load = asked(values)
    run = PowerSmoothing(rated_power=1000.0, floor=floor, ramp=ramp).smooth(load)
    assert float(abs(run.power.diff("time")).max()) <= ramp * (1 + 1e-9)
    assert float(run.power.min()) >= floor * 1000.0 - 1e-9
    np.testing.assert_allclose(run.power, load + run.power_burnt - run.power_withheld, atol=1e-9)
    assert float((run.power_burnt * run.power_withheld).max()) == 0.0


def test_a_steady_chip_burns_nothing():
    run = th.load("power_smoothings/blackwell").smooth(asked([900.0] * 5))
    assert float(run.power_burnt.sum() + run.power_withheld.sum()) == 0.0


@pytest.mark.parametrize("power", [500.0, asked([100.0, 2000.0]), asked([100.0, -1.0])])
def test_what_cannot_be_smoothed(power):
    with pytest.raises(InputError, match="power"):
        PowerSmoothing(rated_power=1000.0, ramp=200.0).smooth(power)


def test_wrong_inputs():
    for call, says in (
        (lambda: working_point(20.0, -1.0, 0.03), "power"),
        (lambda: working_point(20.0, 1e3, 0.0), "R_junction"),
        (lambda: working_point(20.0, 1e3, 0.03, leakage=0.2), "leakage"),
        (lambda: best_supply([20.0, 10.0, 5.0], lambda T: 1.1, 1e3, 0.03, 4e3), "T_supply"),
        (lambda: best_supply([20.0, 21.0, 22.0], lambda T: 0.9, 1e3, 0.03, 4e3), "overhead"),
        (lambda: best_supply([20.0, 21.0, 22.0], 1.2, 1e3, 0.03, 4e3), "overhead"),
        (lambda: best_supply([20.0, 21.0, 22.0], lambda T: 1.1, 1e3, 0.03, 0.0), "throughput"),
    ):
        with pytest.raises(InputError, match=says):
            call()
