"""What towers and coolers share: the kernel structure with its neutral values, and operation at given conditions."""

from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.errors import InputError
from thermal.inputs import array
from thermal.names import ABOVE, describe
from thermal.outdoors.air import NEEDED, require_air
from thermal.physics.media.water import boiling
from thermal.physics.rejection import rejection as physics

LOW = {"flow": 0.0, "air_ratio": 0.0}
HELD = 0.05  # K by which a set point may be missed and still counts as held

__all__ = ["Rejecting", "fan_complaints", "operate", "rejection_model"]

NEUTRAL = {
    "law": int(physics.Law.NONE), "fan": int(physics.Fan.VARIABLE), "cells": 1, "all_cells": True, "cell_flow_low":
    0.33, "cell_flow_high": 2.5, "water_flow": 1.0, "flow_calibration": 1.0, "air_flow": 1.0, "air_low": 0.2,
    "free_capacity": 0.0, "air_free": 0.0, "UA_free": 0.0, "UA_exponent": 1.0, "density_exponent":
    0.0, "air_density": 1.2, "fan_power": 0.0, "fan_power_low": 0.0,
    "fan_curve": (0.0, 0.0, 0.0, 1.0),
    "merkel": (1.0, (0.0, 1.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0.0, 25.0, -50.0, 50.0, 0.0, 1.0),
    "T_basin_low": -50.0, "heater": 0.0, "T_heater": 0.0, "drift": 0.0, "cycles": 5.0,
}  # fmt: skip


class Rejecting(Protocol):
    """Anything that rejects heat to outdoor air."""

    def lower(self, density: float) -> Any:
        """The machine as the kernels take it."""


def rejection_model(**values: Any) -> Any:
    """Kernel record of a heat rejection plant; what a machine does not have keeps a neutral value."""
    complete = {**NEUTRAL, **values}
    fields = physics.REJECTION.names or ()
    return np.array(tuple(complete[name] for name in fields), physics.REJECTION).view(np.recarray)[()]


def fan_complaints(curve: tuple[float, ...], low: float) -> list[str]:
    """What is wrong with a fan's power over full power as a cubic in the air ratio, from its lowest speed to full."""
    if len(curve) != 4:
        return ["fan_curve needs 4 numbers"]
    power = np.polynomial.polynomial.polyval(np.linspace(min(low, 1.0), 1.0, 101), curve)
    if power[0] < 0.0 or (np.diff(power) < 0.0).any():
        return [f"fan_curve must not be negative nor fall with the air ratio between {low:g} and 1"]
    return []


def operate(
    machine: Rejecting, *, coolant: Coolant, T_in: Any, T_dry_bulb: Any, T_wet_bulb: Any, humidity_ratio: Any,
    pressure: Any, flow: Any, T_set: Any = None, air_ratio: Any = None, density: float = 998.2,
) -> xr.Dataset:  # fmt: skip
    """Run a tower or cooler at given conditions: to a set point, or at a given air ratio.

    Parameters
    ----------
    machine : Tower, DryCooler or FluidCooler
        The machine.
    coolant : Coolant
        Liquid in it.
    T_in : float or array
        Entering liquid [°C].
    T_dry_bulb, T_wet_bulb, humidity_ratio, pressure : float or array
        Outdoor air [°C, °C, kg/kg, Pa].
    flow : float or array
        Mass flow of the liquid [kg/s].
    T_set : float or array, optional
        Set point of the leaving liquid [°C]; the fan follows it.
    air_ratio : float or array, optional
        Air flow over full flow; give this or `T_set`.
    density : float
        Density at which the machine's design flow is stated [kg/m³].

    Returns
    -------
    xarray.Dataset
        ``T_out``, ``air_ratio``, ``fan_power``, ``heat_rejected``, ``water_evaporated``, ``water_drift``,
        ``water_blow_down``, and flags: ``outside_rejection``, ``above_set_point`` where full speed does not reach the
        set point, ``freezes`` and ``boils`` where the liquid would. At a given air ratio there is neither a set point
        nor a fan power.

    Raises
    ------
    InputError
        If a value is no number, or there can be no such air: humidity above saturation, a wet bulb above its dry bulb.
    """
    if (T_set is None) == (air_ratio is None):
        raise InputError("operate needs either T_set or air_ratio")
    r = machine.lower(density)
    T_freeze = max(coolant.T_freeze, 0.0) if r.law == physics.Law.WET else coolant.T_freeze  # water is sprayed
    given = {
        "T_in": (T_in, "degC"), "T_dry_bulb": (T_dry_bulb, "degC"), "T_wet_bulb": (T_wet_bulb, "degC"),
        "humidity_ratio": (humidity_ratio, "kg/kg"), "pressure": (pressure, "Pa"), "flow": (flow, "kg/s"),
    }  # fmt: skip
    given |= {"T_set": (T_set, "degC")} if air_ratio is None else {"air_ratio": (air_ratio, "-")}
    values = {
        name: np.asarray(array(name, value, unit, low=LOW.get(name, -np.inf)), float)
        for name, (value, unit) in given.items()
    }
    try:
        arrays = np.broadcast_arrays(*values.values())
    except ValueError:
        shapes = ", ".join(f"{name} {v.shape}" for name, v in values.items() if v.shape)
        raise InputError(f"operate: shapes do not go together: {shapes}") from None
    require_air(**{name: arrays[k] for k, name in enumerate(values) if name in NEEDED})
    capacity = np.broadcast_to(coolant.properties(arrays[0]).heat_capacity, arrays[0].shape)
    rows = [
        _row(r, air_ratio is None, T_freeze, *v)
        for v in zip(*(a.ravel().tolist() for a in (*arrays, capacity)), strict=True)
    ]
    names = ("T_out", "air_ratio", "fan_power", "heat_rejected", "water_evaporated", "water_drift", "water_blow_down",
             "outside_rejection", ABOVE, "freezes", "boils")  # fmt: skip
    dims = [f"case_{k}" if k else "case" for k in range(arrays[0].ndim)]
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return describe(xr.Dataset({n: (dims, np.array(c).reshape(arrays[0].shape)) for n, c in columns}))


def _speed(r: Any, state: int) -> float:
    """Air ratio of the fan in a state that does not hold the set point."""
    return {physics.State.FREE: 0.0, physics.State.LOWEST: float(r.air_low)}.get(physics.State(state), 1.0)


def _row(
    r: Any, to_set_point: bool, T_freeze: float, T_in: float, T: float, T_wb: float, w: float, p: float, flow: float,
    target: float, cp: float,
) -> tuple[Any, ...]:  # fmt: skip
    air = physics.Air(T, T_wb, w, p)
    s = physics.stream(r, air, flow, cp)
    if to_set_point:
        o = physics.settle(r, air, s, T_in, target)
        x, fan, T_out = o.air_ratio, o.fan_power, target
        if o.state != physics.State.HELD:
            T_out = physics.leaving(r, air, s, T_in, _speed(r, o.state))
            T_out = max(T_out, min(r.T_basin_low, target, T_in))  # a bypass mixes warm water in
        above = T_out > target + HELD
    else:
        T_out, x, fan, above = physics.leaving(r, air, s, T_in, target), target, np.nan, False
    heat = s.water * (T_in - T_out)
    use = physics.water_use(r, air, s, heat, x)
    outside = physics.outside(r, air, s, T_in, T_out, x)
    return T_out, x, fan, heat, *use, outside, above, T_out <= T_freeze, boiling(max(T_in, T_out), p)
