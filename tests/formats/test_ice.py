"""3D-ICE files as other people write them: legal variations are read, wrong ones say what is wrong and where."""

import numpy as np
import pytest
from ice_mutations import run as spoil

import thermal as th
from thermal.errors import DataError, InputError
from thermal.formats.ice import read_ice

pytestmark = pytest.mark.compiled
STACK = """
material SILICON :
   thermal conductivity     1.30e-04 ;
   volumetric heat capacity 1.63566e-12 ;
material COPPER :
   thermal conductivity     3.90e-04 ;
   volumetric heat capacity 3.4450e-12 ;
microchannel 4rm :
   height 400 ;
   channel length 100 ;
   wall length 100 ;
   first wall length 50 ;
   last wall length 50 ;
   wall material COPPER ;
   coolant flow rate 200.0 ;
   coolant heat transfer coefficient side 2e-08 , top 3e-08 , bottom 2.5e-08 ;
   coolant volumetric heat capacity 4.16e-12 ;
   coolant incoming temperature 300.0 ;
dimensions :
   chip length 4000 , width 4000 ;
   cell length 100 , width 200 ;
layer LID :
   height 300 ;
   material COPPER ;
die GPU :
   layer 100 SILICON ;
   source 2 SILICON ;
stack:
   layer UP LID ;
   channel CH ;
   layer LOW LID ;
   die DIE GPU floorplan "gpu.flp" ;
solver:
   steady ;
   initial temperature 300.0 ;
output:
   Tmap ( DIE, "die.txt", final ) ;
"""
FLOORPLAN = """
A : position 0, 0 ; dimension 2000, 4000 ; power values 20.0, 0.0 ;
B : position 2000, 0 ; dimension 2000, 4000 ; power values 5.0, 10.0 ;
"""


@pytest.fixture
def written(tmp_path):
    def write(stack=STACK, floorplan=FLOORPLAN):
        (tmp_path / "gpu.flp").write_text(floorplan)
        (tmp_path / "gpu.stk").write_text(stack)
        return tmp_path / "gpu.stk"

    return write


def test_stack_is_read_and_solved(written):
    run = th.steady(read_ice(written()))
    assert run.block.values.tolist() == ["DIE.A", "DIE.B"]
    assert abs(float(run.energy_residual)) < 1e-6
    rise = float(run.T_out) - 26.85
    assert rise == pytest.approx(25.0 / (200e-6 / 60 * 4.16e6), rel=1e-6)
    assert float(run.T_block_highest[0]) > float(run.T_block_highest[1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("material SILICON", "// a comment\n/* and a\nlong one */ material SILICON"),
        ("side 2e-08 , top 3e-08 , bottom 2.5e-08", "top 3e-08 , bottom 2.5e-08 , side 2e-08"),
        ("   layer LOW LID ;\n   die DIE", "   layer LOW LID ;\n\n   die   DIE"),
        ("   cell length 100 , width 200", "   cell length 50 , width 200"),
        ("output:\n   Tmap ( DIE, \"die.txt\", final ) ;\n", ""),
    ],
)  # fmt: skip
def test_the_same_stack_in_other_words(written, old, new):
    assert old in STACK
    plain, other = (read_ice(written(text))._replace(requests=()) for text in (STACK, STACK.replace(old, new)))
    assert plain == other


@pytest.mark.parametrize("name", ["E1", "e", "E", "1E5", "12", "+e-"])
def test_block_names_that_look_like_numbers(written, name):
    """A word before ``position`` is a name, whatever it looks like; the one before it ends the power values."""
    stack = read_ice(written(floorplan=FLOORPLAN.replace("B :", f"{name} :")))
    blocks = next(layer.blocks for layer in stack.layers if layer.blocks)
    assert [(b.name, b.power) for b in blocks] == [("A", (20.0, 0.0)), (name, (5.0, 10.0))]


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_byte_order_mark_is_no_word(tmp_path, mark):
    (tmp_path / "gpu.flp").write_text(mark + FLOORPLAN, encoding="utf-8")
    (tmp_path / "gpu.stk").write_text(mark + STACK, encoding="utf-8")
    assert read_ice(tmp_path / "gpu.stk").layers[0].blocks[0].name == "A"


def test_spoilt_files_are_read_or_refused_by_name(data):
    """A share of ``python tests/ice_mutations.py 2000``: no raw error, no power lost, no warning of numpy's."""
    data("coldplate/3dice/s4rm_200.stk")
    found = spoil(80, seed=1)
    assert set(found) <= {"read", "DataError", "InputError"}
    assert found["DataError"] > 40


def test_optional_walls_and_one_coefficient(written):
    one = STACK.replace("side 2e-08 , top 3e-08 , bottom 2.5e-08", "2e-08")
    one = one.replace("   first wall length 50 ;\n   last wall length 50 ;\n", "")
    one = one.replace("chip length 4000", "chip length 4100")
    stack = read_ice(written(one))
    assert len(set(stack.channel.film)) == 1
    assert stack.channel.first_wall == stack.channel.wall_width


def test_die_above_the_channel_is_the_die_below_upside_down(written):
    """The same layers in the other order, films of floor and roof exchanged, have the same temperatures."""
    turned = STACK.replace(
        "   layer UP LID ;\n   channel CH ;\n   layer LOW LID ;\n   die DIE GPU floorplan \"gpu.flp\" ;\n",
        "   die DIE GPU floorplan \"gpu.flp\" ;\n   layer LOW LID ;\n   channel CH ;\n   layer UP LID ;\n",
    )  # fmt: skip
    turned = turned.replace(
        "   layer 100 SILICON ;\n   source 2 SILICON ;", "   source 2 SILICON ;\n   layer 100 SILICON ;"
    )
    turned = turned.replace("top 3e-08 , bottom 2.5e-08", "top 2.5e-08 , bottom 3e-08")
    for as_3dice in (False, True):
        low, high = (th.steady(read_ice(written(text)), as_3dice=as_3dice) for text in (STACK, turned))
        assert float(abs(low.T_block - high.T_block).max()) < 1e-6
        assert float(abs(low.T_block_highest - high.T_block_highest).max()) < 1e-6


def test_power_by_slot_and_initial_temperature(written):
    text = STACK.replace("steady ;", "transient step 0.01, slot 0.1 ;").replace(
        "temperature 300.0 ;\noutput", "temperature 310.0 ;\noutput"
    )
    run = th.transient(read_ice(written(text)))
    assert run.sizes["time"] == 20
    first, last = run.T_block.sel(time=0.1, method="nearest"), run.T_block[-1]
    assert float(first[0]) > float(last[0])  # A is off in the second slot
    assert float(run.T_block[0].max()) > 35.0  # 310 K less the coolant's 300 K, after one step
    lasting = FLOORPLAN.replace("20.0, 0.0", "0.0").replace("5.0, 10.0", "10.0")
    longer = FLOORPLAN.replace("20.0, 0.0", "20.0, 0.0, 0.0, 0.0").replace("5.0, 10.0", "5.0, 10.0, 10.0, 10.0")
    run = th.transient(read_ice(written(text, longer)))  # ten time constants of the lid
    np.testing.assert_allclose(run.T_block[-1], th.steady(read_ice(written(STACK, lasting))).T_block, atol=1e-2)
    with pytest.raises(InputError, match="steady file"):
        th.transient(read_ice(written()))


@pytest.mark.parametrize("as_3dice", [False, True])
def test_block_that_holds_no_middle_of_a_cell(written, as_3dice):
    """A small block, or a coarse grid: its temperature is that of the cells that it covers."""
    small = "A : position 510, 510 ; dimension 20, 20 ; power values 2.0 ;"
    run = th.steady(read_ice(written(floorplan=small)), as_3dice=as_3dice)
    assert float(run.T_block[0]) == pytest.approx(float(run.T_body[:, 2, 5].max()), abs=1.0)
    coarse = th.steady(read_ice(written()), as_3dice=as_3dice, slices=1)
    assert bool(np.isfinite(coarse.T_block).all())
    assert abs(float(coarse.energy_residual)) < 1e-6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slices": 0}, "slices = 0"),
        ({"slices": "many"}, "slices = 'many'"),
        ({"cells_over_fin": 2.5}, "cells_over_fin = 2.5"),
        ({"slices": 10**8}, "GB"),
        ({"tolerance": "fine"}, "tolerance = 'fine' must be numbers"),
        ({"tolerance": 0.0}, "tolerance = 0 must be from 1e-14 to 0.1"),
    ],
)
def test_wrong_cells_are_explained(written, changes, message):
    with pytest.raises(InputError, match=message):
        th.steady(read_ice(written()), **changes)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source 2 SILICON", "source 2 SILICON ;\n   source 2 SILICON", "a die with a second source"),
        ("microchannel 4rm", "microchannel 3rm", "kind '3rm'"),
        ("microchannel 4rm", "microchannel 2rm", "a first wall of a 2rm microchannel"),
        ("microchannel 4rm", "pinfin 4rm", "expected 'height'"),
        ("microchannel 4rm", "Microchannel 4rm", "keywords are in lower case"),
        ("   channel CH ;\n   layer LOW", "   channel CH ;\n   channel CH2 ;\n   layer LOW", "two channels lie on one"),
        ("width 200", "width 9000", "do not divide the chip's 4000 µm"),
        ("   layer UP LID ;\n", "", "a layer below and a layer above"),
        ("layer LOW LID", "layer LOW BASE", "layer 'BASE' is not defined; there are LID"),
        ("die DIE GPU", "die DIE CPU", "die 'CPU' is not defined"),
        ("layer 100 SILICON", "layer 100 SILICONE", "material 'SILICONE', which is not defined"),
        ("wall material COPPER", "wall material GOLD", "material 'GOLD', which is not defined"),
        ("floorplan \"gpu.flp\"", "floorplan \"none.flp\"", "none.flp: cannot be read"),
        ("floorplan \"gpu.flp\"", "\"gpu.flp\"", "expected 'floorplan'"),
        ("height 400", "height -400", "height = -400 must be a number from zero on"),
        ("height 400", "height 0", "height = 0 must be above zero"),
        ("height 400", "height deep", "'deep' is not a number"),
        ("height 400", "depth 400", "expected 'height'"),
        ("flow rate 200.0", "flow rate nan", "must be a number"),
        ("chip length 4000", "chip length 4030", "do not fill the chip"),
        ("height 400", "height 1e300", "height = 1e\\+300 is outside 0 to 1e"),
        ("height 400", "height 1_000", "'1_000' is not a number"),
        ("conductivity     1.30e-04", "conductivity 130", "conductivity = 130 is outside"),
        ("incoming temperature 300.0", "incoming temperature 0.001", "temperature = 0.001 is outside"),
        ("floorplan \"gpu.flp\"", "floorplan \"gpu\x00.flp\"", "cannot be read"),
        ("   steady ;", "   sometimes ;", "neither steady nor transient"),
        ("   steady ;", "   transient step 0.03, slot 0.1 ;", "no whole number of steps"),
        ("dimensions :", "top pluggable heat sink :\n spreader length 1, width 1, height 1 ;\ndimensions :",
         "a pluggable heat sink is a program of its own"),
        ("dimensions :", "heat sink :\n sink height 1, area 1, material COPPER ;\n heat transfer coefficient 1e-7 ;\n"
         " temperature 300 ;\ndimensions :", "a heat sink with a sink alone"),
        ("stack:", "stapel:", "section 'stapel' is not understood"),
    ],
)  # fmt: skip
def test_wrong_stack_is_explained(written, old, new, message):
    assert old in STACK
    with pytest.raises(DataError, match=message):
        read_ice(written(STACK.replace(old, new)))


@pytest.mark.parametrize("read", [read_ice, th.formats.read_power_map])
def test_what_is_no_file_is_refused(read):
    with pytest.raises(InputError, match="path = 5 must be the name of a file"):
        read(5)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.85])
def test_truncated_stack_is_refused(written, share):
    with pytest.raises(DataError, match=r"gpu.stk"):
        read_ice(written(STACK[: int(share * STACK.index("output"))]))


@pytest.mark.parametrize(
    ("floorplan", "message"),
    [
        ("", "has no block"),
        (FLOORPLAN.replace("20.0", "-20.0"), "power values = -20 must be"),
        (FLOORPLAN.replace("20.0", "hot"), "'hot' is not a number"),
        (FLOORPLAN.replace("dimension 2000, 4000 ; power values 5.0", "dimension 3000, 4000 ; power values 5.0"),
         "block 'B' of 'DIE' reaches beyond"),
        (FLOORPLAN.replace("B :", "A :"), "'A' comes twice"),
        (FLOORPLAN[:60], "may be cut off"),
        ("A : rectangle ( 0, 0, 100, 100 ) ;", "'A' has no power values"),
        ("A : rectangle ( 0, 0, 100 ) ; power values 1 ;", "'power' is not a number"),
    ],
)  # fmt: skip
def test_wrong_floorplan_is_explained(written, floorplan, message):
    with pytest.raises(DataError, match=message):
        read_ice(written(floorplan=floorplan))
