"""Films and friction along one rectangular channel, with properties that follow the coolant's temperature."""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.convection.duct import (
    apparent_friction,
    laminar_friction,
    nusselt_three_walls,
    nusselt_uniform_flux,
)
from thermal.physics.convection.duct_entry import Wall, entry_nusselt
from thermal.physics.kernel import kernel
from thermal.physics.media.properties import PropertyTable, evaluate

__all__ = ["ChannelShape", "Entry", "channel_march", "channels_march", "gnielinski", "local_nusselt", "smooth_friction"]

LAMINAR, TURBULENT = 2300.0, 4000.0  # Reynolds numbers between which the laws are blended
# Gauss's places and weights on [−1, 1] by cube roots of the distance, in which an entering film is smooth: 4 in the
# first slice, 2 later. Abramowitz and Stegun, table 25.4.
PLACES = (
    -0.861136311594053, -0.339981043584856, 0.339981043584856, 0.861136311594053,
    -0.577350269189626, 0.577350269189626,
)  # fmt: skip
WEIGHTS = (0.347854845137454, 0.652145154862546, 0.652145154862546, 0.347854845137454, 1.0, 1.0)
FIRST = 4


class Entry(IntEnum):
    """What still develops along the channel."""

    DEVELOPED = 0  # nothing
    THERMAL = 1  # temperature; velocity developed
    SIMULTANEOUS = 2  # temperature and velocity


class ChannelShape(NamedTuple):
    """A rectangular channel; with three heated walls the fourth, of the width, is adiabatic."""

    width: float
    depth: float
    heated_walls: int
    entry: int


@kernel
def gnielinski(Re: float, Pr: float) -> float:
    """Return the turbulent Nusselt number Nu = (f/8)(Re − 1000) Pr / (1 + 12.7 √(f/8) (Pr^⅔ − 1)).

    f from `smooth_friction`; 0.5 < Pr < 2000, 3000 < Re < 5e6. Source: Gnielinski, Int. Chem. Eng. 16 (1976) 359-368,
    in the form of Incropera and DeWitt, Fundamentals of Heat and Mass Transfer, 6th ed. (2007), eq. 8.62.

    Examples
    --------
    >>> abs(gnielinski(1e5, 0.7) / 178.0 - 1) < 0.03  # Dittus-Boelter for air: 0.023 Re^0.8 Pr^0.4 = 199, 10 % above
    True
    """
    f = smooth_friction(Re)
    return f / 8.0 * (Re - 1000.0) * Pr / (1.0 + 12.7 * math.sqrt(f / 8.0) * (Pr ** (2.0 / 3.0) - 1.0))


@kernel
def smooth_friction(Re: float) -> float:
    """Return the Darcy friction factor of turbulent flow in a smooth duct, f = (0.790 ln Re − 1.64)⁻².

    3000 < Re < 5e6. Source: Petukhov (1970), in Incropera and DeWitt (2007), eq. 8.21, whose Moody diagram shows
    0.018 at Re = 1e5.

    Examples
    --------
    >>> round(smooth_friction(1e5), 3)
    0.018
    """
    return (0.790 * math.log(Re) - 1.64) ** -2


@kernel
def local_nusselt(shape: ChannelShape, Re: float, Pr: float, x: float) -> float:
    """Return the Nusselt number h D / k at distance x [m] from the inlet, on the heated walls.

    Laminar below Re 2300, turbulent from 4000, linear in Re between (Gnielinski, Int. J. Heat Mass Transfer 63 (2013)
    134-140). A developing velocity adds to the laminar law as the boundary layer does: Muzychka and Yovanovich, J. Heat
    Transfer 126 (2004) 54-61, eqs. 40-47: Nu = (Nu_thermal^m + (0.886 A^½…)^m)^(1/m), m = 2.27 + 1.65 Pr^⅓. Three
    heated walls: times the ratio of the developed values (Phillips, Lincoln Laboratory Journal 1 (1988) 31-48), at any
    width over depth. Against exact solutions the combined entry is up to 7.5 % low near the inlet, and the ratio of
    three walls to four up to 8 % high there: both fade where the flow has developed.

    Examples
    --------
    >>> square = ChannelShape(1e-3, 1e-3, 4, Entry.THERMAL)
    >>> round(local_nusselt(square, 500.0, 5.0, 1e3), 3)  # far downstream: the developed H1 value
    3.608
    """
    small, large = min(shape.width, shape.depth), max(shape.width, shape.depth)
    aspect, D = small / large, 2.0 * small * large / (small + large)
    laminar = nusselt_uniform_flux(aspect)
    if shape.entry != Entry.DEVELOPED:
        laminar = entry_nusselt(Wall.UNIFORM_FLUX, aspect, x / (D * Re * Pr))
    if shape.entry == Entry.SIMULTANEOUS:
        root = math.sqrt(small * large)
        plate = 0.886 / (1.0 + (1.909 * Pr ** (1.0 / 6.0)) ** 4.5) ** (2.0 / 9.0)
        layer = plate / math.sqrt(x / (root * Re * (root / D) * Pr)) * D / root
        m = 2.27 + 1.65 * Pr ** (1.0 / 3.0)
        laminar = (laminar**m + layer**m) ** (1.0 / m)
    if shape.heated_walls == 3:
        laminar *= nusselt_three_walls(shape.width / shape.depth) / nusselt_uniform_flux(aspect)
    if Re <= LAMINAR:
        return laminar
    share = min(1.0, (Re - LAMINAR) / (TURBULENT - LAMINAR))
    return (1.0 - share) * laminar + share * gnielinski(max(Re, TURBULENT), Pr)


@kernel
def channel_march(
    shape: ChannelShape,
    table: PropertyTable,
    mass_flow: float,
    T: np.ndarray,
    length: np.ndarray,
    ends: float,
    film: np.ndarray,
    loss: np.ndarray,
) -> float:
    """Fill film coefficient [W/m² K] and loss [Pa] of each slice (n,); return the largest Reynolds number.

    `T` (n,) is the coolant's mean temperature in each slice [°C] and `length` (n,) the slices, in the order of flow.
    The velocity develops from a uniform one at the inlet; friction follows the local viscosity. `ends` is the loss of
    entrance, exit and turns in dynamic heads, shared by the slices.
    """
    small, large = min(shape.width, shape.depth), max(shape.width, shape.depth)
    aspect, D, area = small / large, 2.0 * small * large / (small + large), small * large
    begin, highest = 0.0, 0.0
    for j in range(T.size):
        density, heat_capacity, conductivity, viscosity = evaluate(table, T[j])
        velocity = mass_flow / (density * area)
        Re, Pr = density * velocity * D / viscosity, viscosity * heat_capacity / conductivity
        end = begin + length[j]
        low, high = begin ** (1.0 / 3.0), end ** (1.0 / 3.0)
        total = 0.0
        for i in range(0 if j == 0 else FIRST, FIRST if j == 0 else FIRST + 2):
            u = 0.5 * (low + high + (high - low) * PLACES[i])
            total += local_nusselt(shape, Re, Pr, u**3) * WEIGHTS[i] * 3.0 * u * u
        film[j] = 0.5 * total * (high - low) / length[j] * conductivity / D
        heads = _friction(shape, aspect, D, Re, begin, end) / D + ends / T.size
        loss[j] = heads * 0.5 * density * velocity**2
        highest = Re if not (Re <= highest) else highest
        begin = end
    return highest


@kernel
def channels_march(
    shape: ChannelShape,
    width: np.ndarray,
    table: PropertyTable,
    mass_flow: np.ndarray,
    T: np.ndarray,
    legs: np.ndarray,
    length: np.ndarray,
    ends: float,
    film: np.ndarray,
    loss: np.ndarray,
    scratch: np.ndarray,
) -> float:
    """``channel_march`` of every leg; fill `film` and `loss` (ny, streams), return the largest Reynolds number.

    Channels are as `shape` but for their `width` (streams,). A row of `legs` begins with stream, first slice, number
    of slices and step; `mass_flow` (streams,) is that of one channel, `T` (ny, streams), `length` (ny,) and `scratch`
    (4, ny).
    """
    highest = 0.0
    for i in range(legs.shape[0]):
        c, first, n, step = legs[i, 0], legs[i, 1], legs[i, 2], legs[i, 3]
        warm, along, found, lost = scratch[0, :n], scratch[1, :n], scratch[2, :n], scratch[3, :n]
        for k in range(n):
            warm[k], along[k] = T[first + k * step, c], length[first + k * step]
        own = ChannelShape(width[c], shape.depth, shape.heated_walls, shape.entry)
        Re = channel_march(own, table, mass_flow[c], warm, along, ends, found, lost)
        for k in range(n):
            film[first + k * step, c], loss[first + k * step, c] = found[k], lost[k]
        highest = Re if not (Re <= highest) else highest
    return highest


@kernel
def _friction(shape: ChannelShape, aspect: float, D: float, Re: float, begin: float, end: float) -> float:
    """Darcy friction factor times length of the stretch from begin to end."""
    laminar = 4.0 * laminar_friction(aspect) / Re * (end - begin)
    if shape.entry == Entry.SIMULTANEOUS:
        laminar = 4.0 * apparent_friction(aspect, end / (D * Re)) / Re * end
        if begin > 0.0:
            laminar -= 4.0 * apparent_friction(aspect, begin / (D * Re)) / Re * begin
    if Re <= LAMINAR:
        return laminar
    share = min(1.0, (Re - LAMINAR) / (TURBULENT - LAMINAR))
    return (1.0 - share) * laminar + share * smooth_friction(max(Re, TURBULENT)) * (end - begin)
