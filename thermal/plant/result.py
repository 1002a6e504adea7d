"""Names, units and dimensions for what the kernels of a plant recorded, hour by hour or second by second."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.cooling.dry_cooler import DryCooler
from thermal.names import FLAGS, describe
from thermal.network.case import Case
from thermal.network.result import transient_result
from thermal.outdoors.in_time import RULE
from thermal.physics.network.march import Record
from thermal.physics.plant.hour import Outside
from thermal.physics.plant.march import Extra
from thermal.physics.plant.year import Column
from thermal.plant.plant import Plant
from thermal.quantity import provenance

__all__ = ["END_USES", "HEATERS", "HELD", "SERIES", "TOLERANCE", "attributes", "coupled_result", "named"]

END_USES = ("it", "facility_pumps", "condenser_pumps", "chillers", "tower_fans", "dry_cooler_fans")
HELD = 0.05  # by more than so many K
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
    "chillers_running": Column.CHILLERS_ON,
    "energy_residual": Column.ENERGY_RESIDUAL,
}
TOLERANCE = 1e-9  # energy residual over heat
OWN = ("heat", "energy_residual")  # names that the loops' part has already


def coupled_result(
    plant: Plant, case: Case, record: Record, table: np.ndarray, air: dict[str, np.ndarray], single: bool
) -> xr.Dataset:
    """Dataset of loops and plant: that of the loops, with the plant's series and its end uses of power beside it."""
    loops = transient_result(case, record, single=single)
    fans = "dry_cooler_fans" if isinstance(plant.rejection, DryCooler) else "tower_fans"
    uses = {
        "it": loops.power.sel(end_use="it").values,
        "cdu_pumps": loops.power.sel(end_use="cdu_pumps").values,
        "facility_pumps": table[Column.FACILITY_PUMPS],
        "condenser_pumps": table[Column.CONDENSER_PUMPS],
        "chillers": table[Column.CHILLERS],
        fans: table[Column.FANS],
    }
    if plant.model.rejection.heater > 0.0:
        uses[HEATERS] = table[Column.HEATER]
    power = np.stack(list(uses.values()), axis=1)
    used = table[Column.EVAPORATED] + table[Column.DRIFT] + table[Column.BLOW_DOWN]
    data: dict[str, Any] = {
        name: ("time", table[column] > 0.0 if name in FLAGS else table[column])
        for name, column in SERIES.items()
        if name not in OWN
    }
    data |= {
        "chillers_starting": ("time", table[Extra.STARTING]),
        "flow_bypass": ("time", table[Extra.BYPASS] / case.net.loops.facility_rho_cp[0]),
        "water_make_up": ("time", used),
        "T_wet_bulb": ("time", _at_ends(air["T_wet_bulb"], len(used))),
        "T_dry_bulb": ("time", _at_ends(air["T_dry_bulb"], len(used))),
        "power": (("time", "end_use"), power),
        "site_power": ("time", power.sum(axis=1)),
    }
    result = describe(loops.drop_dims("end_use").assign(data).assign_coords(end_use=list(uses)))
    attributes = {"facility": type(plant).__name__, "weather_rule": RULE, "tolerance": TOLERANCE}
    return result.assign_attrs(loops.attrs | attributes)


def _at_ends(values: np.ndarray, saves: int) -> np.ndarray:
    per = len(values) // saves
    return values[per - 1 :: per]


def named(plant: Plant, end_uses: tuple[str, ...], it_power: np.ndarray, table: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of the kernel's table under their names."""
    fans = "dry_cooler_fans" if isinstance(plant.rejection, DryCooler) else "tower_fans"
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
    used = data["water_evaporated"] + data["water_drift"] + data["water_blow_down"]
    data["water_make_up"] = used
    data["mass_residual"] = data["water_make_up"] - used
    data["converged"] = np.abs(data["energy_residual"]) <= TOLERANCE * np.maximum(data["heat"], 1.0)
    return data


def attributes(plant: Plant, weather: xr.Dataset, interval: float) -> dict[str, Any]:
    """What made a year: plant, weather, interval and version, named as in results in time."""
    return provenance(plant) | {
        "interval": interval,
        "weather": str(weather.attrs.get("source", "not stated")),
        "tolerance": TOLERANCE,
    }
