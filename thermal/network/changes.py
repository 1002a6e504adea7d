"""What happens to a network, by name: branches clog and close, pumps stop, controllers freeze, facility water fails."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from thermal.errors import InputError
from thermal.inputs import number
from thermal.network.network import unknown
from thermal.physics.network.branches import BLOCKED
from thermal.physics.network.tables import CHANGE

__all__ = [
    "TABLES", "Change", "Places", "clog", "close", "dew_point", "drift", "freeze", "leak", "lower_changes", "named",
    "release", "reopen", "set_point", "starve", "warm",
]  # fmt: skip

TABLES = {"runs": 0, "control": 1, "set_point": 2, "clog": 3, "close": 4, "T": 5, "drift": 6, "available": 7, "leak": 8,
          "dew_point": 9}  # fmt: skip
OF_BRANCHES = {"runs", "clog", "close"}
OF_CONTROLLERS = {"control", "set_point", "drift"}


class Change(NamedTuple):
    """An event: from `at` [s] on, `what` of the branch or controller `name` has this value.

    `what` is ``"runs"`` (a pump, or all of a CDU; 0 or 1), ``"control"`` (a controller; 0 freezes it), ``"set_point"``,
    ``"drift"`` (bias of a controller's sensor), ``"clog"`` (share of flow left), ``"close"`` (1 shut, 0 open), ``"T"``
    (facility water at a CDU, or what a node of held temperature sends [°C]) or ``"available"`` (share of the facility's
    pressure difference at a CDU) or ``"leak"`` (volume flow lost at a node [m³/s]), or ``"dew_point"`` of a
    CDU's room [°C].
    """

    at: float
    name: str
    what: str
    value: float


class Places(NamedTuple):
    """Where names went, for events."""

    row: Mapping[str, int]  # of branches
    pumps: Mapping[str, tuple[str, ...]]  # of CDUs
    aliases: Mapping[str, str]  # of machines and unfolded racks: the branch that clogs or closes for them
    actuator: Mapping[int, int]  # by row of a pump
    controller: Mapping[str, int]
    held: Mapping[str, int]  # places of held temperature, by CDU or node
    header: Mapping[str, tuple[int, float, float]]  # place, pressure at rest and offered difference, by CDU
    leaks: Mapping[str, tuple[int, float]]  # place and density of nodes of unknown pressure


def clog(name: str, to: float, at: float) -> Change:
    """Clog a branch, so that `to` of its clean flow is left at the same pressure difference.

    Parameters
    ----------
    name : str
        Branch, such as ``"rack9/plate17"``; of an unfolded rack, its hoses.
    to : float
        Share of the flow that is left.
    at : float
        Time from the start [s].

    Examples
    --------
    >>> clog("rack9/plate17", to=0.4, at=60).value
    0.4
    """
    to = number(f"clog({name!r}): to", to, "-", above=0.0, high=1.0)
    return Change(_time("clog", name, at), name, "clog", to)


def close(name: str, at: float) -> Change:
    """Shut a branch, such as a quick disconnect that is pulled; ``reopen`` opens it again.

    Parameters
    ----------
    name : str
        Branch; of a CDU, its secondary side.
    at : float
        Time from the start [s].

    Examples
    --------
    >>> close("rack3/disconnect", at=180).what
    'close'
    """
    return Change(_time("close", name, at), name, "close", 1.0)


def reopen(name: str, at: float) -> Change:
    """Open a branch that was shut."""
    return Change(_time("reopen", name, at), name, "close", 0.0)


def dew_point(name: str, to: float, at: float) -> Change:
    """Let the room of a CDU have another dew point [°C]: its supply temperature stays the CDU's margin above it.

    Examples
    --------
    >>> dew_point("cdu_a", to=24.0, at=3600).value
    24.0
    """
    to = number(f"dew_point({name!r}): to", to, "degC", low=-50.0, high=40.0)
    return Change(_time("dew_point", name, at), name, "dew_point", to)


def release(name: str, at: float) -> Change:
    """Let a frozen controller act again, from where its output stands: without a jump."""
    return Change(_time("release", name, at), name, "control", 1.0)


def freeze(name: str, at: float) -> Change:
    """Freeze a controller, such as ``"cdu_a/valve"``: what it moves stays where it is, as a stuck valve does."""
    return Change(_time("freeze", name, at), name, "control", 0.0)


def set_point(name: str, to: float, at: float) -> Change:
    """Give a controller another set point: ``"cdu_a/valve"`` a supply temperature [°C], ``"cdu_a/speed"`` a
    differential pressure [Pa], or what else its pumps hold.
    """
    return Change(_time("set_point", name, at), name, "set_point", number(f"set_point({name!r}): to", to, "-"))


def drift(name: str, by: float, at: float) -> Change:
    """Let the sensor of a controller read `by` too much [K or Pa]."""
    return Change(_time("drift", name, at), name, "drift", number(f"drift({name!r}): by", by, "-"))


def warm(name: str, to: float, at: float) -> Change:
    """Send other facility water [°C] to a CDU, or from a node of held temperature."""
    return Change(_time("warm", name, at), name, "T", number(f"warm({name!r}): to", to, "degC"))


def starve(name: str, to: float, at: float) -> Change:
    """Leave a share of the facility's pressure difference at a CDU; 0 loses its facility water."""
    return Change(
        _time("starve", name, at), name, "available", number(f"starve({name!r}): to", to, "-", low=0.0, high=1.0)
    )


def leak(name: str, flow: float, at: float) -> Change:
    """Let a node lose a volume flow [m³/s]; nodes of held pressure make it up, at their own temperature."""
    return Change(
        _time("leak", name, at), name, "leak", number(f"leak({name!r}): flow", flow, "m3/s", low=0.0, high=1.0)
    )


def _time(what: str, name: Any, at: Any) -> float:
    if not isinstance(name, str):
        raise InputError(f"{what}: {name!r} must be the name of a branch, controller or CDU, a text")
    return number(f"{what}({name!r}): at", at, "s", low=0.0)


def named(events: Sequence[Change], places: Places) -> set[str]:
    """Branches that events name, which therefore count for themselves."""
    found: set[str] = set()
    for event in events:
        if event.what in OF_BRANCHES:
            found |= {event.name, places.aliases.get(event.name, event.name), *places.pumps.get(event.name, ())}
    return found


def lower_changes(events: Sequence[Change], places: Places) -> np.recarray:
    """Events by table and row, ascending in time.

    Raises
    ------
    InputError
        If a name, a kind of change or a value makes no sense.
    """
    found: list[tuple[float, int, int, float]] = []
    for event in sorted(events, key=lambda e: e.at):
        if not (np.isfinite(event.at) and event.at >= 0.0 and np.isfinite(event.value)):
            raise InputError(f"event on {event.name!r}: at = {event.at!r} s and value = {event.value!r} must be finite")
        if event.what not in TABLES:
            raise InputError(f"event on {event.name!r}: {event.what!r} is none of {', '.join(TABLES)}")
        found += [(event.at, TABLES[event.what], row, value) for row, value in _rows(event, places)]
    return np.array(found, CHANGE).view(np.recarray)


def _rows(event: Change, places: Places) -> list[tuple[int, float]]:
    """Rows of the event's table, and the value there."""
    name, what, value = event.name, event.what, float(event.value)
    if what == "dew_point":
        name = f"{name}/valve"
    if what in OF_CONTROLLERS | {"dew_point"}:
        return [(_known("controller", name, places.controller), value)]
    if what == "T":
        return [(_known("CDU or node of held temperature", name, places.held), value)]
    if what == "available":
        _known("CDU with a facility", name, places.header)
        place, base, offered = places.header[name]
        return [(place, base + value * offered)]
    if what == "leak":
        _known("node of unknown pressure", name, places.leaks)
        place, density = places.leaks[name]
        return [(place, value * density)]
    if what == "runs":
        rows = [_known("branch", pump, places.row) for pump in places.pumps.get(name, (name,))]
        idle = [row for row in rows if row not in places.actuator]
        if idle:
            raise InputError(f"event 'runs': {name!r} is no pump, nor a CDU with pumps")
        return [(places.actuator[row], value) for row in dict.fromkeys(rows)]
    row = _known("branch", places.aliases.get(name, name), places.row, name)
    if what == "clog":
        if not 0.0 < value <= 1.0:
            raise InputError(f"event 'clog' on {name!r}: value = {value:g} is outside (0, 1]")
        return [(row, value**-2.0)]
    return [(row, BLOCKED if value else 0.0)]


def _known(what: str, name: str, names: Mapping[str, Any], said: str | None = None) -> int:
    if name not in names:
        raise unknown(what, said or name, names)
    found = names[name]
    return int(found[0] if isinstance(found, tuple) else found)
