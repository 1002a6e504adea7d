"""Saturated fluids: property tables by temperature, built once elsewhere and evaluated here without their source."""

from typing import NamedTuple

import numpy as np

from thermal.physics.kernel import kernel

__all__ = ["COLUMNS", "Saturation", "TwoPhaseTable", "enthalpy_temperature", "pressure_temperature", "saturation"]

COLUMNS = 12  # of the table: what `Saturation` has without the temperature
LINEAR = 3  # column of the liquid's enthalpy, which may be negative: all others are held as logarithms


class Saturation(NamedTuple):
    """Liquid (f) and vapour (g) in equilibrium; pure fluids and mixtures without glide."""

    T: float  # °C
    pressure: float  # Pa
    rho_f: float  # kg/m³
    rho_g: float
    h_f: float  # J/kg, of the liquid, from the reference state of the source
    h_fg: float  # J/kg
    mu_f: float  # Pa s
    mu_g: float
    k_f: float  # W/m K
    k_g: float
    cp_f: float  # J/kg K
    cp_g: float
    sigma: float  # N/m


class TwoPhaseTable(NamedTuple):
    """Chebyshev series on T_low to T_high, and of the temperature by ln p and by the liquid's enthalpy."""

    T_low: float
    T_high: float
    series: np.ndarray  # (COLUMNS, n), in the temperature
    by_pressure: np.ndarray  # (n,), in ln p between the pressures of T_low and T_high
    by_enthalpy: np.ndarray  # (n,), in h_f between those of T_low and T_high
    p_low: float
    p_high: float
    h_low: float
    h_high: float
    p_critical: float  # Pa
    molar_mass: float  # g/mol


@kernel
def _series(coefficients: np.ndarray, t: float) -> float:
    """Chebyshev series at t in −1..1, by Clenshaw's recurrence."""
    b, c = 0.0, 0.0
    for k in range(coefficients.size - 1, 0, -1):
        b, c = coefficients[k] + 2.0 * t * b - c, b
    return coefficients[0] + t * b - c


@kernel
def saturation(table: TwoPhaseTable, T: float) -> Saturation:
    """Return the saturated state at a temperature [°C]; NaN outside the table.

    Source: the equations of state and of transport that the table was built from, see the component that holds it.

    Examples
    --------
    >>> flat = TwoPhaseTable(0.0, 1.0, np.zeros((COLUMNS, 1)), np.zeros(1), np.zeros(1), 1.0, 2.0, 0.0, 1.0, 9.0, 18.0)
    >>> float(saturation(flat, 0.5).rho_f), np.isnan(saturation(flat, 2.0).rho_f).item()
    (1.0, True)
    """
    t = (2.0 * T - table.T_low - table.T_high) / (table.T_high - table.T_low)
    if not -1.0 - 1e-9 <= t <= 1.0 + 1e-9:
        t = np.nan
    s = table.series
    return Saturation(
        T,
        np.exp(_series(s[0], t)),
        np.exp(_series(s[1], t)),
        np.exp(_series(s[2], t)),
        _series(s[LINEAR], t),
        np.exp(_series(s[4], t)),
        np.exp(_series(s[5], t)),
        np.exp(_series(s[6], t)),
        np.exp(_series(s[7], t)),
        np.exp(_series(s[8], t)),
        np.exp(_series(s[9], t)),
        np.exp(_series(s[10], t)),
        np.exp(_series(s[11], t)),
    )


@kernel
def pressure_temperature(table: TwoPhaseTable, pressure: float) -> float:
    """Return the saturation temperature [°C] at an absolute pressure [Pa]; NaN outside the table.

    Examples
    --------
    >>> line = TwoPhaseTable(0.0, 2.0, np.zeros((COLUMNS, 1)), np.array([1.0, 1.0]), np.zeros(1), 1.0, 4.0, 0.0, 1.0,
    ...                      9.0, 18.0)
    >>> float(pressure_temperature(line, 2.0))
    1.0
    """
    if not table.p_low * (1.0 - 1e-9) <= pressure <= table.p_high * (1.0 + 1e-9):
        return np.nan
    low, high = np.log(table.p_low), np.log(table.p_high)
    return _series(table.by_pressure, (2.0 * np.log(pressure) - low - high) / (high - low))


@kernel
def enthalpy_temperature(table: TwoPhaseTable, h: float) -> float:
    """Return the temperature [°C] of liquid of enthalpy h [J/kg]; NaN outside the table.

    The liquid counts as saturated at its own temperature: the work v Δp of compressing it is left out (0.1 kJ/kg, or
    0.1 K of a refrigerant, per bar at most).

    Examples
    --------
    >>> line = TwoPhaseTable(0.0, 2.0, np.zeros((COLUMNS, 1)), np.zeros(1), np.array([1.0, 1.0]), 1.0, 2.0, 0.0, 4.0,
    ...                      9.0, 18.0)
    >>> float(enthalpy_temperature(line, 2.0))
    1.0
    """
    t = (2.0 * h - table.h_low - table.h_high) / (table.h_high - table.h_low)
    if not -1.0 - 1e-9 <= t <= 1.0 + 1e-9:
        return np.nan
    return _series(table.by_enthalpy, t)
