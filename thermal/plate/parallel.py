"""Several cold plates on one manifold: the flow divides so that all have the same pressure drop."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import ConvergenceError, InputError
from thermal.names import describe
from thermal.plate.conditions import Conditions
from thermal.plate.grid import USUAL_CELLS, Cells
from thermal.plate.result import steady_result
from thermal.plate.solve import operate
from thermal.quantity import provenance

__all__ = ["steady_parallel"]

EQUAL = 1e-7  # relative difference of the pressure drops at which they count as equal
FINE = 1e-8  # of films and flows inside a plate, so that its pressure drop is smooth in its flow
ROUNDS = 40
KEPT = (
    "T_junction", "T_case", "T_in", "T_out", "R_case", "R_junction", "heat", "flow", "pressure_drop", "pumping_power",
    "reynolds", "superheat", "boils", "energy_residual", "converged",
)  # fmt: skip


def steady_parallel(
    plates: Sequence[ColdPlate],
    *,
    package: Stack | Package | Sequence[Stack | Package],
    coolant: Coolant,
    heat: Any,
    flow: float,
    T_in: float,
    cells: Cells = USUAL_CELLS,
    tolerance: float = 1e-11,
) -> xr.Dataset:
    """Operating point of plates between two common manifolds of even pressure, `flow` being that of all together.

    A hotter plate has thinner coolant and takes more of the flow.

    Parameters
    ----------
    plates : sequence of ColdPlate
        Two or more.
    package, heat
        One for all plates, or a sequence with one for each, as for a single plate.
    coolant, T_in, cells, tolerance
        As for a single plate.
    flow : float
        Volume flow through all plates together [m³/s].

    Returns
    -------
    xarray.Dataset
        What a single plate's result says in numbers, with dimension ``plate``; pressure drops are equal to 1e-7, and
        flows sum to `flow`.

    Raises
    ------
    InputError, ConvergenceError
        As for a single plate; also if sequences are of different length, or the flow split does not settle.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=2e-4, fin_width=2e-4, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"), homogenised=True)
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> coarse = Cells(slices=4, base=1, fin=2, cover=1, bundle=30)
    >>> pair = th.steady([plate, plate], package=package, coolant=coolant, heat=[700.0, 100.0], flow=2e-3 / 60,
    ...                  T_in=40.0, cells=coarse)
    >>> bool(pair.flow[0] > pair.flow[1])
    True
    """
    many = tuple(plates)
    packages = _each(package, len(many), "package", Stack | Package)
    heats = _each(heat, len(many), "heat", None)
    pairs = zip(many, packages, heats, strict=True)
    plates_at = [Conditions.of(plate, p, coolant, q, flow, T_in, cells, tolerance) for plate, p, q in pairs]
    flow = plates_at[0].flow
    flows = np.full(len(many), flow / len(many))
    slope = np.full(len(many), 1.0)  # d ln Δp / d ln flow, first of laminar flow, then by the secant
    known: list[tuple[np.ndarray, np.ndarray]] = []
    for _ in range(ROUNDS):
        found = [operate(c.at(flow=float(each)), FINE) for c, each in zip(plates_at, flows, strict=True)]
        drop = np.log([at.state.pressure_drop for at in found])
        if known:
            moved = np.log(flows) - known[-1][0]
            rise = np.divide(drop - known[-1][1], moved, out=slope.copy(), where=np.abs(moved) > 1e-9)
            slope = np.clip(rise, 0.5, 3.0)
        known.append((np.log(flows), drop))
        if np.ptp(drop) < EQUAL:
            break
        # one common ln Δp such that the corrected flows, to first order, sum to the whole
        level = (flows / slope * drop).sum() / (flows / slope).sum()
        flows = flows * np.exp((level - drop) / slope)
        flows *= flow / flows.sum()
    else:
        raise ConvergenceError(
            f"plates in parallel: pressure drops still differ by {np.ptp(drop):.1e}; more flow helps"
        )
    runs = [
        steady_result(c.at(flow=float(each)), at)[list(KEPT)].drop_vars(
            ["x", "y", "z", "channel", "block"], errors="ignore"
        )
        for c, each, at in zip(plates_at, flows, found, strict=True)
    ]
    result = describe(xr.concat(runs, xr.DataArray(np.arange(len(many)), dims="plate", name="plate")))
    result.attrs = provenance(many, packages, coolant)
    return result


def _each(given: Any, count: int, name: str, single: Any) -> tuple[Any, ...]:
    """One for each plate."""
    if count < 2:
        raise InputError(f"{count} plates: plates in parallel are two or more")
    one = isinstance(given, single) if single is not None else not isinstance(given, list | tuple)
    if single is None and isinstance(given, np.ndarray) and given.ndim == 1:
        one = False
    if not one and not isinstance(given, Sequence | np.ndarray):
        raise InputError(f"{name} = {given!r} must be one for all plates, or a sequence with one for each")
    many = (given,) * count if one else tuple(given)
    if len(many) != count:
        raise InputError(f"{name} is given for {len(many)} plates, there are {count}")
    return many
