"""Curves through points against scipy's."""

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from thermal.physics.machines.monotone import hermite, hermite_slope, monotone_slopes


@pytest.mark.parametrize("points", [2, 3, 4, 9])
def test_curves_are_those_of_scipy(points):
    rng = np.random.default_rng(points)
    for _ in range(50):
        x = np.cumsum(rng.uniform(0.1, 3.0, points))
        y = rng.normal(size=points) if rng.random() < 0.5 else np.cumsum(rng.uniform(0.0, 2.0, points))
        at = np.linspace(x[0], x[-1], 41)
        slopes, known = monotone_slopes(x, y), PchipInterpolator(x, y)
        np.testing.assert_allclose(hermite(x, y, slopes, at), known(at), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(hermite_slope(x, y, slopes, at), known(at, 1), rtol=1e-10, atol=1e-10)


def test_a_rising_curve_never_falls():
    rng = np.random.default_rng(1)
    for _ in range(100):
        x, y = np.cumsum(rng.uniform(0.01, 3.0, 6)), np.cumsum(rng.exponential(1.0, 6) ** 4)
        curve = hermite(x, y, monotone_slopes(x, y), np.linspace(x[0], x[-1], 500))
        assert np.diff(curve).min() >= -1e-12 * y[-1]
