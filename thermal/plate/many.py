"""Many operating points of one cold plate: its cells made once for a block of them, each started from its neighbour."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal import inputs
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import ConvergenceError, InputError
from thermal.plate.conditions import LARGEST_FLOW, Conditions
from thermal.plate.grid import USUAL_CELLS, Cells
from thermal.plate.power import checked_heat, spread_heat
from thermal.plate.result import steady_result
from thermal.plate.solve import Operation, operate

__all__ = ["PlatePoints"]

FIRST = np.zeros(1, np.int64)
OF_ONE = ("iterations", "residual")  # attributes of a result that are those of a single point


class PlatePoints:
    """Operating points of a cold plate by its geometry; `heat`, `flow` and `T_in` may have dimensions of cases.

    Parameters
    ----------
    plate, package, coolant, cells, tolerance
        As of one point.
    heat : float, mapping or array
        Total, by block or a map [W]; dimensions other than ``block``, ``y`` and ``x`` are cases.
    flow, T_in : float or DataArray
        Coolant into the plate [m³/s, °C].

    Raises
    ------
    InputError
        If a value is outside its range.
    """

    block = 16  # cases in a row, each of which starts from the one before
    inner: Sequence[str] = ("block", "y", "x")
    reasons: tuple[str, ...] = (
        "", "the coolant would leave the range of its properties: more flow, less heat, or another T_in",
        "temperatures, films or flow split did not settle: more flow, or a coolant further from freezing",
    )  # fmt: skip

    def __init__(
        self, plate: ColdPlate, *, package: Stack | Package, coolant: Coolant, heat: Any, flow: Any, T_in: Any,
        cells: Cells = USUAL_CELLS, tolerance: float = 1e-10,
    ) -> None:  # fmt: skip
        T_in = inputs.array("T_in", T_in, "degC")
        flow = inputs.array("flow", flow, "m3/s", above=0.0, high=LARGEST_FLOW)
        given = {"flow": _labelled(flow), "T_in": _labelled(T_in)}
        parts = heat if isinstance(heat, Mapping) else {"": heat}
        self._by_block = isinstance(heat, Mapping)
        self._heat = {str(b): _checked(f"heat of block {str(b)!r}" if b else "heat", q) for b, q in parts.items()}
        self.inputs = given | {f"heat {b}".strip(): _labelled(q) for b, q in self._heat.items()}
        if any("time" in value.dims for value in self.inputs.values()):
            raise InputError("conditions of a batch are constant in time: give the dimension of its cases another name")
        one = float(np.ravel(flow)[0]), float(np.ravel(T_in)[0])
        self._one = Conditions.of(plate, package, coolant, 0.0, *one, cells, tolerance)
        self._one = self._asked({str(d): FIRST for v in self.inputs.values() for d in v.dims if d not in self.inner}, 0)
        coolant.require(T_in, "T_in")
        spread_heat(self._one.grid(), self._one.heat)  # refuses blocks that are not there
        self._shape: xr.Dataset | None = None  # a result, for what all have in common
        self._begun: dict[tuple[int, ...], tuple[Operation, xr.Dataset]] = {}  # the case by which shapes were asked for

    def run(self, places: dict[str, np.ndarray]) -> tuple[dict[str, tuple[Any, Any]], np.ndarray]:
        """Results by name, case first, and the place of each in `reasons`; `places` is along each dimension."""
        count = len(next(iter(places.values())))
        asked = [self._asked(places, k) for k in range(count)]
        wrong, found = np.zeros(count, np.int8), dict[int, xr.Dataset]()
        key, beside = tuple(int(along[0]) for along in places.values()), None
        if key in self._begun:
            beside, found[0] = self._begun.pop(key)
        for k in sorted(
            set(range(count)) - set(found), key=lambda k: (asked[k].flow, asked[k].T_in)
        ):  # flows tell most
            try:
                beside = operate(asked[k], beside=beside)
                found[k] = steady_result(asked[k], beside)
            except InputError:
                wrong[k] = 1
            except ConvergenceError:
                wrong[k] = 2
        if count == 1 and beside is not None:
            self._begun[key] = beside, found[0]
        shape = self._like(next(iter(found.values()), None))
        rows = {
            str(name): (v.dims, np.stack([found.get(k, shape)[name].values for k in range(count)]))
            for name, v in shape.data_vars.items()
            if name not in places  # an axis says it
        }
        return rows, wrong

    @property
    def coords(self) -> dict[str, Any]:
        """Coordinates of the dimensions that a result has of its own."""
        return {str(name): value for name, value in self._like(None).coords.items()}

    @property
    def attrs(self) -> dict[str, Any]:
        """What made the result."""
        kept = {k: v for k, v in self._like(None).attrs.items() if k not in OF_ONE}
        return kept | {"tolerance": self._one.tolerance}

    def _like(self, found: xr.Dataset | None) -> xr.Dataset:
        """A result that says which names and dimensions all have: one that was found, or that of a plate at rest."""
        if self._shape is None:
            heat = self._one.heat
            none = dict.fromkeys(heat, 0.0) if isinstance(heat, dict) else 0.0 * heat
            cold = self._one.at(heat=none)
            self._shape = found if found is not None else steady_result(cold, operate(cold))
        return self._shape

    def _asked(self, places: dict[str, np.ndarray], k: int) -> Conditions:
        """Conditions of a case."""
        flow, T_in = (float(_row(self.inputs[name], places, k)) for name in ("flow", "T_in"))
        heat = {b: checked_heat("heat", _row(q, places, k)) for b, q in self._heat.items()}
        return self._one.at(flow=flow, T_in=T_in, heat=heat if self._by_block else heat[""])


def _checked(name: str, heat: Any) -> Any:
    """Heat of all cases: a labelled array in W, a number, or a map."""
    return inputs.array(name, heat, "W", low=0.0) if isinstance(heat, xr.DataArray) else checked_heat(name, heat)


def _labelled(value: Any) -> xr.DataArray:
    """A number as an array without dimensions; of a map only that it has no cases."""
    if isinstance(value, xr.DataArray):
        return value
    return xr.DataArray(float(value) if np.ndim(value) == 0 else 0.0)


def _row(value: Any, places: dict[str, np.ndarray], k: int) -> Any:
    """The value of a case."""
    if not isinstance(value, xr.DataArray):
        return value
    return value.isel({d: int(places[str(d)][k]) for d in value.dims if str(d) in places})
