"""The verb ``transient`` of loops: a stepper from rest to the end, with its progress shown."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal.names import describe
from thermal.network.case import OnLimit, Study
from thermal.network.protection import protected, protection_of
from thermal.network.result import by_rack
from thermal.network.stepper import Stepper

__all__ = ["at_limit", "ended", "shown", "transient_loops"]

PIECES = 50


def transient_loops(study: Study) -> xr.Dataset:
    """March loops and facility through time, from rest under the first heat; see ``thermal.transient``.

    In pieces, so that a long run shows its progress and can be interrupted.
    """
    stepper = Stepper(study)
    every = stepper.case.every
    saves = stepper.case.intervals // every
    if study.on_limit in (OnLimit.THROTTLE, OnLimit.TRIP):
        return _protected(stepper, study, saves)
    edges = np.unique(np.linspace(0, saves, min(saves, PIECES) + 1).astype(int))
    with tqdm(total=saves, desc="transient", unit="saved", delay=2.0, leave=False, disable=None) as bar:
        for start, stop in itertools.pairwise(edges.tolist()):
            stepper.march(stop * every)
            bar.update(stop - start)
            if study.on_limit == OnLimit.STOP and (limit := at_limit(stepper.loops(start))) is not None:
                return ended(stepper.view(), start, limit)
    return stepper.view()


def _protected(stepper: Stepper, study: Study, saves: int) -> xr.Dataset:
    """March row by row, racks over their limit with less heat in the next, or none."""
    case = stepper.case
    limits = np.array([rack.package.T_case_limit for loop in case.loops for rack in loop.racks])
    guard = protection_of(study.on_limit, study.throttling, len(limits), case.every * case.boundary.interval)
    shares = protected(
        guard, case.boundary.heat, case.every, shown(saves), lambda row: stepper.march((row + 1) * case.every),
        lambda row: stepper.T_case(row) - limits, range(len(limits)),
    )  # fmt: skip
    share = by_rack(case, shares)[:, 0] if case.single else by_rack(case, shares)
    result = stepper.view()
    return describe(result.assign(heat_share=(result["T_case"].dims, share)))


def shown(saves: int) -> Any:
    """Rows one by one, with the progress of a long run."""
    return tqdm(range(saves), desc="transient", unit="saved", delay=2.0, leave=False, disable=None)


def ended(result: xr.Dataset, start: int, limit: tuple[int, str]) -> xr.Dataset:
    """The result up to a row, counted from the saved row `start`, at which it ended, and why."""
    last = start + limit[0]
    stopped = f"{limit[1]} at {result.time.values[last]}"
    return result.isel(time=slice(0, last + 1)).assign_attrs(stopped=stopped)


def at_limit(series: Mapping[str, tuple[Any, Any]]) -> tuple[int, str] | None:
    """The row in which a case passes its limit or coolant boils, and which it was; None if none."""
    over = {"T_case above its limit": series["margin"][1] < 0.0, "coolant boils": series["boils"][1]}
    rows = {why: flag.reshape(len(flag), -1).any(axis=1) for why, flag in over.items()}
    either = np.logical_or(*rows.values())
    if not either.any():
        return None
    row = int(np.argmax(either))
    return row, " and ".join(why for why, flag in rows.items() if flag[row])
