"""The verbs as a user says them: ``steady`` and ``transient``, for whatever part they are asked of."""

import difflib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import xarray as xr

from thermal.components.plate.curve import ColdPlateCurve
from thermal.components.plate.geometry import ColdPlate
from thermal.errors import InputError
from thermal.network.loop import Loop
from thermal.network.steady import steady_curve, steady_loops
from thermal.network.transient import solve_transient
from thermal.plant.plant import Plant
from thermal.plant.year import annual as plant_year
from thermal.plate.parallel import steady_parallel
from thermal.plate.steady import steady_plate
from thermal.plate.transient import transient_plate
from thermal.site.site import Site
from thermal.site.year import _site_year

__all__ = ["annual", "steady", "transient"]


def steady(part: Any, **conditions: Any) -> xr.Dataset:
    """One operating point.

    Parameters
    ----------
    part : Loop, sequence of Loops, cold plate, or sequence of cold plates by geometry
        What is studied; plates in a sequence lie in parallel and share the flow at one pressure drop.
    **conditions
        For loops: ``heat`` [W of each rack, or with dimensions loop and rack], ``facility`` (``th.Supply``,
        ``th.Plant`` or ``th.TowerPlant``), ``weather`` where the facility needs it, without a time. For a cold plate:
        ``package``, ``coolant``, ``heat`` [W], ``flow`` [m³/s], ``T_in`` [°C]; by geometry also ``cells`` and
        ``tolerance``. For plates in parallel the flow is that of all, and package and heat may be a sequence with one
        for each.

    Returns
    -------
    xarray.Dataset
        Temperatures, flows, powers and residuals, without a time.

    Raises
    ------
    InputError
        If a condition is outside its range.
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
    if isinstance(part, ColdPlateCurve):
        return _run(steady_curve, part, conditions)
    if isinstance(part, ColdPlate):
        return _run(steady_plate, part, conditions)
    if isinstance(part, Loop) or _are(Loop, part):
        return _run(steady_loops, part, conditions)
    if _are(ColdPlate, part):
        return _run(steady_parallel, part, conditions)
    raise InputError(f"steady knows loops and cold plates, not {type(part).__name__}{_hint(part)}")


def transient(part: Any, **conditions: Any) -> xr.Dataset:
    """Behaviour in time, from rest under the first heat.

    Parameters
    ----------
    part : Loop, sequence of Loops, or cold plate by geometry
        What is studied; a cold plate takes ``package``, ``coolant``, ``heat``, ``flow``, ``T_in``, ``until``, and
        ``step``, or ``accuracy`` [K] where the step is to be found.
    **conditions
        ``heat``: number, sequence or trace [W]; see ``thermal.traces``. ``facility``: ``th.Supply``, ``th.Plant`` (the
        plant of the year, with volumes, start-up and staging in time) or ``th.TowerPlant``. ``weather``: for a
        ``th.Plant`` of ``th.weather``, constant or along ``time``; for a ``th.TowerPlant`` a wet bulb [°C] will do; on
        straight lines between its times. ``events``: such as ``th.stop(row.cdu.pumps[0], at=10 * hour)``, or of a
        ``th.Plant`` its ``pump``, ``condenser_pump`` or ``chiller``. ``until``: length [s], needed where the heat is
        constant. ``step``: longest time step [s], 5 s if not given; a plant takes longer ones. ``save``: interval of
        the result [s].

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

    The plant of a site behind its rows, its condenser pumps stopped for five minutes of a warm afternoon:

    >>> site, year = th.load("sites/generic_20mw"), th.weather(th.load("climates/chicago"))
    >>> pump = site.plant.condenser_pump
    >>> trip = [th.stop(pump, at=600), th.restart(pump, at=900)]
    >>> run = th.transient(site.loops, heat=90 * kW, facility=site.plant, weather=year.isel(time=4575), events=trip,
    ...                    until=hour, save=60)
    >>> warmest = run.T_facility_supply.max("time")
    >>> bool(warmest > run.T_facility_supply[0] + 5), bool(th.ledger(run).unmet_share > 0)
    (True, True)
    """
    if isinstance(part, ColdPlate):
        return _run(transient_plate, part, conditions)
    if isinstance(part, Loop) or _are(Loop, part):
        return _run(solve_transient, part, conditions)
    raise InputError(f"transient knows loops and cold plates by geometry, not {type(part).__name__}{_hint(part)}")


def _run(solve: Callable[..., xr.Dataset], part: Any, conditions: dict[str, Any]) -> xr.Dataset:
    """Call a solver; a condition that it does not know, or that is missing, is named."""
    known = list(inspect.signature(solve).parameters.values())[1:]
    names = [p.name for p in known]
    for name in conditions:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
            raise InputError(f"a {type(part).__name__} takes no condition {name!r}; {hint}")
    missing = [p.name for p in known if p.default is p.empty and p.name not in conditions]
    if missing:
        raise InputError(f"a {type(part).__name__} also needs {', '.join(missing)}")
    return solve(part, **conditions)


def _hint(part: Any) -> str:
    whole = hasattr(part, "loops") and hasattr(part, "plant")
    return "; of a site pass site.loops and facility=site.plant" if whole else ""


def _are(kind: type, part: Any) -> bool:
    return isinstance(part, Sequence) and len(part) > 0 and all(isinstance(item, kind) for item in part)


def annual(part: Plant | Site, *, weather: xr.Dataset, it_power: Any = None, **conditions: Any) -> xr.Dataset:
    """A year, hour by hour.

    Parameters
    ----------
    part : Plant or Site
        A plant alone, or a site: then the CDU pumps of its loops are in, all heat of IT and pumps goes to the facility
        water, and the losses of the power chain join at the meter.
    weather : xarray.Dataset
        From ``th.weather``; a further dimension, such as ``climate``, is one of the result.
    it_power : float, array or DataArray, optional
        Electrical power of the IT equipment [W], one number or one per hour; a site's design power if not given.
    **conditions
        ``T_supply`` or ``heat`` in place of the plant's own; see ``thermal.plant.year``.

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
    unknown = sorted(set(conditions) - {"T_supply", "heat"})
    if unknown:
        raise InputError(f"annual takes no {', '.join(unknown)}; there are it_power, weather, heat and T_supply")
    if isinstance(part, Plant):
        if it_power is None:
            raise InputError("annual of a plant needs it_power = ... [W]")
        return plant_year(part, it_power=it_power, weather=weather, **conditions)
    if not isinstance(part, Site) or part.plant is None:
        raise InputError(f"annual knows plants and sites with a plant, not {type(part).__name__}")
    return _site_year(part, weather, part.it_power if it_power is None else it_power, conditions)
