"""Chillers against the live EnergyPlus engine at full precision: the EIR machine of c1, and its reformulated twin."""

from collections.abc import Iterator
from typing import Any

import numpy as np

import thermal as th
from validation.energyplus.live import run
from validation.verdict import row

CASE = "energyplus_live"
TUNED: list[str] = []
LIMITS = {
    "EIR chiller power": {"max": 1e-6, "unit": "-"},
    "reformulated EIR chiller power": {"max": 1e-5, "unit": "-"},
}
MODEL, CHICAGO = "energyplus/c1_eir_yorkcalc.idf", "weather/USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"
INFINITE = 1e30  # W/K: the given condenser temperature is the one in the curves, entering or leaving
OUTPUTS = tuple(
    (f"Chiller {name}", "CHILLER")
    for name in (
        "Electricity Rate", "Evaporator Cooling Rate", "Evaporator Outlet Temperature", "Condenser Inlet Temperature",
        "Condenser Outlet Temperature",
    )
)  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    for name, model, edit in (
        ("EIR chiller power", "chillers/carrier_19xr_1407kw", None),
        ("reformulated EIR chiller power", "chillers/carrier_19xr_1407kw_reformulated", _reformulated()),
    ):
        series = run(MODEL, CHICAGO, OUTPUTS, edit)[1]
        P, Q, T_l, T_c, T_out = (series[output] for output in OUTPUTS)
        machine = th.load(model)
        curves_in = T_out if machine.curve_temperature == "leaving" else T_c
        point = machine.operate(heat=Q, T_supply=T_l, T_condenser=curves_in, condenser_rate=INFINITE)
        yield row(CASE, name, point.chiller_power / P, np.ones(P.size), LIMITS[name], TUNED)


def _reformulated() -> dict[str, str]:
    """Edits of c1 that put the reformulated record of the same machine in place of the EIR one."""
    c = th.load("chillers/carrier_19xr_1407kw_reformulated")
    text = th.datasets.path(MODEL).read_text()

    def block(start: str) -> str:
        begin = text.index(start)
        return text[begin : text.index(";", begin) + 1]

    def curve(kind: str, name: str, values: tuple[float, ...], box: tuple[float, ...]) -> str:
        return ",\n  ".join([f"Curve:{kind}", name, *map(repr, (*values, *box))]) + ";"

    box = (c.T_supply_low, c.T_supply_high, c.T_condenser_low, c.T_condenser_high)
    load = (c.T_condenser_low, c.T_condenser_high, c.part_load_min, c.part_load_max)
    machine = [
        "Chiller:Electric:EIR", "Chiller", c.capacity, c.COP, 6.67, 34.63, 0.06057, 0.07571, "CAPFT", "EIRFT",
        "LeavingCondenserWaterTemperature", "EIRFPLR", c.part_load_min, c.part_load_max, 1.0, c.part_load_unload,
        "Chiller CHW In", "Chiller CHW Out", "Chiller CW In", "Chiller CW Out", 1.0, 2.0, "ConstantFlow",
    ]  # fmt: skip
    return {
        block("Chiller:Electric:EIR,\n  Chiller,\n  1406600.0"): ",\n  ".join(map(str, machine)) + ";",
        block("Curve:Biquadratic,\n  CAPFT"): curve("Biquadratic", "CAPFT", c.capacity_curve, box),
        block("Curve:Biquadratic,\n  EIRFT"): curve("Biquadratic", "EIRFT", c.EIR_curve, box),
        block("Curve:Quadratic,\n  EIRFPLR"): curve("Bicubic", "EIRFPLR", c.part_load_curve, load),
        "Chiller:Electric:EIR": "Chiller:Electric:ReformulatedEIR",
    }
