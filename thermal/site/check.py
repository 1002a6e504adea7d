"""Whether a site hangs together: flows, temperatures, capacities and shares of its machines against each other."""

from typing import NamedTuple

import numpy as np
import xarray as xr

import thermal.plant.trains  # noqa: F401 its port registers itself
from thermal.components.coolant import Coolant
from thermal.components.cooling.tower import Tower
from thermal.errors import InputError
from thermal.network.case import Study
from thermal.network.steady import steady_loops
from thermal.network.supply import Supply
from thermal.physics.media.moist_air import humidity_ratio_of_wet_bulb
from thermal.plant.plant import Plant
from thermal.plant.tower_plant import TowerPlant
from thermal.plant.year import plant_year
from thermal.site.heat import CduPumps, cdu_pumps, site_heat, warmest_water, water_flow
from thermal.site.site import Site
from thermal.site.year import cdu_rate

__all__ = ["Row", "check_site"]

HOT = (36.0, 25.6)  # degC dry and wet bulb: the hottest hour of some twenty years, and the usual rating of towers
COLD = -20.0  # degC
PART_LOAD = 0.7


class Row(NamedTuple):
    """One check: a figure of the design and the range in which it should lie."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    words: str

    @property
    def holds(self) -> bool:
        """Whether the figure lies in the range."""
        return bool(self.low <= self.value <= self.high)

    @property
    def margin(self) -> float:
        """Distance to the nearer end of the range, in units of the figure; negative where it does not hold."""
        return float(min(self.value - self.low, self.high - self.value))

    def __str__(self) -> str:
        verdict = "holds" if self.holds else "FAILS"
        return (
            f"{verdict}  {self.name:24s} {self.value:9.4g} in [{self.low:g}, {self.high:g}] {self.unit}: {self.words}"
        )


def check_site(
    site: Site, *, water: Coolant | None = None, hot: tuple[float, float] = HOT, cold: float = COLD
) -> list[Row]:
    """Check the design of a site against itself, at its IT power.

    Parameters
    ----------
    site : Site
        With loops and a plant.
    water : Coolant, optional
        Facility water, needed where the plant leaves it open.
    hot : (float, float)
        Dry and wet bulb of the hottest hour that the plant is built for [°C].
    cold : float
        Coldest outdoor air, where the facility water itself goes outdoors [°C].

    Returns
    -------
    list of Row
        Each prints as a line with its verdict; ``row.holds``.

    Raises
    ------
    InputError
        If the site has no loops or no plant, or its plant no coolant.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.site.check import check_site
    >>> rows = check_site(th.load("sites/generic_20mw"))
    >>> [row.name for row in rows if not row.holds]
    []
    """
    if not site.loops or site.plant is None:
        raise InputError("check_site needs a site with loops and a plant")
    rows = _racks(site)
    if isinstance(site.plant, TowerPlant):
        plant = site.plant if water is None else site.plant.completed(coolant=water)
        if plant.coolant is None:
            raise InputError("check_site: site.plant leaves its coolant open; pass water=th.load('coolants/water')")
        return [*rows, *_trains(site, plant, hot)]
    pumps = cdu_pumps(site, site.plant.T_supply, site.plant.coolant)
    rows += _cdus(site, site.plant) + _water(site, site.plant, pumps) + _plant(site, site.plant, pumps, hot, cold)
    return rows + _room(site, pumps, hot)


def _racks(site: Site) -> list[Row]:
    racks = [rack for loop in site.loops for rack in loop.racks]
    design = sum(rack.design_heat for rack in racks)
    chain = site.power_chain
    shelves = [rack.shelf_inside + (chain is not None and chain.rectifier is not None) for rack in racks]
    rows = [
        Row("racks", design / site.it_power, 1.0, 1.1, "", "heat of the racks at design over the IT power"),
        Row(
            "liquid",
            site.liquid_share,
            site.compute_share,
            1.0,
            "",
            "share that liquid takes, not below that of packages",
        ),
        Row(
            "power shelves",
            float(max(shelves)),
            0.0,
            1.0,
            "",
            "times their losses are counted: in the racks, in the chain",
        ),
    ]
    if chain is not None:
        rows.append(Row("power chain", chain.rated_power / site.it_power, 1.0, 1.3, "", "rated over the IT power"))
    return rows


def _cdus(site: Site, plant: Plant) -> list[Row]:
    """Of each kind of loop: its CDU within its rating, its pumps within their speed, its packages below their limit."""
    rows = []
    share = site.it_power / sum(float(loop.design_heat.sum()) for loop in site.loops)
    for loop in dict.fromkeys(site.loops):
        full = Supply(T=plant.T_supply, flow=2.0 * loop.cdu.valve_flow, coolant=plant.coolant)
        point = steady_loops(Study(loop, (share * loop.design_heat).tolist(), full, None, (), None, 1.0, None))
        rated = getattr(loop.cdu.exchanger, "rated_heat", None)
        if rated is not None:
            heat = float(point["heat_to_facility"]) / rated
            rows.append(Row("CDU heat", heat, 0.3, 1.0, "", "heat of a CDU over its rating"))
        flow = float(point["flow"]) / loop.cdu.exchanger.flow_hot
        rows += [
            Row("CDU flow", flow, 0.5, 1.05, "", "racks' coolant over the rating of the exchanger"),
            Row("CDU pumps", float(point["pump_speed"]), loop.cdu.speed.low, loop.cdu.speed.high, "", "speed"),
            Row("packages", float(point["margin"].min()), 3.0, 60.0, "K", "case below its limit"),
            Row("dew point", float(point["T_supply"]) - 15.0, 2.0, 60.0, "K",
                "coolant over the highest dew point recommended for rooms, 15 degC"),
        ]  # fmt: skip
    return rows


def _water(site: Site, plant: Plant, pumps: CduPumps) -> list[Row]:
    """Facility water: what the pumps move against what CDUs and coils take, and how warm it may be."""
    rows = []
    for load, low, high in ((1.0, 0.92, 1.005), (PART_LOAD, 0.9, 1.05)):
        it_power = load * site.it_power
        parts = site_heat(site, it_power, pumps)
        cp, rho = plant.coolant.properties(plant.T_supply).heat_capacity, plant.pump.density
        coils = (parts.air + parts.fans) / site.room.water_rise if site.room and site.room.to_water else 0.0
        taken = _drawn(site, plant, load) + float(coils / (cp * rho))
        moved = water_flow(plant, float(parts.facility)) / rho
        words = f"water that CDUs and coils take over what the pumps move, at {load:.0%} load"
        rows.append(Row("facility flow", taken / moved, low, high, "", words))
    parts = site_heat(site, site.it_power, pumps)
    rate = cdu_rate(site, float(parts.facility), site.it_power, pumps)
    share = site.liquid_share * site.it_power / sum(float(loop.design_heat.sum()) for loop in site.loops)
    heats = {loop: share * float(loop.design_heat.sum()) for loop in site.loops}
    shaft = pumps.shaft / len(site.loops)
    spare = min(warmest_water(loop, heat + shaft, rate, plant.coolant) for loop, heat in heats.items())
    words = "warmest water with which all CDUs hold their supply, over the plant's set point"
    return [*rows, Row("CDU approach", spare - plant.T_supply, 0.0, 1.5, "K", words)]


def _drawn(site: Site, plant: Plant, load: float) -> float:
    """Facility water that all CDUs draw [m³/s], their valves holding the set point."""
    share = load * site.it_power / sum(float(loop.design_heat.sum()) for loop in site.loops)
    total = 0.0
    for loop in dict.fromkeys(site.loops):
        full = Supply(T=plant.T_supply, flow=2.0 * loop.cdu.valve_flow, coolant=plant.coolant)
        point = steady_loops(Study(loop, (share * loop.design_heat).tolist(), full, None, (), None, 1.0, None))
        total += site.loops.count(loop) * float(point["flow_primary"])
    return total


def _plant(site: Site, plant: Plant, pumps: CduPumps, hot: tuple[float, float], cold: float) -> list[Row]:
    """Capacities at design: pumps, chillers, exchangers, towers or coolers, in the hottest hour and in frost."""
    heat = float(site_heat(site, site.it_power, pumps).facility)
    T, T_wet_bulb = hot
    air = xr.Dataset({
        "T_dry_bulb": ("time", [T]), "T_wet_bulb": ("time", [T_wet_bulb]), "pressure": ("time", [101325.0]),
        "humidity_ratio": ("time", [humidity_ratio_of_wet_bulb(T, T_wet_bulb, 101325.0)]),
    })  # fmt: skip
    hour = plant_year(plant, it_power=site.it_power, heat=heat, weather=air).isel(time=0)
    rows = [
        Row(
            "design load",
            heat / plant.design_load,
            0.95,
            1.005,
            "",
            "heat at the site's IT power over that of the plant",
        ),
        Row("hot hour", float(hour["heat_unmet"]) / heat, 0.0, 0.0, "", f"heat left at {T:g}/{T_wet_bulb:g} degC"),
        Row(
            "hot supply", float(hour["T_facility_supply"]) - plant.T_supply, -1.0, 0.05, "K", "over its set point then"
        ),
        Row(
            "facility rise",
            float(hour["T_facility_return"] - hour["T_facility_supply"]),
            6.0,
            16.0,
            "K",
            "of the water",
        ),
    ]
    if plant.chiller is not None:
        capacity = plant.chillers * plant.chiller.capacity
        rows.append(Row("chillers", capacity / float(hour["heat"]), 1.0, 1.3, "", "capacity over heat and pump"))
    if plant.condenser_pump is not None:
        rise = float(hour["T_tower_return"] - hour["T_tower_supply"])
        rows.append(Row("condenser rise", rise, 4.0, 7.0, "K", "of the condenser water in the hottest hour"))
    if isinstance(plant.rejection, Tower):
        flow = plant.condenser_pump.flow / plant.rejection.water_flow if plant.condenser_pump else np.nan
        rows.append(Row("tower flow", flow, 0.8, 1.1, "", "condenser water over the rating of the towers"))
    if plant.direct:
        rows.append(
            Row("frost", cold - plant.coolant.T_freeze, 0.0, 60.0, "K", "coldest air over freezing of the water")
        )
    return rows


def _room(site: Site, pumps: CduPumps, hot: tuple[float, float]) -> list[Row]:
    if site.room is None:
        return []
    assert isinstance(site.plant, Plant)
    air = float(np.asarray(site_heat(site, site.it_power, pumps).air))
    sink = site.plant.T_supply if site.room.to_water else hot[0]
    T_air = float(site.room.T_air(air, sink))
    return [
        Row("room units", air / site.room.design_heat, 0.85, 1.005, "", "heat of the air over that at design"),
        Row("room fans", float(site.room.power) / site.room.design_heat, 0.01, 0.08, "", "fan power over heat"),
        Row("room air", T_air, 15.0, site.room.T_high, "degC", "supplied to the equipment at design"),
    ]


def _trains(site: Site, plant: TowerPlant, hot: tuple[float, float]) -> list[Row]:
    """A plant of trains: one steady point of all loops at design, in the hottest hour."""
    heat = (site.it_power / sum(float(loop.design_heat.sum()) for loop in site.loops)) * site.loops[0].design_heat
    point = steady_loops(Study(site.loops, float(heat[0]), plant, hot[1], (), None, 1.0, None))
    hot_flow = float(point["flow_facility"]) / (plant.trains * plant.train_hot_flow)
    cells = plant.train_tower_flow / (plant.cells * plant.cell_flow)
    speed, control = float(point["pump_speed"].max()), site.loops[0].cdu.speed
    return [
        Row("hot-water flow", hot_flow, 0.4, 1.05, "", "water that CDUs take over that of all trains at design"),
        Row("tower cells", cells, 0.8, 1.1, "", "tower water of a train over the design flow of its cells"),
        Row("CDU pumps", speed, control.low, control.high, "", "speed"),
        Row("packages", float(point["margin"].min()), 3.0, 60.0, "K", "case below its limit in the hottest hour"),
    ]
