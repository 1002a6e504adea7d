import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thermal.timeline import elapsed_seconds, usual_step


@given(st.floats(0.01, 1e4), st.integers(3, 200), st.data())
def test_a_removed_row_is_found(step, rows, draw):
    hole = draw.draw(st.integers(1, rows - 2)) if rows > 4 else 1
    found, broken = usual_step(np.delete(np.arange(rows) * step, hole))
    if rows > 4:
        assert abs(found - step) <= 1e-6 * step
        assert broken.tolist() == [hole]


def test_dates_and_seconds_are_one():
    dates = np.datetime64("2026-01-01", "ns") + np.arange(3) * np.timedelta64(1500, "ms")
    np.testing.assert_array_equal(elapsed_seconds(dates), [0.0, 1.5, 3.0])
    np.testing.assert_array_equal(elapsed_seconds(np.array([5.0, 6.5, 8.0])), [0.0, 1.5, 3.0])


def test_repeats_are_broken():
    assert usual_step(np.array([0.0, 0.0, 1.0, 2.0]))[1].tolist() == [1]
