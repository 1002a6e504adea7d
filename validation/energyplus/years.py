"""The plants of the EnergyPlus reference as one table: model, sites, plant, and what is judged with which limit.

c5: the reference states UA for its own closed form of crossflow (Incropera et al., eq. 11.32), which is up to 3.7 %
below the exact series of `thermal`. One coil then has two UA: ours is the one that passes the same heat at the rating,
50 °C water and 35 °C air, found from that closed form alone and from no result of the reference.

c7: the load file varies the flow with the load, but the reference ran at 0.95 of the design flow all year: its column
of mass flow is constant. The plant is set up as it ran, a pump of 0.95 flow and 0.95² head.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq

import thermal as th
from thermal.physics.machines.exchanger import counterflow_effectiveness, crossflow_effectiveness
from thermal.units import MW, kPa, kW
from validation.energyplus import reference as e
from validation.verdict import row

__all__ = ["YEARS", "Year", "limits", "rows"]

FLOW = 0.0241  # m³/s of water in c5 and c6
AIR = 101325.0 / (287.042 * 308.15) * 1006.0  # heat capacity of the air of c5's rating, J/m³K
ECONOMISER = 600e3  # W/K of c4
WATER = {"bias": 2e-3, "max": 0.05, "unit": "K"}


class Year(NamedTuple):
    """One plant of the reference."""

    title: str
    stem: str  # of its model and tables
    plant: Callable[[], th.Plant]
    machines: dict[str, Any]  # limits of single machines, from their own inlet conditions
    judged: tuple[str, ...] = ("chillers", "fans", "pumps", "water")  # sums of the year
    sites: tuple[str, ...] = ("chicago",)

    @property
    def model(self) -> str:
        """Dataset of the model."""
        return f"energyplus/{self.stem}.idf"

    def labels(self, name: str) -> dict[str, str]:
        """Site by the label of its rows."""
        return {name: self.sites[0]} if len(self.sites) == 1 else {f"{name} {site}": site for site in self.sites}


def _c1() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=9.0, coolant=e.WATER, pump=e.facility_pump(0.06057, 150 * kPa),
        chiller=e.chiller(), rejection=e.yorkcalc(), condenser_pump=e.condenser_pump(0.07571), approach=4.0,
        T_condenser_low=16.0, T_condenser_high=30.0,
    )  # fmt: skip


def _c3() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=9.0, coolant=e.WATER, pump=e.facility_pump(0.06057, 150 * kPa),
        chiller=e.chiller(), rejection=e.merkel(1), condenser_pump=e.condenser_pump(0.07571), T_condenser_low=20.0,
        T_condenser_high=20.0,
    )  # fmt: skip


def _c4() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=10.0, coolant=e.WATER, pump=e.facility_pump(0.06057, 150 * kPa),
        chiller=e.chiller(), economiser=th.Economiser(UA=ECONOMISER, flow=0.07571, difference_on=1.0),
        rejection=e.merkel(2), condenser_pump=e.condenser_pump(0.15142), approach=4.0, T_condenser_low=6.0,
        T_condenser_high=30.0,
    )  # fmt: skip


@cache
def _cooler() -> th.DryCooler:
    """The cooler of c5, its conductances put from the closed form to the exact law at the rating."""
    stated = th.load("dry_coolers/two_speed_700kw")
    water = FLOW * 988.0 * 4181.0  # W/K at 50 °C

    def exact(UA: float, air_flow: float) -> float:
        C_min, C_max = sorted((water, air_flow * AIR))
        C_r, NTU = C_min / C_max, UA / C_min
        reached = 1.0 - math.exp(math.expm1(-C_r * NTU**0.78) * NTU**0.22 / C_r)
        return C_min * float(brentq(lambda N: crossflow_effectiveness(N, C_r) - reached, 0.5 * NTU, 2.0 * NTU))

    UA, UA_low = exact(stated.UA, stated.air_flow), exact(stated.UA_low, stated.air_flow_low)
    return stated.replace(UA=UA, UA_low=UA_low, density_exponent=0.0)  # there UA follows the volume flow


def _c5() -> th.Plant:
    pump = e.facility_pump(FLOW, 200 * kPa)
    return th.Plant(design_load=1 * MW, T_supply=40.0, coolant=e.WATER, pump=pump, rejection=_cooler())


def _c6() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=32.0, coolant=e.WATER, pump=e.facility_pump(FLOW, 200 * kPa),
        rejection=th.FluidCooler(
            UA=90e3, UA_low=54e3, air_flow=40.0, air_flow_low=20.0, fan_power=15 * kW, fan_power_low=2.4 * kW,
            water_flow=FLOW,
        ),
    )  # fmt: skip


def _c7() -> th.Plant:
    return _c1().replace(pump=e.facility_pump(0.95 * 0.06057, 0.95**2 * 150 * kPa))


CHILLED = {"chiller power": e.POWER, "leaving water": WATER, "evaporation": e.EVAPORATION}
YORKCALC = CHILLED | {"leaving water": {"bias": 5e-3, "max": 0.05, "unit": "K"}}
YEARS = {
    "c1": Year("EIR chiller at 9 °C, variable-speed YorkCalc tower", "c1_eir_yorkcalc", _c1, YORKCALC),
    "c3": Year("EIR chiller at 9 °C, Merkel tower held at 20 °C", "c3_eir_merkel", _c3, CHILLED),
    "c4": Year(
        "integrated economiser before an EIR chiller at 10 °C, Merkel tower", "c4_wse_eir_merkel", _c4,
        CHILLED | {"exchanger effectiveness": {"max": 1e-3, "unit": "-"}},
    ),
    "c5": Year(
        "two-speed dry cooler alone, water at 40 °C, also at the altitude of Golden", "c5_drycooler_2speed", _c5,
        {"fan": {"max": 0.002 * 22 * kW, "unit": "W"}}, ("fans", "pumps"), ("chicago", "golden"),
    ),
    "c6": Year(
        "two-speed evaporative fluid cooler alone, water at 32 °C", "c6_evapfluidcooler_2speed", _c6,
        {"fan": {"max": 0.002 * 15 * kW, "unit": "W"}}, ("fans", "pumps", "water"),
    ),
    "c7": Year("plant of c1 under an AI load, pump below design flow", "c7_eir_yorkcalc_varflow_ai", _c7, YORKCALC),
}  # fmt: skip


def limits(name: str) -> dict[str, Any]:
    """Limits of one plant's rows."""
    case, found = YEARS[name], {}
    for label in case.labels(name):
        found |= {f"{label} {quantity} of the year": e.YEAR for quantity in case.judged}
        found |= {f"{label} {quantity}": limit for quantity, limit in case.machines.items()}
    return found


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Rows of one plant: sums of its years, then its machines."""
    case, allowed = YEARS[name], limits(name)
    for label, site in case.labels(name).items():
        table, plant = e.hours(f"{case.stem}_{site}"), case.plant()
        yield from e.annual_sums(label, e.run(plant, site, table), plant, table, allowed)
        if "chiller power" in case.machines and plant.chiller:
            yield from e.chiller_power(label, plant.chiller, table, allowed)
        if "leaving water" in case.machines and isinstance(plant.rejection, th.Tower):
            speed = table.tw_speed if plant.rejection.law == "merkel" else table.tw_air_ratio
            yield from e.tower(label, plant.rejection, table, speed, allowed)
        if "fan" in case.machines and isinstance(plant.rejection, th.DryCooler | th.FluidCooler):
            yield from e.cooler(label, plant.rejection, plant.T_supply, table, allowed)
        if "exchanger effectiveness" in case.machines:
            yield _exchanger(f"{label} exchanger effectiveness", table, allowed)


def _exchanger(name: str, table: pd.DataFrame, allowed: dict[str, Any]) -> dict[str, Any]:
    """Effectiveness of the economiser's exchanger at the flows of the reference."""
    t = table[table.hx_Q_W > 0]
    supply = t.m_chw_kgs * e.WATER.properties(t.hx_Ts_in_C.to_numpy()).heat_capacity
    demand = t.hx_md_kgs * e.WATER.properties(t.hx_Td_in_C.to_numpy()).heat_capacity
    least, most = np.minimum(supply, demand), np.maximum(supply, demand)
    ours = [counterflow_effectiveness(*pair) for pair in zip(ECONOMISER / least, least / most, strict=True)]
    return row(e.CASE, name, ours, t.hx_eff, allowed[name], e.TUNED)
