"""A site over years: how fouling, wear and a warmer climate change chips, pumps, power, tokens, cost and storage."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.accounting.ledger import ledger
from thermal.accounting.metrics import pue
from thermal.components.ageing import Ageing, BatteryAgeing
from thermal.components.chip.leakage import Leakage
from thermal.components.chip.throttling import Throttling
from thermal.components.coolant import Coolant
from thermal.components.cooling.dry_cooler import DryCooler, FluidCooler
from thermal.components.cooling.tower import Tower
from thermal.components.hydronics.exchanger import Exchanger, RatedExchanger, rho_cp
from thermal.components.power.battery import Battery
from thermal.components.workload import Workload
from thermal.errors import InputError
from thermal.inputs import number, part, whole
from thermal.names import describe
from thermal.network.loop import Loop
from thermal.outdoors.warming import Pathway, warmed, warming
from thermal.plant.plant import Plant
from thermal.site.site import Site
from thermal.site.supply import cooling_map, token_year
from thermal.site.year import site_year
from thermal.units import day

__all__ = ["Wear", "aged", "over_years"]

YEAR = 365.0 * day
PUMP_USES = ("cdu_pumps", "facility_pumps", "condenser_pumps")
NEGLECTED = "glycol loss and viscosity of the coolant, fouling of condensers, air filters, failures"


class Wear(NamedTuple):
    """How far each kind of machine has aged, as mean over a span of time."""

    exchanger: float  # fouling over the clean resistance
    plate: float
    rejection: float
    filter: float  # rise of the CDU's inner loss
    pump: float  # share of efficiency lost
    inhibitor: float  # share of inhibitor left


def aged(site: Site, wear: Wear) -> Site:
    """The site with fouled exchangers, plates, towers or coolers, clogged filters and worn pumps.

    UA → UA/(1 + f) where f is the fouling over the clean resistance; a rated tower's approach grows by 1 + f; plates'
    case-to-inlet resistance by 1 + f; efficiency of pumps falls by its share; the CDU's inner loss grows.
    """
    plant = site.plant
    if not isinstance(plant, Plant) or site.more_plants or site.network is not None:
        raise InputError("aged needs a site of loops with one th.Plant, such as sites/warm_water_20mw")
    left = 1.0 - wear.pump
    pumps = {
        name: pump.replace(efficiency=left * pump.efficiency)
        for name in ("pump", "secondary_pump", "condenser_pump") if (pump := getattr(plant, name)) is not None
    }  # fmt: skip
    economiser = plant.economiser and plant.economiser.replace(UA=plant.economiser.UA / (1.0 + wear.exchanger))
    plant = plant.replace(**pumps, economiser=economiser, rejection=_rejection(plant.rejection, wear.rejection))
    loops = {loop: _loop(loop, wear, plant.coolant) for loop in dict.fromkeys(site.loops)}
    return site.replace(plant=plant, loops=tuple(loops[loop] for loop in site.loops))


def _rejection(machine: Any, fouling: float) -> Any:
    if isinstance(machine, DryCooler | FluidCooler):
        return machine.replace(UA=machine.UA / (1.0 + fouling), UA_low=machine.UA_low / (1.0 + fouling))
    if isinstance(machine, Tower):
        grown = {"UA": machine.UA / (1.0 + fouling)} if machine.UA else {"approach": machine.approach * (1.0 + fouling)}
        return machine.replace(**grown)
    return machine


def _loop(loop: Loop, wear: Wear, water: Coolant | None) -> Loop:
    cdu, left = loop.cdu, 1.0 - wear.pump
    pump = cdu.pump.replace(efficiency=left * cdu.pump.efficiency)
    cdu = cdu.replace(
        pumps=len(cdu.pumps) * (pump,),
        inner_quadratic=cdu.inner_quadratic * (1.0 + wear.filter),
        exchanger=_fouled(cdu.exchanger, wear.exchanger, loop.coolant, water or loop.coolant, cdu.T_supply),
    )
    racks = {}
    for rack in dict.fromkeys(loop.racks):
        plate = rack.cold_plate
        if not hasattr(plate, "resistance_curve"):
            raise InputError("fouling of plates needs plates known by their curve; of a geometry change the channels")
        worse = tuple(R * (1.0 + wear.plate) for R in plate.resistance_curve)
        racks[rack] = rack.replace(cold_plate=plate.replace(resistance_curve=worse))
    return loop.replace(cdu=cdu, racks=tuple(racks[rack] for rack in loop.racks))


def _fouled(exchanger: Any, fouling: float, hot: Coolant, cold: Coolant, T: float) -> Exchanger:
    """The exchanger with a further resistance in its wall, f over the clean one at its reference flows."""
    if isinstance(exchanger, RatedExchanger):
        law = exchanger.law(rho_cp(hot, T), rho_cp(cold, 25.0))
        UA = 1.0 / (1.0 / law.film_hot + 1.0 / law.film_cold + law.wall)
    else:
        UA = exchanger.conductance
    share = (exchanger.wall_share + fouling) / (1.0 + fouling)
    return Exchanger(
        conductance=UA / (1.0 + fouling), flow_hot=exchanger.flow_hot, flow_cold=exchanger.flow_cold,
        wall_share=min(share, 0.9), exponent=exchanger.exponent,
    )  # fmt: skip


def over_years(
    site: Site,
    ageing: Ageing,
    *,
    weather: xr.Dataset,
    water: Coolant,
    workload: Workload,
    years: int = 10,
    begin: int = 2027,
    pathway: Pathway | str = Pathway.NONE,
    amplification: float = 1.0,
    price: float = 0.0,
    event_costs: Mapping[str, float] | None = None,
    leakage: Leakage | None = None,
    throttling: Throttling | None = None,
    battery: Battery | None = None,
    battery_ageing: BatteryAgeing | None = None,
    cycles: float = 0.0,
    T_battery: float = 25.0,
) -> xr.Dataset:
    """Year after year with the mean wear of each, and the weather of a warming climate.

    In each year the site is aged by the mean of fouling, clogging and wear since the last maintenance; chips and
    cooling are in balance hour by hour (`thermal.site.supply.token_year`); where the worn exchanger cannot hold the
    CDU's set point, the coolant runs warmer.

    Parameters
    ----------
    site : Site
        With loops and one ``th.Plant``, new.
    ageing : Ageing
        How it ages, and how often it is maintained.
    weather : Dataset
        A year of ``th.weather``, of the year `begin`; no further dimension.
    water : Coolant
        Stands in where the loops' facility water is not known otherwise.
    workload : Workload
        What the accelerators do.
    years, begin : int
        How many years, and the first.
    pathway, amplification
        Of the climate, see `thermal.outdoors.warming.warming`.
    price : float
        Of electricity, per joule.
    event_costs : mapping, optional
        Cost of each ``cleaning``, ``filter_change``, ``overhaul``, ``treatment``.
    leakage, throttling : optional
        Laws of the chips.
    battery, battery_ageing, cycles, T_battery
        A battery, how it ages, its full cycles a year and its temperature, °C.

    Returns
    -------
    xarray.Dataset
        Over ``year``: ``energy_per_token``, ``pue``, ``energy_pumps``, ``energy_site``, ``tokens``, ``T_junction_max``,
        ``T_case_max`` (at the hottest coolant), ``warming``, the wear, ``events`` by kind, ``cost``, ``cost_energy``,
        ``cost_maintenance``, and the battery's ``capacity_left``; ``energy_residual``.

    Examples
    --------
    See `notebooks/04_energy_per_token.ipynb` for the balance of chips and cooling, and tests/site/test_years.py.
    """
    part("ageing", ageing, Ageing, "th.load('ageings/typical') is one")
    count, first = whole("years", years, low=1), whole("begin", begin, low=1900)
    dear = number("price", price, "1/J", low=0.0)
    known = ("cleaning", "filter_change", "overhaul", "treatment")
    costs = {name: number(f"event_costs[{name!r}]", value, "-", low=0.0) for name, value in (event_costs or {}).items()}
    if set(costs) - set(known):
        raise InputError(f"event_costs knows {', '.join(known)}, not {', '.join(sorted(set(costs) - set(known)))}")
    if (battery is None) != (battery_ageing is None):
        raise InputError("battery and battery_ageing go together: give both or none")
    if not isinstance(site.plant, Plant) or not site.loops:
        raise InputError("over_years needs a site with loops and a th.Plant")
    rows = []
    for k in range(count):
        rows.append(_year(
            aged(site, wear := _wear(ageing, k)), wear, water, workload,
            warmed(weather, rise := warming(pathway, first + k, first, amplification=amplification)),
            {"leakage": leakage, "throttling": throttling},
        ).assign(warming=rise))  # fmt: skip
    result = xr.concat(rows, xr.DataArray(first + np.arange(count), dims="year", name="year"), join="exact")
    happened = [ageing.events(k * YEAR, (k + 1) * YEAR) for k in range(count)]
    events = xr.DataArray([[year[name] for name in known] for year in happened], dims=("year", "event"))
    maintenance = (events * [costs.get(name, 0.0) for name in known]).sum("event")
    result = result.assign_coords(event=list(known)).assign(
        events=events, cost_energy=result["energy_site"] * dear, cost_maintenance=maintenance,
        cost=result["energy_site"] * dear + maintenance,
    )  # fmt: skip
    if battery_ageing is not None:
        age = (np.arange(count) + 1.0) * YEAR
        left = battery_ageing.capacity(age, T_battery, cycles * age / YEAR)
        result["capacity_left"] = ("year", np.asarray(left))
    return describe(result.assign_attrs(neglected=NEGLECTED, pathway=str(pathway), boundary="site meter"))


def _wear(a: Ageing, k: int) -> Wear:
    """Mean wear of the year that begins after k years."""
    span = (k * YEAR, (k + 1) * YEAR)
    never = 1e12
    return Wear(
        exchanger=a.mean(lambda t: float(a.fouled(a.exchanger, t)), *span, a.cleaning),
        plate=a.mean(lambda t: float(a.fouled(a.plate, t)), *span, never),
        rejection=a.mean(lambda t: float(a.fouled(a.rejection, t)), *span, a.cleaning),
        filter=a.mean(lambda t: a.filter * t / a.filter_change, *span, a.filter_change),
        pump=a.mean(lambda t: min(a.pump * t / YEAR, 0.9), *span, a.overhaul),
        inhibitor=a.mean(lambda t: (1.0 - a.inhibitor) ** (t / YEAR), *span, a.treatment),
    )


def _year(
    site: Site, wear: Wear, water: Coolant, workload: Workload, weather: xr.Dataset, laws: dict[str, Any]
) -> xr.Dataset:
    assert isinstance(site.plant, Plant)
    T = site.plant.T_supply
    loop, rack = site.loops[0], site.loops[0].racks[0]
    cooling = cooling_map(
        site, weather=weather, T_supply=[T], water=water, loads=(0.85, 1.15), plant_at=lambda plant, T: plant
    )
    R = rack.junction_resistance(loop.coolant, float(cooling["T_in"].max()))
    tokens = token_year(cooling, workload, R_junction=R, **laws).isel(T_supply=0, drop=True)
    coolant = float(cooling["T_in"].max())
    warm = {one: one.replace(cdu=one.cdu.replace(T_supply=max(one.cdu.T_supply, coolant))) for one in set(site.loops)}
    mean = float(tokens["energy_it"]) / tokens.attrs["window"]
    direct = site.replace(loops=tuple(warm[one] for one in site.loops))
    book = ledger(site_year(direct, water, weather=weather, it_power=mean))
    uses = [use for use in PUMP_USES if use in book["end_use"].values]
    drop = float(tokens["T_junction_max"]) - coolant
    found = {
        **{name: tokens[name] for name in ("energy_per_token", "tokens", "energy_site", "T_junction_max")},
        "energy_residual": tokens["energy_residual"],
        "T_case_max": coolant + drop * (R - rack.package.R_junction_case) / R,
        "T_in": coolant,
        "pue": pue(book),
        "energy_pumps": book["energy"].sel(end_use=uses).sum("end_use"),
        **{f"wear_{name}": value for name, value in wear._asdict().items()},
    }
    return xr.Dataset({name: xr.DataArray(float(value)) for name, value in found.items()})
