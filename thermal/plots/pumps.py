"""Where the pumps of a network run on their curves."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from thermal.errors import InputError
from thermal.plots.readings import at_time, named, require_its_own
from thermal.units import lpm

__all__ = ["pump_curves"]

CURVE, OTHER, DUTY = "#0072b2", "#bbbbbb", "#d55e00"
POINTS = 100
MOST_SPEEDS = 4
MOST_PUMPS = 6


def pump_curves(network: Any, result: xr.Dataset, *, time: Any = None) -> np.ndarray:
    """Head, efficiency and suction head of each distinct pump of a network, with the duty points of a result.

    Parameters
    ----------
    network : Network
        Whose pumps, those inside its CDUs too; equal pumps share a column.
    result : xarray.Dataset
        Of ``th.steady``, ``th.transient`` or ``steady_flows`` of it.
    time : float or date, optional
        Time of the row that is shown, the nearest, [s] or as the result has it; the last one if not given.

    Returns
    -------
    numpy.ndarray of Axes
        A row for head, hydraulic efficiency and, where a pump states it, needed suction head; a column for each pump.
        Curves end where the catalogue ends, at a short bar; duty points beyond it have red edges.

    Raises
    ------
    InputError
        If there are no pumps, more than six different ones, or the result is not of this network.
    """
    net = named(network)
    moment = at_time(result, time)
    require_its_own(net, moment)
    columns = _distinct(net)
    if not columns:
        raise InputError("the network has no pumps: there are no curves to draw")
    if len(columns) > MOST_PUMPS:
        raise InputError(f"the network has {len(columns)} different pumps, a figure shows {MOST_PUMPS}: draw a part")
    suction = any(pump.npsh_required for pump in columns)
    shape = (3 if suction else 2, len(columns))
    size = (2.5 + 3.0 * len(columns), 2.2 * shape[0] + 0.6)
    axes = np.asarray(plt.subplots(*shape, figsize=size, sharex="col", squeeze=False, layout="constrained")[1])
    for k, (pump, names) in enumerate(columns.items()):
        flow, speed = (moment[n].sel(branch=names).values for n in ("flow", "pump_speed"))
        _pump(axes[:, k], pump, np.unique(np.round(speed[np.isfinite(speed) & (speed > 0.0)], 3)))
        _duty(axes[:, k], pump, names, flow, speed)
        axes[0, k].set_title(_title(pump, names), fontsize="small")
        axes[-1, k].set_xlabel("coolant volume flow [L/min]")
        if suction:
            _suction(axes[2, k], moment.sel(branch=names), flow)
    for ax, label in zip(axes[:, 0], ("head [m]", "hydraulic efficiency [%]", "suction head [m]"), strict=False):
        ax.set_ylabel(label)
    return axes


def _distinct(network: Any) -> dict[Any, list[str]]:
    found: dict[Any, list[str]] = {}
    for b in network.branches:
        inside = enumerate(b.part.pumps, 1) if hasattr(b.part, "pumps") else ()
        for name, part in [(f"{b.name}/pump_{i}", pump) for i, pump in inside] or [(b.name, b.part)]:
            if hasattr(part, "head_curve"):
                found.setdefault(part, []).append(name)
    return found


def _pump(axes: Any, pump: Any, speeds: np.ndarray) -> None:
    """Curves at nominal speed in grey, at those at which it runs in colour, each with its end."""
    some = speeds if len(speeds) <= MOST_SPEEDS else speeds[[0, -1]]
    for n in np.unique([1.0, *some]):
        runs = bool(np.isclose(some, n).any())
        flow = np.linspace(1e-6, 1.0, POINTS) * n * pump.flow[-1]
        found = pump.operate(flow, n)
        style = {"color": CURVE if runs else OTHER, "lw": 1.8 if runs else 1.0, "zorder": 2 if runs else 1}
        lines = [found.pump_head, 100.0 * found.pump_efficiency, pump.npsh(flow, n)]
        for ax, line in zip(axes, lines, strict=False):
            (drawn,) = ax.plot(flow / lpm, line, **style)
            ax.plot(flow[-1] / lpm, np.asarray(line)[-1], marker="|", ms=12, mew=2, color=style["color"])
            drawn.set_gid(f"speed {n:g}")
        x, y = flow[0] / lpm, float(lines[0][0])
        axes[0].annotate(f"{100 * n:.0f} %", (x, y), (3, 3), textcoords="offset points", fontsize=7,
                         color=style["color"] if runs else "#777777")  # fmt: skip
    for ax in axes:
        ax.grid(alpha=0.3)
        ax.set(xlim=(0.0, None), ylim=(0.0, 1.1 * ax.get_ylim()[1]))


def _duty(axes: Any, pump: Any, names: list[str], flow: np.ndarray, speed: np.ndarray) -> None:
    """A point for each pump that runs, with red edges beyond its curve."""
    for name, V, n in zip(names, flow, speed, strict=True):
        if not (np.isfinite(V) and n > 0.0):
            continue
        at = pump.operate([V], n)
        edge = "red" if bool(at.outside_pump.item()) else "black"
        for ax, y in zip(axes[:2], (at.pump_head, 100.0 * at.pump_efficiency), strict=True):
            ax.plot(V / lpm, y.item(), marker="o", ms=7, mfc=DUTY, mec=edge, ls="", zorder=4, gid=f"duty {name}")


def _suction(ax: Axes, pumps: xr.Dataset, flow: np.ndarray) -> None:
    """Suction head that is there, over the curve of what is needed."""
    ax.plot(
        flow / lpm, pumps.npsh_available, marker="v", ms=7, color=DUTY, mec="black", ls="", gid="available", zorder=4
    )
    ax.annotate("needed: line, available: triangle", (0.02, 0.97), xycoords="axes fraction", va="top", fontsize=7)


def _title(pump: Any, names: list[str]) -> str:
    what = pump.origin.title if pump.origin else "pump"
    return f"{what}\n{len(names)} × {names[0]} …" if len(names) > 1 else f"{what}\n{names[0]}"
