"""Samples: the points asked for, the function at each, and a store that grows without running anything twice."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from thermal.errors import ConvergenceError, InputError
from thermal.study import sweep
from thermal.study.sample import METHODS, sample

RUNS: list[float] = []


def f(x, y):
    RUNS.append(x)
    return xr.Dataset({"p": x * y, "q": ("time", x + np.arange(3.0))}, {"time": np.arange(3.0)})


@pytest.mark.parametrize("method", METHODS)
def test_every_case_is_the_function_at_its_point(method):
    runs = sample(f, 16, method=method, x=(1.0, 2.0), y=(-5, -3))
    np.testing.assert_allclose(runs.p, runs.x * runs.y, rtol=1e-15)
    assert runs.q.dims == ("case", "time")
    assert ((runs.x >= 1) & (runs.x <= 2) & (runs.y >= -5) & (runs.y <= -3)).all()
    xr.testing.assert_identical(runs, sample(f, 16, method=method, x=(1.0, 2.0), y=(-5, -3), workers=1))
    assert not np.array_equal(runs.x, sample(f, 16, method=method, seed=1, x=(1.0, 2.0), y=(-5, -3)).x)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_few_points_are_as_many_as_asked(method, n):
    runs = sample(f, n, method=method, x=(1.0, 2.0), y=(-5, -3))
    assert np.unique(runs.x).size == runs.sizes["case"] == n


@pytest.mark.parametrize("method", ["sobol", "lhs"])
def test_each_variable_fills_its_range_evenly(method):
    """One point in each of n equal strips: exact for Latin hypercubes, and for Sobol points of a power of two."""
    runs = sample(f, 64, method=method, x=(0.0, 1.0), y=(0.0, 64.0))
    assert sorted(np.floor(64 * runs.x.values).astype(int)) == list(range(64))
    assert sorted(np.floor(runs.y.values).astype(int)) == list(range(64))


def test_distributions_are_drawn_as_they_are():
    runs = sample(f, 1024, x=stats.norm(3.0, 0.5), y=stats.uniform(1.0, 2.0))
    assert float(runs.x.mean()) == pytest.approx(3.0, abs=5e-3)
    assert float(runs.x.std()) == pytest.approx(0.5, rel=2e-2)
    assert stats.kstest(runs.x, stats.norm(3.0, 0.5).cdf).statistic < 0.01
    assert abs(np.corrcoef(runs.x, runs.y)[0, 1]) < 0.02
    exact = 3.0 * 2.0  # mean of a product of independent variables
    assert float(runs.p.mean()) == pytest.approx(exact, rel=2e-3)


def test_lists_are_axes_with_the_same_points():
    runs = sample(f, 8, x=(0.0, 1.0), y=[1.0, 2.0])
    assert runs.p.dims == ("case", "y")
    np.testing.assert_array_equal(runs.p.sel(y=2.0), 2 * runs.p.sel(y=1.0))
    np.testing.assert_array_equal(runs.p.sel(y=1.0), runs.x)


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_a_store_grows(tmp_path, method):
    RUNS.clear()
    sample(f, 16, method=method, x=(0.0, 1.0), y=(0.0, 1.0), save=tmp_path, workers=1)
    more = sample(f, 50, method=method, x=(0.0, 1.0), y=(0.0, 1.0), save=tmp_path, workers=1)
    assert len(RUNS) == 50
    assert len(set(RUNS)) == 50
    xr.testing.assert_identical(more, sample(f, 50, method=method, x=(0.0, 1.0), y=(0.0, 1.0)))
    RUNS.clear()
    fewer = sample(f, 10, method=method, x=(0.0, 1.0), y=(0.0, 1.0), save=tmp_path, workers=1)
    assert not RUNS
    np.testing.assert_array_equal(fewer.p, more.p[:10])


def test_another_draw_is_not_continued(tmp_path):
    given = {"x": (0.0, 1.0), "y": stats.norm(0, 1), "save": tmp_path}
    sample(f, 4, **given)
    for other in ({"seed": 1}, {"method": "random"}, {"x": (0.0, 2.0)}, {"y": stats.norm(0, 2)}):
        with pytest.raises(InputError, match="another draw of case"):
            sample(f, 4, **{**given, **other})
    sample(f, 4, method="lhs", x=(0, 1), y=(0, 1), save=tmp_path / "lhs")
    with pytest.raises(InputError, match="another draw"):
        sample(f, 8, method="lhs", x=(0, 1), y=(0, 1), save=tmp_path / "lhs")


def test_a_sweep_store_grows_with_its_values(tmp_path):
    RUNS.clear()
    sweep(f, x=[2.0, 4.0], y=[1.0], save=tmp_path, workers=1)
    grown = sweep(f, x=[1.0, 2.0, 3.0, 4.0], y=[1.0, 5.0], save=tmp_path, workers=1)
    assert len(RUNS) == 8
    xr.testing.assert_identical(grown, sweep(f, x=[1.0, 2.0, 3.0, 4.0], y=[1.0, 5.0]))
    RUNS.clear()
    turned = sweep(f, x=[4.0, 3.0, 2.0, 1.0], y=[5.0, 1.0], save=tmp_path, workers=1)
    assert not RUNS
    xr.testing.assert_equal(turned.sortby(["x", "y"]).p, grown.p)
    with pytest.raises(InputError, match="other axes"):
        sweep(f, x=[1.0, 2.0], y=[1.0, 5.0], save=tmp_path)


def test_a_failed_case_is_nan_with_its_status():
    def g(x):
        if x > 0.5:
            raise ConvergenceError("residual 3 W")
        return {"p": x, "x": 7.0}

    runs = sample(g, 32, x=(0.0, 1.0))
    assert set(runs.status.values.tolist()) == {"done", "not converged"}
    np.testing.assert_array_equal(np.isnan(runs.p), runs.x > 0.5)
    assert runs.x_result.dropna("case").values.tolist() == [7.0] * 16
    assert runs.attrs["cases_not_converged"] == 16


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"x": (1.0, 1.0)}, "low < high"),
        ({"x": (0.0, np.nan)}, "low < high"),
        ({"x": 3.0}, "low, high"),
        ({"x": (0, 1, 2)}, "low, high"),
        ({"x": ("a", "b")}, "low, high"),
        ({"x": (False, True)}, "low, high"),
        ({"n": 0}, "n = 0"),
        ({"n": 2.5}, "n = 2.5"),
        ({"seed": -1}, "seed = -1"),
        ({"seed": None}, "seed = None"),
        ({"method": "halton"}, "must be one of sobol, lhs, random"),
        ({"x": stats.norm(0.0, -1.0)}, "distribution of x"),
        ({"case": (0, 1)}, "rename the variable"),
    ],
)
def test_bad_use_is_named(more, match):
    given = {"n": 4, "x": (0.0, 1.0), "y": (0.0, 1.0), **more}
    with pytest.raises(InputError, match=match):
        sample(f, given.pop("n"), **given)
