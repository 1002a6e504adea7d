"""What one can buy, by shelf; each part is frozen and checked, and lowers itself to arrays."""

from thermal.components import chip, cooling, hall, hydronics, plate, power
from thermal.components.refrigerant import Refrigerant

__all__ = ["Refrigerant", "chip", "cooling", "hall", "hydronics", "plate", "power"]
