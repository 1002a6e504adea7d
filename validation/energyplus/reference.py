"""What the EnergyPlus cases share: the reference hours, machines that several of them use, and the comparisons."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import thermal as th
from thermal import datasets
from thermal.plant.annual import annual
from thermal.plant.plant import Plant
from thermal.plant.pumping import LoopPump
from thermal.plant.rejection import operate
from thermal.plant.tower import Tower
from validation.verdict import row

CASE = "energyplus"
TUNED: list[str] = []
# EnergyPlus turns volume flows to mass flows at 5.05 °C in plant loops and at 30 °C in condenser loops.
PLANT_DENSITY, CONDENSER_DENSITY = 999.898, 995.757
YEAR = {"max": 0.005, "unit": "-"}  # yearly sums over the hours marked steady
# Tower parameters after Engineering Reference; 1.007 is where its root finder stops, the exact calibration is 1.00904.
YORKCALC = Tower(law="yorkcalc", water_flow=0.07571, air_flow=42.0, fan_power=12e3, calibrated=1.007)
MERKEL = Tower(law="merkel", fan="floating", water_flow=0.07571, air_flow=42.0, fan_power=12e3, UA=110e3, UA_free=11e3)


def hours(name: str) -> pd.DataFrame:
    """Hours of a reference year, with `steady` where the file does not mark any."""
    table = pd.read_csv(datasets.path(f"energyplus/{name}.csv.gz")).astype(float)
    return table if "steady" in table else table.assign(steady=1.0)


def facility_pump(flow: float, head: float, **more: Any) -> LoopPump:
    return LoopPump(flow=flow, head=head, density=PLANT_DENSITY, **more)


def condenser_pump(flow: float, head: float) -> LoopPump:
    return LoopPump(flow=flow, head=head, density=CONDENSER_DENSITY)


def run(plant: Plant, climate: str, table: pd.DataFrame) -> xr.Dataset:
    """A year of the plant with the measured weather and the load of the reference."""
    return annual(plant, it_power=table.load_W.to_numpy(), weather=th.weather(climate))


def yearly(case: str, year: xr.Dataset, table: pd.DataFrame, limits: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Chiller, fan and pump energy and make-up water of the steady hours, as ratios to the reference."""
    steady = table.steady.to_numpy() == 1
    reference = {"fans": table.tw_fan_W, "pumps": table.pump_chw_W}
    ours = {
        "fans": year.power.sel(end_use=["tower_fans", "dry_cooler_fans"]).sum("end_use"),
        "pumps": year.power.sel(end_use=["facility_pumps", "condenser_pumps"]).sum("end_use"),
    }
    if "ch_P_W" in table:
        reference |= {"chillers": table.ch_P_W, "pumps": table.pump_chw_W + table.pump_cw_W}
        ours["chillers"] = year.power.sel(end_use="chillers")
    if "tw_makeup_m3s" in table:
        reference["water"] = 1000.0 * table.tw_makeup_m3s
        ours["water"] = year.water_make_up
    for name in sorted(ours):
        quantity = f"{case} {name} of the year"
        ratio = float(ours[name].to_numpy()[steady].sum() / reference[name].to_numpy()[steady].sum())
        yield row(CASE, quantity, ratio, 1.0, limits[quantity], TUNED)


def chiller_power(case: str, chiller: Any, table: pd.DataFrame, limits: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Chiller power and rejected heat from the reference's own load and temperatures, relative."""
    t = table[table.ch_P_W > 0]
    point = chiller.operate(t.ch_Qe_W.to_numpy(), t.ch_Te_out_C.to_numpy(), t.ch_Tc_in_C.to_numpy())
    name = f"{case} chiller power"
    yield row(CASE, name, point.chiller_power / t.ch_P_W.to_numpy(), np.ones(len(t)), limits[name], TUNED)


def rejection(
    case: str, machine: Any, table: pd.DataFrame, ratio: str, density: float, limits: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Leaving water and evaporation at the reference's inlet conditions and air ratio."""
    low = machine.air_low
    t = table[(table[ratio] > low * 1.0001) & (table.tw_Q_W > 0)]
    point = operate(
        machine, coolant=th.load("coolants/water"), T_in=t.tw_T_in_C, T_dry_bulb=t.tdb_C, T_wet_bulb=t.twb_C,
        humidity_ratio=t.w_kgkg, pressure=t.p_Pa, flow=t.tw_m_kgs / density * 1000.0, air_ratio=t[ratio],
    )  # fmt: skip
    name = f"{case} leaving water"
    yield row(CASE, name, point.T_out, t.tw_T_out_C, limits[name], TUNED)
    name = f"{case} evaporation"
    if name in limits:
        yield row(CASE, name, point.water_evaporated * 3.6 / t.tw_evap_m3, np.ones(len(t)), limits[name], TUNED)
