"""A network that can be advanced: stepped on, brought to rest, saved and restored; ``opening`` makes one."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from thermal.components.plate.reduced import ReducedPlate
from thermal.errors import ConvergenceError
from thermal.network.changes import Change, Places, lower_changes
from thermal.network.expansion import Expanded
from thermal.network.filling import Filling
from thermal.network.heat_web import LoweredHeat
from thermal.network.loads import NetworkLoad
from thermal.network.plates import lower_models, scratch_of
from thermal.network.resting import begun_at, copied, points_of, rest_of
from thermal.network.topology import Hydraulics
from thermal.physics.network.buoyancy import Media
from thermal.physics.network.goals import Rest
from thermal.physics.network.operate import MARCH, REST, Begun, Points, operate
from thermal.physics.network.rack_plate import rest_plate
from thermal.physics.network.rest import LOST, MINUTES, ROUNDS, STUCK, UNSETTLED
from thermal.physics.network.tables import PACE, ROW, Controls, Drives, Saved

__all__ = ["SUMS", "Machines", "NetworkStepper"]


SLOW = ("rate", "sample", "lag", "delay"), ("stroke", "stiction")  # of controllers, and of valves
INSTANT = 1e-9  # s, in which no temperature moves
SUMS = ("power", "held", "outside", "rows")  # tables of a record that grow while a row is marched


class Machines(NamedTuple):
    """What drives the flows: pumps with their draw, and pipes whose viscosity follows the temperature."""

    pumped: np.recarray
    draws: np.ndarray
    viscous: np.recarray
    coolants: Media
    stride: float
    open: np.recarray
    columns: np.recarray  # branches that rise or fall


class NetworkStepper:
    """A network in time; see ``open_network``."""

    def __init__(
        self,
        whole: Expanded,
        hydraulics: Hydraulics,
        heat: LoweredHeat,
        controls: Controls,
        machines: Machines,
        places: Places,
        load: NetworkLoad,
        filling: Filling,
    ) -> None:
        self.filling = filling
        self.whole, self.hydraulics, self.heat, self.controls = whole, hydraulics, heat, controls
        self.machines, self.places = machines, places
        self.load = load  # which column of heat goes where
        self.time, self._event = 0.0, 0
        self._spare: tuple[Rest, Points, Begun] | None = None  # of the kernel
        self.plates, self.watched = lower_models([], 1.0), np.zeros(0, np.int64)
        self.since = np.zeros(len(heat.work.held) + 2)
        self.taking = np.array(sorted({heat.place[sink.place] for sink in heat.sinks}), np.int64)  # places of heat

    def twin(self) -> "NetworkStepper":
        """The same network in the same state, to be marched beside it on another thread."""
        other = copy.copy(self)
        for name in ("hydraulics", "heat", "controls", "machines", "plates", "since"):
            setattr(other, name, copied(getattr(self, name)))
        other._spare = None
        return other

    def expect(self, events: Sequence[Change]) -> None:
        """Let these events happen from now on, and no others."""
        self.controls = self.controls._replace(changes=lower_changes(events, self.places))
        self._event = int(np.searchsorted(self.controls.changes.time, self.time - 1e-9))

    def watch(self, step: float) -> None:
        """Let reduced plates follow the march in steps of this length, from where they rest under the load."""
        web, number = self.heat.web, {place: name for name, place in self.heat.place.items()}
        found, known = [], []
        for i, plate in enumerate(web.plates):
            part = self.whole.network.branch(number[web.links.giver[2 * plate.link]].removesuffix(":case")).part
            if isinstance(part.cold_plate, ReducedPlate):
                found.append(i)
                known.append((part.cold_plate, part.package.R_junction_case))
        self.plates, self.watched = lower_models(known, step), np.array(found, np.int64)
        into = dict(zip(self.taking.tolist(), self.load.into(self.load.heat[:1], self.taking)[0], strict=True))
        work = scratch_of(self.plates)
        for r, i in enumerate(found):
            plate = web.plates[i]
            m, link = float(self.hydraulics.flows.m[plate.row]), plate.link
            q = float(into[int(web.links.giver[2 * link])] / plate.plates)
            coming = float(self.heat.T[web.links.cold[2 * link + (m < 0.0)]])
            rest_plate(self.plates, r, q, float(plate.share * abs(m)), coming, work)

    def record(self, saves: int) -> Saved:
        """An empty record of so many rows."""
        h, t, plates, taking = self.hydraulics, self.heat, len(self.watched), len(self.taking)
        return Saved(
            np.zeros((saves, len(t.T))), np.zeros((saves, len(h.flows.m))), np.zeros((saves, len(h.flows.p))),
            np.zeros((saves, len(self.controls.controllers))), np.zeros((saves, len(self.controls.controllers))),
            np.zeros((saves, len(self.controls.actuators))),
            np.zeros((saves, len(h.branches.pumps))),
            np.zeros((saves, len(self.machines.pumped))), np.zeros((saves, len(t.work.held))),
            np.zeros((saves, plates)), np.zeros((saves, plates)), np.zeros((saves, plates), dtype=bool),
            np.zeros(saves, ROW).view(np.recarray), np.full(len(t.T), -np.inf), np.full(plates, -np.inf),
            t.T.copy(), np.zeros((saves, taking)), np.zeros((saves, taking)), np.zeros(saves), np.zeros(saves),
        )  # fmt: skip

    def note(self, saved: Saved, heat: np.ndarray, rows: np.ndarray, every: int, first: int) -> None:
        """Note in a record, from row `first` on, the heat given: its mean, what it ends with, and its sum."""
        starts, ends = rows[first * every :: every], rows[(first + 1) * every - 1 :: every]
        mean = heat[starts]
        for s in np.flatnonzero(starts != ends):
            mean[s] = heat[rows[(first + s) * every : (first + s + 1) * every]].mean(axis=0)
        saved.given[first:] = self.load.into(mean, self.taking)
        saved.ended[first:] = self.load.into(heat[ends], self.taking)
        saved.power_it[first:], saved.air[first:] = mean @ self.load.it, mean @ self.load.air

    def cases(self) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
        """Branches with packages: names, places of their cases, and limits of these [°C]."""
        own = [b for b in self.whole.network.branches if hasattr(b.part, "package")]
        places = [self.heat.place[f"{b.name}:case"] for b in own]
        limits = [b.part.package.T_case_limit for b in own]
        return tuple(b.name for b in own), np.array(places, np.int64), np.array(limits)

    def hottest(self, saved: Saved, row: int, places: np.ndarray) -> np.ndarray:
        """Case temperatures at these places at the end of a saved row, of reduced plates their hottest point [°C]."""
        web, T = self.heat.web, saved.T[row, places]
        for r, i in enumerate(self.watched):
            T[places == web.links.giver[2 * web.plates[i].link]] = saved.case[row, r]
        return T

    def drives(self, heat: np.ndarray, rows: np.ndarray, interval: float, time: float = 0.0) -> Drives:
        """What drives a march whose first interval begins at `time` [s]."""
        m, pumps = self.machines, len(self.machines.pumped)
        pace = np.array([(time, interval, m.stride, 1.0)], PACE).view(np.recarray)
        return Drives(
            self.load.heated, m.pumped, np.ascontiguousarray(heat, float), rows, m.draws, m.viscous,
            m.columns, m.coolants, m.open, pace, self.plates, self.watched, np.zeros(pumps), np.zeros(pumps),
            self.since,
        )  # fmt: skip

    def march(self, drives: Drives, saved: Saved, substeps: int, every: int, begin: int, end: int) -> None:
        """March the intervals from `begin` to `end` of these drives, each `every` of them a row of the record.

        Raises
        ------
        ConvergenceError
            If flows were not found or a temperature is not a number; the message says when.
        """
        rest, points, begun = self._spared()
        self._event = self.operate(drives, saved, substeps, every, begin, end, MARCH, rest, points, begun)
        pace = drives.pace[0]
        self.time = float(pace.time + end * pace.interval)
        first, last = begin // every, -(-end // every)
        if not (np.isfinite(saved.rows.steps[first:last]).all() and np.isfinite(saved.T[first:last]).all()):
            self._complain(saved, first, last, float(pace.time), float(every * pace.interval))

    def operate(
        self, drives: Drives, saved: Saved, substeps: int, every: int, begin: int, end: int, asked: int, rest: Rest,
        points: Points, begun: Begun,
    ) -> int:  # fmt: skip
        """Call the kernel; returns the next event."""
        h, t = self.hydraulics, self.heat
        return int(operate(
            h.branches, h.web, h.flows, h.work, h.floor, t.web, t.T, t.work, self.controls, drives, saved, substeps,
            every, begin, end, self._event, asked, rest, points, begun,
        ))  # fmt: skip

    def flows_found(self) -> bool:
        """Find the first flows, by a march of next to no time without control; return whether there are any."""
        controllers, T, saved = self.controls.controllers, self.heat.T.copy(), self.record(1)
        running = controllers.running.copy()
        controllers.running[:] = -1.0
        drives = self.drives(np.zeros((1, len(self.load.columns))), np.zeros(1, np.int64), INSTANT)
        drives.pace.stride[:], drives.pace.ease[:] = np.inf, 0.0  # neither viscosity nor weight moves
        self.operate(drives, saved, 1, 1, 0, 1, MARCH, *self._spared())
        controllers.running[:], self.heat.T[:] = running, T
        return bool(np.isfinite(saved.rows.steps[0]))

    def _spared(self) -> tuple[Rest, Points, Begun]:
        """What the kernel is given where it marches, or rests once."""
        if self._spare is None:
            rest = rest_of(self.controls.controllers, len(self.heat.T))
            points = points_of(np.zeros(1), np.zeros((0, 0)), (), (), 0, 0)
            begun = begun_at(self.hydraulics, self.heat, self.controls.controllers, self.machines.viscous)
            self._spare = rest, points, begun
        return self._spare

    def _complain(self, saved: Saved, first: int, last: int, start: float, window: float) -> None:
        bad = ~(np.isfinite(saved.rows.steps[first:last]) & np.isfinite(saved.T[first:last]).all(axis=1))
        s = first + int(np.argmax(bad))
        names = {place: name for name, place in self.heat.place.items()}
        lost = [names[int(i)] for i in np.flatnonzero(~np.isfinite(saved.T[s]))]
        what = f"the temperature of {lost[0]!r} is not a number" if lost else "no flows were found"
        raise ConvergenceError(f"network: {what} at {start + (s + 1) * window:g} s; look at the events before it")

    def advance(
        self, heat: np.ndarray, interval: float, substeps: int, every: int = 1, rows: np.ndarray | None = None
    ) -> Saved:
        """March over the rows of `heat` (t, column) [W], each held over `interval` [s]; save each `every` rows.

        With `rows`, those of `heat` that hold one after the other.

        Raises
        ------
        ConvergenceError
            As ``march``.
        """
        rows = np.arange(len(heat)) if rows is None else rows
        saves = len(rows) // every
        saved = self.record(saves)
        self.note(saved, heat, rows, every, 0)
        self.march(self.drives(heat, rows, interval, self.time), saved, substeps, every, 0, saves * every)
        return saved

    def settle(self, heat: np.ndarray) -> float:
        """Bring the network to rest under constant `heat` (column); return the last change of a look [K, -].

        Controllers go all the way to their goals, without their dead bands, or to a limit; ``physics.network.rest``.

        Raises
        ------
        ConvergenceError
            If flows were not found on the way, a place with heat has no flow to carry it off, or no rest is reached.
        """
        _, points, begun = self._spared()
        rest, saved = rest_of(self.controls.controllers, len(self.heat.T)), self.record(1)
        drives = self.drives(np.atleast_2d(heat), np.zeros(1, np.int64), 1.0)
        slow = self.at_once()
        self.operate(drives, saved, 1, 1, 0, 1, REST, rest, points, begun)
        for table, name, values in slow:
            table[name] = values
        controllers = self.controls.controllers
        controllers.elapsed[:], controllers.late[:], controllers.clock[:], controllers.kept[:] = 0.0, 0.0, 0.0, 0
        self.time, self._event = 0.0, 0
        status, change = int(points.status[0]), float(points.change[0])
        if status == LOST:
            self._complain(saved, 0, 1, 0.0, MINUTES)
        if status == STUCK:
            hottest = int(np.argmax(self.heat.T))
            raise ConvergenceError(
                f"no steady state to start from: {self._named(hottest)!r} would be at {self.heat.T[hottest]:.3g} degC; "
                "it has heat and no flow that carries it off: check pumps, valves, facility water and first heat"
            )
        if status == UNSETTLED:
            worst = self._named(int(np.argmax(np.abs(self.heat.T - rest.T))))
            raise ConvergenceError(
                f"no steady state to start from: after {ROUNDS} rounds {worst!r} still moves by {change:.3g} K in "
                f"{MINUTES:g} s; check the settings of the controllers"
                + (
                    "; with heights: heat above what cools it does not circulate, and some loops swing"
                    if len(self.machines.columns)
                    else ""
                )
            )
        return change

    def at_once(self) -> list[tuple[np.recarray, str, np.ndarray]]:
        """Let controllers see and act at once; return what they and their valves were."""
        tables = self.controls.controllers, self.controls.actuators
        slow = [(table, name, table[name].copy()) for table, names in zip(tables, SLOW, strict=True) for name in names]
        for table, name, _ in slow:
            table[name] = np.inf if name == "rate" else 0.0
        return slow

    def _named(self, place: int) -> str:
        """Name of a place of temperature."""
        return {i: name for name, i in self.heat.place.items()}[place]

    def _memory(self) -> dict[str, np.ndarray]:
        """Arrays that it remembers with."""
        net, lines = self.hydraulics.branches, self.heat.web.lines
        return {
            "T": self.heat.T, "m": self.hydraulics.flows.m, "p": self.hydraulics.flows.p,
            "controllers": self.controls.controllers, "actuators": self.controls.actuators, "pumps": net.pumps,
            "quadratics": net.quadratics, "pipes": net.pipes, "factor": net.factor, "block": net.block,
            "draw": self.hydraulics.web.draw, "rise": self.hydraulics.web.rise,
            "G": self.heat.work.G, "lines": lines.table, "cells": lines.T, "walls": lines.wall,
            "viscous": self.machines.viscous, "plates": self.plates.state, "past": self.controls.past,
        }  # fmt: skip

    def save(self) -> dict[str, np.ndarray]:
        """Everything that it remembers, as arrays by name."""
        clock = {"time": np.array(self.time), "event": np.array(self._event)}
        return {name: array.copy() for name, array in self._memory().items()} | clock

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a saved state."""
        for name, array in self._memory().items():
            array[:] = state[name]
        self.time, self._event = float(state["time"]), int(state["event"])
