"""The grammars of 3D-ICE 1 to 4: what each version writes is read alike, and what is not read is refused by name."""

import pytest
from ice_stacks import (
    ALUMINA,
    DIES,
    PINS,
    POROUS,
    RESOLVED,
    SILICON,
    SPREADER,
    STEADY,
    TRANSIENT,
    TWO,
    WHOLE,
    dimensions,
    sink,
    write,
)

from thermal.errors import DataError
from thermal.formats.ice import Cavity, IceRectangle, IceSink, read_ice

SIZE = dimensions()
VERSION_1 = """conventional heat sink :
   heat transfer coefficient 1.0e-7 ;
   ambient temperature 300 ;
"""
LAYER = "layer lid : height 60 ; material silicon ;\n"
BY_NAME = DIES.replace("layer 48 silicon", "layer thick").replace("source 2", "source  2.0")
THREE = SILICON.replace("1.30e-04", "1.30e-04, 1.30e-04, 1.30e-04")
WITH_LAYER = "stack : layer top lid ;" + TWO.removeprefix("stack :")


def _read(folder, *sections, **more):
    return read_ice(write(folder, *sections, **more))


@pytest.mark.parametrize(
    "sections",
    [
        (SILICON, sink("top"), POROUS, SIZE, LAYER, DIES, WITH_LAYER, STEADY),
        (SILICON, VERSION_1, POROUS, DIES, SIZE, WITH_LAYER.replace("top lid", "top 60 silicon"), STEADY),
        (SILICON, sink("top"), POROUS, SIZE, LAYER, DIES, WITH_LAYER, STEADY + "   numofcores 4 ;\n"),
        (SILICON, sink("top"), POROUS, SIZE + "   non-uniform false ;\n", LAYER, DIES, WITH_LAYER, STEADY),
        (SILICON, sink("top"), POROUS, SIZE, LAYER, BY_NAME, WITH_LAYER, STEADY.replace("steady", "steady state")),
        (THREE, sink("top"), POROUS, SIZE, LAYER, DIES, WITH_LAYER, "// done\n/* almost ; */" + STEADY),
    ],
    ids=["4", "1", "cores", "uniform", "by name", "three conductivities"],
)  # fmt: skip
def test_versions_say_the_same(tmp_path, sections):
    sections = [s.replace(LAYER, LAYER + "layer thick : height 48 ; material silicon ;\n") for s in sections]
    stack = _read(tmp_path, *sections)
    plain = _read(tmp_path, SILICON, sink("top"), POROUS, SIZE, LAYER, DIES, WITH_LAYER, STEADY)
    assert stack == plain
    assert stack.top == IceSink(pytest.approx(1e5), pytest.approx(26.85))
    assert stack.channel.cavity is Cavity.POROUS
    assert stack.channel.film == pytest.approx((5.7132e4, 0.0, 4.7132e4))
    assert [layer.name for layer in stack.layers] == ["die1", "die1", "channel1", "die2", "die2", "top"]


def test_what_a_stack_holds(tmp_path):
    size = dimensions(more="non-uniform true ;")
    stack_4 = TWO.replace('"upper.flp"', '"upper.flp" discretization 4 5').replace('"lower.flp"', '"cells.flp"')
    plan = "a : position 0, 0 ; dimension 10000, 10000 ; material gold ; discretization 6, 7 ; power values 2, 3 ;"
    gold = "material gold : thermal conductivity 3.1e-4, 3.2e-4, 3.3e-4 ; volumetric heat capacity 2.5e-12 ;\n"
    asks = (
        '   T ( die1, 5000, 3000, "t.txt", step ) ;\n   T ( die1, "old.txt", 5000, 3000 ) ;\n'
        '   Tflpel ( die1 . a, "e.txt", gradient, slot ) ;\n   Tflpel(die1.a,"f.txt",minimum);\n'
        '   T3d ( "all.vtk" ) ;\n'
    )
    stack = _read(
        tmp_path, SILICON, gold, sink("top", 2e-8, 310), sink("bottom"), PINS, size, DIES, stack_4, TRANSIENT,
        asks=asks, upper=WHOLE, cells_flp=plan,
    )  # fmt: skip
    assert stack.materials["gold"].conductivity == pytest.approx((310.0, 320.0, 330.0))
    assert stack.channel.porosity == pytest.approx(0.80365, abs=1e-5)
    assert stack.channel.velocity == pytest.approx(1.1066)
    assert (stack.uniform, stack.step, stack.slot) == (False, 0.002, 0.02)
    assert {layer.name: layer.cells for layer in stack.layers} == {"die1": None, "channel1": None, "die2": (4, 5)}
    block = next(layer.blocks[0] for layer in stack.layers if layer.name == "die1" and layer.blocks)
    assert (block.material, block.cells, block.power) == ("gold", (6, 7), (2.0, 3.0))
    assert block.rectangles == (IceRectangle(0.0, 0.0, pytest.approx(0.01), pytest.approx(0.01)),)
    assert [(r.kind, r.file, r.block, r.quantity, r.instant) for r in stack.requests] == [
        ("T", "t.txt", "", "", "step"), ("T", "old.txt", "", "", "final"), ("Tflpel", "e.txt", "a", "gradient", "slot"),
        ("Tflpel", "f.txt", "a", "minimum", "final"), ("T3d", "all.vtk", "", "", "final"),
    ]  # fmt: skip
    assert (stack.requests[1].x, stack.requests[1].y) == pytest.approx((0.005, 0.003))


def test_floorplan_beside_the_stack_or_where_the_program_runs(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    path = write(tmp_path / "deep", SILICON, POROUS, SIZE, DIES, TWO, STEADY)
    plain = read_ice(path)
    for name in ("upper.flp", "lower.flp"):
        (tmp_path / "deep" / name).rename(tmp_path / name)
    with pytest.raises(DataError, match=r"upper\.flp: cannot be read"):
        read_ice(path)
    monkeypatch.chdir(tmp_path)
    assert read_ice(path) == plain


PLAN = "a : position 0, 0 ; dimension 10000, 10000 ; power values 1 ;"
GOOD = (SILICON, POROUS, SIZE, DIES, TWO, STEADY)
TILED = (SILICON, POROUS, dimensions(more="non-uniform true ;"), DIES, TWO, STEADY)
LAID = LAYER.replace("silicon ;", 'silicon ; layout "x.mlt" ;')


@pytest.mark.parametrize(
    ("sections", "more", "message"),
    [
        ((SILICON, "top pluggable heat sink :\n spreader length 1 ;\n"), {}, "write a 'top heat sink' with the film"),
        ((SILICON, "heat sink :\n sink height 1 ;\n material a ;\n"), {}, "expected 'area'"),
        ((SILICON, SPREADER.replace("area 1e10", "area 1e8")), {}, "the spreader is larger than the sink on it"),
        ((SILICON, SPREADER.replace("heat sink :", "bottom heat sink :")), {}, "that program has them on top only"),
        ((*GOOD, SPREADER), {}, "the heat sink is of material 'alumina', which is not defined"),
        ((*GOOD, ALUMINA, SPREADER.replace("9e08", "9e07")), {}, "the spreader's area is smaller than the chip's"),
        ((SILICON, PINS.replace("pin diameter 50", "pin diameter 100"), SIZE), {}, "pins of 100 µm at a pitch of 100"),
        ((SILICON, PINS.replace("inline", "random"), SIZE), {}, "'random' is not defined; there are inline, staggered"),
        ((SILICON, POROUS.replace("top 4.7132e-8 , ", "side 1e-8 , "), SIZE), {}, "coefficients of top and bottom"),
        ((SILICON, RESOLVED.replace("microchannel 4rm", "channel")), {}, "what is 'microchannel 4rm' now"),
        ((SILICON, sink("environment")), {}, "what is 'top heat sink' now"),
        (GOOD[:-1], {}, "which was told on its command line: add 'solver"),
        ((SILICON, SILICON), {}, "material 'silicon' comes twice"),
        ((SILICON, dimensions(more="non-uniform maybe ;")), {}, "'maybe' is not defined; there are true, false"),
        ((SILICON.replace("1.30e-04", "1.30e-04, 1.30e-04"),), {}, "2 thermal conductivities"),
        ((SILICON, POROUS, SIZE, DIES.replace("source 2", "layer 2")), {}, "a die without a source"),
        ((SILICON, SIZE, DIES, TWO), {}, "neither microchannel nor pinfin"),
        ((SILICON, POROUS, SIZE, DIES, TWO.replace("die die1", "die die2")), {}, "'die2' of the stack comes twice"),
        ((SILICON, POROUS, dimensions(cell=(300, 200)), DIES, TWO, STEADY), {}, "cells of length 300 µm do not divide"),
        ((SILICON, POROUS, SIZE, DIES, TWO, STEADY.replace("300.0", '"T.txt"')), {}, "from a file are not read"),
        (GOOD, {"upper": PLAN.replace("power values 1 ;", "")}, "over a network"),
        (GOOD, {"asks": "   Tmean ( die1 ) ;\n"}, "known are T, Tflp, Tflpel"),
        (GOOD, {"asks": '   Tmap ( die7, "a" ) ;\n'}, "no element 'die7'"),
        (GOOD, {"asks": "   Tmap ( die1, a ) ;\n"}, "name of a file in quotes"),
        (GOOD, {"asks": '   Tflp ( die1, "a", mean ) ;\n'}, "none of maximum"),
        (GOOD, {"asks": '   Tflp ( channel1, "a", average ) ;\n'}, "must be a die"),
        (GOOD, {"asks": '   Tcoolant ( die1, "a", average ) ;\n'}, "must be a channel"),
        (GOOD, {"asks": '   Tflpel ( die1.z, "a", average ) ;\n'}, "no block 'z'"),
        (GOOD, {"asks": '   T ( die1, 20000, 0, "a" ) ;\n'}, "beyond the chip"),
        (TILED, {}, "several rectangles on a grid that is not uniform"),
        (TILED,
         {"upper": PLAN.replace("dimension 10000", "dimension 5000"), "lower": PLAN}, "cover 50.00% of the die"),
        (TILED,
         {"upper": PLAN + PLAN.replace("a :", "b :"), "lower": PLAN}, "'a' and 'b' of 'die2' overlap"),
        ((SILICON, POROUS, SIZE, LAID, DIES, TWO, STEADY),
         {"x_mlt": "gold : position 0, 0 ; dimension 1, 1 ;"}, "material 'gold' is not defined"),
        ((SILICON, "/* all the rest\n", SIZE, STEADY), {}, "a comment that '/\\*' opens is not closed"),
        ((SILICON, RESOLVED.replace("channel length 50", "channel length 0"), SIZE), {}, "must be above zero"),
        (GOOD, {"upper": PLAN.replace("0, 0 ;", "-1, 0 ;")}, "a number from zero on"),
        (GOOD,
         {"upper": "a : rectangle (0, 0, 20000, 100) ; power values 1 ;"}, "'a' of 'die2' reaches beyond the chip"),
        ((SILICON, sink("top"), sink("bottom"), SIZE, "die one : source 50 silicon ;\n",
          'stack : die d one floorplan "upper.flp" ;\n', STEADY), {}, "one layer between two heat sinks"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named(tmp_path, sections, more, message):
    with pytest.raises(DataError, match=message):
        _read(tmp_path, *sections, **more)
