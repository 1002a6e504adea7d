"""One site, one heat: the year and the day in time, the air's share, the design's own consistency, other sizes."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.components.hall.room import RoomUnits
from thermal.errors import InputError
from thermal.site.check import check_site
from thermal.units import MW, kW

SITES = th.models("sites")
PLANTED = ["sites/generic_20mw", "sites/warm_water_20mw"]
YEAR = th.weather(th.load("climates/chicago"), seed=7)
HOURS = YEAR.isel(time=slice(4560, 4608))
WATER = th.load("coolants/water")


@pytest.mark.parametrize("name", SITES)
def test_every_shipped_site_hangs_together(name):
    rows = check_site(th.load(name), water=WATER)
    assert len(rows) >= 7
    assert not [str(row) for row in rows if not row.holds]


def test_the_check_fails_what_was_wrong_with_the_site():
    """As it was shipped before: water of 24 °C moved at 0.48 m³/s, shelves counted twice, a plant for 20 MW."""
    site = th.load("sites/generic_20mw")
    pump = site.plant.pump.replace(flow=0.48, flow_idle=0.0)
    old = site.replace(
        plant=site.plant.replace(T_supply=24.0, design_load=20 * MW, pump=pump),
        power_chain=th.load("power_chains/generic"),
    )
    failed = {row.name for row in check_site(old) if not row.holds}
    assert {"power shelves", "facility flow", "CDU approach", "design load"} <= failed


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize("load", [0.6, 1.0])
def test_an_hour_at_rest_is_the_hour_of_the_year_for_the_whole_site(name, load):
    """Chillers drew 150 kW in the one and 40 kW in the other. At part load the loops' draw differs from the pump's law
    by a few percent; what the CDUs draw beyond it goes round, so only its temperature is looser there."""
    site, hour = th.load(name), HOURS.isel(time=[15])
    racks = sum(len(loop.racks) for loop in site.loops)
    rest = th.steady(site, heat=load * site.it_power / racks, weather=hour.isel(time=0))
    year = th.annual(site, it_power=load * site.it_power, weather=hour).isel(time=0)
    for use in map(str, rest.end_use.values):
        ours, theirs = float(rest.power.sel(end_use=use)), float(year.power.sel(end_use=use))
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1.0), use
    for variable in ("site_power", "heat_room", "heat_rejected", "T_room_supply", "T_facility_return"):
        assert float(rest[variable]) == pytest.approx(float(year[variable]), rel=1e-6), variable
    assert float(rest.T_facility_supply) == pytest.approx(float(year.T_facility_supply), abs=0.02)


def test_the_heat_of_a_site_is_its_power_by_hand():
    """Every watt that enters the hall leaves it with water: IT, CDU pumps, fans, UPS and distribution."""
    site = th.load("sites/generic_20mw")
    year = th.annual(site, weather=HOURS)
    power = {str(use): year.power.sel(end_use=use) for use in year.end_use.values}
    inside = year.loss.sel(stage=["ups", "pdu"]).sum("stage")
    hall = power["it"] + power["cdu_pumps"] + power["room_fans"] + inside
    shaft = power["facility_pumps"] * site.plant.pump.motor_efficiency
    np.testing.assert_allclose(year.heat, hall + shaft, rtol=1e-9)
    air = 0.13 * power["it"] + power["cdu_pumps"] * (1 - site.loops[0].cdu.pump.drive_efficiency) + inside
    np.testing.assert_allclose(year.heat_room, air + power["room_fans"], rtol=1e-9)


def test_a_day_in_time_closes_and_is_counted_at_the_meter():
    site = th.load("sites/generic_20mw").scaled(2 * MW)
    times = np.arange(0.0, 7200.0, 300.0)
    heat = xr.DataArray(np.linspace(70, 118, times.size) * kW, {"time": times}, ("time",))
    run = th.transient(site, heat=heat, weather=HOURS.isel(time=15), step=5, save=300)
    assert float(abs(run.energy_residual).max()) < 1e-6 * 2 * MW
    book = th.ledger(run)
    assert {"room_fans", "electrical_losses"} <= {str(use) for use in book.end_use.values}
    assert float(abs(book.ledger_residual)) <= 1e-9 * float(book.energy_site)
    air = run.heat_air.sum(["loop", "rack"])
    assert bool((run.heat_room > air).all())
    assert bool((np.diff(run.heat_room) > 0).all())


def test_water_of_the_room_is_drawn_from_the_plant_in_time():
    """At one heat the plant moves one flow: through CDUs, through the coils of the room, and past both."""
    site = th.load("sites/generic_20mw").scaled(2 * MW)
    water = WATER.properties(25.0)  # at which facility water counts

    def moved(site):
        point = th.steady(site, heat=100 * kW, weather=HOURS.isel(time=15))
        coils = point.heat_room / (water.density * water.heat_capacity * site.room.water_rise)
        assert float(coils) > 0.03 * float(point.flow_facility)
        return float(point.flow_bypass + point.flow_facility + coils)

    wider = site.replace(room=site.room.replace(water_rise=2.0 * site.room.water_rise))
    assert moved(wider) == pytest.approx(moved(site), rel=1e-5)


def test_room_units_by_hand():
    """3.6 MW over 12 K is 256.4 m³/s; 300 Pa at 60 % are 128.2 kW; a balanced coil of 3 transfer units has ε = 3/4."""
    units = RoomUnits(design_heat=3.6e6, air_rise=12.0, pressure=300.0, efficiency=0.6, UA=1.0, T_supply=20.0)
    assert units.air_flow == pytest.approx(3.6e6 / (1170.0 * 12.0))
    assert units.power == pytest.approx(units.air_flow * 500.0)
    C = 1170.0 * units.air_flow
    Q = 3.6e6 + units.power
    coil = units.replace(UA=3.0 * C, water_rise=Q / C)
    assert float(coil.T_air(3.6e6, 28.0)) == pytest.approx(28.0 + Q / C * (4.0 / 3.0 - 1.0), rel=1e-9)
    assert float(coil.T_air(3.6e6, 10.0)) == 20.0  # the valve holds the set point
    assert float(units.fan_power(0.0)) == pytest.approx(units.power * units.flow_low**3)
    outdoors = units.replace(sink="outdoors", outdoor_rise=1.0)
    assert float(outdoors.T_air(3.6e6, 30.0)) == pytest.approx(31.0 + units.power / C)
    assert outdoors.water_rate == 0.0
    with pytest.raises(InputError, match="UA is needed"):
        units.replace(UA=0.0)
    with pytest.raises(InputError, match="above T_high"):
        units.replace(T_supply=40.0)


def test_pumps_whose_flow_does_not_vanish_with_the_load():
    """x = x_0 + (1 - x_0)·load: 0.38 + 0.62·0.5 = 0.69 of the flow at half load, 0.69^2.5 of the power."""
    plant = th.load("plants/generic_20mw")
    year = th.annual(plant, it_power=plant.design_load / 2, weather=HOURS.isel(time=[15]))
    pump = plant.pump
    assert float(year.power.sel(end_use="facility_pumps")[0]) == pytest.approx(pump.power * 0.69**pump.exponent)


def test_a_site_scaled_to_a_tenth_keeps_its_pue():
    site = th.load("sites/generic_20mw")
    large, small = (th.pue(th.ledger(th.annual(s, weather=HOURS))) for s in (site, site.scaled(2 * MW)))
    assert abs(float(large - small)) < 0.01
    kept = th.annual(site.replace(it_power=2 * MW), weather=HOURS)
    assert float(th.pue(th.ledger(kept))) > 1.2
    assert "site.scaled" in kept.attrs["plausibility"]
    assert "plausibility" not in th.annual(site.scaled(2 * MW), weather=HOURS).attrs
    assert not [row.name for row in check_site(site.scaled(2 * MW)) if not row.holds]


def test_what_is_hardly_meant_is_said():
    site = th.load("sites/generic_20mw")
    for part in (site, site.plant):
        assert "is it in W?" in th.annual(part, it_power=20, weather=HOURS).attrs["plausibility"]
        assert "plausibility" not in th.annual(part, it_power=0.5 * site.it_power, weather=HOURS).attrs


def test_the_figure_says_where_the_power_shelves_are_counted():
    site = th.load("sites/generic_20mw")
    inside = th.pue(th.ledger(th.annual(site, weather=HOURS)))
    behind = th.pue(th.ledger(th.annual(site.replace(power_chain=th.load("power_chains/generic")), weather=HOURS)))
    assert "before its power shelf (whose losses are IT)" in inside.attrs["boundary"]
    assert "behind the power shelf" in behind.attrs["boundary"]
    assert float(behind - inside) > 0.025  # 2.7 % of the racks' power at full load, once more


def test_a_site_without_room_units_says_who_cools_the_air():
    site = th.load("sites/generic_20mw").replace(room=None)
    year = th.annual(site, weather=HOURS)
    assert "0.13 of the IT power" in year.attrs["heat_to_air"]
    assert float(year.heat.max()) < 0.9 * site.it_power


def test_wrong_sites_are_refused():
    frontier, generic = th.load("sites/frontier"), th.load("sites/generic_20mw")
    with pytest.raises(InputError, match=r"annual needs a th\.Plant.*TowerPlant"):
        th.annual(frontier, weather=HOURS)
    with pytest.raises(InputError, match="TowerPlant, whose pumps"):
        frontier.scaled(2 * MW)
    with pytest.raises(InputError, match=r"not of a th\.TowerPlant"):
        frontier.replace(room=generic.room)
    with pytest.raises(InputError, match="must be above 0 W"):
        generic.scaled(0.0)
    with pytest.raises(InputError, match="brings its own plant"):
        th.steady(generic, heat=1e5, facility=generic.plant, weather=HOURS.isel(time=0))
    with pytest.raises(InputError, match="has no loops"):
        th.steady(generic.replace(loops=()), heat=1e5, weather=HOURS.isel(time=0))
    with pytest.raises(InputError, match="take all the facility water"):
        th.annual(generic.replace(room=generic.room.replace(water_rise=2.0)), weather=HOURS)
    with pytest.raises(InputError, match="loops and a plant"):
        check_site(generic.replace(plant=None))


def test_random_hours_of_both_sites_are_numbers():
    """A small share of the check by hand: random loads and hours, no NaN, no negative power, all converged."""
    rng = np.random.default_rng(3)
    for name in PLANTED:
        site = th.load(name)
        hours = YEAR.isel(time=np.sort(rng.choice(8760, 100, replace=False)))
        year = th.annual(site, it_power=site.it_power * rng.uniform(0.02, 1.0, 100), weather=hours)
        for variable in year.data_vars:
            assert bool(np.isfinite(year[variable].values.astype(float)).all()), variable
        assert float(year.power.min()) >= 0.0
        taken = year.heat - year.heat_unmet
        assert bool((taken > 0.0).all())
        assert bool(year.converged.all())


def test_the_towers_of_the_shipped_site_stay_within_their_law_at_night():
    """Cells close at part load, so that the water over the others stays above 0.75 of design (limit: 2 % of hours)."""
    site, air = th.load("sites/generic_20mw"), th.weather(th.load("climates/chicago"))
    year = th.annual(site, it_power=0.6 * site.it_power, weather=air)
    assert float(year.outside_rejection.mean()) < 0.02
