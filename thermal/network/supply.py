"""Facility water of given temperature and availability, the simplest thing that can stand behind the CDUs."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.inputs import no_others, number
from thermal.network.case import Case, Study, prepare, require_rest
from thermal.network.port import Port, behind
from thermal.network.result import Columns
from thermal.physics.network.march import Offer, Record, march, settle
from thermal.quantity import Part, part, quantity

__all__ = ["GivenWater", "Supply", "header_of"]


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
    """Port of a supply: temperature and pressure are known for every interval, and the heat goes wherever it goes."""

    stride = 1

    def __init__(self, case: Case, coolant: Coolant, T: float, flow: float) -> None:
        self.case, self.coolant, self.flow = case, coolant, flow
        coolant.require(T, "Supply.T: facility water")
        header = np.broadcast_to(header_of(case, flow), (case.intervals, len(case.loops)))
        self.offer = Offer(np.full(case.intervals, T), header.copy(), np.zeros(len(case.loops)))

    def rest(self) -> None:
        """Put the loops at rest on the first water."""
        case, offer = self.case, self.offer
        heat = settle(case.net, case.state, case.boundary.heat[0], offer.T[0], offer.header[0])
        require_rest(case, heat)

    def march(self, record: Record, begin: int, end: int, event: int) -> int:
        """March the loops; the water does not mind."""
        c = self.case
        return march(c.net, c.state, c.boundary, self.offer, c.substeps, c.every, record, begin, end, event)

    def memory(self) -> Iterable[np.ndarray]:
        """What may be given anew."""
        return self.offer.T, self.offer.header

    def tables(self) -> Iterable[np.ndarray]:
        """No rows of its own."""
        return ()

    def give(self, name: str, value: Any, begin: int) -> None:
        """Take ``T`` [°C] or ``flow`` [m³/s] of the water."""
        no_others("th.Supply", [name], ("T", "flow"))
        if name == "T":
            water = self.coolant
            self.offer.T[begin:] = number("T", value, "degC", low=water.T_low, high=water.T_high)
        else:
            self.offer.header[begin:] = header_of(self.case, number("flow", value, "m3/s", low=0, high=100))

    def inputs(self) -> dict[str, Any]:
        """Temperature [°C] and flow [m³/s] of the water."""
        return {"T": float(self.offer.T[0]), "flow": self.flow}

    def columns(self, first: int, rows: int) -> Columns:
        """Nothing of its own."""
        return Columns({}, {})

    def complete(self, loops: xr.Dataset) -> xr.Dataset:
        """Nothing to add: whoever makes the water draws his power elsewhere."""
        return loops


def header_of(case: Case, flow: float) -> np.ndarray:
    """Differential pressure at which each loop draws its share of `flow`, valve fully open."""
    share = flow / len(case.net.loops)
    return np.asarray(case.net.loops.primary_linear * share + case.net.loops.valve_quadratic * share**2)


@behind.register
def _(facility: Supply, study: Study) -> tuple[Case, Port]:
    assert facility.coolant is not None  # the verb fills it in
    case = prepare(study, facility.coolant, study.events)
    return case, GivenWater(case, facility.coolant, facility.T, facility.flow)
