"""Stacks of the program 3D-ICE, solved with that program's discretisation or with this one's."""

from thermal.plate.ice.resolved import ice_body, ice_heat
from thermal.plate.ice.solve import steady_ice, transient_ice

__all__ = ["ice_body", "ice_heat", "steady_ice", "transient_ice"]
