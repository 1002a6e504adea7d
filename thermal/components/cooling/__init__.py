"""Machines of the plant: chillers, towers, coolers, heat pumps."""

from thermal.components.cooling.chiller import Chiller
from thermal.components.cooling.dry_cooler import DryCooler, FluidCooler
from thermal.components.cooling.heat_pump import HeatReuse
from thermal.components.cooling.lift_chiller import lift_chiller
from thermal.components.cooling.precooling import pad_water, precooled
from thermal.components.cooling.tower import Tower

__all__ = ["Chiller", "DryCooler", "FluidCooler", "HeatReuse", "Tower", "lift_chiller", "pad_water", "precooled"]
