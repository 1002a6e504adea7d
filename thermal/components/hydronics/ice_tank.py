"""Ice storage: water around tubes that freezes and melts from within, between brine in and brine out."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.inputs import affordable, array, number
from thermal.names import describe
from thermal.physics.machines.ice_tank import CP_ICE, CP_WATER, FUSION, IceLaw, ice_temperature, march_ice
from thermal.quantity import Part, part, provenance, quantity
from thermal.timeline import intervals

__all__ = ["IceTank"]


class IceTank(Part):
    """A tank of ice with internal melt: brine in tubes freezes the water around them, and melts it from the tube.

    One well-mixed store of enthalpy: supercooling, layers of warm water and the brine in the tubes are left out.

    Examples
    --------
    >>> import thermal as th
    >>> tank = IceTank(mass=3105, conductance=1e4, ice_resistance=1e-4, brine=th.load("coolants/pg40"))
    >>> hours = np.full(12, 3600.0)
    >>> night = tank.march(T_in=np.full(12, -5.0), flow=np.full(12, 1.5e-3), step=hours, ice=0.0)
    >>> bool(night.ice[-1] > 0.7), bool(abs(night.energy_residual).max() < 1e-6)
    (True, True)
    """

    mass: float = quantity("kg", "water and ice in the tank", above=0)
    conductance: float = quantity("W/K", "brine to bare tubes and the water at them", above=0)
    ice_resistance: float = quantity("K/W", "resistance of all ice grown, tubes to the rims of their cells", above=0)
    growth: float = quantity("-", "area of a tube's cell over that of the tube", above=1, high=100, default=10.0)
    melt_conductivity: float = quantity(
        "-", "effective over molecular conductivity of the melt around the tubes", low=1, high=20, default=1.0
    )
    brine: Coolant = part("what flows in the tubes")

    @property
    def law(self) -> IceLaw:
        """What the kernels need."""
        return IceLaw(self.mass, self.conductance, self.ice_resistance, self.growth, self.melt_conductivity)

    @property
    def latent(self) -> float:
        """Heat that melts all of the ice [J]."""
        return self.mass * FUSION

    def march(
        self, *, T_in: Any, flow: Any, step: Any = None, ice: float | None = None, T_start: float | None = None
    ) -> xr.Dataset:
        """Charge and discharge by the brine that enters.

        Parameters
        ----------
        T_in : array
            Brine entering [°C]; a series with times says how long its rows last.
        flow : array
            Of brine [m³/s].
        step : float or array
            How long each row lasts [s], where `T_in` has no times.
        ice : float
            Ice over all, by mass, at the start, the tank being at 0 °C; or
        T_start : float
            temperature of the tank at the start [°C]: above 0 all water, below 0 all ice.

        Returns
        -------
        xarray.Dataset
            ``T_brine_out`` as mean over each row; ``ice`` and ``T_tank`` at its end; ``heat`` into the tank and
            ``energy_residual`` [W].

        Raises
        ------
        InputError
            If an input is no number or outside its range, or the start is told twice or not at all.
        """
        T = np.atleast_1d(np.asarray(array("ice tank: T_in", T_in, "degC", low=-60.0, high=95.0), float))
        V = np.asarray(array("ice tank: flow", flow, "m3/s", low=0.0), float)
        V = np.broadcast_to(V, T.shape) if V.ndim == 0 or V.shape == T.shape else V
        if T.ndim != 1 or V.shape != T.shape:
            raise InputError(f"ice tank: T_in has the shape {T.shape}, flow {V.shape}: both must be one series")
        timed = isinstance(T_in, xr.DataArray) and "time" in T_in.coords and step is None
        lengths = intervals(T_in) if timed else array("ice tank: step", step, "s", above=0.0)
        last = np.broadcast_to(np.asarray(lengths, float), T.shape).copy()
        start = self._start(ice, T_start)
        low, high = self.brine.T_low, self.brine.T_high
        if T.min() < low or T.max() > high:
            raise InputError(
                f"ice tank: T_in from {T.min():g} to {T.max():g} degC must be within the {low:g}..{high:g} degC of "
                f"{self.brine.fluid}"
            )
        p = self.brine.properties(np.clip(T, low, high))
        C = p.density * p.heat_capacity * V
        pieces = np.maximum(last / 30.0, last * C / (0.01 * self.mass * CP_ICE)) + 1.0
        affordable("ice tank: the march", float(pieces.sum()), "a smaller flow, a shorter step, or a larger tank", 1e8)
        enthalpy, out = np.empty(T.size + 1), np.empty(T.size)
        enthalpy[0] = start
        march_ice(self.law, T, C, last, enthalpy, out)
        states = np.array([ice_temperature(self.law, H) for H in enthalpy[1:]])
        heat = np.diff(enthalpy) / last
        result = xr.Dataset({
            "T_brine_out": ("time", out), "T_tank": ("time", states[:, 0]), "ice": ("time", states[:, 1]),
            "heat": ("time", heat), "energy_residual": ("time", C * (T - out) - heat),
        })  # fmt: skip
        if timed:
            result = result.assign_coords(time=T_in["time"])
        return describe(result).assign_attrs(provenance(self))

    def _start(self, ice: float | None, T_start: float | None) -> float:
        """Enthalpy at the start [J]."""
        if (ice is None) == (T_start is None):
            raise InputError("ice tank: give either ice (0 to 1, at 0 degC) or T_start of the tank, not both")
        if ice is not None:
            return (1.0 - number("ice tank: ice", ice, "1", low=0, high=1)) * self.latent
        T = number("ice tank: T_start", T_start, "degC", low=-40, high=60)
        return self.latent + self.mass * CP_WATER * T if T > 0.0 else self.mass * CP_ICE * T
