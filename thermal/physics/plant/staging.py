"""Chillers that start and stop: each with its own clock, lead and lag by time run, delays as a sequencer has them."""

from enum import IntEnum
from typing import Any

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.plant.hour import staged

__all__ = ["MACHINE", "Phase", "machines_in", "stage_chillers", "tick_chillers", "trip_chillers"]


class Phase(IntEnum):
    """What a chiller does."""

    OFF = 0
    STARTING = 1  # on its way: neither cooling nor power
    ON = 2
    FAILED = 3


MACHINE = np.dtype((np.record, [("phase", "i8"), ("time", "f8")]))  # Phase, and the seconds in it


@kernel
def machines_in(machines: np.recarray, phase: int) -> int:
    """Count the chillers in a phase."""
    count = 0
    for i in range(len(machines)):
        if machines[i].phase == phase:
            count += 1
    return count


@kernel
def tick_chillers(machines: np.recarray, available: int, start_delay: float, step: float) -> None:
    """Let `step` seconds pass: starts are completed; failures and repairs bring the sound ones to `available`.

    A failure takes a running chiller first, then one that starts.
    """
    for i in range(len(machines)):
        machines[i].time += step
        if machines[i].phase == Phase.STARTING and machines[i].time >= start_delay - 1e-9:
            machines[i].phase, machines[i].time = Phase.ON, 0.0
    excess = len(machines) - machines_in(machines, Phase.FAILED) - available
    for phase in (Phase.ON, Phase.STARTING, Phase.OFF):
        for i in range(len(machines)):
            if excess > 0 and machines[i].phase == phase:
                machines[i].phase, machines[i].time = Phase.FAILED, 0.0
                excess -= 1
    for i in range(len(machines)):
        if excess < 0 and machines[i].phase == Phase.FAILED:
            machines[i].phase, machines[i].time = Phase.OFF, 0.0
            excess += 1


@kernel
def trip_chillers(machines: np.recarray) -> None:
    """Stop every chiller at once, as loss of flow does."""
    for i in range(len(machines)):
        if machines[i].phase == Phase.ON or machines[i].phase == Phase.STARTING:
            machines[i].phase, machines[i].time = Phase.OFF, 0.0


@kernel
def _longest(machines: np.recarray, phase: int, least: float) -> int:
    """Chiller that has been in a phase for longest, at least `least` seconds; −1 if there is none."""
    found, longest = -1, least - 1e-9
    for i in range(len(machines)):
        if machines[i].phase == phase and machines[i].time >= longest:
            found, longest = i, machines[i].time + 1e-9
    return found


@kernel
def stage_chillers(
    f: Any, n: Any, now: Any, machines: np.recarray, load: float, short: bool, enough_with_less: bool, step: float
) -> None:
    """Start or stop one chiller after the `load` (W) on all of them, as the plant year counts them, but in time.

    Wanted: the number of `staged` with those running or starting before it; one more where the running ones fall
    `short`. A start is ordered once more have been wanted for `hold_up` seconds (at once where none runs), a stop once
    fewer have been for `hold_down` and those that stay are `enough_with_less`. The chiller that has stood longest
    starts, after a standstill of `off_least`; the one that has run longest stops, after a run of `on_least`.
    """
    starting = machines_in(machines, Phase.STARTING)
    total = machines_in(machines, Phase.ON) + starting
    wanted = staged(f, load, total) if load > 0.0 else 0
    if short and starting == 0 and total > 0:
        wanted = max(wanted, total + 1)
    now.asked_up = now.asked_up + step if wanted > total else 0.0
    now.asked_down = now.asked_down + step if wanted < total and enough_with_less else 0.0
    if wanted > total and (total == 0 or now.asked_up >= n.hold_up - 1e-9):
        i = _longest(machines, Phase.OFF, n.off_least)
        if i >= 0:
            machines[i].phase, machines[i].time, now.asked_up = Phase.STARTING, 0.0, 0.0
    elif now.asked_down > 0.0 and now.asked_down >= n.hold_down - 1e-9:
        i = _longest(machines, Phase.ON, n.on_least)
        if i >= 0:
            machines[i].phase, machines[i].time, now.asked_down = Phase.OFF, 0.0, 0.0
