"""The wing of the die: cold plates solved in three dimensions."""

from thermal.physics.convection.critical_flux import Critical
from thermal.physics.convection.flow_boiling import Film
from thermal.physics.convection.two_phase_drop import Drop
from thermal.plate.boiling import flow_boiling
from thermal.plate.convergence import grid_convergence
from thermal.plate.grid import Cells

__all__ = ["Cells", "Critical", "Drop", "Film", "flow_boiling", "grid_convergence"]
