"""Heat rejection under control: which fan speed holds a set point, and what it costs in power and water.

One structure serves towers (YorkCalc, CoolTools, Merkel), dry coolers and evaporative fluid coolers, with one fan
speed, two speeds or a variable speed, in any number of equal cells.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.media.moist_air import dry_air_density, saturated_state
from thermal.physics.media.water import blow_down, evaporation, evaporations
from thermal.physics.rejection.cooltools import cooltools_approach, cooltools_leaving, cooltools_outside
from thermal.physics.rejection.dry_cooler import UA_at, dry_heat
from thermal.physics.rejection.merkel import (
    MERKEL,
    entering_water,
    enthalpy_exchange,
    exchange_turns,
    merkel_air_ratio,
    merkel_outside,
    merkel_UA,
)
from thermal.physics.rejection.yorkcalc import yorkcalc_air_ratio, yorkcalc_leaving, yorkcalc_outside

__all__ = [
    "REJECTION", "Air", "Fan", "Law", "Operation", "State", "Stream", "air_ratio", "drift", "excess", "fan_power",
    "free_air", "full_power", "heater_power", "leaving", "outside", "settle", "sprays", "stream", "turns", "use_water",
    "water_use",
]  # fmt: skip


NEAR = 12.0  # K, see `turns`


class Law(IntEnum):
    """Which machine rejects the heat."""

    NONE = 0  # an air-cooled chiller needs none
    YORKCALC = 1
    COOLTOOLS = 2
    MERKEL = 3
    DRY = 4
    WET = 5  # evaporative fluid cooler: closed coil under a spray


class Fan(IntEnum):
    """How the fan follows the load."""

    VARIABLE = 0  # down to the lowest speed, then cycling
    VARIABLE_FLOATING = 1  # down to the lowest speed, then the water gets colder than the set point
    STEPPED = 2  # off, low, high, by shares of time; one speed when low and high are equal


class State(IntEnum):
    """What holds, or fails to hold, the set point."""

    HELD = 0
    FREE = 1  # fan off, water colder than the set point
    LOWEST = 2  # lowest speed, water colder than the set point
    FULL = 3  # full speed, water warmer than the set point


class Air(NamedTuple):
    """Outdoor air of one hour."""

    T: float
    T_wet_bulb: float
    w: float
    pressure: float


REJECTION = np.dtype(  # of equal cells; flows, UA and powers are of all cells together
    (
        np.record,
        [
            ("law", "i8"),  # Law
            ("fan", "i8"),  # Fan
            ("cells", "i8"),
            ("all_cells", "?"),  # run as many cells as the flow allows, else as few
            ("cell_flow_low", "f8"),  # share of its design flow a cell needs
            ("cell_flow_high", "f8"),  # and can take
            ("water_flow", "f8"),  # kg/s at design
            ("flow_calibration", "f8"),  # YorkCalc, CoolTools: water ratio at design flow that gives the rated approach
            ("air_flow", "f8"),  # m³/s at full speed
            ("air_low", "f8"),  # lowest or low speed over full
            ("free_capacity", "f8"),  # YorkCalc, CoolTools: share of the full-speed range without fan
            ("air_free", "f8"),  # Merkel: air flow without fan over full
            ("UA_free", "f8"),  # Merkel: W/K without fan
            ("UA_exponent", "f8"),  # DRY and WET
            ("density_exponent", "f8"),  # DRY: of the density of the air over `air_density` in UA
            ("air_density", "f8"),  # dry air per volume at which UA is stated [kg/m³]
            ("fan_power", "f8"),  # W
            ("fan_power_low", "f8"),  # STEPPED
            ("fan_curve", "f8", (4,)),  # cubic in the air ratio, VARIABLE
            ("merkel", MERKEL),  # its UA serves DRY and WET too
            ("T_basin_low", "f8"),  # a bypass keeps the water from getting colder
            ("heater", "f8"),  # basin heaters: W per kelvin of outdoor air below their set point
            ("T_heater", "f8"),
            ("drift", "f8"),  # share of the water flow at full fan speed
            ("cycles", "f8"),
        ],
    )
)


class Stream(NamedTuple):
    """Water and air of the running cells."""

    share: float  # running cells over all
    water: float  # heat capacity rate of the water (W/K)
    water_ratio: float  # water per running cell over its design flow
    air: float  # dry air at full speed (kg/s)
    cp: float  # of the air, per kg of dry air (J/kg K)


class Operation(NamedTuple):
    """How the plant runs in one hour."""

    state: State
    T_out: float  # the set point, or on which side of it, and roughly how far, the water leaves
    air_ratio: float  # air through the running cells over full speed
    fan_power: float
    residual: float  # of the set point equation, as heat (W)


@kernel
def stream(r: np.record, air: Air, flow: float, water_cp: float) -> Stream:
    """Cells that run at a water flow (kg/s), and what flows through them."""
    share = 1.0
    if r.cells > 1 and flow == flow:  # a NaN must not become a number of cells
        load = flow / r.water_flow * r.cells
        needed = int(load / r.cell_flow_high + 0.999999999)
        carried = int(load / r.cell_flow_low + 1e-9)
        share = max(min(carried if r.all_cells else needed, r.cells), 1) / r.cells
    mass = r.air_flow * share * dry_air_density(air.T, air.w, air.pressure)
    return Stream(share, flow * water_cp, flow / (r.water_flow * share), mass, 1006.0 + 1860.0 * air.w)


@kernel
def leaving(r: np.record, air: Air, s: Stream, T_in: float, x: float) -> float:
    """Water leaving at air ratio `x`; x = 0 is the fan off."""
    if r.law == Law.NONE:
        return T_in
    if r.law == Law.YORKCALC or r.law == Law.COOLTOOLS:
        driven = x if x > 0.0 else 1.0
        water_ratio = s.water_ratio * r.flow_calibration
        if r.law == Law.YORKCALC:
            T_out = yorkcalc_leaving(T_in, air.T_wet_bulb, water_ratio, driven)
        else:
            T_out = cooltools_leaving(T_in, air.T_wet_bulb, water_ratio, driven)
        return T_out if x > 0.0 else T_in - r.free_capacity * (T_in - T_out)
    UA = s.share * UA_running(r, air.T_wet_bulb, s, x)
    mass = s.air * (x if x > 0.0 else r.air_free)
    if r.law == Law.DRY:
        return T_in - dry_heat(T_in, air.T, mass, s.cp, s.water, UA) / s.water
    return T_in - enthalpy_exchange(T_in, air.T_wet_bulb, air.pressure, mass, s.cp, s.water, UA) / s.water


@kernel
def excess(r: np.record, air: Air, s: Stream, T_in: float, T_out: float, x: float) -> float:
    """Kelvins by which the water leaves too warm at air ratio `x`, given that it enters and shall leave as stated.

    Laws without a closed form for the leaving water answer with what the stated heat needs: towers and coolers that
    exchange enthalpy with the rise of `T_in`, CoolTools with its approach. Sign and root are those of the leaving
    temperature, without an iteration.
    """
    if r.law == Law.COOLTOOLS and x > 0.0:
        water_ratio = s.water_ratio * r.flow_calibration
        return air.T_wet_bulb + cooltools_approach(air.T_wet_bulb, T_in - T_out, water_ratio, x) - T_out
    if r.law != Law.MERKEL and r.law != Law.WET:
        return leaving(r, air, s, T_in, x) - T_out
    UA = s.share * UA_running(r, air.T_wet_bulb, s, x)
    mass = s.air * (x if x > 0.0 else r.air_free)
    heat = s.water * (T_in - T_out)
    return entering_water(heat, air.T_wet_bulb, air.pressure, mass, s.cp, s.water, UA) - T_in


@kernel
def UA_running(r: np.record, T_wet_bulb: float, s: Stream, x: float) -> float:
    """UA of all cells at air ratio `x`; coolers follow a power law, Merkel towers their modifiers."""
    if r.law != Law.MERKEL:
        UA = UA_at(r.merkel.UA, r.UA_exponent, x) if x > 0.0 else r.UA_free
        if r.density_exponent > 0.0:
            UA *= (s.air / (r.air_flow * s.share * r.air_density)) ** r.density_exponent
        return UA
    if x > 0.0:
        return merkel_UA(T_wet_bulb, s.water_ratio, x, r.merkel)
    return r.UA_free / r.merkel.UA * merkel_UA(T_wet_bulb, s.water_ratio, 1.0, r.merkel)


@kernel
def air_ratio(r: np.record, air: Air, s: Stream, T_in: float, T_out: float) -> float:
    """Air ratio that cools water from `T_in` to `T_out`: infinite if full speed is too little, small if too much."""
    if r.law == Law.YORKCALC:
        return yorkcalc_air_ratio(T_in, T_out, air.T_wet_bulb, s.water_ratio * r.flow_calibration)
    if r.law == Law.MERKEL:
        mass, water = s.air / s.share, s.water / s.share  # as if all cells ran: the ratio is the same
        return merkel_air_ratio(
            T_in, T_out, air.T_wet_bulb, air.pressure, mass, s.cp, water, s.water_ratio, r.air_low, r.merkel
        )
    return _between(r, air, s, T_in, T_out)


@kernel
def _between(r: np.record, air: Air, s: Stream, T_in: float, T_out: float) -> float:
    """`air_ratio` between the lowest and the full speed, for any law, as `excess` falls with air.

    Inverse quadratic interpolation of the last three points, kept within the bracket.
    """
    low = x = r.air_low
    high = 1.0
    a = f_a = b = f_b = math.nan  # the two points before
    for i in range(60):
        f = excess(r, air, s, T_in, T_out, x)
        if math.isnan(f):
            return f
        if i == 0 and f <= 0.0:
            return 0.0
        if i == 1 and f > 0.0:
            return math.inf
        if i > 0 and (abs(f) < 1e-10 or high - low < 1e-13):
            break
        if f > 0.0:
            low = x
        else:
            high = x
        c = high
        if i > 0:
            chord = (x - a) / (f - f_a)
            bend = (chord - (a - b) / (f_a - f_b)) / (f - f_b)
            c = x - f * (chord - f_a * bend if math.isfinite(bend) else chord)
            if not low < c < high or i > 20:
                c = 0.5 * (low + high)
        b, f_b, a, f_a, x = a, f_a, x, f, c
    return x


@kernel
def fan_power(r: np.record, s: Stream, x: float) -> float:
    """Electrical power of a variable-speed fan: P_0·(c0 + c1·x + c2·x² + c3·x³) for the running cells."""
    c = r.fan_curve
    return r.fan_power * s.share * (c[0] + x * (c[1] + x * (c[2] + x * c[3])))


@kernel
def settle(r: np.record, air: Air, s: Stream, T_in: float, T_set: float) -> Operation:
    """Fan operation that brings water from `T_in` to `T_set`, or the nearest state and the temperature it gives.

    `air_ratio` finds the speed; where it finds none within the fan's range, its word is a hint only: rest, lowest and
    full speed are tried in turn, and what the law says there decides. A set point that full speed does not reach is
    FULL; water no warmer than its set point meets still fans.
    """
    stepped = r.fan == Fan.STEPPED
    idle = not T_in > T_set
    x = math.nan if stepped or idle else air_ratio(r, air, s, T_in, T_set)
    if r.air_low <= x <= 1.0:
        return Operation(State.HELD, T_set, x, fan_power(r, s, x), 0.0)
    T_full = T_free = T_low = math.nan
    at = State.FREE if stepped or idle or x < r.air_low else State.FULL
    for _ in range(3):  # one call site: compiled once
        x = 1.0 if at == State.FULL else (0.0 if at == State.FREE else r.air_low)
        if (at == State.FULL and not stepped) or (at == State.LOWEST and r.fan == Fan.VARIABLE_FLOATING):
            T = T_set + min(excess(r, air, s, T_in, T_set, x), 50.0)
        else:
            T = leaving(r, air, s, T_in, x)
        if at == State.FULL:
            T_full = T
            if T_full >= T_set:
                return Operation(State.FULL, T_full, 1.0, full_power(r, s), 0.0)
            if stepped:
                break
            at = State.FREE
        elif at == State.FREE:
            T_free = T
            if T_free <= T_set:
                return Operation(State.FREE, T_free, free_air(r), 0.0, 0.0)
            at = State.LOWEST
        else:
            T_low = T
            if T_low <= T_set:
                break
            at = State.FULL
    if stepped:
        return _step(r, s, T_free, T_low, T_full, T_set)
    if T_low <= T_set:
        if r.fan == Fan.VARIABLE_FLOATING:
            return Operation(State.LOWEST, T_low, r.air_low, fan_power(r, s, r.air_low), 0.0)
        f = (T_free - T_set) / (T_free - T_low)
        air_flow = f * r.air_low + (1.0 - f) * free_air(r)  # the draught goes on while the fan rests
        return Operation(State.HELD, T_set, air_flow, f * fan_power(r, s, r.air_low), 0.0)
    x = _between(r, air, s, T_in, T_set)
    return Operation(State.HELD, T_set, x, fan_power(r, s, x), 0.0)


@kernel
def _step(r: np.record, s: Stream, T_free: float, T_low: float, T_full: float, T_set: float) -> Operation:
    """Shares of time off, at low and at high speed; the water mixes in proportion."""
    low, high = r.fan_power_low * s.share, r.fan_power * s.share
    if T_low <= T_set:
        f = (T_free - T_set) / (T_free - T_low)
        return Operation(State.HELD, T_set, r.air_low, f * low, 0.0)
    f = (T_low - T_set) / (T_low - T_full)
    return Operation(State.HELD, T_set, f + (1.0 - f) * r.air_low, f * high + (1.0 - f) * low, 0.0)


@kernel
def full_power(r: np.record, s: Stream) -> float:
    """Electrical power of the running fans at full speed."""
    return r.fan_power * s.share if r.fan == Fan.STEPPED else fan_power(r, s, 1.0)


@kernel
def free_air(r: np.record) -> float:
    """Air ratio of a tower with its fan off."""
    return min(r.air_free if r.law == Law.MERKEL else r.free_capacity, r.air_low)


@kernel
def heater_power(r: np.record, air: Air, running: float) -> float:
    """Electrical power of the basin heaters in the cells that stand still: (1 - running)·h·max(T_set - T_air, 0).

    Symbols: h `heater` of all cells (W/K), T_set `T_heater` (°C), `running` share of the cells. Water that circulates
    needs none. Source: EnergyPlus Engineering Reference, Cooling Towers, basin heater.
    """
    return (1.0 - running) * r.heater * max(r.T_heater - air.T, 0.0)


@kernel
def outside(r: np.record, air: Air, s: Stream, T_in: float, T_out: float, x: float) -> bool:
    """Whether the point, at air ratio `x`, lies outside the range of the machine's law."""
    if r.law == Law.YORKCALC:
        return yorkcalc_outside(T_in, T_out, air.T_wet_bulb, s.water_ratio * r.flow_calibration)
    if r.law == Law.COOLTOOLS:
        return cooltools_outside(T_in, T_out, air.T_wet_bulb, s.water_ratio * r.flow_calibration)
    if r.law == Law.MERKEL and merkel_outside(air.T_wet_bulb, s.water_ratio, r.merkel):
        return True
    return (r.law == Law.MERKEL or r.law == Law.WET) and turns(r, air, s, T_in, T_out, x)


@kernel
def turns(r: np.record, air: Air, s: Stream, T_in: float, T_out: float, x: float) -> bool:
    """`exchange_turns` of a tower or wet cooler; near the wet bulb and with little air it needs no closer look."""
    speed = 0.0 if x <= free_air(r) else max(x, r.air_low)
    mass = s.air * (speed if speed > 0.0 else r.air_free)
    if T_in - air.T_wet_bulb < NEAR and mass * saturated_state(T_in, air.pressure).slope < s.water:
        return False
    UA = s.share * UA_running(r, air.T_wet_bulb, s, speed)
    return exchange_turns(s.water * (T_in - T_out), air.T_wet_bulb, air.pressure, mass, s.cp, s.water, UA)


@kernel
def sprays(r: np.record) -> bool:
    """Whether the machine evaporates water."""
    return bool(r.law != Law.NONE and r.law != Law.DRY)


@kernel
def drift(r: np.record, s: Stream, x: float) -> float:
    """Water carried off as drops (kg/s)."""
    return float(r.drift * s.water_ratio * s.share * r.water_flow * x)


@kernel
def water_use(r: np.record, air: Air, s: Stream, heat: float, x: float) -> tuple[float, float, float]:
    """Water evaporated, drifted and blown down (kg/s)."""
    if not sprays(r) or heat <= 0.0:
        return 0.0, 0.0, 0.0
    evaporated, drifted = evaporation(heat, s.air * x, air.w, air.T_wet_bulb, air.pressure), drift(r, s, x)
    return evaporated, drifted, blow_down(evaporated, drifted, r.cycles)


@kernel
def use_water(
    r: np.record, heat: np.ndarray, w: np.ndarray, T_wet_bulb: np.ndarray, pressure: np.ndarray, air: np.ndarray,
    evaporated: np.ndarray, drifted: np.ndarray,
) -> None:  # fmt: skip
    """`water_use` of a series, faster than one by one: `drifted` is given, and `air` becomes the water blown down."""
    if sprays(r):
        evaporations(heat, air, w, T_wet_bulb, pressure, evaporated)
        for i in range(air.size):
            air[i] = 0.0 if air[i] <= 0.0 else blow_down(evaporated[i], drifted[i], r.cycles)
