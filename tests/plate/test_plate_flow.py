"""Losses of a plate by hand, split and serpentine too; conduction through layers by hand; the guard before a grid."""

import math

import numpy as np
import pytest
from plates import CELLS, COPPER, FLOW, GEOMETRY, SILICON, T_IN, place, superchip

import thermal as th
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate, Pattern
from thermal.errors import InputError
from thermal.physics.convection.channel import Entry
from thermal.plate import grid as plate_grids
from thermal.plate import solve as plate_solve
from thermal.plate.conditions import Conditions
from thermal.plate.flow import even_split, flow_state
from thermal.plate.grid import Cells
from thermal.plate.steady import steady_plate

CHANNELS, WIDTH, DEPTH, LENGTH = 37, 4e-4, 2e-3, 0.03  # (30 − 0.4) / 0.8 of them fit


@pytest.fixture(scope="module")
def coolant():
    return th.load("coolants/pg25")


def drop(coolant, cells=CELLS, **changes):
    """Pressure drop of the plate and mass flows of its streams, coolant at the inlet temperature throughout."""
    plate = ColdPlate(**{**GEOMETRY, "entry": Entry.DEVELOPED, **changes})
    point = Conditions.of(plate, superchip(), coolant, 0.0, FLOW, T_IN, cells, 1e-9)
    grid = point.grid()
    even = even_split(point, grid)
    return flow_state(point, grid, np.full((grid.body.dy.size, even.size), T_IN), even).pressure_drop, even


def by_hand(coolant, channels, length, share=1.0, legs=1, turns=0, bend=2.2):
    """Developed friction with f Re = 19.07 (1:5), 0.42 (1 − σ) in and (1 − σ)² out with σ = ½, bends, and the ports."""
    p = coolant.properties(T_IN)
    V, D = share * FLOW / (channels * WIDTH * DEPTH), 2 * WIDTH * DEPTH / (WIDTH + DEPTH)
    Re = p.density * V * D / p.viscosity
    heads = legs * (4 * 19.0705 / Re * length / D + 0.42 * 0.5 + 0.5**2) + bend * turns
    port = FLOW / (math.pi / 4 * 8e-3**2)
    return 0.5 * p.density * (heads * V**2 + 1.5 * port**2)


@pytest.mark.parametrize("homogenised", [False, True])
def test_straight_channels_by_hand(coolant, homogenised):
    found, even = drop(coolant, homogenised=homogenised)
    assert found == pytest.approx(by_hand(coolant, CHANNELS, LENGTH), rel=1e-4)
    assert even.sum() == pytest.approx(FLOW * coolant.properties(T_IN).density, rel=1e-12)


@pytest.mark.parametrize("homogenised", [False, True])
def test_split_channels_by_hand(coolant, homogenised):
    """Half the flow over half the length in each half, all of it through the ports."""
    found, even = drop(coolant, pattern=Pattern.SPLIT, homogenised=homogenised)
    assert found == pytest.approx(by_hand(coolant, CHANNELS, LENGTH / 2, share=0.5), rel=1e-4)
    assert even.sum() == pytest.approx(0.5 * FLOW * coolant.properties(T_IN).density, rel=1e-12)


@pytest.mark.parametrize("passes", [2, 3])
def test_serpentine_by_hand(coolant, passes):
    """Twelve or eighteen channels a pass, each pass with its ends, and a turn between passes."""
    found, _ = drop(coolant, pattern=Pattern.SERPENTINE, passes=passes, bend_loss=1.7)
    expected = by_hand(coolant, CHANNELS // passes, LENGTH, legs=passes, turns=passes - 1, bend=1.7)
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("changes", [{"port_loss": 3.0}, {"port": 4e-3}])
def test_ports_by_hand(coolant, changes):
    base, _ = drop(coolant)
    found, _ = drop(coolant, **changes)
    V = FLOW / (math.pi / 4 * changes.get("port", 8e-3) ** 2)
    less = FLOW / (math.pi / 4 * 8e-3**2)
    more = changes.get("port_loss", 1.5) * V**2 - 1.5 * less**2
    assert found - base == pytest.approx(0.5 * coolant.properties(T_IN).density * more, rel=1e-6)


@pytest.mark.compiled
@pytest.mark.parametrize(("along", "through"), [(100.0, 2.0), (2.0, 8.0), (50.0, None)])
def test_conduction_through_a_layer_by_hand(coolant, along, through):
    """All heat crosses every level, so means over the area fall by q t / k through the layer."""
    sheet = COPPER.replace(conductivity=along, conductivity_through=through)
    size = place(0.004, 0.004, 0.02, 0.02)
    layer = Layer(name="die", thickness=1e-3, regions=(Region(material=sheet, **size),), cells=3,
                  blocks=(Block(name="b", **place(0.006, 0.008, 0.01, 0.012)),))  # fmt: skip
    run = steady_plate(
        ColdPlate(**GEOMETRY, homogenised=True), Stack(layers=(layer,)), coolant, 300.0, FLOW, T_IN, CELLS
    )
    lowest = run.T_junction_map.where(run.T_case_map.notnull())
    dx, dy = (np.diff(np.concatenate([[0.0], _edges(run[d].values)])) for d in ("x", "y"))
    area = np.outer(dy, dx) * run.T_case_map.notnull().values
    mean = [float(np.nansum(np.nan_to_num(f.values) * area) / area.sum()) for f in (lowest, run.T_case_map)]
    assert mean[0] - mean[1] == pytest.approx(300.0 / (0.02 * 0.02) * 1e-3 / (through or along), rel=1e-6)


def _edges(middles):
    edges = [0.0]
    for m in middles:
        edges.append(2 * m - edges[-1])
    return np.array(edges[1:])


@pytest.mark.compiled
def test_fins_of_one_metal_conduct_alike_resolved_and_homogenised(coolant):
    """A metal that conducts less upwards than along: the porous fins know it too.

    As near as those of 60 W/m K all round (2.6 % here: temperature across a fin is lost).
    """
    metal = COPPER.replace(conductivity=300.0, conductivity_through=60.0)
    plates = [ColdPlate(**{**GEOMETRY, "metal": metal}, homogenised=h) for h in (False, True)]
    cells = Cells(slices=16, base=3, fin=8, cover=1)
    whole, porous = (steady_plate(p, superchip(), coolant, 300.0, FLOW, T_IN, cells) for p in plates)
    assert float(porous.R_case) == pytest.approx(float(whole.R_case), rel=0.03)


@pytest.mark.parametrize("homogenised", [False, True])
@pytest.mark.parametrize("changes", [{}, {"refine": 3}, {"across": 3}, {"slices": 57}, {"base": 9, "cover": 5}])
def test_the_guard_before_a_grid_counts_what_will_be_made(coolant, monkeypatch, homogenised, changes):
    """Estimate before anything is made and count of cells made: the estimate leaves out cuts at edges alone."""
    asked = []
    monkeypatch.setattr(plate_grids, "require_memory", asked.append)
    full = place(0.0, 0.0, 0.03, 0.03)
    die = Layer(
        name="die", thickness=1e-3, regions=(Region(material=SILICON, **full),), blocks=(Block(name="b", **full),)
    )
    plate = ColdPlate(**GEOMETRY, homogenised=homogenised)
    Conditions.of(plate, Stack(layers=(die,)), coolant, 1.0, FLOW, T_IN, CELLS._replace(**changes), 1e-8).grid()
    estimate, made = asked
    assert 0.98 * made <= estimate <= made


def test_the_guard_refuses_at_its_limit(monkeypatch):
    monkeypatch.setattr(plate_grids, "MEMORY", 250.0 * 1000)
    plate_grids.require_memory(1000)
    with pytest.raises(InputError, match=r"1,001 cells would take 0\.0 GB, more than 0 GB"):
        plate_grids.require_memory(1001)


def test_an_even_first_guess_costs_no_round(coolant, monkeypatch):
    """Films and split settle in four solutions; a first step of nothing, taken for an answer, shortened the second."""
    solved, plain = [], plate_solve.solved
    monkeypatch.setattr(plate_solve, "solved", lambda *given: solved.append(1) or plain(*given))
    plate = ColdPlate(**GEOMETRY)
    plate_solve.operate(Conditions.of(plate, superchip(), coolant, 800.0, FLOW, T_IN, CELLS, 1e-6))
    assert len(solved) <= 4
