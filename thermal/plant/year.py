"""The year of a plant: a load and a weather give one dataset of hours."""

from collections.abc import Hashable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.cooling.rejection import HELD
from thermal.errors import InputError
from thermal.inputs import array, part
from thermal.names import ABOVE, describe
from thermal.outdoors.air import NEEDED, on_the_clock_of, possible
from thermal.physics.plant.year import Column, run_hours
from thermal.plant.plant import Plant
from thermal.plant.result import END_USES, HEATERS, attributes, named
from thermal.timeline import intervals

__all__ = ["Prepared", "plant_year", "prepared"]

HOUR = 3600.0
NEGATIVE = "heat into the facility water is positive, a negative load is none"
LEAST = 60.0  # s, shortest interval of a year: times that count rows would be seconds


def plant_year(
    plant: Plant, *, it_power: Any, weather: xr.Dataset, heat: Any = None, T_supply: Any = None
) -> xr.Dataset:
    """Run a plant through a year of weather, interval by interval: hours, or what the weather's times say.

    Parameters
    ----------
    plant : Plant
        The plant.
    it_power : float or array
        Electrical power of the IT equipment [W]: one number, one per hour, or a DataArray with more dimensions.
    weather : xarray.Dataset
        ``T_dry_bulb``, ``T_wet_bulb``, ``humidity_ratio`` and ``pressure`` along ``time`` and any further dimensions.
        Its interval is that of its times (`thermal.timeline.intervals`), else its attribute ``interval`` [s], else an
        hour; the result carries it in the same attribute.
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
        If the weather lacks a quantity, has gaps, is uneven in time, or is impossible (`thermal.outdoors.air`); if a
        load is negative or not a number.

    Examples
    --------
    >>> import thermal as th
    >>> plant, climate = th.load("plants/generic_20mw"), th.load("climates/chicago")
    >>> year = plant_year(plant, it_power=20e6, weather=th.weather(climate).isel(time=slice(0, 168)))
    >>> 1.0 < float(year.power.sum() / year.power.sel(end_use="it").sum()) < 1.2
    True
    """
    p = prepared(plant, it_power=it_power, weather=weather, heat=heat, T_supply=T_supply)
    columns = {k: _spread(v, p.sizes) for k, v in p.inputs.items()}
    hours = columns["heat"].size
    start = np.zeros(hours, np.bool_)
    start[:: p.sizes["time"]] = True
    table = np.empty((len(Column), hours))
    run_hours(
        p.model, columns["heat"], columns["T_supply"], columns["T_dry_bulb"], columns["T_wet_bulb"],
        columns["humidity_ratio"], columns["pressure"], start, table,
    )  # fmt: skip
    dims, shape = tuple(p.sizes), tuple(p.sizes.values())
    found = named(plant, p.ends, columns["it_power"], table)
    found[ABOVE] = table[Column.T_SUPPLY] > columns["T_supply"] + HELD
    variables = {
        k: xr.Variable(("end_use", *dims) if k == "power" else dims, v.reshape(*v.shape[:-1], *shape), fastpath=True)
        for k, v in found.items()
    }
    return describe(xr.Dataset(variables, coords=p.coords, attrs=p.attrs))


class Prepared(NamedTuple):
    """What a year needs, checked and lowered."""

    model: np.record
    ends: tuple[str, ...]  # end uses
    inputs: dict[str, xr.Variable]
    sizes: dict[Hashable, int]  # of all dimensions, time last
    coords: xr.Coordinates
    interval: float  # [s]
    attrs: dict[str, Any]


def prepared(plant: Plant, *, it_power: Any, weather: xr.Dataset, heat: Any = None, T_supply: Any = None) -> Prepared:
    """Check and lower a year, as in ``plant_year``."""
    part("plant", plant, Plant, hint="th.load('plants/generic_20mw') is one")
    it_power = array("it_power", it_power, "W", low=0.0, hint=NEGATIVE)
    T_supply = None if T_supply is None else array("T_supply", T_supply, "degC")
    weather = _complete(weather)
    interval = _interval(weather)
    given = {
        "it_power": it_power,
        "heat": it_power if heat is None else array("heat", heat, "W", low=0.0, hint=NEGATIVE),
        "T_supply": plant.T_supply if T_supply is None else T_supply,
    }
    model = plant.at_step(interval)
    ends = (*END_USES, HEATERS) if model.rejection.heater > 0.0 else END_USES
    inputs, sizes, coords = _aligned(given, weather, ends)
    plant.coolant.require(inputs["T_supply"].values, "T_supply")
    return Prepared(model, ends, inputs, sizes, coords, interval, attributes(plant, weather, interval))


def _complete(weather: xr.Dataset) -> xr.Dataset:
    """The weather with all that a plant needs, checked, in the units it needs it in."""
    if isinstance(weather, xr.Dataset) and not weather.sizes.get("time", 0):
        raise InputError("the weather has no hour along 'time'; one hour is weather.isel(time=[k])")
    return possible(weather)


def _interval(weather: xr.Dataset) -> float:
    """Length of each row of the weather [s]."""
    length = float(intervals(weather, default=HOUR)[0])
    if length < LEAST:
        raise InputError(
            f"weather: its rows last {length:g} s, a year runs in intervals of {LEAST:g} s or more; plain numbers "
            "along 'time' are seconds: drop them if they count rows, or give them units"
        )
    return length


@cache
def _end_uses(ends: tuple[str, ...]) -> xr.Dataset:
    return xr.Dataset(coords={"end_use": list(ends)})


def _aligned(
    given: dict[str, Any], weather: xr.Dataset, end_uses: tuple[str, ...]
) -> tuple[dict[str, xr.Variable], dict[Hashable, int], xr.Coordinates]:
    """All inputs as variables, and the dimensions of all together, time last; labels that differ are an error."""
    hours = weather.sizes["time"]
    variables: dict[str, xr.Variable] = {name: weather.variables[name] for name in NEEDED}
    outdoors = {dim for v in variables.values() for dim in v.dims}
    ends = _end_uses(end_uses)
    indexes = {dim: index for dim, index in weather.xindexes.items() if dim in outdoors} | dict(ends.xindexes)
    coords = {dim: weather.variables[dim] for dim in indexes if dim in outdoors} | dict(ends.variables)
    for name, value in given.items():
        if isinstance(value, xr.DataArray):
            if "time" in value.coords:
                moved = on_the_clock_of(weather, value["time"], name)
                value = value if moved.dtype == value["time"].dtype else value.assign_coords(time=moved)
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
