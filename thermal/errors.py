"""The errors a user meets; each says what happened, where, the value and the limit, and what to do next."""

from collections.abc import Iterable
from typing import Any

__all__ = ["ConvergenceError", "DataError", "InputError", "LedgerError", "ModelError", "ThermalError", "listed"]


class ThermalError(Exception):
    """Any error raised on purpose by this package."""


class InputError(ThermalError, ValueError):
    """A value given by the user is missing, misspelt, outside its range or not a number."""


class ModelError(InputError):
    """A model file is unknown or does not say what its kind needs."""


class DataError(ThermalError, ValueError):
    """A table, trace or weather file has gaps, is cut short or does not match its checksum."""


class ConvergenceError(ThermalError, ArithmeticError):
    """A solver did not reach its tolerance; the message names the worst residual and its part."""


class LedgerError(ThermalError, ValueError):
    """The end uses of an energy ledger do not add up to the meter."""


def listed(names: Iterable[Any], most: int = 12) -> str:
    """Names in one line of an error: the first ones, and how many more there are.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    given = [text if len(text := " ".join(str(name).split())) <= 40 else f"{text[:37]}..." for name in names]
    more = len(given) - most
    return ", ".join(given[:most]) + (f" and {more} more" if more > 0 else "") or "nothing"
