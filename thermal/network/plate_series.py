"""What a record of a network says of its packages and plates: temperatures, margins, heat into the coolant."""

from typing import Any, NamedTuple

import numpy as np

from thermal.components.hall.rack import Rack
from thermal.network.marching import NetworkStepper
from thermal.physics.network.tables import Saved

__all__ = ["PlateSeries", "packages_of", "plate_series"]


class PlateSeries(NamedTuple):
    """Series by branch, and where the flow of a reduced plate was outside its range."""

    series: dict[str, np.ndarray]  # (s, branch), of peaks (branch)
    outside: np.ndarray


def packages_of(part: Any) -> int:
    """Packages whose temperature a branch of this part reports for."""
    if not hasattr(part, "package"):
        return 0
    return part.packages if isinstance(part, Rack) else 1


def plate_series(stepper: NetworkStepper, saved: Saved, interval: float) -> PlateSeries:
    """Temperatures at the ends of saved intervals of `interval` [s], heat into the coolant as mean over them.

    That heat is what the branch was given less what warmed its cases, by their balance; of a branch that stands for
    several, that of one of them.
    """
    h, heat, web = stepper.hydraulics, stepper.heat, stepper.heat.web
    shape = len(saved.T), len(h.names)
    T_case, T_junction, T_coolant, into = (np.full(shape, np.nan) for _ in range(4))
    limit, peak = np.full(shape[1], np.nan), np.full(shape[1], np.nan)
    outside = np.zeros(shape, dtype=bool)
    before = saved.before if saved.before.ndim == 2 else np.vstack([saved.before, saved.T[:-1]])
    column = {int(place): i for i, place in enumerate(stepper.taking)}
    reduced = {int(web.links.giver[2 * web.plates[k].link]): r for r, k in enumerate(stepper.watched)}
    for i, b in enumerate(stepper.whole.network.branches):
        count = packages_of(b.part) * b.count
        if not count:
            continue
        case, inside, package = heat.place[f"{b.name}:case"], heat.place[f"{b.name}:inside"], b.part.package
        given = saved.given[:, column[case]] if case in column else np.zeros(shape[0])
        ended = saved.ended[:, column[case]] if case in column else np.zeros(shape[0])
        other = saved.given[:, column[inside]] if inside in column else 0.0
        warmed = web.capacity[case] * (saved.T[:, case] - before[:, case]) / interval
        into[:, i] = (given + other - warmed) / b.count
        T_coolant[:, i], limit[i] = saved.T[:, inside], package.T_case_limit
        if case in reduced:
            r = reduced[case]
            T_case[:, i], T_junction[:, i], peak[i] = saved.case[:, r], saved.junction[:, r], saved.peak_case[r]
            outside[:, i] = saved.outside[:, r]
        else:
            T_case[:, i], peak[i] = saved.T[:, case], saved.peak[case]
            T_junction[:, i] = T_case[:, i] + package.R_junction_case * ended / count
    series = {
        "T_case": T_case, "T_junction": T_junction, "margin": limit - T_case, "T_case_peak": peak,
        "T_rack_return": T_coolant, "heat": into,
    }  # fmt: skip
    return PlateSeries(series, outside)
