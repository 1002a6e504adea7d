"""Stack, floorplan and layout files of the program 3D-ICE, read into SI units and °C."""

from thermal.formats.ice.read import read_ice
from thermal.formats.ice.stack import (
    Cavity,
    IceBlock,
    IceChannel,
    IceLayer,
    IceMaterial,
    IceRectangle,
    IceRequest,
    IceSink,
    IceStack,
)

__all__ = [
    "Cavity", "IceBlock", "IceChannel", "IceLayer", "IceMaterial", "IceRectangle", "IceRequest", "IceSink", "IceStack",
    "read_ice",
]  # fmt: skip
