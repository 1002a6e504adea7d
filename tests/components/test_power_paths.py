"""Redundancy sets the load of each unit, and the alternative chains lose what their files say."""

import numpy as np
import pytest

import thermal as th
from thermal.components.power.chain import PowerChain, PowerStage
from thermal.errors import InputError

STAGE = PowerStage(rated_power=1e6, constant_power=8e3, efficiency=0.98, ohmic_share=0.01)


@pytest.mark.parametrize(
    ("more", "units", "share"),
    [({}, 4, 1.0), ({"spare": 1}, 5, 0.8), ({"redundancy": 2.0}, 8, 0.5), ({"redundancy": 2.0, "spare": 1}, 9, 4 / 9)],
)
def test_n_one_more_and_twice(more, units, share):
    """4 MW over units of 1 MW: N has 4 at full load, N+1 five at 80 %, 2N eight at half load, and the loss by hand."""
    chain = PowerChain(rated_power=4e6, ups=STAGE, **more)
    assert chain.units == {"ups": units}
    assert float(chain.load_share(4e6)["ups"]) == pytest.approx(share)
    each = share * 1e6
    by_hand = units * ((each + 8e3) / 0.98 + 0.01 * each**2 / 1e6 - each)
    assert float(chain.losses(4e6)["ups"]) == pytest.approx(by_hand, rel=1e-12)


def test_load_shares_carry_the_losses_behind_them():
    chain = PowerChain(rated_power=4e6, transformer=STAGE, ups=STAGE)
    found = chain.load_share(np.array([0.0, 2e6]), 5e5)
    behind = 2e6 + float(chain.losses(2e6)["ups"]) + 5e5
    assert found["transformer"][1] == pytest.approx(behind / (chain.units["transformer"] * 1e6))
    assert found["ups"][0] == 0.0


@pytest.mark.parametrize("spare", [-1, 1.5, "one"])
def test_spares_are_whole_units(spare):
    with pytest.raises(InputError, match="spare"):
        PowerChain(rated_power=4e6, ups=STAGE, spare=spare)


@pytest.mark.parametrize(
    ("name", "at_half"),
    [("ups", 0.968), ("ups_eco", 0.989), ("rectifier_800v", 0.979), ("dc_converter_800v", 0.975)],
)
def test_files_give_the_efficiency_that_they_name(name, at_half):
    stage = th.load(f"power_stages/{name}")
    half = 0.5 * stage.rated_power
    assert half / (half + float(stage.loss(half))) == pytest.approx(at_half, abs=1e-3)


def test_eco_and_direct_current_lose_less_than_double_conversion():
    """Beside NVIDIA's claim of up to 5 % end to end, boards included; ours comes out by stages."""
    lost = {}
    for name in ("generic", "generic_eco", "dc_800v"):
        lost[name] = sum(float(v) for v in th.load(f"power_chains/{name}").losses(15e6).values()) / 15e6
    assert lost["generic_eco"] < lost["generic"]
    assert 0.0 < lost["generic"] - lost["dc_800v"] < 0.05
