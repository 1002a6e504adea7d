"""Stratified tanks: exact fronts, mixing that keeps heat, balances that close, and what is refused."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.hydronics import StratifiedTank
from thermal.errors import InputError
from thermal.physics.machines.stratified_tank import mix

WATER = th.load("coolants/water")
TANK = StratifiedTank(volume=10.0, height=3.0, mixing=0.0, coolant=WATER)
PORTS = {"top": 1.0, "bottom": 0.0}


def through(tank, flow, T_top, T_start, rows, **others):
    return tank.march(
        ports=PORTS, flow={"top": flow, "bottom": -np.asarray(flow)}, T_in={"top": T_top, "bottom": 20.0},
        step=np.full(rows, 30.0), T_start=T_start, **others,
    )  # fmt: skip


def test_a_front_goes_down_with_the_water():
    """Plug flow: after V of 10 m³ the front lies at 1 − V/10, within one and a half layers; the outlet sees it last."""
    run = through(TANK, np.full(600, 5e-4), 80.0, 40.0, 600)
    middle = 60.0
    for k in (100, 300, 500):
        T = run.T_layer.isel(time=k - 1)
        front = float(np.interp(middle, T.values, T.height.values))
        assert front == pytest.approx(1.0 - k * 30.0 * 5e-4 / 10.0, abs=1.5 / 60)
        assert int(((T > 42.0) & (T < 78.0)).sum()) <= 6  # sharp, also after hours
    assert float(run.T_port.sel(port="bottom")[-1]) == pytest.approx(40.0, abs=0.5)
    assert float(abs(run.energy_residual).max()) < 1e-9 * 4.1e6 * 5e-4 * 40


def test_there_and_back_brings_the_front_back():
    flow = np.r_[np.full(200, 5e-4), np.full(100, -5e-4)]
    run = through(TANK, flow, 80.0, 40.0, 300)
    T = run.T_layer.isel(time=-1)
    assert float(np.interp(60.0, T.values, T.height.values)) == pytest.approx(0.85, abs=1.5 / 60)


def test_cold_water_at_the_top_plunges_to_its_level():
    """Water of 60 °C enters a tank of 80 over 40 °C at the top: all above the front mixes, and nothing below."""
    start = xr.DataArray([40.0, 40.0, 80.0, 80.0], {"height": [0.0, 0.5, 0.501, 1.0]}, ("height",))
    run = through(TANK, np.full(40, 5e-4), 60.0, start, 40)
    T = run.T_layer.isel(time=-1).values
    assert (np.diff(T) >= -1e-12).all()
    assert T[-1] == pytest.approx(T[35], abs=1e-9)  # mixed
    assert T[-1] == pytest.approx((5.0 * 80.0 + 0.6 * 60.0) / 5.6, abs=0.3)
    assert T[10] == pytest.approx(40.0, abs=1e-9)


def test_a_mixed_tank_cools_as_an_exponential():
    tank = TANK.replace(layers=1, loss=500.0)
    run = tank.march(ports=PORTS, flow={}, T_in={}, T_start=80.0, step=np.full(2000, 60.0), T_around=20.0)
    p = WATER.properties(80.0)
    rate = 500.0 / (10.0 * p.density * p.heat_capacity)
    np.testing.assert_allclose(run.T_layer[:, 0], 20 + 60 * np.exp(-rate * 60.0 * np.arange(1, 2001)), atol=0.05)
    assert float(abs(run.energy_residual).max()) < 1e-6


def test_conduction_spreads_a_front_by_the_root_of_time():
    """A step of ±1 relaxes as erf(z / 2√(a t)): its slope in the middle is 1/√(π a t)."""
    tank = TANK.replace(mixing=50.0, layers=200)
    start = xr.DataArray([39.0, 39.0, 41.0, 41.0], {"height": [0.0, 0.4999, 0.5001, 1.0]}, ("height",))
    run = tank.march(ports=PORTS, flow={}, T_in={}, T_start=start, step=np.full(100, 36.0))
    p = WATER.properties(40.0)
    a = 50.0 * p.conductivity / (p.density * p.heat_capacity)
    T = run.T_layer.isel(time=-1).values
    slope = (T[100] - T[99]) / (3.0 / 200)
    assert slope == pytest.approx(1.0 / np.sqrt(np.pi * a * 3600.0), rel=0.01)


def test_tanks_in_series_are_one_column_without_mixing_between():
    two = StratifiedTank(volume=10.0, height=3.0, tanks=2, mixing=0.0, coolant=WATER)
    ports = {"top": 2.0, "bottom": 0.0}
    start = xr.DataArray([60.0, 60.0, 40.0, 40.0], {"height": [0.0, 0.999, 1.001, 2.0]}, ("height",))
    still = two.march(ports=ports, flow={}, T_in={}, T_start=start, step=np.full(10, 60.0))
    assert float(still.T_layer.sel(height=0.9, method="nearest")[-1]) == 60.0  # warm below cold, in another tank
    moved = two.march(ports=ports, flow={"top": 1e-3, "bottom": -1e-3}, T_in={"top": 40.0}, T_start=start,
                      step=np.full(100, 60.0))  # fmt: skip
    assert float(moved.T_layer.sel(height=0.05, method="nearest")[-1]) < 60.0  # 40 °C fell to the bottom and mixed
    assert float(abs(moved.energy_residual).max()) < 1e-4


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=30))
def test_mixing_is_stable_and_keeps_heat(values):
    T = np.array(values)
    mix(T, 0, T.size, np.empty(T.size), np.empty(T.size))
    assert (np.diff(T) >= 0.0).all()
    assert T.sum() == pytest.approx(sum(values), rel=1e-12, abs=1e-9)
    stable = np.sort(np.array(values))
    again = stable.copy()
    mix(again, 0, again.size, np.empty(again.size), np.empty(again.size))
    np.testing.assert_array_equal(again, stable)  # what is stable stays


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ports": {}}, "ports has no port"),
        ({"ports": {"top": 1.5, "bottom": 0.0}}, "port top = 1.5 must be from 0 to 1"),
        ({"flow": {"top": 1e-3}}, "in row 0 the flows of its ports add up to 0.001 m3/s"),
        ({"flow": {"tap": 1e-3}}, "takes no 'tap'"),
        ({"T_in": {}}, "water enters at port 'top', so T_in needs its temperature"),
        ({"T_in": {"top": 150.0}}, "T_in of top"),
        ({"T_start": "warm"}, "T_start"),
        ({"flow": {"top": np.full(3, 1e-3), "bottom": np.full(2, -1e-3)}}, "have other lengths"),
        ({"step": 0.0}, "step = 0 s must be above 0"),
    ],
)
def test_what_is_refused(change, words):
    base = {
        "ports": PORTS,
        "flow": {"top": 1e-3, "bottom": -1e-3},
        "T_in": {"top": 60.0},
        "T_start": 40.0,
        "step": 60.0,
    }
    with pytest.raises(InputError, match=words):
        TANK.march(**(base | change))
