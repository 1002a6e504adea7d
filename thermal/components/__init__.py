"""What one can buy, by shelf; each part is frozen and checked, and lowers itself to arrays."""

from thermal.components import chip, cooling, hall, hydronics, plate, power

__all__ = ["chip", "cooling", "hall", "hydronics", "plate", "power"]
