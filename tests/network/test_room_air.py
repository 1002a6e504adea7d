"""Liquid-to-air CDUs: coil and fans by hand, heat into the room and not into the facility, a room that warms."""

import math

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.components.hall.cdu import dry_air
from thermal.errors import InputError
from thermal.units import kW, lpm

CDU = th.load("cdus/sidecar_100kw")
RACK = th.load("racks/hgx_h100_liquid")
HEAT = 40 * kW


def hall(*names, **more):
    """Side-cars, each with two racks."""
    branches = []
    for name in names:
        branches += [th.Branch(name, CDU, f"{name} return", f"{name} supply")]
        branches += [th.Branch(f"{name} rack{i}", RACK, f"{name} supply", f"{name} return") for i in (1, 2)]
    nodes = [th.network.Node(f"{name} return", pressure=2e5) for name in names]
    return th.Network(coolant=th.load("coolants/pg25"), branches=branches, nodes=nodes, **more)


def test_the_coil_by_hand():
    """ε-NTU of the films at the flows found: the fans blow what brings the coolant to its set point."""
    point = th.steady(hall("car"), heat=HEAT)
    assert point.T_supply.item() == pytest.approx(42.0, abs=1e-4)
    V, air = float(point.flow.sel(branch="car/loss")), point.flow_primary.item()
    p = th.load("coolants/pg25").properties(42.0)
    C = p.density * p.heat_capacity * V, 1.164 * 1007.0 * air
    x = CDU.exchanger
    rated = p.density * p.heat_capacity * x.flow_hot, 1.164 * 1007.0 * x.flow_cold
    eps = x.rated_heat / (min(rated) * (x.approach + x.rated_heat / rated[0]))
    r = min(rated) / max(rated)
    UA = min(rated) * math.log((1.0 - eps * r) / (1.0 - eps)) / (1.0 - r)
    film = 2.0 * UA / (1.0 - x.wall_share)
    now = 1.0 / (x.wall_share / UA + sum(1.0 / (film * (c / c0) ** x.exponent) for c, c0 in zip(C, rated, strict=True)))
    r, NTU = min(C) / max(C), now / min(C)
    e = math.exp(-NTU * (1.0 - r))
    heat = (1.0 - e) / (1.0 - r * e) * min(C) * (point.T_return.item() - 30.0)
    taken = float(point.heat_to_facility + point.heat_air)
    liquid = 2 * HEAT * RACK.liquid_fraction + float(point.power.sel(end_use="cdu_pumps")) * CDU.pump.drive_efficiency
    assert heat == pytest.approx(liquid, rel=1e-6)
    assert float(point.heat_to_facility) == pytest.approx(0.0, abs=1e-3)
    assert taken == pytest.approx(liquid + 2 * HEAT * (1.0 - RACK.liquid_fraction), rel=1e-6)
    assert point.T_primary_return.item() == pytest.approx(30.0 + heat / C[1], rel=1e-6)
    speed = air / CDU.valve_flow
    assert float(point.power.sel(end_use="room_fans")) == pytest.approx(4e3 * speed**3, rel=1e-9)
    assert 0.2 < speed < 1.0


def test_energy_closes_while_the_room_warms_and_the_coil_runs_out():
    warm = [th.network.warm("car", to=38.0, at=120)]
    run = th.transient(hall("car"), heat=HEAT, events=warm, until=1800, step=1, save=10)
    assert float(abs(run.energy_residual).max()) < 1e-9 * 2 * HEAT
    assert float(run.valve_opening.sel(branch="car/primary")[-1]) == 1.0
    assert run.supply_unheld[-1].item()
    assert not run.supply_unheld[0].item()
    assert float(run.power.sel(end_use="room_fans")[-1]) == pytest.approx(4e3)
    last = run.isel(time=-1)
    liquid = 2 * HEAT * RACK.liquid_fraction + float(last.power.sel(end_use="cdu_pumps")) * CDU.pump.drive_efficiency
    assert float(last.heat_air) == pytest.approx(liquid + 2 * HEAT * (1.0 - RACK.liquid_fraction), rel=1e-4)


def test_beside_a_cdu_on_facility_water():
    """The facility sees its own CDU alone, with all of its flow."""
    car, row = hall("car"), th.load("loops/hgx_h100_row").network()
    both = car.replace(branches=(*car.branches, *row.branches), nodes=(*car.nodes, *row.nodes))
    water = th.Supply(T=24, flow=600 * lpm)
    rack_heat = {b.name: 40e3 for b in both.branches if hasattr(b.part, "package")}
    point = th.steady(both, heat=rack_heat, facility=water)
    alone = th.steady(row, heat={b.name: 40e3 for b in row.branches if hasattr(b.part, "package")}, facility=water)
    air = th.steady(car, heat=HEAT)
    for name in ("heat_to_facility", "T_facility_return", "flow_facility"):
        assert float(point[name]) == pytest.approx(float(alone[name]), rel=1e-6), name
    assert float(point.heat_air) == pytest.approx(float(alone.heat_air) + float(air.heat_air), rel=1e-6)


def test_what_does_not_take_it():
    with pytest.raises(InputError, match="march a network"):
        th.steady(th.Loop(cdu=CDU, racks=(RACK, RACK), coolant=th.load("coolants/pg25")), heat=HEAT,
                  facility=th.Supply(T=20, flow=0.01))  # fmt: skip
    with pytest.raises(InputError, match="room air"):
        th.steady(hall("car"), heat=HEAT, facility=th.Supply(T=20, flow=0.01))
    with pytest.raises(InputError, match="room air"):
        th.Site(it_power=80e3, network=hall("car"))


def test_single_failures_name_the_fans():
    table = th.network.fault_table(hall("a", "b"), heat=HEAT, until=900)
    assert "a has no fans" in table.fault
    assert not any("facility" in str(name) for name in table.fault.values)
    assert float(table.time_to_limit.sel(fault="a has no fans")) < 600.0
    assert np.isnan(float(table.time_to_limit.sel(fault="a/valve is stuck")))


def test_air_as_an_ideal_gas():
    assert dry_air().properties(30.0).density == pytest.approx(101325.0 / (287.05 * 303.15), rel=1e-3)


def test_without_heat_it_idles():
    run = th.transient(hall("car"), heat=0.0, until=60, step=1, save=10)
    assert np.isfinite(run.T_supply).all()
    assert float(run.power.sel(end_use="room_fans").max()) == pytest.approx(4e3 * CDU.valve.low**3, rel=1e-9)
    trace = xr.DataArray([0.0, HEAT], {"time": [0.0, 60.0]}, ("time",))
    assert float(th.transient(hall("car"), heat=trace, until=120, step=1, save=10).T_case.max()) > 30.0
