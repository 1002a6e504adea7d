"""Loss of the grid: what batteries and generators carry, for how long, and what is shed."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.grid import over_time
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.inputs import array, number, part
from thermal.names import describe
from thermal.quantity import provenance
from thermal.timeline import elapsed_seconds, intervals

__all__ = ["ride_through", "window"]

HINT = "th.load('batteries/lithium_1mw_15min') is one"


def ride_through(
    power: xr.DataArray,
    battery: Battery,
    *,
    at: float,
    lasts: float,
    essential: Any = 0.0,
    generator: float = 0.0,
    generator_after: float = 0.0,
    recharge: float = 0.0,
    start: float | None = None,
) -> xr.Dataset:
    """Carry a load through a loss of the grid: generators first once they run, then the battery, the essential last.

    While the grid is away a row is served with S = min(L, G + D), D the power that the battery can give in that row by
    its own law after its standby power; what is left is shed, all that is not essential first. Before, the battery
    rests; afterwards it is charged with `recharge` until it is as full as before.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time``, W.
    battery : Battery
        The storage.
    at, lasts : float
        Start and length of the loss, s from the first row; on edges of rows.
    essential : float or DataArray
        Of the load, what is shed last, W: pumps, control.
    generator : float
        Power of the generators, W; none if not given.
    generator_after : float
        Time from the loss until they carry load, s, counted in whole rows.
    recharge : float
        Power with which the battery is charged afterwards, W.
    start : float, optional
        State of charge at the start; the highest one in use if not given.

    Returns
    -------
    xarray.Dataset
        ``power_served``, ``power_shed``, ``essential_shed``, ``grid_power``, ``generator_power`` and the battery as in
        `thermal.power.storage.run_storage`, its ``storage_residual`` included; ``held_for`` and ``essential_for``: time
        from the loss until anything, or anything essential, is shed, s, at most its length.

    Raises
    ------
    InputError
        If the loss lies outside the series or between rows, or the essential part is more than the load.

    Examples
    --------
    >>> load = xr.DataArray([1e6] * 6, {"time": 60.0 * np.arange(6)}, ("time",))
    >>> run = ride_through(load, Battery(power=2e6, energy=1.5e8), at=60.0, lasts=240.0, essential=1e5)
    >>> (run.power_shed / 1e6).values, float(run.held_for)
    (array([0. , 0. , 0. , 0.5, 1. , 0. ]), 120.0)
    """
    part("battery", battery, Battery, HINT)
    series = over_time("power", power)
    lengths = intervals(series)
    load = series.values
    kept = np.broadcast_to(np.asarray(array("essential", essential, "W", low=0.0)), load.shape)
    if (kept > load * (1.0 + 1e-9) + 1e-9).any():
        k = int(np.argmax(kept - load))
        raise InputError(
            f"essential = {kept[k]:g} W is more than the load of {load[k]:g} W in row {k}: it is part of it"
        )
    away = window("the loss of grid", series, lengths, at, lasts)
    since = np.concatenate(([0.0], np.cumsum(lengths * away)[:-1]))
    engine = number("generator", generator, "W", low=0.0)
    after = number("generator_after", generator_after, "s", low=0.0)
    back = number("recharge", recharge, "W", low=0.0, high=battery.power)
    first = number("start", battery.highest if start is None else start, "-", low=battery.lowest, high=battery.highest)
    low, held = battery.lowest * battery.energy, first * battery.energy
    names = (
        "power_served",
        "generator_power",
        "grid_power",
        "charge_power",
        "discharge_power",
        "storage_energy",
        "loss",
    )
    rows = {name: np.zeros(load.size) for name in names}
    for k in range(load.size):
        standby, give, take, motor = battery.standby_power, 0.0, 0.0, 0.0
        if away[k]:
            ready = engine if since[k] >= after - 1e-9 else 0.0
            can = battery.discharge_within(max(held - low, 0.0), lengths[k])
            standby = min(standby, ready + can)
            served = min(load[k], max(ready + can - standby, 0.0))
            motor = min(ready, served + standby)
            give = served + standby - motor
        else:
            served = load[k]
            if since[k] > 0.0:
                take = min(back, battery.charge_within(max(first * battery.energy - held, 0.0), lengths[k]))
        lost = take * battery._share(take) + give * (1.0 / (1.0 - battery._share(give)) - 1.0)
        held = max(held + (take - give - lost) * lengths[k], low)
        drawn = 0.0 if away[k] else served + standby + take
        for name, value in zip(names, (served, motor, drawn, take, give, held, lost + standby), strict=True):
            rows[name][k] = value
    return _result(series, battery, rows, load, kept, away, since, lengths, first)


def _result(
    series: xr.DataArray, battery: Battery, rows: dict[str, np.ndarray], load: np.ndarray, kept: np.ndarray,
    away: np.ndarray, since: np.ndarray, lengths: np.ndarray, first: float,
) -> xr.Dataset:  # fmt: skip
    shed = load - rows["power_served"]
    essential_shed = np.maximum(kept - rows["power_served"], 0.0)
    change = np.diff(rows["storage_energy"], prepend=first * battery.energy)
    standby = rows["loss"] - (rows["charge_power"] * battery._share(rows["charge_power"]) + _lost_out(battery, rows))
    put_in = rows["charge_power"] - rows["discharge_power"] + standby
    columns = {
        "power": load,
        "power_shed": np.where(shed > 1e-9 * battery.power, shed, 0.0),
        "essential_shed": np.where(essential_shed > 1e-9 * battery.power, essential_shed, 0.0),
        "storage_loss": rows.pop("loss"),
        "state_of_charge": rows["storage_energy"] / battery.energy,
        **rows,
    }
    columns["storage_residual"] = (put_in - columns["storage_loss"]) * lengths - change
    result = xr.Dataset({name: ("time", values) for name, values in columns.items()}, {"time": series["time"]})
    for name, short in (("held_for", "power_shed"), ("essential_for", "essential_shed")):
        where = np.flatnonzero((columns[short] > 0.0) & away)
        result[name] = float(since[where[0]] if where.size else (lengths * away).sum())
    return describe(result.assign_attrs({**provenance(battery), "interval": float(lengths[-1]), "start": first}))


def _lost_out(battery: Battery, rows: dict[str, np.ndarray]) -> np.ndarray:
    give = rows["discharge_power"]
    return np.asarray(give * (1.0 / (1.0 - battery._share(give)) - 1.0))


def window(what: str, series: xr.DataArray, lengths: np.ndarray, at: Any, lasts: Any) -> np.ndarray:
    """Rows of a series within a time from its first row on.

    Raises
    ------
    InputError
        If the time is not within the series, or begins or ends between edges of rows.
    """
    begin = number("at", at, "s", low=0.0)
    end = begin + number("lasts", lasts, "s", above=0.0)
    elapsed = elapsed_seconds(series["time"].values)
    edges = np.append(elapsed, elapsed[-1] + lengths[-1])
    for edge in (begin, end):
        k = int(np.argmin(np.abs(edges - edge)))
        if abs(edges[k] - edge) > 1e-6 * lengths[min(k, lengths.size - 1)]:
            raise InputError(
                f"{what} from {begin:g} to {end:g} s does not lie on edges of rows of the series, which ends at "
                f"{edges[-1]:g} s; the nearest edge to {edge:g} s is {edges[k]:g} s"
            )
    return np.asarray((elapsed >= begin - 1e-9 * lengths) & (elapsed < end - 1e-9 * lengths))
