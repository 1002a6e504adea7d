"""The facility plant: chillers, heat rejection, economiser and pumps put together, and what each hour of it does."""

from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import xarray as xr
from pydantic import model_validator

from thermal.components.coolant import Coolant
from thermal.physics.facility import FACILITY
from thermal.physics.facility import Economiser as Arranged
from thermal.physics.plant_year import PLANT_MODEL, TERMS
from thermal.physics.record import zero_record
from thermal.plant.chiller import Chiller, Condenser
from thermal.plant.dry_cooler import DryCooler, FluidCooler
from thermal.plant.dynamics import PlantDynamics
from thermal.plant.pumping import LoopPump, lower_pumps
from thermal.plant.rejection import rejection_model
from thermal.plant.tower import Tower
from thermal.quantity import Part, choice, part, quantity

__all__ = ["Arrangement", "Economiser", "Plant"]

NO_PUMP = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)


class Arrangement(StrEnum):
    """How the economiser stands to the chillers."""

    INTEGRATED = "integrated"  # in series before them, sharing the load
    ALTERNATE = "alternate"  # in parallel, instead of them: the whole load or nothing


class Economiser(Part):
    """A counterflow exchanger between facility water and condenser water; without chillers it carries all the heat.

    Examples
    --------
    >>> Economiser(UA=600e3, flow=0.07571).difference_on
    1.0
    """

    UA: float = quantity("W/K", "conductance", above=0)
    flow: float = quantity("m3/s", "condenser water through it at most", above=0)
    difference_on: float = quantity("K", "return over condenser water that starts it", low=0, high=20, default=1.0)
    difference_off: float = quantity("K", "the same that stops it", low=0, high=20, default=1.0)
    arrangement: Arrangement = choice("how it stands to the chillers", default=Arrangement.INTEGRATED)


class Plant(Part):
    """A facility plant that holds the supply temperature of the facility water.

    Without chiller and economiser the facility water itself goes through the dry cooler or fluid cooler; with an
    economiser and no chiller the exchanger carries all heat to the tower; with an air-cooled chiller there is no tower.

    Examples
    --------
    >>> import thermal as th
    >>> plant = th.load("plants/generic_20mw")
    >>> plant.replace(T_supply=30.0).T_supply
    30.0
    """

    design_load: float = quantity("W", "heat of the facility water at its design flow", above=0)
    T_supply: float = quantity("degC", "set point of the facility water to the load", low=1, high=80)
    coolant: Coolant = part("facility water")
    condenser_coolant: Coolant | None = part("condenser water, if other than the facility water", default=None)
    pump: LoopPump = part("facility pump: all pumps of the loop together")
    secondary_pump: LoopPump | None = part("facility pump on the load side, its flow following the load", default=None)
    chiller: Chiller | None = part("one of the equal chillers", default=None)
    chillers: int = quantity("-", "number of chillers", low=1, high=100, default=1)
    stage_up: float = quantity(
        "-", "load over capacity of the running chillers that starts the next", above=0, high=1.2, default=0.95
    )
    stage_down: float = quantity(
        "-", "load over capacity of one chiller less that stops one", above=0, high=1.2, default=0.85
    )
    economiser: Economiser | None = part("waterside economiser or intermediate exchanger", default=None)
    rejection: Tower | DryCooler | FluidCooler | None = part("what rejects the heat", default=None)
    condenser_pump: LoopPump | None = part("condenser water pump: all pumps of the loop together", default=None)
    flow_with_chillers: bool = choice("condenser water flow follows the number of running chillers", default=False)
    approach: float = quantity(
        "K", "set point of condenser water over wet bulb (dry bulb for a dry cooler)", low=0, high=30, default=4.0
    )
    T_condenser_low: float = quantity("degC", "lowest set point of condenser water", low=1, high=60, default=16.0)
    T_condenser_high: float = quantity("degC", "highest set point of condenser water", low=1, high=60, default=30.0)
    dynamics: PlantDynamics | None = part(
        "volumes and delays where it is marched with loops; plant_dynamics/typical if not given", default=None
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        complaints = [text for wrong, text in (
            (self.stage_down > self.stage_up, "stage_down must not exceed stage_up"),
            (self.T_condenser_low > self.T_condenser_high, "T_condenser_low must not exceed T_condenser_high"),
            (self.rejection is None and not self.air_cooled, "without an air-cooled chiller, rejection is needed"),
            (self.air_cooled and self.rejection is not None, "an air-cooled chiller rejects its heat itself"),
            (not self.direct and not self.air_cooled and self.condenser_pump is None, "condenser_pump is needed"),
            (self.direct and isinstance(self.rejection, Tower), "a tower needs an economiser or a chiller before it"),
            (self.air_cooled and self.economiser is not None, "an economiser needs water-cooled chillers"),
        ) if wrong]  # fmt: skip
        if complaints:
            raise ValueError("; ".join(complaints))
        return self

    @property
    def air_cooled(self) -> bool:
        """Whether the chiller rejects its heat to air."""
        return self.chiller is not None and self.chiller.condenser == Condenser.AIR

    @property
    def direct(self) -> bool:
        """Whether the facility water itself goes through the coolers."""
        return self.chiller is None and self.economiser is None

    @property
    def condenser_water(self) -> Coolant:
        """Fluid between condensers and heat rejection."""
        return self.condenser_coolant or self.coolant

    def with_loops(self, loops: Any, **conditions: Any) -> xr.Dataset:
        """Loops and plant through time, each at its own rate: what ``th.transient`` asks of a facility like this."""
        from thermal.plant.coupling import march_coupled  # needed by few, and it needs this class

        return march_coupled(self, loops, **conditions)

    @cached_property
    def model(self) -> Any:
        """The plant as the kernels take it."""
        condenser = self.condenser_pump
        density = condenser.density if condenser else self.pump.density
        m = zero_record(PLANT_MODEL)
        m.facility = self._facility(density)
        m.rejection = self.rejection.lower(density) if self.rejection else rejection_model()
        m.condenser_pump = lower_pumps(condenser) if condenser else NO_PUMP
        m.with_chillers = self.flow_with_chillers
        m.facility_water, m.condenser_water = _water(self.coolant), _water(self.condenser_water)
        m.approach = self.approach
        m.T_condenser_low, m.T_condenser_high = self.T_condenser_low, self.T_condenser_high
        return m

    def _facility(self, density: float) -> Any:
        e, c = self.economiser, self.chiller
        f = zero_record(FACILITY)
        f.design_load = self.design_load
        f.pump = lower_pumps(self.pump, self.secondary_pump)
        f.stage_up, f.stage_down = self.stage_up, self.stage_down
        f.economiser = int(Arranged.NONE if c else Arranged.DIRECT)
        if e:
            f.economiser = int(ARRANGED[e.arrangement])
            f.UA, f.economiser_flow = e.UA, e.flow * density
            f.difference_on, f.difference_off = e.difference_on, min(e.difference_off, e.difference_on)
        if c:
            f.chillers, f.chiller = self.chillers, c.curves
            share = self.condenser_pump.mass_flow / self.chillers if self.condenser_pump else 1.0
            f.condenser_flow = c.condenser_flow * density or share
        return f


ARRANGED = {Arrangement.INTEGRATED: Arranged.INTEGRATED, Arrangement.ALTERNATE: Arranged.ALTERNATE}


def _water(coolant: Coolant) -> tuple[Any, ...]:
    """Heat capacity of a coolant as a `WATER` record."""
    table, c = coolant.table, coolant.heat_capacity
    return table.centre, table.half, len(c), tuple(c) + (TERMS - len(c)) * (0.0,)
