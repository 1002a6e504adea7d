"""Static pressure of networks: what an expansion vessel holds, suction of pumps, and where coolant would boil."""

from typing import Any

import numpy as np

from thermal.components.coolant import Coolant
from thermal.components.hydronics.vessel import ExpansionVessel
from thermal.errors import InputError
from thermal.physics.machines.pump import GRAVITY
from thermal.physics.media.boiling import saturation_pressures

__all__ = ["npsh_available", "require_suction", "vapour_pressure", "vessel_rise"]


def vapour_pressure(T: Any) -> np.ndarray:
    """Vapour pressure of water [Pa] at temperatures `T` [°C]; NaN stays."""
    T = np.asarray(T, float)
    found = np.empty(T.size)
    saturation_pressures(T.ravel(), found)
    return found.reshape(T.shape)


def npsh_available(pressure: Any, T: Any, density: Any) -> np.ndarray:
    """Net positive suction head [m]: (p − p_v)/(ρ g) with the static pressure; the velocity head is left out.

    Examples
    --------
    >>> round(float(npsh_available(101325.0, 20.0, 998.2)), 1)  # 101.3 kPa less 2.3 kPa
    10.1
    """
    return np.asarray((np.asarray(pressure) - vapour_pressure(T)) / (np.asarray(density) * GRAVITY))


def vessel_rise(vessel: ExpansionVessel, pressure: float, coolant: Coolant, volume: Any, T: Any) -> np.ndarray:
    """Pressure that coolant of `volume` [m³] at temperatures `T` [°C] (…, volumes) adds to that of the fill [Pa].

    Its expansion ΔV = Σ V (ρ_fill/ρ(T) − 1) takes room from the gas: p = p_fill V_gas/(V_gas − ΔV), isothermal.

    Raises
    ------
    InputError
        If the gas has no room left.
    """
    held = np.clip(np.asarray(T, float), coolant.T_low, coolant.T_high)
    cold = coolant.properties(vessel.T_fill).density
    expansion = (np.asarray(volume) * (cold / np.asarray(coolant.properties(held).density) - 1.0)).sum(axis=-1)
    if not (expansion < vessel.gas).all():
        worst = float(np.max(expansion))
        raise InputError(
            f"expansion vessel: the coolant takes {worst * 1e3:.3g} L more than at {vessel.T_fill:g} degC, the gas has "
            f"{vessel.gas * 1e3:.3g} L; a larger ExpansionVessel.gas"
        )
    return np.asarray(pressure * (vessel.gas / (vessel.gas - expansion) - 1.0))


def require_suction(names: Any, margin: Any, needed: Any) -> None:
    """Refuse pumps with less suction head than they need.

    Raises
    ------
    InputError
        The message names the worst.
    """
    margin = np.asarray(margin, float)
    short = margin < 0.0
    if short.any():
        worst = int(np.nanargmin(margin))
        raise InputError(
            f"NPSH below required: pump {str(names[worst])!r} needs {float(needed[worst]):.3g} m of suction head and "
            f"has {float(needed[worst] + margin[worst]):.3g} m; raise Node.pressure, place it lower, slow "
            "it, or cool its suction"
        )
