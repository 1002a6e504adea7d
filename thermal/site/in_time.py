"""A site in time: its plant behind its loops, with the heat of its room on the same water."""

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.names import describe
from thermal.network.case import Case, Study
from thermal.network.port import Port, behind, on_water
from thermal.network.water import Water, water_of
from thermal.plant.in_time import PlantWater
from thermal.plant.plant import Plant
from thermal.plant.tower_plant import TowerPlant
from thermal.power.end_uses import with_end_use, with_power_chain
from thermal.site.heat import inside_losses
from thermal.site.site import Site

__all__ = ["Room", "SiteWater"]


class Room:
    """Room units in time: air and coils store nothing, what warms the room reaches the water at once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._losses = (np.nan, 0.0)  # of the power chain, at the IT power asked for last

    @property
    def water_rate(self) -> float:
        """Heat capacity rate of the water in the coils at design [W/K]."""
        return self.site.room.water_rate if self.site.room is not None else 0.0

    def lay_out(self, steps: int) -> None:
        """Prepare for so many steps of the plant."""
        self.air, self.fans = np.zeros(steps), np.zeros(steps)

    def at(self, step: int, it_power: float, air: float, drives: float) -> tuple[float, float]:
        """Heat into the facility water [W] and water drawn [W/K] in a step.

        Parameters
        ----------
        step : int
            Step of the plant, under which the room's heat is kept.
        it_power, air, drives : float
            Power of the racks, of it what air takes, and what the drives of the CDU pumps lose [W].
        """
        room = self.site.room
        if room is None:
            return 0.0, 0.0
        if it_power != self._losses[0]:
            self._losses = (it_power, float(np.asarray(inside_losses(self.site.power_chain, it_power))))
        heat = air + drives + room.loss_share * self._losses[1]
        fans = float(room.fan_power(heat))
        self.air[step], self.fans[step] = heat, fans
        return (heat + fans, (heat + fans) / room.water_rise) if room.to_water else (0.0, 0.0)


class SiteWater(PlantWater):
    """Water of a site's plant, with the site's room on it, and its power chain before the meter."""

    def __init__(self, site: Site, plant: Plant) -> None:
        self.site, self.room = site, Room(site)
        super().__init__(plant, self.room)

    def complete(self, cooled: xr.Dataset) -> xr.Dataset:
        """Add the room and the losses of the power chain to what the plant has."""
        result, site, rows = super().complete(cooled), self.site, cooled.sizes["time"]
        room, chain = site.room, site.power_chain
        if room is not None:
            per = len(self.room.air) // len(self.rows)
            air, fans = (v[: rows * per].reshape(rows, per).mean(axis=1) for v in (self.room.air, self.room.fans))
            sink = result["T_facility_supply"] if room.to_water else result["T_dry_bulb"]
            result = with_end_use(result, "room_fans", result["site_power"].copy(data=fans))
            found = {"heat_room": air + fans, "T_room_supply": room.T_air(air, sink.values)}
            result = describe(result.assign({name: ("time", values) for name, values in found.items()}))
        return with_power_chain(result, chain) if chain is not None else result


@water_of.register
def _(facility: Site) -> Water:
    plant = facility.plant
    if facility.more_plants:
        raise InputError("a site with more_plants is known hour by hour only: th.annual, or pass one plant as facility")
    if not isinstance(plant, Plant):
        what = "no plant" if plant is None else "a th.TowerPlant"
        raise InputError(f"the site has {what}: in time pass site.loops and facility=site.plant")
    return SiteWater(facility, plant)


@behind.register
def _(facility: Site, study: Study) -> tuple[Case, Port]:
    if isinstance(facility.plant, TowerPlant) and not facility.more_plants:
        if facility.power_chain is not None:
            raise InputError(
                "the site has a th.TowerPlant and a power chain: in time pass site.loops and facility=site.plant"
            )
        return behind(facility.plant, study)
    return on_water(facility, study)
