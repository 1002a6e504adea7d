"""Which point of a model belongs to which point of a measurement: units, coordinates, sides of intervals."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.names import NAMES
from thermal.traces.stamps import at_ends, at_starts, stamp_of

__all__ = ["Pair", "pair", "unit_of"]

ONE_TIME = 1e-6  # of a step: times nearer to each other are one


class Pair(NamedTuple):
    """Values that belong together, flat and with a finite measurement; the place of each in the measurement."""

    model: np.ndarray
    measured: np.ndarray
    place: np.ndarray  # index into the flattened measurement as it was given
    labelled: xr.DataArray | None  # the measurement with its coordinates, where it has any
    asked: int  # points of the measurement, gaps included


def unit_of(name: str, *sources: Any) -> str | None:
    """Unit that one of the series names, else the unit that the nomenclature gives its name, else nothing."""
    for source in sources:
        unit = getattr(source, "attrs", {}).get("units")
        if unit:
            return str(unit)
    return NAMES[name].units or None if name in NAMES else None


def pair(name: str, model: Any, measured: Any, join: str = "exact") -> Pair:
    """Match one quantity of model and measurement, by coordinates where both have them, else by position.

    Raises
    ------
    InputError
        If coordinates, units or shapes differ.
    DataError
        If the measurement has no value.
    """
    labelled = measured if isinstance(measured, xr.DataArray) else None
    asked = int(np.size(measured))
    place = np.arange(asked)
    if isinstance(model, xr.DataArray) and isinstance(measured, xr.DataArray):
        units = model.attrs.get("units"), measured.attrs.get("units")
        if None not in units and units[0] != units[1]:
            raise InputError(f"{name}: the model is in {units[0]}, the measurement in {units[1]}")
        numbered = xr.DataArray(place.reshape(measured.shape), measured.coords, measured.dims)
        model, measured, numbered = _aligned(name, model, measured, numbered, join)
        place = numbered.values.ravel()
    ours, theirs = _numbers(name, "model", model), _numbers(name, "measurement", measured)
    if ours.shape != theirs.shape:
        raise InputError(f"{name}: the model has shape {ours.shape}, the measurement {theirs.shape}")
    known = np.isfinite(theirs.ravel())
    if not known.any():
        what = "has no value" if theirs.size else "and the model have no point in common"
        raise DataError(f"{name}: the measurement {what}")
    return Pair(ours.ravel()[known], theirs.ravel()[known], place[known], labelled, asked)


def _numbers(name: str, side: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name}: the {side} holds {array.dtype}, not numbers")
    return array.astype(float)


def _aligned(name: str, model: Any, measured: Any, numbered: Any, join: str) -> tuple[Any, Any, Any]:
    model = _same_time(_one_convention(model, measured), measured)
    try:
        model, measured, numbered = xr.align(model, measured, numbered, join=join)  # type: ignore[call-overload]
    except ValueError as error:
        raise InputError(
            f"{name}: model and measurement have other coordinates ({error}); select or interpolate one, or compare "
            "what they have in common with join='inner'"
        ) from None
    if set(model.dims) != set(measured.dims):
        raise InputError(f"{name}: the model lies along {model.dims}, the measurement along {measured.dims}")
    return model.transpose(*measured.dims), measured, numbered


def _one_convention(model: Any, measured: Any) -> Any:
    """The model with its times at that side of the intervals where the measurement has them, if both say which."""
    sides = [stamp_of(d) for d in (model, measured)]
    if None in sides or sides[0] == sides[1]:
        return model
    return at_starts(model) if sides[1] == "start" else at_ends(model)


def _same_time(model: Any, measured: Any) -> Any:
    """Times in seconds that differ by rounding are the times of the measurement."""
    if not all("time" in d.dims and "time" in d.coords and d["time"].dtype.kind == "f" for d in (model, measured)):
        return model
    ours, theirs = model["time"].values, measured["time"].values
    if ours.shape != theirs.shape or ours.size < 2 or np.array_equal(ours, theirs):
        return model
    near = np.abs(ours - theirs) <= ONE_TIME * np.abs(np.diff(theirs)).min()
    return model.assign_coords(time=measured["time"]) if near.all() else model
