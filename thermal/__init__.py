"""Liquid cooling of AI data centres, from the die to the sky and from watts to tokens.

Everything public is here and is loaded on first use, so that ``import thermal`` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    # Nouns
    "Block": "components.chip.stack",
    "Cdu": "components.hall.cdu",
    "Cells": "plate.grid",
    "Chiller": "components.cooling.chiller",
    "Climate": "outdoors.climate",
    "ColdPlate": "components.plate.geometry",
    "ColdPlateCurve": "components.plate.curve",
    "Coolant": "components.coolant",
    "DryCooler": "components.cooling.dry_cooler",
    "Economiser": "plant.plant",
    "Exchanger": "components.hydronics.exchanger",
    "FluidCooler": "components.cooling.dry_cooler",
    "HeatReuse": "components.cooling.heat_pump",
    "Layer": "components.chip.stack",
    "Loop": "network.loop",
    "DutyPump": "components.hydronics.duty_pump",
    "Manifold": "components.plate.geometry",
    "Material": "components.plate.material",
    "Package": "components.chip.package",
    "Pattern": "components.plate.geometry",
    "PiControl": "components.hydronics.control",
    "Plant": "plant.plant",
    "PlantDynamics": "plant.dynamics",
    "PowerChain": "components.power.chain",
    "PowerStage": "components.power.chain",
    "Pump": "components.hydronics.pump",
    "Rack": "components.hall.rack",
    "RatedExchanger": "components.hydronics.exchanger",
    "ReducedPlate": "components.plate.reduced",
    "Region": "components.chip.stack",
    "Site": "site.site",
    "Stack": "components.chip.stack",
    "Supply": "network.supply",
    "Tank": "components.hydronics.tank",
    "Tower": "components.cooling.tower",
    "TowerPlant": "plant.tower_plant",
    "Workload": "components.workload",
    # Verbs
    "annual": "verbs",
    "compare": "study.comparison",
    "load": "library",
    "models": "library",
    "reduce": "verbs",
    "steady": "verbs",
    "sweep": "study",
    "transient": "verbs",
    "weather": "outdoors.climate",
    "annual_sums": "accounting.annual_sums",
    "with_power_chain": "power.end_uses",
    # Design aids
    "design_day": "outdoors.siting",
    "grid_convergence": "plate.convergence",
    "lift_chiller": "components.cooling.lift_chiller",
    "mechanical_load": "outdoors.siting",
    "precooled": "components.cooling.precooling",
    "return_value": "outdoors.siting",
    "running_hours": "accounting.running_hours",
    "supply_reset": "outdoors.siting",
    "water_classes": "outdoors.siting",
    "read_power_map": "formats.tables",
    "steady_ice": "plate.ice",
    "transient_ice": "plate.ice",
    "write_energyplus": "formats.tables",
    "write_modelica": "formats.tables",
    # Events
    "restart": "network.events",
    "stop": "network.events",
    # Accounting
    "cue": "accounting",
    "energy_per_token": "accounting",
    "ere": "accounting",
    "erf": "accounting",
    "itue": "accounting",
    "ledger": "accounting",
    "partial_pue": "accounting",
    "pue": "accounting",
    "tue": "accounting",
    "wue": "accounting",
    "wue_source": "accounting",
}
_MODULES = {"verbs", "datasets", "errors", "names", "plots", "traces", "units"}

__all__ = ["__version__", *sorted(_HOME), *sorted(_MODULES)]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"thermal.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"thermal.{name}")
    else:
        raise AttributeError(f"module 'thermal' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
