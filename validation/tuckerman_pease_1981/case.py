"""Tuckerman and Pease (1981): three silicon sinks with water, IEEE Electron Device Letters 2, 126-129.

Measured thermal resistances 0.110, 0.113 and 0.090 K/W of 1 cm² (largest wall rise over the heated length, per watt).
Channel width, wall, depth, flow and flux of the three are those that Toh, Chen and Chai, Int. J. Heat Mass Transfer 45
(2002) 5133-5141 tabulate; not checked in the paper itself but for the third, whose abstract has 790 W/cm² at a rise of
71 K. The wafer leaves 0.53 mm less the depth below the channels, and a glass cover closes them (three heated walls).
The paper gives no bars; comparisons of this kind in the literature lie within 15 %, the limit.
"""

from collections.abc import Iterator
from typing import Any

import thermal as th
from thermal.components.plate.geometry import ColdPlate
from thermal.components.plate.material import Material
from thermal.plate.grid import Cells
from thermal.plate.steady import steady_plate
from thermal.units import mm, um
from validation.verdict import row

CASE = "tuckerman_pease_1981"
# channel width, wall, depth [µm], flow [cm³/s], flux [W/cm²], measured resistance [K/W]
SINKS = {
    "first": (56, 44, 320, 4.7, 181, 0.110),
    "second": (55, 45, 287, 6.5, 277, 0.113),
    "third": (50, 50, 302, 8.6, 790, 0.090),
}
LIMITS = {f"{name} sink, resistance": {"max": 0.15 * sink[-1], "unit": "K/W"} for name, sink in SINKS.items()}
TUNED: list[str] = []
SILICON = Material(conductivity=148.0, density=2330.0, heat_capacity=702.0)
GLASS = Material(conductivity=1.1, density=2230.0, heat_capacity=830.0)
SHARE = 0.1  # of the sink's breadth that is computed; it repeats


def rows() -> Iterator[dict[str, Any]]:
    water, package = th.load("coolants/water"), th.load("packages/h100")
    for name, (width, wall, depth, flow, flux, measured) in SINKS.items():
        breadth = SHARE * 10 * mm + wall * um
        plate = ColdPlate(
            length=10 * mm, breadth=breadth, channel_width=width * um, fin_width=wall * um, channel_depth=depth * um,
            base=(533 - depth) * um, cover=1 * mm, metal=SILICON, cover_metal=GLASS, heated_walls=3,
        )  # fmt: skip
        run = steady_plate(
            plate, package.replace(length=10 * mm, breadth=breadth, R_junction_case=0.0), water,
            heat=flux * 1e4 * 10 * mm * breadth, flow=flow * 1e-6 * SHARE, T_in=23.0, cells=Cells(slices=100),
        )  # fmt: skip
        along = run.T_case_map.mean("x") - 23.0
        quantity = f"{name} sink, resistance"
        yield row(CASE, quantity, float(along.max()) / flux, measured, LIMITS[quantity], TUNED)
