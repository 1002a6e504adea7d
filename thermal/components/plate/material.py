"""Solid materials: what they conduct, along the layer and through it, and what they store."""

from thermal.quantity import Part, quantity

__all__ = ["Material"]


class Material(Part):
    """A solid, isotropic unless a conductivity through the layer is given.

    Examples
    --------
    >>> Material(conductivity=390.0, density=8960.0, heat_capacity=385.0).volumetric_capacity
    3449600.0
    """

    conductivity: float = quantity("W/m/K", "thermal conductivity", above=0, high=5000)
    density: float = quantity("kg/m3", "density", above=0, high=25000)
    heat_capacity: float = quantity("J/kg/K", "specific heat capacity", above=0, high=5000)
    conductivity_through: float | None = quantity(
        "W/m/K", "thermal conductivity through the layer, where it differs", above=0, high=5000, default=None
    )

    @property
    def volumetric_capacity(self) -> float:
        """Heat capacity per volume [J/m³ K]."""
        return self.density * self.heat_capacity
