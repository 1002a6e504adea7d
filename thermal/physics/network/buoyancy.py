"""Weight of the coolant in branches that rise or fall, from the temperatures it has now: what circulates by itself."""

from typing import Any, NamedTuple

import numpy as np

from thermal.physics.kernel import kernel
from thermal.physics.machines.pump import GRAVITY

__all__ = ["COLUMN", "Media", "lift"]

NEARLY = 1e-12  # of a column's weight, of whose change the flows need not hear: 2e-9 K of water

COLUMN = np.dtype(
    (
        np.record,
        [
            ("row", "i8"),  # of the flows
            ("coolant", "i8"),  # of ``Media``
            ("height", "f8"),  # its end over its start [m]
            ("places", "i8", (2,)),  # whose mean it has: both ends, or twice the coolant inside
            ("first", "i8"),  # of the cells of its pipe
            ("cells", "i8"),  # 0 where it has none
        ],
    )
)


class Media(NamedTuple):
    """Property tables of several coolants, as ``PropertyTable``; short polynomials are filled up with zeros."""

    centre: np.ndarray  # (c,)
    half: np.ndarray
    coefficients: np.ndarray  # (c, degree + 1, 4)


@kernel
def _density(media: Media, c: int, T: float) -> float:
    """Density of a coolant [kg/m³], beyond its table that at the table's end."""
    x = min(max((T - media.centre[c]) / media.half[c], -1.0), 1.0) if T == T else T
    n = media.coefficients.shape[1] - 1
    density = media.coefficients[c, n, 0]
    for i in range(n - 1, -1, -1):
        density = density * x + media.coefficients[c, i, 0]
    return density


@kernel
def _mean_density(media: Media, column: Any, T: np.ndarray, cells: np.ndarray) -> float:
    """Mean density of a column [kg/m³], which has the same slope all along."""
    if column.cells == 0:
        a, b = _density(media, column.coolant, T[column.places[0]]), 0.0
        b = a if column.places[1] == column.places[0] else _density(media, column.coolant, T[column.places[1]])
        return 0.5 * (a + b)
    total = 0.0
    for i in range(column.first, column.first + column.cells):
        total += _density(media, column.coolant, cells[i])
    return total / column.cells


@kernel
def lift(
    columns: np.recarray, media: Media, T: np.ndarray, cells: np.ndarray, ease: float, rise: np.ndarray
) -> bool:  # fmt: skip
    """Bring the static term of the columns up to the temperatures `T` and `cells` [°C]; return whether any moved.

    Equation: Δp = g (z_end − z_start) ρ̄, ρ̄ the mean of ρ(T) over the column, of the coolant's own table. As Oberbeck
    and Boussinesq have it density varies in this term alone; but here it is not a straight line of temperature.

    Source: Boussinesq, Théorie analytique de la chaleur, vol. 2 (1903), p. 172.

    Parameters
    ----------
    columns : recarray
        ``COLUMN``.
    media : Media
        Their coolants.
    T, cells : ndarray
        Temperatures by place, and of the cells of pipes.
    ease : float
        How far to go, 1 all the way. Steps of years need one half: flow and temperature difference of laminar natural
        circulation have a constant product, which the whole way would throw from one side of the answer to the other.
    rise : ndarray
        (k,) Static pressure of every row [Pa], changed.
    """
    moved = False
    for i in range(len(columns)):
        column = columns[i]
        k = column.row
        change = ease * (GRAVITY * column.height * _mean_density(media, column, T, cells) - rise[k])
        if not (abs(change) <= NEARLY * abs(rise[k])):
            rise[k] += change
            moved = True
    return moved
