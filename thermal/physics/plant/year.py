"""The plant hour by hour: facility side and heat rejection brought to one condenser water temperature."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.media.water import boiling
from thermal.physics.plant.hour import (
    FACILITY,
    PUMPING,
    Condensing,
    Demand,
    Economiser,
    Mode,
    condensing,
    demand,
    pump_heat,
    pumping,
    staged,
)
from thermal.physics.rejection.rejection import (
    REJECTION,
    Air,
    Law,
    Operation,
    State,
    Stream,
    drift,
    excess,
    heater_power,
    outside,
    settle,
    sprays,
    stream,
    use_water,
)

__all__ = [
    "PLANT_MODEL",
    "TERMS",
    "Column",
    "condenser_target",
    "heat_capacity",
    "limits",
    "record_machines",
    "run_hours",
    "watered",
]


class Column(IntEnum):
    """Rows of the result table of `run_hours`."""

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
    HEATER = 22
    FREEZES = 23
    BOILS = 24


TERMS = 24  # coefficients kept for a heat capacity
WATER = np.dtype(
    (
        np.record,
        [
            ("centre", "f8"),
            ("half", "f8"),
            ("terms", "i8"),
            ("heat_capacity", "f8", (TERMS,)),
            ("T_freeze", "f8"),  # where it freezes, or the water sprayed over it
        ],
    )
)
PLANT_MODEL = np.dtype(
    (
        np.record,
        [
            ("facility", FACILITY),
            ("rejection", REJECTION),
            ("condenser_pump", PUMPING),
            ("with_chillers", "?"),  # condenser water flow follows the running chillers
            ("facility_water", WATER),
            ("condenser_water", WATER),
            ("approach", "f8"),  # condenser set point over wet bulb (dry bulb for dry coolers), within low and high
            ("T_condenser_low", "f8"),
            ("T_condenser_high", "f8"),
        ],
    )
)


class _Hour(NamedTuple):
    """What one hour asks of the plant."""

    heat: float  # W, load and facility pump
    flow: float  # kg/s of facility water
    C: float  # the same as heat capacity rate (W/K)
    T_set: float  # supply
    T_target: float  # condenser water
    load_share: float  # of the design load
    cp: float  # of the condenser water at its set point (J/kg K)


class _Point(NamedTuple):
    """One trial of a condenser water temperature."""

    demand: Demand
    pump_power: float
    pump_heat: float
    stream: Stream
    T_in: float  # water entering the rejection plant


@kernel
def heat_capacity(water: np.record, T: float) -> float:
    """Specific heat capacity (J/kg K) at `T`, held at the ends of its table: Σ c_i x^i, x = (T - centre)/half."""
    x = min(max((T - water.centre) / water.half, -1.0), 1.0)
    c, y = water.heat_capacity, x * x
    even = odd = 0.0  # two short chains of products in place of a long one
    for i in range((water.terms - 1) // 2, -1, -1):
        even = even * y + c[2 * i]
        odd = odd * y + c[2 * i + 1]
    return even + x * odd


@kernel
def _trial(m: np.record, air: Air, h: _Hour, T: float, economise: bool, on: int, own: Condensing) -> _Point:
    """Facility side at condenser water temperature `T`, and what it sends to the rejection plant.

    `own` is the condenser water of `on` running chillers.
    """
    cp = h.cp if h.T_target == T else heat_capacity(m.condenser_water, T)
    d = demand(m.facility, h.heat, h.C, h.T_set, T, cp, own.throttle, economise, on)
    if m.rejection.law == Law.NONE:
        return _Point(d, 0.0, 0.0, Stream(1.0, 1.0, 1.0, 0.0, 1.0), T)
    if m.facility.economiser == Economiser.DIRECT:
        return _Point(d, 0.0, 0.0, stream(m.rejection, air, h.flow, h.C / h.flow), d.T_return)
    c = (
        own
        if d.on == min(on, m.facility.chillers)
        else condensing(m.facility, m.condenser_pump, m.with_chillers, d.on, h.load_share)
    )
    s = stream(m.rejection, air, m.condenser_pump.mass_flow * c.share, cp)
    return _Point(d, c.power, c.heat, s, T + (d.rejected + c.heat) / s.water)


@kernel
def _mixed(a: _Point, b: _Point, share: float) -> _Point:
    """An hour that is `share` of the time at `a` and the rest at `b`, two points that differ by a step of the load."""
    d, e, rest = a.demand, b.demand, 1.0 - share
    mode = Mode.PARTIAL if Mode.PARTIAL in (d.mode, e.mode) else d.mode
    mean = Demand(
        mode, max(d.on, e.on), share * d.T_supply + rest * e.T_supply, share * d.T_return + rest * e.T_return,
        share * d.economised + rest * e.economised, share * d.cooled + rest * e.cooled,
        share * d.chiller_power + rest * e.chiller_power, share * d.motor_heat + rest * e.motor_heat,
        share * d.rejected + rest * e.rejected, max(d.outside, e.outside),
    )  # fmt: skip
    return _Point(
        mean, share * a.pump_power + rest * b.pump_power, share * a.pump_heat + rest * b.pump_heat,
        a.stream if d.on >= e.on else b.stream, share * a.T_in + rest * b.T_in,
    )  # fmt: skip


@kernel
def _solved(
    m: np.record, air: Air, h: _Hour, economise: bool, on: int, own: Condensing
) -> tuple[float, _Point, Operation]:
    """Condenser water temperature of the hour, the facility side there, and the operation of the rejection plant.

    The set point is tried first. Where the fans cannot hold it, its `excess` is brought to zero at the fan state that
    comes nearest: inverse quadratic interpolation kept within its bracket, as the excess falls with T. Where it steps
    across zero, since a chiller that starts rejects the heat of its least power at once, the chiller cycles: the hour
    is a mean of both sides.
    """
    T = h.T_target
    p = _trial(m, air, h, T, economise, on, own)
    o = Operation(State.HELD, T, 0.0, 0.0, 0.0)
    if m.rejection.law == Law.NONE:
        return T, p, o
    o = settle(m.rejection, air, p.stream, p.T_in, T)
    if o.state == State.HELD:
        return T, p, o
    x = 1.0 if o.state == State.FULL else (m.rejection.air_low if o.state == State.LOWEST else 0.0)
    a, f_a, b, f_b, T = T, T - o.T_out, T, math.nan, o.T_out
    low, high = (a, math.inf) if f_a < 0.0 else (-math.inf, a)
    residual, bypass, p_low, p_high = math.inf, False, p, p
    r_low = r_high = f_a * p.stream.water
    for k in range(80):
        p = _trial(m, air, h, T, economise, on, own)
        if bypass:
            break
        f = -excess(m.rejection, air, p.stream, p.T_in, T, x)
        residual = f * p.stream.water
        close = abs(f) < 1e-10 and abs(residual) < 3e-10 * h.heat
        if close or high - low < 1e-12:
            if m.rejection.T_basin_low <= T or h.T_target <= T:
                if not close and r_low < 0.0 < r_high:
                    share = r_high / (r_high - r_low)
                    p, residual = _mixed(p_low, p_high, share), share * r_low + (1.0 - share) * r_high
                break
            T, residual, bypass = min(m.rejection.T_basin_low, h.T_target), 0.0, True  # warm return mixed in
            continue
        if f < 0.0:
            low, p_low, r_low = T, p, residual
        else:
            high, p_high, r_high = T, p, residual
        c = T - f
        if f != f_a:
            chord = (T - a) / (f - f_a)
            bend = (chord - (a - b) / (f_a - f_b)) / (f - f_b)
            c = T - f * (chord - f_a * bend if math.isfinite(bend) else chord)
        c = min(max(c, T - 10.0), T + 10.0)
        if not low < c < high or (k > 15 and high - low < math.inf):
            c = 0.5 * (low + high) if high - low < math.inf else T - 2.0 * f
        b, f_b, a, f_a, T = a, f_a, T, f, c
    return T, p, Operation(o.state, T, o.air_ratio, o.fan_power, residual)


@kernel
def condenser_target(m: np.record, air: Air, T_set: float) -> float:
    """Set point of the condenser water: an approach to outdoor air within limits, or the supply in a direct loop."""
    if m.facility.economiser == Economiser.DIRECT:
        return T_set
    if m.rejection.law == Law.NONE:
        return air.T
    T = air.T if m.rejection.law == Law.DRY else air.T_wet_bulb
    return min(max(T + m.approach, m.T_condenser_low), m.T_condenser_high)


@kernel
def watered(m: np.record) -> bool:
    """Whether there is condenser water between the machines and the heat rejection."""
    return bool(m.facility.economiser != Economiser.DIRECT and m.rejection.law != Law.NONE)


@kernel
def limits(
    m: np.record, air: Air, T_supply: float, T_return: float, T_out: float, T_in: float
) -> tuple[bool, bool]:  # fmt: skip
    """Whether a liquid freezes, and whether it boils: facility water, and condenser water leaving and entering."""
    freezes, boils = T_supply <= m.facility_water.T_freeze, boiling(T_return, air.pressure)
    if watered(m):
        freezes = freezes or T_out <= m.condenser_water.T_freeze
        boils = boils or boiling(T_in, air.pressure)
    return freezes, boils


@kernel
def record_machines(
    m: np.record,
    air: Air,
    d: Demand,
    s: Stream,
    o: Operation,
    pump_power: float,
    carried: float,
    T_in: float,
    T_out: float,
    row: np.ndarray,
) -> None:
    """Write what chillers, condenser pumps and heat rejection do in an hour or a step, carrying off `carried` [W].

    `T_in` and `T_out` are those of the rejection's water [°C]. The water used is left to the caller.
    """  # fmt: skip
    row[Column.CONDENSER_PUMPS] = pump_power
    row[Column.CHILLERS] = d.chiller_power
    row[Column.FANS] = o.fan_power
    row[Column.T_CONDENSER_RETURN] = T_in
    row[Column.ECONOMISED] = d.economised
    row[Column.REJECTED] = carried
    row[Column.AIR_RATIO] = o.air_ratio
    row[Column.STATE] = o.state.value
    row[Column.CHILLER_OUTSIDE] = d.outside
    row[Column.REJECTION_OUTSIDE] = (
        m.rejection.law != Law.NONE and carried > 0.0 and outside(m.rejection, air, s, T_in, T_out, o.air_ratio)
    )


@kernel
def _record(m: np.record, air: Air, h: _Hour, T: float, p: _Point, o: Operation, row: np.ndarray) -> None:
    """Write one hour, for its water no more than air and drift; the residual is energy in minus energy out."""
    d, s = p.demand, p.stream
    carried = d.rejected + p.pump_heat
    unmet = h.heat - d.economised - d.cooled
    record_machines(m, air, d, s, o, p.pump_power, carried, p.T_in, T, row)
    if sprays(m.rejection) and not carried <= 0.0:
        row[Column.BLOW_DOWN], row[Column.DRIFT] = s.air * o.air_ratio, drift(m.rejection, s, o.air_ratio)
    row[Column.HEAT] = h.heat
    row[Column.T_SUPPLY] = d.T_supply
    row[Column.T_RETURN] = d.T_return
    row[Column.T_CONDENSER] = T
    row[Column.UNMET] = unmet if unmet > 1e-9 * h.heat else 0.0
    row[Column.MODE] = d.mode.value
    row[Column.CHILLERS_ON] = d.on
    row[Column.HEATER] = heater_power(m.rejection, air, s.share)
    row[Column.FREEZES], row[Column.BOILS] = limits(m, air, d.T_supply, d.T_return, T, p.T_in)
    row[Column.ENERGY_RESIDUAL] = (
        +h.heat  # load and facility pump
        + d.motor_heat  # compressors
        + p.pump_heat  # condenser pump
        - carried  # to the outdoors
        - unmet
        + o.residual
    )


@kernel
def run_hours(
    m: np.record, load: np.ndarray, T_set: np.ndarray, T: np.ndarray, T_wet_bulb: np.ndarray, w: np.ndarray,
    pressure: np.ndarray, start: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """Fill `out` (`Column`, hour) from loads (W), supply set points (°C) and the weather of each hour.

    Hours follow each other: the number of running chillers and the economiser remember the hour before, and how long
    ago they changed, except where `start` is true. A plant without load stands still, but for its basin heaters.
    """
    f = m.facility
    on, free, on_since, free_since = min(1, f.chillers), False, f.chiller_steps, f.economiser_steps
    running = 0
    load_last = T_last = target_last = math.nan
    share = pump_power = C = cp = 0.0
    own, owner = Condensing(0.0, 0.0, 0.0, 0.0), -1
    for i in range(load.size):
        for k in range(out.shape[0]):
            out[k, i] = 0.0
        out[Column.T_SUPPLY, i] = out[Column.T_RETURN, i] = T_set[i]
        air = Air(T[i], T_wet_bulb[i], w[i], pressure[i])
        if start[i]:
            on, free, on_since, free_since = min(1, f.chillers), False, f.chiller_steps, f.economiser_steps
            running = 0
        if not load[i] > 0.0:
            out[Column.HEATER, i] = heater_power(m.rejection, air, 0.0)
            on, running, on_since = min(1, f.chillers), 0, f.chiller_steps
            continue
        T_target = condenser_target(m, air, T_set[i])
        if load[i] != load_last or T_set[i] != T_last:  # most hours are like the one before
            load_last, T_last, owner = load[i], T_set[i], -1
            share, pump_power = pumping(f.pump, load[i] / f.design_load)
            C = f.pump.mass_flow * share * heat_capacity(m.facility_water, T_set[i])
        if T_target != target_last:
            target_last, cp = T_target, heat_capacity(m.condenser_water, T_target)
        heat = load[i] + pump_heat(f.pump, pump_power)
        h = _Hour(heat, f.pump.mass_flow * share, C, T_set[i], T_target, load[i] / f.design_load, cp)
        difference = T_set[i] + heat / C - h.T_target
        wanted = difference >= (f.difference_off if free else f.difference_on)
        if wanted != free and free_since >= f.economiser_steps:
            free, free_since = wanted, 0
        free_since += 1
        least = running if on_since < f.chiller_steps else 1  # a chiller just started keeps running
        economise, before, fixed = free, max(on, least), False
        on = before
        for _ in range(2 * f.chillers + 4):
            if on != owner:
                owner = on
                own = condensing(f, m.condenser_pump, m.with_chillers, min(on, f.chillers), h.load_share)
            point, p, o = _solved(m, air, h, economise, on, own)
            rest = heat - p.demand.economised
            alternate = f.economiser == Economiser.ALTERNATE and p.demand.mode == Mode.PARTIAL
            needed = max(staged(f, rest, before), least)
            if alternate and economise:  # the whole load or nothing
                economise, fixed, on = False, False, before
            elif not fixed and needed != on:
                on, fixed = needed, True
            elif on < f.chillers and p.demand.cooled < rest * (1.0 - 1e-9):
                on, fixed = on + 1, True
            else:
                break
        on_since = 1 if p.demand.on > running else on_since + 1
        running = p.demand.on
        on = max(running, min(1, f.chillers))
        _record(m, air, h, point, p, o, out[:, i])
        out[Column.FACILITY_PUMPS, i] = pump_power
    use_water(
        m.rejection, out[Column.REJECTED], w, T_wet_bulb, pressure, out[Column.BLOW_DOWN], out[Column.EVAPORATED],
        out[Column.DRIFT],
    )  # fmt: skip
