"""Valid, cheap calls of every public function, of which the contract tests change one argument at a time."""

# ruff: noqa: E501  a table of calls

import atexit
import functools
import importlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import ice_stacks
import matplotlib as mpl
import numpy as np
import xarray as xr

import thermal as th
from thermal.units import MW, kW, lpm, minute

mpl.use("Agg")


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
def _telemetry() -> xr.Dataset:
    time = np.delete(np.arange(40) * 60.0, [11, 12])
    values = 100.0 + np.arange(38) % 7
    values[[20, 30, 31, 32]] = 900.0, 5.0, 5.0, 5.0
    return xr.Dataset({"heat": ("time", values, {"units": "W"})}, {"time": time})


@functools.cache
def _requests() -> Path:
    """A file of requests, two an hour."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        rows = (f"2026-01-01 00:{k:02d}:00,{100 + k},{10 + k}" for k in range(0, 60, 2))
        file.write("\n".join(("TIMESTAMP,ContextTokens,GeneratedTokens", *rows)))
    atexit.register(Path(file.name).unlink)
    return Path(file.name)


def _kept(text: str) -> Path:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False, encoding="utf-8") as file:
        file.write(text)
    atexit.register(Path(file.name).unlink)
    return Path(file.name)


@functools.cache
def _sun() -> Path:
    """A file of PVGIS."""
    return _kept("Nominal power of the PV system (c-Si) (kWp):\t1.0\n\ntime,P\n20200601:1110,600\n20200601:1210,650\n")


@functools.cache
def _wind() -> Path:
    """A file of Renewables.ninja."""
    return _kept("# Wind, capacity: 1.0\ntime,electricity\n2019-01-01 00:00,0.25\n2019-01-01 01:00,0.5\n")


@functools.cache
def _sample() -> xr.Dataset:
    return xr.Dataset({"T_case": (("case", "time"), np.arange(20.0).reshape(5, 4))}, {"time": np.arange(4.0)})


@functools.cache
def _plate_run() -> xr.Dataset:
    return th.steady(_geometry(), **_plate())


@functools.cache
def _stack_file() -> Path:
    """A die over straight channels, in cells of 2.5 mm, as 3D-ICE has it."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    return ice_stacks.write(
        Path(folder), ice_stacks.SILICON, ice_stacks.POROUS, ice_stacks.DIES, ice_stacks.TWO,
        ice_stacks.dimensions(cell=(2500, 2500)), ice_stacks.STEADY, upper=ice_stacks.WHOLE, lower=ice_stacks.WHOLE,
    )  # fmt: skip


def _line_of(spacing: float) -> xr.DataArray:
    pipe = th.load("pipes/steel_dn100")
    row = th.manifold(2 * [th.load("racks/gb200_nvl72")], "supply", "return", pipe=pipe, spacing=spacing)
    return xr.DataArray([b.part.length for b in row if "_supply/" in b.name])


def _fitted(**settings: Any) -> xr.Dataset:
    x = np.arange(8.0)
    noise = np.array([1, -1, -1, 1, 1, -1, -1, 1]) * 0.1
    fit = th.calibrate(lambda a, b: {"y": a + b * x}, {"y": 2 + 3 * x + noise}, {"a": (0, 9), "b": (0, 9)}, **settings)
    return fit.table[["value", "low", "high"]]


def _series() -> xr.DataArray:
    """Power over half an hour, by the minute."""
    power = 2e6 + 1e6 * np.sin(np.arange(30.0))
    return xr.DataArray(power, {"time": 60.0 * np.arange(30)}, ("time",))


def _line(x: float) -> dict[str, float]:
    return {"y": x}


def _bowl(x: float) -> dict[str, float]:
    return {"y": (x - 0.3) ** 2}


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
    late = {
        _rest,
        _weather,
        _year,
        _book,
        _book_of_reuse,
        _site_power,
        _plate_run,
        _telemetry,
        _requests,
        _sample,
        _sun,
        _wind,
    }
    return {k: v() if callable(v) and v in late else v for k, v in case.base.items()}


def _network() -> th.Network:
    """One CDU and two racks."""
    cdu = th.Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply")
    racks = th.manifold(2 * [th.load("racks/gb200_nvl72")], "supply", "return")
    held = th.network.Node("return", pressure=2e5)
    return th.Network(coolant=th.load("coolants/pg25"), nodes=[held], branches=[cdu, *racks])


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
        "batch": Case(th.batch, {"part": th.load("plants/generic_20mw"), "weather": weather, "it_power": 15e6,
                                 "T_supply": 22.0, "heat": 14e6, "workers": 1},
                      {"it_power": "W", "T_supply": "degC", "heat": "W", "workers": "count"}),
        "batch of loops": Case(th.batch, {"part": row, **loop_of, "T": 26.0, "flow": 500 * lpm},
                               {"heat": "W", "T": "degC", "flow": "m3/s"}),
        "batch of a network": Case(th.batch, {"part": row.network(), **loop_of, "T": 26.0, "flow": 500 * lpm},
                                   {"heat": "W", "T": "degC", "flow": "m3/s"}),
        "batch of a plate": Case(th.batch, {"part": _geometry(), **_plate(), "tolerance": 1e-8},
                                 plate_units | {"tolerance": "-"}),
        "lift_chiller": Case(th.components.cooling.lift_chiller,
                             {"capacity": 1e6, "efficiency": 0.6, "pinch": 1.5, "design_lift": 20.0, "lift_loss": 0.1,
                              "T_supply": (10.0, 30.0), "T_condenser": (16.0, 45.0), "part_load_curve": (0.1, 0.7, 0.2)},
                             {"capacity": "W", "efficiency": "-", "pinch": "K", "design_lift": "K", "lift_loss": "-",
                              "T_supply": "degC", "T_condenser": "degC", "part_load_curve": "-"}),
        "stop": Case(lambda at, loop: th.transient(row, **loop_of, **march, events=[th.stop(row.cdu.pumps[0], at, loop)]),
                     {"at": 60.0, "loop": 0}, {"at": "s", "loop": "count"}),
        "clog": Case(lambda to, at: xr.DataArray(list(th.clog("rack1", to, at)[::3])), {"to": 0.4, "at": 60.0},
                     {"to": "-", "at": "s"}),
        "close": Case(lambda at: xr.DataArray(th.close("rack1", at).at), {"at": 60.0}, {"at": "s"}),
        "faults": Case(lambda at, dirty: xr.DataArray([list(e[::3]) for f in th.faults(_network(), at=at, dirty=dirty)
                                                       for e in f.events]), {"at": 60.0, "dirty": 0.3},
                       {"at": "s", "dirty": "-"}),
        "time_to_limit": Case(th.time_to_limit, {"run": xr.Dataset({"margin": ("time", [9.0, 4.0, -2.0])},
                                                                   {"time": [10.0, 20.0, 30.0]}), "since": 12.0},
                              {"since": "s"}),
        "restart": Case(
            lambda at, loop: th.transient(row, **loop_of, **march, events=[th.stop(row.cdu.pumps[0], 30.0), th.restart(
                row.cdu.pumps[0], at, loop)]), {"at": 60.0, "loop": 0}, {"at": "s", "loop": "count"}),
        "steady": Case(th.steady, {"part": curve, **curve_of, "heat": 1 * kW, "flow": 1 * lpm, "T_in": 40.0}, plate_units),
        "steady of a loop": Case(th.steady, {"part": row, **loop_of}, {"heat": "W"}),
        "steady of a plate": Case(th.steady, {"part": _geometry(), **_plate(), "tolerance": 1e-8},
                                  {**plate_units, "tolerance": "-"}),
        "transient": Case(th.transient, {"part": row, **loop_of, **march},
                          {"heat": "W", "until": "s", "step": "s", "save": "s"}),
        "transient of a plate": Case(th.transient, {"part": _geometry(), **_plate(), "until": 0.4, "step": 0.2, "tolerance": 1e-8},
                                     {**plate_units, "until": "s", "step": "s", "tolerance": "-"}),
        "transient of a plate by accuracy": Case(
            th.transient, {"part": _geometry(), **_plate(), "until": 0.4, "accuracy": 5.0}, {"accuracy": "K"}),
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
        "manifold": Case(_line_of, {"spacing": 0.6}, {"spacing": "m"}),
        "steady of a stack file": Case(
            lambda cells_over_fin, slices: th.steady(
                th.formats.read_ice(_stack_file()), cells_over_fin=cells_over_fin, slices=slices),
            {"cells_over_fin": 1, "slices": 4}, {"cells_over_fin": "count", "slices": "count"}),
        "transient of a stack file": Case(
            lambda cells_over_fin: th.transient(
                th.formats.read_ice(_stack_file())._replace(step=0.01, slot=0.02),
                cells_over_fin=cells_over_fin),
            {"cells_over_fin": 1}, {"cells_over_fin": "count"}),
        "calibrate": Case(_fitted, {"drop_stuck": 3, "confidence": 0.9, "starts": 1, "step": 1e-4},
                          {"drop_stuck": "count", "confidence": "-", "starts": "count", "step": "-"}),
        "sample": Case(lambda n, seed, workers: th.sample(_line, n, seed=seed, workers=workers, progress=False, x=(0.0, 1.0)),
                       {"n": 4, "seed": 3, "workers": 1}, dict.fromkeys(("n", "seed", "workers"), "count")),
        "find": Case(lambda equals, tolerance: th.find(_line, "y", equals=equals, tolerance=tolerance, x=(0.0, 1.0)),
                     {"equals": 0.5, "tolerance": 1e-8}, {"equals": "-", "tolerance": "-"}),
        "optimise": Case(
            lambda points, seed, most, workers: th.optimise(
                _bowl, minimise="y", points=points, seed=seed, most=most, workers=workers, x=(0.0, 1.0)),
            {"points": 3, "seed": 3, "most": 200, "workers": 1},
            dict.fromkeys(("points", "seed", "most", "workers"), "count")),
        **{
            f"traces.{move}": Case(getattr(th.traces, move), {"data": _telemetry, "step": 60.0}, {"step": "s"})
            for move in ("at_ends", "at_starts")
        },
        "traces.report": Case(th.traces.report, {"data": _telemetry, "stuck": 3, "spike": 6.0},
                              {"stuck": "count", "spike": "-"}),
        "traces.blank": Case(th.traces.blank, {"data": _telemetry, "what": "spike", "stuck": 3, "spike": 6.0},
                             {"stuck": "count", "spike": "-"}),
        "traces.fill": Case(th.traces.fill, {"data": _telemetry, "longest": 180.0, "how": "interpolate"}, {"longest": "s"}),
        "traces.read_pvgis": Case(th.traces.read_pvgis, {"path": _sun, "rated_power": 5e6}, {"rated_power": "W"}),
        "traces.read_renewables_ninja": Case(
            th.traces.read_renewables_ninja, {"path": _wind, "rated_power": 5e6}, {"rated_power": "W"}),
        "traces.from_requests": Case(
            th.traces.from_requests,
            {"path": _requests, "racks": 2, "rated_power": 1e5, "step": 600.0, "idle_share": 0.3, "context_weight": 0.1},
            {"rated_power": "W", "step": "s", "idle_share": "-", "context_weight": "-"}),
        "plots.band": Case(th.plots.band, {"runs": _sample, "name": "T_case", "quantiles": (0.1, 0.5, 0.9)},
                           {"quantiles": "-"}),
        "plots.parity": Case(th.plots.parity, {"model": _site_power, "measured": _site_power, "name": "site_power",
                                               "uncertainty": 0.05}, {"uncertainty": "-"}),
        "plots.section": Case(th.plots.section, {"run": _plate_run, "y": 0.004}, {"y": "m"}),
        "plots.channel_profile": Case(th.plots.channel_profile, {"run": _plate_run, "channel": 0}, {"channel": "count"}),
    }  # fmt: skip
