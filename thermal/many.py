"""The verb ``batch``: many cases of one part that differ in numbers only, lowered once and run in blocks on threads."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import xarray as xr

from thermal import asked
from thermal.asked import all_are, conditions_of, given_of, study_of
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.coolant import Coolant
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import ConvergenceError, InputError
from thermal.inputs import no_others, whole
from thermal.machine import cores
from thermal.names import NAMES, describe
from thermal.network.loop import Loop
from thermal.network.many import LoopPoints
from thermal.network.network import Network
from thermal.network.points import NetworkPoints
from thermal.network.supply import Supply
from thermal.plant.many import PlantYears
from thermal.plant.plant import Plant
from thermal.plate.grid import Cells
from thermal.plate.many import PlatePoints
from thermal.quantity import Part
from thermal.study.run import shown
from thermal.study.table import DONE, NOT_CONVERGED, SHARE_OF_MEMORY, memory

__all__ = ["batch"]

LOOPS, PLANT = (*asked.LOOPS[:2], "T", "flow"), ("it_power", "weather", "heat", "T_supply")

AXES = {"T": "degC", "flow": "m3/s", "T_supply": "degC", "T_in": "degC", "heat": "W"}  # units of what cases differ in


class Cases(Protocol):
    """Cases of one kind of part, lowered."""

    block: int  # cases at a time
    inner: Sequence[str]  # dimensions of inputs that are no cases
    reasons: tuple[str, ...]  # what may go wrong; the first is nothing
    inputs: dict[str, xr.DataArray]  # whose dimensions are those of the cases

    @property
    def coords(self) -> dict[str, Any]:
        """Coordinates of the dimensions that a result has of its own."""

    @property
    def attrs(self) -> dict[str, Any]:
        """What made the result."""

    def run(self, places: dict[str, np.ndarray]) -> tuple[dict[str, tuple[Any, Any]], np.ndarray]:
        """Dimensions and values of a block by name, case first, and the place in `reasons` of each case."""


def batch(
    part: Loop | Network | Plant | ColdPlate | Sequence[Loop],
    *,
    heat: Any = None,
    facility: Part | None = None,
    T: Any = None,
    flow: Any = None,
    it_power: Any = None,
    weather: xr.Dataset | None = None,
    T_supply: Any = None,
    package: Package | Stack | None = None,
    coolant: Coolant | None = None,
    T_in: Any = None,
    cells: Cells | None = None,
    tolerance: float | None = None,
    keep: Sequence[str] | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    **unknown: Any,
) -> xr.Dataset:
    """Many cases of a part that differ in numbers only: steady points of loops, networks, plates; years of plants.

    The same numbers as ``th.steady`` one by one, and as ``th.accounting.annual_sums`` of ``th.annual``, at microseconds
    a point of a loop or network. Arrays with names broadcast by their dimensions, which are dimensions of the result; a
    plain list or array is an axis of the argument's name, as in ``th.sweep``. Parts that differ are a sweep around it.

    Parameters
    ----------
    part : Loop, sequence of Loops, Network, Plant, or ColdPlate
        What is studied; of a cold plate cells are made once for several points, each of which starts from the one
        before, so that they agree with ``th.steady`` as far as its films have settled, 1e-4 of the rise over `T_in`.
    heat : float, array or DataArray
        As in ``th.steady``, of a plant as in ``th.annual``, with any further dimensions [W].
    facility : Supply
        Of loops and networks: the water behind their CDUs.
    T, flow : list or DataArray, optional
        Of loops and networks: temperature [°C] and flow [m³/s] of that water, in place of the supply's; of a plate the
        flow of its coolant.
    it_power, weather
        Of a plant, as in ``th.annual``.
    T_supply : list or DataArray, optional
        Of a plant: set points of the facility water [°C].
    package, coolant, T_in, cells, tolerance
        Of a plate, as in ``th.steady``; `T_in` may be a list or DataArray [°C].
    keep : list of str, optional
        Names of results to keep; all if not given.
    workers : int, optional
        Threads; as many as cores if not given.
    progress : bool, optional
        A bar; by default on a terminal, when it lasts more than two seconds.
    **unknown
        Refused by name.

    Returns
    -------
    xarray.Dataset
        With ``status``, ``error`` and ``converged`` of each case; one that failed is NaN.

    Raises
    ------
    InputError
        If a condition is missing, not of this part or outside its range, labels differ, or memory would not suffice.
    ConvergenceError
        If no case has a solution.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import kW, lpm
    >>> row = th.load("loops/gb200_row")
    >>> points = th.batch(row, heat=100 * kW, facility=th.Supply(T=26, flow=1900 * lpm), T=[20.0, 26.0, 40.0])
    >>> points.margin.min("rack").round(1).values.tolist(), points.converged.all().item()
    ([26.6, 26.6, 17.9], True)
    """
    given = given_of(
        heat=heat, facility=facility, T=_axis("T", T), flow=_axis("flow", flow), it_power=it_power, weather=weather,
        T_supply=_axis("T_supply", T_supply), package=package, coolant=coolant, T_in=_axis("T_in", T_in), cells=cells,
        tolerance=tolerance, **unknown,
    )  # fmt: skip
    if isinstance(part, Loop) or all_are(Loop, part):
        own = conditions_of(part, given, LOOPS, spare=["T", "flow"])
        _require_supply(facility)
        cases: Cases = LoopPoints(study_of(part, own), own.get("T"), own.get("flow"))
    elif isinstance(part, Network):
        own = conditions_of(part, given, LOOPS, spare=["facility", "T", "flow"])
        if facility is not None:
            _require_supply(facility)
        cases = NetworkPoints(study_of(part, own), own.get("T"), own.get("flow"))
    elif isinstance(part, Plant):
        cases = PlantYears(part, **conditions_of(part, given, PLANT, spare=["heat", "T_supply"]))
    elif isinstance(part, ColdPlate):
        own = conditions_of(part, given, asked.PLATE)
        cases = PlatePoints(part, **own | {"heat": _axis("heat", own["heat"])})
    else:
        known = "loops, networks, plants and cold plates"
        raise InputError(f"batch knows {known}, not {type(part).__name__}: th.sweep takes every part")
    threads = cores() if workers is None else whole("workers", workers, low=1)
    return _run(cases, keep, threads, progress)


def _require_supply(facility: Any) -> None:
    if not isinstance(facility, Supply):
        raise InputError(
            f"facility is a {type(facility).__name__}: a batch of loops or of a network needs a th.Supply; behind a "
            "plant use th.sweep, or th.batch of the plant for its years"
        )


def _axis(name: str, value: Any) -> Any:
    """A plain list of numbers, or an array of one dimension, as an axis of its own name."""
    plain = isinstance(value, list | tuple | np.ndarray) and np.ndim(value) == 1
    return xr.DataArray(value, {name: (name, value, {"units": AXES[name]})}, name) if plain else value


def _run(cases: Cases, keep: Sequence[str] | None, threads: int, progress: bool | None) -> xr.Dataset:
    sizes, coords = _dimensions(cases.inputs, cases.inner)
    shape, count = tuple(sizes.values()), int(np.prod(list(sizes.values()), dtype=np.int64))
    first, _ = cases.run(dict.fromkeys(sizes or ("case",), np.zeros(1, np.int64)))
    names = _kept(keep, first)
    each = sum(first[name][1][0].nbytes for name in names) + 2 * np.dtype(object).itemsize
    if count * each > SHARE_OF_MEMORY * memory():
        raise InputError(
            f"the results of {count} cases need {count * each / 1e9:.3g} GB, this machine has {memory() / 1e9:.3g} GB: "
            f"name what is wanted, such as keep={names[:2]}"
        )
    arrays = {name: np.empty((count, *first[name][1].shape[1:]), first[name][1].dtype) for name in names}
    wrong = np.zeros(count, np.int8)

    def fill(begin: int) -> int:
        end = min(begin + cases.block, count)
        index = np.unravel_index(np.arange(begin, end), shape) if shape else (np.zeros(1, np.int64),)
        found, wrong[begin:end] = cases.run(dict(zip(sizes or ("case",), index, strict=True)))
        failed = wrong[begin:end] > 0
        for name, array in arrays.items():
            array[begin:end] = found[name][1]
            array[begin:end][failed] = False if array.dtype.kind == "b" else np.nan
        return end - begin

    with ThreadPoolExecutor(threads) as pool, shown(count, progress) as bar:
        for done in pool.map(fill, range(0, count, cases.block)):
            bar.update(done)
    if wrong.all():
        raise ConvergenceError(f"none of {count} cases has a solution; the first: {cases.reasons[wrong[0]]}")
    return _result(cases, sizes, coords, {n: (first[n][0], arrays[n]) for n in names}, wrong)


def _dimensions(inputs: dict[str, xr.DataArray], inner: Sequence[str]) -> tuple[dict[str, int], dict[str, Any]]:
    """Length and labels of each dimension of the cases."""
    sizes: dict[str, int] = {}
    coords: dict[str, Any] = {}
    for name, value in inputs.items():
        for dim in (str(d) for d in value.dims if d not in inner):
            if sizes.setdefault(dim, value.sizes[dim]) != value.sizes[dim]:
                raise InputError(f"{name} has {value.sizes[dim]} values along {dim!r}, others have {sizes[dim]}")
            if dim in value.coords:
                if dim in coords and not value[dim].equals(coords[dim]):
                    raise InputError(f"{name} has other labels along {dim!r} than the inputs before it")
                coords[dim] = value[dim]
    return sizes, coords


def _kept(keep: Sequence[str] | None, found: dict[str, Any]) -> list[str]:
    if keep is None:
        return list(found)
    if isinstance(keep, str):
        raise InputError(f"keep = {keep!r} must be a list of names: keep=[{keep!r}]")
    no_others("keep", keep, found)
    return list(dict.fromkeys([*keep, "converged"]))


def _result(
    cases: Cases, sizes: dict[str, int], coords: dict[str, Any], found: dict[str, tuple[Any, np.ndarray]],
    wrong: np.ndarray,
) -> xr.Dataset:  # fmt: skip
    """The Dataset; a name of its own that is also a dimension of the cases ends in ``_result``, as in ``th.sweep``."""
    shape = tuple(sizes.values())
    inner = {dim for dims, _ in found.values() for dim in dims}
    data = {name: ((*sizes, *dims), v.reshape((*shape, *v.shape[1:]))) for name, (dims, v) in found.items()}
    own = describe(xr.Dataset(data, {k: v for k, v in cases.coords.items() if k in inner}))
    own = own.rename_vars({name: f"{name}_result" for name in found if name in sizes}).reset_coords(
        [f"{name}_result" for name in found if name in sizes]
    )
    said = {"status": [DONE] + [NOT_CONVERGED] * (len(cases.reasons) - 1), "error": list(cases.reasons)}
    for name, texts in said.items():
        own[name] = (tuple(sizes), np.array(texts, object)[wrong].reshape(shape), NAMES[name].attrs)
    return own.assign_coords(coords).assign_attrs(cases.attrs)
