"""A transient that moves: the network's picture beside its hottest cases and smallest margins, through time."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.animation import FuncAnimation, PillowWriter

from thermal.accounting.gaps import clock
from thermal.errors import InputError
from thermal.inputs import member, part, whole
from thermal.plots.networks import Colour, Picture, shades_of
from thermal.plots.readings import named, reading

__all__ = ["animate"]

RATE = 10  # frames a second
FINE = 70  # dots an inch
HOT, NEAR, NOW = "#d55e00", "#0072b2", "#555555"


def animate(
    network: Any, result: xr.Dataset, path: str | Path | None = None, *, colour: str = "temperature", frames: int = 40
) -> FuncAnimation:
    """Animate a transient of a network: the schematic through time, beside its hottest case and smallest margin.

    Parameters
    ----------
    network : Network or Loop
        What the result is of.
    result : xarray.Dataset
        Of ``th.transient``.
    path : str or Path, optional
        File to write: ``.gif``, or ``.html`` with buttons.
    colour : str
        ``"temperature"``, ``"flow"`` or ``"margin"``; its range is that of the whole run.
    frames : int
        Frames at most, evenly from the first row to the last.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        In a notebook ``IPython.display.HTML(moving.to_jshtml())`` shows it.

    Raises
    ------
    InputError
        If the result has no time, is not of this network, or the file's kind is another.
    """
    net, kind = named(network), member("colour", colour, Colour)
    part("result", result, xr.Dataset, "th.transient of the network gives one")
    if result.sizes.get("time", 0) < 2:
        raise InputError("animate needs a result with two rows of time or more, one of th.transient")
    suffix = None if path is None else Path(path).suffix.lower()
    if suffix not in (None, ".gif", ".html"):
        raise InputError(f"path = {str(path)!r} ends in {suffix or 'nothing'}: give .gif or .html")
    count = min(whole("frames", frames, low=2, high=1000), result.sizes["time"])
    rows = np.unique(np.linspace(0, result.sizes["time"] - 1, count).round().astype(int))
    moments = [reading(net, result.isel(time=int(i))) for i in rows]
    figure, (left, right) = plt.subplots(1, 2, figsize=(14, 4.6), width_ratios=[3, 1], layout="constrained")
    times, words = _clock(result["time"])
    lines = _series(right, result, times, words)
    picture = Picture(net, moments[-1], kind, left)
    picture.recolour(shades_of([pair for m in moments for pair in picture.values(m)], kind), moments)

    def show(k: int) -> list[Any]:
        picture.update(moments[k])
        lines.set_xdata([times[rows[k]]] * 2)
        return [lines]

    left.set_title("x\nx\nx", fontsize=8, loc="left")  # room for what will be over its limit
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # placed once: frames that move about cannot be read, and cost
    show(0)
    moving = FuncAnimation(figure, show, frames=len(rows), interval=1000 / RATE, blit=False)
    if suffix == ".gif":
        moving.save(path, writer=PillowWriter(fps=RATE), dpi=FINE)  # type: ignore[arg-type]
    elif suffix == ".html":
        Path(path).write_text(moving.to_jshtml(fps=RATE), encoding="utf-8")  # type: ignore[arg-type]
    return moving


def _series(ax: Any, result: xr.Dataset, times: Any, words: str) -> Any:
    """Hottest case and smallest margin of all packages over time, and the line of the moment."""
    found = 0
    for name, text, colour, of in (
        ("T_case", "hottest case [°C]", HOT, "max"), ("margin", "smallest margin [K]", NEAR, "min"),
    ):  # fmt: skip
        if name in result:
            others = [d for d in result[name].dims if d != "time"]
            ax.plot(times, getattr(result[name], of)(others), color=colour, label=text)
            found += 1
    if found:
        ax.axhline(0.0, color=NEAR, lw=0.8, ls="--", label="limit: no margin")
        ax.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, 1.22))
    ax.set(xlabel=words, ylabel="temperature [°C], margin [K]")
    ax.grid(alpha=0.3)
    return ax.axvline(times[0], color=NOW, lw=1.2, gid="now")


def _clock(time: xr.DataArray) -> tuple[Any, str]:
    """Times and their words: dates as they are, seconds in the unit that suits the length."""
    times = clock(time)
    if np.issubdtype(times.dtype, np.datetime64):
        return times, "time"
    for least, divisor, unit in ((10800.0, 3600.0, "h"), (600.0, 60.0, "min")):
        if times[-1] - times[0] > least:
            return times / divisor, f"time [{unit}]"
    return times, "time [s]"
