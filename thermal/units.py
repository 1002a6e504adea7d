"""Multipliers to SI: write ``flow=1.2 * lpm``. Temperatures are in °C everywhere and need no multiplier.

``to_si`` parses unit strings at the edges of the package (model files, command line, telemetry) and nowhere else.
"""

import functools
import re
from collections.abc import Callable
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
LONGEST = 60  # letters of a unit
_TOWER = re.compile(r"(\*\*|\^)[-+(\s]*(\d\d|\d\s*\)*\s*(\*\*|\^))")  # high powers, powers of powers: endless sums
# What nearly every model file is written in: known without pint, which takes longer to load than a study to solve.
COMMON = {
    ("mm", "m"): mm, ("kW", "W"): kW, ("MW", "W"): MW, ("kW/K", "W/K"): kW, ("MW/K", "W/K"): MW, ("kPa", "Pa"): kPa,
    ("bar", "Pa"): bar, ("L", "m3"): L, ("L/min", "m3/s"): lpm, ("L/s", "m3/s"): L, ("m3/hour", "m3/s"): m3 / hour,
    ("hour", "s"): hour, ("minute", "s"): minute, ("degF", "degC"): 1.0 / 1.8,
}  # fmt: skip
ATMOSPHERE = 101325.0  # Pa, which a gauge pressure is counted from
# Units that pint lacks, or has another of: what the multipliers above are called, and gauge pressures.
_DEFINED = (
    "lpm = liter / minute = _ = LPM",
    "gpm = gallon / minute = _ = GPM = usgpm",
    "us_ton_refrigeration = 12000 * Btu_it / hour",
    "year = 8760 * hour = _ = a",
    f"psig = 6894.757293168361 * pascal; offset: {ATMOSPHERE}",
    f"barg = 1e5 * pascal; offset: {ATMOSPHERE}",
    "psia = psi",
    "bara = bar",
)


@functools.cache
def _registry() -> Any:
    import pint

    powers = re.compile(r"(?<=[A-Za-z])(-?\d)(?!\w)")  # m3/s and W m-2, as data sheets and CF conventions write them
    gauge = re.compile(r"\b(psi|bar) ?\(([ga])\)|\b(psi|bar) (gauge|abs)\b")
    short = {"gauge": "g", "abs": "a"}
    spell = lambda found: (found[1] or found[3]) + (found[2] or short[found[4]])  # noqa: E731
    registry: Any = pint.UnitRegistry(
        preprocessors=[lambda text: gauge.sub(spell, text), lambda text: powers.sub(r"**\1", text)],
        on_redefinition="ignore",
    )
    for line in _DEFINED:
        registry.define(line)
    return registry


def to_si(value: Any, unit: str, target: str, where: str = "value") -> Any:
    """Convert `value` (a number or a list of numbers) in `unit` to the package's unit `target`.

    Gauge pressures (``psig``, ``barg``) become absolute ones: 101 325 Pa are added. A pressure drop is a difference and
    is written in ``psi`` or ``bar``.

    Raises
    ------
    InputError
        If the unit is unknown, ambiguous (``ton``) or of another dimension than `target`, or a value is no number.

    Examples
    --------
    >>> to_si(60, "L/min", "m3/s")
    0.001
    >>> to_si(77, "degF", "degC"), to_si(1, "barg", "Pa")
    (25.0, 201325.0)
    """
    if not isinstance(unit, str):
        raise InputError(f"{where}: unit = {unit!r:.60} must be a text, such as 'kW'")
    if unit == target or (unit in _DIMENSIONLESS and target in _DIMENSIONLESS):
        return value
    if unit.strip().lower() in {"ton", "tons", "tr", "rt"}:
        raise InputError(f"{where}: unit {unit!r} is ambiguous (a mass or 3.517 kW); write kW")
    if len(unit) > LONGEST or _TOWER.search(unit):
        raise InputError(f"{where}: cannot read {value!r:.60} {unit!r:.60} as {target!r} (it is no unit)")
    if (factor := COMMON.get((unit, target))) is not None:
        zero = 32.0 if unit == "degF" else 0.0
        try:
            return _each(value, lambda x: (x - zero) * factor)
        except (InputError, TypeError, ValueError) as error:
            raise InputError(f"{where}: cannot read {value!r:.60} {unit!r} as {target!r} ({error})") from None
    import pint

    registry = _registry()
    try:
        source = registry.Unit(unit if unit not in _DIMENSIONLESS else "dimensionless")
        goal = registry.Unit(target if target not in _DIMENSIONLESS else "dimensionless")
        if goal == registry.kelvin:  # a difference, unless the file says otherwise
            source = {"degree_Celsius": registry.kelvin, "degree_Fahrenheit": registry.delta_degF}.get(
                str(source), source
            )
        return _each(value, lambda x: registry.Quantity(x, source).to(goal).magnitude)
    except pint.DimensionalityError:
        raise InputError(f"{where}: unit {unit!r} cannot be converted to {target!r}") from None
    except InputError as error:
        raise InputError(f"{where}: cannot read {value!r:.60} {unit!r} as {target!r} ({error})") from None
    except Exception as error:  # pint evaluates the text: what it may raise has no end
        shown = f"{unit!r:.60}"
        raise InputError(f"{where}: cannot read {value!r:.60} {shown} as {target!r} ({error!s:.120})") from None


def _each(value: Any, convert: Callable[[float], float]) -> Any:
    """A number, or each of a list, converted."""
    if isinstance(value, list | tuple):
        return [_clean(convert(_number(x))) for x in value]
    return _clean(convert(_number(value)))


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


def _number(x: Any) -> float:
    """A number as it is; no text, though it may look like one."""
    if isinstance(x, str | bytes | bool):
        raise InputError("a number is needed, not a text or a truth value")
    return float(x)


def _clean(x: float) -> float:
    """Drop the last digits that a chain of conversions leaves, so that 60 L/min is 0.001 m³/s."""
    return float(f"{x:.14g}")
