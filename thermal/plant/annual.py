"""The annual study: a plant, a load and a weather give one dataset of hours, and its yearly summary."""

from typing import Any

import numpy as np
import xarray as xr

import thermal
from thermal.errors import InputError
from thermal.names import describe
from thermal.physics.facility import Mode
from thermal.physics.plant_year import Column, run_hours
from thermal.physics.record import as_record
from thermal.plant.dry_cooler import DryCooler
from thermal.plant.plant import Plant

__all__ = ["annual", "yearly"]

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
    >>> year = annual(plant, it_power=20e6, weather=th.weather(climate))
    >>> 1.0 < float(year.power.sum() / year.power.sel(end_use="it").sum()) < 1.2
    True
    """
    shared = _aligned(plant, it_power, weather, heat, T_supply)
    template = shared["it_power"]
    columns = {k: np.ascontiguousarray(v.to_numpy(), float).ravel() for k, v in shared.items()}
    _check(plant, columns)
    start = np.zeros(template.size, np.bool_)
    start[:: template.sizes["time"]] = True
    table = np.empty((template.size, len(Column)))
    run_hours(
        as_record(plant.model), columns["heat"], columns["T_supply"], columns["T_dry_bulb"], columns["T_wet_bulb"],
        columns["humidity_ratio"], columns["pressure"], start, table,
    )  # fmt: skip
    return _result(plant, template, table, weather)


def yearly(year: xr.Dataset) -> xr.Dataset:
    """Sums of a year: energy by end use [J], water [m³], free-cooling hours, hours outside the curves, unmet heat [J].

    Parameters
    ----------
    year : xarray.Dataset
        Result of `annual`.

    Examples
    --------
    >>> import thermal as th
    >>> plant, climate = th.load("plants/generic_20mw"), th.load("climates/chicago")
    >>> sums = yearly(annual(plant, it_power=20e6, weather=th.weather(climate)))
    >>> float(sums.energy.sel(end_use="it") / 3.6e6) == 20e3 * 8760
    True
    """
    step = float(year.attrs["interval"])
    hours = step / 3600.0
    return describe(
        xr.Dataset(
            {
                "energy": year.power.sum("time") * step,
                "water": year.water_make_up.sum("time") * step / 1000.0,
                "energy_unmet": year.heat_unmet.sum("time") * step,
                "hours_free": (year["mode"] == Mode.FREE).sum("time") * hours,
                "hours_outside_chiller": year.outside_chiller.sum("time") * hours,
                "hours_outside_rejection": year.outside_rejection.sum("time") * hours,
            },
            attrs=year.attrs,
        )
    )


def _aligned(plant: Plant, it_power: Any, weather: xr.Dataset, heat: Any, T_supply: Any) -> dict[str, xr.DataArray]:
    """All inputs on one set of dimensions, time last."""
    needed = ("T_dry_bulb", "T_wet_bulb", "humidity_ratio", "pressure")
    absent = [name for name in needed if name not in weather]
    if absent:
        raise InputError(f"the weather lacks {', '.join(absent)}; th.weather gives a complete dataset")

    def series(name: str, value: Any) -> xr.DataArray:
        if isinstance(value, xr.DataArray):
            return value
        array = np.asarray(value, float)
        if array.ndim == 0:
            return xr.DataArray(array)
        if array.shape != (weather.sizes["time"],):
            raise InputError(f"{name} has {array.size} values, the weather has {weather.sizes['time']} hours")
        return xr.DataArray(array, dims="time")

    power = series("it_power", it_power)
    inputs = {
        "it_power": power,
        "heat": power if heat is None else series("heat", heat),
        "T_supply": series("T_supply", plant.T_supply if T_supply is None else T_supply),
        **{name: weather[name] for name in needed},
    }
    together = xr.broadcast(*inputs.values())
    return {k: v.transpose(..., "time") for k, v in zip(inputs, together, strict=True)}


def _check(plant: Plant, columns: dict[str, np.ndarray]) -> None:
    for name, values in columns.items():
        if not np.isfinite(values).all():
            hour = int(np.argmax(~np.isfinite(values)))
            raise InputError(f"{name} is not a number in hour {hour}; nothing is filled in: give a complete series")
    if (columns["heat"] < 0.0).any():
        raise InputError(f"heat = {columns['heat'].min():g} W is negative; heat into the facility water is positive")
    over = columns["T_wet_bulb"] - columns["T_dry_bulb"]
    if (over > 0.01).any():
        hour = int(np.argmax(over))
        raise InputError(
            f"T_wet_bulb = {columns['T_wet_bulb'][hour]:g} degC lies above T_dry_bulb = "
            f"{columns['T_dry_bulb'][hour]:g} degC in hour {hour}; check which is which"
        )
    if not ((columns["pressure"] > 30e3) & (columns["pressure"] < 120e3)).all():
        worst = columns["pressure"].min()
        raise InputError(f"pressure = {worst:g} Pa is outside [30000, 120000] Pa; barometric pressure is in Pa")
    plant.coolant.require(columns["T_supply"], "T_supply")


def _result(plant: Plant, template: xr.DataArray, table: np.ndarray, weather: xr.Dataset) -> xr.Dataset:
    """Names and dimensions for the table of the kernel."""
    dims, shape = template.dims, template.shape

    def column(c: int) -> np.ndarray:
        return np.ascontiguousarray(table[:, c]).reshape(shape)

    fans = column(Column.FANS)
    dry = isinstance(plant.rejection, DryCooler)
    still = np.zeros(shape)
    power = np.stack([
        template.to_numpy(), column(Column.FACILITY_PUMPS), column(Column.CONDENSER_PUMPS), column(Column.CHILLERS),
        still if dry else fans, fans if dry else still,
    ])  # fmt: skip
    data: dict[str, Any] = {"power": (("end_use", *dims), power)}
    for name, c in SERIES.items():
        values = column(c)
        data[name] = (dims, values.astype(bool) if name in FLAGS else values)
    make_up = sum(column(c) for c in (Column.EVAPORATED, Column.DRIFT, Column.BLOW_DOWN))
    data["water_make_up"] = (dims, make_up)
    used = data["water_evaporated"][1] + data["water_drift"][1] + data["water_blow_down"][1]
    data["mass_residual"] = (dims, make_up - used)
    closed = np.abs(data["energy_residual"][1]) <= TOLERANCE * np.maximum(data["heat"][1], 1.0)
    data["converged"] = (dims, closed)
    data["site_power"] = (dims, power.sum(axis=0))
    origin = plant.origin
    attributes = {
        "interval": float(weather.attrs.get("interval", 3600.0)),
        "weather": str(weather.attrs.get("source", "not stated")),
        "plant": origin.model if origin else "not from the library",
        "plant_sha256": origin.sha256 if origin else "",
        "tolerance": TOLERANCE,
        "version": thermal.__version__,
    }
    coords = {**{k: v for k, v in template.coords.items() if k in dims}, "end_use": list(END_USES)}
    return describe(xr.Dataset(data, coords=coords, attrs=attributes))
