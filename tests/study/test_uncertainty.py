"""Estimates are those of the model files; draws follow their laws; what two designs share cancels."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import thermal as th
from thermal.errors import InputError
from thermal.library import read
from thermal.quantity import Estimate
from thermal.study.tree import places, rebuilt, replaced, value_at
from thermal.study.uncertainty import _wilson, better, propagate, quantiles, uncertain

PUMP = "pumps/google_deschutes"


def test_estimates_are_those_of_the_file():
    found, file = uncertain(th.load(PUMP)), read(PUMP)
    wanted = {f"{PUMP}: {k}" for k, fact in file.facts.items() if file.sources[fact.source]["kind"] == "estimate"}
    assert set(found.estimate.values) == wanted
    one = found.sel(estimate=f"{PUMP}: drive_efficiency")
    assert (float(one.value), float(one.low), float(one.high), str(one.unit.values)) == (0.9, 0.85, 0.95, "-")
    assert "frequency converter" in str(one.source.values)
    assert np.isnan(found.sel(estimate=f"{PUMP}: flow").low)  # a table without a range is listed, and not drawn


def test_ranges_are_in_si():
    """plate_20mw: UA 4.5 MW/K between 3.5 and 7."""
    one = uncertain(th.load("economisers/plate_20mw")).sel(estimate="economisers/plate_20mw: UA")
    assert (float(one.value), float(one.low), float(one.high)) == (4.5e6, 3.5e6, 7.0e6)


def test_equal_parts_share_one_unknown_and_what_was_replaced_is_known():
    cdu = th.load("cdus/google_deschutes")
    key = f"{PUMP}: efficiency"
    row = uncertain([cdu, cdu]).sel(estimate=key)
    assert int(row.places) == 2 * sum(p.key == key for p in places(cdu))
    pump = th.load(PUMP)
    assert f"{PUMP}: efficiency" not in uncertain(pump.replace(efficiency=0.7)).estimate.values


def test_a_whole_is_rebuilt_with_its_parts():
    cdu = th.load("cdus/google_deschutes")
    path = next(p.path for p in places(cdu) if p.key == f"{PUMP}: efficiency")
    other = rebuilt(cdu, {f"{PUMP}: efficiency": 0.65})
    assert value_at(other, path) == 0.65
    assert value_at(cdu, path) == 0.72
    assert rebuilt(cdu, {}) is cdu
    all_of_them = replaced(cdu, "pumps.efficiency", 0.65)
    assert all_of_them == other
    pair = (th.load(PUMP), th.load(PUMP))
    assert [p.efficiency for p in replaced(pair, "[0].efficiency", 0.65)] == [0.65, 0.72]
    for path, match in (("pomp.efficiency", "no field 'pomp'"), ("pumps[9].efficiency", "at .9."), ("T_supply.x", "x")):
        with pytest.raises(InputError, match=match):
            value_at(cdu, path)
        with pytest.raises(InputError, match=match):
            replaced(cdu, path, 1.0)


def test_draws_follow_their_law():
    pump = th.load(PUMP)
    runs = propagate(lambda p: {"e": p.efficiency, "d": p.drive_efficiency}, pump, 2000, workers=1)
    law = stats.triang((0.72 - 0.62) / 0.18, 0.62, 0.18)
    assert stats.kstest(runs.e, law.cdf).pvalue > 0.01
    np.testing.assert_array_equal(runs.e, runs[f"{PUMP}: efficiency"])
    assert abs(np.corrcoef(runs.e, runs.d)[0, 1]) < 0.06
    even = propagate(lambda p: {"e": p.efficiency}, pump, 2000, law="uniform", antithetic=False, workers=1)
    assert stats.kstest(even.e, stats.uniform(0.62, 0.18).cdf).pvalue > 0.01


def test_antithetic_pairs_mirror_and_find_the_mean_sooner():
    """Of a linear result a pair has the mean of a symmetric law exactly."""
    pump = th.load(PUMP)
    runs = propagate(lambda p: {"d": p.drive_efficiency}, pump, 8)
    np.testing.assert_allclose(runs.d.values.reshape(-1, 2).mean(axis=1), 0.9, rtol=1e-12)


def test_common_random_numbers():
    """A third design, another order, more unknowns: an estimate keeps its draws."""
    pump = th.load(PUMP)
    a = propagate(lambda p: {"d": p.drive_efficiency}, pump, 16)
    b = propagate(lambda p, x: {"d": p.drive_efficiency}, pump.replace(efficiency=0.7), 16, x=(0.0, 1.0))
    np.testing.assert_array_equal(a.d, b.d)
    assert not np.array_equal(a.d, propagate(lambda p: {"d": p.drive_efficiency}, pump, 16, seed=1).d)


def test_what_both_designs_share_cancels():
    """Cost = price·load/efficiency with a common price: the difference is far surer than either cost."""
    pump = th.load(PUMP)
    other = pump.replace(drive_efficiency=0.93)

    def cost(p, price):
        return {"cost": price / (p.efficiency * p.drive_efficiency)}

    found = better(cost, pump, other, "cost", 1000, price=(1.0, 3.0))
    assert float(found.difference.std()) < 0.2 * float(found.a.std())
    # B is better where the drive of A is below 0.93: of a triangle on 0.85, 0.9, 0.95 that is 1 − 0.02²/(0.1·0.05)
    assert float(found.probability_low) < 0.92 < float(found.probability_high)
    assert float(found.mean_difference) == pytest.approx(float((found.b - found.a).mean()))
    assert abs(float(found.mean_difference)) > 5 * float(found.standard_error)


def test_standard_error_is_what_repeats_scatter_by():
    pump = th.load(PUMP)
    other = pump.replace(drive_efficiency=0.93)
    runs = [
        better(lambda p: {"c": 1 / p.drive_efficiency}, pump, other, "c", 20, seed=s, antithetic=a, progress=False)
        for a in (True, False)
        for s in range(40)
    ]
    for half in (runs[:40], runs[40:]):
        scatter = np.std([float(r["mean_difference"]) for r in half], ddof=1)
        stated = np.sqrt(np.mean([float(r["standard_error"]) ** 2 for r in half]))
        assert scatter == pytest.approx(stated, rel=0.35)  # the scatter of 40 is known to 11 %, three times that


def test_quantiles_leave_out_what_failed():
    def f(p):
        if p.efficiency < 0.7:
            raise ValueError("no")
        return xr.Dataset({"T": ("time", [p.efficiency, 2 * p.efficiency])}, {"time": [0.0, 1.0]})

    runs = propagate(f, th.load(PUMP), 100)
    table = quantiles(runs, (0.0, 0.5))
    assert table["T"].dims == ("probability", "time")
    assert float(table["T"].isel(probability=0, time=0)) >= 0.7
    assert 0 < table.attrs["cases_used"] < 100


def test_a_fitted_value_is_drawn_from_its_interval():
    pump = th.load(PUMP)
    fitted = Estimate(field="efficiency", low=0.70, high=0.74, source="fit", fitted=True)
    pump = pump.replace(efficiency=0.72)
    pump._origin = pump.origin.model_copy(update={"estimates": (fitted,)})
    runs = propagate(lambda p: {"e": p.efficiency}, pump, 4000, workers=1)
    assert float(runs.e.std()) == pytest.approx(0.04 / (2 * 1.959964), rel=0.05)


def test_counts_are_drawn_whole():
    """towers/yorkcalc_24mw: 12 cells between 8 and 16."""
    tower = th.load("towers/yorkcalc_24mw")
    runs = propagate(lambda t: {"cells": t.cells}, tower, 900, law="uniform", only=["*: cells"], workers=1)
    values, counts = np.unique(runs.cells, return_counts=True)
    assert values.tolist() == list(range(8, 17))
    assert (abs(counts - 100) < 40).all()  # four standard deviations of a binomial
    shaped = propagate(lambda t: {"cells": t.cells}, tower, 900, only=["*: cells"], workers=1)
    assert int(shaped.cells.median()) == 12
    assert set(np.unique(shaped.cells)) <= set(range(8, 17))


def test_what_is_fixed_is_not_drawn():
    pump = th.load(PUMP)
    runs = propagate(lambda p: {"e": p.efficiency, "d": p.drive_efficiency}, pump, 8, fixed=["*: efficiency"])
    assert np.unique(runs.e).tolist() == [0.72]
    assert np.unique(runs.d).size == 8
    with pytest.raises(InputError, match=r"no estimate is called '\*: eficiency'"):
        propagate(lambda p: {"e": p.efficiency}, pump, 8, fixed=["*: eficiency"])


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"n": 7}, "even number"),
        ({"n": 0}, "from 2 upwards"),
        ({"law": "normal"}, "triangular"),
        ({"part": 3.0}, "estimates belong to parts"),
        ({"part": th.Supply(T=30, flow=1e-3)}, "nothing is uncertain"),
    ],
)
def test_bad_use_is_named(more, match):
    given = {"part": th.load(PUMP), "n": 4, **more}
    with pytest.raises(InputError, match=match):
        propagate(lambda p: {"e": p.efficiency}, given.pop("part"), given.pop("n"), **given)
    with pytest.raises(InputError, match="estimates belong to parts"):
        uncertain([3.0])
    with pytest.raises(InputError, match="no single number 'x'"):
        better(lambda p: {"e": p.efficiency}, th.load(PUMP), th.load(PUMP), "x", 4)


def test_wilsons_interval_by_hand():
    """5 of 10 at 95 %: 0.5 ± 0.26341; none of 10: from 0 to 3.8415/13.8415."""
    assert _wilson(0.5, 10) == pytest.approx((0.23659, 0.76341), abs=1e-5)
    assert _wilson(0.0, 10) == pytest.approx((0.0, 0.27753), abs=1e-5)
