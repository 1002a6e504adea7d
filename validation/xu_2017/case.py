"""Xu, Jia, Dang and Peng (2017): R134a boiling in a brass sink, the film at its highest and where walls dry out.

30 channels of 500 × 500 µm, 30 mm long, heated from one side; G 373.3 to 1244.4 kg/m² s, 13.48 to 82.25 W/cm²
(J. Thermal Science 26 (2017); preprint ChinaXiv 201703.01050). The flux is that of the heater, 30 × 26 mm: on the
channels' walls 48.9 W/cm² would evaporate more than the flow of 373.3. In the text: films up to 25 kW/m² K, ±14 %;
partial dry-out at G 373.3 and 48.9 W/cm². None is told of at the lowest flux. The pressure is not given: saturation at
30 °C is our estimate, and the rows are run at 20, 30 and 40 °C; neither is the inlet, taken 5 K subcooled. The films'
table is drawn, not printed.

The limit of the film is the sum of what both sides claim, written before the run: 14 % of the measurement, 20.3 % of
the law. It is compared with the highest film along the flow at the highest flow and the highest flux.

Outcome: the law chosen, Kim and Mudawar's, is about twice the measurement; the band of all laws, 18 to 46 kW/m² K at
20 °C and 19 to 66 at 40 °C, holds it.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from thermal.components.refrigerant import Refrigerant
from thermal.plate.boiling import flow_boiling
from thermal.units import mm, um
from validation.verdict import row

CASE = "xu_2017"
LIMITS = {
    "highest film over 25 kW/m2 K, saturation at 20, 30, 40 degC": {"max": 0.343, "unit": "-"},
    "walls dry out at G 373.3 and 48.9 W/cm2 (1 yes)": {"max": 0.0, "unit": "-"},
    "walls dry out at G 1244.4 and 13.48 W/cm2 (1 yes)": {"max": 0.0, "unit": "-"},
}
TUNED: list[str] = []
HEATER, AREA = 30 * mm * 26 * mm, 30 * 500 * um * 500 * um


def boil(T: float, G: float, flux: float) -> xr.Dataset:
    """The sink at a saturation temperature [°C], mass flux [kg/m² s] and flux of the heater [W/cm²]."""
    fluid = Refrigerant(fluid="R134a", T_low=0.0, T_high=60.0)
    return flow_boiling(
        fluid, width=500 * um, depth=500 * um, length=30 * mm, channels=30, heat=flux * 1e4 * HEATER,
        mass_flow=G * AREA, T_in=T - 5.0, pressure=fluid.pressure(T),
    )  # fmt: skip


def rows() -> Iterator[dict[str, Any]]:
    names = list(LIMITS)
    films = [float(boil(T, 1244.4, 82.25).film.max()) / 25e3 for T in (20.0, 30.0, 40.0)]
    yield row(CASE, names[0], films, np.ones(3), LIMITS[names[0]], TUNED)
    for name, G, flux, measured in ((names[1], 373.3, 48.9, 1.0), (names[2], 1244.4, 13.48, 0.0)):
        dry = [float(boil(T, G, flux).dries_out.any()) for T in (20.0, 30.0, 40.0)]
        yield row(CASE, name, dry, np.full(3, measured), LIMITS[name], TUNED)
