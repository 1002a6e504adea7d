"""Wet cooling tower of the Plataforma Solar de Almería: fitted on half the points of a campaign, the rest predicted.

Merkel's tower with Me = c·(m_w/m_a)^−n. The air flow was recorded in neither campaign (`mair_kgs` of the first equals
the water flow), so it goes with a power of the fan speed: four numbers are fitted on half of the 115 points of
the second campaign. Predicted are its other half and the 16 points of the first.

Limits written before the run. Water leaving: 0.6 K in the root mean square, where a plain fit of Merkel's law is known
to give 0.57 fitted and 0.60 predicted. Water lost, predicted half: 15 L/h, a tenth of its mean, in the root mean square
without outliers. An outlier is a point whose latent heat over the heat of the water lies more than three robust
deviations (1.4826 times the median deviation) off the median of the campaign: a rule of the data alone. They are named
by `outliers`, and with them the limit is 30 L/h.

Three limits are missed: 0.63 K on the predicted half, 0.601 K on the first campaign, and water lost is a tenth low, by
15 L/h in the mean (20 L/h root mean square). A saturated exit is the most that air can carry off at a given heat, so
what is missing is drift, or heat and flow as measured: the latent heat of the water lost is 0.90 of the heat of the
water in the median of the campaign, by the model a tenth less. Two points are outliers, the 22nd and the 67th. Limits
were not changed and nothing was fitted anew.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

import thermal as th
from thermal.physics.media.moist_air import humidity_ratio, wet_bulb
from thermal.physics.media.water import evaporation
from thermal.physics.rejection.merkel import enthalpy_exchange
from thermal.study.calibrate import calibrate
from validation.verdict import row

CASE = "psa_wet_tower"
LIMITS = {
    "T_out, fitted half of exp2": {"rmse": 0.6, "unit": "K"},
    "T_out, predicted half of exp2": {"rmse": 0.6, "unit": "K"},
    "T_out, exp1": {"rmse": 0.6, "unit": "K"},
    "water lost, predicted half of exp2 without outliers": {"rmse": 15.0, "unit": "L/h"},
    "water lost, predicted half of exp2": {"rmse": 30.0, "unit": "L/h"},
}
TUNED = ["air flow at full fan and its exponent, factor and exponent of Merkel's law (on the fitted half of exp2)"]
PRESSURE = 95.5e3  # Pa, at about 500 m
LATENT = 2.43e6  # J/kg, about 30 °C
BOUNDS = {"air": (1.0, 30.0), "speed": (0.3, 1.5), "factor": (0.3, 5.0), "exponent": (0.1, 1.2)}  # kg/s and numbers


def outside(points: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Humidity ratio and wet bulb of each point."""
    w = np.array([humidity_ratio(T, h / 100.0, PRESSURE) for T, h in zip(points.Tamb, points.HR, strict=True)])
    return w, np.array([wet_bulb(T, x, PRESSURE) for T, x in zip(points.Tamb, w, strict=True)])


def operate(
    points: pd.DataFrame, w: np.ndarray, T_wet: np.ndarray, air: float, speed: float, factor: float, exponent: float
) -> tuple[np.ndarray, np.ndarray]:
    """Water leaving [°C] and water lost [L/h] for an air flow at full fan [kg/s]."""
    T_in = points.Tin.to_numpy()
    p = th.load("coolants/water").properties(T_in)
    water = points.q.to_numpy() / 3600.0 * p.density
    m = air * (points.w_fan.to_numpy() / 100.0) ** speed
    cp = 1006.0 + 1860.0 * w
    UA = cp * water * factor * (water / m) ** -exponent
    C = water * p.heat_capacity
    cases = zip(T_in, T_wet, m, cp, C, UA, strict=True)
    heat = np.array([enthalpy_exchange(T, wet, PRESSURE, a, c, k, u) for T, wet, a, c, k, u in cases])
    lost = [evaporation(h, a, x, wet, PRESSURE) for h, a, x, wet in zip(heat, m, w, T_wet, strict=True)]
    return T_in - heat / C, 3600.0 * np.array(lost)


def outliers(points: pd.DataFrame) -> np.ndarray:
    """Points of a campaign whose water lost does not go with the heat of the water."""
    heat = points.q / 3.6 * 4186.0 * (points.Tin - points.Tout)
    share = (points.m_w_lost / 3600.0 * LATENT / heat).to_numpy()
    off = np.abs(share - np.median(share))
    return off > 3.0 * 1.4826 * np.median(off)


def fit(points: pd.DataFrame) -> tuple[np.ndarray, Any]:
    """Which points of the second campaign are fitted, and the fit."""
    chosen = np.arange(len(points)) % 2 == 0
    w, T_wet = outside(points)
    found = calibrate(
        lambda **theta: {"T_out": operate(points, w, T_wet, **theta)[0]}, {"T_out": points.Tout.to_numpy()}, BOUNDS,
        window=chosen, on="psa/wct_exp2, every second point",
    )  # fmt: skip
    return chosen, found


def rows() -> Iterator[dict[str, Any]]:
    first, second = (pd.read_csv(th.datasets.path(f"psa/wct_exp{k}_exp.csv")) for k in (1, 2))
    chosen, found = fit(second)
    T_out, lost = operate(second, *outside(second), **found.values)
    names = list(LIMITS)
    for name, half in zip(names, (chosen, ~chosen), strict=False):
        yield row(CASE, name, T_out[half], second.Tout[half], LIMITS[name], TUNED)
    yield row(CASE, names[2], operate(first, *outside(first), **found.values)[0], first.Tout, LIMITS[names[2]], TUNED)
    for name, kept in zip(names[3:], (~chosen & ~outliers(second), ~chosen), strict=True):
        yield row(CASE, name, lost[kept], second.m_w_lost[kept], LIMITS[name], TUNED)
