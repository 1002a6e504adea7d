"""Stacks of 3D-ICE against the figures that its own test suite publishes: porous channels, pins, sinks, rectangles.

The figures are those of github.com/esl-epfl/3d-ice, folder ``test``, in kelvin with three decimals; half of the last
one, and the solver's tolerance, is what may differ.
"""

import numpy as np
import pytest
from ice_stacks import (
    ALUMINA,
    DIES,
    PINS,
    POROUS,
    QUARTERS,
    RESOLVED,
    SILICON,
    SPREADER,
    STEADY,
    TRANSIENT,
    TWO,
    WHOLE,
    dimensions,
    quarters,
    sink,
    write,
)

import thermal as th
from thermal.formats.ice import read_ice

pytestmark = pytest.mark.compiled
PRINTED = 0.00051
NO_CHANNEL = TWO.replace("   channel channel1 ;\n", "")
AT = '   T ( die1, {at}, 4800, "node1.txt", step ) ;\n   T ( die2, 0, 0, "node2.txt", step ) ;\n'
EDGED = {"upper": quarters(4975), "lower": quarters(4975)}  # blocks that end on the walls' edges
POROUS_AT, SINK_AT = AT.format(at=4800), AT.format(at=5000)


def _kelvin(run):
    return np.stack([run["node1.txt"].values, run["node2.txt"].values], axis=-1) + 273.15


@pytest.mark.parametrize(
    ("cavity", "floorplans", "cell", "asks", "published"),
    [
        (POROUS, {}, (200, 200), POROUS_AT, (313.629, 311.255)),
        (POROUS, {"upper": WHOLE, "lower": WHOLE}, (200, 200), POROUS_AT, (324.602, 311.251)),
        (PINS, {}, (200, 200), POROUS_AT, (310.619, 308.833)),
        (RESOLVED, EDGED, (50, 200), SINK_AT, (311.926, 311.224)),
        (RESOLVED, {"upper": WHOLE, "lower": WHOLE}, (50, 200), SINK_AT, (324.541, 311.165)),
        (sink("top") + sink("bottom"), {"lower": WHOLE}, (50, 200), SINK_AT, (303.745, 305.004)),
        (sink("bottom"), {"lower": WHOLE}, (50, 200), SINK_AT, (307.441, 310.388)),
    ],
    ids=["2rm", "2rm, one block", "pins", "4rm", "4rm, one block", "two sinks", "secondary path"],
)
def test_steady_points(tmp_path, cavity, floorplans, cell, asks, published):
    cooled, sinks = (cavity, "") if "heat sink" not in cavity else ("", cavity)
    stack = TWO if cooled else NO_CHANNEL
    path = write(tmp_path, SILICON, sinks, cooled, dimensions(cell=cell), DIES, stack, STEADY, asks=asks, **floorplans)
    run = th.steady(read_ice(path), as_3dice=True)
    assert np.abs(_kelvin(run) - published).max() < PRINTED
    assert abs(float(run.energy_residual)) < 1e-6


STEPS = {  # step: the two points
    "2rm": {
        1: (303.408, 304.744), 2: (305.805, 307.392), 5: (310.446, 310.400), 10: (313.066, 311.177),
        40: (313.629, 311.255), 41: (312.409, 306.510), 45: (309.799, 300.853), 80: (308.264, 299.995),
        81: (309.484, 304.739), 120: (313.629, 311.255),
    },
    "pins": {
        1: (303.545, 304.751), 2: (305.730, 306.894), 5: (309.247, 308.612), 10: (310.511, 308.827),
        41: (309.183, 304.081), 45: (306.758, 300.218), 60: (306.031, 299.990), 81: (307.467, 304.742),
        120: (310.619, 308.833),
    },
    "4rm": {
        1: (302.688, 304.783), 2: (304.836, 307.429), 3: (306.574, 308.963), 5: (309.029, 310.401),
        10: (311.415, 311.151), 40: (311.926, 311.224), 41: (311.505, 306.441), 42: (311.009, 303.795),
        80: (308.496, 299.995), 81: (308.918, 304.778), 85: (310.750, 310.397), 120: (311.926, 311.224),
    },
    "sinks": {
        1: (302.666, 303.558), 2: (303.427, 304.579), 40: (303.745, 305.004), 41: (301.757, 301.446),
        42: (301.217, 300.425), 80: (300.995, 300.000), 81: (302.983, 303.558), 120: (303.745, 305.004),
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cavity"),
    [("2rm", POROUS), ("pins", PINS), ("4rm", RESOLVED), ("sinks", sink("top") + sink("bottom"))],
)
def test_points_in_time(tmp_path, name, cavity):
    sinks, cooled = (cavity, "") if name == "sinks" else ("", cavity)
    cell, asks = ((50, 200), SINK_AT) if name in {"4rm", "sinks"} else ((200, 200), POROUS_AT)
    lower = {"lower": WHOLE} if sinks else EDGED if name == "4rm" else {}
    stack = NO_CHANNEL if sinks else TWO
    path = write(tmp_path, SILICON, sinks, cooled, dimensions(cell=cell), DIES, stack, TRANSIENT, asks=asks, **lower)
    run = th.transient(read_ice(path), as_3dice=True)
    assert run.sizes["time"] == 120
    rows, published = np.array(list(STEPS[name])) - 1, np.array(list(STEPS[name].values()))
    assert np.abs(_kelvin(run)[rows] - published).max() < PRINTED
    assert float(abs(run.energy_residual).max()) < 1e-7 * 100.0  # of the W that are on


MAIN = "die main :\n source 2 silicon ;\n layer 48 silicon ;\n"
ONE = 'stack :\n die DIE main floorplan "lower.flp" ;\n'
SLOW = TRANSIENT.replace("0.02 ;", "0.2 ;").replace("0.002", "0.02")
CORNER = '  T ( DIE, 100, 100, "node1.txt", step ) ;\n  T ( DIE, 5100, 5100, "node2.txt", step ) ;\n'
SPREAD = {
    "one": {
        0: (344.881, 344.881), 1: (313.570, 313.570), 2: (315.578, 315.578), 10: (320.241, 320.241),
        40: (330.142, 330.142), 41: (316.774, 316.774), 80: (304.819, 304.819), 120: (331.652, 331.652),
    },
    "four": {
        0: (344.753, 323.268), 1: (313.570, 307.451), 2: (315.577, 308.475), 10: (320.239, 310.844),
        40: (330.131, 315.854), 41: (316.763, 314.624), 80: (304.814, 316.714), 120: (331.644, 319.006),
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "floorplan"), [("one", WHOLE), ("four", QUARTERS)])
def test_spreader_and_sink(tmp_path, name, floorplan):
    parts = SILICON, ALUMINA, SPREADER, dimensions(), MAIN, ONE
    still = th.steady(read_ice(write(tmp_path, *parts, STEADY, asks=CORNER, lower=floorplan)), as_3dice=True)
    run = th.transient(read_ice(write(tmp_path, *parts, SLOW, asks=CORNER, lower=floorplan)), as_3dice=True)
    found = np.concatenate([np.atleast_2d(_kelvin(still)), _kelvin(run)])
    assert np.abs(found[list(SPREAD[name])] - list(SPREAD[name].values())).max() < PRINTED
    assert float(abs(run.energy_residual).max()) < 1e-9
