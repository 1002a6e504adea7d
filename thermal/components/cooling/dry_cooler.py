"""Closed-circuit coolers as one buys them: dry coolers and evaporative fluid coolers."""

import math
from typing import Any, Self

import xarray as xr
from pydantic import model_validator

from thermal.components.cooling.rejection import NEUTRAL, fan_complaints, operate, rejection_model
from thermal.components.cooling.tower import FANS, FanControl
from thermal.physics.rejection.rejection import Law
from thermal.quantity import Part, choice, quantity

__all__ = ["DryCooler", "FluidCooler"]


class _Cooler(Part):
    """Fields that dry and evaporative coolers share."""

    fan: FanControl = choice("how the fans follow the load", default=FanControl.TWO_SPEED)
    UA: float = quantity("W/K", "conductance at full fan speed", above=0)
    UA_low: float = quantity("W/K", "conductance at low (or lowest) fan speed", above=0)
    air_flow: float = quantity("m3/s", "air flow at full speed", above=0, high=1e7)
    air_flow_low: float = quantity("m3/s", "air flow at low (or lowest) speed", above=0, high=1e7)
    fan_power: float = quantity("W", "electrical power of the fans at full speed", low=0)
    fan_power_low: float = quantity("W", "electrical power at low speed, two-speed fans", low=0, default=0.0)
    fan_curve: tuple[float, ...] = quantity(
        "-", "power over full power: cubic in the air ratio, variable-speed fans", default=(0.0, 0.0, 0.0, 1.0)
    )

    T_low: float = quantity(
        "degC", "a bypass keeps the liquid from leaving colder; by default there is none", low=-50, high=60,
        default=-50.0,
    )  # fmt: skip

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        wrong = fan_complaints(self.fan_curve, self.air_flow_low / self.air_flow)
        if self.air_flow_low > self.air_flow or self.UA_low > self.UA:
            wrong.append("air flow and UA at low speed must not exceed those at full speed")
        if self.fan_power_low > self.fan_power:
            wrong.append("fan_power_low must not exceed fan_power")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def lower(self, density: float) -> Any:
        """The cooler as the kernels take it, for a liquid of a density [kg/m³]."""
        raise NotImplementedError

    def operate(self, **conditions: Any) -> xr.Dataset:
        """Leaving liquid, fan power and water use at given conditions, see ``components.cooling.rejection.operate``."""
        return operate(self, **conditions)

    @property
    def exponent(self) -> float:
        """Exponent of the air flow in UA, from the two speeds."""
        ratio = self.air_flow_low / self.air_flow
        return math.log(self.UA_low / self.UA) / math.log(ratio) if ratio < 1.0 else 1.0

    def _lower(self, law: Law, **more: Any) -> Any:
        ratio = self.air_flow_low / self.air_flow
        merkel = (self.UA, *NEUTRAL["merkel"][1:])  # type: ignore[index]
        full = self.fan == FanControl.ONE_SPEED
        return rejection_model(
            law=int(law), fan=int(FANS[self.fan]), air_flow=self.air_flow, air_low=1.0 if full else ratio,
            UA_exponent=self.exponent, fan_power=self.fan_power, fan_power_low=self.fan_power if full else
            self.fan_power_low, fan_curve=self.fan_curve, merkel=merkel, T_basin_low=self.T_low, **more,
        )  # fmt: skip


class DryCooler(_Cooler):
    """Finned coils cooled by dry air; thin air at altitude enters through its mass flow and through UA.

    Examples
    --------
    >>> import thermal as th
    >>> th.load("dry_coolers/two_speed_700kw").UA
    125000.0
    """

    air_density: float = quantity(
        "kg/m3", "dry air per volume for which UA is stated: standard air", low=0.5, high=1.6, default=1.2
    )
    density_exponent: float | None = quantity(
        "-", "exponent of the air density in UA; by default that of the air flow, as films follow the mass flow", low=0,
        high=1, default=None,
    )  # fmt: skip

    def lower(self, density: float) -> Any:
        """The cooler as the kernels take it."""
        exponent = min(self.exponent, 1.0) if self.density_exponent is None else self.density_exponent
        return self._lower(Law.DRY, density_exponent=exponent, air_density=self.air_density)


class FluidCooler(_Cooler):
    """Closed coils under a water spray, cooled towards the wet bulb; the spray water evaporates.

    Examples
    --------
    >>> cooler = FluidCooler(UA=90e3, UA_low=54e3, air_flow=40, air_flow_low=20, fan_power=15e3, fan_power_low=2.4e3,
    ...                      water_flow=0.0241)
    >>> cooler.cycles
    5.0
    """

    water_flow: float = quantity("m3/s", "design flow of the cooled liquid, which scales the drift", above=0)
    drift: float = quantity("-", "drift over that flow at full fan speed", low=0, high=0.01, default=8e-5)
    cycles: float = quantity("-", "cycles of concentration of the spray water", above=1, high=50, default=5.0)
    heater: float = quantity(
        "W/K", "basin heaters, per kelvin of outdoor air below their set point, while the cooler stands", low=0,
        default=0.0,
    )  # fmt: skip
    T_heater: float = quantity("degC", "set point of the basin heaters", low=0, high=20, default=4.0)

    def lower(self, density: float) -> Any:
        """The cooler as the kernels take it."""
        return self._lower(
            Law.WET, water_flow=self.water_flow * density, drift=self.drift, cycles=self.cycles, heater=self.heater,
            T_heater=self.T_heater,
        )  # fmt: skip
