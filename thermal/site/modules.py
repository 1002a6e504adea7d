"""Prefabricated modules: pods, plant blocks and power blocks, put together to sites from one megawatt to a gigawatt."""

from collections.abc import Mapping
from math import ceil
from typing import Self

from pydantic import model_validator

from thermal.components.hall.room import RoomUnits
from thermal.components.hydronics.pipe import Pipe
from thermal.components.power.battery import Battery
from thermal.components.power.chain import STAGES, PowerChain
from thermal.errors import InputError
from thermal.inputs import number, whole
from thermal.network.loop import Loop
from thermal.plant.plant import Plant
from thermal.quantity import Part, part, quantity
from thermal.site.heat import cdu_pumps, site_heat
from thermal.site.scaling import scaled_part, scaled_plant
from thermal.site.site import Site

__all__ = ["ModularSite", "PlantBlock", "Pod", "PowerBlock", "compose", "phases"]

WHOLE = 1e-9  # a need above a whole number of modules by less than this is no further module
CLOSE = 1e-6  # K: rounding of units


class Pod(Part):
    """Racks with their CDUs, the units of their room, and the pipe of facility water to each CDU.

    Examples
    --------
    >>> import thermal as th
    >>> pod = th.load("pods/vera_rubin_2mw")
    >>> round(pod.it_power / 1e6, 3), len(pod.loops)
    (1.816, 1)
    """

    loops: tuple[Loop, ...] = part("CDUs with their racks")
    room: RoomUnits | None = part("all units of its room", default=None)
    branch: Pipe = part("facility water to one CDU, supply and return together as one length")
    T_water_high: float = quantity("degC", "warmest facility water it is sold for: its W class", low=5, high=60)
    T_coolant_high: float = quantity("degC", "warmest coolant its racks take: their S class", low=10, high=70)
    fill_pressure: float = quantity("Pa", "pressure over the atmosphere before the CDU pumps", low=0, high=1e6)
    NPSH_required: float = quantity("m", "suction head that its CDU pumps need, over the vapour's", above=0, high=50)

    @model_validator(mode="after")
    def _carried(self) -> Self:
        if not self.loops:
            raise ValueError("loops: a pod needs at least one CDU with its racks")
        for loop in dict.fromkeys(self.loops):
            rated = getattr(loop.cdu.exchanger, "rated_heat", None)
            heat = sum(rack.design_heat * rack.liquid_fraction for rack in loop.racks)
            if rated is not None and heat > rated:
                fit = int(rated // (heat / len(loop.racks)))
                raise ValueError(
                    f"loops: the CDU is too small: its racks give {heat / 1e3:.4g} kW to liquid, its exchanger is "
                    f"rated for {rated / 1e3:.4g} kW; take {fit} racks instead of {len(loop.racks)}, or a larger CDU"
                )
            if loop.cdu.T_held > self.T_coolant_high + CLOSE:
                raise ValueError(
                    f"loops: the CDU supplies {loop.cdu.T_held:g} degC, its racks take at most T_coolant_high = "
                    f"{self.T_coolant_high:g} degC"
                )
        return self

    @property
    def it_power(self) -> float:
        """Power of its racks at design [W]."""
        return float(sum(loop.design_heat.sum() for loop in self.loops))

    def _summary(self) -> dict[str, str]:
        return {"IT power": f"{self.it_power / 1e6:.4g} MW", "racks": str(sum(len(loop.racks) for loop in self.loops))}


class PlantBlock(Part):
    """One block of heat rejection with its pumps, and the main pipe between it and the pods."""

    plant: Plant = part("machines of the block")
    main: Pipe = part("main pipe of the block, supply and return together as one length")

    def _summary(self) -> dict[str, str]:
        return {"heat": f"{self.plant.design_load / 1e6:.4g} MW"}


class PowerBlock(Part):
    """One block of the power chain, with its batteries."""

    chain: PowerChain = part("transformer, UPS and distribution of the block")
    battery: Battery | None = part("battery of the block", default=None)
    ride_through: float = quantity("s", "time that its battery shall carry the block's rated power", low=0, default=0.0)


class ModularSite(Part):
    """Modules by number, of equal kind each; all installed blocks share the load, the spare ones included.

    Examples
    --------
    >>> import thermal as th
    >>> site = th.load("modular_sites/warm_water_100mw")
    >>> site.pods, site.plant_blocks, round(site.site.it_power / 1e6, 2)
    (55, 21, 99.88)
    """

    pod: Pod = part("the pod")
    pods: int = quantity("-", "number of pods", low=1, high=100000)
    plant_block: PlantBlock = part("the block of the plant")
    plant_blocks: int = quantity("-", "blocks of the plant, spare ones included", low=1, high=100000)
    spare_plant_blocks: int = quantity("-", "of them spare: 1 for N+1", low=0, high=1000, default=0)
    power_block: PowerBlock | None = part("the block of the power chain", default=None)
    power_blocks: int = quantity("-", "blocks of the power chain, spare ones included", low=1, high=100000, default=1)
    spare_power_blocks: int = quantity("-", "of them spare", low=0, high=1000, default=0)

    @model_validator(mode="after")
    def _some_needed(self) -> Self:
        for name in ("plant_blocks", "power_blocks"):
            if not getattr(self, f"spare_{name}") < getattr(self, name):
                raise ValueError(f"spare_{name} must be fewer than {name} = {getattr(self, name)}: some carry the load")
        if self.plant_block.plant.T_supply > self.pod.T_water_high + CLOSE:
            raise ValueError(
                f"plant_block supplies {self.plant_block.plant.T_supply:g} degC, the pod takes facility water of at "
                f"most T_water_high = {self.pod.T_water_high:g} degC"
            )
        return self

    @property
    def site(self) -> Site:
        """The site as the verbs take it: its year, its day, its operating point.

        Equal blocks that share the load evenly are one plant and one chain of their size together: a machine that is n
        times as large, in everything that grows with size, does what n of them do.
        """
        return Site(
            it_power=self.pods * self.pod.it_power,
            loops=self.pods * self.pod.loops,
            room=scaled_part(self.pod.room, self.pods),
            plant=scaled_plant(self.plant_block.plant, self.plant_blocks),
            power_chain=None if self.power_block is None else _together(self.power_block.chain, self.power_blocks),
        )

    @property
    def battery(self) -> Battery | None:
        """All batteries together."""
        one = None if self.power_block is None else self.power_block.battery
        n = self.power_blocks
        if one is None or n == 1:
            return one
        return one.replace(power=n * one.power, energy=n * one.energy, standby_power=n * one.standby_power)

    def _summary(self) -> dict[str, str]:
        return {"IT power": f"{self.pods * self.pod.it_power / 1e6:.4g} MW"}


def compose(
    pod: Pod,
    plant_block: PlantBlock,
    power_block: PowerBlock | None = None,
    *,
    it_power: float,
    spare_plant_blocks: int = 1,
    spare_power_blocks: int = 1,
) -> ModularSite:
    """As many modules as an IT power needs, and spare ones.

    Parameters
    ----------
    pod, plant_block, power_block
        The modules.
    it_power : float
        IT power that the pods shall carry, W; the last pod may be part empty.
    spare_plant_blocks, spare_power_blocks : int
        Blocks beyond those needed.

    Raises
    ------
    InputError
        If a block carries nothing of its kind, or a number is wrong.

    Examples
    --------
    >>> import thermal as th
    >>> parts = [th.load(name) for name in ("pods/vera_rubin_2mw", "plant_blocks/dry_5mw", "power_blocks/ups_2500kw")]
    >>> [compose(*parts, it_power=power).pods for power in (1e6, 100e6, 1e9)]
    [1, 56, 551]
    """
    power = number("it_power", it_power, "W", above=0.0)
    spare_plant = whole("spare_plant_blocks", spare_plant_blocks, low=0)
    spare_power = whole("spare_power_blocks", spare_power_blocks, low=0)
    pods = _count(power, pod.it_power)
    design = pods * pod.it_power
    one = Site(it_power=pod.it_power, loops=pod.loops, room=pod.room, plant=plant_block.plant)
    plant = plant_block.plant
    heat = pods * float(site_heat(one, pod.it_power, cdu_pumps(one, plant.T_supply, plant.coolant)).facility)
    powered = 1 if power_block is None else _count(design, power_block.chain.rated_power) + spare_power
    return ModularSite(
        pod=pod, pods=pods, plant_block=plant_block, plant_blocks=_count(heat, plant.design_load) + spare_plant,
        spare_plant_blocks=spare_plant, power_block=power_block, power_blocks=powered,
        spare_power_blocks=0 if power_block is None else spare_power,
    )  # fmt: skip


def phases(site: ModularSite, pods: Mapping[int, int]) -> dict[int, ModularSite]:
    """The site as it is built out: pods by year, and the blocks that they need with the same spare ones.

    Parameters
    ----------
    site : ModularSite
        The site at its full size.
    pods : mapping
        Year to number of pods from then on, as ``{2027: 10, 2029: 55}``; pods are added, not taken away.

    Raises
    ------
    InputError
        If years do not rise, or pods fall or exceed those of the site.
    """
    if not isinstance(pods, Mapping) or not pods:
        raise InputError("pods must map years to numbers of pods, as {2027: 10, 2029: 55}")
    before, found = (0, 0), {}
    for year, count in pods.items():
        stand = whole("year", year, low=1900), whole(f"pods in {year}", count, low=1)
        if not (stand[0] > before[0] and stand[1] >= before[1]):
            raise InputError(f"pods: {count} in {year} after {before[1]} in {before[0]}: years rise, pods are added")
        if count > site.pods:
            raise InputError(f"pods: {count} in {year} are more than the {site.pods} of the whole site")
        found[year] = compose(
            site.pod, site.plant_block, site.power_block, it_power=count * site.pod.it_power,
            spare_plant_blocks=site.spare_plant_blocks, spare_power_blocks=site.spare_power_blocks,
        )  # fmt: skip
        before = stand
    return found


def _together(chain: PowerChain, blocks: int) -> PowerChain:
    """A chain whose units are `blocks` times as large: its losses are those of so many chains."""
    sizes = ("rated_power", "constant_power")
    stages = {name: getattr(chain, name) for name in STAGES if getattr(chain, name) is not None}
    larger = {k: s.replace(**{size: blocks * getattr(s, size) for size in sizes}) for k, s in stages.items()}
    return chain.replace(rated_power=blocks * chain.rated_power, **larger)


def _count(need: float, one: float) -> int:
    return max(1, ceil(need / one - WHOLE))
