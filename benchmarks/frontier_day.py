"""The day of Frontier: 25 CDU groups under the 15 s heat trace, with hot-water loop, tower loop and towers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

import thermal as th
from benchmarks.measure import best_of, peak_memory, row

GROUPS = 25


def rows() -> Iterator[dict[str, Any]]:
    loops = GROUPS * [th.load("loops/frontier_group")]
    plant, trace = th.load("tower_plants/frontier"), th.traces.frontier_day()

    def solve(step: float) -> Any:
        return th.transient(loops, heat=trace, facility=plant, weather=trace, step=step, save=15.0)

    steps = trace.sizes["time"]
    for step in (15.0, 5.0):
        seconds = best_of(lambda step=step: solve(step), repeats=3)
        yield row(
            f"frontier day, {step:g} s steps",
            f"{GROUPS} CDUs, {round(steps * 15 / step)} steps, all results kept, one core",
            seconds,
            ours_peak_MB=peak_memory(),
            target="<= 0.2 s" if step == 15.0 else None,
            met=seconds <= 0.2 if step == 15.0 else None,
        )
    yield _many()
    day = solve(15.0)
    heat = float(trace.heat.sum())
    for name, whole in {"energy_residual": heat, "mass_residual": float(1000.0 * day.flow_facility.sum())}.items():
        worst = float(np.abs(day[name]).sum()) / whole
        yield row(
            f"frontier day, {name.replace('_', ' ')}",
            f"sum of magnitudes over the day, relative: {worst:.1e}",
            None,
            target="<= 1e-9",
            met=worst <= 1e-9,
        )


def _many() -> dict[str, Any]:
    """257 CDUs, as many as a plant of a Modelica unit was marched with, for half an hour at 1 s."""
    group = th.load("loops/frontier_group")
    load = np.random.default_rng(0).uniform(0.5, 1.0, (30, 257, 1)) * group.design_heat
    heat = xr.DataArray(load, {"time": 60.0 * np.arange(30)}, ("time", "loop", "rack"))
    facility = th.Supply(T=28.0, flow=257 * 0.014)
    seconds = best_of(
        lambda: th.transient(257 * [group], heat=heat, facility=facility, step=1.0, save=60.0), repeats=3
    )  # fmt: skip
    return row(
        "257 CDUs, 30 min at 1 s", "each with its own load that changes every minute", seconds,
        ours_peak_MB=peak_memory(), peer="a Modelica unit (told)", peer_s=3926.0, target="<= 1 s", met=seconds <= 1.0,
    )  # fmt: skip
