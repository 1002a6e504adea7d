"""A network that can be advanced: opened at rest or anywhere, stepped on, read, saved and restored."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from thermal.components.coolant import Coolant
from thermal.components.hydronics.law import Kind
from thermal.components.hydronics.pump import Pump
from thermal.errors import ConvergenceError, InputError
from thermal.network.expansion import Expanded, expanded
from thermal.network.heat_web import LoweredHeat, lower_heat
from thermal.network.network import Network, unknown
from thermal.network.supply import Supply
from thermal.network.topology import Hydraulics, lower_hydraulics
from thermal.physics.network.branches import BLOCKED
from thermal.physics.network.hydraulics import solve_flows
from thermal.physics.network.stepper import (
    ACTUATOR,
    CHANGE,
    CONTROLLER,
    PUMPED,
    ROW,
    Controls,
    Drives,
    Saved,
    advance,
)
from thermal.physics.network.volumes import conductances

__all__ = ["Change", "NetworkStepper", "open_network"]

TABLES = {"runs": 0, "control": 1, "set_point": 2, "clog": 3, "close": 4, "T": 5}


class Change(NamedTuple):
    """An event: from `at` [s] on, `what` of the branch or controller `name` has this value.

    `what` is ``"runs"`` (a pump; 0 or 1), ``"control"`` (a controller; 0 freezes it), ``"set_point"``, ``"clog"``
    (share of flow left), ``"close"`` (1 shut, 0 open) or ``"T"`` (facility water at a CDU [°C]).
    """

    at: float
    name: str
    what: str
    value: float


class NetworkStepper:
    """A network in time; see ``open_network``."""

    def __init__(self, whole: Expanded, hydraulics: Hydraulics, heat: LoweredHeat, controls: Controls) -> None:
        self.whole, self.hydraulics, self.heat, self.controls = whole, hydraulics, heat, controls
        self.time = 0.0
        self._pumped = _pumped(whole, hydraulics, heat)

    def advance(self, heat: np.ndarray, interval: float, substeps: int, every: int = 1) -> Saved:
        """March over the rows of `heat` (t, column) [W], each held over `interval` [s]; save each `every` rows.

        Raises
        ------
        ConvergenceError
            If flows were not found or a temperature is not a number; the message says when.
        """
        rows = len(heat) // every
        h, t = self.hydraulics, self.heat
        saved = Saved(
            np.zeros((rows, len(t.T))), np.zeros((rows, len(h.flows.m))), np.zeros((rows, len(h.flows.p))),
            np.zeros((rows, len(self.controls.controllers))), np.zeros(rows, ROW).view(np.recarray),
            np.full(len(t.T), -np.inf),
        )  # fmt: skip
        drives = Drives(t.heated, self._pumped, np.ascontiguousarray(heat, float), interval)
        late = self.controls.changes[self.controls.changes.time >= self.time - 1e-9]
        shifted = late.copy()
        shifted.time -= self.time
        controls = self.controls._replace(changes=shifted)
        advance(
            h.branches, h.web, h.flows, h.work, h.floor, t.web, t.T, t.work, controls, drives, saved, substeps, every,
            0, rows, 0,
        )  # fmt: skip
        self._require(saved, interval * every)
        self.time += rows * every * interval
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

    def settle(self, heat: np.ndarray, span: float = 20.0, tolerance: float = 1e-7, most: int = 4000) -> float:
        """Let the network run under constant `heat` (column) until nothing moves; return the last change [K/span].

        Controllers go all the way to their goals, without their dead bands.

        Raises
        ------
        ConvergenceError
            If flows were not found on the way.
        """
        changes, self.controls = self.controls.changes, self.controls._replace(changes=_no_changes())
        bands = self.controls.controllers.pi.dead_band.copy()
        self.controls.controllers.pi.dead_band[:] = 0.0
        change = np.inf
        try:
            for _ in range(most):
                before = self.heat.T.copy(), [c.output for c in self.controls.controllers]
                self.advance(np.broadcast_to(heat, (10, len(heat))), span, 4, 10)
                moved = np.abs(np.array([c.output for c in self.controls.controllers]) - before[1]).max(initial=0.0)
                change = max(float(np.abs(self.heat.T - before[0]).max()), float(moved))
                if change < tolerance:
                    break
        finally:
            self.controls.controllers.pi.dead_band[:] = bands
            self.controls = self.controls._replace(changes=changes)
            self.time = 0.0
        return change

    def save(self) -> dict[str, np.ndarray]:
        """Everything that it remembers, as arrays by name."""
        return {
            "T": self.heat.T.copy(), "m": self.hydraulics.flows.m.copy(), "p": self.hydraulics.flows.p.copy(),
            "controllers": self.controls.controllers.copy(), "actuators": self.controls.actuators.copy(),
            "pumps": self.hydraulics.branches.pumps.copy(), "quadratics": self.hydraulics.branches.quadratics.copy(),
            "factor": self.hydraulics.branches.factor.copy(), "block": self.hydraulics.branches.block.copy(),
            "G": self.heat.work.G.copy(), "time": np.array(self.time),
        }  # fmt: skip

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to a saved state."""
        net = self.hydraulics.branches
        for target, name in (
            (self.heat.T, "T"), (self.hydraulics.flows.m, "m"), (self.hydraulics.flows.p, "p"),
            (self.controls.controllers, "controllers"), (self.controls.actuators, "actuators"), (net.pumps, "pumps"),
            (net.quadratics, "quadratics"), (net.factor, "factor"), (net.block, "block"), (self.heat.work.G, "G"),
        ):  # fmt: skip
            target[:] = state[name]
        self.time = float(state["time"])


def open_network(
    network: Network,
    *,
    facility: Supply | None = None,
    water: Coolant | None = None,
    T: float | None = None,
    events: Sequence[Change] = (),
) -> NetworkStepper:
    """Lower a network with its CDUs' controllers, flows solved, all coolant at `T` [°C].

    Parameters
    ----------
    network : Network
        With CDUs as branches, racks whose plates are curves, pipes and whatever else.
    facility : Supply, optional
        Facility water of the CDUs.
    water : Coolant, optional
        Its coolant; needed with `facility` unless that names one.
    T : float, optional
        Coolant temperature of the properties and of the start; the CDUs' set point if not given.
    events : sequence of Change
        What happens, by name; a branch that is named is no longer folded with its equals.

    Raises
    ------
    InputError
        If a name is unknown, or a facility has no coolant.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network.manifold import manifold
    >>> from thermal.network.network import Branch, Node
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)], branches=[
    ...     Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
    ...     *manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> stepper = open_network(row, facility=th.Supply(T=30, flow=0.02), water=th.load("coolants/water"))
    >>> change = stepper.settle(np.full(8, 80e3))
    >>> round(float(stepper.heat.T[stepper.heat.place["supply"]]), 2)  # held at its set point
    32.0
    """
    if facility is not None and facility.coolant is not None:
        water = facility.coolant
    if facility is not None and water is None:
        raise InputError("open_network: give water=..., the coolant of the facility")
    whole = expanded(network, facility, water)
    start = T if T is not None else (whole.sides[0].cdu.T_supply if whole.sides else 20.0)
    apart = _apart(whole, events)
    lowered = lower_hydraulics(whole.network, start, apart)
    heat = lower_heat(whole, lowered, start, facility.T if facility is not None else 25.0)
    controls = _controls(whole, lowered, heat)
    controls = controls._replace(changes=_changes(whole, lowered, heat, controls, events))
    if not np.isfinite(solve_flows(lowered.branches, lowered.web, lowered.flows, lowered.work, lowered.floor)[1]):
        raise ConvergenceError("network: no flows were found to start from; try steady_flows, which names the branch")
    conductances(heat.web, lowered.flows.m, heat.work)
    return NetworkStepper(whole, lowered, heat, controls)


def _apart(whole: Expanded, events: Sequence[Change]) -> Collection[str]:
    return {event.name for event in events if event.what in {"runs", "clog", "close"}}


def _pumped(whole: Expanded, lowered: Hydraulics, heat: LoweredHeat) -> np.recarray:
    rows: dict[int, list[Any]] = {}
    for b, row in zip(whole.network.branches, lowered.row.tolist(), strict=True):
        if isinstance(b.part, Pump):
            place = heat.place[whole.alias.get(b.start, b.start)]
            found = rows.setdefault(
                row, [row, place, 0, lowered.density[row], b.part.efficiency, b.part.drive_efficiency]
            )
            found[2] += b.count
    return np.array([tuple(found) for found in rows.values()], PUMPED).view(np.recarray)


def _controls(whole: Expanded, lowered: Hydraulics, heat: LoweredHeat) -> Controls:
    """Pump speed after differential pressure and primary valve after supply temperature, of each CDU."""
    controllers = np.zeros(2 * len(whole.sides), CONTROLLER).view(np.recarray)
    row = dict(zip(lowered.names, lowered.row.tolist(), strict=True))
    nodes = dict(zip(lowered.nodes, lowered.place.tolist(), strict=True))
    pumps, quadratics = lowered.offset[Kind.PUMP], lowered.offset[Kind.QUADRATIC]
    actuators: list[tuple[Any, ...]] = []
    for i, side in enumerate(whole.sides):
        cdu = side.cdu
        speed, valve = controllers[2 * i], controllers[2 * i + 1]
        speed.pi, speed.pressure = cdu.speed.row(), 1
        speed.place, speed.other, speed.set = nodes[side.end], nodes[side.start], cdu.differential_pressure
        valve.pi, valve.place = cdu.valve.row(), heat.place[side.end]
        valve.set, valve.span = cdu.T_supply, cdu.valve_span
        controllers.output[2 * i : 2 * i + 2] = cdu.speed.high, 1.0
        actuators += [(2 * i, 0, r - pumps, 0.0, 1.0) for r in dict.fromkeys(row[name] for name in side.pumps)]
        lowered.branches.pumps.speed[[row[name] - pumps for name in side.pumps]] = cdu.speed.high
        if side.primary:
            r = row[side.primary] - quadratics
            actuators.append((2 * i + 1, 1, r, lowered.branches.quadratics.quadratic[r], 1.0))
    controllers.running = 1.0
    return Controls(controllers, np.array(actuators, ACTUATOR).view(np.recarray), _no_changes())


def _no_changes() -> np.recarray:
    return np.zeros(0, CHANGE).view(np.recarray)


def _changes(
    whole: Expanded, lowered: Hydraulics, heat: LoweredHeat, controls: Controls, events: Sequence[Change]
) -> np.recarray:
    """Events by table and row, ascending in time.

    Raises
    ------
    InputError
        If a name, a kind of change or a value makes no sense.
    """
    row = dict(zip(lowered.names, lowered.row.tolist(), strict=True))
    sides = {
        f"{side.name}/{kind}": 2 * i + j
        for i, side in enumerate(whole.sides)
        for j, kind in enumerate(("speed", "valve"))
    }
    pumps = lowered.offset[Kind.PUMP]
    found = []
    for event in sorted(events, key=lambda e: e.at):
        if not (np.isfinite(event.at) and event.at >= 0.0 and np.isfinite(event.value)):
            raise InputError(f"event on {event.name!r}: at = {event.at!r} s and value = {event.value!r} must be finite")
        if event.what not in TABLES:
            raise InputError(f"event on {event.name!r}: {event.what!r} is none of {', '.join(TABLES)}")
        table = TABLES[event.what]
        names: Mapping[str, Any] = row if table in {0, 3, 4} else sides if table in {1, 2} else heat.place
        name = f"{event.name}:facility" if table == TABLES["T"] else event.name
        if name not in names:
            raise unknown("branch" if names is row else "controller" if names is sides else "CDU", event.name, names)
        value, place = event.value, int(names[name])
        if table == TABLES["runs"]:
            at = np.flatnonzero((controls.actuators.valve == 0) & (controls.actuators.row == place - pumps))
            if place < pumps or not len(at):
                raise InputError(f"event 'runs': {event.name!r} is no pump of a CDU")
            place = int(at[0])
        elif table == TABLES["clog"]:
            if not 0.0 < value <= 1.0:
                raise InputError(f"event 'clog' on {event.name!r}: value = {value:g} is outside (0, 1]")
            value = value**-2.0
        elif table == TABLES["close"]:
            value = BLOCKED if value else 0.0
        found.append((event.at, table, place, value))
    return np.array(found, CHANGE).view(np.recarray)
