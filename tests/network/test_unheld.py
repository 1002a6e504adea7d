"""A set point that a CDU cannot reach is said: of supply temperature and of pressure, in loops and in networks."""

import numpy as np
import pytest

import thermal as th
from thermal.units import kPa, kW, lpm

ROW = th.load("loops/gb200_row")
HIGH = ROW.replace(cdu=ROW.cdu.replace(differential_pressure=300 * kPa))  # pumps reach 124 kPa at full speed


def steady(part, T):
    return th.steady(part, heat=120 * kW, facility=th.Supply(T=T, flow=1241 * lpm))


@pytest.mark.parametrize("part", [ROW, ROW.network()], ids=["loop", "network"])
@pytest.mark.parametrize(("T", "missed"), [(26.0, False), (29.0, False), (31.0, True), (38.0, True)])
def test_water_too_warm_for_the_set_point(part, T, missed):
    """The exchanger's approach at full flow is 2.24 K (water of 38 leaves 40.24): 29 holds 32 degC, 31 does not."""
    run = steady(part, T)
    assert bool(run.supply_unheld.all()) == missed
    assert bool((run.T_supply > 32.05).all()) == missed
    assert not run.pressure_unheld.any()


@pytest.mark.parametrize("part", [HIGH, HIGH.network()], ids=["loop", "network"])
def test_pumps_too_weak_for_the_set_point(part):
    run = steady(part, 26.0)
    assert run.pressure_unheld.all()
    assert not run.supply_unheld.any()


@pytest.mark.parametrize("T", [31.0, 33.0, 38.0])
def test_a_network_rests_with_its_valve_wide_open_as_its_loop_does(T):
    """No dead band kicks the valve out of its rest: 1e-7 K (1 mK before)."""
    loop, network = steady(ROW, T), steady(ROW.network(), T)
    assert float(np.nanmax(network.valve_opening)) == 1.0
    np.testing.assert_allclose(network.T_supply, loop.T_supply, atol=1e-7)


@pytest.mark.parametrize("kind", ["loop", "network"])
def test_stopped_pumps_hold_no_pressure(kind):
    part = ROW if kind == "loop" else ROW.network()
    pump = ROW.cdu.pumps[0]
    events = [th.stop(pump, at=20), th.stop(pump, at=20)] if kind == "loop" else [th.stop("cdu", at=20)]
    run = th.transient(part, heat=100 * kW, facility=th.Supply(T=24, flow=1241 * lpm), events=events, until=60, step=1,
                       save=10)  # fmt: skip
    assert run.pressure_unheld.values.ravel().tolist() == 2 * [False] + 4 * [True]
    assert "unheld_share" in th.pue(th.ledger(run)).attrs
    assert "of the time a CDU does not reach its set points (pressure_unheld 0.667)" in th.pue(th.ledger(run)).caveats


def test_the_set_point_of_the_moment_counts():
    """28 degC is held with water of 24; 20 degC from 30 s on is out of reach."""
    row = ROW.replace(cdu=ROW.cdu.replace(T_supply=28.0)).network()
    colder = [th.network.set_point("cdu/valve", to=20.0, at=30)]
    run = th.transient(row, heat=100 * kW, facility=th.Supply(T=24, flow=1241 * lpm), events=colder, until=600, step=1,
                       save=10)  # fmt: skip
    assert not run.supply_unheld[:3].any()
    assert run.supply_unheld[-10:].all()
