"""Counting CDUs: at the point of a data sheet by hand, each limit once, and what is told of both states."""

import numpy as np
import pytest

import thermal as th
from thermal.errors import InputError
from thermal.network import select_cdus
from thermal.units import MW, kPa, kW

NAME = "cdus/motivair_mcdu70"
CDU = th.load(NAME)
RATED = CDU.exchanger  # 2500 kW, 4 K, 62.5 and 64.7 L/s
DUTY = {
    "heat": 2499 * kW, "flow": RATED.flow_hot, "differential_pressure": 130 * kPa, "T_supply": 45.0, "T_facility": 41.0,
    "coolant": th.load("coolants/pg25"), "facility_coolant": th.load("coolants/water"),
}  # fmt: skip


def count(cdu=CDU, **change):
    return select_cdus({NAME: cdu}, **(DUTY | change)).sel(model=NAME)


def test_at_the_rating_one_is_just_enough():
    """The heat of the sheet at its flows and temperatures, and in proportion to supply over facility."""
    table = count()
    assert (int(table.cdus_needed), int(table.cdus_installed)) == (1, 2)
    assert float(table.capacity[1]) == pytest.approx(2500 * kW, rel=5e-3)  # of water by its own properties
    assert float(table.flow_primary[1]) == pytest.approx(CDU.valve_flow, rel=0.01)
    twice = count(T_facility=37.0)
    assert float(twice.capacity[1]) == pytest.approx(2.0 * float(table.capacity[1]), rel=2e-3)


@pytest.mark.parametrize(
    ("change", "needed", "lacks"),
    [
        ({"heat": RATED.rated_heat}, 1, "nothing: one is enough"),  # the very point of the sheet
        ({"heat": RATED.rated_heat * (1.0 + 1e-6)}, 2, "heat"),
        ({"heat": 2530 * kW}, 2, "heat"),
        ({"flow": 2.01 * 39e-3, "T_facility": 35.0}, 2, "flow"),  # the catalogue of each of two pumps ends at 39 L/s
        ({"differential_pressure": 250 * kPa}, 1, "nothing: one is enough"),  # 36.3 m less 100 kPa inside are 258 kPa
        ({"differential_pressure": 265 * kPa}, 2, "pressure"),
        ({"differential_pressure": 700 * kPa}, 0, "pressure"),  # above shut-off, 483 kPa
        ({"heat": 5 * MW, "flow": 2 * RATED.flow_hot, "facility_flow": 1.8 * RATED.flow_cold}, 4, "facility flow"),
        ({"heat": 5 * MW, "flow": 2 * RATED.flow_hot, "facility_flow": 1.0 * RATED.flow_cold}, 0, "facility flow"),
    ],
)
def test_what_sets_the_number(change, needed, lacks):
    table = count(**change)
    assert (int(table.cdus_needed), str(table.lacks.values)) == (needed, lacks)
    assert int(table.cdus_installed) == (needed + 1 if needed else 0)
    assert np.isnan(table.heat).all() == (needed == 0)


def test_balances_of_both_states():
    """Each shares heat and flow; the primary side takes up what the secondary side gives."""
    table = count(heat=9 * MW, flow=0.24, T_facility=40.0, spare=2)
    n = np.array([int(table.cdus_installed), int(table.cdus_needed)])
    assert n[0] == n[1] + 2
    np.testing.assert_allclose(table.heat * n, 9 * MW, rtol=1e-12)
    np.testing.assert_allclose(table.flow * n, 0.24, rtol=1e-12)
    water = th.load("coolants/water").properties(40.0)
    taken = water.density * water.heat_capacity * table.flow_primary * (table.T_primary_return - 40.0)
    np.testing.assert_allclose(taken, table.heat, rtol=1e-10)
    assert (table.capacity >= table.heat).all()
    assert float(table.pump_power[0]) < float(table.pump_power[1])  # the same flow through more of them


def test_it_agrees_with_the_loop_at_rest():
    """The valve of one CDU in a loop with as much heat and flow passes the same water, of held properties."""
    row = th.load("loops/vera_rubin_row")
    held = {"density": (994.0,), "heat_capacity": (4178.0,), "conductivity": (0.6,), "log_viscosity": (-7.3,)}
    water = th.load("coolants/water").replace(**held)
    loop = th.steady(row, heat=200 * kW, facility=th.Supply(T=38, flow=CDU.valve_flow, coolant=water))
    table = select_cdus(
        {"own": row.cdu}, heat=float(loop.heat_to_facility), flow=float(loop.flow), T_supply=row.cdu.T_supply,
        differential_pressure=float(loop.pressure_drop), T_facility=38.0, coolant=row.coolant, spare=0,
        facility_coolant=water,
    )  # fmt: skip
    assert float(table.flow_primary[0, 0]) == pytest.approx(float(loop.flow_primary), rel=1e-6)
    assert float(table.pump_speed[0, 0]) == pytest.approx(float(loop.pump_speed), rel=1e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"T_facility": 46.0}, "T_facility = 46 degC is not below T_supply"),
        ({"heat": 0.0}, "heat = 0"),
        ({"heat": "2 MW"}, "heat"),
        ({"flow": np.nan}, "flow"),
        ({"spare": 1.5}, "spare = 1.5 must be a whole number"),
        ({"spare": True}, "spare = True"),
        ({"facility_flow": -1.0}, "facility_flow"),
        ({"coolant": "pg25"}, "coolant"),
        ({"heat": 100 * MW}, "return"),  # coolant would boil
    ],
)
def test_bad_questions(change, says):
    with pytest.raises(InputError, match=says):
        count(**change)


def test_one_on_room_air_is_named():
    table = count(th.load("cdus/sidecar_100kw"))
    assert int(table.cdus_needed) == 0
    assert "room air" in str(table.lacks.values)


def test_no_cdus_and_no_parts():
    for cdus in ({}, [CDU], {"a": "cdus/frontier"}):
        with pytest.raises(InputError, match="cdus"):
            select_cdus(cdus, **DUTY)
