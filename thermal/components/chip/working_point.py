"""Where a chip settles between leakage, throttling and its cooling; and the supply of least energy per token."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.chip.leakage import HOTTEST, Leakage
from thermal.components.chip.throttling import Throttling
from thermal.errors import InputError
from thermal.inputs import array, number, part
from thermal.names import describe

__all__ = ["best_supply", "working_point"]

HALVINGS = 60


def working_point(
    T_in: Any,
    power: float,
    R_junction: float,
    *,
    leakage: Leakage | None = None,
    throttling: Throttling | None = None,
) -> xr.Dataset:
    """Junction temperature, power and clock at which a chip settles: the lowest root of T = T_in + R·P(T).

    P(T) = P₀·[(1 − s)·f(T)^n + s·exp((T − T_ref)/θ)]: the switching part follows the clock f(T) of `throttling`, the
    leaking one `leakage`. Without these laws P = P₀. Where heat runs away (no root up to 150 °C) ``converged`` is False
    and all figures are NaN.

    Parameters
    ----------
    T_in : float or DataArray
        Coolant temperature entering the plate, °C.
    power : float
        P₀, at full clock and the reference temperature of the leakage, W.
    R_junction : float
        Junction-to-inlet thermal resistance, K/W.
    leakage, throttling : Leakage, Throttling, optional
        The laws that are switched on.

    Returns
    -------
    xarray.Dataset
        ``T_junction``, ``power``, ``clock`` (tokens over tokens at full clock) and ``converged``.

    Examples
    --------
    >>> law = Leakage(share=0.2, T_reference=60.0, rise=40.0)
    >>> found = working_point(20.0, 1000.0, 0.04, leakage=law)
    >>> float(found.T_junction), float(found.power)
    (60.0, 1000.0)
    """
    cold = xr.DataArray(array("T_in", T_in, "degC", low=-50.0, high=HOTTEST)).drop_attrs()
    full = number("power", power, "W", above=0.0)
    resistance = number("R_junction", R_junction, "K/W", above=0.0)
    leakage = None if leakage is None else part("leakage", leakage, Leakage)
    throttling = None if throttling is None else part("throttling", throttling, Throttling)

    def drawn(T: np.ndarray) -> np.ndarray:
        clock = np.ones_like(T) if throttling is None else throttling.switching(T)
        if leakage is None:
            return np.asarray(full * clock)
        return np.asarray(full * ((1.0 - leakage.share) * clock + leakage.leaking(np.minimum(T, HOTTEST))))

    start = cold.values.astype(float)
    grid = np.linspace(0.0, 1.0, 257).reshape([-1, *(1 for _ in range(start.ndim))])
    low = start
    top = start + np.maximum(HOTTEST - start, resistance * full if leakage is None else 0.0)
    places = low + (top - low) * grid
    reached = places - start - resistance * drawn(places) >= 0.0
    converged = reached.any(axis=0)
    first = np.maximum(reached.argmax(axis=0), 1)
    low, high = (np.take_along_axis(places, (first - k)[None], axis=0)[0] for k in (1, 0))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = middle - start - resistance * drawn(middle) >= 0.0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    T = np.where(converged, high, np.nan)
    clock = np.ones_like(high) if throttling is None else np.asarray(throttling.clock(high))
    columns = {
        "T_junction": T,
        "power": np.where(converged, drawn(high), np.nan),
        "clock": np.where(converged, clock, np.nan),
        "converged": converged,
    }
    laws = ", ".join(name for name, law in (("leakage", leakage), ("throttling", throttling)) if law is not None)
    result = xr.Dataset({name: cold.copy(data=values) for name, values in columns.items()})
    return describe(result.assign_attrs(laws=laws or "none: power does not depend on temperature"))


def best_supply(
    T_supply: Any,
    overhead: Callable[[float], float],
    power: float,
    R_junction: float,
    throughput: float,
    *,
    leakage: Leakage | None = None,
    throttling: Throttling | None = None,
) -> xr.Dataset:
    """Energy per token against supply temperature, e = P(T)·overhead(T)/(N₀·f(T)), and the supply that makes it least.

    Parameters
    ----------
    T_supply : array
        Supply temperatures to look at, °C, rising.
    overhead : function
        Energy of the site over that of the chips at a supply temperature, °C: 1 and more, as of a year's PUE.
    power, R_junction, leakage, throttling
        As for `working_point`.
    throughput : float
        Tokens per second at full clock.

    Returns
    -------
    xarray.Dataset
        `working_point` and ``energy_per_token`` over ``T_supply``; attributes ``best`` (°C; refined between the
        temperatures given by a parabola), ``flat_from`` and ``flat_to`` (within 1 % of the least), ``at_edge`` (the
        best is an end of the range: it was not found inside).

    Raises
    ------
    InputError
        If no temperature has a working point.

    Examples
    --------
    >>> law = Leakage(share=0.2, T_reference=60.0, rise=40.0)
    >>> overhead = lambda T: 1.0 + 0.4 * np.exp(-(T - 15.0) / 8.0)
    >>> found = best_supply(np.arange(15.0, 46.0), overhead, 1000.0, 0.03, 4000.0, leakage=law)
    >>> 20.0 < found.attrs["best"] < 40.0, found.attrs["at_edge"]
    (True, False)
    """
    grid = np.asarray(array("T_supply", T_supply, "degC"))
    if grid.ndim != 1 or grid.size < 3 or not (np.diff(grid) > 0.0).all():
        raise InputError(f"T_supply needs three or more temperatures that rise, has shape {grid.shape}")
    if not callable(overhead):
        raise InputError(f"overhead = {overhead!r:.40} is no function of the supply temperature")
    tokens = number("throughput", throughput, "1/s", above=0.0)
    factor = np.array([number("overhead(T)", overhead(float(T)), "-", low=1.0) for T in grid])
    supply = xr.DataArray(grid, {"T_supply": grid}, ("T_supply",))
    found = working_point(supply, power, R_junction, leakage=leakage, throttling=throttling)
    energy = found["power"] * factor / (tokens * found["clock"])
    if not bool(found["converged"].any()):
        raise InputError("T_supply has no temperature at which the chip settles: heat runs away; lower R_junction")
    k = int(energy.argmin("T_supply"))
    edge = k in {0, grid.size - 1} or not bool(found["converged"][k - 1 : k + 2].all())
    best = float(grid[k]) if edge else _vertex(grid[k - 1 : k + 2], energy.values[k - 1 : k + 2])
    flat = grid[(energy <= 1.01 * energy.min()).values]
    attrs = {"best": best, "flat_from": float(flat[0]), "flat_to": float(flat[-1]), "at_edge": edge}
    return describe(found.assign(energy_per_token=energy).assign_attrs({**found.attrs, **attrs}))


def _vertex(x: np.ndarray, y: np.ndarray) -> float:
    """Lowest point of the parabola through three points; the middle one where they lie on a line."""
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    if not right > left:
        return float(x[1])
    curve = (right - left) / (x[2] - x[0])
    return float(np.clip(0.5 * (x[0] + x[1]) - left / (2.0 * curve), x[0], x[2]))
