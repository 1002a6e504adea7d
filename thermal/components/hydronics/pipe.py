"""Round pipes and hoses: friction and fittings, wall, insulation and surroundings."""

import math
from typing import Self

from pydantic import model_validator

from thermal.components.coolant import Properties
from thermal.components.hydronics.law import BranchLaw, Kind
from thermal.components.plate.material import Material
from thermal.physics.network.friction import Friction
from thermal.quantity import Part, choice, part, quantity

__all__ = ["Hose", "Pipe", "round_law"]

VELOCITY = 1.0  # m/s, to start from
ROUGHEST = 0.05  # of the diameter: the range of the friction laws


def round_law(
    coolant: Properties,
    diameter: float,
    length: float,
    roughness: float,
    minor: float,
    friction: Friction = Friction.CHURCHILL,
) -> BranchLaw:
    """Law of a round duct with fittings, filled with a coolant."""
    area = 0.25 * math.pi * diameter**2
    values = {
        "friction": float(friction),
        "table": -1.0,
        "reynolds": 4.0 / (math.pi * diameter * coolant.viscosity),
        "roughness": roughness / diameter,
        "length": length / diameter,
        "minor": minor,
        "dynamic": 1.0 / (2.0 * coolant.density * area**2),
    }
    return BranchLaw(Kind.PIPE, values, VELOCITY * coolant.density * area, area * length)


class Pipe(Part):
    """A round pipe with its fittings; a wall and insulation matter to the heat only.

    Examples
    --------
    >>> import thermal as th
    >>> pipe = Pipe(length=10, diameter=0.05, roughness=4.5e-5)
    >>> round(pipe.branch_law(th.load("coolants/water").properties(20.0)).volume, 5)
    0.01963
    """

    length: float = quantity("m", "length", above=0, high=1e5)
    diameter: float = quantity("m", "inner diameter", above=0, high=5)
    roughness: float = quantity("m", "equivalent sand roughness of the wall", low=0, high=0.05)
    loss_coefficient: float = quantity(
        "-", "sum of the loss coefficients of bends, tees and reducers, in dynamic heads", low=0, default=0.0
    )
    friction: Friction = choice("friction law", default=Friction.CHURCHILL)
    wall: float = quantity("m", "thickness of the wall", low=0, high=0.2, default=0.0)
    metal: Material | None = part("material of the wall; none leaves its heat capacity out", default=None)
    insulation: float = quantity("m", "thickness of the insulation", low=0, high=1, default=0.0)
    insulation_conductivity: float = quantity("W/m/K", "conductivity of the insulation", above=0, default=0.04)
    outer_film: float = quantity(
        "W/m2/K", "film coefficient at the outer surface to the surroundings; zero where no heat is lost",
        low=0, default=0.0,
    )  # fmt: skip

    cells: int = quantity(
        "-", "finite volumes along it for heat in a network; 1 mixes it, 0: one for each ten diameters, at most 100",
        low=0, high=100_000, default=0,
    )  # fmt: skip

    @property
    def volumes(self) -> int:
        """Finite volumes along it: as stated, or one for each ten diameters and two where it has wall or loss."""
        if self.cells:
            return self.cells
        least = 2 if self.metal is not None or self.outer_film > 0.0 else 1
        return max(least, min(100, round(self.length / (10.0 * self.diameter))))

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if self.roughness > ROUGHEST * self.diameter:
            raise ValueError(
                f"roughness = {self.roughness:g} m is above {ROUGHEST:g} of the diameter, {self.diameter:g} m, where "
                "no friction law of a pipe holds"
            )
        return self

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """Darcy-Weisbach with the friction law chosen, and the fittings."""
        return round_law(
            coolant, self.diameter, self.length, self.roughness, self.loss_coefficient, Friction(self.friction)
        )


class Hose(Part):
    """A flexible hose with its end fittings.

    Examples
    --------
    >>> import thermal as th
    >>> hose = Hose(length=1.5, bore=0.0127, fittings=1.5)
    >>> hose.branch_law(th.load("coolants/pg25").properties(40.0)).kind.name
    'PIPE'
    """

    length: float = quantity("m", "length", above=0, high=1e3)
    bore: float = quantity("m", "inner diameter", above=0, high=0.5)
    roughness: float = quantity("m", "equivalent sand roughness of the bore", low=0, high=0.01, default=1.5e-6)
    fittings: float = quantity(
        "-", "loss coefficient of both end fittings together, in dynamic heads", low=0, default=1.0
    )

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """Darcy-Weisbach and the fittings."""
        return round_law(coolant, self.bore, self.length, self.roughness, self.fittings)
