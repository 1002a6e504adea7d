"""Coolant distribution units: pumps and exchanger between the facility's water and the racks' coolant, and control."""

import functools
import math
from enum import StrEnum
from typing import Any, Self

from pydantic import model_validator

from thermal.components.coolant import Coolant
from thermal.components.hydronics.control import PiControl
from thermal.components.hydronics.exchanger import Exchanger, RatedExchanger
from thermal.components.hydronics.pump import Pump
from thermal.errors import InputError
from thermal.quantity import Part, choice, part, quantity

__all__ = ["Cdu", "RoomAir", "SpeedGoal", "dry_air"]


class SpeedGoal(StrEnum):
    """What the pumps of a CDU hold."""

    PRESSURE = "differential pressure"
    FLOW = "flow"
    RETURN = "return temperature"


class RoomAir(Part):
    """What cools a liquid-to-air CDU, a side-car say: its fans blow room air through a coil.

    In the CDU `exchanger` is the coil, its cold side the air; `valve` sets the speed of the fans, `valve_flow` is their
    air flow at full speed, `valve_drop` what they overcome. Fan power follows the cube of speed.

    Source of the fan law: ASHRAE Handbook, HVAC Systems and Equipment (2020), chapter 21, fan laws.

    Examples
    --------
    >>> RoomAir(T=30, fan_power=4e3).power(0.5)
    500.0
    """

    T: float = quantity("degC", "room air that the coil draws", low=0, high=60)
    fan_power: float = quantity("W", "electrical power of all fans at full speed", low=0)

    def power(self, speed: Any) -> Any:
        """Electrical power of the fans at a relative speed [W]."""
        return self.fan_power * speed**3


@functools.cache
def dry_air() -> Coolant:
    """Air at 30 °C and 101.325 kPa, of held properties.

    Density 1.164 kg/m³ as an ideal gas, c_p 1007 J/(kg K), conductivity 0.02653 W/(m K), viscosity 1.861e-5 Pa s.

    Source: Incropera et al., Fundamentals of Heat and Mass Transfer, 7th edition (2011), table A.4, air, straight
    between 300 and 350 K.
    """
    return Coolant(
        fluid="air", T_low=-50.0, T_high=150.0, T_freeze=-200.0, density=(1.164,), heat_capacity=(1007.0,),
        conductivity=(0.02653,), log_viscosity=(math.log(1.861e-5),),
    )  # fmt: skip


class Cdu(Part):
    """A liquid-to-liquid CDU: pumps hold the racks' differential pressure, a valve holds their supply temperature.

    In a network in time its pumps may hold flow or return temperature instead, its valve may be slow or stick, and its
    supply temperature stays above the dew point of its room, and room air may cool it in place of facility water.

    Examples
    --------
    >>> import thermal as th
    >>> len(th.load("cdus/frontier").pumps)
    2
    """

    pumps: tuple[Pump, ...] = part("equal pumps in parallel, all running unless stopped")
    exchanger: Exchanger | RatedExchanger = part("plate exchanger: hot side racks, cold side facility")
    T_supply: float = quantity("degC", "set point of coolant supply to the racks", low=-10, high=80)
    differential_pressure: float = quantity(
        "Pa", "set point of differential pressure across the racks", above=0, high=5e6
    )
    speed: PiControl = part("controller of pump speed, error relative to its set point, or to the span of temperature")
    speed_goal: SpeedGoal = choice("what the pumps hold", default=SpeedGoal.PRESSURE)
    flow_set: float | None = quantity("m3/s", "set point of coolant flow, where pumps hold it", above=0, default=None)
    T_return: float | None = quantity(
        "degC", "set point of coolant return, where pumps hold it", low=-10, high=100, default=None
    )
    valve: PiControl = part("controller of the primary valve after supply temperature, error relative to the span")
    valve_span: float = quantity("K", "supply temperature error that counts as 1", above=0, high=200)
    air: RoomAir | None = part("room air that cools it, in place of facility water", default=None)
    valve_stroke: float = quantity("s", "time in which the valve goes all its way", low=0, high=3600, default=0.0)
    valve_stiction: float = quantity(
        "-", "share of its way that the valve must be sent before it moves", low=0, high=0.5, default=0.0
    )
    T_dew_point: float | None = quantity("degC", "dew point of the room", low=-50, high=40, default=None)
    dew_margin: float = quantity(
        "K", "least supply temperature over the dew point of the room", low=0, high=20, default=2.0
    )
    inner_linear: float = quantity("Pa s/m3", "linear pressure loss inside the CDU, secondary side", low=0, default=0.0)
    inner_quadratic: float = quantity(
        "Pa s2/m6", "quadratic pressure loss inside the CDU, secondary side", low=0, default=0.0
    )
    primary_linear: float = quantity(
        "Pa s/m3", "linear pressure loss of the primary side, valve excluded", low=0, default=0.0
    )
    valve_flow: float = quantity("m3/s", "flow through the open valve at its reference pressure drop", above=0)
    valve_drop: float = quantity("Pa", "reference pressure drop of the open valve", above=0)
    secondary_volume: float = quantity("m3", "coolant in exchanger and supply pipes, secondary side", above=0)
    return_volume: float = quantity("m3", "coolant in the return pipes and pumps, secondary side", above=0)
    primary_volume: float = quantity("m3", "water in the primary side", above=0)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(set(self.pumps)) != 1:
            raise ValueError("pumps must be one or more equal pumps")
        if not self.valve.low > 0:
            raise ValueError("valve.low must be above zero: a closed valve has no flow to measure")
        for goal, name in ((SpeedGoal.FLOW, "flow_set"), (SpeedGoal.RETURN, "T_return")):
            if self.speed_goal == goal and getattr(self, name) is None:
                raise ValueError(f"speed_goal = {str(goal)!r} needs {name}")
        return self

    @property
    def T_least(self) -> float:
        """Supply temperature below which no set point counts [°C]: the room's dew point and the margin over it."""
        return -1e3 if self.T_dew_point is None else self.T_dew_point + self.dew_margin

    @property
    def T_held(self) -> float:
        """Set point of supply temperature that counts [°C]."""
        return max(self.T_supply, self.T_least)

    def require_plain(self, user: str) -> None:
        """Raise unless pumps hold the pressure difference, and controllers and valve act at once.

        Raises
        ------
        InputError
            If `user`, a solver, does not know what this CDU does.
        """
        for control in (self.speed, self.valve):
            control.require_plain(user)
        if self.air is not None:
            raise InputError(f"{user} takes CDUs cooled by facility water, this one has air: march a network")
        if self.speed_goal != SpeedGoal.PRESSURE or self.valve_stroke or self.valve_stiction:
            raise InputError(
                f"{user} takes CDUs whose pumps hold the pressure difference and whose valve moves at once, this one "
                f"has speed_goal = {str(self.speed_goal)!r}, valve_stroke = {self.valve_stroke:g} s, valve_stiction = "
                f"{self.valve_stiction:g}: march a network, row.network() of a loop"
            )

    @property
    def pump(self) -> Pump:
        """One of the equal pumps."""
        return self.pumps[0]
