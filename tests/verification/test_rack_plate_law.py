"""Reduced plates step by step, by hand: their states, what is read from them, and how racks watch them."""

import math
from typing import NamedTuple

import numpy as np
import pytest

from thermal.physics.machines.reduced_plate import FlowTable, march_between, march_reduced
from thermal.physics.network.rack_plate import PLATE_ROW, Plates, follow, rest_plate, watch


def test_march_at_one_flow_by_hand():
    """x ← A x + B u from (1, 2): first (0.5 + 3, 0.2 + 1) = (3.5, 1.2), then (1.75 + 5, 0.7 + 0.12) = (6.75, 0.82)."""
    state = np.array([[1.0, 2.0], [0.0, 0.0]])
    A, B = np.array([[0.5, 0.0], [0.2, 0.1]]), np.array([[1.0, 2.0], [0.8, 0.0]])
    read, through = np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([[0.1, 10.0], [0.0, 7.0]])
    u, y = np.array([[1.0, 1.0], [0.0, 2.5]]), np.zeros((2, 2))
    march_reduced(state, A, B, read, through, u, y)
    np.testing.assert_allclose(state[0], [1.75 + 5.0, 0.7 + 0.12])
    np.testing.assert_allclose(y, [[7.0 + 1.2 + 0.1 + 10.0, 3.6 + 7.0], [13.5 + 0.82 + 25.0, 2.46 + 17.5]])


def test_march_between_flows_by_hand():
    """A third of the way in ln flow: decay 0.5 and 0.8 make 0.6, drives 1 and 4 make 2, 3 and 0 make 2; ends hold."""
    table = FlowTable(math.log(2.0), math.log(8.0), np.array([[[0.5, 1.0, 3.0]], [[0.8, 4.0, 0.0]]]))
    state, y = np.array([[10.0], [0.0]]), np.zeros((3, 1))
    flow, u = np.array([4.0, 1.0, 64.0]), np.array([[1.0, 0.5], [1.0, 1.0], [2.0, 9.0]])
    march_between(state, table, np.array([[2.0]]), np.array([[0.25, 100.0]]), flow, u, y)
    states = [6.0 + 2.0 + 1.0, 4.5 + 1.0 + 3.0, 0.8 * 8.5 + 8.0]
    np.testing.assert_allclose(y[:, 0], [2 * states[0] + 50.25, 2 * states[1] + 100.25, 2 * states[2] + 900.5])


class Net(NamedTuple):
    first: np.ndarray
    racks: np.recarray
    loops: np.recarray


class State(NamedTuple):
    loops: np.recarray
    racks: np.recarray


def rows(**columns):
    names = [(name, "f8") for name in columns]
    return np.rec.array(list(zip(*columns.values(), strict=True)), dtype=names)


def watched(flow, T_lumped=50.0):
    """A lumped and a reduced plate under 400 W each and coolant of 32 °C, which is 2 K over the model's inlet."""
    racks = np.zeros(2, PLATE_ROW).view(np.recarray)
    racks.model, racks.R_junction_case = [-1, 0], 0.02
    plates = Plates(
        racks, np.zeros((2, 2, 1)), np.array([math.log(1e-5)]), np.array([math.log(2.0)]),
        np.array([[[[0.5, 1e-3, 0.1]], [[0.5, 2e-3, 0.1]]]]), np.array([[[2.0], [1.0], [0.5]]]),
        np.array([[[0.01, 1.0], [0.02, 1.0], [0.005, 1.0]]]), np.array([2]), np.array([30.0]), np.array([1e-5]),
        np.array([2e-5]), np.zeros(2),
    )  # fmt: skip
    net = Net(
        np.array([0, 2]),
        rows(plate_heat=[0.8, 0.8], plates=[10.0, 10.0], plate_flow=[0.01, 0.01]),
        rows(rho_cp=[4e6]),
    )
    F = 4e6 * 100.0 * flow
    watch(
        plates, net, 0, State(rows(T_supply=[32.0]), rows(T_case=[T_lumped] * 2, F=[F, F])), np.array([5000.0, 5000.0])
    )
    return plates


def test_a_plate_at_rest_stays_there_whatever_its_inlet():
    """x = (I − A)⁻¹ B u by hand, at an inlet 5 K over that of the model, and a step moves nothing; pivots are found."""
    A = np.array([[0.0, 0.5, 0.0], [0.3, 0.0, 0.2], [0.1, 0.4, 0.6]])
    B = np.array([[1e-3, 0.4], [2e-3, 0.1], [5e-4, -0.2]])
    plates = watched(1e-5)._replace(
        state=np.zeros((2, 2, 3)), matrix=np.array([[np.hstack([A, B]), np.hstack([A, B])]]),
        read=np.ones((1, 3, 3)), through=np.ones((1, 3, 2)),
    )  # fmt: skip
    rest_plate(plates, 1, 400.0, 1.5e-5, 35.0, np.zeros((3, 4)))
    u = np.array([400.0, 5.0])
    np.testing.assert_allclose(plates.state[1, 0], np.linalg.inv(np.eye(3) - A) @ B @ u, rtol=1e-13)
    before = plates.state[1, 0].copy()
    follow(plates, 1, 400.0, 1.5e-5, 35.0, 50.0)
    np.testing.assert_allclose(plates.state[1, 0], before, rtol=1e-13)


def test_a_rack_watches_its_plates_by_hand():
    """x = 0.4 + 0.2; spots 4 + 2 + 1.2 and 8 + 2 + 0.6, case 2 + 2 + 0.3 over 30 °C; the lumped one 50 + 0.02·400."""
    plates = watched(1e-5)
    np.testing.assert_allclose(plates.racks.T_case, [50.0, 34.3])
    np.testing.assert_allclose(plates.racks.T_junction, [58.0, 40.6])
    np.testing.assert_allclose(plates.state[:, 0, 0], [0.0, 0.6])
    assert plates.racks.outside.tolist() == [0, 0]


@pytest.mark.parametrize(("T_lumped", "case", "junction"), [(50.0, 50.0, 58.0), (34.0, 34.5, 42.0), (20.0, 34.5, 41.0)])
def test_beyond_its_flows_the_hotter_plate_counts(T_lumped, case, junction):
    """Held at the last flow: x = 0.8 + 0.2, case 2 + 2 + 0.5, spots 4 + 2 + 2 and 8 + 2 + 1."""
    plates = watched(3e-5, T_lumped)
    assert plates.racks.T_case[1] == pytest.approx(case)
    assert plates.racks.T_junction[1] == pytest.approx(junction)
    assert plates.racks.outside.tolist() == [0, 1]
