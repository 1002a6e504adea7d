"""Random coolant networks in time: nothing is NaN, balances close, and what cannot be is said in words."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from march_cases import march_random


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_random_networks_march(seed):
    """One to three CDUs, racks whole or plate by plate, pipes and a mesh; steps of heat, no heat, faults.

    `python tests/verification/march_cases.py` runs a thousand, up to 2000 branches.
    """
    assert "unnamed" not in march_random(np.random.default_rng(seed), 120)
