"""The wing of the meter: end uses of electricity in time, and storage between load and grid."""

from thermal.power.cold import cooling_of
from thermal.power.dispatch import by_price, least_cost
from thermal.power.end_uses import with_end_use, with_power_chain, with_storage
from thermal.power.response import demand_response
from thermal.power.ride_through import ride_through
from thermal.power.storage import shave, smooth

__all__ = [
    "by_price", "cooling_of", "demand_response", "least_cost", "ride_through", "shave", "smooth", "with_end_use",
    "with_power_chain", "with_storage",
]  # fmt: skip
