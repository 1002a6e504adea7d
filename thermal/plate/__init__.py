"""The wing of the die: cold plates solved in three dimensions."""

from thermal.components.plate.sink import Sink
from thermal.physics.convection.critical_flux import Critical
from thermal.physics.convection.flow_boiling import Film
from thermal.physics.convection.pool_boiling import Pool
from thermal.physics.convection.two_phase_drop import Drop
from thermal.plate.boiling import flow_boiling
from thermal.plate.convergence import grid_convergence
from thermal.plate.design import Drawing, Limits, design
from thermal.plate.goal import Goal
from thermal.plate.gradient import gradient
from thermal.plate.grid import Cells
from thermal.plate.immersion import immersion
from thermal.plate.pool import pool_boiling

__all__ = [
    "Cells",
    "Critical",
    "Drawing",
    "Drop",
    "Film",
    "Goal",
    "Limits",
    "Pool",
    "Sink",
    "design",
    "flow_boiling",
    "gradient",
    "grid_convergence",
    "immersion",
    "pool_boiling",
]
