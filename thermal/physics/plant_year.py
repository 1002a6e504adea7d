"""The plant hour by hour: facility side and heat rejection brought to one condenser water temperature."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.facility import Demand, Economiser, Facility, Mode, Pumping, demand, pumping, staged
from thermal.physics.kernel import kernel
from thermal.physics.properties import PropertyTable, evaluate
from thermal.physics.rejection import (
    Air,
    Law,
    Operation,
    Rejection,
    State,
    Stream,
    leaving,
    outside,
    settle,
    stream,
    water_use,
)  # fmt: skip

__all__ = ["Column", "PlantModel", "run_hours"]


class Column(IntEnum):
    """Columns of the result table of `run_hours`."""

    FACILITY_PUMPS = 0
    CONDENSER_PUMPS = 1
    CHILLERS = 2
    FANS = 3
    T_SUPPLY = 4
    T_RETURN = 5
    T_CONDENSER = 6
    T_CONDENSER_RETURN = 7
    ECONOMISED = 8
    REJECTED = 9
    UNMET = 10
    EVAPORATED = 11
    DRIFT = 12
    BLOW_DOWN = 13
    AIR_RATIO = 14
    MODE = 15
    CHILLERS_ON = 16
    STATE = 17
    CHILLER_OUTSIDE = 18
    REJECTION_OUTSIDE = 19
    ENERGY_RESIDUAL = 20
    HEAT = 21


class PlantModel(NamedTuple):
    """A plant as its kernels take it."""

    facility: Facility
    rejection: Rejection
    condenser_pump: Pumping
    with_chillers: bool  # condenser water flow follows the running chillers
    facility_water: PropertyTable
    condenser_water: PropertyTable
    approach: float  # condenser set point over wet bulb (over dry bulb for dry coolers), within low and high
    T_condenser_low: float
    T_condenser_high: float


class _Hour(NamedTuple):
    """What one hour asks of the plant."""

    heat: float  # W, load and facility pump
    flow: float  # kg/s of facility water
    C: float  # the same as heat capacity rate (W/K)
    T_set: float  # supply
    T_target: float  # condenser water


class _Point(NamedTuple):
    """One trial of a condenser water temperature."""

    demand: Demand
    pump_power: float
    stream: Stream
    T_in: float  # water entering the rejection plant


@kernel
def _trial(m: PlantModel, air: Air, h: _Hour, T: float, economise: bool, on: int) -> _Point:
    """Facility side at condenser water temperature `T`, and what it sends to the rejection plant."""
    table = m.condenser_water
    cp = evaluate(table, min(max(T, table.centre - table.half), table.centre + table.half))[1]
    d = demand(m.facility, h.heat, h.C, h.T_set, T, cp, economise, on)
    if m.facility.economiser == Economiser.DIRECT:
        return _Point(d, 0.0, stream(m.rejection, air, h.flow, h.C / h.flow), d.T_return)
    pump = m.condenser_pump
    share = d.on / m.facility.chillers if m.with_chillers and d.on > 0 else 1.0
    s = stream(m.rejection, air, pump.mass_flow * share, cp)
    power = share * (pump.power + pump.power_variable)
    return _Point(d, power, s, T + (d.rejected + pump.motor_efficiency * power) / s.water)


@kernel
def _float(m: PlantModel, air: Air, h: _Hour, first: Operation, economise: bool, on: int) -> tuple[float, float]:
    """Temperature at which the plant carries the heat at a fixed fan state, and the residual: secant on T - T_out(T)."""
    x = 1.0 if first.state == State.FULL else (m.rejection.air_low if first.state == State.LOWEST else 0.0)
    a, f_a, b = h.T_target, h.T_target - first.T_out, first.T_out
    residual = math.inf
    for _ in range(60):
        p = _trial(m, air, h, b, economise, on)
        f_b = b - leaving(m.rejection, air, p.stream, p.T_in, x)
        residual = f_b * p.stream.water
        if abs(f_b) < 1e-11 or f_b == f_a:
            break
        a, b, f_a = b, b - f_b * (b - a) / (f_b - f_a), f_b
    return b, residual


@kernel
def _settled(m: PlantModel, air: Air, h: _Hour, economise: bool, on: int) -> tuple[float, _Point, Operation]:
    """Condenser water temperature of the hour, the facility side there, and the operation of the rejection plant."""
    T = h.T_target
    p = _trial(m, air, h, T, economise, on)
    o = settle(m.rejection, air, p.stream, p.T_in, T)
    if o.state == State.HELD:
        return T, p, o
    T, residual = _float(m, air, h, o, economise, on)
    if m.rejection.T_basin_low > T:  # a bypass mixes the warm return into the basin
        T, residual = min(m.rejection.T_basin_low, h.T_target), 0.0
    p = _trial(m, air, h, T, economise, on)
    return T, p, Operation(o.state, T, o.air_ratio, o.fan_power, residual)


@kernel
def _target(m: PlantModel, air: Air, T_set: float) -> float:
    """Set point of the condenser water: an approach to the outdoor air, within limits; a direct loop has the supply's."""
    if m.facility.economiser == Economiser.DIRECT:
        return T_set
    T = air.T if m.rejection.law == Law.DRY else air.T_wet_bulb
    return min(max(T + m.approach, m.T_condenser_low), m.T_condenser_high)


@kernel
def _record(m: PlantModel, air: Air, h: _Hour, T: float, p: _Point, o: Operation, row: np.ndarray) -> None:
    """Write one hour; the residual is energy in minus energy out."""
    d, s, f = p.demand, p.stream, m.facility
    direct = f.economiser == Economiser.DIRECT
    carried = d.rejected + (0.0 if direct else m.condenser_pump.motor_efficiency * p.pump_power)
    unmet = h.heat - d.economised - d.cooled
    evaporated, drift, drained = water_use(m.rejection, air, s, carried, o.air_ratio)
    row[Column.HEAT] = h.heat
    row[Column.CONDENSER_PUMPS] = p.pump_power
    row[Column.CHILLERS] = d.chiller_power
    row[Column.FANS] = o.fan_power
    row[Column.T_SUPPLY] = d.T_supply
    row[Column.T_RETURN] = d.T_return
    row[Column.T_CONDENSER] = T
    row[Column.T_CONDENSER_RETURN] = p.T_in
    row[Column.ECONOMISED] = d.economised
    row[Column.REJECTED] = carried
    row[Column.UNMET] = unmet if unmet > 1e-9 * h.heat else 0.0
    row[Column.EVAPORATED] = evaporated
    row[Column.DRIFT] = drift
    row[Column.BLOW_DOWN] = drained
    row[Column.AIR_RATIO] = o.air_ratio
    row[Column.MODE] = d.mode.value
    row[Column.CHILLERS_ON] = d.on
    row[Column.STATE] = o.state.value
    row[Column.CHILLER_OUTSIDE] = d.outside
    row[Column.REJECTION_OUTSIDE] = m.rejection.law != Law.NONE and outside(m.rejection, air, s, p.T_in, T)
    row[Column.ENERGY_RESIDUAL] = (
        +h.heat  # load and facility pump
        + f.chiller.motor_to_refrigerant * d.chiller_power
        + (carried - d.rejected)  # condenser pump
        - carried  # to the outdoors
        - unmet
        + o.residual
    )


@kernel
def run_hours(
    m: PlantModel, load: np.ndarray, T_set: np.ndarray, T: np.ndarray, T_wet_bulb: np.ndarray, w: np.ndarray,
    pressure: np.ndarray, start: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """Fill `out` (hour, `Column`) from loads (W), supply set points (°C) and the weather of each hour.

    Hours follow each other: the number of running chillers and the economiser remember the hour before, except where
    `start` is true. A plant without load stands still.
    """
    f = m.facility
    on, free = 1, False
    for i in range(load.size):
        out[i, :] = 0.0
        out[i, Column.T_SUPPLY] = out[i, Column.T_RETURN] = T_set[i]
        if start[i]:
            on, free = 1, False
        share, pump_power = pumping(f.pump, load[i] / f.design_load)
        if not load[i] > 0.0:
            continue
        air = Air(T[i], T_wet_bulb[i], w[i], pressure[i])
        flow = f.pump.mass_flow * share
        C = flow * evaluate(m.facility_water, T_set[i])[1]
        heat = load[i] + f.pump.motor_efficiency * pump_power
        h = _Hour(heat, flow, C, T_set[i], _target(m, air, T_set[i]))
        if m.rejection.law == Law.NONE:
            d = demand(f, heat, C, T_set[i], air.T, 1.0, False, staged(f, heat, on))
            p = _Point(d, 0.0, Stream(1.0, 1.0, 1.0, 0.0, 1.0), air.T)
            _record(m, air, h, air.T, p, Operation(State.HELD, air.T, 0.0, 0.0, 0.0), out[i])
        else:
            difference = T_set[i] + heat / C - h.T_target
            economise = difference >= (f.difference_off if free else f.difference_on)
            on = _first(m, air, h, economise, on)
            point, p, o = _settled(m, air, h, economise, on)
            if f.economiser == Economiser.ALTERNATE and f.chillers > 0 and p.demand.mode == Mode.PARTIAL:
                economise = False
                on = _first(m, air, h, economise, on)
                point, p, o = _settled(m, air, h, economise, on)
            free = economise
            _record(m, air, h, point, p, o, out[i])
        on = max(p.demand.on, 1)
        out[i, Column.FACILITY_PUMPS] = pump_power


@kernel
def _first(m: PlantModel, air: Air, h: _Hour, economise: bool, on: int) -> int:
    """Running chillers of the hour, from the load the economiser leaves at the condenser set point."""
    if m.facility.chillers < 2:
        return m.facility.chillers
    d = _trial(m, air, h, h.T_target, economise, on).demand
    return staged(m.facility, h.heat - d.economised, on)
