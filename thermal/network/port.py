"""The port of a facility: where loops and what stands behind their CDUs meet, whatever machine that is.

A facility offers water and takes heat. How it does so is its own affair: ``behind`` asks the facility for its port, and
the march never asks what kind of facility it is.
"""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.network.case import Case, Study
from thermal.network.result import Columns
from thermal.physics.network.march import Record
from thermal.quantity import Part

__all__ = ["Port", "behind"]


class Port(Protocol):
    """One facility, lowered beside the loops of a case."""

    stride: int  # intervals of the loops that it marches at a time

    def rest(self) -> None:
        """Put loops and facility at rest under the first heat and weather."""

    def march(self, record: Record, begin: int, end: int, event: int) -> int:
        """March loops and facility over the intervals from `begin` to `end`; return the next event."""

    def memory(self) -> Iterable[np.ndarray]:
        """Arrays that change while it marches, those of the loops aside, from which its state can be restored."""

    def tables(self) -> Iterable[np.ndarray]:
        """Saved rows of its own, the first dimension being that of the rows."""

    def give(self, name: str, value: Any, begin: int) -> None:
        """Take an input from interval `begin` on; refuse one that it does not know."""

    def inputs(self) -> dict[str, Any]:
        """Names that ``give`` knows, with what holds at the start."""

    def columns(self, first: int, rows: int) -> Columns | None:
        """Its own series in the rows from `first` up to `rows`, as ``complete`` adds them; None if it has none such."""

    def complete(self, loops: xr.Dataset) -> xr.Dataset:
        """The result of the loops with the facility's own series and end uses of power beside it."""


@singledispatch
def behind(facility: Any, study: Study) -> tuple[Case, Port]:
    """Lower a study with this facility behind its loops.

    Raises
    ------
    InputError
        If the facility is none; each kind of facility registers itself here.
    """
    given = type(facility).__name__ if isinstance(facility, Part) else repr(facility)
    raise InputError(f"facility = {given} must be a th.Supply or a plant, such as th.load('plants/generic_20mw')")
