"""The annual study: a plant, a load and a weather give one dataset of hours, and its yearly summary."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import xarray as xr

import thermal
from thermal.errors import InputError
from thermal.names import describe
from thermal.physics.facility import Mode
from thermal.physics.plant_year import Column, run_hours
from thermal.plant.dry_cooler import DryCooler
from thermal.plant.plant import Plant
from thermal.system.outdoors import LIMITS
from thermal.units import to_si

__all__ = ["annual", "in_watts", "yearly"]

END_USES = ("it", "facility_pumps", "condenser_pumps", "chillers", "tower_fans", "dry_cooler_fans")
SERIES = {
    "heat": Column.HEAT,
    "T_facility_supply": Column.T_SUPPLY,
    "T_facility_return": Column.T_RETURN,
    "T_tower_supply": Column.T_CONDENSER,
    "T_tower_return": Column.T_CONDENSER_RETURN,
    "heat_economised": Column.ECONOMISED,
    "heat_rejected": Column.REJECTED,
    "heat_unmet": Column.UNMET,
    "water_evaporated": Column.EVAPORATED,
    "water_drift": Column.DRIFT,
    "water_blow_down": Column.BLOW_DOWN,
    "air_ratio": Column.AIR_RATIO,
    "mode": Column.MODE,
    "chillers_running": Column.CHILLERS_ON,
    "outside_chiller": Column.CHILLER_OUTSIDE,
    "outside_rejection": Column.REJECTION_OUTSIDE,
    "energy_residual": Column.ENERGY_RESIDUAL,
}
FLAGS = ("outside_chiller", "outside_rejection")
TOLERANCE = 1e-9  # energy residual over heat


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
    it_power = in_watts("it_power", it_power)
    given = {
        "it_power": it_power,
        "heat": it_power if heat is None else in_watts("heat", heat),
        "T_supply": plant.T_supply if T_supply is None else T_supply,
        **{name: weather[name] for name in _complete(weather)},
    }
    columns, dims, shape, coords = _aligned(given, weather.sizes["time"])
    _check(plant, columns)
    hours = columns["heat"].size
    start = np.zeros(hours, np.bool_)
    start[:: weather.sizes["time"]] = True
    table = np.empty((len(Column), hours))
    run_hours(
        plant.model, columns["heat"], columns["T_supply"], columns["T_dry_bulb"], columns["T_wet_bulb"],
        columns["humidity_ratio"], columns["pressure"], start, table,
    )  # fmt: skip
    data = _named(plant, columns["it_power"], table)
    variables = {
        k: (("end_use", *dims) if k == "power" else dims, v.reshape(*v.shape[:-1], *shape)) for k, v in data.items()
    }
    result = xr.Dataset(variables, coords={**coords, "end_use": list(END_USES)}, attrs=_attributes(plant, weather))
    return describe(result)


def in_watts(name: str, value: Any) -> Any:
    """A power as numbers in W: a DataArray's ``units`` attribute is obeyed, a list is an array, a text is refused."""
    if isinstance(value, xr.DataArray):
        unit = str(value.attrs.get("units", "W"))
        return value if unit == "W" else (value * to_si(1.0, unit, "W", where=name)).assign_attrs(units="W")
    try:
        return np.asarray(value).astype(float, casting="same_kind")
    except (TypeError, ValueError):
        raise InputError(f"{name} = {value!r} is not a power in W: give a number, or one number per hour") from None


def yearly(year: xr.Dataset, *, where: Any = None) -> xr.Dataset:
    """Sums of a year: energy by end use [J], water [m³], free-cooling hours, hours outside the curves, unmet heat [J].

    Parameters
    ----------
    year : xarray.Dataset
        Result of `annual`.
    where : array of bool, optional
        Hours to sum, such as ``year.time.dt.hour.isin(range(8, 20))`` for the hours of a peak tariff; by default all.

    Examples
    --------
    >>> import thermal as th
    >>> plant, climate = th.load("plants/generic_20mw"), th.load("climates/chicago")
    >>> week = th.weather(climate).isel(time=slice(0, 168))
    >>> float(yearly(annual(plant, it_power=20e6, weather=week)).energy.sel(end_use="it") / 3.6e6) == 20e3 * 168
    True
    """
    step = float(year.attrs["interval"])
    hours = step / 3600.0
    if where is not None:
        year = year.isel(time=np.flatnonzero(np.asarray(where, bool)))

    def total(name: str, factor: float, values: Any = None) -> xr.Variable:
        variable = year.variables[name]
        data = variable.values if values is None else values
        axis = variable.dims.index("time")
        return xr.Variable([d for d in variable.dims if d != "time"], factor * data.sum(axis=axis))

    data = {
        "energy": total("power", step),
        "water": total("water_make_up", step / 1000.0),
        "energy_unmet": total("heat_unmet", step),
        "hours_free": total("mode", hours, year.variables["mode"].values == Mode.FREE),
        "hours_outside_chiller": total("outside_chiller", hours),
        "hours_outside_rejection": total("outside_rejection", hours),
    }
    coords = {name: c for name, c in year.coords.items() if "time" not in c.dims}
    return describe(xr.Dataset(data, coords=coords, attrs=year.attrs))


def _complete(weather: xr.Dataset) -> tuple[str, ...]:
    needed = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")
    absent = [name for name in needed if name not in weather]
    if absent:
        raise InputError(f"the weather lacks {', '.join(absent)}; th.weather gives a complete dataset")
    return needed


def _aligned(
    given: dict[str, Any], hours: int
) -> tuple[dict[str, np.ndarray], tuple[Hashable, ...], tuple[int, ...], dict[Hashable, Any]]:
    """All inputs as flat columns over the same dimensions, time last; labels that differ are an error."""
    variables: dict[str, xr.Variable] = {}
    coords: dict[Hashable, Any] = {}
    for name, value in given.items():
        if isinstance(value, xr.DataArray):
            variables[name] = value.variable
            for dim in value.dims:
                if dim in value.coords and not np.array_equal(
                    coords.setdefault(dim, value[dim].values), value[dim].values
                ):
                    raise InputError(f"{name} has other labels along {dim!r} than the inputs before it")
            continue
        array = np.asarray(value, float)
        if array.ndim and array.shape != (hours,):
            raise InputError(f"{name} has {array.size} values, the weather has {hours} hours")
        variables[name] = xr.Variable(("time",) if array.ndim else (), array)
    sizes = {dim: n for v in variables.values() for dim, n in v.sizes.items() if dim != "time"} | {"time": hours}
    wrong = [f"{k} along {d!r}" for k, v in variables.items() for d, n in v.sizes.items() if n != sizes[d]]
    if wrong:
        raise InputError(f"lengths differ: {', '.join(wrong)}")
    columns = {
        k: np.ascontiguousarray(v.set_dims(sizes).transpose(*sizes).values, float).ravel() for k, v in variables.items()
    }
    return columns, tuple(sizes), tuple(sizes.values()), coords


def _check(plant: Plant, columns: dict[str, np.ndarray]) -> None:
    for name, values in columns.items():
        if not np.isfinite(values).all():
            hour = int(np.argmax(~np.isfinite(values)))
            raise InputError(f"{name} is not a number in hour {hour}; nothing is filled in: give a complete series")
    if (columns["heat"] < 0.0).any():
        raise InputError(f"heat = {columns['heat'].min():g} W is negative; heat into the facility water is positive")
    for name, (low, high, unit, doubt) in LIMITS.items():
        outside = ~((columns[name] >= low) & (columns[name] <= high))
        if outside.any():
            hour = int(np.argmax(outside))
            raise InputError(
                f"{name} = {columns[name][hour]:g} {unit} in hour {hour} is outside [{low:g}, {high:g}] {unit}; {doubt}"
            )
    over = columns["T_wet_bulb"] - columns["T_dry_bulb"]
    if (over > 0.01).any():
        hour = int(np.argmax(over))
        raise InputError(
            f"T_wet_bulb = {columns['T_wet_bulb'][hour]:g} degC lies above T_dry_bulb = "
            f"{columns['T_dry_bulb'][hour]:g} degC in hour {hour}; check which is which"
        )
    plant.coolant.require(columns["T_supply"], "T_supply")


def _named(plant: Plant, it_power: np.ndarray, table: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of the kernel's table under their names."""
    still = np.zeros_like(it_power)
    fans = table[Column.FANS]
    dry = isinstance(plant.rejection, DryCooler)
    ends = (
        it_power, table[Column.FACILITY_PUMPS], table[Column.CONDENSER_PUMPS], table[Column.CHILLERS],
        still if dry else fans, fans if dry else still,
    )  # fmt: skip
    data = {name: table[c].astype(bool) if name in FLAGS else table[c] for name, c in SERIES.items()}
    data["power"] = np.stack(ends)
    data["site_power"] = data["power"].sum(axis=0)
    used = data["water_evaporated"] + data["water_drift"] + data["water_blow_down"]
    data["water_make_up"] = used
    data["mass_residual"] = data["water_make_up"] - used
    data["converged"] = np.abs(data["energy_residual"]) <= TOLERANCE * np.maximum(data["heat"], 1.0)
    return data


def _attributes(plant: Plant, weather: xr.Dataset) -> dict[str, Any]:
    origin = plant.origin
    return {
        "interval": float(weather.attrs.get("interval", 3600.0)),
        "weather": str(weather.attrs.get("source", "not stated")),
        "plant": origin.model if origin else "not from the library",
        "plant_sha256": origin.sha256 if origin else "",
        "tolerance": TOLERANCE,
        "version": thermal.__version__,
    }
