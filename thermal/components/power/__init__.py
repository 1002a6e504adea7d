"""The way of electricity from meter to rack."""

from thermal.components.power.battery import Battery
from thermal.components.power.chain import PowerChain, PowerStage

__all__ = ["Battery", "PowerChain", "PowerStage"]
