"""A study of loops in time, checked and lowered: what the march is given."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import ConvergenceError, InputError
from thermal.library import load
from thermal.network.events import Event, schedule
from thermal.network.heat import rack_heat
from thermal.network.loop import Loop
from thermal.network.lower import lower, rest
from thermal.network.plates import lower_plates
from thermal.network.supply import CoupledFacility, FacilityModel, Supply
from thermal.outdoors.in_time import outdoors
from thermal.physics.kernel import zero_record
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.march import Boundary
from thermal.physics.network.rack_plate import Plates
from thermal.physics.plant.trains import PLANT_STATE
from thermal.quantity import Part
from thermal.timeline import seconds

__all__ = ["MAX_BYTES", "Case", "prepare", "require_rest"]

MAX_BYTES = 8e9


class Case(NamedTuple):
    """A lowered study, ready for the kernels."""

    loops: tuple[Loop, ...]
    net: LoopNet
    plant: Any  # record PLANT
    kind: int
    state: LoopState
    plates: Plates
    plant_state: Any  # record PLANT_STATE
    boundary: Boundary
    every: int
    time: Any  # ends of the saved intervals
    given: xr.DataArray | None  # times of the heat trace; None where the heat is constant


def prepare(
    loops: Loop | Sequence[Loop],
    heat: Any,
    facility: FacilityModel | CoupledFacility,
    weather: Any,
    events: Sequence[Event],
    until: float | None,
    step: float,
    save: float | None,
) -> Case:
    """Check and lower a study."""
    many = (loops,) if isinstance(loops, Loop) else tuple(loops)
    if not many or not all(isinstance(loop, Loop) for loop in many):
        raise InputError("transient needs a Loop or a sequence of Loops (th.load('loops/...') or th.Loop(...))")
    if not (isinstance(facility, Part) and hasattr(facility, "kind")):
        given = type(facility).__name__ if isinstance(facility, Part) else repr(facility)
        raise InputError(f"facility = {given} must be a th.Supply or a plant, such as th.load('plants/generic_20mw')")
    assert not isinstance(facility, CoupledFacility)  # those have marched on their own
    for name, value in (("step", step), ("until", until), ("save", save)):
        missing = value is None and name != "step"
        if not missing and (isinstance(value, bool) or not isinstance(value, int | float | np.number)):
            raise InputError(f"{name} = {value!r} must be a number of seconds")
    if not (isinstance(events, Sequence) and all(isinstance(event, Event) for event in events)):
        raise InputError("events must be a sequence of th.stop(...) and th.restart(...)")
    load = rack_heat(heat, many)
    if not (step > 0 and math.isfinite(step)):
        raise InputError(f"step = {step:g} s must be above zero")
    if until is None and math.isinf(load.interval):
        raise InputError("until = ... is needed where the heat is constant in time")
    length = until if until is not None else len(load.heat) * load.interval
    for name, value in (("until", length), ("save", save)):
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise InputError(f"{name} = {value:g} s must be above zero")
    if math.isfinite(load.interval) and length > len(load.heat) * load.interval * (1 + 1e-9):
        raise InputError(f"until = {length:g} s is beyond the heat trace, {len(load.heat) * load.interval:g} s")
    save = save if save is not None else (load.interval if math.isfinite(load.interval) else min(60.0, length))
    interval = min(save, load.interval)
    every = _ratio(save, interval, "save")
    count = _ratio(length, save, "until") * every
    repeats = _ratio(min(load.interval, length), interval, "the trace's interval")
    _fits(count // every, many)
    rows = np.minimum(np.arange(count) // repeats, len(load.heat) - 1)
    water = facility.coolant if facility.coolant is not None else _water()
    net, plant = lower(many, water), facility.net(water)
    times, where, change = schedule(events, many, length)
    boundary = Boundary(
        interval=float(interval),
        heat=np.ascontiguousarray(load.heat[rows]),
        outside=_outside(facility, weather, load.time, count, interval),
        header=_header(facility, net, count),
        event_time=times,
        event_loop=where,
        event_change=change,
    )
    kind = int(facility.kind)
    plates = lower_plates(many, interval / _substeps(interval, step))
    ends = _ends(load.time, save, count // every)
    return Case(many, net, plant, kind, rest(net), plates, _plant_rest(), boundary, every, ends, load.time)


def _substeps(interval: float, step: float) -> int:
    """Steps in each interval, none longer than `step`."""
    return max(1, math.ceil(interval / step - 1e-9))


def _water() -> Coolant:
    """Plain water, for a facility that does not say otherwise."""
    water = load("coolants/water")
    assert isinstance(water, Coolant)
    return water


def _ratio(longer: float, shorter: float, what: str) -> int:
    ratio = longer / shorter
    if abs(ratio - round(ratio)) > 1e-6 * ratio or round(ratio) < 1:
        raise InputError(f"{what} = {longer:g} s must be a whole multiple of {shorter:g} s")
    return round(ratio)


def _fits(saves: int, loops: Sequence[Loop]) -> None:
    racks = sum(len(loop.racks) for loop in loops)
    size = 8.0 * saves * (12 * len(loops) + 2 * racks + 20)
    if size > MAX_BYTES:
        raise InputError(
            f"the result would take {size / 1e9:.1f} GB ({saves} saved times): raise save or shorten until"
        )


def _ends(time: xr.DataArray | None, save: float, saves: int) -> Any:
    """Times at the end of each saved interval, as dates where the trace has dates."""
    ends = save * np.arange(1, saves + 1)
    if time is not None and np.issubdtype(time.dtype, np.datetime64):
        return time.values[0] + (ends * 1e9).astype("timedelta64[ns]")
    return ends + (float(seconds(time)[0]) if time is not None and np.issubdtype(time.dtype, np.number) else 0.0)


def _outside(
    facility: FacilityModel, weather: Any, time: xr.DataArray | None, count: int, interval: float
) -> np.ndarray:
    """Supply temperature, or wet bulb interpolated linearly in time, at the start of each interval."""
    if isinstance(facility, Supply):
        return np.full(count, facility.T)
    return outdoors(weather, ("T_wet_bulb",), time, count, interval)["T_wet_bulb"]


def _header(facility: FacilityModel, net: LoopNet, count: int) -> np.ndarray:
    """Differential pressure at which each loop draws its share of a supply, valve fully open."""
    share = (facility.flow if isinstance(facility, Supply) else 0.0) / len(net.loops)
    drop = net.loops.primary_linear * share + net.loops.valve_quadratic * share**2
    return np.broadcast_to(drop, (count, len(drop))).copy()


def _plant_rest() -> Any:
    state = zero_record(PLANT_STATE)
    state.trains = 1
    return state


def require_rest(case: Case, T: float) -> None:
    """Refuse to start where there is no rest, or none inside a coolant's range.

    Raises
    ------
    ConvergenceError
        The message names the loops.
    """
    if math.isnan(T):
        loops = case.state.loops
        stuck = [i for i in range(len(loops)) if not (loops[i].flow > 0 and loops[i].primary_flow > 0)]
        cause = (
            f"loops {stuck} have heat but no flow on a side (the work of pumps is heat, too)"
            if stuck
            else "the facility cannot carry the heat away"
        )
        raise ConvergenceError(f"no steady state to start from: {cause}; check facility flow, pumps and first heat")
    for l, loop in enumerate(case.loops):
        row = case.state.loops[l]
        for name, T_rest in (("supply", row.T_supply), ("return", row.T_return)):
            if not loop.coolant.T_low <= T_rest <= loop.coolant.T_high:
                raise ConvergenceError(
                    f"loop {l} has no operating point inside the range of its coolant: the {name} would be "
                    f"{float(T_rest):.4g} degC, the range is {loop.coolant.T_low:g} to {loop.coolant.T_high:g} degC; "
                    "more or colder facility water, or less heat"
                )
