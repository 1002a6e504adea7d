"""Thermal entry in rectangular ducts with developed velocity (the Graetz problem), from the inlet to far downstream.

The local Nusselt number is a blend of the developed and the Lévêque limits times a correction tabulated as Chebyshev
coefficients in the aspect ratio and in the logarithm of the station x* = x / (D Re Pr).
"""

import math
from enum import IntEnum

import numpy as np

from thermal.physics.convection.duct import nusselt_uniform_flux, nusselt_uniform_temperature
from thermal.physics.kernel import kernel

__all__ = ["Wall", "entry_nusselt"]


class Wall(IntEnum):
    """Thermal condition along the wall."""

    UNIFORM_FLUX = 0
    UNIFORM_TEMPERATURE = 1


FIRST, LAST = 1e-4, 1.0  # stations of the tabulated correction
# Own spectral (Chebyshev collocation, eigenfunction) solutions at 18 aspect ratios and for parallel plates; largest
# departure of the fit 0.07 % (flux) and 0.09 % (temperature).
FLUX = (
    np.array(
        (
            (106630, -9869, 1739, 2554, -469, -1037, 18, 333, 59, -53, -21, -12, -9, 5, 18),
            (-6160, 7799, -1152, -1719, 1372, 470, -962, -249, 502, 193, -192, -127, 42, 69, 5),
            (1836, -3041, 1297, 587, -971, -43, 548, -46, -278, 31, 132, -8, -60, -9, 34),
            (-30, 537, -749, 62, 432, -182, -194, 162, 90, -103, -50, 52, 31, -21, -24),
            (-73, 10, 193, -163, -77, 160, 12, -113, 6, 64, -6, -32, 2, 18, 0),
            (5, -36, -1, 80, -29, -65, 35, 39, -29, -19, 19, 9, -11, -6, 6),
            (4, 7, -14, -14, 24, 7, -24, 1, 19, -3, -12, 2, 6, -1, -4),
            (1, 0, 1, -5, -5, 7, 7, -8, -5, 6, 2, -4, -1, 3, 0),
        )
    )
    * 1e-5
)
TEMPERATURE = (
    np.array(
        (
            (102144, -9358, 6158, 1911, -1897, -760, 461, 277, -78, -74, 8, 5, -7, 8, 18),
            (-6548, 5319, -505, 1015, 839, -1078, -715, 476, 480, -110, -258, -22, 108, 52, -38),
            (1500, -2074, 1273, -285, -581, 284, 175, -161, -38, 103, 13, -73, -21, 54, 40),
            (443, 354, -969, 20, 225, -9, 59, 47, -83, -63, 39, 51, -7, -39, -5),
            (-330, 21, 326, -34, 1, 33, -56, -35, 29, 17, -9, -1, 8, 1, -15),
            (83, -32, -12, 44, -54, -43, 17, 16, 3, 8, 2, -10, -7, 3, 9),
            (1, 6, -52, -31, 29, 22, 3, 4, -3, -10, -4, 3, 3, 0, 0),
            (-10, 2, 33, 17, -2, -1, -4, -11, -3, 2, 2, 2, 1, 1, -2),
        )
    )
    * 1e-5
)


@kernel
def entry_nusselt(wall: int, aspect: float, station: float) -> float:
    """Return the local Nusselt number h D / k at a station of the thermal entry, velocity developed.

    `aspect` is short over long side (0 to 1), `station` x* = x / (D Re Pr); below 1e-4 the Lévêque slope continues,
    from 1 on the flow is developed. Source: own exact solution; parallel plates at x* = 0.01 have Nu = 8.80 (H1) and
    7.74 (T), Shah and London (1978), chapter VI.

    Examples
    --------
    >>> [float(round(entry_nusselt(wall, 0.0, 0.01), 1)) for wall in Wall]
    [8.8, 7.7]
    """
    if wall == Wall.UNIFORM_FLUX:
        developed, table, power, slope = nusselt_uniform_flux(aspect), FLUX, 4.0, 1.1
    else:
        developed, table, power, slope = nusselt_uniform_temperature(aspect), TEMPERATURE, 2.5, 0.9
    if station >= LAST:
        return developed
    blend = (developed**power + (slope * station ** (-1.0 / 3.0)) ** power) ** (1.0 / power)
    z = 2.0 * math.log(max(station, FIRST) / FIRST) / math.log(LAST / FIRST) - 1.0
    return blend * _chebyshev(table, 2.0 * aspect - 1.0, z)


@kernel
def _chebyshev(table: np.ndarray, y: float, z: float) -> float:
    """Evaluate a two-dimensional Chebyshev series by Clenshaw's recurrence, along z inside and along y outside."""
    b, c = 0.0, 0.0
    for i in range(table.shape[0] - 1, -1, -1):
        d, e = 0.0, 0.0
        for j in range(table.shape[1] - 1, 0, -1):
            d, e = 2.0 * z * d - e + table[i, j], d
        inner = z * d - e + table[i, 0]
        b, c = 2.0 * y * b - c + inner, b
    return b - y * c
