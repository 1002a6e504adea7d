"""Many operating points of the same loops behind a supply: lowered once, settled in blocks, one row per case."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import array
from thermal.network.case import Case, Study, prepare
from thermal.network.heat import rack_heat
from thermal.network.loop import Loop
from thermal.network.plates import lower_plates, scratch_of
from thermal.network.port import header_of
from thermal.network.result import TOLERANCE, loop_columns, new_record
from thermal.network.supply import Supply
from thermal.physics.network.loop import LoopState
from thermal.physics.network.many import settle_each
from thermal.physics.network.march import Boundary, Record
from thermal.quantity import provenance

__all__ = ["LoopPoints"]

INNER = ("loop", "rack")  # dimensions of heat that are no cases


class LoopPoints:
    """Operating points of loops; `heat` of the study, `T` and `flow` may have dimensions of cases.

    Parameters
    ----------
    study : Study
        Loops, heat and a supply, as for one point.
    T, flow : float or DataArray, optional
        Of the facility water [°C, m³/s], in place of the supply's.

    Raises
    ------
    InputError
        If a value is outside its range, or the heat is none.
    """

    inner: Sequence[str] = INNER
    block = 4096  # cases in a call of the kernel: what it needs beside the results stays within a few MB
    reasons: tuple[str, ...] = (
        "", "no steady state: heat, but no flow on a side (the work of pumps is heat, too)",
        "no operating point inside the range of a loop's coolant: more or colder facility water, or less heat",
        "flows were not solved: look at pump curves and the racks' pressure drops",
        "coolant boils: what the laws of liquid coolant say is no longer true",
    )  # fmt: skip

    def __init__(self, study: Study, T: Any = None, flow: Any = None) -> None:
        supply: Supply = study.facility
        assert supply.coolant is not None  # the verb fills it in
        self.supply, water = supply, supply.coolant
        heat = study.heat["heat"] if isinstance(study.heat, xr.Dataset) and "heat" in study.heat else study.heat
        if isinstance(heat, xr.DataArray):
            heat = array("heat", heat, "W", low=0.0)
        if "time" in getattr(heat, "dims", ()):
            raise InputError("heat of a batch is constant in time: give the dimension of its cases another name")
        T = array("T", supply.T if T is None else T, "degC", low=water.T_low, high=water.T_high)
        flow = array("flow", supply.flow if flow is None else flow, "m3/s", low=0.0, high=100.0)
        self._loops = (study.loops,) if isinstance(study.loops, Loop) else tuple(study.loops)
        self._heat = heat
        self.inputs = {
            "heat": heat if isinstance(heat, xr.DataArray) else xr.DataArray(0.0),
            **{k: v if isinstance(v, xr.DataArray) else xr.DataArray(v) for k, v in (("T", T), ("flow", flow))},
        }
        one = {d: 0 for d in self.inputs["heat"].dims if d not in INNER}
        first = heat.isel(one) if isinstance(heat, xr.DataArray) else heat
        self.case = prepare(study._replace(heat=first, until=1.0, step=1.0, save=1.0, events=()), water, ())

    def run(self, places: dict[str, np.ndarray]) -> tuple[dict[str, tuple[Any, Any]], np.ndarray]:
        """Series of cases by name, case first, and the place of each in `reasons`; `places` is along each dimension."""
        heat = self._racks(places)
        count = len(heat)
        T, flow = (np.broadcast_to(self._rows(name, places).values, count) for name in ("T", "flow"))
        header = header_of(self.case, flow[:, None])
        none = np.zeros(0, np.int64)
        case = self.case._replace(boundary=Boundary(1.0, heat, np.zeros(0), none, none), every=1, substeps=1)
        record = new_record(case, lower_plates(case.loops, 1.0))
        state = LoopState(*(rows.copy() for rows in case.state))
        rest, taken, work = np.zeros(count), np.zeros(len(case.loops)), scratch_of(record.plates)
        settle_each(case.net, case.state, state, case.boundary, T.copy(), header, taken, record, work, rest)
        with np.errstate(invalid="ignore"):  # of cases without rest, whose rows are empty
            series, uses = loop_columns(case, record, 0, count)
        power = np.stack(list(uses.values()), axis=1)
        found = series | {"power": (("time", "end_use"), power), "site_power": ("time", power.sum(axis=1))}
        return {name: self._own(*pair) for name, pair in found.items()}, _reasons(case, record, rest, series)

    @property
    def coords(self) -> dict[str, Any]:
        """Coordinates of the dimensions that a result has of its own."""
        racks = int(np.diff(self.case.net.first).max())
        return {"loop": np.arange(len(self._loops)), "rack": np.arange(racks), "end_use": ["it", "cdu_pumps"]}

    @property
    def attrs(self) -> dict[str, Any]:
        """What made the result."""
        return provenance(self._loops, self.supply) | {"facility": "Supply", "tolerance": TOLERANCE}

    def _own(self, dims: Any, values: Any) -> tuple[Any, Any]:
        """A series without the dimensions of time, and of the loop where one was given."""
        dims = (dims,) if isinstance(dims, str) else dims
        if self.case.single and "loop" in dims:
            return tuple(d for d in dims[1:] if d != "loop"), values[:, 0]
        return dims[1:], values

    def _rows(self, name: str, places: dict[str, np.ndarray]) -> xr.DataArray:
        value = self.inputs[name]
        picks = {d: xr.DataArray(places[str(d)], dims="time") for d in value.dims if d not in INNER}
        return value.isel(picks, drop=True).drop_vars([c for c in value.coords if c not in INNER], errors="ignore")

    def _racks(self, places: dict[str, np.ndarray]) -> np.ndarray:
        """Heat of every rack in each case [W]."""
        count = len(next(iter(places.values())))
        if not isinstance(self._heat, xr.DataArray):
            return np.repeat(rack_heat(self._heat, self._loops).heat, count, axis=0)
        rows = self._rows("heat", places)
        if "time" in rows.dims and count > 1:
            return rack_heat(rows.assign_coords(time=np.arange(count)), self._loops).heat
        return np.repeat(rack_heat(rows.isel(time=0, missing_dims="ignore"), self._loops).heat, count, axis=0)


def _reasons(case: Case, record: Record, rest: np.ndarray, series: dict[str, tuple[Any, Any]]) -> np.ndarray:
    """What went wrong in each case, by its place in `LoopPoints.reasons`."""
    low, high = (np.array([getattr(loop.coolant, end) for loop in case.loops]) for end in ("T_low", "T_high"))
    rows: Any = record.loops
    inside = np.logical_and.reduce([(low <= T) & (high >= T) for T in (rows.T_supply, rows.T_return)]).all(axis=1)
    water: Any = record.water
    solved = (water.hydraulic_residual < TOLERANCE) & np.isfinite(record.T_case).all(axis=1)
    boils = ~series["converged"][1]
    return np.select([~np.isfinite(rest), ~inside, ~solved, boils], [1, 2, 3, 4], 0).astype(np.int8)
