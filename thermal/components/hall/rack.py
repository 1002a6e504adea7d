"""Racks: parallel cold plates between two manifolds, the share of heat that liquid takes, and the rest to air."""

from typing import Any, Self

import numpy as np
from pydantic import model_validator

from thermal.components.chip.package import Package
from thermal.components.coolant import Coolant, Properties
from thermal.components.hydronics.law import BranchLaw, Kind
from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.geometry import ColdPlate
from thermal.components.plate.reduced import ReducedPlate
from thermal.errors import InputError
from thermal.quantity import Part, choice, part, quantity

__all__ = ["Rack"]


class Rack(Part):
    """A liquid-cooled rack: equal packages on parallel cold plates, other liquid-cooled heat, and air-cooled heat.

    The plate is a measured curve, a reduced model, or a geometry, of which ``th.reduce`` makes a reduced model at the
    rack's design point before a loop is solved. A loop refuses a rack whose plate alone takes more pressure than
    ``design_drop``.

    Examples
    --------
    >>> import thermal as th
    >>> rack = th.load("racks/gb200_nvl72")
    >>> rack.packages
    72
    """

    package: Package = part("the packages whose case temperature is watched")
    cold_plate: ColdPlateCurve | ReducedPlate | ColdPlate = part("the cold plate on each of them")
    packages: int = quantity("-", "number of watched packages, on parallel plates", low=1, high=100000)
    design_heat: float = quantity("W", "heat of the whole rack at design", above=0)
    liquid_fraction: float = quantity("-", "share of rack heat taken by liquid; the rest goes to air", low=0, high=1)
    package_fraction: float = quantity("-", "share of rack heat dissipated in the watched packages", low=0, high=1)
    flow_fraction: float = quantity("-", "share of rack flow through the watched plates", above=0, high=1, default=1.0)
    design_flow: float = quantity("m3/s", "coolant flow at design", above=0)
    design_drop: float = quantity("Pa", "pressure drop between manifolds at design flow", above=0)
    exponent: float = quantity("-", "exponent of pressure drop against flow", low=1, high=2.2)
    coolant_volume: float = quantity("m3", "coolant inside the rack", above=0)
    shelf_inside: bool = choice("whether its heat includes the losses of its power shelves", default=True)

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if self.package_fraction > self.liquid_fraction:
            raise ValueError(
                f"package_fraction = {self.package_fraction:g} is above liquid_fraction = {self.liquid_fraction:g}: "
                "the watched packages are on liquid"
            )
        return self

    def pressure_drop(self, flow: Any) -> Any:
        """Pressure drop [Pa] at rack flow `flow` [m³/s]."""
        return self.design_drop * (np.asarray(flow, float) / self.design_flow) ** self.exponent

    def plate_flow(self, flow: Any) -> Any:
        """Flow [m³/s] through each watched plate at rack flow `flow`."""
        return np.asarray(flow, float) * self.flow_fraction / self.packages

    def junction_resistance(self, coolant: Coolant, T: float) -> float:
        """Junction-to-inlet resistance [K/W] of a watched package at the rack's design flow of a coolant at `T` [°C].

        Raises
        ------
        InputError
            If the plate is known by its geometry alone.
        """
        if not isinstance(self.cold_plate, ColdPlateCurve):
            raise InputError("junction_resistance needs a plate known by its curve; of a geometry ask th.steady")
        flow = self.plate_flow(self.design_flow)
        return float(self.cold_plate.resistance(flow, coolant, T)) + self.package.R_junction_case

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """Pressure drop between manifolds as a power law."""
        flow = self.design_flow * coolant.density
        values = {"flow": flow, "drop": self.design_drop, "exponent": self.exponent}
        return BranchLaw(Kind.POWER, values, flow, self.coolant_volume)

    def _summary(self) -> dict[str, str]:
        each = float(self.plate_flow(self.design_flow))
        text = f"{self.design_heat * self.package_fraction / self.packages:.0f} W, {each * 6e4:.2f} L/min"
        if not isinstance(self.cold_plate, ColdPlate):
            text += f", case-to-inlet {float(self.cold_plate.resistance(each)):.4f} K/W"
        return {"per package": text}
