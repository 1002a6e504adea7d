"""What a metric is read from: a checked ledger, and what its electricity drew where that varies in time."""

import re
from typing import Any

import xarray as xr

from thermal.accounting.gaps import clock
from thermal.errors import InputError
from thermal.inputs import array, labelled, part
from thermal.units import L, kg, kWh

__all__ = ["HIGHEST_CARBON", "HIGHEST_WATER", "drawn", "from_ledger"]

HIGHEST_CARBON = 3.0 * kg / kWh  # of any electricity: oil shale makes about 1.1
HIGHEST_WATER = 1000.0 * L / kWh  # of any electricity: reservoirs evaporate up to some hundred
CO2 = re.compile(r"\s*CO_?2[\s_-]*(eq|e)?\.?", re.IGNORECASE)  # gCO2eq/kWh: what is emitted is no part of a unit


def from_ledger(name: str, book: xr.Dataset) -> xr.Dataset:
    """The ledger that a metric is read from, its energies in J; anything else is refused with the way to one.

    Raises
    ------
    InputError
        If it is a result that was not yet made a ledger, or no dataset.
    """
    way = f"write th.{name}(th.ledger(result))"
    part("book", book, xr.Dataset, way)
    if not {"energy", "energy_site"} <= set(book.data_vars) or "end_use" not in book["energy"].dims:
        raise InputError(f"book is no ledger: it has no energy(end_use) and energy_site; {way}")
    missing = {"window", "energy_source"} - set(book.attrs)
    if missing:
        raise InputError(
            f"the ledger has lost its attribute {sorted(missing)[0]!r}; keep them through arithmetic with "
            "(book * 2).assign_attrs(book.attrs)"
        )
    energies = [n for n in ("energy", "energy_site", "energy_site_rows", "energy_loss", "energy_reused") if n in book]
    if all(book[n].attrs.get("units", "J") == "J" for n in energies):
        return book
    return book.assign({n: array(f"book.{n}", book[n], "J", missing=True) for n in energies})


def drawn(book: xr.Dataset, name: str, intensity: Any, unit: str, high: float, hint: str) -> xr.DataArray:
    """What making the site's electricity took over the window: an intensity times energy, row by row if it varies."""
    given = labelled(intensity)
    if isinstance(given, xr.DataArray) and "units" in given.attrs:
        plain = CO2.sub("", str(given.attrs["units"]))
        given = given.assign_attrs(units=plain)
    given = array(name, given, unit, low=0.0, high=high, hint=hint)
    rows = book.get("energy_site_rows")
    if not isinstance(given, xr.DataArray):
        if given.ndim == 0:
            return book["energy_site"] * float(given)
        if rows is None or given.shape != (rows.sizes["time"],):
            has = "no rows in time" if rows is None else f"{rows.sizes['time']} rows in time"
            raise InputError(f"{name} has shape {given.shape}, the ledger has {has}: give one number, or one a row")
        given = xr.DataArray(given, {"time": rows["time"]}, ("time",))
    if "time" not in given.dims:
        return book["energy_site"] * given
    if rows is None:
        raise InputError(f"{name} varies in time, the ledger was made from a result without time: give its mean")
    if "time" in given.coords:
        given = given.assign_coords(time=clock(given["time"], name))
        if given["time"].shape != rows["time"].shape or not bool((given["time"].values == rows["time"].values).all()):
            raise InputError(
                f"{name} has {given.sizes['time']} times from {given['time'].values[0]}, the ledger has "
                f"{rows.sizes['time']} from {rows['time'].values[0]}: bring it to the ledger's times, "
                "with .reindex(time=book.time, method='ffill') where each value holds until the next"
            )
    return (rows * given).sum("time", skipna=False)
