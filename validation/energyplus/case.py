"""Plant years and single machines against EnergyPlus 25.2: c1, c3, c4, c5, c6, c7, one script each.

Whole plants run from the weather file and the load alone and are judged on the hours in which the reference is steady;
machines are judged from the reference's own inlet conditions.
"""

from collections.abc import Iterator
from typing import Any

from validation.energyplus import c1, c3, c4, c5, c6, c7
from validation.energyplus.reference import TUNED

__all__ = ["LIMITS", "TUNED", "rows"]

CASES = (c1, c3, c4, c5, c6, c7)
LIMITS: dict[str, Any] = {name: limit for case in CASES for name, limit in case.LIMITS.items()}


def rows() -> Iterator[dict[str, Any]]:
    for case in CASES:
        yield from case.rows()
