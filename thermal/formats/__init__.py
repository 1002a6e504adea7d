"""Files of other programs, read and written as plain data, without a solver."""

from thermal.formats.hotspot import HotSpotUnit, hotspot_map, read_hotspot_floorplan, read_hotspot_trace
from thermal.formats.ice import IceStack, read_ice
from thermal.formats.tables import read_power_map, write_energyplus, write_modelica

__all__ = [
    "HotSpotUnit", "IceStack", "hotspot_map", "read_hotspot_floorplan", "read_hotspot_trace", "read_ice",
    "read_power_map", "write_energyplus", "write_modelica",
]  # fmt: skip
