"""Storage of electricity between a load and the grid, by rule: smoothing to a ramp limit, shaving of peaks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.grid import over_time
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.names import describe
from thermal.quantity import provenance
from thermal.timeline import intervals

__all__ = ["carried", "run_storage", "shave", "smooth"]

HINT = "th.load('batteries/lithium_1mw_15min') is one"


def smooth(
    power: xr.DataArray, battery: Battery, ramp_limit: float, *, start: float | None = None, recovery: float = 900.0
) -> xr.Dataset:
    """Hold the ramps of the power drawn from the grid within a limit, W/s up and down.

    In each row the grid's power follows the load as far as the limit lets it, G_k = clip(L_k + R_k, G_{k−1} ± r·Δt),
    and the battery takes the difference. R_k = (s* − s_k)·E/τ brings the state of charge back to the middle of its
    bounds within the recovery time τ. What the battery cannot take or give is passed to the grid: ``limit_missed`` says
    how much, and is 0 where the limit held.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time``, W.
    battery : Battery
        The storage.
    ramp_limit : float
        Steepest change of the grid's power that is asked for, W/s.
    start : float, optional
        State of charge at the start; the middle of its bounds if not given.
    recovery : float
        Time in which the state of charge returns to the middle, s.

    Returns
    -------
    xarray.Dataset
        See `run_storage`.

    Examples
    --------
    >>> load = xr.DataArray([1e6, 2e6, 2e6, 2e6, 2e6], {"time": 10.0 * np.arange(5)}, ("time",))
    >>> run = smooth(load, Battery(power=1e6, energy=1e9), 3e4, recovery=1e12)
    >>> (run.grid_power / 1e6).values.round(6)
    array([1. , 1.3, 1.6, 1.9, 2. ])
    """
    limit = number("ramp_limit", ramp_limit, "W/s", above=0.0)
    recovery = number("recovery", recovery, "s", above=0.0)
    part("battery", battery, Battery, HINT)
    middle = 0.5 * (battery.lowest + battery.highest)
    before: list[float] = []

    def rule(load: float, charge: float, step: float) -> float:
        wanted = load + (middle - charge) * battery.energy / recovery
        if not before:
            return load
        return min(max(wanted, before[-1] - limit * step), before[-1] + limit * step)

    return run_storage(power, battery, rule, start=start, seen=before.append)


def shave(power: xr.DataArray, battery: Battery, limit: float, *, start: float | None = None) -> xr.Dataset:
    """Hold the power drawn from the grid below a limit: discharge above it, recharge below it as far as it allows.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time``, W.
    battery : Battery
        The storage.
    limit : float
        Power of the grid that is asked for, W, standby of the battery included.
    start : float, optional
        State of charge at the start; the highest one in use if not given.

    Returns
    -------
    xarray.Dataset
        See `run_storage`.

    Examples
    --------
    >>> load = xr.DataArray([2e6, 4e6, 2e6, 2e6], {"time": 900.0 * np.arange(4)}, ("time",))
    >>> run = shave(load, Battery(power=1e6, energy=2e9), 3e6)
    >>> (run.grid_power / 1e6).values
    array([2., 3., 3., 2.])
    """
    part("battery", battery, Battery, HINT)
    limit = number("limit", limit, "W", above=0.0) - battery.standby_power
    if limit <= 0.0:
        raise InputError(f"limit is not above the battery's standby_power = {battery.standby_power:g} W")
    first = battery.highest if start is None else start
    return run_storage(power, battery, lambda load, charge, step: limit, start=first, only_above=True)


def run_storage(
    power: xr.DataArray,
    battery: Battery,
    rule: Callable[[float, float, float], float],
    *,
    start: float | None = None,
    seen: Callable[[float], Any] | None = None,
    only_above: bool = False,
) -> xr.Dataset:
    """Run a battery row by row so that load plus battery comes to what a rule asks, within its power and its bounds.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time`` alone, W.
    battery : Battery
        The storage.
    rule : function
        Of the load [W], the state of charge and the length of the row [s]: the power asked of grid, without standby.
    start : float, optional
        State of charge at the start; the middle of its bounds if not given.
    seen : function, optional
        Told the power reached in each row, without standby, before the next one is asked for.
    only_above : bool
        Whether only power above what the rule asks counts as missed.

    Returns
    -------
    xarray.Dataset
        ``grid_power`` = load + charging − discharging + standby, ``charge_power``, ``discharge_power``,
        ``storage_loss``, ``storage_energy`` and ``state_of_charge`` at the end of each row, ``limit_missed``, and
        ``storage_residual``, which is in − out − losses − change of the energy held.

    Raises
    ------
    InputError
        If the battery is emptied by its rated power within one row: shorter rows are needed.
    """
    series = over_time("power", power)
    if series.dims != ("time",):
        raise InputError(f"power has dimensions {series.dims}: one series over time is needed; choose with .sel()")
    lengths = intervals(series)
    _require_longer_than_a_row(battery, float(lengths.max()))
    first = 0.5 * (battery.lowest + battery.highest) if start is None else start
    first = number("start", first, "-", low=battery.lowest, high=battery.highest)
    low, high = battery.lowest * battery.energy, battery.highest * battery.energy
    held, asked = first * battery.energy, np.empty(lengths.size)
    charge, discharge, energy = (np.zeros(lengths.size) for _ in range(3))
    for k, (load, step) in enumerate(zip(series.values.tolist(), lengths.tolist(), strict=True)):
        asked[k] = rule(load, held / battery.energy, step)
        need = asked[k] - load
        if need > 0.0:
            charge[k] = min(need, battery.charge_within(max(high - held, 0.0), step))
            held += charge[k] * (1.0 - battery._share(charge[k])) * step
        elif need < 0.0:
            discharge[k] = min(-need, battery.discharge_within(max(held - low, 0.0), step))
            held -= discharge[k] / (1.0 - battery._share(discharge[k])) * step
        held = min(max(held, low), high)  # rounding of the last bit
        energy[k] = held
        if seen is not None:
            seen(load + charge[k] - discharge[k])
    missed = series.values + charge - discharge - asked
    missed = np.maximum(missed, 0.0) if only_above else np.abs(missed)
    result = carried(series, battery, charge, discharge, energy, first, lengths)
    return describe(result.assign(limit_missed=("time", np.where(missed > 1e-9 * battery.power, missed, 0.0))))


def carried(
    series: xr.DataArray,
    battery: Battery,
    charge: np.ndarray,
    discharge: np.ndarray,
    energy: np.ndarray,
    start: float,
    lengths: np.ndarray,
) -> xr.Dataset:
    """What a battery did, as a result with its losses and the residual of its energy."""
    loss = charge * battery._share(charge) + battery.standby_power
    loss = loss + discharge * (1.0 / (1.0 - battery._share(discharge)) - 1.0)
    change = np.diff(energy, prepend=start * battery.energy)
    put_in = charge - discharge + battery.standby_power
    columns = {
        "power": series.values,
        "grid_power": series.values + put_in,
        "charge_power": charge,
        "discharge_power": discharge,
        "storage_loss": loss,
        "storage_energy": energy,
        "state_of_charge": energy / battery.energy,
        "storage_residual": (put_in - loss) * lengths - change,
    }
    result = xr.Dataset({name: ("time", values) for name, values in columns.items()}, {"time": series["time"]})
    result.attrs = {**provenance(battery), "interval": float(lengths[-1]), "start": start}
    return describe(result)


def _require_longer_than_a_row(battery: Battery, step: float) -> None:
    if battery.usable < battery.power * step * (1.0 - 1e-9):
        raise InputError(
            f"battery holds {battery.usable / 3.6e6:.4g} kWh between its bounds, a row of {step:g} s at rated power "
            f"takes {battery.power * step / 3.6e6:.4g} kWh: it is smaller than one step; take rows of at most "
            f"{battery.usable / battery.power:.4g} s, a lower power, or more energy"
        )
