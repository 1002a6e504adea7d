"""c5: two-speed dry cooler alone, water at 40 °C, in Chicago and at the altitude of Golden."""

from collections.abc import Iterator
from typing import Any

import thermal as th
from thermal.units import MW, kPa, kW
from validation.energyplus import reference as e

MODEL = "energyplus/c5_drycooler_2speed.idf"
SITES = ("chicago", "golden")
LIMITS: dict[str, Any] = {
    **{f"c5 {site} {name} of the year": e.YEAR for site in SITES for name in ("fans", "pumps")},
    **{f"c5 {site} fan": {"max": 0.002 * 22 * kW, "unit": "W"} for site in SITES},
}


def plant() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=40.0, coolant=e.WATER, pump=e.facility_pump(0.0241, 200 * kPa),
        rejection=th.load("dry_coolers/two_speed_700kw").replace(density_exponent=0.0),  # EnergyPlus: UA by volume flow
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    for site in SITES:
        table = e.hours(f"c5_drycooler_2speed_{site}")
        yield from e.annual_sums(f"c5 {site}", e.run(plant(), site, table), plant(), table, LIMITS)
        yield from e.cooler(f"c5 {site}", plant().rejection, plant().T_supply, table, LIMITS)
