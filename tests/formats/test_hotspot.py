"""HotSpot's floorplans and power traces: read as other people write them, or refused by file and line."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.components.chip import blocks_of
from thermal.errors import DataError, InputError
from thermal.formats import hotspot_map, read_hotspot_floorplan, read_hotspot_trace

PLAN = """
# Line Format: <unit-name>\t<width>\t<height>\t<left-x>\t<bottom-y>\t[<specific-heat>]\t[<resistivity>]
left\t0.008\t0.008\t0.000\t0.008
   # a comment

wide\t0.016\t0.008\t0.000\t0.000\t1.75e6\t0.01
right 0.008   0.008 0.008 8e-3
left wide 0.4
"""
TRACE = "right\tleft\twide\t\n15.0\t10.0\t25.0\t\n\n# half\n7.5\t5\t12.5\n0 0 1e-3\n"


@pytest.fixture
def written(tmp_path):
    def write(text, name="die.flp"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return write


def test_floorplan_and_trace(written):
    units = read_hotspot_floorplan(written(PLAN))
    assert [(u.name, u.x, u.y, u.breadth, u.length) for u in units] == [
        ("left", 0.0, 0.008, 0.008, 0.008),
        ("wide", 0.0, 0.0, 0.016, 0.008),
        ("right", 0.008, 0.008, 0.008, 0.008),
    ]
    assert (units[1].heat_capacity, units[1].resistivity) == (1.75e6, 0.01)
    assert np.isnan(units[0].heat_capacity)
    trace = read_hotspot_trace(written(TRACE, "die.ptrace"), 2e-3, units)
    assert trace.block.values.tolist() == ["left", "wide", "right"]
    assert trace.values.tolist() == [[10.0, 25.0, 15.0], [5.0, 12.5, 7.5], [0.0, 1e-3, 0.0]]
    assert trace.time.values.tolist() == [0.0, 2e-3, 4e-3]
    assert read_hotspot_trace(written(TRACE, "die.ptrace"), 1).block.values.tolist() == ["right", "left", "wide"]


def test_a_floorplan_begins_at_its_corner(written):
    moved = PLAN.replace("0.000\t0.008", "0.010\t-0.002").replace("0.000\t0.000", "0.010\t-0.010")
    moved = moved.replace("0.008 8e-3", "0.018 -2e-3")
    a, b = (read_hotspot_floorplan(written(text)) for text in (PLAN, moved))
    assert np.allclose([u[1:5] for u in a], [u[1:5] for u in b], rtol=0, atol=1e-15)


def test_map_keeps_every_watt(written):
    units = read_hotspot_floorplan(written(PLAN))
    trace = read_hotspot_trace(written(TRACE, "die.ptrace"), 1e-3, units)
    for rows, columns in ((1, 1), (4, 8), (7, 5)):
        watts = hotspot_map(units, trace, rows, columns)
        assert watts.dims == ("time", "y", "x")
        assert watts.sum(("y", "x")).values == pytest.approx(trace.sum("block").values, rel=1e-12)
    pixels = hotspot_map(units, trace, 2, 2)[0]
    assert pixels.values == pytest.approx(np.array([[12.5, 12.5], [10.0, 15.0]]))
    assert (pixels.attrs["units"], float(pixels.y[0]), float(pixels.x[1])) == ("W", 0.004, pytest.approx(0.012))


@pytest.mark.compiled
def test_a_plate_over_the_floorplan(written):
    """Blocks in a stack under a plate: by block and by map in time, the same heat; the hottest block leads."""
    units = read_hotspot_floorplan(written(PLAN))
    trace = read_hotspot_trace(written(TRACE, "die.ptrace"), 0.05, units)
    plate = th.ColdPlate(
        length=0.02, breadth=0.02, channel_width=4e-4, fin_width=4e-4, channel_depth=2e-3, base=1e-3,
        metal=th.load("materials/copper"),
    )  # fmt: skip
    place = {"x": 0.002, "y": 0.002, "breadth": 0.016, "length": 0.016}
    region = th.Region(material=th.load("materials/silicon"), **place)
    blocks = blocks_of(units, x=0.002, y=0.002)
    assert [block.name for block in blocks] == ["left", "wide", "right"]
    assert blocks[2].right == pytest.approx(0.018)
    die = th.Layer(name="die", thickness=5e-4, regions=(region,), blocks=blocks)
    stack = th.Stack(layers=(die, th.Layer(name="lid", thickness=1e-3, regions=(region,))))
    given = {"package": stack, "coolant": th.load("coolants/water"), "flow": 1e-5, "T_in": 30.0}
    cells = {"cells": th.plate.Cells(slices=10)}
    by_block = th.transient(plate, heat=trace, until=0.15, step=0.01, **given, **cells)
    by_map = th.transient(plate, heat=hotspot_map(units, trace, 2, 2), until=0.15, step=0.01, **given, **cells)
    assert by_block.heat.values[4] == pytest.approx(50.0)
    assert by_map.heat.values == pytest.approx(by_block.heat.values, rel=1e-9)
    assert np.abs(by_map.T_case - by_block.T_case).max() < 1e-6


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("left\t0.008\t0.008\t0.000\t0.008", "left\t0.008\t0.008\t0.000", "line 3: 4 columns"),
        ("left\t0.008", "left\twide", "line 3: 'wide' is not a number"),
        ("left\t0.008", "left\tnan", "line 3: 'nan' is not a finite number"),
        ("left\t0.008", "left\t0", "line 3: 'left' of 0 × 0.008"),
        ("left\t0.008", "left\t8", "is no part of a die in metres"),
        ("right 0.008", "left 0.008", "line 7: unit 'left' comes twice"),
        (
            "right 0.008   0.008 0.008",
            "right 0.008   0.008 0.004",
            "'left' and 'right' overlap by 0.004 × 0.008 m",
        ),
        ("1.75e6", "-1.75e6", "line 6: heat capacity and resistivity of 'wide' must be above zero"),
        ("left wide 0.4", "left nothing 0.4", "line 8: 3 columns, but 'left' and 'nothing' are no two units"),
        ("left wide 0.4", "left wide much", "line 8: 'much' is not a number"),
    ],
)
def test_wrong_floorplan_is_explained(written, old, new, message):
    assert old in PLAN
    with pytest.raises(DataError, match=message):
        read_hotspot_floorplan(written(PLAN.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("right left wide\n", "no row of power"),
        ("right left wide\n1 2\n", "line 2: 2 powers for 3 units"),
        ("right left wide\n1 2 3 4\n", "line 2: 4 powers for 3 units"),
        ("right left wide\n\n1 2 -3\n", "line 3: -3 W of 'wide' must be a number from 0 W on"),
        ("right left wide\n1 2 hot\n", "line 2, 'wide': 'hot' is not a number"),
        ("right left wide\n1 inf 3\n", "line 2, 'left': 'inf' is not a finite number"),
        ("right left left\n1 2 3\n", "line 1: 'left' twice"),
        ("right left\n1 2\n", "no power of 'wide'"),
        ("right left wide tall\n1 2 3 4\n", "'tall' not in the floorplan"),
        (b"\xff\xfe\x00", "is not text"),
    ],
)
def test_wrong_trace_is_explained(written, text, message):
    units = read_hotspot_floorplan(written(PLAN))
    with pytest.raises(DataError, match=message):
        read_hotspot_trace(written(text, "die.ptrace"), 1e-3, units)


def test_what_is_no_file_no_interval_and_no_raster(written, tmp_path):
    with pytest.raises(InputError, match="path = 5 must be the name of a file"):
        read_hotspot_floorplan(5)
    with pytest.raises(DataError, match="cannot be read"):
        read_hotspot_floorplan(tmp_path / "none.flp")
    with pytest.raises(DataError, match="has no unit"):
        read_hotspot_floorplan(written("# nothing\n"))
    for interval in (0, -1.0, True, "1", float("nan")):
        with pytest.raises(InputError, match="must be a time in seconds"):
            read_hotspot_trace(written(TRACE, "die.ptrace"), interval)
    units = read_hotspot_floorplan(written(PLAN))
    trace = read_hotspot_trace(written(TRACE, "die.ptrace"), 1.0)
    with pytest.raises(InputError, match="rows = 0 must be a whole number"):
        hotspot_map(units, trace, 0, 4)
    with pytest.raises(InputError, match="needs a power of each of the blocks left, wide, right"):
        hotspot_map(units, xr.DataArray([1.0], {"block": ["left"]}, "block"), 4, 4)
    with pytest.raises(InputError, match="without a unit"):
        blocks_of([])
