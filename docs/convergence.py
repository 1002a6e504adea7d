"""Figures of convergence for the theory pages, of the problems whose orders tests/verification asserts.

Each function solves its problem on steps or grids that are refined, and returns what is left of the error.
"""

import itertools
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.ticker import NullLocator

import thermal as th
from thermal.components.hydronics.pipe import Hose
from thermal.network.topology import lower_hydraulics
from thermal.physics.conjugate.implicit import Method
from thermal.physics.network import hydraulics
from thermal.physics.network.transport import Scheme
from thermal.units import kPa, kW, lpm, minute

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / "verification")]

import test_conjugate  # noqa: E402
import test_pipe_transport  # noqa: E402
import test_small_plate  # noqa: E402

Curves = dict[str, tuple[list[float], list[float]]]  # name: cells, steps or Newton steps, and errors


def plate_in_space(cells: tuple[int, ...] = (8, 16, 24, 32, 48)) -> Curves:
    """Largest errors of a manufactured field, T = 1 + cos πx cos πy cos πz in metal and sin 1.5y in the coolant."""
    errors = np.array([test_conjugate.manufactured(n)[:2] for n in cells])
    return {name: (list(cells), errors[:, k].tolist()) for k, name in enumerate(("metal", "coolant"))}


def plate_in_time(steps: tuple[int, ...] = (8, 16, 32, 64)) -> Curves:
    """Largest difference from the march of half the step, under heat that swings."""
    found = {}
    for method, name in ((Method.SDIRK2, "two stages"), (Method.BACKWARD_EULER, "one stage")):
        ends = [test_small_plate.end_of_march(method, n)[0] for n in (*steps, 2 * steps[-1])]
        found[name] = (list(steps), _apart(ends))
    return found


def pipe(cells: tuple[int, ...] = (50, 100, 200, 400)) -> Curves:
    """Mean error of a Gaussian that has travelled 0.4 of the pipe at Courant number 0.5, of each scheme."""
    found = {}
    for scheme in Scheme:
        errors = []
        for n in cells:
            T = test_pipe_transport.pulse(n, 0.3)
            time = np.linspace(0.0, 0.4, int(0.8 * n) + 1)
            test_pipe_transport.run(test_pipe_transport.BARE, scheme, time, 1.0, 0.0, T, np.zeros(n))
            errors.append(float(np.abs(T - test_pipe_transport.pulse(n, 0.7)).mean()))
        found[scheme.name] = (list(cells), errors)
    return found


def newton(racks: tuple[int, ...] = (8, 64)) -> Curves:
    """Largest error of a flow relative to the largest flow, after each Newton step from the first guess."""
    found = {}
    for count in racks:
        network = _hall(count)
        exact = lower_hydraulics(network)
        _newton_steps(exact, hydraulics.LIMIT)
        errors = []
        for steps in range(1, 30):
            now = lower_hydraulics(network)
            _newton_steps(now, steps)
            errors.append(float(np.abs(now.flows.m - exact.flows.m).max() / np.abs(exact.flows.m).max()))
            if errors[-1] < 1e-14:
                break
        errors = np.maximum(errors, 1e-16).tolist()
        found[f"{count} racks, {len(exact.flows.m)} branches"] = (list(range(1, len(errors) + 1)), errors)
    return found


def _hall(racks: int) -> th.Network:
    pipe, rack = th.load("pipes/steel_dn150"), Hose(length=4.0, bore=0.025)
    pump = th.Branch("pump", th.load("pumps/vertiv_xdu1350"), "return", "supply")
    header = th.manifold(racks * [rack], "supply", "return", pipe=pipe, spacing=0.6)
    nodes = [th.network.Node("return", pressure=200 * kPa)]
    return th.Network(coolant=th.load("coolants/pg25"), nodes=nodes, branches=[pump, *header])


def _newton_steps(lowered: Any, most: int) -> None:
    """As the solver does, in plain Python, no more than so many steps."""
    solve, limit = getattr(hydraulics.solve_flows, "py_func", hydraulics.solve_flows), hydraulics.LIMIT
    hydraulics.LIMIT = most
    try:
        solve(lowered.branches, lowered.web, lowered.flows, lowered.work, lowered.floor)
    finally:
        hydraulics.LIMIT = limit


def loop(steps: tuple[float, ...] = (10.0, 5.0, 2.5, 1.25)) -> Curves:
    """Largest difference of case and coolant temperatures from half the step, ten minutes after a step of heat."""
    row = th.load("loops/gb200_row")
    heat = _step_of_heat(80 * kW, 110 * kW)
    ends = []
    for step in (*steps, steps[-1] / 2):
        run = th.transient(row, heat=heat, facility=th.Supply(T=26, flow=1900 * lpm), step=step, save=minute)
        ends.append(np.concatenate([run.T_case[1:].values.ravel(), run.T_supply[1:].values, run.T_return[1:].values]))
    return {"backward Euler": (list(steps), _apart(ends))}


def plant(steps: tuple[float, ...] = (10.0, 5.0, 2.5, 1.25)) -> Curves:
    """Largest difference of the water's temperatures from half the plant's step, after a step of heat."""
    site, air = th.load("sites/generic_20mw"), th.weather(th.load("climates/chicago")).isel(time=4575, drop=True)
    dynamics = th.load("plant_dynamics/typical")
    ends = []
    for step in (*steps, steps[-1] / 2):
        behind = site.plant.replace(dynamics=dynamics.replace(step=step))
        heat = _step_of_heat(90 * kW, 110 * kW)
        run = th.transient(site.loops, heat=heat, facility=behind, weather=air, step=0.625, save=minute)
        assert run.attrs["plant_step"] == step
        ends.append(np.concatenate([run[name][1:] for name in ("T_facility_supply", "T_facility_return")]))
    return {"plant and loops": (list(steps), _apart(ends))}


def _step_of_heat(before: float, after: float) -> Any:
    time = {"time": minute * np.arange(10)}
    return xr.DataArray([before, *(9 * [after])], time, ("time",))


def _apart(ends: list[Any]) -> list[float]:
    return [float(np.abs(b - a).max()) for a, b in itertools.pairwise(ends)]


def orders(curves: Curves) -> dict[str, float]:
    """Observed order of each curve between its two finest."""
    return {name: float(np.log(e[-2] / e[-1]) / abs(np.log(n[-1] / n[-2]))) for name, (n, e) in curves.items()}


def drawn(curves: Curves, xlabel: str, ylabel: str, slopes: tuple[float, ...] = (1, 2)) -> Any:
    """Errors against cells or steps, with the slopes of whole orders beside them."""
    ax = plt.subplots(figsize=(6.0, 3.8), layout="constrained")[1]
    found = orders(curves)
    for (name, (n, errors)), marker in zip(curves.items(), "os^D", strict=False):
        ax.loglog(n, errors, marker=marker, label=f"{name}: order {found[name]:.2f}")
    x = np.array(next(iter(curves.values()))[0])
    top = 1.6 * max(errors[0] for _, errors in curves.values())
    for slope, dashes in zip(slopes, (":", "--", "-."), strict=False):
        line = top * np.exp(-slope * np.abs(np.log(x / x[0])))
        ax.loglog(x, line, color="0.6", ls=dashes, lw=1, label=f"order {slope:g}")
    ax.set_xticks(x, [f"{value:g}" for value in x])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(fontsize="small")
    return ax


def drawn_by_step(curves: Curves) -> Any:
    """Errors of Newton's method, one point a step."""
    ax = plt.subplots(figsize=(6.0, 3.8), layout="constrained")[1]
    for (name, (steps, errors)), marker in zip(curves.items(), "os^D", strict=False):
        ax.semilogy(steps, errors, marker=marker, label=name)
    ax.set(xlabel="Newton step", ylabel="largest error of a flow over the largest flow [–]")
    ax.legend(fontsize="small")
    return ax
