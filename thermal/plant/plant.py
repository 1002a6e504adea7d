"""The facility plant: chillers, heat rejection, economiser and pumps put together, and what each hour of it does."""

import math
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from pydantic import model_validator

from thermal.components.coolant import Coolant
from thermal.components.cooling.chiller import Chiller, Condenser
from thermal.components.cooling.dry_cooler import DryCooler, FluidCooler
from thermal.components.cooling.rejection import rejection_model
from thermal.components.cooling.tower import Tower
from thermal.components.hydronics.duty_pump import DutyPump, lower_pumps
from thermal.physics.kernel import zero_record
from thermal.physics.plant.hour import FACILITY
from thermal.physics.plant.hour import Economiser as Arranged
from thermal.physics.plant.year import PLANT_MODEL, TERMS
from thermal.plant.dynamics import PlantDynamics
from thermal.quantity import Part, choice, part, quantity

__all__ = ["Arrangement", "Economiser", "Plant"]

HOUR = 3600.0  # s
NO_PUMP = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, False)


class Arrangement(StrEnum):
    """How the economiser stands to the chillers."""

    INTEGRATED = "integrated"  # in series before them, sharing the load
    ALTERNATE = "alternate"  # in parallel, instead of them: the whole load or nothing
    PARALLEL = "parallel"  # in parallel, sharing the load: what it brings to the set point, they take the rest


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
    hold: float = quantity("s", "shortest time between two switches", low=0, high=604800, default=0.0)
    arrangement: Arrangement = choice("how it stands to the chillers", default=Arrangement.INTEGRATED)


class Plant(Part):
    """A facility plant that holds the supply temperature of the facility water.

    Without chiller and economiser the facility water itself goes through the dry cooler or fluid cooler; with an
    economiser and no chiller the exchanger carries all heat to the tower; with an air-cooled chiller there is no tower.
    Pumping is primary (``pump`` of constant flow), variable primary (its control proportional) or primary-secondary
    (``secondary_pump``; the economiser then stands in the return of the load, before the bridge).

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
    pump: DutyPump = part("facility pump: all pumps of the loop together")
    secondary_pump: DutyPump | None = part("facility pump on the load side, its flow following the load", default=None)
    chiller: Chiller | None = part("one of the equal chillers, or of the lead ones", default=None)
    chillers: int = quantity("-", "number of these chillers", low=1, high=100, default=1)
    lag_chiller: Chiller | None = part("one of the chillers of another kind that follow", default=None)
    lag_chillers: int = quantity("-", "number of those that follow", low=1, high=100, default=1)
    chiller_hold: float = quantity(
        "s", "shortest time from the start of a chiller to the stop of one", low=0, high=604800, default=0.0
    )
    stage_up: float = quantity(
        "-", "load over capacity of the running chillers that starts the next", above=0, high=1.2, default=0.95
    )
    stage_down: float = quantity(
        "-", "load over capacity of one chiller less that stops one", above=0, high=1.2, default=0.85
    )
    economiser: Economiser | None = part("waterside economiser or intermediate exchanger", default=None)
    rejection: Tower | DryCooler | FluidCooler | None = part("what rejects the heat", default=None)
    condenser_pump: DutyPump | None = part("condenser water pump: all pumps of the loop together", default=None)
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
            (self.lag_chiller is not None and self.chiller is None, "a lag_chiller needs a chiller that leads"),
            (self._mixed, "chiller and lag_chiller must both reject their heat to water, or both to air"),
            (self.condenser_pump is not None and (self.direct or self.air_cooled),
             "condenser_pump has no condenser water to move: leave it out"),
            (self.flow_with_chillers and (self.chiller is None or self.air_cooled),
             "flow_with_chillers needs water-cooled chillers"),
            (self.chiller is None and self.economiser is not None
             and self.economiser.arrangement != Arrangement.INTEGRATED,
             "economiser.arrangement says how it stands to chillers, and there are none: leave it out"),
            (self._starved, "the flow of pump must not be below that of secondary_pump: warm return would mix in"),
        ) if wrong]  # fmt: skip
        if complaints:
            raise ValueError("; ".join(complaints))
        lower_pumps(self.pump, self.secondary_pump)  # raises where a control would not be obeyed
        return self

    @property
    def _mixed(self) -> bool:
        kinds = {c.condenser for c in (self.chiller, self.lag_chiller) if c is not None}
        return len(kinds) > 1

    @property
    def _starved(self) -> bool:
        return self.secondary_pump is not None and self.pump.mass_flow < self.secondary_pump.mass_flow * (1.0 - 1e-9)

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

    def at_step(self, step: float) -> Any:
        """The plant as the kernels take it, for hours of `step` seconds: times to hold become numbers of steps."""
        if step == HOUR or not (self.chiller_hold or (self.economiser and self.economiser.hold)):
            return self.model
        model = self.model.copy()
        self._hold(model.facility, step)
        return model

    @cached_property
    def model(self) -> Any:
        """The plant as the kernels take it, for steps of one hour."""
        condenser = self.condenser_pump
        density = condenser.density if condenser else self.pump.density
        m = zero_record(PLANT_MODEL)
        m.facility = self._facility(density)
        m.rejection = self.rejection.lower(density) if self.rejection else rejection_model()
        m.condenser_pump = lower_pumps(condenser) if condenser else NO_PUMP
        m.with_chillers = self.flow_with_chillers
        sprayed = isinstance(self.rejection, FluidCooler)
        m.facility_water = _water(self.coolant, sprayed and self.direct)
        m.condenser_water = _water(self.condenser_water, sprayed)
        m.approach = self.approach
        m.T_condenser_low, m.T_condenser_high = self.T_condenser_low, self.T_condenser_high
        return m

    def _facility(self, density: float) -> Any:
        e, c, lag = self.economiser, self.chiller, self.lag_chiller
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
            f.lag_chillers = self.lag_chillers if lag else 0
            f.chillers, f.chiller = self.chillers + f.lag_chillers, c.curves
            f.condenser_flow, f.lag_condenser_flow = self._condenser_flows(density)
            if lag:
                f.lag_chiller = lag.curves
        self._hold(f, HOUR)
        return f

    def _condenser_flows(self, density: float) -> tuple[float, float]:
        """Condenser water of one chiller, and of one lag chiller [kg/s].

        All of the pump's flow, shared as the machines' rated flows are; where an economiser takes what they leave, no
        more than rated.
        """
        machines = [self.chiller, self.lag_chiller or self.chiller]
        rated = [machine.condenser_flow * density if machine else 0.0 for machine in machines]
        weights = rated if all(rated) else [1.0, 1.0]
        installed = self.chillers * weights[0] + (self.lag_chillers * weights[1] if self.lag_chiller else 0.0)
        shares = [w * self.condenser_pump.mass_flow / installed if self.condenser_pump else 1.0 for w in weights]
        if self.economiser:
            shares = [min(own or share, share) for own, share in zip(rated, shares, strict=True)]
        return shares[0], shares[1]

    def _hold(self, facility: Any, step: float) -> None:
        facility.chiller_steps = math.ceil(self.chiller_hold / step)
        facility.economiser_steps = math.ceil(self.economiser.hold / step) if self.economiser else 0


ARRANGED = {
    Arrangement.INTEGRATED: Arranged.INTEGRATED,
    Arrangement.ALTERNATE: Arranged.ALTERNATE,
    Arrangement.PARALLEL: Arranged.PARALLEL,
}


def _water(coolant: Coolant, sprayed: bool) -> tuple[Any, ...]:
    """Heat capacity of a coolant as a `WATER` record, and where it, or water sprayed over its coils, freezes."""
    table, c = coolant.table, coolant.heat_capacity
    T_freeze = max(coolant.T_freeze, 0.0) if sprayed else coolant.T_freeze
    return table.centre, table.half, len(c), tuple(c) + (TERMS - len(c)) * (0.0,), T_freeze
