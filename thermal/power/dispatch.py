"""When storage charges and discharges: by a rule of two prices, and at least cost by linear programme."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.cost import priced
from thermal.accounting.grid import over_time
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.power.storage import run_storage
from thermal.timeline import intervals

__all__ = ["by_price", "least_cost"]

HINT = "th.load('batteries/lithium_1mw_4h') is one"


def by_price(
    power: xr.DataArray, battery: Battery, price: float | xr.DataArray, *, low: float, high: float
) -> xr.Dataset:
    """Charge at full power where energy costs no more than `low`, discharge where it costs `high` or more; no export.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time``, W.
    battery : Battery
        The storage; it starts at its lowest state of charge.
    price : float or DataArray
        Per joule, as for ``th.accounting.cost``.
    low, high : float
        Prices per joule at and below which it charges, at and above which it discharges.

    Returns
    -------
    xarray.Dataset
        As of `thermal.power.storage.run_storage`.

    Examples
    --------
    >>> from thermal.units import kWh
    >>> time = {"time": 3600.0 * np.arange(3)}
    >>> load, price = xr.DataArray([2e6] * 3, time, ("time",)), xr.DataArray([0.05, 0.1, 0.2], time, ("time",)) / kWh
    >>> run = by_price(load, Battery(power=1e6, energy=3.6e9), price, low=0.06 / kWh, high=0.15 / kWh)
    >>> (run.grid_power / 1e6).values
    array([3., 2., 1.])
    """
    part("battery", battery, Battery, HINT)
    low, high = number("low", low, "1/J"), number("high", high, "1/J")
    if not low < high:
        raise InputError(f"low = {low:g} must be below high = {high:g}: prices to charge at and to discharge at")
    prices = iter(priced(over_time("power", power), "price", price, "1/J").tolist())

    def rule(load: float, charge: float, step: float) -> float:
        now = next(prices)
        wanted = battery.power if now <= low else -battery.power if now >= high else 0.0
        return max(load + wanted, min(load, 0.0))

    return run_storage(power, battery, rule, start=battery.lowest).drop_vars("limit_missed")


def least_cost(
    power: xr.DataArray, battery: Battery, price: float | xr.DataArray, *, demand_charge: float = 0.0
) -> xr.Dataset:
    """Dispatch of least cost with the whole series known: a linear programme, then run by the battery's own law.

    Least Σ p_k·(c_k − d_k)·Δt_k + D·max_k(L_k + c_k − d_k) over charging c and discharging d with 0 ≤ c, d ≤ P_rated,
    E_k = E_{k−1} + (η·c_k − d_k/η)·Δt_k within the bounds, L_k + c_k − d_k ≥ 0 where the load is positive (no export).
    η is the efficiency at rated power, the least one. It starts and may end at the lowest state of charge. Where a
    price is negative, a whole-number variable keeps it from charging and discharging at once.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time``, W.
    battery : Battery
        The storage; it starts at its lowest state of charge.
    price : float or DataArray
        Per joule, as for ``th.accounting.cost``.
    demand_charge : float
        Per watt of the highest power of the window.

    Returns
    -------
    xarray.Dataset
        As of `thermal.power.storage.run_storage`: what the battery does by its own law when it is asked for the plan;
        ``limit_missed`` is the power of the plan that it could not follow. Attribute ``planned_cost``: the programme's.

    Raises
    ------
    InputError
        If there is no plan; the message has the reason.

    Examples
    --------
    >>> from thermal.units import kWh
    >>> time = {"time": 3600.0 * np.arange(3)}
    >>> load, price = xr.DataArray([2e6] * 3, time, ("time",)), xr.DataArray([0.05, 0.1, 0.2], time, ("time",)) / kWh
    >>> run = least_cost(load, Battery(power=1e6, energy=3.6e9), price)
    >>> (run.grid_power / 1e6).values.round(9)
    array([3., 2., 1.])
    """
    part("battery", battery, Battery, HINT)
    series = over_time("power", power)
    lengths = intervals(series)
    prices = priced(series, "price", price, "1/J")
    charge = number("demand_charge", demand_charge, "1/W", low=0.0)
    plan, planned = _programme(series.values, lengths, prices, battery, charge)
    wanted = iter((series.values + plan).tolist())
    run = run_storage(power, battery, lambda load, held, step: next(wanted), start=battery.lowest)
    return run.assign_attrs(planned_cost=planned)


def _programme(
    load: np.ndarray, lengths: np.ndarray, prices: np.ndarray, battery: Battery, demand_charge: float
) -> tuple[np.ndarray, float]:
    """Charging less discharging of each row, W, and the cost of the plan. Work in units of rated power and of hours."""
    from scipy import sparse
    from scipy.optimize import linprog

    rows, unit = load.size, battery.power
    efficiency = float(battery.efficiency(battery.power))
    hours, demand = lengths / 3600.0, load / unit
    per_unit = prices * unit * 3600.0
    eye, none = sparse.identity(rows, format="csr"), sparse.csr_matrix((rows, rows))
    before = sparse.diags([-np.ones(rows), np.ones(rows - 1)], [0, -1], format="csr")
    peak = sparse.csr_matrix(-np.ones((rows, 1)))
    nothing = sparse.csr_matrix((rows, 1))
    steps = sparse.diags(hours)
    held = sparse.hstack([steps * efficiency, -steps / efficiency, before, nothing, none])
    below_peak = sparse.hstack([eye, -eye, none, peak, none])
    no_export = sparse.hstack([-eye, eye, none, nothing, none])
    one_way = sparse.vstack([
        sparse.hstack([eye, none, none, nothing, -eye]),
        sparse.hstack([none, eye, none, nothing, eye]),
    ])  # fmt: skip
    scale = battery.energy / unit / 3600.0
    start = np.zeros(rows)
    start[0] = -battery.lowest * scale
    goal = np.concatenate([per_unit * hours, -per_unit * hours, np.zeros(rows), [demand_charge * unit], np.zeros(rows)])
    whole = np.zeros(goal.size)
    if (prices < 0.0).any():
        whole[-rows:] = 1
    bounds: list[Any] = [(0.0, 1.0)] * (2 * rows)
    bounds += [(battery.lowest * scale, battery.highest * scale)] * rows + [(0.0, None)] + [(0.0, 1.0)] * rows
    right = np.concatenate([-demand, np.maximum(demand, 0.0), np.zeros(rows), np.ones(rows)])
    found = linprog(
        goal,
        sparse.vstack([below_peak, no_export, one_way]).tocsr(),
        right,
        held.tocsr(),
        start,
        bounds,
        method="highs",
        integrality=whole if whole.any() else None,
    )
    if found.x is None or not found.success:
        raise InputError(f"power and battery have no plan of least cost: {found.message}")
    net = (found.x[:rows] - found.x[rows : 2 * rows]) * unit
    return net, float(found.fun + np.sum(prices * load * lengths))
