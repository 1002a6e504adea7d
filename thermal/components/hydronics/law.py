"""How a part states the hydraulic law of a branch: kind, numbers, the flow to start from, and the coolant inside."""

from enum import IntEnum
from typing import NamedTuple, Protocol, runtime_checkable

from thermal.components.coolant import Properties
from thermal.physics.machines.pump import PumpCurve

__all__ = ["REFERENCE_DROP", "BranchLaw", "HydraulicPart", "Kind", "square_law"]

REFERENCE_DROP = 1e4  # Pa, at which a loss without a reference flow of its own is thought to work


class Kind(IntEnum):
    """Table of ``thermal.physics.network.branches`` that a branch goes to, in the order of its loops."""

    PIPE = 0
    POWER = 1
    QUADRATIC = 2
    DROP = 3
    PUMP = 4
    CHECK = 5
    LIMITER = 6


class BranchLaw(NamedTuple):
    """One row of a table of branch laws."""

    kind: Kind
    values: dict[str, float]  # of the table's fields
    flow: float  # mass flow to start from, near that of use [kg/s]
    volume: float = 0.0  # coolant inside [m³]
    curve: PumpCurve | None = None  # head of a pump, or loss [Pa] of a sampled drop in its place
    closed: bool = False
    density: float | None = None  # of a coolant of its own [kg/m³]


@runtime_checkable
class HydraulicPart(Protocol):
    """What a part must offer to be placed by a ``Branch``."""

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """Its law with a coolant of those properties."""


def square_law(quadratic: float, linear: float = 0.0, volume: float = 0.0, closed: bool = False) -> BranchLaw:
    """Return h = linear m + quadratic m|m| [Pa], starting from the flow that loses 10 kPa."""
    chord = linear + (linear * linear + 4.0 * quadratic * REFERENCE_DROP) ** 0.5
    flow = 2.0 * REFERENCE_DROP / chord
    values = {"linear": linear, "quadratic": quadratic, "small": 1e-4 * flow}
    return BranchLaw(Kind.QUADRATIC, values, flow, volume, closed=closed)
