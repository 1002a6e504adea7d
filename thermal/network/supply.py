"""Facility water of given temperature and availability, the simplest thing that can stand behind the CDUs."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.inputs import no_others, number
from thermal.network.case import Study, Timetable
from thermal.network.columns import Columns
from thermal.network.water import Taken, Water, water_of
from thermal.quantity import Part, part, quantity

__all__ = ["GivenWater", "Supply"]


class Supply(Part):
    """Facility water of fixed temperature and availability.

    The water is offered at a constant differential pressure, such that each loop with its valve fully open draws its
    share of `flow`; a throttled valve draws less.

    Examples
    --------
    >>> from thermal.network.supply import Supply
    >>> from thermal.units import lpm
    >>> Supply(T=30, flow=1900 * lpm).T
    30.0
    """

    T: float = quantity("degC", "temperature of the facility water entering the CDUs", low=-20, high=80)
    flow: float = quantity(
        "m3/s", "facility water that all loops together draw with their valves open", low=0, high=100
    )
    coolant: Coolant | None = part("facility water; plain water if not given", default=None)


class GivenWater:
    """Water of a supply: temperature and flow are as given, and the heat goes wherever it goes."""

    longest = math.inf
    stride = 0

    def __init__(self, coolant: Coolant, T: float, flow: float) -> None:
        self.coolant = coolant
        coolant.require(T, "Supply.T: facility water")
        self.now = np.array([T, flow])
        self.start = {"T": T, "flow": flow}

    @property
    def T(self) -> float:
        """Temperature [°C]."""
        return float(self.now[0])

    @property
    def flow(self) -> float:
        """Flow with all valves open [m³/s]."""
        return float(self.now[1])

    def owns(self, event: Any) -> bool:
        """No event; it has no machines."""
        return False

    def lay_out(self, study: Study, plan: Timetable, time: xr.DataArray | None, events: Sequence[Any]) -> None:
        """Nothing to lay out."""

    def rest(self, settled: Callable[[float], Taken]) -> None:
        """Put what it cools at rest."""
        settled(self.T)

    def pumped(self, begin: int) -> bool:
        """Always."""
        return True

    def take(self, begin: int, taken: Taken) -> None:
        """It does not mind."""

    def memory(self) -> Iterable[np.ndarray]:
        """What may be given anew."""
        return (self.now,)

    def tables(self) -> Iterable[np.ndarray]:
        """No rows of its own."""
        return ()

    def give(self, name: str, value: Any, begin: int) -> None:
        """Take ``T`` [°C] or ``flow`` [m³/s] of the water."""
        no_others("th.Supply", [name], ("T", "flow"))
        if name == "T":
            self.now[0] = number("T", value, "degC", low=self.coolant.T_low, high=self.coolant.T_high)
        else:
            self.now[1] = number("flow", value, "m3/s", low=0, high=100)

    def inputs(self) -> dict[str, Any]:
        """Temperature [°C] and flow [m³/s] of the water."""
        return self.start

    def columns(self, first: int, rows: int) -> Columns:
        """Nothing of its own."""
        return Columns({}, {})

    def complete(self, cooled: xr.Dataset) -> xr.Dataset:
        """Nothing to add: whoever makes the water draws his power elsewhere."""
        return cooled


@water_of.register
def _(facility: Supply) -> Water:
    assert facility.coolant is not None  # the verb fills it in
    return GivenWater(facility.coolant, facility.T, facility.flow)
