"""One door for what users hand in: numbers, powers, temperatures and times, checked and in the units they name."""

from typing import Any

import numpy as np
import xarray as xr

from thermal.errors import InputError
from thermal.units import in_unit

__all__ = ["in_celsius", "in_watts"]


def in_watts(name: str, value: Any) -> Any:
    """A power as numbers in W: a DataArray's ``units`` attribute is obeyed, a list is an array, a text is refused."""
    if isinstance(value, xr.DataArray):
        if value.dtype.kind not in "iuf":
            raise InputError(f"{name} holds {value.dtype}, not numbers")
        return in_unit(value, "W", name)
    return _numbers(name, value, "power in W")


def in_celsius(name: str, value: Any) -> Any:
    """A temperature as numbers in °C: a DataArray's ``units`` attribute is obeyed, a text is refused."""
    if not isinstance(value, xr.DataArray):
        return _numbers(name, value, "temperature in degC")
    return in_unit(value, "degC", name)


def _numbers(name: str, value: Any, what: str) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":  # neither texts nor truth values
        raise InputError(f"{name} = {value!r} is not a {what}: give a number, or one number per hour")
    return array.astype(float)
