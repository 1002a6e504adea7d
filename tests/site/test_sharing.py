"""Several plants on one site: the heat is split by a stated rule, and the sums add up."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.errors import InputError
from thermal.site.sharing import HeatSplit, shared_year, split_heat
from thermal.units import MW, kW

PLANT = th.load("plants/generic_20mw").replace(design_load=20 * MW)  # round figures, to divide by hand
WEEK = th.weather(th.load("climates/chicago")).isel(time=slice(4000, 4168))
COLD = PLANT.replace(T_supply=20.0, design_load=10 * MW, rejection=PLANT.rejection.replace(heater=1 * kW))


def site(*more, **changes):
    return th.Site(it_power=30 * MW, plant=PLANT, more_plants=more, **changes)


@pytest.mark.parametrize("rule", HeatSplit)
@given(heat=st.floats(0, 60e6), loads=st.lists(st.floats(1e5, 3e7), min_size=1, max_size=4))
def test_parts_of_the_heat_add_up(rule, heat, loads):
    plants = [PLANT.replace(design_load=load) for load in loads]
    parts = split_heat(heat, plants, rule)
    assert sum(parts) == pytest.approx(heat, rel=1e-12, abs=1e-6)
    assert min(parts) >= 0.0
    if rule == HeatSplit.SEQUENCE:
        for k, load in enumerate(loads[:-1]):
            assert parts[k] <= load
            assert parts[k] == load or max(parts[k + 1 :]) == 0.0
    else:
        np.testing.assert_allclose(np.array(parts) / loads, heat / sum(loads), rtol=1e-12)


@pytest.mark.parametrize("rule", HeatSplit)
def test_the_ledger_of_a_shared_site_adds_up(rule):
    """Every end use, heat and litre of the site is the sum of its plants run alone with their part."""
    load = xr.DataArray(np.linspace(2, 30, 168) * MW, dims="time")
    year = th.annual(site(COLD, heat_split=rule), it_power=load, weather=WEEK)
    parts = split_heat(load, (PLANT, COLD), rule)
    alone = [th.annual(p, it_power=q, weather=WEEK) for p, q in zip((PLANT, COLD), parts, strict=True)]
    for name in ("heat", "heat_rejected", "heat_economised", "heat_unmet", "water_make_up", "site_power"):
        np.testing.assert_allclose(year[name], alone[0][name] + alone[1][name], rtol=1e-12)
    for use in ("it", "chillers", "tower_fans", "facility_pumps", "condenser_pumps"):
        both = sum(one.power.sel(end_use=use) for one in alone)
        np.testing.assert_allclose(year.power.sel(end_use=use), both, rtol=1e-12)
    book = th.ledger(year)
    assert float(abs(book.ledger_residual)) <= 1e-9 * float(book.energy_site)
    assert bool(year.converged.all())
    assert float(abs(year.energy_residual).max()) <= 1e-9 * float(year.heat.max())
    assert year.T_facility_supply.sizes == {"plant": 2, "time": 168}
    np.testing.assert_allclose(year.plant_heat.sum("plant"), year.heat, rtol=1e-12)
    total = th.accounting.annual_sums(year)
    assert total.hours_free.sizes == {"plant": 2}
    np.testing.assert_allclose(total.energy, year.power.sum("time") * 3600.0, rtol=1e-12)
    assert year.attrs["heat_split"] == str(rule)


def test_shared_site_with_loops_and_power_chain():
    """CDU pumps and electrical losses join once, whatever the number of plants."""
    whole = th.load("sites/generic_20mw")
    half = whole.plant.replace(design_load=10 * MW)
    hours = WEEK.isel(time=slice(0, 24))
    one, two = (th.annual(s, weather=hours) for s in (whole, whole.replace(plant=half, more_plants=(half,))))
    for use in ("it", "cdu_pumps"):
        np.testing.assert_allclose(two.power.sel(end_use=use), one.power.sel(end_use=use), rtol=1e-12)
    book = th.ledger(two)
    assert float(abs(book.ledger_residual)) <= 1e-9 * float(book.energy_site)


def test_bad_sharing():
    with pytest.raises(InputError, match="more_plants need a plant"):
        th.Site(it_power=1 * MW, more_plants=(PLANT,))
    with pytest.raises(InputError, match="heat_split"):
        site(COLD, heat_split="by lot")
    for rule in HeatSplit:
        with pytest.raises(InputError, match="negative"):
            th.annual(site(COLD, heat_split=rule), it_power=1 * MW, heat=-1 * MW, weather=WEEK)
        with pytest.raises(InputError, match="heat = nan is not a finite number"):
            th.annual(site(COLD, heat_split=rule), it_power=1 * MW, heat=np.nan, weather=WEEK)


def test_parts_by_hand():
    """24 MW over 20, 10 and 5 MW: 4/7, 2/7 and 1/7; one after the other 20, 4 and nothing; what is over goes last."""
    plants = [PLANT, PLANT.replace(design_load=10 * MW), PLANT.replace(design_load=5 * MW)]
    np.testing.assert_allclose(split_heat(24e6, plants, HeatSplit.CAPACITY), np.array([4, 2, 1]) / 7 * 24e6)
    assert [float(q) for q in split_heat(24e6, plants, HeatSplit.SEQUENCE)] == [20e6, 4e6, 0.0]
    assert [float(q) for q in split_heat(37e6, plants, HeatSplit.SEQUENCE)] == [20e6, 10e6, 7e6]


@pytest.mark.parametrize("other_first", [False, True])
def test_what_one_plant_lacks_is_none_of_it(other_first):
    """Flags of a lag chiller and basin heaters of one of two plants: false and zero for the other, own for itself."""
    hours = WEEK.isel(time=slice(0, 24))
    lag = th.load("chillers/mcquay_pfh_4020kw")
    lagging = COLD.replace(T_supply=24.0, lag_chiller=lag, economiser=None, chillers=1)
    pair = [PLANT, lagging][:: -1 if other_first else 1]
    own, other = (0, 1) if other_first else (1, 0)
    both = shared_year(pair, HeatSplit.CAPACITY, it_power=24 * MW, heat=24 * MW, weather=hours)
    alone = th.annual(lagging, it_power=0.0, heat=8 * MW, weather=hours)
    assert bool(alone.outside_lag_chiller.any())
    np.testing.assert_array_equal(both.outside_lag_chiller.isel(plant=own), alone.outside_lag_chiller)
    assert not bool(both.outside_lag_chiller.isel(plant=other).any())
    assert both.outside_lag_chiller.dtype == bool
    heaters = both.power.sel(end_use="freeze_protection")
    np.testing.assert_allclose(heaters, alone.power.sel(end_use="freeze_protection"))
    np.testing.assert_allclose(both.power.sel(end_use="it"), 24 * MW, err_msg="counted once")
    assert "chillers/mcquay_pfh_4020kw" in both.attrs["models"]  # of either, whichever comes first
