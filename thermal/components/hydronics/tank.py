"""Thermal storage: a tank of facility water that moves load of the plant from some hours to others."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.inputs import affordable, array, number
from thermal.names import describe
from thermal.physics.machines.tank import march_tank
from thermal.quantity import Part, part, quantity
from thermal.timeline import SAME_STEP, intervals

__all__ = ["Tank"]

HOUR = 3600.0


class Tank(Part):
    """A tank of facility water, mixed (one layer) or stratified (many).

    Examples
    --------
    >>> import thermal as th
    >>> tank = Tank(volume=1000.0, layers=20, coolant=th.load("coolants/water"))
    >>> night = np.where(np.arange(24) < 8, 0.02, -0.01)
    >>> day = tank.shift(load=np.full(24, 1e6), flow=night, T_supply=12.0, T_return=20.0)
    >>> bool(day.heat[0] > 1e6), bool(day.heat[12] < 1e6)
    (True, True)
    """

    volume: float = quantity("m3", "water in the tank", above=0)
    layers: int = quantity(
        "-", "layers: 1 is mixed, 20 to 50 stand for a usual thermocline", low=1, high=200, default=20
    )
    loss: float = quantity("W/K", "conductance to the surroundings", low=0, default=0.0)
    coolant: Coolant = part("what fills it")

    def shift(
        self, *, load: Any, flow: Any, T_supply: float, T_return: float, T_around: float = 20.0, step: Any = None,
        T_start: float | None = None,
    ) -> xr.Dataset:  # fmt: skip
        """Charge and discharge after a schedule, and give the load that is left to the plant.

        Parameters
        ----------
        load : array
            Heat of the facility water [W] at each time; a series with times says how long its rows last.
        flow : array
            Schedule [m³/s]: positive charges with supply water, negative discharges; discharge stops where the load
            ends, charging where the top of the tank is as cold as the supply.
        T_supply, T_return : float
            Facility water from the plant and from the load [°C].
        T_around : float
            Surroundings of the tank [°C].
        step : float
            Time between the values [s]; by default that of the times of `load` (`thermal.timeline.intervals`), or an
            hour where it has none.
        T_start : float, optional
            Uniform temperature at the start [°C]; by default the return: empty of cold.

        Returns
        -------
        xarray.Dataset
            ``heat`` for ``annual(..., heat=...)``, tank temperatures, ``energy_content_change`` and
            ``energy_residual``.

        Raises
        ------
        InputError
            If an input is not finite numbers, the load is negative, `step` is another than that of the load's times,
            the supply is not colder than the return, or a temperature lies outside the range of the coolant.
        """
        load, flow = array("tank: load", load, "W", low=0.0), array("tank: flow", flow, "m3/s")
        T_supply, T_return = number("tank: T_supply", T_supply, "degC"), number("tank: T_return", T_return, "degC")
        T_around = number("tank: T_around", T_around, "degC")
        start = T_return if T_start is None else number("tank: T_start", T_start, "degC")
        step = _step(load, step)
        if np.ndim(load) == np.ndim(flow) == 1 and np.size(load) != np.size(flow):
            raise InputError(f"tank: load has {np.size(load)} values, flow has {np.size(flow)}")
        loads, flows = np.broadcast_arrays(np.asarray(load, float), np.asarray(flow, float))
        if loads.ndim != 1:
            raise InputError("tank: load and flow must be series")
        if not T_supply < T_return:
            raise InputError(f"tank: T_supply = {T_supply:g} degC must be below T_return = {T_return:g} degC")
        self.coolant.require(np.array([T_supply, T_return, start]), "T_supply, T_return or T_start")
        p = self.coolant.properties((T_supply + T_return) / 2.0)
        rate = p.density * p.heat_capacity
        T = np.full(self.layers, float(start))
        out = np.empty((4, loads.size))
        before = np.empty(loads.size)
        content = np.empty(loads.size)
        capacity = rate * self.volume
        turns = 2.0 * step * (rate * np.abs(flows) + self.loss / self.layers) / (capacity / self.layers)
        affordable("tank: the schedule", float((turns + 200.0).sum()) * self.layers, "smaller flows or a shorter step")
        for k in range(loads.size):  # by hours, so that each hour's balance is known
            before[k] = capacity * T.mean()
            one = slice(k, k + 1)
            march_tank(
                loads[one], rate * flows[one], T_supply, T_return, T_around, self.loss, capacity, step, T, out[:, one]
            )
            content[k] = capacity * T.mean()
        change = (content - before) / step
        result = xr.Dataset(
            {"heat": ("time", out[0]), "T_tank_bottom": ("time", out[1]), "T_tank_top": ("time", out[2]),
             "energy_content_change": ("time", change)}
        )  # fmt: skip
        # What the plant does beyond the load cools the tank or makes up its loss.
        result["energy_residual"] = ("time", (out[0] - loads) + change + out[3])
        if isinstance(load, xr.DataArray) and load.dims == ("time",) and "time" in load.coords:
            result = result.assign_coords(time=load["time"])
        return describe(result).assign_attrs(interval=step)


def _step(load: Any, step: Any) -> float:
    """Time between the values of a load [s]."""
    stated = None if step is None else number("tank: step", step, "s", above=0.0)
    if not (isinstance(load, xr.DataArray) and "time" in load.coords and load.sizes.get("time", 0) > 1):
        return HOUR if stated is None else stated
    found = float(intervals(load)[0])
    if stated is not None and abs(stated - found) > SAME_STEP * found:
        raise InputError(f"tank: step = {stated:g} s, but the times of load are {found:g} s apart: leave step out")
    return found
