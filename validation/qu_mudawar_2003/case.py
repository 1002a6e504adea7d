"""Qu and Mudawar (2003): water boiling in 21 channels of 231 × 713 µm, 44.8 mm long, that leaves at 1.17 bar.

Int. J. Heat Mass Transfer 46 (2003) 2755-2771, doi:10.1016/S0017-9310(03)00041-3: G 135 to 402 kg/m² s, inlet at 30 or
60 °C; films of 20 to 45 kW/m² K that fall as the quality rises from 0 to 0.2. The points are drawn, not printed,
so that only their range and their trend are compared: G 255, inlet at 60 °C, outlet quality 0.15.

Limits, written before the run: the film of each cell with quality 0.02 to 0.15 within the measured range, 32.5 ± 12.5;
the trend in its sign. Laws of flow boiling are known to miss the trend.

Outcome: the film of the law chosen lies within the measured range, and rises where the measured one falls.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.refrigerant import Refrigerant
from thermal.plate.boiling import flow_boiling
from thermal.units import mm, um
from validation.verdict import row

CASE = "qu_mudawar_2003"
LIMITS = {
    "film at qualities of 0.02 to 0.15 against 32.5 kW/m2 K": {"max": 12.5, "unit": "kW/m2 K"},
    "sign of the film's trend with quality": {"max": 0.0, "unit": "-"},
}
TUNED: list[str] = []
G, T_IN, P_OUT, X_OUT, CHANNELS = 255.0, 60.0, 1.17e5, 0.15, 21
WIDTH, DEPTH, LENGTH = 231 * um, 713 * um, 44.8 * mm


def sink() -> xr.Dataset:
    """The sink at the inlet pressure that gives the outlet's, and the heat that gives the outlet's quality."""
    water = Refrigerant(fluid="Water", T_low=10.0, T_high=150.0)
    flow = G * WIDTH * DEPTH * CHANNELS
    pressure, heat = P_OUT + 5e3, 250.0
    for _ in range(20):
        run = flow_boiling(
            water, width=WIDTH, depth=DEPTH, length=LENGTH, channels=CHANNELS, heat=heat, mass_flow=flow, T_in=T_IN,
            pressure=pressure,
        )  # fmt: skip
        pressure = P_OUT + float(run.pressure_drop)
        heat += flow * 2.2e6 * (X_OUT - float(run.quality_out))
    return run


def rows() -> Iterator[dict[str, Any]]:
    run = sink()
    wet = (run.quality >= 0.02) & (run.quality <= 0.15)
    film = run.film.values[wet.values] / 1e3
    first, second = LIMITS
    yield row(CASE, first, film, np.full(film.size, 32.5), LIMITS[first], TUNED)
    yield row(CASE, second, np.sign(film[-1] - film[0]), -1.0, LIMITS[second], TUNED)
