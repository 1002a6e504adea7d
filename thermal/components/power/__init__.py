"""The way of electricity from meter to rack."""

from thermal.components.power.chain import PowerChain, PowerStage

__all__ = ["PowerChain", "PowerStage"]
