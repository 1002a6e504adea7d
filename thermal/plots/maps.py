"""Where a machine may run: one result over two axes of a sweep, with the lines that bound it."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from thermal.errors import InputError, listed
from thermal.inputs import array, number, part
from thermal.names import NAMES
from thermal.plots.figures import READABLE

__all__ = ["operating_map"]

LEVELS = 12
LINES = ("#000000", "#d55e00", "#0072b2", "#cc79a7", "#009e73", "#e69f00")  # told apart by the colour-blind, too
STYLES = ("-", "--", "-.", ":")


def operating_map(
    table: xr.Dataset,
    of: str,
    *,
    x: str,
    y: str,
    limits: Mapping[str, Any] | None = None,
    point: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Fill one result over two axes, draw limits of it and of others as lines, and hatch where they do not hold.

    Parameters
    ----------
    table : xarray.Dataset
        Of ``th.sweep`` or a batch, over `x` and `y` alone.
    of : str
        Result that the colours show.
    x, y : str
        Axes of the table, with two numbers or more.
    limits : mapping, optional
        By result, in its own unit: the lowest value that is allowed, as ``{"margin": 0.0, "npsh_margin": 0.0}``, or
        lowest and highest, as ``{"T_supply": (None, 40.0)}``.
    point : two floats, optional
        Design point, in the units of the axes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib.axes.Axes
        Hatched with strokes where a limit is passed, with crosses where there is no answer: not ``converged``, or NaN.

    Raises
    ------
    InputError
        If a name is unknown, an axis is no axis of numbers, or the table has other axes.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import kW, lpm
    >>> plate, package = th.load("cold_plates/ocp_1kw"), th.load("packages/gb200_gpu")
    >>> def operate(flow, T_in):
    ...     return th.steady(plate, package=package, coolant=plate.coolant, heat=1 * kW, flow=flow * lpm, T_in=T_in)
    >>> table = th.sweep(operate, flow=[0.6, 1.2, 2.4], T_in=[20.0, 40.0, 60.0])
    >>> ax = operating_map(table, "T_case", x="flow", y="T_in", limits={"margin": 0.0})  # doctest: +SKIP
    """
    part("table", table, xr.Dataset, "th.sweep gives one")
    bounds = {name: _bounds(name, given) for name, given in (limits or {}).items()}
    fields = {name: _field(table, name, x, y) for name in (of, *bounds)}
    across, up = (_axis(table, name) for name in (x, y))
    ax = ax if ax is not None else plt.subplots(figsize=(7, 4.8), layout="constrained")[1]
    answered = np.isfinite(fields[of])
    if "converged" in table:
        answered &= _field(table, "converged", x, y).astype(bool)
    if not answered.any():
        raise InputError(f"table has no converged {of}: there is nothing to draw")
    divisor, _ = _unit(table, of)
    shown = np.where(answered, fields[of] / divisor, np.nan)
    filled = ax.contourf(across, up, shown, LEVELS, cmap="viridis")
    ax.figure.colorbar(filled, ax=ax, label=_label(table, of))
    handles: list[Any] = []
    allowed = np.ones(shown.shape, bool)
    for name, (low, high) in bounds.items():
        for bound, sign, held in ((low, "≥", np.greater_equal), (high, "≤", np.less_equal)):
            if bound is None:
                continue
            values = np.where(answered, fields[name], np.nan)
            allowed &= held(values, bound) | ~np.isfinite(values)
            style: dict[str, Any] = {
                "colors": LINES[len(handles) % len(LINES)],
                "linestyles": STYLES[len(handles) % len(STYLES)],
            }
            if np.nanmin(values) < bound < np.nanmax(values):
                ax.contour(across, up, values, [bound], linewidths=2.0, **style)
            _past(ax, across, up, values - bound if sign == "≤" else bound - values)
            text = f"{name} {sign} {bound / _unit(table, name)[0]:.4g} {_unit(table, name)[1]}".replace(" –", "")
            handles.append(Line2D([], [], color=style["colors"], ls=style["linestyles"], lw=2.0, label=text))
    if not allowed.all():
        handles.append(Patch(fc="none", ec="white", hatch="//", label="limit passed"))
    if not answered.all():
        _hatch(ax, across, up, ~answered)
        handles.append(Patch(fc="#dddddd", ec="#666666", hatch="xx", label="no answer"))
    if point is not None:
        at = tuple(number(f"point[{i}]", value, "-") for i, value in enumerate(point))
        handles += ax.plot(*at, marker="*", ms=15, mfc="white", mec="black", ls="", label="design point", zorder=5)
    ax.set(xlabel=_label(table, x), ylabel=_label(table, y), xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
    if handles:
        legend = ax.legend(handles=handles, fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)
        for patch in legend.get_patches():
            patch.set_facecolor("#8899aa" if patch.get_label() == "limit passed" else patch.get_facecolor())
    return ax


def _bounds(name: str, given: Any) -> tuple[float | None, float | None]:
    pair = given if isinstance(given, tuple) else (given, None)
    if len(pair) != 2 or pair == (None, None):
        raise InputError(f"limits[{name!r}] = {given!r} must be the lowest value, or (lowest, highest)")
    low, high = (None if value is None else number(f"limits[{name!r}]", value, "-") for value in pair)
    return low, high


def _field(table: xr.Dataset, name: str, x: str, y: str) -> np.ndarray:
    """Values of a result, y down and x across."""
    if name not in table:
        raise InputError(f"the table has no {name!r}; it has {listed(table.data_vars)}")
    for axis in (x, y):
        if axis not in table.dims:
            raise InputError(f"the table has no axis {axis!r}; it has {listed(table.dims)}")
    extra = [str(d) for d in table[name].dims if d not in (x, y)]
    if extra:
        raise InputError(f"{name} lies along {listed(extra)}, too: choose one, or take its lowest with .min()")
    if table[name].dtype.kind not in "fiub":
        raise InputError(f"{name!r} holds {table[name].dtype}, which is no field of numbers")
    over = table[name].broadcast_like(xr.Dataset(coords={x: table[x], y: table[y]}))
    return np.asarray(over.transpose(y, x).sortby([x, y]).values, float)


def _axis(table: xr.Dataset, name: str) -> np.ndarray:
    values = np.asarray(table[name].values)
    if values.dtype.kind not in "fiu" or values.size < 2:
        raise InputError(f"axis {name!r} has {values.size} values of {values.dtype}: a map needs two numbers or more")
    return np.sort(np.asarray(array(name, values, "-")))


def _past(ax: Axes, across: np.ndarray, up: np.ndarray, excess: np.ndarray) -> None:
    """Strokes where a limit is passed."""
    if np.nanmax(excess) > 0.0:
        with plt.rc_context({"hatch.color": "white", "hatch.linewidth": 0.8}):
            ax.contourf(across, up, excess, [0.0, np.inf], colors="none", hatches=["//"])


def _hatch(ax: Axes, across: np.ndarray, up: np.ndarray, where: np.ndarray) -> None:
    """Crosses behind the map, so that they show where it is empty."""
    ax.set_facecolor("#dddddd")
    corners = (across[[0, -1, -1, 0]], up[[0, 0, -1, -1]])
    ax.fill(*corners, fc="none", ec="#666666", hatch="xx", lw=0, zorder=0, gid="no answer")


def _unit(table: xr.Dataset, name: str) -> tuple[float, str]:
    unit = str(table[name].attrs.get("units", NAMES[name].units if name in NAMES else ""))
    return READABLE.get(unit, (1.0, unit))


def _label(table: xr.Dataset, name: str) -> str:
    """Words of a name with its unit; an axis of a sweep is the user's own unless it says its unit."""
    if name in table.dims and not (name in NAMES and NAMES[name].units == "degC"):  # °C is one for all
        words, unit = table[name].attrs.get("long_name", name), str(table[name].attrs.get("units", ""))
        return f"{words} [{unit}]" if unit else str(words)
    words = table[name].attrs.get("long_name", NAMES[name].long_name if name in NAMES else name)
    unit = _unit(table, name)[1]
    return f"{words} [{unit}]" if unit else str(words)
