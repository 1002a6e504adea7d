"""The one place where the kernels' arrays get names, units and dimensions."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from thermal.names import describe
from thermal.physics.march import Facility, LoopRecord, PlantRecord

if TYPE_CHECKING:
    from thermal.system.transient import Case

__all__ = ["by_rack", "provenance", "transient_result"]

END_USES = ("it", "cdu_pumps", "facility_pumps", "condenser_pumps", "tower_fans")


def by_rack(case: "Case", values: np.ndarray) -> np.ndarray:
    """Spread (..., all racks) to (..., loop, rack); a loop with fewer racks than the largest is padded with NaN."""
    first = case.net.first
    width = int(np.diff(first).max())
    out = np.full((*values.shape[:-1], len(first) - 1, width), np.nan)
    for l in range(len(first) - 1):
        out[..., l, : first[l + 1] - first[l]] = values[..., first[l] : first[l + 1]]
    return out


def provenance(*parts: Any) -> dict[str, str]:
    """Attributes that say which package and which model files made a result."""
    from thermal import __version__

    found: dict[str, str] = {}
    stack = list(parts)
    while stack:
        item = stack.pop()
        if isinstance(item, tuple | list):
            stack.extend(dict.fromkeys(item) if all(hasattr(i, "model_fields") for i in item) else item)
        elif hasattr(type(item), "model_fields"):
            origin = getattr(item, "origin", None)
            if origin is not None:
                changed = f" changed: {','.join(origin.changed)}" if origin.changed else ""
                found[origin.model] = origin.sha256[:12] + changed
            stack.extend(getattr(item, name) for name in type(item).model_fields)
    models = "; ".join(f"{name} {digest}" for name, digest in sorted(found.items()))
    return {"thermal_version": __version__, "models": models}


def transient_result(case: "Case", record: LoopRecord, plant: PlantRecord, single: bool) -> xr.Dataset:
    """Dataset of a transient: temperatures at the end of each saved interval, powers and flows of heat as means."""
    rows, every = plant.rows, case.every
    saves = len(rows)
    per_save = case.boundary.heat[: saves * every].reshape(saves, every, -1).mean(axis=1)
    captured = case.net.plate_heat + case.net.other_heat
    loop, rack = ("time", "loop"), ("time", "loop", "rack")
    power = np.stack([per_save.sum(axis=1), record.pump_power.sum(axis=1), rows[:, 6], rows[:, 7], rows[:, 8]], axis=1)
    data: dict[str, Any] = {
        "T_case": (rack, by_rack(case, record.T_case)),
        "T_case_peak": (("loop", "rack"), by_rack(case, record.peak)),
        "time_peak": (("loop", "rack"), by_rack(case, record.peak_time)),
        "T_supply": (loop, record.T_supply),
        "T_return": (loop, record.T_return),
        "T_primary_return": (loop, record.T_primary),
        "flow": (loop, record.flow),
        "flow_primary": (loop, record.primary_flow),
        "pressure_drop": (loop, record.drop),
        "pump_speed": (loop, record.speed),
        "valve_opening": (loop, record.valve),
        "pump_power": (loop, record.pump_power),
        "heat": (rack, by_rack(case, per_save * captured)),
        "heat_air": (rack, by_rack(case, per_save * (1.0 - captured))),
        "heat_to_facility": (loop, record.heat_out),
        "T_facility_supply": ("time", rows[:, 0]),
        "T_facility_return": ("time", rows[:, 1]),
        "flow_facility": ("time", rows[:, 4]),
        "power": (("time", "end_use"), power),
        "energy_residual": ("time", rows[:, 12]),
        "mass_residual": ("time", rows[:, 13]),
        "converged": ("time", np.isfinite(rows[:, 12])),
    }
    if case.kind == Facility.TOWER_PLANT:
        data |= {
            "T_tower_supply": ("time", rows[:, 2]),
            "T_tower_return": ("time", rows[:, 3]),
            "flow_tower": ("time", rows[:, 5]),
            "heat_rejected": ("time", rows[:, 9]),
            "water_evaporated": ("time", rows[:, 10]),
            "water_make_up": ("time", rows[:, 11]),
            "T_wet_bulb": ("time", case.boundary.outside[every - 1 :: every]),
        }
    coords = {
        "time": case.time,
        "loop": np.arange(len(case.loops)),
        "rack": np.arange(int(np.diff(case.net.first).max())),
        "end_use": list(END_USES),
    }
    result = describe(xr.Dataset(data, coords))
    result.attrs = provenance(case.loops) | {"hydraulic_residual": float(np.max(rows[:, 14], initial=0.0))}
    return result.isel(loop=0) if single else result
