"""Networks through the verbs: ``transient`` and ``steady``, and the stepper that they are users of."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal.components.chip.throttling import Throttling
from thermal.errors import InputError
from thermal.inputs import no_others, number, part
from thermal.names import describe
from thermal.network.case import MAX_BYTES, OnLimit, Study, timetable
from thermal.network.changes import Change
from thermal.network.entrance import opened, require_range
from thermal.network.loads import NetworkLoad, network_heat
from thermal.network.march_result import march_result
from thermal.network.marching import SUMS
from thermal.network.network import Network
from thermal.network.primaries import Primaries
from thermal.network.protection import protected, protection_of
from thermal.network.supply import GivenWater
from thermal.network.transient import at_limit, ended, shown
from thermal.network.water import Taken, Water, water_of
from thermal.physics.network.rest import CHECK
from thermal.physics.network.tables import Saved
from thermal.quantity import provenance

__all__ = ["NetworkRun", "steady_network", "transient_network"]

PIECES = 50
WHOLE = ("peak", "peak_case", "before")  # of a record, what has no rows


class Moment(NamedTuple):
    """State of a run at one moment."""

    march: Mapping[str, Any]
    now: int
    heat: np.ndarray
    load: NetworkLoad
    water: tuple[np.ndarray, ...]
    peaks: tuple[np.ndarray, np.ndarray]


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

    def __init__(self, study: Study, steady: bool = False) -> None:
        network = part("network", study.loops, Network)
        self._water = None if study.facility is None else water_of(study.facility)
        listed = isinstance(study.events, Sequence)
        own = [e for e in study.events if self._water.owns(e)] if self._water and listed else []
        events = _require_changes([e for e in study.events if e not in own] if own else study.events)
        self._march = opened(network, self._water, events)
        load = network_heat(self._march.heat, study.heat)
        if steady and load.time is not None:
            raise InputError("heat of steady must be constant in time; th.transient takes a trace")
        longest = self._water.longest if self._water else math.inf
        self._plan = timetable(study, load.interval, len(load.heat), longest)
        late = [e for e in events if e.at > self._plan.length]
        if late:
            raise InputError(
                f"event on {late[0].name!r} at {late[0].at:g} s is after the end of the run, {self._plan.length:g} s"
            )
        m = self._march
        size = 8.0 * (self._plan.intervals // self._plan.every) * (
            2 * len(m.heat.T) + 8 * len(m.hydraulics.names) + 3 * len(m.hydraulics.nodes) + 2 * len(m.taking)
        )  # fmt: skip
        if size > MAX_BYTES:
            raise InputError(f"the result would take {size / 1e9:.1f} GB: raise save or shorten until")
        m.load, self._time = load, load.time
        self._facility, self._parts = study.facility, network
        self._side = Primaries(m)
        self._now, self._rows = 0, self._plan.rows
        if self._water is None:
            m.settle(load.heat[0])
        else:
            self._require_own_water(events, self._water)
            self._water.lay_out(study, self._plan, load.time, own)
            self._water.rest(self._settled)
        require_range(m)
        m.watch(self._plan.interval / self._plan.substeps)
        self._saved = m.record(self._plan.intervals // self._plan.every)
        self._give(load.heat)

    def _require_own_water(self, events: Sequence[Change], water: Water) -> None:
        """Water of a plant has its own temperature."""
        for e in events:
            if e.what == "T" and math.isfinite(water.longest) and e.name in self._side.names:
                raise InputError(
                    f"event on {e.name!r} at {e.at:g} s: its water is that of the plant; stop one of the plant's "
                    "machines, or march before a th.Supply"
                )

    def _give(self, heat: np.ndarray) -> None:
        """Take heat by column, which holds from now on."""
        self._heat = heat
        self._march.note(self._saved, heat, self._rows, self._plan.every, self._now)
        self._drives = self._march.drives(heat, self._rows, self._plan.interval)

    def _settled(self, T: float) -> Taken:
        """Bring the network to rest on facility water at `T`."""
        self._side.send(T, True)
        self._march.settle(self._march.load.heat[0])
        power, shaft = self._march.since[-2:] / CHECK
        return Taken(self._side.heat(), self._side.draw(), *self._shared(self._march.load.heat[0]), power - shaft)

    def _shared(self, heat: np.ndarray) -> tuple[float, float]:
        """Power of the racks, and what of it goes to air [W]."""
        load = self._march.load
        return float(heat @ load.it), float(heat @ load.air)

    @property
    def now(self) -> float:
        """Time from the start [s]."""
        return self._now * self._plan.save

    @property
    def end(self) -> float:
        """Length of the case [s]."""
        return self._plan.length

    @property
    def window(self) -> float:
        """Length of a saved row [s]."""
        return self._plan.save

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
        for name, value in inputs.items():
            if name == "heat":
                load = network_heat(self._march.heat, value)
                if load.time is not None:
                    raise InputError("heat given to a stepper must be constant in time")
                self._march.load = load
                self._give(np.repeat(load.heat, len(self._heat), axis=0))
            elif self._water is None:
                no_others("a network without facility", [name], ("heat",))
            elif isinstance(self._water, GivenWater):
                no_others("a network", [name], ("heat", "T"))
                self._water.give(name, value, self._now * plan.every)
                self._side.send(self._water.T, True)
            else:
                self._water.give(name, value, self._now * plan.every)
        self.march(round(rows))
        return self.read()

    def march(self, end: int) -> None:
        """March on to the end of a saved row, counted from the start, the water's temperature held over its steps."""
        plan, m, water = self._plan, self._march, self._water
        begin, stop = self._now * plan.every, end * plan.every
        stride = water.stride if water and water.stride else stop - begin
        for first in range(begin, stop, stride):
            if water and water.stride:
                with self._side.sent(water.T, water.pumped(first)):
                    m.march(self._drives, self._saved, plan.substeps, plan.every, first, first + stride)
                water.take(first, self._brought(first, stride))
            else:
                m.march(self._drives, self._saved, plan.substeps, plan.every, first, first + stride)
        self._now = end

    def taken(self) -> Taken:
        """What the water was given in the row saved last, as means over it."""
        every = self._plan.every
        return self._brought((self._now - 1) * every, every)

    def _brought(self, first: int, stride: int) -> Taken:
        """What the water was given in a step of it."""
        seconds, since = stride * self._plan.interval, self._march.since
        heat = self._heat[self._rows[first]]
        if stride > 1:
            heat = self._heat[self._rows[first : first + stride]].mean(axis=0)
        given = -float(since[self._side.held].sum()) / seconds
        return Taken(given, self._side.draw(), *self._shared(heat), float(since[-2] - since[-1]) / seconds)

    def protected(self, on_limit: OnLimit, law: Throttling | None) -> xr.Dataset:
        """March to the end, racks and packages over their limit with less heat in the next row, or none.

        A package without heat of its own takes its rack with it.
        """
        plan, m, columns = self._plan, self._march, self._march.load.columns
        self._rows = np.arange(plan.intervals)
        self._give(self._heat[plan.rows])
        names, places, limits = m.cases()
        parts = {b.name: b.part for b in m.whole.network.branches}
        of = [columns.index(n if n in columns else parts[n].rack) for n in names]
        guard = protection_of(on_limit, law, len(columns), plan.save)
        shares = protected(
            guard, self._heat, plan.every, shown(plan.intervals // plan.every), lambda row: self.march(row + 1),
            lambda row: m.hottest(self._saved, row, places) - limits, of,
        )  # fmt: skip
        m.note(self._saved, self._heat, self._rows, plan.every, 0)
        result = self.view()
        share = xr.DataArray(shares[:, of], dims=("time", "branch"), coords={"branch": list(names)})
        return describe(result.assign(heat_share=share.reindex(branch=result["branch"].values)))

    def read(self) -> xr.Dataset:
        """The row saved last.

        Raises
        ------
        InputError
            If nothing was marched yet.
        """
        if not self._now:
            raise InputError("nothing has been marched yet: advance first")
        return self.view(self._now - 1).isel(time=-1)

    def result(self) -> xr.Dataset:
        """All that was marched, as ``th.transient`` gives it."""
        return self.view()

    def view(self, first: int = 0) -> xr.Dataset:
        """Rows from `first` on, of those that were marched; peaks are of all."""
        saved, water, plan = self._saved, self._water, self._plan
        start = 0 if water and water.stride else first  # a plant completes whole results
        rows = {n: getattr(saved, n)[start : self._now] for n in Saved._fields if n not in WHOLE}
        before = saved.before if start == 0 else saved.T[start - 1]
        piece = saved._replace(**rows, before=before)
        result = march_result(self._march, piece, plan.save, time=plan.ends(self._time)[start : self._now])
        step = plan.interval / plan.substeps
        given = "none" if self._facility is None else type(self._facility).__name__
        signed: dict[str, Any] = provenance(*self._parts.parts, self._facility)  # as they were given, with whole CDUs
        signed |= {"step": step, "facility": given}
        if water is not None:
            result = water.complete(result).assign_attrs(result.attrs)
        return result.assign_attrs(signed).isel(time=slice(first - start, None))

    def save(self) -> Moment:
        """Everything that will be needed to come back to this moment."""
        water = () if self._water is None else tuple(a.copy() for a in self._water.memory())
        peaks = self._saved.peak.copy(), self._saved.peak_case.copy()
        return Moment(self._march.save(), self._now, self._heat, self._march.load, water, peaks)

    def restore(self, state: Moment) -> None:
        """Come back to a moment that was saved; what was marched since is forgotten."""
        self._now, self._march.load = state.now, state.load
        self._march.restore(state.march)
        if self._water is not None:
            for array, kept in zip(self._water.memory(), state.water, strict=True):
                array[...] = kept
        for name in SUMS:
            table = getattr(self._saved, name)
            table[state.now :] = np.zeros((), table.dtype)
        self._saved.peak[:], self._saved.peak_case[:] = state.peaks
        self._give(state.heat)


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
    if study.on_limit in (OnLimit.THROTTLE, OnLimit.TRIP):
        return run.protected(study.on_limit, study.throttling)
    saves = run._plan.intervals // run._plan.every
    edges = np.unique(np.linspace(0, saves, min(saves, PIECES) + 1).astype(int))
    with tqdm(total=saves, desc="transient", unit="saved", delay=2.0, leave=False, disable=None) as bar:
        for start, stop in itertools.pairwise(edges.tolist()):
            run.march(stop)
            bar.update(stop - start)
            if study.on_limit == OnLimit.STOP:
                piece = run.view(start)
                limit = at_limit({name: (piece[name].dims, piece[name].values) for name in ("margin", "boils")})
                if limit is not None:
                    return ended(run.result(), start, limit)
    return run.result()


def steady_network(study: Study) -> xr.Dataset:
    """Operating point of a network with its facility: the state in which a transient rests, controllers at their goals.

    The residuals are those of one second of marching from there.
    """
    if "time" in getattr(study.weather, "dims", ()):
        raise InputError("weather of steady must be constant in time: weather.isel(time=k) is one hour of it")
    run = NetworkRun(study._replace(events=(), until=1.0, step=1.0, save=1.0), steady=True)
    run.march(1)
    result = run.result().isel(time=0, drop=True).drop_vars("T_case_peak")
    for name in ("step", "plant_step"):
        result.attrs.pop(name, None)
    return result
