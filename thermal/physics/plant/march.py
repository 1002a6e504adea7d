"""The plant in time: water between machines and CDUs and in the condenser loop, chillers that start and stop.

The machines are those of the plant year, asked at the temperatures of the moment; what is added here remembers.
"""

import math
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.plant.hour import (
    Demand,
    Economiser,
    Mode,
    condenser_throttle,
    condensing,
    demand,
    pump_heat,
    pumping,
)
from thermal.physics.plant.staging import Phase, machines_in, stage_chillers, tick_chillers, trip_chillers
from thermal.physics.plant.year import Column, condenser_target, heat_capacity, limits, record_machines, watered
from thermal.physics.rejection.rejection import (
    Air,
    Law,
    Operation,
    State,
    Stream,
    free_air,
    heater_power,
    leaving,
    settle,
    stream,
    water_use,
)

__all__ = ["INERTIA", "PLANT_NOW", "Extra", "Moment", "step_plant", "stored_heat"]

INERTIA = np.dtype(
    (
        np.record,
        [
            ("supply", "f8"),  # heat capacity of facility water from the machines to the CDUs [J/K]
            ("back", "f8"),  # and from the CDUs to the machines
            ("machine", "f8"),  # and of evaporators, exchangers or coolers with the water in them
            ("condenser", "f8"),  # of condenser water, basins included
            ("flow_time", "f8"),  # time constant of facility flow after load [s]
            ("start_delay", "f8"),  # from the command to a chiller that cools [s]
            ("hold_up", "f8"),  # how long the load must ask for one chiller more [s]
            ("hold_down", "f8"),  # and for one less
            ("on_least", "f8"),  # shortest run of a chiller [s]
            ("off_least", "f8"),  # shortest standstill
            ("mode_least", "f8"),  # from the end of free cooling to its next start [s]
        ],
    )
)
PLANT_NOW = np.dtype(
    (
        np.record,
        [
            ("T_supply", "f8"),  # at the CDUs
            ("T_return", "f8"),  # before the facility pump
            ("T_machine", "f8"),  # leaving the machines
            ("T_condenser", "f8"),  # leaving the basins
            ("load", "f8"),  # heat from the CDUs as the pump's control sees it [W]
            ("free", "?"),  # the economiser is in use
            ("free_for", "f8"),  # since that changed [s]
            ("asked_up", "f8"),  # how long the load has asked for one chiller more [s]
            ("asked_down", "f8"),
        ],
    )
)


class Extra(IntEnum):
    """Rows that a plant in time adds to those of the plant year (`Column`)."""

    STARTING = len(Column)  # chillers on their way
    BYPASS = len(Column) + 1  # facility water past the CDUs [W/K], negative where return water is drawn back


class Moment(NamedTuple):
    """What one step asks of the plant."""

    load: float  # W, mean heat from the CDUs
    draw: float  # facility water through the CDUs as heat capacity rate [W/K]
    T_set: float  # supply
    pumping: bool  # the facility pump may run
    condensing: bool  # the condenser pump may run
    available: int  # sound chillers


class _Condensing(NamedTuple):
    """Rejection plant in one step."""

    pump_power: float
    T_in: float  # into it
    T_out: float
    carried: float  # W to the outdoors
    operation: Operation
    stream: Stream


class _Taking(NamedTuple):
    """Facility side in one step."""

    demand: Demand
    asked: float  # W of the chillers
    short: bool  # those running cannot give it
    enough: bool  # one less could


@kernel
def stored_heat(n: Any, now: Any) -> float:
    """Heat stored in the plant's water above 0 °C [J]."""
    facility = n.supply * now.T_supply + n.back * now.T_return + n.machine * now.T_machine
    return facility + n.condenser * now.T_condenser


@kernel
def _still(T: float, carried: float) -> _Condensing:
    """A rejection plant that does nothing, or that only passes on what an air-cooled chiller gives off."""
    idle = Operation(State.FREE, T, 0.0, 0.0, 0.0)
    return _Condensing(0.0, T, T, carried, idle, Stream(1.0, 1.0, 1.0, 0.0, 1.0))


@kernel
def _cooled(m: Any, air: Air, s: Stream, T_in: float, T_target: float) -> tuple[float, Operation]:
    """Water leaving the rejection plant, whose fans hold `T_target` as in the plant year, and their operation.

    Where no fan state holds it the water leaves as the machine's law says, at the fan state that comes nearest. Water
    no warmer than the target meets still fans; water no warmer than the air is left alone.
    """
    r = m.rejection
    o = Operation(State.FREE, T_target, free_air(r), 0.0, 0.0)
    if T_in <= (air.T if r.law == Law.DRY else air.T_wet_bulb):
        return T_in, Operation(State.FREE, T_in, 0.0, 0.0, 0.0)
    if not T_in <= T_target:
        o = settle(r, air, s, T_in, T_target)
    if o.state == State.HELD:
        return T_target, o
    x = 1.0 if o.state == State.FULL else (r.air_low if o.state == State.LOWEST else 0.0)
    T_out = max(leaving(r, air, s, T_in, x), min(r.T_basin_low, T_target))  # a bypass mixes warm return in
    return min(T_out, T_in), o


@kernel
def _taken(
    m: Any, now: Any, need: float, C: float, T_set: float, T_in: float, economise: bool, on: int
) -> Demand:  # fmt: skip
    """What economiser and `on` running chillers take of the heat `need` from facility water that enters at `T_in`.

    An exchanger without chillers takes heat in proportion to T_in - T_c; `demand` answers for it with the entering
    temperature at which it would take all of `need`.
    """
    f, T_condenser = m.facility, now.T_condenser
    cp = heat_capacity(m.condenser_water, T_condenser)
    throttle = condenser_throttle(f, m.condenser_pump, m.with_chillers, on, now.load / f.design_load)
    d = demand(f, need, C, T_set, T_condenser, cp, throttle, economise, max(on, 1))
    if f.chillers == 0:
        heat = need
        if T_in < d.T_return:
            heat = need * max(T_in - T_condenser, 0.0) / (d.T_return - T_condenser)
        return Demand(Mode.FREE, 0, d.T_supply, T_in, heat, 0.0, 0.0, 0.0, heat, 0)
    if on == 0:
        return Demand(Mode.FREE, 0, d.T_supply, d.T_return, d.economised, 0.0, 0.0, 0.0, d.economised, 0)
    return d


@kernel
def _choose_mode(
    m: Any, n: Any, now: Any, need: float, C: float, T_set: float, T_in: float, target: float, step: float
) -> None:
    """Bring the economiser in or out: by the difference of the plant year with its dead band, and a pause after use.

    One that stands in place of the chillers comes in only where it can take the whole load.
    """
    f = m.facility
    now.free_for += step
    if f.chillers == 0 or f.economiser == Economiser.NONE:
        return
    wanted = T_in - target >= (f.difference_off if now.free else f.difference_on)
    if wanted and f.economiser == Economiser.ALTERNATE:
        wanted = _taken(m, now, need, C, T_set, T_in, True, 1).mode != Mode.PARTIAL
    if wanted != now.free and (now.free or now.free_for >= n.mode_least - 1e-9):
        now.free, now.free_for = wanted, 0.0


@kernel
def _take(m: Any, now: Any, need: float, C: float, T_set: float, T_in: float, on: int) -> _Taking:
    """Share the heat `need` over economiser and running chillers, and see whether those are too few or too many."""
    if not need > 0.0:
        return _Taking(Demand(Mode.OFF, 0, T_set, T_in, 0.0, 0.0, 0.0, 0.0, 0.0, 0), 0.0, False, True)
    alternate = m.facility.economiser == Economiser.ALTERNATE
    economise = now.free or (alternate and on == 0)  # until chillers run it does what it can
    d = _taken(m, now, need, C, T_set, T_in, economise, on)
    asked = need if alternate and not now.free else need - d.economised
    if not asked > 1e-9 * need:
        return _Taking(d, 0.0, False, True)
    enough = False
    if on > 1:
        enough = _taken(m, now, need, C, T_set, T_in, economise, on - 1).cooled >= asked * (1.0 - 1e-9)
    return _Taking(d, asked, on > 0 and d.cooled < asked * (1.0 - 1e-9), enough)


@kernel
def _condense(m: Any, n: Any, now: Any, air: Air, d: Demand, step: float) -> _Condensing:
    """Advance the condenser water by one implicit step.

    C_b dT_b/dt = + G (T_leaving - T_b), the towers entered at T_b + (heat of condensers and economiser + pump heat)/G.
    """
    w = condensing(m.facility, m.condenser_pump, m.with_chillers, d.on, now.load / m.facility.design_load)
    cp = heat_capacity(m.condenser_water, now.T_condenser)
    s = stream(m.rejection, air, m.condenser_pump.mass_flow * w.share, cp)
    rise = (d.rejected + w.heat) / s.water
    T_out, o = _cooled(m, air, s, now.T_condenser + rise, condenser_target(m, air, 0.0))
    C_b = n.condenser / step
    now.T_condenser = (C_b * now.T_condenser + s.water * T_out) / (C_b + s.water)
    T_in = now.T_condenser + rise
    return _Condensing(w.power, T_in, T_out, s.water * (T_in - T_out), o, s)


@kernel
def _mix(n: Any, now: Any, flow: float, draw: float, load: float, warmed: float, removed: float, step: float) -> None:
    """Advance the facility water by one implicit step of three mixed volumes around a bypass.

    Balances, with F the flow of the pump, D that of the CDUs (W/K), and M the larger of the two:

        return   C_r dT_r/dt = + load + M (T_s - T_r)
        machine  C_m dT_m/dt = + F (T_r - T_m) + pump heat - heat taken
        supply   C_s dT_s/dt = + F (T_m - T_s) + (M - F) (T_r - T_s)

    Past the CDUs flows F - D; where they draw more than the pump gives, return water goes round.
    """
    M = max(flow, draw)
    C_r, C_m, C_s = n.back / step, n.machine / step, n.supply / step
    machine_a = (C_m * now.T_machine + warmed - removed) / (C_m + flow)
    machine_b = flow / (C_m + flow)
    supply_a = (C_s * now.T_supply + flow * machine_a) / (C_s + M)
    supply_b = (flow * machine_b + M - flow) / (C_s + M)
    now.T_return = (C_r * now.T_return + load + M * supply_a) / (C_r + M - M * supply_b)
    now.T_machine = machine_a + machine_b * now.T_return
    now.T_supply = supply_a + supply_b * now.T_return


@kernel
def step_plant(
    m: Any, n: Any, now: Any, machines: np.recarray, moment: Moment, air: Air, step: float, row: np.ndarray
) -> None:
    """Advance the plant by `step` seconds under the heat that the CDUs gave off; fill `row` (`Column`, `Extra`).

    Order: clocks and failures; facility flow after the load; heat that the water asks for, F (T_in - T_set), shared
    over economiser and running chillers by `demand`; condenser water and towers; facility water; staging for the next
    step. Without flow on either side the chillers trip. Unmet is what the load brings in over what machines at their
    limit take out: it warms the water, nothing is clipped. At rest all of it is the hour of `run_hours`.
    """
    f = m.facility
    before, failed = stored_heat(n, now), machines_in(machines, Phase.FAILED)
    tick_chillers(machines, moment.available, n.start_delay, step)
    if machines_in(machines, Phase.FAILED) > failed:
        now.asked_up = n.hold_up  # a failure is noticed at once

    now.load += (moment.load - now.load) * (1.0 - math.exp(-step / n.flow_time) if n.flow_time > 0.0 else 1.0)
    share, pump_power = pumping(f.pump, now.load / f.design_load) if moment.pumping else (0.0, 0.0)
    flow = f.pump.mass_flow * share if now.load == now.load else now.load  # a pump at rest must not hide a NaN
    C = flow * heat_capacity(m.facility_water, moment.T_set)
    warmed = pump_heat(f.pump, pump_power)
    T_in = now.T_return + warmed / C if C > 0.0 else now.T_return
    need = max(C * (T_in - moment.T_set), 0.0)
    target = condenser_target(m, air, moment.T_set)
    wet = watered(m)
    running = C > 0.0 and (moment.condensing or not wet)
    if not running:
        trip_chillers(machines)

    on = machines_in(machines, Phase.ON)
    t = _Taking(Demand(Mode.OFF, 0, moment.T_set, T_in, 0.0, 0.0, 0.0, 0.0, 0.0, 0), 0.0, False, False)
    c = _still(now.T_condenser, 0.0)
    if f.economiser == Economiser.DIRECT:
        if running:
            s = stream(m.rejection, air, flow, C / flow)
            T_out, o = _cooled(m, air, s, T_in, target)
            heat = C * (T_in - T_out)
            t = _Taking(Demand(Mode.FREE, 0, T_out, T_in, heat, 0.0, 0.0, 0.0, heat, 0), 0.0, False, False)
            c = _Condensing(0.0, T_in, T_out, heat, o, s)
    else:
        if not wet:
            now.T_condenser = air.T
        if running:
            _choose_mode(m, n, now, need, C, moment.T_set, T_in, target, step)
            t = _take(m, now, need, C, moment.T_set, T_in, on)
        if wet and moment.condensing:
            c = _condense(m, n, now, air, t.demand, step)
        elif not wet:
            c = _still(air.T, t.demand.rejected)
    if running and f.chillers > 0:
        stage_chillers(f, n, now, machines, t.asked, t.short, t.enough, step)
    removed = t.demand.economised + t.demand.cooled
    _mix(n, now, C, moment.draw, moment.load, warmed, removed, step)
    if f.economiser == Economiser.DIRECT:
        now.T_condenser = now.T_machine

    incoming = moment.load + warmed
    unmet = incoming - removed if removed < need * (1.0 - 1e-9) else 0.0
    _record(m, air, now, t.demand, c, row)
    row[Column.HEAT] = incoming
    row[Column.UNMET] = unmet if unmet > 1e-9 * incoming else 0.0
    row[Column.FACILITY_PUMPS] = pump_power
    row[Column.T_RETURN] = now.T_return + warmed / C if C > 0.0 else now.T_return
    row[Column.CHILLERS_ON] = machines_in(machines, Phase.ON)
    row[Extra.STARTING] = machines_in(machines, Phase.STARTING)
    row[Extra.BYPASS] = C - moment.draw
    row[Column.ENERGY_RESIDUAL] = (
        +moment.load
        + warmed
        + t.demand.motor_heat
        + pump_heat(m.condenser_pump, c.pump_power)
        - c.carried  # to the outdoors
        - (stored_heat(n, now) - before) / step
    )


@kernel
def _record(m: Any, air: Air, now: Any, d: Demand, c: _Condensing, row: np.ndarray) -> None:
    """Write what the machines did in one step."""
    record_machines(m, air, d, c.stream, c.operation, c.pump_power, c.carried, c.T_in, c.T_out, row)
    row[Column.EVAPORATED], row[Column.DRIFT], row[Column.BLOW_DOWN] = water_use(
        m.rejection, air, c.stream, c.carried, c.operation.air_ratio
    )
    mode = Mode.FREE if d.economised > 0.0 else Mode.OFF
    if d.cooled > 0.0:
        mode = Mode.PARTIAL if d.economised > 0.0 else Mode.CHILLED
    row[Column.HEATER] = heater_power(m.rejection, air, c.stream.share if c.carried > 0.0 else 0.0)
    row[Column.T_SUPPLY] = now.T_supply
    row[Column.T_CONDENSER] = now.T_condenser
    row[Column.MODE] = mode.value
    coldest, warmest = min(now.T_supply, now.T_machine), max(now.T_return, now.T_supply)
    T_out, T_in = min(c.T_out, now.T_condenser), max(c.T_in, now.T_condenser)
    row[Column.FREEZES], row[Column.BOILS] = limits(m, air, coldest, warmest, T_out, T_in)
