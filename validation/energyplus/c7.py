"""c7: the plant of c1 under an AI load, its facility pump below design flow, Chicago.

The load file varies the flow with the load, but the reference ran at 0.95 of the design flow all year: its column of
mass flow is constant. The plant is set up as it ran, a pump of 0.95 flow and 0.95² head.
"""

from collections.abc import Iterator
from typing import Any

import thermal as th
from thermal.units import kPa
from validation.energyplus import c1
from validation.energyplus import reference as e

MODEL = "energyplus/c7_eir_yorkcalc_varflow_ai.idf"
LIMITS: dict[str, Any] = {
    **{f"c7 {name} of the year": e.YEAR for name in ("chillers", "fans", "pumps", "water")},
    "c7 chiller power": e.POWER,
    "c7 leaving water": {"bias": 5e-3, "max": 0.05, "unit": "K"},
    "c7 evaporation": e.EVAPORATION,
}


def plant() -> th.Plant:
    return c1.plant().replace(pump=e.facility_pump(0.95 * 0.06057, 0.95**2 * 150 * kPa))


def rows() -> Iterator[dict[str, Any]]:
    table = e.hours("c7_eir_yorkcalc_varflow_ai_chicago")
    yield from e.annual_sums("c7", e.run(plant(), "chicago", table), plant(), table, LIMITS)
    yield from e.chiller_power("c7", e.chiller(), table, LIMITS)
    yield from e.tower("c7", e.yorkcalc(), table, table.tw_air_ratio, LIMITS)
