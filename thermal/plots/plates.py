"""Figures of a cold plate's result: map of the die, section through the stack, channel profile, curves against flow."""

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from thermal.errors import InputError
from thermal.inputs import whole
from thermal.units import kPa, lpm, mm

__all__ = ["channel_profile", "die_map", "flow_curves", "section"]


def die_map(run: xr.Dataset, *, of: str = "T_junction_map", ax: Axes | None = None) -> Axes:
    """Map a temperature over the plate, coolant entering below.

    Parameters
    ----------
    run : xarray.Dataset
        Result of a cold plate.
    of : str
        ``T_junction_map`` or ``T_case_map``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    if {"x", "y"} != set(run[_known(run, of)].dims):
        raise InputError(f"of = {of!r} is no map over x and y; try T_junction_map or T_case_map")
    ax = _axes(ax)
    _image(run[of], "x", "y", ax)
    ax.set(xlabel="across the flow (mm)", ylabel="along the flow (mm)", aspect="equal")
    return ax


def section(run: xr.Dataset, *, y: float, ax: Axes | None = None) -> Axes:
    """Show temperatures in a cut across the flow.

    Parameters
    ----------
    run : xarray.Dataset
        Result of a cold plate.
    y : float
        Where to cut, along the flow [m].
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    length = 2 * float(run[_known(run, "T_body")].y[-1]) - float(_edges(run.y)[-2]) * mm
    if not (isinstance(y, int | float | np.number) and 0 <= y <= length * (1 + 1e-9)):
        raise InputError(f"y = {y!r} must be a place along the plate, from 0 to {length:g} m")
    ax = _axes(ax)
    _image(run.T_body.sel(y=y, method="nearest"), "x", "z", ax)
    ax.set(xlabel="across the flow (mm)", ylabel="height (mm)")
    return ax


def channel_profile(run: xr.Dataset, *, channel: int, ax: Axes | None = None) -> Axes:
    """Plot coolant temperature and film coefficient along a channel.

    Parameters
    ----------
    run : xarray.Dataset
        Result of a cold plate.
    channel : int
        Which channel, counted across from 0.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    channel = whole("channel", channel)
    if channel not in run[_known(run, "T_coolant")].channel:
        raise InputError(f"channel = {channel!r} is not among the result's 0 to {run.sizes['channel'] - 1}")
    ax = _axes(ax)
    one = run[["T_coolant", "film"]].sel(channel=channel)
    ax.plot(one.y / mm, one.T_coolant, color="#4c72b0")
    ax.set(xlabel="along the plate (mm)", ylabel="coolant temperature (°C)")
    twin = ax.twinx()
    twin.plot(one.y / mm, one.film / 1e3, color="#dd8452", linestyle="--")
    twin.set_ylabel("film coefficient (kW/m² K, dashed)")
    return ax


def flow_curves(runs: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Plot case resistance and pressure drop against flow.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of a sweep over ``flow``, with ``R_case`` and ``pressure_drop``. Where the sweep's own ``flow`` is not in
        m³/s, the solver's flow, which the sweep calls ``flow_result``, is shown.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    ax = _axes(ax)
    flow = runs["flow_result" if "flow_result" in runs else _known(runs, "flow")] / lpm
    ax.plot(flow, runs[_known(runs, "R_case")], marker="o", color="#4c72b0")
    ax.set(xlabel="coolant volume flow (L/min)", ylabel="case-to-inlet resistance (K/W)")
    twin = ax.twinx()
    twin.plot(flow, runs[_known(runs, "pressure_drop")] / kPa, marker="s", color="#dd8452", linestyle="--")
    twin.set_ylabel("pressure drop (kPa, dashed)")
    return ax


def _axes(ax: Axes | None) -> Axes:
    return ax if ax is not None else plt.subplots(figsize=(6, 4), layout="constrained")[1]


def _known(run: xr.Dataset, name: str) -> str:
    if name not in run:
        raise InputError(f"the result has no {name!r}; it has {', '.join(map(str, [*run.data_vars, *run.coords]))}")
    return name


def _image(field: xr.DataArray, across: str, up: str, ax: Axes) -> None:
    """Draw cells of unequal size, void left blank."""
    drawn = ax.pcolormesh(_edges(field[across]), _edges(field[up]), field.transpose(up, across), cmap="inferno")
    plt.colorbar(drawn, ax=ax, label="temperature (°C)")


def _edges(middle: xr.DataArray) -> np.ndarray:
    """Edges of cells from their middles, in mm; the first begins at zero."""
    edges = [0.0]
    for value in middle.values:
        edges.append(2 * float(value) - edges[-1])
    return np.array(edges) / mm
