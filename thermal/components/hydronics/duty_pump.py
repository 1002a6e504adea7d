"""Pumps of the facility and condenser loops by duty point: flow, head, efficiencies, and how power follows flow."""

from enum import StrEnum

from thermal.errors import InputError
from thermal.quantity import Part, choice, quantity

__all__ = ["DutyPump", "FlowControl", "lower_pumps"]


class FlowControl(StrEnum):
    """How the flow of a loop follows its load."""

    CONSTANT = "constant"
    PROPORTIONAL = "proportional"


class DutyPump(Part):
    """A pump, or all parallel pumps of a loop together, at its duty point.

    Examples
    --------
    >>> round(DutyPump(flow=0.06057, head=150e3).power)
    13460
    """

    flow: float = quantity("m3/s", "volume flow at the duty point", above=0)
    head: float = quantity("Pa", "pressure rise at the duty point", above=0, high=5e6)
    efficiency: float = quantity("-", "hydraulic over shaft power", above=0, high=1, default=0.75)
    motor_efficiency: float = quantity(
        "-", "shaft over electrical power; this share heats the fluid", above=0, high=1, default=0.9
    )
    exponent: float = quantity("-", "power over duty power is flow over duty flow to this", low=0, high=3, default=3.0)
    flow_low: float = quantity("-", "lowest flow over duty flow, where flow follows load", low=0, high=1, default=0.1)
    flow_idle: float = quantity(
        "-", "flow over duty flow towards which it falls without load, where flow follows load", low=0, high=1,
        default=0.0,
    )  # fmt: skip
    density: float = quantity("kg/m3", "density at which the volume flow is stated", low=500, high=2000, default=998.2)
    control: FlowControl = choice("how the flow follows the load", default=FlowControl.CONSTANT)

    @property
    def power(self) -> float:
        """Electrical power at the duty point [W]."""
        return self.flow * self.head / (self.efficiency * self.motor_efficiency)

    @property
    def mass_flow(self) -> float:
        """Mass flow at the duty point [kg/s]."""
        return self.flow * self.density

    def _summary(self) -> dict[str, str]:
        return {"power": f"{self.power / 1e3:.4g} kW"}


def lower_pumps(pump: DutyPump, secondary: DutyPump | None = None) -> tuple[float, ...]:
    """One loop's pumps as a `PUMPING` record: a primary pump, and a secondary one in series that follows the load.

    With a secondary pump the primary keeps its flow and the load sees the secondary's; heat of both enters the loop.

    Raises
    ------
    InputError
        If a primary pump before a secondary one follows the load, or a secondary pump does not.
    """
    if secondary is not None and (pump.control, secondary.control) != (FlowControl.CONSTANT, FlowControl.PROPORTIONAL):
        raise InputError(
            f"pump.control = {str(pump.control)!r} with secondary_pump.control = {str(secondary.control)!r}: a primary "
            "pump is 'constant' and the secondary one 'proportional'; for one pump that follows the load leave "
            "secondary_pump out"
        )
    variable = pump.control == FlowControl.PROPORTIONAL
    if secondary is None:
        constant, varying = (0.0, pump.power) if variable else (pump.power, 0.0)
        return (
            pump.mass_flow, constant, varying, pump.exponent, pump.motor_efficiency, pump.motor_efficiency,
            pump.flow_low, pump.flow_idle, variable,
        )  # fmt: skip
    return (
        secondary.mass_flow, pump.power, secondary.power, secondary.exponent, pump.motor_efficiency,
        secondary.motor_efficiency, secondary.flow_low, secondary.flow_idle, True,
    )  # fmt: skip
