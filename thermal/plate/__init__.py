"""The wing of the die: cold plates solved in three dimensions."""

from thermal.plate.convergence import grid_convergence
from thermal.plate.grid import Cells

__all__ = ["Cells", "grid_convergence"]
