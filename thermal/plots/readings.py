"""What a result says of the branches and nodes of a network at one time, for figures."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import InputError, listed
from thermal.inputs import number, part

__all__ = ["Reading", "at_time", "named", "reading", "require_its_own"]

NAN = float("nan")


class Reading(NamedTuple):
    """By branch or node name, SI and °C; NaN where the result says nothing."""

    flow: dict[str, float]  # of one of the branch's count
    T_in: dict[str, float]  # of the coolant that comes to a branch
    T_out: dict[str, float]  # that leaves a machine; elsewhere as it comes
    margin: dict[str, float]
    npsh_margin: dict[str, float]
    T_node: dict[str, float]
    pressure: dict[str, float]


def named(network: Any) -> Any:
    """The network of a Network or a Loop.

    Raises
    ------
    InputError
        If it is neither.
    """
    if hasattr(network, "racks") and callable(getattr(network, "network", None)):
        return network.network()
    if not (hasattr(network, "branches") and hasattr(network, "node_names")):
        raise InputError(f"network is a {type(network).__name__}; a Network or a Loop can be drawn")
    return network


def at_time(result: xr.Dataset, time: Any) -> xr.Dataset:
    """One moment of a result: the row nearest to `time` [s, or a date], the last if None.

    Raises
    ------
    InputError
        If the result has other axes, or the time is none of its own.
    """
    part("result", result, xr.Dataset, "th.steady or th.transient of the network gives one")
    if "time" not in result.dims:
        if time is not None:
            raise InputError("time is given, and the result has none: leave it out")
        return result
    if time is None:
        return result.isel(time=-1)
    rows = result["time"].values
    if rows.dtype.kind == "M":
        try:
            wanted: Any = np.datetime64(time, "ns")
        except ValueError:
            raise InputError(f"time = {time!r} is no date; the result runs {rows[0]} to {rows[-1]}") from None
    else:
        wanted = number("time", time, "s")
    if not rows[0] <= wanted <= rows[-1]:
        raise InputError(f"time = {time} is outside the result, which runs from {rows[0]} to {rows[-1]}")
    return result.isel(time=int(np.abs(rows - wanted).argmin()))


def reading(network: Any, result: xr.Dataset) -> Reading:
    """Read one moment of a result of the network, or of the Loop that it is.

    Raises
    ------
    InputError
        If the result has other axes, or is not of this network.
    """
    if "rack" in result.dims and "branch" not in result.dims:
        result = _loop_as_network(network, result)
    if "branch" not in result.coords or "flow" not in result:
        raise InputError(f"result has no flow by branch; it has {listed(result.data_vars)}")
    extra = [str(d) for d in result.dims if d not in {"branch", "node", "cdu", "end_use", "port", "height"}]
    if extra:
        raise InputError(f"result has {listed(extra)} beside branches: choose one with .isel() or .sel()")
    require_its_own(network, result)
    T_node, pressure = ({n: _value(result, name, "node", n) for n in network.node_names}
                        for name in ("T_node", "pressure_node"))  # fmt: skip
    found = Reading({}, {}, {}, {}, {}, T_node, pressure)
    for b in network.branches:
        cdu = hasattr(b.part, "pumps")
        key = f"{b.name}/loss" if cdu else b.name  # all coolant of a CDU passes its own loss
        flow = _value(result, "flow", "branch", key)
        found.flow[b.name] = flow
        found.T_in[b.name] = T_node[b.start if not flow < 0.0 else b.end]
        leaves = T_node[b.end] if cdu else _value(result, "T_rack_return", "branch", key)
        found.T_out[b.name] = leaves if np.isfinite(leaves) else found.T_in[b.name]
        found.margin[b.name] = _value(result, "margin", "branch", key)
        pumps = [f"{b.name}/pump_{i + 1}" for i in range(len(b.part.pumps))] if cdu else [b.name]
        heads = [_value(result, "npsh_margin", "branch", pump) for pump in pumps]
        found.npsh_margin[b.name] = min((h for h in heads if np.isfinite(h)), default=NAN)
    return found


def _value(result: xr.Dataset, name: str, dim: str, key: str) -> float:
    if name not in result or key not in result.indexes[dim]:
        return NAN
    return float(result[name].values[result.indexes[dim].get_loc(key)])


def require_its_own(network: Any, result: xr.Dataset) -> None:
    """Refuse a result that lacks a branch or node of the network, or has one that is not of it."""
    cdus = {b.name for b in network.branches if hasattr(b.part, "pumps")}
    branches = {b.name for b in network.branches} - cdus | {f"{name}/loss" for name in cdus}
    there = set(map(str, result["branch"].values))
    absent = sorted(branches - there)
    strange = sorted(name for name in there - branches if name.rpartition("/")[0] not in cdus)
    nodes = sorted(set(network.node_names) - set(map(str, result["node"].values)))
    for what, names in (
        ("lacks branch", absent),
        ("has, beside the network's, branch", strange),
        ("lacks node", nodes),
    ):
        if names:
            raise InputError(f"result is not of this network: it {what} {listed(names)}")


def _loop_as_network(network: Any, result: xr.Dataset) -> xr.Dataset:
    """A result of one loop by branch and node; equal racks share its flow evenly, of others it says nothing."""
    if "loop" in result.dims:
        if result.sizes["loop"] > 1:
            raise InputError(f"result has {result.sizes['loop']} loops: choose one with .isel(loop=0)")
        result = result.isel(loop=0)
    racks = [b for b in network.branches if not hasattr(b.part, "pumps")]
    cdus = [b for b in network.branches if hasattr(b.part, "pumps")]
    count = int(result["margin"].notnull().sum())
    if len(racks) != count or len(cdus) != 1:
        raise InputError(f"result is not of this network: it is of one CDU with {count} racks, here are {len(racks)}")
    share = float(result["flow"]) / count if all(b.part == racks[0].part for b in racks) else NAN
    cdu = cdus[0]
    data = {name: ("branch", [NAN, *result[name].values[:count]]) for name in ("margin", "T_rack_return")}
    data["flow"] = ("branch", [float(result["flow"]), *(count * [share])])
    data["T_node"] = ("node", [float(result["T_return"]), float(result["T_supply"])])
    names = [f"{cdu.name}/loss", *(b.name for b in racks)]
    return xr.Dataset(data, {"branch": names, "node": [cdu.start, cdu.end]})
