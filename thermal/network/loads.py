"""Heat of a network by name: of racks, of single packages, constant or in time, as columns and where they go."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import array
from thermal.network.heat import even_times
from thermal.network.heat_web import LoweredHeat
from thermal.network.network import unknown
from thermal.physics.network.tables import HEATED

__all__ = ["NetworkLoad", "network_heat", "rack_columns", "units_of"]


class NetworkLoad(NamedTuple):
    """Heat given, by column, and where it goes."""

    time: xr.DataArray | None  # starts of the intervals; None where the heat is constant
    interval: float  # [s]; infinite where it is constant
    heat: np.ndarray  # (t, column) [W]
    heated: np.recarray  # HEATED
    columns: tuple[str, ...]  # names of racks and packages
    air: np.ndarray  # (column,) share of it that warms the room's air, times the racks that the column stands for
    it: np.ndarray  # (column,) the same of what is released at all, all but of a rack whose packages have their own

    def into(self, heat: np.ndarray, places: np.ndarray) -> np.ndarray:
        """What of heat (t, column) [W] goes into each of the places (t, place), ascending."""
        found = np.zeros((len(places), len(heat)))
        h = self.heated
        np.add.at(found, np.searchsorted(places, h.place), (heat[:, h.column] * h.share).T)
        return found.T


def units_of(lowered: LoweredHeat) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Names of the racks, and the packages of those that are unfolded."""
    packages: dict[str, list[str]] = {}
    racks: dict[str, None] = {}
    for sink in lowered.sinks:
        racks[sink.rack or sink.unit] = None
        if sink.rack and sink.unit:
            packages.setdefault(sink.rack, []).append(sink.unit)
    racks.pop("", None)
    return tuple(racks), {rack: tuple(names) for rack, names in packages.items()}


def rack_columns(lowered: LoweredHeat) -> NetworkLoad:
    """No heat yet, whose columns are the racks in their order."""
    racks, _ = units_of(lowered)
    return _load(lowered, {name: i for i, name in enumerate(racks)}, None, np.inf, np.zeros((1, len(racks))), {})


def _load(
    lowered: LoweredHeat,
    columns: dict[str, int],
    time: xr.DataArray | None,
    interval: float,
    heat: np.ndarray,
    shares: Mapping[str, float],
) -> NetworkLoad:
    heated, air = _heated(lowered, columns, shares), _to_air(lowered, tuple(columns))
    it = air.copy()
    np.add.at(it, heated.column, heated.share)
    return NetworkLoad(time, interval, heat, heated, tuple(columns), air, it)


def _to_air(lowered: LoweredHeat, columns: tuple[str, ...]) -> np.ndarray:
    """Share of each column that coolant does not take, times what it stands for; of a package none."""
    liquid, count = dict.fromkeys(columns, 0.0), dict.fromkeys(columns, 1)
    for sink in lowered.sinks:
        for name, share in ((sink.unit, sink.share), (sink.rack, sink.of_rack)):
            if name in liquid:
                liquid[name] += share * sink.times
        if sink.unit in count:
            count[sink.unit] = sink.times
    return np.array([count[name] - liquid[name] for name in columns])


def network_heat(lowered: LoweredHeat, heat: Any) -> NetworkLoad:
    """Heat by name as columns.

    Parameters
    ----------
    lowered : LoweredHeat
        The network's heat.
    heat : float, mapping, DataArray or Dataset
        Heat released [W]: a number is that of each rack, also of each that a branch stands for; a mapping gives names
        of racks or packages their number or series; a DataArray (or the ``heat`` of a Dataset) has dimensions of
        ``time``, ``branch`` (by name), ``rack`` and ``package`` (by their order). A package that is given its own heat
        takes no share of its rack's. A Dataset may have a ``share`` (rack, package) beside a ``heat`` by rack: what
        each package takes of all that the packages of its rack take, one number for a series of each.

    Raises
    ------
    InputError, DataError
        If a name is unknown or missing, a value is no number from zero on, shares do not add up to 1, or times are
        uneven.
    """
    racks, packages = units_of(lowered)
    shares = _shares(heat["share"], racks, packages) if isinstance(heat, xr.Dataset) and "share" in heat else {}
    if not racks:
        raise InputError("heat: the network has no rack or package that takes any")
    given = _by_name(heat, racks, packages)
    known = [*racks, *(name for names in packages.values() for name in names)]
    for name in given:
        if name not in known:
            raise unknown("rack or package", name, known)
    for rack in racks:
        parts = packages.get(rack, ())
        if rack not in given and not (parts and all(name in given for name in parts)):
            raise InputError(f"heat: nothing is given for {rack!r}; give it 0 if it is idle")
    times = [value for value in given.values() if "time" in value.dims]
    for value in times[1:]:
        if not value["time"].equals(times[0]["time"]):
            raise InputError("heat: all series must have the same times")
    time, interval = even_times(times[0]) if times else (None, np.inf)
    rows = times[0].sizes["time"] if times else 1
    columns = [np.broadcast_to(value.values, rows) for value in given.values()]
    places = {name: i for i, name in enumerate(given)}
    return _load(lowered, places, time, interval, np.stack(columns, axis=1), shares)


def _shares(share: xr.DataArray, racks: tuple[str, ...], packages: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """Of each package: its share over that of all alike."""
    value = array("share", share, "-", low=0.0, high=1.0)
    if set(value.dims) != {"rack", "package"} or value.sizes["rack"] != len(racks):
        raise InputError(f"share has dimensions {dict(value.sizes)}; it needs rack: {len(racks)}, and package")
    found: dict[str, float] = {}
    for rack, row in zip(racks, value.transpose("rack", "package").values, strict=True):
        names = packages.get(rack, ())
        if len(names) != len(row):
            raise InputError(
                f"share has {len(row)} packages, {rack!r} has {len(names)} of their own"
                + ("" if names else ": unfold it, manifold(..., unfold=True)")
            )
        if not abs(row.sum() - 1.0) <= 1e-6:
            raise InputError(f"share of the packages of {rack!r} adds up to {row.sum():.6g}, not 1")
        found |= dict(zip(names, (row / row.sum() * len(names)).tolist(), strict=True))
    return found


def _heated(lowered: LoweredHeat, column: Mapping[str, int], shares: Mapping[str, float]) -> np.recarray:
    rows = []
    for sink in lowered.sinks:
        if sink.unit in column:
            rows.append((column[sink.unit], lowered.place[sink.place], sink.times * sink.share))
        elif sink.rack in column:
            share = sink.times * sink.of_rack * shares.get(sink.unit, 1.0)
            rows.append((column[sink.rack], lowered.place[sink.place], share))
    return np.array(rows, HEATED).view(np.recarray)


def _by_name(heat: Any, racks: tuple[str, ...], packages: Mapping[str, tuple[str, ...]]) -> dict[str, xr.DataArray]:
    """Each name's heat, without dimensions or along time."""
    if isinstance(heat, xr.Dataset):
        if "heat" not in heat:
            raise InputError(f"heat: the Dataset has no variable 'heat' but {sorted(map(str, heat.data_vars))}")
        heat = heat["heat"]
    if isinstance(heat, Mapping):
        return {str(name): _series(f"heat of {name!r}", value) for name, value in heat.items()}
    value = array("heat", heat, "W", low=0.0)
    if not isinstance(value, xr.DataArray):
        if np.ndim(value) == 0:
            value = xr.DataArray(float(value))
        elif np.shape(value) == (len(racks),):
            value = xr.DataArray(value, dims="rack")
        else:
            raise InputError(
                f"heat of shape {np.shape(value)} fits no {len(racks)} racks; name its dimensions in a DataArray"
            )
    strange = set(map(str, value.dims)) - {"time", "branch", "rack", "package"}
    if strange or {"branch", "rack"} <= set(value.dims) or ("package" in value.dims and "rack" not in value.dims):
        raise InputError(
            f"heat has dimensions {list(map(str, value.dims))}; known are time, and branch, rack, or rack and package"
        )
    if "branch" in value.dims:
        if "branch" not in value.coords:
            raise InputError("heat has a dimension 'branch' without names; give it a coordinate")
        return {str(name): value.sel(branch=name, drop=True) for name in value["branch"].values}
    if "rack" not in value.dims:
        return dict.fromkeys(racks, value)
    if value.sizes["rack"] != len(racks):
        raise InputError(f"heat has {value.sizes['rack']} racks, the network has {len(racks)}")
    found: dict[str, xr.DataArray] = {}
    for i, rack in enumerate(racks):
        own = value.isel(rack=i, drop=True)
        if "package" not in value.dims:
            found[rack] = own
            continue
        names = packages.get(rack, ())
        if len(names) != value.sizes["package"]:
            raise InputError(
                f"heat has {value.sizes['package']} packages, {rack!r} has {len(names)} of their own"
                + ("" if names else ": unfold it, manifold(..., unfold=True)")
            )
        found |= {name: own.isel(package=k, drop=True) for k, name in enumerate(names)}
    return found


def _series(name: str, value: Any) -> xr.DataArray:
    found = array(name, value, "W", low=0.0)
    if not isinstance(found, xr.DataArray):
        found = xr.DataArray(found)
    if set(found.dims) - {"time"}:
        raise InputError(f"{name} has dimensions {list(map(str, found.dims))}; a number, or a series along time")
    return found
