"""Figures of results and of measured data alike: a trade-off, a day of a loop, where the electricity goes."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, HourLocator
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from thermal.accounting.gaps import clock
from thermal.accounting.ledger import COOLING
from thermal.errors import InputError, listed
from thermal.inputs import part
from thermal.units import kPa, kW, lpm

__all__ = ["day", "end_uses", "overview", "trade_off"]

# Units people read, by the unit of the result: divisor and label.
READABLE = {
    "W": (kW, "kW"),
    "Pa": (kPa, "kPa"),
    "m3/s": (lpm, "L/min"),
    "K/W": (1.0, "K/W"),
    "degC": (1.0, "°C"),
    "1": (1.0, "–"),
}
# Of the overview: a layout found anew takes as long as drawing the page.
PLACE = {"left": 0.05, "right": 0.88, "bottom": 0.07, "top": 0.94, "wspace": 0.42, "hspace": 0.2}
DAYS_OF_QUARTERS = (0.5, 4.0)  # days for which the time axis has a tick every six hours
COLOURS = {
    "it": "#4c72b0",
    "cdu_pumps": "#dd8452",
    "rack_fans": "#8c8c8c",
    "room_fans": "#b0c4de",
    "facility_pumps": "#55a868",
    "condenser_pumps": "#64b5cd",
    "chillers": "#c44e52",
    "tower_fans": "#8172b3",
    "dry_cooler_fans": "#937860",
    "heat_pump": "#da8bc3",
    "electrical_losses": "#ccb974",
    "storage_losses": "#e7cb94",
    "other": "#bbbbbb",
}


def trade_off(runs: xr.Dataset, *, x: str, y: str, hue: str | None = None, ax: Axes | None = None) -> Axes:
    """Plot one result of a sweep against another, a line for each value of the axis `hue`.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of ``th.sweep``.
    x, y : str
        Variables of the result.
    hue : str, optional
        Axis of the sweep that distinguishes the lines.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    part("runs", runs, xr.Dataset, "th.sweep gives one")
    for name in (x, y):
        if name not in runs:
            raise InputError(f"the result has no variable {name!r}; it has {listed(runs.data_vars)}")
        if runs[name].dtype.kind not in "fiu":
            raise InputError(f"{name!r} holds {runs[name].dtype}, which is not drawn along an axis; choose numbers")
    if hue is not None and hue not in runs.dims:
        raise InputError(f"the result has no axis {hue!r}; it has {listed(runs.dims)}")
    ax = ax if ax is not None else plt.subplots(figsize=(6, 4), layout="constrained")[1]
    groups = [(value, runs.sel({hue: value})) for value in runs[hue].values] if hue else [(None, runs)]
    for value, group in groups:
        xs, ys = xr.broadcast(group[x], group[y])
        ax.plot(_scaled(xs).ravel(), _scaled(ys).ravel(), marker="o", label=None if hue is None else _value(hue, value))
    _label(ax.set_xlabel, runs[x])
    _label(ax.set_ylabel, runs[y])
    if hue is not None:
        ax.legend()
    ax.grid(alpha=0.3)
    return ax


def day(result: xr.Dataset, axes: Sequence[Axes] | None = None) -> Sequence[Axes]:
    """Plot a transient: IT heat and the power of cooling above, temperatures and the limit of the case below.

    Parameters
    ----------
    result : xarray.Dataset
        Result of ``th.transient``.
    axes : two Axes, optional
        Where to draw; a new figure if not given.
    """
    part("result", result, xr.Dataset, "th.transient gives one")
    needed = ("power", "T_case")
    absent = [name for name in needed if name not in result or "time" not in result[name].dims]
    if absent:
        given = f"one of a steady state, {listed(result.sizes)}" if "time" not in result.dims else "another"
        raise InputError(f"plots.day needs {absent[0]} along time, a result of th.transient; this is {given}")
    extra = [dim for dim in result["power"].dims if dim not in {"time", "end_use"}]
    if extra:
        raise InputError(f"plots.day draws one case; choose one along {listed(extra)} with result.sel(...)")
    if axes is not None and len(axes) != 2:
        raise InputError(f"axes has {len(axes)} axes: a day needs two, one above the other")
    top, bottom = axes if axes is not None else plt.subplots(2, 1, figsize=(8, 6), sharex=True, layout="constrained")[1]
    hours, name = _clock(result["time"])
    it = result["power"].sel(end_use="it")
    uses = [use for use in map(str, result["end_use"].values) if use in COOLING]
    uses = [use for use in uses if bool((result["power"].sel(end_use=use) > 0).any())]
    cooling = result["power"].sel(end_use=uses).sum("end_use")
    top.fill_between(hours, it / 1e6, color=COLOURS["it"], alpha=0.35, linewidth=0, label="IT heat")
    top.set_ylabel("IT heat [MW]")
    top.set_ylim(0, 1.25 * float(it.max()) / 1e6 or 1.0)  # room for the legend
    right = top.twinx()
    holds = ", ".join(use.replace("_", " ") for use in uses) or "none"
    right.plot(hours, cooling / kW, color=COLOURS["chillers"], linewidth=1, label=f"cooling: {holds}")
    right.set_ylabel("cooling power [kW]")
    right.set_ylim(0, 1.35 * float(cooling.max()) / kW or 1.0)
    handles = top.get_legend_handles_labels()[0] + right.get_legend_handles_labels()[0]
    top.legend(handles, ["IT heat", f"cooling: {holds}"], loc="upper left", fontsize="small", ncols=2)
    for text, (line, style) in _temperatures(result).items():
        bottom.plot(hours, line, linewidth=1, label=text, **style)
    bottom.set_ylabel("temperature [°C]")
    bottom.set_xlabel(name)
    low, high = bottom.get_ylim()
    bottom.set_ylim(low, high + 0.35 * (high - low))  # room for the legend
    bottom.legend(fontsize="small", ncols=3, loc="upper center")
    for ax in (top, bottom):
        ax.grid(alpha=0.3)
        ax.set_xlim(hours[0], hours[-1])
    _quarters(bottom, hours)
    return top, bottom


def _temperatures(result: xr.Dataset) -> dict[str, tuple[xr.DataArray, dict[str, Any]]]:
    """Lines of a day by their words: the hottest case and its limit, then water from the racks out to the sky."""
    others = [dim for dim in result["T_case"].dims if dim != "time"]
    lines: dict[str, tuple[xr.DataArray, dict[str, Any]]] = {}
    if "margin" in result:
        limit = (result["T_case"] + result["margin"]).min(others)
        lines["limit of the case"] = (limit, {"color": "black", "linestyle": "--"})
    lines["hottest case"] = (result["T_case"].max(others), {"color": COLOURS["chillers"]})
    back = "T_facility_return" if "T_facility_return" in result else "T_primary_return"
    for variable, (text, colour) in {
        "T_return": ("return from racks, mean", "dd8452"),
        "T_supply": ("supply to racks, mean", "4c72b0"),
        back: ("facility return, mean", "8172b3"),
        "T_facility_supply": ("facility supply", "55a868"),
        "T_tower_supply": ("tower water", "64b5cd"),
        "T_wet_bulb": ("wet bulb", "8c8c8c"),
    }.items():
        if variable in result and "time" in result[variable].dims:
            mean = result[variable].mean([dim for dim in result[variable].dims if dim != "time"])
            lines[text] = (mean, {"color": f"#{colour}"})
    return lines


def _quarters(ax: Axes, hours: np.ndarray) -> None:
    """A tick every six hours, where the axis is a day or some days long."""
    dates = np.issubdtype(hours.dtype, np.datetime64)
    days = (hours[-1] - hours[0]) / np.timedelta64(1, "D") if dates else float(hours[-1] - hours[0]) / 24.0
    if not DAYS_OF_QUARTERS[0] <= days <= DAYS_OF_QUARTERS[1]:
        return
    if dates:
        ax.xaxis.set_major_locator(HourLocator(byhour=range(0, 24, 6)))
        ax.xaxis.set_major_formatter(DateFormatter("%d.%m. %H:%M"))
    else:
        ax.xaxis.set_major_locator(MultipleLocator(6.0))


def end_uses(book: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Plot where the electricity beside IT goes, as a share of IT energy: the bars add up to PUE − 1.

    Parameters
    ----------
    book : xarray.Dataset
        Result of ``th.ledger``, one case.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    part("book", book, xr.Dataset, "write th.plots.end_uses(th.ledger(result))")
    if "energy" not in book or "end_use" not in book["energy"].dims:
        raise InputError("book is no ledger: it has no energy(end_use); write th.plots.end_uses(th.ledger(result))")
    extra = [dim for dim in book["energy"].dims if dim != "end_use"]
    if extra:
        raise InputError(f"plots.end_uses draws one case; choose one along {listed(extra)} with book.sel(...)")
    it = float(book["energy"].sel(end_use="it")) if "it" in book["end_use"].values else 0.0
    if not it > 0.0:
        raise InputError("the ledger has no IT energy: there is nothing to take shares of")
    ax = ax if ax is not None else plt.subplots(figsize=(6, 3), layout="constrained")[1]
    share = book["energy"] / it * 100
    names = [str(n) for n in book["end_use"].values if n != "it" and float(share.sel(end_use=n)) > 0]
    values = [float(share.sel(end_use=n)) for n in names]
    bars = ax.barh([n.replace("_", " ") for n in names], values, color=[COLOURS.get(n, "#999999") for n in names])
    ax.bar_label(bars, fmt="%.2f", padding=3, fontsize="small")
    ax.set_xlabel("share of IT energy [%]")
    ax.invert_yaxis()
    ax.margins(x=0.15)
    return ax


def overview(result: xr.Dataset, book: xr.Dataset, year: xr.Dataset | None = None, title: str = "") -> Figure:
    """One page: the day on the left; on the right the year where there is one, and where the electricity goes."""
    figure, grid = plt.subplots(2, 2, figsize=(13, 7), layout="none", width_ratios=[3, 2])
    figure.subplots_adjust(**PLACE if year is not None else {**PLACE, "right": 0.97})
    day(result, (grid[0, 0], grid[1, 0]))
    grid[0, 0].sharex(grid[1, 0])
    if year is not None:
        _months(year, grid[0, 1])
    else:
        _against_load(result, grid[0, 1])
    end_uses(book, grid[1, 1])
    figure.suptitle(title)
    return figure


def _months(year: xr.Dataset, ax: Axes) -> None:
    """Mean cooling power of each month, stacked by end use."""
    month = (np.arange(year.sizes["time"]) * 12) // year.sizes["time"]
    time = clock(year["time"]) if "time" in year.coords else month
    dated = np.issubdtype(time.dtype, np.datetime64)
    if dated:
        month = xr.DataArray(time, dims="time").dt.month.values - 1
    bottom = np.zeros(12)
    for name in map(str, year["end_use"].values):
        power = year["power"].sel(end_use=name).values
        if name in {"it", "electrical_losses", "storage_losses"} or not power.any():
            continue
        means = np.array([power[month == k].mean() if (month == k).any() else 0.0 for k in range(12)]) / kW
        ax.bar(np.arange(1, 13), means, bottom=bottom, color=COLOURS.get(name), label=name.replace("_", " "))
        bottom += means
    ax.set_xlabel("month" if dated else "month (twelfths of the year)")
    ax.set_ylabel("cooling power of the year [kW]")
    ax.set_xticks(range(1, 13))
    ax.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))  # beside the bars, not on them


def _against_load(result: xr.Dataset, ax: Axes) -> None:
    """PUE of each moment against IT power, coloured by wet bulb where it is known."""
    it = result["power"].sel(end_use="it")
    colour = result["T_wet_bulb"].values if "T_wet_bulb" in result else None
    points = ax.scatter(it / 1e6, result["site_power"] / it, c=colour, s=3, cmap="viridis")
    if colour is not None:
        ax.figure.colorbar(points, ax=ax, label="wet bulb [°C]")
    ax.set_xlabel("IT power [MW]")
    ax.set_ylabel("PUE of the moment")
    ax.grid(alpha=0.3)


def _clock(time: xr.DataArray) -> tuple[Any, str]:
    times = clock(time)
    if np.issubdtype(times.dtype, np.datetime64):
        return times, "time"
    return times / 3600.0, "time [h]"


def _value(name: str, value: Any) -> str:
    return f"{name} = {value:g}" if isinstance(value, int | float | np.number) else f"{name} = {value}"


def _scaled(values: xr.DataArray) -> np.ndarray:
    return np.asarray(values.values / READABLE.get(values.attrs.get("units", ""), (1.0, ""))[0])


def _label(setter: Any, values: xr.DataArray) -> None:
    unit = values.attrs.get("units", "")
    bracket = f" [{READABLE.get(unit, (1.0, unit))[1]}]" if unit else ""  # an axis of a sweep is the user's own
    setter(f"{values.attrs.get('long_name', values.name)}{bracket}")
