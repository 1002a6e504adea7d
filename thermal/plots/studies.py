"""Figures of studies: sensitivity bars, bands of an uncertain result, trade-off fronts."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from thermal.errors import InputError
from thermal.inputs import array
from thermal.names import NAMES

__all__ = ["band", "front", "indices"]

FIRST, TOTAL = "#4c72b0", "#dd8452"


def indices(found: xr.Dataset, result: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Bars of Sobol indices with their intervals, the largest total order on top.

    Parameters
    ----------
    found : Dataset
        Of ``thermal.study.sensitivity``.
    result : str, optional
        Which result; may be left out where there is one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    if "total_order" not in found:
        raise InputError("these are no Sobol indices: sensitivity(..., method='sobol') gives them")
    names = found.result.values.tolist()
    if result is None and len(names) > 1:
        raise InputError(f"say which result: {', '.join(names)}")
    if result is not None and result not in names:
        raise InputError(f"there is no result {result!r}; there are {', '.join(names)}")
    one = found.sel(result=names[0] if result is None else result)
    one = one.isel(input=np.argsort(-one.total_order.values))
    ax = _axes(ax)
    at = np.arange(one.sizes["input"])
    for k, (order, colour) in enumerate((("first_order", FIRST), ("total_order", TOTAL))):
        value, low, high = (one[f"{order}{end}"].values for end in ("", "_low", "_high"))
        error = np.maximum([value - low, high - value], 0.0)
        label = order.replace("_", " ")
        ax.barh(at + 0.4 * k - 0.2, value, 0.38, xerr=error, color=colour, label=label, error_kw={"linewidth": 1})
    ax.set_yticks(at, one.input.values)
    ax.invert_yaxis()
    ax.set_xlabel(f"share of the variance of {one.result.item()} [–]")
    ax.legend(fontsize="small")
    return ax


def band(
    runs: xr.Dataset, name: str, *, x: str | None = None, quantiles: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95),
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Bands of a sampled result along its own dimension: the median as a line, pairs of quantiles as shades.

    Parameters
    ----------
    runs : Dataset
        Of ``sample`` or a Monte Carlo, with ``case`` or ``draw``.
    name : str
        Which result.
    x : str, optional
        Dimension along which to draw; may be left out where there is one.
    quantiles : tuple of float
        Symmetric about one half.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    if name not in runs:
        raise InputError(f"the result has no {name!r}; it has {', '.join(map(str, runs.data_vars))}")
    values = runs[name]
    drawn = next((d for d in ("case", "draw") if d in values.dims), None)
    others = [str(d) for d in values.dims if d != drawn]
    if drawn is None or (x is None and len(others) != 1) or (x is not None and others != [x]):
        raise InputError(f"{name} lies along {values.dims}: a band needs drawn cases and one other dimension")
    quantiles = tuple(np.atleast_1d(array("quantiles", quantiles, "-", low=0.0, high=1.0)).tolist())
    if len(quantiles) % 2 == 0 or not np.allclose(np.add(quantiles, quantiles[::-1]), 1.0):
        raise InputError(f"quantiles = {quantiles} must be symmetric about one half, which is the line")
    edges = values.quantile(list(quantiles), dim=drawn, skipna=True)
    ax = _axes(ax)
    along = values[others[0]].values
    places = along / 3600.0 if others[0] == "time" and along.dtype.kind == "f" else along
    half = len(quantiles) // 2
    for k in range(half):
        low, high = edges.isel(quantile=k), edges.isel(quantile=-1 - k)
        share = quantiles[-1 - k] - quantiles[k]
        ax.fill_between(places, low, high, color=FIRST, alpha=0.2 + 0.15 * k, linewidth=0, label=f"{share:.0%}")
    ax.plot(places, edges.isel(quantile=half), color=FIRST, label="median")
    unit = values.attrs.get("units", NAMES[name].units if name in NAMES else "")
    ax.set(xlabel="time [h]" if places is not along else others[0], ylabel=_titled(name, unit))
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
    return ax


def front(found: xr.Dataset, x: str, y: str, *, runs: xr.Dataset | None = None, ax: Axes | None = None) -> Axes:
    """Trade-off front of two objectives, over the cases it was chosen from if they are given.

    Parameters
    ----------
    found : Dataset
        Along ``case``, as ``thermal.study.optimise.front`` returns it.
    x, y : str
        The objectives.
    runs : Dataset, optional
        All cases, drawn as dots.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if not given.
    """
    for name in (x, y):
        if name not in found:
            raise InputError(f"the front has no {name!r}; it has {', '.join(map(str, found.data_vars))}")
    ax = _axes(ax)
    if runs is not None:
        a, b = xr.broadcast(runs[x], runs[y])
        ax.plot(a.values.ravel(), b.values.ravel(), ".", color="#999999", markersize=3, label="all cases")
    order = np.argsort(found[x].values)
    ax.plot(found[x].values[order], found[y].values[order], marker="o", color=TOTAL, label="front")
    units: dict[str, Any] = {n: found[n].attrs.get("units", NAMES[n].units if n in NAMES else "") for n in (x, y)}
    ax.set(xlabel=_titled(x, units[x]), ylabel=_titled(y, units[y]))
    ax.legend(fontsize="small")
    ax.grid(alpha=0.3)
    return ax


def _titled(name: str, unit: str) -> str:
    shown = {"degC": "°C", "1": "–"}.get(unit, unit)
    return f"{name} [{shown}]" if shown else name


def _axes(ax: Axes | None) -> Axes:
    return ax if ax is not None else plt.subplots(figsize=(6, 4), layout="constrained")[1]
