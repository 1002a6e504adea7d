"""Settings of a network's controllers, from the answer to a step of what they move."""

import math
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.hall.cdu import Cdu
from thermal.components.hydronics.control import PiControl
from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.names import describe
from thermal.network.loads import network_heat
from thermal.network.network import Network, unknown
from thermal.network.opening import open_network
from thermal.network.supply import Supply
from thermal.quantity import Origin, provenance

__all__ = ["FirstOrder", "Tuned", "first_order", "simc", "tune"]

LOW, HIGH = 0.05, 1.0 - math.exp(-1.0)  # of the answer, where its times are taken
SETTLED = 0.02  # of the answer, that its last fifth may still change
FLAT = 1e-4  # gain that is none: a valve that sticks leaves what round-off shows
CALM = 0.25  # of the time constant: no closed loop is asked to be more than four times as fast as the open one


class FirstOrder(NamedTuple):
    """First order plus dead time: y(t) = k (1 − exp(−(t − θ)/T)) of a unit step, zero until θ."""

    gain: float
    lag: float  # T [s]
    dead_time: float  # θ [s]


class Tuned(NamedTuple):
    """A network with a controller set anew, the settings, and the answer that they were found from."""

    network: Network
    control: PiControl
    response: xr.Dataset


def first_order(time: np.ndarray, answer: np.ndarray) -> FirstOrder:
    """First order plus dead time through the end of an answer to a unit step and two points on its way.

    Equations: T = (t₂ − t₁)/(1 + ln(1 − 0.05)), θ = t₁ + T ln(1 − 0.05), not below zero, with t₁ and t₂ the times of 5
    and of 63.2 %. Points so early suit answers without noise; a loop that returns its coolant is fast at first and
    slow in the end, and later points, as those of Sundaresan & Krishnaswamy (Can. J. Chem. Eng. 56 (1978) 257-262,
    35.3 and 85.3 %), would take its slow end for dead time that is not there.

    Raises
    ------
    InputError
        If the answer has not come to rest, or has none.

    Examples
    --------
    >>> t = np.arange(0.0, 300.0, 0.5)
    >>> y = 2.0 * (1.0 - np.exp(-np.maximum(t - 8.0, 0.0) / 30.0))
    >>> [round(x, 2) for x in first_order(t, y)]
    [2.0, 30.0, 8.0]
    """
    gain = float(answer[-1])
    late = answer[int(0.8 * len(answer))]
    if not abs(gain - late) <= SETTLED * abs(gain) or gain == 0.0:
        raise InputError(
            f"the answer still moves at {time[-1]:g} s, by {abs(gain - late):.3g} of {abs(gain):.3g} in its last "
            "fifth: give a longer until"
        )
    t_low, t_high = (_first_at(time, answer / gain, share) for share in (LOW, HIGH))
    lag = (t_high - t_low) / math.log((1.0 - LOW) / (1.0 - HIGH))
    return FirstOrder(gain, lag, max(t_low + lag * math.log(1.0 - LOW), 0.0))


def _first_at(time: np.ndarray, share: np.ndarray, level: float) -> float:
    """When a series first passes a level, straight between its points."""
    k = int(np.argmax(share >= level))
    if k == 0:
        return float(time[0])
    return float(time[k - 1] + (level - share[k - 1]) / (share[k] - share[k - 1]) * (time[k] - time[k - 1]))


def simc(plant: FirstOrder, closed: float) -> tuple[float, float]:
    """Gain and integral time of a PI controller by the SIMC rule.

    Equations: K = T/(k (τ_c + θ)), T_i = min(T, 4 (τ_c + θ)).

    Symbols: k, T, θ gain, time constant (s) and dead time (s) of the plant, τ_c wanted time constant of the closed loop
    (s), K gain of the controller, T_i its integral time (s).

    Source: Skogestad, J. Process Control 13 (2003) 291-309, equations 23 and 24.

    Examples
    --------
    >>> simc(FirstOrder(gain=2.0, lag=30.0, dead_time=5.0), closed=5.0)
    (1.5, 30.0)
    """
    reach = closed + plant.dead_time
    return plant.lag / (plant.gain * reach), min(plant.lag, 4.0 * reach)


def tune(
    network: Network,
    controller: str,
    *,
    heat: Any,
    facility: Supply | None = None,
    step: float = 0.02,
    closed: float | None = None,
    until: float = 1800.0,
    interval: float = 1.0,
) -> Tuned:
    """Set a controller of a CDU from the answer to a step of its output, by the SIMC rule.

    The network rests, the controller is held, its output moves by `step`, and what the controller then sees, with the
    lag and dead time of its sensor, is taken as first order plus dead time; all other controllers act. Half of its
    sample time, or of the interval, counts as dead time. Good near the point at which it is done: try it at least and
    at most heat.

    Parameters
    ----------
    network : Network
        With the CDU.
    controller : str
        ``"cdu_a/valve"`` or ``"cdu_a/speed"``.
    heat : float or mapping or DataArray
        As ``th.steady`` takes it, constant in time.
    facility : Supply, optional
        Facility water of the CDUs, with its coolant.
    step : float
        Of the output; downwards where it has no room above.
    closed : float, optional
        Wanted time constant of the closed loop [s]; without it the dead time, or a quarter of the plant's time constant
        where that is longer.
    until, interval : float
        How long the answer is followed, and in which steps [s]: no longer ones than those of the march it is for.

    Returns
    -------
    Tuned
        ``network`` with the new settings, which say by what they were tuned, the settings as ``control``, and
        ``response`` by time: what the controller saw, and the plant that was read from it (attributes ``gain``,
        ``lag``, ``dead_time``, ``closed``).

    Raises
    ------
    InputError
        If there is no such controller, its output has no room or no effect, or the answer does not come to rest.

    Examples
    --------
    >>> import thermal as th
    >>> row = th.load("loops/gb200_row").network()
    >>> water = th.Supply(T=24, flow=0.02, coolant=th.load("coolants/water"))
    >>> found = tune(row, "cdu/valve", heat=100e3, facility=water)
    >>> found.control.gain > 0, found.network.branch("cdu").part.valve == found.control
    (True, True)
    """
    step = number("step", step, "-", above=0.0, high=0.5)
    until, interval = number("until", until, "s", above=0.0), number("interval", interval, "s", above=0.0)
    if until < 20.0 * interval:
        raise InputError(f"until = {until:g} s must be at least 20 intervals of {interval:g} s")
    if facility is not None and part("facility", facility, Supply).coolant is None:
        raise InputError("tune: facility = th.Supply(...) needs coolant = th.load('coolants/water'), or another")
    stepper = open_network(part("network", network, Network), facility=facility)
    if controller not in stepper.places.controller:
        raise unknown("controller", controller, stepper.places.controller)
    name, _, kind = controller.rpartition("/")
    load = network_heat(stepper.heat, heat)
    if load.time is not None:
        raise InputError("heat of tune must be constant in time")
    stepper.load = load
    stepper.settle(load.heat[0])
    c = stepper.controls.controllers[stepper.places.controller[controller]]
    moved = _moved(controller, float(c.output), float(c.pi.low), float(c.pi.high), step)
    c.running, c.pi.dead_band, c.sample = 0.0, 0.0, 0.0
    once, seen = np.zeros(1, np.int64), []
    c.output += moved
    for _ in range(round(until / interval) + 1):
        stepper.advance(load.heat, interval, 1, 1, once)
        seen.append(float(c.error))
    time = interval * np.arange(len(seen))  # each was seen at the start of its step
    answer = (seen[0] - np.array(seen)) / moved
    if not answer[-1] > FLAT:
        raise InputError(
            f"{controller!r} does not reach what it holds: its output moves by {moved:g} and the error by "
            f"{-moved * answer[-1]:.3g}; is there heat, flow and facility water, and step above the valve's stiction?"
        )
    plant = first_order(time, answer)
    own: PiControl = getattr(network.branch(name).part, kind)
    plant = plant._replace(dead_time=plant.dead_time + 0.5 * max(own.sample, interval))
    usual = max(plant.dead_time, CALM * plant.lag)
    wanted = usual if closed is None else number("closed", closed, "s", above=0.0)
    control = _set(own, plant, wanted, controller)
    response = describe(xr.Dataset({"answer": ("time", answer)}, {"time": time}))
    facts = {"gain": plant.gain, "lag": plant.lag, "dead_time": plant.dead_time, "closed": wanted, "moved": moved}
    branches = tuple(_with(b, name, kind, control) for b in network.branches)
    return Tuned(network.replace(branches=branches), control, response.assign_attrs(provenance(*network.parts) | facts))


def _moved(name: str, output: float, low: float, high: float, step: float) -> float:
    """The step of an output that has room for it.

    Raises
    ------
    InputError
        If it stands at a limit, or has no room on either side.
    """
    if not low < output < high:
        raise InputError(
            f"{name!r} stands at its limit {output:g}: there it holds nothing, and no step says how it would; take "
            "other heat or facility water"
        )
    for moved in (step, -step):
        if low <= output + moved <= high:
            return moved
    raise InputError(f"step = {step:g} has no room: {name!r} stands at {output:.3g}, between {low:g} and {high:g}")


def _set(own: PiControl, plant: FirstOrder, closed: float, name: str) -> PiControl:
    """The controller with settings by the rule, whose origin says so."""
    gain, reset = simc(plant, closed)
    new = own.replace(gain=gain, reset=reset)
    origin = new.origin or Origin(
        model="PiControl", title="PiControl made in Python", sha256="", changed=("gain", "reset")
    )
    rule = (
        f"the step answer of {name} (k {plant.gain:.3g}, T {plant.lag:.3g} s, dead time {plant.dead_time:.3g} s), SIMC"
    )
    new._origin = origin.model_copy(update={"tuned": (f"gain on {rule}", f"reset on {rule}")})
    return new


def _with(branch: Any, name: str, kind: str, control: PiControl) -> Any:
    if branch.name != name or not isinstance(branch.part, Cdu):
        return branch
    return branch.replace(part=branch.part.replace(**{kind: control}))
