"""Many years of a plant, each kept as its sums: run and summed in one go, so that no hour is remembered."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.cooling.rejection import HELD
from thermal.names import ABOVE, FLAGS
from thermal.physics.plant.sums import Sum, sum_hours
from thermal.physics.plant.year import Column, run_hours
from thermal.plant.plant import Plant
from thermal.plant.result import HEATERS, TOLERANCE, fans_of
from thermal.plant.year import prepared

__all__ = ["PlantYears"]

COUNTED = {
    "hours_free": Sum.FREE, "hours_partial": Sum.PARTIAL, **{f"hours_{flag}": Sum[flag.upper()] for flag in FLAGS},
    f"hours_{ABOVE}": Sum.ABOVE,
}  # fmt: skip


class PlantYears:
    """Years of a plant over dimensions of `it_power`, `heat`, `T_supply` and the weather, as in ``th.annual``.

    Raises
    ------
    InputError
        As ``th.annual``.
    """

    inner: Sequence[str] = ("time",)
    block = 8  # years between two looks at the bar
    reasons: tuple[str, ...] = ("", "the energy balance of some hours does not close")

    def __init__(
        self, plant: Plant, *, it_power: Any, weather: xr.Dataset, heat: Any = None, T_supply: Any = None
    ) -> None:
        self.plant = plant
        self.year = prepared(plant, it_power=it_power, weather=weather, heat=heat, T_supply=T_supply)
        self.inputs = {
            name: xr.DataArray(v, {d: self.year.coords[d] for d in v.dims if d != "time" and d in self.year.coords})
            for name, v in self.year.inputs.items()
        }
        self._values = {
            name: np.array(v.transpose(..., "time", missing_dims="ignore").values, float, order="C")
            for name, v in self.inputs.items()
        }
        self._dims = {name: [str(d) for d in v.dims if d != "time"] for name, v in self.inputs.items()}

    def run(self, places: dict[str, np.ndarray]) -> tuple[dict[str, tuple[Any, Any]], np.ndarray]:
        """Sums of years by name, year first, and for each its place in `reasons`; `places` is along each dimension."""
        hours, count = self.year.sizes["time"], len(next(iter(places.values())))
        start = np.zeros(hours, np.bool_)
        start[0] = True
        table, sums = np.empty((len(Column), hours)), np.empty((count, len(Sum)))
        for k in range(count):
            c = {name: self._column(name, places, k, hours) for name in self._values}
            run_hours(
                self.year.model, c["heat"], c["T_supply"], c["T_dry_bulb"], c["T_wet_bulb"], c["humidity_ratio"],
                c["pressure"], start, table,
            )  # fmt: skip
            sum_hours(table, c["it_power"], c["T_supply"], HELD, TOLERANCE, sums[k])
        return self._named(sums), np.where(sums[:, Sum.OPEN] > 0.0, 1, 0).astype(np.int8)

    @property
    def coords(self) -> dict[str, Any]:
        """Coordinates of the dimensions that a result has of its own."""
        return {"end_use": list(self.year.ends)}

    @property
    def attrs(self) -> dict[str, Any]:
        """What made the result."""
        return self.year.attrs

    def _column(self, name: str, places: dict[str, np.ndarray], k: int, hours: int) -> np.ndarray:
        value = self._values[name][tuple(places[d][k] for d in self._dims[name])]
        return value if value.ndim else np.full(hours, float(value))

    def _named(self, sums: np.ndarray) -> dict[str, tuple[Any, Any]]:
        step = self.year.interval
        drawn = {
            "it": Sum.IT, "facility_pumps": Sum.FACILITY_PUMPS, "condenser_pumps": Sum.CONDENSER_PUMPS,
            "chillers": Sum.CHILLERS, fans_of(self.plant): Sum.FANS, HEATERS: Sum.HEATER,
        }  # fmt: skip
        energy = np.zeros((len(sums), len(self.year.ends)))
        for i, use in enumerate(self.year.ends):
            if use in drawn:
                energy[:, i] = step * sums[:, drawn[use]]
        found: dict[str, tuple[Any, Any]] = {
            "energy": (("end_use",), energy),
            "water": ((), step / 1000.0 * sums[:, Sum.WATER]),
            "energy_unmet": ((), step * sums[:, Sum.UNMET]),
        }
        lagging = self.plant.lag_chiller is not None
        counted = {n: s for n, s in COUNTED.items() if lagging or s != Sum.OUTSIDE_LAG_CHILLER}
        found |= {name: ((), step / 3600.0 * sums[:, place]) for name, place in counted.items()}
        found["energy_residual"] = ((), sums[:, Sum.ENERGY_RESIDUAL])
        found["mass_residual"] = ((), np.zeros(len(sums)))
        found["converged"] = ((), sums[:, Sum.OPEN] == 0.0)
        return found
