"""Many operating points of the same network behind a supply: opened once, brought to rest in one kernel, row by row."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import array
from thermal.network.case import Study
from thermal.network.entrance import first_beyond, opened
from thermal.network.expansion import BASE, header_drop
from thermal.network.loads import network_heat
from thermal.network.march_result import march_result
from thermal.network.marching import NetworkStepper
from thermal.network.network import Network
from thermal.network.primaries import Primaries
from thermal.network.resting import begun_at, points_of, rest_of
from thermal.network.water import water_of
from thermal.physics.network.operate import REST, Points
from thermal.physics.network.rest import RESTS
from thermal.physics.network.tables import Saved
from thermal.quantity import provenance

__all__ = ["NetworkPoints"]

NUMBERS = 500_000  # temperatures in a block of cases
RANGE, BOILS = 4, 5  # places of reasons behind those of the kernel


class NetworkPoints:
    """Operating points of a network; `heat` of the study, `T` and `flow` may have dimensions of cases.

    Parameters
    ----------
    study : Study
        Network, heat and a supply, or none where nothing of the network needs it.
    T, flow : float or DataArray, optional
        Of the facility water [°C, m³/s], in place of the supply's.

    Raises
    ------
    InputError
        If a value is outside its range, the heat is none, or there is no facility water to have a temperature.
    """

    inner: Sequence[str] = ("branch", "rack", "package")
    reasons: tuple[str, ...] = (
        "", "no steady state: controllers do not settle; check their settings, or heat is above what cools it",
        "flows were not found, or a temperature is not a number",
        "no steady state: heat, but no flow that carries it off (the work of pumps is heat, too)",
        "no steady state inside the range of the coolant: more or colder facility water, or less heat",
        "coolant boils: what the laws of liquid coolant say is no longer true",
    )  # fmt: skip

    def __init__(self, study: Study, T: Any = None, flow: Any = None) -> None:
        network: Any = study.loops
        assert isinstance(network, Network)
        self._given, supply = study, study.facility
        water = None if supply is None else water_of(supply)
        if water is None and not (T is None and flow is None):
            raise InputError("T and flow are those of facility water: give facility = th.Supply(...), too")
        self._march, self.inputs = opened(network, water), dict[str, xr.DataArray]()
        self.block = max(min(256, NUMBERS // len(self._march.heat.T)), 1)
        if water is not None:
            low, high = water.coolant.T_low, water.coolant.T_high
            T = array("T", water.T if T is None else T, "degC", low=low, high=high)
            flow = array("flow", water.flow if flow is None else flow, "m3/s", low=0.0, high=100.0)
            for name, value in (("T", T), ("flow", flow)):
                self.inputs[name] = value if isinstance(value, xr.DataArray) else xr.DataArray(value)
        heat, cases = _cases(study.heat)
        self.inputs = cases | self.inputs
        self._sizes = {str(d): n for v in cases.values() for d, n in v.sizes.items() if d not in self.inner}
        self._march.load = network_heat(self._march.heat, _in_rows(heat, self._sizes, self.inner))
        self._side = Primaries(self._march)
        self._march.watch(1.0)
        self._begun = begun_at(
            self._march.hydraulics, self._march.heat, self._march.controls.controllers, self._march.machines.viscous
        )
        self._own = threading.local()
        self._shape = xr.Dataset()

    def run(self, places: dict[str, np.ndarray]) -> tuple[dict[str, tuple[Any, Any]], np.ndarray]:
        """Results by name, case first, and the place of each in `reasons`; `places` is along each dimension."""
        if not hasattr(self._own, "march"):
            self._own.march = self._march.twin()
            self._own.march.at_once()
        march: NetworkStepper = self._own.march
        count = len(next(iter(places.values())))
        rows = np.zeros(count, np.int64)
        if self._sizes:
            rows = np.ravel_multi_index([places[d] for d in self._sizes], list(self._sizes.values()))
        points, saved = self._points(places, count), march.record(count)
        march.note(saved, march.load.heat, rows, 1, 0)
        rest = rest_of(march.controls.controllers, len(march.heat.T))
        drives = march.drives(march.load.heat, rows, 1.0)
        march.operate(drives, saved, 1, 1, 0, count, REST, rest, points, self._begun)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):  # of cases without rest
            found = march_result(march, saved._replace(before=points.before), 1.0, time=np.arange(count))
        self._shape = found.isel(time=0, drop=True)
        series = {str(n): (v.dims[1:], v.values) for n, v in found.data_vars.items() if "time" in v.dims}
        return series, self._reasons(march, points, saved, series)

    @property
    def coords(self) -> dict[str, Any]:
        """Coordinates of the dimensions that a result has of its own."""
        return {str(name): value for name, value in self._shape.coords.items()}

    @property
    def attrs(self) -> dict[str, Any]:
        """What made the result."""
        supply = self._given.facility
        signed = provenance(*self._given.loops.parts, supply)  # type: ignore[union-attr]
        return self._shape.attrs | signed | {"facility": "none" if supply is None else type(supply).__name__}

    def _points(self, places: dict[str, np.ndarray], count: int) -> Points:
        """Cases of the kernel."""
        march, sides = self._march, [s for s in self._march.whole.sides if s.primary and not s.air]
        T, p = np.zeros(count), np.zeros((count, len(sides)))
        if "T" in self.inputs:
            T, flow = (self._values(name, places, count) for name in ("T", "flow"))
            for i, side in enumerate(sides):
                p[:, i] = BASE + header_drop(side.cdu, flow / len(sides))
        states = march.plates.state.shape[2]
        return points_of(T, p, self._side.places.tolist(), self._side.headers.tolist(), len(march.heat.T), states)

    def _values(self, name: str, places: dict[str, np.ndarray], count: int) -> np.ndarray:
        """The input of each case."""
        value = self.inputs[name]
        index = tuple(places[str(d)] for d in value.dims)
        return np.array(np.broadcast_to(value.values[index] if index else value.values, count), float)

    def _reasons(
        self, march: NetworkStepper, points: Points, saved: Saved, series: dict[str, tuple[Any, Any]]
    ) -> np.ndarray:
        """Place in `reasons` of each case."""
        wrong = points.status.copy()
        rested = wrong == RESTS
        wrong[rested & (first_beyond(march, points.before)[0] >= 0)] = RANGE
        wrong[(wrong == RESTS) & ~np.isfinite(saved.rows.steps)] = 2
        wrong[(wrong == RESTS) & series["boils"][1]] = BOILS
        return wrong.astype(np.int8)


def _cases(heat: Any) -> tuple[Any, dict[str, xr.DataArray]]:
    """Heat checked, and what of it may have dimensions of cases, by name."""
    if isinstance(heat, xr.Dataset):
        checked, found = _cases(heat["heat"]) if "heat" in heat else (heat, {})
        return (heat.assign(heat=checked) if found else heat), found
    if isinstance(heat, Mapping):
        each = {str(n): array(f"heat of {str(n)!r}", q, "W", low=0.0) for n, q in heat.items()}
        found = {f"heat of {n!r}": q for n, q in each.items() if isinstance(q, xr.DataArray)}
    else:
        each = array("heat", heat, "W", low=0.0) if isinstance(heat, xr.DataArray) else heat
        found = {"heat": each} if isinstance(each, xr.DataArray) else {}
    if any("time" in value.dims for value in found.values()):
        raise InputError("heat of a batch is constant in time: give the dimension of its cases another name")
    return each, found


def _in_rows(heat: Any, sizes: dict[str, int], inner: Sequence[str]) -> Any:
    """Heat with its dimensions of cases as one, which is the time of ``network_heat``; none of a single case."""
    if isinstance(heat, xr.Dataset):
        return xr.Dataset({"heat": _in_rows(heat["heat"], sizes, inner)} | {n: heat[n] for n in heat if n != "heat"})
    if isinstance(heat, Mapping):
        return {name: _in_rows(value, sizes, inner) for name, value in heat.items()}
    if not isinstance(heat, xr.DataArray) or not set(heat.dims) - set(inner):
        return heat
    count = int(np.prod(list(sizes.values())))
    bare = heat.drop_vars([name for name in heat.coords if name not in inner])
    whole = bare.expand_dims({d: n for d, n in sizes.items() if d not in heat.dims})
    if count == 1:
        return whole.isel(dict.fromkeys(sizes, 0))
    own = [d for d in whole.dims if d in inner]
    values = whole.transpose(*sizes, *own).values.reshape(count, *(whole.sizes[d] for d in own))
    coords = {d: bare[d] for d in own if d in bare.coords} | {"time": np.arange(float(count))}
    return xr.DataArray(values, coords, ("time", *own))
