"""Liquid cooling of AI data centres, from the die to the sky and from watts to tokens.

Everything public is here and is loaded on first use, so that ``import thermal`` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "load": "library",
    "models": "library",
    "Coolant": "components.coolant",
}
_MODULES = {"datasets", "errors", "library", "names", "plots", "traces", "units"}

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
