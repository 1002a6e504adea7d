"""Chips and cooling in balance over a year: against the site's own year, a hand-made map, and what cannot settle."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.components.chip.leakage import Leakage
from thermal.components.chip.throttling import Throttling
from thermal.components.chip.working_point import working_point
from thermal.errors import InputError
from thermal.site.supply import cooling_map, following, token_year
from thermal.study.optimum import optimum

SITE = th.load("sites/warm_water_20mw")
WATER = th.load("coolants/water")
CHAT = th.load("workloads/llama70b_b200")
WEEK = th.weather(th.load("climates/chicago"), seed=7).isel(time=slice(4500, 4668))
LEAK = th.load("leakages/accelerator")


@pytest.fixture(scope="module")
def cooling():
    return cooling_map(SITE, weather=WEEK, T_supply=[30.0, 40.0], water=WATER, loads=(0.85, 1.0, 1.15))


def _by_hand(T, overhead=2e6, loads=(0.5, 1.0, 1.5)):
    """A site of 20 MW whose coolant is at the supply temperature, whatever the load, hour by hour."""
    sizes = {"T_supply": list(T), "load": list(loads), "time": np.arange(3) * 3600.0}
    shape = tuple(len(v) for v in sizes.values())
    warm = np.broadcast_to(np.asarray(T, float)[:, None, None], shape)
    table = {"overhead_power": (tuple(sizes), np.full(shape, overhead)), "T_in": (tuple(sizes), warm)}
    return xr.Dataset(table, sizes, {"it_design": 20e6, "interval": 3600.0})


def test_it_is_the_year_of_the_site_at_the_power_found(cooling):
    """Limit: 1e-3 of the site's energy, for the straight lines between loads."""
    for k, T in enumerate((30.0, 40.0)):
        year = token_year(cooling, CHAT, R_junction=0.03, leakage=LEAK)
        mean = float(year.energy_it[k]) / (168 * 3600.0)
        coolant = T + float(cooling.approach[k].max())
        loops = tuple(loop.replace(cdu=loop.cdu.replace(T_supply=coolant + 1e-3)) for loop in SITE.loops)
        site = SITE.replace(loops=loops, plant=following(SITE.plant, T))
        direct = th.annual(site, weather=WEEK, it_power=mean)
        assert float(direct.site_power.sum()) * 3600.0 == pytest.approx(float(year.energy_site[k]), rel=1e-3)


def test_without_laws_it_is_the_ledger_of_the_site(cooling):
    """A full site, power that depends on nothing: EPT = PUE · e / c."""
    year = token_year(cooling, CHAT, R_junction=0.03)
    coolant = 40.0 + float(cooling.approach[1].max())
    loops = tuple(loop.replace(cdu=loop.cdu.replace(T_supply=coolant + 1e-3)) for loop in SITE.loops)
    book = th.ledger(th.annual(SITE.replace(loops=loops, plant=following(SITE.plant, 40.0)), weather=WEEK))
    e = CHAT.power / CHAT.throughput
    assert float(year.energy_per_token[1]) == pytest.approx(float(th.pue(book)) * e / CHAT.compute_share, rel=1e-9)
    assert float(year.energy_it[1]) == pytest.approx(float(book.energy.sel(end_use="it")), rel=1e-12)


def test_balance_by_hand():
    """One working point, overhead constant: e = (P_it + 2 MW)/tokens."""
    law = Leakage(share=0.2, T_reference=60.0, rise=40.0)
    each, c = CHAT.power / CHAT.accelerators, CHAT.compute_share
    found = token_year(_by_hand([25.0, 35.0, 45.0]), CHAT, R_junction=0.03, leakage=law)
    chip = working_point(xr.DataArray([25.0, 35.0, 45.0], dims="T_supply"), each, 0.03, leakage=law)
    it = 20e6 * ((1 - c) + c * chip.power.values / each)
    tokens = 20e6 * c / each * CHAT.throughput / CHAT.accelerators
    np.testing.assert_allclose(found.energy_per_token, (it + 2e6) / tokens, rtol=1e-6)
    np.testing.assert_allclose(found.T_junction_max, chip.T_junction, atol=1e-3)
    assert (np.diff(found.energy_per_token) > 0.0).all()


def test_throttling_costs_tokens_and_is_counted():
    brake = Throttling(T_limit=60.0, slope=0.02, lowest_clock=0.5, exponent=2.0)
    found = token_year(_by_hand([25.0, 55.0]), CHAT, R_junction=0.03, throttling=brake)
    assert found.throttled_share.values.tolist() == [0.0, 1.0]
    assert float(found.clock[0]) == 1.0
    assert 0.5 < float(found.clock[1]) < 1.0
    assert float(found.tokens[1] / found.tokens[0]) == pytest.approx(float(found.clock[1]), rel=1e-12)


def test_the_loop_of_chips_and_water_closes_where_both_push():
    """The coolant warms by 20 K from load 0.5 to 1.5: x = (1 − c) + c·p(T(x)) holds at the answer."""
    cooling = _by_hand([40.0])
    cooling["T_in"] = cooling["T_in"] + 20.0 * (cooling["load"] - 0.5)
    brake = Throttling(T_limit=70.0, slope=0.05, lowest_clock=0.4, exponent=3.0)
    found = token_year(cooling, CHAT, R_junction=0.03, leakage=LEAK, throttling=brake)
    assert bool(found.converged.all())
    x = float(found.energy_it[0]) / (3 * 3600.0 * 20e6)
    each = CHAT.power / CHAT.accelerators
    T = xr.DataArray(40.0 + 20.0 * (x - 0.5))
    power = float(working_point(T, each, 0.03, leakage=LEAK, throttling=brake).power)
    assert x == pytest.approx(1.0 - CHAT.compute_share + CHAT.compute_share * power / each, rel=1e-5)


def test_runaway_is_no_number():
    law = Leakage(share=0.6, T_reference=60.0, rise=15.0)
    found = token_year(_by_hand([20.0, 60.0]), CHAT, R_junction=0.02, leakage=law)
    assert found.converged.values.tolist() == [True, False]
    assert np.isnan(found.energy_per_token.values).tolist() == [False, True]


def test_what_cannot_be_used_is_named(cooling):
    with pytest.raises(InputError, match="loads that reach further"):
        token_year(_by_hand([50.0], loads=(0.95, 1.0)), CHAT, R_junction=0.05, leakage=LEAK)
    with pytest.raises(InputError, match="T_supply needs 1 or more numbers that rise"):
        cooling_map(SITE, weather=WEEK, T_supply=[40.0, 30.0], water=WATER)
    with pytest.raises(InputError, match="loops and one"):
        cooling_map(SITE.replace(loops=()), weather=WEEK, T_supply=[40.0], water=WATER)
    with pytest.raises(InputError, match="make it by cooling_map"):
        token_year(WEEK, CHAT, R_junction=0.03)


def test_optimum_of_a_parabola_over_cases():
    x = xr.DataArray(np.arange(20.0, 46.0, 5.0), dims="T_supply", coords={"T_supply": np.arange(20.0, 46.0, 5.0)})
    best = xr.DataArray([27.0, 33.0], dims="case")
    found = optimum(2.0 + 1e-3 * (x - best) ** 2, "T_supply")
    np.testing.assert_allclose(found.best, best, rtol=1e-12)
    np.testing.assert_allclose(found.least, 2.0, rtol=1e-12)
    assert not found.at_edge.any()
    assert (found.flat_from < found.best).all()
    assert (found.flat_to > found.best).all()


@pytest.mark.parametrize(
    ("values", "edge"), [([1.0, 2.0, 3.0], True), ([np.nan, 1.0, 2.0], True), ([2.0, 1.0, 2.0], False)]
)
def test_optimum_at_an_edge_says_so(values, edge):
    figure = xr.DataArray(values, dims="x", coords={"x": [0.0, 1.0, 2.0]})
    assert bool(optimum(figure, "x").at_edge) is edge
