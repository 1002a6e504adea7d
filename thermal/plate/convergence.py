"""How much a cold plate's result still owes to its grid: three grids, observed order, grid-convergence index."""

import math
from typing import Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.names import describe
from thermal.plate.conditions import Conditions
from thermal.plate.grid import Cells
from thermal.plate.result import steady_result
from thermal.plate.solve import operate

__all__ = ["grid_convergence"]

COARSEST = Cells(slices=10, base=2, fin=2, cover=1)  # two doublings lead to the usual grid, a thicker cover aside
QUANTITIES = ("R_case", "R_junction", "pressure_drop")
SAFETY = 1.25  # of an index from three grids


def grid_convergence(
    plate: ColdPlate,
    *,
    package: Stack | Package,
    coolant: Coolant,
    heat: Any,
    flow: float,
    T_in: float,
    cells: Cells = COARSEST,
    ratio: int = 2,
    tolerance: float = 1e-10,
) -> xr.Dataset:
    """Solve a plate on three grids and state order and error of what a study takes from it.

    Observed order p = ln|ε₃₂/ε₂₁| / ln r, index GCI = 1.25 |(φ₁ − φ₂)/φ₁| / (rᵖ − 1), extrapolated value φ₁ + (φ₁ −
    φ₂)/(rᵖ − 1), with φ₁ on the finest grid, ε₃₂ = φ₃ − φ₂, ε₂₁ = φ₂ − φ₁ and one refinement r in both steps: Celik et
    al., J. Fluids Eng. 130 (2008) 078001, eqs. 3-7, doi 10.1115/1.2960953, after Roache. Slices along the flow and
    cells of all layers are refined; across, the columns stay those of the channels.

    Parameters
    ----------
    plate, package, coolant, heat, flow, T_in
        As for ``thermal.steady``.
    cells : Cells
        The coarsest of the grids.
    ratio : int
        Refinement from grid to grid, 2 or more.
    tolerance : float
        Relative residual at which the solver stops, well below the error of the grids.

    Returns
    -------
    xarray.Dataset
        ``R_case``, ``R_junction`` and ``pressure_drop`` against ``grid`` (0 the coarsest), and for each ``quantity``
        ``observed_order``, ``convergence_index`` of the finest grid and ``extrapolated``. Where the values do not
        approach a limit from one side (an oscillation, or no change), order and extrapolated value are NaN and the
        index is 1.25 times half the spread of all three over the finest.

    Raises
    ------
    InputError
        If `ratio` is no whole number from 2 on, or the finest grid would not fit in memory.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=2e-4, fin_width=2e-4, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"), homogenised=True)
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> study = grid_convergence(plate, package=package, coolant=coolant, heat=700.0, flow=1e-3 / 60, T_in=40.0)
    >>> float(study.convergence_index.sel(quantity="R_case")) < 0.01
    True
    """
    ratio = inputs.whole("ratio", ratio, low=2, high=8)
    given = Conditions.of(plate, package, coolant, heat, flow, T_in, cells, tolerance)
    points = [given.at(cells=given.cells._replace(refine=given.cells.refine * ratio**k)) for k in range(3)]
    points[-1].grid()  # raises before the first is solved if the last would not fit
    progress = tqdm(points, desc="grids", delay=2.0, leave=False, disable=None)
    runs = [steady_result(at, operate(at)) for at in progress]
    data: dict[str, Any] = {name: ("grid", np.array([float(run[name]) for run in runs])) for name in QUANTITIES}
    judged = np.array([_judge(data[name][1], float(ratio)) for name in QUANTITIES])
    for k, name in enumerate(("observed_order", "convergence_index", "extrapolated")):
        data[name] = ("quantity", judged[:, k])
    data["cell_count"] = ("grid", np.array([run.attrs["cells"] for run in runs]))
    result = describe(xr.Dataset(data, {"grid": np.arange(3), "quantity": list(QUANTITIES)}))
    return result.assign_attrs({key: runs[-1].attrs[key] for key in ("thermal_version", "models")}, ratio=ratio)


def _judge(values: np.ndarray, ratio: float) -> tuple[float, float, float]:
    """Observed order, index and extrapolated value from values on the coarsest to the finest grid."""
    coarse, middle, fine = (float(v) for v in values)
    near, far = middle - fine, coarse - middle
    if not near * far > 0 or abs(far) <= abs(near):
        return math.nan, SAFETY * 0.5 * (max(fine, middle, coarse) - min(fine, middle, coarse)) / abs(fine), math.nan
    order = math.log(far / near) / math.log(ratio)
    rest = ratio**order - 1.0
    return order, SAFETY * abs(near / fine) / rest, fine - near / rest
