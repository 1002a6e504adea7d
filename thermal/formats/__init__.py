"""Files of other programs, read and written as plain data, without a solver."""

from thermal.formats.ice import IceStack, read_ice
from thermal.formats.tables import read_power_map, write_energyplus, write_modelica

__all__ = ["IceStack", "read_ice", "read_power_map", "write_energyplus", "write_modelica"]
