"""Pumps: a catalogue head curve, efficiencies and a speed range."""

from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import numpy as np
import xarray as xr
from pydantic import model_validator

from thermal.components.coolant import Properties
from thermal.components.hydronics.law import BranchLaw, Kind
from thermal.errors import InputError
from thermal.names import describe
from thermal.physics.machines.monotone import hermite, hermite_slope, monotone_slopes
from thermal.physics.machines.pump import (
    GRAVITY,
    PUMP_POINTS,
    Drive,
    Efficiency,
    PumpCurve,
    PumpDraw,
    beyond_curve,
    drive_losses,
    electrical_power,
    hydraulic_efficiency,
    shaft_power,
)
from thermal.physics.network.branches import BLOCKED
from thermal.quantity import Part, choice, quantity

__all__ = ["DriveLaw", "EfficiencyLaw", "Pump"]

STEEPEST = 2.0  # head at no flow over that of the first catalogue point, at most


class EfficiencyLaw(StrEnum):
    """How the hydraulic efficiency follows the flow."""

    CONSTANT = "constant"
    BEST_POINT = "best_point"  # a parabola with its top at flow_best
    CURVE = "curve"  # by efficiency_curve


class DriveLaw(StrEnum):
    """How motor and drive lose power."""

    CONSTANT = "constant"  # drive_efficiency at any load
    MOTOR = "motor"  # an induction motor on the grid, by load
    VARIABLE_SPEED = "variable_speed"  # an induction motor behind a frequency converter, by load


class Pump(Part):
    """A centrifugal pump with speed control.

    The head curve is a monotone cubic through the catalogue points. Where they do not begin at no flow, the head there
    is that of the parabola H_0 − k V² through the first two; a parabola that more than doubles the first head is
    refused, since such points are no pump's.

    Examples
    --------
    >>> import thermal as th
    >>> pump = th.load("pumps/frontier_cdu")
    >>> round(float(pump.head(0.02)), 2)  # the quoted point: 62.3878 m at 0.02 m³/s
    62.39
    >>> varies = pump.replace(efficiency_law="best_point", flow_best=0.03)
    >>> round(float(varies.operate(0.015).pump_efficiency) / pump.efficiency, 3)  # 2·0.5 − 0.5²
    0.75
    """

    flow: tuple[float, ...] = quantity("m3/s", "volume flows of the head curve, ascending from zero")
    head_curve: tuple[float, ...] = quantity("m", "head at those flows, falling")
    slope_curve: tuple[float, ...] = quantity(
        "m s/m3",
        "dH/dV at those flows, where it is known; otherwise a monotone cubic finds it",
        default=(),
        shown=False,
    )
    efficiency: float = quantity("-", "hydraulic efficiency, the best one where it varies with flow", above=0, high=1)
    drive_efficiency: float = quantity(
        "-", "efficiency of motor and drive together; of the motor at rated power where it varies", above=0, high=1
    )
    speed_low: float = quantity("-", "lowest speed relative to nominal", above=0, high=1, default=0.2)
    speed_high: float = quantity("-", "highest speed relative to nominal", above=0, high=1.2, default=1.0)
    coast: float = quantity(
        "s", "time in which its speed halves from nominal once the drive is off; 0 stands at once", low=0, high=1000,
        default=0.0,
    )  # fmt: skip
    check_valve: bool = choice("whether a check valve keeps coolant from flowing back through it", default=True)
    efficiency_law: EfficiencyLaw = choice(
        "how the hydraulic efficiency follows the flow", default=EfficiencyLaw.CONSTANT
    )
    flow_best: float | None = quantity(
        "m3/s", "flow of the best efficiency at nominal speed, for the law best_point", above=0, default=None
    )
    efficiency_curve: tuple[float, ...] = quantity(
        "-", "efficiency over the best one at the flows of the head curve, for the law curve", default=()
    )
    npsh_required: tuple[float, ...] = quantity(
        "m", "net positive suction head that it needs at the flows of the head curve, at nominal speed", default=()
    )
    drive: DriveLaw = choice("how motor and drive lose power", default=DriveLaw.CONSTANT)
    rated_power: float | None = quantity(
        "W", "shaft power the motor is rated for, where its losses follow the load", above=0, default=None
    )

    @model_validator(mode="after")
    def _curve(self) -> Self:
        flow, head = np.array(self.flow), np.array(self.head_curve)
        if len(flow) < 3 or len(flow) != len(head) or not (np.diff(flow) > 0).all() or flow[0] < 0:
            raise ValueError("flow and head_curve need the same number (3 or more) of points, flow ascending from >= 0")
        if not (np.diff(head) < 0).all():
            raise ValueError("head_curve must fall with flow; a drooping curve has two flows for one head")
        if not head[-1] >= -1e-9 * head[0]:  # a curve that ends at zero may miss it by rounding
            raise ValueError(f"head_curve ends at {head[-1]:g} m: a pump's curve ends where it lifts no more, at 0 m")
        shut_off = self._points[1][0]
        if not shut_off <= STEEPEST * head[0]:
            raise ValueError(
                f"the first two points ({flow[0]:g} and {flow[1]:g} m3/s, {head[0]:g} and {head[1]:g} m) mean "
                f"{shut_off:.4g} m at no flow, more than {STEEPEST:g} times the first: no pump's curve; give the head "
                "at zero flow, or check the points"
            )
        if self.slope_curve and not (len(self.slope_curve) == len(flow) and all(s <= 0 for s in self.slope_curve)):
            raise ValueError("slope_curve needs as many points as flow, none above zero")
        if self.slope_curve and flow[0] > 0:
            raise ValueError("slope_curve needs the head at zero flow as the first point")
        if not self.speed_low <= self.speed_high:
            raise ValueError(f"speed_low = {self.speed_low:g} is above speed_high = {self.speed_high:g}")
        return self

    @model_validator(mode="after")
    def _efficiencies(self) -> Self:
        for name, law, owner in (
            ("flow_best", EfficiencyLaw.BEST_POINT, self.efficiency_law),
            ("efficiency_curve", EfficiencyLaw.CURVE, self.efficiency_law),
        ):
            given = getattr(self, name) not in (None, ())
            if given != (owner == law):
                said = "needs" if owner == law else "does not use"
                raise ValueError(f"efficiency_law = {str(owner)!r} {said} {name}")
        if (self.rated_power is not None) != (self.drive != DriveLaw.CONSTANT):
            said = "does not use" if self.drive == DriveLaw.CONSTANT else "needs"
            raise ValueError(f"drive = {str(self.drive)!r} {said} rated_power")
        if self.flow_best is not None and not self.flow[-1] / 1.95 <= self.flow_best <= self.flow[-1]:
            raise ValueError(
                f"flow_best = {self.flow_best:g} m3/s must lie between {self.flow[-1] / 1.95:.4g} m3/s (the parabola "
                f"ends at twice the best flow) and the last flow, {self.flow[-1]:g} m3/s"
            )
        if self.npsh_required and not (len(self.npsh_required) == len(self.flow) and min(self.npsh_required) >= 0):
            raise ValueError("npsh_required needs as many values as flow, none below zero")
        if self.efficiency_curve:
            values = np.array(self.efficiency_curve)
            if len(values) != len(self.flow):
                raise ValueError(f"efficiency_curve has {len(values)} values, flow has {len(self.flow)}")
            if not ((values >= 0).all() and 0.99 <= values.max() <= 1.0):
                raise ValueError("efficiency_curve is relative, from 0 to 1 at its best; efficiency says how high")
            if not (values[np.array(self.flow) > 0] > 0).all():
                raise ValueError("efficiency_curve is zero at no flow only")
        return self

    @property
    def _points(self) -> tuple[np.ndarray, np.ndarray]:
        """Catalogue points from no flow on; the head there by the parabola through the first two, if not given."""
        V, H = np.array(self.flow), np.array(self.head_curve)
        if V[0] == 0.0:
            return V, H
        shut_off = H[0] + (H[0] - H[1]) * V[0] ** 2 / (V[1] ** 2 - V[0] ** 2)
        return np.concatenate(([0.0], V)), np.concatenate(([shut_off], H))

    @cached_property
    def curve(self) -> PumpCurve:
        """The head curve as the kernels take it: monotone cubic through the catalogue points."""
        V, H = self._points
        grid = np.linspace(0.0, V[-1], PUMP_POINTS)
        if self.slope_curve:
            s = np.array(self.slope_curve)
            head, slope = hermite(V, H, s, grid), hermite_slope(V, H, s, grid)
            return PumpCurve(float(grid[1]), head, slope, self.efficiency, self.drive_efficiency)
        tilt = 1e-6 * H[0] / V[-1]  # a curve that is level at a point still falls there
        head = hermite(V, H, monotone_slopes(V, H), grid)
        slope = monotone_slopes(grid, head)  # of the grid's own pieces, so that each falls
        return PumpCurve(float(grid[1]), head - tilt * grid, slope - tilt, self.efficiency, self.drive_efficiency)

    @cached_property
    def draw(self) -> PumpDraw:
        """Efficiency by flow and losses by load as the kernels take them."""
        grid = np.linspace(0.0, self.flow[-1], PUMP_POINTS)
        points = np.ones(PUMP_POINTS)
        if self.efficiency_curve:
            V, e = np.array(self.flow), np.array(self.efficiency_curve)
            if V[0] > 0.0:
                V, e = np.concatenate(([0.0], V)), np.concatenate(([0.0], e))
            points = hermite(V, e, monotone_slopes(V, e), grid)
        rated = self.rated_power or 1.0
        return PumpDraw(
            int(Efficiency[self.efficiency_law.name]), self.efficiency, self.flow_best or 1.0, self.flow[-1],
            float(grid[1]), points, rated, rated * (1.0 / self.drive_efficiency - 1.0),
            drive_losses(int(Drive[self.drive.name]), rated),
        )  # fmt: skip

    @property
    def constant(self) -> bool:
        """Whether both efficiencies are constant."""
        return self.efficiency_law == EfficiencyLaw.CONSTANT and self.drive == DriveLaw.CONSTANT

    def require_constant(self, user: str) -> None:
        """Raise unless both efficiencies are constant, for a solver that takes them so.

        Raises
        ------
        InputError
            If the pump's efficiency follows its flow or its losses follow the load.
        """
        if not self.constant:
            raise InputError(
                f"{user} takes pumps of constant efficiency, this one has efficiency_law = "
                f"{str(self.efficiency_law)!r} and drive = {str(self.drive)!r}: use the efficiency at its duty point"
            )

    def head(self, flow: Any, speed: Any = 1.0) -> Any:
        """Head [m] at volume flow `flow` [m³/s] and relative speed; outside the curve along its tangents."""
        c = self.curve
        n = np.asarray(speed, float)
        at = np.asarray(flow, float) / np.where(n > 0.0, n, 1.0)
        last = c.spacing * (PUMP_POINTS - 1)
        held = np.clip(at, 0.0, last)
        slope = np.where(at < 0.0, c.slope[0], c.slope[-1])
        grid = np.arange(PUMP_POINTS) * c.spacing
        return np.maximum(n, 0.0) ** 2 * (hermite(grid, c.head, c.slope, held) + slope * (at - held))

    def npsh(self, flow: Any, speed: Any = 1.0) -> Any:
        """Net positive suction head that it needs [m] at volume flow [m³/s] and speed, NaN where it states none.

        Affinity: NPSH_r(V, n) = n² NPSH_r(V/n), straight between the points and level beyond them.
        """
        V, n = np.broadcast_arrays(np.asarray(flow, float), np.asarray(speed, float))
        if not self.npsh_required:
            return np.full(V.shape, np.nan)
        at = np.where(n > 0.0, V / np.where(n > 0.0, n, 1.0), 0.0)
        return n**2 * np.interp(at, self.flow, self.npsh_required)

    def power(self, flow: Any, speed: Any = 1.0, density: float = 1000.0) -> Any:
        """Electrical power [W] at volume flow `flow` [m³/s], relative speed and density [kg/m³]."""
        if self.constant:
            flow = np.asarray(flow, float)
            lifted = density * GRAVITY * np.maximum(flow, 0.0) * np.maximum(self.head(flow, speed), 0.0)
            return lifted / (self.efficiency * self.drive_efficiency)
        return self.operate(flow, speed, density).pump_power.values

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """The head curve at nominal speed, from the middle of it."""
        values = {"density": coolant.density, "speed": 1.0, "check": BLOCKED if self.check_valve else 0.0}
        return BranchLaw(Kind.PUMP, values, 0.5 * self.flow[-1] * coolant.density, curve=self.curve)

    def operate(self, flow: Any, speed: Any = 1.0, density: float = 1000.0) -> xr.Dataset:
        """Operating points.

        Parameters
        ----------
        flow : float or array
            Volume flow [m³/s].
        speed : float or array
            Relative speed.
        density : float
            Of the fluid [kg/m³].

        Returns
        -------
        xarray.Dataset
            ``pump_head``, ``pump_efficiency`` (hydraulic), ``shaft_power``, which heats the fluid, ``pump_power``
            (electrical), and ``outside_pump`` where the flow lies beyond the catalogue.

        Raises
        ------
        InputError
            If an input is not finite numbers, or speed or density are not positive.
        """
        for name, value in (("flow", flow), ("speed", speed), ("density", density)):
            numbers = np.asarray(value)
            if numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
                raise InputError(f"pump: {name} = {value!r} must be finite numbers")
            if name != "flow" and not (numbers > 0).all():
                raise InputError(f"pump: {name} = {numbers.min():g} must be positive")
        V, n, rho = np.broadcast_arrays(*(np.asarray(x, float) for x in (flow, speed, density)))
        H = np.broadcast_to(self.head(V, n), V.shape)
        rows = [self._row(*v) for v in zip(*(a.ravel().tolist() for a in (rho, V, H, n)), strict=True)]
        columns = [np.array(c).reshape(V.shape) for c in zip(*rows, strict=True)]
        dims = [f"case_{k}" if k else "case" for k in range(V.ndim)]
        names = ("pump_head", "pump_efficiency", "shaft_power", "pump_power", "outside_pump")
        return describe(xr.Dataset({n: (dims, c) for n, c in zip(names, [H, *columns], strict=True)}))

    def _row(self, density: float, flow: float, head: float, speed: float) -> tuple[float, float, float, bool]:
        d = self.draw
        shaft = shaft_power(d, density, flow, head, speed)
        efficiency = hydraulic_efficiency(d, flow, speed)
        return efficiency, shaft, electrical_power(d, shaft), beyond_curve(d, flow, speed)
