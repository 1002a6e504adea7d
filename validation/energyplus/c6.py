"""c6: two-speed evaporative fluid cooler alone, water at 32 °C, Chicago."""

from collections.abc import Iterator
from typing import Any

import thermal as th
from thermal.units import MW, kPa, kW
from validation.energyplus import reference as e

MODEL = "energyplus/c6_evapfluidcooler_2speed.idf"
LIMITS: dict[str, Any] = {
    **{f"c6 {name} of the year": e.YEAR for name in ("fans", "pumps", "water")},
    "c6 fan": {"max": 0.002 * 15 * kW, "unit": "W"},
}


def plant() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=32.0, coolant=e.WATER, pump=e.facility_pump(0.0241, 200 * kPa),
        rejection=th.FluidCooler(
            UA=90e3, UA_low=54e3, air_flow=40.0, air_flow_low=20.0, fan_power=15 * kW, fan_power_low=2.4 * kW,
            water_flow=0.0241,
        ),
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    table = e.hours("c6_evapfluidcooler_2speed_chicago")
    yield from e.annual_sums("c6", e.run(plant(), "chicago", table), plant(), table, LIMITS)
    yield from e.cooler("c6", plant().rejection, plant().T_supply, table, LIMITS)
