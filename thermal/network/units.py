"""What of a network takes heat, at design: its racks, and packages that belong to none."""

from typing import NamedTuple

from thermal.components.hall.package import CooledPackage
from thermal.components.hall.rack import Rack
from thermal.network.network import Network

__all__ = ["HeatUnit", "heat_units"]


class HeatUnit(NamedTuple):
    """A rack, or a package on its own, by the name under which heat is given to it."""

    name: str
    heat: float  # of each of them at design [W]
    times: int  # that the branch stands for
    liquid: float  # share of its heat that coolant takes
    packages: float  # share of its heat that the watched packages release


def heat_units(network: Network) -> tuple[HeatUnit, ...]:
    """Racks and lone packages of a network.

    The heat of a rack whose packages are branches of their own is what makes their design heat their share of it.

    Examples
    --------
    >>> import thermal as th
    >>> row = th.load("loops/gb200_row")
    >>> whole, plates = (heat_units(row.network(unfold=unfold)) for unfold in (False, True))
    >>> len(whole), whole[0].name, round(whole[0].heat), round(plates[0].heat), round(plates[0].liquid, 3)
    (8, 'rack1', 120000, 120000, 0.87)
    """
    found: dict[str, HeatUnit] = {}
    watched: dict[str, list[float]] = {}  # design heat, share of packages and share of the rest, by rack
    for b in network.branches:
        part = b.part
        if isinstance(part, Rack):
            found[b.name] = HeatUnit(b.name, part.design_heat, b.count, part.liquid_fraction, part.package_fraction)
        elif isinstance(part, CooledPackage) and not part.rack:
            found[b.name] = HeatUnit(b.name, part.package.design_heat, b.count, 1.0, 1.0)
        elif isinstance(part, CooledPackage):
            sums = watched.setdefault(part.rack, [0.0, 0.0, 0.0])
            for i, each in enumerate((part.package.design_heat, part.share, part.other_share)):
                sums[i] += b.count * each
    for rack, (heat, packages, other) in watched.items():
        found[rack] = HeatUnit(rack, heat / packages if packages else 0.0, 1, packages + other, packages)
    return tuple(found.values())
