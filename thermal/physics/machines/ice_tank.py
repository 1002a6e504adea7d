"""Ice around tubes in a tank of water: one store of enthalpy, and the layer between tube and melting front."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["FUSION", "IceLaw", "ice_resistance", "ice_temperature", "march_ice"]

FUSION = 333_427.0  # J/kg, of ice at 0 °C: Feistel and Wagner, J. Phys. Chem. Ref. Data 35 (2006) 1021
CP_WATER, CP_ICE = 4205.0, 2050.0  # J/kg K, near 0 °C: as above and IAPWS; half a per cent over 0 to 15 °C
K_WATER, K_ICE = 0.561, 2.2  # W/m K at 0 °C, as above


class IceLaw(NamedTuple):
    """What a tank of ice is to the kernels."""

    mass: float  # of water and ice [kg]
    UA: float  # brine to bare tube and the water at it [W/K]
    layer: float  # resistance of all ice grown, from tube to the rim of its cell [K/W]
    growth: float  # area of a tube's cell over that of the tube
    melt: float  # effective over molecular conductivity of the melt


@kernel
def ice_temperature(law: IceLaw, enthalpy: float) -> tuple[float, float]:
    """Return (temperature [°C], ice over all by mass) at an `enthalpy` [J] above ice at 0 °C, one well-mixed store.

    Source: the definition of enthalpy; H from 0 (all ice) to m · 333.43 kJ/kg (all water) at 0 °C.

    Examples
    --------
    >>> law = IceLaw(1.0, 1.0, 1.0, 10.0, 1.0)
    >>> ice_temperature(law, 0.25 * FUSION), ice_temperature(law, FUSION + 4205.0), ice_temperature(law, -4100.0)
    ((0.0, 0.75), (1.0, 0.0), (-2.0, 1.0))
    """
    latent = law.mass * FUSION
    if enthalpy > latent:
        return (enthalpy - latent) / (law.mass * CP_WATER), 0.0
    if enthalpy < 0.0:
        return enthalpy / (law.mass * CP_ICE), 1.0
    return 0.0, 1.0 - enthalpy / latent


@kernel
def ice_resistance(law: IceLaw, ice: float, melting: bool) -> float:
    """Return the resistance [K/W] between tube and front: of ice grown outwards, or of melt around the tube.

    R = R_full ln(1 + s (β − 1))/ln β · (k_ice/k), with s the share of the cell that the layer fills: the ice itself
    while it grows, the melt while it melts from the tube. Conduction through cylinders, in Incropera and DeWitt (2007),
    eq. 3.28; the melt's conductivity is the molecular one times `melt`. Ice and water have one density here (ice is 8 %
    lighter), and no new ice forms at the tube while old ice stands off it.

    Examples
    --------
    >>> law = IceLaw(1.0, 1.0, 1.0, 10.0, 1.0)
    >>> ice_resistance(law, 1.0, False), round(ice_resistance(law, 0.0, True), 2), ice_resistance(law, 0.0, False)
    (1.0, 3.92, 0.0)
    """
    share = 1.0 - ice if melting else ice
    thick = math.log(1.0 + share * (law.growth - 1.0)) / math.log(law.growth)
    return law.layer * thick * (K_ICE / (K_WATER * law.melt) if melting else 1.0)


@kernel
def march_ice(
    law: IceLaw, T_in: np.ndarray, C: np.ndarray, step: np.ndarray, enthalpy: np.ndarray, T_out: np.ndarray
) -> None:
    """March the tank under brine of `T_in` [°C] and capacity flow `C` [W/K] over intervals of `step` [s].

    Q = C (1 − e^(−1/(R C))) (T_in − T) enters; `enthalpy` (n + 1) holds the ends of intervals, the first given; `T_out`
    (n) the mean over each. Explicit in pieces of at most 30 s and a hundredth of the time in which the brine could turn
    all water over, so that heat in and heat stored are the same number.
    """
    H = enthalpy[0]
    for k in range(T_in.size):
        pieces = max(1, math.ceil(step[k] / 30.0), math.ceil(step[k] * C[k] / (0.01 * law.mass * CP_ICE)))
        mean = 0.0
        for _ in range(pieces):
            T, ice = ice_temperature(law, H)
            melting = T_in[k] > T
            R = 1.0 / law.UA + (ice_resistance(law, ice, melting) if ice > 0.0 else 0.0)
            effect = 1.0 - math.exp(-1.0 / max(R * C[k], 1e-3)) if C[k] > 0.0 else 0.0  # all of it at NTU 1000
            Q = C[k] * effect * (T_in[k] - T)
            H += Q * step[k] / pieces
            mean += (T_in[k] - effect * (T_in[k] - T)) / pieces
        T_out[k], enthalpy[k + 1] = mean, H
