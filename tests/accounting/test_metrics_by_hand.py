"""Every ratio from one ledger that is added up by hand, in each category and boundary."""

import numpy as np
import pytest
import xarray as xr

from thermal.accounting import cue, ere, erf, itue, ledger, partial_pue, pue, tue, wue, wue_source
from thermal.errors import DataError, InputError, LedgerError
from thermal.units import L, hour, kg, kWh

POWER = {"it": 1000.0, "rack_fans": 50.0, "cdu_pumps": 30.0, "chillers": 200.0, "electrical_losses": 120.0}
LOSS = {"transformer": 20.0, "ups": 40.0, "pdu": 25.0, "rectifier": 35.0}
SITE = 1400.0


def _result(**more):
    return xr.Dataset(
        {
            "power": ("end_use", list(POWER.values())),
            "site_power": SITE,
            "water_make_up": 2.1 / 3600.0,  # 2.1 L an hour
            "heat_reused": 350.0,
            "loss": ("stage", list(LOSS.values())),
            **more,
        },
        {"end_use": list(POWER), "stage": list(LOSS)},
    )


@pytest.fixture(scope="module")
def book():
    return ledger(_result(), window=hour)


# IT energy: 1050 W at the equipment, the rectifier's 35 W with it at the PDU, the PDU's 25 W too at the UPS.
IT = {3: 1050.0, 2: 1085.0, 1: 1110.0}


@pytest.mark.parametrize("category", IT)
def test_ratios_to_it_energy(book, category):
    it = IT[category]
    assert float(pue(book, category=category)) == pytest.approx(SITE / it, rel=1e-12)
    assert float(wue(book, category=category)) == pytest.approx(2.1 / (it / 1e3), rel=1e-12)
    assert float(ere(book, category=category)) == pytest.approx((SITE - 350.0) / it, rel=1e-12)
    assert float(cue(book, 0.4 * kg / kWh, category=category)) == pytest.approx(0.4 * SITE / it, rel=1e-12)
    source = wue_source(book, 1.8 * L / kWh, category=category)
    assert float(source) == pytest.approx((2.1 + 1.8 * SITE / 1e3) / (it / 1e3), rel=1e-12)
    chillers = partial_pue(book, ["chillers"], category=category)
    assert float(chillers) == pytest.approx(1.0 + 200.0 / it, rel=1e-12)
    assert float(itue(book, 0.7, category=category)) == pytest.approx(it / 700.0, rel=1e-12)


def test_ratios_without_a_meter_of_it(book):
    assert float(tue(book, 0.7)) == pytest.approx(SITE / 700.0, rel=1e-12)
    assert float(erf(book)) == pytest.approx(0.25, rel=1e-12)
    assert float(pue(book, it=("it",))) == pytest.approx(1.4, rel=1e-12)
    assert float(pue(book, it=("it", "rack_fans", "cdu_pumps"))) == pytest.approx(SITE / 1080.0, rel=1e-12)


def test_the_ledger_holds_energies_of_the_window(book):
    assert book.energy.sel(end_use="chillers").item() == pytest.approx(200.0 * 3600.0)
    assert float(book.water) == pytest.approx(2.1e-3)  # m³
    assert float(book.energy_reused) == pytest.approx(350.0 * 3600.0)
    assert book.energy_loss.sel(stage="ups").item() == pytest.approx(40.0 * 3600.0)
    assert float(book.ledger_residual) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("tolerance", "fits"), [(0.0101, True), (0.0099, False)])
def test_a_difference_is_measured_by_the_meter(tolerance, fits):
    result = _result(site_power=SITE / 0.99)  # the meter has 1 % more than the sum
    if fits:
        assert float(ledger(result, window=hour, tolerance=tolerance).ledger_residual) > 0.0
        return
    with pytest.raises(LedgerError, match=r"\+0.01 of the meter"):
        ledger(result, window=hour, tolerance=tolerance)


@pytest.mark.parametrize(
    ("site", "words"),
    [
        (SITE * 1e3, "the meter is 1000 times the sum"),
        (SITE * 1.019e3, "the meter is 1000 times the sum"),
        (SITE * 1e-3, "the meter is 0.001 times the sum"),
        (SITE - 200.0, "chillers counted twice"),
        (SITE - 203.9, "chillers counted twice"),
        (SITE - 400.0, "another meter (it is the largest)"),
        (SITE + 5.0, "a channel that reads low"),
    ],
)
def test_suspects_of_a_difference(site, words):
    with pytest.raises(LedgerError) as caught:
        ledger(_result(site_power=site), window=hour)
    assert words in str(caught.value)


@pytest.mark.parametrize("site", [SITE * 1.021e3, SITE - 204.1])
def test_no_suspect_beyond_two_per_cent(site):
    with pytest.raises(LedgerError) as caught:
        ledger(_result(site_power=site), window=hour)
    assert "the meter is" not in str(caught.value)
    assert "chillers counted twice" not in str(caught.value)


@pytest.mark.parametrize("name", ["water_make_up", "heat_reused"])
def test_what_is_carried_starts_at_nothing_and_a_gap_of_it_is_named(name):
    assert ledger(_result(**{name: 0.0}), window=hour) is not None
    with pytest.raises(DataError, match=f"{name} is negative"):
        ledger(_result(**{name: -1e-6}), window=hour)
    with pytest.raises(DataError, match=f"{name} is NaN"):
        ledger(_result(**{name: np.nan}), window=hour)


def test_rounding_below_nothing_is_no_negative_power():
    power = [1000.0, 50.0, 30.0, 200.0, 119.0]
    for odd, fits in ((-0.9e-6, True), (-1.1e-6, False)):  # 1e-9 of the largest, 1000 W
        result = xr.Dataset({"power": ("end_use", [*power, odd])}, {"end_use": [*POWER, "other"]})
        if fits:
            assert float(ledger(result, window=hour, meter=None).energy_site) > 0.0
        else:
            with pytest.raises(DataError, match=r"power is -1\.1e-06 W"):
                ledger(result, window=hour, meter=None)


# What sites report, with what lies outside it by a little: the figure is marked, never changed.
EDGES = {"pue": (1.0, 4.0), "itue": (1.0, 10.0), "tue": (1.0, 20.0), "wue": (0.0, 10.0), "cue": (0.0, 5.0)}


@pytest.mark.parametrize("name", EDGES)
def test_figures_beyond_what_sites_report_are_marked(name):
    from thermal.accounting.caveats import remarks

    book = xr.Dataset({"energy": ("end_use", [3.6e9])}, {"end_use": ["it"]}, {"window": 3600.0})
    low, high = EDGES[name]
    for value, marked in ((low, False), (high, False), (high * 1.01, True), (low - 0.01, True)):
        words = remarks(book, name, xr.DataArray(value))["caveats"]
        assert ("implausible" in words) == marked, value


@pytest.mark.parametrize(("it", "marked"), [(999.0, True), (1001.0, False)])
def test_a_site_below_a_kilowatt_is_asked_for_its_unit(it, marked):
    from thermal.accounting.caveats import remarks

    book = xr.Dataset({"energy": ("end_use", [it * 3600.0])}, {"end_use": ["it"]}, {"window": 3600.0})
    assert ("is it_power in W" in remarks(book, "pue", xr.DataArray(40.0))["caveats"]) == marked


@pytest.mark.parametrize("category", [0, 4, 2.5])
def test_other_categories_are_refused(book, category):
    with pytest.raises(InputError, match="category"):
        pue(book, category=category)


def test_rows_of_the_meter_are_energies_by_which_what_varies_is_weighed():
    """Two rows of 30 s at 1 and 3 kW: carbon of 1 and 2 kg/J is (30 + 180)/120 of the mean; a lost loss is no ratio."""
    time = np.array([0.0, 30.0])
    power = xr.DataArray([[1000.0, 3000.0]], {"end_use": ["it"], "time": time})
    book = ledger(xr.Dataset({"power": power, "site_power": power.sum("end_use")}))
    assert book.energy_site_rows.values.tolist() == [30e3, 90e3]
    intensity = xr.DataArray([0.1, 0.2], {"time": time}, ("time",), attrs={"units": "kg/kWh"})
    assert float(cue(book, intensity)) == pytest.approx((0.1 * 30 + 0.2 * 90) / 120, rel=1e-12)


def test_a_case_without_its_losses_has_no_ratio():
    book = ledger(_result(), window=hour)
    gone = book.assign(energy_loss=book.energy_loss.where(book.stage != "pdu"))
    assert np.isnan(float(pue(gone, category=1)))
    assert float(pue(gone, category=2)) == pytest.approx(SITE / IT[2])
