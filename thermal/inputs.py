"""One door for what users hand in: numbers, arrays and times, checked, in the units they name, and named in the error.

A value passes here once, where it enters; behind the door everything is a float, a whole number or an array in SI (°C).
"""

import difflib
import math
from collections.abc import Iterable
from enum import Enum
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from thermal.dates import dated, has_zone, timestamps
from thermal.errors import InputError
from thermal.units import in_unit

__all__ = [
    "PLAUSIBLE",
    "affordable",
    "array",
    "labelled",
    "member",
    "no_others",
    "number",
    "part",
    "timestamps",
    "whole",
]  # timestamps: of dates

PLAUSIBLE = {
    "degC": 1e4, "K": 1e4, "W": 1e12, "J": 1e21, "m3/s": 1e5, "kg/s": 1e8, "Pa": 1e10, "m": 1e6, "s": 1e12, "hour": 1e8,
}  # fmt: skip  # more than this of a unit is a slip, whatever it is of
ABSOLUTE_ZERO = -273.15

E = TypeVar("E", bound=Enum)
P = TypeVar("P")


def number(
    name: str,
    value: Any,
    unit: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: float = -math.inf,
    hint: str = "",
) -> float:
    """One finite number in `unit`; an array of one value that names its unit is converted.

    Parameters
    ----------
    name : str
        The argument, as the error shall name it.
    value : number, or labelled array without dimensions
        What was given.
    unit : str
        Unit that is meant; ``-`` for a ratio.
    low, high : float
        Inclusive limits.
    above : float
        Exclusive lower limit.
    hint : str
        What to do instead, the end of the error's sentence.

    Raises
    ------
    InputError
        If it is a text, a truth value, missing, several numbers, not finite, or outside its limits.

    Examples
    --------
    >>> number("flow", xr.DataArray(60.0, attrs={"units": "L/min"}), "m3/s", above=0)
    0.001
    """
    found = array(name, value, unit, low=low, high=high, above=above, hint=hint)
    if found.size != 1 or found.ndim:
        raise InputError(
            f"{name} has {found.size} values of shape {found.shape}, one number{_in(unit)} is needed{_tail(hint)}"
        )
    return float(found)


def array(
    name: str,
    value: Any,
    unit: str,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: float = -math.inf,
    missing: bool = False,
    hint: str = "",
) -> Any:
    """Numbers in `unit`: a DataArray stays one, a pandas Series becomes one, anything else is a plain array.

    Parameters
    ----------
    name, value, unit, low, high, above, hint
        As for ``number``.
    missing : bool
        Whether NaN may stand for a missing value.

    Raises
    ------
    InputError
        As ``number``; the message says which value, and where it stands.

    Examples
    --------
    >>> array("T_in", xr.DataArray([77.0, 86.0], attrs={"units": "degF"}), "degC").values.round(9).tolist()
    [25.0, 30.0]
    >>> array("heat", [1, "2"], "W")
    Traceback (most recent call last):
    ...
    thermal.errors.InputError: heat = [1, '2'] must be numbers in W, not a text
    """
    given = labelled(value)
    if hasattr(given, "magnitude") and hasattr(given, "units"):  # of pint
        given = in_unit(xr.DataArray(given.magnitude, attrs={"units": f"{given.units}"}), unit, name).values
    if isinstance(given, xr.DataArray):
        _require_numbers(name, given.values, given.values, unit, hint)
        given = in_unit(given.astype(float), unit, name)
        values = given.values
    else:
        plain = _plain(name, given, unit, hint)
        _require_numbers(name, plain, value, unit, hint)
        given = values = plain.astype(float)
    wrong = ~(np.isfinite(values) | (np.isnan(values) & missing))
    if wrong.any():
        raise InputError(
            f"{name}{_where(given, wrong)} = {values[wrong].flat[0]:g} is not a finite number{_tail(hint)}"
        )
    most = PLAUSIBLE.get(unit, math.inf)
    with np.errstate(invalid="ignore"):
        wrong = (values < low) | (values > high) | (values <= above)
        absurd = (np.abs(values) > most) | ((values < ABSOLUTE_ZERO) & (unit == "degC"))
    if absurd.any() and not wrong.any():
        found = f"{values[absurd].flat[0]:g}{_unit(unit)}"
        raise InputError(
            f"{name}{_where(given, absurd)} = {found} is beyond anything real; check its unit{_tail(hint)}"
        )
    if wrong.any():
        limit = f"above {above:g}" if above > -math.inf else f"from {low:g}"
        limit += f" to {high:g}" if high < math.inf else " on" if above == -math.inf else ""
        limit = f"at most {high:g}" if low == above == -math.inf else limit
        found = f"{values[wrong].flat[0]:g}{_unit(unit)}"
        raise InputError(f"{name}{_where(given, wrong)} = {found} must be {limit}{_unit(unit)}{_tail(hint)}")
    return given


def labelled(value: Any) -> Any:
    """A pandas Series as a DataArray with its units (``series.attrs["units"]``) and times; all else as it is."""
    if not isinstance(value, pd.Series):
        return value
    index = value.index
    dim = str(index.name or ("time" if isinstance(index, pd.DatetimeIndex | pd.TimedeltaIndex) else "index"))
    numbers = pd.api.types.is_numeric_dtype(value.dtype) and not pd.api.types.is_bool_dtype(value.dtype)
    data = value.to_numpy(dtype=float, na_value=np.nan) if numbers else value.to_numpy()
    found = xr.DataArray(data, {dim: index}, (dim,), attrs=dict(value.attrs))
    return found.assign_coords({dim: dated(found[dim])}) if has_zone(index) else found


def whole(name: str, value: Any, *, low: int | None = None, high: int | None = None, hint: str = "") -> int:
    """One whole number.

    Raises
    ------
    InputError
        If it is none, or outside its limits.

    Examples
    --------
    >>> whole("racks", np.int64(8), low=1)
    8
    """
    item = value.item() if isinstance(value, np.ndarray | xr.DataArray | np.generic) and np.ndim(value) == 0 else value
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    if isinstance(item, bool) or not isinstance(item, int):
        raise InputError(f"{name} = {value!r} must be a whole number{_tail(hint)}")
    if (low is not None and item < low) or (high is not None and item > high):
        limit = f"{low} to {high}" if None not in (low, high) else f"{low} on" if high is None else f"at most {high}"
        raise InputError(f"{name} = {item} must be a whole number from {limit}{_tail(hint)}")
    return item


def member(name: str, value: Any, choices: type[E]) -> E:
    """One member of an enumeration, given as itself or by its value.

    Raises
    ------
    InputError
        The message lists the choices.
    """
    try:
        return choices(value)
    except ValueError:
        known = [str(c.value) for c in choices]
        near = difflib.get_close_matches(str(value), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else ""
        raise InputError(f"{name} = {value!r} must be one of {', '.join(known)}{_tail(hint)}") from None


def part(name: str, value: Any, kind: type[P] | tuple[type[P], ...], hint: str = "") -> P:
    """A part of the kind that is needed.

    Raises
    ------
    InputError
        If it is none; the hint says where one comes from.
    """
    if isinstance(value, kind):
        return value
    kinds = kind if isinstance(kind, tuple) else (kind,)
    given = "missing" if value is None else f"{_short(value)} ({type(value).__name__})"
    raise InputError(f"{name} is {given}, a {' or a '.join(k.__name__ for k in kinds)} is needed{_tail(hint)}")


def affordable(what: str, count: float, hint: str, most: float = 1e9) -> None:
    """Refuse work without end: values that pass one by one, and together ask for too many steps or cells.

    Raises
    ------
    InputError
        If `count` is above `most`, or no number; the hint says what to change.
    """
    if not count <= most:
        raise InputError(f"{what} would take {count:.3g} steps, more than the {most:.0e} that are done here: {hint}")


def no_others(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse arguments that a part does not take.

    Raises
    ------
    InputError
        With the nearest name that it does take.
    """
    known = list(known)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise InputError(f"{what} takes no {name!r}; {hint}")


def _plain(name: str, value: Any, unit: str, hint: str) -> np.ndarray:
    if value is None:
        raise InputError(f"{name} is missing: a number{_in(unit)} is needed{_tail(hint)}")
    try:
        return np.ma.filled(value, np.nan) if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
    except (ValueError, TypeError):
        text = f"{name} = {_short(value)} must be numbers{_in(unit)}, in rows of one length"
        raise InputError(f"{text}{_tail(hint)}") from None


def _require_numbers(name: str, values: np.ndarray, given: Any, unit: str, hint: str) -> None:
    """Refuse texts, truth values, dates and objects; pandas keeps whole numbers as objects where some are missing."""
    if values.dtype.kind in "iuf" and not _holds(given, bool):
        return
    kinds = {"b": "a truth value", "U": "a text", "S": "a text", "M": "a date", "m": "a time span", "c": "complex"}
    what = kinds.get(values.dtype.kind, "a truth value" if values.dtype.kind in "iuf" else f"a {_kind_of(values)}")
    raise InputError(f"{name} = {_short(given)} must be numbers{_in(unit)}, not {what}{_tail(hint)}")


def _holds(given: Any, kind: type) -> bool:
    """Whether a list hides a truth value that numpy turned into a number."""
    return isinstance(given, list | tuple) and any(isinstance(v, kind) or _holds(v, kind) for v in given)


def _kind_of(values: np.ndarray) -> str:
    odd = [v for v in values.ravel() if isinstance(v, bool) or not isinstance(v, int | float | np.number)]
    return type(odd[0]).__name__ if odd else "mixture of objects"


def _where(given: Any, wrong: np.ndarray) -> str:
    """Place of the first wrong value: its coordinates where it has some, else its position."""
    if not wrong.ndim:
        return ""
    at = [int(i) for i in np.argwhere(wrong)[0]]
    if isinstance(given, xr.DataArray):
        place = zip(given.dims, at, strict=True)
        places = [f"{d} = {given[d].to_index()[i]}" if d in given.indexes else f"{d} {i}" for d, i in place]
        return f" at {', '.join(places)}"
    return f"[{', '.join(map(str, at))}]"


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def _unit(unit: str) -> str:
    return "" if unit in {"-", "", "1"} else f" {unit}"


def _in(unit: str) -> str:
    return "" if unit in {"-", "", "1"} else f" in {unit}"


def _tail(hint: str) -> str:
    return f"; {hint}" if hint else ""
