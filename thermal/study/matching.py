"""Which point of a model belongs to which point of a measurement: units, coordinates, starts and ends of intervals."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.names import NAMES
from thermal.timeline import elapsed_seconds, usual_step

__all__ = ["Pair", "at_ends", "at_starts", "pair", "unit_of"]

ONE_TIME = 1e-6  # of a step: times nearer to each other are one


class Pair(NamedTuple):
    """Values that belong together, flat and with a finite measurement; the place of each in the measurement."""

    model: np.ndarray
    measured: np.ndarray
    place: np.ndarray  # index into the flattened measurement as it was given
    labelled: xr.DataArray | None  # the measurement with its coordinates, where it has any
    asked: int  # points of the measurement, gaps included


def at_starts(data: Any, step: float | None = None) -> Any:
    """Move times that are ends of intervals, as results have them, to the starts, as traces have them.

    Parameters
    ----------
    data : Dataset or DataArray
        With a coordinate ``time``.
    step : float, optional
        Length of the intervals [s]; by default the usual step of the times, of which all others must be multiples.

    Returns
    -------
    Dataset or DataArray
        The same values. ``time`` says ``interval = "start"`` in its attributes, and how far it was moved.

    Raises
    ------
    DataError
        If the times have no common step.

    Examples
    --------
    >>> day = xr.DataArray([1.0, 2.0], {"time": [60.0, 120.0]}, ["time"])
    >>> at_starts(day).time.values
    array([ 0., 60.])
    """
    return _moved(data, step, "end", "start", -1)


def at_ends(data: Any, step: float | None = None) -> Any:
    """Move times that are starts of intervals to the ends; see `at_starts`.

    Examples
    --------
    >>> trace = xr.DataArray([1.0, 2.0], {"time": [0.0, 60.0]}, ["time"])
    >>> at_ends(trace).time.values
    array([ 60., 120.])
    """
    return _moved(data, step, "start", "end", 1)


def _moved(data: Any, step: float | None, before: str, after: str, sign: int) -> Any:
    if not isinstance(data, xr.Dataset | xr.DataArray) or "time" not in data.coords:
        raise InputError("times can be moved where the data have a coordinate 'time'; bare arrays have none")
    time = data["time"]
    said = time.attrs.get("interval")
    if said == after:
        return data
    if said not in {None, before}:
        raise InputError(f"time says interval = {said!r}; it can be 'start' or 'end'")
    length = _step(time) if step is None else float(step)
    if not length > 0:
        raise InputError(f"step = {step!r} must be a length of time above 0 s")
    shift = np.timedelta64(round(length * 1e9), "ns") if time.dtype.kind == "M" else length
    values = time.values + sign * shift
    attrs = {**time.attrs, "interval": after, "moved": f"{sign * length:g} s"}
    return data.assign_coords(time=("time", values, attrs))


def _step(time: xr.DataArray) -> float:
    if time.size < 2:
        raise DataError("one time alone has no interval: give step= in s")
    elapsed = elapsed_seconds(time.values)
    step, broken = usual_step(elapsed)
    for row in broken:
        gap = elapsed[row] - elapsed[row - 1]
        if gap < step or abs(gap / step - round(gap / step)) > 1e-3:
            raise DataError(
                f"time {time.values[row]} comes {gap:g} s after the row before where the step is {step:g} s: bring the "
                "data to one step, or give step= in s"
            )
    return step


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
    sides = [d["time"].attrs.get("interval") if "time" in d.coords else None for d in (model, measured)]
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
