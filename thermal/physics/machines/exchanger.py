"""Plate heat exchangers by effectiveness and NTU, with films that follow the flows."""

import math
from typing import NamedTuple

from thermal.physics.kernel import kernel

__all__ = [
    "ExchangerLaw",
    "conductance",
    "counterflow_effectiveness",
    "counterflow_ntu",
    "crossflow_effectiveness",
    "exchange",
    "parallel_share",
]


class ExchangerLaw(NamedTuple):
    """Film conductances at their reference capacity flows, in series with wall and fouling.

    Attributes
    ----------
    film_hot, film_cold : float
        Film conductance h·A at the reference flow of each side [W/K].
    flow_hot, flow_cold : float
        Reference capacity flow m·c_p of each side [W/K].
    exponent : float
        Exponent m of h ∝ flow^m; chevron plates in turbulent flow 0.66 to 0.73.
    wall : float
        Resistance of wall and fouling together [K/W].
    """

    film_hot: float
    film_cold: float
    flow_hot: float
    flow_cold: float
    exponent: float
    wall: float


@kernel
def counterflow_effectiveness(NTU: float, C_r: float) -> float:
    """Effectiveness ε of a counterflow exchanger.

    Equation: ε = (1 − exp(−NTU (1 − C_r))) / (1 − C_r exp(−NTU (1 − C_r))); ε = NTU/(1 + NTU) at C_r = 1.
    Symbols: NTU = UA/C_min, C_r = C_min/C_max in [0, 1]. Result in [0, 1].

    Source: Incropera et al., Fundamentals of Heat and Mass Transfer, 7th ed., table 11.3, eq. 11.29a (both cases).

    Examples
    --------
    >>> round(counterflow_effectiveness(1.0, 1.0), 3)  # NTU/(1 + NTU)
    0.5
    """
    d = 1.0 - C_r
    if NTU <= 0.0:
        return 0.0
    if abs(d) * NTU < 1e-6:
        return NTU / (1.0 + NTU)
    e = -math.expm1(-NTU * d)  # 1 − exp(−NTU (1 − C_r))
    return e / (e + d * (1.0 - e))


@kernel
def crossflow_effectiveness(NTU: float, C_r: float) -> float:
    """Effectiveness ε of a crossflow exchanger with both streams unmixed, by the exact series.

    Equation: ε = 1/(C_r NTU) Σ_m P_m(NTU) P_m(C_r NTU), m = 0, 1, 2, …, P_m(x) = 1 − e^(−x) Σ_{j≤m} x^j/j!, the share
    that a Poisson count of mean x exceeds m. Symbols as in ``counterflow_effectiveness``. Range: NTU up to 500; a
    larger one is held there, where ε lies within 0.026 of its limit. Terms are added until they no longer count, a few
    more than C_r NTU; at C_r = 0 it is 1 − exp(−NTU), at C_r = 1 it is 1 − e^(−2 NTU) (I_0 + I_1)(2 NTU).

    Source: J. L. Mason, Heat transfer in crossflow, Proc. 2nd U.S. Natl. Congress of Applied Mechanics, 801-803 (1955);
    Nusselt's problem of 1930. The closed form of Incropera et al., eq. 11.32, is a fit to it, up to 3.7 % low.

    Examples
    --------
    >>> round(crossflow_effectiveness(1.0, 1.0), 4)  # 1 − e⁻²(I_0(2) + I_1(2)) = 1 − 0.13534·(2.27959 + 1.59064)
    0.4762
    """
    if not NTU > 0.0:
        return 0.0 if NTU <= 0.0 else NTU
    N = min(NTU, 500.0)
    x = C_r * N
    if x < 1e-30:
        return -math.expm1(-N)
    more, more_x = -math.expm1(-N), -math.expm1(-x)  # P_0
    point, point_x = math.exp(-N), math.exp(-x)  # chance of just m
    total = more * more_x
    for m in range(1, 2000):
        point *= N / m
        point_x *= x / m
        more -= point
        more_x -= point_x
        term = more * more_x
        total += term
        if not (term > 1e-16 * total and more > 0.0 and more_x > 0.0):
            break
    return total / x


@kernel
def counterflow_ntu(effectiveness: float, C_r: float) -> float:
    """NTU of a counterflow exchanger from its effectiveness, the inverse of ``counterflow_effectiveness``.

    Equation: NTU = ln((1 − ε C_r)/(1 − ε)) / (1 − C_r); NTU = ε/(1 − ε) at C_r = 1. Range: 0 <= ε < 1.

    Source: Incropera et al., 7th ed., table 11.4, eq. 11.29b (both cases).
    """
    if abs(1.0 - C_r) < 1e-9:
        return effectiveness / (1.0 - effectiveness)
    return math.log((1.0 - effectiveness * C_r) / (1.0 - effectiveness)) / (1.0 - C_r)


@kernel
def conductance(law: ExchangerLaw, C_hot: float, C_cold: float) -> float:
    """UA [W/K] at capacity flows `C_hot` and `C_cold` [W/K]: 1/UA = 1/hA_hot + 1/hA_cold + R_wall.

    Films: hA = hA_ref (C/C_ref)^m. With no flow on a side there is no exchange.

    Source: Shah & Sekulić, Fundamentals of Heat Exchanger Design (2003), section 3.2.4 (thermal circuit and UA). The
    exponent of chevron plates is that of Re in Kumar, Symp. Ser. Inst. Chem. Eng. 86, 1275-1286 (1984): 0.663 to 0.732
    in turbulent flow, by the angle of the chevrons.
    """
    if C_hot <= 0.0 or C_cold <= 0.0:
        return 0.0
    hot = law.film_hot * (C_hot / law.flow_hot) ** law.exponent
    cold = law.film_cold * (C_cold / law.flow_cold) ** law.exponent
    return 1.0 / (1.0 / hot + 1.0 / cold + law.wall)


@kernel
def exchange(law: ExchangerLaw, C_hot: float, C_cold: float) -> float:
    """Return K = ε C_min [W/K], so that the heat exchanged is K (T_hot,in − T_cold,in)."""
    if C_hot <= 0.0 or C_cold <= 0.0:
        return 0.0
    C_min = min(C_hot, C_cold)
    C_max = max(C_hot, C_cold)
    return C_min * counterflow_effectiveness(conductance(law, C_hot, C_cold) / C_min, C_min / C_max)


@kernel
def parallel_share(UA: float, hot: float, cold: float, T_in: float, T_set: float, T_cold: float) -> float:
    """Share y of a hot stream that a counterflow exchanger beside other machines brings from `T_in` to `T_set`.

    ε(UA/C_min, C_r)·C_min·(T_in - T_cold) = y·C_h·(T_in - T_set), C_min and C_r of y·C_h and C_c

    Symbols: UA (W/K), `hot` and `cold` heat capacity rates C_h of the whole hot stream and C_c (W/K), T_in hot inlet,
    T_cold cold inlet (°C). Result in [0, 1]: 1 where the exchanger brings all of it there, 0 where the cold stream is
    not colder than the set point. The more water, the warmer it leaves, so there is one root; it is found by the
    Illinois false position to 1e-13 of the stream. Source: energy balance with `counterflow_effectiveness`; with UA
    without end the cold stream limits the share to C_c·(T_in - T_cold)/(C_h·(T_in - T_set)).

    >>> round(parallel_share(1e9, 2e5, 5e4, 20.0, 16.0, 12.0), 3)  # 5e4·8/(2e5·4)
    0.5
    """
    if not T_cold < T_set < T_in:
        return 0.0
    wanted = (T_in - T_set) / (T_in - T_cold)
    low, f_low, high, f_high = 0.0, 1.0 - wanted, 1.0, 0.0
    y = 1.0
    for i in range(60):
        if i > 0:
            y = (low * f_high - high * f_low) / (f_high - f_low)
        C_min, C_max = min(y * hot, cold), max(y * hot, cold)
        f = counterflow_effectiveness(UA / C_min, C_min / C_max) * C_min / (y * hot) - wanted
        if i == 0 and f >= 0.0:
            return 1.0
        if abs(f) < 1e-14 or high - low < 1e-13:
            break
        if f > 0.0:
            low, f_low, f_high = y, f, 0.5 * f_high if i > 0 else f_high
        else:
            high, f_high, f_low = y, f, 0.5 * f_low if i > 0 else f_low
    return y
