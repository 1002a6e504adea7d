"""The live EnergyPlus engine: chillers at full precision, and whole plant years in other climates with other chillers.

`YEARS` has a line for each year: the plants of `validation/energyplus`, a climate and, if wanted, a chiller of the
curve table at the model's water flows. Steady hours are judged, as in the tables.

Known misses, which stay in the table:

- Reformulated EIR power. The engine solves the leaving condenser water to 1e-4 K while the root lies inside the box of
  the curves; below it (18.11 °C, 1 % of the hours) it takes two substitutions instead, and its part-load ratio is one
  of them older than its capacity. Its power then differs from the product of its own reported factors by up to 2.2e-4.
  From the same outlet and part-load ratio our curves give its factors to round-off: the row `curves` judges that.
- c7 fans and water. At 350 kW the tower's lowest speed lies outside its correlation, where the engine's root finder
  gives a water outlet below the wet bulb, and its fan then rests nearly all the hour. `possible hours` leaves out the
  hours in which the engine's own cycling implies such an outlet.

A chiller smaller than the load is not compared: the engine keeps the backlog in its loops, the plant reports it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

import thermal as th
from validation.energyplus import reference as e
from validation.energyplus.live import hours
from validation.energyplus.years import YEARS as CASES
from validation.verdict import row

CASE = "energyplus_live"
TUNED = e.TUNED
INFINITE = 1e30  # W/K: the given condenser temperature is the one in the curves, entering or leaving
EIR, REFORMULATED = "chillers/carrier_19xr_1407kw", "chillers/carrier_19xr_1407kw_reformulated"
YEARS: tuple[tuple[str, str, str | None], ...] = (
    *((case, site, None) for case in ("c1", "c3", "c4", "c6", "c7") for site in ("golden", "dulles", "san_francisco")),
    *(("c5", site, None) for site in ("dulles", "san_francisco")),
    ("c1", "golden", "ElectricEIRChiller York YK 1881kW/6.53COP/Vanes"),
    ("c1", "dulles", "ReformEIRChiller Carrier 19XR 1410kW/8.54COP/VSD"),
    ("c3", "san_francisco", "ReformEIRChiller Carrier 19XR 1635kW/6.36COP/Vanes"),
    ("c4", "dulles", "ElectricEIRChiller York YT 1758kW/5.76COP/VSD"),
    ("c4", "golden", "ReformEIRChiller Carrier 19XR 2391kW/6.44COP/VSD"),
    ("c7", "dulles", "ElectricEIRChiller Carrier 19XR 1776kW/8.00COP/Vanes"),
)  # fmt: skip


def _name(case: str, site: str, machine: str | None) -> str:
    short = f" {machine.split(' ', 1)[1]}" if machine else ""
    return f"{case} {site}{short}"


def _quantities(case: str, site: str, machine: str | None) -> list[str]:
    name = _name(case, site, machine)
    names = (name, f"{name}, possible hours:") if case == "c7" else (name,)
    return [f"{name} {quantity} of the year" for name in names for quantity in CASES[case].judged]


LIMITS: dict[str, Any] = {
    "EIR chiller power": {"max": 1e-6, "unit": "-"},
    "reformulated EIR chiller power": {"max": 1e-5, "unit": "-"},
    "reformulated EIR curves": {"max": 1e-5, "unit": "-"},
    **{name: e.YEAR for year in YEARS for name in _quantities(*year)},
}


def rows() -> Iterator[dict[str, Any]]:
    yield from _machines()
    for year in YEARS:
        yield from _year(*year)


def _machines() -> Iterator[dict[str, Any]]:
    for name, model in (("EIR chiller power", EIR), ("reformulated EIR chiller power", REFORMULATED)):
        machine = th.load(model)
        t = hours(CASES["c1"].model, "chicago", None if model == EIR else machine)
        T = t.ch_Tc_out_C if machine.curve_temperature == "leaving" else t.ch_Tc_in_C
        point = machine.operate(heat=t.ch_Qe_W, T_supply=t.ch_Te_out_C, T_condenser=T, condenser_rate=INFINITE)
        yield row(CASE, name, point.chiller_power / t.ch_P_W.to_numpy(), np.ones(len(t)), LIMITS[name], TUNED)
    available = machine.capacity * t.ch_capft
    point = machine.operate(heat=t.ch_plr * available, T_supply=t.ch_Te_out_C, T_condenser=T, condenser_rate=INFINITE)
    product = available / machine.COP * t.ch_eirft * t.ch_eirfplr * t.ch_cycling
    name = "reformulated EIR curves"
    yield row(CASE, name, point.chiller_power / product.to_numpy(), np.ones(len(t)), LIMITS[name], TUNED)


def _year(case: str, site: str, machine: str | None) -> Iterator[dict[str, Any]]:
    name, chiller, plant = _name(case, site, machine), None, CASES[case].plant()
    if machine:
        chiller = th.Chiller.from_table(machine).replace(condenser_flow=0.07571)
        plant = plant.replace(chiller=chiller)
    table = hours(CASES[case].model, site, chiller)
    year = e.run(plant, site, table)
    yield from e.annual_sums(name, year, plant, table, LIMITS, CASE)
    if case == "c7":
        kept = table.assign(steady=table.steady * possible(table, plant.rejection))
        yield from e.annual_sums(f"{name}, possible hours:", year, plant, kept, LIMITS, CASE)


def possible(t: pd.DataFrame, tower: th.Tower) -> pd.Series:
    """Hours in which the engine's cycling fan does not imply water below the wet bulb at its lowest speed.

    Its air ratio is f·low + (1 - f)·free at a running share f, and f = (T_off - T_set)/(T_off - T_low).
    """
    full = tower.operate(
        coolant=e.WATER, T_in=t.tw_T_in_C, T_dry_bulb=t.tdb_C, T_wet_bulb=t.twb_C, humidity_ratio=t.w_kgkg,
        pressure=t.p_Pa, flow=t.tw_m_kgs, air_ratio=1.0, density=e.CONDENSER_DENSITY,
    )  # fmt: skip
    T_off = t.tw_T_in_C - tower.free_capacity * (t.tw_T_in_C - full.T_out.to_numpy())
    share = (t.tw_air_ratio - tower.free_capacity) / (tower.air_low - tower.free_capacity)
    T_low = T_off - (T_off - t.tw_T_out_C) / share.where(share > 0.0)
    return ~((share > 0.0) & (share < 1.0) & (T_low < t.twb_C))
