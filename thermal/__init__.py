"""Liquid cooling of AI data centres, from the die to the sky and from watts to tokens.

Everything public is here and is loaded on first use, so that ``import thermal`` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    # Nouns
    "Block": "components.stack",
    "Cdu": "components.cdu",
    "Cells": "system.plate_grid",
    "Chiller": "plant.chiller",
    "Climate": "climate",
    "ColdPlate": "components.plate",
    "ColdPlateCurve": "components.cold_plate",
    "Coolant": "components.coolant",
    "DryCooler": "plant.dry_cooler",
    "Economiser": "plant.plant",
    "Exchanger": "components.exchanger",
    "FluidCooler": "plant.dry_cooler",
    "HeatReuse": "plant.reuse",
    "Layer": "components.stack",
    "Loop": "system.loop",
    "LoopPump": "plant.pumping",
    "Manifold": "components.plate",
    "Material": "components.material",
    "Package": "components.package",
    "Pattern": "components.plate",
    "PiControl": "components.control",
    "Plant": "plant.plant",
    "PlantDynamics": "plant.dynamics",
    "PowerChain": "components.power_chain",
    "PowerStage": "components.power_chain",
    "Pump": "components.pump",
    "Rack": "components.rack",
    "RatedExchanger": "components.exchanger",
    "ReducedPlate": "components.reduced_plate",
    "Region": "components.stack",
    "Site": "plant.site",
    "Stack": "components.stack",
    "Supply": "system.facility",
    "Tank": "plant.storage",
    "Tower": "plant.tower",
    "TowerPlant": "plant.tower_plant",
    "Workload": "components.workload",
    # Verbs
    "annual": "plant.site",
    "compare": "comparison",
    "load": "library",
    "models": "library",
    "steady": "system.study",
    "sweep": "study",
    "transient": "system.study",
    "weather": "climate",
    "yearly": "plant.annual",
    "with_power_chain": "system.power",
    # Design aids
    "design_day": "siting",
    "grid_convergence": "system.plate_convergence",
    "lift_chiller": "plant.lift_chiller",
    "mechanical_load": "siting",
    "precooled": "plant.precooling",
    "return_value": "siting",
    "running_hours": "plant.lead_lag",
    "supply_reset": "siting",
    "water_classes": "siting",
    "read_power_map": "system.plate_tables",
    "steady_ice": "system.ice_solve",
    "transient_ice": "system.ice_solve",
    "write_energyplus": "system.plate_tables",
    "write_modelica": "system.plate_tables",
    # Events
    "restart": "system.events",
    "stop": "system.events",
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
_METHODS = {"reduce_plate": "system.plate_reduced"}  # verbs that parts offer as methods, not names of their own
_MODULES = {"datasets", "errors", "names", "plate_plots", "plots", "traces", "units"}

__all__ = ["__version__", *sorted(_HOME), *sorted(_MODULES)]


def verb(name: str) -> Any:
    """Return the solver behind a method of a part."""
    return getattr(import_module(f"thermal.{_METHODS[name]}"), name)


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
