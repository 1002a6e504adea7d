"""Pumps: a catalogue head curve, efficiencies and a speed range."""

from functools import cached_property
from typing import Any, Self

import numpy as np
from pydantic import model_validator

from thermal.components.coolant import Properties
from thermal.components.hydronics.law import BranchLaw, Kind
from thermal.physics.machines.pump import GRAVITY, PUMP_POINTS, PumpCurve
from thermal.physics.network.branches import BLOCKED
from thermal.quantity import Part, choice, quantity

__all__ = ["Pump"]


class Pump(Part):
    """A centrifugal pump with speed control.

    Examples
    --------
    >>> import thermal as th
    >>> pump = th.load("pumps/frontier_cdu")
    >>> round(float(pump.head(0.02)), 2)  # the quoted point: 62.3878 m at 0.02 m³/s
    62.39
    """

    flow: tuple[float, ...] = quantity("m3/s", "volume flows of the head curve, ascending from zero")
    head_curve: tuple[float, ...] = quantity("m", "head at those flows, falling")
    slope_curve: tuple[float, ...] = quantity(
        "m s/m3",
        "dH/dV at those flows, where it is known; otherwise a monotone cubic finds it",
        default=(),
        shown=False,
    )
    efficiency: float = quantity("-", "hydraulic efficiency", above=0, high=1)
    drive_efficiency: float = quantity("-", "efficiency of motor and drive together", above=0, high=1)
    speed_low: float = quantity("-", "lowest speed relative to nominal", above=0, high=1, default=0.2)
    speed_high: float = quantity("-", "highest speed relative to nominal", above=0, high=1.2, default=1.0)
    check_valve: bool = choice("whether a check valve keeps coolant from flowing back through it", default=True)

    @model_validator(mode="after")
    def _curve(self) -> Self:
        flow, head = np.array(self.flow), np.array(self.head_curve)
        if len(flow) < 3 or len(flow) != len(head) or not (np.diff(flow) > 0).all() or flow[0] < 0:
            raise ValueError("flow and head_curve need the same number (3 or more) of points, flow ascending from >= 0")
        if not (np.diff(head) < 0).all():
            raise ValueError("head_curve must fall with flow; a drooping curve has two flows for one head")
        if self.slope_curve and not (len(self.slope_curve) == len(flow) and all(s <= 0 for s in self.slope_curve)):
            raise ValueError("slope_curve needs as many points as flow, none above zero")
        if not self.speed_low <= self.speed_high:
            raise ValueError(f"speed_low = {self.speed_low:g} is above speed_high = {self.speed_high:g}")
        return self

    @cached_property
    def curve(self) -> PumpCurve:
        """The head curve as the kernels take it: monotone cubic through the catalogue points."""
        from scipy.interpolate import CubicHermiteSpline, PchipInterpolator

        if self.slope_curve:
            exact = CubicHermiteSpline(self.flow, self.head_curve, self.slope_curve)
            grid = np.linspace(0.0, self.flow[-1], PUMP_POINTS)
            return PumpCurve(float(grid[1]), exact(grid), exact(grid, 1), self.efficiency, self.drive_efficiency)
        fit = PchipInterpolator(self.flow, self.head_curve, extrapolate=True)
        grid = np.linspace(0.0, self.flow[-1], PUMP_POINTS)
        tilt = 1e-6 * self.head_curve[0] / self.flow[-1]  # a curve that is level at a point still falls there
        slope = PchipInterpolator(grid, fit(grid)).derivative()(grid)  # of the grid's own pieces, so that each falls
        head, slope = fit(grid) - tilt * grid, slope - tilt
        return PumpCurve(float(grid[1]), head, slope, self.efficiency, self.drive_efficiency)

    def head(self, flow: Any, speed: float = 1.0) -> Any:
        """Head [m] at volume flow `flow` [m³/s] and relative speed."""
        from scipy.interpolate import CubicHermiteSpline

        grid = np.arange(PUMP_POINTS) * self.curve.spacing
        return speed**2 * CubicHermiteSpline(grid, self.curve.head, self.curve.slope)(np.asarray(flow, float) / speed)

    def power(self, flow: Any, speed: float = 1.0, density: float = 1000.0) -> Any:
        """Electrical power [W] at volume flow `flow` [m³/s], relative speed and density [kg/m³]."""
        flow = np.asarray(flow, float)
        return density * GRAVITY * flow * self.head(flow, speed) / (self.efficiency * self.drive_efficiency)

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """The head curve at nominal speed, from the middle of it."""
        values = {"density": coolant.density, "speed": 1.0, "check": BLOCKED if self.check_valve else 0.0}
        return BranchLaw(Kind.PUMP, values, 0.5 * self.flow[-1] * coolant.density, curve=self.curve)
