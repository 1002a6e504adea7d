"""The verb ``transient`` of loops: a stepper from rest to the end, with its progress shown."""

import itertools

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal.network.case import Study
from thermal.network.stepper import Stepper

__all__ = ["transient_loops"]

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
    return stepper.result()
