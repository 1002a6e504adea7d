"""Lead and lag of equal machines: which of them runs in each hour, how long each runs and how often it starts."""

from enum import StrEnum

import numpy as np
import xarray as xr

from thermal.accounting.gaps import clock
from thermal.errors import InputError
from thermal.inputs import array, member, number, part, whole
from thermal.names import describe
from thermal.timeline import elapsed_seconds, intervals

__all__ = ["Lead", "running_hours"]

WEEK = 168.0  # h


class Lead(StrEnum):
    """Which machine starts first."""

    FIXED = "fixed"  # always the first; the others follow in order
    ROTATING = "rotating"  # the next one after each period


def running_hours(
    year: xr.Dataset, machines: int, *, lead: Lead | str = Lead.ROTATING, period: float = WEEK
) -> xr.Dataset:
    """Hours that each of a plant's equal chillers runs, and its starts, from the number running in each hour.

    Machine k of n runs in hour t where (k - shift) mod n < running(t), shift = 0 with a fixed lead, floor(t/period)
    with a rotating one. Energy does not depend on it: the machines are equal.

    Parameters
    ----------
    year : xarray.Dataset
        Result of ``annual``: its ``chillers_running``.
    machines : int
        Equal chillers installed.
    lead : {"rotating", "fixed"}
        Which machine starts first.
    period : float
        Hours after which the lead passes to the next machine.

    Returns
    -------
    xarray.Dataset
        ``hours_running`` and ``starts`` by ``machine``; the hours add up to those of all machines together.

    Raises
    ------
    InputError
        If more chillers run than there are, or the period is not positive.

    Examples
    --------
    >>> day = xr.Dataset({"chillers_running": ("time", [1, 2, 1, 0])}, attrs={"interval": 3600.0})
    >>> running_hours(day, 2, lead="fixed").hours_running.values
    array([3., 1.])
    >>> running_hours(day, 2, lead="rotating", period=2.0).hours_running.values
    array([2., 2.])
    """
    part("year", year, xr.Dataset, "running_hours needs a result of th.annual")
    if "chillers_running" not in year or "time" not in year["chillers_running"].dims:
        raise InputError("running_hours needs chillers_running along time: a result of th.annual")
    running = array("year.chillers_running", year["chillers_running"], "-", low=0.0, hint="leave failed cases out")
    running = running.drop_attrs()
    lead, machines = member("lead", lead, Lead), whole("machines", machines, low=1, high=10_000)
    period = number("period", period, "hour", above=0.0)
    most = int(running.max())
    if most > machines:
        raise InputError(f"machines = {machines}, but up to {most} chillers run: give the number installed")
    hours = float(intervals(year)[0]) / 3600.0
    elapsed = np.arange(running.sizes["time"]) * hours
    if "time" in year.coords:
        elapsed = elapsed_seconds(clock(year["time"])) / 3600.0
    shift = np.floor(elapsed / period + 1e-9) if lead == Lead.ROTATING else np.zeros_like(elapsed)
    machine = xr.DataArray(np.arange(machines), dims="machine", coords={"machine": np.arange(machines)})
    on = (machine - xr.DataArray(shift, dims="time")) % machines < running.drop_vars("time", errors="ignore")
    before = on.shift(time=1, fill_value=False)
    result = xr.Dataset({"hours_running": hours * on.sum("time"), "starts": (on & ~before).sum("time")})
    return describe(result).assign_attrs(lead=str(lead), period=period)
