"""The wing of the meter: end uses of electricity in time."""

from thermal.power.end_uses import with_end_use, with_power_chain

__all__ = ["with_end_use", "with_power_chain"]
