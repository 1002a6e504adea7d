"""Where the electricity went: an energy ledger by end use that adds up to the meter, and the metrics read from it.

Works on results and on measured telemetry alike: it knows datasets, never a solver.
"""

from thermal.accounting.annual_sums import annual_sums
from thermal.accounting.cost import cost, time_of_use
from thermal.accounting.gaps import hold_last, interpolate
from thermal.accounting.grid import flexibility, grid_metrics, ramps, swings
from thermal.accounting.ledger import COOLING, END_USES, ledger
from thermal.accounting.metrics import cue, ere, erf, itue, partial_pue, pue, tue, wue, wue_source
from thermal.accounting.running_hours import running_hours
from thermal.accounting.tokens import energy_per_token

__all__ = [
    "COOLING",
    "END_USES",
    "annual_sums",
    "cost",
    "cue",
    "energy_per_token",
    "ere",
    "erf",
    "flexibility",
    "grid_metrics",
    "hold_last",
    "interpolate",
    "itue",
    "ledger",
    "partial_pue",
    "pue",
    "ramps",
    "running_hours",
    "swings",
    "time_of_use",
    "tue",
    "wue",
    "wue_source",
]
