"""Nomenclature of results: one name, one unit, one meaning, one sign, wherever a result carries it."""

import xarray as xr

from thermal.errors import InputError
from thermal.nomenclature import NAMES, Name

__all__ = ["ABOVE", "FLAGS", "MODES", "NAMES", "Name", "describe"]

ABOVE = "above_set_point"  # flag of hours in which the supply is warmer than asked
FLAGS = (  # of each machine outside its curves, and of what liquids cannot do
    "outside_chiller", "outside_lag_chiller", "outside_rejection", "freezes", "boils",
)  # fmt: skip
MODES = ("off", "free", "partial", "chilled")  # who cools, by the numbers of a result's ``mode``


def describe(result: xr.Dataset) -> xr.Dataset:
    """Attach units and long names to every variable and coordinate of a result.

    Raises
    ------
    InputError
        If a variable has no entry in the nomenclature, or carries another unit than stands there.
    """
    for name in [*result.data_vars, *result.coords]:
        if str(name) not in NAMES:
            raise InputError(f"result variable {name!r} is not in the nomenclature (thermal/nomenclature.py)")
        entry = NAMES[str(name)]
        variable = result.variables[name]
        if entry.units or variable.dtype.kind == "f":
            given = variable.attrs.setdefault("units", entry.units or "1")
            if entry.units and given != entry.units:  # left over from what the values were made of, say
                raise InputError(
                    f"{name} is in {given!r}, in the nomenclature in {entry.units!r} (thermal/nomenclature.py)"
                )
        variable.attrs["long_name"] = entry.long_name
    return result
