"""Bills by hand, prices in time zones, and contracts that contradict themselves."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from thermal.accounting.cost import cost, time_of_use
from thermal.errors import DataError, InputError
from thermal.units import kg, kW, kWh

TARIFF = {"night": (22, 6, 0.05 / kWh), "day": (6, 22, 0.15 / kWh)}


def dated(values, start="2026-01-31 22:00", freq="1h", zone="UTC"):
    return pd.Series(values, pd.date_range(start, periods=len(values), freq=freq, tz=zone, name="time"))


def test_a_bill_by_hand():
    """22:00 to 02:00 over the end of January: peaks 300 kW in January and 200 kW in February."""
    bill = cost(dated([300e3, 100e3, 200e3, 200e3]), 0.1 / kWh, demand_charge=10 / kW)
    assert float(bill.cost_energy) == pytest.approx(80.0)
    assert float(bill.cost_demand) == pytest.approx(10 * (300 + 200))
    assert float(bill.cost_per_year) == pytest.approx(80.0 * 8760 / 4 + 5000.0 * 12 / 2)


def test_prices_and_carbon_row_by_row():
    power = dated([1e6, 2e6, 1e6, 1e6])
    bill = cost(
        power, dated([0.1, 0.2, 0.1, 0.0]) / kWh, carbon_intensity=dated([0.4, 0.1, 0, 0]) * kg / kWh, tokens=1e9
    )
    assert float(bill.cost) == pytest.approx(100 + 400 + 100)
    assert float(bill.carbon) == pytest.approx(400 + 200)
    assert float(bill.cost_per_million_tokens) == pytest.approx(0.6)
    assert float(bill.carbon_per_million_tokens) == pytest.approx(0.6)


def test_an_hourly_price_holds_for_quarters_and_zones_are_brought_together():
    power = dated([1e6] * 8, freq="15min")
    local = dated([0.1, 0.3], start="2026-01-31 16:00", zone="America/Chicago") / kWh  # 22:00 UTC
    assert float(cost(power, local).cost) == pytest.approx(100 + 300)


def test_time_of_use_knows_daylight_saving():
    """2026-03-08 in Chicago: 6:00 local is 12:00 UTC the day before the change and 11:00 UTC the day after."""
    hours = pd.date_range("2026-03-07 11:00", periods=60, freq="1h", tz="UTC")
    price = time_of_use(TARIFF, hours, zone="America/Chicago") * kWh
    assert float(price.sel(time="2026-03-07 11:00")) == pytest.approx(0.05)
    assert float(price.sel(time="2026-03-09 11:00")) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ({"a": (0, 12, 1e-8), "b": (11, 24, 1e-8)}, r"'a' and 'b' overlap at 11:00"),
        ({"a": (0, 12, 1e-8), "b": (13, 24, 1e-8)}, r"leave 12:00 without a price"),
        ({"a": (0, 25, 1e-8)}, r"hour = 25"),
        ({"a": (0, 24)}, r"must be \(from hour"),
        ({"a": (0, 24, "cheap")}, r"price = 'cheap'|price = cheap"),
        (None, "periods is missing"),
    ],
)
def test_contracts_that_contradict_themselves(periods, says):
    with pytest.raises(InputError, match=says):
        time_of_use(periods, pd.date_range("2026-01-01", periods=2, freq="1h", tz="UTC"))


def test_other_wrong_inputs():
    power = dated([1e6, 2e6])
    with pytest.raises(InputError, match="no time zone"):
        time_of_use(TARIFF, power.index, zone="Atlantis/Capital")
    with pytest.raises(InputError, match="no dates"):
        time_of_use(TARIFF, np.array([0.0, 3600.0]))
    with pytest.raises(InputError, match="have none"):
        cost(power, pd.Series([0.1, 0.1], power.index.tz_localize(None)) / kWh)
    with pytest.raises(InputError, match="price has no value at"):
        cost(power, dated([0.1, 0.1], start="2026-01-31 23:00") / kWh)
    with pytest.raises(InputError, match="tokens = 0"):
        cost(power, 0.1 / kWh, tokens=0)
    with pytest.raises(InputError, match="both have dates"):
        cost(power, xr.DataArray([1e-8, 1e-8], {"time": [0.0, 3600.0]}, ("time",)))
    gap = dated([0.1] * 6, start="2026-01-31 20:00").drop(pd.Timestamp("2026-01-31 22:00", tz="UTC")) / kWh
    with pytest.raises(DataError, match="gap in time"):
        cost(power, gap)
