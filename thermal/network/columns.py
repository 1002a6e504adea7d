"""Series of results before they are a Dataset, and power by end use beside what a result has."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.hall.cdu import Cdu
from thermal.names import describe

__all__ = ["Columns", "unheld", "with_end_uses"]

WARMER = 0.05  # K above a set point, and a share below one, that counts as not held
LOWER = 1e-3
ENDS = 1e-9  # an output as near as this to its limit stands there


class Columns(NamedTuple):
    """Series of a result as plain arrays, time first."""

    series: dict[str, tuple[Any, Any]]  # dimensions and values by name
    uses: dict[str, np.ndarray]  # power by end use [W]


def unheld(
    cdus: Sequence[Cdu],
    T: np.ndarray,
    T_set: np.ndarray,
    valve: np.ndarray,
    drop: np.ndarray,
    drop_set: np.ndarray,
    speed: np.ndarray,
) -> dict[str, np.ndarray]:
    """Set points of CDUs that are out of reach: their valve, or their pumps, give all they can, and it is not enough.

    All arrays are (time, cdu): supply temperatures [°C], openings, differential pressures [Pa], speeds, of stopped
    pumps zero.
    """
    valve_high, speed_high = (np.array([getattr(cdu, name).high for cdu in cdus]) for name in ("valve", "speed"))
    full = (speed >= speed_high - ENDS) | (speed == 0.0)
    return {
        "supply_unheld": (T_set + WARMER < T) & (valve >= valve_high - ENDS),
        "pressure_unheld": (drop < drop_set * (1.0 - LOWER)) & full,
    }


def with_end_uses(result: xr.Dataset, uses: dict[str, np.ndarray]) -> xr.Dataset:
    """The result with power [W] by end use, those that it has already and these, and their sum."""
    if "power" in result:
        had = {str(use): result.power.sel(end_use=use).values for use in result.end_use.values}
        uses, result = had | uses, result.drop_dims("end_use")
    power = np.stack(list(uses.values()), axis=1)
    columns = {"power": (("time", "end_use"), power), "site_power": ("time", power.sum(axis=1))}
    return describe(result.assign(columns).assign_coords(end_use=list(uses)))
