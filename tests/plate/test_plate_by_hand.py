"""Parts of a plate's solution by hand, in plain Python: the face of the case, the coolant that stores heat."""

from types import SimpleNamespace

import numpy as np
import pytest
from plates import CELLS, FLOW, GEOMETRY, SILICON, T_IN, place, superchip

import thermal as th
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate
from thermal.plate.conditions import Conditions
from thermal.plate.grid import _columns
from thermal.plate.result import _outlets, share_above
from thermal.plate.solve import coolant_content


def point(stack, homogenised=False):
    plate = ColdPlate(**GEOMETRY, homogenised=homogenised)
    return Conditions.of(plate, stack, th.load("coolants/pg25"), 100.0, FLOW, T_IN, CELLS, 1e-9)


@pytest.mark.parametrize("contact", [0.0, 2e-5])
def test_upper_face_of_the_case_by_hand(contact):
    """Half a cell of silicon, the contact, half a cell of copper, in series: 1/4 mm over 130 and over 390 W/m K."""
    layer = Layer(name="die", thickness=1e-3, regions=(Region(material=SILICON, **place()),), cells=2, contact=contact,
                  blocks=(Block(name="b", **place()),))  # fmt: skip
    given = point(Stack(layers=(layer,)))
    grid = given.grid()
    low, high = 0.25e-3 / 130.0, 0.25e-3 / 390.0
    share = share_above(grid)[grid.body.material[:, grid.case] > 0]
    np.testing.assert_allclose(share, low / (low + contact + high), rtol=1e-9)


@pytest.mark.parametrize("homogenised", [False, True])
def test_coolant_content_by_hand(homogenised):
    """37 channels of 0.4 by 2 mm, 30 mm long, fit between fins of 0.4 mm: 0.888 cm³."""
    given = point(superchip(), homogenised)
    p = given.coolant.properties(T_IN)
    content = coolant_content(given, given.grid(), T_IN)
    assert content.sum() == pytest.approx(8.88e-7 * float(p.density * p.heat_capacity), rel=1e-12)


@pytest.mark.parametrize(("bundle", "lanes"), [(1000, 1), (37, 1), (18, 2), (1, 37)])
def test_lanes_of_a_porous_plate_by_hand(bundle, lanes):
    """37 channels in lanes of so many."""
    width, stream, each = _columns(ColdPlate(**GEOMETRY, homogenised=True), True, bundle)
    assert stream.tolist() == list(range(lanes))
    np.testing.assert_allclose(width, 0.03 / lanes)
    np.testing.assert_allclose(each, 37 / lanes)


@pytest.mark.parametrize(
    ("legs", "outlets"),
    [
        ([[0, 0, 3, 1, 0, -1], [1, 2, 3, -1, 1, 0]], [6.0, 8.0]),
        ([[0, 1, 2, 1, 0, -1], [0, 0, 1, -1, 0, -1], [1, 0, 1, 1, 0, -1]], [3.0, 14.0]),
    ],
)
def test_outlets_by_hand(legs, outlets):
    """A slice's mean is half inlet and half outlet: means of 1, 1 and 3 go out at 2, 0 and 6; 4 K feed a pass."""
    stream = np.array([[1.0, 7.0], [1.0, 6.0], [3.0, 5.0]])
    rises = SimpleNamespace(
        problem=SimpleNamespace(lean=np.full((3, 2), 0.5)), stream=stream, shift=0.0, outlet=np.array([4.0, 0.0])
    )
    at = SimpleNamespace(rises=rises, grid=SimpleNamespace(width=np.ones(2), legs=np.array(legs)))
    np.testing.assert_allclose(_outlets(at), outlets)
