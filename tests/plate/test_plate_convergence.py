"""The grid-convergence index on plates whose order is known, and grids graded within a layer."""

import numpy as np
import pytest
from plates import CELLS, COPPER, FLOW, GEOMETRY, GREASE, SILICON, T_IN, place, superchip

import thermal as th
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError
from thermal.plate.convergence import _judge
from thermal.plate.grid import Cells, plate_grid

pytestmark = pytest.mark.compiled
PLATE = ColdPlate(**GEOMETRY, homogenised=True)


@pytest.fixture(scope="module")
def conditions():
    wide = th.load("packages/h100").replace(length=0.03, breadth=0.03)
    return {"package": wide, "coolant": th.load("coolants/pg25"), "heat": 500.0, "flow": FLOW, "T_in": T_IN}


@pytest.mark.parametrize("order", [1.0, 2.0, 1.7])
def test_order_index_and_limit_of_an_exact_power(order):
    values = [3.0 + 0.2 * h**order for h in (1.0, 0.5, 0.25)]
    found, index, limit = _judge(np.array(values), 2.0)
    assert found == pytest.approx(order, rel=1e-9)
    assert limit == pytest.approx(3.0, rel=1e-12)
    assert index == pytest.approx(1.25 * abs(values[2] - 3.0) / values[2], rel=1e-9)


def test_oscillation_has_no_order_but_an_index():
    found, index, limit = _judge(np.array([1.0, 1.1, 1.0]), 2.0)
    assert np.isnan(found)
    assert np.isnan(limit)
    assert index == pytest.approx(1.25 * 0.05)


@pytest.mark.parametrize("grading", [1.0, 3.0])
def test_index_covers_the_error_of_the_finest_grid(conditions, grading):
    study = th.plate.grid_convergence(PLATE, **conditions, cells=Cells(12, 2, 4, 1, grading=grading))
    finer = th.steady(PLATE, **conditions, cells=Cells(12, 2, 4, 1, grading=grading, refine=16))
    row = study.sel(quantity="R_case")
    assert float(row.observed_order) > 1.0
    assert abs(float(study.R_case[-1] / finer.R_case) - 1.0) <= float(row.convergence_index)
    assert float(row.convergence_index) < 1e-2
    assert study.cell_count.values.tolist() == [n * study.cell_count.values[0] for n in (1, 4, 16)]


def test_usual_grid_is_within_three_thousandths_of_a_fine_one(conditions):
    plates = PLATE, PLATE.replace(base=3e-4), PLATE.replace(channel_width=1e-4, fin_width=1e-4)
    for plate in plates:
        usual, fine = (th.steady(plate, **conditions, cells=Cells(refine=n)) for n in (1, 4))
        assert float(usual.R_case / fine.R_case) == pytest.approx(1.0, abs=3e-3)
        assert float(usual.R_junction / fine.R_junction) == pytest.approx(1.0, abs=3e-3)


@pytest.mark.parametrize("grading", [1.0, 2.0, 6.0])
def test_graded_cells_shrink_towards_the_faces(grading):
    cells = Cells(slices=8, base=6, fin=12, cover=4, grading=grading)
    stack = superchip()
    grid = plate_grid(PLATE, stack, stack.blocks[0], cells)
    base, fin, cover = (grid.body.dz[a:b] for a, b in ((grid.under, grid.first), (grid.first, grid.last), (-4, None)))
    assert base.sum() == pytest.approx(PLATE.base, rel=1e-12)
    assert fin.sum() == pytest.approx(PLATE.channel_depth, rel=1e-12)
    assert np.allclose(fin, fin[::-1], rtol=1e-9)
    assert 0.7 * grading <= fin.max() / fin.min() <= grading
    assert np.all(np.diff(cover) >= -1e-15)
    assert grid.body.dz.size == 2 + 1 + 6 + 12 + 4  # a layer of one or two cells keeps them
    twice = plate_grid(PLATE, stack, stack.blocks[0], cells._replace(refine=2)).body
    assert np.allclose(twice.dz[::2] + twice.dz[1::2], grid.body.dz, rtol=1e-9)
    assert np.allclose(twice.dy[::2] + twice.dy[1::2], grid.body.dy, rtol=1e-9)


def test_graded_and_even_grids_have_one_limit(conditions):
    R = [float(th.steady(PLATE, **conditions, cells=Cells(24, 8, 24, 4, grading=g)).R_case) for g in (1.0, 4.0)]
    assert R[0] == pytest.approx(R[1], rel=1e-3)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (CELLS._replace(slices=0), "Cells.slices = 0"),
        (CELLS._replace(fin=2.5), "Cells.fin = 2.5"),
        (CELLS._replace(base="many"), "Cells.base = 'many'"),
        (CELLS._replace(grading=0.5), "Cells.grading = 0.5"),
        (CELLS._replace(grading=np.nan), "Cells.grading = nan"),
        (CELLS._replace(slices=10**12), "GB, more than"),
        (CELLS._replace(refine=10**5), "GB, more than"),
    ],
)
def test_bad_grids_are_explained_before_memory_is_taken(conditions, cells, message):
    with pytest.raises(InputError, match=message):
        th.steady(PLATE, **conditions, cells=cells)


def test_bad_ratio(conditions):
    with pytest.raises(InputError, match=r"ratio = 1.5"):
        th.plate.grid_convergence(PLATE, **conditions, ratio=1.5)


@pytest.mark.parametrize(("die", "lid"), [(1, 1), (2, 3), (5, 1)])
def test_layers_in_series_are_exact_on_any_grid(conditions, die, lid):
    """Between the die's active side and the lid's upper face lie the layers' thicknesses over conductivities."""
    all_over = place(0.0, 0.0, 0.03, 0.03)
    layers = [("die", 7e-4, SILICON, die), ("TIM", 5e-5, GREASE, 1), ("lid", 2e-3, COPPER, lid)]
    stack = Stack(
        layers=tuple(
            Layer(
                name=name, thickness=thick, regions=(Region(material=metal, **all_over),), cells=cells,
                blocks=(Block(name="all", **all_over),) if name == "die" else (), contact=2e-6 * (name == "TIM"),
            )
            for name, thick, metal, cells in layers
        )
    )  # fmt: skip
    run = th.steady(PLATE, **{**conditions, "package": stack}, cells=CELLS)
    exact = 500.0 / 0.03**2 * (sum(thick / metal.conductivity for _, thick, metal, _ in layers) + 2e-6)
    area = np.outer(np.diff(np.r_[0, _edges(run.y.values)]), np.ones(run.x.size))
    drop = ((run.T_junction_map - run.T_case_map).values * area).sum() / area.sum()
    assert drop == pytest.approx(exact, rel=1e-6)
    assert float(run.T_block_highest[0]) == pytest.approx(float(run.T_junction), abs=1e-9)


def _edges(middles):
    edges = [0.0]
    for middle in middles:
        edges.append(2 * middle - edges[-1])
    return np.array(edges[1:])
