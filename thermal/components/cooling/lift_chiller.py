"""Warm-water chillers by lift: a refrigerant cycle of CoolProp with stated losses, fitted to the curves of `Chiller`.

No public chiller curve reaches above 12.78 °C leaving water, so warm water is served by this estimate, labelled as
such.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thermal.components.cooling.chiller import Chiller, CurveTemperature
from thermal.errors import InputError
from thermal.inputs import array, number

__all__ = ["REFRIGERANTS", "cycle_COP", "lift_chiller"]

REFRIGERANTS = {"R134a": "R134a", "R1234ze(E)": "R1234ze(E)", "R513A": "R1234yf[0.53]&R134a[0.47]"}  # mole fractions
LIFT_LOW = 8.0  # K, least lift a centrifugal machine is let down to


def cycle_COP(refrigerant: str, T_evaporating: float, T_condensing: float) -> float:
    """Coefficient of performance of the ideal vapour-compression cycle.

    COP = (h_1 - h_3)/(h_2 - h_1): saturated vapour 1 at T_evaporating, isentropic compression to 2 at the bubble
    pressure of T_condensing, saturated liquid 3 there. Always below Carnot's T_e/(T_c - T_e).

    Source: ASHRAE Fundamentals 2017, ch. 2, theoretical single-stage cycle; properties of CoolProp
    (doi:10.1021/ie4033999).

    Parameters
    ----------
    refrigerant : str
        ``"R134a"``, ``"R1234ze(E)"`` or ``"R513A"``.
    T_evaporating, T_condensing : float
        Dew and bubble temperature [°C].

    Examples
    --------
    >>> cycle_COP("R134a", 5.0, 40.0) < 278.15 / 35.0
    True
    """
    from CoolProp.CoolProp import PropsSI
    from scipy.optimize import brentq

    if refrigerant not in REFRIGERANTS:
        raise InputError(f"refrigerant {refrigerant!r} is not among {', '.join(REFRIGERANTS)}")
    fluid = f"HEOS::{REFRIGERANTS[refrigerant]}"
    T_e, T_c = T_evaporating + 273.15, T_condensing + 273.15
    h1, s1 = (PropsSI(q, "T", T_e, "Q", 1, fluid) for q in "HS")
    p = PropsSI("P", "T", T_c, "Q", 0, fluid)
    h3 = PropsSI("H", "T", T_c, "Q", 0, fluid)
    dew = PropsSI("T", "P", p, "Q", 1, fluid)
    wet = PropsSI("S", "T", dew, "Q", 1, fluid) > s1  # some refrigerants end inside the dome
    if wet:
        h_l, s_l, h_v, s_v = (
            h3,
            PropsSI("S", "T", T_c, "Q", 0, fluid),
            *(PropsSI(q, "P", p, "Q", 1, fluid) for q in "HS"),
        )
        h2 = h_l + (s1 - s_l) / (s_v - s_l) * (h_v - h_l)
    else:
        T2 = brentq(lambda T: PropsSI("S", "T|gas", T, "P", p, fluid) - s1, dew, dew + 80.0)
        h2 = PropsSI("H", "T|gas", T2, "P", p, fluid)
    return float((h1 - h3) / (h2 - h1))


def lift_chiller(
    *, capacity: float, refrigerant: str = "R1234ze(E)", efficiency: float = 0.68, pinch: float = 1.5,
    design_lift: float = 20.0, lift_loss: float = 0.1, T_supply: tuple[float, float] = (10.0, 40.0),
    T_condenser: tuple[float, float] = (16.0, 50.0),
    part_load_curve: Sequence[float] = (0.118888, 0.6723542, 0.2068754),
) -> Chiller:  # fmt: skip
    """Build a chiller for warm water from a refrigerant cycle and stated losses; an estimate, not a machine one can
    buy.

    1/COP = 1/(η(ΔT)·COP_cycle(T_l - δ, T_c + δ)), η(ΔT) = η_0·(1 - k·(ΔT/ΔT_0 - 1)²), ΔT = T_c - T_l

    Symbols: T_l leaving chilled water, T_c leaving condenser water (°C), δ `pinch`, η_0 `efficiency` of compressor,
    motor and drive together, ΔT_0 `design_lift`, k `lift_loss`. The fraction of Carnot follows from it and is not set.
    Over the stated ranges 1/COP becomes the biquadratic EIR curve of `Chiller`, by least squares of the relative
    error, which must stay within 5 %. Below 8 K the machine keeps its lift up. Capacity is taken as limited by the
    motor: constant.

    Parameters
    ----------
    capacity : float
        Cooling capacity [W].
    refrigerant : str
        ``"R134a"``, ``"R1234ze(E)"`` or ``"R513A"``.
    efficiency : float
        Isentropic, motor and drive efficiency together at design lift; 0.60 to 0.75 for centrifugal machines.
    pinch : float
        Water over evaporating, and condensing over water temperature [K]; 1 to 3 K for flooded shells.
    design_lift : float
        Difference of the leaving waters with the best efficiency [K].
    lift_loss : float
        Loss of efficiency at twice or none of that lift.
    T_supply, T_condenser : (float, float)
        Ranges of leaving chilled and leaving condenser water [°C].
    part_load_curve : sequence of float
        Power over full-load power, quadratic in part load; by default that of a variable-speed Carrier 19XR.

    Examples
    --------
    >>> chiller = lift_chiller(capacity=4e6)
    >>> point = chiller.operate(heat=4e6, T_supply=25.0, T_condenser=30.0, condenser_rate=0.8e6)
    >>> bool(point.chiller_power < 4e6 / 10)  # COP above 10 at 10 K of lift
    True
    """
    capacity = number("capacity", capacity, "W", above=0.0)
    efficiency = number("efficiency", efficiency, "-")
    if not 0.0 < efficiency < 1.0:
        raise InputError(f"efficiency = {efficiency:g} must lie between 0 and 1")
    pinch = number("pinch", pinch, "K", low=0.0, high=20.0)
    design_lift = number("design_lift", design_lift, "K", low=LIFT_LOW, high=100.0)
    lift_loss = number("lift_loss", lift_loss, "-", low=0.0, high=0.9)
    T_supply = _range("T_supply", T_supply)
    T_condenser = _range("T_condenser", T_condenser)
    coefficients: Any = array("part_load_curve", part_load_curve, "-", low=-100.0, high=100.0)
    if coefficients.shape != (3,):
        raise InputError(f"part_load_curve has shape {coefficients.shape}, three coefficients are needed")
    samples = [(T_l, T_c) for T_l in np.linspace(*T_supply, 9) for T_c in np.linspace(*T_condenser, 11)]
    points = np.array([(a, b) for a, b in samples if LIFT_LOW <= b - a <= 2.0 * design_lift])
    ideal = np.array([cycle_COP(refrigerant, a - pinch, b + pinch) for a, b in points])
    relative = (points[:, 1] - points[:, 0]) / design_lift - 1.0
    EIR = 1.0 / (ideal * efficiency * (1.0 - lift_loss * relative**2))
    x, y = points.T
    terms = np.stack([np.ones_like(x), x, x * x, y, y * y, x * y], axis=1)
    fit = np.linalg.lstsq(terms / EIR[:, None], np.ones_like(EIR), rcond=None)[0]
    worst = float(np.abs(terms @ fit / EIR - 1.0).max())
    if not worst <= 0.05:
        raise InputError(f"the cycle cannot be fitted within 5 % over these ranges ({worst:.1%}); narrow them")
    T_ref = (T_supply[0] + T_supply[1]) / 2.0
    reference = np.array(
        [1.0, T_ref, T_ref**2, T_ref + design_lift, (T_ref + design_lift) ** 2, T_ref * (T_ref + design_lift)]
    )
    EIR_ref = float(reference @ fit)
    a, b, c = np.asarray(coefficients).tolist()
    return Chiller(
        capacity=capacity, COP=1.0 / EIR_ref, curve_temperature=CurveTemperature.LEAVING,
        capacity_curve=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0), EIR_curve=tuple(float(v) for v in fit / EIR_ref),
        part_load_curve=(a, b, c), part_load_min=0.15, part_load_max=1.0, part_load_unload=0.15, lift_low=LIFT_LOW,
        T_supply_low=T_supply[0], T_supply_high=T_supply[1],
        T_condenser_low=T_condenser[0], T_condenser_high=T_condenser[1],
    )  # fmt: skip


def _range(name: str, given: Any) -> tuple[float, float]:
    """Low and high end of a range of temperatures [°C]."""
    ends = np.asarray(array(name, given, "degC", low=-60.0, high=120.0))
    if ends.shape != (2,) or not ends[0] < ends[1]:
        raise InputError(f"{name} = {given!r:.80} must be two temperatures [degC], the lower one first")
    return float(ends[0]), float(ends[1])
