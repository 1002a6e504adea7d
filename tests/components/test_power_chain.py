"""Losses add up along the chain, and the library quotes its sources."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import thermal as th
from thermal.components.power.chain import PowerChain, PowerStage
from thermal.errors import InputError

STAGES = st.builds(
    PowerStage,
    rated_power=st.floats(1e4, 1e7),
    constant_power=st.floats(0, 1e3),
    efficiency=st.floats(0.9, 1),
    ohmic_share=st.floats(0, 0.05),
)
CHAINS = st.builds(
    PowerChain,
    rated_power=st.floats(1e5, 1e8),
    redundancy=st.floats(1, 2),
    transformer=st.none() | STAGES,
    ups=st.none() | STAGES,
    pdu=st.none() | STAGES,
    rectifier=st.none() | STAGES,
)


@given(STAGES, st.floats(0, 1))
def test_three_parts_of_the_loss(stage, load):
    power = load * stage.rated_power
    no_load = stage.constant_power / stage.efficiency
    proportional = (1 / stage.efficiency - 1) * power
    square = stage.ohmic_share * load**2 * stage.rated_power
    assert float(stage.loss(power)) == pytest.approx(no_load + proportional + square, rel=1e-9, abs=1e-6)


@given(CHAINS, st.floats(0, 1), st.floats(0, 1e6))
def test_each_stage_carries_the_losses_behind_it(chain, load, other):
    power = it = load * chain.rated_power
    losses, units = chain.losses(it, other), chain.units
    for name in ("rectifier", "pdu", "ups", "transformer"):
        if name in losses:
            power += other if name == "transformer" else 0.0
            assert float(losses[name]) == pytest.approx(float(getattr(chain, name).loss(power, units[name])), rel=1e-12)
            power += float(losses[name])
    fed = it + sum(float(v) for v in losses.values()) + (other if chain.transformer else 0.0)
    assert power == pytest.approx(fed, rel=1e-12)


@given(CHAINS)
def test_more_load_never_loses_less(chain):
    totals = sum(chain.losses(np.linspace(0, chain.rated_power, 50)).values(), start=np.zeros(50))
    assert (np.diff(totals) >= -1e-9 * chain.rated_power).all()


@given(CHAINS)
def test_installed_units_carry_the_design_power(chain):
    losses = chain.losses(chain.rated_power)
    power = chain.rated_power
    for name in ("rectifier", "pdu", "ups", "transformer"):
        if name in losses:
            assert chain.units[name] * getattr(chain, name).rated_power >= power * (1 - 1e-6)
            power += float(losses[name])


def test_an_unloaded_chain_still_draws_its_no_load_losses():
    chain = th.load("power_chains/generic")
    expected = chain.units["transformer"] * 2500.0
    assert float(chain.losses(0.0)["transformer"]) > expected  # it also feeds the no-load losses behind it
    assert all(np.isfinite(v) and v > 0 for v in chain.losses(0.0).values())


def test_arrays_keep_their_shape():
    losses = th.load("power_chains/frontier").losses(np.full((5, 3), 1e7))
    assert losses["rectifier"].shape == (5, 3)


@pytest.mark.parametrize("power", [-1.0, np.nan, [1.0, -2.0]])
def test_negative_power_is_refused(power):
    with pytest.raises(InputError, match=r"it_power.* = .*(must be from 0 on|is not a finite number)"):
        th.load("power_chains/generic").losses(power)
    with pytest.raises(InputError, match="other_power"):
        th.load("power_chains/generic").losses(1.0, other_power=power)


def test_frontier_has_its_rectifiers():
    """74 cabinets of 8 chassis of 4 rectifiers (RAPS config/frontier.yaml)."""
    assert th.load("power_chains/frontier").units == {"rectifier": 74 * 8 * 4}


def test_frontier_node_at_full_power_by_the_source_law():
    """(2704.26 + 13)/0.98 per node, four of them and the rectifier: (4·2772.71 + 17)/0.96."""
    sivoc, rectifier = th.load("power_stages/frontier_sivoc"), th.load("power_stages/frontier_rectifier")
    node = 2704.26 + float(sivoc.loss(2704.26))
    assert node == pytest.approx((2704.26 + 13) / 0.98)
    assert 4 * node + float(rectifier.loss(4 * node)) == pytest.approx((4 * node + 17) / 0.96)


def test_the_distribution_unit_just_meets_the_rule_it_quotes():
    """10 CFR 431.196: at least 98.94 % at 35 % load."""
    pdu = th.load("power_stages/pdu")
    power = 0.35 * 225e3
    assert power / (power + float(pdu.loss(power))) == pytest.approx(0.9894, abs=2e-5)


def test_chain_prints_its_tree():
    text = str(th.load("power_chains/generic"))
    assert "losses at 25, 50, 100 % load" in text
    assert "27 ups" in text


def test_printed_losses_by_hand():
    """One stage of 1 MW with 5 kW of its own, η 0.98 and 1 % at full load squared, at 250, 500 and 1000 kW.

    25 %: (255/0.98 + 0.625 - 250)/250; 50 %: (505/0.98 + 2.5 - 500)/500; 100 %: (1005/0.98 + 10 - 1000)/1000.
    """
    stage = PowerStage(rated_power=1e6, constant_power=5e3, efficiency=0.98, ohmic_share=0.01)
    text = str(PowerChain(rated_power=1e6, redundancy=1.0, ups=stage))
    assert "4.33%, 3.56%, 3.55%" in text
