"""A study of loops in time, checked and lowered: what the march is given."""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import ConvergenceError, InputError
from thermal.inputs import number
from thermal.network.events import Event, schedule
from thermal.network.heat import rack_heat
from thermal.network.loop import Loop
from thermal.network.lower import lower, rest
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.march import Boundary
from thermal.quantity import Part
from thermal.timeline import seconds

__all__ = ["MAX_BYTES", "Case", "OnLimit", "Study", "cut_finer", "prepare", "require_rest"]

MAX_BYTES = 8e9


class OnLimit(StrEnum):
    """What happens where a case passes its limit or coolant boils."""

    FLAG = "flag"  # the run goes on, and says so: a margin below zero, ``boils``, and then no longer ``converged``
    STOP = "stop"  # the run ends with the row in which it happens


class Study(NamedTuple):
    """What a user asks of loops in time, as given."""

    loops: Loop | Sequence[Loop]
    heat: Any
    facility: Part
    weather: Any
    events: Sequence[Event]
    until: float | None
    step: float
    save: float | None
    on_limit: OnLimit = OnLimit.FLAG


class Case(NamedTuple):
    """A lowered study, ready for the kernels."""

    loops: tuple[Loop, ...]
    single: bool  # whether one loop was given, not a sequence
    net: LoopNet
    state: LoopState
    boundary: Boundary
    substeps: int  # in each interval of the boundary
    every: int  # intervals in a saved row
    time: Any  # ends of the saved intervals
    given: xr.DataArray | None  # times of the heat trace; None where the heat is constant

    @property
    def intervals(self) -> int:
        """Intervals of the whole run."""
        return len(self.boundary.heat)


def prepare(study: Study, water: Coolant, events: Sequence[Event]) -> Case:
    """Check and lower the loops of a study, `water` being the facility's and `events` those of the loops.

    Raises
    ------
    InputError, DataError
        If a condition is wrong; the message names it.
    """
    many = (study.loops,) if isinstance(study.loops, Loop) else tuple(study.loops)
    if not many or not all(isinstance(loop, Loop) for loop in many):
        raise InputError("transient needs a Loop or a sequence of Loops (th.load('loops/...') or th.Loop(...))")
    step = number("step", study.step, "s", above=0)
    until = None if study.until is None else number("until", study.until, "s", above=0)
    save = None if study.save is None else number("save", study.save, "s", above=0)
    load = rack_heat(study.heat, many)
    if until is None and math.isinf(load.interval):
        raise InputError("until = ... is needed where the heat is constant in time")
    length = until if until is not None else len(load.heat) * load.interval
    if math.isfinite(load.interval) and length > len(load.heat) * load.interval * (1 + 1e-9):
        raise InputError(f"until = {length:g} s is beyond the heat trace, {len(load.heat) * load.interval:g} s")
    given = "until" if until is not None else "the length of the heat trace"
    save = save if save is not None else (load.interval if math.isfinite(load.interval) else min(60.0, length))
    interval = min(save, load.interval)
    every = _ratio(save, interval, "save", "the heat trace's interval")
    count = _ratio(length, save, given, "save") * every
    repeats = _ratio(min(load.interval, length), interval, "the heat trace's interval", "save")
    _fits(count // every, many)
    rows = np.minimum(np.arange(count) // repeats, len(load.heat) - 1)
    net = lower(many, water)
    times, where, change = schedule(events, many, length)
    boundary = Boundary(
        interval=float(interval),
        heat=np.ascontiguousarray(load.heat[rows]),
        event_time=times,
        event_loop=where,
        event_change=change,
    )
    ends = _ends(load.time, save, count // every)
    single = isinstance(study.loops, Loop)
    return Case(many, single, net, rest(net), boundary, _substeps(interval, step), every, ends, load.time)


def cut_finer(case: Case, parts: int, step: float) -> Case:
    """The case with each interval cut into `parts`, stepped by no more than `step` seconds.

    Raises
    ------
    InputError
        If the heat at these intervals would not fit into memory.
    """
    b = case.boundary
    if parts * b.heat.nbytes > MAX_BYTES:
        raise InputError(
            f"heat at intervals of {b.interval / parts:g} s would take {parts * b.heat.nbytes / 1e9:.1f} GB: "
            "shorten until, or let the facility take longer steps"
        )
    interval = b.interval / parts
    boundary = b._replace(interval=interval, heat=np.repeat(b.heat, parts, axis=0))
    return case._replace(boundary=boundary, every=case.every * parts, substeps=_substeps(interval, step))


def _substeps(interval: float, step: float) -> int:
    """Steps in each interval, none longer than `step`."""
    return max(1, math.ceil(interval / step - 1e-9))


def _ratio(longer: float, shorter: float, what: str, than: str) -> int:
    ratio = longer / shorter
    if abs(ratio - round(ratio)) > 1e-6 * ratio or round(ratio) < 1:
        raise InputError(f"{what} = {longer:g} s must be a whole multiple of {shorter:g} s, which is {than}")
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
