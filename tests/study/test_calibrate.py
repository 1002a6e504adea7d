"""Known parameters are found within their stated intervals as often as stated; what data cannot tell is named."""

import sys
import warnings

import numpy as np
import pytest
import xarray as xr
from telemetry import CASES, HOURS, exchanger, telemetry

import thermal as th
from thermal.errors import ConvergenceError, DataError, InputError
from thermal.study.calibrate import calibrate

X = np.linspace(0.0, 4.0, 41)


@pytest.fixture
def line():
    """A straight line with noise, whose least squares are in every textbook."""
    y = 2.0 + 3.0 * X + np.random.default_rng(4).normal(0.0, 0.5, X.size)
    return {"y": y}


def straight(a, b):
    return {"y": a + b * X}


BOUNDS = {"a": (-9.0, 9.0), "b": (-9.0, 9.0)}


def test_a_straight_line_is_that_of_the_textbook(line):
    """Slope, intercept and their standard errors by the closed formulas."""
    fit = calibrate(straight, line, BOUNDS)
    b, a = np.polyfit(X, line["y"], 1)
    assert list(fit.values.values()) == pytest.approx([a, b], rel=1e-7)
    s2 = np.sum((line["y"] - a - b * X) ** 2) / (X.size - 2)
    Sxx = np.sum((X - X.mean()) ** 2)
    errors = [np.sqrt(s2 * (1 / X.size + X.mean() ** 2 / Sxx)), np.sqrt(s2 / Sxx)]
    assert fit.table.standard_error.values == pytest.approx(errors, rel=1e-6)
    assert float(fit.correlation[0, 1]) == pytest.approx(-X.mean() / np.sqrt(np.mean(X**2)), rel=1e-6)
    half = 2.0227 * errors[1]  # Student's t of 39 degrees of freedom, 97.5 %
    assert (float(fit.table.low[1]), float(fit.table.high[1])) == pytest.approx((b - half, b + half), rel=1e-4)
    assert fit.profile("b") == pytest.approx((b - half, b + half), rel=1e-3)  # of a linear model both are the same


@pytest.mark.parametrize("name", list(CASES))
def test_known_parameters_lie_in_their_intervals(name):
    """A fast share of the hundred trials (`slow` below): of 8, 95 % intervals miss three or more once in 170 times."""
    case = CASES[name]
    hits, hung = dict.fromkeys(case.truth, 0), 0
    for seed in range(1000, 1008):
        fit = calibrate(case.model, telemetry(case, seed), case.bounds, drop_stuck=6)
        for key, truth in case.truth.items():
            row = fit.table.sel(parameter=key)
            hits[key] += bool(row.low <= truth <= row.high)
        hung += fit.left_out["q"]
    assert hung >= 8 * 10  # of 18 equal values each, some of which are lost
    assert min(hits.values()) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CASES))
def test_ninety_to_ninety_nine_of_a_hundred(name):
    case = CASES[name]
    hits = dict.fromkeys(case.truth, 0)
    for seed in range(100):
        fit = calibrate(case.model, telemetry(case, seed), case.bounds, drop_stuck=6)
        for key, truth in case.truth.items():
            row = fit.table.sel(parameter=key)
            hits[key] += bool(row.low <= truth <= row.high)
    assert all(90 <= n <= 99 for n in hits.values()), hits


def test_intervals_without_autocorrelation_are_far_too_narrow():
    """What prewhitening is for: with ρ = 0.8 a mean has nine times fewer independent points."""
    case = CASES["branch"]
    data = telemetry(case, 3)
    fits = [calibrate(case.model, data, case.bounds, drop_stuck=6, autocorrelation=a) for a in ("covariance", "none")]
    assert fits[0].noise[0].rho == pytest.approx(0.8, abs=0.1)
    ratio = float(fits[0].table.standard_error[0] / fits[1].table.standard_error[0])
    assert 2.0 < ratio < 4.0  # √((1 + ρ)/(1 − ρ)) = 3 of a constant signal


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_covariance_is_the_sandwich_of_the_whole_correlation_matrix(case):
    """(JᵀJ)⁻¹·JᵀRJ·(JᵀJ)⁻¹·σ² with R written out, gaps included, on the scale of the parameters."""
    fit = calibrate(case.model, telemetry(case, 9), case.bounds, drop_stuck=6)
    c, noise = fit.problem.channels[0], fit.noise[0]
    slope = [p.slope(v) for p, v in zip(fit.problem.parameters, fit.values.values(), strict=True)]
    J = fit.J / slope * noise.sigma * np.sqrt((1 + noise.rho) / (1 - noise.rho))
    R = noise.rho ** np.abs(c.place[:, None] - c.place[None, :])
    inverse = np.linalg.inv(J.T @ J)
    np.testing.assert_allclose(fit.covariance, noise.sigma**2 * inverse @ J.T @ R @ J @ inverse, rtol=1e-6)


def test_a_slow_error_of_the_model_does_not_move_the_level():
    """A drift that the model lacks: whitened, the fit follows changes and misses the level; by default it does not."""
    drift = 0.8 * np.sin(HOURS / 24 * 2 * np.pi)
    case = CASES["conductance"]
    data = {"q": telemetry(case, 2, 0.3)["q"] + drift}
    plain = calibrate(case.model, data, case.bounds, drop_stuck=6)
    assert abs(float(plain.fitted.bias[0])) < 0.1
    assert plain.noise[0].rho > 0.5
    row = plain.table.sel(parameter="UA")
    assert row.low < 5e4 < row.high


def test_a_confounded_pair_is_named():
    """A film and an area: only their product acts."""
    data = {"q": exchanger(5e4) + np.random.default_rng(0).normal(0, 0.1, HOURS.size)}

    def model(film, area, offset):
        return {"q": exchanger(film * area) + offset}

    bounds = {"film": (100.0, 900.0), "area": (50.0, 200.0), "offset": (-1.0, 1.0)}
    with pytest.warns(UserWarning, match="cannot tell film and area apart"):
        fit = calibrate(model, data, bounds)
    assert fit.values["film"] * fit.values["area"] == pytest.approx(5e4, rel=0.03)
    row = fit.table.sel(parameter="film")
    assert (float(row.low), float(row.high)) == (100.0, 900.0)  # nothing is known of it beyond its bounds
    assert np.isfinite(fit.table.sel(parameter="offset").standard_error)


def test_what_does_not_act_is_named():
    with pytest.warns(UserWarning, match="says nothing of idle"):
        fit = calibrate(lambda a, idle: {"y": a * X}, {"y": 2 * X}, {"a": (0.0, 9.0), "idle": (0.0, 1.0)})
    assert fit.values["a"] == pytest.approx(2.0)


def test_a_bound_that_holds_is_named(line):
    with pytest.warns(UserWarning, match="a lies at its bound 0"):
        calibrate(straight, line, {**BOUNDS, "a": (-9.0, 0.0)})


def test_fitted_in_a_window_and_judged_outside():
    time = np.datetime64("2026-04-07", "ns") + (HOURS * 3600e9).astype("timedelta64[ns]")
    case = CASES["conductance"]
    data = telemetry(case, 5)["q"].assign_coords(time=time)
    morning = slice("2026-04-07T00:00", "2026-04-07T11:59")

    def model(UA):
        return {"q": xr.DataArray(exchanger(UA), {"time": time}, ["time"])}

    fit = calibrate(model, {"q": data}, case.bounds, window=morning, drop_stuck=6)
    known = np.isfinite(data.values)
    assert int(fit.fitted.n[0]) == fit.count <= known[:144].sum()
    assert fit.judged is not None
    assert int(fit.fitted.n[0] + fit.judged.n[0]) == known.sum() - fit.left_out["q"]
    assert fit.judged.attrs["parameters"] == 0  # nothing was fitted there
    mask = calibrate(model, {"q": data}, case.bounds, window=np.arange(288) < 144, drop_stuck=6)
    assert mask.values == pytest.approx(fit.values, rel=1e-9)
    other = calibrate(
        model, {"q": xr.where(np.arange(288) < 144, data, 0.0)}, case.bounds, window=morning, drop_stuck=6
    )
    assert other.values == pytest.approx(fit.values, rel=1e-9)  # what is outside moves nothing


def test_quantities_are_weighted_by_their_scatter():
    """Two sensors of one number, with noise of 0.1 and 10: the better one decides, stated or estimated."""
    random = np.random.default_rng(1)
    data = {"fine": 5 + 0.1 * random.normal(size=200), "coarse": 5 + 10 * random.normal(size=200)}

    def model(a):
        return {"fine": np.full(200, a), "coarse": np.full(200, a)}

    weights = np.array([1 / 0.1**2, 1 / 10**2])
    best = np.average([data["fine"].mean(), data["coarse"].mean()], weights=weights)
    fit = calibrate(model, data, {"a": (0.0, 10.0)})
    assert fit.values["a"] == pytest.approx(best, abs=2e-3)
    stated = calibrate(model, data, {"a": (0.0, 10.0)}, uncertainty={"fine": 20.0, "coarse": 20.0})
    assert stated.values["a"] == pytest.approx(np.mean([data["fine"].mean(), data["coarse"].mean()]), rel=1e-6)
    assert float(stated.table.standard_error[0]) == pytest.approx(1.0, rel=1e-6)  # 20/√400: never below what is stated


def test_a_prior_of_the_model_file_meets_the_data():
    """Normal prior and normal data: precision adds. efficiency 0.72 in 0.62 .. 0.80."""
    pump = th.load("pumps/google_deschutes")
    data = {"power": np.full(4, 1000.0 / 0.66)}
    fit = calibrate(
        lambda p: {"power": np.full(4, 1000.0 / p.efficiency)}, data, {"efficiency": None}, part=pump,
        uncertainty={"power": 50.0}, on="a bench",
    )  # fmt: skip
    prior, sd = 0.72, 0.18 / (2 * 1.959964)
    grid = np.linspace(0.5, 0.9, 40001)
    posterior = np.exp(-2 * ((1000 / grid - 1000 / 0.66) / 50.0) ** 2 - 0.5 * ((grid - prior) / sd) ** 2)
    assert fit.values["efficiency"] == pytest.approx(grid[np.argmax(posterior)], abs=2e-4)
    mean = np.average(grid, weights=posterior)
    spread = np.sqrt(np.average((grid - mean) ** 2, weights=posterior))
    assert float(fit.table.standard_error[0]) == pytest.approx(spread, rel=0.05)
    apart = fit.log_likelihood([0.70]) - fit.log_likelihood({"efficiency": 0.68})
    at = np.interp([0.70, 0.68], grid, np.log(posterior))
    assert apart == pytest.approx(at[0] - at[1], rel=1e-3)
    part = fit.part
    assert part.efficiency == fit.values["efficiency"]
    assert part.origin.tuned == ("efficiency on a bench",)
    one = next(e for e in part.origin.estimates if e.field == "efficiency")
    assert (one.low, one.high, one.fitted) == (float(fit.table.low[0]), float(fit.table.high[0]), True)
    assert pump.origin.tuned == ()
    wide = calibrate(
        lambda p: {"power": np.full(4, 1000.0 / p.efficiency)}, data, {"efficiency": None}, part=pump,
        uncertainty={"power": 50.0}, on="a bench", confidence=0.5,
    )  # fmt: skip
    assert next(e for e in wide.part.origin.estimates if e.field == "efficiency").low == pytest.approx(one.low)


def test_a_likelihood_for_other_samplers(line):
    fit = calibrate(straight, line, BOUNDS)
    best = list(fit.values.values())
    r = line["y"] - best[0] - best[1] * X
    sigma = fit.noise[0].sigma
    exact = -0.5 * np.sum((r / sigma) ** 2) - X.size * np.log(sigma * np.sqrt(2 * np.pi))
    assert fit.log_likelihood(best) == pytest.approx(exact, rel=1e-9)
    assert fit.log_likelihood(fit.values) == fit.log_likelihood(best)
    assert fit.log_likelihood([best[0] + 0.1, best[1]]) < fit.log_likelihood(best)
    assert fit.log_likelihood([99.0, best[1]]) == -np.inf
    with pytest.raises(InputError, match="1 values for the parameters a, b"):
        fit.log_likelihood([1.0])


def test_a_likelihood_of_correlated_noise_is_that_of_its_covariance():
    """Against the multivariate normal with Σ_ij = σ²·ρ^|i−j|, gaps included."""
    from scipy.stats import multivariate_normal

    case = CASES["branch"]
    data = telemetry(case, 9)
    fit = calibrate(case.model, data, case.bounds, drop_stuck=6, autocorrelation="whiten")
    c, noise = fit.problem.channels[0], fit.noise[0]
    r = fit.problem.residuals(fit.z)[0]
    lags = np.abs(c.place[:, None] - c.place[None, :])
    exact = multivariate_normal(np.zeros(r.size), noise.sigma**2 * noise.rho**lags).logpdf(r)
    assert fit.log_likelihood(fit.values) == pytest.approx(exact, rel=1e-9)


def test_a_posterior_agrees_with_the_interval(line):
    pytest.importorskip("emcee")
    fit = calibrate(straight, line, BOUNDS)
    draws = fit.posterior(1500, burn=300)
    assert float(draws.a.mean()) == pytest.approx(fit.values["a"], abs=0.02)
    assert float(draws.a.std()) == pytest.approx(float(fit.table.standard_error[0]), rel=0.1)


def test_a_posterior_needs_emcee(line, monkeypatch):
    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(InputError, match=r"thermal-toolkit\[uq\]"):
        calibrate(straight, line, BOUNDS).posterior(10)


def test_a_far_start_and_many_starts():
    """A decaying oscillation has false minima: eight starts find the true frequency."""
    t = np.linspace(0, 10, 200)
    data = {"y": np.cos(3.1 * t) * np.exp(-0.2 * t)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = calibrate(lambda w: {"y": np.cos(w * t) * np.exp(-0.2 * t)}, data, {"w": (0.5, 9.0)}, starts=24)
    assert fit.values["w"] == pytest.approx(3.1, rel=1e-6)


def test_a_model_that_fails_on_the_way_is_a_wall(line):
    def model(a, b):
        if b > 4.0:
            raise ConvergenceError("pump 1: residual 3 W")
        return straight(a, b)

    fit = calibrate(model, line, {"a": (-9.0, 9.0), "b": (-9.0, -8.0, 9.0)})
    assert fit.values["b"] == pytest.approx(np.polyfit(X, line["y"], 1)[0], rel=1e-6)
    with pytest.raises(InputError, match=r"fails at the start a = 0, b = 8.*pump 1"):
        calibrate(model, line, {"a": (-9.0, 0.0, 9.0), "b": (-9.0, 8.0, 9.0)})


@pytest.mark.parametrize(
    ("given", "match", "error"),
    [
        ({"parameters": {}}, "at least one parameter", InputError),
        ({"parameters": {"a": (1.0, 0.0), "b": (0.0, 1.0)}}, "bounds must rise", InputError),
        ({"parameters": {"a": (0.0, 2.0, 1.0), "b": (0.0, 1.0)}}, "bounds must rise", InputError),
        ({"parameters": {"a": 3.0, "b": (0.0, 1.0)}}, r"must be \(low, high\)", InputError),
        ({"parameters": {"a": None, "b": (0.0, 1.0)}}, "give part=", InputError),
        ({"measured": {"z": X}}, "gives no 'z'", InputError),
        ({"measured": {"y": X[:3]}}, r"shape \(41,\)", InputError),
        ({"measured": {"y": np.full(41, np.nan)}}, "no point to fit", DataError),
        ({"uncertainty": {"z": 1.0}}, "which were not measured", InputError),
        ({"uncertainty": {"y": -1.0}}, "from 0 upwards", InputError),
        ({"window": slice("a", "b")}, "has no time", InputError),
        ({"window": [1, 2]}, "slice of times, or true and false", InputError),
        ({"window": np.arange(41) < 1}, "1 measured points cannot fix 2", InputError),
        ({"confidence": 95}, "confidence", InputError),
        ({"drop_stuck": 1}, "drop_stuck = 1 must be a whole number from 2 on", InputError),
        ({"step": 0.0}, "share of a parameter's range", InputError),
        ({"step": 1e-9}, "share of a parameter's range", InputError),
        ({"step": 0.1}, "share of a parameter's range", InputError),
        ({"starts": 2.5}, "starts = 2.5 must be a whole number", InputError),
        ({"autocorrelation": True}, "'covariance', 'whiten' or 'none'", InputError),
    ],
)
def test_bad_use_is_named(line, given, match, error):
    with pytest.raises(error, match=match):
        calibrate(straight, **{"measured": line, "parameters": BOUNDS, **given})


def test_bad_paths_are_named():
    pump = th.load("pumps/google_deschutes")
    for name, given, match in (
        ("eta", None, "no field 'eta'"), ("flow", (0.0, 1.0), "no single number"),
        ("speed_high", None, "the model file gives no range"),
    ):  # fmt: skip
        part = pump.replace(speed_high=1.0) if name == "speed_high" else pump
        with pytest.raises(InputError, match=match):
            calibrate(lambda p: {"y": X}, {"y": X}, {name: given}, part=part)
