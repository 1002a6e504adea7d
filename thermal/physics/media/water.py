"""Water a tower uses: evaporation, drift, blow-down and make-up."""

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.media.moist_air import humidities_after, saturated_after, saturation

__all__ = ["blow_down", "boiling", "evaporation", "evaporations"]


@kernel
def evaporation(heat: float, air: float, w: float, T_wet_bulb: float, pressure: float) -> float:
    """Water evaporated into the air of a tower that leaves saturated (kg/s).

    E = m·(w_out - w); w_out saturated at T_out, where h_s(T_out) = h_s(T_wb) + Q/m

    Symbols: Q heat into the air (W), m dry air (kg/s), w humidity ratio in (kg per kg of dry air), T_wb wet bulb (°C).
    Condensing air gives 0. Warm dry air gives heat too: E stays below (Q + m·c_p·(T_db - T_wb))/h_fg(T_wb), not below
    Q/h_fg. Source: ASHRAE Fundamentals 2017, ch. 1, adiabatic mixing of water injected into moist air, the flow of dry
    air being conserved; the saturated exit as in the EnergyPlus Engineering Reference, Cooling Towers. That program
    takes the difference per kg of moist air with the same flow of dry air, and is 1.9 to 3.5 % lower. Air at 20 °C and
    50 % that leaves saturated at 30 °C takes up 27.3 - 7.3 g/kg (ASHRAE Fundamentals 2017, ch. 1, table 2: 27.329 g/kg
    saturated at 30 °C).

    >>> from thermal.physics.media.moist_air import humidity_ratio, saturated_enthalpy, wet_bulb
    >>> w = humidity_ratio(20.0, 0.5, 101325.0)
    >>> T_wb = wet_bulb(20.0, w, 101325.0)
    >>> heat = saturated_enthalpy(30.0, 101325.0) - saturated_enthalpy(T_wb, 101325.0)
    >>> round(1e3 * evaporation(heat, 1.0, w, T_wb, 101325.0))
    20
    """
    if air <= 0.0:
        return 0.0
    _, w_out = saturated_after(T_wet_bulb, heat / air, pressure)
    evaporated = air * (w_out - w)
    return 0.0 if evaporated < 0.0 else evaporated  # NaN stays NaN


@kernel
def evaporations(
    heat: np.ndarray, air: np.ndarray, w: np.ndarray, T_wet_bulb: np.ndarray, pressure: np.ndarray, out: np.ndarray
) -> None:
    """Fill `out` with the `evaporation` of a series of states."""
    humidities_after(T_wet_bulb, air, heat, pressure, out)
    for i in range(air.size):
        evaporated = air[i] * (out[i] - w[i])
        out[i] = 0.0 if evaporated < 0.0 or air[i] <= 0.0 else evaporated  # NaN stays NaN


@kernel
def blow_down(evaporated: float, drift: float, cycles: float) -> float:
    """Water drained to hold the cycles of concentration.

    B = max(E/(N - 1) - D, 0)

    Symbols: E evaporated, D drift (kg/s), N concentration of the basin over that of the make-up (-). Source: EnergyPlus
    Engineering Reference, Cooling Towers, blow-down by concentration ratio; ASHRAE Systems and Equipment, Cooling
    Towers: at 5 cycles blow-down and drift together are a quarter of evaporation.

    >>> blow_down(1.0, 0.0, 5.0)
    0.25
    """
    return max(evaporated / (cycles - 1.0) - drift, 0.0)


@kernel
def boiling(T: float, pressure: float) -> bool:
    """Whether water of temperature `T` (°C) boils in the open at a pressure (Pa): its vapour has that pressure.

    Source: `saturation_pressure`; water boils at 100 °C at 101.4 kPa (ASHRAE Fundamentals 2017, ch. 1, table 3).
    Solutions of glycol boil later.

    >>> boiling(99.0, 101.4e3), boiling(101.0, 101.4e3)
    (False, True)
    """
    if T < 60.0:
        return False
    return bool(saturation(T)[0] >= pressure)
