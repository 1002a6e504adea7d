"""Temperatures along one pipe in time: what enters, what leaves and when, with the wall and the loss to the room."""

import math
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.components.hydronics.pipe import Pipe
from thermal.errors import InputError
from thermal.inputs import affordable, array, number, whole
from thermal.names import describe
from thermal.physics.network.friction import churchill
from thermal.physics.network.transport import (
    TURBULENT,
    PipeHeat,
    Scheme,
    march_pipe,
    round_nusselt,
    taylor_dispersion,
)
from thermal.quantity import provenance

__all__ = ["pipe_heat", "pipe_temperatures", "round_nusselt"]


def pipe_heat(pipe: Pipe, coolant: Coolant, T: float) -> PipeHeat:
    """Heat capacities and loss of a pipe per length, with its coolant at `T` [°C]."""
    p = coolant.properties(T)
    inner, outer = 0.5 * pipe.diameter, 0.5 * pipe.diameter + pipe.wall
    skin = outer + pipe.insulation
    wall = math.pi * (outer**2 - inner**2) * pipe.metal.volumetric_capacity if pipe.metal is not None else 0.0
    loss = 0.0
    if pipe.outer_film > 0.0:
        resistance = 1.0 / (2.0 * math.pi * skin * pipe.outer_film)
        if pipe.insulation > 0.0:
            resistance += math.log(skin / outer) / (2.0 * math.pi * pipe.insulation_conductivity)
        loss = 1.0 / resistance
    area = math.pi * inner**2
    return PipeHeat(pipe.length, area, p.density * p.heat_capacity * area, wall, loss)


def pipe_temperatures(
    pipe: Pipe,
    coolant: Coolant,
    *,
    time: Any,
    flow: Any,
    T_in: Any,
    T_ambient: float,
    T_start: float | None = None,
    cells: int = 100,
    dispersion: bool = True,
    scheme: Scheme = Scheme.MUSCL,
) -> xr.Dataset:
    """March the temperatures of a pipe.

    Parameters
    ----------
    pipe : Pipe
        With wall and metal, insulation and outer film where heat in them matters.
    coolant : Coolant
        What flows, with properties at the middle between the coldest and the warmest coolant.
    time : array_like
        Times [s], ascending.
    flow : array_like
        Volume flow [m³/s] from each time to the next, one number or one per time; negative where it runs backwards.
    T_in : array_like
        Temperature [°C] of what enters, at whichever end, linear between the times.
    T_ambient : float
        Temperature of the surroundings [°C].
    T_start : float, optional
        Temperature of coolant and wall at the start [°C]; the first of `T_in` if not given.
    cells : int
        Finite volumes along the pipe.
    dispersion : bool
        Whether turbulent flow spreads a front along the pipe as Taylor has it; laminar flow is not spread.
    scheme : Scheme
        How faces between them are found.

    Returns
    -------
    xarray.Dataset
        ``T_pipe_out``, ``heat_lost`` and ``energy_residual`` in time.

    Raises
    ------
    InputError
        If times do not ascend, sizes differ, or a value is not finite.

    Examples
    --------
    >>> import thermal as th
    >>> pipe = Pipe(length=10, diameter=0.05, roughness=4.5e-5)
    >>> minute = pipe_temperatures(pipe, th.load("coolants/water"), time=np.arange(61.0), flow=1e-3,
    ...                            T_in=np.where(np.arange(61) > 9, 40.0, 20.0), T_ambient=20.0)
    >>> [round(float(minute.T_pipe_out.sel(time=t)), 1) for t in (25, 35)]  # 19.6 s on the way
    [20.0, 40.0]
    """
    t, T = (np.asarray(array(name, value, unit, missing=True), float) for name, value, unit in (
        ("time", time, "s"), ("T_in", T_in, "degC")))  # fmt: skip
    if t.ndim != 1 or len(t) < 2 or not (np.diff(t) > 0).all():
        raise InputError("time must be two or more ascending numbers of seconds")
    V = np.asarray(array("flow", flow, "m3/s", missing=True), float)
    for name, values in (("flow", V), ("T_in", T)):
        if values.ndim and values.shape != t.shape:
            raise InputError(f"{name} has the shape {values.shape}, time {t.shape}: one number, or one for each time")
    V, T = np.broadcast_to(V, t.shape), np.broadcast_to(T, t.shape)
    for name, values in (("time", t), ("flow", V), ("T_in", T)):
        if not np.isfinite(values).all():
            when = t[int(np.argmin(np.isfinite(values)))]
            raise InputError(f"{name} holds a value that is not finite, at {when:g} s")
    cells = whole("cells", cells, low=2, high=1_000_000)
    T_ambient = number("T_ambient", T_ambient, "degC")
    start = float(T[0]) if T_start is None else number("T_start", T_start, "degC")
    mean = 0.5 * (min(float(T.min()), start) + max(float(T.max()), start))  # middle of what is in the pipe
    p = coolant.properties(mean)
    heat = pipe_heat(pipe, coolant, mean)
    Re = p.density * np.abs(V) / heat.area * pipe.diameter / p.viscosity
    Pr = p.viscosity * p.heat_capacity / p.conductivity
    velocity = V / heat.area
    spread = np.zeros(len(t))
    if dispersion:
        friction = [churchill(max(float(value), 1.0), pipe.roughness / pipe.diameter)[0] for value in Re]
        spread = np.array([taylor_dispersion(0.5 * pipe.diameter, float(v), f) if value > TURBULENT else 0.0
                           for v, f, value in zip(velocity, friction, Re, strict=True)])  # fmt: skip
    film = np.array([round_nusselt(float(value), Pr) for value in Re]) * p.conductivity * math.pi
    span, size = np.diff(t), heat.length / int(cells)
    parts = np.maximum(np.abs(velocity[:-1]) * span / size, 1.0)
    mixed = parts + 2.5 * spread[:-1] * span / size**2
    affordable("the pipe", float(mixed.sum()) * int(cells), "fewer cells, smaller flows, or shorter times", 1e10)
    body, wall = np.full(int(cells), start), np.full(int(cells), start)
    out, gained = np.zeros(len(t)), np.zeros((len(t) - 1, 3))
    before = (heat.fluid + heat.wall) * heat.length * start
    march_pipe(heat, int(scheme), t, velocity, film, spread, np.ascontiguousarray(T), np.full(len(t), float(T_ambient)),
               body, wall, np.zeros(int(cells)), out, gained)  # fmt: skip
    after = float((heat.fluid * body + heat.wall * wall).mean()) * heat.length
    total = gained.sum(axis=0)
    data = {
        "T_pipe_out": ("time", out),
        "heat_lost": ("time", np.concatenate([[0.0], gained[:, 2] / span])),
        "energy_residual": float(total[0] - total[1] - total[2] - (after - before)) / float(t[-1] - t[0]),
        "converged": np.bool_(np.isfinite(out).all()),
    }
    result = describe(xr.Dataset(data, {"time": t}))
    result.attrs |= provenance(pipe, coolant)
    result.attrs |= {"cells": int(cells), "scheme": Scheme(scheme).name, "T_properties": mean}
    result.attrs["dispersion"] = "Taylor, turbulent flow only" if dispersion else "none"
    return result
