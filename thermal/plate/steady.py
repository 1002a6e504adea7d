"""The verb ``steady`` of one cold plate."""

from typing import Any

import xarray as xr

from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.plate.conditions import Conditions
from thermal.plate.grid import USUAL_CELLS, Cells
from thermal.plate.result import steady_result
from thermal.plate.solve import operate

__all__ = ["steady_plate"]


def steady_plate(
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    heat: Any,
    flow: float,
    T_in: float,
    cells: Cells = USUAL_CELLS,
    tolerance: float = 1e-10,
) -> xr.Dataset:
    """Steady temperatures, flows and losses of a cold plate.

    Parameters
    ----------
    plate : ColdPlate
        The plate, by its geometry.
    package : Stack or Package
        What lies under it: layers of dies, interfaces and lid, or only a heated footprint with its inner resistance.
    coolant : Coolant
        The coolant.
    heat : float, mapping or array
        Total power, power by block, or a map of power over the blocks (along the flow, across) [W].
    flow : float
        Volume flow at inlet temperature [m³/s].
    T_in : float
        Inlet temperature [°C].
    cells : Cells
        How finely the plate is divided.
    tolerance : float
        Relative residual at which the solver stops.

    Returns
    -------
    xarray.Dataset
        Temperatures, maps of junction and case, resistances, pressure drop, flow split and residuals.

    Raises
    ------
    InputError
        If a value is outside its range, a block is off the plate, the coolant would freeze or boil, or memory is short.
    ConvergenceError
        If the solver does not reach its tolerance.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.components.plate.material import Material
    >>> copper = Material(conductivity=390.0, density=8960.0, heat_capacity=385.0)
    >>> plate = ColdPlate(length=0.04, breadth=0.04, channel_width=2e-4, fin_width=2e-4, channel_depth=2e-3, base=1e-3,
    ...                   metal=copper, homogenised=True)
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> COARSE = Cells(slices=2, base=1, fin=2, cover=1, bundle=30)
    >>> run = steady_plate(plate, package, coolant, heat=700.0, flow=1e-3 / 60, T_in=40.0, cells=COARSE)
    >>> abs(float(run.energy_residual)) < 1e-6
    True
    """
    given = Conditions.of(plate, package, coolant, heat, flow, T_in, cells, tolerance)
    return steady_result(given, operate(given))
