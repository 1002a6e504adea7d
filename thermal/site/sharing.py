"""Several plants of one site: how they share its heat, and one year out of theirs."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import xarray as xr

from thermal.inputs import array
from thermal.names import describe
from thermal.plant.plant import Plant
from thermal.plant.year import plant_year
from thermal.quantity import provenance

__all__ = ["HeatSplit", "shared_year", "split_heat"]

SUMMED = (
    "power", "site_power", "heat", "heat_economised", "heat_rejected", "heat_unmet", "water_evaporated", "water_drift",
    "water_blow_down", "water_make_up", "energy_residual", "mass_residual",
)  # fmt: skip


class HeatSplit(StrEnum):
    """How several plants share the heat of a site."""

    CAPACITY = "capacity"  # in proportion to their design loads
    SEQUENCE = "sequence"  # each up to its design load, one after the other; the last takes what is left


def split_heat(heat: Any, plants: Sequence[Plant], rule: HeatSplit) -> list[Any]:
    """Heat into each plant [W]; the parts add up to `heat`.

    Examples
    --------
    >>> import thermal as th
    >>> plant = th.load("plants/generic_20mw")
    >>> pair = [plant.replace(design_load=20e6), plant.replace(design_load=10e6)]
    >>> [float(q) for q in split_heat(24e6, pair, HeatSplit.CAPACITY)]
    [16000000.0, 8000000.0]
    >>> [float(q) for q in split_heat(24e6, pair, HeatSplit.SEQUENCE)]
    [20000000.0, 4000000.0]
    """
    loads = np.array([plant.design_load for plant in plants])
    if rule == HeatSplit.CAPACITY:
        return [heat * share for share in loads / loads.sum()]
    before = np.concatenate(([0.0], np.cumsum(loads)))
    parts = [np.minimum(heat - before[k], loads[k]) for k in range(len(plants) - 1)]
    parts.append(heat - before[-2])
    return [parts[0], *(np.maximum(q, 0.0) for q in parts[1:])]  # a negative heat stays, to be refused


def shared_year(
    plants: Sequence[Plant], rule: HeatSplit, *, it_power: Any, heat: Any, weather: xr.Dataset, **conditions: Any
) -> xr.Dataset:
    """Years of all plants as one: powers, heats, water and residuals are sums, the rest has a dimension ``plant``.

    Parameters
    ----------
    plants : sequence of Plant
        The plants, in the order of their sequence.
    rule : HeatSplit
        How they share the heat.
    it_power, heat, weather, **conditions
        See `thermal.plant.year.plant_year`.

    Examples
    --------
    >>> import thermal as th
    >>> plant, year = th.load("plants/generic_20mw"), th.weather(th.load("climates/chicago"))
    >>> week = year.isel(time=slice(0, 168))
    >>> both = shared_year([plant, plant], HeatSplit.CAPACITY, it_power=40e6, heat=40e6, weather=week)
    >>> alone = plant_year(plant, it_power=20e6, weather=week)
    >>> float(abs(both.site_power - 2 * alone.site_power).max()) < 1e-6
    True
    """
    heat = array("heat", heat, "W")
    years = [
        plant_year(plant, it_power=it_power if k == 0 else 0.0, heat=part, weather=weather, **conditions)
        for k, (plant, part) in enumerate(zip(plants, split_heat(heat, plants, rule), strict=True))
    ]
    uses = list(dict.fromkeys(str(use) for year in years for use in year.end_use.values))
    flags = {name: False for year in years for name in year.data_vars if year[name].dtype == bool}
    years = [year.reindex(end_use=uses, fill_value=0.0) for year in years]
    years = [year.assign({name: xr.zeros_like(year.converged) for name in flags if name not in year}) for year in years]
    index = xr.IndexVariable("plant", np.arange(len(years)))
    data = {}
    for name in years[0].data_vars:
        column = xr.concat([year[name] for year in years], index)
        data[str(name)] = column.sum("plant") if name in SUMMED else column
    data["converged"] = data["converged"].all("plant")
    data["plant_heat"] = xr.concat([year.heat for year in years], index)
    attributes = {**years[0].attrs, **provenance(*plants), "heat_split": str(rule)}
    return describe(xr.Dataset(data, attrs=attributes))
