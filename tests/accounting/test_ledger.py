"""The ledger adds up to the meter or says why not; a gap stays a gap."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from thermal.accounting import END_USES, hold_last, interpolate, ledger
from thermal.errors import DataError, InputError, LedgerError
from thermal.study import sweep
from thermal.units import hour, kWh

TIME = np.arange(24) * hour


def result(power: dict[str, float], **more) -> xr.Dataset:
    watts = xr.DataArray(np.outer(list(power.values()), np.ones(24)), {"end_use": list(power), "time": TIME})
    return xr.Dataset({"power": watts, "site_power": watts.sum("end_use"), **more})


def telemetry() -> xr.Dataset:
    time = np.datetime64("2026-01-01", "ns") + np.arange(4) * np.timedelta64(15, "m")
    columns = {"row_1": [400.0, 410, 420, 430], "row_2": [300.0] * 4, "ch": [100.0, 90, 80, 90]}
    table = xr.Dataset({k: ("time", v, {"units": "kW"}) for k, v in columns.items()}, {"time": time})
    return table.assign(main=((table.row_1 + table.row_2 + table.ch) * 1e3).assign_attrs(units="W"))


MAPPING = {"it": ["row_1", "row_2"], "chillers": "ch"}


def test_energy_is_power_times_time():
    book = ledger(result({"it": 1000.0, "chillers": 200.0}))
    assert float(book.energy.sel(end_use="it")) == pytest.approx(24 * kWh, rel=1e-15)
    assert book.attrs["window"] == 24 * hour
    assert book.energy.attrs == {"units": "J", "long_name": "electrical energy by end use over the window"}


@given(st.lists(st.floats(0, 1e8), min_size=1, max_size=11).filter(lambda p: sum(p) > 1), st.integers(2, 50))
def test_any_model_that_adds_up_each_step_adds_up_over_the_window(powers, rows):
    random = np.random.default_rng(rows)
    watts = np.outer(powers, random.uniform(0.1, 1, rows))
    power = xr.DataArray(watts, {"end_use": list(END_USES)[: len(powers)], "time": np.arange(rows) * 15.0})
    book = ledger(xr.Dataset({"power": power, "site_power": ("time", watts.sum(axis=0))}))
    assert abs(float(book.ledger_residual)) <= 1e-9 * float(book.energy_site)


@given(st.floats(1.5e-9, 0.5))
def test_any_share_lost_above_the_tolerance_is_refused(share):
    complete = result({"it": 1000.0, "chillers": 200.0})
    with pytest.raises(LedgerError):
        ledger(complete.assign(site_power=complete.site_power / (1 - share)))


def test_missing_end_use_is_named_with_the_difference():
    complete = result({"it": 1000.0, "chillers": 200.0, "tower_fans": 50.0})
    with pytest.raises(LedgerError, match=r"28\.8 kWh .* meter says 30 kWh: \+1\.2 kWh .*tower_fans"):
        ledger(complete.sel(end_use=["it", "chillers"]))


def test_end_use_counted_twice_is_the_suspect():
    complete = result({"it": 1000.0, "chillers": 200.0, "other": 50.0})
    with pytest.raises(LedgerError, match="chillers counted twice"):
        ledger(complete.assign(site_power=complete.site_power - 200.0))


def test_a_meter_in_other_units_is_the_suspect():
    with pytest.raises(LedgerError, match=r"a unit: the meter is 0.001 times the sum"):
        ledger(telemetry().assign(main=telemetry().main / 1e3), end_uses=MAPPING, meter="main", tolerance=0.01)


def test_the_worst_case_is_named():
    climates = xr.concat(
        [result({"it": 1000.0}), result({"it": 2000.0})], xr.IndexVariable("climate", ["golden", "dulles"])
    )
    climates["site_power"].loc["dulles"] += 100.0
    with pytest.raises(LedgerError, match="climate=dulles"):
        ledger(climates)


def test_no_meter_has_to_be_said():
    alone = result({"it": 1000.0}).drop_vars("site_power")
    with pytest.raises(LedgerError, match="meter=None"):
        ledger(alone)
    book = ledger(alone, meter=None)
    assert float(book.energy_site) == float(book.energy.sum())
    assert book.attrs["meter"].startswith("none")


def test_unknown_end_use_is_met_with_the_nearest():
    with pytest.raises(InputError, match=r"'chiler' is unknown; did you mean 'chillers'"):
        ledger(result({"it": 1.0, "chiler": 1.0}))


def test_dimensions_of_a_sweep_are_kept_and_failed_cases_stay_nan():
    runs = xr.concat([result({"it": 1000.0}), result({"it": 2000.0})], xr.IndexVariable("T_supply", [20, 30]))
    runs["status"] = ("T_supply", ["done", "failed"])
    runs["power"].loc[{"T_supply": 30}] = np.nan
    runs["site_power"].loc[{"T_supply": 30}] = np.nan
    book = ledger(runs)
    assert book.energy.dims == ("T_supply", "end_use")
    assert float(book.energy_site.sel(T_supply=20)) == pytest.approx(24 * kWh)
    assert np.isnan(book.energy_site.sel(T_supply=30))


def test_a_study_of_climates_keeps_its_axes_and_attributes():
    def year(climate, T_supply):
        return result({"it": 1000.0, "chillers": 10.0 * T_supply}).assign_attrs(thermal="0.1.0")

    book = ledger(sweep(year, climate=["golden", "dulles"], T_supply=[20, 30]))
    assert book.energy.sel(climate="dulles", T_supply=30, end_use="chillers").item() == pytest.approx(7.2 * kWh)
    assert book.energy_site.dims == ("climate", "T_supply")
    assert book.attrs["thermal"] == "0.1.0"


def test_a_nan_that_no_status_explains_is_a_gap():
    runs = result({"it": 1000.0, "chillers": 1.0})
    runs["power"][1, 5] = np.nan
    with pytest.raises(DataError, match=r"power is NaN at end_use=chillers, time=18000.0"):
        ledger(runs)


def test_steady_results_need_a_window_and_series_refuse_one():
    steady = result({"it": 1000.0}).isel(time=0, drop=True)
    assert float(ledger(steady, window=hour).energy_site) == pytest.approx(kWh)
    with pytest.raises(InputError, match="window="):
        ledger(steady)
    with pytest.raises(InputError, match="without time"):
        ledger(result({"it": 1.0}), window=hour)


def test_water_heat_and_losses_are_carried():
    book = ledger(
        result({"it": 1000.0}, water_make_up=("time", np.full(24, 0.5)), heat_reused=("time", np.full(24, 100.0)))
    )
    assert float(book.water) == pytest.approx(0.5 * 86400 / 1000)
    assert float(book.energy_reused) == pytest.approx(2.4 * kWh)


def test_telemetry_by_columns_in_its_own_units():
    book = ledger(telemetry(), end_uses=MAPPING, meter="main", tolerance=0.01)
    assert float(book.energy.sel(end_use="it")) == pytest.approx((1660 + 1200) * 0.25 * kWh)
    assert book.attrs["energy_source"] == "telemetry"
    assert book.attrs["window"] == hour


def test_telemetry_with_a_column_misspelt():
    with pytest.raises(InputError, match=r"no column 'row_3'; did you mean"):
        ledger(telemetry(), end_uses={"it": "row_3"}, meter="main")


def test_meters_may_differ_by_their_tolerance_and_no_more():
    off = telemetry().assign(main=telemetry().main * 1.008)
    assert float(ledger(off, end_uses=MAPPING, meter="main", tolerance=0.01).ledger_residual) > 0
    with pytest.raises(LedgerError, match=r"limit 0\.005"):
        ledger(off, end_uses=MAPPING, meter="main", tolerance=0.005)


@pytest.mark.parametrize(("fill", "expected"), [(interpolate, 410.0), (hold_last, 400.0)])
def test_a_missing_row_is_a_gap_until_a_named_function_fills_it(fill, expected):
    gappy = telemetry().isel(time=[0, 2, 3])
    with pytest.raises(DataError, match=r"gap in time: 1800 s from 2026-01-01T00:00"):
        ledger(gappy, end_uses={"it": "row_1"}, meter=None)
    book = ledger(gappy, end_uses={"it": "row_1"}, meter=None, fill=fill)
    assert float(book.energy_site) == pytest.approx((400 + expected + 420 + 430) * 0.25 * kWh)
    assert book.attrs["gaps_filled"].startswith(f"{fill.__name__}: 1 rows added")


def test_a_missing_value_is_a_gap_until_filled():
    table = telemetry()
    table["row_1"][1] = np.nan
    with pytest.raises(DataError, match=r"power is NaN at .*end_use=it.*2026-01-01T00:15"):
        ledger(table, end_uses=MAPPING, meter=None)
    book = ledger(table, end_uses=MAPPING, meter=None, fill=interpolate)
    assert "values replaced" in book.attrs["gaps_filled"]
    assert float(book.energy.sel(end_use="it")) == pytest.approx((1660 + 1200) * 0.25 * kWh)


def test_an_end_that_no_neighbour_fills_stays_a_gap():
    table = telemetry()
    table["row_1"][-1] = np.nan
    with pytest.raises(DataError):
        ledger(table, end_uses=MAPPING, meter=None, fill=interpolate)


def test_time_that_runs_backwards_is_refused():
    with pytest.raises(DataError, match="does not rise at row 2"):
        ledger(telemetry().isel(time=[0, 2, 1, 3]), end_uses=MAPPING, meter="main")


def test_an_uneven_clock_is_not_called_a_gap_with_missing_rows():
    table = telemetry()
    time = table.time.values.copy()
    time[2] += np.timedelta64(100, "s")
    with pytest.raises(DataError, match="resample"):
        ledger(table.assign_coords(time=time), end_uses=MAPPING, meter=None, fill=interpolate)


def test_frontier_record_closes_to_its_printed_pue(data):
    """First record of the measured year: compute, accessory and total power, and PUE as printed in the source."""
    lines = data("frontier/frontier_2023_measured_stats.csv").read_text().splitlines()
    printed = next(line for line in lines if line.startswith("first record")).split(",")[2].split("/")
    compute, accessory, total, _, pue = map(float, printed)
    from thermal.accounting import pue as metric

    table = xr.Dataset({k: ((), v, {"units": "MW"}) for k, v in {"c": compute, "a": accessory, "t": total}.items()})
    book = ledger(table, end_uses={"it": "c", "other": "a"}, meter="t", tolerance=1e-9, window=600.0)
    assert float(metric(book)) == pytest.approx(pue, abs=1e-5)  # inputs are printed to 1e-4 MW of 11 MW


def test_telemetry_counted_twice_or_negative_is_refused():
    with pytest.raises(InputError, match="'ch' twice"):
        ledger(telemetry(), end_uses={**MAPPING, "other": "ch"}, meter="main")
    table = telemetry()
    table["ch"][2] = -1.0
    with pytest.raises(DataError, match=f"'ch' is negative at time={table.time.values[2]}:"):
        ledger(table, end_uses=MAPPING, meter="main")


def test_carried_water_and_heat_in_their_own_units():
    water = xr.DataArray(7.2, attrs={"units": "kg/h"})
    heat = xr.DataArray(0.3, attrs={"units": "kW"})
    power = xr.DataArray([1000.0], {"end_use": ["it"]})
    data = xr.Dataset({"power": power, "site_power": 1000.0, "water_make_up": water, "heat_reused": heat})
    book = ledger(data, window=hour)
    assert float(book.water) == pytest.approx(7.2e-3)
    assert float(book.energy_reused) == pytest.approx(0.3 * kWh)
    with pytest.raises(InputError, match="water_make_up"):
        ledger(data.assign(water_make_up=water.assign_attrs(units="L/s")), window=hour)


def test_a_plant_that_is_too_small_shows_in_the_book():
    """Half of the heat left in the water makes a good PUE and must be seen beside it."""
    power = xr.DataArray([[100.0, 100.0], [5.0, 5.0]], {"end_use": ["it", "chillers"], "time": [0.0, 3600.0]})
    heat = xr.DataArray([100.0, 100.0], {"time": power.time})
    result = xr.Dataset(
        {
            "power": power,
            "site_power": power.sum("end_use"),
            "heat": heat,
            "heat_unmet": heat * [0.0, 1.0],
            "converged": ("time", [True, False]),
        }
    )
    book = ledger(result)
    assert float(book.unmet_share) == 0.5
    assert float(book.unconverged_share) == 0.5
