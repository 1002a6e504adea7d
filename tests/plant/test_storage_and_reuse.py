"""Tanks, heat reuse and wetted pads: exact solutions, closure, bounds."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.cooling.heat_pump import HeatReuse
from thermal.components.cooling.precooling import pad_water, precooled
from thermal.components.hydronics.tank import Tank
from thermal.errors import InputError
from thermal.units import MW

WATER = th.load("coolants/water")
SCHEDULE = np.where(np.arange(48) % 24 < 8, 0.02, -0.01)


def test_mixed_tank_relaxes_as_its_exponential():
    tank = Tank(volume=100.0, layers=1, coolant=WATER)
    hours = 6
    run = tank.shift(load=np.zeros(hours), flow=np.full(hours, 0.01), T_supply=10.0, T_return=20.0)
    exact = 10.0 + 10.0 * np.exp(-0.01 * 3600.0 * np.arange(1, hours + 1) / 100.0)
    np.testing.assert_allclose(run.T_tank_top, exact, atol=0.01)


@pytest.mark.parametrize("layers", [1, 5, 40])
@pytest.mark.parametrize("loss", [0.0, 500.0])
def test_tank_closes(layers, loss):
    tank = Tank(volume=500.0, layers=layers, loss=loss, coolant=WATER)
    run = tank.shift(load=np.full(48, 1 * MW), flow=SCHEDULE, T_supply=12.0, T_return=22.0)
    assert float(abs(run.energy_residual).max()) < 1e-9 * MW
    assert float(run.T_tank_bottom.min()) >= 12.0 - 1e-9
    assert float(run.T_tank_top.max()) <= 22.0 + 1e-9
    assert float(run.heat.min()) >= 0.0


def test_stratification_keeps_more_cold():
    """The same charge and discharge: more layers take more off the peak."""
    peaks = []
    for layers in (1, 4, 40):
        tank = Tank(volume=600.0, layers=layers, coolant=WATER)
        run = tank.shift(load=np.full(24, 1 * MW), flow=SCHEDULE[:24], T_supply=12.0, T_return=22.0)
        peaks.append(float(run.heat[8:].sum()))
    assert peaks[0] > peaks[1] > peaks[2]


def test_discharge_never_exceeds_the_load():
    tank = Tank(volume=1000.0, layers=10, coolant=WATER)
    run = tank.shift(load=np.full(24, 1e5), flow=np.full(24, -0.1), T_supply=12.0, T_return=22.0, T_start=12.0)
    assert float(run.heat.min()) >= -1e-6


def test_tank_moves_load_of_a_plant():
    plant, year = th.load("plants/generic_20mw"), th.weather(th.load("climates/chicago")).isel(time=slice(4344, 4392))
    tank = Tank(volume=3000.0, layers=30, coolant=WATER)
    shifted = tank.shift(load=np.full(48, 15 * MW), flow=10 * SCHEDULE, T_supply=24.0, T_return=34.0)
    run = th.annual(plant, it_power=15 * MW, heat=shifted.heat.to_numpy(), weather=year)
    assert float(run.heat[0]) > float(run.heat[12])


def test_a_tank_takes_the_step_of_its_load():
    """By hand: 36 m³ an hour into a mixed tank; rows of three hours and rows of one at a time are one tank."""
    tank = Tank(volume=400.0, layers=1, coolant=WATER)
    time = np.datetime64("2026-01-01", "ns") + 3 * np.arange(4) * np.timedelta64(1, "h")
    load = xr.DataArray(np.zeros(4), {"time": time}, ("time",), attrs={"units": "kW", "interval": 3600.0})
    run = tank.shift(load=load, flow=np.full(4, 0.01), T_supply=10.0, T_return=20.0)
    exact = 10.0 + 10.0 * np.exp(-0.01 * 3 * 3600.0 * np.arange(1, 5) / 400.0)
    np.testing.assert_allclose(run.T_tank_top, exact, atol=0.02)
    assert run.attrs["interval"] == 3 * 3600.0
    assert run.time.equals(load.time)
    with pytest.raises(InputError, match="step = 3600 s, but the times of load are 10800 s apart"):
        tank.shift(load=load, flow=np.full(4, 0.01), T_supply=10.0, T_return=20.0, step=3600.0)


def test_machines_are_held_by_the_real_step_of_the_weather():
    """Weather every third hour that says it was hourly: six hours of hold are two rows, as where it states three."""
    plant = th.load("plants/generic_20mw").replace(chiller_hold=6 * 3600.0)
    hours = th.weather(th.load("climates/chicago")).isel(time=slice(4000, 4096))
    third = hours.isel(time=slice(None, None, 3))
    load = np.where(np.arange(32) % 4 == 0, 20 * MW, 12 * MW)
    told = th.annual(
        plant, it_power=load, T_supply=14.0, weather=third.drop_vars("time").assign_attrs(interval=3 * 3600.0)
    )
    found = th.annual(plant, it_power=load, T_supply=14.0, weather=third)
    as_hours = th.annual(plant, it_power=load, T_supply=14.0, weather=third.drop_vars("time"))
    assert found.attrs["interval"] == 3 * 3600.0
    np.testing.assert_array_equal(found.chillers_running, told.chillers_running)
    np.testing.assert_array_equal(found.site_power, told.site_power)
    assert int(as_hours.chillers_running.sum()) > int(found.chillers_running.sum())  # six rows are held there


@given(
    volume=st.floats(1, 3000), layers=st.integers(1, 60), loss=st.sampled_from([0.0, 500.0, 2e4]),
    flows=st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=12), load=st.floats(1e4, 2e6), T=st.floats(5, 25),
    span=st.floats(1, 20), full=st.floats(0, 1), T_around=st.floats(-10, 40), step=st.sampled_from([60.0, 3600.0]),
)  # fmt: skip
def test_any_schedule_closes_and_stays_in_bounds(
    volume, layers, loss, flows, load, T, span, full, T_around, step
):  # fmt: skip
    """Energy closes to 1e-9, no layer leaves the range of its sources, the plant is never asked to heat."""
    tank = Tank(volume=volume, layers=layers, loss=loss, coolant=WATER)
    run = tank.shift(load=np.full(len(flows), load), flow=np.array(flows), T_supply=T, T_return=T + span,
                     T_around=T_around, step=step, T_start=T + full * span)  # fmt: skip
    scale = max(float(run.heat.max()), float(abs(run.energy_content_change).max()), 1.0)
    assert float(abs(run.energy_residual).max()) <= 1e-9 * scale
    coldest, warmest = (T, T + span) if loss == 0.0 else (min(T, T_around), max(T + span, T_around))
    for name in ("T_tank_bottom", "T_tank_top"):
        assert coldest - 1e-9 <= float(run[name].min()) <= float(run[name].max()) <= warmest + 1e-9
    assert float(run.heat.min()) >= -1e-6


@given(heat=st.floats(0, 2e7), demand=st.floats(0, 2e7), T=st.floats(5, 95), T_district=st.floats(20, 110))
def test_any_reuse_closes_and_stays_in_bounds(heat, demand, T, T_district):
    """The district gets drawn heat and power, never more than wanted, installed or there; COP below Carnot's."""
    reuse = HeatReuse(capacity=1e7, T_district=T_district)
    run = reuse.operate(heat=heat, demand=demand, T_source=T)
    given_off, power, left = (float(run[name][0]) for name in ("heat_reused", "heat_pump_power", "heat"))
    assert heat - left + power == pytest.approx(given_off, rel=1e-9, abs=1e-6)
    assert 0.0 <= given_off <= min(demand, 1e7) * (1.0 + 1e-12)
    assert left >= -1e-9 * max(heat, 1.0)
    assert power <= given_off * (1.0 + 1e-12)
    if T_district > T:  # W >= Q·(T_h - T_c)/T_h
        assert power >= given_off * (T_district - T) / (T_district + 273.15) * (1.0 - 1e-12)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"heat": -1.0}, "heat must lie"),
        ({"heat": np.nan}, "heat = nan"),
        ({"demand": -5.0}, "demand must lie"),
        ({"demand": "5"}, "demand = '5'"),
        ({"T_source": -300.0}, "T_source must lie"),
        ({"T_source": np.nan}, "T_source = nan"),
        ({"T_source": True}, "T_source = True"),
    ],
)
def test_bad_reuse_input(wrong, says):
    with pytest.raises(InputError, match=says):
        HeatReuse(capacity=1 * MW, T_district=70.0).operate(**{"heat": 1e6, "demand": 1e6, "T_source": 40.0, **wrong})


def test_bad_tank_input():
    tank = Tank(volume=10.0, coolant=WATER)
    with pytest.raises(InputError, match="T_supply = 22 degC must be below"):
        tank.shift(load=np.zeros(2), flow=np.zeros(2), T_supply=22.0, T_return=12.0)
    good = {"load": np.zeros(2), "flow": np.zeros(2), "T_supply": 12.0, "T_return": 22.0}
    for wrong, says in (
        ({"T_start": np.nan}, "T_start = nan"), ({"step": 0.0}, "step = 0 s"), ({"T_around": np.inf}, "T_around = inf"),
        ({"T_supply": "10"}, "T_supply = '10'"), ({"load": -np.ones(2)}, "load.* = -1 W must be"),
        ({"T_start": 500.0}, "outside the range of coolant"), ({"load": [True, True]}, "load = "),
    ):  # fmt: skip
        with pytest.raises(InputError, match=says):
            tank.shift(**{**good, **wrong})
    with pytest.raises(InputError, match="finite"):
        tank.shift(load=np.array([np.nan]), flow=np.zeros(1), T_supply=12.0, T_return=22.0)


def test_reuse_balances_and_stays_below_carnot():
    reuse = HeatReuse(capacity=10 * MW, T_district=75.0)
    T = np.array([25.0, 40.0, 60.0, 90.0])
    run = reuse.operate(heat=np.full(4, 5 * MW), demand=np.full(4, 4 * MW), T_source=T)
    drawn = 5 * MW - run.heat
    np.testing.assert_allclose(run.heat_reused, drawn + run.heat_pump_power, rtol=1e-12)
    carnot = 348.15 / (75.0 - T[:3])
    assert bool((run.heat_reused[:3] < run.heat_pump_power[:3] * carnot).all())
    assert np.all(np.diff(run.heat_pump_power) < 0.0)
    assert float(run.heat_pump_power[-1]) == 0.0, "90 °C passes an exchanger"
    small = reuse.operate(heat=1 * MW, demand=9 * MW, T_source=40.0)
    assert float(small.heat[0]) == pytest.approx(0.0, abs=1e-6)


def test_pads_cool_the_air_and_use_water():
    cooler = th.load("dry_coolers/two_speed_700kw")
    plant = th.Plant(design_load=0.7 * MW, T_supply=34.0, coolant=WATER, pump=th.DutyPump(flow=0.024, head=2e5),
                     rejection=cooler)  # fmt: skip
    before = th.weather(th.load("climates/golden")).isel(time=slice(4500, 5000))
    after = precooled(before, effectiveness=0.8, T_on=18.0)
    assert bool((after.T_dry_bulb >= after.T_wet_bulb - 1e-9).all())
    dry, wet = (th.annual(plant, it_power=0.6 * MW, weather=w) for w in (before, after))
    assert float(wet.power.sel(end_use="dry_cooler_fans").sum()) < float(dry.power.sel(end_use="dry_cooler_fans").sum())
    water = pad_water(wet, before, after, cooler).water_make_up
    assert float(water.min()) == 0.0
    assert float(water.max()) > 0.0
    with pytest.raises(InputError, match="frost"):
        precooled(before, T_on=-5.0)


def test_reuse_by_hand():
    """Source 40 °C, district 70 °C, 3 K of pinch: f·346.15/36 = 5.2884 of heat per unit of power."""
    run = HeatReuse(capacity=2 * MW, T_district=70.0).operate(heat=5 * MW, demand=1 * MW, T_source=40.0)
    COP = 0.55 * 346.15 / 36.0
    assert float(run.heat_pump_power[0]) == pytest.approx(1e6 / COP, rel=1e-12)
    assert float(run.heat[0]) == pytest.approx(5e6 - 1e6 * (1.0 - 1.0 / COP), rel=1e-12)
    bare = HeatReuse(capacity=2 * MW, T_district=70.0, pinch=0.0, carnot_fraction=0.4)
    run = bare.operate(heat=5 * MW, demand=1 * MW, T_source=40.0)
    assert float(run.heat_pump_power[0]) == pytest.approx(1e6 * 30.0 / (0.4 * 343.15), rel=1e-12)


def test_reuse_is_bounded_by_what_is_there_installed_and_wanted():
    """1 MW of heat gives 1/(1 - 1/COP) MW; capacity and demand cap it; COP falls to 1 and not below."""
    reuse = HeatReuse(capacity=2 * MW, T_district=70.0)
    COP = 0.55 * 346.15 / 36.0
    scarce = reuse.operate(heat=1 * MW, demand=9 * MW, T_source=40.0)
    assert float(scarce.heat_reused[0]) == pytest.approx(1e6 / (1.0 - 1.0 / COP), rel=1e-12)
    assert float(reuse.operate(heat=9 * MW, demand=9 * MW, T_source=40.0).heat_reused[0]) == 2e6
    resistive = HeatReuse(capacity=2 * MW, T_district=120.0, carnot_fraction=0.1)
    run = resistive.operate(heat=9 * MW, demand=1 * MW, T_source=5.0)
    assert float(run.heat_pump_power[0]) == pytest.approx(1e6), "0.1·396.15/121 is below 1"
    edge = HeatReuse(capacity=2 * MW, T_district=60.0)
    powers = [float(edge.operate(heat=9e6, demand=1e6, T_source=T).heat_pump_power[0]) for T in (65.9, 66.0)]
    assert powers[0] == pytest.approx(1e6 * 0.1 / (0.55 * 336.15), rel=1e-9)
    assert powers[1] == 0.0, "two pinches above the district an exchanger does it"


def test_reuse_takes_water_from_0_to_120_degrees():
    reuse = HeatReuse(capacity=2 * MW, T_district=70.0)
    for T in (0.0, 120.0):
        assert float(reuse.operate(heat=0.0, demand=0.0, T_source=T).heat_reused[0]) == 0.0
    for T in (-0.1, 120.1):
        with pytest.raises(InputError, match=r"T_source must lie in \[0, 120\] degC"):
            reuse.operate(heat=1e6, demand=1e6, T_source=T)
    with pytest.raises(InputError, match="series along time"):
        reuse.operate(heat=np.ones((2, 2)), demand=1e6, T_source=40.0)


def test_charging_cools_from_below_and_draws_on_the_plant():
    """Half a tank of 10 °C water pushed under 20 °C water: the cold stays below, the plant has cooled what left.

    Heat to the plant: load + c·(T_top - T_supply), with ρ·c_p of the mean of supply and return, 15 °C.
    """
    tank = Tank(volume=36.0, layers=40, coolant=WATER)
    run = tank.shift(load=np.full(1, 1e5), flow=np.full(1, 0.005), T_supply=10.0, T_return=20.0)
    p = WATER.properties(15.0)
    moved = float(p.density * p.heat_capacity) * 0.005 * 10.0
    assert float(run.heat[0]) == pytest.approx(1e5 + moved, rel=1e-3)
    assert float(run.energy_content_change[0]) == pytest.approx(-moved, rel=1e-3)
    assert float(run.T_tank_bottom[0]) == pytest.approx(10.0, abs=0.05)
    assert float(run.T_tank_top[0]) == pytest.approx(20.0, abs=0.05)
    assert float(run.energy_residual[0]) == pytest.approx(0.0, abs=1e-6)


def test_discharge_serves_the_load_from_below():
    """A cold tank takes its flow's share of the load: load - c·(T_return - T_bottom), the top warms."""
    tank = Tank(volume=36.0, layers=40, coolant=WATER)
    run = tank.shift(load=np.full(1, 1e6), flow=np.full(1, -0.005), T_supply=10.0, T_return=20.0, T_start=10.0)
    p = WATER.properties(15.0)
    moved = float(p.density * p.heat_capacity) * 0.005 * 10.0
    assert float(run.heat[0]) == pytest.approx(1e6 - moved, rel=1e-3)
    assert float(run.energy_content_change[0]) == pytest.approx(moved, rel=1e-3)
    assert float(run.T_tank_bottom[0]) == pytest.approx(10.0, abs=0.05)
    assert float(run.T_tank_top[0]) == pytest.approx(20.0, abs=0.05)


@pytest.mark.parametrize("layers", [1, 10])
def test_a_standing_tank_warms_as_its_exponential(layers):
    """C·dT/dt = -U·(T - T_around): 12 °C water in 30 °C air, and the surroundings' heat shows in the balance."""
    tank = Tank(volume=1.0, layers=layers, loss=200.0, coolant=WATER)
    run = tank.shift(load=np.zeros(6), flow=np.zeros(6), T_supply=12.0, T_return=22.0, T_around=30.0, T_start=12.0)
    p = WATER.properties(17.0)
    C = float(p.density * p.heat_capacity)
    T = 30.0 - 18.0 * np.exp(-200.0 * 3600.0 * np.arange(1, 7) / C)
    tolerance = 0.01 if layers == 1 else 0.3  # a layered tank takes few sub-steps
    np.testing.assert_allclose(run.T_tank_top, T, atol=tolerance)
    np.testing.assert_allclose(run.T_tank_bottom, T, atol=tolerance)
    assert bool((run.energy_content_change > 0.0).all())
    np.testing.assert_allclose(run.energy_residual, 0.0, atol=1e-6)
