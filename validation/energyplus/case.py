"""Plant years and single machines against EnergyPlus 25.2: the plants of `years.YEARS`.

Whole plants run from the weather file and the load alone and are judged on the hours in which the reference is steady;
machines are judged from the reference's own inlet conditions.
"""

from collections.abc import Iterator
from typing import Any

from validation.energyplus import years
from validation.energyplus.reference import TUNED

__all__ = ["LIMITS", "TUNED", "rows"]

LIMITS: dict[str, Any] = {quantity: limit for name in years.YEARS for quantity, limit in years.limits(name).items()}


def rows() -> Iterator[dict[str, Any]]:
    for name in years.YEARS:
        yield from years.rows(name)
