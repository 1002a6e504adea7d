"""Gradients of cold plates: against central differences of whole solutions, bounds, cost, and what has none."""

import numpy as np
import pytest
from plates import COPPER, FLOW, GREASE, SILICON, T_IN

import thermal as th
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.plate.geometry import ColdPlate, Manifold, Pattern
from thermal.errors import InputError
from thermal.plate.conditions import Conditions
from thermal.plate.goal import Aim, Goal, pull
from thermal.plate.gradient import FINE, derivatives, gradient
from thermal.plate.grid import Cells
from thermal.plate.solve import operate

pytestmark = pytest.mark.compiled  # minutes in plain Python

COARSE = Cells(slices=6, base=2, fin=2, cover=1)
STEP = 1e-3  # relative, of fourth-order central differences


@pytest.fixture(scope="module")
def coolant():
    return th.load("coolants/pg25")


def drawn(rng: np.random.Generator) -> dict:
    """A plate of a few channels on two dies, all in one dictionary of numbers that have a gradient."""
    n = int(rng.integers(2, 4)) * 2
    channel, fin = rng.uniform(1e-3, 3e-3, n), rng.uniform(8e-4, 2e-3, n - 1)
    low = rng.uniform(1e-3, 4e-3, (2, 2))
    size = rng.uniform(5e-3, 8e-3, (2, 2))
    kinds = ["parallel", "split", "serpentine", "even", "homogenised", "pins in line"]
    return {
        "pattern": rng.choice(kinds),
        "manifold": rng.choice(list(Manifold)), "walls": int(rng.integers(3, 5)), "low": low, "size": size,
        "breadth": channel.sum() + fin.sum() + 4e-3,
        "numbers": {
            "channel_width": channel, "fin_width": fin, "channel_depth": rng.uniform(1e-3, 3e-3),
            "thickness": rng.uniform(3e-4, 2e-3, 4), "contact": rng.uniform(1e-6, 2e-5, 2),
            "conductivity": np.array([130.0, 4.0, 390.0]) * rng.uniform(0.5, 2.0, 3),
            "flow": FLOW * rng.uniform(0.5, 2.0), "heat": rng.uniform(20.0, 80.0, 2),
        },
    }  # fmt: skip


def conditions(coolant, case: dict, x: dict) -> Conditions:
    """The plate of a case with the numbers `x`."""
    even = case["pattern"] in {"even", "homogenised", "pins in line"}
    channel, fin = (float(x[k][0]) if even else tuple(x[k]) for k in ("channel_width", "fin_width"))
    silicon, grease, copper = (
        m.replace(conductivity=float(k)) for m, k in zip((SILICON, GREASE, COPPER), x["conductivity"], strict=True)
    )
    places = [
        {"x": low[0] + 1.1e-2 * i, "y": low[1], "breadth": size[0], "length": size[1]}
        for i, (low, size) in enumerate(zip(case["low"], case["size"], strict=True))
    ]
    die = Layer(
        name="die", thickness=x["thickness"][0], contact=x["contact"][0], cells=1,
        regions=tuple(Region(material=silicon, **p) for p in places),
        blocks=tuple(Block(name=name, **p) for name, p in zip(("a", "b"), places, strict=True)),
    )  # fmt: skip
    grease_regions = tuple(Region(material=grease, **p) for p in places)
    tim = Layer(name="TIM", thickness=x["thickness"][1], contact=x["contact"][1], regions=grease_regions, cells=1)
    plate = ColdPlate(
        length=0.02, breadth=max(case["breadth"], 0.024), channel_width=channel, fin_width=fin,
        channel_depth=x["channel_depth"], base=x["thickness"][2], cover=x["thickness"][3], metal=copper,
        manifold=case["manifold"] if case["pattern"] in {"parallel", "even"} else Manifold.EVEN, manifold_area=8e-5,
        heated_walls=case["walls"], homogenised=case["pattern"] == "homogenised", passes=2,
        pattern=Pattern(case["pattern"] if case["pattern"] in set(Pattern) else "parallel"),
    )  # fmt: skip
    heat = dict(zip(("a", "b"), x["heat"], strict=True))
    return Conditions.of(plate, Stack(layers=(die, tim)), coolant, heat, x["flow"], T_IN, COARSE, 5e-13)


def slope(f) -> float:
    """Fourth-order central difference at zero."""
    near, far = (f(STEP) - f(-STEP), f(2 * STEP) - f(-2 * STEP))
    return (8.0 * near - far) / (12.0 * STEP)


def along(c: Conditions, found: dict, x: dict, way: dict) -> float:
    """What derivatives say of a change of all numbers by `way` of themselves."""
    total = 0.0
    for name, value in x.items():
        by = found[name]
        by = np.asarray(by[1] if isinstance(by, tuple) else by)
        if name == "contact":
            by = by[:2]
        if name == "conductivity":
            by = np.array([sum(by[found["solid"].index(n)] for n in names) for names in NAMES])
        moved = np.asarray(value * way[name])
        total += float((by * (moved[:1].sum() if name.endswith("_width") and by.ndim == 0 else moved)).sum())
    return total


NAMES = (("die[0]", "die[1]"), ("TIM[0]", "TIM[1]"), ("plate",))


def cells(c: Conditions) -> tuple:
    """What a gradient holds: which cells there are, of what, and between which walls the edges of blocks lie.

    Laws of ducts have kinks at some ratios of width and depth, where a difference across is no derivative.
    """
    grid, plate = c.grid(), c.plate
    widths = np.empty(2 * plate.widths.size)
    widths[0], widths[1::2], widths[2::2] = plate.side_wall, plate.widths, plate.fins
    edges = [v for _, b in grid.sources for v in (b.x, b.right)]
    ratio = tuple(np.digitize(plate.widths / plate.channel_depth, [0.2, 0.5, 1.0, 2.0, 5.0]))
    between = tuple(np.searchsorted(np.cumsum(widths), edges))
    return grid.body.material.shape, grid.body.material.tobytes(), between, ratio


@pytest.mark.parametrize("seed", range(20))
def test_gradient_is_that_of_central_differences(coolant, seed):
    """Twenty drawn plates of all kinds, all numbers changed at once in a drawn direction: within 1e-6."""
    rng, goal = np.random.default_rng(seed), list(Goal)[seed % 5]
    for _ in range(50):
        case = drawn(rng)
        x, even = case["numbers"], case["pattern"] == "even"
        way = {name: rng.uniform(-1.0, 1.0, np.shape(value)) for name, value in x.items()}

        def at(s: float, case: dict = case, x: dict = x, way: dict = way) -> Conditions:
            return conditions(coolant, case, {name: x[name] * (1.0 + s * way[name]) for name in x})

        if cells(at(-2 * STEP)) == cells(at(2 * STEP)):
            break
    aim, c = Aim(goal, None, 1.0), at(0.0)
    found = derivatives(c, operate(c, FINE), aim)
    if even:  # one width of all channels: the sum of what each does
        n = c.plate.channels
        for name, size in (("channel_width", n), ("fin_width", n - 1)):
            x, way = x | {name: np.full(size, x[name][0])}, way | {name: np.full(size, way[name][0])}
    said = along(c, found, x, way)
    assert said == pytest.approx(slope(lambda s: pull(at(s), operate(at(s), FINE), aim).value), rel=1e-6)


def plate(**changes) -> ColdPlate:
    sizes = {"length": 0.03, "breadth": 0.03, "channel_width": 1.5e-3, "fin_width": 1e-3, "channel_depth": 3e-3}
    return ColdPlate(**{**sizes, "base": 1e-3, "metal": COPPER, **changes})


@pytest.fixture(scope="module")
def package():
    return th.load("packages/h100")


def test_a_plate_under_even_heat_has_a_gradient_that_is_even_too(coolant, package):
    """Mirrored channels count alike; heat anywhere warms, a cell of the block as the mean of its cells; flow cools."""
    found = gradient(plate(), package, coolant, 500.0, FLOW, T_IN, cells=COARSE)
    assert found.by_channel_width.values == pytest.approx(found.by_channel_width.values[::-1], rel=1e-6)
    assert found.by_fin_width.values == pytest.approx(found.by_fin_width.values[::-1], rel=1e-6)
    assert found.by_power.min() > 0 > found.by_flow
    assert float(found.by_power.min()) < float(found.by_heat[0]) < float(found.by_power.max())
    assert found.by_thickness.sel(layer=found.by_thickness.layer == "base").attrs["units"] == "K/m"
    assert (found.value.attrs["units"], found.by_flow.attrs["units"]) == ("degC", "K/(m3/s)")
    assert float(found.value) < float(th.steady(plate(), package=package, coolant=coolant, heat=500.0, flow=FLOW,
                                                T_in=T_IN, cells=COARSE).T_junction)  # fmt: skip


def test_one_block_and_the_highest_itself(coolant):
    """Without softness the value is the highest temperature that the plate's result names, of all blocks or of one."""
    die = {"y": 0.006, "breadth": 0.008, "length": 0.01}
    places = [{"x": 0.004, **die}, {"x": 0.017, **die}]
    layer = Layer(
        name="die", thickness=5e-4, regions=tuple(Region(material=SILICON, **p) for p in places),
        blocks=(Block(name="a", **places[0]), Block(name="b", **places[1])),
    )  # fmt: skip
    stack, heat = Stack(layers=(layer,)), {"a": 100.0, "b": 40.0}
    run = th.steady(plate(), package=stack, coolant=coolant, heat=heat, flow=FLOW, T_in=T_IN, cells=COARSE)
    for block, name in ((None, "a"), ("a", "a"), ("b", "b")):
        found = gradient(plate(), stack, coolant, heat, FLOW, T_IN, block=block, softness=0.0, cells=COARSE, by="heat")
        assert float(found.value) == pytest.approx(float(run.T_block_highest.sel(block=name)), abs=1e-3)
        assert set(found.data_vars) == {"value", "by_heat", "energy_residual", "converged"}
        assert str(found.block.values[found.by_heat.values.argmax()]) == name


def test_the_adjoint_costs_no_more_than_one_and_a_half_solutions(coolant, package, monkeypatch):
    """Counted in V-cycles, in which both spend their time."""
    from thermal.physics.conjugate import krylov

    count, cycle = [0], krylov.cycle
    monkeypatch.setattr(krylov, "cycle", lambda *given: (count.__setitem__(0, count[0] + 1), cycle(*given))[1])
    c = Conditions.of(plate(channel_width=4e-4, fin_width=4e-4), package, coolant, 500.0, FLOW, T_IN, COARSE, 1e-10)
    operate(c)
    solution = count[0]
    at = operate(c, FINE)
    before = count[0]
    derivatives(c, at, Aim(Goal.T_JUNCTION, None, 1.0))
    assert count[0] - before <= 1.5 * solution


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"by": "channels"}, "'channels': a whole number has no gradient"),
        ({"by": "passes"}, "'passes': a whole number has no gradient"),
        ({"by": "colour"}, "'colour' is no parameter with a gradient"),
        ({"of": "price"}, "of = 'price'"),
        ({"block": "gpu"}, "block = 'gpu' is none of"),
        ({"block": "package", "of": "R_case"}, "that of the whole plate"),
        ({"of": "R_case", "heat": 0.0}, "R_case has no gradient without heat"),
        ({"softness": -1.0}, "softness = -1"),
    ],
)
def test_what_has_no_gradient_is_refused_by_name(coolant, package, changes, words):
    given = {"plate": plate(), "package": package, "coolant": coolant, "heat": 500.0, "flow": FLOW, "T_in": T_IN}
    with pytest.raises(InputError, match=words):
        gradient(**{**given, "cells": COARSE, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel_width": (1e-3, -1e-3)}, r"channel_width\[1\] = -0.001 m is outside"),
        ({"channel_width": (1e-3,) * 4, "fin_width": (1e-3,) * 4}, "4 channels have 3 fins between them, "),
        ({"channel_width": (1e-3,) * 30, "fin_width": 1e-3}, "leaves -0.0145 m to the wall at each side"),
        ({"channel_width": (1e-3,) * 5, "homogenised": True}, "homogenised fins have one width"),
        ({"channel_width": (1e-3,) * 5, "pattern": Pattern.SERPENTINE}, "do not divide into 2 equal passes"),
    ],
)  # fmt: skip
def test_widths_that_do_not_fit_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        plate(**changes)


def test_widths_all_alike_are_those_of_an_even_plate(coolant, package):
    """A plate told the width of each channel, all the same, is solved as the one told once; a wider one takes more."""
    even = plate()
    each = even.replace(channel_width=tuple(even.widths), fin_width=tuple(even.fins))
    conditions = {"package": package, "coolant": coolant, "heat": 500.0, "flow": FLOW, "T_in": T_IN, "cells": COARSE}
    one, other = th.steady(even, **conditions), th.steady(each, **conditions)
    for name in ("T_junction", "pressure_drop", "channel_flow"):
        assert other[name].values == pytest.approx(one[name].values, rel=1e-12)
    widths = list(even.widths)
    widths[2] *= 1.2
    wider = th.steady(even.replace(channel_width=tuple(widths)), **conditions).channel_flow
    assert wider[2] > 1.2 * wider[3]  # more than its area
    assert abs(float(wider.sum() / one.channel_flow.sum()) - 1) < 1e-9
