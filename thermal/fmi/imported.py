"""An imported co-simulation unit behind the CDUs: it takes their heat and gives the temperature of their water."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.ledger import END_USES
from thermal.components.coolant import Coolant
from thermal.errors import ConvergenceError, InputError
from thermal.fmi.foreign import Foreign
from thermal.inputs import no_others
from thermal.network.case import Case, Study, cut_finer, prepare, require_rest
from thermal.network.port import Port, behind
from thermal.network.result import Columns, with_end_uses
from thermal.network.supply import header_of
from thermal.outdoors.in_time import outdoors
from thermal.physics.network.march import Offer, Record, march, settle
from thermal.quantity import Part, choice, part, quantity

__all__ = ["ImportedUnit"]

TRIES, CLOSE = 30, 1e-6  # of the rest: times that the unit is started anew, and K that count as none
GUESS = 20.0  # °C, of the first


class ImportedUnit(Part):
    """A co-simulation unit (FMI 2.0 or 3.0) as the facility of ``th.transient``: a chiller, a dry cooler, a district.

    It is told by the names of its variables which of them is what; their units are read from it and converted, a
    variable without one is in ours. In each of its steps the loops march against the water of its last one; then it is
    given the heat that they put into the water in that step, as a mean, so that what passes is exact, the flow drawn
    at the end of it, and the temperature at which that heat comes back with that flow. Water is offered as by a
    ``th.Supply``: at the pressure difference at which all loops together draw `flow` with their valves open. At the
    start the unit is initialised with the heat of the loops at rest on the water it then gives.

    Examples
    --------
    >>> import thermal as th
    >>> chiller = th.fmi.ImportedUnit(path="chiller.fmu", T_supply="T_out", heat="Q", power="P", flow=0.03, step=10)
    >>> row = th.load("loops/gb200_row")
    >>> day = th.transient(row, heat=100e3, facility=chiller, until=3600, save=60)  # doctest: +SKIP
    """

    path: str = choice("file of the unit")
    T_supply: str = choice("its output that is the temperature of the water to the CDUs [degC]")
    heat: str = choice("its input for the heat that the loops put into the water [W]; none if empty", default="")
    T_return: str = choice("its input for the temperature of the water that comes back [degC]", default="")
    drawn: str = choice("its input for the water that the loops draw [m3/s]", default="")
    T_dry_bulb: str = choice("its input for the outdoor dry bulb [degC], of weather=...", default="")
    T_wet_bulb: str = choice("its input for the outdoor wet bulb [degC], of weather=...", default="")
    power: str = choice("its output that is its electrical power [W]; its mean is of the ends of its steps", default="")
    end_use: str = choice("end use as which its power counts", default="chillers")
    flow: float = quantity("m3/s", "water that all loops together draw with their valves open", above=0, high=100)
    step: float = quantity("s", "step that it is asked for", above=0, high=86400)
    coolant: Coolant | None = part("facility water; plain water if not given", default=None)

    @property
    def inputs(self) -> dict[str, str]:
        """Its inputs by what they are."""
        every = ("heat", "T_return", "drawn", "T_dry_bulb", "T_wet_bulb")
        return {what: getattr(self, what) for what in every if getattr(self, what)}


UNITS = {"heat": "W", "T_return": "degC", "drawn": "m3/s", "T_dry_bulb": "degC", "T_wet_bulb": "degC"}
AIR = ("T_dry_bulb", "T_wet_bulb")


class _Kept:
    """The state of a unit where a stepper expects an array: copied to bytes, and filled from them."""

    def __init__(self, unit: Foreign) -> None:
        self.unit = unit

    def copy(self) -> np.ndarray:
        return np.frombuffer(self.unit.state(), np.uint8)

    def __setitem__(self, where: object, kept: np.ndarray) -> None:
        self.unit.restore(kept.tobytes())


class UnitPort:
    """Port of an imported unit."""

    def __init__(
        self, case: Case, stride: int, facility: ImportedUnit, unit: Foreign, air: dict[str, np.ndarray]
    ) -> None:
        assert facility.coolant is not None  # the verb fills it in
        self.case, self.stride, self.facility, self.unit, self.air = case, stride, facility, unit, air
        self.coolant, self.step = facility.coolant, stride * case.boundary.interval
        header = np.broadcast_to(header_of(case, facility.flow), (case.intervals, len(case.loops)))
        self.offer = Offer(np.zeros(case.intervals), header.copy(), np.zeros(len(case.loops)))
        self.T = np.zeros(1)  # of the water that it gives now
        self.powers = np.zeros(case.intervals // case.every)
        self._kept = _Kept(unit)

    def rest(self) -> None:
        """Start the unit with the heat of the loops at rest on its water, found by trying again.

        Raises
        ------
        ConvergenceError
            If its water does not settle.
        """
        T = GUESS
        for _ in range(TRIES):
            self.T[0] = T
            self.unit.start(self._given(*self._settled(T), 0))
            T = self._read(0.0)[0]
            if abs(T - self.T[0]) <= CLOSE:
                self.T[0] = T
                self._settled(T)
                return
        raise ConvergenceError(
            f"no rest to start from: {self.unit.name} gave {T:.6g} degC after {self.T[0]:.6g} degC in {TRIES} tries"
        )

    def march(self, record: Record, begin: int, end: int, event: int) -> int:
        """March the loops and the unit in its steps, in turn."""
        c, per = self.case, self.stride
        steps = c.every // per
        loops = (c.net, c.state, c.boundary, self.offer, c.substeps, c.every, record)
        for p in range(begin // per, end // per):
            self.offer.T[p * per : (p + 1) * per] = self.T[0]
            event = march(*loops, p * per, (p + 1) * per, event)
            heat, drawn = float(self.offer.taken.sum()) / self.step, float(c.state.loops.primary_flow.sum())
            self.unit.put(self._given(heat, drawn, p))
            self.unit.step(p * self.step, self.step)
            self.T[0], power = self._read((p + 1) * self.step)
            if p % steps == 0:
                self.powers[p // steps] = 0.0
            self.powers[p // steps] += power / steps
        return event

    def _settled(self, T: float) -> tuple[float, float]:
        """Heat of the loops at rest on water at `T` [W], and the flow that they draw [m³/s]."""
        c = self.case
        require_rest(c, settle(c.net, c.state, c.boundary.heat[0], T, header_of(c, self.facility.flow)))
        loops = c.state.loops
        heat = c.net.loops.facility_rho_cp * loops.primary_flow * (loops.T_primary - T)
        return float(heat.sum()), float(loops.primary_flow.sum())

    def _given(self, heat: float, drawn: float, p: int) -> dict[str, float]:
        """What the unit is given in its step `p`, by its own names."""
        rate = float(self.case.net.loops.facility_rho_cp[0]) * drawn
        back = float(self.T[0]) + (heat / rate if rate > 0.0 else 0.0)
        values = {"heat": heat, "drawn": drawn, "T_return": back} | {n: float(v[p]) for n, v in self.air.items()}
        return {theirs: values[what] for what, theirs in self.facility.inputs.items()}

    def _read(self, time: float) -> tuple[float, float]:
        """Temperature of the water and electrical power.

        Raises
        ------
        ConvergenceError
            If the water is outside the coolant's range, or a power is no number from zero on.
        """
        f, water = self.facility, self.coolant
        T, *power = self.unit.take([f.T_supply, *([f.power] if f.power else [])])
        if not water.T_low <= T <= water.T_high:
            raise ConvergenceError(
                f"{self.unit.name}: {f.T_supply} = {T:g} degC at {time:g} s is outside {water.T_low:g} to "
                f"{water.T_high:g} degC of the facility water"
            )
        if power and not 0.0 <= power[0] < np.inf:
            raise ConvergenceError(f"{self.unit.name}: {f.power} = {power[0]:g} W at {time:g} s must be from zero on")
        return T, power[0] if power else 0.0

    def memory(self) -> Iterable[np.ndarray]:
        """Water that it gives now, weather, and the unit itself."""
        return self.T, *self.air.values(), self._kept  # type: ignore[arg-type]  # copied and filled as an array is

    def tables(self) -> Iterable[np.ndarray]:
        """Its power."""
        return (self.powers,)

    def give(self, name: str, value: Any, begin: int) -> None:
        """Take weather, where the unit has an input for it."""
        no_others(self.unit.name, [name], ["weather"] if self.air else [])
        for each, values in outdoors(value, tuple(self.air), None, 1, self.step).items():
            self.air[each][-(-begin // self.stride) :] = values

    def inputs(self) -> dict[str, Any]:
        """The weather."""
        return {"weather": {name: float(values[0]) for name, values in self.air.items()}} if self.air else {}

    def columns(self, first: int, rows: int) -> Columns:
        """Its power."""
        return Columns({}, {self.facility.end_use: self.powers[first:rows]} if self.facility.power else {})

    def complete(self, loops: xr.Dataset) -> xr.Dataset:
        """Its power beside that of the loops."""
        uses = self.columns(0, loops.sizes["time"]).uses
        found = with_end_uses(loops, uses) if uses else loops
        return found.assign_attrs(unit=self.unit.name, unit_step=self.step)


def _cut(case: Case, step: float, longest: float) -> tuple[Case, int]:
    """The case in intervals that a step of the unit is a whole number of, and that number.

    Raises
    ------
    InputError
        If a saved interval is no whole number of steps, or heat changes within one.
    """
    interval = case.boundary.interval
    rows, parts, stride = case.every * interval / step, interval / step, step / interval
    if rows < 1.0 - 1e-9 or abs(rows - round(rows)) > 1e-9 * rows:
        raise InputError(f"save = {case.every * interval:g} s must be a whole number of the unit's steps of {step:g} s")
    if abs(parts - round(parts)) <= 1e-9 * parts:
        return cut_finer(case, round(parts), longest), 1
    if abs(stride - round(stride)) <= 1e-9 * stride:
        return case, round(stride)
    raise InputError(
        f"steps of the unit of {step:g} s and heat given every {interval:g} s fit no whole number of times"
    )


@behind.register
def _(facility: ImportedUnit, study: Study) -> tuple[Case, Port]:
    assert facility.coolant is not None  # the verb fills it in
    no_others("end_use of an imported unit", [facility.end_use], END_USES)
    inputs = {theirs: UNITS[what] for what, theirs in facility.inputs.items()}
    outputs = {facility.T_supply: "degC"} | ({facility.power: "W"} if facility.power else {})
    unit = Foreign(facility.path, inputs, outputs)
    case, stride = _cut(prepare(study, facility.coolant, study.events), facility.step, study.step)
    names = tuple(what for what in AIR if what in facility.inputs)
    b = case.boundary
    air = outdoors(study.weather, names, case.given, case.intervals // stride, stride * b.interval) if names else {}
    return case, UnitPort(case, stride, facility, unit, air)
