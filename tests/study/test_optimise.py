"""Optima, fronts and limits whose places are known by hand; what is impossible is said, not returned as an answer."""

import numpy as np
import pytest

import thermal as th
from thermal.errors import ConvergenceError, InputError
from thermal.study import sweep
from thermal.study.find import find
from thermal.study.optimise import nondominated, optimise
from thermal.study.sample import sample


def bowl(x, y):
    return {"cost": (x - 1.0) ** 2 + 10.0 * (y + 2.0) ** 2, "sum": x + y}


def test_a_bowl_has_its_bottom():
    best = optimise(bowl, minimise="cost", x=(-5.0, 5.0), y=(-5.0, 5.0))
    assert (float(best.x), float(best.y)) == pytest.approx((1.0, -2.0), abs=1e-4)
    assert bool(best.feasible)


def test_a_constraint_moves_it_to_the_edge():
    """min (x − 1)² + 10 (y + 2)² with x + y ≥ 2: by Lagrange x − 1 = 10 (y + 2) = 30/11."""
    best = optimise(bowl, minimise="cost", subject_to={"sum": ">= 2"}, x=(-5.0, 5.0), y=(-5.0, 5.0))
    assert (float(best.x), float(best.y)) == pytest.approx((1 + 30 / 11, -2 + 3 / 11), abs=1e-3)
    assert float(best.slack_sum_low) == pytest.approx(0.0, abs=1e-5)
    assert float(best.slack_sum_low) >= 0.0
    assert bool(best.feasible)


def test_many_valleys():
    """Rastrigin in two variables: 121 minima, one at the origin."""

    def hills(x, y):
        return {"z": 20 + x**2 + y**2 - 10 * (np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y))}

    best = optimise(hills, minimise="z", x=(-5.12, 4.0), y=(-5.12, 4.0), seed=1)
    assert float(best.z) == pytest.approx(0.0, abs=1e-6)


def test_integers_and_lists():
    """Pumps in parallel: n pumps of power n·(q/n)³ and a price of 0.1 each; q = 3: n³ = 2·27/0.1 → 8.14, so 8."""
    best = optimise(lambda n, kind: {"cost": 27.0 / n**2 + 0.1 * n + (kind != "b")}, minimise="cost",
                    n=range(1, 40), kind=["a", "b", "c"])  # fmt: skip
    assert (int(best.n), str(best.kind.values)) == (8, "b")
    whole = min(27.0 / n**2 + 0.1 * n for n in range(1, 40))
    assert float(best.cost) == whole


def test_parts_can_be_chosen():
    pumps = [th.load("pumps/google_deschutes"), th.load("pumps/vertiv_xdu1350").replace(efficiency=0.5)]
    best = optimise(lambda pump: {"loss": 1 - pump.efficiency}, minimise="loss", pump=pumps)
    assert str(best.pump.values) == "pumps/google_deschutes"


def test_maximise_by_a_minus():
    best = optimise(lambda x: {"gain": 3.0 - (x - 0.3) ** 2}, minimise="-gain", x=(0.0, 1.0))
    assert float(best.gain) == pytest.approx(3.0, abs=1e-9)


def test_what_is_impossible_is_no_answer():
    best = optimise(bowl, minimise="cost", subject_to={"sum": ">= 20"}, x=(-5.0, 5.0), y=(-5.0, 5.0))
    assert not bool(best.feasible)
    assert float(best.slack_sum_low) == pytest.approx(-10.0, abs=0.05)  # least violation is at the corner x + y = 10


def test_points_that_fail_are_avoided():
    def f(x):
        if x < 0.5:
            raise ConvergenceError("residual 3 W")
        return {"cost": x, "converged": x < 2.0}

    best = optimise(f, minimise="cost", x=(0.0, 3.0))
    assert float(best.cost) == pytest.approx(0.5, abs=1e-3)
    assert best.attrs["failed"] > 0


def test_a_sweep_is_a_warm_start():
    runs = sweep(bowl, x=np.linspace(-5, 5, 21), y=np.linspace(-5, 5, 21))
    calls = []

    def counted(x, y):
        calls.append((x, y))
        return bowl(x, y)

    best = optimise(counted, minimise="cost", warm=runs, x=(-5.0, 5.0), y=(-5.0, 5.0), most=60)
    assert (float(best.x), float(best.y)) == pytest.approx((1.0, -2.0), abs=1e-4)
    assert not set(calls) & {(x, y) for x in runs.x.values.tolist() for y in runs.y.values.tolist()}
    assert len(calls) == best.attrs["calls"]
    drawn = sample(bowl, 64, x=(-5.0, 5.0), y=(-5.0, 5.0))
    assert bool(optimise(bowl, minimise="cost", warm=drawn, x=(-5.0, 5.0), y=(-5.0, 5.0)).feasible)
    with pytest.raises(InputError, match="no case lies within"):
        optimise(bowl, minimise="cost", warm=drawn, x=(50.0, 51.0), y=(50.0, 51.0))
    with pytest.raises(InputError, match="have no 'z'"):
        optimise(lambda z: {"cost": z}, minimise="cost", warm=drawn, z=(0.0, 1.0))


def test_a_front_is_the_exact_one():
    """Schaffer: f1 = x², f2 = (x − 2)²; on the front √f1 + √f2 = 2."""
    front = optimise(lambda x: {"a": x**2, "b": (x - 2) ** 2}, minimise=("a", "b"), points=7, x=(-3.0, 5.0))
    assert front.sizes["case"] >= 7
    np.testing.assert_allclose(np.sqrt(front.a) + np.sqrt(front.b), 2.0, atol=2e-3)
    assert float(front.a[0]) == pytest.approx(0.0, abs=1e-4)
    assert float(front.b[-1]) == pytest.approx(0.0, abs=1e-4)
    assert (np.diff(front.a) > 0).all()
    assert (np.diff(front.b) < 0).all()


def test_the_front_of_a_sweep():
    runs = sweep(lambda x, y: {"a": x + y, "b": -x + 0.1 * y}, x=[0.0, 1.0, 2.0], y=[0.0, 1.0])
    found = nondominated(runs, "a", "b")
    assert found.a.values.tolist() == [0.0, 1.0, 2.0]  # y = 1 is worse in both
    assert found.y.values.tolist() == [0.0, 0.0, 0.0]
    failed = runs.where(runs.x != 1.0)
    assert nondominated(failed, "a", "b").x.values.tolist() == [0.0, 2.0]


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"minimise": "price"}, "no single number 'price'"),
        ({"subject_to": {"margin": ">= 5"}}, "no single number 'margin'"),
        ({"subject_to": {"sum": "> 5"}}, "'>= 5' or '<= 5'"),
        ({"subject_to": {"sum": 5}}, "object is not iterable|'>= 5'"),
        ({"x": (1.0, 1.0)}, "low < high"),
        ({"x": 3.0}, "low, high"),
        ({"x": []}, "no values"),
        ({"minimise": ("cost", "sum", "x")}, "one name or two"),
        ({"minimise": 3}, "one name or two"),
        ({"seed": -1}, "seed = -1 must be a whole number from 0"),
        ({"most": 0}, "most = 0 must be a whole number from 1"),
    ],
)
def test_bad_searches_are_named(more, match):
    given = {"minimise": "cost", "x": (0.0, 1.0), "y": (0.0, 1.0), **more}
    with pytest.raises((InputError, TypeError), match=match):
        optimise(bowl, **given)


def test_a_search_in_which_all_fails_says_why():
    with pytest.raises(InputError, match="cost is not finite at any of the 16 points"):
        optimise(lambda x: {"cost": np.nan}, minimise="cost", x=(0.0, 1.0))
    with pytest.raises(InputError, match=r"points so far failed; the first, x=.*ValueError: no water"):
        optimise(lambda x: (_ for _ in ()).throw(ValueError("no water")), minimise="cost", x=(0.0, 1.0))


def test_a_root_is_found():
    found = find(lambda x, a: {"margin": a - x**3}, "margin", equals=1.0, x=(0.0, 5.0), a=9.0)
    assert float(found.x) == pytest.approx(2.0, abs=1e-6)
    assert bool(found.converged)
    assert abs(float(found.residual)) < 1e-5
    assert float(found.a) == 9.0


def test_a_root_between_ends_of_one_sign():
    found = find(lambda x: {"y": (x - 1.0) * (x - 4.0)}, "y", x=(0.0, 6.0))
    assert float(found.x) == pytest.approx(1.0, abs=1e-6)


def test_a_root_that_only_touches():
    """No change of sign: it is found where one of the nine points between the ends, or an end, meets it."""
    assert float(find(lambda x: {"y": (x - 5.0) ** 2}, "y", x=(0.0, 10.0)).x) == 5.0
    assert float(find(lambda x: {"y": x}, "y", x=(0.0, 7.0)).x) == 0.0
    assert float(find(lambda x: {"y": x}, "y", x=(-7.0, 0.0)).x) == 0.0


def test_a_jump_is_not_called_a_root():
    found = find(lambda x: {"y": -1.0 if x < 2.0 else 3.0}, "y", x=(0.0, 5.0))
    assert not bool(found.converged)
    assert float(found.x) == pytest.approx(2.0, abs=1e-6)


def test_a_limit_of_a_design():
    """The flow at which a plate's case reaches 65 °C."""
    plate, package = th.load("cold_plates/ocp_1kw"), th.load("packages/gb200_gpu")

    def operate(flow, heat):
        return th.steady(plate, package=package, coolant=plate.coolant, heat=heat, flow=flow, T_in=40.0)

    found = find(operate, "T_case", equals=65.0, flow=(8e-6, 6e-5), heat=1000.0)
    assert float(operate(float(found.flow), 1000.0).T_case) == pytest.approx(65.0, abs=1e-4)


def test_a_limit_out_of_reach_says_what_is_reached():
    with pytest.raises(InputError, match=r"y = 9 is not reached for x from 0 to 1: there it goes from 0 to 1"):
        find(lambda x: {"y": x}, "y", equals=9.0, x=(0.0, 1.0))
    with pytest.raises(InputError, match="not 2: x, y"):
        find(bowl, "cost", x=(0.0, 1.0), y=(0.0, 1.0))
    with pytest.raises(InputError, match="not 0: none"):
        find(bowl, "cost", x=1.0, y=1.0)
    with pytest.raises(InputError, match="no single number 'z'"):
        find(bowl, "z", x=(0.0, 1.0), y=1.0)
    with pytest.raises(InputError, match="did not converge at x = 0"):
        find(lambda x: {"y": x, "converged": False}, "y", x=(0.0, 1.0))
    with pytest.raises(InputError, match="y is nan at x = 0"):
        find(lambda x: {"y": np.nan}, "y", x=(0.0, 1.0))
