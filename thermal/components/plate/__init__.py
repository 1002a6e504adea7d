"""Cold plates: by geometry, by curve, reduced, and their metals."""

from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.geometry import ColdPlate, Manifold, Pattern
from thermal.components.plate.material import Material
from thermal.components.plate.reduced import ReducedPlate

__all__ = ["ColdPlate", "ColdPlateCurve", "Manifold", "Material", "Pattern", "ReducedPlate"]
