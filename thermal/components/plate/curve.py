"""Cold plates described by measured curves: case-to-inlet resistance against flow, and one pressure-drop law."""

from functools import cached_property
from typing import Any, Self

import numpy as np
from pydantic import model_validator

from thermal.components.coolant import Coolant, Properties
from thermal.components.hydronics.law import BranchLaw, Kind
from thermal.errors import InputError
from thermal.physics.machines.monotone import hermite, monotone_slopes
from thermal.physics.machines.plate_curve import PLATE_POINTS, PlateTable
from thermal.quantity import Part, part, quantity

__all__ = ["ColdPlateCurve"]


class ColdPlateCurve(Part):
    """A cold plate known by its measured resistance curve R(flow) for one coolant.

    The curve already holds the heat-up of its coolant, R = 1/(ε C); it is stored as UA = −C ln(1 − ε) and so carries
    over to other coolants of nearly the same film coefficient, and down to no flow. Pressure drop is not carried over:
    it stays that of the measured coolant, in a rack too.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import lpm
    >>> plate = th.load("cold_plates/ocp_1kw")
    >>> round(float(plate.resistance(1.0 * lpm)), 4)  # the published point: 0.0245 K/W at 1 L/min PG25
    0.0245
    """

    coolant: Coolant = part("coolant of the measurement")
    T_measured: float = quantity("degC", "coolant temperature of the measurement", low=-20, high=100)
    flow: tuple[float, ...] = quantity("m3/s", "volume flows of the curve, ascending")
    resistance_curve: tuple[float, ...] = quantity("K/W", "case-to-inlet resistance at those flows")
    heat_capacity: float = quantity("J/K", "heat capacity of plate and the coolant in it", above=0, high=1e5)
    reference_flow: float = quantity("m3/s", "volume flow of the pressure-drop point", above=0)
    reference_drop: float = quantity("Pa", "pressure drop at the reference flow", above=0)
    exponent: float = quantity("-", "exponent of pressure drop against flow", low=1, high=2.2)

    @model_validator(mode="after")
    def _curve(self) -> Self:
        flow, R = np.array(self.flow), np.array(self.resistance_curve)
        if len(flow) < 2 or len(flow) != len(R) or not (np.diff(flow) > 0).all() or not (flow > 0).all():
            raise ValueError(
                "flow and resistance_curve need the same number (2 or more) of points, flow ascending from > 0"
            )
        if not (np.diff(R) < 0).all() or not (R > 0).all():
            raise ValueError("resistance_curve must fall with flow and stay above zero")
        C = self._capacity_flow(flow)
        if not (C * R > 1.0).all():
            worst = flow[int(np.argmin(C * R))]
            raise ValueError(
                f"R = {float((R)[np.argmin(C * R)]):g} K/W at {worst:g} m3/s is below 1/(rho cp V): outlet above case"
            )
        return self

    def _capacity_flow(self, flow: Any) -> Any:
        p = self.coolant.properties(self.T_measured)
        return p.density * p.heat_capacity * np.asarray(flow, float)

    @cached_property
    def table(self) -> PlateTable:
        """The curve as the kernels take it: ln UA on an even grid of ln flow, piecewise linear between the points."""
        log_flow = np.log(self.flow)
        C = self._capacity_flow(self.flow)
        log_UA = np.log(-C * np.log1p(-1.0 / (C * np.array(self.resistance_curve))))
        grid = np.linspace(log_flow[0], log_flow[-1], PLATE_POINTS)
        fit = hermite(log_flow, log_UA, monotone_slopes(log_flow, log_UA), grid)
        return PlateTable(float(grid[0]), float(grid[1] - grid[0]), fit)

    def resistance(self, flow: Any, coolant: Coolant | None = None, T: Any = None) -> Any:
        """Case-to-inlet resistance [K/W] at volume flow `flow` [m³/s] of one plate.

        Raises
        ------
        InputError
            If a flow is not above zero.
        """
        flow = np.asarray(flow, float)
        if not (flow > 0).all():
            raise InputError(f"flow = {float(flow.min()):g} m3/s through a cold plate must be above zero")
        p = (coolant or self.coolant).properties(self.T_measured if T is None else T)
        C = p.density * p.heat_capacity * flow
        start, spacing, log_UA = self.table
        position = np.clip((np.log(flow) - start) / spacing, 0, len(log_UA) - 1)
        UA = np.exp(np.interp(position, np.arange(len(log_UA)), log_UA))
        return -1.0 / (C * np.expm1(-UA / C))

    def pressure_drop(self, flow: Any) -> Any:
        """Pressure drop [Pa] at volume flow `flow` [m³/s] of one plate: Δp = Δp_ref (V/V_ref)^n.

        The law holds for the coolant and temperature of the measurement. It knows no viscosity: a rack filled with
        another coolant, or running colder or warmer, is given the same pressure drop at the same flow, which is too
        little where that coolant is more viscous and too much where it is less.
        """
        return self.reference_drop * (np.asarray(flow, float) / self.reference_flow) ** self.exponent

    def outside(self, flow: Any) -> Any:
        """Whether a flow lies outside the measured range."""
        flow = np.asarray(flow, float)
        return (flow < self.flow[0] * (1 - 1e-9)) | (flow > self.flow[-1] * (1 + 1e-9))

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """The pressure drop as measured, at the same volume flow."""
        flow = self.reference_flow * coolant.density
        return BranchLaw(Kind.POWER, {"flow": flow, "drop": self.reference_drop, "exponent": self.exponent}, flow)
