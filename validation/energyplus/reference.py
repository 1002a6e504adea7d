"""What the EnergyPlus cases share: the reference hours, machines of several cases, and the comparisons."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import thermal as th
from thermal.physics.media.moist_air import dry_air_density, saturated_after
from thermal.physics.rejection.yorkcalc import YORKCALC
from thermal.units import kPa, kW
from validation.verdict import row

CASE = "energyplus"
TUNED = ["YorkCalc flow calibration 1.007 (c1, c7)", "facility flow 0.95 of design (c7)"]
WATER = th.load("coolants/water")
# EnergyPlus turns volume flows into mass flows at 5.05 °C in plant loops and at 30 °C in condenser loops.
PLANT_DENSITY, CONDENSER_DENSITY = 999.898, 995.757
# Issue and README of the reference data: yearly sums of steady hours; machines from their own inlet conditions. The
# reference is printed with six digits, which alone makes 5e-6 of a chiller power.
YEAR = {"max": 0.005, "unit": "-"}
POWER = {"max": 1e-5, "unit": "-"}
EVAPORATION = {"bias": 1e-3, "rmse": 5e-3, "unit": "-"}


def facility_pump(flow: float, head: float) -> th.DutyPump:
    return th.DutyPump(flow=flow, head=head, density=PLANT_DENSITY)


def condenser_pump(flow: float) -> th.DutyPump:
    return th.DutyPump(flow=flow, head=180 * kPa, density=CONDENSER_DENSITY)


def chiller() -> th.Chiller:
    return th.load("chillers/carrier_19xr_1407kw")


def yorkcalc() -> th.Tower:
    """YorkCalc tower; the root finder of EnergyPlus stops at a calibration of 1.007, the exact one is 1.00904."""
    return th.Tower(law="yorkcalc", water_flow=0.07571, air_flow=42.0, fan_power=12 * kW, calibrated=1.007)


def merkel(cells: int) -> th.Tower:
    """Merkel tower of one or two units; EnergyPlus lets the water get colder at the lowest speed."""
    return th.Tower(
        law="merkel", fan="floating", water_flow=cells * 0.07571, air_flow=cells * 42.0, fan_power=cells * 12 * kW,
        UA=cells * 110e3, UA_free=cells * 11e3, UA_wet_bulb=0.0082, wet_bulb_span=(-10.0, 15.0),  # as in the idf
    )  # fmt: skip


def hours(name: str) -> pd.DataFrame:
    """Hours of a reference year; all count as steady where the file does not mark them."""
    table = pd.read_csv(th.datasets.path(f"energyplus/{name}.csv.gz")).astype(float)
    return table if "steady" in table else table.assign(steady=1.0)


def run(plant: th.Plant, climate: str, table: pd.DataFrame) -> xr.Dataset:
    """A year of the plant with the measured weather and the load of the reference."""
    return th.annual(plant, it_power=table.load_W.to_numpy(), weather=th.weather(climate))


def annual_sums(
    case: str, year: xr.Dataset, plant: th.Plant, table: pd.DataFrame, limits: dict[str, Any], room: str = CASE
) -> Iterator[dict[str, Any]]:
    """Chiller, fan and pump energy and make-up water of the steady hours, over the reference."""
    power = year.power.to_pandas().T
    pairs = {
        "fans": (power.tower_fans + power.dry_cooler_fans, table.tw_fan_W),
        "pumps": (power.facility_pumps + power.condenser_pumps, table.pump_chw_W + table.get("pump_cw_W", 0.0)),
    }
    if "ch_P_W" in table:
        pairs["chillers"] = (power.chillers, table.ch_P_W)
    if "tw_makeup_m3s" in table:
        machine = plant.rejection
        density = density_of_use(table, machine, year.air_ratio.to_numpy())
        evaporated = as_energyplus(year.water_evaporated.to_numpy(), table, year.air_ratio.to_numpy(), machine)
        drift = year.water_drift.to_numpy()
        drained = np.maximum(evaporated / (machine.cycles - 1.0) - drift, 0.0)
        pairs["water"] = (pd.Series(evaporated + drift + drained), table.tw_makeup_m3s * density)
    steady = table.steady.to_numpy() == 1
    for name, (ours, theirs) in pairs.items():
        quantity = f"{case} {name} of the year"
        ratio = ours.to_numpy()[steady].sum() / theirs.to_numpy()[steady].sum()
        yield row(room, quantity, ratio, 1.0, limits[quantity], TUNED)


def chiller_power(
    case: str, machine: th.Chiller, table: pd.DataFrame, limits: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Chiller power from the reference's own load and temperatures, over the reference's."""
    t = table[table.ch_P_W > 0]
    point = machine.operate(heat=t.ch_Qe_W, T_supply=t.ch_Te_out_C, T_condenser=t.ch_Tc_in_C)
    name = f"{case} chiller power"
    yield row(CASE, name, point.chiller_power / t.ch_P_W.to_numpy(), np.ones(len(t)), limits[name], TUNED)


def tower(
    case: str, machine: th.Tower, table: pd.DataFrame, air_ratio: pd.Series, limits: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Leaving water and evaporation at the reference's inlet conditions, where its fan modulates.

    Left out are hours in which the fit itself makes the water warmer as the wet bulb falls (frost, little air; 23 of
    8699 hours of c7, 13 of 8760 of c1): EnergyPlus follows the fit there, `yorkcalc_approach` holds it, up to 0.1 K
    colder.
    """
    t = table[(air_ratio > machine.air_low * 1.0001) & ~turned(table, machine, air_ratio)]
    point = machine.operate(
        coolant=WATER, T_in=t.tw_T_in_C, T_dry_bulb=t.tdb_C, T_wet_bulb=t.twb_C,
        humidity_ratio=t.w_kgkg, pressure=t.p_Pa,
        flow=t.tw_m_kgs, air_ratio=air_ratio[t.index], density=CONDENSER_DENSITY,
    )  # fmt: skip
    yield row(CASE, f"{case} leaving water", point.T_out, t.tw_T_out_C, limits[f"{case} leaving water"], TUNED)
    density = density_of_use(t, machine, air_ratio[t.index].to_numpy())
    evaporated = as_energyplus(point.water_evaporated.to_numpy(), t, air_ratio[t.index].to_numpy(), machine)
    ratio = evaporated * 3600.0 / (t.tw_evap_m3.to_numpy() * density)
    yield row(CASE, f"{case} evaporation", ratio, np.ones(len(t)), limits[f"{case} evaporation"], TUNED)


def turned(table: pd.DataFrame, machine: th.Tower, air_ratio: pd.Series) -> pd.Series:
    """Hours in which the YorkCalc polynomial alone, at the reference's own point, falls with the wet bulb."""
    if machine.law != "yorkcalc":
        return pd.Series(False, table.index)
    c = np.array(YORKCALC).reshape(3, 3, 3)
    r = table.tw_m_kgs / (machine.water_flow * CONDENSER_DENSITY) * machine.calibration / air_ratio
    R, T = table.tw_T_in_C - table.tw_T_out_C, table.twb_C
    slope = 1.0 + sum(k * c[i, j, k] * r**i * R**j * T ** (k - 1) for i in range(3) for j in range(3) for k in (1, 2))
    return slope < 0.0


def cooler(
    case: str, machine: th.DryCooler | th.FluidCooler, T_set: float, table: pd.DataFrame, limits: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Fan power of a closed-circuit cooler from its inlet conditions [W]."""
    t = table
    point = machine.operate(
        coolant=WATER, T_in=t.tw_T_in_C, T_dry_bulb=t.tdb_C, T_wet_bulb=t.twb_C,
        humidity_ratio=t.w_kgkg, pressure=t.p_Pa,
        flow=t.tw_m_kgs, T_set=T_set,
    )  # fmt: skip
    yield row(CASE, f"{case} fan", point.fan_power, t.tw_fan_W, limits[f"{case} fan"], TUNED)


def as_energyplus(
    evaporated: np.ndarray, table: pd.DataFrame, air_ratio: np.ndarray, machine: th.Tower | th.FluidCooler
) -> np.ndarray:
    """Evaporation as EnergyPlus counts it: the flow of dry air times the rise of water per kg of moist air.

    Water is conserved per kg of dry air, E = m (w_out - w), as `evaporation` has it; 1.9 to 3.5 % more. Our own
    result is written in the other way here, so that the machines are compared and not the two ways to count.
    """
    states = zip(table.tdb_C, table.w_kgkg, table.p_Pa, strict=True)
    air = air_ratio * machine.air_flow * np.array([dry_air_density(*state) for state in states])
    w = table.w_kgkg.to_numpy()
    w_out = w + evaporated / np.where(air > 0.0, air, np.inf)
    return np.where(evaporated > 0.0, np.maximum(air * (w_out / (1.0 + w_out) - w / (1.0 + w)), 0.0), 0.0)


def density_of_use(table: pd.DataFrame, machine: th.Tower | th.FluidCooler, air_ratio: np.ndarray) -> np.ndarray:
    """Density with which EnergyPlus states water volumes: at the mean of entering and leaving air, at least 4 °C.

    The leaving air is not in the reference; it is saturated, with the reference's heat in the air that flows.
    """
    t = table
    states = zip(t.tdb_C, t.w_kgkg, t.p_Pa, t.twb_C, t.tw_Q_W, air_ratio * machine.air_flow, strict=True)
    T_out = [
        saturated_after(T_wb, Q / (flow * dry_air_density(T, w, p)), p)[0] if flow > 0.0 else T
        for T, w, p, T_wb, Q, flow in states
    ]
    T = np.maximum((t.tdb_C.to_numpy() + np.array(T_out)) / 2.0, 4.0)
    return np.asarray(WATER.properties(T).density)
