"""A reduced plate of two states that is solved by hand: its matrices, gains, steps, tables and guards; no solver."""

import math

import numpy as np
import pytest

import thermal as th
from thermal.components.plate.reduced import ReducedPlate, _lagrange
from thermal.errors import DataError, InputError, ThermalError

FLOWS = (1e-5, 2e-5, 4e-5)
LOSS = np.array([[0.5, 1.0], [1.0, 2.0], [2.0, 4.0]])  # 1/s, of both states at each flow
DROPS = (1e3, 3e3, 12e3)


def _plate(**changes):
    """dx_i/dt = −a_i x_i + b_i·u: block, then the inlet's rise; case and outlet are states."""
    drive = np.array([[[0.02, a[0]], [0.04, a[1]]] for a in LOSS])
    read = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.8, 0.0], [1.0, 0.0], [0.0, 1.0]])
    through = np.array([[0.1, 0.0], [0.1, 0.0], [0.0, 0.0], [0.3, 0.0], [0.0, 0.0], [0.0, 0.0]])
    # points: mean of the block; three that compete for its hot spot; case; outlet
    fields = {
        "flows": FLOWS, "drops": DROPS, "generator": np.array([-np.diag(a) for a in LOSS]), "drive": drive,
        "read": read, "through": through, "first": np.array([0, 1, 4, 5]), "shares": (1.0,), "blocks": ("die",),
        "T_in": 30.0, "rho_cp": 4e6, "heat_capacity": 100.0, "error": 0.01, "grid": "by hand",
    }  # fmt: skip
    return ReducedPlate(**{**fields, **changes})


PLATE = _plate()


def _at(flow):
    """States' loss at a flow: the quadratic in ln flow through powers of two is no power of two between them."""
    x = math.log2(flow / 1e-5)
    weight = np.array([(x - 1) * (x - 2) / 2, -x * (x - 2), x * (x - 1) / 2])
    return weight @ LOSS, weight


@pytest.mark.parametrize("flow", [1e-5, 1.3e-5, 2e-5, 3.1e-5, 4e-5])
def test_matrices_are_the_polynomial_through_the_samples(flow):
    a, weight = _at(flow)
    A, B = PLATE.matrices(flow)
    np.testing.assert_allclose(A, -np.diag(a), atol=1e-12)
    np.testing.assert_allclose(B, [[0.02, a[0]], [0.04, a[1]]], atol=1e-12)
    np.testing.assert_allclose(_lagrange(np.array([0.0, 1.0, 2.0]), math.log2(flow / 1e-5)), weight, atol=1e-12)


def test_of_many_samples_the_nearest_four_share():
    """Samples of a cubic in ln flow, one of them far off: the four around a flow do not feel the others."""
    nodes = np.arange(7.0)
    flows = tuple(1e-5 * math.e**k for k in nodes)
    value = 1.0 + 0.1 * nodes**2
    value[[0, 6]] = 3.0, 9.0
    plate = _plate(flows=flows, drops=tuple(1e3 + 1e3 * nodes), generator=np.array([-np.eye(2) * v for v in value]),
                   drive=np.array([[[0.02, v], [0.04, v]] for v in value]))  # fmt: skip
    for x in (2.5, 3.3, 2.1):
        k = int(x) - 1  # two below and two above
        inside = value[k : k + 4]
        cubic = np.polynomial.polynomial.Polynomial.fit(nodes[k : k + 4], inside, 3)(x)
        assert plate.matrices(1e-5 * math.e**x)[0][0, 0] == pytest.approx(-cubic, rel=1e-9)


@pytest.mark.parametrize("flow", [1e-5, 3.1e-5])
def test_gain_and_resistance_by_hand(flow):
    """Steady: x_i = (b_i q + a_i u)/a_i. Hot spot: the highest of 0.1 + x_1, (x_1 + x_2)/2, 0.3 + 0.8 x_1."""
    a, _ = _at(flow)
    x = np.array([0.02, 0.04]) / a
    gain = PLATE.gain(flow)
    np.testing.assert_allclose(gain[:, 0], [0.1 + x[0], 0.1 + x[0], x.mean(), 0.3 + 0.8 * x[0], x[0], x[1]], rtol=1e-12)
    np.testing.assert_allclose(gain[:, 1], [1.0, 1.0, 1.0, 0.8, 1.0, 1.0], rtol=1e-12)
    assert PLATE.resistance(flow) == pytest.approx(x[0], rel=1e-12)
    assert PLATE.highest(gain[:, 0]).tolist() == pytest.approx([0.1 + x[0], 0.3 + 0.8 * x[0], x[0], x[1]])


def test_a_step_is_exact_for_constant_inputs():
    decay, drive = PLATE.at(2e-5, 0.3)
    np.testing.assert_allclose(decay, np.diag(np.exp([-0.3, -0.6])), atol=1e-12)
    gained = (1 - np.exp([-0.3, -0.6])) / [1.0, 2.0]
    np.testing.assert_allclose(drive, [[0.02 * gained[0], gained[0]], [0.04 * gained[1], 2 * gained[1]]], atol=1e-12)
    table = PLATE.step_table(0.3)
    assert table.start == pytest.approx(math.log(1e-5))
    assert table.spacing == pytest.approx(math.log(4.0) / 32)
    np.testing.assert_allclose(table.matrix[16], np.hstack([decay, drive]), atol=1e-9)  # the middle of the range
    np.testing.assert_allclose(table.matrix[0][:, :2], np.diag(np.exp([-0.15, -0.3])), atol=1e-9)
    np.testing.assert_allclose(table.matrix[32][:, :2], np.diag(np.exp([-0.6, -1.2])), atol=1e-9)


@pytest.mark.parametrize("varies", [False, True])
def test_a_march_by_hand(varies):
    """Heat 50 W from the second step on; the inlet 2 K warmer in the last. With a flow that varies, step by step."""
    heat = np.array([[0.0], [50.0], [50.0]])
    flow = np.array([2e-5, 2e-5, 4e-5]) if varies else 2e-5
    T_in = np.array([40.0, 40.0, 42.0])
    run = PLATE.march(heat, flow, T_in, 0.3)
    x, T = np.zeros(2), []
    for q, u, a in zip(heat[:, 0], T_in - 40.0, ([1, 2], [1, 2], [2, 4] if varies else [1, 2]), strict=True):
        a = np.array(a, float)
        rest = np.array([0.02, 0.04]) * q / a + u
        x = rest + (x - rest) * np.exp(-0.3 * a)
        T.append([x[0] + 0.1 * q, max(x[0] + 0.1 * q, x.mean(), 0.8 * x[0] + 0.3 * q), x[0], x[1]])
    T = 40.0 + np.array(T)
    np.testing.assert_allclose(run.T_block[:, 0], T[:, 0], rtol=1e-9)
    np.testing.assert_allclose(run.T_block_highest[:, 0], T[:, 1], rtol=1e-9)
    np.testing.assert_allclose(run.T_case, T[:, 2], rtol=1e-9)
    np.testing.assert_allclose(run.T_out, T[:, 3], rtol=1e-9)
    np.testing.assert_allclose(run.time, [0.3, 0.6, 0.9])


def test_pressure_drop_is_a_line_in_logarithms_and_goes_on():
    assert PLATE.pressure_drop(2e-5) == pytest.approx(3e3)
    assert PLATE.pressure_drop(math.sqrt(2) * 1e-5) == pytest.approx(1e3 * math.sqrt(3))
    assert PLATE.pressure_drop(math.sqrt(2) * 2e-5) == pytest.approx(6e3)
    assert PLATE.pressure_drop(8e-5) == pytest.approx(48e3)
    assert PLATE.pressure_drop(0.5e-5) == pytest.approx(1e3 / 3)
    water = th.load("coolants/water").properties(30.0)
    law = PLATE.branch_law(water)
    assert law.flow == pytest.approx(4e-5 * water.density)
    assert law.curve.head[-1] == pytest.approx(12e3)


def test_the_table_of_a_loop_gives_the_resistance_back():
    table = PLATE.table
    for k, flow in ((0, 1e-5), (-1, 4e-5)):
        C, R = 4e6 * flow, PLATE.resistance(flow)
        assert math.exp(table[2][k]) == pytest.approx(-C * math.log(1 - 1 / (C * R)), rel=1e-6)
    assert table[0] == pytest.approx(math.log(1e-5))
    assert table[0] + 255 * table[1] == pytest.approx(math.log(4e-5))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"drops": DROPS[:2]}, "as many drops"),
        ({"generator": PLATE.generator[:2]}, "as many drops"),
        ({"drive": PLATE.drive[:2]}, "as many drops"),
        ({"flows": (1e-5, 1e-5, 4e-5)}, "ascending"),
        (
            {"flows": FLOWS[:1], "drops": DROPS[:1], "generator": PLATE.generator[:1], "drive": PLATE.drive[:1]},
            "two or",
        ),
        ({"flows": (0.0, 2e-5, 4e-5)}, "above zero"),
        ({"drops": (0.0, 3e3, 12e3)}, "above zero"),
        ({"shares": (-0.1,)}, "from zero on"),
        ({"read": np.full((6, 2), np.nan)}, "not finite"),
        ({"generator": np.zeros((3, 2, 2))}, "not stable"),
        ({"generator": np.array([[[-1.0, 2.1], [0.0, -1.0]]] * 3)}, "not stable"),  # A + Aᵀ has −2 ± 2.1
    ],
)
def test_what_is_no_plate_is_refused(changed, words):
    with pytest.raises(ThermalError, match=words):
        _plate(**changed)


def test_what_is_just_one_is_taken_and_signed_by_its_numbers(tmp_path):
    two = _plate(flows=FLOWS[:2], drops=DROPS[:2], generator=PLATE.generator[:2], drive=PLATE.drive[:2])
    assert two.matrices(math.sqrt(2) * 1e-5)[0][0, 0] == pytest.approx(-0.75)  # a line of two samples
    assert _plate(shares=(0.0,)).shares == (0.0,)
    assert _plate(generator=np.array([[[-1.0, 1.9], [0.0, -1.0]]] * 3))
    again = ReducedPlate.load(PLATE.save(tmp_path / "plate"))
    assert again == PLATE
    assert hash(again) == hash(PLATE)
    assert PLATE.replace(error=0.02) != PLATE
    assert PLATE.replace(error=0.02).digest != PLATE.digest
    (tmp_path / "no.npz").write_bytes(b"PK")
    with pytest.raises(DataError, match="not a whole file"):
        ReducedPlate.load(tmp_path / "no.npz")
    assert "2 states, 1 blocks, 0.6 to 2.4 L/min, error 1.0%" in str(PLATE)


@pytest.mark.parametrize("flow", [0.999e-5, 4.001e-5])
def test_beyond_its_flows_it_says_so(flow):
    with pytest.raises(InputError, match="outside the reduced plate"):
        PLATE.matrices(flow)
    with pytest.raises(InputError, match="outside the reduced plate"):
        PLATE.march(np.ones((2, 1)), np.array([2e-5, flow]), 40.0, 0.1)
    for edge in (FLOWS[0] * (1 - 5e-10), FLOWS[-1] * (1 + 5e-10)):
        assert PLATE.matrices(edge)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"heat": np.ones((3, 2))}, r"\(steps, 1\)"),
        ({"heat": np.ones((0, 1))}, "no step"),
        ({"heat": -np.ones((3, 1))}, "heat"),
        ({"flow": np.full(2, 2e-5)}, "flow of shape"),
        ({"T_in": np.full(4, 40.0)}, "T_in of shape"),
        ({"step": 0.0}, "step"),
    ],
)
def test_inputs_of_a_march_are_named(changed, words):
    given = {"heat": np.ones((3, 1)), "flow": 2e-5, "T_in": 40.0, "step": 0.1, **changed}
    with pytest.raises(InputError, match=words):
        PLATE.march(**given)
