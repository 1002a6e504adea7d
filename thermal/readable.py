"""Numbers in the units that people read: L/min, kPa, kW and mm beside the SI in which everything is stored."""

import math
from collections.abc import Sequence

from thermal.units import lpm

__all__ = ["readable", "worded"]

# Of each unit: from which size on, what it is divided by, and what that is called.
STEPS: dict[str, Sequence[tuple[float, float, str]]] = {
    "m3/s": ((0.0, lpm, "L/min"),),
    "Pa": ((1e3, 1e3, "kPa"),),
    "W": ((1e6, 1e6, "MW"), (1e3, 1e3, "kW")),
    "J": ((3.6e12, 3.6e12, "GWh"), (3.6e9, 3.6e9, "MWh"), (3.6e6, 3.6e6, "kWh")),
    "J/K": ((1e6, 1e6, "MJ/K"), (1e3, 1e3, "kJ/K")),
    "W/K": ((1e3, 1e3, "kW/K"),),
    "s": ((86400.0, 86400.0, "d"), (3600.0, 3600.0, "h"), (60.0, 60.0, "min")),
}
SMALL: dict[str, Sequence[tuple[float, float, str]]] = {  # up to which size
    "m": ((1e-3, 1e-6, "µm"), (0.5, 1e-3, "mm")),
    "m3": ((1.0, 1e-3, "L"),),
    "m2": ((1e-2, 1e-4, "cm²"),),
    "s": ((1.0, 1e-3, "ms"),),
}
SIGNS = {"degC": "°C", "m3/s": "m³/s", "m3": "m³", "m2": "m²", "-": "", "1": ""}


def readable(value: float, unit: str) -> tuple[float, str]:
    """A number and its unit as people read them; a unit that is read as it stands comes back as it is.

    Parameters
    ----------
    value : float
        In `unit`.
    unit : str
        Declared unit: SI, ``degC`` or ``-``.

    Examples
    --------
    >>> number, unit = readable(0.002, "m3/s")
    >>> round(number, 9), unit
    (120.0, 'L/min')
    >>> readable(2.5e6, "W"), readable(20.0, "Pa"), readable(3e-4, "m")[1]
    ((2.5, 'MW'), (20.0, 'Pa'), 'µm')
    """
    size = abs(value)
    if size == 0.0 or not math.isfinite(size):
        return value, unit
    for least, factor, name in STEPS.get(unit, ()):
        if size >= least:
            return value / factor, name
    for most, factor, name in SMALL.get(unit, ()):
        if size <= most:
            return value / factor, name
    return value, unit


def worded(value: float, unit: str) -> str:
    """A number in the unit that people read, as text.

    Examples
    --------
    >>> worded(0.002, "m3/s"), worded(45.0, "degC"), worded(0.9, "-")
    ('120 L/min', '45 °C', '0.9')
    """
    number, name = readable(value, unit)
    return f"{number:.5g} {SIGNS.get(name, name)}".rstrip()
