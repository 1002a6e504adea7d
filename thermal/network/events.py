"""Things that happen during a transient: a pump stops, a pump comes back."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from thermal.errors import InputError
from thermal.network.changes import Change
from thermal.network.loop import Loop
from thermal.quantity import Part

__all__ = ["Event", "require_events", "require_within", "restart", "schedule", "stop"]


class Event(NamedTuple):
    """A change of the number of running machines."""

    pump: Part
    at: float
    loop: int | None
    change: int


def stop(pump: Part | str, at: float, loop: int | None = None) -> Event | Change:
    """Stop one pump, or one chiller of a plant; of a network also a whole CDU.

    Parameters
    ----------
    pump : Pump, DutyPump, Chiller or str
        Of a network, the name of the pump or CDU, such as ``"cdu_a/pump_1"``. Else the machine, such as
        ``row.cdu.pumps[0]``; the pumps of a CDU are equal, so any of them will do. Of a plant: ``plant.pump`` and
        ``plant.condenser_pump``, which stand for all pumps of their loop, or ``plant.chiller``.
    at : float
        Time from the start [s].
    loop : int, optional
        Which loop, where several loops have that pump.

    Raises
    ------
    InputError
        If `pump` is not a part, `at` not a number, or `loop` not a whole number.

    Examples
    --------
    >>> import thermal as th
    >>> cdu = th.load("cdus/frontier")
    >>> trip = th.stop(cdu.pumps[0], at=60)
    >>> trip.at, trip.change
    (60.0, -1)
    """
    return _event(pump, at, loop, -1)


def restart(pump: Part | str, at: float, loop: int | None = None) -> Event | Change:
    """Start a stopped pump or chiller again; see ``stop``.

    Examples
    --------
    >>> import thermal as th
    >>> th.restart(th.load("cdus/frontier").pumps[0], at=300).change
    1
    """
    return _event(pump, at, loop, +1)


def _event(pump: Part | str, at: float, loop: int | None, change: int) -> Event | Change:
    if not isinstance(pump, Part | str):
        raise InputError(f"an event needs a machine such as row.cdu.pumps[0], or its name in a network, not {pump!r}")
    if isinstance(at, bool) or not isinstance(at, int | float | np.number):
        raise InputError(f"event at = {at!r} must be a number of seconds from the start, such as 12 * hour")
    if loop is not None and (isinstance(loop, bool) or not isinstance(loop, int | np.integer)):
        raise InputError(f"event loop = {loop!r} must be a whole number, counted from 0")
    if isinstance(pump, str):
        if loop is not None:
            raise InputError(f"event on {pump!r}: a name is enough, loop = {loop} is for loops without names")
        return Change(float(at), pump, "runs", float(change > 0))
    return Event(pump, float(at), loop, change)


def require_events(events: Any) -> None:
    """Refuse what is no sequence of events.

    Raises
    ------
    InputError
        With the way to make one.
    """
    if not (isinstance(events, Sequence) and all(isinstance(event, Event) for event in events)):
        raise InputError(
            "events must be a sequence of th.stop(...) and th.restart(...) on machines; names are for a th.Network"
        )


def require_within(event: Event, until: float) -> None:
    """Refuse an event outside the run.

    Raises
    ------
    InputError
        If its time is not within 0 s to `until`.
    """
    if not (np.isfinite(event.at) and 0 <= event.at <= until):
        raise InputError(f"event at = {event.at:g} s must be a time from 0 s to the end of the run, {until:g} s")


def schedule(events: Sequence[Event], loops: Sequence[Loop], until: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, loops and changes, ascending in time, as the kernel takes them.

    The pumps of a CDU are equal, so running pumps are counted per loop; which of them stopped is not known.

    Raises
    ------
    InputError
        If a pump is in no loop or in several, a time is not within the run, more pumps stop than run, or a pump
        starts that has not stopped.
    """
    rows = []
    for event in events:
        require_within(event, until)
        owners = [i for i, loop in enumerate(loops) if event.pump in loop.cdu.pumps]
        if event.loop is not None:
            if event.loop not in owners:
                raise InputError(
                    f"event at {event.at:g} s: loop {event.loop} does not have that pump; loops {owners} do"
                )
            owners = [event.loop]
        if len(owners) != 1:
            found = (
                f"{len(owners)} loops have that pump; say which with loop=..." if owners else "no loop has that pump"
            )
            raise InputError(f"event at {event.at:g} s: {found}")
        rows.append((event.at, owners[0], event.change))
    rows.sort()
    running = [len(loop.cdu.pumps) for loop in loops]
    for at, i, step in rows:
        running[i] += step
        if not 0 <= running[i] <= len(loops[i].cdu.pumps):
            what = "stop, but none runs" if step < 0 else "restart, but all run"
            raise InputError(f"event at {at:g} s: a pump of loop {i} should {what}; check the events before it")
    times, where, change = (np.array([row[i] for row in rows]) for i in range(3))
    return times.astype(float), where.astype(np.int64), change.astype(np.int64)
