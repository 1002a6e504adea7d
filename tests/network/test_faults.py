"""Single failures of a network and the table of seconds to limit."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.accounting.limits import crossing
from thermal.errors import InputError
from thermal.network import fault_table
from thermal.network.network import Branch, Network, Node

WATER = th.Supply(T=26, flow=0.03, coolant=th.load("coolants/water"))
RACK = th.load("racks/gb200_nvl72")


def row(cdus=2, racks=3, **options):
    names = ["cdu_a", "cdu_b"][:cdus]
    return Network(
        coolant=th.load("coolants/pg25"), nodes=[Node("return", pressure=2e5)],
        branches=[
            *(Branch(name, th.load("cdus/vertiv_xdu1350"), "return", "supply") for name in names),
            Branch("strainer", th.load("strainers/y_dn100"), "supply", "clean"),
            *th.manifold(racks * [RACK], "clean", "return", disconnect=th.load("disconnects/uqd04").replace(Kv=0.01),
                         **options),
        ],
    )  # fmt: skip


def test_every_part_that_can_fail_is_listed_once():
    found = {fault.name: fault for fault in th.faults(row(unfold=True), at=30)}
    assert len(found) == len(th.faults(row(unfold=True)))
    assert found["cdu_a/pump_1 stops"].equals == 2
    assert {"cdu_b is lost", "cdu_b/valve is stuck", "no CDU has facility water", "strainer clogs to 0.3"} <= set(found)
    assert {"rack2/disconnect closes", "rack3/plate1 clogs to 0.3", "rack3/plate1 closes"} <= set(found)
    assert found["rack3/plate1 closes"].equals == 72
    assert all(event.at == 30 for fault in found.values() for event in fault.events)


def test_the_table_is_that_of_single_runs():
    net = row()
    table = fault_table(net, heat=110e3, facility=WATER, until=120)
    assert set(table.fault.values) == {fault.name for fault in th.faults(net)}
    assert np.abs(table.energy_residual).max() < 1e-3
    assert table.mass_residual.max() < 1e-9
    for name in ("cdu_a is lost", "rack2/disconnect closes", "no CDU has facility water", "cdu_b/pump_1 stops"):
        fault = next(f for f in th.faults(net) if f.name == name)
        run = th.transient(net, heat=110e3, facility=WATER, until=120, step=1, save=1, events=fault.events)
        seconds = th.time_to_limit(run).min()
        line = table.sel(fault=name)
        np.testing.assert_allclose(line.time_to_limit, seconds, atol=0.05)
        lowest = run.margin.min("branch")
        lowest = lowest if np.isnan(seconds) else lowest.sel(time=slice(0, float(seconds) + 1))
        assert float(line.margin) == pytest.approx(float(lowest.min()), abs=0.01)
        assert (str(line.saved_by.values) == "nothing: limit passed") == bool(np.isfinite(seconds))
    assert "cdu_b/speed" in str(table.saved_by.sel(fault="cdu_a is lost").values)
    assert str(table.worst.sel(fault="rack2/disconnect closes").values) == "rack2"


def test_one_cdu_has_no_other():
    table = fault_table(row(cdus=1), heat=110e3, facility=WATER, until=120)
    lost = float(table.time_to_limit.sel(fault="cdu_a is lost"))
    assert 5.0 < lost < 60.0
    own = [th.faults(row(cdus=1))[1]]
    assert float(fault_table(row(cdus=1), heat=110e3, facility=WATER, failures=own, until=120).time_to_limit[0]) == lost


def test_sweeping_faults():
    """The sweep of studies runs them as well."""
    net = row(cdus=1)

    def run(fault):
        day = th.transient(net, heat=110e3, facility=WATER, until=60, step=1, save=5, events=fault.events)
        return day[["margin"]].min()

    listed = th.faults(net)[:3]
    runs = th.sweep(run, fault=list(listed))
    assert runs.margin.shape == (3,)


def test_crossing():
    ends = np.array([1.0, 2.0, 3.0])
    margin = np.array([[5.0, 5.0, -1.0], [1.0, 4.0, -2.0], [-1.0, 3.0, -3.0]])
    np.testing.assert_allclose(crossing(ends, margin), [2.5, np.nan, 1.0])
    np.testing.assert_allclose(crossing(ends, margin, 1.5), [1.0, np.nan, 0.5])
    assert np.isnan(crossing(ends, margin, 9.0)).all()
    minutes = np.datetime64("2026-01-01", "ns") + np.arange(1, 4) * np.timedelta64(60, "s")
    dates = xr.Dataset({"margin": ("time", [5.0, 1.0, -1.0])}, {"time": minutes})
    assert float(th.time_to_limit(dates)) == pytest.approx(150.0)


def test_bad_input():
    with pytest.raises(InputError, match="margin"):
        th.time_to_limit(xr.Dataset())
    with pytest.raises(InputError, match="constant"):
        fault_table(row(), heat=xr.DataArray([1e5, 1e5], dims="time", coords={"time": [0, 60]}), facility=WATER)
    with pytest.raises(InputError, match="at = -1"):
        th.faults(row(), at=-1)
    with pytest.raises(InputError, match="Network"):
        th.faults(RACK)


@pytest.mark.compiled
def test_heat_and_mass_close_over_a_day_of_every_failure():
    """Each failure once, mended after a quarter of an hour, and what is none: a leak, warm water, a drifting sensor."""
    mended = {"runs": 1.0, "clog": 1.0, "close": 0.0, "control": 1.0, "available": 1.0}
    network, events = row(), []
    found = th.faults(network)
    for i, fault in enumerate(found):
        at = 3600.0 + i * 75600.0 / len(found)
        events += [event._replace(at=at) for event in fault.events]
        events += [event._replace(at=at + 900.0, value=mended[event.what]) for event in fault.events]
    events += [th.network.leak("supply", flow=1e-5, at=79500), th.network.leak("supply", flow=0.0, at=80000)]
    events += [th.network.warm("cdu_a", to=38, at=81000), th.network.drift("cdu_b/valve", by=1.0, at=82000)]
    power = 100e3 * np.random.default_rng(0).uniform(0.3, 1.0, (288, 3))
    heat = xr.DataArray(power, {"time": 300.0 * np.arange(288)}, ("time", "rack"))
    day = th.transient(network, heat=heat, facility=WATER, events=events, step=10.0, save=300)
    assert len(found) == 21
    assert float(np.abs(day.energy_residual).max()) <= 1e-9 * power.sum(axis=1).max()
    assert float(day.mass_residual.max()) <= 1e-9 * 1000.0 * float(np.abs(day.flow).max())
