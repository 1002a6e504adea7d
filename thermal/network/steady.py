"""The verb ``steady``: one operating point of a loop with its facility, or of a single cold plate."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.components.chip.package import Package
from thermal.components.coolant import Coolant
from thermal.components.plate.curve import ColdPlateCurve
from thermal.errors import InputError
from thermal.inputs import array
from thermal.names import describe
from thermal.network.case import Study
from thermal.network.heat import rack_heat
from thermal.network.loop import Loop
from thermal.network.transient import transient_loops
from thermal.quantity import provenance

__all__ = ["steady_curve", "steady_loops"]


def steady_loops(study: Study) -> xr.Dataset:
    """Operating point of loops with their facility: the state in which a transient rests.

    Solved directly, with the controllers at their goals; the residuals are those of one second of marching from there.
    """
    many = (study.loops,) if isinstance(study.loops, Loop) else tuple(study.loops)
    if np.isfinite(rack_heat(study.heat, many).interval):
        raise InputError("heat of steady must be constant in time; th.transient takes a trace")
    if "time" in getattr(study.weather, "dims", ()):
        raise InputError("weather of steady must be constant in time: weather.isel(time=k) is one hour of it")
    result = transient_loops(study._replace(events=(), until=1.0, step=1.0, save=1.0))
    result = result.isel(time=0, drop=True).drop_vars(["T_case_peak", "time_peak"])
    for name in ("step", "plant_step"):
        result.attrs.pop(name, None)
    return result


def steady_curve(
    plate: ColdPlateCurve, *, package: Package, coolant: Coolant, heat: Any, flow: Any, T_in: Any
) -> xr.Dataset:
    """Operating point of a cold plate known by its curve; `heat`, `flow` and `T_in` may be arrays that broadcast.

    Raises
    ------
    InputError
        If a flow is not above zero, a heat is negative, or a temperature is outside the coolant's range.
    """
    heat = np.asarray(array("heat", heat, "W", low=0.0))
    flow = np.asarray(array("flow", flow, "m3/s", above=0.0))
    T_in = np.asarray(array("T_in", T_in, "degC"))
    coolant.require(T_in, "T_in")
    properties = coolant.properties(T_in)
    R = plate.resistance(flow, coolant, T_in)
    C = properties.density * properties.heat_capacity * flow
    T_out = T_in + heat / C
    coolant.require(T_out, "coolant leaving the cold plate")
    T_case = T_in + R * heat
    drop = plate.pressure_drop(flow)
    shape = np.broadcast_shapes(heat.shape, flow.shape, T_in.shape)
    dims = tuple(f"axis_{i}" for i in range(len(shape)))
    values = {
        "R_case": R,
        "T_case": T_case,
        "T_junction": T_case + heat * package.R_junction_case,
        "T_out": T_out,
        "pressure_drop": drop,
        "pumping_power": drop * flow,
        "margin": package.T_case_limit - T_case,
        "outside_range": plate.outside(flow),
        "energy_residual": heat - C * (T_out - T_in),
        "mass_residual": 0.0 * flow,
        "converged": np.isfinite(T_case),
    }
    result = describe(xr.Dataset({name: (dims, np.broadcast_to(value, shape)) for name, value in values.items()}))
    result.attrs = provenance(plate, package, coolant)
    return result
