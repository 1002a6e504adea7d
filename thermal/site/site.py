"""Sites: what is cooled, by which plant, through which power chain."""

from typing import Any, Self

from pydantic import model_validator

from thermal.components.hall.room import RoomUnits
from thermal.components.power.chain import PowerChain
from thermal.errors import InputError
from thermal.network.loop import Loop
from thermal.network.network import Network
from thermal.network.units import heat_units
from thermal.plant.plant import Plant
from thermal.plant.tower_plant import TowerPlant
from thermal.quantity import Part, choice, part, quantity
from thermal.site.scaling import scaled_loops, scaled_part, scaled_plant
from thermal.site.sharing import HeatSplit

__all__ = ["Site"]


class Site(Part):
    """A data centre: IT power, its coolant loops, its room units, its plant and its power chain, as far as known.

    Of the IT power, the share that the racks give to liquid reaches the facility water through the CDUs. The rest is
    heat of the room's air, as are the losses of the power chain behind the transformers: with room units they have
    their fans and are cooled; without, they are cooled by something outside the boundary, and results say so.

    Examples
    --------
    >>> import thermal as th
    >>> site = th.load("sites/frontier")
    >>> len(site.loops), round(site.liquid_share, 3)
    (25, 0.945)
    """

    it_power: float = quantity("W", "IT power at design", above=0)
    loops: tuple[Loop, ...] = part("coolant loops", default=())
    network: Network | None = part("coolant network of all racks, in place of loops", default=None)
    room: RoomUnits | None = part("all running units that cool the room's air", default=None)
    plant: Plant | TowerPlant | None = part("what cools the facility water", default=None)
    more_plants: tuple[Plant, ...] = part("further plants, which share the heat with it", default=())
    heat_split: HeatSplit = choice("how the plants share the heat", default=HeatSplit.CAPACITY)
    power_chain: PowerChain | None = part("from the site meter to the IT equipment", default=None)

    @model_validator(mode="after")
    def _led(self) -> Self:
        trains = isinstance(self.plant, TowerPlant)
        complaints = [text for wrong, text in (
            (
                self.network is not None and any(getattr(b.part, "air", None) for b in self.network.branches),
                "a CDU of the network gives its heat to room air, which a site does not follow: march the network",
            ),
            (self.network is not None and bool(self.loops), "a site has loops or a network, not both"),
            (bool(self.more_plants) and self.plant is None, "more_plants need a plant to share with"),
            (bool(self.more_plants) and trains, "more_plants share with a th.Plant, not with a th.TowerPlant"),
            (self.room is not None and trains, "room units stand on the water of a th.Plant, not of a th.TowerPlant"),
        ) if wrong]  # fmt: skip
        if complaints:
            raise ValueError("; ".join(complaints))
        return self

    @property
    def liquid_share(self) -> float:
        """Share of the IT power that liquid takes: of the racks, weighed by their heat; all of it without racks."""
        return sum(heat * liquid for heat, liquid, _ in self._racks()) / self.rack_heat if self._racks() else 1.0

    @property
    def compute_share(self) -> float:
        """Share of the IT power that reaches the watched packages, which compute."""
        return sum(heat * share for heat, _, share in self._racks()) / self.rack_heat if self._racks() else 1.0

    @property
    def rack_heat(self) -> float:
        """Heat of all its racks at design [W]; zero without racks."""
        return float(sum(heat for heat, _, _ in self._racks()))

    def _racks(self) -> list[tuple[float, float, float]]:
        """Of all racks: heat at design [W], share of it that liquid takes, share of it in the watched packages."""
        if self.network is not None:
            return [(unit.heat * unit.times, unit.liquid, unit.packages) for unit in heat_units(self.network)]
        racks = [rack for loop in self.loops for rack in loop.racks]
        return [(rack.design_heat, rack.liquid_fraction, rack.package_fraction) for rack in racks]

    def scaled(self, it_power: float) -> "Site":
        """The same design for another IT power: racks and CDUs by number, all other machines by size.

        Racks and CDUs are rounded up; pumps, chillers, towers, coolers, exchangers, room units and the rating of the
        power chain change in proportion, the number of chillers, cells and the size of the chain's units do not.

        Parameters
        ----------
        it_power : float
            IT power at design [W].

        Raises
        ------
        InputError
            If the power is not above zero, the plant is a ``th.TowerPlant``, whose pumps are known by their curves, or
            the site has a network, which has no number of equal loops.

        Examples
        --------
        >>> import thermal as th
        >>> small = th.load("sites/generic_20mw").scaled(2e6)
        >>> sum(len(loop.racks) for loop in small.loops), round(small.plant.pump.flow, 3)
        (17, 0.042)
        """
        if not it_power > 0.0:
            raise InputError(f"it_power = {it_power!r} W must be above 0 W to scale a site to it")
        if isinstance(self.plant, TowerPlant):
            raise InputError("site.plant is a th.TowerPlant, whose pumps are known by their curves: build another")
        if self.network is not None:
            raise InputError("site.network is one design: build one for the other power, site.replace(network=...)")
        factor = it_power / self.it_power
        return self.replace(
            it_power=it_power, loops=scaled_loops(self.loops, factor), room=scaled_part(self.room, factor),
            plant=None if self.plant is None else scaled_plant(self.plant, factor),
            more_plants=tuple(scaled_plant(plant, factor) for plant in self.more_plants),
            power_chain=scaled_part(self.power_chain, factor),
        )  # fmt: skip

    def completed(self, **defaults: Any) -> Self:
        """Return the site with `defaults` in fields that its plant left open."""
        plant = None if self.plant is None else self.plant.completed(**defaults)
        if plant is self.plant:
            return self
        new = self.replace(plant=plant)
        new._origin = self._origin
        return new
