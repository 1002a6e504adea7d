"""Demand response: less power from the grid for a while, by storage and by putting work off, caught up afterwards."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.grid import over_time
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.inputs import array, number, part
from thermal.names import describe
from thermal.power.ride_through import window
from thermal.power.storage import run_storage
from thermal.timeline import intervals

__all__ = ["demand_response"]


def demand_response(
    power: xr.DataArray,
    it_power: xr.DataArray,
    *,
    share: float,
    at: float,
    lasts: float,
    rated_it: float,
    least_it: float = 0.0,
    battery: Battery | None = None,
    rebound: float = 1.0,
) -> xr.Dataset:
    """Plan a reduction of a share of the grid's power for a while, by rule: storage as long as it lasts, then work.

    The goal is G = (1 − share)·L̄, L̄ the mean of the power over the event. The battery gives what its usable energy
    lasts for over all of the event, b = min(P_rated, E_usable·(1 − ℓ)/T); what remains is withheld from the IT
    equipment, c_k = max(L_k − b − G, 0), down to `least_it`. That work is caught up afterwards as fast as `rated_it`
    leaves room. Cooling and losses that fall with the IT power come on top: the plan counts none of them, so that the
    physics, run with the plan (``th.transient``), has to come out at or below it.

    Parameters
    ----------
    power : DataArray
        Power of the site over ``time`` without response, W.
    it_power : DataArray
        Of it that of the IT equipment, W.
    share : float
        Reduction asked for, of the mean power over the event.
    at, lasts : float
        Start and length of the event, s from the first row; on edges of rows.
    rated_it : float
        Highest IT power when work is caught up, W.
    least_it : float
        IT power that has to go on, W.
    battery : Battery, optional
        Storage; it starts at its highest state of charge and is charged again afterwards.
    rebound : float
        Highest power of the grid afterwards, over the highest power without response.

    Returns
    -------
    xarray.Dataset
        ``it_power`` of the plan, ``power_withheld``, ``power_caught_up``, ``grid_power``, the battery's series if there
        is one, and ``limit_missed``: grid power over the goal in the event. Attributes ``goal`` (W) and
        ``energy_owed`` (J: work not caught up by the end).

    Raises
    ------
    InputError
        If the event is not in the series, or the IT power is more than the site's.

    Examples
    --------
    >>> time = {"time": 900.0 * np.arange(8)}
    >>> site, it = (xr.DataArray([x] * 8, time, ("time",)) for x in (1.1e6, 1e6))
    >>> plan = demand_response(site, it, share=0.2, at=900.0, lasts=1800.0, rated_it=1.1e6, rebound=1.1)
    >>> (plan.it_power / 1e6).values.round(3)
    array([1.  , 0.78, 0.78, 1.1 , 1.1 , 1.1 , 1.1 , 1.04])
    """
    series, it = over_time("power", power), over_time("it_power", it_power)
    if not series["time"].equals(it["time"]) or bool((it > series * (1.0 + 1e-9)).any()):
        raise InputError("it_power must have the times of power, and be part of it")
    share = number("share", share, "-", above=0.0, high=1.0)
    rated = number("rated_it", rated_it, "W", above=0.0)
    least = np.asarray(array("least_it", least_it, "W", low=0.0))
    rebound = number("rebound", rebound, "-", above=0.0)
    lengths = intervals(series)
    event = window("the event", series, lengths, at, lasts)
    load = series.values
    goal = (1.0 - share) * float((load * lengths)[event].sum() / lengths[event].sum())
    held = 0.0
    if battery is not None:
        part("battery", battery, Battery, "th.load('batteries/lithium_1mw_4h') is one")
        slow = battery.discharge_within(battery.usable, float(lengths[event].sum()))
        held = max(slow - battery.standby_power, 0.0)
    withheld = np.where(event, np.clip(load - held - goal, 0.0, np.maximum(it.values - least, 0.0)), 0.0)
    most = rebound * float(load.max())
    caught, owed = np.zeros(load.size), 0.0
    for k in range(load.size):
        owed += withheld[k] * lengths[k]
        if not event[k] and owed > 0.0:
            room = min(rated - float(it[k]), most - load[k])
            caught[k] = min(max(room, 0.0), owed / lengths[k])
            owed -= caught[k] * lengths[k]
    left = series.copy(data=load - withheld + caught)
    columns: dict[str, Any] = {
        "power": ("time", load),
        "it_power": ("time", it.values - withheld + caught),
        "power_withheld": ("time", withheld),
        "power_caught_up": ("time", caught),
    }
    after = np.cumsum(event) > 0
    result = xr.Dataset(columns, {"time": series["time"]})
    if battery is None:
        result = result.assign(grid_power=("time", left.values))
    else:
        steps = iter(range(load.size))

        def rule(now: float, charge: float, step: float) -> float:
            k = next(steps)
            if event[k]:
                return min(now, goal - battery.standby_power)
            return max(now, most - battery.standby_power) if after[k] else now

        run = run_storage(left, battery, rule, start=battery.highest)
        result = result.assign({name: run[name] for name in run.data_vars if name not in {"power", "limit_missed"}})
    over = np.where(event, np.maximum(result["grid_power"].values - goal, 0.0), 0.0)
    result["limit_missed"] = ("time", np.where(over > 1e-9 * goal, over, 0.0))
    return describe(result.assign_attrs(goal=goal, energy_owed=owed, interval=float(lengths[-1])))
