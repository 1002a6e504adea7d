"""The wing of the meter: end uses of electricity in time, and storage between load and grid."""

from thermal.power.dispatch import by_price, least_cost
from thermal.power.end_uses import with_end_use, with_power_chain
from thermal.power.storage import shave, smooth

__all__ = ["by_price", "least_cost", "shave", "smooth", "with_end_use", "with_power_chain"]
