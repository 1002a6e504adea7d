"""The annual study: a plant, a load and a weather give one dataset of hours, and its yearly summary."""

from collections.abc import Hashable
from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.inputs import array
from thermal.names import ABOVE, describe
from thermal.outdoors.in_time import LIMITS
from thermal.physics.plant.year import Column, run_hours
from thermal.plant.plant import Plant
from thermal.plant.result import END_USES, HEATERS, HELD, attributes, named
from thermal.units import in_unit

__all__ = ["annual"]


def annual(plant: Plant, *, it_power: Any, weather: xr.Dataset, heat: Any = None, T_supply: Any = None) -> xr.Dataset:
    """Run a plant through a year of weather, hour by hour.

    Parameters
    ----------
    plant : Plant
        The plant.
    it_power : float or array
        Electrical power of the IT equipment [W]: one number, one per hour, or a DataArray with more dimensions.
    weather : xarray.Dataset
        ``T_dry_bulb``, ``T_wet_bulb``, ``humidity_ratio`` and ``pressure`` along ``time`` and any further dimensions.
    heat : float or array, optional
        Heat into the facility water [W]; by default all of `it_power`.
    T_supply : float or array, optional
        Set point of the facility water [°C] in place of the plant's: a schedule, or a further dimension.

    Every dimension of the inputs other than ``time`` is a dimension of the result, so that one call is a whole study:
    weathers joined by ``xr.concat(..., "climate")``, set points as a DataArray over ``T_supply``.

    Returns
    -------
    xarray.Dataset
        Hours of power by ``end_use``, temperatures, heats, water, mode, hours outside the curves, and residuals. Heat
        that no machine could take is ``heat_unmet``: nothing is clipped in silence.

    Raises
    ------
    InputError
        If the weather lacks a quantity, has gaps, or is impossible; if a load is negative or not a number.

    Examples
    --------
    >>> import thermal as th
    >>> plant, climate = th.load("plants/generic_20mw"), th.load("climates/chicago")
    >>> year = annual(plant, it_power=20e6, weather=th.weather(climate).isel(time=slice(0, 168)))
    >>> 1.0 < float(year.power.sum() / year.power.sel(end_use="it").sum()) < 1.2
    True
    """
    it_power = array("it_power", it_power, "W")
    T_supply = None if T_supply is None else array("T_supply", T_supply, "degC")
    weather = _complete(weather)
    given = {
        "it_power": it_power,
        "heat": it_power if heat is None else array("heat", heat, "W"),
        "T_supply": plant.T_supply if T_supply is None else T_supply,
    }
    model = plant.at_step(float(weather.attrs.get("interval", 3600.0)))
    ends = (*END_USES, HEATERS) if model.rejection.heater > 0.0 else END_USES
    inputs, sizes, coords = _aligned(given, weather, ends)
    _check(plant, inputs)
    columns = {k: _spread(v, sizes) for k, v in inputs.items()}
    hours = columns["heat"].size
    start = np.zeros(hours, np.bool_)
    start[:: weather.sizes["time"]] = True
    table = np.empty((len(Column), hours))
    run_hours(
        model, columns["heat"], columns["T_supply"], columns["T_dry_bulb"], columns["T_wet_bulb"],
        columns["humidity_ratio"], columns["pressure"], start, table,
    )  # fmt: skip
    dims, shape = tuple(sizes), tuple(sizes.values())
    found = named(plant, ends, columns["it_power"], table)
    found[ABOVE] = table[Column.T_SUPPLY] > columns["T_supply"] + HELD
    variables = {
        k: xr.Variable(("end_use", *dims) if k == "power" else dims, v.reshape(*v.shape[:-1], *shape), fastpath=True)
        for k, v in found.items()
    }
    return describe(xr.Dataset(variables, coords=coords, attrs=attributes(plant, weather)))


def _complete(weather: xr.Dataset) -> xr.Dataset:
    """The weather with all that a plant needs, in the units it needs it in."""
    if not isinstance(weather, xr.Dataset):
        raise InputError(f"weather is of type {type(weather).__name__}; th.weather gives a Dataset")
    absent = [name for name in LIMITS if name not in weather]
    if absent:
        raise InputError(f"the weather lacks {', '.join(absent)}; th.weather gives a complete dataset")
    if not weather.sizes.get("time", 0):
        raise InputError("the weather has no hour along 'time'; one hour is weather.isel(time=[k])")
    for name, (_, _, unit, _) in LIMITS.items():
        if weather.variables[name].attrs.get("units", unit) != unit:
            weather = weather.assign({name: in_unit(weather[name], unit, f"weather.{name}")})
    return weather


@cache
def _end_uses(ends: tuple[str, ...]) -> xr.Dataset:
    return xr.Dataset(coords={"end_use": list(ends)})


def _aligned(
    given: dict[str, Any], weather: xr.Dataset, end_uses: tuple[str, ...]
) -> tuple[dict[str, xr.Variable], dict[Hashable, int], xr.Coordinates]:
    """All inputs as variables, and the dimensions of all together, time last; labels that differ are an error."""
    hours = weather.sizes["time"]
    variables: dict[str, xr.Variable] = {name: weather.variables[name] for name in LIMITS}
    outdoors = {dim for v in variables.values() for dim in v.dims}
    ends = _end_uses(end_uses)
    indexes = {dim: index for dim, index in weather.xindexes.items() if dim in outdoors} | dict(ends.xindexes)
    coords = {dim: weather.variables[dim] for dim in indexes if dim in outdoors} | dict(ends.variables)
    for name, value in given.items():
        if isinstance(value, xr.DataArray):
            if value.dtype.kind not in "iuf":
                raise InputError(f"{name} holds {value.dtype}, not numbers")
            variables[name] = value.variable
            for dim, index in value.xindexes.items():
                if not (index is indexes.setdefault(dim, index) or indexes[dim].equals(index)):
                    raise InputError(f"{name} has other labels along {dim!r} than the inputs before it")
                coords.setdefault(dim, value.coords[dim].variable)
            continue
        array = np.asarray(value, float)
        if array.ndim and array.shape != (hours,):
            raise InputError(f"{name} has {array.size} values, the weather has {hours} hours")
        variables[name] = xr.Variable(("time",) if array.ndim else (), array)
    sizes = {dim: n for v in variables.values() for dim, n in v.sizes.items() if dim != "time"} | {"time": hours}
    wrong = [f"{k} along {d!r}" for k, v in variables.items() for d, n in v.sizes.items() if n != sizes[d]]
    if wrong:
        raise InputError(f"lengths differ: {', '.join(wrong)}")
    return variables, sizes, xr.Coordinates(coords, indexes)


def _spread(variable: xr.Variable, sizes: dict[Hashable, int]) -> np.ndarray:
    """One value per hour of all dimensions, as a flat column."""
    values = np.asarray(variable.values, float)
    if variable.dims != tuple(sizes):
        place = [variable.dims.index(dim) for dim in sizes if dim in variable.dims]
        shape = [n if dim in variable.dims else 1 for dim, n in sizes.items()]
        values = np.broadcast_to(values.transpose(place).reshape(shape), tuple(sizes.values()))
    return np.ascontiguousarray(values).ravel()


def _check(plant: Plant, columns: dict[str, xr.Variable]) -> None:
    for name, variable in columns.items():
        values = variable.values
        low, high, unit, doubt = LIMITS.get(name, (-np.inf, np.inf, "", ""))
        if low < values.min() and values.max() < high:
            continue
        if not np.isfinite(values).all():
            hour = _hour(variable, ~np.isfinite(values))
            raise InputError(f"{name} is not a number in hour {hour}; nothing is filled in: give a complete series")
        outside = ~((values >= low) & (values <= high))
        if outside.any():
            hour = _hour(variable, outside)
            raise InputError(
                f"{name} = {values[outside][0]:g} {unit} in hour {hour} is outside [{low:g}, {high:g}] {unit}; {doubt}"
            )
    heat = columns["heat"].values.min()
    if heat < 0.0:
        raise InputError(f"heat = {heat:g} W is negative; heat into the facility water is positive")
    over = columns["T_wet_bulb"] - columns["T_dry_bulb"]
    if over.values.max() > 0.01:
        wet, dry = (columns[name] + 0.0 * over for name in ("T_wet_bulb", "T_dry_bulb"))
        worst = int(over.values.argmax())
        raise InputError(
            f"T_wet_bulb = {wet.values.flat[worst]:g} degC lies above T_dry_bulb = {dry.values.flat[worst]:g} degC in "
            f"hour {_hour(over, over.values == over.values.max())}; check which is which"
        )
    plant.coolant.require(columns["T_supply"].values, "T_supply")


def _hour(variable: xr.Variable, wrong: np.ndarray) -> int:
    """First hour that is wrong, whatever the other dimensions."""
    if "time" not in variable.dims:
        return 0
    others = tuple(k for k, dim in enumerate(variable.dims) if dim != "time")
    return int(np.argmax(wrong.any(axis=others)))
