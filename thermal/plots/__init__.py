"""Figures of studies, days and plates."""

from thermal.plots.figures import day, end_uses, overview, trade_off
from thermal.plots.plates import channel_profile, die_map, flow_curves, section

__all__ = ["channel_profile", "day", "die_map", "end_uses", "flow_curves", "overview", "section", "trade_off"]
