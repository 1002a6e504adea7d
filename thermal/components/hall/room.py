"""Room units: the fans and coils that take the heat of the room's air, of what liquid does not reach."""

from enum import StrEnum
from typing import Any, Self

import numpy as np
from pydantic import model_validator

from thermal.physics.machines.exchanger import counterflow_effectiveness
from thermal.quantity import Part, choice, quantity

__all__ = ["RoomSink", "RoomUnits"]

AIR = 1170.0  # J/m3K: air of 1.163 kg/m3 and 1006 J/kgK, near 30 degC at sea level
STEPS = 33  # loads at which the coil is evaluated; between them on straight lines


class RoomSink(StrEnum):
    """Where the heat of the room's air goes."""

    FACILITY_WATER = "facility_water"  # through coils, into the water that the CDUs are fed with
    OUTDOORS = "outdoors"  # with the air itself: filtered outdoor air in, room air out


class RoomUnits(Part):
    """All running room units of a site together: fan walls, air handlers or in-row coolers, redundant ones left out.

    Air flow follows the heat, so that the air warms by the same difference at any load, down to a lowest flow; water
    of the coils follows likewise, by a valve that holds its rise. Fans stand in the air stream: their power is heat of
    the room. P = (V Δp/η) x^n with x = max(Q/Q_design, x_low), n = 3 by the fan laws and less where a pressure is held.

    Source: fan power and fan laws, ASHRAE Handbook HVAC Systems and Equipment 2020, ch. 21.

    Examples
    --------
    >>> units = RoomUnits(design_heat=1.17e6, air_rise=10, pressure=300, efficiency=0.6, UA=0.4e6)
    >>> units.air_flow, units.power  # 1.17e6 W/(1170 J/m3K · 10 K), and 100 m3/s · 300 Pa/0.6 by hand
    (100.0, 50000.0)
    >>> round(float(units.fan_power(0.5 * 1.17e6)))  # an eighth
    6250
    """

    design_heat: float = quantity("W", "heat of the room's air at design, fans left out", above=0)
    air_rise: float = quantity("K", "rise of the air on its way through the room", low=2, high=40)
    pressure: float = quantity("Pa", "pressure rise of the fans at design: filter, coil, room", above=0, high=5000)
    efficiency: float = quantity("-", "fan, motor and drive together", above=0, high=1)
    exponent: float = quantity("-", "power over design power is air flow over design air flow to this", low=1, high=3,
                               default=3.0)  # fmt: skip
    flow_low: float = quantity("-", "lowest air flow over design air flow", above=0, high=1, default=0.3)
    sink: RoomSink = choice("where the heat goes", default=RoomSink.FACILITY_WATER)
    UA: float = quantity("W/K", "conductance of the coils at design, if the sink is facility water", low=0, default=0.0)
    water_rise: float = quantity("K", "rise of the water in the coils", low=2, high=40, default=12.0)
    outdoor_rise: float = quantity(
        "K", "air supplied to the room over outdoor air, fans left out, if the sink is outdoors", low=0, high=20,
        default=0.0,
    )  # fmt: skip
    T_supply: float = quantity("degC", "set point of the air supplied to the room", low=10, high=45, default=27.0)
    T_high: float = quantity("degC", "highest admissible air supplied to the room", low=10, high=50, default=35.0)
    loss_share: float = quantity(
        "-", "share of the losses behind the site's transformers that this air takes", low=0, high=1, default=1.0
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.sink == RoomSink.FACILITY_WATER and self.UA <= 0.0:
            raise ValueError("UA is needed where the heat goes into facility water")
        if self.T_supply > self.T_high:
            raise ValueError(f"T_supply = {self.T_supply:g} degC is above T_high = {self.T_high:g} degC")
        return self

    @property
    def to_water(self) -> bool:
        """Whether the heat goes into the facility water."""
        return self.sink == RoomSink.FACILITY_WATER

    @property
    def air_flow(self) -> float:
        """Air flow at design [m³/s]."""
        return self.design_heat / (AIR * self.air_rise)

    @property
    def power(self) -> float:
        """Electrical power of the fans at design [W]."""
        return self.air_flow * self.pressure / self.efficiency

    @property
    def water_rate(self) -> float:
        """Heat capacity rate of the water in the coils at design [W/K]; none where the sink is outdoors."""
        return (self.design_heat + self.power) / self.water_rise if self.to_water else 0.0

    def flow_share(self, heat: Any) -> Any:
        """Air flow over design air flow at a heat of the room's air [W]; above design the air warms by more."""
        return np.clip(np.asarray(heat, float) / self.design_heat, self.flow_low, 1.0)

    def fan_power(self, heat: Any) -> Any:
        """Electrical power of the fans [W] at a heat of the room's air [W]; they run wherever there is a room."""
        return self.power * self.flow_share(heat) ** self.exponent

    def T_air(self, heat: Any, T_sink: Any) -> Any:
        """Air supplied to the room [°C] at a heat of its air [W] and a temperature of water or outdoor air [°C].

        Through coils T = T_w + Q/(ε C_min) − Q/C_air with Q the heat and the fans' power, but never below the set
        point, which the valve holds; outdoors T = T_o + rise of duct and filter + fans' power/C_air, or the set point,
        to which return air is mixed in.
        """
        heat = np.asarray(heat, float)
        if self.to_water:
            loads = np.linspace(0.0, 1.0, STEPS)[1:] * max(float(np.max(heat, initial=0.0)), 1.0)
            over = np.interp(heat, np.concatenate(([0.0], loads)), [0.0, *(self._approach(Q) for Q in loads.tolist())])
        else:
            over = self.outdoor_rise + self.fan_power(heat) / (AIR * self.air_flow * self.flow_share(heat))
        return np.maximum(np.asarray(T_sink, float) + over, self.T_supply)

    def _approach(self, heat: float) -> float:
        """Air leaving the coils over water entering them [K]."""
        Q = heat + float(self.fan_power(heat))
        C_air = AIR * self.air_flow * float(self.flow_share(heat))
        C_water = Q / self.water_rise
        C_min, C_max = min(C_air, C_water), max(C_air, C_water)
        return float(Q / (C_min * counterflow_effectiveness(self.UA / C_min, C_min / C_max)) - Q / C_air)

    def _summary(self) -> dict[str, str]:
        return {"air flow": f"{self.air_flow:.0f} m3/s", "fans": f"{self.power / 1e3:.0f} kW"}
