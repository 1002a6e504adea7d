"""The gradient of a cold plate: what its temperatures and losses owe to each width, layer, material, watt and flow."""

from typing import Any

import numpy as np
import xarray as xr

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError, listed
from thermal.names import describe
from thermal.physics.conjugate.assembly import middles
from thermal.plate.adjoint import answer, laws_at
from thermal.plate.chain import by_conductivity, by_heat, by_layers, by_widths
from thermal.plate.conditions import Conditions
from thermal.plate.goal import Aim, Goal, pull
from thermal.plate.grid import USUAL_CELLS, Cells
from thermal.plate.solve import Operation, operate
from thermal.quantity import provenance

__all__ = ["FINE", "derivatives", "gradient"]

FINE = 1e-9  # of films and flows, so that the adjoint belongs to a state that is at rest
ADJOINT = 1e-8  # residual of the adjoint: derivatives to about 1e-7 of themselves
UNITS = {
    "channel_width": "m", "fin_width": "m", "channel_depth": "m", "thickness": "m", "contact": "m2 K/W",
    "conductivity": "W/m/K", "flow": "m3/s", "heat": "W", "power": "W",
}  # fmt: skip
WHOLE = ("channels", "passes", "heated_walls", "streams", "slices", "bundle", "refine")  # numbers that are counted


def gradient(
    plate: ColdPlate,
    package: Stack | Package,
    coolant: Coolant,
    heat: Any,
    flow: float,
    T_in: float,
    of: Goal | str = Goal.T_JUNCTION,
    by: str | None = None,
    block: str | None = None,
    softness: float = 1.0,
    cells: Cells = USUAL_CELLS,
    tolerance: float = 1e-10,
) -> xr.Dataset:
    """Gradient of one quantity of a steady plate by all that it is made of, from one adjoint solution.

    The discrete equations are transposed, not approximated: films, viscosity, flow split, heat capacity rates and the
    cells themselves follow each change; the number of channels, and which cells a block covers, do not.

    Parameters
    ----------
    plate, package, coolant, heat, flow, T_in, cells, tolerance
        As for ``th.steady``.
    of : Goal
        ``T_junction`` (of the blocks), ``T_case``, ``R_case``, ``pressure_drop`` or ``pumping_power``.
    by : str, optional
        One parameter, where not all are wanted: ``channel_width``, ``fin_width``, ``channel_depth``, ``thickness``,
        ``contact``, ``conductivity``, ``flow``, ``heat`` or ``power``.
    block : str, optional
        For ``T_junction``, the block meant; all by default.
    softness : float
        Of the smooth maximum s ln(Σ w exp(θ/s)/Σ w) of temperatures θ over areas w, which lies below the highest [K];
        with 0 the highest itself, whose gradient jumps where another place becomes the hottest.

    Returns
    -------
    xarray.Dataset
        ``value`` and derivatives ``by_channel_width`` (of each channel; the walls at the sides take up what changes),
        ``by_fin_width``, ``by_channel_depth``, ``by_thickness``, ``by_contact``, ``by_conductivity``, ``by_flow``,
        ``by_heat`` (of each block, in watts spread over it) and ``by_power`` (put into one cell of the lowest layer
        with blocks); units as the quantity's over the parameter's.

    Raises
    ------
    InputError
        As ``th.steady``; also if `by` is a whole number or unknown.
    ConvergenceError
        If plate or adjoint do not settle.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=4e-3, fin_width=2e-3, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"))
    >>> package, coolant = th.load("packages/h100"), th.load("coolants/pg25")
    >>> found = th.plate.gradient(plate, package, coolant, heat=700.0, flow=1e-3 / 60, T_in=40.0, of="R_case",
    ...                           cells=Cells(slices=4, base=1, fin=2, cover=1))
    >>> bool(found.by_flow < 0), found.by_channel_width.attrs["units"]
    (True, 'K/W/m')
    """
    of = inputs.member("of", of, Goal)
    softness = inputs.number("softness", softness, "K", low=0, high=100)
    if by is not None:
        _require_known(by)
    if block is not None and of != Goal.T_JUNCTION:
        raise InputError(f"block = {block!r} is for of='T_junction'; {of} is that of the whole plate")
    given = Conditions.of(plate, package, coolant, heat, flow, T_in, cells, tolerance)
    at = operate(given, FINE)
    found = derivatives(given, at, Aim(of, block, softness))
    coords = {name: found.pop(name) for name in ("layer", "solid")}
    notes = {name: found.pop(name) for name in ("rounds", "iterations")}
    value, unit = float(found.pop("value")), of.unit
    data: dict[str, Any] = {"value": ((), value + given.T_in, {"units": "degC"})}
    if unit != "K":
        data["value"] = ((), value, {"units": unit})
    for name, each in found.items():
        dims, values = each[:2] if isinstance(each, tuple) else ((), each)
        if by in {None, name}:
            per = f"({UNITS[name]})" if {" ", "/"} & set(UNITS[name]) else UNITS[name]
            data[f"by_{name}"] = (dims, values, {"units": f"{unit}/{per}"})
    data["energy_residual"], data["converged"] = at.rises.residual, at.rises.outcome.converged
    coords |= {"x": middles(at.grid.body.dx), "y": middles(at.grid.body.dy)}
    coords |= {"channel": np.arange(at.grid.width.size), "fin": np.arange(max(at.grid.width.size - 1, 0))}
    coords["block"] = [block.name for _, block in at.grid.sources]
    result = xr.Dataset(data)
    result = describe(result.assign_coords({name: each for name, each in coords.items() if name in result.dims}))
    result.attrs = provenance(given.plate, given.package, given.coolant) | {"of": str(of), "softness": softness} | notes
    result.attrs["held"] = "number of channels, and which cells blocks and regions cover; length and breadth"
    return result


def derivatives(c: Conditions, at: Operation, aim: Aim) -> dict[str, Any]:
    """Value of a quantity at a solved plate, and its derivatives by each kind of parameter, as data of a result.

    Raises
    ------
    InputError, ConvergenceError
        As ``gradient``.
    """
    p, laws = pull(c, at, aim), laws_at(c, at)
    a = answer(c, at, p, laws, ADJOINT)
    found = {"value": p.value, "rounds": a.rounds, "iterations": a.iterations, "flow": a.flow}
    found |= by_widths(c, at, p, a, laws) | by_layers(c, at, p, a, laws)
    return found | by_conductivity(c, at, p, a) | by_heat(at, p, a)


def _require_known(by: Any) -> None:
    """Raise unless `by` is a parameter that a plate may have a little more or less of."""
    if by in UNITS:
        return
    known = listed(UNITS)
    field = ColdPlate.model_fields.get(by) if isinstance(by, str) else None
    if by in WHOLE or (field is not None and field.annotation is int):
        raise InputError(f"by = {by!r}: a whole number has no gradient; solve the plates beside it, or ask for {known}")
    raise InputError(f"by = {by!r:.60} is no parameter with a gradient; known are {known}")
