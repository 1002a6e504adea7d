"""Dry cooler of the Plataforma Solar de Almería, 27 steady points: fitted on every second one, the others predicted.

The water film follows from the geometry (60 tubes of 9.4 mm in each of three passes of 3.6 m; Gnielinski). The air
flow was not measured and goes with the fan speed; the film of the finned side goes with the 0.6th power of the air
flow, as usual for plate fins. Two numbers are fitted. Limits written before the first run: 0.3 K in the root mean
square on both halves, where the physical model of the authors has 0.356 K over all points (0.34 and 0.37 K on the
halves), and half of that in the mean.

The predicted half misses both. The first run fitted the exponent of the film too; it ran to its bound of 1, which the
fit told, and predicted 0.41 K. It was then taken from literature: leaving out one point of the fitted half at a time
finds all variants equal (0.30 to 0.32 K; crossflow or three passes in counterflow, exponents of film and fan fitted or
not, offsets of sensors, the fan behind the coil), so fourteen points cannot choose. What is left is too warm by 0.4 to
0.6 K on warm days (air above 25 °C), of which the fitted half has few. Limits were not changed.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

import thermal as th
from thermal.physics.convection.channel import gnielinski
from thermal.physics.machines.exchanger import crossflow_effectiveness
from thermal.physics.media.moist_air import dry_air_density
from thermal.study.calibrate import calibrate
from validation.verdict import row

CASE = "psa_dry_cooler"
LIMITS = {
    "T_out, fitted half": {"rmse": 0.3, "bias": 0.15, "unit": "K"},
    "T_out, predicted half": {"rmse": 0.3, "bias": 0.15, "unit": "K"},
}
TUNED = ["air flow at full fan, film of the air side at full fan (on the fitted half)"]
TUBES, PASSES, LENGTH, BORE = 60, 3, 3.6, 9.4e-3  # m
PRESSURE, W = 95.5e3, 0.008  # Pa at about 500 m; humidity of the air, which was not measured
HUNDRED = 100.0  # % of fan speed
BOUNDS = {"air": (2.0, 60.0), "film": (3e3, 3e5)}  # m³/s, W/K
EXPONENT = 0.6  # of the film on the finned side against the air flow


def leaving(points: pd.DataFrame, air: float, film: float) -> np.ndarray:
    """Water leaving [°C] for an air flow at full fan [m³/s], and film conductance of the air side there [W/K]."""
    water = th.load("coolants/water")
    out = []
    for T, T_in, fan, q in points[["Tamb", "Tin", "w_fan", "q"]].to_numpy():
        p = water.properties(T_in)
        flow, x = q / 3600.0, fan / HUNDRED
        speed = flow / (TUBES * np.pi / 4 * BORE**2)
        Re, Pr = p.density * speed * BORE / p.viscosity, p.viscosity * p.heat_capacity / p.conductivity
        inside = gnielinski(Re, Pr) * p.conductivity / BORE * np.pi * BORE * LENGTH * TUBES * PASSES
        UA = 1.0 / (1.0 / inside + 1.0 / (film * x**EXPONENT))
        C_air = air * x * dry_air_density(T, W, PRESSURE) * (1006.0 + 1860.0 * W)
        C_water = flow * p.density * p.heat_capacity
        C = min(C_air, C_water)
        out.append(T_in - crossflow_effectiveness(UA / C, C / max(C_air, C_water)) * C * (T_in - T) / C_water)
    return np.array(out)


def fit() -> tuple[pd.DataFrame, np.ndarray, Any]:
    """All points, which of them are fitted, and the fit."""
    points = pd.read_csv(th.datasets.path("psa/dc_exp1_exp.csv"))
    chosen = np.arange(len(points)) % 2 == 0
    found = calibrate(
        lambda **theta: {"T_out": leaving(points, **theta)}, {"T_out": points.Tout.to_numpy()}, BOUNDS,
        window=chosen, on="psa/dc_exp1, every second point",
    )  # fmt: skip
    return points, chosen, found


def rows() -> Iterator[dict[str, Any]]:
    points, chosen, found = fit()
    ours = leaving(points, **found.values)
    for name, half in zip(LIMITS, (chosen, ~chosen), strict=True):
        yield row(CASE, name, ours[half], points.Tout[half], LIMITS[name], TUNED)
