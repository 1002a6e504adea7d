"""Numbered choices of a part are given and printed by their names."""

import pytest

import thermal as th
from thermal.errors import InputError
from thermal.physics.convection.channel import Entry

PLATE = th.ColdPlate(length=0.04, breadth=0.04, channel_width=2e-4, fin_width=2e-4, channel_depth=2e-3, base=1e-3,
                     metal=th.load("materials/copper"))  # fmt: skip


@pytest.mark.parametrize("given", ["thermal", "Thermal", 1, Entry.THERMAL])
def test_a_name_or_a_number_is_the_member(given):
    plate = PLATE.replace(entry=given)
    assert plate.entry is Entry.THERMAL
    assert "entry: thermal" in str(plate)


@pytest.mark.parametrize("given", ["hot", "", True, "1"])
def test_another_text_is_refused_with_the_names(given):
    with pytest.raises(InputError, match=r"entry = .* must be one of developed, thermal, simultaneous"):
        PLATE.replace(entry=given)
