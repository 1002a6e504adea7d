"""Water a tower uses: evaporation, drift, blow-down and make-up."""

from thermal.physics.kernel import kernel
from thermal.physics.media.moist_air import saturated_after

__all__ = ["blow_down", "evaporation"]


@kernel
def evaporation(heat: float, air: float, w: float, T_wet_bulb: float, pressure: float) -> float:
    """Water evaporated into the air of a tower that leaves saturated (kg/s).

    E = m·(s_out - s_in), s = w/(1 + w); w_out saturated at T_out, where h_s(T_out) = h_s(T_wb) + Q/m

    Symbols: Q heat into the air (W), m dry air (kg/s), w humidity ratio in (kg/kg), T_wb wet bulb (°C). The difference
    is taken per kg of moist air, as EnergyPlus does; per kg of dry air it would be larger by w_out, 1..3 %. Condensing
    air gives 0. Warm dry air gives heat too: E stays below (Q + m·c_p·(T_db - T_wb))/h_fg(T_wb), not below Q/h_fg.
    Source: EnergyPlus Engineering Reference, Cooling Towers, saturated exit. No heat evaporates nothing into saturated
    air.

    >>> from thermal.physics.media.moist_air import saturated_humidity_ratio
    >>> abs(evaporation(0.0, 10.0, saturated_humidity_ratio(20.0, 101325.0), 20.0, 101325.0)) < 1e-12
    True
    """
    if air <= 0.0:
        return 0.0
    _, w_out = saturated_after(T_wet_bulb, heat / air, pressure)
    return max(air * (w_out / (1.0 + w_out) - w / (1.0 + w)), 0.0)


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
