"""Saturation of water, the mark above which a wetted wall may boil."""

import math

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["saturation_pressure", "saturation_pressures", "saturation_temperature"]


@kernel
def saturation_temperature(pressure: float) -> float:
    """Return the boiling temperature of water [°C] at an absolute pressure [Pa].

    Antoine: log₁₀ p = 8.07131 − 1730.63 / (233.426 + T), p in mmHg, 1 to 100 °C; beyond 100 °C it stays within 0.4 K
    to 3 bar. Glycol mixtures boil a few kelvins higher, so that the mark is on the safe side. Source: Gmehling and
    Onken, Vapor-Liquid Equilibrium Data Collection, DECHEMA (1977), part 1.

    Examples
    --------
    >>> round(saturation_temperature(101325.0), 1)
    100.0
    """
    return 1730.63 / (8.07131 - math.log10(pressure / 133.322)) - 233.426


@kernel
def saturation_pressure(T: float) -> float:
    """Return the vapour pressure of water [Pa] at `T` [°C]; the inverse of ``saturation_temperature``.

    Range and source as there; above a glycol mixture it is a few per cent less.

    Examples
    --------
    >>> round(saturation_pressure(50.0) / 1e3, 1)  # 12.35 kPa by IAPWS
    12.3
    """
    return 133.322 * math.exp(math.log(10.0) * (8.07131 - 1730.63 / (233.426 + T)))


@kernel
def saturation_pressures(T: np.ndarray, found: np.ndarray) -> None:
    """Fill `found` with ``saturation_pressure`` of each temperature; both of one dimension."""
    for i in range(len(T)):
        found[i] = saturation_pressure(T[i])
