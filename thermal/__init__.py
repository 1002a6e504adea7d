"""Liquid cooling of AI data centres, from the die to the sky and from watts to tokens.

What is used most is here, the rest by room: ``th.accounting.cue``, ``th.outdoors.design_day``, ``th.plots.day``. All is
loaded on first use, so that ``import thermal`` costs nothing; ``__init__.pyi`` tells editors what there is.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_HOME = {
    # Nouns
    "Block": "components.chip.stack",
    "Branch": "network.network",
    "Cdu": "components.hall.cdu",
    "Cells": "plate.grid",
    "Chiller": "components.cooling.chiller",
    "Climate": "outdoors.climate",
    "ColdPlate": "components.plate.geometry",
    "ColdPlateCurve": "components.plate.curve",
    "Coolant": "components.coolant",
    "DryCooler": "components.cooling.dry_cooler",
    "DutyPump": "components.hydronics.duty_pump",
    "Economiser": "plant.plant",
    "FluidCooler": "components.cooling.dry_cooler",
    "Layer": "components.chip.stack",
    "Loop": "network.loop",
    "Manifold": "components.plate.geometry",
    "Material": "components.plate.material",
    "Network": "network.network",
    "Package": "components.chip.package",
    "Pattern": "components.plate.geometry",
    "Plant": "plant.plant",
    "Pump": "components.hydronics.pump",
    "Rack": "components.hall.rack",
    "Region": "components.chip.stack",
    "Site": "site.site",
    "Stack": "components.chip.stack",
    "Supply": "network.supply",
    "Tower": "components.cooling.tower",
    "TowerPlant": "plant.tower_plant",
    "Workload": "components.workload",
    "manifold": "network.manifold",
    # Verbs
    "annual": "verbs",
    "batch": "many",
    "reduce": "verbs",
    "steady": "verbs",
    "transient": "verbs",
    # Parts from files, weather
    "load": "library",
    "models": "library",
    "save": "saving",
    "weather": "outdoors.climate",
    # Studies
    "calibrate": "study.calibrate",
    "compare": "study.comparison",
    "find": "study.find",
    "optimise": "study.optimise",
    "sample": "study.sample",
    "sweep": "study.run",
    "uncertain": "study.uncertainty",
    # Events
    "clog": "network.changes",
    "close": "network.changes",
    "faults": "network.faults",
    "restart": "network.events",
    "stop": "network.events",
    # Accounting
    "energy_per_token": "accounting.tokens",
    "ledger": "accounting.ledger",
    "pue": "accounting.metrics",
    "time_to_limit": "accounting.limits",
    "wue": "accounting.metrics",
}
_MODULES = {
    "accounting",
    "components",
    "datasets",
    "errors",
    "fmi",
    "formats",
    "names",
    "network",
    "outdoors",
    "plant",
    "plate",
    "plots",
    "power",
    "site",
    "study",
    "traces",
    "units",
    "verbs",
}

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
