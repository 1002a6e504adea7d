"""Control and isolating valves by their Kv, check valves, strainers, quick disconnects, and losses known by points."""

from enum import StrEnum
from functools import cached_property
from typing import Self

import numpy as np
from pydantic import model_validator

from thermal.components.coolant import Properties
from thermal.components.hydronics.law import BranchLaw, Kind, square_law
from thermal.physics.machines.monotone import hermite, monotone_slopes
from thermal.physics.machines.pump import PUMP_POINTS, PumpCurve
from thermal.quantity import Part, choice, quantity

__all__ = [
    "Characteristic",
    "CheckValve",
    "PressureIndependentValve",
    "QuadraticLoss",
    "QuickDisconnect",
    "Resistance",
    "SampledDrop",
    "Strainer",
    "Valve",
]

WATER = 1000.0  # kg/m³, of the water that a Kv is stated with (IEC 60534-1)
BAR = 1e5


def kv_quadratic(Kv: float, density: float) -> float:
    """Coefficient b of Δp = b m² [Pa s²/kg²] of a valve that lets `Kv` [m³/s] of water through at 1 bar.

    Δp = 1 bar (V/Kv)² (ρ/1000), IEC 60534-2-1: with V = m/ρ, b = 1e5/(1000 ρ Kv²).
    """
    return BAR / (WATER * density * Kv**2)


class Characteristic(StrEnum):
    """Inherent characteristic: share of the Kv against opening."""

    LINEAR = "linear"
    EQUAL_PERCENTAGE = "equal percentage"
    QUICK_OPENING = "quick opening"


class Valve(Part):
    """A valve with its inherent characteristic; at opening zero it closes.

    Linear: Kv/Kvs = 1/R + (1 − 1/R) y; equal percentage: R^(y − 1); quick opening: √y, none below 1/R. R is the
    rangeability (IEC 60534-2-4).

    Examples
    --------
    >>> valve = Valve(Kv=40 / 3600, characteristic="equal percentage", rangeability=50)
    >>> round(valve.share(0.5), 4)  # 50^-0.5
    0.1414
    """

    Kv: float = quantity("m3/s", "flow of water through the open valve at 1 bar", above=0, high=10)
    opening: float = quantity("-", "opening, from zero (closed) to one", low=0, high=1, default=1.0)
    characteristic: Characteristic = choice("inherent characteristic", default=Characteristic.LINEAR)
    rangeability: float = quantity("-", "largest over smallest controllable Kv", low=1, high=1000, default=50.0)

    def share(self, opening: float) -> float:
        """Share of the Kv at an opening."""
        least = 1.0 / self.rangeability
        if self.characteristic == Characteristic.EQUAL_PERCENTAGE:
            return float(self.rangeability ** (opening - 1.0))
        if self.characteristic == Characteristic.QUICK_OPENING:
            return float(max(opening**0.5, least))
        return float(least + (1.0 - least) * opening)

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """Δp = 1 bar (V/Kv)² ρ/1000 with the Kv at the opening."""
        return square_law(kv_quadratic(self.Kv * self.share(self.opening), coolant.density), closed=self.opening == 0.0)


class CheckValve(Part):
    """A valve that lets nothing back.

    Examples
    --------
    >>> CheckValve(Kv=60 / 3600, opening_pressure=2000.0).opening_pressure
    2000.0
    """

    Kv: float = quantity("m3/s", "flow of water at 1 bar, fully open", above=0, high=10)
    opening_pressure: float = quantity("Pa", "pressure difference that begins to open it", low=0, high=1e6, default=0.0)

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """The opening pressure and a square forwards; backwards nearly nothing passes."""
        law = square_law(kv_quadratic(self.Kv, coolant.density))
        return law._replace(kind=Kind.CHECK, values={"opening": self.opening_pressure, **law.values})


class PressureIndependentValve(Part):
    """A valve whose regulator holds a flow as long as the pressure difference lies in its range.

    Below the range it is an open valve; within it the flow rises by ``band`` from end to end, and beyond it further on
    that line.

    Examples
    --------
    >>> import thermal as th
    >>> valve = PressureIndependentValve(flow=1e-3, drop_low=20e3, drop_high=400e3)
    >>> valve.branch_law(th.load("coolants/water").properties(20.0)).kind.name
    'LIMITER'
    """

    flow: float = quantity("m3/s", "flow that it is set to", above=0, high=10)
    drop_low: float = quantity("Pa", "pressure difference from which it holds its flow", above=0, high=1e6)
    drop_high: float = quantity("Pa", "pressure difference up to which it does", above=0, high=1e7)
    band: float = quantity("-", "by how much the flow rises over that range", low=1e-3, high=0.5, default=0.05)

    @model_validator(mode="after")
    def _range(self) -> Self:
        least = self.drop_low * (1.0 + 2.0 * self.band)  # the line must be steeper than the open valve
        if not self.drop_high > least:
            raise ValueError(
                f"drop_high = {self.drop_high:g} Pa must be above {least:g} Pa, drop_low and a little more"
            )
        return self

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """A square up to its flow, then a steep line."""
        flow = self.flow * coolant.density
        steep = (self.drop_high - self.drop_low) / (self.band * flow)
        return BranchLaw(Kind.LIMITER, {"flow": flow, "drop": self.drop_low, "steep": steep}, flow)


class Strainer(Part):
    """A strainer, as clean as it is.

    Examples
    --------
    >>> Strainer(Kv=100 / 3600, clogged=0.5).clogged
    0.5
    """

    Kv: float = quantity("m3/s", "flow of water at 1 bar through the clean strainer", above=0, high=10)
    clogged: float = quantity("-", "share of the free area that dirt has taken", low=0, high=0.99, default=0.0)

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """A square, with the Kv in proportion to the free area."""
        return square_law(kv_quadratic(self.Kv * (1.0 - self.clogged), coolant.density))


class QuickDisconnect(Part):
    """A pair of quick disconnects, plug and socket: Δp = a V + b V² with the coolant's density over that of water.

    Examples
    --------
    >>> QuickDisconnect(Kv=2.3 / 3600).connected
    True
    """

    Kv: float = quantity("m3/s", "flow of water at 1 bar through the connected pair", above=0, high=0.1)
    linear: float = quantity("Pa s/m3", "linear part of the pressure drop", low=0, default=0.0)
    connected: bool = choice("whether the pair is connected; apart, both halves close", default=True)

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """A line and a square."""
        return square_law(
            kv_quadratic(self.Kv, coolant.density), self.linear / coolant.density, closed=not self.connected
        )


class Resistance(Part):
    """Any part known by its pressure drop at one flow, and the exponent between them.

    Examples
    --------
    >>> Resistance(flow=1e-3, drop=5e4, exponent=1.85).exponent
    1.85
    """

    flow: float = quantity("m3/s", "reference volume flow", above=0, high=100)
    drop: float = quantity("Pa", "pressure drop at the reference flow", above=0, high=1e8)
    exponent: float = quantity("-", "exponent of pressure drop against flow", low=1, high=2.2, default=2.0)
    volume: float = quantity("m3", "coolant inside", low=0, default=0.0)

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """A power law."""
        flow = self.flow * coolant.density
        values = {"flow": flow, "drop": self.drop, "exponent": self.exponent}
        return BranchLaw(Kind.POWER, values, flow, self.volume)


class QuadraticLoss(Part):
    """Any part known by a line and a square of volume flow, such as the inside of a CDU.

    Examples
    --------
    >>> QuadraticLoss(quadratic=2e8).quadratic
    200000000.0
    """

    linear: float = quantity("Pa s/m3", "linear pressure loss", low=0, default=0.0)
    quadratic: float = quantity("Pa s2/m6", "quadratic pressure loss", low=0, default=0.0)

    @model_validator(mode="after")
    def _resists(self) -> Self:
        if not self.linear + self.quadratic > 0.0:
            raise ValueError("linear and quadratic are both zero: a branch needs some resistance")
        return self

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """A line and a square of the mass flow."""
        return square_law(self.quadratic / coolant.density**2, self.linear / coolant.density)


class SampledDrop(Part):
    """Any part known by its pressure drop at several flows, measured or solved, such as a cold plate by geometry.

    Examples
    --------
    >>> drop = SampledDrop(flow=(1e-5, 2e-5), drop=(3e3, 9e3))
    >>> drop.drop[-1]
    9000.0
    """

    flow: tuple[float, ...] = quantity("m3/s", "volume flows, ascending from above zero")
    drop: tuple[float, ...] = quantity("Pa", "pressure drop at those flows, rising")
    volume: float = quantity("m3", "coolant inside", low=0, default=0.0)

    @model_validator(mode="after")
    def _curve(self) -> Self:
        V, h = np.array([0.0, *self.flow]), np.array([0.0, *self.drop])
        if len(V) < 2 or len(V) != len(h) or not (np.diff(V) > 0).all() or not (np.diff(h) > 0).all():
            raise ValueError("flow and drop need the same number of points, both rising from above zero")
        return self

    @cached_property
    def curve(self) -> PumpCurve:
        """Monotone cubic through no flow and the points, on an even grid; beyond the last point its tangent."""
        flow, drop = np.array([0.0, *self.flow]), np.array([0.0, *self.drop])
        grid = np.linspace(0.0, self.flow[-1], PUMP_POINTS)
        fit = hermite(flow, drop, monotone_slopes(flow, drop), grid)
        slope = np.maximum(monotone_slopes(grid, fit), 1e-6 * self.drop[-1] / self.flow[-1])
        return PumpCurve(float(grid[1]), fit, slope, 1.0, 1.0)

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """The curve, odd in the flow."""
        return BranchLaw(
            Kind.DROP, {"density": coolant.density}, self.flow[-1] * coolant.density, self.volume, self.curve
        )
