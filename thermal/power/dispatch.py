"""When storage charges and discharges: by a rule of two prices, and at least cost by linear programme."""

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.accounting.cost import priced
from thermal.accounting.grid import over_time
from thermal.components.hydronics.thermal_store import ThermalStore
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.power.cold import Cooling, lowered, run_cold, with_cold
from thermal.power.storage import run_storage
from thermal.timeline import intervals

__all__ = ["by_price", "least_cost"]

HINT = "th.load('batteries/lithium_1mw_4h') is one"


def by_price(
    power: xr.DataArray, battery: Battery | None, price: float | xr.DataArray, *, low: float, high: float,
    store: ThermalStore | None = None, cooling: xr.Dataset | None = None,
) -> xr.Dataset:  # fmt: skip
    """Charge at full power where energy costs no more than `low`, discharge where it costs `high` or more; no export.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time``, W.
    battery : Battery, optional
        The storage; it starts at its lowest state of charge.
    price : float or DataArray
        Per joule, as for ``th.accounting.cost``.
    low, high : float
        Prices per joule at and below which it charges, at and above which it discharges.
    store, cooling : ThermalStore, Dataset, optional
        As for `least_cost`: the store of cold follows the same prices.

    Returns
    -------
    xarray.Dataset
        As of `least_cost`.

    Examples
    --------
    >>> from thermal.units import kWh
    >>> time = {"time": 3600.0 * np.arange(3)}
    >>> load, price = xr.DataArray([2e6] * 3, time, ("time",)), xr.DataArray([0.05, 0.1, 0.2], time, ("time",)) / kWh
    >>> run = by_price(load, Battery(power=1e6, energy=3.6e9), price, low=0.06 / kWh, high=0.15 / kWh)
    >>> (run.grid_power / 1e6).values
    array([3., 2., 1.])
    """
    low, high = number("low", low, "1/J"), number("high", high, "1/J")
    if not low < high:
        raise InputError(f"low = {low:g} must be below high = {high:g}: prices to charge at and to discharge at")
    series = over_time("power", power)
    prices = priced(series, "price", price, "1/J")
    way = np.where(prices <= low, 1.0, np.where(prices >= high, -1.0, 0.0))
    cool = _cooling(store, cooling, series, battery)
    electric = 0.0 if battery is None else battery.power
    cold = 0.0 if store is None else max(store.charge_power, store.discharge_power)
    return _run(series, battery, store, cool, way * electric, way * cold)


def least_cost(
    power: xr.DataArray, battery: Battery | None, price: float | xr.DataArray, *, demand_charge: float = 0.0,
    store: ThermalStore | None = None, cooling: xr.Dataset | None = None,
) -> xr.Dataset:  # fmt: skip
    """Dispatch of least cost with the whole series known: a linear programme, then run by the storages' own laws.

    Least Σ p_k·(c_k − d_k)·Δt_k + D·max_k(L_k + c_k − d_k) over charging c and discharging d with 0 ≤ c, d ≤ P_rated,
    E_k = E_{k−1} + (η·c_k − d_k/η)·Δt_k within the bounds, L_k + c_k − d_k ≥ 0 where the load is positive (no export).
    η is the efficiency at rated power, the least one. It starts and may end at the lowest state of charge. A store of
    cold is in the same programme with heats c, d: d ≤ the load's heat, E_k = (E_{k−1} + (c_k − d_k)·Δt_k)/(1 + λ·Δt_k)
    from empty, and e·f·c_k − e·d_k in place of c_k − d_k, with e the electricity per heat of cooling in that row and f
    the store's effort of charging. Where a price is negative, or charging takes less electricity than it saves at once,
    whole-number variables keep each from charging and discharging together.

    Parameters
    ----------
    power : DataArray
        Power of the load over ``time``, W, cooling included.
    battery : Battery, optional
        The storage; it starts at its lowest state of charge.
    price : float or DataArray
        Per joule, as for ``th.accounting.cost``.
    demand_charge : float
        Per watt of the highest power of the window.
    store : ThermalStore, optional
        A store of cold, empty at the start.
    cooling : Dataset, optional
        For the store: ``heat`` [W] and ``cooling_effort``, electricity per heat, on the times of `power`, as of
        `thermal.power.cold.cooling_of`; a ``capacity`` [W] of the plant bounds how much may be charged.

    Returns
    -------
    xarray.Dataset
        As of `thermal.power.storage.run_storage`: what the battery does by its own law when it is asked for the plan;
        ``limit_missed`` is the power of the plan that it could not follow. With a store ``cold_charge``,
        ``cold_discharge``, ``cold_energy`` and what else is said in `thermal.power.cold.run_cold`. Attribute
        ``planned_cost``: the programme's.

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
    series = over_time("power", power)
    lengths = intervals(series)
    prices = priced(series, "price", price, "1/J")
    charge = number("demand_charge", demand_charge, "1/W", low=0.0)
    cool = _cooling(store, cooling, series, battery)
    devices = [] if battery is None else [_battery(battery, lengths)]
    if store is not None and cool is not None:
        devices.append(_cold(store, cool, lengths))
    plans, planned = _programme(series.values, lengths, prices, devices, charge)
    electric = plans[0] if battery is not None else np.zeros(series.size)
    run = _run(series, battery, store, cool, electric, plans[-1])
    return run.assign_attrs(planned_cost=planned)


def _cooling(store: ThermalStore | None, cooling: Any, series: xr.DataArray, battery: Battery | None) -> Cooling | None:
    """What a store of cold may shift; the storages are checked."""
    if battery is not None or store is None:
        part("battery", battery, Battery, HINT)
    if store is None and cooling is not None:
        raise InputError("cooling is given without a store of cold: store = th.components.hydronics.ThermalStore(...)")
    return None if store is None else lowered(cooling, store, series)


def _run(
    series: xr.DataArray, battery: Battery | None, store: ThermalStore | None, cooling: Cooling | None,
    electric: np.ndarray, cold: np.ndarray,
) -> xr.Dataset:  # fmt: skip
    """Both storages by their own laws: `electric` and `cold` is what they are asked to charge [W], no export."""
    lengths, behind, moved = intervals(series), series, None
    if store is not None and cooling is not None:
        moved = run_cold(store, cooling, lambda k: float(cold[k]), lengths)
        behind = series + xr.DataArray(moved["cold_power"], {"time": series["time"]}, ("time",))
    if battery is None:
        run = xr.Dataset({"grid_power": behind}, {"time": series["time"]}, {"interval": float(lengths[-1])})
    else:
        asked = np.maximum(behind.values + electric, np.minimum(behind.values, 0.0))
        steps = iter(asked.tolist())
        run = run_storage(behind, battery, lambda load, held, step: next(steps), start=battery.lowest)
    return run if moved is None or store is None else with_cold(run, series, moved, store)


class _Device(NamedTuple):
    """A storage as the programme sees it: powers in its own units, energy from zero in those times hours."""

    unit: float  # W
    take: np.ndarray  # electricity per unit that charging takes
    give: np.ndarray  # and that discharging saves
    most: tuple[np.ndarray, np.ndarray]  # charged, discharged, at most
    into: float  # of what is charged
    out: float  # of what is held, for each unit discharged
    kept: np.ndarray  # of the energy, over each row
    room: float  # full, in units times hours


def _battery(battery: Battery, lengths: np.ndarray) -> _Device:
    efficiency, one = float(battery.efficiency(battery.power)), np.ones(lengths.size)
    room = battery.usable / battery.power / 3600.0
    return _Device(battery.power, one, one, (one, one), efficiency, 1.0 / efficiency, one, room)


def _cold(store: ThermalStore, cooling: Cooling, lengths: np.ndarray) -> _Device:
    unit = max(store.charge_power, store.discharge_power)
    most = cooling.most / unit, np.minimum(cooling.heat, store.discharge_power) / unit
    room = store.energy / unit / 3600.0
    return _Device(unit, cooling.charging, cooling.effort, most, 1.0, 1.0, store.kept(lengths), room)


def _programme(
    load: np.ndarray, lengths: np.ndarray, prices: np.ndarray, devices: list[_Device], demand_charge: float
) -> tuple[list[np.ndarray], float]:
    """Charging less discharging of each device and row, W, and the cost of the plan. Work in units and in hours.

    Variables of each device: charged, discharged, held, which way; last of all the peak.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    rows, unit = load.size, devices[0].unit
    hours, demand = lengths / 3600.0, load / unit
    per_unit = prices * unit * 3600.0
    eye, none = sparse.identity(rows, format="csr"), sparse.csr_matrix((rows, rows))
    nothing = sparse.csr_matrix((rows, 1))
    goal, whole, held, one_way, net = [], [], [], [], []
    bounds: list[tuple[float, float | None]] = []
    for i, d in enumerate(devices):
        scale = d.unit / unit
        goal += [per_unit * hours * d.take * scale, -per_unit * hours * d.give * scale, np.zeros(2 * rows)]
        bounds += [(0.0, float(m)) for m in np.concatenate(d.most)] + [(0.0, d.room)] * rows + [(0.0, 1.0)] * rows
        both = bool((prices < 0.0).any() or (d.take < d.give).any())
        whole += [np.zeros(3 * rows), np.full(rows, float(both))]
        keep = sparse.diags(d.kept)
        before = sparse.diags([-np.ones(rows), d.kept[1:]], [0, -1], format="csr")
        steps = sparse.diags(hours)
        balance = [keep @ steps * d.into, -(keep @ steps) * d.out, before, none]
        ways = [[eye, none, none, -sparse.diags(d.most[0])], [none, eye, none, sparse.diags(d.most[1])]]
        wide = len(devices) - 1 - i
        held.append([*[none] * 4 * i, *balance, *[none] * 4 * wide, nothing])
        one_way += [[*[none] * 4 * i, *way, *[none] * 4 * wide, nothing] for way in ways]
        net += [sparse.diags(d.take * scale), -sparse.diags(d.give * scale), none, none]
    goal.append(np.array([demand_charge * unit]))
    bounds.append((0.0, None))
    whole.append(np.zeros(1))
    peak = sparse.csr_matrix(-np.ones((rows, 1)))
    uneven = [sparse.hstack([*net, peak]), sparse.hstack([*[-m for m in net], nothing])]
    right = [-demand, np.maximum(demand, 0.0)]
    for d in devices:
        right += [np.zeros(rows), d.most[1]]
    integral = np.concatenate(whole)
    found = linprog(
        np.concatenate(goal),
        sparse.vstack([*uneven, *(sparse.hstack(line) for line in one_way)]).tocsr(),
        np.concatenate(right),
        sparse.vstack([sparse.hstack(line) for line in held]).tocsr(),
        np.zeros(rows * len(devices)),
        bounds,
        method="highs",
        integrality=integral if integral.any() else None,
    )
    if found.x is None or not found.success:
        raise InputError(f"power and storage have no plan of least cost: {found.message}")
    parts = found.x[:-1].reshape(len(devices), 4, rows)
    plans = [(p[0] - p[1]) * d.unit for p, d in zip(parts, devices, strict=True)]
    return plans, float(found.fun + np.sum(prices * load * lengths))
