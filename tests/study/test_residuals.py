"""Noise of residuals: what an AR(1) process is known by."""

import numpy as np
import pytest
import xarray as xr

from thermal.study.residuals import channel, estimated


@pytest.mark.parametrize("rho", [0.4, 0.6])
def test_autocorrelation_of_short_series_is_free_of_its_bias(rho):
    """Mean of 300 series of 60 points about their own mean: without (1 + 3ρ)/n it would be 0.04 and 0.05 too low."""
    random, found = np.random.default_rng(3), []
    for _ in range(300):
        r = random.normal(size=60)
        for k in range(1, 60):
            r[k] = rho * r[k - 1] + np.sqrt(1.0 - rho**2) * r[k]
        series = xr.DataArray(r - r.mean(), {"time": np.arange(60.0)}, ("time",))
        found.append(estimated(channel("y", series, None, 0.0, True), series.values, 1.0).rho)
    assert np.mean(found) == pytest.approx(rho, abs=0.02)
