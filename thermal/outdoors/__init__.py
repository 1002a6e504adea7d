"""Weather files, climates, and what they mean for a site."""

from thermal.outdoors.climate import Climate, weather
from thermal.outdoors.siting import design_day, mechanical_load, return_value, supply_reset, water_classes

__all__ = ["Climate", "design_day", "mechanical_load", "return_value", "supply_reset", "water_classes", "weather"]
