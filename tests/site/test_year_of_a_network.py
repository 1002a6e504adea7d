"""The year of a site whose racks hang on a network: that of its loops, where they are the same machines."""

import numpy as np
import pytest

import thermal as th
from thermal.components.hydronics.pipe import Pipe
from thermal.errors import InputError
from thermal.network.network import Branch
from thermal.site.years import Wear, aged
from thermal.units import MW, kPa

LOOP = th.load("loops/gb200_row")
WEATHER = th.weather(th.load("climates/chicago")).isel(time=slice(24 * 190, 24 * 191))
WHOLE = th.load("towers/yorkcalc_24mw")
PLANT = th.Plant(
    design_load=1.1 * MW, T_supply=24.0, coolant=th.load("coolants/water"),
    pump=th.DutyPump(flow=0.0317, head=250 * kPa),
    chiller=th.load("chillers/lift_r1234ze_4mw").replace(capacity=6e5, condenser_flow=0.0), chillers=3,
    rejection=WHOLE.replace(cells=2, water_flow=WHOLE.water_flow / 20, air_flow=WHOLE.air_flow / 20,
                            fan_power=WHOLE.fan_power / 20),
    condenser_pump=th.DutyPump(flow=0.051, head=180 * kPa),
)  # fmt: skip
IT = 880e3


def site(**places):
    part = th.load("sites/generic_20mw").scaled(IT)
    return th.Site(it_power=IT, plant=PLANT, room=part.room, power_chain=part.power_chain, **places)


@pytest.mark.parametrize("unfold", [False, True])
def test_the_year_of_a_network_is_that_of_its_loop(unfold):
    """Written before the first run: 1e-6 of every power and of the heat. Room and power chain join both."""
    whole, web = site(loops=(LOOP,)), site(network=LOOP.network(unfold=unfold))
    assert web.liquid_share == pytest.approx(whole.liquid_share, rel=1e-12)
    assert web.compute_share == pytest.approx(whole.compute_share, rel=1e-12)
    loops, network = th.annual(whole, weather=WEATHER), th.annual(web, weather=WEATHER)
    np.testing.assert_array_equal(loops.end_use, network.end_use)
    np.testing.assert_allclose(network.power, loops.power, rtol=1e-6)
    np.testing.assert_allclose(network.heat, loops.heat, rtol=1e-6)
    assert float(th.pue(th.ledger(network))) == pytest.approx(float(th.pue(th.ledger(loops))), rel=1e-7)


def test_heat_that_pipes_lose_does_not_reach_the_plant():
    """40 m of bare pipe at 30 to 40 K over its surroundings: the year's heat is what is left, as that of the day."""
    bare = Pipe(length=40.0, diameter=0.15, roughness=4.5e-5, outer_film=10.0)
    network = LOOP.network()
    branches = [b.replace(start="behind") if b.part in LOOP.racks else b for b in network.branches]
    losing = network.replace(branches=[*branches, Branch("main", bare, "supply", "behind")], T_ambient=10.0)
    kept = network.replace(branches=[*branches, Branch("main", bare.replace(outer_film=0.0), "supply", "behind")])
    plants = [th.annual(site(network=one), weather=WEATHER).heat for one in (losing, kept)]
    lost = th.steady(losing, heat=IT / 8, facility=th.Supply(T=24, flow=0.06)).heat_lost
    assert float(lost) == pytest.approx(10.0 * np.pi * 0.15 * 40.0 * (32.0 - 10.0), rel=0.03)  # held at 32 degC
    np.testing.assert_allclose(plants[1] - plants[0], float(lost), rtol=1e-3)


def test_water_too_warm_is_refused_with_the_warmest_that_will_do():
    """The limit that the network finds by trying is that of the loop's formula."""
    web, whole = site(network=LOOP.network()), site(loops=(LOOP,))
    limits = []
    for one, words in ((web, "CDU 'cdu' cannot hold its T_supply"), (whole, "cannot be held with facility water")):
        with pytest.raises(InputError, match=words) as found:
            th.annual(one, weather=WEATHER, T_supply=31.9)
        limits.append(float(str(found.value).split("at most ")[1].split(" degC")[0]))
    assert limits[0] == pytest.approx(limits[1], abs=0.02)
    th.annual(web, weather=WEATHER, T_supply=limits[0] - 0.05)


def test_what_a_site_of_a_network_cannot_do_is_refused():
    web = site(network=LOOP.network())
    with pytest.raises(InputError, match=r"site\.network is one design"):
        web.scaled(2 * IT)
    with pytest.raises(InputError, match="aged needs a site of loops"):
        aged(web, Wear(0.1, 0.1, 0.1, 0.1, 0.1, 0.9))
