"""Design days, extremes, water classes, resets and the mechanical load component."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError
from thermal.outdoors.siting import design_day, mechanical_load, return_value, supply_reset, water_classes

YEAR = th.weather(th.load("climates/chicago"))


def air(T_wet_bulb, time=None, **attrs):
    """Weather of given wet bulbs alone."""
    coords = {} if time is None else {"time": time}
    return xr.Dataset({"T_wet_bulb": ("time", np.asarray(T_wet_bulb, float))}, coords, attrs)


def test_water_classes_by_hand():
    """Limits of ASHRAE's classes: 17, 27, 32, 40 and 45 °C of supply, met or just missed at an approach of 5 K."""
    wet_bulbs = [11.9, 12.0, 12.1, 22.0, 22.1, 27.0, 27.1, 35.0, 35.1, 40.1]
    share = water_classes(air(wet_bulbs), approach=5.0).share
    assert share.w_class.values.tolist() == ["W17", "W27", "W32", "W40", "W45"]
    np.testing.assert_allclose(share, [0.2, 0.4, 0.6, 0.8, 0.9])
    same = water_classes(air(wet_bulbs), approach=xr.DataArray(9.0, attrs={"units": "delta_degF"})).share
    np.testing.assert_allclose(same, share)


def test_hours_that_are_missing_are_neither_served_nor_unserved():
    found = water_classes(air([10.0, np.nan, 30.0, np.nan]), approach=5.0)
    np.testing.assert_allclose(found.share, [0.5, 0.5, 0.5, 1.0, 1.0])
    assert found.attrs["missing"] == "2 of 4 hours lack T_wet_bulb, the first is hour 1"
    with pytest.raises(InputError, match="no value of T_wet_bulb: all 2 hours are missing"):
        water_classes(air([np.nan, np.nan]), approach=5.0)


def test_rows_count_by_their_length():
    """Six hours at 10 °C, one at 30 °C and one at 20 °C."""
    time = np.array([0.0, 6.0, 7.0]) * 3600.0
    found = water_classes(air([10.0, 30.0, 20.0], time), approach=5.0).share
    np.testing.assert_allclose(found, [6 / 8, 7 / 8, 7 / 8, 1.0, 1.0])


def test_classes_of_several_climates_stand_side_by_side():
    both = xr.concat([air([10.0, 10.0]), air([10.0, 30.0])], "climate")
    np.testing.assert_allclose(water_classes(both, approach=5.0).share.sel(w_class="W17"), [1.0, 0.5])
    with pytest.raises(InputError, match="no 'T_wetbulb'"):
        water_classes(YEAR, approach=5.0, by="T_wetbulb")


def test_the_design_day_of_chicago_is_that_of_its_file(data):
    """The file's own header: wet bulb for evaporation 25.5 °C and dry bulb 33.3 °C at 0.4 % (1982-2006, all years)."""
    year = th.weather(data("weather/USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw"))
    day = design_day(year)
    assert float(day.T_wet_bulb.max()) == pytest.approx(25.5, abs=0.3)
    assert float(design_day(year, by="T_dry_bulb").T_dry_bulb.max()) == pytest.approx(33.3, abs=1.2)  # one typical year
    assert (day.sizes["time"], day.attrs["utc_offset"]) == (24, -6.0)
    quarters = year.isel(time=slice(0, 8759)).interp(
        time=year.time.values[0] + np.arange(35033) * np.timedelta64(15, "m")
    )
    assert float(design_day(quarters).T_wet_bulb.max()) == pytest.approx(25.5, abs=0.3)
    assert design_day(quarters).sizes["time"] == 96  # four an hour


def test_the_design_value_weighs_rows_by_their_length():
    """One row of 30 °C among 99 of 10 °C; an hour each it is above the 2 % value, lasting nine it is not rare."""
    time = np.datetime64("2001-07-01") + np.arange(100) * np.timedelta64(1, "h")
    values = np.where(np.arange(100) == 50, 30.0, 10.0)
    rare = design_day(air(values, time), share=0.02)
    assert "0.02 of the hours, 10.00" in rare.attrs["transformations"]
    late = np.where(np.arange(100) > 50, time + np.timedelta64(8, "h"), time)
    assert "0.02 of the hours, 30.00" in design_day(air(values, late), share=0.02).attrs["transformations"]


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


def test_a_return_value_by_hand():
    """ASHRAE Fundamentals 2017, ch. 14: F = 0.719, 1.305, 1.866 and 2.592 for 5, 10, 20 and 50 years."""
    for years, F in ((5, 0.719), (10, 1.305), (20, 1.866), (50, 2.592)):
        assert return_value(36.0, 1.5, years) == pytest.approx(36.0 + 1.5 * F, abs=1e-3)
    mean = xr.DataArray(96.8, attrs={"units": "degF"})
    assert return_value(mean, 1.5, 50) == pytest.approx(36.0 + 1.5 * 2.592, abs=1e-3)


def test_a_supply_reset_by_hand():
    """20 °C at 8 °C outdoors to 26 °C at 20 °C: half a kelvin of water per kelvin of air, level beyond the ends."""
    ends = {"T_low": 20.0, "T_high": 26.0, "outdoor_low": 8.0, "outdoor_high": 20.0}
    T = supply_reset(air([-5.0, 8.0, 9.0, 14.0, 20.0, 35.0]), **ends)
    np.testing.assert_allclose(T, [20.0, 20.0, 20.5, 23.0, 26.0, 26.0])
    assert T.attrs == {"units": "degC"}
    kelvin = {name: xr.DataArray(value + 273.15, attrs={"units": "K"}) for name, value in ends.items()}
    np.testing.assert_allclose(supply_reset(air([9.0]), **kelvin), [20.5])
    with pytest.raises(InputError, match="outdoor_low = 20 degC must be below outdoor_high = 8 degC"):
        supply_reset(air([9.0]), T_low=20, T_high=26, outdoor_low=20, outdoor_high=8)


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
    cooling = [
        "cdu_pumps",
        "room_fans",
        "facility_pumps",
        "condenser_pumps",
        "chillers",
        "tower_fans",
        "dry_cooler_fans",
    ]
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
        (lambda: mechanical_load(YEAR, limit=np.nan), "limit = nan"),
        (lambda: mechanical_load(YEAR, limit="low"), "limit = 'low'"),
        (lambda: mechanical_load(YEAR, limit=-0.1), "limit = -0.1 must be from 0"),
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
