"""Loops and plant through time: the loops second by second against held supply water, then the plant a longer step.

What passes between them is heat: all that the CDUs gave off in a plant step enters the plant in that step, so that the
pair conserves energy exactly whatever the two rates are.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import ConvergenceError, InputError
from thermal.library import load
from thermal.network.case import MAX_BYTES, Case, prepare, require_rest
from thermal.network.events import Event, require_within
from thermal.network.loop import Loop
from thermal.network.plates import lower_plates, rest_plates
from thermal.network.supply import Supply
from thermal.network.transient import PIECES, require_convergence
from thermal.outdoors.in_time import outdoors
from thermal.physics.kernel import zero_record
from thermal.physics.network.march import LOOP_ROW, PEAK, PLANT_ROW, Record, march, settle
from thermal.physics.plant.hour import Mode
from thermal.physics.plant.march import PLANT_NOW, Extra, Moment, step_plant
from thermal.physics.plant.staging import MACHINE, Phase
from thermal.physics.plant.year import Column, run_hours
from thermal.physics.rejection.rejection import Air
from thermal.plant.dynamics import PlantDynamics
from thermal.plant.plant import Plant
from thermal.plant.result import coupled_result
from thermal.quantity import provenance

__all__ = ["march_coupled"]

OUTDOORS = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")
SHARE_OF_TURNOVER = 0.25  # longest plant step over the time water spends in the shorter pipe
MACHINES = ("pump", "condenser_pump", "chiller")
ENDS = [  # rows of which the end of a saved interval is kept; of the others the mean
    Column.T_SUPPLY, Column.T_RETURN, Column.T_CONDENSER, Column.T_CONDENSER_RETURN, Column.AIR_RATIO, Column.MODE,
    Column.CHILLERS_ON, Column.STATE, Extra.STARTING, Extra.BYPASS,
]  # fmt: skip


class _Study(NamedTuple):
    """A lowered study, ready to march."""

    plant: Plant
    case: Case
    inertia: Any
    now: Any
    machines: Any
    air: dict[str, np.ndarray]  # each by plant step
    running: dict[str, np.ndarray]  # machines that may run, by plant step
    per: int  # intervals of the loops in a plant step
    substeps: int

    @property
    def step(self) -> float:
        """Time step of the plant [s]."""
        return self.per * self.case.boundary.interval


def march_coupled(
    plant: Plant,
    loops: Loop | Sequence[Loop],
    *,
    heat: Any,
    weather: Any = None,
    events: Sequence[Event] = (),
    until: float | None = None,
    step: float = 5.0,
    save: float | None = None,
) -> xr.Dataset:
    """March loops and plant from rest under the first heat and weather; see ``thermal.transient``.

    The facility water is offered to the CDUs at a constant differential pressure, at which the loops draw its design
    flow together with their valves open, each an equal share. The plant's own flow follows its pump's law; the
    difference goes through a bypass.
    """
    supply = Supply(T=plant.T_supply, flow=_offered(plant), coolant=plant.coolant)
    case = prepare(loops, heat, supply, None, _of_loops(events, plant), until, step, save)
    dynamics = plant.dynamics if plant.dynamics is not None else load("plant_dynamics/typical")
    assert isinstance(dynamics, PlantDynamics)
    longest = min(dynamics.step, SHARE_OF_TURNOVER * min(dynamics.supply_time, dynamics.return_time))
    case, per = _with_plant_steps(case, longest)
    interval = case.boundary.interval
    count = len(case.boundary.heat) // per
    running = _running(events, plant, count, per * interval)
    substeps = max(1, math.ceil(interval / step - 1e-9))
    case = case._replace(plates=lower_plates(case.loops, interval / substeps))
    study = _Study(
        plant, case, dynamics.lower(plant), zero_record(PLANT_NOW), _machines(plant),
        outdoors(weather, OUTDOORS, case.given, count, per * interval), running, per,
        substeps,
    )  # fmt: skip
    _rest(study)
    rest_plates(case.plates, case.net, case.state, case.boundary.heat[0])
    case.boundary.header[np.repeat(running["pump"] == 0, per)] = 0.0
    record, table = _march(study)
    require_convergence(case, record)
    result = coupled_result(plant, case, record, table, study.air, single=isinstance(loops, Loop))
    signed = provenance(case.loops, plant, dynamics)
    steps = {"step": interval / study.substeps, "plant_step": study.step}
    return result.assign_attrs(signed | steps | {"weather": str(weather.attrs.get("source", "not stated"))})


def _offered(plant: Plant) -> float:
    """Design flow of the plant [m³/s] by the volumetric heat capacity that the loops count their water with."""
    water = plant.coolant
    rate = plant.model.facility.pump.mass_flow * water.properties(plant.T_supply).heat_capacity
    return float(rate / rho_cp(water, min(max(25.0, water.T_low), water.T_high)))


def _of_loops(events: Sequence[Event], plant: Plant) -> Sequence[Event]:
    """Events of the loops; what is no sequence of events is left for ``prepare`` to refuse."""
    if not (isinstance(events, Sequence) and all(isinstance(event, Event) for event in events)):
        return events
    return [event for event in events if _machine(event, plant) is None]


def _machine(event: Event, plant: Plant) -> str | None:
    """Which machine of the plant an event is about, if any.

    Raises
    ------
    InputError
        If the facility pump and the condenser pump are equal and it is neither of them, but a copy.
    """
    for name in MACHINES:
        if event.pump is getattr(plant, name):
            return name
    equal = [name for name in MACHINES if event.pump == getattr(plant, name)]
    if len(equal) > 1:
        raise InputError(
            f"event at {event.at:g} s: {' and '.join(equal)} of the plant are equal; pass plant.{equal[0]}"
        )
    return equal[0] if equal else None


def _running(events: Sequence[Event], plant: Plant, count: int, step: float) -> dict[str, np.ndarray]:
    """Machines that may run in each plant step; an event takes effect with the step that begins at or after it.

    Raises
    ------
    InputError
        If more machines stop than the plant has, or one starts that has not stopped.
    """
    have = {name: 0 if getattr(plant, name) is None else 1 for name in MACHINES}
    have["chiller"] = _installed(plant)
    running = {name: np.full(count, number) for name, number in have.items()}
    for event in sorted(events, key=lambda event: event.at):
        name = _machine(event, plant)
        if name is None:
            continue
        require_within(event, count * step)
        if event.loop is not None:
            raise InputError(f"event at {event.at:g} s: the {name} of the plant belongs to no loop; leave loop out")
        first = math.ceil(event.at / step - 1e-9)
        after = int(running[name][min(first, count - 1)]) + event.change
        if not 0 <= after <= have[name]:
            what = "stop, but none runs" if event.change < 0 else "restart, but all run"
            raise InputError(
                f"event at {event.at:g} s: a {name} of the plant should {what}; check the events before it"
            )
        running[name][first:] = after
    return running


def _installed(plant: Plant) -> int:
    """Chillers of the plant, those that follow included."""
    return int(plant.model.facility.chillers)


def _machines(plant: Plant) -> Any:
    """Clocks of the chillers, all standing for long."""
    machines = np.zeros(_installed(plant), MACHINE).view(np.recarray)
    machines.time = 1e9
    return machines


def _with_plant_steps(case: Case, longest: float) -> tuple[Case, int]:
    """The case with intervals no longer than a plant step may be, and how many of them make one.

    The plant step divides the saved interval.

    Raises
    ------
    InputError
        If the heat at these steps would not fit into memory.
    """
    b = case.boundary
    parts = math.ceil(b.interval / longest - 1e-9)
    size = parts * (b.heat.nbytes + b.header.nbytes)
    if size > MAX_BYTES:
        raise InputError(
            f"heat at steps of the plant would take {size / 1e9:.1f} GB: shorten until, or make dynamics.step longer"
        )
    heat, header = (np.repeat(values, parts, axis=0) for values in (b.heat, b.header))
    interval, every = b.interval / parts, case.every * parts
    boundary = b._replace(interval=interval, heat=heat, header=header, outside=np.repeat(b.outside, parts))
    per = max(n for n in range(1, every + 1) if every % n == 0 and (n == 1 or n * interval <= longest * (1 + 1e-9)))
    return case._replace(boundary=boundary, every=every), per


def _rest(study: _Study) -> None:
    """Put loops and plant at rest under the first heat and weather: the hour of ``th.annual``.

    Raises
    ------
    ConvergenceError
        If loops or plant have no rest there.
    """
    plant, case, now = study.plant, study.case, study.now
    load, _ = _settled(case, plant.T_supply)
    hour = np.empty((len(Column), 1))
    T, T_wet_bulb, w, pressure = (study.air[name][:1] for name in OUTDOORS)
    run_hours(
        plant.model, np.array([load]), np.array([float(plant.T_supply)]), T, T_wet_bulb, w, pressure,
        np.array([True]), hour,
    )  # fmt: skip
    row = hour[:, 0]
    if not np.isfinite(row).all():
        raise ConvergenceError(f"no steady state to start from: the plant has no solution at a load of {load:g} W")
    if row[Column.UNMET] > 0.0:
        raise ConvergenceError(
            f"no steady state to start from: of {row[Column.HEAT] / 1e3:.4g} kW the plant leaves "
            f"{row[Column.UNMET] / 1e3:.4g} kW with {row[Column.CHILLERS_ON]:.0f} chillers of {len(study.machines)} "
            "running; give more or larger chillers, or begin with less heat"
        )
    now.load, now.T_machine, now.T_condenser = load, row[Column.T_SUPPLY], row[Column.T_CONDENSER]
    flow = row[Column.HEAT] / (row[Column.T_RETURN] - row[Column.T_SUPPLY]) if load > 0.0 else 0.0  # W/K
    now.T_supply = _mixed(case, float(now.T_machine), load / flow if flow > 0.0 else 0.0, flow)
    now.T_return = now.T_machine + (load / flow if flow > 0.0 else 0.0)
    now.free, now.free_for = row[Column.MODE] in (Mode.FREE, Mode.PARTIAL), 1e9
    on = int(row[Column.CHILLERS_ON])
    study.machines.phase[:on] = Phase.ON


def _settled(case: Case, T: float) -> tuple[float, float]:
    """Bring the loops to rest on facility water at `T`; return their heat [W] and the flow they draw [W/K]."""
    case.boundary.outside[0] = T
    require_rest(case, settle(case.net, case.plant, case.kind, case.state, case.plant_state, case.boundary))
    draw = case.net.loops.facility_rho_cp * case.state.loops.primary_flow
    return float((draw * (case.state.loops.T_primary - T)).sum()), float(draw.sum())


def _mixed(case: Case, T_machine: float, rise: float, flow: float) -> float:
    """Temperature at the CDUs [°C]: the plant's, or warmer where they draw more than its flow and return goes round.

    By bisection between the plant's supply and return: T = T_machine + rise (1 − flow/draw(T)).
    """
    low, high = T_machine, T_machine + rise
    _, draw = _settled(case, low)
    if not (flow > 0.0 and draw > flow * (1.0 + 1e-12)):
        return low
    for _ in range(60):
        T = 0.5 * (low + high)
        _, draw = _settled(case, T)
        if T_machine + rise * max(1.0 - flow / draw, 0.0) > T:
            low = T
        else:
            high = T
    return T


def _march(study: _Study) -> tuple[Record, np.ndarray]:
    """March in pieces, each gathered into the saved rows as soon as it is done."""
    case, per_save = study.case, study.case.every // study.per
    saves = len(case.boundary.heat) // case.every
    edges = np.unique(np.linspace(0, saves, min(saves, PIECES) + 1).astype(int))
    pieces, event = [], 0
    peaks = _no_peaks(len(case.net.racks))
    with tqdm(total=saves, desc="transient", unit="saved", delay=2.0, leave=False, disable=None) as bar:
        for start, stop in itertools.pairwise(edges.tolist()):
            piece, table, event = _piece(study, start * per_save, stop * per_save, event)
            later = piece.peaks.T_case > peaks.T_case
            peaks[later] = piece.peaks[later]
            peaks.time[later] += start * per_save * study.step
            pieces.append(_gathered(piece, table, per_save))
            bar.update(stop - start)
    loops, plant, T_case, T_junction, outside, tables = zip(*pieces, strict=True)
    record = Record(
        np.concatenate(loops).view(np.recarray),
        np.concatenate(plant).view(np.recarray),
        np.concatenate(T_case),
        np.concatenate(T_junction),
        np.concatenate(outside),
        case.plates,
        peaks,
    )
    return record, np.concatenate(tables, axis=1)


def _no_peaks(racks: int) -> Any:
    peaks = np.zeros(racks, PEAK).view(np.recarray)
    peaks.T_case = -np.inf
    return peaks


def _piece(study: _Study, start: int, stop: int, event: int) -> tuple[Record, np.ndarray, int]:
    """March the plant steps from `start` to `stop`; one row each."""
    case, now, per, count = study.case, study.now, study.per, stop - start
    racks, loops = len(case.net.racks), len(case.net.loops)
    b = case.boundary
    rows = slice(start * per, stop * per)
    shift = start * study.step
    boundary = b._replace(
        heat=b.heat[rows], header=b.header[rows], outside=b.outside[rows], event_time=b.event_time - shift
    )
    record = Record(
        np.zeros((count, loops), LOOP_ROW).view(np.recarray),
        np.zeros(count, PLANT_ROW).view(np.recarray),
        np.zeros((count, racks)),
        np.zeros((count, racks)),
        np.zeros((count, racks), dtype=bool),
        case.plates,
        _no_peaks(racks),
    )
    table = np.zeros((len(Column) + len(Extra), count))
    m, T_set = study.plant.model, study.plant.T_supply
    water = float(case.net.loops.facility_rho_cp[0])
    heat_out, primary_flow = record.loops.heat_out, record.loops.primary_flow
    outside, weather = boundary.outside, [study.air[name] for name in OUTDOORS]
    on = [study.running[name] for name in MACHINES]
    arguments = (case.net, case.plant, case.kind, case.state, case.plant_state, boundary, study.substeps, per, record)
    for p in range(count):
        outside[p * per : (p + 1) * per] = now.T_supply
        event = march(*arguments, p, p + 1, event)
        k = start + p
        load, draw = float(heat_out[p].sum()), water * float(primary_flow[p].sum())
        moment = Moment(load, draw, T_set, bool(on[0][k]), bool(on[1][k]), int(on[2][k]))
        air = Air(*(float(values[k]) for values in weather))
        step_plant(m, study.inertia, now, study.machines, moment, air, study.step, table[:, p])
    if not np.isfinite(table).all():
        k = start + int(np.argmin(np.isfinite(table).all(axis=0)))
        raise ConvergenceError(
            f"transient: the plant has no solution at {(k + 1) * study.step:g} s from the start; look at the weather "
            "there and for an impossible flow or volume of the plant"
        )
    record.plant.energy_residual += table[Column.ENERGY_RESIDUAL]
    return record, table, event


def _gathered(piece: Record, table: np.ndarray, per: int) -> tuple[Any, ...]:
    """Rows of plant steps as saved rows: ends of temperatures and openings, means of powers, the worst of residuals."""
    ends = (piece.loops, piece.plant, piece.T_case, piece.T_junction)
    loops, plant, T_case, T_junction = (x[per - 1 :: per].copy() for x in ends)
    outside = piece.outside.reshape(-1, per, piece.outside.shape[1]).any(axis=1)
    for name in ("pump_power", "heat_out"):
        loops[name] = piece.loops[name].reshape(-1, per, loops.shape[1]).mean(axis=1)
    plant["energy_residual"] = piece.plant.energy_residual.reshape(-1, per).mean(axis=1)
    for name in ("mass_residual", "hydraulic_residual"):
        plant[name] = piece.plant[name].reshape(-1, per).max(axis=1)
    means = table.reshape(len(table), -1, per).mean(axis=2)
    means[ENDS] = table[ENDS, per - 1 :: per]
    return loops, plant, T_case, T_junction, outside, means
