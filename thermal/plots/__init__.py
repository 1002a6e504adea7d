"""Figures of studies, comparisons, days, plates and networks."""

from thermal.plots.comparison import cumulative, histogram, parity, residual, series
from thermal.plots.figures import day, end_uses, overview, trade_off
from thermal.plots.flows import energy_flow
from thermal.plots.maps import operating_map
from thermal.plots.moving import animate
from thermal.plots.networks import schematic
from thermal.plots.plates import channel_profile, die_map, flow_curves, section
from thermal.plots.pumps import pump_curves
from thermal.plots.studies import band, front, indices
from thermal.plots.years import duration, year_map

__all__ = [
    "animate", "band", "channel_profile", "cumulative", "day", "die_map", "duration", "end_uses", "energy_flow",
    "flow_curves", "front", "histogram", "indices", "operating_map", "overview", "parity", "pump_curves", "residual",
    "schematic", "section", "series", "trade_off", "year_map",
]  # fmt: skip
