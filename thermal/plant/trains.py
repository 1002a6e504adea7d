"""The port of a warm-water tower plant: its pumps and the valves of all CDUs share one pressure in every step."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import no_others
from thermal.names import describe
from thermal.network.case import Case, Study, prepare, require_rest
from thermal.network.columns import Columns, with_end_uses
from thermal.network.port import Port, behind
from thermal.network.water import Water, water_of
from thermal.outdoors.in_time import outdoors
from thermal.physics.network.march import Record
from thermal.physics.plant.trains import EVAPORATION, PLANT_STATE
from thermal.physics.plant.trains_march import TRAINS_ROW, march_with_trains, settle_with_trains
from thermal.plant.tower_plant import TowerPlant

__all__ = ["Trains"]

RULE = f"estimate: {EVAPORATION:.3%} of the circulated water per K of range; the wet bulb alone gives no balance"


class Trains:
    """Trains of hot-water pumps, exchangers and towers behind the loops of a case."""

    def __init__(self, case: Case, plant: Any, T_wet_bulb: np.ndarray) -> None:
        self.case, self.plant, self.T_wet_bulb = case, plant, T_wet_bulb
        self.state = np.zeros(1, PLANT_STATE).view(np.recarray)
        self.state.trains = 1
        self.rows = np.zeros(case.intervals // case.every, TRAINS_ROW).view(np.recarray)
        self._scratch = np.zeros((2, len(case.loops)))

    def rest(self) -> None:
        """Put loops and plant at rest under the first heat and wet bulb."""
        case = self.case
        heat, T_wet_bulb = case.boundary.heat[0], float(self.T_wet_bulb[0])
        require_rest(case, settle_with_trains(case.net, case.state, self.plant, self.state[0], heat, T_wet_bulb))

    def march(self, record: Record, begin: int, end: int, event: int) -> int:
        """March loops and plant in one kernel."""
        c, (taken, offered) = self.case, self._scratch
        return march_with_trains(
            c.net, c.state, self.plant, self.state[0], c.boundary, self.T_wet_bulb, c.substeps, c.every, record,
            self.rows, taken, offered, begin, end, event,
        )  # fmt: skip

    def memory(self) -> Iterable[np.ndarray]:
        """State of the plant, and the wet bulb, which may be given anew."""
        return self.state, self.T_wet_bulb

    def tables(self) -> Iterable[np.ndarray]:
        """What was saved of the plant."""
        return (self.rows,)

    def give(self, name: str, value: Any, begin: int) -> None:
        """Take a wet bulb [°C]."""
        no_others("th.TowerPlant", [name], ("weather",))
        c = self.case
        self.T_wet_bulb[begin:] = outdoors(value, ("T_wet_bulb",), None, 1, c.boundary.interval)["T_wet_bulb"]

    def inputs(self) -> dict[str, Any]:
        """The wet bulb [°C]."""
        return {"weather": {"T_wet_bulb": float(self.T_wet_bulb[0])}}

    def columns(self, first: int, rows: int) -> Columns:
        """Temperatures, flows, water and end uses of the plant."""
        found: Any = self.rows[first:rows]
        every = self.case.every
        uses = {"facility_pumps": found.hot_pumps, "condenser_pumps": found.tower_pumps, "tower_fans": found.fans}
        data = {
            "T_tower_supply": found.T_tower_supply,
            "T_tower_return": found.T_tower_return,
            "flow_tower": found.tower_flow,
            "heat_rejected": found.rejected,
            "water_evaporated": found.evaporation,
            "water_make_up": found.make_up,
            "T_wet_bulb": self.T_wet_bulb[every - 1 :: every][first:rows],
        }
        return Columns({name: ("time", values) for name, values in data.items()}, uses)

    def complete(self, loops: xr.Dataset) -> xr.Dataset:
        """Its series and end uses beside those of the loops."""
        series, uses = self.columns(0, loops.sizes["time"])
        return describe(with_end_uses(loops, uses).assign(series)).assign_attrs(evaporation=RULE)


@water_of.register
def _(facility: TowerPlant) -> Water:
    raise InputError(
        "facility = TowerPlant marches behind loops alone, whose valves share a pressure with its pumps; behind a "
        "network stands a th.Supply or a th.Plant"
    )


@behind.register
def _(facility: TowerPlant, study: Study) -> tuple[Case, Port]:
    assert facility.coolant is not None  # the verb fills it in
    case = prepare(study, facility.coolant, study.events)
    b = case.boundary
    T_wet_bulb = outdoors(study.weather, ("T_wet_bulb",), case.given, case.intervals, b.interval)["T_wet_bulb"]
    return case, Trains(case, facility.net(facility.coolant), T_wet_bulb)
