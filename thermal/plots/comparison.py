"""Figures of a model beside its measurement: parity, series, residuals against a driver, histogram, summed energy."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from thermal.errors import InputError
from thermal.inputs import number
from thermal.names import NAMES
from thermal.timeline import elapsed_seconds

__all__ = ["cumulative", "histogram", "parity", "residual", "series"]

MODEL, MEASURED = "#4c72b0", "#333333"
Sides = xr.Dataset | Mapping[str, Any]


def parity(model: Sides, measured: Sides, name: str, *, uncertainty: float = 0.0, ax: Axes | None = None) -> Axes:
    """Plot the model against the measurement: points on the diagonal agree.

    Parameters
    ----------
    model, measured : Dataset or mapping
        As for ``th.compare``, matched beforehand.
    name : str
        Which quantity.
    uncertainty : float
        Standard uncertainty of the difference; twice of it is drawn on both sides of the diagonal.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ours, theirs = _both(model, measured, name)
    ax = _axes(ax)
    ax.plot(theirs, ours, ".", markersize=4, color=MODEL)
    ends = np.array([np.nanmin([theirs, ours]), np.nanmax([theirs, ours])])
    ax.plot(ends, ends, color=MEASURED, linewidth=1)
    uncertainty = number("uncertainty", uncertainty, "-", low=0.0)
    if uncertainty > 0:
        ax.fill_between(ends, ends - 2 * uncertainty, ends + 2 * uncertainty, color=MEASURED, alpha=0.12, linewidth=0)
    label = _label(name, model, measured)
    ax.set(xlabel=f"measured {label}", ylabel=f"model {label}", aspect="equal")
    ax.grid(alpha=0.3)
    return ax


def series(
    model: Sides, measured: Sides, name: str, *, low: Any = None, high: Any = None, ax: Axes | None = None
) -> Axes:
    """Plot model and measurement in time (or in order), with a band of the model where it is given.

    Parameters
    ----------
    model, measured : Dataset or mapping
        As for ``th.compare``, matched beforehand.
    name : str
        Which quantity.
    low, high : array, optional
        Edges of the band.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ours, theirs = _both(model, measured, name)
    ax = _axes(ax)
    places, words = _clock(measured[name], theirs.size)
    ax.plot(places, theirs, color=MEASURED, linewidth=1, label="measured")
    ax.plot(places, ours, color=MODEL, linewidth=1, label="model")
    if low is not None and high is not None:
        ax.fill_between(places, np.ravel(low), np.ravel(high), color=MODEL, alpha=0.25, linewidth=0, label="band")
    ax.set(xlabel=words, ylabel=_label(name, model, measured))
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
    return ax


def residual(model: Sides, measured: Sides, name: str, driver: str, *, ax: Axes | None = None) -> Axes:
    """Plot model minus measurement against something that drives it: a slope or a bend is physics left out.

    Parameters
    ----------
    model, measured : Dataset or mapping
        As for ``th.compare``, matched beforehand.
    name : str
        Which quantity.
    driver : str
        A variable of the measurement on the same points.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ours, theirs = _both(model, measured, name)
    if driver not in measured:
        raise InputError(f"the measurement has no {driver!r}; it has {', '.join(map(str, measured))}")
    x = np.ravel(np.asarray(measured[driver], dtype=float))
    if x.size != theirs.size:
        raise InputError(f"{driver} has {x.size} points, {name} has {theirs.size}")
    ax = _axes(ax)
    ax.axhline(0.0, color=MEASURED, linewidth=1)
    ax.plot(x, ours - theirs, ".", markersize=4, color=MODEL)
    ax.set(xlabel=_label(driver, measured), ylabel=f"model − measured, {_label(name, model, measured, step=True)}")
    ax.grid(alpha=0.3)
    return ax


def histogram(model: Sides, measured: Sides, name: str, *, bins: int | str = "auto", ax: Axes | None = None) -> Axes:
    """Plot how the differences are distributed, with their mean.

    Parameters
    ----------
    model, measured : Dataset or mapping
        As for ``th.compare``, matched beforehand.
    name : str
        Which quantity.
    bins : int or str
        As for ``numpy.histogram``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ours, theirs = _both(model, measured, name)
    E = (ours - theirs)[np.isfinite(ours - theirs)]
    ax = _axes(ax)
    ax.hist(E, bins=bins, color=MODEL, alpha=0.8)
    ax.axvline(float(E.mean()), color=MEASURED, linewidth=1, label=f"mean {E.mean():.3g}")
    ax.set(xlabel=f"model − measured, {_label(name, model, measured, step=True)}", ylabel="points")
    ax.legend(fontsize="small")
    return ax


def cumulative(model: Sides, measured: Sides, name: str, *, ax: Axes | None = None) -> Axes:
    """Plot the energy summed so far of a power on both sides; a gap of the measurement counts on neither.

    Parameters
    ----------
    model, measured : Dataset or mapping
        As for ``th.compare``, matched beforehand, over one dimension ``time``; each value holds until the next time.
    name : str
        Which power, W.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ours, theirs = _both(model, measured, name)
    given = measured[name]
    if not isinstance(given, xr.DataArray) or given.dims != ("time",) or given.size < 2:
        raise InputError(f"a sum in time needs {name} of the measurement along time alone, with two times or more")
    length = np.diff(elapsed_seconds(given["time"].values))
    length = np.append(length, np.median(length))
    known = np.isfinite(ours) & np.isfinite(theirs)
    ax = _axes(ax)
    places, words = _clock(given, theirs.size)
    for values, text, colour in ((theirs, "measured", MEASURED), (ours, "model", MODEL)):
        energy = np.cumsum(np.where(known, values * length, 0.0)) / 3.6e9
        ax.plot(places, energy, color=colour, label=f"{text}: {energy[-1]:.4g} MWh")
    ax.set(xlabel=words, ylabel="energy so far [MWh]")
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
    return ax


def _both(model: Sides, measured: Sides, name: str) -> tuple[np.ndarray, np.ndarray]:
    for side, source in (("model", model), ("measurement", measured)):
        if name not in source:
            raise InputError(f"the {side} has no {name!r}; it has {', '.join(map(str, source))}")
    ours, theirs = model[name], measured[name]
    if isinstance(ours, xr.DataArray) and isinstance(theirs, xr.DataArray) and set(ours.dims) == set(theirs.dims):
        ours = ours.transpose(*theirs.dims)
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if ours.shape != theirs.shape:
        raise InputError(f"{name}: the model has shape {ours.shape}, the measurement {theirs.shape}; match them first")
    return ours.ravel(), theirs.ravel()


def _clock(values: Any, count: int) -> tuple[Any, str]:
    if isinstance(values, xr.DataArray) and values.dims == ("time",) and "time" in values.coords:
        time = values["time"]
        return (time.values, "time") if time.dtype.kind == "M" else (time.values / 3600.0, "time [h]")
    return np.arange(count), "point"


def _label(name: str, *sources: Sides, step: bool = False) -> str:
    """Name and unit for an axis; a difference of temperatures is in K."""
    units = [getattr(s[name], "attrs", {}).get("units") for s in sources]
    unit = next((u for u in units if u), NAMES[name].units if name in NAMES else "")
    shown = {"degC": "K" if step else "°C", "1": "–"}.get(unit, unit)
    return f"{name} [{shown}]" if shown else name


def _axes(ax: Axes | None) -> Axes:
    return ax if ax is not None else plt.subplots(figsize=(6, 4), layout="constrained")[1]
