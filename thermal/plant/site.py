"""Sites: what is cooled, by which plant, through which power chain."""

from thermal.components.power_chain import PowerChain
from thermal.plant.tower_plant import TowerPlant
from thermal.quantity import Part, part, quantity
from thermal.system.loop import Loop

__all__ = ["Site"]


class Site(Part):
    """A data centre: IT power, its coolant loops, its plant and its power chain, as far as each is known.

    Examples
    --------
    >>> import thermal as th
    >>> site = th.load("sites/frontier")
    >>> len(site.loops)
    25
    """

    it_power: float = quantity("W", "IT power at design", above=0)
    loops: tuple[Loop, ...] = part("coolant loops", default=())
    facility: TowerPlant | None = part("plant marched second by second with the loops", default=None)
    power_chain: PowerChain | None = part("from the site meter to the IT equipment", default=None)
