"""Multipliers to SI: write ``flow=1.2 * lpm``. Temperatures are in °C everywhere and need no multiplier.

``to_si`` parses unit strings at the edges of the package (model files, command line, telemetry) and nowhere else.
"""

import functools
import re
from typing import Any

from thermal.errors import InputError

__all__ = [
    "GW",
    "MJ",
    "MW",
    "GWh",
    "J",
    "K",
    "L",
    "MWh",
    "Pa",
    "W",
    "bar",
    "cm",
    "day",
    "g",
    "gpm",
    "hour",
    "in_unit",
    "kPa",
    "kW",
    "kWh",
    "kg",
    "km",
    "lpm",
    "m",
    "m3",
    "minute",
    "mm",
    "ms",
    "psi",
    "second",
    "to_si",
    "um",
    "us_ton_refrigeration",
    "week",
    "year",
]  # fmt: skip

m = 1.0
km, cm, mm, um = 1e3, 1e-2, 1e-3, 1e-6
second = 1.0
ms, minute, hour, day, week, year = 1e-3, 60.0, 3600.0, 86400.0, 604800.0, 8760 * 3600.0
kg, g = 1.0, 1e-3
m3, L = 1.0, 1e-3
K = 1.0
J, MJ = 1.0, 1e6
W, kW, MW, GW = 1.0, 1e3, 1e6, 1e9
kWh, MWh, GWh = 3.6e6, 3.6e9, 3.6e12
Pa, kPa, bar, psi = 1.0, 1e3, 1e5, 6894.757293168361
lpm = 1e-3 / 60
gpm = 3.785411784e-3 / 60
us_ton_refrigeration = 3516.8528420667

_DIMENSIONLESS = {"", "-", "1"}


@functools.cache
def _registry() -> Any:
    import pint

    powers = re.compile(r"(?<=[A-Za-z])(-?\d)(?!\w)")  # m3/s and W m-2, as data sheets and CF conventions write them
    return pint.UnitRegistry(preprocessors=[lambda text: powers.sub(r"**\1", text)])


def to_si(value: Any, unit: str, target: str, where: str = "value") -> Any:
    """Convert `value` (a number or a list of numbers) in `unit` to the package's unit `target`.

    Raises
    ------
    InputError
        If the unit is unknown, ambiguous (``ton``) or of another dimension than `target`.

    Examples
    --------
    >>> to_si(60, "L/min", "m3/s")
    0.001
    >>> to_si(77, "degF", "degC")
    25.0
    """
    if unit == target or (unit in _DIMENSIONLESS and target in _DIMENSIONLESS):
        return value
    if unit.strip().lower() in {"ton", "tons", "tr", "rt"}:
        raise InputError(f"{where}: unit {unit!r} is ambiguous (a mass or 3.517 kW); write kW")
    import pint

    registry = _registry()
    try:
        source = registry.Unit(unit if unit not in _DIMENSIONLESS else "dimensionless")
        goal = registry.Unit(target if target not in _DIMENSIONLESS else "dimensionless")
        if goal == registry.kelvin:  # a difference, unless the file says otherwise
            source = {"degree_Celsius": registry.kelvin, "degree_Fahrenheit": registry.delta_degF}.get(
                str(source), source
            )
        convert = lambda x: _clean(registry.Quantity(float(x), source).to(goal).magnitude)  # noqa: E731
        return [convert(x) for x in value] if isinstance(value, list | tuple) else convert(value)
    except pint.DimensionalityError:
        raise InputError(f"{where}: unit {unit!r} cannot be converted to {target!r}") from None
    except (pint.UndefinedUnitError, pint.PintError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise InputError(f"{where}: cannot read {value!r} {unit!r} as {target!r} ({error})") from None


def in_unit(array: Any, unit: str, where: str = "value") -> Any:
    """Return a DataArray in `unit`: its ``units`` attribute is obeyed, without one it is taken to be in `unit`.

    Raises
    ------
    InputError
        As ``to_si``.

    Examples
    --------
    >>> import xarray as xr
    >>> float(in_unit(xr.DataArray(77.0, attrs={"units": "degF"}), "degC").round(9))
    25.0
    """
    given = str(array.attrs.get("units", unit))
    if given == unit:
        return array
    if array.ndim == 0:
        return array.copy(data=to_si(float(array), given, unit, where)).assign_attrs(units=unit)
    zero, one = to_si([0.0, 1.0], given, unit, where)
    return ((one - zero) * array + zero).assign_attrs(units=unit)


def _clean(x: float) -> float:
    """Drop the last digits that a chain of conversions leaves, so that 60 L/min is 0.001 m³/s."""
    return float(f"{x:.14g}")
