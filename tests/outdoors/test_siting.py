"""Design days, extremes, water classes, resets and the mechanical load component."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError
from thermal.outdoors.siting import design_day, mechanical_load, return_value, supply_reset, water_classes

YEAR = th.weather(th.load("climates/chicago"))


def test_water_classes_rise_with_their_limit():
    share = water_classes(YEAR, approach=5.0).share
    assert np.all(np.diff(share) >= 0.0)
    assert bool((water_classes(YEAR, approach=12.0).share <= share).all())
    with pytest.raises(InputError, match="no 'T_wetbulb'"):
        water_classes(YEAR, approach=5.0, by="T_wetbulb")


def test_design_day_is_near_the_top_but_not_the_top():
    day = design_day(YEAR, share=0.02)
    assert day.sizes["time"] == 24
    assert float(YEAR.T_wet_bulb.mean()) < float(day.T_wet_bulb.max()) <= float(YEAR.T_wet_bulb.max())
    with pytest.raises(InputError, match="between 0 and 1"):
        design_day(YEAR, share=2.0)


def test_return_values_grow_with_the_period():
    values = [return_value(36.0, 1.5, n) for n in (5, 10, 20, 50)]
    assert np.all(np.diff(values) > 0.0)
    with pytest.raises(InputError, match="return period"):
        return_value(36.0, 1.5, 1.0)


def test_supply_reset_saves_chiller_energy():
    plant = th.load("plants/generic_20mw").replace(T_supply=20.0)
    part = YEAR.isel(time=slice(0, 8760, 37))
    T = supply_reset(part, T_low=20.0, T_high=26.0, outdoor_low=8.0, outdoor_high=20.0)
    fixed, reset = (th.annual(plant, it_power=20e6, weather=part, **more) for more in ({}, {"T_supply": T}))
    chillers = [float(run.power.sel(end_use="chillers").sum()) for run in (fixed, reset)]
    assert chillers[1] < chillers[0]
    np.testing.assert_allclose(reset.T_facility_supply, T, atol=1e-9)


def test_mechanical_load_is_the_ratio_of_its_end_uses():
    year = th.annual(th.load("plants/generic_20mw"), it_power=20e6, weather=YEAR.isel(time=slice(0, 500)))
    found = mechanical_load(year, limit=0.01)
    energy = year.power.sum("time").to_series()
    assert float(found.mechanical_load_component) == pytest.approx(energy.drop("it").sum() / energy["it"])
    assert not bool(found.meets_limit)


def test_mechanical_load_by_the_boundary_of_the_standard():
    """All pumps, CDU pumps with them, chillers, fans and basin heaters over IT equipment and its own fans."""
    powers = {
        "it": 950.0, "rack_fans": 50.0, "cdu_pumps": 6.0, "facility_pumps": 5.0, "condenser_pumps": 4.0, "chillers":
        30.0, "tower_fans": 3.0, "freeze_protection": 2.0, "heat_pump": 70.0, "electrical_losses": 60.0, "other": 9.0,
    }  # fmt: skip
    power = xr.DataArray(np.tile(list(powers.values()), (2, 1)), {"end_use": list(powers)}, ("time", "end_use"))
    found = mechanical_load(xr.Dataset({"power": power}), limit=0.05)
    assert float(found.mechanical_load_component) == pytest.approx(50.0 / 1000.0)
    assert bool(found.meets_limit)


def test_cdu_pumps_of_a_site_are_mechanical():
    site = th.load("sites/generic_20mw")
    year = th.annual(site, weather=YEAR.isel(time=slice(0, 48)))
    energy = year.power.sum("time").to_series()
    cooling = ["cdu_pumps", "facility_pumps", "condenser_pumps", "chillers", "tower_fans", "dry_cooler_fans"]
    expected = energy.reindex(cooling).fillna(0.0).sum() / energy["it"]
    assert energy["cdu_pumps"] > 0.0
    assert float(mechanical_load(year).mechanical_load_component) == pytest.approx(expected)


def test_shares_and_components_have_no_unit_of_what_they_come_from():
    year = th.annual(th.load("plants/generic_20mw"), it_power=20e6, weather=YEAR.isel(time=slice(0, 24)))
    load = mechanical_load(year, limit=0.2)
    assert load.mechanical_load_component.attrs["units"] == "1"
    assert "units" not in load.meets_limit.attrs
    assert water_classes(YEAR, approach=5.0).share.attrs["units"] == "1"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: water_classes(YEAR, approach=np.nan), "approach = nan"),
        (lambda: water_classes(YEAR, approach="close"), "approach = 'close'"),
        (lambda: water_classes("chicago", approach=5.0), "weather is of type str"),
        (lambda: design_day(YEAR, by="T"), "no 'T'"),
        (lambda: design_day(YEAR, share="few"), "share = 'few'"),
        (lambda: design_day(xr.concat([YEAR, YEAR], "climate")), "one place"),
        (lambda: return_value(20.0, "wide", 50), "deviation = 'wide'"),
        (lambda: supply_reset(YEAR, T_low="x", T_high=26, outdoor_low=5, outdoor_high=20), "T_low = 'x'"),
        (lambda: mechanical_load(YEAR), "power by end_use"),
        (lambda: th.accounting.running_hours(YEAR, 2), "needs chillers_running"),
    ],
)
def test_wrong_questions_are_explained(ask, message):
    with pytest.raises(InputError, match=message):
        ask()
