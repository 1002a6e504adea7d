"""Coolant properties as polynomials of temperature: density, heat capacity, conductivity and viscosity at once."""

import math
from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["PropertyTable", "evaluate"]


class PropertyTable(NamedTuple):
    """Polynomials in x = (T − centre)/half on [−1, 1], one column per property.

    Attributes
    ----------
    centre, half : float
        Middle and half-width of the fitted temperature range [°C].
    coefficients : ndarray, shape (degree + 1, 4)
        Ascending powers of x; columns are ρ [kg/m³], c_p [J/kg K], k [W/m K] and ln μ [ln Pa s].
    """

    centre: float
    half: float
    coefficients: np.ndarray


@kernel
def evaluate(table: PropertyTable, T: float) -> tuple[float, float, float, float]:
    """Return (ρ, c_p, k, μ) of the coolant at temperature `T` [°C].

    Equation: y_j(x) = Σ_i c_ij x^i with x = (T − T_c)/T_h; μ = exp(y_3). Horner's rule on the four columns together.

    Range: ``|x| <= 1``. Outside it the polynomial answers, and grows without physical meaning: the caller reports it.

    Source: fitted to CoolProp (Bell et al. 2014, doi:10.1021/ie4033999) when the coolant's model file was made; the
    water coefficients of the library give CoolProp's 997.0476 kg/m³ at 25 °C and 101.325 kPa.
    """
    c = table.coefficients
    x = (T - table.centre) / table.half
    n = c.shape[0] - 1
    density, heat_capacity, conductivity, log_viscosity = c[n, 0], c[n, 1], c[n, 2], c[n, 3]
    for i in range(n - 1, -1, -1):
        density = density * x + c[i, 0]
        heat_capacity = heat_capacity * x + c[i, 1]
        conductivity = conductivity * x + c[i, 2]
        log_viscosity = log_viscosity * x + c[i, 3]
    return density, heat_capacity, conductivity, math.exp(log_viscosity)
