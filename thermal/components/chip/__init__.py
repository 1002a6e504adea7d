"""Chips: packages and stacks of dies."""

from thermal.components.chip.package import Package
from thermal.components.chip.stack import Block, Layer, Region, Stack

__all__ = ["Block", "Layer", "Package", "Region", "Stack"]
