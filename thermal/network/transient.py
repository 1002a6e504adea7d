"""The verb ``transient`` of loops: a stepper from rest to the end, with its progress shown."""

import itertools

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal.network.case import OnLimit, Study
from thermal.network.stepper import Stepper

__all__ = ["transient_loops", "up_to_limit"]

PIECES = 50


def transient_loops(study: Study) -> xr.Dataset:
    """March loops and facility through time, from rest under the first heat; see ``thermal.transient``.

    In pieces, so that a long run shows its progress and can be interrupted.
    """
    stepper = Stepper(study)
    every = stepper.case.every
    saves = stepper.case.intervals // every
    edges = np.unique(np.linspace(0, saves, min(saves, PIECES) + 1).astype(int))
    with tqdm(total=saves, desc="transient", unit="saved", delay=2.0, leave=False, disable=None) as bar:
        for start, stop in itertools.pairwise(edges.tolist()):
            stepper.march(stop * every)
            bar.update(stop - start)
            if study.on_limit == OnLimit.STOP and (limit := up_to_limit(stepper.view())) is not None:
                return limit
    return stepper.view()


def up_to_limit(result: xr.Dataset) -> xr.Dataset | None:
    """The result up to the row in which a case passes its limit or coolant boils, and which it was; None if none."""
    over = {"T_case above its limit": result.margin < 0.0, "coolant boils": result.boils}
    rows = {why: flag.any([d for d in flag.dims if d != "time"]).values for why, flag in over.items()}
    either = np.logical_or(*rows.values())
    if not either.any():
        return None
    last = int(np.argmax(either))
    why = " and ".join(why for why, flag in rows.items() if flag[last])
    return result.isel(time=slice(0, last + 1)).assign_attrs(stopped=f"{why} at {result.time.values[last]}")
