"""Water of many hours found side by side, against hour by hour."""

import math

import numpy as np
import pytest

from thermal.physics.media.moist_air import saturated_humidity_ratio
from thermal.physics.media.water import evaporation, evaporations

P = 101325.0


def test_evaporations_of_a_series_are_those_of_its_states():
    """Also far states that two steps do not settle, still air, condensing air, and NaN."""
    rng = np.random.default_rng(5)
    T, air_flow, heat = rng.uniform(-30, 35, 400), rng.uniform(5, 60, 400), 10 ** rng.uniform(3, 7, 400)
    air_flow[3], heat[5], T[7] = 0.0, math.nan, math.nan
    w = saturated_humidity_ratio(-5.0, P) * np.ones(400)
    found = np.empty(400)
    evaporations(heat, air_flow, w, T, np.full(400, P), found)
    alone = [evaporation(*state, P) for state in zip(heat, air_flow, w, T, strict=True)]
    assert np.flatnonzero(np.isnan(found)).tolist() == [5, 7]
    assert found == pytest.approx(np.array(alone), rel=1e-11, nan_ok=True)
    assert found[3] == 0.0
    assert (found == 0.0).sum() > 1
