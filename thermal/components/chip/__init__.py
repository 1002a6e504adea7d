"""Chips: packages and stacks of dies, and the laws of their power."""

from thermal.components.chip.floorplan import blocks_of
from thermal.components.chip.leakage import Leakage
from thermal.components.chip.package import Package
from thermal.components.chip.smoothing import PowerSmoothing
from thermal.components.chip.stack import Block, Layer, Region, Stack
from thermal.components.chip.throttling import Throttling
from thermal.components.chip.working_point import best_supply, working_point

__all__ = [
    "Block",
    "Layer",
    "Leakage",
    "Package",
    "PowerSmoothing",
    "Region",
    "Stack",
    "Throttling",
    "best_supply",
    "blocks_of",
    "working_point",
]
