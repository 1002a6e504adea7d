"""One door: each number that a public callable takes is obeyed in the unit it names, or refused by name.

Every public function and every field of every part is found by itself. One argument of a valid, cheap call is changed
at a time: a labelled value in another unit gives the result of the plain one; a text, a truth value, NaN, a negative
number and an absurd one give a finite result or an error of this package that names the argument; nothing else.
"""

import functools
import importlib
import inspect
import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from calls import cases, given

import thermal as th
from thermal.errors import ThermalError
from thermal.quantity import Part, unit_of
from thermal.units import to_si

mpl.use("Agg")

MODULES = ("accounting", "outdoors.climate", "outdoors.siting", "study", "traces", "plots")
NUMERIC = re.compile(r"\b(float|int|Any|DataArray)\b")
OTHER = {
    "W": "kW", "degC": "degF", "K": "delta_degF", "m3/s": "L/min", "Pa": "kPa", "m": "mm", "-": "%", "s": "minute",
    "kg/s": "g/s", "kg/m3": "g/L", "1/K": "%/K", "hour": "minute", "J": "kWh", "deg": "rad", "J/kg": "kJ/kg",
    "kg/J": "g/kWh", "m3/J": "L/kWh", "count": "1",
    "1/s": "1/minute", "1/J": "1/kWh", "1/W": "1/kW",
}  # fmt: skip
# Arguments whose annotation looks like a number's and that are none; each by what it is.
NO_NUMBERS = {
    "annual": {"unknown": "names that are refused"},
    "batch": {"unknown": "names that are refused"},
    "steady": {"unknown": "names that are refused", "weather": "see tests/outdoors/test_air.py"},
    "transient": {
        "unknown": "names that are refused",
        "weather": "see tests/outdoors/test_air.py",
        "start": "a result",
    },
    "reduce": {"unknown": "names that are refused"},
    "annual_sums": {"where": "truth values"},
    "calibrate": dict.fromkeys(
        ("model", "measured", "parameters", "part", "uncertainty", "window"), "names and their data"
    ),
    "find": {"f": "a function", "given": "anything that f takes"},
    "sample": {"f": "a function", "client": "a scheduler", "ranges": "limits of what f takes"},
    "optimise": {"f": "a function", "ranges": "limits of what f takes"},
    "uncertain": {"part": "a part"},
    "compare": dict.fromkeys(
        ("model", "measured", "limits", "by", "uncertainty", "model_uncertainty"), "datasets and mappings of names"
    ),
    "manifold": {"parts": "parts"},
    "sweep": {"f": "a function", "client": "a scheduler", "axes": "anything that f takes"},
    **{f"accounting.{n}": {"power": "a series"} for n in ("ramps", "swings", "grid_metrics", "flexibility", "cost")},
    "accounting.time_of_use": {"periods": "hours and prices by name", "time": "dates"},
    "traces.mlperf_training": dict.fromkeys(("step", "network_power"), "needs data; see tests/traces/test_training.py"),
    "traces.server_heat": {"racks": "needs data; see tests/traces/test_training.py"},
    "plots.duration": {"series": "a series"},
    "plots.year_map": {"series": "a series"},
    "plots.energy_flow": {"within_it": "shares by name, held to add up to 1"},
    "traces.from_requests": {"racks": "parts, or how many"},
    "traces.generation_carbon": {"factors": "numbers by fuel; see tests/traces/test_eia.py"},
    "traces.inference_day": {"racks": "parts, or how many"},
    "traces.training_run": {"racks": "parts, or how many"},
    "traces.read_telemetry": {"mapping": "names"},
    "traces.resample": {"to": "times, or a step"},
    "plots.cumulative": dict.fromkeys(("model", "measured"), "datasets"),
    "plots.histogram": dict.fromkeys(("model", "measured", "bins"), "datasets, and a rule of numpy"),
    "plots.operating_map": dict.fromkeys(("limits", "point"), "numbers by name; see tests/plots/test_maps.py"),
    "plots.animate": {"network": "a part", "frames": "see tests/plots/test_moving.py"},
    "plots.pump_curves": {"network": "a part", "time": "see plots.schematic"},
    "plots.schematic": {"network": "a part", "time": "seconds or a date; see tests/plots/test_networks.py"},
    "plots.parity": dict.fromkeys(("model", "measured"), "datasets"),
    "plots.residual": dict.fromkeys(("model", "measured"), "datasets"),
    "plots.series": dict.fromkeys(("model", "measured", "low", "high"), "datasets and bands of them"),
}


def public() -> dict[str, Callable[..., Any]]:
    """All public functions of the package and of its public modules, each once."""
    found: dict[str, Callable[..., Any]] = {}
    for name in th.__all__:
        found[name] = getattr(th, name)
    for module in MODULES:
        home = importlib.import_module(f"thermal.{module}")
        found |= {f"{module}.{name}": getattr(home, name) for name in home.__all__}
    seen: set[int] = set()
    functions = {}
    for name, item in found.items():
        if callable(item) and not inspect.isclass(item) and id(item) not in seen:
            seen.add(id(item))
            functions[name] = item
    return functions


def numeric(function: Callable[..., Any]) -> set[str]:
    """Arguments that take a number or an array, by their annotations."""
    return {p.name for p in inspect.signature(function).parameters.values() if NUMERIC.search(str(p.annotation))}


def alike(name: str) -> tuple[str, str]:
    """Names under which a public function may stand in the tables: with its room, or its own alone."""
    return name, name.rpartition(".")[2]


def covered(name: str) -> set[str]:
    """Arguments of a function that some case changes."""
    return {argument for case, c in cases().items() if case.split(" of ")[0] in alike(name) for argument in c.units}


def excused(name: str, table: dict[str, dict[str, str]]) -> set[str]:
    """Arguments of a function that a table names."""
    return {argument for known in alike(name) for argument in table.get(known, ())}


@pytest.mark.parametrize("name", public())
def test_every_number_has_a_case(name):
    left = numeric(public()[name]) - covered(name) - excused(name, NO_NUMBERS)
    assert not left, "give it a valid call in cases(), or say in NO_NUMBERS what it is"


def _fields(cls: type[Part]) -> list[str]:
    return [name for name in cls.model_fields if unit_of(cls, name) not in {"choice", "part"}]


def figures(result: Any) -> dict[str, np.ndarray]:
    """The numbers of a result, by name."""
    if isinstance(result, xr.Dataset):
        return {str(k): v.values for k, v in result.data_vars.items() if v.dtype.kind in "iufb"}
    if isinstance(result, xr.DataArray):
        return {"value": result.values}
    if isinstance(result, Part):
        return {name: np.asarray(getattr(result, name), float) for name in _fields(type(result))
                if getattr(result, name) is not None}  # fmt: skip
    return {"value": np.asarray(result)} if isinstance(result, float) else {}


def relabelled(value: Any, unit: str) -> xr.DataArray | None:
    """The same number in another unit, with its name."""
    other = OTHER.get(unit) or next((u for u in (f"k{unit}", f"m{unit}") if _reads(u, unit)), None)
    if other is None:
        return None
    array = np.asarray(value, float)
    if unit != "count":
        zero, one = to_si([0.0, 1.0], other, unit)
        array = (array - zero) / (one - zero)
    dims = [f"entry_{k}" for k in range(array.ndim)]
    return xr.DataArray(array, dims=dims, attrs={"units": other})


def _reads(unit: str, target: str) -> bool:
    try:
        return to_si(1.0, unit, target) != 1.0
    except ThermalError:
        return False


ODD = {"text": "12", "truth value": True, "NaN": math.nan, "negative": -3.0, "absurd": 1e30}


def odd_ones(value: Any) -> dict[str, Any]:
    if not isinstance(value, tuple | list):
        return ODD
    return {what: type(value)([item, *value[1:]]) for what, item in ODD.items()}


def asked(call: Callable[[], Any], argument: str) -> Any:
    """The result, or None where the argument was refused by name; nothing else may happen."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        try:
            return call()
        except ThermalError as error:
            text = str(error)
            assert re.search(rf"\b{argument}\b", text), f"the error does not name {argument!r}: {text[:300]}"
            assert len(text) < 1500, f"a message of {len(text)} letters"
            return None


CASES = [(name, argument) for name in sorted(cases()) for argument in cases()[name].units]


@functools.cache
def _plain_result(name: str) -> dict[str, np.ndarray]:
    case = cases()[name]
    return figures(case.call(**given(case)))


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_a_number_passes_the_door(name, argument):
    case = cases()[name]
    value, unit = case.base[argument], case.units[argument]
    if value is not None:
        same = asked(lambda: case.call(**{**given(case), argument: relabelled(value, unit)}), argument)
        if same is not None:
            for key, expected in _plain_result(name).items():
                np.testing.assert_allclose(figures(same)[key], expected, rtol=1e-6, atol=1e-6, err_msg=key)
    for what, odd in odd_ones(value).items():
        found = asked(lambda odd=odd: case.call(**{**given(case), argument: odd}), argument)
        assert what in {"negative", "absurd"} or found is None, f"{argument} = {odd!r} was taken"
        for key, numbers in ({} if found is None else figures(found)).items():
            gone = ~np.isfinite(np.asarray(numbers, float)) & np.isfinite(np.asarray(_plain_result(name)[key], float))
            assert not gone.any(), f"{argument} = {odd!r} gives {key} = {numbers}"
