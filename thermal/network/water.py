"""Facility water as whatever it cools finds it: offered at a temperature, drawn, and warmed, by machines it knows not.

One object for each facility stands behind loops and behind networks alike: it offers water and takes heat. All heat of
one of its steps enters it in that step, so that the pair conserves energy exactly whatever the two rates are.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import singledispatch
from typing import Any, NamedTuple, Protocol

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.network.case import Study, Timetable
from thermal.network.columns import Columns
from thermal.quantity import Part

__all__ = ["Taken", "Water", "water_of"]


class Taken(NamedTuple):
    """What a step brought, as means over it, the draw that of its end."""

    heat: float  # from the CDUs into the water [W]
    draw: float  # water through the CDUs as heat capacity rate [W/K]
    it_power: float = 0.0  # of the racks [W]
    air: float = 0.0  # of it what warms the air [W]
    drives: float = 0.0  # what motors and drives of the CDU pumps lose [W]


class Water(Protocol):
    """Facility water in time."""

    coolant: Coolant
    longest: float  # that one of its steps may last [s]; infinite where it minds nothing
    stride: int  # intervals in one of its steps, once laid out; 0 where it minds nothing

    @property
    def T(self) -> float:
        """Temperature at the CDUs now [°C]."""

    @property
    def flow(self) -> float:
        """What the CDUs draw of it together with their valves open [m³/s]."""

    def owns(self, event: Any) -> bool:
        """Whether an event is about one of its machines."""

    def lay_out(self, study: Study, plan: Timetable, time: xr.DataArray | None, events: Sequence[Any]) -> None:
        """Take weather and the events of its machines, for a run that is cut so; `time` is that of the heat."""

    def rest(self, settled: Callable[[float], Taken]) -> None:
        """Put itself and what it cools at rest; `settled` does that at a temperature of the water [°C]."""

    def pumped(self, begin: int) -> bool:
        """Whether the water is pumped in the step that begins with this interval."""

    def take(self, begin: int, taken: Taken) -> None:
        """Go on by the step that begins with this interval."""

    def memory(self) -> Iterable[np.ndarray]:
        """Arrays that change, from which its state can be restored."""

    def tables(self) -> Iterable[np.ndarray]:
        """Saved rows of its own, the first dimension being that of the rows."""

    def give(self, name: str, value: Any, begin: int) -> None:
        """Take an input from interval `begin` on; refuse one that it does not know."""

    def inputs(self) -> dict[str, Any]:
        """Names that ``give`` knows, with what holds at the start."""

    def columns(self, first: int, rows: int) -> Columns | None:
        """Its own series in the rows from `first` up to `rows`, as ``complete`` adds them; None if it has none such."""

    def complete(self, cooled: xr.Dataset) -> xr.Dataset:
        """The result of what it cools with its own series and end uses of power beside it."""


@singledispatch
def water_of(facility: Any) -> Water:
    """The water of a facility.

    Raises
    ------
    InputError
        If the facility is none; each kind of facility registers itself here.
    """
    given = type(facility).__name__ if isinstance(facility, Part) else repr(facility)
    raise InputError(f"facility = {given} must be a th.Supply or a plant, such as th.load('plants/generic_20mw')")
