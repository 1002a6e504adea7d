import pytest

import thermal as th
from thermal.errors import InputError


def test_compute_share_has_limits():
    chat = th.load("workloads/llama70b_b200")
    with pytest.raises(InputError, match=r"compute_share = 1\.2 is outside"):
        chat.replace(compute_share=1.2)
    with pytest.raises(InputError, match="energy_per_token"):
        chat.replace(energy_per_token=0.0)
