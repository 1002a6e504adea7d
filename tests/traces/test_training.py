"""The measured training run: energy, tokens and pauses against the raw file and the published totals."""

import csv
import gzip

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal import datasets
from thermal.errors import InputError
from thermal.traces import mlperf_training, server_heat

FOLDER = "workloads/mlperf_training_v4_power"


@pytest.fixture(scope="module")
def run(data):
    data(f"{FOLDER}/gpt3_events.csv")
    return mlperf_training()


def raw_energy(side):
    """Energy of all servers, J, added up reading by reading from the file with nothing of the package."""
    with gzip.open(datasets.path(f"{FOLDER}/gpt3_64x8xH100_{side}.csv.gz"), "rt") as file:
        rows = [(r["node"], float(r["t_s"]), float(r["power_W"])) for r in csv.DictReader(file)]
    total, first = 0.0, {}
    for (node, t, power), (following, later, _) in zip(rows, [*rows[1:], ("", 0.0, 0.0)], strict=True):
        begin = t if node in first else 0.0
        first.setdefault(node, t)
        total += power * ((later if following == node else 3412.670) - begin)
    return total


@pytest.mark.parametrize("side", ["AC", "DC"])
def test_rows_have_the_energy_of_the_readings(run, side):
    power = run.server_power.sel(boundary=side).sum("server")
    assert float(power.sum() * run.attrs["interval"]) == pytest.approx(raw_energy(side.lower()), rel=1e-12)


def test_energy_per_token_stands_beside_the_published_one(run):
    """Published totals over a window that may begin before the run; ours are within 0.2 %."""
    book = th.ledger(run, meter=None)
    ept = th.energy_per_token(book, th.load("workloads/llama70b_h100"), tokens=run.tokens)
    for side, kilojoules in (("AC", 1699340), ("DC", 1676757)):
        assert float(ept.sel(boundary=side)) == pytest.approx(kilojoules * 1e3 / 1207959552, rel=2e-3)
        servers = raw_energy(side.lower())
        assert float(ept.sel(boundary=side)) == pytest.approx((servers + 59.57e3 * 3412.670) / 1207959552, rel=1e-9)


def test_tokens_and_pauses(run):
    assert float(run.tokens.sum()) == 1207959552
    assert float((run.evaluation_share * run.attrs["interval"]).sum()) == pytest.approx(24 * 13.0, rel=0.01)
    assert float(run.tokens.where(run.evaluation_share == 1.0).max()) == 0.0
    rate = (run.tokens / run.attrs["interval"]).where(run.evaluation_share == 0.0).median()
    assert float(rate) == pytest.approx(50331648 / (272.399 - 143.328), rel=0.01)


def test_supplies_lose_power_and_no_more_than_a_supply_does(run):
    ac, dc = (float(run.server_power.sel(boundary=side).sum("server").mean()) for side in ("AC", "DC"))
    assert 0.9 < dc / ac < 1.0


def test_longer_rows_keep_the_energy(run):
    long = mlperf_training(step=10.0)
    for name in ("power", "tokens"):
        fine, coarse = ((r[name] * (r.attrs["interval"] if name == "power" else 1)).sum("time") for r in (run, long))
        np.testing.assert_allclose(coarse, fine, rtol=1e-12)


@pytest.mark.parametrize("step", [0.0, -2.0, np.nan, 3600.0, "2"])
def test_a_step_that_is_none(step):
    with pytest.raises(InputError, match="step"):
        mlperf_training(step=step)


@pytest.mark.parametrize("power", [-1.0, np.nan, 1e30, True, "60"])
def test_an_interconnect_that_is_none(power):
    with pytest.raises(InputError, match="network_power"):
        mlperf_training(network_power=power)


def test_the_interconnect_is_the_callers(run):
    kilowatts = xr.DataArray(20.0, attrs={"units": "kW"})
    other = mlperf_training(network_power=kilowatts)
    np.testing.assert_allclose(run.power - other.power, 59.57e3 - 20e3, rtol=1e-9)


@pytest.mark.parametrize("side", ["AC", "DC"])
def test_racks_take_all_that_the_run_draws(run, side):
    heat = server_heat(run, 16, boundary=side)
    np.testing.assert_allclose(heat.sum("rack"), run.power.sel(end_use="it", boundary=side), rtol=1e-12)
    first = run.server_power.sel(boundary=side, server=[f"node_{k}" for k in range(1, 5)]).sum("server")
    np.testing.assert_allclose(heat.isel(rack=0), first + run.network_power / 16, rtol=1e-12)


def test_racks_that_do_not_fit_are_refused(run):
    with pytest.raises(InputError, match="do not hold 64 servers evenly"):
        server_heat(run, 10)
    with pytest.raises(InputError, match="AC and DC are known"):
        server_heat(run, 16, boundary="GPU")
