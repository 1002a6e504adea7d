"""What holds for any site to round-off: the ledger with storage and grid in every step, and identities of metrics."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.accounting import cue, ere, erf, itue, tue
from thermal.errors import DataError, InputError
from thermal.power import smooth, with_storage
from thermal.units import MW, kg, kWh

pytestmark = pytest.mark.compiled  # whole sites second by second
BATTERY = th.load("batteries/lithium_1mw_15min")
WEATHER = th.weather(th.load("climates/chicago"), seed=7).isel(time=slice(4500, 4524))
CHAT = th.load("workloads/llama70b_b200")
SITES = [*th.models("sites"), *th.models("modular_sites")]


def _in_time(name):
    """An hour of a site at 5 s under a swinging load, with a battery that smooths it."""
    site = th.load(name)
    site = getattr(site, "site", site)
    rows = np.arange(180) * 20.0
    heat = site.loops[0].racks[0].design_heat * (0.7 + 0.2 * np.sign(np.sin(rows / 40.0)))
    trace = xr.DataArray(heat, {"time": rows}, ("time",))
    air = WEATHER.isel(time=14)
    if name == "sites/frontier":
        run = th.transient(site, heat=trace, weather=float(air.T_wet_bulb), step=5.0, save=20.0)
    else:
        run = th.transient(site, heat=trace, weather=air, step=5.0, save=20.0)
    size = 0.3 * site.it_power / BATTERY.power
    battery = BATTERY.replace(power=size * BATTERY.power, energy=size * BATTERY.energy)
    return run, battery, smooth(run.site_power, battery, ramp_limit=site.it_power / 1200.0)


@pytest.fixture(scope="module", params=SITES)
def in_time(request):
    run, battery, stored = _in_time(request.param)
    return run, battery, stored, with_storage(run, stored)


def test_every_step_adds_up_at_the_meter_with_storage(in_time):
    run, battery, stored, joined = in_time
    uses = joined.power.sum("end_use")
    np.testing.assert_allclose(joined.site_power, uses, rtol=1e-9)
    np.testing.assert_allclose(joined.grid_power, joined.site_power + joined.storage_rate, rtol=1e-12)
    held = np.diff(joined.storage_energy, prepend=stored.attrs["start"] * battery.energy)
    np.testing.assert_allclose(joined.storage_rate * 20.0, held, atol=1e-9 * float(uses.max()) * 20.0)
    assert float(abs(run.energy_residual).max()) < 1e-9 * float(uses.max())


def test_the_ledger_closes_with_storage(in_time):
    *_, joined = in_time
    book = th.ledger(joined)
    assert abs(float(book.ledger_residual)) <= 1e-9 * float(book.energy_site)
    assert float(book.energy.sel(end_use="storage_losses")) > 0.0


def test_storage_in_minus_out_minus_losses_is_what_it_holds(in_time):
    _, battery, stored, _ = in_time
    into = (
        float((stored.charge_power - stored.discharge_power + battery.standby_power - stored.storage_loss).sum()) * 20.0
    )
    change = float(stored.storage_energy[-1]) - stored.attrs["start"] * battery.energy
    through = float((stored.charge_power + stored.discharge_power).sum()) * 20.0 + battery.energy
    assert abs(into - change) <= 1e-12 * through


def test_identities_of_the_metrics(in_time):
    *_, joined = in_time
    reused = joined.assign(heat_reused=joined.site_power * 0.1)
    book = th.ledger(reused)
    it = float(book.energy.sel(end_use="it"))
    ept = float(th.energy_per_token(book, CHAT, tokens=1e9))
    compute = 0.56
    assert ept == pytest.approx(float(th.pue(book)) * it / 1e9, rel=1e-12)
    assert ept == pytest.approx(float(tue(book, compute)) * compute * it / 1e9, rel=1e-12)
    assert float(tue(book, compute)) == pytest.approx(float(itue(book, compute)) * float(th.pue(book)), rel=1e-12)
    assert float(ere(book)) == pytest.approx((1.0 - float(erf(book))) * float(th.pue(book)), rel=1e-12)
    factor = 0.4 * kg / kWh
    assert float(cue(book, factor)) == pytest.approx(0.4 * float(th.pue(book)), rel=1e-12)


@pytest.mark.parametrize("name", ["sites/generic_20mw", "sites/warm_water_20mw"])
def test_identities_of_a_year_over_climates_and_set_points(name):
    site = th.load(name)
    sets = xr.DataArray([site.plant.T_supply - 2.0, site.plant.T_supply], dims="T_supply")
    book = th.ledger(th.annual(site, weather=WEATHER, T_supply=sets))
    assert (abs(book.ledger_residual) <= 1e-9 * book.energy_site).all()
    e = CHAT.energy_per_token
    ept = th.energy_per_token(book, CHAT)
    np.testing.assert_allclose(ept, th.pue(book) * e / CHAT.compute_share, rtol=1e-12)
    np.testing.assert_allclose(ept, tue(book, CHAT.compute_share) * e, rtol=1e-12)


def test_a_storage_of_another_power_is_not_joined(in_time):
    run, battery, stored, joined = in_time
    with pytest.raises(InputError, match="another power"):
        with_storage(run, smooth(1.01 * run.site_power, battery, ramp_limit=1e5))
    with pytest.raises(InputError, match="storage already"):
        with_storage(joined, stored)


def _hours(values, start="2026-07-01", zone=None):
    import pandas as pd

    times = pd.date_range(start, periods=len(values), freq="h", tz=zone)
    return pd.Series(np.asarray(values, float), times) if zone else xr.DataArray(values, {"time": times}, ("time",))


def _refused(what):
    load = _hours([2 * MW] * 6)
    book = th.ledger(th.annual(th.load("sites/warm_water_20mw"), weather=WEATHER))
    gap = _hours([0.1 / kWh] * 6).copy()
    gap[3] = np.nan
    small = BATTERY.replace(energy=0.05 * BATTERY.energy, rate_loss=0.0)
    return {
        "workload without boundary": lambda: th.energy_per_token(book, "chat"),
        "zero tokens": lambda: th.energy_per_token(book, CHAT, tokens=0.0),
        "storage smaller than one step": lambda: smooth(load, small, ramp_limit=1e3),
        "overlapping periods": lambda: th.accounting.time_of_use(
            {"night": (22, 7, 0.08 / kWh), "day": (6, 22, 0.15 / kWh)}, load.time),
        "price with a gap": lambda: th.accounting.cost(load, gap),
        "price in another zone": lambda: th.accounting.cost(load, _hours([0.1 / kWh] * 6, zone="America/Chicago")),
        "price of another day": lambda: th.accounting.cost(load, _hours([0.1 / kWh] * 6, start="2026-07-02")),
    }[what]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("workload without boundary", "has no "),
        ("zero tokens", "no meaning without tokens"),
        ("storage smaller than one step", "smaller than one step"),
        ("overlapping periods", "overlap at 06:00"),
        ("price with a gap", "not a finite number"),
        ("price in another zone", "time zone"),
        ("price of another day", "has no value at"),
    ],
)
def test_bad_input_is_named(what, words):
    with pytest.raises((InputError, DataError), match=words):
        _refused(what)()
