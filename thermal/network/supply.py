"""What stands behind the CDUs in a second-scale study: water at a given temperature, or a plant that makes it."""

from typing import Any, Protocol, runtime_checkable

import xarray as xr

from thermal.components.coolant import Coolant
from thermal.physics.kernel import zero_record
from thermal.physics.network.march import Facility
from thermal.physics.plant.trains import PLANT
from thermal.quantity import Part, part, quantity

__all__ = ["CoupledFacility", "FacilityModel", "Supply"]


class FacilityModel(Protocol):
    """What a part must offer to be the facility of a transient."""

    @property
    def kind(self) -> Facility:
        """Which march the kernel takes."""

    @property
    def coolant(self) -> Coolant | None:
        """The facility's water; None means plain water."""

    def net(self, coolant: Coolant) -> Any:
        """The plant as a record of ``thermal.physics.plant.trains.PLANT``."""


@runtime_checkable
class CoupledFacility(Protocol):
    """A facility with a clock of its own: it marches the loops piece by piece and itself after each."""

    def with_loops(self, loops: Any, **conditions: Any) -> xr.Dataset:
        """Loops and facility through time, under the conditions of ``thermal.transient``."""


class Supply(Part):
    """Facility water of fixed temperature and availability.

    The water is offered at a constant differential pressure, such that each loop with its valve fully open draws its
    share of `flow`; a throttled valve draws less.

    Examples
    --------
    >>> from thermal.network.supply import Supply
    >>> from thermal.units import lpm
    >>> Supply(T=30, flow=1900 * lpm).T
    30.0
    """

    T: float = quantity("degC", "temperature of the facility water entering the CDUs", low=-20, high=80)
    flow: float = quantity(
        "m3/s", "facility water that all loops together draw with their valves open", low=0, high=100
    )
    coolant: Coolant | None = part("facility water; plain water if not given", default=None)

    @property
    def kind(self) -> Facility:
        """Water at given temperature and header pressure."""
        return Facility.SUPPLY

    def net(self, coolant: Coolant) -> Any:
        """A plant that is never stepped: the kernel needs its type and the density of the water."""
        net = zero_record(PLANT)
        net.density = coolant.properties(self.T).density
        return net
