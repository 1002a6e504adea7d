"""Settings from a step: the plant read back from exact answers, the rule by hand, and a row that is calmer for it."""

import numpy as np
import pytest
import xarray as xr
from scipy.integrate import solve_ivp

import thermal as th
from thermal.errors import InputError
from thermal.network import tune
from thermal.network.tuning import FirstOrder, first_order, simc

ROW = th.load("loops/gb200_row").network()
WATER = th.Supply(T=24, flow=0.02, coolant=th.load("coolants/water"))


@pytest.mark.parametrize(("gain", "lag", "dead"), [(1.0, 20.0, 0.0), (0.3, 5.0, 12.0), (40.0, 100.0, 3.0)])
def test_a_plant_is_read_back_from_its_answer(gain, lag, dead):
    t = np.linspace(0.0, 12.0 * (lag + dead), 20001)
    y = gain * (1.0 - np.exp(-np.maximum(t - dead, 0.0) / lag))
    found = first_order(t, y)
    np.testing.assert_allclose(found, (gain, lag, dead), rtol=1e-3, atol=0.02)


def test_a_second_order_lag_is_nearly_what_the_half_rule_says():
    """Lags of 20 and 4 s: Skogestad's half rule has T = 22 and θ = 2 s; the answer's points say the same to 15 %."""
    run = solve_ivp(lambda t, x: [(1.0 - x[0]) / 20.0, (x[0] - x[1]) / 4.0], (0.0, 300.0), [0.0, 0.0], rtol=1e-10,
                    t_eval=np.linspace(0.0, 300.0, 3001))  # fmt: skip
    found = first_order(run.t, run.y[1])
    assert found.gain == pytest.approx(1.0, rel=1e-4)
    assert found.lag == pytest.approx(22.0, rel=0.15)
    assert found.lag + found.dead_time == pytest.approx(24.0, rel=0.05)  # the residence time is kept


@pytest.mark.parametrize(
    ("plant", "closed", "settings"),
    [
        (FirstOrder(1.0, 10.0, 1.0), 1.0, (5.0, 8.0)),  # T above 4 (τc + θ): integral time is cut
        (FirstOrder(0.5, 6.0, 2.0), 4.0, (2.0, 6.0)),
    ],
)
def test_the_rule_by_hand(plant, closed, settings):
    assert simc(plant, closed) == pytest.approx(settings)


def day(network, seconds=1800):
    heat = np.full((seconds, 8), 60e3)
    heat[60:] = 120e3
    trace = xr.DataArray(heat, {"time": np.arange(float(seconds))}, ("time", "rack"))
    return th.transient(network, heat=trace, facility=WATER, until=seconds, step=1, save=1)


def test_a_tuned_row_swings_less():
    """Racks from 60 to 120 kW: half the deviation at most, back within 0.25 K in two thirds of the time."""
    found = tune(ROW, "cdu/valve", heat=100e3, facility=WATER)
    before, after = (day(net).T_supply.values[60:, 0] - 32.0 for net in (ROW, found.network))
    assert np.abs(after).max() < 0.5 * np.abs(before).max()
    last = [int(np.flatnonzero(np.abs(e) > 0.25).max()) for e in (before, after)]
    assert last[1] < 2 / 3 * last[0]
    assert after.min() > -0.25  # no overshoot beyond the dead band


def test_the_closed_loop_is_as_fast_as_was_asked():
    """63 % of a change of set point within dead time and wanted time constant, 30 s, to 30 %."""
    found = tune(ROW, "cdu/valve", heat=100e3, facility=WATER, closed=30.0)
    cdu = found.network.branch("cdu").part
    still = cdu.replace(valve=found.control.replace(dead_band=0.0))
    net = found.network.replace(branches=tuple(
        b.replace(part=still) if b.name == "cdu" else b for b in found.network.branches))  # fmt: skip
    step = [th.network.set_point("cdu/valve", to=31.0, at=10)]
    run = th.transient(net, heat=100e3, facility=WATER, events=step, until=600, step=1, save=1)
    share = 32.0 - run.T_supply.values[:, 0]
    wanted = found.response.attrs["closed"] + found.response.attrs["dead_time"]
    assert np.argmax(share > 0.632) - 10 == pytest.approx(wanted, rel=0.3)


def test_what_was_tuned_is_said_and_late_sensors_count():
    found = tune(ROW, "cdu/valve", heat=100e3, facility=WATER)
    assert "tuned" in str(found.network.branch("cdu").part.valve)
    assert "SIMC" in found.control.origin.tuned[0]
    cdu = ROW.branch("cdu").part
    late = ROW.replace(branches=tuple(
        b.replace(part=cdu.replace(valve=cdu.valve.replace(dead_time=20.0, sample=4.0))) if b.name == "cdu" else b
        for b in ROW.branches))  # fmt: skip
    slow = tune(late, "cdu/valve", heat=100e3, facility=WATER)
    dead = [float(f.response.attrs["dead_time"]) for f in (found, slow)]
    assert dead[1] - dead[0] == pytest.approx(20.0 + 0.5 * (4.0 - 1.0), abs=1.0)
    assert slow.control.gain < 0.5 * found.control.gain


def test_a_step_within_the_stiction_moves_nothing_and_says_so():
    cdu = ROW.branch("cdu").part.replace(valve_stiction=0.03)
    stuck = ROW.replace(branches=tuple(b.replace(part=cdu) if b.name == "cdu" else b for b in ROW.branches))
    with pytest.raises(InputError, match="stiction"):
        tune(stuck, "cdu/valve", heat=100e3, facility=WATER)
    assert tune(stuck, "cdu/valve", heat=100e3, facility=WATER, step=0.05).control.gain > 0.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"controller": "cdu/pump"}, "cdu/pump"),
        ({"heat": 0.0}, "limit"),  # the valve at its lowest
        ({"facility": th.Supply(T=40, flow=0.02, coolant=th.load("coolants/water"))}, "stands at its limit"),
        ({"until": 60.0}, "longer until"),
        ({"until": 5.0}, "at least 20 intervals"),
        ({"step": 0.0}, "step = 0"),
        ({"closed": -1.0}, "closed = -1"),
        ({"facility": th.Supply(T=24, flow=0.02)}, "needs coolant"),
        ({"heat": xr.DataArray([1e5, 2e5], {"time": [0.0, 9.0]}, ("time",))}, "constant"),
    ],
)
def test_bad_questions(change, says):
    asked = {"controller": "cdu/valve", "heat": 100e3, "facility": WATER} | change
    with pytest.raises(InputError, match=says):
        tune(ROW, **asked)
