"""Names, units and dimensions for what the kernels of a plant recorded, hour by hour or second by second."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.cooling.dry_cooler import DryCooler
from thermal.names import FLAGS, describe
from thermal.network.columns import with_end_uses
from thermal.outdoors.in_time import RULE
from thermal.physics.plant.hour import Outside
from thermal.physics.plant.march import Extra
from thermal.physics.plant.year import Column
from thermal.plant.plant import Plant
from thermal.quantity import provenance

__all__ = ["END_USES", "HEATERS", "SERIES", "TOLERANCE", "attributes", "fans_of", "named", "plant_series"]

END_USES = ("it", "facility_pumps", "condenser_pumps", "chillers", "tower_fans", "dry_cooler_fans")
LIQUID = {"freezes": Column.FREEZES, "boils": Column.BOILS}  # flags of every liquid
HEATERS = "freeze_protection"  # end use of plants that have basin heaters
SERIES = {
    "heat": Column.HEAT,
    "T_facility_supply": Column.T_SUPPLY,
    "T_facility_return": Column.T_RETURN,
    "T_tower_supply": Column.T_CONDENSER,
    "T_tower_return": Column.T_CONDENSER_RETURN,
    "heat_economised": Column.ECONOMISED,
    "heat_rejected": Column.REJECTED,
    "heat_unmet": Column.UNMET,
    "water_evaporated": Column.EVAPORATED,
    "water_drift": Column.DRIFT,
    "water_blow_down": Column.BLOW_DOWN,
    "air_ratio": Column.AIR_RATIO,
    "mode": Column.MODE,
    "rejection_state": Column.STATE,
    "chillers_running": Column.CHILLERS_ON,
    "energy_residual": Column.ENERGY_RESIDUAL,
}
TOLERANCE = 1e-9  # energy residual over heat
OWN = ("heat", "energy_residual")  # names that the loops' part has already


def plant_series(
    plant: Plant, loops: xr.Dataset, table: np.ndarray, air: dict[str, np.ndarray], rho_cp: float
) -> xr.Dataset:
    """Dataset of loops and plant in time: that of the loops, with series and end uses of the plant beside it."""
    uses = {
        "facility_pumps": table[Column.FACILITY_PUMPS],
        "condenser_pumps": table[Column.CONDENSER_PUMPS],
        "chillers": table[Column.CHILLERS],
        fans_of(plant): table[Column.FANS],
    }
    if plant.model.rejection.heater > 0.0:
        uses[HEATERS] = table[Column.HEATER]
    data: dict[str, Any] = {
        name: ("time", table[column] > 0.0 if name in FLAGS else table[column])
        for name, column in SERIES.items()
        if name not in OWN
    }
    data |= {
        "chillers_starting": ("time", table[Extra.STARTING]),
        "flow_bypass": ("time", table[Extra.BYPASS] / rho_cp),
        "water_make_up": ("time", table[Column.EVAPORATED] + table[Column.DRIFT] + table[Column.BLOW_DOWN]),
        "energy_residual": loops["energy_residual"] + xr.DataArray(table[Column.ENERGY_RESIDUAL], dims="time"),
        "freezes": ("time", table[Column.FREEZES] > 0.0),
        "boils": loops["boils"] | xr.DataArray(table[Column.BOILS] > 0.0, dims="time"),
        **{name: ("time", values) for name, values in air.items()},
    }
    return describe(with_end_uses(loops, uses).assign(data)).assign_attrs(weather_rule=RULE)


def fans_of(plant: Plant) -> str:
    """End use of the fans of a plant's heat rejection."""
    return "dry_cooler_fans" if isinstance(plant.rejection, DryCooler) else "tower_fans"


def named(plant: Plant, end_uses: tuple[str, ...], it_power: np.ndarray, table: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of the kernel's table under their names."""
    fans = fans_of(plant)
    drawn = {
        "it": it_power, "facility_pumps": table[Column.FACILITY_PUMPS], "condenser_pumps":
        table[Column.CONDENSER_PUMPS], "chillers": table[Column.CHILLERS], fans: table[Column.FANS], HEATERS:
        table[Column.HEATER],
    }  # fmt: skip
    data = {name: table[column] for name, column in SERIES.items()}
    data["power"] = np.zeros((len(end_uses), it_power.size))
    for k, use in enumerate(end_uses):
        if use in drawn:
            data["power"][k] = drawn[use]
    data["site_power"] = data["power"].sum(axis=0)
    chillers = table[Column.CHILLER_OUTSIDE].astype(np.int8)
    data["outside_chiller"] = (chillers & Outside.LEAD).astype(bool)
    if plant.lag_chiller is not None:
        data["outside_lag_chiller"] = (chillers & Outside.LAG).astype(bool)
    data["outside_rejection"] = table[Column.REJECTION_OUTSIDE].astype(bool)
    data |= {name: table[column].astype(bool) for name, column in LIQUID.items()}
    used = data["water_evaporated"] + data["water_drift"] + data["water_blow_down"]
    data["water_make_up"] = used
    data["mass_residual"] = data["water_make_up"] - used
    closed = np.abs(data["energy_residual"]) <= TOLERANCE * np.maximum(data["heat"], 1.0)
    data["converged"] = closed & np.isfinite(used + data["site_power"])
    return data


def attributes(plant: Plant, weather: xr.Dataset, interval: float) -> dict[str, Any]:
    """What made a year: plant, weather, interval and version, named as in results in time."""
    return provenance(plant) | {
        "interval": interval,
        "weather": str(weather.attrs.get("source", "not stated")),
        "tolerance": TOLERANCE,
    }
