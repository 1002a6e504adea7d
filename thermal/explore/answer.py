"""What the explorer shows: a row at rest and in a fault, and a year of its 20 MW site, for one set of choices."""

import functools
from typing import Any, NamedTuple

import xarray as xr

from thermal.accounting.annual_sums import annual_sums
from thermal.accounting.ledger import ledger
from thermal.accounting.metrics import pue, wue
from thermal.accounting.tokens import energy_per_token
from thermal.errors import InputError
from thermal.library import load
from thermal.network.events import stop
from thermal.network.supply import Supply
from thermal.outdoors.climate import weather
from thermal.verbs import annual, steady, transient

__all__ = ["CLIMATES", "FAULTS", "REJECTIONS", "UNITS", "WORKLOADS", "Answer", "Choice", "answer", "script"]

CLIMATES = ("chicago", "dulles", "golden", "san_francisco")
REJECTIONS = {"towers, economiser, chillers": "plants/generic_20mw", "dry coolers alone": "plants/warm_water_20mw"}
WORKLOADS = {"Llama 70B": "workloads/llama70b_b200", "DeepSeek R1": "workloads/deepseek_r1_b200"}
FAULTS = {"none": 0, "one pump stops": 1, "both pumps stop": 2}
APPROACH = 5.0  # K, coolant to the racks over facility water
RACK = 120e3  # W at full load
UNITS = {
    "hottest case": "°C", "margin": "K", "supply to the racks": "°C", "CDU pumps": "kW", "margin in the fault": "K",
    "PUE": "", "WUE": "L/kWh", "energy per token": "J", "hours without chillers": "h", "hours above set point": "h",
    "limit after the fault": "s",
}  # fmt: skip


class Choice(NamedTuple):
    """The sliders of the explorer."""

    T_supply: float = 32.0  # coolant to the racks [°C]
    flow: float = 1240.0  # facility water that a CDU may draw [L/min]
    climate: str = CLIMATES[0]
    rejection: str = next(iter(REJECTIONS))
    workload: str = next(iter(WORKLOADS))
    racks: int = 8  # on a CDU
    fault: str = "one pump stops"


class Answer(NamedTuple):
    """What was found."""

    numbers: dict[str, float]  # in the units of UNITS
    trip: xr.Dataset  # four minutes of the row, the fault after one; to the limit, where it is passed
    book: xr.Dataset  # ledger of the year


def answer(choice: Choice) -> Answer:
    """Every number of the explorer, by the verbs alone.

    Raises
    ------
    InputError
        If a choice is none of those there are.
    ThermalError
        If the study has no solution; the message says why.

    Examples
    --------
    >>> found = answer(Choice(T_supply=32.0))
    >>> found.numbers["margin"] > found.numbers["margin in the fault"]
    True
    """
    _require(choice)
    site = load("sites/generic_20mw")
    row = site.loops[0]
    row = row.replace(cdu=row.cdu.replace(T_supply=choice.T_supply), racks=choice.racks * [row.racks[0]])
    T_water = choice.T_supply - APPROACH
    water = Supply(T=T_water, flow=choice.flow / 60e3)
    rest = steady(row, heat=RACK, facility=water)
    trips = [stop(row.cdu.pumps[0], at=60.0)] * FAULTS[choice.fault]
    trip = transient(row, heat=RACK, facility=water, events=trips, until=240.0, step=1.0, save=1.0, on_limit="stop")
    plant = _plant(load(REJECTIONS[choice.rejection]), T_water)
    loops = [loop.replace(cdu=loop.cdu.replace(T_supply=choice.T_supply)) for loop in site.loops]
    year = annual(site.replace(plant=plant, loops=loops), weather=_air(choice.climate))
    book, sums = ledger(year), annual_sums(year)
    workload = load(WORKLOADS[choice.workload]).replace(compute_share=site.compute_share)
    numbers = {
        "hottest case": float(rest.T_case.max()),
        "margin": float(rest.margin.min()),
        "supply to the racks": float(rest.T_supply),
        "CDU pumps": float(rest.pump_power) / 1e3,
        "margin in the fault": float(trip.margin.min()),
        "PUE": float(pue(book)),
        "WUE": float(wue(book)),
        "energy per token": float(energy_per_token(book, workload)),
        "hours without chillers": float(sums.hours_free),
        "hours above set point": float(sums.hours_above_set_point),
    }
    if "stopped" in trip.attrs:
        numbers["limit after the fault"] = float(trip.time[-1]) - 60.0
    return Answer(numbers, trip, book)


def _plant(plant: Any, T_water: float) -> Any:
    """The plant with this set point, its towers as cold as is of use."""
    plant = plant.replace(T_supply=T_water)
    if plant.condenser_pump is None:
        return plant
    low = T_water - APPROACH
    return plant.replace(T_condenser_low=low, T_condenser_high=max(low, plant.T_condenser_high))


@functools.cache
def _air(climate: str) -> xr.Dataset:
    return weather(load(f"climates/{climate}"))


def _require(choice: Choice) -> None:
    known = {"climate": CLIMATES, "rejection": REJECTIONS, "workload": WORKLOADS, "fault": FAULTS}
    for name, names in known.items():
        if getattr(choice, name) not in names:
            raise InputError(f"{name} = {getattr(choice, name)!r:.60} is none of {', '.join(names)}")


def script(choice: Choice) -> str:
    """The study of these choices as a file that runs by itself."""
    _require(choice)
    plant = load(REJECTIONS[choice.rejection])
    towers = plant.condenser_pump is not None
    low = f"T_water - {APPROACH!r}"
    chilled = f", T_condenser_low={low}, T_condenser_high=max({low}, {plant.T_condenser_high!r})"
    return f'''"""A row and its site, as chosen in the explorer of thermal."""

import thermal as th

T_supply, T_water = {choice.T_supply!r}, {choice.T_supply - APPROACH!r}  # coolant to the racks, facility water [°C]
site = th.load("sites/generic_20mw")
row = site.loops[0]
row = row.replace(cdu=row.cdu.replace(T_supply=T_supply), racks={choice.racks} * [row.racks[0]])
water = th.Supply(T=T_water, flow={choice.flow!r} / 60e3)
rest = th.steady(row, heat={RACK!r}, facility=water)
print(f"hottest case {{float(rest.T_case.max()):.4f}} °C, margin {{float(rest.margin.min()):.4f}} K")

trips = {FAULTS[choice.fault]} * [th.stop(row.cdu.pumps[0], at=60.0)]  # {choice.fault}
trip = th.transient(row, heat={RACK!r}, facility=water, events=trips, until=240.0, step=1.0, save=1.0, on_limit="stop")
print(f"margin in the fault {{float(trip.margin.min()):.4f}} K")

plant = th.load({REJECTIONS[choice.rejection]!r}).replace(T_supply=T_water{chilled if towers else ""})
loops = [loop.replace(cdu=loop.cdu.replace(T_supply=T_supply)) for loop in site.loops]
air = th.weather(th.load("climates/{choice.climate}"))  # synthetic, from monthly normals
book = th.ledger(th.annual(site.replace(plant=plant, loops=loops), weather=air))
workload = th.load({WORKLOADS[choice.workload]!r}).replace(compute_share=site.compute_share)
print(f"PUE {{float(th.pue(book)):.6f}}, WUE {{float(th.wue(book)):.4f}} L/kWh")
print(f"energy per token {{float(th.energy_per_token(book, workload)):.6f}} J")
'''
