"""Columns of a plate's grid: they end where dies do, so that coarse and fine columns see the same die."""

import numpy as np
import pytest

import thermal as th
from tests.plates import CELLS, FLOW, GEOMETRY, GREASE, SILICON, T_IN, place
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate, Pattern
from thermal.physics.conjugate.assembly import middles
from thermal.plate.grid import plate_grid
from thermal.plate.steady import steady_plate

ODD = place(0.0073, 0.0061, 0.0117, 0.0173)  # edges that fall on no fin


def die():
    layer = Layer(
        name="die", thickness=7e-4, regions=(Region(material=SILICON, **ODD),), blocks=(Block(name="core", **ODD),)
    )
    return Stack(layers=(layer, Layer(name="TIM", thickness=5e-5, regions=(Region(material=GREASE, **ODD),), cells=1)))


def run(cells, **changes):
    plate = ColdPlate(**{**GEOMETRY, **changes})
    return steady_plate(plate, die(), th.load("coolants/pg25"), 500.0, FLOW, T_IN, cells)


@pytest.mark.parametrize("homogenised", [False, True])
@pytest.mark.parametrize("across", [1, 3])
@pytest.mark.parametrize("pattern", [Pattern.PARALLEL, Pattern.SERPENTINE])
def test_columns_end_where_dies_do(homogenised, across, pattern):
    plate, stack = ColdPlate(**GEOMETRY, homogenised=homogenised, pattern=pattern), die()
    grid = plate_grid(plate, stack, stack.blocks[0], CELLS._replace(across=across))
    dx = grid.body.dx
    assert dx.sum() == pytest.approx(plate.breadth)
    assert dx.min() > 1e-6
    inside = grid.body.material[grid.body.material.shape[0] // 2, 0] > 0
    sliver = 0.02 * 4e-4
    assert middles(dx)[inside].min() - dx[inside][0] / 2 == pytest.approx(ODD["x"], abs=sliver)
    assert dx[inside].sum() == pytest.approx(ODD["breadth"], abs=2 * sliver)
    wet = grid.column_stream >= 0
    filled = np.bincount(grid.column_stream[wet], dx[wet])
    assert filled == pytest.approx(filled[0])  # every stream as broad as before
    if not homogenised:
        assert filled[0] == pytest.approx(plate.channel_width)


@pytest.mark.compiled
def test_bundles_hardly_matter():
    """The default of four channels in a column is within half a per cent of one; 6 % before columns ended with dies."""
    four, one = (float(run(CELLS._replace(bundle=n), homogenised=True).R_junction) for n in (4, 1))
    assert four == pytest.approx(one, rel=0.005)


@pytest.mark.compiled
def test_columns_within_fins_converge():
    """One column a fin and a channel is within half a per cent of three."""
    one, three = (run(CELLS._replace(across=n)) for n in (1, 3))
    assert float(one.R_case) == pytest.approx(float(three.R_case), rel=0.005)
    assert float(one.pressure_drop) == pytest.approx(float(three.pressure_drop), rel=1e-3)
    assert abs(float(three.energy_residual)) <= 1e-10 * 500.0
