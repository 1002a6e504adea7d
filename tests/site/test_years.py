"""A site over years: laws by hand, a site that does not age, wear that shows where it should, and a warmer climate."""

import time

import numpy as np
import pytest

import thermal as th
from thermal.components.ageing import Ageing, BatteryAgeing
from thermal.errors import InputError
from thermal.outdoors.warming import warmed, warming
from thermal.physics.media.moist_air import humidity_ratio, wet_bulb
from thermal.site.supply import cooling_map
from thermal.site.years import Wear, aged, over_years
from thermal.units import kWh, year

SITE, WATER = th.load("sites/warm_water_20mw"), th.load("coolants/water")
CHAT, AGEING = th.load("workloads/llama70b_b200"), th.load("ageings/typical")
WEEKS = th.weather(th.load("climates/chicago"), seed=7).isel(time=slice(4500, 4836))
NEW = Wear(0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
NEVER = dict.fromkeys(("cleaning", "filter_change", "overhaul", "treatment"), 100.0 * year)


def _years(ageing=AGEING, **more):
    given = {"weather": WEEKS, "water": WATER, "workload": CHAT, "years": 3, "begin": 2030} | more
    return over_years(SITE, ageing, **given)


def test_a_site_that_does_not_age_stays_as_it_is():
    still = AGEING.replace(exchanger=0.0, plate=0.0, rejection=0.0, filter=0.0, pump=0.0)
    run = _years(still)
    for name in ("energy_per_token", "pue", "energy_pumps", "T_junction_max"):
        np.testing.assert_allclose(run[name], run[name][0], rtol=1e-12)
    assert (run.warming == 0.0).all()
    assert float(run.energy_residual.max()) < 1.0


def test_new_is_new():
    again = aged(SITE, NEW)
    one, two = (cooling_map(s, weather=WEEKS, T_supply=[40.0], water=WATER, loads=(0.9, 1.1)) for s in (SITE, again))
    np.testing.assert_allclose(one.overhead_power, two.overhead_power, rtol=1e-9)
    np.testing.assert_allclose(one.T_in, two.T_in, atol=1e-6)


def test_each_wear_shows_where_it_should():
    """Fouled exchangers warm the coolant, worn pumps and clogged filters cost power, fouled coolers fan power."""
    base = cooling_map(SITE, weather=WEEKS, T_supply=[40.0], water=WATER, loads=(0.9, 1.1))
    found = {}
    for name, value in (("exchanger", 0.3), ("rejection", 0.3), ("filter", 1.0), ("pump", 0.1)):
        worn = aged(SITE, NEW._replace(**{name: value}))
        found[name] = cooling_map(worn, weather=WEEKS, T_supply=[40.0], water=WATER, loads=(0.9, 1.1))
    rise = found["exchanger"].approach - base.approach
    assert (rise > 0.3).all()
    for name in ("rejection", "filter", "pump"):
        assert float((found[name].overhead_power - base.overhead_power).mean()) > 0.0, name
    cold = aged(SITE, NEW._replace(plate=0.2)).loops[0].racks[0]
    new = SITE.loops[0].racks[0]
    R_new, R_old = (
        rack.junction_resistance(SITE.loops[0].coolant, 45.0) - rack.package.R_junction_case for rack in (new, cold)
    )
    assert R_old == pytest.approx(1.2 * R_new, rel=5e-3)


def test_years_have_their_events_and_costs():
    run = _years(price=0.08 / kWh, event_costs={"cleaning": 1e4, "filter_change": 100.0})
    assert run.events.sel(event="cleaning").values.tolist() == [0, 1, 0]
    assert run.events.sel(event="filter_change").values.tolist() == [2, 2, 2]
    np.testing.assert_allclose(run.cost_maintenance, [200.0, 10200.0, 200.0])
    np.testing.assert_allclose(run.cost, run.energy_site * 0.08 / kWh + run.cost_maintenance, rtol=1e-12)
    assert (np.diff(run.wear_plate) > 0.0).all()  # plates are not cleaned
    assert float(run.wear_exchanger[2]) < float(run.wear_exchanger[1])
    dirty = _years(AGEING.replace(**NEVER))
    assert (np.diff(dirty.wear_exchanger) > 0.0).all()
    assert float(dirty.energy_pumps[2]) > float(dirty.energy_pumps[0])


def test_battery_by_hand():
    law = BatteryAgeing(calendar=0.03, activation=3e4, cycle=0.0018, exponent=0.5)
    hot = np.exp(-3e4 / 8.314462618 * (1 / 308.15 - 1 / 298.15))
    assert float(law.capacity(9 * year, 35.0, 400.0)) == pytest.approx(1 - 0.03 * 3 * hot - 0.0018 * 20, rel=1e-12)
    assert float(law.capacity(1e12, 60.0, 1e9)) == 0.0
    run = _years(battery=th.load("batteries/lithium_1mw_4h"), battery_ageing=law, cycles=300.0)
    assert float(run.capacity_left[0]) == pytest.approx(1 - 0.03 - 0.0018 * np.sqrt(300), rel=1e-12)


def test_a_warmer_climate_keeps_its_relative_humidity():
    warm = warmed(WEEKS, 3.0)
    T, w, p = (float(warm[name][40]) for name in ("T_dry_bulb", "humidity_ratio", "pressure"))
    phi = float(WEEKS.relative_humidity[40])
    assert w == pytest.approx(humidity_ratio(T, phi, p), rel=1e-9)
    assert float(warm.T_wet_bulb[40]) == pytest.approx(wet_bulb(T, w, p), abs=1e-6)
    same = warmed(WEEKS, 0.0)
    for name in ("T_dry_bulb", "T_wet_bulb", "humidity_ratio"):
        np.testing.assert_allclose(same[name], WEEKS[name], atol=1e-6)
    assert warming("ssp5_8_5", 2090.5, 2030.5) == pytest.approx(2.8)  # 4.4 K less 1.6 K
    hot = _years(pathway="ssp5_8_5", begin=2050, amplification=1.6)
    assert (np.diff(hot.warming) > 0.0).all()


def test_what_cannot_be_used_is_named():
    with pytest.raises(InputError, match="event_costs knows"):
        _years(event_costs={"paint": 1.0})
    with pytest.raises(InputError, match="go together"):
        _years(battery=th.load("batteries/lithium_1mw_4h"))
    with pytest.raises(InputError, match=r"one th\.Plant"):
        aged(th.load("sites/frontier"), NEW)
    with pytest.raises(InputError, match="pathway"):
        warming("rcp85", 2050, 2030)
    with pytest.raises(InputError, match=r"Ageing\.cleaning"):
        Ageing(**{**{n: getattr(AGEING, n) for n in Ageing.model_fields}, "cleaning": 0.0})


@pytest.mark.slow
def test_ten_years_take_twenty_seconds():
    """Limit 20 s, set before the run; ten whole years of hours, chips and plant in balance."""
    whole = th.weather(th.load("climates/chicago"), seed=7)
    start = time.perf_counter()
    run = _years(weather=whole, years=10, leakage=th.load("leakages/accelerator"), pathway="ssp2_4_5")
    assert time.perf_counter() - start < 20.0
    assert run.sizes["year"] == 10
    assert np.isfinite(run.energy_per_token).all()
