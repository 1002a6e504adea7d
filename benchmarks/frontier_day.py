"""The day of Frontier: 25 CDU groups under the 15 s heat trace, with hot-water loop, tower loop and towers."""

from collections.abc import Iterator
from typing import Any

import numpy as np

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
            target="<= 1 s" if step == 15.0 else None,
            met=seconds <= 1.0 if step == 15.0 else None,
        )
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
