"""How warm the water may be: a site's cooling over supply temperature and load, and the tokens of a year behind it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from thermal.accounting.ledger import ledger
from thermal.components.chip.leakage import Leakage
from thermal.components.chip.throttling import Throttling
from thermal.components.chip.working_point import working_point
from thermal.components.coolant import Coolant
from thermal.components.workload import Workload
from thermal.errors import InputError
from thermal.inputs import array, number, part
from thermal.names import describe
from thermal.plant.plant import Plant
from thermal.site.heat import cdu_pumps, site_heat, warmest_water
from thermal.site.site import Site
from thermal.site.year import cdu_rate, site_year

__all__ = ["cooling_map", "following", "token_year"]

FINE = 0.02  # K between the temperatures at which a chip's working point is tabulated
STEPS = 60  # of the root search, which halves at least every other step
CLOSE = 1e-10  # of the design power, at which it stops


def following(plant: Plant, T_supply: float, *, approach: float = 2.2) -> Plant:
    """The plant with condenser water no colder than the supply needs: set `approach` below it, where that is warmer.

    Colder condenser water than the exchanger needs costs fans and saves nothing; at colder supplies, where chillers
    run, the plant's own range stays.

    Parameters
    ----------
    plant : Plant
        The plant.
    T_supply : float
        Set point of the facility water, °C.
    approach : float
        Supply over condenser water with which the exchanger carries the design load, K; 2.2 K is that of
        ``economisers/plate_20mw``.
    """
    T = number("T_supply", T_supply, "degC") - number("approach", approach, "K", above=0.0)
    return plant.replace(
        T_supply=T_supply,
        T_condenser_low=max(plant.T_condenser_low, T),
        T_condenser_high=max(plant.T_condenser_high, T),
    )


def cooling_map(
    site: Site,
    *,
    weather: xr.Dataset,
    T_supply: Sequence[float],
    water: Coolant,
    loads: Sequence[float] = (0.8, 1.0, 1.2),
    plant_at: Callable[[Plant, float], Plant] = following,
) -> xr.Dataset:
    """Power beside IT, and coolant of the racks, in each hour of a year, over supply temperature and IT load.

    One year of the site for each supply temperature and load. The CDUs are set to the coldest coolant that they hold
    with that water at the highest load; where the plant cannot hold its water, T_plate = T_water + approach(load).

    Parameters
    ----------
    site : Site
        With loops and one ``th.Plant``; it has to serve the highest load.
    weather : Dataset
        As for ``th.annual``; further dimensions stay.
    T_supply : sequence of float
        Set points of the facility water, °C, rising.
    water : Coolant
        Stands in where the loops' facility water is not known otherwise.
    loads : sequence of float
        IT power over the site's design power, rising.
    plant_at : function
        The plant at a supply temperature.

    Returns
    -------
    xarray.Dataset
        ``overhead_power`` and ``T_in`` over ``T_supply``, ``load``, ``time``; ``approach(load, T_supply)`` of the
        CDUs; ``unmet_share``, ``outside_share``, and the largest ``energy_residual`` of the years. Attribute
        ``it_design``, W.

    Raises
    ------
    InputError
        If the site has no loops, no plant or several; or as ``th.annual``.
    """
    part("site", site, Site, "th.load('sites/generic_20mw') is one")
    plant = site.plant
    if not isinstance(plant, Plant) or site.more_plants or not site.loops:
        raise InputError("cooling_map needs a site with loops and one th.Plant, such as sites/generic_20mw")
    grid, steps = _rising("T_supply", T_supply, "degC", 1), _rising("loads", loads, "-", 2)
    it_power = xr.DataArray(steps * site.it_power, {"load": steps}, ("load",))
    found = [_at(site.replace(plant=plant_at(plant, float(T))), float(T), it_power, weather, water) for T in grid]
    joined = xr.concat(found, xr.DataArray(grid, dims="T_supply", name="T_supply"), join="exact")
    joined = joined.transpose("T_supply", "load", ..., "time", missing_dims="ignore")
    return describe(joined.assign_attrs(it_design=site.it_power, interval=found[0].attrs["interval"]))


def _at(site: Site, T: float, it_power: xr.DataArray, weather: xr.Dataset, water: Coolant) -> xr.Dataset:
    """One supply temperature of the map."""
    assert isinstance(site.plant, Plant)
    pumps, facility = cdu_pumps(site, T, water), site.plant.coolant
    over = np.zeros(it_power.size)
    for k, power in enumerate(it_power.values):
        rate = cdu_rate(site, float(np.asarray(site_heat(site, power, pumps).facility)), power, pumps)
        share = site.liquid_share * power / sum(float(loop.design_heat.sum()) for loop in site.loops)
        for loop in dict.fromkeys(site.loops):
            heat = share * float(loop.design_heat.sum()) + pumps.shaft / len(site.loops)
            spare = loop.cdu.T_held - warmest_water(loop, heat, rate, facility)
            over[k] = max(over[k], spare)
    held = T + float(over.max())
    warm = {loop: loop.replace(cdu=loop.cdu.replace(T_supply=held + 1e-3)) for loop in dict.fromkeys(site.loops)}
    site = site.replace(loops=tuple(warm[loop] for loop in site.loops))
    year = site_year(site, water, weather=weather, it_power=it_power, T_supply=T)
    book = ledger(year)
    approach = xr.DataArray(over, {"load": it_power["load"]}, ("load",))
    result = xr.Dataset({
        "overhead_power": year["site_power"] - year["power"].sel(end_use="it", drop=True),
        "T_in": np.maximum(year["T_facility_supply"] + approach, held),
        "approach": approach,
        "unmet_share": book["unmet_share"],
        "outside_share": book["outside_share"],
        "energy_residual": abs(year["energy_residual"]).max("time"),
    })  # fmt: skip
    return result.drop_attrs().assign_attrs(interval=year.attrs["interval"])


def token_year(
    cooling: xr.Dataset,
    workload: Workload,
    *,
    R_junction: float,
    leakage: Leakage | None = None,
    throttling: Throttling | None = None,
) -> xr.Dataset:
    """Energy per token of a year, chips and cooling in balance in every hour, over the supply temperature.

    In each hour P_it = P_design·[(1 − c) + c·p(T_plate)/P₀], with the share c of IT power in the accelerators and their
    power p where they settle (`thermal.components.chip.working_point`); T_plate is that of the site at P_it, found on
    straight lines between the loads of the map: the lowest root. The site holds P_design·c/P₀ accelerators, so that it
    is full at the temperature at which their power was measured, taken to be the reference of `leakage`; hosts and
    network draw (1 − c)·P_design at any temperature.

    Parameters
    ----------
    cooling : Dataset
        Of `cooling_map`.
    workload : Workload
        Power and throughput of the accelerators.
    R_junction : float
        Junction to coolant entering the plate, K/W.
    leakage, throttling : optional
        The laws that are switched on.

    Returns
    -------
    xarray.Dataset
        ``energy_per_token`` at the site meter, ``tokens``, ``energy_site``, ``energy_it``, ``T_junction_max``,
        ``throttled_share`` (of the time), ``clock`` (mean over the tokens' time) over ``T_supply`` and what else the
        weather has; ``energy_residual``: the largest difference of IT power and what chips and hosts draw, W;
        ``converged``.

    Raises
    ------
    InputError
        If the IT power leaves the loads of the map: make one with more loads.
    """
    part("cooling", cooling, xr.Dataset, "make one by cooling_map")
    if not {"overhead_power", "T_in"} <= set(cooling.data_vars) or "it_design" not in cooling.attrs:
        raise InputError("cooling has no overhead_power and T_in over load: make it by cooling_map")
    part("workload", workload, Workload, "th.load('workloads/llama70b_b200') is one")
    each, share = workload.power / workload.accelerators, workload.compute_share
    T, dims = cooling["T_in"], [d for d in cooling["T_in"].dims if d != "load"]
    T, over = (cooling[name].transpose("load", *dims) for name in ("T_in", "overhead_power"))
    low, high = float(T.min()), float(T.max())
    inlet = np.linspace(low, high, int((high - low) / FINE) + 2)
    chip = working_point(
        xr.DataArray(inlet, dims="inlet"), each, R_junction, leakage=leakage, throttling=throttling
    )  # fmt: skip
    load = cooling["load"].values
    table = (1.0 - share) + share * chip["power"].values / each
    x, inside, residual = _balance(load, T.values.reshape(load.size, -1), inlet, table)
    shape = tuple(T.sizes[d] for d in dims)
    plate, beside = (_between(load, v.values.reshape(load.size, -1), x) for v in (T, over))
    coords = {d: T[d] for d in dims if d in T.coords}
    rows = xr.Dataset(
        {
            "it": (dims, x.reshape(shape) * cooling.attrs["it_design"]),
            "over": (dims, beside.reshape(shape)),
            "T_junction": (dims, np.interp(plate, inlet, chip["T_junction"].values).reshape(shape)),
            "clock": (dims, np.interp(plate, inlet, chip["clock"].values).reshape(shape)),
            "converged": (dims, inside.reshape(shape)),
            "residual": (dims, residual.reshape(shape) * cooling.attrs["it_design"]),
        },
        coords,
    )
    step = cooling.attrs["interval"]
    speed = cooling.attrs["it_design"] * share / each * workload.throughput / workload.accelerators
    energy = ((rows["it"] + rows["over"]) * step).sum("time", skipna=False)
    tokens = (rows["clock"] * speed * step).sum("time", skipna=False)
    result = xr.Dataset({
        "energy_per_token": energy / tokens,
        "tokens": tokens,
        "energy_site": energy,
        "energy_it": (rows["it"] * step).sum("time", skipna=False),
        "T_junction_max": rows["T_junction"].max("time", skipna=False),
        "clock": rows["clock"].mean("time", skipna=False),
        "throttled_share": (rows["clock"] < 1.0 - 1e-12).mean("time"),
        "energy_residual": rows["residual"].max("time", skipna=False),
        "converged": rows["converged"].all("time"),
    })  # fmt: skip
    attrs = {
        "laws": chip.attrs["laws"], "workload": workload.name, "token_type": workload.token_type, "basis": "measured",
        "boundary": "site meter", "window": step * cooling.sizes["time"], "R_junction": float(R_junction),
    }  # fmt: skip
    return describe(result.assign_attrs(attrs))


def _balance(
    load: np.ndarray, T: np.ndarray, inlet: np.ndarray, table: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest load x of each column with x = table(T(x)); NaN where chips run away; its residual."""
    x = np.interp(T[0], inlet, table)
    residual = np.zeros(x.size)
    runaway = np.isnan(x)
    moves = (T[0] != T).any(axis=0)  # elsewhere the coolant does not follow the load
    if moves.any():
        x[moves], runaway[moves], residual[moves] = _root(load, T[:, moves], inlet, table)
    if not (runaway | ((x >= load[0]) & (x <= load[-1]))).all():
        low, high = np.nanmin(x), np.nanmax(x)
        raise InputError(
            f"IT power comes to {low:.3g} to {high:.3g} of design, beyond the loads of the map, {load[0]:g} to "
            f"{load[-1]:g}: give cooling_map loads that reach further"
        )
    return x, ~runaway & (residual < 1e-6), residual


def _root(
    load: np.ndarray, T: np.ndarray, inlet: np.ndarray, table: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `_balance`, where the coolant warms with the load; x lies outside the loads where there is no root between."""
    need = np.interp(T, inlet, table)
    short = load[:, None] - need
    runaway = np.isnan(need).any(axis=0)
    beyond = np.where(short[0] > 0.0, need[0], np.where((short < 0.0).all(axis=0), need[-1], np.nan))
    k = np.clip((short >= 0.0).argmax(axis=0), 1, load.size - 1)
    column = np.arange(T.shape[1])
    a, b = load[k - 1], load[k]
    fa, fb = short[k - 1, column], short[k, column]
    for step in range(STEPS):
        with np.errstate(invalid="ignore", divide="ignore"):
            secant = b - fb * (b - a) / (fb - fa)
        x = np.where((secant >= a) & (secant <= b) & (step % 2 == 0), secant, 0.5 * (a + b))
        fx = x - np.interp(_between(load, T, x), inlet, table)
        if (np.abs(fx[np.isnan(beyond) & ~runaway]) < CLOSE).all():
            break
        above = fx >= 0.0
        b, fb = np.where(above, x, b), np.where(above, fx, fb)
        a, fa = np.where(above, a, x), np.where(above, fa, fx)
    x = np.where(runaway, np.nan, np.where(np.isnan(beyond), x, beyond))
    return x, runaway, np.where(np.isnan(beyond), np.abs(fx), 0.0)


def _between(load: np.ndarray, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Values over load (first axis) at a load for each column, on straight lines."""
    k = np.clip(np.searchsorted(load, x) - 1, 0, load.size - 2)
    column = np.arange(values.shape[1])
    weight = (x - load[k]) / (load[k + 1] - load[k])
    return (1.0 - weight) * values[k, column] + weight * values[k + 1, column]


def _rising(name: str, given: Any, unit: str, least: int) -> np.ndarray:
    values = np.asarray(array(name, given, unit), float)
    if values.ndim != 1 or values.size < least or not (np.diff(values) > 0.0).all():
        raise InputError(f"{name} needs {least} or more numbers that rise, has {np.array2string(values, threshold=8)}")
    return values
