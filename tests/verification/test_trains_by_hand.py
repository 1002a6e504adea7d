"""Trains of exchangers and towers in one step, by hand: water, heat stored, powers."""

import pytest

import thermal as th
from thermal.physics.kernel import zero_record
from thermal.physics.plant.trains import EVAPORATION, PLANT_STATE, plant_heat, plant_step

PLANT = th.load("tower_plants/frontier")
WATER = th.load("coolants/water")


def start(**values):
    net, state = PLANT.net(WATER), zero_record(PLANT_STATE)
    given = {"T_hot": 34.0, "T_cold": 26.0, "T_basin": 22.0, "fan": 0.5, "trains": 2, "held": 1e9}
    for name, value in given.items():
        setattr(state, name, value)
    for name, value in values.items():
        setattr(net, name, value)
    return net, state


def test_heat_stored_is_that_of_three_volumes():
    net, state = start()
    stored = net.hot_capacity * 34.0 + net.cold_capacity * 26.0 + net.basin_capacity * 22.0
    assert plant_heat(net, state) == pytest.approx(stored, rel=1e-15)


@pytest.mark.parametrize(("cycles", "drift"), [(5.0, 1e-5), (3.0, 1e-5), (50.0, 1e-3)])
def test_make_up_replaces_what_evaporates_drifts_and_is_drained(cycles, drift):
    """E + E/(N − 1) where that is more than the drift D, else E + D."""
    net, state = start(cycles=cycles, drift=drift)
    *_, evaporated, made_up, _ = plant_step(net, state, 0.3, 2e5, 36.0, 15.0, 15.0)
    drifted = drift * net.density * net.train_cold_flow * 2
    assert evaporated > 0.0
    assert made_up == pytest.approx(evaporated + max(evaporated / (cycles - 1.0), drifted), rel=1e-12)


def test_a_step_keeps_its_heat():
    """Stored heat changes by what the hot water brings, what the pumps add and what the towers give off."""
    net, state = start()
    before, drawn, flow = plant_heat(net, state), state.T_cold, 0.3
    _, _, _, rejected, evaporated, _, pumped = plant_step(net, state, flow, 2e5, 36.0, 15.0, 15.0)
    gained = (net.rho_cp * flow * (36.0 - drawn) + pumped - rejected) * 15.0
    assert plant_heat(net, state) - before == pytest.approx(gained, rel=1e-9)
    warmed = state.T_tower_return - state.T_basin  # by exchangers and pumps, from the 22 °C of the basin before
    leaving = state.T_tower_return - rejected / (net.rho_cp * net.train_cold_flow * 2)
    circulated = net.density * net.train_cold_flow * 2
    assert evaporated == pytest.approx(EVAPORATION * circulated * (22.0 + warmed - leaving), rel=1e-9)
