"""The verb ``transient``: loops and facility through time, second by second, saved by the minute."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal.errors import ConvergenceError
from thermal.network.case import Case, _substeps, prepare, require_rest
from thermal.network.events import Event
from thermal.network.loop import Loop
from thermal.network.plates import rest_plates
from thermal.network.result import transient_result
from thermal.network.supply import CoupledFacility, FacilityModel
from thermal.physics.network.march import LOOP_ROW, PEAK, PLANT_ROW, Record, march, settle
from thermal.quantity import Part, provenance

__all__ = ["PIECES", "TOLERANCE", "require_convergence", "solve_transient"]

TOLERANCE = 1e-9  # largest hydraulic residual relative to shut-off pressure that counts as converged
PIECES = 50


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
