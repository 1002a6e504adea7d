"""The verb ``transient``: loops and facility through time, second by second, saved by the minute."""

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal.components.coolant import Coolant
from thermal.errors import ConvergenceError, InputError
from thermal.library import load
from thermal.network.events import Event, schedule
from thermal.network.heat import rack_heat, seconds
from thermal.network.loop import Loop, lower, rest
from thermal.network.plates import lower_plates, rest_plates
from thermal.network.result import provenance, transient_result
from thermal.network.supply import CoupledFacility, FacilityModel, Supply
from thermal.outdoors.in_time import outdoors
from thermal.physics.kernel import zero_record
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.march import LOOP_ROW, PEAK, PLANT_ROW, Boundary, Record, march, settle
from thermal.physics.network.rack_plate import Plates
from thermal.physics.plant.trains import PLANT_STATE
from thermal.quantity import Part

__all__ = [
    "MAX_BYTES", "PIECES", "TOLERANCE", "Case", "prepare", "require_convergence", "require_rest", "solve_transient",
]  # fmt: skip

TOLERANCE = 1e-9  # largest hydraulic residual relative to shut-off pressure that counts as converged
MAX_BYTES = 8e9
PIECES = 50


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


def solve_transient(
    loops: Loop | Sequence[Loop],
    *,
    heat: Any,
    facility: FacilityModel | CoupledFacility,
    weather: Any = None,
    events: Sequence[Event] = (),
    until: float | None = None,
    step: float = 5.0,
    save: float | None = None,
) -> xr.Dataset:
    """March one loop or several through time, from rest under the first heat; see ``thermal.transient``."""
    if isinstance(facility, Part) and isinstance(facility, CoupledFacility):
        conditions = {"events": events, "until": until, "step": step, "save": save}
        return facility.with_loops(loops, heat=heat, weather=weather, **conditions)
    case = prepare(loops, heat, facility, weather, events, until, step, save)
    substeps = _substeps(case.boundary.interval, step)
    T = settle(case.net, case.plant, case.kind, case.state, case.plant_state, case.boundary)
    require_rest(case, T)
    rest_plates(case.plates, case.net, case.state, case.boundary.heat[0])
    record = _record(case)
    _march(case, substeps, record)
    result = transient_result(case, record, single=isinstance(loops, Loop))
    require_convergence(case, record)
    result.attrs |= provenance(case.loops, facility)
    result.attrs |= {"step": case.boundary.interval / substeps, "tolerance": TOLERANCE}
    result.attrs["facility"] = type(facility).__name__
    return result


def _march(case: Case, substeps: int, record: Record) -> None:
    """March in pieces, so that a long run shows its progress and can be interrupted."""
    saves, event = len(record.plant), 0
    edges = np.unique(np.linspace(0, saves, min(saves, PIECES) + 1).astype(int))
    arguments = (case.net, case.plant, case.kind, case.state, case.plant_state, case.boundary, substeps, case.every)
    with tqdm(total=saves, desc="transient", unit="saved", delay=2.0, leave=False, disable=None) as bar:
        for start, stop in itertools.pairwise(edges.tolist()):
            event = march(*arguments, record, start, stop, event)
            bar.update(stop - start)


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


def _record(case: Case) -> Record:
    saves, loops, racks = len(case.boundary.heat) // case.every, len(case.net.loops), len(case.net.racks)
    peaks = np.zeros(racks, PEAK).view(np.recarray)
    peaks.T_case = -np.inf
    return Record(
        np.zeros((saves, loops), LOOP_ROW).view(np.recarray),
        np.zeros(saves, PLANT_ROW).view(np.recarray),
        np.zeros((saves, racks)),
        np.zeros((saves, racks)),
        np.zeros((saves, racks), dtype=bool),
        case.plates,
        peaks,
    )


def require_convergence(case: Case, record: Record) -> None:
    """Refuse a record with a temperature that is no number, or flows that were not solved.

    Raises
    ------
    ConvergenceError
        The message names loop, rack and time.
    """
    worst = float(np.max(record.plant.hydraulic_residual))
    bad = ~np.isfinite(record.T_case)
    if bad.any():
        s, r = (int(i) for i in np.argwhere(bad)[0])
        l = int(np.searchsorted(case.net.first, r, side="right")) - 1
        raise ConvergenceError(
            f"transient: the case temperature of loop {l}, rack {r - int(case.net.first[l])} is not a number at "
            f"{case.time[s]}; look for an impossible capacity or flow there"
        )
    if not worst < TOLERANCE:
        raise ConvergenceError(
            f"transient: hydraulic residual {worst:.2e} of shut-off pressure is not below {TOLERANCE:g}; "
            "check pump curves and racks' pressure drops"
        )
