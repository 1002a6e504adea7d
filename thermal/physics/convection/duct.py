"""Fully developed and developing laminar flow in rectangular ducts: friction and Nusselt numbers by aspect ratio.

Lengths scale with the hydraulic diameter D = 4 A / P over the whole perimeter; the aspect ratio is short over long.
"""

import math

from thermal.physics.kernel import kernel

__all__ = [
    "apparent_friction",
    "hydraulic_diameter",
    "laminar_friction",
    "nusselt_three_walls",
    "nusselt_uniform_flux",
    "nusselt_uniform_temperature",
]

# Polynomials in the aspect ratio through exact (spectral) solutions at 23 ratios and the parallel-plate limit;
# largest departure 5e-6, 3e-5 and 1e-4. THREE_WALLS: in (a - 1)/(a + 1), through own spectral solutions at 120 ratios a
# of width over depth from 0.002 to 500 and both limits of parallel plates; largest departure 1e-4.
FRICTION = (24.00009, -32.884494, 51.516904, -65.499321, 84.417787, -87.281205, 57.396735, -20.205963, 2.766541)
UNIFORM_FLUX = (8.235477, -17.050339, 29.244395, -45.616785, 92.54278, -156.267381, 161.191355, -88.833635, 20.162083)
UNIFORM_WALL = (
    7.541147,
    -19.779585,
    38.07385,
    -37.113705,
    6.675716,
    25.192783,
    -26.911065,
    10.599676,
    -1.301293,
)
THREE_WALLS = (
    3.56821,
    -2.16857,
    2.18419,
    0.64787,
    2.45617,
    -0.39022,
    -1.2202,
    1.75537,
    -1.68403,
    -2.01682,
    2.27977,
    0.74703,
    -0.77415,
)


@kernel
def hydraulic_diameter(width: float, height: float) -> float:
    """Return four times the area over the whole perimeter, 2 w h / (w + h), in m.

    Examples
    --------
    >>> hydraulic_diameter(1e-3, 1e-3)
    0.001
    """
    return 2.0 * width * height / (width + height)


@kernel
def laminar_friction(aspect: float) -> float:
    """Return f·Re (Fanning) of developed laminar flow in a rectangular duct.

    f·Re = 2 D² (−dp/dx) / (4 μ ū); `aspect` is short over long side, 0 to 1.
    Source: exact series, Shah and London, Laminar Flow Forced Convection in Ducts (1978), Table 42, which prints
    14.227 for the square duct and 15.548 for 1:2. Doi 10.1016/C2013-0-06152-X.

    Examples
    --------
    >>> round(laminar_friction(1.0), 3), round(laminar_friction(0.5), 3)
    (14.227, 15.548)
    """
    return _polynomial(FRICTION, aspect)


@kernel
def nusselt_uniform_flux(aspect: float) -> float:
    """Return the developed laminar Nusselt number, axially uniform flux and peripherally uniform wall temperature (H1).

    Nu = h D / k; `aspect` is short over long side, 0 to 1. Source: Shah and London (1978), Table 42: 3.608 (square),
    4.123 (1:2).

    Examples
    --------
    >>> round(nusselt_uniform_flux(1.0), 3), round(nusselt_uniform_flux(0.5), 3)
    (3.608, 4.123)
    """
    return _polynomial(UNIFORM_FLUX, aspect)


@kernel
def nusselt_uniform_temperature(aspect: float) -> float:
    """Return the developed laminar Nusselt number, uniform wall temperature (T).

    Nu = h D / k; `aspect` is short over long side, 0 to 1. Source: Shah and London (1978), Table 42: 2.976 (square),
    3.391 (1:2); the exact values are 2.9775 and 3.3923.

    Examples
    --------
    >>> abs(nusselt_uniform_temperature(1.0) / 2.976 - 1) < 1e-3
    True
    """
    return _polynomial(UNIFORM_WALL, aspect)


@kernel
def nusselt_three_walls(ratio: float) -> float:
    """Return the developed H1 Nusselt number of a duct whose one wall of the width is adiabatic.

    Nu = h D / k with h on the three heated walls of one temperature and D = 4 A / (whole perimeter); `ratio` is width
    over depth, from 0 (8.235, a narrow slit heated on both sides) without bound (5.385, a flat one heated on one side).
    Source: own spectral solution. Shah and London (1978), Table 44, after the finite differences of Schmidt and Newell
    (1967), print 4.505, 3.556 and 3.146 at 0.5, 1 and 2 (0.8 % below to 0.2 % above); Phillips, Microchannel Heat
    Sinks, Lincoln Laboratory Journal 1 (1988) 31-48, gives up to 1 within 1.1 %: 8.235 (1 − 1.883 a + 3.767 a² − 5.814
    a³ + 5.361 a⁴ − 2 a⁵).

    Examples
    --------
    >>> [abs(nusselt_three_walls(a) / table - 1) < 0.008 for a, table in ((0.5, 4.505), (1.0, 3.556), (2.0, 3.146))]
    [True, True, True]
    """
    return _polynomial(THREE_WALLS, (ratio - 1.0) / (ratio + 1.0))


@kernel
def apparent_friction(aspect: float, station: float) -> float:
    """Return the apparent f·Re (Fanning) from the inlet to `station` = x / (D Re), uniform inlet velocity.

    f·Re = 3.44/√x⁺ + (fRe + K/(4x⁺) − 3.44/√x⁺) / (1 + C/x⁺²), with K and C by aspect ratio (interpolated).
    Within 2.4 %. Source: Shah, A correlation for laminar hydrodynamic entry length solutions, J. Fluids Eng. 100 (1978)
    177-179, Table 1 (K = 1.43, C = 0.00029 for the square), doi 10.1115/1.3448626.

    Examples
    --------
    >>> round(apparent_friction(1.0, 10.0), 2)  # far downstream: 14.227 + 1.43 / (4 · 10)
    14.26
    """
    if aspect < 0.2:
        share = aspect / 0.2
        excess, turn = 0.674 + share * (0.931 - 0.674), 2.9e-5 + share * (7.6e-5 - 2.9e-5)
    elif aspect < 0.5:
        share = (aspect - 0.2) / 0.3
        excess, turn = 0.931 + share * (1.28 - 0.931), 7.6e-5 + share * (2.1e-4 - 7.6e-5)
    else:
        share = (aspect - 0.5) / 0.5
        excess, turn = 1.28 + share * (1.43 - 1.28), 2.1e-4 + share * (2.9e-4 - 2.1e-4)
    short = 3.44 / math.sqrt(station)
    return short + (laminar_friction(aspect) + 0.25 * excess / station - short) / (1.0 + turn / station**2)


@kernel
def _polynomial(coefficients: tuple[float, ...], x: float) -> float:
    value = 0.0
    for i in range(len(coefficients)):
        value = value * x + coefficients[len(coefficients) - 1 - i]
    return value
