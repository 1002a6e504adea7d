"""The wing of the plant: its parts put together, its year, and its water in time."""

from thermal.plant.dynamics import PlantDynamics
from thermal.plant.plant import Economiser, Plant
from thermal.plant.tower_plant import TowerPlant

__all__ = ["Economiser", "Plant", "PlantDynamics", "TowerPlant"]
