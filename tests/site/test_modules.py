"""Sites of modules: composition by number, the design check, phases, quantities, and modules that do not fit."""

import time

import numpy as np
import pytest

import thermal as th
from thermal.errors import InputError
from thermal.site.bill import bill_of_quantities
from thermal.site.design_check import design_check, table
from thermal.site.modules import ModularSite, compose, phases
from thermal.units import MW

SITE = th.load("modular_sites/warm_water_100mw")
WEEK = th.weather(th.load("climates/chicago"), seed=7).isel(time=slice(4500, 4668))


def _failed(site) -> set[str]:
    return {row.name for row in design_check(site) if not row.holds}


@pytest.mark.parametrize("power", [1 * MW, 100 * MW, 1000 * MW])
def test_compose_from_one_megawatt_to_a_gigawatt(power):
    site = compose(SITE.pod, SITE.plant_block, SITE.power_block, it_power=power)
    assert site.pods * site.pod.it_power >= power > (site.pods - 1) * site.pod.it_power
    year = th.annual(site.site, weather=WEEK.isel(time=slice(0, 24)), it_power=power)
    assert abs(year.energy_residual).max() < 1e-9 * power
    assert float(year.heat_unmet.max()) == 0.0


def test_shipped_site_is_what_compose_counts():
    again = compose(SITE.pod, SITE.plant_block, SITE.power_block, it_power=SITE.pods * SITE.pod.it_power)
    names = ("pods", "plant_blocks", "power_blocks", "spare_plant_blocks", "spare_power_blocks")
    assert [getattr(again, n) for n in names] == [getattr(SITE, n) for n in names]


def test_blocks_together_do_what_each_does():
    """Chain and plant of n blocks under n times the load: n times the losses, n times the power, the same water."""
    n, one = SITE.power_blocks, SITE.power_block.chain
    for share in (0.1, 0.6, 1.0):
        power = share * one.rated_power
        many = SITE.site.power_chain.losses(n * power, n * 1e5)
        each = one.losses(power, 1e5)
        assert list(many) == list(each)
        np.testing.assert_allclose([many[k] / n for k in many], [each[k] for k in each], rtol=1e-12)
    block = SITE.plant_block.plant
    year = th.annual(block, it_power=4e6, weather=WEEK)
    together = th.annual(SITE.site.plant, it_power=SITE.plant_blocks * 4e6, weather=WEEK)
    np.testing.assert_allclose(together.site_power, SITE.plant_blocks * year.site_power, rtol=1e-9)
    np.testing.assert_allclose(together.T_facility_supply, year.T_facility_supply, atol=1e-9)


def test_design_check_holds_and_finds_what_is_too_small():
    assert not _failed(SITE)
    assert {"hot supply", "hot supply N-1"} <= _failed(SITE.replace(plant_blocks=16, spare_plant_blocks=0))
    assert "power blocks N-1" in _failed(SITE.replace(power_blocks=45, spare_power_blocks=0))
    thin = SITE.pod.branch.replace(diameter=0.08)
    assert {"branch velocity", "branch gradient"} <= _failed(SITE.replace(pod=SITE.pod.replace(branch=thin)))
    assert "NPSH" in _failed(SITE.replace(pod=SITE.pod.replace(fill_pressure=0.0, NPSH_required=12.0)))
    flat = SITE.power_block.battery.replace(energy=5e8, rate_loss=0.0)
    assert "battery time" in _failed(SITE.replace(power_block=SITE.power_block.replace(battery=flat)))


def test_margins_are_in_the_table():
    rows = design_check(SITE)
    found = table(rows)
    assert (found.margin >= 0.0).all()
    assert found.holds.all()
    assert found.loc["W class", "margin"] == pytest.approx(SITE.pod.T_water_high - SITE.plant_block.plant.T_supply)
    with pytest.raises(InputError, match="table needs rows"):
        table([])


def test_velocity_of_the_branch_by_hand():
    """Continuity: the speed that the check reports, times the area of the pipe, is the water the CDU draws."""
    rows = {row.name: row.value for row in design_check(SITE)}
    area = 0.25 * np.pi * SITE.pod.branch.diameter**2
    flow = rows["branch velocity"] * area
    cp = SITE.plant_block.plant.coolant.properties(40.0)
    heat = 0.98 * SITE.pod.it_power
    rise = heat / (flow * cp.density * cp.heat_capacity)
    assert 10.0 < rise < 14.0


def test_phases_grow_with_their_blocks():
    built = phases(SITE, {2027: 10, 2028: 30, 2030: 55})
    assert list(built) == [2027, 2028, 2030]
    assert built[2030].plant_blocks == SITE.plant_blocks
    assert np.all(np.diff([s.plant_blocks for s in built.values()]) > 0)
    wrong = [({2028: 10, 2027: 20}, "years rise"), ({2027: 20, 2028: 10}, "added"), ({2027: 56}, "more than the 55")]
    for bad, words in [*wrong, ({}, "must map years")]:
        with pytest.raises(InputError, match=words):
            phases(SITE, bad)


def test_bill_counts_what_is_built():
    bill = bill_of_quantities(SITE).set_index("item").amount
    assert bill["racks"] == 55 * 8
    assert bill["packages"] == 55 * 8 * 72
    assert bill["ups units"] == 46 * 3
    loop = SITE.pod.loops[0]
    inside = sum(r.coolant_volume for r in loop.racks) + loop.cdu.secondary_volume + loop.cdu.return_volume
    assert bill["coolant"] == pytest.approx(55 * inside, rel=1e-12)
    assert bill["batteries"] == pytest.approx(46 * SITE.power_block.battery.energy)
    with pytest.raises(InputError, match="needs a ModularSite"):
        bill_of_quantities(SITE.site)


def test_modules_that_do_not_fit_are_named():
    loop = SITE.pod.loops[0]
    with pytest.raises(InputError, match=r"CDU is too small: its racks give 3114 kW .* for 2500 kW; take 11 racks"):
        SITE.pod.replace(loops=(loop.replace(racks=14 * (loop.racks[0],)),))
    with pytest.raises(InputError, match="takes facility water of at most T_water_high = 38"):
        SITE.replace(pod=SITE.pod.replace(T_water_high=38.0))
    with pytest.raises(InputError, match="its racks take at most T_coolant_high = 40"):
        SITE.pod.replace(T_coolant_high=40.0)
    with pytest.raises(InputError, match="spare_plant_blocks must be fewer"):
        SITE.replace(plant_blocks=1, spare_plant_blocks=1)
    with pytest.raises(InputError, match="it_power"):
        compose(SITE.pod, SITE.plant_block, it_power=0.0)
    assert isinstance(compose(SITE.pod, SITE.plant_block, it_power=1e6), ModularSite)


@pytest.mark.slow
def test_a_year_and_a_day_of_a_hundred_megawatts_take_a_minute():
    """A year hourly and a day at 1 s of 55 CDUs and 440 racks; limit 60 s, set before the run."""
    site, weather = SITE.site, th.weather(th.load("climates/chicago"), seed=7)
    trace = th.traces.inference_day(8, 227e3, seed=7, step=1.0).heat.mean("rack")
    air = weather.isel(time=slice(4700, 4726)).assign_coords(time=np.arange(26) * 3600.0)
    start = time.perf_counter()
    book = th.ledger(th.annual(site, weather=weather))
    day = th.transient(site, heat=trace, weather=air, step=1.0, save=60.0)
    assert time.perf_counter() - start < 60.0
    assert 1.0 < float(th.pue(book)) < 1.2
    assert float(abs(day.energy_residual).max()) < 1e-9 * site.it_power
    assert float(day.margin.min()) > 0.0
