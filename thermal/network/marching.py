"""A network that can be advanced: stepped on, brought to rest, saved and restored; ``opening`` makes one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from thermal.errors import ConvergenceError
from thermal.network.changes import Change, Places, lower_changes
from thermal.network.expansion import Expanded
from thermal.network.heat_web import LoweredHeat
from thermal.network.topology import Hydraulics
from thermal.physics.media.properties import PropertyTable
from thermal.physics.network.stepper import CHANGE, ROW, Controls, Drives, Saved, advance

__all__ = ["Machines", "NetworkStepper"]


AGES, MINUTES = 1e8, 300.0  # s, of a jump to rest, and of control between two of them
HOTTEST = 1e4  # degC, which nothing is that rests


class Machines(NamedTuple):
    """What drives the flows: pumps with their draw, and pipes whose viscosity follows the temperature."""

    pumped: np.recarray
    draws: np.ndarray
    viscous: np.recarray
    coolant: PropertyTable
    stride: float
    open: np.recarray
    T: float  # of the properties [°C]


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
        heated: np.recarray,
    ) -> None:
        self.whole, self.hydraulics, self.heat, self.controls = whole, hydraulics, heat, controls
        self.machines, self.places = machines, places
        self.heated = heated  # which column of heat goes where
        self.time = 0.0

    @property
    def T_properties(self) -> float:
        """Temperature of density and heat capacity [°C]."""
        return self.machines.T

    def expect(self, events: list[Change] | tuple[Change, ...]) -> None:
        """Let these events happen, and no others."""
        self.controls = self.controls._replace(changes=lower_changes(events, self.places))

    def advance(
        self, heat: np.ndarray, interval: float, substeps: int, every: int = 1, rows: np.ndarray | None = None
    ) -> Saved:
        """March over the rows of `heat` (t, column) [W], each held over `interval` [s]; save each `every` rows.

        With `rows`, those of `heat` that hold one after the other.

        Raises
        ------
        ConvergenceError
            If flows were not found or a temperature is not a number; the message says when.
        """
        rows = np.arange(len(heat)) if rows is None else rows
        saves = len(rows) // every
        h, t = self.hydraulics, self.heat
        saved = Saved(
            np.zeros((saves, len(t.T))), np.zeros((saves, len(h.flows.m))), np.zeros((saves, len(h.flows.p))),
            np.zeros((saves, len(self.controls.controllers))), np.zeros((saves, len(h.branches.pumps))),
            np.zeros(saves, ROW).view(np.recarray), np.full(len(t.T), -np.inf),
        )  # fmt: skip
        m = self.machines
        drives = Drives(
            self.heated, m.pumped, np.ascontiguousarray(heat, float), rows, interval, m.draws, m.viscous, m.coolant,
            m.stride, m.open,
        )  # fmt: skip
        late = self.controls.changes[self.controls.changes.time >= self.time - 1e-9]
        shifted = late.copy()
        shifted.time -= self.time
        controls = self.controls._replace(changes=shifted)
        advance(
            h.branches, h.web, h.flows, h.work, h.floor, t.web, t.T, t.work, controls, drives, saved, substeps, every,
            0, saves, 0,
        )  # fmt: skip
        self._require(saved, interval * every)
        self.time += saves * every * interval
        return saved

    def _require(self, saved: Saved, window: float) -> None:
        bad = ~(np.isfinite(saved.rows.steps) & np.isfinite(saved.T).all(axis=1))
        if bad.any():
            s = int(np.argmax(bad))
            when = self.time + (s + 1) * window
            names = {place: name for name, place in self.heat.place.items()}
            lost = [names[int(i)] for i in np.flatnonzero(~np.isfinite(saved.T[s]))]
            what = f"the temperature of {lost[0]!r} is not a number" if lost else "no flows were found"
            raise ConvergenceError(f"network: {what} at {when:g} s; look at the events before it")

    def settle(self, heat: np.ndarray, tolerance: float = 1e-7, most: int = 300) -> float:
        """Bring the network to rest under constant `heat` (column); return the last change of a round [K, -].

        In each round temperatures jump to where the flows of the moment leave them, by implicit steps of years, and
        then the controllers act for some minutes; they go all the way to their goals, without their dead bands.

        Raises
        ------
        ConvergenceError
            If flows were not found on the way, a place with heat has no flow to carry it off, or no rest is reached.
        """
        controllers = self.controls.controllers
        changes, self.controls = self.controls.changes, self.controls._replace(changes=_no_changes())
        bands, running = controllers.pi.dead_band.copy(), controllers.running.copy()
        controllers.pi.dead_band[:] = 0.0
        change, heat = np.inf, np.atleast_2d(heat)
        try:
            for _ in range(most):
                before = self.heat.T.copy(), controllers.output.copy()
                controllers.running[:] = 0.0
                self.advance(heat, AGES, 1, 2, np.zeros(2, np.int64))
                controllers.running[:] = running
                self._require_rest()
                self.advance(heat, MINUTES, 60, 1, np.zeros(1, np.int64))
                moved = np.abs(controllers.output - before[1]).max(initial=0.0)
                change = max(float(np.abs(self.heat.T - before[0]).max()), float(moved))
                if change < tolerance:
                    return change
        finally:
            controllers.pi.dead_band[:], controllers.running[:] = bands, running
            self.controls = self.controls._replace(changes=changes)
            self.time = 0.0
        worst = list(self.heat.place)[int(np.argmax(np.abs(self.heat.T - before[0])[list(self.heat.place.values())]))]
        raise ConvergenceError(
            f"no steady state to start from: after {most} rounds {worst!r} still moves by {change:.3g} K in "
            f"{MINUTES:g} s; check the settings of the controllers"
        )

    def _require_rest(self) -> None:
        hottest = int(np.argmax(self.heat.T))
        if self.heat.T[hottest] > HOTTEST:
            name = {place: name for name, place in self.heat.place.items()}[hottest]
            raise ConvergenceError(
                f"no steady state to start from: {name!r} would be at {self.heat.T[hottest]:.3g} degC; it has heat and "
                "no flow that carries it off: check pumps, valves, facility water and first heat"
            )

    def _memory(self) -> dict[str, np.ndarray]:
        """Arrays that it remembers with."""
        net, lines = self.hydraulics.branches, self.heat.web.lines
        return {
            "T": self.heat.T, "m": self.hydraulics.flows.m, "p": self.hydraulics.flows.p,
            "controllers": self.controls.controllers, "actuators": self.controls.actuators, "pumps": net.pumps,
            "quadratics": net.quadratics, "pipes": net.pipes, "factor": net.factor, "block": net.block,
            "draw": self.hydraulics.web.draw,
            "G": self.heat.work.G, "lines": lines.table, "cells": lines.T, "walls": lines.wall,
            "viscous": self.machines.viscous,
        }  # fmt: skip

    def save(self) -> dict[str, np.ndarray]:
        """Everything that it remembers, as arrays by name."""
        return {name: array.copy() for name, array in self._memory().items()} | {"time": np.array(self.time)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a saved state."""
        for name, array in self._memory().items():
            array[:] = state[name]
        self.time = float(state["time"])


def _no_changes() -> np.recarray:
    return np.zeros(0, CHANGE).view(np.recarray)
