"""The one place where the kernels' arrays get names, units and dimensions."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from thermal.names import describe
from thermal.physics.network.march import Facility, Record

if TYPE_CHECKING:
    from thermal.network.case import Case

__all__ = ["by_rack", "transient_result"]

END_USES = ("it", "cdu_pumps", "facility_pumps", "condenser_pumps", "tower_fans")


def by_rack(case: "Case", values: np.ndarray) -> np.ndarray:
    """Spread (..., all racks) to (..., loop, rack); a loop with fewer racks than the largest is padded with NaN."""
    first = case.net.first
    width = int(np.diff(first).max())
    out = np.full((*values.shape[:-1], len(first) - 1, width), np.nan)
    for l in range(len(first) - 1):
        out[..., l, : first[l + 1] - first[l]] = values[..., first[l] : first[l + 1]]
    return out


def transient_result(case: "Case", record: Record, single: bool) -> xr.Dataset:
    """Dataset of a transient: temperatures at the end of each saved interval, powers and flows of heat as means."""
    plant, loops, every = record.plant, record.loops, case.every
    saves = len(plant)
    per_save = case.boundary.heat[: saves * every].reshape(saves, every, -1).mean(axis=1)
    captured = case.net.racks.plate_heat + case.net.racks.other_heat
    loop, rack = ("time", "loop"), ("time", "loop", "rack")
    cdu_pumps = loops.pump_power.sum(axis=1)
    power = np.stack([per_save.sum(axis=1), cdu_pumps, plant.hot_pumps, plant.tower_pumps, plant.fans], axis=1)
    T_low, T_high = (np.array([getattr(l.coolant, end) for l in case.loops]) for end in ("T_low", "T_high"))
    T_case = by_rack(case, record.T_case)
    limit = by_rack(case, np.array([r.package.T_case_limit for l in case.loops for r in l.racks]))
    hot = np.nan_to_num(T_case, nan=-np.inf).max(axis=2) > T_high
    strayed = np.nan_to_num(by_rack(case, record.outside.astype(float))).max(axis=2) > 0
    data: dict[str, Any] = {
        "T_case": (rack, T_case),
        "T_junction": (rack, by_rack(case, record.T_junction)),
        "margin": (rack, limit - T_case),
        "T_case_peak": (("loop", "rack"), by_rack(case, record.peaks.T_case)),
        "time_peak": (("loop", "rack"), by_rack(case, record.peaks.time)),
        "T_supply": (loop, loops.T_supply),
        "T_return": (loop, loops.T_return),
        "T_primary_return": (loop, loops.T_primary),
        "flow": (loop, loops.flow),
        "flow_primary": (loop, loops.primary_flow),
        "pressure_drop": (loop, loops.drop),
        "pump_speed": (loop, loops.speed),
        "valve_opening": (loop, loops.valve),
        "pump_power": (loop, loops.pump_power),
        "heat": (rack, by_rack(case, per_save * captured)),
        "heat_air": (rack, by_rack(case, per_save * (1.0 - captured))),
        "heat_to_facility": (loop, loops.heat_out),
        "outside_range": (loop, hot | strayed | (loops.T_return > T_high) | (loops.T_supply < T_low)),
        "T_facility_supply": ("time", plant.T_supply),
        "T_facility_return": ("time", plant.T_return),
        "flow_facility": ("time", plant.flow),
        "power": (("time", "end_use"), power),
        "site_power": ("time", power.sum(axis=1)),
        "energy_residual": ("time", plant.energy_residual),
        "mass_residual": ("time", plant.mass_residual),
        "converged": ("time", np.isfinite(plant.energy_residual)),
    }
    if case.kind == Facility.TOWER_PLANT:
        data |= {
            "T_tower_supply": ("time", plant.T_tower_supply),
            "T_tower_return": ("time", plant.T_tower_return),
            "flow_tower": ("time", plant.tower_flow),
            "heat_rejected": ("time", plant.rejected),
            "water_evaporated": ("time", plant.evaporation),
            "water_make_up": ("time", plant.make_up),
            "T_wet_bulb": ("time", case.boundary.outside[every - 1 :: every]),
        }
    coords = {
        "time": case.time,
        "loop": np.arange(len(case.loops)),
        "rack": np.arange(int(np.diff(case.net.first).max())),
        "end_use": list(END_USES),
    }
    result = describe(xr.Dataset(data, coords))
    result.attrs["hydraulic_residual"] = float(np.max(plant.hydraulic_residual, initial=0.0))
    return result.isel(loop=0) if single else result
