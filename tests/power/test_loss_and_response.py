"""Loss of the grid and demand response: by hand, energy that balances, and what cannot be asked."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import thermal as th
from thermal.components.power.battery import Battery
from thermal.errors import InputError
from thermal.power import demand_response, ride_through

MINUTES = Battery(power=2e6, energy=3e8, loss=0.02, rate_loss=20.0, standby_power=5e3, lowest=0.1, highest=0.9)


def series(values, step=10.0):
    return xr.DataArray(np.asarray(values, float), {"time": step * np.arange(len(values))}, ("time",))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 1000), st.floats(0.0, 3e6), st.integers(0, 5), st.floats(0.0, 1e6), st.floats(0.1, 0.9),
    st.floats(0.0, 3e5),
)  # fmt: skip
def test_a_loss_of_the_grid_balances(seed, generator, rows, recharge, start, essential):
    load = series(1e6 * (1.0 + np.random.default_rng(seed).random(60)))
    run = ride_through(
        load, MINUTES, at=100.0, lasts=300.0, essential=essential, generator=generator, generator_after=10.0 * rows,
        recharge=recharge, start=start,
    )  # fmt: skip
    scale = MINUTES.energy
    assert float(abs(run.storage_residual).max()) < 1e-12 * scale
    away = (run.time >= 100.0) & (run.time < 400.0)
    assert float(run.grid_power.where(away, 0.0).sum()) == 0.0
    assert (run.power_shed.where(~away, 0.0) == 0.0).all()
    total = run.grid_power + run.generator_power + run.discharge_power - run.charge_power
    used = float((total - run.power_served).max())
    assert float((total - run.power_served).min()) + 1e-6 >= 0.0
    assert used <= MINUTES.standby_power + 1e-6
    assert MINUTES.lowest - 1e-12 <= float(run.state_of_charge.min())
    assert float(run.state_of_charge.max()) <= MINUTES.highest + 1e-12
    assert (run.essential_shed <= run.power_shed + 1e-6).all()
    assert float(run.essential_for) >= float(run.held_for)


def test_how_long_a_battery_holds_by_hand():
    """240 MJ usable, 1.5 MW and 5 kW of standby: 1.505 MW at 1.505e6/3e8·20 + 0.02 = 12.03 % lost take 1.7109 MW."""
    share = 0.02 + 20.0 / 3e8 * 1.505e6
    seconds = 240e6 / (1.505e6 / (1.0 - share))
    run = ride_through(series(60 * [1.5e6], 5.0), MINUTES, at=50.0, lasts=200.0)
    assert float(run.held_for) == 5.0 * np.floor(seconds / 5.0)
    forever = ride_through(
        series(60 * [1.5e6], 5.0), MINUTES, at=50.0, lasts=200.0, generator=2e6, generator_after=60.0
    )
    assert float(forever.held_for) == 200.0
    assert float(forever.power_shed.max()) == 0.0


def test_the_essential_load_outlasts_the_rest():
    run = ride_through(series(60 * [4e6], 5.0), MINUTES, at=50.0, lasts=100.0, essential=5e5)
    assert float(run.held_for) == 0.0  # 4 MW on a battery of 2 MW
    assert float(run.essential_for) > 50.0


def test_what_a_loss_cannot_be():
    load = series(60 * [1e6])
    for more, words in (({"at": 105.0}, "does not lie on edges"), ({"lasts": 1e4}, "ends at 600 s"),
                        ({"essential": 2e6}, "more than the load"), ({"recharge": 3e6}, "recharge")):  # fmt: skip
        with pytest.raises(InputError, match=words):
            ride_through(load, MINUTES, **({"at": 100.0, "lasts": 100.0} | more))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 0.4), st.booleans())
def test_response_meets_its_goal_or_says_by_how_much_not(seed, share, stored):
    it = series(8e5 + 2e5 * np.random.default_rng(seed).random(96), 900.0)
    battery = th.load("batteries/lithium_1mw_4h").replace(power=1e5, energy=7.2e8) if stored else None
    plan = demand_response(
        1.1 * it, it, share=share, at=9000.0, lasts=7200.0, rated_it=1.2e6, battery=battery, rebound=1.2
    )
    event = (plan.time >= 9000.0) & (plan.time < 16200.0)
    goal = plan.attrs["goal"]
    assert goal == pytest.approx((1 - share) * float((1.1 * it).where(event).mean()), rel=1e-12)
    assert (plan.grid_power.where(event, 0.0) <= goal * (1 + 1e-9)).all()
    assert float(plan.limit_missed.max()) == 0.0
    owed = float((plan.power_withheld - plan.power_caught_up).sum()) * 900.0
    assert owed == pytest.approx(plan.attrs["energy_owed"], abs=1e-3)
    assert plan.attrs["energy_owed"] == pytest.approx(0.0, abs=1e-3)
    assert float(plan.it_power.max()) <= 1.2e6 + 1e-6
    if stored:
        assert float(abs(plan.storage_residual).max()) < 1e-12 * battery.energy
        assert float(plan.power_withheld.sum()) < float(
            demand_response(1.1 * it, it, share=share, at=9000.0, lasts=7200.0, rated_it=1.2e6).power_withheld.sum()
        )


def test_a_floor_under_the_work_is_kept_and_the_miss_is_named():
    site, it = series(24 * [1.1e6], 900.0), series(24 * [1e6], 900.0)
    plan = demand_response(site, it, share=0.5, at=900.0, lasts=1800.0, rated_it=1e6, least_it=8e5)
    assert float(plan.it_power.min()) == 8e5
    assert float(plan.limit_missed.max()) == pytest.approx(9e5 - 5.5e5)
    assert plan.attrs["energy_owed"] == pytest.approx(2e5 * 1800.0)  # no room above rated: it stays owed


def test_what_a_response_cannot_be():
    site, it = series(24 * [1.1e6]), series(24 * [1e6])
    good = {"share": 0.2, "at": 100.0, "lasts": 100.0, "rated_it": 1e6}
    with pytest.raises(InputError, match="be part of it"):
        demand_response(it, site, **good)
    with pytest.raises(InputError, match="share"):
        demand_response(site, it, **(good | {"share": 0.0}))
    with pytest.raises(InputError, match="the event from 100 to 400 s"):
        demand_response(site, it, **(good | {"lasts": 300.0}))
