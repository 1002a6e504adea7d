"""Pipes of a network sized for velocity, from a list of those that are sold."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr

from thermal.components.hydronics.pipe import Pipe
from thermal.errors import ConvergenceError, InputError
from thermal.inputs import number
from thermal.names import describe
from thermal.network.hydraulics import steady_flows
from thermal.network.network import Network

__all__ = ["SCHEDULE_40", "Sized", "size_pipes"]

# Outer diameter and wall [mm] of steel pipe, schedule 40, ASME B36.10M-2018 table 2-1
WALLS = {
    "DN15": (21.3, 2.77), "DN20": (26.7, 2.87), "DN25": (33.4, 3.38), "DN32": (42.2, 3.56), "DN40": (48.3, 3.68),
    "DN50": (60.3, 3.91), "DN65": (73.0, 5.16), "DN80": (88.9, 5.49), "DN100": (114.3, 6.02), "DN125": (141.3, 6.55),
    "DN150": (168.3, 7.11), "DN200": (219.1, 8.18), "DN250": (273.0, 9.27), "DN300": (323.8, 10.31),
}  # fmt: skip
SCHEDULE_40 = {name: (outer - 2.0 * wall) * 1e-3 for name, (outer, wall) in WALLS.items()}  # inner diameters [m]
ROUNDS = 50
FREE = 10  # rounds in which a pipe may shrink again; later it only grows, so that none swings between two sizes


class Sized(NamedTuple):
    """A network with its pipes sized, and what they were."""

    network: Network
    table: xr.Dataset


def size_pipes(
    network: Network, *, velocity: float = 1.2, sizes: Mapping[str, float] | None = None, T: float = 20.0,
    speed: float | Mapping[str, float] = 1.0,
) -> Sized:  # fmt: skip
    """Give every pipe the smallest diameter that keeps its velocity at or below a limit.

    The flows follow the diameters, so both are found in turn until no diameter changes.

    Parameters
    ----------
    network : Network
        The network.
    velocity : float
        Limit [m/s]; 1.2 m/s is what the ASHRAE Handbook, Fundamentals (2021), chapter 22 has for pipes up to DN50,
        against noise; for wider ones it limits the pressure gradient, 400 Pa/m, which the table shows.
    sizes : mapping, optional
        Inner diameter [m] by name; otherwise steel pipe DN15 to DN300, schedule 40, ASME B36.10M.
    T : float
        Coolant temperature [°C].
    speed : float or mapping
        Pump speed, as ``steady_flows`` takes it.

    Returns
    -------
    Sized
        ``network`` and ``table`` by branch: ``size``, ``diameter``, ``velocity`` and ``pressure_gradient`` (fittings
        and heights included), each but the first also ``_before``.

    Raises
    ------
    InputError
        If there is no pipe, or the widest is too narrow; the message names the branch.
    ConvergenceError
        If the diameters do not settle.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.network.network import Branch, Node
    >>> line = Network(coolant=th.load("coolants/water"), branches=[
    ...     Branch("line", Pipe(length=10, diameter=0.1, roughness=4.5e-5), "in", "out")],
    ...     nodes=[Node("in", draw=-2e-3), Node("out", pressure=2e5)])
    >>> str(size_pipes(line).table["size"].values[0])  # 2 L/s at 1.2 m/s takes 46 mm
    'DN50'
    """
    velocity = number("velocity", velocity, "m/s", above=0.0, high=20.0)
    bores = dict(SCHEDULE_40 if sizes is None else sizes)
    if not bores:
        raise InputError("size_pipes: sizes is empty; give inner diameters [m] by name")
    bores = {name: number(f"size {name!r}", d, "m", above=0.0, high=5.0) for name, d in bores.items()}
    labels = sorted(bores, key=lambda name: bores[name])
    names = [b.name for b in network.branches if isinstance(b.part, Pipe)]
    if not names:
        raise InputError("size_pipes: the network has no branch that is a Pipe")
    first = flows = steady_flows(network, T=T, speed=speed, cavitation="flag")
    chosen: dict[str, int] = {}
    sized = network
    for turn in range(ROUNDS):
        found = {name: _smallest(name, flows, bores, labels, velocity) for name in names}
        if turn >= FREE:
            found = {name: max(k, chosen[name]) for name, k in found.items()}
        if found == chosen:
            break
        chosen = found
        sized = _with_bores(network, {name: bores[labels[k]] for name, k in chosen.items()})
        flows = steady_flows(sized, T=T, speed=speed, cavitation="flag")
    else:
        raise ConvergenceError(f"size_pipes: diameters still change after {ROUNDS} rounds; give fewer sizes")
    old, new = _state(network, first, names), _state(sized, flows, names)
    data = {"size": np.array([labels[chosen[name]] for name in names]), **new}
    data |= {f"{key}_before": value for key, value in old.items()}
    table = describe(xr.Dataset({key: ("branch", value) for key, value in data.items()}, {"branch": names}))
    table.attrs["source"] = "ASME B36.10M-2018, schedule 40" if sizes is None else "sizes given"
    return Sized(sized, table)


def _smallest(name: str, flows: xr.Dataset, bores: Mapping[str, float], labels: list[str], velocity: float) -> int:
    """Place of the smallest size that is wide enough.

    Raises
    ------
    InputError
        If none is.
    """
    V = abs(float(flows.flow.sel(branch=name)))
    for k, label in enumerate(labels):
        if velocity * 0.25 * math.pi * bores[label] ** 2 >= V:
            return k
    speed = V / (0.25 * math.pi * bores[labels[-1]] ** 2)
    raise InputError(
        f"size_pipes: {name!r} carries {V:.4g} m3/s, {speed:.3g} m/s in the widest, {labels[-1]}, above velocity = "
        f"{velocity:g} m/s; give wider sizes, lay several in parallel (count), or raise the limit"
    )


def _with_bores(network: Network, bores: Mapping[str, float]) -> Network:
    """The network with other inner diameters of pipes."""
    return network.replace(
        branches=tuple(
            b.replace(part=b.part.replace(diameter=bores[b.name])) if b.name in bores else b for b in network.branches
        )
    )


def _state(network: Network, flows: xr.Dataset, names: list[str]) -> dict[str, np.ndarray]:
    """Diameter, velocity and pressure gradient of pipes."""
    pipes = [network.branch(name).part for name in names]
    d, length = np.array([p.diameter for p in pipes]), np.array([p.length for p in pipes])
    at = flows.sel(branch=names)
    return {
        "diameter": d,
        "velocity": np.abs(at.flow.values) / (0.25 * np.pi * d**2),
        "pressure_gradient": np.abs(at.pressure_difference.values) / length,
    }
