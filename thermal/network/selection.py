"""How many CDUs of a kind a hall needs, at its own temperatures and flows, with spare ones."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.coolant import Coolant
from thermal.components.hall.cdu import Cdu
from thermal.components.hydronics.exchanger import rho_cp
from thermal.errors import InputError
from thermal.inputs import number, part
from thermal.names import describe
from thermal.physics.machines.exchanger import exchange
from thermal.physics.machines.pump import GRAVITY, speed_for
from thermal.quantity import provenance

__all__ = ["select_cdus"]

MOST = 500  # CDUs of one kind
STATES = ("all run", "spare ones out")
ROUNDING = 1e-9  # of heat: a sheet's own point is carried, whichever way its last digit falls


class _Duty(NamedTuple):
    """What the racks ask for, and what the facility gives, of all CDUs together."""

    heat: float
    flow: float
    drop: float
    T_supply: float
    T_facility: float
    water: float  # m³/s, infinite where nothing limits it
    coolant: Coolant
    facility: Coolant


def select_cdus(
    cdus: Mapping[str, Cdu],
    *,
    heat: float,
    flow: float,
    differential_pressure: float,
    T_supply: float,
    T_facility: float,
    coolant: Coolant,
    facility_coolant: Coolant,
    facility_flow: float | None = None,
    spare: int = 1,
) -> xr.Dataset:
    """Count the CDUs of each kind that carry a hall, at its own operating point, and those that stand by.

    N is the least number with which, heat and flow shared evenly, the exchanger holds the supply temperature with its
    valve at most wide open, and the pumps, on their catalogue curve and at most at full speed, hold the pressure
    difference. N + `spare` are installed; what each does is told for both states, all running and the spare ones out.

    Parameters
    ----------
    cdus : mapping
        CDUs by name, as ``{name: th.load(name) for name in th.models("cdus")}``.
    heat : float
        Heat into the coolant of all racks [W].
    flow : float
        Coolant flow of all racks [m³/s].
    differential_pressure : float
        To be held across the racks and their pipes [Pa].
    T_supply, T_facility : float
        Coolant to the racks and facility water to the CDUs [°C].
    coolant, facility_coolant : Coolant
        On either side.
    facility_flow : float, optional
        Facility water for all CDUs together [m³/s]; each takes no more than its open valve passes at its reference.
    spare : int
        CDUs installed beyond N.

    Returns
    -------
    xarray.Dataset
        By ``model``: ``cdus_needed`` (N), ``cdus_installed``, both 0 where no number will do, ``lacks``, what one fewer
        would lack. By ``model`` and ``running`` (all, or the spare ones out), of each CDU: ``heat``, ``flow``,
        ``flow_primary``, ``T_primary_return``, ``capacity`` with its valve wide open, ``pump_speed``; of all together
        ``flow_facility`` and ``pump_power``.

    Raises
    ------
    InputError
        If an input is no number of its kind, the facility water is not colder than the supply, or there is no CDU.

    Examples
    --------
    >>> import thermal as th
    >>> from thermal.units import MW, kPa, lpm
    >>> found = select_cdus({name: th.load(name) for name in ("cdus/motivair_mcdu70", "cdus/vertiv_xdu1350")},
    ...     heat=10 * MW, flow=15000 * lpm, differential_pressure=110 * kPa, T_supply=45, T_facility=40,
    ...     coolant=th.load("coolants/pg25"), facility_coolant=th.load("coolants/water"))
    >>> found.cdus_installed.sel(model="cdus/motivair_mcdu70").item(), str(found.lacks.values[0])
    (5, 'flow')
    """
    if not isinstance(cdus, Mapping) or not cdus:
        raise InputError("cdus must map names to CDUs, as {name: th.load(name) for name in th.models('cdus')}")
    for name, cdu in cdus.items():
        part(f"cdus[{name!r}]", cdu, Cdu, "th.load('cdus/...') gives one")
    if isinstance(spare, bool) or not isinstance(spare, int | np.integer) or not 0 <= spare <= MOST:
        raise InputError(f"spare = {spare!r} must be a whole number of CDUs, such as 1 for N+1")
    duty = _Duty(
        number("heat", heat, "W", above=0.0),
        number("flow", flow, "m3/s", above=0.0),
        number("differential_pressure", differential_pressure, "Pa", above=0.0),
        number("T_supply", T_supply, "degC"),
        number("T_facility", T_facility, "degC"),
        np.inf if facility_flow is None else number("facility_flow", facility_flow, "m3/s", above=0.0),
        part("coolant", coolant, Coolant, "th.load('coolants/pg25') gives one"),
        part("facility_coolant", facility_coolant, Coolant, "th.load('coolants/water') gives one"),
    )
    duty.coolant.require(duty.T_supply + duty.heat / (duty.flow * rho_cp(duty.coolant, duty.T_supply)), "return")
    duty.facility.require(duty.T_facility, "T_facility")
    if duty.T_facility >= duty.T_supply:
        raise InputError(
            f"T_facility = {duty.T_facility:g} degC is not below T_supply = {duty.T_supply:g} degC: no exchanger cools "
            "below what cools it; take colder facility water or a warmer supply"
        )
    columns: dict[str, list[Any]] = {}
    for cdu in cdus.values():
        n, lacks = _least(cdu, duty)
        installed = n + int(spare) if n else 0
        row: dict[str, Any] = {"cdus_needed": n, "cdus_installed": installed, "lacks": lacks}
        states = [_operate(cdu, duty, k) if k else None for k in (installed, n)]
        row |= {key: [np.nan if s is None else s[key] for s in states] for key in _OPERATED}
        for key, value in row.items():
            columns.setdefault(key, []).append(value)
    data = {key: (("model", "running") if key in _OPERATED else "model", np.array(v)) for key, v in columns.items()}
    table = describe(xr.Dataset(data, {"model": list(cdus), "running": list(STATES)}))
    return table.assign_attrs(provenance(tuple(cdus.values()), coolant, facility_coolant))


def _least(cdu: Cdu, duty: _Duty) -> tuple[int, str]:
    """The least number that will do, and what one fewer lacks; zero where none does."""
    if cdu.air is not None:
        return 0, "facility water: room air cools it"
    before = "nothing: one is enough"
    for n in range(1, MOST + 1):
        lack = _lack(cdu, duty, n)
        if not lack:
            return n, before
        before = lack
    return 0, before


def _lack(cdu: Cdu, duty: _Duty, n: int) -> str:
    """What `n` CDUs lack, "" if nothing."""
    each = duty.flow / n / len(cdu.pumps)
    high = cdu.speed.high
    if each > high * cdu.pump.flow[-1]:
        return "flow"
    if float(cdu.pump.head(each, high)) < _head(cdu, duty, n):
        return "pressure"
    if _capacity(cdu, duty, n, _most_water(cdu, duty, n)) < (1.0 - ROUNDING) * duty.heat / n:
        return "facility flow" if duty.water / n < cdu.valve_flow else "heat"
    return ""


def _most_water(cdu: Cdu, duty: _Duty, n: int) -> float:
    return min(cdu.valve_flow, duty.water / n)


def _head(cdu: Cdu, duty: _Duty, n: int) -> float:
    """Head [m] of its pumps: the racks' pressure difference and its own loss."""
    V = duty.flow / n
    density = duty.coolant.properties(duty.T_supply).density
    return float((duty.drop + V * (cdu.inner_linear + cdu.inner_quadratic * V)) / (density * GRAVITY))


def _capacity(cdu: Cdu, duty: _Duty, n: int, water: float) -> float:
    """Heat that one of `n` takes to the supply temperature with so much water [W]."""
    hot, cold = rho_cp(duty.coolant, duty.T_supply), rho_cp(duty.facility, duty.T_facility)
    F = hot * duty.flow / n
    share = exchange(cdu.exchanger.law(hot, cold), F, cold * water) / F  # of T_in − T_facility that is taken off
    return float(F * share / (1.0 - share) * (duty.T_supply - duty.T_facility)) if share < 1.0 else np.inf


_OPERATED = (
    "heat", "flow", "flow_primary", "T_primary_return", "capacity", "pump_speed", "flow_facility", "pump_power",
)  # fmt: skip


def _operate(cdu: Cdu, duty: _Duty, n: int) -> dict[str, float]:
    """Operating point of one of `n` that share heat and flow."""
    from scipy.optimize import brentq  # a quarter of a second to import

    most, heat, V = _most_water(cdu, duty, n), duty.heat / n, duty.flow / n
    capacity = _capacity(cdu, duty, n, most)
    if capacity < (1.0 - ROUNDING) * heat:  # more CDUs, less water for each: the least that spare ones may cost
        water = np.nan
    elif capacity <= heat:
        water = most
    else:
        water = brentq(lambda w: _capacity(cdu, duty, n, w) - heat, 1e-9 * most, most, xtol=1e-15, rtol=1e-12)
    pump, count = cdu.pump, len(cdu.pumps)
    density, head = duty.coolant.properties(duty.T_supply).density, _head(cdu, duty, n)
    speed = speed_for(pump.curve, V / count, head, cdu.speed.low, cdu.speed.high)
    power = count * float(pump.power(V / count, speed, density))
    cold = rho_cp(duty.facility, duty.T_facility)
    return {
        "heat": heat, "flow": V, "flow_primary": water, "T_primary_return": duty.T_facility + heat / (cold * water),
        "capacity": capacity, "pump_speed": speed, "flow_facility": n * water,
        "pump_power": n * power,
    }  # fmt: skip
