"""Coolant loops: one CDU and the racks behind it, as one part; written out it is a network."""

from typing import Any, Self

import numpy as np
from pydantic import model_validator

from thermal.components.coolant import Coolant
from thermal.components.hall.cdu import Cdu
from thermal.components.hall.rack import Rack
from thermal.network.manifold import manifold
from thermal.network.network import Branch, Network, Node
from thermal.quantity import Part, part

__all__ = ["Loop"]


class Loop(Part):
    """A CDU and its racks, the unit that a transient marches.

    Examples
    --------
    >>> import thermal as th
    >>> row = th.load("loops/gb200_row")
    >>> len(row.racks)
    8
    """

    cdu: Cdu = part("coolant distribution unit")
    racks: tuple[Rack, ...] = part("racks in parallel between supply and return")
    coolant: Coolant = part("coolant of the racks' loop")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.racks:
            raise ValueError("racks: a loop needs at least one rack")
        self.coolant.require(self.cdu.T_supply, "Loop: supply temperature set point")
        return self

    @property
    def design_heat(self) -> np.ndarray:
        """Heat of each rack at design [W]."""
        return np.array([rack.design_heat for rack in self.racks])

    @property
    def design_flow(self) -> float:
        """Sum of the racks' design flows [m³/s]."""
        return sum(rack.design_flow for rack in self.racks)

    def network(self, pressure: float = 2e5, **options: Any) -> Network:
        """The same machines as a network: the CDU ``cdu`` and the racks ``rack1`` … between ``supply`` and ``return``.

        Parameters
        ----------
        pressure : float
            Absolute pressure held at the return [Pa].
        **options
            Of ``th.manifold``: ``unfold``, ``pipe``, ``disconnect``, ``reverse_return``.

        Examples
        --------
        >>> import thermal as th
        >>> th.load("loops/gb200_row").network().branches[8].name
        'rack8'
        """
        racks = manifold(list(self.racks), "supply", "return", **options)
        branches = (Branch("cdu", self.cdu, "return", "supply"), *racks)
        return Network(coolant=self.coolant, branches=branches, nodes=(Node("return", pressure=pressure),))

    def _summary(self) -> dict[str, str]:
        volume = sum(r.coolant_volume for r in self.racks) + self.cdu.secondary_volume + self.cdu.return_volume
        drop = max(rack.design_drop for rack in self.racks)
        return {
            "design heat": f"{self.design_heat.sum() / 1e3:.0f} kW",
            "design flow": f"{self.design_flow * 6e4:.0f} L/min",
            "design pressure drop of the racks": f"{drop / 1e3:.0f} kPa",
            "coolant volume": f"{volume * 1e3:.0f} L",
        }
