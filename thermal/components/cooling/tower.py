"""Cooling towers as one buys them: a law, a rated point, fans, and the water they use."""

from enum import StrEnum
from typing import Any, Self

import numpy as np
import xarray as xr
from pydantic import model_validator

from thermal.components.cooling.rejection import fan_complaints, operate, rejection_model
from thermal.physics.rejection.cooltools import WATER_HIGH, WATER_LOW, cooltools_approach
from thermal.physics.rejection.rejection import Fan, Law
from thermal.physics.rejection.yorkcalc import yorkcalc_air_ratio, yorkcalc_approach
from thermal.quantity import Part, choice, quantity

__all__ = ["FanControl", "Tower", "TowerLaw"]


class TowerLaw(StrEnum):
    """Which law gives the leaving water."""

    YORKCALC = "yorkcalc"
    COOLTOOLS = "cooltools"
    MERKEL = "merkel"


class FanControl(StrEnum):
    """How the fans follow the load."""

    VARIABLE = "variable"  # modulating, cycling below the lowest speed
    FLOATING = "floating"  # modulating; at the lowest speed the water gets colder than the set point
    TWO_SPEED = "two_speed"
    ONE_SPEED = "one_speed"


FANS = {
    FanControl.VARIABLE: Fan.VARIABLE,
    FanControl.FLOATING: Fan.VARIABLE_FLOATING,
    FanControl.TWO_SPEED: Fan.STEPPED,
    FanControl.ONE_SPEED: Fan.STEPPED,
}
WATER = {  # water ratios among which a rated point is sought: the box of CoolTools; YorkCalc knows water over air only
    TowerLaw.YORKCALC: (0.3, 3.0),
    TowerLaw.COOLTOOLS: (WATER_LOW, WATER_HIGH),
}
LAWS = {TowerLaw.YORKCALC: Law.YORKCALC, TowerLaw.COOLTOOLS: Law.COOLTOOLS, TowerLaw.MERKEL: Law.MERKEL}


class Tower(Part):
    """Equal cells of a wet cooling tower; flows, UA and powers are those of all cells together.

    Examples
    --------
    >>> import thermal as th
    >>> tower = th.load("towers/yorkcalc").replace(fan_power=10e3)
    >>> round(tower.calibration, 3)  # water ratio that meets the rated approach exactly
    1.009
    """

    law: TowerLaw = choice("law of the leaving water")
    fan: FanControl = choice("how the fans follow the load", default=FanControl.VARIABLE)
    water_flow: float = quantity("m3/s", "design water flow", above=0)
    air_flow: float = quantity("m3/s", "air flow at full fan speed", above=0)
    fan_power: float = quantity("W", "electrical power of the fans at full speed", low=0)
    fan_power_low: float = quantity("W", "electrical power at low speed, two-speed fans", low=0, default=0.0)
    fan_curve: tuple[float, ...] = quantity(
        "-", "power over full power: cubic in the air ratio, variable-speed fans", default=(0.0, 0.0, 0.0, 1.0)
    )
    air_low: float = quantity("-", "lowest (or low) fan speed over full speed", above=0, high=1, default=0.2)
    T_wet_bulb: float = quantity("degC", "wet bulb of the rated point", low=-35, high=40, default=25.6)
    approach: float = quantity("K", "leaving water over wet bulb at the rated point", above=0, high=40, default=3.9)
    range: float = quantity("K", "water cooled by, at the rated point", above=0, high=30, default=5.6)
    calibrated: float | None = quantity(
        "-", "water ratio at design flow of YorkCalc and CoolTools; without it, the one that meets the rated point",
        above=0, high=2, default=None,
    )  # fmt: skip
    free_capacity: float = quantity(
        "-", "share of the range without fan, YorkCalc and CoolTools", low=0, high=1, default=0.125
    )
    UA: float = quantity(
        "W/K", "conductance of a Merkel tower at design, on the heat capacity of air", low=0, default=0.0
    )
    UA_free: float = quantity("W/K", "the same without fan", low=0, default=0.0)
    air_free: float = quantity("-", "air flow of a Merkel tower without fan over full flow", low=0, high=1, default=0.1)
    UA_air: tuple[float, ...] = quantity("-", "UA over design: cubic in the air ratio", default=(0.0, 1.3, -0.3, 0.0))
    UA_water: tuple[float, ...] = quantity(
        "-", "UA over design: quadratic in the water ratio", default=(0.1082, 1.667, -0.7713)
    )
    UA_wet_bulb: float = quantity(
        "1/K", "relative change of UA per kelvin of rated over actual wet bulb", default=0.0081
    )
    wet_bulb_span: tuple[float, ...] = quantity("K", "range of that difference", default=(-10.0, 25.0))
    water_span: tuple[float, ...] = quantity("-", "range of the water ratio of the UA modifier", default=(0.3, 1.0))
    cells: int = quantity("-", "equal cells", low=1, high=200, default=1)
    all_cells: bool = choice("run as many cells as the flow allows, else as few", default=True)
    cell_flow_low: float = quantity(
        "-", "lowest share of its design flow a cell can take", above=0, high=1, default=0.33
    )
    cell_flow_high: float = quantity("-", "highest share", low=1, high=5, default=2.5)
    T_basin_low: float = quantity("degC", "a bypass keeps the basin from getting colder", low=0, high=30, default=2.0)
    heater: float = quantity(
        "W/K", "basin heaters of all cells, per kelvin of outdoor air below their set point", low=0, default=0.0
    )
    T_heater: float = quantity("degC", "set point of the basin heaters", low=0, high=20, default=4.0)
    drift: float = quantity("-", "drift over water flow at full fan speed", low=0, high=0.01, default=8e-5)
    cycles: float = quantity("-", "cycles of concentration", above=1, high=50, default=5.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        lengths = {"fan_curve": 4, "UA_air": 4, "UA_water": 3, "wet_bulb_span": 2, "water_span": 2}
        wrong = [f"{name} needs {n} numbers" for name, n in lengths.items() if len(getattr(self, name)) != n]
        if not wrong:
            wrong = self._wrong_curves()
        if wrong:
            raise ValueError("; ".join(wrong))
        if self.law != TowerLaw.MERKEL and self.calibrated is None:
            self._calibrate()
        return self

    def _wrong_curves(self) -> list[str]:
        """What is wrong with curves, looked at over all that the fan and the water can do."""
        wrong = fan_complaints(self.fan_curve, self.air_low)
        if self.fan_power_low > self.fan_power:
            wrong.append("fan_power_low must not exceed fan_power")
        if self.law != TowerLaw.MERKEL:
            return wrong
        x = np.linspace(self.air_low, 1.0, 101)
        in_air = np.polynomial.polynomial.polyval(x, self.UA_air)
        in_water = np.polynomial.polynomial.polyval(
            np.linspace(self.water_span[0], self.water_span[1], 101), self.UA_water
        )
        in_wet_bulb = 1.0 + self.UA_wet_bulb * np.array(self.wet_bulb_span)
        checks = (
            (self.UA > 0.0, "a Merkel tower needs its UA"),
            (self.wet_bulb_span[0] <= self.wet_bulb_span[1], "wet_bulb_span needs low before high"),
            (self.water_span[0] <= self.water_span[1], "water_span needs low before high"),
            (in_air[0] > 0.0 and (np.diff(in_air) >= 0.0).all(),
             f"UA_air must be positive and rise with the air from air_low = {self.air_low:g} to 1"),
            ((in_water > 0.0).all(), "UA_water must be positive over water_span"),
            ((in_wet_bulb > 0.0).all(), "UA_wet_bulb must leave UA positive over wet_bulb_span"),
            (self.air_free <= self.air_low, "air_free must not exceed air_low"),
        )  # fmt: skip
        return wrong + [text for right, text in checks if not right]

    @property
    def calibration(self) -> float:
        """Water ratio at design flow with which the correlation meets the rated approach and range."""
        if self.law == TowerLaw.MERKEL:
            return 1.0
        return self._calibrate() if self.calibrated is None else self.calibrated

    def _calibrate(self) -> float:
        """The water ratio, or an error that says which approaches the correlation has at this wet bulb and range."""
        low, high = WATER[self.law]
        if self.law == TowerLaw.YORKCALC:
            T_out = self.T_wet_bulb + self.approach
            y = float(1.0 / yorkcalc_air_ratio(T_out + self.range, T_out, self.T_wet_bulb, 1.0))
            if low < y < high:
                return y

        def approach(y: float) -> float:
            if self.law == TowerLaw.YORKCALC:
                return float(yorkcalc_approach(self.T_wet_bulb, self.range, y))
            return float(cooltools_approach(self.T_wet_bulb, self.range, y, 1.0))

        least, most = approach(low), approach(high)
        if not least < self.approach < most:
            raise ValueError(
                f"{self.law.value} has no tower of approach = {self.approach:g} K at range = {self.range:g} K and "
                f"T_wet_bulb = {self.T_wet_bulb:g} degC: there its approach goes from {least:.2f} to {most:.2f} K, "
                f"the water flow from {low:g} to {high:g} of the correlation's; rate it between, or take another law"
            )
        for _ in range(60):
            y = 0.5 * (low + high)
            low, high = (y, high) if approach(y) < self.approach else (low, y)
        return 0.5 * (low + high)

    def lower(self, density: float) -> Any:
        """The tower as the kernels take it, for water of a density [kg/m³]."""
        full = self.fan == FanControl.ONE_SPEED
        merkel = (
            self.UA, self.UA_air, self.UA_water, self.UA_wet_bulb, self.T_wet_bulb, *self.wet_bulb_span,
            *self.water_span,
        )  # fmt: skip
        return rejection_model(
            law=LAWS[self.law], fan=FANS[self.fan], cells=self.cells, all_cells=self.all_cells,
            cell_flow_low=self.cell_flow_low, cell_flow_high=self.cell_flow_high, water_flow=self.water_flow * density,
            flow_calibration=self.calibration, air_flow=self.air_flow, air_low=1.0 if full else self.air_low,
            free_capacity=self.free_capacity, air_free=self.air_free, UA_free=self.UA_free, fan_power=self.fan_power,
            fan_power_low=self.fan_power if full else self.fan_power_low, fan_curve=self.fan_curve, merkel=merkel,
            T_basin_low=self.T_basin_low, heater=self.heater, T_heater=self.T_heater, drift=self.drift,
            cycles=self.cycles,
        )  # fmt: skip

    def operate(self, **conditions: Any) -> xr.Dataset:
        """Leaving water, fan power and water use at given conditions, see ``components.cooling.rejection.operate``."""
        return operate(self, **conditions)
