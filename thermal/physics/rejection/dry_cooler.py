"""Finned dry coolers and evaporative fluid coolers: closed circuits cooled by air flow at any altitude."""

from thermal.physics.kernel import kernel
from thermal.physics.machines.exchanger import crossflow_effectiveness

__all__ = ["UA_at", "dry_heat"]


@kernel
def UA_at(UA: float, exponent: float, air_ratio: float) -> float:
    """UA at a part of the design air flow: UA_0·x^n, n from the two speeds a maker states: ln(UA_2/UA_1)/ln(x_2/x_1).

    >>> round(UA_at(125e3, 0.737, 0.5) / 1e3)  # 75 kW/K at half the air flow: n = ln(75/125)/ln(1/2)
    75
    """
    return UA * air_ratio**exponent


@kernel
def dry_heat(T_in: float, T_dry_bulb: float, air: float, cp: float, water: float, UA: float) -> float:
    """Heat from a liquid to dry air in a crossflow coil.

    Q = ε(UA/C_min, C_r)·C_min·(T_in - T_db), `crossflow_effectiveness`

    Symbols: T_in liquid, T_db air (°C), `air` mass flow of dry air (kg/s), c_p of moist air per kg of dry air (J/kg K),
    `water` heat capacity rate of the liquid (W/K). Thin air enters through the mass flow, at 1800 m a fifth less, and
    through UA (`UA_running`).
    Source: EnergyPlus Engineering Reference, Fluid Coolers. Coil and air at one temperature exchange nothing.

    >>> dry_heat(30.0, 30.0, 10.0, 1006.0, 1e5, 1e5)
    0.0
    """
    if air <= 0.0 or water <= 0.0:
        return 0.0
    C_air = air * cp
    C_min, C_max = min(C_air, water), max(C_air, water)
    nothing = 0.0 * (C_air + water + UA)  # NaN stays NaN
    return crossflow_effectiveness(UA / C_min, C_min / C_max) * C_min * (T_in - T_dry_bulb) + nothing
