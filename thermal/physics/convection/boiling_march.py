"""A channel that may boil, marched along its flow: enthalpy by its heat, pressure by friction and momentum."""

import math

import numpy as np

from thermal.physics.convection.channel import ChannelShape, local_nusselt
from thermal.physics.convection.flow_boiling import Boiling, dryout_quality, film
from thermal.physics.convection.two_phase_drop import friction_gradient, momentum_flux, zivi
from thermal.physics.kernel import kernel
from thermal.physics.media.two_phase import (
    Saturation,
    TwoPhaseTable,
    enthalpy_temperature,
    pressure_temperature,
    saturation,
)

__all__ = ["COLUMNS_OUT", "march", "phase", "walls"]

COLUMNS_OUT = 6  # of `march`: quality, fluid and saturation temperature, void, dry-out quality, pressure
ROUNDS, SETTLED = 60, 1e-13  # of the pressure at the end of a cell, relative


@kernel
def phase(table: TwoPhaseTable, pressure: float, h: float) -> tuple[float, Saturation]:
    """Return the quality, negative of subcooled liquid, and the saturated state at the fluid's own temperature.

    A subcooled liquid has the properties of saturated liquid at its temperature. Source: heat balance of equilibrium,
    Collier and Thome, Convective Boiling and Condensation, 3rd ed. (1994), sec. 1.6.

    Examples
    --------
    >>> flat = TwoPhaseTable(0.0, 1.0, np.zeros((12, 1)), np.full(1, 0.5), np.full(1, 0.5), 1.0, 2.0, 0.0, 1.0, 9.0,
    ...                      18.0)
    >>> float(phase(flat, 1.5, 0.25)[0])  # h_f = 0 and h_fg = 1
    0.25
    """
    boiling = saturation(table, pressure_temperature(table, pressure))
    x = (h - boiling.h_f) / boiling.h_fg
    if x >= 0.0:
        return x, boiling
    return x, saturation(table, enthalpy_temperature(table, h))


@kernel
def march(
    table: TwoPhaseTable,
    law: int,
    G: float,
    D: float,
    share: float,
    flux: np.ndarray,
    step: float,
    p_in: float,
    h_in: float,
    found: np.ndarray,
) -> tuple[float, float, float, bool]:
    """Fill `found` (cells, 6) at the middle of each cell; return outlet pressure, enthalpy, friction, and chokes.

    `flux` (cells,) on the heated walls [W/m²], `step` length of a cell [m]. The middle's values are the means of both
    ends, second order in the step. It chokes where no pressure ends a cell, or the table ends: NaN from there on.
    Source: separated flow, Collier and Thome, Convective Boiling and Condensation, 3rd ed. (1994), eq. 2.52.

    Examples
    --------
    >>> flat = TwoPhaseTable(0.0, 1.0, np.zeros((12, 1)), np.full(1, 0.5), np.full(1, 0.5), 1.0, 2.0, -9.0, 9.0, 9.0,
    ...                      18.0)
    >>> p, h, friction, chokes = march(flat, 2, 1e-3, 1.0, 1.0, np.zeros(4), 0.25, 1.5, -1.0, np.zeros((4, 6)))
    >>> round(float((1.5 - p) / (64.0 / 1e-3 * 1e-6 / 2.0)), 6)  # liquid without heat: 64/Re G²/(2 ρ D)
    1.0
    """
    p, h, friction = p_in, h_in, 0.0
    x, s = phase(table, p, h)
    momentum = momentum_flux(x, s.rho_f, s.rho_g, G)
    for i in range(flux.size):
        rise = 4.0 * flux[i] * share * step / (D * G)
        middle = h + 0.5 * rise
        end, drop, after = p, 0.0, momentum
        settled = False
        for _ in range(ROUNDS):
            x, s = phase(table, 0.5 * (p + end), middle)
            drop = step * friction_gradient(law, s, G, D, x, flux[i] * share / (G * s.h_fg))
            x, s = phase(table, end, h + rise)
            after = momentum_flux(x, s.rho_f, s.rho_g, G)
            new = p - drop - (after - momentum)
            change = abs(new - end)
            end = new
            if change <= SETTLED * p:
                settled = True
                break
        if not (settled and end > 0.0):
            found[i:] = np.nan
            return np.nan, h_in + _added(flux, share, step, D, G), np.nan, True
        x, s = phase(table, 0.5 * (p + end), middle)
        boiling = saturation(table, pressure_temperature(table, 0.5 * (p + end)))
        at = Boiling(G, D, flux[i], x, share, step * flux.size, table.p_critical, table.molar_mass)
        found[i, 0], found[i, 1], found[i, 2] = x, s.T, boiling.T
        found[i, 3], found[i, 4], found[i, 5] = (
            zivi(x, s.rho_f, s.rho_g),
            min(dryout_quality(boiling, at), 1.0),
            0.5 * (p + end),
        )
        p, h, momentum = end, h + rise, after
        friction += drop
    return p, h, friction, False


@kernel
def _added(flux: np.ndarray, share: float, step: float, D: float, G: float) -> float:
    """Rise of the enthalpy [J/kg] along the whole channel."""
    total = 0.0
    for i in range(flux.size):
        total += 4.0 * flux[i] * share * step / (D * G)
    return total


@kernel
def walls(
    table: TwoPhaseTable,
    law: int,
    shape: ChannelShape,
    G: float,
    D: float,
    share: float,
    flux: np.ndarray,
    step: float,
    found: np.ndarray,
    films: np.ndarray,
    T_wall: np.ndarray,
) -> None:
    """Fill the film [W/m² K] to the fluid's temperature and the wall [°C] of each cell; NaN where the wall is dry.

    Boiling law and film of the liquid alone compete, and the colder wall wins: so the film is the liquid's at no heat,
    and joins without a jump where boiling begins, subcooled or not, its driving difference then that to saturation.
    Source: intersection of both, Collier and Thome, Convective Boiling and Condensation, 3rd ed. (1994), sec. 5.2.

    Examples
    --------
    >>> flat = TwoPhaseTable(0.0, 1.0, np.zeros((12, 1)), np.full(1, 0.5), np.full(1, 0.5), 1.0, 2.0, -9.0, 9.0, 9.0,
    ...                      18.0)
    >>> found, h, T = np.zeros((1, 6)), np.zeros(1), np.zeros(1)
    >>> found[0] = (-1.0, 0.5, 0.5, 0.0, 0.5, 1.5)
    >>> walls(flat, 0, ChannelShape(1.0, 1.0, 4, 0), 1e-3, 1.0, 1.0, np.zeros(1), 1.0, found, h, T)
    >>> round(h.item(), 3), T.item()  # no heat: the developed Nusselt number of a square
    (3.608, 0.5)
    """
    for i in range(flux.size):
        x, T, T_boil, dry = found[i, 0], found[i, 1], found[i, 2], found[i, 4]
        films[i], T_wall[i] = np.nan, np.nan
        if not (x < 1.0 and (x <= 0.0 or x <= dry)):
            continue
        s, boiling = saturation(table, T), saturation(table, T_boil)
        Re, Pr = G * (1.0 - max(x, 0.0)) * D / s.mu_f, s.mu_f * s.cp_f / s.k_f
        single = local_nusselt(shape, Re, Pr, (i + 0.5) * step) * s.k_f / D
        at = Boiling(G, D, flux[i], max(x, 0.0), share, step * flux.size, table.p_critical, table.molar_mass)
        h_boil = film(law, boiling, at)
        by_liquid, by_boiling = T + flux[i] / single, math.inf
        if h_boil > 0.0 and flux[i] > 0.0:
            by_boiling = T_boil + flux[i] / h_boil
        T_wall[i] = min(by_liquid, by_boiling)
        films[i] = single if by_liquid <= by_boiling else flux[i] / (by_boiling - T)
