"""An imported co-simulation unit behind the CDUs: it takes their heat and gives the temperature of their water."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.ledger import END_USES
from thermal.components.coolant import Coolant
from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import ConvergenceError, InputError
from thermal.fmi.foreign import Foreign
from thermal.inputs import no_others
from thermal.network.case import Study, Timetable
from thermal.network.columns import Columns, with_end_uses
from thermal.network.water import Taken, Water, water_of
from thermal.outdoors.in_time import outdoors
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
    start the unit is initialised with the heat of the loops at rest on the water it then gives. A network of CDUs takes
    the place of loops as well.

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


class UnitWater:
    """Water of an imported unit."""

    def __init__(self, facility: ImportedUnit, unit: Foreign) -> None:
        assert facility.coolant is not None  # the verb fills it in
        self.facility, self.unit, self.coolant = facility, unit, facility.coolant
        self.flow, self.longest, self.stride, self.step = facility.flow, facility.step, 1, facility.step
        self.rho_cp = rho_cp(self.coolant, min(max(25.0, self.coolant.T_low), self.coolant.T_high))
        self.now = np.zeros(1)  # °C of the water that it gives
        self._kept = _Kept(unit)

    @property
    def T(self) -> float:
        """Temperature at the CDUs now [°C]."""
        return float(self.now[0])

    def owns(self, event: Any) -> bool:
        """No event; its machines are its own affair."""
        return False

    def lay_out(self, study: Study, plan: Timetable, time: xr.DataArray | None, events: Sequence[Any]) -> None:
        """Take weather where it asks for it, for steps of the length that it is asked for.

        Raises
        ------
        InputError
            If its step and the saved intervals fit no whole number of times.
        """
        self.stride = max(1, round(self.step / plan.interval))
        if abs(self.stride * plan.interval - self.step) > 1e-9 * self.step or plan.every % self.stride:
            raise InputError(
                f"save = {plan.save:g} s, and the interval of the heat, must be a whole number of the unit's steps of "
                f"{self.step:g} s"
            )
        names, steps = tuple(what for what in AIR if what in self.facility.inputs), plan.intervals // self.stride
        self.air = outdoors(study.weather, names, time, steps, self.step) if names else {}
        self.steps = plan.every // self.stride  # in a saved row
        self.powers = np.zeros(plan.intervals // plan.every)

    def rest(self, settled: Callable[[float], Taken]) -> None:
        """Start the unit with the heat at rest on its water, found by trying again.

        Raises
        ------
        ConvergenceError
            If its water does not settle.
        """
        T = GUESS
        for _ in range(TRIES):
            self.now[0] = T
            self.unit.start(self._given(settled(T), 0))
            T = self._read(0.0)[0]
            if abs(T - self.T) <= CLOSE:
                self.now[0] = T
                settled(T)
                return
        raise ConvergenceError(
            f"no rest to start from: {self.unit.name} gave {T:.6g} degC after {self.T:.6g} degC in {TRIES} tries"
        )

    def pumped(self, begin: int) -> bool:
        """Always."""
        return True

    def take(self, begin: int, taken: Taken) -> None:
        """Step the unit with what its step brought."""
        p = begin // self.stride
        self.unit.put(self._given(taken, p))
        self.unit.step(p * self.step, self.step)
        self.now[0], power = self._read((p + 1) * self.step)
        row = p // self.steps
        self.powers[row] = (self.powers[row] if p % self.steps else 0.0) + power / self.steps

    def _given(self, taken: Taken, p: int) -> dict[str, float]:
        """What the unit is given in its step `p`, by its own names."""
        back = self.T + (taken.heat / taken.draw if taken.draw > 0.0 else 0.0)
        values = {"heat": taken.heat, "drawn": taken.draw / self.rho_cp, "T_return": back}
        values |= {name: float(series[p]) for name, series in self.air.items()}
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
        return self.now, *self.air.values(), self._kept  # type: ignore[arg-type]  # copied and filled as an array is

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

    def complete(self, cooled: xr.Dataset) -> xr.Dataset:
        """Its power beside that of what it cools."""
        uses = self.columns(0, cooled.sizes["time"]).uses
        found = with_end_uses(cooled, uses) if uses else cooled
        return found.assign_attrs(unit=self.unit.name, unit_step=self.step)


@water_of.register
def _(facility: ImportedUnit) -> Water:
    no_others("end_use of an imported unit", [facility.end_use], END_USES)
    inputs = {theirs: UNITS[what] for what, theirs in facility.inputs.items()}
    outputs = {facility.T_supply: "degC"} | ({facility.power: "W"} if facility.power else {})
    return UnitWater(facility, Foreign(facility.path, inputs, outputs))
