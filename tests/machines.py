"""Lowered studies, ready for the kernels, for the tests that look below the public verbs."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

import thermal as th
from thermal.components.hydronics.exchanger import rho_cp
from thermal.network import transient
from thermal.network.loop import Loop
from thermal.network.lower import lower, rest
from thermal.network.supply import FacilityModel
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.march import Facility, Record, march, settle
from thermal.units import lpm

HEAT = {Facility.SUPPLY: 80e3, Facility.TOWER_PLANT: 250e3}  # W of each rack


def row(racks: int = 8) -> Loop:
    """A row of GB200 racks; with fewer racks than eight the CDU throttles."""
    whole = th.load("loops/gb200_row")
    return whole.replace(racks=whole.racks[:racks])


def net_of(loop: Loop) -> tuple[LoopNet, LoopState]:
    """Arrays of one loop with plain facility water, all pumps running at full speed."""
    net = lower([loop], th.load("coolants/water"))
    state = rest(net)
    state.loops.speed = 1.0
    return net, state


def setting(kind: Facility) -> dict[str, Any]:
    """A small study with each kind of facility: two loops on a supply, three on the plant of Frontier."""
    if kind == Facility.SUPPLY:
        return {"loops": [row(2), row(3)], "facility": th.Supply(T=26, flow=2000 * lpm), "weather": None}
    site = th.load("sites/frontier")
    plant = site.facility.replace(return_volume=5.0, supply_volume=5.0)  # m³, so that minutes move it
    return {"loops": [*site.loops[:3]], "facility": plant, "weather": 18.0}


def prepare(
    loops: Sequence[Loop], facility: FacilityModel, heat: Any, until: float, save: float, **others: Any
) -> transient.Case:
    """Lower a study and put it to rest under its first heat."""
    conditions = {"weather": None, "events": (), "step": 5.0} | others
    case = transient.prepare(loops, heat, facility, until=until, save=save, **conditions)
    assert np.isfinite(settle(case.net, case.plant, case.kind, case.state, case.plant_state, case.boundary))
    return case


def run(case: transient.Case, substeps: int, cuts: Sequence[int] = ()) -> Record:
    """March a case from the state it is in, in one call or cut before the given rows."""
    record = transient._record(case)
    edges, event = [0, *cuts, len(record.plant)], 0
    for start, stop in itertools.pairwise(edges):
        event = march(
            case.net, case.plant, case.kind, case.state, case.plant_state, case.boundary, substeps, case.every,
            record, start, stop, event,
        )  # fmt: skip
    return record


def columns(record: Record) -> dict[str, np.ndarray]:
    """Every recorded column by name."""
    found = {"T_case": record.T_case}
    for part in ("loops", "plant", "peaks"):
        table = getattr(record, part)
        found |= {f"{part}.{name}": table[name] for name in table.dtype.names}
    return found


def water_flow(loop: Loop) -> float:
    """Volumetric heat capacity of the loop's coolant at its set point [J/m³K]."""
    return rho_cp(loop.coolant, loop.cdu.T_supply)
