"""What a limit brings: a rack that throttles or trips, in loops and in networks."""

import numpy as np
import pytest
import xarray as xr

import thermal as th
from thermal.errors import InputError

LOOP, WATER = th.load("loops/gb200_row"), th.Supply(T=26, flow=0.03)
NETWORK = LOOP.network()
LAW = th.load("throttlings/accelerator")
LOST = {"until": 120.0, "step": 1.0, "save": 1.0}


def lost(part, heat=110e3, **more):
    events = 2 * [th.stop(LOOP.cdu.pumps[0], at=30.0)] if part is LOOP else [th.stop("cdu", at=30.0)]
    return th.transient(part, heat=heat, facility=WATER, events=events, **LOST | more)


@pytest.mark.parametrize("part", [LOOP, NETWORK], ids=["loop", "network"])
def test_a_rack_that_trips_gives_nothing_from_the_next_row_on(part):
    free, run = lost(part), lost(part, on_limit="trip")
    racks = "rack" if part is LOOP else "branch"
    hot = (free.margin < 0.0).any(racks).values
    first = int(np.argmax(hot))
    assert 30 < first < 60
    np.testing.assert_array_equal(run.T_case[: first + 1], free.T_case[: first + 1])
    share = run.heat_share.dropna(racks, how="all")
    np.testing.assert_array_equal(share.max(racks), (np.arange(120) <= first).astype(float))
    np.testing.assert_allclose(run.power.sel(end_use="it"), np.where(np.arange(120) <= first, 880e3, 0.0))
    assert float(run.T_case.max()) < float(run.T_case[first].max()) + 0.01  # of standing coolant nothing warms it
    assert float(free.T_case.max()) > 200.0
    assert float(abs(run.energy_residual).max()) < 1e-6


@pytest.mark.parametrize("part", [LOOP, NETWORK], ids=["loop", "network"])
def test_a_rack_that_throttles_follows_the_law_from_the_row_before(part):
    """Share = clamp(1 − 0.05 (T − limit), 0.4, 1)², by hand from the temperatures of the row before."""
    run = lost(part, on_limit="throttle")
    racks = "rack" if part is LOOP else "branch"
    case, share = run.T_case.dropna(racks, how="all").max(racks), run.heat_share.dropna(racks, how="all").min(racks)
    limit = LOOP.racks[0].package.T_case_limit
    expected = np.clip(1.0 - 0.05 * (case.values[:-1] - limit), 0.4, 1.0) ** 2
    np.testing.assert_allclose(share.values[1:], expected, rtol=1e-12)
    assert share.values[0] == 1.0
    assert 0.16 < float(share[45]) < 1.0
    np.testing.assert_allclose(run.power.sel(end_use="it"), 880e3 * share, rtol=1e-12)


def test_loop_and_network_throttle_alike():
    a, b = lost(LOOP, on_limit="throttle"), lost(NETWORK, on_limit="throttle")
    np.testing.assert_allclose(b.T_case.sel(branch="rack3"), a.T_case.isel(rack=2), atol=1e-6)


@pytest.mark.parametrize("unfold", [False, True])
def test_only_the_rack_that_is_too_hot_trips(unfold):
    """A rack whose disconnect closes trips with all its packages; its neighbours keep theirs, of a trace as well."""
    heat = xr.DataArray(np.linspace(80e3, 100e3, 12), {"time": np.arange(0.0, 120.0, 10.0)}, ("time",))
    part = LOOP.network(unfold=unfold)
    run = th.transient(part, heat=heat, facility=WATER, events=[th.close("rack2", at=20.0)], on_limit="trip",
                       until=120.0, step=1.0, save=1.0)  # fmt: skip
    last = run.heat_share[-1].dropna("branch")
    tripped = {str(name).split("/")[0] for name in last.branch.values if float(last.sel(branch=name)) == 0.0}
    assert tripped == {"rack2"}
    assert float(run.power.sel(end_use="it")[-1]) == pytest.approx(7 * 100e3, rel=1e-12)
    assert float(run.power.sel(end_use="it")[5]) == pytest.approx(8 * 80e3, rel=1e-12)


def test_what_never_passes_its_limit_is_left_alone():
    calm = {"heat": 80e3, "facility": WATER, **LOST}
    for part in (LOOP, NETWORK):
        free, run = th.transient(part, **calm), th.transient(part, **calm, on_limit="throttle")
        np.testing.assert_array_equal(run.T_case, free.T_case)
        np.testing.assert_array_equal(run.heat, free.heat)
        assert float(run.heat_share.min()) == 1.0


def test_another_law_and_rows_that_are_too_long():
    gentle = lost(LOOP, on_limit=LAW.replace(lowest_clock=0.8))
    assert float(gentle.heat_share.min()) == pytest.approx(0.64)
    with pytest.raises(InputError, match="set once in each saved row, which may last 5 s"):
        lost(LOOP, on_limit="throttle", save=30.0)
    assert float(lost(LOOP, on_limit="trip", save=30.0).heat_share[-1].max()) == 0.0
