"""A year of a plant: cases of the EnergyPlus validation against that program, the 20 MW plant, ten thousand years."""

from collections.abc import Iterator
from typing import Any

import xarray as xr

import thermal as th
from benchmarks.measure import best_of, peak_memory, row
from thermal.units import MW
from validation.energyplus import reference
from validation.energyplus.years import YEARS

CHICAGO = "weather/USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"
MANY, PART = 10_000, 400  # plant-years asked for, and run here


def rows() -> Iterator[dict[str, Any]]:
    weather = th.weather("chicago")
    for name, case in YEARS.items():
        load, machine = reference.hours(f"{case.stem}_chicago").load_W.to_numpy(), case.plant()
        seconds = best_of(lambda machine=machine, load=load: th.annual(machine, it_power=load, weather=weather), 20)
        yield row(
            f"plant year, {name}", f"8760 h, {case.title}, all hours kept, one core", seconds,
            ours_peak_MB=peak_memory(), peer="EnergyPlus 25.2",
            peer_s=_energyplus(case.stem), target="<= 0.01 s", met=seconds <= 0.01,
        )  # fmt: skip
    generic = th.load("plants/generic_20mw")
    seconds = best_of(lambda: th.annual(generic, it_power=20 * MW, weather=weather), 20)
    yield row(
        "plant year, 20 MW", "8760 h, economiser, six chillers, twelve cells, one core", seconds,
        ours_peak_MB=peak_memory(), target="<= 0.01 s", met=seconds <= 0.01,
    )  # fmt: skip
    yield _many()
    yield _batch()


def _many() -> dict[str, Any]:
    """Climates × supply temperatures × chillers through `th.sweep` on two threads, scaled from a part of them."""
    names = ("chicago", "dulles", "golden", "san_francisco")
    climates = {(n, s): th.weather(th.load(f"climates/{n}"), seed=s) for n in names for s in range(5)}
    plants = {c: th.load("plants/generic_20mw").replace(chiller=th.load(f"chillers/{c}")) for c in
              ("lift_r1234ze_4mw", "mcquay_pfh_4020kw")}  # fmt: skip

    def year(climate: int, T_supply: float, chiller: str) -> Any:
        weather = list(climates.values())[climate]
        return th.accounting.annual_sums(
            th.annual(plants[chiller], it_power=20 * MW, weather=weather, T_supply=T_supply)
        )

    axes = {"climate": list(range(20)), "T_supply": [18.0 + k for k in range(10)], "chiller": list(plants)}
    seconds = best_of(lambda: th.sweep(year, workers=2, progress=False, **axes), 1) * MANY / PART
    return row(
        f"{MANY} plant-years", f"measured on {PART} (20 climates, 10 set points, 2 chillers) and scaled, two threads",
        seconds, ours_peak_MB=peak_memory(), target="<= 60 s", met=seconds <= 60.0,
    )  # fmt: skip


def _batch() -> dict[str, Any]:
    """The same through `th.batch`, a call for each chiller."""
    names = ("chicago", "dulles", "golden", "san_francisco")
    years = [th.weather(th.load(f"climates/{n}"), seed=s) for n in names for s in range(5)]
    weather = xr.concat(years, "climate", coords="minimal", compat="override", join="override")
    chillers = ("lift_r1234ze_4mw", "mcquay_pfh_4020kw")
    plants = [th.load("plants/generic_20mw").replace(chiller=th.load(f"chillers/{c}")) for c in chillers]

    def years_of_all() -> None:
        for plant in plants:
            th.batch(plant, it_power=20 * MW, weather=weather, T_supply=[18.0 + k for k in range(10)], workers=2)

    seconds = best_of(years_of_all, 3) * MANY / PART
    return row(
        f"{MANY} plant-years, batch", f"the same {PART} through th.batch and scaled, two threads", seconds,
        ours_peak_MB=peak_memory(), target="<= 15 s", met=seconds <= 15.0,
    )  # fmt: skip


def _energyplus(model: str) -> float | None:
    """Wall time of the live engine [s], or nothing where it is not installed."""
    try:
        from validation.energyplus.live import run

        return min(run(f"energyplus/{model}.idf", CHICAGO)[0] for _ in range(2))
    except ModuleNotFoundError:
        return None
