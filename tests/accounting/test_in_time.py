"""Carbon, water and counts that vary in time: weighed by the energy of each row, in the units they name."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from tests.hours import CHAT, EXACT, result
from thermal.accounting import cue, energy_per_token, ledger, tue, wue, wue_source
from thermal.errors import InputError
from thermal.units import hour, kg, kWh

BOOK = ledger(result())

# What varies in time is weighed by energy: rows of 1100, 1300, 1100, 1300 Wh.
CARBON = [100.0, 500.0, 200.0, 0.0]  # g/kWh
EMITTED = (0.1 * 1.1 + 0.5 * 1.3 + 0.2 * 1.1 + 0.0 * 1.3) / 4.0  # kg per kWh of IT


@pytest.mark.parametrize("unit", ["g/kWh", "gCO2/kWh", "gCO2eq/kWh", "g CO2e/kWh", "kg/MWh"])
@pytest.mark.parametrize("kind", ["DataArray", "Series", "zoned Series"])
def test_carbon_by_the_hour_is_weighed_by_energy(unit, kind):
    series = xr.DataArray(CARBON, {"time": result().time}, attrs={"units": unit})
    given = series
    if kind != "DataArray":
        index = pd.DatetimeIndex(series.time.values, name="time")
        index = index.tz_localize("UTC").tz_convert("Europe/Berlin") if "zoned" in kind else index
        given = pd.Series(CARBON, index)
        given.attrs["units"] = unit
    assert float(cue(BOOK, given)) == pytest.approx(EMITTED, rel=EXACT)


def test_carbon_without_a_label_and_one_number_with_a_unit():
    assert float(cue(BOOK, np.array(CARBON) * 1e-3 * kg / kWh)) == pytest.approx(EMITTED, rel=EXACT)
    one = xr.DataArray(400.0, attrs={"units": "g/kWh"})
    assert float(cue(BOOK, one)) == pytest.approx(0.4 * 1.2, rel=EXACT)
    zones = xr.DataArray([0.1, 0.4], {"grid": ["a", "b"]}, attrs={"units": "kg/kWh"})
    np.testing.assert_allclose(cue(BOOK, zones), [0.12, 0.48], rtol=EXACT)


def test_water_of_the_electricity_by_the_hour_is_weighed_too():
    series = xr.DataArray([1.0, 5.0, 2.0, 0.0], {"time": result().time}, attrs={"units": "L/kWh"})
    assert float(wue_source(BOOK, series) - wue(BOOK)) == pytest.approx(10 * EMITTED, rel=EXACT)


@pytest.mark.parametrize(
    ("carbon", "says"),
    [
        (0.4, "carbon_intensity = 0.4 kg/J must be from 0 to .*; write 0.4"),
        (-1e-9, "carbon_intensity = -1e-09"),
        ("0.4", "carbon_intensity = '0.4' must be numbers in kg/J, not a text"),
        (True, "carbon_intensity = True"),
        (np.nan, "carbon_intensity = nan"),
        (None, "carbon_intensity is missing"),
        ([1e-8] * 3, "carbon_intensity has shape .*, the ledger has 4 rows in time"),
        (xr.DataArray([1e-8] * 4, {"time": result().time.values + np.timedelta64(1, "h")}), "bring it to the ledger's"),
        (xr.DataArray(1.0, attrs={"units": "g/km"}), "carbon_intensity: unit 'g/km' cannot be converted"),
    ],
)
def test_carbon_that_means_nothing_is_named(carbon, says):
    with pytest.raises(InputError, match=says):
        cue(BOOK, carbon)


def test_a_series_needs_a_ledger_in_time():
    steady = ledger(result().isel(time=0, drop=True), window=hour)
    series = xr.DataArray([1e-8] * 4, {"time": result().time})
    with pytest.raises(InputError, match="varies in time"):
        cue(steady, series)
    with pytest.raises(InputError, match="compute_share varies in time"):
        tue(BOOK, xr.DataArray([0.5] * 4, {"time": result().time}))


def test_counts_along_time_are_added_up():
    tokens = xr.DataArray([1e3, 0.0, 2e3, 1e3], {"time": result().time})
    ept = energy_per_token(BOOK, CHAT, tokens=tokens)
    assert float(ept) == pytest.approx(4.8 * kWh / 4e3, rel=EXACT)
    assert ept.attrs["workload"] == "chat; tokens counted, the sum of 4 rows"
    thousand = xr.DataArray(0.5, attrs={"units": "percent"})
    assert float(tue(BOOK, thousand)) == pytest.approx(2.4 / 0.01, rel=EXACT)


def test_less_provided_than_used_is_remarked():
    assert (
        "1.25 times the power that was provided"
        in energy_per_token(BOOK, CHAT, provisioned_power=800.0).attrs["caveats"]
    )
    kilo = xr.DataArray(2.0, attrs={"units": "kW"})
    assert float(energy_per_token(BOOK, CHAT, provisioned_power=kilo)) == pytest.approx(
        2 * float(energy_per_token(BOOK, CHAT)), rel=EXACT
    )
