"""Sites: what is cooled, by which plant, through which power chain; and the year of a whole site."""

from typing import Self

from pydantic import model_validator

from thermal.components.power.chain import PowerChain
from thermal.network.loop import Loop
from thermal.plant.plant import Plant
from thermal.plant.tower_plant import TowerPlant
from thermal.quantity import Part, choice, part, quantity
from thermal.site.sharing import HeatSplit

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
    plant: Plant | None = part("plant of the year, hour by hour", default=None)
    more_plants: tuple[Plant, ...] = part("further plants, which share the heat with it", default=())
    heat_split: HeatSplit = choice("how the plants share the heat", default=HeatSplit.CAPACITY)
    power_chain: PowerChain | None = part("from the site meter to the IT equipment", default=None)

    @model_validator(mode="after")
    def _led(self) -> Self:
        if self.more_plants and self.plant is None:
            raise ValueError("more_plants need a plant to share with")
        return self
