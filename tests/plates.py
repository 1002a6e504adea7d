"""A small plate and what lies under it, for the tests of cold plates."""

from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.material import Material
from thermal.plate.grid import Cells

COPPER = Material(conductivity=390.0, density=8960.0, heat_capacity=385.0)
SILICON = Material(conductivity=130.0, density=2330.0, heat_capacity=702.0)
GREASE = Material(conductivity=4.0, density=2500.0, heat_capacity=800.0)
GEOMETRY = {
    "length": 0.03,
    "breadth": 0.03,
    "channel_width": 4e-4,
    "fin_width": 4e-4,
    "channel_depth": 2e-3,
    "base": 1e-3,
    "metal": COPPER,
}
CELLS = Cells(slices=16, base=2, fin=4, cover=1)
FLOW, T_IN = 1e-3 / 60, 40.0


def place(x=0.005, y=0.005, breadth=0.02, length=0.02):
    return {"x": x, "y": y, "breadth": breadth, "length": length}


def superchip(**changes):
    """Two dies side by side under one interface."""
    dies = [place(0.002, 0.005, 0.012, 0.02), place(0.018, 0.008, 0.008, 0.012)]
    die = {
        "name": "die", "thickness": 7e-4, "regions": tuple(Region(material=SILICON, **d) for d in dies),
        "blocks": (Block(name="gpu", **dies[0], share=4.0), Block(name="hbm", **dies[1])),
    }  # fmt: skip
    tim = Layer(name="TIM", thickness=5e-5, regions=tuple(Region(material=GREASE, **d) for d in dies), cells=1)
    return Stack(layers=(Layer(**{**die, **changes}), tim))
