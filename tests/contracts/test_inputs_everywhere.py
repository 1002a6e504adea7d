"""One door: each number that a public callable takes is obeyed in the unit it names, or refused by name.

Every public function and every field of every part is found by itself. One argument of a valid, cheap call is changed
at a time: a labelled value in another unit gives the result of the plain one; a text, a truth value, NaN, a negative
number and an absurd one give a finite result or an error of this package that names the argument; nothing else.
"""

# ruff: noqa: E501  a table of calls

import functools
import importlib
import inspect
import math
import re
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import ThermalError
from thermal.quantity import Part, unit_of
from thermal.units import MW, kW, lpm, minute, to_si

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
    "steady": {"unknown": "names that are refused", "weather": "see tests/outdoors/test_air.py"},
    "transient": {
        "unknown": "names that are refused",
        "weather": "see tests/outdoors/test_air.py",
        "start": "a result",
    },
    "reduce": {"unknown": "names that are refused"},
    "annual_sums": {"where": "truth values"},
    "compare": dict.fromkeys(
        ("model", "measured", "limits", "by", "uncertainty", "model_uncertainty"), "datasets and mappings of names"
    ),
    "sweep": {"f": "a function", "client": "a scheduler", "axes": "anything that f takes"},
    **{f"accounting.{n}": {"power": "a series"} for n in ("ramps", "swings", "grid_metrics", "flexibility", "cost")},
    "accounting.time_of_use": {"periods": "hours and prices by name", "time": "dates"},
    "traces.mlperf_training": dict.fromkeys(("step", "network_power"), "needs data; see tests/traces/test_training.py"),
    "traces.from_requests": {"racks": "parts, or how many"},
    "traces.inference_day": {"racks": "parts, or how many"},
    "traces.training_run": {"racks": "parts, or how many"},
    "traces.read_telemetry": {"mapping": "names"},
    "traces.resample": {"to": "times, or a step"},
    "plots.cumulative": dict.fromkeys(("model", "measured"), "datasets"),
    "plots.histogram": dict.fromkeys(("model", "measured", "bins"), "datasets, and a rule of numpy"),
    "plots.parity": dict.fromkeys(("model", "measured"), "datasets"),
    "plots.residual": dict.fromkeys(("model", "measured"), "datasets"),
    "plots.series": dict.fromkeys(("model", "measured", "low", "high"), "datasets and bands of them"),
}
# Not yet through the door, each with what was found wrong; empty when the issue ends.
WAITING: dict[str, dict[str, str]] = {
    "steady_ice": dict.fromkeys(
        ("cells_over_fin", "slices", "tolerance"), "no valid call here yet: it needs a stack file"
    ),
    "transient_ice": dict.fromkeys(("cells_over_fin", "tolerance"), "no valid call here yet: it needs a stack file"),
    "traces.blank": dict.fromkeys(("stuck", "spike"), "no valid call here yet: it needs telemetry"),
    "traces.report": dict.fromkeys(("stuck", "spike"), "no valid call here yet: it needs telemetry"),
    "traces.fill": {"longest": "no valid call here yet: it needs telemetry"},
    "traces.from_requests": dict.fromkeys(
        ("rated_power", "step", "idle_share", "context_weight"), "no valid call here yet: it needs a file of requests"
    ),
    "plots.band": {"quantiles": "no valid call here yet: it needs a sample"},
}


class Case(NamedTuple):
    """A valid call, and the unit of each number in it (``count`` for whole numbers)."""

    call: Callable[..., Any]
    base: dict[str, Any]
    units: dict[str, str]


@functools.cache
def _weather() -> xr.Dataset:
    return th.weather(th.load("climates/chicago")).isel(time=slice(4000, 4012))


@functools.cache
def _year() -> xr.Dataset:
    return th.annual(th.load("plants/generic_20mw"), it_power=20 * MW, weather=_weather())


@functools.cache
def _book() -> xr.Dataset:
    return th.ledger(_year())


@functools.cache
def _book_of_reuse() -> xr.Dataset:
    return _book().assign(energy_reused=0.0 * _book().energy_site)


@functools.cache
def _rest() -> xr.Dataset:
    return th.steady(_row(), heat=80 * kW, facility=th.Supply(T=26, flow=500 * lpm))


@functools.cache
def _site_power() -> xr.Dataset:
    return _year()[["site_power"]]


@functools.cache
def _plate_run() -> xr.Dataset:
    return th.steady(_geometry(), **_plate())


def _series() -> xr.DataArray:
    """Power over half an hour, by the minute."""
    power = 2e6 + 1e6 * np.sin(np.arange(30.0))
    return xr.DataArray(power, {"time": 60.0 * np.arange(30)}, ("time",))


def _geometry() -> th.ColdPlate:
    return th.ColdPlate(
        length=0.01, breadth=0.01, channel_width=5e-4, fin_width=5e-4, channel_depth=2e-3, base=1e-3,
        metal=th.load("materials/copper"),
    )  # fmt: skip


def _plate() -> dict[str, Any]:
    package = th.load("packages/gb200_gpu").replace(length=0.01, breadth=0.01)
    cells = th.Cells(slices=2, base=1, fin=1, cover=1, bundle=10)
    return {
        "package": package, "coolant": th.load("coolants/water"), "heat": 50.0, "flow": 0.2 * lpm, "T_in": 30.0,
        "cells": cells,
    }  # fmt: skip


def given(case: Case) -> dict[str, Any]:
    """Arguments of a case; what has to be solved first is solved now."""
    late = {_rest, _weather, _year, _book, _book_of_reuse, _site_power, _plate_run}
    return {k: v() if callable(v) and v in late else v for k, v in case.base.items()}


def _row() -> th.Loop:
    row = th.load("loops/gb200_row")
    return row.replace(racks=row.racks[:1])


@functools.cache
def cases() -> dict[str, Case]:
    """Valid calls by name; what has several kinds of part has one case for each."""
    weather, curve, row = _weather, th.load("cold_plates/ocp_1kw"), _row()
    supply = th.Supply(T=26, flow=500 * lpm)
    curve_of = {"package": th.load("packages/gb200_gpu"), "coolant": curve.coolant}
    loop_of = {"heat": 80 * kW, "facility": supply}
    march = {"until": 4 * minute, "step": 5.0, "save": minute}
    trace = {"rated_power": 1e5, "seed": 3}
    book, year = _book, _year
    plate_units = {"heat": "W", "flow": "m3/s", "T_in": "degC"}
    accounting = {
        name: Case(getattr(th.accounting, name), {"book": book, "category": 3}, {"category": "count"})
        for name in ("pue", "partial_pue", "wue")
    }
    return {
        **accounting,
        "ere": Case(th.accounting.ere, {"book": _book_of_reuse, "category": 3},
                    {"category": "count"}),
        "cue": Case(th.accounting.cue, {"book": book, "carbon_intensity": 1e-7, "category": 3},
                    {"carbon_intensity": "kg/J", "category": "count"}),
        "wue_source": Case(th.accounting.wue_source, {"book": book, "water_intensity": 5e-10, "category": 3},
                           {"water_intensity": "m3/J", "category": "count"}),
        "itue": Case(th.accounting.itue, {"book": book, "compute_share": 0.7, "category": 3},
                     {"compute_share": "-", "category": "count"}),
        "tue": Case(th.accounting.tue, {"book": book, "compute_share": 0.7}, {"compute_share": "-"}),
        "energy_per_token": Case(th.energy_per_token,
                                 {"book": book, "workload": th.load("workloads/llama70b_b200"), "tokens": 1e9,
                                  "provisioned_power": None}, {"tokens": "-", "provisioned_power": "W"}),
        "ledger": Case(th.ledger, {"result": year, "tolerance": 1e-6}, {"tolerance": "-"}),
        "ledger of a result without time": Case(
            th.ledger, {"result": _rest, "meter": None, "window": 3600.0}, {"window": "s"}),
        "mechanical_load": Case(th.outdoors.mechanical_load, {"year": year, "limit": 0.2}, {"limit": "-"}),
        "running_hours": Case(th.accounting.running_hours, {"year": year, "machines": 6, "period": 5.0},
                              {"machines": "count", "period": "hour"}),
        "design_day": Case(th.outdoors.design_day, {"weather": weather, "share": 0.1}, {"share": "-"}),
        "water_classes": Case(th.outdoors.water_classes, {"weather": weather, "approach": 5.0}, {"approach": "K"}),
        "supply_reset": Case(th.outdoors.supply_reset, {"weather": weather, "T_low": 18.0, "T_high": 26.0, "outdoor_low": 8.0,
                                               "outdoor_high": 20.0},
                             dict.fromkeys(("T_low", "T_high", "outdoor_low", "outdoor_high"), "degC")),
        "return_value": Case(th.outdoors.return_value, {"mean": 36.0, "deviation": 1.5, "years": 50.0},
                             {"mean": "degC", "deviation": "K", "years": "-"}),
        "precooled": Case(th.components.cooling.precooled, {"weather": weather, "effectiveness": 0.7, "T_on": 15.0},
                          {"effectiveness": "-", "T_on": "degC"}),
        "weather": Case(th.weather, {"place": th.load("climates/chicago"), "seed": 3}, {"seed": "count"}),
        "outdoors.climate.synthesise": Case(
            importlib.import_module("thermal.outdoors.climate").synthesise,
            {"climate": th.load("climates/chicago"), "seed": 3}, {"seed": "count"}),
        "outdoors.climate.fill_gaps": Case(importlib.import_module("thermal.outdoors.climate").fill_gaps,
                                           {"year": weather, "longest": 3.0}, {"longest": "hour"}),
        "outdoors.climate.interpolate": Case(importlib.import_module("thermal.outdoors.climate").interpolate,
                                             {"year": weather, "step": 900.0}, {"step": "s"}),
        "annual": Case(th.annual, {"part": th.load("plants/generic_20mw"), "weather": weather, "it_power": 15e6,
                                   "T_supply": 22.0, "heat": 14e6},
                       {"it_power": "W", "T_supply": "degC", "heat": "W"}),
        "lift_chiller": Case(th.components.cooling.lift_chiller,
                             {"capacity": 1e6, "efficiency": 0.6, "pinch": 1.5, "design_lift": 20.0, "lift_loss": 0.1,
                              "T_supply": (10.0, 30.0), "T_condenser": (16.0, 45.0), "part_load_curve": (0.1, 0.7, 0.2)},
                             {"capacity": "W", "efficiency": "-", "pinch": "K", "design_lift": "K", "lift_loss": "-",
                              "T_supply": "degC", "T_condenser": "degC", "part_load_curve": "-"}),
        "stop": Case(lambda at, loop: th.transient(row, **loop_of, **march, events=[th.stop(row.cdu.pumps[0], at, loop)]),
                     {"at": 60.0, "loop": 0}, {"at": "s", "loop": "count"}),
        "restart": Case(
            lambda at, loop: th.transient(row, **loop_of, **march, events=[th.stop(row.cdu.pumps[0], 30.0), th.restart(
                row.cdu.pumps[0], at, loop)]), {"at": 60.0, "loop": 0}, {"at": "s", "loop": "count"}),
        "steady": Case(th.steady, {"part": curve, **curve_of, "heat": 1 * kW, "flow": 1 * lpm, "T_in": 40.0}, plate_units),
        "steady of a loop": Case(th.steady, {"part": row, **loop_of}, {"heat": "W"}),
        "steady of a plate": Case(th.steady, {"part": _geometry(), **_plate(), "tolerance": 1e-8},
                                  {**plate_units, "tolerance": "-"}),
        "transient": Case(th.transient, {"part": row, **loop_of, **march},
                          {"heat": "W", "until": "s", "step": "s", "save": "s"}),
        "transient of a plate": Case(th.transient, {"part": _geometry(), **_plate(), "until": 0.4, "step": 0.2, "save": 0.2,
                                                    "tolerance": 1e-8},
                                     {**plate_units, "until": "s", "step": "s", "save": "s", "tolerance": "-"}),
        "transient of a plate by accuracy": Case(
            th.transient, {"part": _geometry(), **_plate(), "until": 0.4, "save": 0.4, "accuracy": 5.0}, {"accuracy": "K"}),
        "reduce": Case(th.reduce, {"part": _geometry(), **{k: v for k, v in _plate().items() if k != "flow"},
                                   "flows": [0.2 * lpm, 0.4 * lpm], "states": 2},
                       {"heat": "W", "T_in": "degC", "flows": "m3/s", "states": "count"}),
        "grid_convergence": Case(th.plate.grid_convergence, {"plate": _geometry(), **_plate(), "ratio": 2, "tolerance": 1e-8},
                                 {**plate_units, "ratio": "count", "tolerance": "-"}),
        "compare": Case(lambda model, parameters: th.compare(model, model * 1.01, parameters=parameters),
                        {"model": _site_power, "parameters": 1}, {"parameters": "count"}),
        "sweep": Case(lambda workers: th.sweep(lambda x: {"pue": x * 1.0}, x=[1.0, 2.0], workers=workers, progress=False),
                      {"workers": 1}, {"workers": "count"}),
        "accounting.cost": Case(
            th.accounting.cost,
            {"power": _series(), "price": 3e-8, "demand_charge": 0.01, "tokens": 1e9, "carbon_intensity": 1e-7},
            {"price": "1/J", "demand_charge": "1/W", "tokens": "-", "carbon_intensity": "kg/J"}),
        "accounting.ramps": Case(th.accounting.ramps, {"power": _series()}, {}),
        "accounting.swings": Case(th.accounting.swings, {"power": _series()}, {}),
        "accounting.grid_metrics": Case(
            th.accounting.grid_metrics,
            {"power": _series(), "reference": 5e6, "limit": 3e6, "ramp_limit": 1e4, "band": (0.001, 0.01)},
            {"reference": "W", "limit": "W", "ramp_limit": "W/s", "band": "Hz"}),
        "accounting.flexibility": Case(th.accounting.flexibility, {"power": _series(), "least": 1e6, "duration": 120.0},
                                       {"least": "W", "duration": "s"}),
        "traces.inference_day": Case(
            th.traces.inference_day,
            {"racks": 2, **trace, "step": 600.0, "until": 7200.0, "idle_share": 0.3, "mean_level": 0.6, "diurnal": 1.2,
             "peak_at": 3600.0, "noise": 0.2, "memory": 300.0},
            {"rated_power": "W", "seed": "count", "step": "s", "until": "s", "idle_share": "-", "mean_level": "-",
             "diurnal": "-", "peak_at": "s", "noise": "-", "memory": "s"}),
        "traces.training_run": Case(
            th.traces.training_run,
            {"racks": 2, **trace, "step": 1.0, "until": 600.0, "start_at": 60.0, "idle_share": 0.3, "iteration": 8.0,
             "exchange_share": 0.2, "exchange_level": 0.5, "checkpoint_every": 200.0, "checkpoint_length": 20.0,
             "checkpoint_level": 0.4, "spread": 0.02},
            {"rated_power": "W", "seed": "count", "step": "s", "until": "s", "start_at": "s", "idle_share": "-",
             "iteration": "s", "exchange_share": "-", "exchange_level": "-", "checkpoint_every": "s",
             "checkpoint_length": "s", "checkpoint_level": "-", "spread": "-"}),
        "plots.parity": Case(th.plots.parity, {"model": _site_power, "measured": _site_power, "name": "site_power",
                                               "uncertainty": 0.05}, {"uncertainty": "-"}),
        "plots.section": Case(th.plots.section, {"run": _plate_run, "y": 0.004}, {"y": "m"}),
        "plots.channel_profile": Case(th.plots.channel_profile, {"run": _plate_run, "channel": 0}, {"channel": "count"}),
    }  # fmt: skip


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


def covered(name: str) -> set[str]:
    """Arguments of a function that some case changes."""
    return {argument for case, c in cases().items() if case.split(" of ")[0] == name for argument in c.units}


@pytest.mark.parametrize("name", public())
def test_every_number_has_a_case(name):
    left = numeric(public()[name]) - covered(name) - set(NO_NUMBERS.get(name, ())) - set(WAITING.get(name, ()))
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


def _is_waiting(name: str, argument: str) -> bool:
    return argument in WAITING.get(name.split(" of ")[0], ())


@functools.cache
def _plain_result(name: str) -> dict[str, np.ndarray]:
    case = cases()[name]
    return figures(case.call(**given(case)))


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_a_number_passes_the_door(name, argument):
    if _is_waiting(name, argument):
        pytest.skip(WAITING[name.split(" of ")[0]][argument])
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
