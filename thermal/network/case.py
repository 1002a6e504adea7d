"""A study of loops in time, checked and lowered: what the march is given."""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.chip.throttling import Throttling
from thermal.components.coolant import Coolant
from thermal.errors import ConvergenceError, InputError
from thermal.inputs import affordable, number
from thermal.network.events import Event, schedule
from thermal.network.heat import rack_heat
from thermal.network.loop import Loop
from thermal.network.lower import lower, rest
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.march import Boundary
from thermal.timeline import seconds

__all__ = [
    "MAX_BYTES", "Case", "OnLimit", "Study", "Timetable", "prepare", "require_rest", "timetable",
]  # fmt: skip

MAX_BYTES = 8e9


class OnLimit(StrEnum):
    """What happens where a case passes its limit or coolant boils."""

    FLAG = "flag"  # the run goes on, and says so: a margin below zero, ``boils``, and then no longer ``converged``
    STOP = "stop"  # the run ends with the row in which it happens
    THROTTLE = "throttle"  # the rack gives less heat from the next row on, as long as its case is over the limit
    TRIP = "trip"  # the rack gives none from the next row on


class Study(NamedTuple):
    """What a user asks of loops in time, as given."""

    loops: Loop | Sequence[Loop]
    heat: Any
    facility: Any  # a part; of a network without CDUs none
    weather: Any
    events: Sequence[Event]
    until: float | None
    step: float
    save: float | None
    on_limit: OnLimit = OnLimit.FLAG
    throttling: Throttling | None = None  # law of the clock, where that is what a limit brings


class Case(NamedTuple):
    """A lowered study, ready for the kernels."""

    loops: tuple[Loop, ...]
    single: bool  # whether one loop was given, not a sequence
    net: LoopNet
    state: LoopState
    boundary: Boundary
    plan: "Timetable"
    substeps: int  # in each interval of the boundary
    every: int  # intervals in a saved row
    time: Any  # ends of the saved intervals
    given: xr.DataArray | None  # times of the heat trace; None where the heat is constant

    @property
    def intervals(self) -> int:
        """Intervals of the whole run."""
        return len(self.boundary.heat)


def prepare(study: Study, water: Coolant, events: Sequence[Event], longest: float = math.inf) -> Case:
    """Check and lower the loops of a study, `water` being the facility's and `events` those of the loops.

    Intervals are no longer than `longest` [s].

    Raises
    ------
    InputError, DataError
        If a condition is wrong; the message names it.
    """
    many = (study.loops,) if isinstance(study.loops, Loop) else tuple(study.loops)
    if not many or not all(isinstance(loop, Loop) for loop in many):
        raise InputError("transient needs a Loop or a sequence of Loops (th.load('loops/...') or th.Loop(...))")
    load = rack_heat(study.heat, many)
    plan = timetable(study, load.interval, len(load.heat), longest)
    _fits(plan, many)
    rows = plan.rows
    net = lower(many, water)
    times, where, change = schedule(events, many, plan.length)
    boundary = Boundary(
        interval=plan.interval,
        heat=np.ascontiguousarray(load.heat[rows]),
        event_time=times,
        event_loop=where,
        event_change=change,
    )
    ends = plan.ends(load.time)
    single = isinstance(study.loops, Loop)
    return Case(many, single, net, rest(net), boundary, plan, plan.substeps, plan.every, ends, load.time)


class Timetable(NamedTuple):
    """How a run is cut: intervals of constant heat, steps in them, and rows that are saved."""

    interval: float  # [s]
    intervals: int  # of the run
    repeats: int  # intervals in a row of the heat
    last: int  # row of the heat
    substeps: int
    every: int  # intervals in a saved row

    @property
    def rows(self) -> np.ndarray:
        """Row of the heat in each interval."""
        return np.minimum(np.arange(self.intervals) // self.repeats, self.last)

    @property
    def length(self) -> float:
        """Length of the run [s]."""
        return self.intervals * self.interval

    @property
    def save(self) -> float:
        """Length of a saved row [s]."""
        return self.every * self.interval

    def ends(self, time: xr.DataArray | None) -> Any:
        """Times at the end of each saved interval, as dates where the trace has dates."""
        return _ends(time, self.save, self.intervals // self.every)


def timetable(study: Study, heat_interval: float, heat_rows: int, longest: float = math.inf) -> Timetable:
    """Cut a study of heat that has `heat_rows` rows of `heat_interval` seconds (infinite where it is constant).

    Intervals are no longer than `longest` [s], what a step of the facility may last.

    Raises
    ------
    InputError
        If the times do not fit each other; the message names them.
    """
    step = number("step", study.step, "s", above=0)
    until = None if study.until is None else number("until", study.until, "s", above=0)
    save = None if study.save is None else number("save", study.save, "s", above=0)
    if until is None and math.isinf(heat_interval):
        raise InputError("until = ... is needed where the heat is constant in time")
    length = until if until is not None else heat_rows * heat_interval
    if math.isfinite(heat_interval) and length > heat_rows * heat_interval * (1 + 1e-9):
        raise InputError(f"until = {length:g} s is beyond the heat trace, {heat_rows * heat_interval:g} s")
    given = "until" if until is not None else "the length of the heat trace"
    save = save if save is not None else (heat_interval if math.isfinite(heat_interval) else min(60.0, length))
    interval = min(save, heat_interval)
    every = _ratio(save, interval, "save", "the heat trace's interval")
    count = _ratio(length, save, given, "save") * every
    repeats = _ratio(min(heat_interval, length), interval, "the heat trace's interval", "save")
    parts = max(1, math.ceil(interval / longest - 1e-9))
    interval = interval / parts
    steps = parts * count * max(1.0, interval / step)
    if length / save < steps:  # so many saved rows would not fit, which is said elsewhere
        affordable("the run", steps, f"a longer step than {step:g} s, or a shorter run than {length:g} s")
    return Timetable(
        float(interval), parts * count, parts * repeats, heat_rows - 1, _substeps(interval, step), parts * every
    )


def _substeps(interval: float, step: float) -> int:
    """Steps in each interval, none longer than `step`."""
    return max(1, math.ceil(interval / step - 1e-9))


def _ratio(longer: float, shorter: float, what: str, than: str) -> int:
    ratio = longer / shorter
    if abs(ratio - round(ratio)) > 1e-6 * ratio or round(ratio) < 1:
        raise InputError(f"{what} = {longer:g} s must be a whole multiple of {shorter:g} s, which is {than}")
    return round(ratio)


def _fits(plan: Timetable, loops: Sequence[Loop]) -> None:
    racks, saves = sum(len(loop.racks) for loop in loops), plan.intervals // plan.every
    size = 8.0 * saves * (12 * len(loops) + 2 * racks + 20)
    if size > MAX_BYTES:
        raise InputError(
            f"the result would take {size / 1e9:.1f} GB ({saves} saved times): raise save or shorten until"
        )
    heat = 8.0 * plan.intervals * racks
    if heat > MAX_BYTES:
        raise InputError(
            f"heat at intervals of {plan.interval:g} s would take {heat / 1e9:.1f} GB: shorten until, or let the "
            "facility take longer steps"
        )


def _ends(time: xr.DataArray | None, save: float, saves: int) -> Any:
    """Times at the end of each saved interval, as dates where the trace has dates."""
    ends = save * np.arange(1, saves + 1)
    if time is not None and np.issubdtype(time.dtype, np.datetime64):
        return time.values[0] + (ends * 1e9).astype("timedelta64[ns]")
    return ends + (float(seconds(time)[0]) if time is not None and np.issubdtype(time.dtype, np.number) else 0.0)


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
