"""Proof that each member of an enumeration of laws reaches its own law, for the tests of any subject."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any

import numpy as np


def assert_each_reaches_its_own_law(
    choose: Callable[..., Any], laws: Mapping[IntEnum, Callable[..., Any]], cases: Sequence[tuple[Any, ...]]
) -> None:
    """Compare ``choose(member, *case)`` with ``laws[member](*case)`` for every member of the enumeration.

    The mapping must name every member, and the cases must tell the laws apart, or two rotated members would pass.
    """
    (family,) = {type(member) for member in laws}
    assert set(laws) == set(family), f"no law is given for {set(family) - set(laws)}"
    answers = {}
    for member, law in laws.items():
        expected = [np.asarray(law(*case), float) for case in cases]
        found = [np.asarray(choose(member, *case), float) for case in cases]
        np.testing.assert_array_equal(found, expected, err_msg=f"{member!r} reaches another law")
        assert np.isfinite(expected).all(), f"{member!r} has no answer for these cases"
        answers[member] = np.concatenate([e.ravel() for e in expected])
    members = list(answers)
    for k, one in enumerate(members):
        for other in members[k + 1 :]:
            assert not np.array_equal(answers[one], answers[other]), f"the cases do not tell {one!r} from {other!r}"
