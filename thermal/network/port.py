"""The port of a facility: where loops and what stands behind their CDUs meet, whatever machine that is.

A facility offers water and takes heat. How it does so is its own affair: ``behind`` asks the facility for its port, and
the march never asks what kind of facility it is. Most facilities are a ``Water``, which networks meet as well; one
whose pumps and the valves of all CDUs share a pressure brings a port of its own.
"""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.network.case import Case, Study, prepare, require_rest
from thermal.network.columns import Columns
from thermal.network.water import Taken, Water, water_of
from thermal.physics.network.march import Offer, Record, march, settle

__all__ = ["OnWater", "Port", "behind", "header_of", "on_water"]


class Port(Protocol):
    """One facility, lowered beside the loops of a case."""

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


class OnWater:
    """Loops on facility water.

    It is offered to the CDUs at a constant differential pressure, at which the loops draw its flow together with their
    valves open, each an equal share. The loops march against it, its temperature held over each of its steps.
    """

    def __init__(self, case: Case, water: Water) -> None:
        self.case, self.water = case, water
        racks = case.net.racks
        self._to_air = 1.0 - racks.plate_heat - racks.other_heat
        self._drive_loss = 1.0 - case.net.loops.drive_efficiency
        self._taken = np.zeros(len(case.loops))
        self.memory, self.tables, self.give, self.inputs = water.memory, water.tables, water.give, water.inputs
        self.columns, self.complete = water.columns, water.complete

    def rest(self) -> None:
        """Put loops and facility at rest under the first heat and weather.

        Raises
        ------
        ConvergenceError
            If loops or facility have no rest there.
        """
        self.water.rest(self._settled)

    def _settled(self, T: float) -> Taken:
        """Bring the loops to rest on water at `T`."""
        c = self.case
        require_rest(c, settle(c.net, c.state, c.boundary.heat[0], T, header_of(c, self.water.flow)))
        draw = c.net.loops.facility_rho_cp * c.state.loops.primary_flow
        return self._brought(0, 1, float((draw * (c.state.loops.T_primary - T)).sum()), self._pump_power())

    def _pump_power(self) -> np.ndarray:
        """Electrical power of the pumps of each CDU as its loop is now [W]."""
        c, found = self.case, np.zeros(len(self.case.loops))
        for l, loop in enumerate(c.loops):
            now = c.state.loops[l]
            if now.running > 0 and now.flow > 0.0:
                each = float(now.flow) / int(now.running)
                found[l] = now.running * loop.cdu.pump.power(each, float(now.speed), float(c.net.loops[l].density))
        return found

    def _brought(self, begin: int, end: int, heat: float, pump_power: np.ndarray) -> Taken:
        """What the intervals from `begin` to `end` brought, with their heat [W] and power of the pumps [W]."""
        c = self.case
        power = c.boundary.heat[begin:end]
        return Taken(
            heat,
            float(c.net.loops.facility_rho_cp @ c.state.loops.primary_flow),
            float(power.sum()) / (end - begin),
            float((power @ self._to_air).sum()) / (end - begin),
            float(pump_power @ self._drive_loss),
        )

    def march(self, record: Record, begin: int, end: int, event: int) -> int:
        """March loops against the water, and the water by what they gave."""
        c, water = self.case, self.water
        header = header_of(c, water.flow)
        stride = water.stride or end - begin
        window = c.every / stride
        power = record.loops.view(np.ndarray)["pump_power"]
        for first in range(begin, end, stride):
            last, row = first + stride, first // c.every
            before = power[row].copy()
            offer = Offer(water.T, header if water.pumped(first) else 0.0 * header, self._taken)
            event = march(c.net, c.state, c.boundary, offer, c.substeps, c.every, record, first, last, event)
            if water.stride:
                heat = float(self._taken.sum()) / (stride * c.boundary.interval)
                water.take(first, self._brought(first, last, heat, (power[row] - before) * window))
        return event


def header_of(case: Case, flow: Any) -> np.ndarray:
    """Differential pressure at which each loop draws its share of `flow`, valve fully open; a column gives rows."""
    share = flow / len(case.net.loops)
    return np.asarray(case.net.loops.primary_linear * share + case.net.loops.valve_quadratic * share**2)


def on_water(facility: Any, study: Study) -> tuple[Case, Port]:
    """Lower a study of loops with the water of this facility behind them."""
    water = water_of(facility)
    own = [event for event in study.events if water.owns(event)]
    case = prepare(study, water.coolant, [event for event in study.events if event not in own], water.longest)
    water.lay_out(study, case.plan, case.given, own)
    return case, OnWater(case, water)


@singledispatch
def behind(facility: Any, study: Study) -> tuple[Case, Port]:
    """Lower a study with this facility behind its loops; one that is no ``Water`` registers itself here.

    Raises
    ------
    InputError
        If the facility is none.
    """
    return on_water(facility, study)
