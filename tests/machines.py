"""Lowered studies, ready for the kernels, for the tests that look below the public verbs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import thermal as th
from thermal.components.hydronics.exchanger import rho_cp
from thermal.network.case import Study
from thermal.network.loop import Loop
from thermal.network.lower import lower, rest
from thermal.network.stepper import Stepper
from thermal.physics.network.loop import LoopNet, LoopState
from thermal.physics.network.march import Record
from thermal.quantity import Part
from thermal.units import lpm
from thermal.verbs import stepper as _  # noqa: F401  facilities register there

SUPPLY, TRAINS = KINDS = ("supply", "trains")
HEAT = {SUPPLY: 80e3, TRAINS: 250e3}  # W of each rack


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


def setting(kind: str) -> dict[str, Any]:
    """A small study with each kind of facility: two loops on a supply, three on the plant of Frontier."""
    if kind == SUPPLY:
        return {"loops": [row(2), row(3)], "facility": th.Supply(T=26, flow=2000 * lpm), "weather": None}
    site = th.load("sites/frontier")
    plant = site.plant.replace(return_volume=5.0, supply_volume=5.0)  # m³, so that minutes move it
    return {"loops": [*site.loops[:3]], "facility": plant, "weather": 18.0}


def prepare(
    loops: Sequence[Loop], facility: Part, heat: Any, until: float, save: float, substeps: int = 12, **others: Any
) -> Stepper:
    """A study at rest under its first heat, with steps of a given number in each interval."""
    conditions = {"weather": None, "events": ()} | others
    facility = facility.completed(coolant=th.load("coolants/water"))
    study = Study(loops, heat, facility, conditions["weather"], conditions["events"], until, save, save)
    stepper = Stepper(study)
    stepper.case = stepper._port.case = stepper.case._replace(substeps=substeps)
    return stepper


def run(stepper: Stepper, cuts: Sequence[int] = ()) -> Record:
    """March from the state it is in, in one call or cut before the given rows."""
    for stop in [*cuts, stepper.case.intervals // stepper.case.every]:
        stepper.march(stop * stepper.case.every)
    return stepper._record


def columns(stepper: Stepper) -> dict[str, np.ndarray]:
    """Every recorded column by name."""
    record = stepper._record
    found = {"T_case": record.T_case}
    tables = {"loops": record.loops, "water": record.water, "peaks": record.peaks}
    tables |= dict(zip(["trains"], stepper._port.tables(), strict=False))
    for part, table in tables.items():
        found |= {f"{part}.{name}": table[name] for name in table.dtype.names}
    return found


def water_flow(loop: Loop) -> float:
    """Volumetric heat capacity of the loop's coolant at its set point [J/m³K]."""
    return rho_cp(loop.coolant, loop.cdu.T_supply)
