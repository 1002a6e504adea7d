"""Rectangles in the plane of a plate: what a block of power and a region of material are; the one home of overlaps."""

from typing import Any

import numpy as np

from thermal.quantity import Part, quantity

__all__ = ["Rectangle", "covered_area", "shared_length"]

THIN = 1e-9  # m: rectangles that share less of a side only touch


class Rectangle(Part):
    """A rectangle; positions are from the corner of the plate at its inlet side.

    Examples
    --------
    >>> a, b = (Rectangle(x=x, y=0, breadth=0.02, length=0.01) for x in (0, 0.015))
    >>> round(a.overlap(b) * 1e6, 9)  # mm²
    50.0
    """

    x: float = quantity("m", "lower edge across the flow", low=0, high=1)
    y: float = quantity("m", "lower edge along the flow", low=0, high=1)
    breadth: float = quantity("m", "extent across the flow", above=0, high=1)
    length: float = quantity("m", "extent along the flow", above=0, high=1)

    @property
    def label(self) -> str:
        """What an error calls it."""
        return f"{type(self).__name__.lower()} at x = {self.x:g} m, y = {self.y:g} m"

    @property
    def right(self) -> float:
        """Upper edge across the flow [m]."""
        return self.x + self.breadth

    @property
    def top(self) -> float:
        """Upper edge along the flow [m]."""
        return self.y + self.length

    @property
    def area(self) -> float:
        """Area [m²]."""
        return self.breadth * self.length

    def overlap(self, other: "Rectangle") -> float:
        """Area that both cover [m²]; none where they only touch."""
        across = float(shared_length(self.x, self.right, other.x, other.right))
        along = float(shared_length(self.y, self.top, other.y, other.top))
        return across * along if min(across, along) > THIN else 0.0

    def area_in(self, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
        """Area covered in each cell of a grid of widths `dx` and `dy` from the corner on (ny, nx) [m²]."""
        return covered_area(dx, dy, (self.x, self.right), (self.y, self.top))

    def within(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Whether points lie inside (ny, nx)."""
        return np.outer((y > self.y) & (y < self.top), (x > self.x) & (x < self.right))


def shared_length(low: Any, high: Any, begin: Any, end: Any) -> Any:
    """Length that the intervals [low, high] and [begin, end] share, zero where they do not meet."""
    return np.maximum(np.minimum(high, end) - np.maximum(low, begin), 0.0)


def covered_area(dx: np.ndarray, dy: np.ndarray, across: tuple[float, float], along: tuple[float, float]) -> np.ndarray:
    """Area in each cell of a grid of widths `dx` and `dy` that a rectangle covers (ny, nx) [m²]."""
    x, y = (np.concatenate([[0.0], np.cumsum(widths)]) for widths in (dx, dy))
    return np.outer(shared_length(y[:-1], y[1:], *along), shared_length(x[:-1], x[1:], *across))
