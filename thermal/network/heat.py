"""Heat loads as the kernels take them: one row per interval, one column per rack, without gaps or NaN."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.errors import DataError, InputError
from thermal.network.loop import Loop
from thermal.timeline import seconds
from thermal.units import in_unit

__all__ = ["Load", "even_times", "rack_heat"]


class Load(NamedTuple):
    """Heat of every rack over time."""

    time: xr.DataArray | None  # starts of the intervals; None where the heat is constant
    interval: float  # [s]; infinite where the heat is constant
    heat: np.ndarray  # (t, rack)


def rack_heat(heat: Any, loops: Sequence[Loop]) -> Load:
    """Spread a heat load over the racks of the loops.

    Parameters
    ----------
    heat : float, sequence, DataArray or Dataset
        Heat released in the racks [W]. A number is the heat of each rack; a sequence, that of each rack of a single
        loop; a DataArray (or the ``heat`` of a Dataset) may have dimensions ``time``, ``loop`` and ``rack``. Without
        ``rack`` the heat of a loop is shared among its racks by their design heat.

    Raises
    ------
    InputError, DataError
        If a value is missing, NaN or negative, the times are uneven, or sizes do not match; the message says where.
    """
    sizes = [len(loop.racks) for loop in loops]
    if isinstance(heat, xr.Dataset):
        if "heat" not in heat:
            raise InputError(f"heat: the Dataset has no variable 'heat' but {sorted(map(str, heat.data_vars))}")
        heat = heat["heat"]
    if not isinstance(heat, xr.DataArray):
        heat = _plain(heat, sizes)
    unknown = set(map(str, heat.dims)) - {"time", "loop", "rack"}
    if unknown:
        raise InputError(f"heat has dimensions {sorted(unknown)}; known are time, loop and rack")
    order = tuple(d for d in ("time", "loop", "rack") if d in heat.dims)
    values = heat if heat.dims == order else heat.transpose(*order)
    if not np.issubdtype(values.dtype, np.number):
        raise DataError(f"heat is of type {values.dtype}, not numbers: look for text in a column of the source")
    values = in_unit(values, "W", "heat")
    time, interval = even_times(values)
    array = values.values.astype(float).reshape([values.sizes.get(d, 1) for d in ("time", "loop", "rack")])
    _check(array, values, time)
    if "loop" in values.dims and array.shape[1] != len(loops):
        raise InputError(f"heat has {array.shape[1]} loops, the study has {len(loops)}")
    if "rack" in values.dims and (len(set(sizes)) > 1 or array.shape[2] != sizes[0]):
        raise InputError(f"heat has {array.shape[2]} racks per loop, the loops have {sorted(set(sizes))}")
    columns = []
    for i, loop in enumerate(loops):
        of_loop = array[:, min(i, array.shape[1] - 1), :]
        if "rack" in values.dims:
            columns.append(of_loop)
        elif "loop" in values.dims:
            design = loop.design_heat
            columns.append(of_loop * (design / design.sum()))
        else:
            columns.append(np.broadcast_to(of_loop, (len(array), sizes[i])))
    return Load(time, interval, np.ascontiguousarray(np.concatenate(columns, axis=1)))


def _plain(heat: Any, sizes: list[int]) -> xr.DataArray:
    if heat is None:
        raise InputError("heat is missing: a number, a sequence of numbers or a DataArray [W]")
    if isinstance(heat, bool | str):
        raise InputError(f"heat = {heat!r} is not a number, a sequence of numbers or a DataArray [W]")
    try:
        array = np.asarray(heat, float)
    except (TypeError, ValueError):
        raise InputError(f"heat = {heat!r} is not a number, a sequence of numbers or a DataArray [W]") from None
    if array.ndim == 0:
        return xr.DataArray(array)
    if array.ndim == 1 and len(sizes) == 1 and len(array) == sizes[0]:
        return xr.DataArray(array, dims="rack")
    raise InputError(f"heat of shape {array.shape} fits no rack count {sizes}; name its dimensions in a DataArray")


def even_times(values: xr.DataArray) -> tuple[xr.DataArray | None, float]:
    """Times of a heat load, and their even step [s]; none and infinite where it is constant.

    Raises
    ------
    DataError
        If times are missing or uneven; the message says where.
    """
    if "time" not in values.dims:
        return None, np.inf
    if "time" not in values.coords or values.sizes["time"] < 2:
        raise DataError("heat has a dimension 'time' but no times, or only one; give a coordinate of two or more")
    elapsed = seconds(values["time"])
    if not np.isfinite(elapsed).all():
        raise DataError(f"heat: the time of row {int(np.argmin(np.isfinite(elapsed)))} is not a number")
    steps = np.diff(elapsed)
    usual = float(np.median(steps))
    bad = np.flatnonzero(~(np.abs(steps - usual) <= 1e-6 * usual))
    if not usual > 0 or len(bad):
        k = int(bad[0]) if len(bad) else 0
        raise DataError(
            f"heat: gap or uneven step after time {values['time'].values[k]} (row {k}): {steps[k]:g} s where others "
            f"are {usual:g} s; resample or fill it with a named function first, readers never do"
        )
    return values["time"], usual


def _check(array: np.ndarray, values: xr.DataArray, time: xr.DataArray | None) -> None:
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        t, loop, rack = (int(i) for i in np.argwhere(bad)[0])
        when = f" at time {time.values[t]} (row {t})" if time is not None else ""
        where = f" loop {loop}" * ("loop" in values.dims) + f" rack {rack}" * ("rack" in values.dims)
        raise DataError(
            f"heat{where}{when} = {array[t, loop, rack]:g} W; it must be a number from 0 W on "
            f"({int(bad.sum())} such values): repair the trace with a named function first"
        )
