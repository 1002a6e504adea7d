"""Effectiveness of heat exchangers by flow arrangement; never above 1."""

import math

from thermal.physics.kernel import kernel

__all__ = ["effectiveness_counterflow", "effectiveness_crossflow"]


@kernel
def effectiveness_counterflow(NTU: float, C_ratio: float) -> float:
    """Effectiveness of a counterflow exchanger.

    ε = (1 - e^(-NTU·(1 - C)))/(1 - C·e^(-NTU·(1 - C))), and NTU/(1 + NTU) at C = 1

    Symbols: NTU = UA/C_min, C = C_min/C_max (-). Range: NTU ≥ 0, 0 ≤ C ≤ 1. Source: Kays and London, Compact Heat
    Exchangers, 3rd ed., table 2-2; its table lists ε = 0.667 at NTU 2, C = 1.

    >>> round(effectiveness_counterflow(2.0, 1.0), 3)
    0.667
    """
    if C_ratio > 0.9999:
        return NTU / (1.0 + NTU)
    e = math.exp(-NTU * (1.0 - C_ratio))
    return (1.0 - e) / (1.0 - C_ratio * e)


@kernel
def effectiveness_crossflow(NTU: float, C_ratio: float) -> float:
    """Effectiveness of a crossflow exchanger with both streams unmixed.

    ε = 1 - exp((e^(-C·NTU^0.78) - 1)·NTU^0.22/C)

    Symbols as in `effectiveness_counterflow`. Range: NTU 0..7, an approximation within 1 %. Source: Incropera et al.,
    Fundamentals of Heat and Mass Transfer, 6th ed., eq. 11.32; at C = 0 it becomes 1 - e^(-NTU), 0.632 at NTU 1.

    >>> round(effectiveness_crossflow(1.0, 1e-9), 3)
    0.632
    """
    if not NTU > 0.0:
        return 0.0
    C = max(C_ratio, 1e-9)
    return 1.0 - math.exp(math.expm1(-C * NTU**0.78) * NTU**0.22 / C)
