"""One package on its own cold plate: what a rack is made of once every plate counts for itself."""

from thermal.components.chip.package import Package
from thermal.components.coolant import Properties
from thermal.components.hydronics.law import BranchLaw
from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.reduced import ReducedPlate
from thermal.quantity import Part, choice, part, quantity

__all__ = ["CooledPackage"]


class CooledPackage(Part):
    """A package on a cold plate that is a branch of its own: its pressure drop is the plate's.

    Examples
    --------
    >>> import thermal as th
    >>> one = CooledPackage(package=th.load("packages/gb200_gpu"), cold_plate=th.load("cold_plates/ocp_1kw"))
    >>> one.branch_law(th.load("coolants/pg25").properties(40.0)).kind.name
    'POWER'
    """

    package: Package = part("the package whose case temperature is watched")
    cold_plate: ColdPlateCurve | ReducedPlate = part("the plate on it")
    coolant_volume: float = quantity("m3", "coolant inside, with its part of hoses and manifold", above=0, default=2e-5)
    rack: str = choice("name of the rack whose heat it shares in", default="")
    share: float = quantity("-", "its share of that rack's heat, where it is given none of its own", low=0, high=1,
                            default=0.0)  # fmt: skip
    other_share: float = quantity(
        "-", "share of that rack's heat that goes into its coolant from elsewhere", low=0, high=1, default=0.0
    )

    def branch_law(self, coolant: Properties) -> BranchLaw:
        """The plate's own law."""
        return self.cold_plate.branch_law(coolant)._replace(volume=self.coolant_volume)
