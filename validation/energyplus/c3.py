"""c3: EIR chiller at 9 °C and a variable-speed Merkel tower held at 20 °C, Chicago."""

from collections.abc import Iterator
from typing import Any

import thermal as th
from thermal.units import MW, kPa
from validation.energyplus import reference as e

MODEL = "energyplus/c3_eir_merkel.idf"
LIMITS: dict[str, Any] = {
    **{f"c3 {name} of the year": e.YEAR for name in ("chillers", "fans", "pumps", "water")},
    "c3 chiller power": e.POWER,
    "c3 leaving water": {"bias": 2e-3, "max": 0.05, "unit": "K"},
    "c3 evaporation": e.EVAPORATION,
}


def plant() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=9.0, coolant=e.WATER, pump=e.facility_pump(0.06057, 150 * kPa),
        chiller=e.chiller(),
        rejection=e.merkel(1), condenser_pump=e.condenser_pump(0.07571), T_condenser_low=20.0, T_condenser_high=20.0,
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    table = e.hours("c3_eir_merkel_chicago")
    yield from e.annual_sums("c3", e.run(plant(), "chicago", table), plant(), table, LIMITS)
    yield from e.chiller_power("c3", e.chiller(), table, LIMITS)
    yield from e.tower("c3", e.merkel(1), table, table.tw_speed, LIMITS)
