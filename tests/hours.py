"""A result of known powers, water and heat by the hour, for tests of what is read from it."""

from types import SimpleNamespace

import numpy as np
import xarray as xr

CHAT = SimpleNamespace(name="chat", token_type="output", energy_per_token=0.4, compute_share=0.5)
EXACT = 1e-12


def result(rows: int = 4, **more) -> xr.Dataset:
    """IT 1000 W, chillers 100 W in even and 300 W in odd rows of an hour."""
    power = np.array([[1000.0] * rows, [100.0 if k % 2 == 0 else 300.0 for k in range(rows)]])
    data = {
        "power": (("end_use", "time"), power), "site_power": ("time", power.sum(axis=0)),
        "water_make_up": ("time", np.full(rows, 1e-3)), "heat_reused": ("time", np.full(rows, 50.0)), **more,
    }  # fmt: skip
    time = np.datetime64("2026-01-01", "ns") + np.arange(rows) * np.timedelta64(1, "h")
    return xr.Dataset(data, {"end_use": ["it", "chillers"], "time": time})
