"""A design for another power: machines scaled by size or by number."""

import math
from collections.abc import Sequence
from typing import Any

from thermal.components.cooling.chiller import Chiller
from thermal.components.cooling.dry_cooler import DryCooler, FluidCooler
from thermal.components.cooling.tower import Tower
from thermal.components.hall.room import RoomUnits
from thermal.components.hydronics.duty_pump import DutyPump
from thermal.components.power.chain import PowerChain
from thermal.network.loop import Loop
from thermal.plant.plant import Economiser, Plant

__all__ = ["scaled_loops", "scaled_part", "scaled_plant"]

COILS = ("UA", "UA_low", "air_flow", "air_flow_low", "fan_power", "fan_power_low")
EXTENSIVE: dict[type, tuple[str, ...]] = {  # fields that grow with size; all others stay
    DutyPump: ("flow",),
    Chiller: ("capacity", "condenser_flow"),
    Economiser: ("UA", "flow"),
    Tower: ("water_flow", "air_flow", "fan_power", "fan_power_low", "UA", "UA_free", "heater"),
    DryCooler: COILS,
    FluidCooler: (*COILS, "water_flow", "heater"),
    RoomUnits: ("design_heat", "UA"),
    PowerChain: ("rated_power",),
}
MACHINES = (
    "pump", "secondary_pump", "condenser_pump", "chiller", "lag_chiller", "economiser", "rejection",
)  # fmt: skip


def scaled_part(machine: Any, factor: float) -> Any:
    """A machine `factor` times as large; none stays none."""
    if machine is None:
        return None
    return machine.replace(**{name: factor * getattr(machine, name) for name in EXTENSIVE[type(machine)]})


def scaled_plant(plant: Plant, factor: float) -> Plant:
    """A plant with all its machines `factor` times as large; their numbers stay."""
    machines = {name: scaled_part(getattr(plant, name), factor) for name in MACHINES}
    return plant.replace(design_load=factor * plant.design_load, **machines)


def scaled_loops(loops: Sequence[Loop], factor: float) -> tuple[Loop, ...]:
    """`factor` times as many racks, rounded up, spread over as many CDUs as they need; kinds in the order of `loops`."""
    if not loops:
        return ()
    count = math.ceil(factor * len(loops) - 1e-9)
    total = math.ceil(factor * sum(len(loop.racks) for loop in loops) - 1e-9)
    rows = [loops[min(int(k / factor), len(loops) - 1)] for k in range(count)]
    found = []
    for k, loop in enumerate(rows):
        racks = total // count + (k < total % count)
        found.append(loop.replace(racks=tuple(loop.racks[i % len(loop.racks)] for i in range(racks))))
    return tuple(found)
