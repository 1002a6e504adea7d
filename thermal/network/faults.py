"""Single failures of a network, every one of them, and how long its packages have: the N-1 table."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from thermal.components.hall.cdu import Cdu
from thermal.components.hall.package import CooledPackage
from thermal.components.hall.rack import Rack
from thermal.components.hydronics.pump import Pump
from thermal.components.hydronics.valve import PressureIndependentValve, QuickDisconnect, Strainer, Valve
from thermal.errors import InputError
from thermal.inputs import affordable, number, part
from thermal.names import describe
from thermal.network.changes import Change, clog, close, freeze, starve
from thermal.network.loads import network_heat
from thermal.network.marching import NetworkStepper
from thermal.network.network import Network
from thermal.network.opening import open_network
from thermal.network.plate_series import packages_of
from thermal.network.supply import Supply
from thermal.quantity import provenance

__all__ = ["Fault", "fault_table", "faults"]

DIRTY = 0.3  # of its clean flow that a clogged strainer or plate lets through
SHUTS = (Valve, QuickDisconnect, PressureIndependentValve)
MOVED = 0.01  # change of a controller's output that is worth mentioning


class Fault(NamedTuple):
    """One thing that fails, as events at its time, and how many equals of it there are."""

    name: str
    events: tuple[Change, ...]
    equals: int = 1


def faults(network: Network, *, at: float = 0.0, dirty: float = DIRTY) -> tuple[Fault, ...]:
    """Every single failure of a network: pumps, CDUs, their controllers and facility water, valves, strainers, plates.

    Equal parts side by side count as one, such as the 72 plates of a rack or the pumps of a CDU.

    Parameters
    ----------
    network : Network
        The network.
    at : float
        When it happens [s].
    dirty : float
        Share of its clean flow that a clogged strainer, rack or plate lets through.

    Examples
    --------
    >>> import thermal as th
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[th.network.Node("return", pressure=2e5)], branches=[
    ...     th.Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
    ...     *th.manifold(2 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> for fault in faults(row):
    ...     print(fault.equals, fault.name)
    2 cdu/pump_1 stops
    1 cdu is lost
    1 cdu/speed is stuck
    1 cdu/valve is stuck
    1 cdu has no facility water
    2 rack1 closes
    2 rack1 clogs to 0.3
    """
    part("network", network, Network)
    at, dirty = number("at", at, "s", low=0.0), number("dirty", dirty, "-", above=0.0, high=1.0)
    found: list[Fault] = []
    joined = {joint.hot for joint in network.joints}
    cdus = [b for b in network.branches if isinstance(b.part, Cdu)]
    for b in cdus:
        first = f"{b.name}/pump_1"
        many = len(b.part.pumps)
        found.append(Fault(f"{first} stops", (Change(at, first, "runs", 0.0),), many))
        if many > 1:
            found.append(Fault(f"{b.name} is lost", (Change(at, b.name, "runs", 0.0),)))
        found += [Fault(f"{b.name}/{kind} is stuck", (freeze(f"{b.name}/{kind}", at),)) for kind in ("speed", "valve")]
        if b.name not in joined:  # what cools the others are branches of their own
            lost = "has no facility water" if b.part.air is None else "has no fans"
            found.append(Fault(f"{b.name} {lost}", (starve(b.name, 0.0, at),)))
    watered = [b.name for b in cdus if b.name not in joined and b.part.air is None]
    if len(watered) > 1:
        found.append(Fault("no CDU has facility water", tuple(starve(name, 0.0, at) for name in watered)))
    groups: dict[Any, list[str]] = {}
    for b in network.branches:
        groups.setdefault((b.part, b.start, b.end), []).append(b.name)
    for (placed, _, _), names in groups.items():
        name, many = names[0], len(names)
        if isinstance(placed, Pump):
            found.append(Fault(f"{name} stops", (Change(at, name, "runs", 0.0),), many))
        if isinstance(placed, (Rack, CooledPackage, *SHUTS)):
            found.append(Fault(f"{name} closes", (close(name, at),), many))
        if isinstance(placed, (Rack, CooledPackage, Strainer)):
            found.append(Fault(f"{name} clogs to {dirty:g}", (clog(name, dirty, at),), many))
    return tuple(found)


def fault_table(
    network: Network,
    *,
    heat: Any,
    facility: Supply | None = None,
    failures: Sequence[Fault] | None = None,
    until: float = 600.0,
    step: float = 1.0,
) -> xr.Dataset:
    """March each failure by itself from the same rest, and tell how long the packages have and what saved them.

    Parameters
    ----------
    network : Network
        The network.
    heat : float, mapping or DataArray
        Heat by name as for ``th.transient``, constant in time.
    facility : Supply, optional
        Facility water of the CDUs, with its coolant.
    failures : sequence of Fault, optional
        Those of ``faults(network)`` if not given.
    until, step : float
        Length of each run and its step [s].

    Returns
    -------
    xarray.Dataset
        By ``fault``: ``equals``, ``time_to_limit`` after the fault (NaN where no package passes its limit within the
        run), ``T_case_peak`` and ``margin`` at the worst until then, the ``worst`` package, ``saved_by`` and the worst
        ``energy_residual`` and ``mass_residual``. Beyond a limit chips would throttle, which is not modelled: what a
        run does after that is left out.

    Raises
    ------
    InputError
        If heat or names make no sense, the heat is a series, or the facility has no coolant.

    Examples
    --------
    >>> import thermal as th
    >>> row = Network(coolant=th.load("coolants/pg25"), nodes=[th.network.Node("return", pressure=2e5)], branches=[
    ...     th.Branch("cdu", th.load("cdus/vertiv_xdu1350"), "return", "supply"),
    ...     *th.manifold(8 * [th.load("racks/gb200_nvl72")], "supply", "return")])
    >>> water = th.Supply(T=26, flow=0.03, coolant=th.load("coolants/water"))
    >>> table = fault_table(row, heat=100e3, facility=water, until=60)
    >>> bool(table.time_to_limit.sel(fault="cdu is lost") < 60)
    True
    """
    until, step = number("until", until, "s", above=0.0), number("step", step, "s", above=0.0)
    affordable("each failure", until / step, "a longer step, or a shorter until", 1e6)
    if facility is not None and part("facility", facility, Supply).coolant is None:
        raise InputError("fault_table: facility = th.Supply(...) needs coolant = th.load('coolants/water'), or another")
    listed = tuple(faults(network) if failures is None else failures)
    if not listed:
        raise InputError("fault_table: there is nothing that fails; the network has neither CDUs, pumps nor racks")
    stepper = open_network(network, facility=facility, events=[e for fault in listed for e in fault.events])
    load = network_heat(stepper.heat, heat)
    if load.time is not None:
        raise InputError("heat of fault_table must be constant in time")
    stepper.load = load
    stepper.settle(load.heat[0])
    rest = stepper.save()
    names = [b.name for b in stepper.whole.network.branches if packages_of(b.part)]
    limit = np.array([b.part.package.T_case_limit for b in stepper.whole.network.branches if packages_of(b.part)])
    places = np.array([stepper.heat.place[f"{name}:case"] for name in names])
    rows = [_run(stepper, rest, fault, load.heat, until, step, places, limit, names) for fault in listed]
    columns = dict(zip(("time_to_limit", "T_case_peak", "margin", "worst", "saved_by", "energy_residual",
                        "mass_residual"), zip(*rows, strict=True), strict=True))  # fmt: skip
    data: dict[str, Any] = {"equals": ("fault", [fault.equals for fault in listed])}
    data |= {name: ("fault", list(values)) for name, values in columns.items()}
    table = describe(xr.Dataset(data, {"fault": [fault.name for fault in listed]}))
    return table.assign_attrs(provenance(*network.parts) | {"until": until, "step": step})


def _run(
    stepper: NetworkStepper,
    rest: Any,
    fault: Fault,
    heat: np.ndarray,
    until: float,
    step: float,
    places: np.ndarray,
    limit: np.ndarray,
    names: Iterable[str],
) -> tuple[Any, ...]:
    """One failure: its row of the table."""
    stepper.restore(rest)
    stepper.expect(fault.events)
    before = stepper.controls.controllers.output.copy()
    margin = limit - stepper.heat.T[places]
    steps = max(1, round(until / step))
    saved = stepper.advance(heat, step, 1, 1, np.zeros(steps, np.int64))
    at = min((event.at for event in fault.events), default=0.0)
    left = np.concatenate([margin[None], limit - saved.T[:, places]])
    ends = step * np.arange(steps + 1)
    over = left < 0.0
    when = np.nan
    if over.any():
        left = left[: int(np.argmax(over.any(axis=1))) + 1]
    lowest = left.min(axis=0)
    worst = int(np.argmin(lowest))
    if over.any():
        first = int(np.argmax(over.any(axis=1)))
        worst = int(np.argmin(left[first]))
        m0, m1 = left[max(first - 1, 0), worst], left[first, worst]
        when = max(ends[first] - (step * -m1 / (m0 - m1) if m0 > m1 else 0.0) - at, 0.0)
    peak = float((limit - lowest).max())
    energy = float(np.abs(saved.rows.energy_residual).max())
    mass = float(saved.rows.mass_residual.max())
    said = "nothing: limit passed" if over.any() else _saved_by(stepper, before)
    return when, peak, float(lowest.min()), list(names)[worst], said, energy, mass


def _saved_by(stepper: NetworkStepper, before: np.ndarray) -> str:
    """Which controllers moved, or that none had to."""
    after = stepper.controls.controllers.output
    moved = [
        f"{name} {before[i]:.2f} → {after[i]:.2f}"
        for name, i in stepper.places.controller.items()
        if abs(after[i] - before[i]) > MOVED
    ]
    return ", ".join(moved) if moved else "its margin"
