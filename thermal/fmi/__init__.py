"""Loops and what stands behind them as a co-simulation unit (FMI 2.0): other programs step it, and give it its heat."""

from thermal.fmi.package import export
from thermal.fmi.raps import PROFILES

__all__ = ["PROFILES", "export"]
