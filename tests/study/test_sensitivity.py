"""Sobol indices against functions whose indices are known, and against the estimate of SciPy."""

import sys

import numpy as np
import pytest
from scipy import stats

from thermal.errors import InputError
from thermal.study.sensitivity import sensitivity

# Ishigami with a = 7, b = 0.1: exact indices from its variances (Saltelli et al., Global Sensitivity Analysis, 2008).
A, B = 7.0, 0.1
V1, V2, V13 = 0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, B**2 * np.pi**8 * 8 / 225
V = V1 + V2 + V13
FIRST, TOTAL = np.array([V1, V2, 0.0]) / V, np.array([V1 + V13, V2, V13]) / V
RANGES = dict.fromkeys(("a", "b", "c"), (-np.pi, np.pi))


def ishigami(a, b, c):
    return {"y": np.sin(a) + A * np.sin(b) ** 2 + B * c**4 * np.sin(a), "plain": 3.0 * a}


@pytest.fixture(scope="module")
def found():
    return sensitivity(ishigami, 2048, **RANGES)


def test_ishigami_has_its_exact_indices(found):
    y = found.sel(result="y")
    np.testing.assert_allclose(y.first_order, FIRST, atol=0.02)
    np.testing.assert_allclose(y.total_order, TOTAL, atol=0.02)
    np.testing.assert_allclose(found.total_order.sel(result="plain"), [1.0, 0.0, 0.0], atol=0.01)


def test_a_constant_beside_the_result_changes_nothing(found):
    """The estimators take the mean off: with 100 added to a function of standard deviation 3.7 too."""
    y = found.sel(result="y")
    far = sensitivity(lambda a, b, c: {"y": ishigami(a, b, c)["y"] + 100.0}, 2048, **RANGES).sel(result="y")
    np.testing.assert_allclose(far.first_order, y.first_order, atol=1e-9)
    np.testing.assert_allclose(far.total_order, y.total_order, atol=1e-9)


def test_scipy_agrees(found):
    theirs = stats.sobol_indices(
        func=lambda x: ishigami(*x)["y"], n=2048, dists=3 * [stats.uniform(-np.pi, 2 * np.pi)], rng=0
    )
    np.testing.assert_allclose(found.first_order.sel(result="y"), theirs.first_order, atol=0.04)
    np.testing.assert_allclose(found.total_order.sel(result="y"), theirs.total_order, atol=0.04)


def test_intervals_hold_the_exact_value_about_as_often_as_they_say():
    """90 % intervals of six indices over 20 draws: the exact value inside 90 to 119 times of 120.

    Sobol points scatter less than the bootstrap of independent points assumes, so more than 90 % are expected.
    """
    inside = 0
    for seed in range(20):
        y = sensitivity(ishigami, 256, seed=seed, confidence=0.9, of="y", workers=1, progress=False, **RANGES)
        for order, exact in (("first_order", FIRST), ("total_order", TOTAL)):
            low, high = y[f"{order}_low"].values[0], y[f"{order}_high"].values[0]
            inside += int(((low <= exact + 1e-12) & (exact <= high + 1e-12)).sum())
    assert 90 <= inside <= 120


def test_cases_that_fail_count_in_no_index():
    def sometimes(a, b, c):
        if a > 3.0:
            raise ValueError("no")
        return ishigami(a, b, c)

    y = sensitivity(sometimes, 512, of="y", **RANGES)
    assert y.attrs["cases_not_done"] > 0
    assert 400 < int(y.points[0]) < 512
    assert np.isfinite(y.total_order).all()
    few = sensitivity(lambda a: {"y": a if a < 0.5 else np.nan}, 16, a=(0.0, 1.0))
    assert np.isnan(few.first_order).all()


def test_a_result_that_does_not_vary_has_no_index():
    assert np.isnan(sensitivity(lambda a: {"y": 1.0 + 0 * a}, 32, a=(0.0, 1.0)).total_order).all()


def test_bad_use_is_named(monkeypatch):
    with pytest.raises(InputError, match="one of sobol, morris, pawn"):
        sensitivity(ishigami, 8, method="fast", **RANGES)
    with pytest.raises(InputError, match="z is not one number"):
        sensitivity(ishigami, 8, of="z", **RANGES)
    with pytest.raises(InputError, match="confidence"):
        sensitivity(ishigami, 8, confidence=95, **RANGES)
    monkeypatch.setitem(sys.modules, "SALib", None)
    for method in ("morris", "pawn"):
        with pytest.raises(InputError, match=r"thermal-toolkit\[uq\]"):
            sensitivity(ishigami, 8, method=method, **RANGES)


@pytest.mark.parametrize("method", ["morris", "pawn"])
def test_salib_ranks_as_the_exact_indices(method):
    """Exact total order ranks a, b, c; Morris' mean of magnitudes and PAWN's median must put c last, and a not last."""
    pytest.importorskip("SALib")
    found = sensitivity(ishigami, 512, method=method, of="y", **RANGES).sel(result="y")
    measure = found["mu_star" if method == "morris" else "median"]
    assert str(measure.input.values[np.argmin(measure.values)]) != "b"
    assert (measure > 0).all()
