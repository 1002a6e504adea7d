"""Where a figure is least along one dimension, and how flat it is there."""

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import number
from thermal.names import NAMES

__all__ = ["optimum"]


def optimum(figure: xr.DataArray, dim: str, *, within: float = 0.01) -> xr.Dataset:
    """The least of a figure along a dimension, and the range over which it stays within a share of it.

    The place is refined by the parabola through the lowest point and its neighbours. A least value at an end of the
    range, or beside a missing one, was not found inside: ``at_edge``.

    Parameters
    ----------
    figure : DataArray
        Positive figure, with three or more places along `dim`; missing values are passed over.
    dim : str
        The dimension, with rising coordinates.
    within : float
        Share by which the figure may lie above its least value to count as equally good.

    Returns
    -------
    xarray.Dataset
        ``best`` (place), ``least`` (figure there), ``flat_from`` and ``flat_to`` (by straight lines between the places,
        ends of the range included) and ``at_edge``, over the other dimensions; NaN where all values are missing.

    Raises
    ------
    InputError
        If the dimension is missing, too short, or does not rise.

    Examples
    --------
    >>> x = xr.DataArray(np.arange(6.0), dims="x", coords={"x": np.arange(6.0)})
    >>> found = optimum(1.0 + (x - 2.25) ** 2, "x", within=0.5)
    >>> float(found.best), float(found.least), bool(found.at_edge)
    (2.25, 1.0, False)
    """
    within = number("within", within, "-", above=0.0)
    if dim not in figure.dims or dim not in figure.coords or figure.sizes[dim] < 3:
        raise InputError(f"figure needs three or more places along {dim!r}, it has {dict(figure.sizes)}")
    places = figure[dim].values.astype(float)
    if not (np.diff(places) > 0.0).all():
        raise InputError(f"{dim} must rise")
    found = xr.apply_ufunc(
        lambda y: _least(places, y, within), figure, input_core_dims=[[dim]], output_core_dims=[["of"]], vectorize=True
    )
    names = ("best", "least", "flat_from", "flat_to", "at_edge")
    result = xr.Dataset({name: found.isel(of=k, drop=True) for k, name in enumerate(names)})
    result = result.assign(at_edge=result["at_edge"] > 0.0).assign_attrs(along=dim, within=within)
    return result.assign({name: result[name].assign_attrs(NAMES[name].attrs) for name in names})


def _least(x: np.ndarray, y: np.ndarray, within: float) -> np.ndarray:
    if np.isnan(y).all():
        return np.array([np.nan] * 4 + [1.0])
    k = int(np.nanargmin(y))
    edge = k in {0, x.size - 1} or bool(np.isnan(y[k - 1 : k + 2]).any())
    best, least = float(x[k]), float(y[k])
    if not edge:
        left, right = (y[k] - y[k - 1]) / (x[k] - x[k - 1]), (y[k + 1] - y[k]) / (x[k + 1] - x[k])
        curve = (right - left) / (x[k + 1] - x[k - 1])
        if curve > 0.0:
            slope = left + curve * (x[k] - x[k - 1])  # of the parabola, at the lowest place
            best = float(x[k] - slope / (2.0 * curve))
            least = float(y[k] - slope**2 / (4.0 * curve))
    limit = least * (1.0 + within)
    return np.array([best, least, _reach(x, y, k, -1, limit), _reach(x, y, k, 1, limit), float(edge)])


def _reach(x: np.ndarray, y: np.ndarray, k: int, step: int, limit: float) -> float:
    """How far from place k the figure stays below a limit."""
    while 0 <= k + step < x.size and y[k + step] <= limit:
        k += step
    if not 0 <= k + step < x.size or np.isnan(y[k + step]):
        return float(x[k])
    return float(x[k] + (x[k + step] - x[k]) * (limit - y[k]) / (y[k + step] - y[k]))
