"""Controllers outside the loops: observe, act at an own sample time, within slew limits; by rule or by prediction."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.names import describe
from thermal.network.in_time import NetworkRun
from thermal.network.stepper import Stepper

__all__ = ["SLEW", "Controller", "Predictive", "Score", "controlled"]

SLEW = {  # fastest change of an input, of its own unit a second; of `flow` as share of the first one
    "T_supply": 1.0 / 60.0,  # K/s: an estimate, a kelvin a minute
    "T": 1.0 / 60.0,
    "flow": 0.03 / 60.0,  # 3 % a minute: vendor's limit of pump speed
}


class Controller(Protocol):
    """Whatever decides on inputs; it may keep a memory of its own."""

    def act(self, observation: xr.Dataset, stepper: Stepper | NetworkRun) -> Mapping[str, float]:
        """Inputs that it wants from now on, by name, as ``Stepper.advance`` takes them.

        `observation` is the last saved row; `stepper` is there to look ahead with (``save``, ``advance``, ``restore``).
        """


class Score(Protocol):
    """What a plan is judged by; the less the better."""

    def __call__(self, rows: xr.Dataset) -> float:
        """Score of the rows that a plan would give."""


class Predictive:
    """Model-predictive control by trial: each candidate is marched over a horizon, and the best one taken.

    The model is the stepper itself, and the heat of the horizon is that of the trace: perfect foresight. Candidates are
    tried as they are, without slew.

    Parameters
    ----------
    candidates : mapping
        Input name to the values to choose from.
    horizon : float
        How far to look ahead, s; cut at the end of the run.
    score : function
        Of the predicted rows; the less the better.
    """

    def __init__(self, candidates: Mapping[str, Sequence[float]], horizon: float, score: Score) -> None:
        if not candidates or not all(len(values) for values in candidates.values()):
            raise InputError("candidates must map names of inputs to values, as {'T_supply': [24, 26, 28]}")
        self.candidates = {name: [float(v) for v in values] for name, values in candidates.items()}
        self.horizon, self.score = number("horizon", horizon, "s", above=0.0), score
        self.tried: list[tuple[float, dict[str, float]]] = []  # scores of the last decision

    def act(self, observation: xr.Dataset, stepper: Stepper | NetworkRun) -> Mapping[str, float]:
        """The candidate of least score over the horizon."""
        every = stepper.window
        until = min(stepper.now + self.horizon, stepper.end)
        rows = max(round((until - stepper.now) / every), 1)
        before: Any = stepper.save()
        self.tried = []
        for values in product(*self.candidates.values()):
            plan = dict(zip(self.candidates, values, strict=True))
            stepper.advance(stepper.now + rows * every, **plan)
            ahead = stepper.view().isel(time=slice(-rows, None)).copy(deep=True)
            self.tried.append((float(self.score(ahead)), plan))
            stepper.restore(before)
        best = min(self.tried, key=lambda item: item[0])
        if not np.isfinite(best[0]):
            raise InputError(f"no candidate has a finite score at {stepper.now:g} s: {self.tried[:3]}")
        return best[1]


def controlled(
    stepper: Stepper | NetworkRun,
    controller: Controller,
    start: Mapping[str, float],
    *,
    sample: float,
    until: float | None = None,
    slew: Mapping[str, float] = SLEW,
) -> xr.Dataset:
    """March a stepper under a controller: every `sample` seconds it sees the last row and says what it wants.

    An input moves towards what is wanted no faster than its limit allows, once a sample: by at most slew·sample.

    Parameters
    ----------
    stepper : Stepper or NetworkRun
        Of ``th.verbs.stepper``, nothing marched yet.
    controller : Controller
        By rule, `Predictive`, or learnt.
    start : mapping
        Inputs of the first sample, by name; the controller may act on these alone.
    sample : float
        Its sample time, s, whole saved intervals.
    until : float, optional
        End of the run, s; that of the stepper if not given.
    slew : mapping
        Fastest change of inputs by name; `SLEW` by default. An input without a limit jumps.

    Returns
    -------
    xarray.Dataset
        As of the stepper, with ``action(input, time)`` that held in each row.

    Raises
    ------
    InputError
        If the controller wants an input that `start` does not have, or the sample is no whole number of intervals.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import hour, kW, lpm
    >>> class Warm:
    ...     def act(self, observation, stepper):
    ...         return {"T": 30.0 if float(observation.margin.min()) > 5.0 else 20.0}
    >>> row, water = th.load("loops/gb200_row"), th.Supply(T=24, flow=1900 * lpm)
    >>> case = th.verbs.stepper(row, heat=100 * kW, facility=water, until=hour, save=60)
    >>> run = controlled(case, Warm(), {"T": 24.0}, sample=120.0)
    >>> run.action.sel(input="T").values[[0, 3, 20]]  # a kelvin a minute, two a sample
    array([24., 26., 30.])
    """
    part("stepper", stepper, (Stepper, NetworkRun), "th.verbs.stepper(...) gives one")
    if stepper.now:
        raise InputError(f"stepper has been marched to {stepper.now:g} s: open a new one")
    sample = number("sample", sample, "s", above=0.0)
    end = stepper.end if until is None else number("until", until, "s", above=0.0, high=stepper.end)
    now = {name: number(f"start[{name!r}]", value, "-") for name, value in start.items()}
    first, held = dict(now), []
    while stepper.now < end - 1e-6:
        to = min(stepper.now + sample, end)
        stepper.advance(to, **now)
        held.append((to, dict(now)))
        if to < end - 1e-6:
            now = _moved(now, controller.act(stepper.read(), stepper), sample, slew, first)
    result = stepper.result()
    place = np.searchsorted([t for t, _ in held], result["time"].values - 1e-6)
    table = [[held[k][1][name] for k in place] for name in first]
    limits = ", ".join(f"{name} {limit:.3g}/s" for name, limit in slew.items() if name in first) or "none"
    action = xr.DataArray(table, {"input": list(first), "time": result["time"]}, ("input", "time"))
    return describe(result.assign(action=action).assign_attrs(sample=sample, slew=limits))


def _moved(
    now: dict[str, float], wanted: Mapping[str, float], sample: float, slew: Mapping[str, float], first: dict[str, Any]
) -> dict[str, float]:
    """Inputs moved towards what is wanted, within their limits."""
    if set(wanted) - set(now):
        raise InputError(
            f"the controller wants {', '.join(sorted(set(wanted) - set(now)))}, start has {', '.join(now)}"
        )
    moved = dict(now)
    for name, value in wanted.items():
        goal = number(f"action {name!r}", value, "-")
        most = np.inf if name not in slew else slew[name] * sample * (abs(first[name]) if name == "flow" else 1.0)
        moved[name] = float(np.clip(goal, now[name] - most, now[name] + most))
    return moved
