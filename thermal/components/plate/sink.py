"""Finned heat sinks and bare boards that stand in a bath."""

from typing import Self

from pydantic import model_validator

from thermal.components.plate.material import Material
from thermal.quantity import Part, part, quantity

__all__ = ["Sink"]


class Sink(Part):
    """A vertical base with straight vertical fins, their tips against a shroud; without fins a bare board.

    Examples
    --------
    >>> copper = Material(conductivity=390.0, density=8960.0, heat_capacity=385.0)
    >>> sink = Sink(length=0.08, breadth=0.08, gap=2e-3, fin_width=5e-4, fin_height=0.02, metal=copper)
    >>> sink.fins, round(sink.fin_area, 4)
    (32, 0.0992)
    """

    length: float = quantity("m", "length along the flow, upwards", above=0, high=2)
    breadth: float = quantity("m", "breadth across the flow", above=0, high=2)
    metal: Material = part("material of base and fins")
    fin_height: float = quantity(
        "m", "height of the fins over the base; 0 is a bare board", low=0, high=0.2, default=0.0
    )
    gap: float = quantity("m", "gap between fins", above=0, high=0.1, default=2e-3)
    fin_width: float = quantity("m", "thickness of a fin", above=0, high=0.02, default=5e-4)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.fin_height > 0 and self.fins < 2:
            raise ValueError(
                f"fins of {self.fin_width:g} m with gaps of {self.gap:g} m: no gap fits on {self.breadth:g} m; "
                "fin_height = 0 is a bare board"
            )
        return self

    @property
    def fins(self) -> int:
        """Fins side by side, one more than gaps."""
        if self.fin_height == 0:
            return 0
        return int((self.breadth - self.fin_width) / (self.gap + self.fin_width) + 1e-9) + 1

    @property
    def fin_area(self) -> float:
        """Surface of the fins towards gaps [m²]."""
        return 2 * max(self.fins - 1, 0) * self.length * self.fin_height

    @property
    def base_area(self) -> float:
        """Surface of the base that the liquid touches [m²]."""
        return self.length * (max(self.fins - 1, 0) * self.gap if self.fins else self.breadth)

    @property
    def footprint(self) -> float:
        """Length times breadth [m²]."""
        return self.length * self.breadth

    def _summary(self) -> dict[str, str]:
        area = self.fin_area + self.base_area
        return {"surface": f"{self.fins} fins, {area / self.footprint:.3g} times the footprint"}
