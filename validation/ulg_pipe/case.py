"""Steps of temperature through 39 m of insulated steel pipe, measured at the University of Liège.

Geometry, insulation, surroundings (18 °C, 5 W/m²K outside) and water flow are those of the record; the wall's 8000
kg/m³ and 500 J/kgK those of the bench's published model (PlugFlowULg in the IBPSA and Buildings libraries); the film is
Gnielinski's, dispersion Taylor's, 100 cells, MUSCL. Coolant and wall start at the first measured outlet temperature.
Limits, written before the first run: 0.46 K on 151202 (plug-flow pipe of the IBPSA library: 0.60 K), 0.7 K on each.

No number was fitted, but the first run failed: with plain carbon steel of a textbook (7854 kg/m³, 434 J/kgK), without
dispersion, with the mean of the last step as the temperature leaving and properties at the mean inlet temperature it
gave 0.68, 0.91, 0.45 and 0.82 K. Textbook steel with everything else as now gives 0.65, 0.73, 0.44 and 0.82 K.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.network.transport import pipe_temperatures
from validation.verdict import row

CASE = "ulg_pipe"
TUNED: list[str] = []
RECORDS = ("150801", "151202", "151204_1", "160118_1")
LIMITS = {
    f"T of the water leaving, {name}": {"rmse": 0.46 if name == "151202" else 0.7, "unit": "K"} for name in RECORDS
}


def pipe() -> Pipe:
    return Pipe(
        length=39.0, diameter=0.05248, roughness=4.5e-5, wall=0.5 * (0.0603 - 0.05248),
        metal=th.Material(conductivity=60.5, density=8000.0, heat_capacity=500.0),
        insulation=0.013, insulation_conductivity=0.04, outer_film=5.0,
    )  # fmt: skip


def outlet(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Model and measurement of one record [°C]."""
    water = th.load("coolants/water")
    table = np.genfromtxt(th.datasets.path(f"pipes/PipeDataULg{name}.csv"), delimiter=",", names=True)
    T_in, measured = table["T_water_in_degC"], table["T_water_out_degC"]
    flow = table["m_flow_kg_s"] / water.properties(float(T_in.mean())).density
    run = pipe_temperatures(
        pipe(), water, time=table["time_s"], flow=flow, T_in=T_in, T_ambient=18.0, T_start=float(measured[0])
    )
    return run.T_pipe_out.values, measured


def rows() -> Iterator[dict[str, Any]]:
    for name, quantity in zip(RECORDS, LIMITS, strict=True):
        yield row(CASE, quantity, *outlet(name), LIMITS[quantity], TUNED)
