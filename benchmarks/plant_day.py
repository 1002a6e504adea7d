"""A day at one second with the plant behind the loops, and the same day on a supply of fixed temperature."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

import thermal as th
from benchmarks.measure import best_of, peak_memory, row
from thermal.units import kW

LIMIT = 3.0  # s for one row of eight racks


def rows() -> Iterator[dict[str, Any]]:
    site, year = th.load("sites/generic_20mw"), th.weather(th.load("climates/chicago"))
    weather = year.isel(time=slice(24 * 190, 24 * 191 + 1))
    t = np.arange(86400.0)
    heat = xr.DataArray(80 * kW + 30 * kW * np.sin(t / 1800) + 5 * kW * np.sin(t / 7), {"time": t}, ("time",))
    few = site.plant.replace(design_load=1e6, chillers=1)
    few = few.replace(pump=few.pump.replace(flow=few.pump.flow / 20))
    for count, plant in ((1, few), (len(site.loops), site.plant)):
        study = {"heat": heat, "step": 1.0, "save": 60.0}
        loops = site.loops[:count]
        ours = best_of(lambda: th.transient(loops, facility=plant, weather=weather, **study), repeats=3)  # noqa: B023
        supply = th.Supply(T=plant.T_supply, flow=plant.pump.flow)
        alone = best_of(lambda: th.transient(loops, facility=supply, **study), repeats=3)  # noqa: B023
        yield row(
            f"day at 1 s with plant, {count} loops",
            f"{8 * count} racks, 86400 steps, plant every 10 s, one core",
            ours,
            ours_peak_MB=peak_memory(),
            peer="the same loops on a fixed supply",
            peer_s=alone,
            target=f"<= {LIMIT:g} s" if count == 1 else None,
            met=ours <= LIMIT if count == 1 else None,
        )
