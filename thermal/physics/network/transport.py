"""Warm and cold slugs along a pipe: finite volumes with limited fluxes, the wall as a node, loss by exact exponentials.

Strang splitting: half a step of exchange with wall and surroundings, a whole step along the pipe, another half.
"""

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from thermal.physics.convection.channel import gnielinski
from thermal.physics.kernel import kernel

__all__ = [
    "TURBULENT", "PipeHeat", "Scheme", "exchange_cells", "exchange_matrix", "exchange_one", "face", "march_pipe",
    "move_along", "round_nusselt", "taylor_dispersion",
]  # fmt: skip

LAMINAR, TURBULENT = 2300.0, 4000.0  # Reynolds numbers between which the film is blended


class Scheme(IntEnum):
    """How the temperature at a face between cells is found."""

    UPWIND = 0  # first order
    MUSCL = 1  # second order, limited by the monotonised central slope
    QUICKEST = 2  # third order, limited by the universal limiter (ULTIMATE)


class PipeHeat(NamedTuple):
    """A pipe for its heat, per length."""

    length: float  # m
    area: float  # of the coolant [m²]
    fluid: float  # heat capacity of coolant [J/m K]
    wall: float  # heat capacity of the wall [J/m K], zero where it is left out
    loss: float  # conductance from the wall to the surroundings [W/m K]


@kernel
def round_nusselt(Re: float, Pr: float) -> float:
    """Nusselt number of developed flow in a round pipe: 3.66 laminar at a wall of one temperature, Gnielinski above.

    Between Re 2300 and 4000 it is linear in Re, as Gnielinski (2013) has it. Source of 3.66: Incropera et al., 7th ed.,
    eq. 8.55.

    Examples
    --------
    >>> round_nusselt(500.0, 5.0)
    3.66
    """
    if Re <= LAMINAR:
        return 3.66
    share = min((Re - LAMINAR) / (TURBULENT - LAMINAR), 1.0)
    return (1.0 - share) * 3.66 + share * gnielinski(max(Re, TURBULENT), Pr)


@kernel
def exchange_matrix(pipe: PipeHeat, film: float, step: float) -> tuple[float, float, float, float]:
    """Return the shares (ff, fw, wf, ww) by which rises of fluid and wall over the surroundings follow after `step`.

    Exact solution of C_f dT_f/dt = −g (T_f − T_w), C_w dT_w/dt = g (T_f − T_w) − u T_w, g = `film` [W/m K]:
    exp(M t) = e^{μt} [cosh(st) + sinh(st) (M − μ)/s] with μ half the trace and s² = μ² − det. Without a wall the two
    conductances act in series on the fluid.
    """
    if pipe.wall <= 0.0:
        u = film * pipe.loss / (film + pipe.loss) if film + pipe.loss > 0.0 else 0.0
        return math.exp(-u * step / pipe.fluid), 0.0, 0.0, 1.0
    a, b, d = film / pipe.fluid, film / pipe.wall, pipe.loss / pipe.wall
    mean, half = -0.5 * (a + b + d), 0.5 * (b + d - a)
    s = math.sqrt(half * half + a * b)
    slow, fast = math.exp((mean + s) * step), math.exp((mean - s) * step)
    c = 0.5 * (slow + fast)
    k = 0.5 * (slow - fast) / s if s * step > 1e-12 else step * slow
    return c + k * half, k * a, k * b, c - k * half


@kernel
def face(scheme: int, behind: float, here: float, ahead: float, c: float) -> float:
    """Return the mean temperature that leaves the cell `here` towards `ahead` at Courant number `c` in (0, 1].

    MUSCL: T + (1 − c)/2 times the slope min(2|Δ_behind|, 2|Δ_ahead|, |Δ_central|) where both have one sign (van Leer,
    J. Comput. Phys. 23 (1977) 276). QUICKEST with ULTIMATE: the third-order face (T + T_a)/2 − c (T_a − T)/2
    − (1 − c²)(T_a − 2 T + T_b)/6, kept between T and T_a and short of T_b + (T − T_b)/c (Leonard, Comput. Methods Appl.
    Mech. Eng. 88 (1991) 17).
    """
    if scheme == 0:
        return here
    back, front = here - behind, ahead - here
    if back * front <= 0.0:
        return here
    sign = 1.0 if front > 0.0 else -1.0
    if scheme == 1:
        slope = min(2.0 * abs(back), 2.0 * abs(front), 0.5 * abs(back + front))
        return here + 0.5 * (1.0 - c) * sign * slope
    rise = 0.5 * front - 0.5 * c * front - (1.0 - c * c) * (front - back) / 6.0
    most = min(abs(front), abs(back) * (1.0 - c) / c)
    return here + sign * min(max(sign * rise, 0.0), most)


@kernel
def exchange_cells(T: np.ndarray, wall: np.ndarray, around: float, shares: tuple[float, float, float, float]) -> None:
    """Coolant and wall of every cell exchange heat with each other and the surroundings."""
    for i in range(len(T)):
        T[i], wall[i] = exchange_one(T[i], wall[i], around, shares)


@kernel
def exchange_one(
    T: float, wall: float, around: float, shares: tuple[float, float, float, float]
) -> tuple[float, float]:
    """Coolant and wall of one cell after the exchange."""
    ff, fw, wf, ww = shares
    f, w = T - around, wall - around
    return around + ff * f + fw * w, around + wf * f + ww * w


@kernel
def move_along(
    T: np.ndarray, scheme: int, c: float, forward: bool, T_in: float, beyond: float, out: np.ndarray
) -> tuple[float, float]:
    """Move the coolant on by `c` of a cell, 0 < c <= 1.

    Returns
    -------
    leaves, beyond : float
        The mean temperature that left, and that of a cell beyond the end, which tells the last face what is ahead.
    """
    n = len(T)
    left = T_in  # what enters the first cell
    for j in range(n):
        i = j if forward else n - 1 - j
        up, down = (i - 1, i + 1) if forward else (i + 1, i - 1)
        behind = T[up] if j > 0 else T_in
        ahead = T[down] if j < n - 1 else beyond
        leaves = face(scheme, behind, T[i], ahead, c)
        out[i] = T[i] + c * (left - leaves)
        left = leaves
    for i in range(n):
        T[i] = out[i]
    return left, beyond + c * (left - beyond)


@kernel
def taylor_dispersion(radius: float, velocity: float, friction: float) -> float:
    """Return the coefficient of axial dispersion [m²/s] of developed turbulent flow in a round pipe.

    Equation: D = 10.1 a u*, u* = |v| √(f/8). Symbols: a `radius` (m), v `velocity` (m/s), f Darcy `friction` (-).

    Source: Taylor, Proc. R. Soc. Lond. A 223 (1954) 446-468, abstract.

    Examples
    --------
    >>> round(taylor_dispersion(1.0, 1.0, 8.0), 1)  # u* = v
    10.1
    """
    return 10.1 * radius * abs(velocity) * math.sqrt(friction / 8.0)


@kernel
def _disperse(T: np.ndarray, number: float) -> None:
    """Mix neighbouring cells by the diffusion number D Δt/Δx², in as many parts as keep every cell between others."""
    parts = math.ceil(2.5 * number)
    for _ in range(parts):
        r, left = number / parts, 0.0
        for i in range(len(T)):
            right = r * (T[i + 1] - T[i]) if i < len(T) - 1 else 0.0
            T[i], left = T[i] + right - left, right


@kernel
def march_pipe(
    pipe: PipeHeat,
    scheme: int,
    time: np.ndarray,
    velocity: np.ndarray,
    film: np.ndarray,
    dispersion: np.ndarray,
    T_in: np.ndarray,
    around: np.ndarray,
    T: np.ndarray,
    wall: np.ndarray,
    scratch: np.ndarray,
    T_out: np.ndarray,
    heat: np.ndarray,
) -> None:
    """March a pipe over the intervals between `time` [s].

    Velocity [m/s], film conductance [W/m K], dispersion [m²/s] and surroundings [°C] hold over each interval; the
    temperature of what enters, at whichever end, is linear between the times. `T` and `wall` (cells) are changed in
    place; `T_out` (times) is the temperature of what leaves at each time, at that moment; `heat` (intervals, 3) the
    heat in, out and lost [J].
    """
    n = len(T)
    length = pipe.length / n
    before_forward = velocity[0] >= 0.0
    beyond, skin = (T[n - 1], wall[n - 1]) if before_forward else (T[0], wall[0])  # a cell past the end, and its wall
    T_out[0] = beyond
    for k in range(len(time) - 1):
        span, v = time[k + 1] - time[k], velocity[k]
        forward = v > 0.0 or (v == 0.0 and before_forward)
        if forward != before_forward:
            beyond, skin = (T[n - 1], wall[n - 1]) if forward else (T[0], wall[0])
        before_forward = forward
        whole = abs(v) * span / length  # cells passed
        parts = max(1, math.ceil(whole - 1e-9))
        c, step = whole / parts, span / parts
        shares = exchange_matrix(pipe, film[k], 0.5 * step)
        mass = pipe.fluid * length * c  # heat capacity that enters in a part
        for j in range(parts):
            before = _held(pipe, length, T, wall)
            exchange_cells(T, wall, around[k], shares)
            beyond, skin = exchange_one(beyond, skin, around[k], shares)
            middle = _held(pipe, length, T, wall)
            if c > 0.0:
                entering = T_in[k] + (T_in[k + 1] - T_in[k]) * (j + 0.5) / parts
                leaving, beyond = move_along(T, scheme, c, forward, entering, beyond, scratch)
                heat[k, 0] += mass * entering
                heat[k, 1] += mass * leaving
            _disperse(T, dispersion[k] * step / (length * length))
            after = _held(pipe, length, T, wall)
            exchange_cells(T, wall, around[k], shares)
            beyond, skin = exchange_one(beyond, skin, around[k], shares)
            heat[k, 2] += before - middle + after - _held(pipe, length, T, wall)
        T_out[k + 1] = _leaving(T, scheme, forward, beyond)


@kernel
def _leaving(T: np.ndarray, scheme: int, forward: bool, beyond: float) -> float:
    """Temperature at the face through which the coolant leaves."""
    here, behind = (T[-1], T[-2]) if forward else (T[0], T[1])
    return face(scheme, behind, here, beyond, 1e-9)


@kernel
def _held(pipe: PipeHeat, length: float, T: np.ndarray, wall: np.ndarray) -> float:
    """Heat in coolant and wall above 0 °C [J]."""
    E = 0.0
    for i in range(len(T)):
        E += pipe.fluid * T[i] + pipe.wall * wall[i]
    return E * length
