"""Sums over the hours of a plant's year, for those who keep no hours."""

from enum import IntEnum

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.plant.hour import Mode, Outside
from thermal.physics.plant.year import Column

__all__ = ["Sum", "sum_hours"]


class Sum(IntEnum):
    """Places of `sum_hours`: sums over the rows of a year, hours counted as rows."""

    IT = 0
    FACILITY_PUMPS = 1
    CONDENSER_PUMPS = 2
    CHILLERS = 3
    FANS = 4
    HEATER = 5
    WATER = 6
    UNMET = 7
    FREE = 8
    PARTIAL = 9
    OUTSIDE_CHILLER = 10
    OUTSIDE_LAG_CHILLER = 11
    OUTSIDE_REJECTION = 12
    FREEZES = 13
    BOILS = 14
    ABOVE = 15
    OPEN = 16  # rows whose energy balance does not close
    ENERGY_RESIDUAL = 17  # the largest magnitude [W]


@kernel
def sum_hours(
    table: np.ndarray, it_power: np.ndarray, T_set: np.ndarray, held: float, tolerance: float, out: np.ndarray
) -> None:
    """Fill `out` (`Sum`) from the table of `run_hours`.

    A row is above its set point if it is so by more than `held` [K], and open if its balance misses `tolerance` of its
    heat.
    """
    out[:] = 0.0
    for i in range(it_power.size):
        outside, residual = int(table[Column.CHILLER_OUTSIDE, i]), abs(table[Column.ENERGY_RESIDUAL, i])
        power = (
            + it_power[i] + table[Column.FACILITY_PUMPS, i] + table[Column.CONDENSER_PUMPS, i]
            + table[Column.CHILLERS, i] + table[Column.FANS, i] + table[Column.HEATER, i]
        )  # fmt: skip
        water = table[Column.EVAPORATED, i] + table[Column.DRIFT, i] + table[Column.BLOW_DOWN, i]
        out[Sum.IT] += it_power[i]
        out[Sum.FACILITY_PUMPS] += table[Column.FACILITY_PUMPS, i]
        out[Sum.CONDENSER_PUMPS] += table[Column.CONDENSER_PUMPS, i]
        out[Sum.CHILLERS] += table[Column.CHILLERS, i]
        out[Sum.FANS] += table[Column.FANS, i]
        out[Sum.HEATER] += table[Column.HEATER, i]
        out[Sum.WATER] += water
        out[Sum.UNMET] += table[Column.UNMET, i]
        out[Sum.FREE] += table[Column.MODE, i] == Mode.FREE.value
        out[Sum.PARTIAL] += table[Column.MODE, i] == Mode.PARTIAL.value
        out[Sum.OUTSIDE_CHILLER] += (outside & Outside.LEAD.value) != 0
        out[Sum.OUTSIDE_LAG_CHILLER] += (outside & Outside.LAG.value) != 0
        out[Sum.OUTSIDE_REJECTION] += table[Column.REJECTION_OUTSIDE, i] != 0.0
        out[Sum.FREEZES] += table[Column.FREEZES, i] != 0.0
        out[Sum.BOILS] += table[Column.BOILS, i] != 0.0
        out[Sum.ABOVE] += table[Column.T_SUPPLY, i] > T_set[i] + held
        closed = residual <= tolerance * max(table[Column.HEAT, i], 1.0) and power + water < np.inf
        out[Sum.OPEN] += not closed
        if not (residual <= out[Sum.ENERGY_RESIDUAL]):
            out[Sum.ENERGY_RESIDUAL] = residual
