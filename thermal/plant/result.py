"""The plant's part of a result in time: names, units and dimensions for what ``march_coupled`` recorded."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.cooling.dry_cooler import DryCooler
from thermal.names import describe
from thermal.network.result import transient_result
from thermal.network.transient import TOLERANCE, Case
from thermal.outdoors.in_time import RULE
from thermal.physics.network.march import Record
from thermal.physics.plant.march import Extra
from thermal.physics.plant.year import Column
from thermal.plant.plant import Plant
from thermal.plant.year import FLAGS, HEATERS, SERIES

__all__ = ["coupled_result"]

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
