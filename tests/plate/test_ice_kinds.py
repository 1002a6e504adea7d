"""3D-ICE stacks of each kind: two ways of solving, limits by hand, other grids, several cavities, requests."""

import numpy as np
import pytest
from ice_stacks import DIES, PINS, POROUS, RESOLVED, SILICON, STEADY, TRANSIENT, TWO, WATER, dimensions, sink, write

import thermal as th
from thermal.errors import InputError
from thermal.formats.ice import read_ice
from thermal.plate.ice import solve

pytestmark = pytest.mark.compiled
SMALL = dimensions(1000, 1000, (50, 100))
SMALL_QUARTERS = """a : position 0, 0 ; dimension 475, 500 ; power values 1.0, 0.5, 1.5 ;
b : position 475, 0 ; dimension 525, 500 ; power values 0.5, 2.0, 0.5 ;
c : rectangle (0, 500, 475, 250) ; rectangle (0, 750, 475, 250) ; power values 1.5, 0.0, 1.0 ;
d : position 475, 500 ; dimension 525, 500 ; power values 2.0, 1.0, 0.0 ;
"""
POWER = {"upper": SMALL_QUARTERS, "lower": SMALL_QUARTERS}
ASKS = """   Tflp ( die1, "max.txt", maximum, step ) ;
   Tflp ( die1, "min.txt", minimum, step ) ;
   Tflp ( die1, "mean.txt", average, step ) ;
   Tflp ( die1, "spread.txt", gradient, step ) ;
   Tflpel ( die1 . c, "c.txt", average, slot ) ;
   Tmap ( die1, "map.txt" ) ;
   Tmap ( channel1, "coolant.txt", final ) ;
   Pmap ( die1, "power.txt", slot ) ;
   T ( die1, 1000, 1000, "corner.txt", step ) ;
   T ( die1, "first.txt", 0, 0, step ) ;
   Tcoolant ( channel1, "out.txt", average, step ) ;
   Tcoolant ( channel1, "out.txt", maximum ) ;
   T3d ( "all.vtk" ) ;
"""


@pytest.mark.parametrize("as_3dice", [True, False])
@pytest.mark.parametrize("ask", [th.steady, th.transient])
def test_a_matrix_and_multigrid_agree(tmp_path, monkeypatch, as_3dice, ask):
    """The stack that both can solve: cells, coolant, blocks, and everything that the file asks for."""
    solver = STEADY if ask is th.steady else TRANSIENT.replace("slot 0.02", "slot 0.01")
    stack = read_ice(write(tmp_path, SILICON, RESOLVED, SMALL, DIES, TWO, solver, asks=ASKS, **POWER))
    one = ask(stack, as_3dice=as_3dice, cells_over_fin=3, tolerance=1e-10)
    monkeypatch.setattr(solve, "_by_multigrid", lambda stack: False)
    two = ask(stack, as_3dice=as_3dice, cells_over_fin=3, tolerance=1e-10)
    assert set(one.variables) == set(two.variables)
    for name in one.data_vars:
        assert one[name].dims == two[name].dims
        if name != "energy_residual":
            assert np.abs(one[name].values - two[name].values).max() < 2e-6, name


def test_every_request_says_what_it_is(tmp_path):
    solver = TRANSIENT.replace("slot 0.02", "slot 0.01")
    run = th.transient(
        read_ice(write(tmp_path, SILICON, POROUS, SMALL, DIES, TWO, solver, asks=ASKS, **POWER)), as_3dice=True
    )
    assert run.sizes["time"] == 15
    assert run.slot.values == pytest.approx([0.01, 0.02, 0.03])
    assert run["max.txt"].dims == ("time", "block of die1")
    assert run["max.txt"]["block of die1"].values.tolist() == ["a", "b", "c", "d"]
    assert np.allclose(run["spread.txt"], run["max.txt"] - run["min.txt"], rtol=0, atol=1e-12)
    assert bool(((run["min.txt"] <= run["mean.txt"]) & (run["mean.txt"] <= run["max.txt"])).all())
    assert run["c.txt"].values == pytest.approx(run["mean.txt"].values[4::5, 2])
    assert run["map.txt"].dims == ("y", "x")
    assert float(run["map.txt"].max()) == pytest.approx(float(run["max.txt"][-1].max()))
    assert run["corner.txt"].values[-1] == run["map.txt"].values[-1, -1]
    assert run["first.txt"].values[-1] == run["map.txt"].values[0, 0]
    assert run["power.txt"].sum(("y", "x")).values == pytest.approx([5.0, 3.5, 3.0])
    assert run["out.txt (11)"].values[-1] == pytest.approx(run["coolant.txt"].values[-1].mean())
    assert float(run["out.txt (12)"]) == pytest.approx(float(run["coolant.txt"][-1].max()))
    assert run["all.vtk"].sizes == {"cell": 8 * 200}
    assert run["spread.txt"].attrs == {"units": "K", "request": "Tflp (die1, gradient, step)"}
    assert "counts the first column" in run.attrs["neglected"]
    assert run.T_out.values == pytest.approx(run["out.txt (11)"].values)


@pytest.mark.parametrize("as_3dice", [True, False])
@pytest.mark.parametrize("cavity", [POROUS, PINS, RESOLVED], ids=["2rm", "pins", "4rm"])
def test_two_cavities_share_the_heat_of_what_lies_between(tmp_path, cavity, as_3dice):
    """A stack that is its own mirror image, films of floor and roof alike: equal streams, each with half the heat."""
    even = cavity.replace("5.7132e-8", "4.7132e-8").replace("5.7132e-08", "4.7132e-08")
    dies = "layer lid : height 60 ; material silicon ;\n"
    dies += "die core : layer 20 silicon ; source 4 silicon ; layer 20 silicon ;\n"
    stack = 'stack : layer top lid ; channel c2 ; die die1 core floorplan "lower.flp" ; channel c1 ; layer base lid ;\n'
    cells = SMALL if cavity is RESOLVED else dimensions(1000, 1000, (100, 100))
    run = th.steady(read_ice(write(tmp_path, SILICON, even, cells, dies, stack, STEADY, **POWER)), as_3dice=as_3dice)
    low, high = (run.T_coolant.values[:, run.cavity.values == name] for name in ("c1", "c2"))
    assert low.shape == high.shape
    assert np.abs(low - high).max() < 1e-8
    assert np.abs(run.T_body[0] - run.T_body[-1]).max() < 1e-8
    rate = 2 * 4.172638e6 * (1.1066 * 100e-6 * 1e-3 if cavity is PINS else 48e-6 / 60)
    assert float(run.T_out) - 26.85 == pytest.approx(5.0 / rate, rel=1e-9)
    assert abs(float(run.energy_residual)) < 1e-8


@pytest.mark.parametrize("as_3dice", [True, False])
def test_one_wide_channel_is_a_march_by_hand(tmp_path, as_3dice):
    """Even heat, next to no conduction along: a straight rise of the coolant, and resistances in series above it."""
    thin = "material silicon : thermal conductivity 1.3e-4, 1.3e-4, 1.3e-4 ; volumetric heat capacity 1.6e-12 ;\n"
    thin += "material slow : thermal conductivity 1.3e-4, 1e-11, 1.3e-4 ; volumetric heat capacity 1.6e-12 ;\n"
    dies = "layer lid : height 60 ; material slow ;\ndie core : layer 30 slow ; source 4 slow ; layer 50 slow ;\n"
    channel = POROUS.replace("wall material silicon", "wall material slow")
    stack = 'stack : layer top lid ; channel c1 ; die die1 core floorplan "lower.flp" ;\n'
    even = "one : position 0, 0 ; dimension 1000, 8000 ; power values 8.0 ;\n"
    asks = '   Tmap ( die1, "source.txt" ) ;\n   Tmap ( c1, "coolant.txt" ) ;\n'
    path = write(
        tmp_path, thin, channel, dimensions(1000, 8000, (1000, 200)), dies, stack, STEADY, lower=even, asks=asks,
    )  # fmt: skip
    run = th.steady(read_ice(path), as_3dice=as_3dice)
    rows = np.arange(1, 41)
    rate, flux = 4.172638e6 * 48e-6 / 60, 8.0 / (1e-3 * 8e-3)
    coolant = run["coolant.txt"].values[:, 0] - 26.85
    if as_3dice:  # central advection: with an even number of slices two by two alike
        assert coolant == pytest.approx(8.0 / rate / 20 * (rows // 2), abs=1e-7)
    else:  # the mean in a slice is that of a constant wall temperature
        number = (5.7132e4 + 4.7132e4) * 1e-3 * 200e-6 / rate
        assert coolant == pytest.approx(8.0 / rate * (rows - 0.5 + number / 12) / 40, abs=1e-8)
    over_walls = 1 / (1 / 4.7132e4 + 100e-6 / (130.0 * 0.5))
    above = flux * (32e-6 / 130.0) + flux / (5.7132e4 + over_walls)  # half the source and the layer over it
    assert run["source.txt"].values[:, 0] - 26.85 - coolant == pytest.approx(np.full(40, above), rel=1e-4)


@pytest.mark.parametrize("as_3dice", [True, False])
@pytest.mark.parametrize("cavity", [POROUS, PINS, ""], ids=["2rm", "pins", "solid"])
def test_a_grid_that_is_uniform_after_all(tmp_path, cavity, as_3dice):
    """Blocks and layers divided so that their cells are those of the uniform grid give its temperatures."""
    dies = "layer lid : height 60 ; material silicon ;\n" + DIES
    two = "stack : layer top lid ;" + TWO.removeprefix("stack :")
    two = two if cavity else two.replace("   channel channel1 ;\n", "")
    blocks = "".join(
        f"{n} : position {x}, {y} ; dimension 500, 500 ; {{cells}} power values {p} ;\n"
        for n, x, y, p in (("a", 0, 0, 1.0), ("b", 500, 0, 0.5), ("c", 0, 500, 1.5), ("d", 500, 500, 2.0))
    )
    runs = []
    for more, cells in (("", ""), ("non-uniform true ;", "discretization 5, 10 ;")):
        plan = blocks.format(cells=cells)
        size = dimensions(1000, 1000, (100, 50), more)
        path = write(tmp_path, SILICON, sink("top"), cavity, size, dies, two, STEADY, upper=plan, lower=plan)
        runs.append(th.steady(read_ice(path), as_3dice=as_3dice))
    assert np.abs(runs[0].T_block.values - runs[1].T_block.values).max() < 1e-8
    assert np.abs(runs[0].T_block_highest.values - runs[1].T_block_highest.values).max() < 1e-8
    assert "T_body" in runs[0]
    assert "T_body" not in runs[1]


@pytest.mark.parametrize(("as_3dice", "contact"), [(True, 2 / 3), (False, 1 / 3)])
def test_cells_of_unequal_blocks_side_by_side(tmp_path, as_3dice, contact):
    """One cell beside three: by hand, the middle contact two thirds long as that program has it, or a third."""
    size = dimensions(1000, 600, (1000, 600), "non-uniform true ;")
    plan = """one : position 0, 0 ; dimension 400, 600 ; discretization 1, 1 ; power values 3.0 ;
three : position 400, 0 ; dimension 600, 600 ; discretization 1, 3 ; power values 0.3 ;
"""
    stack = 'die only : source 50 silicon ;\nstack : die die1 only floorplan "lower.flp" ;\n'
    asks = '   Tmap ( die1, "map.txt" ) ;\n   T ( die1, 700, 300, "middle.txt" ) ;\n'
    asks += '   Tflpel ( die1.three, "mean.txt", average ) ;\n'
    path = write(tmp_path, SILICON, sink("top"), size, stack, STEADY, lower=plan, asks=asks)
    run = th.steady(read_ice(path), as_3dice=as_3dice)
    A, area = np.zeros((4, 4)), np.array([400 * 600, 600 * 200, 600 * 200, 600 * 200]) * 1e-12
    A[np.arange(4), np.arange(4)] = area / (25e-6 / 130.0 + 1 / 1e5)
    beside = 50e-6 / (200e-6 / 130.0 + 300e-6 / 130.0)
    on = 130.0 * 50e-6 * 600e-6 / 200e-6
    for i, j, g in (
        (0, 1, beside * 200e-6),
        (0, 2, beside * 600e-6 * contact),
        (0, 3, beside * 200e-6),
        (1, 2, on),
        (2, 3, on),
    ):
        A[i, i] += g
        A[j, j] += g
        A[i, j] -= g
        A[j, i] -= g
    by_hand = 26.85 + np.linalg.solve(A, [3.0, 0.1, 0.1, 0.1])
    assert run["map.txt"].values == pytest.approx(by_hand, abs=1e-9)
    assert float(run["middle.txt"]) == pytest.approx(by_hand[2], abs=1e-9)
    assert float(run["mean.txt"]) == pytest.approx(by_hand[1:].mean(), abs=1e-9)
    assert ("too long" in run.attrs.get("neglected", "")) is as_3dice


def test_our_steps_are_of_second_order_and_hardly_overshoot(tmp_path):
    """A step of power: halving the step divides the error by four; one long step comes to rest."""

    def last(step, until=0.02):
        solver = f"solver : transient step {step}, slot {until} ; initial temperature 300 ;\n"
        plan = SMALL_QUARTERS
        for old in ("1.0, 0.5, 1.5", "0.5, 2.0, 0.5", "1.5, 0.0, 1.0", "2.0, 1.0, 0.0"):
            plan = plan.replace(old, old.split(",")[0])
        path = write(tmp_path, SILICON, POROUS, SMALL, DIES, TWO, solver, upper=plan, lower=plan)
        return th.transient(read_ice(path), tolerance=1e-11), th.steady(read_ice(path))

    (exact, rest), *others = [last(step) for step in (2e-5, 4e-4, 2e-4)]
    errors = [
        float(
            abs(run.T_block.sel(time=0.004, method="nearest") - exact.T_block.sel(time=0.004, method="nearest")).max()
        )
        for run, _ in others
    ]
    assert 3.2 < errors[0] / errors[1] < 4.8
    long, _ = last(2e-2)
    assert bool((long.T_block - rest.T_block <= 0.2**4 * (rest.T_block - 26.85)).all())  # in one piece up to 0.2
    assert float(abs(long.energy_residual).max()) < 1e-9


def test_a_stack_that_nothing_cools(tmp_path):
    two = TWO.replace("   channel channel1 ;\n", "")
    path = write(tmp_path, SILICON, SMALL, DIES, two, STEADY, **POWER)
    with pytest.raises(InputError, match="nothing takes the heat away"):
        th.steady(read_ice(path))
    path = write(tmp_path, SILICON, SMALL, DIES, two, TRANSIENT, **POWER)
    run = th.transient(read_ice(path), as_3dice=True)
    stored = 1.63566e6 * 1e-3 * 1e-3 * 100e-6
    assert float(run.T_block[-1].mean()) - 26.85 == pytest.approx(2 * (5 + 3.5 + 3) * 0.02 / stored, rel=0.02)


def test_channels_that_do_not_fit_the_chip_share_the_flow(tmp_path):
    """That program counts whole channels; ours carry the whole flow, and the result says what differs."""
    path = write(tmp_path, SILICON, POROUS, dimensions(1060, 1000, (106, 100)), DIES, TWO, STEADY, **POWER)
    theirs, ours = (th.steady(read_ice(path), as_3dice=as_3dice) for as_3dice in (True, False))
    rate = 4.172638e6 * 48e-6 / 60
    assert float(theirs.T_out) - 26.85 == pytest.approx(10.0 / (rate * 10.6 / 11), rel=1e-9)
    assert "11 of 10.60 channels share the flow: the streams carry 96.4% of it" in theirs.attrs["neglected"]
    assert float(ours.T_out) - 26.85 == pytest.approx(10.0 / rate, rel=1e-9)


def test_power_ends_with_the_shortest_list(tmp_path):
    uneven = SMALL_QUARTERS.replace("1.0, 0.5, 1.5", "1.0, 0.5")
    path = write(tmp_path, SILICON, POROUS, SMALL, DIES, TWO, TRANSIENT, upper=uneven, lower=SMALL_QUARTERS)
    run = th.transient(read_ice(path))
    assert float(run.time[-1]) == pytest.approx(0.04)
    assert "power values beyond slot 2" in run.attrs["neglected"]


def test_pins_say_what_their_film_does_not_know(tmp_path):
    other = PINS.replace("pin diameter 50", "pin diameter 70").replace(WATER, WATER)
    path = write(tmp_path, SILICON, other, SMALL, DIES, TWO, STEADY, **POWER)
    assert "diameter, pitch and coolant do not enter" in th.steady(read_ice(path)).attrs["neglected"]


def test_more_cells_than_fit_are_refused_before_they_are_made(tmp_path):
    path = write(tmp_path, SILICON, POROUS, dimensions(1000, 1000, (0.1, 0.1)), DIES, TWO, STEADY, **POWER)
    with pytest.raises(InputError, match="800,000,000 cells, more than the 1,500,000"):
        th.steady(read_ice(path))
    path = write(tmp_path, SILICON, POROUS, SMALL, DIES, TWO, STEADY, **POWER)
    with pytest.raises(InputError, match="cells, more than"):
        th.steady(read_ice(path), slices=10**8)
    size = dimensions(1000, 1000, (50, 100), "non-uniform true ;")
    plan = "a : position 0, 0 ; dimension 1000, 1000 ; discretization 9999, 9999 ; power values 1 ;"
    path = write(tmp_path, SILICON, POROUS, size, DIES, TWO, STEADY, upper=plan, lower=plan)
    with pytest.raises(InputError, match="399,920,804 cells"):
        th.steady(read_ice(path))
    path = write(
        tmp_path,
        SILICON,
        POROUS,
        size,
        DIES,
        TWO,
        STEADY,
        upper=plan.replace("9999", "9"),
        lower=plan.replace("9999", "9"),
    )
    with pytest.raises(InputError, match="divides each of its blocks"):
        th.steady(read_ice(path), slices=5)
