"""c4: integrated waterside economiser before an EIR chiller at 10 °C, and a Merkel tower, Chicago."""

from collections.abc import Iterator
from typing import Any

import numpy as np

import thermal as th
from thermal.physics.machines.exchanger import counterflow_effectiveness
from thermal.units import MW, kPa
from validation.energyplus import reference as e
from validation.verdict import row

MODEL = "energyplus/c4_wse_eir_merkel.idf"
LIMITS: dict[str, Any] = {
    **{f"c4 {name} of the year": e.YEAR for name in ("chillers", "fans", "pumps", "water")},
    "c4 chiller power": e.POWER,
    "c4 leaving water": {"bias": 2e-3, "max": 0.05, "unit": "K"},
    "c4 evaporation": e.EVAPORATION,
    "c4 exchanger effectiveness": {"max": 1e-3, "unit": "-"},
}
UA = 600e3


def plant() -> th.Plant:
    return th.Plant(
        design_load=1 * MW, T_supply=10.0, coolant=e.WATER, pump=e.facility_pump(0.06057, 150 * kPa),
        chiller=e.chiller(),
        economiser=th.Economiser(UA=UA, flow=0.07571, difference_on=1.0), rejection=e.merkel(2),
        condenser_pump=e.condenser_pump(0.15142), approach=4.0, T_condenser_low=6.0, T_condenser_high=30.0,
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    table = e.hours("c4_wse_eir_merkel_chicago")
    yield from e.annual_sums("c4", e.run(plant(), "chicago", table), plant(), table, LIMITS)
    yield from e.chiller_power("c4", e.chiller(), table, LIMITS)
    yield from e.tower("c4", e.merkel(2), table, table.tw_speed, LIMITS)
    t = table[table.hx_Q_W > 0]
    supply = t.m_chw_kgs * e.WATER.properties(t.hx_Ts_in_C.to_numpy()).heat_capacity
    demand = t.hx_md_kgs * e.WATER.properties(t.hx_Td_in_C.to_numpy()).heat_capacity
    least, most = np.minimum(supply, demand), np.maximum(supply, demand)
    ours = [counterflow_effectiveness(*pair) for pair in zip(UA / least, least / most, strict=True)]
    name = "c4 exchanger effectiveness"
    yield row(e.CASE, name, ours, t.hx_eff, LIMITS[name], e.TUNED)
