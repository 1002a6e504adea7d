"""The one place where the arrays of the loops get names, units and dimensions."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import ConvergenceError
from thermal.network.case import Case
from thermal.network.columns import Columns, unheld, with_end_uses
from thermal.physics.media.boiling import saturation_temperature
from thermal.physics.network.march import LOOP_ROW, PEAK, WATER_ROW, Record
from thermal.physics.network.rack_plate import Plates

__all__ = [
    "TOLERANCE", "by_rack", "loop_columns", "loops_result", "new_record", "require_convergence",
]  # fmt: skip

TOLERANCE = 1e-9  # largest hydraulic residual relative to shut-off pressure that counts as converged


def new_record(case: Case, plates: Plates) -> Record:
    """An empty record of a whole run."""
    saves, loops, racks = case.intervals // case.every, len(case.net.loops), len(case.net.racks)
    peaks = np.zeros(racks, PEAK).view(np.recarray)
    peaks.T_case = -np.inf
    return Record(
        np.zeros((saves, loops), LOOP_ROW).view(np.recarray),
        np.zeros(saves, WATER_ROW).view(np.recarray),
        np.zeros((saves, racks)),
        np.zeros((saves, racks)),
        np.zeros((saves, racks)),
        np.zeros((saves, racks)),
        np.zeros((saves, racks), dtype=bool),
        plates,
        peaks,
    )


def by_rack(case: Case, values: np.ndarray) -> np.ndarray:
    """Spread (..., all racks) to (..., loop, rack); a loop with fewer racks than the largest is padded with NaN."""
    first = case.net.first
    width = int(np.diff(first).max())
    if width * (len(first) - 1) == first[-1]:  # equal racks: nothing to pad, nothing to copy
        return values.reshape(*values.shape[:-1], len(first) - 1, width)
    out = np.full((*values.shape[:-1], len(first) - 1, width), np.nan)
    for l in range(len(first) - 1):
        out[..., l, : first[l + 1] - first[l]] = values[..., first[l] : first[l + 1]]
    return out


def loops_result(case: Case, record: Record, rows: int) -> xr.Dataset:
    """Dataset of the first `rows`: temperatures at the ends of saved intervals, powers and flows of heat as means."""
    series, uses = loop_columns(case, record, 0, rows)
    peaks = {"T_case_peak": record.peaks.T_case, "time_peak": record.peaks.time}
    data = series | {name: (("loop", "rack"), by_rack(case, values)) for name, values in peaks.items()}
    coords = {
        "time": case.time[:rows],
        "loop": np.arange(len(case.loops)),
        "rack": np.arange(int(np.diff(case.net.first).max())),
    }
    result = with_end_uses(xr.Dataset(data, coords), uses)
    worst = float(np.max(record.water.hydraulic_residual[:rows], initial=0.0))
    return result.assign_attrs(hydraulic_residual=worst, tolerance=TOLERANCE)


def loop_columns(case: Case, record: Record, first: int, rows: int) -> Columns:
    """What loops did in the rows from `first` up to `rows`, without the cost of a Dataset."""
    water: Any = record.water[first:rows]
    loops: Any = record.loops[first:rows]
    every, count = case.every, rows - first
    per_save = case.boundary.heat[first * every : rows * every].reshape(count, every, -1).mean(axis=1)
    captured = case.net.racks.plate_heat + case.net.racks.other_heat
    loop, rack = ("time", "loop"), ("time", "loop", "rack")
    T_low, T_high = (np.array([getattr(l.coolant, end) for l in case.loops]) for end in ("T_low", "T_high"))
    T_case = by_rack(case, record.T_case[first:rows])
    limit = by_rack(case, np.array([r.package.T_case_limit for l in case.loops for r in l.racks]))
    hot = _any_rack(case, record.T_case[first:rows] > T_high[_loop_of(case)])
    strayed = _any_rack(case, record.outside[first:rows])
    data: dict[str, Any] = {
        "T_case": (rack, T_case),
        "T_junction": (rack, by_rack(case, record.T_junction[first:rows])),
        "margin": (rack, limit - T_case),
        "T_supply": (loop, loops.T_supply),
        "T_return": (loop, loops.T_return),
        "T_primary_return": (loop, loops.T_primary),
        "flow": (loop, loops.flow),
        "flow_primary": (loop, loops.primary_flow),
        "pressure_drop": (loop, loops.drop),
        "pressure_drop_primary": (loop, _primary_drop(case, loops)),
        "pump_speed": (loop, loops.speed),
        "valve_opening": (loop, loops.valve),
        "pump_power": (loop, loops.pump_power),
        "T_rack_return": (rack, by_rack(case, record.T_coolant[first:rows])),
        "heat": (rack, by_rack(case, record.heat[first:rows])),
        "heat_air": (rack, by_rack(case, per_save * (1.0 - captured))),
        "heat_to_facility": (loop, loops.heat_out),
        "boils": (loop, _boils(case, record, first, rows)),
        "outside_range": (loop, hot | strayed | (loops.T_return > T_high) | (loops.T_supply < T_low)),
        "T_facility_supply": ("time", water.T_supply),
        "T_facility_return": ("time", water.T_return),
        "flow_facility": ("time", water.flow),
        "energy_residual": ("time", water.energy_residual),
        "mass_residual": ("time", water.mass_residual),
    }
    T_set, drop_set = (
        np.array([getattr(l.cdu, name) for l in case.loops]) for name in ("T_held", "differential_pressure")
    )
    short = unheld([l.cdu for l in case.loops], loops.T_supply, T_set, loops.valve, loops.drop, drop_set, loops.speed)
    data |= {name: (loop, values) for name, values in short.items()}
    data["converged"] = ("time", np.isfinite(water.energy_residual) & ~data["boils"][1].any(axis=1))
    return Columns(data, {"it": per_save.sum(axis=1), "cdu_pumps": loops.pump_power.sum(axis=1)})


def _primary_drop(case: Case, loops: Any) -> Any:
    """Pressure drop of the facility water from flow and opening, Δp = a V + b (V/y)² as ``valve_flow`` has it [Pa]."""
    a, b = case.net.loops.primary_linear, case.net.loops.valve_quadratic
    return a * loops.primary_flow + b * (loops.primary_flow / loops.valve) ** 2


def _boils(case: Case, record: Record, first: int, rows: int) -> np.ndarray:
    """Whether coolant boils (s, l): behind a rack, in it, or in plates, where standing coolant is as hot as the case.

    What the laws of liquid coolant say from there on is no longer true.
    """
    loop = _loop_of(case)
    loops: Any = record.loops[first:rows]
    boiling = {p: saturation_temperature(p) for p in {each.coolant.pressure for each in case.loops}}
    limit = np.array([boiling[each.coolant.pressure] for each in case.loops])
    T_case, behind = record.T_case[first:rows], record.T_coolant[first:rows]
    hottest = np.where(loops.flow[:, loop] <= 0.0, np.maximum(T_case, behind), behind)
    boils = np.maximum(loops.T_return, loops.T_supply) > limit
    return np.asarray(boils | _any_rack(case, hottest > limit[loop]))


def _loop_of(case: Case) -> np.ndarray:
    """The loop of each rack."""
    return np.repeat(np.arange(len(case.loops)), np.diff(case.net.first))


def _any_rack(case: Case, found: np.ndarray) -> np.ndarray:
    """Whether any rack of a loop has it (s, l), from (s, all racks); every loop has a rack."""
    return np.asarray(np.logical_or.reduceat(found, case.net.first[:-1], axis=1))


def require_convergence(case: Case, record: Record, first: int, rows: int) -> None:
    """Refuse rows with a temperature that is no number, or flows that were not solved.

    Raises
    ------
    ConvergenceError
        The message names loop, rack and time.
    """
    bad = ~np.isfinite(record.T_case[first:rows])
    if bad.any():
        s, r = (int(i) for i in np.argwhere(bad)[0])
        l = int(np.searchsorted(case.net.first, r, side="right")) - 1
        raise ConvergenceError(
            f"transient: the case temperature of loop {l}, rack {r - int(case.net.first[l])} is not a number at "
            f"{case.time[first + s]}; look for an impossible capacity or flow there"
        )
    worst = float(np.max(record.water.hydraulic_residual[first:rows], initial=0.0))
    if not worst < TOLERANCE:
        raise ConvergenceError(
            f"transient: hydraulic residual {worst:.2e} of shut-off pressure is not below {TOLERANCE:g}; "
            "check pump curves and racks' pressure drops"
        )
