"""Networks through the verbs: ``transient`` and ``steady``, and the stepper that they are users of."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import ConvergenceError, InputError
from thermal.inputs import no_others, number, part
from thermal.network.case import MAX_BYTES, OnLimit, Study, timetable
from thermal.network.changes import Change
from thermal.network.loads import network_heat
from thermal.network.march_result import march_result
from thermal.network.network import Network
from thermal.network.opening import open_network
from thermal.network.supply import Supply
from thermal.physics.network.stepper import Saved

__all__ = ["NetworkRun", "steady_network", "transient_network"]

PIECES = 50


class NetworkRun:
    """A network at a moment, at rest under the first heat, ready to go on: as ``Stepper`` is for loops.

    Parameters
    ----------
    study : Study
        Network, heat, facility and events, and how finely to step and to save.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network.network import Branch, Node
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
    ...     *th.manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> case = th.verbs.stepper(row, heat=100e3, facility=th.Supply(T=26, flow=0.03), until=3600, save=60)
    >>> float(case.advance(600).time), case.now
    (600.0, 600.0)
    >>> before = case.save()
    >>> warm = float(case.advance(1800, T=30).T_case.max())
    >>> case.restore(before)
    >>> bool(warm > float(case.advance(1800).T_case.max()))
    True
    """

    def __init__(self, study: Study) -> None:
        network = part("network", study.loops, Network)
        facility = None if study.facility is None else part(
            "facility of a network", study.facility, Supply, "such as th.Supply(T=30, flow=0.02)"
        )  # fmt: skip
        events = _require_changes(study.events)
        self._march = open_network(network, facility=facility, events=events)
        if facility is None and self._march.whole.sides and all(node.T is None for node in network.nodes):
            raise InputError(
                f"the CDUs, such as {self._march.whole.sides[0].name!r}, have no facility water to give their heat to: "
                "facility = th.Supply(T=..., flow=...), or a node of held temperature"
            )
        self._load = network_heat(self._march.heat, study.heat)
        self._plan = timetable(study, self._load.interval, len(self._load.heat))
        late = [e for e in events if e.at > self._plan.length]
        if late:
            raise InputError(
                f"event on {late[0].name!r} at {late[0].at:g} s is after the end of the run, {self._plan.length:g} s"
            )
        m = self._march
        size = 8.0 * (self._plan.intervals // self._plan.every) * (
            2 * len(m.heat.T) + 8 * len(m.hydraulics.names) + 3 * len(m.hydraulics.nodes)
        )  # fmt: skip
        if size > MAX_BYTES:
            raise InputError(f"the result would take {size / 1e9:.1f} GB: raise save or shorten until")
        self._march.heated = self._load.heated
        self._heat, self._rows = self._load.heat, self._plan.rows
        self._facility = facility
        self._pieces: list[Saved] = []
        self._now = 0
        self._rest()

    def _rest(self) -> None:
        self._march.settle(self._heat[0])
        coolant, heat = self._march.whole.network.coolant, self._march.heat
        for name in self._march.whole.network.node_names:
            place = heat.place.get(name)
            if place is not None and not coolant.T_low <= heat.T[place] <= coolant.T_high:
                raise ConvergenceError(
                    f"no steady state inside the range of the coolant: node {name!r} would be at {heat.T[place]:.4g} "
                    f"degC, the range is {coolant.T_low:g} to {coolant.T_high:g} degC; more or colder facility water, "
                    "or less heat"
                )

    @property
    def now(self) -> float:
        """Time from the start [s]."""
        return self._now * self._plan.save

    @property
    def end(self) -> float:
        """Length of the case [s]."""
        return self._plan.length

    def advance(self, until: float | None = None, **inputs: Any) -> xr.Dataset:
        """March on to `until` [s], by default the next saved time, and return the last row.

        Inputs hold from now on: ``heat`` as in ``th.transient`` but constant in time, ``T`` of the facility water.

        Raises
        ------
        InputError
            If `until` lies behind, beyond the end or between saved times, or an input is not known.
        """
        plan = self._plan
        until = self.now + plan.save if until is None else number("until", until, "s")
        rows = until / plan.save
        if abs(rows - round(rows)) > 1e-6 or not self._now < round(rows) <= plan.intervals // plan.every:
            raise InputError(
                f"until = {until:g} s must be a whole number of saved intervals of {plan.save:g} s, after "
                f"{self.now:g} s and up to {self.end:g} s"
            )
        no_others("a network", inputs, ("heat", "T"))
        if "heat" in inputs:
            load = network_heat(self._march.heat, inputs["heat"])
            if load.time is not None:
                raise InputError("heat given to a stepper must be constant in time")
            self._heat, self._march.heated = np.repeat(load.heat, len(self._load.heat), axis=0), load.heated
        if "T" in inputs:
            T = number("T", inputs["T"], "degC", low=-20.0, high=80.0)
            for side in self._march.whole.sides:
                if side.primary:
                    self._march.heat.T[self._march.places.held[side.name]] = T
        self.march(round(rows))
        return self.read()

    def march(self, end: int) -> None:
        """March on to the end of a saved row, counted from the start."""
        plan = self._plan
        rows = self._rows[self._now * plan.every : end * plan.every]
        self._pieces.append(self._march.advance(self._heat, plan.interval, plan.substeps, plan.every, rows))
        self._now = end

    def read(self) -> xr.Dataset:
        """The row saved last.

        Raises
        ------
        InputError
            If nothing was marched yet.
        """
        if not self._pieces:
            raise InputError("nothing has been marched yet: advance first")
        return self._dataset(self._pieces[-1:], self._now).isel(time=-1)

    def result(self) -> xr.Dataset:
        """All that was marched, as ``th.transient`` gives it."""
        return self._dataset(self._pieces, self._now)

    def _dataset(self, pieces: list[Saved], last: int) -> xr.Dataset:
        peak = np.max([p.peak for p in pieces], axis=0)
        columns: dict[str, Any] = {
            n: np.concatenate([getattr(p, n) for p in pieces]) for n in Saved._fields if n != "peak"
        }
        columns["rows"] = columns["rows"].view(np.recarray)
        saved = Saved(**columns, peak=peak)
        ends = self._plan.ends(self._load.time)[last - len(saved.T) : last]
        result = march_result(self._march, saved, self._plan.save, time=ends)
        result.attrs["step"] = self._plan.interval / self._plan.substeps
        result.attrs["facility"] = (
            "none" if self._facility is None else str(self._facility.model_dump(exclude={"coolant"}))
        )
        return result

    def save(self) -> tuple[Mapping[str, Any], int, int, np.ndarray, np.recarray]:
        """Everything that will be needed to come back to this moment."""
        return self._march.save(), self._now, len(self._pieces), self._heat, self._march.heated

    def restore(self, state: tuple[Mapping[str, Any], int, int, np.ndarray, np.recarray]) -> None:
        """Come back to a moment that was saved; what was marched since is forgotten."""
        memory, self._now, pieces, self._heat, self._march.heated = state
        self._march.restore(memory)
        del self._pieces[pieces:]


def _require_changes(events: Any) -> list[Change]:
    """Events by name, and no others.

    Raises
    ------
    InputError
        With the way to make one.
    """
    if not isinstance(events, Sequence) or not all(isinstance(event, Change) for event in events):
        odd = next((event for event in events if not isinstance(event, Change)), events)
        raise InputError(
            f"event {odd!r:.80}: in a network machines have names: th.stop('cdu/pump_1', at=...), th.clog, th.close, "
            "th.network.warm, ..."
        )
    return list(events)


def transient_network(study: Study) -> xr.Dataset:
    """March a network through time, from rest under the first heat; see ``thermal.transient``."""
    run = NetworkRun(study)
    saves = run._plan.intervals // run._plan.every
    for stop in np.unique(np.linspace(0, saves, min(saves, PIECES) + 1).astype(int))[1:].tolist():
        run.march(stop)
        if study.on_limit == OnLimit.STOP:
            over = (run._dataset(run._pieces[-1:], stop).margin < 0.0).any("branch").values
            if over.any():
                whole = run.result()
                last = whole.sizes["time"] - len(over) + int(np.argmax(over))
                when = whole.time.values[last]
                return whole.isel(time=slice(0, last + 1)).assign_attrs(stopped=f"T_case above its limit at {when}")
    return run.result()


def steady_network(study: Study) -> xr.Dataset:
    """Operating point of a network with its facility: the state in which a transient rests, controllers at their goals.

    The residuals are those of one second of marching from there.
    """
    run = NetworkRun(study._replace(events=(), until=1.0, step=1.0, save=1.0))
    run.march(1)
    result = run.result().isel(time=0, drop=True).drop_vars("T_case_peak")
    result.attrs.pop("step", None)
    return result
