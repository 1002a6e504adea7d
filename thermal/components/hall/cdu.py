"""Coolant distribution units: pumps and exchanger between the facility's water and the racks' coolant, and control."""

from typing import Self

from pydantic import model_validator

from thermal.components.hydronics.control import PiControl
from thermal.components.hydronics.exchanger import Exchanger, RatedExchanger
from thermal.components.hydronics.pump import Pump
from thermal.quantity import Part, part, quantity

__all__ = ["Cdu"]


class Cdu(Part):
    """A liquid-to-liquid CDU: pumps hold the racks' differential pressure, a valve holds their supply temperature.

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
    speed: PiControl = part("controller of pump speed after differential pressure, error relative to its set point")
    valve: PiControl = part("controller of the primary valve after supply temperature, error relative to the span")
    valve_span: float = quantity("K", "supply temperature error that counts as 1", above=0, high=200)
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
        return self

    @property
    def pump(self) -> Pump:
        """One of the equal pumps."""
        return self.pumps[0]
