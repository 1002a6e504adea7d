"""Synthetic telemetry of a known truth: correlated noise, gaps and a sensor that hangs, and five models to fit."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.physics.media.moist_air import dry_air_density, humidity_ratio_of_wet_bulb
from thermal.physics.rejection.merkel import enthalpy_exchange

COUNT, STEP = 288, 300.0  # a day in steps of five minutes
TIME = np.arange(COUNT) * STEP
HOURS = TIME / 3600.0
LOAD = 0.7 + 0.25 * np.sin(HOURS / 3.8) + 0.05 * np.sign(np.sin(HOURS * 2.1))
T_HOT = 38.0 + 6.0 * LOAD
T_COLD = 18.0 + 4.0 * np.sin(HOURS / 24 * 2 * np.pi)
C_HOT, C_COLD = 4.0e4 * (0.6 + 0.4 * LOAD), 5.0e4 * (0.75 + 0.25 * np.cos(HOURS / 2.7))  # W/K
WATER = 4.0e4 * (0.6 + 0.4 * LOAD)


def exchanger(UA: Any) -> np.ndarray:
    """Outlet of the hot side of a counterflow exchanger."""
    C_min, C_max = np.minimum(C_HOT, C_COLD), np.maximum(C_HOT, C_COLD)
    r = C_min / C_max
    E = np.exp(-UA / C_min * (1 - r))
    return T_HOT - (1 - E) / (1 - r * E) * C_min * (T_HOT - T_COLD) / C_HOT


def fouled(fouling: float) -> np.ndarray:
    """Films that follow the flows, clean 60 kW/K, in series with a fouling resistance (K/W)."""
    films = 1.2e5 * (C_HOT / 4e4) ** 0.7, 1.2e5 * (C_COLD / 5e4) ** 0.7
    return exchanger(1.0 / (1.0 / films[0] + 1.0 / films[1] + fouling))


def branch(resistance: float) -> np.ndarray:
    """Flow (L/min) through a branch under a pressure difference that follows the load: q = √(dp/R)."""
    return np.sqrt(60e3 * LOAD / resistance)


T_WET = 16.0 + 2.0 * np.sin(HOURS / 24 * 2 * np.pi)
W = np.array([humidity_ratio_of_wet_bulb(T + 6.0, T, 101325.0) for T in T_WET])
AIR = np.array([8.0 * dry_air_density(T + 6.0, w, 101325.0) for T, w in zip(T_WET, W, strict=True)])


def tower(UA: float) -> np.ndarray:
    """Water leaving a Merkel tower at full fan speed."""
    rows = zip(T_WET, AIR, 1006.0 + 1860.0 * W, WATER, strict=True)
    return np.array([32.0 - enthalpy_exchange(32.0, T, 101325.0, a, cp, C, UA) / C for T, a, cp, C in rows])


class Case(NamedTuple):
    """A model with its truth, and the noise its sensor has."""

    model: Callable[..., dict[str, np.ndarray]]
    truth: dict[str, float]
    bounds: dict[str, tuple[float, float]]
    sigma: float


CASES = {
    "conductance": Case(lambda UA: {"q": exchanger(UA)}, {"UA": 5e4}, {"UA": (1e4, 2e5)}, 0.3),
    "fouling": Case(lambda fouling: {"q": fouled(fouling)}, {"fouling": 4e-6}, {"fouling": (0.0, 5e-5)}, 0.3),
    "branch": Case(lambda R: {"q": branch(R)}, {"R": 3.0}, {"R": (0.5, 20.0)}, 2.0),
    "tower": Case(lambda UA: {"q": tower(UA)}, {"UA": 2.5e4}, {"UA": (5e3, 1e5)}, 0.3),
    "offset": Case(
        lambda UA, offset: {"q": exchanger(UA) + offset}, {"UA": 5e4, "offset": 0.4},
        {"UA": (1e4, 2e5), "offset": (-3.0, 3.0)}, 0.3,
    ),
}  # fmt: skip


def telemetry(case: Case, seed: int, rho: float = 0.8) -> dict[str, Any]:
    """A day of one sensor: AR(1) noise, a tenth of the points and two hours lost, an hour and a half of one value."""
    random = np.random.default_rng(seed)
    noise = np.empty(COUNT)
    noise[0] = random.normal()
    for k in range(1, COUNT):
        noise[k] = rho * noise[k - 1] + np.sqrt(1 - rho**2) * random.normal()
    values = case.model(**case.truth)["q"] + case.sigma * noise
    first = int(random.integers(20, 240))
    values[first : first + 18] = values[first]
    lost = int(random.integers(0, 250))
    values[lost : lost + 24] = np.nan
    values[random.random(COUNT) < 0.1] = np.nan
    return {"q": xr.DataArray(values, {"time": TIME}, ["time"])}
