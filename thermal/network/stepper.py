"""A case that can be advanced: open, advance, read, save, restore. Transients, controllers and co-simulation use it."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number
from thermal.network.case import Study
from thermal.network.events import require_events
from thermal.network.heat import rack_heat
from thermal.network.plates import lower_plates, rest_plates
from thermal.network.port import behind
from thermal.network.result import loop_columns, loops_result, new_record, require_convergence
from thermal.quantity import provenance

__all__ = ["Snapshot", "Stepper"]


class Snapshot(NamedTuple):
    """State of a stepper at one moment."""

    now: int
    event: int
    memory: list[np.ndarray]
    heat: np.ndarray | None  # of each rack [W], where an input replaced that of the study
    row: list[np.ndarray]  # of the record, as far as it was filled


class Stepper:
    """Loops and facility at a moment, ready to go on.

    Parameters
    ----------
    study : Study
        Loops, heat, facility, weather, events, and how finely to step and to save.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import hour, kW, lpm
    >>> row, water = th.load("loops/gb200_row"), th.Supply(T=26, flow=1900 * lpm)
    >>> case = th.verbs.stepper(row, heat=100 * kW, facility=water, until=hour, save=60)
    >>> float(case.advance(600).time), case.now
    (600.0, 600.0)
    >>> before = case.save()
    >>> warm = float(case.advance(1800, T=30).T_case.max())
    >>> case.restore(before)
    >>> bool(warm > float(case.advance(1800).T_case.max()))
    True
    """

    def __init__(self, study: Study) -> None:
        require_events(study.events)
        self._facility = study.facility
        self.case, self._port = behind(study.facility, study)
        step = self.case.boundary.interval / self.case.substeps
        self._record = new_record(self.case, lower_plates(self.case.loops, step))
        self._now = self._event = 0
        self._asked: np.ndarray | None = None  # heat of the study, once an input has replaced it
        self._heat: np.ndarray | None = None  # the input
        self._port.rest()
        rest_plates(self._record.plates, self.case.net, self.case.state, self.case.boundary.heat[0])

    @property
    def now(self) -> float:
        """Time from the start [s]."""
        return self._now * self.case.boundary.interval

    @property
    def end(self) -> float:
        """Length of the case [s]."""
        return self.case.intervals * self.case.boundary.interval

    @property
    def window(self) -> float:
        """Length of a saved row [s]."""
        return self.case.every * self.case.boundary.interval

    def advance(self, until: float | None = None, **inputs: Any) -> xr.Dataset:
        """March on.

        Parameters
        ----------
        until : float, optional
            Time from the start [s], a whole number of saved intervals; by default the next saved time.
        **inputs
            What holds from now on: ``heat`` as in ``th.transient`` but constant in time, and what the facility takes,
            such as ``T`` of a ``th.Supply`` or ``T_supply`` of a ``th.Plant``.

        Returns
        -------
        xarray.Dataset
            The last saved row, as ``read``.

        Raises
        ------
        InputError
            If `until` lies behind, beyond the end or between saved times, or an input is not known.
        """
        case, save = self.case, self.window
        until = self.now + save if until is None else number("until", until, "s")
        rows = until / save
        if abs(rows - round(rows)) > 1e-6 or not self._now < round(rows) * case.every <= case.intervals:
            raise InputError(
                f"until = {until:g} s must be a whole number of saved intervals of {save:g} s, after "
                f"{self.now:g} s and up to {self.end:g} s"
            )
        self.give(**inputs)
        self.march(round(rows) * case.every)
        return self.read()

    def give(self, **inputs: Any) -> None:
        """What holds from now on, as in ``advance``, without a step.

        Raises
        ------
        InputError
            If an input is not known, or outside its range.
        """
        case = self.case
        for name, value in inputs.items():
            if name == "heat":
                self._asked = case.boundary.heat.copy() if self._asked is None else self._asked
                self._heat = rack_heat(value, case.loops).heat[0]
                case.boundary.heat[self._now :] = self._heat
            else:
                self._port.give(name, value, self._now)

    @property
    def inputs(self) -> dict[str, Any]:
        """What the facility takes while it marches, and what held at the start."""
        return self._port.inputs()

    def march(self, end: int) -> None:
        """March on to the end of an interval, counted from the start; ``advance`` for a time [s]."""
        self._event = self._port.march(self._record, self._now, end, self._event)
        self._now = end

    def read(self) -> xr.Dataset:
        """The row saved last: temperatures and openings of now, powers and flows of heat as means over it.

        Raises
        ------
        InputError
            If nothing was marched yet.
        """
        if not self._now:
            raise InputError("nothing has been marched yet: advance first")
        return self.view().isel(time=-1).copy(deep=True)

    def row(self) -> dict[str, Any]:
        """As ``read``, as plain arrays by name and power as ``power.cdu_pumps``: for who reads at every step.

        Raises
        ------
        InputError, ConvergenceError
            As ``read`` and ``result``.
        """
        if not self._now:
            raise InputError("nothing has been marched yet: advance first")
        case, rows = self.case, self._now // self.case.every
        require_convergence(case, self._record, rows - 1, rows)
        own = self._port.columns(rows - 1, rows)
        if own is None:
            found = self._port.complete(loops_result(case, self._record, rows)).isel(time=-1)
            power = {f"power.{use}": found.power.sel(end_use=use).values for use in found.end_use.values}
            return {str(name): found[name].values for name in found.data_vars if name != "power"} | power
        loops = loop_columns(case, self._record, rows - 1, rows)
        series = {name: values[0] for name, (_, values) in (loops.series | own.series).items()}
        power = {f"power.{use}": values[0] for use, values in (loops.uses | own.uses).items()}
        return series | power | {"site_power": sum(power.values())}

    def T_case(self, row: int) -> np.ndarray:
        """Case temperature of every rack, loop by loop, at the end of a saved row [°C]."""
        return self._record.T_case[row]

    def loops(self, first: int) -> dict[str, tuple[Any, Any]]:
        """Series of the loops from the saved row `first` on, plain: for who looks at each piece of a long march.

        Raises
        ------
        ConvergenceError
            As ``result``.
        """
        rows = self._now // self.case.every
        require_convergence(self.case, self._record, first, rows)
        return loop_columns(self.case, self._record, first, rows).series

    def result(self) -> xr.Dataset:
        """All that was marched, as ``th.transient`` gives it.

        Raises
        ------
        ConvergenceError
            If a temperature is no number or a flow was not solved.
        """
        return self.view().copy(deep=True)

    def view(self) -> xr.Dataset:
        """As ``result``, on the memory that is marched on: what comes after a restore is written over it."""
        case, rows = self.case, self._now // self.case.every
        require_convergence(case, self._record, 0, rows)
        loops = loops_result(case, self._record, rows)
        step = case.boundary.interval / case.substeps
        signed = provenance(case.loops, self._facility) | {"step": step, "facility": type(self._facility).__name__}
        result = self._port.complete(loops).assign_attrs(loops.attrs | signed)
        return result.isel(loop=0) if case.single else result

    def save(self) -> Snapshot:
        """Everything that will be needed to come back to this moment."""
        row = self._now // self.case.every
        kept = [table[row : row + 1].copy() for table in self._tables()]
        return Snapshot(self._now, self._event, [array.copy() for array in self._memory()], self._heat, kept)

    def restore(self, snapshot: Snapshot) -> None:
        """Come back to a moment that was saved; what was marched since is forgotten."""
        self._now, self._event = snapshot.now, snapshot.event
        for array, kept in zip(self._memory(), snapshot.memory, strict=True):
            array[...] = kept
        if self._asked is not None:
            heat = self._asked[self._now :] if snapshot.heat is None else snapshot.heat
            self.case.boundary.heat[self._now :], self._heat = heat, snapshot.heat
        row = self._now // self.case.every
        for table, kept in zip(self._tables(), snapshot.row, strict=True):
            table[row:] = np.zeros((), table.dtype)
            table[row : row + 1] = kept

    def _memory(self) -> list[np.ndarray]:
        case, plates = self.case, self._record.plates
        loops = [case.state.loops, case.state.racks, plates.racks, plates.state, self._record.peaks]
        return [*loops, *self._port.memory()]

    def _tables(self) -> list[np.ndarray]:
        r = self._record
        return [r.loops, r.water, r.T_case, r.T_junction, r.T_coolant, r.heat, r.outside, *self._port.tables()]
