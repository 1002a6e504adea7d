"""A tank of ice: where heat goes, what a layer of ice resists, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.hydronics import IceTank
from thermal.errors import InputError
from thermal.physics.machines.ice_tank import CP_ICE, CP_WATER, FUSION

BRINE = th.load("coolants/pg40")
TANK = IceTank(mass=1000.0, conductance=5e3, ice_resistance=2e-4, brine=BRINE)


@given(st.lists(st.tuples(st.floats(-15, 25), st.floats(0, 5e-3)), min_size=1, max_size=12), st.floats(0, 1))
def test_heat_in_is_heat_stored_and_brine_stays_between(rows, ice):
    T_in, flow = (np.array(column) for column in zip(*rows, strict=True))
    run = TANK.march(T_in=T_in, flow=flow, step=1800.0, ice=ice)
    scale = np.abs(run.heat).max() + 1.0
    rounded = 1e-12 * 1000.0 * FUSION / 1800.0  # W: what hundreds of additions to the heat of the ice round off
    assert float(np.abs(run.energy_residual).max()) < 1e-9 * float(scale) + rounded
    assert ((run.ice >= 0) & (run.ice <= 1)).all()
    low, high = min(0.0, T_in.min()) - 1e-9, max(0.0, T_in.max()) + 1e-9
    assert ((run.T_tank >= low) & (run.T_tank <= high)).all()
    assert ((run.T_brine_out >= low) & (run.T_brine_out <= high)).all()
    assert run.T_brine_out[flow == 0.0].values == pytest.approx(T_in[flow == 0.0], abs=1e-9)


def test_all_of_it_from_warm_water_to_cold_ice_by_hand():
    """From 10 °C water to −5 °C ice: 1000 kg (4205·10 + 333 427 + 2050·5) J/kg, taken out by much brine for long."""
    run = TANK.march(T_in=np.full(200, -5.0), flow=np.full(200, 0.02), step=3600.0, T_start=10.0)
    by_hand = 1000.0 * (CP_WATER * 10 + FUSION + CP_ICE * 5)
    assert float(-run.heat.sum() * 3600.0) == pytest.approx(by_hand, rel=1e-3)
    assert float(run.T_tank[-1]) == pytest.approx(-5.0, abs=0.05)
    assert float(run.ice[-1]) == 1.0


@pytest.mark.parametrize(("ice", "T_in"), [(0.0, -4.0), (0.5, -4.0), (0.5, 8.0), (1.0 - 1e-9, 8.0)])
def test_the_brine_leaves_by_the_layer_of_its_time(ice, T_in):
    """ε = 1 − e^(−NTU) with 1/UA + R ln(1 + 9 s)/ln 10, s ice that grows or melt, melt conducting 2.2/0.561 less."""
    run = TANK.march(T_in=[T_in], flow=[2e-3], step=1e-3, ice=ice)
    share, worse = (ice, 1.0) if T_in < 0 else (1 - ice, 2.2 / 0.561)
    R = 1 / 5e3 + 2e-4 * math.log10(1 + 9 * share) * worse
    p = BRINE.properties(T_in)
    C = p.density * p.heat_capacity * 2e-3
    assert float(run.T_brine_out[0]) == pytest.approx(T_in * math.exp(-1 / (R * C)), rel=1e-6)


def test_steps_do_not_matter():
    coarse = TANK.march(T_in=np.full(6, -5.0), flow=np.full(6, 1e-3), step=3600.0, ice=0.1)
    fine = TANK.march(T_in=np.full(720, -5.0), flow=np.full(720, 1e-3), step=30.0, ice=0.1)
    assert float(coarse.ice[-1]) == pytest.approx(float(fine.ice[-1]), rel=1e-4)  # pieces of 5 and of 30 s


def test_more_conducting_melt_melts_faster():
    slow = TANK.march(T_in=[10.0] * 4, flow=[1e-3] * 4, step=3600.0, ice=0.6)
    fast = TANK.replace(melt_conductivity=3.0).march(T_in=[10.0] * 4, flow=[1e-3] * 4, step=3600.0, ice=0.6)
    assert (fast.ice < slow.ice).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ice": None}, "either ice"),
        ({"T_start": 5.0}, "either ice"),
        ({"ice": 1.2}, "ice"),
        ({"T_in": [float("nan"), 0.0]}, "T_in"),
        ({"T_in": [-55.0, 0.0]}, "within the"),
        ({"flow": [-1e-3, 0.0]}, "flow"),
        ({"flow": [1e-3] * 3}, "shape"),
        ({"step": None}, "step"),
        ({"step": -1.0}, "step"),
    ],
)
def test_bad_input_is_named(change, says):
    given = {"T_in": [-4.0, -4.0], "flow": [1e-3, 1e-3], "step": 600.0, "ice": 0.2}
    with pytest.raises(InputError, match=says):
        TANK.march(**(given | change))
