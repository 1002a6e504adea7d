"""What a year says of itself: hours above the set point, units of its weather, and where a site goes through time."""

import numpy as np
import pytest

import thermal as th
from thermal.physics.plant.year import Column
from thermal.plant.result import END_USES, HEATERS, named


def test_supply_above_its_set_point_is_counted():
    """A dry cooler alone cannot hold 20 °C in summer: nothing is unmet in the balance, but the hours are named."""
    cooler = th.Plant(
        design_load=0.5e6, T_supply=20.0, coolant=th.load("coolants/water"), pump=th.DutyPump(flow=0.03, head=2e5),
        rejection=th.load("dry_coolers/two_speed_700kw"),
    )  # fmt: skip
    air = th.weather(th.load("climates/chicago"))
    year = th.annual(cooler, it_power=0.5e6, weather=air)
    late = year.T_facility_supply > 20.05
    assert bool((year.above_set_point == late).all())
    hours = float(th.accounting.annual_sums(year).hours_above_set_point)
    assert hours == int(late.sum())
    assert 1000 < hours < 7000
    warm = th.annual(cooler.replace(T_supply=60.0), it_power=0.5e6, weather=air)
    assert float(th.accounting.annual_sums(warm).hours_above_set_point) == 0.0


def test_units_of_the_weather_are_obeyed():
    plant, air = th.load("plants/generic_20mw"), th.weather(th.load("climates/chicago")).isel(time=slice(4000, 4024))
    kelvin = air.assign({n: (air[n] + 273.15).assign_attrs(units="K") for n in ("T_dry_bulb", "T_wet_bulb")})
    kelvin["pressure"] = (air.pressure / 1e3).assign_attrs(units="kPa")
    ours, theirs = (th.annual(plant, it_power=20e6, weather=w).site_power for w in (air, kelvin))
    np.testing.assert_allclose(theirs, ours, rtol=1e-9)


@pytest.mark.parametrize("share", [2.0, 3.0, 10.0])
@pytest.mark.parametrize("rejection", [{}, {"water_flow": 0.05}], ids=["as it is", "towers of a tenth"])
def test_an_overloaded_year_has_water_or_is_not_converged(share, rejection):
    """Water was NaN with `converged` True; what is converged closes: water out of the basins is water into them."""
    plant = th.load("plants/generic_20mw")
    plant = plant.replace(rejection=plant.rejection.replace(**rejection))
    week = th.weather(th.load("climates/chicago")).isel(time=slice(4344, 4512))
    year = th.annual(plant, it_power=share * plant.design_load, T_supply=12.0, weather=week)
    for name in ("water_make_up", "water_evaporated", "site_power", "T_tower_return"):
        assert np.isfinite(year[name].values[year.converged.values]).all()
    parts = year.water_evaporated + year.water_drift + year.water_blow_down
    np.testing.assert_allclose(year.water_make_up, parts)
    assert float((year.heat_unmet > 0.0).mean()) > 0.9  # and what no machine takes is said
    assert float(year.water_evaporated.max()) * 2.3e6 < 2.0 * float(year.heat_rejected.max())


@pytest.mark.parametrize("column", [Column.EVAPORATED, Column.DRIFT, Column.BLOW_DOWN, Column.FANS, Column.CHILLERS])
def test_what_is_not_a_number_is_not_converged(column):
    table = np.zeros((len(Column), 3))
    table[column, 1] = np.nan
    found = named(th.load("plants/generic_20mw"), (*END_USES, HEATERS), np.ones(3), table)
    assert found["converged"].tolist() == [True, False, True]
