"""c1: EIR chiller at 9 °C and a variable-speed YorkCalc tower, Chicago."""

from collections.abc import Iterator
from typing import Any

import thermal as th
from thermal.units import MW, kPa
from validation.energyplus import reference as e

MODEL = "energyplus/c1_eir_yorkcalc.idf"
LIMITS: dict[str, Any] = {
    **{f"c1 {name} of the year": e.YEAR for name in ("chillers", "fans", "pumps", "water")},
    "c1 chiller power": e.POWER,
    "c1 leaving water": {"bias": 5e-3, "max": 0.05, "unit": "K"},
    "c1 evaporation": e.EVAPORATION,
}


def plant() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=9.0, coolant=e.WATER, pump=e.facility_pump(0.06057, 150 * kPa),
        chiller=e.chiller(),
        rejection=e.yorkcalc(), condenser_pump=e.condenser_pump(0.07571), approach=4.0, T_condenser_low=16.0,
        T_condenser_high=30.0,
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    table = e.hours("c1_eir_yorkcalc_chicago")
    yield from e.annual_sums("c1", e.run(plant(), "chicago", table), plant(), table, LIMITS)
    yield from e.chiller_power("c1", e.chiller(), table, LIMITS)
    yield from e.tower("c1", e.yorkcalc(), table, table.tw_air_ratio, LIMITS)
