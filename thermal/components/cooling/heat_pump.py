"""Heat reuse: a heat pump lifts heat of the facility water into a district loop, what is left goes to the plant."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.names import describe
from thermal.quantity import Part, quantity

__all__ = ["HeatReuse"]


class HeatReuse(Part):
    """A heat pump between the facility return and a district loop, by a fraction of Carnot.

    The fraction is that of Carnot's COP between evaporating and condensing temperature, which lie a pinch below the
    source and above the district supply: pinches are not in the fraction, they widen the lift.

    Examples
    --------
    >>> lifted = HeatReuse(capacity=1e6, T_district=70.0).operate(heat=5e6, demand=1e6, T_source=40.0)
    >>> round(float(lifted.heat_pump_power[0]))  # 1e6/(0.55·346.15/36)
    189093
    >>> reuse = HeatReuse(capacity=2e6, T_district=70.0)
    >>> taken = reuse.operate(heat=np.full(3, 5e6), demand=np.array([0.0, 1e6, 9e6]), T_source=40.0)
    >>> [float(v) for v in taken.heat_reused]
    [0.0, 1000000.0, 2000000.0]
    """

    capacity: float = quantity("W", "heat to the district loop at most", above=0)
    T_district: float = quantity("degC", "district supply temperature", low=20, high=120)
    carnot_fraction: float = quantity(
        "-", "COP over Carnot's between evaporating and condensing temperature", above=0, high=1, default=0.55
    )
    pinch: float = quantity(
        "K", "source over evaporating and condensing over district temperature", low=0, high=20, default=3.0
    )

    def operate(self, *, heat: Any, demand: Any, T_source: Any) -> xr.Dataset:
        """Heat given to the district, power of the heat pump, and heat left for the plant.

        COP = max(f·T_h/(T_h - T_c), 1), T_h = T_district + δ, T_c = T_source - δ, with f `carnot_fraction`, δ `pinch`
        (K) and both temperatures absolute. Where the source is at least two pinches warmer than the district supply,
        heat passes an exchanger and costs nothing. Heat drawn from the facility water never exceeds what it carries.

        Parameters
        ----------
        heat : float or array
            Heat of the facility water [W].
        demand : float or array
            Heat the district takes [W].
        T_source : float or array
            Facility water entering the heat pump [°C].

        Returns
        -------
        xarray.Dataset
            ``heat_reused``, ``heat_pump_power`` and ``heat``, what is left for ``annual(..., heat=...)`` [W].

        Raises
        ------
        InputError
            If an input is not finite numbers, heat or demand are negative, or the source is no water temperature.
        """
        for name, value, low, high, unit in (
            ("heat", heat, 0.0, np.inf, "W"), ("demand", demand, 0.0, np.inf, "W"), ("T_source", T_source, 0.0, 120.0,
            "degC"),
        ):  # fmt: skip
            array = np.asarray(value)
            if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
                raise InputError(f"heat reuse: {name} = {value!r} must be finite numbers [{unit}]")
            if not ((array >= low) & (array <= high)).all():
                raise InputError(f"heat reuse: {name} must lie in [{low:g}, {high:g}] {unit}, found {array.min():g}")
        if max(np.ndim(x) for x in (heat, demand, T_source)) > 1:
            raise InputError("heat reuse: heat, demand and T_source must be numbers or series along time")
        Q, want, T = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, float)) for x in (heat, demand, T_source)))
        T_h, T_c = self.T_district + self.pinch + 273.15, T - self.pinch + 273.15
        lift = np.maximum(T_h - T_c, 1e-9)
        share = np.where(
            T_h > T_c, 1.0 / np.maximum(self.carnot_fraction * T_h / lift, 1.0), 0.0
        )  # power over delivered
        delivered = np.minimum(np.clip(want, 0.0, self.capacity), Q / np.maximum(1.0 - share, 1e-12))
        power = delivered * share
        columns = {"heat_reused": delivered, "heat_pump_power": power, "heat": Q - (delivered - power)}
        return describe(xr.Dataset({k: ("time", v) for k, v in columns.items()}))
