"""The verbs as a user says them: ``steady``, ``transient``, ``annual``, ``reduce``, whatever part they are asked of.

Here it is decided which wing answers for which part, and what stands in where a part was left open: plain water, and
the usual dynamics of a plant.
"""

from collections.abc import Sequence
from typing import Any

import xarray as xr

from thermal import asked
from thermal.asked import all_are, conditions_of, given_of, not_known, study_of, unfolded
from thermal.components.chip.package import Package
from thermal.components.chip.stack import Stack
from thermal.components.chip.throttling import Throttling
from thermal.components.coolant import Coolant
from thermal.components.hall.rack import Rack
from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError
from thermal.formats.ice import IceStack
from thermal.inputs import no_others
from thermal.network.changes import Change
from thermal.network.events import Event
from thermal.network.in_time import NetworkRun, steady_network, transient_network
from thermal.network.loop import Loop
from thermal.network.network import Network
from thermal.network.plates import reduce_network, reduce_rack
from thermal.network.steady import steady_curve, steady_loops
from thermal.network.stepper import Stepper
from thermal.network.transient import transient_loops
from thermal.plant.plant import Plant
from thermal.plant.tower_plant import TowerPlant
from thermal.plant.year import plant_year
from thermal.plate.grid import Cells
from thermal.plate.ice import steady_ice, transient_ice
from thermal.plate.parallel import steady_parallel
from thermal.plate.reduction import reduce_plate
from thermal.plate.steady import steady_plate
from thermal.plate.transient import transient_plate
from thermal.quantity import Part
from thermal.site.plausible import noted
from thermal.site.site import Site
from thermal.site.year import site_year

__all__ = ["annual", "reduce", "steady", "stepper", "transient"]


def steady(
    part: Site | Loop | Network | ColdPlateCurve | ColdPlate | Sequence[Loop] | Sequence[ColdPlate],
    *,
    heat: Any = None,
    facility: Part | None = None,
    weather: Any = None,
    package: Package | Stack | Sequence[Package | Stack] | None = None,
    coolant: Coolant | None = None,
    flow: Any = None,
    T_in: Any = None,
    cells: Cells | None = None,
    tolerance: float | None = None,
    as_3dice: bool | None = None,
    cells_over_fin: int | None = None,
    slices: int | None = None,
    **unknown: Any,
) -> xr.Dataset:
    """One operating point.

    Parameters
    ----------
    part : Site, Loop, sequence of Loops, Network, cold plate, or sequence of cold plates by geometry
        What is studied; a site is its loops or its network before its plant, with room units and power chain; plates in
        a sequence lie in parallel and share the flow at one pressure drop.
    heat : float or array
        Of loops: of each rack [W], or with dimensions ``loop`` and ``rack``. Of a network: of each rack, by names of
        racks and packages, or with dimensions ``branch``, or ``rack`` and ``package``. Of plates: total [W], by block,
        or a map.
    facility : Supply, Plant or TowerPlant
        What stands behind the loops; behind the CDUs of a network a Supply or a Plant.
    weather : float or Dataset, optional
        Of loops, where the facility needs it, without a time.
    package : Package or Stack
        What lies under a plate; for plates in parallel one, or one for each.
    coolant : Coolant
        Of a plate; loops bring their own.
    flow, T_in : float
        Coolant into a plate [m³/s, °C]; for plates in parallel the flow is that of all.
    cells : Cells, optional
        How finely a plate by geometry is divided.
    tolerance : float, optional
        Relative residual at which the solver of a plate by geometry stops.
    as_3dice, cells_over_fin, slices : optional
        Of a stack of 3D-ICE: that program's discretisation, or cells over the channel height and along the flow.
    **unknown
        Refused by name.

    Returns
    -------
    xarray.Dataset
        Temperatures, flows, powers and residuals, without a time.

    Raises
    ------
    InputError
        If a condition is missing, not of this part, or outside its range.
    ConvergenceError
        If there is no steady state; the message names the loops.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import kW, lpm
    >>> plate, package = th.load("cold_plates/ocp_1kw"), th.load("packages/gb200_gpu")
    >>> point = th.steady(plate, package=package, coolant=plate.coolant, heat=1 * kW, flow=1 * lpm, T_in=40)
    >>> round(float(point.T_case), 1)  # 40 °C and 1 kW through the published 0.0245 K/W
    64.5
    """
    given = given_of(
        heat=heat, facility=facility, weather=weather, package=package, coolant=coolant, flow=flow, T_in=T_in,
        cells=cells, tolerance=tolerance, as_3dice=as_3dice, cells_over_fin=cells_over_fin, slices=slices, **unknown,
    )  # fmt: skip
    if isinstance(part, IceStack):
        return steady_ice(part, **conditions_of(part, given, (*asked.ICE, "slices")))
    part, given = unfolded(part, given)
    if isinstance(part, ColdPlateCurve):
        return steady_curve(part, **conditions_of(part, given, asked.CURVE))
    if isinstance(part, ColdPlate):
        return steady_plate(part, **conditions_of(part, given, asked.PLATE))
    if isinstance(part, Loop) or all_are(Loop, part):
        return steady_loops(study_of(part, conditions_of(part, given, asked.LOOPS)))
    if isinstance(part, Network):
        return steady_network(study_of(part, conditions_of(part, given, asked.NETWORK, spare=["facility", "weather"])))
    if all_are(ColdPlate, part):
        return steady_parallel(part, **conditions_of(part, given, asked.PLATE))  # type: ignore[arg-type]
    raise not_known("steady", "loops, networks and cold plates", part)


def transient(
    part: Site | Loop | Network | ColdPlate | Sequence[Loop],
    *,
    heat: Any = None,
    facility: Part | None = None,
    weather: Any = None,
    events: Sequence[Event | Change] | None = None,
    until: float | None = None,
    step: float | None = None,
    save: float | None = None,
    package: Package | Stack | None = None,
    coolant: Coolant | None = None,
    flow: Any = None,
    T_in: Any = None,
    cells: Cells | None = None,
    tolerance: float | None = None,
    start: Any = None,
    accuracy: float | None = None,
    on_limit: str | Throttling | None = None,
    as_3dice: bool | None = None,
    cells_over_fin: int | None = None,
    **unknown: Any,
) -> xr.Dataset:
    """Behaviour in time, from rest under the first heat.

    Parameters
    ----------
    part : Site, Loop, sequence of Loops, Network, or cold plate by geometry
        What is studied; a site is its loops or its network before its plant, with room units and power chain.
    heat : float, sequence, mapping, DataArray or callable
        Number or trace [W]; see ``thermal.traces``. Of a network by name, as in ``steady``, each along ``time`` too. Of
        a plate also a function of time.
    facility : Supply, Plant or TowerPlant
        What stands behind the loops; a ``th.Plant`` is that of the year, with volumes, start-up and staging in time.
        Behind the CDUs of a network a Supply or a Plant.
    weather : float or Dataset, optional
        For a ``th.Plant`` of ``th.weather``, constant or along ``time``; for a ``th.TowerPlant`` a wet bulb [°C] will
        do; on straight lines between its times.
    events : sequence of events, optional
        Such as ``th.stop(row.cdu.pumps[0], at=10 * hour)``, or of a ``th.Plant`` its ``pump``, ``condenser_pump`` or
        ``chiller``. Of a network by name: ``th.stop("cdu/pump_1", at=60)``, ``th.network.clog``, ``close``, ``warm``,
        ``starve``, ``freeze``, ``drift``, ``set_point``, ``leak``.
    until : float, optional
        Length [s], needed where the heat is constant.
    step : float, optional
        Longest time step [s], of loops 5 s if not given (a plant takes longer ones); of a cold plate it is found for
        the `accuracy` if not given.
    save : float, optional
        Interval of the result of loops [s]; that of the heat, or a minute.
    package, coolant, flow, T_in, cells, tolerance
        Of a cold plate, as in ``steady``.
    start : optional
        Of a cold plate: heat of the steady state to start from; from the inlet temperature throughout if not given.
    accuracy : float, optional
        Of a cold plate: error in time aimed at where the step is found [K].
    on_limit : {"flag", "stop", "throttle", "trip"} or Throttling, optional
        Of loops and networks, where a case passes its limit or coolant boils: go on and flag it (``margin`` below zero,
        ``boils``, and no longer ``converged`` once coolant boils), or end the run with that row; or let the rack of the
        case give less heat from the next row on, by the clock that a law leaves (the library's, from the limit of each
        package; or the law handed in), or none. ``heat_share`` says what was left of its heat.
    as_3dice, cells_over_fin : optional
        Of a stack of 3D-ICE, as in ``steady``.
    **unknown
        Refused by name.

    Returns
    -------
    xarray.Dataset
        Each time is the end of a saved interval: temperatures and openings are those of that moment, powers and
        flows of heat are means over the interval.

    Raises
    ------
    InputError, DataError
        If a condition or the trace is wrong; the message names part, value, limit and time.
    ConvergenceError
        If there is no steady state to start from, or a step fails.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import hour, kW, lpm
    >>> row = th.load("loops/gb200_row")
    >>> trip = th.stop(row.cdu.pumps[0], at=600)
    >>> day = th.transient(row, heat=100 * kW, facility=th.Supply(T=26, flow=1900 * lpm), events=[trip], until=hour)
    >>> bool(abs(day.energy_residual).max() < 1e-3)  # W, of 700 kW
    True
    """
    given = given_of(
        heat=heat, facility=facility, weather=weather, events=events, until=until, step=step, save=save,
        package=package, coolant=coolant, flow=flow, T_in=T_in, cells=cells, tolerance=tolerance, start=start,
        accuracy=accuracy, on_limit=on_limit, as_3dice=as_3dice, cells_over_fin=cells_over_fin, **unknown,
    )  # fmt: skip
    if isinstance(part, IceStack):
        return transient_ice(part, **conditions_of(part, given, asked.ICE))
    part, given = unfolded(part, given)
    if isinstance(part, ColdPlate):
        return transient_plate(part, **conditions_of(part, given, asked.PLATE_IN_TIME, "until"))
    if isinstance(part, Loop) or all_are(Loop, part):
        return transient_loops(study_of(part, conditions_of(part, given, asked.IN_TIME)))
    if isinstance(part, Network):
        return transient_network(study_of(part, conditions_of(part, given, asked.NETWORK_IN_TIME, spare=["facility"])))
    raise not_known("transient", "loops, networks and cold plates by geometry", part)


def stepper(
    loops: Loop | Network | Sequence[Loop],
    *,
    heat: Any,
    facility: Part | None = None,
    weather: Any = None,
    events: Sequence[Event | Change] = (),
    until: float | None = None,
    step: float = 5.0,
    save: float | None = None,
) -> Stepper | NetworkRun:
    """Loops or a network at rest under the first heat, ready to be advanced: what ``transient`` marches in one go.

    Parameters
    ----------
    loops, heat, facility, weather, events, until, step, save
        As in ``transient``.

    Returns
    -------
    Stepper or NetworkRun
        With ``advance``, ``read``, ``save`` and ``restore``; see there for an example.
    """
    given = {"heat": heat, "facility": facility, "weather": weather, "events": events, "until": until, "save": save}
    study = study_of(loops, given | {"step": step})
    return NetworkRun(study) if isinstance(loops, Network) else Stepper(study)


def annual(
    part: Plant | Site,
    *,
    weather: xr.Dataset,
    it_power: Any = None,
    T_supply: Any = None,
    heat: Any = None,
    **unknown: Any,
) -> xr.Dataset:
    """A year, hour by hour.

    Parameters
    ----------
    part : Plant or Site
        A plant alone, or a site: then what liquid takes of the IT power goes to the facility water with the work of
        the CDU pumps, what air takes through the site's room units, and the power chain's losses join at the meter.
    weather : xarray.Dataset
        From ``th.weather``; a further dimension, such as ``climate``, is one of the result.
    it_power : float, array or DataArray, optional
        Electrical power of the IT equipment [W], one number or one per hour; a site's design power if not given.
    T_supply : float, array or DataArray, optional
        Set point of the facility water [°C] in place of the plant's: a schedule, or a further dimension.
    heat : float, array or DataArray, optional
        Heat into the facility water [W] in place of that of IT, pumps and room.
    **unknown
        Refused by name.

    Returns
    -------
    xarray.Dataset
        Power by end use, temperatures, heats, water and residuals of each hour.

    Raises
    ------
    InputError
        If the part has no plant, the weather or the load cannot be used, or the facility water is too warm for a CDU
        to hold its set point.

    Examples
    --------
    >>> import thermal as th
    >>> year = th.annual(th.load("sites/generic_20mw"), weather=th.weather(th.load("climates/chicago")))
    >>> 1.0 < float(th.pue(th.ledger(year))) < 1.3
    True
    """
    no_others("annual", unknown, ("weather", "it_power", "T_supply", "heat"))
    if isinstance(part, Plant):
        if it_power is None:
            raise InputError("annual of a plant needs it_power = ... [W]")
        return noted(part, plant_year(part, it_power=it_power, weather=weather, T_supply=T_supply, heat=heat))
    if isinstance(part, Site) and isinstance(part.plant, TowerPlant):
        raise InputError(
            "annual needs a th.Plant; the site's plant is a th.TowerPlant, known second by second: march it with "
            "th.transient(site, heat=..., weather=...), or site.replace(plant=th.load('plants/...'))"
        )
    if not isinstance(part, Site) or part.plant is None:
        raise not_known("annual", "plants and sites with a plant", part)
    power = part.it_power if it_power is None else it_power
    return noted(part, site_year(part, asked.water(), weather=weather, it_power=power, T_supply=T_supply, heat=heat))


def reduce(
    part: ColdPlate | Rack | Loop | Network,
    *,
    package: Package | Stack | None = None,
    coolant: Coolant | None = None,
    heat: float | None = None,
    flows: Any = None,
    T_in: float | None = None,
    cells: Cells | None = None,
    states: int | None = None,
    **unknown: Any,
) -> Any:
    """A small model in place of a plate by geometry, with a stated error: what racks and long days march.

    Several solutions of the full plate, some seconds of work.

    Parameters
    ----------
    part : ColdPlate, Rack, Loop or Network
        A plate; a rack, or a loop or network with racks, whose plates are given by their geometry.
    package, heat : Package or Stack, float
        Of a plate alone: what lies under it, and the nominal heat at which films are taken [W]; a rack has its own.
    coolant, T_in : Coolant, float
        Of a plate or a rack: the coolant, and the nominal inlet temperature [°C]; a loop has its own, and a network its
        coolant and the highest set point of its CDUs.
    flows : sequence of float, optional
        Flows to sample [m³/s], ascending; needed of a plate alone, else shares of the design flow.
    cells : Cells, optional
        How finely the plate is divided.
    states : int, optional
        Largest number of states.
    **unknown
        Refused by name.

    Returns
    -------
    ReducedPlate, Rack, Loop or Network
        The model, or the rack, loop or network with it.

    Raises
    ------
    InputError
        If an argument is missing or not of this part, or the model is not stable over the flows.

    Examples
    --------
    >>> import thermal as th
    >>> plate = th.ColdPlate(length=0.04, breadth=0.04, channel_width=4e-4, fin_width=4e-4, channel_depth=2e-3,
    ...                      base=1e-3, metal=th.load("materials/copper"), homogenised=True)
    >>> rack = th.load("racks/gb200_nvl72").replace(cold_plate=plate)
    >>> small = th.reduce(rack, coolant=th.load("coolants/pg25"), T_in=32.0, cells=th.Cells(6, 1, 2, 1))
    >>> small.cold_plate.error < 0.05
    True
    """
    given = given_of(
        package=package, coolant=coolant, heat=heat, flows=flows, T_in=T_in, cells=cells, states=states, **unknown
    )
    if isinstance(part, ColdPlate):
        return reduce_plate(part, **conditions_of(part, given, (*asked.REDUCED, "package", "heat"), "flows"))
    if isinstance(part, Rack):
        return reduce_rack(part, **conditions_of(part, given, asked.REDUCED))
    if isinstance(part, Loop):
        own = conditions_of(part, given, ("flows", "cells", "states"))
        coolant, T_in = part.coolant, part.cdu.T_supply
        made = {rack: reduce_rack(rack, coolant, T_in, **own) for rack in dict.fromkeys(part.racks)}
        return part.replace(racks=tuple(made[rack] for rack in part.racks))
    if isinstance(part, Network):
        return reduce_network(part, **conditions_of(part, given, ("T_in", "flows", "cells", "states"), spare=["T_in"]))
    raise not_known("reduce", "cold plates by geometry, racks, loops and networks", part)
