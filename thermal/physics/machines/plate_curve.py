"""The lumped cold plate: case-to-inlet resistance against flow, continued physically down to no flow at all."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["PLATE_POINTS", "PlateTable", "case_to_inlet_resistance", "plate_conductance"]

PLATE_POINTS = 256  # points of a conductance table


class PlateTable(NamedTuple):
    """ln UA of one cold plate on an even grid of ln flow.

    Attributes
    ----------
    start, spacing : float
        ln of the first volume flow [m³/s] and the step between points.
    log_UA : ndarray, shape (points,)
        ln of UA = −C ln(1 − ε), ε = 1/(C R), from the measured R and the coolant of the measurement [ln W/K].
    """

    start: float
    spacing: float
    log_UA: np.ndarray


@kernel
def plate_conductance(table: PlateTable, flow: float, C: float) -> float:
    """Return G = ε C [W/K], the heat of one plate per kelvin of case above inlet.

    Equation: ε = 1 − exp(−UA(V)/C), R_case-to-inlet = 1/(ε C). Symbols: V volume flow of one plate [m³/s],
    C = ρ c_p V its capacity flow [W/K].

    Inside the measured range this returns the measured resistance. Outside it UA keeps its end value, so that
    ε stays below 1, the outlet never passes the case temperature, and G vanishes with the flow.

    Source: effectiveness of an exchanger with one isothermal side, Incropera et al., 7th ed., eq. 11.35a.
    """
    if flow <= 0.0 or C <= 0.0:
        return 0.0
    n = table.log_UA.shape[0] - 1
    position = (math.log(flow) - table.start) / table.spacing
    if math.isnan(position):  # must not become an index
        return math.nan
    position = min(max(position, 0.0), float(n))
    i = min(int(position), n - 1)
    t = position - i
    UA = math.exp((1.0 - t) * table.log_UA[i] + t * table.log_UA[i + 1])
    return -C * math.expm1(-UA / C)


@kernel
def case_to_inlet_resistance(table: PlateTable, flow: float, C: float) -> float:
    """Return R = (T_case − T_in)/Q [K/W] of one plate at volume flow `flow`; infinite without flow."""
    G = plate_conductance(table, flow, C)
    return math.inf if G <= 0.0 else 1.0 / G
