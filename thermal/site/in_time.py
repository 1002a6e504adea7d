"""A site in time: its plant behind its loops, with the heat of its room on the same water."""

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.names import describe
from thermal.network.case import Case, Study
from thermal.network.port import Port, behind
from thermal.plant.coupling import PlantPort, plant_case
from thermal.plant.plant import Plant
from thermal.power.end_uses import with_end_use, with_power_chain
from thermal.site.heat import inside_losses
from thermal.site.site import Site

__all__ = ["Room", "SitePort"]


class Room:
    """Room units in time: air and coils store nothing, what warms the room reaches the water at once."""

    def __init__(self, site: Site, steps: int) -> None:
        self.site = site
        self.air, self.fans = np.zeros(steps), np.zeros(steps)
        self._losses = (np.nan, 0.0)  # of the power chain, at the IT power asked for last

    @property
    def water_rate(self) -> float:
        """Heat capacity rate of the water in the coils at design [W/K]."""
        return self.site.room.water_rate if self.site.room is not None else 0.0

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


class SitePort(PlantPort):
    """A site's plant behind its loops and its room, and its power chain before the meter."""

    site: Site
    beside: Room

    def complete(self, loops: xr.Dataset) -> xr.Dataset:
        """Add the room and the losses of the power chain to what the plant has."""
        result, site, rows = super().complete(loops), self.site, loops.sizes["time"]
        room, chain = site.room, site.power_chain
        if room is not None:
            per = self.case.every // self.stride
            air, fans = (v[: rows * per].reshape(rows, per).mean(axis=1) for v in (self.beside.air, self.beside.fans))
            sink = result["T_facility_supply"] if room.to_water else result["T_dry_bulb"]
            result = with_end_use(result, "room_fans", result["site_power"].copy(data=fans))
            found = {"heat_room": air + fans, "T_room_supply": room.T_air(air, sink.values)}
            result = describe(result.assign({name: ("time", values) for name, values in found.items()}))
        return with_power_chain(result, chain) if chain is not None else result


@behind.register
def _(facility: Site, study: Study) -> tuple[Case, Port]:
    plant = facility.plant
    if facility.more_plants:
        raise InputError("a site with more_plants is known hour by hour only: th.annual, or pass one plant as facility")
    if not isinstance(plant, Plant):
        if plant is None or facility.power_chain is not None:
            what = "no plant" if plant is None else "a th.TowerPlant and a power chain"
            raise InputError(f"the site has {what}: in time pass site.loops and facility=site.plant")
        return behind(plant, study)
    case, stride, air, own = plant_case(plant, study)
    port = SitePort(case, stride, plant, air, study.weather, Room(facility, case.intervals // stride))
    port.site = facility
    port.schedule(own)
    return case, port
