"""Co-simulation units (FMI 2.0 and 3.0): loops and what stands behind them, stepped by others, or theirs by us."""

from thermal.fmi.imported import ImportedUnit
from thermal.fmi.package import export
from thermal.fmi.plate_unit import export_plate
from thermal.fmi.raps import PROFILES

__all__ = ["PROFILES", "ImportedUnit", "export", "export_plate"]
